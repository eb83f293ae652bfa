//! A2 and C1: what is said of each signature, with its weight and the command that shows it again.

use plimsoll_catalog::{Location, Observation, Severity};
use plimsoll_trust::{Invalid, Scheme, State, Verdict};

use crate::facts::quote;
use crate::trust::Context;

/// How many reasons stand in one sentence.
const NAMED: usize = 3;
/// Longest reason in a summary, in characters; the observation holds it whole.
const REASON: usize = 300;
/// Docker's own trust server.
const DOCKERS_SERVER: &str = "https://notary.docker.io";

/// What the observations of one conclusion need to know.
pub(crate) struct Said<'a> {
    pub(crate) context: &'a Context,
    /// The whole passed.
    pub(crate) passed: bool,
    /// Some signature is verified.
    pub(crate) trusted: bool,
}

/// Who signed, for a sentence.
pub(crate) fn signers(verdict: &Verdict) -> String {
    let names: Vec<&str> = verdict.signers.iter().map(|it| it.name.as_str()).filter(|it| !it.is_empty()).collect();
    match names.as_slice() {
        [] => "a signer without a name".to_owned(),
        names => names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "),
    }
}

/// The schemes, each once: "cosign and Notation".
pub(crate) fn listed(verdicts: &[&Verdict]) -> String {
    let mut names: Vec<&str> = Vec::new();
    for verdict in verdicts {
        if !names.contains(&verdict.scheme.name()) {
            names.push(verdict.scheme.name());
        }
    }
    match names.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => (*last).to_owned(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
    }
}

/// Reasons with their schemes, as sentences.
pub(crate) fn quoted_reasons(verdicts: &[&Verdict]) -> String {
    let mut sentences: Vec<String> = Vec::new();
    for verdict in verdicts.iter().take(NAMED) {
        let reason: String = verdict.reason.chars().take(REASON).collect();
        sentences.push(format!("{}: {}: {}.", verdict.scheme.name(), lead(verdict), reason.trim_end_matches('.')));
    }
    if let Some(more @ 1..) = verdicts.len().checked_sub(NAMED) {
        sentences.push(format!("And {more} more."));
    }
    sentences.join(" ")
}

/// A subject in the middle of a sentence.
pub(crate) fn lower(subject: &str) -> String {
    match subject.strip_prefix("The ") {
        Some(rest) => format!("the {rest}"),
        None => subject.to_owned(),
    }
}

/// What a state means, in the words that no other state has.
pub(crate) fn lead(verdict: &Verdict) -> &'static str {
    match (verdict.state, verdict.kind) {
        (State::Verified, _) if verdict.first_use => {
            "signed for this digest, by a root that was met for the first time"
        }
        (State::Verified, _) => "verified for this digest",
        (State::Signed, _) => "signed, but the digest under audit is not known, so it could not be compared",
        (State::Unsigned, _) => "no signature, as the place itself says",
        (State::NotThisTag, _) => "trust data for the repository, but none for this tag",
        (State::Withdrawn, _) => "trust data were there before and have been withdrawn",
        (State::Expired, _) => "signed, but out of date",
        (State::OtherSigner, _) => "signed by somebody whom the auditor does not trust",
        (State::OtherDigest, _) => "signed for another digest than the one under audit",
        (State::Invalid, Some(Invalid::Rollback)) => "rolled back to an older version than was seen before",
        (State::Invalid, Some(Invalid::Format)) => "signature data that are not what the specification says",
        (State::Invalid, Some(Invalid::Hash)) => "signature data whose hash or length does not fit",
        (State::Invalid, Some(Invalid::Root)) => "trust data whose root cannot be trusted",
        (State::Invalid, Some(Invalid::Missing)) => "signature data of which a part is missing",
        (State::Invalid, Some(Invalid::Certificate)) => "a certificate that cannot be trusted",
        (State::Invalid, _) => "a signature that does not fit",
        (State::NoKey, _) => "signed, but the auditor brought nothing to verify it with",
        (State::Statement, _) => "a statement that nobody signed, so a claim",
        (State::Unreachable, _) => "could not be looked at",
    }
}

