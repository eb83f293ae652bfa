//! What a host tells of its swarm: the one way for checks to ask, and what is said when it does not tell.

use std::collections::BTreeSet;

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity};
use plimsoll_docker::facts::{ClusterFacts, HostFacts, NodeFacts, ServiceFacts, SwarmFacts};
use time::{Duration, OffsetDateTime};

use crate::a5_build::instant;
use crate::facts::quote;
use crate::observe::{judged, observation};
use crate::{Facts, Judgement};

/// How many names are given in one sentence.
const NAMED: usize = 8;
/// Where Docker listens when nobody says otherwise.
const DEFAULT: [&str; 3] = ["", "unix:///var/run/docker.sock", "unix:///run/docker.sock"];
/// Labels that other orchestrators put on the containers that they start: beginning and name.
const ORCHESTRATORS: [(&str, &str); 5] = [
    ("io.kubernetes.", "Kubernetes"),
    ("com.hashicorp.nomad", "Nomad"),
    ("com.amazonaws.ecs.", "Amazon ECS"),
    ("io.rancher.", "Rancher"),
    ("MESOS_TASK_ID", "Mesos"),
];
const COMPOSE: &str = "com.docker.compose.project";

/// Something that a manager tells, or the judgement when it does not.
pub(super) type Told<T> = Result<T, Judgement>;

/// A manager's view of its swarm.
pub(super) struct Seen<'a> {
    /// The manager.
    pub(super) host: &'a HostFacts,
    /// What it tells of the swarm.
    pub(super) swarm: &'a SwarmFacts,
    /// When it was read.
    pub(super) now: Option<OffsetDateTime>,
}

/// Judges what a manager tells. A host that is none, or does not say, leaves it undecided: the cluster is there all the
/// same, or another orchestrator runs the containers.
pub(super) fn on_manager(facts: &Facts, judge: impl FnOnce(&Seen<'_>) -> Told<Judgement>) -> Judgement {
    let Some(host) = &facts.host else {
        return judged(OutcomeKind::Error, "There are no facts about a Docker host.", Vec::new());
    };
    let swarm = &host.swarm;
    if !is_manager(swarm) {
        return undecided(not_a_manager(host), elsewhere(host));
    }
    let seen = Seen { host, swarm, now: instant(&facts.collected) };
    judge(&seen).unwrap_or_else(|told| told)
}

/// Whether the host takes part in the cluster's control, and tells about it.
pub(super) fn is_manager(swarm: &SwarmFacts) -> bool {
    swarm.state.as_deref() == Some("active") && (swarm.manager || swarm.cluster.is_some())
}

/// Whether the host is a node that controls nothing.
pub(super) fn is_worker(swarm: &SwarmFacts) -> bool {
    swarm.state.as_deref() == Some("active") && !is_manager(swarm)
}

pub(super) fn undecided(summary: impl Into<String>, observations: Vec<Observation>) -> Judgement {
    judged(OutcomeKind::Undecided, summary, observations)
}

/// Why a host that is no manager cannot say.
pub(super) fn not_a_manager(host: &HostFacts) -> String {
    match host.swarm.state.as_deref() {
        None | Some("") => {
            let why = unread(host, &["/info", "/swarm"]).map(|why| format!(" ({why})")).unwrap_or_default();
            format!("The engine does not tell whether it belongs to a swarm{why}.")
        }
        Some("inactive") => "The host belongs to no swarm; ask whether another orchestrator runs its containers, and look there.".to_owned(),
        Some("active") => {
            let managers = few(host.swarm.remote_managers.iter().map(|(_, address)| address.as_str()));
            let at = if managers.is_empty() { String::new() } else { format!(" ({managers})") };
            format!("The host is a worker, and only a manager tells: add one of the cluster's managers{at} as a subject.")
        }
        Some("locked") => "The host is a locked manager, and tells nothing until it is unlocked: unlock it and read it again, or read another manager.".to_owned(),
        Some(other) => {
            let other: String = other.chars().take(40).collect();
            format!("The host's part in its swarm is \"{other}\": read it again when it is active, or read another manager.")
        }
    }
}

/// What the labels of the containers say of who runs them, on a host that belongs to no swarm.
fn elsewhere(host: &HostFacts) -> Vec<Observation> {
    let field = "Swarm.LocalNodeState";
    let mut observations = Vec::new();
    if let Some(state) = &host.swarm.state {
        let state: String = state.chars().take(40).collect();
        let message = format!("The engine says of its part in a swarm: {state}.");
        observations.push(place(field, info(host, field), Severity::Info, message, &[]));
    }
    if host.swarm.state.as_deref() != Some("inactive") {
        return observations;
    }
    let found = orchestrators(host);
    let list = docker(host, "ps --all --format '{{.Names}} {{.Labels}}'");
    if !found.is_empty() {
        let names = few(found.into_iter());
        let message = format!("Labels of containers name another orchestrator: {names}. Ask there.");
        observations.push(place("Labels", list, Severity::Info, message, &[]));
    } else if host.containers.iter().flatten().any(|container| container.labels.contains_key(COMPOSE)) {
        let message = "Labels of containers name Docker Compose, which starts them on this host alone.";
        observations.push(place("Labels", list, Severity::Info, message, &[]));
    }
    observations
}

/// Orchestrators that the labels of the host's containers name.
pub(super) fn orchestrators(host: &HostFacts) -> BTreeSet<&'static str> {
    let labels = || host.containers.iter().flatten().flat_map(|container| container.labels.keys());
    let named = |prefix: &str| labels().any(|label| label.starts_with(prefix));
    ORCHESTRATORS.iter().filter(|(prefix, _)| named(prefix)).map(|(_, name)| *name).collect()
}

