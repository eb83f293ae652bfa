//! Dockerfile, Compose file and `.dockerignore`, parsed with positions: facts only, no judgement.
//!
//! In: the text of a file. Out: plain data that names the line of everything it holds. Parsing is pure and total: a
//! Dockerfile that no builder would take still gives its instructions, and what is wrong with it stands in
//! [`Dockerfile::problems`]. The semantics are BuildKit's (<https://docs.docker.com/reference/dockerfile/>), since that
//! is what builds the image. The only I/O is [`context::read_context`], which lists a build context.
//!
//! Where to look: `parse.rs` (from text to instructions), `stages.rs` (stages and base images), `expand.rs` (variables),
//! `resolve.rs` (questions over the whole file: lineage, user, images), `reference.rs`, `copy.rs`, `healthcheck.rs`,
//! `compose.rs`, `ignore.rs`, `shell.rs` (the commands of a `RUN`).

mod assign;
pub mod compose;
pub mod context;
mod copy;
mod directive;
mod expand;
mod glob;
mod healthcheck;
mod heredoc;
pub mod ignore;
mod instruction;
mod lex;
mod lines;
mod model;
mod parse;
mod redact;
mod reference;
mod resolve;
pub mod shell;
mod stages;
mod yaml;

pub use assign::Assignment;
pub use compose::{Compose, ComposeError, parse_compose};
pub use context::{Context, ContextError, read_context};
pub use copy::{Source, SourceKind, Transfer, is_archive_name, sources, sources_in};
pub use expand::{Env, Expanded, Value, Variable, expand};
pub use healthcheck::{Healthcheck, healthcheck};
pub use ignore::DockerIgnore;
pub use model::{
    Arguments, Base, BaseImage, Directive, Dockerfile, ExternalImage, Flag, Heredoc, Instruction, Keyword, Place,
    Problem, Stage, UserSetting,
};
pub use parse::parse;
pub use reference::{Reference, ReferenceError};
pub use shell::{RunScript, Script, language_of, parse_shell, script_of};

#[cfg(test)]
mod tests_parse;
#[cfg(test)]
mod tests_random;
#[cfg(test)]
mod tests_shell;
