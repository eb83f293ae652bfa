//! The attached results.

use lopdf::{Document, Object, ObjectId, Stream};

use super::metadata::pdf_date;
use super::{dict, name, text};
use crate::content::Content;
use crate::strings::Words;

/// The attachment's name.
pub const NAME: &str = "results.json";

/// Adds the file; gives its specification.
pub fn add(document: &mut Document, content: &Content, words: Words) -> ObjectId {
    let bytes = content.results_json.as_bytes().to_vec();
    let size = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    let parameters = dict([("Size", Object::Integer(size)), ("ModDate", text(&pdf_date(content.made_at)))]);
    let file = dict([
        ("Type", name("EmbeddedFile")),
        ("Subtype", name("application/json")),
        ("Params", Object::Dictionary(parameters)),
    ]);
    let file = document.add_object(Stream::new(file, bytes));
    document.add_object(dict([
        ("Type", name("Filespec")),
        ("F", text(NAME)),
        ("UF", text(NAME)),
        ("Desc", text(words.results_description())),
        ("AFRelationship", name("Data")),
        ("EF", Object::Dictionary(dict([("F", Object::Reference(file)), ("UF", Object::Reference(file))]))),
    ]))
}
