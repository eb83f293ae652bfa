//! Certificates of an identity: chains, names, issuers, and the time that a log proves.

use time::macros::datetime;

use super::make::*;
use crate::facts::Artifact;
use crate::policy::{TrustPolicy, TrustedKey};
use crate::verdict::{Invalid, LinkKind, State, Verdict};

const EMAIL: &str = "builder@example.org";
const ISSUER: &str = "https://accounts.example.org";

struct Case {
    authority: Authority,
    key: Key,
    log: Key,
    certificate: String,
    payload: Vec<u8>,
    signature: Vec<u8>,
}

fn case_of(leaf: &Leaf) -> Case {
    let (authority, key) = (authority("Lab CA"), Key::p256());
    let (_, certificate) = leaf.issued(&key, &authority);
    let payload = simple_payload(&image());
    let signature = key.sign(&payload);
    Case { authority, key, log: Key::p256(), certificate, payload, signature }
}

fn case() -> Case {
    case_of(&Leaf::fulcio(EMAIL, ISSUER))
}

impl Case {
    fn artifact(&self, entry: Option<String>) -> Artifact {
        let mut layer = simple(&self.payload, &self.signature);
        layer.annotations.insert("dev.sigstore.cosign/certificate".to_owned(), self.certificate.clone());
        layer.annotations.extend(entry.map(|entry| ("dev.sigstore.cosign/bundle".to_owned(), entry)));
        tag(vec![layer])
    }

    fn entry(&self, at: time::OffsetDateTime) -> String {
        promise(&self.log, &hashedrekord(&self.payload, &self.signature, &self.certificate), at).to_string()
    }

    fn policy(&self, subject: &str, issuer: &str) -> TrustPolicy {
        TrustPolicy {
            identities: vec![identity(subject, issuer, &self.authority)],
            logs: vec![TrustedKey { name: "rekor".to_owned(), pem: self.log.pem(), scope: String::new() }],
            ..TrustPolicy::default()
        }
    }

    fn judged(&self, entry: Option<String>) -> Verdict {
        judged(self.artifact(entry), &self.policy("*@example.org", ISSUER))
    }
}

const DURING: time::OffsetDateTime = datetime!(2026-03-01 10:05 UTC);

#[test]
fn a_logged_signature_of_a_short_lived_certificate_is_verified_long_after() {
    let case = case();
    let verdict = case.judged(Some(case.entry(DURING)));
    assert_eq!(verdict.state, State::Verified, "{} {:?}", verdict.reason, verdict.notes);
    assert_eq!(verdict.signed_at, "2026-03-01T10:05:00Z");
    assert_eq!(verdict.signers[0].name, EMAIL);
    assert_eq!(verdict.signers[0].issuer, ISSUER);
    let kinds: Vec<LinkKind> = verdict.chain.iter().map(|link| link.kind).collect();
    assert_eq!(
        kinds,
        [
            LinkKind::Anchor,
            LinkKind::Certificate,
            LinkKind::Log,
            LinkKind::Signature,
            LinkKind::Payload,
            LinkKind::Digest
        ]
    );
    assert!(verdict.chain.iter().all(|link| link.holds == Some(true)), "{:#?}", verdict.chain);
    assert!(verdict.notes.iter().any(|note| note.contains("SCT")));
}

#[test]
fn without_a_proved_time_a_short_lived_certificate_is_out_of_date() {
    let case = case();
    let verdict = case.judged(None);
    assert_eq!((verdict.state, verdict.kind), (State::Expired, Some(Invalid::Expired)));
    assert!(verdict.reason.contains("no transparency log proves"), "{}", verdict.reason);
    // an entry, and no key of the log
    let mut policy = case.policy("*@example.org", ISSUER);
    policy.logs.clear();
    let verdict = judged(case.artifact(Some(case.entry(DURING))), &policy);
    assert_eq!(verdict.state, State::Expired);
    assert!(verdict.notes.iter().any(|note| note.contains("no key of a transparency log is trusted")));
}

