//! Results of other scanners (Trivy's and Grype's JSON), and what they found beside us.

use plimsoll_packages::Inventory;
use serde::{Deserialize, Serialize};

use crate::error::AdvisoryError;
use crate::facts::VulnerabilityFacts;
use crate::record::Word;

/// What another scanner found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Scan {
    /// "Trivy", "Grype".
    pub tool: String,
    /// Its version, where the file tells it.
    pub version: Option<String>,
    /// When its database was built, where the file tells it.
    pub database: Option<String>,
    /// When it scanned.
    pub at: Option<String>,
    /// What it scanned: the name.
    pub artifact: Option<String>,
    /// What it scanned: digests, config and manifest.
    pub digests: Vec<String>,
    /// What it found.
    pub findings: Vec<ScanFinding>,
    /// Oddities, one sentence each.
    pub problems: Vec<String>,
}

/// One finding of another scanner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct ScanFinding {
    /// Its id.
    pub id: String,
    /// Other ids.
    pub aliases: Vec<String>,
    /// The package's name.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Its purl.
    pub purl: Option<String>,
    /// The version that fixes it.
    pub fixed: Option<String>,
    /// The severity in a word.
    pub severity: Word,
    /// Where it lies.
    pub path: Option<String>,
}

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Compared {
    /// Our match, an index into [`VulnerabilityFacts::matches`].
    pub ours: Option<u32>,
    /// Their finding, an index into [`Scan::findings`].
    pub theirs: Option<u32>,
    /// Why only one has it, as far as it shows; one sentence.
    pub why: Option<String>,
}

/// A comparison: every match of ours and every finding of theirs is in exactly one of the three.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Comparison {
    /// Found by both.
    pub both: Vec<Compared>,
    /// Only by us.
    pub only_ours: Vec<Compared>,
    /// Only by them.
    pub only_theirs: Vec<Compared>,
}

/// Whether bytes look like a scanner's results; cheap.
#[must_use]
pub fn is_scan(_bytes: &[u8]) -> bool {
    false
}

/// Reads a scanner's results. `origin` names the file in errors.
///
/// # Errors
/// When they are none that are known, or broken.
pub fn read(origin: &str, _bytes: &[u8]) -> Result<Scan, AdvisoryError> {
    Err(AdvisoryError::Unknown { origin: origin.to_owned(), reason: "it is no result of Trivy or Grype".to_owned() })
}

/// Compares our matches with another scanner's findings.
#[must_use]
pub fn compare(_inventory: &Inventory, _facts: &VulnerabilityFacts, _scan: &Scan) -> Comparison {
    Comparison::default()
}
