//! What can go wrong with an engagement file.

use std::path::PathBuf;

use thiserror::Error;

/// Why an act on an engagement failed. Each is one sentence that says what to do.
#[derive(Debug, Error)]
pub enum EngagementError {
    /// There is no such file.
    #[error("There is no engagement at {0}; check the path or make a new one")]
    NotFound(PathBuf),
    /// The file to make is there already.
    #[error("{0} exists already; open it, or choose another name for the new engagement")]
    Exists(PathBuf),
    /// The folder that the file should go into is not there.
    #[error("The folder {0} does not exist; make it first or choose another place")]
    NoFolder(PathBuf),
    /// It is some other file.
    #[error("{0} is not a Plimsoll engagement; choose a file that ends in .plimsoll")]
    NotAnEngagement(PathBuf),
    /// It was written by a later version.
    #[error(
        "{path} was written by a newer Plimsoll (file version {found}, this one reads up to {known}); update Plimsoll to open it"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that this program knows.
        known: i64,
    },
    /// Somebody else has it open.
    #[error("{0} is open in another Plimsoll; close it there first, so that nobody's work is overwritten")]
    Locked(PathBuf),
    /// The file is damaged.
    #[error("{path} is damaged ({reason}); nothing was changed, go back to your last copy of it")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        reason: String,
    },
    /// It may not be written.
    #[error("{0} cannot be written; check its permissions and those of its folder")]
    ReadOnly(PathBuf),
    /// The disk is full.
    #[error("The disk that holds {0} is full; the last act was not recorded, free some space and do it again")]
    DiskFull(PathBuf),
    /// Something named in the act is not in the engagement.
    #[error("The engagement has no {what} \"{id}\"")]
    Unknown {
        /// What was looked for.
        what: &'static str,
        /// Its id.
        id: String,
    },
    /// A decision needs a reason.
    #[error("A decision needs a rationale; say in a sentence what it rests on")]
    NoRationale,
    /// Evidence needs content.
    #[error("\"{0}\" is empty; there is nothing to keep as evidence")]
    EmptyEvidence(String),
    /// Evidence may not be larger.
    #[error(
        "\"{name}\" is {size} bytes; evidence may be at most {limit} bytes in one item, keep it beside the engagement and attach its hash as text"
    )]
    EvidenceTooLarge {
        /// What it is called.
        name: String,
        /// How large it is.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// Recorded data can't be read back.
    #[error("A record of the engagement cannot be read ({0}); the file may have been changed outside Plimsoll")]
    Record(String),
    /// The file system said no.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// Anything else that SQLite says.
    #[error("The engagement file could not be used: {0}")]
    Database(rusqlite::Error),
}

impl EngagementError {
    /// Sorts what SQLite says into what the auditor can act on.
    pub(crate) fn from_sqlite(path: &std::path::Path, error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        match error.sqlite_error_code() {
            Some(Code::NotADatabase) => Self::NotAnEngagement(path.to_owned()),
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => Self::Locked(path.to_owned()),
            Some(Code::DatabaseCorrupt) => Self::Damaged { path: path.to_owned(), reason: error.to_string() },
            Some(Code::ReadOnly | Code::PermissionDenied | Code::CannotOpen) => Self::ReadOnly(path.to_owned()),
            Some(Code::DiskFull) => Self::DiskFull(path.to_owned()),
            _ => Self::Database(error),
        }
    }
}

impl From<serde_json::Error> for EngagementError {
    fn from(error: serde_json::Error) -> Self {
        Self::Record(error.to_string())
    }
}
