//! Vulnerabilities as the window and the results show them: matches, treated and rated, page by page.

use std::path::Path;

use crate::error::WorkbenchError;
use crate::job::Job;
use crate::session::Session;
use crate::vulnerability_view::{
    AcceptanceView, ComparisonView, ImportEnded, NewAcceptance, VulnerabilityPage, VulnerabilityQuery,
    VulnerabilityView,
};

fn not_yet<T>() -> Result<T, WorkbenchError> {
    Err(WorkbenchError::Input("This is not built yet.".to_owned()))
}

impl Session {
    /// A page of rows over the engagement or one subject.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn vulnerabilities(&self, _query: &VulnerabilityQuery) -> Result<VulnerabilityPage, WorkbenchError> {
        Ok(VulnerabilityPage::default())
    }

    /// One row, opened.
    ///
    /// # Errors
    /// When there is none.
    pub fn vulnerability(&self, _subject: &str, _key: u32) -> Result<VulnerabilityView, WorkbenchError> {
        not_yet()
    }

    /// The acceptances that count.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn acceptances(&self) -> Result<Vec<AcceptanceView>, WorkbenchError> {
        Ok(Vec::new())
    }

    /// Accepts a risk for a time; gives its number.
    ///
    /// # Errors
    /// When owner, reason or expiry are missing or make no sense.
    pub fn accept_risk(&mut self, _new: &NewAcceptance) -> Result<String, WorkbenchError> {
        not_yet()
    }

    /// Takes an acceptance back.
    ///
    /// # Errors
    /// When there is none, or no reason is given.
    pub fn withdraw_acceptance(&mut self, _id: &str, _reason: &str) -> Result<(), WorkbenchError> {
        not_yet()
    }

    /// Sets the category of a subject; none: what the program guesses.
    ///
    /// # Errors
    /// When there is no such subject or category.
    pub fn set_category(&mut self, _subject: &str, _category: Option<&str>) -> Result<(), WorkbenchError> {
        not_yet()
    }

    /// Scanners' results among the evidence, each compared with a subject's matches. Lines only with `lines`.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn comparisons(&self, _subject: &str, _lines: bool) -> Result<Vec<ComparisonView>, WorkbenchError> {
        Ok(Vec::new())
    }

    /// Writes a subject's bill of materials: `cyclonedx` or `spdx`.
    ///
    /// # Errors
    /// When there is no inventory, or the file cannot be written.
    pub fn export_sbom(&self, _subject: &str, _format: &str, _path: &Path) -> Result<(), WorkbenchError> {
        not_yet()
    }

    /// Matches all subjects again with the database as it is now, on the facts of the last run: a new run that reads
    /// no image.
    ///
    /// # Errors
    /// When there is no run, or the engagement cannot be written.
    pub fn match_again(&mut self, _database: Option<&Path>) -> Result<(), WorkbenchError> {
        not_yet()
    }
}

pub use crate::database::{database_view, default_database, import};

/// Fetches sources by their ids and imports them.
///
/// # Errors
/// When one cannot be reached, or what it serves is refused; then the database is as it was.
pub async fn update(database: &Path, sources: &[String], job: &Job) -> Result<ImportEnded, WorkbenchError> {
    let plan = crate::update::plan(database, sources, None)?;
    crate::update::update(database, &plan, job).await
}
