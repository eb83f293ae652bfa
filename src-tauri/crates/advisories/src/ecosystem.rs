//! Names of ecosystems and packages in one normal form, so that records and inventories meet.
//!
//! Distributions carry their release: `Debian:12`, `Ubuntu:22.04`, `Alpine:3.19`, `Alpine:edge`, `AlmaLinux:9`,
//! `Rocky Linux:9`, `Red Hat:9`, `SUSE:15.5`, `openSUSE:15.5`. Package registries stand alone, as OSV writes them:
//! `PyPI`, `npm`, `Go`, `Maven`, `RubyGems`, `Packagist`, `crates.io`, `NuGet`, `Bitnami`. Everything else keeps OSV's
//! own name.

use plimsoll_packages::{Ecosystem, OsRelease};

use crate::versions::Scheme;

/// An ecosystem as OSV writes it, in the normal form, with the channel that it names (`Ubuntu:Pro:18.04:LTS` is
/// `Ubuntu:18.04` in the channel `esm`). None for what cannot be matched (`GIT`, an empty name).
#[must_use]
pub fn normal(osv: &str) -> Option<(String, Option<String>)> {
    let mut parts = osv.split(':').map(str::trim);
    let base = parts.next().filter(|base| !base.is_empty())?;
    let rest: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let with = |base: &str, release: &str| Some((format!("{base}:{release}"), None));
    match base {
        "GIT" => None,
        "Debian" => match rest.first() {
            Some(release) => with("Debian", release.split('.').next().unwrap_or(release)),
            None => Some(("Debian".to_owned(), None)),
        },
        "Ubuntu" => {
            let release = rest.iter().find(|part| part.starts_with(|c: char| c.is_ascii_digit()))?;
            let channel = rest.iter().find_map(|part| match *part {
                "Pro" => Some("esm".to_owned()),
                part if part.starts_with("FIPS") => Some("fips".to_owned()),
                _ => None,
            });
            let fips = rest.iter().any(|part| part.starts_with("FIPS"));
            Some((format!("Ubuntu:{release}"), if fips { Some("fips".to_owned()) } else { channel }))
        }
        "Alpine" => with("Alpine", rest.first()?.trim_start_matches('v')),
        "AlmaLinux" | "Rocky Linux" | "Rocky" => {
            let base = if base == "AlmaLinux" { base } else { "Rocky Linux" };
            with(base, rest.first()?.split('.').next()?)
        }
        "Red Hat" => {
            // The tail of a CPE: `enterprise_linux:9::baseos`, `rhel_eus:9.4::appstream`.
            let release = rest.iter().find(|part| part.starts_with(|c: char| c.is_ascii_digit()))?;
            let is_linux = rest.first().is_some_and(|product| {
                matches!(*product, "enterprise_linux" | "rhel_els" | "rhel_extras")
                    || product.starts_with(|c: char| c.is_ascii_digit())
            });
            if is_linux { with("Red Hat", release.split('.').next()?) } else { Some((osv.to_owned(), None)) }
        }
        "SUSE" | "openSUSE" => {
            let name = rest.join(" ");
            let words: Vec<&str> = name.split_whitespace().collect();
            let is_number = |word: &&&str| word.starts_with(|c: char| c.is_ascii_digit());
            // `Linux Enterprise Module for Python 3 15 SP5`, `Linux Enterprise Server 15 SP3-LTSS`, `Leap 15.5`.
            let pack = words.iter().position(|word| {
                word.strip_prefix("SP").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
            });
            let channel = name.contains("LTSS").then(|| "ltss".to_owned());
            let released = |text: &str| text.split('-').next().unwrap_or(text).to_owned();
            match pack {
                Some(at) => {
                    let release = words.get(at.checked_sub(1)?).filter(|word| is_number(word))?;
                    let pack = released(words.get(at)?.trim_start_matches("SP"));
                    Some((format!("{base}:{}.{pack}", released(release)), channel))
                }
                None => match words.iter().rfind(is_number) {
                    Some(release) => Some((format!("{base}:{}", released(release)), channel)),
                    None => Some((osv.to_owned(), None)),
                },
            }
        }
        // `Maven:https://…` names a repository of its own.
        "PyPI" | "npm" | "Go" | "Maven" | "RubyGems" | "Packagist" | "crates.io" | "NuGet" | "Bitnami" => {
            Some((base.to_owned(), None))
        }
        _ => Some((osv.to_owned(), None)),
    }
}

