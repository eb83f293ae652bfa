//! Public keys, and whether a signature fits one (aws-lc-rs).

use aws_lc_rs::digest::{Digest, SHA256};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA256_ASN1, ECDSA_P384_SHA384_ASN1,
    ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_ASN1, ECDSA_P521_SHA512_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256,
    RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512, VerificationAlgorithm,
};
use const_oid::ObjectIdentifier;
use const_oid::db::rfc5912;
use const_oid::db::rfc8410::ID_ED_25519;
use der::asn1::UintRef;
use der::pem::PemLabel as _;
use der::{Decode as _, Reader as _};
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::text::sha256_hex;

/// Most bytes of a key's PEM.
const PEM_MAX: usize = 64 << 10;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    P256,
    P384,
    P521,
    Ed25519,
    /// Bits of the modulus.
    Rsa(usize),
}

/// An algorithm that a signature names (RFC 7518, RFC 9053).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Named {
    Es256,
    Es384,
    Es512,
    Ps256,
    Ps384,
    Ps512,
}

/// A public key.
#[derive(Clone)]
pub(crate) struct PublicKey {
    kind: Kind,
    spki: Vec<u8>,
    raw: Vec<u8>,
}

impl PublicKey {
    /// Reads PEM.
    ///
    /// # Errors
    ///
    /// A sentence.
    pub(crate) fn from_pem(pem: &str) -> Result<Self, String> {
        if pem.len() > PEM_MAX {
            return Err("It is larger than a public key.".to_owned());
        }
        let (label, der) =
            der::pem::decode_vec(pem.trim().as_bytes()).map_err(|error| format!("It is not PEM: {error}."))?;
        if label != SubjectPublicKeyInfoOwned::PEM_LABEL {
            return Err(format!("It is a {label}, and not a PUBLIC KEY."));
        }
        Self::from_spki(&der)
    }

    /// Reads SubjectPublicKeyInfo.
    ///
    /// # Errors
    ///
    /// A sentence.
    pub(crate) fn from_spki(der: &[u8]) -> Result<Self, String> {
        let read =
            SubjectPublicKeyInfoOwned::from_der(der).map_err(|error| format!("It is no public key: {error}."))?;
        let raw = read.subject_public_key.as_bytes().ok_or("It is no public key.")?.to_vec();
        let curve = read.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
        let kind = match (read.algorithm.oid, curve) {
            (rfc5912::ID_EC_PUBLIC_KEY, Some(rfc5912::SECP_256_R_1)) => Kind::P256,
            (rfc5912::ID_EC_PUBLIC_KEY, Some(rfc5912::SECP_384_R_1)) => Kind::P384,
            (rfc5912::ID_EC_PUBLIC_KEY, Some(rfc5912::SECP_521_R_1)) => Kind::P521,
            (ID_ED_25519, _) if raw.len() == 32 => Kind::Ed25519,
            (rfc5912::RSA_ENCRYPTION, _) => Kind::Rsa(rsa_bits(&raw).ok_or("It is no RSA key.")?),
            (other, _) => return Err(format!("Keys of the kind {other} are not read here.")),
        };
        if matches!(kind, Kind::Rsa(bits) if !(2048..=8192).contains(&bits)) {
            return Err("RSA keys count from 2048 to 8192 bits.".to_owned());
        }
        Ok(Self { kind, spki: der.to_vec(), raw })
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// SubjectPublicKeyInfo, DER.
    pub(crate) fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// SHA-256 of the SubjectPublicKeyInfo.
    pub(crate) fn fingerprint(&self) -> String {
        sha256_hex(&self.spki)
    }

    pub(crate) fn title(&self) -> String {
        match self.kind {
            Kind::P256 => "ECDSA P-256".to_owned(),
            Kind::P384 => "ECDSA P-384".to_owned(),
            Kind::P521 => "ECDSA P-521".to_owned(),
            Kind::Ed25519 => "Ed25519".to_owned(),
            Kind::Rsa(bits) => format!("RSA {bits}"),
        }
    }

    /// Whether a signature fits, with the algorithms that cosign uses for the key.
    pub(crate) fn fits(&self, message: &[u8], signature: &[u8]) -> bool {
        let algorithms: &[&dyn VerificationAlgorithm] = match self.kind {
            Kind::P256 => &[&ECDSA_P256_SHA256_ASN1],
            Kind::P384 => &[&ECDSA_P384_SHA384_ASN1, &ECDSA_P384_SHA256_ASN1],
            Kind::P521 => &[&ECDSA_P521_SHA512_ASN1],
            Kind::Ed25519 => &[&ED25519],
            Kind::Rsa(_) => &[&RSA_PKCS1_2048_8192_SHA256],
        };
        algorithms.iter().any(|algorithm| algorithm.verify_sig(&self.raw, message, signature).is_ok())
    }

    /// Whether a signature fits bytes of which only the SHA-256 is at hand. Never for Ed25519.
    pub(crate) fn fits_sha256(&self, hash: &[u8], signature: &[u8]) -> bool {
        let algorithm: &dyn VerificationAlgorithm = match self.kind {
            Kind::P256 => &ECDSA_P256_SHA256_ASN1,
            Kind::P384 => &ECDSA_P384_SHA256_ASN1,
            Kind::Rsa(_) => &RSA_PKCS1_2048_8192_SHA256,
            Kind::P521 | Kind::Ed25519 => return false,
        };
        Digest::import_less_safe(hash, &SHA256)
            .is_ok_and(|digest| algorithm.verify_digest_sig(&self.raw, &digest, signature).is_ok())
    }

    /// Whether a signature fits with the algorithm that it names.
    pub(crate) fn fits_as(&self, named: Named, message: &[u8], signature: &[u8]) -> bool {
        let algorithm: &dyn VerificationAlgorithm = match (named, self.kind) {
            (Named::Es256, Kind::P256) => &ECDSA_P256_SHA256_FIXED,
            (Named::Es384, Kind::P384) => &ECDSA_P384_SHA384_FIXED,
            (Named::Es512, Kind::P521) => &ECDSA_P521_SHA512_FIXED,
            (Named::Ps256, Kind::Rsa(_)) => &RSA_PSS_2048_8192_SHA256,
            (Named::Ps384, Kind::Rsa(_)) => &RSA_PSS_2048_8192_SHA384,
            (Named::Ps512, Kind::Rsa(_)) => &RSA_PSS_2048_8192_SHA512,
            _ => return false,
        };
        algorithm.verify_sig(&self.raw, message, signature).is_ok()
    }
}

fn rsa_bits(pkcs1: &[u8]) -> Option<usize> {
    let mut reader = der::SliceReader::new(pkcs1).ok()?;
    let modulus: UintRef<'_> = reader
        .sequence(|inner| {
            let modulus = UintRef::decode(inner)?;
            let _exponent = UintRef::decode(inner)?;
            Ok::<_, der::Error>(modulus)
        })
        .ok()?;
    let bytes = modulus.as_bytes();
    let leading = bytes.first().map_or(0, |byte| byte.leading_zeros());
    bytes.len().checked_mul(8)?.checked_sub(usize::try_from(leading).ok()?)
}