/// Why one of these requests found nothing.
fn unread<'a>(host: &'a HostFacts, paths: &[&str]) -> Option<&'a str> {
    let about = |what: &str| paths.iter().any(|path| what.ends_with(path) || what.contains(&format!("{path}?")));
    host.unread.iter().find(|unread| about(&unread.what)).map(|unread| unread.reason.trim_end_matches('.'))
}

/// A command of Docker's client for the engine that was read.
pub(super) fn docker(host: &HostFacts, arguments: &str) -> String {
    if DEFAULT.contains(&host.endpoint.as_str()) {
        format!("docker {arguments}")
    } else {
        format!("docker --host {} {arguments}", quote(&host.endpoint))
    }
}

/// The command that shows a field of `docker info`.
pub(super) fn info(host: &HostFacts, field: &str) -> String {
    docker(host, &format!("info --format '{{{{json .{field}}}}}'"))
}

/// The command that shows a field of a node, service or network.
pub(super) fn inspect(host: &HostFacts, kind: &str, name: &str, field: &str) -> String {
    docker(host, &format!("{kind} inspect --format '{{{{json .{field}}}}}' {}", quote(name)))
}

/// The command that shows something of all nodes or services that a list gives: `node ls --filter role=manager`.
pub(super) fn inspect_each(host: &HostFacts, list: &str, format: &str) -> String {
    let kind = list.split(' ').next().unwrap_or_default();
    let list = docker(host, &format!("{list} --quiet"));
    docker(host, &format!("{kind} inspect --format '{format}' $({list})"))
}

/// An observation on a field of the engine's answers.
pub(super) fn place(
    field: impl Into<String>,
    command: String,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    observation(Location::Field { field: field.into() }, command, severity, message, aliases)
}

/// Some names, and how many more there are.
pub(super) fn few<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
    let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

/// Whole days of a duration, for people.
pub(super) fn days(duration: Duration) -> i64 {
    duration.whole_days()
}

impl<'a> Seen<'a> {
    fn missing(&self, what: &str, path: &str) -> Judgement {
        let why = unread(self.host, &[path]).map(|why| format!(" ({why})")).unwrap_or_default();
        undecided(format!("The manager does not tell {what}{why}."), Vec::new())
    }

