//! Managers of a swarm: enough of them, an odd number, and nothing else on them (CSVS 4.1, 4.2, 4.6).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};

use super::told::{Seen, Told, docker, few, node_name, on_manager, place, undecided};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const LIST: &str = "node ls --filter role=manager";

/// The control of the cluster survives the loss of a manager.
pub(crate) struct Redundant;

impl Check for Redundant {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "managers-redundant",
            use_case: None,
            title: text("Managers that can be spared", "Verzichtbare Manager"),
            why: text(
                "A swarm whose managers have lost their majority runs on, but nobody can change, mend or restart anything in it.",
                "Ein Swarm, dessen Manager ihre Mehrheit verloren haben, läuft weiter, doch niemand kann darin etwas ändern, reparieren oder neu starten.",
            ),
            how: text(
                "The managers that are ready and reachable are counted. Fails when the loss of one more would leave fewer than a majority: with one or two managers always, with three as soon as one is missing. Passes when all are there and one may be lost. A manager that is away although a majority remains leaves it undecided.",
                "Gezählt werden die Manager, die bereit und erreichbar sind. Nicht bestanden, wenn nach dem Ausfall eines weiteren keine Mehrheit bliebe: bei einem oder zwei Managern immer, bei dreien, sobald einer fehlt. Bestanden, wenn alle da sind und einer ausfallen darf. Fehlt ein Manager, obwohl eine Mehrheit bleibt, ist es unentschieden.",
            ),
            blind_spots: text(
                "Whether a failover was ever rehearsed. Whether the managers share a machine, a disk or a power supply. Other orchestrators than Swarm.",
                "Ob eine Übernahme je geprobt wurde. Ob sich die Manager eine Maschine, einen Datenträger oder eine Stromversorgung teilen. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Run three or five managers; bring missing ones back, or demote and remove them so that they no longer count.",
                "Betreiben Sie drei oder fünf Manager; holen Sie fehlende zurück, oder stufen Sie sie herab und entfernen Sie sie, damit sie nicht mehr mitzählen.",
            ),
            example: "docker node promote node2 node3",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, redundant)
    }
}

fn redundant(seen: &Seen<'_>) -> Told<Judgement> {
    let all = seen.manager_count()?;
    let majority = all / 2 + 1;
    let on_count = |severity, message: String| place("Swarm.Managers", docker(seen.host, LIST), severity, message, &[]);
    if all < 3 {
        let message = format!("Of {all} managers {majority} must agree: none may be lost.");
        let summary = format!("The swarm has {}, and none of them can be spared.", number(all));
        return Ok(judged(OutcomeKind::Fail, summary, vec![on_count(Severity::High, message)]));
    }
    // Without the list nobody knows whether they are there.
    let managers = seen.managers()?;
    let mut observations = Vec::new();
    let mut there: u64 = 0;
    let mut unknown: usize = 0;
    for manager in managers {
        let name = node_name(manager);
        match (manager.state.as_str(), manager.reachability.as_deref()) {
            ("ready", Some("reachable")) => there = there.saturating_add(1),
            ("" | "unknown", _) | ("ready", None | Some("" | "unknown")) => {
                unknown += 1;
                let message = format!("Whether the manager {name} is ready and reachable is not told.");
                observations.push(seen.on_node(manager, "ManagerStatus", Severity::Low, message));
            }
            (state, reachability) => {
                let reachability = reachability.unwrap_or("not told");
                let message = format!("The manager {name} is {state}; reachability: {reachability}.");
                observations.push(seen.on_node(manager, "ManagerStatus", Severity::Medium, message));
            }
        }
    }
    let spare = there.saturating_add(unknown as u64).checked_sub(majority);
    let away = observations.len().saturating_sub(unknown);
    Ok(match spare {
        None | Some(0) => {
            let summary = format!(
                "Of {all} managers {there} are ready and reachable; {majority} must agree, so no further one may be lost."
            );
            observations.push(on_count(Severity::High, format!("The majority of {all} managers is {majority}.")));
            judged(OutcomeKind::Fail, summary, observations)
        }
        Some(_) if unknown > 0 => undecided(
            format!("Of {all} managers {there} are known to be ready and reachable; of {unknown} it is not told."),
            observations,
        ),
        Some(_) if away > 0 => undecided(
            format!(
                "Of {all} managers {there} are ready and reachable, which is a majority to spare; find out why the rest is away."
            ),
            observations,
        ),
        Some(_) => judged(
            OutcomeKind::Pass,
            format!(
                "All {all} managers are ready and reachable, and a majority of {majority} remains when one is lost."
            ),
            observations,
        ),
    })
}

