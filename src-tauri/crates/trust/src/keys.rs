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
mod tests {
    use super::*;

    const MESSAGE: &[u8] = b"made fast below the line";
    const P256: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAERvox55tiLCdfHRjCvu5zZXuvIBAsAsLVr9Nim4H+XgX6edOJ9hcbrJcwITynFuvzB7RcW9oZcKduhyOE3UYuqg==";
    const P384: &str = "MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEfQFhGNcfJMllOG9mDffvMK9HIwvTMK0lWiCvo8poT31HJwHt6RSQxw/QvzL7w9vopeJntxEEMSNzws+6nLGee7GOps6HW0vgU2/Rn1kxPHLJu7PWgy9TiBNWavKPQGu4";
    const P521: &str = "MIGbMBAGByqGSM49AgEGBSuBBAAjA4GGAAQAIqBWzeAjUZRKgAYrcCeaO5IsgMKXQX6gC5P2dvRCbEIag79e9rXIBi2Y8/PLQLNyv06svOmor9mScs1/PAqr7gQAvmObR9m88V6FYPMjPvI370zrsimtBF+u4DFUQHMz/yrGczJWp10Wi4GztdkJlq+6ZSCopxX7tGckdKsewaIQGes=";
    const RSA2048: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAyshBN7oJ3HVdIC8sEQgsoiA/evy8h8SskOwrFpVrjPXVJgNoE2YSOsWmh9aErWIcfn5uHkw+ALacTeuySTw8rkLFyWPZtdfOyRfMfCkCwNvy1tRZK1ovcxalZdewxUo1+Qd47IQpDAVEM319t/4J6o3Wco90hL9kcE2WQd7O0d7BT3H53XyhC69lZ2GYtCQMNPJzHdd3fT8VRlJO7bh9DI5thc+o1cXbLwrQPNU5UPXgbF6wLWw70sjXYpJX5ZMywGNqO2maxOPYaLooHymYQdjVlBzza/eP5QZwUPuGPYcAwHT0b3FJ7E9Ai7kuojBzftScfBf4HQy99xTno+4cBQIDAQAB";
    const RSA1024: &str = "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQC3a4f0oMDPJBMZEzLo5ln5Nrd3lkv9eYMf+3pt8LD+0gyjw1mY9H7LMLucU14fdfaGUo/KskPZh7Ucq6SXpAQneVraP7lI1DWQJ21KtH/rh9iu4Ymp9wC8IOBg9D3P+tl4BICzb4o7BbfN0s70UhIrOD09hW8eeiBAlrpmbs6G1wIDAQAB";
    const ED25519: &str = "MCowBQYDK2VwAyEATl8HuMn2txRT3mTv16TzZ8fYvP4ZY3xTAYT5zG71JpU=";
    const K256: &str = "MFYwEAYHKoZIzj0CAQYFK4EEAAoDQgAENjXKVpSi9JGL3iy43rvK4f9jPmZt65wVQPNLjEkS+gt+u5zISM4tjAlt8zuU3qrPDGy6agkY1FEgO2m1ZP7avw==";
    const SIGNED: &[(&str, Algorithm, &str)] = &[
        (
            P256,
            Algorithm::EcdsaAsn1(Hash::Sha256),
            "MEUCIDKEAKr9/hHpd7iGGb/hE6oIRf0Ehouc3E32nSZ259uSAiEA/8J1rWKCjlnTw9HKGKtzrjTTcyP/XxSvZAdpvUfK3ew=",
        ),
        (
            P256,
            Algorithm::EcdsaFixed(Hash::Sha256),
            "MoQAqv3+Eel3uIYZv+ETqghF/QSGi5zcTfadJnbn25L/wnWtYoKOWdPD0coYq3OuNNNzI/9fFK9kB2m9R8rd7A==",
        ),
        (
            P256,
            Algorithm::EcdsaAsn1(Hash::Sha384),
            "MEYCIQCseI4kJObvFvs6drGEp74x9DrLXlNrMTOVjCopawvggAIhAMplrrmHaDoeDGIwJLGYfv/3WTpirbtvwWyFXBYOqxDc",
        ),
        (
            P256,
            Algorithm::EcdsaFixed(Hash::Sha384),
            "rHiOJCTm7xb7OnaxhKe+MfQ6y15TazEzlYwqKWsL4IDKZa65h2g6HgxiMCSxmH7/91k6Yq27b8FshVwWDqsQ3A==",
        ),
        (
            P256,
            Algorithm::EcdsaAsn1(Hash::Sha512),
            "MEQCIHAtu6RC22PTJuHKNU43bXKOx3o4XE/dhOGRfaeKKYQbAiBtXB36QNKJOdwoUru9IvMoIo6tusGIXAJTsQMJYsLdZw==",
        ),
        (
            P256,
            Algorithm::EcdsaFixed(Hash::Sha512),
            "cC27pELbY9Mm4co1Tjdtco7HejhcT92E4ZF9p4ophBttXB36QNKJOdwoUru9IvMoIo6tusGIXAJTsQMJYsLdZw==",
        ),
        (
            P384,
            Algorithm::EcdsaAsn1(Hash::Sha256),
            "MGYCMQCbYMOZJnkBY8UB7REr7LPiThWeFkCLLc/XR4g5dqMsNkykOa8OsVIbG9FUqFNhXcICMQDn9s2Szegnlsfl8zZ/Ch9bHW9OMfqovB/WfsQxI4GQBkZr+Z6kQNbSrCDU+lmIRLU=",
        ),
        (
            P384,
            Algorithm::EcdsaFixed(Hash::Sha256),
            "m2DDmSZ5AWPFAe0RK+yz4k4VnhZAiy3P10eIOXajLDZMpDmvDrFSGxvRVKhTYV3C5/bNks3oJ5bH5fM2fwofWx1vTjH6qLwf1n7EMSOBkAZGa/mepEDW0qwg1PpZiES1",
        ),
        (
            P384,
            Algorithm::EcdsaAsn1(Hash::Sha384),
            "MGUCMQDlNTDzLHJMDAKNWnuUAbfRF9mQsKrjWQRiRIeOd1+S5VnX9s8B3eTkTJm+dpH7nsACMGS1ibuijJIbQg+9cOZMQVNPVQhQa1KNX2olD2RHg55dJnXx6KvK5+wU5LRe2DPxcg==",
        ),
        (
            P384,
            Algorithm::EcdsaFixed(Hash::Sha384),
            "5TUw8yxyTAwCjVp7lAG30RfZkLCq41kEYkSHjndfkuVZ1/bPAd3k5EyZvnaR+57AZLWJu6KMkhtCD71w5kxBU09VCFBrUo1faiUPZEeDnl0mdfHoq8rn7BTktF7YM/Fy",
        ),
        (
            P384,
            Algorithm::EcdsaAsn1(Hash::Sha512),
            "MGUCMQDtS+rvQedZx74MS2tbQEpS0JF9R6t8r4Mde8GzLZ/MpXqFa0eZog7YzTVTl9Nie1UCMG7lk4yTYYM3ZmMVyWpf8o35a9VvpD6oJJPx60uzwKW1em16nUizrPV72at+SM4h5A==",
        ),
        (
            P384,
            Algorithm::EcdsaFixed(Hash::Sha512),
            "7Uvq70HnWce+DEtrW0BKUtCRfUerfK+DHXvBsy2fzKV6hWtHmaIO2M01U5fTYntVbuWTjJNhgzdmYxXJal/yjflr1W+kPqgkk/HrS7PApbV6bXqdSLOs9XvZq35IziHk",
        ),
        (
            P521,
            Algorithm::EcdsaAsn1(Hash::Sha256),
            "MIGIAkIB2lkRp7wTS2w1ksrsV0u8L4BEfkMTPOi6h576XrAP0jsx6VsHDkBH5I2ah7loAkWeIyTs+Zpl4Isnfdw97AbEDSICQgGsYxCEBQEt7uIrCsjRdfihNFQl1wCKd1/ZYKsnVXqkZqQaWf5EyJMx35UKhSLtvkOX3Vi2ZqEsDXWFASDAF+kWVg==",
        ),
        (
            P521,
            Algorithm::EcdsaFixed(Hash::Sha256),
            "AdpZEae8E0tsNZLK7FdLvC+ARH5DEzzouoee+l6wD9I7MelbBw5AR+SNmoe5aAJFniMk7PmaZeCLJ33cPewGxA0iAaxjEIQFAS3u4isKyNF1+KE0VCXXAIp3X9lgqydVeqRmpBpZ/kTIkzHflQqFIu2+Q5fdWLZmoSwNdYUBIMAX6RZW",
        ),
        (
            P521,
            Algorithm::EcdsaAsn1(Hash::Sha384),
            "MIGHAkElbCeCaMZ71PnAlcwkdytTVPwXxXQOCKz62hM4IsQq7esTPM+wgpkkOtwWESpgqn4OYF9/y8AsYdJbd+zGukruvwJCAV+D1FRY2RkGzk4oth3bKMmpOctPaIgh7aYd/zAm69cUVccljuxgRulDFALr5spxSj3Y9D/nVWUZx4DorYuvMCOy",
        ),
        (
            P521,
            Algorithm::EcdsaFixed(Hash::Sha384),
            "ACVsJ4JoxnvU+cCVzCR3K1NU/BfFdA4IrPraEzgixCrt6xM8z7CCmSQ63BYRKmCqfg5gX3/LwCxh0lt37Ma6Su6/AV+D1FRY2RkGzk4oth3bKMmpOctPaIgh7aYd/zAm69cUVccljuxgRulDFALr5spxSj3Y9D/nVWUZx4DorYuvMCOy",
        ),
        (
            P521,
            Algorithm::EcdsaAsn1(Hash::Sha512),
            "MIGIAkIBDLCw5V5l/MSLBtv1oSs87j2XZDxbSK7Le72nfsE2jPO/Ypm14NZTuTXoi8CGGoCW4RNQGnpaNPevyjeAz4a5X7ECQgG+e5M4k55BEa32B4khdeeeHt+MY4DsKVTtFg1SDsg3GhzBA/LsZmpvkCb2MRL7pQywuxYWLleJz1Wa7Gh+NHT37g==",
        ),
        (
            P521,
            Algorithm::EcdsaFixed(Hash::Sha512),
            "AQywsOVeZfzEiwbb9aErPO49l2Q8W0iuy3u9p37BNozzv2KZteDWU7k16IvAhhqAluETUBp6WjT3r8o3gM+GuV+xAb57kziTnkERrfYHiSF1554e34xjgOwpVO0WDVIOyDcaHMED8uxmam+QJvYxEvulDLC7FhYuV4nPVZrsaH40dPfu",
        ),
        (
            RSA2048,
            Algorithm::RsaPkcs1(Hash::Sha256),
            "BlB4qmv+uRYPfl42EwHydxqMAwf21IbJyyV+slj+5YFSlLG7ecSXrnXpl9WRcZmAWy7YXotKHGhsJr1S4ETmiwc4/cK/g4IsRCEp2I8zdHaBCQNc3I1fk+kBXeNrrwf196rjixaFUp9q9uKrTVf/4jjD7JRWgtr/SXU3TFXiZsUsHLuYFWdSvEpMXY8NSprsRrtj7XN64AZnGrTMp2uSmWrRcdkYk2S3TZc+SO/FvWzp/Q2Vj5psDQT/K2ZffXpESrYYkFkKPluguUObyUisLzTcP5FNhe5EvYlcg5zxhXNivXMI3CI3I3IvJxW3BNtIoZKWJqODOt+DMWJOUGtN+g==",
        ),
        (
            RSA2048,
            Algorithm::RsaPss(Hash::Sha256),
            "T17JIrx+CD2W1ZB8XU0mrN3u+JUlcnsXzJ+2UPpXtnZNM/H1BsnwRdkoeNHuj4sqGyQeFMo8OTcu6i5LUEkTB2Ya+9C/VwrdP1R7iE8uX/RbUX7yK6sWeL0EWIjXZCuqFa75tBboczOlumDysVDiiEy6hN8zOaoPJe9yVJYpim+9an0Uk6Wk7j0ynhQt+6M3+9cV6M4WCumKm4+8I4/2xPMYv93D48auXyh2qZ+2xGdfAcAs1KsRcUIGaLdK6ypx7jHoQqRV5hSHKJLlxwqPoDzbbM0Shw64mhp7k7RadzrwU68Bm3QmAmhbMgbWjXboNbZFz3wTLGcLJGxs4rIHmA==",
        ),
        (
            RSA2048,
            Algorithm::RsaPkcs1(Hash::Sha384),
            "jcjg3KOqpSR2ydFG8HWGBgnAxFm7JGc1h4R0RtZ2cj0rsyLjcUBB9eW3xGC+x0dy5kBX9J9E1uVaPgNV4Z8HmPnbYicwx6OATaIJ9vB5bNworJeaGNlLXvvkgmHHzl6pHFVgq1rJGaieTkMJIC4QRyvu6gRhe4SbqxbkyeQWFzfMg8qrZI7v0Hay6p81uwhKzH/xpHzQCpOz1L27hNIuY3SHzZl3i9YVuUMaSBCjILBqbj2sh2U8WHo+V48ahKkRDTGugeQhCq35q8of90y5sP3Xw6wxJUB9/UWFOfUOj6CWQTkVD+T75s1sSN+eWNLe/wrxGZ7E77zsCcaduSQFCg==",
        ),
        (
            RSA2048,
            Algorithm::RsaPss(Hash::Sha384),
            "dBxeHobiaNNbw3TmuTb06XL7JOodnxJyZDeb/cgu1h0OSxKCgq7BhBJitdNStYfSmVXDDOUJuyvhjmKSEGM83NqnG9KBUonoLM2o2fZ3G/vwYfANmGO6F60DXpZSpc85iEP1M3ouGRuxnpDH9Rd8Bbnkhz5zY6/8an+IdbKVZUyT+qwoeFEib8ysCravIx80JoRChAQqqjdeSXMGNuNXeUdrb/1fpO3vlkSwLnu6RaOEGo5qFutOzph18QAi0RBgC5RXn1sYDhHL45kURyuO5NUEgMuQa3/9routETU/wveU6UGCyx0I/E7qRez/tGkBGtM5tz0xBgb5tdbcNGyDgA==",
        ),
        (
            RSA2048,
            Algorithm::RsaPkcs1(Hash::Sha512),
            "jvUwswYKlTZrpv8O5WwBNHJ4BAgx4dIn1A1rEDOXysxMaYkDEm+cNXUf2Az/oiBy78nwK6gDOOzPuuLdcOywkpNm6AtI7eOMOns8dhODVsULfJfyT4zkjPvuW3NM5mkPMxUbXsrwRUrHOO+UqsqwF/zAsqRLzRVANeHsEU84EuE7YAw1Jxz9tcgacK8tSkqROWxtPZNoKkVCWXdJBXVsQeQvmaGgqFXayEAs7TG+jy/aCxdauhhcQ/9DuVZvwn7oWmhwJyElGb5bxfooeQEnAStaZewkqxa4PeoMg3tmvn7DcB11djFSZqG7XW25Uuf/csJIX/sUdPDTP412DmZPeg==",
        ),
        (
            RSA2048,
            Algorithm::RsaPss(Hash::Sha512),
            "DHOG4Yu/LY5azijwEvyhMgwmI1QbulAVzi17PSsRK6UJJAf/PemIbmqBF1j/IZCiSZcxwxIpg/wLyTsh2vPqsClhufL/dgsZCN1UTCXPwEKhDmFDy8NZivs9gaSmbLrOKJeG94tWVpOc8GSMcwnCe40EaWubI80wj0mZHEO25fLNBDOnwIa93mHdtsVwuDRDxNhr0PnLbIpIDStrJLNJfmJwyJc+JFfR5VyHPZR4Q1m1AoAyPgrvKWwwD5D7qNldS3NDOvbMMyJs9c/lse8GfAj3Iznq0MkLftbRJ/eCeT+xNrRqVygznzxHqaiUqpIC2A1rBK4bsPXrWHaqzx8xfw==",
        ),
        (
            ED25519,
            Algorithm::Ed25519,
            "y10L5jakNnTP89KKrdtmst+irtytfly3b2Xkxfm2uGvmkyDE9O1TFQE2VdAqVNsOABHAl7l7TUHMKK8MTx7tCg==",
        ),
    ];

