//! The data that a parsed Dockerfile consists of.

use serde::{Deserialize, Serialize};

/// A Dockerfile, read once: what it says, where it says it, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Dockerfile {
    /// Parser directives (`# syntax=`, `# escape=`, `# check=`) in the order of the file.
    pub directives: Vec<Directive>,
    /// The escape character: a backslash, unless the `escape` directive says a backtick.
    pub escape: char,
    /// All instructions in the order of the file.
    pub instructions: Vec<Instruction>,
    /// The build stages, one for each `FROM`.
    pub stages: Vec<Stage>,
    /// What a builder would refuse or warn of. A file with problems is still parsed as far as possible.
    pub problems: Vec<Problem>,
    /// Number of lines of the text.
    pub lines: u32,
    /// SHA-256 of the original text, in hexadecimal.
    pub sha256: String,
    /// The text with every recognised secret masked, line for line: fit to be shown and stored.
    pub text: String,
}

/// One parser directive: `# name=value` at the very top of the file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Directive {
    /// `syntax`, `escape` or `check`, in lower case.
    pub name: String,
    /// The value as written, without surrounding blanks.
    pub value: String,
    /// Its line, counted from 1.
    pub line: u32,
}

/// Something that a builder would refuse or warn of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Problem {
    /// The line, counted from 1.
    pub line: u32,
    /// What is wrong, in a sentence without a final stop.
    pub message: String,
}

/// The instruction words of the Dockerfile reference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the variants are the words themselves
pub enum Keyword {
    From,
    Run,
    Cmd,
    Label,
    Maintainer,
    Expose,
    Env,
    Add,
    Copy,
    Entrypoint,
    Volume,
    User,
    Workdir,
    Arg,
    Onbuild,
    Stopsignal,
    Healthcheck,
    Shell,
    /// A word that no builder knows, as written.
    Unknown(String),
}

impl Keyword {
    /// Reads an instruction word; case does not matter.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        match word.to_ascii_uppercase().as_str() {
            "FROM" => Self::From,
            "RUN" => Self::Run,
            "CMD" => Self::Cmd,
            "LABEL" => Self::Label,
            "MAINTAINER" => Self::Maintainer,
            "EXPOSE" => Self::Expose,
            "ENV" => Self::Env,
            "ADD" => Self::Add,
            "COPY" => Self::Copy,
            "ENTRYPOINT" => Self::Entrypoint,
            "VOLUME" => Self::Volume,
            "USER" => Self::User,
            "WORKDIR" => Self::Workdir,
            "ARG" => Self::Arg,
            "ONBUILD" => Self::Onbuild,
            "STOPSIGNAL" => Self::Stopsignal,
            "HEALTHCHECK" => Self::Healthcheck,
            "SHELL" => Self::Shell,
            _ => Self::Unknown(word.to_owned()),
        }
    }

    /// The word in capitals, as the reference prints it; an unknown word as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::From => "FROM",
            Self::Run => "RUN",
            Self::Cmd => "CMD",
            Self::Label => "LABEL",
            Self::Maintainer => "MAINTAINER",
            Self::Expose => "EXPOSE",
            Self::Env => "ENV",
            Self::Add => "ADD",
            Self::Copy => "COPY",
            Self::Entrypoint => "ENTRYPOINT",
            Self::Volume => "VOLUME",
            Self::User => "USER",
            Self::Workdir => "WORKDIR",
            Self::Arg => "ARG",
            Self::Onbuild => "ONBUILD",
            Self::Stopsignal => "STOPSIGNAL",
            Self::Healthcheck => "HEALTHCHECK",
            Self::Shell => "SHELL",
            Self::Unknown(word) => word,
        }
    }
}

/// One instruction with its place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Instruction {
    /// The instruction word.
    pub keyword: Keyword,
    /// First line, counted from 1.
    pub line: u32,
    /// Last line, counted from 1: continuations and here-documents included.
    pub end_line: u32,
    /// The leading `--name=value` words.
    pub flags: Vec<Flag>,
    /// What follows the flags. May hold secrets: show [`Instruction::raw`] instead.
    pub arguments: Arguments,
    /// The here-documents of a `RUN`, `COPY` or `ADD`. Those of an `ONBUILD` belong to its trigger.
    pub heredocs: Vec<Heredoc>,
    /// The whole instruction with its continuation lines joined and every recognised secret masked.
    pub raw: String,
    /// The stage it belongs to; none for what stands before the first `FROM`.
    pub stage: Option<usize>,
    /// The instruction inside an `ONBUILD`.
    pub trigger: Option<Box<Instruction>>,
    /// For a command in shell form on several lines: the arguments line by line, each with its number, continuation
    /// characters taken away and every recognised secret masked. Empty for all others.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub continued: Vec<(u32, String)>,
}

