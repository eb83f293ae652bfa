//! The facts about one image: plain, serialisable data, without any judgement.
//!
//! Sizes are in bytes, digests are `sha256:` and 64 lower-case hexadecimal digits, paths are absolute inside the image
//! (`/usr/bin/x`). A byte of a name that is not UTF-8 is written as `\xNN`. Environment values, labels, history lines
//! and commands have passed through `plimsoll_secrets`: a recognised secret is masked in them.

use std::collections::BTreeMap;
use std::fmt;

use plimsoll_packages::Inventory;
use plimsoll_secrets::Finding;
use serde::{Deserialize, Serialize};

/// How an image is stored at the place it is read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transport {
    /// A tar file with a `manifest.json`, as `docker save` writes it (docker image spec v1.2 and later).
    DockerArchive,
    /// A tar file of an OCI image layout.
    OciArchive,
    /// A directory that is an OCI image layout: `oci-layout`, `index.json`, `blobs/`.
    OciLayout,
    /// A registry: read while it is fetched, see [`crate::read_streamed`].
    Registry,
}

impl fmt::Display for Transport {
    /// The name that `skopeo` gives to the same transport.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Transport::DockerArchive => "docker-archive",
            Transport::OciArchive => "oci-archive",
            Transport::OciLayout => "oci",
            Transport::Registry => "docker",
        })
    }
}

/// What an image runs on, in the words of Go (`linux`, `amd64`), as the OCI image-spec's index has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Platform {
    /// The operating system, for instance `linux`.
    pub os: String,
    /// The processor, for instance `amd64`.
    pub architecture: String,
    /// The processor's variant, for instance `v8`.
    pub variant: Option<String>,
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.os, self.architecture)?;
        match &self.variant {
            Some(variant) => write!(f, "/{variant}"),
            None => Ok(()),
        }
    }
}

impl std::str::FromStr for Platform {
    type Err = String;

    /// Reads `os/architecture` or `os/architecture/variant`; the error is one sentence.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.split('/');
        match (parts.next(), parts.next(), parts.next(), parts.next()) {
            (Some(os), Some(architecture), variant, None)
                if !os.is_empty() && !architecture.is_empty() && variant != Some("") =>
            {
                Ok(Platform {
                    os: os.to_owned(),
                    architecture: architecture.to_owned(),
                    variant: variant.map(str::to_owned),
                })
            }
            _ => Err(format!("“{text}” is not a platform: write it as linux/amd64 or linux/arm/v7.")),
        }
    }
}

/// Everything that one reading of an image yields.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct ImageFacts {
    /// How it was read.
    pub transport: Transport,
    /// The reference that was chosen, as it is recorded in the archive; `None` if the image has no name there.
    pub reference: Option<String>,
    /// Every name that the archive gives to this image.
    pub repo_tags: Vec<String>,
    /// The digest of the manifest. `None` for a docker archive without an `index.json` that names this image.
    pub digest: Option<String>,
    /// SHA-256 of the configuration's bytes. For a classic Docker image store this is the image ID.
    pub config_digest: String,
    /// The configuration's media type as declared; Docker's own for a docker archive.
    pub config_media_type: String,
    /// What the image runs on, by its configuration.
    pub platform: Platform,
    /// When the image was made, as written in the configuration (RFC 3339).
    pub created: Option<String>,
    /// Sum of the sizes of the uncompressed layer archives, in bytes.
    pub size: u64,
    /// How a container of this image is started.
    pub config: Config,
    /// The lines of the history, oldest first.
    pub history: Vec<HistoryEntry>,
    /// The layers, lowest first.
    pub layers: Vec<LayerFacts>,
    /// What the merged tree holds and what the layers below it waste.
    pub content: Content,
    /// The accounts of the merged tree.
    pub accounts: Accounts,
    /// Files of the merged tree with set-user-ID, set-group-ID or file capabilities, by path.
    pub set_id_files: Vec<FileFact>,
    /// Files that lost such a bit on the way: a lower layer has them with one, the merged tree without it, or not at all.
    #[serde(default)]
    pub set_id_removed: Vec<SetIdRemoved>,
    /// What is installed.
    #[serde(default)]
    pub inventory: Inventory,
    /// Secrets in the configuration, the history and the files of every layer, those that the merged tree hides too.
    #[serde(default)]
    pub secrets: Vec<PlacedSecret>,
    /// Files that were not searched for secrets or packages, and why.
    #[serde(default)]
    pub unread: Vec<Unread>,
    /// Statements about the image that lie beside it in the same index: provenance, SBOM. Not verified here.
    #[serde(default)]
    pub attestations: Vec<Attestation>,
    /// Oddities that did not stop the reading, one sentence each.
    pub problems: Vec<String>,
    /// The other platforms that the same index offers.
    pub other_platforms: Vec<Platform>,
}

