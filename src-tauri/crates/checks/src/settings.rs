//! What an engagement's profile sets for the checks: thresholds, approved sources, allowances with their reasons.

use plimsoll_advisories::Word;
use plimsoll_advisories::rating::Policy;
use plimsoll_trust::TrustPolicy;
use serde::{Deserialize, Serialize};

/// The settings. The defaults are the program's; an engagement's own are recorded with who set them and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default, deny_unknown_fields)]
pub struct Settings {
    /// A3: the lowest efficiency that passes, from 0 to 1. dive's own limit for pipelines is 0.9.
    pub lowest_efficiency: f64,
    /// A5: an image older than this many days is called old.
    pub oldest_days: u32,
    /// A5: layers whose creation lies further apart than this many hours were not made in one build.
    pub widest_gap_hours: u32,
    /// What is allowed although a check would name it.
    pub allowances: Vec<Allowance>,
    /// A1, A2: base images that the client approves beside Docker's official ones.
    pub approved_bases: Vec<Approved>,
    /// A1, C2: registries that the client approves. Empty: none is preferred to another.
    pub approved_registries: Vec<Approved>,
    /// A2, C1: keys, identities and roots that the auditor brings.
    pub trust: TrustPolicy,
    /// A3, A4: which known vulnerabilities fail an image.
    pub vulnerabilities: VulnerabilityPolicy,
    /// Hosts: a container that ended, or was created and never started, longer ago than this many days is called stale
    /// (CSVS 4.8).
    pub stale_days: u32,
}

/// Which known vulnerabilities fail an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default, deny_unknown_fields)]
pub struct VulnerabilityPolicy {
    /// Whose severity counts.
    pub severity: Policy,
    /// The lowest severity that fails: `critical`, `high`, `medium`, `low`; `none` fails on every one.
    pub fail_from: Word,
    /// Only those for which there is a fix fail; the others are observed.
    pub only_fixable: bool,
    /// One that is known to be exploited (CISA KEV) fails whatever its severity, fixable or not.
    pub fail_exploited: bool,
    /// A database of which the newest data that speak of the image are older than this many days passes nothing.
    pub oldest_data_days: u32,
}

impl Default for VulnerabilityPolicy {
    /// The paper analyses critical and high ones; a client can act on those that have a fix.
    fn default() -> Self {
        Self {
            severity: Policy::VendorFirst,
            fail_from: Word::High,
            only_fixable: true,
            fail_exploited: true,
            oldest_data_days: 30,
        }
    }
}

/// A source that the client approves, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Approved {
    /// A repository (`registry.example.com/base/*`, in full, without tag) or a registry's host. `*` and `**` as in an
    /// allowance.
    pub what: String,
    /// Why. Never empty.
    pub reason: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            lowest_efficiency: 0.9,
            oldest_days: 90,
            widest_gap_hours: 24,
            allowances: Vec::new(),
            approved_bases: Vec::new(),
            approved_registries: Vec::new(),
            trust: TrustPolicy::default(),
            vulnerabilities: VulnerabilityPolicy::default(),
            stale_days: 30,
        }
    }
}

/// Something that the client may have, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct Allowance {
    /// The check that it is for: `unneeded-packages`.
    pub check: String,
    /// What is allowed: a package's name, a path in the image, a file of the context. `*` stands for any characters
    /// but `/`, `**` for any.
    pub what: String,
    /// Why. Never empty.
    pub reason: String,
}

impl Settings {
    /// The approved base that covers a repository's full name.
    #[must_use]
    pub fn approved_base(&self, repository: &str) -> Option<&Approved> {
        self.approved_bases.iter().find(|approved| matches(&approved.what, repository))
    }

    /// The approved registry that covers a host.
    #[must_use]
    pub fn approved_registry(&self, host: &str) -> Option<&Approved> {
        self.approved_registries.iter().find(|approved| matches(&approved.what, host))
    }

    /// The allowance that covers `what` for a check.
    #[must_use]
    pub fn allowed(&self, check: &str, what: &str) -> Option<&Allowance> {
        self.allowances.iter().find(|allowance| allowance.check == check && matches(&allowance.what, what))
    }
}

/// `*` stands for any characters but `/`, `**` for any. Linear in the text for each star.
fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    // Where to go on when the characters after the last star do not fit: (pattern, text, across folders).
    let mut again: Option<(usize, usize, bool)> = None;
    let mut outer: Option<(usize, usize)> = None;
    let (mut p, mut t) = (0, 0);
    loop {
        match pattern.get(p) {
            Some(b'*') if pattern.get(p + 1) == Some(&b'*') => {
                p += 2;
                outer = Some((p, t));
                again = Some((p, t, true));
                continue;
            }
            Some(b'*') => {
                p += 1;
                again = Some((p, t, false));
                continue;
            }
            Some(byte) if text.get(t) == Some(byte) => {
                p += 1;
                t += 1;
                continue;
            }
            None if t == text.len() => return true,
            _ => {}
        }
        match again {
            Some((after, at, across)) if at < text.len() && (across || text.get(at) != Some(&b'/')) => {
                again = Some((after, at + 1, across));
                if across {
                    outer = Some((after, at + 1));
                }
                (p, t) = (after, at + 1);
            }
            _ => match outer {
                Some((after, at)) if at < text.len() && again.is_some_and(|(_, _, across)| !across) => {
                    outer = Some((after, at + 1));
                    again = Some((after, at + 1, true));
                    (p, t) = (after, at + 1);
                }
                _ => return false,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_names() {
        for (pattern, text) in [
            ("curl", "curl"),
            ("python3*", "python3-minimal"),
            ("/usr/lib/**", "/usr/lib/a/b"),
            ("/opt/*/bin/x", "/opt/app/bin/x"),
            ("**/.git/**", "a/b/.git/config"),
            ("/a/**/b*/c", "/a/x/y/bb/c"),
            ("*", ""),
        ] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("curl", "curl7"), ("/opt/*", "/opt/a/b"), ("", "a"), ("a*b", "ab/b"), ("/a/**/b*/c", "/a/x/b/d/c")]
        {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
