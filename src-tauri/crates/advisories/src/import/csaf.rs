//! Red Hat's CSAF 2.0 documents: a VEX document per CVE, which also names what is affected without a fix and what is
//! not affected, or a security advisory with what it fixes.
//!
//! Only packages of Red Hat Enterprise Linux itself count, on the releases that everyone gets (CPE
//! `enterprise_linux:N`); streams with extended support and other products are left out. Where one package has several
//! fixed versions, each is a range of its own, so that only the newest is safe.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::csaf_model::{Flaw, Head, Score, Whole};
use super::csaf_tree::{PRODUCTS, Products, Rpm, What};
use super::{Feed, Format, Sink, words};
use crate::error::AdvisoryError;
use crate::matching::About;
use crate::record::{Affected, NameKind, Record, Said, Span, State};

/// Size of a document, in bytes.
const SIZE: usize = 64 * 1024 * 1024;

/// The format.
pub(super) struct Csaf;

impl Format for Csaf {
    fn name(&self) -> &'static str {
        "redhat-csaf"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        (head.contains("csaf_vex") || head.contains("csaf_security_advisory")) && head.contains("redhat.com")
    }

    fn is_one_record(&self) -> bool {
        true
    }

    fn read(&self, origin: &str, _name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        let malformed =
            |place: String, reason: String| AdvisoryError::Malformed { origin: origin.to_owned(), place, reason };
        if bytes.len() > SIZE {
            return Err(malformed("the document".into(), format!("it is larger than {SIZE} bytes")));
        }
        let whole: Whole = serde_json::from_slice(bytes).map_err(|error| {
            malformed(
                format!("line {}, column {}", error.line(), error.column()),
                format!("it is no CSAF document ({error})"),
            )
        })?;
        let is_vex = match whole.document.category.as_str() {
            "csaf_vex" => true,
            "csaf_security_advisory" => false,
            other => {
                return Err(malformed("document.category".into(), format!("{other:.60} is not a kind that is read")));
            }
        };
        if !whole.document.publisher.namespace.contains("redhat.com") {
            return Err(malformed("document.publisher".into(), "only Red Hat's documents are read".into()));
        }
        if !words::is_id(&whole.document.tracking.id) {
            return Err(malformed("document.tracking".into(), "its id is none".into()));
        }
        let Some(products) = Products::of(&whole.product_tree) else {
            return Err(malformed("product_tree".into(), format!("it has more than {PRODUCTS} products")));
        };
        let mut import = Import { head: &whole.document, products: &products, is_vex, unclear: 0 };
        let ecosystems = import.run(&whole.vulnerabilities, sink)?;
        if import.unclear > 0 {
            sink.note(format!("{origin}: for {} products it cannot be told which package they are.", import.unclear));
        }
        for ecosystem in ecosystems {
            sink.covers(&ecosystem, is_vex)?;
        }
        if let Some(date) = &whole.document.tracking.current_release_date {
            sink.snapshot(date);
        }
        Ok(if is_vex {
            Feed { feed: "redhat-vex".into(), title: "Red Hat VEX (Red Hat Enterprise Linux)".into() }
        } else {
            Feed { feed: "redhat-csaf".into(), title: "Red Hat security advisories (Red Hat Enterprise Linux)".into() }
        })
    }
}

struct Import<'a> {
    head: &'a Head,
    products: &'a Products<'a>,
    is_vex: bool,
    unclear: usize,
}

/// What makes products one [`Affected`]: ecosystem, name, kind, module, state, note, fixed version, exact version.
type Key = (String, String, NameKind, Option<String>, State, Option<String>, Option<String>, Option<String>, usize);

impl<'a> Import<'a> {
    fn run(&mut self, flaws: &'a [Flaw], sink: &mut dyn Sink) -> Result<BTreeSet<String>, AdvisoryError> {
        let mut ecosystems = BTreeSet::new();
        let mut together: Vec<Affected> = Vec::new();
        let mut cves = Vec::new();
        let mut summaries = Vec::new();
        for flaw in flaws {
            let cve = flaw.cve.clone().filter(|cve| words::is_cve(cve));
            let severities = self.severities(flaw);
            let affected = self.affected(flaw, &severities);
            if affected.is_empty() {
                continue;
            }
            ecosystems.extend(affected.iter().map(|one| one.ecosystem.clone()));
            let said: Vec<Said> = severities.all.first().into_iter().flatten().cloned().collect();
            if let Some(cve) = &cve
                && !said.is_empty()
            {
                sink.about(About { cve: cve.clone(), severities: said.clone(), ..About::default() })?;
            }
            if self.is_vex {
                let id = cve.unwrap_or_else(|| self.head.tracking.id.clone());
                sink.record(self.record(id, Vec::new(), summary(flaw), vec![flaw], said, affected))?;
            } else {
                cves.extend(cve);
                summaries.push(flaw.title.clone().unwrap_or_default());
                let mut known: BTreeSet<String> = together.iter().map(|one| format!("{one:?}")).collect();
                together.extend(affected.into_iter().filter(|one| known.insert(format!("{one:?}"))));
            }
        }
        if !together.is_empty() {
            let severity = self.head.aggregate_severity.as_ref().map(|severity| severity.text.as_str());
            let said = words::said("redhat", severity, None, None).into_iter().collect();
            let text = format!("{}: {}", self.head.title, summaries.join("; "));
            let record = self.record(
                self.head.tracking.id.clone(),
                cves,
                words::summary(&text),
                flaws.iter().collect(),
                said,
                together,
            );
            sink.record(record)?;
        }
        Ok(ecosystems)
    }

