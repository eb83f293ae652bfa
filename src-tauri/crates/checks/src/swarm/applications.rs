//! A network of its own for each application (CSVS 7.9).

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::told::{docker, few, inspect, is_manager, place, undecided};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Labels that name the application which a container or service belongs to: of a stack, and of a Compose project.
const APPLICATION: [&str; 2] = ["com.docker.stack.namespace", "com.docker.compose.project"];
/// Swarm's own networks, and none at all: applications do not meet there.
const APART: [&str; 3] = ["ingress", "docker_gwbridge", "none"];
const SHOWN: usize = 20;

/// Each application has a network that no other shares.
pub(crate) struct ApplicationNetworks;

impl Check for ApplicationNetworks {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "application-networks",
            use_case: None,
            title: text("A network for each application", "Ein Netz für jede Anwendung"),
            why: text(
                "In a network that several applications share, whoever breaks into one of them can speak to the databases of all others.",
                "In einem Netz, das sich mehrere Anwendungen teilen, erreicht, wer in eine davon eindringt, die Datenbanken aller anderen.",
            ),
            how: text(
                "Containers and services are sorted by the stack or Compose project that their labels name. Fails when an application has no network to itself. Undecided when networks beside its own are shared by several applications, which are named, or when containers bear no such label. Passes when each application has its own and shares none. On a manager the services of the cluster are looked at too. All of it is an indication.",
                "Container und Dienste werden nach dem Stack oder Compose-Projekt geordnet, das ihre Labels nennen. Nicht bestanden, wenn eine Anwendung kein Netz für sich hat. Unentschieden, wenn sich mehrere Anwendungen neben den eigenen weitere Netze teilen, die genannt werden, oder wenn Container kein solches Label tragen. Bestanden, wenn jede ihr eigenes hat und keines teilt. Auf einem Manager werden auch die Dienste des Clusters betrachtet. All dies ist ein Indiz.",
            ),
            blind_spots: text(
                "What belongs together beyond the labels of Compose and stacks. Why a network is shared. Packet filters and policies within a network. Containers that share another container's network.",
                "Was über die Labels von Compose und Stacks hinaus zusammengehört. Warum ein Netz geteilt wird. Paketfilter und Regeln innerhalb eines Netzes. Container, die das Netz eines anderen Containers mitbenutzen.",
            ),
            remedy: text(
                "Give each application its own network, and join to a shared one only the service that must be reached from outside.",
                "Geben Sie jeder Anwendung ein eigenes Netz, und verbinden Sie mit einem gemeinsamen nur den Dienst, der von außen erreichbar sein muss.",
            ),
            example: "services:\n  web:\n    networks: [inner, proxy]\n  db:\n    networks: [inner]\nnetworks:\n  inner: {}\n  proxy: {external: true}",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        match &facts.host {
            Some(host) => applications(host),
            None => judged(OutcomeKind::Error, "There are no facts about a Docker host.", Vec::new()),
        }
    }
}

fn application(labels: &BTreeMap<String, String>) -> Option<&str> {
    APPLICATION.iter().find_map(|key| labels.get(*key)).map(String::as_str).filter(|name| !name.is_empty())
}

fn applications(host: &HostFacts) -> Judgement {
    let manager = is_manager(&host.swarm);
    if host.containers.is_none() && host.swarm.services.is_none() {
        return undecided("Neither containers nor services of the host could be listed.", Vec::new());
    }
    let known = host.networks.iter().flatten();
    let names: BTreeMap<&str, &str> =
        known.map(|network| (network.id.as_str(), network.name.as_str())).filter(|(id, _)| !id.is_empty()).collect();
    let mut by_network: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut of_each: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut unnamed: Vec<&str> = Vec::new();
    let containers = host.containers.iter().flatten().map(|c| (c.name.as_str(), &c.labels, &c.networks));
    let services = host.swarm.services.iter().flatten().map(|s| (s.name.as_str(), &s.labels, &s.networks));
    for (name, labels, networks) in containers.chain(services) {
        let Some(application) = application(labels) else {
            unnamed.push(name);
            continue;
        };
        let own = of_each.entry(application).or_default();
        for network in networks {
            let network = names.get(network.as_str()).copied().unwrap_or(network.as_str());
            if !APART.contains(&network) {
                own.insert(network);
                by_network.entry(network).or_default().insert(application);
            }
        }
    }
    let show = || docker(host, "ps --all --format '{{.Names}} {{.Networks}} {{.Labels}}'");
    let mut observations = Vec::new();
    let shared: Vec<(&&str, &BTreeSet<&str>)> =
        by_network.iter().filter(|(_, applications)| applications.len() > 1).collect();
    for (network, applications) in shared.iter().take(SHOWN) {
        let message = format!("The network {network} is shared by {}.", few(applications.iter().copied()));
        let command = inspect(host, "network", network, "Containers");
        observations.push(place(format!("Networks[{network}].Containers"), command, Severity::Low, message, &[]));
    }
    let is_own = |network: &&str| by_network.get(network).is_some_and(|applications| applications.len() == 1);
    let without: Vec<&str> = of_each
        .iter()
        .filter(|(_, networks)| !networks.is_empty() && !networks.iter().any(&is_own))
        .map(|(application, _)| *application)
        .collect();
    for application in without.iter().take(SHOWN) {
        let message = format!("The application {application} has no network to itself.");
        observations.push(place("Networks", show(), Severity::Medium, message, &[]));
    }
    if !unnamed.is_empty() {
        let message = format!("No label names the application of {}.", few(unnamed.iter().copied()));
        observations.push(place("Labels", show(), Severity::Info, message, &[]));
    }
    observations.sort_by_key(|observation| observation.severity);
    if !without.is_empty() {
        let summary = format!(
            "{} no network to {}: {}.",
            count(without.len(), "application has", "applications have"),
            if without.len() == 1 { "itself" } else { "themselves" },
            few(without.into_iter())
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if of_each.is_empty() {
        let summary =
            "No container or service tells which application it belongs to; ask which network each application has.";
        return undecided(summary, observations);
    }
    if !shared.is_empty() {
        let summary = format!(
            "Each application has a network to itself, but some are shared as well ({}); ask what for.",
            few(shared.iter().map(|(network, _)| **network))
        );
        return undecided(summary, observations);
    }
    let unplaced = || of_each.iter().filter(|(_, networks)| networks.is_empty()).map(|(application, _)| *application);
    if unplaced().next().is_some() {
        let summary = format!("No network is told of {}; ask how it is reached.", few(unplaced()));
        return undecided(summary, observations);
    }
    if !unnamed.is_empty() {
        let summary = format!(
            "The applications that are known share no network; of {} it is not told where they belong.",
            count(unnamed.len(), "container or service", "containers or services")
        );
        return undecided(summary, observations);
    }
    if host.containers.is_none() || host.networks.is_none() || (manager && host.swarm.services.is_none()) {
        let summary = "The applications that are known share no network; not everything on the host could be listed.";
        return undecided(summary, observations);
    }
    let summary = match of_each.len() {
        1 => "The one application has a network to itself.".to_owned(),
        many => format!("Each of {many} applications has a network to itself, and shares none."),
    };
    judged(OutcomeKind::Pass, summary, observations)
}
