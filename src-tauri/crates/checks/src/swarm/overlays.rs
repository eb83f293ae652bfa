//! Traffic between nodes and containers is encrypted (CSVS 7.10).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, NetworkFacts};

use super::told::{docker, few, inspect, is_manager, not_a_manager, orchestrators, place, undecided};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// How many networks are named one by one.
const SHOWN: usize = 20;

/// Overlay networks are encrypted.
pub(crate) struct Encrypted;

impl Check for Encrypted {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "overlay-encrypted",
            use_case: None,
            title: text("Overlay networks encrypted", "Overlay-Netze verschlüsselt"),
            why: text(
                "An overlay network carries what containers say to each other over the network between the nodes, in the clear unless told otherwise: whoever taps a cable or a switch can read and change it.",
                "Ein Overlay-Netz überträgt den Verkehr der Container über das Netz zwischen den Knoten, und zwar im Klartext, wenn nichts anderes verlangt wurde: Wer ein Kabel oder einen Switch anzapft, kann mitlesen und verändern.",
            ),
            how: text(
                "Each overlay network is asked for its option \"encrypted\". Fails when one lacks it; Swarm's own ingress network counts when a service publishes a port through it. Passes on a manager, which lists all of them, when each has it. A worker lists only those that its containers use. Not applicable only where networks and containers could be listed, the host belongs to no swarm, it has no overlay network and no label names another orchestrator. Engines older than 20.10.24 and 23.0.3 may not hold what the option promises (CVE-2023-28840 to 28842), which leaves it undecided.",
                "Jedes Overlay-Netz wird nach seiner Option „encrypted“ gefragt. Nicht bestanden, wenn sie einem fehlt; das Ingress-Netz des Swarms zählt, wenn ein Dienst einen Port darüber veröffentlicht. Bestanden auf einem Manager, der alle auflistet, wenn jedes sie hat. Ein Worker listet nur die auf, die seine Container nutzen. Nicht zutreffend nur, wo Netze und Container aufgelistet werden konnten, der Host zu keinem Swarm gehört, kein Overlay-Netz hat und kein Label einen anderen Orchestrator nennt. Engines vor 20.10.24 und 23.0.3 halten womöglich nicht, was die Option verspricht (CVE-2023-28840 bis 28842); dann unentschieden.",
            ),
            blind_spots: text(
                "Encryption by another layer, such as mutual TLS between services or a VPN between nodes. Networks of other drivers, such as Weave or Calico. Whether the kernel of each node can encrypt, and what a packet capture would show.",
                "Verschlüsselung durch eine andere Schicht, etwa gegenseitiges TLS zwischen Diensten oder ein VPN zwischen Knoten. Netze anderer Treiber wie Weave oder Calico. Ob der Kernel jedes Knotens verschlüsseln kann und was ein Mitschnitt zeigen würde.",
            ),
            remedy: text(
                "Create the network anew with the option; it cannot be added later. The ingress network is removed and created anew while no service uses it.",
                "Legen Sie das Netz mit der Option neu an; nachträglich lässt sie sich nicht setzen. Das Ingress-Netz wird entfernt und neu angelegt, solange kein Dienst es nutzt.",
            ),
            example: "docker network create --driver overlay --opt encrypted shop",
            aliases: &[("docker-bench", "7.3")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        match &facts.host {
            Some(host) => encrypted(host),
            None => judged(OutcomeKind::Error, "There are no facts about a Docker host.", Vec::new()),
        }
    }
}

/// What a network's options say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Encryption {
    On,
    Off,
    /// The option is there, with a value that says no. Engines look at its presence alone.
    Odd,
}

fn encryption(network: &NetworkFacts) -> Encryption {
    match network.options.get("encrypted").map(|value| value.trim().to_ascii_lowercase()) {
        None => Encryption::Off,
        Some(value) if ["false", "0", "no", "off", "f"].contains(&value.as_str()) => Encryption::Odd,
        Some(_) => Encryption::On,
    }
}

