//! One joined line into an [`Instruction`]: the word, the flags, the arguments, the trigger of an `ONBUILD`.

use crate::lex::split_words;
use crate::model::{Arguments, Flag, Instruction, Keyword, Problem};
use plimsoll_secrets::redact_text;

/// Deepest `ONBUILD ONBUILD …` that is read. Docker refuses already the second.
const MAX_TRIGGERS: usize = 4;

/// The blanks that separate an instruction word from what follows.
const BLANKS: [char; 5] = ['\t', '\u{b}', '\u{c}', '\r', ' '];

/// Where a joined line stands, and where its problems go.
pub(crate) struct Place<'a> {
    /// First line, counted from 1.
    pub(crate) line: u32,
    /// Last line, counted from 1.
    pub(crate) end_line: u32,
    /// The escape character of the file.
    pub(crate) escape: char,
    /// Where each of its lines begins in the joined text: byte and number.
    pub(crate) lines: &'a [(usize, u32)],
    /// Problems found are added here.
    pub(crate) problems: &'a mut Vec<Problem>,
}

/// Reads a joined line. The here-documents come later, since they stand below it.
pub(crate) fn read(text: &str, place: &mut Place<'_>) -> Instruction {
    read_nested(text, text, place, 0)
}

fn read_nested(joined: &str, text: &str, place: &mut Place<'_>, depth: usize) -> Instruction {
    let text = text.trim();
    let (word, rest) = text.split_once(BLANKS).unwrap_or((text, ""));
    let keyword = Keyword::parse(word);
    let (flags, rest) = split_flags(rest.trim_start_matches(BLANKS));
    let rest = rest.trim();
    let mut complain = |message: String| place.problems.push(Problem { line: place.line, message });

    let takes_json = matches!(
        keyword,
        Keyword::Run
            | Keyword::Cmd
            | Keyword::Entrypoint
            | Keyword::Shell
            | Keyword::Add
            | Keyword::Copy
            | Keyword::Volume
    );
    let arguments = match takes_json.then(|| json_list(rest)) {
        Some(JsonList::Strings(items)) => Arguments::Json(items),
        Some(JsonList::OtherValues) => {
            complain("a list in JSON form may hold strings only".to_owned());
            Arguments::Shell(rest.to_owned())
        }
        Some(JsonList::No) | None => Arguments::Shell(rest.to_owned()),
    };
    let empty = matches!(&arguments, Arguments::Shell(text) if text.is_empty());
    match &keyword {
        Keyword::Unknown(word) => complain(format!("unknown instruction: {}", redact_text(word))),
        // An empty command is taken; it clears what the base image says.
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => {}
        known if empty => complain(format!("{} needs at least one argument", known.as_str())),
        Keyword::Shell if matches!(arguments, Arguments::Shell(_)) => {
            complain("SHELL needs its arguments in JSON form".to_owned());
        }
        Keyword::Add | Keyword::Copy => {
            let count = match &arguments {
                Arguments::Shell(text) => text.split_whitespace().count(),
                Arguments::Json(items) => items.len(),
            };
            if count < 2 {
                complain(format!("{} needs a source and a destination", keyword.as_str()));
            }
        }
        Keyword::Healthcheck => {
            let kind = rest.split(char::is_whitespace).next().unwrap_or_default();
            let has_more = rest.len() > kind.len();
            match kind.to_ascii_uppercase().as_str() {
                "NONE" if has_more => complain("HEALTHCHECK NONE takes no arguments".to_owned()),
                "CMD" if !has_more => complain("HEALTHCHECK CMD needs a command".to_owned()),
                "NONE" | "CMD" => {}
                _ => complain("HEALTHCHECK must be followed by NONE or CMD".to_owned()),
            }
        }
        _ => {}
    }

    let trigger = if keyword == Keyword::Onbuild && !rest.is_empty() {
        if depth >= MAX_TRIGGERS {
            place.problems.push(Problem { line: place.line, message: "ONBUILD is nested too deeply".to_owned() });
            None
        } else {
            let trigger = read_nested(joined, rest, place, depth + 1);
            if matches!(trigger.keyword, Keyword::Onbuild | Keyword::From | Keyword::Maintainer) {
                let message = format!("{} is not allowed as an ONBUILD trigger", trigger.keyword.as_str());
                place.problems.push(Problem { line: place.line, message });
            }
            Some(Box::new(trigger))
        }
    } else {
        None
    };

    let command = matches!(keyword, Keyword::Run | Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck);
    let continued = match &arguments {
        Arguments::Shell(_) if command && place.lines.len() > 1 => line_by_line(joined, rest, &keyword, place),
        _ => Vec::new(),
    };
    let instruction = Instruction {
        keyword,
        line: place.line,
        end_line: place.end_line,
        flags,
        arguments,
        heredocs: Vec::new(),
        raw: redact_text(text),
        stage: None,
        trigger,
        continued,
    };
    check_assignments(&instruction, place);
    instruction
}

