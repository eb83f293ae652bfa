//! The window's view of an engagement with known vulnerabilities.

use plimsoll_advisories::{
    Coverage, Data, DatabaseState, Epss, Exploited, Match, NotEvaluated, Reason, Release, Said, SourceState, Span,
    Support, Vulnerability, VulnerabilityFacts, Word,
};
use plimsoll_catalog::Language;
use plimsoll_packages::Inventory;

use super::*;
use crate::acceptances::today;
use crate::reach::Reach;
use crate::run::{collect_all, requests};
use crate::vulnerability_view::FacetValue;

fn flaw(id: &str, word: Word) -> Vulnerability {
    let said = Said { source: "debian".into(), word, said: None, vector: None, score: None };
    Vulnerability {
        id: id.into(),
        summary: "A flaw in the Harbour".into(),
        severities: vec![said],
        ..Default::default()
    }
}

fn matched(vulnerability: u32, package: u32, fixed: Option<&str>) -> Match {
    let reason = Reason {
        record: format!("DEBIAN-{vulnerability}"),
        source: "debian".into(),
        feed: "debian-tracker".into(),
        ecosystem: "Debian:12".into(),
        name: "x".into(),
        version: "1".into(),
        span: Some(Span { fixed: fixed.map(str::to_owned), ..Span::default() }),
        ..Reason::default()
    };
    Match { vulnerability, package, fixed: fixed.map(str::to_owned), reasons: vec![reason], ..Match::default() }
}

/// Three flaws in the first packages, one of them in two of them; and one in kernel headers.
fn scan(inventory: &Inventory) -> VulnerabilityFacts {
    assert!(inventory.packages.len() > 3);
    let mut exploited = flaw("CVE-2026-10", Word::Medium);
    exploited.exploited = Some(Exploited { added: "2026-11-01".into(), due: None, ransomware: true });
    exploited.epss = Some(Epss { score: 50_000, percentile: 99_000, date: None });
    let mut headers = matched(3, 3, None);
    headers.kernel_headers = true;
    VulnerabilityFacts {
        at: "2026-11-24T00:00:00Z".into(),
        database: Some(DatabaseState {
            id: "0123456789abcdef".into(),
            path: "x.db".into(),
            sources: vec![SourceState {
                feed: "debian-tracker".into(),
                title: "Debian security tracker".into(),
                snapshot: Some("2026-11-23".into()),
                ..SourceState::default()
            }],
        }),
        release: Some(Release {
            id: "debian".into(),
            name: "Debian GNU/Linux 12 (bookworm)".into(),
            ecosystem: Some("Debian:12".into()),
            support: Support::Supported,
            ..Release::default()
        }),
        coverage: vec![Coverage {
            ecosystem: "Debian:12".into(),
            data: Data::WithUnfixed,
            packages: 5,
            evaluated: 4,
            feeds: vec!["debian-tracker".into()],
        }],
        vulnerabilities: vec![
            flaw("CVE-2026-9", Word::Critical),
            exploited,
            flaw("CVE-2025-77", Word::Low),
            flaw("CVE-2024-1", Word::High),
        ],
        matches: vec![
            matched(0, 0, Some("2.0")),
            matched(0, 1, Some("2.0")),
            matched(1, 1, None),
            matched(2, 2, Some("3")),
            headers,
        ],
        not_evaluated: vec![NotEvaluated { package: 4, reason: "it has no version".into() }],
        ..VulnerabilityFacts::default()
    }
}

async fn session() -> (tempfile::TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let mut engagement = crate::sample::open(folder.path()).unwrap();
    let mut reach = Reach::of(&engagement, &[]).unwrap();
    reach.advisories = Advisories::None;
    let mut found = collect_all(&requests(&engagement).unwrap(), &reach, &Job::silent()).await.unwrap();
    let facts = found[0].facts.as_mut().unwrap();
    facts.vulnerabilities = facts.inventory().map(scan);
    let ids: Vec<String> = engagement.subjects().unwrap().into_iter().map(|subject| subject.id).collect();
    record(&mut engagement, "2026-11-24T00:00:00Z", &ids, &mut found).unwrap();
    (folder, Session::of(engagement, Language::En))
}

fn query() -> VulnerabilityQuery {
    VulnerabilityQuery { limit: 100, ..VulnerabilityQuery::default() }
}

fn facet(page: &VulnerabilityPage, name: &str) -> Vec<(String, u32)> {
    let facet = page.facets.iter().find(|facet| facet.name == name).unwrap();
    facet.values.iter().map(|FacetValue { value, count, .. }| (value.clone(), *count)).collect()
}

