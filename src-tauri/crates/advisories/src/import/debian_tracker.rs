//! Debian's security tracker as JSON: source package, flaw, release. It lists flaws with and without a fix, those that
//! a package never had, and what Debian means to do about them.
//!
//! Source: <https://security-tracker.debian.org/tracker/data/json>. Release names are brought into numbers; `sid` and
//! `experimental` are no releases.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, Visitor};

use super::fix::{Fix, fix};
use super::refuse::{self, malformed, quoted};
use super::{Feed, Format, Sink, words};
use crate::ecosystem::debian_of_codename;
use crate::error::AdvisoryError;
use crate::rating;
use crate::record::{Affected, NameKind, Record, State, Word};
use crate::versions::Scheme;

/// Most entries (a flaw in a source package); there are about 90,000.
const ENTRIES: usize = 2_000_000;
/// Most releases of one entry.
const RELEASES: usize = 64;

/// Debian's tracker.
pub(super) struct DebianTracker;

impl Format for DebianTracker {
    fn name(&self) -> &'static str {
        "debian-tracker"
    }

    fn is(&self, name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let has = |key: &str| head.contains(&format!("\"{key}\""));
        let is_object = head.trim_start_matches('\u{feff}').trim_start().starts_with('{');
        let has_flaw = head.contains("\"CVE-") || head.contains("\"TEMP-");
        // A long description may leave no more than the first id in the head.
        is_object && has_flaw && (has("releases") && has("status") || name.contains("security-tracker"))
    }

    fn read(&self, origin: &str, _name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        refuse::too_large(origin, bytes, refuse::LARGEST)?;
        let mut taken = Taken::new(origin, sink);
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        let read = reader.deserialize_map(Packages(&mut taken)).and_then(|()| reader.end());
        if let Some(error) = taken.failed.take() {
            return Err(error);
        }
        read.map_err(|error| refuse::json(origin, &error))?;
        taken.finish()
    }
}

/// A flaw in a source package.
#[derive(Default)]
struct Entry {
    description: Option<String>,
    releases: Vec<(String, Release)>,
}

/// What the tracker says for a release.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Release {
    status: String,
    fixed_version: Option<String>,
    urgency: Option<String>,
    nodsa: Option<String>,
    nodsa_reason: Option<String>,
}

/// What was read so far.
struct Taken<'a> {
    origin: &'a str,
    sink: &'a mut dyn Sink,
    failed: Option<AdvisoryError>,
    entries: usize,
    ecosystems: BTreeSet<&'static str>,
    /// Releases that no ecosystem is known for.
    unknown: BTreeSet<String>,
    /// Rows whose version is none.
    strange: usize,
    /// The first of them.
    first_strange: Option<String>,
}

impl<'a> Taken<'a> {
    fn new(origin: &'a str, sink: &'a mut dyn Sink) -> Self {
        Self {
            origin,
            sink,
            failed: None,
            entries: 0,
            ecosystems: BTreeSet::new(),
            unknown: BTreeSet::new(),
            strange: 0,
            first_strange: None,
        }
    }

    fn take(&mut self, package: &str, id: &str, entry: Entry) -> Result<(), AdvisoryError> {
        self.entries = self.entries.saturating_add(1);
        if self.entries > ENTRIES {
            return Err(malformed(
                self.origin,
                format!("package {package}"),
                format!("it has more than {ENTRIES} entries"),
            ));
        }
        let mut affected = Vec::with_capacity(entry.releases.len());
        for (codename, release) in &entry.releases {
            if let Some(one) = self.affected(package, id, codename, release)? {
                affected.push(one);
            }
        }
        if affected.is_empty() {
            return Ok(());
        }
        self.sink.record(Record {
            id: id.to_owned(),
            source: "debian".to_owned(),
            summary: entry.description.as_deref().map(words::summary).unwrap_or_default(),
            references: vec![format!("https://security-tracker.debian.org/tracker/{id}")],
            affected,
            ..Record::default()
        })
    }

