//! The links of the chain as they are drawn, built while the verification goes along.

use super::key::{Authority, Signed};
use super::wire::File;
use super::words::moment;
use crate::verdict::{Link, LinkKind, State};

use super::fault::Fault;

/// Most keys that one link names.
const MAX_NAMED: usize = 10;

/// A link under construction.
#[derive(Debug, Clone)]
pub(super) struct Draft(Link);

impl Draft {
    pub(super) fn new(kind: LinkKind, title: impl Into<String>) -> Self {
        Self(Link { kind, title: title.into(), details: Vec::new(), holds: None, problem: String::new() })
    }

    pub(super) fn detail(&mut self, name: &str, value: impl Into<String>) -> &mut Self {
        self.0.details.push((name.to_owned(), value.into()));
        self
    }

    /// Version and expiry, as the file claims them.
    pub(super) fn head<T>(&mut self, file: &File<T>) {
        self.detail("version", file.version.to_string());
        self.detail("expires", moment(file.expires));
    }

    /// The role's keys, and who of them signed.
    pub(super) fn keys(&mut self, authority: &Authority, signed: &Signed) {
        self.detail("threshold", signed.needed.to_string());
        self.detail("valid signatures", format!("{} of {}", signed.count, signed.listed));
        for (id, key) in authority.keys.iter().take(MAX_NAMED) {
            let did = if signed.valid.contains(id) { "signed" } else { "did not sign" };
            self.detail("key", format!("{id} ({}, {did})", key.public.describe()));
        }
        if let Some(more) = authority.keys.len().checked_sub(MAX_NAMED).filter(|more| *more > 0) {
            self.detail("more keys", more.to_string());
        }
        for (id, why) in authority.unusable.iter().take(MAX_NAMED) {
            self.detail("key that does not count", format!("{id}: {why}"));
        }
    }

    /// Something is wrong, and what follows is judged all the same.
    pub(super) fn blame(&mut self, problem: &str) {
        self.0.problem = problem.to_owned();
    }

    /// The link when its judging is over: it holds unless something was wrong with it.
    pub(super) fn done(mut self) -> Link {
        self.0.holds = Some(self.0.problem.is_empty());
        self.0
    }

    /// The link at which the verification stopped. What could not be fetched was not judged.
    pub(super) fn stopped(mut self, fault: &Fault) -> Link {
        self.0.holds = if fault.state == State::Unreachable { None } else { Some(false) };
        self.0.problem.clone_from(&fault.reason);
        self.0
    }

    /// The link that was not reached.
    pub(super) fn unreached(self) -> Link {
        self.0
    }
}
