//! Managers of a swarm in more than one place (CSVS 4.3).

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::NodeFacts;

use super::told::{Seen, Told, docker, few, inspect_each, node_name, on_manager, place, undecided};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Words in the keys of labels that name a place.
const PLACES: [&str; 13] = [
    "zone",
    "az",
    "availabilityzone",
    "region",
    "datacenter",
    "datacentre",
    "dc",
    "site",
    "location",
    "room",
    "building",
    "standort",
    "topology",
];

const LIST: &str = "node ls --filter role=manager";

/// The managers stand in more than one place.
pub(crate) struct Spread;

impl Check for Spread {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "managers-spread",
            use_case: None,
            title: text("Managers in several places", "Manager an mehreren Orten"),
            why: text(
                "Managers that stand together fail together, by one fire, one power cut or one cut cable.",
                "Manager, die beisammenstehen, fallen gemeinsam aus: durch einen Brand, einen Stromausfall oder ein durchtrenntes Kabel.",
            ),
            how: text(
                "Labels of the managers and of their engines whose key names a place (zone, region, datacenter, site and the like) are compared. Passes when all managers carry such a label and it has several values; fails when all of them name one place, or when there is one manager. Without such labels it is undecided, and the managers' networks are named as a hint. A place whose loss takes the majority is named. All of it is an indication.",
                "Verglichen werden Labels der Manager und ihrer Engines, deren Schlüssel einen Ort benennt (Zone, Region, Rechenzentrum, Standort und dergleichen). Bestanden, wenn alle Manager ein solches Label mit verschiedenen Werten tragen; nicht bestanden, wenn alle denselben Ort nennen oder es nur einen Manager gibt. Ohne solche Labels unentschieden; die Netze der Manager werden als Hinweis genannt. Ein Ort, dessen Ausfall die Mehrheit kostet, wird genannt. All dies ist ein Indiz.",
            ),
            blind_spots: text(
                "Whether the labels are true. How far apart places are, and what they share. Other orchestrators than Swarm.",
                "Ob die Labels stimmen. Wie weit Orte auseinanderliegen und was sie sich teilen. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Put the managers into at least three zones, so that a majority remains whichever is lost, and label each node with its zone.",
                "Verteilen Sie die Manager auf mindestens drei Zonen, sodass beim Ausfall jeder einzelnen eine Mehrheit bleibt, und versehen Sie jeden Knoten mit seiner Zone als Label.",
            ),
            example: "docker node update --label-add zone=fra-2 manager2",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, spread)
    }
}

/// Whether the key of a label names a place.
fn names_place(key: &str) -> bool {
    let key = key.to_ascii_lowercase();
    // `availability-zone` and `availability_zone` are one word, as is `data-center`.
    let last = key.rsplit(['.', '/', ':']).next().unwrap_or_default();
    let joined: String = last.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
    PLACES.contains(&joined.as_str()) || last.split(['-', '_']).any(|word| PLACES.contains(&word))
}

/// Labels of a node that name a place: key and value.
fn places(node: &NodeFacts) -> BTreeMap<&str, &str> {
    node.engine_labels
        .iter()
        .chain(&node.labels)
        .filter(|(key, value)| names_place(key) && !value.is_empty())
        .map(|(key, value)| (key.as_str(), value.as_str()))
        .collect()
}

/// The network that an address probably lies in: a /24, or a /64.
fn network(address: &str) -> Option<String> {
    let host =
        address.rsplit_once(':').filter(|(_, port)| port.parse::<u16>().is_ok()).map_or(address, |(host, _)| host);
    let host = host.trim_matches(['[', ']']);
    match address.parse().or_else(|_| host.parse()).ok()? {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            Some(format!("{a}.{b}.{c}.0/24"))
        }
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Some(format!("{a:x}:{b:x}:{c:x}:{d:x}::/64"))
        }
    }
}

