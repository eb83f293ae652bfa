//! An identity: a private key with its certificate and chain, made here or read from PKCS#12 (RFC 7292).

use std::fmt;

use const_oid::db::rfc5912::{ID_EC_PUBLIC_KEY, RSA_ENCRYPTION};
use der::asn1::AnyRef;
use der::pem::LineEnding;
use der::{Decode, Encode, EncodePem, Reader, Tag, Tagged};
use p12_keystore::error::Error as P12Error;
use p12_keystore::{KeyStore, KeyStoreEntry, Pkcs12Archive, PrivateKey, PrivateKeyChain};
use p256::pkcs8::{DecodePrivateKey, EncodePrivateKey};
use rsa::pkcs1v15;
use rsa::traits::PublicKeyParts;
use sha2::Sha256;
use signature::{RandomizedSigner, SignatureEncoding, Signer as _};
use spki::EncodePublicKey;
use time::OffsetDateTime;

use crate::algorithms::{MIN_RSA_BITS, SignatureAlgorithm, sha256};
use crate::certificate::{Certificate, IdentitySummary, Unfit};
use crate::issue::{MAX_NAME, issue};
use crate::signer::{Signer, SignerError};

/// Fewest characters of a passphrase for a new identity.
const MIN_PASSPHRASE: usize = 8;
/// PBKDF2-HMAC-SHA-256 rounds for the key and the certificates (RFC 9579 sets none; OWASP asks for 600,000).
const ENCRYPTION_ROUNDS: u32 = 600_000;
/// Rounds of the MAC's key derivation: the most that the `p12-keystore` crate reads back. The MAC checks a guessed
/// passphrase as well as the encryption does, so it must not be the cheaper way.
const MAC_ROUNDS: u32 = 1_000_000;
/// Longest validity of a new identity.
const MAX_DAYS: u16 = 3660;

/// Why an identity could not be made, read or used. No variant ever holds a passphrase or a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdentityError {
    /// The passphrase for a new identity is too short.
    #[error(
        "the identity was not created, because its passphrase is shorter than {MIN_PASSPHRASE} characters; choose a longer one"
    )]
    PassphraseTooShort,
    /// The name or organization cannot be put into a certificate.
    #[error(
        "the identity was not created, because its {field} must have between 1 and {MAX_NAME} characters and no control characters; correct the {field}"
    )]
    Name {
        /// `name` or `organization`.
        field: &'static str,
    },
    /// The validity is out of bounds.
    #[error(
        "the identity was not created, because it must be valid for 1 to {MAX_DAYS} days; choose a validity in these bounds"
    )]
    Validity,
    /// The system gave no randomness, or an encoding failed.
    #[error("the identity was not created, because {reason}; try again")]
    Creation {
        /// What happened.
        reason: String,
    },
    /// The bytes are no PKCS#12 file.
    #[error(
        "the identity was not read, because the file is not a PKCS#12 file (.p12 or .pfx) in DER; choose another file or export the identity again"
    )]
    NotPkcs12,
    /// The passphrase is wrong.
    #[error("the PKCS#12 file was not opened, because the passphrase is wrong; enter it again")]
    WrongPassphrase,
    /// The file is PKCS#12 but uses something that is not understood, or is damaged inside.
    #[error("the PKCS#12 file was not read, because {reason}; export the identity again, with AES-256 and SHA-256")]
    UnreadablePkcs12 {
        /// What was met.
        reason: String,
    },
    /// There is no private key in the file.
    #[error(
        "the PKCS#12 file holds no identity, because it has no private key; export the identity together with its key"
    )]
    NoPrivateKey,
    /// There is a key, but no certificate for it.
    #[error(
        "the PKCS#12 file holds no identity, because none of its certificates belongs to its private key; export the identity together with its certificate"
    )]
    NoCertificateForKey,
    /// The key is of a kind or size that is not supported.
    #[error(
        "the identity cannot sign, because its key is of the kind {kind}; use a key on P-256 or P-384, or RSA with at least {MIN_RSA_BITS} bits"
    )]
    UnsupportedKey {
        /// What kind of key it is.
        kind: String,
    },
    /// The certificate has expired.
    #[error("{name} cannot sign, because the certificate expired at {not_after}; use or create another identity")]
    Expired {
        /// The holder.
        name: String,
        /// When it expired.
        not_after: OffsetDateTime,
    },
    /// The certificate is not valid yet.
    #[error(
        "{name} cannot sign, because the certificate is not valid before {not_before}; check the clock or use another identity"
    )]
    NotYetValid {
        /// The holder.
        name: String,
        /// When it becomes valid.
        not_before: OffsetDateTime,
    },
    /// The certificate does not allow signing (RFC 5280, 4.2.1.3).
    #[error(
        "{name} cannot sign, because the certificate does not allow digital signatures (key usage digitalSignature or nonRepudiation); use a certificate for signing documents"
    )]
    KeyUsage {
        /// The holder.
        name: String,
    },
    /// A signer's certificate cannot be read.
    #[error("the signature was not made, because the signer's certificate cannot be read; use another identity")]
    UnreadableCertificate,
}

