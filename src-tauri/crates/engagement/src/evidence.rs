//! Evidence: immutable attachments with their hash, origin and author.

use std::str::FromStr;

use plimsoll_catalog::decision::Target;
use plimsoll_catalog::{RequirementId, UseCaseId};
use rusqlite::params;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::EngagementError;
use crate::file::{Engagement, now};

/// One item may be at most this many bytes: 64 MiB. Larger things stay beside the engagement, with their hash in it.
pub const LIMIT: u64 = 64 << 20;

/// How evidence came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EvidenceKind {
    /// A file
    File,
    /// Pasted text
    Text,
    /// A pasted picture
    Screenshot,
}

impl EvidenceKind {
    /// The word as it is recorded.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Text => "text",
            Self::Screenshot => "screenshot",
        }
    }
}

/// Evidence to be kept.
#[derive(Debug, Clone)]
pub struct NewEvidence<'a> {
    /// The subject that it is about; none for the engagement as a whole.
    pub subject: Option<&'a str>,
    /// The use case or requirement that it is about.
    pub target: Target,
    /// What it is called.
    pub name: &'a str,
    /// How it came in.
    pub kind: EvidenceKind,
    /// Its media type.
    pub media_type: &'a str,
    /// Where it came from, in the auditor's words; may be empty.
    pub source: &'a str,
    /// The bytes.
    pub bytes: &'a [u8],
}

/// One item of evidence, without its bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EvidenceRecord {
    /// From 1; printed as `E-1`.
    pub number: u32,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// Bytes.
    pub size: u64,
    /// Its media type.
    pub media_type: String,
    /// What it is called.
    pub name: String,
    /// How it came in.
    pub kind: EvidenceKind,
    /// Where it came from.
    pub source: String,
    /// Who brought it in.
    pub author: String,
    /// RFC 3339 in UTC.
    pub at: String,
    /// What it is about: subject and target.
    pub links: Vec<(Option<String>, Target)>,
}

#[derive(Serialize)]
struct Payload<'a> {
    sha256: &'a str,
    name: &'a str,
    size: usize,
    subject: Option<&'a str>,
    target: String,
}

/// Reads a target back from its short form: `B3` or `3.11`.
///
/// # Errors
/// When it is neither.
pub fn target_from_str(text: &str) -> Result<Target, EngagementError> {
    UseCaseId::from_str(text)
        .map(Target::UseCase)
        .or_else(|_| RequirementId::from_str(text).map(Target::Requirement))
        .map_err(|_| EngagementError::Unknown { what: "use case or requirement", id: text.to_owned() })
}

impl Engagement {
    /// Keeps an item of evidence, hashed on its way in and read back once to compare. Gives its number.
    ///
    /// # Errors
    /// When it is empty or too large, the subject is unknown, or the file cannot be written.
    pub fn add_evidence(&mut self, new: &NewEvidence<'_>) -> Result<u32, EngagementError> {
        if new.bytes.is_empty() {
            return Err(EngagementError::EmptyEvidence(new.name.to_owned()));
        }
        let size = new.bytes.len() as u64;
        if size > LIMIT {
            return Err(EngagementError::EvidenceTooLarge { name: new.name.to_owned(), size, limit: LIMIT });
        }
        if let Some(subject) = new.subject {
            self.subject(subject)?;
        }
        let sha256 = hex::encode(Sha256::digest(new.bytes));
        let author = self.details().auditor.clone();
        let path = self.path().to_owned();
        let sql = |error| EngagementError::from_sqlite(&path, error);
        let payload = Payload {
            sha256: &sha256,
            name: new.name,
            size: new.bytes.len(),
            subject: new.subject,
            target: new.target.to_string(),
        };
        self.act("evidence.added", &payload, |tx| {
            tx.execute("INSERT OR IGNORE INTO blob (sha256, bytes) VALUES (?1, ?2)", params![sha256, new.bytes])
                .map_err(sql)?;
            let stored: Vec<u8> = tx
                .query_row("SELECT bytes FROM blob WHERE sha256 = ?1", [&sha256], |row| row.get(0))
                .map_err(sql)?;
            if stored != new.bytes {
                return Err(EngagementError::Record(format!("the stored bytes of \"{}\" differ", new.name)));
            }
            tx.execute(
                "INSERT INTO evidence (sha256, size, media_type, name, kind, source, author, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![sha256, size as i64, new.media_type, new.name, new.kind.as_str(), new.source, author, now()],
            )
            .map_err(sql)?;
            let number = tx.last_insert_rowid();
            tx.execute(
                "INSERT INTO evidence_link (evidence, subject, target, author, at) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![number, new.subject, new.target.to_string(), author, now()],
            )
            .map_err(sql)?;
            Ok((format!("E-{number}"), u32::try_from(number).unwrap_or(u32::MAX)))
        })
    }

    /// All evidence in order.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn evidence(&self) -> Result<Vec<EvidenceRecord>, EngagementError> {
        let mut query = self
            .db
            .prepare(
                "SELECT number, sha256, size, media_type, name, kind, source, author, at FROM evidence ORDER BY number",
            )
            .map_err(|e| self.sql(e))?;
        let rows = query
            .query_map([], |row| {
                Ok((
                    row.get::<_, String>(5)?,
                    EvidenceRecord {
                        number: row.get(0)?,
                        sha256: row.get(1)?,
                        size: u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default(),
                        media_type: row.get(3)?,
                        name: row.get(4)?,
                        kind: EvidenceKind::File,
                        source: row.get(6)?,
                        author: row.get(7)?,
                        at: row.get(8)?,
                        links: Vec::new(),
                    },
                ))
            })
            .map_err(|e| self.sql(e))?;
        let mut records: Vec<EvidenceRecord> = Vec::new();
        for row in rows {
            let (kind, record) = row.map_err(|e| self.sql(e))?;
            records.push(EvidenceRecord { kind: serde_json::from_value(kind.into())?, ..record });
        }
        let mut query = self
            .db
            .prepare("SELECT evidence, subject, target FROM evidence_link ORDER BY rowid")
            .map_err(|e| self.sql(e))?;
        let links = query
            .query_map([], |row| {
                Ok((row.get::<_, u32>(0)?, row.get::<_, Option<String>>(1)?, row.get::<_, String>(2)?))
            })
            .map_err(|e| self.sql(e))?;
        for link in links {
            let (number, subject, target) = link.map_err(|e| self.sql(e))?;
            let target = target_from_str(&target)?;
            if let Some(record) = records.iter_mut().find(|record| record.number == number) {
                record.links.push((subject, target));
            }
        }
        Ok(records)
    }

    /// The bytes of one item. They are hashed again on their way out.
    ///
    /// # Errors
    /// When there is no such item, or its bytes are no longer those that were taken in.
    pub fn evidence_bytes(&self, number: u32) -> Result<Vec<u8>, EngagementError> {
        use rusqlite::OptionalExtension;
        let (sha256, bytes): (String, Vec<u8>) = self
            .db
            .query_row(
                "SELECT b.sha256, b.bytes FROM evidence e JOIN blob b ON b.sha256 = e.sha256 WHERE e.number = ?1",
                [number],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()
            .map_err(|e| self.sql(e))?
            .ok_or_else(|| EngagementError::Unknown { what: "evidence", id: format!("E-{number}") })?;
        if hex::encode(Sha256::digest(&bytes)) != sha256 {
            return Err(EngagementError::Damaged {
                path: self.path().to_owned(),
                reason: format!("the bytes of E-{number} do not match their SHA-256"),
            });
        }
        Ok(bytes)
    }
}
