//! The order of apk-tools 3: `digits{.digits}[letter]{_suffix[digits]}[~hash][-rN]`.

use std::cmp::Ordering;

use super::{order_numbers, split_digits, split_where};

/// The parts in the order in which they may follow each other. Where two versions go on with different parts, the one
/// whose part comes later in this list is the older: the end is the latest of all.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    First,
    Digits,
    Letter,
    Suffix,
    SuffixNumber,
    Hash,
    Revision,
    End,
}

#[derive(Clone, Copy)]
struct Part<'a> {
    kind: Kind,
    text: &'a [u8],
    /// For a suffix where it sorts; [`RELEASE`] is none.
    suffix: u8,
}

/// Suffixes up to here are of versions before the release, those above of versions after it.
const RELEASE: u8 = 5;

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (mut rest_of_a, mut rest_of_b) = (a.as_bytes(), b.as_bytes());
    let (mut x, mut y) = (first(&mut rest_of_a)?, first(&mut rest_of_b)?);
    let order = loop {
        if x.kind != y.kind {
            break unlike(x, y);
        }
        if x.kind == Kind::End {
            break Ordering::Equal;
        }
        let order = alike(x, y);
        if order != Ordering::Equal {
            break order;
        }
        (x, y) = (next(x.kind, &mut rest_of_a)?, next(y.kind, &mut rest_of_b)?);
    };
    // What was not compared must be well formed too.
    while x.kind != Kind::End {
        x = next(x.kind, &mut rest_of_a)?;
    }
    while y.kind != Kind::End {
        y = next(y.kind, &mut rest_of_b)?;
    }
    Some(order)
}

fn alike(x: Part<'_>, y: Part<'_>) -> Ordering {
    match x.kind {
        // As in Gentoo: a component with a leading zero is a decimal fraction and compared as text.
        Kind::Digits if x.text.first() == Some(&b'0') || y.text.first() == Some(&b'0') => x.text.cmp(y.text),
        Kind::First | Kind::Digits | Kind::SuffixNumber | Kind::Revision => order_numbers(x.text, y.text),
        Kind::Suffix => x.suffix.cmp(&y.suffix),
        Kind::Letter | Kind::Hash | Kind::End => x.text.cmp(y.text),
    }
}

fn unlike(x: Part<'_>, y: Part<'_>) -> Ordering {
    if x.kind == Kind::Suffix && x.suffix < RELEASE {
        return Ordering::Less;
    }
    if y.kind == Kind::Suffix && y.suffix < RELEASE {
        return Ordering::Greater;
    }
    y.kind.cmp(&x.kind)
}

fn first<'a>(rest: &mut &'a [u8]) -> Option<Part<'a>> {
    digits(Kind::First, rest)
}

/// The next part after one of the kind `after`; none when it may not stand there, or is malformed.
fn next<'a>(after: Kind, rest: &mut &'a [u8]) -> Option<Part<'a>> {
    let Some((byte, behind)) = rest.split_first() else {
        return Some(Part { kind: Kind::End, text: &[], suffix: RELEASE });
    };
    match byte {
        b'a'..=b'z' if after <= Kind::Digits => {
            let (text, behind) = rest.split_at_checked(1)?;
            *rest = behind;
            Some(Part { kind: Kind::Letter, text, suffix: RELEASE })
        }
        b'.' if after <= Kind::Digits => {
            *rest = behind;
            digits(Kind::Digits, rest)
        }
        b'_' if after <= Kind::SuffixNumber => {
            let (text, behind) = split_where(behind, |byte| !byte.is_ascii_lowercase());
            let suffix = match text {
                b"alpha" => 1,
                b"beta" => 2,
                b"pre" => 3,
                b"rc" => 4,
                b"cvs" => 6,
                b"svn" => 7,
                b"git" => 8,
                b"hg" => 9,
                b"p" => 10,
                _ => return None,
            };
            *rest = behind;
            Some(Part { kind: Kind::Suffix, text, suffix })
        }
        b'0'..=b'9' if after == Kind::Suffix => digits(Kind::SuffixNumber, rest),
        b'~' if after < Kind::Hash => {
            let (text, behind) = split_where(behind, |byte| !matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            *rest = behind;
            (!text.is_empty()).then_some(Part { kind: Kind::Hash, text, suffix: RELEASE })
        }
        b'-' if after < Kind::Revision => {
            *rest = behind.strip_prefix(b"r")?;
            digits(Kind::Revision, rest)
        }
        _ => None,
    }
}

fn digits<'a>(kind: Kind, rest: &mut &'a [u8]) -> Option<Part<'a>> {
    let (text, behind) = split_digits(rest);
    *rest = behind;
    (!text.is_empty()).then_some(Part { kind, text, suffix: RELEASE })
}
