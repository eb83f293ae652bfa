//! The order of versions, as each ecosystem's own tools have it.
//!
//! Nothing here panics on any text, and nothing is allocated for deb, rpm, apk, semantic versions, Go and NuGet. Texts
//! longer than [`LONGEST`] bytes, and words that stand where a version is missing, are no versions.

use std::cmp::Ordering;

mod apk;
mod deb;
mod dotted;
mod gem;
mod go;
mod maven;
mod nuget;
mod packagist;
mod pep440;
mod rpm;
mod semver;
#[cfg(test)]
mod tests;

/// Longest version that is looked at, in bytes; the longest real ones have about a hundred.
pub const LONGEST: usize = 1024;

/// How versions are ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scheme {
    /// dpkg (`deb-version(7)`).
    Deb,
    /// rpm (`rpmvercmp`, with epoch and release). A missing epoch is 0.
    Rpm,
    /// apk-tools.
    Apk,
    /// Semantic versions, read leniently: npm, crates.io, Bitnami.
    Semver,
    /// Go modules and the Go toolchain's own (`go1.22.1`).
    Go,
    /// Python, PEP 440.
    Pep440,
    /// Maven's `ComparableVersion`.
    Maven,
    /// RubyGems.
    Gem,
    /// Composer, by PHP's `version_compare` with Composer's normalisation.
    Packagist,
    /// NuGet.
    Nuget,
}

/// Compares two versions. None when one of them is no version of the scheme: then nothing may be concluded.
///
/// Every scheme orders its versions totally, except Maven, whose own rules are not transitive in corners, and
/// Packagist, where the component `#` equals every number as in PHP.
#[must_use]
pub fn compare(scheme: Scheme, a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (given(a)?, given(b)?);
    match scheme {
        Scheme::Deb => deb::compare(a, b),
        Scheme::Rpm => rpm::compare(a, b),
        Scheme::Apk => apk::compare(a, b),
        Scheme::Semver => semver::compare(a, b),
        Scheme::Go => go::compare(a, b),
        Scheme::Pep440 => pep440::compare(a, b),
        Scheme::Maven => maven::compare(a, b),
        Scheme::Gem => gem::compare(a, b),
        Scheme::Packagist => packagist::compare(a, b),
        Scheme::Nuget => nuget::compare(a, b),
    }
}

/// Whether a text is a version of the scheme.
#[must_use]
pub fn is_version(scheme: Scheme, text: &str) -> bool {
    compare(scheme, text, text).is_some()
}

/// The text without white space around it; none when it is empty, too long, or a word that says that there is no
/// version. Some sources have let such words through where a version belongs (`<unfixed>`).
fn given(text: &str) -> Option<&str> {
    const NO_VERSION: [&str; 14] = [
        "unknown",
        "none",
        "null",
        "nil",
        "undefined",
        "undetermined",
        "unspecified",
        "unfixed",
        "not-affected",
        "end-of-life",
        "latest",
        "n/a",
        "not available",
        "nan",
    ];
    let text = text.trim();
    let first = *text.as_bytes().first()?;
    if text.len() > LONGEST || matches!(first, b'<' | b'(' | b'$' | b'{' | b'%') {
        return None;
    }
    if first.is_ascii_alphabetic() && NO_VERSION.iter().any(|word| text.eq_ignore_ascii_case(word)) {
        return None;
    }
    Some(text)
}

/// Splits where the first byte comes that is no digit.
fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    split_where(text, |byte| !byte.is_ascii_digit())
}

/// Splits before the first byte for which `end` holds.
fn split_where(text: &[u8], end: impl Fn(u8) -> bool) -> (&[u8], &[u8]) {
    let at = text.iter().position(|byte| end(*byte)).unwrap_or(text.len());
    text.split_at_checked(at).unwrap_or((text, &[]))
}

/// Orders two runs of digits by the numbers that they are, however long; an empty run is 0.
fn order_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let (a, b) = (without_zeros(a), without_zeros(b));
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

/// A run of digits without leading zeros.
fn without_zeros(mut digits: &[u8]) -> &[u8] {
    while let [b'0', rest @ ..] = digits {
        digits = rest;
    }
    digits
}
