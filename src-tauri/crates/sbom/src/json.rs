//! Reading JSON that may be hostile: lists of which no more is kept than a bound, and lists that are handed on one entry
//! at a time.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// Entries of a small list that are kept.
const FEW: usize = 256;

/// A list of which the first entries are kept; nothing else is expected where there are more.
#[derive(Debug, Default)]
pub(crate) struct Few<T>(pub Vec<T>);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Few<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut kept = Vec::new();
        deserializer.deserialize_any(Each::new("a list", |one: Option<T>| {
            kept.extend(one.filter(|_| kept.len() < FEW));
            Ok(())
        }))?;
        Ok(Few(kept))
    }
}

/// Hands each entry of a list to a function, which may end the reading with a reason. `null` is an empty list.
pub(crate) struct Each<F, T> {
    what: &'static str,
    each: F,
    of: PhantomData<T>,
}

impl<T, F: FnMut(T) -> Result<(), String>> Each<F, T> {
    pub(crate) fn new(what: &'static str, each: F) -> Self {
        Each { what, each, of: PhantomData }
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Result<(), String>> DeserializeSeed<'de> for Each<F, T> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de, T: Deserialize<'de>, F: FnMut(T) -> Result<(), String>> Visitor<'de> for Each<F, T> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.what)
    }

    fn visit_unit<E: de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut seq: A) -> Result<(), A::Error> {
        while let Some(one) = seq.next_element()? {
            (self.each)(one).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// What is passed over unless it has the shape that is looked for.
pub(crate) struct Shape<'f> {
    /// What was seen so far.
    pub found: &'f mut Found,
    /// How deep documents lie in others.
    pub depth: usize,
}

/// What the shape of a document told.
#[derive(Debug, Default)]
pub(crate) struct Found {
    cyclonedx: bool,
    components: bool,
    spdx: bool,
    packages: bool,
}

impl Found {
    pub(crate) fn is_enough(&self) -> bool {
        self.cyclonedx && self.components || self.spdx && self.packages
    }
}

/// Documents within documents (a statement's predicate) that are looked into.
pub(crate) const MAX_WRAPS: usize = 2;

impl<'de> DeserializeSeed<'de> for Shape<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Shape<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            let found = &mut *self.found;
            match key.as_str() {
                "bomFormat" => found.cyclonedx = map.next_value::<Word>()?.0.as_deref() == Some("CycloneDX"),
                "spdxVersion" => {
                    found.spdx = map.next_value::<Word>()?.0.is_some_and(|version| version.starts_with("SPDX-2"));
                }
                "components" => {
                    map.next_value_seed(First { is_last: found.cyclonedx, seen: &mut found.components })?;
                }
                "packages" => map.next_value_seed(First { is_last: found.spdx, seen: &mut found.packages })?,
                "predicate" | "SPDX" if self.depth < MAX_WRAPS => {
                    map.next_value_seed(Shape { found, depth: self.depth + 1 })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if self.found.is_enough() {
                return Err(A::Error::custom("enough was seen"));
            }
        }
        Ok(())
    }
}

/// A text, or something else that does not matter.
struct Word(Option<String>);

impl<'de> Deserialize<'de> for Word {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Word(match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => Some(text),
            _ => None,
        }))
    }
}

/// Whether a list has an entry that is an object.
struct First<'f> {
    seen: &'f mut bool,
    /// Whether nothing more is to be known then.
    is_last: bool,
}

impl<'de> DeserializeSeed<'de> for First<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for First<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        // It is there as soon as it begins, so that a document that is cut off is told as one.
        if seq.next_element_seed(Begins { seen: &mut *self.seen, is_last: self.is_last })?.is_some() {
            while seq.next_element::<IgnoredAny>()?.is_some() {}
        }
        Ok(())
    }
}

/// Whether a value begins like an object.
struct Begins<'f> {
    seen: &'f mut bool,
    is_last: bool,
}

impl<'de> DeserializeSeed<'de> for Begins<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Begins<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        *self.seen = true;
        if self.is_last {
            return Err(A::Error::custom("enough was seen"));
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(())
    }
}