fn spread(seen: &Seen<'_>) -> Told<Judgement> {
    let managers = seen.managers()?;
    let list = || {
        let labels = "{{.Description.Hostname}} {{json .Spec.Labels}} {{json .Description.Engine.Labels}}";
        inspect_each(seen.host, LIST, labels)
    };
    if let [only] = managers.as_slice() {
        let message = format!("The manager {} is the only one, and stands in one place.", node_name(only));
        let observations = vec![place("Swarm.Managers", docker(seen.host, LIST), Severity::Medium, message, &[])];
        return Ok(judged(OutcomeKind::Fail, "The swarm has one manager, which stands in one place.", observations));
    }
    let labelled: Vec<(&NodeFacts, BTreeMap<&str, &str>)> =
        managers.iter().map(|manager| (*manager, places(manager))).collect();
    let keys: BTreeSet<&str> = labelled.iter().flat_map(|(_, places)| places.keys().copied()).collect();
    let majority = managers.len() / 2 + 1;
    let mut observations = Vec::new();
    let (mut several, mut one) = (Vec::new(), Vec::new());
    for key in keys {
        let mut by_value: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (manager, places) in &labelled {
            if let Some(value) = places.get(key) {
                by_value.entry(value).or_default().push(node_name(manager));
            }
        }
        let with: usize = by_value.values().map(Vec::len).sum();
        let told: Vec<String> =
            by_value.iter().map(|(value, names)| format!("{value} ({})", few(names.iter().copied()))).collect();
        let said = few(told.iter().map(String::as_str));
        let message = if with < managers.len() {
            let missing = managers.len() - with;
            format!("The label {key} is on some managers: {said}; {missing} bear none.")
        } else if by_value.len() > 1 {
            several.push(key);
            format!("The label {key} names several places: {said}.")
        } else {
            one.push(key);
            format!("The label {key} names one place for all managers: {said}.")
        };
        observations.push(place("Nodes[].Spec.Labels", list(), Severity::Info, message, &[]));
        let heavy = by_value.iter().find(|(_, names)| by_value.len() > 1 && managers.len() - names.len() < majority);
        if let Some((value, _)) = heavy.filter(|_| with == managers.len()) {
            let message = format!("With {key} {value} the majority of the managers would be lost.");
            observations.push(place("Nodes[].Spec.Labels", list(), Severity::Low, message, &[]));
        }
    }
    observations.sort_by_key(|observation| observation.severity);
    if !several.is_empty() {
        let summary = format!("By the label {} the managers stand in several places.", few(several.into_iter()));
        return Ok(judged(OutcomeKind::Pass, summary, observations));
    }
    if !one.is_empty() {
        let summary = format!("By the label {} all managers stand in one place.", few(one.into_iter()));
        return Ok(judged(OutcomeKind::Fail, summary, observations));
    }
    let networks: BTreeSet<String> =
        managers.iter().filter_map(|manager| network(manager.address.as_deref()?)).collect();
    if !networks.is_empty() {
        let number = if networks.len() == 1 { "one network" } else { "several networks" };
        let message = format!(
            "The addresses of the managers lie in {number}: {}; that is a hint at most.",
            few(networks.iter().map(String::as_str))
        );
        let command = inspect_each(seen.host, LIST, "{{.Description.Hostname}} {{.Status.Addr}}");
        observations.push(place("Nodes[].Status.Addr", command, Severity::Info, message, &[]));
    }
    Ok(undecided(
        "No label tells where all managers stand; ask in which data centre and zone each one runs.",
        observations,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_that_name_a_place_are_known_and_others_are_not() {
        for key in [
            "zone",
            "AZ",
            "topology.kubernetes.io/zone",
            "com.example.data-center",
            "availability_zone",
            "dc",
            "node_region",
        ] {
            assert!(names_place(key), "{key}");
        }
        for key in ["", "disk", "ozone-layer-x", "com.zone.owner", "azure", "role"] {
            assert!(!names_place(key), "{key}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_key_and_no_address_is_too_odd(text in ".*", port in proptest::prelude::any::<u16>()) {
            let _ = (names_place(&text), network(&text), network(&format!("[{text}]:{port}")));
        }
    }

    #[test]
    fn addresses_hint_at_their_networks() {
        assert_eq!(network("10.0.5.7").as_deref(), Some("10.0.5.0/24"));
        assert_eq!(network("10.0.5.7:2377").as_deref(), Some("10.0.5.0/24"));
        assert_eq!(network("[2001:db8::7]:2377").as_deref(), Some("2001:db8:0:0::/64"));
        assert_eq!(network("2001:db8::7").as_deref(), Some("2001:db8:0:0::/64"));
        assert_eq!(network("manager1"), None);
    }
}
