//! A2 and C1: from what is said of each signature to one conclusion about an image. Pure, on verdicts alone.
//!
//! A signature verified for the digest passes, if nothing beside it was tampered with. A place that could not be read is
//! never "unsigned", and an attestation is never a signature of the image.

use plimsoll_catalog::{Observation, OutcomeKind};
use plimsoll_trust::{Looked, Scheme, State, TrustFacts, Verdict};
use time::OffsetDateTime;

use crate::a5_build::instant;
use crate::facts::Facts;
use crate::trust_said::{Said, listed, lower, observe, quoted_reasons, signers};
use crate::{Judgement, Settings};

/// The day on which Docker switches notary.docker.io off.
pub(crate) const SHUTDOWN: &str = "2026-12-08";

/// How the place of a lookup begins that was made in a layout or archive on disk.
const IN_LAYOUT: &str = "in this layout";

/// What the verdicts are about.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// At the beginning of a sentence: `The image`, `The base image docker.io/library/debian:12`.
    pub(crate) subject: String,
    /// `docker.io/library/debian`.
    pub(crate) repository: String,
    pub(crate) tag: Option<String>,
    /// The digest under audit, where it is known.
    pub(crate) digest: Option<String>,
    /// The trust server that was asked.
    pub(crate) server: Option<String>,
    /// When the facts were read.
    pub(crate) at: OffsetDateTime,
    /// Signatures were looked for in a layout on disk, not in the registry: what is absent there may be elsewhere.
    pub(crate) in_layout: bool,
}

impl Context {
    pub(crate) fn of(subject: &str, facts: &TrustFacts, at: OffsetDateTime) -> Self {
        Self {
            subject: subject.to_owned(),
            repository: facts.repository.clone(),
            tag: facts.tag.clone(),
            digest: facts.digests.first().cloned(),
            server: facts.notary.as_ref().map(|notary| notary.server.clone()),
            at,
            in_layout: facts
                .lookups
                .iter()
                .any(|it| it.scheme != Scheme::ContentTrust && it.place.starts_with(IN_LAYOUT)),
        }
    }

    /// Docker Hub's own images have no Content Trust any more.
    pub(crate) fn retired(&self) -> bool {
        // Days of ISO 8601 compare as texts.
        self.repository.starts_with("docker.io/") && self.at.date().to_string().as_str() >= SHUTDOWN
    }

    /// Whether the root hangs on nothing but the word of the registry that serves the image: it was trusted at a first
    /// contact, and the trust server is the registry itself. Whoever runs it could have signed whatever it serves. A
    /// server of its own, which the auditor named (or Docker's), is somebody else than the registry.
    fn vouches_for_itself(&self, verdict: &Verdict) -> bool {
        let first_contact = verdict.first_use || !verdict.trusted_since.is_empty();
        let registry = self.repository.split('/').next().unwrap_or_default();
        let server = self.server.as_deref().and_then(|server| server.split("://").nth(1)).unwrap_or_default();
        first_contact && (server.is_empty() || server.split('/').next() == Some(registry))
    }

    fn on_hub(&self) -> bool {
        self.repository.starts_with("docker.io/")
    }
}

/// The conclusion from what was fetched, with the auditor's keys.
pub(crate) fn concluded(subject: &str, trust: &TrustFacts, facts: &Facts, settings: &Settings) -> Judgement {
    let collected = if trust.collected.is_empty() { &facts.collected } else { &trust.collected };
    let Some(at) = instant(collected) else {
        return Judgement {
            outcome: OutcomeKind::Error,
            summary: format!(
                "{subject} was not judged: the facts do not say when they were read ({collected:?}), and signatures expire; read it again."
            ),
            observations: Vec::new(),
        };
    };
    if let Some(reason) = not_looked_for(trust) {
        return Judgement {
            outcome: OutcomeKind::Undecided,
            summary: format!("No signature of {} was looked for: {reason}", lower(subject)),
            observations: Vec::new(),
        };
    }
    let verdicts = plimsoll_trust::judge(trust, &settings.trust, at);
    let (outcome, summary, observations) = conclude(&verdicts, &Context::of(subject, trust, at));
    Judgement { outcome, summary, observations }
}

