//! Who built a distribution's package: data of the distribution say nothing about builds of others, even where the
//! package has the distribution's name.
//!
//! Only what is clear counts: rpm names the vendor, and some repositories mark their versions or have their own
//! maintainer's address. Debian's and Alpine's packages name a person, who may have any address.

use plimsoll_packages::{Ecosystem, Package};

/// Code names that others put behind a tilde (`1.25.3-1~bookworm`); Debian and Ubuntu themselves put numbers there.
const CODENAMES: &[&str] = &[
    "jessie", "stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "sid", "trusty", "xenial", "bionic",
    "focal", "jammy", "kinetic", "lunar", "mantic", "noble", "oracular", "plucky", "questing",
];

/// Marks in versions.
const MARKS: &[(&str, &str)] = &[
    ("pgdg", "the PostgreSQL project"),
    ("nodesource", "NodeSource"),
    ("sury", "deb.sury.org"),
    ("dotdeb", "Dotdeb"),
    ("+maria~", "MariaDB"),
    ("~ppa", "a personal package archive"),
];

/// Addresses of maintainers that no distribution has.
const ADDRESSES: &[(&str, &str)] = &[
    ("@docker.com", "Docker"),
    ("@nginx.com", "nginx.org"),
    ("@f5.com", "nginx.org"),
    ("@oss.oracle.com", "Oracle (MySQL)"),
    ("@mongodb.com", "MongoDB"),
    ("@lists.mariadb.org", "MariaDB"),
    ("@mariadb.com", "MariaDB"),
    ("@nodesource.com", "NodeSource"),
    ("@hashicorp.com", "HashiCorp"),
    ("@elastic.co", "Elastic"),
    ("@grafana.com", "Grafana Labs"),
    ("@microsoft.com", "Microsoft"),
];

/// What distributions of rpm packages call themselves, by the ecosystem's base, in lower case.
const VENDORS: &[(&str, &[&str])] = &[
    ("Red Hat", &["red hat", "centos"]),
    ("AlmaLinux", &["alma"]),
    ("Rocky Linux", &["rocky"]),
    ("SUSE", &["suse"]),
    ("openSUSE", &["suse"]),
    ("Mageia", &["mageia"]),
    ("openEuler", &["openeuler"]),
    ("Azure Linux", &["microsoft"]),
];

/// Why the distribution's data say nothing about a package: it is somebody else's build. The end of a sentence.
pub(super) fn foreign(ecosystem: &str, package: &Package) -> Option<String> {
    let vendor = package.vendor.as_deref().map(str::trim).filter(|vendor| !vendor.is_empty() && *vendor != "(none)");
    let version = package.version.to_ascii_lowercase();
    let by =
        |who: &str| Some(format!("it is built by {who}, not by the distribution, whose advisories do not speak of it"));
    if let Some((_, who)) = MARKS.iter().find(|(mark, _)| version.contains(mark)) {
        return by(who);
    }
    let lower = vendor.map(str::to_ascii_lowercase).unwrap_or_default();
    if package.ecosystem == Ecosystem::Rpm {
        let base = ecosystem.split(':').next().unwrap_or(ecosystem);
        let own = VENDORS.iter().find(|(name, _)| *name == base).map(|(_, words)| *words)?;
        // A package that names nobody is taken for the distribution's: to pass it over would be the greater error.
        return if own.iter().any(|word| lower.contains(word)) { None } else { by(vendor?) };
    }
    if let Some((_, who)) = ADDRESSES.iter().find(|(address, _)| lower.contains(address)) {
        return by(who);
    }
    if package.ecosystem != Ecosystem::Deb {
        return None;
    }
    if version.contains("~bpo") {
        return Some(format!("it is a backport, of which the advisories on {ecosystem} do not speak"));
    }
    let is_ubuntu = lower.contains("@lists.ubuntu.com") || lower.contains("@canonical.com");
    if !is_ubuntu && version.split('~').skip(1).any(is_codename) {
        return by(vendor.unwrap_or("somebody else"));
    }
    None
}

/// `bookworm`, `jammy1`, `focal+2`.
fn is_codename(text: &str) -> bool {
    let letters = text.find(|c: char| !c.is_ascii_lowercase()).unwrap_or(text.len());
    text.get(..letters).is_some_and(|word| CODENAMES.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_builds_of_others_are_told_from_the_distributions() {
        let by = |ecosystem: &str, kind: Ecosystem, version: &str, vendor: &str| {
            let mut package = Package::new(kind, "x".into(), version.into());
            package.vendor = (!vendor.is_empty()).then(|| vendor.to_owned());
            foreign(ecosystem, &package)
        };
        for (version, vendor, who) in [
            ("15.5-1.pgdg120+1", "", "the PostgreSQL project"),
            ("18.19.0-1nodesource1", "", "NodeSource"),
            ("8.2.14-1+0~20231215.87+debian12~1.gbp+deb.sury.org+1", "", "deb.sury.org"),
            ("1.25.3-1~bookworm", "", "somebody else"),
            ("5:24.0.7-1~debian.12~bookworm", "Docker <support@docker.com>", "Docker"),
            ("8.0.35-1debian12", "MySQL Release Engineering <mysql-build@oss.oracle.com>", "Oracle (MySQL)"),
        ] {
            let reason = by("Debian:12", Ecosystem::Deb, version, vendor).unwrap();
            assert!(reason.contains(&format!("built by {who}, not by the distribution")), "{reason}");
        }
        assert!(by("Debian:12", Ecosystem::Deb, "1.5-1~bpo12+1", "").unwrap().contains("backport"));
        for version in ["3.0.11-1~deb12u2", "1.2-3+b7", "6.2.0-26.26~22.04.1", "2:1.0~rc1-1", "1.0~siders-1"] {
            assert_eq!(by("Debian:12", Ecosystem::Deb, version, "A Person <a@example.org>"), None, "{version}");
        }
        assert_eq!(by("AlmaLinux:9", Ecosystem::Rpm, "1-1.el9", "AlmaLinux"), None);
        assert_eq!(by("AlmaLinux:9", Ecosystem::Rpm, "1-1.el9", ""), None);
        assert!(by("AlmaLinux:9", Ecosystem::Rpm, "1-1.el9", "Fedora Project").unwrap().contains("Fedora Project"));
        assert_eq!(by("Red Hat:8", Ecosystem::Rpm, "1-1.el8", "CentOS"), None);
    }
}
