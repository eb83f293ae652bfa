//! An import from beginning to end: one thread reads and parses, another writes, a bounded channel between them.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::input::{self, Document};
use super::place::{self, Draft};
use super::read::{self, cve_number};
use super::schema::{broken, refused};
use super::write::{Outcome, Writer};
use super::{Imported, Input, Watch};
use crate::error::AdvisoryError;
use crate::facts::DatabaseState;
use crate::import::{Feed, Sink, find, osv_feed, osv_with_unfixed};
use crate::matching::About;
use crate::record::Record;

/// So many rows, or thereabouts, travel together.
const BATCH: usize = 4_000;
/// So many batches may wait.
const WAITING: usize = 3;
/// Most notes.
const MAX_NOTES: usize = 100;
/// Most records that wait until it is known which ecosystem's export they lie in.
const WAITING_RECORDS: usize = 2_000;

/// What the reader hands to the writer.
pub(super) enum Message {
    /// The beginning of a document that is too large to travel whole: of which feed it is, shows at its end.
    Part(Vec<Record>, Vec<About>),
    /// Documents, each whole or the rest of the one that began.
    Documents(Vec<Finished>),
    /// Everything was read, and nothing was wrong with it.
    End,
}

/// A document that was read.
pub(super) struct Finished {
    /// What it was read from.
    pub(super) origin: Arc<str>,
    /// To which feed it belongs.
    pub(super) feed: Feed,
    /// SHA-256 of its bytes.
    pub(super) sha256: [u8; 32],
    /// One record given directly, to be added to its feed.
    pub(super) single: bool,
    /// Its beginning came before, as parts.
    pub(super) continued: bool,
    /// Its records.
    pub(super) records: Vec<Record>,
    /// What it says of CVEs.
    pub(super) abouts: Vec<About>,
    /// Ecosystems it speaks of, and whether with flaws that have no fix.
    pub(super) covers: Vec<(String, bool)>,
    /// The state of the data, as it tells.
    pub(super) snapshot: Option<String>,
}

/// Imports into a database.
pub(super) fn run(database: &Path, inputs: &[Input], at: &str, watch: &dyn Watch) -> Result<Imported, AdvisoryError> {
    if inputs.is_empty() {
        return Ok(Imported::default());
    }
    let draft = Draft::new(database)?;
    let connection = place::open(&draft)?;
    let (sender, receiver) = sync_channel(WAITING);
    let (read, written) = std::thread::scope(|scope| {
        let writer = scope.spawn(move || write(connection, database, receiver, at));
        let read = read_inputs(inputs, sender, watch);
        (read, writer.join())
    });
    let written = written.unwrap_or_else(|_| Ok(None));
    let mut notes = match (read, &written) {
        (Ok(notes), _) => notes,
        // The reader only saw that nobody listened any more; the writer knows why.
        (Err(Stop::Unheard), Err(_)) => Vec::new(),
        (Err(Stop::Unheard), Ok(_)) => return Err(refused(database, "it could not be written")),
        (Err(Stop::Error(error)), _) => return Err(error),
    };
    let (outcome, state) = written
        .map_err(|error| broken(database, &error))?
        .ok_or_else(|| refused(database, "it could not be written"))?;
    if let Some((title, now, before)) = outcome.shrunk.first() {
        return Err(AdvisoryError::Malformed {
            origin: title.clone(),
            place: "its records".to_owned(),
            reason: format!(
                "they are {now} where the database has {before}, so this is a part and no whole export; give the files one by one to add them, or begin a new database"
            ),
        });
    }
    notes.extend(outcome.notes.iter().take(MAX_NOTES).cloned());
    let of = |feeds: &[String]| {
        state.sources.iter().filter(|source| feeds.contains(&source.feed)).cloned().collect::<Vec<_>>()
    };
    let imported = Imported { written: of(&outcome.written), unchanged: of(&outcome.unchanged), notes };
    if watch.is_cancelled() {
        return Err(AdvisoryError::Cancelled);
    }
    if !outcome.written.is_empty() {
        draft.publish()?;
    }
    Ok(imported)
}