    fn record(
        &self,
        id: String,
        cves: Vec<String>,
        summary: String,
        flaws: Vec<&Flaw>,
        severities: Vec<Said>,
        affected: Vec<Affected>,
    ) -> Record {
        let fixes = flaws.iter().flat_map(|flaw| &flaw.remediations).filter(|one| one.category == "vendor_fix");
        let links = flaws.iter().flat_map(|flaw| &flaw.references).chain(&self.head.references);
        let urls = fixes.filter_map(|fix| fix.url.as_ref()).chain(links.filter_map(|link| link.url.as_ref()));
        let mut references: Vec<String> = Vec::new();
        for url in urls.filter(|url| url.starts_with("http") && url.len() <= 500).take(1000) {
            if references.len() < 8 && !references.contains(url) {
                references.push(url.clone());
            }
        }
        let tracking = &self.head.tracking;
        let released = flaws.first().and_then(|flaw| flaw.release_date.clone()).filter(|_| self.is_vex);
        Record {
            others: words::others(&id, cves),
            id,
            source: "redhat".into(),
            summary,
            published: released.or_else(|| tracking.initial_release_date.clone()).filter(|date| date.len() <= 40),
            modified: tracking.current_release_date.clone().filter(|date| date.len() <= 40),
            references,
            severities,
            affected,
            ..Record::default()
        }
    }

