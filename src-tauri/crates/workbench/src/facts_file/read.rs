//! Reading a facts file that anybody may have written: bounds first, then hashes, then what it says.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plimsoll_catalog::SubjectKind;
use plimsoll_checks::{CollectedBy, Facts};
use plimsoll_image::Tree;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::format::{
    ASKED, AnyHead, FACTS_LIMIT, FILE_LIMIT, FRAME, FREE, FactsError, Head, LINE_LIMIT, LISTING_LIMIT, LISTINGS_LIMIT,
    Line, RATIO, SUBJECTS, Subject, TEXT, TEXT_LIMIT, TRAILER, TRAILER_SIZE, Unread, plain,
};
use super::{Collected, Contents, FactsFile, Listed, SCHEMA};
use crate::error::WorkbenchError;
use crate::source::Source;

/// Schemas of the same family begin so.
const FAMILY: &str = "plimsoll/facts/";

/// The bytes of a file, no more of them than a facts file may have.
pub(super) fn bytes_of(path: &Path) -> Result<Vec<u8>, WorkbenchError> {
    let failed = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => WorkbenchError::NoFile(path.to_owned()),
        _ => WorkbenchError::Read { path: path.to_owned(), source },
    };
    let metadata = std::fs::metadata(path).map_err(failed)?;
    if metadata.is_dir() {
        return Err(WorkbenchError::IsFolder(path.to_owned()));
    }
    if !metadata.is_file() {
        return Err(super::refused(path, FactsError::NotOne));
    }
    let mut bytes = Vec::new();
    File::open(path).and_then(|file| file.take(FILE_LIMIT + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > FILE_LIMIT {
        let size = metadata.len().max(FILE_LIMIT + 1);
        return Err(WorkbenchError::TooLarge { path: path.to_owned(), size, limit: FILE_LIMIT, kind: "facts file" });
    }
    Ok(bytes)
}

/// Reads a facts file out of memory. `name` is the file's name, as it is recorded.
///
/// # Errors
/// When the bytes are something else, are damaged or changed, exceed a bound, or are of a newer schema.
pub fn read_bytes(bytes: &[u8], name: &str) -> Result<FactsFile, FactsError> {
    let mut subjects = Vec::new();
    let (head, finished) = walk(bytes, name, |by, item, trees| {
        subjects.push(match item {
            Item::Subject { subject, source, text, listing } => {
                let facts = facts(by, &subject, &source, &text, listing.as_deref(), trees)?;
                Collected {
                    source,
                    name: subject.name,
                    kind: subject.kind,
                    facts_sha256: subject.facts_sha256,
                    listing_sha256: subject.listing_sha256,
                    engine: subject.engine,
                    facts: Ok(facts),
                }
            }
            Item::Unread { unread, source } => Collected {
                source,
                name: unread.name,
                kind: unread.kind,
                facts_sha256: String::new(),
                listing_sha256: None,
                engine: None,
                facts: Err(unread.reason),
            },
        });
        Ok(())
    })?;
    Ok(FactsFile { by: head.by, finished, os: head.os, subjects })
}

/// Reads what stands in a facts file; the facts themselves are hashed and not read.
pub(super) fn contents_of(bytes: &[u8], name: &str) -> Result<Contents, FactsError> {
    let mut subjects = Vec::new();
    let (head, finished) = walk(bytes, name, |_, item, _| {
        subjects.push(match item {
            Item::Subject { subject, source, .. } => Listed {
                source,
                name: subject.name,
                kind: subject.kind,
                facts_sha256: subject.facts_sha256,
                facts_bytes: subject.facts_bytes,
                listing_sha256: subject.listing_sha256,
                engine: subject.engine,
                unread: None,
            },
            Item::Unread { unread, source } => Listed {
                source,
                name: unread.name,
                kind: unread.kind,
                facts_sha256: String::new(),
                facts_bytes: 0,
                listing_sha256: None,
                engine: None,
                unread: Some(unread.reason),
            },
        });
        Ok(())
    })?;
    Ok(Contents { by: head.by, finished, os: head.os, subjects })
}

/// The head as it is used here.
struct Origin {
    by: CollectedBy,
    os: String,
}

/// One subject as it stands in the file; its hashes hold.
enum Item {
    Subject { subject: Subject, source: Source, text: Vec<u8>, listing: Option<Vec<u8>> },
    Unread { unread: Unread, source: Source },
}

fn damaged(why: impl std::fmt::Display) -> FactsError {
    FactsError::Damaged(plain(&why.to_string()).chars().take(200).collect())
}

/// What is decompressed, with its bound.
struct Lines<'a> {
    from: BufReader<std::io::Take<zstd::stream::read::Decoder<'static, &'a [u8]>>>,
}

