//! Secrets in the text of a Dockerfile and of a Compose file: a pure function for the collector, which still has the
//! text as it was written. What comes out is masked and fit to be stored.

use plimsoll_dockerfile::{Arguments, Compose, Dockerfile, Instruction, Keyword};
use plimsoll_secrets::{Certainty, Finding, find_in_setting, find_in_text};

use crate::LineSecret;

/// Most secrets that one file gives.
const MOST: usize = 200;
/// Longest text that is searched; collectors read no longer one.
const LONGEST: usize = 4 << 20;

/// How many findings are no harmless ones: those alone may end the search.
fn certain(found: &[LineSecret]) -> usize {
    found.iter().filter(|secret| secret.finding.harmless.is_none()).count()
}

/// The first of what was found. What is harmless goes before it pushes out what is not.
fn cut(mut found: Vec<LineSecret>) -> Vec<LineSecret> {
    if found.len() > MOST {
        found.sort_by_key(|secret| secret.finding.harmless.is_some());
        found.truncate(MOST);
        found.sort_by_key(|secret| secret.line);
    }
    found
}

/// Secrets in a Dockerfile: `ENV`, `ARG`, `LABEL`, commands, here-documents, health checks, `ONBUILD` triggers.
///
/// `unredacted` is what [`plimsoll_dockerfile::parse`] gives, not its copy for storing. Lines are the file's: where an
/// instruction goes over several, the line is looked for by the name that the secret stands under.
#[must_use]
pub fn in_dockerfile(unredacted: &Dockerfile) -> Vec<LineSecret> {
    let lines: Vec<&str> = unredacted.text.lines().collect();
    let mut found = Vec::new();
    for instruction in &unredacted.instructions {
        of_instruction(unredacted, instruction, &lines, "", &mut found);
        if certain(&found) >= MOST {
            break;
        }
    }
    cut(found)
}

fn of_instruction(
    file: &Dockerfile,
    instruction: &Instruction,
    lines: &[&str],
    before: &str,
    found: &mut Vec<LineSecret>,
) {
    let word = format!("{before}{}", instruction.keyword.as_str());
    let place = |needle: &str| line_of(lines, instruction, needle);
    match instruction.keyword {
        Keyword::Env | Keyword::Arg | Keyword::Label => {
            for pair in file.assignments(instruction) {
                let Some(value) = &pair.value else { continue };
                for finding in find_in_setting(&pair.name, value) {
                    found.push(LineSecret { line: place(&pair.name), what: format!("{word} {}", pair.name), finding });
                }
            }
        }
        Keyword::Onbuild => {}
        _ => {
            for flag in &instruction.flags {
                // A mount names a secret by its id, which is the right way.
                let value = flag.value.as_deref().unwrap_or_default();
                push(&word, find_in_text(value), &|_| instruction.line, found);
            }
            let findings = match &instruction.arguments {
                Arguments::Shell(text) => find_in_text(text),
                Arguments::Json(items) => in_words(items),
            };
            push(&word, findings, &|finding| line_of_finding(lines, instruction, finding), found);
        }
    }
    for heredoc in &instruction.heredocs {
        let findings = find_in_text(&heredoc.content);
        let at = |finding: &Finding| heredoc.line.saturating_add(finding.line.saturating_sub(1));
        push(&format!("{word} <<{}", heredoc.name), findings, &at, found);
    }
    if let Some(trigger) = &instruction.trigger {
        of_instruction(file, trigger, lines, &format!("{word} "), found);
    }
}

fn push(what: &str, findings: Vec<Finding>, line: &dyn Fn(&Finding) -> u32, found: &mut Vec<LineSecret>) {
    for finding in findings {
        found.push(LineSecret { line: line(&finding), what: what.to_owned(), finding });
    }
}

/// Secrets in the words of a command: each by itself, and as the value of the option before it.
fn in_words(items: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut option: Option<&str> = None;
    for item in items {
        match option.take() {
            Some(name) if !item.starts_with('-') => findings.extend(find_in_setting(name, item)),
            _ => match item.strip_prefix("--").and_then(|rest| rest.split_once('=')) {
                Some((name, value)) => findings.extend(find_in_setting(name, value)),
                None => findings.extend(find_in_text(item)),
            },
        }
        option = item.strip_prefix("--").filter(|rest| !rest.contains('='));
    }
    let joined = items.join(" ");
    for finding in find_in_text(&joined) {
        if !findings.iter().any(|known| known.shown == finding.shown || known.length == finding.length) {
            findings.push(finding);
        }
    }
    findings
}

