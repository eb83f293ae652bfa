//! Which subject of an engagement a collected one is, and which of several files counts for it.
//!
//! A subject is known by the machine that it was collected on and by its source there, whatever the file is called: files of
//! the same host, taken at different times, are about one subject, and the newest that could read it counts. The file's name
//! plays no part, so files may be renamed and moved. Two machines that call themselves alike are told apart by the ids of
//! their engines, where those are known.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use plimsoll_catalog::SubjectKind;
use plimsoll_checks::CollectedBy;
use plimsoll_engagement::Engagement;
use serde::Deserialize;

use super::{Contents, ENDING, Listed, contents};
use crate::collect::now;
use crate::error::WorkbenchError;
use crate::source::Source;

/// Files of one folder that are taken.
const FILES: usize = 100_000;

/// A file that was taken.
#[derive(Debug, Clone)]
pub struct ImportedFile {
    /// Where it is.
    pub path: PathBuf,
    /// Its provenance and hash.
    pub by: CollectedBy,
    /// When collecting ended.
    pub finished: String,
    /// The collecting machine's operating system.
    pub os: String,
    /// Its subjects, those that could not be read too.
    pub subjects: usize,
    /// Subjects that could not be read.
    pub unread: usize,
}

/// How a collected subject stands to the engagement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The engagement does not have it yet.
    New,
    /// The engagement has it, and this was collected later, or is the first that could be read.
    Newer,
    /// The engagement has these very facts.
    Same,
    /// What the engagement has was collected later.
    Older,
}

/// A collected subject, and which of the engagement's it is.
#[derive(Debug, Clone)]
pub struct SettledSubject {
    /// Where its facts are: `facts:FILE#SOURCE`.
    pub source: Source,
    /// What it is called, as no other subject is.
    pub name: String,
    /// What kind of subject it is.
    pub kind: SubjectKind,
    /// The engagement's subject that it is.
    pub id: Option<String>,
    /// How it stands to that.
    pub standing: Standing,
    /// Why the collecting machine could not read it.
    pub unread: Option<String>,
    /// Files that speak of the same subject and do not count.
    pub others: Vec<String>,
}

/// What files come to, beside an engagement.
#[derive(Debug, Clone, Default)]
pub struct Settled {
    /// Files that were read.
    pub files: Vec<ImportedFile>,
    /// Files that were refused, with the reason.
    pub refused: Vec<(PathBuf, String)>,
    /// Their subjects, each once.
    pub subjects: Vec<SettledSubject>,
    /// What somebody should know, one sentence each.
    pub notes: Vec<String>,
}

/// The facts files that a path means: itself, or those in a folder whose names end in `.facts`, by name.
///
/// # Errors
/// When the folder cannot be read or has none.
pub fn files_in(path: &Path) -> Result<Vec<PathBuf>, WorkbenchError> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let failed = |source| WorkbenchError::Read { path: path.to_owned(), source };
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path).map_err(failed)?.take(FILES) {
        let file = entry.map_err(failed)?.path();
        if file.extension().is_some_and(|extension| extension == ENDING) && file.is_file() {
            files.push(file);
        }
    }
    files.sort();
    if files.is_empty() {
        return Err(WorkbenchError::Input(format!(
            "{} holds no facts files: none of its files ends in .{ENDING}.",
            path.display()
        )));
    }
    Ok(files)
}

/// What of recorded facts is needed to know them again.
#[derive(Debug, Default, Deserialize)]
struct Light {
    #[serde(default)]
    collected_by: Option<CollectedBy>,
    #[serde(default)]
    host: Option<LightEngine>,
    #[serde(default)]
    container: Option<LightContainer>,
}

