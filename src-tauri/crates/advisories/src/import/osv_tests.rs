//! What becomes of OSV documents, well formed and hostile.

use proptest::prelude::*;

use super::super::osv::Osv;
use super::super::osv_yaml::OsvYaml;
use super::super::{Feed, Format, Sink, find};
use crate::error::AdvisoryError;
use crate::matching::About;
use crate::record::{NameKind, Record, Relation, State, Word};

#[derive(Default)]
struct Kept {
    records: Vec<Record>,
    covers: Vec<(String, bool)>,
}

impl Sink for Kept {
    fn record(&mut self, record: Record) -> Result<(), AdvisoryError> {
        self.records.push(record);
        Ok(())
    }
    fn about(&mut self, _about: About) -> Result<(), AdvisoryError> {
        Ok(())
    }
    fn covers(&mut self, ecosystem: &str, with_unfixed: bool) -> Result<(), AdvisoryError> {
        self.covers.push((ecosystem.to_owned(), with_unfixed));
        Ok(())
    }
    fn snapshot(&mut self, _snapshot: &str) {}
}

fn read(text: &str) -> Result<(Feed, Kept), AdvisoryError> {
    let mut kept = Kept::default();
    let feed = Osv.read("a.json", "a.json", text.as_bytes(), &mut kept)?;
    Ok((feed, kept))
}

#[test]
fn a_distributions_advisory_is_read_in_full() {
    let (feed, kept) = read(
        r#"{"id":"ALSA-2024:1335","summary":"Important: dnsmasq security update",
        "affected":[{"package":{"ecosystem":"AlmaLinux:8","name":"dnsmasq"},
          "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"2.79-31.el8_9.2"}]},{"type":"GIT","events":[{"introduced":"0"}]}],
          "ecosystem_specific":{"module":"nodejs:18:123:abc"}}],
        "related":["CVE-2023-50387","CVE-2023-50868","CVE-2023-50387"],"modified":"2024-03-18T08:24:00Z",
        "references":[{"type":"WEB","url":"https://w.example/"},{"type":"ADVISORY","url":"https://a.example/"},{"url":"ftp://x"}]}"#,
    )
    .expect("reads");
    assert_eq!(feed.feed, "osv:AlmaLinux");
    assert_eq!(kept.covers, [("AlmaLinux:8".to_owned(), false)]);
    let record = &kept.records[0];
    assert_eq!((record.source.as_str(), record.others.len()), ("almalinux", 2));
    assert_eq!(record.others[0].relation, Relation::Related);
    assert_eq!(record.severities[0].word, Word::High);
    assert_eq!(record.severities[0].said.as_deref(), Some("Important"));
    assert_eq!(record.references, ["https://a.example/", "https://w.example/"]);
    let affected = &record.affected[0];
    assert_eq!((affected.kind, affected.spans.len()), (NameKind::Either, 1));
    assert_eq!(affected.spans[0].introduced, None);
    assert_eq!(affected.module.as_deref(), Some("nodejs:18"));
}

#[test]
fn ubuntu_priorities_channels_and_debian_urgencies_are_understood() {
    let (_, kept) = read(
        r#"{"id":"UBUNTU-CVE-2024-1","modified":"2024-01-01T00:00:00Z","upstream":["CVE-2024-1"],
        "severity":[{"type":"Ubuntu","score":"medium"}],
        "affected":[{"package":{"ecosystem":"Ubuntu:Pro:18.04:LTS","name":"x"},"versions":["1","2"],
          "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#,
    )
    .expect("reads");
    let record = &kept.records[0];
    assert_eq!(record.severities[0].said.as_deref(), Some("medium"));
    assert_eq!((record.severities[0].source.as_str(), record.severities[0].word), ("ubuntu", Word::Medium));
    assert_eq!(record.affected[0].channel.as_deref(), Some("esm"));
    assert!(record.affected[0].versions.is_empty(), "the range says it");
    assert_eq!(record.affected[0].kind, NameKind::Source);

    let (_, kept) = read(
        r#"{"id":"DEBIAN-CVE-2024-1","modified":"2024-01-01T00:00:00Z",
        "affected":[{"package":{"ecosystem":"Debian:10","name":"x"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],
          "ecosystem_specific":{"urgency":"end-of-life"}},
         {"package":{"ecosystem":"Debian:12","name":"x"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}],
          "ecosystem_specific":{"urgency":"unimportant"}}]}"#,
    )
    .expect("reads");
    assert_eq!(kept.records[0].affected[0].state, State::EndOfLife);
    assert_eq!(kept.records[0].affected[1].severities[0].word, Word::None);
    assert_eq!(kept.covers.len(), 2);
}