/// How a container of the image is started: the `config` object of the image's configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Config {
    /// `User` as written: empty, `name`, `uid`, `name:group`, …
    pub user: String,
    /// `Env`, in order; the values are redacted.
    pub env: Vec<EnvVar>,
    /// `Labels`; the values are redacted.
    pub labels: BTreeMap<String, String>,
    /// `Entrypoint`, redacted.
    pub entrypoint: Option<Vec<String>>,
    /// `Cmd`, redacted.
    pub cmd: Option<Vec<String>>,
    /// `WorkingDir`; empty when it is not set.
    pub working_dir: String,
    /// The keys of `ExposedPorts`, sorted: `80/tcp`.
    pub exposed_ports: Vec<String>,
    /// The keys of `Volumes`, sorted.
    pub volumes: Vec<String>,
    /// `StopSignal`.
    pub stop_signal: Option<String>,
    /// `Shell` (Docker only), redacted.
    pub shell: Option<Vec<String>>,
    /// `OnBuild` (Docker only), redacted.
    pub on_build: Vec<String>,
    /// `Healthcheck` (Docker only).
    pub healthcheck: Option<Healthcheck>,
    /// Whether the absence of a health check says anything. False when the configuration's media type is OCI's, which
    /// has no such field, and the field is absent: a tool that converted the image would have dropped it.
    pub healthcheck_recordable: bool,
}

/// One environment variable of the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct EnvVar {
    /// What stands before the first `=`.
    pub name: String,
    /// What stands after it, redacted.
    pub value: String,
}

/// Docker's health check. A duration of zero or none at all means that the default applies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Healthcheck {
    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", "…"]`; redacted.
    pub test: Vec<String>,
    /// Time between two checks, in nanoseconds.
    pub interval_ns: Option<u64>,
    /// Time that one check may take, in nanoseconds.
    pub timeout_ns: Option<u64>,
    /// Time that a container gets to start, in nanoseconds.
    pub start_period_ns: Option<u64>,
    /// Failures in a row that make a container unhealthy.
    pub retries: Option<u64>,
}

/// One line of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct HistoryEntry {
    /// When, as written (RFC 3339).
    pub created: Option<String>,
    /// The command, redacted.
    pub created_by: String,
    /// The comment, redacted; BuildKit writes `buildkit.dockerfile.v0`.
    pub comment: Option<String>,
    /// True when the line made no layer.
    pub empty_layer: bool,
    /// Index in `layers` of the layer that this line made.
    pub layer: Option<usize>,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct LayerFacts {
    /// Digest of the blob as it is stored.
    pub digest: String,
    /// Digest of the uncompressed layer archive; verified against the configuration.
    pub diff_id: String,
    /// The media type as declared; for a docker archive, the one that fits the bytes.
    pub media_type: String,
    /// Bytes as stored.
    pub compressed_size: u64,
    /// Bytes of the uncompressed layer archive.
    pub size: u64,
    /// Sum of the sizes of the layer's regular files, in bytes; a hard link adds nothing.
    pub content_bytes: u64,
    /// Entries that are neither directories nor whiteouts.
    pub files: u64,
    /// All entries of the layer archive: files, directories, whiteouts.
    pub entries: u64,
    /// The history line that made the layer, redacted.
    pub command: Option<String>,
    /// Whiteouts and opaque markers.
    pub whiteouts: u64,
}

