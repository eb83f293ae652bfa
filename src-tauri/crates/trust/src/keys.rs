//! Public keys, and whether a signature by one of them fits: ECDSA, RSA and Ed25519, on aws-lc-rs.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA384_ASN1, ECDSA_P256_SHA512_ASN1, ECDSA_P384_SHA256_ASN1,
    ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA512_ASN1, ECDSA_P521_SHA256_ASN1, ECDSA_P521_SHA384_ASN1,
    ECDSA_P521_SHA512_ASN1, ED25519, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA384,
    RSA_PKCS1_2048_8192_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    VerificationAlgorithm,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use const_oid::ObjectIdentifier;
use const_oid::db::{rfc5912, rfc8410};
use der::asn1::{AnyRef, BitStringRef, UintRef};
use der::{Decode as _, Encode as _, Sequence};
use sha2::{Digest as _, Sha256};
use thiserror::Error;
use x509_cert::spki::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// Most bytes of one key: an RSA key of 8192 bits has about 1,100.
const MAX_KEY: usize = 16 << 10;
/// Most bytes of PEM in which one key is looked for.
const MAX_PEM: usize = 64 << 10;
/// RSA moduli that count, in bits; shorter ones are within reach of factoring.
const RSA_BITS: std::ops::RangeInclusive<u32> = 2048..=8192;

/// Why something is no public key that can be used, or why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum KeyError {
    #[error("The key is no PEM text: a block that begins with -----BEGIN PUBLIC KEY----- is expected.")]
    NoPem,
    #[error("The PEM text holds a {0}; the PUBLIC KEY is expected.")]
    OtherPem(String),
    #[error("The key is no SubjectPublicKeyInfo in DER (RFC 5280, 4.1.2.7).")]
    NotDer,
    #[error("Keys of the kind {0} are not read; ECDSA (P-256, P-384, P-521), RSA and Ed25519 are.")]
    Kind(String),
    #[error("An RSA key of {0} bits does not count: it needs 2048 to 8192.")]
    RsaBits(u32),
    #[error("The key is not a point on its curve, or otherwise broken.")]
    Broken,
    #[error("{key} keys do not sign with {algorithm}.")]
    Algorithm { key: String, algorithm: &'static str },
    #[error("The signature does not fit the key and the signed bytes.")]
    Mismatch,
}

/// A digest algorithm that counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hash {
    Sha256,
    Sha384,
    Sha512,
}

/// How a signature was made, and how it is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// ECDSA, `r` and `s` side by side, each as long as the curve's field (RFC 7518, 3.4).
    EcdsaFixed(Hash),
    /// ECDSA, `Ecdsa-Sig-Value` in DER (RFC 3279, 2.2.3).
    EcdsaAsn1(Hash),
    /// RSASSA-PKCS1-v1_5 (RFC 8017, 8.2).
    RsaPkcs1(Hash),
    /// RSASSA-PSS, MGF1 with the same digest, a salt as long as it (RFC 8017, 8.1).
    RsaPss(Hash),
    /// Ed25519 (RFC 8032).
    Ed25519,
}

impl Algorithm {
    fn name(self) -> &'static str {
        match self {
            Self::EcdsaFixed(_) | Self::EcdsaAsn1(_) => "ECDSA",
            Self::RsaPkcs1(_) => "RSA PKCS#1 v1.5",
            Self::RsaPss(_) => "RSA PSS",
            Self::Ed25519 => "Ed25519",
        }
    }
}

/// A kind of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    P256,
    P384,
    P521,
    /// RSA with the length of its modulus in bits.
    Rsa(u32),
    Ed25519,
}

/// A public key that can be used: its kind and size count. Whether the point lies on its curve shows when it verifies.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct PublicKey {
    kind: Kind,
    /// SubjectPublicKeyInfo, DER.
    spki: Vec<u8>,
    /// What is inside: a point, an RSAPublicKey, or 32 bytes.
    raw: Vec<u8>,
}

impl std::fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.describe(), self.fingerprint())
    }
}

#[derive(Sequence)]
struct RsaPublicKey<'a> {
    modulus: UintRef<'a>,
    exponent: UintRef<'a>,
}

#[derive(Sequence)]
struct EcdsaSigValue<'a> {
    r: UintRef<'a>,
    s: UintRef<'a>,
}

