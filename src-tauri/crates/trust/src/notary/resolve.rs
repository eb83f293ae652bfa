//! What verified metadata say of a tag and of the digest under audit, and who signed it.

use std::collections::BTreeMap;

use time::OffsetDateTime;

use super::chain::Draft;
use super::fault::Fault;
use super::repository::{RELEASES, Repository, Role};
use super::wire::Meta;
use super::words::{listed, moment, shown};
use crate::facts::TrustFacts;
use crate::verdict::{Invalid, LinkKind, Signer, State, Verdict};

/// Most tags, roles or digests that one verdict names.
const MAX_NAMED: usize = 10;
/// What the client shows where nobody but the repository's own key signed.
const ADMIN: &str = "Repo Admin";

/// A tag that is signed: the role whose word counts, and what it says.
struct Named<'a> {
    tag: &'a str,
    role: &'a Role,
    meta: &'a Meta,
    /// `sha256:…`, and others where the metadata give them.
    digests: Vec<String>,
}

/// Fills a verdict from metadata that hold.
pub(super) fn resolve(repository: &Repository, facts: &TrustFacts, verdict: &mut Verdict) -> Result<(), Fault> {
    verdict.expires = moment(repository.until);
    let audited: Vec<String> = facts.digests.iter().map(|digest| digest.to_ascii_lowercase()).collect();
    match facts.tag.as_deref() {
        Some(tag) => by_tag(repository, tag, &audited, verdict)?,
        None => by_digest(repository, &audited, verdict),
    }
    if verdict.state == State::NotThisTag && !repository.dropped.is_empty() {
        let names: Vec<_> = repository.dropped.iter().take(MAX_NAMED).map(|(name, _)| name.clone()).collect();
        verdict.reason.push_str(&format!(" Left out, because it does not hold: {}.", listed(&names)));
    }
    Ok(())
}

fn by_tag(repository: &Repository, tag: &str, audited: &[String], verdict: &mut Verdict) -> Result<(), Fault> {
    let Some((role, meta)) = find(repository, tag) else {
        not_this_tag(repository, tag, audited, verdict);
        return Ok(());
    };
    let mut payload = Draft::new(LinkKind::Payload, shown(tag));
    payload.detail("named by", role.name.as_str());
    let named = match named(tag, role, meta) {
        Ok(named) => named,
        Err(why) => {
            let fault = Fault::invalid(
                Invalid::Format,
                format!("{} names the tag {} without a digest: {why}.", role.name, shown(tag)),
            );
            verdict.chain.push(payload.stopped(&fault));
            return Err(fault);
        }
    };
    verdict.expires = moment(until(repository, role));
    verdict.digest = named.digests.first().cloned();
    verdict.signers = signers(repository, &named);
    verdict.chain.push(drawn(payload, &named));
    let signed = named.digests.first().map(String::as_str).unwrap_or_default();
    let by = by_whom(&verdict.signers);
    let tag_shown = shown(tag);
    (verdict.state, verdict.reason) = match audited {
        [] => (
            State::Signed,
            format!(
                "The tag {tag_shown} is signed for {signed}, by {by}. The digest under audit is not known, so it was not compared."
            ),
        ),
        [first, ..] => match audited.iter().position(|one| named.digests.contains(one)) {
            Some(place) => {
                if place > 0 {
                    verdict.notes.push(format!(
                        "What is signed is the manifest of the platform under audit, not what the name stands for ({first})."
                    ));
                }
                (
                    State::Verified,
                    format!("The tag {tag_shown} is signed for {signed}, the digest under audit, by {by}."),
                )
            }
            None => {
                elsewhere(repository, audited, verdict);
                (
                    State::OtherDigest,
                    format!(
                        "The tag {tag_shown} is signed by {by}, for {signed}, and not for the digest under audit, {}.",
                        shown(first)
                    ),
                )
            }
        },
    };
    let holds = (!audited.is_empty()).then_some(verdict.state == State::Verified);
    digest_link(audited, holds, signed, verdict);
    disagreements(repository, &named, verdict);
    Ok(())
}

