//! Tests of `balance.rs`, `updates.rs`, `placement.rs`, `limits.rs`.

use plimsoll_catalog::OutcomeKind::{self, Fail, Pass, Undecided};
use plimsoll_docker::facts::{HostFacts, ServiceFacts};

use super::tests::{ends, judge, service};

/// How a check ends when the one service was changed.
fn with(check: &str, change: impl FnOnce(&mut ServiceFacts)) -> OutcomeKind {
    ends(check, |host| change(&mut host.swarm.services.as_mut().unwrap()[0]))
}

#[test]
fn services_that_are_not_told_or_not_there_decide_nothing() {
    for check in
        ["service-load-balancing", "rolling-updates", "replicas-spread", "workload-separation", "service-limits"]
    {
        assert_eq!(ends(check, |host| host.swarm.services = None), Undecided, "{check}");
        assert_eq!(ends(check, |host| host.swarm.services = Some(Vec::new())), Undecided, "{check}");
    }
}

#[test]
fn requests_are_spread_by_an_address_or_by_dns() {
    let check = "service-load-balancing";
    assert_eq!(with(check, |_| ()), Pass);
    assert_eq!(with(check, |service| service.endpoint_mode = Some("dnsrr".into())), Pass);
    assert_eq!(with(check, |service| service.endpoint_mode = None), Undecided);
    assert_eq!(with(check, |service| service.replicas = Some(1)), Undecided);
    assert_eq!(with(check, |service| service.replicas = None), Undecided);
    assert_eq!(with(check, |service| service.ports = vec!["host 80:8080/tcp".into()]), Undecided);
    assert_eq!(with(check, |service| service.mode = "replicated-job".into()), Undecided);
    assert_eq!(with(check, |service| (service.mode, service.replicas) = ("global".into(), None)), Pass);
}

#[test]
fn updates_roll_and_go_back_or_do_not() {
    let check = "rolling-updates";
    assert_eq!(with(check, |_| ()), Pass);
    let update = |parallelism: Option<u64>, action: Option<&'static str>| {
        with(check, move |service| {
            let update = service.update.as_mut().unwrap();
            (update.parallelism, update.failure_action) = (parallelism, action.map(str::to_owned));
        })
    };
    assert_eq!(update(Some(0), Some("rollback")), Fail);
    assert_eq!(update(Some(3), Some("rollback")), Fail);
    assert_eq!(update(Some(2), Some("rollback")), Pass);
    assert_eq!(update(Some(1), Some("continue")), Fail);
    assert_eq!(update(Some(1), Some("pause")), Undecided);
    assert_eq!(update(Some(1), Some("dance")), Undecided);
    assert_eq!(update(None, None), Undecided);
    assert_eq!(with(check, |service| service.update = None), Undecided);
    assert_eq!(with(check, |service| service.replicas = Some(1)), Undecided);
    assert_eq!(with(check, |service| service.replicas = None), Undecided);
    assert_eq!(with(check, |service| service.mode = "global-job".into()), Undecided);
}

#[test]
fn tasks_can_be_spread_over_nodes_that_take_work() {
    let check = "replicas-spread";
    assert_eq!(with(check, |_| ()), Pass);
    assert_eq!(with(check, |service| service.placement = vec!["node.hostname == host-w1".into()]), Fail);
    assert_eq!(with(check, |service| service.placement = vec!["node.hostname != host-w1".into()]), Pass);
    assert_eq!(with(check, |service| service.replicas = Some(1)), Undecided);
    assert_eq!(with(check, |service| service.replicas = None), Undecided);
    assert_eq!(ends(check, |host| host.swarm.node_list = None), Undecided);
    assert_eq!(ends(check, |host| host.swarm.node_list.as_mut().unwrap().truncate(4)), Fail);
    let down = |host: &mut HostFacts| host.swarm.node_list.as_mut().unwrap()[2].state = "down".into();
    assert_eq!(ends(check, down), Undecided);
    let preferred = judge(check, |host| {
        host.swarm.services.as_mut().unwrap()[0].placement = vec!["spread=node.labels.zone".into()];
    });
    assert_eq!(preferred.outcome, Pass);
    assert!(preferred.observations[0].message.contains("spread=node.labels.zone"));
}

#[test]
fn services_that_publish_ports_and_others_are_kept_apart_by_constraints_or_by_nothing() {
    let two = |outward: &'static [&'static str], inward: &'static [&'static str]| {
        ends("workload-separation", move |host| {
            let (mut web, mut db) = (service("web"), service("db"));
            web.ports = vec!["ingress 443:8443/tcp".into()];
            web.placement = outward.iter().map(|&one| one.to_owned()).collect();
            db.placement = inward.iter().map(|&one| one.to_owned()).collect();
            host.swarm.services = Some(vec![web, db]);
        })
    };
    assert_eq!(two(&[], &[]), Fail);
    assert_eq!(two(&["node.role==worker", "spread=node.labels.zone"], &[]), Fail);
    assert_eq!(two(&["node.labels.exposure == internet"], &["node.labels.exposure!=internet"]), Undecided);
    assert_eq!(with("workload-separation", |_| ()), Undecided);
}

#[test]
fn services_without_limits_are_named() {
    assert_eq!(with("service-limits", |_| ()), Pass);
    assert_eq!(with("service-limits", |service| service.limits.clear()), Fail);
    assert_eq!(with("service-limits", |service| service.limits = [("MemoryBytes".into(), 0)].into()), Fail);
    let judgement = judge("service-limits", |host| {
        host.swarm.services.as_mut().unwrap()[0].limits.remove("NanoCPUs");
    });
    assert_eq!(judgement.observations[0].message, "The service shop_web has no limit for processors.");
}
