//! Runs of the audit: the facts that were read and the outcomes computed from them.

use std::collections::BTreeMap;
use std::str::FromStr;

use plimsoll_catalog::{Outcome, OutcomeKind, UseCaseId};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::EngagementError;
use crate::file::{Engagement, now};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunState {
    /// It is going on, or the program was ended in the middle of it.
    Started,
    /// Everything could be read.
    Completed,
    /// Something could not be read.
    CompletedWithErrors,
    /// The auditor stopped it. What it had read is not used.
    Cancelled,
}

impl RunState {
    /// The word as it is recorded.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Started => "started",
            Self::Completed => "completed",
            Self::CompletedWithErrors => "completed-with-errors",
            Self::Cancelled => "cancelled",
        }
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRecord {
    /// UUIDv7.
    pub id: String,
    /// RFC 3339 in UTC.
    pub started: String,
    /// RFC 3339 in UTC; none while it is going on.
    pub finished: Option<String>,
    /// How it ended.
    pub state: RunState,
    /// Subjects that could not be read: id and reason.
    pub errors: Vec<(String, String)>,
}

/// The facts that a run recorded about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FactsRecord {
    /// The run that read them.
    pub run: String,
    /// The subject.
    pub subject: String,
    /// What identifies the subject's content.
    pub digest: Option<String>,
    /// The facts.
    pub json: String,
    /// SHA-256 of `json`, hex.
    pub sha256: String,
    /// RFC 3339 in UTC.
    pub taken_at: String,
}

/// What a run found out about one subject: facts and outcomes, or why there are none.
#[derive(Debug, Clone)]
pub struct RunSubject {
    /// The subject.
    pub subject: String,
    /// Digest and facts as JSON, or the reason why they could not be read.
    pub facts: Result<(Option<String>, String), String>,
    /// The listing of the image's files, compressed; the facts name it by its SHA-256. Kept once however often it is read.
    pub listing: Option<Vec<u8>>,
    /// The outcomes. A subject that could not be read has outcomes too: errors.
    pub outcomes: Vec<Outcome>,
}

#[derive(Serialize)]
struct RunPayload<'a> {
    run: &'a str,
    state: &'static str,
    facts: BTreeMap<&'a str, String>,
    outcomes: BTreeMap<&'a str, String>,
}

/// SHA-256 over what a decision rests on: the outcomes without their subject's id and their order.
#[must_use]
pub fn outcomes_sha256<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> String {
    let mut parts: Vec<String> = outcomes
        .into_iter()
        .map(|o| serde_json::to_string(&(&o.check, o.outcome, &o.observations)).unwrap_or_default())
        .collect();
    parts.sort();
    hex::encode(Sha256::digest(parts.join("\n")))
}

