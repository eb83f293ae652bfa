//! Docker Content Trust: TUF metadata in Notary v1's own flavour, from the root to the digest under audit.
//!
//! - `canonical.rs` the bytes that are signed; `wire.rs` the files; `key.rs` keys, ids and thresholds;
//!   `certificate.rs` the certificates of root keys.
//! - `pin.rs` and `root.rs` whether the root is the right one; `session.rs` what every role goes through;
//!   `repository.rs` the roles one after the other; `resolve.rs` what they say of a tag.
//! - `chain.rs`, `fault.rs`, `words.rs` how it is told.
//!
//! The order of the steps is the reference client's. It differs where an audit wants more: trust data that were there
//! before and are gone are withdrawn (the client goes on with its cache), a root that changed without a new version is
//! refused, one key in two certificates counts once towards a threshold, and what is out of date is judged to the end,
//! so that tampering is not called age.

mod canonical;
mod certificate;
mod chain;
mod fault;
mod key;
mod pin;
mod repository;
mod resolve;
mod root;
mod session;
mod wire;
mod words;

#[cfg(test)]
mod forge;
#[cfg(test)]
mod tests;

use time::OffsetDateTime;

use self::chain::Draft;
use self::fault::Fault;
use self::session::Session;
use self::words::{moment, shown};
use crate::facts::{Bytes, Looked, NotaryFacts, NotaryFile, Pinned, TrustFacts};
use crate::policy::TrustPolicy;
use crate::verdict::{Link, LinkKind, Scheme, State, Verdict};

/// Judges what a trust server said of an image, at a moment in time. None when no trust server was asked.
#[must_use]
pub fn notary(facts: &TrustFacts, policy: &TrustPolicy, at: OffsetDateTime) -> Option<Verdict> {
    let Some(notary) = &facts.notary else { return unasked(facts) };
    let place = shown(&format!("{}, {}", notary.server, notary.gun));
    let mut verdict = Verdict::new(Scheme::ContentTrust, State::Unreachable, place, "");
    if notary.gun != facts.repository {
        verdict.notes.push(format!(
            "The trust data are those of {}; the image is {}.",
            shown(&notary.gun),
            shown(&facts.repository)
        ));
    }
    let mut session = Session::new(notary, at);
    if nothing(&session) {
        gone(notary, &mut verdict);
    } else {
        let held = repository::verify(&mut session, policy);
        verdict.chain.append(&mut session.chain);
        verdict.notes.append(&mut session.notes);
        let resolved = held.and_then(|held| resolve::resolve(&held, facts, &mut verdict));
        let pinned_now = resolved.is_ok() && session.expired.is_none();
        conclude(resolved, session.expired, &mut verdict);
        verdict.first_use = !session.first_use.is_empty();
        verdict.trusted_since = since(notary, policy);
        for id in &session.first_use {
            let note = if pinned_now {
                format!("Trusted on first use: the root key {id} is pinned from now on; compare it with the owner's.")
            } else {
                format!("Met for the first time: nothing but these metadata vouches for the root key {id}.")
            };
            verdict.notes.insert(0, note);
        }
    }
    if notary.gun.starts_with("docker.io/") && verdict.state != State::Verified {
        verdict.notes.push(
            "Docker has given up Content Trust for Docker Hub: signatures of its images have run out since August 2025, and its trust server was announced to be shut down on 8 December 2026. Look for cosign or Notation signatures instead.".to_owned(),
        );
    }
    complete(&mut verdict, facts);
    Some(verdict)
}

/// Since when the root is trusted, where an earlier contact is all that vouches for it; empty otherwise.
fn since(notary: &NotaryFacts, policy: &TrustPolicy) -> String {
    match &notary.pinned {
        Some(pinned) if pin::pins(policy, &notary.gun).is_empty() => {
            if pinned.first_seen.is_empty() {
                "an earlier contact".to_owned()
            } else {
                shown(&pinned.first_seen)
            }
        }
        _ => String::new(),
    }
}

/// A trust server that was looked for, and of which nothing came back that could be judged.
fn unasked(facts: &TrustFacts) -> Option<Verdict> {
    let lookup = facts.lookups.iter().find(|lookup| lookup.scheme == Scheme::ContentTrust)?;
    let why = match &lookup.looked {
        Looked::Refused(why) | Looked::Failed(why) | Looked::NotTried(why) => shown(why),
        Looked::Found | Looked::Absent => "its answer was not kept".to_owned(),
    };
    let reason = format!("Nothing is known of the trust data: {why}");
    Some(Verdict::new(Scheme::ContentTrust, State::Unreachable, shown(&lookup.place), reason))
}

