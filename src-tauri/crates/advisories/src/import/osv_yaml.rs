//! OSV records as YAML, as the PyPA database keeps them. Built from parser events without recursion, bounded in size,
//! depth and number of values; anchors and aliases have no place in such data and are refused.

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde::Deserialize;
use serde_json::{Map, Value};

use super::osv::{FIELDS, malformed};
use super::osv_convert::convert;
use super::osv_model::Osv as Document;
use super::{Feed, Format, Sink};
use crate::error::AdvisoryError;

/// Largest record.
const MAX_BYTES: usize = 16 << 20;
/// Deepest nesting.
const MAX_DEPTH: usize = 64;
/// Most values.
const MAX_VALUES: usize = 500_000;

/// OSV as YAML.
pub struct OsvYaml;

impl Format for OsvYaml {
    fn name(&self) -> &'static str {
        "osv-yaml"
    }

    fn is(&self, name: &str, head: &[u8]) -> bool {
        let lower = name.to_ascii_lowercase();
        if !lower.ends_with(".yaml") && !lower.ends_with(".yml") {
            return false;
        }
        let mut known = 0;
        for line in head.split(|byte| *byte == b'\n') {
            if !line.first().is_some_and(u8::is_ascii_alphabetic) {
                continue;
            }
            let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
            let key = line.get(..colon).unwrap_or_default();
            if !FIELDS.iter().any(|field| field.as_bytes() == key) {
                return false;
            }
            known += 1;
        }
        known > 1
    }

    fn is_one_record(&self) -> bool {
        true
    }

    fn read(&self, origin: &str, _name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        if bytes.len() > MAX_BYTES {
            return Err(malformed(origin, "its size", format!("one record has at most {} MiB", MAX_BYTES >> 20)));
        }
        let text = std::str::from_utf8(bytes)
            .map_err(|error| malformed(origin, &format!("byte {}", error.valid_up_to()), "it is no UTF-8 text"))?;
        let value = load(text).map_err(|(line, reason)| malformed(origin, &format!("line {line}"), reason))?;
        let document = Document::deserialize(&value).map_err(|error| {
            malformed(origin, "its fields", error.to_string().chars().take(200).collect::<String>())
        })?;
        convert(origin, &document, sink)
    }
}

enum Open {
    List(Vec<Value>),
    Map(Map<String, Value>, Option<String>),
}

/// The first document. Every scalar but null is a text: no field of interest is a number, and `1.10` must stay it.
fn load(text: &str) -> Result<Value, (usize, String)> {
    let mut stack: Vec<Open> = Vec::new();
    let mut root = None;
    let mut values = 0_usize;
    let mut documents = 0;
    for event in Parser::new_from_str(text) {
        let (event, span) = event.map_err(|error| {
            (error.marker().line(), error.info().chars().filter(|c| !c.is_control()).take(200).collect::<String>())
        })?;
        let line = span.start.line();
        let refuse = |reason: &str| Err((line, reason.to_owned()));
        values += 1;
        if values > MAX_VALUES {
            return refuse("it has too many values");
        }
        let done = match event {
            Event::Alias(_) => return refuse("aliases are not read"),
            Event::Scalar(_, _, anchor, _) | Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _)
                if anchor != 0 =>
            {
                return refuse("anchors are not read");
            }
            Event::Scalar(text, style, _, _) => {
                let null = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null" | "Null" | "NULL");
                if null { Value::Null } else { Value::String(text.into_owned()) }
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if stack.len() >= MAX_DEPTH => {
                return refuse("it is nested too deep");
            }
            Event::SequenceStart(..) => {
                stack.push(Open::List(Vec::new()));
                continue;
            }
            Event::MappingStart(..) => {
                stack.push(Open::Map(Map::new(), None));
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => match stack.pop() {
                Some(Open::List(list)) => Value::Array(list),
                Some(Open::Map(map, _)) => Value::Object(map),
                None => return refuse("something ends that has not begun"),
            },
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return refuse("it holds more than one document");
                }
                continue;
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => continue,
        };
        match stack.last_mut() {
            None => root = Some(done),
            Some(Open::List(list)) => list.push(done),
            Some(Open::Map(map, key)) => match key.take() {
                Some(name) => {
                    if map.insert(name, done).is_some() {
                        return refuse("a key stands there twice");
                    }
                }
                None => match done {
                    Value::String(name) => *key = Some(name),
                    _ => return refuse("a key is no text"),
                },
            },
        }
    }
    root.ok_or_else(|| (1, "it is empty".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_stay_texts() {
        let value = load("id: X-1\nmodified: 2021-07-05\naffected:\n- ranges:\n  - events:\n    - introduced: 0\n    - fixed: 1.10\nwithdrawn: null\n").expect("reads");
        assert_eq!(value["affected"][0]["ranges"][0]["events"][1]["fixed"], "1.10");
        assert!(value["withdrawn"].is_null());
    }

    #[test]
    fn what_has_no_place_in_data_is_refused_with_its_line() {
        for (text, line) in [
            ("a: &x 1\nb: *x\n", 1),
            ("a: 1\nb: *x\n", 2),
            ("a: 1\na: 2\n", 2),
            ("---\na: 1\n---\nb: 2\n", 3),
            ("a: [1, 2\n", 2),
        ] {
            assert_eq!(load(text).map_err(|(line, _)| line), Err(line), "{text}");
        }
        assert!(load(&"[".repeat(10_000)).is_err());
        assert!(load("").is_err());
    }

    #[test]
    fn a_record_is_known_by_its_keys() {
        assert!(
            OsvYaml.is("vulns/x/PYSEC-1.yaml", b"id: PYSEC-1\ndetails: long\n  text: here\naffected:\n- package:\n")
        );
        assert!(!OsvYaml.is("x.json", b"id: PYSEC-1\ndetails: long\n"));
        assert!(!OsvYaml.is("mkdocs.yml", b"site_name: x\nnav: y\nid: 1\n"));
    }
}
