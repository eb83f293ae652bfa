//! Why the metadata do not hold.

use crate::verdict::{Invalid, State};

/// What stops a verification: the outcome, and the sentence for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) state: State,
    pub(super) kind: Option<Invalid>,
    pub(super) reason: String,
}

impl Fault {
    /// The metadata are wrong.
    pub(super) fn invalid(kind: Invalid, reason: impl Into<String>) -> Self {
        Self { state: State::Invalid, kind: Some(kind), reason: reason.into() }
    }

    /// In order, but out of date.
    pub(super) fn expired(reason: impl Into<String>) -> Self {
        Self { state: State::Expired, kind: Some(Invalid::Expired), reason: reason.into() }
    }

    /// Something that is needed could not be fetched: nothing is known.
    pub(super) fn unreachable(reason: impl Into<String>) -> Self {
        Self { state: State::Unreachable, kind: None, reason: reason.into() }
    }
}
