//! What the auditor typed, checked before it is used.

use super::make::*;
use crate::policy::{NotaryPin, NotationLevel, NotationPolicy, TrustPolicy};

fn good() -> TrustPolicy {
    let authority = authority("Lab CA");
    let mut out = policy(&[("release", &Key::p256()), ("rsa", &Key::rsa()), ("ed", &Key::ed25519())]);
    out.keys[0].scope = "docker.io/**".to_owned();
    out.logs = vec![Key::p256().trusted("rekor")];
    out.identities = vec![identity("https://github.com/org/*/.github/workflows/**", "https://idp.example", &authority)];
    out.notation = vec![
        NotationPolicy {
            name: "app".to_owned(),
            registry_scopes: vec!["registry.example:5000/lab/app".to_owned()],
            level: NotationLevel::Strict,
            roots: authority.pem.clone(),
            authority_roots: String::new(),
            trusted_identities: vec!["x509.subject: C=US, O=acme, CN=x".to_owned()],
        },
        NotationPolicy {
            name: "none".to_owned(),
            registry_scopes: vec!["*".to_owned()],
            level: NotationLevel::Skip,
            roots: String::new(),
            authority_roots: String::new(),
            trusted_identities: vec![],
        },
    ];
    out.notary =
        vec![NotaryPin { gun: "docker.io/org/*".to_owned(), ca: authority.pem, key_ids: vec!["ab".repeat(32)] }];
    out
}

fn wrong(change: impl Fn(&mut TrustPolicy)) -> String {
    let mut policy = good();
    change(&mut policy);
    policy.check().unwrap_err()
}

#[test]
fn a_good_policy_and_an_empty_one_pass() {
    assert_eq!(good().check(), Ok(()));
    assert_eq!(TrustPolicy::default().check(), Ok(()));
}

#[test]
fn keys_must_be_public_keys_in_pem_with_names_of_their_own() {
    let said = wrong(|policy| policy.keys[0].pem = "hello".to_owned());
    assert!(said.starts_with("The key \"release\" is not a public key in PEM: "), "{said}");
    let said = wrong(|policy| policy.keys[0].pem = Key::p256().0.serialize_pem());
    assert!(said.contains("private key") && !said.contains("MIG"), "{said}");
    assert!(wrong(|policy| policy.keys[1].name = " ".to_owned()).contains("no name"));
    assert!(wrong(|policy| policy.keys[1].name = "release".to_owned()).contains("two of the name"));
    assert!(wrong(|policy| policy.keys[0].scope = "https://x/**".to_owned()).contains("scope"));
    assert!(wrong(|policy| policy.logs[0].pem.clear()).starts_with("The log key \"rekor\""));
}

#[test]
fn identities_must_name_somebody_and_have_authorities() {
    assert!(wrong(|policy| policy.identities[0].subject.clear()).contains("no subject"));
    assert!(wrong(|policy| policy.identities[0].subject = "**".to_owned()).contains("anybody"));
    assert!(wrong(|policy| policy.identities[0].issuer = " ".to_owned()).contains("names no issuer"));
    let mut any = good();
    any.identities[0].issuer = "*".to_owned();
    assert_eq!(any.check(), Ok(()));
    assert!(wrong(|policy| policy.identities[0].roots.clear()).contains("no certificate"));
    assert!(wrong(|policy| policy.identities[0].subject = "a b".to_owned()).contains("space"));
}

#[test]
fn notation_policies_must_be_as_the_notary_project_has_them() {
    assert!(wrong(|policy| policy.notation[0].registry_scopes.clear()).contains("no repository"));
    assert!(
        wrong(|policy| policy.notation[0].registry_scopes = vec!["registry.example/*".to_owned()]).contains("wildcard")
    );
    assert!(
        wrong(|policy| policy.notation[0].registry_scopes = vec!["registry.example".to_owned()]).contains("host/name")
    );
    assert!(wrong(|policy| policy.notation[0].registry_scopes = vec!["r.example/app:1".to_owned()]).contains("tag"));
    assert!(wrong(|policy| policy.notation[0].registry_scopes.push("*".to_owned())).contains("one or the other"));
    assert!(wrong(|policy| policy.notation[0].registry_scopes = vec!["*".to_owned()]).contains("as another does"));
    assert!(wrong(|policy| policy.notation[0].trusted_identities.clear()).contains("trusts nobody"));
    assert!(wrong(|policy| policy.notation[0].trusted_identities.push("*".to_owned())).contains("one or the other"));
    assert!(wrong(|policy| policy.notation[0].trusted_identities = vec!["CN=x".to_owned()]).contains("x509.subject:"));
    assert!(wrong(|policy| policy.notation[0].roots.clear()).contains("no certificate"));
    assert!(wrong(|policy| policy.notation[0].authority_roots = "x".to_owned()).contains("signing authorities"));
    let mut only = good();
    only.notation[0].authority_roots = std::mem::take(&mut only.notation[0].roots);
    assert_eq!(only.check(), Ok(()));
}

#[test]
fn pins_must_pin_something() {
    assert!(wrong(|policy| policy.notary[0].gun.clear()).contains("no repository"));
    assert!(wrong(|policy| policy.notary[0].gun = "a*b".to_owned()).contains('*'));
    assert!(wrong(|policy| policy.notary[0].key_ids = vec!["ab".to_owned()]).contains("64 hexadecimal"));
    assert!(wrong(|policy| policy.notary[0].ca = "x".to_owned()).contains("no certificate"));
    let said = wrong(|policy| {
        policy.notary[0].ca.clear();
        policy.notary[0].key_ids.clear();
    });
    assert!(said.contains("pins nothing"), "{said}");
}

#[test]
fn a_policy_with_a_broken_part_still_judges_by_the_rest_and_says_so() {
    let key = Key::p256();
    let mut policy = policy(&[("broken", &key), ("k", &key)]);
    policy.keys[0].pem.clear();
    let payload = simple_payload(&image());
    let verdict = judged(tag(vec![simple(&payload, &key.sign(&payload))]), &policy);
    assert_eq!(verdict.state, crate::State::Verified);
    assert!(verdict.notes.iter().any(|note| note.contains("\"broken\" could not be used")));
}
