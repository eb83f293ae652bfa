//! Tests of A2: what ties a base's signatures to the subject.

use plimsoll_catalog::{OutcomeKind, Severity};
use plimsoll_registry::facts::{ClientFacts, Served, ServedImage};
use plimsoll_trust::Looked;

use crate::a1_official_tests::layered;
use crate::a2_base_trust::{BaseTrust, tied};
use crate::facts::tests::{compose, dockerfile, image};
use crate::facts::{BaseFacts, HubLookup, NamedBy};
use crate::observe::{judged, on_config};
use crate::{Approved, Check, Facts, Judgement, Settings};

fn base(named_by: NamedBy, diff_ids: &[&str], looked: Looked) -> BaseFacts {
    let reference = "r.example/base/debian:12".to_owned();
    let served = (looked == Looked::Found).then(|| Served {
        reference: reference.clone(),
        digest: "sha256:index".into(),
        images: vec![ServedImage {
            platform: "linux/amd64".into(),
            diff_ids: diff_ids.iter().map(|&id| id.into()).collect(),
            ..ServedImage::default()
        }],
        ..Served::default()
    });
    BaseFacts { lookup: HubLookup { reference: reference.clone(), looked, served }, reference, named_by, trust: None }
}

fn concluded(outcome: OutcomeKind, severity: Severity) -> Judgement {
    judged(outcome, "Concluded.", vec![on_config(&image(), "config.Labels", severity, "Said.", &[])])
}

fn tie(facts: &Facts, base: &BaseFacts, outcome: OutcomeKind) -> Judgement {
    tied(facts, base, &Settings::default(), concluded(outcome, Severity::Medium))
}

#[test]
fn a_pass_needs_the_proof_that_the_image_is_built_on_that_base() {
    let ours = layered(&["a", "b", "c"]);
    for by in [NamedBy::Dockerfile, NamedBy::Provenance, NamedBy::Label] {
        let proven = tie(&ours, &base(by, &["a", "b"], Looked::Found), OutcomeKind::Pass);
        assert_eq!(proven.outcome, OutcomeKind::Pass, "{by:?}");
        for other in [&["x"][..], &[], &["a", "b", "c"], &["a", "x"]] {
            let judgement = tie(&ours, &base(by, other, Looked::Found), OutcomeKind::Pass);
            assert_eq!(judgement.outcome, OutcomeKind::Undecided, "{by:?} {other:?}");
            assert!(judgement.summary.contains("Nothing proves"), "{}", judgement.summary);
        }
    }
    // A file alone says what the build will take.
    let file = dockerfile("FROM r.example/base/debian:12\n");
    let judgement = tie(&file, &base(NamedBy::Dockerfile, &[], Looked::Found), OutcomeKind::Pass);
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
}

#[test]
fn a_label_alone_accuses_nobody() {
    let ours = layered(&["a", "b"]);
    let label = tie(&ours, &base(NamedBy::Label, &["x"], Looked::Found), OutcomeKind::Fail);
    assert_eq!(label.outcome, OutcomeKind::Undecided);
    let proven = tie(&ours, &base(NamedBy::Label, &["a"], Looked::Found), OutcomeKind::Fail);
    assert_eq!(proven.outcome, OutcomeKind::Fail);
    let file = tie(&ours, &base(NamedBy::Dockerfile, &["x"], Looked::Found), OutcomeKind::Fail);
    assert_eq!(file.outcome, OutcomeKind::Fail);
}