impl PublicKey {
    /// Reads PEM; text around the first block is passed over (RFC 7468).
    pub(crate) fn from_pem(pem: &str) -> Result<Self, KeyError> {
        if pem.len() > MAX_PEM {
            return Err(KeyError::NoPem);
        }
        let (_, rest) = pem.split_once("-----BEGIN ").ok_or(KeyError::NoPem)?;
        let (label, rest) = rest.split_once("-----").ok_or(KeyError::NoPem)?;
        if label != "PUBLIC KEY" {
            let label: String =
                label.chars().filter(|c| c.is_ascii_uppercase() || matches!(c, ' ' | '0'..='9')).take(40).collect();
            return Err(KeyError::OtherPem(label));
        }
        let (body, _) = rest.split_once("-----END PUBLIC KEY-----").ok_or(KeyError::NoPem)?;
        let body: String = body.chars().filter(|c| !c.is_ascii_whitespace()).collect();
        Self::from_spki(&STANDARD.decode(body).map_err(|_| KeyError::NoPem)?)
    }

    /// Reads a SubjectPublicKeyInfo in DER (RFC 5280, 4.1.2.7; RFC 5480; RFC 8410).
    pub(crate) fn from_spki(der: &[u8]) -> Result<Self, KeyError> {
        if der.len() > MAX_KEY {
            return Err(KeyError::NotDer);
        }
        let read = SubjectPublicKeyInfo::<AnyRef<'_>, BitStringRef<'_>>::from_der(der).map_err(|_| KeyError::NotDer)?;
        let raw = read.subject_public_key.as_bytes().ok_or(KeyError::NotDer)?;
        let kind = match read.algorithm.oid {
            rfc5912::ID_EC_PUBLIC_KEY => {
                let curve = read.algorithm.parameters.and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
                match curve {
                    Some(rfc5912::SECP_256_R_1) => Kind::P256,
                    Some(rfc5912::SECP_384_R_1) => Kind::P384,
                    Some(rfc5912::SECP_521_R_1) => Kind::P521,
                    Some(other) => return Err(KeyError::Kind(format!("elliptic curve {other}"))),
                    None => return Err(KeyError::Kind("elliptic curve with its own parameters".to_owned())),
                }
            }
            rfc5912::RSA_ENCRYPTION => Kind::Rsa(rsa_bits(raw)?),
            rfc8410::ID_ED_25519 if raw.len() == 32 => Kind::Ed25519,
            rfc8410::ID_ED_25519 => return Err(KeyError::Broken),
            other => return Err(KeyError::Kind(other.to_string())),
        };
        Ok(Self { kind, spki: der.to_vec(), raw: raw.to_vec() })
    }

    /// An Ed25519 key from its 32 bytes (RFC 8032, 5.1.5).
    pub(crate) fn from_ed25519(raw: &[u8]) -> Result<Self, KeyError> {
        let raw: [u8; 32] = raw.try_into().map_err(|_| KeyError::Broken)?;
        let spki = SubjectPublicKeyInfo {
            algorithm: AlgorithmIdentifier::<AnyRef<'_>> { oid: rfc8410::ID_ED_25519, parameters: None },
            subject_public_key: BitStringRef::from_bytes(&raw).map_err(|_| KeyError::Broken)?,
        };
        let spki = spki.to_der().map_err(|_| KeyError::Broken)?;
        Ok(Self { kind: Kind::Ed25519, spki, raw: raw.to_vec() })
    }

    /// Its kind.
    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// SubjectPublicKeyInfo, DER.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the SubjectPublicKeyInfo, hexadecimal.
    pub(crate) fn fingerprint(&self) -> String {
        hex::encode(Sha256::digest(&self.spki))
    }

    /// What a reader calls it: `ECDSA P-256`, `RSA 3072`, `Ed25519`.
    pub(crate) fn describe(&self) -> String {
        match self.kind {
            Kind::P256 => "ECDSA P-256".to_owned(),
            Kind::P384 => "ECDSA P-384".to_owned(),
            Kind::P521 => "ECDSA P-521".to_owned(),
            Kind::Rsa(bits) => format!("RSA {bits}"),
            Kind::Ed25519 => "Ed25519".to_owned(),
        }
    }

    /// Checks a signature over a message.
    pub(crate) fn verify(&self, algorithm: Algorithm, message: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        let (verifier, signature) = self.prepare(algorithm, signature)?;
        verifier.verify_sig(&self.raw, message, &signature).map_err(|_| KeyError::Mismatch)
    }

    /// Checks a signature over bytes of which only the digest is at hand, made with the algorithm's hash. Ed25519
    /// signs the message itself, so its signatures cannot be checked this way.
    pub(crate) fn verify_digest(&self, algorithm: Algorithm, digest: &[u8], signature: &[u8]) -> Result<(), KeyError> {
        let hash = match algorithm {
            Algorithm::EcdsaFixed(hash)
            | Algorithm::EcdsaAsn1(hash)
            | Algorithm::RsaPkcs1(hash)
            | Algorithm::RsaPss(hash) => match hash {
                Hash::Sha256 => &aws_lc_rs::digest::SHA256,
                Hash::Sha384 => &aws_lc_rs::digest::SHA384,
                Hash::Sha512 => &aws_lc_rs::digest::SHA512,
            },
            Algorithm::Ed25519 => return Err(self.other(algorithm)),
        };
        let (verifier, signature) = self.prepare(algorithm, signature)?;
        let digest = aws_lc_rs::digest::Digest::import_less_safe(digest, hash).map_err(|_| KeyError::Mismatch)?;
        verifier.verify_digest_sig(&self.raw, &digest, &signature).map_err(|_| KeyError::Mismatch)
    }

