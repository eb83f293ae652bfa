//! Tests of the signals of a fresh build.

use super::*;
use crate::facts::tests::{compose, dockerfile, history_image, image};
use plimsoll_image::Attestation;
use plimsoll_image::{Entry, LayerFacts, TreeLayer};
use plimsoll_packages::{OsRelease, SupportEnd};
use serde_json::Value;
use serde_json::json;

fn run(facts: &Facts) -> Judgement {
    let judgement = FreshBuild.judge(facts, &Settings::default());
    assert_eq!(judgement.outcome, OutcomeKind::Undecided, "{}", judgement.summary);
    judgement
}

fn says(judgement: &Judgement, part: &str) -> bool {
    judgement.observations.iter().any(|observation| observation.message.contains(part))
}

fn timed(times: &[&str]) -> Facts {
    let mut facts = history_image(&vec!["RUN x"; times.len()]);
    let image = facts.image.as_mut().unwrap();
    for (index, time) in times.iter().enumerate() {
        image.history[index].created = Some((*time).to_owned());
        image.history[index].layer = Some(index);
    }
    image.created = times.last().map(|time| (*time).to_owned());
    facts
}

#[test]
fn age_and_gaps_are_told() {
    // Collected on 2026-11-24.
    let fresh = run(&timed(&["2026-11-23T00:00:00Z", "2026-11-23T10:00:00.5Z", "2026-11-23T10:05:00+01:00"]));
    assert!(
        says(&fresh, "no sign of a cached step") && fresh.summary.contains("one signal speaks of a fresh build"),
        "{}",
        fresh.summary
    );
    let old = run(&timed(&["2026-01-01T00:00:00Z", "2026-01-01T01:00:00Z"]));
    assert!(says(&old, "326 days before it was read. More than 90 days"), "{:?}", old.observations);
    let gaps =
        run(&timed(&["2026-10-01T00:00:00Z", "2026-11-01T00:00:00Z", "2026-11-01T00:01:00Z", "2026-11-20T00:00:00Z"]));
    assert!(says(&gaps, "was made 31 days earlier, on 2026-10-01"));
    assert!(says(&gaps, "This step was made 18 days after the one before it"));
    assert!(gaps.summary.starts_with("2 signals speak of old content"), "{}", gaps.summary);
    let future = run(&timed(&["2027-01-01T00:00:00Z"]));
    assert!(says(&future, "after it was read"));
    assert!(says(&run(&timed(&["2026-11-20T00:00:00Z", "2026-11-01T00:00:00Z"])), "run backwards"));
}

#[test]
fn times_that_are_set_say_nothing() {
    let epoch = run(&timed(&["1970-01-01T00:00:00Z", "1980-01-01T00:00:01Z"]));
    assert!(says(&epoch, "reproducible") && !says(&epoch, "days before it was read"));
    assert!(epoch.summary.starts_with("Nothing here shows"), "{}", epoch.summary);
    let same = run(&timed(&["2026-11-20T00:00:00Z", "2026-11-20T00:00:00Z"]));
    assert!(says(&same, "SOURCE_DATE_EPOCH") && !says(&same, "no sign of a cached step"));
    // A base made reproducibly below steps with a clock is no gap.
    let mixed = run(&timed(&["1970-01-01T00:00:00Z", "2026-11-20T00:00:00Z", "2026-11-20T00:10:00Z"]));
    assert!(!says(&mixed, "earlier, on 1970"));
    assert!(says(&run(&timed(&["nonsense"])), "does not say when"));
}

fn attested(predicate_type: &str, statement: Option<Value>) -> Facts {
    let mut facts = image();
    facts.image.as_mut().unwrap().attestations = vec![Attestation {
        digest: "sha256:a".into(),
        predicate_type: predicate_type.into(),
        statement,
        subject: "sha256:m".into(),
    }];
    facts
}

