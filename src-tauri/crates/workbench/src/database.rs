//! The advisory database as the auditor sees it: where it lies, what is in it, importing into it.

use std::path::{Path, PathBuf};

use plimsoll_advisories::SourceState;
use plimsoll_advisories::store::{self, Database, Imported, Watch};

use crate::acceptances::today;
use crate::collect::now;
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::scan_state::age;
use crate::session::small;
use crate::updates;
use crate::vulnerability_view::{DatabaseView, FeedView, ImportEnded};

/// Where the advisory database is kept unless the auditor says otherwise.
#[must_use]
pub fn default_database() -> PathBuf {
    crate::settings::data_folder().join("advisories.db")
}

/// What is in a database.
///
/// # Errors
/// When there is none, or it cannot be used.
pub fn status(path: &Path) -> Result<DatabaseView, WorkbenchError> {
    let state = Database::open(path)?.state()?;
    let size = std::fs::metadata(path).map(|metadata| metadata.len()).unwrap_or_default();
    Ok(DatabaseView {
        path: path.display().to_string(),
        exists: true,
        problem: String::new(),
        size: plimsoll_checks::figures::bytes(size),
        id: state.id,
        sources: state.sources.iter().map(feed).collect(),
        updates: updates::views(),
    })
}

/// What is in a database, for a window that shows it whatever it finds.
#[must_use]
pub fn database_view(path: &Path) -> DatabaseView {
    status(path).unwrap_or_else(|error| DatabaseView {
        path: path.display().to_string(),
        exists: path.exists(),
        problem: if path.exists() { error.to_string() } else { String::new() },
        updates: updates::views(),
        ..DatabaseView::default()
    })
}

fn feed(source: &SourceState) -> FeedView {
    FeedView {
        feed: source.feed.clone(),
        title: source.title.clone(),
        snapshot: source.snapshot.clone().unwrap_or_default(),
        age_days: age(source, today()),
        imported: source.imported.clone(),
        origin: source.origin.clone(),
        sha256: source.sha256.clone(),
        records: small(source.records),
        ecosystems: source.ecosystems.clone(),
    }
}

/// An import's progress and cancellation, tied to a job.
pub(crate) struct JobWatch<'a>(pub(crate) &'a Job);

impl Watch for JobWatch<'_> {
    fn tell(&self, what: &str, done: u64, total: u64) {
        self.0.at(1, 1, what).tell("Importing advisories", done, total);
    }

    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}

pub(crate) fn ended(database: &Path, imported: Imported) -> ImportEnded {
    ImportEnded {
        database: database_view(database),
        written: imported.written.into_iter().map(|source| (source.title, small(source.records))).collect(),
        unchanged: imported.unchanged.into_iter().map(|source| source.title).collect(),
        notes: imported.notes,
    }
}

/// Makes the folder of a database that is to be written.
pub(crate) fn make_folder(database: &Path) -> Result<(), WorkbenchError> {
    if database.is_dir() {
        return Err(WorkbenchError::IsFolder(database.to_owned()));
    }
    let Some(folder) = database.parent().filter(|folder| !folder.as_os_str().is_empty()) else { return Ok(()) };
    // The default's folder is the program's own; any other the auditor named, and a slip of the pen makes no folders.
    if database == default_database() {
        return std::fs::create_dir_all(folder)
            .map_err(|source| WorkbenchError::Write { path: folder.to_owned(), source });
    }
    if folder.is_dir() { Ok(()) } else { Err(WorkbenchError::NoFolder(folder.to_owned())) }
}

/// Imports files and folders into a database.
///
/// # Errors
/// When something given is refused; then the database is as it was.
pub fn import(database: &Path, inputs: &[PathBuf], job: &Job) -> Result<ImportEnded, WorkbenchError> {
    if inputs.is_empty() {
        return Err(WorkbenchError::Input("Name a file or folder with advisories to import.".to_owned()));
    }
    if let Some(missing) = inputs.iter().find(|path| !path.exists()) {
        return Err(WorkbenchError::NoFile(missing.clone()));
    }
    make_folder(database)?;
    let imported = store::import(database, inputs, &now(), &JobWatch(job))?;
    Ok(ended(database, imported))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_of_nothing_or_into_nowhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("advisories.db");
        let job = Job::silent();
        assert!(import(&database, &[], &job).is_err());
        assert!(import(&database, &[folder.path().join("none.json")], &job).is_err());
        let given = folder.path().join("x.json");
        std::fs::write(&given, "{}").unwrap();
        assert!(import(&folder.path().join("no/advisories.db"), std::slice::from_ref(&given), &job).is_err());
        assert!(import(folder.path(), &[given], &job).is_err());
        assert!(!database.exists());
    }

    #[test]
    fn a_database_that_is_not_there_is_shown_as_that() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("advisories.db");
        let view = database_view(&path);
        assert!(!view.exists && view.problem.is_empty() && !view.updates.is_empty());
        std::fs::write(&path, "no database").unwrap();
        let view = database_view(&path);
        assert!(view.exists && !view.problem.is_empty());
        assert!(status(&path).is_err());
    }
}
