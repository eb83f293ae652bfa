//! Several records and ids of one flaw, and what is said of it beside them.

use super::*;
use crate::facts::{Epss, Exploited};
use crate::record::{Said, Word};

fn before_two(name: &str) -> Row {
    fixed(bookworm(name), "2")
}

fn said(source: &str, vector: Option<&str>) -> Said {
    Said { source: source.into(), word: Word::High, said: None, vector: vector.map(str::to_owned), score: None }
}

#[test]
fn ids_of_one_flaw_are_one_flaw() {
    let case = Case::debian()
        .package(deb("x", "1"))
        .record_of("osv:a", "GHSA-2", &[(Relation::Alias, "CVE-2024-10")], vec![before_two("x")])
        .record_of("osv:a", "PYSEC-1", &[(Relation::Alias, "GHSA-2")], vec![before_two("x")])
        .record_of("osv:a", "DEBIAN-CVE-2024-10", &[(Relation::Upstream, "CVE-2024-10")], vec![before_two("x")])
        .record("CVE-2024-9", before_two("x"));
    let facts = case.facts();
    let flaws: Vec<&str> = facts.vulnerabilities.iter().map(|one| one.id.as_str()).collect();
    assert_eq!(flaws, ["CVE-2024-10", "CVE-2024-9"]);
    assert_eq!(facts.vulnerabilities[0].aliases, ["DEBIAN-CVE-2024-10", "GHSA-2", "PYSEC-1"]);
    assert_eq!(facts.matches[0].reasons.len(), 3);
}

#[test]
fn a_record_with_two_cve_ids_is_about_two_flaws() {
    let aliases = [(Relation::Alias, "CVE-2024-100"), (Relation::Alias, "CVE-2024-20")];
    let case = Case::debian().package(deb("x", "1")).record_of("f", "GHSA-1", &aliases, vec![before_two("x")]);
    assert_eq!(case.found(), ["x: CVE-2024-100", "x: CVE-2024-20"]);
}

#[test]
fn an_advisory_about_several_flaws_stands_for_each() {
    let related = [(Relation::Related, "CVE-2024-1"), (Relation::Related, "CVE-2024-2")];
    let case =
        Case::debian().package(deb("x", "1")).record_of("osv:Debian", "DSA-1-1", &related, vec![before_two("x")]);
    assert_eq!(case.found(), ["x: CVE-2024-1", "x: CVE-2024-2"]);
    let facts = case.facts();
    assert_eq!(facts.vulnerabilities[1].aliases, ["DSA-1-1"]);
    assert_eq!(facts.matches[1].reasons[0].record, "DSA-1-1");
}

#[test]
fn flaws_that_were_fixed_together_stay_apart() {
    let case = Case::debian()
        .package(deb("x", "1"))
        .record_of("f", "CVE-2024-1", &[(Relation::Alias, "XSA-1")], vec![before_two("x")])
        .record_of("f", "CVE-2024-2", &[(Relation::Alias, "XSA-1")], vec![before_two("x")]);
    assert_eq!(case.found(), ["x: CVE-2024-1", "x: CVE-2024-2"]);
}

#[test]
fn a_registrys_related_flaws_are_other_flaws() {
    let python = plimsoll_packages::Package::new(plimsoll_packages::Ecosystem::Pypi, "x".into(), "1".into());
    let case = Case::default().knows("PyPI").package(python).record_of(
        "osv:PyPI",
        "GHSA-1",
        &[(Relation::Related, "CVE-2024-1"), (Relation::Related, "CVE-2024-2")],
        vec![row("PyPI", "x", NameKind::Either)],
    );
    assert_eq!(case.found(), ["x: GHSA-1"]);
}

#[test]
fn the_record_of_the_flaw_counts_before_the_advisory_and_both_are_told() {
    let case = Case::debian()
        .package(deb("x", "1"))
        .record_of(
            "osv:Debian",
            "DSA-1-1",
            &[(Relation::Related, "CVE-2024-1"), (Relation::Related, "CVE-2024-2")],
            vec![fixed(bookworm("x"), "3")],
        )
        .record_of("osv:Debian", "DEBIAN-CVE-2024-1", &[(Relation::Upstream, "CVE-2024-1")], vec![before_two("x")]);
    let facts = case.facts();
    assert_eq!(facts.matches[0].fixed.as_deref(), Some("2"));
    let reasons: Vec<&str> = facts.matches[0].reasons.iter().map(|one| one.record.as_str()).collect();
    assert_eq!(reasons, ["DEBIAN-CVE-2024-1", "DSA-1-1"]);
    assert_eq!(facts.matches[1].fixed.as_deref(), Some("3"));
}

