//! Which packages of an inventory are affected: pure, in two steps, so that only what hits is read in full.
//!
//! [`wanted`] says which names are to be looked up; the store gives their [`Row`]s; [`hits`] decides which of them
//! affect which package; the store gives the [`Details`] of those; [`facts`] puts it together.

use plimsoll_packages::Inventory;
use serde::{Deserialize, Serialize};

use crate::facts::{Data, DatabaseState, Epss, Exploited, VulnerabilityFacts};
use crate::record::{NameKind, OtherId, Said, Span, State};

/// The names to look up in one ecosystem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// In the normal form of [`crate::ecosystem`].
    pub ecosystem: String,
    /// Names in the normal form, each once, sorted: installed and source names.
    pub names: Vec<String>,
}

/// One range, or one listed version, of one affected package of one record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// The record, as the store numbers it.
    pub record: i64,
    /// The ecosystem.
    pub ecosystem: String,
    /// The package's name.
    pub name: String,
    /// Which name that is.
    pub kind: NameKind,
    /// The range; for a listed version none.
    pub span: Option<Span>,
    /// The listed version.
    pub version: Option<String>,
    /// What is to become of it.
    pub state: State,
    /// The vendor's words.
    pub note: Option<String>,
    /// The rpm module stream.
    pub module: Option<String>,
    /// Architectures, empty for all.
    pub architectures: Vec<String>,
    /// The channel.
    pub channel: Option<String>,
    /// Severities for this package.
    pub severities: Vec<Said>,
}

/// What the store knows of an ecosystem.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Known {
    /// The ecosystem.
    pub ecosystem: String,
    /// What the data cover.
    pub data: Data,
    /// Feeds that speak of it.
    pub feeds: Vec<String>,
}

/// A record in full, as the store has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// As the store numbers it.
    pub number: i64,
    /// Its id.
    pub id: String,
    /// Who says it.
    pub source: String,
    /// The feed that brought it.
    pub feed: String,
    /// Other ids.
    pub others: Vec<OtherId>,
    /// What it is.
    pub summary: String,
    /// Dates.
    pub published: Option<String>,
    /// Dates.
    pub modified: Option<String>,
    /// The package itself is malicious.
    pub malicious: bool,
    /// Web addresses.
    pub references: Vec<String>,
    /// Severities.
    pub severities: Vec<Said>,
}

/// What is said of a CVE beside the records: NVD's severity, KEV, EPSS.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct About {
    /// The CVE id.
    pub cve: String,
    /// NVD's and others' severities.
    pub severities: Vec<Said>,
    /// What it is, in NVD's words.
    pub summary: Option<String>,
    /// NVD rejected it: such a CVE alone makes no match, other ids of the same flaw stay.
    pub rejected: bool,
    /// KEV.
    pub exploited: Option<Exploited>,
    /// EPSS.
    pub epss: Option<Epss>,
}

/// One row that affects one package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// Index into the inventory's packages.
    pub package: u32,
    /// Index into the rows.
    pub row: u32,
    /// The version that was compared.
    pub version: String,
    /// Whether the installed name or the source's matched.
    pub kind: NameKind,
}

/// What [`hits`] found.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hits {
    /// Rows that affect packages, and rows that say that a package is not affected ([`State::NotAffected`]).
    pub hits: Vec<Hit>,
    /// Packages of which nothing can be said, with the reason.
    pub not_evaluated: Vec<crate::facts::NotEvaluated>,
    /// Packages left to the distribution.
    pub owned: Vec<crate::facts::OwnedElsewhere>,
}

/// Which names are to be looked up for an inventory, one entry per ecosystem.
#[must_use]
pub fn wanted(_inventory: &Inventory) -> Vec<Wanted> {
    Vec::new()
}

/// Which rows affect which packages.
#[must_use]
pub fn hits(_inventory: &Inventory, _known: &[Known], _rows: &[Row]) -> Hits {
    Hits::default()
}

/// The ids of a record under which flaws are known beside the records: the CVE ids of hit records.
#[must_use]
pub fn cves(_details: &[Details]) -> Vec<String> {
    Vec::new()
}

/// Puts together what was found. `at` is RFC 3339; support of the release is told for that day.
#[must_use]
#[allow(clippy::too_many_arguments)]
pub fn facts(
    _inventory: &Inventory,
    _known: &[Known],
    _rows: &[Row],
    _hits: Hits,
    _details: &[Details],
    _about: &[About],
    database: DatabaseState,
    at: &str,
) -> VulnerabilityFacts {
    VulnerabilityFacts { at: at.to_owned(), database: Some(database), ..VulnerabilityFacts::default() }
}

/// The facts when there is no database: nothing is known, and that is said.
#[must_use]
pub fn without_database(_inventory: &Inventory, problem: &str, at: &str) -> VulnerabilityFacts {
    VulnerabilityFacts { at: at.to_owned(), problem: Some(problem.to_owned()), ..VulnerabilityFacts::default() }
}