/// Why nothing at all was looked for; none if anything was. That is the auditor's choice, and no failure to read.
fn not_looked_for(trust: &TrustFacts) -> Option<&str> {
    if !trust.artifacts.is_empty() || trust.notary.is_some() {
        return None;
    }
    let reasons: Option<Vec<&str>> = trust
        .lookups
        .iter()
        .map(|lookup| match &lookup.looked {
            Looked::NotTried(reason) => Some(reason.as_str()),
            _ => None,
        })
        .collect();
    reasons?.first().copied()
}

/// Whether a state disproves the image whatever else is there.
fn disproves(state: State) -> bool {
    matches!(state, State::Invalid | State::OtherDigest | State::Withdrawn)
}

/// What a scheme's signatures come to, for the sentence on the whole.
struct Sorted<'a> {
    verified: Vec<&'a Verdict>,
    disproved: Vec<&'a Verdict>,
    /// Trust data that Docker itself has taken away with its server.
    taken_away: Vec<&'a Verdict>,
    /// Signed, and not as it should be.
    faulty: Vec<&'a Verdict>,
    /// A person, or a key, could still settle it.
    open: Vec<&'a Verdict>,
    unreachable: Vec<&'a Verdict>,
    absent: Vec<&'a Verdict>,
}

fn sort<'a>(verdicts: &'a [Verdict], context: &Context) -> Sorted<'a> {
    let mut sorted = Sorted {
        verified: Vec::new(),
        disproved: Vec::new(),
        taken_away: Vec::new(),
        faulty: Vec::new(),
        open: Vec::new(),
        unreachable: Vec::new(),
        absent: Vec::new(),
    };
    for verdict in verdicts {
        let retired = verdict.scheme == Scheme::ContentTrust && context.retired();
        let signature = verdict.scheme != Scheme::Attestation;
        match verdict.state {
            State::Withdrawn if retired => sorted.taken_away.push(verdict),
            state if disproves(state) => sorted.disproved.push(verdict),
            // Statements speak of the making; they neither give trust nor take it away.
            _ if !signature => {}
            // Whoever serves the image may have made the root as well: somebody must say whose it is.
            State::Verified if context.vouches_for_itself(verdict) => sorted.open.push(verdict),
            State::Verified => sorted.verified.push(verdict),
            State::Unsigned | State::Unreachable | State::NotThisTag if retired => {}
            State::Expired | State::OtherSigner => sorted.faulty.push(verdict),
            State::Signed | State::NoKey | State::Statement => sorted.open.push(verdict),
            State::Unreachable => sorted.unreachable.push(verdict),
            State::Unsigned | State::NotThisTag => sorted.absent.push(verdict),
            State::Invalid | State::OtherDigest | State::Withdrawn => {}
        }
    }
    sorted
}

/// One conclusion from what is said of each signature: outcome, sentence, and an observation on each verdict.
pub(crate) fn conclude(verdicts: &[Verdict], context: &Context) -> (OutcomeKind, String, Vec<Observation>) {
    let sorted = sort(verdicts, context);
    let (outcome, mut summary) = outcome_of(verdicts, &sorted, context);
    if outcome == OutcomeKind::Pass {
        if let Some(proved) = verdicts.iter().find(|v| v.scheme == Scheme::Attestation && v.state == State::Verified) {
            summary.push_str(&format!(
                " A statement about it is verified too ({}).",
                if proved.predicate.is_empty() { "of unknown type" } else { &proved.predicate }
            ));
        }
    } else if context.on_hub() && !sorted.disproved.iter().any(|v| v.scheme == Scheme::ContentTrust) {
        summary.push_str(&hub_note(verdicts, context));
    }
    let said = Said { context, passed: outcome == OutcomeKind::Pass, trusted: !sorted.verified.is_empty() };
    let mut observations: Vec<Observation> = verdicts.iter().map(|verdict| observe(verdict, &said)).collect();
    observations.sort_by_key(|observation| observation.severity);
    (outcome, summary, observations)
}

