//! `subnets-apart` (CSVS 7.11): no two networks share addresses. `management-network` (CSVS 7.8): management and data
//! have networks of their own.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::nets::{Net, host_of, overlaps};
use super::{HOST, NAMED, of_host, open, said, show, some_of, unread};
use crate::d2_accounts::Tally;
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// No two networks share addresses.
pub(crate) struct SubnetsApart;

impl Check for SubnetsApart {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "subnets-apart",
            use_case: None,
            title: text("Subnets that do not overlap", "Subnetze ohne Überschneidung"),
            why: text(
                "Where two networks share addresses, packets go where nobody meant them to go, and rules apply to the wrong machines.",
                "Teilen sich zwei Netze Adressen, gehen Pakete an unbeabsichtigte Stellen, und Regeln gelten für die falschen Maschinen.",
            ),
            how: text(
                "The subnets of all networks are compared with each other and with those of the machine's own interfaces, IPv4 and IPv6. An overlap fails. macvlan and ipvlan lie in the machine's network by intention and are named for a person to judge; so are address pools in which new networks would overlap the machine's. Without the machine's own subnets the check stays undecided.",
                "Die Subnetze aller Netze werden miteinander und mit denen der eigenen Schnittstellen der Maschine verglichen, IPv4 und IPv6. Bei einer Überschneidung ist die Prüfung nicht bestanden. macvlan und ipvlan liegen mit Absicht im Netz der Maschine und werden genannt und von einem Menschen beurteilt, ebenso Adresspools, in denen neue Netze sich mit denen der Maschine überschneiden würden. Ohne die eigenen Subnetze der Maschine bleibt die Prüfung unentschieden.",
            ),
            blind_spots: text(
                "Networks behind routers and tunnels, and those of other hosts.",
                "Netze hinter Routern und Tunneln und solche anderer Hosts.",
            ),
            remedy: text(
                "Set default-address-pools to ranges that nothing else uses, and create networks with a subnet from an address plan.",
                "Setzen Sie default-address-pools auf sonst ungenutzte Bereiche und legen Sie Netze mit einem Subnetz aus einem Adressplan an.",
            ),
            example: "{ \"default-address-pools\": [{ \"base\": \"10.200.0.0/16\", \"size\": 24 }] }",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, apart)
    }
}

/// Whose subnet it is: a network by its place in the list, or the machine itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Owner {
    Network(usize),
    Machine(usize),
}

