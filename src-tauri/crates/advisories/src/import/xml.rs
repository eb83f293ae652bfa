//! Reading hostile XML piece by piece: no document types, no entities of its own, bounded depth and lengths.

use quick_xml::Reader;
use quick_xml::XmlVersion;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::{BytesStart, Event};

use crate::error::AdvisoryError;

/// How deep elements may lie in one another.
const DEPTH: usize = 64;
/// Length of one text or attribute, in bytes.
const LENGTH: usize = 1024 * 1024;

/// A document, read from front to back.
pub(crate) struct Xml<'a> {
    reader: Reader<&'a [u8]>,
    bytes: &'a [u8],
    origin: &'a str,
    depth: usize,
}

/// What comes next.
pub(crate) enum Item<'a> {
    /// An element opens. Empty elements open and close as others do.
    Open(BytesStart<'a>),
    /// The element closes that was opened last.
    Close,
    /// The document is at its end.
    End,
}

impl<'a> Xml<'a> {
    /// Begins a document. `origin` is what errors call it.
    pub(crate) fn new(origin: &'a str, bytes: &'a [u8]) -> Result<Self, AdvisoryError> {
        let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
        let text = std::str::from_utf8(bytes).map_err(|error| AdvisoryError::Malformed {
            origin: origin.to_owned(),
            place: format!("byte {}", error.valid_up_to()),
            reason: "it is not UTF-8".to_owned(),
        })?;
        let mut reader = Reader::from_str(text);
        reader.config_mut().expand_empty_elements = true;
        Ok(Self { reader, bytes, origin, depth: 0 })
    }

    /// An error at the place that was reached.
    pub(crate) fn error(&self, reason: impl Into<String>) -> AdvisoryError {
        self.error_at(self.reader.buffer_position(), reason.into())
    }

    fn error_at(&self, position: u64, reason: String) -> AdvisoryError {
        let before = usize::try_from(position).unwrap_or(usize::MAX).min(self.bytes.len());
        let line = self.bytes.iter().take(before).filter(|byte| **byte == b'\n').count().saturating_add(1);
        AdvisoryError::Malformed {
            origin: self.origin.to_owned(),
            place: format!("line {line} (byte {position})"),
            reason,
        }
    }

    fn event(&mut self) -> Result<Event<'a>, AdvisoryError> {
        let event = self.reader.read_event().map_err(|error| {
            self.error_at(self.reader.error_position(), format!("it is no well-formed XML ({error})"))
        })?;
        match &event {
            Event::DocType(_) => return Err(self.error("it declares a document type, which is not accepted")),
            Event::Start(_) => {
                self.depth = self.depth.saturating_add(1);
                if self.depth > DEPTH {
                    return Err(self.error(format!("its elements lie more than {DEPTH} deep")));
                }
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Eof if self.depth > 0 => return Err(self.error("it ends before its elements are closed")),
            _ => {}
        }
        Ok(event)
    }

