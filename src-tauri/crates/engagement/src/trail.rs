//! The trail: an append-only, hash-chained record of every act in the engagement.
//!
//! `hash = SHA-256(previous ‖ canonical JSON of [engagement, seq, at, actor, act, object, payload_sha256])`, hex. It shows
//! any later change against a head that was anchored outside the file, such as one printed in an issued report; it
//! cannot stop the owner of the file from rewriting everything before the first anchor.

use rusqlite::{Transaction, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::EngagementError;
use crate::file::{Engagement, now};

/// One act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Who.
    pub actor: String,
    /// What: `decision.recorded`, `run.finished` …
    pub act: String,
    /// On what.
    pub object: String,
    /// SHA-256 of the act's data as JSON, hex.
    pub payload_sha256: String,
    /// The hash of the entry before; 64 zeros for the first.
    pub previous: String,
    /// The hash of this entry.
    pub hash: String,
}

/// The hash before the first entry.
fn genesis() -> String {
    "0".repeat(64)
}

fn hash_of(engagement: &str, entry: &Entry) -> Result<String, EngagementError> {
    let body = serde_json::to_vec(&(
        engagement,
        entry.seq,
        &entry.at,
        &entry.actor,
        &entry.act,
        &entry.object,
        &entry.payload_sha256,
    ))?;
    let mut hash = Sha256::new();
    hash.update(entry.previous.as_bytes());
    hash.update(body);
    Ok(hex::encode(hash.finalize()))
}

/// Adds one act within the transaction that does it.
pub(crate) fn append(
    tx: &Transaction<'_>,
    engagement: &str,
    actor: &str,
    act: &str,
    object: &str,
    payload: &impl Serialize,
) -> Result<(), EngagementError> {
    let last: Option<(i64, String)> = {
        use rusqlite::OptionalExtension;
        tx.query_row("SELECT seq, hash FROM trail ORDER BY seq DESC LIMIT 1", [], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()
            .map_err(EngagementError::Database)?
    };
    let (last_seq, previous) = last.unwrap_or_else(|| (0, genesis()));
    let mut entry = Entry {
        seq: u64::try_from(last_seq + 1).unwrap_or(1),
        at: now(),
        actor: actor.to_owned(),
        act: act.to_owned(),
        object: object.to_owned(),
        payload_sha256: hex::encode(Sha256::digest(serde_json::to_vec(payload)?)),
        previous,
        hash: String::new(),
    };
    entry.hash = hash_of(engagement, &entry)?;
    tx.execute(
        "INSERT INTO trail (seq, at, actor, act, object, payload_sha256, previous, hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![last_seq + 1, entry.at, entry.actor, entry.act, entry.object, entry.payload_sha256, entry.previous, entry.hash],
    )
    .map_err(EngagementError::Database)?;
    Ok(())
}

impl Engagement {
    /// All acts, the first one first.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn trail(&self) -> Result<Vec<Entry>, EngagementError> {
        let mut query = self
            .db
            .prepare("SELECT seq, at, actor, act, object, payload_sha256, previous, hash FROM trail ORDER BY seq")
            .map_err(|e| self.sql(e))?;
        let rows = query
            .query_map([], |row| {
                Ok(Entry {
                    seq: u64::try_from(row.get::<_, i64>(0)?).unwrap_or_default(),
                    at: row.get(1)?,
                    actor: row.get(2)?,
                    act: row.get(3)?,
                    object: row.get(4)?,
                    payload_sha256: row.get(5)?,
                    previous: row.get(6)?,
                    hash: row.get(7)?,
                })
            })
            .map_err(|e| self.sql(e))?;
        rows.collect::<Result<_, _>>().map_err(|e| self.sql(e))
    }

    /// Number of entries and the last one's hash.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn trail_head(&self) -> Result<(u64, String), EngagementError> {
        Ok(self.trail()?.pop().map_or_else(|| (0, genesis()), |entry| (entry.seq, entry.hash)))
    }

    /// Computes the chain again. Gives the first entry that does not fit, if there is one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn broken_link(&self) -> Result<Option<u64>, EngagementError> {
        let mut previous = genesis();
        for (expected, entry) in (1_u64..).zip(self.trail()?) {
            if entry.seq != expected || entry.previous != previous || hash_of(self.id(), &entry)? != entry.hash {
                return Ok(Some(entry.seq));
            }
            previous = entry.hash;
        }
        Ok(None)
    }
}
