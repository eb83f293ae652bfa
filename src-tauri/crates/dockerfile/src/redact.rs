//! Copies of a parsed file that are fit to be stored: every recognised secret masked.

use crate::model::{Arguments, Dockerfile, Instruction};
use plimsoll_secrets::{redact_text, redact_value};

impl Dockerfile {
    /// The same facts with secrets masked in arguments, flags and here-documents too.
    ///
    /// [`Dockerfile::text`] and [`Instruction::raw`] are masked from the start; the arguments are not, since variables
    /// must be expanded and commands read. Store and show only this copy.
    #[must_use]
    pub fn redacted(&self) -> Self {
        let mut copy = self.clone();
        for instruction in &mut copy.instructions {
            redact_instruction(instruction);
        }
        for problem in &mut copy.problems {
            problem.message = redact_text(&problem.message);
        }
        copy
    }
}

/// Masks one instruction and its trigger in place.
fn redact_instruction(instruction: &mut Instruction) {
    let keyword = instruction.keyword.as_str().to_owned();
    match &mut instruction.arguments {
        Arguments::Shell(text) => *text = redact_arguments(&keyword, text),
        Arguments::Json(items) => {
            let mut name: Option<String> = None;
            for item in items {
                let masked = match &name {
                    Some(name) => redact_value(name, item),
                    None => redact_text(item),
                };
                name = item.strip_prefix("--").filter(|rest| !rest.contains('=')).map(str::to_owned);
                *item = masked;
            }
        }
    }
    for flag in &mut instruction.flags {
        if let Some(value) = &mut flag.value {
            *value = redact_text(value);
        }
    }
    for heredoc in &mut instruction.heredocs {
        heredoc.content = redact_text(&heredoc.content);
    }
    if let Some(trigger) = &mut instruction.trigger {
        redact_instruction(trigger);
    }
}

/// Masks the arguments with the keyword before them, which tells the secrets crate how to read them.
fn redact_arguments(keyword: &str, text: &str) -> String {
    let whole = redact_text(&format!("{keyword} {text}"));
    match whole.strip_prefix(keyword).and_then(|rest| rest.strip_prefix(' ')) {
        Some(rest) => rest.to_owned(),
        None => redact_text(text),
    }
}
