//! Tests of what known vulnerabilities decide.

use super::*;
use crate::a3_release::SupportedRelease;
use crate::facts::tests::{dockerfile, image};
use crate::layers::tests::package;
use plimsoll_advisories::{
    Coverage, DatabaseState, Exploited, Match, NotEvaluated, Release, Said, SourceState, Vulnerability,
};
use plimsoll_packages::OsRelease;

fn said(word: Word) -> Said {
    Said { source: "debian".into(), word, said: None, vector: None, score: None }
}

fn flaw(id: &str, word: Word) -> Vulnerability {
    Vulnerability { id: id.into(), severities: vec![said(word)], ..Vulnerability::default() }
}

fn hit(vulnerability: u32, package: u32, fixed: Option<&str>) -> Match {
    Match {
        vulnerability,
        package,
        fixed: fixed.map(str::to_owned),
        reasons: vec![plimsoll_advisories::Reason {
            record: "DSA-1".into(),
            source: "debian".into(),
            name: "openssl".into(),
            version: "1.0-1".into(),
            span: Some(plimsoll_advisories::Span { fixed: fixed.map(str::to_owned), ..Default::default() }),
            ..Default::default()
        }],
        ..Match::default()
    }
}

/// Two packages, compared with data of yesterday on a supported release.
fn facts(vulnerabilities: Vec<Vulnerability>, matches: Vec<Match>) -> Facts {
    let mut facts = image();
    let read = facts.image.as_mut().unwrap();
    read.inventory.packages = vec![package("libssl3"), package("linux-libc-dev")];
    read.inventory.os = Some(OsRelease { id: "debian".into(), ..OsRelease::default() });
    facts.vulnerabilities = Some(VulnerabilityFacts {
        at: "2026-11-24T10:00:00Z".into(),
        database: Some(DatabaseState {
            id: "abcdef0123456789".into(),
            sources: vec![SourceState {
                feed: "debian-tracker".into(),
                snapshot: Some("2026-11-23".into()),
                ..SourceState::default()
            }],
            ..DatabaseState::default()
        }),
        release: Some(Release {
            id: "debian".into(),
            name: "Debian GNU/Linux 12 (bookworm)".into(),
            support: Support::Supported,
            standard_end: Some("2028-06-30".into()),
            ..Release::default()
        }),
        coverage: vec![Coverage {
            ecosystem: "Debian:12".into(),
            data: Data::WithUnfixed,
            packages: 2,
            evaluated: 2,
            feeds: vec!["debian-tracker".into()],
        }],
        vulnerabilities,
        matches,
        ..VulnerabilityFacts::default()
    });
    facts
}

fn judge_with(facts: &Facts, settings: &Settings) -> Judgement {
    KnownVulnerabilities.judge(facts, settings)
}

fn outcome(facts: &Facts) -> OutcomeKind {
    judge_with(facts, &Settings::default()).outcome
}

fn change(facts: &mut Facts, change: impl FnOnce(&mut VulnerabilityFacts)) {
    change(facts.vulnerabilities.as_mut().unwrap());
}

#[test]
fn nothing_found_passes_only_when_everything_was_looked_at_on_good_data() {
    let clean = || facts(vec![], vec![]);
    let judgement = judge_with(&clean(), &Settings::default());
    assert_eq!(judgement.outcome, OutcomeKind::Pass, "{}", judgement.summary);
    assert!(judgement.summary.contains("no known vulnerability found"), "{}", judgement.summary);
    type Change = fn(&mut VulnerabilityFacts);
    let cases: [(&str, Change); 6] = [
        ("no data on Debian:12", |found| found.coverage[0].data = Data::None),
        ("gets no security fixes since", |found| found.release.as_mut().unwrap().support = Support::Ended),
        ("could not be evaluated", |found| {
            found.not_evaluated = vec![NotEvaluated { package: 0, reason: "its version (devel) is no version".into() }];
        }),
        ("days old", |found| found.database.as_mut().unwrap().sources[0].snapshot = Some("2026-08-01".into())),
        ("is not known", |found| found.database.as_mut().unwrap().sources.clear()),
        ("Import advisories", |found| {
            found.database = None;
            found.problem = Some("No advisory database was named".into());
        }),
    ];
    for (part, doubt) in cases {
        let mut facts = clean();
        change(&mut facts, doubt);
        let judgement = judge_with(&facts, &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Undecided, "{part}");
        assert!(judgement.summary.contains(part), "{part}: {}", judgement.summary);
    }
    let mut empty = clean();
    empty.image.as_mut().unwrap().inventory.packages.clear();
    assert_eq!(outcome(&empty), OutcomeKind::Undecided);
    let mut old = clean();
    old.vulnerabilities = None;
    assert_eq!(outcome(&old), OutcomeKind::Undecided);
    assert_eq!(outcome(&dockerfile("FROM debian:12\n")), OutcomeKind::NotApplicable);
}

