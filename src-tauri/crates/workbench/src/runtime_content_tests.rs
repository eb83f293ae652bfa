//! What the report says of hosts and containers, from an engagement that holds some.

use super::*;
use crate::content::content;
use crate::error::WorkbenchError;
use crate::run::{Found, record};
use plimsoll_catalog::decision::Target;
use plimsoll_catalog::{Conclusion, Level, SubjectKind, UseCaseId};
use plimsoll_docker::facts::{ContainerConfig, StateFacts};
use plimsoll_engagement::{Details, Engagement, NewDecision, NewSubject};

#[test]
fn the_coverage_holds_each_requirement_of_the_profile_once() {
    let all = coverage(Profile::Full);
    assert_eq!(all.automated.len() + all.assisted.len() + all.manual.len(), 106);
    let image = coverage(Profile::Image);
    assert_eq!(image.automated.len() + image.assisted.len() + image.manual.len(), 14);
}

#[test]
fn engines_and_ports_are_named_as_people_name_them() {
    let facts =
        EngineFacts { version: Some("27.3.1".into()), api_version: Some("1.47".into()), ..EngineFacts::default() };
    assert_eq!(engine(&facts).unwrap(), "Docker Engine 27.3.1 (API 1.47)");
    let podman = EngineFacts { product: Product::Podman, version: Some("4.3.1".into()), ..EngineFacts::default() };
    assert_eq!(engine(&podman).unwrap(), "Podman 4.3.1");
    assert_eq!(engine(&EngineFacts::default()), None);
    let port =
        |ip: &str| PublishedPort { container_port: 80, protocol: "tcp".into(), host_ip: ip.into(), host_port: 8080 };
    assert_eq!(ports(&[port(""), port("::")]), "0.0.0.0:8080 → 80/tcp, [::]:8080 → 80/tcp");
}

#[test]
fn of_a_container_of_which_nothing_is_told_no_user_is_claimed() {
    let mut rows = Rows { language: Language::En, rows: Vec::new() };
    of_container(&ContainerFacts::default(), &mut rows);
    assert_eq!(rows.rows, []);
    let told = ContainerFacts {
        config: ContainerConfig { image: "shop:1".into(), ..ContainerConfig::default() },
        state: StateFacts { status: "running".into(), health: Some("healthy".into()), ..StateFacts::default() },
        ..ContainerFacts::default()
    };
    of_container(&told, &mut rows);
    assert!(rows.rows.contains(&("Starts as".to_owned(), "root (none set)".to_owned())));
    assert!(rows.rows.contains(&("State".to_owned(), "running, healthy".to_owned())));
}

#[test]
fn the_same_request_for_many_containers_is_one_sentence() {
    let id = "0123456789abcdef".to_owned();
    let unread = Unread { what: format!("GET /containers/{id}/top"), reason: "No ps for 0123456789ab.".into() };
    assert_eq!(alike(&unread, &id), ("GET /containers/…/top".to_owned(), "No ps for ….".to_owned()));
    assert_eq!(alike(&unread, "é"), (unread.what.clone(), unread.reason.clone()));
}

fn facts(value: serde_json::Value) -> Facts {
    let mut all = serde_json::json!({
        "source": "", "collected": "2026-11-24T12:00:00Z", "image": null, "dockerfile": null, "compose": null,
        "collected_by": { "file": "quay-7.facts", "file_sha256": "ab", "facts_sha256": "cd", "machine": "quay-7",
            "user": "ops", "tool": "plimsoll 0.1.0", "started": "2026-11-24T11:59:00Z", "asked": ["host"] },
    });
    all.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    serde_json::from_value(all).unwrap()
}

fn container(name: &str, uid: u64) -> Facts {
    facts(serde_json::json!({ "container": {
        "at": { "endpoint": "tcp://10.0.0.5:2376", "id": "engine", "name": "quay-7", "security_options": [] },
        "id": format!("{name}{name}{name}{name}"), "name": name, "image_id": "sha256:11",
        "state": { "status": "running", "running": true, "pid": 100, "restarts": 0 },
        "config": { "image": "shop:1" },
        "processes": [{ "pid": 100, "parent": 9, "uid": uid, "user": "x", "command": "/app" }],
        "unread": [{ "what": format!("GET /containers/{name}{name}{name}{name}/changes"), "reason": "It took too long." }],
    }}))
}

fn host() -> Facts {
    facts(serde_json::json!({ "host": {
        "endpoint": "tcp://10.0.0.5:2376", "name": "quay-7", "id": "engine", "verified_tls": true,
        "engine": { "version": "27.3.1", "api_version": "1.47" },
        "machine": { "operating_system": "Debian GNU/Linux 12", "kernel": "6.1.0", "os_type": "linux" },
        "containers": [],
    }}))
}

