//! Commands that build images, found in shell scripts, Makefiles and pipeline definitions.
//!
//! The text is not run and its variables are not replaced. Lines are joined where a backslash or a folded YAML block
//! joins them; each command is cut into words with its quotes removed, and secrets in the words are masked.

use plimsoll_secrets::{NameKind, classify_name, redact_text, redact_value};

use crate::BuildCommand;

/// Most commands that are taken from one text.
const MOST_COMMANDS: usize = 1_000;
/// Most words of one command.
const MOST_WORDS: usize = 300;
/// Longest joined line that is read, in bytes.
const LONGEST_LINE: usize = 64 << 10;

/// A line with those that continue it.
struct Joined {
    line: u32,
    text: String,
}

/// Finds the commands that build images in a script, a Makefile or a pipeline definition.
#[must_use]
pub fn build_commands(source: &str, text: &str) -> Vec<BuildCommand> {
    let yaml = [".yml", ".yaml"].iter().any(|ending| source.to_ascii_lowercase().ends_with(ending));
    let mut found = Vec::new();
    for joined in join(text, yaml) {
        for words in commands(&joined.text) {
            if found.len() >= MOST_COMMANDS {
                return found;
            }
            if let Some(start) = build_starts(&words) {
                let words = masked(words.into_iter().skip(start).take(MOST_WORDS));
                found.push(BuildCommand { source: source.to_owned(), line: joined.line, words });
            }
        }
    }
    if yaml {
        found.extend(actions(source, text));
        found.sort_by_key(|command| command.line);
        found.truncate(MOST_COMMANDS);
    }
    found
}

