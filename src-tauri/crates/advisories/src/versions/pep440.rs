//! Python's order, PEP 440, by the library `pep440_rs`. What PEP 440 does not allow is no version.

use std::cmp::Ordering;
use std::str::FromStr;

use pep440_rs::Version;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    Some(Version::from_str(a).ok()?.cmp(&Version::from_str(b).ok()?))
}
