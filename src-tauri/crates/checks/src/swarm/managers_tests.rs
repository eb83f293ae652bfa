//! Tests of `managers.rs`, `spread.rs`, `nodes.rs`.

use plimsoll_catalog::OutcomeKind::{Fail, Pass, Undecided};
use plimsoll_docker::facts::HostFacts;

use super::tests::{container, ends, judge, map, node, service};

/// Leaves so many managers, and tells their number.
fn managers(host: &mut HostFacts, number: usize) {
    let managers = (1..=number).map(|at| node(&format!("m{at}"), "manager"));
    host.swarm.node_list = Some(managers.chain([node("w1", "worker"), node("w2", "worker")]).collect());
    host.swarm.managers = Some(number as u64);
}

#[test]
fn three_managers_that_are_there_can_spare_one() {
    assert_eq!(ends("managers-redundant", |_| ()), Pass);
    assert_eq!(ends("managers-redundant", |host| managers(host, 4)), Pass);
}

#[test]
fn one_or_two_managers_can_spare_none() {
    for number in [1, 2] {
        assert_eq!(ends("managers-redundant", |host| managers(host, number)), Fail);
    }
    // The count alone is enough for that.
    let counted = |count| {
        ends("managers-redundant", move |host| (host.swarm.managers, host.swarm.node_list) = (Some(count), None))
    };
    assert_eq!((counted(1), counted(3)), (Fail, Undecided));
}

#[test]
fn a_manager_that_is_away_counts_against_the_majority() {
    let away = |number: usize, away: usize| {
        ends("managers-redundant", move |host| {
            managers(host, number);
            for node in host.swarm.node_list.as_mut().unwrap().iter_mut().take(away) {
                (node.state, node.reachability) = ("down".into(), Some("unreachable".into()));
            }
        })
    };
    assert_eq!((away(3, 1), away(5, 1), away(5, 2), away(5, 5)), (Fail, Undecided, Fail, Fail));
}

#[test]
fn reachability_that_is_not_told_passes_nothing() {
    let untold = |host: &mut HostFacts| {
        for node in host.swarm.node_list.iter_mut().flatten() {
            node.reachability = None;
        }
    };
    assert_eq!(ends("managers-redundant", untold), Undecided);
}

#[test]
fn an_odd_number_of_at_least_three_passes() {
    let counts = [(1, Fail), (2, Fail), (3, Pass), (4, Fail), (5, Pass), (6, Fail), (9, Pass)];
    for (number, expected) in counts {
        assert_eq!(ends("managers-odd", |host| managers(host, number)), expected, "{number}");
    }
    let none = |host: &mut HostFacts| (host.swarm.managers, host.swarm.node_list) = (None, None);
    assert_eq!(ends("managers-odd", none), Undecided);
    assert_eq!(ends("managers-odd", |host| (host.swarm.managers, host.swarm.node_list) = (Some(0), None)), Undecided);
}

#[test]
fn a_list_that_contradicts_the_count_decides_nothing() {
    assert_eq!(ends("managers-odd", |host| host.swarm.managers = Some(5)), Undecided);
    assert_eq!(ends("managers-redundant", |host| host.swarm.managers = Some(1)), Undecided);
    assert_eq!(ends("managers-odd", |host| host.swarm.node_list = Some(vec![node("w1", "worker")])), Undecided);
}

#[test]
fn drained_managers_pass_and_active_ones_fail() {
    assert_eq!(ends("managers-drained", |_| ()), Pass);
    let set = |availability: &'static str| {
        move |host: &mut HostFacts| host.swarm.node_list.as_mut().unwrap()[1].availability = availability.into()
    };
    assert_eq!(ends("managers-drained", set("active")), Fail);
    assert_eq!(ends("managers-drained", set("pause")), Undecided);
    assert_eq!(ends("managers-drained", set("")), Undecided);
    let judgement = judge("managers-drained", set("active"));
    assert!(judgement.summary.contains("host-m2"), "{}", judgement.summary);
    assert_eq!(
        judgement.observations[0].reproduce.as_deref(),
        Some("docker node inspect --format '{{json .Spec.Availability}}' host-m2")
    );
}

