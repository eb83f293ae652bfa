//! Notation's envelope in CBOR: COSE_Sign1 (RFC 9052), read by coset.

use coset::cbor::value::Value;
use coset::iana::{self, EnumI64 as _};
use coset::{Algorithm, ContentType, CoseSign1, Label, RegisteredLabelWithPrivate, TaggedCborSerializable as _};
use time::OffsetDateTime;

use super::envelope::{
    AGENT, AUTHENTIC_TIME, ES256, ES384, ES512, EXPIRY, Envelope, Headers, PS256, PS384, PS512, SCHEME, SIGNING_TIME,
    TIMESTAMP,
};
use crate::certificates::{CHAIN_MAX, Certificate};
use crate::text::{from_unix, said};

/// Most critical headers.
const CRITICAL_MAX: usize = 16;

/// Reads an envelope.
///
/// # Errors
///
/// Why it is none, or why its headers forbid to take it: a sentence.
pub(super) fn read(bytes: &[u8]) -> Result<Envelope, String> {
    let read =
        CoseSign1::from_tagged_slice(bytes).map_err(|error| format!("It is no COSE_Sign1: {}.", said(&error)))?;
    let signed = read.tbs_data(&[]);
    let payload = read.payload.ok_or("It holds no payload.")?;
    let protected = read.protected.header;
    let algorithm = match protected.alg {
        Some(Algorithm::Assigned(iana::Algorithm::ES256)) => ES256,
        Some(Algorithm::Assigned(iana::Algorithm::ES384)) => ES384,
        Some(Algorithm::Assigned(iana::Algorithm::ES512)) => ES512,
        Some(Algorithm::Assigned(iana::Algorithm::PS256)) => PS256,
        Some(Algorithm::Assigned(iana::Algorithm::PS384)) => PS384,
        Some(Algorithm::Assigned(iana::Algorithm::PS512)) => PS512,
        _ => return Err("Its algorithm is not one of Notation's.".to_owned()),
    };
    if protected.crit.len() > CRITICAL_MAX {
        return Err(format!("It marks more than {CRITICAL_MAX} headers as critical."));
    }
    let text = |label: &str| {
        protected
            .rest
            .iter()
            .find(|(name, _)| matches!(name, Label::Text(name) if name == label))
            .map(|(_, value)| value)
    };
    let headers = Headers {
        critical: protected
            .crit
            .iter()
            .map(|label| match label {
                RegisteredLabelWithPrivate::Text(text) => text.clone(),
                RegisteredLabelWithPrivate::PrivateUse(number) => number.to_string(),
                RegisteredLabelWithPrivate::Assigned(label) => label.to_i64().to_string(),
            })
            .collect(),
        content_type: match &protected.content_type {
            Some(ContentType::Text(text)) => text.clone(),
            _ => String::new(),
        },
        scheme: text(SCHEME).and_then(Value::as_text).unwrap_or_default().to_owned(),
        signing_time: text(SIGNING_TIME).map(time).transpose()?,
        authentic_time: text(AUTHENTIC_TIME).map(time).transpose()?,
        expiry: text(EXPIRY).map(time).transpose()?,
    };
    let (signing, signed_at) = headers.judge()?;
    let beside = |wanted: &Label| read.unprotected.rest.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    let chain: Vec<&[u8]> = match beside(&Label::Int(iana::HeaderParameter::X5Chain.to_i64())) {
        Some(Value::Bytes(one)) => vec![one],
        Some(Value::Array(several)) => several
            .iter()
            .take(CHAIN_MAX.saturating_add(1))
            .map(|one| one.as_bytes().map(Vec::as_slice))
            .collect::<Option<_>>()
            .ok_or("A certificate of the signature is not bytes.")?,
        _ => Vec::new(),
    };
    if chain.is_empty() || chain.len() > CHAIN_MAX {
        return Err(format!("It must come with one to {CHAIN_MAX} certificates."));
    }
    let mut certificates = Vec::new();
    for der in chain {
        certificates.push(
            Certificate::from_der(der)
                .map_err(|why| format!("A certificate of the signature cannot be read: {why}."))?,
        );
    }
    Ok(Envelope {
        algorithm,
        signing,
        signed_at,
        expiry: headers.expiry,
        certificates,
        payload,
        signed,
        signature: read.signature,
        agent: beside(&Label::Text(AGENT.to_owned())).and_then(Value::as_text).unwrap_or_default().to_owned(),
        stamped: beside(&Label::Text(TIMESTAMP.to_owned())).is_some(),
    })
}

/// A time: tag 1 around whole seconds since 1970.
fn time(value: &Value) -> Result<OffsetDateTime, String> {
    let seconds = match value {
        Value::Tag(1, inner) => inner.as_integer().and_then(|seconds| i64::try_from(seconds).ok()),
        _ => None,
    };
    seconds.and_then(from_unix).ok_or_else(|| "A time in it cannot be read.".to_owned())
}
