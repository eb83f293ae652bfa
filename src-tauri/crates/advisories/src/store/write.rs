//! Writes documents into the draft: the writer's side of an import.

use std::cmp::Ordering;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasher;

use rusqlite::{Connection, OptionalExtension, Statement, params};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::job::Finished;
use super::replace::{Old, find, old, remove_feed, remove_rows};
use super::schema::{PART_BITS, READER};
use crate::import::Feed;
use crate::matching::About;
use crate::record::Record;

mod rows;

/// What was written.
pub(super) struct Outcome {
    /// Feeds that are new or changed. None: the draft is as good as the old state.
    pub(super) written: Vec<String>,
    /// Feeds that are as they were.
    pub(super) unchanged: Vec<String>,
    /// What the user should know.
    pub(super) notes: Vec<String>,
    /// Whole feeds that would lose more than half of their records: title, records now, records before.
    pub(super) shrunk: Vec<(String, i64, i64)>,
}

/// Numbers for records, of one feed or one document.
struct Part {
    number: i64,
    records: i64,
    extras: i64,
    known: HashMap<String, i64>,
}

/// What is written under one source number.
struct Load {
    source: i64,
    part: Option<Part>,
    /// Hashes of ids to record numbers. Equal hashes are looked at closely.
    seen: HashMap<u64, i64>,
    records: i64,
    newest: Option<String>,
    covers: HashMap<i64, i64>,
    dead: Vec<i64>,
}

/// A feed in this import.
struct Current {
    load: Load,
    title: String,
    old: Option<Old>,
    whole: bool,
    single: i64,
    hasher: Sha256,
    hash: Option<[u8; 32]>,
    snapshot: Option<String>,
    origins: Vec<String>,
    changed: bool,
}

/// Writes one import.
pub(super) struct Writer<'c> {
    connection: &'c Connection,
    at: &'c str,
    record: Statement<'c>,
    row: Statement<'c>,
    extra: Statement<'c>,
    kev: Statement<'c>,
    epss: Statement<'c>,
    nvd: Statement<'c>,
    ecosystems: HashMap<String, i64>,
    words: HashMap<String, i64>,
    feeds: BTreeMap<String, Current>,
    open: Option<Load>,
    hashes: RandomState,
    next_part: i64,
    next_source: i64,
    notes: Vec<String>,
}

impl<'c> Writer<'c> {
    pub(super) fn new(connection: &'c Connection, at: &'c str) -> rusqlite::Result<Self> {
        let next = |table: &str| {
            connection.query_row(&format!("SELECT coalesce(max(number), 0) + 1 FROM {table}"), [], |row| row.get(0))
        };
        Ok(Self {
            record: connection.prepare("INSERT INTO record VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)")?,
            row: connection.prepare("INSERT OR REPLACE INTO affected VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9)")?,
            extra: connection.prepare("INSERT INTO extra VALUES(?1,?2)")?,
            kev: connection.prepare("INSERT OR REPLACE INTO kev VALUES(?1,?2,?3,?4,?5)")?,
            epss: connection.prepare("INSERT OR REPLACE INTO epss VALUES(?1,?2,?3,?4,?5)")?,
            nvd: connection.prepare("INSERT OR REPLACE INTO nvd VALUES(?1,?2,?3,?4,?5)")?,
            ecosystems: HashMap::new(),
            words: HashMap::new(),
            feeds: BTreeMap::new(),
            open: None,
            hashes: RandomState::new(),
            next_part: next("part")?,
            next_source: next("source")?,
            notes: Vec::new(),
            connection,
            at,
        })
    }

    fn load(&mut self) -> Load {
        let source = self.next_source;
        self.next_source += 1;
        Load {
            source,
            part: None,
            seen: HashMap::new(),
            records: 0,
            newest: None,
            covers: HashMap::new(),
            dead: Vec::new(),
        }
    }

    /// Writes the beginning of a large document.
    pub(super) fn part(&mut self, records: &[Record], abouts: &[About]) -> rusqlite::Result<()> {
        let mut load = match self.open.take() {
            Some(load) => load,
            None => self.load(),
        };
        self.put_all(&mut load, records, abouts)?;
        self.open = Some(load);
        Ok(())
    }

