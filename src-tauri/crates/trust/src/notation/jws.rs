//! Notation's envelope in JSON: a flattened JWS (RFC 7515) with its certificates beside it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::IgnoredAny;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::envelope::{ES256, ES384, ES512, Envelope, Headers, PS256, PS384, PS512};
use crate::certificates::{CHAIN_MAX, Certificate};
use crate::text::{base64_any, base64_url, said, shown};

#[derive(Deserialize)]
struct Raw {
    payload: String,
    protected: String,
    signature: String,
    header: Unprotected,
}

#[derive(Deserialize)]
struct Unprotected {
    x5c: Vec<String>,
    #[serde(rename = "io.cncf.notary.signingAgent", default)]
    agent: Option<String>,
    #[serde(rename = "io.cncf.notary.timestampSignature", default)]
    timestamp: Option<IgnoredAny>,
}

#[derive(Deserialize)]
struct Protected {
    alg: String,
    #[serde(default)]
    crit: Vec<String>,
    #[serde(default)]
    cty: String,
    #[serde(rename = "io.cncf.notary.signingScheme", default)]
    scheme: String,
    #[serde(rename = "io.cncf.notary.signingTime", default)]
    signing_time: Option<String>,
    #[serde(rename = "io.cncf.notary.authenticSigningTime", default)]
    authentic_time: Option<String>,
    #[serde(rename = "io.cncf.notary.expiry", default)]
    expiry: Option<String>,
    /// Others: fine, as long as they are not critical.
    #[serde(flatten)]
    _others: BTreeMap<String, IgnoredAny>,
}

/// Reads an envelope.
///
/// # Errors
///
/// Why it is none, or why its headers forbid to take it: a sentence.
pub(super) fn read(bytes: &[u8]) -> Result<Envelope, String> {
    let raw: Raw = serde_json::from_slice(bytes).map_err(|error| format!("It is no JWS in JSON: {}.", said(&error)))?;
    let protected = base64_url(&raw.protected).ok_or("The protected headers are not base64.")?;
    let protected: Protected = serde_json::from_slice(&protected)
        .map_err(|error| format!("The protected headers cannot be read: {}.", said(&error)))?;
    let algorithm = match protected.alg.as_str() {
        "ES256" => ES256,
        "ES384" => ES384,
        "ES512" => ES512,
        "PS256" => PS256,
        "PS384" => PS384,
        "PS512" => PS512,
        other => return Err(format!("Its algorithm is not one of Notation's: {}.", shown(other))),
    };
    let headers = Headers {
        critical: protected.crit,
        content_type: protected.cty,
        scheme: protected.scheme,
        signing_time: time(protected.signing_time)?,
        authentic_time: time(protected.authentic_time)?,
        expiry: time(protected.expiry)?,
    };
    let (signing, signed_at) = headers.judge()?;
    if raw.header.x5c.is_empty() || raw.header.x5c.len() > CHAIN_MAX {
        return Err(format!("It must come with one to {CHAIN_MAX} certificates, and has {}.", raw.header.x5c.len()));
    }
    let mut certificates = Vec::new();
    for one in &raw.header.x5c {
        let der = base64_any(one).ok_or("A certificate of the signature is not base64.")?;
        certificates.push(
            Certificate::from_der(&der)
                .map_err(|why| format!("A certificate of the signature cannot be read: {why}."))?,
        );
    }
    Ok(Envelope {
        algorithm,
        signing,
        signed_at,
        expiry: headers.expiry,
        certificates,
        payload: base64_url(&raw.payload).ok_or("The payload is not base64.")?,
        signed: format!("{}.{}", raw.protected, raw.payload).into_bytes(),
        signature: base64_url(&raw.signature).ok_or("The signature is not base64.")?,
        agent: raw.header.agent.unwrap_or_default(),
        stamped: raw.header.timestamp.is_some(),
    })
}

fn time(text: Option<String>) -> Result<Option<OffsetDateTime>, String> {
    text.map(|text| {
        OffsetDateTime::parse(&text, &Rfc3339).map_err(|_| format!("A time in it cannot be read: {}.", shown(&text)))
    })
    .transpose()
}