#[tokio::test]
async fn rows_are_restricted_ordered_and_counted() {
    let (_folder, session) = session().await;
    let page = session.vulnerabilities(&query()).unwrap();
    assert_eq!((page.total, page.all, page.kernel_hidden), (4, 5, 1));
    let ids: Vec<&str> = page.rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["CVE-2026-9", "CVE-2026-9", "CVE-2026-10", "CVE-2025-77"]);
    let own = |list: &[(&str, u32)]| -> Vec<(String, u32)> {
        list.iter().map(|(value, count)| ((*value).to_owned(), *count)).collect()
    };
    assert_eq!(facet(&page, "severity"), own(&[("critical", 2), ("medium", 1), ("low", 1)]));
    assert_eq!(facet(&page, "fixable"), own(&[("true", 3), ("false", 1)]));
    assert_eq!(facet(&page, "ecosystem"), own(&[("Debian:12", 4)]));

    // A facet counts what its other values would leave.
    let critical = VulnerabilityQuery { severities: vec!["critical".into()], ..query() };
    let page = session.vulnerabilities(&critical).unwrap();
    assert_eq!(page.total, 2);
    assert_eq!(facet(&page, "severity"), own(&[("critical", 2), ("medium", 1), ("low", 1)]));
    assert_eq!(facet(&page, "exploited"), own(&[("false", 2)]));

    let ids = |query: &VulnerabilityQuery| -> Vec<String> {
        session.vulnerabilities(query).unwrap().rows.into_iter().map(|row| row.id).collect()
    };
    let by_id = VulnerabilityQuery { sort: "id".into(), ..query() };
    assert_eq!(ids(&by_id), ["CVE-2025-77", "CVE-2026-9", "CVE-2026-9", "CVE-2026-10"]);
    assert_eq!(ids(&VulnerabilityQuery { descending: true, ..by_id.clone() })[0], "CVE-2026-10");
    assert_eq!(ids(&VulnerabilityQuery { offset: 1, limit: 2, ..by_id.clone() }), ["CVE-2026-9", "CVE-2026-9"]);
    assert_eq!(ids(&VulnerabilityQuery { exploited: true, ..query() }), ["CVE-2026-10"]);
    assert_eq!(ids(&VulnerabilityQuery { text: "harbour 2025".into(), ..query() }), ["CVE-2025-77"]);
    assert_eq!(ids(&VulnerabilityQuery { fixable: Some(false), kernel_headers: true, ..query() }).len(), 2);
    assert!(ids(&VulnerabilityQuery { subject: Some("s2".into()), ..query() }).is_empty());
    assert!(ids(&VulnerabilityQuery { limit: 0, ..query() }).is_empty());
    for sort in ["severity", "package", "subject", "score", "epss", "fixed", "layer", "state", "nonsense"] {
        assert_eq!(ids(&VulnerabilityQuery { sort: sort.into(), ..query() }).len(), 4, "{sort}");
    }
}

#[tokio::test]
async fn the_scan_of_each_subject_is_told_and_the_picture_counts_flaws_once() {
    let (_folder, mut session) = session().await;
    let page = session.vulnerabilities(&query()).unwrap();
    let scan = &page.scans[0];
    assert_eq!((scan.result.as_str(), scan.total, scan.fixable, scan.exploited), ("matched", 4, 3, 1));
    assert_eq!(scan.counts, [2, 0, 1, 1, 0, 0]);
    assert_eq!((scan.evaluated, scan.not_evaluated.len(), scan.database.as_str()), (4, 1, "0123456789ab"));
    assert!(scan.notes.iter().any(|note| note.contains("kernel headers")), "{:?}", scan.notes);
    assert_eq!(page.scans[1].result, "no-database");
    assert_eq!(page.scans.len(), 2);
    session.set_category("s1", Some("web")).unwrap();
    let page = session.vulnerabilities(&query()).unwrap();
    let bar = page.picture.iter().find(|bar| bar.category == "web").unwrap();
    assert_eq!((bar.subjects, bar.total, bar.fixable, bar.counts), (1, 3, 2, [1, 0, 1, 1, 0, 0]));
    assert_eq!((page.scans[0].category.as_str(), page.scans[0].category_from.as_str()), ("web", "auditor"));
    assert!(session.set_category("s1", Some("ships")).is_err() && session.set_category("s9", None).is_err());
    session.set_category("s1", None).unwrap();
    assert_ne!(session.vulnerabilities(&query()).unwrap().scans[0].category_from, "auditor");
}