    fn bytes(base64: &str) -> Vec<u8> {
        STANDARD.decode(base64).unwrap()
    }

    fn key(base64: &str) -> PublicKey {
        PublicKey::from_spki(&bytes(base64)).unwrap()
    }

    #[test]
    fn a_signature_by_another_program_fits_and_a_changed_one_does_not() {
        for (spki, algorithm, signature) in SIGNED {
            let (key, signature) = (key(spki), bytes(signature));
            assert_eq!(key.verify(*algorithm, MESSAGE, &signature), Ok(()), "{key:?} {algorithm:?}");
            assert_eq!(key.verify(*algorithm, b"made fast", &signature), Err(KeyError::Mismatch));
            for cut in [0, 1, signature.len() - 1] {
                assert_eq!(key.verify(*algorithm, MESSAGE, &signature[..cut]), Err(KeyError::Mismatch));
            }
            let mut changed = signature.clone();
            changed[signature.len() / 2 + 7] ^= 1;
            assert_eq!(key.verify(*algorithm, MESSAGE, &changed), Err(KeyError::Mismatch));
            assert_eq!(key.verify(*algorithm, MESSAGE, &[signature, vec![0]].concat()), Err(KeyError::Mismatch));
        }
    }

    #[test]
    fn a_digest_stands_for_its_message_except_for_ed25519() {
        for (spki, algorithm, signature) in SIGNED {
            let digest = match algorithm {
                Algorithm::EcdsaAsn1(Hash::Sha256) | Algorithm::RsaPkcs1(Hash::Sha256) => {
                    Sha256::digest(MESSAGE).to_vec()
                }
                Algorithm::EcdsaFixed(Hash::Sha512) | Algorithm::RsaPss(Hash::Sha512) => {
                    sha2::Sha512::digest(MESSAGE).to_vec()
                }
                Algorithm::Ed25519 => {
                    assert!(key(spki).verify_digest(*algorithm, &[0; 32], &bytes(signature)).is_err());
                    continue;
                }
                _ => continue,
            };
            assert_eq!(key(spki).verify_digest(*algorithm, &digest, &bytes(signature)), Ok(()));
            assert!(key(spki).verify_digest(*algorithm, &digest[1..], &bytes(signature)).is_err());
            assert!(key(spki).verify_digest(*algorithm, &vec![0; digest.len()], &bytes(signature)).is_err());
        }
    }

