//! Ways to speak of a container: its fields, the commands that show them again, what could not be read of it.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity};
use plimsoll_docker::facts::{ContainerFacts, Product};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::facts::quote;
use crate::observe::{judged, observation};
use crate::{Facts, Judgement};

/// How many things of one kind are named.
pub(super) const NAMED: usize = 8;

/// The container that facts are about.
pub(super) fn of(facts: &Facts) -> Result<&ContainerFacts, Judgement> {
    facts.container.as_ref().ok_or_else(|| {
        judged(OutcomeKind::Error, "There are no facts about a container; read the subject again.", Vec::new())
    })
}

/// The client's command, with the engine where it is not the usual one.
pub(super) fn client(container: &ContainerFacts) -> String {
    match container.at.endpoint.as_str() {
        "" | "unix:///var/run/docker.sock" | "unix:///run/docker.sock" => "docker".to_owned(),
        other => format!("docker --host {}", quote(other)),
    }
}

/// The container as commands name it.
pub(super) fn name(container: &ContainerFacts) -> String {
    let name = if container.name.is_empty() { container.id.as_str() } else { container.name.as_str() };
    if name.is_empty() { "CONTAINER".to_owned() } else { quote(name) }
}

/// An observation on a field of `docker inspect`.
pub(super) fn on(
    container: &ContainerFacts,
    field: &str,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    let command = format!("{} inspect --format '{{{{json .{field}}}}}' {}", client(container), name(container));
    observation(Location::Field { field: field.to_owned() }, command, severity, message, aliases)
}

/// An observation on the list of processes.
pub(super) fn on_processes(
    container: &ContainerFacts,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    let command = format!("{} top {} -eo pid,ppid,uid,user,args", client(container), name(container));
    observation(Location::Field { field: "top.Processes".to_owned() }, command, severity, message, aliases)
}

/// An observation on what differs from the image.
pub(super) fn on_changes(
    container: &ContainerFacts,
    folder: Option<&str>,
    severity: Severity,
    message: impl Into<String>,
) -> Observation {
    let mut command = format!("{} diff {}", client(container), name(container));
    if let Some(folder) = folder {
        command.push_str(&format!(" | grep -F -e {}", quote(folder)));
    }
    observation(Location::Field { field: "changes".to_owned() }, command, severity, message, &[])
}

/// An observation on what it uses at the moment.
pub(super) fn on_stats(
    container: &ContainerFacts,
    field: &str,
    severity: Severity,
    message: impl Into<String>,
) -> Observation {
    let command = format!("{} stats --no-stream {}", client(container), name(container));
    observation(Location::Field { field: format!("stats.{field}") }, command, severity, message, &[])
}

/// Why a part is missing: `top`, `changes`, `stats`.
pub(super) fn why_unread(container: &ContainerFacts, part: &str) -> String {
    let of_part = |what: &str| what.rsplit('/').next().unwrap_or(what).split('?').next() == Some(part);
    match container.unread.iter().find(|unread| of_part(&unread.what)) {
        Some(unread) => format!("it could not be read ({})", unread.reason.trim_end_matches('.')),
        None if !container.state.running && !container.state.status.is_empty() => {
            format!("the container does not run (its state is {})", container.state.status)
        }
        None => "the engine does not tell it".to_owned(),
    }
}

/// Whether the container is known not to run.
pub(super) fn stopped(container: &ContainerFacts) -> bool {
    !container.state.running && !container.state.status.is_empty()
}

/// Whether Podman answers, which tells some fields otherwise.
pub(super) fn podman(container: &ContainerFacts) -> bool {
    container.at.engine.product == Product::Podman
}

/// A moment; none for one that is missing, unreadable, or Go's zero.
pub(super) fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok().filter(|moment| moment.year() > 1970)
}

/// "a, b and 3 more".
pub(super) fn few<T: AsRef<str>>(names: &[T]) -> String {
    let named: Vec<&str> = names.iter().take(NAMED).map(AsRef::as_ref).collect();
    match (names.len().saturating_sub(NAMED), named.as_slice()) {
        (0, [rest @ .., last]) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        (0, _) => named.join(", "),
        (more, _) => format!("{} and {more} more", named.join(", ")),
    }
}

/// At most so many characters of a command line.
pub(super) fn short(command: &str) -> String {
    const MOST: usize = 80;
    match command.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} …", command.get(..end).unwrap_or(command).trim_end()),
        None => command.to_owned(),
    }
}
