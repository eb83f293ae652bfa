//! Semantic versions, read leniently: a leading `v` or `=`, fewer or more than three numbers, numbers of any length, a
//! pre-release without its hyphen (`1.2.3rc1`), and OpenSSL's letters (`1.1.1w` is newer than `1.1.1`).

use std::cmp::Ordering;

use super::dotted::{self, Dotted};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a)?, parse(b)?);
    let (x, y) = (Suffix::of(a.tail), Suffix::of(b.tail));
    Some(
        dotted::order_dotted(a.numbers, b.numbers)
            .then_with(|| x.letter.cmp(&y.letter))
            .then_with(|| dotted::order_pre(pre(x.pre, a.pre), pre(y.pre, b.pre), false)),
    )
}

fn parse(text: &str) -> Option<Dotted<'_>> {
    let text = text.trim_start_matches(['=', ' ']);
    dotted::parse(text.strip_prefix(['v', 'V']).unwrap_or(text).as_bytes())
}

/// What stands right behind the numbers.
struct Suffix<'a> {
    /// A single letter: a version after the one without it.
    letter: Option<u8>,
    /// A pre-release.
    pre: &'a [u8],
}

impl<'a> Suffix<'a> {
    fn of(tail: &'a [u8]) -> Self {
        let word = tail.strip_prefix(b".").or_else(|| tail.strip_prefix(b"_")).unwrap_or(tail);
        match word {
            [letter] if letter.is_ascii_lowercase() && word.len() == tail.len() => {
                Self { letter: Some(*letter), pre: &[] }
            }
            // `4.8.3.Final` is the release itself.
            word if [b"final".as_slice(), b"release", b"ga"].iter().any(|done| word.eq_ignore_ascii_case(done)) => {
                Self { letter: None, pre: &[] }
            }
            pre => Self { letter: None, pre },
        }
    }
}

fn pre<'a>(tail: &'a [u8], pre: &'a [u8]) -> impl Iterator<Item = &'a [u8]> {
    dotted::identifiers(tail).chain(dotted::identifiers(pre))
}
