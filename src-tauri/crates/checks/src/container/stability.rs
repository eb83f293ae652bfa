//! Whether a container keeps running within its limits (CSVS 12.2): kills for want of memory, restarts.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::ContainerFacts;

use super::shown::{of, on};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// From so many restarts on something is wrong.
const MANY: u64 = 5;

/// It keeps running.
pub(super) struct Stability;

impl Check for Stability {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "container-stability",
            use_case: None,
            title: text("Keeps running within its limits", "Läuft stabil innerhalb seiner Grenzen"),
            why: text(
                "Kills for want of memory and constant restarts show that a limit does not fit the application, or that nobody tested it.",
                "Abbrüche wegen Speichermangels und ständige Neustarts zeigen, dass eine Grenze nicht zur Anwendung passt oder niemand sie erprobt hat.",
            ),
            how: text(
                "A container that was killed for want of memory, that is being restarted, is in the state dead, or was restarted by the engine five times or more fails. Fewer restarts, and a container that does not run, are put to the auditor.",
                "Ein Container, der wegen Speichermangels abgebrochen wurde, der gerade neu gestartet wird, im Zustand „dead“ ist oder von der Engine fünfmal oder öfter neu gestartet wurde, fällt durch. Weniger Neustarts und ein Container, der nicht läuft, werden dem Auditor vorgelegt.",
            ),
            blind_spots: text(
                "Restarts by hand or by an orchestrator, which makes a new container each time; kills of single processes beside the first one, which some engines do not tell; all that was before the container was made.",
                "Neustarts von Hand oder durch einen Orchestrator, der jedes Mal einen neuen Container erzeugt; Abbrüche einzelner Prozesse neben dem ersten, die manche Engines nicht melden; alles vor der Erzeugung des Containers.",
            ),
            remedy: text(
                "Find out what the application needs under load, and set its limits and the number of restarts by that.",
                "Ermitteln Sie, was die Anwendung unter Last braucht, und setzen Sie Grenzen und Zahl der Neustarts danach.",
            ),
            example: "docker run --memory 512m --restart on-failure:5 IMAGE",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Container]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match of(facts) {
            Ok(container) => judge(container),
            Err(judgement) => judgement,
        }
    }
}

fn judge(container: &ContainerFacts) -> Judgement {
    let state = &container.state;
    let mut observations = Vec::new();
    let mut faults = Vec::new();
    if state.oom_killed == Some(true) {
        let message = "It was killed for want of memory.";
        observations.push(on(container, "State.OOMKilled", Severity::Medium, message, &[]));
        faults.push("it was killed for want of memory".to_owned());
    }
    if let Some(restarts) = state.restarts.filter(|restarts| *restarts > 0) {
        let times = if restarts == 1 { "once".to_owned() } else { format!("{restarts} times") };
        let severity = if restarts >= MANY { Severity::Medium } else { Severity::Low };
        let message = format!("The engine restarted it {times}.");
        observations.push(on(container, "RestartCount", severity, message, &[]));
        if restarts >= MANY {
            faults.push(format!("it was restarted {times}"));
        }
    }
    if matches!(state.status.as_str(), "restarting" | "dead") {
        let code = state.exit_code.map(|code| format!(" after exit code {code}")).unwrap_or_default();
        let message = format!("Its state is {}{code}.", state.status);
        observations.push(on(container, "State.Status", Severity::Medium, message, &[]));
        faults.push(format!("its state is {}", state.status));
    } else if !state.running
        && let Some(code) = state.exit_code.filter(|code| *code != 0)
    {
        let message = format!("It ended with exit code {code}.");
        observations.push(on(container, "State.ExitCode", Severity::Low, message, &[]));
    }
    if !faults.is_empty() {
        return judged(OutcomeKind::Fail, format!("It does not keep running: {}.", faults.join("; ")), observations);
    }
    let summary = match (state.running, state.oom_killed, state.restarts) {
        (false, _, _) if state.status.is_empty() => "Its state could not be read.".to_owned(),
        (false, _, _) => {
            format!("It does not run (its state is {}), so nothing tells whether it keeps running.", state.status)
        }
        (true, None, _) | (true, _, None) => {
            "The engine does not tell whether it was killed for want of memory, or how often it was restarted."
                .to_owned()
        }
        (true, Some(_), Some(0)) => {
            let summary = "It runs, was never restarted by the engine, and never killed for want of memory.";
            return judged(OutcomeKind::Pass, summary, observations);
        }
        (true, Some(_), Some(restarts)) => {
            format!(
                "The engine restarted it {}; ask why.",
                count(usize::try_from(restarts).unwrap_or(usize::MAX), "time", "times")
            )
        }
    };
    judged(OutcomeKind::Undecided, summary, observations)
}
