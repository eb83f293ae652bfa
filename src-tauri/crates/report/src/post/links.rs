//! Links from place to place inside the document.

use lopdf::{Document, Object, ObjectId};

use super::{dict, name, rectangle, text};
use crate::compose::Composed;
use crate::page::{Item, Place};

/// Adds a link annotation for every link that leads somewhere; gives the annotations of each page.
pub fn add(
    document: &mut Document,
    composed: &Composed,
    target: impl Fn(&Place) -> Option<Object>,
) -> Vec<Vec<ObjectId>> {
    let mut result = Vec::with_capacity(composed.pages.len());
    for page in &composed.pages {
        let mut annotations = Vec::new();
        for item in &page.items {
            let Item::Link { at, width, height, target: anchor, label } = item else { continue };
            let Some(destination) = composed.places.get(anchor).and_then(&target) else { continue };
            annotations.push(document.add_object(dict([
                ("Type", name("Annot")),
                ("Subtype", name("Link")),
                ("Rect", rectangle(*at, *width, *height)),
                ("Border", Object::Array(vec![0.into(), 0.into(), 0.into()])),
                ("F", Object::Integer(4)),
                ("Dest", destination),
                ("Contents", text(label)),
            ])));
        }
        result.push(annotations);
    }
    result
}
