//! Signatures of the Notary Project (Notation): envelope, trust policy, trust store, and what is signed.
//!
//! Follows the Notary Project's signature specification and its trust store and trust policy specification. Not
//! verified, and said so: timestamp countersignatures, revocation.
//!
//! - `envelope.rs` what both envelopes hold; `jws.rs`, `cose.rs` the two; `identity.rs` trusted identities.

mod cose;
mod envelope;
pub(crate) mod identity;
mod jws;

use time::OffsetDateTime;

use crate::certificates::{Certificate, Led, lead, pem_bundle};
use crate::cosign::{certificate_link, link, path_links};
use crate::facts::{Artifact, ArtifactLayer};
use crate::policy::{NotationLevel, NotationPolicy, TrustPolicy};
use crate::text::{is_digest, moment, said, sha256_hex, shown};
use crate::verdict::{Invalid, Link, LinkKind, Scheme, Signer, State, Verdict};

use envelope::{ENVELOPE_MAX, Envelope, Payload, Signing};
use identity::Trusted;

/// Type of the artifact, or of its config in the older shape.
pub(crate) const ARTIFACT: &str = "application/vnd.cncf.notary.signature";
const JWS: &str = "application/jose+json";
const COSE: &str = "application/cose";

/// Whether a manifest's config is of Notation's type: it is then a signature whatever else it is said to be.
pub(crate) fn by_config(manifest: &[u8]) -> bool {
    #[derive(serde::Deserialize)]
    struct Manifest {
        config: Config,
    }
    #[derive(serde::Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Config {
        media_type: String,
    }
    serde_json::from_slice::<Manifest>(manifest).is_ok_and(|read| read.config.media_type == ARTIFACT)
}

/// The policy that counts for a repository: one that names it, else the one for all.
pub(crate) fn policy_for<'a>(policies: &'a [NotationPolicy], repository: &str) -> Option<&'a NotationPolicy> {
    let names = |wanted: &str| {
        policies.iter().find(move |policy| policy.registry_scopes.iter().any(|scope| scope.trim() == wanted))
    };
    names(repository).or_else(|| names("*"))
}

/// Judges one signature artifact.
pub(crate) fn judge(
    artifact: &Artifact,
    digests: &[String],
    repository: &str,
    policy: &TrustPolicy,
    at: OffsetDateTime,
) -> Verdict {
    let invalid = |kind, reason: String| {
        let mut out = Verdict::new(Scheme::Notation, State::Invalid, artifact.place.clone(), reason);
        out.kind = Some(kind);
        out
    };
    let [layer] = artifact.layers.as_slice() else {
        let count = artifact.layers.len();
        return invalid(Invalid::Format, format!("A signature of Notation has one layer, and this one has {count}."));
    };
    let bytes = match bytes(layer) {
        Ok(bytes) => bytes,
        Err(Unread::Other(why)) => {
            return Verdict::new(Scheme::Notation, State::Unreachable, artifact.place.clone(), why);
        }
        Err(Unread::Changed(why)) => return invalid(Invalid::Hash, why),
    };
    if bytes.len() > ENVELOPE_MAX {
        return invalid(Invalid::Format, format!("The envelope is larger than {} KiB.", ENVELOPE_MAX >> 10));
    }
    let read = match layer.media_type.trim() {
        JWS => jws::read(bytes),
        COSE => cose::read(bytes),
        other => Err(format!("The envelope is of a kind that is unknown here: {}.", shown(other))),
    };
    match read {
        Ok(envelope) => {
            let case = Case { artifact, digests, repository, policy: policy_for(&policy.notation, repository), at };
            case.judge(&envelope)
        }
        Err(why) => invalid(Invalid::Format, why),
    }
}

enum Unread {
    Other(String),
    Changed(String),
}

fn bytes(layer: &ArtifactLayer) -> Result<&[u8], Unread> {
    let Some(bytes) = &layer.bytes else {
        let why = layer.unread.as_deref().unwrap_or("its content was not fetched").trim_end_matches('.');
        return Err(Unread::Other(format!(
            "The signature {} could not be read: {}.",
            shown(&layer.digest),
            shown(why)
        )));
    };
    if let Some(hash) = layer.digest.strip_prefix("sha256:")
        && sha256_hex(&bytes.0) != hash
    {
        return Err(Unread::Changed(format!(
            "The layer {} holds other content than its digest says.",
            shown(&layer.digest)
        )));
    }
    Ok(&bytes.0)
}

