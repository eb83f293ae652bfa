//! What a transparency log entry is about: whether it records this very signature, made with this very key.
//!
//! Kinds of Rekor v1 that are read: hashedrekord 0.0.1, dsse 0.0.1, intoto 0.0.1 and 0.0.2.

use aws_lc_rs::digest;
use serde_json::Value;

use crate::certificates;
use crate::keys::PublicKey;
use crate::text::{base64_any, said, shown};

/// Most signatures of one entry that are looked through.
const SIGNATURES_MAX: usize = 16;

/// What the entry must be about.
pub(crate) struct Claim<'a> {
    /// What is signed: the bytes themselves, or their hash where they are not at hand.
    pub(crate) message: Message<'a>,
    /// The payload within a DSSE envelope; none for a bare signature.
    pub(crate) payload: Option<&'a [u8]>,
    /// The envelope as it was stored, where it was stored by itself.
    pub(crate) envelope: Option<&'a [u8]>,
    /// The signature, decoded.
    pub(crate) signature: &'a [u8],
    /// SubjectPublicKeyInfo of the key that it fits.
    pub(crate) spki: &'a [u8],
    /// The signer's certificate, DER; none for a bare key.
    pub(crate) certificate: Option<&'a [u8]>,
}

/// What is signed.
#[derive(Clone, Copy)]
pub(crate) enum Message<'a> {
    /// These bytes.
    Bytes(&'a [u8]),
    /// Bytes with this SHA-256.
    Sha256(&'a [u8]),
}

/// Compares an entry's body with the signature at hand.
///
/// # Errors
///
/// In what they differ, or that the kind of entry is unknown: a sentence.
pub(crate) fn about(body: &[u8], claim: &Claim<'_>) -> Result<(), String> {
    let body: Value = serde_json::from_slice(body)
        .map_err(|error| format!("The log entry's body cannot be read: {}.", said(&error)))?;
    let kind = body.get("kind").and_then(Value::as_str).unwrap_or_default();
    let version = body.get("apiVersion").and_then(Value::as_str).unwrap_or_default();
    let spec = body.get("spec").unwrap_or(&Value::Null);
    match (kind, version) {
        ("hashedrekord", "0.0.1") => hashed(spec, claim),
        ("dsse", "0.0.1") => dsse(spec, claim),
        ("intoto", "0.0.1") => intoto_1(spec, claim),
        ("intoto", "0.0.2") => intoto_2(spec, claim),
        _ => Err(format!("The log entry is of a kind that is not read here: {} {}.", shown(kind), shown(version))),
    }
}

const OTHER_CONTENT: &str = "The log entry is about other content than what is signed here.";
const OTHER_SIGNATURE: &str = "The log entry is about another signature than this one.";
const OTHER_KEY: &str = "The log entry is about another key than the one that signed here.";

fn at<'a>(value: &'a Value, path: &[&str]) -> Option<&'a Value> {
    path.iter().try_fold(value, |value, key| value.get(key))
}

fn text<'a>(value: &'a Value, path: &[&str]) -> &'a str {
    at(value, path).and_then(Value::as_str).unwrap_or_default()
}

fn hash_is(hash: Option<&Value>, bytes: &[u8]) -> bool {
    let Some(hash) = hash else {
        return false;
    };
    let algorithm = match text(hash, &["algorithm"]) {
        "sha256" => &digest::SHA256,
        "sha384" => &digest::SHA384,
        "sha512" => &digest::SHA512,
        _ => return false,
    };
    hex::decode(text(hash, &["value"])).is_ok_and(|value| value == digest::digest(algorithm, bytes).as_ref())
}

