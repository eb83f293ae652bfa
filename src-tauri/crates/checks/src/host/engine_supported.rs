//! `engine-supported` (CSVS 2.3, 2.7, 12.6): the engine's release branch still gets fixes, and the programs beneath it
//! have no flaw that everybody should have left behind.

use plimsoll_catalog::{Observation, OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, Product};

use super::releases::{self, State};
use super::{HOST, of_host, open, said, show};
use crate::a5_build::instant;
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The engine still gets fixes.
pub(crate) struct EngineSupported;

impl Check for EngineSupported {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "engine-supported",
            use_case: None,
            title: text("Supported version of the engine", "Unterstützte Version der Engine"),
            why: text(
                "An engine runs as root and keeps the containers apart. Once its release branch is no longer maintained, flaws by which containers break out are no longer mended.",
                "Eine Engine läuft als Root und trennt die Container voneinander. Wird ihr Release-Zweig nicht mehr gepflegt, bleiben Schwachstellen offen, durch die Container ausbrechen.",
            ),
            how: text(
                "The version is looked up in a table of release branches with a date of its own, for the day of the audit. Fails when Docker's or Mirantis' own build is of a branch that has ended, or when runc as it came with it has a flaw that lets a container reach the host. Undecided: builds of a distribution, which may carry fixes under an old number; branches that only distributors maintain; versions newer than the table; an engine behind the newest patch that the table knows; Podman.",
                "Die Version wird zum Tag der Prüfung in einer Tabelle der Release-Zweige nachgeschlagen, die ein eigenes Datum trägt. Nicht bestanden, wenn ein Build von Docker oder Mirantis aus einem beendeten Zweig stammt oder das mitgelieferte runc eine Schwachstelle hat, über die ein Container den Host erreicht. Unentschieden: Builds einer Distribution, die Korrekturen unter alter Nummer tragen können; Zweige, die nur Distributoren pflegen; Versionen, die neuer sind als die Tabelle; eine Engine hinter dem neuesten bekannten Patch; Podman.",
            ),
            blind_spots: text(
                "Whether a distribution has carried fixes back. Support contracts of the client. How updates are applied, and how soon. Flaws of the engine that were mended within its branch.",
                "Ob eine Distribution Korrekturen zurückgeführt hat. Support-Verträge des Kunden. Wie und wie schnell Aktualisierungen eingespielt werden. Schwachstellen der Engine, die innerhalb ihres Zweigs behoben wurden.",
            ),
            remedy: text(
                "Move to the current major version of the engine together with its containerd and runc, and let updates be applied automatically.",
                "Wechseln Sie auf die aktuelle Hauptversion der Engine samt containerd und runc und lassen Sie Aktualisierungen automatisch einspielen.",
            ),
            example: "docker version --format '{{.Server.Version}}'\n29.8.2",
            aliases: &[("docker-bench", "1.2.2")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, |host| engine(host, &facts.collected))
    }
}

/// Who built the engine, by the name that it gives itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Builder {
    Docker,
    Mirantis,
    Unknown,
}

fn builder(host: &HostFacts, suffix: &str) -> Builder {
    let platform = host.engine.platform.as_deref().unwrap_or_default().to_ascii_lowercase();
    if platform.contains("mirantis") || platform.contains("enterprise") || suffix.starts_with("-ee") {
        Builder::Mirantis
    } else if !suffix.starts_with(['+', '~'])
        && (platform.starts_with("docker engine") || platform.starts_with("docker desktop") || suffix == "-ce")
    {
        Builder::Docker
    } else {
        Builder::Unknown
    }
}

/// Distributions that still get fixes carry nothing older.
const OLDEST_CARRIED: u64 = 20;

fn engine(host: &HostFacts, collected: &str) -> Judgement {
    let Some(version) = host.engine.version.as_deref() else {
        return open("The engine does not tell its version; ask for the output of docker version.");
    };
    let shown = said(version);
    let (outcome, severity, summary) = match host.engine.product {
        Product::Podman => (
            OutcomeKind::Undecided,
            Severity::Info,
            format!("This is Podman {shown}, which distributions maintain; ask whether theirs still gets fixes."),
        ),
        Product::Other => (
            OutcomeKind::Undecided,
            Severity::Info,
            format!("Until when this engine ({shown}) gets fixes is not known here; ask who maintains it."),
        ),
        Product::Docker => match releases::numbers(version) {
            Some((numbers, suffix)) => by_table(numbers, builder(host, suffix), &shown, collected),
            None => (
                OutcomeKind::Undecided,
                Severity::Low,
                format!("The engine calls its version {shown}, which is none of Docker Engine's."),
            ),
        },
    };
    let mut observations = vec![show::on_version(host, "Version", severity, summary.clone())];
    let (below, parts) = components(host, collected);
    observations.extend(parts);
    observations.sort_by_key(|observation| observation.severity);
    match (outcome, below) {
        (OutcomeKind::Fail, _) => judged(OutcomeKind::Fail, summary, observations),
        (_, Some((OutcomeKind::Fail, what))) => judged(OutcomeKind::Fail, what, observations),
        (OutcomeKind::Pass, Some((_, what))) => {
            judged(OutcomeKind::Undecided, format!("{} {what}", summary), observations)
        }
        _ => judged(outcome, summary, observations),
    }
}

