//! Tags, digests and signers.

use super::super::forge::{ALICE, FAR, TARGETS, digest, plain};
use super::super::words::moment;
use super::*;

#[test]
fn a_tag_that_a_signer_released_is_verified() {
    let verdict = verdict(&Forge::new());
    assert_eq!(outcome(&verdict), (State::Verified, None));
    assert_eq!(verdict.word(), "signed");
    assert_eq!(verdict.digest, Some(digest(1)));
    assert_eq!(verdict.place, "https://notary.lab.test, lab.test/acme/app");
    assert_eq!(verdict.signers.len(), 1);
    assert_eq!(verdict.signers[0].name, "alice");
    assert_eq!(verdict.signers[0].keys, [plain(ALICE).0]);
    assert_eq!(verdict.signers[0].not_after, "2046-01-01T00:00:00Z");
    assert_eq!(
        drawn(&verdict),
        [
            "First contact +".to_owned(),
            "root +".to_owned(),
            "timestamp +".to_owned(),
            "snapshot +".to_owned(),
            "targets +".to_owned(),
            "targets/releases +".to_owned(),
            "targets/alice +".to_owned(),
            "1.0 +".to_owned(),
            format!("{} +", digest(1)),
        ]
    );
}

#[test]
fn another_digest_is_not_the_signed_one() {
    let mut facts = Forge::new().facts();
    facts.digests = vec![digest(2)];
    let verdict = judged(&facts);
    assert_eq!(outcome(&verdict), (State::OtherDigest, None));
    assert_eq!(verdict.digest, Some(digest(1)));
    assert!(verdict.reason.contains(&digest(1)) && verdict.reason.contains(&digest(2)), "{}", verdict.reason);
    assert_eq!(verdict.chain.last().unwrap().holds, Some(false));
}

#[test]
fn the_digest_of_another_signed_tag_is_named() {
    let mut forge = Forge::new();
    forge.tags.insert("targets/releases", vec![("1.0", 1), ("2.0", 2)]);
    let mut facts = forge.facts();
    facts.digests = vec![digest(2)];
    let verdict = judged(&facts);
    assert_eq!(verdict.state, State::OtherDigest);
    assert!(noted(&verdict, "signed under the tag 2.0"), "{:?}", verdict.notes);
}

#[test]
fn without_a_digest_it_is_signed_and_not_compared() {
    let mut facts = Forge::new().facts();
    facts.digests.clear();
    let verdict = judged(&facts);
    assert_eq!(outcome(&verdict), (State::Signed, None));
    assert_eq!(verdict.chain.last().unwrap().holds, None);
    assert!(verdict.reason.contains("not compared"));
}

#[test]
fn the_digest_of_the_platform_counts_and_is_noted() {
    let mut facts = Forge::new().facts();
    facts.digests = vec![digest(7), digest(1).to_uppercase().replace("SHA", "sha")];
    let verdict = judged(&facts);
    assert_eq!(verdict.state, State::Verified);
    assert!(noted(&verdict, "manifest of the platform"));
}

#[test]
fn a_tag_that_nobody_names_is_not_signed() {
    let mut facts = Forge::new().facts();
    facts.tag = Some("9.9".to_owned());
    let verdict = judged(&facts);
    assert_eq!(outcome(&verdict), (State::NotThisTag, None));
    assert_eq!(verdict.word(), "not-signed-tag");
    assert_eq!((verdict.digest.as_ref(), verdict.signers.len()), (None, 0));
    assert!(noted(&verdict, "signed under the tag 1.0"));
    assert!(drawn(&verdict).contains(&"9.9 -".to_owned()));
}

#[test]
fn a_signer_alone_releases_nothing() {
    let mut forge = Forge::new();
    forge.tags.insert("targets/releases", vec![]);
    let verdict = verdict(&forge);
    assert_eq!(verdict.state, State::NotThisTag);
    assert!(noted(&verdict, "targets/alice names the tag 1.0; it cannot release one."));
}

#[test]
fn a_tag_outside_the_paths_of_a_delegation_does_not_count() {
    let mut forge = Forge::new();
    forge.tags.insert("targets/releases", vec![("1.0", 1), ("2.0", 2)]);
    forge.paths.insert("targets/releases", vec!["2."]);
    let verdict = verdict(&forge);
    assert_eq!(verdict.state, State::NotThisTag);
    assert!(noted(&verdict, "outside the paths"));
    let mut facts = forge.facts();
    facts.tag = Some("2.0".to_owned());
    facts.digests = vec![digest(2)];
    assert_eq!(judged(&facts).state, State::Verified);
    forge.paths.insert("targets/releases", vec![]);
    assert_eq!(judged(&forge.facts()).state, State::NotThisTag);
}

#[test]
fn the_path_of_a_nested_delegation_is_bounded_by_the_one_above() {
    let mut forge = Forge::new();
    forge.tags.insert("targets/alice", vec![]);
    forge.tags.insert("targets/alice/deputy", vec![("1.0", 1)]);
    let names = |forge: &Forge| -> Vec<_> { verdict(forge).signers.into_iter().map(|one| one.name).collect() };
    assert_eq!(names(&forge), ["alice/deputy"]);
    forge.paths.insert("targets/alice", vec!["2."]);
    assert_eq!(names(&forge), ["targets/releases"]);
}

