//! Decisions: versions, never overwritten, and what they rest on.

use plimsoll_catalog::decision::Target;
use plimsoll_catalog::{Conclusion, Decision, DecisionState, Outcome, standards};
use rusqlite::params;
use serde::Serialize;

use crate::error::EngagementError;
use crate::evidence::target_from_str;
use crate::file::{Engagement, now};
use crate::runs::outcomes_sha256;

/// A decision to be recorded.
#[derive(Debug, Clone, Serialize)]
pub struct NewDecision {
    /// The subject; none for the engagement as a whole.
    pub subject: Option<String>,
    /// What it is about.
    pub target: Target,
    /// What was concluded.
    pub conclusion: Conclusion,
    /// Why.
    pub rationale: String,
}

/// One version of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionRecord {
    /// The subject; none for the engagement as a whole.
    pub subject: Option<String>,
    /// What it is about.
    pub target: Target,
    /// From 1.
    pub version: u32,
    /// What was concluded.
    pub conclusion: Conclusion,
    /// Why.
    pub rationale: String,
    /// How far it has come.
    pub state: DecisionState,
    /// Who.
    pub author: String,
    /// RFC 3339 in UTC.
    pub at: String,
    /// The run whose facts it rests on.
    pub run: Option<String>,
    /// The digest that it rests on.
    pub digest: Option<String>,
    /// SHA-256 of the outcomes that it rests on.
    pub outcomes_sha256: Option<String>,
    /// SHA-256 of the requirement's or use case's wording.
    pub text_sha256: String,
    /// Numbers of the evidence that lay before the auditor.
    pub evidence: Vec<u32>,
}

/// What a decision rests on at a moment.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Basis {
    run: Option<String>,
    digest: Option<String>,
    outcomes_sha256: Option<String>,
    text_sha256: String,
}

/// SHA-256 of the wording that a decision is about.
fn text_sha256(target: Target) -> String {
    match target {
        Target::Requirement(id) => {
            standards().requirement(id).map(plimsoll_catalog::Requirement::text_sha256).unwrap_or_default()
        }
        Target::UseCase(id) => {
            use sha2::{Digest, Sha256};
            let statement = &standards().use_case(id).statement;
            hex::encode(Sha256::digest(format!("{}\0{}", statement.en, statement.de)))
        }
    }
}

/// Whether an outcome speaks to a target.
fn speaks_to(outcome: &Outcome, target: Target) -> bool {
    match target {
        Target::UseCase(id) => outcome.use_case == Some(id),
        Target::Requirement(id) => outcome.requirements.contains(&id),
    }
}

impl Engagement {
    fn basis(&self, subject: Option<&str>, target: Target, outcomes: &[Outcome]) -> Result<Basis, EngagementError> {
        let text_sha256 = text_sha256(target);
        let Some(subject) = subject else { return Ok(Basis { text_sha256, ..Basis::default() }) };
        let (run, digest) = self.facts_head(subject)?.unzip();
        let relevant: Vec<_> = outcomes.iter().filter(|o| o.subject == subject && speaks_to(o, target)).collect();
        Ok(Basis {
            run,
            digest: digest.flatten(),
            outcomes_sha256: (!relevant.is_empty()).then(|| outcomes_sha256(relevant)),
            text_sha256,
        })
    }

