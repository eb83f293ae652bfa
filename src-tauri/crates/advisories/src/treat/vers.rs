//! Ranges of versions as CycloneDX writes them, <https://github.com/package-url/vers-spec>.

use std::cmp::Ordering;

use crate::purl::{Purl, decode};
use crate::versions::{Scheme, compare};

/// Constraints in one range.
const CONSTRAINTS: usize = 1000;

/// Whether a package's version is one of those that are said: a single version, or a `vers:` range. None when that
/// cannot be told.
pub(super) fn holds(said: &str, package: &Purl) -> Option<bool> {
    let version = package.version.as_deref()?;
    let Some(range) = said.trim().strip_prefix("vers:") else {
        // Written as a purl, so that both get the same normal form.
        let of = |version: &str| {
            let mut purl = package.clone();
            purl.version = Some(version.trim().to_owned());
            purl.normalised().version
        };
        return Some(of(said) == of(version));
    };
    let (kind, constraints) = range.split_once('/')?;
    let scheme = scheme(kind).or_else(|| scheme(&package.kind))?;
    within(&|a, b| compare(scheme, a, b), constraints, version)
}

fn scheme(kind: &str) -> Option<Scheme> {
    Some(match kind {
        "deb" => Scheme::Deb,
        "rpm" => Scheme::Rpm,
        "apk" | "alpine" | "alpm" => Scheme::Apk,
        "npm" | "cargo" | "semver" | "bitnami" | "hex" | "github" => Scheme::Semver,
        "golang" | "go" => Scheme::Go,
        "pypi" => Scheme::Pep440,
        "maven" => Scheme::Maven,
        "gem" => Scheme::Gem,
        "composer" => Scheme::Packagist,
        "nuget" => Scheme::Nuget,
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Bound {
    Equal,
    Unequal,
    Below,
    Above,
}

fn within(compare: &dyn Fn(&str, &str) -> Option<Ordering>, constraints: &str, version: &str) -> Option<bool> {
    let mut read: Vec<(Bound, bool, String)> = Vec::new();
    for text in constraints.split('|').map(str::trim).filter(|text| !text.is_empty()) {
        if text == "*" {
            return Some(true);
        }
        if read.len() >= CONSTRAINTS {
            return None;
        }
        let (bound, with, rest) = [
            (">=", Bound::Above, true),
            ("<=", Bound::Below, true),
            ("!=", Bound::Unequal, false),
            ("=", Bound::Equal, true),
            (">", Bound::Above, false),
            ("<", Bound::Below, false),
        ]
        .into_iter()
        .find_map(|(sign, bound, with)| text.strip_prefix(sign).map(|rest| (bound, with, rest)))
        .unwrap_or((Bound::Equal, true, text));
        read.push((bound, with, decode(rest.trim())?));
    }
    if read.is_empty() {
        return None;
    }
    let mut ends = Vec::new();
    let mut says_equal = false;
    let mut only_unequal = true;
    for (bound, with, end) in &read {
        let order = compare(version, end)?;
        match bound {
            Bound::Equal => {
                says_equal = true;
                if order == Ordering::Equal {
                    return Some(true);
                }
            }
            Bound::Unequal if order == Ordering::Equal => return Some(false),
            Bound::Unequal => {}
            Bound::Below | Bound::Above => ends.push((*bound, *with, end, order)),
        }
        only_unequal &= *bound == Bound::Unequal;
    }
    if ends.is_empty() {
        return Some(only_unequal && !says_equal);
    }
    // They come sorted; those that do not are sorted here. All of them are versions of the scheme by now.
    ends.sort_by(|a, b| compare(a.2, b.2).unwrap_or(Ordering::Equal));
    let satisfied = |(bound, with, _, order): &(Bound, bool, &String, Ordering)| match bound {
        Bound::Below => *order == Ordering::Less || (*with && *order == Ordering::Equal),
        _ => *order == Ordering::Greater || (*with && *order == Ordering::Equal),
    };
    let mut before: Option<&(Bound, bool, &String, Ordering)> = None;
    let mut after = ends.iter().skip(1);
    for end in &ends {
        let next = after.next();
        let is_in = match end.0 {
            // From the one before on, or from the first version on.
            Bound::Below => satisfied(end) && before.is_none_or(|before| before.0 == Bound::Above && satisfied(before)),
            // Up to the next, which is judged in its turn, or without end.
            _ => satisfied(end) && next.is_none(),
        };
        if is_in {
            return Some(true);
        }
        before = Some(end);
    }
    Some(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(a: &str, b: &str) -> Option<Ordering> {
        Some(a.parse::<u32>().ok()?.cmp(&b.parse().ok()?))
    }

    #[test]
    fn ranges_hold_the_versions_that_they_say() {
        for (range, inside, outside) in [
            ("*", vec!["1", "9"], vec![]),
            ("1", vec!["1"], vec!["2"]),
            ("=1|3", vec!["1", "3"], vec!["2"]),
            ("!=2", vec!["1", "3"], vec!["2"]),
            ("<3", vec!["1"], vec!["3", "4"]),
            ("<=3", vec!["3"], vec!["4"]),
            (">3", vec!["4"], vec!["3"]),
            (">=3", vec!["3", "4"], vec!["2"]),
            (">=1|<3|>=5|<=6", vec!["1", "2", "5", "6"], vec!["0", "3", "4", "7"]),
            ("<2|>=4", vec!["1", "4", "9"], vec!["2", "3"]),
            ("<2|>=4|<6", vec!["1", "4"], vec!["2", "3", "6"]),
            (">=1|!=2|<4", vec!["1", "3"], vec!["2", "4"]),
            ("7|>=1|<3", vec!["7", "2"], vec!["3", "6"]),
            ("<3|>=1", vec!["1", "2"], vec!["0", "3"]),
            (" >= 1 | < 3 ", vec!["1"], vec!["3"]),
        ] {
            for version in inside {
                assert_eq!(within(&number, range, version), Some(true), "{version} in {range}");
            }
            for version in outside {
                assert_eq!(within(&number, range, version), Some(false), "{version} in {range}");
            }
        }
    }

    #[test]
    fn what_cannot_be_told_is_none() {
        for range in ["", "|", ">=x", ">=1|<x", "%zz"] {
            assert_eq!(within(&number, range, "1"), None, "{range}");
        }
        assert_eq!(within(&number, ">=1", "x"), None);
        let package = Purl::parse("pkg:generic/a@1").unwrap();
        assert_eq!(holds("vers:unknown/>=1", &package), None);
        assert_eq!(holds("vers:deb", &package), None);
        assert_eq!(holds("1", &package), Some(true));
        assert_eq!(holds("1", &Purl::parse("pkg:generic/a").unwrap()), None);
    }
}
