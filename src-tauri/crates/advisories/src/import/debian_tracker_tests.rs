//! Debian's tracker: literals of our own after its documented shape.

use proptest::prelude::*;

use super::super::testing::{Kept, line, mutate, read};
use super::*;

const TRACKER: &str = r#"{"thing": {
 "CVE-2024-0001": {"description": "It falls\n over", "scope": "remote", "debianbug": 1, "releases": {
   "bookworm": {"status": "resolved", "repositories": {"bookworm": "1.2-3"}, "fixed_version": "1.2-3", "urgency": "low"},
   "bullseye": {"status": "open", "repositories": {"bullseye": "1.0-1"}, "urgency": "not yet assigned", "nodsa": "Minor issue", "nodsa_reason": ""},
   "buster": {"status": "open", "repositories": {}, "urgency": "end-of-life"},
   "trixie": {"status": "resolved", "fixed_version": "0", "urgency": "unimportant"},
   "sid": {"status": "resolved", "fixed_version": "1.2-3", "urgency": "low"}}},
 "TEMP-0000000-ABCDEF": {"releases": {
   "bookworm": {"status": "undetermined", "urgency": "medium**"},
   "bullseye": {"status": "open", "urgency": "high", "nodsa": "Too intrusive", "nodsa_reason": "ignored"},
   "trixie": {"status": "open", "urgency": "low", "nodsa": "Later", "nodsa_reason": "postponed"},
   "duke": {"status": "open", "urgency": "low"}}}},
"other": {
 "CVE-2024-0001": {"description": "It falls over", "releases": {
   "bookworm": {"status": "resolved", "fixed_version": "<unfixed>", "urgency": "low"},
   "trixie": {"status": "resolved", "fixed_version": "<not-affected>", "urgency": "low"},
   "bullseye": {"status": "resolved", "fixed_version": "soon", "urgency": "low"},
   "buster": {"status": "open", "urgency": "low"}}}}}"#;

fn all(kept: &Kept) -> Vec<String> {
    let word = |one: &Affected| one.severities.first().map(|said| format!(" {:?}", said.word)).unwrap_or_default();
    kept.records
        .iter()
        .flat_map(|record| record.affected.iter().map(move |one| format!("{} {}{}", record.id, line(one), word(one))))
        .collect()
}

#[test]
fn every_state_of_the_tracker_is_told() {
    let (feed, kept) = read("debian-security-tracker.json", TRACKER).unwrap();
    assert_eq!(feed.feed, "debian-tracker");
    assert_eq!(
        all(&kept),
        [
            "CVE-2024-0001 Debian:12 thing <1.2-3 Source Low",
            "CVE-2024-0001 Debian:11 thing all Source FixDeferred [Minor issue]",
            "CVE-2024-0001 Debian:10 thing all Source EndOfLife",
            "CVE-2024-0001 Debian:13 thing all Source NotAffected None",
            "TEMP-0000000-ABCDEF Debian:12 thing all Source UnderInvestigation Medium",
            "TEMP-0000000-ABCDEF Debian:11 thing all Source WillNotFix [Too intrusive] High",
            "TEMP-0000000-ABCDEF Debian:13 thing all Source FixDeferred [Later] Low",
            "CVE-2024-0001 Debian:12 other all Source Low",
            "CVE-2024-0001 Debian:13 other all Source NotAffected Low",
            "CVE-2024-0001 Debian:11 other all Source Low",
            "CVE-2024-0001 Debian:10 other all Source Low",
        ]
    );
    assert_eq!(kept.records[0].summary, "It falls over");
    assert_eq!(kept.records[0].affected[3].severities[0].said.as_deref(), Some("unimportant"));
    let covers: Vec<_> = kept.covers.iter().map(|(ecosystem, unfixed)| (ecosystem.as_str(), *unfixed)).collect();
    assert_eq!(covers, [("Debian:10", true), ("Debian:11", true), ("Debian:12", true), ("Debian:13", true)]);
    assert!(kept.notes.iter().any(|note| note.contains("\"duke\"")) && kept.notes.len() == 2, "{:?}", kept.notes);
}

#[test]
fn broken_trackers_are_refused_with_their_place() {
    let many: String = (0..70).map(|n| format!(r#""r{n}": {{"status": "open"}},"#)).collect();
    for (text, place) in [
        (TRACKER[..TRACKER.len() - 5].to_owned(), "too early"),
        (
            TRACKER.replace("\"status\": \"undetermined\"", "\"status\": \"fixed?\""),
            "TEMP-0000000-ABCDEF of package thing",
        ),
        (TRACKER.replace("\"TEMP-0000000-ABCDEF\"", "\"x\""), "line 8"),
        (TRACKER.replace("{\"thing\"", "{\"th ing\""), "line 1"),
        (TRACKER.replacen("\"releases\"", "\"release\"", 3).replace("\"status\"", "\"releases\""), "no releases"),
        (TRACKER.replace("\"duke\"", &format!("{many} \"duke\"")), "more than 64 releases"),
        (format!("{TRACKER} x"), "line "),
    ] {
        let error = read("debian-security-tracker.json", &text).err().unwrap().to_string();
        assert!(error.contains(place), "{error}");
    }
    assert!(DebianTracker.read("d", "d", b"{}", &mut Kept::default()).is_err());
    assert!(!DebianTracker.is("other.json", br#"{"id": "CVE-2024-1", "affected": []}"#));
}

#[test]
fn a_sink_that_stops_stops_the_reader() {
    let mut kept = Kept { stop_at: Some(1), ..Kept::default() };
    assert!(matches!(DebianTracker.read("d", "d", TRACKER.as_bytes(), &mut kept), Err(AdvisoryError::Cancelled)));
}

proptest! {
    #[test]
    fn no_tracker_makes_the_reader_panic(edits in prop::collection::vec(any::<(usize, u8, u8)>(), 0..6)) {
        let _ = DebianTracker.read("d", "d", &mutate(TRACKER, &edits), &mut Kept::default());
    }
}
