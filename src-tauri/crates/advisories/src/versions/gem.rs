//! RubyGems' order (`Gem::Version`), without the platform that a gem's full name ends in (`1.15.0-x86_64-linux`).

use std::cmp::Ordering;

use super::{order_numbers, split_digits, split_where};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (segments(a.as_bytes())?, segments(b.as_bytes())?);
    for at in 0..a.len().max(b.len()) {
        // A missing segment is 0.
        let (x, y) = (a.get(at).copied().unwrap_or(b"0"), b.get(at).copied().unwrap_or(b"0"));
        let order = match (is_number(x), is_number(y)) {
            (true, true) => order_numbers(x, y),
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => x.cmp(y),
        };
        if order != Ordering::Equal {
            return Some(order);
        }
    }
    Some(Ordering::Equal)
}

fn is_number(segment: &[u8]) -> bool {
    segment.first().is_some_and(u8::is_ascii_digit)
}

/// Runs of digits and of letters, without the zeros that end the numbers before the first word, and the whole.
fn segments(text: &[u8]) -> Option<Vec<&[u8]>> {
    let text = without_platform(text);
    let is_good = text.first().is_some_and(u8::is_ascii_digit)
        && text.last().is_some_and(u8::is_ascii_alphanumeric)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
    if !is_good {
        return None;
    }
    let mut segments: Vec<&[u8]> = Vec::with_capacity(8);
    let mut has_word = false;
    let mut rest = text;
    while let Some((byte, behind)) = rest.split_first() {
        if byte.is_ascii_digit() {
            let (number, behind) = split_digits(rest);
            segments.push(number);
            rest = behind;
            continue;
        }
        // What begins the pre-release ends the numbers. A hyphen stands for the word `pre`.
        let is_word = byte.is_ascii_alphabetic();
        if (is_word || *byte == b'-') && !has_word {
            has_word = true;
            drop_zeros(&mut segments);
        }
        if is_word {
            let (word, behind) = split_where(rest, |byte| !byte.is_ascii_alphabetic());
            segments.push(word);
            rest = behind;
        } else {
            if *byte == b'-' {
                segments.push(b"pre");
            }
            rest = behind;
        }
    }
    drop_zeros(&mut segments);
    Some(segments)
}

fn drop_zeros(segments: &mut Vec<&[u8]>) {
    while segments.last().is_some_and(|last| is_number(last) && last.iter().all(|byte| *byte == b'0')) {
        segments.pop();
    }
}

fn without_platform(text: &[u8]) -> &[u8] {
    const PLATFORMS: [&[u8]; 20] = [
        b"x86",
        b"x64",
        b"arm",
        b"aarch64",
        b"i386",
        b"i486",
        b"i586",
        b"i686",
        b"amd64",
        b"java",
        b"jruby",
        b"mswin",
        b"mingw",
        b"universal",
        b"powerpc",
        b"ppc",
        b"riscv",
        b"s390",
        b"dalvik",
        b"linux",
    ];
    text.iter()
        .enumerate()
        .filter(|(_, byte)| **byte == b'-')
        .find_map(|(at, _)| {
            let behind = text.get(at.checked_add(1)?..)?;
            PLATFORMS.iter().any(|platform| behind.starts_with(platform)).then(|| text.get(..at))?
        })
        .unwrap_or(text)
}
