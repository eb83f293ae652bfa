//! OSV records as JSON: one advisory a file. Source: <https://ossf.github.io/osv-schema/>, versions 1.x.

use serde_json::error::Category;

use super::osv_convert::convert;
use super::osv_model::Osv as Document;
use super::{Feed, Format, Sink};
use crate::error::AdvisoryError;

/// The top-level fields of the schema.
pub(super) const FIELDS: [&str; 15] = [
    "schema_version",
    "id",
    "modified",
    "published",
    "withdrawn",
    "aliases",
    "upstream",
    "related",
    "summary",
    "details",
    "severity",
    "affected",
    "references",
    "credits",
    "database_specific",
];

/// Largest record. The largest published ones have about 3 MB.
pub(super) const MAX_BYTES: usize = 64 << 20;

/// OSV as JSON.
pub struct Osv;

impl Format for Osv {
    fn name(&self) -> &'static str {
        "osv"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let (keys, more) = top_keys(head);
        let known = keys.iter().filter(|key| FIELDS.iter().any(|field| field.as_bytes() == **key)).count();
        known == keys.len() && (known > 1 || (known == 1 && more))
    }

    fn is_one_record(&self) -> bool {
        true
    }

    fn read(&self, origin: &str, _name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        if bytes.len() > MAX_BYTES {
            return Err(malformed(origin, "its size", format!("one record has at most {} MiB", MAX_BYTES >> 20)));
        }
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let document: Document<'_> = serde_json::from_slice(bytes).map_err(|error| {
            let reason = match error.classify() {
                Category::Eof => "the document ends too early".to_owned(),
                _ => plain(&error),
            };
            malformed(origin, &format!("line {}, column {}", error.line(), error.column()), reason)
        })?;
        convert(origin, &document, sink)
    }
}

/// An error with its place.
pub(super) fn malformed(origin: &str, place: &str, reason: impl Into<String>) -> AdvisoryError {
    AdvisoryError::Malformed { origin: origin.to_owned(), place: place.to_owned(), reason: reason.into() }
}

/// What serde says, without the place, which is named apart, and cut: it quotes the input.
fn plain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before);
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// The keys of a JSON object's top level as far as the head reaches, and whether it reaches no further than into the
/// last one's value. No keys for anything else.
fn top_keys(head: &[u8]) -> (Vec<&[u8]>, bool) {
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head);
    let mut keys = Vec::new();
    let mut depth = 0_u32;
    // At the top level: whether the next string is a key.
    let mut key_next = false;
    let mut at = 0;
    while let Some(&byte) = head.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => {
                if depth == 0 && (byte == b'[' || !keys.is_empty()) {
                    return (Vec::new(), false);
                }
                depth += 1;
                key_next = depth == 1;
            }
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return (keys, false);
                }
            }
            b',' if depth == 1 => key_next = true,
            b'"' => {
                let start = at;
                loop {
                    match head.get(at) {
                        Some(b'\\') => at += 2,
                        Some(b'"') => break,
                        Some(_) => at += 1,
                        None => return (keys, true),
                    }
                }
                if depth == 1 && key_next {
                    keys.push(head.get(start..at).unwrap_or_default());
                    key_next = false;
                }
                at += 1;
            }
            _ if depth == 0 && !byte.is_ascii_whitespace() => return (Vec::new(), false),
            _ => {}
        }
    }
    (keys, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_known_by_its_keys() {
        for yes in [
            r#"{"id":"A-1","modified":"2024-01-01T00:00:00Z"}"#,
            r#" { "schema_version": "1.6.0", "id": "A"#,
            r#"{"details":"long"#,
            "\u{feff}{\"affected\":[{\"package\":{}}],\"id\":\"x\"}",
        ] {
            assert!(Osv.is("x.json", yes.as_bytes()), "{yes}");
        }
        for no in [
            "",
            "{}",
            "[]",
            r#"[{"id":"A-1","modified":"x"}]"#,
            r#"{"id":"A-1"}"#,
            r#"{"id":"A-1","document":{}}"#,
            r#"{"document":{"id":1},"vulnerabilities":[]}"#,
            "id: A-1\nmodified: x",
            r#""id""#,
            "{\"\\",
        ] {
            assert!(!Osv.is("x.json", no.as_bytes()), "{no}");
        }
    }
}
