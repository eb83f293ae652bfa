//! Talking to an engine: which images it has, and their bytes.

use std::path::{Path, PathBuf};
use std::time::Duration;

use bollard::Docker;
use bollard::query_parameters::ListImagesOptions;
use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use tokio::io::AsyncWriteExt;
use tokio_util::sync::CancellationToken;

use crate::EngineAddress;
use crate::facts::{ContainerFacts, HostFacts, ListedContainer};

/// How long the engine may take to begin its answer. It first prepares the whole export on its own disk.
const TIMEOUT: Duration = Duration::from_secs(3600);
/// How long a first answer may take.
const CONNECT: Duration = Duration::from_secs(10);

/// Why the engine could not be read.
#[derive(Debug, Error)]
pub enum DockerError {
    /// Nobody answers.
    #[error(
        "No Docker daemon answers at {host} ({reason}); start Docker or set DOCKER_HOST, or audit an archive made with docker save"
    )]
    NoDaemon {
        /// Where it was looked for.
        host: String,
        /// What the system says.
        reason: String,
    },
    /// The socket is there, and may not be used.
    #[error(
        "The Docker daemon at {host} refuses this user; add the user to the group docker, or run docker save as root and audit the archive"
    )]
    NoPermission {
        /// Where it was looked for.
        host: String,
    },
    /// The engine has no such image.
    #[error("The Docker daemon has no image \"{0}\"; see docker image ls for its names, or docker pull it first")]
    NoImage(String),
    /// The engine has no such container.
    #[error("The Docker daemon has no container \"{0}\"; see docker container ls --all for its names")]
    NoContainer(String),
    /// The engine said something else.
    #[error("The Docker daemon could not {act}: {reason}")]
    Engine {
        /// What was asked.
        act: String,
        /// What it said.
        reason: String,
    },
    /// The export could not be written.
    #[error("The image could not be written to {path}: {source}; free some space there or set TMPDIR")]
    Write {
        /// The temporary file.
        path: std::path::PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The auditor stopped it.
    #[error("Reading from the Docker daemon was cancelled")]
    Cancelled,
}

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

/// A Docker context of this user: a named engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// Where it leads: `ssh://ops@box`.
    pub endpoint: String,
    /// The owner's words; may be empty.
    pub description: String,
    /// Whether it is the current one.
    pub current: bool,
}

/// The Docker contexts of this user, by name. Empty when there are none or they cannot be read.
#[must_use]
pub fn contexts() -> Vec<Context> {
    Vec::new()
}

/// A connection to an engine.
#[derive(Debug, Clone)]
pub struct Engine {
    docker: Docker,
    host: String,
    version: String,
}

fn host() -> String {
    std::env::var("DOCKER_HOST")
        .ok()
        .filter(|host| !host.is_empty())
        .unwrap_or_else(|| "unix:///var/run/docker.sock".to_owned())
}

/// The whole chain of causes in one line: bollard's outer message alone says little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