#[test]
fn provenance_is_read_in_both_versions() {
    const V02: &str = "https://slsa.dev/provenance/v0.2";
    const V1: &str = "https://slsa.dev/provenance/v1";
    let with = |args: Value| {
        attested(
            V02,
            Some(json!({"predicate": {
                "invocation": {"parameters": {"frontend": "dockerfile.v0", "args": args}},
                "metadata": {"buildStartedOn": "2026-11-20T10:00:00Z"},
                "materials": [{"uri": "pkg:docker/alpine@3.22?platform=linux%2Famd64", "digest": {"sha256": "ab"}}, {"uri": "https://x"}],
            }})),
        )
    };
    let judgement = run(&with(json!({"no-cache": ""})));
    assert!(
        says(&judgement, "ran with --no-cache")
            && says(&judgement, "pkg:docker/alpine@3.22?platform=linux%2Famd64 at sha256:ab")
    );
    assert!(says(&run(&with(json!({"no-cache": "build,test"}))), "stages build,test only"));
    assert!(says(&run(&with(json!({}))), "names no --no-cache"));
    let v1 = |args: Option<Value>| {
        let request = args.map_or(json!({}), |args| json!({"args": args}));
        attested(
            V1,
            Some(json!({"predicate": {
                "buildDefinition": {"externalParameters": {"request": request}, "resolvedDependencies": []},
                "runDetails": {"metadata": {"startedOn": "2026-11-20T10:00:00Z"}},
            }})),
        )
    };
    assert!(says(&run(&v1(Some(json!({"no-cache": ""})))), "ran with --no-cache"));
    assert!(says(&run(&v1(None)), "does not name the build's options"));
    assert!(says(&run(&attested(V1, None)), "too large or no JSON"));
    assert!(says(&run(&attested(V1, Some(json!([1])))), "not known"));
    assert!(run(&attested("https://spdx.dev/Document", None)).observations.len() == 1);
    let mut facts = with(json!({}));
    let timed = timed(&["2026-11-01T00:00:00Z"]);
    let image = facts.image.as_mut().unwrap();
    image.history = timed.image.unwrap().history;
    image.layers = vec![LayerFacts {
        digest: String::new(),
        diff_id: String::new(),
        media_type: String::new(),
        compressed_size: 0,
        size: 0,
        content_bytes: 0,
        files: 0,
        entries: 0,
        command: None,
        whiteouts: 0,
    }];
    assert!(says(&run(&facts), "it came from the cache"));
}

#[test]
fn the_end_of_support_is_told() {
    let with = |standard: &str, extended: Option<&str>| {
        let mut facts = image();
        facts.image.as_mut().unwrap().inventory.os = Some(OsRelease {
            id: "debian".into(),
            pretty_name: Some("Debian 12".into()),
            support_end: Some(SupportEnd {
                standard: standard.into(),
                extended: extended.map(str::to_owned),
                from: "a table".into(),
            }),
            ..OsRelease::default()
        });
        run(&facts)
    };
    assert!(says(&with("2028-06-30", None), "gets security fixes until 2028-06-30 (a table)"));
    assert!(says(&with("2026-06-10", Some("2028-06-30")), "extended one lasts until 2028-06-30"));
    let over = with("2024-06-10", Some("2026-06-30"));
    assert!(says(&over, "gets no security fixes since 2026-06-30"));
    assert_eq!(over.observations[0].severity, Severity::High);
    assert!(!says(&with("nonsense", None), "security fixes"));
}

fn command(words: &str) -> Facts {
    let mut facts = dockerfile("FROM a\n");
    facts.build_commands = crate::build_commands("build.sh", words);
    facts
}

#[test]
fn options_of_build_commands_are_told() {
    for (line, part) in [
        ("docker build --pull --no-cache .", "pulls its base and uses no cache"),
        ("docker build --no-cache .", "--pull is missing"),
        ("docker build --pull=true --no-cache=false .", "--no-cache is missing"),
        ("docker build .", "--no-cache and --pull are missing"),
        ("docker build --pull --cache-from type=registry,ref=x .", "cached layers from type=registry,ref=x"),
        ("podman build --layers=false .", "keeps no cached layers"),
        ("/kaniko/executor --cache=true", "with its cache"),
        ("/kaniko/executor --context .", "without a cache"),
    ] {
        let judgement = run(&command(line));
        assert!(says(&judgement, part), "{line}: {:?}", judgement.observations);
        assert!(judgement.summary.contains("confirm with the build log"));
    }
    assert!(run(&command("docker build --pull --no-cache .")).summary.contains("none of the cache"));
    let mut facts = dockerfile("FROM a\n");
    facts.build_commands = crate::build_commands(
        "ci.yml",
        "- uses: docker/build-push-action@v6\n  with:\n    no-cache: true\n    pull: true\n",
    );
    assert!(says(&run(&facts), "pulls its base and uses no cache"));
}

#[test]
fn package_lists_are_dated() {
    let mut facts = timed(&["2026-11-20T00:00:00Z"]);
    let entry = |path: &str, mtime| Entry { size: 1, mode: 0o644, mtime, ..crate::layers::tests::entry(path) };
    // 2026-10-01 and 2026-11-19.
    let entries =
        vec![entry("/var/lib/apt/lists/x_InRelease", 1_790_812_800), entry("/var/lib/dpkg/status", 1_795_046_400)];
    facts.tree = Some(Tree::from_layers(vec![TreeLayer { entries, ..TreeLayer::default() }]));
    let judgement = run(&facts);
    assert!(
        says(&judgement, "x_InRelease, is of 2026-10-01. Its layer was made 50 days later"),
        "{:?}",
        judgement.observations
    );
    assert!(says(&judgement, "The package database of the image, /var/lib/dpkg/status, is of 2026-11-19"));
}

#[test]
fn it_asks_and_a_compose_file_without_builds_is_not_applicable() {
    assert!(run(&dockerfile("FROM a\n")).summary.contains("ask for the pipeline"));
    run(&compose("services:\n  a:\n    build: .\n"));
    let judgement = FreshBuild.judge(&compose("services:\n  a:\n    image: x\n"), &Settings::default());
    assert_eq!(judgement.outcome, OutcomeKind::NotApplicable);
}