/// The writer's thread. None when the reader stopped before its end.
fn write(
    connection: Connection,
    database: &Path,
    receiver: Receiver<Message>,
    at: &str,
) -> Result<Option<(Outcome, DatabaseState)>, rusqlite::Error> {
    let mut writer = Writer::new(&connection, at)?;
    for message in receiver {
        match message {
            Message::Part(records, abouts) => writer.part(&records, &abouts)?,
            Message::Documents(documents) => {
                for document in documents {
                    writer.document(&document)?;
                }
            }
            Message::End => {
                let outcome = writer.finish()?;
                let state = read::state(&connection, database)?;
                return Ok(Some((outcome, state)));
            }
        }
    }
    Ok(None)
}

/// Why reading stopped.
enum Stop {
    /// The writer is gone.
    Unheard,
    /// For a reason of its own.
    Error(AdvisoryError),
}

/// Reads all inputs: whole feeds first, then single records, which are added to them.
fn read_inputs(inputs: &[Input], sender: SyncSender<Message>, watch: &dyn Watch) -> Result<Vec<String>, Stop> {
    let mut reader = Reader {
        sender,
        watch,
        batch: Vec::new(),
        weight: 0,
        notes: Vec::new(),
        passed_over: 0,
        told_out: Vec::new(),
        home: None,
        waiting: Vec::new(),
        untold: 0,
        told: 0,
        known: 0,
        unheard: false,
    };
    let is_single = |input: &Input| {
        input::head(input).and_then(|(name, head)| find(&name, &head)).is_some_and(|format| format.is_one_record())
    };
    let (singles, wholes): (Vec<&Input>, Vec<&Input>) = inputs.iter().partition(|input| is_single(input));
    let result = wholes.into_iter().chain(singles).try_for_each(|input| reader.input(input)).and_then(|()| {
        reader.flush()?;
        reader.send(Message::End)
    });
    match result {
        Err(_) if reader.unheard => Err(Stop::Unheard),
        Err(error) => Err(Stop::Error(error)),
        Ok(()) => {
            if reader.passed_over > MAX_NOTES {
                reader.notes.push(format!("{} more documents are no advisory data.", reader.passed_over - MAX_NOTES));
            }
            reader.notes.append(&mut reader.told_out);
            if reader.untold > 0 {
                reader.notes.push(format!("{} more notes of this kind.", reader.untold));
            }
            Ok(reader.notes)
        }
    }
}

struct Reader<'w> {
    sender: SyncSender<Message>,
    watch: &'w dyn Watch,
    batch: Vec<Finished>,
    weight: usize,
    notes: Vec<String>,
    passed_over: usize,
    /// What importers left out.
    told_out: Vec<String>,
    /// Of which ecosystem's export the folder or archive is, as its records of one ecosystem show.
    home: Option<String>,
    /// Records of several ecosystems that came before that was known.
    waiting: Vec<Finished>,
    untold: usize,
    told: u64,
    known: u64,
    unheard: bool,
}

