//! Who made one signature, and whether the auditor trusts them: keys first, then the certificate that comes along.

use time::OffsetDateTime;

use super::body::{Claim, Message};
use super::log::{self, Entry};
use crate::certificates::{Certificate, Led, lead};
use crate::fit;
use crate::keys::{Kind, PublicKey};
use crate::material::{Identity, Material};
use crate::scope;
use crate::text::{base64_any, moment, shown};
use crate::verdict::{Invalid, Link, LinkKind, Signer, State};

/// Most log entries of one signature that are judged.
const ENTRIES_MAX: usize = 8;

/// One signature and what came along with it.
pub(crate) struct Signature<'a> {
    /// The signature, decoded.
    pub(crate) bytes: &'a [u8],
    /// What it is over.
    pub(crate) message: Message<'a>,
    /// Payload of the DSSE envelope, and the envelope as stored; none for a bare signature.
    pub(crate) payload: Option<&'a [u8]>,
    pub(crate) envelope: Option<&'a [u8]>,
    /// A hint at the key: its hash, or what the signer wrote; may be empty.
    pub(crate) hint: &'a str,
    /// The signer's certificate, and those that lead to its authority.
    pub(crate) certificate: Option<&'a Certificate>,
    pub(crate) chain: &'a [Certificate],
    /// Transparency log entries.
    pub(crate) entries: &'a [Entry],
    /// Whether timestamps of an authority (RFC 3161) came along.
    pub(crate) stamped: bool,
    /// What could not be read of all this, as sentences.
    pub(crate) notes: &'a [String],
}

/// What is thought of the signer; nothing yet of what is signed.
pub(crate) struct Opinion {
    pub(crate) state: State,
    pub(crate) kind: Option<Invalid>,
    pub(crate) reason: String,
    pub(crate) signers: Vec<Signer>,
    pub(crate) signed_at: String,
    pub(crate) expires: String,
    /// Anchor, certificates, log, signature.
    pub(crate) chain: Vec<Link>,
    pub(crate) notes: Vec<String>,
}

impl Opinion {
    fn new(state: State, reason: String) -> Self {
        Self {
            state,
            kind: None,
            reason,
            signers: Vec::new(),
            signed_at: String::new(),
            expires: String::new(),
            chain: Vec::new(),
            notes: Vec::new(),
        }
    }
}

/// A link without anything wrong.
pub(crate) fn link(kind: LinkKind, title: impl Into<String>, holds: Option<bool>) -> Link {
    Link { kind, title: title.into(), details: Vec::new(), holds, problem: String::new() }
}

fn fits(key: &PublicKey, message: Message<'_>, signature: &[u8]) -> bool {
    match message {
        Message::Bytes(bytes) => fit::fits(key, bytes, signature),
        Message::Sha256(hash) => fit::fits_sha256(key, hash, signature),
    }
}

/// Ed25519 signs the bytes themselves: with their hash alone nothing can be said.
fn beyond(key: &PublicKey, message: Message<'_>) -> bool {
    key.kind() == Kind::Ed25519 && matches!(message, Message::Sha256(_))
}

const BEYOND: &str =
    "an Ed25519 signature over the manifest itself cannot be verified with the manifest's digest alone";

/// Judges the signer of one signature.
pub(crate) fn judge(signature: &Signature<'_>, material: &Material<'_>) -> Opinion {
    let fitting = material.keys.iter().find(|(_, key)| fits(key, signature.message, signature.bytes));
    let mut out = match (fitting, signature.certificate) {
        (Some((name, key)), _) => by_key(signature, material, name, key),
        (None, Some(certificate)) => by_certificate(signature, material, certificate),
        (None, None) => by_nobody(signature, material),
    };
    out.notes.extend(signature.notes.iter().cloned());
    out.notes.extend(material.unusable.iter().cloned());
    if signature.stamped {
        out.notes.push(
            "A timestamp of an authority (RFC 3161) comes along; it was not verified and proves no time here."
                .to_owned(),
        );
    }
    out
}

