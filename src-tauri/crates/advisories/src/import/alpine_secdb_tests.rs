//! Alpine's security database: literals of our own after its documented shape.

use proptest::prelude::*;

use super::super::testing::{Kept, line, mutate, read};
use super::*;

const MAIN: &str = r#"{"apkurl": "{{urlprefix}}/x.apk", "archs": ["x86_64"], "packages": [
 {"pkg": {"name": "thing", "secfixes": {
   "0": ["CVE-2024-0009"],
   "1.2-r3": ["CVE-2024-0001 XSA-7", "CVE-2024-0002 CVE-2024-0003 GHSA-aaaa-bbbb-cccc", "ALPINE-13661"],
   "1.3-r0": ["CVE_2024-0001", "CVE-2024-0004 (only the old printer)", "CVE N/A", "CVE-????-????? TS-2024-005"]}}},
 {"pkg": {"name": "empty", "secfixes": []}},
 {"pkg": {"name": "odd", "secfixes": {"<unfixed>": ["CVE-2024-0005"], "<not-affected>": ["CVE-2024-0006"], "?": ["CVE-2024-0007"], "1": null}}}],
 "reponame": "main", "urlprefix": "https://example.org", "distroversion": "v3.19"}"#;

fn all(kept: &Kept) -> Vec<String> {
    kept.records
        .iter()
        .flat_map(|record| record.affected.iter().map(move |one| format!("{} {}", record.id, line(one))))
        .collect()
}

#[test]
fn fixes_are_read_by_id() {
    let (feed, kept) = read("v3.19/main.json", MAIN).unwrap();
    assert_eq!(feed.feed, "alpine-secdb:v3.19:main");
    assert_eq!(kept.covers, [("Alpine:3.19".to_owned(), false)]);
    assert_eq!(
        all(&kept),
        [
            "ALPINE-13661 Alpine:3.19 thing <1.2-r3 Source",
            "CVE-2024-0001 Alpine:3.19 thing <1.3-r0 Source",
            "CVE-2024-0002 Alpine:3.19 thing <1.2-r3 Source",
            "CVE-2024-0003 Alpine:3.19 thing <1.2-r3 Source",
            "CVE-2024-0004 Alpine:3.19 thing <1.3-r0 Source [only the old printer]",
            "CVE-2024-0009 Alpine:3.19 thing all Source NotAffected",
            "TS-2024-005 Alpine:3.19 thing <1.3-r0 Source",
            "CVE-2024-0005 Alpine:3.19 odd all Source",
            "CVE-2024-0006 Alpine:3.19 odd all Source NotAffected",
            "CVE-2024-0007 Alpine:3.19 odd all Source",
        ]
    );
    let others = |id: &str| -> Vec<_> {
        kept.record(id).others.iter().map(|other| (other.relation, other.id.as_str())).collect()
    };
    assert_eq!(others("CVE-2024-0001"), [(Relation::Alias, "XSA-7")]);
    assert_eq!(others("CVE-2024-0002"), [(Relation::Related, "GHSA-aaaa-bbbb-cccc")], "of which of two is not said");
    assert_eq!(kept.notes.len(), 2, "{:?}", kept.notes);
}

#[test]
fn an_empty_repository_covers_its_branch() {
    for packages in ["[]", "null"] {
        let text = format!(r#"{{"packages": {packages}, "reponame": "community", "distroversion": "edge"}}"#);
        let (feed, kept) = read("edge/community.json", &text).unwrap();
        assert_eq!(feed.feed, "alpine-secdb:edge:community");
        assert_eq!((kept.covers.as_slice(), kept.records.len()), ([("Alpine:edge".to_owned(), false)].as_slice(), 0));
    }
}

#[test]
fn broken_databases_are_refused_with_their_place() {
    for (text, place) in [
        (MAIN.replace("v3.19", "3"), "distroversion"),
        (MAIN.replace("\"main\"", "\"../x\""), "reponame"),
        (MAIN.replace("\"empty\"", "\"\""), "package \"\""),
        (MAIN.replace("\"secfixes\": []", "\"secfixes\": [\"CVE-2024-1\"]"), "line 6"),
        (MAIN.replace("packages", "others"), "no packages"),
        (MAIN[..MAIN.len() - 30].to_owned(), "line 8"),
    ] {
        let error = read("main.json", &text).err().unwrap().to_string();
        assert!(error.contains(place), "{error}");
    }
}

#[test]
fn a_sink_that_stops_stops_the_reader() {
    let mut kept = Kept { stop_at: Some(2), ..Kept::default() };
    assert!(matches!(AlpineSecdb.read("a", "a", MAIN.as_bytes(), &mut kept), Err(AdvisoryError::Cancelled)));
}

#[test]
fn misspelt_versions_are_read_as_meant() {
    for (text, meant) in [
        ("4.8.0.-r1", Some("4.8.0-r1")),
        ("10.2.24.r0", Some("10.2.24-r0")),
        ("10.0.11-0", Some("10.0.11-r0")),
        ("57-1-r2", Some("57.1-r2")),
        ("2021-03-27-r5", Some("2021.03.27-r5")),
        ("1.9.5p2-r0", Some("1.9.5_p2-r0")),
        ("1.2-r3", None),
        ("<unfixed>", None),
        ("2.15.x!", None),
    ] {
        assert_eq!(repair(text).as_deref(), meant, "{text}");
    }
    let (_, kept) = read("main.json", &MAIN.replace("1.2-r3", "1.2.-r3")).unwrap();
    assert_eq!(line(&kept.record("ALPINE-13661").affected[0]), "Alpine:3.19 thing <1.2-r3 Source");
    assert!(kept.notes.join(" ").contains("\"1.2.-r3\" as 1.2-r3"), "{:?}", kept.notes);
}

proptest! {
    #[test]
    fn no_database_makes_the_reader_panic(edits in prop::collection::vec(any::<(usize, u8, u8)>(), 0..6)) {
        let _ = AlpineSecdb.read("a", "a", &mutate(MAIN, &edits), &mut Kept::default());
    }
}