#[test]
fn constraints_and_containers_started_by_hand_are_for_a_person() {
    let constrained = |host: &mut HostFacts| {
        host.swarm.node_list.as_mut().unwrap()[0].availability = "active".into();
        for service in host.swarm.services.iter_mut().flatten() {
            service.placement = vec!["node.role == worker".into()];
        }
    };
    assert_eq!(ends("managers-drained", constrained), Undecided);
    let by_hand = |host: &mut HostFacts| host.containers = Some(vec![container("tool", &[], &["bridge"])]);
    assert_eq!(ends("managers-drained", by_hand), Undecided);
    assert_eq!(ends("managers-drained", |host| host.containers = None), Undecided);
}

#[test]
fn labels_tell_whether_managers_stand_in_several_places() {
    let zones = |values: [&'static str; 3]| {
        move |host: &mut HostFacts| {
            for (node, value) in host.swarm.node_list.as_mut().unwrap().iter_mut().zip(values) {
                node.labels = map(&[("zone", value), ("disk", "ssd")]);
            }
        }
    };
    assert_eq!(ends("managers-spread", zones(["a", "b", "c"])), Pass);
    assert_eq!(ends("managers-spread", zones(["a", "a", "a"])), Fail);
    assert_eq!(ends("managers-spread", zones(["a", "b", ""])), Undecided);
    assert_eq!(ends("managers-spread", |host| managers(host, 1)), Fail);
    let heavy = judge("managers-spread", zones(["a", "a", "b"]));
    assert_eq!(heavy.outcome, Pass);
    assert!(
        heavy.observations.iter().any(|o| o.message.contains("With zone a the majority")),
        "{:?}",
        heavy.observations
    );
    let even = judge("managers-spread", zones(["a", "b", "c"]));
    assert!(even.observations.iter().all(|o| !o.message.contains("majority")), "{:?}", even.observations);
}

#[test]
fn without_labels_addresses_are_a_hint() {
    let judgement = judge("managers-spread", |_| ());
    assert_eq!(judgement.outcome, Undecided);
    assert!(judgement.observations.iter().any(|o| o.message.contains("10.0.1.0/24")), "{:?}", judgement.observations);
    let engines = |host: &mut HostFacts| {
        for (at, node) in host.swarm.node_list.iter_mut().flatten().enumerate() {
            node.engine_labels = map(&[("com.example.datacenter", if at == 0 { "fra" } else { "muc" })]);
        }
    };
    assert_eq!(ends("managers-spread", engines), Pass);
}

#[test]
fn engines_that_differ_are_an_indication() {
    assert_eq!(ends("nodes-alike", |_| ()), Pass);
    let set = |version: Option<&'static str>| {
        move |host: &mut HostFacts| {
            host.swarm.node_list.as_mut().unwrap()[3].engine_version = version.map(str::to_owned);
        }
    };
    assert_eq!(ends("nodes-alike", set(Some("20.10.24"))), Fail);
    assert_eq!(ends("nodes-alike", set(None)), Undecided);
    assert_eq!(ends("nodes-alike", |host| host.swarm.node_list.as_mut().unwrap().truncate(1)), Undecided);
}

#[test]
fn labels_never_pass_and_their_lack_is_an_indication() {
    assert_eq!(ends("swarm-labels", |_| ()), Fail);
    let labelled = |host: &mut HostFacts| {
        for node in host.swarm.node_list.iter_mut().flatten() {
            node.labels = map(&[("environment", "production")]);
        }
    };
    assert_eq!(ends("swarm-labels", labelled), Undecided);
    let bare = move |host: &mut HostFacts| {
        labelled(host);
        let mut bare = service("a");
        bare.labels = map(&[("com.docker.stack.namespace", "shop")]);
        host.swarm.services = Some(vec![bare]);
    };
    assert_eq!(ends("swarm-labels", bare), Fail);
}
