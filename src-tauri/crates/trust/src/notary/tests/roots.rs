//! Roots: certificates, pins, first contact, rotation.

use time::macros::datetime;

use super::super::forge::{Cert, FAR, ROOT, SHA1, certified, digest, plain};
use super::super::words::moment;
use super::super::{NotaryFile, pinned_from_files};
use super::*;
use crate::{Bytes, NotaryPin, Pinned};

const ROOT_FAULT: (State, Option<Invalid>) = (State::Invalid, Some(Invalid::Root));

fn with_root(pem: &str) -> Forge {
    Forge { root_keys: vec![certified(pem)], ..Forge::new() }
}

fn under(facts: &TrustFacts, pins: &[NotaryPin]) -> Verdict {
    notary(facts, &TrustPolicy { notary: pins.to_vec(), ..TrustPolicy::default() }, AT).unwrap()
}

fn keys(gun: &str, ids: &[&str]) -> NotaryPin {
    NotaryPin { gun: gun.to_owned(), ca: String::new(), key_ids: ids.iter().map(|id| (*id).to_owned()).collect() }
}

fn authority(ca: &str) -> NotaryPin {
    NotaryPin { gun: "lab.test/*".to_owned(), ca: ca.to_owned(), key_ids: Vec::new() }
}

#[test]
fn the_first_root_is_trusted_and_its_key_named() {
    let verdict = verdict(&Forge::new());
    assert_eq!((verdict.state, verdict.first_use), (State::Verified, true));
    let id = certified(&Cert::of(ROOT).pem()).0;
    assert_eq!(
        verdict.notes,
        [format!("Trusted on first use: the root key {id} is pinned from now on; compare it with the owner's.")]
    );
}

#[test]
fn a_root_that_is_pinned_or_was_kept_is_not_met_for_the_first_time() {
    let id = certified(&Cert::of(ROOT).pem()).0;
    let pinned = TrustPolicy { notary: vec![keys(super::super::forge::GUN, &[&id])], ..TrustPolicy::default() };
    let mut facts = Forge::new().facts();
    let verdict = notary(&facts, &pinned, AT).unwrap();
    assert_eq!((verdict.state, verdict.first_use, verdict.trusted_since.as_str()), (State::Verified, false, ""));
    let kept = crate::pin(facts.notary.as_ref().unwrap(), &TrustPolicy::default(), AT).unwrap();
    let since = kept.first_seen.clone();
    facts.notary.as_mut().unwrap().pinned = Some(kept);
    let verdict = notary(&facts, &TrustPolicy::default(), AT).unwrap();
    assert_eq!((verdict.state, verdict.first_use, verdict.trusted_since), (State::Verified, false, since));
    let verdict = notary(&facts, &pinned, AT).unwrap();
    assert_eq!((verdict.first_use, verdict.trusted_since.as_str()), (false, ""));
}

#[test]
fn a_certificate_for_another_repository_is_refused() {
    for name in ["lab.test/acme/other", "lab.test/acme/app2", "other*", "lab.test/acme"] {
        let verdict = verdict(&with_root(&Cert { name, ..Cert::of(ROOT) }.pem()));
        assert_eq!(outcome(&verdict), ROOT_FAULT, "{name}");
    }
    let wild = verdict(&with_root(&Cert { name: "lab.test/*", ..Cert::of(ROOT) }.pem()));
    assert_eq!(wild.state, State::Verified);
    assert!(noted(&wild, "for every repository whose name begins like “lab.test/*”"));
}

