//! A PDF file as its chain of revisions, read from the last cross-reference section backwards (ISO 32000-1, 7.5).
//!
//! Every revision is `objects, cross-reference section, startxref, %%EOF`; its `startxref` must name its own section,
//! and the file must end with the last one. Objects are read on demand, so a large report costs little.

use std::borrow::Cow;
use std::cell::Cell;
use std::ops::Range;

use lopdf::{Dictionary, Object, Stream};

use super::PdfError;
use super::syntax::{Dict, Kind, ObjectId, Parser, Value};

/// A file with more revisions than this is refused.
const MAX_REVISIONS: usize = 256;
/// Largest object number (ISO 32000-1, annex C).
const MAX_OBJECT: u64 = 8_388_607;
/// A file that lists more objects than this, over all revisions, is refused.
const MAX_ENTRIES: usize = 10_000_000;
/// Bytes of object streams and cross-reference streams that are unpacked before the file is refused.
const MAX_DECODED: usize = 1 << 30;

/// How a revision lists its objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum XrefKind {
    Table,
    Stream,
}

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Free,
    At { offset: usize, generation: u16 },
    Packed { container: u32, index: usize },
}

/// One revision of a file.
#[derive(Debug)]
pub(crate) struct Revision {
    /// Where the previous revision ends and this one begins.
    pub(crate) start: usize,
    /// Where its cross-reference section stands.
    pub(crate) xref_at: usize,
    pub(crate) kind: XrefKind,
    /// Object number and place, in ascending order.
    pub(crate) entries: Vec<(u32, Place)>,
    pub(crate) trailer: Dict,
    /// Just behind `%%EOF`.
    pub(crate) eof: usize,
    /// Behind the end-of-line marker after it, if there is one.
    pub(crate) end: usize,
}

impl Revision {
    fn place(&self, number: u32) -> Option<Place> {
        let index = self.entries.binary_search_by_key(&number, |entry| entry.0).ok()?;
        self.entries.get(index).map(|entry| entry.1)
    }
}

/// A PDF file.
#[derive(Debug)]
pub(crate) struct PdfFile<'a> {
    pub(crate) bytes: &'a [u8],
    /// The oldest first; never empty.
    pub(crate) revisions: Vec<Revision>,
    /// Bytes that may still be unpacked.
    budget: Cell<usize>,
}

/// An indirect object: its value and the text that the value's places point into.
#[derive(Debug)]
pub(crate) struct Located<'a> {
    pub(crate) value: Value,
    pub(crate) text: Cow<'a, [u8]>,
    pub(crate) generation: u16,
    /// Where `n g obj` stands in the file; `None` inside an object stream.
    pub(crate) offset: Option<usize>,
    /// The stream's bytes in the file.
    stream: Option<Range<usize>>,
}