    /// What Red Hat says about a flaw's severity: as a whole, and where it says something else for single products.
    fn severities(&self, flaw: &'a Flaw) -> Severities<'a> {
        let mut impacts: HashMap<&str, &str> = HashMap::new();
        let mut first = None;
        for threat in flaw.threats.iter().filter(|threat| threat.category == "impact") {
            first = first.or(Some(threat.details.as_str()));
            impacts.extend(threat.product_ids.iter().map(|id| (id.as_str(), threat.details.as_str())));
        }
        let mut scores: HashMap<&str, usize> = HashMap::new();
        for (index, score) in flaw.scores.iter().enumerate() {
            scores.extend(score.products.iter().map(|id| (id.as_str(), index)));
        }
        let aggregate = self.head.aggregate_severity.as_ref().map(|severity| severity.text.as_str());
        let whole = if self.is_vex { aggregate.or(first) } else { first.or(aggregate) };
        let all = vec![said(whole, flaw.scores.first())];
        let mut severities = Severities { all, whole, of: HashMap::new(), flaw, impacts, scores };
        severities.of.insert((whole, (!flaw.scores.is_empty()).then_some(0)), 0);
        severities
    }

    fn affected(&mut self, flaw: &'a Flaw, severities: &Severities<'a>) -> Vec<Affected> {
        let mut severities = severities.clone();
        let mut fates: HashMap<&str, (State, &str)> = HashMap::new();
        for remediation in &flaw.remediations {
            let state = match remediation.category.as_str() {
                "no_fix_planned" => match super::oval::redhat_state(&remediation.details) {
                    State::EndOfLife => State::EndOfLife,
                    _ => State::WillNotFix,
                },
                "none_available" => match super::oval::redhat_state(&remediation.details) {
                    // That something is not affected is not for a remediation to say.
                    State::NotAffected => State::Affected,
                    state => state,
                },
                _ => continue,
            };
            for id in &remediation.product_ids {
                fates.insert(id, (state, &remediation.details));
            }
        }
        let mut reasons: HashMap<&str, &str> = HashMap::new();
        for flag in &flaw.flags {
            reasons.extend(flag.product_ids.iter().map(|id| (id.as_str(), flag.label.as_str())));
        }
        let mut rows: BTreeMap<Key, BTreeSet<String>> = BTreeMap::new();
        let status = &flaw.product_status;
        for id in &status.fixed {
            let Some((ecosystem, rpm)) = self.package(id) else { continue };
            let Some(version) = rpm.version.clone() else {
                self.unclear = self.unclear.saturating_add(1);
                continue;
            };
            let at = severities.at(id);
            add(&mut rows, ecosystem, rpm, State::Affected, None, Some(version), None, at);
        }
        drop_sources(&mut rows);
        for id in &status.known_affected {
            let Some((ecosystem, rpm)) = self.package(id) else { continue };
            let (state, note) = fates.get(id.as_str()).copied().unwrap_or((State::Affected, ""));
            let note = Some(words::note(note)).filter(|note| !note.is_empty());
            let exact = rpm.version.clone();
            let at = severities.at(id);
            add(&mut rows, ecosystem, rpm, state, note, None, exact, at);
        }
        for id in &status.under_investigation {
            let Some((ecosystem, rpm)) = self.package(id) else { continue };
            let exact = rpm.version.clone();
            let at = severities.at(id);
            add(&mut rows, ecosystem, rpm, State::UnderInvestigation, None, None, exact, at);
        }
        // That one build is not affected says nothing of others, and an advisory about several flaws not of which one.
        let unaffected = if self.is_vex { status.known_not_affected.as_slice() } else { &[] };
        for id in unaffected {
            let Some((ecosystem, rpm)) = self.package(id) else { continue };
            if rpm.version.is_none() {
                let note = reasons.get(id.as_str()).map(|label| words::note(&label.replace('_', " ")));
                add(&mut rows, ecosystem, rpm, State::NotAffected, note, None, None, 0);
            }
        }
        rows.into_iter()
            .map(|((ecosystem, name, kind, module, state, note, fixed, exact, at), architectures)| Affected {
                ecosystem,
                name,
                kind,
                spans: if exact.is_some() { Vec::new() } else { vec![Span { fixed, ..Span::default() }] },
                versions: exact.into_iter().collect(),
                state,
                note,
                module,
                architectures: architectures.into_iter().take(40).collect(),
                channel: None,
                severities: severities.all.get(at).filter(|_| at > 0).cloned().unwrap_or_default(),
            })
            .collect()
    }

    fn package(&mut self, id: &'a str) -> Option<(String, Rpm)> {
        match self.products.what(id) {
            What::Package { release, rpm } => Some((format!("Red Hat:{release}"), rpm)),
            What::Unclear => {
                self.unclear = self.unclear.saturating_add(1);
                None
            }
            What::Other => None,
        }
    }
}

/// The severities of one flaw; the first are those of the whole.
#[derive(Clone)]
struct Severities<'a> {
    all: Vec<Vec<Said>>,
    whole: Option<&'a str>,
    of: HashMap<(Option<&'a str>, Option<usize>), usize>,
    flaw: &'a Flaw,
    impacts: HashMap<&'a str, &'a str>,
    scores: HashMap<&'a str, usize>,
}

impl<'a> Severities<'a> {
    /// Which of them are a product's.
    fn at(&mut self, id: &str) -> usize {
        let impact = self.impacts.get(id).copied().or(self.whole);
        let score = self.scores.get(id).copied().or_else(|| (!self.flaw.scores.is_empty()).then_some(0));
        let next = self.all.len();
        if next > 64 {
            return 0;
        }
        let flaw = self.flaw;
        let all = &mut self.all;
        *self.of.entry((impact, score)).or_insert_with(|| {
            let said = said(impact, score.and_then(|score| flaw.scores.get(score)));
            match all.iter().position(|known| *known == said) {
                Some(known) => known,
                None => {
                    all.push(said);
                    next
                }
            }
        })
    }
}

fn said(impact: Option<&str>, score: Option<&Score>) -> Vec<Said> {
    let vectors = score.into_iter().flat_map(|score| [&score.cvss_v3, &score.cvss_v4, &score.cvss_v2]).flatten();
    let mut all: Vec<Said> = vectors
        .filter_map(|cvss| words::said("redhat", impact, cvss.vector_string.as_deref(), cvss.base_score))
        .collect();
    if all.is_empty() {
        all.extend(words::said("redhat", impact, None, None));
    }
    all
}

fn summary(flaw: &Flaw) -> String {
    let note = flaw.notes.iter().find(|note| note.category == "description" && !note.text.trim().is_empty());
    words::summary(note.map(|note| note.text.as_str()).or(flaw.title.as_deref()).unwrap_or_default())
}

#[allow(clippy::too_many_arguments)]
fn add(
    rows: &mut BTreeMap<Key, BTreeSet<String>>,
    ecosystem: String,
    rpm: Rpm,
    state: State,
    note: Option<String>,
    fixed: Option<String>,
    exact: Option<String>,
    severity: usize,
) {
    let source = rpm.arch.as_deref() == Some("src");
    let kind = match (&rpm.arch, source) {
        (_, true) => NameKind::Source,
        (Some(_), false) => NameKind::Binary,
        (None, false) => NameKind::Either,
    };
    let architectures =
        rows.entry((ecosystem, rpm.name, kind, rpm.module, state, note, fixed, exact, severity)).or_default();
    architectures.extend(rpm.arch.filter(|_| !source));
}

/// Leaves out source packages whose builds are named, too: both would say the same twice.
fn drop_sources(rows: &mut BTreeMap<Key, BTreeSet<String>>) {
    let built: BTreeSet<(String, Option<String>)> =
        rows.keys().filter(|key| key.2 != NameKind::Source).map(|key| (key.0.clone(), key.6.clone())).collect();
    rows.retain(|key, _| key.2 != NameKind::Source || !built.contains(&(key.0.clone(), key.6.clone())));
}

#[cfg(test)]
#[path = "csaf_tests.rs"]
mod tests;
