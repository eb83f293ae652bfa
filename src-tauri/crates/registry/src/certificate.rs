//! Reads what a certificate says (X.509, RFC 5280), to be shown. Nothing is verified here.

use std::net::IpAddr;

use sha2::{Digest, Sha256};
use x509_cert::Certificate;
use x509_cert::der::asn1::{ObjectIdentifier, UintRef};
use x509_cert::der::{Decode, Reader, SliceReader};
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

use crate::error::quoted;
use crate::facts::CertificateFacts;

/// Names of one certificate that are kept, and characters of each.
const NAMES: usize = 200;
const NAME: usize = 300;

/// What the certificate says; of one that cannot be read only its fingerprint.
pub(crate) fn read(der: &[u8]) -> CertificateFacts {
    let sha256 = hex::encode(Sha256::digest(der));
    let Ok(certificate) = Certificate::from_der(der) else {
        return CertificateFacts { subject: "It cannot be read".into(), sha256, ..CertificateFacts::default() };
    };
    let body = certificate.tbs_certificate();
    let names = match body.get_extension::<SubjectAltName>() {
        Ok(Some((_, names))) => names.0.iter().take(NAMES).filter_map(name).collect(),
        _ => Vec::new(),
    };
    CertificateFacts {
        subject: quoted(&body.subject().to_string(), 1000),
        issuer: quoted(&body.issuer().to_string(), 1000),
        names,
        not_before: body.validity().not_before.to_string(),
        not_after: body.validity().not_after.to_string(),
        key: key(body.subject_public_key_info()),
        signature: algorithm(certificate.signature_algorithm().oid),
        sha256,
    }
}

fn name(name: &GeneralName) -> Option<String> {
    let text = match name {
        GeneralName::DnsName(text) | GeneralName::Rfc822Name(text) | GeneralName::UniformResourceIdentifier(text) => {
            text.as_str().to_owned()
        }
        GeneralName::IpAddress(bytes) => {
            let bytes = bytes.as_bytes();
            let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from)).ok()?.to_string()
        }
        _ => return None,
    };
    Some(quoted(&text, NAME))
}

fn key(key: &SubjectPublicKeyInfoOwned) -> String {
    let curve = key.algorithm.parameters.as_ref().and_then(|any| any.decode_as::<ObjectIdentifier>().ok());
    match key.algorithm.oid.to_string().as_str() {
        oid @ ("1.2.840.113549.1.1.1" | "1.2.840.113549.1.1.10") => {
            let name = if oid.ends_with("10") { "RSA-PSS" } else { "RSA" };
            match key.subject_public_key.as_bytes().and_then(modulus_bits) {
                Some(bits) => format!("{name} {bits}"),
                None => name.to_owned(),
            }
        }
        "1.2.840.10045.2.1" => match curve.map(|curve| curve.to_string()).as_deref() {
            Some("1.2.840.10045.3.1.7") => "ECDSA P-256".into(),
            Some("1.3.132.0.34") => "ECDSA P-384".into(),
            Some("1.3.132.0.35") => "ECDSA P-521".into(),
            Some(other) => format!("ECDSA {other}"),
            None => "ECDSA".into(),
        },
        "1.2.840.10040.4.1" => "DSA".into(),
        "1.3.101.112" => "Ed25519".into(),
        "1.3.101.113" => "Ed448".into(),
        other => other.to_owned(),
    }
}

/// Bits of an RSA key's modulus (RSAPublicKey, RFC 8017, A.1.1).
fn modulus_bits(bytes: &[u8]) -> Option<usize> {
    let mut reader = SliceReader::new(bytes).ok()?;
    let modulus = reader
        .sequence(|inner| {
            let modulus = UintRef::decode(inner)?;
            UintRef::decode(inner)?;
            Ok::<_, x509_cert::der::Error>(modulus.as_bytes().to_vec())
        })
        .ok()?;
    let first = modulus.first()?.leading_zeros();
    modulus.len().checked_mul(8)?.checked_sub(usize::try_from(first).ok()?)
}

/// The name of a signature algorithm, or its OID.
fn algorithm(oid: ObjectIdentifier) -> String {
    let oid = oid.to_string();
    let name = match oid.as_str() {
        "1.2.840.113549.1.1.2" => "MD2 with RSA",
        "1.2.840.113549.1.1.4" => "MD5 with RSA",
        "1.2.840.113549.1.1.5" | "1.3.14.3.2.29" => "SHA-1 with RSA",
        "1.2.840.113549.1.1.11" => "SHA-256 with RSA",
        "1.2.840.113549.1.1.12" => "SHA-384 with RSA",
        "1.2.840.113549.1.1.13" => "SHA-512 with RSA",
        "1.2.840.113549.1.1.10" => "RSA-PSS",
        "1.2.840.10045.4.1" => "SHA-1 with ECDSA",
        "1.2.840.10045.4.3.2" => "SHA-256 with ECDSA",
        "1.2.840.10045.4.3.3" => "SHA-384 with ECDSA",
        "1.2.840.10045.4.3.4" => "SHA-512 with ECDSA",
        "1.2.840.10040.4.3" => "SHA-1 with DSA",
        "1.3.101.112" => "Ed25519",
        "1.3.101.113" => "Ed448",
        other => other,
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::authority;

    #[test]
    fn a_certificates_words_are_read() {
        let issued = authority("r.example").issue(&["r.example", "127.0.0.1"], -1, 30);
        let facts = read(&issued.certificate);
        assert_eq!((facts.subject.as_str(), facts.issuer.as_str()), ("CN=r.example", "CN=Authority of r.example"));
        assert_eq!(facts.names, ["r.example", "127.0.0.1"]);
        assert_eq!((facts.key.as_str(), facts.signature.as_str()), ("ECDSA P-256", "SHA-256 with ECDSA"));
        assert!(facts.not_after.ends_with('Z') && facts.not_after > facts.not_before, "{facts:?}");
        assert_eq!(facts.sha256.len(), 64);
    }

    #[test]
    fn an_rsa_key_tells_its_bits() {
        // RSAPublicKey with a modulus of 0x00ff…, 16 bits, and the exponent 3.
        assert_eq!(modulus_bits(&[0x30, 8, 2, 3, 0, 0xff, 1, 2, 1, 3]), Some(16));
        assert_eq!(modulus_bits(&[0x30, 8, 2, 3, 0]), None);
        assert_eq!(modulus_bits(&[]), None);
    }

    proptest! {
        #[test]
        fn any_bytes_are_survived(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = read(&bytes);
            let _ = modulus_bits(&bytes);
        }
    }
}