fn number(managers: u64) -> String {
    count(usize::try_from(managers).unwrap_or(usize::MAX), "manager", "managers")
}

/// The number of managers is odd, and at least three.
pub(crate) struct Odd;

impl Check for Odd {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "managers-odd",
            use_case: None,
            title: text("Odd number of managers", "Ungerade Zahl an Managern"),
            why: text(
                "An even number of managers can fall into two halves of which neither may decide, and survives no more failures than one manager fewer would.",
                "Eine gerade Zahl von Managern kann in zwei Hälften zerfallen, von denen keine entscheiden darf, und verkraftet nicht mehr Ausfälle als eine um einen Manager kleinere.",
            ),
            how: text(
                "A manager is asked how many managers the cluster has. Passes on three, five, seven and so on; fails on one or an even number.",
                "Ein Manager wird gefragt, wie viele Manager der Cluster hat. Bestanden bei drei, fünf, sieben und so fort; nicht bestanden bei einem oder einer geraden Zahl.",
            ),
            blind_spots: text(
                "The number at other times, such as during maintenance. Other orchestrators than Swarm.",
                "Die Zahl zu anderen Zeiten, etwa während einer Wartung. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Promote a worker or demote a manager, so that three or five managers remain; more than seven slow the cluster down.",
                "Machen Sie einen Worker zum Manager oder stufen Sie einen Manager herab, sodass drei oder fünf Manager bleiben; mehr als sieben bremsen den Cluster.",
            ),
            example: "docker info --format '{{.Swarm.Managers}}'\n3",
            aliases: &[("docker-bench", "7.1")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, odd)
    }
}

fn odd(seen: &Seen<'_>) -> Told<Judgement> {
    let managers = seen.manager_count()?;
    let on_count = |severity, message: &str| vec![seen.on_info("Swarm.Managers", severity, message, &["7.1"])];
    Ok(match managers {
        0..3 => judged(
            OutcomeKind::Fail,
            format!("The swarm has {}; it takes at least three.", number(managers)),
            on_count(Severity::High, "Fewer than three managers survive no failure at all."),
        ),
        even if even % 2 == 0 => judged(
            OutcomeKind::Fail,
            format!("The swarm has {even} managers, an even number."),
            on_count(
                Severity::Medium,
                "An even number of managers survives no more failures than one manager fewer would.",
            ),
        ),
        odd => {
            let observations = match odd {
                8.. => on_count(
                    Severity::Low,
                    "With more than seven managers each change must reach a large majority, which slows the cluster.",
                ),
                _ => Vec::new(),
            };
            judged(
                OutcomeKind::Pass,
                format!("The swarm has {odd} managers, an odd number of at least three."),
                observations,
            )
        }
    })
}

/// Managers take no work.
pub(crate) struct Drained;

