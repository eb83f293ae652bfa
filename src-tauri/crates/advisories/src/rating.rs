//! Which of several severities is shown: the profile's policy decides, and all stay visible.

use serde::{Deserialize, Serialize};

use crate::facts::{Match, Vulnerability};
use crate::record::{Said, Word};

/// Which severity counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The vendor's (the distribution's, the package registry's); where it says nothing, NVD's, then anyone's.
    #[default]
    VendorFirst,
    /// NVD's; where it says nothing, the vendor's, then anyone's.
    NvdFirst,
    /// The highest that anyone says.
    Highest,
}

/// The severity of a match.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// By the policy.
    pub word: Word,
    /// Score times ten.
    pub score: Option<u8>,
    /// The vector.
    pub vector: Option<String>,
    /// Who says it; none when nobody does.
    pub source: Option<String>,
    /// What the vendor says.
    pub vendor: Option<Said>,
    /// What NVD says.
    pub nvd: Option<Said>,
}

/// Rates a match.
#[must_use]
pub fn rate(_vulnerability: &Vulnerability, _of: &Match, _policy: Policy) -> Rating {
    Rating { word: Word::Unknown, score: None, vector: None, source: None, vendor: None, nvd: None }
}

/// The base score of a CVSS vector (v2, 3.0, 3.1 or 4.0) times ten, and the word for it by FIRST's qualitative scale
/// (v2: NVD's). None for what is no valid vector.
#[must_use]
pub fn score(_vector: &str) -> Option<(u8, Word)> {
    None
}
