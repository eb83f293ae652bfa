//! Vulnerabilities as the window and the results show them: matches, treated and rated, page by page.

mod detail;
pub(crate) mod names;
mod query;
pub(crate) mod table;

use std::path::Path;
use std::sync::{Arc, PoisonError};

use plimsoll_checks::Facts;
use plimsoll_engagement::{EngagementError, Kept, RunState};

pub(crate) use table::Table;

use crate::acceptances::{self, Wanted};
use crate::bill::{self, Format};
use crate::collect::now;
use crate::comparing;
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::origin::CATEGORIES;
use crate::results::{facts_of, tree_of};
use crate::run::{Found, record};
use crate::scanning::{Advisories, Matcher};
use crate::session::{Session, small, word};
use crate::settings::write_whole;
use crate::spoken;
use crate::vulnerability_view::{
    AcceptanceView, ComparedView, ComparisonView, ImportEnded, NewAcceptance, VulnerabilityPage, VulnerabilityQuery,
    VulnerabilityView,
};

pub use crate::database::{database_view, default_database, import};

impl Session {
    /// The rows of the engagement as it is now; computed again only when something that they rest on has changed.
    pub(crate) fn table(&self) -> Result<Arc<Table>, WorkbenchError> {
        let state = table::state(&self.engagement, self.language)?;
        let mut kept = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(table) = kept.as_ref().filter(|table| table.state == state) {
            return Ok(table.clone());
        }
        let table = Arc::new(Table::of(&self.engagement, self.language, state)?);
        *kept = Some(table.clone());
        Ok(table)
    }

