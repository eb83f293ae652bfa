//! From Cargo's requirements on versions to the ranges that none of them holds.
//!
//! A requirement is one piece of the line of all versions. The pieces that are patched or were never affected are put
//! beside each other; the gaps between them are what is affected.

use std::cmp::Ordering;

use crate::record::Span;
use crate::versions::{Scheme, compare};

/// A place on the line of all versions: at a version, or just behind it.
#[derive(Debug, Clone)]
struct Place {
    version: String,
    behind: bool,
}

/// From a place (none: from the first version) up to but without another (none: without end).
#[derive(Debug, Clone)]
struct Piece {
    from: Option<Place>,
    to: Option<Place>,
}

/// The affected ranges; none when a requirement cannot be read.
pub(super) fn affected_spans(patched: &[String], unaffected: &[String]) -> Option<Vec<Span>> {
    let mut good = Vec::new();
    for requirement in patched.iter().chain(unaffected) {
        good.push(piece(requirement)?);
    }
    good.retain(|piece| !piece.is_empty());
    good.sort_by(|a, b| match (&a.from, &b.from) {
        (Some(a), Some(b)) => order(a, b),
        (a, b) => a.is_some().cmp(&b.is_some()),
    });
    let mut spans = Vec::new();
    // Up to where everything is told; none at the outset: nothing yet.
    let mut done: Option<Place> = None;
    for piece in good {
        if let Some(from) = &piece.from
            && done.as_ref().is_none_or(|done| order(done, from) == Ordering::Less)
        {
            spans.push(span(done.as_ref(), Some(from)));
        }
        match piece.to {
            // Good without end.
            None => return Some(spans),
            Some(to) => {
                if done.as_ref().is_none_or(|done| order(done, &to) == Ordering::Less) {
                    done = Some(to);
                }
            }
        }
    }
    spans.push(span(done.as_ref(), None));
    Some(spans)
}

fn span(from: Option<&Place>, to: Option<&Place>) -> Span {
    let mut span = Span {
        introduced: from.map(|place| if place.behind { next(&place.version) } else { place.version.clone() }),
        ..Span::default()
    };
    match to {
        Some(Place { version, behind: false }) => span.fixed = Some(version.clone()),
        Some(Place { version, behind: true }) => span.last_affected = Some(version.clone()),
        None => {}
    }
    span
}

fn order(a: &Place, b: &Place) -> Ordering {
    let versions = compare(Scheme::Semver, &a.version, &b.version).unwrap_or(Ordering::Equal);
    versions.then_with(|| a.behind.cmp(&b.behind))
}

/// The lowest version behind another one.
fn next(version: &str) -> String {
    let plain = version.split('+').next().unwrap_or(version);
    if plain.contains('-') {
        return format!("{plain}.0");
    }
    match numbers(plain) {
        Some([major, minor, patch]) => format!("{major}.{minor}.{}-0", patch.saturating_add(1)),
        None => version.to_owned(),
    }
}

/// Three numbers; missing ones are 0.
fn numbers(version: &str) -> Option<[u64; 3]> {
    let mut numbers = [0; 3];
    let plain = version.split(['-', '+']).next()?;
    let mut parts = plain.split('.');
    for number in &mut numbers {
        match parts.next() {
            Some(part) => *number = part.parse().ok()?,
            None => break,
        }
    }
    parts.next().is_none().then_some(numbers)
}

/// A requirement: comparisons that all hold, split by commas.
fn piece(requirement: &str) -> Option<Piece> {
    let mut whole = Piece { from: None, to: None };
    let mut any = false;
    for comparison in requirement.split(',').map(str::trim) {
        let one = one(comparison)?;
        any = true;
        if let Some(from) = one.from
            && whole.from.as_ref().is_none_or(|known| order(known, &from) == Ordering::Less)
        {
            whole.from = Some(from);
        }
        if let Some(to) = one.to
            && whole.to.as_ref().is_none_or(|known| order(&to, known) == Ordering::Less)
        {
            whole.to = Some(to);
        }
    }
    any.then_some(whole)
}

impl Piece {
    fn is_empty(&self) -> bool {
        matches!((&self.from, &self.to), (Some(from), Some(to)) if order(from, to) != Ordering::Less)
    }
}

