//! Small words of the verdicts.

use time::OffsetDateTime;

pub(super) use crate::text::shown;

/// RFC 3339 in UTC, whole seconds; empty for a year that it cannot write.
pub(super) fn moment(at: OffsetDateTime) -> String {
    at.replace_nanosecond(0).map(crate::text::moment).unwrap_or_default()
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
