//! Sigstore bundles, with keys and with certificates.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use time::macros::datetime;

use super::make::*;
use crate::policy::{TrustPolicy, TrustedKey};
use crate::text::{sha256_hex, to_base64};
use crate::verdict::{Invalid, Scheme, State};

const SIGN: &str = "https://sigstore.dev/cosign/sign/v1";

fn by_key(key: &Key) -> Value {
    json!({"publicKey": {"hint": key.hint()}, "tlogEntries": []})
}

#[test]
fn a_bundle_that_signs_the_image_is_a_signature_of_cosign() {
    let key = Key::p256();
    let payload = statement(SIGN, HASH, &json!({}));
    let good = bundle(&by_key(&key), "dsseEnvelope", &envelope(&payload, "", &key.sign(&pae(&payload))));
    let verdict = judged(good, &policy(&[("k", &key)]));
    assert_eq!((verdict.scheme, verdict.state), (Scheme::Cosign, State::Verified), "{}", verdict.reason);
    assert_eq!(verdict.predicate, SIGN);
}

#[test]
fn a_changed_bundle_is_told_from_one_by_another_signer_by_its_hint() {
    let (key, other) = (Key::p256(), Key::p256());
    let payload = statement(SIGN, HASH, &json!({}));
    let signature = key.sign(b"something else");
    let changed = bundle(&by_key(&key), "dsseEnvelope", &envelope(&payload, "", &signature));
    let verdict = judged(changed, &policy(&[("k", &key)]));
    assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Signature)));
    let stranger = bundle(&by_key(&other), "dsseEnvelope", &envelope(&payload, "", &other.sign(&pae(&payload))));
    let verdict = judged(stranger.clone(), &policy(&[("k", &key)]));
    assert_eq!(verdict.state, State::OtherSigner);
    assert!(verdict.reason.contains(&other.hint()), "{}", verdict.reason);
    let verdict = judged(stranger, &TrustPolicy::default());
    assert_eq!(verdict.state, State::NoKey);
    assert!(verdict.reason.contains(&other.hint()), "{}", verdict.reason);
}

#[test]
fn a_bundle_about_another_image_is_for_another_digest() {
    let key = Key::p256();
    let payload = statement(SIGN, &"cd".repeat(32), &json!({}));
    let other = bundle(&by_key(&key), "dsseEnvelope", &envelope(&payload, "", &key.sign(&pae(&payload))));
    assert_eq!(judged(other, &policy(&[("k", &key)])).state, State::OtherDigest);
}

#[test]
fn a_bare_signature_is_verified_by_the_digest_alone() {
    // what is signed is the manifest; its digest is the image's
    let manifest = b"{\"schemaVersion\":2}";
    let hash = sha256_hex(manifest);
    let digest = to_base64(&hex::decode(&hash).unwrap());
    for key in [Key::p256(), Key::rsa(), Key::ed25519()] {
        let ed25519 = key.pem().len() < 120;
        let message = json!({"messageDigest": {"algorithm": "SHA2_256", "digest": digest},
            "signature": to_base64(&key.sign(manifest))});
        let mut facts = facts(vec![bundle(&by_key(&key), "messageSignature", &message)]);
        let policy = policy(&[("k", &key)]);
        assert_eq!(
            crate::artifacts(&facts, &policy, NOW)[0].state,
            if ed25519 { State::Unreachable } else { State::OtherDigest }
        );
        facts.digests = vec![format!("sha256:{hash}")];
        let verdict = crate::artifacts(&facts, &policy, NOW).remove(0);
        assert_eq!(verdict.state, if ed25519 { State::Unreachable } else { State::Verified }, "{}", verdict.reason);
        let lie = json!({"messageDigest": {"algorithm": "SHA2_256", "digest": to_base64(&hex::decode(HASH).unwrap())},
            "signature": to_base64(&key.sign(manifest))});
        assert_ne!(judged(bundle(&by_key(&key), "messageSignature", &lie), &policy).state, State::Verified);
    }
}

