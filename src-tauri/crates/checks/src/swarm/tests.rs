//! Facts for the tests of this folder, and what holds for all of its checks.

use std::collections::BTreeMap;

use plimsoll_catalog::{OutcomeKind, SubjectKind, standards};
use plimsoll_docker::facts::{
    ClusterFacts, HostFacts, ListedContainer, NetworkFacts, NodeFacts, RootFacts, ServiceFacts, SwarmFacts, Unread,
    UpdateFacts,
};

use crate::{Facts, Judgement, Settings};

/// Facts about a host that tells nothing.
pub(super) fn host_facts() -> Facts {
    let mut facts = crate::facts::tests::image();
    facts.image = None;
    facts.host = Some(HostFacts::default());
    facts
}

/// A node as it should be; the tests change what they ask about.
pub(super) fn node(id: &str, role: &str) -> NodeFacts {
    let manager = role == "manager";
    NodeFacts {
        id: id.into(),
        hostname: format!("host-{id}"),
        role: role.into(),
        availability: if manager { "drain" } else { "active" }.into(),
        state: "ready".into(),
        reachability: manager.then(|| "reachable".into()),
        engine_version: Some("27.3.1".into()),
        address: Some(format!("10.0.1.{}", id.len())),
        ..NodeFacts::default()
    }
}

/// A service as it should be.
pub(super) fn service(name: &str) -> ServiceFacts {
    ServiceFacts {
        id: format!("id-{name}"),
        name: name.into(),
        mode: "replicated".into(),
        replicas: Some(3),
        endpoint_mode: Some("vip".into()),
        update: Some(UpdateFacts {
            parallelism: Some(1),
            failure_action: Some("rollback".into()),
            order: Some("start-first".into()),
        }),
        limits: BTreeMap::from([("MemoryBytes".into(), 1 << 28), ("NanoCPUs".into(), 500_000_000)]),
        labels: map(&[("owner", "shop-team")]),
        ..ServiceFacts::default()
    }
}

pub(super) fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
}

/// An overlay network with some options.
pub(super) fn overlay(name: &str, options: &[(&str, &str)]) -> NetworkFacts {
    NetworkFacts {
        id: format!("id-{name}"),
        name: name.into(),
        driver: "overlay".into(),
        scope: "swarm".into(),
        options: map(options),
        ..NetworkFacts::default()
    }
}

/// A container of an application, in some networks.
pub(super) fn container(name: &str, labels: &[(&str, &str)], networks: &[&str]) -> ListedContainer {
    ListedContainer {
        name: name.into(),
        state: "running".into(),
        labels: map(labels),
        networks: networks.iter().map(|&name| name.to_owned()).collect(),
        ..ListedContainer::default()
    }
}

/// A manager of a cluster as it should be: three managers, two workers.
pub(super) fn manager() -> Facts {
    let mut facts = host_facts();
    let nodes = [
        node("m1", "manager"),
        node("m2", "manager"),
        node("m3", "manager"),
        node("w1", "worker"),
        node("w2", "worker"),
    ];
    let swarm = SwarmFacts {
        state: Some("active".into()),
        manager: true,
        node_id: Some("m1".into()),
        node_address: Some("10.0.1.11".into()),
        remote_managers: vec![("m1".into(), "10.0.1.11:2377".into())],
        managers: Some(3),
        nodes: Some(5),
        cluster: Some(ClusterFacts {
            id: "c1".into(),
            created: Some("2026-01-10T08:00:00Z".into()),
            updated: Some("2026-11-23T20:00:00Z".into()),
            auto_lock: Some(true),
            node_cert_expiry: Some(7_776_000_000_000_000),
            force_rotate: Some(1),
            root_rotation_in_progress: Some(false),
            root: Some(RootFacts {
                subject: "CN=Example Swarm CA,O=Example".into(),
                from: "2026-06-01T00:00:00Z".into(),
                until: "2036-06-01T00:00:00Z".into(),
                sha256: "ab".into(),
            }),
            ..ClusterFacts::default()
        }),
        node_list: Some(nodes.into()),
        services: Some(vec![service("shop_web")]),
    };
    let host = facts.host.as_mut().unwrap();
    host.swarm = swarm;
    host.networks = Some(vec![overlay("shop", &[("encrypted", "")])]);
    host.containers = Some(Vec::new());
    facts
}

/// A worker of the same cluster.
pub(super) fn worker() -> Facts {
    let mut facts = host_facts();
    facts.host.as_mut().unwrap().swarm = SwarmFacts {
        state: Some("active".into()),
        node_id: Some("w1".into()),
        node_address: Some("10.0.1.21".into()),
        remote_managers: vec![("m1".into(), "10.0.1.11:2377".into())],
        ..SwarmFacts::default()
    };
    facts
}

/// The judgement of one check on a manager that was changed.
pub(super) fn judge(check: &str, change: impl FnOnce(&mut HostFacts)) -> Judgement {
    let mut facts = manager();
    change(facts.host.as_mut().unwrap());
    crate::check(check).unwrap().judge(&facts, &Settings::default())
}