/// The line of an instruction that holds a word. The text is masked, so only names can be looked for.
fn line_of(lines: &[&str], instruction: &Instruction, needle: &str) -> u32 {
    let span = instruction.line..=instruction.end_line.max(instruction.line);
    let text = |number: u32| lines.get(usize::try_from(number).unwrap_or(usize::MAX).wrapping_sub(1)).copied();
    let holds = |number: &u32| {
        text(*number).is_some_and(|line| {
            !line.trim_start().starts_with('#')
                && line.match_indices(needle).any(|(at, _)| {
                    let part_of_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
                    let before = line.get(..at).and_then(|head| head.chars().next_back());
                    let after = line.get(at + needle.len()..).and_then(|tail| tail.chars().next());
                    !part_of_name(before) && !part_of_name(after)
                })
        })
    };
    if needle.is_empty() { instruction.line } else { span.into_iter().find(holds).unwrap_or(instruction.line) }
}

/// The line of a finding in a command: by the mask that stands in its place, else by its name.
fn line_of_finding(lines: &[&str], instruction: &Instruction, finding: &Finding) -> u32 {
    // The mask's second half, from the length on, is the same whatever the mask calls the kind.
    let tail = finding.shown.split_once(", ").map(|(_, tail)| tail).filter(|tail| !tail.is_empty());
    let by_mask = tail.and_then(|tail| {
        (instruction.line..=instruction.end_line).find(|number| {
            let index = usize::try_from(*number).unwrap_or(usize::MAX).wrapping_sub(1);
            lines.get(index).is_some_and(|line| line.contains(tail))
        })
    });
    by_mask.unwrap_or_else(|| line_of(lines, instruction, finding.name.as_deref().unwrap_or_default()))
}

/// Secrets in a Compose file: `environment`, `args`, `labels`, commands.
///
/// `parsed` is masked already; the text is read line by line with the keys that stand above each.
#[must_use]
pub fn in_compose(text: &str, parsed: &Compose) -> Vec<LineSecret> {
    let _ = parsed;
    let mut found: Vec<LineSecret> = Vec::new();
    // Keys above, with their indentation.
    let mut keys: Vec<(usize, String)> = Vec::new();
    let mut block: Option<Block> = None;
    let text = text.get(..text.len().min(LONGEST)).unwrap_or(text);
    for (index, line) in text.lines().enumerate() {
        if certain(&found) >= MOST {
            break;
        }
        let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let body = line.trim_start_matches([' ', '\u{feff}']);
        let mut indent = line.len() - body.len();
        if let Some(open) = &mut block
            && (body.trim().is_empty() || indent > open.indent)
        {
            open.text.push_str(body);
            open.text.push('\n');
            continue;
        }
        if let Some(closed) = block.take() {
            closed.judge(&mut found);
        }
        let mut body = body.trim_end();
        if body.is_empty() || body.starts_with('#') || body == "---" {
            continue;
        }
        let listed = body.starts_with("- ");
        while let Some(rest) = body.strip_prefix("- ") {
            let trimmed = rest.trim_start();
            indent += body.len() - trimmed.len();
            body = trimmed;
        }
        // A list may stand as deep as its key: then it is the key's all the same.
        let own = if listed { indent.saturating_sub(1) } else { indent };
        while keys.last().is_some_and(|(depth, _)| *depth > own || (*depth == own && !listed)) {
            keys.pop();
        }
        let above: Vec<&str> = keys.iter().map(|(_, key)| key.as_str()).collect();
        match split_key(body) {
            Some((key, value)) if !listed || !settings_above(&above) => {
                let path = above.iter().copied().chain([key]).collect::<Vec<_>>().join(".");
                let value = without_comment(value);
                if value.is_empty() || value.starts_with('&') && !value.contains(' ') {
                    keys.push((indent, key.to_owned()));
                } else if value.starts_with(['|', '>']) {
                    block = Some(Block { indent, line: number + 1, path, key: key.to_owned(), text: String::new() });
                    keys.push((indent, key.to_owned()));
                } else if value.starts_with(['{', '[']) {
                    of_flow(value, number, &path, &mut found);
                } else {
                    of_value(&path, key, unquote(value), number, &above, &mut found);
                }
            }
            _ => {
                let word = unquote(without_comment(body));
                let (name, value) = match word.split_once('=') {
                    Some((name, value)) if settings_above(&above) => (name, value),
                    _ => ("", word),
                };
                let path =
                    above.iter().copied().chain([name]).filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".");
                of_value(&path, name, value, number, &above, &mut found);
            }
        }
    }
    if let Some(closed) = block.take() {
        closed.judge(&mut found);
    }
    cut(found)
}

