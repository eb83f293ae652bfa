//! The trust in one image, as the window shows it: each verdict with its chain, and each place that was looked at.

use plimsoll_catalog::{Language, OutcomeKind};
use plimsoll_checks::{Facts, HubLookup, NamedBy, Settings};
use plimsoll_engagement::{EngagementError, Kept};
use plimsoll_trust::{Looked, Pinned, Scheme, State, TrustFacts, Verdict};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::WorkbenchError;
use crate::reach::Reach;
use crate::results::facts_of;
use crate::session::{Session, word};
use crate::trust_view::{ChainLinkView, LookupView, PinView, SignerView, TrustPage, TrustSection, VerdictView};
use crate::words::pick;

/// A state in a few words.
pub(crate) fn label(state: State, language: Language) -> &'static str {
    match state {
        State::Verified => pick(language, "Verified", "Verifiziert"),
        State::Signed => pick(language, "Signed, digest not compared", "Signiert, Digest nicht verglichen"),
        State::Unsigned => pick(language, "Not signed", "Nicht signiert"),
        State::NotThisTag => pick(language, "This tag is not signed", "Dieser Tag ist nicht signiert"),
        State::Withdrawn => pick(language, "Trust data withdrawn", "Vertrauensdaten zurückgezogen"),
        State::Expired => pick(language, "Out of date", "Abgelaufen"),
        State::OtherSigner => pick(language, "Signed by somebody else", "Von jemand anderem signiert"),
        State::OtherDigest => pick(language, "Signed for another digest", "Für einen anderen Digest signiert"),
        State::Invalid => pick(language, "Invalid", "Ungültig"),
        State::NoKey => pick(language, "Signed, no key to verify it", "Signiert, kein Schlüssel zum Prüfen"),
        State::Statement => pick(language, "Statement that nobody signed", "Aussage ohne Signatur"),
        State::Unreachable => pick(language, "Could not be looked at", "Konnte nicht geprüft werden"),
    }
}

fn tone(state: State) -> &'static str {
    match state {
        State::Verified => "good",
        State::Withdrawn | State::Expired | State::OtherSigner | State::OtherDigest | State::Invalid => "bad",
        State::Signed | State::NoKey | State::NotThisTag | State::Unreachable => "open",
        State::Unsigned | State::Statement => "none",
    }
}

fn verdict_view(verdict: &Verdict, language: Language) -> VerdictView {
    VerdictView {
        scheme: word(&verdict.scheme),
        name: verdict.scheme.name().to_owned(),
        state: word(&verdict.state),
        label: label(verdict.state, language).to_owned(),
        tone: tone(verdict.state).to_owned(),
        reason: verdict.reason.clone(),
        place: verdict.place.clone(),
        digest: verdict.digest.clone().unwrap_or_default(),
        predicate: verdict.predicate.clone(),
        signers: verdict
            .signers
            .iter()
            .map(|signer| SignerView {
                name: signer.name.clone(),
                keys: signer.keys.clone(),
                issuer: signer.issuer.clone(),
                not_after: signer.not_after.clone(),
            })
            .collect(),
        signed_at: verdict.signed_at.clone(),
        expires: verdict.expires.clone(),
        chain: verdict
            .chain
            .iter()
            .map(|link| ChainLinkView {
                kind: word(&link.kind),
                title: link.title.clone(),
                details: link.details.clone(),
                holds: link.holds,
                problem: link.problem.clone(),
            })
            .collect(),
        notes: verdict.notes.clone(),
    }
}

fn looked(looked: &Looked) -> (&'static str, String) {
    match looked {
        Looked::Found => ("found", String::new()),
        Looked::Absent => ("absent", String::new()),
        Looked::Refused(reason) => ("refused", reason.clone()),
        Looked::Failed(reason) => ("failed", reason.clone()),
        Looked::NotTried(reason) => ("not-tried", reason.clone()),
    }
}

