//! The root: whether it is the one that the auditor pins or has seen before, and who it says may sign the other roles.

use std::collections::BTreeSet;

use time::OffsetDateTime;

use super::chain::Draft;
use super::fault::Fault;
use super::key::{Authority, Signed, plain_id};
use super::pin::{Pin, pins};
use super::session::Session;
use super::wire::{self, File, Root};
use super::words::{day, listed, moment, short, shown};
use crate::facts::Pinned;
use crate::policy::TrustPolicy;
use crate::verdict::{Invalid, LinkKind};

/// A root that can be trusted.
pub(super) struct Trusted {
    pub(super) body: Root,
    /// Until when it and the certificates that it rests on count.
    pub(super) until: OffsetDateTime,
}

fn untrusted(reason: impl Into<String>) -> Fault {
    Fault::invalid(Invalid::Root, reason)
}

/// Judges the root that was served.
///
/// # Errors
///
/// Why it cannot be trusted; the link at which it broke is drawn.
pub(super) fn root(session: &mut Session<'_>, policy: &TrustPolicy) -> Result<Trusted, Fault> {
    let pins = pins(policy, session.gun());
    anchors(session, &pins);
    let mut link = Draft::new(LinkKind::Role, "root");
    match judge(session, &mut link, &pins) {
        Ok(trusted) => {
            session.chain.push(link.done());
            Ok(trusted)
        }
        Err(fault) => {
            session.chain.push(link.stopped(&fault));
            Err(fault)
        }
    }
}

fn anchors(session: &mut Session<'_>, pins: &[Pin<'_>]) {
    for pin in pins {
        session.chain.push(pin.link());
    }
    match session.facts.pinned.as_ref() {
        Some(pinned) => {
            let mut link = Draft::new(LinkKind::Anchor, "Earlier contact");
            if let Ok(known) = wire::read::<Root>("root", &pinned.root.0) {
                link.detail("root version", known.version.to_string());
                for id in known.body.roles.get("root").into_iter().flat_map(|role| &role.keyids).take(10) {
                    link.detail("root key", shown(id));
                }
            }
            for (name, seen) in [("first seen", &pinned.first_seen), ("last seen", &pinned.last_seen)] {
                if !seen.is_empty() {
                    link.detail(name, shown(seen));
                }
            }
            session.chain.push(link.done());
        }
        None if pins.is_empty() => {
            let mut link = Draft::new(LinkKind::Anchor, "First contact");
            link.detail("trust", "on first use: nothing pins this root yet");
            session.chain.push(link.done());
        }
        None => {}
    }
}

fn judge(session: &mut Session<'_>, link: &mut Draft, pins: &[Pin<'_>]) -> Result<Trusted, Fault> {
    let bytes = session.fetch("root")?;
    let file = read(bytes, "The root")?;
    link.head(&file);
    match session.facts.pinned.as_ref() {
        Some(pinned) => follow(session, pinned, &file, bytes)?,
        None => history(session, &file, bytes),
    }
    let own = own_authority(session, link, &file, pins)?;
    let signed = own.signed(&file);
    link.keys(&own, &signed);
    for (id, key) in &own.keys {
        if let Some(chain) = &key.chain {
            let leaf = &chain.leaf;
            let issuer = if leaf.issuer() == leaf.subject() { "itself".to_owned() } else { leaf.issuer() };
            link.detail(
                "certificate",
                format!(
                    "{}, issued by {issuer}, until {}, SHA-256 {}",
                    leaf.subject(),
                    day(leaf.not_after()),
                    leaf.fingerprint()
                ),
            );
        }
        link.detail("the same key without its certificate", plain_id(&key.public));
        if signed.valid.contains(id) && pins.is_empty() && session.facts.pinned.is_none() {
            session.first_use.push(id.clone());
        }
    }
    for (id, why) in own.unusable.iter().take(10) {
        session.notes.push(format!("The root key {} does not count: {why}.", short(id)));
    }
    if !signed.enough() {
        return Err(untrusted(format!(
            "The root is not signed as it demands itself: valid signatures {}, needed {}{}.",
            signed.count,
            signed.needed,
            own.unusable()
        )));
    }
    session.versions.insert("root".to_owned(), file.version);
    session.judge_date(link, "root", file.expires);
    let until = own
        .keys
        .iter()
        .filter(|(id, _)| signed.valid.contains(id))
        .filter_map(|(_, key)| key.chain.as_ref().map(|chain| chain.leaf.not_after()))
        .fold(file.expires, OffsetDateTime::min);
    Ok(Trusted { body: file.body, until })
}

fn read(bytes: &[u8], what: &str) -> Result<File<Root>, Fault> {
    wire::read("root", bytes)
        .map_err(|why| Fault::invalid(Invalid::Format, format!("{what} is not what Notary's format says: {why}.")))
}

/// The root keys that a root lists for itself, whose certificates are this repository's. Their dates are not asked:
/// the certificates of a root that was trusted in its time may be over.
fn certified(file: &File<Root>, gun: &str) -> Authority {
    let Some(role) = file.body.roles.get("root") else { return Authority::default() };
    let mut authority = Authority::read(role, &file.body.keys);
    authority.retain(|key| match &key.chain {
        Some(chain) => chain.names(gun),
        None => Err("it comes without a certificate".to_owned()),
    });
    authority
}

