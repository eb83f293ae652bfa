//! Reading a collected subject again in a later run: from its file, or, when that is gone or tells nothing newer, from what
//! the engagement recorded last.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_checks::{CollectedBy, Facts};
use plimsoll_engagement::Engagement;
use sha2::{Digest, Sha256};

use super::import::{name_files, unread};
use super::settle::told;
use super::{Collected, read};
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;
use crate::results::{facts_of, tree_of};
use crate::source::Source;

/// The row of the origin that names the file.
pub(super) const FACTS_FILE: &str = "Facts file";
/// The row that names another file about the same subject.
pub(super) const OTHER_FILE: &str = "Facts file that does not count";
/// The row that says why facts were taken out of the engagement.
const TAKEN_OVER: &str = "Taken over as recorded";

/// What a run knows of collected subjects from before, and the file that it is reading.
#[derive(Debug, Clone, Default)]
pub(crate) struct Before {
    /// The file that was read last: its subjects are usually asked for one after the other.
    open: Arc<Mutex<Option<Open>>>,
    /// Facts that may have to stand in for their file, by the subject's source.
    recorded: HashMap<String, Arc<Facts>>,
    /// Other files about the same subject, by its source.
    others: HashMap<String, Vec<String>>,
}

/// A file that was read. Facts are taken out, not copied.
#[derive(Debug)]
struct Open {
    path: PathBuf,
    subjects: Result<Vec<Option<Collected>>, String>,
    by: CollectedBy,
}

impl Before {
    /// What an engagement recorded of collected subjects, as far as their files are gone or are not those that it was read
    /// from.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub(crate) fn of(engagement: &Engagement) -> Result<Self, WorkbenchError> {
        let mut before = Self::default();
        let mut hashes: HashMap<PathBuf, Option<String>> = HashMap::new();
        for subject in engagement.subjects()? {
            let Ok(Source::Collected(path, _)) = subject.source.parse() else { continue };
            let Some(mut facts) = facts_of(engagement, &subject.id)? else { continue };
            let others = facts.origin.iter().filter(|(name, _)| name == OTHER_FILE).map(|(_, value)| value.clone());
            let others: Vec<_> = others.collect();
            if !others.is_empty() {
                before.others.insert(subject.source.clone(), others);
            }
            let hash = hashes.entry(path).or_insert_with_key(|path| {
                super::read::bytes_of(path).ok().map(|bytes| hex::encode(Sha256::digest(bytes)))
            });
            let same = facts.collected_by.as_ref().is_some_and(|by| Some(&by.file_sha256) == hash.as_ref());
            if !same {
                facts.tree = tree_of(engagement, &facts).unwrap_or_default();
                before.recorded.insert(subject.source, Arc::new(facts));
            }
        }
        Ok(before)
    }

    /// One subject out of a file, taken out of what was read of it. Gives the provenance of the file, too.
    fn take(&self, path: &Path, of: Option<&Source>) -> Result<(Collected, CollectedBy), String> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        for fresh in [false, true] {
            if fresh || open.as_ref().is_none_or(|open| open.path != path) {
                // What was read before goes first: two files at one time would be too many.
                *open = None;
                let (by, subjects) = match read(path) {
                    Ok(file) => (file.by, Ok(file.subjects.into_iter().map(Some).collect())),
                    Err(error) => (CollectedBy::default(), Err(error.to_string())),
                };
                *open = Some(Open { path: path.to_owned(), subjects, by });
            }
            let Some(open) = open.as_mut() else { continue };
            let subjects = match &mut open.subjects {
                Ok(subjects) => subjects,
                Err(reason) => return Err(reason.clone()),
            };
            let count = subjects.len();
            let found = subjects.iter_mut().find(|slot| match (slot, of) {
                (Some(collected), Some(of)) => collected.source == *of,
                (slot, None) => slot.is_some() && count == 1,
                (None, Some(_)) => false,
            });
            if let Some(collected) = found.and_then(Option::take) {
                return Ok((collected, open.by.clone()));
            }
            if of.is_none() && count != 1 {
                let path = path.display();
                return Err(format!("{path} holds {count} subjects; name one of them as facts:{path}#SOURCE"));
            }
        }
        let of = of.map(ToString::to_string).unwrap_or_default();
        Err(format!("{} holds nothing about {of} any more", path.display()))
    }
}

/// The facts of one subject out of a facts file, as they were collected.
pub(crate) async fn one(path: &Path, of: Option<&Source>, reach: &Reach, job: &Job) -> Result<Facts, WorkbenchError> {
    job.tell("Reading the facts file", 0, 0);
    let source = Source::Collected(path.to_owned(), of.cloned().map(Box::new)).to_string();
    let (before, own_path, own_of) = (reach.collected.clone(), path.to_owned(), of.cloned());
    let reading = tokio::task::spawn_blocking(move || before.take(&own_path, own_of.as_ref()));
    let read = reading.await.map_err(|error| WorkbenchError::Stopped(error.to_string()))?;
    let recorded = reach.collected.recorded.get(&source).map(Arc::as_ref);
    let others = reach.collected.others.get(&source).map(Vec::as_slice).unwrap_or_default();
    choose(read, recorded, others)
}

/// What counts: the file when it is newer than what is recorded, or nothing is; else what is recorded, with the reason.
fn choose(
    read: Result<(Collected, CollectedBy), String>,
    recorded: Option<&Facts>,
    others: &[String],
) -> Result<Facts, WorkbenchError> {
    let (read, by) = match read {
        Ok((collected, by)) => match collected.facts {
            Ok(facts) => (Ok(facts), by),
            Err(reason) => (Err(unread(&by, &reason)), by),
        },
        Err(reason) => (Err(WorkbenchError::Input(reason)), CollectedBy::default()),
    };
    let recorded_by = recorded.and_then(|facts| facts.collected_by.as_ref());
    let why = match (&read, recorded_by) {
        (Err(error), Some(_)) => error.to_string(),
        (Ok(_), Some(known)) if known.machine != by.machine => {
            format!("The file now holds what was collected on another machine ({}).", told(&by))
        }
        (Ok(_), Some(known)) if known.started > by.started => {
            format!("The file is older than what is recorded ({}).", told(&by))
        }
        _ => {
            let mut facts = read?;
            let mut others = others.to_vec();
            let older = recorded_by.filter(|known| known.file_sha256 != by.file_sha256).map(told);
            others.extend(older.filter(|older| !others.contains(older)));
            name_files(&mut facts, &others);
            return Ok(facts);
        }
    };
    let Some(recorded) = recorded else { return read };
    let mut facts = Facts { tree: recorded.tree.clone(), ..recorded.clone_without_tree() };
    facts.origin.retain(|(name, _)| name != TAKEN_OVER);
    facts.origin.push((TAKEN_OVER.to_owned(), why));
    Ok(facts)
}