/// Whether the server itself said that it has no trust data for the repository.
fn nothing(session: &Session<'_>) -> bool {
    session.served("root").is_none()
        && session.facts.absent.iter().any(|name| name == "root")
        && session.facts.failed.iter().all(|(name, _)| name != "root")
}

fn gone(notary: &NotaryFacts, verdict: &mut Verdict) {
    match &notary.pinned {
        None => {
            verdict.state = State::Unsigned;
            verdict.reason =
                "The trust server has no trust data for this repository: nothing in it is signed.".to_owned();
        }
        Some(pinned) => {
            let seen = if pinned.last_seen.is_empty() {
                "at an earlier contact".to_owned()
            } else {
                format!("on {}", shown(&pinned.last_seen))
            };
            verdict.state = State::Withdrawn;
            verdict.reason = format!(
                "The trust server has no trust data for this repository any more, and had some {seen}: they were deleted, or somebody withholds them."
            );
            verdict.notes.push(
                "Docker's own client goes on with what it has in its cache here, and only warns; ask the owner what happened.".to_owned(),
            );
        }
    }
}

fn conclude(resolved: Result<(), Fault>, expired: Option<Fault>, verdict: &mut Verdict) {
    match (resolved, expired) {
        (Ok(()), None) => {}
        (Ok(()), Some(expired)) => {
            verdict.reason = format!("{} But for that: {}", expired.reason, verdict.reason);
            verdict.state = expired.state;
            verdict.kind = expired.kind;
        }
        (Err(fault), expired) => {
            verdict.state = fault.state;
            verdict.kind = fault.kind;
            verdict.reason = fault.reason;
            verdict.notes.extend(expired.map(|expired| expired.reason));
        }
    }
}

/// Draws what was not reached.
fn complete(verdict: &mut Verdict, facts: &TrustFacts) {
    for name in ["root", "timestamp", "snapshot", "targets"] {
        if verdict.chain.iter().all(|link| link.kind != LinkKind::Role || link.title != name) {
            verdict.chain.push(Draft::new(LinkKind::Role, name).unreached());
        }
    }
    let missing = |chain: &[Link], kind| chain.iter().all(|link| link.kind != kind);
    if missing(&verdict.chain, LinkKind::Payload) {
        let tag = facts.tag.as_deref().map_or_else(|| "No tag was given".to_owned(), shown);
        verdict.chain.push(Draft::new(LinkKind::Payload, tag).unreached());
    }
    if missing(&verdict.chain, LinkKind::Digest) {
        let digest = facts.digests.first().map_or_else(|| "Not known".to_owned(), |digest| shown(digest));
        verdict.chain.push(Draft::new(LinkKind::Digest, digest).unreached());
    }
}

/// What is to be kept of this contact for the next: the root, and the versions of the roles. None unless everything
/// verified and is in date; what was kept before stays then.
#[must_use]
pub fn pin(facts: &NotaryFacts, policy: &TrustPolicy, at: OffsetDateTime) -> Option<Pinned> {
    let mut session = Session::new(facts, at);
    let held = repository::verify(&mut session, policy).ok()?;
    if session.expired.is_some() {
        return None;
    }
    let root = Bytes(session.served("root")?.to_vec());
    let now = moment(at);
    let mut pinned = Pinned { root, versions: session.versions, first_seen: now.clone(), last_seen: now };
    if let Some(before) = &facts.pinned {
        if !before.first_seen.is_empty() {
            pinned.first_seen.clone_from(&before.first_seen);
        }
        // A role that may still sign and was left out this time must not come back older than it was seen. One that
        // nobody delegates to any more is forgotten: set up anew, it begins with version 1.
        let may = |name: &str| {
            held.delegated.contains(name)
                || held
                    .dropped
                    .iter()
                    .any(|(dropped, _)| name.strip_prefix(dropped).is_some_and(|rest| rest.starts_with('/')))
        };
        for (name, version) in before.versions.iter().filter(|(name, _)| may(name)) {
            pinned.versions.entry(name.clone()).or_insert(*version);
        }
    }
    Some(pinned)
}

/// What to compare with, from a folder of metadata that was trusted before: the root as it is there, and the versions
/// that the files claim. Nothing is verified. None without a root; a root that cannot be read is kept, and fails the
/// verification; another file that cannot be read sets no bound.
#[must_use]
pub fn pinned_from_files(files: &[NotaryFile]) -> Option<Pinned> {
    let root = files.iter().find(|file| file.name == "root")?;
    let versions = files
        .iter()
        .filter(|file| !file.name.ends_with(".root"))
        .filter_map(|file| wire::version(&file.bytes.0).map(|version| (file.name.clone(), version)))
        .collect();
    Some(Pinned { root: root.bytes.clone(), versions, first_seen: String::new(), last_seen: String::new() })
}
