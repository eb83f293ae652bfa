//! Software bills of materials: an inventory written as CycloneDX 1.6 or SPDX 2.3, and either of them read back into one.
//!
//! Written: CycloneDX 1.6, SPDX 2.3. Read: CycloneDX 1.2 to 1.7 and SPDX 2.2 and 2.3 in JSON, as Syft, Trivy, BuildKit,
//! cdxgen and this crate write them; also as the predicate of an in-toto statement. `found` makes packages of components
//! by their package URLs, `distro` finds the distribution, `json` keeps what is read within bounds.
//!
//! In: an inventory with what it is an inventory of, or the bytes of a document. Out: a document, or an inventory.
//! Pure; no I/O. All input is taken to be hostile.

mod cyclonedx_metadata;
mod cyclonedx_read;
mod cyclonedx_write;
mod distro;
mod document;
mod edges;
mod flaws;
mod found;
mod ident;
mod json;
mod licence;
mod spdx_read;
mod spdx_write;
#[cfg(test)]
mod tests;

use plimsoll_packages::Inventory;
use serde::de::DeserializeSeed;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Bytes of a document.
const MAX_BYTES: usize = 256 * 1024 * 1024;

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SbomError {
    /// It is none that is known.
    #[error("it is neither a CycloneDX nor an SPDX document in JSON: {0}")]
    Unknown(String),
    /// It is broken or out of bounds.
    #[error("it is no valid {format} document: {place}: {reason}")]
    Malformed {
        /// "CycloneDX 1.6".
        format: String,
        /// Where: "line 3, column 7", "components[4].purl".
        place: String,
        /// What is wrong.
        reason: String,
    },
}

/// What a document told.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct SbomFacts {
    /// "CycloneDX", "SPDX".
    pub format: String,
    /// Version of the specification.
    pub spec_version: String,
    /// SHA-256 of the document, hexadecimal.
    pub sha256: String,
    /// Serial number or document namespace.
    pub serial: Option<String>,
    /// When it was made, as written.
    pub created: Option<String>,
    /// Tools and people that made it.
    pub creators: Vec<String>,
    /// What it is the bill of: name and version.
    pub subject: Option<String>,
    /// Digests of what it is the bill of.
    pub digests: Vec<String>,
    /// The packages. [`plimsoll_packages::Package::location`] and `layer` as far as the document tells them.
    pub inventory: Inventory,
    /// Components that are no packages that can be matched, and why; one sentence each.
    pub left_out: Vec<String>,
}

/// What a bill is written of.
#[derive(Debug, Clone, Default)]
pub struct Described<'a> {
    /// The subject's name: `docker.io/library/nginx:1.27`.
    pub name: &'a str,
    /// Its digest, `sha256:…`.
    pub digest: Option<&'a str>,
    /// Its platform: `linux/amd64`.
    pub platform: Option<&'a str>,
    /// When it was read, RFC 3339.
    pub created: &'a str,
    /// The program's version.
    pub version: &'a str,
    /// Who made it, may be empty.
    pub author: &'a str,
    /// What is installed.
    pub inventory: Option<&'a Inventory>,
    /// Known vulnerabilities, for CycloneDX.
    pub flaws: Vec<Flaw>,
}

/// A vulnerability in a bill (CycloneDX `vulnerabilities[]`).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Flaw {
    /// Its id.
    pub id: String,
    /// Who says it.
    pub source: String,
    /// Other ids.
    pub aliases: Vec<String>,
    /// `critical`, `high`, `medium`, `low`, `none`, `unknown`.
    pub severity: String,
    /// CVSS vector.
    pub vector: Option<String>,
    /// CVSS score.
    pub score: Option<f64>,
    /// What it is.
    pub summary: String,
    /// The version that fixes it.
    pub fixed: Option<String>,
    /// Indices of affected packages in the inventory.
    pub packages: Vec<u32>,
    /// CycloneDX analysis state (`not_affected`, `in_triage`, `exploitable`, `resolved`), justification and detail.
    pub analysis: Option<(String, Option<String>, Option<String>)>,
}

/// Whether bytes look like a bill of materials in JSON: CycloneDX with components, or SPDX with packages. Reads no
/// further than it must; a document that is cut off after that is one as well, and [`read`] says what is wrong with it.
#[must_use]
pub fn is_sbom(bytes: &[u8]) -> bool {
    let text = plain(bytes);
    if text.first() != Some(&b'{') {
        return false;
    }
    let mut found = json::Found::default();
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    // An error is the end of it; what counts is what was seen before.
    let _ = json::Shape { found: &mut found, depth: 0 }.deserialize(&mut deserializer);
    found.is_enough()
}

/// Without the mark of UTF-8 and blanks before the text.
fn plain(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start()
}

/// Reads a document of either format, in JSON.
///
/// # Errors
/// When it is none, or broken, or out of bounds (256 MiB, 1,000,000 components, 64 levels of components).
pub fn read(bytes: &[u8]) -> Result<SbomFacts, SbomError> {
    const TAKEN: &str = "CycloneDX 1.2 to 1.7 and SPDX 2.2 and 2.3 are taken in JSON only";
    let unknown = |what: &str| Err(SbomError::Unknown(format!("it is {what}; {TAKEN}")));
    if bytes.len() > MAX_BYTES {
        return Err(SbomError::Unknown(format!("it is larger than {} MiB", MAX_BYTES / (1024 * 1024))));
    }
    let text = plain(bytes);
    match text.first() {
        Some(b'{') => {}
        Some(b'<') => return unknown("XML"),
        None => return unknown("empty"),
        Some(_) if text.starts_with(b"SPDXVersion:") => return unknown("SPDX in its tag-value form"),
        Some(_) => return unknown("no JSON object"),
    }
    let mut facts = document::read(text)?;
    facts.sha256 = hex::encode(Sha256::digest(bytes));
    Ok(facts)
}

/// Writes CycloneDX 1.6 JSON. The same input gives the same bytes.
#[must_use]
pub fn cyclonedx(of: &Described<'_>) -> String {
    cyclonedx_write::write(of)
}

/// Writes SPDX 2.3 JSON. The same input gives the same bytes.
#[must_use]
pub fn spdx(of: &Described<'_>) -> String {
    spdx_write::write(of)
}