/// Judges the log entries; the time is the earliest that a log proves.
fn logged(
    signature: &Signature<'_>,
    material: &Material<'_>,
    spki: &[u8],
    certificate: Option<&Certificate>,
) -> (Vec<Link>, Option<OffsetDateTime>, Option<OffsetDateTime>) {
    let claim = Claim {
        message: signature.message,
        payload: signature.payload,
        envelope: signature.envelope,
        signature: signature.bytes,
        spki,
        certificate: certificate.map(Certificate::der),
    };
    let (mut links, mut proved, mut claimed) = (Vec::new(), None::<OffsetDateTime>, None::<OffsetDateTime>);
    for entry in signature.entries.iter().take(ENTRIES_MAX) {
        let one = log::judge(entry, &claim, &material.logs);
        let earlier = |known: Option<OffsetDateTime>, new: Option<OffsetDateTime>| match (known, new) {
            (Some(known), Some(new)) => Some(known.min(new)),
            (known, new) => known.or(new),
        };
        proved = earlier(proved, one.proved);
        claimed = earlier(claimed, one.claimed);
        links.push(one.link);
    }
    (links, proved, claimed)
}

fn log_notes(links: &[Link], out: &mut Vec<String>) {
    out.extend(links.iter().filter(|link| !link.problem.is_empty()).map(|link| link.problem.clone()));
}

fn signature_link(key: &PublicKey, holds: bool) -> Link {
    let mut out = link(LinkKind::Signature, format!("Signature ({})", key.describe()), Some(holds));
    out.details.push(("algorithm".to_owned(), key.describe()));
    out.details.push(("key (SHA-256)".to_owned(), key.fingerprint()));
    if !holds {
        out.problem = "The signature does not fit what it is said to sign.".to_owned();
    }
    out
}

fn key_link(name: &str, key: &PublicKey, holds: Option<bool>) -> Link {
    let mut out = link(LinkKind::Anchor, format!("Key {}", shown(name)), holds);
    out.details.push(("algorithm".to_owned(), key.describe()));
    out.details.push(("key (SHA-256)".to_owned(), key.fingerprint()));
    out
}

fn by_key(signature: &Signature<'_>, material: &Material<'_>, name: &str, key: &PublicKey) -> Opinion {
    let mut out = Opinion::new(State::Verified, format!("Signed with the trusted key \"{}\"", shown(name)));
    out.signers.push(Signer { name: name.to_owned(), keys: vec![key.fingerprint()], ..Signer::default() });
    let (links, proved, claimed) = logged(signature, material, key.spki(), None);
    log_notes(&links, &mut out.notes);
    out.signed_at = proved.or(claimed).map(moment).unwrap_or_default();
    if proved.is_none() && claimed.is_some() {
        out.notes.push("The time of signing is the log entry's word; it is not proved.".to_owned());
    }
    if signature.certificate.is_some() {
        out.notes.push("A certificate comes along; the trusted key fits without it.".to_owned());
    }
    out.chain.push(key_link(name, key, Some(true)));
    out.chain.extend(links);
    out.chain.push(signature_link(key, true));
    out
}

/// The trusted key that a hint means: hints are the SHA-256 of the key, in base64 or hexadecimal.
fn hinted<'a>(hint: &str, keys: &'a [(String, PublicKey)]) -> Option<&'a (String, PublicKey)> {
    let hint = hint.trim();
    if hint.is_empty() || hint.len() > 200 {
        return None;
    }
    let bytes = base64_any(hint).map(hex::encode).unwrap_or_default();
    let plain = hint.strip_prefix("SHA256:").unwrap_or(hint).to_ascii_lowercase();
    keys.iter().find(|(_, key)| key.fingerprint() == bytes || key.fingerprint() == plain)
}