impl<'a> PdfFile<'a> {
    /// Reads the revisions of a file.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, PdfError> {
        if !bytes.starts_with(b"%PDF-") {
            return Err(PdfError::NotPdf);
        }
        let mut file = Self { bytes, revisions: Vec::new(), budget: Cell::new(MAX_DECODED) };
        let mut newest_first = Vec::new();
        let mut next = Some(last_startxref(bytes)?);
        let mut limit = bytes.len();
        let mut listed = 0;
        while let Some(at) = next {
            if newest_first.len() >= MAX_REVISIONS {
                return Err(PdfError::at(at, "it has too many revisions"));
            }
            if at >= limit {
                return Err(PdfError::at(at, "its revisions do not follow each other"));
            }
            let revision = file.revision(at)?;
            if newest_first.is_empty() && revision.end != bytes.len() {
                return Err(PdfError::at(revision.end, "the last revision is followed by something else"));
            }
            if revision.end > limit {
                return Err(PdfError::at(at, "two of its revisions overlap"));
            }
            listed += revision.entries.len();
            if listed > MAX_ENTRIES {
                return Err(PdfError::at(at, "it has too many objects"));
            }
            if revision.trailer.get(b"Encrypt").is_some() {
                return Err(PdfError::Encrypted);
            }
            if revision.trailer.get(b"XRefStm").is_some() {
                return Err(PdfError::at(at, "it mixes both kinds of cross-reference"));
            }
            next = match revision.trailer.get(b"Prev") {
                None => None,
                Some(prev) => Some(
                    prev.integer()
                        .and_then(|prev| usize::try_from(prev).ok())
                        .ok_or_else(|| PdfError::at(at, "the place of its previous revision is no number"))?,
                ),
            };
            limit = at;
            newest_first.push(revision);
        }
        newest_first.reverse();
        let mut start = 0;
        for revision in &mut newest_first {
            revision.start = start;
            start = revision.end;
        }
        file.revisions = newest_first;
        Ok(file)
    }

    /// The index of the newest revision.
    pub(crate) fn newest(&self) -> usize {
        self.revisions.len().saturating_sub(1)
    }

    /// The trailer of a revision.
    pub(crate) fn trailer(&self, revision: usize) -> Result<&Dict, PdfError> {
        self.revisions
            .get(revision)
            .map(|revision| &revision.trailer)
            .ok_or_else(|| PdfError::at(0, "it has no trailer"))
    }

    /// The number that the next new object may get.
    pub(crate) fn next_number(&self, revision: usize) -> u32 {
        let known = self.revisions.iter().take(revision + 1);
        known
            .map(|revision| {
                let listed = revision.entries.last().map_or(0, |entry| entry.0 + 1);
                let declared = revision.trailer.integer(b"Size").and_then(|size| u32::try_from(size).ok());
                listed.max(declared.filter(|size| u64::from(*size) <= MAX_OBJECT + 1).unwrap_or(0))
            })
            .max()
            .unwrap_or(0)
    }

    /// Where an object stands, as a reader of this revision sees it.
    pub(crate) fn place(&self, number: u32, revision: usize) -> Option<Place> {
        self.revisions.iter().take(revision + 1).rev().find_map(|revision| revision.place(number))
    }

    /// An object as a reader of this revision sees it.
    pub(crate) fn object(&self, id: ObjectId, revision: usize) -> Result<Located<'a>, PdfError> {
        let missing = || PdfError::at(0, format!("object {} {} is missing", id.0, id.1));
        match self.place(id.0, revision).ok_or_else(missing)? {
            Place::Free => Err(missing()),
            Place::At { offset, generation } if generation == id.1 => {
                let (found, located) = self.indirect(offset, Some(revision))?;
                if found != id {
                    return Err(PdfError::at(offset, format!("object {} {} was expected there", id.0, id.1)));
                }
                Ok(located)
            }
            Place::At { .. } => Err(missing()),
            Place::Packed { container, index } if id.1 == 0 => self.packed(id.0, container, index, revision),
            Place::Packed { .. } => Err(missing()),
        }
    }

    /// A value, or what it refers to.
    pub(crate) fn resolve(&self, value: &Value, revision: usize) -> Result<Value, PdfError> {
        match value.reference() {
            Some(id) => self.object(id, revision).map(|located| located.value),
            None => Ok(value.clone()),
        }
    }

    /// `n g obj … endobj` at a place (7.3.10). Without a revision a stream's length must be a plain number.
    fn indirect(&self, offset: usize, revision: Option<usize>) -> Result<(ObjectId, Located<'a>), PdfError> {
        let mut parser = Parser::new(self.bytes, offset);
        let id = object_header(&mut parser).ok_or_else(|| PdfError::at(offset, "an object was expected there"))?;
        let value = parser.value()?;
        parser.skip_space();
        let mut stream = None;
        if let Some(dict) = value.dict()
            && parser.take_word(b"stream")
        {
            if !(parser.take(b"\r\n") || parser.take(b"\n")) {
                return Err(PdfError::at(parser.pos(), "a stream does not begin on a new line"));
            }
            let length = self.stream_length(dict, revision)?;
            let start = parser.pos();
            let end = start.checked_add(length).filter(|&end| end <= self.bytes.len());
            let end = end.ok_or_else(|| PdfError::at(start, "a stream is longer than the file"))?;
            parser = Parser::new(self.bytes, end);
            parser.skip_space();
            if !parser.take_word(b"endstream") {
                return Err(PdfError::at(end, "a stream does not end where it says"));
            }
            parser.skip_space();
            stream = Some(start..end);
        }
        if !parser.take_word(b"endobj") {
            return Err(PdfError::at(parser.pos(), "an object has no end"));
        }
        let located =
            Located { value, text: Cow::Borrowed(self.bytes), generation: id.1, offset: Some(offset), stream };
        Ok((id, located))
    }

    fn stream_length(&self, dict: &Dict, revision: Option<usize>) -> Result<usize, PdfError> {
        let missing = || PdfError::at(dict.span.start, "a stream has no usable length");
        let value = dict.get(b"Length").ok_or_else(missing)?;
        let length = match (value.reference(), revision) {
            // A length is a plain number object: read it without following streams, so that nothing can go in circles.
            (Some(id), Some(revision)) => match self.place(id.0, revision) {
                Some(Place::At { offset, generation }) if generation == id.1 => {
                    let mut parser = Parser::new(self.bytes, offset);
                    object_header(&mut parser).filter(|found| *found == id).ok_or_else(missing)?;
                    parser.value()?.integer()
                }
                _ => None,
            },
            _ => value.integer(),
        };
        length.and_then(|length| usize::try_from(length).ok()).ok_or_else(missing)
    }

    /// An object of an object stream (7.5.7).
    fn packed(&self, number: u32, container: u32, index: usize, revision: usize) -> Result<Located<'a>, PdfError> {
        let Some(Place::At { offset, generation: 0 }) = self.place(container, revision) else {
            return Err(PdfError::at(0, format!("object stream {container} is missing")));
        };
        let (found, located) = self.indirect(offset, Some(revision))?;
        let wrong = |reason: &str| PdfError::at(offset, format!("object stream {container} {reason}"));
        let dict = located.value.dict().filter(|dict| dict.name(b"Type") == Some(b"ObjStm"));
        let dict = dict.filter(|_| found == (container, 0)).ok_or_else(|| wrong("was expected there"))?;
        let text = self.decode(&located)?;
        let first = dict.integer(b"First").and_then(|first| usize::try_from(first).ok());
        let first = first.ok_or_else(|| wrong("does not say where its objects begin"))?;
        let mut head = Parser::new(text.get(..first).ok_or_else(|| wrong("is too short"))?, 0);
        for at in 0..=index {
            head.skip_space();
            let listed = head.unsigned(10);
            head.skip_space();
            let place = head.unsigned(10).and_then(|place| usize::try_from(place).ok());
            let (Some(listed), Some(place)) = (listed, place) else {
                return Err(wrong("does not hold the object that it is said to hold"));
            };
            if at == index {
                if listed != u64::from(number) {
                    return Err(wrong("holds another object than it is said to hold"));
                }
                let value = Parser::new(&text, first.saturating_add(place)).value()?;
                return Ok(Located { value, text: Cow::Owned(text), generation: 0, offset: None, stream: None });
            }
        }
        Err(wrong("does not hold the object that it is said to hold"))
    }

    /// A stream's decoded bytes, within limits.
    fn decode(&self, located: &Located<'_>) -> Result<Vec<u8>, PdfError> {
        let at = located.offset.unwrap_or(0);
        let wrong = |reason: &str| PdfError::at(at, reason);
        let dict = located.value.dict().ok_or_else(|| wrong("a stream was expected there"))?;
        let range = located.stream.clone().ok_or_else(|| wrong("a stream was expected there"))?;
        let raw = self.bytes.get(range).unwrap_or_default();
        let mut plain = Dictionary::new();
        if let Some(filter) = dict.get(b"Filter") {
            let name = filter.name().or_else(|| match filter.array() {
                Some([only]) => only.name(),
                _ => None,
            });
            if name != Some(b"FlateDecode") {
                return Err(wrong("a stream of objects is packed in an unusual way"));
            }
            plain.set("Filter", Object::Name(b"FlateDecode".to_vec()));
        }
        if let Some(parms) = dict.get(b"DecodeParms") {
            let parms = parms.dict().or_else(|| match parms.array() {
                Some([only]) => only.dict(),
                _ => None,
            });
            let parms = parms.ok_or_else(|| wrong("a stream's decoding parameters are unusual"))?;
            let mut checked = Dictionary::new();
            let limits: [(&[u8], i64); 4] =
                [(b"Predictor", 15), (b"Columns", 4096), (b"Colors", 4), (b"BitsPerComponent", 8)];
            for (key, most) in limits {
                if let Some(value) = parms.get(key) {
                    let number = value.integer().filter(|number| (1..=most).contains(number));
                    let number = number.ok_or_else(|| wrong("a stream's decoding parameters are unusual"))?;
                    checked.set(key, Object::Integer(number));
                }
            }
            plain.set("DecodeParms", Object::Dictionary(checked));
        }
        let decoded = Stream::new(plain, raw.to_vec()).decompressed_content_with_limit(self.budget.get());
        let decoded = decoded.map_err(|_| wrong("a stream of objects cannot be unpacked"))?;
        self.budget.set(self.budget.get().saturating_sub(decoded.len()));
        Ok(decoded)
    }

    /// The revision whose cross-reference section stands at a place.
    fn revision(&self, at: usize) -> Result<Revision, PdfError> {
        let mut parser = Parser::new(self.bytes, at);
        let (kind, mut entries, trailer) = if parser.take_word(b"xref") {
            let entries = table_entries(&mut parser)?;
            let value = parser.value()?;
            let Kind::Dict(trailer) = value.kind else { return Err(PdfError::at(at, "a trailer is missing")) };
            (XrefKind::Table, entries, trailer)
        } else {
            let (_, located) = self.indirect(at, None)?;
            let data = self.decode(&located)?;
            let Kind::Dict(trailer) = located.value.kind else {
                return Err(PdfError::at(at, "a cross-reference section was expected there"));
            };
            if trailer.name(b"Type") != Some(b"XRef") {
                return Err(PdfError::at(at, "a cross-reference section was expected there"));
            }
            let end = located.stream.map_or(at, |range| range.end);
            parser = Parser::new(self.bytes, end);
            parser.skip_space();
            parser.take_word(b"endstream");
            parser.skip_space();
            parser.take_word(b"endobj");
            (XrefKind::Stream, stream_entries(&data, &trailer, at)?, trailer)
        };
        entries.sort_by_key(|entry| entry.0);
        if entries.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a == b)) {
            return Err(PdfError::at(at, "a cross-reference section lists an object twice"));
        }
        let mut tail = parser;
        skip_white(&mut tail);
        let own = tail.take_word(b"startxref").then(|| {
            skip_white(&mut tail);
            tail.unsigned(19)
        });
        if own.flatten().and_then(|own| usize::try_from(own).ok()) != Some(at) {
            return Err(PdfError::at(tail.pos(), "a revision's startxref does not name its own section"));
        }
        skip_white(&mut tail);
        if !tail.take(b"%%EOF") {
            return Err(PdfError::at(tail.pos(), "a revision does not end with %%EOF"));
        }
        let eof = tail.pos();
        tail.take_eol();
        Ok(Revision { start: 0, xref_at: at, kind, entries, trailer, eof, end: tail.pos() })
    }
}