fn encrypted(host: &HostFacts) -> Judgement {
    let Some(networks) = &host.networks else {
        return undecided("The networks of the host could not be listed.", Vec::new());
    };
    let overlays: Vec<&NetworkFacts> = networks.iter().filter(|network| network.driver == "overlay").collect();
    let manager = is_manager(&host.swarm);
    if overlays.is_empty() {
        return none(host, manager);
    }
    let published =
        host.swarm.services.as_ref().map(|services| {
            services.iter().any(|service| service.ports.iter().any(|port| port.starts_with("ingress")))
        });
    let mut observations = Vec::new();
    let (mut plain, mut unclear) = (Vec::new(), Vec::new());
    for network in &overlays {
        let name = network.name.as_str();
        let (severity, message) = match (encryption(network), network.ingress) {
            (Encryption::On, _) => continue,
            (Encryption::Odd, _) => {
                unclear.push(name);
                (
                    Severity::Medium,
                    format!(
                        "The option encrypted of {name} has a value that means no; engines differ in how they read it."
                    ),
                )
            }
            (Encryption::Off, false) => {
                plain.push(name);
                (Severity::Medium, format!("The overlay network {name} is not encrypted."))
            }
            (Encryption::Off, true) => match published {
                Some(true) => {
                    plain.push(name);
                    (
                        Severity::Medium,
                        format!("The ingress network {name} is not encrypted, and services publish ports through it."),
                    )
                }
                Some(false) => (
                    Severity::Info,
                    format!("The ingress network {name} is not encrypted; no service publishes a port through it."),
                ),
                None => {
                    unclear.push(name);
                    (
                        Severity::Low,
                        format!(
                            "The ingress network {name} is not encrypted; whether a service publishes a port through it is not told."
                        ),
                    )
                }
            },
        };
        if observations.len() < SHOWN {
            let show = inspect(host, "network", name, "Options");
            observations.push(place(format!("Networks[{name}].Options"), show, severity, message, &["7.3"]));
        }
    }
    observations.sort_by_key(|observation| observation.severity);
    let all = overlays.len();
    if !plain.is_empty() {
        let summary = format!(
            "Of {} {} not encrypted: {}.",
            count(all, "overlay network", "overlay networks"),
            if plain.len() == 1 { "one is".to_owned() } else { format!("{} are", plain.len()) },
            few(plain.into_iter())
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !unclear.is_empty() {
        let summary = format!("Whether all overlay networks are encrypted is not clear: {}.", few(unclear.into_iter()));
        return undecided(summary, observations);
    }
    if let Some(judgement) = old_engines(host, &mut observations) {
        return judgement;
    }
    if !manager {
        let summary = format!("The overlay networks that this host knows are encrypted. {}", not_a_manager(host));
        return undecided(summary, observations);
    }
    if overlays.iter().all(|network| encryption(network) == Encryption::Off) {
        // Only an ingress that nobody uses.
        let summary = "The only overlay network is Swarm's ingress network, through which no port is published; ask how services speak to each other.";
        return undecided(summary, observations);
    }
    judged(OutcomeKind::Pass, "All overlay networks that carry data are encrypted.", observations)
}

/// Without any overlay network.
fn none(host: &HostFacts, manager: bool) -> Judgement {
    let others = orchestrators(host);
    match (host.swarm.state.as_deref(), &host.containers) {
        (Some("inactive"), Some(_)) if others.is_empty() => judged(
            OutcomeKind::NotApplicable,
            "The host belongs to no swarm and has no overlay network.",
            vec![place(
                "Networks",
                docker(host, "network ls --filter driver=overlay"),
                Severity::Info,
                "No network of the host is an overlay network, and no label of a container names another orchestrator.",
                &["7.3"],
            )],
        ),
        (Some("inactive"), Some(_)) => {
            let summary = format!(
                "Docker has no overlay network here, but {} runs containers on the host: look at its network.",
                few(others.into_iter())
            );
            undecided(summary, Vec::new())
        }
        (Some("inactive"), None) => undecided(
            "The host has no overlay network; its containers could not be listed, so that another orchestrator may run them.",
            Vec::new(),
        ),
        _ if manager => undecided(
            "The manager lists no overlay network; ask how services on different nodes speak to each other.",
            Vec::new(),
        ),
        _ => undecided(format!("The host has no overlay network. {}", not_a_manager(host)), Vec::new()),
    }
}

/// Engines that may send in plain although the option is set.
fn old_engines(host: &HostFacts, observations: &mut Vec<plimsoll_catalog::Observation>) -> Option<Judgement> {
    let own = host.engine.version.iter().map(|version| (host.name.as_deref().unwrap_or("this host"), version));
    let nodes = host.swarm.node_list.iter().flatten();
    let nodes = nodes.filter_map(|node| Some((super::told::node_name(node), node.engine_version.as_ref()?)));
    let mut old: Vec<(&str, &String)> = own.chain(nodes).filter(|(_, version)| is_leaky(version)).collect();
    old.sort();
    old.dedup();
    if old.is_empty() {
        return None;
    }
    let named: Vec<String> = old.iter().map(|(name, version)| format!("{name} ({version})")).collect();
    let named = few(named.iter().map(String::as_str));
    let message = format!(
        "Engines of this age may send unencrypted packets, or accept them, on an encrypted overlay network (CVE-2023-28840, CVE-2023-28841, CVE-2023-28842): {named}."
    );
    let show = docker(host, "node ls --format '{{.Hostname}} {{.EngineVersion}}'");
    observations.push(place("Nodes[].Description.Engine.EngineVersion", show, Severity::Medium, message, &[]));
    let summary = "The overlay networks are set to be encrypted, but engines are so old that they may not hold it; ask whether the fixes of 2023 are in them.";
    Some(undecided(summary, std::mem::take(observations)))
}

/// Whether a version of Docker Engine lacks the fixes of April 2023 (20.10.24, 23.0.3). Distributions may have mended it.
fn is_leaky(version: &str) -> bool {
    let mut numbers = version.trim_start_matches('v').splitn(3, '.').map(|part| {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    });
    let (Some(Some(major)), Some(Some(minor))) = (numbers.next(), numbers.next()) else { return false };
    let patch = numbers.next().flatten().unwrap_or(0);
    (major, minor, patch) < (20, 10, 24) || ((23, 0, 0)..(23, 0, 3)).contains(&(major, minor, patch))
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn no_version_is_too_odd(text in ".*", numbers in "[0-9.]{0,40}") {
            let _ = (is_leaky(&text), is_leaky(&numbers));
        }
    }

    #[test]
    fn engines_before_the_fixes_of_2023_are_known() {
        for version in ["17.06.2-ce", "20.10.23", "v20.10.5+dfsg1", "23.0.0", "23.0.2", "1.13.1"] {
            assert!(is_leaky(version), "{version}");
        }
        for version in ["20.10.24", "20.10.25+azure", "23.0.3", "24.0.7", "27.3.1", "", "dev", "27"] {
            assert!(!is_leaky(version), "{version}");
        }
    }
}