#[test]
fn what_is_no_bundle_is_malformed() {
    let key = Key::p256();
    let policy = policy(&[("k", &key)]);
    let payload = statement(SIGN, HASH, &json!({}));
    let good = envelope(&payload, "", &key.sign(&pae(&payload)));
    let both = json!({"mediaType": BUNDLE, "verificationMaterial": by_key(&key), "dsseEnvelope": good,
        "messageSignature": {"signature": "AA=="}});
    let none = json!({"mediaType": BUNDLE, "verificationMaterial": by_key(&key)});
    let kind = json!({"mediaType": "text/plain", "verificationMaterial": by_key(&key), "dsseEnvelope": good});
    let certificate = json!({"mediaType": BUNDLE, "verificationMaterial": {"certificate": {"rawBytes": "AAAA"}},
        "dsseEnvelope": good});
    for text in [both.to_string(), none.to_string(), kind.to_string(), certificate.to_string(), "[]".to_owned()] {
        let one = artifact(crate::Found::Referrers, BUNDLE, vec![layer(BUNDLE, text.as_bytes())]);
        let verdict = judged(one, &policy);
        assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Format)), "{text}");
    }
    let empty = judged(artifact(crate::Found::Referrers, BUNDLE, vec![]), &policy);
    assert_eq!((empty.scheme, empty.kind), (Scheme::Cosign, Some(Invalid::Format)));
}

#[test]
fn a_bundle_that_could_not_be_read_leaves_signature_and_attestation_unknown() {
    let mut one = artifact(crate::Found::Referrers, BUNDLE, vec![layer(BUNDLE, b"x")]);
    one.layers[0].bytes = None;
    let verdicts = crate::artifacts(&facts(vec![one.clone()]), &TrustPolicy::default(), NOW);
    let seen: Vec<_> = verdicts.iter().map(|verdict| (verdict.scheme, verdict.state)).collect();
    assert_eq!(seen, [(Scheme::Cosign, State::Unreachable), (Scheme::Attestation, State::Unreachable)]);
    one.manifest.0 = json!({"annotations": {"dev.sigstore.bundle.predicateType": "https://slsa.dev/provenance/v1"}})
        .to_string()
        .into_bytes();
    one.digest = format!("sha256:{}", sha256_hex(&one.manifest.0));
    let verdict = judged(one, &TrustPolicy::default());
    assert_eq!((verdict.scheme, verdict.state), (Scheme::Attestation, State::Unreachable));
}

/// A log of two entries: the body, and something else.
fn logged(log: &Key, body: &[u8], promised: bool) -> Value {
    let at = datetime!(2026-03-01 10:05 UTC);
    let leaf = |bytes: &[u8]| Sha256::new().chain_update([0]).chain_update(bytes).finalize();
    let (mine, other) = (leaf(body), leaf(b"other"));
    let root = Sha256::new().chain_update([1]).chain_update(other).chain_update(mine).finalize();
    let note = format!("rekor.example - 1\n2\n{}\n", to_base64(&root));
    let signature = [b"hint".to_vec(), log.sign(note.as_bytes())].concat();
    let mut out = json!({"logIndex": "7", "logId": {"keyId": to_base64(&hex::decode(sha256_hex(&log.spki())).unwrap())},
        "integratedTime": at.unix_timestamp().to_string(), "canonicalizedBody": to_base64(body),
        "inclusionProof": {"logIndex": "1", "treeSize": "2", "rootHash": to_base64(&root),
            "hashes": [to_base64(&other)],
            "checkpoint": {"envelope": format!("{note}\n\u{2014} rekor.example {}\n", to_base64(&signature))}}});
    if promised {
        let promise = promise(log, body, at);
        out["inclusionPromise"] = json!({"signedEntryTimestamp": promise["SignedEntryTimestamp"]});
    }
    out
}

