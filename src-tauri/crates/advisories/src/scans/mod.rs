//! Results of other scanners (Trivy's and Grype's JSON), and what they found beside us.

mod compare;
mod grype;
#[cfg(test)]
mod tests;
mod trivy;
mod why;

use plimsoll_packages::Inventory;
use serde::{Deserialize, Serialize};

use crate::bounded::{Bounds, Shape, look, malformed, unknown, within};
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

/// How large a file may be.
const BOUNDS: Bounds = Bounds { mebibytes: 128, objects: 2_500_000 };
/// Findings in one file.
const FINDINGS: usize = 500_000;
/// Other ids of one finding that are kept.
const ALIASES: usize = 100;

/// The places by which a scanner's results are known.
const PLACES: [&str; 8] =
    ["SchemaVersion", "ArtifactName", "ArtifactType", "Results", "Metadata", "matches", "descriptor.name", "source"];

enum Format {
    Trivy,
    Grype,
}

/// Whether bytes look like a scanner's results; cheap: nothing is kept, and the look ends at the first break.
#[must_use]
pub fn is_scan(bytes: &[u8]) -> bool {
    format(bytes.get(..BOUNDS.mebibytes << 20).unwrap_or(bytes)).is_some()
}

fn format(bytes: &[u8]) -> Option<Format> {
    let seen = look(bytes, &PLACES);
    let is = |place: &str, shape: &Shape| seen.at(place) == Some(shape);
    let artifact = seen.text("ArtifactName").is_some() && is("SchemaVersion", &Shape::Number);
    // An image in which nothing was found has no results, but it has the rest.
    if artifact && (is("Results", &Shape::Array) || seen.text("ArtifactType").is_some()) {
        return Some(Format::Trivy);
    }
    // The descriptor comes last, and is lost where the file is cut off.
    let described = match seen.text("descriptor.name") {
        Some(name) => name == "grype",
        None => is("source", &Shape::Object),
    };
    (is("matches", &Shape::Array) && described).then_some(Format::Grype)
}

/// Reads a scanner's results. `origin` names the file in errors.
///
/// # Errors
/// When they are none that are known, or broken, or larger than 128 MiB or 500,000 findings.
pub fn read(origin: &str, bytes: &[u8]) -> Result<Scan, AdvisoryError> {
    within(origin, bytes, &BOUNDS)?;
    match format(bytes) {
        Some(Format::Trivy) => trivy::read(origin, bytes),
        Some(Format::Grype) => grype::read(origin, bytes),
        None => Err(unknown(origin, "it is no result of Trivy or Grype in JSON")),
    }
}

/// Adds a finding.
fn add(origin: &str, place: &str, scan: &mut Scan, mut finding: ScanFinding) -> Result<(), AdvisoryError> {
    if scan.findings.len() >= FINDINGS {
        return Err(malformed(origin, place, format!("it holds more than {FINDINGS} findings")));
    }
    if finding.id.trim().is_empty() {
        return Err(malformed(origin, place, "a finding has no id"));
    }
    let id = finding.id.clone();
    finding.aliases.retain(|alias| !alias.trim().is_empty() && !alias.eq_ignore_ascii_case(&id));
    finding.aliases.sort();
    finding.aliases.dedup();
    finding.aliases.truncate(ALIASES);
    scan.findings.push(finding);
    Ok(())
}

/// The digests in image references (`nginx@sha256:…`), and digests themselves; each once.
fn digests(references: impl Iterator<Item = String>) -> Vec<String> {
    let mut digests: Vec<String> = references
        .filter_map(|text| {
            let digest = text.rsplit('@').next().unwrap_or_default().trim().to_lowercase();
            digest.starts_with("sha256:").then_some(digest)
        })
        .collect();
    digests.sort();
    digests.dedup();
    digests
}

/// A text that says something.
fn said(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// Their word for a severity.
fn word(text: &str) -> Word {
    match text.trim().to_ascii_lowercase().as_str() {
        "critical" => Word::Critical,
        "high" => Word::High,
        "medium" => Word::Medium,
        "low" => Word::Low,
        "negligible" | "none" => Word::None,
        _ => Word::Unknown,
    }
}

/// Compares our matches with another scanner's findings.
///
/// A match and a finding are one when they have an id of the flaw in common, and the package: by purl, or by name (the
/// installed package's or its source's, some tools report the source once) and version, an epoch that one of them leaves
/// out aside. So one of their findings can stand beside several of our matches, and the other way round: then it is in
/// [`Comparison::both`] once for each, and in no other list.
#[must_use]
pub fn compare(inventory: &Inventory, facts: &VulnerabilityFacts, scan: &Scan) -> Comparison {
    compare::compare(inventory, facts, scan)
}