/// The moment at which trust is judged: when it was fetched. Facts without a date are judged at the beginning of time,
/// at which nothing is valid yet.
pub(crate) fn moment(collected: &str) -> OffsetDateTime {
    OffsetDateTime::parse(collected, &Rfc3339).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The verdicts on what was fetched about an image.
pub(crate) fn verdicts(trust: &TrustFacts, settings: &Settings) -> Vec<Verdict> {
    plimsoll_trust::judge(trust, &settings.trust, moment(&trust.collected))
}

fn official(lookup: &HubLookup, language: Language) -> (String, &'static str) {
    let name = &lookup.reference;
    match (&lookup.looked, &lookup.served) {
        (Looked::Found, Some(served)) => {
            let via = served.via.as_ref().map(|mirror| format!(" ({mirror})")).unwrap_or_default();
            let text = match language {
                Language::En => format!("{name}{via} served {} on {}.", served.digest, served.at),
                Language::De => format!("{name}{via} lieferte am {} {}.", served.at, served.digest),
            };
            (text, "none")
        }
        (Looked::Absent, _) => match language {
            Language::En => (format!("The registry has no {name}."), "bad"),
            Language::De => (format!("Die Registry hat kein {name}."), "bad"),
        },
        (other, _) => {
            let (_, reason) = looked(other);
            let text = match language {
                Language::En => format!("{name} was not compared: {reason}"),
                Language::De => format!("{name} wurde nicht verglichen: {reason}"),
            };
            (text, "open")
        }
    }
}

fn section(
    title: String,
    named_by: &str,
    trust: Option<&TrustFacts>,
    settings: &Settings,
    language: Language,
) -> TrustSection {
    let found = trust.map(|trust| verdicts(trust, settings)).unwrap_or_default();
    let reference = trust.map(|trust| match &trust.tag {
        Some(tag) if trust.repository.is_empty() => tag.clone(),
        Some(tag) => format!("{}:{tag}", trust.repository),
        None => trust.repository.clone(),
    });
    TrustSection {
        title,
        named_by: named_by.to_owned(),
        reference: reference.unwrap_or_default(),
        digests: trust.map(|trust| trust.digests.clone()).unwrap_or_default(),
        at: trust.map(|trust| trust.collected.clone()).unwrap_or_default(),
        official: String::new(),
        official_tone: "none".to_owned(),
        verdicts: found.iter().map(|verdict| verdict_view(verdict, language)).collect(),
        lookups: trust
            .iter()
            .flat_map(|trust| &trust.lookups)
            .map(|lookup| {
                let (answer, reason) = looked(&lookup.looked);
                LookupView {
                    name: lookup.scheme.name().to_owned(),
                    place: lookup.place.clone(),
                    answer: answer.to_owned(),
                    reason,
                }
            })
            .collect(),
    }
}

/// In one sentence: which scheme gives trust, or that none does. It is C1's own conclusion: the page must not say more
/// than the check.
pub(crate) fn summary(facts: &Facts, settings: &Settings, language: Language) -> (String, &'static str) {
    let Some(check) = plimsoll_checks::check("image-signed") else {
        return (pick(language, "It was not judged.", "Es wurde nicht beurteilt.").to_owned(), "open");
    };
    let judgement = check.judge(facts, settings);
    let tone = match judgement.outcome {
        OutcomeKind::Pass => "good",
        OutcomeKind::Fail => "bad",
        OutcomeKind::Undecided | OutcomeKind::Error => "open",
        OutcomeKind::NotApplicable => "none",
    };
    (judgement.summary, tone)
}

/// What is to be known of Docker Content Trust, whenever it was looked for.
pub(crate) fn end_of_content_trust(language: Language) -> &'static str {
    pick(
        language,
        "Docker Content Trust is at its end: Docker's own trust server closes on 2026-12-08, and the docker command from version 29 on ignores DOCKER_CONTENT_TRUST. Sign with cosign or Notation instead.",
        "Docker Content Trust läuft aus: Dockers eigener Trust-Server schließt am 8. Dezember 2026, und der docker-Befehl beachtet DOCKER_CONTENT_TRUST ab Version 29 nicht mehr. Signieren Sie stattdessen mit cosign oder Notation.",
    )
}

/// A pin in words.
fn pin_view(gun: &str, pin: &Pinned) -> PinView {
    let root: serde_json::Value = serde_json::from_slice(&pin.root.0).unwrap_or_default();
    let signed = root.get("signed");
    let version = signed.and_then(|signed| signed.get("version")).and_then(serde_json::Value::as_u64);
    let keys = signed
        .and_then(|signed| signed.pointer("/roles/root/keyids"))
        .and_then(serde_json::Value::as_array)
        .map(|ids| ids.iter().filter_map(serde_json::Value::as_str).collect::<Vec<_>>().join(", "));
    PinView {
        gun: gun.to_owned(),
        root: format!("{} · {}", version.map(|v| v.to_string()).unwrap_or_default(), keys.unwrap_or_default()),
        first_seen: pin.first_seen.clone(),
        last_seen: pin.last_seen.clone(),
    }
}