fn number(index: usize) -> u32 {
    u32::try_from(index + 1).unwrap_or(u32::MAX)
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

/// Joins continued lines; takes away what a Makefile or YAML puts in front of a command.
fn join(text: &str, yaml: bool) -> Vec<Joined> {
    let mut joined: Vec<Joined> = Vec::new();
    let mut open: Option<Joined> = None;
    // A folded block (`run: >`) runs on while its lines are indented deeper than its key.
    let mut folded: Option<usize> = None;
    for (index, raw) in text.lines().enumerate() {
        let mut body = raw.trim_end();
        let column = indent(body);
        if folded.is_some_and(|key| body.trim().is_empty() || column <= key) {
            folded = None;
            joined.extend(open.take());
        }
        body = body.trim_start();
        if open.is_none() {
            if body.starts_with('#') || body.is_empty() {
                continue;
            }
            if yaml {
                body = without_key(body);
                if matches!(body, ">" | ">-" | ">+") {
                    folded = Some(column);
                    continue;
                }
                body = unquoted(body);
            } else {
                body = body.trim_start_matches(['@', '-', '+']).trim_start();
            }
        }
        let continues = body.ends_with('\\') && !body.ends_with("\\\\");
        let part = if continues { body.get(..body.len() - 1).unwrap_or_default() } else { body };
        let current = open.get_or_insert_with(|| Joined { line: number(index), text: String::new() });
        if current.text.len() + part.len() < LONGEST_LINE {
            if !current.text.is_empty() {
                current.text.push(' ');
            }
            current.text.push_str(part.trim());
        }
        if !continues && folded.is_none() {
            joined.extend(open.take());
        }
    }
    joined.extend(open);
    joined
}

/// A YAML line without `- ` and `run: ` in front.
fn without_key(line: &str) -> &str {
    let mut rest = line;
    while let Some(item) = rest.strip_prefix("- ") {
        rest = item.trim_start();
    }
    for key in ["run:", "script:", "command:", "cmd:", "before_script:", "after_script:", "- run:"] {
        if let Some(value) = rest.strip_prefix(key) {
            return value.trim();
        }
    }
    rest
}

/// A scalar without the quotes around all of it.
fn unquoted(scalar: &str) -> &str {
    for quote in ['"', '\''] {
        if let Some(inner) = scalar.strip_prefix(quote).and_then(|rest| rest.strip_suffix(quote))
            && !inner.contains(quote)
        {
            return inner;
        }
    }
    scalar
}

/// The simple commands of a line, as words without quotes.
fn commands(line: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote: Option<char> = None;
    let mut chars = line.chars().peekable();
    while let Some(ch) = chars.next() {
        match (quote, ch) {
            (Some(open), _) if ch == open => quote = None,
            (Some('\''), _) => word.get_or_insert_default().push(ch),
            (_, '\\') => word.get_or_insert_default().extend(chars.next()),
            (Some(_), _) => word.get_or_insert_default().push(ch),
            (None, '"' | '\'') => {
                quote = Some(ch);
                word.get_or_insert_default();
            }
            // `$( … )` and `${ … }` stay in one word as far as they hold no blank; a command inside begins anew.
            (None, '$') if chars.peek() == Some(&'(') => {
                chars.next();
                // `$(DOCKER) build` in a Makefile: a variable, not a command.
                let mut name = String::new();
                while let Some(&next) = chars.peek() {
                    if !(next.is_ascii_alphanumeric() || next == '_') {
                        break;
                    }
                    name.push(next);
                    chars.next();
                }
                if chars.peek() == Some(&')') {
                    chars.next();
                    word.get_or_insert_default().push_str(&format!("$({name})"));
                } else {
                    words.extend(word.take());
                    commands.push(std::mem::take(&mut words));
                    word = Some(name).filter(|name| !name.is_empty());
                }
            }
            (None, '#') if word.is_none() => break,
            (None, ';' | '&' | '|' | '(' | ')' | '`') => {
                words.extend(word.take());
                commands.push(std::mem::take(&mut words));
            }
            (None, _) if ch.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(ch),
        }
    }
    words.extend(word);
    commands.push(words);
    commands.retain(|words| !words.is_empty());
    commands
}

/// The index of the program of a command that builds an image.
fn build_starts(words: &[String]) -> Option<usize> {
    const STARTERS: [&str; 17] = [
        "sudo", "env", "time", "exec", "command", "nice", "nohup", "if", "then", "else", "do", "!", "{", "while",
        "until", "retry", "eval",
    ];
    let mut at = 0;
    while let Some(word) = words.get(at) {
        let assignment = word
            .split_once('=')
            .is_some_and(|(name, _)| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        let option = at > 0 && word.starts_with('-');
        if !(assignment || option || STARTERS.contains(&word.as_str())) {
            break;
        }
        at += 1;
    }
    let program = words.get(at)?;
    let rest = words.get(at + 1..).unwrap_or_default();
    let name = program.rsplit('/').next().unwrap_or(program).to_ascii_lowercase();
    let name = name.trim_start_matches(['$', '{', '(']).trim_end_matches(['}', ')']);
    let sub = subcommands(rest);
    let builds = match name {
        "docker" | "docker_cmd" | "docker_bin" | "podman" | "nerdctl" | "container_engine" | "container_runtime" => {
            match sub.as_slice() {
                ["build" | "bake", ..] | ["buildx" | "image" | "builder", "build" | "bake", ..] => true,
                ["compose", rest @ ..] => composes(rest, words),
                _ => false,
            }
        }
        "docker-compose" | "docker_compose" | "podman-compose" => composes(&sub, words),
        "buildah" => matches!(sub.first(), Some(&("bud" | "build" | "build-using-dockerfile"))),
        "executor" => program.contains("kaniko"),
        "kaniko" | "docker-buildx" | "buildctl" | "img" => {
            name == "kaniko" || matches!(sub.first(), Some(&("build" | "bake")))
        }
        _ => false,
    };
    builds.then_some(at)
}

fn composes(sub: &[&str], words: &[String]) -> bool {
    match sub.first() {
        Some(&"build") => true,
        Some(&("up" | "run" | "create")) => words.iter().any(|word| word == "--build"),
        _ => false,
    }
}

/// The words that are no options and no values of global options.
fn subcommands(words: &[String]) -> Vec<&str> {
    const VALUED: [&str; 13] = [
        "-H",
        "--host",
        "-c",
        "--context",
        "--config",
        "-l",
        "--log-level",
        "-f",
        "--file",
        "-p",
        "--project-name",
        "--builder",
        "--env-file",
    ];
    let mut found = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        if found.len() >= 4 {
            break;
        }
        if VALUED.contains(&word.as_str()) {
            rest.next();
        } else if !word.starts_with('-') {
            found.push(word.as_str());
        }
    }
    found
}

/// The words with secrets masked: by the name in front of `=`, by the option before them, by their form.
fn masked(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut option: Option<String> = None;
    let mut shown = Vec::new();
    for word in words {
        let by_option = option.take().filter(|name| classify_name(name) == NameKind::Secret);
        let masked = match (word.split_once('='), by_option) {
            (None, Some(name)) if !word.starts_with('-') => redact_value(&name, &word),
            (Some((head, value)), _) => {
                // `--build-arg=NAME=VALUE` names the value in the middle.
                let (head, value) = match value.split_once('=') {
                    Some((name, value)) if head.starts_with('-') => (format!("{head}={name}"), value),
                    _ => (head.to_owned(), value),
                };
                let name = head.rsplit('=').next().unwrap_or(&head).trim_start_matches('-').to_owned();
                format!("{head}={}", redact_value(&name, value))
            }
            _ => word.clone(),
        };
        if word.starts_with('-') && !word.contains('=') {
            option = Some(word.trim_start_matches('-').replace('-', "_"));
        }
        shown.push(redact_text(&masked));
    }
    shown
}

/// Steps of GitHub Actions that build: `uses: docker/build-push-action@…` with what stands under `with:`.
fn actions(source: &str, text: &str) -> Vec<BuildCommand> {
    const ACTIONS: [&str; 3] = ["docker/build-push-action", "docker/bake-action", "redhat-actions/buildah-build"];
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let body = line.trim_start().trim_start_matches("- ").trim();
        let Some(action) = body.strip_prefix("uses:").map(|action| unquoted(action.trim())) else { continue };
        if !ACTIONS.iter().any(|known| action.starts_with(known)) {
            continue;
        }
        let mut words = vec![action.to_owned()];
        let column = line.find("uses:").unwrap_or_default();
        let mut inputs = None;
        for line in lines.iter().skip(index + 1).take(MOST_WORDS) {
            let body = line.trim();
            if body.is_empty() || body.starts_with('#') {
                continue;
            }
            let at = indent(line);
            if at < column || (at == column && body.starts_with("- ")) {
                break;
            }
            match inputs {
                None if at == column && body == "with:" => inputs = Some(at),
                Some(with) if at > with => words.push(body.to_owned()),
                Some(_) => break,
                None => {}
            }
        }
        let words = words
            .into_iter()
            .map(|word| match word.split_once(": ") {
                Some((name, value)) => format!("{name}: {}", redact_text(&redact_value(name, value))),
                None => masked(std::iter::once(word)).concat(),
            })
            .collect();
        found.push(BuildCommand { source: source.to_owned(), line: number(index), words });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(source: &str, text: &str) -> Vec<(u32, String)> {
        build_commands(source, text).into_iter().map(|command| (command.line, command.words.join(" "))).collect()
    }

    #[test]
    fn scripts_are_read() {
        let text = "#!/bin/sh\nset -e\n# docker build no\nif ! sudo docker build --pull \\\n  --no-cache -t \"a b\" .; then exit 1; fi\necho docker build\ncd x && DOCKER_BUILDKIT=1 docker buildx build . | tee log\ndocker --context far image build .\nX=$(docker build -q .)\ndocker run a build\npodman build .\nbuildah bud .\n";
        assert_eq!(
            found("build.sh", text),
            [
                (4, "docker build --pull --no-cache -t a b .".to_owned()),
                (7, "docker buildx build .".to_owned()),
                (8, "docker --context far image build .".to_owned()),
                (9, "docker build -q .".to_owned()),
                (11, "podman build .".to_owned()),
                (12, "buildah bud .".to_owned()),
            ]
        );
    }

    #[test]
    fn makefiles_and_pipelines_are_read() {
        let make = "image:\n\t@docker build -t $(IMAGE) .\n\t-$(DOCKER) build --no-cache .\n\tdocker compose up --build\n\tdocker compose up\n";
        assert_eq!(
            found("Makefile", make),
            [
                (2, "docker build -t $(IMAGE) .".to_owned()),
                (3, "$(DOCKER) build --no-cache .".to_owned()),
                (4, "docker compose up --build".to_owned()),
            ]
        );
        let gitlab = "build:\n  script:\n    - docker build --cache-from x .\n    - \"docker-compose build --pull\"\n    - >\n      docker build\n      --no-cache .\n    - |\n      docker buildx bake\n    - /kaniko/executor --context . --cache=true\n";
        assert_eq!(
            found(".gitlab-ci.yml", gitlab),
            [
                (3, "docker build --cache-from x .".to_owned()),
                (4, "docker-compose build --pull".to_owned()),
                (6, "docker build --no-cache .".to_owned()),
                (9, "docker buildx bake".to_owned()),
                (10, "/kaniko/executor --context . --cache=true".to_owned()),
            ]
        );
    }

    #[test]
    fn build_actions_are_read_with_their_inputs() {
        let text = "jobs:\n  a:\n    steps:\n      - name: x\n        uses: docker/build-push-action@v6\n        with:\n          no-cache: true\n          pull: true\n          cache-from: type=gha\n      - uses: actions/checkout@v4\n      - run: docker build .\n";
        assert_eq!(
            found("ci.yaml", text),
            [
                (5, "docker/build-push-action@v6 no-cache: true pull: true cache-from: type=gha".to_owned()),
                (11, "docker build .".to_owned()),
            ]
        );
    }

    #[test]
    fn secrets_are_masked() {
        let text = "docker build --build-arg DB_PASSWORD=hunter2hunter2 --build-arg=API_TOKEN=abcdefabcdef --password topsecret1 .\n";
        let shown = found("b.sh", text).remove(0).1;
        for secret in ["hunter2hunter2", "abcdefabcdef", "topsecret1"] {
            assert!(!shown.contains(secret), "{shown}");
        }
        assert!(shown.contains("DB_PASSWORD=‹value"), "{shown}");
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in ".{0,400}", yaml: bool) {
            let _ = build_commands(if yaml { "a.yml" } else { "a.sh" }, &text);
        }

        #[test]
        fn any_pieces_are_read(pieces in prop::collection::vec(prop::sample::select(vec![
            "docker ", "build ", "$(", ")", "\\\n", "\n", "'", "\"", "- ", "run: >\n", "  ", "&&", "#", "A=b ", "uses: docker/build-push-action\n", "with:\n",
        ]), 0..40)) {
            let _ = build_commands("a.yaml", &pieces.concat());
        }
    }
}
