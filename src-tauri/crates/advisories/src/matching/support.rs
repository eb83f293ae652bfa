//! Whether a distribution's release still gets security fixes on a given day.

use plimsoll_packages::OsRelease;

use super::place::name_of;
use crate::ecosystem;
use crate::facts::{Release, Support};

/// Describes a release. `at` is RFC 3339 or a date.
pub(super) fn release(os: &OsRelease, at: &str) -> Release {
    let ends = os.support_end.as_ref();
    let support = match (ends, date(at)) {
        (Some(ends), Some(day)) => match (date(&ends.standard), ends.extended.as_deref().and_then(date)) {
            (Some(standard), _) if day <= standard => Support::Supported,
            (_, Some(extended)) if day <= extended => Support::Extended,
            (None, None) => Support::Unknown,
            _ => Support::Ended,
        },
        _ => Support::Unknown,
    };
    Release {
        id: os.id.clone(),
        version: os.version_id.clone(),
        name: name_of(os),
        ecosystem: ecosystem::of_release(os),
        support,
        standard_end: ends.map(|ends| ends.standard.clone()),
        extended_end: ends.and_then(|ends| ends.extended.clone()),
        from: ends.map(|ends| ends.from.clone()),
    }
}

/// The day of a time; days of this form are ordered as text.
fn date(text: &str) -> Option<&str> {
    let day = text.get(..10)?;
    let is_day = day.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    is_day.then_some(day)
}

#[cfg(test)]
mod tests {
    use plimsoll_packages::SupportEnd;

    use super::*;

    #[test]
    fn support_ends_after_its_last_day() {
        let os = OsRelease {
            id: "debian".into(),
            version_id: Some("11".into()),
            pretty_name: Some("Debian GNU/Linux 11 (bullseye)".into()),
            support_end: Some(SupportEnd {
                standard: "2024-08-14".into(),
                extended: Some("2026-08-31".into()),
                from: "a table".into(),
            }),
            ..OsRelease::default()
        };
        let on = |day: &str| release(&os, day).support;
        assert_eq!(on("2024-08-14T23:59:59Z"), Support::Supported);
        assert_eq!(on("2024-08-15T00:00:00Z"), Support::Extended);
        assert_eq!(on("2026-08-31"), Support::Extended);
        assert_eq!(on("2026-09-01T00:00:00Z"), Support::Ended);
        assert_eq!(on("yesterday"), Support::Unknown);
        let told = release(&os, "2025-01-01");
        assert_eq!(told.name, "Debian GNU/Linux 11 (bullseye)");
        assert_eq!(told.ecosystem.as_deref(), Some("Debian:11"));
        let unknown = OsRelease { support_end: None, pretty_name: None, ..os.clone() };
        assert_eq!(release(&unknown, "2025-01-01").support, Support::Unknown);
        assert_eq!(release(&unknown, "2025-01-01").name, "Debian 11");
    }
}