impl IdentityError {
    pub(crate) fn unfit(name: String, unfit: Unfit) -> Self {
        match unfit {
            Unfit::Expired(not_after) => Self::Expired { name, not_after },
            Unfit::NotYetValid(not_before) => Self::NotYetValid { name, not_before },
            Unfit::KeyUsage => Self::KeyUsage { name },
        }
    }
}

/// Who a new identity is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewIdentity<'a> {
    /// The signer's name, as it will stand in the certificate and be shown by readers.
    pub name: &'a str,
    /// The signer's organization.
    pub organization: Option<&'a str>,
    /// For how many days from now.
    pub validity_days: u16,
}

/// A new identity in its three forms.
pub struct CreatedIdentity {
    /// The passphrase-protected PKCS#12 file to keep: key, certificate and issuer.
    pub p12: Vec<u8>,
    /// The identity, ready to sign.
    pub identity: Identity,
    /// The issuer's certificate in PEM, for those who shall trust the signatures. Its key no longer exists.
    pub ca_pem: String,
}

impl fmt::Debug for CreatedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedIdentity").field("identity", &self.identity).finish_non_exhaustive()
    }
}

/// The private key; its types wipe their memory when dropped.
#[derive(Clone)]
enum Key {
    P256(p256::ecdsa::SigningKey),
    P384(p384::ecdsa::SigningKey),
    Rsa(Box<pkcs1v15::SigningKey<Sha256>>),
}

/// A private key with its certificate and the chain above it.
#[derive(Clone)]
pub struct Identity {
    key: Key,
    certificate: Certificate,
    chain: Vec<Certificate>,
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").field("summary", &self.summary()).finish_non_exhaustive()
    }
}

impl Identity {
    /// Makes a P-256 key with a certificate for signing documents, issued by an authority made for it alone, and packs
    /// it as PKCS#12 (PBES2 with AES-256, HMAC-SHA-256; RFC 8018, RFC 7292).
    ///
    /// # Errors
    /// When the passphrase, a name or the validity is out of bounds, or the system gives no randomness.
    pub fn create(subject: &NewIdentity<'_>, passphrase: &str) -> Result<CreatedIdentity, IdentityError> {
        Self::create_with(subject, passphrase, ENCRYPTION_ROUNDS, MAC_ROUNDS)
    }

    fn create_with(
        subject: &NewIdentity<'_>,
        passphrase: &str,
        encryption_rounds: u32,
        mac_rounds: u32,
    ) -> Result<CreatedIdentity, IdentityError> {
        if passphrase.chars().count() < MIN_PASSPHRASE {
            return Err(IdentityError::PassphraseTooShort);
        }
        let fits = |text: &str| {
            (1..=MAX_NAME).contains(&text.chars().count())
                && !text.trim().is_empty()
                && !text.chars().any(char::is_control)
        };
        if !fits(subject.name) {
            return Err(IdentityError::Name { field: "name" });
        }
        if !subject.organization.is_none_or(fits) {
            return Err(IdentityError::Name { field: "organization" });
        }
        if !(1..=MAX_DAYS).contains(&subject.validity_days) {
            return Err(IdentityError::Validity);
        }
        let failed = |error: &dyn fmt::Display| IdentityError::Creation { reason: error.to_string() };
        let issued = issue(subject.name, subject.organization, subject.validity_days, OffsetDateTime::now_utc())
            .map_err(|error| failed(&error))?;
        let certificate_der = issued.certificate.to_der().map_err(|error| failed(&error))?;
        let issuer_der = issued.issuer.to_der().map_err(|error| failed(&error))?;
        let ca_pem = issued.issuer.to_pem(LineEnding::LF).map_err(|error| failed(&error))?;

        let key_der = issued.key.to_pkcs8_der().map_err(|error| failed(&error))?;
        let p12_error = |error: P12Error| failed(&error);
        let key = PrivateKey::from_der(key_der.as_bytes()).map_err(p12_error)?;
        let certificates = [&certificate_der, &issuer_der]
            .into_iter()
            .map(|der| p12_keystore::Certificate::from_der(der))
            .collect::<Result<Vec<_>, _>>()
            .map_err(p12_error)?;
        let local_key_id = sha256(&certificate_der).to_vec();
        let mut store = KeyStore::new();
        let chain = PrivateKeyChain::new(local_key_id, key, certificates);
        store.add_entry(subject.name, KeyStoreEntry::PrivateKeyChain(chain));
        let p12 = store
            .writer(passphrase)
            .encryption_iterations(encryption_rounds)
            .mac_iterations(mac_rounds)
            .write()
            .map_err(p12_error)?;

        let read = |der: &[u8]| Certificate::from_der(der).map_err(|error| failed(&error));
        let identity = Self {
            key: Key::P256(issued.key.into()),
            certificate: read(&certificate_der)?,
            chain: vec![read(&issuer_der)?],
        };
        Ok(CreatedIdentity { p12, identity, ca_pem })
    }

