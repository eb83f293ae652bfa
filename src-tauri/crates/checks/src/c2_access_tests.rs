//! Tests of what is open without an account.

use plimsoll_catalog::{OutcomeKind, Severity};
use plimsoll_registry::facts::{Answer, Asked, AuthFacts, Probe, RegistryFacts, TlsFacts};

use crate::c2_access::{Access, ID, granted};
use crate::probes::tests::{facts_of, registry};
use crate::probes::{Openness, openness};
use crate::{Allowance, Check, Judgement, Settings};

const CLOSED: [(Asked, u16, &str); 6] = [
    (Asked::Base, 401, ""),
    (Asked::Catalog, 401, ""),
    (Asked::Tags, 401, ""),
    (Asked::Manifest, 401, ""),
    (Asked::Blob, 403, ""),
    (Asked::Push, 401, ""),
];

fn judge_with(registry: RegistryFacts, settings: &Settings) -> Judgement {
    let judgement = Access.judge(&facts_of(registry), settings);
    assert!(judgement.observations.iter().all(|o| o.location.is_some() && o.reproduce.is_some()));
    judgement
}

fn judge(registry: RegistryFacts) -> Judgement {
    judge_with(registry, &Settings::default())
}

fn but(asked: Asked, code: u16, detail: &'static str) -> RegistryFacts {
    let mut answers = CLOSED.to_vec();
    answers.retain(|(it, _, _)| *it != asked);
    answers.push((asked, code, detail));
    RegistryFacts { tls: Some(TlsFacts::default()), ..registry("r.example", &answers) }
}

#[test]
fn a_closed_registry_passes() {
    let judgement = judge(but(Asked::Base, 401, ""));
    assert_eq!(judgement.outcome, OutcomeKind::Pass, "{judgement:?}");
    assert_eq!(judge(but(Asked::Catalog, 404, "")).outcome, OutcomeKind::Pass);
    assert_eq!(judge(but(Asked::PullToken, 401, "")).outcome, OutcomeKind::Pass);
    assert_eq!(
        judge(but(Asked::PullToken, 200, "a token that grants nothing (as it says of itself)")).outcome,
        OutcomeKind::Pass
    );
}

#[test]
fn each_open_door_fails() {
    for (asked, code, detail, severity) in [
        (Asked::Base, 200, "", Severity::Low),
        (Asked::Catalog, 200, "3 repositories", Severity::Medium),
        (Asked::Tags, 200, "", Severity::Medium),
        (Asked::Manifest, 200, "", Severity::High),
        (Asked::Blob, 307, "", Severity::High),
        (Asked::PullToken, 200, "repository:lab/good:pull", Severity::Medium),
        (Asked::PushToken, 200, "granted repository:lab/good:pull,push", Severity::Critical),
        (Asked::Push, 202, "", Severity::Critical),
        (Asked::Delete, 404, "deletion is switched on (without credentials)", Severity::Critical),
    ] {
        let judgement = judge(but(asked, code, detail));
        assert_eq!(judgement.outcome, OutcomeKind::Fail, "{asked:?}");
        assert_eq!(judgement.observations[0].severity, severity, "{asked:?}");
    }
}

#[test]
fn what_shows_nothing_is_no_open_door() {
    assert_eq!(judge(but(Asked::Catalog, 200, "0 repositories")).outcome, OutcomeKind::Pass);
    let with_credentials = "deletion is switched on (with the auditor's credentials)";
    let known = RegistryFacts { credentials: Some("alice".into()), ..but(Asked::Delete, 404, with_credentials) };
    assert_eq!(judge(known).outcome, OutcomeKind::Pass);
    // Without a manifest no blob is known, and both are guarded alike.
    let mut registry = but(Asked::Base, 401, "");
    let blob = registry.probes.iter_mut().find(|probe| probe.asked == Asked::Blob).unwrap();
    blob.answer = Answer::NotAsked("no blob of it is known".into());
    assert_eq!(judge(registry).outcome, OutcomeKind::Pass);
    let refused = judge(but(Asked::Login, 401, ""));
    assert_eq!(refused.outcome, OutcomeKind::Pass);
    assert!(refused.observations.iter().any(|o| o.message.contains("refuses the credentials")));
}

#[test]
fn each_repository_that_was_probed_counts() {
    let mut registry = but(Asked::PushToken, 200, "a token that grants nothing (as it says of itself)");
    registry.probes.extend(but(Asked::PushToken, 200, "granted: repository:b:pull,push").probes);
    assert_eq!(judge(registry).outcome, OutcomeKind::Fail);
    let mut registry = but(Asked::Base, 401, "");
    registry.probes.extend(but(Asked::Manifest, 200, "").probes);
    assert_eq!(judge(registry).outcome, OutcomeKind::Fail);
}

