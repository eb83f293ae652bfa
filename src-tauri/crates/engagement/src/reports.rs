//! Reports that were issued from the engagement.

use rusqlite::params;
use serde::Serialize;

use crate::error::EngagementError;
use crate::file::{Engagement, now};

/// One issued report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReportRecord {
    /// From 1; printed as `R-1`.
    pub number: u32,
    /// Where it was written.
    pub path: String,
    /// SHA-256 of the signed file, hex.
    pub sha256: String,
    /// SHA-256 of the state that it was made from, hex.
    pub snapshot: String,
    /// Who signed it.
    pub signer: String,
    /// Its pages.
    pub pages: u32,
    /// RFC 3339 in UTC.
    pub at: String,
}

impl Engagement {
    /// The number that the next report will carry.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn next_report(&self) -> Result<u32, EngagementError> {
        self.db
            .query_row("SELECT ifnull(max(number), 0) + 1 FROM report", [], |row| row.get(0))
            .map_err(|e| self.sql(e))
    }

    /// Records a report that was written and signed.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn record_report(&mut self, report: &ReportRecord) -> Result<(), EngagementError> {
        let path = self.path().to_owned();
        self.act("report.issued", report, |tx| {
            tx.execute(
                "INSERT INTO report (number, path, sha256, snapshot, signer, pages, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![report.number, report.path, report.sha256, report.snapshot, report.signer, report.pages, now()],
            )
            .map_err(|error| EngagementError::from_sqlite(&path, error))?;
            Ok((format!("R-{}", report.number), ()))
        })
    }

    /// The issued reports, the latest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn reports(&self) -> Result<Vec<ReportRecord>, EngagementError> {
        let mut query = self
            .db
            .prepare("SELECT number, path, sha256, snapshot, signer, pages, at FROM report ORDER BY number DESC")
            .map_err(|e| self.sql(e))?;
        let rows = query
            .query_map([], |row| {
                Ok(ReportRecord {
                    number: row.get(0)?,
                    path: row.get(1)?,
                    sha256: row.get(2)?,
                    snapshot: row.get(3)?,
                    signer: row.get(4)?,
                    pages: row.get(5)?,
                    at: row.get(6)?,
                })
            })
            .map_err(|e| self.sql(e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.sql(e))
    }
}
