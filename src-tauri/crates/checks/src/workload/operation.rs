//! CSVS 2.8, 9.1, 9.5, 11.5 and 12.5: logs, starting again, and updates.

use plimsoll_catalog::{Severity, SubjectKind};
use plimsoll_dockerfile::compose::interpolate;

use super::ask::{Answer, Ask, COMPOSE, Notes};
use super::view::{Said, Workload};
use crate::{CheckInfo, Settings, text};

/// The container is logged.
pub(crate) struct Logged;
/// Its log goes to a central place.
pub(crate) struct Central;
/// It is started again after an error.
pub(crate) struct Restart;
/// Updates come step by step and can be taken back.
pub(crate) struct Updates;

impl Ask for Logged {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "container-logging",
            use_case: None,
            title: text("The container is logged", "Der Container wird protokolliert"),
            why: text(
                "What a container writes to its output is often the only trace of an attack or a fault.",
                "Was ein Container auf seine Ausgabe schreibt, ist oft die einzige Spur eines Angriffs oder Fehlers.",
            ),
            how: text(
                "The logging driver “none” fails, any other passes, as an indication. A Compose file that names no driver leaves it to the daemon: undecided.",
                "Der Protokolltreiber „none“ fällt durch, jeder andere besteht, als Indiz. Eine Compose-Datei ohne Treiberangabe überlässt es dem Daemon: unentschieden.",
            ),
            blind_spots: text(
                "Whether the program writes anything to its output, and how long logs are kept.",
                "Ob das Programm etwas auf seine Ausgabe schreibt und wie lange Protokolle aufbewahrt werden.",
            ),
            remedy: text(
                "Use a logging driver other than none.",
                "Verwenden Sie einen anderen Protokolltreiber als none.",
            ),
            example: "",
            aliases: &[],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let driver = it.log_driver();
        match &driver.said {
            Said::Is(driver_name) if driver_name == "none" => {
                notes.fault(
                    &driver.spot,
                    Severity::Medium,
                    format!("{name} is not logged: its logging driver is none."),
                );
            }
            Said::Is(driver_name) => {
                notes.note(&driver.spot, Severity::Info, format!("{name} is logged by the driver {driver_name}."));
                let bounded = it.log_options().iter().any(|(option, _)| option == "max-size");
                if driver_name == "json-file" && !bounded {
                    let message = format!(
                        "{name} has a log without a bound (max-size): it may fill the host's disk, unless the daemon sets one."
                    );
                    notes.note(&driver.spot, Severity::Low, message);
                }
            }
            Said::Unset => {
                let message = format!(
                    "{name} names no logging driver: the daemon's default applies, which the file does not tell."
                );
                notes.doubt(&driver.spot, Severity::Low, message);
            }
            Said::Untold(reason) => notes.untold(it, &driver.spot, "its logging driver", reason),
        }
        notes.answer(&driver.spot, format!("{name} is logged."))
    }
}

/// Drivers that send logs away, by the option that says where; an empty one means that the driver alone says it.
const REMOTE: [(&str, &str); 10] = [
    ("awslogs", ""),
    ("fluentd", ""),
    ("gcplogs", ""),
    ("gelf", "gelf-address"),
    ("logentries", ""),
    ("loki", ""),
    ("grafana/loki-docker-driver", ""),
    ("splunk", "splunk-url"),
    ("syslog", "syslog-address"),
    ("sumologic", ""),
];

