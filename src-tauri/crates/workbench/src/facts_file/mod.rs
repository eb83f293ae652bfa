//! Facts files: what `plimsoll collect` read on another machine, to be judged here as if it had been read here.
//!
//! # The format: `plimsoll/facts/1`
//!
//! One Zstandard frame, then a trailer. The frame holds lines of JSON, so that it is written and read subject by subject:
//!
//! 1. The head: `{"schema":"plimsoll/facts/1","by":{…}}`, the provenance.
//! 2. For each subject `{"subject":{…}}` (source, name, kind, size and SHA-256 of what follows); then its facts, one line;
//!    then, for an image, the listing of its tree (`Tree::to_bytes`), one line of Base64. A subject that could not be
//!    read is `{"unread":{…}}` with the reason, and nothing follows it.
//! 3. `{"end":{…}}`: when it was finished, and how many subjects there are.
//!
//! The trailer is a skippable frame of Zstandard, 40 bytes: its head and the SHA-256 of all bytes before it. So an ordinary
//! tool reads the lines (`zstd -dc FILE`) and checks the whole (`head -c -40 FILE | sha256sum`, `tail -c 32 FILE`).
//!
//! The hashes show damage and carelessness. They prove no origin: whoever writes a file anew writes its hashes anew. That
//! is what the SHA-256 is for which `plimsoll collect` prints, when it reaches the auditor by another way.
//!
//! # Where things are
//!
//! `format.rs` the lines and the bounds, `write.rs` and `read.rs` both ways, `machine.rs` the provenance, `gather.rs`
//! collecting into a file, `plan.rs` what is said beforehand, `settle.rs` which subject of an engagement a collected one
//! is, `import.rs` importing, `again.rs` reading a subject again in a later run.

pub(crate) mod again;
mod format;
mod gather;
mod import;
mod machine;
mod plan;
mod read;
mod settle;
#[cfg(test)]
mod tests;
mod write;

use std::path::{Path, PathBuf};

use plimsoll_catalog::SubjectKind;
use plimsoll_checks::{CollectedBy, Facts};
use serde::Serialize;

use crate::collect::Request;
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;
use crate::source::Source;

pub use format::FactsError;
pub use gather::{How, collect_with};
pub use import::{FactsImport, Imported, import, import_with};
pub use plan::plan;
pub use read::read_bytes;
pub use settle::{ImportedFile, Settled, SettledSubject, Standing, files_in, settle};

pub use write::write;

pub(crate) use again::one;

/// The schema's name, as it stands in each file.
pub const SCHEMA: &str = "plimsoll/facts/1";
/// How the names of facts files end; a folder's are those that end so.
pub const ENDING: &str = "facts";

/// One subject in a facts file.
#[derive(Debug, Clone)]
pub struct Collected {
    /// Where it came from on the collecting machine.
    pub source: Source,
    /// What it is called: the host's name, the container's with its host's, the image's.
    pub name: String,
    /// What kind of subject it is.
    pub kind: SubjectKind,
    /// SHA-256 of its facts as they stand in the file, hexadecimal; empty when it could not be read.
    pub facts_sha256: String,
    /// SHA-256 of the listing of an image's tree, hexadecimal.
    pub listing_sha256: Option<String>,
    /// The id of the engine that a host or container belongs to, where it tells one.
    pub engine: Option<String>,
    /// Its facts, or why there are none.
    pub facts: Result<Facts, String>,
}

/// A facts file that was read and whose hashes hold.
#[derive(Debug, Clone)]
pub struct FactsFile {
    /// Where it came from.
    pub by: CollectedBy,
    /// When collecting ended, RFC 3339 in UTC.
    pub finished: String,
    /// The collecting machine's operating system.
    pub os: String,
    /// Its subjects.
    pub subjects: Vec<Collected>,
}

/// What stands in a facts file, without the facts.
#[derive(Debug, Clone, Serialize)]
pub struct Contents {
    /// Where it came from.
    pub by: CollectedBy,
    /// When collecting ended, RFC 3339 in UTC.
    pub finished: String,
    /// The collecting machine's operating system.
    pub os: String,
    /// Its subjects.
    pub subjects: Vec<Listed>,
}

/// One subject in the contents of a facts file.
#[derive(Debug, Clone, Serialize)]
pub struct Listed {
    /// Where it came from on the collecting machine.
    #[serde(serialize_with = "as_text")]
    pub source: Source,
    /// What it is called.
    pub name: String,
    /// What kind of subject it is.
    pub kind: SubjectKind,
    /// SHA-256 of its facts, hexadecimal; empty when it could not be read.
    pub facts_sha256: String,
    /// Bytes of its facts.
    pub facts_bytes: u64,
    /// SHA-256 of the listing of an image's tree, hexadecimal.
    pub listing_sha256: Option<String>,
    /// The id of the engine that a host or container belongs to, where it tells one.
    pub engine: Option<String>,
    /// Why it could not be read.
    pub unread: Option<String>,
}

fn as_text<S: serde::Serializer>(source: &Source, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(source)
}

/// Collects subjects and writes a facts file. Nothing is judged, nothing is matched against advisories.
///
/// # Errors
/// When nothing could be read, the file exists or cannot be written, or the job is cancelled; then no file is left.
pub async fn collect_to(
    requests: &[Request],
    reach: &Reach,
    note: Option<&str>,
    out: &Path,
    job: &Job,
) -> Result<FactsFile, WorkbenchError> {
    collect_with(requests, reach, &How { note: note.map(str::to_owned), ..How::default() }, out, job).await
}

/// Reads a facts file and checks its hashes.
///
/// # Errors
/// When it is none, is damaged or changed, or of a newer schema.
pub fn read(path: &Path) -> Result<FactsFile, WorkbenchError> {
    let bytes = read::bytes_of(path)?;
    read_bytes(&bytes, &format::file_name(path)).map_err(|source| refused(path, source))
}

/// Reads what stands in a facts file, and checks its hashes.
///
/// # Errors
/// As [`read`]; but facts that are no facts are found out only when they are read.
pub fn contents(path: &Path) -> Result<Contents, WorkbenchError> {
    let bytes = read::bytes_of(path)?;
    read::contents_of(&bytes, &format::file_name(path)).map_err(|source| refused(path, source))
}

fn refused(path: &Path, source: FactsError) -> WorkbenchError {
    WorkbenchError::FactsFile { path: path.to_owned(), source }
}

/// The subjects of a facts file, as sources of an engagement: with each its name.
///
/// # Errors
/// As [`contents`].
pub fn subjects(path: &Path) -> Result<Vec<(Source, String)>, WorkbenchError> {
    let file = contents(path)?;
    let of = |source: Source| Source::Collected(PathBuf::from(path), Some(Box::new(source)));
    Ok(file.subjects.into_iter().map(|subject| (of(subject.source), subject.name)).collect())
}
