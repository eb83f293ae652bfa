//! Which images the engine has, and their bytes.

use std::path::Path;

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

use super::connection::Engine;
use super::error::DockerError;
use super::trouble::{Trouble, quiet, wire};
use crate::parse::host;
use crate::parse::lists::named;
use crate::parse::value::{count, each, number, word, words};

/// An image in the engine's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedImage {
    /// `sha256:…`
    pub id: String,
    /// Its names: `repository:tag`.
    pub tags: Vec<String>,
    /// Registry digests: `repository@sha256:…`.
    pub digests: Vec<String>,
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970.
    pub created: i64,
}

/// What the engine says of an image beside its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EngineImage {
    /// `sha256:…`
    pub id: String,
    /// Its names.
    pub tags: Vec<String>,
    /// Registry digests: `repository@sha256:…`.
    pub digests: Vec<String>,
    /// The engine's version.
    pub engine: String,
}

/// What bollard's error says, in words for people.
fn reason(error: &bollard::errors::Error) -> String {
    match error {
        bollard::errors::Error::DockerResponseServerError { message, .. } => quiet(message),
        bollard::errors::Error::RequestTimeoutError => "it did not answer in time".to_owned(),
        other => wire(other).reason().trim_end_matches('.').to_owned(),
    }
}

fn status(error: &bollard::errors::Error) -> Option<u16> {
    match error {
        bollard::errors::Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

impl Engine {
    /// Registries that the engine speaks to without verified TLS (hosts and networks), and its mirrors of Docker Hub.
    ///
    /// # Errors
    /// When the engine does not tell.
    pub async fn registries(&self) -> Result<(Vec<String>, Vec<String>), DockerError> {
        let info = self.masked("/info", &CancellationToken::new()).await;
        let info = info.map_err(|trouble| trouble.later("tell its settings"))?;
        let (insecure, mirrors) = host::registries(&info);
        Ok((insecure.unwrap_or_default(), mirrors))
    }

    /// The images, the latest first.
    ///
    /// # Errors
    /// When the engine does not give the list.
    pub async fn images(&self) -> Result<Vec<ListedImage>, DockerError> {
        let act = "list its images";
        let answer = self.masked("/images/json", &CancellationToken::new()).await;
        let answer = answer.map_err(|trouble| trouble.later(act))?;
        let read = |image: &Value| ListedImage {
            id: word(image, "Id"),
            tags: named(image, "RepoTags"),
            digests: named(image, "RepoDigests"),
            size: count(image, "Size").unwrap_or_default(),
            created: number(image, "Created").unwrap_or_default(),
        };
        let odd = || DockerError::Engine { act: act.into(), reason: "the answer is no list".into() };
        let mut images = each(&answer, read).ok_or_else(odd)?;
        images.sort_by_key(|image| std::cmp::Reverse(image.created));
        Ok(images)
    }

    /// Writes an image to a file as a docker archive. `progress` gets the bytes written so far and the engine's own
    /// figure of the image's size.
    ///
    /// # Errors
    /// When there is no such image, the engine or the disk fails, or the work is cancelled.
    pub async fn export(
        &self,
        reference: &str,
        to: &Path,
        cancel: &CancellationToken,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<EngineImage, DockerError> {
        let fail = |error: bollard::errors::Error| match status(&error) {
            Some(400 | 404) => DockerError::NoImage(reference.to_owned()),
            _ => DockerError::Engine { act: format!("give the image {reference}"), reason: reason(&error) },
        };
        let inspected = match self.image_answer(reference, cancel).await {
            Err(Trouble::Address | Trouble::Status { code: 400 | 404, .. }) => {
                return Err(DockerError::NoImage(reference.to_owned()));
            }
            answer => answer.map_err(|trouble| trouble.later(&format!("give the image {reference}")))?,
        };
        let size = count(&inspected, "Size").unwrap_or_default();
        let image = EngineImage {
            id: word(&inspected, "Id"),
            tags: words(&inspected, "RepoTags"),
            digests: words(&inspected, "RepoDigests"),
            engine: self.version().to_owned(),
        };
        let write = |source| DockerError::Write { path: to.to_owned(), source };
        let mut file = tokio::fs::File::create(to).await.map_err(write)?;
        let mut stream = std::pin::pin!(self.docker.export_image(reference));
        let mut done = 0_u64;
        loop {
            let chunk = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(DockerError::Cancelled),
                chunk = stream.next() => chunk,
            };
            let Some(chunk) = chunk else { break };
            let chunk = chunk.map_err(fail)?;
            file.write_all(&chunk).await.map_err(write)?;
            done = done.saturating_add(chunk.len() as u64);
            progress(done, size);
        }
        file.flush().await.map_err(write)?;
        Ok(image)
    }
}