    /// Reads an identity from a PKCS#12 file: PBES2 as OpenSSL 3 writes it, or the older RC2 and triple DES.
    ///
    /// Of the other certificates in the file only those that verifiably lead upwards from the signer's are kept.
    ///
    /// # Errors
    /// Told apart: not PKCS#12, wrong passphrase, unreadable, no key, no certificate for the key, key not supported.
    pub fn from_pkcs12(bytes: &[u8], passphrase: &str) -> Result<Self, IdentityError> {
        if !looks_like_pfx(bytes) {
            return Err(IdentityError::NotPkcs12);
        }
        let archive = Pkcs12Archive::from_pkcs12(bytes, passphrase).map_err(|error| match error {
            P12Error::MacError(_) | P12Error::UnpadError | P12Error::Pkcs5Error(_) => IdentityError::WrongPassphrase,
            other => IdentityError::UnreadablePkcs12 { reason: other.to_string().to_lowercase() },
        })?;
        if archive.keys.is_empty() {
            return Err(IdentityError::NoPrivateKey);
        }
        let certificates: Vec<Certificate> =
            archive.certs.iter().filter_map(|bag| Certificate::from_der(bag.cert.as_der()).ok()).collect();
        let mut first_error = None;
        for bag in &archive.keys {
            match Self::from_parts(&bag.key, &certificates) {
                Ok(identity) => return Ok(identity),
                Err(error) => {
                    first_error.get_or_insert(error);
                }
            }
        }
        Err(first_error.unwrap_or(IdentityError::NoPrivateKey))
    }

    fn from_parts(key: &PrivateKey, certificates: &[Certificate]) -> Result<Self, IdentityError> {
        let (key, spki) = read_key(key)?;
        let certificate = certificates.iter().find(|certificate| certificate.spki().is_ok_and(|found| found == spki));
        let certificate = certificate.ok_or(IdentityError::NoCertificateForKey)?.clone();
        let chain = certificate.chain_from(certificates);
        Ok(Self { key, certificate, chain })
    }

    /// What the certificate says, for showing.
    #[must_use]
    pub fn summary(&self) -> IdentitySummary {
        self.certificate.summary()
    }

    /// Whether the certificate allows signing at this time.
    ///
    /// # Errors
    /// When it has expired, is not valid yet, or does not allow digital signatures.
    pub fn check(&self, now: OffsetDateTime) -> Result<(), IdentityError> {
        self.certificate.check_signing(now).map_err(|unfit| IdentityError::unfit(self.certificate.name(), unfit))
    }
}

impl Signer for Identity {
    fn certificate_der(&self) -> &[u8] {
        self.certificate.der()
    }

    fn chain_der(&self) -> Vec<&[u8]> {
        self.chain.iter().map(Certificate::der).collect()
    }

