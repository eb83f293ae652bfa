//! daemon.json: its settings, each with the line that it stands on.

use std::collections::BTreeMap;

use serde_json::Value;

use super::masked;
use crate::facts::{Configured, ConfiguredAt};

/// The settings of a daemon.json.
///
/// # Errors
/// One sentence: why it is none.
pub(crate) fn settings(text: &str, file: &str) -> Result<Vec<Configured>, String> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    // The daemon takes an empty file for one without settings.
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| format!("It is no JSON: {error}."))?;
    let Value::Object(fields) = value else { return Err("It is JSON, but no object with settings.".into()) };
    let lines = lines(text);
    let read = |(key, value): (String, Value)| Configured {
        at: ConfiguredAt { file: file.to_owned(), line: lines.get(&key).copied().unwrap_or(1) },
        value: masked(&key, value),
        key,
    };
    Ok(fields.into_iter().map(read).collect())
}

/// The line of each key of the outermost object. Where a key stands twice the last counts, as for the parser.
fn lines(text: &str) -> BTreeMap<String, u32> {
    let mut lines = BTreeMap::new();
    let (mut line, mut depth) = (1_u32, 0_u32);
    let mut chars = text.char_indices();
    // The last word of the outermost object: a key if a colon follows.
    let mut word: Option<(String, u32)> = None;
    while let Some((start, c)) = chars.next() {
        match c {
            '\n' => line = line.saturating_add(1),
            '{' | '[' => depth = depth.saturating_add(1),
            '}' | ']' => depth = depth.saturating_sub(1),
            ':' if depth == 1 => {
                if let Some((key, at)) = word.take() {
                    lines.insert(key, at);
                }
            }
            ',' => word = None,
            '"' => {
                let mut escaped = false;
                let mut end = start;
                for (at, c) in chars.by_ref() {
                    end = at;
                    match c {
                        _ if escaped => escaped = false,
                        '\\' => escaped = true,
                        '"' => break,
                        _ => {}
                    }
                }
                let quoted = text.get(start..=end).unwrap_or_default();
                word = serde_json::from_str(quoted).ok().filter(|_| depth == 1).map(|key: String| (key, line));
            }
            _ => {}
        }
    }
    lines
}
