//! A3, the distribution's release is supported (CSVS 5.3): past its end of life nobody fixes its packages any more, and
//! nobody says what they suffer from.

use plimsoll_advisories::{Release, Support};
use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_packages::{Ecosystem, Inventory};

use crate::facts::quote;
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The release still gets security fixes.
pub(crate) struct SupportedRelease;

/// The check's id.
pub const SUPPORTED_RELEASE: &str = "supported-release";

impl Check for SupportedRelease {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: SUPPORTED_RELEASE,
            use_case: Some(UseCaseId::A3),
            title: text("Supported release of the distribution", "Unterstützte Version der Distribution"),
            why: text(
                "When a release has reached its end of life, new flaws in its packages are neither fixed nor listed. A scan that finds nothing then says nothing.",
                "Hat eine Version das Ende ihrer Unterstützung erreicht, werden neue Schwachstellen ihrer Pakete weder behoben noch verzeichnet. Ein Scan ohne Treffer sagt dann nichts.",
            ),
            how: text(
                "The release named in os-release is looked up in a table of end-of-life dates, for the day of the audit. Support that the project itself offers to everyone, such as Debian LTS, counts; support that must be bought does not.",
                "Die in os-release genannte Version wird in einer Tabelle der Support-Enden nachgeschlagen, zum Tag der Prüfung. Support, den das Projekt selbst allen bietet, etwa Debian LTS, zählt; gekaufter Support nicht.",
            ),
            blind_spots: text(
                "Support contracts of the client. Releases that the table does not know.",
                "Support-Verträge des Kunden. Versionen, die die Tabelle nicht kennt.",
            ),
            remedy: text(
                "Move to a release that is supported, and build anew.",
                "Wechseln Sie auf eine unterstützte Version und bauen Sie neu.",
            ),
            example: "FROM debian:13-slim",
            aliases: &[("trivy", "EOSL"), ("dockle", "DKL-DI-0003")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["5.3"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        let Some(inventory) = facts.inventory() else {
            return judged(
                OutcomeKind::NotApplicable,
                "There is no distribution to look at: the subject is not an image.",
                Vec::new(),
            );
        };
        let packages = inventory
            .packages
            .iter()
            .filter(|package| matches!(package.ecosystem, Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm))
            .count();
        let Some(os) = &inventory.os else {
            return if packages > 0 {
                let summary = format!(
                    "{} of a distribution are installed, but nothing names its release.",
                    count(packages, "package", "packages")
                );
                judged(OutcomeKind::Undecided, summary, Vec::new())
            } else {
                judged(
                    OutcomeKind::NotApplicable,
                    "The image holds no distribution: neither its packages nor a file that names it.",
                    Vec::new(),
                )
            };
        };
        let computed;
        let release = match facts.vulnerabilities.as_ref().and_then(|found| found.release.as_ref()) {
            Some(release) => release,
            None => {
                computed = release_of(inventory, &facts.collected);
                &computed
            }
        };
        let name = if release.name.is_empty() { os.id.as_str() } else { release.name.as_str() };
        let from = release.from.as_deref().map(|from| format!(" ({from})")).unwrap_or_default();
        let standard = release.standard_end.as_deref().unwrap_or("an unknown day");
        let extended = release.extended_end.as_deref().unwrap_or(standard);
        let (outcome, severity, summary) = match release.support {
            Support::Supported => {
                (OutcomeKind::Pass, Severity::Info, format!("{name} gets security fixes until {standard}{from}."))
            }
            Support::Extended => (
                OutcomeKind::Pass,
                Severity::Low,
                format!(
                    "The regular support of {name} ended on {standard}; the extended one lasts until {extended}{from}."
                ),
            ),
            Support::Ended => (
                OutcomeKind::Fail,
                Severity::High,
                format!(
                    "{name} is past its end of life: no security fixes since {extended}{from}. That no vulnerability is found says nothing."
                ),
            ),
            Support::Unknown => (
                OutcomeKind::Undecided,
                Severity::Low,
                format!("Until when {name} gets security fixes is not known here; ask the client for its support."),
            ),
        };
        // A client that has bought support may have it allowed, with the reason.
        let allowance = settings.allowed(SUPPORTED_RELEASE, &os.id).filter(|_| release.support == Support::Ended);
        let (outcome, severity, summary) = match allowance {
            Some(allowance) => (
                OutcomeKind::Undecided,
                Severity::Low,
                format!("{summary} The engagement allows it: {}.", allowance.reason.trim_end_matches('.')),
            ),
            None => (outcome, severity, summary),
        };
        let observation = Observation {
            severity,
            message: summary.clone(),
            location: place(facts, inventory),
            reproduce: Some(match facts.source.split_once(':') {
                Some(("docker-daemon", reference)) => {
                    format!("docker run --rm --entrypoint cat {} /etc/os-release", quote(reference))
                }
                _ => format!("syft {} -o json | jq .distro", quote(&facts.source)),
            }),
            aliases: Vec::new(),
        };
        judged(outcome, summary, vec![observation])
    }
}

/// The file that names the release.
fn place(facts: &Facts, inventory: &Inventory) -> Option<Location> {
    let source = inventory.sources.iter().find(|source| source.path.contains("-release") && source.error.is_none());
    match (source, &facts.image) {
        (Some(source), Some(_)) => Some(Location::Layer { layer: source.layer.clone(), path: source.path.clone() }),
        _ => None,
    }
}

/// The release as the inventory tells it, for facts that were recorded before releases were.
fn release_of(inventory: &Inventory, at: &str) -> Release {
    let Some(os) = &inventory.os else { return Release::default() };
    let end = os.support_end.as_ref();
    let day = at.get(..10).unwrap_or_default();
    let support = match end {
        None => Support::Unknown,
        Some(end) if day <= end.standard.as_str() => Support::Supported,
        Some(end) if end.extended.as_deref().is_some_and(|extended| day <= extended) => Support::Extended,
        Some(_) => Support::Ended,
    };
    Release {
        id: os.id.clone(),
        version: os.version_id.clone(),
        name: os.pretty_name.clone().unwrap_or_else(|| os.id.clone()),
        ecosystem: None,
        support,
        standard_end: end.map(|end| end.standard.clone()),
        extended_end: end.and_then(|end| end.extended.clone()),
        from: end.map(|end| end.from.clone()),
    }
}
