//! Sigstore bundles v0.1 to v0.3: a signature, or an envelope, with all that its verification needs, in one JSON.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::body::Message;
use super::dsse::{Along, Envelope, RawEnvelope, envelope_verdict};
use super::log::{Entry, RawEntry};
use super::statement::COSIGN_SIGN;
use super::subject::{Payload, Subject, conclude, malformed};
use super::who::{self, Signature, link};
use super::{BUNDLE, BUNDLE_PREDICATE, content};
use crate::certificates::{CHAIN_MAX, Certificate};
use crate::facts::{Artifact, ArtifactLayer};
use crate::material::Material;
use crate::text::{base64_any, said, shown};
use crate::verdict::{Invalid, LinkKind, Scheme, Verdict};

/// Most log entries of one bundle.
const ENTRIES_MAX: usize = 8;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    #[serde(default)]
    media_type: String,
    verification_material: RawMaterial,
    #[serde(default)]
    message_signature: Option<RawMessage>,
    #[serde(default)]
    dsse_envelope: Option<RawEnvelope>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMaterial {
    #[serde(default)]
    public_key: Option<RawKey>,
    #[serde(default)]
    certificate: Option<RawBytes>,
    #[serde(default)]
    x509_certificate_chain: Option<RawChain>,
    #[serde(default)]
    tlog_entries: Option<Vec<RawEntry>>,
    #[serde(default)]
    timestamp_verification_data: Option<RawTimestamps>,
}

