//! Signatures of the Notary Project in both envelopes, against trust policies of every level.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use coset::cbor::value::Value as Cbor;
use coset::{CborSerializable as _, CoseSign1Builder, HeaderBuilder, TaggedCborSerializable as _, iana};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::macros::datetime;

use super::make::*;
use crate::facts::{Artifact, Found};
use crate::policy::{NotationLevel, NotationPolicy, TrustPolicy};
use crate::text::to_base64;
use crate::verdict::{Invalid, LinkKind, Scheme, State, Verdict};

const KIND: &str = "application/vnd.cncf.notary.signature";
const CONTENT: &str = "application/vnd.cncf.notary.payload.v1+json";
const SCHEME: &str = "io.cncf.notary.signingScheme";

fn target(digest: &str) -> Vec<u8> {
    json!({"targetArtifact": {"mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 401}})
        .to_string()
        .into_bytes()
}

fn protected() -> Value {
    json!({"alg": "ES256", "crit": [SCHEME], "cty": CONTENT, SCHEME: "notary.x509",
        "io.cncf.notary.signingTime": "2026-02-01T00:00:00Z"})
}

fn jws(protected: &Value, payload: &[u8], chain: &[&[u8]], sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let (protected, payload) = (URL_SAFE_NO_PAD.encode(protected.to_string()), URL_SAFE_NO_PAD.encode(payload));
    let signature = URL_SAFE_NO_PAD.encode(sign(format!("{protected}.{payload}").as_bytes()));
    let chain: Vec<String> = chain.iter().map(|der| to_base64(der)).collect();
    json!({"payload": payload, "protected": protected, "signature": signature,
        "header": {"x5c": chain, "io.cncf.notary.signingAgent": "lab/1.0"}})
    .to_string()
    .into_bytes()
}

fn referrer(bytes: &[u8]) -> Artifact {
    artifact(Found::Referrers, KIND, vec![layer("application/jose+json", bytes)])
}

fn trusting(authority: &Authority, level: NotationLevel) -> TrustPolicy {
    TrustPolicy {
        notation: vec![NotationPolicy {
            name: "lab".to_owned(),
            registry_scopes: vec!["*".to_owned()],
            level,
            roots: authority.pem.clone(),
            authority_roots: String::new(),
            trusted_identities: vec!["x509.subject: C=DE, ST=BE, O=Lab".to_owned()],
        }],
        ..TrustPolicy::default()
    }
}

struct Lab {
    authority: Authority,
    key: Key,
    leaf: Vec<u8>,
}

fn lab_of(leaf: &Leaf) -> Lab {
    let (authority, key) = (authority("Lab CA"), Key::p256());
    let (leaf, _) = leaf.issued(&key, &authority);
    Lab { authority, key, leaf }
}

fn lab() -> Lab {
    lab_of(&Leaf::notation("signer"))
}

impl Lab {
    fn signed(&self, protected: &Value, payload: &[u8]) -> Artifact {
        referrer(&jws(protected, payload, &[&self.leaf, &self.authority.der], |message| self.key.sign_fixed(message)))
    }

    fn judged(&self, protected: &Value) -> Verdict {
        judged(self.signed(protected, &target(&image())), &trusting(&self.authority, NotationLevel::Strict))
    }
}

#[test]
fn the_type_of_the_config_makes_it_a_signature_whatever_else_it_is_said_to_be() {
    let lab = lab();
    let mut one = lab.signed(&protected(), &target(&image()));
    one.artifact_type = "application/vnd.example".to_owned();
    one.manifest.0 = json!({"config": {"mediaType": KIND}}).to_string().into_bytes();
    one.digest = format!("sha256:{}", crate::text::sha256_hex(&one.manifest.0));
    assert_eq!(judged(one, &trusting(&lab.authority, NotationLevel::Strict)).state, State::Verified);
}

#[test]
fn a_jws_by_a_trusted_signer_is_verified() {
    let lab = lab();
    let verdict = lab.judged(&protected());
    assert_eq!((verdict.scheme, verdict.state), (Scheme::Notation, State::Verified), "{}", verdict.reason);
    assert_eq!(verdict.signers[0].name, "C=DE, ST=BE, O=Lab, CN=signer");
    assert_eq!(verdict.signed_at, "2026-02-01T00:00:00Z");
    let kinds: Vec<LinkKind> = verdict.chain.iter().map(|link| link.kind).collect();
    assert_eq!(
        kinds,
        [LinkKind::Anchor, LinkKind::Certificate, LinkKind::Signature, LinkKind::Payload, LinkKind::Digest]
    );
    assert!(verdict.chain.iter().all(|link| link.holds == Some(true)), "{:#?}", verdict.chain);
    assert!(verdict.notes.iter().any(|note| note.contains("Revocation")));
}

#[test]
fn rsa_signs_with_pss() {
    let (authority, key) = (authority("Lab CA"), Key::rsa());
    let (leaf, _) = Leaf::notation("rsa").issued(&key, &authority);
    let mut headers = protected();
    headers["alg"] = json!("PS256");
    let policy = trusting(&authority, NotationLevel::Strict);
    let bytes = jws(&headers, &target(&image()), &[&leaf], |message| key.sign_pss(message));
    assert_eq!(judged(referrer(&bytes), &policy).state, State::Verified);
    headers["alg"] = json!("PS384");
    let bytes = jws(&headers, &target(&image()), &[&leaf], |message| key.sign_pss(message));
    let verdict = judged(referrer(&bytes), &policy);
    assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Format)), "{}", verdict.reason);
}