fn compose() -> Facts {
    let text = "services:\n  web:\n    image: shop:1\n";
    let parsed = plimsoll_dockerfile::parse_compose(text).unwrap();
    facts(serde_json::json!({ "compose": { "path": "compose.yaml", "parsed": parsed } }))
}

fn engagement(folder: &std::path::Path) -> Engagement {
    let mut engagement = Engagement::create(
        &folder.join("job.plimsoll"),
        Details {
            title: "Web shop".into(),
            client: "ACME".into(),
            scope: String::new(),
            auditor: "Ada Auditor".into(),
            organization: String::new(),
            target_level: Level::One,
            profile: Profile::Full,
            sample: false,
        },
    )
    .unwrap();
    let all = [
        (SubjectKind::Host, "quay-7", host()),
        (SubjectKind::Container, "webapp", container("webapp", 0)),
        (SubjectKind::Compose, "compose.yaml", compose()),
        (SubjectKind::Container, "worker", container("worker", 1000)),
    ];
    let (mut ids, mut found) = (Vec::new(), Vec::new());
    for (kind, name, facts) in all {
        let new = NewSubject {
            kind,
            name: name.into(),
            source: format!("{}:{name}", kind.as_str()),
            dockerfile: None,
            context: None,
            platform: None,
            files: Vec::new(),
        };
        ids.push(engagement.add_subject(&new).unwrap());
        found.push(Found { facts: Ok::<_, WorkbenchError>(facts) });
    }
    record(&mut engagement, "2026-11-24T12:00:00Z", &ids, &mut found).unwrap();
    let decision = |target, rationale: &str| NewDecision {
        subject: Some(ids[1].clone()),
        target,
        conclusion: Conclusion::Satisfied,
        rationale: rationale.into(),
    };
    engagement.decide(&decision(Target::Requirement("3.1".parse().unwrap()), "Only while starting.")).unwrap();
    engagement.decide(&decision(Target::UseCase(UseCaseId::D2), "All of it is documented.")).unwrap();
    engagement
}

#[test]
fn hosts_and_containers_are_told_by_requirement_and_are_no_columns_of_the_use_cases() {
    let folder = tempfile::tempdir().unwrap();
    let engagement = engagement(folder.path());
    for language in [Language::En, Language::De] {
        let content = content(&engagement, language, time::OffsetDateTime::UNIX_EPOCH).unwrap();
        let runs: Vec<bool> = content.subjects.iter().map(|sheet| sheet.runs).collect();
        assert_eq!(runs, [true, true, false, true]);
        assert!(content.use_cases.iter().all(|line| line.cells.len() == 1));
        assert!(content.subjects.iter().all(|sheet| sheet.runs == sheet.results.is_empty()));
        let webapp = &content.subjects[1];
        let root = webapp.checks.iter().find(|check| check.check == "processes-not-root").unwrap();
        assert_eq!(root.outcome, OutcomeKind::Fail);
        assert!(!root.remedy.is_empty() && root.observations.iter().any(|seen| seen.reproduce.contains("top webapp")));
        assert_eq!(root.links[0].verdict, Verdict::NotSatisfied);
        assert_eq!(root.decisions.len(), 1);
        assert!(root.decisions[0].1.conflict && root.decisions[0].0 == "3.1");
        let d2: Vec<&str> =
            webapp.checks.iter().flat_map(|check| &check.decisions).map(|(on, _)| on.as_str()).collect();
        assert_eq!(d2.iter().filter(|on| **on == "D2").count(), 1);
        let requirements: Vec<_> = webapp.checks.iter().filter_map(|check| check.links.first()).map(|l| l.id).collect();
        assert!(requirements.is_sorted(), "{requirements:?}");
        let says = |name: &str| webapp.identity.iter().any(|(_, value)| value.contains(name));
        assert!(says("ops") && says("quay-7.facts") && says("tcp://10.0.0.5:2376") && says("shop:1"));
        assert!(content.subjects[0].identity.iter().any(|(_, value)| value == "Docker Engine 27.3.1 (API 1.47)"));
        let unread: Vec<&String> = content.limitations.iter().filter(|text| text.contains("/changes")).collect();
        assert_eq!(unread.len(), 1, "{unread:?}");
        assert!(unread[0].starts_with("webapp, worker: GET /containers/…/changes"), "{}", unread[0]);
        assert_eq!(content.coverage.as_ref().map(|table| table.automated.is_empty()), Some(false));
        let rendered = plimsoll_report::render(&content).unwrap();
        assert!(!rendered.warnings.iter().any(|warning| warning.contains(" > ")), "{:?}", rendered.warnings);
        if let Ok(keep) = std::env::var("PLIMSOLL_KEEP_REPORTS") {
            std::fs::write(std::path::Path::new(&keep).join(format!("runtime-{language:?}.pdf")), &rendered.pdf)
                .unwrap();
        }
    }
}