    fn affected(
        &mut self,
        package: &str,
        id: &str,
        codename: &str,
        release: &Release,
    ) -> Result<Option<Affected>, AdvisoryError> {
        if matches!(codename, "sid" | "experimental") {
            return Ok(None);
        }
        let Some(number) = debian_of_codename(codename) else {
            if self.unknown.len() < 20 {
                self.unknown.insert(quoted(codename));
            }
            return Ok(None);
        };
        self.ecosystems.insert(number);
        let mut one = Affected {
            ecosystem: format!("Debian:{number}"),
            name: package.to_owned(),
            kind: NameKind::Source,
            ..Affected::default()
        };
        let fix = match (release.status.as_str(), release.fixed_version.as_deref()) {
            ("resolved", Some(version)) => fix(Scheme::Deb, version),
            // Fixed, but nothing says where.
            ("resolved", None) => Fix::Unclear,
            ("open", _) => Fix::Open,
            ("undetermined", _) => Fix::Unclear,
            (status, _) => {
                let place = format!("{id} of package {package} in {codename}");
                return Err(malformed(self.origin, place, format!("its status {} is not known", quoted(status))));
            }
        };
        if fix == Fix::Strange {
            self.strange = self.strange.saturating_add(1);
            self.first_strange.get_or_insert_with(|| format!("{id} of {package}"));
        }
        fix.put(&mut one);
        let urgency = release.urgency.as_deref().map(str::trim).filter(|urgency| !urgency.is_empty());
        let no_dsa = release.nodsa.as_deref().map(str::trim);
        if fix == Fix::Open {
            one.state = intent(urgency, no_dsa, release.nodsa_reason.as_deref());
        }
        one.note = no_dsa.filter(|text| !text.is_empty()).map(words::note);
        one.severities.extend(
            urgency
                .map(|urgency| rating::said("debian", Some(urgency), None, None))
                .filter(|said| said.word != Word::Unknown),
        );
        Ok(Some(one))
    }

    fn finish(self) -> Result<Feed, AdvisoryError> {
        if self.entries == 0 {
            return Err(malformed(self.origin, "the document", "it has no entry"));
        }
        for number in &self.ecosystems {
            self.sink.covers(&format!("Debian:{number}"), true)?;
        }
        if !self.unknown.is_empty() {
            let names: Vec<&str> = self.unknown.iter().map(String::as_str).collect();
            self.sink.note(format!(
                "{}: no release of Debian is known under {}; left out.",
                self.origin,
                names.join(", ")
            ));
        }
        if self.strange > 0 {
            self.sink.note(format!(
                "{}: {} fixed versions are no versions, the first at {}; the packages count as affected.",
                self.origin,
                self.strange,
                self.first_strange.as_deref().unwrap_or_default()
            ));
        }
        Ok(Feed { feed: "debian-tracker".into(), title: "Debian security tracker".into() })
    }
}

/// What is to become of an open flaw.
fn intent(urgency: Option<&str>, no_dsa: Option<&str>, reason: Option<&str>) -> State {
    let is_end = |text: &str| text.to_ascii_lowercase().replace(' ', "-").contains("end-of-life");
    if urgency.is_some_and(is_end) || reason.is_some_and(is_end) || no_dsa.is_some_and(is_end) {
        return State::EndOfLife;
    }
    match (no_dsa, reason.map(str::trim)) {
        (_, Some("ignored")) => State::WillNotFix,
        (_, Some("postponed")) | (Some(_), _) => State::FixDeferred,
        _ => State::Affected,
    }
}

/// The whole: packages by name.
struct Packages<'t, 'a>(&'t mut Taken<'a>);

impl<'de> Visitor<'de> for Packages<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of source packages")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(package) = map.next_key::<String>()? {
            if !refuse::is_name(&package) {
                return Err(A::Error::custom(format!("{} is no name of a package", quoted(&package))));
            }
            map.next_value_seed(Flaws { taken: &mut *self.0, package: &package })?;
        }
        Ok(())
    }
}

/// The flaws of a package by id.
struct Flaws<'t, 'a, 'p> {
    taken: &'t mut Taken<'a>,
    package: &'p str,
}

impl<'de> DeserializeSeed<'de> for Flaws<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Flaws<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "an object of the flaws of {}", self.package)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(id) = map.next_key::<String>()? {
            if !words::is_id(&id) {
                return Err(A::Error::custom(format!("{} is no id of a flaw", quoted(&id))));
            }
            let entry = map.next_value::<Entry>()?;
            if let Err(error) = self.taken.take(self.package, &id, entry) {
                self.taken.failed = Some(error);
                return Err(A::Error::custom("stopped"));
            }
        }
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Entry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Fields)
    }
}

/// The fields of an entry.
struct Fields;

impl<'de> Visitor<'de> for Fields {
    type Value = Entry;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object with releases")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Entry, A::Error> {
        let mut entry = Entry::default();
        let mut any = false;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "releases" => {
                    any = true;
                    entry.releases = map.next_value_seed(Releases)?;
                }
                "description" => entry.description = map.next_value()?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        if any { Ok(entry) } else { Err(A::Error::custom("the entry has no releases")) }
    }
}

/// Releases by code name, not more than there can be.
struct Releases;

impl<'de> DeserializeSeed<'de> for Releases {
    type Value = Vec<(String, Release)>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Releases {
    type Value = Vec<(String, Release)>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object of releases")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut releases = Vec::new();
        while let Some((codename, release)) = map.next_entry()? {
            if releases.len() >= RELEASES {
                return Err(A::Error::custom(format!("the entry has more than {RELEASES} releases")));
            }
            releases.push((codename, release));
        }
        Ok(releases)
    }
}

#[cfg(test)]
#[path = "debian_tracker_tests.rs"]
mod tests;
