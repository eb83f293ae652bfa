//! Making and opening the file, its particulars, and the subjects.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use plimsoll_catalog::{Level, Profile, SubjectKind};
use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, params};
use serde::Serialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::EngagementError;
use crate::trail;

/// Marks the file as ours: "Plim" in ASCII.
const APPLICATION_ID: i64 = 0x506c_696d;
/// The newest layout that this program knows.
const VERSION: i64 = 5;
/// What each layout after the first adds, in order.
const LATER: [&str; 4] = [
    include_str!("schema_2.sql"),
    include_str!("schema_3.sql"),
    include_str!("schema_4.sql"),
    include_str!("schema_5.sql"),
];

/// What the auditor says about the job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Details {
    /// The engagement's title.
    pub title: String,
    /// Who ordered it.
    pub client: String,
    /// What is to be audited; may be empty.
    pub scope: String,
    /// Who audits.
    pub auditor: String,
    /// The auditor's firm; may be empty.
    pub organization: String,
    /// The level that the client aims at.
    pub target_level: Level,
    /// What is measured against.
    pub profile: Profile,
    /// Whether it is the sample that the program brings.
    pub sample: bool,
}

/// One thing under audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// Stable id within the engagement: `s1`, `s2` …
    pub id: String,
    /// What kind of thing it is.
    pub kind: SubjectKind,
    /// What it is called.
    pub name: String,
    /// Where it comes from, in transport syntax.
    pub source: String,
    /// The Dockerfile beside an image.
    pub dockerfile: Option<String>,
    /// The build context.
    pub context: Option<String>,
    /// The platform to take of a multi-platform image: `linux/arm64`.
    pub platform: Option<String>,
    /// Files given beside a Docker host: `daemon.json`, unit files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// A subject to be added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewSubject {
    /// What kind of thing it is.
    pub kind: SubjectKind,
    /// What it is called.
    pub name: String,
    /// Where it comes from, in transport syntax.
    pub source: String,
    /// The Dockerfile beside an image.
    pub dockerfile: Option<String>,
    /// The build context.
    pub context: Option<String>,
    /// The platform to take of a multi-platform image: `linux/arm64`.
    pub platform: Option<String>,
    /// Files given beside a Docker host: `daemon.json`, unit files.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// An open engagement. It holds the file's lock until it is dropped.
#[derive(Debug)]
pub struct Engagement {
    pub(crate) db: Connection,
    path: PathBuf,
    details: Details,
    id: String,
}

/// Now, as it is recorded: RFC 3339 in UTC, to the second.
pub(crate) fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default()
}

