//! The nodes of a swarm: alike in their engines, and labelled (CSVS 2.7, 4.7, 12.6).

use std::collections::BTreeMap;

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};

use super::told::{Seen, Told, docker, few, inspect_each, node_name, on_manager, place, service_name, undecided};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const SHOWN: usize = 30;
/// Labels that tools set by themselves.
const TOOLS: [&str; 3] = ["com.docker.", "io.portainer.", "org.opencontainers.image."];

/// All nodes run the same engine.
pub(crate) struct Alike;

impl Check for Alike {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "nodes-alike",
            use_case: None,
            title: text("Same engine on all nodes", "Gleiche Engine auf allen Knoten"),
            why: text(
                "A node that updates pass by keeps its known flaws, and a cluster is as strong as its oldest node.",
                "Ein Knoten, an dem Aktualisierungen vorbeigehen, behält bekannte Schwachstellen, und ein Cluster ist so stark wie sein ältester Knoten.",
            ),
            how: text(
                "A manager is asked for the engine's version on each node. Fails, as an indication, when they differ; passes, as an indication, when all are the same. Whether that version is still maintained is asked of each host by itself.",
                "Ein Manager wird nach der Version der Engine auf jedem Knoten gefragt. Nicht bestanden, als Indiz, wenn sie voneinander abweichen; bestanden, als Indiz, wenn alle gleich sind. Ob diese Version noch gepflegt wird, wird bei jedem Host für sich gefragt.",
            ),
            blind_spots: text(
                "The operating systems and kernels of the nodes; that an update is just being rolled out. Other orchestrators than Swarm.",
                "Betriebssysteme und Kernel der Knoten; dass gerade eine Aktualisierung ausgerollt wird. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Bring the nodes to one version, one after the other: drain, update, make active again.",
                "Bringen Sie die Knoten nacheinander auf eine Version: Drain setzen, aktualisieren, wieder aktivieren.",
            ),
            example: "docker node ls --format '{{.Hostname}} {{.EngineVersion}}'",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, alike)
    }
}

fn alike(seen: &Seen<'_>) -> Told<Judgement> {
    let nodes = seen.nodes()?;
    let mut by_version: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut untold = Vec::new();
    for node in nodes {
        match node.engine_version.as_deref().filter(|version| !version.is_empty()) {
            Some(version) => by_version.entry(version).or_default().push(node_name(node)),
            None => untold.push(node_name(node)),
        }
    }
    let on = |severity, message: String| {
        let show = docker(seen.host, "node ls --format '{{.Hostname}} {{.EngineVersion}}'");
        place("Nodes[].Description.Engine.EngineVersion", show, severity, message, &[])
    };
    let several = by_version.len() > 1;
    let severity = if several { Severity::Low } else { Severity::Info };
    let versions = by_version.iter().take(SHOWN);
    let mut observations: Vec<_> = versions
        .map(|(version, names)| on(severity, format!("Engine {version}: {}.", few(names.iter().copied()))))
        .collect();
    if several {
        let summary = format!("The nodes run different engines: {}.", few(by_version.keys().copied()));
        return Ok(judged(OutcomeKind::Fail, summary, observations));
    }
    if !untold.is_empty() {
        let names = few(untold.into_iter());
        observations.push(on(Severity::Info, format!("The engine's version is not told of {names}.")));
        return Ok(undecided(format!("The engine's version is not told of {names}."), observations));
    }
    let version = by_version.keys().next().copied().unwrap_or_default();
    if nodes.len() == 1 {
        return Ok(undecided(format!("The swarm has one node, with engine {version}."), observations));
    }
    Ok(judged(OutcomeKind::Pass, format!("All {} nodes run engine {version}.", nodes.len()), observations))
}

/// Nodes and services bear labels of the organisation's own.
pub(crate) struct Labelled;

