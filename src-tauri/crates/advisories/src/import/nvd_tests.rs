//! NVD's records, in literals.

use proptest::prelude::*;

use super::super::testing::{Kept, mutate, read};
use super::*;
use crate::record::Word;

const FEED: &str = r#"{
  "resultsPerPage": 2, "startIndex": 0, "totalResults": 2, "format": "NVD_CVE", "version": "2.0",
  "timestamp": "2026-01-02T03:04:05.678",
  "vulnerabilities": [
    {"cve": {"id": "CVE-2024-1111", "sourceIdentifier": "a@b.example", "vulnStatus": "Analyzed",
      "descriptions": [{"lang": "es", "value": "hola"}, {"lang": "en", "value": "Something \n overflows."}],
      "metrics": {
        "cvssMetricV31": [
          {"source": "a@b.example", "type": "Secondary",
           "cvssData": {"version": "3.1", "vectorString": "CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H", "baseScore": 7.8, "baseSeverity": "HIGH"}},
          {"source": "nvd@nist.gov", "type": "Primary",
           "cvssData": {"version": "3.1", "vectorString": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "baseScore": 9.8, "baseSeverity": "CRITICAL"}}],
        "cvssMetricV2": [
          {"source": "nvd@nist.gov", "type": "Primary", "baseSeverity": "HIGH",
           "cvssData": {"version": "2.0", "vectorString": "AV:N/AC:L/Au:N/C:P/I:P/A:P", "baseScore": 7.5}}]},
      "configurations": [{"nodes": [{"cpeMatch": [{"criteria": "cpe:2.3:a:x:y:*:*:*:*:*:*:*:*"}]}]}]}},
    {"cve": {"id": "CVE-2024-2222", "vulnStatus": "Rejected", "descriptions": [{"lang": "en", "value": "Rejected reason: none."}]}}
  ]
}"#;

const SINGLE: &str = r#"{"id": "CVE-2023-3333", "sourceIdentifier": "x", "published": "2023-01-01T00:00:00.000",
  "vulnStatus": "Awaiting Analysis", "descriptions": [{"lang": "en", "value": "A flaw."}],
  "metrics": {"cvssMetricV40": [{"source": "134c704f-9b21-4f2e-91b3-4a467353bcc0", "type": "Secondary",
    "cvssData": {"vectorString": "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "baseScore": 9.3, "baseSeverity": "CRITICAL"}}]}}"#;

#[test]
fn severities_come_with_their_source_and_nvds_own_first() {
    let (feed, kept) = read("nvdcve-2.0-2024.json", FEED).unwrap();
    assert_eq!(feed.feed, "nvd:2024");
    assert_eq!(kept.snapshot.as_deref(), Some("2026-01-02T03:04:05.678"));
    let one = &kept.about[0];
    assert_eq!(
        (one.cve.as_str(), one.summary.as_deref(), one.rejected),
        ("CVE-2024-1111", Some("Something overflows."), false)
    );
    let said: Vec<_> = one.severities.iter().map(|said| (said.source.as_str(), said.word, said.score)).collect();
    assert_eq!(said, [("nvd", Word::Critical, Some(98)), ("nvd", Word::High, Some(75)), ("cna", Word::High, Some(78))]);
    assert!(kept.about[1].rejected && kept.about[1].severities.is_empty());
    assert!(kept.records.is_empty() && kept.covers.is_empty());
}

#[test]
fn a_single_cve_is_read_as_such_and_with_a_wrapper() {
    for text in [SINGLE.to_owned(), format!("{{\"cve\": {SINGLE}}}")] {
        let (feed, kept) = read("CVE-2023-3333.json", &text).unwrap();
        assert_eq!(feed.feed, "nvd:2023");
        assert_eq!(
            (kept.about[0].severities[0].source.as_str(), kept.about[0].severities[0].score),
            ("cisa", Some(93))
        );
    }
    let list = format!("{{\"feed_name\": \"x\", \"cve_items\": [{SINGLE}]}}");
    assert_eq!(read("CVE-Modified.json", &list).unwrap().0.feed, "nvd:2023");
}

#[test]
fn feeds_are_named_by_file_or_by_the_years_of_their_ids() {
    assert_eq!(read("answer.json", FEED).unwrap().0.feed, "nvd:2024");
    assert_eq!(read("nvdcve-2.0-modified.json", FEED).unwrap().0.feed, "nvd:modified");
    assert_eq!(read("answer.json", &FEED.replace("CVE-2024-2222", "CVE-2021-2222")).unwrap().0.feed, "nvd");
}

#[test]
fn what_is_broken_is_refused_with_its_place() {
    for (text, says) in [
        (FEED.replace("CVE-2024-2222", "CVE-x"), "CVE 2 of the document"),
        (FEED.replace("\"descriptions\": [{\"lang\": \"es\"", "\"descriptions\": [7, {\"lang\": \"es\""), "line 6"),
        (FEED[..FEED.len() - 20].to_owned(), "line"),
        (FEED.replace("\"vulnerabilities\"", "\"others\""), "no vulnerabilities"),
    ] {
        let said = read("a.json", &text).map(|_| ()).unwrap_err().to_string();
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_sinks_error_is_given_on() {
    let mut kept = Kept { stop_at: Some(1), ..Kept::default() };
    let error = Nvd.read("a", "a", FEED.as_bytes(), &mut kept).unwrap_err();
    assert!(matches!(error, AdvisoryError::Cancelled));
}

proptest! {
    #[test]
    fn broken_documents_never_make_it_panic(edits in prop::collection::vec(any::<(usize, u8, u8)>(), 1..6), single: bool) {
        let bytes = mutate(if single { SINGLE } else { FEED }, &edits);
        let _ = Nvd.read("a", "a", &bytes, &mut Kept::default());
        let _ = NvdCve.read("a", "a", &bytes, &mut Kept::default());
    }
}