#[derive(Debug, Default, Deserialize)]
struct LightEngine {
    #[serde(default)]
    id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct LightContainer {
    #[serde(default)]
    at: LightEngine,
}

/// A collected subject of the engagement.
struct Known {
    id: String,
    path: PathBuf,
    machine: String,
    engine: Option<String>,
    /// Where its recorded facts came from; none when none are recorded.
    by: Option<CollectedBy>,
}

/// A subject out of the files, and the one file that counts for it.
struct Candidate {
    path: PathBuf,
    by: CollectedBy,
    listed: Listed,
    others: Vec<String>,
}

type Key = (String, String);

fn key(machine: &str, source: &Source) -> Key {
    (machine.to_owned(), source.to_string())
}

fn fits(one: Option<&String>, other: Option<&String>) -> bool {
    one.is_none() || other.is_none() || one == other
}

/// A file in a few words: `web-01.facts, collected 2026-11-24T10:00:00Z by ops on web-01`.
pub(super) fn told(by: &CollectedBy) -> String {
    format!("{}, collected {} by {} on {}", by.file, by.started, by.user, by.machine)
}

/// The collected subjects of an engagement.
fn known(engagement: &Engagement) -> Result<HashMap<Key, Vec<Known>>, WorkbenchError> {
    let mut machines: HashMap<PathBuf, Option<String>> = HashMap::new();
    let mut all: HashMap<Key, Vec<Known>> = HashMap::new();
    for subject in engagement.subjects()? {
        let Ok(Source::Collected(path, Some(of))) = subject.source.parse() else { continue };
        let light = match engagement.facts(&subject.id)? {
            Some(record) => serde_json::from_str::<Light>(&record.json).unwrap_or_default(),
            None => Light::default(),
        };
        let engine = light.host.and_then(|host| host.id).or_else(|| light.container.and_then(|own| own.at.id));
        // What was never read is known by its file's machine, as long as the file is there.
        let machine = light.collected_by.as_ref().map(|by| by.machine.clone()).or_else(|| {
            let read = || contents(&path).ok().map(|file| file.by.machine);
            machines.entry(path.clone()).or_insert_with(read).clone()
        });
        let Some(machine) = machine else { continue };
        let known = Known { id: subject.id, path, machine, engine, by: light.collected_by };
        all.entry(key(&known.machine, &of)).or_default().push(known);
    }
    Ok(all)
}

/// Reads what stands in files, and settles which subject each is. Changes nothing.
///
/// # Errors
/// When none of the files can be taken, or the engagement cannot be read.
pub fn settle(engagement: Option<&Engagement>, paths: &[PathBuf]) -> Result<Settled, WorkbenchError> {
    let mut settled = Settled::default();
    let mut first_error = None;
    let mut candidates: Vec<Candidate> = Vec::new();
    let mut at: HashMap<Key, Vec<usize>> = HashMap::new();
    let tomorrow = now_and_a_day();
    for path in paths {
        let files = files_in(path).unwrap_or_else(|_| vec![path.clone()]);
        for path in files {
            let path = std::path::absolute(&path).unwrap_or(path);
            let file = match contents(&path) {
                Ok(file) => file,
                Err(error) => {
                    settled.refused.push((path, error.to_string()));
                    first_error.get_or_insert(error);
                    continue;
                }
            };
            if settled.files.iter().any(|known| known.by.file_sha256 == file.by.file_sha256) {
                settled.notes.push(format!("{} is the same file as another one, and was taken once.", path.display()));
                continue;
            }
            if file.by.started > tomorrow {
                settled.notes.push(format!(
                    "{} says that it was collected in the future ({}); the clock of {} may be wrong, and what counts as newest with it.",
                    file.by.file, file.by.started, file.by.machine
                ));
            }
            take(&path, file, &mut settled, &mut candidates, &mut at);
        }
    }
    if let (true, Some(error)) = (settled.files.is_empty(), first_error) {
        return Err(error);
    }
    let known = engagement.map(known).transpose()?.unwrap_or_default();
    let mut names = Names::default();
    for subject in engagement.map(Engagement::subjects).transpose()?.unwrap_or_default() {
        names.taken.insert(subject.name.clone(), ());
        names.own.insert(subject.id, subject.name);
    }
    for candidate in candidates {
        let subject = against(candidate, &known, &mut names, &mut settled.notes);
        settled.subjects.push(subject);
    }
    Ok(settled)
}

fn now_and_a_day() -> String {
    use time::format_description::well_known::Rfc3339;
    let moment = time::OffsetDateTime::parse(&now(), &Rfc3339).map(|now| now.saturating_add(time::Duration::DAY));
    moment.ok().and_then(|moment| moment.format(&Rfc3339).ok()).unwrap_or_else(|| "9999".to_owned())
}

/// Takes over a file: of several that speak of one subject, the newest that could read it counts.
fn take(
    path: &Path,
    file: Contents,
    settled: &mut Settled,
    candidates: &mut Vec<Candidate>,
    at: &mut HashMap<Key, Vec<usize>>,
) {
    settled.files.push(ImportedFile {
        path: path.to_owned(),
        by: file.by.clone(),
        finished: file.finished,
        os: file.os,
        subjects: file.subjects.len(),
        unread: file.subjects.iter().filter(|subject| subject.unread.is_some()).count(),
    });
    for listed in file.subjects {
        let places = at.entry(key(&file.by.machine, &listed.source)).or_default();
        let same = places.iter().copied().find(|&place| {
            candidates.get(place).is_some_and(|known| fits(known.listed.engine.as_ref(), listed.engine.as_ref()))
        });
        let new = Candidate { path: path.to_owned(), by: file.by.clone(), listed, others: Vec::new() };
        let Some(known) = same.and_then(|place| candidates.get_mut(place)) else {
            if !places.is_empty() {
                settled.notes.push(format!(
                    "Two machines call themselves {}: their engines differ, so their subjects are kept apart; give each a name of its own with plimsoll collect --machine.",
                    new.by.machine
                ));
            }
            places.push(candidates.len());
            candidates.push(new);
            continue;
        };
        let counts = match (new.listed.unread.is_some(), known.listed.unread.is_some()) {
            (false, true) => true,
            (true, false) => false,
            _ => new.by.started > known.by.started,
        };
        let mut loser = new;
        if counts {
            std::mem::swap(known, &mut loser);
        }
        known.others.append(&mut loser.others);
        known.others.push(other(&loser.by, loser.listed.unread.as_deref()));
    }
}

fn other(by: &CollectedBy, unread: Option<&str>) -> String {
    match unread {
        Some(reason) => format!("{}, which could not read it: {reason}", told(by)),
        None => told(by),
    }
}

/// Names of subjects; none is given twice.
#[derive(Default)]
struct Names {
    taken: HashMap<String, ()>,
    own: HashMap<String, String>,
}

impl Names {
    fn new_one(&mut self, name: &str, machine: &str) -> String {
        let end = format!(" on {machine}");
        let longer = if name.ends_with(&end) { name.to_owned() } else { format!("{name}{end}") };
        let numbered = (2..).map(|number: u32| format!("{longer} ({number})"));
        let mut choices = [name.to_owned(), longer.clone()].into_iter().chain(numbered);
        let free = choices.find(|choice| !self.taken.contains_key(choice)).unwrap_or(longer);
        self.taken.insert(free.clone(), ());
        free
    }
}

/// How a subject out of the files stands to the engagement.
fn against(
    candidate: Candidate,
    known: &HashMap<Key, Vec<Known>>,
    names: &mut Names,
    notes: &mut Vec<String>,
) -> SettledSubject {
    let Candidate { path, by, listed, mut others } = candidate;
    let all = known.get(&key(&by.machine, &listed.source)).map(Vec::as_slice).unwrap_or_default();
    let same = all.iter().find(|known| fits(known.engine.as_ref(), listed.engine.as_ref()));
    let kind = listed.kind;
    let unread = listed.unread;
    let source = |path: PathBuf| Source::Collected(path, Some(Box::new(listed.source.clone())));
    let Some(same) = same else {
        let name = names.new_one(&listed.name, &by.machine);
        return SettledSubject { source: source(path), name, kind, id: None, standing: Standing::New, unread, others };
    };
    let name = names.own.get(&same.id).cloned().unwrap_or_else(|| listed.name.clone());
    let standing = match &same.by {
        Some(recorded) if unread.is_some() => {
            let why = other(&by, unread.as_deref());
            notes.push(format!("{name}: what is recorded stays ({}), beside {why}.", told(recorded)));
            Standing::Older
        }
        Some(recorded) if recorded.facts_sha256 == listed.facts_sha256 => Standing::Same,
        Some(recorded) if recorded.started >= by.started => {
            notes.push(format!(
                "{name}: what is recorded was collected later ({}) than {}.",
                told(recorded),
                told(&by)
            ));
            Standing::Older
        }
        Some(recorded) => {
            others.push(told(recorded));
            Standing::Newer
        }
        // Never read before: read now, or for another reason not.
        None if unread.is_some() && same.path == path => Standing::Same,
        None => Standing::Newer,
    };
    // The same facts in a file that lies elsewhere now: the subject follows it.
    let stays = standing == Standing::Older || (standing == Standing::Same && same.path.exists());
    let path = if stays { same.path.clone() } else { path };
    SettledSubject { source: source(path), name, kind, id: Some(same.id.clone()), standing, unread, others }
}