#[test]
fn an_entry_that_does_not_hold_proves_nothing() {
    let case = case();
    let late = case.judged(Some(case.entry(datetime!(2026-03-01 11:00 UTC))));
    assert_eq!(late.state, State::Expired);
    assert!(late.reason.contains("it was signed at 2026-03-01T11:00:00Z"), "{}", late.reason);

    let moved = case
        .entry(datetime!(2026-03-01 11:00 UTC))
        .replace(&datetime!(2026-03-01 11:00 UTC).unix_timestamp().to_string(), &DURING.unix_timestamp().to_string());
    let verdict = case.judged(Some(moved));
    assert_eq!(verdict.state, State::Expired);
    assert!(verdict.notes.iter().any(|note| note.contains("does not fit the entry")), "{:?}", verdict.notes);

    // somebody else's entry, of another signature with another key
    let other = self::case();
    let foreign = promise(&case.log, &hashedrekord(&other.payload, &other.signature, &other.certificate), DURING);
    let verdict = case.judged(Some(foreign.to_string()));
    assert_eq!(verdict.state, State::Expired);
    assert!(verdict.notes.iter().any(|note| note.contains("another signature")), "{:?}", verdict.notes);

    // the right signature under another key
    let foreign = promise(&case.log, &hashedrekord(&case.payload, &case.signature, &other.certificate), DURING);
    assert_eq!(case.judged(Some(foreign.to_string())).state, State::Expired);
    assert_eq!(case.judged(Some("{}".to_owned())).state, State::Expired);

    // a log that nobody trusts
    let stranger = promise(&Key::p256(), &hashedrekord(&case.payload, &case.signature, &case.certificate), DURING);
    assert_eq!(case.judged(Some(stranger.to_string())).state, State::Expired);
}

#[test]
fn subject_issuer_and_authority_must_all_be_the_trusted_ones() {
    let case = case();
    let artifact = case.artifact(Some(case.entry(DURING)));
    for (subject, issuer) in [("*@example.com", ISSUER), (EMAIL, "https://other.example"), ("builder", ISSUER)] {
        let verdict = judged(artifact.clone(), &case.policy(subject, issuer));
        assert_eq!(verdict.state, State::OtherSigner, "{}", verdict.reason);
    }
    assert_eq!(judged(artifact.clone(), &case.policy(EMAIL, "*")).state, State::Verified);
    let nobody = judged(artifact.clone(), &case.policy(EMAIL, ""));
    assert!(nobody.state == State::OtherSigner && nobody.reason.contains("names no issuer"), "{}", nobody.reason);
    let mut policy = case.policy(EMAIL, ISSUER);
    policy.identities[0].roots = authority("Lab CA").pem;
    let verdict = judged(artifact.clone(), &policy);
    assert_eq!(verdict.state, State::OtherSigner);
    assert!(verdict.reason.contains("none of the trusted authorities"), "{}", verdict.reason);
    let verdict = judged(artifact, &TrustPolicy::default());
    assert_eq!(verdict.state, State::NoKey);
    assert_eq!(verdict.signers[0].name, EMAIL);
}

#[test]
fn a_signature_that_does_not_fit_its_certificate_was_changed() {
    let mut case = case();
    case.payload = simple_payload(&format!("sha256:{}", "ab".repeat(32)));
    let verdict = case.judged(None);
    assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Signature)));
}

#[test]
fn a_certificate_that_is_not_for_code_signs_nothing() {
    let mut leaf = Leaf::fulcio(EMAIL, ISSUER);
    leaf.params.extended_key_usages.clear();
    let case = case_of(&leaf);
    let verdict = case.judged(Some(case.entry(DURING)));
    assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Certificate)), "{}", verdict.reason);
    let mut leaf = Leaf::fulcio(EMAIL, ISSUER);
    leaf.params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let case = case_of(&leaf);
    assert_eq!(case.judged(Some(case.entry(DURING))).state, State::OtherSigner);
}

#[test]
fn a_long_lived_certificate_is_verified_now_and_the_missing_time_is_told() {
    let mut leaf = Leaf::fulcio(EMAIL, ISSUER);
    leaf.params.not_after = datetime!(2030-01-01 0:00 UTC);
    let case = case_of(&leaf);
    let verdict = case.judged(None);
    assert_eq!(verdict.state, State::Verified);
    assert_eq!(verdict.expires, "2030-01-01T00:00:00Z");
    assert!(verdict.notes.iter().any(|note| note.contains("not proved by a transparency log")));
}

#[test]
fn a_trusted_key_fits_whatever_certificate_comes_along() {
    let case = case();
    let verdict = judged(case.artifact(Some(case.entry(DURING))), &policy(&[("k", &case.key)]));
    assert_eq!(verdict.state, State::Verified);
    assert_eq!(verdict.signers[0].name, "k");
}
