//! `engine-warnings` (CSVS 2.13): what the engine itself warns of, and whether it runs experiments.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::{HOST, NAMED, of_host, open, said, show};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The engine warns of nothing.
pub(crate) struct EngineWarnings;

/// What a warning says, in small letters, and how much it weighs.
const WEIGHTS: [(&str, Severity); 9] = [
    ("without encryption", Severity::Critical),
    ("without tls client verification", Severity::Critical),
    ("d_type", Severity::Medium),
    ("bridge-nf-call-iptables is disabled", Severity::Medium),
    ("no memory limit", Severity::Medium),
    ("no cpu cfs quota", Severity::Medium),
    ("no pids limit", Severity::Medium),
    ("ipv4 forwarding is disabled", Severity::Medium),
    ("devicemapper", Severity::Medium),
];

impl Check for EngineWarnings {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "engine-warnings",
            use_case: None,
            title: text("Warnings of the engine", "Warnungen der Engine"),
            why: text(
                "The engine knows a part of what is wrong with its host, and says so where few people look.",
                "Die Engine kennt einen Teil dessen, was an ihrem Host nicht stimmt, und sagt es dort, wo kaum jemand hinsieht.",
            ),
            how: text(
                "Every warning of docker info is listed. Those that take away a limit, a firewall or encryption fail, and so do experimental features. Others are left to a person. Without any warning the check passes.",
                "Jede Warnung von docker info wird aufgelistet. Solche, die eine Grenze, die Firewall oder Verschlüsselung betreffen, bestehen nicht, ebenso experimentelle Funktionen. Andere werden einem Menschen überlassen. Ohne Warnungen ist die Prüfung bestanden.",
            ),
            blind_spots: text(
                "Everything on the machine that the engine does not see: services, accounts, updates, partitions, the kernel's own hardening.",
                "Alles auf der Maschine, was die Engine nicht sieht: Dienste, Konten, Aktualisierungen, Partitionen, die Härtung des Kernels selbst.",
            ),
            remedy: text(
                "Remedy each warning, or record why it stays. Harden the machine by a benchmark for its operating system.",
                "Beheben Sie jede Warnung oder halten Sie fest, warum sie bleibt. Härten Sie die Maschine nach einem Benchmark für ihr Betriebssystem.",
            ),
            example: "docker info --format '{{json .Warnings}}'\nnull",
            aliases: &[("docker-bench", "1.2.1"), ("docker-bench", "2.18")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, warnings)
    }
}

fn warnings(host: &HostFacts) -> Judgement {
    let mut observations = Vec::new();
    let (mut grave, mut light) = (0_usize, 0_usize);
    for warning in &host.daemon.warnings {
        let small = warning.to_ascii_lowercase();
        let weight =
            WEIGHTS.iter().find(|(part, _)| small.contains(part)).map_or(Severity::Low, |(_, severity)| *severity);
        if weight == Severity::Low {
            light += 1
        } else {
            grave += 1
        }
        let first = warning.lines().next().unwrap_or_default();
        let text = said(first.trim_start_matches("WARNING:"));
        let message = format!("The engine warns: {}.", text.trim_end_matches('.'));
        observations.push(show::on_info(host, "Warnings", weight, message, &[]));
    }
    if host.daemon.experimental == Some(true) {
        grave += 1;
        let message = "Experimental features of the engine are on.";
        observations.push(show::on_info(host, "ExperimentalBuild", Severity::Medium, message, &["2.18"]));
    }
    observations.sort_by_key(|observation| observation.severity);
    observations.truncate(NAMED);
    if grave > 0 {
        let summary = format!(
            "{} that take protections away.",
            count(grave, "warning or experiment shows settings", "warnings or experiments show settings")
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if light > 0 {
        let summary = format!("The engine gives {}; a person must judge them.", count(light, "warning", "warnings"));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if host.daemon.experimental.is_none() || host.daemon.storage_driver.is_none() {
        return open(
            "The engine does not tell enough of itself to say that it warns of nothing; ask for the output of docker info.",
        );
    }
    judged(OutcomeKind::Pass, "The engine warns of nothing, and no experimental features are on.", observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{good, judge};
    use super::*;

    #[test]
    fn warnings_weigh_by_what_they_take_away() {
        let outcome = |warnings: &[&str]| {
            let mut host = good();
            host.daemon.warnings = warnings.iter().map(|&warning| warning.into()).collect();
            judge(&EngineWarnings, host).outcome
        };
        assert_eq!(outcome(&[]), OutcomeKind::Pass);
        assert_eq!(outcome(&["WARNING: No swap limit support"]), OutcomeKind::Undecided);
        assert_eq!(outcome(&["WARNING: bridge-nf-call-iptables is disabled"]), OutcomeKind::Fail);
        let mut host = good();
        host.daemon.experimental = Some(true);
        assert_eq!(judge(&EngineWarnings, host).outcome, OutcomeKind::Fail);
        let mut host = good();
        host.daemon.experimental = None;
        assert_eq!(judge(&EngineWarnings, host).outcome, OutcomeKind::Undecided);
    }
}