/// The ecosystem of a distribution's release; none for one that no source speaks of by a release.
#[must_use]
pub fn of_release(os: &OsRelease) -> Option<String> {
    let version = os.version_id.as_deref().filter(|version| !version.is_empty());
    let major = version.and_then(|version| version.split(['.', '_']).next());
    let named = |base: &str, release: Option<&str>| release.map(|release| format!("{base}:{release}"));
    match os.id.as_str() {
        "debian" => named("Debian", major.or_else(|| debian_of_codename(os.codename.as_deref()?))),
        "ubuntu" => named("Ubuntu", version),
        "alpine" => {
            let version = version?;
            // Edge calls itself by the release to come: 3.22_alpha20250108.
            if version.contains("_alpha") || version.contains("edge") {
                return Some("Alpine:edge".to_owned());
            }
            let mut parts = version.split('.');
            Some(format!("Alpine:{}.{}", parts.next()?, parts.next()?))
        }
        "almalinux" => named("AlmaLinux", major),
        "rocky" => named("Rocky Linux", major),
        "rhel" | "redhat" => named("Red Hat", major),
        // CentOS Linux was RHEL rebuilt; Stream runs ahead of it.
        "centos" if !os.pretty_name.as_deref().is_some_and(|name| name.contains("Stream")) && major != Some("9") => {
            named("Red Hat", major)
        }
        "sles" | "sled" | "sle_hpc" => named("SUSE", version),
        "opensuse-leap" | "opensuse" => named("openSUSE", version),
        "opensuse-tumbleweed" => Some("openSUSE:Tumbleweed".to_owned()),
        "wolfi" => Some("Wolfi".to_owned()),
        "chainguard" => Some("Chainguard".to_owned()),
        "minimos" => Some("MinimOS".to_owned()),
        "mageia" => named("Mageia", major),
        "openEuler" => named("openEuler", version),
        _ => None,
    }
}

/// Debian's releases by code name.
#[must_use]
pub fn debian_of_codename(codename: &str) -> Option<&'static str> {
    Some(match codename {
        "wheezy" => "7",
        "jessie" => "8",
        "stretch" => "9",
        "buster" => "10",
        "bullseye" => "11",
        "bookworm" => "12",
        "trixie" => "13",
        "forky" => "14",
        _ => return None,
    })
}

/// Ubuntu's releases by code name, as far as feeds use them.
#[must_use]
pub fn ubuntu_of_codename(codename: &str) -> Option<&'static str> {
    Some(match codename {
        "trusty" => "14.04",
        "xenial" => "16.04",
        "bionic" => "18.04",
        "focal" => "20.04",
        "jammy" => "22.04",
        "kinetic" => "22.10",
        "lunar" => "23.04",
        "mantic" => "23.10",
        "noble" => "24.04",
        "oracular" => "24.10",
        "plucky" => "25.04",
        "questing" => "25.10",
        _ => return None,
    })
}

/// The ecosystem of a language's packages; none for a distribution's, which [`of_release`] names.
#[must_use]
pub fn of_language(ecosystem: Ecosystem) -> Option<&'static str> {
    match ecosystem {
        Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm => None,
        Ecosystem::Pypi => Some("PyPI"),
        Ecosystem::Npm => Some("npm"),
        Ecosystem::Gem => Some("RubyGems"),
        Ecosystem::Maven => Some("Maven"),
        Ecosystem::Golang => Some("Go"),
        Ecosystem::Cargo => Some("crates.io"),
        Ecosystem::Composer => Some("Packagist"),
        Ecosystem::Nuget => Some("NuGet"),
        // Programs built from source are compared by upstream's versions, of which Bitnami's data speak.
        Ecosystem::Bitnami | Ecosystem::Generic => Some("Bitnami"),
    }
}