fn by_nobody(signature: &Signature<'_>, material: &Material<'_>) -> Opinion {
    let seen = match signature.hint.trim() {
        "" => "it names no key".to_owned(),
        hint => format!("it hints at the key {}", shown(hint)),
    };
    let mut out = if material.keys.is_empty() {
        let scope = if material.elsewhere > 0 { " for this repository" } else { "" };
        Opinion::new(
            State::NoKey,
            format!("There is a signature, and no key is trusted{scope} to verify it with; {seen}"),
        )
    } else if let Some((name, _)) = material.keys.iter().find(|(_, key)| {
        beyond(key, signature.message) && hinted(signature.hint, &material.keys).is_none_or(|(_, hinted)| hinted == key)
    }) {
        Opinion::new(
            State::Unreachable,
            format!("The signature may be by the trusted key \"{}\", which is not known: {BEYOND}", shown(name)),
        )
    } else if let Some((name, key)) = hinted(signature.hint, &material.keys) {
        let mut out = Opinion::new(
            State::Invalid,
            format!(
                "The signature names the trusted key \"{}\" and does not fit it: it was changed after signing, or another key made it",
                shown(name)
            ),
        );
        out.kind = Some(Invalid::Signature);
        out.chain.push(key_link(name, key, Some(true)));
        out.chain.push(signature_link(key, false));
        return out;
    } else {
        Opinion::new(
            State::OtherSigner,
            format!("No trusted key fits: signed by somebody else, or changed after signing; {seen}"),
        )
    };
    if out.state == State::OtherSigner {
        out.chain.extend(material.keys.iter().take(8).map(|(name, key)| {
            let mut link = key_link(name, key, Some(false));
            link.problem = "This key did not make the signature.".to_owned();
            link
        }));
    }
    let mut signed = link(LinkKind::Signature, "Signature", None);
    if !signature.hint.trim().is_empty() {
        signed.details.push(("hint".to_owned(), shown(signature.hint)));
    }
    out.chain.push(signed);
    out
}

fn by_certificate(signature: &Signature<'_>, material: &Material<'_>, certificate: &Certificate) -> Opinion {
    let names = certificate.names();
    let issuer = certificate.oidc_issuer();
    let who = names.first().map_or_else(|| certificate.subject(), |name| shown(name));
    let signer = Signer {
        name: who.clone(),
        keys: vec![certificate.fingerprint()],
        issuer: issuer.as_deref().map_or_else(|| certificate.issuer(), shown),
        not_after: moment(certificate.not_after()),
    };
    let mut out = Opinion::new(State::OtherSigner, String::new());
    out.signers.push(signer);
    if certificate.has_scts() {
        out.notes.push("The certificate's own log timestamps (SCT) were not verified.".to_owned());
    } else {
        out.notes.push("The certificate carries no log timestamps (SCT).".to_owned());
    }
    let key = match certificate.key() {
        Ok(key) => key,
        Err(why) => {
            out.state = State::Invalid;
            out.kind = Some(Invalid::Certificate);
            out.reason = format!("The key of the certificate for {who} cannot be used: {why}");
            out.chain.push(certificate_link(certificate, Some(false)));
            return out;
        }
    };
    if beyond(&key, signature.message) {
        out.state = State::Unreachable;
        out.reason = format!("Whether {who} signed is not known: {BEYOND}");
        out.chain.push(certificate_link(certificate, None));
        return out;
    }
    if !fits(&key, signature.message, signature.bytes) {
        out.state = State::Invalid;
        out.kind = Some(Invalid::Signature);
        out.reason = format!(
            "The signature does not fit the certificate that comes with it, of {who}: it was changed after signing"
        );
        out.chain.push(certificate_link(certificate, None));
        out.chain.push(signature_link(&key, false));
        return out;
    }
    let (links, proved, claimed) = logged(signature, material, key.spki(), Some(certificate));
    log_notes(&links, &mut out.notes);
    out.signed_at = proved.or(claimed).map(moment).unwrap_or_default();
    let found = identify(signature, material, certificate, &names, issuer.as_deref(), proved.unwrap_or(material.at));
    let end = links.into_iter().chain([signature_link(&key, true)]);
    match found {
        Found::None(state, why) => {
            out.state = state;
            out.kind = (state == State::Invalid).then_some(Invalid::Certificate);
            out.reason = match state {
                State::NoKey => format!("Signed with a certificate of {who}, and {why}"),
                _ => format!("Signed by {who}, whom the auditor does not trust: {why}"),
            };
            let mut shown_link = certificate_link(certificate, (state != State::NoKey).then_some(false));
            if state != State::NoKey {
                shown_link.problem = format!("{}.", capital(&why));
            }
            out.chain.push(shown_link);
        }
        Found::Identity(identity, path) => {
            out.state = State::Verified;
            out.reason = format!("Signed by {who}, the trusted identity \"{}\"", shown(&identity.name));
            if proved.is_none() {
                out.expires = moment(certificate.not_after());
                out.notes.push(
                    "The time of signing is not proved by a transparency log; the certificate is in date now."
                        .to_owned(),
                );
            }
            out.chain.extend(path_links(&path, None, None));
        }
        Found::Late(identity, path, why) => {
            out.state = State::Expired;
            out.kind = Some(Invalid::Expired);
            out.expires = moment(certificate.not_after());
            let when = match proved {
                Some(at) => format!("it was signed at {}, and then {why}", moment(at)),
                None => format!("{why}, and no transparency log proves that it was signed before"),
            };
            out.reason = format!("Signed by {who}, the trusted identity \"{}\", but {when}", shown(&identity.name));
            out.chain.extend(path_links(&path, Some(proved.unwrap_or(material.at)), Some(&why)));
        }
    }
    out.chain.extend(end);
    out
}

