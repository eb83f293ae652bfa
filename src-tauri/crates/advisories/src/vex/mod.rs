//! VEX documents: OpenVEX 0.2 (and 0.0), CycloneDX VEX 1.4–1.7, CSAF VEX 2.0, read into statements.
//!
//! A statement that cannot be read is no statement left out: the whole document is refused, and the place is named. A
//! statement that a flaw does no harm must say why.

mod csaf;
mod cyclonedx;
mod gather;
mod openvex;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use crate::bounded::{Bounds, Look, Shape, look, unknown, within};
use crate::error::AdvisoryError;

/// How large a document may be.
const BOUNDS: Bounds = Bounds { mebibytes: 32, objects: 1_000_000 };

/// What a statement says, in the words of OpenVEX.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// The flaw does no harm here, with the justification.
    NotAffected,
    /// It does.
    Affected,
    /// It has been fixed in this product.
    Fixed,
    /// Nobody knows yet.
    UnderInvestigation,
}

/// One product that a statement is about.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Product {
    /// Identifier: a purl, a digest, a name.
    pub id: String,
    /// More identifiers of the same product (purls, CPEs, hashes).
    pub identifiers: Vec<String>,
    /// The components of it that are meant, by purl; empty: the product as a whole.
    pub subcomponents: Vec<String>,
    /// The versions of the package that are meant: single ones, and ranges (`vers:npm/>=1|<2`), of which one must hold.
    /// Empty: those of the purl.
    pub versions: Vec<String>,
    /// It is what the document as a whole describes (CycloneDX's `metadata.component`) and no image: an application. It
    /// stands for the subject for which the document was given.
    pub root: bool,
}

/// One statement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Statement {
    /// The document: its id or title.
    pub document: String,
    /// Format and version: "OpenVEX 0.2.0", "CycloneDX 1.6", "CSAF 2.0".
    pub format: String,
    /// Who says so.
    pub author: String,
    /// When, RFC 3339; empty if the document does not say.
    pub at: String,
    /// The flaw.
    pub vulnerability: String,
    /// Its other ids.
    pub aliases: Vec<String>,
    /// What it is about; empty: whatever the document was given for.
    pub products: Vec<Product>,
    /// What is said.
    pub status: Status,
    /// Why it does no harm: one of OpenVEX's five labels, or CycloneDX's word.
    pub justification: Option<String>,
    /// Why, in words.
    pub impact: Option<String>,
    /// What to do.
    pub action: Option<String>,
    /// The item of evidence that holds the document: `E-3`. Set by whoever reads it.
    #[serde(default)]
    pub evidence: String,
    /// The subject that the evidence is about; none: all.
    #[serde(default)]
    pub subject: Option<String>,
}

/// The places by which a document is known.
const PLACES: [&str; 6] = [
    "@context",
    "statements",
    "bomFormat",
    "vulnerabilities.analysis.state",
    "document.category",
    "document.csaf_version",
];

enum Format {
    OpenVex,
    CycloneDx,
    Csaf,
}

/// Whether bytes look like a VEX document; cheap: nothing is kept, and the look ends at the first break. A CycloneDX
/// document is one when it analyses a vulnerability; a bill of materials or a scanner's list of findings is none.
#[must_use]
pub fn is_vex(bytes: &[u8]) -> bool {
    format(bytes.get(..BOUNDS.mebibytes << 20).unwrap_or(bytes)).is_some()
}

fn format(bytes: &[u8]) -> Option<Format> {
    let seen: Look = look(bytes, &PLACES);
    if seen.text("@context").is_some_and(openvex::is_context) && seen.at("statements") == Some(&Shape::Array) {
        Some(Format::OpenVex)
    } else if seen.text("bomFormat") == Some("CycloneDX") && seen.text("vulnerabilities.analysis.state").is_some() {
        Some(Format::CycloneDx)
    } else if seen.text("document.category").is_some_and(|category| category.eq_ignore_ascii_case("csaf_vex"))
        && seen.text("document.csaf_version").is_some()
    {
        Some(Format::Csaf)
    } else {
        None
    }
}

/// Reads a VEX document of any known format. `origin` names it in errors.
///
/// # Errors
/// When it is none, is larger than 32 MiB or says more than 100,000 statements, or a statement is invalid:
/// `not_affected` without justification and impact says nothing.
pub fn read(origin: &str, bytes: &[u8]) -> Result<Vec<Statement>, AdvisoryError> {
    within(origin, bytes, &BOUNDS)?;
    match format(bytes) {
        Some(Format::OpenVex) => openvex::read(origin, bytes),
        Some(Format::CycloneDx) => cyclonedx::read(origin, bytes),
        Some(Format::Csaf) => csaf::read(origin, bytes),
        None => Err(unknown(origin, "it is no OpenVEX, CycloneDX VEX or CSAF VEX document")),
    }
}