#[test]
fn the_repositorys_own_key_is_its_administrators() {
    let mut forge = Forge::new();
    forge.tags = [("targets", vec![("1.0", 1)])].into();
    let verdict = verdict(&forge);
    assert_eq!(verdict.state, State::Verified);
    assert_eq!(verdict.signers[0].name, "Repo Admin");
    assert_eq!(verdict.signers[0].keys, [plain(TARGETS).0]);
}

#[test]
fn a_revoked_tag_that_targets_still_names_stays_trusted_and_is_noted() {
    let mut forge = Forge::new();
    forge.tags.insert("targets", vec![("1.0", 1)]);
    forge.tags.insert("targets/releases", vec![("2.0", 2)]);
    forge.tags.insert("targets/alice", vec![("2.0", 2)]);
    let verdict = verdict(&forge);
    assert_eq!(verdict.state, State::Verified);
    assert_eq!(verdict.signers[0].name, "Repo Admin");
    assert!(noted(&verdict, "does not, or no longer, name the tag 1.0; the targets role still does"));
}

#[test]
fn the_signers_list_goes_before_targets() {
    let mut forge = Forge::new();
    forge.tags.insert("targets", vec![("1.0", 2)]);
    let verdict = verdict(&forge);
    assert_eq!((verdict.state, verdict.digest.clone()), (State::Verified, Some(digest(1))));
    assert!(noted(&verdict, "targets names another digest for the tag 1.0"));
}

#[test]
fn without_a_tag_the_digest_is_looked_for_under_every_tag() {
    let mut forge = Forge::new();
    forge.tags.insert("targets", vec![("latest", 1), ("old", 3)]);
    let mut facts = forge.facts();
    facts.tag = None;
    let verdict = judged(&facts);
    assert_eq!(verdict.state, State::Verified);
    assert!(verdict.reason.contains("under the tag 1.0 and latest"), "{}", verdict.reason);
    assert_eq!(verdict.digest, Some(digest(1)));
    let names: Vec<_> = verdict.signers.iter().map(|signer| signer.name.as_str()).collect();
    assert_eq!(names, ["alice", "Repo Admin"]);

    facts.digests = vec![digest(8)];
    let other = judged(&facts);
    assert_eq!((other.state, other.digest), (State::OtherDigest, None));
    assert!(other.reason.contains("none of the repository's signed tags (3)"), "{}", other.reason);

    facts.digests.clear();
    let signed = judged(&facts);
    assert_eq!((signed.state, signed.digest), (State::Signed, None));
}

#[test]
fn without_a_tag_a_digest_that_the_signers_replaced_is_not_found_in_targets() {
    let mut forge = Forge::new();
    forge.tags.insert("targets", vec![("1.0", 2)]);
    let mut facts = forge.facts();
    facts.tag = None;
    facts.digests = vec![digest(2)];
    assert_eq!(judged(&facts).state, State::OtherDigest);
}

#[test]
fn without_a_tag_and_without_any_signed_one_nothing_is_signed() {
    let mut forge = Forge::new();
    forge.tags = [("targets", vec![])].into();
    let mut facts = forge.facts();
    facts.tag = None;
    assert_eq!(judged(&facts).state, State::NotThisTag);
}

#[test]
fn a_target_without_a_known_hash_is_malformed() {
    let mut forge = Forge::new();
    forge.edits.push(("targets/releases", |signed| {
        signed["targets"]["1.0"]["hashes"] = serde_json::json!({ "md5": "AAAA" });
    }));
    assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Format)));
}

#[test]
fn it_counts_until_the_first_of_what_it_rests_on_ends() {
    let mut forge = Forge::new();
    forge.expires.insert("timestamp", "2026-12-14T01:02:03.456Z");
    assert_eq!(verdict(&forge).expires, "2026-12-14T01:02:03Z");
    forge.expires.insert("targets/releases", "2026-12-10T00:00:00+01:00");
    let end = verdict(&forge);
    assert_eq!(end.expires, "2026-12-09T23:00:00Z");
    assert!(noted(&end, "targets/releases expires on 2026-12-09, within 30 days."));
    assert!(!noted(&end, "timestamp expires"));
    forge = Forge::new();
    // What only names a signer is not rested on.
    forge.expires.insert("targets/alice", "2027-12-10T00:00:00Z");
    let end = verdict(&forge);
    assert_eq!((end.expires, end.signers[0].not_after.as_str()), (moment(FAR), "2027-12-10T00:00:00Z"));
}

#[test]
fn trust_data_of_another_name_are_noted() {
    let mut facts = Forge::new().facts();
    facts.repository = "mirror.test/acme/app".to_owned();
    assert!(noted(
        &judged(&facts),
        "The trust data are those of lab.test/acme/app; the image is mirror.test/acme/app."
    ));
}