#[test]
fn a_certificate_bundle_holds_by_promise_and_path_and_by_the_path_alone_has_no_time() {
    let (authority, key, log) = (authority("Lab CA"), Key::p256(), Key::p256());
    let (der, pem) = Leaf::fulcio("a@example.org", "https://idp.example").issued(&key, &authority);
    let payload = statement(SIGN, HASH, &json!({}));
    let signature = key.sign(&pae(&payload));
    let body = json!({"apiVersion": "0.0.1", "kind": "dsse", "spec": {
        "envelopeHash": {"algorithm": "sha256", "value": "00"},
        "payloadHash": {"algorithm": "sha256", "value": sha256_hex(&payload)},
        "signatures": [{"signature": to_base64(&signature), "verifier": to_base64(pem.as_bytes())}]}})
    .to_string();
    let policy = TrustPolicy {
        identities: vec![identity("a@example.org", "https://idp.example", &authority)],
        logs: vec![TrustedKey { name: "rekor".to_owned(), pem: log.pem(), scope: String::new() }],
        ..TrustPolicy::default()
    };
    let with = |entry: &Value| {
        let material = json!({"certificate": {"rawBytes": to_base64(&der)}, "tlogEntries": [entry],
            "timestampVerificationData": {"rfc3161Timestamps": [{"signedTimestamp": "AA=="}]}});
        judged(bundle(&material, "dsseEnvelope", &envelope(&payload, "", &signature)), &policy)
    };
    let entry = logged(&log, body.as_bytes(), true);
    let verdict = with(&entry);
    assert_eq!(verdict.state, State::Verified, "{} {:?}", verdict.reason, verdict.notes);
    assert!(verdict.notes.iter().any(|note| note.contains("RFC 3161")));

    let verdict = with(&logged(&log, body.as_bytes(), false));
    assert_eq!(verdict.state, State::Expired, "the path alone proves no time");

    for (path, value) in [
        ("/inclusionProof/rootHash", json!(to_base64(&[0; 32]))),
        ("/inclusionProof/treeSize", json!("3")),
        ("/inclusionProof/hashes", json!([])),
        ("/inclusionProof/checkpoint/envelope", json!("")),
        ("/inclusionPromise/signedEntryTimestamp", json!("AAAA")),
        ("/integratedTime", json!("1")),
        ("/logIndex", json!("8")),
        ("/canonicalizedBody", json!(to_base64(b"{}"))),
    ] {
        let mut changed = entry.clone();
        *changed.pointer_mut(path).unwrap() = value;
        assert_eq!(with(&changed).state, State::Expired, "{path}");
    }
}

#[test]
fn an_intoto_entry_is_about_the_signature_within_it() {
    let (key, log) = (Key::p256(), Key::p256());
    let payload = statement("https://slsa.dev/provenance/v1", HASH, &json!({}));
    let signature = key.sign(&pae(&payload));
    let body = |signature: &[u8]| {
        json!({"apiVersion": "0.0.2", "kind": "intoto", "spec": {"content": {
            "envelope": {"signatures": [{"publicKey": to_base64(key.pem().as_bytes()),
                "sig": to_base64(to_base64(signature).as_bytes())}]},
            "payloadHash": {"algorithm": "sha256", "value": sha256_hex(&payload)}}}})
        .to_string()
    };
    let mut policy = policy(&[("k", &key)]);
    policy.logs = vec![log.trusted("rekor")];
    let with = |body: String| {
        let mut one =
            layer("application/vnd.dsse.envelope.v1+json", envelope(&payload, "", &signature).to_string().as_bytes());
        let entry = promise(&log, body.as_bytes(), datetime!(2026-03-01 10:05 UTC)).to_string();
        one.annotations.insert("dev.sigstore.cosign/bundle".to_owned(), entry);
        judged(artifact(crate::Found::AttestationTag, "x", vec![one]), &policy)
    };
    let good = with(body(&signature));
    assert_eq!((good.state, good.notes.len()), (State::Verified, 0), "{:?}", good.notes);
    assert_eq!(good.signed_at, "2026-03-01T10:05:00Z");
    let foreign = with(body(b"another"));
    assert_eq!(foreign.state, State::Verified, "with a key the log is told, not asked");
    assert!(foreign.notes.iter().any(|note| note.contains("another signature")));
}
