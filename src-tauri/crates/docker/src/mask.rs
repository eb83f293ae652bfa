//! Masking the engine's answers before anything else is done with them, and finding the secrets that a container shows.

use plimsoll_secrets::{Finding, find_in_setting, find_in_text, redact_text, redact_value};
use serde_json::Value;

use crate::parse::value::{at, items, words};

/// Longest text that is looked at; what is longer is left out, for no setting is.
const LONGEST: usize = 1 << 20;
/// Most words of a command that are masked one beside the other.
const WORDS: usize = 200;
/// Most findings of one container.
const FINDINGS: usize = 500;
/// Fields that are never kept, whatever they hold: they open the swarm.
const NEVER: &[&str] = &["JoinTokens", "UnlockKey", "SigningCAKey", "SigningCACert"];

/// Masks an answer.
pub(crate) fn mask(answer: &mut Value) {
    walk("", answer);
}

fn walk(key: &str, value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(masked) = of_text(key, text) {
                *text = masked;
            }
        }
        Value::Array(list) if list.iter().all(Value::is_string) && !list.is_empty() => strings(key, list),
        Value::Array(list) => list.iter_mut().for_each(|item| walk(key, item)),
        Value::Object(fields) => {
            NEVER.iter().for_each(|name| {
                fields.remove(*name);
            });
            let secret: Vec<String> =
                fields.keys().filter(|name| is_long(name) && of_text("", name).is_some()).cloned().collect();
            for name in secret {
                if let Some(field) = fields.remove(&name) {
                    fields.insert(redact_text(&name), field);
                }
            }
            // What stands below a secret's name is secret, however it is called itself.
            let below = is_secret(key).then(|| key.to_owned());
            fields.iter_mut().for_each(|(name, field)| walk(below.as_deref().unwrap_or(name), field));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A name that is long enough to be a token.
fn is_long(name: &str) -> bool {
    name.len() >= 16
}

/// Whether a text is one that no rule reads anything into: an id, a digest, a plain path or short word. Most texts of an
/// answer are such ones.
fn is_plain(text: &str) -> bool {
    let id = text.strip_prefix("sha256:").unwrap_or(text);
    if id.len() == 64 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return true;
    }
    text.len() < 12 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte))
}

fn is_secret(name: &str) -> bool {
    plimsoll_secrets::classify_name(name) == plimsoll_secrets::NameKind::Secret
}

/// The masked text, where it is another one.
fn of_text(key: &str, text: &str) -> Option<String> {
    if text.len() > LONGEST {
        return Some(format!("‹{} bytes left out›", text.len()));
    }
    if is_secret(key) {
        return Some(redact_value(key, text));
    }
    if is_plain(text) {
        return None;
    }
    // A profile is long and tells nothing that is judged.
    if let Some(profile) = text.strip_prefix("seccomp=").or_else(|| text.strip_prefix("seccomp:"))
        && profile.trim_start().starts_with('{')
    {
        return Some("seccomp={…}".into());
    }
    Some(redact_text(text)).filter(|masked| masked != text)
}

/// A list of words: variables, or a command, in which an option's value may be the next word.
fn strings(key: &str, list: &mut [Value]) {
    if key == "Env" {
        for item in list {
            if let Value::String(text) = item {
                *text = variable(text);
            }
        }
        return;
    }
    let mut option: Option<String> = None;
    for item in list.iter_mut() {
        let Value::String(text) = item else { continue };
        let next = text.strip_prefix("--").filter(|rest| !rest.contains('=')).map(str::to_owned);
        let masked = match option.take() {
            Some(name) if !text.starts_with('-') && text.len() <= LONGEST => Some(redact_value(&name, text)),
            _ => match text.strip_prefix("--").and_then(|rest| rest.split_once('=')) {
                Some((name, value)) if text.len() <= LONGEST => Some(format!("--{name}={}", redact_value(name, value))),
                _ => of_text(key, text),
            },
        };
        if let Some(masked) = masked {
            *text = masked;
        }
        option = next;
    }
    // What shows only beside its neighbours: `-u bob:secret`.
    let said: Vec<&str> = list.iter().filter_map(Value::as_str).take(WORDS).collect();
    let joined = said.join(" ");
    if said.len() < 2 || joined.len() > LONGEST || !said.iter().any(|word| word.starts_with('-')) {
        return;
    }
    if redact_text(&joined) == joined {
        return;
    }
    let mut before = String::new();
    for item in list.iter_mut().take(WORDS) {
        let Value::String(text) = item else { continue };
        let whole = redact_text(&format!("{before}{text}"));
        match whole.strip_prefix(before.as_str()) {
            Some(masked) => *text = masked.to_owned(),
            None => *text = plimsoll_secrets::mask("value", text),
        }
        before.push_str(text);
        before.push(' ');
    }
}