/// White space without comments: `%%EOF` is a comment to the general rule.
fn skip_white(parser: &mut Parser<'_>) {
    while parser.take_eol() || parser.take(b" ") || parser.take(b"\t") {}
}

fn object_header(parser: &mut Parser<'_>) -> Option<ObjectId> {
    let number = parser.unsigned(10).filter(|&number| number <= MAX_OBJECT)?;
    parser.skip_space();
    let generation = u16::try_from(parser.unsigned(5)?).ok()?;
    parser.skip_space();
    parser.take(b"obj").then_some((u32::try_from(number).ok()?, generation))
}

/// The `startxref` that the file ends with.
fn last_startxref(bytes: &[u8]) -> Result<usize, PdfError> {
    let wrong = || PdfError::at(bytes.len(), "it does not end with startxref and %%EOF");
    let body = bytes.strip_suffix(b"\r\n").or_else(|| bytes.strip_suffix(b"\n")).or_else(|| bytes.strip_suffix(b"\r"));
    let body = body.unwrap_or(bytes).strip_suffix(b"%%EOF").ok_or_else(wrong)?.trim_ascii_end();
    let digits = body.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let (head, number) = body.split_at(body.len().saturating_sub(digits));
    head.trim_ascii_end().strip_suffix(b"startxref").ok_or_else(wrong)?;
    std::str::from_utf8(number).ok().and_then(|number| number.parse().ok()).ok_or_else(wrong)
}