/// What the image holds, and what it carries in vain.
///
/// Efficiency and waste follow the definition of the tool `dive`, see `crate::waste`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Content {
    /// Entries of the merged tree that are not directories.
    pub files: u64,
    /// Directories of the merged tree that a layer records.
    pub directories: u64,
    /// Sum of the sizes of the merged tree's files, in bytes; a file with several hard links counts once.
    pub bytes: u64,
    /// From 0 to 1: the smallest size of every path, summed, by the size of all its copies; 1 for an image without files.
    pub efficiency: f64,
    /// All copies of the paths that more than one layer records, in bytes. The copy that is in use counts too.
    pub wasted_bytes: u64,
    /// Bytes in the layers that no path of the merged tree shows: what a rebuild could really save.
    pub hidden_bytes: u64,
    /// The paths behind `wasted_bytes`, the heaviest 100.
    pub waste: Vec<Waste>,
    /// The largest 50 files of the merged tree.
    pub largest: Vec<FileFact>,
    /// What every layer adds to the merged tree, lowest layer first.
    pub by_layer: Vec<LayerContent>,
    /// Files of the merged tree with the same content, the 50 groups that cost most.
    #[serde(default)]
    pub duplicates: Vec<Duplicate>,
}

/// Files of the merged tree that hold the same bytes under several names that are no hard links of each other.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Duplicate {
    /// SHA-256 of the content, hexadecimal.
    pub sha256: String,
    /// Size of one copy in bytes.
    pub size: u64,
    /// All paths.
    pub paths: Vec<String>,
}

/// A secret and its place in the image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct PlacedSecret {
    /// Where it is.
    pub place: SecretPlace,
    /// What it is; masked.
    pub finding: Finding,
}

/// Where in an image a secret is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretPlace {
    /// A field of the configuration: `config.Env[3]`, `config.Labels.x`, `config.Cmd`.
    Config {
        /// The field.
        field: String,
    },
    /// A line of the history.
    History {
        /// Its index, oldest first.
        index: usize,
    },
    /// A file of a layer.
    File {
        /// The layer's diff ID.
        layer: String,
        /// Absolute path.
        path: String,
        /// Size of the file in bytes.
        size: u64,
        /// Diff ID of the layer that deletes or replaces the file; none while the merged tree shows it.
        hidden_by: Option<String>,
        /// The package that owns the path, where one does.
        package: Option<String>,
    },
}

/// A file that was not looked into.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Unread {
    /// The layer's diff ID.
    pub layer: String,
    /// Absolute path.
    pub path: String,
    /// Size in bytes.
    pub size: u64,
    /// What was not looked for: `packages`, `secrets`, `accounts`.
    pub purpose: String,
    /// Why, as the end of a sentence: "it is larger than 192 MiB".
    pub reason: String,
}

/// A file that had set-user-ID, set-group-ID or capabilities in a lower layer, and has them no more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct SetIdRemoved {
    /// As it was in the lower layer.
    pub before: FileFact,
    /// Diff ID of the layer that took it away.
    pub by: String,
    /// Mode that the merged tree shows; none when the file is gone.
    pub mode_now: Option<u32>,
}

/// A statement about the image, as an in-toto attestation manifest in the same index carries it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Attestation {
    /// Digest of its blob.
    pub digest: String,
    /// `https://slsa.dev/provenance/v1` …
    pub predicate_type: String,
    /// The statement, secrets masked; none when it is too large to be kept or no JSON.
    pub statement: Option<serde_json::Value>,
    /// Digest of the image manifest that it is attached to.
    pub subject: String,
}

/// One path that more than one layer records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Waste {
    /// The path.
    pub path: String,
    /// How many times it is recorded; a whiteout counts as one.
    pub copies: u32,
    /// The copies' bytes, all of them; the whiteout of a directory counts what the directory held.
    pub bytes: u64,
    /// The diff IDs of the layers that record it, lowest first.
    pub layers: Vec<String>,
    /// True when the path is not in the merged tree.
    pub deleted: bool,
}

