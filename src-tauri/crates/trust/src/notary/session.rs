//! One verification under way: the files at hand, what was found so far, and the steps that every role goes through.

use std::collections::BTreeMap;

use time::{Duration, OffsetDateTime};

use super::chain::Draft;
use super::fault::Fault;
use super::key::{Authority, Signed};
use super::wire::{self, Body, File, Meta};
use super::words::{day, shown};
use crate::facts::NotaryFacts;
use crate::verdict::{Invalid, Link};

/// How long before its end something is worth a note.
const SOON: Duration = Duration::days(30);

/// A verification under way.
pub(super) struct Session<'a> {
    pub(super) facts: &'a NotaryFacts,
    files: BTreeMap<&'a str, &'a [u8]>,
    pub(super) at: OffsetDateTime,
    pub(super) chain: Vec<Link>,
    pub(super) notes: Vec<String>,
    /// The first role found out of date. The rest is judged all the same: what is out of date and tampered with is
    /// tampered with.
    pub(super) expired: Option<Fault>,
    /// Root keys that nothing vouches for but that they were met first.
    pub(super) first_use: Vec<String>,
    /// Versions of the roles that were verified.
    pub(super) versions: BTreeMap<String, u64>,
}

/// What is wrong with one role's file.
pub(super) struct Trouble {
    pub(super) fault: Fault,
    /// Whether a delegation with it is left out, and the rest of the repository stays.
    pub(super) droppable: bool,
}

impl From<Trouble> for Fault {
    fn from(trouble: Trouble) -> Self {
        trouble.fault
    }
}

impl<'a> Session<'a> {
    pub(super) fn new(facts: &'a NotaryFacts, at: OffsetDateTime) -> Self {
        // A name that is given twice: the first counts, whatever the second says.
        let mut files = BTreeMap::new();
        for file in &facts.files {
            files.entry(file.name.as_str()).or_insert(file.bytes.0.as_slice());
        }
        Self {
            facts,
            files,
            at,
            chain: Vec::new(),
            notes: Vec::new(),
            expired: None,
            first_use: Vec::new(),
            versions: BTreeMap::new(),
        }
    }

    pub(super) fn gun(&self) -> &'a str {
        &self.facts.gun
    }

    /// A file, if it was served.
    pub(super) fn served(&self, name: &str) -> Option<&'a [u8]> {
        self.files.get(name).copied()
    }

    /// A file that is needed.
    ///
    /// # Errors
    ///
    /// It was answered with 404, or nothing is known of it.
    pub(super) fn fetch(&self, name: &str) -> Result<&'a [u8], Fault> {
        if let Some(bytes) = self.served(name) {
            return Ok(bytes);
        }
        if let Some((_, why)) = self.facts.failed.iter().find(|(failed, _)| failed == name) {
            return Err(Fault::unreachable(format!("The file “{}” could not be fetched: {}", shown(name), shown(why))));
        }
        if self.facts.absent.iter().any(|absent| absent == name) {
            return Err(Fault::invalid(
                Invalid::Missing,
                format!("The server has no file “{}”, which must be there beside the rest.", shown(name)),
            ));
        }
        Err(Fault::unreachable(format!("The file “{}” was not fetched, so nothing is known of it.", shown(name))))
    }

    /// Takes a role's file through hash, format, signatures and version, in this order; its date is for the caller.
    ///
    /// # Errors
    ///
    /// What is wrong with it.
    pub(super) fn role<T: Body>(
        &self,
        link: &mut Draft,
        name: &str,
        announced: Option<&Meta>,
        authority: &Authority,
    ) -> Result<(File<T>, Signed), Trouble> {
        let hard = |fault| Trouble { fault, droppable: false };
        let bytes = self.fetch(name).map_err(hard)?;
        if let Some(announced) = announced {
            let compared = announced.fits(bytes).map_err(|why| {
                hard(Fault::invalid(Invalid::Hash, format!("The file of {name} is not the announced one: {why}.")))
            })?;
            link.detail("hash", compared);
        }
        let file: File<T> = wire::read(name, bytes).map_err(|why| {
            hard(Fault::invalid(
                Invalid::Format,
                format!("The file of {name} is not what Notary's format says: {why}."),
            ))
        })?;
        link.head(&file);
        let signed = authority.signed(&file);
        link.keys(authority, &signed);
        if !signed.enough() {
            let reason = format!(
                "{name} is not signed by those who may: valid signatures {}, needed {}{}.",
                signed.count,
                signed.needed,
                authority.unusable()
            );
            return Err(Trouble { fault: Fault::invalid(Invalid::Signature, reason), droppable: true });
        }
        let seen = self.facts.pinned.as_ref().and_then(|pinned| pinned.versions.get(name)).copied().unwrap_or(0);
        if file.version < seen {
            return Err(hard(Fault::invalid(
                Invalid::Rollback,
                format!(
                    "{name} is version {}, and version {seen} was seen before: an old file is served again.",
                    file.version
                ),
            )));
        }
        Ok((file, signed))
    }

    /// Whether a role is in date; out of date is remembered, and does not stop the verification.
    pub(super) fn judge_date(&mut self, link: &mut Draft, name: &str, expires: OffsetDateTime) {
        if self.over(expires) {
            let reason = format!(
                "{name} is out of date since {}: the server shows old metadata, or nobody renews them.",
                day(expires)
            );
            link.blame(&reason);
            self.expired.get_or_insert(Fault::expired(reason));
        } else if name != "timestamp" {
            // The timestamp always lives for two weeks only: its server signs the next one by itself.
            self.note_soon(name, expires);
        }
    }

    pub(super) fn over(&self, expires: OffsetDateTime) -> bool {
        self.at >= expires
    }

    /// A note where something ends soon.
    pub(super) fn note_soon(&mut self, what: &str, end: OffsetDateTime) {
        if self.at < end && end - self.at <= SOON {
            self.notes.push(format!("{what} expires on {}, within 30 days.", day(end)));
        }
    }
}