#[test]
fn what_was_not_asked_is_undecided_and_said() {
    let mut registry = but(Asked::Base, 401, "");
    registry.probes[5].answer = Answer::NotAsked("the client has not consented".into());
    registry.probes.retain(|probe| probe.asked != Asked::Push);
    registry.probes.push(Probe {
        asked: Asked::Push,
        request: "POST https://r.example/v2/x/blobs/uploads/".into(),
        at: String::new(),
        answer: Answer::NotAsked("the client has not consented".into()),
    });
    let judgement = judge(registry);
    assert_eq!(judgement.outcome, OutcomeKind::Undecided);
    assert!(judgement.summary.contains("not consented"), "{}", judgement.summary);
    assert_eq!(judge(but(Asked::Manifest, 404, "")).outcome, OutcomeKind::Undecided);
    assert_eq!(judge(but(Asked::Tags, 503, "")).outcome, OutcomeKind::Undecided);
    assert_eq!(judge(but(Asked::PushToken, 200, "opaque token")).outcome, OutcomeKind::Undecided);
}

#[test]
fn a_registry_that_does_not_answer_is_an_error() {
    let mut silent = but(Asked::Base, 401, "");
    for probe in &mut silent.probes {
        probe.answer = Answer::Failed("connection refused".into());
    }
    assert_eq!(judge(silent).outcome, OutcomeKind::Error);
    assert_eq!(judge(registry("r.example", &[])).outcome, OutcomeKind::Error);
}

#[test]
fn the_clients_word_covers_reading_and_never_writing() {
    let settings = Settings {
        allowances: vec![Allowance { check: ID.into(), what: "r.example".into(), reason: "public mirror".into() }],
        ..Settings::default()
    };
    let judgement = judge_with(but(Asked::Blob, 200, ""), &settings);
    assert_eq!(judgement.outcome, OutcomeKind::Pass, "{judgement:?}");
    assert!(judgement.summary.contains("public mirror"));
    assert!(judgement.observations.iter().all(|o| o.severity == Severity::Info));
    let written = judge_with(but(Asked::Push, 202, ""), &settings);
    assert_eq!((written.outcome, written.observations[0].severity), (OutcomeKind::Fail, Severity::Critical));
}

#[test]
fn public_registries_are_left_to_a_person_for_reading_alone() {
    let mut hub = but(Asked::PullToken, 200, "repository:library/nginx:pull");
    hub.host = "docker.io".into();
    let judgement = judge(hub.clone());
    assert_eq!(judgement.outcome, OutcomeKind::Undecided);
    assert!(judgement.summary.contains("by design"));
    hub.probes.extend(but(Asked::Push, 202, "").probes);
    hub.probes.retain(|probe| !(probe.asked == Asked::Push && openness(probe) == Openness::Closed));
    assert_eq!(judge(hub).outcome, OutcomeKind::Fail);
}

#[test]
fn passwords_over_plain_http_fail() {
    let auth = |scheme: &str, realm: &str| {
        Some(AuthFacts { scheme: scheme.into(), realm: realm.into(), service: String::new() })
    };
    let basic = RegistryFacts { tls: None, auth: auth("Basic", "r"), ..but(Asked::Base, 401, "") };
    assert_eq!(judge(basic).outcome, OutcomeKind::Fail);
    let encrypted = RegistryFacts { auth: auth("Basic", "r"), ..but(Asked::Base, 401, "") };
    assert_eq!(judge(encrypted).outcome, OutcomeKind::Pass);
    let token = RegistryFacts { auth: auth("Bearer", "http://sso.example/token"), ..but(Asked::Base, 401, "") };
    assert_eq!(judge(token).outcome, OutcomeKind::Fail);
}

#[test]
fn scopes_are_read() {
    assert_eq!(granted("repository:a/b:pull,push"), Some(vec!["pull", "push"]));
    let two = "granted, as the token says of itself: repository:r.example:5000/a:pull repository:b:*";
    assert_eq!(granted(two), Some(vec!["pull", "*"]));
    assert_eq!(granted("a token that grants nothing (as it says of itself)"), Some(vec![]));
    assert_eq!(granted("granted, as the token says of itself: registry:catalog:*"), None);
    for unknown in ["", "a token whose scopes cannot be read", "what came is no token"] {
        assert_eq!(granted(unknown), None, "{unknown}");
    }
}

#[test]
fn an_upload_that_could_not_be_cancelled_is_told() {
    let left = judge(but(Asked::Push, 202, "an upload was opened; it could not be cancelled (DELETE answered 405)"));
    assert!(left.observations[0].message.contains("could not be cancelled"), "{}", left.observations[0].message);
}
