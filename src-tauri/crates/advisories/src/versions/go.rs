//! The order of Go modules (`v1.2.3`, pseudo-versions) and of Go's own releases (`go1.22rc1`).
//!
//! Advisories write `1.22.0-rc.1` for what the toolchain calls `go1.22rc1`: both are read alike.

use std::cmp::Ordering;

use super::dotted::{self, Dotted};
use super::split_where;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a.as_bytes())?, parse(b.as_bytes())?);
    Some(dotted::order_dotted(a.numbers, b.numbers).then_with(|| dotted::order_pre(pre(a), pre(b), false)))
}

fn parse(text: &[u8]) -> Option<Dotted<'_>> {
    if let Some(toolchain) = text.strip_prefix(b"go") {
        // Behind a blank stand experiments (`go1.24.1 X:boringcrypto`), behind a hyphen the name of a rebuild.
        let release = split_where(toolchain, |byte| byte.is_ascii_whitespace() || byte == b'-').0;
        let version = dotted::parse(release)?;
        let is_known = version.tail.is_empty() || version.tail.starts_with(b"rc") || version.tail.starts_with(b"beta");
        return (is_known && version.count <= 3).then_some(version);
    }
    let version = dotted::parse(text.strip_prefix(b"v").unwrap_or(text))?;
    // What a module may not be: `v1-pre`, `v1.2+meta`, four numbers.
    let is_whole = version.count == 3 && version.tail.is_empty();
    let is_short = version.count < 3 && version.tail.is_empty() && version.pre.is_empty() && !version.has_build;
    // The toolchain writes this where a module was replaced or has no history: it stands for no version.
    let is_placeholder = version.pre.starts_with(b"00010101000000-");
    ((is_whole || is_short || is_release_candidate(version)) && !is_placeholder).then_some(version)
}

/// `1.22rc1`, the toolchain's version without its prefix.
fn is_release_candidate(version: Dotted<'_>) -> bool {
    version.pre.is_empty() && (version.tail.starts_with(b"rc") || version.tail.starts_with(b"beta"))
}

/// The pre-release; `rc1` behind the numbers counts as `rc.1`.
fn pre(version: Dotted<'_>) -> impl Iterator<Item = &[u8]> {
    let (word, number) = split_where(version.tail, |byte| byte.is_ascii_digit());
    [word, number].into_iter().filter(|part| !part.is_empty()).chain(dotted::identifiers(version.pre))
}