#[test]
fn the_profile_says_what_fails() {
    let of = |word, fixed: Option<&str>| facts(vec![flaw("CVE-2026-1", word)], vec![hit(0, 0, fixed)]);
    assert_eq!(outcome(&of(Word::High, Some("2"))), OutcomeKind::Fail);
    assert_eq!(outcome(&of(Word::High, None)), OutcomeKind::Pass);
    assert_eq!(outcome(&of(Word::Medium, Some("2"))), OutcomeKind::Pass);
    // Nobody knows how severe it is: a person says.
    assert_eq!(outcome(&of(Word::Unknown, Some("2"))), OutcomeKind::Undecided);
    let mut strict = Settings::default();
    strict.vulnerabilities.only_fixable = false;
    strict.vulnerabilities.fail_from = Word::Medium;
    assert_eq!(judge_with(&of(Word::High, None), &strict).outcome, OutcomeKind::Fail);
    assert_eq!(judge_with(&of(Word::Medium, Some("2")), &strict).outcome, OutcomeKind::Fail);
    let mut fixed_only = of(Word::Low, Some("2"));
    change(&mut fixed_only, |found| found.coverage[0].data = Data::FixedOnly);
    assert_eq!(judge_with(&fixed_only, &strict).outcome, OutcomeKind::Undecided);
    assert_eq!(outcome(&fixed_only), OutcomeKind::Pass);
    strict.vulnerabilities.fail_from = Word::None;
    assert_eq!(judge_with(&of(Word::Unknown, None), &strict).outcome, OutcomeKind::Fail);
}

#[test]
fn what_is_exploited_or_malicious_fails_whatever_its_severity() {
    let mut exploited = facts(vec![flaw("CVE-2026-1", Word::Low)], vec![hit(0, 0, None)]);
    change(&mut exploited, |found| {
        found.vulnerabilities[0].exploited = Some(Exploited { added: "2026-10-01".into(), ..Exploited::default() });
    });
    let judgement = judge_with(&exploited, &Settings::default());
    assert_eq!(judgement.outcome, OutcomeKind::Fail);
    assert!(judgement.observations[0].message.contains("known to be exploited"));
    let mut lenient = Settings::default();
    lenient.vulnerabilities.fail_exploited = false;
    assert_eq!(judge_with(&exploited, &lenient).outcome, OutcomeKind::Pass);
    let mut malicious = facts(vec![flaw("MAL-1", Word::Unknown)], vec![hit(0, 0, None)]);
    change(&mut malicious, |found| found.vulnerabilities[0].malicious = true);
    assert_eq!(judge_with(&malicious, &lenient).outcome, OutcomeKind::Fail);
}

#[test]
fn kernel_headers_are_left_out_and_counted() {
    let mut headers = facts(vec![flaw("CVE-2026-1", Word::Critical)], vec![hit(0, 1, Some("2"))]);
    change(&mut headers, |found| found.matches[0].kernel_headers = true);
    let judgement = judge_with(&headers, &Settings::default());
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
    assert!(judgement.summary.contains("kernel headers"), "{}", judgement.summary);
}

