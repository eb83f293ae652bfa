//! `network-drivers` (CSVS 7.1), `default-bridge-unused` (7.4) and `inter-container-traffic` (7.5): what networks are made
//! of, and who is on Docker's default bridge.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, ListedContainer, NetworkFacts};

use super::configured::{Setting, setting, switch};
use super::{HOST, NAMED, not_in_podman, not_on_windows, of_host, open, said, show, some_of, unread};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Networks have drivers that are fit for production.
pub(crate) struct NetworkDrivers;

/// Drivers that engines bring along, on Linux and on Windows.
const BUILT_IN: &[&str] = &[
    "bridge",
    "host",
    "null",
    "none",
    "overlay",
    "macvlan",
    "ipvlan",
    "nat",
    "transparent",
    "l2bridge",
    "l2tunnel",
    "ics",
    "internal",
    "private",
];
/// Drivers whose makers have given them up.
const GIVEN_UP: &[&str] = &["weave", "weavemesh", "weaveworks/net-plugin", "contiv"];

impl Check for NetworkDrivers {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "network-drivers",
            use_case: None,
            title: text("Network drivers", "Netzwerktreiber"),
            why: text(
                "A driver that nobody maintains, or that was never meant for production, takes the barriers between networks down with it when it fails.",
                "Versagt ein Treiber, den niemand pflegt oder der nie für den Betrieb gedacht war, fallen die Schranken zwischen den Netzen mit.",
            ),
            how: text(
                "All networks are listed. The engine's own drivers (bridge, overlay, macvlan, ipvlan, host and the like) pass. Drivers known to be given up fail, and so does ipvlan before Docker 19.03, where it was still experimental. Plugins of others are named for a person.",
                "Alle Netze werden aufgelistet. Die eigenen Treiber der Engine (bridge, overlay, macvlan, ipvlan, host und ähnliche) bestehen. Treiber, die bekanntermaßen aufgegeben sind, bestehen nicht, ebenso ipvlan vor Docker 19.03, wo es noch experimentell war. Fremde Plugins werden genannt und von einem Menschen beurteilt.",
            ),
            blind_spots: text(
                "How a plugin behaves under load and failure. Networks of other nodes.",
                "Wie sich ein Plugin bei Last und Ausfall verhält. Netze anderer Knoten.",
            ),
            remedy: text(
                "Use the engine's own drivers, or a plugin whose maker supports it, and record who that is.",
                "Verwenden Sie die eigenen Treiber der Engine oder ein Plugin, das sein Hersteller unterstützt, und halten Sie fest, wer das ist.",
            ),
            example: "docker network ls --format '{{.Name}} {{.Driver}}'\nshop bridge",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, drivers)
    }
}

fn no_networks(host: &HostFacts) -> Judgement {
    open(format!("The engine's networks could not be listed{}.", unread(host, "/networks")))
}

