//! How a match stands after VEX statements and acceptances: nothing is removed, everything is said.
//!
//! A statement speaks to a match when
//! * its flaw is the match's by any id of either;
//! * the evidence that holds it is about this subject, or about all;
//! * one of its products is this subject (see `subject`), and the subcomponents, if it names some, are the match's package
//!   by the rule of [`crate::purl`]; or the product is the package itself; or the product is a program or archive in
//!   the image that holds the package, which is a subcomponent of it. A statement without products is about whatever
//!   its document was given for.
//!
//! Of several the latest counts; of those of one moment the more particular; of those the more cautious: affected,
//! under investigation, fixed, not affected. A statement of which the time is not known comes after all others.
//!
//! "Fixed" of a package whose version lies in the affected range stands as it is said: the product's maker can have
//! fixed the flaw without a new version. Nothing of what the advisories say is taken away by it.

mod accept;
mod speak;
mod subject;
#[cfg(test)]
mod tests;
mod vers;

use plimsoll_packages::Inventory;
use serde::{Deserialize, Serialize};

use crate::facts::VulnerabilityFacts;
use crate::vex::{Statement, Status};

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

/// Most statements and most acceptances that are named for one match.
pub const MOST: usize = 100;

/// Treats all matches, one answer for each, in their order. `at` is RFC 3339 or a date: acceptances expire at the end of
/// their last day in UTC. Where `at` or an acceptance's last day is no date, the acceptance counts as expired. Of the
/// statements and acceptances that speak to a match the first [`MOST`] are named.
///
/// What VEX clears stands as cleared, whether or not it is accepted too; else an acceptance that holds shows, beside the
/// statements that confirm the flaw.
#[must_use]
pub fn treat(
    subject: &SubjectIds,
    inventory: &Inventory,
    facts: &VulnerabilityFacts,
    statements: &[Statement],
    acceptances: &[Acceptance],
    at: &str,
) -> Vec<Treated> {
    let flaws = speak::Flaws::of(facts);
    let speaking = speak::Speaking::of(subject, inventory, &flaws, statements);
    let accepting = accept::Accepting::of(subject, &flaws, acceptances, at);
    let treated = facts.matches.iter().map(|found| {
        let ids = flaws.ids(found.vulnerability);
        let package = inventory.packages.get(found.package as usize);
        let said = speaking.to(ids, found.package);
        let (accepted, holds) = accepting.of_match(ids, package, speaking.ours(found.package));
        let counts = said.first().and_then(|&index| statements.get(index)).map(|statement| statement.status);
        let standing = match (counts, holds) {
            (Some(Status::NotAffected), _) => Standing::NotAffected,
            (Some(Status::Fixed), _) => Standing::Fixed,
            (_, Some(true)) => Standing::Accepted,
            (_, Some(false)) => Standing::AcceptanceExpired,
            (Some(Status::Affected), None) => Standing::Affected,
            (Some(Status::UnderInvestigation), None) => Standing::UnderInvestigation,
            (None, None) => Standing::Open,
        };
        Treated { standing, statements: said, acceptances: accepted }
    });
    treated.collect()
}