fn not_this_tag(repository: &Repository, tag: &str, audited: &[String], verdict: &mut Verdict) {
    let tag_shown = shown(tag);
    verdict.state = State::NotThisTag;
    verdict.reason = format!(
        "The repository has trust data, and none for the tag {tag_shown}: neither {RELEASES} nor targets names it."
    );
    let others: Vec<_> = repository
        .delegations
        .iter()
        .filter(|role| role.target(tag).is_some())
        .map(|role| role.name.clone())
        .take(MAX_NAMED)
        .collect();
    if !others.is_empty() {
        verdict.notes.push(format!("{} names the tag {tag_shown}; it cannot release one.", listed(&others)));
    }
    for role in repository.delegations.iter().filter(|role| role.oversteps(tag)).take(MAX_NAMED) {
        verdict
            .notes
            .push(format!("{} names the tag {tag_shown}, which lies outside the paths that it may sign.", role.name));
    }
    elsewhere(repository, audited, verdict);
    let mut payload = Draft::new(LinkKind::Payload, tag_shown);
    payload.blame("Not signed.");
    verdict.chain.push(payload.done());
    digest_link(audited, None, "", verdict);
}

/// Without a tag: under which tags the digest is signed.
fn by_digest(repository: &Repository, audited: &[String], verdict: &mut Verdict) {
    let all = effective(repository);
    let fitting: Vec<_> = all
        .iter()
        .filter(|named| named.digests.iter().any(|digest| audited.contains(digest)))
        .take(MAX_NAMED)
        .collect();
    let tags: Vec<_> = fitting.iter().map(|named| shown(named.tag)).collect();
    let first = audited.first().map(|digest| shown(digest)).unwrap_or_default();
    let count = all.len();
    (verdict.state, verdict.reason) = match (audited, all.as_slice(), fitting.as_slice()) {
        (_, [], _) => (
            State::NotThisTag,
            "The repository has trust data, and no tag at all is signed in them. No tag was given to look for."
                .to_owned(),
        ),
        ([], _, _) => (
            State::Signed,
            format!(
                "The repository has trust data; signed tags: {count}. Neither a tag nor a digest was given, so nothing was compared."
            ),
        ),
        (_, _, []) => (
            State::OtherDigest,
            format!(
                "No tag was given, and none of the repository's signed tags ({count}) is for the digest under audit, {first}."
            ),
        ),
        (_, _, found) => {
            verdict.digest =
                found.iter().flat_map(|named| &named.digests).find(|digest| audited.contains(digest)).cloned();
            let mut merged: Vec<Signer> = Vec::new();
            for signer in found.iter().flat_map(|named| signers(repository, named)) {
                if !merged.contains(&signer) {
                    merged.push(signer);
                }
            }
            let end = found.iter().map(|named| until(repository, named.role)).fold(None, latest);
            verdict.expires = moment(end.unwrap_or(repository.until));
            verdict.signers = merged;
            (
                State::Verified,
                format!(
                    "No tag was given; the digest under audit is signed under the tag {}, by {}.",
                    listed(&tags),
                    by_whom(&verdict.signers)
                ),
            )
        }
    };
    for named in &fitting {
        let mut payload = Draft::new(LinkKind::Payload, shown(named.tag));
        payload.detail("named by", named.role.name.as_str());
        verdict.chain.push(drawn(payload, named));
    }
    if fitting.is_empty() {
        let mut payload = Draft::new(LinkKind::Payload, "No tag was given");
        payload.detail("signed tags", count.to_string());
        verdict.chain.push(payload.unreached());
    }
    let compared = !audited.is_empty() && count > 0;
    digest_link(audited, compared.then_some(!fitting.is_empty()), "", verdict);
}

/// Of several tags for one digest, the one that counts longest.
fn latest(so_far: Option<OffsetDateTime>, next: OffsetDateTime) -> Option<OffsetDateTime> {
    Some(so_far.map_or(next, |so_far| so_far.max(next)))
}

/// The role whose word on a tag counts: the signers' common one, else the repository's own.
fn find<'a>(repository: &'a Repository, tag: &str) -> Option<(&'a Role, &'a Meta)> {
    let of = |role: &'a Role| role.target(tag).map(|meta| (role, meta));
    releases(repository).and_then(of).or_else(|| of(&repository.targets))
}

fn releases(repository: &Repository) -> Option<&Role> {
    repository.delegations.iter().find(|role| role.name == RELEASES)
}

fn named<'a>(tag: &'a str, role: &'a Role, meta: &'a Meta) -> Result<Named<'a>, String> {
    let digests = meta.known()?.into_iter().map(|(algorithm, hash)| format!("{algorithm}:{hash}")).collect();
    Ok(Named { tag, role, meta, digests })
}

/// Every tag with the word that counts for it.
fn effective(repository: &Repository) -> Vec<Named<'_>> {
    let mut tags: BTreeMap<&str, (&Role, &Meta)> = BTreeMap::new();
    for role in std::iter::once(&repository.targets).chain(releases(repository)) {
        tags.extend(role.tags().map(|(tag, meta)| (tag, (role, meta))));
    }
    tags.into_iter().filter_map(|(tag, (role, meta))| named(tag, role, meta).ok()).collect()
}

