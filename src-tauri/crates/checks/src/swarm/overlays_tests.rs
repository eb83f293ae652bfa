//! Tests of `overlays.rs` and `applications.rs`.

use plimsoll_catalog::OutcomeKind::{Fail, NotApplicable, Pass, Undecided};
use plimsoll_docker::facts::{HostFacts, NetworkFacts};

use super::tests::{container, ends, host_facts, judge, map, overlay, service, worker};
use crate::{Facts, Settings};

fn on(facts: &Facts, check: &str) -> plimsoll_catalog::OutcomeKind {
    crate::check(check).unwrap().judge(facts, &Settings::default()).outcome
}

fn networks(networks: &[NetworkFacts]) -> impl FnOnce(&mut HostFacts) + use<> {
    let networks = networks.to_vec();
    move |host| host.networks = Some(networks)
}

#[test]
fn encrypted_overlays_pass_and_a_plain_one_fails() {
    assert_eq!(ends("overlay-encrypted", |_| ()), Pass);
    assert_eq!(ends("overlay-encrypted", networks(&[overlay("shop", &[("encrypted", "true")])])), Pass);
    assert_eq!(ends("overlay-encrypted", networks(&[overlay("shop", &[("encrypted", "false")])])), Undecided);
    let plain = networks(&[overlay("shop", &[("encrypted", "")]), overlay("mail", &[])]);
    let judgement = judge("overlay-encrypted", plain);
    assert_eq!(judgement.outcome, Fail);
    assert_eq!(judgement.summary, "Of 2 overlay networks one is not encrypted: mail.");
    assert_eq!(
        judgement.observations[0].reproduce.as_deref(),
        Some("docker network inspect --format '{{json .Options}}' mail")
    );
}

#[test]
fn networks_that_could_not_be_listed_decide_nothing() {
    assert_eq!(ends("overlay-encrypted", |host| host.networks = None), Undecided);
    assert_eq!(ends("overlay-encrypted", |host| host.networks = Some(Vec::new())), Undecided);
}

#[test]
fn the_ingress_network_counts_when_ports_are_published_through_it() {
    let with = |ports: Option<&'static str>, told: bool| {
        ends("overlay-encrypted", move |host| {
            let ingress = NetworkFacts { ingress: true, ..overlay("ingress", &[]) };
            host.networks = Some(vec![ingress, overlay("shop", &[("encrypted", "")])]);
            let mut web = service("web");
            web.ports = ports.into_iter().map(str::to_owned).collect();
            host.swarm.services = told.then(|| vec![web]);
        })
    };
    assert_eq!(with(Some("ingress 80:8080/tcp"), true), Fail);
    assert_eq!(with(Some("host 80:8080/tcp"), true), Pass);
    assert_eq!(with(None, true), Pass);
    assert_eq!(with(None, false), Undecided);
    let alone = networks(&[NetworkFacts { ingress: true, ..overlay("ingress", &[]) }]);
    assert_eq!(ends("overlay-encrypted", alone), Undecided);
}

#[test]
fn an_old_engine_keeps_encryption_from_passing() {
    assert_eq!(ends("overlay-encrypted", |host| host.engine.version = Some("20.10.5".into())), Undecided);
    let node = |host: &mut HostFacts| host.swarm.node_list.as_mut().unwrap()[4].engine_version = Some("23.0.1".into());
    let judgement = judge("overlay-encrypted", node);
    assert_eq!(judgement.outcome, Undecided);
    assert!(judgement.observations[0].message.contains("host-w2 (23.0.1)"), "{:?}", judgement.observations);
}

#[test]
fn a_worker_knows_only_some_networks() {
    let mut facts = worker();
    facts.host.as_mut().unwrap().networks = Some(vec![overlay("shop", &[("encrypted", "")])]);
    assert_eq!(on(&facts, "overlay-encrypted"), Undecided);
    facts.host.as_mut().unwrap().networks = Some(vec![overlay("shop", &[])]);
    assert_eq!(on(&facts, "overlay-encrypted"), Fail);
    facts.host.as_mut().unwrap().networks = Some(Vec::new());
    assert_eq!(on(&facts, "overlay-encrypted"), Undecided);
}

