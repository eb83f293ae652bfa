//! How a match stands after VEX statements and acceptances: nothing is removed, everything is said.

use plimsoll_packages::Inventory;
use serde::{Deserialize, Serialize};

use crate::facts::VulnerabilityFacts;
use crate::vex::Statement;

/// A risk that somebody accepts for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Acceptance {
    /// Its id in the engagement: `A-1`.
    pub id: String,
    /// The flaw, by any of its ids.
    pub vulnerability: String,
    /// The package, by name or purl; none: whichever.
    pub package: Option<String>,
    /// The subject, by its id in the engagement; none: all.
    pub subject: Option<String>,
    /// Why. Never empty.
    pub reason: String,
    /// Who answers for it. Never empty.
    pub owner: String,
    /// Last day on which it holds, `YYYY-MM-DD`.
    pub expires: String,
    /// Who recorded it.
    pub author: String,
    /// When, RFC 3339.
    pub at: String,
}

/// How a match stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nobody says anything about it.
    Open,
    /// A VEX statement confirms it.
    Affected,
    /// A VEX statement: not affected.
    NotAffected,
    /// A VEX statement: fixed in this product.
    Fixed,
    /// A VEX statement: under investigation.
    UnderInvestigation,
    /// Accepted, and the acceptance holds.
    Accepted,
    /// Accepted once; the acceptance has expired.
    AcceptanceExpired,
}

impl Standing {
    /// Whether it still counts against the image. An acceptance explains a failure, it never turns it into a pass.
    #[must_use]
    pub fn counts(self) -> bool {
        !matches!(self, Self::NotAffected | Self::Fixed)
    }
}

/// How one match stands, and by whose word: indices into the statements and acceptances that were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Treated {
    /// How it stands.
    pub standing: Standing,
    /// Statements that speak to it, the one that counts first.
    pub statements: Vec<usize>,
    /// Acceptances that speak to it, the one that counts first.
    pub acceptances: Vec<usize>,
}

/// What identifies a subject in VEX documents and acceptances.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubjectIds {
    /// Its id in the engagement.
    pub id: String,
    /// Names: `docker.io/library/nginx:1.27`, `shop`, repository names without tag.
    pub names: Vec<String>,
    /// Digests: manifest, index, config, `sha256:…`.
    pub digests: Vec<String>,
}

/// Treats all matches, one answer for each, in their order. `at` is RFC 3339 or a date: acceptances expire.
#[must_use]
pub fn treat(
    _subject: &SubjectIds,
    _inventory: &Inventory,
    facts: &VulnerabilityFacts,
    _statements: &[Statement],
    _acceptances: &[Acceptance],
    _at: &str,
) -> Vec<Treated> {
    let open = Treated { standing: Standing::Open, statements: Vec::new(), acceptances: Vec::new() };
    vec![open; facts.matches.len()]
}