/// Days from the table's making to the day of the audit; none when that day cannot be read.
fn days_since_made(collected: &str) -> Option<i64> {
    let made = instant(&format!("{}T00:00:00Z", releases::MADE))?;
    Some((instant(collected)? - made).whole_days())
}

fn by_table(numbers: [u64; 3], builder: Builder, shown: &str, collected: &str) -> (OutcomeKind, Severity, String) {
    let from = format!("Plimsoll's table of {}", releases::MADE);
    let day = collected.get(..10).unwrap_or_default();
    let undecided = |severity, summary| (OutcomeKind::Undecided, severity, summary);
    match releases::branch(numbers, builder == Builder::Mirantis) {
        // An audit that is recorded for a day before the end.
        Some(State::Ended(end)) if day <= end => {
            (OutcomeKind::Pass, Severity::Low, format!("Docker Engine {shown} gets fixes until {end} ({from})."))
        }
        Some(State::Ended(end)) if builder != Builder::Unknown || numbers[0] < OLDEST_CARRIED => (
            OutcomeKind::Fail,
            Severity::High,
            format!("Docker Engine {shown} no longer gets fixes: its release branch ended on {end} ({from})."),
        ),
        Some(State::Ended(end)) => undecided(
            Severity::Medium,
            format!(
                "The release branch of Docker Engine {shown} ended on {end} ({from}), but the build is not Docker's own: ask whether the distribution carries fixes back."
            ),
        ),
        Some(State::Distributors(who)) => undecided(
            Severity::Low,
            format!(
                "The project has left the branch of Docker Engine {shown}; {who} maintain it for their own builds. Ask whose build this is, and until when it is maintained."
            ),
        ),
        Some(State::Maintained) => match (days_since_made(collected), releases::newer(numbers)) {
            (None, _) => undecided(
                Severity::Low,
                format!(
                    "Docker Engine {shown} was maintained when {from} was made, but the day of the audit is not recorded."
                ),
            ),
            (Some(days), _) if days > releases::BELIEVED_DAYS => undecided(
                Severity::Low,
                format!(
                    "Docker Engine {shown} was maintained when {from} was made; by the day of the audit a newer branch may have replaced it."
                ),
            ),
            (Some(_), Some(newer)) => undecided(
                Severity::Low,
                format!(
                    "Docker Engine {shown} is of the branch that is maintained, but behind {newer} ({from}); ask when updates are applied."
                ),
            ),
            (Some(_), None) => (
                OutcomeKind::Pass,
                Severity::Info,
                format!("Docker Engine {shown} is of the branch that is maintained ({from})."),
            ),
        },
        None if numbers[0] > releases::NEWEST_MAJOR => undecided(
            Severity::Info,
            format!("Docker Engine {shown} is newer than what {from} knows; look up whether its branch is maintained."),
        ),
        None if numbers[0] < 17 => (
            OutcomeKind::Fail,
            Severity::High,
            format!("Docker Engine {shown} is older than every branch in {from}: it no longer gets fixes."),
        ),
        None => undecided(
            Severity::Low,
            format!("{from} does not know the branch of Docker Engine {shown}; ask until when it is maintained."),
        ),
    }
}

