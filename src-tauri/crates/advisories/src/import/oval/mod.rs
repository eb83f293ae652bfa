//! OVAL, as distributions publish it: one reader for the shared structure, one file per vendor for what it means.
//!
//! A definition becomes a record; its criteria are reduced to packages, versions, module streams and architectures
//! ([`criteria`]). What speaks of something else (the running kernel, live patches, another product) is left out and
//! counted in a note.

use std::collections::{BTreeMap, BTreeSet};

use super::{Feed, Format, Sink};
use crate::error::AdvisoryError;
use crate::matching::About;
use crate::record::{Affected, NameKind, Record, Said, Span, State};

mod criteria;
mod debian;
mod document;
mod parse;
mod redhat;
mod rocky;
#[cfg(test)]
mod tests;
mod ubuntu;

pub(super) use redhat::{cpe_release as redhat_release, state as redhat_state};

use criteria::{Condition, Part};
use document::{Definition, Graph};

/// Ranges of one document.
const ROWS: usize = 10_000_000;

/// Debian's `oval-definitions-*.xml`.
pub(super) const DEBIAN: &dyn Format = &Oval(&debian::Debian);
/// Ubuntu's `com.ubuntu.*.usn.oval.xml` and `com.ubuntu.*.cve.oval.xml`.
pub(super) const UBUNTU: &dyn Format = &Oval(&ubuntu::Ubuntu);
/// Red Hat's OVAL v2, `rhel-9.oval.xml` and `rhel-9-including-unpatched.oval.xml`.
pub(super) const REDHAT: &dyn Format = &Oval(&redhat::RedHat);
/// Rocky Linux' `org.rockylinux.rlsa-9.xml`.
pub(super) const ROCKY: &dyn Format = &Oval(&rocky::Rocky);

/// What a vendor does in its own way.
trait Vendor: Sync {
    /// As [`Record::source`].
    fn source(&self) -> &'static str;
    /// The format's name, with which its feeds begin.
    fn format(&self) -> &'static str;
    /// For people.
    fn title(&self) -> &'static str;
    /// What of the document's beginning tells it, any of these.
    fn marks(&self) -> &'static [&'static str];
    /// Which of a package's names it uses.
    fn kind(&self) -> NameKind;
    /// The ecosystem that a text names: a platform, "… is installed", a title.
    fn ecosystem(&self, text: &str) -> Option<String>;
    /// The ecosystem of a release's number.
    fn release(&self, number: &str) -> Option<String>;
    /// The ecosystem that a file's name tells, where the document does not.
    fn ecosystem_by_name(&self, _name: &str) -> Option<String> {
        None
    }
    /// What an advisory is; none when the definition is none, or is about another product.
    fn advisory(&self, definition: &Definition) -> Option<Advisory>;
    /// What becomes of a package.
    fn fate(&self, _definition: &Definition, _condition: &Condition, _module: Option<&str>) -> Fate {
        Fate::default()
    }
    /// Packages of which the advisory says, beside its criteria, that they are not affected.
    fn unaffected(&self, _definition: &Definition) -> Vec<(Option<String>, String)> {
        Vec::new()
    }
    /// What the feed is called where the vendor has several kinds.
    fn feed(&self, _graph: &Graph) -> &'static str {
        self.format()
    }
}

/// What a definition says as a whole.
#[derive(Default)]
struct Advisory {
    id: String,
    cves: Vec<String>,
    summary: String,
    severity: Option<Said>,
    /// What the vendor says about single CVEs.
    said: Vec<(String, Said)>,
}

/// What becomes of a package.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Fate {
    state: State,
    note: Option<String>,
    channel: Option<String>,
}

struct Oval(&'static dyn Vendor);

impl Format for Oval {
    fn name(&self) -> &'static str {
        self.0.format()
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        head.contains("oval_definitions") && self.0.marks().iter().any(|mark| head.contains(mark))
    }

    fn read(&self, origin: &str, name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        let graph = parse::graph(origin, bytes)?;
        let mut import = Import::new(self.0, &graph, origin, name, sink);
        parse::definitions(origin, bytes, &mut |definition| import.take(&definition))?;
        import.finish()
    }
}

/// One import at work.
struct Import<'a> {
    vendor: &'a dyn Vendor,
    graph: &'a Graph,
    origin: &'a str,
    sink: &'a mut dyn Sink,
    /// The ecosystem of which the whole document speaks.
    release: Option<String>,
    /// Definitions of one id follow one another (Debian's, one per source package): they are put together.
    pending: Option<Record>,
    said: BTreeMap<String, Vec<Said>>,
    ecosystems: BTreeSet<String>,
    unfixed: bool,
    rows: usize,
    records: usize,
    elsewhere: usize,
    beyond: usize,
    partly: usize,
}