struct Case<'a> {
    artifact: &'a Artifact,
    digests: &'a [String],
    repository: &'a str,
    policy: Option<&'a NotationPolicy>,
    at: OffsetDateTime,
}

/// What became of the signer.
struct Authenticity {
    state: State,
    kind: Option<Invalid>,
    reason: String,
    links: Vec<Link>,
    /// Why the certificates are out of date; empty when they are not.
    late: String,
}

impl Authenticity {
    fn no(state: State, reason: String, leaf: &Certificate, problem: &str) -> Self {
        let mut shown = certificate_link(leaf, (!problem.is_empty()).then_some(false));
        shown.problem = problem.to_owned();
        Self { state, kind: None, reason, links: vec![shown], late: String::new() }
    }
}

impl Case<'_> {
    fn judge(&self, envelope: &Envelope) -> Verdict {
        let mut out = Verdict::new(Scheme::Notation, State::Invalid, self.artifact.place.clone(), "");
        let Some((leaf, others)) = envelope.certificates.split_first() else {
            return out;
        };
        out.signers.push(Signer {
            name: leaf.subject(),
            keys: vec![leaf.fingerprint()],
            issuer: leaf.issuer(),
            not_after: moment(leaf.not_after()),
        });
        out.signed_at = moment(envelope.signed_at);
        out.expires = envelope.expiry.map(moment).unwrap_or_default();
        out.notes = notes(envelope);

        // integrity: the signature against the certificate that comes with it
        let mut signature =
            link(LinkKind::Signature, format!("Signature ({})", envelope::title(envelope.algorithm)), Some(false));
        signature.details.push(("signed at".to_owned(), moment(envelope.signed_at)));
        if let Some(expiry) = envelope.expiry {
            signature.details.push(("counts until".to_owned(), moment(expiry)));
        }
        let broken = match leaf.key() {
            Err(why) => Some((Invalid::Certificate, format!("The key of {} cannot be used: {why}", leaf.subject()))),
            Ok(key) if !envelope::suits(&key, envelope.algorithm) => Some((
                Invalid::Format,
                format!(
                    "The algorithm {} is not the one for a key of {}.",
                    envelope::title(envelope.algorithm),
                    key.describe()
                ),
            )),
            Ok(key) if key.verify(envelope.algorithm, &envelope.signed, &envelope.signature).is_err() => Some((
                Invalid::Signature,
                format!(
                    "The signature does not fit the certificate that comes with it, of {}: it was changed after signing.",
                    leaf.subject()
                ),
            )),
            Ok(_) => None,
        };
        if let Some((kind, why)) = broken {
            signature.problem.clone_from(&why);
            out.chain = vec![certificate_link(leaf, None), signature];
            out.kind = Some(kind);
            out.reason = why;
            return out;
        }
        signature.holds = Some(true);

        let authenticity = self.authenticity(envelope, leaf, others);
        out.state = authenticity.state;
        out.kind = authenticity.kind;
        out.reason = authenticity.reason;
        out.chain = authenticity.links;
        out.chain.push(signature);
        self.payload(envelope, &mut out);
        self.dates(envelope, &authenticity.late, &mut out);
        out
    }

    fn authenticity(&self, envelope: &Envelope, leaf: &Certificate, others: &[Certificate]) -> Authenticity {
        let who = leaf.subject();
        let Some(policy) = self.policy else {
            let why =
                format!("Signed by {who}, and no trust policy for Notation counts for {}.", shown(self.repository));
            return Authenticity::no(State::NoKey, why, leaf, "");
        };
        let named = format!("the trust policy \"{}\"", shown(&policy.name));
        if policy.level == NotationLevel::Skip {
            let why = format!("Signed by {who}; {named} says that signatures of this repository are not verified.");
            return Authenticity::no(State::NoKey, why, leaf, "");
        }
        let store = match envelope.signing {
            Signing::X509 => &policy.roots,
            Signing::Authority => &policy.authority_roots,
        };
        if store.trim().is_empty() && matches!(envelope.signing, Signing::Authority) {
            let why = format!(
                "Signed by {who} as a signing authority, and {named} has no certificates of signing authorities: those of ordinary signers do not count for it."
            );
            return Authenticity::no(State::NoKey, why, leaf, "");
        }
        let roots = match pem_bundle(store) {
            Ok(roots) => roots,
            Err(why) => {
                let why = format!("Signed by {who}, and the trust store of {named} cannot be read: {why}.");
                return Authenticity::no(State::NoKey, why, leaf, "");
            }
        };
        // Without a timestamp that is verified the certificates must be in date now; an authority vouches for its time.
        let when = match envelope.signing {
            Signing::X509 => self.at,
            Signing::Authority => envelope.signed_at,
        };
        let (path, late) = match lead(leaf, others, &roots, when) {
            Led::Nowhere(why) => {
                let reason = format!("Signed by {who}, whom {named} does not trust: {why}.");
                return Authenticity::no(State::OtherSigner, reason, leaf, &format!("It is not trusted: {why}."));
            }
            Led::Holds(path) => (path, String::new()),
            Led::OutOfDate(path, why) => (path, why),
        };
        if let Err(why) = may_sign(leaf) {
            let reason = format!("Signed by {who}, whose certificate may not sign: {why}.");
            let mut out = Authenticity::no(State::Invalid, reason, leaf, &format!("It may not sign: {why}."));
            out.kind = Some(Invalid::Certificate);
            return out;
        }
        let trusted: Vec<Trusted> =
            policy.trusted_identities.iter().filter_map(|identity| Trusted::read(identity).ok()).collect();
        if !trusted.iter().any(|identity| identity.is(leaf)) {
            let reason = format!("Signed by {who}, who is not among the trusted identities of {named}.");
            return Authenticity::no(State::OtherSigner, reason, leaf, "It is not among the trusted identities.");
        }
        let links = path_links(&path, (!late.is_empty()).then_some(when), Some(&late));
        let reason = format!("Signed by {who}, whom {named} trusts.");
        Authenticity { state: State::Verified, kind: None, reason, links, late }
    }

    fn payload(&self, envelope: &Envelope, out: &mut Verdict) {
        let mut payload = link(LinkKind::Payload, "Descriptor of the artifact", Some(true));
        let target = match serde_json::from_slice::<Payload>(&envelope.payload) {
            Ok(read) if is_digest(&read.target_artifact.digest) => read.target_artifact,
            other => {
                let why = match other {
                    Ok(_) => "It names no digest.".to_owned(),
                    Err(error) => format!("The payload cannot be read: {}.", said(&error)),
                };
                payload.holds = Some(false);
                payload.problem.clone_from(&why);
                out.chain.push(payload);
                out.state = State::Invalid;
                out.kind = Some(Invalid::Format);
                out.reason = format!("{} What is signed is not what it must be: {why}", out.reason);
                return;
            }
        };
        payload.details.push(("media type".to_owned(), shown(&target.media_type)));
        payload.details.push(("size".to_owned(), target.size.to_string()));
        for (name, value) in target.annotations.iter().flatten().take(20) {
            payload.details.push((format!("annotation {}", shown(name)), shown(value)));
        }
        out.chain.push(payload);

        let signed = out.state == State::Verified;
        let mut digest = link(LinkKind::Digest, "Digest of the image", None);
        digest.details.push(("signed".to_owned(), target.digest.clone()));
        for one in self.digests.iter().take(4) {
            digest.details.push(("under audit".to_owned(), shown(one)));
        }
        if self.digests.contains(&target.digest) {
            digest.holds = Some(true);
            if self.digests.first() != Some(&target.digest) {
                out.notes.push(
                    "The signature is about the manifest of the platform under audit, not about the index that the name stands for."
                        .to_owned(),
                );
            }
            if signed {
                out.reason = format!("{} It is about this image.", out.reason);
            }
        } else if self.digests.is_empty() {
            digest.problem = "The digest of the image under audit is not known.".to_owned();
            if signed {
                out.state = State::Unreachable;
                out.reason = format!(
                    "{} But the digest of the image under audit is not known, so it cannot be compared.",
                    out.reason
                );
            }
        } else {
            digest.holds = Some(false);
            digest.problem = format!("It is about {}, not about this image.", target.digest);
            if signed {
                out.state = State::OtherDigest;
                out.reason = format!("{} {}", out.reason, digest.problem);
            } else {
                out.notes.push(digest.problem.clone());
            }
        }
        out.digest = Some(target.digest);
        out.chain.push(digest);
    }

    /// Expiry and the certificates' dates: enforced, or told only, by the policy's level.
    fn dates(&self, envelope: &Envelope, late: &str, out: &mut Verdict) {
        let strict = self.policy.is_none_or(|policy| policy.level == NotationLevel::Strict);
        let expired = envelope.expiry.filter(|expiry| *expiry < self.at).map(|expiry| {
            if let Some(signature) = out.chain.iter_mut().find(|link| link.kind == LinkKind::Signature) {
                signature.problem = format!("It counted until {}.", moment(expiry));
                signature.holds = Some(!strict);
            }
            format!("the signature counted only until {}", moment(expiry))
        });
        let late = (!late.is_empty()).then(|| match (envelope.signing, envelope.stamped) {
            (Signing::Authority, _) => format!("{late}, and it was signed at another time"),
            (Signing::X509, true) => {
                format!("{late}, and the timestamp that comes along was not verified, so it proves no earlier signing")
            }
            (Signing::X509, false) => format!("{late}, and no timestamp proves an earlier signing"),
        });
        for why in [expired, late].into_iter().flatten() {
            if out.state == State::Verified && strict {
                out.state = State::Expired;
                out.kind = Some(Invalid::Expired);
                out.reason = format!("{} But {why}.", out.reason);
            } else {
                let level = if strict { "" } else { " The policy's level only tells of it." };
                let mut why = why;
                if let Some(first) = why.get_mut(..1) {
                    first.make_ascii_uppercase();
                }
                out.notes.push(format!("{why}.{level}"));
            }
        }
        if let Some(policy) = self.policy
            && policy.level == NotationLevel::Audit
            && out.state == State::OtherSigner
        {
            out.notes.push(
                "The policy's level is audit: Notation would only tell of the signer and let the signature pass; here it is no pass."
                    .to_owned(),
            );
        }
    }
}

