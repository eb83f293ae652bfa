//! Containers that somebody entered (CSVS 3.10): sessions that are open, and traces of earlier ones.

use std::collections::BTreeMap;

use plimsoll_catalog::{Observation, OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{ChangeKind, ContainerFacts, ProcessFacts};

use super::processes::{Family, is_bare_shell, is_shell};
use super::shown::{NAMED, client, few, moment, name, of, on, on_changes, on_processes, short, stopped, why_unread};
use crate::a5_build::{day, span};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Nobody entered it since it was started.
pub(super) struct Accessed;

impl Check for Accessed {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "accessed-container",
            use_case: None,
            title: text("Not entered since its start", "Seit dem Start nicht betreten"),
            why: text(
                "A container that was repaired by hand no longer matches its image: nobody can tell what runs, and the repair is lost with the container.",
                "Ein von Hand reparierter Container entspricht nicht mehr seinem Image: Niemand weiß, was läuft, und mit ihm geht auch die Reparatur verloren.",
            ),
            how: text(
                "Fails on processes that do not come from the container's first one (they were started by docker exec; the health check's own are told apart), and on what people leave behind: histories of shells, keys in .ssh, databases of package managers that changed, new programs in the PATH. Commands under way that cannot be told from the health check's, refreshed package lists and changed account files are put to the auditor. It passes when the processes and all changes could be read and none of this is there.",
                "Nicht bestanden bei Prozessen, die nicht vom ersten Prozess des Containers abstammen (docker exec hat sie gestartet; die des Health-Checks werden unterschieden), und bei dem, was Menschen hinterlassen: Verläufe von Shells, Schlüssel in .ssh, veränderte Datenbanken der Paketverwaltung, neue Programme im PATH. Laufende Befehle, die sich nicht vom Health-Check unterscheiden lassen, erneuerte Paketlisten und veränderte Kontendateien werden dem Auditor vorgelegt. Bestanden ist die Prüfung, wenn Prozesse und Änderungen vollständig lesbar waren und nichts davon vorliegt.",
            ),
            blind_spots: text(
                "A session that has ended and left nothing; one that wrote only into volumes or temporary folders; processes that let go of their session. An entrypoint that installs packages leaves the same traces as a person. The engine's events and the machine's audit log tell more.",
                "Eine beendete Sitzung ohne Spuren; eine, die nur in Volumes oder temporäre Ordner schrieb; Prozesse, die sich von ihrer Sitzung gelöst haben. Ein Entrypoint, der Pakete installiert, hinterlässt dieselben Spuren wie ein Mensch. Mehr sagen die Ereignisse der Engine und das Audit-Protokoll der Maschine.",
            ),
            remedy: text(
                "Remove the container and start a new one from its image; bring what was repaired into the image. Look for faults in a copy, or from a container beside it.",
                "Entfernen Sie den Container und starten Sie einen neuen aus seinem Image; übernehmen Sie die Reparatur ins Image. Suchen Sie Fehler in einer Kopie oder aus einem Container daneben.",
            ),
            example: "docker rm --force web && docker run --name web … IMAGE",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Container]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match of(facts) {
            Ok(container) => judge(container, &facts.collected),
            Err(judgement) => judgement,
        }
    }
}

/// What speaks of a person.
#[derive(Default)]
struct Signs {
    observations: Vec<Observation>,
    /// Sentences' parts for what convinces.
    strong: Vec<String>,
    /// For what may have another reason.
    weak: Vec<String>,
}