/// What the end of Content Trust means for an image of Docker Hub.
fn hub_note(verdicts: &[Verdict], context: &Context) -> String {
    if context.retired() {
        format!(
            " Docker Content Trust counts neither way here: Docker has retired it for Docker Hub ({SHUTDOWN}); cosign and Notation decide."
        )
    } else if verdicts.iter().any(|verdict| verdict.scheme == Scheme::ContentTrust) {
        format!(" Docker Content Trust ends on {SHUTDOWN} for Docker Hub; look for cosign or Notation signatures.")
    } else {
        String::new()
    }
}

fn outcome_of(verdicts: &[Verdict], sorted: &Sorted<'_>, context: &Context) -> (OutcomeKind, String) {
    let subject = &context.subject;
    let trusted = sorted.verified.first().map(|verdict| signed_by(verdict));
    if !sorted.disproved.is_empty() {
        let against = quoted_reasons(&sorted.disproved);
        let summary = match trusted {
            Some(trusted) => format!("{subject} is not to be trusted although {trusted} covers it: {against}"),
            None => format!("{subject} is not to be trusted: {against}"),
        };
        return (OutcomeKind::Fail, summary);
    }
    if !sorted.taken_away.is_empty() {
        let besides = trusted.map(|trusted| format!(", and {trusted} covers it")).unwrap_or_default();
        let summary = format!(
            "{subject} had Content Trust data at an earlier contact and has none now{besides}; Docker has taken all of them away with its server, so a person must tell this from a withdrawal."
        );
        return (OutcomeKind::Undecided, summary);
    }
    if !sorted.verified.is_empty() {
        return (OutcomeKind::Pass, passed(sorted, context));
    }
    let unsettled = || sorted.open.iter().chain(&sorted.unreachable).copied().collect::<Vec<_>>();
    if !sorted.faulty.is_empty() {
        let faults = quoted_reasons(&sorted.faulty);
        return match unsettled().as_slice() {
            [] => (OutcomeKind::Fail, format!("{subject} bears no signature that counts: {faults}")),
            open => (
                OutcomeKind::Undecided,
                format!(
                    "{subject} bears a signature that does not count, and another may: {faults} {}",
                    quoted_reasons(open)
                ),
            ),
        };
    }
    if !sorted.open.is_empty() {
        let keyless = sorted.open.iter().any(|verdict| verdict.state == State::NoKey);
        let next = if keyless {
            " Add the signer's key, identity or trust store to the engagement's trust settings, and judge again."
        } else {
            ""
        };
        let (met, others): (Vec<&Verdict>, Vec<&Verdict>) =
            sorted.open.iter().copied().partition(|it| it.state == State::Verified);
        let mut sentences: Vec<String> = met.first().map(|verdict| met_first(verdict, subject)).into_iter().collect();
        if !others.is_empty() {
            sentences
                .push(format!("{subject} bears a signature that was not verified: {}{next}", quoted_reasons(&others)));
        }
        return (OutcomeKind::Undecided, sentences.join(" "));
    }
    match (sorted.absent.as_slice(), sorted.unreachable.as_slice()) {
        ([], []) => (
            OutcomeKind::Undecided,
            format!(
                "{subject} was not looked at in any scheme of signing; read it from its registry, or verify it by hand."
            ),
        ),
        ([], unreachable) => (
            OutcomeKind::Error,
            format!("Nothing could be looked at for {}: {}", lower(subject), quoted_reasons(unreachable)),
        ),
        (absent, []) => absent_everywhere(verdicts, absent, context),
        (absent, unreachable) => (
            OutcomeKind::Undecided,
            format!(
                "{subject} has no signature in {}, but not every place could be looked at: {}",
                listed(absent),
                quoted_reasons(unreachable)
            ),
        ),
    }
}

