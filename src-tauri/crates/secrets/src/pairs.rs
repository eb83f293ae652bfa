//! Names with their values in text of any syntax: `a=b`, `a: b`, `"a": "b"`, `<a>b</a>`, `<add key="a" value="b"/>`,
//! `define('a', 'b')`; and the judgement on such a value.

use crate::hit::Hit;
use crate::scan::Context;
use crate::shape::{is_noise, is_path, is_plain_url, looks_random, placeholder};
use crate::{Certainty, Harmless, NameKind, classify_name, is_masked, is_reference};

/// A name and its value, as spans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    pub(crate) name: (usize, usize),
    pub(crate) value: (usize, usize),
    pub(crate) quoted: bool,
}

/// Longest name and value that are looked at.
const LONGEST_NAME: usize = 80;
const LONGEST_VALUE: usize = 512;

fn is_name_byte(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.')
}

/// The pair whose name holds the key word at `at`.
pub(crate) fn pair_at(buf: &[u8], at: usize, length: usize, context: Context) -> Option<Pair> {
    let left = buf.get(at.saturating_sub(LONGEST_NAME)..at)?.iter().rev().take_while(|&&b| is_name_byte(b)).count();
    let mut start = at - left;
    // The key word may carry a sign of its own: `pass=`.
    let core = buf.get(at..at + length)?.iter().take_while(|&&b| is_name_byte(b)).count();
    let right = buf.get(at + core..)?.iter().take(LONGEST_NAME).take_while(|&&b| is_name_byte(b)).count();
    let end = at + core + right;
    while start < end && buf.get(start).is_some_and(|b| matches!(b, b'-' | b'.')) {
        start += 1;
    }
    let before = start.checked_sub(1).and_then(|i| buf.get(i)).copied();
    if context.shell && before == Some(b'$') {
        return None;
    }
    let blanks = |from: usize| {
        from + buf.get(from..).unwrap_or_default().iter().take(8).take_while(|b| matches!(b, b' ' | b'\t')).count()
    };
    let name = (start, end);
    // <password>value</password>
    if before == Some(b'<') && buf.get(end) == Some(&b'>') {
        let value = run(buf, end + 1, |b| b == b'<' || b == b'\n')?;
        return Some(Pair { name, value: trimmed(buf, value), quoted: true });
    }
    let mut pos = end;
    let mut named_in_quotes = false;
    while pos < end + 3 && buf.get(pos).is_some_and(|b| matches!(b, b'"' | b'\'' | b'\\' | b']')) {
        named_in_quotes = true;
        pos += 1;
    }
    let after_name = pos;
    pos = blanks(pos);
    // key="password" value="…"
    if named_in_quotes && buf.get(pos..pos + 5).is_some_and(|b| b.eq_ignore_ascii_case(b"value")) {
        pos = blanks(pos + 5);
        if buf.get(pos) == Some(&b'=') {
            return quoted(buf, blanks(pos + 1)).map(|value| Pair { name, value, quoted: true });
        }
        return None;
    }
    // define('DB_PASSWORD', '…')
    if named_in_quotes && buf.get(pos) == Some(&b',') {
        let head = buf.get(start.saturating_sub(12)..start)?;
        let define = head.windows(6).any(|window| window == b"define");
        return define.then(|| quoted(buf, blanks(pos + 1)).map(|value| Pair { name, value, quoted: true })).flatten();
    }
    let sign = *buf.get(pos)?;
    let next = buf.get(pos + 1).copied();
    let colon = match (sign, next) {
        (b'=', Some(b'=' | b'~')) => return None,
        (b'=', Some(b'>')) => {
            pos += 2;
            false
        }
        (b'=', _) => {
            if context.shell && pos > after_name {
                return None;
            }
            pos += 1;
            false
        }
        (b':', Some(b'=')) => {
            pos += 2;
            false
        }
        (b':', Some(b':' | b'/')) => return None,
        (b':', _) => {
            pos += 1;
            true
        }
        _ => return None,
    };
    let value_at = blanks(pos);
    if context.shell && !colon && value_at > pos {
        return None;
    }
    if let Some(value) = quoted(buf, value_at) {
        return Some(Pair { name, value, quoted: true });
    }
    if colon && !named_in_quotes && !begins_line(buf, start) {
        return None;
    }
    let stop = |b: u8| b.is_ascii_whitespace() || b",;)}]'\"<>|`".contains(&b) || (b == b'&');
    let value = run(buf, value_at, stop)?;
    Some(Pair { name, value, quoted: false })
}