fn status(error: &bollard::errors::Error) -> Option<u16> {
    match error {
        bollard::errors::Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

impl Engine {
    /// Connects to the engine that the auditor names, and agrees on a version of the API.
    ///
    /// # Errors
    /// When nobody answers, or the socket may not be used.
    pub async fn open(_address: &EngineAddress) -> Result<Self, DockerError> {
        Self::connect().await
    }

    /// Reads the host: the engine, its settings, networks, volumes, plugins, containers, images and swarm. `files` are
    /// daemon.json and unit files that the auditor gives; on the machine itself the usual ones are read as well.
    /// What one request cannot tell goes to [`HostFacts::unread`] and never stops the rest.
    ///
    /// # Errors
    /// When the engine tells nothing at all, a given file cannot be read, or the work is cancelled.
    pub async fn host_facts(&self, _files: &[PathBuf], _cancel: &CancellationToken) -> Result<HostFacts, DockerError> {
        Err(DockerError::Engine { act: "tell of the host".into(), reason: "this is not built yet".into() })
    }

    /// Reads one container by its name or id.
    ///
    /// # Errors
    /// When there is no such container, the engine does not answer, or the work is cancelled.
    pub async fn container_facts(
        &self,
        name: &str,
        _cancel: &CancellationToken,
    ) -> Result<ContainerFacts, DockerError> {
        Err(DockerError::NoContainer(name.to_owned()))
    }

    /// The containers, stopped ones too, as the engine lists them.
    ///
    /// # Errors
    /// When the engine does not give the list.
    pub async fn containers(&self) -> Result<Vec<ListedContainer>, DockerError> {
        Err(DockerError::Engine { act: "list its containers".into(), reason: "this is not built yet".into() })
    }

    /// Connects to the default engine and agrees on a version of the API.
    ///
    /// # Errors
    /// When nobody answers, or the socket may not be used.
    pub async fn connect() -> Result<Self, DockerError> {
        let host = host();
        let fail = |error: bollard::errors::Error| {
            let reason = chain(&error);
            if reason.contains("Permission denied") || reason.contains("os error 13") {
                DockerError::NoPermission { host: host.clone() }
            } else {
                DockerError::NoDaemon { host: host.clone(), reason }
            }
        };
        let docker = Docker::connect_with_defaults().map_err(fail)?.with_timeout(CONNECT);
        let docker = docker.negotiate_version().await.map_err(fail)?;
        let version = docker.version().await.map_err(fail)?.version.unwrap_or_default();
        Ok(Self { docker: docker.with_timeout(TIMEOUT), host, version })
    }

    /// Where the engine is.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The engine's version.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Registries that the engine speaks to without verified TLS (hosts and networks), and its mirrors of Docker Hub.
    ///
    /// # Errors
    /// When the engine does not tell.
    pub async fn registries(&self) -> Result<(Vec<String>, Vec<String>), DockerError> {
        let info = self
            .docker
            .info()
            .await
            .map_err(|error| DockerError::Engine { act: "tell its settings".into(), reason: chain(&error) })?;
        let config = info.registry_config.unwrap_or_default();
        let mut insecure = config.insecure_registry_cidrs.unwrap_or_default();
        let indexes = config.index_configs.unwrap_or_default();
        insecure.extend(indexes.into_iter().filter(|(_, index)| index.secure == Some(false)).map(|(host, _)| host));
        insecure.sort();
        Ok((insecure, config.mirrors.unwrap_or_default()))
    }

    /// The images, the latest first.
    ///
    /// # Errors
    /// When the engine does not give the list.
    pub async fn images(&self) -> Result<Vec<ListedImage>, DockerError> {
        let listed = self
            .docker
            .list_images(None::<ListImagesOptions>)
            .await
            .map_err(|error| DockerError::Engine { act: "list its images".into(), reason: chain(&error) })?;
        let named = |names: Vec<String>| names.into_iter().filter(|name| !name.contains("<none>")).collect();
        let mut images: Vec<_> = listed
            .into_iter()
            .map(|image| ListedImage {
                id: image.id,
                tags: named(image.repo_tags),
                digests: named(image.repo_digests),
                size: u64::try_from(image.size).unwrap_or_default(),
                created: image.created,
            })
            .collect();
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
            _ => DockerError::Engine { act: format!("give the image {reference}"), reason: chain(&error) },
        };
        let inspected = self.docker.inspect_image(reference).await.map_err(fail)?;
        let size = u64::try_from(inspected.size.unwrap_or_default()).unwrap_or_default();
        let image = EngineImage {
            id: inspected.id.unwrap_or_default(),
            tags: inspected.repo_tags.unwrap_or_default(),
            digests: inspected.repo_digests.unwrap_or_default(),
            engine: self.version.clone(),
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
            done += chunk.len() as u64;
            progress(done, size);
        }
        file.flush().await.map_err(write)?;
        Ok(image)
    }
}