/// What makes rows one [`Affected`].
type Key = (String, String, Option<String>, Vec<String>, Fate);

impl<'a> Import<'a> {
    fn new(vendor: &'a dyn Vendor, graph: &'a Graph, origin: &'a str, name: &str, sink: &'a mut dyn Sink) -> Self {
        let titles = graph.definitions.values().flatten().filter_map(|title| vendor.ecosystem(title));
        let tests = graph.tests.values().filter(|test| !test.none).filter_map(|test| vendor.ecosystem(&test.comment));
        let named: BTreeSet<String> = titles.chain(tests).take(1_000_000).collect();
        let release = if named.len() == 1 { named.into_iter().next() } else { vendor.ecosystem_by_name(name) };
        Self {
            vendor,
            graph,
            origin,
            sink,
            release,
            pending: None,
            said: BTreeMap::new(),
            ecosystems: BTreeSet::new(),
            unfixed: false,
            rows: 0,
            records: 0,
            elsewhere: 0,
            beyond: 0,
            partly: 0,
        }
    }

    fn malformed(&self, place: String, reason: impl Into<String>) -> AdvisoryError {
        AdvisoryError::Malformed { origin: self.origin.to_owned(), place, reason: reason.into() }
    }

    fn take(&mut self, definition: &Definition) -> Result<(), AdvisoryError> {
        if !matches!(definition.class.as_str(), "patch" | "vulnerability") {
            return Ok(());
        }
        let Some(advisory) = self.vendor.advisory(definition) else {
            self.elsewhere = self.elsewhere.saturating_add(1);
            return Ok(());
        };
        let parts = match &definition.criteria {
            Some(node) => criteria::reduce(self.graph, self.vendor, node)
                .map_err(|broken| self.malformed(format!("definition {}", definition.id), broken.reason()))?,
            None => BTreeSet::new(),
        };
        let platforms: BTreeSet<String> = definition
            .platforms
            .iter()
            .chain([&definition.from])
            .filter_map(|text| self.vendor.ecosystem(text))
            .collect();
        let default = if platforms.len() == 1 { platforms.into_iter().next() } else { self.release.clone() };
        let mut beyond = false;
        let mut rows: BTreeMap<Key, (BTreeSet<Span1>, BTreeSet<String>)> = BTreeMap::new();
        for part in parts {
            let (ecosystem, condition, module) = match part {
                Part::Of { ecosystem, package: Some(condition), module, .. } => (ecosystem, condition, module),
                // Only "this release is installed": nothing is said of packages.
                Part::Of { machine: false, module: None, .. } => continue,
                Part::Of { .. } | Part::Beyond => {
                    beyond = true;
                    continue;
                }
            };
            let Some(ecosystem) = ecosystem.map(|e| e.to_string()).or_else(|| default.clone()) else {
                return Err(self.malformed(
                    format!("definition {}", definition.id),
                    "it does not say for which release of the distribution it holds",
                ));
            };
            let fate = self.vendor.fate(definition, &condition, module.as_deref());
            let key = (
                ecosystem,
                condition.name.to_string(),
                module.map(|m| m.to_string()),
                condition.architectures.clone(),
                fate,
            );
            let (spans, versions) = rows.entry(key).or_default();
            match &condition.equal {
                Some(version) => _ = versions.insert(version.to_string()),
                None => _ = spans.insert(Span1::of(&condition)),
            }
            self.rows = self.rows.saturating_add(1);
            if self.rows > ROWS {
                return Err(self.malformed(
                    format!("definition {}", definition.id),
                    format!("there are more than {ROWS} ranges up to it"),
                ));
            }
        }
        let mut affected: Vec<Affected> = rows.into_iter().map(|(key, what)| self.affected(key, what)).collect();
        if let Some(ecosystem) = &default {
            affected.extend(self.vendor.unaffected(definition).into_iter().map(|(module, name)| Affected {
                ecosystem: ecosystem.clone(),
                name,
                kind: self.vendor.kind(),
                spans: vec![Span::default()],
                state: State::NotAffected,
                module,
                ..Affected::default()
            }));
        }
        self.partly = self.partly.saturating_add(usize::from(beyond && !affected.is_empty()));
        if affected.is_empty() {
            self.beyond = self.beyond.saturating_add(1);
            return Ok(());
        }
        for one in &affected {
            if !self.ecosystems.contains(&one.ecosystem) {
                self.ecosystems.insert(one.ecosystem.clone());
            }
            self.unfixed |= one.state != State::NotAffected && one.spans.iter().any(|span| *span == Span::default());
        }
        for (cve, said) in &advisory.said {
            let all = self.said.entry(cve.clone()).or_default();
            if !all.contains(said) && all.len() < 8 {
                all.push(said.clone());
            }
        }
        self.give(Record {
            others: super::words::others(&advisory.id, advisory.cves),
            id: advisory.id,
            source: self.vendor.source().to_owned(),
            summary: advisory.summary,
            published: definition.issued.clone().filter(|date| is_date(date)),
            modified: definition.updated.clone().filter(|date| is_date(date)),
            references: definition.urls(),
            severities: advisory.severity.into_iter().collect(),
            affected,
            ..Record::default()
        })
    }