    /// Records a new version of a decision, in state `prepared`, with what it rests on. Gives its version.
    ///
    /// # Errors
    /// When it has no rationale, the subject or target is unknown, or the file cannot be written.
    pub fn decide(&mut self, new: &NewDecision) -> Result<u32, EngagementError> {
        if new.rationale.trim().is_empty() {
            return Err(EngagementError::NoRationale);
        }
        if let Some(subject) = &new.subject {
            self.subject(subject)?;
        }
        if let Target::Requirement(id) = new.target
            && standards().requirement(id).is_none()
        {
            return Err(EngagementError::Unknown { what: "requirement", id: id.to_string() });
        }
        let basis = self.basis(new.subject.as_deref(), new.target, &self.outcomes()?)?;
        let evidence: Vec<u32> = self
            .evidence()?
            .into_iter()
            .filter(|e| e.links.iter().any(|(s, t)| *t == new.target && (*s == new.subject || s.is_none())))
            .map(|e| e.number)
            .collect();
        let author = self.details().auditor.clone();
        let path = self.path().to_owned();
        let sql = |error| EngagementError::from_sqlite(&path, error);
        let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let conclusion = word(serde_json::to_value(new.conclusion)?);
        let state = word(serde_json::to_value(DecisionState::Prepared)?);
        self.act("decision.recorded", new, |tx| {
            let version: u32 = tx
                .query_row(
                    "SELECT ifnull(max(version), 0) + 1 FROM decision WHERE subject IS ?1 AND target = ?2",
                    params![new.subject, new.target.to_string()],
                    |row| row.get(0),
                )
                .map_err(sql)?;
            tx.execute(
                "INSERT INTO decision (subject, target, version, conclusion, rationale, state, author, at, run, digest,
                 outcomes_sha256, text_sha256, evidence) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
                params![
                    new.subject,
                    new.target.to_string(),
                    version,
                    conclusion,
                    new.rationale.trim(),
                    state,
                    author,
                    now(),
                    basis.run,
                    basis.digest,
                    basis.outcomes_sha256,
                    basis.text_sha256,
                    serde_json::to_string(&evidence)?,
                ],
            )
            .map_err(sql)?;
            let subject = new.subject.as_deref().unwrap_or("engagement");
            Ok((format!("{subject}/{}/{version}", new.target), version))
        })
    }

    /// All versions of all decisions, the latest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn decision_records(&self) -> Result<Vec<DecisionRecord>, EngagementError> {
        let mut query = self
            .db
            .prepare(
                "SELECT subject, target, version, conclusion, rationale, state, author, at, run, digest, outcomes_sha256,
                 text_sha256, evidence FROM decision ORDER BY id DESC",
            )
            .map_err(|e| self.sql(e))?;
        let rows = query
            .query_map([], |row| {
                let words = (
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, String>(5)?,
                    row.get::<_, String>(12)?,
                );
                Ok((
                    words,
                    DecisionRecord {
                        subject: row.get(0)?,
                        target: Target::UseCase(plimsoll_catalog::UseCaseId::A1),
                        version: row.get(2)?,
                        conclusion: Conclusion::Inconclusive,
                        rationale: row.get(4)?,
                        state: DecisionState::Draft,
                        author: row.get(6)?,
                        at: row.get(7)?,
                        run: row.get(8)?,
                        digest: row.get(9)?,
                        outcomes_sha256: row.get(10)?,
                        text_sha256: row.get(11)?,
                        evidence: Vec::new(),
                    },
                ))
            })
            .map_err(|e| self.sql(e))?;
        rows.map(|row| {
            let ((target, conclusion, state, evidence), record) = row.map_err(|e| self.sql(e))?;
            Ok(DecisionRecord {
                target: target_from_str(&target)?,
                conclusion: serde_json::from_value(conclusion.into())?,
                state: serde_json::from_value(state.into())?,
                evidence: serde_json::from_str(&evidence)?,
                ..record
            })
        })
        .collect()
    }

    /// Whether what a decision rested on is still the same.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn is_fresh(&self, record: &DecisionRecord, outcomes: &[Outcome]) -> Result<bool, EngagementError> {
        let basis = self.basis(record.subject.as_deref(), record.target, outcomes)?;
        Ok(basis.digest == record.digest
            && basis.outcomes_sha256 == record.outcomes_sha256
            && basis.text_sha256 == record.text_sha256)
    }

    /// The current version of each decision, as the algebra wants it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn decisions(&self, outcomes: &[Outcome]) -> Result<Vec<Decision>, EngagementError> {
        let mut seen = std::collections::BTreeSet::new();
        let mut current = Vec::new();
        for record in self.decision_records()? {
            if seen.insert((record.subject.clone(), record.target)) {
                let fresh = self.is_fresh(&record, outcomes)?;
                current.push(Decision {
                    subject: record.subject,
                    target: record.target,
                    conclusion: record.conclusion,
                    rationale: record.rationale,
                    state: record.state,
                    fresh,
                });
            }
        }
        Ok(current)
    }
}
