//! Tests of A1: content proves, names claim.

use plimsoll_catalog::{OutcomeKind, Severity};
use plimsoll_image::LayerFacts;
use plimsoll_registry::facts::{Served, ServedImage};
use plimsoll_trust::{Looked, TrustFacts};

use crate::a1_official::OfficialImage;
use crate::facts::tests::{compose, dockerfile, image};
use crate::facts::{BaseFacts, HubLookup, NamedBy};
use crate::{Approved, Check, Facts, Judgement, Settings};

use OutcomeKind::{Error, Fail, NotApplicable, Pass, Undecided};

/// A digest of one repeated letter.
fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

/// An image with these layers.
pub(crate) fn layered(diff_ids: &[&str]) -> Facts {
    let mut facts = image();
    let layer = |id: &&str| LayerFacts {
        digest: format!("blob-{id}"),
        diff_id: (*id).into(),
        media_type: String::new(),
        compressed_size: 0,
        size: 0,
        content_bytes: 0,
        files: 0,
        entries: 0,
        whiteouts: 0,
        command: None,
    };
    facts.image.as_mut().unwrap().layers = diff_ids.iter().map(layer).collect();
    facts
}

/// The same, called by a name, at an engine.
fn at_engine(name: &str, diff_ids: &[&str]) -> Facts {
    let mut facts = layered(diff_ids);
    facts.source = format!("docker-daemon:{name}");
    let image = facts.image.as_mut().unwrap();
    image.repo_tags = vec![name.into()];
    image.reference = Some(name.into());
    facts
}

fn served(reference: &str, config: &str, diff_ids: &[&str]) -> HubLookup {
    HubLookup {
        reference: reference.into(),
        looked: Looked::Found,
        served: Some(Served {
            reference: reference.into(),
            via: None,
            at: "2026-11-24T08:00:00Z".into(),
            digest: digest('1'),
            images: vec![ServedImage {
                platform: "linux/amd64".into(),
                digest: digest('2'),
                config: config.into(),
                diff_ids: diff_ids.iter().map(|&id| id.into()).collect(),
            }],
        }),
    }
}

fn unanswered(reference: &str, looked: Looked) -> HubLookup {
    HubLookup { reference: reference.into(), looked, served: None }
}

fn based(lookup: HubLookup, named_by: NamedBy) -> BaseFacts {
    BaseFacts { reference: lookup.reference.clone(), named_by, lookup, trust: None }
}

fn judge_with(facts: &Facts, settings: &Settings) -> Judgement {
    let judgement = OfficialImage.judge(facts, settings);
    assert!(judgement.observations.iter().all(|o| o.location.is_some() && o.reproduce.is_some()));
    judgement
}

fn judge(facts: &Facts) -> Judgement {
    judge_with(facts, &Settings::default())
}

const NGINX: &str = "docker.io/library/nginx:1.27";

#[test]
fn content_that_docker_hub_serves_passes_by_each_proof() {
    let mut by_config = at_engine("nginx:1.27", &["a", "b"]);
    by_config.official = vec![served(NGINX, "sha256:c", &["a", "b"])];
    let judgement = judge(&by_config);
    assert_eq!(judgement.outcome, Pass);
    assert!(judgement.summary.contains("config is the same; asked on 2026-11-24"), "{}", judgement.summary);

    for own in [digest('1'), digest('2')] {
        let mut by_manifest = at_engine("nginx:1.27", &["a"]);
        by_manifest.image.as_mut().unwrap().digest = Some(own);
        by_manifest.official = vec![served(NGINX, "", &[])];
        assert!(judge(&by_manifest).summary.contains("manifest is the same"));
    }

    let mut by_layers = at_engine("nginx:1.27", &["a", "b"]);
    by_layers.official = vec![served(NGINX, "sha256:other", &["a", "b"])];
    let judgement = judge(&by_layers);
    assert_eq!(judgement.outcome, Pass);
    assert!(judgement.summary.contains("its configuration is its own"), "{}", judgement.summary);
    assert!(!judgement.summary.contains("serves it as"), "{}", judgement.summary);
    assert!(judgement.observations.iter().all(|o| o.severity == Severity::Low));
}