#[test]
fn without_overlays_it_does_not_apply_only_where_all_is_known() {
    let mut facts = host_facts();
    let host = facts.host.as_mut().unwrap();
    host.networks =
        Some(vec![NetworkFacts { name: "bridge".into(), driver: "bridge".into(), ..NetworkFacts::default() }]);
    host.containers = Some(Vec::new());
    assert_eq!(on(&facts, "overlay-encrypted"), Undecided);
    facts.host.as_mut().unwrap().swarm.state = Some("inactive".into());
    assert_eq!(on(&facts, "overlay-encrypted"), NotApplicable);
    facts.host.as_mut().unwrap().containers = None;
    assert_eq!(on(&facts, "overlay-encrypted"), Undecided);
    let pod = container("pod", &[("io.kubernetes.pod.uid", "1")], &[]);
    facts.host.as_mut().unwrap().containers = Some(vec![pod]);
    assert_eq!(on(&facts, "overlay-encrypted"), Undecided);
}

const SHOP: &[(&str, &str)] = &[("com.docker.compose.project", "shop")];
const MAIL: &[(&str, &str)] = &[("com.docker.stack.namespace", "mail")];

/// A container's name, labels and networks.
type Listed<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a [&'a str]);

fn applications(containers: &[Listed<'_>]) -> plimsoll_catalog::OutcomeKind {
    let containers = containers.iter().map(|(name, labels, networks)| container(name, labels, networks)).collect();
    ends("application-networks", move |host| {
        host.containers = Some(containers);
        host.swarm.services = Some(Vec::new());
    })
}

#[test]
fn each_application_has_a_network_to_itself_or_not() {
    let own = [("web", SHOP, &["shop_default"][..]), ("mx", MAIL, &["mail_default"])];
    assert_eq!(applications(&own), Pass);
    let one = [("web", SHOP, &["all"][..]), ("mx", MAIL, &["all", "mail_default"])];
    assert_eq!(applications(&one), Fail);
    let proxy = [("web", SHOP, &["proxy", "shop_default"][..]), ("mx", MAIL, &["proxy", "mail_default"])];
    assert_eq!(applications(&proxy), Undecided);
    let unnamed = [("web", SHOP, &["shop_default"][..]), ("tool", &[], &["bridge"])];
    assert_eq!(applications(&unnamed), Undecided);
    // A container that belongs to an application, but whose networks nobody tells.
    assert_eq!(applications(&[("web", SHOP, &[])]), Undecided);
    assert_eq!(applications(&[("web", SHOP, &["ingress", "none"])]), Undecided);
    assert_eq!(applications(&[]), Undecided);
}

#[test]
fn services_name_networks_by_id_and_what_was_not_listed_passes_nothing() {
    let set = |host: &mut HostFacts| {
        host.networks = Some(vec![overlay("proxy", &[])]);
        let mut services = [service("web"), service("mx")];
        (services[0].labels, services[1].labels) = (map(SHOP), map(MAIL));
        services[0].networks = vec!["id-proxy".into()];
        services[1].networks = vec!["proxy".into()];
        host.swarm.services = Some(services.into());
    };
    let judgement = judge("application-networks", set);
    assert_eq!(judgement.outcome, Fail);
    assert!(judgement.observations.iter().any(|o| o.message == "The network proxy is shared by mail, shop."));
    let partly = |host: &mut HostFacts| {
        host.containers = Some(vec![container("web", SHOP, &["shop_default"])]);
        host.swarm.services = None;
    };
    assert_eq!(ends("application-networks", partly), Undecided);
    assert_eq!(ends("application-networks", |host| (host.containers, host.swarm.services) = (None, None)), Undecided);
}