impl Ask for Central {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "container-log-shipping",
            use_case: None,
            title: text("The log goes to a central place", "Das Protokoll geht an eine zentrale Stelle"),
            why: text(
                "Whoever takes over a host also takes its logs. Only what had left it before can still tell what happened.",
                "Wer einen Host übernimmt, übernimmt auch dessen Protokolle. Nur was ihn vorher verlassen hat, kann noch erzählen, was geschah.",
            ),
            how: text(
                "A driver that sends logs elsewhere (syslog with an address other than this machine's, gelf, fluentd, awslogs, gcplogs, splunk and others) passes, as an indication; the driver “none” fails. With a local driver another program may carry the logs on: undecided.",
                "Ein Treiber, der Protokolle anderswohin sendet (syslog mit fremder Adresse, gelf, fluentd, awslogs, gcplogs, splunk und andere), besteht, als Indiz; der Treiber „none“ fällt durch. Bei einem lokalen Treiber kann ein anderes Programm die Protokolle weitertragen: unentschieden.",
            ),
            blind_spots: text(
                "Whether the logs arrive, and agents on the host that carry local logs on.",
                "Ob die Protokolle ankommen, und Agenten auf dem Host, die lokale Protokolle weitertragen.",
            ),
            remedy: text(
                "Send the logs to a central system, by a driver or by an agent on each host.",
                "Senden Sie die Protokolle an ein zentrales System, mit einem Treiber oder einem Agenten auf jedem Host.",
            ),
            example: "docker run --log-driver syslog --log-opt syslog-address=tcp+tls://logs.example.com:6514 IMAGE",
            aliases: &[],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let driver = it.log_driver();
        let options = it.log_options();
        match &driver.said {
            Said::Is(used) if used == "none" => {
                notes.fault(&driver.spot, Severity::Medium, format!("{name} has no log that could go anywhere."));
            }
            Said::Is(used) => {
                let known = REMOTE.iter().find(|(known, _)| used.split(':').next() == Some(known));
                let address = known.and_then(|(_, option)| options.iter().find(|(key, _)| key == option));
                let away = |address: &str| {
                    let resolved = interpolate(address);
                    !["unix", "127.", "localhost", "://[::1]"].iter().any(|local| resolved.value.contains(local))
                };
                match (known, address) {
                    (Some((_, "")), _) => {
                        let local = options.iter().find(|(key, value)| key.ends_with("-address") && !away(value));
                        let to = local
                            .map_or("elsewhere".to_owned(), |(_, address)| format!("to {address} on this machine"));
                        notes.note(
                            &driver.spot,
                            Severity::Info,
                            format!("{name} hands its log on by the driver {used}, {to}."),
                        );
                    }
                    (Some(_), Some((_, address))) if away(address) => {
                        notes.note(
                            &driver.spot,
                            Severity::Info,
                            format!("{name} sends its log to {address} ({used})."),
                        );
                    }
                    _ => {
                        let message = format!(
                            "{name} keeps its log on the host ({used}); whether something carries it on does not show."
                        );
                        notes.doubt(&driver.spot, Severity::Low, message);
                    }
                }
            }
            Said::Unset => {
                let message = format!(
                    "{name} names no logging driver: the daemon's default applies, which the file does not tell."
                );
                notes.doubt(&driver.spot, Severity::Low, message);
            }
            Said::Untold(reason) => notes.untold(it, &driver.spot, "its logging driver", reason),
        }
        notes.answer(&driver.spot, format!("{name} sends its log elsewhere."))
    }
}

/// More attempts than this hide a fault rather than mend it; the CIS benchmark's own number.
const ATTEMPTS: u64 = 5;

impl Ask for Restart {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "restart-policy",
            use_case: None,
            title: text("Started again after an error", "Neustart nach einem Fehler"),
            why: text(
                "A service that fails at night has to come back by itself. One that is restarted for ever hides its fault and uses up the host's resources meanwhile.",
                "Ein Dienst, der nachts ausfällt, muss von selbst wiederkommen. Einer, der endlos neu gestartet wird, verbirgt seinen Fehler und verbraucht dabei die Ressourcen des Hosts.",
            ),
            how: text(
                "on-failure passes; more than five attempts, or any number of them, get a remark. always and unless-stopped fail with little weight: they start again after an error too, but also after an orderly end. no fails. What a swarm, Kubernetes or systemd starts again is undecided here, since they decide. A service of a Compose file without restart is not started again.",
                "on-failure besteht; mehr als fünf oder beliebig viele Versuche erhalten eine Anmerkung. always und unless-stopped fallen mit geringem Gewicht durch: Auch sie starten nach einem Fehler neu, aber ebenso nach einem ordentlichen Ende. no fällt durch. Was ein Swarm, Kubernetes oder systemd neu startet, ist hier unentschieden, denn dort wird das bestimmt. Ein Dienst einer Compose-Datei ohne restart wird nicht neu gestartet.",
            ),
            blind_spots: text(
                "Whether somebody is told of restarts, and what the orchestrator does.",
                "Ob jemand von Neustarts erfährt und was der Orchestrator tut.",
            ),
            remedy: text(
                "Set on-failure with a small number of attempts.",
                "Setzen Sie on-failure mit wenigen Versuchen.",
            ),
            example: "docker run --restart on-failure:5 IMAGE\n\nservices:\n  web:\n    restart: on-failure:5",
            aliases: &[("cis-docker", "5.15"), ("docker-bench", "5.15")],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let restart = it.restart();
        let spot = restart.spot.clone();
        if let Some(orchestrator) = it.orchestrator() {
            let message = format!("{name} is started again by {orchestrator}, whose settings decide.");
            notes.doubt(&spot, Severity::Info, message);
            return notes.answer(&spot, "");
        }
        let allowance = it.allowed(settings, "restart-policy", None);
        match &restart.said {
            Said::Is(policy) => {
                let (word, attempts) = policy.split_once(':').unwrap_or((policy, ""));
                match word.trim() {
                    "on-failure" => match attempts.trim().parse::<u64>() {
                        Ok(number) if (1..=ATTEMPTS).contains(&number) => {}
                        Ok(number) if number > 0 => {
                            notes.note(
                                &spot,
                                Severity::Low,
                                format!("{name} is started again {number} times, which hides a lasting fault."),
                            );
                        }
                        _ => notes.note(
                            &spot,
                            Severity::Low,
                            format!("{name} is started again without end when it fails."),
                        ),
                    },
                    always @ ("always" | "unless-stopped" | "any") => {
                        let message = format!(
                            "{name} is started again whatever the reason of its end ({always}), not on failure alone."
                        );
                        notes.fault_unless(allowance, &spot, Severity::Low, &message);
                    }
                    "" | "no" | "none" | "false" => {
                        notes.fault_unless(
                            allowance,
                            &spot,
                            Severity::Medium,
                            &format!("{name} is not started again after an error."),
                        );
                    }
                    other => {
                        let other: String = other.chars().take(40).collect();
                        notes.untold(it, &spot, "its restart policy", &format!("{other} is no such policy"));
                    }
                }
            }
            Said::Unset => {
                notes.fault_unless(
                    allowance,
                    &spot,
                    Severity::Medium,
                    &format!("{name} is not started again after an error."),
                );
            }
            Said::Untold(reason) => notes.untold(it, &spot, "its restart policy", reason),
        }
        notes.answer(&spot, format!("{name} is started again after an error."))
    }
}

