//! What semantic versions, Go's and NuGet's have in common: dotted numbers, then what comes before the release.
//!
//! One reader for the three, because two readers of which one takes what the other refuses would order some versions
//! in a circle. Numbers may be of any length.

use std::cmp::Ordering;

use super::{order_numbers, split_digits, split_where};

#[derive(Clone, Copy)]
pub(super) struct Dotted<'a> {
    /// `1.2.3`
    pub(super) numbers: &'a [u8],
    /// How many of them.
    pub(super) count: usize,
    /// What follows the numbers without a separator: `rc1` of `1.22rc1`.
    pub(super) tail: &'a [u8],
    /// What follows a hyphen: `rc.1` of `1.2.3-rc.1`; empty when there is none.
    pub(super) pre: &'a [u8],
    /// Whether there is build metadata, which does not count.
    pub(super) has_build: bool,
}

/// Takes a version apart; none when it does not begin with a number, or has characters that belong to none.
pub(super) fn parse(text: &[u8]) -> Option<Dotted<'_>> {
    let (text, build) = split_where(text, |byte| byte == b'+');
    let is_of_identifiers =
        |text: &[u8]| text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'~'));
    if !text.first().is_some_and(u8::is_ascii_digit)
        || !is_of_identifiers(text)
        || build.iter().any(|byte| byte.is_ascii_whitespace() || byte.is_ascii_control())
    {
        return None;
    }
    let mut count = 0_usize;
    let mut length = 0_usize;
    loop {
        let (number, rest) = split_digits(text.get(length..)?);
        length = length.checked_add(number.len())?;
        count = count.checked_add(1)?;
        match rest {
            [b'.', digit, ..] if digit.is_ascii_digit() => length = length.checked_add(1)?,
            _ => break,
        }
    }
    let (numbers, rest) = text.split_at_checked(length)?;
    let (tail, pre) = split_where(rest, |byte| byte == b'-');
    let pre = match pre {
        [] => pre,
        // A hyphen with nothing behind it is a slip.
        [_] => return None,
        [_, pre @ ..] => pre,
    };
    Some(Dotted { numbers, count, tail, pre, has_build: !build.is_empty() })
}

/// Orders dotted numbers; those that are missing are 0.
pub(super) fn order_dotted(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !(a.is_empty() && b.is_empty()) {
        let ((x, rest_of_a), (y, rest_of_b)) = (split_digits(a), split_digits(b));
        match order_numbers(x, y) {
            Ordering::Equal => (a, b) = (after_dot(rest_of_a), after_dot(rest_of_b)),
            order => return order,
        }
    }
    Ordering::Equal
}

fn after_dot(text: &[u8]) -> &[u8] {
    text.strip_prefix(b".").unwrap_or_default()
}

/// Orders pre-releases by section 11 of semantic versioning: none is the newest, numbers come before words, and the
/// longer list is the newer where the shorter begins it. `fold` ignores case.
pub(super) fn order_pre<'a>(
    a: impl Iterator<Item = &'a [u8]>,
    b: impl Iterator<Item = &'a [u8]>,
    fold: bool,
) -> Ordering {
    let (mut a, mut b) = (a.peekable(), b.peekable());
    if a.peek().is_none() || b.peek().is_none() {
        return a.peek().is_none().cmp(&b.peek().is_none());
    }
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (Some(x), Some(y)) => (x, y),
            (x, y) => return x.is_some().cmp(&y.is_some()),
        };
        let is_number = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        let order = match (is_number(x), is_number(y)) {
            (true, true) => order_numbers(x, y),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) if fold => x.iter().map(u8::to_ascii_lowercase).cmp(y.iter().map(u8::to_ascii_lowercase)),
            (false, false) => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The identifiers of a pre-release.
pub(super) fn identifiers(pre: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_some = !pre.is_empty();
    pre.split(|byte| *byte == b'.').filter(move |_| is_some)
}
