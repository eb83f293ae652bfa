//! Bytes from outside: whatever they are, nothing panics, and nothing that was changed is verified.

use std::sync::LazyLock;

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::json;

use super::make::*;
use crate::facts::{Artifact, Found};
use crate::policy::{NotationLevel, NotationPolicy, TrustPolicy};
use crate::verdict::{State, Verdict};

struct Fixture {
    key: Key,
    policy: TrustPolicy,
}

static FIXTURE: LazyLock<Fixture> = LazyLock::new(|| {
    let (key, authority) = (Key::p256(), authority("Lab CA"));
    let mut policy = policy(&[("k", &key)]);
    policy.logs = vec![Key::p256().trusted("log")];
    policy.identities = vec![identity("**@example.org", "*", &authority)];
    policy.notation = vec![NotationPolicy {
        name: "lab".to_owned(),
        registry_scopes: vec!["*".to_owned()],
        level: NotationLevel::Strict,
        roots: authority.pem.clone(),
        authority_roots: authority.pem,
        trusted_identities: vec!["*".to_owned()],
    }];
    Fixture { key, policy }
});

const NOTATION: &str = "application/vnd.cncf.notary.signature";

fn all(artifact: Artifact) -> Vec<Verdict> {
    let facts = facts(vec![artifact]);
    let _ = crate::materials(&facts);
    crate::artifacts(&facts, &FIXTURE.policy, NOW)
}

fn everywhere(bytes: &[u8]) -> Vec<Verdict> {
    let mut out = Vec::new();
    for kind in ["application/jose+json", "application/cose"] {
        out.extend(all(artifact(Found::Referrers, NOTATION, vec![layer(kind, bytes)])));
    }
    for kind in ["application/vnd.dsse.envelope.v1+json", BUNDLE, "application/vnd.in-toto+json"] {
        let mut one = layer(kind, bytes);
        let text = String::from_utf8_lossy(bytes).into_owned();
        for name in ["certificate", "chain", "bundle"] {
            one.annotations.insert(format!("dev.sigstore.cosign/{name}"), text.clone());
        }
        out.extend(all(artifact(Found::Referrers, BUNDLE, vec![one])));
    }
    let mut one = simple(bytes, b"");
    one.annotations
        .insert("dev.cosignproject.cosign/signature".to_owned(), String::from_utf8_lossy(bytes).into_owned());
    one.annotations.insert("dev.sigstore.cosign/certificate".to_owned(), String::from_utf8_lossy(bytes).into_owned());
    out.extend(all(tag(vec![one])));
    out
}