    fn algorithm(&self) -> SignatureAlgorithm {
        match self.key {
            Key::P256(_) => SignatureAlgorithm::EcdsaP256Sha256,
            Key::P384(_) => SignatureAlgorithm::EcdsaP384Sha384,
            Key::Rsa(_) => SignatureAlgorithm::RsaPkcs1Sha256,
        }
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignerError> {
        let signature = match &self.key {
            Key::P256(key) => key.try_sign(message).map(|signature: p256::ecdsa::DerSignature| signature.to_vec()),
            Key::P384(key) => key.try_sign(message).map(|signature: p384::ecdsa::DerSignature| signature.to_vec()),
            // With randomness, so that the private exponent is blinded.
            Key::Rsa(key) => key.try_sign_with_rng(&mut getrandom::SysRng, message).map(|signature| signature.to_vec()),
        };
        signature.map_err(|error| SignerError { subject: self.certificate.name(), reason: error.to_string() })
    }
}

/// The outermost shape of a PFX: a sequence that begins with a version and a content type (RFC 7292, 4).
fn looks_like_pfx(bytes: &[u8]) -> bool {
    AnyRef::from_der(bytes).is_ok_and(|outer| {
        outer.tag() == Tag::Sequence
            && outer
                .sequence(|inner| {
                    let version = u8::decode(inner)?;
                    let content = AnyRef::decode(inner)?;
                    let rest = inner.remaining_len();
                    inner.drain(rest)?;
                    Ok::<_, der::Error>(version == 3 && content.tag() == Tag::Sequence)
                })
                .unwrap_or(false)
    })
}

/// A private key from PKCS#8 (RFC 5958), and the SubjectPublicKeyInfo that its certificate must have.
fn read_key(key: &PrivateKey) -> Result<(Key, Vec<u8>), IdentityError> {
    let unsupported = |kind: &str| IdentityError::UnsupportedKey { kind: kind.to_owned() };
    let unreadable = |_| unsupported("unreadable");
    match key.oid() {
        ID_EC_PUBLIC_KEY => {
            if let Ok(secret) = p256::SecretKey::from_pkcs8_der(key.as_der()) {
                let spki = secret.public_key().to_public_key_der().map_err(unreadable)?;
                return Ok((Key::P256(secret.into()), spki.into_vec()));
            }
            let secret = p384::SecretKey::from_pkcs8_der(key.as_der());
            let secret = secret.map_err(|_| unsupported("elliptic curve, neither P-256 nor P-384"))?;
            let spki = secret.public_key().to_public_key_der().map_err(unreadable)?;
            Ok((Key::P384(secret.into()), spki.into_vec()))
        }
        RSA_ENCRYPTION => {
            let secret = rsa::PrivateKey::from_pkcs8_der(key.as_der()).map_err(|_| unsupported("RSA, unusable"))?;
            let bits = secret.n().bit_width();
            if bits < MIN_RSA_BITS {
                return Err(unsupported(&format!("RSA with {bits} bits")));
            }
            let spki = secret.to_public_key().to_public_key_der().map_err(unreadable)?;
            Ok((Key::Rsa(Box::new(pkcs1v15::SigningKey::new(secret))), spki.into_vec()))
        }
        other => Err(unsupported(&other.to_string())),
    }
}

/// An identity for this crate's own tests, without the cost of a hardened file.
#[cfg(test)]
pub(crate) fn test_identity(name: &str) -> Identity {
    tests::create(name).identity
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::Duration;

    const PASSPHRASE: &str = "correct horse βattery";

    pub(super) fn create(name: &str) -> CreatedIdentity {
        let subject = NewIdentity { name, organization: Some("Audit & Söhne"), validity_days: 30 };
        Identity::create_with(&subject, PASSPHRASE, 1000, 1000).unwrap()
    }

    #[test]
    fn a_created_identity_survives_its_file() {
        let created = create("Ζωή, O=Evil + CN=x");
        let back = Identity::from_pkcs12(&created.p12, PASSPHRASE).unwrap();
        assert_eq!(back.summary(), created.identity.summary());
        assert_eq!(back.chain, created.identity.chain);
        assert_eq!(back.chain.len(), 1);
        let summary = back.summary();
        assert_eq!(summary.name, "Ζωή, O=Evil + CN=x");
        assert_eq!(summary.organization.as_deref(), Some("Audit & Söhne"));
        assert_eq!(summary.algorithm, "ECDSA P-256");
        assert!(summary.self_issued && summary.issuer.contains("Plimsoll issuer"), "{}", summary.issuer);
        assert!(created.ca_pem.starts_with("-----BEGIN CERTIFICATE-----\n"));
        assert!(back.certificate.is_issued_by(&back.chain[0]));
        assert!(!back.chain[0].is_issued_by(&back.certificate));
    }

    #[test]
    fn secrets_do_not_show() {
        let created = create("Ada");
        let shown = format!("{created:?} {:?}", created.identity);
        assert!(!shown.contains("key:") && !shown.contains(PASSPHRASE) && !shown.contains("p12"), "{shown}");
    }

    #[test]
    fn files_that_do_not_open_are_told_apart() {
        let created = create("Ada");
        assert_eq!(Identity::from_pkcs12(&created.p12, "wrong").unwrap_err(), IdentityError::WrongPassphrase);
        assert_eq!(Identity::from_pkcs12(created.ca_pem.as_bytes(), PASSPHRASE).unwrap_err(), IdentityError::NotPkcs12);
        assert_eq!(Identity::from_pkcs12(b"", PASSPHRASE).unwrap_err(), IdentityError::NotPkcs12);
        let mut longer = created.p12.clone();
        longer.push(0);
        assert_eq!(Identity::from_pkcs12(&longer, PASSPHRASE).unwrap_err(), IdentityError::NotPkcs12);
        for at in (0..created.p12.len()).step_by(11) {
            let mut bad = created.p12.clone();
            bad[at] ^= 0x41;
            let _ = Identity::from_pkcs12(&bad, PASSPHRASE);
        }
        let parts = |certs: &[p12_keystore::Certificate]| {
            let mut store = KeyStore::new();
            for (index, cert) in certs.iter().enumerate() {
                store.add_entry(&index.to_string(), KeyStoreEntry::Certificate(cert.clone()));
            }
            store
        };
        let archive = Pkcs12Archive::from_pkcs12(&created.p12, PASSPHRASE).unwrap();
        let certs: Vec<_> = archive.certs.iter().map(|bag| bag.cert.clone()).collect();
        let keyless = parts(&certs).writer(PASSPHRASE).write().unwrap();
        assert_eq!(Identity::from_pkcs12(&keyless, PASSPHRASE).unwrap_err(), IdentityError::NoPrivateKey);
        let mut store = parts(&[]);
        let chain = PrivateKeyChain::new("id", archive.keys[0].key.clone(), [certs[1].clone()]);
        store.add_entry("key", KeyStoreEntry::PrivateKeyChain(chain));
        let foreign = store.writer(PASSPHRASE).write().unwrap();
        assert_eq!(Identity::from_pkcs12(&foreign, PASSPHRASE).unwrap_err(), IdentityError::NoCertificateForKey);
    }

    #[test]
    fn bounds_are_kept() {
        let make = |name, organization, validity_days, passphrase| {
            Identity::create_with(&NewIdentity { name, organization, validity_days }, passphrase, 10, 10).map(|_| ())
        };
        assert_eq!(make("Ada", None, 30, ""), Err(IdentityError::PassphraseTooShort));
        assert_eq!(make("Ada", None, 30, "1234567"), Err(IdentityError::PassphraseTooShort));
        assert!(IdentityError::PassphraseTooShort.to_string().contains("8 characters"));
        assert_eq!(make(" ", None, 30, PASSPHRASE), Err(IdentityError::Name { field: "name" }));
        assert_eq!(make("a\nb", None, 30, PASSPHRASE), Err(IdentityError::Name { field: "name" }));
        assert_eq!(make("Ada", Some(""), 30, PASSPHRASE), Err(IdentityError::Name { field: "organization" }));
        assert_eq!(make("Ada", None, 0, PASSPHRASE), Err(IdentityError::Validity));
        assert_eq!(make("Ada", None, 4000, PASSPHRASE), Err(IdentityError::Validity));
        assert_eq!(make(&"ä".repeat(64), None, 3660, "ääääöööö"), Ok(()));
    }

    #[test]
    fn an_identity_signs_only_in_its_time() {
        let identity = test_identity("Ada");
        let now = OffsetDateTime::now_utc();
        assert_eq!(identity.check(now), Ok(()));
        assert_eq!(identity.check(now - Duration::minutes(4)), Ok(()));
        assert!(matches!(identity.check(now - Duration::days(1)), Err(IdentityError::NotYetValid { .. })));
        assert!(matches!(identity.check(now + Duration::days(31)), Err(IdentityError::Expired { .. })));
        let issuer = Identity { certificate: identity.chain[0].clone(), ..identity };
        assert!(matches!(issuer.check(now), Err(IdentityError::KeyUsage { .. })));
    }
}
