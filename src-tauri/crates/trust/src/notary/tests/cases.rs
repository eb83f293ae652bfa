//! A folder of cases, each with the verdict that is expected: run by hand, `PLIMSOLL_NOTARY_CASES=DIR cargo test -p
//! plimsoll-trust cases -- --ignored --nocapture`.
//!
//! `DIR/cases.json` lists them; `DIR/cases/NAME/served` and `previous` hold the files; `DIR/recorded/*` are whole states
//! of one repository, one after the other.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::{
    Bytes, Invalid, LinkKind, NotaryFacts, NotaryFile, NotaryPin, Pinned, State, TrustFacts, TrustPolicy, Verdict,
    notary, pin, pinned_from_files,
};

#[derive(Deserialize)]
struct Case {
    name: String,
    gun: String,
    tag: String,
    now: String,
    previous: bool,
    pin: Option<String>,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    verdict: String,
    digest: Option<String>,
    kind: Option<Invalid>,
}

fn folder() -> PathBuf {
    std::env::var_os("PLIMSOLL_NOTARY_CASES").expect("PLIMSOLL_NOTARY_CASES names the folder of cases").into()
}

fn files(folder: &Path) -> Vec<NotaryFile> {
    let mut found = Vec::new();
    for below in ["", "targets/"] {
        let Ok(entries) = std::fs::read_dir(folder.join(below)) else { continue };
        for path in entries.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
            let Some(name) = path.file_name().unwrap().to_str().unwrap().strip_suffix(".json") else { continue };
            found.push(NotaryFile { name: format!("{below}{name}"), bytes: Bytes(std::fs::read(&path).unwrap()) });
        }
    }
    found
}

fn facts(gun: &str, tag: &str, files: Vec<NotaryFile>, pinned: Option<Pinned>, digests: Vec<String>) -> TrustFacts {
    let all = ["root", "timestamp", "snapshot", "targets", "targets/releases", "targets/alice", "1.root", "2.root"];
    let absent =
        all.iter().filter(|name| files.iter().all(|file| file.name != **name)).map(|name| (*name).to_owned()).collect();
    TrustFacts {
        repository: gun.to_owned(),
        tag: Some(tag.to_owned()),
        digests,
        notary: Some(NotaryFacts {
            server: "cases".to_owned(),
            gun: gun.to_owned(),
            files,
            absent,
            failed: Vec::new(),
            pinned,
        }),
        ..TrustFacts::default()
    }
}

fn show(name: &str, verdict: &Verdict) {
    println!("{name}\n  {} {:?} {:?}: {}", verdict.word(), verdict.state, verdict.kind, verdict.reason);
    for signer in &verdict.signers {
        println!("  signer {} {:?} until {}", signer.name, signer.keys, signer.not_after);
    }
    for link in &verdict.chain {
        println!("    {:?} {} {:?} {}", link.kind, link.title, link.holds, link.problem);
        if std::env::var_os("PLIMSOLL_NOTARY_DETAILS").is_some() {
            for (name, value) in &link.details {
                println!("        {name}: {value}");
            }
        }
    }
    for note in &verdict.notes {
        println!("  note: {note}");
    }
}

#[test]
#[ignore = "by hand: needs a folder of cases"]
fn cases_come_out_as_they_say() {
    let folder = folder();
    let cases: Vec<Case> = serde_json::from_slice(&std::fs::read(folder.join("cases.json")).unwrap()).unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        let place = folder.join("cases").join(&case.name);
        let at = OffsetDateTime::parse(&case.now, &Rfc3339).unwrap();
        let pinned = case.previous.then(|| pinned_from_files(&files(&place.join("previous"))).unwrap());
        let mut policy = TrustPolicy::default();
        if let Some(ca) = &case.pin {
            let ca = std::fs::read_to_string(place.join(ca)).unwrap();
            policy.notary.push(NotaryPin { gun: case.gun.clone(), ca, key_ids: Vec::new() });
        }
        let judge = |digests: Vec<String>| {
            notary(&facts(&case.gun, &case.tag, files(&place.join("served")), pinned.clone(), digests), &policy, at)
                .unwrap()
        };
        let verdict = judge(Vec::new());
        show(&case.name, &verdict);
        let mut fits = verdict.word() == case.expect.verdict
            && verdict.kind == case.expect.kind
            && (case.expect.digest.is_none() || verdict.digest == case.expect.digest);
        if let Some(digest) = &case.expect.digest {
            fits &= verdict.state == State::Signed && judge(vec![digest.clone()]).state == State::Verified;
            fits &= judge(vec![digest.replace('c', "d")]).state == State::OtherDigest;
        }
        let kept = pin(
            facts(&case.gun, &case.tag, files(&place.join("served")), pinned.clone(), vec![]).notary.as_ref().unwrap(),
            &policy,
            at,
        );
        fits &= kept.is_some() == matches!(verdict.state, State::Signed | State::NotThisTag);
        for kind in [LinkKind::Payload, LinkKind::Digest] {
            fits &= verdict.chain.iter().filter(|link| link.kind == kind).count() == 1;
        }
        if !fits {
            wrong.push(case.name.clone());
        }
    }
    println!("{} cases, {} wrong", cases.len(), wrong.len());
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
#[ignore = "by hand: needs a folder of cases"]
fn cases_recorded_one_after_the_other_are_followed() {
    let mut states: Vec<_> =
        std::fs::read_dir(folder().join("recorded")).unwrap().map(|entry| entry.unwrap().path()).collect();
    states.sort();
    let at = OffsetDateTime::parse("2026-11-24T00:00:00Z", &Rfc3339).unwrap();
    let mut pinned = None;
    for state in &states {
        for before in [None, pinned.clone()] {
            for tag in ["1.0", "2.0"] {
                let facts = facts("lab.test/acme/app", tag, files(state), before.clone(), Vec::new());
                let verdict = notary(&facts, &TrustPolicy::default(), at).unwrap();
                show(&format!("{} {tag} before: {}", state.file_name().unwrap().display(), before.is_some()), &verdict);
                assert!(matches!(verdict.state, State::Signed | State::NotThisTag));
            }
        }
        let facts = facts("lab.test/acme/app", "1.0", files(state), pinned.clone(), Vec::new());
        pinned = Some(pin(facts.notary.as_ref().unwrap(), &TrustPolicy::default(), at).unwrap());
    }
    // Back to the state before: everything is older than what was seen.
    for state in states.iter().rev().skip(1) {
        let facts = facts("lab.test/acme/app", "1.0", files(state), pinned.clone(), Vec::new());
        let verdict = notary(&facts, &TrustPolicy::default(), at).unwrap();
        assert_eq!((verdict.state, verdict.kind), (State::Invalid, Some(Invalid::Rollback)), "{}", verdict.reason);
    }
}
