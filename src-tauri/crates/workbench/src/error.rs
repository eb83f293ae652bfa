//! What can go wrong in the application: one sentence, whatever the crate that it came from.

use std::path::PathBuf;

use plimsoll_dockerfile::ComposeError;
use thiserror::Error;

/// Why something could not be done.
#[derive(Debug, Error)]
#[allow(missing_docs)] // the sentences speak for themselves
pub enum WorkbenchError {
    #[error(transparent)]
    Source(#[from] crate::source::SourceError),
    #[error(transparent)]
    Image(#[from] plimsoll_image::ImageError),
    #[error(transparent)]
    Docker(#[from] plimsoll_docker::DockerError),
    #[error(transparent)]
    Registry(#[from] plimsoll_registry::RegistryError),
    #[error(transparent)]
    Engagement(#[from] plimsoll_engagement::EngagementError),
    #[error(transparent)]
    Report(#[from] plimsoll_report::ReportError),
    #[error(transparent)]
    Identity(#[from] plimsoll_signature::IdentityError),
    #[error(transparent)]
    Sign(#[from] plimsoll_signature::SignError),
    #[error("{path} is not a Compose file: {source}")]
    Compose { path: PathBuf, source: ComposeError },
    #[error("The build context {path} could not be read: {source}; name its folder, and a Dockerfile that can be read")]
    Context { path: PathBuf, source: plimsoll_dockerfile::ContextError },
    #[error(transparent)]
    Tree(#[from] plimsoll_image::TreeError),
    #[error("{path} cannot be audited: {source}")]
    Sbom { path: PathBuf, source: plimsoll_sbom::SbomError },
    #[error("{path} was not taken: {source}")]
    FactsFile { path: PathBuf, source: crate::facts_file::FactsError },
    #[error(transparent)]
    Advisory(#[from] plimsoll_advisories::AdvisoryError),
    #[error("{url} could not be fetched: {reason}; the database is as it was")]
    Fetch { url: String, reason: String },
    #[error("There is no file {0}; check the path")]
    NoFile(PathBuf),
    #[error("{0} is a folder, and a file is expected; name the file in it")]
    IsFolder(PathBuf),
    #[error("{path} could not be read: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path} could not be written: {source}; nothing was left behind")]
    Write { path: PathBuf, source: std::io::Error },
    #[error("{path} is {size} bytes; a {kind} may be at most {limit} bytes")]
    TooLarge { path: PathBuf, size: u64, limit: u64, kind: &'static str },
    #[error("{path} is not text, so it is no {kind}; check that it is the right file")]
    NotText { path: PathBuf, kind: &'static str },
    #[error("{0} exists already; choose another name, so that nothing is overwritten")]
    Exists(PathBuf),
    #[error("The folder {0} does not exist; make it first or choose another place")]
    NoFolder(PathBuf),
    #[error("No engagement is open; open one or make a new one first")]
    NoEngagement,
    #[error("A run is going on; wait for its end or cancel it first")]
    Busy,
    #[error("There is nothing under audit yet; add an image, a Dockerfile or a Compose file first")]
    NoSubjects,
    #[error("The audit was cancelled; nothing of it was recorded")]
    Cancelled,
    #[error("{0}")]
    Input(String),
    #[error("The work stopped unexpectedly ({0}); what was recorded before is safe, start it again")]
    Stopped(String),
}

impl WorkbenchError {
    /// Whether the auditor stopped the work.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        matches!(
            self,
            Self::Cancelled
                | Self::Image(plimsoll_image::ImageError::Cancelled { .. })
                | Self::Docker(plimsoll_docker::DockerError::Cancelled)
                | Self::Registry(plimsoll_registry::RegistryError::Cancelled)
                | Self::Advisory(plimsoll_advisories::AdvisoryError::Cancelled)
        )
    }

    /// The chain of causes behind the sentence, one a line; empty when there is none.
    #[must_use]
    pub fn details(&self) -> String {
        let mut lines = Vec::new();
        let mut next = std::error::Error::source(self);
        while let Some(cause) = next {
            lines.push(cause.to_string());
            next = cause.source();
        }
        lines.join("\n")
    }
}
