//! Composer's order: PHP's `version_compare` over what Composer makes of a version.
//!
//! From Composer's normalisation are taken the leading `v`, words in any case, `stable`, stability flags (`@beta`),
//! build metadata, aliases (`1.0 as 2.0`) and branches (`1.x-dev`, `dev-main`). Missing numbers are not filled up with
//! zeros: `1.0` sorts before `1.0.0`, as PHP has it.

use std::cmp::Ordering;

use super::{order_numbers, split_digits, split_where};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (mut a, mut b) = (parts(a)?, parts(b)?);
    loop {
        let (x, y) = (a.next(), b.next());
        let order = match (x, y) {
            (None, None) => return Some(Ordering::Equal),
            (Some(Part::Number(x)), Some(Part::Number(y))) => order_numbers(x, y),
            // One more number is newer; one more word as its weight says.
            (Some(Part::Number(_)), None) => Ordering::Greater,
            (None, Some(Part::Number(_))) => Ordering::Less,
            (x, y) => weight(x).cmp(&weight(y)),
        };
        if order != Ordering::Equal {
            return Some(order);
        }
    }
}

#[derive(Clone, Copy)]
enum Part<'a> {
    Number(&'a [u8]),
    Word(&'a [u8]),
}

/// Where a word sorts; a number and the end stand between release candidates and patches.
fn weight(part: Option<Part<'_>>) -> u8 {
    let Some(Part::Word(word)) = part else { return 5 };
    let is = |other: &str| word.eq_ignore_ascii_case(other.as_bytes());
    match word {
        _ if is("dev") => 1,
        _ if is("alpha") || is("a") => 2,
        _ if is("beta") || is("b") => 3,
        _ if is("rc") => 4,
        b"#" => 5,
        _ if is("p") || is("pl") || is("patch") => 6,
        // PHP puts a word that it does not know before all that it knows.
        _ => 0,
    }
}

/// The components: split at `.`, `-`, `_`, and between digits and other characters.
fn parts(text: &str) -> Option<impl Iterator<Item = Part<'_>>> {
    let text = text.split_once(" as ").map_or(text, |(version, _)| version);
    let text = text.split_once('@').map_or(text, |(version, _)| version);
    let text = text.split_once('+').map_or(text, |(version, _)| version).trim_end();
    let text = text.strip_prefix(['v', 'V']).unwrap_or(text).as_bytes();
    let is_branch = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case(b"dev-")) && text.len() > 4;
    let is_release = text.first().is_some_and(u8::is_ascii_digit)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'#' | b'*'));
    // What follows in a branch's name says nothing of its order.
    let mut rest = match (is_branch, is_release) {
        (true, _) => text.get(..3)?,
        (false, true) => text,
        (false, false) => return None,
    };
    Some(std::iter::from_fn(move || {
        loop {
            rest = split_where(rest, |byte| !matches!(byte, b'.' | b'-' | b'_')).1;
            let first = *rest.first()?;
            if first.is_ascii_digit() {
                let (number, behind) = split_digits(rest);
                rest = behind;
                return Some(Part::Number(number));
            }
            let (word, behind) = split_where(rest, |byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'_'));
            rest = behind;
            // A branch `1.x` is newer than every release 1.2.
            if matches!(word, b"x" | b"X" | b"*") {
                return Some(Part::Number(b"9999999"));
            }
            if !word.eq_ignore_ascii_case(b"stable") {
                return Some(Part::Word(word));
            }
        }
    }))
}
