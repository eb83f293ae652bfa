//! Limits: what counts as one.

use plimsoll_catalog::OutcomeKind::{Fail, Pass, Undecided};
use plimsoll_catalog::Severity;
use plimsoll_docker::facts::StatsFacts;

use super::super::tests::{judge, outcome, service, with, worst};
use super::*;

#[test]
fn a_container_needs_memory_and_processors() {
    let id = "resource-limits";
    assert_eq!(outcome(id, |_| {}), Fail);
    assert_eq!(
        outcome(id, |c| (c.host_config.memory, c.host_config.nano_cpus) = (Some(1 << 29), Some(500_000_000))),
        Pass
    );
    assert_eq!(outcome(id, |c| (c.host_config.memory, c.host_config.cpu_quota) = (Some(1 << 29), Some(50_000))), Pass);
    assert_eq!(
        outcome(id, |c| (c.host_config.memory, c.host_config.cpuset) = (Some(1 << 29), Some("0-1".into()))),
        Pass
    );
    assert_eq!(
        outcome(id, |c| (c.host_config.memory, c.host_config.cpuset) = (Some(1 << 29), Some("0-3".into()))),
        Fail
    );
    assert_eq!(outcome(id, |c| c.host_config.memory = Some(1 << 29)), Fail);
    assert_eq!(outcome(id, |c| (c.host_config.memory, c.host_config.nano_cpus) = (Some(8 << 30), Some(1))), Fail);
    assert_eq!(outcome(id, |c| (c.host_config.memory, c.host_config.nano_cpus) = (Some(1), Some(4_000_000_000))), Fail);
    let shares = judge(id, &with(|c| (c.host_config.memory, c.host_config.cpu_shares) = (Some(1), Some(512))));
    assert_eq!(shares.outcome, Fail);
    assert!(shares.summary.contains("shares are a weight"));
    let memory = |c: &mut plimsoll_docker::facts::ContainerFacts| {
        c.host_config.memory = None;
        c.host_config.nano_cpus = Some(1);
    };
    assert_eq!(outcome(id, memory), Undecided);
    assert_eq!(worst(&judge(id, &with(|c| c.host_config.oom_kill_disable = Some(true)))), Severity::High);
}

#[test]
fn a_service_has_none_by_default() {
    let id = "resource-limits";
    assert_eq!(service(id, "").outcome, Fail);
    assert_eq!(service(id, "mem_limit: 512m\ncpus: 0.5").outcome, Pass);
    assert_eq!(service(id, "mem_limit: 512m\ncpu_quota: 50000").outcome, Pass);
    assert_eq!(service(id, "deploy: {resources: {limits: {memory: 1G, cpus: '2'}}}").outcome, Pass);
    assert_eq!(service(id, "deploy: {resources: {reservations: {memory: 1G, cpus: '2'}}}").outcome, Fail);
    assert_eq!(service(id, "mem_limit: 0\ncpus: 1").outcome, Fail);
    assert_eq!(service(id, "mem_limit: lots\ncpus: 1").outcome, Undecided);
    assert_eq!(service(id, "mem_limit: ${M}\ncpus: 1").outcome, Undecided);
    assert_eq!(service(id, "mem_limit: ${M:-1g}\ncpus: 1").outcome, Pass);
    assert_eq!(service(id, "deploy: {resources: 1}\ncpus: 1").outcome, Undecided);
}

#[test]
fn processes_are_bounded_by_a_number() {
    let id = "process-limit";
    for none in [None, Some(0), Some(-1)] {
        assert_eq!(outcome(id, |c| c.host_config.pids_limit = none), Fail, "{none:?}");
    }
    assert_eq!(outcome(id, |c| c.host_config.pids_limit = Some(100)), Pass);
    let generous = judge(id, &with(|c| c.host_config.pids_limit = Some(1 << 20)));
    assert_eq!((generous.outcome, worst(&generous)), (Pass, Severity::Low));
    let elsewhere = |c: &mut plimsoll_docker::facts::ContainerFacts| {
        c.stats = Some(StatsFacts { pids_limit: Some(2048), ..StatsFacts::default() });
    };
    assert_eq!(outcome(id, elsewhere), Undecided);
    assert_eq!(service(id, "").outcome, Fail);
    assert_eq!(service(id, "pids_limit: -1").outcome, Fail);
    assert_eq!(service(id, "pids_limit: 100").outcome, Pass);
    assert_eq!(service(id, "deploy: {resources: {limits: {pids: 100}}}").outcome, Pass);
    assert_eq!(service(id, "pids_limit: many").outcome, Undecided);
}

#[test]
fn amounts_are_read_and_written() {
    for (text, number) in [
        ("1024", Some(1024)),
        ("1k", Some(1024)),
        ("1.5GB", Some(3 << 29)),
        ("512m", Some(512 << 20)),
        ("-1", Some(0)),
        ("", None),
        (".", None),
        ("1x", None),
        ("1.2.3", None),
        ("99999999999999999999", None),
        ("18446744073709551615g", Some(u64::MAX)),
    ] {
        assert_eq!(bytes(text), number, "{text}");
    }
    assert_eq!((amount(512 << 20), amount(3 << 29), amount(7)), ("512 MiB".into(), "1.5 GiB".into(), "7 bytes".into()));
    assert_eq!((processors_in("0-2,4"), processors_in("3-1"), processors_in("x")), (Some(4), None, None));
    assert_eq!(processors_in("0-18446744073709551615"), None);
}
