//! D1, a uid of its own (CSVS 12.1): which containers of one engine work under the same uid.
//!
//! One container cannot show it. [`SharedUid`] says what uids a container has; [`settle`] is called when all subjects are
//! judged, and changes the outcome to what is seen across them.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_catalog::{Observation, Outcome, OutcomeKind, Severity, SubjectKind, UseCaseId};
use plimsoll_docker::facts::{ContainerFacts, HostFacts};

use super::processes::{Inside, Mapping, configured_uid};
use super::shown::{few, of, on, on_processes};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ID: &str = "shared-uid";

/// Its uid is no other container's.
pub(super) struct SharedUid;

impl Check for SharedUid {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::D1),
            title: text("A uid of its own", "Eine eigene UID"),
            why: text(
                "The kernel knows users by number alone. Containers with the same uid are one user to it: on shared volumes, in limits that count by user, and for whoever breaks out of one of them.",
                "Der Kernel kennt Benutzer nur als Nummer. Container mit gleicher UID sind für ihn ein Benutzer: bei gemeinsamen Volumes, bei Grenzen je Benutzer und für jeden, der aus einem von ihnen ausbricht.",
            ),
            how: text(
                "The uids of the processes, or the configured number where none runs, are compared among the containers of one engine in the engagement. A uid that a container of another project has too is named and fails; within one Compose project or stack the auditor decides, and copies of one service do not count. It passes only when the engine's list shows that all of its containers were looked at. Root is left to the check on root.",
                "Die UIDs der Prozesse, oder die eingestellte Nummer, wenn keiner läuft, werden unter den Containern einer Engine verglichen. Eine UID, die auch ein Container eines anderen Projekts hat, wird genannt und fällt durch; innerhalb eines Compose-Projekts oder Stacks entscheidet der Auditor, und Kopien eines Dienstes zählen nicht. Bestanden ist die Prüfung nur, wenn die Liste der Engine zeigt, dass alle ihre Container betrachtet wurden. Root bleibt der Prüfung auf Root überlassen.",
            ),
            blind_spots: text(
                "Containers that are no subjects of the engagement, other engines on the same machine, and users of the host with the same number.",
                "Container, die nicht zum Prüfauftrag gehören, weitere Engines auf derselben Maschine und Benutzer des Hosts mit derselben Nummer.",
            ),
            remedy: text(
                "Give each application a uid of its own, in its image or by --user, or let user namespaces set containers apart.",
                "Geben Sie jeder Anwendung eine eigene UID, im Image oder mit --user, oder trennen Sie Container durch User-Namespaces.",
            ),
            example: "docker run --user 10101:10101 IMAGE",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Container]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match of(facts) {
            Ok(container) => alone(container),
            Err(judgement) => judgement,
        }
    }
}

/// The uids other than root that a container works under; none when they are not known, empty when all is root.
fn uids(container: &ContainerFacts) -> Option<BTreeSet<u64>> {
    match container.processes.as_deref() {
        Some(processes) if !processes.is_empty() => {
            let mapping = Mapping::of(container);
            let mut uids = BTreeSet::new();
            for process in processes {
                match mapping.inside(container, process) {
                    Inside::Root => {}
                    Inside::User(uid) => {
                        uids.insert(uid);
                    }
                    Inside::Unknown => return None,
                }
            }
            Some(uids)
        }
        _ => configured_uid(&container.config.user)
            .map(|uid| BTreeSet::from([uid]).into_iter().filter(|u| *u != 0).collect()),
    }
}

/// What one container shows of it.
fn alone(container: &ContainerFacts) -> Judgement {
    let summary = match uids(container) {
        None => "Its uid is not known, so it could not be compared with those of the other containers.".to_owned(),
        Some(uids) if uids.is_empty() => {
            "It works only as root, as many containers do: it has no user of its own.".to_owned()
        }
        Some(uids) => format!(
            "Whether another container works as {} too can be seen only beside the other containers of its engine; add them as subjects.",
            spoken(&uids)
        ),
    };
    judged(OutcomeKind::Undecided, summary, Vec::new())
}

fn spoken(uids: &BTreeSet<u64>) -> String {
    let numbers: Vec<String> = uids.iter().map(u64::to_string).collect();
    format!("{} {}", if numbers.len() == 1 { "uid" } else { "uids" }, few(&numbers))
}

/// The engine that a container or host belongs to: by its own id, else by the machine and where it was reached there.
fn engine(facts: &Facts) -> Option<String> {
    let (id, name, endpoint) = match (&facts.container, &facts.host) {
        (Some(container), _) => (&container.at.id, &container.at.name, &container.at.endpoint),
        (None, Some(host)) => (&host.id, &host.name, &host.endpoint),
        (None, None) => return None,
    };
    if let Some(id) = id.as_ref().filter(|id| !id.is_empty()) {
        return Some(id.clone());
    }
    // The same path of a socket is another engine on another machine.
    let machine = facts.collected_by.as_ref().map_or("", |by| by.machine.as_str());
    let name = name.as_deref().unwrap_or_default();
    (!endpoint.is_empty()).then(|| format!("{machine}\n{name}\n{endpoint}"))
}

/// Compose project or stack, and the service in it.
fn project(container: &ContainerFacts) -> (Option<&str>, Option<&str>) {
    let label = |names: [&str; 2]| {
        names.iter().find_map(|name| container.config.labels.get(*name)).map(String::as_str).filter(|v| !v.is_empty())
    };
    (
        label(["com.docker.compose.project", "com.docker.stack.namespace"]),
        label(["com.docker.compose.service", "com.docker.swarm.service.name"]),
    )
}

