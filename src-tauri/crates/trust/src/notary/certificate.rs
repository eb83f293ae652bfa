//! Certificates of root keys (X.509, RFC 5280): for which repository, until when, and from which authority.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5280, rfc5912, rfc8410};
use der::{Decode as _, Encode as _, Reader as _, SliceReader};
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;
use x509_cert::Certificate as X509;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::time::Time;

use super::words::shown;
use crate::keys::{Algorithm, Hash, PublicKey};

/// Most certificates in one PEM text.
const MAX_CERTIFICATES: usize = 64;
/// Longest path from a leaf to its authority.
const MAX_DEPTH: usize = 8;
/// Most signatures that are checked on the way, so that a tangle of equal names ends.
const MAX_CHECKS: usize = 128;

/// ecdsa-with-SHA1 (RFC 3279, 2.2.3).
const ECDSA_WITH_SHA_1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.1");

/// A certificate with its exact bytes.
#[derive(Debug, Clone)]
pub(super) struct Certificate {
    der: Vec<u8>,
    tbs: Vec<u8>,
    parsed: X509,
}

/// What a root key came in: its leaf, and what stood beside it.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    pub(super) leaf: Certificate,
    others: Vec<Certificate>,
}

/// Reads the certificates of a PEM text; other text between the blocks is passed over.
///
/// # Errors
///
/// Why not, as the end of a sentence.
pub(super) fn bundle(pem: &[u8]) -> Result<Vec<Certificate>, String> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    const END: &str = "-----END CERTIFICATE-----";
    let text = std::str::from_utf8(pem).map_err(|_| "the certificate is no PEM text".to_owned())?;
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((_, after)) = rest.split_once(BEGIN) {
        if found.len() == MAX_CERTIFICATES {
            return Err(format!("there are more than {MAX_CERTIFICATES} certificates in one PEM text"));
        }
        let (body, after) = after.split_once(END).ok_or("the PEM text of a certificate has no end")?;
        let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        let der = STANDARD.decode(body).map_err(|_| "the PEM text of a certificate is no base64".to_owned())?;
        found.push(Certificate::from_der(der)?);
        rest = after;
    }
    if found.is_empty() { Err("there is no PEM certificate in it".to_owned()) } else { Ok(found) }
}

/// Reads what a root key came in: exactly one certificate that is no authority's.
///
/// # Errors
///
/// Why not, as the end of a sentence.
pub(super) fn read(pem: &[u8]) -> Result<Chain, String> {
    let (others, mut leaves): (Vec<_>, Vec<_>) = bundle(pem)?.into_iter().partition(Certificate::is_authority);
    match (leaves.pop(), leaves.is_empty()) {
        (Some(leaf), true) => Ok(Chain { leaf, others }),
        (Some(_), false) => Err("it holds several certificates of signers, where one belongs".to_owned()),
        (None, _) => Err("it holds certificates of authorities only, and none of a signer".to_owned()),
    }
}

impl Chain {
    /// The leaf's key.
    ///
    /// # Errors
    ///
    /// Why it cannot be used, as the end of a sentence.
    pub(super) fn key(&self) -> Result<PublicKey, String> {
        self.leaf.key()
    }

    /// Whether the leaf may speak for a repository: its common name is the repository's, or the beginning of it
    /// followed by `*`.
    ///
    /// # Errors
    ///
    /// Why not, as the end of a sentence.
    pub(super) fn names(&self, gun: &str) -> Result<(), String> {
        let name = self.leaf.common_name();
        let fits = name.as_deref().is_some_and(|name| match name.strip_suffix('*') {
            Some(prefix) => gun.starts_with(prefix.trim_end_matches('*')),
            None => name == gun,
        });
        if fits {
            return Ok(());
        }
        Err(match name {
            Some(name) => format!("its certificate is for “{}”, and not for {gun}", shown(&name)),
            None => "its certificate names no repository".to_owned(),
        })
    }

    /// Whether the leaf counts at a moment: in date, and not signed over SHA-1.
    ///
    /// # Errors
    ///
    /// Why not, as the end of a sentence.
    pub(super) fn counts(&self, at: OffsetDateTime) -> Result<(), String> {
        if self.leaf.is_sha1() {
            return Err("its certificate is signed over SHA-1, which is refused".to_owned());
        }
        self.leaf.in_date(at)
    }

    /// Whether the leaf comes from one of these authorities, at a moment (RFC 5280, 6.1).
    pub(super) fn comes_from(&self, authorities: &[Certificate], at: OffsetDateTime) -> bool {
        if authorities.iter().any(|one| one.der == self.leaf.der) {
            return true;
        }
        let mut checks = MAX_CHECKS;
        let mut path = vec![&self.leaf];
        self.climb(&mut path, authorities, at, &mut checks)
    }

    fn climb<'a>(
        &'a self,
        path: &mut Vec<&'a Certificate>,
        authorities: &'a [Certificate],
        at: OffsetDateTime,
        checks: &mut usize,
    ) -> bool {
        let Some(last) = path.last().copied() else { return false };
        // Authorities below the issuer that is asked for: what a path length constraint counts.
        let below = path.len() - 1;
        let mut issued_by = |issuer: &Certificate| {
            *checks > 0 && issuer.may_issue(below, at) && issuer.is_subject(last) && {
                *checks -= 1;
                last.is_signed_by(issuer)
            }
        };
        if authorities.iter().any(&mut issued_by) {
            return true;
        }
        if path.len() >= MAX_DEPTH {
            return false;
        }
        let next: Vec<_> =
            self.others.iter().filter(|one| path.iter().all(|seen| seen.der != one.der) && issued_by(one)).collect();
        for issuer in next {
            path.push(issuer);
            if self.climb(path, authorities, at, checks) {
                return true;
            }
            path.pop();
        }
        false
    }
}

