//! What both envelopes of Notation hold, whatever their encoding (Notary Project: signature specification).

use serde::Deserialize;
use time::OffsetDateTime;

use crate::certificates::Certificate;
use crate::keys::{Algorithm, Hash, Kind, PublicKey};
use crate::text::shown;

/// Media type of the payload.
pub(super) const PAYLOAD: &str = "application/vnd.cncf.notary.payload.v1+json";
/// Names of headers.
pub(super) const SCHEME: &str = "io.cncf.notary.signingScheme";
pub(super) const SIGNING_TIME: &str = "io.cncf.notary.signingTime";
pub(super) const AUTHENTIC_TIME: &str = "io.cncf.notary.authenticSigningTime";
pub(super) const EXPIRY: &str = "io.cncf.notary.expiry";
pub(super) const AGENT: &str = "io.cncf.notary.signingAgent";
pub(super) const TIMESTAMP: &str = "io.cncf.notary.timestampSignature";

/// Most bytes of an envelope: payload, headers, certificates, a timestamp.
pub(super) const ENVELOPE_MAX: usize = 1 << 20;

/// Who says when it was signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Signing {
    /// `notary.x509`: the signer; a timestamp can prove it.
    X509,
    /// `notary.x509.signingAuthority`: a service that is trusted for it.
    Authority,
}

/// An envelope that was read.
pub(super) struct Envelope {
    pub(super) algorithm: Algorithm,
    pub(super) signing: Signing,
    /// When it was signed by the signer's word, or by the authority's.
    pub(super) signed_at: OffsetDateTime,
    /// Until when the signature counts.
    pub(super) expiry: Option<OffsetDateTime>,
    /// Leaf first, as they came.
    pub(super) certificates: Vec<Certificate>,
    pub(super) payload: Vec<u8>,
    /// The bytes under the signature.
    pub(super) signed: Vec<u8>,
    pub(super) signature: Vec<u8>,
    /// The program that signed; may be empty.
    pub(super) agent: String,
    /// Whether a timestamp of an authority came along.
    pub(super) stamped: bool,
}

/// Protected headers before they are judged.
#[derive(Default)]
pub(super) struct Headers {
    pub(super) critical: Vec<String>,
    pub(super) content_type: String,
    pub(super) scheme: String,
    pub(super) signing_time: Option<OffsetDateTime>,
    pub(super) authentic_time: Option<OffsetDateTime>,
    pub(super) expiry: Option<OffsetDateTime>,
}

impl Headers {
    /// Judges the headers: scheme, time, expiry.
    ///
    /// # Errors
    ///
    /// A sentence.
    pub(super) fn judge(&self) -> Result<(Signing, OffsetDateTime), String> {
        if self.content_type != PAYLOAD {
            return Err(format!("Its content is of another type than Notation signs: {}.", shown(&self.content_type)));
        }
        let is_critical = |name: &str| self.critical.iter().any(|one| one == name);
        for name in &self.critical {
            let known = match name.as_str() {
                SCHEME => true,
                EXPIRY => self.expiry.is_some(),
                AUTHENTIC_TIME => self.authentic_time.is_some(),
                _ => false,
            };
            if !known {
                return Err(format!(
                    "A header is marked as critical that is unknown here, or is not there: {}.",
                    shown(name)
                ));
            }
        }
        if !is_critical(SCHEME) {
            return Err("The signing scheme is not marked as critical.".to_owned());
        }
        if self.expiry.is_some() && !is_critical(EXPIRY) {
            return Err("The expiry is not marked as critical.".to_owned());
        }
        match (self.scheme.as_str(), self.signing_time, self.authentic_time) {
            ("notary.x509", Some(at), None) => Ok((Signing::X509, at)),
            ("notary.x509.signingAuthority", None, Some(at)) if is_critical(AUTHENTIC_TIME) => {
                Ok((Signing::Authority, at))
            }
            ("notary.x509" | "notary.x509.signingAuthority", _, _) => {
                Err("The time of signing is not given as the signing scheme wants it.".to_owned())
            }
            (other, _, _) => Err(format!("The signing scheme is unknown: {}.", shown(other))),
        }
    }
}

/// Whether a key may sign with an algorithm: the specification ties each size of key to one.
pub(super) fn suits(key: &PublicKey, algorithm: Algorithm) -> bool {
    matches!(
        (key.kind(), algorithm),
        (Kind::P256, ES256)
            | (Kind::P384, ES384)
            | (Kind::P521, ES512)
            | (Kind::Rsa(2048), PS256)
            | (Kind::Rsa(3072), PS384)
            | (Kind::Rsa(4096), PS512)
    )
}

/// The algorithms that may be named (RFC 7518, RFC 9053).
pub(super) const ES256: Algorithm = Algorithm::EcdsaFixed(Hash::Sha256);
pub(super) const ES384: Algorithm = Algorithm::EcdsaFixed(Hash::Sha384);
pub(super) const ES512: Algorithm = Algorithm::EcdsaFixed(Hash::Sha512);
pub(super) const PS256: Algorithm = Algorithm::RsaPss(Hash::Sha256);
pub(super) const PS384: Algorithm = Algorithm::RsaPss(Hash::Sha384);
pub(super) const PS512: Algorithm = Algorithm::RsaPss(Hash::Sha512);

/// The name of an algorithm.
pub(super) fn title(algorithm: Algorithm) -> &'static str {
    match algorithm {
        ES256 => "ES256",
        ES384 => "ES384",
        ES512 => "ES512",
        PS256 => "PS256",
        PS384 => "PS384",
        PS512 => "PS512",
        _ => "another algorithm",
    }
}

/// What is signed.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Payload {
    pub(super) target_artifact: Target,
}

/// The descriptor of the artifact.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Target {
    #[serde(default)]
    pub(super) media_type: String,
    pub(super) digest: String,
    #[serde(default)]
    pub(super) size: u64,
    #[serde(default)]
    pub(super) annotations: Option<std::collections::BTreeMap<String, String>>,
}