#[test]
fn headers_that_notation_does_not_take_are_refused() {
    let lab = lab();
    let time = "io.cncf.notary.signingTime";
    let changes: [(&str, Value); 9] = [
        (SCHEME, json!("notary.unknown")),
        ("alg", json!("none")),
        ("alg", json!("HS256")),
        ("cty", json!("text/plain")),
        ("crit", json!([])),
        ("crit", json!([SCHEME, "io.cncf.notary.verificationPlugin"])),
        ("crit", json!([SCHEME, "io.cncf.notary.expiry"])),
        ("io.cncf.notary.expiry", json!("2030-01-01T00:00:00Z")),
        (time, json!("yesterday")),
    ];
    for (name, value) in changes {
        let mut headers = protected();
        headers[name] = value.clone();
        let verdict = lab.judged(&headers);
        assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Format)), "{name}: {value}");
    }
    let mut headers = protected();
    headers.as_object_mut().unwrap().remove(time);
    assert_eq!(lab.judged(&headers).state, State::Invalid);
    headers[time] = json!("2026-02-01T00:00:00Z");
    headers["unknown"] = json!({"not": "critical"});
    assert_eq!(lab.judged(&headers).state, State::Verified);
}

#[test]
fn a_changed_payload_and_another_algorithm_do_not_fit() {
    let lab = lab();
    let policy = trusting(&lab.authority, NotationLevel::Strict);
    let other = Key::p256();
    let forged = jws(&protected(), &target(&image()), &[&lab.leaf], |message| other.sign_fixed(message));
    let verdict = judged(referrer(&forged), &policy);
    assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Signature)));
    let der = jws(&protected(), &target(&image()), &[&lab.leaf], |message| lab.key.sign(message));
    assert_eq!(judged(referrer(&der), &policy).kind, Some(Invalid::Signature));
}

#[test]
fn the_target_must_be_the_image() {
    let lab = lab();
    let policy = trusting(&lab.authority, NotationLevel::Strict);
    let other = lab.signed(&protected(), &target(&format!("sha256:{}", "ef".repeat(32))));
    assert_eq!(judged(other, &policy).state, State::OtherDigest);
    for payload in [&b"{}"[..], b"text", &target("latest")] {
        let verdict = judged(lab.signed(&protected(), payload), &policy);
        assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Format)));
    }
}

#[test]
fn an_expired_signature_is_out_of_date_and_permissive_only_tells() {
    let lab = lab();
    let mut headers = protected();
    headers["crit"] = json!([SCHEME, "io.cncf.notary.expiry"]);
    headers["io.cncf.notary.expiry"] = json!("2026-03-01T00:00:00Z");
    let verdict = lab.judged(&headers);
    assert_eq!((verdict.state, verdict.kind), (State::Expired, Some(Invalid::Expired)));
    assert_eq!(verdict.expires, "2026-03-01T00:00:00Z");
    for level in [NotationLevel::Permissive, NotationLevel::Audit] {
        let verdict = judged(lab.signed(&headers, &target(&image())), &trusting(&lab.authority, level));
        assert_eq!(verdict.state, State::Verified);
        assert!(verdict.notes.iter().any(|note| note.starts_with("The signature counted only until")));
    }
}

