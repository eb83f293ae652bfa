//! DSSE envelopes and the in-toto statements in them (DSSE v1: pre-authentication encoding).

use serde::Deserialize;

use super::body::Message;
use super::content;
use super::log::Entry;
use super::statement::{COSIGN_SIGN, IN_TOTO, Statement};
use super::subject::{Payload, Subject, conclude, malformed};
use super::who::{Opinion, Signature, judge as judge_signer, link};
use crate::certificates::{CHAIN_MAX, Certificate, pem_bundle};
use crate::facts::{Artifact, ArtifactLayer};
use crate::material::Material;
use crate::text::{base64_any, said, short, shown};
use crate::verdict::{Invalid, LinkKind, Scheme, State, Verdict};

/// Most signatures of one envelope.
const SIGNATURES_MAX: usize = 16;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RawEnvelope {
    payload: String,
    payload_type: String,
    #[serde(default)]
    signatures: Vec<RawSignature>,
}

#[derive(Deserialize)]
struct RawSignature {
    #[serde(default)]
    keyid: Option<String>,
    #[serde(default)]
    sig: String,
}

/// An envelope that was read.
pub(crate) struct Envelope {
    pub(crate) payload_type: String,
    pub(crate) payload: Vec<u8>,
    /// Hint and signature.
    signatures: Vec<(String, Vec<u8>)>,
}

impl Envelope {
    /// Reads JSON.
    ///
    /// # Errors
    ///
    /// Why it is no envelope, as a sentence.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let raw: RawEnvelope =
            serde_json::from_slice(bytes).map_err(|error| format!("It is no DSSE envelope: {}.", said(&error)))?;
        Self::from_raw(&raw)
    }

    pub(super) fn from_raw(raw: &RawEnvelope) -> Result<Self, String> {
        if raw.signatures.is_empty() {
            return Err("The DSSE envelope holds no signature.".to_owned());
        }
        if raw.signatures.len() > SIGNATURES_MAX {
            return Err(format!("The DSSE envelope holds more than {SIGNATURES_MAX} signatures."));
        }
        let payload = base64_any(&raw.payload).ok_or("The payload of the DSSE envelope is not base64.")?;
        let signatures = raw
            .signatures
            .iter()
            .map(|one| Some((one.keyid.clone().unwrap_or_default(), base64_any(&one.sig)?)))
            .collect::<Option<_>>()
            .ok_or("A signature of the DSSE envelope is not base64.")?;
        Ok(Self { payload_type: raw.payload_type.clone(), payload, signatures })
    }

    /// What is signed: type and payload with their lengths (DSSE v1).
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        let mut out = format!("DSSEv1 {} {} {} ", self.payload_type.len(), self.payload_type, self.payload.len());
        out.reserve(self.payload.len());
        let mut out = out.into_bytes();
        out.extend_from_slice(&self.payload);
        out
    }
}

/// What comes along with an envelope.
#[derive(Default)]
pub(super) struct Along {
    pub(super) hint: String,
    pub(super) certificate: Option<Certificate>,
    pub(super) chain: Vec<Certificate>,
    pub(super) entries: Vec<Entry>,
    pub(super) stamped: bool,
    pub(super) notes: Vec<String>,
}

impl Along {
    /// Reads cosign's annotations of a layer: certificate, chain, log entry.
    pub(super) fn from_annotations(layer: &ArtifactLayer) -> Self {
        let mut out = Self::default();
        let annotation = |name: &str| layer.annotations.get(name).map(String::as_str).filter(|text| !text.is_empty());
        if let Some(text) = annotation("dev.sigstore.cosign/certificate") {
            match pem_bundle(text) {
                Ok(found) => {
                    let mut found = found.into_iter();
                    out.certificate = found.next();
                    out.chain.extend(found);
                }
                Err(why) => out.notes.push(format!("The certificate that comes along cannot be read: {why}.")),
            }
        }
        if let Some(text) = annotation("dev.sigstore.cosign/chain") {
            match pem_bundle(text) {
                Ok(found) => out.chain.extend(found),
                Err(why) => out.notes.push(format!("The certificate chain that comes along cannot be read: {why}.")),
            }
        }
        if out.chain.len() > CHAIN_MAX {
            out.notes.push(format!("More than {CHAIN_MAX} certificates come along; the others were not looked at."));
            out.chain.truncate(CHAIN_MAX);
        }
        if let Some(text) = annotation("dev.sigstore.cosign/bundle") {
            match Entry::from_annotation(text) {
                Ok(entry) => out.entries.push(entry),
                Err(why) => out.notes.push(why),
            }
        }
        out.stamped = annotation("dev.sigstore.cosign/rfc3161timestamp").is_some();
        out
    }
}

