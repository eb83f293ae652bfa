//! Importing facts files into an engagement: their subjects, and one run with all their facts, judged as if read here.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use plimsoll_checks::Facts;
use plimsoll_engagement::{Engagement, MovedSubject, NewSubject, RunState};

use super::again::{FACTS_FILE, OTHER_FILE};
use super::settle::{ImportedFile, Settled, SettledSubject, Standing, settle, told};
use super::{FactsError, read, refused};
use crate::collect::now;
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::run::{Found, record};
use crate::scanning::{Advisories, Matcher};
use crate::source::Source;

/// A subject that was imported.
#[derive(Debug, Clone)]
pub struct Imported {
    /// Its id in the engagement.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Where its facts are.
    pub source: String,
    /// How it stood to the engagement.
    pub standing: Standing,
    /// Why the collecting machine could not read it.
    pub unread: Option<String>,
}

/// What an import came to.
#[derive(Debug, Clone)]
pub struct FactsImport {
    /// The run that was recorded; none when everything was there already.
    pub run: Option<String>,
    /// Files that were taken.
    pub files: Vec<ImportedFile>,
    /// Files that were refused, with the reason.
    pub refused: Vec<(PathBuf, String)>,
    /// Their subjects, those that were there already too.
    pub subjects: Vec<Imported>,
    /// What somebody should know, one sentence each.
    pub notes: Vec<String>,
}

/// Imports facts files, matched against the default advisory database.
///
/// # Errors
/// As [`import_with`].
pub fn import(engagement: &mut Engagement, files: &[PathBuf]) -> Result<FactsImport, WorkbenchError> {
    import_with(engagement, files, &Advisories::Default, &Job::silent())
}

/// Imports facts files (a folder means all in it that end in `.facts`): adds the subjects that are new, and records one run
/// with the facts that are new. A file that is damaged keeps none of the others out.
///
/// # Errors
/// When none of the files can be taken, the advisory database that was named cannot be used, the job is cancelled, or the
/// engagement cannot be written. Then nothing was recorded.
pub fn import_with(
    engagement: &mut Engagement,
    files: &[PathBuf],
    advisories: &Advisories,
    job: &Job,
) -> Result<FactsImport, WorkbenchError> {
    let matcher = Matcher::open(advisories)?;
    let started = now();
    let Settled { files, refused, subjects, notes } = settle(Some(engagement), files)?;
    let mut found = read_all(&files, &subjects, &matcher, job)?;
    let mut moved = Vec::new();
    let mut new = Vec::new();
    let known: HashMap<String, String> = engagement.subjects()?.into_iter().map(|s| (s.id, s.source)).collect();
    for subject in &subjects {
        let source = subject.source.to_string();
        match &subject.id {
            Some(id) if known.get(id).is_some_and(|known| *known != source) => {
                moved.push(MovedSubject { id: id.clone(), source });
            }
            Some(_) => {}
            None => new.push(NewSubject {
                kind: subject.kind,
                name: subject.name.clone(),
                source,
                dockerfile: None,
                context: None,
                platform: None,
                files: Vec::new(),
            }),
        }
    }
    if job.is_cancelled() {
        return Err(WorkbenchError::Cancelled);
    }
    engagement.move_subjects(&moved)?;
    let mut fresh = engagement.add_subjects(&new)?.into_iter();
    let mut imported = Vec::new();
    let (mut ids, mut run_found) = (Vec::new(), Vec::new());
    for (index, subject) in subjects.into_iter().enumerate() {
        let Some(id) = subject.id.clone().or_else(|| fresh.next()) else { continue };
        if let Some(found) = found.remove(&index) {
            ids.push(id.clone());
            run_found.push(found);
        }
        imported.push(Imported {
            id,
            name: subject.name,
            source: subject.source.to_string(),
            standing: subject.standing,
            unread: subject.unread,
        });
    }
    let run = if ids.is_empty() {
        None
    } else {
        job.tell("Judging", 0, 0);
        carry_errors(engagement, &mut ids, &mut run_found)?;
        Some(record(engagement, &started, &ids, &mut run_found)?)
    };
    Ok(FactsImport { run, files, refused, subjects: imported, notes })
}

/// Reads the facts that are new, file by file; by the subject's place in the list.
fn read_all(
    files: &[ImportedFile],
    subjects: &[SettledSubject],
    matcher: &Matcher,
    job: &Job,
) -> Result<HashMap<usize, Found>, WorkbenchError> {
    let mut wanted: HashMap<&Path, HashMap<&Source, usize>> = HashMap::new();
    for (index, subject) in subjects.iter().enumerate() {
        let is_new = matches!(subject.standing, Standing::New | Standing::Newer);
        if let (true, Source::Collected(path, Some(of))) = (is_new, &subject.source) {
            wanted.entry(path).or_default().insert(of, index);
        }
    }
    let mut found = HashMap::new();
    for (number, file) in files.iter().enumerate() {
        let job = job.at(number.saturating_add(1), files.len(), &file.by.file);
        if job.is_cancelled() {
            return Err(WorkbenchError::Cancelled);
        }
        let Some(wanted) = wanted.get(file.path.as_path()) else { continue };
        job.tell("Reading facts files", 0, 0);
        let whole = read(&file.path)?;
        if whole.by.file_sha256 != file.by.file_sha256 {
            return Err(refused(&file.path, FactsError::Changed));
        }
        for collected in whole.subjects {
            let Some(&index) = wanted.get(&collected.source) else { continue };
            let others = subjects.get(index).map(|subject| subject.others.as_slice()).unwrap_or_default();
            let facts = match collected.facts {
                Ok(mut facts) => {
                    name_files(&mut facts, others);
                    facts.vulnerabilities =
                        facts.inventory().map(|inventory| matcher.match_inventory(inventory, &now()));
                    Ok(facts)
                }
                Err(reason) => Err(unread(&whole.by, &reason)),
            };
            found.insert(index, Found { facts });
        }
    }
    Ok(found)
}

/// What is said of a subject that the collecting machine could not read.
pub(super) fn unread(by: &plimsoll_checks::CollectedBy, reason: &str) -> WorkbenchError {
    WorkbenchError::Input(format!("It could not be read where it is ({}): {reason}", told(by)))
}

/// Names the files that facts came from among their origin.
pub(super) fn name_files(facts: &mut Facts, others: &[String]) {
    facts.origin.retain(|(name, _)| name != FACTS_FILE && name != OTHER_FILE);
    if let Some(by) = &facts.collected_by {
        facts.origin.push((FACTS_FILE.to_owned(), format!("{}, SHA-256 {}", told(by), by.file_sha256)));
    }
    facts.origin.extend(others.iter().map(|other| (OTHER_FILE.to_owned(), other.clone())));
}

/// Subjects that the last run could not read, and that this one is not about, are still not read.
fn carry_errors(engagement: &Engagement, ids: &mut Vec<String>, found: &mut Vec<Found>) -> Result<(), WorkbenchError> {
    let Some(last) = engagement.runs()?.into_iter().find(|run| run.state != RunState::Cancelled) else {
        return Ok(());
    };
    let own: HashSet<String> = ids.iter().cloned().collect();
    let here: HashSet<String> = engagement.subjects()?.into_iter().map(|subject| subject.id).collect();
    for (id, reason) in last.errors {
        if here.contains(&id) && !own.contains(&id) {
            ids.push(id);
            found.push(Found { facts: Err(WorkbenchError::Input(reason)) });
        }
    }
    Ok(())
}
