//! Timestamp, snapshot, targets and delegations: signatures, hashes, versions, dates, and what was not served.

use serde_json::json;

use super::super::forge::{ALICE, SNAPSHOT, TARGETS, plain};
use super::super::{NotaryFile, pin};
use super::*;
use crate::{Bytes, Pinned};

const ROLES: [&str; 4] = ["timestamp", "snapshot", "targets", "targets/releases"];

#[test]
fn a_role_that_another_key_signed_is_invalid() {
    for role in ["timestamp", "snapshot", "targets"] {
        let mut forge = Forge::new();
        forge.signers.insert(role, vec![40]);
        let verdict = verdict(&forge);
        assert_eq!(outcome(&verdict), (State::Invalid, Some(Invalid::Signature)), "{role}");
        assert!(drawn(&verdict).contains(&format!("{role} -")));
        assert!(verdict.signers.is_empty() && verdict.digest.is_none());
    }
}

#[test]
fn what_comes_after_a_break_is_not_reached() {
    let mut forge = Forge::new();
    forge.signers.insert("snapshot", vec![40]);
    let drawn = drawn(&verdict(&forge));
    assert_eq!(drawn[1..7], ["root +", "timestamp +", "snapshot -", "targets ?", "1.0 ?", &drawn[6]]);
    assert!(drawn[6].ends_with(" ?"));
}

#[test]
fn a_signature_under_another_keys_id_does_not_count() {
    let mut forge = Forge::new();
    forge.signers.insert("targets", vec![40]);
    forge.spoils.push(("targets", |envelope| envelope["signatures"][0]["keyid"] = json!(plain(TARGETS).0)));
    assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Signature)));
}

#[test]
fn a_change_after_signing_does_not_count() {
    let mut forge = Forge::new();
    forge.spoils.push(("targets", |envelope| envelope["signed"]["version"] = json!(2)));
    assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Signature)));
    for spoil in [
        |envelope: &mut serde_json::Value| envelope["signatures"] = json!([]),
        |envelope: &mut serde_json::Value| envelope["signatures"] = json!(null),
        |envelope: &mut serde_json::Value| envelope["signatures"][0]["method"] = json!("eddsa"),
        |envelope: &mut serde_json::Value| envelope["signatures"][0]["sig"] = json!("!"),
    ] {
        let mut forge = Forge::new();
        forge.spoils.push(("targets", spoil));
        assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Signature)));
    }
}

#[test]
fn a_threshold_is_met_by_different_keys_only() {
    let two: fn(&mut serde_json::Value) = |root| {
        let (id, key) = plain(41);
        root["keys"][&id] = key;
        root["roles"]["targets"] = json!({ "keyids": [plain(TARGETS).0, id], "threshold": 2 });
    };
    let mut forge = Forge::new();
    forge.edits.push(("root", two));
    assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Signature)));
    forge.signers.insert("targets", vec![TARGETS, TARGETS]);
    assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Signature)));
    forge.signers.insert("targets", vec![TARGETS, 41]);
    assert_eq!(verdict(&forge).state, State::Verified);
}

#[test]
fn a_key_whose_id_is_not_its_hash_does_not_count() {
    let mut forge = Forge::new();
    forge.edits.push(("root", |root| {
        root["keys"]["00"] = plain(TARGETS).1;
        root["roles"]["targets"]["keyids"] = json!(["00"]);
    }));
    forge.spoils.push(("targets", |envelope| envelope["signatures"][0]["keyid"] = json!("00")));
    let verdict = verdict(&forge);
    assert_eq!(outcome(&verdict), (State::Invalid, Some(Invalid::Signature)));
    assert!(verdict.reason.contains("its id is not the hash of the key"));
}

#[test]
fn a_file_that_is_not_the_announced_one_is_invalid() {
    for role in ["snapshot", "targets", "targets/releases", "targets/alice"] {
        let mut facts = Forge::new().facts();
        for file in served(&mut facts).files.iter_mut().filter(|file| file.name == role) {
            file.bytes.0.push(b' ');
        }
        assert_eq!(outcome(&judged(&facts)), (State::Invalid, Some(Invalid::Hash)), "{role}");
    }
}

