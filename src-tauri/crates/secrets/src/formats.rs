//! Secrets that free text gives away by their form or by the words before them.

use crate::{NameKind, classify_name, is_masked, is_reference, mask};

/// Tokens known by their prefix: prefix, least length of the rest, name of the kind.
const PREFIXES: &[(&str, usize, &str)] = &[
    ("ghp_", 20, "GitHub token"),
    ("gho_", 20, "GitHub token"),
    ("ghu_", 20, "GitHub token"),
    ("ghs_", 20, "GitHub token"),
    ("ghr_", 20, "GitHub token"),
    ("github_pat_", 20, "GitHub token"),
    ("glpat-", 16, "GitLab token"),
    ("gldt-", 16, "GitLab token"),
    ("xoxb-", 10, "Slack token"),
    ("xoxp-", 10, "Slack token"),
    ("xoxa-", 10, "Slack token"),
    ("npm_", 30, "npm token"),
    ("pypi-", 30, "PyPI token"),
    ("dckr_pat_", 16, "Docker token"),
    ("sk_live_", 16, "Stripe key"),
    ("rk_live_", 16, "Stripe key"),
    ("AKIA", 16, "AWS key id"),
    ("ASIA", 16, "AWS key id"),
    ("AIza", 30, "Google API key"),
    ("SG.", 40, "SendGrid key"),
    ("sk-ant-", 20, "API key"),
    ("sk-proj-", 20, "API key"),
    ("hvs.", 20, "Vault token"),
    ("eyJ", 40, "JSON web token"),
];

/// Replaces the body of each PEM private key, keeping the number of lines.
pub(crate) fn redact_private_keys(text: &str) -> String {
    if !text.contains("PRIVATE KEY") {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut inside = false;
    for line in text.split_inclusive('\n') {
        let end = if line.ends_with('\n') { "\n" } else { "" };
        let begins = line.contains("-----BEGIN") && line.contains("PRIVATE KEY");
        let ends = line.contains("-----END") && line.contains("PRIVATE KEY");
        if begins || inside {
            out.push_str("‹private key›");
            out.push_str(end);
            inside = !ends;
        } else {
            out.push_str(line);
        }
    }
    out
}

/// Masks what one line gives away.
pub(crate) fn redact_line(line: &str) -> String {
    redact_assignments(&redact_urls(&redact_tokens(line)))
}

fn is_token_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.')
}

/// Tokens by prefix, at a word's start.
pub(crate) fn redact_tokens(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    let mut at_start = true;
    while let Some(first) = rest.chars().next() {
        if at_start && is_token_char(first) {
            let end = rest.find(|c| !is_token_char(c)).unwrap_or(rest.len());
            let (word, tail) = rest.split_at(end);
            match PREFIXES
                .iter()
                .find(|(prefix, least, _)| word.len() >= prefix.len() + least && word.starts_with(prefix))
            {
                Some((_, _, kind)) => out.push_str(&mask(kind, word)),
                None => out.push_str(word),
            }
            rest = tail;
        } else {
            out.push(first);
            rest = &rest[first.len_utf8()..];
        }
        at_start = true;
    }
    out
}

