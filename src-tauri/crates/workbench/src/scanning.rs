//! Matching what was read against the advisory database of a run: opened once, the same for every subject.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use plimsoll_advisories::VulnerabilityFacts;
use plimsoll_advisories::store::Database;
use plimsoll_checks::Facts;
use plimsoll_packages::Inventory;

use crate::collect::now;
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::vulnerabilities::default_database;

/// Which advisory database a run matches against.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Advisories {
    /// The default one, if there is one.
    #[default]
    Default,
    /// This one. It must be there.
    File(PathBuf),
    /// None, as the auditor wants it.
    None,
}

impl Advisories {
    /// The one that was named, or else the default.
    #[must_use]
    pub fn named(path: Option<&Path>) -> Self {
        path.map_or(Self::Default, |path| Self::File(path.to_owned()))
    }
}

/// A database that is open, or the reason why there is none. Cloning it gives another handle on the same one.
#[derive(Debug, Clone)]
pub(crate) struct Matcher {
    database: Result<Arc<Mutex<Database>>, String>,
}

impl Matcher {
    /// Opens the database.
    ///
    /// # Errors
    /// When one was named and cannot be used. The default one may be missing or broken: then the facts say so.
    pub(crate) fn open(advisories: &Advisories) -> Result<Self, WorkbenchError> {
        let database = match advisories {
            Advisories::File(path) => Ok(Database::open(path)?),
            Advisories::None => Err("The audit was run without an advisory database, as it was told to.".to_owned()),
            Advisories::Default => {
                let path = default_database();
                if path.exists() {
                    Database::open(&path).map_err(|error| format!("{error}."))
                } else {
                    Err("There is no advisory database, so nothing was matched; make one with plimsoll advisories import PATH."
                        .to_owned())
                }
            }
        };
        Ok(Self { database: database.map(|database| Arc::new(Mutex::new(database))) })
    }

    /// What is known of an inventory, at a moment (RFC 3339).
    pub(crate) fn match_inventory(&self, inventory: &Inventory, at: &str) -> VulnerabilityFacts {
        let without = |problem: &str| plimsoll_advisories::matching::without_database(inventory, problem, at);
        match &self.database {
            Ok(database) => {
                let database = database.lock().unwrap_or_else(PoisonError::into_inner);
                database.match_inventory(inventory, at).unwrap_or_else(|error| without(&format!("{error}.")))
            }
            Err(problem) => without(problem),
        }
    }

    /// Adds to a subject's facts what is known of its inventory, on a thread of its own. Without an inventory there is
    /// nothing to know.
    pub(crate) async fn add_to(&self, mut facts: Facts, job: &Job) -> Result<Facts, WorkbenchError> {
        if facts.inventory().is_none() {
            return Ok(facts);
        }
        job.tell("Matching against the advisory database", 0, 0);
        let matcher = self.clone();
        let matching = tokio::task::spawn_blocking(move || {
            let found = facts.inventory().map(|inventory| matcher.match_inventory(inventory, &now()));
            facts.vulnerabilities = found;
            facts
        });
        matching.await.map_err(|error| WorkbenchError::Stopped(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_database_that_is_named_must_be_there_and_none_is_said() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("advisories.db");
        assert!(Matcher::open(&Advisories::File(path)).is_err());
        let facts = Matcher::open(&Advisories::None).unwrap().match_inventory(&Inventory::default(), "2026-11-24");
        assert!(facts.database.is_none());
        assert!(facts.problem.unwrap().contains("without an advisory database"));
    }
}
