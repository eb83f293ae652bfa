//! The visible part of a signature: a form XObject with its own font, for the signing crate to put into a field.

use std::collections::BTreeMap;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream};

use crate::backend;
use crate::error::ReportError;
use crate::page::{Item, Page, Paint, Point};
use crate::text::{Line, Para, Style, Typesetter};
use crate::theme;

/// The least that a name needs.
const LEAST: (f32, f32) = (60.0, 20.0);
const PADDING: f32 = 8.0;

/// A form XObject with all that it needs.
#[derive(Debug, Clone)]
pub struct Appearance {
    /// The objects, numbered from 1; their references point at each other only.
    pub objects: BTreeMap<ObjectId, Object>,
    /// The form XObject itself.
    pub root: ObjectId,
}

/// Draws lines of text into a box: the first, the name, stands out; what does not fit is made smaller, then cut.
pub fn appearance(lines: &[&str], width_pt: f32, height_pt: f32) -> Result<Appearance, ReportError> {
    // A box that is not a number is too small as well.
    if !(width_pt >= LEAST.0 && height_pt >= LEAST.1) {
        return Err(ReportError::SmallBox {
            width: width_pt,
            height: height_pt,
            least_width: LEAST.0,
            least_height: LEAST.1,
        });
    }
    let mut typesetter = Typesetter::new()?;
    let mut page = Page::default();
    page.items.push(Item::Rect {
        at: Point { x: 0.0, y: 0.0 },
        width: 2.2,
        height: height_pt,
        paint: Paint::Fill(theme::ACCENT),
    });
    let laid = fit(lines, width_pt - 2.0 * PADDING, height_pt - 8.0, &mut typesetter);
    let total: f32 = laid.iter().map(|line| line.height).sum();
    let mut y = ((height_pt - total) / 2.0).max(4.0);
    for line in laid {
        page.items.extend(line.items.into_iter().map(|item| item.moved(PADDING, y)));
        y += line.height;
    }
    let document = backend::write(&[page], (width_pt, height_pt), &[], typesetter.fonts())?;
    form(&document, width_pt, height_pt)
}

fn fit(lines: &[&str], width: f32, height: f32, typesetter: &mut Typesetter) -> Vec<Line> {
    let mut laid = Vec::new();
    for size in [9.5, 8.5, 7.5, 6.5, 5.5] {
        laid.clear();
        for (index, text) in lines.iter().enumerate() {
            let style = if index == 0 {
                theme::STRONG.colored(theme::NAVY).sized(size + 1.5)
            } else {
                Style { size, ..theme::BODY }
            };
            laid.extend(typesetter.lay(&Para { leading: Some(style.size * 1.32), ..Para::new(*text, style) }, width));
        }
        if laid.iter().map(|line| line.height).sum::<f32>() <= height {
            return laid;
        }
    }
    let mut used = 0.0;
    laid.retain(|line| {
        used += line.height;
        used <= height
    });
    laid
}

/// The page's content and resources as a form XObject.
fn form(document: &Document, width: f32, height: f32) -> Result<Appearance, ReportError> {
    let wrong = |error: lopdf::Error| ReportError::Document { reason: error.to_string() };
    let page = document
        .get_pages()
        .into_values()
        .next()
        .ok_or_else(|| ReportError::Document { reason: "the picture of the signature has no page".to_owned() })?;
    let content = document.get_page_content(page);
    let page = document.get_dictionary(page).map_err(wrong)?;
    let fonts = page
        .get(b"Resources")
        .and_then(|resources| document.dereference(resources))
        .and_then(|(_, resources)| resources.as_dict())
        .and_then(|resources| resources.get(b"Font"))
        .and_then(|fonts| document.dereference(fonts))
        .map_err(wrong)?
        .1;
    let mut closure = Closure { document, numbers: BTreeMap::new(), objects: BTreeMap::new() };
    let root = closure.number();
    let mut resources = Dictionary::new();
    resources.set("Font", closure.copied(fonts)?);
    let mut head = Dictionary::new();
    head.set("Type", Object::Name(b"XObject".to_vec()));
    head.set("Subtype", Object::Name(b"Form".to_vec()));
    head.set("BBox", vec![0.into(), 0.into(), Object::Real(width), Object::Real(height)]);
    head.set("Resources", resources);
    let mut stream = Stream::new(head, content);
    stream.compress().map_err(wrong)?;
    closure.objects.insert(root, stream.into());
    Ok(Appearance { objects: closure.objects, root })
}

