//! Setting up, building, running and testing from one command: `cargo xtask`, with what
//! [`USAGE`] lists.
//!
//! In: a fresh clone on Debian or Ubuntu with a Rust toolchain. It installs the system packages that are missing and
//! says which. It has no dependencies, so that it compiles before anything else is there.

mod packages;
mod peers;
mod steps;
mod ui;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask run        build everything and open the window on the sample engagement
cargo xtask build      make target/release/plimsoll-desktop and target/release/plimsoll
cargo xtask test       formatting, lints and all tests: Rust, UI, lab, window
cargo xtask bindings   write ui/src/lib/bindings.ts anew from the Rust types
cargo xtask coverage   write src-tauri/crates/checks/COVERAGE.md anew from the catalogue and the checks
cargo xtask peers      fetch and run the tools that ours is compared with, write tests/peers/README.md (network)
cargo xtask peers table  write that table again with what our checks say now";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["run"] => steps::run(),
        ["build"] => steps::build(),
        ["test"] => steps::test(),
        ["bindings"] => steps::bindings(),
        ["coverage"] => steps::coverage(),
        ["peers"] => peers::run(),
        ["peers", "table"] => peers::table(),
        _ => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}