/// The subsections of a cross-reference table, up to its `trailer` keyword (7.5.4).
fn table_entries(parser: &mut Parser<'_>) -> Result<Vec<(u32, Place)>, PdfError> {
    let mut entries = Vec::new();
    loop {
        parser.skip_space();
        if parser.take_word(b"trailer") {
            return Ok(entries);
        }
        let wrong = |at: usize| PdfError::at(at, "a cross-reference table is malformed");
        let first = parser.unsigned(10).ok_or_else(|| wrong(parser.pos()))?;
        parser.skip_space();
        let count = parser.unsigned(10).ok_or_else(|| wrong(parser.pos()))?;
        parser.skip_space();
        if first.saturating_add(count) > MAX_OBJECT + 1 {
            return Err(wrong(parser.pos()));
        }
        for number in first..first + count {
            let at = parser.pos();
            let entry = table_entry(parser).filter(|_| parser.pos() == at + 20).ok_or_else(|| wrong(at))?;
            entries.push((u32::try_from(number).map_err(|_| wrong(at))?, entry));
        }
    }
}

/// One entry: twenty bytes, end of line included.
fn table_entry(parser: &mut Parser<'_>) -> Option<Place> {
    let offset = usize::try_from(parser.unsigned(10)?).ok()?;
    parser.take(b" ").then_some(())?;
    let generation = u16::try_from(parser.unsigned(5)?).ok()?;
    parser.take(b" ").then_some(())?;
    let in_use = parser.take(b"n");
    (in_use || parser.take(b"f")).then_some(())?;
    (parser.take(b" \n") || parser.take(b" \r") || parser.take(b"\r\n")).then_some(())?;
    Some(if in_use { Place::At { offset, generation } } else { Place::Free })
}