/// A block of text under a key: `|` or `>`.
struct Block {
    indent: usize,
    line: u32,
    path: String,
    key: String,
    text: String,
}

impl Block {
    fn judge(self, found: &mut Vec<LineSecret>) {
        let findings = match self.path.split('.').any(is_settings_key) {
            true => find_in_setting(&self.key, self.text.trim_end()),
            false => find_in_text(&self.text),
        };
        for finding in findings {
            let line = self.line.saturating_add(finding.line.saturating_sub(1));
            found.push(LineSecret { line, what: self.path.clone(), finding });
        }
    }
}

fn is_settings_key(key: &str) -> bool {
    matches!(key, "environment" | "args" | "labels" | "annotations" | "driver_opts" | "options")
}

/// Whether the lines are settings: names with values.
fn settings_above(above: &[&str]) -> bool {
    above.iter().any(|key| is_settings_key(key)) || above.first().is_some_and(|key| key.starts_with("x-"))
}

fn of_value(path: &str, name: &str, value: &str, line: u32, above: &[&str], found: &mut Vec<LineSecret>) {
    // Under `secrets:` stand names and files, which is the right way; only what is written out counts there.
    let by_name = settings_above(above) && !name.is_empty();
    let findings = if by_name {
        find_in_setting(name, value)
    } else {
        let mut findings = find_in_text(value);
        findings.retain(|finding| {
            finding.certainty < Certainty::Name || finding.kind != "value-of-secret-name" || finding.name.is_some()
        });
        findings
    };
    for finding in findings {
        found.push(LineSecret { line, what: path.to_owned(), finding });
    }
}

/// `{A: b, C: d}`, `["a", "b"]` on one line.
fn of_flow(value: &str, line: u32, path: &str, found: &mut Vec<LineSecret>) {
    let inner = value.trim_start_matches(['{', '[']).trim_end_matches(['}', ']']);
    let settings = path.split('.').any(is_settings_key);
    if !settings {
        let words: Vec<String> = inner.split(',').map(|word| unquote(word.trim()).to_owned()).collect();
        push(path, in_words(&words), &|_| line, found);
        return;
    }
    for part in inner.split(',') {
        let part = unquote(part.trim());
        let pair = split_key(part).or_else(|| part.split_once('='));
        if let Some((name, value)) = pair {
            for finding in find_in_setting(unquote(name.trim()), unquote(value.trim())) {
                found.push(LineSecret { line, what: format!("{path}.{}", unquote(name.trim())), finding });
            }
        }
    }
}

/// `key: value`; a colon without a blank behind it belongs to the word.
fn split_key(body: &str) -> Option<(&str, &str)> {
    let (key, value) = match body.strip_suffix(':').filter(|key| !key.contains(": ")) {
        Some(key) => (key, ""),
        None => body.split_once(": ")?,
    };
    let key = unquote(key.trim());
    let plain = !key.is_empty() && !key.contains([' ', '=', '"', '\'']);
    plain.then(|| (key, value.trim()))
}

fn unquote(text: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = text.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote)) {
            return inner;
        }
    }
    text
}