/// The root keys that count now: certified for this repository, in date, and pinned where the auditor pins.
fn own_authority(
    session: &mut Session<'_>,
    link: &mut Draft,
    file: &File<Root>,
    pins: &[Pin<'_>],
) -> Result<Authority, Fault> {
    let mut own = certified(file, session.gun());
    let at = session.at;
    own.retain(|key| key.chain.as_ref().map_or(Ok(()), |chain| chain.counts(at)));
    if own.keys.is_empty() {
        link.keys(&own, &Signed::none(own.threshold));
        return Err(untrusted(format!("No root key of this repository counts{}.", own.unusable())));
    }
    for chain in own.keys.values().filter_map(|key| key.chain.as_ref()) {
        session.note_soon(&format!("The certificate {} of the root key", chain.leaf.subject()), chain.leaf.not_after());
        if let Some(name) = chain.leaf.common_name().filter(|name| name.ends_with('*')) {
            session.notes.push(format!(
                "The certificate of the root key is for every repository whose name begins like “{}”, not for this one alone.",
                shown(&name)
            ));
        }
    }
    if pins.is_empty() {
        return Ok(own);
    }
    let all: Vec<_> = own.keys.keys().map(|id| short(id)).collect();
    let mut problems = BTreeSet::new();
    own.keys.retain(|id, key| {
        pins.iter().any(|pin| match pin.fits(id, key, at) {
            Ok(()) => true,
            Err(why) => {
                problems.insert(why);
                false
            }
        })
    });
    if own.keys.is_empty() {
        let problems: Vec<_> = problems.into_iter().collect();
        return Err(untrusted(format!(
            "The root (key {}) is not the one that the policy pins: {}.",
            listed(&all),
            listed(&problems)
        )));
    }
    Ok(own)
}

/// From the root that was trusted before to the one that is served, one version after the other.
fn follow(session: &mut Session<'_>, pinned: &Pinned, file: &File<Root>, bytes: &[u8]) -> Result<(), Fault> {
    let mut previous = wire::read::<Root>("root", &pinned.root.0).map_err(|why| {
        untrusted(format!(
            "The root that was kept from the earlier contact cannot be read ({why}), so the one that is served cannot be compared with it; restore it, or forget the earlier contact."
        ))
    })?;
    let seen = pinned.versions.get("root").copied().unwrap_or(0).max(previous.version);
    if file.version < seen {
        return Err(Fault::invalid(
            Invalid::Rollback,
            format!(
                "The root is version {}, and version {seen} was seen before: an old root is served again.",
                file.version
            ),
        ));
    }
    if file.version == previous.version && file.signed != previous.signed {
        return Err(untrusted(format!(
            "The root is another one than at the earlier contact, under the same version {}: the repository was set up anew, or somebody else answers for it.",
            file.version
        )));
    }
    for version in previous.version.saturating_add(1)..=file.version {
        let step = if version == file.version { bytes } else { session.fetch(&format!("{version}.root"))? };
        let next = read(step, &format!("Version {version} of the root"))?;
        if next.version != version {
            return Err(untrusted(format!(
                "What is served as version {version} of the root is version {}.",
                next.version
            )));
        }
        let mut link = older(&previous);
        if let Err(why) = succeeds(&previous, &next, session.gun()) {
            let fault = untrusted(why);
            session.chain.push(link.stopped(&fault));
            return Err(fault);
        }
        link.detail("signs", format!("root, version {version}"));
        session.chain.push(link.done());
        previous = next;
    }
    Ok(())
}

/// Whether a root follows on another: signed by the keys of the one before, and by its own.
fn succeeds(previous: &File<Root>, next: &File<Root>, gun: &str) -> Result<(), String> {
    for (whose, authority) in [("the root before it", certified(previous, gun)), ("its own keys", certified(next, gun))]
    {
        let signed = authority.signed(next);
        if !signed.enough() {
            return Err(format!(
                "Version {} of the root is not signed by {whose}: valid signatures {}, needed {}{}.",
                next.version,
                signed.count,
                signed.needed,
                authority.unusable()
            ));
        }
    }
    Ok(())
}

/// Where nothing was trusted before, the older roots prove nothing; that they lead to this one is worth showing.
fn history(session: &mut Session<'_>, file: &File<Root>, bytes: &[u8]) {
    let mut roots = Vec::new();
    let mut version = file.version;
    while let Some(before) = version.checked_sub(1)
        && let Some(bytes) = session.served(&format!("{before}.root"))
    {
        roots.push((before, bytes));
        version = before;
    }
    roots.reverse();
    let mut links = Vec::new();
    for (index, (version, older_bytes)) in roots.iter().enumerate() {
        let next_bytes = roots.get(index + 1).map_or(bytes, |(_, bytes)| *bytes);
        let step = || -> Result<_, String> {
            let previous = wire::read::<Root>("root", older_bytes)?;
            let next = wire::read::<Root>("root", next_bytes)?;
            if previous.version != *version {
                return Err(format!("what is served as version {version} is version {}", previous.version));
            }
            succeeds(&previous, &next, session.gun())?;
            Ok((previous, next.version))
        };
        match step() {
            Ok((previous, next)) => {
                let mut link = older(&previous);
                link.detail("signs", format!("root, version {next}"));
                links.push(link.done());
            }
            Err(why) => {
                session
                    .notes
                    .push(format!("The older roots that the server keeps do not lead to the present one: {why}"));
                return;
            }
        }
    }
    session.chain.append(&mut links);
}

fn older(file: &File<Root>) -> Draft {
    let mut link = Draft::new(LinkKind::Role, format!("root, version {}", file.version));
    link.detail("expires", moment(file.expires));
    for id in file.body.roles.get("root").into_iter().flat_map(|role| &role.keyids).take(10) {
        link.detail("key", shown(id));
    }
    link
}
