//! What can go wrong with advisories, in one sentence each.

use std::path::PathBuf;

use thiserror::Error;

/// What can go wrong.
#[derive(Debug, Error)]
pub enum AdvisoryError {
    /// Something given is not in a form that is known.
    #[error("{origin} is not advisory data in a form that is known: {reason}")]
    Unknown {
        /// The file, with the member of an archive.
        origin: String,
        /// What it looks like.
        reason: String,
    },
    /// Something given is broken or out of bounds.
    #[error("{origin} cannot be imported: {place}: {reason}. Nothing was changed")]
    Malformed {
        /// The file, with the member of an archive.
        origin: String,
        /// Where in it: "line 12, column 3", "record GHSA-…", "byte 1234".
        place: String,
        /// What is wrong.
        reason: String,
    },
    /// A file cannot be read.
    #[error("{path} cannot be read: {source}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// There is no database.
    #[error("There is no advisory database at {0}; make one with plimsoll advisories import PATH")]
    NoDatabase(PathBuf),
    /// The database is not ours, damaged, or of a newer version.
    #[error("{path} cannot be used as advisory database: {reason}")]
    Database {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The job was cancelled.
    #[error("The import was cancelled; the database is as it was")]
    Cancelled,
}