fn until(repository: &Repository, role: &Role) -> OffsetDateTime {
    repository.until.min(role.expires)
}

/// Who signed: every role of a signer that names the same digest for the tag. Where there is none, the role that
/// counts itself, as the repository's administrator where it is `targets`.
fn signers(repository: &Repository, named: &Named<'_>) -> Vec<Signer> {
    let signer = |name: &str, role: &Role| Signer {
        name: name.to_owned(),
        keys: role.signed.valid.clone(),
        issuer: String::new(),
        not_after: moment(role.expires),
    };
    let same = |meta: &Meta| {
        meta.known().is_ok_and(|known| {
            known.iter().any(|(algorithm, hash)| named.digests.contains(&format!("{algorithm}:{hash}")))
        })
    };
    let mut found: Vec<Signer> = repository
        .delegations
        .iter()
        .filter(|role| role.name != RELEASES && role.target(named.tag).is_some_and(same))
        .map(|role| signer(role.name.strip_prefix("targets/").unwrap_or(&role.name), role))
        .collect();
    if found.is_empty() {
        let name = if named.role.name == RELEASES { RELEASES } else { ADMIN };
        found.push(signer(name, named.role));
    }
    found
}

fn by_whom(signers: &[Signer]) -> String {
    let names: Vec<_> = signers.iter().take(MAX_NAMED).map(|signer| shown(&signer.name)).collect();
    listed(&names)
}

fn drawn(mut payload: Draft, named: &Named<'_>) -> crate::verdict::Link {
    for digest in &named.digests {
        payload.detail("digest", digest.as_str());
    }
    payload.detail("length", format!("{} bytes", named.meta.length));
    payload.done()
}

/// The last link: the digest under audit.
fn digest_link(audited: &[String], holds: Option<bool>, signed: &str, verdict: &mut Verdict) {
    let title = audited.first().map_or_else(|| "Not known".to_owned(), |digest| shown(digest));
    let mut link = Draft::new(LinkKind::Digest, title);
    for other in audited.iter().skip(1).take(MAX_NAMED) {
        link.detail("also", shown(other));
    }
    link.detail("compared", if holds.is_some() { "yes" } else { "no" });
    verdict.chain.push(match holds {
        Some(true) => link.done(),
        Some(false) => {
            link.blame(&if signed.is_empty() {
                "None of the signed tags is for it.".to_owned()
            } else {
                format!("{signed} is signed.")
            });
            link.done()
        }
        None => link.unreached(),
    });
}

/// Where the digest under audit is signed after all.
fn elsewhere(repository: &Repository, audited: &[String], verdict: &mut Verdict) {
    let tags: Vec<_> = effective(repository)
        .iter()
        .filter(|named| named.digests.iter().any(|digest| audited.contains(digest)))
        .map(|named| shown(named.tag))
        .take(MAX_NAMED)
        .collect();
    if !tags.is_empty() {
        verdict.notes.push(format!("The digest under audit is signed under the tag {}.", listed(&tags)));
    }
}

/// What the other roles say of the tag.
fn disagreements(repository: &Repository, named: &Named<'_>, verdict: &mut Verdict) {
    let tag = shown(named.tag);
    let of = |role: &Role| role.target(named.tag).and_then(|meta| meta.known().ok());
    let others = std::iter::once(&repository.targets).chain(&repository.delegations);
    for role in others.filter(|role| role.name != named.role.name) {
        let Some((algorithm, hash)) = of(role).and_then(|known| known.into_iter().next()) else { continue };
        let digest = format!("{algorithm}:{hash}");
        if !named.digests.contains(&digest) && verdict.notes.len() < 100 {
            verdict.notes.push(format!(
                "{} names another digest for the tag {tag}: {digest}. {} counts.",
                role.name, named.role.name
            ));
        } else if role.name == "targets" {
            verdict.notes.push(format!("The repository's own key (targets) names the same digest for the tag {tag}."));
        }
    }
    if named.role.name == "targets" && releases(repository).is_some() {
        verdict.notes.push(format!(
            "The signers' list ({RELEASES}) does not, or no longer, name the tag {tag}; the targets role still does, so it stays trusted. A tag that its signer revoked looks like this."
        ));
    }
    if named.role.name == "targets"
        && let Some((_, why)) = repository.dropped.iter().find(|(name, _)| name == RELEASES)
    {
        verdict.notes.push(format!(
            "The signers' list ({RELEASES}) would go first and does not hold ({}), so the word of the targets role counts.",
            why.trim_end_matches('.')
        ));
    }
}
