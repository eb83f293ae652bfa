//! `container-os` (CSVS 2.12): the node runs a system that was made for containers.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::systems::{self, Purpose};
use super::{HOST, of_host, open, said, show};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The node's system was made for containers.
pub(crate) struct ContainerOs;

impl Check for ContainerOs {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "container-os",
            use_case: None,
            title: text("System made for containers", "Auf Container ausgelegtes System"),
            why: text(
                "A system that only runs containers has few programs, an unchangeable root file system and updates that can be taken back: there is little to attack, and little to forget.",
                "Ein System, das nur Container ausführt, hat wenige Programme, ein unveränderliches Root-Dateisystem und rücknehmbare Aktualisierungen: Es bietet wenig Angriffsfläche, und wenig wird vergessen.",
            ),
            how: text(
                "The name that the system gives itself decides. Systems known to be made for containers pass (Flatcar, Fedora and Red Hat CoreOS, Bottlerocket, Talos, Photon, balenaOS, MicroOS and its kin, Container-Optimized OS, Ubuntu Core), known general-purpose ones fail, all others are undecided.",
                "Es entscheidet der Name, den das System sich gibt. Systeme, die bekanntermaßen für Container gemacht sind, bestehen (Flatcar, Fedora und Red Hat CoreOS, Bottlerocket, Talos, Photon, balenaOS, MicroOS und Verwandte, Container-Optimized OS, Ubuntu Core), bekannte Allzwecksysteme bestehen nicht, alle anderen bleiben unentschieden.",
            ),
            blind_spots: text(
                "What else was installed on the machine. A general-purpose system that was cut down to what containers need.",
                "Was sonst auf der Maschine installiert wurde. Ein Allzwecksystem, das auf das für Container Nötige reduziert wurde.",
            ),
            remedy: text(
                "Run nodes on a system made for containers, or record why a general-purpose one is needed and how it is cut down.",
                "Betreiben Sie Knoten auf einem auf Container ausgelegten System oder halten Sie fest, warum ein Allzwecksystem nötig ist und wie es reduziert wird.",
            ),
            example: "docker info --format '{{.OperatingSystem}}'\nFlatcar Container Linux by Kinvolk 4230.2.1 (Oklo)",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, system)
    }
}

fn system(host: &HostFacts) -> Judgement {
    let Some(name) = host.machine.operating_system.as_deref().filter(|name| !name.is_empty()) else {
        return open("The engine does not tell the machine's operating system; ask for /etc/os-release.");
    };
    let shown = said(name);
    let (outcome, severity, summary) = match systems::purpose(name) {
        Some(Purpose::Containers) => (OutcomeKind::Pass, Severity::Info, format!("{shown} is made for containers.")),
        Some(Purpose::Abandoned) => (
            OutcomeKind::Pass,
            Severity::Medium,
            format!("{shown} is made for containers, but its makers have given it up."),
        ),
        Some(Purpose::General) => (
            OutcomeKind::Fail,
            Severity::Low,
            format!("{shown} is a general-purpose system, not one made for containers."),
        ),
        Some(Purpose::Workstation) => (
            OutcomeKind::Undecided,
            Severity::Info,
            format!("{shown} is a virtual machine on a workstation; audit the nodes that run the service."),
        ),
        None => (
            OutcomeKind::Undecided,
            Severity::Info,
            format!("The name {shown} does not tell whether the system is made for containers."),
        ),
    };
    judged(outcome, summary.clone(), vec![show::on_info(host, "OperatingSystem", severity, summary, &[])])
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{good, judge};
    use super::*;

    #[test]
    fn the_name_decides_when_it_is_known() {
        let judged = |name: &str| {
            let mut host = good();
            host.machine.operating_system = Some(name.into());
            judge(&ContainerOs, host).outcome
        };
        assert_eq!(judged("Flatcar Container Linux by Kinvolk 3815.2.0"), OutcomeKind::Pass);
        assert_eq!(judged("Debian GNU/Linux 13 (trixie)"), OutcomeKind::Fail);
        for name in ["fedora", "Docker Desktop", "Buildroot", ""] {
            assert_eq!(judged(name), OutcomeKind::Undecided, "{name}");
        }
    }
}
