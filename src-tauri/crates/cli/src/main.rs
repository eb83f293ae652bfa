//! The headless face: `plimsoll audit`, `plimsoll collect`, `plimsoll facts`, `plimsoll trust`, `plimsoll advisories`, `plimsoll sbom`, `plimsoll identity new`.
//! It draws no window and links no GUI library.
//!
//! Standard output carries results and nothing else; progress and warnings go to standard error. Exit status: 0 the
//! work ran to its end, whatever it found; 1 a required level is not achieved, or an image's signature does not hold;
//! 2 it could not run.

mod advisories;
mod args;
mod audit;
mod collect;
mod connections;
mod facts;
mod identity;
mod passphrase;
mod progress;
mod runtime_text;
mod sbom;
mod summary;
mod trust;
mod trust_text;
mod vulnerability_text;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use plimsoll_workbench::WorkbenchError;

/// The work ran to its end, but a required level is not achieved, or a signature does not hold.
const NOT_ACHIEVED: u8 = 1;
/// The work could not run.
const COULD_NOT_RUN: u8 = 2;

fn main() -> ExitCode {
    let matches = args::Cli::command().get_matches();
    let cli = match args::Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let verbose = cli.verbose;
    let done = match &cli.command {
        args::Command::Audit(audit) => {
            let of = |m| args::request_order(&audit.subjects, &audit.beside, m);
            let order = matches.subcommand_matches("audit").map(of).unwrap_or_default();
            audit::run(audit, &order)
        }
        args::Command::Collect(collect) => {
            let of = |m| args::request_order(&collect.subjects, &collect.beside, m);
            let order = matches.subcommand_matches("collect").map(of).unwrap_or_default();
            collect::run(collect, &order).map(|()| true)
        }
        args::Command::Facts { command } => facts::run(command).map(|()| true),
        args::Command::Trust(trust) => trust::run(trust),
        args::Command::Advisories { command } => advisories::run(command).map(|()| true),
        args::Command::Sbom(bill) => sbom::run(bill).map(|()| true),
        args::Command::Identity { command: args::IdentityCommand::New(new) } => identity::new(new).map(|()| true),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(NOT_ACHIEVED),
        Err(error) => {
            complain(&error, verbose);
            ExitCode::from(COULD_NOT_RUN)
        }
    }
}

/// Writes to standard output; a reader that has gone away is no error of ours.
fn print(text: &str) {
    use std::io::Write;
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
}

/// One line; the causes behind it with `-v`.
fn complain(error: &WorkbenchError, verbose: bool) {
    let sentence = error.to_string().replace('\n', " ");
    eprintln!("plimsoll: {sentence}");
    if verbose {
        for line in error.details().lines() {
            eprintln!("  because: {line}");
        }
    }
}
