//! Writing an OCI image layout, blob by blob. A blob gets its name only when it is whole.

use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::RegistryError;

pub(crate) struct Layout {
    folder: PathBuf,
}

pub(crate) struct Blob {
    file: File,
    partial: PathBuf,
    path: PathBuf,
}

fn write_error(path: &Path) -> impl Fn(std::io::Error) -> RegistryError + '_ {
    |source| RegistryError::Write { path: path.to_owned(), source }
}

impl Layout {
    pub(crate) fn create(folder: &Path) -> Result<Self, RegistryError> {
        std::fs::create_dir_all(folder.join("blobs/sha256")).map_err(write_error(folder))?;
        Ok(Self { folder: folder.to_owned() })
    }

    fn path(&self, digest: &str) -> Result<PathBuf, RegistryError> {
        match digest.strip_prefix("sha256:") {
            Some(hex) if hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_hexdigit()) => {
                Ok(self.folder.join("blobs/sha256").join(hex))
            }
            _ => Err(RegistryError::Answer {
                registry: String::new(),
                what: "a manifest".into(),
                reason: format!("\"{digest}\" is not a SHA-256 digest"),
            }),
        }
    }

    /// A blob to be written; none if it is there already.
    pub(crate) fn begin(&self, digest: &str) -> Result<Option<Blob>, RegistryError> {
        let path = self.path(digest)?;
        if path.exists() {
            return Ok(None);
        }
        let partial = path.with_extension("partial");
        let file = File::create(&partial).map_err(write_error(&partial))?;
        Ok(Some(Blob { file, partial, path }))
    }

    /// Writes the manifest and the layout's two files.
    pub(crate) fn finish(
        &self,
        manifest: &[u8],
        digest: &str,
        media_type: &str,
        reference: &str,
    ) -> Result<(), RegistryError> {
        let path = self.path(digest)?;
        std::fs::write(&path, manifest).map_err(write_error(&path))?;
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [{
                "mediaType": media_type,
                "digest": digest,
                "size": manifest.len(),
                "annotations": { "org.opencontainers.image.ref.name": reference },
            }],
        });
        let path = self.folder.join("index.json");
        std::fs::write(&path, index.to_string()).map_err(write_error(&path))?;
        let path = self.folder.join("oci-layout");
        std::fs::write(&path, r#"{"imageLayoutVersion":"1.0.0"}"#).map_err(write_error(&path))
    }
}

impl Blob {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<(), RegistryError> {
        self.file.write_all(bytes).map_err(write_error(&self.partial))
    }

    pub(crate) fn finish(self) -> Result<(), RegistryError> {
        std::fs::rename(&self.partial, &self.path).map_err(write_error(&self.path))
    }
}
