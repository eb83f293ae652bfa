//! RustSec's advisories: literals of our own after the format's documentation.

use proptest::prelude::*;

use super::super::testing::{Kept, lines, mutate, read};
use super::*;

const FLAW: &str = r#"```toml
[advisory]
id = "RUSTSEC-2024-0001"
package = "thing_crate"
date = "2024-01-02"
url = "https://example.org/1"
references = ["https://example.org/2", "javascript:x"]
aliases = ["CVE-2024-0001", "GHSA-aaaa-bbbb-cccc"]
cvss = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"

[affected]
os = ["windows"]

[versions]
patched = [">= 1.2.3"]
unaffected = ["< 1.0.0"]
```

# It falls over

When it rains.
"#;

#[test]
fn a_flaw_is_read_with_its_ranges() {
    let (feed, kept) = read("crates/thing_crate/RUSTSEC-2024-0001.md", FLAW).unwrap();
    assert_eq!(feed.feed, "rustsec");
    assert_eq!(kept.covers, [("crates.io".to_owned(), true)]);
    let record = kept.record("RUSTSEC-2024-0001");
    assert_eq!((record.source.as_str(), record.summary.as_str()), ("rustsec", "It falls over"));
    assert_eq!(record.published.as_deref(), Some("2024-01-02"));
    assert_eq!(record.severities[0].score, Some(75));
    assert_eq!(record.references.len(), 3);
    let ids: Vec<_> = record.others.iter().map(|other| (other.relation, other.id.as_str())).collect();
    assert_eq!(ids, [(Relation::Alias, "CVE-2024-0001"), (Relation::Alias, "GHSA-aaaa-bbbb-cccc")]);
    assert_eq!(
        lines(record),
        ["crates.io thing_crate (Some(\"1.0.0\"), Some(\"1.2.3\"), None) Either [only on the systems windows]"]
    );
}

#[test]
fn an_advisory_about_several_cves_does_not_make_them_one() {
    let text = FLAW.replace("\"GHSA-aaaa-bbbb-cccc\"", "\"CVE-2024-0002\", \"GHSA-aaaa-bbbb-cccc\"");
    let (_, kept) = read("a.md", &text).unwrap();
    let relations: Vec<_> = kept.records[0].others.iter().map(|other| other.relation).collect();
    assert_eq!(relations, [Relation::Upstream, Relation::Upstream, Relation::Related]);
}

#[test]
fn informational_and_withdrawn_advisories_are_kept_as_such() {
    let text = FLAW.replace(
        "cvss = \"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H\"",
        "informational = \"unmaintained\"\nwithdrawn = 2024-02-03",
    );
    let (_, kept) = read("a.md", &text).unwrap();
    let record = &kept.records[0];
    assert_eq!(record.summary, "Unmaintained: It falls over");
    assert_eq!((record.severities[0].word, record.severities[0].said.as_deref()), (Word::None, Some("unmaintained")));
    assert_eq!(record.withdrawn.as_deref(), Some("2024-02-03"));
}

#[test]
fn rusts_own_library_is_no_crate() {
    let (_, kept) = read("rust/std/CVE-2024-0001.md", &FLAW.replace("thing_crate", "std")).unwrap();
    assert!(kept.records[0].affected.is_empty());
}

#[test]
fn broken_advisories_are_refused_with_their_place() {
    for (text, place) in [
        (FLAW.replace("package = \"thing_crate\"", "package = 1"), "line 4"),
        (FLAW.replace("[versions]", "[versions"), "line "),
        (FLAW.replace(">= 1.2.3", "newer"), "RUSTSEC-2024-0001"),
        (FLAW.replace("\"RUSTSEC-2024-0001\"", "\"x y\""), "x y"),
        (FLAW.split("patched").next().unwrap().to_owned(), "its head"),
    ] {
        let error = read("a.md", &text).err().unwrap().to_string();
        assert!(error.contains(place), "{error}");
    }
}

proptest! {
    #[test]
    fn no_advisory_makes_the_reader_panic(edits in prop::collection::vec(any::<(usize, u8, u8)>(), 0..6)) {
        let _ = Rustsec.read("r", "r", &mutate(FLAW, &edits), &mut Kept::default());
    }
}