#[tokio::test]
async fn a_row_is_opened_and_its_risk_accepted_for_a_time() {
    let (_folder, mut session) = session().await;
    let view = session.vulnerability("s1", 0).unwrap();
    assert_eq!((view.row.id.as_str(), view.also.len(), view.elsewhere.len()), ("CVE-2026-9", 1, 0));
    assert_eq!(view.severities[0].source, "Debian");
    assert_eq!(view.reasons[0].feed, "Debian security tracker, 2026-11-23");
    assert!(view.reproduce.iter().any(|command| command.starts_with("dpkg --compare-versions 1 lt 2.0")));
    assert_eq!(session.vulnerability("s1", 2).unwrap().exploited.unwrap().0, "2026-11-01");
    assert!(session.vulnerability("s1", 99).is_err() && session.vulnerability("s2", 0).is_err());
    let new = NewAcceptance {
        vulnerability: "CVE-2026-9".into(),
        owner: "Kim".into(),
        expires: (today() + time::Duration::days(3)).to_string(),
        reason: "It is not reachable.".into(),
        ..NewAcceptance::default()
    };
    assert!(session.accept_risk(&NewAcceptance { owner: " ".into(), ..new.clone() }).is_err());
    assert_eq!(session.accept_risk(&new).unwrap(), "A-1");
    let page = session.vulnerabilities(&VulnerabilityQuery { states: vec!["accepted".into()], ..query() }).unwrap();
    // It explains a failure and never makes it a pass.
    assert!(page.total == 2 && page.rows.iter().all(|row| row.counts));
    assert_eq!(session.acceptances().unwrap()[0].rows, 2);
    assert_eq!(session.vulnerability("s1", 0).unwrap().acceptances[0].owner, "Kim");
    session.withdraw_acceptance("A-1", "a fix came").unwrap();
    assert!(session.acceptances().unwrap().is_empty());
}

#[tokio::test]
async fn a_bill_is_written_and_matching_again_reads_no_image() {
    let (folder, mut session) = session().await;
    let path = folder.path().join("shop.cdx.json");
    session.export_sbom("s1", "cyclonedx", &path).unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains("CVE-2026-9") && text.contains("wget"));
    assert!(session.export_sbom("s1", "pdf", &path).is_err() && session.export_sbom("s3", "spdx", &path).is_err());
    let collected = facts_of(&session.engagement, "s1").unwrap().unwrap().collected;
    std::fs::remove_file(folder.path().join("shop.tar")).unwrap();
    assert!(session.match_again(Some(&folder.path().join("none.db"))).is_err());
    session.match_again(None).unwrap();
    let facts = facts_of(&session.engagement, "s1").unwrap().unwrap();
    assert_eq!(facts.collected, collected);
    assert_ne!(facts.vulnerabilities.unwrap().at, "2026-11-24T00:00:00Z");
    assert_eq!(session.engagement.runs().unwrap().len(), 2);
    assert!(session.folder("s1", None, "/").is_ok());
}

#[tokio::test]
async fn fifty_thousand_rows_are_paged_out_of_one_table() {
    let (_folder, mut session) = session().await;
    let mut facts = facts_of(&session.engagement, "s1").unwrap().unwrap();
    facts.tree = tree_of(&session.engagement, &facts).unwrap();
    let mut many = scan(facts.inventory().unwrap());
    many.vulnerabilities = (0..50_000).map(|n| flaw(&format!("CVE-2026-{n}"), Word::High)).collect();
    many.matches = (0..50_000).map(|n| matched(n, n % 4, Some("2"))).collect();
    facts.vulnerabilities = Some(many);
    record(&mut session.engagement, "2026-11-24T00:00:00Z", &["s1".to_owned()], &mut [Found { facts: Ok(facts) }])
        .unwrap();
    let first = session.table().unwrap();
    let page = session.vulnerabilities(&VulnerabilityQuery { offset: 49_900, limit: 5_000, ..query() }).unwrap();
    assert_eq!((page.total, page.rows.len()), (50_000, 100));
    let page = session.vulnerabilities(&VulnerabilityQuery { limit: 5_000, ..query() }).unwrap();
    assert_eq!(page.rows.len(), 500);
    assert!(Arc::ptr_eq(&first, &session.table().unwrap()));
    session.set_language(Language::De);
    assert!(!Arc::ptr_eq(&first, &session.table().unwrap()));
}
