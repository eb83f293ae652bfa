//! D2, CSVS 3.2 and 12.1: what a container shares with the host or with other containers.

use plimsoll_catalog::{Severity, SubjectKind, UseCaseId};

use super::ask::{Answer, Ask, CONTAINER, Notes};
use super::view::{Said, Told, Workload};
use crate::{CheckInfo, Settings, text};

const ID: &str = "host-namespaces";

/// The host's namespaces are not shared.
pub(crate) struct HostNamespaces;
/// User IDs are mapped.
pub(crate) struct UserNamespace;

impl Ask for HostNamespaces {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::D2),
            title: text("The host's namespaces are not shared", "Die Namensräume des Hosts werden nicht geteilt"),
            why: text(
                "Namespaces are what makes a container one. With the host's network it reaches services that listen for the host alone; with its processes it sees their command lines and may signal them; with its memory segments it reads them.",
                "Erst Namensräume machen einen Container aus. Mit dem Netz des Hosts erreicht er Dienste, die nur für den Host lauschen; mit dessen Prozessen sieht er deren Kommandozeilen und kann ihnen Signale senden; mit dessen Speichersegmenten liest er sie.",
            ),
            how: text(
                "Network, processes, memory segments (IPC), host name (UTS), user IDs and control groups are looked at. The host's own fail; only on engines with control groups of version 1 the host's are the default and no more than noted. What is shared with another container is left to a person. The profile can allow a container, or one namespace such as network, with a reason.",
                "Betrachtet werden Netz, Prozesse, Speichersegmente (IPC), Hostname (UTS), Benutzer-IDs und Control-Groups. Die des Hosts fallen durch; nur auf Engines mit Control-Groups der Version 1 sind jene des Hosts die Voreinstellung und werden bloß vermerkt. Was mit einem anderen Container geteilt wird, bleibt einem Menschen überlassen. Das Profil kann einen Container oder einen Namensraum wie network mit Begründung erlauben.",
            ),
            blind_spots: text(
                "What listens on the host's loopback address, and what the daemon's defaults for IPC and control groups are.",
                "Was auf der Loopback-Adresse des Hosts lauscht, und welche Voreinstellungen der Daemon für IPC und Control-Groups hat.",
            ),
            remedy: text(
                "Leave the options out; publish the ports that are needed instead of sharing the host's network.",
                "Lassen Sie die Optionen weg; veröffentlichen Sie die nötigen Ports, statt das Netz des Hosts zu teilen.",
            ),
            example: "",
            aliases: &[
                ("cis-docker", "5.10"),
                ("cis-docker", "5.16"),
                ("cis-docker", "5.17"),
                ("cis-docker", "5.21"),
                ("docker-bench", "5.10"),
                ("docker-bench", "5.16"),
                ("docker-bench", "5.17"),
                ("docker-bench", "5.21"),
            ],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let network = it.network_mode();
        let spot = network.spot.clone();
        let mut look = |word: &str, what: &str, told: Told<String>, severity: Severity| match told.said {
            Said::Is(mode) if mode == "host" => {
                let message = format!("{} shares the host's {what}.", it.it());
                let allowance = it.allowed(settings, ID, Some(word));
                notes.fault_unless(allowance, &told.spot, severity, &message);
            }
            Said::Is(mode) if mode.starts_with("container:") || mode.starts_with("service:") => {
                let with = mode.split_once(':').map_or(mode.as_str(), |(_, with)| with);
                let with: String = with.chars().take(64).collect();
                let message = format!(
                    "{} shares its {what} with another one ({with}): what one may do there, both may.",
                    it.it()
                );
                notes.doubt(&told.spot, Severity::Low, message);
            }
            Said::Is(mode) if mode == "shareable" => {
                // The engine's default once; others have to ask for it by name.
                let message = format!("{} lets other containers join its {what}.", it.it());
                notes.note(&told.spot, Severity::Info, message);
            }
            Said::Is(_) | Said::Unset => {}
            Said::Untold(reason) => notes.untold(it, &told.spot, &format!("whose {what} it has"), &reason),
        };
        look("network", "network", network, Severity::High);
        look("pid", "processes", it.pid(), Severity::High);
        look("ipc", "memory segments", it.ipc(), Severity::Medium);
        look("uts", "host name", it.uts(), Severity::Low);
        // Whether a container opts out of the mapping is another check's matter: 3.2.
        if it.container().is_none() {
            look("userns", "user IDs", it.userns(), Severity::Medium);
        }
        let cgroup = it.cgroup();
        match (&cgroup.said, it.container()) {
            (Said::Is(mode), Some(_)) if mode == "host" => {
                let message = format!(
                    "{} sees the host's control groups, as is the default of control groups of version 1.",
                    it.it()
                );
                notes.note(&cgroup.spot, Severity::Low, message);
            }
            // Engines before 20.10 have no such thing. At worst it is the host's, which is no fault either.
            (Said::Untold(_), Some(_)) if it.inspected() => {
                let message = format!(
                    "The engine does not tell whose control groups {} sees; older ones know the host's alone.",
                    it.it().replacen("The", "the", 1)
                );
                notes.note(&cgroup.spot, Severity::Low, message);
            }
            _ => {
                let mut look = |told: Told<String>| match told.said {
                    Said::Is(mode) if mode == "host" => {
                        let message = format!("{} shares the host's control groups.", it.it());
                        notes.fault_unless(
                            it.allowed(settings, ID, Some("cgroup")),
                            &told.spot,
                            Severity::Medium,
                            &message,
                        );
                    }
                    Said::Untold(reason) => notes.untold(it, &told.spot, "whose control groups it has", &reason),
                    Said::Is(_) | Said::Unset => {}
                };
                look(cgroup);
            }
        }
        notes.answer(&spot, format!("{} shares none of the host's namespaces.", it.it()))
    }
}

