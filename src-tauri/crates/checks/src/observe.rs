//! Short ways to write observations.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity};

use crate::Judgement;
use crate::facts::{ComposeFacts, DockerfileFacts, Facts, show_lines};

/// An observation at a place, with the command that shows it again.
pub(crate) fn observation(
    location: Location,
    reproduce: String,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    Observation {
        severity,
        message: message.into(),
        location: Some(location),
        reproduce: Some(reproduce),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    }
}

/// An observation on lines of the Dockerfile.
pub(crate) fn on_lines(
    file: &DockerfileFacts,
    (from, to): (u32, u32),
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    observation(
        Location::File { file: file.path.clone(), line: from },
        file.show_lines(from, to),
        severity,
        message,
        aliases,
    )
}

/// An observation on a line of a Compose file.
pub(crate) fn on_compose(
    file: &ComposeFacts,
    line: u32,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    observation(
        Location::File { file: file.path.clone(), line },
        show_lines(&file.path, line, line),
        severity,
        message,
        aliases,
    )
}

/// An observation on a field of the image's config.
pub(crate) fn on_config(
    facts: &Facts,
    field: &str,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    observation(Location::Field { field: field.to_owned() }, facts.show_config(field), severity, message, aliases)
}

/// An observation on a line of the image's history.
pub(crate) fn on_history(
    facts: &Facts,
    index: usize,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    observation(
        Location::Field { field: format!("history[{index}].created_by") },
        facts.show_history(),
        severity,
        message,
        aliases,
    )
}

/// A judgement.
pub(crate) fn judged(outcome: OutcomeKind, summary: impl Into<String>, observations: Vec<Observation>) -> Judgement {
    Judgement { outcome, summary: summary.into(), observations }
}

/// "one image", "3 images".
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("one {one}") } else { format!("{number} {many}") }
}