/// A package's name in the form in which records and inventories are compared: PEP 503 for PyPI, lower case where the
/// registry does not tell case apart.
#[must_use]
pub fn normal_name(ecosystem: &str, name: &str) -> String {
    match ecosystem {
        "PyPI" => {
            let mut out = String::with_capacity(name.len());
            for c in name.chars() {
                if matches!(c, '-' | '_' | '.') {
                    if !out.ends_with('-') {
                        out.push('-');
                    }
                } else {
                    out.extend(c.to_lowercase());
                }
            }
            out
        }
        "Packagist" | "NuGet" | "Bitnami" => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

/// How an ecosystem orders versions; none where it is not known: then only listed versions match.
#[must_use]
pub fn scheme(ecosystem: &str) -> Option<Scheme> {
    let base = ecosystem.split(':').next().unwrap_or(ecosystem);
    Some(match base {
        "Debian" | "Ubuntu" | "Echo" => Scheme::Deb,
        "Alpine" | "Wolfi" | "Chainguard" | "MinimOS" => Scheme::Apk,
        "AlmaLinux" | "Rocky Linux" | "Red Hat" | "SUSE" | "openSUSE" | "Mageia" | "openEuler" | "Azure Linux" => {
            Scheme::Rpm
        }
        "PyPI" => Scheme::Pep440,
        "npm" | "crates.io" | "Bitnami" => Scheme::Semver,
        "Go" => Scheme::Go,
        "Maven" => Scheme::Maven,
        "RubyGems" => Scheme::Gem,
        "Packagist" => Scheme::Packagist,
        "NuGet" => Scheme::Nuget,
        _ => return None,
    })
}

/// Whether an ecosystem is a distribution's, so that only the distribution's own data count for it.
#[must_use]
pub fn is_distribution(ecosystem: &str) -> bool {
    matches!(scheme(ecosystem), Some(Scheme::Deb | Scheme::Apk | Scheme::Rpm))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ecosystems_of_sources_come_into_one_form() {
        for (osv, ours, channel) in [
            ("Debian:12", "Debian:12", None),
            ("Alpine:v3.19", "Alpine:3.19", None),
            ("Alpine:edge", "Alpine:edge", None),
            ("Ubuntu:22.04:LTS", "Ubuntu:22.04", None),
            ("Ubuntu:Pro:18.04:LTS", "Ubuntu:18.04", Some("esm")),
            ("Ubuntu:Pro:FIPS-updates:20.04:LTS", "Ubuntu:20.04", Some("fips")),
            ("AlmaLinux:9", "AlmaLinux:9", None),
            ("Rocky Linux:8", "Rocky Linux:8", None),
            ("Red Hat:enterprise_linux:9::baseos", "Red Hat:9", None),
            ("Maven:https://repo.example/m2", "Maven", None),
            ("PyPI", "PyPI", None),
            ("openSUSE:Leap 15.5", "openSUSE:15.5", None),
            ("SUSE:Linux Enterprise Server 15 SP5", "SUSE:15.5", None),
            ("SUSE:Linux Enterprise Module for Python 3 15 SP5", "SUSE:15.5", None),
            ("SUSE:Linux Enterprise Server 15 SP3-LTSS", "SUSE:15.3", Some("ltss")),
            ("Red Hat:openstack:10::el7", "Red Hat:openstack:10::el7", None),
        ] {
            assert_eq!(normal(osv), Some((ours.to_owned(), channel.map(str::to_owned))), "{osv}");
        }
        assert_eq!(normal("GIT"), None);
        assert_eq!(normal(""), None);
    }

    #[test]
    fn releases_meet_the_sources() {
        let of = |id: &str, version: &str, pretty: &str| {
            of_release(&OsRelease {
                id: id.into(),
                version_id: Some(version.into()),
                pretty_name: Some(pretty.into()),
                ..OsRelease::default()
            })
        };
        assert_eq!(of("debian", "12", "").as_deref(), Some("Debian:12"));
        assert_eq!(of("alpine", "3.20.3", "").as_deref(), Some("Alpine:3.20"));
        assert_eq!(of("alpine", "3.17_alpha20220715", "").as_deref(), Some("Alpine:edge"));
        assert_eq!(of("rocky", "9.4", "").as_deref(), Some("Rocky Linux:9"));
        assert_eq!(of("centos", "8", "CentOS Linux 8").as_deref(), Some("Red Hat:8"));
        assert_eq!(of("centos", "8", "CentOS Stream 8"), None);
        assert_eq!(of("gentoo", "2", ""), None);
    }

    #[test]
    fn names_are_compared_as_their_registry_does() {
        assert_eq!(normal_name("PyPI", "Foo__Bar.baz"), "foo-bar-baz");
        assert_eq!(normal_name("Go", "github.com/A/b"), "github.com/A/b");
    }
}
