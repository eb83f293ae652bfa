//! What holds for all questions: nothing told is never a pass, and the order of services changes nothing.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, SubjectKind, standards};
use plimsoll_docker::facts::{AtEngine, ContainerConfig, ContainerFacts, HostConfig, SecurityOption};
use plimsoll_dockerfile::parse_compose;
use proptest::prelude::*;

use super::all;
use crate::facts::ComposeFacts;
use crate::facts::tests::compose;
use crate::{Check, Facts, Judgement, Settings};

/// The facts about one container.
pub(crate) fn of_container(container: ContainerFacts) -> Facts {
    Facts { container: Some(container), compose: None, ..compose("services:\n  a:\n    image: x\n") }
}

pub(crate) fn security_option(name: &str, profile: Option<&str>) -> SecurityOption {
    let options = profile.map(|profile| ("profile".to_owned(), profile.to_owned())).into_iter().collect();
    SecurityOption { name: name.to_owned(), options }
}

/// A container as Docker makes it when nothing is asked for: all is told, nothing is set.
pub(crate) fn plain() -> ContainerFacts {
    ContainerFacts {
        at: AtEngine {
            security_options: Some(vec![
                security_option("apparmor", None),
                security_option("seccomp", Some("builtin")),
                security_option("cgroupns", None),
            ]),
            no_new_privileges: Some(false),
            logging_driver: Some("json-file".into()),
            memory: Some(8 << 30),
            cpus: Some(4),
            ..AtEngine::default()
        },
        id: "a".repeat(64),
        name: "web".into(),
        image_id: format!("sha256:{}", "b".repeat(64)),
        config: ContainerConfig { image: "nginx".into(), ..ContainerConfig::default() },
        host_config: HostConfig {
            privileged: Some(false),
            read_only: Some(false),
            network_mode: Some("bridge".into()),
            pid_mode: Some(String::new()),
            ipc_mode: Some("private".into()),
            uts_mode: Some(String::new()),
            userns_mode: Some(String::new()),
            cgroupns_mode: Some("private".into()),
            restart: Some("no".into()),
            restart_retries: Some(0),
            log_driver: Some("json-file".into()),
            memory: Some(0),
            nano_cpus: Some(0),
            cpu_quota: Some(0),
            cpuset: Some(String::new()),
            publish_all: Some(false),
            masked_paths: Some(vec!["/proc/kcore".into()]),
            read_only_paths: Some(vec!["/proc/sys".into()]),
            ..HostConfig::default()
        },
        apparmor: Some("docker-default".into()),
        networks: vec![("bridge".into(), "172.17.0.2".into())],
        ..ContainerFacts::default()
    }
}

/// A change of the plain container.
pub(crate) fn with(change: impl FnOnce(&mut ContainerFacts)) -> Facts {
    let mut container = plain();
    change(&mut container);
    of_container(container)
}

pub(crate) fn check(id: &str) -> &'static dyn Check {
    all().into_iter().find(|check| check.info().id == id).unwrap_or_else(|| panic!("{id}"))
}

pub(crate) fn judge(id: &str, facts: &Facts) -> Judgement {
    let judgement = check(id).judge(facts, &Settings::default());
    sound(id, &judgement);
    judgement
}

/// How a container ends.
pub(crate) fn outcome(id: &str, change: impl FnOnce(&mut ContainerFacts)) -> OutcomeKind {
    judge(id, &with(change)).outcome
}

/// How one service with some keys ends, and with what weight.
pub(crate) fn service(id: &str, keys: &str) -> Judgement {
    judge(id, &compose(&format!("services:\n  web:\n    image: shop:1\n    {}\n", keys.replace('\n', "\n    "))))
}

pub(crate) fn worst(judgement: &Judgement) -> Severity {
    judgement.observations.iter().map(|o| o.severity).min().unwrap_or(Severity::Info)
}

