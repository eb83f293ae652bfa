//! Where a swarm places the tasks of its services: spread over nodes, and apart from others (CSVS 12.8, 4.9, 4.10).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::ServiceFacts;

use super::told::{
    Seen, Told, docker, few, instances, is_job, node_name, on_manager, place, service_name, takes_work, undecided,
};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const SHOWN: usize = 30;
const FIELD: &str = "Spec.TaskTemplate.Placement";

/// A constraint of a placement without its blanks: `node.labels.zone==a`. Preferences are none.
fn constraints(service: &ServiceFacts) -> impl Iterator<Item = String> {
    let plain = service.placement.iter().map(|one| one.chars().filter(|c| !c.is_whitespace()).collect::<String>());
    plain.filter(|one| one.contains("==") || one.contains("!="))
}

/// Tasks of a service can lie on several nodes.
pub(crate) struct ReplicasSpread;

impl Check for ReplicasSpread {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "replicas-spread",
            use_case: None,
            title: text("Tasks spread over the nodes", "Tasks auf die Knoten verteilt"),
            why: text(
                "Instances on a single node fail with it and spread no load, however many there are.",
                "Instanzen auf einem einzigen Knoten fallen mit ihm aus und verteilen keine Last, so viele es auch sein mögen.",
            ),
            how: text(
                "Swarm spreads tasks over the nodes unless told otherwise. Fails when fewer than two nodes take work, or when a constraint pins a service with several tasks to one node. Undecided while nodes are down. Passes otherwise, as an indication; preferences that are set are named.",
                "Swarm verteilt Tasks auf die Knoten, wenn nichts anderes bestimmt ist. Nicht bestanden, wenn weniger als zwei Knoten Arbeit annehmen oder eine Bedingung einen Dienst mit mehreren Tasks an einen Knoten bindet. Unentschieden, solange Knoten ausgefallen sind. Sonst bestanden, als Indiz; gesetzte Präferenzen werden genannt.",
            ),
            blind_spots: text(
                "Where the tasks lie at the moment. What strategy the organisation has laid down. Swarm does not move running tasks back when a node returns. Other orchestrators than Swarm.",
                "Wo die Tasks gerade liegen. Welche Strategie die Organisation festgelegt hat. Swarm verschiebt laufende Tasks nicht zurück, wenn ein Knoten wiederkehrt. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Let at least two nodes take work, replace constraints that name a node by labels, and spread over zones.",
                "Lassen Sie mindestens zwei Knoten Arbeit annehmen, ersetzen Sie Bedingungen, die einen Knoten nennen, durch Labels, und verteilen Sie über Zonen.",
            ),
            example: "docker service update --placement-pref-add spread=node.labels.zone shop_web",
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

fn spread(seen: &Seen<'_>) -> Told<Judgement> {
    let nodes = seen.nodes()?;
    let services = seen.services()?;
    let working = nodes.iter().filter(|node| takes_work(node)).count();
    let away: Vec<&str> = nodes.iter().filter(|node| node.state != "ready").map(node_name).collect();
    let mut observations = Vec::new();
    if !away.is_empty() {
        let message = format!("Nodes are not ready: {}.", few(away.iter().copied()));
        observations.push(place("Nodes[].Status.State", docker(seen.host, "node ls"), Severity::Medium, message, &[]));
    }
    let (mut pinned, mut unclear, mut several) = (Vec::new(), Vec::new(), 0usize);
    for service in services.iter().filter(|service| !is_job(service) && service.mode != "global") {
        let name = service_name(service);
        let Some(tasks) = instances(service, seen) else {
            unclear.push(name);
            continue;
        };
        if tasks < 2 {
            continue;
        }
        several += 1;
        let one_node = |one: &String| one.starts_with("node.hostname==") || one.starts_with("node.id==");
        if let Some(one) = constraints(service).find(one_node) {
            pinned.push(name);
            let message = format!("The constraint {one} pins all {tasks} tasks of {name} to one node.");
            observations.push(seen.on_service(service, FIELD, Severity::Medium, message));
        } else if let Some(preference) = service.placement.iter().find(|one| one.contains("spread")) {
            let message = format!("The tasks of {name} are to be spread: {preference}.");
            observations.push(seen.on_service(service, FIELD, Severity::Info, message));
        }
    }
    observations.sort_by_key(|observation| observation.severity);
    observations.truncate(SHOWN);
    Ok(if working < 2 {
        let message = format!("{} work.", count(working, "node takes", "nodes take"));
        observations.insert(
            0,
            place("Nodes[].Spec.Availability", docker(seen.host, "node ls"), Severity::Medium, message, &[]),
        );
        let summary =
            format!("Of {} fewer than two take work: tasks cannot be spread.", count(nodes.len(), "node", "nodes"));
        judged(OutcomeKind::Fail, summary, observations)
    } else if !pinned.is_empty() {
        let summary = format!("Services with several tasks are pinned to one node: {}.", few(pinned.into_iter()));
        judged(OutcomeKind::Fail, summary, observations)
    } else if !away.is_empty() {
        let summary = format!("{} not ready; look at where the tasks lie.", count(away.len(), "node is", "nodes are"));
        undecided(summary, observations)
    } else if !unclear.is_empty() {
        undecided(format!("How many tasks there are is not told of {}.", few(unclear.into_iter())), observations)
    } else if several == 0 {
        undecided("No replicated service has several tasks, so that there is nothing to spread.", observations)
    } else {
        let summary = format!(
            "Swarm can spread the tasks of {} over {working} nodes.",
            count(several, "service that has several", "services that have several")
        );
        judged(OutcomeKind::Pass, summary, observations)
    })
}

/// Services that face the outside, and others, are kept on different nodes.
pub(crate) struct Separated;

impl Check for Separated {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "workload-separation",
            use_case: None,
            title: text("Services kept apart by constraints", "Dienste durch Bedingungen getrennt"),
            why: text(
                "Containers on one node share its kernel: whoever breaks out of the one that faces the Internet stands beside the one that holds the data.",
                "Container auf einem Knoten teilen sich dessen Kernel: Wer aus dem vom Internet erreichbaren ausbricht, steht neben dem mit den Daten.",
            ),
            how: text(
                "Fails, as an indication, when a service that publishes ports and one that publishes none may both be placed on any worker, because no constraint on a node or its labels holds either. Undecided in all other cases: the constraints are named, and a person compares them with data classes and exposure. It never passes.",
                "Nicht bestanden, als Indiz, wenn ein Dienst mit veröffentlichten Ports und einer ohne beide auf jedem Worker landen dürfen, weil keine Bedingung einen von beiden an Knoten oder deren Labels bindet. In allen anderen Fällen unentschieden: Die Bedingungen werden genannt, und ein Mensch vergleicht sie mit Datenklassen und Exposition. Ein „bestanden“ gibt es hier nie.",
            ),
            blind_spots: text(
                "Data classes. Whether a published port can be reached from the Internet. Which services share a node at the moment. Other orchestrators than Swarm.",
                "Datenklassen. Ob ein veröffentlichter Port aus dem Internet erreichbar ist. Welche Dienste sich gerade einen Knoten teilen. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Label nodes by exposure and data class, and give each service a constraint on these labels.",
                "Versehen Sie Knoten mit Labels für Exposition und Datenklasse, und geben Sie jedem Dienst eine Bedingung, die diese Labels nennt.",
            ),
            example: "docker node update --label-add exposure=internet node1\ndocker service update --constraint-add node.labels.exposure==internet shop_web",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, separated)
    }
}

