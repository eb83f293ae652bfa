//! Parser directives: the `# name=value` comments that may stand at the very top of a Dockerfile.
//!
//! Source: <https://docs.docker.com/reference/dockerfile/#parser-directives>. The first line that is no directive (an
//! ordinary comment, a blank line, an instruction) ends them; each may stand once.

use crate::model::Directive;

/// The outcome of looking at one line.
pub(crate) enum Seen {
    /// No directive; the region of directives is over.
    Nothing,
    /// A directive.
    Directive(Directive),
    /// A directive that stood before.
    Repeated(String),
}

/// Reads directives until something else comes.
#[derive(Default)]
pub(crate) struct DirectiveReader {
    done: bool,
    names: Vec<String>,
}

impl DirectiveReader {
    /// Looks at one line, leading blanks already taken away.
    pub(crate) fn look(&mut self, line: &str, number: u32) -> Seen {
        if self.done {
            return Seen::Nothing;
        }
        let Some((name, value)) = split(line) else {
            self.done = true;
            return Seen::Nothing;
        };
        if self.names.contains(&name) {
            return Seen::Repeated(name);
        }
        self.names.push(name.clone());
        Seen::Directive(Directive { name, value, line: number })
    }

    /// True when no further directive is taken.
    pub(crate) fn is_done(&self) -> bool {
        self.done
    }
}

/// Splits `# name = value` when the name is a known one.
pub(crate) fn split(line: &str) -> Option<(String, String)> {
    let body = line.strip_prefix('#')?.trim_start();
    let (name, value) = body.split_once('=')?;
    let name = name.trim_end().to_ascii_lowercase();
    let value = value.trim();
    let known = matches!(name.as_str(), "syntax" | "escape" | "check");
    (known && !value.is_empty()).then(|| (name, value.to_owned()))
}