/// One layer's part in the merged tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct LayerContent {
    /// The layer.
    pub diff_id: String,
    /// Its files that the merged tree shows.
    pub files: u64,
    /// The bytes of those files.
    pub bytes: u64,
    /// Bytes of its files that a higher layer (or a later entry of its own) replaced or deleted.
    pub hidden_bytes: u64,
    /// Files of lower layers that it replaced or deleted.
    pub hides_files: u64,
}

/// The accounts that the image records.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Accounts {
    /// The lines of `/etc/passwd`; `None` when the merged tree has no such file, or it could not be read.
    pub users: Option<Vec<User>>,
    /// The lines of `/etc/group`; `None` when the merged tree has no such file, or it could not be read.
    pub groups: Option<Vec<Group>>,
    /// The diff ID of the layer that `/etc/passwd` comes from.
    pub passwd_layer: Option<String>,
    /// The lines of `/etc/shadow`, without any hash; `None` when there is no such file, or it could not be read.
    #[serde(default)]
    pub passwords: Option<Vec<Password>>,
    /// Rules of `/etc/sudoers` and of the files in `/etc/sudoers.d`, and of `doas.conf`.
    #[serde(default)]
    pub sudo: Vec<SudoRule>,
}

/// What `/etc/shadow` (or an old `/etc/passwd`) says about one account's password. The hash itself is never kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Password {
    /// The account.
    pub user: String,
    /// The state.
    pub state: PasswordState,
    /// The file: `/etc/shadow` or `/etc/passwd`.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Diff ID of the file's layer.
    pub layer: String,
}

/// The state of a password field, `crypt(5)`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PasswordState {
    /// Empty: anyone may log in.
    Empty,
    /// `*`, `!`, `!!` or a hash behind `!`: nobody logs in with a password.
    Locked,
    /// A hash.
    Hash {
        /// `des`, `md5`, `sha256`, `sha512`, `bcrypt`, `scrypt`, `yescrypt`, `unknown`.
        scheme: String,
        /// The password that the hash is of, is the account's name or stands on a short list of the most common ones;
        /// only whether it is so.
        guessed: bool,
    },
}

/// One rule of sudo or doas.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct SudoRule {
    /// Who: `%sudo`, `app`, `ALL`.
    pub who: String,
    /// Whether no password is asked for.
    pub no_password: bool,
    /// The rule as written.
    pub text: String,
    /// The file.
    pub file: String,
    /// Line, counted from 1.
    pub line: u32,
    /// Diff ID of the file's layer.
    pub layer: String,
}

/// One line of `/etc/passwd`. Its password field is never kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct User {
    /// The login name.
    pub name: String,
    /// The user ID.
    pub uid: u64,
    /// The ID of the user's first group.
    pub gid: u64,
    /// The home directory.
    pub home: String,
    /// The shell; empty means `/bin/sh`.
    pub shell: String,
}

/// One line of `/etc/group`. Its password field is never kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Group {
    /// The group's name.
    pub name: String,
    /// The group ID.
    pub gid: u64,
    /// Users listed as members.
    pub members: Vec<String>,
}

/// What an entry of a layer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A further name of a regular file of the same layer.
    HardLink,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
}

/// One file of the merged tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct FileFact {
    /// Absolute path, `/usr/bin/x`.
    pub path: String,
    /// Size in bytes; for a sparse file, with its holes; for a hard link, of the file that it names.
    pub size: u64,
    /// Permission bits with set-user-ID (0o4000), set-group-ID (0o2000) and sticky (0o1000).
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// What it is.
    pub kind: Kind,
    /// The diff ID of the layer that it comes from.
    pub layer: String,
    /// The extended attribute `security.capability`, in hexadecimal.
    pub capabilities: Option<String>,
    /// What a link points to: as written for a symbolic link, an absolute path for a hard link.
    pub link: Option<String>,
}