fn drivers(host: &HostFacts) -> Judgement {
    let Some(networks) = &host.networks else { return no_networks(host) };
    let version = host.engine.version.as_deref().and_then(super::releases::numbers).map(|(numbers, _)| numbers);
    let mut observations = Vec::new();
    let (mut bad, mut others) = (Vec::new(), Vec::new());
    for network in networks {
        let (name, driver) = (said(&network.name), said(&network.driver));
        let plain = network.driver.split(':').next().unwrap_or_default();
        let (severity, message) = if GIVEN_UP.contains(&plain) {
            bad.push(driver.clone());
            (Severity::High, format!("The network {name} uses {driver}, which its makers have given up."))
        } else if plain == "ipvlan" && version.is_some_and(|version| version < [19, 3, 0]) {
            bad.push(driver.clone());
            (Severity::Medium, format!("The network {name} uses ipvlan, which is experimental in this engine."))
        } else if BUILT_IN.contains(&plain) {
            continue;
        } else {
            others.push(if driver.is_empty() { "a driver without a name".to_owned() } else { driver.clone() });
            (Severity::Low, format!("The network {name} uses the driver {driver} of another maker."))
        };
        observations.push(show::on_network(host, &network.name, "Driver", severity, message));
    }
    observations.sort_by_key(|observation| observation.severity);
    observations.truncate(2 * NAMED);
    bad.dedup();
    others.dedup();
    if !bad.is_empty() {
        let summary = format!("Networks use drivers that are not fit for production: {}.", some_of(&bad));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !others.is_empty() {
        let summary = format!("Networks use drivers of other makers ({}); ask who supports them.", some_of(&others));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if networks.is_empty() {
        return open("The engine lists no network at all, which is unusual; ask how containers are connected.");
    }
    let summary =
        format!("{} by the engine's own drivers.", count(networks.len(), "network is driven", "networks are driven"));
    judged(OutcomeKind::Pass, summary, observations)
}

/// The default bridge carries nobody.
pub(crate) struct DefaultBridgeUnused;

const BRIDGE_RULE: [&str; 1] = ["5.30"];

impl Check for DefaultBridgeUnused {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "default-bridge-unused",
            use_case: None,
            title: text("Default bridge unused", "Default-Bridge unbenutzt"),
            why: text(
                "Everything that names no network lands on docker0. There, containers that have nothing to do with each other share one segment.",
                "Alles, was kein Netz nennt, landet auf docker0. Dort teilen sich Container ein Segment, die nichts miteinander zu tun haben.",
            ),
            how: text(
                "Every container in the engine's list is looked up. One that runs on the default bridge fails. Stopped ones are named for a person. Passes when containers are there and none is on it, or when the bridge does not exist.",
                "Jeder Container in der Liste der Engine wird betrachtet. Läuft einer auf der Default-Bridge, ist die Prüfung nicht bestanden. Angehaltene werden genannt und von einem Menschen beurteilt. Bestanden, wenn es Container gibt und keiner darauf liegt oder wenn die Bridge nicht existiert.",
            ),
            blind_spots: text(
                "Containers that start later. Build containers.",
                "Container, die später starten. Build-Container.",
            ),
            remedy: text(
                "Create a network for each application and name it for each container; start dockerd with bridge set to none.",
                "Legen Sie je Anwendung ein Netz an und nennen Sie es bei jedem Container; starten Sie dockerd mit bridge auf none.",
            ),
            example: "docker network create shop\ndocker run --network shop shop:1.4",
            aliases: &[("docker-bench", "5.30")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, default_bridge)
    }
}

fn on_default(container: &ListedContainer) -> bool {
    container.networks.iter().any(|network| network == "bridge")
        || container.networks.is_empty() && matches!(container.network_mode.as_deref(), Some("default" | "bridge" | ""))
}

fn works(container: &ListedContainer) -> bool {
    matches!(container.state.as_str(), "running" | "paused" | "restarting")
}

/// Docker's default bridge; none when the networks are not known or there is none.
fn bridge(host: &HostFacts) -> Option<&NetworkFacts> {
    host.networks.iter().flatten().find(|network| network.name == "bridge" && network.driver == "bridge")
}

/// How far the default bridge is used.
enum Use {
    Unknown,
    NoBridge,
    NoContainers,
    Stopped(Vec<String>),
    Running(Vec<String>),
    Nobody(usize),
}

fn used(host: &HostFacts) -> Use {
    if host.networks.is_some() && bridge(host).is_none() {
        return Use::NoBridge;
    }
    let Some(containers) = &host.containers else { return Use::Unknown };
    if containers.is_empty() {
        return Use::NoContainers;
    }
    let named = |running: bool| -> Vec<String> {
        let there = containers.iter().filter(|one| on_default(one) && works(one) == running);
        there.map(|one| one.name.clone()).collect()
    };
    let (running, stopped) = (named(true), named(false));
    if !running.is_empty() {
        Use::Running(running)
    } else if !stopped.is_empty() {
        Use::Stopped(stopped)
    } else {
        Use::Nobody(containers.len())
    }
}

fn default_bridge(host: &HostFacts) -> Judgement {
    let elsewhere = not_in_podman(host, "a default network of another name, without docker0")
        .or_else(|| not_on_windows(host, "a default network of another kind (nat)"));
    if let Some(judgement) = elsewhere {
        return judgement;
    }
    let seen = |names: &[String], severity, word: &str| {
        let each = names.iter().take(NAMED).map(|name| {
            let message = format!("The container {} {word} the default bridge.", said(name));
            show::on_container(host, name, "NetworkSettings.Networks", severity, message, &BRIDGE_RULE)
        });
        each.collect::<Vec<_>>()
    };
    match used(host) {
        Use::Unknown => open(format!("The engine's containers could not be listed{}.", unread(host, "/containers"))),
        Use::NoBridge => judged(OutcomeKind::Pass, "The engine has no default bridge.", Vec::new()),
        Use::NoContainers => {
            open("There is the default bridge, and at the moment no container; ask which network containers are given.")
        }
        Use::Running(names) => {
            let summary = format!(
                "{} on the default bridge: {}.",
                count(names.len(), "running container is", "running containers are"),
                said(&some_of(&names))
            );
            judged(OutcomeKind::Fail, summary, seen(&names, Severity::Medium, "runs on"))
        }
        Use::Stopped(names) => {
            let summary = format!(
                "No running container is on the default bridge, but {} when started: {}.",
                count(names.len(), "stopped one would be", "stopped ones would be"),
                said(&some_of(&names))
            );
            judged(OutcomeKind::Undecided, summary, seen(&names, Severity::Low, "does not run, but belongs to"))
        }
        Use::Nobody(number) => {
            let summary =
                format!("{} looked at; none is on the default bridge.", count(number, "container", "containers"));
            judged(OutcomeKind::Pass, summary, Vec::new())
        }
    }
}

/// Containers do not reach each other unless somebody connects them.
pub(crate) struct InterContainerTraffic;

const ICC: &str = "com.docker.network.bridge.enable_icc";
const ICC_RULE: [&str; 1] = ["2.2"];

impl Check for InterContainerTraffic {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "inter-container-traffic",
            use_case: None,
            title: text("Traffic between containers", "Verkehr zwischen Containern"),
            why: text(
                "On the default bridge every container reaches every port of all others. Once one is taken over, the rest lie open before it.",
                "Auf der Default-Bridge erreicht jeder Container jeden Port aller anderen. Ist einer übernommen, liegen die übrigen offen vor ihm.",
            ),
            how: text(
                "The option enable_icc of the network bridge tells what is in force. Passes when it is false, when there is no default bridge, or when containers are there and none is on it. Fails when it is true and a container runs there. The setting icc in the configuration is named when it says otherwise.",
                "Die Option enable_icc des Netzes bridge zeigt, was gilt. Bestanden, wenn sie false ist, wenn es keine Default-Bridge gibt oder wenn Container da sind und keiner darauf liegt. Nicht bestanden, wenn sie true ist und dort ein Container läuft. Sagt die Einstellung icc in der Konfiguration anderes, wird sie genannt.",
            ),
            blind_spots: text(
                "Networks of one's own, within which containers are meant to reach each other. Rules in the firewall that are not the engine's.",
                "Eigene Netze, in denen Container einander erreichen sollen. Regeln der Firewall, die nicht von der Engine stammen.",
            ),
            remedy: text(
                "Set icc to false in daemon.json, restart dockerd, and connect containers by networks of their own.",
                "Setzen Sie icc in daemon.json auf false, starten Sie dockerd neu und verbinden Sie Container über eigene Netze.",
            ),
            example: "{ \"icc\": false }",
            aliases: &[("docker-bench", "2.2")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, traffic)
    }
}