    /// Writes a document, or the rest of a large one.
    pub(super) fn document(&mut self, document: &Finished) -> rusqlite::Result<()> {
        let open = if document.continued { self.open.take() } else { None };
        let mut current = match self.feeds.remove(&document.feed.feed) {
            Some(mut current) => {
                if let Some(open) = open {
                    self.join(&mut current.load, open)?;
                }
                current
            }
            None => self.begin(&document.feed, document.single, open)?,
        };
        let mut changed = true;
        if document.single {
            changed = false;
            for record in &document.records {
                changed |= self.put_single(&mut current.load, record)?;
            }
            for about in &document.abouts {
                changed |= self.put_single_about(&mut current.load, about)?;
            }
        } else {
            self.put_all(&mut current.load, &document.records, &document.abouts)?;
        }
        for (ecosystem, with_unfixed) in &document.covers {
            let number = self.ecosystem(ecosystem)?;
            // Single records are no knowledge of an ecosystem.
            let data = if document.single { 0 } else { 1 + i64::from(*with_unfixed) };
            let known = current.load.covers.entry(number).or_insert(0);
            *known = data.max(*known);
        }
        if document.single && changed {
            current.single += 1;
            // Each single record is hashed upon what there was.
            let before = current.hash.unwrap_or_else(|| current.hasher.clone().finalize().into());
            current.hash = Some(Sha256::new().chain_update(before).chain_update(document.sha256).finalize().into());
        } else if !document.single {
            current.hasher.update(document.sha256);
        }
        if changed {
            current.changed = true;
            if let Some(snapshot) = &document.snapshot
                && current.snapshot.as_ref().is_none_or(|known| known < snapshot)
            {
                current.snapshot = Some(snapshot.clone());
            }
            if !current.origins.iter().any(|known| **known == *document.origin) {
                current.origins.push(document.origin.to_string());
            }
        }
        self.feeds.insert(document.feed.feed.clone(), current);
        Ok(())
    }

    /// A feed's first document in this import. A whole one takes out what there was of it.
    fn begin(&mut self, feed: &Feed, single: bool, open: Option<Load>) -> rusqlite::Result<Current> {
        let old = old(self.connection, &feed.feed)?;
        let mut load = match open {
            Some(open) => open,
            None => self.load(),
        };
        let mut hash = None;
        if let Some(old) = &old {
            if single {
                // What a large record has put down already goes to the feed that it belongs to.
                let fresh = self.load();
                let begun = std::mem::replace(&mut load, fresh);
                load.source = old.number;
                load.records = old.records;
                self.join(&mut load, begun)?;
                hash = Some(Sha256::digest(&old.sha256).into());
            } else {
                remove_feed(self.connection, old.number)?;
            }
        }
        let of_old = old.as_ref().filter(|_| single);
        Ok(Current {
            load,
            title: feed.title.clone(),
            whole: of_old.map_or(!single, |old| old.whole),
            single: of_old.map_or(0, |old| old.single),
            old,
            hasher: Sha256::new(),
            hash,
            snapshot: None,
            origins: Vec::new(),
            changed: false,
        })
    }

    /// Joins a large document's rows to the feed to which they turned out to belong.
    fn join(&self, load: &mut Load, open: Load) -> rusqlite::Result<()> {
        for table in ["part", "kev", "epss", "nvd"] {
            self.connection.execute(
                &format!("UPDATE OR REPLACE {table} SET source=?1 WHERE source=?2"),
                params![load.source, open.source],
            )?;
        }
        load.records += open.records;
        load.newest = newer(load.newest.take(), open.newest);
        load.dead.extend(open.dead);
        for (ecosystem, data) in open.covers {
            let known = load.covers.entry(ecosystem).or_insert(0);
            *known = data.max(*known);
        }
        Ok(())
    }

