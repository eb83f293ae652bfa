//! Which packages of an inventory are affected: pure, in two steps, so that only what hits is read in full.
//!
//! [`wanted`] says which names are to be looked up; the store gives their [`Row`]s; [`hits`] decides which of them
//! affect which package; the store gives the [`Details`] of those ([`needed`]); [`facts`] puts it together.
//!
//! * `place` says under which ecosystem each package is known, `fate` which packages can be evaluated at all, and
//!   `builder` which of the distribution's are not the distribution's work; `wanted` lists names;
//! * `range` compares a version with a row; `modules` and `streams` tell rows that speak of another build of the same
//!   package; `index` finds packages by name; `hits` brings these together;
//! * `merge` joins the ids of one flaw, `resolve` weighs what several records say of one flaw in one package, `words`
//!   says what remained undecided; `kernel` knows kernel headers; `support` tells the release's age; `assemble` makes
//!   the facts.

mod assemble;
mod builder;
mod fate;
mod hits;
mod index;
mod kernel;
mod merge;
mod modules;
mod place;
mod range;
mod resolve;
mod streams;
mod support;
#[cfg(test)]
mod tests;
mod wanted;
mod words;

use serde::{Deserialize, Serialize};

use crate::facts::{Data, Epss, Exploited};
use crate::record::{NameKind, OtherId, Said, Span, State};

pub use assemble::{cves, facts, without_database};
pub use hits::{hits, needed};
pub use modules::modules_of_title;
pub use wanted::wanted;

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
    /// The rpm module stream, `nodejs:18`; several are joined by `|`.
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
    /// Rows that speak of a package, of which it cannot be said whether they hold; [`facts`] names their records among
    /// what was not evaluated.
    pub undecided: Vec<Undecided>,
}

/// A row of which it cannot be said whether it affects a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// Index into the inventory's packages.
    pub package: u32,
    /// Index into the rows.
    pub row: u32,
    /// Why.
    pub why: Why,
}

/// Why it cannot be said whether a row affects a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Why {
    /// An end of the row's range is no version.
    Bound,
    /// The order of versions in the ecosystem is not known.
    Order,
    /// The row speaks of one stream of an rpm module; of which stream the package is, it does not say.
    Module,
    /// The package is a FIPS build, and the row gives versions of the ordinary builds.
    Fips,
    /// The package's version is that of a commit without a tag, and the row needs a release.
    Commit,
}
