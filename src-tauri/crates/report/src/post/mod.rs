//! What printpdf cannot write: bookmarks, links, signature fields, the attachment, metadata, the colour space.

mod attachment;
mod links;
mod metadata;
mod outline;
mod signatures;

use lopdf::{Dictionary, Document, Object, ObjectId};
use sha2::{Digest, Sha256};

use crate::compose::Composed;
use crate::content::Content;
use crate::error::ReportError;
use crate::page::Place;
use crate::strings::Words;
use crate::theme;

/// Completes the document and writes its bytes.
pub fn finish(mut document: Document, content: &Content, composed: &Composed) -> Result<Vec<u8>, ReportError> {
    let words = Words(content.language);
    let pages: Vec<ObjectId> = document.get_pages().into_values().collect();
    if pages.len() != composed.pages.len() {
        return Err(wrong(format!("{} of {} pages were written", pages.len(), composed.pages.len())));
    }
    let target = |place: &Place| -> Option<Object> {
        let page = pages.get(place.page)?;
        let top = (theme::PAGE_HEIGHT - place.y + 6.0).min(theme::PAGE_HEIGHT);
        let view = [Object::Reference(*page), name("XYZ"), Object::Integer(0), number(top), Object::Null];
        Some(Object::Array(view.to_vec()))
    };
    let mut annotations = links::add(&mut document, composed, target);
    let fields = signatures::add(&mut document, composed, &pages, &mut annotations);
    for (page, annotations) in pages.iter().zip(annotations) {
        let page = document.get_object_mut(*page).and_then(Object::as_dict_mut).map_err(|e| wrong(e.to_string()))?;
        page.remove(b"TrimBox");
        page.remove(b"Annots");
        if !annotations.is_empty() {
            page.set("Annots", annotations.into_iter().map(Object::Reference).collect::<Vec<_>>());
            page.set("Tabs", name("R"));
        }
    }
    let outlines = outline::add(&mut document, composed, target);
    let file = attachment::add(&mut document, content, words);
    let xmp = metadata::add_xmp(&mut document, content, words);
    let intent = metadata::add_output_intent(&mut document)?;
    let info = metadata::info(content, words);

    let root = document.trailer.get(b"Root").and_then(Object::as_reference).map_err(|e| wrong(e.to_string()))?;
    let catalog = document.get_object_mut(root).and_then(Object::as_dict_mut).map_err(|e| wrong(e.to_string()))?;
    catalog.set("Lang", text(words.tag()));
    catalog.set("PageMode", name("UseOutlines"));
    catalog.set("PageLayout", name("SinglePage"));
    catalog.set("ViewerPreferences", dict([("DisplayDocTitle", Object::Boolean(true))]));
    if let Some(outlines) = outlines {
        catalog.set("Outlines", outlines);
    }
    catalog.set("Metadata", xmp);
    catalog.set("OutputIntents", vec![Object::Reference(intent)]);
    catalog.set("AF", vec![Object::Reference(file)]);
    let names = vec![text(attachment::NAME), Object::Reference(file)];
    catalog.set("Names", dict([("EmbeddedFiles", Object::Dictionary(dict([("Names", Object::Array(names))])))]));
    catalog.set("AcroForm", fields);

    let old = document.trailer.get(b"Info").and_then(Object::as_reference).map_err(|e| wrong(e.to_string()))?;
    document.objects.insert(old, Object::Dictionary(info));
    document.version = "1.7".to_owned();
    let id = |salt: &str| {
        let mut hash = Sha256::new();
        for part in [salt, &content.engagement, &content.number, &content.snapshot_sha256, &content.results_json] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        hash.update(content.made_at.unix_timestamp().to_be_bytes());
        Object::String(hash.finalize()[..16].to_vec(), lopdf::StringFormat::Hexadecimal)
    };
    document.trailer.set("ID", vec![id("document"), id("instance")]);
    document.compress();
    let mut bytes = Vec::new();
    document.save_to(&mut bytes).map_err(|error| wrong(error.to_string()))?;
    // A signature is appended later; let it begin on a line of its own.
    bytes.push(b'\n');
    Ok(bytes)
}

fn wrong(reason: String) -> ReportError {
    ReportError::Document { reason }
}

fn name(text: &str) -> Object {
    Object::Name(text.as_bytes().to_vec())
}

fn number(value: f32) -> Object {
    Object::Real((value * 100.0).round() / 100.0)
}

fn dict<const N: usize>(entries: [(&str, Object); N]) -> Dictionary {
    let mut dict = Dictionary::new();
    for (key, value) in entries {
        dict.set(key, value);
    }
    dict
}

/// A text for people: plain if it can be, else UTF-16.
fn text(text: &str) -> Object {
    if text.bytes().all(|b| (b' '..=b'~').contains(&b)) {
        return Object::String(text.as_bytes().to_vec(), lopdf::StringFormat::Literal);
    }
    let mut bytes = vec![0xfe, 0xff];
    bytes.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    Object::String(bytes, lopdf::StringFormat::Hexadecimal)
}

/// A rectangle given from its upper left corner, as PDF wants it.
fn rectangle(at: crate::page::Point, width: f32, height: f32) -> Object {
    let bottom = theme::PAGE_HEIGHT - at.y - height;
    let sides = [at.x, bottom, at.x + width, bottom + height];
    Object::Array(sides.into_iter().map(number).collect())
}