#[test]
fn a_certificate_out_of_date_is_refused_and_one_that_soon_is_noted() {
    let old = verdict(&with_root(&Cert { until: datetime!(2026-11-30 0:00 UTC), ..Cert::of(ROOT) }.pem()));
    assert_eq!(outcome(&old), ROOT_FAULT);
    assert!(old.reason.contains("out of date since 2026-11-30"));
    let soon = verdict(&with_root(&Cert { until: datetime!(2026-12-24 0:00 UTC), ..Cert::of(ROOT) }.pem()));
    assert_eq!((soon.state, soon.expires.as_str()), (State::Verified, "2026-12-24T00:00:00Z"));
    assert!(noted(&soon, "expires on 2026-12-24, within 30 days"));
    let early = notary(&Forge::new().facts(), &TrustPolicy::default(), datetime!(2019-06-01 0:00 UTC)).unwrap();
    assert_eq!(outcome(&early), ROOT_FAULT);
}

#[test]
fn a_certificate_over_sha1_is_refused() {
    let forge = with_root(SHA1);
    let verdict = judged(&facts(forge.around(forge.root(&[9]))));
    assert_eq!(outcome(&verdict), ROOT_FAULT);
    assert!(verdict.reason.contains("SHA-1, which is refused"), "{}", verdict.reason);
}

#[test]
fn a_root_key_without_a_certificate_is_refused() {
    let forge = Forge { root_keys: vec![plain(ROOT)], ..Forge::new() };
    let verdict = verdict(&forge);
    assert_eq!(outcome(&verdict), ROOT_FAULT);
    assert!(verdict.reason.contains("without a certificate"));
}

#[test]
fn an_authority_signs_no_root_and_two_signers_are_one_too_many() {
    let ca = Cert { authority: Some(None), ..Cert::of(ROOT) }.pem();
    assert_eq!(outcome(&verdict(&with_root(&ca))), ROOT_FAULT);
    let two = format!("{}{}", Cert::of(ROOT).pem(), Cert::of(7).pem());
    assert_eq!(outcome(&verdict(&with_root(&two))), ROOT_FAULT);
}

#[test]
fn a_root_that_others_signed_is_refused() {
    let forge = Forge::new();
    assert_eq!(outcome(&judged(&facts(forge.around(forge.root(&[7]))))), ROOT_FAULT);
}

#[test]
fn one_key_in_two_certificates_counts_once() {
    let first = certified(&Cert::of(ROOT).pem());
    let second = certified(&Cert { until: datetime!(2045-01-01 0:00 UTC), ..Cert::of(ROOT) }.pem());
    assert_ne!(first.0, second.0);
    let mut forge = Forge { root_keys: vec![first.clone(), second], ..Forge::new() };
    forge.edits.push(("root", |root| root["roles"]["root"]["threshold"] = serde_json::json!(2)));
    assert_eq!(outcome(&judged(&facts(forge.around(forge.root(&[ROOT, ROOT]))))), ROOT_FAULT);
    forge.root_keys = vec![first, certified(&Cert::of(7).pem())];
    assert_eq!(judged(&facts(forge.around(forge.root(&[ROOT, 7])))).state, State::Verified);
}

#[test]
fn a_pinned_key_fits_by_each_of_its_names() {
    let facts = Forge::new().facts();
    let pem = Cert::of(ROOT).pem();
    let certificate = super::super::certificate::read(pem.as_bytes()).unwrap().leaf.fingerprint();
    let colons = certificate
        .to_uppercase()
        .as_bytes()
        .chunks(2)
        .map(|two| String::from_utf8(two.to_vec()).unwrap())
        .collect::<Vec<_>>()
        .join(":");
    for id in [certified(&pem).0, plain(ROOT).0, certificate, colons] {
        let verdict = under(&facts, &[keys("lab.test/acme/app", &["00", &id])]);
        assert_eq!(verdict.state, State::Verified, "{id}");
        assert_eq!(drawn(&verdict)[0], "Pinned by the policy +");
        assert!(verdict.notes.is_empty());
    }
}