fn judge(container: &ContainerFacts, collected: &str) -> Judgement {
    let mut signs = Signs::default();
    let mut unread = Vec::new();
    match container.processes.as_deref() {
        Some(processes) if !processes.is_empty() => {
            if !sessions(container, processes, &mut signs) {
                unread.push("its first process is not in the list".to_owned());
            }
        }
        _ => unread.push(format!("its processes are not known: {}", why_unread(container, "top"))),
    }
    match &container.changes {
        Some(_) => traces(container, &mut signs),
        None => unread.push(format!("its changes are not known: {}", why_unread(container, "changes"))),
    }
    if container.changes_cut {
        unread.push("the list of its changes was too long to be read whole".to_owned());
    }
    let Signs { mut observations, strong, weak } = signs;
    observations.sort_by_key(|observation| observation.severity);
    observations.extend(age(container, collected));
    if !strong.is_empty() {
        let summary = format!("It looks as if somebody entered it: {}.", strong.join("; "));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !weak.is_empty() {
        let summary = format!("Somebody may have entered it: {}.", weak.join("; "));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if !unread.is_empty() {
        let summary = format!("Whether somebody entered it cannot be told: {}.", unread.join("; "));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary =
        "All processes come from the container's first one, and no change points to somebody having entered it.";
    judged(OutcomeKind::Pass, summary, observations)
}

/// Whether a command is the health check's own.
fn is_health_check(container: &ContainerFacts, command: &str) -> bool {
    let Some([form, rest @ ..]) = container.config.healthcheck.as_deref() else { return false };
    let test = if form == "CMD" || form == "CMD-SHELL" { rest.join(" ") } else { return false };
    !test.trim().is_empty() && command.contains(test.trim())
}

/// Processes that were started beside the container's own. False when the list does not show which is the first.
fn sessions(container: &ContainerFacts, processes: &[ProcessFacts], signs: &mut Signs) -> bool {
    let family = Family::of(container, processes);
    let Some(first) = family.first else { return false };
    let mode = container.host_config.pid_mode.as_deref().unwrap_or_default();
    let pid_shared = !matches!(mode, "" | "private");
    let mut by_health = 0;
    let (mut entered, mut shells) = (Vec::new(), 0);
    for stranger in &family.strangers {
        if is_health_check(container, &stranger.command) {
            by_health += 1;
            continue;
        }
        let shell = family.line(stranger).iter().any(|process| is_shell(&process.command));
        shells += usize::from(shell);
        entered.push((*stranger, shell));
    }
    for (stranger, shell) in entered.iter().take(NAMED) {
        let what = if *shell { "a shell" } else { "a command" };
        let message = format!(
            "Process {} ({}) does not come from the container's first process: {what} that was started in it.",
            stranger.pid,
            short(&stranger.command)
        );
        let severity = if *shell { Severity::High } else { Severity::Medium };
        signs.observations.push(on_processes(container, severity, message, &[]));
    }
    if !entered.is_empty() {
        let what = count(entered.len(), "command runs in it that is", "commands run in it that are");
        let what = format!("{what} not its own{}", if shells > 0 { ", with a shell" } else { "" });
        if pid_shared {
            signs.weak.push(format!("{what}, or left alone by its parent in the shared process namespace"));
        } else {
            signs.strong.push(what);
        }
    } else if !container.execs.is_empty() && by_health == 0 {
        let message =
            format!("The engine knows {} under way in it.", count(container.execs.len(), "command", "commands"));
        let severity = if container.config.healthcheck.is_some() { Severity::Info } else { Severity::Low };
        signs.observations.push(on(container, "ExecIDs", severity, message, &[]));
        if container.config.healthcheck.is_none() {
            signs.weak.push("a command was started in it with docker exec".to_owned());
        }
    }
    if is_bare_shell(&first.command) {
        let message = format!("Its own program is a shell ({}): it was made to be entered.", short(&first.command));
        signs.observations.push(on_processes(container, Severity::Low, message, &[]));
        signs.weak.push("its own program is a shell".to_owned());
    }
    true
}

/// A kind of trace.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Trace {
    History,
    Keys,
    Packages,
    Programs,
    Lists,
    Accounts,
}

const HISTORIES: [&str; 12] = [
    ".bash_history",
    ".ash_history",
    ".sh_history",
    ".zsh_history",
    ".history",
    ".python_history",
    ".node_repl_history",
    ".mysql_history",
    ".psql_history",
    ".rediscli_history",
    ".viminfo",
    ".lesshst",
];
const PACKAGE_FOLDERS: [&str; 6] = [
    "/var/lib/dpkg",
    "/lib/apk/db",
    "/usr/lib/apk/db",
    "/var/lib/rpm",
    "/usr/lib/sysimage/rpm",
    "/var/lib/pacman/local",
];
const LIST_FOLDERS: [&str; 8] = [
    "/var/lib/apt",
    "/var/cache/apt",
    "/var/cache/apk",
    "/var/cache/dnf",
    "/var/cache/yum",
    "/var/lib/dnf",
    "/var/log/apt",
    "/var/lib/pacman/sync",
];
const PROGRAM_FOLDERS: [&str; 6] = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"];
const ACCOUNT_FILES: [&str; 5] = ["/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow", "/etc/sudoers"];

/// Whether a path lies below a folder.
fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn trace(path: &str, kind: ChangeKind) -> Option<Trace> {
    let last = path.rsplit('/').next().unwrap_or_default();
    if kind != ChangeKind::Deleted && HISTORIES.contains(&last) {
        Some(Trace::History)
    } else if kind == ChangeKind::Added && (last == ".ssh" || path.contains("/.ssh/")) {
        Some(Trace::Keys)
    } else if PACKAGE_FOLDERS.iter().any(|folder| below(path, folder)) {
        Some(Trace::Packages)
    } else if kind != ChangeKind::Deleted && PROGRAM_FOLDERS.iter().any(|folder| below(path, folder)) {
        Some(Trace::Programs)
    } else if path == "/var/log/dpkg.log" || LIST_FOLDERS.iter().any(|folder| below(path, folder)) {
        Some(Trace::Lists)
    } else if ACCOUNT_FILES.contains(&path) || below(path, "/etc/sudoers.d") {
        Some(Trace::Accounts)
    } else {
        None
    }
}

/// What people leave behind.
fn traces(container: &ContainerFacts, signs: &mut Signs) {
    let mut found: BTreeMap<Trace, Vec<&str>> = BTreeMap::new();
    for change in container.changes.iter().flatten() {
        if let Some(trace) = trace(&change.path, change.kind) {
            found.entry(trace).or_default().push(&change.path);
        }
    }
    for (trace, paths) in found {
        let (severity, strong, what) = match trace {
            Trace::History => (Severity::High, true, "histories of commands were written"),
            Trace::Keys => (Severity::High, true, "a folder for SSH keys was made"),
            Trace::Packages => (Severity::High, true, "the database of installed packages changed"),
            Trace::Programs => (Severity::High, true, "programs in the PATH are new or changed"),
            Trace::Lists => (Severity::Medium, false, "package lists were fetched"),
            Trace::Accounts => (Severity::Medium, false, "files of accounts changed"),
        };
        let folder = paths.first().copied();
        let mut capital = what.to_owned();
        if let Some(first) = capital.get_mut(..1) {
            first.make_ascii_uppercase();
        }
        let message = format!("{capital}: {}.", few(&paths));
        signs.observations.push(on_changes(container, folder, severity, message));
        if strong { &mut signs.strong } else { &mut signs.weak }.push(what.to_owned());
    }
}

/// How long it runs: the longer, the more may have happened to it.
fn age(container: &ContainerFacts, collected: &str) -> Option<Observation> {
    let started = container.state.started.as_deref().and_then(moment)?;
    if stopped(container) {
        return None;
    }
    let runs = match moment(collected).map(|now| now - started) {
        Some(time) if time.is_positive() => format!(", {} before it was read", span(time)),
        _ => String::new(),
    };
    let mut observation = on(
        container,
        "State.StartedAt",
        Severity::Info,
        format!(
            "It was started on {}{runs}. The engine's events since then tell who entered it, as far as they are kept.",
            day(started)
        ),
        &[],
    );
    observation.reproduce = Some(format!(
        "{} events --since {} --until \"$(date +%s)\" --filter container={} --filter event=exec_create",
        client(container),
        started.unix_timestamp(),
        name(container)
    ));
    Some(observation)
}
