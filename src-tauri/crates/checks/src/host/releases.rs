//! Release branches of Docker Engine and when each stops getting fixes, and flaws of runc that every host must have left
//! behind. The table has a date of its own: what came later it does not know.
//!
//! Sources: moby's `project/BRANCHES-AND-TAGS.md` and its changes, Docker's release notes, Mirantis' maintenance pages,
//! the advisories of runc. Only what is certain stands here.

/// The day on which the table was made. A branch that was the newest then may have been left since.
pub(crate) const MADE: &str = "2026-11-24";
/// How many days the table is believed when it calls a branch maintained: a new major follows about every nine months.
pub(crate) const BELIEVED_DAYS: i64 = 180;

/// How a branch does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    /// Fixes until this day, for nobody after it.
    Ended(&'static str),
    /// The one that the project maintains.
    Maintained,
    /// Left by the project, maintained by distributors for their own builds; until when is not certain.
    Distributors(&'static str),
}

/// Major and minor of a branch; minor is none where a branch covers its whole major.
pub(crate) type Branch = (u64, Option<u64>);

/// Docker's own and the community's builds.
const MOBY: &[(Branch, State)] = &[
    ((17, None), State::Ended("2018-02-10")),
    ((18, Some(1)), State::Ended("2018-03-07")),
    ((18, Some(2)), State::Ended("2018-04-21")),
    ((18, Some(3)), State::Ended("2018-05-10")),
    ((18, Some(4)), State::Ended("2018-06-09")),
    ((18, Some(5)), State::Ended("2018-08-18")),
    ((18, Some(6)), State::Ended("2018-12-08")),
    ((18, Some(9)), State::Ended("2019-08-22")),
    ((19, Some(3)), State::Ended("2021-01-08")),
    ((20, Some(10)), State::Ended("2023-12-10")),
    ((23, Some(0)), State::Ended("2025-05-19")),
    ((24, Some(0)), State::Ended("2024-06-08")),
    ((25, Some(0)), State::Distributors("Mirantis and Amazon")),
    ((26, Some(0)), State::Ended("2024-06-08")),
    ((26, Some(1)), State::Ended("2025-02-17")),
    ((27, None), State::Ended("2025-05-03")),
    // The project left it on this day; Docker had moved to 29 in November 2025.
    ((28, None), State::Ended("2026-05-13")),
    ((29, None), State::Maintained),
];

/// Builds of Mirantis (before 2019: Docker Enterprise), where its dates are others.
const MIRANTIS: &[(Branch, State)] = &[
    ((19, Some(3)), State::Ended("2022-05-27")),
    ((23, Some(0)), State::Ended("2025-05-19")),
    ((25, Some(0)), State::Distributors("Mirantis")),
];

/// The newest patch of a maintained branch that the table knows.
const NEWEST: &[(u64, [u64; 3])] = &[(29, [29, 8, 2])];

/// The newest major that the table knows.
pub(crate) const NEWEST_MAJOR: u64 = 29;

/// How a version's branch does; none when the table does not know it.
pub(crate) fn branch(version: [u64; 3], mirantis: bool) -> Option<State> {
    let of = |table: &[(Branch, State)]| {
        let fits = |(major, minor): Branch| major == version[0] && minor.is_none_or(|minor| minor == version[1]);
        table.iter().find(|(branch, _)| fits(*branch)).map(|(_, state)| *state)
    };
    if mirantis { of(MIRANTIS) } else { of(MOBY) }
}

/// The newest patch that the table knows, when it is newer than a version.
pub(crate) fn newer(version: [u64; 3]) -> Option<String> {
    let (_, newest) = NEWEST.iter().find(|(major, _)| *major == version[0])?;
    (*newest > version).then(|| newest.map(|part| part.to_string()).join("."))
}

/// The numbers at the head of a version, and what follows them: `v20.10.24+dfsg1` → `[20, 10, 24]`, `+dfsg1`.
pub(crate) fn numbers(version: &str) -> Option<([u64; 3], &str)> {
    let mut rest = version.trim().trim_start_matches('v');
    let mut found = [0; 3];
    for (index, slot) in found.iter_mut().enumerate() {
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let (number, after) = rest.split_at_checked(digits)?;
        if number.is_empty() && index > 0 {
            break;
        }
        *slot = number.parse().ok()?;
        rest = after;
        match rest.strip_prefix('.') {
            Some(after) if index < 2 && after.starts_with(|c: char| c.is_ascii_digit()) => rest = after,
            _ => break,
        }
    }
    Some((found, rest))
}

/// A flaw of runc by which a container reaches its host.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RuncFlaw {
    /// Its name, or several that were mended together.
    pub(crate) cve: &'static str,
    /// Where it is mended, for a sentence.
    pub(crate) mended: &'static str,
}

