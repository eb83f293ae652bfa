//! Commands that are given to another shell as text: `sh -c "…"`, `su -c "…"`, `eval …`, a shell's here-document.

use super::Command;
use super::program::{base_name, find};

/// Where the text stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Inline {
    /// In the word with this index.
    Word(usize),
    /// In all words from this index on.
    Words(usize),
    /// In the here-document or here-string that is its input.
    Input,
}

/// Shells whose language is read.
pub(crate) const SHELLS: [&str; 7] = ["sh", "bash", "dash", "ash", "ksh", "zsh", "mksh"];

/// The inline text of a command.
pub(crate) fn inline_of(command: &Command) -> Option<Inline> {
    let program = find(&command.words)?;
    let name = base_name(&command.words.get(program)?.text);
    let first = program + 1;
    if name == "eval" {
        return (first < command.words.len()).then_some(Inline::Words(first));
    }
    let shell = SHELLS.contains(&name);
    if !shell && !matches!(name, "su" | "runuser" | "script") {
        return None;
    }
    // The word after the one with the option, or, for a shell, the first that is no option.
    let mut wanted = false;
    let mut operand = false;
    let mut at = first;
    while let Some(word) = command.words.get(at) {
        let text = word.text.as_str();
        let long = text.starts_with("--");
        let option = text.len() > 1 && text.starts_with(['-', '+']) && !operand;
        if wanted && (!shell || !option) {
            return Some(Inline::Word(at));
        }
        if let Some(value) = text.strip_prefix("--command=").filter(|_| !shell) {
            // The text begins inside the word; its quotes are gone already.
            return (!value.is_empty()).then_some(Inline::Word(at));
        }
        if option && !long {
            wanted |= text.starts_with('-') && text.contains('c');
            let takes =
                if shell { text.ends_with(['o', 'O']) } else { matches!(text, "-s" | "-g" | "-G" | "-u" | "-w") };
            at += usize::from(takes);
        } else if option {
            wanted |= !shell && text == "--command";
            at += usize::from(matches!(text, "--rcfile" | "--init-file" | "--shell" | "--group"));
        } else {
            // `su user -c "…"` has its operand first; a shell's first operand is a script.
            if shell {
                return None;
            }
            operand = false;
        }
        at += 1;
    }
    let feeds = |operator: &str| operator.trim_start_matches('0').starts_with("<<");
    let fed = command.redirects.iter().any(|redirect| feeds(&redirect.operator));
    (shell && fed && !wanted).then_some(Inline::Input)
}
