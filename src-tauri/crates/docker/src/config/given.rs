//! Files that the auditor gives: told apart by what stands in them.

use std::path::{Path, PathBuf};

use super::{Missing, daemon_json, text_of};
use crate::client::DockerError;
use crate::facts::Configured;

/// A file that the auditor gives.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Given {
    DaemonJson {
        name: String,
        text: String,
        settings: Vec<Configured>,
    },
    /// A unit or a drop-in.
    Unit {
        name: String,
        text: String,
    },
    /// `/etc/default/docker` and the like.
    Environment {
        name: String,
        text: String,
    },
}

/// Reads the files and tells what each is.
///
/// # Errors
/// When one cannot be read or is none of these.
pub(crate) fn read_given(files: &[PathBuf]) -> Result<Vec<Given>, DockerError> {
    files.iter().map(|path| read(path)).collect()
}

fn read(path: &Path) -> Result<Given, DockerError> {
    let fail = |reason: String| DockerError::GivenFile { path: path.to_owned(), reason };
    let text = text_of(path).map_err(|missing| match missing {
        Missing::NotThere => fail("it is not there".into()),
        Missing::Other(reason) => fail(lower(&reason)),
    })?;
    of_text(&path.display().to_string(), text).map_err(|reason| fail(lower(&reason)))
}

/// Inside a sentence.
fn lower(reason: &str) -> String {
    let reason = reason.trim_end_matches('.');
    match reason.strip_prefix("It ") {
        Some(rest) => format!("it {rest}"),
        None => match reason.strip_prefix("This ") {
            Some(rest) => format!("this {rest}"),
            None => reason.to_owned(),
        },
    }
}

/// Tells what a text is.
pub(crate) fn of_text(name: &str, text: String) -> Result<Given, String> {
    let name = name.to_owned();
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with('{') {
        let settings = daemon_json::settings(&text, &name)?;
        return Ok(Given::DaemonJson { name, text, settings });
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(['#', ';']));
    if lines.clone().any(|line| matches!(line, "[Service]" | "[Unit]" | "[Socket]" | "[Install]")) {
        return Ok(Given::Unit { name, text });
    }
    let variable = |line: &str| {
        line.trim_start_matches("export ").split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
        })
    };
    let mut any = false;
    if lines.all(|line| {
        any = true;
        variable(line)
    }) && any
    {
        return Ok(Given::Environment { name, text });
    }
    Err("It is neither JSON nor a unit of systemd.".into())
}
