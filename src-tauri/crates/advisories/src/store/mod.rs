//! The advisory database: one SQLite file, imported into in one transaction, read by many.
//!
//! * `schema` is its tables, and whether a file is ours;
//! * `place` makes the new state beside the old one and puts it in its place in one step;
//! * `input` walks files, folders and archives, `unpack` undoes compression, both with bounds;
//! * `job` reads documents in one thread and hands them to `write` in another;
//! * `read` answers the matching.

mod input;
mod job;
mod place;
mod read;
mod replace;
mod schema;
mod unpack;
mod write;

use std::path::{Path, PathBuf};

use plimsoll_packages::Inventory;
use rusqlite::Connection;

use crate::error::AdvisoryError;
use crate::facts::{DatabaseState, SourceState, VulnerabilityFacts};
use crate::matching::{About, Details, Known, Row, Wanted};

/// How an import tells its progress, and hears that it was cancelled.
pub trait Watch {
    /// What is being read, and how far: bytes of the document or members of the archive.
    fn tell(&self, what: &str, done: u64, total: u64);
    /// Whether to stop.
    fn is_cancelled(&self) -> bool;
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Imported {
    /// Feeds that were written.
    pub written: Vec<SourceState>,
    /// Feeds that were there already, in the same state.
    pub unchanged: Vec<SourceState>,
    /// What was passed over, one sentence each ("README.md is no advisory data").
    pub notes: Vec<String>,
}

/// Something to import, with the name under which it is recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    /// The file or folder.
    pub path: PathBuf,
    /// The name for [`SourceState::origin`]: a web address, for what was fetched into a temporary file. None: the
    /// path's last part.
    pub origin: Option<String>,
}

/// The database, open for reading.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
    connection: Connection,
}

impl Database {
    /// Opens a database that there is.
    ///
    /// # Errors
    /// When there is none, or it is not ours.
    pub fn open(path: &Path) -> Result<Self, AdvisoryError> {
        Ok(Self { connection: schema::open(path)?, path: path.to_owned() })
    }

    /// What is in it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn state(&self) -> Result<DatabaseState, AdvisoryError> {
        read::state(&self.connection, &self.path).map_err(|error| self.broken(&error))
    }

    /// What it knows of ecosystems.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn known(&self, ecosystems: &[Wanted]) -> Result<Vec<Known>, AdvisoryError> {
        read::known(&self.connection, ecosystems).map_err(|error| self.broken(&error))
    }

    /// The rows of given packages. Withdrawn records give none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn rows(&self, wanted: &[Wanted]) -> Result<Vec<Row>, AdvisoryError> {
        read::rows(&self.connection, wanted).map_err(|error| self.broken(&error))
    }

    /// Records in full.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn details(&self, records: &[i64]) -> Result<Vec<Details>, AdvisoryError> {
        read::details(&self.connection, records).map_err(|error| self.broken(&error))
    }

    /// What is said of CVEs beside the records. CVEs of which nothing is said have no entry.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn about(&self, cves: &[String]) -> Result<Vec<About>, AdvisoryError> {
        read::about(&self.connection, cves).map_err(|error| self.broken(&error))
    }

    /// Matches an inventory: reads what is needed and lets [`crate::matching`] decide. `at` is RFC 3339.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn match_inventory(&self, inventory: &Inventory, at: &str) -> Result<VulnerabilityFacts, AdvisoryError> {
        // One transaction, so that everything is read in one state.
        let _reading = self.connection.unchecked_transaction().map_err(|error| self.broken(&error))?;
        let wanted = crate::matching::wanted(inventory);
        let known = self.known(&wanted)?;
        let rows = self.rows(&wanted)?;
        let hits = crate::matching::hits(inventory, &known, &rows);
        let details = self.details(&crate::matching::needed(&rows, &hits))?;
        let about = self.about(&crate::matching::cves(&details))?;
        let mut state = self.state()?;
        // Facts travel: the name of the file says enough.
        if let Some(name) = self.path.file_name() {
            state.path = name.to_string_lossy().into_owned();
        }
        Ok(crate::matching::facts(inventory, &known, &rows, hits, &details, &about, state, at))
    }

    fn broken(&self, error: &rusqlite::Error) -> AdvisoryError {
        schema::broken(&self.path, error)
    }
}

/// Imports files, folders and archives into a database, which is made if there is none. All or nothing: after an error
/// the database is as it was. `at` is RFC 3339.
///
/// Documents of one feed in one call are its new state, and replace what there was of it. A single record given
/// directly, outside a folder or archive, is added to its feed; of two with one id the one that was changed last counts.
///
/// # Errors
/// When something given is unknown, broken or out of bounds (the place is named), the database cannot be written, or
/// the job is cancelled.
pub fn import(database: &Path, inputs: &[PathBuf], at: &str, watch: &dyn Watch) -> Result<Imported, AdvisoryError> {
    let inputs: Vec<Input> = inputs.iter().map(|path| Input { path: path.clone(), origin: None }).collect();
    import_named(database, &inputs, at, watch)
}

/// As [`import`], for inputs that were not named by a person.
///
/// # Errors
/// As [`import`].
pub fn import_named(database: &Path, inputs: &[Input], at: &str, watch: &dyn Watch) -> Result<Imported, AdvisoryError> {
    job::run(database, inputs, at, watch)
}

#[cfg(test)]
mod tests;
