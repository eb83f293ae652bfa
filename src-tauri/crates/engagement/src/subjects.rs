//! Many subjects in one act: those of facts files are added, and follow their newest file, all at once.

use std::collections::{HashMap, HashSet};

use rusqlite::params;
use serde::Serialize;

use crate::error::EngagementError;
use crate::file::{Engagement, NewSubject, now};

/// A subject whose source is another one from now on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct MovedSubject {
    /// Its id.
    pub id: String,
    /// The new source, in transport syntax.
    pub source: String,
}

/// What makes two subjects one and the same.
type Key<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>, &'a [String]);

fn key(s: &NewSubject) -> Key<'_> {
    (&s.source, s.dockerfile.as_deref(), s.context.as_deref(), s.platform.as_deref(), &s.files)
}

impl Engagement {
    /// Adds subjects in one act. One that is there already (see [`Engagement::add_subject`]) is not added twice. Gives
    /// their ids, in the order in which the subjects were given.
    ///
    /// # Errors
    /// When the file cannot be written; then none was added.
    pub fn add_subjects(&mut self, new: &[NewSubject]) -> Result<Vec<String>, EngagementError> {
        let known = self.subjects()?;
        let mut ids: HashMap<Key<'_>, String> = known
            .iter()
            .map(|s| ((&*s.source, s.dockerfile.as_deref(), s.context.as_deref(), s.platform.as_deref(), &*s.files), s))
            .map(|(key, s)| (key, s.id.clone()))
            .collect();
        let mut seen = HashSet::new();
        let mut added: Vec<&NewSubject> = Vec::new();
        for subject in new {
            if !ids.contains_key(&key(subject)) && seen.insert(key(subject)) {
                added.push(subject);
            }
        }
        let fresh = if added.is_empty() {
            Vec::new()
        } else {
            let path = self.path().to_owned();
            self.act("subjects.added", &added, |tx| {
                let sql = |error| EngagementError::from_sqlite(&path, error);
                let first: i64 = tx
                    .query_row("SELECT ifnull(max(position), 0) + 1 FROM subject", [], |row| row.get(0))
                    .map_err(sql)?;
                let mut insert = tx
                    .prepare(
                        "INSERT INTO subject (id, position, kind, name, source, dockerfile, context, platform, files, added_at)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
                    )
                    .map_err(sql)?;
                let mut fresh = Vec::new();
                for (position, new) in (first..).zip(&added) {
                    let id = format!("s{position}");
                    let files = (!new.files.is_empty()).then(|| serde_json::to_string(&new.files)).transpose()?;
                    insert
                        .execute(params![
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
                        ])
                        .map_err(sql)?;
                    fresh.push(id);
                }
                Ok((format!("{} subjects", fresh.len()), fresh))
            })?
        };
        ids.extend(added.iter().map(|s| key(s)).zip(fresh));
        Ok(new.iter().filter_map(|s| ids.get(&key(s)).cloned()).collect())
    }

    /// Gives subjects another source, in one act; what was recorded and decided about them stays theirs.
    ///
    /// # Errors
    /// When there is no subject with an id, or the file cannot be written; then none was changed.
    pub fn move_subjects(&mut self, moved: &[MovedSubject]) -> Result<(), EngagementError> {
        if moved.is_empty() {
            return Ok(());
        }
        let path = self.path().to_owned();
        self.act("subjects.moved", &moved, |tx| {
            let sql = |error| EngagementError::from_sqlite(&path, error);
            let mut update =
                tx.prepare("UPDATE subject SET source = ?2 WHERE id = ?1 AND removed_at IS NULL").map_err(sql)?;
            for subject in moved {
                if update.execute(params![subject.id, subject.source]).map_err(sql)? != 1 {
                    return Err(EngagementError::Unknown { what: "subject", id: subject.id.clone() });
                }
            }
            Ok((format!("{} subjects", moved.len()), ()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_catalog::SubjectKind;

    fn new(source: &str) -> NewSubject {
        NewSubject {
            kind: SubjectKind::Image,
            name: source.to_owned(),
            source: source.to_owned(),
            dockerfile: None,
            context: None,
            platform: None,
            files: Vec::new(),
        }
    }

    #[test]
    fn many_subjects_are_added_once_and_in_one_act() {
        let (_folder, mut engagement) = crate::file::tests::engagement();
        let one = engagement.add_subject(&new("oci:a")).unwrap();
        let acts = engagement.trail().unwrap().len();
        let ids = engagement.add_subjects(&[new("oci:b"), new("oci:a"), new("oci:b"), new("oci:c")]).unwrap();
        assert_eq!(ids, ["s2", one.as_str(), "s2", "s3"]);
        assert_eq!(engagement.trail().unwrap().len(), acts + 1);
        assert_eq!(engagement.add_subjects(&[new("oci:c")]).unwrap(), ["s3"]);
        assert_eq!(engagement.trail().unwrap().len(), acts + 1);
        assert_eq!(engagement.subjects().unwrap().len(), 3);
        assert_eq!(engagement.broken_link().unwrap(), None);
    }

    #[test]
    fn a_moved_subject_keeps_its_id_and_an_unknown_one_moves_nothing() {
        let (_folder, mut engagement) = crate::file::tests::engagement();
        engagement.add_subjects(&[new("oci:a"), new("oci:b")]).unwrap();
        let to = |id: &str, source: &str| MovedSubject { id: id.to_owned(), source: source.to_owned() };
        engagement.move_subjects(&[to("s1", "oci:new")]).unwrap();
        assert_eq!(engagement.subject("s1").unwrap().source, "oci:new");
        assert!(engagement.move_subjects(&[to("s2", "oci:x"), to("s9", "oci:y")]).is_err());
        assert_eq!(engagement.subject("s2").unwrap().source, "oci:b");
    }
}