    /// The swarm's settings.
    pub(super) fn cluster(&self) -> Told<&'a ClusterFacts> {
        self.swarm.cluster.as_ref().ok_or_else(|| self.missing("the settings of its swarm", "/swarm"))
    }

    /// All nodes.
    pub(super) fn nodes(&self) -> Told<&'a [NodeFacts]> {
        let nodes = self.swarm.node_list.as_deref().filter(|nodes| !nodes.is_empty());
        nodes.ok_or_else(|| self.missing("the nodes of its swarm", "/nodes"))
    }

    /// The managers, by the list of nodes. It holds at least the one that was read.
    pub(super) fn managers(&self) -> Told<Vec<&'a NodeFacts>> {
        let managers: Vec<_> = self.nodes()?.iter().filter(|node| node.role == "manager").collect();
        if managers.is_empty() {
            return Err(undecided("The manager's list of nodes names no manager; read it again.", Vec::new()));
        }
        if let Some(told) = self.swarm.managers.filter(|told| *told != managers.len() as u64) {
            let summary = format!(
                "The manager counts {told} managers and lists {}; the cluster changed while it was read: read it again.",
                managers.len()
            );
            return Err(undecided(summary, Vec::new()));
        }
        Ok(managers)
    }

    /// How many managers there are, by the list or else by the count.
    pub(super) fn manager_count(&self) -> Told<u64> {
        match self.managers() {
            Ok(managers) => Ok(managers.len() as u64),
            // A list that contradicts the count says more than a count alone.
            Err(told) if self.swarm.node_list.is_some() => Err(told),
            Err(told) => self.swarm.managers.filter(|count| *count > 0).ok_or(told),
        }
    }

    /// The services; at least one.
    pub(super) fn services(&self) -> Told<&'a [ServiceFacts]> {
        match self.swarm.services.as_deref() {
            None => Err(self.missing("the services of its swarm", "/services")),
            Some([]) => {
                let summary = "The swarm has no services; ask what it is for, and how its containers are started.";
                Err(undecided(summary, Vec::new()))
            }
            Some(services) => Ok(services),
        }
    }

    /// An observation on a field of `docker info`.
    pub(super) fn on_info(
        &self,
        field: &str,
        severity: Severity,
        message: impl Into<String>,
        cis: &[&str],
    ) -> Observation {
        place(field, info(self.host, field), severity, message, cis)
    }

    /// An observation on a field of a node.
    pub(super) fn on_node(
        &self,
        node: &NodeFacts,
        field: &str,
        severity: Severity,
        message: impl Into<String>,
    ) -> Observation {
        let name = node_name(node);
        place(format!("Nodes[{name}].{field}"), inspect(self.host, "node", name, field), severity, message, &[])
    }

    /// An observation on a field of a service.
    pub(super) fn on_service(
        &self,
        service: &ServiceFacts,
        field: &str,
        severity: Severity,
        message: impl Into<String>,
    ) -> Observation {
        let name = service_name(service);
        place(format!("Services[{name}].{field}"), inspect(self.host, "service", name, field), severity, message, &[])
    }
}

/// A node's name for people.
pub(super) fn node_name(node: &NodeFacts) -> &str {
    if node.hostname.is_empty() { &node.id } else { &node.hostname }
}

/// A service's name for people.
pub(super) fn service_name(service: &ServiceFacts) -> &str {
    if service.name.is_empty() { &service.id } else { &service.name }
}

/// Whether a node can be given work: it is ready and active.
pub(super) fn takes_work(node: &NodeFacts) -> bool {
    node.state == "ready" && node.availability == "active"
}

/// Whether a service runs to an end: it is not updated, balanced or spread as others are.
pub(super) fn is_job(service: &ServiceFacts) -> bool {
    service.mode.ends_with("-job")
}

/// How many tasks a service has at once, as far as it is told. A global one has a task on each node that takes work.
pub(super) fn instances(service: &ServiceFacts, seen: &Seen<'_>) -> Option<u64> {
    match service.mode.as_str() {
        "replicated" => service.replicas,
        "global" => {
            let nodes = seen.swarm.node_list.as_ref()?;
            u64::try_from(nodes.iter().filter(|node| takes_work(node)).count()).ok()
        }
        _ => None,
    }
}