#[test]
fn a_recorded_digest_counts_only_where_nothing_computed_speaks_against_it() {
    let with = |config: &str, diff_ids: &[&str]| {
        let mut facts = at_engine("nginx:1.27", &["a"]);
        facts.registry_digests = vec![format!("nginx@{}", digest('1'))];
        facts.official = vec![served(NGINX, config, diff_ids)];
        judge(&facts)
    };
    let judgement = with("", &[]);
    assert_eq!(judgement.outcome, Pass);
    assert!(judgement.observations.iter().any(|o| o.message.contains("the engine's own record")));
    // The containerd store records a digest for every name, a retagged impostor's too.
    assert_eq!(with("sha256:other", &["x"]).outcome, Fail);
    let mut given = layered(&["a"]);
    given.trust = Some(TrustFacts { digests: vec![digest('2')], ..TrustFacts::default() });
    given.official = vec![served(NGINX, "", &[])];
    assert_eq!(judge(&given).outcome, Pass);
}

#[test]
fn the_mirror_that_answered_is_named() {
    let mut facts = at_engine("nginx:1.27", &["a"]);
    facts.official = vec![served(NGINX, "sha256:c", &["a"])];
    facts.official[0].served.as_mut().unwrap().via = Some("mirror.example".into());
    let judgement = judge(&facts);
    assert!(judgement.summary.contains("through the mirror mirror.example"), "{}", judgement.summary);
    assert!(judgement.observations.iter().any(|o| o.message.contains("A mirror answered")));
}

fn approving(registry: &str) -> Settings {
    Settings {
        approved_registries: vec![Approved { what: registry.into(), reason: "run by the client".into() }],
        ..Settings::default()
    }
}

#[test]
fn what_only_a_mirror_says_is_undecided_unless_the_client_approves_the_mirror() {
    let mut itself = at_engine("nginx:1.27", &["a"]);
    itself.official = vec![served(NGINX, "sha256:c", &["a"])];
    let mut based_on = layered(&["a", "b"]);
    based_on.bases = vec![based(served("docker.io/library/debian:12", "", &["a"]), NamedBy::Label)];
    itself.official[0].served.as_mut().unwrap().via = Some("mirror.example:5000".into());
    based_on.bases[0].lookup.served.as_mut().unwrap().via = Some("mirror.example:5000".into());
    for facts in [&itself, &based_on] {
        let judgement = judge(facts);
        assert_eq!(judgement.outcome, Undecided);
        assert!(
            judgement.summary.contains("only as served by the mirror mirror.example:5000"),
            "{}",
            judgement.summary
        );
        let judgement = judge_with(facts, &approving("mirror.example:5000"));
        assert_eq!(judgement.outcome, Pass);
        assert!(judgement.summary.contains("(run by the client)"), "{}", judgement.summary);
    }
    // Where the Hub itself said the same, the mirror is not needed.
    itself.official.push(served(NGINX, "sha256:c", &["a"]));
    assert_eq!(judge(&itself).outcome, Pass);
    let mut read = layered(&["a"]);
    read.source = "docker://r.example/shop:1".into();
    read.origin = vec![("Answered by the mirror".into(), "mirror.example".into())];
    assert_eq!(judge_with(&read, &approving("r.example")).outcome, Undecided);
    assert_eq!(judge_with(&read, &approving("*.example")).outcome, Pass);
}

#[test]
fn an_official_name_that_was_not_looked_up_is_no_pass_whatever_the_image_is_built_on() {
    let mut facts = layered(&["a", "b"]);
    facts.image.as_mut().unwrap().repo_tags = vec!["nginx:latest".into()];
    facts.bases = vec![based(served("r.example/base:1", "", &["a"]), NamedBy::Label)];
    let judgement = judge_with(&facts, &approving("r.example"));
    assert_eq!(judgement.outcome, Undecided);
    assert!(judgement.summary.contains("a name is a claim"), "{}", judgement.summary);
    assert!(judgement.summary.contains("Apart from that"), "{}", judgement.summary);
    // Names beyond those that are asked for are no better.
    let names = ["nginx:1.27", "alpine:3", "debian:12", "redis:7", "httpd:2"];
    let mut many = layered(&["a"]);
    many.image.as_mut().unwrap().repo_tags = names.iter().map(|&name| name.into()).collect();
    many.official =
        names[..4].iter().map(|name| served(&format!("docker.io/library/{name}"), "sha256:c", &["a"])).collect();
    let judgement = judge(&many);
    assert_eq!(judgement.outcome, Undecided);
    assert!(judgement.summary.contains("httpd:2"), "{}", judgement.summary);
}

