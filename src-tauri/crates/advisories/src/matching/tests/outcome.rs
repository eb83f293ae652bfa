//! Nothing found, no data, and a release past its end are three results.

use plimsoll_packages::{Ecosystem, Package};

use super::super::{wanted, without_database};
use super::*;
use crate::facts::Support;

#[test]
fn no_data_is_not_nothing_found() {
    let mut case = Case::debian().package(deb("x", "1"));
    assert!(case.left().is_empty());
    for known in [vec![], vec![Known { ecosystem: "Debian:12".into(), data: Data::None, feeds: vec![] }]] {
        case.known = known;
        assert_eq!(case.left(), ["x: the advisory database has no data on Debian:12"]);
        let coverage = &case.facts().coverage[0];
        assert_eq!((coverage.data, coverage.packages, coverage.evaluated), (Data::None, 1, 0));
    }
}

#[test]
fn a_release_past_its_end_is_told_with_its_dates() {
    let mut case = Case::debian().package(deb("x", "1"));
    assert_eq!(case.facts().release.unwrap().support, Support::Supported);
    case.inventory.os.as_mut().unwrap().support_end.as_mut().unwrap().standard = "2020-01-01".into();
    let release = case.facts().release.unwrap();
    assert_eq!((release.support, release.standard_end.as_deref()), (Support::Ended, Some("2020-01-01")));
    assert_eq!(release.ecosystem.as_deref(), Some("Debian:12"));
}

#[test]
fn packages_of_an_unknown_release_are_not_evaluated() {
    let mut case = Case::of("gentoo", "2", "Debian:12").package(deb("x", "1"));
    assert_eq!(case.left(), ["x: Gentoo 2 is known under no name in advisory data"]);
    case.inventory.os = None;
    assert_eq!(case.left(), ["x: the image names no release of a distribution"]);
    assert!(wanted(&case.inventory).is_empty());
}

#[test]
fn without_a_database_the_release_is_still_told() {
    let case = Case::debian().package(deb("x", "1")).package(Package::new(Ecosystem::Npm, "y".into(), "1.0.0".into()));
    let facts = without_database(&case.inventory, "There is no advisory database.", "2026-01-01T00:00:00Z");
    assert_eq!(facts.problem.as_deref(), Some("There is no advisory database."));
    assert_eq!(facts.release.unwrap().support, Support::Supported);
    let coverage: Vec<_> =
        facts.coverage.iter().map(|one| (one.ecosystem.as_str(), one.packages, one.evaluated)).collect();
    assert_eq!(coverage, [("Debian:12", 1, 0), ("npm", 1, 0)]);
    assert!(facts.matches.is_empty() && facts.database.is_none());
}

#[test]
fn both_names_of_a_package_are_looked_up_once() {
    let mut case = Case::debian()
        .package(from_source(deb("libssl3", "1"), "openssl", None))
        .package(deb("openssl", "1"))
        .package(Package::new(Ecosystem::Pypi, "Foo.Bar".into(), "1".into()));
    let wanted = wanted(&case.inventory);
    assert_eq!(wanted[0].ecosystem, "Debian:12");
    assert_eq!(wanted[0].names, ["libssl3", "openssl"]);
    assert_eq!((wanted[1].ecosystem.as_str(), &wanted[1].names[..]), ("PyPI", &["foo-bar".to_owned()][..]));
    case.inventory.packages.clear();
    assert!(super::super::wanted(&case.inventory).is_empty());
}

#[test]
fn matches_come_by_package_and_flaw() {
    let case = Case::debian()
        .package(deb("b", "1"))
        .package(deb("a", "1"))
        .record("CVE-2024-2", bookworm("b"))
        .record("CVE-2024-2", bookworm("a"))
        .record("CVE-2024-1", bookworm("b"));
    assert_eq!(case.found(), ["b: CVE-2024-1", "b: CVE-2024-2", "a: CVE-2024-2"]);
}