impl<'a> Lines<'a> {
    fn open(frame: &'a [u8]) -> Result<Self, FactsError> {
        let bound = FREE.saturating_add((frame.len() as u64).saturating_mul(RATIO)).min(TEXT_LIMIT);
        let decoder = zstd::stream::read::Decoder::with_buffer(frame).map_err(damaged)?.single_frame();
        Ok(Self { from: BufReader::with_capacity(128 << 10, decoder.take(bound)) })
    }

    /// Whether the bound is used up.
    fn spent(&self) -> bool {
        self.from.get_ref().limit() == 0 && self.from.buffer().is_empty()
    }

    fn short(&self, why: &str) -> FactsError {
        if self.spent() {
            FactsError::TooMuch("it unpacks to more than a facts file of its size may".to_owned())
        } else {
            damaged(why)
        }
    }

    /// A line without its end, of at most `limit` bytes.
    fn line(&mut self, limit: u64) -> Result<Vec<u8>, FactsError> {
        let mut line = Vec::new();
        (&mut self.from).take(limit.saturating_add(1)).read_until(b'\n', &mut line).map_err(damaged)?;
        match line.pop() {
            Some(b'\n') => Ok(line),
            Some(_) if line.len() as u64 >= limit => Err(damaged("a line is too long")),
            _ => Err(self.short("it ends in the middle")),
        }
    }

    /// A line of exactly `size` bytes.
    fn exactly(&mut self, size: u64) -> Result<Vec<u8>, FactsError> {
        // Not allocated at once: the size is a claim.
        let mut line = Vec::new();
        (&mut self.from).take(size).read_to_end(&mut line).map_err(damaged)?;
        let mut end = [0_u8];
        if line.len() as u64 != size || self.from.read_exact(&mut end).is_err() {
            return Err(self.short("it ends in the middle"));
        }
        if end != [b'\n'] {
            return Err(damaged("a line is longer than it is said to be"));
        }
        Ok(line)
    }

    /// That nothing follows, neither in the frame nor behind it.
    fn end(mut self) -> Result<(), FactsError> {
        let more = self.from.fill_buf().map_err(damaged)?;
        if !more.is_empty() {
            return Err(damaged("something follows its end"));
        }
        if self.spent() {
            return Err(self.short(""));
        }
        let rest = self.from.into_inner().into_inner().finish();
        if rest.is_empty() { Ok(()) } else { Err(FactsError::Cut) }
    }
}

fn parse<T: DeserializeOwned>(line: &[u8]) -> Result<T, FactsError> {
    // serde_json refuses what is nested deeper than 128.
    serde_json::from_slice(line).map_err(damaged)
}

fn moment(text: &str, what: &str) -> Result<(), FactsError> {
    // As the program writes it, so that moments compare as texts.
    let known = text.len() == 20 && text.ends_with('Z') && OffsetDateTime::parse(text, &Rfc3339).is_ok();
    if known { Ok(()) } else { Err(damaged(format!("{what} is no moment in UTC"))) }
}