#[test]
fn malicious_withdrawn_and_source_code_records_keep_their_place() {
    let (feed, kept) = read(
        r#"{"id":"MAL-2024-1","modified":"2024-01-01T00:00:00Z","withdrawn":"2024-02-01T00:00:00Z",
        "affected":[{"package":{"ecosystem":"npm","name":"evil"},"versions":["1.0.0"]}],
        "database_specific":{"malicious-packages-origins":[{"source":"x"}]}}"#,
    )
    .expect("reads");
    assert_eq!(feed.feed, "osv:npm");
    assert!(kept.records[0].malicious && kept.records[0].withdrawn.is_some());
    assert_eq!(kept.records[0].affected[0].versions, ["1.0.0"]);

    let (feed, kept) = read(
        r#"{"id":"OSV-2024-1","modified":"2024-01-01T00:00:00Z","affected":[{"ranges":[{"type":"GIT","events":[{"introduced":"0"}]}]}]}"#,
    )
    .expect("reads");
    assert_eq!((feed.feed.as_str(), kept.records.len(), kept.records[0].affected.len()), ("osv:GIT", 1, 0));
    // What other databases call related is another flaw.
    let (_, kept) = read(
        r#"{"id":"GO-2024-1","modified":"2024-01-01T00:00:00Z","related":["CVE-2024-9"],"aliases":null,
        "affected":[{"package":{"ecosystem":"Go","name":"a/b"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]}]}"#,
    )
    .expect("reads");
    assert!(kept.records[0].others.is_empty());
}

#[test]
fn one_feed_does_not_speak_for_anothers_ecosystem() {
    let (feed, kept) = read(
        r#"{"id":"GHSA-1","modified":"2024-01-01T00:00:00Z","affected":[
          {"package":{"ecosystem":"npm","name":"a"},"ranges":[{"type":"SEMVER","events":[{"introduced":"0"}]}]},
          {"package":{"ecosystem":"PyPI","name":"A_B"},"ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"}]}]}]}"#,
    )
    .expect("reads");
    assert_eq!(feed.feed, "osv:npm");
    assert_eq!(kept.covers, [("npm".to_owned(), true)]);
    assert_eq!(kept.records[0].affected[1].name, "a-b");
}

