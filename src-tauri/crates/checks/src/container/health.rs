//! A container's health check and what it says (CSVS 9.4).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::ContainerFacts;
use time::Duration;

use super::shown::{moment, of, on, podman, short, stopped};
use crate::a5_build::span;
use crate::b4_healthcheck::always_succeeds;
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// A check that has not succeeded for so long after the start is more than slow.
const SLOW: Duration = Duration::minutes(10);

/// Its health check works and says healthy.
pub(super) struct Health;

impl Check for Health {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "container-health",
            use_case: None,
            title: text("Health check in force and passing", "Health-Check wirksam und erfolgreich"),
            why: text(
                "Without a health check the engine knows only that a process is there, not that it serves; and a check whose result nobody acts on is as good as none.",
                "Ohne Health-Check weiß die Engine nur, dass ein Prozess da ist, nicht, dass er seinen Dienst tut; und eine Prüfung, auf deren Ergebnis niemand reagiert, ist so gut wie keine.",
            ),
            how: text(
                "The container's own settings count, whatever its image says. No health check, one that is switched off, one that can only succeed, and the state unhealthy fail. Healthy passes. A container that is still starting, or does not run, is put to the auditor.",
                "Es zählen die Einstellungen des Containers selbst, gleich, was sein Image sagt. Kein Health-Check, ein abgeschalteter, einer, der nur gelingen kann, und der Zustand „unhealthy“ fallen durch. „Healthy“ besteht. Ein Container, der noch startet oder nicht läuft, wird dem Auditor vorgelegt.",
            ),
            blind_spots: text(
                "Whether the command tests what matters, and whether anybody or anything watches the result and acts on it. Checks that an orchestrator or a monitoring system makes from outside.",
                "Ob der Befehl das Wesentliche prüft und ob jemand oder etwas das Ergebnis beobachtet und handelt. Prüfungen, die ein Orchestrator oder eine Überwachung von außen vornimmt.",
            ),
            remedy: text(
                "Define a HEALTHCHECK in the Dockerfile or in the Compose file, and let monitoring or the orchestrator act on its result.",
                "Definieren Sie einen HEALTHCHECK im Dockerfile oder in der Compose-Datei und lassen Sie die Überwachung oder den Orchestrator auf das Ergebnis reagieren.",
            ),
            example: "docker run --health-cmd 'curl -fsS http://localhost:8080/health || exit 1' --health-interval 30s IMAGE",
            aliases: &[("docker-bench", "5.27")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Container]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match of(facts) {
            Ok(container) => judge(container, &facts.collected),
            Err(judgement) => judgement,
        }
    }
}

fn judge(container: &ContainerFacts, collected: &str) -> Judgement {
    let field = "Config.Healthcheck";
    let state = &container.state;
    let health = state.health.as_deref().filter(|health| !health.is_empty() && *health != "none");
    let mut observations = Vec::new();
    match container.config.healthcheck.as_deref() {
        Some([word, ..]) if word == "NONE" => {
            let message = "The health check of its image is switched off.";
            observations.push(on(container, field, Severity::Medium, message, &["5.27"]));
            return judged(OutcomeKind::Fail, "Its health check is switched off.", observations);
        }
        Some(test @ [_, ..]) => {
            let message = format!("It runs: {}", short(&test.join(" ")));
            if always_succeeds(test) {
                observations.push(on(container, field, Severity::Medium, message, &[]));
                let summary = "Its health check cannot fail, so it says nothing.";
                return judged(OutcomeKind::Fail, summary, observations);
            }
            observations.push(on(container, field, Severity::Info, message, &[]));
        }
        Some([]) | None if health.is_some() => {}
        Some([]) | None => {
            if state.status.is_empty() {
                let summary = "Neither its health check nor its state could be read.";
                return judged(OutcomeKind::Undecided, summary, observations);
            }
            // Podman answers Docker's clients without the field.
            if podman(container) {
                let summary =
                    "Podman does not tell Docker's clients whether it has a health check; see podman inspect.";
                return judged(OutcomeKind::Undecided, summary, observations);
            }
            observations.push(on(container, field, Severity::Medium, "It has no health check.", &["5.27"]));
            return judged(OutcomeKind::Fail, "It has no health check.", observations);
        }
    }
    if stopped(container) {
        let summary = format!("It has a health check, but does not run (its state is {}).", state.status);
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let now = "State.Health";
    match health {
        Some("healthy") => {
            let message = "The last health check succeeded; whether anybody watches the result does not show.";
            observations.push(on(container, now, Severity::Info, message, &[]));
            judged(OutcomeKind::Pass, "It has a health check, which says healthy.", observations)
        }
        Some("unhealthy") => {
            let streak = match state.failing_streak {
                Some(streak) if streak > 1 => format!("The last {streak} health checks failed, and it still runs."),
                _ => "Its health check fails, and it still runs.".to_owned(),
            };
            observations.push(on(container, now, Severity::High, streak, &[]));
            judged(OutcomeKind::Fail, "Its health check says unhealthy.", observations)
        }
        Some("starting") => {
            let started = state.started.as_deref().and_then(moment);
            let since = started.zip(moment(collected)).map(|(started, now)| now - started);
            let (severity, message) = match since {
                Some(time) if time > SLOW => {
                    let time =
                        if time.whole_hours() < 2 { format!("{} minutes", time.whole_minutes()) } else { span(time) };
                    (Severity::Medium, format!("Its health check has not succeeded once in {time}."))
                }
                _ => (Severity::Info, "Its health check has not succeeded yet; look again.".to_owned()),
            };
            observations.push(on(container, now, severity, message, &[]));
            judged(OutcomeKind::Undecided, "Its health check has not said anything yet.", observations)
        }
        other => {
            let what = other.map_or_else(|| "what it says is not told".to_owned(), |word| format!("it says {word}"));
            judged(OutcomeKind::Undecided, format!("It has a health check, but {what}."), observations)
        }
    }
}
