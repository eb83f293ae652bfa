//! What matching found about one subject: recorded, never changed, enough to judge it again years later.

use serde::{Deserialize, Serialize};

use crate::record::{NameKind, Said, Span, State};

/// What is known about the vulnerabilities of one inventory of packages.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct VulnerabilityFacts {
    /// When it was matched, RFC 3339 in UTC.
    pub at: String,
    /// The database that it was matched against; none when there was none.
    pub database: Option<DatabaseState>,
    /// Why there was no database, or why it could not be read; one sentence.
    pub problem: Option<String>,
    /// The distribution's release, where the inventory names one.
    pub release: Option<Release>,
    /// For every ecosystem that packages of the inventory belong to: what the database knows of it.
    pub coverage: Vec<Coverage>,
    /// The flaws, each once, several ids of one merged.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Which package has which flaw, and why.
    pub matches: Vec<Match>,
    /// Packages of which nothing can be said: never safe.
    pub not_evaluated: Vec<NotEvaluated>,
    /// Packages of programming languages that were left to the distribution, whose package owns them.
    pub owned: Vec<OwnedElsewhere>,
}

/// A state of the advisory database.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct DatabaseState {
    /// SHA-256 over the feeds and their hashes, hexadecimal: two databases with the same id say the same.
    pub id: String,
    /// The file, as the auditor named it.
    pub path: String,
    /// What was imported.
    pub sources: Vec<SourceState>,
}

/// One thing that was imported.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct SourceState {
    /// What it is, for programs: `osv:PyPI`, `debian-tracker`, `alpine-secdb`, `kev`.
    pub feed: String,
    /// What it is, for people: "Debian security tracker".
    pub title: String,
    /// State of the data as the source tells it (date or version), else the newest record's date.
    pub snapshot: Option<String>,
    /// When it was imported, RFC 3339 in UTC.
    pub imported: String,
    /// Where it was read: the file's or folder's name as given, or the web address.
    pub origin: String,
    /// SHA-256 of what was imported, hexadecimal.
    pub sha256: String,
    /// Records.
    pub records: u64,
    /// Ecosystems on which it speaks.
    pub ecosystems: Vec<String>,
}

/// Whether a release of a distribution still gets security fixes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Support {
    /// It does.
    Supported,
    /// Only the extended support that is for everyone (Debian LTS).
    Extended,
    /// It does not.
    Ended,
    /// Not known.
    #[default]
    Unknown,
}

/// The distribution's release.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Release {
    /// `ID` of `os-release`.
    pub id: String,
    /// `VERSION_ID`.
    pub version: Option<String>,
    /// For people: "Debian GNU/Linux 12 (bookworm)".
    pub name: String,
    /// The ecosystem under which the database knows it; none when it is known under none.
    pub ecosystem: Option<String>,
    /// Support at the time of matching.
    pub support: Support,
    /// Last day of the regular support.
    pub standard_end: Option<String>,
    /// Last day of the extended one.
    pub extended_end: Option<String>,
    /// Where the dates come from.
    pub from: Option<String>,
}

/// What a database knows of an ecosystem.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Data {
    /// Flaws with and without a fix.
    WithUnfixed,
    /// Only flaws that have been fixed: what has no fix yet does not show.
    FixedOnly,
    /// Nothing.
    #[default]
    None,
}

/// What the database knows of one ecosystem in the inventory.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Coverage {
    /// In the normal form of [`crate::ecosystem`].
    pub ecosystem: String,
    /// What the database knows.
    pub data: Data,
    /// Packages of the inventory in it.
    pub packages: u32,
    /// How many of them were evaluated.
    pub evaluated: u32,
    /// Feeds that speak of it, by [`SourceState::feed`].
    pub feeds: Vec<String>,
}

/// One flaw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Vulnerability {
    /// The CVE id where there is one, else the most common other id.
    pub id: String,
    /// All other ids, of the records too.
    pub aliases: Vec<String>,
    /// What it is.
    pub summary: String,
    /// RFC 3339 or a date.
    pub published: Option<String>,
    /// RFC 3339 or a date.
    pub modified: Option<String>,
    /// What is said about its severity, each source's word once.
    pub severities: Vec<Said>,
    /// It is in CISA's catalogue of known exploited vulnerabilities.
    pub exploited: Option<Exploited>,
    /// The probability that it is exploited.
    pub epss: Option<Epss>,
    /// The package itself is malicious.
    pub malicious: bool,
    /// Web addresses.
    pub references: Vec<String>,
}

/// An entry of CISA's KEV catalogue.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Exploited {
    /// When it was added.
    pub added: String,
    /// By when US agencies must act.
    pub due: Option<String>,
    /// Known to be used by ransomware.
    pub ransomware: bool,
}

/// FIRST's exploit prediction.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Epss {
    /// Probability within 30 days, times 100,000.
    pub score: u32,
    /// Share of all CVEs with a lower one, times 100,000.
    pub percentile: u32,
    /// The day.
    pub date: Option<String>,
}

/// A package that has a flaw.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Match {
    /// Index into [`VulnerabilityFacts::vulnerabilities`].
    pub vulnerability: u32,
    /// Index into the packages of the inventory that was matched.
    pub package: u32,
    /// What is to become of it, by the record that counts most.
    pub state: State,
    /// The version that fixes it, in the terms of the package (the source's where the source was compared).
    pub fixed: Option<String>,
    /// Severities that hold for this package alone; they come before those of the flaw.
    pub severities: Vec<Said>,
    /// The records that say so, the one that counts first.
    pub reasons: Vec<Reason>,
    /// It is about kernel headers, which do not run: grouped, and shown apart.
    pub kernel_headers: bool,
}

/// Why a package counts as affected.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Reason {
    /// The record's id.
    pub record: String,
    /// Who says it, see [`crate::Record::source`].
    pub source: String,
    /// The feed that brought it, see [`SourceState::feed`].
    pub feed: String,
    /// The ecosystem.
    pub ecosystem: String,
    /// The name that matched.
    pub name: String,
    /// Whether that is the installed package's name or its source's.
    pub kind: NameKind,
    /// The version that was compared.
    pub version: String,
    /// The range in which it lies; none where the version itself is listed.
    pub span: Option<Span>,
    /// What is to become of it.
    pub state: State,
    /// The vendor's words on it.
    pub note: Option<String>,
    /// The rpm module stream.
    pub module: Option<String>,
    /// The channel to which the fix is confined.
    pub channel: Option<String>,
}

/// A package of which nothing can be said.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct NotEvaluated {
    /// Index into the packages of the inventory.
    pub package: u32,
    /// Why, as the end of a sentence: "its version (devel) is no version".
    pub reason: String,
}

/// A package of a programming language that a distribution's package owns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct OwnedElsewhere {
    /// Index into the packages of the inventory.
    pub package: u32,
    /// Name of the distribution's package.
    pub owner: String,
}