/// Copies objects with all that they refer to, under new numbers.
struct Closure<'a> {
    document: &'a Document,
    numbers: BTreeMap<ObjectId, ObjectId>,
    objects: BTreeMap<ObjectId, Object>,
}

impl Closure<'_> {
    fn number(&mut self) -> ObjectId {
        let id = (u32::try_from(self.objects.len() + 1).unwrap_or(u32::MAX), 0);
        self.objects.insert(id, Object::Null);
        id
    }

    fn copied(&mut self, object: &Object) -> Result<Object, ReportError> {
        Ok(match object {
            Object::Reference(id) => {
                if let Some(known) = self.numbers.get(id) {
                    return Ok(Object::Reference(*known));
                }
                let new = self.number();
                self.numbers.insert(*id, new);
                let object = self
                    .document
                    .get_object(*id)
                    .map_err(|error| ReportError::Document { reason: error.to_string() })?;
                let copied = self.copied(object)?;
                self.objects.insert(new, copied);
                Object::Reference(new)
            }
            Object::Array(items) => {
                Object::Array(items.iter().map(|item| self.copied(item)).collect::<Result<_, _>>()?)
            }
            Object::Dictionary(dict) => Object::Dictionary(self.copied_dict(dict)?),
            Object::Stream(stream) => {
                let mut stream = Stream { dict: self.copied_dict(&stream.dict)?, ..stream.clone() };
                if stream.allows_compression && !stream.dict.has(b"Filter") {
                    stream.compress().map_err(|error| ReportError::Document { reason: error.to_string() })?;
                }
                Object::Stream(stream)
            }
            other => other.clone(),
        })
    }

    fn copied_dict(&mut self, dict: &Dictionary) -> Result<Dictionary, ReportError> {
        let mut copy = Dictionary::new();
        for (key, value) in dict {
            copy.set(key.clone(), self.copied(value)?);
        }
        Ok(copy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(object: &Object, found: &mut Vec<ObjectId>) {
        match object {
            Object::Reference(id) => found.push(*id),
            Object::Array(items) => items.iter().for_each(|item| references(item, found)),
            Object::Dictionary(dict) => dict.iter().for_each(|(_, value)| references(value, found)),
            Object::Stream(stream) => stream.dict.iter().for_each(|(_, value)| references(value, found)),
            _ => {}
        }
    }

    #[test]
    fn it_needs_nothing_but_itself_and_is_the_same_each_time() {
        let lines = ["Zoë Müller-Łukasz", "Example Audit GmbH", "2025-11-24 10:15 UTC", "digitally signed"];
        let one = appearance(&lines, 226.0, 96.0).unwrap();
        let again = appearance(&lines, 226.0, 96.0).unwrap();
        assert_eq!(format!("{:?}", one.objects), format!("{:?}", again.objects));
        let mut found = Vec::new();
        one.objects.values().for_each(|object| references(object, &mut found));
        assert!(!found.is_empty() && found.iter().all(|id| one.objects.contains_key(id)), "{found:?}");
        let root = one.objects[&one.root].as_stream().unwrap();
        assert_eq!(root.dict.get(b"Subtype").unwrap().as_name().unwrap(), b"Form");
        let size: usize =
            one.objects.values().filter_map(|o| o.as_stream().ok()).map(|stream| stream.content.len()).sum();
        assert!(size < 60_000, "{size}");
    }

    #[test]
    fn long_names_shrink_and_a_tiny_box_is_an_error() {
        let name = "A very long name that goes on and on ".repeat(8);
        assert!(appearance(&[&name, "firm", "date"], 120.0, 40.0).is_ok());
        assert!(matches!(appearance(&["x"], 10.0, f32::NAN), Err(ReportError::SmallBox { .. })));
    }
}