    fn put_all(&mut self, load: &mut Load, records: &[Record], abouts: &[About]) -> rusqlite::Result<()> {
        for record in records {
            let hash = self.hashes.hash_one(&record.id);
            if load.seen.contains_key(&hash)
                && let Some((number, modified)) = find(self.connection, load.source, &record.id)?
            {
                match order(record.modified.as_deref(), modified.as_deref()) {
                    Ordering::Less => continue,
                    // The same record in two folders: what both say.
                    Ordering::Equal => {
                        self.merge(load, record, number)?;
                        continue;
                    }
                    Ordering::Greater => self.remove_record(load, number)?,
                }
            }
            let number = self.put(load, record)?;
            load.seen.insert(hash, number);
        }
        for about in abouts {
            self.put_about(load, about)?;
        }
        Ok(())
    }

    /// Adds a single record; false when what there is of it is as new.
    fn put_single(&mut self, load: &mut Load, record: &Record) -> rusqlite::Result<bool> {
        if let Some((number, modified)) = find(self.connection, load.source, &record.id)? {
            match order(record.modified.as_deref(), modified.as_deref()) {
                Ordering::Less => {
                    self.notes.push(format!(
                        "{} was passed over: the database has a newer state of it, of {}.",
                        record.id,
                        modified.unwrap_or_default()
                    ));
                    return Ok(false);
                }
                Ordering::Equal if record.modified.is_some() => return Ok(false),
                Ordering::Equal | Ordering::Greater => self.remove_record(load, number)?,
            }
        }
        self.put(load, record)?;
        Ok(true)
    }

    fn remove_record(&mut self, load: &mut Load, number: i64) -> rusqlite::Result<()> {
        self.connection.prepare_cached("DELETE FROM record WHERE number=?1")?.execute([number])?;
        load.dead.push(number);
        load.records -= 1;
        Ok(())
    }

    /// The part in which the next record goes.
    fn ready_part(&mut self, load: &mut Load) -> rusqlite::Result<()> {
        let limit = (1 << PART_BITS) - 100_000;
        if load.part.as_ref().is_none_or(|part| part.records >= limit || part.extras >= limit) {
            let number = self.next_part;
            self.next_part += 1;
            self.connection.execute("INSERT INTO part VALUES(?1,?2)", [number, load.source])?;
            load.part = Some(Part { number, records: 0, extras: 0, known: HashMap::new() });
        }
        Ok(())
    }

    fn ecosystem(&mut self, name: &str) -> rusqlite::Result<i64> {
        if let Some(number) = self.ecosystems.get(name) {
            return Ok(*number);
        }
        self.connection.execute("INSERT OR IGNORE INTO ecosystem(name) VALUES(?1)", [name])?;
        let number =
            self.connection.query_row("SELECT number FROM ecosystem WHERE name=?1", [name], |row| row.get(0))?;
        self.ecosystems.insert(name.to_owned(), number);
        Ok(number)
    }

    /// Writes down what was imported, and ends the transaction.
    pub(super) fn finish(mut self) -> rusqlite::Result<Outcome> {
        let mut outcome = Outcome {
            written: Vec::new(),
            unchanged: Vec::new(),
            notes: std::mem::take(&mut self.notes),
            shrunk: Vec::new(),
        };
        for (feed, current) in std::mem::take(&mut self.feeds) {
            let is_same = self.finish_feed(&feed, current, &mut outcome.shrunk)?;
            if is_same { outcome.unchanged.push(feed) } else { outcome.written.push(feed) }
        }
        if outcome.written.is_empty() {
            return Ok(outcome);
        }
        self.connection.execute_batch("COMMIT")?;
        let number = |pragma: &str| self.connection.query_row(pragma, [], |row| row.get::<_, i64>(0));
        let (free, pages) = (number("PRAGMA freelist_count")?, number("PRAGMA page_count")?);
        let connection = self.connection;
        // Statements stand in the way of VACUUM.
        drop(self);
        if free > 1_000 && free > pages / 2 {
            connection.execute_batch("VACUUM")?;
        }
        Ok(outcome)
    }

