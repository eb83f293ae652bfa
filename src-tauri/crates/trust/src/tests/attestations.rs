//! Statements about an image, signed and not.

use serde_json::json;

use super::make::*;
use crate::facts::Found;
use crate::policy::TrustPolicy;
use crate::verdict::{Invalid, LinkKind, Scheme, State};

const SLSA: &str = "https://slsa.dev/provenance/v0.2";

fn provenance() -> serde_json::Value {
    json!({"builder": {"id": "https://ci.example/builder"}, "materials": [
        {"uri": "pkg:docker/debian@12?platform=linux%2Famd64", "digest": {"sha256": "ef".repeat(32)}}]})
}

#[test]
fn a_signed_attestation_is_verified_and_says_what_it_is() {
    let key = Key::p256();
    let payload = statement(SLSA, HASH, &provenance());
    let dsse = envelope(&payload, "", &key.sign(&pae(&payload))).to_string();
    let one =
        artifact(Found::AttestationTag, "x", vec![layer("application/vnd.dsse.envelope.v1+json", dsse.as_bytes())]);
    let verdict = judged(one.clone(), &policy(&[("k", &key)]));
    assert_eq!((verdict.scheme, verdict.state), (Scheme::Attestation, State::Verified));
    assert!(verdict.reason.starts_with("Provenance (SLSA): signed with"), "{}", verdict.reason);
    let payload_link = verdict.chain.iter().find(|link| link.kind == LinkKind::Payload).unwrap();
    assert!(payload_link.details.contains(&("builder".to_owned(), "https://ci.example/builder".to_owned())));
    assert_eq!(
        crate::materials(&facts(vec![one.clone()])),
        [("pkg:docker/debian@12?platform=linux%2Famd64".to_owned(), format!("sha256:{}", "ef".repeat(32)))]
    );
    assert_eq!(judged(one, &policy(&[("k", &Key::p256())])).state, State::OtherSigner);
}

#[test]
fn a_statement_of_buildkit_is_a_claim_with_builder_and_materials() {
    let payload = statement(SLSA, HASH, &provenance());
    let one = artifact(Found::Index, "x", vec![layer("application/vnd.in-toto+json", &payload)]);
    let verdict = judged(one.clone(), &TrustPolicy::default());
    assert_eq!((verdict.scheme, verdict.state), (Scheme::Attestation, State::Statement));
    assert!(verdict.reason.contains("nobody signed"), "{}", verdict.reason);
    assert_eq!(verdict.predicate, SLSA);
    assert_eq!(crate::materials(&facts(vec![one.clone()])).len(), 1);
    let mut elsewhere = facts(vec![one]);
    elsewhere.digests = vec![format!("sha256:{}", "aa".repeat(32))];
    assert!(crate::materials(&elsewhere).is_empty());
    assert_eq!(crate::artifacts(&elsewhere, &TrustPolicy::default(), NOW)[0].state, State::OtherDigest);
}

#[test]
fn each_statement_of_an_artifact_has_its_own_verdict() {
    let sbom = statement("https://spdx.dev/Document", HASH, &json!({"name": "app"}));
    let made = statement(SLSA, HASH, &provenance());
    let kind = "application/vnd.in-toto+json";
    let one = artifact(Found::Index, "x", vec![layer(kind, &sbom), layer(kind, &made), layer(kind, b"{}")]);
    let verdicts = crate::artifacts(&facts(vec![one]), &TrustPolicy::default(), NOW);
    let states: Vec<State> = verdicts.iter().map(|verdict| verdict.state).collect();
    assert_eq!(states, [State::Statement, State::Statement, State::Invalid]);
}

#[test]
fn what_is_signed_and_no_statement_is_malformed() {
    let key = Key::p256();
    for payload in [b"{}".to_vec(), statement(SLSA, "00", &json!({}))] {
        let dsse = envelope(&payload, "", &key.sign(&pae(&payload))).to_string();
        let one =
            artifact(Found::AttestationTag, "x", vec![layer("application/vnd.dsse.envelope.v1+json", dsse.as_bytes())]);
        let verdict = judged(one, &policy(&[("k", &key)]));
        assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Format)), "{}", verdict.reason);
    }
}

#[test]
fn of_several_signatures_on_an_envelope_one_is_enough() {
    let (key, other) = (Key::p256(), Key::p256());
    let payload = statement(SLSA, HASH, &provenance());
    let mut dsse = envelope(&payload, "", &other.sign(&pae(&payload)));
    let mine = envelope(&payload, "", &key.sign(&pae(&payload)))["signatures"][0].clone();
    dsse["signatures"].as_array_mut().unwrap().push(mine);
    let one = artifact(
        Found::AttestationTag,
        "x",
        vec![layer("application/vnd.dsse.envelope.v1+json", dsse.to_string().as_bytes())],
    );
    let verdict = judged(one, &policy(&[("k", &key)]));
    assert_eq!(verdict.state, State::Verified);
    assert!(verdict.notes.iter().any(|note| note.starts_with("Another signature on it")));
}

#[test]
fn an_attached_sbom_is_named_as_a_claim() {
    let verdict = judged(artifact(Found::SbomTag, "x", vec![layer("text/spdx+json", b"{}")]), &TrustPolicy::default());
    assert_eq!((verdict.scheme, verdict.state), (Scheme::Attestation, State::Statement));
}