/// Whether only indentation and list marks stand before a name.
fn begins_line(buf: &[u8], start: usize) -> bool {
    let head = buf.get(start.saturating_sub(120)..start).unwrap_or_default();
    head.iter().rev().take_while(|b| **b != b'\n').all(|b| matches!(b, b' ' | b'\t' | b'-' | b'"' | b'\'' | b'\r'))
}

/// What stands in quotes at `at`; the opening quote may be escaped, and then so is the closing one.
fn quoted(buf: &[u8], at: usize) -> Option<(usize, usize)> {
    let escaped = buf.get(at) == Some(&b'\\');
    let at = at + usize::from(escaped);
    let quote = *buf.get(at).filter(|b| matches!(b, b'"' | b'\'' | b'`'))?;
    let from = at + 1;
    let body = buf.get(from..buf.len().min(from + LONGEST_VALUE))?;
    let mut previous = 0;
    for (i, &b) in body.iter().enumerate() {
        if b == b'\n' {
            return None;
        }
        if b == quote && (previous != b'\\' || escaped) {
            return Some((from, from + i - usize::from(escaped && previous == b'\\')));
        }
        previous = b;
    }
    None
}

/// Bytes up to one that ends the value.
fn run(buf: &[u8], from: usize, stop: impl Fn(u8) -> bool) -> Option<(usize, usize)> {
    let body = buf.get(from..buf.len().min(from + LONGEST_VALUE + 1))?;
    let length = body.iter().take_while(|&&b| !stop(b)).count();
    (length <= LONGEST_VALUE).then_some((from, from + length))
}

fn trimmed(buf: &[u8], (mut from, mut to): (usize, usize)) -> (usize, usize) {
    while from < to && buf.get(from).is_some_and(u8::is_ascii_whitespace) {
        from += 1;
    }
    while to > from && buf.get(to - 1).is_some_and(u8::is_ascii_whitespace) {
        to -= 1;
    }
    (from, to)
}

/// The judgement on a pair.
pub(crate) fn judge(buf: &[u8], pair: &Pair, context: Context) -> Option<Hit> {
    let name = std::str::from_utf8(buf.get(pair.name.0..pair.name.1)?).ok()?;
    let value = std::str::from_utf8(buf.get(pair.value.0..pair.value.1)?).ok()?;
    if classify_name(name) != NameKind::Secret || (context.code && !pair.quoted) {
        return None;
    }
    let (certainty, harmless) = weigh(value, context.weak)?;
    Some(hit(pair, name, certainty, harmless))
}

/// A hit on the value of a name that speaks of a secret.
pub(crate) fn hit(pair: &Pair, name: &str, certainty: Certainty, harmless: Option<Harmless>) -> Hit {
    Hit {
        start: pair.value.0,
        end: pair.value.1,
        kind: "value-of-secret-name",
        title: "value under a secret's name".to_owned(),
        name: Some(name.chars().take(LONGEST_NAME).collect()),
        certainty,
        harmless,
        detail: None,
    }
}

/// How sure it is that the value of a name that speaks of a secret is one. `weak`: also when a person thought it up.
pub(crate) fn weigh(value: &str, weak: bool) -> Option<(Certainty, Option<Harmless>)> {
    let value = value.trim();
    if value.is_empty() || is_masked(value) || is_reference(value) || value.starts_with('‹') {
        return None;
    }
    let random = looks_random(value);
    if weak {
        if is_path(value) || is_plain_url(value) {
            return None;
        }
        let harmless = placeholder(value);
        return Some((if random && harmless.is_none() { Certainty::Likely } else { Certainty::Name }, harmless));
    }
    (random && !is_noise(value) && placeholder(value).is_none()).then_some((Certainty::Likely, None))
}
