//! Single documents of a layout: its index, manifests, small blobs, each compared with its digest. For whoever looks for
//! signatures beside the image; no layer of an image is read.

use std::path::Path;

use crate::error::ImageError;
use crate::facts::Transport;
use crate::hooks::Hooks;
use crate::limits::{Limits, OpenOptions};
use crate::oci::{self, Identity};
use crate::plan;
use crate::store::Store;
use crate::stream;

/// An opened OCI layout, in a directory or a tar file.
pub struct Layout {
    store: Store,
    transport: Transport,
    limits: Limits,
}

impl Layout {
    /// Opens an OCI archive or an OCI layout.
    ///
    /// # Errors
    /// See [`ImageError`].
    pub fn open(transport: Transport, path: &Path, limits: &Limits, hooks: &dyn Hooks) -> Result<Self, ImageError> {
        Ok(Self { store: Store::open(transport, path, limits, hooks)?, transport, limits: limits.clone() })
    }

    /// The bytes of `index.json`.
    ///
    /// # Errors
    /// When there is none, or it is too large.
    pub fn index(&self) -> Result<Vec<u8>, ImageError> {
        oci::index_json(&self.store, self.transport, self.limits.manifest_bytes)
    }

    /// The image that `options` asks for: its name here, and its digests. Its layers need not be stored.
    ///
    /// # Errors
    /// When it cannot be told which image is meant, or its documents cannot be read.
    pub fn identity(&self, options: &OpenOptions) -> Result<Identity, ImageError> {
        oci::identity(&self.store, self.transport, options)
    }

    /// The blob with this digest, compared with it; none when it is not stored. `what` names it in errors and begins
    /// with a capital: “The manifest”.
    ///
    /// # Errors
    /// When the digest is no SHA-256 digest, the blob is larger than `limit` bytes, or it has another digest.
    pub fn blob(&self, digest: &str, limit: u64, what: &str) -> Result<Option<Vec<u8>>, ImageError> {
        let path = plan::blob_path(&self.store, digest, what)?;
        let Some(blob) = self.store.find(&path)? else { return Ok(None) };
        let bytes = self.store.small(&blob, limit, what)?;
        let found = stream::digest_of(&bytes);
        if found != digest {
            return Err(ImageError::DigestMismatch {
                path: self.store.path.clone(),
                what: what.to_owned(),
                expected: digest.to_owned(),
                found,
            });
        }
        Ok(Some(bytes))
    }

    /// Digests and sizes (bytes) of the stored blobs, sorted by digest, and whether there are more than `most`, which
    /// are left out.
    ///
    /// # Errors
    /// When the folder cannot be listed.
    pub fn blobs(&self, most: usize) -> Result<(Vec<(String, u64)>, bool), ImageError> {
        self.store.stored(most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hooks::NoHooks;
    use crate::sample::{Format, ImageBuilder, LayerBuilder, Packing, SampleEntry};

    fn written(format: Format) -> (tempfile::TempDir, std::path::PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let layer = LayerBuilder::new().add(SampleEntry::file("a", b"a"));
        let path = folder.path().join("image");
        ImageBuilder::new("sample:1").layer("COPY a", layer).write(format, Packing::Plain, &path).unwrap();
        (folder, path)
    }

    #[test]
    fn documents_of_archives_and_folders_are_found_by_digest_alone() {
        for (format, transport) in
            [(Format::OciArchive, Transport::OciArchive), (Format::OciLayout, Transport::OciLayout)]
        {
            let (_folder, path) = written(format);
            let layout = Layout::open(transport, &path, &Limits::default(), &NoHooks).unwrap();
            assert!(layout.index().unwrap().starts_with(b"{"));
            let identity = layout.identity(&OpenOptions::default()).unwrap();
            assert_eq!(identity.digests.len(), 1);
            let manifest = layout.blob(&identity.digests[0], 1 << 20, "The manifest").unwrap().unwrap();
            assert_eq!(stream::digest_of(&manifest), identity.digests[0]);
            assert!(matches!(
                layout.blob(&identity.digests[0], 4, "The manifest"),
                Err(ImageError::LimitExceeded { .. })
            ));
            assert_eq!(layout.blob(&format!("sha256:{}", "0".repeat(64)), 9, "The manifest").unwrap(), None);
            for odd in ["sha256:../../../etc/passwd", "sha512:00", "", "sha256:ABC"] {
                assert!(matches!(layout.blob(odd, 9, "The manifest"), Err(ImageError::BadDigest { .. })), "{odd}");
            }
            let (blobs, more) = layout.blobs(100).unwrap();
            assert!(blobs.iter().any(|(digest, size)| *digest == identity.digests[0] && *size > 0));
            assert!(!more && blobs.len() == 3);
            assert!(layout.blobs(2).unwrap().1);
        }
    }

    #[test]
    fn a_blob_with_other_bytes_than_its_digest_says_is_refused() {
        let (_folder, path) = written(Format::OciLayout);
        let layout = Layout::open(Transport::OciLayout, &path, &Limits::default(), &NoHooks).unwrap();
        let digest = layout.identity(&OpenOptions::default()).unwrap().digests.remove(0);
        std::fs::write(path.join("blobs").join(digest.replacen(':', "/", 1)), b"x").unwrap();
        assert!(matches!(layout.blob(&digest, 9, "The manifest"), Err(ImageError::DigestMismatch { .. })));
    }

    #[test]
    fn signatures_beside_the_image_are_not_to_be_chosen_from() {
        let (_folder, path) = written(Format::OciLayout);
        let mut index: serde_json::Value =
            serde_json::from_slice(&std::fs::read(path.join("index.json")).unwrap()).unwrap();
        let image = index["manifests"][0].clone();
        for tag in [".sig", ".att", ".sbom", ""] {
            let mut beside = image.clone();
            let name = format!("sha256-{}{tag}", "a".repeat(64));
            beside["annotations"] = serde_json::json!({ "org.opencontainers.image.ref.name": name });
            beside["digest"] = format!("sha256:{}", "b".repeat(64)).into();
            index["manifests"].as_array_mut().unwrap().push(beside);
        }
        std::fs::write(path.join("index.json"), index.to_string()).unwrap();
        let layout = Layout::open(Transport::OciLayout, &path, &Limits::default(), &NoHooks).unwrap();
        let identity = layout.identity(&OpenOptions::default()).unwrap();
        assert_eq!(identity.digests, [image["digest"].as_str().unwrap()]);
    }
}
