//! One advisory, in the form into which every importer brings it.

use serde::{Deserialize, Serialize};

/// One advisory of one source.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Record {
    /// The source's own id: `DEBIAN-CVE-2024-0001`, `GHSA-…`, `ALSA-2025:10630`, `CVE-2024-0001`. At most 200 bytes.
    pub id: String,
    /// Who says it, one lower-case word: `debian`, `ubuntu`, `alpine`, `redhat`, `almalinux`, `rocky`, `github`,
    /// `pypa`, `go`, `rustsec`, `bitnami`, `nvd`, `openssf` …
    pub source: String,
    /// Other ids of the same flaw, or of several flaws that the advisory is about.
    pub others: Vec<OtherId>,
    /// One or two sentences; at most 600 bytes.
    pub summary: String,
    /// RFC 3339 or a date.
    pub published: Option<String>,
    /// RFC 3339 or a date.
    pub modified: Option<String>,
    /// When the source took it back, or rejected it; such a record matches nothing.
    pub withdrawn: Option<String>,
    /// The package itself is malicious: there is nothing to fix, only to remove.
    pub malicious: bool,
    /// Web addresses, at most eight.
    pub references: Vec<String>,
    /// What is said about its severity as a whole.
    pub severities: Vec<Said>,
    /// What is affected.
    pub affected: Vec<Affected>,
}

/// How another id belongs to a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// The same flaw under another name (OSV `aliases`).
    Alias,
    /// The flaw upstream of which a distribution speaks (OSV `upstream`); several make an advisory about several flaws.
    Upstream,
    /// One of several flaws that an advisory is about (OSV `related`, a DSA's list of CVEs).
    Related,
}

/// Another id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherId {
    /// How it belongs here.
    pub relation: Relation,
    /// The id.
    pub id: String,
}

/// A severity in one word. What sources call moderate, important, negligible and so on is brought into these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Word {
    /// Nobody says.
    Unknown,
    /// Negligible, unimportant; CVSS 0.0.
    None,
    /// Low.
    Low,
    /// Medium, moderate.
    Medium,
    /// High, important.
    High,
    /// Critical.
    Critical,
}

/// What one source says about a severity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Said {
    /// Who says it: a [`Record::source`], or `nvd`.
    pub source: String,
    /// In a word, as far as the source gives one or the score implies it (FIRST's qualitative scale).
    pub word: Word,
    /// The source's own word where it is another ("Important", "unimportant", Ubuntu's priority).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<String>,
    /// CVSS vector as given, with its prefix (`CVSS:3.1/AV:N/…`); a v2 vector has none (`AV:N/AC:L/Au:N/C:P/I:P/A:P`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vector: Option<String>,
    /// Base score times ten, 0–100: computed from the vector, or as given where there is no vector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<u8>,
}

/// Which of a package's names an advisory uses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NameKind {
    /// The source package (dpkg), the origin (apk), the source rpm.
    Source,
    /// The package that is installed.
    Binary,
    /// The source does not say; the installed name is tried first, then the source's.
    #[default]
    Either,
}

/// What is to become of a flaw in a package, in the words that CSAF and VEX share.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Affected. Whether there is a fix, the range says.
    #[default]
    Affected,
    /// The vendor will not fix it.
    WillNotFix,
    /// The vendor put the fix off (Debian's no-dsa, postponed).
    FixDeferred,
    /// The release no longer gets fixes.
    EndOfLife,
    /// The vendor is looking into it.
    UnderInvestigation,
    /// The vendor says that the package is not affected: speaks against other records of the same flaw.
    NotAffected,
}

/// One affected package.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Affected {
    /// In the normal form of [`crate::ecosystem`]: `Debian:12`, `Alpine:3.19`, `PyPI`.
    pub ecosystem: String,
    /// The package's name in the normal form of [`crate::ecosystem::normal_name`].
    pub name: String,
    /// Which name that is.
    pub kind: NameKind,
    /// Ranges of affected versions; a package is affected when its version lies in any of them.
    pub spans: Vec<Span>,
    /// Single affected versions; count beside the ranges. An importer drops them where ranges say the same.
    pub versions: Vec<String>,
    /// What is to become of it.
    pub state: State,
    /// Why, in the vendor's words, briefly ("Minor issue"); at most 200 bytes.
    pub note: Option<String>,
    /// rpm module stream to which it is confined: `nodejs:18`.
    pub module: Option<String>,
    /// Architectures to which it is confined; empty: all.
    pub architectures: Vec<String>,
    /// A paid or special channel to which the fix is confined: `esm`, `fips`.
    pub channel: Option<String>,
    /// What is said about the severity in this package.
    pub severities: Vec<Said>,
}

/// A range of versions: from `introduced` on (none, or `0`: from the first), up to but without `fixed`, or up to and with
/// `last_affected`; neither: all later ones, there is no fix.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Span {
    /// First affected version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub introduced: Option<String>,
    /// First version that is not affected any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// Last affected version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_affected: Option<String>,
}