#[test]
fn certificates_must_be_in_date_now_and_for_an_authority_when_it_signed() {
    let mut leaf = Leaf::notation("old");
    leaf.params.not_before = datetime!(2021-01-01 0:00 UTC);
    leaf.params.not_after = datetime!(2022-01-01 0:00 UTC);
    let lab = lab_of(&leaf);
    let verdict = lab.judged(&protected());
    assert_eq!((verdict.state, verdict.kind), (State::Expired, Some(Invalid::Expired)), "{}", verdict.reason);
    let time = "io.cncf.notary.authenticSigningTime";
    let mut headers = json!({"alg": "ES256", "crit": [SCHEME, time], "cty": CONTENT,
        SCHEME: "notary.x509.signingAuthority", time: "2021-06-01T00:00:00Z"});
    // Ordinary signers' certificates do not count for a signing authority.
    let verdict = lab.judged(&headers);
    assert_eq!(verdict.state, State::NoKey);
    assert!(verdict.reason.contains("no certificates of signing authorities"), "{}", verdict.reason);
    let mut policy = trusting(&lab.authority, NotationLevel::Strict);
    policy.notation[0].authority_roots = std::mem::take(&mut policy.notation[0].roots);
    let by_authority = |headers: &Value| judged(lab.signed(headers, &target(&image())), &policy);
    assert_eq!(by_authority(&headers).state, State::Verified);
    assert_ne!(by_authority(&protected()).state, State::Verified);
    headers[time] = json!("2022-06-01T00:00:00Z");
    assert_eq!(by_authority(&headers).state, State::Expired);
    headers["crit"] = json!([SCHEME]);
    assert_eq!(lab.judged(&headers).kind, Some(Invalid::Format));
    let verdict =
        judged(lab.signed(&protected(), &target(&image())), &trusting(&lab.authority, NotationLevel::Permissive));
    assert_eq!(verdict.state, State::Verified);
}

#[test]
fn who_is_not_trusted_is_another_signer() {
    let lab = lab();
    let artifact = lab.signed(&protected(), &target(&image()));
    let strict = NotationLevel::Strict;
    assert_eq!(judged(artifact.clone(), &trusting(&authority("Lab CA"), strict)).state, State::OtherSigner);
    let mut policy = trusting(&lab.authority, strict);
    policy.notation[0].trusted_identities = vec!["x509.subject: C=DE, O=Lab, CN=somebody".to_owned()];
    let verdict = judged(artifact.clone(), &policy);
    assert_eq!(verdict.state, State::OtherSigner);
    assert!(verdict.reason.contains("trusted identities"), "{}", verdict.reason);
    policy.notation[0].level = NotationLevel::Audit;
    let verdict = judged(artifact.clone(), &policy);
    assert_eq!(verdict.state, State::OtherSigner, "audit is no pass");
    assert!(verdict.notes.iter().any(|note| note.contains("audit")));
    policy.notation[0].trusted_identities = vec!["*".to_owned()];
    assert_eq!(judged(artifact.clone(), &policy).state, State::Verified);
    policy.notation[0].level = NotationLevel::Skip;
    assert_eq!(judged(artifact.clone(), &policy).state, State::NoKey);
    policy.notation[0].trusted_identities.clear();
    policy.notation[0].level = strict;
    assert_eq!(judged(artifact, &policy).state, State::OtherSigner);
}

#[test]
fn the_policy_that_names_the_repository_goes_before_the_one_for_all() {
    let lab = lab();
    let artifact = lab.signed(&protected(), &target(&image()));
    let mut policy = trusting(&lab.authority, NotationLevel::Strict);
    policy.notation[0].registry_scopes = vec!["registry.example/lab/app".to_owned()];
    let mut all = trusting(&authority("Other CA"), NotationLevel::Strict).notation.remove(0);
    all.name = "all".to_owned();
    policy.notation.insert(0, all);
    assert_eq!(judged(artifact.clone(), &policy).state, State::Verified);
    policy.notation[1].registry_scopes = vec!["registry.example/lab/other".to_owned()];
    assert_eq!(judged(artifact.clone(), &policy).state, State::OtherSigner);
    policy.notation.remove(0);
    let verdict = judged(artifact, &policy);
    assert_eq!(verdict.state, State::NoKey);
    assert!(verdict.reason.contains("CN=signer"), "{}", verdict.reason);
}

#[test]
fn a_certificate_that_may_not_sign_code_is_refused() {
    use rcgen::{ExtendedKeyUsagePurpose as Purpose, KeyUsagePurpose};
    let refused = |change: &dyn Fn(&mut Leaf)| {
        let mut leaf = Leaf::notation("odd");
        change(&mut leaf);
        let verdict = lab_of(&leaf).judged(&protected());
        assert!(matches!(verdict.state, State::Invalid | State::OtherSigner), "{}", verdict.reason);
    };
    refused(&|leaf| leaf.params.key_usages.clear());
    refused(&|leaf| leaf.params.key_usages = vec![KeyUsagePurpose::KeyEncipherment]);
    refused(&|leaf| leaf.params.extended_key_usages = vec![Purpose::ServerAuth]);
    refused(&|leaf| leaf.params.extended_key_usages.push(Purpose::ServerAuth));
    refused(&|leaf| leaf.params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained));
    let mut leaf = Leaf::notation("plain");
    leaf.params.extended_key_usages.clear();
    assert_eq!(lab_of(&leaf).judged(&protected()).state, State::Verified);
}