    #[test]
    fn a_key_verifies_only_with_its_own_algorithms() {
        let error = key(P256).verify(Algorithm::RsaPss(Hash::Sha256), MESSAGE, &[0; 64]).unwrap_err();
        assert_eq!(error.to_string(), "ECDSA P-256 keys do not sign with RSA PSS.");
        assert!(key(RSA2048).verify(Algorithm::EcdsaFixed(Hash::Sha256), MESSAGE, &[0; 64]).is_err());
        assert!(key(ED25519).verify(Algorithm::EcdsaFixed(Hash::Sha256), MESSAGE, &[0; 64]).is_err());
    }

    #[test]
    fn a_signature_of_zeros_fits_nothing() {
        for (spki, field) in [(P256, 32), (P384, 48), (P521, 66)] {
            assert!(key(spki).verify(Algorithm::EcdsaFixed(Hash::Sha256), MESSAGE, &vec![0; 2 * field]).is_err());
        }
    }

    #[test]
    fn keys_are_named_by_their_kind_and_size() {
        let names: Vec<_> = [P256, P384, P521, RSA2048, ED25519].map(|spki| key(spki).describe()).into();
        assert_eq!(names, ["ECDSA P-256", "ECDSA P-384", "ECDSA P-521", "RSA 2048", "Ed25519"]);
    }

