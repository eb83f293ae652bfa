//! Whether the limits that are configured are in force (CSVS 12.2).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{ContainerFacts, StatsFacts};

use super::shown::{of, on, on_stats, why_unread};
use crate::figures::bytes;
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The kernel rounds a limit down to whole pages, of 64 KiB at most.
const PAGE: u64 = 65_536;
/// From so many hundredths of a limit on it is near.
const NEAR: u64 = 90;

/// What is configured is in force.
pub(super) struct InForce;

impl Check for InForce {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "limits-in-force",
            use_case: None,
            title: text("Limits take hold as configured", "Grenzen wirken wie eingestellt"),
            why: text(
                "A limit that the kernel does not hold, or that is above what the machine has, protects nobody; one that is nearly reached stops the application instead.",
                "Eine Grenze, die der Kernel nicht durchsetzt oder die über dem liegt, was die Maschine hat, schützt niemanden; eine fast erreichte hält stattdessen die Anwendung auf.",
            ),
            how: text(
                "The configured limits for memory and processes are compared with those that the kernel reports for the running container. Another one in force fails. A memory limit above the machine's memory, no limit at all, and use of at least 90 percent are put to the auditor.",
                "Die eingestellten Grenzen für Speicher und Prozesse werden mit denen verglichen, die der Kernel für den laufenden Container meldet. Gilt eine andere, fällt die Prüfung durch. Eine Grenze über dem Arbeitsspeicher der Maschine, das Fehlen jeder Grenze und eine Auslastung ab 90 Prozent werden dem Auditor vorgelegt.",
            ),
            blind_spots: text(
                "It is a snapshot and no test: nothing was put under load to see the limit take hold. Limits on processor, disk and network, and ulimits.",
                "Es ist eine Momentaufnahme und kein Test: Nichts wurde belastet, um zu sehen, ob die Grenze greift. Grenzen für Prozessor, Platte und Netz sowie Ulimits.",
            ),
            remedy: text(
                "Set memory and pids limits that the application was tested with; look at the kernel's cgroup support where they do not take hold.",
                "Setzen Sie Grenzen für Speicher und Prozesse, mit denen die Anwendung getestet wurde; prüfen Sie die cgroup-Unterstützung des Kernels, wenn sie nicht greifen.",
            ),
            example: "docker run --memory 512m --pids-limit 100 IMAGE",
            aliases: &[("docker-bench", "5.11"), ("docker-bench", "5.29")],
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

/// How one limit stands.
enum Stands {
    /// None is configured.
    NoLimit,
    /// It is configured, and what is in force is not told.
    Untold,
    /// It is in force, to no effect or nearly used up.
    Doubtful,
    /// It is in force.
    Holds,
    /// Another, or none, is in force.
    Broken,
}

/// Whether so much is near a limit.
fn near(used: u64, limit: u64) -> bool {
    used.saturating_mul(100) >= limit.saturating_mul(NEAR)
}

fn judge(container: &ContainerFacts) -> Judgement {
    let Some(stats) = &container.stats else {
        let summary = format!("Which limits are in force is not known: {}.", why_unread(container, "stats"));
        return judged(OutcomeKind::Undecided, summary, Vec::new());
    };
    let mut observations = Vec::new();
    let limits = [memory(container, stats, &mut observations), pids(container, stats, &mut observations)];
    let any = |kind: fn(&Stands) -> bool| limits.iter().any(kind);
    if any(|limit| matches!(limit, Stands::Broken)) {
        return judged(OutcomeKind::Fail, "A configured limit is not in force.", observations);
    }
    let summary = if any(|limit| matches!(limit, Stands::Untold)) {
        "The engine does not tell all limits that are in force."
    } else if any(|limit| matches!(limit, Stands::Doubtful)) {
        "Its limits are in force, but one of them is without effect or nearly reached."
    } else if limits.iter().all(|limit| matches!(limit, Stands::NoLimit)) {
        "It has no limit on memory or processes that could be in force."
    } else {
        let which = match &limits {
            [Stands::Holds, Stands::Holds] => "Its limits on memory and processes are in force as configured.",
            [Stands::Holds, _] => "Its limit on memory is in force as configured; it has none on processes.",
            _ => "Its limit on processes is in force as configured; it has none on memory.",
        };
        return judged(OutcomeKind::Pass, which, observations);
    };
    judged(OutcomeKind::Undecided, summary, observations)
}

fn memory(
    container: &ContainerFacts,
    stats: &StatsFacts,
    observations: &mut Vec<plimsoll_catalog::Observation>,
) -> Stands {
    let wanted = match container.host_config.memory {
        None => return Stands::Untold,
        Some(0) => {
            let message = "No limit on memory is configured.";
            observations.push(on(container, "HostConfig.Memory", Severity::Low, message, &["5.11"]));
            return Stands::NoLimit;
        }
        Some(wanted) => wanted,
    };
    let field = "memory_stats.limit";
    let Some(limit) = stats.memory_limit else { return Stands::Untold };
    if container.at.memory.is_some_and(|machine| wanted > machine) {
        let message = format!("The limit on memory, {}, is above what the machine has.", bytes(wanted));
        observations.push(on(container, "HostConfig.Memory", Severity::Medium, message, &["5.11"]));
        return Stands::Doubtful;
    }
    if limit > wanted || wanted - limit > PAGE {
        let message =
            format!("A limit of {} of memory is configured, but {} is in force.", bytes(wanted), bytes(limit));
        observations.push(on_stats(container, field, Severity::High, message));
        return Stands::Broken;
    }
    let Some(used) = stats.memory else {
        observations.push(on_stats(
            container,
            field,
            Severity::Info,
            format!("A limit of {} is in force.", bytes(limit)),
        ));
        return Stands::Holds;
    };
    let close = near(used, limit);
    let severity = if close { Severity::Medium } else { Severity::Info };
    observations.push(on_stats(
        container,
        field,
        severity,
        format!("{} of {} of memory are in use.", bytes(used), bytes(limit)),
    ));
    if close { Stands::Doubtful } else { Stands::Holds }
}

fn pids(
    container: &ContainerFacts,
    stats: &StatsFacts,
    observations: &mut Vec<plimsoll_catalog::Observation>,
) -> Stands {
    // None, 0 and -1 are no limit here: Docker answers null for "none set".
    let wanted =
        container.host_config.pids_limit.and_then(|limit| u64::try_from(limit).ok()).filter(|limit| *limit > 0);
    let Some(wanted) = wanted else {
        let message = "No limit on processes is configured.";
        observations.push(on(container, "HostConfig.PidsLimit", Severity::Low, message, &["5.29"]));
        return Stands::NoLimit;
    };
    let field = "pids_stats.limit";
    let Some(limit) = stats.pids_limit else { return Stands::Untold };
    if limit != wanted {
        let message = format!("A limit of {wanted} processes is configured, but {limit} is in force.");
        let message = if limit == 0 || limit > u64::from(u32::MAX) {
            format!("A limit of {wanted} processes is configured, but none is in force.")
        } else {
            message
        };
        observations.push(on_stats(container, field, Severity::High, message));
        return Stands::Broken;
    }
    let Some(used) = stats.pids else {
        observations.push(on_stats(
            container,
            field,
            Severity::Info,
            format!("A limit of {limit} processes is in force."),
        ));
        return Stands::Holds;
    };
    let close = near(used, limit);
    let severity = if close { Severity::Medium } else { Severity::Info };
    let message = format!("{used} of {limit} processes and threads are in use.");
    observations.push(on_stats(container, field, severity, message));
    if close { Stands::Doubtful } else { Stands::Holds }
}
