//! The empty signature fields, made now so that signing changes nothing but them.

use lopdf::{Document, Object, ObjectId, Stream};

use super::{dict, name, number, rectangle, text};
use crate::compose::Composed;
use crate::page::Item;

/// Adds a field with its widget for every box; gives the form.
pub fn add(
    document: &mut Document,
    composed: &Composed,
    pages: &[ObjectId],
    annotations: &mut [Vec<ObjectId>],
) -> lopdf::Dictionary {
    let mut fields = Vec::new();
    for ((page, id), annotations) in composed.pages.iter().zip(pages).zip(annotations) {
        for item in &page.items {
            let Item::Field { at, width, height, name: field, label } = item else { continue };
            // An annotation needs a look, even an empty one.
            let look = dict([
                ("Type", name("XObject")),
                ("Subtype", name("Form")),
                ("BBox", Object::Array(vec![0.into(), 0.into(), number(*width), number(*height)])),
                ("Resources", Object::Dictionary(lopdf::Dictionary::new())),
            ]);
            let look = document.add_object(Stream::new(look, Vec::new()).with_compression(false));
            let widget = document.add_object(dict([
                ("Type", name("Annot")),
                ("Subtype", name("Widget")),
                ("FT", name("Sig")),
                ("T", text(field)),
                ("TU", text(label)),
                // Printed, and locked in its place.
                ("F", Object::Integer(132)),
                ("Rect", rectangle(*at, *width, *height)),
                ("P", Object::Reference(*id)),
                ("AP", Object::Dictionary(dict([("N", Object::Reference(look))]))),
            ]));
            annotations.push(widget);
            fields.push(Object::Reference(widget));
        }
    }
    dict([("Fields", Object::Array(fields))])
}
