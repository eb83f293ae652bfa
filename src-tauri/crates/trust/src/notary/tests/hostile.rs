//! Nonsense, changed metadata and too much of everything.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::forge::{ALICE, plain};
use super::super::pin;
use super::*;
use crate::NotaryFile;

#[test]
fn more_than_the_bounds_allow_is_malformed() {
    let many: [(&str, super::super::forge::Edit); 4] = [
        ("targets", |signed| {
            let one = signed["delegations"]["roles"][0].clone();
            signed["delegations"]["roles"] = (0..1_001)
                .map(|n| {
                    let mut one = one.clone();
                    one["name"] = json!(format!("targets/s{n}"));
                    one
                })
                .collect();
        }),
        ("targets", |signed| signed["delegations"]["roles"][0]["keyids"] = vec!["00"; 65].into()),
        ("targets", |signed| signed["delegations"]["roles"][0]["paths"] = vec!["x"; 1_001].into()),
        ("root", |signed| {
            for n in 0..1_001 {
                signed["keys"][format!("{n}")] = plain(ALICE).1;
            }
        }),
    ];
    for (role, edit) in many {
        let mut forge = Forge::new();
        forge.edits.push((role, edit));
        assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Format)));
    }
    let mut forge = Forge::new();
    forge.spoils.push(("timestamp", |envelope| {
        envelope["signatures"] = vec![envelope["signatures"][0].clone(); 65].into();
    }));
    assert_eq!(outcome(&verdict(&forge)), (State::Invalid, Some(Invalid::Format)));
    let mut facts = Forge::new().facts();
    served(&mut facts).files[0].bytes.0.extend(vec![b' '; 5 << 20]);
    assert_eq!(outcome(&judged(&facts)), (State::Invalid, Some(Invalid::Format)));
}

#[test]
fn the_end_of_time_is_no_end() {
    for expires in ["9999-12-31T23:59:59.999999999-23:59", "0001-01-01T00:00:00+23:59", "0000-01-01T00:00:00+01:00"] {
        for role in ["root", "timestamp", "targets", "targets/releases"] {
            let mut forge = Forge::new();
            forge.expires.insert(role, expires);
            let verdict = verdict(&forge);
            let late = expires.starts_with('9');
            assert_eq!(verdict.state == State::Verified, late, "{role} {expires} {}", verdict.reason);
        }
    }
}

#[test]
fn texts_from_outside_are_cut_and_shown_without_their_tricks() {
    let mut facts = Forge::new().facts();
    facts.tag = Some(format!("\u{202e}{}", "x".repeat(10_000)));
    let verdict = judged(&facts);
    assert!(verdict.reason.len() < 1_000 && !verdict.reason.contains('\u{202e}'));
}

/// A repository in order; forging one takes longer than judging it.
static GOOD: LazyLock<TrustFacts> = LazyLock::new(|| Forge::new().facts());

/// Another one of the same owner, later.
static OTHER: LazyLock<TrustFacts> = LazyLock::new(|| {
    let mut other = Forge::new();
    other.versions.insert("root", 2);
    for role in ["targets", "targets/releases", "targets/alice"] {
        other.edits.push((role, |signed| signed["x"] = json!(1)));
    }
    other.facts()
});

fn signed(bytes: &[u8]) -> Option<Value> {
    Some(serde_json::from_slice::<Value>(bytes).ok()?.get_mut("signed")?.take())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn nonsense_never_verifies(name in "(root|timestamp|snapshot|targets|targets/releases|2\\.root)", junk in proptest::collection::vec(any::<u8>(), 0..400)) {
        let mut facts = GOOD.clone();
        take(&mut facts, &name);
        served(&mut facts).files.push(NotaryFile { name: name.clone(), bytes: crate::Bytes(junk) });
        let needed = name != "2.root";
        prop_assert_eq!(judged(&facts).state == State::Verified, !needed);
        prop_assert_eq!(pin(facts.notary.as_ref().unwrap(), &TrustPolicy::default(), AT).is_some(), !needed);
    }

    #[test]
    fn a_changed_byte_never_verifies_another_meaning(file in 0_usize..6, place in any::<prop::sample::Index>(), byte in any::<u8>()) {
        let mut facts = GOOD.clone();
        let changed = &mut served(&mut facts).files[file];
        let before = changed.bytes.0.clone();
        let place = place.index(before.len());
        changed.bytes.0[place] = byte;
        let (name, after) = (changed.name.clone(), changed.bytes.0.clone());
        let verdict = judged(&facts);
        if verdict.state == State::Verified {
            // The hash of everything but the timestamp is announced; there only what is signed cannot change.
            prop_assert!(before == after || name == "timestamp" && signed(&before) == signed(&after), "{}", name);
        } else {
            prop_assert!(before != after);
            prop_assert!(matches!(verdict.state, State::Invalid));
        }
    }

    #[test]
    fn a_file_from_another_repository_or_role_never_verifies(from in 0_usize..6, to in 0_usize..6) {
        let mut facts = GOOD.clone();
        served(&mut facts).files[to].bytes = served(&mut OTHER.clone()).files[from].bytes.clone();
        prop_assert_eq!(judged(&facts).state, State::Invalid);
    }
}