impl Check for Drained {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "managers-drained",
            use_case: None,
            title: text("Managers free of work", "Manager ohne Arbeitslast"),
            why: text(
                "Whoever breaks out of a container on a manager holds the keys and secrets of the whole cluster; and a container that eats the machine takes the control of the cluster with it.",
                "Wer aus einem Container auf einem Manager ausbricht, hält die Schlüssel und Geheimnisse des ganzen Clusters in Händen; und ein Container, der die Maschine auslastet, reißt die Steuerung des Clusters mit sich.",
            ),
            how: text(
                "Passes when the availability of every manager is \"drain\" and no container that the swarm did not place runs on the one that was read. Fails on a manager that is active. Undecided where managers are only paused, where constraints keep every service on workers although a manager is active, and where other containers run on the manager.",
                "Bestanden, wenn die Verfügbarkeit jedes Managers „drain“ ist und auf dem gelesenen kein Container läuft, den der Swarm nicht platziert hat. Nicht bestanden bei einem aktiven Manager. Unentschieden, wo Manager nur pausieren, wo Bedingungen jeden Dienst auf Worker beschränken, obwohl ein Manager aktiv ist, und wo andere Container auf dem Manager laufen.",
            ),
            blind_spots: text(
                "Containers that were started by hand on managers which are no subjects of their own: draining does not stop those. Other orchestrators than Swarm.",
                "Von Hand gestartete Container auf Managern, die keine eigenen Prüfgegenstände sind: Drain beendet sie nicht. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Drain each manager, and move what was started there by hand to a worker.",
                "Setzen Sie jeden Manager auf Drain, und verlegen Sie von Hand Gestartetes auf einen Worker.",
            ),
            example: "docker node update --availability drain manager1",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, drained)
    }
}

fn drained(seen: &Seen<'_>) -> Told<Judgement> {
    let managers = seen.managers()?;
    let all = managers.len();
    let (mut active, mut unclear) = (Vec::new(), Vec::new());
    let mut observations = Vec::new();
    for manager in managers {
        let name = node_name(manager);
        let (severity, message) = match manager.availability.as_str() {
            "drain" => continue,
            "active" => {
                active.push(name);
                (Severity::Medium, format!("The manager {name} is active: the swarm may place any container on it."))
            }
            "pause" => {
                unclear.push(name);
                (Severity::Low, format!("The manager {name} is paused: it takes nothing new, and keeps what it has."))
            }
            _ => {
                unclear.push(name);
                (Severity::Low, format!("Whether the manager {name} takes work is not told."))
            }
        };
        observations.push(seen.on_node(manager, "Spec.Availability", severity, message));
    }
    if !active.is_empty() && kept_to_workers(seen) {
        let summary = format!(
            "{} not drained ({}); only their constraints keep the services on workers, and one without would land there.",
            count(active.len(), "manager is", "managers are"),
            few(active.into_iter())
        );
        return Ok(undecided(summary, observations));
    }
    if !active.is_empty() {
        let names = few(active.iter().copied());
        let summary = match (all, active.len()) {
            (1, _) => format!("The only manager, {names}, is not drained."),
            (all, 1) => format!("Of {all} managers one is not drained: {names}."),
            (all, some) => format!("Of {all} managers {some} are not drained: {names}."),
        };
        return Ok(judged(OutcomeKind::Fail, summary, observations));
    }
    if !unclear.is_empty() {
        let summary =
            format!("Managers are paused, or do not tell: {}; look at what runs there.", few(unclear.into_iter()));
        return Ok(undecided(summary, observations));
    }
    let drained = if all == 1 { "The only manager is drained." } else { "All managers are drained." };
    let Some(containers) = &seen.host.containers else {
        let summary = format!(
            "{drained} What else runs on this one is not told, and draining does not stop containers that were started by hand."
        );
        return Ok(undecided(summary, observations));
    };
    let running: Vec<&str> = containers
        .iter()
        .filter(|container| container.state == "running")
        .map(|container| container.name.as_str())
        .collect();
    if running.is_empty() {
        return Ok(judged(OutcomeKind::Pass, drained, observations));
    }
    let message = format!("Containers run on the manager although it is drained: {}.", few(running.iter().copied()));
    observations.push(place("Containers", docker(seen.host, "ps"), Severity::Medium, message, &[]));
    let summary = format!(
        "{drained} Yet {} on this one; find out what they are for.",
        count(running.len(), "container runs", "containers run")
    );
    Ok(undecided(summary, observations))
}

/// Whether a constraint keeps each service off managers.
fn kept_to_workers(seen: &Seen<'_>) -> bool {
    let off = |constraint: &String| {
        let plain: String = constraint.chars().filter(|c| !c.is_whitespace()).collect();
        plain == "node.role==worker" || plain == "node.role!=manager"
    };
    seen.services().is_ok_and(|services| services.iter().all(|service| service.placement.iter().any(off)))
}
