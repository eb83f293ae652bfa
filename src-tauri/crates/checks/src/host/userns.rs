//! `user-namespaces` (CSVS 3.2): root in a container is not root on the host. `rootless-engine` (CSVS 2.13): dockerd
//! itself runs without root.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, Product};

use super::{HOST, not_on_windows, of_host, open, show};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Users of containers are others on the host.
pub(crate) struct UserNamespaces;

impl Check for UserNamespaces {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "user-namespaces",
            use_case: None,
            title: text("User namespaces", "User-Namespaces"),
            why: text(
                "Without user namespaces root in a container is root on the host: a process that breaks out may do everything.",
                "Ohne User-Namespaces ist Root im Container auch Root auf dem Host: Ein ausgebrochener Prozess darf alles.",
            ),
            how: text(
                "The engine lists userns (userns-remap) or rootless among its security options. Either of them passes; without both the check fails.",
                "Die Engine führt userns (userns-remap) oder rootless unter ihren Sicherheitsoptionen auf. Mit einem von beiden ist die Prüfung bestanden, ohne beide nicht.",
            ),
            blind_spots: text(
                "Containers that take themselves out of it with userns=host; the checks on containers look for them.",
                "Container, die sich mit userns=host davon ausnehmen; danach suchen die Prüfungen der Container.",
            ),
            remedy: text(
                "Set userns-remap in daemon.json, or run the engine rootless. Images and volumes must be set up anew for it.",
                "Setzen Sie userns-remap in daemon.json oder betreiben Sie die Engine ohne Root. Images und Volumes müssen dafür neu angelegt werden.",
            ),
            example: "{ \"userns-remap\": \"default\" }",
            aliases: &[("docker-bench", "2.9")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, namespaces)
    }
}

fn option(host: &HostFacts, name: &str) -> Option<bool> {
    host.daemon.security_options.as_ref().map(|options| options.iter().any(|option| option.name == name))
}

fn namespaces(host: &HostFacts) -> Judgement {
    if let Some(judgement) = not_on_windows(host, "no user namespace") {
        return judgement;
    }
    let (Some(userns), Some(rootless)) = (option(host, "userns"), option(host, "rootless")) else {
        return open("The engine does not tell its security options; ask for the output of docker info.");
    };
    let (outcome, severity, summary) = if userns {
        (OutcomeKind::Pass, Severity::Info, "Users of containers are mapped to others on the host (userns-remap).")
    } else if rootless {
        (OutcomeKind::Pass, Severity::Info, "The engine runs without root, in a user namespace of its own.")
    } else if host.engine.product == Product::Podman {
        (
            OutcomeKind::Undecided,
            Severity::Low,
            "Podman runs as root and sets user namespaces for each container by itself; look at the containers.",
        )
    } else {
        (OutcomeKind::Fail, Severity::Medium, "No user namespaces: root in a container is root on the host.")
    };
    judged(outcome, summary, vec![show::on_info(host, "SecurityOptions", severity, summary, &["2.9"])])
}

/// dockerd runs without root.
pub(crate) struct RootlessEngine;

impl Check for RootlessEngine {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "rootless-engine",
            use_case: None,
            title: text("Engine without root", "Engine ohne Root"),
            why: text(
                "An engine that runs as an ordinary user can give away no more than that user has.",
                "Eine Engine, die als gewöhnlicher Benutzer läuft, kann nicht mehr preisgeben, als dieser hat.",
            ),
            how: text(
                "Passes when the engine says that it is rootless. An engine that runs as root is the usual case and no fault by itself: a person decides whether it could do without.",
                "Bestanden, wenn die Engine angibt, ohne Root zu laufen. Eine Engine als Root ist der Normalfall und für sich kein Mangel: Ein Mensch beurteilt, ob es ohne ginge.",
            ),
            blind_spots: text(
                "Whether the workload could run rootless; what else hardens the host.",
                "Ob die Anwendungen ohne Root laufen könnten; was den Host sonst härtet.",
            ),
            remedy: text(
                "Where ports, storage and networks allow it, run dockerd rootless.",
                "Betreiben Sie dockerd ohne Root, wo Ports, Speicher und Netze es zulassen.",
            ),
            example: "docker info --format '{{json .SecurityOptions}}'\n[\"name=seccomp,profile=builtin\",\"name=rootless\"]",
            aliases: &[("docker-bench", "2.1")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, rootless)
    }
}

fn rootless(host: &HostFacts) -> Judgement {
    let (outcome, summary) = match option(host, "rootless") {
        Some(true) => (OutcomeKind::Pass, "The engine runs without root."),
        Some(false) => {
            (OutcomeKind::Undecided, "The engine runs as root, which is usual; ask whether it could do without.")
        }
        None => return open("The engine does not tell its security options; ask for the output of docker info."),
    };
    judged(outcome, summary, vec![show::on_info(host, "SecurityOptions", Severity::Info, summary, &["2.1"])])
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{good, judge, options};
    use super::*;

    fn both(names: Option<&[&str]>) -> (OutcomeKind, OutcomeKind) {
        let mut host = good();
        host.daemon.security_options = names.map(options);
        (judge(&UserNamespaces, host.clone()).outcome, judge(&RootlessEngine, host).outcome)
    }

    #[test]
    fn mapped_users_pass_and_plain_root_fails() {
        assert_eq!(both(Some(&["userns"])), (OutcomeKind::Pass, OutcomeKind::Undecided));
        assert_eq!(both(Some(&["rootless"])), (OutcomeKind::Pass, OutcomeKind::Pass));
        assert_eq!(both(Some(&["seccomp"])), (OutcomeKind::Fail, OutcomeKind::Undecided));
        assert_eq!(both(None), (OutcomeKind::Undecided, OutcomeKind::Undecided));
    }

    #[test]
    fn podman_decides_for_each_container() {
        let mut host = good();
        host.engine.product = Product::Podman;
        host.daemon.security_options = Some(options(&["seccomp"]));
        assert_eq!(judge(&UserNamespaces, host).outcome, OutcomeKind::Undecided);
    }
}