#[test]
fn hostile_documents_are_refused_with_their_place() {
    let long = "x".repeat(10 << 20);
    for (text, place) in [
        (r#"{"id":"A","modified":"#.to_owned(), "line 1"),
        (r#"{"id":5,"modified":"x"}"#.to_owned(), "line 1"),
        (r#"{"id":"A","modified":"x","affected":{}}"#.to_owned(), "line 1"),
        (format!(r#"{{"id":"{long}","modified":"x"}}"#), "its id"),
        (format!(r#"{{"id":"A","modified":"x","aliases":["{long}"]}}"#), "record A, aliases"),
        (
            format!(r#"{{"id":"A","affected":[{{"package":{{"ecosystem":"Go","name":"{long}"}}}}]}}"#),
            "record A, affected[0]",
        ),
        (r#"{"id":"A","affected":[{"package":{"ecosystem":"Go"}}]}"#.to_owned(), "record A, affected[0]"),
        (r#"{"id":"A"}"#.to_owned(), "record A, affected"),
        (format!(r#"{{"id":"A","modified":"x","affected":{}"#, "[".repeat(10_000)), "line 1"),
        (format!("{{\"id\":\"A\",\"modified\":\"x\",\"aliases\":[{}\"a\"]}}", "\"a\",".repeat(6_000)), "line 1"),
    ] {
        let error = read(&text).err().map(|error| error.to_string()).unwrap_or_default();
        assert!(error.contains(place), "{}: {error}", &text[..text.len().min(60)]);
        assert!(error.len() < 400);
    }
}

#[test]
fn what_is_not_understood_is_passed_over_however_it_looks() {
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let text = format!(
        r#"{{"id":"A","modified":"x","new":{deep},"number":1e99999,"summary":null,"database_specific":{{"severity":{{"a":1}},"x":{deep}}},
        "affected":[{{"package":{{"ecosystem":"Go","name":"a"}},"ecosystem_specific":[1,2],"database_specific":"x"}}]}}"#
    );
    let (_, kept) = read(&text).expect("reads");
    assert_eq!(kept.records[0].modified, None);
}

#[test]
fn yaml_and_json_give_the_same_record() {
    let json = r#"{"id":"PYSEC-2010-4","details":"First part.\nstill","affected":[{"package":{"name":"Py.Ftp","ecosystem":"PyPI"},
      "ranges":[{"type":"ECOSYSTEM","events":[{"introduced":"0"},{"fixed":"0.3.0"}]}]}],"aliases":["CVE-2008-7262"],"modified":"2021-07-05T00:01:24Z"}"#;
    let yaml = "id: PYSEC-2010-4\ndetails: First part.\n  still\naffected:\n- package:\n    name: Py.Ftp\n    ecosystem: PyPI\n  ranges:\n  - type: ECOSYSTEM\n    events:\n    - introduced: \"0\"\n    - fixed: 0.3.0\naliases:\n- CVE-2008-7262\nmodified: \"2021-07-05T00:01:24Z\"\n";
    assert_eq!(find("x/PYSEC.yaml", yaml.as_bytes()).map(Format::name), Some("osv-yaml"));
    let mut kept = Kept::default();
    OsvYaml.read("a", "a.yaml", yaml.as_bytes(), &mut kept).expect("reads");
    assert_eq!(kept.records, read(json).expect("reads").1.records);
    assert_eq!(kept.records[0].summary, "First part. still");
}

#[test]
fn long_texts_are_cut_between_words() {
    assert_eq!(super::cut("a b\n\nc\u{0}d", 100), "a b c d");
    for most in [10, 20, 600] {
        for text in ["äöü ".repeat(400), "ß".repeat(2_000), "word ".repeat(500)] {
            let out = super::cut(&text, most);
            assert!(out.len() <= most && out.ends_with('…'), "{most}: {out}");
        }
    }
}

proptest! {
    #[test]
    fn no_document_makes_the_reader_fall_over(text in r#"[\{\}\[\]":,a-z0-9 \\\n-]{0,200}"#) {
        let _ = read(&text);
        let _ = Osv.is("a.json", text.as_bytes());
        let _ = OsvYaml.read("a", "a.yaml", text.as_bytes(), &mut Kept::default());
        let _ = OsvYaml.is("a.yaml", text.as_bytes());
    }

    #[test]
    fn no_events_make_the_reader_fall_over(events in prop::collection::vec((0..4_u8, "[0-9.a-z:~-]{0,8}"), 0..12)) {
        let events: Vec<String> = events
            .iter()
            .map(|(kind, version)| {
                let kind = ["introduced", "fixed", "last_affected", "limit"][usize::from(*kind)];
                format!(r#"{{"{kind}":"{version}"}}"#)
            })
            .collect();
        let text = format!(
            r#"{{"id":"A","modified":"x","affected":[{{"package":{{"ecosystem":"Debian:12","name":"a"}},"ranges":[{{"type":"ECOSYSTEM","events":[{}]}}]}}]}}"#,
            events.join(",")
        );
        prop_assert!(read(&text).is_ok());
    }
}
