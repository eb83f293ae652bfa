//! Whether a version lies in what a row speaks of.

use std::cmp::Ordering;

use super::{Row, Why};
use crate::versions::{self, Scheme};

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Lies {
    /// It lies in it.
    In,
    /// It does not.
    Out,
    /// That cannot be said.
    Unknown(Why),
}

/// A version that is compared with rows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Compared<'v> {
    /// The ecosystem's order; none when it is not known.
    pub scheme: Option<Scheme>,
    /// The version.
    pub version: &'v str,
    /// It is a version of the scheme; otherwise only listed versions can match, as text.
    pub is_version: bool,
    /// Its epoch is not known, so those of the rows' versions are left out as well.
    pub without_epoch: bool,
}

/// Compares a version with a row.
pub(super) fn lies(of: Compared<'_>, row: &Row) -> Lies {
    if let Some(listed) = row.version.as_deref() {
        return if of.is_listed(listed) { Lies::In } else { Lies::Out };
    }
    let Some(span) = &row.span else {
        // Neither a range nor a version: all versions.
        return Lies::In;
    };
    let introduced = span.introduced.as_deref().filter(|version| *version != "0");
    let (fixed, last) = (span.fixed.as_deref(), span.last_affected.as_deref());
    if introduced.is_none() && fixed.is_none() && last.is_none() {
        return Lies::In;
    }
    if of.scheme.is_none() {
        return Lies::Unknown(Why::Order);
    }
    if !of.is_version {
        // The package as a whole is not evaluated.
        return Lies::Out;
    }
    let mut unknown = None;
    // Fixes first: most rows are decided by them.
    for (bound, holds) in [
        (fixed, [Ordering::Less].as_slice()),
        (last, &[Ordering::Less, Ordering::Equal]),
        (introduced, &[Ordering::Greater, Ordering::Equal]),
    ] {
        let Some(bound) = bound else { continue };
        match of.cmp(bound) {
            Some(order) if holds.contains(&order) => {}
            // A commit without a tag sorts before all releases, wherever it lies.
            Some(Ordering::Less) if of.scheme == Some(Scheme::Go) && is_commit(of.version) && !is_commit(bound) => {
                unknown = Some(Why::Commit);
            }
            Some(_) => return Lies::Out,
            None => unknown = Some(Why::Bound),
        }
    }
    unknown.map_or(Lies::In, Lies::Unknown)
}

impl Compared<'_> {
    fn cmp(&self, bound: &str) -> Option<Ordering> {
        // "<unfixed>" and the like: rpm would take it for a version.
        if !bound.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let bound = if self.without_epoch { bound.split_once(':').map_or(bound, |(_, rest)| rest) } else { bound };
        versions::compare(self.scheme?, self.version, bound)
    }

    fn is_listed(&self, listed: &str) -> bool {
        listed == self.version
            || self.is_version
                && self
                    .scheme
                    .is_some_and(|scheme| versions::compare(scheme, self.version, listed) == Some(Ordering::Equal))
    }
}

/// `v0.0.0-20240102150405-0123456789ab`: Go's version of a commit before which it knows no tag.
fn is_commit(version: &str) -> bool {
    let rest = version.strip_prefix('v').unwrap_or(version);
    rest.strip_prefix("0.0.0-").is_some_and(|rest| {
        rest.split('-').next().is_some_and(|time| time.len() == 14 && time.bytes().all(|byte| byte.is_ascii_digit()))
    })
}
