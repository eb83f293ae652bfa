//! What each command does, step by step.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{packages, ui};

/// pyHanko judges our signatures in the tests; pinned, so that it judges the same tomorrow.
const PYHANKO: [&str; 2] = ["pyhanko==0.38.0", "pyhanko-cli==0.6.0"];

/// The top of the repository.
pub fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(3).unwrap_or(here).to_owned()
}

/// Runs a command to its end.
pub fn run_command(command: &mut Command) -> Result<(), String> {
    let shown = format!(
        "{} {}",
        command.get_program().display(),
        command.get_args().map(|a| a.to_string_lossy()).collect::<Vec<_>>().join(" ")
    );
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{shown}` failed ({status})")),
        Err(error) => Err(format!("`{shown}` could not be started: {error}")),
    }
}

/// A cargo command at the top of the repository.
pub fn cargo(arguments: &[&str]) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(arguments).current_dir(root());
    command
}

/// Tells which step is next.
pub fn say(step: &str) {
    eprintln!("xtask: {step}");
}

/// The folder that cargo builds into.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// `cargo xtask run`
pub fn run() -> Result<(), String> {
    packages::ensure(packages::BUILD)?;
    say("building the UI");
    ui::build()?;
    say("building the app (some minutes the first time)");
    run_command(&mut cargo(&["build", "--package", "plimsoll-desktop"]))?;
    if std::env::var_os("DISPLAY").is_none() && std::env::var_os("WAYLAND_DISPLAY").is_none() {
        return Err(format!(
            "there is no display to open a window on; without one use {}",
            target().join("debug/plimsoll").display()
        ));
    }
    run_command(Command::new(target().join("debug/plimsoll-desktop")).arg("--sample"))
}

/// `cargo xtask build`
pub fn build() -> Result<(), String> {
    packages::ensure(packages::BUILD)?;
    say("building the UI");
    ui::build()?;
    say("building the release (a quarter of an hour the first time)");
    // Apart from each other, so that the headless binary is built with its own features only.
    run_command(&mut cargo(&["build", "--release", "--package", "plimsoll-cli"]))?;
    run_command(&mut cargo(&["build", "--release", "--package", "plimsoll-desktop"]))?;
    for binary in ["plimsoll", "plimsoll-desktop"] {
        println!("{}", target().join("release").join(binary).display());
    }
    Ok(())
}

fn pyhanko() -> Result<PathBuf, String> {
    let folder = target().join("pyhanko");
    let program = folder.join("bin/pyhanko");
    if !program.is_file() {
        say("fetching pyHanko for the signature tests");
        run_command(Command::new("python3").args(["-m", "venv"]).arg(&folder))?;
        run_command(
            Command::new(folder.join("bin/pip"))
                .args(["install", "--quiet", "--disable-pip-version-check"])
                .args(PYHANKO),
        )?;
    }
    Ok(program)
}

/// `cargo xtask test`
pub fn test() -> Result<(), String> {
    let wanted: Vec<&str> = packages::BUILD.iter().chain(packages::TEST).copied().collect();
    packages::ensure(&wanted)?;
    say("formatting");
    run_command(&mut cargo(&["fmt", "--all", "--check"]))?;
    say("UI: build, formatting, types, tests");
    ui::build()?;
    ui::test()?;
    say("clippy");
    run_command(&mut cargo(&["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"]))?;
    say("building");
    run_command(&mut cargo(&["build", "--workspace", "--bins", "--quiet"]))?;
    let pyhanko = pyhanko()?;
    say("tests");
    // A display and a session bus of their own for the window tests; the others do not mind.
    let mut tests = Command::new("xvfb-run");
    tests
        .args(["--auto-servernum", "--server-args=-screen 0 1440x900x24", "dbus-run-session", "--"])
        .arg(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["test", "--workspace", "--no-fail-fast"])
        .env("PLIMSOLL_PYHANKO", pyhanko)
        .current_dir(root());
    run_command(&mut tests)
}

/// `cargo xtask bindings`
pub fn bindings() -> Result<(), String> {
    run_command(
        cargo(&["test", "--quiet", "--package", "plimsoll-workbench", "--lib", "bindings"])
            .env("PLIMSOLL_WRITE_BINDINGS", "1"),
    )
}

/// `cargo xtask coverage`
pub fn coverage() -> Result<(), String> {
    run_command(
        cargo(&["test", "--quiet", "--package", "plimsoll-checks", "--lib", "the_document_is_up_to_date"])
            .env("PLIMSOLL_WRITE_COVERAGE", "1"),
    )
}