#[test]
fn a_root_that_the_snapshot_does_not_announce_is_invalid() {
    let mut facts = Forge::new().facts();
    served(&mut facts).files[0].bytes.0.push(b' ');
    let verdict = judged(&facts);
    assert_eq!(outcome(&verdict), (State::Invalid, Some(Invalid::Hash)));
    assert!(drawn(&verdict).contains(&"snapshot -".to_owned()));
}

#[test]
fn an_older_version_than_was_seen_is_a_rollback() {
    for role in ROLES {
        let mut facts = Forge::new().facts();
        let root = served(&mut facts).files[0].bytes.clone();
        let versions = [(role.to_owned(), 2)].into();
        served(&mut facts).pinned = Some(Pinned { root, versions, ..Pinned::default() });
        assert_eq!(outcome(&judged(&facts)), (State::Invalid, Some(Invalid::Rollback)), "{role}");
        served(&mut facts).pinned.as_mut().unwrap().versions.insert(role.to_owned(), 1);
        assert_eq!(judged(&facts).state, State::Verified, "{role}");
    }
}

#[test]
fn a_role_out_of_date_expires_the_whole() {
    for role in ["root", "timestamp", "snapshot", "targets"] {
        let mut forge = Forge::new();
        forge.expires.insert(role, "2026-12-01T00:00:00Z");
        let verdict = verdict(&forge);
        assert_eq!(outcome(&verdict), (State::Expired, Some(Invalid::Expired)), "{role}");
        assert_eq!(verdict.word(), "invalid");
        assert!(verdict.reason.starts_with(&format!("{role} is out of date since 2026-12-01")), "{}", verdict.reason);
        assert!(drawn(&verdict).contains(&format!("{role} -")));
        assert!(pin(forge.facts().notary.as_ref().unwrap(), &TrustPolicy::default(), AT).is_none());
        assert!(noted(&verdict, "Met for the first time") && !noted(&verdict, "Trusted on first use"));
        forge.expires.insert(role, "2026-12-01T00:00:00.000000001Z");
        assert_eq!(judged(&forge.facts()).state, State::Verified, "{role}");
    }
}

#[test]
fn what_is_out_of_date_and_tampered_with_is_tampered_with() {
    let mut forge = Forge::new();
    forge.expires.insert("timestamp", "2026-11-01T00:00:00Z");
    forge.signers.insert("targets", vec![40]);
    let verdict = verdict(&forge);
    assert_eq!(outcome(&verdict), (State::Invalid, Some(Invalid::Signature)));
    assert!(noted(&verdict, "timestamp is out of date"));
}

#[test]
fn a_delegation_that_does_not_hold_is_left_out_and_the_rest_stays() {
    for (signers, expires) in [(vec![40], "2046-01-01T00:00:00Z"), (vec![ALICE], "2026-11-01T00:00:00Z")] {
        let mut forge = Forge::new();
        forge.signers.insert("targets/releases", signers);
        forge.expires.insert("targets/releases", expires);
        let alone = verdict(&forge);
        assert_eq!(outcome(&alone), (State::NotThisTag, None));
        assert!(alone.reason.contains("Left out, because it does not hold: targets/releases."), "{}", alone.reason);
        assert!(drawn(&alone).contains(&"targets/releases -".to_owned()));
        forge.tags.insert("targets", vec![("1.0", 1)]);
        let with_targets = verdict(&forge);
        assert_eq!(with_targets.state, State::Verified);
        assert!(noted(&with_targets, "would go first and does not hold"), "{:?}", with_targets.notes);
    }
}

#[test]
fn a_missing_file_is_missing_only_when_the_server_said_so() {
    for name in ["timestamp", "snapshot", "targets", "targets/releases", "targets/alice"] {
        let mut facts = Forge::new().facts();
        take(&mut facts, name);
        let unknown = judged(&facts);
        assert_eq!(outcome(&unknown), (State::Unreachable, None), "{name}");
        assert_eq!(unknown.word(), "unknown");
        served(&mut facts).absent.push(name.to_owned());
        assert_eq!(outcome(&judged(&facts)), (State::Invalid, Some(Invalid::Missing)), "{name}");
        served(&mut facts).failed.push((name.to_owned(), "connection reset".to_owned()));
        let failed = judged(&facts);
        assert_eq!(outcome(&failed), (State::Unreachable, None), "{name}");
        assert!(failed.reason.contains("connection reset"));
        assert!(failed.chain.iter().all(|link| link.holds != Some(false)), "{name}");
    }
}

