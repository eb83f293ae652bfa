//! `plimsoll advisories`: the advisory database without a window.

use std::fmt::Write;
use std::path::PathBuf;

use clap::{Args, Subcommand};
use plimsoll_workbench::WorkbenchError;
use plimsoll_workbench::database::{self, default_database};
use plimsoll_workbench::settings::write_whole;
use plimsoll_workbench::update;
use plimsoll_workbench::vulnerability_view::{DatabaseView, ImportEnded};

use crate::progress;

/// What can be done with advisories.
#[derive(Debug, Subcommand)]
pub enum AdvisoriesCommand {
    /// Import what the public sources publish: files, folders, archives
    Import(Import),
    /// Say what is in the database
    Status(Status),
    /// Fetch from the public sources what has changed, and import it
    Update(Update),
}

/// `plimsoll advisories import`
#[derive(Debug, Args)]
#[command(after_help = "\
All or nothing: when one of the files is refused, its place is named and the database is as it was.

Exit status: 0 all of it was imported, or was there already; 2 something was refused.")]
pub struct Import {
    /// OSV exports, the Debian tracker's JSON, Alpine's secdb, OVAL, KEV, EPSS …: files, folders, zip archives
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// The database; without it, the one in the user's data folder
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// No progress on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

/// `plimsoll advisories status`
#[derive(Debug, Args)]
#[command(after_help = "Exit status: 0 there is a database; 2 there is none, or it cannot be used.")]
pub struct Status {
    /// The database; without it, the one in the user's data folder
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// Write it as JSON to a file, or to standard output with -
    #[arg(long, value_name = "FILE|-")]
    pub json: Option<PathBuf>,
}

/// `plimsoll advisories update`
#[derive(Debug, Args)]
#[command(after_help = "\
SOURCE is debian-tracker, alpine-secdb, kev, epss, or an ecosystem that OSV exports: osv:PyPI or
just PyPI. Without one, those that were updated before, or at first the usual ones. The hosts are
said before they are asked. What has not changed is not fetched again.

Exit status: 0 the database is up to date; 2 a source failed or was refused, and the database is
as it was.")]
pub struct Update {
    /// What to update
    #[arg(value_name = "SOURCE")]
    pub sources: Vec<String>,
    /// The database; without it, the one in the user's data folder
    #[arg(long, value_name = "FILE")]
    pub database: Option<PathBuf>,
    /// Ask a mirror: its address takes the place of each source's host
    #[arg(long, value_name = "URL")]
    pub from: Option<String>,
    /// No progress on standard error
    #[arg(short, long)]
    pub quiet: bool,
}

/// Does it.
pub fn run(command: &AdvisoriesCommand) -> Result<(), WorkbenchError> {
    match command {
        AdvisoriesCommand::Import(args) => {
            let (job, bar) = progress::job(args.quiet);
            let stopper = job.clone();
            let runtime = runtime()?;
            runtime.spawn(async move {
                if tokio::signal::ctrl_c().await.is_ok() {
                    stopper.cancel();
                }
            });
            let ended = database::import(&of(args.database.as_ref()), &args.paths, &job);
            bar.finish_and_clear();
            crate::print(&done(&ended?));
        }
        AdvisoriesCommand::Status(args) => {
            let view = database::status(&of(args.database.as_ref()))?;
            let json =
                || serde_json::to_string_pretty(&view).map_err(|error| WorkbenchError::Stopped(error.to_string()));
            match &args.json {
                Some(path) if path.as_os_str() == "-" => crate::print(&format!("{}\n", json()?)),
                Some(path) => write_whole(path, format!("{}\n", json()?).as_bytes(), false)?,
                None => crate::print(&status(&view)),
            }
        }
        AdvisoriesCommand::Update(args) => {
            let path = of(args.database.as_ref());
            let plan = update::plan(&path, &args.sources, args.from.as_deref())?;
            if !args.quiet {
                eprintln!("Asking {} for: {}", plan.hosts().join(", "), plan.titles().join(", "));
            }
            let (job, bar) = progress::job(args.quiet);
            let ended = runtime()?.block_on(async {
                let stopper = job.clone();
                tokio::spawn(async move {
                    if tokio::signal::ctrl_c().await.is_ok() {
                        stopper.cancel();
                    }
                });
                update::update(&path, &plan, &job).await
            });
            bar.finish_and_clear();
            crate::print(&done(&ended?));
        }
    }
    Ok(())
}

fn runtime() -> Result<tokio::runtime::Runtime, WorkbenchError> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| WorkbenchError::Stopped(error.to_string()))
}

fn of(named: Option<&PathBuf>) -> PathBuf {
    named.cloned().unwrap_or_else(default_database)
}

/// What an import did, as lines of text.
fn done(ended: &ImportEnded) -> String {
    let mut out = String::new();
    for (title, records) in &ended.written {
        let _ = writeln!(out, "imported    {title}: {records} records");
    }
    for title in &ended.unchanged {
        let _ = writeln!(out, "unchanged   {title}");
    }
    for note in ended.notes.iter().take(20) {
        let _ = writeln!(out, "note        {note}");
    }
    if ended.notes.len() > 20 {
        let _ = writeln!(out, "note        {} more", ended.notes.len() - 20);
    }
    out.push_str(&head(&ended.database));
    out
}

fn head(view: &DatabaseView) -> String {
    if view.id.is_empty() {
        return format!("{}: {}\n", view.path, if view.exists { &view.problem } else { "there is none" });
    }
    format!("{} ({}), state {}\n", view.path, view.size, view.id)
}

/// What is in a database, as lines of text.
fn status(view: &DatabaseView) -> String {
    let mut out = head(view);
    if view.sources.is_empty() {
        out.push_str("   nothing was imported yet\n");
    }
    for source in &view.sources {
        let age = match source.age_days {
            Some(0) => ", of today".to_owned(),
            Some(1) => ", 1 day old".to_owned(),
            Some(days) => format!(", {days} days old"),
            None => String::new(),
        };
        let date = source.snapshot.get(..10).unwrap_or(&source.snapshot);
        let snapshot = if date.is_empty() { "no date" } else { date };
        let _ = writeln!(out, "   {:<28} {} records, {snapshot}{age}", source.title, source.records);
        let _ = writeln!(out, "       {}, imported {} from {}", source.feed, source.imported, source.origin);
        let _ = writeln!(out, "       sha256 {}", source.sha256);
        if !source.ecosystems.is_empty() {
            let shown: Vec<_> = source.ecosystems.iter().take(12).cloned().collect();
            let more = source.ecosystems.len().saturating_sub(shown.len());
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let _ = writeln!(out, "       {}{more}", shown.join(", "));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_workbench::vulnerability_view::FeedView;

    #[test]
    fn the_state_of_a_database_is_told_line_by_line() {
        let view = DatabaseView {
            path: "advisories.db".into(),
            exists: true,
            size: "1.2 MB".into(),
            id: "ab".into(),
            sources: vec![FeedView {
                feed: "kev".into(),
                title: "KEV".into(),
                age_days: Some(3),
                snapshot: "2026-11-21".into(),
                records: 7,
                ..FeedView::default()
            }],
            ..DatabaseView::default()
        };
        let text = status(&view);
        assert!(
            text.starts_with("advisories.db (1.2 MB), state ab\n")
                && text.contains("7 records, 2026-11-21, 3 days old")
        );
        assert!(status(&DatabaseView::default()).contains("there is none"));
    }
}