/// Text that looks like what is read, more often than noise does.
fn json_like() -> impl Strategy<Value = String> {
    let word = prop_oneof![
        Just("payload"),
        Just("payloadType"),
        Just("signatures"),
        Just("sig"),
        Just("protected"),
        Just("header"),
        Just("x5c"),
        Just("signature"),
        Just("mediaType"),
        Just("verificationMaterial"),
        Just("dsseEnvelope"),
        Just("_type"),
        Just("https://in-toto.io/Statement/v1"),
        Just("subject"),
        Just("digest"),
        Just("predicateType"),
        Just("AAAA"),
        Just(BUNDLE),
        Just("critical"),
        Just("image"),
        Just("tlogEntries"),
        Just("canonicalizedBody"),
    ];
    let leaf = prop_oneof![
        word.clone().prop_map(|word| json!(word)),
        any::<i64>().prop_map(|number| json!(number)),
        Just(json!(null))
    ];
    leaf.prop_recursive(4, 32, 5, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(|list| json!(list)),
            vec((word.clone(), inner), 0..5)
                .prop_map(|map| json!(map.into_iter().collect::<std::collections::BTreeMap<_, _>>())),
        ]
    })
    .prop_map(|value| value.to_string())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn noise_never_panics_and_never_verifies(bytes in vec(any::<u8>(), 0..400)) {
        for verdict in everywhere(&bytes) {
            prop_assert_ne!(verdict.state, State::Verified);
        }
    }

    #[test]
    fn json_of_the_right_words_never_panics_and_never_verifies(text in json_like()) {
        for verdict in everywhere(text.as_bytes()) {
            prop_assert_ne!(verdict.state, State::Verified);
        }
    }

    #[test]
    fn a_changed_payload_or_signature_never_verifies(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let key = &FIXTURE.key;
        let payload = simple_payload(&image());
        let signature = key.sign(&payload);
        let changed = |bytes: &[u8]| {
            let mut bytes = bytes.to_vec();
            let index = at.index(bytes.len());
            bytes[index] ^= 1 << bit;
            bytes
        };
        for layer in [simple(&changed(&payload), &signature), simple(&payload, &changed(&signature))] {
            for verdict in all(tag(vec![layer])) {
                prop_assert_ne!(verdict.state, State::Verified);
            }
        }
        let payload = statement("https://sigstore.dev/cosign/sign/v1", HASH, &json!({}));
        let signature = key.sign(&pae(&payload));
        let material = json!({"publicKey": {"hint": key.hint()}});
        for value in [envelope(&changed(&payload), "", &signature), envelope(&payload, "", &changed(&signature))] {
            for verdict in all(bundle(&material, "dsseEnvelope", &value)) {
                prop_assert_ne!(verdict.state, State::Verified);
            }
        }
    }

    #[test]
    fn a_changed_certificate_leads_nowhere(at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let (authority, key) = (authority("Lab CA"), Key::p256());
        let (mut der, _) = Leaf::notation("signer").issued(&key, &authority);
        let index = at.index(der.len());
        der[index] ^= 1 << bit;
        if let Ok(leaf) = crate::certificates::Certificate::from_der(&der) {
            let roots = crate::certificates::pem_bundle(&authority.pem).unwrap();
            let led = crate::certificates::lead(&leaf, &[], &roots, NOW);
            prop_assert!(matches!(led, crate::certificates::Led::Nowhere(_)));
        }
    }

    #[test]
    fn patterns_of_stars_never_take_long(pattern in "[a*/]{0,60}", text in "[a/]{0,200}") {
        let _ = crate::scope::matches(&pattern, &text);
    }
}

#[test]
fn sentences_stay_short_whatever_is_quoted_in_them() {
    let long = format!(
        "{{\"payload\": {}, \"_type\": \"{}\", \"mediaType\": \"{0}\"}}",
        "1".repeat(50_000),
        "x".repeat(50_000)
    );
    let quoted = format!("\"{}\"", "x".repeat(50_000));
    for text in [long, quoted] {
        for verdict in everywhere(text.as_bytes()) {
            assert!(verdict.reason.len() < 2000, "{}", verdict.reason.len());
            assert!(verdict.notes.iter().all(|note| note.len() < 2000));
        }
    }
}

#[test]
fn a_chain_that_branches_without_end_is_given_up() {
    // eight authorities of one name, each with its own key: every order of them may be a chain
    let (key, root) = (Key::p256(), authority("Root"));
    let others: Vec<_> = (0..8).map(|_| authority("Same")).collect();
    let (der, _) = Leaf::notation("signer").issued(&key, &others[0]);
    let leaf = crate::certificates::Certificate::from_der(&der).unwrap();
    let read = |pem: &str| crate::certificates::pem_bundle(pem).unwrap().remove(0);
    let chain: Vec<_> = others.iter().map(|other| read(&other.pem)).collect();
    let led = crate::certificates::lead(&leaf, &chain, &[read(&root.pem)], NOW);
    assert!(matches!(led, crate::certificates::Led::Nowhere(_)));
}

#[test]
fn deep_nesting_and_many_parts_are_refused() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep_cbor: Vec<u8> = std::iter::repeat_n(0x81, 100_000).collect();
    let many = json!({"payloadType": "application/vnd.in-toto+json", "payload": "AAAA",
        "signatures": vec![json!({"sig": "AAAA"}); 1000]})
    .to_string();
    for bytes in [deep.as_bytes(), &deep_cbor, many.as_bytes()] {
        assert!(
            everywhere(bytes)
                .iter()
                .all(|verdict| verdict.state == State::Invalid || verdict.state == State::OtherSigner)
        );
    }
    let payload = simple_payload(&image());
    let layers = vec![simple(&payload, &FIXTURE.key.sign(&payload)); 300];
    assert_eq!(all(tag(layers))[0].state, State::Invalid);
}
