//! Points in time as documents write them: RFC 3339, or a plain date.

use time::format_description::well_known::Rfc3339;
use time::macros::format_description;
use time::{Date, OffsetDateTime, UtcOffset};

/// Nanoseconds since 1970; a plain date is its first moment in UTC. None for what is neither.
pub(crate) fn instant(text: &str) -> Option<i128> {
    let text = text.trim();
    if let Ok(moment) = OffsetDateTime::parse(text, &Rfc3339) {
        return Some(moment.unix_timestamp_nanos());
    }
    date(text).map(|date| date.midnight().assume_utc().unix_timestamp_nanos())
}

/// The day in UTC. None for what is neither a moment nor a date.
pub(crate) fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    match OffsetDateTime::parse(text, &Rfc3339) {
        // An offset can lead out of the years that can be told; then it is no day.
        Ok(moment) => moment.checked_to_offset(UtcOffset::UTC).map(OffsetDateTime::date),
        Err(_) => date(text),
    }
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_compared_whatever_their_offset() {
        assert_eq!(instant("2025-01-01T01:00:00+01:00"), instant("2025-01-01"));
        assert!(instant("2025-01-01T00:00:00.5Z") > instant("2025-01-01T00:00:00Z"));
        assert_eq!(instant("yesterday"), None);
    }

    #[test]
    fn the_day_is_that_of_utc() {
        assert_eq!(day("2025-01-01T00:30:00+02:00"), day("2024-12-31"));
        assert_eq!(day("2025-02-30"), None);
        assert_eq!(day("0000-01-01T00:00:00+23:59"), day("0000-01-01T00:00:00+23:59"));
    }
}
