//! Finds manifests and indexes that other programs read in another way than we do.
//!
//! Go's JSON reader, which runtimes and registries use, takes `Layers` for `layers`, and of two keys the last one. We take
//! keys as they are written. One document that has two meanings is a trick, and is refused before it is read.

use serde::Deserializer;
use serde::de::{Deserialize, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Keys that mean something in a manifest, an index or a descriptor (OCI image spec).
const KNOWN: [&str; 11] = [
    "annotations",
    "artifactType",
    "config",
    "digest",
    "layers",
    "manifests",
    "mediaType",
    "platform",
    "schemaVersion",
    "size",
    "subject",
];
/// Keys whose values are descriptors.
const DESCRIPTORS: [&str; 4] = ["config", "layers", "manifests", "subject"];

/// Why a manifest or index cannot be read without doubt; none if it can, or is no JSON at all. Looks at the document and at
/// the descriptors in it.
pub(crate) fn doubt(bytes: &[u8]) -> Option<String> {
    let found = serde_json::from_slice::<Top>(bytes).ok()?.0?;
    Some(format!("it cannot be read without doubt: {found}"))
}

/// A key as Go compares keys: without regard to capitals, with the two letters that Unicode counts to them.
fn folded(key: &str) -> String {
    let plain = |c: char| match c {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other,
    };
    key.chars().map(plain).flat_map(char::to_lowercase).collect()
}

/// The keys of one object so far.
#[derive(Default)]
struct Keys(std::collections::BTreeSet<String>);

impl Keys {
    fn add(&mut self, key: &str) -> Option<String> {
        let folded = folded(key);
        let shown = crate::error::quoted(key, 60);
        if KNOWN.iter().any(|known| *known != key && known.to_ascii_lowercase() == folded) {
            return Some(format!("its key \"{shown}\" is written with other letters than it should be"));
        }
        (!self.0.insert(folded)).then(|| format!("its key \"{shown}\" stands there twice"))
    }
}

/// What is doubtful in a document.
struct Top(Option<String>);

impl<'de> Deserialize<'de> for Top {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reading { top: true }).map(Top)
    }
}

/// What is doubtful in a descriptor, or in a list of them.
struct Inner(Option<String>);

impl<'de> Deserialize<'de> for Inner {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(Reading { top: false }).map(Inner)
    }
}

struct Reading {
    top: bool,
}

impl<'de> Visitor<'de> for Reading {
    type Value = Option<String>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let (mut keys, mut found) = (Keys::default(), None);
        while let Some(key) = map.next_key::<String>()? {
            let here = keys.add(&key);
            let inside = match self.top && DESCRIPTORS.contains(&key.as_str()) {
                true => map.next_value::<Inner>()?.0,
                false => map.next_value::<IgnoredAny>().map(|_| None)?,
            };
            found = found.or(here).or(inside);
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(inner) = list.next_element::<Inner>()? {
            found = found.or(inner.0);
        }
        Ok(found)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_go_reads_in_another_way_is_doubtful() {
        for text in [
            r#"{"layers":[],"Layers":[]}"#,
            r#"{"Config":{}}"#,
            "{\"manife\u{17f}ts\":[]}",
            r#"{"manife\u017fts":[]}"#,
            r#"{"x":1,"X":2}"#,
            r#"{"config":{},"config":{}}"#,
            r#"{"config":{"digest":"a","DIGEST":"b"}}"#,
            r#"{"layers":[{"digest":"a"},{"Size":1}]}"#,
            r#"{"manifests":[{"mediatype":"a"}]}"#,
        ] {
            let found = doubt(text.as_bytes());
            assert!(found.is_some_and(|found| found.contains("without doubt")), "{text}");
        }
    }

    #[test]
    fn what_everyone_reads_alike_is_not() {
        for text in [
            r#"{"schemaVersion":2,"mediaType":"a","config":{"mediaType":"a","digest":"b","size":1},"layers":[{"digest":"c"}]}"#,
            r#"{"manifests":[{"annotations":{"a":"1","A":"2"},"platform":{"os":"linux","os.version":"1"}}],"annotations":{"Size":"1"}}"#,
            r#"[1,-1,1.5,"x",null,true]"#,
            "no JSON",
        ] {
            assert_eq!(doubt(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_survived(text in "[\\[\\]{}\":,a-zA-Z0-9]{0,80}") {
            let _ = doubt(text.as_bytes());
        }
    }
}