/// One comparison, as Cargo reads it: `^1.2` and `1.2` are the same, `= 1.2` is every 1.2.x.
fn one(comparison: &str) -> Option<Piece> {
    if comparison == "*" {
        return Some(Piece { from: None, to: None });
    }
    let operator_ends = comparison.find(|c: char| !matches!(c, '<' | '>' | '=' | '^' | '~'))?;
    let (operator, version) = comparison.split_at_checked(operator_ends)?;
    let version = version.trim();
    let is_wild = version.ends_with(".*");
    let version = version.trim_end_matches(".*");
    compare(Scheme::Semver, version, version)?;
    let [major, minor, patch] = numbers(version)?;
    let count = version.split(['-', '+']).next()?.split('.').count();
    if is_wild && !matches!(operator, "" | "=") {
        return None;
    }
    let at = |version: String| Some(Place { version, behind: false });
    let own = || at(version.to_owned());
    let behind = || Some(Place { version: version.to_owned(), behind: true });
    // Where the versions end that begin with the numbers given.
    let after = |count: usize| match count {
        1 => at(format!("{}.0.0-0", major.saturating_add(1))),
        2 => at(format!("{major}.{}.0-0", minor.saturating_add(1))),
        _ => at(format!("{major}.{minor}.{}-0", patch.saturating_add(1))),
    };
    Some(match operator {
        "<" => Piece { from: None, to: own() },
        "<=" if count < 3 => Piece { from: None, to: after(count) },
        "<=" => Piece { from: None, to: behind() },
        ">" if count < 3 => Piece { from: after(count), to: None },
        ">" => Piece { from: behind(), to: None },
        ">=" => Piece { from: own(), to: None },
        "=" | "" if is_wild || operator == "=" && count < 3 => Piece { from: own(), to: after(count) },
        "=" => Piece { from: own(), to: behind() },
        "~" => Piece { from: own(), to: after(count.min(2)) },
        "^" | "" => {
            // Up to the next change of the first number that is not 0.
            let changes = match (major, minor) {
                (0, 0) if count >= 3 => 3,
                (0, _) if count >= 2 => 2,
                _ => 1,
            };
            Piece { from: own(), to: after(changes) }
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(patched: &[&str], unaffected: &[&str]) -> Option<Vec<String>> {
        let own = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        let spans = affected_spans(&own(patched), &own(unaffected))?;
        Some(
            spans
                .iter()
                .map(|span| {
                    let end = span.fixed.as_ref().map(|fixed| format!("<{fixed}"));
                    let end = end.or(span.last_affected.as_ref().map(|last| format!("<={last}"))).unwrap_or_default();
                    format!("{}..{end}", span.introduced.as_deref().unwrap_or_default())
                })
                .collect(),
        )
    }

    #[test]
    fn what_no_requirement_holds_is_affected() {
        for (patched, unaffected, expected) in [
            (&[][..], &[][..], &[".."][..]),
            (&[">= 0.9.1"], &[], &["..<0.9.1"]),
            (&[">= 1.2.3"], &["< 1.0.0"], &["1.0.0..<1.2.3"]),
            (&[">= 1.1.5, < 1.2.0", ">= 1.2.0", ">= 1.0.2, < 1.1.0"], &[], &["..<1.0.2", "1.1.0..<1.1.5"]),
            (
                &["< 0.10.0-alpha.1, >= 0.9.5", ">= 0.10.0-alpha.4"],
                &["< 0.7.0"],
                &["0.7.0..<0.9.5", "0.10.0-alpha.1..<0.10.0-alpha.4"],
            ),
            (&["^0.20.2", "^ 0.21.2", ">= 0.22"], &[], &["..<0.20.2", "0.21.0-0..<0.21.2", "0.22.0-0..<0.22"]),
            (&["0.5.3"], &[], &["..<0.5.3", "0.6.0-0.."]),
            (&["=1.2.3"], &[], &["..<1.2.3", "1.2.4-0.."]),
            (&["> 1.2.3"], &["<= 1.0.0"], &["1.0.1-0..<=1.2.3"]),
            (&["> 1"], &[], &["..<2.0.0-0"]),
            (&["~1.2"], &[], &["..<1.2", "1.3.0-0.."]),
            (&["1.*"], &[], &["..<1", "2.0.0-0.."]),
            (&["*"], &[], &[]),
            (&["^0.0.3"], &[], &["..<0.0.3", "0.0.4-0.."]),
            (&["< 0.6.0", "^0.6.2", ">= 0.7.6"], &[], &["0.6.0..<0.6.2", "0.7.0-0..<0.7.6"]),
        ] {
            assert_eq!(spans(patched, unaffected).unwrap(), expected, "{patched:?} {unaffected:?}");
        }
    }

    #[test]
    fn requirements_that_cannot_be_read_are_refused() {
        for text in
            ["", ">=", "abc", ">= 1.2.3.4", "=> 1", ">= 1.*", "1.2.3 || 2", ">= 1,, < 2", "< 99999999999999999999"]
        {
            assert_eq!(spans(&[text], &[]), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_requirement_makes_the_reader_panic(text in ".{0,30}", near in "[<>=^~]{0,2} ?[0-9]{1,3}(\\.[0-9*]{1,2}){0,3}(-a)?(, ?< ?[0-9])?") {
            let _ = affected_spans(&[text, near.clone()], &[near]);
        }

        #[test]
        fn a_version_is_affected_when_no_requirement_holds_it(
            patched in prop::collection::vec("(>=|<|<=|>|\\^|~|=) [0-3]\\.[0-3]\\.[0-3](, < [1-3]\\.[0-3]\\.[0-3])?", 0..4),
            version in "[0-3]\\.[0-3]\\.[0-3]",
        ) {
            // Each comparison by itself: the other reader takes an empty range for its union.
            let holds = |one: &str| nodejs_semver::Range::parse(one).unwrap().satisfies(&version.parse().unwrap());
            let good = patched.iter().any(|requirement| requirement.split(", ").all(holds));
            let spans = affected_spans(&patched, &[]).unwrap();
            let of = |a: &str, b: &str| compare(Scheme::Semver, a, b).unwrap();
            let is_in = spans.iter().any(|span| {
                span.introduced.as_deref().is_none_or(|from| of(&version, from).is_ge())
                    && span.fixed.as_deref().is_none_or(|fixed| of(&version, fixed).is_lt())
                    && span.last_affected.as_deref().is_none_or(|last| of(&version, last).is_le())
            });
            prop_assert_eq!(is_in, !good, "{:?} {} {:?}", patched, version, spans);
        }
    }
}
