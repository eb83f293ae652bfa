//! cosign's tags: simple signing with keys.

use super::make::*;
use crate::facts::Found;
use crate::policy::TrustPolicy;
use crate::verdict::{Invalid, LinkKind, Scheme, State};

#[test]
fn each_kind_of_key_verifies_its_own_signature_and_no_other() {
    let stranger = Key::p256();
    for key in [Key::p256(), Key::ed25519(), Key::rsa()] {
        let payload = simple_payload(&image());
        let artifact = tag(vec![simple(&payload, &key.sign(&payload))]);
        let verdict = judged(artifact.clone(), &policy(&[("other", &stranger), ("release", &key)]));
        assert_eq!((verdict.scheme, verdict.state), (Scheme::Cosign, State::Verified), "{}", verdict.reason);
        assert_eq!(verdict.signers[0].name, "release");
        assert_eq!(verdict.digest, Some(image()));
        let kinds: Vec<LinkKind> = verdict.chain.iter().map(|link| link.kind).collect();
        assert_eq!(kinds, [LinkKind::Anchor, LinkKind::Signature, LinkKind::Payload, LinkKind::Digest]);
        assert!(verdict.chain.iter().all(|link| link.holds == Some(true) && link.problem.is_empty()));

        let verdict = judged(artifact.clone(), &policy(&[("other", &stranger)]));
        assert_eq!(verdict.state, State::OtherSigner);
        assert!(verdict.reason.contains("signed by somebody else, or changed after signing"), "{}", verdict.reason);

        assert_eq!(judged(artifact, &TrustPolicy::default()).state, State::NoKey);
    }
}

#[test]
fn of_several_signatures_one_that_is_trusted_is_enough_and_the_others_are_told() {
    let (mine, other) = (Key::p256(), Key::p256());
    let payload = simple_payload(&image());
    let layers = vec![simple(&payload, &other.sign(&payload)), simple(&payload, &mine.sign(&payload))];
    let verdict = judged(tag(layers), &policy(&[("mine", &mine)]));
    assert_eq!(verdict.state, State::Verified);
    assert!(verdict.notes.iter().any(|note| note.starts_with("Another signature beside it: No trusted key fits")));
}

#[test]
fn a_signature_of_another_image_is_for_another_digest() {
    let key = Key::p256();
    let payload = simple_payload(&format!("sha256:{}", "ab".repeat(32)));
    let verdict = judged(tag(vec![simple(&payload, &key.sign(&payload))]), &policy(&[("k", &key)]));
    assert_eq!(verdict.state, State::OtherDigest);
    assert_eq!(verdict.chain.last().map(|link| (link.kind, link.holds)), Some((LinkKind::Digest, Some(false))));
}

#[test]
fn without_a_known_digest_nothing_is_verified() {
    let key = Key::p256();
    let payload = simple_payload(&image());
    let mut facts = facts(vec![tag(vec![simple(&payload, &key.sign(&payload))])]);
    facts.digests.clear();
    let verdicts = crate::artifacts(&facts, &policy(&[("k", &key)]), NOW);
    assert_eq!(verdicts[0].state, State::Unreachable);
}

#[test]
fn the_platform_manifest_counts_and_is_told() {
    let key = Key::p256();
    let payload = simple_payload(&image());
    let mut facts = facts(vec![tag(vec![simple(&payload, &key.sign(&payload))])]);
    facts.digests.insert(0, format!("sha256:{}", "cd".repeat(32)));
    let verdicts = crate::artifacts(&facts, &policy(&[("k", &key)]), NOW);
    assert_eq!(verdicts[0].state, State::Verified);
    assert!(verdicts[0].notes.iter().any(|note| note.contains("platform under audit")), "{:?}", verdicts[0].notes);
}

