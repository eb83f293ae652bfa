//! Makes keys, certificates, signatures and the facts around them.

use std::collections::BTreeMap;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair as RsaKeyPair;
use aws_lc_rs::signature::RSA_PSS_SHA256;
use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DistinguishedName, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, KeyUsagePurpose, PKCS_ECDSA_P256_SHA256, PKCS_ED25519, PKCS_RSA_SHA256, PublicKeyData as _,
    SanType, SigningKey as _,
};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

use crate::facts::{Artifact, ArtifactLayer, Bytes, Found, TrustFacts};
use crate::policy::{TrustPolicy, TrustedIdentity, TrustedKey};
use crate::text::{sha256_hex, to_base64};
use crate::verdict::Verdict;

pub(super) const HASH: &str = "448339565af2111e64e379683012d9988245fe7d5dcfaad3d7e639cc01262731";
pub(super) const NOW: OffsetDateTime = datetime!(2026-11-24 12:00 UTC);

pub(super) fn image() -> String {
    format!("sha256:{HASH}")
}

pub(super) struct Key(pub(super) KeyPair);

impl Key {
    pub(super) fn p256() -> Self {
        Self(KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap())
    }

    pub(super) fn ed25519() -> Self {
        Self(KeyPair::generate_for(&PKCS_ED25519).unwrap())
    }

    pub(super) fn rsa() -> Self {
        Self(KeyPair::generate_for(&PKCS_RSA_SHA256).unwrap())
    }

    /// ECDSA in DER, RSA by PKCS#1 v1.5, Ed25519.
    pub(super) fn sign(&self, message: &[u8]) -> Vec<u8> {
        self.0.sign(message).unwrap()
    }

    pub(super) fn sign_pss(&self, message: &[u8]) -> Vec<u8> {
        let pair = RsaKeyPair::from_pkcs8(self.0.serialized_der()).unwrap();
        let mut out = vec![0; pair.public_modulus_len()];
        pair.sign(&RSA_PSS_SHA256, &SystemRandom::new(), message, &mut out).unwrap();
        out
    }

    /// ECDSA P-256, r and s side by side.
    pub(super) fn sign_fixed(&self, message: &[u8]) -> Vec<u8> {
        p256::ecdsa::Signature::from_der(&self.sign(message)).unwrap().to_bytes().to_vec()
    }

    pub(super) fn pem(&self) -> String {
        self.0.public_key_pem()
    }

    pub(super) fn spki(&self) -> Vec<u8> {
        self.0.subject_public_key_info()
    }

    /// The hint that cosign writes.
    pub(super) fn hint(&self) -> String {
        to_base64(&hex::decode(sha256_hex(&self.spki())).unwrap())
    }

    pub(super) fn trusted(&self, name: &str) -> TrustedKey {
        TrustedKey { name: name.to_owned(), pem: self.pem(), scope: String::new() }
    }
}

pub(super) fn policy(keys: &[(&str, &Key)]) -> TrustPolicy {
    TrustPolicy { keys: keys.iter().map(|(name, key)| key.trusted(name)).collect(), ..TrustPolicy::default() }
}

pub(super) struct Authority {
    pub(super) issuer: Issuer<'static, KeyPair>,
    pub(super) pem: String,
    pub(super) der: Vec<u8>,
}

pub(super) fn authority(name: &str) -> Authority {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).unwrap();
    let mut params = CertificateParams::default();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params.not_before = datetime!(2020-01-01 0:00 UTC);
    params.not_after = datetime!(2040-01-01 0:00 UTC);
    let certificate = params.self_signed(&key).unwrap();
    Authority { pem: certificate.pem(), der: certificate.der().to_vec(), issuer: Issuer::new(params, key) }
}

/// How a signer's certificate is made.
pub(super) struct Leaf {
    pub(super) params: CertificateParams,
}

impl Leaf {
    /// As Notation wants it.
    pub(super) fn notation(common_name: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        for (kind, value) in [
            (DnType::CountryName, "DE"),
            (DnType::StateOrProvinceName, "BE"),
            (DnType::OrganizationName, "Lab"),
            (DnType::CommonName, common_name),
        ] {
            params.distinguished_name.push(kind, value);
        }
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
        params.not_before = datetime!(2026-01-01 0:00 UTC);
        params.not_after = datetime!(2027-01-01 0:00 UTC);
        Self { params }
    }

    /// As Fulcio makes it: ten minutes, an e-mail address, an OIDC issuer.
    pub(super) fn fulcio(email: &str, issuer: &str) -> Self {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.subject_alt_names = vec![SanType::Rfc822Name(email.try_into().unwrap())];
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning];
        let mut value = vec![0x0c, u8::try_from(issuer.len()).unwrap()];
        value.extend_from_slice(issuer.as_bytes());
        params.custom_extensions = vec![CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 57264, 1, 8], value)];
        params.not_before = datetime!(2026-03-01 10:00 UTC);
        params.not_after = datetime!(2026-03-01 10:10 UTC);
        Self { params }
    }

    pub(super) fn issued(&self, key: &Key, authority: &Authority) -> (Vec<u8>, String) {
        let certificate = self.params.signed_by(&key.0, &authority.issuer).unwrap();
        (certificate.der().to_vec(), certificate.pem())
    }
}