#[derive(Deserialize)]
struct RawKey {
    #[serde(default)]
    hint: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBytes {
    #[serde(default)]
    raw_bytes: String,
}

#[derive(Deserialize)]
struct RawChain {
    #[serde(default)]
    certificates: Vec<RawBytes>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawTimestamps {
    #[serde(default)]
    rfc3161_timestamps: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawMessage {
    #[serde(default)]
    message_digest: Option<RawDigest>,
    signature: String,
}

#[derive(Deserialize)]
struct RawDigest {
    #[serde(default)]
    algorithm: String,
    #[serde(default)]
    digest: String,
}

/// The scheme that a bundle's annotations name; none where they say nothing.
pub(super) fn scheme_by_annotation(artifact: &Artifact) -> Option<Scheme> {
    #[derive(Deserialize)]
    struct Manifest {
        #[serde(default)]
        annotations: std::collections::BTreeMap<String, String>,
    }
    let manifest: Manifest = serde_json::from_slice(&artifact.manifest.0).ok()?;
    let predicate = manifest.annotations.get(BUNDLE_PREDICATE)?;
    Some(if predicate == COSIGN_SIGN { Scheme::Cosign } else { Scheme::Attestation })
}

/// The payload of a bundle's envelope.
pub(super) fn payload(bytes: &[u8]) -> Option<Vec<u8>> {
    let raw: Raw = serde_json::from_slice(bytes).ok()?;
    Some(Envelope::from_raw(&raw.dsse_envelope?).ok()?.payload)
}

/// Judges a layer that is a bundle. Where it cannot be read and nothing tells whether it is a signature or a statement,
/// both are in doubt.
pub(super) fn judge(artifact: &Artifact, layer: &ArtifactLayer, material: &Material<'_>) -> Vec<Verdict> {
    let known = scheme_by_annotation(artifact);
    let scheme = known.unwrap_or(Scheme::Cosign);
    let bytes = match content(scheme, artifact, layer) {
        Ok(bytes) => bytes,
        Err(verdict) => {
            let other = known.is_none().then(|| Verdict { scheme: Scheme::Attestation, ..(*verdict).clone() });
            return std::iter::once(*verdict).chain(other).collect();
        }
    };
    vec![match serde_json::from_slice::<Raw>(bytes) {
        Ok(raw) => bundle(artifact, &raw, scheme, material),
        Err(error) => {
            malformed(scheme, artifact, Invalid::Format, format!("It is no Sigstore bundle: {}.", said(&error)))
        }
    }]
}

fn bundle(artifact: &Artifact, raw: &Raw, scheme: Scheme, material: &Material<'_>) -> Verdict {
    if !raw.media_type.starts_with(BUNDLE) {
        return malformed(
            scheme,
            artifact,
            Invalid::Format,
            format!("It is no Sigstore bundle: its media type is {}.", shown(&raw.media_type)),
        );
    }
    let along = match along(&raw.verification_material) {
        Ok(along) => along,
        Err(why) => return malformed(scheme, artifact, Invalid::Format, why),
    };
    match (&raw.dsse_envelope, &raw.message_signature) {
        (Some(envelope), None) => match Envelope::from_raw(envelope) {
            Ok(envelope) => envelope_verdict(artifact, &envelope, None, &along, material),
            Err(why) => malformed(scheme, artifact, Invalid::Format, why),
        },
        (None, Some(message)) => message_verdict(artifact, message, &along, material),
        _ => malformed(
            scheme,
            artifact,
            Invalid::Format,
            "The bundle must hold either a signature or an envelope, and holds both or none.",
        ),
    }
}

fn along(raw: &RawMaterial) -> Result<Along, String> {
    let mut out = Along::default();
    let certificates: Vec<&RawBytes> = match (&raw.certificate, &raw.x509_certificate_chain) {
        (Some(one), None) => vec![one],
        (None, Some(chain)) => chain.certificates.iter().collect(),
        (None, None) => Vec::new(),
        (Some(_), Some(_)) => return Err("The bundle holds a certificate twice.".to_owned()),
    };
    if certificates.len() > CHAIN_MAX {
        return Err(format!("The bundle holds more than {CHAIN_MAX} certificates."));
    }
    for one in certificates {
        let der = base64_any(&one.raw_bytes).ok_or("A certificate of the bundle is not base64.")?;
        let one =
            Certificate::from_der(&der).map_err(|why| format!("A certificate of the bundle cannot be read: {why}."))?;
        if out.certificate.is_none() {
            out.certificate = Some(one);
        } else {
            out.chain.push(one);
        }
    }
    if let Some(key) = &raw.public_key {
        out.hint = key.hint.clone();
    }
    let entries = raw.tlog_entries.as_deref().unwrap_or_default();
    if entries.len() > ENTRIES_MAX {
        return Err(format!("The bundle holds more than {ENTRIES_MAX} log entries."));
    }
    for entry in entries {
        match Entry::from_bundle(entry) {
            Ok(entry) => out.entries.push(entry),
            Err(why) => out.notes.push(why),
        }
    }
    out.stamped = raw.timestamp_verification_data.as_ref().is_some_and(|data| !data.rfc3161_timestamps.is_empty());
    Ok(out)
}

/// A bare signature: over the image's manifest, which is known by its digest.
fn message_verdict(artifact: &Artifact, raw: &RawMessage, along: &Along, material: &Material<'_>) -> Verdict {
    let scheme = Scheme::Cosign;
    let Some(signature) = base64_any(&raw.signature).filter(|signature| !signature.is_empty()) else {
        return malformed(scheme, artifact, Invalid::Format, "The bundle's signature is not base64.");
    };
    let digest = raw.message_digest.as_ref();
    let algorithm = digest.map(|digest| digest.algorithm.as_str()).unwrap_or_default();
    if !matches!(algorithm, "SHA2_256" | "") {
        return malformed(
            scheme,
            artifact,
            Invalid::Format,
            format!("The bundle's digest is of a kind that is not read here: {}.", shown(algorithm)),
        );
    }
    // The digest is a hint; without one the image's own is what must have been signed.
    let hash = match digest.filter(|digest| !digest.digest.is_empty()) {
        Some(digest) => base64_any(&digest.digest),
        None => artifact.subject.strip_prefix("sha256:").and_then(|hash| hex::decode(hash).ok()),
    };
    let Some(hash) = hash.filter(|hash| hash.len() == 32) else {
        return malformed(scheme, artifact, Invalid::Format, "The bundle's digest is no SHA-256.");
    };
    let opinion = who::judge(
        &Signature {
            bytes: &signature,
            message: Message::Sha256(&hash),
            payload: None,
            envelope: None,
            hint: &along.hint,
            certificate: along.certificate.as_ref(),
            chain: &along.chain,
            entries: &along.entries,
            stamped: along.stamped,
            notes: &along.notes,
        },
        material,
    );
    let signed = format!("sha256:{}", hex::encode(&hash));
    let mut payload_link = link(LinkKind::Payload, "The manifest itself", None);
    payload_link.details.push(("digest".to_owned(), signed.clone()));
    let payload = Payload {
        subject: Subject::Digests(vec![signed]),
        link: payload_link,
        predicate: String::new(),
        name: "The signature".to_owned(),
        notes: Vec::new(),
    };
    conclude(scheme, artifact, material.facts, opinion, payload)
}
