//! Requests are spread over the instances of a service (CSVS 7.2).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};

use super::told::{Seen, Told, few, instances, is_job, on_manager, service_name, undecided};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const SHOWN: usize = 20;

/// Services with several instances have a load balancer.
pub(crate) struct LoadBalancing;

impl Check for LoadBalancing {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "service-load-balancing",
            use_case: None,
            title: text("Load balancing of services", "Lastverteilung der Dienste"),
            why: text(
                "Several instances do not help when nothing spreads requests over them: one is overrun while the others stand idle, and when it fails, nothing leads to the rest.",
                "Mehrere Instanzen helfen nicht, wenn nichts die Anfragen auf sie verteilt: Eine wird überlastet, während die anderen ruhen, und fällt sie aus, führt nichts zu den übrigen.",
            ),
            how: text(
                "Of each service with several tasks the endpoint mode is read. A virtual address (vip) and DNS round robin (dnsrr) both spread requests: when every such service has one of them it passes, as an indication. A port that is published on each node by itself (host mode) goes past Swarm's distribution; then a balancer in front is needed, and it is undecided. So it is when no service has several tasks.",
                "Von jedem Dienst mit mehreren Tasks wird der Endpoint-Modus gelesen. Eine virtuelle Adresse (vip) und DNS-Round-Robin (dnsrr) verteilen Anfragen: Hat jeder solche Dienst eines davon, ist dies bestanden, als Indiz. Ein Port, der auf jedem Knoten für sich veröffentlicht ist (Host-Modus), geht an der Verteilung des Swarms vorbei; dann braucht es einen vorgeschalteten Load Balancer, und es ist unentschieden. Ebenso, wenn kein Dienst mehrere Tasks hat.",
            ),
            blind_spots: text(
                "Balancers outside of the swarm. Clients that keep one connection open, or remember one answer of DNS. Whether requests are in fact spread evenly. Other orchestrators than Swarm.",
                "Load Balancer außerhalb des Swarms. Clients, die eine Verbindung offen halten oder sich eine DNS-Antwort merken. Ob Anfragen tatsächlich gleichmäßig verteilt werden. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Keep the default virtual address, and publish ports through the ingress network or put a balancer in front of those in host mode.",
                "Behalten Sie die voreingestellte virtuelle Adresse bei, und veröffentlichen Sie Ports über das Ingress-Netz oder setzen Sie vor Ports im Host-Modus einen Load Balancer.",
            ),
            example: "docker service update --endpoint-mode vip shop_web",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, balanced)
    }
}

fn balanced(seen: &Seen<'_>) -> Told<Judgement> {
    let services = seen.services()?;
    let mut observations = Vec::new();
    let (mut several, mut unclear, mut past): (usize, Vec<&str>, Vec<&str>) = (0, Vec::new(), Vec::new());
    for service in services.iter().filter(|service| !is_job(service)) {
        let name = service_name(service);
        let message = match (instances(service, seen), service.endpoint_mode.as_deref()) {
            (Some(0 | 1), _) => continue,
            (None, _) => {
                unclear.push(name);
                format!("How many tasks {name} has is not told.")
            }
            (Some(_), Some("vip" | "dnsrr")) => {
                several += 1;
                if !service.ports.iter().any(|port| port.starts_with("host")) {
                    continue;
                }
                past.push(name);
                format!("Ports of {name} are published on each node by itself, past Swarm's distribution.")
            }
            (Some(_), mode) => {
                several += 1;
                unclear.push(name);
                let mode: String = mode.unwrap_or("not told").chars().take(40).collect();
                format!("The endpoint mode of {name} is {mode}.")
            }
        };
        if observations.len() < SHOWN {
            observations.push(seen.on_service(service, "Endpoint.Spec", Severity::Low, message));
        }
    }
    if !unclear.is_empty() {
        let summary = format!("How requests are spread over the tasks is not told of {}.", few(unclear.into_iter()));
        return Ok(undecided(summary, observations));
    }
    if !past.is_empty() {
        let summary =
            format!("Ports go past Swarm's distribution at {}; ask for the balancer in front.", few(past.into_iter()));
        return Ok(undecided(summary, observations));
    }
    if several == 0 {
        let summary =
            "No service has several tasks, so that there is nothing to distribute; ask whether that is intended.";
        return Ok(undecided(summary, observations));
    }
    let summary = format!(
        "Swarm spreads requests over the tasks of {}.",
        count(several, "service that has several", "services that have several")
    );
    Ok(judged(OutcomeKind::Pass, summary, observations))
}
