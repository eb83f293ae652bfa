//! Shell text (`RUN`, `CMD`, `HEALTHCHECK`, history lines) as simple commands, wherever they hide: behind `&&` and `;`, in
//! subshells, `if`, loops, functions, here-documents, command substitutions and `sh -c "…"`.
//!
//! Nothing is run and nothing is expanded. What the parser cannot read is named in [`Script::problems`]: a check that
//! needs the commands must not pass over it.

//!
//! Where to look: `shell/source.rs` (lines of characters), `word.rs` (quotes and substitutions), `bounds.rs` (the parser
//! beneath, kept within bounds), `pieces.rs` (what is left of a text that does not parse), `walk.rs` (from the syntax tree
//! to commands), `inline.rs` (`sh -c` and its like), `program.rs` (what a command runs), `run.rs` (instructions),
//! `other.rs` (PowerShell and `cmd.exe`).

mod bounds;
mod inline;
mod other;
mod pieces;
mod program;
mod run;
mod source;
mod walk;
mod word;

use serde::{Deserialize, Serialize};

pub use run::{RunScript, language_of, script_of};

/// The shell that a text is written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    /// sh, bash, dash, ash, ksh, zsh.
    Posix,
    /// PowerShell, which is not parsed: commands are split at `;` and line ends only.
    PowerShell,
    /// `cmd.exe`, which is not parsed: commands are split at `&` only.
    Cmd,
    /// Another interpreter (`SHELL ["python", …]`, a here-document with `#!`): not parsed, no commands.
    Other,
}

/// What a shell text does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Script {
    /// The language.
    pub language: Language,
    /// The simple commands in the order of the text; those of a `sh -c` follow the command that starts it.
    pub commands: Vec<Command>,
    /// Parts that could not be parsed: line and reason.
    pub problems: Vec<crate::Problem>,
}

/// A simple command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Command {
    /// Assignments before the program: `DEBIAN_FRONTEND=noninteractive`.
    pub assignments: Vec<(String, Word)>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Redirections.
    pub redirects: Vec<Redirect>,
    /// Its line, counted as the caller counts.
    pub line: u32,
    /// How it follows the command before it.
    pub connector: Connector,
    /// Commands with the same number are one pipeline, in order.
    pub pipeline: u32,
    /// What it is nested in, the outermost first.
    pub nesting: Vec<Nesting>,
}

/// A word of a command, quotes removed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Word {
    /// The text; variables and substitutions as written.
    pub text: String,
    /// Whether it holds no variable, substitution or pattern outside single quotes: the shell takes it as it is.
    pub literal: bool,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Redirect {
    /// The operator: `>`, `>>`, `<`, `2>`, `<<<` …
    pub operator: String,
    /// Where to; for a here-document, its content.
    pub target: Word,
}

/// How a command follows the one before it. The first command of a subshell, a group or a branch follows as that does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Connector {
    /// It is the first of its list.
    #[default]
    First,
    /// `;` or a line end.
    Then,
    /// `&&`.
    And,
    /// `||`.
    Or,
    /// `|`.
    Pipe,
    /// `&`.
    Background,
}

/// What a command is nested in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nesting {
    /// `( … )`.
    Subshell,
    /// `{ … }`.
    Group,
    /// A condition or a branch of `if` or `case`, what stands behind `||`, and what stands behind a test and `&&`: it may
    /// not run.
    Conditional,
    /// `for`, `while`, `until`.
    Loop,
    /// The body of a function of that name: it runs only when called.
    Function(String),
    /// `$( … )`, backquotes, `<( … )`.
    Substitution,
    /// The text given to `sh -c`, `bash -ec`, `su -c`, `eval`, or a shell's here-document.
    Inline,
}

impl Command {
    /// The program's name without its folder, behind what only starts it (`sudo`, `env A=b`, `exec`, `command`, `nice`,
    /// `time`, `xargs`, `timeout 5`, `gosu app`, `su-exec app`, `chroot /x`, `busybox`): `apt-get`. None when it is a
    /// variable or there is none.
    #[must_use]
    pub fn program(&self) -> Option<&str> {
        program::find(&self.words).and_then(|at| self.words.get(at)).map(|word| program::base_name(&word.text))
    }

    /// The arguments of [`Command::program`], without the program itself.
    #[must_use]
    pub fn arguments(&self) -> &[Word] {
        program::find(&self.words).and_then(|at| self.words.get(at + 1..)).unwrap_or_default()
    }

    /// Whether it always runs when the script does, as far as the text settles it. What stands behind `&&` counts as
    /// run, since the script fails otherwise.
    #[must_use]
    pub fn unconditional(&self) -> bool {
        self.connector != Connector::Or
            && !self
                .nesting
                .iter()
                .any(|around| matches!(around, Nesting::Conditional | Nesting::Loop | Nesting::Function(_)))
    }
}

/// Reads a shell text whose first line has the number `line`.
#[must_use]
pub fn parse_shell(text: &str, line: u32) -> Script {
    walk::parse(&source::Source::new(&source::hide_masks(text), line))
}

/// Reads a text in a language whose first line has the number `line`.
#[must_use]
pub fn parse_in(language: Language, text: &str, line: u32) -> Script {
    match language {
        Language::Posix => parse_shell(text, line),
        other => other::split(&source::Source::new(&source::hide_masks(text), line), other),
    }
}