/// Flaws of a version of runc, newest first, by the numbers of runc's own releases.
pub(crate) fn runc_flaws(version: &str) -> Vec<RuncFlaw> {
    let Some((numbers, suffix)) = numbers(version) else { return Vec::new() };
    let candidate = suffix.strip_prefix("-rc").map(|rest| {
        let digits: String = rest.trim_start_matches('.').chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u64>().unwrap_or(0)
    });
    // A release is younger than all of its candidates.
    let at = (numbers, candidate.unwrap_or(u64::MAX));
    let mut flaws = Vec::new();
    let mended_2025 = match numbers {
        [1, 2, patch] => patch >= 8,
        [1, 3, patch] => candidate.is_none() && patch >= 3,
        _ => at >= ([1, 4, 0], 3),
    };
    if !mended_2025 {
        flaws.push(RuncFlaw {
            cve: "CVE-2025-31133, CVE-2025-52565 and CVE-2025-52881",
            mended: "1.2.8, 1.3.3 and 1.4.0-rc.3",
        });
    }
    if (([1, 0, 0], 93)..([1, 1, 12], 0)).contains(&at) {
        flaws.push(RuncFlaw { cve: "CVE-2024-21626", mended: "1.1.12" });
    }
    if at < ([1, 0, 0], 95) {
        flaws.push(RuncFlaw { cve: "CVE-2021-30465", mended: "1.0.0-rc95" });
    }
    if at <= ([1, 0, 0], 6) {
        flaws.push(RuncFlaw { cve: "CVE-2019-5736", mended: "1.0.0-rc7" });
    }
    flaws
}

/// Branches of containerd that nobody maintains any more: major, minor and the last day.
const CONTAINERD: &[((u64, u64), &str)] = &[
    ((1, 3), "2021-03-04"),
    ((1, 4), "2022-03-03"),
    ((1, 5), "2023-02-28"),
    ((1, 6), "2025-08-23"),
    ((2, 0), "2025-11-07"),
];

/// The last day of a branch of containerd, when it had one and is over.
pub(crate) fn containerd_end(version: &str) -> Option<&'static str> {
    let ([major, minor, _], _) = numbers(version)?;
    CONTAINERD.iter().find(|(branch, _)| *branch == (major, minor)).map(|(_, end)| *end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_as_engines_write_them() {
        for (text, expected) in [
            ("27.3.1", Some(([27, 3, 1], ""))),
            ("20.10.24+dfsg1", Some(([20, 10, 24], "+dfsg1"))),
            ("18.09.9-ce", Some(([18, 9, 9], "-ce"))),
            ("v2.1.3", Some(([2, 1, 3], ""))),
            ("1.0.0-rc93", Some(([1, 0, 0], "-rc93"))),
            ("29", Some(([29, 0, 0], ""))),
            ("library-import", None),
            ("", None),
            ("99999999999999999999999.1", None),
        ] {
            assert_eq!(numbers(text), expected, "{text}");
        }
    }

    #[test]
    fn branches_are_found() {
        assert_eq!(branch([28, 5, 2], false), Some(State::Ended("2026-05-13")));
        assert_eq!(branch([29, 8, 2], false), Some(State::Maintained));
        assert_eq!(branch([30, 0, 0], false), None);
        assert_eq!(branch([19, 3, 8], true), Some(State::Ended("2022-05-27")));
        assert_eq!(branch([29, 0, 0], true), None);
        assert_eq!(newer([29, 1, 0]).as_deref(), Some("29.8.2"));
        assert_eq!(newer([29, 9, 0]), None);
        assert!(MOBY.iter().all(|(branch, _)| branch.0 <= NEWEST_MAJOR));
    }

    #[test]
    fn flaws_of_runc_end_where_they_were_mended() {
        let cves = |version| {
            runc_flaws(version).iter().map(|flaw| flaw.cve.split([' ', ',']).next().unwrap()).collect::<Vec<_>>()
        };
        assert_eq!(cves("1.0.0-rc6"), ["CVE-2025-31133", "CVE-2021-30465", "CVE-2019-5736"]);
        assert_eq!(cves("1.0.0-rc94"), ["CVE-2025-31133", "CVE-2024-21626", "CVE-2021-30465"]);
        assert_eq!(cves("1.0.0-rc95"), ["CVE-2025-31133", "CVE-2024-21626"]);
        assert_eq!(cves("1.1.11"), ["CVE-2025-31133", "CVE-2024-21626"]);
        for version in ["1.1.12", "1.2.7", "1.3.2", "1.4.0-rc.2"] {
            assert_eq!(cves(version), ["CVE-2025-31133"], "{version}");
        }
        for version in ["1.2.8", "1.3.3", "1.4.0-rc.3", "1.4.0", "1.5.1", "2.0.0", "unknown"] {
            assert_eq!(cves(version), Vec::<&str>::new(), "{version}");
        }
    }
}
