//! What distributions write where the version of a fix belongs: a version, `0` for "never affected", or one of the
//! words that once leaked from their own tools (`<unfixed>`). Such a word is never taken for a version.

use crate::record::{Affected, Span, State};
use crate::versions::{self, Scheme};

/// What stands where the version of a fix belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fix<'a> {
    /// Fixed in this version.
    In(&'a str),
    /// Never affected.
    Never,
    /// Affected, without a fix.
    Open,
    /// The release gets no fixes any more.
    EndOfLife,
    /// Not yet known.
    Unclear,
    /// No version, and no word that is known: nothing can be compared with it, so that it counts as affected.
    Strange,
}

/// Reads it.
pub(super) fn fix(scheme: Scheme, text: &str) -> Fix<'_> {
    let text = text.trim();
    if text == "0" {
        return Fix::Never;
    }
    let word = text.trim_start_matches('<').trim_end_matches('>');
    match word {
        "not-affected" => Fix::Never,
        "unfixed" | "no-dsa" | "ignored" | "postponed" | "removed" | "itp" => Fix::Open,
        "end-of-life" => Fix::EndOfLife,
        "undetermined" => Fix::Unclear,
        _ if versions::is_version(scheme, text) => Fix::In(text),
        _ => Fix::Strange,
    }
}

impl Fix<'_> {
    /// Writes it into an affected package: its ranges and its state.
    pub(super) fn put(self, affected: &mut Affected) {
        let fixed = match self {
            Fix::In(version) => Some(version.to_owned()),
            _ => None,
        };
        affected.spans = vec![Span { fixed, ..Span::default() }];
        affected.state = match self {
            Fix::Never => State::NotAffected,
            Fix::EndOfLife => State::EndOfLife,
            Fix::Unclear => State::UnderInvestigation,
            Fix::In(_) | Fix::Open | Fix::Strange => State::Affected,
        };
    }
}
