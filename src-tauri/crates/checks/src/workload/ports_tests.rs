//! Ports: where they listen, how many they are, and what they lead to.

use plimsoll_catalog::OutcomeKind::{self, Fail, NotApplicable, Pass, Undecided};
use plimsoll_docker::facts::PublishedPort;

use super::super::tests::{judge, outcome, service, with};
use super::*;

fn port(ip: &str, host: u16, inside: u16) -> PublishedPort {
    PublishedPort { container_port: inside, protocol: "tcp".into(), host_ip: ip.into(), host_port: host }
}

fn published(id: &str, ports: &[PublishedPort]) -> OutcomeKind {
    outcome(id, |c| c.ports = ports.to_vec())
}

#[test]
fn each_port_needs_an_address() {
    assert_eq!(outcome(BOUND, |_| {}), NotApplicable);
    for ip in ["", "0.0.0.0", "::"] {
        assert_eq!(published(BOUND, &[port("127.0.0.1", 1, 1), port(ip, 8080, 80)]), Fail, "{ip}");
    }
    assert_eq!(published(BOUND, &[port("127.0.0.1", 8080, 80), port("10.0.0.5", 443, 443)]), Pass);
    let twice = judge(BOUND, &with(|c| c.ports = vec![port("0.0.0.0", 8080, 80), port("::", 8080, 80)]));
    assert_eq!(twice.observations.len(), 1);
    assert_eq!(outcome(BOUND, |c| c.host_config.publish_all = Some(true)), Fail);
    assert_eq!(outcome(BOUND, |c| c.host_config.network_mode = Some("host".into())), Undecided);
    assert_eq!(service(BOUND, "").outcome, NotApplicable);
    for ports in ["80", "'8080:80'", "'0.0.0.0:8080:80'", "'[::]:8080:80'", "{target: 80, published: 8080}"] {
        assert_eq!(service(BOUND, &format!("ports: [{ports}]")).outcome, Fail, "{ports}");
    }
    for ports in [
        "'127.0.0.1:8080:80'",
        "'[::1]:80:80'",
        "{target: 80, published: 8080, host_ip: '::1'}",
        "'${IP:-10.0.0.5}:80:80'",
    ] {
        assert_eq!(service(BOUND, &format!("ports: [{ports}]")).outcome, Pass, "{ports}");
    }
    assert_eq!(service(BOUND, "ports: ['${IP}:80:80']").outcome, Undecided);
    assert_eq!(service(BOUND, "ports: [nonsense]").outcome, Undecided);
    assert_eq!(service(BOUND, "network_mode: host").outcome, Undecided);
}

#[test]
fn published_ports_are_for_a_person_unless_they_are_too_much() {
    assert_eq!(outcome(PUBLISHED, |_| {}), Pass);
    assert_eq!(published(PUBLISHED, &[port("127.0.0.1", 8080, 80)]), Undecided);
    assert_eq!(published(PUBLISHED, &[port("", 2022, 22)]), Fail);
    assert_eq!(outcome(PUBLISHED, |c| c.host_config.publish_all = Some(true)), Fail);
    let low = judge(PUBLISHED, &with(|c| c.ports = vec![port("", 111, 8111)]));
    assert!(low.summary.contains("below 1024"));
    assert_eq!(service(PUBLISHED, "").outcome, Pass);
    assert_eq!(service(PUBLISHED, "ports: ['8080:80']").outcome, Undecided);
    assert_eq!(service(PUBLISHED, "ports: ['3000-3100:3000-3100']").outcome, Fail);
    assert_eq!(service(PUBLISHED, "expose: [80]").outcome, Pass);
}

#[test]
fn control_services_are_not_for_everybody() {
    assert_eq!(outcome(CONTROL, |_| {}), Pass);
    for number in [2375, 2379, 6379, 27017, 9200] {
        assert_eq!(published(CONTROL, &[port("0.0.0.0", 1, number)]), Fail, "{number}");
        assert_eq!(published(CONTROL, &[port("127.0.0.1", 1, number)]), Pass, "{number}");
        assert_eq!(published(CONTROL, &[port("10.0.0.5", 1, number)]), Undecided, "{number}");
    }
    assert_eq!(published(CONTROL, &[port("0.0.0.0", 1, 6443)]), Undecided);
    assert_eq!(published(CONTROL, &[port("0.0.0.0", 1, 8080)]), Pass);
    assert_eq!(outcome(CONTROL, |c| c.host_config.network_mode = Some("host".into())), Undecided);
    assert_eq!(service(CONTROL, "ports: ['6379:6379']").outcome, Fail);
    assert_eq!(service(CONTROL, "ports: ['6379']").outcome, Fail);
    assert_eq!(service(CONTROL, "ports: ['80:80']").outcome, Pass);
}