/// Passwords in `scheme://user:password@host`.
fn redact_urls(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(position) = rest.find("://") {
        let (before, after) = rest.split_at(position + 3);
        out.push_str(before);
        let end = after.find(|c: char| c.is_whitespace() || matches!(c, '/' | '"' | '\'' | '?')).unwrap_or(after.len());
        let (authority, tail) = after.split_at(end);
        match authority.rsplit_once('@').and_then(|(user, host)| user.split_once(':').map(|(u, p)| (u, p, host))) {
            Some((user, password, host)) if !password.is_empty() && !is_reference(password) => {
                out.push_str(user);
                out.push(':');
                out.push_str(&mask("password", password));
                out.push('@');
                out.push_str(host);
            }
            _ => out.push_str(authority),
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A word with its place and its separator to the next.
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) start: usize,
}

/// Splits at white space, keeping quoted parts together.
pub(crate) fn split_words(line: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut masked = false;
    for (index, c) in line.char_indices() {
        match c {
            '‹' => masked = true,
            '›' => masked = false,
            _ => {}
        }
        if quote == Some(c) {
            quote = None;
        } else if quote.is_none() && matches!(c, '"' | '\'') {
            quote = Some(c);
        }
        let blank = c.is_whitespace() && quote.is_none() && !masked;
        match (blank, start) {
            (false, None) => start = Some(index),
            (true, Some(s)) => {
                words.push(Word { text: &line[s..index], start: s });
                start = None;
            }
            _ => {}
        }
    }
    if let Some(s) = start {
        words.push(Word { text: &line[s..], start: s });
    }
    words
}

/// `NAME=value`, `NAME: value`, `ENV NAME value`, `--password value`, `-u user:password`, `Bearer value`.
fn redact_assignments(line: &str) -> String {
    let words = split_words(line);
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    let mut take_next: Option<&str> = None;
    let mut keyword = "";
    for (position, word) in words.iter().enumerate() {
        let end = word.start + word.text.len();
        if let Some(kind) = take_next.take() {
            if let Some(edit) = value_edit(kind, word.text, word.start) {
                edits.push(edit);
            }
            continue;
        }
        let upper = word.text.to_ascii_uppercase();
        if matches!(upper.as_str(), "ENV" | "ARG" | "LABEL") {
            keyword = if upper == "ENV" { "ENV" } else { "OTHER" };
            continue;
        }
        let bare = word.text.trim_matches(['"', '\'', ',']);
        if bare.eq_ignore_ascii_case("bearer")
            || bare.eq_ignore_ascii_case("basic")
                && position > 0
                && words[position - 1].text.to_ascii_lowercase().contains("authorization")
        {
            take_next = Some("credential");
            continue;
        }
        if matches!(word.text, "-u" | "--user") {
            if let Some(next) = words.get(position + 1)
                && let Some((user, password)) = next.text.trim_matches(['"', '\'']).split_once(':')
                && !password.is_empty()
                && !password.chars().all(|c| c.is_ascii_digit())
                && !is_reference(password)
            {
                edits.push((
                    next.start,
                    next.start + next.text.len(),
                    format!("{user}:{}", mask("password", password)),
                ));
            }
            continue;
        }
        if let Some((name, value)) = word.text.split_once('=') {
            let name = name.trim_start_matches('-').trim_matches(['"', '\'', '(', '{']);
            if is_name(name) && classify_name(name) == NameKind::Secret && !value.is_empty() {
                let start = end - value.len();
                if let Some(edit) = value_edit("value", value, start) {
                    edits.push(edit);
                }
            } else if value.starts_with(['"', '\'']) && value.contains(' ') {
                edits.push((end - value.len(), end, redact_inside(value)));
            }
            continue;
        }
        if let Some(name) = word.text.strip_suffix(':').map(|n| n.trim_matches(['"', '\''])) {
            if is_name(name) && classify_name(name) == NameKind::Secret {
                take_next = Some("value");
            }
            continue;
        }
        if let Some(name) = word.text.strip_prefix("--") {
            if is_name(name)
                && classify_name(name) == NameKind::Secret
                && words.get(position + 1).is_some_and(|n| !n.text.starts_with('-'))
            {
                take_next = Some("value");
            }
            continue;
        }
        // The old form `ENV NAME the whole rest`.
        if keyword == "ENV"
            && position > 0
            && words[position - 1].text.eq_ignore_ascii_case("ENV")
            && is_name(word.text)
            && classify_name(word.text) == NameKind::Secret
        {
            if let Some(next) = words.get(position + 1) {
                let value = &line[next.start..];
                if let Some(edit) = value_edit("value", value.trim_end(), next.start) {
                    edits.push(edit);
                }
            }
            break;
        }
        // Quoted whole commands: look inside once.
        if word.text.len() > 2 && word.text.starts_with(['"', '\'']) && word.text.contains(' ') {
            edits.push((word.start, end, redact_inside(word.text)));
        }
    }
    let mut out = String::with_capacity(line.len());
    let mut done = 0;
    for (start, end, text) in edits {
        if start < done {
            continue;
        }
        out.push_str(&line[done..start]);
        out.push_str(&text);
        done = end;
    }
    out.push_str(&line[done..]);
    out
}

/// Looks into a quoted command. The quote is one byte long; what it quotes is judged like a line of its own.
fn redact_inside(quoted: &str) -> String {
    let (open, inner) = quoted.split_at(1);
    format!("{open}{}", redact_assignments(inner))
}

pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))
}

/// The edit that masks a value, its quotes kept; none when the value only refers to a secret.
fn value_edit(kind: &str, value: &str, start: usize) -> Option<(usize, usize, String)> {
    let leading = value.len() - value.trim_start_matches(['"', '\'']).len();
    let inner = value[leading..].trim_end_matches(['"', '\'', ',', ')', '}', ']', ';']);
    if inner.is_empty() || is_reference(inner) || is_masked(inner) || inner.starts_with('‹') {
        return None;
    }
    let from = start + leading;
    Some((from, from + inner.len(), mask(kind, inner)))
}