impl Reader<'_> {
    fn input(&mut self, input: &Input) -> Result<(), AdvisoryError> {
        let origin: Arc<str> = input::origin(input).into();
        self.known = 0;
        self.told = 0;
        self.watch.tell(&origin, 0, 1);
        let mut first_unknown = None;
        self.home = None;
        input::walk(input, &mut |document| self.document(document, &origin, &mut first_unknown))?;
        // Nothing told whose export it is.
        let waiting = std::mem::take(&mut self.waiting);
        self.batch.extend(waiting);
        if self.known > 0 {
            return Ok(());
        }
        let reason = match first_unknown {
            Some((name, reason)) => format!("nothing in it is known; of {name}: {reason}"),
            None => "there is nothing in it".to_owned(),
        };
        Err(AdvisoryError::Unknown { origin: origin.to_string(), reason })
    }

    fn document(
        &mut self,
        document: &Document<'_>,
        origin: &Arc<str>,
        first_unknown: &mut Option<(String, &'static str)>,
    ) -> Result<(), AdvisoryError> {
        if self.watch.is_cancelled() {
            return Err(AdvisoryError::Cancelled);
        }
        if document.done >= self.told.saturating_add(64) {
            self.told = document.done;
            self.watch.tell(origin, document.done, document.total);
        }
        let head = document.bytes.get(..4096).unwrap_or(document.bytes);
        let Some(format) = find(document.name, head) else {
            let reason = input::looks_like(document.bytes);
            if document.direct {
                return Err(AdvisoryError::Unknown { origin: document.shown.to_owned(), reason: reason.to_owned() });
            }
            if first_unknown.is_none() {
                *first_unknown = Some((document.name.to_owned(), reason));
            }
            if input::is_data(document.name) {
                self.passed_over += 1;
                if self.passed_over <= MAX_NOTES {
                    self.notes.push(format!("{} was passed over: {reason}.", document.shown));
                }
            }
            return Ok(());
        };
        self.known += 1;
        let mut collector = Collector::new(self, document.shown);
        let read = format.read(document.shown, document.name, document.bytes, &mut collector);
        let Collector { records, abouts, covers, snapshot, continued, weight, .. } = collector;
        let feed = read?;
        let finished = Finished {
            origin: Arc::clone(origin),
            feed,
            sha256: Sha256::digest(document.bytes).into(),
            single: document.direct && format.is_one_record(),
            continued,
            records,
            abouts,
            covers,
            snapshot,
        };
        self.weight += weight + 8;
        if !document.direct && finished.feed.feed.starts_with("osv:") {
            self.at_home(finished);
        } else {
            self.batch.push(finished);
        }
        if self.weight >= BATCH { self.flush() } else { Ok(()) }
    }

    /// An export of an ecosystem holds records that speak of others too, often first. They belong to the export that
    /// they lie in: a feed of another ecosystem must never be taken for whole, or be replaced, because of them.
    fn at_home(&mut self, mut finished: Finished) {
        let bases = bases(&finished);
        match (bases.len(), &self.home) {
            (0, _) => self.batch.push(finished),
            (1, None) => {
                let home = bases.into_iter().next().unwrap_or_default();
                self.batch.push(finished);
                for mut waiting in std::mem::take(&mut self.waiting) {
                    refile(&mut waiting, &home);
                    self.batch.push(waiting);
                }
                self.home = Some(home);
            }
            (1, Some(_)) => self.batch.push(finished),
            (_, None) if self.waiting.len() < WAITING_RECORDS => self.waiting.push(finished),
            (_, home) => {
                if let Some(home) = home.clone() {
                    refile(&mut finished, &home);
                }
                self.batch.push(finished);
            }
        }
    }

    fn flush(&mut self) -> Result<(), AdvisoryError> {
        self.weight = 0;
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::take(&mut self.batch);
        self.send(Message::Documents(batch))
    }

    fn send(&mut self, message: Message) -> Result<(), AdvisoryError> {
        self.sender.send(message).map_err(|_| {
            self.unheard = true;
            AdvisoryError::Cancelled
        })
    }
}

/// The ecosystems that a document's records speak of, without their releases.
fn bases(finished: &Finished) -> BTreeSet<String> {
    let base = |ecosystem: &str| ecosystem.split(':').next().unwrap_or(ecosystem).to_owned();
    finished.records.iter().flat_map(|record| &record.affected).map(|of| base(&of.ecosystem)).collect()
}

/// Puts a record of several ecosystems to the feed of one of them, if it speaks of that one.
fn refile(finished: &mut Finished, home: &str) {
    if !bases(finished).contains(home) {
        return;
    }
    finished.feed = osv_feed(home);
    finished.covers.clear();
    for of in finished.records.iter().flat_map(|record| &record.affected) {
        let is_home = of.ecosystem.split(':').next() == Some(home);
        if is_home && !finished.covers.iter().any(|(known, _)| *known == of.ecosystem) {
            finished.covers.push((of.ecosystem.clone(), osv_with_unfixed(&of.ecosystem)));
        }
    }
}