pub(super) fn identity(subject: &str, issuer: &str, authority: &Authority) -> TrustedIdentity {
    TrustedIdentity {
        name: "builder".to_owned(),
        subject: subject.to_owned(),
        issuer: issuer.to_owned(),
        roots: authority.pem.clone(),
        scope: String::new(),
    }
}

pub(super) fn layer(media_type: &str, bytes: &[u8]) -> ArtifactLayer {
    ArtifactLayer {
        media_type: media_type.to_owned(),
        digest: format!("sha256:{}", sha256_hex(bytes)),
        size: bytes.len() as u64,
        annotations: BTreeMap::new(),
        bytes: Some(Bytes(bytes.to_vec())),
        unread: None,
    }
}

pub(super) fn artifact(found: Found, artifact_type: &str, layers: Vec<ArtifactLayer>) -> Artifact {
    Artifact {
        found,
        place: "registry.example/lab/app:sha256-4483.sig".to_owned(),
        subject: image(),
        digest: format!("sha256:{}", sha256_hex(b"{}")),
        artifact_type: artifact_type.to_owned(),
        manifest: Bytes(b"{}".to_vec()),
        layers,
    }
}

pub(super) fn facts(artifacts: Vec<Artifact>) -> TrustFacts {
    TrustFacts {
        repository: "registry.example/lab/app".to_owned(),
        tag: Some("1".to_owned()),
        digests: vec![image()],
        collected: "2026-11-24T12:00:00Z".to_owned(),
        artifacts,
        ..TrustFacts::default()
    }
}

/// Judges one artifact, and expects one verdict.
pub(super) fn judged(artifact: Artifact, policy: &TrustPolicy) -> Verdict {
    let mut verdicts = crate::artifacts(&facts(vec![artifact]), policy, NOW);
    assert_eq!(verdicts.len(), 1, "{verdicts:#?}");
    verdicts.remove(0)
}

pub(super) fn simple_payload(digest: &str) -> Vec<u8> {
    json!({"critical": {"identity": {"docker-reference": "registry.example/lab/app"},
        "image": {"docker-manifest-digest": digest}, "type": "cosign container image signature"}, "optional": null})
    .to_string()
    .into_bytes()
}

/// A layer of a cosign tag.
pub(super) fn simple(payload: &[u8], signature: &[u8]) -> ArtifactLayer {
    let mut out = layer("application/vnd.dev.cosign.simplesigning.v1+json", payload);
    out.annotations.insert("dev.cosignproject.cosign/signature".to_owned(), to_base64(signature));
    out
}

pub(super) fn tag(layers: Vec<ArtifactLayer>) -> Artifact {
    artifact(Found::CosignTag, "application/vnd.oci.image.config.v1+json", layers)
}

pub(super) fn statement(predicate_type: &str, hash: &str, predicate: &Value) -> Vec<u8> {
    json!({"_type": "https://in-toto.io/Statement/v1", "subject": [{"name": "app", "digest": {"sha256": hash}}],
        "predicateType": predicate_type, "predicate": predicate})
    .to_string()
    .into_bytes()
}

pub(super) fn pae(payload: &[u8]) -> Vec<u8> {
    let kind = "application/vnd.in-toto+json";
    [format!("DSSEv1 {} {kind} {} ", kind.len(), payload.len()).as_bytes(), payload].concat()
}

pub(super) fn envelope(payload: &[u8], keyid: &str, signature: &[u8]) -> Value {
    json!({"payloadType": "application/vnd.in-toto+json", "payload": to_base64(payload),
        "signatures": [{"keyid": keyid, "sig": to_base64(signature)}]})
}

pub(super) const BUNDLE: &str = "application/vnd.dev.sigstore.bundle.v0.3+json";

pub(super) fn bundle(material: &Value, content: &str, value: &Value) -> Artifact {
    let bytes = json!({"mediaType": BUNDLE, "verificationMaterial": material, content: value}).to_string();
    artifact(Found::Referrers, BUNDLE, vec![layer(BUNDLE, bytes.as_bytes())])
}

/// The body of a log entry about a signature.
pub(super) fn hashedrekord(message: &[u8], signature: &[u8], verifier_pem: &str) -> Vec<u8> {
    json!({"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {
        "data": {"hash": {"algorithm": "sha256", "value": sha256_hex(message)}},
        "signature": {"content": to_base64(signature), "publicKey": {"content": to_base64(verifier_pem.as_bytes())}}}})
    .to_string()
    .into_bytes()
}

/// cosign's annotation with a log's promise.
pub(super) fn promise(log: &Key, body: &[u8], at: OffsetDateTime) -> Value {
    let (body, seconds, id) = (to_base64(body), at.unix_timestamp(), sha256_hex(&log.spki()));
    let signed = format!(r#"{{"body":"{body}","integratedTime":{seconds},"logID":"{id}","logIndex":7}}"#);
    json!({"SignedEntryTimestamp": to_base64(&log.sign(signed.as_bytes())),
        "Payload": {"body": body, "integratedTime": seconds, "logIndex": 7, "logID": id}})
}