/// Sentences, places and commands as the house asks for them.
fn sound(id: &str, judgement: &Judgement) {
    for text in judgement.observations.iter().map(|o| &o.message).chain([&judgement.summary]) {
        let first = text.chars().next().unwrap_or(' ');
        assert!((first.is_uppercase() || first.is_ascii_digit()) && text.ends_with('.'), "{id}: {text}");
        assert!(!text.contains("  ") && !text.ends_with(".."), "{id}: {text}");
    }
    for Observation { location, reproduce, message, .. } in &judgement.observations {
        assert!(location.is_some() && reproduce.as_deref().is_some_and(|it| !it.is_empty()), "{id}: {message}");
    }
}

#[test]
fn each_check_has_its_links_with_its_kinds_and_its_use_case() {
    for check in all() {
        let (info, kinds) = (check.info(), check.kinds());
        let own = standards().runtime_check(info.id).unwrap_or_else(|| panic!("{} has no links", info.id));
        assert_eq!(own.kinds, kinds, "{}", info.id);
        assert_eq!(own.use_case, info.use_case, "{}", info.id);
        let cis: Vec<&str> =
            info.aliases.iter().filter(|(tool, _)| *tool == "cis-docker").map(|(_, rule)| *rule).collect();
        assert_eq!(own.cis, cis, "{}", info.id);
    }
}

#[test]
fn what_the_engine_did_not_tell_is_undecided_everywhere() {
    let facts = of_container(ContainerFacts::default());
    for check in all().into_iter().filter(|check| check.kinds().contains(&SubjectKind::Container)) {
        let id = check.info().id;
        let judgement = judge(id, &facts);
        assert_eq!(judgement.outcome, OutcomeKind::Undecided, "{id}: {}", judgement.summary);
        assert!(
            judgement.summary.contains("told") || judgement.summary.contains("tell"),
            "{id}: {}",
            judgement.summary
        );
    }
}

#[test]
fn no_facts_are_an_error() {
    let facts = Facts { compose: None, ..compose("services:\n  a:\n    image: x\n") };
    for check in all() {
        assert_eq!(check.judge(&facts, &Settings::default()).outcome, OutcomeKind::Error);
    }
}

#[test]
fn what_an_older_reader_recorded_is_not_judged() {
    let mut facts = compose("services:\n  a:\n    image: x\n");
    if let Some(file) = &mut facts.compose {
        file.parsed.reader = 0;
    }
    for check in all().into_iter().filter(|check| check.kinds().contains(&SubjectKind::Compose)) {
        assert_eq!(judge(check.info().id, &facts).outcome, OutcomeKind::Undecided);
    }
}

#[test]
fn what_is_not_followed_or_could_not_be_read_never_passes() {
    let good = "services:\n  a:\n    image: shop:1\n    read_only: true\n    pids_limit: 5\n";
    assert_eq!(judge("read-only-root", &compose(good)).outcome, OutcomeKind::Pass);
    for text in [
        format!("{good}include: [other.yaml]\n"),
        format!("{good}---\nservices: {{}}\n"),
        format!("{good}  b: 1\n"),
        "services: {}\n".to_owned(),
        "services:\n  a:\n    extends: b\n".to_owned(),
        "services:\n  a:\n    read_only: [x]\n    pids_limit: {a: b}\n".to_owned(),
        "services:\n  a:\n    read_only: ${RO}\n    pids_limit: ${PIDS:?}\n".to_owned(),
        "services:\n  a:\n    read_only: ${RO}\n    deploy: x\n".to_owned(),
    ] {
        for id in ["read-only-root", "process-limit", "docker-socket", "ports-bound"] {
            let judgement = judge(id, &compose(&text));
            let open = judgement.outcome == OutcomeKind::Undecided;
            let unconcerned = (id == "docker-socket" || id == "ports-bound") && text.contains("read_only: ");
            assert!(open || unconcerned, "{id}: {text}: {}", judgement.summary);
        }
    }
    for list in
        ["cap_add: {a: {b: c}}", "security_opt: [{a: b}]", "volumes: [{a: b}]", "ports: [{a: b}]", "devices: [{}]"]
    {
        let (key, _) = list.split_once(':').unwrap();
        let id = match key {
            "cap_add" => "container-privileges",
            "security_opt" => "masked-paths",
            "volumes" => "docker-socket",
            "ports" => "published-ports",
            _ => "devices",
        };
        assert_eq!(service(id, list).outcome, OutcomeKind::Undecided, "{list}");
    }
}

