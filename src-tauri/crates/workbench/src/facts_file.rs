//! Facts files: what `plimsoll collect` read on another machine, to be judged here as if it had been read here.
//!
//! One JSON document, compressed with zstd: schema, provenance, and for each subject its source, its facts with their
//! SHA-256, and (for images) the listing of the tree. The bytes are checked before anything is believed.

use std::path::{Path, PathBuf};

use plimsoll_checks::{CollectedBy, Facts};

use crate::collect::Request;
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;
use crate::source::Source;

/// The schema's name, as it stands in each file.
pub const SCHEMA: &str = "plimsoll/facts/1";

/// One subject in a facts file.
#[derive(Debug, Clone)]
pub struct Collected {
    /// Where it came from on the collecting machine.
    pub source: Source,
    /// What it is called: the host's name, the container's, the image's.
    pub name: String,
    /// Its facts, or why there are none.
    pub facts: Result<Facts, String>,
}

/// A facts file that was read and whose hashes hold.
#[derive(Debug, Clone)]
pub struct FactsFile {
    /// Where it came from.
    pub by: CollectedBy,
    /// Its subjects.
    pub subjects: Vec<Collected>,
}

/// Collects subjects and writes a facts file. Nothing is judged, nothing is matched against advisories.
///
/// # Errors
/// When nothing could be read, the file exists or cannot be written, or the job is cancelled; then no file is left.
pub async fn collect_to(
    _requests: &[Request],
    _reach: &Reach,
    _note: Option<&str>,
    out: &Path,
    _job: &Job,
) -> Result<FactsFile, WorkbenchError> {
    Err(WorkbenchError::NoFile(out.to_owned()))
}

/// Reads a facts file and checks its hashes.
///
/// # Errors
/// When it is none, is damaged or changed, or of a newer schema.
pub fn read(path: &Path) -> Result<FactsFile, WorkbenchError> {
    Err(WorkbenchError::NoFile(path.to_owned()))
}

/// The subjects of a facts file, as sources of an engagement: with each its name.
///
/// # Errors
/// As [`read`].
pub fn subjects(path: &Path) -> Result<Vec<(Source, String)>, WorkbenchError> {
    let file = read(path)?;
    let of = |source: Source| Source::Collected(PathBuf::from(path), Some(Box::new(source)));
    Ok(file.subjects.into_iter().map(|subject| (of(subject.source), subject.name)).collect())
}

/// The facts of one subject out of a facts file, as they were collected.
pub(crate) async fn one(
    path: &Path,
    _of: Option<&Source>,
    _reach: &Reach,
    _job: &Job,
) -> Result<Facts, WorkbenchError> {
    Err(WorkbenchError::NoFile(path.to_owned()))
}