fn is_sha256(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// Walks through the file: bounds, trailer, head, subjects with their hashes, end. `each` gets the subjects in turn, and
/// how many bytes listings may still unpack to.
fn walk(
    bytes: &[u8],
    name: &str,
    mut each: impl FnMut(&CollectedBy, Item, &mut u64) -> Result<(), FactsError>,
) -> Result<(Origin, String), FactsError> {
    if !bytes.starts_with(&FRAME) {
        return Err(FactsError::NotOne);
    }
    let (frame, trailer) = bytes.split_at_checked(bytes.len().saturating_sub(TRAILER_SIZE)).ok_or(FactsError::Cut)?;
    let hash = trailer.strip_prefix(TRAILER.as_slice()).ok_or(FactsError::Cut)?;
    if Sha256::digest(frame).as_slice() != hash {
        return Err(FactsError::Changed);
    }
    let mut lines = Lines::open(frame)?;
    let origin = head(&lines.line(LINE_LIMIT)?, bytes, name)?;
    let mut trees = LISTINGS_LIMIT;
    let mut count = 0_u64;
    let mut seen = HashSet::new();
    loop {
        let item = match parse::<Line>(&lines.line(LINE_LIMIT)?)? {
            Line::End(end) => {
                moment(&end.finished, "the time of its end")?;
                if end.subjects != count {
                    return Err(damaged(format!("{} subjects are announced and {count} are there", end.subjects)));
                }
                lines.end()?;
                return Ok((origin, end.finished));
            }
            Line::Subject(subject) => with_facts(subject, &mut lines)?,
            Line::Unread(unread) => {
                let source = source_of(&unread.source, unread.kind)?;
                let (name, reason) = (plain(&unread.name), plain(&unread.reason));
                Item::Unread { unread: Unread { name, reason, ..unread }, source }
            }
        };
        let (Item::Subject { source, .. } | Item::Unread { source, .. }) = &item;
        if !seen.insert(source.to_string()) {
            return Err(damaged(format!("{source} is there twice")));
        }
        count = count.saturating_add(1);
        if count > SUBJECTS {
            return Err(FactsError::TooMuch(format!("it holds more than {SUBJECTS} subjects")));
        }
        each(&origin.by, item, &mut trees)?;
    }
}

fn head(line: &[u8], whole: &[u8], name: &str) -> Result<Origin, FactsError> {
    let schema = parse::<AnyHead>(line).map_err(|_| FactsError::NotOne)?.schema;
    if schema != SCHEMA {
        return Err(match schema.starts_with(FAMILY) {
            true => FactsError::Newer(plain(&schema).chars().take(60).collect()),
            false => FactsError::NotOne,
        });
    }
    let by = parse::<Head>(line)?.by;
    moment(&by.started, "the time of its beginning")?;
    if by.asked.len() > ASKED {
        return Err(FactsError::TooMuch(format!("more than {ASKED} things were asked for")));
    }
    Ok(Origin {
        by: CollectedBy {
            file: plain(name),
            file_sha256: hex::encode(Sha256::digest(whole)),
            facts_sha256: String::new(),
            machine: plain(&by.machine),
            user: plain(&by.user),
            tool: plain(&by.tool),
            started: by.started,
            asked: by.asked.iter().map(|text| plain(text)).collect(),
            note: by.note.as_deref().map(plain),
        },
        os: plain(&by.os),
    })
}

/// A source on the collecting machine: of the kind that it is said to be, and not itself out of a facts file.
fn source_of(text: &str, kind: SubjectKind) -> Result<Source, FactsError> {
    if text.len() > TEXT || plain(text) != text {
        return Err(damaged("a source is no plain text"));
    }
    let source: Source = text.parse().map_err(damaged)?;
    if matches!(source, Source::Collected(..)) || source.kind() != kind || source.to_string() != text {
        return Err(damaged("a source is not one that can be collected"));
    }
    Ok(source)
}

fn with_facts(subject: Subject, lines: &mut Lines<'_>) -> Result<Item, FactsError> {
    let source = source_of(&subject.source, subject.kind)?;
    let name = plain(&subject.name);
    let engine = subject.engine.as_deref().map(plain);
    let listing_size = subject.listing_bytes.unwrap_or_default();
    if subject.facts_bytes > FACTS_LIMIT || listing_size > LISTING_LIMIT {
        return Err(FactsError::TooMuch(format!("{name} is larger in it than a subject may be")));
    }
    let whole = subject.listing_bytes.is_some() == subject.listing_sha256.is_some();
    let hashes = [Some(&subject.facts_sha256), subject.listing_sha256.as_ref()];
    if !whole || !hashes.into_iter().flatten().all(|hash| is_sha256(hash)) {
        return Err(damaged("a hash is none"));
    }
    let swapped = |why| FactsError::Swapped { name: name.clone(), why };
    let text = lines.exactly(subject.facts_bytes)?;
    if hex::encode(Sha256::digest(&text)) != subject.facts_sha256 {
        return Err(swapped("the SHA-256 of its facts is another one"));
    }
    let listing = match &subject.listing_sha256 {
        None => None,
        Some(hash) => {
            let bytes = STANDARD.decode(lines.exactly(listing_size.div_ceil(3).saturating_mul(4))?).map_err(damaged)?;
            if bytes.len() as u64 != listing_size || hex::encode(Sha256::digest(&bytes)) != *hash {
                return Err(swapped("the SHA-256 of its listing is another one"));
            }
            Some(bytes)
        }
    };
    Ok(Item::Subject { subject: Subject { name, engine, ..subject }, source, text, listing })
}

/// The facts themselves, with the tree of an image in them, and with where they came from.
fn facts(
    by: &CollectedBy,
    subject: &Subject,
    source: &Source,
    text: &[u8],
    listing: Option<&[u8]>,
    trees: &mut u64,
) -> Result<Facts, FactsError> {
    let swapped = |why| FactsError::Swapped { name: subject.name.clone(), why };
    let mut facts: Facts = parse(text)?;
    if facts.source != source.to_string() {
        return Err(swapped("its facts name another source"));
    }
    if plimsoll_checks::kind_of(&facts) != subject.kind {
        return Err(swapped("its facts are those of another kind of subject"));
    }
    if facts.listing != subject.listing_sha256 {
        return Err(swapped("its facts name another listing"));
    }
    if super::write::engine_of(&facts).as_deref().map(plain) != subject.engine {
        return Err(swapped("its facts name another engine"));
    }
    moment(&facts.collected, "the time when a subject was read")?;
    facts.tree = listing.map(|bytes| tree(bytes, trees)).transpose()?;
    facts.listing = None;
    // What belongs to an engagement comes from none but this one's.
    facts.vulnerabilities = None;
    facts.vex = Vec::new();
    facts.acceptances = Vec::new();
    facts.evidence_problems = Vec::new();
    facts.unchanged_key = None;
    let bases = facts.bases.iter_mut().filter_map(|base| base.trust.as_mut());
    for notary in facts.trust.iter_mut().chain(bases).filter_map(|trust| trust.notary.as_mut()) {
        notary.pinned = None;
    }
    facts.collected_by = Some(CollectedBy { facts_sha256: subject.facts_sha256.clone(), ..by.clone() });
    Ok(facts)
}

/// The tree of a listing. What it unpacks to is counted before it is read.
fn tree(bytes: &[u8], left: &mut u64) -> Result<Tree, FactsError> {
    let bound = FREE.saturating_add((bytes.len() as u64).saturating_mul(RATIO)).min(*left);
    let decoder = zstd::stream::read::Decoder::with_buffer(bytes).map_err(damaged)?;
    let size = std::io::copy(&mut decoder.take(bound.saturating_add(1)), &mut std::io::sink()).map_err(damaged)?;
    if size > bound {
        return Err(FactsError::TooMuch("a listing unpacks to more than one of its size may".to_owned()));
    }
    *left = left.saturating_sub(size);
    Tree::from_bytes(bytes, bound).map_err(damaged)
}