#[test]
fn the_clients_approval_covers_a_missing_signature_and_no_broken_one() {
    let approve = |what: &str| Settings {
        approved_bases: vec![Approved { what: what.into(), reason: "reviewed each quarter.".into() }],
        ..Settings::default()
    };
    let ours = layered(&["a", "b"]);
    let base = base(NamedBy::Dockerfile, &["a"], Looked::Found);
    let missing = tied(&ours, &base, &approve("r.example/base/*"), concluded(OutcomeKind::Fail, Severity::Medium));
    assert_eq!(missing.outcome, OutcomeKind::Undecided);
    assert!(missing.summary.contains("(reviewed each quarter)"), "{}", missing.summary);
    let broken = tied(&ours, &base, &approve("r.example/base/*"), concluded(OutcomeKind::Fail, Severity::High));
    assert_eq!(broken.outcome, OutcomeKind::Fail);
    let others = tied(&ours, &base, &approve("r.example/other/*"), concluded(OutcomeKind::Fail, Severity::Medium));
    assert_eq!(others.outcome, OutcomeKind::Fail);
}

#[test]
fn a_base_that_was_not_looked_at_says_why() {
    for (looked, outcome, words) in [
        (Looked::Failed("connection refused.".into()), OutcomeKind::Error, "(connection refused)"),
        (Looked::Refused("401".into()), OutcomeKind::Undecided, "other credentials"),
        (Looked::NotTried("offline.".into()), OutcomeKind::Undecided, "offline."),
        (Looked::Absent, OutcomeKind::Undecided, "does not have it"),
        (Looked::Found, OutcomeKind::Undecided, "not asked for"),
    ] {
        let mut facts = image();
        facts.bases = vec![base(NamedBy::Dockerfile, &[], looked.clone())];
        let judgement = BaseTrust.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, outcome, "{looked:?}");
        assert!(judgement.summary.contains(words), "{}", judgement.summary);
        assert!(judgement.observations.iter().all(|o| o.location.is_some() && o.reproduce.is_some()));
    }
}

#[test]
fn of_several_bases_the_worst_counts_and_a_label_only_where_nothing_else_names_one() {
    let mut facts = image();
    facts.bases = vec![
        base(NamedBy::Dockerfile, &[], Looked::Absent),
        base(NamedBy::Provenance, &[], Looked::Failed("no route".into())),
    ];
    assert_eq!(BaseTrust.judge(&facts, &Settings::default()).outcome, OutcomeKind::Error);
    facts.bases = vec![
        base(NamedBy::Dockerfile, &[], Looked::Absent),
        base(NamedBy::Label, &[], Looked::Failed("no route".into())),
    ];
    assert_eq!(BaseTrust.judge(&facts, &Settings::default()).outcome, OutcomeKind::Undecided);
}

#[test]
fn without_a_base_the_reason_is_said() {
    let of = |facts: &Facts| BaseTrust.judge(facts, &Settings::default());
    let unnamed = of(&image());
    assert_eq!(unnamed.outcome, OutcomeKind::Undecided);
    assert!(unnamed.summary.contains("No base image is named"));
    assert_eq!(of(&dockerfile("FROM scratch\n")).outcome, OutcomeKind::NotApplicable);
    assert_eq!(of(&dockerfile("RUN true\n")).outcome, OutcomeKind::Error);
    let offline = of(&dockerfile("ARG X=1\nFROM debian:12\n"));
    assert_eq!(offline.outcome, OutcomeKind::Undecided);
    assert_eq!(offline.observations[0].location.as_ref().unwrap().to_string(), "Dockerfile:2");
    assert_eq!(of(&compose("services:\n  a:\n    image: x\n")).outcome, OutcomeKind::NotApplicable);
    let mut from_scratch = image();
    from_scratch.dockerfile = dockerfile("FROM golang:1 AS b\nFROM scratch\n").dockerfile;
    assert_eq!(of(&from_scratch).outcome, OutcomeKind::NotApplicable);
}

#[test]
fn the_client_is_told_beside_the_bases() {
    let mut facts = image();
    facts.bases = vec![base(NamedBy::Dockerfile, &[], Looked::Absent)];
    facts.client = Some(ClientFacts { cli_version: Some("28.1.0".into()), ..ClientFacts::default() });
    let judgement = BaseTrust.judge(&facts, &Settings::default());
    assert!(judgement.observations.iter().any(|o| o.message.contains("not enforced on the machine")));
}
