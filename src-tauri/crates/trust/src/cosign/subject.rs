//! What is signed against what is under audit: joins the opinion of a signer with the payload into a verdict.

use super::who::{Opinion, link};
use crate::facts::{Artifact, TrustFacts};
use crate::text::shown;
use crate::verdict::{Invalid, Link, LinkKind, Scheme, State, Verdict};

/// What a payload says of its subject.
pub(crate) enum Subject {
    /// It names these digests.
    Digests(Vec<String>),
    /// It is not what it must be: a sentence.
    Bad(String),
}

/// What is signed, for the verdict.
pub(crate) struct Payload {
    pub(crate) subject: Subject,
    /// Its link.
    pub(crate) link: Link,
    pub(crate) predicate: String,
    /// What it is called in a sentence: `the signature`, `this provenance (SLSA)`.
    pub(crate) name: String,
    pub(crate) notes: Vec<String>,
}

/// Joins signer and payload.
pub(crate) fn conclude(
    scheme: Scheme,
    artifact: &Artifact,
    facts: &TrustFacts,
    opinion: Opinion,
    payload: Payload,
) -> Verdict {
    let mut out = Verdict::new(scheme, opinion.state, artifact.place.clone(), format!("{}.", opinion.reason));
    out.kind = opinion.kind;
    out.signers = opinion.signers;
    out.signed_at = opinion.signed_at;
    out.expires = opinion.expires;
    out.chain = opinion.chain;
    out.notes = opinion.notes;
    out.notes.extend(payload.notes);
    out.predicate = payload.predicate;
    let mut payload_link = payload.link;
    let signed = matches!(opinion.state, State::Verified | State::Expired | State::Statement);
    match payload.subject {
        Subject::Bad(why) => {
            payload_link.holds = Some(false);
            payload_link.problem = why.clone();
            out.chain.push(payload_link);
            if signed || opinion.state == State::NoKey {
                out.state = State::Invalid;
                out.kind = Some(Invalid::Format);
                out.reason = match opinion.state {
                    State::Verified | State::Expired => {
                        format!("{} What is signed is not what it must be: {why}", out.reason)
                    }
                    _ => why,
                };
            } else {
                out.notes.push(why);
            }
        }
        Subject::Digests(digests) => {
            if payload_link.holds.is_none() && opinion.state != State::Invalid {
                payload_link.holds = signed.then_some(true);
            }
            out.chain.push(payload_link);
            compare(&mut out, facts, digests, &payload.name, signed);
        }
    }
    out
}

fn compare(out: &mut Verdict, facts: &TrustFacts, digests: Vec<String>, name: &str, signed: bool) {
    let mine = facts.digests.iter().find(|digest| digests.contains(digest));
    out.digest = mine.or(digests.first()).cloned();
    let mut digest = link(LinkKind::Digest, "Digest of the image", None);
    for one in digests.iter().take(4) {
        digest.details.push(("signed".to_owned(), shown(one)));
    }
    for one in facts.digests.iter().take(4) {
        digest.details.push(("under audit".to_owned(), shown(one)));
    }
    if let Some(mine) = mine {
        digest.holds = Some(true);
        if facts.digests.first() != Some(mine) {
            out.notes.push(format!(
                "{name} is about the manifest of the platform under audit, not about the index that the name stands for."
            ));
        }
        if out.state == State::Verified {
            out.reason = format!("{} It is about this image.", out.reason);
        }
    } else if facts.digests.is_empty() {
        digest.problem = "The digest of the image under audit is not known.".to_owned();
        if signed {
            out.state = State::Unreachable;
            out.kind = None;
            out.reason = format!(
                "{} But the digest of the image under audit is not known, so it cannot be compared.",
                out.reason
            );
        }
    } else {
        digest.holds = Some(false);
        digest.problem = match digests.first() {
            Some(other) => format!("It is about {}, not about this image.", shown(other)),
            None => "It names no digest that could be compared.".to_owned(),
        };
        if signed {
            out.state = State::OtherDigest;
            out.kind = None;
            out.reason = format!("{} {}", out.reason, digest.problem);
        } else {
            out.notes.push(digest.problem.clone());
        }
    }
    out.chain.push(digest);
}

/// The verdict on an artifact, or a layer of one, that is not what it must be.
pub(crate) fn malformed(scheme: Scheme, artifact: &Artifact, kind: Invalid, reason: impl Into<String>) -> Verdict {
    let mut out = Verdict::new(scheme, State::Invalid, artifact.place.clone(), reason);
    out.kind = Some(kind);
    out
}
