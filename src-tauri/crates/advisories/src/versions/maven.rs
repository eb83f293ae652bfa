//! Maven's `ComparableVersion`, by the library `mvn_version`, which takes any text; what has no digit, or a character
//! that versions of artifacts do not have (`${revision}`), is no version here.

use std::cmp::Ordering;

use mvn_version::ComparableVersion;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    (is_good(a) && is_good(b)).then(|| ComparableVersion::new(a).cmp(&ComparableVersion::new(b)))
}

fn is_good(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+' | b'~'))
}
