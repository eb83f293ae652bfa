//! CISA's catalogue of known exploited vulnerabilities, as JSON.
//!
//! Source: <https://www.cisa.gov/known-exploited-vulnerabilities-catalog>.

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::refuse::{self, malformed, quoted};
use super::{Feed, Format, Sink, words};
use crate::error::AdvisoryError;
use crate::facts::Exploited;
use crate::matching::About;

/// Most entries; there are about 1,500.
const ENTRIES: usize = 100_000;

/// CISA's catalogue.
pub(super) struct Kev;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    #[serde(rename = "cveID")]
    cve: String,
    date_added: String,
    due_date: Option<String>,
    known_ransomware_campaign_use: Option<String>,
}

impl Format for Kev {
    fn name(&self) -> &'static str {
        "kev"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let is_object = head.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        is_object
            && (head.contains("\"catalogVersion\"") || head.contains("\"cveID\"") && head.contains("\"dateAdded\""))
    }

    fn read(&self, origin: &str, _name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        refuse::too_large(origin, bytes, refuse::LARGEST)?;
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut taken = Taken { origin, sink, failed: None, read: 0, told: None, released: None, version: None };
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let read = reader.deserialize_map(Root(&mut taken)).and_then(|()| reader.end());
        if let Some(error) = taken.failed.take() {
            return Err(error);
        }
        read.map_err(|error| refuse::json(origin, &error))?;
        let Taken { sink, read, told, released, version, .. } = taken;
        if let Some(told) = told.filter(|told| usize::try_from(*told) != Ok(read)) {
            sink.note(format!("{origin}: it says that it has {told} entries, and has {read}."));
        }
        let snapshot =
            released.as_deref().and_then(|date| date.get(..10)).filter(|date| is_day(date)).map(str::to_owned);
        if let Some(snapshot) = snapshot.or(version.filter(|version| version.len() <= 40)) {
            sink.snapshot(&snapshot);
        }
        Ok(Feed { feed: "kev".into(), title: "CISA's known exploited vulnerabilities".into() })
    }
}

/// Whether a text is a day, `2025-08-25`.
fn is_day(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
}

struct Taken<'a> {
    origin: &'a str,
    sink: &'a mut dyn Sink,
    failed: Option<AdvisoryError>,
    read: usize,
    told: Option<u64>,
    released: Option<String>,
    version: Option<String>,
}

impl Taken<'_> {
    fn take(&mut self, entry: Entry) -> Result<(), AdvisoryError> {
        self.read = self.read.saturating_add(1);
        let refused = |reason: String| Err(malformed(self.origin, format!("entry {}", self.read), reason));
        if self.read > ENTRIES {
            return refused(format!("there are more than {ENTRIES} entries"));
        }
        if !words::is_cve(&entry.cve) {
            return refused(format!("{} is no CVE id", quoted(&entry.cve)));
        }
        if !is_day(&entry.date_added) {
            return refused(format!("{} was added on {}, which is no date", entry.cve, quoted(&entry.date_added)));
        }
        let exploited = Exploited {
            added: entry.date_added,
            due: entry.due_date.filter(|due| is_day(due)),
            ransomware: entry.known_ransomware_campaign_use.is_some_and(|known| known.eq_ignore_ascii_case("known")),
        };
        self.sink.about(About { cve: entry.cve, exploited: Some(exploited), ..About::default() })
    }
}

struct Root<'t, 'a>(&'t mut Taken<'a>);

impl<'de> Visitor<'de> for Root<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with vulnerabilities")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut any = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "vulnerabilities" => {
                    any = true;
                    map.next_value_seed(Entries(&mut *self.0))?;
                }
                "count" => self.0.told = map.next_value()?,
                "dateReleased" => self.0.released = map.next_value()?,
                "catalogVersion" => self.0.version = map.next_value()?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        if any { Ok(()) } else { Err(A::Error::custom("it has no vulnerabilities")) }
    }
}

struct Entries<'t, 'a>(&'t mut Taken<'a>);

impl<'de> DeserializeSeed<'de> for Entries<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list of vulnerabilities")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while let Some(entry) = seq.next_element()? {
            if let Err(error) = self.0.take(entry) {
                self.0.failed = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{Kept, mutate, read};
    use super::*;

    const CATALOGUE: &str = r#"{"title": "Catalogue", "catalogVersion": "2025.01.02",
        "dateReleased": "2025-01-02T10:00:00.1Z", "count": 2, "vulnerabilities": [
        {"cveID": "CVE-2024-0001", "vendorProject": "A", "dateAdded": "2024-02-01", "dueDate": "2024-02-22",
         "knownRansomwareCampaignUse": "Known", "cwes": ["CWE-1"]},
        {"cveID": "CVE-2024-0002", "dateAdded": "2024-03-01", "knownRansomwareCampaignUse": "Unknown"}]}"#;

    #[test]
    fn entries_are_read_with_their_dates() {
        let (feed, kept) = read("kev.json", CATALOGUE).unwrap();
        assert_eq!(feed.feed, "kev");
        assert_eq!(kept.snapshot.as_deref(), Some("2025-01-02"));
        let seen: Vec<_> =
            kept.about.iter().map(|about| (about.cve.as_str(), about.exploited.clone().unwrap())).collect();
        let added = |added: &str, due: Option<&str>, ransomware| Exploited {
            added: added.into(),
            due: due.map(str::to_owned),
            ransomware,
        };
        assert_eq!(
            seen,
            [
                ("CVE-2024-0001", added("2024-02-01", Some("2024-02-22"), true)),
                ("CVE-2024-0002", added("2024-03-01", None, false))
            ]
        );
        assert!(kept.notes.is_empty());
    }

    #[test]
    fn broken_catalogues_are_refused_with_their_place() {
        for (text, place, reason) in [
            (CATALOGUE.replace("CVE-2024-0002", "CVE-x"), "entry 2", "no CVE id"),
            (CATALOGUE.replace("2024-02-01", "soon"), "entry 1", "no date"),
            (CATALOGUE[..CATALOGUE.len() - 4].to_owned(), "line 5", "too early"),
            (CATALOGUE.replace("vulnerabilities", "others"), "line 5", "no vulnerabilities"),
        ] {
            let error = read("kev.json", &text).err().unwrap().to_string();
            assert!(error.contains(place) && error.contains(reason), "{error}");
        }
        let (_, kept) = read("kev.json", &CATALOGUE.replace("\"count\": 2", "\"count\": 3")).unwrap();
        assert!(kept.notes.join(" ").contains("has 2"));
    }

    proptest! {
        #[test]
        fn no_catalogue_makes_the_reader_panic(edits in prop::collection::vec(any::<(usize, u8, u8)>(), 0..6)) {
            let _ = Kev.read("k", "k", &mutate(CATALOGUE, &edits), &mut Kept::default());
        }
    }
}
