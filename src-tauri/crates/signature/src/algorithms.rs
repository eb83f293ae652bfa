//! The keys, digests and signature algorithms that are accepted (ETSI TS 119 312, RFC 5754, RFC 5758).

use std::fmt;

use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912::{
    ECDSA_WITH_SHA_256, ECDSA_WITH_SHA_384, ECDSA_WITH_SHA_512, ID_EC_PUBLIC_KEY, ID_SHA_256, ID_SHA_384, ID_SHA_512,
    RSA_ENCRYPTION, SECP_256_R_1, SECP_384_R_1, SHA_256_WITH_RSA_ENCRYPTION, SHA_384_WITH_RSA_ENCRYPTION,
    SHA_512_WITH_RSA_ENCRYPTION,
};
use der::asn1::Any;
use rsa::pkcs1v15;
use rsa::traits::PublicKeyParts;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use signature::hazmat::PrehashVerifier;
use spki::{AlgorithmIdentifierOwned, DecodePublicKey};

/// Smallest RSA modulus that is accepted, in bits.
pub(crate) const MIN_RSA_BITS: u32 = 2048;

/// A SHA-2 digest (RFC 5754, 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Digest {
    Sha256,
    Sha384,
    Sha512,
}

impl Digest {
    pub(crate) fn oid(self) -> ObjectIdentifier {
        match self {
            Self::Sha256 => ID_SHA_256,
            Self::Sha384 => ID_SHA_384,
            Self::Sha512 => ID_SHA_512,
        }
    }

    /// The algorithm identifier, its parameters absent (RFC 5754, 2).
    pub(crate) fn identifier(self) -> AlgorithmIdentifierOwned {
        AlgorithmIdentifierOwned { oid: self.oid(), parameters: None }
    }

    /// Reads an identifier; its parameters may be absent or NULL.
    pub(crate) fn from_identifier(identifier: &AlgorithmIdentifierOwned) -> Option<Self> {
        if !null_or_absent(identifier) {
            return None;
        }
        [Self::Sha256, Self::Sha384, Self::Sha512].into_iter().find(|digest| digest.oid() == identifier.oid)
    }

    /// The digest of the parts, one after the other.
    pub(crate) fn of(self, parts: &[&[u8]]) -> Vec<u8> {
        fn run<D: sha2::Digest>(parts: &[&[u8]]) -> Vec<u8> {
            let mut hasher = D::new();
            for part in parts {
                hasher.update(part);
            }
            hasher.finalize().to_vec()
        }
        match self {
            Self::Sha256 => run::<Sha256>(parts),
            Self::Sha384 => run::<Sha384>(parts),
            Self::Sha512 => run::<Sha512>(parts),
        }
    }
}

/// The SHA-256 of some bytes.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn null_or_absent(identifier: &AlgorithmIdentifierOwned) -> bool {
    identifier.parameters.as_ref().is_none_or(Any::is_null)
}

/// How a key signs. The key decides; there is nothing to choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// ECDSA on P-256 with SHA-256 (RFC 5758, 3.2); the signature is the DER `Ecdsa-Sig-Value`.
    EcdsaP256Sha256,
    /// ECDSA on P-384 with SHA-384 (RFC 5758, 3.2); the signature is the DER `Ecdsa-Sig-Value`.
    EcdsaP384Sha384,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017, 8.2; RFC 4055, 5).
    RsaPkcs1Sha256,
}

impl SignatureAlgorithm {
    pub(crate) fn digest(self) -> Digest {
        match self {
            Self::EcdsaP256Sha256 | Self::RsaPkcs1Sha256 => Digest::Sha256,
            Self::EcdsaP384Sha384 => Digest::Sha384,
        }
    }

    /// The algorithm identifier as it stands in a SignerInfo.
    pub(crate) fn identifier(self) -> AlgorithmIdentifierOwned {
        let (oid, parameters) = match self {
            Self::EcdsaP256Sha256 => (ECDSA_WITH_SHA_256, None),
            Self::EcdsaP384Sha384 => (ECDSA_WITH_SHA_384, None),
            Self::RsaPkcs1Sha256 => (SHA_256_WITH_RSA_ENCRYPTION, Some(Any::null())),
        };
        AlgorithmIdentifierOwned { oid, parameters }
    }
}

/// Why a public key or a signature was not accepted; `certificate` and `cms` make sentences of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeyProblem {
    UnsupportedKey(String),
    UnsupportedAlgorithm(ObjectIdentifier),
    Mismatch,
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnsupportedKey(kind) => write!(f, "a key of the kind {kind} is not supported"),
            Self::UnsupportedAlgorithm(oid) => write!(f, "the signature algorithm {oid} is not supported for its key"),
            Self::Mismatch => write!(f, "the signature does not match"),
        }
    }
}

