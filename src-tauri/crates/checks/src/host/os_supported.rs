//! `host-os-supported` (CSVS 2.3, 2.7, 12.6): the machine's operating system still gets security fixes.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;
use plimsoll_packages::{OsRelease, support_end};

use super::systems::{self, Purpose};
use super::{HOST, of_host, open, said, show};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ID: &str = "host-os-supported";

/// The machine's operating system still gets fixes.
pub(crate) struct HostOsSupported;

impl Check for HostOsSupported {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: None,
            title: text("Supported operating system of the host", "Unterstütztes Betriebssystem des Hosts"),
            why: text(
                "All containers share the host's kernel. When its distribution no longer gets fixes, a single flaw of the kernel opens all of them.",
                "Alle Container teilen sich den Kernel des Hosts. Erhält dessen Distribution keine Korrekturen mehr, öffnet eine einzige Schwachstelle des Kernels sie alle.",
            ),
            how: text(
                "The name and version that the engine passes on are looked up in the same table of end-of-life dates that images are measured with, for the day of the audit. Support that the project offers to everyone counts; support that must be bought does not, unless the engagement allows it with a reason.",
                "Name und Version, die die Engine weitergibt, werden zum Tag der Prüfung in derselben Tabelle der Support-Enden nachgeschlagen, an der auch Images gemessen werden. Support, den das Projekt allen bietet, zählt; gekaufter Support nicht, außer der Auftrag lässt ihn mit Begründung zu.",
            ),
            blind_spots: text(
                "Whether updates are installed, and whether the machine was restarted after a new kernel was installed. Support contracts. Systems that the table does not know.",
                "Ob Aktualisierungen eingespielt sind und ob die Maschine nach einem neuen Kernel neu gestartet wurde. Support-Verträge. Systeme, die die Tabelle nicht kennt.",
            ),
            remedy: text(
                "Move the host to a release that is supported, and let security updates be installed automatically.",
                "Heben Sie den Host auf eine unterstützte Version und lassen Sie Sicherheitsaktualisierungen automatisch einspielen.",
            ),
            example: "docker info --format '{{.OperatingSystem}}'\nDebian GNU/Linux 13 (trixie)",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_host(facts, |host| system(host, &facts.collected, settings))
    }
}

fn system(host: &HostFacts, collected: &str, settings: &Settings) -> Judgement {
    let Some(name) = host.machine.operating_system.as_deref().filter(|name| !name.is_empty()) else {
        return open("The engine does not tell the machine's operating system; ask for /etc/os-release.");
    };
    let shown = said(name);
    let day = collected.get(..10).unwrap_or_default();
    let known = systems::release(&host.machine).and_then(|(id, version)| {
        let os = OsRelease {
            id: id.to_owned(),
            version_id: Some(version),
            pretty_name: Some(name.to_owned()),
            ..OsRelease::default()
        };
        support_end(&os).map(|end| (id, end))
    });
    let (outcome, severity, summary) = match known {
        None if systems::purpose(name) == Some(Purpose::Abandoned) => (
            OutcomeKind::Fail,
            Severity::High,
            format!("{shown} has been given up by its makers: it no longer gets security fixes."),
        ),
        None => (
            OutcomeKind::Undecided,
            Severity::Low,
            format!("Until when {shown} gets security fixes is not known here; ask the client for its support."),
        ),
        Some(_) if day.len() < 10 => (
            OutcomeKind::Undecided,
            Severity::Low,
            format!("The day of the audit is not recorded, so the support of {shown} cannot be judged."),
        ),
        Some((id, end)) => {
            let extended = end.extended.as_deref().unwrap_or(&end.standard);
            let from = &end.from;
            if day <= end.standard.as_str() {
                (
                    OutcomeKind::Pass,
                    Severity::Info,
                    format!("{shown} gets security fixes until {} ({from}).", end.standard),
                )
            } else if day <= extended {
                (
                    OutcomeKind::Pass,
                    Severity::Low,
                    format!(
                        "The regular support of {shown} ended on {}; the extended one lasts until {extended} ({from}).",
                        end.standard
                    ),
                )
            } else {
                let ended = format!("{shown} is past its end of life: no security fixes since {extended} ({from}).");
                match settings.allowed(ID, id) {
                    Some(allowance) => (
                        OutcomeKind::Undecided,
                        Severity::Low,
                        format!("{ended} The engagement allows it: {}.", allowance.reason.trim_end_matches('.')),
                    ),
                    None => (OutcomeKind::Fail, Severity::High, ended),
                }
            }
        }
    };
    let mut observations = vec![show::on_info(host, "OperatingSystem", severity, summary.clone(), &[])];
    if let Some(kernel) = &host.machine.kernel {
        let message =
            format!("The kernel is {}; whether that is the newest of the distribution cannot be told.", said(kernel));
        observations.push(show::on_info(host, "KernelVersion", Severity::Info, message, &[]));
    }
    judged(outcome, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{facts_on, good};
    use super::*;
    use crate::Allowance;

    fn judge(name: &str, version: &str, settings: &Settings) -> OutcomeKind {
        let mut host = good();
        host.machine.operating_system = Some(name.into());
        host.machine.os_version = Some(version.into());
        HostOsSupported.judge(&facts_on(host, "2026-11-24T00:00:00Z"), settings).outcome
    }

    #[test]
    fn releases_are_measured_on_the_day_of_the_audit() {
        let plain = Settings::default();
        assert_eq!(judge("Debian GNU/Linux 13 (trixie)", "13", &plain), OutcomeKind::Pass);
        assert_eq!(judge("Debian GNU/Linux 12 (bookworm)", "12", &plain), OutcomeKind::Pass);
        assert_eq!(judge("CentOS Linux 7 (Core)", "7", &plain), OutcomeKind::Fail);
        assert_eq!(judge("RancherOS v1.5.8", "v1.5.8", &plain), OutcomeKind::Fail);
        for (name, version) in [("Flatcar Container Linux", "3815.2.0"), ("Debian GNU/Linux 99", "99"), ("", "")] {
            assert_eq!(judge(name, version, &plain), OutcomeKind::Undecided, "{name}");
        }
    }

    #[test]
    fn bought_support_is_allowed_with_a_reason() {
        let allowance = Allowance { check: ID.into(), what: "ubuntu".into(), reason: "Ubuntu Pro".into() };
        let settings = Settings { allowances: vec![allowance], ..Settings::default() };
        assert_eq!(judge("Ubuntu 20.04.6 LTS", "20.04", &settings), OutcomeKind::Undecided);
        assert_eq!(judge("Ubuntu 20.04.6 LTS", "20.04", &Settings::default()), OutcomeKind::Fail);
    }
}
