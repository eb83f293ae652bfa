//! `plimsoll facts show`: what is in a facts file, before it is imported.

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use plimsoll_workbench::WorkbenchError;
use plimsoll_workbench::facts_file::{self, Contents};
use plimsoll_workbench::settings::write_whole;

/// What can be done with facts files.
#[derive(Debug, Subcommand)]
pub enum FactsCommand {
    /// Say what is in a facts file and where it came from
    Show(Show),
}

/// `plimsoll facts show`
#[derive(Debug, Args)]
#[command(after_help = "\
All hashes are checked. They show that the file is whole; that it came from the machine that it names shows
only when its SHA-256 is the one that the collecting person told you.

Exit status: 0 the file is whole; 2 it is not, or is none.")]
pub struct Show {
    /// The facts file
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Write it as JSON to a file, or to standard output with -
    #[arg(long, value_name = "FILE|-")]
    pub json: Option<PathBuf>,
}

/// Does it.
pub fn run(command: &FactsCommand) -> Result<(), WorkbenchError> {
    let FactsCommand::Show(args) = command;
    let contents = facts_file::contents(&args.file)?;
    let json = || {
        let text = serde_json::to_string_pretty(&contents);
        text.map(|text| format!("{text}\n")).map_err(|error| WorkbenchError::Stopped(error.to_string()))
    };
    match &args.json {
        Some(path) if path.as_os_str() == "-" => crate::print(&json()?),
        Some(path) => write_whole(path, json()?.as_bytes(), false)?,
        None => crate::print(&text(&contents)),
    }
    Ok(())
}

fn text(contents: &Contents) -> String {
    let by = &contents.by;
    let mut out = String::new();
    let _ = writeln!(out, "{}", by.file);
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "  {name:<11}{value}");
        }
    };
    row("sha256", &by.file_sha256);
    row("machine", &by.machine);
    row("system", &contents.os);
    row("user", &by.user);
    row("program", &by.tool);
    row("collected", &format!("{} to {}", by.started, contents.finished));
    row("asked for", &by.asked.join(" "));
    row("note", by.note.as_deref().unwrap_or_default());
    let unread = contents.subjects.iter().filter(|subject| subject.unread.is_some()).count();
    let _ = writeln!(out, "\n{} subjects, {unread} of them not read", contents.subjects.len());
    for subject in &contents.subjects {
        let _ = writeln!(out, "  {:<11}{}  ({})", subject.kind.as_str(), subject.name, subject.source);
        match &subject.unread {
            Some(reason) => {
                let _ = writeln!(out, "             not read: {reason}");
            }
            None => {
                let size = subject.facts_bytes;
                let _ = writeln!(out, "             facts sha256 {}, {size} bytes", subject.facts_sha256);
            }
        }
        if let Some(listing) = &subject.listing_sha256 {
            let _ = writeln!(out, "             listing of its files sha256 {listing}");
        }
    }
    out
}
