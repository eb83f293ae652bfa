//! Tries one entry of the table at one place.

use crate::rules::{AS_FAR, Part, Rule, Set};

impl Set {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Digit => byte.is_ascii_digit(),
            Self::Hex => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
            Self::HexAny => byte.is_ascii_hexdigit(),
            Self::Upper => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
            Self::Base32 => matches!(byte, b'A'..=b'Z' | b'2'..=b'7'),
            Self::Alpha => byte.is_ascii_alphabetic(),
            Self::Alnum => byte.is_ascii_alphanumeric(),
            Self::Word => byte.is_ascii_alphanumeric() || byte == b'_',
            Self::Url => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'),
            Self::UrlDot | Self::Name => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'),
            Self::B64 => byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='),
            Self::Tilde => byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'~'),
            Self::Uuid => byte.is_ascii_hexdigit() || byte == b'-',
            Self::Percent => byte.is_ascii_alphanumeric() || matches!(byte, b'%' | b'+' | b'/' | b'='),
        }
    }
}

/// The secret's span, when the rule's format is there around its key word at `at`.
pub(crate) fn span(rule: &Rule, buf: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = match (rule.back, rule.parts.first()) {
        (AS_FAR, Some(Part::R(set, _, most))) => {
            let before = buf.get(at.saturating_sub(*most)..at)?;
            at - before.iter().rev().take_while(|&&b| set.has(b)).count()
        }
        (back, _) => at.checked_sub(back)?,
    };
    // A prefix in the middle of a word is none; what follows `\n` in an escaped text is a word's start all the same.
    if rule.back > 0 || (!rule.loose && buf.get(at).is_some_and(u8::is_ascii_alphanumeric) && !rule.key.contains('/')) {
        let before = start.checked_sub(1).and_then(|i| buf.get(i)).copied().unwrap_or(b' ');
        let escape = start.checked_sub(2).and_then(|i| buf.get(i)) == Some(&b'\\');
        if (before.is_ascii_alphanumeric() || before == b'_') && !escape {
            return None;
        }
    }
    let mut from = start;
    let mut pos = start;
    let mut last = None;
    for part in rule.parts {
        match part {
            Part::L(text) => {
                buf.get(pos..)?.starts_with(text.as_bytes()).then_some(())?;
                pos += text.len();
                last = None;
            }
            Part::I(text) => {
                buf.get(pos..pos + text.len())?.eq_ignore_ascii_case(text.as_bytes()).then_some(())?;
                pos += text.len();
                last = None;
            }
            Part::O(set) => {
                if buf.get(pos).is_some_and(|b| set.contains(b)) {
                    pos += 1;
                }
                last = None;
            }
            Part::R(set, least, most) => {
                let run = buf.get(pos..)?.iter().take(*most).take_while(|&&b| set.has(b)).count();
                (run >= *least).then_some(())?;
                pos += run;
                last = Some(*set);
            }
            Part::A => {
                pos = assignment(buf, pos)?;
                last = None;
            }
            Part::S => from = pos,
        }
    }
    // What goes on is something longer, and something else.
    if let (Some(set), Some(&next)) = (last, buf.get(pos))
        && (set.has(next) && next != b'.' || next.is_ascii_alphanumeric() && set != Set::Name)
    {
        return None;
    }
    if matches!(last, Some(Set::UrlDot | Set::Tilde)) {
        while pos > from && buf.get(pos - 1).is_some_and(|b| matches!(b, b'.' | b'-')) {
            pos -= 1;
        }
    }
    Some((from, pos))
}

/// What stands between a name and its value, quotes included: `=`, `: "`, `' => '`, `\":\"`, `>`.
fn assignment(buf: &[u8], pos: usize) -> Option<usize> {
    let skip = |from: usize, set: &[u8], most: usize| {
        from + buf.get(from..).unwrap_or_default().iter().take(most).take_while(|b| set.contains(b)).count()
    };
    let before = skip(pos, b"\"'\\]` \t", 6);
    let sign = skip(before, b"=:>", 2);
    (sign > before).then(|| skip(sign, b"\"'\\` \t", 6))
}
