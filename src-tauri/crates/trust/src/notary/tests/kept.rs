//! What is kept of a contact for the next one, and places that were only looked at.

use time::macros::datetime;

use super::super::{pin, pinned_from_files};
use super::*;
use crate::{Bytes, Looked, Lookup, Pinned, Scheme};

#[test]
fn what_verified_is_kept_with_its_versions() {
    let mut forge = Forge::new();
    forge.versions = [("snapshot", 4), ("targets/releases", 9)].into();
    let facts = forge.facts();
    let kept = pin(facts.notary.as_ref().unwrap(), &TrustPolicy::default(), AT).unwrap();
    assert_eq!(kept.root, facts.notary.as_ref().unwrap().files[0].bytes);
    let versions: Vec<_> = kept.versions.iter().map(|(name, version)| (name.as_str(), *version)).collect();
    assert_eq!(
        versions,
        [("root", 1), ("snapshot", 4), ("targets", 1), ("targets/alice", 1), ("targets/releases", 9), ("timestamp", 1)]
    );
    assert_eq!((kept.first_seen.as_str(), kept.last_seen.as_str()), ("2026-12-01T00:00:00Z", "2026-12-01T00:00:00Z"));
}

#[test]
fn the_first_contact_is_remembered_and_a_role_left_out_keeps_its_version() {
    let first = Forge::new();
    let kept =
        pin(first.facts().notary.as_ref().unwrap(), &TrustPolicy::default(), datetime!(2026-06-01 0:00 UTC)).unwrap();
    let mut next = Forge::new();
    next.signers.insert("targets/releases", vec![40]);
    next.tags.remove("targets/alice");
    let mut facts = next.facts();
    served(&mut facts).pinned = Some(kept);
    served(&mut facts).pinned.as_mut().unwrap().versions.insert("targets/releases/eu".to_owned(), 6);
    let kept = pin(facts.notary.as_ref().unwrap(), &TrustPolicy::default(), AT).unwrap();
    assert_eq!((kept.first_seen.as_str(), kept.last_seen.as_str()), ("2026-06-01T00:00:00Z", "2026-12-01T00:00:00Z"));
    assert_eq!((kept.versions.get("targets/releases"), kept.versions.get("targets/releases/eu")), (Some(&1), Some(&6)));
    assert_eq!(kept.versions.get("targets/alice"), None);
}

#[test]
fn nothing_is_kept_of_what_does_not_hold() {
    let mut forge = Forge::new();
    forge.signers.insert("targets", vec![40]);
    assert!(pin(forge.facts().notary.as_ref().unwrap(), &TrustPolicy::default(), AT).is_none());
    let mut gone = facts(Vec::new());
    served(&mut gone).absent.push("root".to_owned());
    assert!(pin(gone.notary.as_ref().unwrap(), &TrustPolicy::default(), AT).is_none());
}

#[test]
fn a_tag_that_is_not_signed_does_not_keep_the_metadata_from_being_kept() {
    let mut facts = Forge::new().facts();
    facts.tag = Some("9.9".to_owned());
    assert_eq!(judged(&facts).state, State::NotThisTag);
    assert!(pin(facts.notary.as_ref().unwrap(), &TrustPolicy::default(), AT).is_some());
}

#[test]
fn a_folder_that_was_trusted_gives_the_versions_it_claims() {
    let mut forge = Forge::new();
    forge.versions.insert("targets", 5);
    let mut files = forge.files();
    files.push(crate::NotaryFile { name: "1.root".to_owned(), bytes: Bytes(forge.root(&[1])) });
    files.push(crate::NotaryFile { name: "targets/bob".to_owned(), bytes: Bytes(b"?".to_vec()) });
    let kept = pinned_from_files(&files).unwrap();
    assert_eq!((kept.versions["targets"], kept.versions["targets/releases"], kept.versions.len()), (5, 1, 6));
    assert_eq!(kept.root, files[0].bytes);
    assert_eq!(pinned_from_files(&files[1..2]), None);
}

#[test]
fn what_was_kept_verifies_the_next_time() {
    let mut facts = Forge::new().facts();
    for _ in 0..2 {
        let kept: Option<Pinned> = pin(facts.notary.as_ref().unwrap(), &TrustPolicy::default(), AT);
        assert!(kept.is_some());
        served(&mut facts).pinned = kept;
        assert_eq!(judged(&facts).state, State::Verified);
    }
}

#[test]
fn a_server_that_was_not_asked_gives_no_verdict_and_one_that_failed_gives_unreachable() {
    let mut facts = TrustFacts::default();
    assert_eq!(notary(&facts, &TrustPolicy::default(), AT), None);
    facts.lookups.push(Lookup {
        scheme: Scheme::ContentTrust,
        place: "https://notary.lab.test".to_owned(),
        looked: Looked::NotTried("Offline.".to_owned()),
    });
    let verdict = judged(&facts);
    assert_eq!(
        (verdict.state, verdict.reason.as_str()),
        (State::Unreachable, "Nothing is known of the trust data: Offline.")
    );
    facts.lookups[0].scheme = Scheme::Cosign;
    assert_eq!(notary(&facts, &TrustPolicy::default(), AT), None);
}

#[test]
fn for_docker_hub_the_end_of_content_trust_is_noted() {
    let mut facts = facts(Vec::new());
    served(&mut facts).gun = "docker.io/library/nginx".to_owned();
    served(&mut facts).absent.push("root".to_owned());
    assert!(noted(&judged(&facts), "Docker has given up Content Trust"));
}
