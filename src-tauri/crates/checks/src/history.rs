//! Reading instructions back from an image's history.
//!
//! Three writers of instructions are known: the legacy builder (`/bin/sh -c #(nop) ADD file:… in /`), BuildKit
//! (`ADD app.jar /app/ # buildkit`) and importers, which write what they like.

use plimsoll_dockerfile::shell::parse_in;
use plimsoll_dockerfile::{Script, language_of, parse_shell};

/// An instruction in the history: its word and what follows, without the builder's decoration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// The word in capitals: `ADD`.
    pub(crate) word: String,
    /// What follows.
    pub(crate) rest: &'a str,
    /// Whether the legacy builder wrote it; it names sources by hash only.
    pub(crate) legacy: bool,
}

/// Reads one line of the history.
pub(crate) fn read(created_by: &str) -> Option<Line<'_>> {
    let text = created_by.trim();
    let (text, legacy) = match text.split_once("#(nop)") {
        Some((_, rest)) => (rest.trim(), true),
        None => (text.strip_suffix("# buildkit").unwrap_or(text).trim(), false),
    };
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let known = ["ADD", "COPY", "HEALTHCHECK", "USER", "ENV", "CMD", "ENTRYPOINT", "RUN", "LABEL", "ARG", "FROM"];
    known.contains(&word).then(|| Line { word: word.to_owned(), rest: rest.trim(), legacy })
}

/// Whether the history tells of no step at all: it is empty, or an importer wrote it (`docker import`, a flattened image).
pub(crate) fn is_silent(image: &plimsoll_image::ImageFacts) -> bool {
    image.history.iter().all(|entry| read(&entry.created_by).is_none() && script(&entry.created_by).is_none())
}

/// The script of a line that ran a command; None for all others.
///
/// `/bin/sh -c …` and `|2 A=b C=d /bin/sh -c …` are the legacy builder's and buildah's, `RUN /bin/sh -c … # buildkit` and
/// `RUN |1 A=b /bin/sh -c … # buildkit` BuildKit's, `RUN …` without a shell kaniko's and the JSON form's.
pub(crate) fn script(created_by: &str) -> Option<Script> {
    let text = created_by.trim();
    if text.contains("#(nop)") {
        return None;
    }
    let text = text.strip_suffix("# buildkit").unwrap_or(text).trim_end();
    let (text, named) = match text.strip_prefix("RUN").filter(|rest| rest.starts_with(char::is_whitespace)) {
        Some(rest) => (rest.trim_start(), true),
        None => (text, false),
    };
    // `|2 A=b C=d`: build arguments; a value may hold blanks, so the shell behind them is looked for.
    let arguments = text.strip_prefix('|').filter(|rest| rest.starts_with(|ch: char| ch.is_ascii_digit()));
    let text = match arguments {
        Some(rest) => behind_arguments(rest)?,
        None => text,
    };
    match shell_text(text) {
        Some((shell, text)) => Some(parse_in(language_of(&[shell.to_owned()]), text, 1)),
        None if named => Some(parse_shell(text, 1)),
        None => None,
    }
}

/// The shell that a line starts with, and the text that it is given.
fn shell_text(text: &str) -> Option<(&str, &str)> {
    let (shell, mut rest) = text.split_once(char::is_whitespace)?;
    let name = shell.rsplit(['/', '\\']).next().unwrap_or(shell);
    let known = ["sh", "bash", "ash", "dash", "ksh", "zsh", "cmd", "powershell", "pwsh", "cmd.exe", "powershell.exe"];
    if !known.contains(&name) {
        return None;
    }
    // Options up to the one that takes the text; `-o pipefail` has a value.
    for _ in 0..8 {
        let (word, after) = rest.trim_start().split_once(char::is_whitespace)?;
        rest = after;
        let lower = word.to_ascii_lowercase();
        if matches!(lower.as_str(), "/c" | "-command")
            || (lower.starts_with('-') && !lower.starts_with("--") && lower.ends_with('c'))
        {
            return Some((shell, rest));
        }
        if !word.starts_with(['-', '+', '/']) && !word.contains("pipefail") {
            return None;
        }
    }
    None
}

/// What follows the build arguments: the first word that is a shell with a text.
fn behind_arguments(rest: &str) -> Option<&str> {
    let number: usize = rest.split(char::is_whitespace).next()?.parse().ok()?;
    let mut words = 0;
    let mut before_blank = false;
    for (at, ch) in rest.char_indices() {
        if ch.is_whitespace() {
            before_blank = true;
            continue;
        }
        if std::mem::take(&mut before_blank) {
            words += 1;
            let tail = rest.get(at..).unwrap_or_default();
            if words > number && shell_text(tail).is_some() {
                return Some(tail);
            }
        }
    }
    // The JSON form: the command stands right behind the arguments.
    let mut tail = rest;
    for _ in 0..=number {
        tail = tail.trim_start().split_once(char::is_whitespace)?.1;
    }
    Some(tail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_builders_are_read() {
        let legacy = read("/bin/sh -c #(nop) ADD file:0123 in / ").unwrap();
        assert_eq!((legacy.word.as_str(), legacy.rest, legacy.legacy), ("ADD", "file:0123 in /", true));
        let buildkit = read("ADD app.jar /app/ # buildkit").unwrap();
        assert_eq!((buildkit.word.as_str(), buildkit.rest, buildkit.legacy), ("ADD", "app.jar /app/", false));
        assert_eq!(read("/bin/sh -c apt-get update"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn commands_of_every_builder() {
        for line in [
            "/bin/sh -c apt-get update && apt-get install -y curl",
            "|2 A=b C=d e f /bin/sh -c apt-get update && apt-get install -y curl",
            "RUN /bin/sh -c apt-get update && apt-get install -y curl # buildkit",
            "RUN |1 A=b /bin/bash -o pipefail -c apt-get update && apt-get install -y curl # buildkit",
            "RUN apt-get update && apt-get install -y curl",
            "RUN |1 A=b apt-get update && apt-get install -y curl # buildkit",
        ] {
            let script = script(line).unwrap();
            assert!(script.problems.is_empty(), "{line}");
            let programs: Vec<_> = script.commands.iter().filter_map(|command| command.program()).collect();
            assert_eq!(programs, ["apt-get", "apt-get"], "{line}");
        }
        for line in ["/bin/sh -c #(nop) CMD [\"sh\"]", "CMD [\"sh\"]", "COPY a /a # buildkit", "bash", "", "|1 A"] {
            assert_eq!(script(line), None, "{line}");
        }
        let script = script("RUN powershell -Command Install-Module x # buildkit").unwrap();
        assert_eq!(script.language, plimsoll_dockerfile::shell::Language::PowerShell);
        assert_eq!(script.commands.len(), 1);
    }
}