/// What the programs beneath the engine add: an outcome that is worse than a pass, if any, and all observations.
fn components(host: &HostFacts, collected: &str) -> (Option<(OutcomeKind, String)>, Vec<Observation>) {
    let mut worst: Option<(OutcomeKind, String)> = None;
    let mut observations = Vec::new();
    for (name, version) in host.engine.components.iter().take(super::NAMED) {
        let shown = said(version);
        let mut told =
            |severity, message: String| observations.push(show::on_version(host, "Components", severity, message));
        if name == "runc" {
            let flaws = releases::runc_flaws(version);
            let suffix = releases::numbers(version).map_or("", |(_, suffix)| suffix);
            // Distributions mend flaws without a new number; so did Docker with builds named +dev.
            let plain = suffix.is_empty() || suffix.starts_with("-rc") && !suffix.contains(['+', '~']);
            let own = plain && builder(host, "") != Builder::Unknown;
            for flaw in &flaws {
                let message = if own {
                    format!(
                        "runc {shown} has {} (mended in {}): a container can reach the host.",
                        flaw.cve, flaw.mended
                    )
                } else {
                    format!(
                        "runc {shown} is by its number older than the fix of {} ({}); ask whether the fix was carried back.",
                        flaw.cve, flaw.mended
                    )
                };
                told(if own { Severity::High } else { Severity::Medium }, message);
            }
            if let Some(flaw) = flaws.first() {
                let (outcome, summary) = if own {
                    (
                        OutcomeKind::Fail,
                        format!(
                            "runc {shown} beneath the engine has {}, by which a container can reach the host.",
                            flaw.cve
                        ),
                    )
                } else {
                    (
                        OutcomeKind::Undecided,
                        format!("But runc {shown} may have {}; ask whether the fix was carried back.", flaw.cve),
                    )
                };
                worst = Some((outcome, summary));
                continue;
            }
        }
        if name == "containerd"
            && let Some(end) =
                releases::containerd_end(version).filter(|end| collected.get(..10).is_none_or(|day| day > *end))
        {
            told(
                Severity::Medium,
                format!("The branch of containerd {shown} ended on {end}; ask who maintains this build."),
            );
            worst.get_or_insert((
                OutcomeKind::Undecided,
                format!("But the branch of containerd {shown} ended on {end}."),
            ));
            continue;
        }
        if name == "containerd" || name == "runc" {
            told(Severity::Info, format!("The engine uses {name} {shown}."));
        }
    }
    (worst, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{facts_on, good};
    use super::*;

    fn judge_on(version: &str, platform: Option<&str>, runc: &str, day: &str) -> Judgement {
        let mut host = good();
        host.engine.version = Some(version.into());
        host.engine.platform = platform.map(Into::into);
        host.engine.components = vec![("containerd".into(), "v2.2.1".into()), ("runc".into(), runc.into())];
        EngineSupported.judge(&facts_on(host, day), &Settings::default())
    }

    fn judge(version: &str, platform: Option<&str>, runc: &str) -> OutcomeKind {
        judge_on(version, platform, runc, "2026-11-24T00:00:00Z").outcome
    }

    const DOCKER: Option<&str> = Some("Docker Engine - Community");

    #[test]
    fn the_maintained_branch_passes_and_ended_ones_fail() {
        assert_eq!(judge("29.8.2", DOCKER, "1.3.4"), OutcomeKind::Pass);
        for version in ["28.5.2", "27.3.1", "20.10.24", "17.12.1-ce", "1.13.1"] {
            assert_eq!(judge(version, DOCKER, "1.3.4"), OutcomeKind::Fail, "{version}");
        }
        assert_eq!(judge("19.03.15", None, "1.3.4"), OutcomeKind::Fail);
    }

    #[test]
    fn what_a_distribution_may_maintain_and_what_the_table_does_not_know_is_left_to_a_person() {
        for (version, platform) in [
            ("20.10.24+dfsg1", None),
            ("28.2.2", Some("")),
            ("25.0.14", DOCKER),
            ("30.0.0", DOCKER),
            ("29.1.0", DOCKER),
            ("22.06.0-beta.0", DOCKER),
            ("dev", DOCKER),
        ] {
            assert_eq!(judge(version, platform, "1.3.4"), OutcomeKind::Undecided, "{version}");
        }
    }

    #[test]
    fn the_table_is_not_believed_for_ever() {
        let later = |day| judge_on("29.8.2", DOCKER, "1.3.4", day).outcome;
        assert_eq!(later("2027-01-01T00:00:00Z"), OutcomeKind::Pass);
        assert_eq!(later("2027-12-01T00:00:00Z"), OutcomeKind::Undecided);
        assert_eq!(later("some day"), OutcomeKind::Undecided);
        assert_eq!(judge_on("28.5.2", DOCKER, "1.3.4", "2026-01-01T00:00:00Z").outcome, OutcomeKind::Pass);
    }

    #[test]
    fn flaws_of_runc_count_when_the_number_can_be_believed() {
        assert_eq!(judge("29.8.2", DOCKER, "1.1.11"), OutcomeKind::Fail);
        let distribution = judge_on("29.8.2", DOCKER, "1.1.5+ds1", "2026-11-24T00:00:00Z");
        assert_eq!(distribution.outcome, OutcomeKind::Undecided);
        assert!(distribution.summary.contains("CVE-2025-31133"), "{}", distribution.summary);
        assert!(distribution.observations.iter().any(|o| o.message.contains("CVE-2024-21626")));
    }

    #[test]
    fn podman_is_told_apart() {
        let mut host = good();
        host.engine.product = Product::Podman;
        host.engine.version = Some("4.3.1".into());
        host.engine.components = vec![];
        let judgement = EngineSupported.judge(&facts_on(host, "2026-11-24T00:00:00Z"), &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
        assert!(judgement.summary.contains("Podman 4.3.1"));
    }
}
