//! rpm's order: `[epoch:]version[-release]`, as rpm itself takes such a text apart and compares its parts.
//!
//! A missing epoch is 0. A missing release sorts before every release, as in rpm's `rpmverCmp`.

use std::cmp::Ordering;

use super::{order_numbers, split_digits, split_where};

struct Version<'a> {
    epoch: &'a [u8],
    version: &'a [u8],
    release: Option<&'a [u8]>,
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a.as_bytes())?, parse(b.as_bytes())?);
    Some(order_numbers(a.epoch, b.epoch).then_with(|| order_part(a.version, b.version)).then_with(|| {
        match (a.release, b.release) {
            (Some(a), Some(b)) => order_part(a, b),
            (a, b) => a.is_some().cmp(&b.is_some()),
        }
    }))
}

fn parse(text: &[u8]) -> Option<Version<'_>> {
    let is_good = text.iter().all(|byte| {
        byte.is_ascii_alphanumeric()
            || !byte.is_ascii()
            || matches!(byte, b'.' | b'_' | b'+' | b'~' | b'^' | b'-' | b':')
    });
    if !is_good {
        return None;
    }
    // Only digits before a colon are an epoch; any other colon belongs to the version.
    let (epoch, rest) = match split_digits(text) {
        (digits, [b':', rest @ ..]) => (digits, rest),
        _ => ([].as_slice(), text),
    };
    let (version, release) = match rest.iter().rposition(|byte| *byte == b'-') {
        Some(at) => (rest.get(..at)?, Some(rest.get(at.checked_add(1)?..)?)),
        None => (rest, None),
    };
    (!version.is_empty()).then_some(Version { epoch, version, release })
}

/// `rpmvercmp`: runs of digits or of letters, whatever separates them; `~` sorts before the end, `^` just after it.
fn order_part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    if a == b {
        return Ordering::Equal;
    }
    let counts = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'~' | b'^');
    loop {
        a = split_where(a, counts).1;
        b = split_where(b, counts).1;
        match (a, b) {
            ([b'~', rest_of_a @ ..], [b'~', rest_of_b @ ..]) | ([b'^', rest_of_a @ ..], [b'^', rest_of_b @ ..]) => {
                (a, b) = (rest_of_a, rest_of_b);
                continue;
            }
            ([b'~', ..], _) => return Ordering::Less,
            (_, [b'~', ..]) => return Ordering::Greater,
            // A caret is more than the end, and less than anything else that goes on.
            ([b'^', ..], []) => return Ordering::Greater,
            ([], [b'^', ..]) => return Ordering::Less,
            ([b'^', ..], _) => return Ordering::Less,
            (_, [b'^', ..]) => return Ordering::Greater,
            ([], []) => return Ordering::Equal,
            ([], _) => return Ordering::Less,
            (_, []) => return Ordering::Greater,
            ([x, ..], [y, ..]) => {
                // A number is newer than letters.
                if x.is_ascii_digit() != y.is_ascii_digit() {
                    return x.is_ascii_digit().cmp(&y.is_ascii_digit());
                }
                let (order, rest_of_a, rest_of_b) = if x.is_ascii_digit() {
                    let ((x, rest_of_a), (y, rest_of_b)) = (split_digits(a), split_digits(b));
                    (order_numbers(x, y), rest_of_a, rest_of_b)
                } else {
                    let end = |byte: u8| !byte.is_ascii_alphabetic();
                    let ((x, rest_of_a), (y, rest_of_b)) = (split_where(a, end), split_where(b, end));
                    (x.cmp(y), rest_of_a, rest_of_b)
                };
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (rest_of_a, rest_of_b);
            }
        }
    }
}
