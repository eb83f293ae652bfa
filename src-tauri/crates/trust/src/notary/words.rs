//! Small words of the verdicts: moments, and foreign text made fit to be shown.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// Most characters of a text from outside in one sentence.
const SHOWN: usize = 160;

/// A text from outside, cut, with control and direction characters replaced.
pub(super) fn shown(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
    };
    let mut cut: String = text.chars().take(SHOWN).map(|c| if hidden(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(SHOWN).is_some() {
        cut.push('…');
    }
    cut
}

/// RFC 3339 in UTC, whole seconds; empty for a year that it cannot write.
pub(super) fn moment(at: OffsetDateTime) -> String {
    at.checked_to_offset(time::UtcOffset::UTC)
        .and_then(|at| at.replace_nanosecond(0).ok())
        .and_then(|at| at.format(&Rfc3339).ok())
        .unwrap_or_default()
}

/// The day alone, for sentences.
pub(super) fn day(at: OffsetDateTime) -> String {
    moment(at).chars().take(10).collect()
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn listed(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// The beginning of a hash, as people compare it.
pub(super) fn short(id: &str) -> String {
    id.chars().take(12).collect()
}