#[test]
fn a_retagged_impostor_fails() {
    // Hub was asked, and serves other content.
    let mut asked = at_engine("nginx:1.27", &["a"]);
    asked.official = vec![served(NGINX, "sha256:other", &["x"])];
    let judgement = judge(&asked);
    assert_eq!((judgement.outcome, judgement.observations[0].severity), (Fail, Severity::High));
    assert!(judgement.summary.contains("retagged, built here or loaded"), "{}", judgement.summary);
    // Hub was not asked, and the engine never fetched it.
    let mut offline = at_engine("nginx:1.27", &["a"]);
    assert_eq!(judge(&offline).outcome, Fail);
    offline.official = vec![unanswered(NGINX, Looked::NotTried("offline".into()))];
    assert_eq!(judge(&offline).outcome, Fail);
    // Another official image under this name is no less an impostor.
    let mut renamed = at_engine("nginx:1.27", &["a"]);
    renamed.image.as_mut().unwrap().repo_tags.push("alpine:3".into());
    renamed.official =
        vec![served("docker.io/library/alpine:3", "sha256:c", &["a"]), served(NGINX, "sha256:other", &["x"])];
    let judgement = judge(&renamed);
    assert_eq!(judgement.outcome, Fail);
    assert!(judgement.summary.contains("nginx"), "{}", judgement.summary);
    // Nor is one that is built on the official image.
    let mut on_top = at_engine("nginx:1.27", &["a", "b"]);
    on_top.official = vec![served(NGINX, "sha256:other", &["a"])];
    assert_eq!(judge(&on_top).outcome, Fail);
    // A tag that the Hub does not have.
    let mut invented = at_engine("nginx:shop", &["a"]);
    invented.official = vec![unanswered("docker.io/library/nginx:shop", Looked::Absent)];
    assert_eq!(judge(&invented).outcome, Fail);
}

#[test]
fn a_name_alone_is_a_claim() {
    let mut archive = layered(&["a"]);
    archive.image.as_mut().unwrap().repo_tags = vec!["nginx:1.27".into()];
    let judgement = judge(&archive);
    assert_eq!(judgement.outcome, Undecided);
    assert!(judgement.summary.contains("a name is a claim"), "{}", judgement.summary);
    archive.official = vec![unanswered(NGINX, Looked::Failed("no route to host.".into()))];
    assert!(judge(&archive).summary.contains("(no route to host)"));
    archive.official = vec![served(NGINX, "sha256:other", &["x"])];
    let judgement = judge(&archive);
    assert_eq!((judgement.outcome, judgement.observations[0].severity), (Fail, Severity::Medium));
    assert!(judgement.summary.contains("the tag has moved"), "{}", judgement.summary);
    let mut fetched = at_engine("nginx:1.27", &["a"]);
    fetched.registry_digests = vec![format!("nginx@{}", digest('1'))];
    assert_eq!(judge(&fetched).outcome, Undecided);
}

#[test]
fn what_cannot_be_compared_disproves_nothing_and_what_was_seen_before_a_failure_still_proves() {
    let mut facts = layered(&["a"]);
    facts.image.as_mut().unwrap().repo_tags = vec!["nginx:1.27".into()];
    facts.official = vec![served(NGINX, "", &[])];
    let judgement = judge(&facts);
    assert_eq!(judgement.outcome, Undecided);
    assert!(judgement.summary.contains("not in a form that can be compared"), "{}", judgement.summary);
    // Not served for this platform at all.
    facts.official[0].served.as_mut().unwrap().images[0].platform = "linux/arm64/v8".into();
    assert_eq!(judge(&facts).outcome, Fail);
    facts.official = vec![served(NGINX, "sha256:c", &[])];
    facts.official[0].looked = Looked::Failed("one platform could not be read".into());
    assert_eq!(judge(&facts).outcome, Pass);
    facts.official = vec![served(NGINX, "sha256:other", &["x"])];
    facts.official[0].looked = Looked::Failed("one platform could not be read".into());
    assert_eq!(judge(&facts).outcome, Undecided);
}

