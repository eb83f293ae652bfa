//! Which distribution a bill of materials is of: told by a component of its own, or by the packages' URLs.

use std::collections::BTreeMap;

use plimsoll_packages::{OsRelease, Purl, support_end};

/// Releases that packages name; more are a mistake anyway.
const MAX_RELEASES: usize = 64;

/// A distribution and its release.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Release {
    pub id: String,
    pub version: Option<String>,
}

/// What the packages' URLs say.
#[derive(Debug, Default)]
pub(crate) struct Releases {
    seen: BTreeMap<Release, u64>,
}

impl Releases {
    pub(crate) fn add(&mut self, release: Release) {
        if let Some(count) = self.seen.get_mut(&release) {
            *count = count.saturating_add(1);
        } else if self.seen.len() < MAX_RELEASES {
            self.seen.insert(release, 1);
        }
    }

    /// The distribution, and what is wrong with what was said about it. `told` is what a component says.
    pub(crate) fn settle(&self, told: Option<OsRelease>) -> (Option<OsRelease>, Vec<String>) {
        let mut problems = Vec::new();
        let list = |releases: &[&Release]| {
            let all: Vec<String> = releases.iter().take(8).map(|release| release.to_string()).collect();
            all.join(", ")
        };
        let mut os = match told {
            Some(os) => {
                let own = Release { id: os.id.clone(), version: os.version_id.clone() };
                let others: Vec<&Release> = self.seen.keys().filter(|release| !release.agrees(&own)).collect();
                if !others.is_empty() {
                    problems.push(format!(
                        "The bill says that it is of {own}, but packages in it say that they are of {}. {own} is taken.",
                        list(&others)
                    ));
                }
                os
            }
            None => {
                // The one that says most; all others must agree with it.
                let Some(best) = self.seen.keys().max_by_key(|release| release.version.as_ref().map(String::len))
                else {
                    return (None, problems);
                };
                if self.seen.keys().any(|release| !release.agrees(best)) {
                    let all: Vec<&Release> = self.seen.keys().collect();
                    problems.push(format!(
                        "Packages in the bill say that they are of different distributions ({}), so none is taken.",
                        list(&all)
                    ));
                    return (None, problems);
                }
                OsRelease { id: best.id.clone(), version_id: best.version.clone(), ..OsRelease::default() }
            }
        };
        if os.version_id.is_none() && os.codename.is_none() {
            problems.push(format!("The bill does not say which release of {} it is of.", os.id));
        }
        if os.support_end.is_none() {
            os.support_end = support_end(&os);
        }
        (Some(os), problems)
    }
}

impl std::fmt::Display for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.id)?;
        match &self.version {
            Some(version) => write!(f, " {version}"),
            None => Ok(()),
        }
    }
}

impl Release {
    /// What a distribution's package says of it in its URL.
    pub(crate) fn of(url: &Purl) -> Option<Release> {
        let space = id(&url.namespace);
        let Some(text) = url.qualifier("distro").map(str::trim).filter(|text| !text.is_empty()) else {
            return (!space.is_empty()).then_some(Release { id: space, version: None });
        };
        // "3.20.3" (with the namespace before it), "debian-12", "opensuse-leap-15.5", "bookworm".
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            return (!space.is_empty()).then(|| Release { id: space, version: Some(text.to_owned()) });
        }
        if let Some((name, version)) = text.rsplit_once('-') {
            if version.starts_with(|c: char| c.is_ascii_digit()) {
                return Some(Release { id: id(name), version: Some(version.to_owned()) });
            }
            if let Some((codename, version)) = of_codename(version)
                && codename == id(name)
            {
                return Some(Release { id: codename.to_owned(), version: Some(version.to_owned()) });
            }
        }
        match of_codename(text) {
            Some((id, version)) => Some(Release { id: id.to_owned(), version: Some(version.to_owned()) }),
            None => Some(Release { id: id(text), version: None }),
        }
    }

    /// Whether both can be the same: one may say less than the other (`12` and `12.5`).
    fn agrees(&self, other: &Release) -> bool {
        let begins = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '_', '-']))
        };
        self.id == other.id
            && match (&self.version, &other.version) {
                (Some(one), Some(two)) => begins(one, two) || begins(two, one),
                _ => true,
            }
    }
}

