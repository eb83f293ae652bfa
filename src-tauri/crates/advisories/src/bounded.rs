//! JSON from outside: read within bounds, with the place where it is broken; and looked at without being read.

use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::error::AdvisoryError;

/// How large a document may be.
pub(crate) struct Bounds {
    /// In MiB.
    pub(crate) mebibytes: usize,
    /// In JSON objects: each becomes something in memory that is larger than its text.
    pub(crate) objects: usize,
}

/// What is wrong with something at a place of a document. `reason` is the rest of a sentence.
pub(crate) fn malformed(origin: &str, place: impl Into<String>, reason: impl Into<String>) -> AdvisoryError {
    AdvisoryError::Malformed { origin: origin.to_owned(), place: place.into(), reason: reason.into() }
}

/// What something is that is not known.
pub(crate) fn unknown(origin: &str, reason: impl Into<String>) -> AdvisoryError {
    AdvisoryError::Unknown { origin: origin.to_owned(), reason: reason.into() }
}

/// Reads a document.
///
/// # Errors
/// When it exceeds the bounds, is no JSON, or has another shape.
pub(crate) fn parse<T: DeserializeOwned>(origin: &str, bytes: &[u8], bounds: &Bounds) -> Result<T, AdvisoryError> {
    within(origin, bytes, bounds)?;
    serde_json::from_slice(without_mark(bytes)).map_err(|e| {
        let text = e.to_string();
        // The place comes apart from the reason.
        let reason = text.split(" at line ").next().unwrap_or("it is no JSON").to_owned();
        malformed(origin, format!("line {}, column {}", e.line(), e.column()), reason)
    })
}

/// Whether a document keeps within the bounds.
///
/// # Errors
/// When it does not.
pub(crate) fn within(origin: &str, bytes: &[u8], bounds: &Bounds) -> Result<(), AdvisoryError> {
    let limit = bounds.mebibytes.saturating_mul(1 << 20);
    if bytes.len() > limit {
        let place = format!("byte {limit}");
        return Err(malformed(origin, place, format!("it is larger than {} MiB", bounds.mebibytes)));
    }
    if bytes.iter().filter(|&&byte| byte == b'{').count() > bounds.objects {
        return Err(malformed(origin, "the whole", format!("it has more than {} objects", bounds.objects)));
    }
    Ok(())
}

/// Without the byte order mark that some programs put in front.
pub(crate) fn without_mark(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes)
}

/// Reads `null` as nothing: programs in Go write it for empty lists and texts.
pub(crate) fn nil<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(from: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(from)?.unwrap_or_default())
}

/// What stands at a place of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shape {
    Text(String),
    Number,
    Array,
    Object,
    Other,
}

/// What was found at the places that were asked for. A place is a path of keys with dots; arrays do not count in it.
pub(crate) struct Look<'p> {
    wanted: &'p [&'p str],
    found: Vec<Option<Shape>>,
}

impl Look<'_> {
    pub(crate) fn at(&self, place: &str) -> Option<&Shape> {
        let index = self.wanted.iter().position(|wanted| *wanted == place)?;
        self.found.get(index)?.as_ref()
    }

    pub(crate) fn text(&self, place: &str) -> Option<&str> {
        match self.at(place) {
            Some(Shape::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// Looks at places of a document, at each for what stands there first, without keeping anything else. Where the
/// document is broken the look ends, and what was seen before counts: so a broken document is known for what it is.
pub(crate) fn look<'p>(bytes: &[u8], wanted: &'p [&'p str]) -> Look<'p> {
    let mut look = Look { wanted, found: vec![None; wanted.len()] };
    let bytes = without_mark(bytes);
    if bytes.iter().find(|byte| !byte.is_ascii_whitespace()) == Some(&b'{') {
        let mut from = serde_json::Deserializer::from_slice(bytes);
        let _ = Walk { path: "", look: &mut look }.deserialize(&mut from);
    }
    look
}

struct Walk<'a, 'p> {
    path: &'a str,
    look: &'a mut Look<'p>,
}

impl Walk<'_, '_> {
    fn see(&mut self, shape: Shape) {
        for (wanted, found) in self.look.wanted.iter().zip(&mut self.look.found) {
            if *wanted == self.path && found.is_none() {
                *found = Some(shape.clone());
            }
        }
    }
}

impl<'de> DeserializeSeed<'de> for Walk<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<(), D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Walk<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        self.see(Shape::Object);
        while let Some(key) = map.next_key::<String>()? {
            let path = if self.path.is_empty() { key } else { format!("{}.{key}", self.path) };
            let leads_on = |wanted: &&&str| {
                wanted.strip_prefix(path.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            let open = self.look.wanted.iter().zip(&self.look.found).any(|(w, f)| leads_on(&w) && f.is_none());
            if open {
                map.next_value_seed(Walk { path: &path, look: self.look })?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
            if self.look.found.iter().all(Option::is_some) {
                return Err(A::Error::custom("all was seen"));
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        self.see(Shape::Array);
        while seq.next_element_seed(Walk { path: self.path, look: self.look })?.is_some() {}
        Ok(())
    }

    fn visit_str<E>(mut self, text: &str) -> Result<(), E> {
        self.see(Shape::Text(text.to_owned()));
        Ok(())
    }

    fn visit_u64<E>(mut self, _: u64) -> Result<(), E> {
        self.see(Shape::Number);
        Ok(())
    }

    fn visit_i64<E>(mut self, _: i64) -> Result<(), E> {
        self.see(Shape::Number);
        Ok(())
    }

    fn visit_f64<E>(mut self, _: f64) -> Result<(), E> {
        self.see(Shape::Number);
        Ok(())
    }

    fn visit_bool<E>(mut self, _: bool) -> Result<(), E> {
        self.see(Shape::Other);
        Ok(())
    }

    fn visit_unit<E>(mut self) -> Result<(), E> {
        self.see(Shape::Other);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_sees_what_stands_before_the_break() {
        let look = look(br#" {"a":{"b":[{"c":"x"},{"c":"y"}]},"n":1,"z":[tru"#, &["a.b.c", "n", "z", "q"]);
        assert_eq!(look.text("a.b.c"), Some("x"));
        assert_eq!(look.at("n"), Some(&Shape::Number));
        assert_eq!(look.at("z"), Some(&Shape::Array));
        assert_eq!(look.at("q"), None);
    }

    #[test]
    fn what_is_no_object_shows_nothing() {
        assert_eq!(look(b"[{\"a\":1}]", &["a"]).at("a"), None);
        assert_eq!(look(b"", &["a"]).at("a"), None);
        assert_eq!(look(b"\xEF\xBB\xBF{\"a\":1}", &["a"]).at("a"), Some(&Shape::Number));
    }

    #[test]
    fn the_bounds_hold_and_the_place_is_named() {
        let bounds = Bounds { mebibytes: 1, objects: 2 };
        let read = |text: &str| parse::<Vec<IgnoredAny>>("f", text.as_bytes(), &bounds).map(|v| v.len());
        assert_eq!(read("[{},{}]").unwrap(), 2);
        assert!(read("[{},{},{}]").unwrap_err().to_string().contains("more than 2 objects"));
        assert!(read(&" ".repeat((1 << 20) + 1)).unwrap_err().to_string().contains("larger than 1 MiB"));
        assert!(read("[1,\n x]").unwrap_err().to_string().contains("line 2, column 2"));
    }
}