    fn other(&self, algorithm: Algorithm) -> KeyError {
        KeyError::Algorithm { key: self.describe(), algorithm: algorithm.name() }
    }

    /// The verifier for this key and algorithm, and the signature in the shape that it reads. ECDSA is always checked
    /// in its DER shape: the library has no fixed shape for P-384 with SHA-256, which Notary uses.
    fn prepare(
        &self,
        algorithm: Algorithm,
        signature: &[u8],
    ) -> Result<(&'static dyn VerificationAlgorithm, Vec<u8>), KeyError> {
        let verifier: &'static dyn VerificationAlgorithm = match (self.kind, algorithm) {
            (Kind::P256, Algorithm::EcdsaFixed(hash) | Algorithm::EcdsaAsn1(hash)) => match hash {
                Hash::Sha256 => &ECDSA_P256_SHA256_ASN1,
                Hash::Sha384 => &ECDSA_P256_SHA384_ASN1,
                Hash::Sha512 => &ECDSA_P256_SHA512_ASN1,
            },
            (Kind::P384, Algorithm::EcdsaFixed(hash) | Algorithm::EcdsaAsn1(hash)) => match hash {
                Hash::Sha256 => &ECDSA_P384_SHA256_ASN1,
                Hash::Sha384 => &ECDSA_P384_SHA384_ASN1,
                Hash::Sha512 => &ECDSA_P384_SHA512_ASN1,
            },
            (Kind::P521, Algorithm::EcdsaFixed(hash) | Algorithm::EcdsaAsn1(hash)) => match hash {
                Hash::Sha256 => &ECDSA_P521_SHA256_ASN1,
                Hash::Sha384 => &ECDSA_P521_SHA384_ASN1,
                Hash::Sha512 => &ECDSA_P521_SHA512_ASN1,
            },
            (Kind::Rsa(_), Algorithm::RsaPkcs1(hash)) => match hash {
                Hash::Sha256 => &RSA_PKCS1_2048_8192_SHA256,
                Hash::Sha384 => &RSA_PKCS1_2048_8192_SHA384,
                Hash::Sha512 => &RSA_PKCS1_2048_8192_SHA512,
            },
            (Kind::Rsa(_), Algorithm::RsaPss(hash)) => match hash {
                Hash::Sha256 => &RSA_PSS_2048_8192_SHA256,
                Hash::Sha384 => &RSA_PSS_2048_8192_SHA384,
                Hash::Sha512 => &RSA_PSS_2048_8192_SHA512,
            },
            (Kind::Ed25519, Algorithm::Ed25519) => &ED25519,
            _ => return Err(self.other(algorithm)),
        };
        let signature = match algorithm {
            Algorithm::EcdsaFixed(_) => self.fixed_to_der(signature)?,
            _ => signature.to_vec(),
        };
        Ok((verifier, signature))
    }

    fn fixed_to_der(&self, signature: &[u8]) -> Result<Vec<u8>, KeyError> {
        let field = match self.kind {
            Kind::P256 => 32,
            Kind::P384 => 48,
            Kind::P521 => 66,
            Kind::Rsa(_) | Kind::Ed25519 => return Err(KeyError::Mismatch),
        };
        if signature.len() != 2 * field {
            return Err(KeyError::Mismatch);
        }
        let (r, s) = signature.split_at(field);
        let value = EcdsaSigValue {
            r: UintRef::new(r).map_err(|_| KeyError::Mismatch)?,
            s: UintRef::new(s).map_err(|_| KeyError::Mismatch)?,
        };
        value.to_der().map_err(|_| KeyError::Mismatch)
    }
}

fn rsa_bits(der: &[u8]) -> Result<u32, KeyError> {
    let key = RsaPublicKey::from_der(der).map_err(|_| KeyError::Broken)?;
    let modulus = key.modulus.as_bytes();
    let leading = modulus.first().map_or(0, |byte| byte.leading_zeros());
    let bits = u32::try_from(modulus.len()).unwrap_or(u32::MAX).saturating_mul(8).saturating_sub(leading);
    if !RSA_BITS.contains(&bits) {
        return Err(KeyError::RsaBits(bits));
    }
    Ok(bits)
}

#[cfg(test)]
mod tests;
