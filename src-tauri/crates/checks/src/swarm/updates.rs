//! Services are updated step by step, and go back when it fails (CSVS 2.8, 12.5).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::ServiceFacts;

use super::told::{Seen, Told, few, instances, is_job, on_manager, service_name, undecided};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const SHOWN: usize = 30;
const FIELD: &str = "Spec.UpdateConfig";

/// Updates roll, and roll back.
pub(crate) struct Rolling;

impl Check for Rolling {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "rolling-updates",
            use_case: None,
            title: text("Updates step by step", "Aktualisierung Schritt für Schritt"),
            why: text(
                "A faulty version that reaches all instances at once takes the whole service down; in steps it stops at the first, and goes back.",
                "Eine fehlerhafte Version, die alle Instanzen zugleich erreicht, legt den ganzen Dienst lahm; in Schritten bleibt sie bei der ersten stehen und wird zurückgenommen.",
            ),
            how: text(
                "Of each service with several tasks the update settings are read; where none are set, Swarm's own hold: one task at a time, and a pause on failure. Fails when all tasks are replaced at once, or when an update goes on in spite of failures. Passes when each service goes step by step and rolls back by itself on failure. Undecided where it only pauses, and for services with one task, which cannot go in steps. Both are indications.",
                "Von jedem Dienst mit mehreren Tasks werden die Update-Einstellungen gelesen; wo keine gesetzt sind, gelten die Vorgaben von Swarm: ein Task nach dem anderen und eine Pause bei Fehlern. Nicht bestanden, wenn alle Tasks zugleich ersetzt werden oder eine Aktualisierung trotz Fehlern weiterläuft. Bestanden, wenn jeder Dienst schrittweise aktualisiert und bei Fehlern selbsttätig zurückgesetzt wird. Unentschieden, wo die Aktualisierung nur anhält, und bei Diensten mit einem Task, die keine Schritte zulassen. Beides sind Indizien.",
            ),
            blind_spots: text(
                "Whether a rollback was ever rehearsed. Canaries by other means, such as a second service behind a balancer. Changes of networks and of stored data. Other orchestrators than Swarm.",
                "Ob eine Rücknahme je geprobt wurde. Canaries auf anderem Weg, etwa ein zweiter Dienst hinter einem Load Balancer. Änderungen an Netzen und gespeicherten Daten. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Update a few tasks at a time, watch them for a while, and roll back on failure.",
                "Aktualisieren Sie wenige Tasks auf einmal, beobachten Sie diese eine Weile, und nehmen Sie die Änderung bei Fehlern zurück.",
            ),
            example: "deploy:\n  replicas: 3\n  update_config:\n    parallelism: 1\n    delay: 30s\n    order: start-first\n    failure_action: rollback",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, rolling)
    }
}

/// How a service is updated.
enum Way {
    Good,
    /// It stops on failure, and a person must take it back.
    Pauses,
    /// All at once, or on in spite of failures.
    Bad(String),
    /// No steps are possible, or it is not told.
    Unclear(String),
}

fn way(service: &ServiceFacts, tasks: Option<u64>) -> Way {
    let name = service_name(service);
    let update = service.update.as_ref();
    // What is not set has swarm's default.
    let parallelism = update.and_then(|update| update.parallelism).unwrap_or(1);
    let action = update.and_then(|update| update.failure_action.as_deref()).unwrap_or("pause");
    if action == "continue" {
        return Way::Bad(format!("An update of {name} goes on although tasks fail."));
    }
    match tasks {
        Some(tasks) if tasks > 1 && (parallelism == 0 || parallelism >= tasks) => {
            return Way::Bad(format!("An update of {name} replaces all {tasks} tasks at once."));
        }
        Some(tasks) if tasks > 1 => {}
        Some(_) => {
            return Way::Unclear(format!(
                "The service {name} has one task or none, so that it cannot be updated in steps."
            ));
        }
        None => return Way::Unclear(format!("How many tasks {name} has is not told.")),
    }
    match action {
        "rollback" => Way::Good,
        "pause" => Way::Pauses,
        other => {
            let other: String = other.chars().take(40).collect();
            Way::Unclear(format!("What {name} does when an update fails is {other}."))
        }
    }
}

fn rolling(seen: &Seen<'_>) -> Told<Judgement> {
    let services: Vec<_> = seen.services()?.iter().filter(|service| !is_job(service)).collect();
    if services.is_empty() {
        return Ok(undecided("The swarm runs jobs alone, which are not updated while they run.", Vec::new()));
    }
    let mut observations = Vec::new();
    let (mut bad, mut pauses, mut unclear) = (Vec::new(), Vec::new(), Vec::new());
    for service in &services {
        let name = service_name(service);
        let (severity, message) = match way(service, instances(service, seen)) {
            Way::Good => continue,
            Way::Bad(message) => {
                bad.push(name);
                (Severity::Medium, message)
            }
            Way::Pauses => {
                pauses.push(name);
                (Severity::Info, format!("An update of {name} stops when tasks fail, and does not go back by itself."))
            }
            Way::Unclear(message) => {
                unclear.push(name);
                (Severity::Info, message)
            }
        };
        observations.push(seen.on_service(service, FIELD, severity, message));
    }
    observations.sort_by_key(|observation| observation.severity);
    observations.truncate(SHOWN);
    if !bad.is_empty() {
        let summary = format!(
            "{} updated all at once, or on in spite of failures: {}.",
            count(bad.len(), "service is", "services are"),
            few(bad.into_iter())
        );
        return Ok(judged(OutcomeKind::Fail, summary, observations));
    }
    if !pauses.is_empty() {
        let summary = format!(
            "Updates stop on failure but do not go back by themselves: {}; ask who takes them back.",
            few(pauses.into_iter())
        );
        return Ok(undecided(summary, observations));
    }
    if !unclear.is_empty() {
        let summary = format!(
            "Of some services it is not told, or not possible, that they go in steps: {}.",
            few(unclear.into_iter())
        );
        return Ok(undecided(summary, observations));
    }
    let summary = format!(
        "{} updated step by step and rolled back on failure.",
        count(services.len(), "service is", "services are each")
    );
    Ok(judged(OutcomeKind::Pass, summary, observations))
}