impl Engagement {
    /// Makes a new engagement. The file must not exist yet.
    ///
    /// # Errors
    /// When the file exists, its folder does not, or it cannot be written.
    pub fn create(path: &Path, details: Details) -> Result<Self, EngagementError> {
        if path.exists() {
            return Err(EngagementError::Exists(path.to_owned()));
        }
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty())
            && !folder.is_dir()
        {
            return Err(EngagementError::NoFolder(folder.to_owned()));
        }
        let made = Self::create_in(path, details);
        if made.is_err() {
            // Nothing half-made stays behind.
            let _ = std::fs::remove_file(path);
        }
        made
    }

    fn create_in(path: &Path, details: Details) -> Result<Self, EngagementError> {
        let sql = |error| EngagementError::from_sqlite(path, error);
        let mut db = Connection::open(path).map_err(sql)?;
        Self::configure(&db).map_err(sql)?;
        let id = uuid::Uuid::now_v7().to_string();
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive).map_err(sql)?;
        tx.execute_batch(include_str!("schema.sql")).map_err(sql)?;
        for later in LATER {
            tx.execute_batch(later).map_err(sql)?;
        }
        tx.pragma_update(None, "application_id", APPLICATION_ID).map_err(sql)?;
        tx.pragma_update(None, "user_version", VERSION).map_err(sql)?;
        let level = details.target_level.number().to_string();
        let rows = [
            ("id", id.as_str()),
            ("created", &now()),
            ("title", &details.title),
            ("client", &details.client),
            ("scope", &details.scope),
            ("auditor", &details.auditor),
            ("organization", &details.organization),
            ("target_level", &level),
            ("profile", details.profile.as_str()),
            ("sample", if details.sample { "1" } else { "0" }),
        ];
        for (name, value) in rows {
            tx.execute("INSERT INTO meta (name, value) VALUES (?1, ?2)", params![name, value]).map_err(sql)?;
        }
        trail::append(&tx, &id, &details.auditor, "engagement.created", &id, &details)?;
        tx.commit().map_err(sql)?;
        Ok(Self { db, path: path.to_owned(), details, id })
    }

    /// Opens an engagement for work.
    ///
    /// # Errors
    /// When it is missing, something else, newer than this program, open elsewhere, or damaged.
    pub fn open(path: &Path) -> Result<Self, EngagementError> {
        if !path.is_file() {
            return Err(EngagementError::NotFound(path.to_owned()));
        }
        let sql = |error| EngagementError::from_sqlite(path, error);
        let mut db = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(sql)?;
        let application: i64 = db.pragma_query_value(None, "application_id", |row| row.get(0)).map_err(sql)?;
        if application != APPLICATION_ID {
            return Err(EngagementError::NotAnEngagement(path.to_owned()));
        }
        let version: i64 = db.pragma_query_value(None, "user_version", |row| row.get(0)).map_err(sql)?;
        if version > VERSION {
            return Err(EngagementError::Newer { path: path.to_owned(), found: version, known: VERSION });
        }
        if db.is_readonly(rusqlite::MAIN_DB).map_err(sql)? {
            return Err(EngagementError::ReadOnly(path.to_owned()));
        }
        Self::configure(&db).map_err(sql)?;
        // Taking the write lock once shows at once whether somebody else has the file open.
        db.execute_batch("BEGIN EXCLUSIVE; COMMIT;").map_err(sql)?;
        let check: String = db.pragma_query_value(None, "quick_check", |row| row.get(0)).map_err(sql)?;
        if check != "ok" {
            return Err(EngagementError::Damaged { path: path.to_owned(), reason: check });
        }
        let (id, details) = Self::read_details(&db, path)?;
        Self::upgrade(&mut db, path, version, &id, &details)?;
        Ok(Self { db, path: path.to_owned(), details, id })
    }

    /// Brings an older file to the newest layout, all steps or none. What was recorded stays as it is.
    fn upgrade(
        db: &mut Connection,
        path: &Path,
        version: i64,
        id: &str,
        details: &Details,
    ) -> Result<(), EngagementError> {
        let done = usize::try_from(version - 1).unwrap_or(0);
        let Some(steps) = LATER.get(done..).filter(|steps| !steps.is_empty()) else { return Ok(()) };
        let sql = |error| EngagementError::from_sqlite(path, error);
        let tx = db.transaction_with_behavior(rusqlite::TransactionBehavior::Exclusive).map_err(sql)?;
        for step in steps {
            tx.execute_batch(step).map_err(sql)?;
        }
        tx.pragma_update(None, "user_version", VERSION).map_err(sql)?;
        trail::append(&tx, id, &details.auditor, "engagement.upgraded", id, &(version, VERSION))?;
        tx.commit().map_err(sql)
    }

    /// The settings of each connection. The lock is held for as long as the engagement is open: two people cannot
    /// silently overwrite each other's work. `synchronous = FULL` in rollback mode survives a power cut.
    fn configure(db: &Connection) -> rusqlite::Result<()> {
        db.busy_timeout(std::time::Duration::from_millis(200))?;
        db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        db.pragma_update(None, "journal_mode", "DELETE")?;
        db.pragma_update(None, "synchronous", "FULL")?;
        db.pragma_update(None, "foreign_keys", true)?;
        db.pragma_update(None, "trusted_schema", false)
    }

    fn read_details(db: &Connection, path: &Path) -> Result<(String, Details), EngagementError> {
        let value = |name: &str| -> Result<String, EngagementError> {
            db.query_row("SELECT value FROM meta WHERE name = ?1", [name], |row| row.get(0))
                .optional()
                .map_err(|error| EngagementError::from_sqlite(path, error))?
                .ok_or_else(|| EngagementError::Record(format!("\"{name}\" is missing")))
        };
        let level: u8 = value("target_level")?.parse().map_err(|_| EngagementError::Record("target_level".into()))?;
        let details = Details {
            title: value("title")?,
            client: value("client")?,
            scope: value("scope")?,
            auditor: value("auditor")?,
            organization: value("organization")?,
            target_level: Level::try_from(level).map_err(|error| EngagementError::Record(error.to_string()))?,
            profile: Profile::from_str(&value("profile")?).map_err(|e| EngagementError::Record(e.to_string()))?,
            sample: value("sample")? == "1",
        };
        Ok((value("id")?, details))
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The engagement's id (UUIDv7).
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the auditor said about the job.
    #[must_use]
    pub fn details(&self) -> &Details {
        &self.details
    }

    pub(crate) fn sql(&self, error: rusqlite::Error) -> EngagementError {
        EngagementError::from_sqlite(&self.path, error)
    }

    /// Does one act: all of it, with its line in the trail, or nothing.
    pub(crate) fn act<T>(
        &mut self,
        act: &str,
        payload: &impl Serialize,
        work: impl FnOnce(&Transaction<'_>) -> Result<(String, T), EngagementError>,
    ) -> Result<T, EngagementError> {
        let path = self.path.clone();
        let sql = |error| EngagementError::from_sqlite(&path, error);
        let tx = self.db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).map_err(sql)?;
        let (object, result) = work(&tx)?;
        trail::append(&tx, &self.id, &self.details.auditor, act, &object, payload)?;
        tx.commit().map_err(sql)?;
        Ok(result)
    }

    /// The subjects, in the order in which they were added.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn subjects(&self) -> Result<Vec<Subject>, EngagementError> {
        let mut query = self
            .db
            .prepare_cached(
                "SELECT id, kind, name, source, dockerfile, context, platform, files FROM subject WHERE removed_at IS NULL ORDER BY position",
            )
            .map_err(|e| self.sql(e))?;
        let rows = query
            .query_map([], |row| {
                let kind: String = row.get(1)?;
                Ok((
                    kind,
                    row.get(0)?,
                    row.get(2)?,
                    row.get(3)?,
                    row.get(4)?,
                    row.get(5)?,
                    row.get(6)?,
                    row.get::<_, Option<String>>(7)?,
                ))
            })
            .map_err(|e| self.sql(e))?;
        rows.map(|row| {
            let (kind, id, name, source, dockerfile, context, platform, files) = row.map_err(|e| self.sql(e))?;
            let files = files.map(|json| serde_json::from_str(&json)).transpose()?.unwrap_or_default();
            Ok(Subject { id, kind: kind_from_str(&kind)?, name, source, dockerfile, context, platform, files })
        })
        .collect()
    }

    /// One subject.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn subject(&self, id: &str) -> Result<Subject, EngagementError> {
        self.subjects()?
            .into_iter()
            .find(|subject| subject.id == id)
            .ok_or_else(|| EngagementError::Unknown { what: "subject", id: id.to_owned() })
    }

    /// Adds a subject. One with the same source and Dockerfile is not added twice: its id is given back.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn add_subject(&mut self, new: &NewSubject) -> Result<String, EngagementError> {
        if let Some(known) = self.subjects()?.into_iter().find(|s| {
            s.source == new.source
                && s.dockerfile == new.dockerfile
                && s.context == new.context
                && s.platform == new.platform
                && s.files == new.files
        }) {
            return Ok(known.id);
        }
        let path = self.path.clone();
        self.act("subject.added", new, |tx| {
            let sql = |error| EngagementError::from_sqlite(&path, error);
            let position: i64 =
                tx.query_row("SELECT ifnull(max(position), 0) + 1 FROM subject", [], |row| row.get(0)).map_err(sql)?;
            let id = format!("s{position}");
            let files = (!new.files.is_empty()).then(|| serde_json::to_string(&new.files)).transpose()?;
            tx.execute(
                "INSERT INTO subject (id, position, kind, name, source, dockerfile, context, platform, files, added_at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                params![
                    id,
                    position,
                    new.kind.as_str(),
                    new.name,
                    new.source,
                    new.dockerfile,
                    new.context,
                    new.platform,
                    files,
                    now()
                ],
            )
            .map_err(sql)?;
            Ok((id.clone(), id))
        })
    }

    /// Takes a subject out of the engagement. What was recorded about it stays in the file.
    ///
    /// # Errors
    /// When there is none with this id.
    pub fn remove_subject(&mut self, id: &str) -> Result<(), EngagementError> {
        self.subject(id)?;
        let path = self.path.clone();
        self.act("subject.removed", &id, |tx| {
            tx.execute("UPDATE subject SET removed_at = ?2 WHERE id = ?1", params![id, now()])
                .map_err(|error| EngagementError::from_sqlite(&path, error))?;
            Ok((id.to_owned(), ()))
        })
    }
}