#[test]
fn a_key_counts_within_its_scope_only() {
    let key = Key::p256();
    let payload = simple_payload(&image());
    let artifact = tag(vec![simple(&payload, &key.sign(&payload))]);
    let mut policy = policy(&[("k", &key)]);
    policy.keys[0].scope = "registry.example/lab/*".to_owned();
    assert_eq!(judged(artifact.clone(), &policy).state, State::Verified);
    policy.keys[0].scope = "registry.example/prod/*".to_owned();
    let verdict = judged(artifact, &policy);
    assert_eq!(verdict.state, State::NoKey);
    assert!(verdict.reason.contains("for this repository"), "{}", verdict.reason);
}

#[test]
fn another_name_in_the_payload_is_noted_and_changes_nothing() {
    let key = Key::p256();
    let payload = String::from_utf8(simple_payload(&image())).unwrap().replace("lab/app", "lab/moved").into_bytes();
    let verdict = judged(tag(vec![simple(&payload, &key.sign(&payload))]), &policy(&[("k", &key)]));
    assert_eq!(verdict.state, State::Verified);
    assert!(verdict.notes.iter().any(|note| note.contains("registry.example/lab/moved")));
}

#[test]
fn what_is_not_simple_signing_is_malformed() {
    let key = Key::p256();
    let policy = policy(&[("k", &key)]);
    let odd = String::from_utf8(simple_payload(&image())).unwrap();
    for payload in [b"hello".to_vec(), odd.replace("cosign container", "other").into_bytes(), simple_payload("latest")]
    {
        let verdict = judged(tag(vec![simple(&payload, &key.sign(&payload))]), &policy);
        assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Format)), "{}", verdict.reason);
    }
    let empty = judged(tag(vec![]), &policy);
    assert_eq!((empty.scheme, empty.state, empty.kind), (Scheme::Cosign, State::Invalid, Some(Invalid::Format)));
    let foreign = judged(tag(vec![layer("text/plain", b"x")]), &policy);
    assert_eq!((foreign.state, foreign.kind), (State::Invalid, Some(Invalid::Format)));
    let mut bare = simple(b"x", b"y");
    bare.annotations.clear();
    assert_eq!(judged(tag(vec![bare]), &policy).kind, Some(Invalid::Format));
}

#[test]
fn a_layer_that_was_not_read_leaves_the_signature_unknown() {
    let key = Key::p256();
    let payload = simple_payload(&image());
    let mut unread = simple(&payload, &key.sign(&payload));
    unread.bytes = None;
    unread.unread = Some("larger than 4 MiB".to_owned());
    let other = Key::p256();
    let layers = vec![simple(&payload, &other.sign(&payload)), unread];
    let verdict = judged(tag(layers), &policy(&[("k", &key)]));
    assert_eq!(verdict.state, State::Unreachable);
    assert!(verdict.reason.contains("larger than 4 MiB"));
}

#[test]
fn content_that_does_not_fit_its_digest_is_told_from_another_signer() {
    let key = Key::p256();
    let payload = simple_payload(&image());
    let mut changed = simple(&payload, &key.sign(&payload));
    changed.digest = format!("sha256:{}", "00".repeat(32));
    let verdict = judged(tag(vec![changed]), &policy(&[("k", &key)]));
    assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Hash)));

    let mut artifact = tag(vec![simple(&payload, &key.sign(&payload))]);
    artifact.digest = format!("sha256:{}", "00".repeat(32));
    assert_eq!(judged(artifact, &policy(&[("k", &key)])).kind, Some(Invalid::Hash));
}

#[test]
fn a_referrer_with_layers_of_simple_signing_is_judged_and_one_of_another_kind_is_not() {
    let key = Key::p256();
    let payload = simple_payload(&image());
    let kind = "application/vnd.dev.cosign.artifact.sig.v1+json";
    let artifact_ = artifact(Found::Referrers, kind, vec![simple(&payload, &key.sign(&payload))]);
    assert_eq!(judged(artifact_, &policy(&[("k", &key)])).state, State::Verified);
    let other = artifact(Found::Referrers, "application/vnd.example.helm", vec![layer("text/plain", b"x")]);
    assert!(crate::artifacts(&facts(vec![other]), &TrustPolicy::default(), NOW).is_empty());
}
