//! How importers of whole documents refuse what is broken or out of bounds: in one sentence, with its place.

use serde_json::error::Category;

use crate::error::AdvisoryError;

/// Largest document, in bytes. The largest that is known, Debian's tracker, has about 70 MB.
pub(super) const LARGEST: usize = 512 << 20;

/// Longest name of a package, in bytes.
pub(super) const LONGEST_NAME: usize = 300;

/// An error with its place.
pub(super) fn malformed(origin: &str, place: impl Into<String>, reason: impl Into<String>) -> AdvisoryError {
    AdvisoryError::Malformed { origin: origin.to_owned(), place: place.into(), reason: reason.into() }
}

/// Refuses a document that is larger than `most` bytes.
pub(super) fn too_large(origin: &str, bytes: &[u8], most: usize) -> Result<(), AdvisoryError> {
    if bytes.len() <= most {
        return Ok(());
    }
    Err(malformed(origin, "its size", format!("it is larger than {} MiB", most >> 20)))
}

/// Broken JSON, with line and column. What serde says is cut, since it quotes the document.
pub(super) fn json(origin: &str, error: &serde_json::Error) -> AdvisoryError {
    let reason = match error.classify() {
        Category::Eof => "the document ends too early".to_owned(),
        _ => {
            let text = error.to_string();
            let text = text.rsplit_once(" at line ").map_or(text.as_str(), |(before, _)| before);
            text.chars().filter(|c| !c.is_control()).take(200).collect()
        }
    };
    malformed(origin, format!("line {}, column {}", error.line(), error.column()), reason)
}

/// The document as text, without a byte order mark.
pub(super) fn text<'b>(origin: &str, bytes: &'b [u8]) -> Result<&'b str, AdvisoryError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| malformed(origin, format!("byte {}", error.valid_up_to()), "it is no UTF-8 text"))?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// Whether a text can be a package's name.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_NAME && text.chars().all(|c| c.is_ascii_graphic())
}

/// Whether a text can be the id of a flaw or an advisory. GitHub's may have no digit.
pub(super) fn is_id(text: &str) -> bool {
    let is_github = text
        .strip_prefix("GHSA-")
        .is_some_and(|rest| rest.len() == 14 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'));
    is_github || super::words::is_id(text)
}

/// A text from a document as a message may quote it: in one line, not too long.
pub(super) fn quoted(text: &str) -> String {
    let short: String = text.chars().map(|c| if c.is_control() { '?' } else { c }).take(60).collect();
    format!("\"{short}\"")
}