/// The entries of a cross-reference stream (7.5.8).
fn stream_entries(data: &[u8], dict: &Dict, at: usize) -> Result<Vec<(u32, Place)>, PdfError> {
    let wrong = || PdfError::at(at, "a cross-reference stream is malformed");
    let numbers = |key: &[u8]| -> Option<Vec<u64>> {
        dict.array(key)?.iter().map(|value| value.integer().and_then(|n| u64::try_from(n).ok())).collect()
    };
    let widths = numbers(b"W").ok_or_else(wrong)?;
    let &[first, second, third] = widths.as_slice() else { return Err(wrong()) };
    if first > 8 || second > 8 || third > 8 || first + second + third == 0 {
        return Err(wrong());
    }
    let size = dict.integer(b"Size").and_then(|size| u64::try_from(size).ok()).ok_or_else(wrong)?;
    let index = match dict.get(b"Index") {
        Some(_) => numbers(b"Index").ok_or_else(wrong)?,
        None => vec![0, size],
    };
    let (sections, []) = index.as_chunks::<2>() else { return Err(wrong()) };
    let mut rest = data;
    let mut field = |width: u64| -> Option<u64> {
        let (head, tail) = rest.split_at_checked(usize::try_from(width).ok()?)?;
        rest = tail;
        Some(head.iter().fold(0u64, |sum, &byte| sum << 8 | u64::from(byte)))
    };
    let mut entries = Vec::new();
    for &[start, count] in sections {
        if start.saturating_add(count) > MAX_OBJECT + 1 {
            return Err(wrong());
        }
        for number in start..start + count {
            let kind = if first == 0 { Some(1) } else { field(first) };
            let (Some(kind), Some(b), Some(c)) = (kind, field(second), field(third)) else { return Err(wrong()) };
            let place = match kind {
                0 => Some(Place::Free),
                1 => usize::try_from(b)
                    .ok()
                    .zip(u16::try_from(c).ok())
                    .map(|(offset, generation)| Place::At { offset, generation }),
                2 => u32::try_from(b)
                    .ok()
                    .zip(usize::try_from(c).ok())
                    .map(|(container, index)| Place::Packed { container, index }),
                _ => None,
            };
            entries.push((u32::try_from(number).map_err(|_| wrong())?, place.ok_or_else(wrong)?));
        }
    }
    if rest.is_empty() { Ok(entries) } else { Err(wrong()) }
}