#[test]
fn a_pin_that_does_not_fit_refuses_the_root() {
    let facts = Forge::new().facts();
    for pin in [
        keys("lab.test/acme/app", &["00"]),
        keys("lab.test/*", &["00"]),
        keys("*", &["00"]),
        keys("lab.test/*", &[]),
        authority("nonsense"),
    ] {
        let verdict = under(&facts, std::slice::from_ref(&pin));
        assert_eq!(outcome(&verdict), ROOT_FAULT, "{pin:?}");
        assert!(drawn(&verdict).contains(&"root -".to_owned()));
        assert!(
            super::super::pin(
                facts.notary.as_ref().unwrap(),
                &TrustPolicy { notary: vec![pin], ..TrustPolicy::default() },
                AT
            )
            .is_none()
        );
    }
    assert_eq!(
        under(&facts, &[keys("lab.test/other*", &["00"]), keys("lab.test/acme", &["00"])]).state,
        State::Verified
    );
}

#[test]
fn the_most_exact_pin_counts() {
    let facts = Forge::new().facts();
    let good = plain(ROOT).0;
    let exact = keys("lab.test/acme/app", &[&good]);
    assert_eq!(
        under(&facts, &[keys("lab.test/acme/*", &["00"]), exact.clone(), keys("*", &["00"])]).state,
        State::Verified
    );
    assert_eq!(under(&facts, &[keys("lab.test/acme/*", &["00"]), keys("*", &[&good])]).state, State::Invalid);
    // Of two as exact as each other either will do.
    assert_eq!(under(&facts, &[keys("lab.test/acme/app", &["00"]), exact]).state, State::Verified);
}

#[test]
fn a_pinned_authority_vouches_for_the_roots_certificate() {
    let ca = Cert { seed: 20, name: "lab CA", authority: Some(Some(0)), ..Cert::of(20) };
    let leaf = Cert { issuer: Some((20, "lab CA")), ..Cert::of(ROOT) }.pem();
    let facts = with_root(&leaf).facts();
    assert_eq!(under(&facts, &[authority(&ca.pem())]).state, State::Verified);
    // Another key under the same name.
    let forged = Cert { seed: 21, name: "lab CA", authority: Some(None), ..Cert::of(21) };
    assert_eq!(outcome(&under(&facts, &[authority(&forged.pem())])), ROOT_FAULT);
    // Not an authority; and one that is out of date.
    let no_ca = Cert { seed: 20, name: "lab CA", ..Cert::of(20) };
    assert_eq!(outcome(&under(&facts, &[authority(&no_ca.pem())])), ROOT_FAULT);
    let old =
        Cert { seed: 20, name: "lab CA", authority: Some(None), until: datetime!(2026-11-01 0:00 UTC), ..Cert::of(20) };
    assert_eq!(outcome(&under(&facts, &[authority(&old.pem())])), ROOT_FAULT);
    // A pin with both wants both.
    let both = NotaryPin { key_ids: vec!["00".to_owned()], ..authority(&ca.pem()) };
    assert_eq!(outcome(&under(&facts, &[both])), ROOT_FAULT);
    // The root's own certificate may be pinned as it is.
    assert_eq!(under(&facts, &[authority(&leaf)]).state, State::Verified);
}

#[test]
fn an_authority_between_is_followed_within_the_length_of_its_path() {
    let between =
        Cert { seed: 22, name: "lab sub", issuer: Some((20, "lab CA")), authority: Some(None), until: FAR }.pem();
    let leaf = Cert { issuer: Some((22, "lab sub")), ..Cert::of(ROOT) }.pem();
    let facts = with_root(&format!("{leaf}{between}")).facts();
    let ca = |length| Cert { seed: 20, name: "lab CA", authority: Some(length), ..Cert::of(20) }.pem();
    assert_eq!(under(&facts, &[authority(&ca(None))]).state, State::Verified);
    assert_eq!(under(&facts, &[authority(&ca(Some(1)))]).state, State::Verified);
    assert_eq!(outcome(&under(&facts, &[authority(&ca(Some(0)))])), ROOT_FAULT);
    assert_eq!(outcome(&under(&with_root(&leaf).facts(), &[authority(&ca(None))])), ROOT_FAULT);
}