impl Instruction {
    /// The value of the first flag of that name; a flag without value gives the empty string.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<&str> {
        self.flags.iter().find(|flag| flag.name == name).map(|flag| flag.value.as_deref().unwrap_or_default())
    }
}

/// One `--name=value` or `--name` in front of an instruction's arguments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Flag {
    /// The name without the dashes.
    pub name: String,
    /// The value, quotes removed, variables as written.
    pub value: Option<String>,
}

/// The arguments of an instruction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arguments {
    /// Everything after the flags as one text (for `RUN` and its like: the shell form).
    Shell(String),
    /// The JSON form (exec form). A list that is no valid JSON is shell form, as BuildKit takes it.
    Json(Vec<String>),
}

impl Arguments {
    /// The text of the shell form, or the elements of the JSON form with blanks between them.
    #[must_use]
    pub fn joined(&self) -> String {
        match self {
            Self::Shell(text) => text.clone(),
            Self::Json(items) => items.join(" "),
        }
    }

    /// The text of the shell form.
    #[must_use]
    pub fn shell(&self) -> Option<&str> {
        match self {
            Self::Shell(text) => Some(text),
            Self::Json(_) => None,
        }
    }
}

/// A here-document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Heredoc {
    /// The word that ends it.
    pub name: String,
    /// Variables in it are expanded: no part of the word was quoted.
    pub expand: bool,
    /// `<<-`: leading tabs are taken away.
    pub strip_tabs: bool,
    /// Its lines, with leading tabs already taken away where [`Heredoc::strip_tabs`] says so. May hold secrets.
    pub content: String,
    /// Line of its first line of content, counted from 1.
    pub line: u32,
}

/// A build stage.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Stage {
    /// Its place among the stages, counted from 0.
    pub index: usize,
    /// The name after `AS`, as written. Names are compared without regard to case.
    pub name: Option<String>,
    /// Index of its `FROM` in [`Dockerfile::instructions`].
    pub from: usize,
    /// What it starts from.
    pub base: Base,
    /// A build argument can change what it starts from.
    pub defaulted: bool,
    /// The value of `--platform`, variables replaced where they are known.
    pub platform: Option<String>,
    /// Indices of its instructions, without the `FROM`.
    pub instructions: Vec<usize>,
}

/// What a stage starts from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Base {
    /// `FROM scratch`: nothing.
    Scratch,
    /// An earlier stage, by its index.
    Stage(usize),
    /// An image from outside.
    Image(BaseImage),
}

/// The reference of an image from outside, as far as the file settles it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct BaseImage {
    /// The word in the file.
    pub written: String,
    /// The word with every known variable replaced; unknown ones stay as written.
    pub resolved: String,
    /// Variables with no known value: declared without a default, set by the builder, or not declared at all.
    pub unresolved: Vec<String>,
    /// A build argument can change it.
    pub defaulted: bool,
}

/// Where a file names an image from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// `FROM image`.
    From,
    /// `COPY --from=image` (or `ADD --from=`, which only some frontends know).
    CopyFrom,
    /// `RUN --mount=…,from=image`.
    MountFrom,
    /// `# syntax=image`: the frontend that builds the file.
    SyntaxDirective,
}

/// An image from outside that the build pulls.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct ExternalImage {
    /// Its reference.
    pub reference: BaseImage,
    /// How it is named.
    pub place: Place,
    /// First line of the instruction, counted from 1.
    pub line: u32,
    /// The stage that names it.
    pub stage: Option<usize>,
}

/// The `USER` that a stage ends with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct UserSetting {
    /// The value with every known variable replaced.
    pub value: String,
    /// The value in the file.
    pub written: String,
    /// Line of the instruction, counted from 1.
    pub line: u32,
    /// The stage it stands in (for an `ONBUILD USER`: the stage with the `ONBUILD`).
    pub stage: usize,
    /// Variables with no known value.
    pub unresolved: Vec<String>,
    /// A build argument can change it.
    pub defaulted: bool,
}