fn notes(envelope: &Envelope) -> Vec<String> {
    let mut out = vec!["Revocation of the certificates was not looked up.".to_owned()];
    if envelope.stamped {
        out.push("A timestamp of an authority comes along; it was not verified.".to_owned());
    }
    out.push(match envelope.signing {
        Signing::X509 => "The time of signing is the signer's word.".to_owned(),
        Signing::Authority => "The time of signing is the signing authority's word.".to_owned(),
    });
    if !envelope.agent.is_empty() {
        out.push(format!("It was made with {}, by its own word.", shown(&envelope.agent)));
    }
    out
}

/// What Notation wants of a signer's certificate: the key may sign, and where purposes are named, code and nothing
/// that other certificates are for.
fn may_sign(leaf: &Certificate) -> Result<(), String> {
    use const_oid::db::rfc5280::{
        ANY_EXTENDED_KEY_USAGE, ID_KP_EMAIL_PROTECTION, ID_KP_SERVER_AUTH, ID_KP_TIME_STAMPING,
    };
    if leaf.may_sign()? != Some(true) {
        return Err("its key usage does not name digital signatures".to_owned());
    }
    if leaf.is_ca() {
        return Err("it is an authority's certificate".to_owned());
    }
    let purposes = leaf.purposes()?;
    if purposes.is_empty() {
        return Ok(());
    }
    if !leaf.for_code_signing() {
        return Err("it is not for signing code".to_owned());
    }
    let forbidden = [ANY_EXTENDED_KEY_USAGE, ID_KP_EMAIL_PROTECTION, ID_KP_SERVER_AUTH, ID_KP_TIME_STAMPING];
    if purposes.iter().any(|purpose| forbidden.contains(purpose)) {
        return Err("it is for other purposes than signing code too".to_owned());
    }
    Ok(())
}