impl Certificate {
    fn from_der(der: Vec<u8>) -> Result<Self, String> {
        let broken = |_| "the certificate is no X.509 in DER".to_owned();
        let parsed = X509::from_der(&der).map_err(broken)?;
        let mut reader = SliceReader::new(&der).map_err(broken)?;
        let tbs = reader
            .sequence(|inner| {
                let tbs = inner.tlv_bytes()?.to_vec();
                let rest = inner.remaining_len();
                inner.drain(rest)?;
                Ok::<_, der::Error>(tbs)
            })
            .map_err(broken)?;
        Ok(Self { der, tbs, parsed })
    }

    fn key(&self) -> Result<PublicKey, String> {
        let spki = self.parsed.tbs_certificate().subject_public_key_info().to_der();
        let spki = spki.map_err(|_| "the key of its certificate cannot be read".to_owned())?;
        PublicKey::from_spki(&spki).map_err(|error| error.to_string())
    }

    /// SHA-256 of the certificate, hexadecimal.
    pub(super) fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&self.der))
    }

    /// The whole subject, to be shown.
    pub(super) fn subject(&self) -> String {
        shown(&self.parsed.tbs_certificate().subject().to_string())
    }

    /// The whole issuer, to be shown.
    pub(super) fn issuer(&self) -> String {
        shown(&self.parsed.tbs_certificate().issuer().to_string())
    }

    /// The subject's common name.
    pub(super) fn common_name(&self) -> Option<String> {
        self.parsed.tbs_certificate().subject().common_name().ok().flatten().map(|name| name.value().into_owned())
    }

    /// Until when it counts.
    pub(super) fn not_after(&self) -> OffsetDateTime {
        moment(self.parsed.tbs_certificate().validity().not_after)
    }

    fn in_date(&self, at: OffsetDateTime) -> Result<(), String> {
        let not_before = moment(self.parsed.tbs_certificate().validity().not_before);
        if at < not_before {
            return Err(format!("its certificate counts from {} only", super::words::day(not_before)));
        }
        if at > self.not_after() {
            return Err(format!("its certificate is out of date since {}", super::words::day(self.not_after())));
        }
        Ok(())
    }

    fn is_sha1(&self) -> bool {
        matches!(
            self.parsed.signature_algorithm().oid,
            rfc5912::SHA_1_WITH_RSA_ENCRYPTION | ECDSA_WITH_SHA_1 | rfc5912::DSA_WITH_SHA_1
        )
    }

    fn is_authority(&self) -> bool {
        self.constraints().is_some_and(|constraints| constraints.ca)
    }

    fn constraints(&self) -> Option<BasicConstraints> {
        self.parsed.tbs_certificate().get_extension::<BasicConstraints>().ok().flatten().map(|(_, found)| found)
    }

    fn is_subject(&self, of: &Self) -> bool {
        self.parsed.tbs_certificate().subject() == of.parsed.tbs_certificate().issuer()
    }

    /// Whether it may issue certificates with `below` authorities between: an authority, in date, and nothing critical
    /// in it that is not understood here (name constraints, for one).
    fn may_issue(&self, below: usize, at: OffsetDateTime) -> bool {
        const UNDERSTOOD: [ObjectIdentifier; 4] = [
            rfc5280::ID_CE_BASIC_CONSTRAINTS,
            rfc5280::ID_CE_KEY_USAGE,
            rfc5280::ID_CE_EXT_KEY_USAGE,
            rfc5280::ID_CE_SUBJECT_ALT_NAME,
        ];
        let tbs = self.parsed.tbs_certificate();
        let understood =
            tbs.extensions().is_none_or(|all| all.iter().all(|one| !one.critical || UNDERSTOOD.contains(&one.extn_id)));
        let long_enough = self.constraints().is_some_and(|constraints| {
            constraints.ca && constraints.path_len_constraint.is_none_or(|most| below <= usize::from(most))
        });
        let may_certify = match tbs.get_extension::<KeyUsage>() {
            Ok(found) => found.is_none_or(|(_, usage)| usage.key_cert_sign()),
            Err(_) => false,
        };
        understood && long_enough && may_certify && self.in_date(at).is_ok()
    }

    fn is_signed_by(&self, issuer: &Self) -> bool {
        let named = self.parsed.signature_algorithm();
        if named != self.parsed.tbs_certificate().signature() {
            return false;
        }
        let algorithm = match named.oid {
            rfc5912::ECDSA_WITH_SHA_256 => Algorithm::EcdsaAsn1(Hash::Sha256),
            rfc5912::ECDSA_WITH_SHA_384 => Algorithm::EcdsaAsn1(Hash::Sha384),
            rfc5912::ECDSA_WITH_SHA_512 => Algorithm::EcdsaAsn1(Hash::Sha512),
            rfc5912::SHA_256_WITH_RSA_ENCRYPTION => Algorithm::RsaPkcs1(Hash::Sha256),
            rfc5912::SHA_384_WITH_RSA_ENCRYPTION => Algorithm::RsaPkcs1(Hash::Sha384),
            rfc5912::SHA_512_WITH_RSA_ENCRYPTION => Algorithm::RsaPkcs1(Hash::Sha512),
            rfc8410::ID_ED_25519 => Algorithm::Ed25519,
            _ => return false,
        };
        let (Ok(key), Some(signature)) = (issuer.key(), self.parsed.signature().as_bytes()) else { return false };
        key.verify(algorithm, &self.tbs, signature).is_ok()
    }
}

fn moment(time: Time) -> OffsetDateTime {
    i64::try_from(time.to_unix_duration().as_secs())
        .ok()
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok())
        .unwrap_or(OffsetDateTime::UNIX_EPOCH)
}