/// Gathers what one document says, and sends it on in parts when it is much.
struct Collector<'r, 'w> {
    reader: &'r mut Reader<'w>,
    shown: &'r str,
    records: Vec<Record>,
    abouts: Vec<About>,
    weight: usize,
    covers: Vec<(String, bool)>,
    snapshot: Option<String>,
    continued: bool,
}

impl<'r, 'w> Collector<'r, 'w> {
    fn new(reader: &'r mut Reader<'w>, shown: &'r str) -> Self {
        Self {
            reader,
            shown,
            records: Vec::new(),
            abouts: Vec::new(),
            weight: 0,
            covers: Vec::new(),
            snapshot: None,
            continued: false,
        }
    }

    fn malformed(&self, place: String, reason: &str) -> AdvisoryError {
        AdvisoryError::Malformed { origin: self.shown.to_owned(), place, reason: reason.to_owned() }
    }

    fn took(&mut self, weight: usize) -> Result<(), AdvisoryError> {
        self.weight += weight;
        if self.weight < BATCH {
            return Ok(());
        }
        if self.reader.watch.is_cancelled() {
            return Err(AdvisoryError::Cancelled);
        }
        self.reader.flush()?;
        self.weight = 0;
        self.continued = true;
        let part = Message::Part(std::mem::take(&mut self.records), std::mem::take(&mut self.abouts));
        self.reader.send(part)
    }
}

impl Sink for Collector<'_, '_> {
    fn record(&mut self, mut record: Record) -> Result<(), AdvisoryError> {
        if record.id.is_empty() || record.id.len() > 200 {
            let start: String = record.id.chars().take(40).collect();
            return Err(self.malformed(format!("record {start}"), "an id has 1 to 200 characters"));
        }
        // What an importer should keep to holds in any case.
        shorten(&mut record.summary, 600);
        record.references.truncate(8);
        record.source.make_ascii_lowercase();
        for affected in &mut record.affected {
            if let Some(note) = &mut affected.note {
                shorten(note, 200);
            }
            if affected.name.is_empty() || affected.ecosystem.is_empty() || affected.name.len() > 1_000 {
                return Err(self.malformed(
                    format!("record {}", record.id),
                    "a package has no name, no ecosystem, or a name that is too long",
                ));
            }
        }
        let rows: usize = record.affected.iter().map(|affected| affected.spans.len() + affected.versions.len()).sum();
        self.records.push(record);
        self.took(2 + rows)
    }

    fn about(&mut self, mut about: About) -> Result<(), AdvisoryError> {
        if cve_number(&about.cve).is_none() {
            let start: String = about.cve.chars().take(40).collect();
            return Err(self.malformed(format!("entry {start}"), "this is no CVE id"));
        }
        if let Some(summary) = &mut about.summary {
            shorten(summary, 600);
        }
        self.abouts.push(about);
        self.took(1)
    }

    fn covers(&mut self, ecosystem: &str, with_unfixed: bool) -> Result<(), AdvisoryError> {
        if let Some((_, known)) = self.covers.iter_mut().find(|(known, _)| known == ecosystem) {
            *known |= with_unfixed;
        } else if self.covers.len() < 10_000 {
            self.covers.push((ecosystem.to_owned(), with_unfixed));
        } else {
            return Err(self.malformed("its ecosystems".to_owned(), "it speaks of more than 10000 ecosystems"));
        }
        Ok(())
    }

    fn snapshot(&mut self, snapshot: &str) {
        let mut snapshot: String = snapshot.chars().filter(|c| !c.is_control()).take(100).collect();
        shorten(&mut snapshot, 100);
        self.snapshot = Some(snapshot);
    }

    fn note(&mut self, sentence: String) {
        // As the documents of a folder may be many, what they leave out is told of the first ones.
        if self.reader.told_out.len() < MAX_NOTES {
            let mut sentence: String = sentence.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
            shorten(&mut sentence, 400);
            self.reader.told_out.push(sentence);
        } else {
            self.reader.untold = self.reader.untold.saturating_add(1);
        }
    }
}

/// Cuts a text to so many bytes.
fn shorten(text: &mut String, most: usize) {
    if text.len() > most {
        let mut end = most.saturating_sub(3);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push('…');
    }
}