#[test]
fn a_self_signed_certificate_counts_only_when_it_is_itself_in_the_store() {
    let key = Key::p256();
    let own = Leaf::notation("own").params.self_signed(&key.0).unwrap();
    let artifact = referrer(&jws(&protected(), &target(&image()), &[own.der()], |message| key.sign_fixed(message)));
    let mut policy = trusting(&authority("Lab CA"), NotationLevel::Strict);
    assert_eq!(judged(artifact.clone(), &policy).state, State::OtherSigner);
    policy.notation[0].roots = own.pem();
    assert_eq!(judged(artifact, &policy).state, State::Verified);
}

fn cose(lab: &Lab, critical: &[&str], extra: &[(&str, Cbor)]) -> Artifact {
    let mut headers = HeaderBuilder::new().algorithm(iana::Algorithm::ES256).content_type(CONTENT.to_owned());
    for label in critical {
        headers = headers.add_critical_label(coset::RegisteredLabelWithPrivate::Text((*label).to_owned()));
    }
    let at = |at: OffsetDateTime| Cbor::Tag(1, Box::new(Cbor::from(at.unix_timestamp())));
    headers = headers
        .text_value(SCHEME.to_owned(), Cbor::from("notary.x509"))
        .text_value("io.cncf.notary.signingTime".to_owned(), at(datetime!(2026-02-01 0:00 UTC)));
    for (label, value) in extra {
        headers = headers.text_value((*label).to_owned(), value.clone());
    }
    let chain = Cbor::Array(vec![Cbor::from(lab.leaf.clone()), Cbor::from(lab.authority.der.clone())]);
    let beside = HeaderBuilder::new()
        .value(33, chain)
        .text_value("io.cncf.notary.timestampSignature".to_owned(), Cbor::from(vec![1_u8]))
        .build();
    let sign1 = CoseSign1Builder::new()
        .protected(headers.build())
        .unprotected(beside)
        .payload(target(&image()))
        .create_signature(b"", |message| lab.key.sign_fixed(message))
        .build();
    artifact(Found::Referrers, KIND, vec![layer("application/cose", &sign1.to_tagged_vec().unwrap())])
}

#[test]
fn a_cose_envelope_is_judged_as_a_jws_is() {
    let lab = lab();
    let policy = trusting(&lab.authority, NotationLevel::Strict);
    let verdict = judged(cose(&lab, &[SCHEME], &[]), &policy);
    assert_eq!(verdict.state, State::Verified, "{}", verdict.reason);
    assert!(verdict.notes.iter().any(|note| note.contains("timestamp of an authority")));
    let expiry = "io.cncf.notary.expiry";
    let past = Cbor::Tag(1, Box::new(Cbor::from(1_767_300_000)));
    assert_eq!(judged(cose(&lab, &[SCHEME, expiry], &[(expiry, past)]), &policy).state, State::Expired);
    for artifact in [
        cose(&lab, &[], &[]),
        cose(&lab, &[SCHEME, "unknown"], &[("unknown", Cbor::from(1))]),
        cose(&lab, &[SCHEME, expiry], &[(expiry, Cbor::from("2030-01-01T00:00:00Z"))]),
        cose(&lab, &[SCHEME, expiry], &[(expiry, Cbor::Tag(1, Box::new(Cbor::Float(1e99))))]),
    ] {
        let verdict = judged(artifact, &policy);
        assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Format)), "{}", verdict.reason);
    }
    let mut changed = cose(&lab, &[SCHEME], &[]);
    let mut read = coset::CoseSign1::from_tagged_slice(&changed.layers[0].bytes.as_ref().unwrap().0).unwrap();
    read.payload = Some(target(&format!("sha256:{}", "ef".repeat(32))));
    changed.layers = vec![layer("application/cose", &read.clone().to_tagged_vec().unwrap())];
    assert_eq!(judged(changed.clone(), &policy).kind, Some(Invalid::Signature));
    changed.layers = vec![layer("application/cose", &read.to_vec().unwrap())];
    assert_eq!(judged(changed, &policy).kind, Some(Invalid::Format), "without its tag");
}

#[test]
fn an_artifact_of_no_or_two_layers_or_an_unknown_envelope_is_malformed() {
    let lab = lab();
    let policy = trusting(&lab.authority, NotationLevel::Strict);
    let good = lab.signed(&protected(), &target(&image())).layers.remove(0);
    for layers in [vec![], vec![good.clone(), good], vec![layer("text/plain", b"x")]] {
        let verdict = judged(artifact(Found::ReferrersTag, KIND, layers), &policy);
        assert_eq!((verdict.scheme, verdict.state), (Scheme::Notation, State::Invalid));
    }
    let mut unread = lab.signed(&protected(), &target(&image()));
    unread.layers[0].bytes = None;
    assert_eq!(judged(unread, &policy).state, State::Unreachable);
}