#[test]
fn only_an_absent_root_means_unsigned() {
    let mut facts = facts(Vec::new());
    assert_eq!(outcome(&judged(&facts)), (State::Unreachable, None));
    served(&mut facts).absent.push("root".to_owned());
    let unsigned = judged(&facts);
    assert_eq!(outcome(&unsigned), (State::Unsigned, None));
    assert_eq!(drawn(&unsigned)[..4], ["root ?", "timestamp ?", "snapshot ?", "targets ?"]);
    served(&mut facts).failed.push(("root".to_owned(), "status 503".to_owned()));
    assert_eq!(outcome(&judged(&facts)), (State::Unreachable, None));
}

#[test]
fn trust_data_that_are_gone_were_withdrawn() {
    let mut facts = facts(Vec::new());
    served(&mut facts).absent.push("root".to_owned());
    served(&mut facts).pinned = Some(Pinned { last_seen: "2026-11-24T00:00:00Z".to_owned(), ..Pinned::default() });
    let verdict = judged(&facts);
    assert_eq!(outcome(&verdict), (State::Withdrawn, None));
    assert_eq!(verdict.word(), "unsigned");
    assert!(verdict.reason.contains("on 2026-11-24T00:00:00Z"));
}

#[test]
fn a_file_is_taken_by_its_first_copy() {
    let mut facts = Forge::new().facts();
    served(&mut facts).files.push(NotaryFile { name: "targets".to_owned(), bytes: Bytes(b"{}".to_vec()) });
    assert_eq!(judged(&facts).state, State::Verified);
}

#[test]
fn a_wrong_type_or_shape_is_malformed() {
    let edits: [(&str, super::super::forge::Edit); 8] = [
        ("targets", |signed| signed["_type"] = json!("Snapshot")),
        ("targets", |signed| signed["version"] = json!(0)),
        ("targets", |signed| signed["expires"] = json!("tomorrow")),
        ("snapshot", |signed| signed["meta"]["targets"] = json!(null)),
        ("timestamp", |signed| signed["meta"] = json!({})),
        ("root", |signed| signed["roles"]["targets"]["threshold"] = json!(0)),
        ("root", |signed| signed["roles"]["snapshot"] = json!(null)),
        ("targets", |signed| signed["delegations"]["roles"][0]["name"] = json!("targets/../root")),
    ];
    for (role, edit) in edits {
        let mut forge = Forge::new();
        forge.edits.push((role, edit));
        assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Format)), "{role}");
    }
}

#[test]
fn a_delegation_that_the_snapshot_drops_after_it_was_seen_is_noted() {
    let mut forge = Forge::new();
    forge.edits.push(("snapshot", |signed| {
        signed["meta"].as_object_mut().unwrap().remove("targets/releases");
    }));
    forge.tags.insert("targets", vec![("1.0", 1)]);
    let mut facts = forge.facts();
    let root = served(&mut facts).files[0].bytes.clone();
    served(&mut facts).pinned =
        Some(Pinned { root, versions: [("targets/releases".to_owned(), 3)].into(), ..Pinned::default() });
    let verdict = judged(&facts);
    assert_eq!(verdict.state, State::Verified);
    assert!(noted(&verdict, "targets/releases was served in version 3"), "{:?}", verdict.notes);
    let kept = pin(facts.notary.as_ref().unwrap(), &TrustPolicy::default(), AT).unwrap();
    assert_eq!(kept.versions["targets/releases"], 3);
}

#[test]
fn the_snapshots_key_signs_nothing_else() {
    let mut forge = Forge::new();
    forge.signers.insert("targets", vec![SNAPSHOT]);
    assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Signature)));
}
