//! dpkg's order: `[epoch:]upstream[-revision]`, by `deb-version(7)`.

use std::cmp::Ordering;

use super::{order_numbers, split_digits};

struct Version<'a> {
    epoch: u32,
    upstream: &'a [u8],
    /// Empty when there is none, which equals `0`.
    revision: &'a [u8],
}

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a.as_bytes())?, parse(b.as_bytes())?);
    Some(
        a.epoch
            .cmp(&b.epoch)
            .then_with(|| order_part(a.upstream, b.upstream))
            .then_with(|| order_part(a.revision, b.revision)),
    )
}

/// What dpkg refuses is no version; nor is what does not begin with a digit, of which dpkg warns.
fn parse(text: &[u8]) -> Option<Version<'_>> {
    let (epoch, rest) = match text.iter().position(|byte| *byte == b':') {
        Some(at) => (epoch(text.get(..at)?)?, text.get(at.checked_add(1)?..)?),
        None => (0, text),
    };
    let (upstream, revision) = match rest.iter().rposition(|byte| *byte == b'-') {
        Some(at) => {
            let revision = rest.get(at.checked_add(1)?..)?;
            if revision.is_empty() {
                return None;
            }
            (rest.get(..at)?, revision)
        }
        None => (rest, [].as_slice()),
    };
    let common = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'~');
    let is_good = upstream.first().is_some_and(u8::is_ascii_digit)
        && upstream.iter().all(|byte| common(*byte) || matches!(byte, b'-' | b':'))
        && revision.iter().all(|byte| common(*byte));
    is_good.then_some(Version { epoch, upstream, revision })
}

/// An epoch is a number that fits into C's `int`.
fn epoch(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    let mut epoch = 0_u32;
    for byte in digits {
        let digit = byte.is_ascii_digit().then(|| u32::from(*byte).saturating_sub(u32::from(b'0')))?;
        epoch = epoch.checked_mul(10)?.checked_add(digit)?;
    }
    (epoch <= i32::MAX.unsigned_abs()).then_some(epoch)
}

/// Compares by turns a run of other characters and a run of digits.
fn order_part(mut a: &[u8], mut b: &[u8]) -> Ordering {
    while !(a.is_empty() && b.is_empty()) {
        loop {
            let (x, y) = (weight(a), weight(b));
            if x != y {
                return x.cmp(&y);
            }
            // The same weight 0 means that both are at a digit or at their end.
            if x == 0 {
                break;
            }
            a = a.get(1..).unwrap_or_default();
            b = b.get(1..).unwrap_or_default();
        }
        let (x, rest_of_a) = split_digits(a);
        let (y, rest_of_b) = split_digits(b);
        match order_numbers(x, y) {
            Ordering::Equal => (a, b) = (rest_of_a, rest_of_b),
            order => return order,
        }
    }
    Ordering::Equal
}

/// Where the first character sorts: `~` before the end, the end (and a digit) before letters, letters before the rest.
fn weight(text: &[u8]) -> i32 {
    match text.first() {
        None => 0,
        Some(byte) if byte.is_ascii_digit() => 0,
        Some(b'~') => -1,
        Some(byte) if byte.is_ascii_alphabetic() => i32::from(*byte),
        Some(byte) => i32::from(*byte).saturating_add(256),
    }
}