impl Engagement {
    /// Records a finished or cancelled run in one act.
    ///
    /// # Errors
    /// When the file cannot be written; then nothing of the run is recorded.
    pub fn record_run(
        &mut self,
        started: &str,
        state: RunState,
        tool: &str,
        rules_sha256: &str,
        subjects: &[RunSubject],
    ) -> Result<String, EngagementError> {
        let id = uuid::Uuid::now_v7().to_string();
        let payload = RunPayload {
            run: &id,
            state: state.as_str(),
            facts: subjects
                .iter()
                .filter_map(|s| {
                    let (_, json) = s.facts.as_ref().ok()?;
                    Some((s.subject.as_str(), hex::encode(Sha256::digest(json))))
                })
                .collect(),
            outcomes: subjects.iter().map(|s| (s.subject.as_str(), outcomes_sha256(&s.outcomes))).collect(),
        };
        let path = self.path().to_owned();
        let sql = |error| EngagementError::from_sqlite(&path, error);
        self.act("run.finished", &payload, |tx| {
            tx.execute(
                "INSERT INTO run (id, started, finished, state, tool, rules_sha256) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                params![id, started, now(), state.as_str(), tool, rules_sha256],
            )
            .map_err(sql)?;
            for subject in subjects {
                if let Some(bytes) = &subject.listing {
                    tx.execute(
                        "INSERT OR IGNORE INTO blob (sha256, bytes) VALUES (?1, ?2)",
                        params![hex::encode(Sha256::digest(bytes)), bytes],
                    )
                    .map_err(sql)?;
                }
                match &subject.facts {
                    Ok((digest, json)) => tx.execute(
                        "INSERT INTO facts (run, subject, digest, json, sha256, taken_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                        params![id, subject.subject, digest, json, hex::encode(Sha256::digest(json)), now()],
                    ),
                    Err(reason) => tx.execute(
                        "INSERT INTO collect_error (run, subject, message) VALUES (?1, ?2, ?3)",
                        params![id, subject.subject, reason],
                    ),
                }
                .map_err(sql)?;
                // A fleet has many thousands of them: the statement is read once.
                let mut insert = tx
                    .prepare_cached(
                        "INSERT INTO outcome (run, subject, check_id, use_case, outcome, summary, requirements, observations)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                    )
                    .map_err(sql)?;
                for outcome in &subject.outcomes {
                    insert
                        .execute(params![
                            id,
                            subject.subject,
                            outcome.check,
                            outcome.use_case.map(|id| id.to_string()).unwrap_or_default(),
                            outcome.outcome.as_str(),
                            outcome.summary,
                            serde_json::to_string(&outcome.requirements)?,
                            serde_json::to_string(&outcome.observations)?,
                        ])
                        .map_err(sql)?;
                }
            }
            Ok((id.clone(), ()))
        })?;
        Ok(id)
    }

    /// The runs, the latest first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn runs(&self) -> Result<Vec<RunRecord>, EngagementError> {
        let mut errors: BTreeMap<String, Vec<(String, String)>> = BTreeMap::new();
        {
            let mut query = self
                .db
                .prepare("SELECT run, subject, message FROM collect_error ORDER BY rowid")
                .map_err(|e| self.sql(e))?;
            let rows = query
                .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))
                .map_err(|e| self.sql(e))?;
            for row in rows {
                let (run, subject, message) = row.map_err(|e| self.sql(e))?;
                errors.entry(run).or_default().push((subject, message));
            }
        }
        let mut query = self
            .db
            .prepare("SELECT id, started, finished, state FROM run ORDER BY rowid DESC")
            .map_err(|e| self.sql(e))?;
        let rows = query
            .query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?, row.get::<_, String>(3)?)))
            .map_err(|e| self.sql(e))?;
        rows.map(|row| {
            let (id, started, finished, state) = row.map_err(|e| self.sql(e))?;
            let errors = errors.remove(&id).unwrap_or_default();
            Ok(RunRecord { id, started, finished, state: serde_json::from_value(state.into())?, errors })
        })
        .collect()
    }

    /// The outcomes that count: for each subject those of the latest run that was not cancelled.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn outcomes(&self) -> Result<Vec<Outcome>, EngagementError> {
        let mut query = self
            .db
            .prepare(
                "SELECT o.subject, o.check_id, o.use_case, o.outcome, o.summary, o.requirements, o.observations
                 FROM outcome o JOIN subject s ON s.id = o.subject
                 WHERE s.removed_at IS NULL AND o.run = (
                   SELECT r.id FROM run r JOIN outcome x ON x.run = r.id
                   WHERE x.subject = o.subject AND r.state <> 'cancelled' ORDER BY r.rowid DESC LIMIT 1)
                 ORDER BY s.position, o.rowid",
            )
            .map_err(|e| self.sql(e))?;
        let rows = query
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, String>(3)?,
                    row.get::<_, String>(4)?,
                    row.get::<_, String>(5)?,
                    row.get::<_, String>(6)?,
                ))
            })
            .map_err(|e| self.sql(e))?;
        rows.map(|row| {
            let (subject, check, use_case, outcome, summary, requirements, observations) =
                row.map_err(|e| self.sql(e))?;
            let outcome: OutcomeKind = serde_json::from_value(outcome.into())?;
            let use_case = (!use_case.is_empty())
                .then(|| UseCaseId::from_str(&use_case))
                .transpose()
                .map_err(|error| EngagementError::Record(error.to_string()))?;
            Ok(Outcome {
                subject,
                check,
                use_case,
                requirements: serde_json::from_str(&requirements)?,
                outcome,
                summary,
                observations: serde_json::from_str(&observations)?,
            })
        })
        .collect()
    }

    /// The latest facts about a subject; none before the first run that could read it.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn facts(&self, subject: &str) -> Result<Option<FactsRecord>, EngagementError> {
        use rusqlite::OptionalExtension;
        self.db
            .query_row(
                "SELECT f.run, f.subject, f.digest, f.json, f.sha256, f.taken_at FROM facts f JOIN run r ON r.id = f.run
                 WHERE f.subject = ?1 AND r.state <> 'cancelled' ORDER BY r.rowid DESC LIMIT 1",
                [subject],
                |row| {
                    Ok(FactsRecord {
                        run: row.get(0)?,
                        subject: row.get(1)?,
                        digest: row.get(2)?,
                        json: row.get(3)?,
                        sha256: row.get(4)?,
                        taken_at: row.get(5)?,
                    })
                },
            )
            .optional()
            .map_err(|e| self.sql(e))
    }

    /// A recorded listing, by its SHA-256; none if it was never recorded.
    ///
    /// # Errors
    /// When the file cannot be read, or the bytes are not those that were recorded.
    pub fn listing(&self, sha256: &str) -> Result<Option<Vec<u8>>, EngagementError> {
        use rusqlite::OptionalExtension;
        let bytes: Option<Vec<u8>> = self
            .db
            .query_row("SELECT bytes FROM blob WHERE sha256 = ?1", [sha256], |row| row.get(0))
            .optional()
            .map_err(|e| self.sql(e))?;
        match bytes {
            Some(bytes) if hex::encode(Sha256::digest(&bytes)) != sha256 => {
                Err(EngagementError::Record("the stored file listing differs from its hash".to_owned()))
            }
            bytes => Ok(bytes),
        }
    }

    /// Run and digest of the latest facts about a subject, without the facts themselves.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn facts_head(&self, subject: &str) -> Result<Option<(String, Option<String>)>, EngagementError> {
        use rusqlite::OptionalExtension;
        self.db
            .query_row(
                "SELECT f.run, f.digest FROM facts f JOIN run r ON r.id = f.run
                 WHERE f.subject = ?1 AND r.state <> 'cancelled' ORDER BY r.rowid DESC LIMIT 1",
                [subject],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
            .map_err(|e| self.sql(e))
    }
}
