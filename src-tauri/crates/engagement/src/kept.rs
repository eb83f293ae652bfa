//! What the engagement keeps by name: connections to registries, pins of Content Trust roots, acceptances of risks, and
//! categories of images. Every version stays,
//! with who changed it, when and why; the latest counts.

use rusqlite::{OptionalExtension, params};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::error::EngagementError;
use crate::file::{Engagement, now};

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// How a registry is reached, by host. No secrets.
    Connection,
    /// A Content Trust root and the versions seen, by repository (GUN).
    Pin,
    /// A risk that somebody accepts for a time, by its number: `A-1`.
    Acceptance,
    /// To which of the paper's five categories an image belongs, by the subject's id.
    Category,
}

impl Kept {
    fn table(self) -> &'static str {
        match self {
            Self::Connection => "connection",
            Self::Pin => "pin",
            Self::Acceptance => "acceptance",
            Self::Category => "category",
        }
    }
}

#[derive(Serialize)]
struct Change<'a> {
    name: &'a str,
    json_sha256: Option<String>,
    reason: &'a str,
}

impl Engagement {
    /// Everything of a kind that counts: name and JSON, in the order in which the names were first kept.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn kept(&self, kind: Kept) -> Result<Vec<(String, String)>, EngagementError> {
        let table = kind.table();
        let mut query = self
            .db
            .prepare(&format!(
                "SELECT name, json FROM {table} AS k
                 WHERE version = (SELECT max(version) FROM {table} WHERE name = k.name) AND json IS NOT NULL
                 ORDER BY (SELECT min(version) FROM {table} WHERE name = k.name)"
            ))
            .map_err(|error| self.sql(error))?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).map_err(|error| self.sql(error))?;
        rows.collect::<Result<_, _>>().map_err(|error| self.sql(error))
    }

    /// Keeps something under a name, or takes it away when there is no JSON. The same again is no new version.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn keep(&mut self, kind: Kept, name: &str, json: Option<&str>, reason: &str) -> Result<(), EngagementError> {
        let table = kind.table();
        let latest: Option<Option<String>> = self
            .db
            .query_row(
                &format!("SELECT json FROM {table} WHERE name = ?1 ORDER BY version DESC LIMIT 1"),
                [name],
                |row| row.get(0),
            )
            .optional()
            .map_err(|error| self.sql(error))?;
        if latest.unwrap_or_default().as_deref() == json {
            return Ok(());
        }
        let author = self.details().auditor.clone();
        let path = self.path().to_owned();
        let change = Change { name, json_sha256: json.map(|json| hex::encode(Sha256::digest(json))), reason };
        let act = match (kind, json) {
            (Kept::Connection, Some(_)) => "connection.changed",
            (Kept::Connection, None) => "connection.removed",
            (Kept::Pin, Some(_)) => "pin.kept",
            (Kept::Pin, None) => "pin.forgotten",
            (Kept::Acceptance, Some(_)) => "acceptance.recorded",
            (Kept::Acceptance, None) => "acceptance.withdrawn",
            (Kept::Category, Some(_)) => "category.set",
            (Kept::Category, None) => "category.unset",
        };
        self.act(act, &change, |tx| {
            tx.execute(
                &format!("INSERT INTO {table} (name, json, reason, author, at) VALUES (?1, ?2, ?3, ?4, ?5)"),
                params![name, json, reason, author, now()],
            )
            .map_err(|error| EngagementError::from_sqlite(&path, error))?;
            Ok((format!("{table} {name}"), ()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::tests::engagement;

    #[test]
    fn the_latest_version_of_a_name_counts_and_all_versions_stay() {
        let (_folder, mut engagement) = engagement();
        engagement.keep(Kept::Connection, "b.example", Some("{\"a\":1}"), "").unwrap();
        engagement.keep(Kept::Connection, "a.example", Some("{}"), "").unwrap();
        engagement.keep(Kept::Connection, "b.example", Some("{\"a\":2}"), "").unwrap();
        engagement.keep(Kept::Connection, "b.example", Some("{\"a\":2}"), "").unwrap();
        let kept = engagement.kept(Kept::Connection).unwrap();
        assert_eq!(kept, [("b.example".into(), "{\"a\":2}".into()), ("a.example".into(), "{}".into())]);
        engagement.keep(Kept::Connection, "b.example", None, "no longer in scope").unwrap();
        assert_eq!(engagement.kept(Kept::Connection).unwrap().len(), 1);
        let versions: i64 = engagement.db.query_row("SELECT count(*) FROM connection", [], |row| row.get(0)).unwrap();
        assert_eq!(versions, 4);
        assert!(engagement.kept(Kept::Pin).unwrap().is_empty());
        engagement.keep(Kept::Pin, "docker.io/library/x", Some("{}"), "first contact").unwrap();
        assert_eq!(engagement.kept(Kept::Pin).unwrap().len(), 1);
        assert!(engagement.db.execute("DELETE FROM pin", []).is_err());
        assert!(engagement.trail().unwrap().iter().any(|entry| entry.act == "connection.removed"));
        assert_eq!(engagement.broken_link().unwrap(), None);
    }
}
