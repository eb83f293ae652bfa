//! D1, processes that are not root (CSVS 3.1, 3.3): the real uid of each process that runs.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind, UseCaseId};
use plimsoll_docker::facts::{ContainerFacts, ProcessFacts};

use super::processes::{Family, Inside, Mapping, configured_root, is_init, looks_like_mapped_root, program};
use super::shown::{NAMED, few, of, on, on_processes, short, why_unread};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// No process is root.
pub(super) struct NotRoot;

impl Check for NotRoot {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "processes-not-root",
            use_case: Some(UseCaseId::D1),
            title: text("No process runs as root", "Kein Prozess läuft als Root"),
            why: text(
                "What the image asks for is one thing, what runs is another: an entrypoint may keep root or give it up. Only the processes themselves tell.",
                "Was das Image verlangt, ist das eine, was läuft, das andere: Ein Entrypoint kann Root behalten oder abgeben. Das sagen nur die Prozesse selbst.",
            ),
            how: text(
                "The real uid of each process counts, as the engine lists it. Uid 0 is root and fails; so is the lowest uid of the mapping where the engine uses user namespaces (it weighs less, since it is not root on the host). An init such as docker-init or tini may stay root while it has children that are not. Where nothing tells how uids are mapped, the auditor decides. A container that does not run shows no process and is not decided.",
                "Es zählt die reale UID jedes Prozesses, wie die Engine ihn auflistet. UID 0 ist Root und fällt durch; ebenso die niedrigste UID der Abbildung, wenn die Engine User-Namespaces nutzt (das wiegt weniger, denn auf dem Host ist es nicht Root). Ein Init wie docker-init oder tini darf Root bleiben, solange er Kinder hat, die es nicht sind. Sagt nichts, wie UIDs abgebildet werden, entscheidet der Auditor. Ein Container, der nicht läuft, zeigt keine Prozesse; dann bleibt die Frage offen.",
            ),
            blind_spots: text(
                "It is a snapshot: what ran as root before, for instance while starting, does not show, nor what will run later. Effective and saved uids, and capabilities that a process holds without being root.",
                "Es ist eine Momentaufnahme: Was zuvor als Root lief, etwa beim Start, zeigt sich nicht, ebenso wenig, was später läuft. Effektive und gesicherte UIDs sowie Capabilities, die ein Prozess auch ohne Root besitzt.",
            ),
            remedy: text(
                "Start the container as an unprivileged user, by USER in the Dockerfile or --user; where a start as root cannot be avoided, let the entrypoint give it up with setpriv or gosu before it starts the application.",
                "Starten Sie den Container als unprivilegierter Benutzer, mit USER im Dockerfile oder --user; lässt sich ein Start als Root nicht vermeiden, soll der Entrypoint die Root-Rechte mit setpriv oder gosu abgeben, bevor er die Anwendung startet.",
            ),
            example: "docker run --user 10001:10001 IMAGE",
            aliases: &[("docker-bench", "4.1")],
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
    let mut observations = Vec::new();
    if configured_root(&container.config.user) && !container.config.image.is_empty() {
        let message = "The container names no user or root: it starts as root, and docker exec enters it as root.";
        observations.push(on(container, "Config.User", Severity::Info, message, &[]));
    }
    let processes = container.processes.as_deref().unwrap_or_default();
    if processes.is_empty() {
        let summary = format!("Who its processes are is not known: {}.", why_unread(container, "top"));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let mapping = Mapping::of(container);
    let family = Family::of(container, processes);
    let (mut roots, mut unknown, mut users) = (Vec::new(), Vec::new(), Vec::new());
    for process in processes {
        match mapping.inside(container, process) {
            Inside::Root => roots.push(process),
            Inside::User(uid) => users.push(uid),
            Inside::Unknown => unknown.push(process),
        }
    }
    // An init reaps and passes signals on; what matters is what it started.
    let init = roots.iter().position(|root| {
        family.first.is_some_and(|first| first.pid == root.pid)
            && is_init(&root.command)
            && family.own.len() > 1
            && !roots.iter().any(|other| other.pid != root.pid && family.own.contains(&other.pid))
    });
    if let Some(init) = init {
        let root = roots.remove(init);
        let message = format!(
            "The init {} (pid {}) stays root; none of the processes that it started is.",
            program(&root.command),
            root.pid
        );
        observations.push(on_processes(container, Severity::Info, message, &[]));
    }
    if !roots.is_empty() {
        let severity = if mapping == Mapping::None { Severity::High } else { Severity::Medium };
        for root in roots.iter().take(NAMED) {
            observations.push(on_processes(container, severity, as_root(mapping, root), &["4.1"]));
        }
        if roots.len() > NAMED {
            let message =
                format!("{} so.", count(roots.len() - NAMED, "further process runs", "further processes run"));
            observations.push(on_processes(container, severity, message, &[]));
        }
        let first = family.first.is_some_and(|first| roots.iter().any(|root| root.pid == first.pid));
        let summary = match (roots.len(), processes.len()) {
            (1, 1) => "Its only process runs as root.".to_owned(),
            (1, _) if first => "The first process keeps root; those that it started do not run as root.".to_owned(),
            (some, all) if some == all => format!("All {all} processes run as root."),
            (some, all) => format!("{some} of {all} processes run as root."),
        };
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !unknown.is_empty() {
        observations.extend(unknown.iter().take(NAMED).map(|process| {
            let message =
                format!("Process {} ({}) {}.", process.pid, short(&process.command), unclear(mapping, process));
            on_processes(container, Severity::Medium, message, &[])
        }));
        let summary = format!(
            "Whether {} root inside the container is not known: {}.",
            count(unknown.len(), "process is", "processes are"),
            why(mapping)
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    users.sort_unstable();
    users.dedup();
    let uids: Vec<String> = users.iter().map(u64::to_string).collect();
    let who = format!("{} {}", if uids.len() == 1 { "uid" } else { "uids" }, few(&uids));
    let message = format!("{} inside the container as {who}.", count(processes.len(), "process runs", "processes run"));
    observations.push(on_processes(container, Severity::Info, message, &[]));
    let summary = format!("At one look, no process {}runs as root.", if init.is_some() { "but the init " } else { "" });
    judged(OutcomeKind::Pass, summary, observations)
}

fn as_root(mapping: Mapping, root: &ProcessFacts) -> String {
    let end = match mapping {
        Mapping::From(lowest) if root.uid == Some(lowest) => {
            format!("runs as root inside the container; user namespaces make it uid {lowest} on the host.")
        }
        Mapping::SeenInside => {
            "runs as root inside the container; a user namespace makes it another user on the host.".to_owned()
        }
        Mapping::None => "runs as root, which is root on the host's kernel too.".to_owned(),
        _ => "runs as root (uid 0).".to_owned(),
    };
    format!("Process {} ({}) {end}", root.pid, short(&root.command))
}

fn unclear(mapping: Mapping, process: &ProcessFacts) -> String {
    match process.uid {
        None => format!("has no uid in the list, only the name {:?}", process.user),
        Some(uid) if mapping == Mapping::Hidden && looks_like_mapped_root(uid) => {
            format!("has uid {uid}, where a mapping usually begins: most likely it is root inside")
        }
        Some(uid) => format!("has uid {uid} as the engine sees it"),
    }
}

fn why(mapping: Mapping) -> &'static str {
    match mapping {
        Mapping::Hidden => "user namespaces are on, and nothing tells where the mapping begins; see /etc/subuid",
        Mapping::NotTold => "the engine does not tell whether user namespaces are on",
        Mapping::SeenInside => "a user namespace lies between the engine's uids and those inside",
        Mapping::From(_) => "its uid lies below the mapping",
        Mapping::None => "the list gives no uid",
    }
}