/// The `ID` of `os-release` for what tools call a distribution.
pub(crate) fn id(name: &str) -> String {
    let name = name.trim().to_lowercase();
    match name.as_str() {
        "redhat" | "red hat" | "red hat enterprise linux" => "rhel",
        "alma" => "almalinux",
        "amazon" | "amazonlinux" => "amzn",
        "oracle" | "oraclelinux" => "ol",
        "suse" | "suse linux enterprise server" | "suse.linux.enterprise.server" => "sles",
        "opensuse.leap" => "opensuse-leap",
        "opensuse.tumbleweed" => "opensuse-tumbleweed",
        "cbl-mariner" => "mariner",
        other => other,
    }
    .to_owned()
}

/// Debian's and Ubuntu's releases by code name.
fn of_codename(name: &str) -> Option<(&'static str, &'static str)> {
    Some(match name {
        "stretch" => ("debian", "9"),
        "buster" => ("debian", "10"),
        "bullseye" => ("debian", "11"),
        "bookworm" => ("debian", "12"),
        "trixie" => ("debian", "13"),
        "forky" => ("debian", "14"),
        "bionic" => ("ubuntu", "18.04"),
        "focal" => ("ubuntu", "20.04"),
        "jammy" => ("ubuntu", "22.04"),
        "noble" => ("ubuntu", "24.04"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(url: &str) -> Option<String> {
        Release::of(&Purl::parse(url).unwrap()).map(|release| release.to_string())
    }

    fn settle(urls: &[&str], told: Option<(&str, &str)>) -> (Option<OsRelease>, usize) {
        let mut releases = Releases::default();
        urls.iter().filter_map(|url| Release::of(&Purl::parse(url).unwrap())).for_each(|release| releases.add(release));
        let told = told.map(|(id, version)| OsRelease {
            id: id.to_owned(),
            version_id: Some(version.to_owned()),
            ..OsRelease::default()
        });
        let (os, problems) = releases.settle(told);
        (os, problems.len())
    }

    #[test]
    fn urls_name_releases_in_many_ways() {
        for (url, expected) in [
            ("pkg:deb/debian/a@1?distro=debian-12", Some("debian 12")),
            ("pkg:deb/debian/a@1?distro=bookworm", Some("debian 12")),
            ("pkg:deb/ubuntu/a@1?distro=ubuntu-jammy", Some("ubuntu 22.04")),
            ("pkg:apk/alpine/a@1?distro=3.20.3", Some("alpine 3.20.3")),
            ("pkg:rpm/redhat/a@1?distro=redhat-9.4", Some("rhel 9.4")),
            ("pkg:rpm/opensuse/a@1?distro=opensuse-leap-15.5", Some("opensuse-leap 15.5")),
            ("pkg:rpm/opensuse/a@1?distro=opensuse-tumbleweed", Some("opensuse-tumbleweed")),
            ("pkg:deb/debian/a@1", Some("debian")),
            ("pkg:deb/a@1", None),
        ] {
            assert_eq!(release(url).as_deref(), expected, "{url}");
        }
    }

    #[test]
    fn all_must_agree() {
        let (os, problems) = settle(&["pkg:deb/debian/a@1?distro=debian-12", "pkg:deb/debian/b@1"], None);
        let os = os.unwrap();
        assert_eq!((os.id.as_str(), os.version_id.as_deref(), problems), ("debian", Some("12"), 0));
        assert!(os.support_end.is_some());
        let two = ["pkg:deb/debian/a@1?distro=debian-12", "pkg:deb/debian/a@1?distro=debian-11"];
        assert_eq!(settle(&two, None), (None, 1));
        let (os, problems) = settle(&two, Some(("debian", "12.5")));
        assert_eq!((os.and_then(|os| os.version_id).as_deref(), problems), (Some("12.5"), 1));
        assert_eq!(settle(&["pkg:apk/alpine/a@1"], None).1, 1, "the release is missing");
        assert_eq!(settle(&[], None), (None, 0));
    }
}
