//! X.509 certificates: who is named, what the key may do, who issued whom (RFC 5280).

use std::ops::Range;

use der::{Decode, Encode, Reader, SliceReader};
use serde::Serialize;
use time::OffsetDateTime;
use x509_cert::Certificate as X509;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::algorithms::{KeyProblem, PublicKey, sha256};

/// How the issuers made by this crate are recognised by name.
pub(crate) const OWN_ISSUER: &str = "(Plimsoll issuer";

/// What a certificate says about its holder, for showing. It is the certificate's own claim, not a proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct IdentitySummary {
    /// Common name of the holder, or the whole name where there is none.
    pub name: String,
    /// The holder's organization.
    pub organization: Option<String>,
    /// Common name of the issuer, or the whole name where there is none.
    pub issuer: String,
    /// Serial number in hexadecimal.
    pub serial: String,
    /// Valid from.
    #[serde(with = "time::serde::rfc3339")]
    pub not_before: OffsetDateTime,
    /// Valid until.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
    /// SHA-256 of the certificate in hexadecimal.
    pub sha256_fingerprint: String,
    /// Kind of key, for example `ECDSA P-256` or `RSA 3072`.
    pub algorithm: String,
    /// No third party vouches for the name: the certificate is self-signed, or by an issuer that Plimsoll made for it.
    pub self_issued: bool,
}

/// Why a certificate may not sign; [`crate::IdentityError`] makes sentences of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    Expired(OffsetDateTime),
    NotYetValid(OffsetDateTime),
    KeyUsage,
}

/// A certificate with its exact bytes.
#[derive(Debug, Clone)]
pub(crate) struct Certificate {
    der: Vec<u8>,
    tbs: Range<usize>,
    parsed: X509,
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.der == other.der
    }
}

impl Certificate {
    pub(crate) fn from_der(der: &[u8]) -> der::Result<Self> {
        let parsed = X509::from_der(der)?;
        let mut reader = SliceReader::new(der)?;
        let (before, tbs) = reader.sequence(|inner| {
            let before = usize::try_from(inner.position())?;
            let tbs = inner.tlv_bytes()?.len();
            let rest = inner.remaining_len();
            inner.drain(rest)?;
            Ok::<_, der::Error>((before, tbs))
        })?;
        Ok(Self { der: der.to_vec(), tbs: before..before + tbs, parsed })
    }

    pub(crate) fn der(&self) -> &[u8] {
        &self.der
    }

    pub(crate) fn issuer(&self) -> &Name {
        self.parsed.tbs_certificate().issuer()
    }

    pub(crate) fn serial(&self) -> &x509_cert::serial_number::SerialNumber {
        self.parsed.tbs_certificate().serial_number()
    }

    /// The SubjectPublicKeyInfo in DER.
    pub(crate) fn spki(&self) -> der::Result<Vec<u8>> {
        self.parsed.tbs_certificate().subject_public_key_info().to_der()
    }

    pub(crate) fn public_key(&self) -> Result<PublicKey, KeyProblem> {
        let spki = self.spki().map_err(|_| KeyProblem::UnsupportedKey("unreadable".to_owned()))?;
        PublicKey::from_spki(&self.parsed.tbs_certificate().subject_public_key_info().algorithm, &spki)
    }

    /// Subject and issuer are one; in a chain from [`Self::chain_from`] such a certificate has been checked with its own key.
    pub(crate) fn names_itself(&self) -> bool {
        self.parsed.tbs_certificate().subject() == self.issuer()
    }

    pub(crate) fn name(&self) -> String {
        display_name(self.parsed.tbs_certificate().subject())
    }

    pub(crate) fn validity(&self) -> (OffsetDateTime, OffsetDateTime) {
        let validity = self.parsed.tbs_certificate().validity();
        (moment(validity.not_before), moment(validity.not_after))
    }

    pub(crate) fn summary(&self) -> IdentitySummary {
        let tbs = self.parsed.tbs_certificate();
        let (not_before, not_after) = self.validity();
        let issuer = display_name(tbs.issuer());
        IdentitySummary {
            name: self.name(),
            organization: tbs.subject().organization().ok().flatten().map(|text| text.value().into_owned()),
            self_issued: self.names_itself() || issuer.contains(OWN_ISSUER),
            issuer,
            serial: hex::encode(tbs.serial_number().as_bytes()),
            not_before,
            not_after,
            sha256_fingerprint: hex::encode(sha256(&self.der)),
            algorithm: self
                .public_key()
                .map_or_else(|_| tbs.subject_public_key_info().algorithm.oid.to_string(), |key| key.name()),
        }
    }

    /// Whether the key may sign documents at a time (RFC 5280, 4.1.2.5 and 4.2.1.3). A certificate that does not say
    /// what its key is for is refused too.
    pub(crate) fn check_signing(&self, at: OffsetDateTime) -> Result<(), Unfit> {
        let (not_before, not_after) = self.validity();
        if at < not_before {
            return Err(Unfit::NotYetValid(not_before));
        }
        if at > not_after {
            return Err(Unfit::Expired(not_after));
        }
        match self.parsed.tbs_certificate().get_extension::<KeyUsage>() {
            Ok(Some((_, usage))) if usage.digital_signature() || usage.non_repudiation() => Ok(()),
            _ => Err(Unfit::KeyUsage),
        }
    }

    /// Whether `issuer` signed this certificate, and may (RFC 5280, 6.1.3 a and 6.1.4 k, n).
    pub(crate) fn is_issued_by(&self, issuer: &Self) -> bool {
        let issuer_tbs = issuer.parsed.tbs_certificate();
        let is_ca = match issuer_tbs.get_extension::<BasicConstraints>() {
            Ok(found) => found.is_some_and(|(_, constraints)| constraints.ca),
            Err(_) => false,
        };
        let may_certify = match issuer_tbs.get_extension::<KeyUsage>() {
            Ok(found) => found.is_none_or(|(_, usage)| usage.key_cert_sign()),
            Err(_) => false,
        };
        self.issuer() == issuer_tbs.subject() && is_ca && may_certify && self.is_signed_by(issuer)
    }

    fn is_signed_by(&self, issuer: &Self) -> bool {
        let algorithm = self.parsed.signature_algorithm();
        if algorithm != self.parsed.tbs_certificate().signature() {
            return false;
        }
        let (Ok(key), Some(tbs), Some(signature)) =
            (issuer.public_key(), self.der.get(self.tbs.clone()), self.parsed.signature().as_bytes())
        else {
            return false;
        };
        key.verify(algorithm, None, tbs, signature).is_ok()
    }

    /// The verified chain from this certificate's issuer upwards, taken from a heap of certificates. It ends where no
    /// further issuer is found that can be checked; a self-signed end is checked too.
    pub(crate) fn chain_from(&self, heap: &[Self]) -> Vec<Self> {
        let mut chain: Vec<Self> = Vec::new();
        let mut current = self;
        while !current.names_itself() {
            let issuer = heap.iter().find(|candidate| {
                *candidate != self
                    && !chain.contains(candidate)
                    && current.is_issued_by(candidate)
                    && (!candidate.names_itself() || candidate.is_signed_by(candidate))
            });
            let Some(issuer) = issuer else { break };
            chain.push(issuer.clone());
            current = issuer;
        }
        chain
    }
}

fn moment(time: Time) -> OffsetDateTime {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn display_name(name: &Name) -> String {
    match name.common_name() {
        Ok(Some(text)) => text.value().into_owned(),
        _ => name.to_string(),
    }
}
