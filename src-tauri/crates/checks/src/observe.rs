//! Short ways to write observations.

use plimsoll_catalog::{Location, Observation, OutcomeKind, Severity};

use crate::Judgement;
use crate::facts::{ComposeFacts, DockerfileFacts, Facts, show_lines};

/// An observation on lines of the Dockerfile.
pub(crate) fn on_lines(
    file: &DockerfileFacts,
    (from, to): (u32, u32),
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    Observation {
        severity,
        message: message.into(),
        location: Some(Location::File { file: file.path.clone(), line: from }),
        reproduce: Some(file.show_lines(from, to)),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    }
}

/// An observation on a line of a Compose file.
pub(crate) fn on_compose(
    file: &ComposeFacts,
    line: u32,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    Observation {
        severity,
        message: message.into(),
        location: Some(Location::File { file: file.path.clone(), line }),
        reproduce: Some(show_lines(&file.path, line, line)),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    }
}

/// An observation on a field of the image's config.
pub(crate) fn on_config(
    facts: &Facts,
    field: &str,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    Observation {
        severity,
        message: message.into(),
        location: Some(Location::Field { field: field.to_owned() }),
        reproduce: Some(facts.show_config(field)),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    }
}

/// An observation on a line of the image's history.
pub(crate) fn on_history(
    facts: &Facts,
    index: usize,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    Observation {
        severity,
        message: message.into(),
        location: Some(Location::Field { field: format!("history[{index}].created_by") }),
        reproduce: Some(facts.show_history()),
        aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
    }
}

/// A judgement.
pub(crate) fn judged(outcome: OutcomeKind, summary: impl Into<String>, observations: Vec<Observation>) -> Judgement {
    Judgement { outcome, summary: summary.into(), observations }
}

/// "one image", "3 images".
pub(crate) fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("one {one}") } else { format!("{number} {many}") }
}
