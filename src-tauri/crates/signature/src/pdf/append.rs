//! A further revision appended to a PDF file: changed and new objects, cross-reference section, trailer (ISO 32000-1, 7.5.6).
//!
//! What is there stays byte for byte; a changed object is a copy of its old text with single entries added or replaced.

use std::collections::BTreeMap;
use std::ops::Range;

use lopdf::Object;

use super::PdfError;
use super::file::{Located, PdfFile, XrefKind};
use super::syntax::{Dict, ObjectId, Value, is_space};

/// A form XObject and the objects that it needs, to be drawn as a signature's appearance (ISO 32000-1, 12.5.5).
///
/// The numbers are the caller's own; they are replaced by free ones. Every reference must lead to one of the objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AppearanceObjects {
    /// The objects by their present numbers.
    pub objects: BTreeMap<lopdf::ObjectId, Object>,
    /// Which of them is the form XObject.
    pub root: lopdf::ObjectId,
}

/// An object of the new revision.
#[derive(Debug)]
struct Appended {
    id: ObjectId,
    body: Vec<u8>,
}

/// A revision under construction.
#[derive(Debug)]
pub(crate) struct Append<'a, 'b> {
    file: &'b PdfFile<'a>,
    objects: Vec<Appended>,
    next: u32,
}

/// A finished revision behind the old bytes, and where each object's body begins.
pub(crate) struct AppendedFile {
    pub(crate) bytes: Vec<u8>,
    bodies: BTreeMap<ObjectId, usize>,
}

impl AppendedFile {
    /// Where the body of an appended object begins in the file.
    pub(crate) fn body_at(&self, id: ObjectId) -> Option<usize> {
        self.bodies.get(&id).copied()
    }
}

impl<'a, 'b> Append<'a, 'b> {
    pub(crate) fn new(file: &'b PdfFile<'a>) -> Self {
        Self { file, objects: Vec::new(), next: file.next_number(file.newest()).max(1) }
    }

    /// A number for a new object.
    pub(crate) fn reserve(&mut self) -> ObjectId {
        let id = (self.next, 0);
        self.next += 1;
        id
    }

    /// Adds a new object, or a new version of an old one.
    pub(crate) fn put(&mut self, id: ObjectId, body: Vec<u8>) {
        self.objects.retain(|object| object.id != id);
        self.objects.push(Appended { id, body });
    }

    /// Adds an appearance's objects under new numbers and returns the form XObject's.
    pub(crate) fn put_appearance(&mut self, appearance: &AppearanceObjects) -> Result<ObjectId, PdfError> {
        let numbers: BTreeMap<_, _> = appearance.objects.keys().map(|&old| (old, self.reserve())).collect();
        for (old, object) in &appearance.objects {
            let mut body = Vec::new();
            write_object(object, &numbers, &mut body)?;
            if let Some(&id) = numbers.get(old) {
                self.put(id, body);
            }
        }
        let root = appearance.objects.get(&appearance.root).and_then(|object| object.as_stream().ok());
        if root.and_then(|root| root.dict.get(b"Subtype").and_then(Object::as_name).ok()) != Some(&b"Form"[..]) {
            return Err(PdfError::Appearance("its root is no form XObject".to_owned()));
        }
        numbers.get(&appearance.root).copied().ok_or_else(|| PdfError::Appearance("it is empty".to_owned()))
    }

