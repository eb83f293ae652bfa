//! The packages that the final stage of a Dockerfile installs by name and keeps.

use std::collections::BTreeSet;

use plimsoll_dockerfile::Instruction;
use plimsoll_dockerfile::shell::Command;

use crate::commands::commands;
use crate::facts::DockerfileFacts;
use crate::managers::{Action, Family, calls_in};

/// A package that the final stage installs and does not remove again.
pub(crate) struct Wanted {
    /// Its name, without version and architecture.
    pub(crate) name: String,
    /// Whose package it is.
    pub(crate) family: Family,
    /// The lines of the instruction.
    pub(crate) lines: (u32, u32),
}

/// Whether a step marks packages as installed automatically (`apt-mark auto`).
fn marks_auto(run: &[(&Instruction, Command)]) -> bool {
    run.iter().any(|(_, command)| {
        command.program() == Some("apt-mark") && command.arguments().first().is_some_and(|word| word.text == "auto")
    })
}

/// The name that `apk add --virtual` gives to what it installs.
fn virtual_name(flags: &[String]) -> Option<String> {
    flags.iter().enumerate().find_map(|(index, flag)| match flag.split_once('=') {
        Some(("--virtual", name)) => Some(name.to_owned()),
        None if matches!(flag.as_str(), "-t" | "--virtual") => flags.get(index + 1).cloned(),
        _ => None,
    })
}

/// The packages that the final stage of a Dockerfile installs by name, without those that it removes again.
pub(crate) fn wanted_in_final_stage(file: &DockerfileFacts) -> Vec<Wanted> {
    let all = commands(&file.parsed);
    let mut wanted: Vec<(Wanted, Option<String>)> = Vec::new();
    for run in all.ran.chunk_by(|(one, _), (other, _)| std::ptr::eq(*one, *other)) {
        let Some((instruction, _)) = run.first() else { continue };
        let calls = calls_in(run.iter().map(|(_, command)| command));
        for call in calls.into_iter().filter(|call| call.family.of_distribution()) {
            match call.action {
                Action::Install => {
                    let group = (call.family == Family::Apk).then(|| virtual_name(&call.flags)).flatten();
                    for package in call.packages.iter().filter(|package| !package.is_file()) {
                        let name = package.bare();
                        if name.is_empty() || name.contains(['/', '$', '`', '*', '{']) {
                            continue;
                        }
                        let lines = (instruction.line, instruction.end_line);
                        wanted.push((Wanted { name: name.to_owned(), family: call.family, lines }, group.clone()));
                    }
                }
                // The way of Docker's official images: everything is marked as not asked for, and then what nothing
                // needs is removed. What is needed after all cannot be told from the file.
                Action::Remove if call.packages.is_empty() && marks_auto(run) => {
                    wanted.retain(|(wanted, _)| wanted.family != Family::Apt);
                }
                Action::Remove => {
                    let gone: BTreeSet<&str> = call.packages.iter().map(|package| package.name.as_str()).collect();
                    wanted.retain(|(wanted, group)| {
                        !gone.contains(wanted.name.as_str())
                            && !group.as_deref().is_some_and(|group| gone.contains(group))
                    });
                }
                _ => {}
            }
        }
    }
    wanted.into_iter().map(|(wanted, _)| wanted).collect()
}
