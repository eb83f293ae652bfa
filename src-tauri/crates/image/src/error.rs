//! Why an image could not be read: one type, one plain sentence for each case.

use std::io;
use std::path::PathBuf;

use crate::facts::{Platform, Transport};

/// Why an image could not be read. `path` is always the file or directory that the caller named.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Nothing exists at the path.
    #[error("There is nothing at {path}: check the path of the image.", path = path.display())]
    NotFound {
        /// What was to be read.
        path: PathBuf,
    },
    /// A directory was named where an archive is needed.
    #[error(
        "{path} is a directory, but {transport} reads a file: name the archive, or use “oci” for a layout in a directory.",
        path = path.display()
    )]
    IsDirectory {
        /// What was to be read.
        path: PathBuf,
        /// How it was to be read.
        transport: Transport,
    },
    /// A file (or something stranger) was named where a layout's directory is needed.
    #[error(
        "{path} is not a directory, but “oci” reads an image layout in a directory: use “oci-archive” or “docker-archive” for a file.",
        path = path.display()
    )]
    NotDirectory {
        /// What was to be read.
        path: PathBuf,
    },
    /// Neither a regular file nor a directory.
    #[error("{path} is neither a file nor a directory, so no image can be read from it.", path = path.display())]
    NotRegular {
        /// What was to be read.
        path: PathBuf,
    },
    /// The file is no tar archive, compressed or not.
    #[error(
        "{path} is not a tar archive ({reason}): name a file that docker save, skopeo or podman wrote.",
        path = path.display()
    )]
    NotTar {
        /// What was to be read.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The archive ends too early.
    #[error(
        "The archive {path} ends after {offset} bytes in the middle of {inside}: copy or save it again.",
        path = path.display()
    )]
    Truncated {
        /// What was to be read.
        path: PathBuf,
        /// The archive's length in bytes.
        offset: u64,
        /// What is cut off: a member's name, or “a header”.
        inside: String,
    },
    /// The compressed archive itself cannot be unpacked.
    #[error("The compressed archive {path} cannot be unpacked ({reason}): copy or save it again.", path = path.display())]
    BadCompression {
        /// What was to be read.
        path: PathBuf,
        /// The decoder's words.
        reason: String,
    },
    /// `manifest.json` or `index.json` is missing.
    #[error("{path} holds no {name}, so it is not an image that {transport} can read: {hint}.", path = path.display())]
    NoManifest {
        /// What was to be read.
        path: PathBuf,
        /// The missing file.
        name: String,
        /// How it was to be read.
        transport: Transport,
        /// What to do instead.
        hint: String,
    },
    /// A manifest, index or configuration is not the JSON that its specification asks for.
    #[error("{what} in {path} cannot be understood: {reason}; save the image again.", path = path.display())]
    BadJson {
        /// What was to be read.
        path: PathBuf,
        /// The document.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A listed blob (layer, manifest, configuration) is not there.
    #[error("{path} lists {what} as {name}, but does not hold it: save the image again, complete.", path = path.display())]
    Missing {
        /// What was to be read.
        path: PathBuf,
        /// “layer 2 of 5”, “the configuration”, …
        what: String,
        /// The name or digest that is listed.
        name: String,
    },
    /// The stored bytes of a blob are not those that its digest promises.
    #[error(
        "{what} in {path} has been changed or damaged: its digest should be {expected} but is {found}; fetch the image again and do not trust this copy.",
        path = path.display()
    )]
    DigestMismatch {
        /// What was to be read.
        path: PathBuf,
        /// “layer 2 of 5”, “the manifest”, …
        what: String,
        /// The digest that is listed.
        expected: String,
        /// The digest of the bytes.
        found: String,
    },
    /// An uncompressed layer is not the one that the configuration lists.
    #[error(
        "{what} in {path} is not the one that the configuration lists: its diff ID should be {expected} but is {found}; fetch the image again and do not trust this copy.",
        path = path.display()
    )]
    DiffIdMismatch {
        /// What was to be read.
        path: PathBuf,
        /// “layer 2 of 5”.
        what: String,
        /// The configuration's diff ID.
        expected: String,
        /// The digest of the uncompressed bytes.
        found: String,
    },
    /// The configuration and the manifest disagree on the number of layers.
    #[error(
        "The configuration in {path} lists {diff_ids} layers but the manifest {layers}, so they do not belong together: save the image again.",
        path = path.display()
    )]
    LayerCount {
        /// What was to be read.
        path: PathBuf,
        /// Number of the configuration's diff IDs.
        diff_ids: usize,
        /// Number of the manifest's layers.
        layers: usize,
    },
    /// A manifest, configuration or layer is of a kind that is no container image's, or of one too old.
    #[error("{what} in {path} is of the type “{media_type}”, which Plimsoll does not read: {hint}.", path = path.display())]
    UnsupportedMediaType {
        /// What was to be read.
        path: PathBuf,
        /// What has the type.
        what: String,
        /// The type as declared.
        media_type: String,
        /// What to do instead.
        hint: String,
    },
    /// A digest is malformed or of another algorithm than SHA-256.
    #[error(
        "{what} in {path} is named by “{digest}”, which is not a SHA-256 digest: save the image again with sha256 digests.",
        path = path.display()
    )]
    BadDigest {
        /// What was to be read.
        path: PathBuf,
        /// What has the digest.
        what: String,
        /// The digest as written.
        digest: String,
    },
    /// Several images, and none was asked for.
    #[error("{path} holds several images, so name one of them: {candidates}.", path = path.display(), candidates = candidates.join(", "))]
    SeveralImages {
        /// What was to be read.
        path: PathBuf,
        /// The names (or digests) that can be asked for.
        candidates: Vec<String>,
    },
    /// The archive or layout holds no image at all.
    #[error("{path} holds no image: its list of images is empty; save the image again.", path = path.display())]
    NoImage {
        /// What was to be read.
        path: PathBuf,
    },
    /// The image that was asked for is not there.
    #[error(
        "{path} holds no image named “{reference}”, it holds {candidates}: ask for one of those.",
        path = path.display(),
        candidates = candidates.join(", ")
    )]
    NoSuchReference {
        /// What was to be read.
        path: PathBuf,
        /// What was asked for.
        reference: String,
        /// The names (or digests) that can be asked for.
        candidates: Vec<String>,
    },
    /// The platform that was asked for (or this machine's) is not there, and there is no only one.
    #[error(
        "{path} holds no image for {wanted}, it offers {offered}: ask for one of those platforms.",
        path = path.display(),
        offered = offered.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    )]
    NoSuchPlatform {
        /// What was to be read.
        path: PathBuf,
        /// What was asked for.
        wanted: Platform,
        /// What there is.
        offered: Vec<Platform>,
    },
    /// The image is larger than the limits allow.
    #[error(
        "{what} in {path} exceeds the limit of {limit} {unit}: if the image is to be trusted, raise that limit.",
        path = path.display()
    )]
    LimitExceeded {
        /// What was to be read.
        path: PathBuf,
        /// What is too large.
        what: String,
        /// The limit.
        limit: u64,
        /// The limit's unit: “bytes”, “entries”, “times its stored size”, …
        unit: &'static str,
    },
    /// A member of the archive, or a name in its manifest, points outside of it.
    #[error(
        "The archive {path} holds a path that leaves it: {member}; it was made by hand or to deceive, so it is not read.",
        path = path.display()
    )]
    LeavesArchive {
        /// What was to be read.
        path: PathBuf,
        /// The name, shown with escapes.
        member: String,
    },
    /// A layer is encrypted (ocicrypt).
    #[error("{what} in {path} is encrypted ({media_type}): decrypt the image with its key first.", path = path.display())]
    Encrypted {
        /// What was to be read.
        path: PathBuf,
        /// “layer 2 of 5”.
        what: String,
        /// The type as declared.
        media_type: String,
    },
    /// A layer's bytes are no layer: its compression or its tar structure is broken.
    #[error("{what} in {path} cannot be read: {reason}; fetch or save the image again.", path = path.display())]
    BadLayer {
        /// What was to be read.
        path: PathBuf,
        /// “layer 2 of 5 (sha256:…)”.
        what: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The copy of a compressed archive cannot be written.
    #[error(
        "{path} is compressed, and its unpacked copy cannot be written to {temporary}, the operating system says “{source}”: make room there or set TMPDIR.",
        path = path.display(),
        temporary = temporary.display()
    )]
    NoRoom {
        /// What was to be read.
        path: PathBuf,
        /// Where the copy was to be.
        temporary: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
    /// What gives a layer's bytes while they are fetched gave an error instead.
    #[error("{what} of {path} could not be fetched: {reason}", path = path.display())]
    Source {
        /// The image.
        path: PathBuf,
        /// “layer 2 of 5”.
        what: String,
        /// The source's own words.
        reason: String,
    },
    /// An image at a registry was to be opened like a file.
    #[error("{path} is at a registry, so it cannot be opened like a file: name it as docker://NAME.", path = path.display())]
    AtRegistry {
        /// What was to be read.
        path: PathBuf,
    },
    /// The hooks said so.
    #[error("The reading of {path} was cancelled.", path = path.display())]
    Cancelled {
        /// What was to be read.
        path: PathBuf,
    },
    /// The operating system refused.
    #[error("{path} cannot be read, the operating system says “{source}”: check the file and your rights to it.", path = path.display())]
    Io {
        /// What was to be read (or the temporary file).
        path: PathBuf,
        /// The system's error.
        #[source]
        source: io::Error,
    },
}
