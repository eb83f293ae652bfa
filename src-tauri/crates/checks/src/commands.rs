//! What the `RUN` instructions of a Dockerfile's final stage execute, one simple command at a time.

use plimsoll_dockerfile::shell::{Command, Nesting};
use plimsoll_dockerfile::{Arguments, Dockerfile, Instruction, Keyword, script_of};

/// The commands that shape the image, those of the stages that the final one starts from included.
pub(crate) struct Commands<'a> {
    /// Instruction and command, in the order of their effect.
    pub(crate) ran: Vec<(&'a Instruction, Command)>,
    /// Instructions with parts that could not be read as shell.
    pub(crate) unread: Vec<&'a Instruction>,
}

/// The commands of the final stage and of those that it starts from.
pub(crate) fn commands(file: &Dockerfile) -> Commands<'_> {
    let mut all = Commands { ran: Vec::new(), unread: Vec::new() };
    let mut shell = vec!["/bin/sh".to_owned(), "-c".to_owned()];
    let Some(stage) = file.final_stage() else { return all };
    for instruction in file.effective_instructions(stage.index) {
        match (&instruction.keyword, &instruction.arguments) {
            (Keyword::Shell, Arguments::Json(words)) => shell.clone_from(words),
            (Keyword::Run, _) => {
                let script = script_of(instruction, &shell);
                if !script.problems.is_empty() {
                    all.unread.push(instruction);
                }
                all.ran.extend(script.commands.into_iter().map(|command| (instruction, command)));
            }
            _ => {}
        }
    }
    all
}

/// The texts of a command's arguments.
pub(crate) fn arguments(command: &Command) -> Vec<&str> {
    command.arguments().iter().map(|word| word.text.as_str()).collect()
}

/// Whether a command stands in the body of a function or in a substitution: what it prints or does is another's.
pub(crate) fn in_substitution(command: &Command) -> bool {
    command.nesting.iter().any(|nesting| matches!(nesting, Nesting::Substitution))
}

/// The packages that a package manager's command installs, versions cut off.
pub(crate) fn installs<'a>(program: &str, arguments: &[&'a str]) -> Vec<&'a str> {
    let verbs: &[&str] = match program {
        "apt-get" | "apt" | "aptitude" | "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf" | "zypper" => {
            &["install", "in", "reinstall"]
        }
        "apk" => &["add"],
        "pacman" => &["-S", "-Sy", "-Syu"],
        _ => return Vec::new(),
    };
    let Some(at) = arguments.iter().position(|argument| verbs.contains(argument)) else { return Vec::new() };
    let rest = arguments.iter().skip(at + 1).filter(|argument| !argument.starts_with('-'));
    rest.map(|argument| {
        let end = argument.find(['=', '<', '>', '~', '@', '/']).filter(|&end| end > 0).unwrap_or(argument.len());
        argument.get(..end).unwrap_or(argument)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packages_are_read_from_each_package_manager() {
        for (program, arguments, packages) in [
            (
                "apt-get",
                vec!["-y", "install", "--no-install-recommends", "sudo=1.9", "curl/stable"],
                vec!["sudo", "curl"],
            ),
            ("apk", vec!["--no-cache", "add", "openssh~9", "bash"], vec!["openssh", "bash"]),
            ("dnf", vec!["install", "-y", "sudo"], vec!["sudo"]),
            ("apt-get", vec!["remove", "sudo"], vec![]),
            ("pip", vec!["install", "sudo"], vec![]),
        ] {
            assert_eq!(installs(program, &arguments), packages, "{program} {arguments:?}");
        }
    }
}