/// The value without the comment behind it.
fn without_comment(value: &str) -> &str {
    if value.starts_with(['"', '\'']) {
        let quote = value.chars().next().unwrap_or('"');
        let end = value.get(1..).and_then(|rest| rest.find(quote)).map(|at| at + 2);
        return end.and_then(|end| value.get(..end)).unwrap_or(value);
    }
    value.find(" #").and_then(|at| value.get(..at)).unwrap_or(value).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dockerfile(text: &str) -> Vec<(u32, String, Option<plimsoll_secrets::Harmless>)> {
        in_dockerfile(&plimsoll_dockerfile::parse(text))
            .into_iter()
            .map(|secret| (secret.line, secret.what, secret.finding.harmless))
            .collect()
    }

    fn compose(text: &str) -> Vec<(u32, String)> {
        let parsed = plimsoll_dockerfile::parse_compose(text).unwrap();
        in_compose(text, &parsed).into_iter().map(|secret| (secret.line, secret.what)).collect()
    }

    #[test]
    fn each_instruction_is_searched_and_the_line_is_right() {
        let text = "FROM x\nENV A=1 \\\n    DB_PASSWORD=hunter2 \\\n    B=2\nARG NPM_TOKEN=tr0ub4dor\nLABEL admin.password=hunter2\n\
                    RUN make && \\\n    mysql --password=hunter2 && \\\n    true\nCMD [\"app\", \"--password\", \"hunter2\"]\n\
                    HEALTHCHECK CMD curl -u bob:hunter2 http://localhost\nONBUILD ENV API_KEY=hunter2\n\
                    RUN <<EOF\ncd /\nexport DB_PASSWORD=hunter2\nEOF\n";
        let found: Vec<(u32, String)> = dockerfile(text).into_iter().map(|(line, what, _)| (line, what)).collect();
        let expected: Vec<(u32, String)> = [
            (3, "ENV DB_PASSWORD"),
            (5, "ARG NPM_TOKEN"),
            (6, "LABEL admin.password"),
            (8, "RUN"),
            (10, "CMD"),
            (11, "HEALTHCHECK"),
            (12, "ONBUILD ENV API_KEY"),
            (15, "RUN <<EOF"),
        ]
        .into_iter()
        .map(|(line, what)| (line, what.to_owned()))
        .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn nothing_is_found_where_secrets_are_given_rightly() {
        for text in [
            "FROM x\nRUN --mount=type=secret,id=npm,target=/root/.npmrc npm ci\n",
            "FROM x\nARG NPM_TOKEN\nENV DB_PASSWORD_FILE=/run/secrets/db\n",
            "FROM x\nENV TOKENIZERS_PARALLELISM=false USERNAME=bob\n",
            "FROM x\n# ENV DB_PASSWORD=hunter2\n",
        ] {
            assert_eq!(dockerfile(text), vec![], "{text}");
        }
        assert_eq!(
            dockerfile("FROM x\nENV DB_PASSWORD=changeme\n"),
            vec![(2, "ENV DB_PASSWORD".to_owned(), Some(plimsoll_secrets::Harmless::Placeholder))]
        );
    }

    #[test]
    fn a_compose_file_is_searched_with_the_keys_above_each_line() {
        let text = "services:\n  db:\n    image: x\n    environment:\n      POSTGRES_PASSWORD: hunter2 # really\n      PORT: 80\n  web:\n\
                    \x20   build:\n      context: .\n      args:\n        - NPM_TOKEN=hunter2\n    environment:\n    - \"DB_PASSWORD=hunter2\"\n\
                    \x20   - URL=postgres://a:hunter2@db/x\n    command: app --password hunter2\n    labels: {admin.password: hunter2}\n\
                    \x20   entrypoint: [\"app\", \"--token\", \"hunter2\"]\n  c:\n    image: y\n    command: |\n      set -e\n      export DB_PASSWORD=hunter2\n";
        let expected: Vec<(u32, String)> = [
            (5, "services.db.environment.POSTGRES_PASSWORD"),
            (11, "services.web.build.args.NPM_TOKEN"),
            (13, "services.web.environment.DB_PASSWORD"),
            (14, "services.web.environment.URL"),
            (15, "services.web.command"),
            (16, "services.web.labels.admin.password"),
            (17, "services.web.entrypoint"),
            (22, "services.c.command"),
        ]
        .into_iter()
        .map(|(line, what)| (line, what.to_owned()))
        .collect();
        assert_eq!(compose(text), expected);
    }

    #[test]
    fn compose_secrets_and_references_are_the_right_way() {
        let text = "services:\n  db:\n    image: x\n    environment:\n      POSTGRES_PASSWORD_FILE: /run/secrets/db\n      API_KEY: ${API_KEY}\n      \
                    TOKEN:\n    secrets:\n      - db_password\nsecrets:\n  db_password:\n    file: ./db_password.txt\n";
        assert_eq!(compose(text), vec![]);
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[ -~\n\u{e9}:|-]{0,300}") {
            let _ = in_dockerfile(&plimsoll_dockerfile::parse(&text));
            if let Ok(parsed) = plimsoll_dockerfile::parse_compose("services:\n  a:\n    image: x\n") {
                let _ = in_compose(&text, &parsed);
            }
        }
    }
}