fn traffic(host: &HostFacts) -> Judgement {
    let elsewhere = not_in_podman(host, "no setting icc").or_else(|| not_on_windows(host, "no setting icc"));
    if let Some(judgement) = elsewhere {
        return judgement;
    }
    if host.networks.is_none() {
        return no_networks(host);
    }
    let Some(bridge) = bridge(host) else {
        return judged(
            OutcomeKind::Pass,
            "The engine has no default bridge on which containers could reach each other.",
            Vec::new(),
        );
    };
    let icc = bridge.options.get(ICC).map(String::as_str);
    let mut observations = Vec::new();
    if let Setting::Set(one) = setting(host, "icc")
        && let Some(configured) = switch(&one.value)
        && icc.is_some_and(|icc| icc != configured.to_string())
    {
        let message = format!("icc is {configured} in {}, but not so in the running engine.", show::named(one));
        observations.push(show::on_configured(one, Severity::Low, message, &ICC_RULE));
    }
    let mut seen = |severity, message: &str| {
        let mut observation = show::on_network(host, "bridge", "Options", severity, message);
        observation.aliases.extend(ICC_RULE.map(str::to_owned));
        observations.insert(0, observation);
    };
    let (outcome, summary) = match (icc, used(host)) {
        (Some("false"), _) => {
            seen(Severity::Info, "On the default bridge containers do not reach each other (enable_icc is false).");
            (OutcomeKind::Pass, "Containers on the default bridge do not reach each other.".to_owned())
        }
        (Some("true"), Use::Running(names)) => {
            seen(Severity::Medium, "On the default bridge every container reaches all others (enable_icc is true).");
            let summary = format!(
                "{} on the default bridge, where all containers reach each other.",
                count(names.len(), "container runs", "containers run")
            );
            (OutcomeKind::Fail, summary)
        }
        (Some("true"), Use::Nobody(number)) => {
            seen(Severity::Low, "On the default bridge containers would reach each other (enable_icc is true).");
            let summary = format!(
                "icc is on, but none of {} is on the default bridge.",
                count(number, "container", "containers")
            );
            (OutcomeKind::Pass, summary)
        }
        (Some("true"), _) => {
            seen(Severity::Medium, "On the default bridge containers would reach each other (enable_icc is true).");
            (
                OutcomeKind::Undecided,
                "icc is on, and at the moment nothing shows that the default bridge stays unused.".to_owned(),
            )
        }
        (_, _) => {
            seen(Severity::Low, "The default bridge does not tell enable_icc.");
            (OutcomeKind::Undecided, "Whether containers on the default bridge reach each other, the engine does not tell; look at icc in its daemon.json.".to_owned())
        }
    };
    judged(outcome, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{container, good, judge, network};
    use super::*;
    use plimsoll_docker::facts::Product;

    fn with_icc(icc: Option<&str>, containers: Option<Vec<ListedContainer>>) -> HostFacts {
        let mut host = good();
        let mut bridge = network("bridge", "bridge", &["172.17.0.0/16"]);
        if let Some(icc) = icc {
            bridge.options.insert(ICC.into(), icc.into());
        }
        host.networks = Some(vec![bridge]);
        host.containers = containers;
        host
    }

    #[test]
    fn drivers_are_told_apart() {
        let outcome = |driver: &str, version: &str| {
            let mut host = good();
            host.engine.version = Some(version.into());
            host.networks = Some(vec![network("n", driver, &[])]);
            judge(&NetworkDrivers, host).outcome
        };
        assert_eq!(outcome("overlay", "29.0.0"), OutcomeKind::Pass);
        assert_eq!(outcome("ipvlan", "29.0.0"), OutcomeKind::Pass);
        assert_eq!(outcome("ipvlan", "18.09.1"), OutcomeKind::Fail);
        assert_eq!(outcome("weaveworks/net-plugin:2.8.1", "29.0.0"), OutcomeKind::Fail);
        assert_eq!(outcome("calico", "29.0.0"), OutcomeKind::Undecided);
        let mut host = good();
        host.networks = None;
        assert_eq!(judge(&NetworkDrivers, host).outcome, OutcomeKind::Undecided);
    }

    #[test]
    fn who_is_on_the_default_bridge_is_named() {
        let outcome = |containers| judge(&DefaultBridgeUnused, with_icc(Some("true"), containers));
        assert_eq!(outcome(Some(vec![container("web", &["shop"], &[])])).outcome, OutcomeKind::Pass);
        let both = outcome(Some(vec![container("web", &["shop", "bridge"], &[]), container("db", &["shop"], &[])]));
        assert_eq!(both.outcome, OutcomeKind::Fail);
        assert!(both.summary.contains("one running container") && both.summary.contains("web"), "{}", both.summary);
        let mut stopped = container("old", &["bridge"], &[]);
        stopped.state = "exited".into();
        assert_eq!(outcome(Some(vec![stopped])).outcome, OutcomeKind::Undecided);
        assert_eq!(outcome(Some(vec![])).outcome, OutcomeKind::Undecided);
        assert_eq!(outcome(None).outcome, OutcomeKind::Undecided);
        let mut none = good();
        none.networks = Some(vec![network("shop", "bridge", &[])]);
        assert_eq!(judge(&DefaultBridgeUnused, none).outcome, OutcomeKind::Pass);
    }

    #[test]
    fn icc_counts_together_with_who_is_there() {
        let outcome = |icc, containers| judge(&InterContainerTraffic, with_icc(icc, containers)).outcome;
        let web = |network: &str| Some(vec![container("web", &[network], &[])]);
        assert_eq!(outcome(Some("false"), web("bridge")), OutcomeKind::Pass);
        assert_eq!(outcome(Some("true"), web("bridge")), OutcomeKind::Fail);
        assert_eq!(outcome(Some("true"), web("shop")), OutcomeKind::Pass);
        assert_eq!(outcome(Some("true"), None), OutcomeKind::Undecided);
        assert_eq!(outcome(Some("true"), Some(vec![])), OutcomeKind::Undecided);
        assert_eq!(outcome(None, web("shop")), OutcomeKind::Undecided);
        let mut podman = with_icc(Some("true"), web("bridge"));
        podman.engine.product = Product::Podman;
        assert_eq!(judge(&InterContainerTraffic, podman).outcome, OutcomeKind::Undecided);
    }
}