fn separated(seen: &Seen<'_>) -> Told<Judgement> {
    let services = seen.services()?;
    // A role or an operating system sorts nodes, but not by what may run there.
    let sorts = |one: &String| {
        let (subject, _) = one.split_once(['=', '!']).unwrap_or((one, ""));
        subject.starts_with("node.labels.")
            || subject.starts_with("engine.labels.")
            || ["node.hostname", "node.id"].contains(&subject)
    };
    let free: Vec<&ServiceFacts> =
        services.iter().filter(|service| !constraints(service).any(|one| sorts(&one))).collect();
    let (outward, inward): (Vec<&ServiceFacts>, Vec<&ServiceFacts>) =
        free.iter().copied().partition(|service| !service.ports.is_empty());
    let mut observations = Vec::new();
    if !outward.is_empty() && !inward.is_empty() {
        for service in outward.iter().take(SHOWN) {
            let message =
                format!("The service {} publishes ports and may be placed on any node.", service_name(service));
            observations.push(seen.on_service(service, FIELD, Severity::Low, message));
        }
        let summary = format!(
            "Nothing keeps services that publish ports ({}) and services that publish none ({}) on different nodes.",
            few(outward.iter().map(|service| service_name(service))),
            few(inward.iter().map(|service| service_name(service)))
        );
        return Ok(judged(OutcomeKind::Fail, summary, observations));
    }
    for service in services.iter().take(SHOWN) {
        let held: Vec<String> = constraints(service).filter(|one| sorts(one)).collect();
        if !held.is_empty() {
            let message =
                format!("The service {} is held by {}.", service_name(service), few(held.iter().map(String::as_str)));
            observations.push(seen.on_service(service, FIELD, Severity::Info, message));
        }
    }
    let summary = "Constraints hold services to nodes, or all are alike in publishing ports; compare them with the data classes and exposure of each.";
    Ok(undecided(summary, observations))
}