fn apart(host: &HostFacts) -> Judgement {
    let Some(networks) = &host.networks else {
        return open(format!("The engine's networks could not be listed{}.", unread(host, "/networks")));
    };
    let machine = host.config.as_ref().map_or(&[][..], |config| &config.host_subnets);
    let mut tally = Tally::default();
    let mut all: Vec<(Net, (Owner, bool))> = Vec::new();
    for (index, network) in networks.iter().enumerate() {
        // Such networks are parts of the one that the machine is in.
        let joined = matches!(network.driver.as_str(), "macvlan" | "ipvlan" | "transparent" | "l2bridge");
        for subnet in &network.subnets {
            match Net::parse(subnet) {
                Some(net) => all.push((net, (Owner::Network(index), joined))),
                None => {
                    let message = format!(
                        "The network {} has a subnet that cannot be read: {}.",
                        said(&network.name),
                        said(subnet)
                    );
                    tally.ask(show::on_network(host, &network.name, "IPAM.Config", Severity::Low, message));
                }
            }
        }
    }
    let subnets = all.len();
    for (index, subnet) in machine.iter().enumerate() {
        if let Some(net) = Net::parse(subnet).filter(|net| !net.is_loopback() && !net.is_link_local()) {
            all.push((net, (Owner::Machine(index), false)));
        }
    }
    let counts = |one: (Owner, bool), other: (Owner, bool)| match (one.0, other.0) {
        (Owner::Machine(_), Owner::Machine(_)) => false,
        (one, other) => one != other,
    };
    let (pairs, more) = overlaps(&all, 2 * NAMED, counts);
    let name = |owner: Owner| match owner {
        Owner::Network(index) => networks.get(index).map(|network| {
            (
                network.name.clone(),
                format!("the network {} ({})", said(&network.name), said(&some_of(&network.subnets))),
            )
        }),
        Owner::Machine(index) => {
            machine.get(index).map(|subnet| (String::new(), format!("the machine's own {}", said(subnet))))
        }
    };
    let mut named: Vec<String> = Vec::new();
    for ((one, one_joined), (other, other_joined)) in pairs {
        let (Some(one), Some(other)) = (name(one), name(other)) else { continue };
        let at = if one.0.is_empty() { &other.0 } else { &one.0 };
        let message = format!("{} and {} share addresses.", sentence(&one.1), other.1);
        if one_joined || other_joined {
            tally.ask(show::on_network(host, at, "IPAM.Config", Severity::Low, message));
        } else {
            named.push(at.clone());
            tally.add(show::on_network(host, at, "IPAM.Config", Severity::Medium, message));
        }
    }
    pools(host, machine, &mut tally);
    let Tally { mut observations, faults, asks } = tally;
    observations.truncate(3 * NAMED);
    if faults > 0 {
        let more = if more { " or more" } else { "" };
        named.dedup();
        let summary = format!(
            "{}{more} addresses: {}.",
            count(faults, "pair of networks shares", "pairs of networks share"),
            said(&some_of(&named))
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if asks > 0 || more {
        return judged(
            OutcomeKind::Undecided,
            "Subnets lie within each other or cannot be read; a person must see whether that is meant.",
            observations,
        );
    }
    let compared = count(subnets, "subnet", "subnets");
    if machine.is_empty() {
        let summary = format!(
            "{compared} of the engine's networks compared; none overlaps another, but the machine's own are not known. Collect on the machine, or ask for ip route."
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = format!(
        "{compared} of the engine's networks compared with each other and with the machine's own; none overlaps."
    );
    judged(OutcomeKind::Pass, summary, observations)
}

fn sentence(text: &str) -> String {
    text.strip_prefix("the ").map_or_else(|| text.to_owned(), |rest| format!("The {rest}"))
}

/// Pools from which new networks would overlap the machine's.
fn pools(host: &HostFacts, machine: &[String], tally: &mut Tally) {
    let own: Vec<(Net, &String)> = machine.iter().filter_map(|subnet| Some((Net::parse(subnet)?, subnet))).collect();
    let of_engine = host.daemon.address_pools.iter().map(|(base, _)| (base, "DefaultAddressPools"));
    let of_swarm = host
        .swarm
        .cluster
        .iter()
        .flat_map(|cluster| &cluster.address_pools)
        .map(|pool| (pool, "Swarm.Cluster.DefaultAddrPool"));
    for (pool, field) in of_engine.chain(of_swarm).take(NAMED) {
        let Some(net) = Net::parse(pool) else { continue };
        if let Some((_, subnet)) = own.iter().find(|(own, _)| own.overlaps(&net)) {
            let message = format!(
                "New networks are taken from {}, in which the machine's own {} lies.",
                said(pool),
                said(subnet)
            );
            tally.ask(show::on_info(host, field, Severity::Low, message, &[]));
        }
    }
}

/// Management and data have networks of their own.
pub(crate) struct ManagementNetwork;

impl Check for ManagementNetwork {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "management-network",
            use_case: None,
            title: text("A network for management", "Ein Netz für die Verwaltung"),
            why: text(
                "Where management and application traffic share an interface, whoever gets at an application stands before the machine's management as well.",
                "Teilen sich Verwaltung und Anwendungen eine Schnittstelle, steht, wer an eine Anwendung gelangt, auch vor der Verwaltung der Maschine.",
            ),
            how: text(
                "The address by which the machine is managed (the engine's endpoint, or the node's address in a swarm) is looked up among the machine's own networks, and the addresses on which ports are published are compared with it. A machine with one network only is an indication that nothing is separated; ports published on all addresses, or in the network of management, are another. Passes when all ports are published in other networks.",
                "Die Adresse, über die die Maschine verwaltet wird (der Endpunkt der Engine oder die Adresse des Knotens im Swarm), wird unter den eigenen Netzen der Maschine gesucht; die Adressen, auf denen Ports veröffentlicht sind, werden damit verglichen. Eine Maschine mit nur einem Netz deutet darauf hin, dass nichts getrennt ist; ebenso Ports, die auf allen Adressen oder im Netz der Verwaltung veröffentlicht sind. Bestanden, wenn alle Ports in anderen Netzen veröffentlicht sind.",
            ),
            blind_spots: text(
                "VLANs and switches, firewalls, storage and backup networks, and the data path address of a swarm.",
                "VLANs und Switches, Firewalls, Speicher- und Sicherungsnetze und die Datenpfad-Adresse eines Swarms.",
            ),
            remedy: text(
                "Give nodes an interface for management, bind the engine's API and SSH to it, and publish ports on addresses of another.",
                "Geben Sie Knoten eine Schnittstelle für die Verwaltung, binden Sie die API der Engine und SSH daran und veröffentlichen Sie Ports auf Adressen einer anderen.",
            ),
            example: "docker run --publish 203.0.113.10:443:443 shop:1.4",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, management)
    }
}

fn management(host: &HostFacts) -> Judgement {
    let texts = host.config.as_ref().map_or(&[][..], |config| &config.host_subnets);
    let own: Vec<Net> = texts
        .iter()
        .filter_map(|subnet| Net::parse(subnet))
        .filter(|net| !net.is_loopback() && !net.is_link_local())
        .collect();
    if own.is_empty() {
        return open(
            "The machine's own networks are not known; ask over which interfaces it is managed, and over which applications are reached.",
        );
    }
    let command = "ip -brief address";
    if own.len() == 1 {
        let message = format!("The machine has one network only, {}.", said(&some_of(texts)));
        let observation = show::on_machine("host_subnets", command, Severity::Low, message, &[]);
        return judged(
            OutcomeKind::Fail,
            "The machine has one network only, so management and data share it.",
            vec![observation],
        );
    }
    let addresses = [Some(host_of(&host.endpoint)), host.swarm.node_address.as_deref()];
    let managed = addresses.into_iter().flatten().filter_map(Net::parse).find(|net| !net.is_loopback());
    let Some((address, home)) =
        managed.and_then(|address| Some((address, *own.iter().find(|net| net.covers(&address))?)))
    else {
        return open(
            "The machine has several networks; by which of them it is managed is not known. Ask which interface serves management.",
        );
    };
    let Some(containers) = &host.containers else {
        return open(format!("The engine's containers could not be listed{}.", unread(host, "/containers")));
    };
    let mut mixed = Vec::new();
    let mut published = 0_usize;
    for container in containers.iter().filter(|one| one.state == "running") {
        for port in container.ports.iter().filter(|port| port.host_port != 0) {
            let here = match Net::parse(&port.host_ip) {
                Some(net) if net.is_loopback() => continue,
                Some(net) => net == address || home.covers(&net) || matches!(port.host_ip.as_str(), "0.0.0.0" | "::"),
                None => true,
            };
            published += 1;
            if here {
                mixed.push(container.name.clone());
            }
        }
    }
    mixed.dedup();
    if !mixed.is_empty() {
        let observations = mixed.iter().take(NAMED).map(|name| {
            let message =
                format!("The container {} is reachable in the network by which the machine is managed.", said(name));
            show::on_container(host, name, "NetworkSettings.Ports", Severity::Low, message, &[])
        });
        let summary = format!(
            "{} reachable in the network of management: {}.",
            count(mixed.len(), "container is", "containers are"),
            said(&some_of(&mixed))
        );
        return judged(OutcomeKind::Fail, summary, observations.collect());
    }
    if published == 0 {
        return open(
            "The machine has several networks, and no container publishes a port at the moment; ask which interface serves applications.",
        );
    }
    let summary = format!("{} published, none in the network of management.", count(published, "port is", "ports are"));
    let observation = show::on_machine("host_subnets", command, Severity::Info, summary.clone(), &[]);
    judged(OutcomeKind::Pass, summary, vec![observation])
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{container, good, judge, network};
    use super::*;

    fn host(networks: &[(&str, &str, &[&str])], machine: &[&str]) -> HostFacts {
        let mut host = good();
        host.networks = Some(networks.iter().map(|(name, driver, subnets)| network(name, driver, subnets)).collect());
        host.config.get_or_insert_default().host_subnets = machine.iter().map(|&subnet| subnet.into()).collect();
        host
    }

    fn outcome(networks: &[(&str, &str, &[&str])], machine: &[&str]) -> OutcomeKind {
        judge(&SubnetsApart, host(networks, machine)).outcome
    }

    #[test]
    fn overlaps_fail_in_both_families_and_with_the_machine() {
        let apart: &[(&str, &str, &[&str])] =
            &[("a", "bridge", &["172.18.0.0/16", "fd00:1::/64"]), ("b", "overlay", &["10.0.1.0/24", "fd00:2::/64"])];
        assert_eq!(outcome(apart, &["192.168.1.0/24", "fe80::/64"]), OutcomeKind::Pass);
        assert_eq!(outcome(apart, &["10.0.0.0/8"]), OutcomeKind::Fail);
        assert_eq!(
            outcome(&[("a", "bridge", &["10.0.0.0/16"]), ("b", "overlay", &["10.0.1.0/24"])], &["192.168.1.0/24"]),
            OutcomeKind::Fail
        );
        assert_eq!(
            outcome(&[("a", "bridge", &["fd00::/48"]), ("b", "bridge", &["fd00::/64"])], &[]),
            OutcomeKind::Fail
        );
    }

    #[test]
    fn what_is_meant_or_unknown_is_for_a_person() {
        let lan: &[&str] = &["192.168.1.0/24"];
        assert_eq!(outcome(&[("lan", "macvlan", lan)], lan), OutcomeKind::Undecided);
        assert_eq!(outcome(&[("a", "bridge", &["10.0.0.0/16"])], &[]), OutcomeKind::Undecided);
        assert_eq!(outcome(&[("a", "bridge", &["nonsense"])], lan), OutcomeKind::Undecided);
        let mut pools = host(&[("a", "bridge", &["172.18.0.0/16"])], lan);
        pools.daemon.address_pools = vec![("192.168.0.0/16".into(), 20)];
        assert_eq!(judge(&SubnetsApart, pools).outcome, OutcomeKind::Undecided);
        let mut none = good();
        none.networks = None;
        assert_eq!(judge(&SubnetsApart, none).outcome, OutcomeKind::Undecided);
    }

    #[test]
    fn management_is_looked_for_among_the_machines_networks() {
        let machine: &[&str] = &["10.0.0.0/24", "203.0.113.0/24"];
        let outcome = |ports: &[(&str, u16)], endpoint: &str, machine: &[&str]| {
            let mut host = host(&[], machine);
            host.endpoint = endpoint.into();
            host.containers = Some(vec![container("web", &["shop"], ports)]);
            judge(&ManagementNetwork, host).outcome
        };
        let at = "tcp://10.0.0.5:2376";
        assert_eq!(outcome(&[("203.0.113.10", 443)], at, machine), OutcomeKind::Pass);
        assert_eq!(outcome(&[("0.0.0.0", 443)], at, machine), OutcomeKind::Fail);
        assert_eq!(outcome(&[("10.0.0.5", 443)], at, machine), OutcomeKind::Fail);
        assert_eq!(outcome(&[("203.0.113.10", 443)], at, &["10.0.0.0/24"]), OutcomeKind::Fail);
        assert_eq!(outcome(&[("127.0.0.1", 443)], at, machine), OutcomeKind::Undecided);
        assert_eq!(outcome(&[("203.0.113.10", 443)], "unix:///run/docker.sock", machine), OutcomeKind::Undecided);
        assert_eq!(outcome(&[("203.0.113.10", 443)], at, &[]), OutcomeKind::Undecided);
    }
}
