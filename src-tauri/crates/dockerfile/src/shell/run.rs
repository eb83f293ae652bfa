//! The scripts of instructions: which shell reads them, and where their text stands in the file.

use super::inline::SHELLS;
use super::program::base_name;
use super::source::{Source, hide_masks};
use super::{Language, Script, other, walk};
use crate::heredoc::opening;
use crate::model::{Arguments, Base, Dockerfile, Heredoc, Instruction, Keyword, Problem};
use serde::{Deserialize, Serialize};

/// The script of a `RUN`, with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct RunScript {
    /// The stage it stands in.
    pub stage: usize,
    /// Index of the instruction in [`Dockerfile::instructions`].
    pub index: usize,
    /// It is the trigger of an `ONBUILD`: it runs in builds that start from this image.
    pub onbuild: bool,
    /// What it does.
    pub script: Script,
}

/// The language of a `SHELL` list; an empty one is the builder's own, `/bin/sh -c`.
#[must_use]
pub fn language_of(shell: &[String]) -> Language {
    if shell.is_empty() {
        return Language::Posix;
    }
    for word in shell {
        let name = base_name(word).to_ascii_lowercase();
        match name.strip_suffix(".exe").unwrap_or(&name) {
            name if SHELLS.contains(&name) || name == "busybox" => return Language::Posix,
            "powershell" | "pwsh" => return Language::PowerShell,
            "cmd" => return Language::Cmd,
            _ => {}
        }
    }
    Language::Other
}

/// The commands of a `RUN` (both forms and here-documents), `CMD`, `ENTRYPOINT` or `HEALTHCHECK` instruction, in the
/// shell that the stage has set. Lines are the file's.
#[must_use]
pub fn script_of(instruction: &Instruction, shell: &[String]) -> Script {
    let nothing = || Script { language: language_of(shell), commands: Vec::new(), problems: Vec::new() };
    match instruction.keyword {
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => match &instruction.arguments {
            Arguments::Json(items) => exec(items, instruction.line),
            Arguments::Shell(text) => {
                let source = written(instruction, text);
                if instruction.heredocs.is_empty() {
                    read(&source, shell)
                } else {
                    with_heredocs(source, instruction, shell)
                }
            }
        },
        Keyword::Healthcheck => match crate::healthcheck(instruction) {
            Some(crate::Healthcheck::Command { test: Arguments::Json(items), .. }) => exec(&items, instruction.line),
            Some(crate::Healthcheck::Command { test: Arguments::Shell(_), .. }) => {
                let whole = instruction.arguments.joined();
                let source = written(instruction, &whole);
                let blanks = source.text.chars().take_while(|ch| ch.is_whitespace()).count();
                let length = source.text.chars().count();
                read(&source.slice(blanks + "CMD".len(), length), shell)
            }
            _ => nothing(),
        },
        _ => nothing(),
    }
}

impl Dockerfile {
    /// The scripts of all `RUN` instructions, each in the shell that its stage has set by then. Triggers of `ONBUILD`
    /// are among them.
    #[must_use]
    pub fn run_scripts(&self) -> Vec<RunScript> {
        let mut shells: Vec<Vec<String>> = Vec::with_capacity(self.stages.len());
        let mut scripts = Vec::new();
        for stage in &self.stages {
            let mut shell = match stage.base {
                Base::Stage(parent) => shells.get(parent).cloned().unwrap_or_default(),
                Base::Scratch | Base::Image(_) => Vec::new(),
            };
            for index in &stage.instructions {
                let Some(outer) = self.instructions.get(*index) else { continue };
                let instruction = outer.trigger.as_deref().unwrap_or(outer);
                match (&instruction.keyword, &instruction.arguments) {
                    (Keyword::Shell, Arguments::Json(items)) if outer.trigger.is_none() => shell.clone_from(items),
                    (Keyword::Run, _) => scripts.push(RunScript {
                        stage: stage.index,
                        index: *index,
                        onbuild: outer.trigger.is_some(),
                        script: script_of(instruction, &shell),
                    }),
                    _ => {}
                }
            }
            shells.push(shell);
        }
        scripts
    }

    /// The list that `SHELL` has set by the end of a stage, in it or in the stages it starts from; empty when none has.
    #[must_use]
    pub fn shell(&self, stage: usize) -> Vec<String> {
        let steps = self.effective_instructions(stage);
        let set = steps.iter().rev().find_map(|instruction| match &instruction.arguments {
            Arguments::Json(items) if instruction.keyword == Keyword::Shell => Some(items.clone()),
            _ => None,
        });
        set.unwrap_or_default()
    }
}

/// The arguments with the lines they stand on.
fn written(instruction: &Instruction, text: &str) -> Source {
    if instruction.continued.is_empty() {
        return Source::new(&hide_masks(text), instruction.line);
    }
    let mut source = Source::default();
    for (line, text) in &instruction.continued {
        source.push(&hide_masks(text), *line);
    }
    source
}

fn read(source: &Source, shell: &[String]) -> Script {
    match language_of(shell) {
        Language::Posix => walk::parse(source),
        language => other::split(source, language),
    }
}

/// The JSON form. A shell that is started with a text is looked into.
fn exec(items: &[String], line: u32) -> Script {
    let start = items.iter().take(3).position(|item| {
        let name = base_name(item).to_ascii_lowercase();
        matches!(name.strip_suffix(".exe").unwrap_or(&name), "powershell" | "pwsh" | "cmd")
    });
    if let Some(start) = start {
        let language = language_of(items.get(start..start + 1).unwrap_or_default());
        let text: Vec<&str> = items
            .iter()
            .skip(start + 1)
            .map(String::as_str)
            .filter(|item| !(item.starts_with('-') || (item.starts_with('/') && item.len() == 2)))
            .collect();
        return other::split(&Source::new(&text.join(" "), line), language);
    }
    walk::words(items, line)
}

fn with_heredocs(mut source: Source, instruction: &Instruction, shell: &[String]) -> Script {
    // `RUN <<EOF` alone: the here-document is the script.
    if let [heredoc] = instruction.heredocs.as_slice()
        && opening(source.text.trim()).is_some()
    {
        return document(heredoc, shell);
    }
    for heredoc in &instruction.heredocs {
        source.push("\n", heredoc.line.saturating_sub(1));
        source.push(&hide_masks(heredoc.content.trim_end_matches('\n')), heredoc.line);
        if !heredoc.content.is_empty() {
            let lines = heredoc.content.matches('\n').count();
            source.push("\n", heredoc.line.saturating_add(u32::try_from(lines).unwrap_or(0)));
        }
        source.push(&heredoc.name, heredoc.line);
    }
    source.push("\n", instruction.end_line);
    read(&source, shell)
}

fn document(heredoc: &Heredoc, shell: &[String]) -> Script {
    let source = Source::new(&hide_masks(&heredoc.content), heredoc.line);
    let Some(first) = heredoc.content.strip_prefix("#!").and_then(|rest| rest.lines().next()) else {
        return read(&source, shell);
    };
    let words: Vec<String> = first.split_whitespace().map(str::to_owned).collect();
    match language_of(&words) {
        Language::Posix => walk::parse(&source),
        language => {
            let mut script = other::split(&source, language);
            if language == Language::Other {
                let message = format!("the here-document is for {}, which is not read", words.join(" "));
                script.problems.push(Problem { line: heredoc.line, message });
            }
            script
        }
    }
}