#[test]
fn a_base_that_the_layers_prove_decides() {
    let debian = "docker.io/library/debian:12";
    let mut facts = layered(&["a", "b", "c"]);
    facts.bases = vec![based(served(debian, "", &["a"]), NamedBy::Label)];
    let judgement = judge(&facts);
    assert_eq!(judgement.outcome, Pass);
    assert!(judgement.summary.contains("docker.io/library/debian:12 (its lowest 1 of 3"), "{}", judgement.summary);
    // The longest chain is the base; what lies below it is not asked.
    facts.bases.push(based(served("r.example/python:3", "", &["a", "b"]), NamedBy::Dockerfile));
    let judgement = judge(&facts);
    assert_eq!((judgement.outcome, judgement.observations[0].severity), (Fail, Severity::Low));
    let settings = Settings {
        approved_bases: vec![Approved { what: "r.example/*".into(), reason: "our own team builds it.".into() }],
        ..Settings::default()
    };
    let judgement = judge_with(&facts, &settings);
    assert_eq!(judgement.outcome, Pass);
    assert!(judgement.summary.contains("(our own team builds it)"), "{}", judgement.summary);
}

#[test]
fn names_that_are_built_no_more_fail_and_deprecated_ones_are_told() {
    let mut facts = layered(&["a", "b"]);
    facts.bases = vec![based(served("docker.io/library/centos:7", "", &["a"]), NamedBy::Dockerfile)];
    let judgement = judge(&facts);
    assert_eq!((judgement.outcome, judgement.observations[0].severity), (Fail, Severity::Medium));
    assert!(judgement.summary.contains("official until 2024-07-29"), "{}", judgement.summary);
    facts.bases = vec![based(served("docker.io/library/openjdk:17", "", &["a"]), NamedBy::Dockerfile)];
    let judgement = judge(&facts);
    assert_eq!((judgement.outcome, judgement.observations[0].severity), (Pass, Severity::Medium));
    let mut itself = at_engine("centos:7", &["a"]);
    itself.official = vec![served("docker.io/library/centos:7", "sha256:c", &["a"])];
    assert_eq!(judge(&itself).outcome, Fail);
    let mut itself = at_engine("openjdk:17", &["a"]);
    itself.official = vec![served("docker.io/library/openjdk:17", "sha256:c", &["a"])];
    assert_eq!(judge(&itself).outcome, Pass);
}

#[test]
fn an_approved_registry_counts_only_where_the_image_was_read_from_it() {
    let settings = Settings {
        approved_registries: vec![Approved { what: "r.example".into(), reason: "run by the client".into() }],
        ..Settings::default()
    };
    let mut facts = layered(&["a", "b"]);
    facts.image.as_mut().unwrap().repo_tags = vec!["r.example/shop:1".into()];
    assert_eq!(judge_with(&facts, &settings).outcome, Undecided);
    facts.source = "docker://r.example/shop:1".into();
    let judgement = judge_with(&facts, &settings);
    assert_eq!(judgement.outcome, Pass);
    assert!(judgement.summary.contains("(run by the client)"), "{}", judgement.summary);
    assert_eq!(judge(&facts).outcome, Undecided);
    // The approval does not bring back what is built no more.
    facts.bases = vec![based(served("docker.io/library/centos:7", "", &["a"]), NamedBy::Dockerfile)];
    assert_eq!(judge_with(&facts, &settings).outcome, Fail);
    facts.bases = vec![based(served("q.example/x:1", "", &["a"]), NamedBy::Dockerfile)];
    assert_eq!(judge_with(&facts, &settings).outcome, Pass);
}

#[test]
fn a_base_that_is_only_named_is_judged_by_its_name() {
    let debian = "docker.io/library/debian:12";
    let of = |lookup: HubLookup| {
        let mut facts = layered(&["a", "b"]);
        facts.bases = vec![based(lookup, NamedBy::Label)];
        judge(&facts)
    };
    for (lookup, outcome, words) in [
        (served(debian, "", &["x"]), Undecided, "the tag has moved"),
        (served(&format!("{debian}@{}", digest('1')), "", &["x"]), Fail, "built on something else"),
        (served(debian, "", &[]), Undecided, "nothing proves it"),
        (unanswered(debian, Looked::Absent), Undecided, "does not serve (any more)"),
        (unanswered(debian, Looked::NotTried("offline.".into())), Undecided, "(offline)"),
        (unanswered("docker.io/library/centos:7", Looked::NotTried("offline".into())), Fail, "built any more"),
        (unanswered("docker.io/library/shop:7", Looked::Absent), Fail, "none of Docker's official images"),
        (unanswered("r.example/x:1", Looked::NotTried("offline".into())), Fail, "neither official nor approved"),
    ] {
        let judgement = of(lookup.clone());
        assert_eq!(judgement.outcome, outcome, "{lookup:?}");
        assert!(judgement.summary.contains(words), "{}", judgement.summary);
    }
    let none = judge(&layered(&["a"]));
    assert_eq!(none.outcome, Undecided);
    assert!(none.summary.contains("no base image is named"), "{}", none.summary);
    let mut scratch = layered(&["a"]);
    scratch.dockerfile = dockerfile("FROM scratch\n").dockerfile;
    assert_eq!(judge(&scratch).outcome, NotApplicable);
}

