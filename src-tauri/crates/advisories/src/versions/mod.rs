//! The order of versions, as each ecosystem's own tools have it.

use std::cmp::Ordering;

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
#[must_use]
pub fn compare(_scheme: Scheme, _a: &str, _b: &str) -> Option<Ordering> {
    None
}

/// Whether a text is a version of the scheme.
#[must_use]
pub fn is_version(scheme: Scheme, text: &str) -> bool {
    compare(scheme, text, text).is_some()
}
