//! The `name=value` pairs of `ENV`, `ARG` and `LABEL`.

use crate::expand::unquote;
use crate::lex::split_words;
use crate::model::{Arguments, Dockerfile, Instruction, Keyword};
use serde::{Deserialize, Serialize};

/// One `name=value` pair, or an `ARG` without value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Assignment {
    /// The name, quotes taken away.
    pub name: String,
    /// The value in the file, with its quotes.
    pub written: Option<String>,
    /// The value, quotes taken away, variables as written. May hold a secret.
    pub value: Option<String>,
}

impl Dockerfile {
    /// The pairs of an `ENV`, `ARG` or `LABEL`; nothing for other instructions.
    #[must_use]
    pub fn assignments(&self, instruction: &Instruction) -> Vec<Assignment> {
        assignments(instruction, self.escape)
    }
}

/// The pairs of an instruction. The old form `ENV name value` gives one pair.
pub(crate) fn assignments(instruction: &Instruction, escape: char) -> Vec<Assignment> {
    let Arguments::Shell(text) = &instruction.arguments else { return Vec::new() };
    let words = split_words(text, escape);
    let pair = |name: &str, written: Option<&str>| Assignment {
        name: unquote(name, escape),
        written: written.map(str::to_owned),
        value: written.map(|value| unquote(value, escape)),
    };
    match instruction.keyword {
        Keyword::Env | Keyword::Label => {
            if words.first().is_some_and(|word| !word.contains('=')) {
                let mut parts = text.splitn(2, ['\t', '\u{b}', '\u{c}', '\r', ' ']);
                let name = parts.next().unwrap_or_default();
                return vec![pair(name, parts.next().map(str::trim_start))];
            }
            words.iter().filter_map(|word| word.split_once('=')).map(|(name, value)| pair(name, Some(value))).collect()
        }
        Keyword::Arg => words
            .iter()
            .map(|word| match word.split_once('=') {
                Some((name, value)) => pair(name, Some(value)),
                None => pair(word, None),
            })
            .collect(),
        _ => Vec::new(),
    }
}