fn severity(verdict: &Verdict, said: &Said<'_>) -> Severity {
    let retired = verdict.scheme == Scheme::ContentTrust && said.context.retired();
    let attested = verdict.scheme == Scheme::Attestation;
    match verdict.state {
        State::Withdrawn if retired => Severity::Medium,
        State::Invalid | State::OtherDigest | State::Withdrawn => Severity::High,
        State::Verified if verdict.first_use => Severity::Medium,
        State::Verified | State::Statement => Severity::Info,
        State::Unsigned | State::NotThisTag | State::Unreachable if retired || attested || said.passed => {
            Severity::Info
        }
        State::Unsigned | State::NotThisTag if said.trusted => Severity::Info,
        State::Expired | State::OtherSigner if said.trusted || attested => Severity::Low,
        State::OtherSigner => Severity::High,
        State::Expired | State::Unsigned | State::NotThisTag => Severity::Medium,
        State::Signed | State::NoKey | State::Unreachable => Severity::Low,
    }
}

/// An observation on one verdict.
pub(crate) fn observe(verdict: &Verdict, said: &Said<'_>) -> Observation {
    let mut message =
        format!("{}: {}. {}", verdict.scheme.name(), lead(verdict), with_full_stop(verdict.reason.trim()));
    if verdict.state == State::Verified {
        message.push_str(&format!(" Signed by {}.", signers(verdict)));
        if !verdict.expires.is_empty() {
            message.push_str(&format!(" Counts until {}.", verdict.expires));
        }
    }
    if verdict.scheme == Scheme::ContentTrust && said.context.retired() {
        message.push_str(" Docker has retired Content Trust for Docker Hub; its absence there is no finding.");
    }
    for note in verdict.notes.iter().take(NAMED) {
        message.push(' ');
        message.push_str(&with_full_stop(note.trim()));
    }
    let place = if verdict.place.is_empty() { &said.context.repository } else { &verdict.place };
    Observation {
        severity: severity(verdict, said),
        message: message.trim_end().to_owned(),
        location: Some(Location::Field { field: place.clone() }),
        reproduce: Some(command(verdict, said.context)),
        aliases: if verdict.scheme == Scheme::ContentTrust { vec!["4.5".to_owned()] } else { Vec::new() },
    }
}

fn with_full_stop(sentence: &str) -> String {
    match sentence.chars().last() {
        None | Some('.' | '!' | '?') => sentence.to_owned(),
        Some(_) => format!("{sentence}."),
    }
}

/// The command of an ordinary tool that shows it again.
fn command(verdict: &Verdict, context: &Context) -> String {
    let digest = context.digest.as_deref().or(verdict.digest.as_deref());
    let by_tag = match &context.tag {
        Some(tag) => format!("{}:{tag}", context.repository),
        None => context.repository.clone(),
    };
    let exact = digest.map_or_else(|| by_tag.clone(), |digest| format!("{}@{digest}", context.repository));
    let nothing = matches!(verdict.state, State::Unsigned | State::Unreachable);
    match verdict.scheme {
        Scheme::ContentTrust => {
            let server = match context.server.as_deref() {
                Some(server) if server != DOCKERS_SERVER && server.starts_with("https://") => {
                    format!("DOCKER_CONTENT_TRUST_SERVER={} ", quote(server))
                }
                _ => String::new(),
            };
            format!("{server}docker trust inspect --pretty {}", quote(&by_tag))
        }
        Scheme::Cosign if nothing => format!("cosign tree {}", quote(&exact)),
        Scheme::Cosign => match verdict.signers.iter().find(|signer| signer.issuer.starts_with("https://")) {
            Some(signer) => format!(
                "cosign verify --certificate-identity {} --certificate-oidc-issuer {} {}",
                quote(&signer.name),
                quote(&signer.issuer),
                quote(&exact)
            ),
            None => format!("cosign verify --key KEY.pub {}", quote(&exact)),
        },
        Scheme::Notation if nothing => format!("notation list {}", quote(&exact)),
        Scheme::Notation => format!("notation verify {}", quote(&exact)),
        Scheme::Attestation if nothing || verdict.predicate.is_empty() => format!("cosign tree {}", quote(&exact)),
        Scheme::Attestation => {
            format!("cosign verify-attestation --key KEY.pub --type {} {}", quote(&verdict.predicate), quote(&exact))
        }
    }
}