/// Whether base64 of PEM holds the signer's key or certificate.
fn key_is(encoded: &str, claim: &Claim<'_>) -> bool {
    let Some(pem) = base64_any(encoded).and_then(|bytes| String::from_utf8(bytes).ok()) else {
        return false;
    };
    if pem.contains("BEGIN CERTIFICATE") {
        return certificates::pem_bundle(&pem).is_ok_and(|found| {
            found.first().is_some_and(|one| match claim.certificate {
                Some(certificate) => one.der() == certificate,
                None => one.spki() == claim.spki,
            })
        });
    }
    claim.certificate.is_none() && PublicKey::from_pem(&pem).is_ok_and(|key| key.spki() == claim.spki)
}

fn hashed(spec: &Value, claim: &Claim<'_>) -> Result<(), String> {
    let hash = at(spec, &["data", "hash"]);
    let fits = match claim.message {
        Message::Bytes(bytes) => hash_is(hash, bytes),
        Message::Sha256(wanted) => hash.is_some_and(|hash| {
            text(hash, &["algorithm"]) == "sha256"
                && hex::decode(text(hash, &["value"])).is_ok_and(|value| value == wanted)
        }),
    };
    if !fits {
        return Err(OTHER_CONTENT.to_owned());
    }
    if base64_any(text(spec, &["signature", "content"])).as_deref() != Some(claim.signature) {
        return Err(OTHER_SIGNATURE.to_owned());
    }
    if !key_is(text(spec, &["signature", "publicKey", "content"]), claim) {
        return Err(OTHER_KEY.to_owned());
    }
    Ok(())
}

fn dsse(spec: &Value, claim: &Claim<'_>) -> Result<(), String> {
    if !claim.payload.is_some_and(|payload| hash_is(spec.get("payloadHash"), payload)) {
        return Err(OTHER_CONTENT.to_owned());
    }
    let signatures = spec.get("signatures").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let mine: Vec<&Value> = signatures
        .iter()
        .take(SIGNATURES_MAX)
        .filter(|one| base64_any(text(one, &["signature"])).as_deref() == Some(claim.signature))
        .collect();
    if mine.is_empty() {
        return Err(OTHER_SIGNATURE.to_owned());
    }
    if !mine.iter().any(|one| key_is(text(one, &["verifier"]), claim)) {
        return Err(OTHER_KEY.to_owned());
    }
    Ok(())
}

/// The oldest kind does not hold the signature: the hash of the whole envelope must do.
fn intoto_1(spec: &Value, claim: &Claim<'_>) -> Result<(), String> {
    if !claim.payload.is_some_and(|payload| hash_is(at(spec, &["content", "payloadHash"]), payload)) {
        return Err(OTHER_CONTENT.to_owned());
    }
    if !claim.envelope.is_some_and(|envelope| hash_is(at(spec, &["content", "hash"]), envelope)) {
        return Err(OTHER_SIGNATURE.to_owned());
    }
    if !key_is(text(spec, &["publicKey"]), claim) {
        return Err(OTHER_KEY.to_owned());
    }
    Ok(())
}

fn intoto_2(spec: &Value, claim: &Claim<'_>) -> Result<(), String> {
    if !claim.payload.is_some_and(|payload| hash_is(at(spec, &["content", "payloadHash"]), payload)) {
        return Err(OTHER_CONTENT.to_owned());
    }
    let signatures = at(spec, &["content", "envelope", "signatures"]).and_then(Value::as_array);
    // The log stores the signature's base64 in base64 once more.
    let decoded = |one: &Value| {
        let once = base64_any(text(one, &["sig"]))?;
        let again = std::str::from_utf8(&once).ok().and_then(base64_any);
        Some(again.unwrap_or(once))
    };
    let mine: Vec<&Value> = signatures
        .into_iter()
        .flatten()
        .take(SIGNATURES_MAX)
        .filter(|one| decoded(one).as_deref() == Some(claim.signature))
        .collect();
    if mine.is_empty() {
        return Err(OTHER_SIGNATURE.to_owned());
    }
    if !mine.iter().any(|one| key_is(text(one, &["publicKey"]), claim)) {
        return Err(OTHER_KEY.to_owned());
    }
    Ok(())
}