impl Check for Labelled {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "swarm-labels",
            use_case: None,
            title: text("Labels of nodes and services", "Labels von Knoten und Diensten"),
            why: text(
                "What bears no label belongs to nobody: when it fails, no one knows whom to ask, and no rule can be tied to it.",
                "Was kein Label trägt, gehört niemandem: Fällt es aus, weiß keiner, wen er fragen soll, und keine Regel lässt sich daran knüpfen.",
            ),
            how: text(
                "Labels of nodes and services are read, without those that tools set by themselves. Fails, as an indication, when none of the nodes or none of the services bears any. Otherwise undecided: which labels were agreed, only a person knows. It never passes.",
                "Gelesen werden die Labels von Knoten und Diensten, ohne jene, die Werkzeuge selbst setzen. Nicht bestanden, als Indiz, wenn kein Knoten oder kein Dienst eines trägt. Sonst unentschieden: Welche Labels vereinbart sind, weiß nur ein Mensch. Ein „bestanden“ gibt es hier nie.",
            ),
            blind_spots: text(
                "The agreed list of labels. Labels of volumes, networks, secrets and configs. Other orchestrators than Swarm.",
                "Die vereinbarte Liste der Labels. Labels von Volumes, Netzen, Secrets und Configs. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Agree on a few labels, such as owner, application and environment, and set them on every node and service.",
                "Vereinbaren Sie wenige Labels, etwa für Verantwortliche, Anwendung und Umgebung, und setzen Sie diese an jedem Knoten und Dienst.",
            ),
            example: "docker node update --label-add environment=production node1\ndocker service update --label-add owner=shop-team shop_web",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, labelled)
    }
}

fn labelled(seen: &Seen<'_>) -> Told<Judgement> {
    let nodes = seen.nodes()?;
    let own =
        |labels: &BTreeMap<String, String>| labels.keys().any(|key| !TOOLS.iter().any(|tool| key.starts_with(tool)));
    let bare_nodes: Vec<&str> =
        nodes.iter().filter(|node| !own(&node.labels) && !own(&node.engine_labels)).map(node_name).collect();
    let services = seen.swarm.services.as_deref();
    let bare_services: Vec<&str> =
        services.unwrap_or_default().iter().filter(|service| !own(&service.labels)).map(service_name).collect();
    let mut observations = Vec::new();
    if !bare_nodes.is_empty() {
        let message = format!("Nodes without a label of your own: {}.", few(bare_nodes.iter().copied()));
        let show = inspect_each(seen.host, "node ls", "{{.Description.Hostname}} {{json .Spec.Labels}}");
        observations.push(place("Nodes[].Spec.Labels", show, Severity::Low, message, &[]));
    }
    if !bare_services.is_empty() {
        let message = format!("Services without a label of your own: {}.", few(bare_services.iter().copied()));
        let show = inspect_each(seen.host, "service ls", "{{.Spec.Name}} {{json .Spec.Labels}}");
        observations.push(place("Services[].Spec.Labels", show, Severity::Low, message, &[]));
    }
    let no_node = bare_nodes.len() == nodes.len();
    let no_service = services.is_some_and(|services| !services.is_empty() && bare_services.len() == services.len());
    let summary = match (no_node, no_service) {
        (true, true) => "No node and no service bears a label of the organisation's own.".to_owned(),
        (true, false) => "No node bears a label of the organisation's own.".to_owned(),
        (false, true) => "No service bears a label of the organisation's own.".to_owned(),
        (false, false) => {
            let bare = bare_nodes.len() + bare_services.len();
            let left = match (bare, services) {
                (_, None) => "the services could not be listed".to_owned(),
                (0, Some(_)) => "all nodes and services bear some".to_owned(),
                (bare, Some(_)) => format!("{} none", count(bare, "node or service bears", "nodes and services bear")),
            };
            return Ok(undecided(format!("Compare the labels with the agreed list: {left}."), observations));
        }
    };
    Ok(judged(OutcomeKind::Fail, summary, observations))
}