/// A root with another key, in a version of its own, signed by the old key where `old` says so.
fn rotated(version: u64, seed: u8, signers: &[u8]) -> Forge {
    let mut forge = with_root(&Cert::of(seed).pem());
    forge.versions.insert("root", version);
    // Signatures of former keys stand beside those of the root's own.
    let spare: Vec<_> = signers.iter().map(|seed| certified(&Cert::of(*seed).pem())).collect();
    forge.root_keys.extend(spare);
    forge.edits.push(("root", |root| {
        let own = root["roles"]["root"]["keyids"][0].clone();
        root["roles"]["root"]["keyids"] = serde_json::json!([own]);
    }));
    forge
}

fn seen(forge: &Forge, seeds: &[u8]) -> Pinned {
    pinned_from_files(&forge.around(forge.root(seeds))).unwrap()
}

fn after(pinned: Pinned, forge: &Forge, seeds: &[u8], older: &[(u64, Vec<u8>)]) -> TrustFacts {
    let mut facts = facts(forge.around(forge.root(seeds)));
    for (version, bytes) in older {
        served(&mut facts).files.push(NotaryFile { name: format!("{version}.root"), bytes: Bytes(bytes.clone()) });
    }
    served(&mut facts).pinned = Some(pinned);
    facts
}

#[test]
fn a_root_that_the_one_before_signed_is_followed() {
    let second = rotated(2, 7, &[ROOT]);
    let verdict = judged(&after(seen(&Forge::new(), &[ROOT]), &second, &[7, ROOT], &[]));
    assert_eq!(verdict.state, State::Verified);
    assert_eq!(drawn(&verdict)[..3], ["Earlier contact +", "root, version 1 +", "root +"]);
    assert!(verdict.notes.is_empty(), "{:?}", verdict.notes);
}

#[test]
fn a_root_that_only_its_own_key_signed_is_refused() {
    let second = rotated(2, 7, &[]);
    let verdict = judged(&after(seen(&Forge::new(), &[ROOT]), &second, &[7], &[]));
    assert_eq!(outcome(&verdict), ROOT_FAULT);
    assert_eq!(drawn(&verdict)[..3], ["Earlier contact +", "root, version 1 -", "root -"]);
}

#[test]
fn a_root_that_only_the_one_before_signed_is_refused() {
    let second = rotated(2, 7, &[ROOT]);
    assert_eq!(outcome(&judged(&after(seen(&Forge::new(), &[ROOT]), &second, &[8, ROOT], &[]))), ROOT_FAULT);
}

#[test]
fn every_step_of_the_roots_is_needed() {
    let second = rotated(2, 7, &[ROOT]);
    // The third is signed by the first too, which is no step.
    let third = rotated(3, 8, &[7, ROOT]);
    let first = seen(&Forge::new(), &[ROOT]);
    let step = (2, second.root(&[7, ROOT]));
    let good = judged(&after(first.clone(), &third, &[8, 7, ROOT], std::slice::from_ref(&step)));
    assert_eq!(good.state, State::Verified, "{}", good.reason);
    assert_eq!(drawn(&good)[..4], ["Earlier contact +", "root, version 1 +", "root, version 2 +", "root +"]);

    let mut without = after(first.clone(), &third, &[8, 7, ROOT], &[]);
    assert_eq!(outcome(&judged(&without)), (State::Unreachable, None));
    served(&mut without).absent.push("2.root".to_owned());
    assert_eq!(outcome(&judged(&without)), (State::Invalid, Some(Invalid::Missing)));

    let skipped = judged(&after(first.clone(), &rotated(3, 8, &[ROOT]), &[8, ROOT], std::slice::from_ref(&step)));
    assert_eq!(outcome(&skipped), ROOT_FAULT);
    let misnamed = judged(&after(first, &third, &[8, 7, ROOT], &[(2, Forge::new().root(&[ROOT]))]));
    assert_eq!(outcome(&misnamed), ROOT_FAULT);
}