    /// Writes the revision behind the old bytes.
    pub(crate) fn finish(mut self, id_seed: &[u8; 16]) -> Result<AppendedFile, PdfError> {
        let newest = self.file.newest();
        let Some(last) = self.file.revisions.get(newest) else { return Err(PdfError::at(0, "it has no revision")) };
        let kind = last.kind;
        let mut trailer = self.trailer_entries(&last.trailer, id_seed);
        trailer.extend_from_slice(format!("/Prev {}", last.xref_at).as_bytes());

        let mut out = self.file.bytes.to_vec();
        if !out.ends_with(b"\n") && !out.ends_with(b"\r") {
            out.push(b'\n');
        }
        let xref_id = (kind == XrefKind::Stream).then(|| self.reserve());
        self.objects.sort_by_key(|object| object.id);
        let mut bodies = BTreeMap::new();
        let mut places: Vec<(ObjectId, usize)> = Vec::new();
        for object in &self.objects {
            places.push((object.id, out.len()));
            out.extend_from_slice(format!("{} {} obj\n", object.id.0, object.id.1).as_bytes());
            bodies.insert(object.id, out.len());
            out.extend_from_slice(&object.body);
            out.extend_from_slice(b"\nendobj\n");
        }
        let xref_at = out.len();
        if let Some(id) = xref_id {
            places.push((id, xref_at));
        }
        if u32::try_from(xref_at).is_err() {
            return Err(PdfError::TooLarge);
        }
        match xref_id {
            None => write_table(&mut out, &places, self.next, &trailer),
            Some(id) => write_stream(&mut out, id, &places, self.next, &trailer),
        }
        out.extend_from_slice(format!("startxref\n{xref_at}\n%%EOF\n").as_bytes());
        Ok(AppendedFile { bytes: out, bodies })
    }

    /// Root, Info and ID as they were, but for the second half of ID, which names this version (14.4).
    fn trailer_entries(&self, last: &Dict, id_seed: &[u8; 16]) -> Vec<u8> {
        let mut out = Vec::new();
        let raw = |value: &Value| self.file.bytes.get(value.span.clone()).unwrap_or_default();
        for key in [&b"Root"[..], b"Info"] {
            if let Some(value) = last.get(key) {
                out.push(b'/');
                out.extend_from_slice(key);
                out.push(b' ');
                out.extend_from_slice(raw(value));
            }
        }
        let seed = hex::encode(id_seed);
        let first = match last.array(b"ID") {
            Some([first, _]) => raw(first).to_vec(),
            _ => format!("<{seed}>").into_bytes(),
        };
        out.extend_from_slice(b"/ID[");
        out.extend_from_slice(&first);
        out.extend_from_slice(format!("<{seed}>]").as_bytes());
        out
    }
}

/// Runs of consecutive object numbers.
fn runs(places: &[(ObjectId, usize)]) -> Vec<&[(ObjectId, usize)]> {
    places.chunk_by(|(a, _), (b, _)| a.0 + 1 == b.0).collect()
}

fn write_table(out: &mut Vec<u8>, places: &[(ObjectId, usize)], size: u32, trailer: &[u8]) {
    out.extend_from_slice(b"xref\n");
    for run in runs(places) {
        if let Some(((first, _), _)) = run.first() {
            out.extend_from_slice(format!("{first} {}\n", run.len()).as_bytes());
        }
        for ((_, generation), offset) in run {
            out.extend_from_slice(format!("{offset:010} {generation:05} n \n").as_bytes());
        }
    }
    out.extend_from_slice(format!("trailer\n<</Size {size}").as_bytes());
    out.extend_from_slice(trailer);
    out.extend_from_slice(b">>\n");
}

fn write_stream(out: &mut Vec<u8>, id: ObjectId, places: &[(ObjectId, usize)], size: u32, trailer: &[u8]) {
    let mut data = Vec::new();
    let mut index = String::new();
    for run in runs(places) {
        if let Some(((first, _), _)) = run.first() {
            index.push_str(&format!(" {first} {}", run.len()));
        }
        for ((_, generation), offset) in run {
            data.push(1);
            // `finish` has checked that offsets fit four bytes.
            data.extend_from_slice(&u32::try_from(*offset).unwrap_or(u32::MAX).to_be_bytes());
            data.extend_from_slice(&generation.to_be_bytes());
        }
    }
    let head = format!(
        "{} {} obj\n<</Type/XRef/W[1 4 2]/Index[{}]/Length {}/Size {size}",
        id.0,
        id.1,
        index.trim_start(),
        data.len()
    );
    out.extend_from_slice(head.as_bytes());
    out.extend_from_slice(trailer);
    out.extend_from_slice(b">>\nstream\n");
    out.extend_from_slice(&data);
    out.extend_from_slice(b"\nendstream\nendobj\n");
}

