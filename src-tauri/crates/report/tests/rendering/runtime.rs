//! A made-up audit with a host, containers and a Compose file.

use plimsoll_catalog::{Language, OutcomeKind, Profile, RequirementId, Severity, Strength, Verdict, standards};
use plimsoll_report::content::{CheckBlock, Content, CoverageTable, LinkLine, ObservationLine, SubjectSheet};

use crate::sample::{decision, sha, two};

/// Images, a Compose file, a host and so many containers.
pub fn sample(language: Language, images: usize, containers: usize) -> Content {
    let t = |en: &str, de: &str| two(language, en, de);
    let mut content = crate::sample::sample(language, Profile::Full, images);
    let mut compose = sheet(language, images, "deploy/compose.yaml", &t("Compose file", "Compose-Datei"), false);
    compose.checks = vec![
        check(
            language,
            "pids-limit",
            &["3.14", "2.5"],
            OutcomeKind::Fail,
            "Two services have no limit on processes.",
            2,
        ),
        check(language, "restart-policy", &["11.5"], OutcomeKind::Pass, "Every service is restarted on failure.", 0),
    ];
    content.subjects.push(compose);
    for line in &mut content.use_cases {
        line.cells.push(OutcomeKind::NotApplicable);
    }
    content.subjects.push(host(language, images + 1));
    content.subjects.extend((0..containers).map(|n| container(language, images + 2 + n, n)));
    let ids: Vec<RequirementId> = standards().requirements().map(|requirement| requirement.id).collect();
    content.coverage = Some(CoverageTable {
        automated: ids[..38].to_vec(),
        assisted: ids[38..60].to_vec(),
        manual: ids[60..].to_vec(),
    });
    content
}

fn sheet(language: Language, index: usize, name: &str, kind: &str, runs: bool) -> SubjectSheet {
    let t = |en: &str, de: &str| two(language, en, de);
    SubjectSheet {
        label: format!("S{}", index + 1),
        name: name.to_owned(),
        kind: kind.to_owned(),
        identity: vec![
            (t("Source", "Quelle"), format!("docker-host:tcp://10.0.0.5:2376#{name}")),
            (t("Engine", "Engine"), "Docker Engine - Community 27.3.1 (API 1.47)".to_owned()),
            (
                t("Operating system", "Betriebssystem"),
                "Debian GNU/Linux 12 (bookworm), Linux 6.1.0-26-amd64, x86_64".to_owned(),
            ),
            (t("Reached at", "Erreicht über"), "tcp://10.0.0.5:2376".to_owned()),
            (t("Collected", "Erhoben"), "2025-11-03T08:12:00Z".to_owned()),
            (t("Collected elsewhere by", "Andernorts erhoben von"), "ops on quay-7, plimsoll 0.1.0".to_owned()),
            (t("Facts file", "Faktendatei"), "quay-7.facts.json".to_owned()),
            (t("Facts file SHA-256", "SHA-256 der Faktendatei"), sha("facts")),
        ],
        layers: Vec::new(),
        figures: Vec::new(),
        trust: None,
        probes: None,
        results: Vec::new(),
        runs,
        checks: Vec::new(),
    }
}

fn check(
    language: Language,
    id: &str,
    requirements: &[&str],
    outcome: OutcomeKind,
    summary: &str,
    observations: usize,
) -> CheckBlock {
    let t = |en: &str, de: &str| two(language, en, de);
    let links = requirements.iter().enumerate().map(|(index, id)| {
        let requirement = standards().requirement(id.parse().unwrap()).unwrap();
        LinkLine {
            id: requirement.id,
            title: requirement.title.get(language).to_owned(),
            pass: if index == 0 { Strength::Decisive } else { Strength::Supporting },
            fail: if index == 2 { Strength::Supporting } else { Strength::Decisive },
            verdict: if outcome == OutcomeKind::Fail { Verdict::NotSatisfied } else { Verdict::Open },
        }
    });
    CheckBlock {
        check: id.to_owned(),
        title: t("The check named ", "Die Prüfregel namens ") + id,
        outcome,
        summary: summary.to_owned(),
        observations: (0..observations)
            .map(|n| ObservationLine {
                severity: [Severity::High, Severity::Low, Severity::Info][n % 3],
                message: format!("Observation {n} of {id}: the engine answers otherwise than it should."),
                location: "HostConfig.PidsLimit".to_owned(),
                reproduce: "docker --host tcp://10.0.0.5:2376 inspect --format '{{json .HostConfig.PidsLimit}}' shop"
                    .to_owned(),
            })
            .collect(),
        remedy: if outcome == OutcomeKind::Fail {
            t(
                "Set `--pids-limit` to what a test under load has shown.",
                "Setzen Sie `--pids-limit` auf das, was ein Lasttest gezeigt hat.",
            )
        } else {
            String::new()
        },
        links: links.collect(),
        decisions: Vec::new(),
    }
}

fn host(language: Language, index: usize) -> SubjectSheet {
    let mut host = sheet(language, index, "quay-7", "Host", true);
    host.checks = vec![
        check(
            language,
            "engine-version",
            &["2.3", "2.7", "12.6"],
            OutcomeKind::Fail,
            "The engine is no longer maintained.",
            2,
        ),
        check(language, "live-restore", &["2.9"], OutcomeKind::Pass, "Live restore is on.", 1),
        check(language, "user-namespaces", &["3.2"], OutcomeKind::Undecided, "The engine does not tell.", 1),
        check(language, "swarm", &["6.4"], OutcomeKind::NotApplicable, "The engine belongs to no swarm.", 0),
        check(language, "unreadable", &["7.1"], OutcomeKind::Error, "Not looked at: nobody answers.", 0),
    ];
    host.checks[2].decisions = vec![("3.2".to_owned(), decision(language, 4))];
    host
}

fn container(language: Language, index: usize, n: usize) -> SubjectSheet {
    let mut container = sheet(language, index, &format!("shop-{n}"), "Container", true);
    container.checks = vec![
        check(language, "processes-not-root", &["3.1", "3.3"], OutcomeKind::Fail, "Its only process runs as root.", 3),
        check(language, "shared-uid", &["12.1"], OutcomeKind::Undecided, "Its uid is not known.", 0),
        check(
            language,
            "container-health",
            &["9.4"],
            OutcomeKind::Pass,
            "It has a health check, which says healthy.",
            1,
        ),
        check(language, "image-current", &["5.4"], OutcomeKind::Pass, "It is named by digest.", 0),
    ];
    if n == 3 {
        let entered = "Only this one was entered: a shell runs in it.";
        container.checks.push(check(language, "accessed-container", &["3.10"], OutcomeKind::Fail, entered, 2));
    }
    container
}