/// The arguments (the end of the joined text) line by line, masked.
///
/// They are masked as one text, since a secret and what names it may stand on two lines. Where that finds fewer secrets
/// than in the joined text, nothing is given: then the lines are not known.
fn line_by_line(joined: &str, rest: &str, keyword: &Keyword, place: &Place<'_>) -> Vec<(u32, String)> {
    // `rest` is a part of `joined`.
    let start = (rest.as_ptr() as usize).wrapping_sub(joined.as_ptr() as usize);
    let end = start.saturating_add(rest.len());
    let mut parts: Vec<(u32, &str)> = Vec::new();
    for (at, (from, line)) in place.lines.iter().enumerate() {
        let to = place.lines.get(at + 1).map_or(joined.len(), |(next, _)| *next).min(end);
        if let Some(part) = joined.get((*from).max(start)..to).filter(|part| !part.is_empty()) {
            parts.push((*line, part));
        }
    }
    if parts.len() < 2 && parts.first().is_none_or(|(line, _)| *line == place.line) {
        return Vec::new();
    }
    let texts: Vec<&str> = parts.iter().map(|(_, part)| *part).collect();
    let prefix = format!("{} ", keyword.as_str());
    let masked = redact_text(&format!("{prefix}{}", texts.join("\\\n")));
    let count = |text: &str| text.matches('‹').count();
    if count(&masked) < count(&redact_text(&format!("{prefix}{rest}"))) {
        return Vec::new();
    }
    let masked = masked.strip_prefix(&prefix).unwrap_or_default();
    let lines: Vec<&str> = masked.split('\n').collect();
    if lines.len() != parts.len() {
        return Vec::new();
    }
    parts
        .iter()
        .zip(lines)
        .enumerate()
        .map(|(at, ((line, _), text))| {
            let text = if at + 1 < parts.len() { text.strip_suffix('\\').unwrap_or(text) } else { text };
            (*line, text.to_owned())
        })
        .collect()
}

/// Names what `ENV`, `ARG` and `LABEL` refuse. Values are never repeated: they may be secrets.
fn check_assignments(instruction: &Instruction, place: &mut Place<'_>) {
    let Arguments::Shell(text) = &instruction.arguments else { return };
    if text.is_empty() || !matches!(instruction.keyword, Keyword::Env | Keyword::Label | Keyword::Arg) {
        return;
    }
    let keyword = instruction.keyword.as_str();
    let words = split_words(text, place.escape);
    let pairs = instruction.keyword != Keyword::Arg;
    let old_form = pairs && words.first().is_some_and(|word| !word.contains('='));
    let message = if old_form {
        (words.len() < 2).then(|| format!("{keyword} needs a name and a value"))
    } else if pairs && words.iter().any(|word| !word.contains('=')) {
        Some(format!("{keyword} takes name=value pairs, and one word has no ="))
    } else {
        let nameless = |word: &String| matches!(word.split('=').next(), None | Some("" | "\"\"" | "''"));
        words.iter().any(nameless).then(|| format!("{keyword} has a pair without a name"))
    };
    if let Some(message) = message {
        place.problems.push(Problem { line: place.line, message });
    }
}

enum JsonList {
    Strings(Vec<String>),
    OtherValues,
    No,
}