/// How one check ends on a manager that was changed.
pub(super) fn ends(check: &str, change: impl FnOnce(&mut HostFacts)) -> OutcomeKind {
    let mut judgement = judge(check, change);
    // As it is done to all summaries.
    crate::capitalise(&mut judgement.summary);
    assert!(
        judgement.summary.ends_with('.')
            && judgement.summary.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()),
        "{}",
        judgement.summary
    );
    for observation in &judgement.observations {
        assert!(observation.message.ends_with('.'), "{}", observation.message);
        assert!(observation.location.is_some() && observation.reproduce.is_some(), "{}", observation.message);
    }
    judgement.outcome
}

/// The cluster's settings, to be changed.
pub(super) fn cluster(host: &mut HostFacts) -> &mut ClusterFacts {
    host.swarm.cluster.as_mut().unwrap()
}

#[test]
fn a_host_that_tells_nothing_passes_nothing_and_nothing_is_not_applicable() {
    let facts = host_facts();
    for check in super::all() {
        let judgement = check.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Undecided, "{}", check.info().id);
    }
}

#[test]
fn a_host_in_no_swarm_leaves_the_cluster_undecided_and_names_who_else_may_run_it() {
    let mut facts = host_facts();
    let host = facts.host.as_mut().unwrap();
    host.swarm.state = Some("inactive".into());
    host.containers = Some(vec![container("k8s_web", &[("io.kubernetes.pod.name", "web")], &[])]);
    for check in super::all() {
        let judgement = check.judge(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Undecided, "{}", check.info().id);
    }
    let odd = crate::check("managers-odd").unwrap().judge(&facts, &Settings::default());
    assert!(odd.summary.contains("no swarm"), "{}", odd.summary);
    assert!(odd.observations.iter().any(|o| o.message.contains("Kubernetes")), "{:?}", odd.observations);
    let host = facts.host.as_mut().unwrap();
    host.containers = Some(vec![container("web", &[("com.docker.compose.project", "shop")], &[])]);
    let odd = crate::check("managers-odd").unwrap().judge(&facts, &Settings::default());
    assert!(odd.observations.iter().any(|o| o.message.contains("Docker Compose")), "{:?}", odd.observations);
}

#[test]
fn a_worker_a_locked_manager_and_a_silent_one_leave_the_cluster_undecided() {
    let mut states = vec![worker()];
    for state in ["locked", "pending", "error", "", "new"] {
        let mut facts = manager();
        facts.host.as_mut().unwrap().swarm.state = Some(state.into());
        states.push(facts);
    }
    let mut silent = manager();
    let swarm = &mut silent.host.as_mut().unwrap().swarm;
    *swarm = SwarmFacts { state: Some("active".into()), manager: true, ..SwarmFacts::default() };
    states.push(silent);
    for facts in &states {
        for check in super::of_the_cluster() {
            if check.info().id == "overlay-encrypted" {
                continue;
            }
            let judgement = check.judge(facts, &Settings::default());
            assert_eq!(judgement.outcome, OutcomeKind::Undecided, "{} {}", check.info().id, judgement.summary);
        }
    }
    let odd = crate::check("managers-odd").unwrap().judge(&worker(), &Settings::default());
    assert!(odd.summary.contains("worker") && odd.summary.contains("10.0.1.11:2377"), "{}", odd.summary);
}

#[test]
fn the_reason_why_something_was_not_read_is_given() {
    let judgement = judge("managers-drained", |host| {
        host.swarm.node_list = None;
        host.unread = vec![Unread { what: "GET /nodes".into(), reason: "The engine took too long.".into() }];
    });
    assert!(judgement.summary.contains("(The engine took too long)"), "{}", judgement.summary);
}

#[test]
fn other_endpoints_stand_in_the_commands_that_show_it_again() {
    let reproduce = |endpoint: &str| {
        let judgement = judge("managers-odd", |host| {
            host.endpoint = endpoint.into();
            (host.swarm.managers, host.swarm.node_list) = (Some(2), None);
        });
        judgement.observations[0].reproduce.clone().unwrap()
    };
    assert_eq!(reproduce("unix:///var/run/docker.sock"), "docker info --format '{{json .Swarm.Managers}}'");
    let judgement = judge("managers-spread", |host| host.endpoint = "tcp://10.0.0.5:2376".into());
    let shown = judgement.observations[0].reproduce.as_deref().unwrap();
    assert!(shown.contains("$(docker --host tcp://10.0.0.5:2376 node ls --filter role=manager --quiet)"), "{shown}");
    assert_eq!(reproduce("ssh://ops@box"), "docker --host ssh://ops@box info --format '{{json .Swarm.Managers}}'");
}

#[test]
fn each_check_looks_at_hosts_answers_no_use_case_and_has_its_links() {
    let checks = super::all();
    for check in &checks {
        let info = check.info();
        assert_eq!(check.kinds(), [SubjectKind::Host], "{}", info.id);
        assert_eq!(info.use_case, None, "{}", info.id);
        let links = standards().runtime_check(info.id).unwrap_or_else(|| panic!("{} has no links", info.id));
        assert_eq!(links.kinds, [SubjectKind::Host], "{}", info.id);
    }
}