enum Found<'a> {
    None(State, String),
    Identity(&'a Identity, Vec<Certificate>),
    Late(&'a Identity, Vec<Certificate>, String),
}

fn identify<'a>(
    signature: &Signature<'_>,
    material: &'a Material<'_>,
    certificate: &Certificate,
    names: &[String],
    issuer: Option<&str>,
    at: OffsetDateTime,
) -> Found<'a> {
    if material.identities.is_empty() {
        if !material.keys.is_empty() {
            return Found::None(
                State::OtherSigner,
                "no trusted key made the signature, and no certificate identity is trusted".to_owned(),
            );
        }
        let scope = if material.elsewhere > 0 { " for this repository" } else { "" };
        return Found::None(State::NoKey, format!("no certificate identity is trusted{scope}"));
    }
    let mut late = None;
    let mut why = "none of the trusted authorities issued the certificate".to_owned();
    for identity in &material.identities {
        let named = names.iter().any(|name| scope::matches(&identity.subject, name));
        let vouched = identity.issuer.trim() == "*" || issuer == Some(identity.issuer.as_str());
        let led = lead(certificate, signature.chain, &identity.roots, at);
        if let Led::Nowhere(_) = led {
            continue;
        }
        if !named {
            why = format!("the certificate is not for {}", shown(&identity.subject));
            continue;
        }
        if identity.issuer.trim().is_empty() {
            why = format!(
                "the identity {} names no issuer, and without one anybody's provider could vouch for it; write * if any may",
                shown(&identity.subject)
            );
            continue;
        }
        if !vouched {
            why = format!(
                "the identity was vouched for by {}, not by {}",
                issuer.map_or_else(|| "nobody that is named".to_owned(), shown),
                shown(&identity.issuer)
            );
            continue;
        }
        if !certificate.for_code_signing() {
            return Found::None(State::Invalid, "the certificate is not for signing code".to_owned());
        }
        match led {
            Led::Holds(path) => return Found::Identity(identity, path),
            Led::OutOfDate(path, reason) => late = late.or(Some((identity, path, reason))),
            Led::Nowhere(_) => {}
        }
    }
    match late {
        Some((identity, path, reason)) => Found::Late(identity, path, reason),
        None => Found::None(State::OtherSigner, why),
    }
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// A certificate as a link.
pub(crate) fn certificate_link(certificate: &Certificate, holds: Option<bool>) -> Link {
    let mut out = link(LinkKind::Certificate, certificate.subject(), holds);
    out.details.push(("issuer".to_owned(), certificate.issuer()));
    for name in certificate.names().iter().take(4) {
        out.details.push(("name".to_owned(), shown(name)));
    }
    if let Some(issuer) = certificate.oidc_issuer() {
        out.details.push(("identity by".to_owned(), shown(&issuer)));
    }
    out.details.push(("from".to_owned(), moment(certificate.not_before())));
    out.details.push(("until".to_owned(), moment(certificate.not_after())));
    out.details.push(("certificate (SHA-256)".to_owned(), certificate.fingerprint()));
    out
}

/// Links of a path (leaf first), root first: an anchor, then certificates. With a moment, those that are out of date
/// at it do not hold.
pub(crate) fn path_links(path: &[Certificate], late: Option<OffsetDateTime>, why: Option<&str>) -> Vec<Link> {
    let mut out: Vec<Link> = Vec::new();
    for (index, one) in path.iter().enumerate().rev() {
        let holds = late.is_none_or(|at| one.in_date(at));
        let mut link = certificate_link(one, Some(holds));
        if index.checked_add(1) == Some(path.len()) {
            link.kind = LinkKind::Anchor;
        }
        if !holds {
            link.problem = format!("{}.", capital(why.unwrap_or("Out of date")));
        }
        out.push(link);
    }
    out
}