impl Ask for Updates {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "compose-updates",
            use_case: None,
            title: text("Updates come step by step", "Aktualisierung in Schritten"),
            why: text(
                "A faulty version that replaces all instances at once is an outage. One after the other, with a way back, it stays an incident.",
                "Eine fehlerhafte Version, die alle Instanzen zugleich ersetzt, ist ein Ausfall. Schritt für Schritt und mit einem Weg zurück bleibt es ein Zwischenfall.",
            ),
            how: text(
                "deploy.update_config is read, which a swarm follows. Updating all at once (parallelism 0) and going on in spite of failures fail. A step by step update that is rolled back on failure passes, as an indication. Without such settings a person decides: Compose itself replaces a service at once, and a swarm has defaults without a way back.",
                "Gelesen wird deploy.update_config, wonach sich ein Swarm richtet. Alles auf einmal (parallelism 0) und das Weitermachen trotz Fehlern fallen durch. Eine schrittweise Aktualisierung, die bei einem Fehler zurückgenommen wird, besteht, als Indiz. Ohne solche Angaben entscheidet ein Mensch: Compose selbst ersetzt einen Dienst auf einen Schlag, und die Vorgaben eines Swarms sehen keinen Weg zurück vor.",
            ),
            blind_spots: text(
                "How releases are really made: pipelines, and load balancers in front of the services.",
                "Wie tatsächlich ausgerollt wird: Pipelines und Load Balancer vor den Diensten.",
            ),
            remedy: text(
                "Update one task at a time, watch it, and roll back on failure.",
                "Aktualisieren Sie eine Instanz nach der anderen, beobachten Sie sie und nehmen Sie die Änderung bei Fehlern zurück.",
            ),
            example: "deploy:\n  replicas: 3\n  update_config:\n    parallelism: 1\n    order: start-first\n    failure_action: rollback\n    monitor: 30s",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        COMPOSE
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let Workload::Service(file, service) = it else {
            return notes.not_asked(&it.spot("", None), "Only a Compose file shows this.");
        };
        let update = service.deploy.as_ref().and_then(|deploy| deploy.update.as_ref());
        let spot = Workload::line(file, update.map_or(service.line, |update| update.line));
        let Some(update) = update else {
            let reason = Workload::gap(service, "deploy.update_config");
            let message = match reason {
                Some((reason, _)) => format!("{name}: how it is updated is not told, since {reason}."),
                None => format!("{name} says nothing about how it is updated (deploy.update_config)."),
            };
            notes.doubt(&spot, Severity::Low, message);
            return notes.answer(&spot, "");
        };
        let word = |value: &Option<String>| value.as_deref().map(|value| interpolate(value).value);
        let action = word(&update.failure_action);
        let parallel = word(&update.parallelism);
        if parallel.as_deref() == Some("0") {
            notes.fault(&spot, Severity::Medium, format!("{name} is updated with all its tasks at once."));
        }
        match action.as_deref() {
            Some("rollback") => {
                let step = parallel.unwrap_or_else(|| "1".to_owned());
                notes.note(
                    &spot,
                    Severity::Info,
                    format!("{name} is updated in steps of {step} and rolled back on failure."),
                );
            }
            Some("continue") => {
                notes.fault(&spot, Severity::Medium, format!("{name} goes on with an update in spite of failures."));
            }
            None | Some("pause") => {
                let back = if service.deploy.as_ref().is_some_and(|deploy| deploy.rollback.is_some()) {
                    "; how it is rolled back is set, but a person has to start it"
                } else {
                    ", and the way back is left to a person"
                };
                notes.doubt(&spot, Severity::Low, format!("{name} stops an update on failure{back}."));
            }
            Some(other) => {
                let other: String = other.chars().take(40).collect();
                notes.doubt(
                    &spot,
                    Severity::Low,
                    format!("{name} has an unknown setting for the failure of an update: {other}."),
                );
            }
        }
        notes.answer(&spot, format!("{name} is updated step by step, with a way back."))
    }
}

#[cfg(test)]
#[path = "operation_tests.rs"]
mod tests;