struct One<'a> {
    index: usize,
    name: &'a str,
    container: &'a ContainerFacts,
    uids: Option<BTreeSet<u64>>,
}

/// Looks at all containers of each engine together and brings the outcomes of [`SharedUid`] to what is seen. In: the
/// subjects (id, name, facts) and their outcomes, in the same order.
pub(crate) fn settle(subjects: &[(&str, &str, &Facts)], judged: &mut [(String, Vec<Outcome>)]) {
    let mut engines: BTreeMap<String, Vec<One<'_>>> = BTreeMap::new();
    for (index, &(_, name, facts)) in subjects.iter().enumerate() {
        let Some(container) = &facts.container else { continue };
        let Some(engine) = engine(facts) else { continue };
        let name = if container.name.is_empty() { name } else { &container.name };
        engines.entry(engine).or_default().push(One { index, name, container, uids: uids(container) });
    }
    for (engine_id, containers) in &engines {
        let hosts = subjects.iter().filter_map(|(_, _, facts)| Some((facts, facts.host.as_ref()?)));
        let mut hosts = hosts.filter(|(facts, _)| engine(facts).as_ref() == Some(engine_id));
        let unseen = hosts.next().and_then(|(_, host)| unseen(host, containers));
        let mut by_uid: BTreeMap<u64, Vec<&One<'_>>> = BTreeMap::new();
        for one in containers {
            for uid in one.uids.iter().flatten() {
                by_uid.entry(*uid).or_default().push(one);
            }
        }
        for one in containers {
            let outcomes = judged.get_mut(one.index).map(|(_, outcomes)| outcomes);
            let Some(outcome) = outcomes.and_then(|all| all.iter_mut().find(|outcome| outcome.check == ID)) else {
                continue;
            };
            let Some(uids) = one.uids.as_ref().filter(|uids| !uids.is_empty()) else { continue };
            let judgement = beside(one, uids, &by_uid, containers.len() - 1, unseen);
            (outcome.outcome, outcome.summary) = (judgement.outcome, judgement.summary);
            outcome.observations.extend(judgement.observations);
        }
    }
}

/// How many containers of the engine nobody looked at, or whose uid is not known; none when the engine does not list its
/// containers.
fn unseen(host: &HostFacts, containers: &[One<'_>]) -> Option<usize> {
    let known: BTreeSet<&str> =
        containers.iter().filter(|one| one.uids.is_some()).map(|one| one.container.id.as_str()).collect();
    let listed = host.containers.as_ref()?;
    Some(listed.iter().filter(|listed| !known.contains(listed.id.as_str())).count())
}

fn beside(
    one: &One<'_>,
    uids: &BTreeSet<u64>,
    by_uid: &BTreeMap<u64, Vec<&One<'_>>>,
    others: usize,
    unseen: Option<usize>,
) -> Judgement {
    let own = project(one.container);
    let (mut foreign, mut akin): (BTreeSet<&str>, BTreeSet<&str>) = (BTreeSet::new(), BTreeSet::new());
    let mut observations = Vec::new();
    for uid in uids {
        let (mut far, mut near): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
        for sharer in by_uid.get(uid).into_iter().flatten().filter(|sharer| sharer.index != one.index) {
            match (own, project(sharer.container)) {
                // Copies of one service are one thing.
                ((Some(a), Some(service)), (Some(b), Some(other))) if a == b && service == other => {}
                ((Some(a), _), (Some(b), _)) if a == b => near.push(sharer.name),
                _ => far.push(sharer.name),
            }
        }
        if !far.is_empty() {
            let belong = if far.len() == 1 { "which belongs" } else { "which belong" };
            let message = format!("Uid {uid} is also that of {}, {belong} elsewhere.", few(&far));
            observations.push(place(one.container, Severity::Medium, message));
        }
        if !near.is_empty() {
            let message = format!("Uid {uid} is also that of {}, of the same project.", few(&near));
            observations.push(place(one.container, Severity::Low, message));
        }
        foreign.extend(far);
        akin.extend(near);
    }
    let who = spoken(uids);
    if !foreign.is_empty() {
        let summary = format!(
            "It shares its uid with {}.",
            count(foreign.len(), "container that belongs elsewhere", "containers that belong elsewhere")
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !akin.is_empty() {
        let summary = format!(
            "It shares its uid with {} of its own project; decide whether they may act as one user.",
            count(akin.len(), "container", "containers")
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    match (unseen, others) {
        (Some(0), 0) => judged(OutcomeKind::Pass, "It is the only container of its engine.", observations),
        (Some(0), others) => {
            let among = count(others, "other container", "other containers");
            let summary = format!("No other container of its engine works as {who}; {among} looked at.");
            judged(OutcomeKind::Pass, summary, observations)
        }
        (_, 0) => judged(OutcomeKind::Undecided, alone(one.container).summary, observations),
        (unseen, others) => {
            let rest = match unseen {
                Some(unseen) => format!(
                    "{} not looked at, or of unknown uid",
                    count(unseen, "further one was", "further ones were")
                ),
                None => "whether these are all of them is not known, since the engine itself is no subject".to_owned(),
            };
            let summary = format!(
                "Of {} none works as {who}; {rest}.",
                count(others, "other container looked at", "other containers looked at")
            );
            judged(OutcomeKind::Undecided, summary, observations)
        }
    }
}

fn place(container: &ContainerFacts, severity: Severity, message: String) -> Observation {
    if container.processes.is_some() {
        on_processes(container, severity, message, &[])
    } else {
        on(container, "Config.User", severity, message, &[])
    }
}
