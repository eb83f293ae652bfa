//! Networks: the default bridge, encryption and separation.

use plimsoll_catalog::OutcomeKind::{Fail, NotApplicable, Pass, Undecided};
use plimsoll_docker::facts::ContainerFacts;

use super::super::tests::{judge, outcome, service};
use super::*;
use crate::facts::tests::compose;

#[test]
fn the_default_bridge_fails() {
    let id = "own-network";
    let on = |mode: &'static str, networks: &[&str]| {
        let networks: Vec<_> = networks.iter().map(|name| ((*name).to_owned(), String::new())).collect();
        let mode = mode.to_owned();
        move |c: &mut ContainerFacts| (c.host_config.network_mode, c.networks) = (Some(mode), networks)
    };
    assert_eq!(outcome(id, |_| {}), Fail);
    assert_eq!(outcome(id, on("default", &[])), Fail);
    assert_eq!(outcome(id, on("shop", &["shop"])), Pass);
    assert_eq!(outcome(id, on("shop", &["shop", "bridge"])), Fail);
    assert_eq!(outcome(id, on("none", &[])), Pass);
    assert_eq!(outcome(id, on("host", &["host"])), Pass);
    assert_eq!(outcome(id, on("container:abc", &[])), Undecided);
    let podman = |networks: &[&str]| {
        let change = on("bridge", networks);
        outcome(id, |c| (change(c), c.at.engine.product = Product::Podman).1)
    };
    assert_eq!((podman(&["podman"]), podman(&["shop"]), podman(&[])), (Fail, Pass, Undecided));
    assert_eq!(service(id, "").outcome, Pass);
    assert_eq!(service(id, "network_mode: bridge").outcome, Fail);
    assert_eq!(service(id, "network_mode: ${N}").outcome, Undecided);
    assert_eq!(service(id, "networks: [{a: b}]").outcome, Undecided);
    let external = "services:\n  a:\n    networks: [x]\nnetworks:\n  x: {external: true, name: bridge}\n";
    assert_eq!(judge(id, &compose(external)).outcome, Fail);
}

#[test]
fn an_overlay_must_be_encrypted() {
    let run = |networks: &str| {
        judge("network-encryption", &compose(&format!("services:\n  a:\n    image: x\nnetworks:\n  {networks}\n")))
            .outcome
    };
    assert_eq!(run("n: {}"), NotApplicable);
    assert_eq!(run("n: {driver: bridge}"), NotApplicable);
    assert_eq!(run("default: {driver: overlay}"), Fail);
    assert_eq!(run("default: {driver: overlay, driver_opts: {encrypted: 'true'}}"), Pass);
    assert_eq!(run("default: {driver: overlay, driver_opts: {encrypted: ''}}"), Pass);
    assert_eq!(run("default: {driver: overlay, driver_opts: {encrypted: 'false'}}"), Fail);
    assert_eq!(run("default: {driver: overlay, driver_opts: {encrypted: '${E}'}}"), Undecided);
    assert_eq!(run("default: {driver: '${D}'}"), Undecided);
    assert_eq!(run("default: {external: true}"), Undecided);
    assert_eq!(run("default: 5"), Undecided);
    let swarm = "services:\n  a:\n    deploy: {update_config: {parallelism: 1}}\n";
    assert_eq!(judge("network-encryption", &compose(swarm)).outcome, Undecided);
}

#[test]
fn an_application_has_its_own_networks() {
    let id = "network-separation";
    assert_eq!(service(id, "").outcome, Pass);
    assert_eq!(service(id, "network_mode: host").outcome, Fail);
    assert_eq!(service(id, "network_mode: bridge").outcome, Fail);
    let external = "services:\n  a:\n    networks: [x]\nnetworks:\n  x: {external: true}\n";
    assert_eq!(judge(id, &compose(external)).outcome, Undecided);
    assert_eq!(judge(id, &compose("services: {}\n")).outcome, Undecided);
}