    fn affected(&self, key: Key, (spans, versions): (BTreeSet<Span1>, BTreeSet<String>)) -> Affected {
        let (ecosystem, name, module, architectures, fate) = key;
        let spans = if fate.state == State::NotAffected {
            vec![Span::default()]
        } else {
            spans
                .into_iter()
                .map(|Span1(introduced, fixed, last_affected)| Span { introduced, fixed, last_affected })
                .collect()
        };
        Affected {
            ecosystem,
            name,
            kind: self.vendor.kind(),
            spans,
            versions: versions.into_iter().collect(),
            state: fate.state,
            note: fate.note,
            module,
            architectures,
            channel: fate.channel,
            severities: Vec::new(),
        }
    }

    /// Keeps a record back until one with another id comes.
    fn give(&mut self, record: Record) -> Result<(), AdvisoryError> {
        if let Some(pending) = &mut self.pending
            && pending.id == record.id
        {
            for one in record.affected {
                if !pending.affected.contains(&one) {
                    pending.affected.push(one);
                }
            }
            return Ok(());
        }
        self.records = self.records.saturating_add(1);
        match self.pending.replace(record) {
            Some(done) => self.sink.record(done),
            None => Ok(()),
        }
    }

    fn finish(mut self) -> Result<Feed, AdvisoryError> {
        if let Some(done) = self.pending.take() {
            self.sink.record(done)?;
        }
        if self.records == 0 && self.beyond > 0 {
            return Err(self.malformed(
                "its definitions".to_owned(),
                format!("none of its {} definitions is about packages in a way that can be evaluated", self.beyond),
            ));
        }
        if self.ecosystems.is_empty() {
            self.ecosystems.extend(self.release.take());
        }
        if self.ecosystems.is_empty() {
            return Err(self.malformed(
                "its definitions".to_owned(),
                "nothing in it says for which release of the distribution it holds",
            ));
        }
        for (cve, severities) in std::mem::take(&mut self.said) {
            self.sink.about(About { cve, severities, ..About::default() })?;
        }
        for ecosystem in &self.ecosystems {
            self.sink.covers(ecosystem, self.unfixed)?;
        }
        if let Some(timestamp) = &self.graph.timestamp {
            self.sink.snapshot(timestamp);
        }
        for (count, what) in [
            (self.elsewhere, "are about other products, or are no advisories, and were left out"),
            (self.beyond, "are about something other than packages (a running kernel, a live patch) and were left out"),
            (self.partly, "are only partly about packages: the rest of them was left out"),
        ] {
            if count > 0 {
                self.sink.note(format!("{}: {count} definitions {what}.", self.origin));
            }
        }
        let releases: Vec<&str> =
            self.ecosystems.iter().map(|ecosystem| ecosystem.rsplit(':').next().unwrap_or(ecosystem)).collect();
        let releases = releases.join("+");
        Ok(Feed {
            feed: format!("{}:{releases}", self.vendor.feed(self.graph)),
            title: format!("{} {releases}", self.vendor.title()),
        })
    }
}

/// A range that can be sorted.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Span1(Option<String>, Option<String>, Option<String>);

impl Span1 {
    fn of(condition: &Condition) -> Self {
        let own = |version: &Option<std::rc::Rc<str>>| version.as_ref().map(|version| version.to_string());
        Self(own(&condition.introduced), own(&condition.fixed), own(&condition.last))
    }
}

/// Whether a text begins as a date does.
fn is_date(text: &str) -> bool {
    let digits = text.bytes().take(10).filter(u8::is_ascii_digit).count();
    text.len() <= 40 && text.is_ascii() && digits == 8 && text.bytes().filter(|byte| *byte == b'-').count() >= 2
}

/// The first number with dots that follows a phrase in a text.
fn number_after<'t>(text: &'t str, phrase: &str) -> Option<&'t str> {
    let (_, rest) = text.split_once(phrase)?;
    let rest = rest.trim_start();
    let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
    rest.get(..end).map(|number| number.trim_end_matches('.')).filter(|number| !number.is_empty())
}