#[test]
fn a_dockerfile_is_judged_by_the_name_that_the_builder_fetches() {
    let pinned = format!("docker.io/library/debian:12@{}", digest('1'));
    for (from, lookup, outcome, words) in [
        ("debian:12", None, Pass, "Docker Hub was not asked"),
        ("debian:12", Some(served("docker.io/library/debian:12", "", &[])), Pass, "serves docker.io/library/debian:12"),
        (&*format!("debian:12@{}", digest('1')), Some(served(&pinned, "", &[])), Pass, "by this very digest"),
        ("debian:99", Some(unanswered("docker.io/library/debian:99", Looked::Absent)), Fail, "serves nothing under it"),
        ("centos:7", None, Fail, "official until"),
        ("shop:7", None, Fail, "none of Docker's official images"),
        ("shop:7", Some(served("docker.io/library/shop:7", "", &[])), Pass, "newer than the list"),
        ("bitnami/nginx:1", None, Fail, "neither official nor approved"),
    ] {
        let mut facts = dockerfile(&format!("FROM {from}\nRUN true\n"));
        facts.bases = lookup.map(|lookup| based(lookup, NamedBy::Dockerfile)).into_iter().collect();
        let judgement = judge(&facts);
        assert_eq!(judgement.outcome, outcome, "{from}");
        assert!(judgement.summary.contains(words), "{from}: {}", judgement.summary);
        assert_eq!(judgement.observations[0].location.as_ref().unwrap().to_string(), "Dockerfile:1");
    }
    let mut differs = dockerfile(&format!("FROM debian:12@{}\n", digest('9')));
    differs.bases =
        vec![based(served(&format!("docker.io/library/debian:12@{}", digest('9')), "", &[]), NamedBy::Dockerfile)];
    assert_eq!(judge(&differs).outcome, Undecided);
}

#[test]
fn a_dockerfile_that_names_nothing_is_told_apart() {
    assert_eq!(judge(&dockerfile("FROM scratch\n")).outcome, NotApplicable);
    assert_eq!(judge(&dockerfile("ARG B\nFROM $B\n")).outcome, Undecided);
    assert_eq!(judge(&dockerfile("RUN true\n")).outcome, Error);
    let deprecated = judge(&dockerfile("FROM openjdk:17\n"));
    assert_eq!((deprecated.outcome, deprecated.observations[1].severity), (Pass, Severity::Medium));
    let defaulted = judge(&dockerfile("ARG V=12\nFROM debian:$V\n"));
    assert!(defaulted.observations.iter().any(|o| o.message.contains("can override")));
    let stages = judge(&dockerfile("FROM bitnami/golang:1 AS b\nFROM debian:12\nCOPY --from=b /a /a\n"));
    assert_eq!(stages.outcome, Pass);
    assert!(stages.observations.iter().any(|o| o.message.contains("also takes from docker.io/bitnami/golang:1")));
    let settings = Settings {
        approved_registries: vec![Approved { what: "r.example".into(), reason: "ours".into() }],
        ..Settings::default()
    };
    assert_eq!(judge_with(&dockerfile("FROM r.example/base:1\n"), &settings).outcome, Pass);
}

#[test]
fn a_compose_file_never_passes() {
    for (services, outcome) in [
        ("  a:\n    image: nginx:1.27\n", Undecided),
        ("  a:\n    image: r.example/shop:1\n", Undecided),
        ("  a:\n    image: centos:7\n", Fail),
        ("  a:\n    image: shop:1\n", Fail),
        ("  a:\n    build: .\n    image: shop:1\n", NotApplicable),
        ("  a:\n    image: ${IMAGE}\n", Undecided),
        ("  a:\n    image: openjdk:${V:-17}\n", Undecided),
    ] {
        let judgement = judge(&compose(&format!("services:\n{services}")));
        assert_eq!(judgement.outcome, outcome, "{services}");
    }
}