/// Nothing found, and nothing out of reach.
fn absent_everywhere(verdicts: &[Verdict], absent: &[&Verdict], context: &Context) -> (OutcomeKind, String) {
    let subject = &context.subject;
    let asked = |scheme| verdicts.iter().any(|verdict| verdict.scheme == scheme);
    // Content Trust may be left out: where no trust server is known there is nobody to ask.
    let not_asked: Vec<&str> =
        [Scheme::Cosign, Scheme::Notation].into_iter().filter(|scheme| !asked(*scheme)).map(Scheme::name).collect();
    if !not_asked.is_empty() {
        let summary = format!(
            "{subject} has no signature in {}; {} was not looked for.",
            listed(absent),
            not_asked.join(" and ")
        );
        return (OutcomeKind::Undecided, summary);
    }
    if context.in_layout {
        let summary = format!(
            "{subject} has no signature where it was looked for ({}), but that was a layout on disk, which need not hold all that its registry has, and the registry was not asked; read it from its registry.",
            listed(absent)
        );
        return (OutcomeKind::Undecided, summary);
    }
    let other_tags: Vec<&Verdict> = absent.iter().filter(|v| v.state == State::NotThisTag).copied().collect();
    let unasked =
        if asked(Scheme::ContentTrust) { "" } else { " No Content Trust server is known, so none was asked." };
    let summary = if other_tags.is_empty() {
        format!(
            "{subject} is not signed: the registry itself says that there is nothing ({}).{unasked}",
            listed(absent)
        )
    } else {
        format!(
            "{subject} is not signed, although its repository holds trust data for other tags: {}",
            quoted_reasons(&other_tags)
        )
    };
    (OutcomeKind::Fail, summary)
}

/// A signature that hangs on a root of which nobody said whose it is.
fn met_first(verdict: &Verdict, subject: &str) -> String {
    let note = verdict.notes.first().map(|note| format!(" {}.", note.trim_end_matches('.'))).unwrap_or_default();
    format!(
        "{subject} bears {}, which is in order, but its root is known only from the registry that serves the image, and whoever runs that could have made it.{note} Compare the key with the owner's and pin it in the engagement's trust settings.",
        signed_by(verdict)
    )
}

/// "the cosign signature by alice".
fn signed_by(verdict: &Verdict) -> String {
    format!("the {} signature by {}", verdict.scheme.name(), signers(verdict))
}

fn passed(sorted: &Sorted<'_>, context: &Context) -> String {
    let mut by: Vec<String> = Vec::new();
    for verdict in &sorted.verified {
        let one = format!("{} ({})", verdict.scheme.name(), signers(verdict));
        if !by.contains(&one) {
            by.push(one);
        }
    }
    let digest = sorted.verified.iter().find_map(|verdict| verdict.digest.as_deref()).or(context.digest.as_deref());
    let mut summary = format!("{} is signed: trust comes from {}", context.subject, by.join(" and "));
    if let Some(digest) = digest {
        summary.push_str(&format!(", for {digest}"));
    }
    summary.push('.');
    if sorted.verified.iter().any(|verdict| verdict.scheme == Scheme::ContentTrust) {
        let alone = sorted.verified.iter().all(|verdict| verdict.scheme == Scheme::ContentTrust);
        let next = if alone { ", so sign with cosign or Notation as well" } else { "" };
        let hub = if context.on_hub() { format!(" (Docker Hub's server closes on {SHUTDOWN})") } else { String::new() };
        summary.push_str(&format!(
            " Docker Content Trust itself is at the end of its life{hub}, and docker from version 29 on does not check it{next}."
        ));
    }
    if sorted.verified.iter().any(|verdict| verdict.first_use) {
        summary.push_str(
            " The root of Docker Content Trust was met for the first time and is kept from now on; that proves its owner's later signatures, not who the owner is: compare the key with the owner's.",
        );
    }
    if let Some(verdict) = sorted.verified.iter().find(|verdict| !verdict.trusted_since.is_empty()) {
        let since = verdict.trusted_since.split('T').next().unwrap_or_default();
        summary.push_str(&format!(
            " The root of Docker Content Trust is trusted since {since}, at the first contact; that proves that it is still the same, not whose it is."
        ));
    }
    if !sorted.faulty.is_empty() {
        summary.push_str(&format!(
            " Beside it there are signatures that do not count: {}",
            quoted_reasons(&sorted.faulty)
        ));
    }
    summary
}
