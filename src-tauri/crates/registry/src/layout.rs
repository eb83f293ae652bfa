//! An OCI image layout that is written while an image is fetched. It gets its name when all of it is there and compared.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use serde_json::json;
use tempfile::{NamedTempFile, TempDir};

use crate::digest::Hash;
use crate::error::RegistryError;
use crate::reference::is_digest;

/// A layout in the making. Dropped unfinished, it leaves nothing behind.
pub(crate) struct Layout {
    /// The folder that it becomes.
    target: PathBuf,
    folder: Mutex<Option<TempDir>>,
    blobs: PathBuf,
}

fn write_error(path: &Path) -> impl Fn(io::Error) -> RegistryError + '_ {
    |source| RegistryError::Write { path: path.to_owned(), source }
}

impl Layout {
    pub(crate) fn create(target: &Path) -> Result<Self, RegistryError> {
        let failed = write_error(target);
        if target.exists() {
            return Err(failed(io::Error::new(io::ErrorKind::AlreadyExists, "it exists already")));
        }
        let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let folder = tempfile::Builder::new().prefix(".plimsoll-").tempdir_in(parent).map_err(&failed)?;
        let blobs = folder.path().join("blobs");
        std::fs::create_dir_all(blobs.join("sha256")).map_err(&failed)?;
        Ok(Self { target: target.to_owned(), blobs, folder: Mutex::new(Some(folder)) })
    }

    /// Where the blob with a digest lies; none for what is no digest.
    fn path(&self, digest: &str) -> Option<PathBuf> {
        let (algorithm, hex) = digest.split_once(':').filter(|_| is_digest(digest))?;
        Some(self.blobs.join(algorithm).join(hex))
    }

    /// A blob that is there already.
    pub(crate) fn read(&self, digest: &str) -> Option<File> {
        File::open(self.path(digest)?).ok()
    }

    /// A blob to be written; its content is compared at the end.
    pub(crate) fn begin(&self, digest: &str) -> io::Result<Blob> {
        let path = self.path(digest).ok_or_else(|| io::Error::other("its digest cannot be used"))?;
        let folder = path.parent().unwrap_or(&self.blobs);
        std::fs::create_dir_all(folder)?;
        let file = tempfile::Builder::new().prefix(".partial-").tempfile_in(folder)?;
        Ok(Blob { file, hash: Hash::like(digest), digest: digest.to_owned(), path })
    }

    /// Writes the documents and the layout's two files, and gives the folder its name.
    pub(crate) fn finish(
        &self,
        documents: &[(String, Vec<u8>)],
        layers: &[(String, u64)],
        top: (&str, &str, usize),
        reference: &str,
    ) -> Result<(), RegistryError> {
        let failed = write_error(&self.target);
        for (digest, bytes) in documents {
            let mut blob = self.begin(digest).map_err(&failed)?;
            blob.write(bytes).map_err(&failed)?;
            blob.finish().map_err(&failed)?;
        }
        if let Some((digest, _)) = layers.iter().find(|(digest, _)| self.read(digest).is_none()) {
            return Err(failed(io::Error::other(format!("the layer {digest} was not read to its end"))));
        }
        let (digest, media_type, size) = top;
        let index = json!({
            "schemaVersion": 2,
            "mediaType": "application/vnd.oci.image.index.v1+json",
            "manifests": [{
                "mediaType": media_type,
                "digest": digest,
                "size": size,
                "annotations": { "org.opencontainers.image.ref.name": reference },
            }],
        });
        let mut folder = self.folder.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let Some(open) = folder.as_ref() else { return Ok(()) };
        std::fs::write(open.path().join("index.json"), index.to_string()).map_err(&failed)?;
        std::fs::write(open.path().join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).map_err(&failed)?;
        std::fs::rename(open.path(), &self.target).map_err(&failed)?;
        // It has another name now; there is nothing left to remove.
        if let Some(open) = folder.take() {
            let _ = open.keep();
        }
        Ok(())
    }
}

/// A blob in the making.
pub(crate) struct Blob {
    file: NamedTempFile,
    hash: Hash,
    digest: String,
    path: PathBuf,
}

impl Blob {
    pub(crate) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hash.update(bytes);
        self.file.write_all(bytes)
    }

    /// Gives it its name, if its content has the digest.
    pub(crate) fn finish(self) -> io::Result<()> {
        let found = self.hash.text();
        if found != self.digest {
            return Err(io::Error::other(format!("its digest is {found} instead of {}", self.digest)));
        }
        self.file.persist(&self.path).map(drop).map_err(|error| error.error)
    }
}

/// Writes what is read from `inner` into a blob of the layout as well.
pub(crate) struct Tee<R> {
    pub inner: R,
    /// None once it is finished.
    pub blob: Option<Blob>,
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        match (&mut self.blob, buffer.get(..read)) {
            (Some(blob), Some(bytes)) if read > 0 => blob.write(bytes)?,
            (Some(_), _) if !buffer.is_empty() => {
                if let Some(blob) = self.blob.take() {
                    blob.finish()?;
                }
            }
            _ => (),
        }
        Ok(read)
    }
}