    /// The next element's opening or the current one's close; text in between is passed over.
    pub(crate) fn item(&mut self) -> Result<Item<'a>, AdvisoryError> {
        loop {
            match self.event()? {
                Event::Start(element) => return Ok(Item::Open(element)),
                Event::End(_) => return Ok(Item::Close),
                Event::Eof => return Ok(Item::End),
                _ => {}
            }
        }
    }

    /// The next child of the element that is open; none when it closes.
    pub(crate) fn child(&mut self) -> Result<Option<BytesStart<'a>>, AdvisoryError> {
        Ok(match self.item()? {
            Item::Open(element) => Some(element),
            Item::Close | Item::End => None,
        })
    }

    /// Passes over the rest of the element that is open, with all that lies in it.
    pub(crate) fn skip(&mut self) -> Result<(), AdvisoryError> {
        let outside = self.depth.saturating_sub(1);
        while self.depth > outside {
            self.event()?;
        }
        Ok(())
    }

    /// The text of the element that is open, up to its close; elements within give their texts too.
    pub(crate) fn text(&mut self) -> Result<String, AdvisoryError> {
        let outside = self.depth.saturating_sub(1);
        let mut text = String::new();
        while self.depth > outside {
            match self.event()? {
                Event::Text(piece) => text.push_str(&piece),
                Event::CData(piece) => text.push_str(&piece),
                Event::GeneralRef(reference) => match reference.resolve_char_ref() {
                    Ok(Some(c)) => text.push(c),
                    Ok(None) => match resolve_predefined_entity(&reference) {
                        Some(value) => text.push_str(value),
                        None => return Err(self.error("it uses an entity that XML does not know by itself")),
                    },
                    Err(error) => return Err(self.error(format!("a character reference is wrong ({error})"))),
                },
                _ => {}
            }
            if text.len() > LENGTH {
                return Err(self.error(format!("a text is longer than {LENGTH} bytes")));
            }
        }
        Ok(text)
    }

    /// The attributes of an element: local name and value.
    pub(crate) fn attributes(&self, of: &BytesStart<'_>) -> Result<Vec<(String, String)>, AdvisoryError> {
        if of.attributes_raw().len() > LENGTH {
            return Err(self.error(format!("an element's attributes are longer than {LENGTH} bytes")));
        }
        let mut all = Vec::new();
        // Names are not checked for being unique: the check is quadratic, and the first one counts anyway.
        for attribute in of.attributes().with_checks(false) {
            let attribute = attribute.map_err(|error| self.error(format!("an attribute is wrong ({error})")))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| self.error(format!("an attribute is wrong ({error})")))?;
            all.push((attribute.key.local_name().as_ref().to_owned(), value.into_owned()));
            if all.len() > 64 {
                return Err(self.error("an element has more than 64 attributes"));
            }
        }
        Ok(all)
    }
}

/// Takes an attribute's value out of a list.
pub(crate) fn take(attributes: &mut [(String, String)], name: &str) -> Option<String> {
    attributes.iter_mut().find(|(key, _)| key == name).map(|(_, value)| std::mem::take(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str) -> Result<(), String> {
        let mut xml = Xml::new("a.xml", text.as_bytes()).map_err(|error| error.to_string())?;
        loop {
            match xml.item().map_err(|error| error.to_string())? {
                Item::Open(element) => {
                    xml.attributes(&element).map_err(|error| error.to_string())?;
                }
                Item::Close => {}
                Item::End => return Ok(()),
            }
        }
    }

    #[test]
    fn text_is_put_together_and_entities_of_a_documents_own_are_refused() {
        let mut xml = Xml::new("a.xml", b"<a>x &lt;&#65;<![CDATA[<y>]]><b>z</b></a>").unwrap();
        assert!(xml.child().unwrap().is_some());
        assert_eq!(xml.text().unwrap(), "x <A<y>z");
        let mut xml = Xml::new("a.xml", b"<a>\n&boom;</a>").unwrap();
        xml.child().unwrap();
        assert!(xml.text().unwrap_err().to_string().contains("line 2"));
    }

    #[test]
    fn what_hides_danger_is_refused_with_its_place() {
        for (text, says) in [
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type"),
            ("<a><b></a>", "well-formed"),
            ("<a><b>", "ends before"),
            ("<a b=c/>", "attribute"),
            ("<a b='&x;'/>", "attribute"),
        ] {
            let said = walk(text).unwrap_err();
            assert!(said.contains(says) && said.contains("line 1"), "{text}: {said}");
        }
        assert!(walk(&"<a>".repeat(65)).unwrap_err().contains("64 deep"));
        assert!(Xml::new("a.xml", b"<a>\xff").is_err());
        assert!(walk("\u{feff}<?xml version='1.0'?><a x:b='1'><!-- c --><?d?></a>").is_ok());
    }
}