/// Reads the word for a kind of subject back.
fn kind_from_str(word: &str) -> Result<SubjectKind, EngagementError> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(EngagementError::from)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::{EvidenceKind, NewDecision, NewEvidence, RunState, runs::RunSubject};
    use plimsoll_catalog::decision::Target;
    use plimsoll_catalog::{Conclusion, Outcome, OutcomeKind, UseCaseId};

    fn details() -> Details {
        Details {
            title: "Web shop".into(),
            client: "ACME".into(),
            scope: String::new(),
            auditor: "Ada Auditor".into(),
            organization: String::new(),
            target_level: Level::One,
            profile: Profile::Image,
            sample: false,
        }
    }
    /// A new engagement; the folder goes when it is dropped.
    pub(crate) fn engagement() -> (tempfile::TempDir, Engagement) {
        let folder = tempfile::tempdir().unwrap();
        let engagement = Engagement::create(&folder.path().join("job.plimsoll"), details()).unwrap();
        (folder, engagement)
    }

    #[test]
    fn a_file_of_the_first_layout_is_brought_up_and_keeps_what_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.plimsoll");
        let mut old = Engagement::create(&path, details()).unwrap();
        let id = old.add_subject(&image("a")).unwrap();
        old.db
            .execute_batch("DROP TABLE settings; DROP TABLE connection; DROP TABLE pin; DROP TABLE acceptance; DROP TABLE category; ALTER TABLE subject DROP COLUMN platform; ALTER TABLE subject DROP COLUMN files; PRAGMA user_version = 1")
            .unwrap();
        drop(old);
        let mut engagement = Engagement::open(&path).unwrap();
        assert_eq!(engagement.subjects().unwrap()[0].id, id);
        engagement.set_settings("{}").unwrap();
        assert_eq!(engagement.broken_link().unwrap(), None);
        assert_eq!(engagement.trail().unwrap().iter().filter(|entry| entry.act == "engagement.upgraded").count(), 1);
        drop(engagement);
        assert_eq!(Engagement::open(&path).unwrap().trail().unwrap().len(), 4);
    }

    fn image(source: &str) -> NewSubject {
        NewSubject {
            kind: SubjectKind::Image,
            name: source.into(),
            source: source.into(),
            dockerfile: None,
            context: None,
            platform: None,
            files: Vec::new(),
        }
    }
    fn outcome(subject: &str, kind: OutcomeKind) -> Outcome {
        Outcome {
            subject: subject.into(),
            check: "base-image-pinned".into(),
            use_case: Some(UseCaseId::B1),
            requirements: vec!["3.6".parse().unwrap()],
            outcome: kind,
            summary: "seen".into(),
            observations: vec![],
        }
    }
    fn run_of(subject: &str, digest: &str, kind: OutcomeKind) -> RunSubject {
        RunSubject {
            subject: subject.into(),
            facts: Ok((Some(digest.into()), "{}".into())),
            listing: Some(b"files".to_vec()),
            outcomes: vec![outcome(subject, kind)],
        }
    }

    #[test]
    fn what_was_recorded_is_there_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("job.plimsoll");
        let mut engagement = Engagement::create(&path, details()).unwrap();
        let id = engagement.add_subject(&image("docker-archive:a.tar")).unwrap();
        assert_eq!(engagement.add_subject(&image("docker-archive:a.tar")).unwrap(), id);
        engagement
            .record_run(&now(), RunState::Completed, "t", "r", &[run_of(&id, "sha256:1", OutcomeKind::Pass)])
            .unwrap();
        drop(engagement);
        let engagement = Engagement::open(&path).unwrap();
        assert_eq!(engagement.details(), &details());
        assert_eq!(engagement.subjects().unwrap().len(), 1);
        assert_eq!(engagement.outcomes().unwrap(), [outcome(&id, OutcomeKind::Pass)]);
        assert_eq!(engagement.facts(&id).unwrap().unwrap().digest.as_deref(), Some("sha256:1"));
        let sha256 = hex::encode(<sha2::Sha256 as sha2::Digest>::digest(b"files"));
        assert_eq!(engagement.listing(&sha256).unwrap().as_deref(), Some(b"files".as_slice()));
        assert_eq!(engagement.listing("00").unwrap(), None);
        assert_eq!(engagement.broken_link().unwrap(), None);
    }

    #[test]
    fn a_decision_goes_stale_with_the_digest_and_with_the_outcomes_and_no_run_touches_it() {
        let folder = tempfile::tempdir().unwrap();
        let mut engagement = Engagement::create(&folder.path().join("job.plimsoll"), details()).unwrap();
        let id = engagement.add_subject(&image("a")).unwrap();
        let run = |engagement: &mut Engagement, digest: &str, kind, state| {
            engagement.record_run(&now(), state, "t", "r", &[run_of(&id, digest, kind)]).unwrap();
            let outcomes = engagement.outcomes().unwrap();
            engagement.decisions(&outcomes).unwrap().first().map(|decision| decision.fresh)
        };
        assert_eq!(run(&mut engagement, "sha256:1", OutcomeKind::Undecided, RunState::Completed), None);
        let new = NewDecision {
            subject: Some("s1".into()),
            target: Target::UseCase(UseCaseId::B1),
            conclusion: Conclusion::Satisfied,
            rationale: "seen in the build log".into(),
        };
        assert_eq!(engagement.decide(&new).unwrap(), 1);
        assert_eq!(run(&mut engagement, "sha256:1", OutcomeKind::Undecided, RunState::Completed), Some(true));
        assert_eq!(run(&mut engagement, "sha256:2", OutcomeKind::Undecided, RunState::Cancelled), Some(true));
        assert_eq!(run(&mut engagement, "sha256:2", OutcomeKind::Undecided, RunState::Completed), Some(false));
        assert_eq!(run(&mut engagement, "sha256:1", OutcomeKind::Fail, RunState::Completed), Some(false));
        assert_eq!(engagement.decide(&new).unwrap(), 2);
        assert_eq!(engagement.decision_records().unwrap().len(), 2);
    }

    #[test]
    fn a_decision_without_a_reason_and_empty_evidence_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let mut engagement = Engagement::create(&folder.path().join("job.plimsoll"), details()).unwrap();
        let target = Target::UseCase(UseCaseId::B1);
        let refused = engagement.decide(&NewDecision {
            subject: None,
            target,
            conclusion: Conclusion::Satisfied,
            rationale: "  ".into(),
        });
        assert!(matches!(refused, Err(EngagementError::NoRationale)));
        let mut evidence = NewEvidence {
            subject: None,
            target,
            name: "log",
            kind: EvidenceKind::Text,
            media_type: "text/plain",
            source: "",
            bytes: b"",
        };
        assert!(matches!(engagement.add_evidence(&evidence), Err(EngagementError::EmptyEvidence(_))));
        evidence.bytes = b"docker build --no-cache";
        assert_eq!(engagement.add_evidence(&evidence).unwrap(), 1);
        assert_eq!(engagement.evidence_bytes(1).unwrap(), evidence.bytes);
        assert!(engagement.trail().unwrap().iter().all(|entry| entry.act != "decision.recorded"));
    }

    #[test]
    fn what_was_recorded_cannot_be_changed_through_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let mut engagement = Engagement::create(&folder.path().join("job.plimsoll"), details()).unwrap();
        let id = engagement.add_subject(&image("a")).unwrap();
        engagement.record_run(&now(), RunState::Completed, "t", "r", &[run_of(&id, "d", OutcomeKind::Fail)]).unwrap();
        for statement in [
            "UPDATE outcome SET outcome = 'pass'",
            "DELETE FROM outcome",
            "UPDATE facts SET json = '[]'",
            "DELETE FROM trail",
            "UPDATE run SET state = 'completed'",
            "DELETE FROM subject",
        ] {
            assert!(engagement.db.execute(statement, []).is_err(), "{statement}");
        }
        engagement
            .db
            .execute_batch("DROP TRIGGER trail_is_never_changed; UPDATE trail SET actor = 'Eve' WHERE seq = 2")
            .unwrap();
        assert_eq!(engagement.broken_link().unwrap(), Some(2));
    }

    #[test]
    fn other_files_are_refused_with_the_reason() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.plimsoll");
        assert!(matches!(Engagement::open(&path), Err(EngagementError::NotFound(_))));
        std::fs::write(&path, "this is no database, though it is long enough to look like a file").unwrap();
        assert!(matches!(Engagement::open(&path), Err(EngagementError::NotAnEngagement(_))));
        std::fs::remove_file(&path).unwrap();
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        assert!(matches!(Engagement::open(&path), Err(EngagementError::NotAnEngagement(_))));
        std::fs::remove_file(&path).unwrap();
        let made = Engagement::create(&path, details()).unwrap();
        assert!(matches!(Engagement::open(&path), Err(EngagementError::Locked(_))));
        assert!(matches!(Engagement::create(&path, details()), Err(EngagementError::Exists(_))));
        made.db.pragma_update(None, "user_version", 99).unwrap();
        drop(made);
        assert!(matches!(Engagement::open(&path), Err(EngagementError::Newer { found: 99, .. })));
        let nowhere = folder.path().join("none/x.plimsoll");
        assert!(matches!(Engagement::create(&nowhere, details()), Err(EngagementError::NoFolder(_))));
    }
}