/// A public key that can check signatures.
#[derive(Debug, Clone)]
pub(crate) enum PublicKey {
    P256(p256::ecdsa::VerifyingKey),
    P384(p384::ecdsa::VerifyingKey),
    Rsa(rsa::PublicKey),
}

impl PublicKey {
    /// Reads a SubjectPublicKeyInfo (RFC 5280, 4.1.2.7) in DER.
    pub(crate) fn from_spki(algorithm: &AlgorithmIdentifierOwned, der: &[u8]) -> Result<Self, KeyProblem> {
        let broken = |kind: &str| KeyProblem::UnsupportedKey(format!("{kind} with unusable parameters"));
        match algorithm.oid {
            ID_EC_PUBLIC_KEY => {
                let curve = algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                match curve {
                    Some(SECP_256_R_1) => p256::PublicKey::from_public_key_der(der)
                        .map(|key| Self::P256(key.into()))
                        .map_err(|_| broken("P-256")),
                    Some(SECP_384_R_1) => p384::PublicKey::from_public_key_der(der)
                        .map(|key| Self::P384(key.into()))
                        .map_err(|_| broken("P-384")),
                    Some(other) => Err(KeyProblem::UnsupportedKey(format!("elliptic curve {other}"))),
                    None => Err(broken("elliptic curve")),
                }
            }
            RSA_ENCRYPTION => {
                let key = rsa::PublicKey::from_public_key_der(der).map_err(|_| broken("RSA"))?;
                let bits = key.n().bit_width();
                if bits < MIN_RSA_BITS {
                    return Err(KeyProblem::UnsupportedKey(format!(
                        "RSA with {bits} bits, fewer than {MIN_RSA_BITS},"
                    )));
                }
                Ok(Self::Rsa(key))
            }
            other => Err(KeyProblem::UnsupportedKey(other.to_string())),
        }
    }

    /// What a reader calls this key.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::P256(_) => "ECDSA P-256".to_owned(),
            Self::P384(_) => "ECDSA P-384".to_owned(),
            Self::Rsa(key) => format!("RSA {}", key.n().bit_width()),
        }
    }

    /// Checks a signature over a message. `digest` is the CMS digest algorithm, which `rsaEncryption` leaves open
    /// (RFC 3370, 3.2); in certificates there is none.
    pub(crate) fn verify(
        &self,
        algorithm: &AlgorithmIdentifierOwned,
        digest: Option<Digest>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), KeyProblem> {
        let unsupported = || KeyProblem::UnsupportedAlgorithm(algorithm.oid);
        let (ecdsa, named) = match algorithm.oid {
            ECDSA_WITH_SHA_256 => (true, Digest::Sha256),
            ECDSA_WITH_SHA_384 => (true, Digest::Sha384),
            ECDSA_WITH_SHA_512 => (true, Digest::Sha512),
            SHA_256_WITH_RSA_ENCRYPTION => (false, Digest::Sha256),
            SHA_384_WITH_RSA_ENCRYPTION => (false, Digest::Sha384),
            SHA_512_WITH_RSA_ENCRYPTION => (false, Digest::Sha512),
            RSA_ENCRYPTION => (false, digest.ok_or_else(unsupported)?),
            _ => return Err(unsupported()),
        };
        let parameters_fit = if ecdsa { algorithm.parameters.is_none() } else { null_or_absent(algorithm) };
        if !parameters_fit || digest.is_some_and(|digest| digest != named) {
            return Err(unsupported());
        }
        let hash = named.of(&[message]);
        let checked = match (self, ecdsa) {
            (Self::P256(key), true) => p256::ecdsa::DerSignature::try_from(signature)
                .and_then(|signature| key.verify_prehash(&hash, &signature)),
            (Self::P384(key), true) => p384::ecdsa::DerSignature::try_from(signature)
                .and_then(|signature| key.verify_prehash(&hash, &signature)),
            (Self::Rsa(key), false) => {
                let signature = pkcs1v15::Signature::try_from(signature).map_err(|_| KeyProblem::Mismatch)?;
                match named {
                    Digest::Sha256 => {
                        pkcs1v15::VerifyingKey::<Sha256>::new(key.clone()).verify_prehash(&hash, &signature)
                    }
                    Digest::Sha384 => {
                        pkcs1v15::VerifyingKey::<Sha384>::new(key.clone()).verify_prehash(&hash, &signature)
                    }
                    Digest::Sha512 => {
                        pkcs1v15::VerifyingKey::<Sha512>::new(key.clone()).verify_prehash(&hash, &signature)
                    }
                }
            }
            _ => return Err(unsupported()),
        };
        checked.map_err(|_| KeyProblem::Mismatch)
    }
}