/// Judges a layer that is an envelope.
pub(super) fn judge(artifact: &Artifact, layer: &ArtifactLayer, material: &Material<'_>) -> Verdict {
    let scheme = Scheme::Attestation;
    let bytes = match content(scheme, artifact, layer) {
        Ok(bytes) => bytes,
        Err(verdict) => return *verdict,
    };
    match Envelope::read(bytes) {
        Ok(envelope) => envelope_verdict(artifact, &envelope, Some(bytes), &Along::from_annotations(layer), material),
        Err(why) => malformed(scheme, artifact, Invalid::Format, why),
    }
}

/// The order in which one of several opinions is taken.
pub(super) fn rank(state: State) -> u8 {
    match state {
        State::Verified => 0,
        State::Unreachable => 1,
        State::Expired => 2,
        State::OtherDigest => 3,
        State::Invalid => 4,
        State::OtherSigner => 5,
        _ => 6,
    }
}

/// Judges an envelope with what came along.
pub(super) fn envelope_verdict(
    artifact: &Artifact,
    envelope: &Envelope,
    raw: Option<&[u8]>,
    along: &Along,
    material: &Material<'_>,
) -> Verdict {
    let message = envelope.signed_bytes();
    let mut opinions: Vec<Opinion> = envelope
        .signatures
        .iter()
        .map(|(keyid, bytes)| {
            judge_signer(
                &Signature {
                    bytes,
                    message: Message::Bytes(&message),
                    payload: Some(&envelope.payload),
                    envelope: raw,
                    hint: if keyid.is_empty() { &along.hint } else { keyid },
                    certificate: along.certificate.as_ref(),
                    chain: &along.chain,
                    entries: &along.entries,
                    stamped: along.stamped,
                    notes: &along.notes,
                },
                material,
            )
        })
        .collect();
    opinions.sort_by_key(|opinion| rank(opinion.state));
    let mut opinions = opinions.into_iter();
    let Some(mut best) = opinions.next() else {
        return malformed(Scheme::Attestation, artifact, Invalid::Format, "The DSSE envelope holds no signature.");
    };
    best.notes.extend(opinions.map(|other| format!("Another signature on it: {}.", other.reason)));

    let mut payload_link = link(LinkKind::Payload, "Statement", None);
    payload_link.details.push(("type".to_owned(), shown(&envelope.payload_type)));
    let mut payload = Payload {
        subject: Subject::Bad(String::new()),
        link: payload_link,
        predicate: String::new(),
        name: "The statement".to_owned(),
        notes: Vec::new(),
    };
    let mut scheme = Scheme::Attestation;
    if envelope.payload_type.trim() != IN_TOTO {
        payload.subject = Subject::Bad(format!("It is no in-toto statement, but {}.", shown(&envelope.payload_type)));
    } else {
        match Statement::read(&envelope.payload) {
            Err(why) => payload.subject = Subject::Bad(why),
            Ok(statement) => {
                if statement.predicate_type == COSIGN_SIGN {
                    scheme = Scheme::Cosign;
                    payload.name = "The signature".to_owned();
                } else {
                    best.reason = format!("{}: {}", capital(&statement.title()), lower(&best.reason));
                    payload.name = format!("The {}", statement.title());
                }
                describe(&statement, &mut payload);
            }
        }
    }
    conclude(scheme, artifact, material.facts, best, payload)
}

fn capital(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

fn lower(text: &str) -> String {
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}

/// Fills in what a statement says.
pub(super) fn describe(statement: &Statement, payload: &mut Payload) {
    payload.predicate = short(&statement.predicate_type, 500);
    payload.link.title = capital(&statement.title());
    payload.link.details.extend(statement.details());
    payload.subject = if statement.subjects.is_empty() {
        Subject::Bad("The statement names no digest of what it is about.".to_owned())
    } else {
        Subject::Digests(statement.subjects.iter().map(|(digest, _)| digest.clone()).collect())
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signed_bytes_are_the_pre_authentication_encoding() {
        let envelope = Envelope {
            payload_type: "http://example.com/HelloWorld".to_owned(),
            payload: b"hello world".to_vec(),
            signatures: vec![],
        };
        assert_eq!(envelope.signed_bytes(), b"DSSEv1 29 http://example.com/HelloWorld 11 hello world");
    }

    #[test]
    fn an_envelope_without_signatures_or_base64_is_refused() {
        assert!(Envelope::read(br#"{"payload":"","payloadType":"x","signatures":[]}"#).is_err());
        assert!(Envelope::read(br#"{"payload":"!","payloadType":"x","signatures":[{"sig":"AA=="}]}"#).is_err());
        assert!(Envelope::read(br#"{"payload":"AA==","payloadType":"x","signatures":[{"sig":"!"}]}"#).is_err());
        assert!(
            Envelope::read(br#"{"payload":"AA==","payload":"AA==","payloadType":"x","signatures":[{"sig":"AA=="}]}"#)
                .is_err()
        );
    }
}