    #[test]
    fn a_short_rsa_key_and_a_foreign_curve_do_not_count() {
        assert_eq!(PublicKey::from_spki(&bytes(RSA1024)), Err(KeyError::RsaBits(1024)));
        assert!(
            matches!(PublicKey::from_spki(&bytes(K256)), Err(KeyError::Kind(kind)) if kind.contains("1.3.132.0.10"))
        );
    }

    #[test]
    fn the_fingerprint_is_the_sha256_of_the_whole_key() {
        let key = key(ED25519);
        assert_eq!(key.fingerprint(), hex::encode(Sha256::digest(bytes(ED25519))));
        assert_eq!(PublicKey::from_ed25519(&bytes(ED25519)[12..]), Ok(key));
        assert_eq!(PublicKey::from_ed25519(&[0; 31]), Err(KeyError::Broken));
    }

    #[test]
    fn pem_is_read_with_text_around_it_and_another_block_is_named() {
        let pem = format!("# alice\n-----BEGIN PUBLIC KEY-----\r\n{P256}\r\n-----END PUBLIC KEY-----\n");
        assert_eq!(PublicKey::from_pem(&pem), Ok(key(P256)));
        let other = pem.replace("PUBLIC KEY", "CERTIFICATE");
        assert_eq!(PublicKey::from_pem(&other), Err(KeyError::OtherPem("CERTIFICATE".to_owned())));
        assert_eq!(PublicKey::from_pem(P256), Err(KeyError::NoPem));
    }

    proptest::proptest! {
        #[test]
        fn arbitrary_bytes_are_no_key_and_no_signature(junk in proptest::collection::vec(0_u8.., 0..300)) {
            let _ = PublicKey::from_spki(&junk);
            let _ = PublicKey::from_pem(&String::from_utf8_lossy(&junk));
            for (spki, algorithm, _) in SIGNED {
                proptest::prop_assert!(key(spki).verify(*algorithm, MESSAGE, &junk).is_err());
            }
        }
    }
}
