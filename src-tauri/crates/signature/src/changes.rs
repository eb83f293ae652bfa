//! What a later revision changed in a signed document, judged by a short list of what it may (ISO 32000-1, 12.8.2.2).
//!
//! Allowed: an empty signature field gains its value and appearance; the form says that it is signed; new objects.
//! Everything else is reported. More will be judged later; until then what is not on the list counts as a change.

use crate::pdf::PdfError;
use crate::pdf::fields::{SignatureField, catalog, signature_fields};
use crate::pdf::file::{PdfFile, Place};
use crate::pdf::syntax::{Dict, Kind, ObjectId};

/// The reasons why a revision is more than a further signature; empty when it is not.
pub(crate) fn judge(file: &PdfFile<'_>, revision: usize) -> Result<Vec<String>, PdfError> {
    let (Some(this), Some(before)) = (file.revisions.get(revision), revision.checked_sub(1)) else {
        return Ok(Vec::new());
    };
    let mut problems = Vec::new();
    let (old_trailer, new_trailer) = (file.trailer(before)?, file.trailer(revision)?);
    for key in ["Root", "Info"] {
        if old_trailer.get(key.as_bytes()) != new_trailer.get(key.as_bytes()) {
            problems.push(format!("the document's {key} was replaced"));
        }
    }
    let known = file.next_number(before);
    let fields = signature_fields(file, before)?;
    let (root, old_catalog) = catalog(file, before)?;
    let form = old_catalog.reference(b"AcroForm");
    for &(number, place) in &this.entries {
        match place {
            Place::Free if number == 0 => {}
            Place::Free => problems.push(format!("object {number} was deleted")),
            Place::At { offset, .. } if offset < this.start || offset > this.xref_at => {
                problems.push(format!("object {number} was taken from another revision"));
            }
            _ if number >= known => {}
            Place::Packed { .. } if file.place(number, before).is_none() => {
                problems.push(format!("object {number} was slipped in"));
            }
            _ => {
                let generation = match place {
                    Place::At { generation, .. } => generation,
                    _ => 0,
                };
                let id = (number, generation);
                if !allowed(file, revision, id, root, form, &fields, known)? {
                    problems.push(format!("object {number} was changed in a way that cannot be judged"));
                }
            }
        }
    }
    Ok(problems)
}

fn allowed(
    file: &PdfFile<'_>,
    revision: usize,
    id: ObjectId,
    root: ObjectId,
    form: Option<ObjectId>,
    fields: &[SignatureField],
    known: u32,
) -> Result<bool, PdfError> {
    let before = revision - 1;
    if file.place(id.0, before).is_none() {
        return Ok(false);
    }
    let old = file.object(id, before)?.value;
    let new = file.object(id, revision)?.value;
    let (Some(old), Some(new)) = (old.dict(), new.dict()) else { return Ok(false) };
    if Some(id) == form {
        return Ok(form_signed(old, new));
    }
    if id == root {
        let form = match (old.dict(b"AcroForm"), new.dict(b"AcroForm")) {
            (Some(old), Some(new)) => form_signed(old, new),
            _ => old.get(b"AcroForm") == new.get(b"AcroForm"),
        };
        return Ok(form && same_but(old, new, &[b"AcroForm"]));
    }
    let field = fields.iter().find(|field| field.id == id && field.value.is_none());
    Ok(field.is_some() && field_signed(old, new, known))
}

/// Equal but for these keys.
fn same_but(old: &Dict, new: &Dict, keys: &[&[u8]]) -> bool {
    let rest = |dict: &Dict| dict.entries.iter().filter(|entry| !keys.contains(&entry.key.as_slice())).count();
    rest(old) == rest(new)
        && old
            .entries
            .iter()
            .filter(|entry| !keys.contains(&entry.key.as_slice()))
            .all(|entry| new.get(&entry.key) == Some(&entry.value))
}

fn form_signed(old: &Dict, new: &Dict) -> bool {
    same_but(old, new, &[b"SigFlags"]) && new.integer(b"SigFlags") == Some(3)
}

/// A new object as value, and as appearance either what there was or one new object.
fn field_signed(old: &Dict, new: &Dict, known: u32) -> bool {
    let is_new = |id: Option<ObjectId>| id.is_some_and(|id| id.0 >= known);
    let appearance = old.get(b"AP") == new.get(b"AP")
        || matches!(
            new.get(b"AP").map(|value| &value.kind),
            Some(Kind::Dict(dict)) if dict.entries.len() == 1 && is_new(dict.reference(b"N"))
        );
    same_but(old, new, &[b"V", b"AP"]) && is_new(new.reference(b"V")) && appearance
}