    /// A page of rows over the engagement or one subject.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn vulnerabilities(&self, query: &VulnerabilityQuery) -> Result<VulnerabilityPage, WorkbenchError> {
        Ok(self.table()?.page(query))
    }

    /// One row, opened.
    ///
    /// # Errors
    /// When there is none.
    pub fn vulnerability(&self, subject: &str, key: u32) -> Result<VulnerabilityView, WorkbenchError> {
        let unknown = || EngagementError::Unknown { what: "vulnerability", id: format!("{subject} {key}") };
        Ok(self.table()?.detail(subject, key).ok_or_else(unknown)?)
    }

    /// The acceptances that count.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn acceptances(&self) -> Result<Vec<AcceptanceView>, WorkbenchError> {
        let subjects = self.engagement.subjects()?;
        let name = |id: &str| subjects.iter().find(|s| s.id == id).map_or_else(|| id.to_owned(), |s| s.name.clone());
        let all = spoken::acceptances(&self.engagement)?;
        if all.is_empty() {
            return Ok(Vec::new());
        }
        let table = self.table()?;
        let view = |acceptance| detail::acceptance_view(acceptance, name);
        Ok(all.iter().map(|of| AcceptanceView { rows: table.accepted(&of.id), ..view(of) }).collect())
    }

    /// Accepts a risk for a time; gives its number.
    ///
    /// # Errors
    /// When owner, reason or expiry are missing or make no sense.
    pub fn accept_risk(&mut self, new: &NewAcceptance) -> Result<String, WorkbenchError> {
        let wanted = Wanted {
            vulnerability: new.vulnerability.clone(),
            package: Some(new.package.clone()),
            subject: Some(new.subject.clone()),
            owner: new.owner.clone(),
            expires: new.expires.clone(),
            reason: new.reason.clone(),
        };
        acceptances::accept(&mut self.engagement, &wanted)
    }

    /// Takes an acceptance back.
    ///
    /// # Errors
    /// When there is none, or no reason is given.
    pub fn withdraw_acceptance(&mut self, id: &str, reason: &str) -> Result<(), WorkbenchError> {
        acceptances::withdraw(&mut self.engagement, id, reason)
    }

    /// Sets the category of a subject; none: what the program guesses.
    ///
    /// # Errors
    /// When there is no such subject or category.
    pub fn set_category(&mut self, subject: &str, category: Option<&str>) -> Result<(), WorkbenchError> {
        self.engagement.subject(subject)?;
        let json = match category.map(str::trim).filter(|category| !category.is_empty()) {
            Some(category) if CATEGORIES.contains(&category) => {
                Some(serde_json::to_string(category).map_err(EngagementError::from)?)
            }
            Some(other) => {
                return Err(WorkbenchError::Input(format!(
                    "\"{other}\" is no category; choose one of {}.",
                    CATEGORIES.join(", ")
                )));
            }
            None => None,
        };
        Ok(self.engagement.keep(Kept::Category, subject, json.as_deref(), "")?)
    }

    /// Scanners' results among the evidence, each compared with a subject's matches. Lines only with `lines`.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn comparisons(&self, subject: &str, lines: bool) -> Result<Vec<ComparisonView>, WorkbenchError> {
        self.engagement.subject(subject)?;
        let brought = comparing::brought(&self.engagement)?;
        if brought.is_empty() {
            return Ok(Vec::new());
        }
        let table = self.table()?;
        let subjects: Vec<(&str, &Facts)> =
            table.subjects.iter().filter_map(|of| Some((of.id.as_str(), of.facts.as_ref()?))).collect();
        let all = comparing::comparisons(&brought, &subjects, &table.settings);
        let view = |of: comparing::ComparisonResult| ComparisonView {
            evidence: of.evidence,
            tool: [Some(of.tool), of.version].into_iter().flatten().collect::<Vec<_>>().join(" "),
            artifact: of.artifact.unwrap_or_default(),
            database: of.database.unwrap_or_default(),
            same_image: word(&of.same_image),
            both: small(of.both as u64),
            only_ours: small(of.only_ours as u64),
            only_theirs: small(of.only_theirs as u64),
            lines: if lines { of.lines.into_iter().map(line).collect() } else { Vec::new() },
            notes: of.notes,
        };
        Ok(all.into_iter().filter(|of| of.subject == subject).map(view).collect())
    }

    /// Writes a subject's bill of materials: `cyclonedx` or `spdx`.
    ///
    /// # Errors
    /// When there is no inventory, or the file cannot be written.
    pub fn export_sbom(&self, subject: &str, format: &str, path: &Path) -> Result<(), WorkbenchError> {
        let format: Format = format.parse().map_err(WorkbenchError::Input)?;
        let known = self.engagement.subject(subject)?;
        let facts = facts_of(&self.engagement, subject)?
            .ok_or_else(|| WorkbenchError::Input("This subject was not read yet; run the audit first.".to_owned()))?;
        let settings = crate::run::settings(&self.engagement)?;
        let matched = facts.vulnerabilities.as_ref().is_some_and(|scan| scan.database.is_some());
        let author = &self.engagement.details().auditor;
        let text = bill::of_facts(&known.name, subject, author, &facts, &settings, format, matched)?;
        write_whole(path, text.as_bytes(), false)
    }

    /// Matches all subjects again with the database as it is now, on the facts of the last run: a new run that reads
    /// no image.
    ///
    /// # Errors
    /// When there is no run, or the engagement cannot be written.
    pub fn match_again(&mut self, database: Option<&Path>) -> Result<(), WorkbenchError> {
        let started = now();
        let last = self.engagement.runs()?.into_iter().find(|run| run.state != RunState::Cancelled);
        let last = last.ok_or_else(|| {
            WorkbenchError::Input("Nothing was read yet that could be matched again; run the audit first.".to_owned())
        })?;
        let chosen = database.or(self.database.as_deref());
        let matcher = Matcher::open(&Advisories::named(chosen))?;
        let (mut subjects, mut found) = (Vec::new(), Vec::new());
        for subject in self.engagement.subjects()? {
            let facts = match last.errors.iter().find(|(id, _)| *id == subject.id) {
                Some((_, reason)) => Err(WorkbenchError::Input(reason.clone())),
                None => match facts_of(&self.engagement, &subject.id)? {
                    Some(facts) => Ok(self.matched_again(facts, &matcher)?),
                    // It came after the last run.
                    None => continue,
                },
            };
            subjects.push(subject.id);
            found.push(Found { facts });
        }
        record(&mut self.engagement, &started, &subjects, &mut found)?;
        Ok(())
    }

    fn matched_again(&self, mut facts: Facts, matcher: &Matcher) -> Result<Facts, WorkbenchError> {
        facts.tree = tree_of(&self.engagement, &facts)?;
        let found = facts.inventory().map(|inventory| matcher.match_inventory(inventory, &now()));
        facts.vulnerabilities = found;
        Ok(facts)
    }

    /// Names the advisory database that runs match against from now on; none: the default one.
    pub fn use_database(&mut self, path: Option<&Path>) {
        self.database = path.map(Path::to_owned);
    }
}

fn line(line: comparing::LineResult) -> ComparedView {
    ComparedView {
        by: line.by.to_owned(),
        id: line.id,
        package: line.package,
        version: line.version,
        our_severity: line.our_severity.unwrap_or_default(),
        their_severity: line.their_severity.unwrap_or_default(),
        why: line.why.unwrap_or_default(),
    }
}

/// Fetches sources by their ids and imports them.
///
/// # Errors
/// When one cannot be reached, or what it serves is refused; then the database is as it was.
pub async fn update(database: &Path, sources: &[String], job: &Job) -> Result<ImportEnded, WorkbenchError> {
    let plan = crate::update::plan(database, sources, None)?;
    crate::update::update(database, &plan, job).await
}

#[cfg(test)]
mod tests;