/// Reads a JSON list of strings. A valid list with other values in it is an error of its own in BuildKit.
fn json_list(text: &str) -> JsonList {
    if !text.starts_with('[') {
        return JsonList::No;
    }
    if let Ok(items) = serde_json::from_str::<Vec<String>>(text) {
        return JsonList::Strings(items);
    }
    if serde_json::from_str::<Vec<serde::de::IgnoredAny>>(text).is_ok() { JsonList::OtherValues } else { JsonList::No }
}

/// Takes the leading `--flag` words off. Quotes and backslashes in them are resolved; a lone `--` ends them.
fn split_flags(text: &str) -> (Vec<Flag>, &str) {
    let mut flags = Vec::new();
    let mut rest = text.trim_start();
    while rest.starts_with("--") {
        let mut word = String::new();
        let mut quote: Option<char> = None;
        let mut end = rest.len();
        let mut chars = rest.char_indices();
        while let Some((index, ch)) = chars.next() {
            match quote {
                None if ch.is_whitespace() => {
                    end = index;
                    break;
                }
                Some(open) if ch == open => quote = None,
                None if ch == '"' || ch == '\'' => quote = Some(ch),
                _ if ch == '\\' => word.extend(chars.next().map(|(_, next)| next)),
                _ => word.push(ch),
            }
        }
        rest = rest.get(end..).unwrap_or_default().trim_start();
        if word == "--" {
            break;
        }
        let body = word.strip_prefix("--").unwrap_or(&word);
        flags.push(match body.split_once('=') {
            Some((name, value)) => Flag { name: name.to_owned(), value: Some(value.to_owned()) },
            None => Flag { name: body.to_owned(), value: None },
        });
    }
    (flags, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> (Instruction, Vec<Problem>) {
        let mut problems = Vec::new();
        let mut place = Place { line: 1, end_line: 1, escape: '\\', lines: &[], problems: &mut problems };
        let instruction = read(text, &mut place);
        (instruction, problems)
    }

    #[test]
    fn flags_of_every_kind() {
        let (copy, problems) = one("copy --from=build --chown=1:1 --link --exclude=\"a b\" /a /b");
        assert_eq!(copy.keyword, Keyword::Copy);
        assert_eq!(copy.flag("from"), Some("build"));
        assert_eq!(copy.flag("link"), Some(""));
        assert_eq!(copy.flag("exclude"), Some("a b"));
        assert_eq!(copy.arguments, Arguments::Shell("/a /b".into()));
        assert!(problems.is_empty());
        let (run, _) = one("RUN --mount=type=cache,target=/c --network=none -- --not-a-flag");
        assert_eq!(run.flags.len(), 2);
        assert_eq!(run.arguments, Arguments::Shell("--not-a-flag".into()));
    }

    #[test]
    fn json_and_what_only_looks_like_it() {
        assert_eq!(one("CMD [\"a\", \"b\"]").0.arguments, Arguments::Json(vec!["a".into(), "b".into()]));
        assert_eq!(one("CMD ['a', 'b']").0.arguments, Arguments::Shell("['a', 'b']".into()));
        assert_eq!(one("RUN [ -f x ] && y").0.arguments, Arguments::Shell("[ -f x ] && y".into()));
        assert_eq!(one("CMD []").0.arguments, Arguments::Json(vec![]));
        let (instruction, problems) = one("CMD [\"a\", 1]");
        assert!(matches!(instruction.arguments, Arguments::Shell(_)));
        assert_eq!(problems.len(), 1);
        // FROM and USER know no JSON form.
        assert_eq!(one("USER [\"a\"]").0.arguments, Arguments::Shell("[\"a\"]".into()));
    }

    #[test]
    fn deep_nesting_is_cut() {
        let (instruction, problems) = one(&("ONBUILD ".repeat(100_000) + "RUN x"));
        assert!(!problems.is_empty());
        drop(instruction);
        let (instruction, _) = one(&format!("CMD {}", "[".repeat(500_000)));
        assert!(matches!(instruction.arguments, Arguments::Shell(_)));
        let (trigger, problems) = one("onbuild run --mount=type=secret,id=x make");
        assert!(problems.is_empty());
        assert_eq!(trigger.trigger.map(|inner| (inner.keyword, inner.flags.len())), Some((Keyword::Run, 1)));
    }
}