#[test]
fn over_services_the_worst_counts_and_each_is_named() {
    let text = "services:\n  good:\n    image: x\n    read_only: true\n  bad:\n    image: y\n  worse:\n    image: z\n";
    let judgement = judge("read-only-root", &compose(text));
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert_eq!(judgement.summary, "2 of 3 services fail (bad, worse). Service bad may write to its root file system.");
    let both = text.replace("    image: y", "    read_only: true").replace("    image: z", "    read_only: true");
    let good = "Each of the 3 services passes (bad, good, worse). Service bad has a read-only root file system.";
    assert_eq!(judge("read-only-root", &compose(&both)).summary, good);
    for (name, line) in [("good", 4), ("bad", 5), ("worse", 7)] {
        let seen = judgement.observations.iter().find(|o| o.message.starts_with(&format!("Service {name} "))).unwrap();
        assert_eq!(seen.location, Some(Location::File { file: "compose.yaml".into(), line }));
        assert_eq!(seen.reproduce.as_deref(), Some(format!("sed -n {line}p compose.yaml").as_str()));
    }
    let bad = judgement.observations.iter().find(|o| o.message.contains("bad")).unwrap();
    assert_eq!(bad.aliases, ["5.13"]);
}

#[test]
fn a_container_is_shown_again_at_its_own_engine() {
    let shown = |endpoint: &str| {
        let judgement = judge("read-only-root", &with(|c| c.at.endpoint = endpoint.into()));
        judgement.observations.first().and_then(|o| o.reproduce.clone()).unwrap()
    };
    assert_eq!(shown(""), "docker inspect --format '{{json .HostConfig.ReadonlyRootfs}}' web");
    assert_eq!(
        shown("ssh://ops@box"),
        "docker --host ssh://ops@box inspect --format '{{json .HostConfig.ReadonlyRootfs}}' web"
    );
}

#[test]
fn a_thousand_services_stay_readable() {
    let services: String = (0..1000).map(|n| format!("  s{n}:\n    image: x\n    privileged: true\n")).collect();
    let judgement = judge("container-privileges", &compose(&format!("services:\n{services}")));
    assert!(judgement.observations.len() < 130 && judgement.summary.len() < 300);
}

#[test]
fn what_is_beyond_all_measure_is_not_judged_and_ends_soon() {
    let chain: String = (0..20_000).map(|n| format!("  s{n}:\n    volumes_from: [s{}]\n", n + 1)).collect();
    let facts = compose(&format!("services:\n{chain}"));
    assert_eq!(judge("docker-socket", &facts).outcome, OutcomeKind::Undecided);
    let chain: String = (0..2000).map(|n| format!("  s{n}:\n    volumes_from: [s{}]\n", n + 1)).collect();
    let judgement = judge("docker-socket", &compose(&format!("services:\n{chain}")));
    assert!(judgement.summary.contains("more services than are looked at"), "{}", judgement.summary);
}