/// `NAME=value`.
fn variable(text: &str) -> String {
    match text.split_once('=') {
        _ if text.len() > LONGEST => format!("‹{} bytes left out›", text.len()),
        Some((name, value)) => {
            let shown = if is_long(name) { redact_text(name) } else { name.to_owned() };
            format!("{shown}={}", redact_value(name, value))
        }
        None => redact_text(text),
    }
}

/// Secrets in a container's variables, commands, labels, log options and health check, from the answer as it came. What
/// comes out is masked.
pub(crate) fn secrets(inspect: &Value) -> Vec<(String, Finding)> {
    let mut found = Vec::new();
    let config = at(inspect, &["Config"]);
    for (index, entry) in items(config, "Env").iter().enumerate() {
        let Some(entry) = entry.as_str().filter(|entry| entry.len() <= LONGEST) else { continue };
        let findings = match entry.split_once('=') {
            Some((name, value)) => find_in_setting(name, value),
            None => find_in_text(entry),
        };
        push(&mut found, &format!("Config.Env[{index}]"), findings);
    }
    for key in ["Entrypoint", "Cmd"] {
        push(&mut found, &format!("Config.{key}"), in_words(&words(config, key)));
    }
    push(&mut found, "Config.Healthcheck.Test", in_words(&words(at(config, &["Healthcheck"]), "Test")));
    for (place, path) in [
        ("Config.Labels", &["Config", "Labels"] as &[&str]),
        ("HostConfig.LogConfig.Config", &["HostConfig", "LogConfig", "Config"]),
    ] {
        let Value::Object(fields) = at(inspect, path) else { continue };
        for (name, value) in fields {
            if let Some(value) = value.as_str().filter(|value| value.len() <= LONGEST) {
                push(&mut found, &format!("{place}.{}", redact_text(name)), find_in_setting(name, value));
            }
        }
    }
    found
}

/// Secrets in the command lines of its processes, where the container's own settings did not show them already.
pub(crate) fn secrets_of_processes(top: &Value, known: &mut Vec<(String, Finding)>) {
    let titles = words(top, "Titles");
    for (index, row) in items(top, "Processes").iter().enumerate() {
        let Some(row) = row.as_array() else { continue };
        for (column, cell) in row.iter().enumerate() {
            let title = titles.get(column).map(|title| title.trim().to_uppercase()).unwrap_or_default();
            let Some(cell) = cell.as_str().filter(|cell| cell.len() <= LONGEST) else { continue };
            if !matches!(title.as_str(), "COMMAND" | "CMD" | "ARGS") {
                continue;
            }
            let mut findings = find_in_text(cell);
            findings.retain(|finding| !known.iter().any(|(_, other)| same(other, finding)));
            push(known, &format!("Processes[{index}].{title}"), findings);
        }
    }
}

/// Whether two findings are of one secret; the mask alone may differ in its word.
fn same(a: &Finding, b: &Finding) -> bool {
    a.shown == b.shown || (a.sha256.is_some() && a.sha256 == b.sha256)
}

fn push(found: &mut Vec<(String, Finding)>, place: &str, findings: Vec<Finding>) {
    let room = FINDINGS.saturating_sub(found.len());
    for mut finding in findings.into_iter().take(room) {
        finding.name = finding.name.map(|name| redact_text(&name));
        found.push((place.to_owned(), finding));
    }
}

/// Secrets in the words of a command: each by itself, as the value of the option before it, and beside its neighbours.
fn in_words(words: &[String]) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    let mut option: Option<&str> = None;
    for word in words.iter().filter(|word| word.len() <= LONGEST) {
        let pair = word.strip_prefix("--").and_then(|rest| rest.split_once('='));
        findings.extend(match (option.take(), pair) {
            (Some(name), _) if !word.starts_with('-') => find_in_setting(name, word),
            (_, Some((name, value))) => find_in_setting(name, value),
            _ => find_in_text(word),
        });
        option = word.strip_prefix("--").filter(|rest| !rest.contains('='));
    }
    let joined: String = words.iter().take(WORDS).map(String::as_str).collect::<Vec<_>>().join(" ");
    if joined.len() <= LONGEST {
        for finding in find_in_text(&joined) {
            if !findings.iter().any(|known| known.shown == finding.shown || known.length == finding.length) {
                findings.push(finding);
            }
        }
    }
    findings
}

#[cfg(test)]
#[path = "mask_tests.rs"]
mod tests;
