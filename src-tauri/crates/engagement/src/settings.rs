//! What the profile sets for the checks (thresholds, allowances): every version is kept, the latest counts.

use rusqlite::{OptionalExtension, params};
use sha2::{Digest, Sha256};

use crate::error::EngagementError;
use crate::file::{Engagement, now};

impl Engagement {
    /// The settings as JSON; none as long as the program's own apply.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn settings(&self) -> Result<Option<String>, EngagementError> {
        self.db
            .query_row("SELECT json FROM settings ORDER BY version DESC LIMIT 1", [], |row| row.get(0))
            .optional()
            .map_err(|error| self.sql(error))
    }

    /// Sets them. The same settings again are no new version.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn set_settings(&mut self, json: &str) -> Result<(), EngagementError> {
        if self.settings()?.as_deref() == Some(json) {
            return Ok(());
        }
        let sha256 = hex::encode(Sha256::digest(json));
        let author = self.details().auditor.clone();
        let path = self.path().to_owned();
        self.act("settings.changed", &sha256, |tx| {
            let sql = |error| EngagementError::from_sqlite(&path, error);
            tx.execute(
                "INSERT INTO settings (json, sha256, author, at) VALUES (?1, ?2, ?3, ?4)",
                params![json, sha256, author, now()],
            )
            .map_err(sql)?;
            Ok((format!("settings {}", tx.last_insert_rowid()), ()))
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::file::tests::engagement;

    #[test]
    fn the_latest_settings_count_and_all_versions_stay() {
        let (_folder, mut engagement) = engagement();
        assert_eq!(engagement.settings().unwrap(), None);
        engagement.set_settings("{\"a\":1}").unwrap();
        engagement.set_settings("{\"a\":2}").unwrap();
        engagement.set_settings("{\"a\":2}").unwrap();
        assert_eq!(engagement.settings().unwrap().as_deref(), Some("{\"a\":2}"));
        let versions: i64 = engagement.db.query_row("SELECT count(*) FROM settings", [], |row| row.get(0)).unwrap();
        assert_eq!(versions, 2);
        assert!(engagement.db.execute("DELETE FROM settings", []).is_err());
    }
}