#[test]
fn each_match_is_named_with_its_proof() {
    let facts = facts(vec![flaw("CVE-2026-1", Word::High)], vec![hit(0, 0, Some("1.0-2"))]);
    let judgement = judge_with(&facts, &Settings::default());
    let seen = &judgement.observations[0];
    for part in [
        "CVE-2026-1 in libssl3 1.0-1: high by debian",
        "fixed in 1.0-2",
        "DSA-1 says so of openssl 1.0-1 (affected before 1.0-2)",
    ] {
        assert!(seen.message.contains(part), "{part}: {}", seen.message);
    }
    assert_eq!(seen.severity, Severity::High);
    assert_eq!(seen.reproduce.as_deref(), Some("dpkg --compare-versions 1.0-1 lt 1.0-2 && echo affected"));
    assert!(
        judgement.summary.contains("one of them fails") || judgement.summary.contains("1 of them fails"),
        "{}",
        judgement.summary
    );
}

#[test]
fn a_package_that_cannot_be_evaluated_may_be_allowed_with_a_reason() {
    let mut facts = facts(vec![], vec![]);
    change(&mut facts, |found| {
        found.not_evaluated = vec![NotEvaluated { package: 0, reason: "it has no version".into() }];
    });
    let mut settings = Settings::default();
    settings.allowances.push(crate::Allowance {
        check: KNOWN_VULNERABILITIES.into(),
        what: "libssl3".into(),
        reason: "the client's own build".into(),
    });
    let judgement = judge_with(&facts, &settings);
    assert_eq!(judgement.outcome, OutcomeKind::Pass);
    assert!(judgement.observations[0].message.contains("the client's own build"));
}

#[test]
fn a_release_past_its_end_of_life_is_a_finding_of_its_own() {
    let of = |support| {
        let mut facts = facts(vec![], vec![]);
        change(&mut facts, |found| found.release.as_mut().unwrap().support = support);
        SupportedRelease.judge(&facts, &Settings::default()).outcome
    };
    assert_eq!(of(Support::Supported), OutcomeKind::Pass);
    assert_eq!(of(Support::Extended), OutcomeKind::Pass);
    assert_eq!(of(Support::Ended), OutcomeKind::Fail);
    assert_eq!(of(Support::Unknown), OutcomeKind::Undecided);
    let mut none = facts(vec![], vec![]);
    none.image.as_mut().unwrap().inventory.os = None;
    assert_eq!(SupportedRelease.judge(&none, &Settings::default()).outcome, OutcomeKind::Undecided);
    none.image.as_mut().unwrap().inventory.packages.clear();
    assert_eq!(SupportedRelease.judge(&none, &Settings::default()).outcome, OutcomeKind::NotApplicable);
}

#[test]
fn a_bill_of_materials_is_judged_by_its_packages_and_leaves_the_rest_open() {
    let mut facts = facts(vec![flaw("CVE-2026-1", Word::High)], vec![hit(0, 0, Some("2"))]);
    let image = facts.image.take().unwrap();
    facts.sbom = Some(plimsoll_sbom::SbomFacts { inventory: image.inventory, ..Default::default() });
    for outcome in crate::judge("s1", &facts, &Settings::default()) {
        let expected = match outcome.check.as_str() {
            KNOWN_VULNERABILITIES => OutcomeKind::Fail,
            crate::SUPPORTED_RELEASE => OutcomeKind::Pass,
            _ => OutcomeKind::Undecided,
        };
        assert_eq!(outcome.outcome, expected, "{}", outcome.check);
        assert!(outcome.observations.iter().all(|observation| observation.location.is_some()));
    }
}

#[test]
fn an_unneeded_package_with_a_flaw_weighs_more() {
    let mut facts = facts(vec![flaw("CVE-2026-1", Word::Critical)], vec![hit(0, 0, None)]);
    facts.image.as_mut().unwrap().inventory.packages[0] = package("curl");
    let judged = crate::check("unneeded-packages").unwrap().judge(&facts, &Settings::default());
    let curl = judged.observations.iter().find(|seen| seen.message.starts_with("curl ")).unwrap();
    assert_eq!(curl.severity, Severity::Critical);
    assert!(curl.message.contains("one known vulnerability, the worst CVE-2026-1"), "{}", curl.message);
    assert!(judged.summary.contains("One of them has known vulnerabilities"), "{}", judged.summary);
}
