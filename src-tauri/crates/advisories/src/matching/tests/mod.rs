//! What tests of matching share: an image, rows and records in few words.

mod distributions;
mod languages;
mod outcome;
mod properties;
mod records;

use plimsoll_packages::{Ecosystem, Inventory, OsRelease, Package, SupportEnd};

use super::{About, Details, Known, Row, facts, hits, needed};
use crate::facts::{Data, DatabaseState, Match, Vulnerability, VulnerabilityFacts};
use crate::record::{NameKind, OtherId, Relation, Span, State};

/// An inventory and what a database would give for it.
#[derive(Default)]
pub(super) struct Case {
    pub inventory: Inventory,
    pub known: Vec<Known>,
    pub rows: Vec<Row>,
    pub details: Vec<Details>,
    pub about: Vec<About>,
}

impl Case {
    /// An image of a release, of which the database knows `ecosystem`.
    pub fn of(id: &str, version: &str, ecosystem: &str) -> Case {
        let mut case = Case::default();
        case.inventory.os = Some(OsRelease {
            id: id.into(),
            version_id: Some(version.into()),
            support_end: Some(SupportEnd { standard: "2026-07-11".into(), extended: None, from: "a table".into() }),
            ..OsRelease::default()
        });
        case.knows(ecosystem)
    }

    pub fn debian() -> Case {
        Case::of("debian", "12", "Debian:12")
    }

    pub fn alma() -> Case {
        Case::of("almalinux", "9.4", "AlmaLinux:9")
    }

    pub fn knows(mut self, ecosystem: &str) -> Case {
        let known = Known { ecosystem: ecosystem.into(), data: Data::WithUnfixed, feeds: vec!["a-feed".into()] };
        self.known.push(known);
        self
    }

    pub fn package(mut self, package: Package) -> Case {
        self.inventory.packages.push(package);
        self
    }

    /// A record of one row.
    pub fn record(self, id: &str, row: Row) -> Case {
        self.record_of("a-feed", id, &[], vec![row])
    }

    /// A record with its other ids and rows.
    pub fn record_of(mut self, feed: &str, id: &str, others: &[(Relation, &str)], rows: Vec<Row>) -> Case {
        let number = i64::try_from(self.details.len()).unwrap() + 1;
        self.rows.extend(rows.into_iter().map(|row| Row { record: number, ..row }));
        self.details.push(Details {
            number,
            id: id.into(),
            source: "somebody".into(),
            feed: feed.into(),
            others: others.iter().map(|(relation, id)| OtherId { relation: *relation, id: (*id).into() }).collect(),
            ..Details::default()
        });
        self
    }

    pub fn rejected(mut self, cve: &str) -> Case {
        self.about.push(About { cve: cve.into(), rejected: true, ..About::default() });
        self
    }

    pub fn facts(&self) -> VulnerabilityFacts {
        let hits = hits(&self.inventory, &self.known, &self.rows);
        let needed = needed(&self.rows, &hits);
        let details: Vec<Details> = self.details.iter().filter(|one| needed.contains(&one.number)).cloned().collect();
        let database = DatabaseState::default();
        facts(&self.inventory, &self.known, &self.rows, hits, &details, &self.about, database, "2026-01-01T00:00:00Z")
    }

    /// Package and flaw of each match, `openssl: CVE-2024-1`.
    pub fn found(&self) -> Vec<String> {
        let facts = self.facts();
        facts.matches.iter().map(|one| format!("{}: {}", self.name(one), flaw(&facts, one).id)).collect()
    }

    /// The one match.
    pub fn one(&self) -> Match {
        let mut facts = self.facts();
        assert_eq!(facts.matches.len(), 1, "{facts:?}");
        facts.matches.remove(0)
    }

    /// Why packages were not evaluated: `openssl: it has no version`.
    pub fn left(&self) -> Vec<String> {
        let name = |package: u32| &self.inventory.packages[package as usize].name;
        self.facts().not_evaluated.iter().map(|one| format!("{}: {}", name(one.package), one.reason)).collect()
    }

    fn name(&self, one: &Match) -> &str {
        &self.inventory.packages[one.package as usize].name
    }
}

pub(super) fn flaw<'f>(facts: &'f VulnerabilityFacts, one: &Match) -> &'f Vulnerability {
    &facts.vulnerabilities[one.vulnerability as usize]
}

pub(super) fn deb(name: &str, version: &str) -> Package {
    Package::new(Ecosystem::Deb, name.into(), version.into())
}

pub(super) fn rpm(name: &str, version: &str) -> Package {
    Package::new(Ecosystem::Rpm, name.into(), version.into())
}

pub(super) fn from_source(package: Package, name: &str, version: Option<&str>) -> Package {
    Package { source_name: Some(name.into()), source_version: version.map(str::to_owned), ..package }
}

/// A row: affected in all versions.
pub(super) fn row(ecosystem: &str, name: &str, kind: NameKind) -> Row {
    Row {
        record: 0,
        ecosystem: ecosystem.into(),
        name: name.into(),
        kind,
        span: Some(Span::default()),
        version: None,
        state: State::Affected,
        note: None,
        module: None,
        architectures: Vec::new(),
        channel: None,
        severities: Vec::new(),
    }
}

/// Affected before `version`.
pub(super) fn fixed(row: Row, version: &str) -> Row {
    let span = Span { fixed: Some(version.into()), ..row.span.unwrap_or_default() };
    Row { span: Some(span), ..row }
}

/// Affected from `version` on.
pub(super) fn introduced(row: Row, version: &str) -> Row {
    let span = Span { introduced: Some(version.into()), ..row.span.unwrap_or_default() };
    Row { span: Some(span), ..row }
}

/// A listed version.
pub(super) fn listed(row: Row, version: &str) -> Row {
    Row { span: None, version: Some(version.into()), ..row }
}

/// A row of Debian 12 on a source package.
pub(super) fn bookworm(name: &str) -> Row {
    row("Debian:12", name, NameKind::Source)
}

/// A row of AlmaLinux 9 on an installed package.
pub(super) fn alma9(name: &str) -> Row {
    row("AlmaLinux:9", name, NameKind::Binary)
}