impl Ask for UserNamespace {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "userns-host",
            use_case: None,
            title: text("User IDs are mapped", "Benutzer-IDs werden abgebildet"),
            why: text(
                "Where user IDs are mapped, root of the container is nobody on the host: whatever breaks out of it may do nothing there.",
                "Wo Benutzer-IDs abgebildet werden, ist Root des Containers auf dem Host ein Niemand: Was aus ihm ausbricht, darf dort nichts.",
            ),
            how: text(
                "A container of an engine with user namespaces passes unless it opts out with userns=host, which fails. An engine that runs without root passes too, since its containers' root is a plain user. A container of any other engine fails, unless it has a user namespace of its own, as Podman can give it.",
                "Ein Container einer Engine mit User-Namespaces besteht, sofern er sich nicht mit userns=host davon ausnimmt; dann fällt er durch. Auch eine Engine ohne Root-Rechte besteht, denn Root ihrer Container ist ein einfacher Benutzer. Ein Container jeder anderen Engine fällt durch, sofern er nicht einen eigenen User-Namespace hat, wie ihn Podman vergeben kann.",
            ),
            blind_spots: text(
                "To which IDs they are mapped, and whether several engines or users share them.",
                "Auf welche IDs sie abgebildet werden und ob mehrere Engines oder Benutzer sich diese teilen.",
            ),
            remedy: text(
                "Switch on userns-remap on the engine or run it without root, and take userns=host away from the container.",
                "Schalten Sie userns-remap an der Engine ein oder betreiben Sie sie ohne Root, und entfernen Sie userns=host vom Container.",
            ),
            example: "{ \"userns-remap\": \"default\" }",
            aliases: &[("cis-docker", "5.31"), ("docker-bench", "5.31")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        CONTAINER
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let mode = it.userns();
        let Some(facts) = it.container() else {
            return notes.not_asked(&mode.spot, "Only a container shows this.");
        };
        let spot = mode.spot.clone();
        let own = |mode: &str| {
            ["auto", "keep-id", "private", "nomap", "path:", "ns:"].iter().any(|beginning| mode.starts_with(beginning))
        };
        match (&mode.said, facts.at.rootless(), facts.at.user_namespaces()) {
            (Said::Is(mode), ..) if own(mode) => {
                notes.note(&spot, Severity::Info, format!("{name} has a user namespace of its own: {mode}."));
            }
            (_, Some(true), _) => {
                notes.note(&spot, Severity::Info, format!("{name} belongs to an engine that runs without root."));
            }
            (Said::Is(mode), _, Some(true)) if mode == "host" => {
                let message = format!("{name} opts out of the mapping: its root is the host's.");
                notes.fault(&spot, Severity::High, message);
            }
            (Said::Is(_) | Said::Unset, _, Some(true)) => {}
            (_, _, Some(false)) => {
                let message =
                    format!("{name} has the host's user IDs, since its engine maps none: its root is the host's.");
                notes.fault(&spot, Severity::Medium, message);
            }
            (_, _, None) => notes.untold(it, &spot, "whether user IDs are mapped", "the engine does not say so"),
            (Said::Untold(reason), ..) => notes.untold(it, &spot, "whether it opts out of the mapping", reason),
        }
        notes.answer(&spot, format!("{name} has user IDs that are mapped to others on the host."))
    }
}

#[cfg(test)]
#[path = "namespaces_tests.rs"]
mod tests;
