//! The advisory database: one SQLite file, imported into in one transaction, read by many.

use std::path::{Path, PathBuf};

use plimsoll_packages::Inventory;

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

/// The database, open for reading.
#[derive(Debug)]
pub struct Database {
    path: PathBuf,
}

impl Database {
    /// Opens a database that there is.
    ///
    /// # Errors
    /// When there is none, or it is not ours.
    pub fn open(path: &Path) -> Result<Self, AdvisoryError> {
        Err(AdvisoryError::NoDatabase(path.to_owned()))
    }

    /// What is in it.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn state(&self) -> Result<DatabaseState, AdvisoryError> {
        Err(AdvisoryError::NoDatabase(self.path.clone()))
    }

    /// What it knows of ecosystems.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn known(&self, _ecosystems: &[Wanted]) -> Result<Vec<Known>, AdvisoryError> {
        Ok(Vec::new())
    }

    /// The rows of given packages. Withdrawn records give none.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn rows(&self, _wanted: &[Wanted]) -> Result<Vec<Row>, AdvisoryError> {
        Ok(Vec::new())
    }

    /// Records in full.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn details(&self, _records: &[i64]) -> Result<Vec<Details>, AdvisoryError> {
        Ok(Vec::new())
    }

    /// What is said of CVEs beside the records.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn about(&self, _cves: &[String]) -> Result<Vec<About>, AdvisoryError> {
        Ok(Vec::new())
    }

    /// Matches an inventory: reads what is needed and lets [`crate::matching`] decide. `at` is RFC 3339.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn match_inventory(&self, inventory: &Inventory, at: &str) -> Result<VulnerabilityFacts, AdvisoryError> {
        Ok(crate::matching::without_database(inventory, "not yet built", at))
    }
}

/// Imports files, folders and archives into a database, which is made if there is none. All or nothing: after an error
/// the database is as it was. `at` is RFC 3339.
///
/// # Errors
/// When something given is unknown, broken or out of bounds (the place is named), the database cannot be written, or
/// the job is cancelled.
pub fn import(database: &Path, _inputs: &[PathBuf], _at: &str, _watch: &dyn Watch) -> Result<Imported, AdvisoryError> {
    Err(AdvisoryError::NoDatabase(database.to_owned()))
}
