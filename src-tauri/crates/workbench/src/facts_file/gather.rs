//! Collecting into a facts file: one subject after the other is read, written and let go.

use std::collections::HashSet;
use std::path::Path;

use plimsoll_checks::{CollectedBy, Facts};
use plimsoll_docker::EngineAddress;

use super::format::{By, SUBJECTS, file_name, plain};
use super::write::{Writer, writable};
use super::{FactsFile, machine};
use crate::collect::{Request, now};
use crate::error::WorkbenchError;
use crate::in_turn::InTurn;
use crate::job::Job;
use crate::reach::Reach;
use crate::source::Source;

/// Reasons that are told when nothing could be read.
const TOLD: usize = 5;

/// How a facts file is made.
#[derive(Debug, Clone, Default)]
pub struct How {
    /// A word of the collecting person's own, such as a job's name.
    pub note: Option<String>,
    /// What was asked for, as on the command line; empty for the sources.
    pub asked: Vec<String>,
    /// The machine's name, where its own says nothing (in a container it is the container's).
    pub machine: Option<String>,
    /// Whether a file that is there already is replaced.
    pub force: bool,
}

/// Collects subjects and writes a facts file, as [`super::collect_to`] does.
///
/// # Errors
/// When nothing could be read, the file exists or cannot be written, or the job is cancelled; then no file is left.
pub async fn collect_with(
    requests: &[Request],
    reach: &Reach,
    how: &How,
    out: &Path,
    job: &Job,
) -> Result<FactsFile, WorkbenchError> {
    if requests.is_empty() {
        return Err(WorkbenchError::Input(
            "Nothing to collect; name a subject such as host: or dockerfile:FILE.".into(),
        ));
    }
    if requests.len() as u64 > SUBJECTS {
        return Err(WorkbenchError::Input(format!(
            "{} subjects are more than the {SUBJECTS} that a facts file may hold; collect them into several.",
            requests.len()
        )));
    }
    if let Some(facts) = requests.iter().find(|request| matches!(request.source, Source::Collected(..))) {
        return Err(WorkbenchError::Input(format!(
            "{} was collected already; import its file as it is.",
            facts.source
        )));
    }
    writable(out, how.force)?;
    let mut all: Vec<Request> = Vec::new();
    let mut seen = HashSet::new();
    for request in requests.iter().cloned().map(absolute) {
        // A subject is known by its source, so it is read once.
        if seen.insert(request.source.clone()) {
            all.push(request);
        }
    }
    let requests = all;
    let redacted = |text: &String| plimsoll_secrets::redact_text(text);
    let asked = match how.asked.is_empty() {
        true => requests.iter().map(|request| request.source.to_string()).collect(),
        false => how.asked.clone(),
    };
    let by = By {
        machine: plain(&how.machine.clone().unwrap_or_else(machine::name)),
        user: machine::user(),
        os: machine::system(),
        tool: crate::run::tool(),
        started: now(),
        asked: asked.iter().map(redacted).collect(),
        note: how.note.as_ref().map(redacted),
    };
    let mut writer = Writer::begin(out, by.clone(), how.force)?;
    let mut subjects = Vec::new();
    let mut reasons = Vec::new();
    let mut all = InTurn::new(&requests, reach);
    while let Some((request, read)) = all.next(job).await {
        if job.is_cancelled() {
            return Err(WorkbenchError::Cancelled);
        }
        let source = request.source.clone();
        subjects.push(match read {
            Ok(facts) => {
                let name = name_of(&source, Some(&facts), &by.machine);
                writer.facts(source, name, facts)?
            }
            Err(error) if error.is_cancelled() => return Err(WorkbenchError::Cancelled),
            Err(error) => {
                let reason = plimsoll_secrets::redact_text(&error.to_string());
                reasons.push(format!("{source}: {reason}"));
                writer.unread(source.clone(), name_of(&source, None, &by.machine), plain(&reason))?
            }
        });
    }
    if subjects.iter().all(|subject| subject.facts.is_err()) {
        let more = match reasons.len().saturating_sub(TOLD) {
            0 => String::new(),
            more => format!("; and {more} more"),
        };
        let told: Vec<_> = reasons.into_iter().take(TOLD).collect();
        return Err(WorkbenchError::Input(format!(
            "Nothing could be read, so no file was made. {}{more}",
            told.join("; ")
        )));
    }
    let finished = now();
    let file_sha256 = writer.finish(&finished, how.force)?;
    let by_file = CollectedBy {
        file: file_name(out),
        file_sha256,
        facts_sha256: String::new(),
        machine: by.machine,
        user: by.user,
        tool: by.tool,
        started: by.started,
        asked: by.asked,
        note: by.note,
    };
    Ok(FactsFile { by: by_file, finished, os: by.os, subjects })
}

/// Paths are told in full: on another machine, the folder that they start from is not known.
fn absolute(request: Request) -> Request {
    let path = |path: std::path::PathBuf| std::path::absolute(&path).unwrap_or(path);
    Request {
        source: request.source.absolute(),
        dockerfile: request.dockerfile.map(path),
        context: request.context.map(path),
        platform: request.platform,
        files: request.files.into_iter().map(path).collect(),
    }
}

/// What a subject is called where it is not at home: the host's name, `web on web-01`, the image's reference.
fn name_of(source: &Source, facts: Option<&Facts>, machine: &str) -> String {
    let host = facts.and_then(|facts| facts.host.as_ref());
    let container = facts.and_then(|facts| facts.container.as_ref());
    let at = |address: &EngineAddress| match address {
        EngineAddress::Default => machine.to_owned(),
        other => other.to_string(),
    };
    let name = match source {
        Source::Host(address) => host.and_then(|host| host.name.clone()).unwrap_or_else(|| at(address)),
        Source::Container(address, name) => {
            let engine = container.and_then(|container| container.at.name.clone()).unwrap_or_else(|| at(address));
            let name = container
                .map(|container| container.name.clone())
                .filter(|name| !name.is_empty())
                .unwrap_or_else(|| name.clone());
            format!("{name} on {engine}")
        }
        other => other.name(),
    };
    plain(&name)
}