/// Keys of a service, good and bad ones, broken ones among them.
fn keys() -> impl Strategy<Value = Vec<&'static str>> {
    prop::collection::vec(
        prop::sample::select(vec![
            "privileged: true",
            "privileged: ${P}",
            "read_only: true",
            "cap_add: [SYS_ADMIN, ALL]",
            "cap_drop: [ALL]",
            "security_opt: [seccomp:unconfined, no-new-privileges]",
            "network_mode: host",
            "networks: {front: {}, back: }",
            "pid: host",
            "volumes: [/:/host, x:/y, '${A}:/b', {type: bind, source: /etc, target: /etc}]",
            "volumes_from: [s0, s1]",
            "ports: [80, '127.0.0.1:22:22', '1-9:1-9', x, {target: 80}]",
            "restart: on-failure",
            "mem_limit: 99999999999999999999g",
            "mem_limit: 1.5g",
            "cpus: abc",
            "deploy: {resources: {limits: {cpus: 1, memory: 1G}}, update_config: {parallelism: 0}}",
            "logging: {driver: none}",
            "ulimits: {nofile: {soft: 1, hard: -1}, nproc: 5}",
            "sysctls: [net.ipv4.ip_forward=1]",
            "devices: ['/dev/sda:/dev/sda:rwm', '::::']",
            "labels: {a: b}",
            "extends: {file: a.yaml, service: b}",
            "user: ''",
            "image: ':::'",
            "tmpfs: /tmp",
            "use_api_socket: true",
        ]),
        0..8,
    )
    .prop_map(|mut keys| {
        let mut seen = std::collections::BTreeSet::new();
        keys.retain(|key| seen.insert(key.split(':').next().unwrap_or_default()));
        keys
    })
}

fn written(services: &[(usize, Vec<&str>)]) -> String {
    let mut text = "services:\n".to_owned();
    for (number, keys) in services {
        text.push_str(&format!("  s{number}:\n"));
        for key in keys {
            text.push_str(&format!("    {key}\n"));
        }
    }
    text.push_str("networks:\n  front: {driver: overlay}\n  back: {external: true, name: bridge}\n");
    text
}

fn of_text(text: &str) -> Option<Facts> {
    let parsed = parse_compose(text).ok()?;
    let file = ComposeFacts { path: "compose.yaml".into(), parsed, secrets: Vec::new() };
    Some(Facts { compose: Some(file), ..compose("services:\n  a:\n    image: x\n") })
}

/// What a judgement says, without lines: they move with the services.
fn said(judgement: &Judgement) -> (OutcomeKind, String, Vec<(Severity, String)>) {
    let mut seen: Vec<_> = judgement.observations.iter().map(|o| (o.severity, o.message.clone())).collect();
    seen.sort();
    (judgement.outcome, judgement.summary.clone(), seen)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn the_order_of_services_changes_nothing(services in prop::collection::vec(keys(), 1..5)) {
        let mut services: Vec<_> = services.into_iter().enumerate().collect();
        let (forth, back) = (written(&services), { services.reverse(); written(&services) });
        let (forth, back) = (of_text(&forth).unwrap(), of_text(&back).unwrap());
        for check in all().into_iter().filter(|check| check.kinds().contains(&SubjectKind::Compose)) {
            let (one, other) = (judge(check.info().id, &forth), judge(check.info().id, &back));
            prop_assert_eq!(said(&one), said(&other), "{}", check.info().id);
        }
    }

    #[test]
    fn no_compose_text_panics(
        text in "\\PC{0,80}",
        parts in prop::collection::vec(prop::sample::select(vec![
            "services:\n", "  a:\n", "    image: x\n", "    volumes: [", "]\n", "'${A:-/}", ":/x'", ",", "    ports: ['",
            "']\n", "::", "1-2", "    security_opt:\n", "    - seccomp\n", "    - no-new-privileges:\n", "    cap_add: ~\n",
            "    volumes_from: [a]\n", "networks: 1\n", "volumes: {x: {driver_opts: {o: bind, device: /}}}\n", "é", "\t",
            "    mem_limit: '.'\n", "    mem_limit: -1\n", "    cpuset: 9-1\n", "    sysctls: {a: }\n", "    pid: ''\n",
        ]), 0..24),
    ) {
        for text in [text.clone(), format!("services:\n  a:\n    volumes: ['{}']\n", text.replace(['\'', '\\'], "")), parts.concat()] {
            if let Some(facts) = of_text(&text) {
                for check in all() {
                    let _ = check.judge(&facts, &Settings::default());
                }
            }
        }
    }
}
