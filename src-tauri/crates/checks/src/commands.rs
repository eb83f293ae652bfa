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