    /// Writes down one feed; true when it is as it was.
    fn finish_feed(
        &self,
        feed: &str,
        current: Current,
        shrunk: &mut Vec<(String, i64, i64)>,
    ) -> rusqlite::Result<bool> {
        let Current { load, title, old, whole, single, hasher, hash, snapshot, origins, changed } = current;
        let replaces = old.as_ref().is_some_and(|old| old.number != load.source);
        if old.is_some() && !changed && !replaces {
            return Ok(true);
        }
        let sha256 = hex::encode(hash.unwrap_or_else(|| hasher.finalize().into()));
        let mut covers = self.connection.prepare_cached(
            "INSERT INTO coverage VALUES(?1,?2,?3) ON CONFLICT DO UPDATE SET data=max(data, excluded.data)",
        )?;
        for (ecosystem, data) in &load.covers {
            covers.execute([*ecosystem, load.source, *data])?;
        }
        remove_rows(self.connection, load.source, &load.dead)?;
        let is_same = replaces && old.as_ref().is_some_and(|old| old.sha256 == sha256 && old.reader == READER);
        if let Some(old) = old.as_ref().filter(|old| replaces && !is_same && old.whole && old.records > 20)
            && load.records < old.records / 2
        {
            shrunk.push((title.clone(), load.records, old.records));
        }
        let mut row = Old {
            number: load.source,
            title,
            snapshot: snapshot.or(load.newest),
            imported: self.at.to_owned(),
            origin: join_origins(&origins),
            sha256,
            records: load.records,
            single,
            whole,
            reader: READER,
        };
        match old {
            Some(old) if is_same => row = Old { number: row.number, ..old },
            // Single records added to a feed that keeps its place and name.
            Some(old) if !replaces => {
                row.snapshot = newer(old.snapshot.clone(), row.snapshot);
                row.reader = old.reader;
                if old.whole {
                    // One new record makes an old export no newer.
                    row.snapshot = old.snapshot;
                    row.imported = old.imported;
                    row.origin = old.origin;
                    row.title = old.title;
                }
            }
            _ => {}
        }
        self.connection.execute(
            "INSERT OR REPLACE INTO source VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11)",
            params![
                row.number,
                feed,
                row.title,
                row.snapshot,
                row.imported,
                row.origin,
                row.sha256,
                row.records,
                row.single,
                row.whole,
                row.reader
            ],
        )?;
        Ok(is_same)
    }
}

/// The number of a text that many rows share.
fn word(connection: &Connection, words: &mut HashMap<String, i64>, text: &str) -> rusqlite::Result<i64> {
    if let Some(number) = words.get(text) {
        return Ok(*number);
    }
    let find =
        || connection.query_row("SELECT number FROM word WHERE text=?1", [text], |row| row.get::<_, i64>(0)).optional();
    let number = match find()? {
        Some(number) => number,
        None => {
            connection.execute("INSERT INTO word(text) VALUES(?1)", [text])?;
            connection.last_insert_rowid()
        }
    };
    if words.len() >= 100_000 {
        words.clear();
    }
    words.insert(text.to_owned(), number);
    Ok(number)
}

/// A list as JSON; nothing for an empty one.
fn list<T: serde::Serialize>(list: &[T]) -> Option<String> {
    if list.is_empty() { None } else { serde_json::to_string(list).ok() }
}

/// The order of two dates; what is no date comes first.
fn order(a: Option<&str>, b: Option<&str>) -> Ordering {
    let parse = |text: &str| OffsetDateTime::parse(text, &Rfc3339).ok();
    match (a, b) {
        (Some(a), Some(b)) if a == b => Ordering::Equal,
        (Some(a), Some(b)) => match (parse(a), parse(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => a.cmp(b),
        },
        (a, b) => a.is_some().cmp(&b.is_some()),
    }
}

/// The later of two dates.
fn newer(a: Option<String>, b: Option<String>) -> Option<String> {
    match (a, b) {
        (Some(a), Some(b)) => Some(if b > a { b } else { a }),
        (a, b) => a.or(b),
    }
}

fn join_origins(origins: &[String]) -> String {
    match origins {
        [first, second, third, _, ..] => format!("{first}, {second}, {third} and {} more", origins.len() - 3),
        few => few.join(", "),
    }
}
