//! Services may not take all of a node (CSVS 2.5).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};

use super::told::{Seen, Told, few, on_manager, service_name};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const SHOWN: usize = 30;
/// As the engine names them, and for people.
const LIMITS: [(&str, &str); 2] = [("MemoryBytes", "memory"), ("NanoCPUs", "processors")];

/// Each service has limits.
pub(crate) struct ServiceLimits;

impl Check for ServiceLimits {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "service-limits",
            use_case: None,
            title: text("Limits of services", "Grenzen der Dienste"),
            why: text(
                "One task without a limit can take all the memory of a node and bring down all other tasks with it.",
                "Ein Task ohne Grenze kann den ganzen Speicher eines Knotens belegen und alle anderen Tasks mitreißen.",
            ),
            how: text(
                "Of each service the limits for memory and processors are read. Fails when a service lacks one of them, passes when each has both. Both are indications: the containers themselves decide.",
                "Von jedem Dienst werden die Grenzen für Speicher und Prozessoren gelesen. Nicht bestanden, wenn einem Dienst eine fehlt; bestanden, wenn jeder beide hat. Beides sind Indizien: Die Container selbst entscheiden.",
            ),
            blind_spots: text(
                "Whether the values fit. Containers that no service started. Ulimits. Other orchestrators than Swarm.",
                "Ob die Werte passen. Container, die kein Dienst gestartet hat. Ulimits. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Give each service limits for memory, processors and processes, somewhat above what it needs at its peak.",
                "Geben Sie jedem Dienst Grenzen für Speicher, Prozessoren und Prozesse, etwas über seinem Spitzenbedarf.",
            ),
            example: "docker service update --limit-memory 256M --limit-cpu 0.5 --limit-pids 100 shop_web",
            aliases: &[("docker-bench", "5.11"), ("docker-bench", "5.12")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, limited)
    }
}

fn limited(seen: &Seen<'_>) -> Told<Judgement> {
    let services = seen.services()?;
    let mut observations = Vec::new();
    let mut without = Vec::new();
    for service in services {
        let has = |key: &str| service.limits.get(key).is_some_and(|limit| *limit > 0);
        let lacks: Vec<&str> = LIMITS.iter().filter(|(key, _)| !has(key)).map(|(_, what)| *what).collect();
        if lacks.is_empty() {
            continue;
        }
        let name = service_name(service);
        without.push(name);
        if observations.len() < SHOWN {
            let message = format!("The service {name} has no limit for {}.", lacks.join(" and "));
            observations.push(seen.on_service(service, "Spec.TaskTemplate.Resources.Limits", Severity::Low, message));
        }
    }
    let all = count(services.len(), "service", "services");
    Ok(if without.is_empty() {
        judged(
            OutcomeKind::Pass,
            format!("All of {all} have limits for memory and processors.")
                .replace("All of one service have", "The one service has"),
            observations,
        )
    } else {
        let number = if without.len() == 1 { "one lacks".to_owned() } else { format!("{} lack", without.len()) };
        let summary = format!("Of {all} {number} a limit for memory or processors: {}.", few(without.into_iter()));
        judged(OutcomeKind::Fail, summary, observations)
    })
}
