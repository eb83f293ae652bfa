//! The signature fields of a document (ISO 32000-1, 12.7.3 and 12.7.4.5).

use std::collections::HashSet;

use super::PdfError;
use super::file::PdfFile;
use super::syntax::{Dict, Kind, ObjectId, Value};
use super::text::decode_text;

/// Fields may be nested this deep.
const MAX_DEPTH: usize = 16;
/// A form with more fields than this is refused.
const MAX_FIELDS: usize = 10_000;

/// A signature field.
#[derive(Debug, Clone)]
pub(crate) struct SignatureField {
    /// Its full name, parents first, joined by full stops.
    pub(crate) name: String,
    pub(crate) id: ObjectId,
    /// Its value, when it is signed.
    pub(crate) value: Option<Value>,
    /// Whether field and widget are one object.
    pub(crate) merged: bool,
}

/// The document catalogue of a revision, and its object.
pub(crate) fn catalog(file: &PdfFile<'_>, revision: usize) -> Result<(ObjectId, Dict), PdfError> {
    let root = file.trailer(revision)?.reference(b"Root");
    let id = root.ok_or_else(|| PdfError::at(0, "its trailer names no document catalogue"))?;
    match file.object(id, revision)?.value.kind {
        Kind::Dict(dict) => Ok((id, dict)),
        _ => Err(PdfError::at(0, "its document catalogue is no dictionary")),
    }
}

/// All signature fields of a revision, in the order of the form.
pub(crate) fn signature_fields(file: &PdfFile<'_>, revision: usize) -> Result<Vec<SignatureField>, PdfError> {
    let (_, catalog) = catalog(file, revision)?;
    let Some(form) = catalog.get(b"AcroForm") else { return Ok(Vec::new()) };
    let form = file.resolve(form, revision)?;
    let Some(fields) = form.dict().and_then(|form| form.get(b"Fields")) else { return Ok(Vec::new()) };
    let fields = file.resolve(fields, revision)?;
    let mut walk = Walk { file, revision, seen: HashSet::new(), found: Vec::new() };
    for field in fields.array().unwrap_or_default() {
        walk.field(field, "", None, 0)?;
    }
    Ok(walk.found)
}

struct Walk<'a, 'b> {
    file: &'b PdfFile<'a>,
    revision: usize,
    seen: HashSet<ObjectId>,
    found: Vec<SignatureField>,
}

impl Walk<'_, '_> {
    fn field(&mut self, value: &Value, parent: &str, inherited: Option<&[u8]>, depth: usize) -> Result<(), PdfError> {
        let Some(id) = value.reference() else {
            return Err(PdfError::at(value.span.start, "a form field is not an object of its own"));
        };
        if depth > MAX_DEPTH || self.seen.len() > MAX_FIELDS || !self.seen.insert(id) {
            return Err(PdfError::at(value.span.start, "its form fields are nested in circles or too numerous"));
        }
        let located = self.file.object(id, self.revision)?;
        let Some(dict) = located.value.dict() else {
            return Err(PdfError::at(located.offset.unwrap_or(0), "a form field is no dictionary"));
        };
        let own = dict.string(b"T").map(decode_text);
        let name = match (parent, &own) {
            ("", Some(own)) => own.clone(),
            (_, Some(own)) => format!("{parent}.{own}"),
            (_, None) => parent.to_owned(),
        };
        let kind = dict.name(b"FT").or(inherited);
        let kids = match dict.get(b"Kids") {
            Some(kids) => self.file.resolve(kids, self.revision)?.array().unwrap_or_default().to_vec(),
            None => Vec::new(),
        };
        let mut terminal = true;
        for kid in &kids {
            let kid_is_field = kid.reference().is_some_and(|id| {
                self.file
                    .object(id, self.revision)
                    .is_ok_and(|kid| kid.value.dict().is_some_and(|kid| kid.get(b"T").is_some()))
            });
            if kid_is_field {
                terminal = false;
                self.field(kid, &name, kind, depth + 1)?;
            }
        }
        if terminal && kind == Some(b"Sig") {
            let value = dict.get(b"V").filter(|value| value.kind != Kind::Null).cloned();
            self.found.push(SignatureField { name, id, value, merged: kids.is_empty() });
        }
        Ok(())
    }
}
