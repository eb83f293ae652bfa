//! The traps of package registries' data.

use plimsoll_packages::{Ecosystem, Package};

use super::*;

fn of(ecosystem: &str, kind: Ecosystem, name: &str, version: &str) -> Case {
    Case::default().knows(ecosystem).package(Package::new(kind, name.into(), version.into()))
}

fn any(ecosystem: &str, name: &str) -> Row {
    row(ecosystem, name, NameKind::Either)
}

#[test]
fn names_meet_in_their_registrys_normal_form() {
    let case = of("PyPI", Ecosystem::Pypi, "Flask_SQLAlchemy", "1.0")
        .record("GHSA-1", fixed(any("PyPI", "flask-sqlalchemy"), "2.0"));
    assert_eq!(case.found(), ["Flask_SQLAlchemy: GHSA-1"]);
}

#[test]
fn versions_of_go_that_name_no_release_are_never_safe() {
    let devel = of("Go", Ecosystem::Golang, "example.org/x", "(devel)")
        .record("GO-2024-1", fixed(any("Go", "example.org/x"), "1.2.0"));
    assert!(devel.found().is_empty());
    assert_eq!(devel.left(), ["example.org/x: its version (devel) is no version"]);

    // A commit without a tag: sorted before all releases, it may well be later.
    let commit = |row: Row| {
        of("Go", Ecosystem::Golang, "example.org/x", "v0.0.0-20240102150405-0123456789ab").record("GO-2024-1", row)
    };
    let later = commit(fixed(introduced(any("Go", "example.org/x"), "1.1.0"), "1.2.0"));
    assert!(later.found().is_empty());
    assert!(later.left()[0].contains("names a commit") && later.left()[0].contains("GO-2024-1"));
    let fix = "0.0.0-20240301000000-aaaaaaaaaaaa";
    assert_eq!(commit(fixed(any("Go", "example.org/x"), fix)).found().len(), 1);
    let fix = "0.0.0-20230301000000-aaaaaaaaaaaa";
    let fixed_before = commit(fixed(any("Go", "example.org/x"), fix));
    assert_eq!((fixed_before.found().len(), fixed_before.left().len()), (0, 0));
}

#[test]
fn the_standard_library_of_go_is_compared() {
    let of = |version: &str| {
        of("Go", Ecosystem::Golang, "stdlib", version)
            .record("GO-2024-1", fixed(introduced(any("Go", "stdlib"), "1.22.0-0"), "1.22.3"))
            .found()
            .len()
    };
    assert_eq!([of("1.22.2"), of("1.22.3"), of("1.21.9")], [1, 0, 0]);
}

#[test]
fn the_last_affected_version_is_affected() {
    let of = |version: &str| {
        let mut row = any("npm", "x");
        row.span.as_mut().unwrap().last_affected = Some("1.2.3".into());
        of("npm", Ecosystem::Npm, "x", version).record("GHSA-1", row).found().len()
    };
    assert_eq!([of("1.2.3"), of("1.2.4"), of("0.1.0")], [1, 0, 1]);
}

#[test]
fn a_listed_version_counts_beside_ranges() {
    let rows = || {
        vec![
            fixed(any("PyPI", "x"), "1.0"),
            listed(any("PyPI", "x"), "2.0"),
            fixed(introduced(any("PyPI", "x"), "3"), "3.1"),
        ]
    };
    let of = |version: &str| of("PyPI", Ecosystem::Pypi, "x", version).record_of("f", "GHSA-1", &[], rows());
    let one = of("2.0.0").one();
    assert_eq!((one.fixed.as_deref(), &one.reasons[0].span), (Some("3.1"), &None));
    assert!(of("2.1").found().is_empty());
    assert!(of("2.1").left().is_empty());
}

#[test]
fn a_version_outside_the_order_still_meets_listed_ones() {
    let rows = || vec![listed(any("PyPI", "x"), "2004d"), fixed(any("PyPI", "x"), "3000")];
    let case = of("PyPI", Ecosystem::Pypi, "x", "2004d").record_of("f", "GHSA-1", &[], rows());
    assert_eq!(case.found(), ["x: GHSA-1"]);
    assert_eq!(case.left(), ["x: its version 2004d is no version"]);
}

#[test]
fn an_artifact_without_its_group_is_not_evaluated() {
    let case = of("Maven", Ecosystem::Maven, "log4j-core", "2.14").record("GHSA-1", any("Maven", "log4j-core"));
    assert!(case.found().is_empty());
    assert!(case.left()[0].contains("group"));
}

#[test]
fn malicious_packages_are_called_so() {
    let mut case = of("npm", Ecosystem::Npm, "evil", "1.0.0").record("MAL-2024-1", listed(any("npm", "evil"), "1.0.0"));
    case.details[0].malicious = true;
    assert!(case.facts().vulnerabilities[0].malicious);
    assert_eq!(case.one().fixed, None);
}

#[test]
fn a_version_before_the_first_affected_one_is_safe() {
    let case = of("crates.io", Ecosystem::Cargo, "x", "0.9.0")
        .record("RUSTSEC-2024-1", introduced(any("crates.io", "x"), "1.0.0"));
    assert!(case.found().is_empty() && case.left().is_empty());
    let zero = of("crates.io", Ecosystem::Cargo, "x", "0.0.0-alpha")
        .record("RUSTSEC-2024-1", fixed(introduced(any("crates.io", "x"), "0"), "1.0.0"));
    assert_eq!(zero.found().len(), 1);
}