#[test]
fn the_certificate_of_the_root_before_may_be_over() {
    let until = datetime!(2026-01-01 0:00 UTC);
    let first = with_root(&Cert { until, ..Cert::of(ROOT) }.pem());
    let mut second = rotated(2, 7, &[]);
    second.root_keys.push(first.root_keys[0].clone());
    assert_eq!(judged(&after(seen(&first, &[ROOT]), &second, &[7, ROOT], &[])).state, State::Verified);
}

#[test]
fn another_root_under_the_same_version_and_an_older_one_are_refused() {
    let first = seen(&Forge::new(), &[ROOT]);
    let verdict = judged(&after(first.clone(), &rotated(1, 7, &[ROOT]), &[7, ROOT], &[]));
    assert_eq!(outcome(&verdict), ROOT_FAULT);
    let mut longer = Forge::new();
    longer.expires.insert("root", "2047-01-01T00:00:00Z");
    assert_eq!(outcome(&judged(&after(first, &longer, &[ROOT], &[]))), ROOT_FAULT);
    let second = seen(&rotated(2, 7, &[ROOT]), &[7, ROOT]);
    assert_eq!(
        outcome(&judged(&after(second, &Forge::new(), &[ROOT], &[]))),
        (State::Invalid, Some(Invalid::Rollback))
    );
}

#[test]
fn an_earlier_contact_does_not_undo_a_pin() {
    let facts = after(seen(&Forge::new(), &[ROOT]), &Forge::new(), &[ROOT], &[]);
    assert_eq!(judged(&facts).state, State::Verified);
    assert_eq!(outcome(&under(&facts, &[keys(super::super::forge::GUN, &["00"])])), ROOT_FAULT);
}

#[test]
fn an_earlier_root_that_cannot_be_read_is_no_first_contact() {
    let mut facts = Forge::new().facts();
    served(&mut facts).pinned = Some(Pinned { root: Bytes(b"{".to_vec()), ..Pinned::default() });
    let verdict = judged(&facts);
    assert_eq!(outcome(&verdict), ROOT_FAULT);
    assert!(verdict.reason.contains("cannot be read"));
}

#[test]
fn at_first_contact_older_roots_are_drawn_when_they_lead_to_this_one() {
    let second = rotated(2, 7, &[ROOT]);
    let mut facts = facts(second.around(second.root(&[7, ROOT])));
    served(&mut facts).files.push(NotaryFile { name: "1.root".to_owned(), bytes: Bytes(Forge::new().root(&[ROOT])) });
    let verdict = judged(&facts);
    assert_eq!(verdict.state, State::Verified);
    assert_eq!(drawn(&verdict)[..3], ["First contact +", "root, version 1 +", "root +"]);
    served(&mut facts).files.last_mut().unwrap().bytes = Bytes(with_root(&Cert::of(30).pem()).root(&[30]));
    let verdict = judged(&facts);
    assert_eq!(verdict.state, State::Verified);
    assert_eq!(drawn(&verdict)[..2], ["First contact +", "root +"]);
    assert!(noted(&verdict, "do not lead to the present one"));
}

#[test]
fn far_is_far() {
    assert_eq!((moment(FAR).as_str(), digest(1).len()), ("2046-01-01T00:00:00Z", 71));
}

#[test]
fn a_root_key_that_does_not_count_beside_one_that_does_is_noted() {
    let forge = Forge { root_keys: vec![certified(&Cert::of(ROOT).pem()), certified(SHA1)], ..Forge::new() };
    let verdict = judged(&facts(forge.around(forge.root(&[ROOT, 9]))));
    assert_eq!(verdict.state, State::Verified);
    assert!(noted(&verdict, "its certificate is signed over SHA-1, which is refused."), "{:?}", verdict.notes);
}