#[test]
fn the_more_trusted_feed_decides() {
    let of = |state: State, feed: &str| {
        Case::debian()
            .package(deb("x", "1"))
            .record_of(feed, "CVE-2024-1", &[], vec![Row { state, ..bookworm("x") }])
            .record_of("debian-oval:12", "CVE-2024-1", &[], vec![before_two("x")])
    };
    for feed in ["debian-tracker", "osv:Debian"] {
        let one = of(State::FixDeferred, feed).one();
        assert_eq!((one.state, one.reasons.len(), one.reasons[0].feed.as_str()), (State::FixDeferred, 2, feed));
        assert!(of(State::NotAffected, feed).found().is_empty());
    }
    // A less trusted one does not acquit.
    assert_eq!(of(State::NotAffected, "debian-lists").found(), ["x: CVE-2024-1"]);
}

#[test]
fn not_affected_alone_is_no_match() {
    let row = Row { state: State::NotAffected, ..bookworm("x") };
    let case = Case::debian().package(deb("x", "1")).record("CVE-2024-1", row);
    let facts = case.facts();
    assert!(facts.matches.is_empty() && facts.vulnerabilities.is_empty());
}

#[test]
fn a_rejected_id_does_not_drop_the_others_of_its_flaw() {
    let alone = Case::debian()
        .package(deb("x", "1"))
        .record_of("f", "DEBIAN-CVE-2024-1", &[(Relation::Upstream, "CVE-2024-1")], vec![before_two("x")])
        .record("CVE-2024-1", before_two("x"))
        .rejected("CVE-2024-1");
    assert!(alone.found().is_empty());
    let others = Case::debian()
        .package(deb("x", "1"))
        .record_of("f", "GHSA-1", &[(Relation::Alias, "CVE-2024-1")], vec![before_two("x")])
        .record_of(
            "f",
            "DSA-1-1",
            &[(Relation::Related, "CVE-2024-1"), (Relation::Related, "CVE-2024-2")],
            vec![before_two("x")],
        )
        .rejected("CVE-2024-1");
    assert_eq!(others.found(), ["x: CVE-2024-2", "x: GHSA-1"]);
    let advisory = Case::debian()
        .package(deb("x", "1"))
        .record_of("f", "DSA-1-1", &[(Relation::Related, "CVE-2024-1")], vec![before_two("x")])
        .rejected("CVE-2024-1");
    assert_eq!(advisory.found(), ["x: DSA-1-1"]);
}

#[test]
fn severities_are_gathered_each_once() {
    let vector = Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H");
    let mut case = Case::debian().package(deb("x", "1"));
    let of_row = Row { severities: vec![said("debian", None)], ..before_two("x") };
    case = case.record("CVE-2024-1", of_row.clone()).record("CVE-2024-1", of_row);
    case.details[0].severities = vec![said("github", vector), said("debian", None)];
    case.details[1].severities = vec![said("github", vector)];
    case.about.push(About {
        cve: "CVE-2024-1".into(),
        severities: vec![said("nvd", vector)],
        summary: Some("In NVD's words.".into()),
        exploited: Some(Exploited { added: "2024-01-01".into(), due: None, ransomware: true }),
        epss: Some(Epss { score: 5, percentile: 6, date: None }),
        ..About::default()
    });
    let facts = case.facts();
    let flaw = &facts.vulnerabilities[0];
    let sources: Vec<&str> = flaw.severities.iter().map(|one| one.source.as_str()).collect();
    assert_eq!(sources, ["github", "debian", "nvd"]);
    assert_eq!(facts.matches[0].severities.len(), 1);
    assert_eq!(flaw.summary, "In NVD's words.");
    assert!(flaw.exploited.is_some() && flaw.epss.is_some());
}

#[test]
fn cve_ids_are_found_wherever_a_record_names_them() {
    let case = Case::debian().record_of(
        "f",
        "UBUNTU-CVE-2024-3",
        &[(Relation::Alias, "GHSA-1"), (Relation::Related, "CVE-2024-1"), (Relation::Upstream, "CVE-2024-3")],
        Vec::new(),
    );
    assert_eq!(super::super::cves(&case.details), ["CVE-2024-1", "CVE-2024-3"]);
}

#[test]
fn a_record_that_was_not_given_is_still_a_match() {
    let mut case = Case::debian().package(deb("x", "1")).record("CVE-2024-1", before_two("x"));
    case.details.clear();
    assert_eq!(case.found(), ["x: record 1"]);
}