/// What is said of the trust in one subject, for the window and for the report.
pub(crate) struct Parts {
    pub(crate) summary: String,
    pub(crate) tone: &'static str,
    pub(crate) notice: &'static str,
    pub(crate) sections: Vec<TrustSection>,
    pub(crate) pins: Vec<PinView>,
}

/// Says it: of the image itself, then of each base image that is named.
pub(crate) fn parts(facts: &Facts, settings: &Settings, pins: &[(String, Pinned)], language: Language) -> Parts {
    let (summary, tone) = summary(facts, settings, language);
    let mut own =
        section(pick(language, "This image", "Dieses Image").to_owned(), "", facts.trust.as_ref(), settings, language);
    if let Some(lookup) = facts.official.first() {
        let (text, tone) = official(lookup, language);
        own.official = text;
        own.official_tone = tone.to_owned();
    }
    let mut sections = vec![own];
    for base in &facts.bases {
        let named_by = match base.named_by {
            NamedBy::Label => pick(language, "by a label of the image", "durch ein Label des Images"),
            NamedBy::Dockerfile => pick(language, "by the Dockerfile", "durch das Dockerfile"),
            NamedBy::Provenance => pick(language, "by the provenance statement", "durch die Herkunftsaussage"),
        };
        let title = format!("{} {}", pick(language, "Base image", "Basis-Image"), base.reference);
        let mut base_section = section(title, named_by, base.trust.as_ref(), settings, language);
        if base_section.reference.is_empty() {
            base_section.reference.clone_from(&base.reference);
        }
        let (text, tone) = official(&base.lookup, language);
        base_section.official = text;
        base_section.official_tone = tone.to_owned();
        sections.push(base_section);
    }
    let trusts = || facts.trust.iter().chain(facts.bases.iter().filter_map(|base| base.trust.as_ref()));
    let meant = |trust: &TrustFacts| trust.lookups.iter().any(|lookup| lookup.scheme == Scheme::ContentTrust);
    let asked_notary = trusts().any(|trust| trust.notary.is_some() || meant(trust));
    let concerned = |gun: &String| trusts().any(|trust| trust.notary.as_ref().is_some_and(|n| n.gun == *gun));
    Parts {
        summary,
        tone,
        notice: if asked_notary { end_of_content_trust(language) } else { "" },
        sections,
        pins: pins.iter().filter(|(gun, _)| concerned(gun)).map(|(gun, pin)| pin_view(gun, pin)).collect(),
    }
}

impl Session {
    /// The trust in one image.
    ///
    /// # Errors
    /// When there is no such subject, or it was not read yet.
    pub fn trust(&self, subject: &str) -> Result<TrustPage, WorkbenchError> {
        let read = self.read()?;
        let index = read
            .subjects
            .iter()
            .position(|known| known.id == subject)
            .ok_or_else(|| EngagementError::Unknown { what: "subject", id: subject.to_owned() })?;
        let facts = facts_of(&self.engagement, subject)?
            .ok_or_else(|| WorkbenchError::Input("This subject was not read yet; run the audit first.".to_owned()))?;
        let settings = crate::run::settings(&self.engagement)?;
        let pins = Reach::of(&self.engagement, &[])?.pins;
        let parts = parts(&facts, &settings, &pins, self.language);
        Ok(TrustPage {
            subject: self.subject_line(index, &read)?,
            summary: parts.summary,
            tone: parts.tone.to_owned(),
            notice: parts.notice.to_owned(),
            sections: parts.sections,
            pins: parts.pins,
        })
    }

    /// Forgets the pin of a repository: the next contact trusts the root that is served then.
    ///
    /// # Errors
    /// When no reason is given, or the engagement cannot be written.
    pub fn forget_pin(&mut self, gun: &str, reason: &str) -> Result<(), WorkbenchError> {
        if reason.trim().is_empty() {
            return Err(WorkbenchError::Input(
                "Enter why the pin is forgotten: from then on another root can be trusted in its place.".to_owned(),
            ));
        }
        Ok(self.engagement.keep(Kept::Pin, gun, None, reason.trim())?)
    }
}