/// An object's text with some of its entries set.
#[derive(Debug)]
pub(crate) struct Edit<'l> {
    located: &'l Located<'l>,
    changes: Vec<(Range<usize>, Vec<u8>)>,
}

impl<'l> Edit<'l> {
    pub(crate) fn new(located: &'l Located<'l>) -> Self {
        Self { located, changes: Vec::new() }
    }

    /// Sets an entry of the object's dictionary, or of a dictionary that stands directly inside it.
    pub(crate) fn set(&mut self, dict: &Dict, key: &str, value: &[u8]) {
        match dict.get(key.as_bytes()) {
            Some(old) => self.changes.push((old.span.clone(), [b" ", value].concat())),
            None => {
                let end = dict.span.end.saturating_sub(2);
                self.changes.push((end..end, [b"/", key.as_bytes(), b" ", value].concat()));
            }
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// The new text of the object.
    pub(crate) fn body(mut self) -> Vec<u8> {
        self.changes.sort_by_key(|(range, _)| (range.start, range.end));
        let mut out = Vec::new();
        let mut at = self.located.value.span.start;
        for (range, text) in self.changes {
            out.extend_from_slice(self.located.text.get(at..range.start).unwrap_or_default());
            out.extend_from_slice(&text);
            at = range.end;
        }
        out.extend_from_slice(self.located.text.get(at..self.located.value.span.end).unwrap_or_default());
        out
    }
}

fn write_name(name: &[u8], out: &mut Vec<u8>) {
    out.push(b'/');
    for &byte in name {
        if byte.is_ascii_graphic() && !is_space(byte) && !b"#()<>[]{}/%".contains(&byte) {
            out.push(byte);
        } else {
            out.extend_from_slice(format!("#{byte:02X}").as_bytes());
        }
    }
}

fn write_dictionary(
    dict: &lopdf::Dictionary,
    numbers: &BTreeMap<ObjectId, ObjectId>,
    length: Option<usize>,
    out: &mut Vec<u8>,
) -> Result<(), PdfError> {
    out.extend_from_slice(b"<<");
    for (key, value) in dict.iter().filter(|(key, _)| length.is_none() || key.as_slice() != b"Length") {
        write_name(key, out);
        out.push(b' ');
        write_object(value, numbers, out)?;
    }
    if let Some(length) = length {
        out.extend_from_slice(format!("/Length {length}").as_bytes());
    }
    out.extend_from_slice(b">>");
    Ok(())
}

/// Writes an object, its references renumbered.
fn write_object(object: &Object, numbers: &BTreeMap<ObjectId, ObjectId>, out: &mut Vec<u8>) -> Result<(), PdfError> {
    match object {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Object::Integer(value) => out.extend_from_slice(value.to_string().as_bytes()),
        Object::Real(value) if value.is_finite() => out.extend_from_slice(value.to_string().as_bytes()),
        Object::Real(_) => return Err(PdfError::Appearance("it holds an infinite number".to_owned())),
        Object::Name(name) => write_name(name, out),
        Object::String(bytes, _) => out.extend_from_slice(format!("<{}>", hex::encode(bytes)).as_bytes()),
        Object::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                write_object(item, numbers, out)?;
            }
            out.push(b']');
        }
        Object::Dictionary(dict) => write_dictionary(dict, numbers, None, out)?,
        Object::Stream(stream) => {
            write_dictionary(&stream.dict, numbers, Some(stream.content.len()), out)?;
            out.extend_from_slice(b"\nstream\n");
            out.extend_from_slice(&stream.content);
            out.extend_from_slice(b"\nendstream");
        }
        Object::Reference(old) => match numbers.get(old) {
            Some(new) => out.extend_from_slice(format!("{} {} R", new.0, new.1).as_bytes()),
            None => {
                return Err(PdfError::Appearance(format!("it refers to object {}, which is not given", old.0)));
            }
        },
    }
    Ok(())
}
