//! What a check concludes, and the observations it rests on.

use serde::{Deserialize, Serialize};

use crate::ids::{RequirementId, UseCaseId};

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutcomeKind {
    /// Looked at, and as it should be
    Pass,
    /// Looked at, and not as it should be
    Fail,
    /// The check's question does not arise for this subject
    NotApplicable,
    /// Signals were gathered; a person must decide
    Undecided,
    /// It could not be read; never a pass
    Error,
}

impl OutcomeKind {
    /// All five.
    pub const ALL: [Self; 5] = [Self::Pass, Self::Fail, Self::NotApplicable, Self::Undecided, Self::Error];

    /// The word as it stands in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::NotApplicable => "not-applicable",
            Self::Undecided => "undecided",
            Self::Error => "error",
        }
    }
}

/// How much an observation weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Exploitable as it stands, with full effect
    Critical,
    /// Exploitable with little more
    High,
    /// Weakens a protection
    Medium,
    /// Against good practice
    Low,
    /// Worth knowing
    Info,
}

impl Severity {
    /// The word as it stands in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Info => "info",
        }
    }
}

/// Where an observation was made.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Location {
    /// A line of a text file.
    File {
        /// The file as the auditor named it.
        file: String,
        /// From 1.
        line: u32,
    },
    /// A path in a layer.
    Layer {
        /// The layer's diff_id, `sha256:…`.
        layer: String,
        /// The path inside the image, absolute.
        path: String,
    },
    /// A field of a config, manifest or API answer, such as `config.Healthcheck`.
    Field {
        /// The field's path, dots between names.
        field: String,
    },
}

impl std::fmt::Display for Location {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::File { file, line } => write!(f, "{file}:{line}"),
            Self::Layer { layer, path } => write!(f, "{path} in layer {layer}"),
            Self::Field { field } => f.write_str(field),
        }
    }
}

/// One thing that a check saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observation {
    /// How much it weighs.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// Where it was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
    /// A command of an ordinary tool that shows it again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<String>,
    /// What others call the rule: `DL3007`, `CIS-DI-0006`, `4.9` …
    #[serde(default)]
    pub aliases: Vec<String>,
}

/// What a check concluded about one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outcome {
    /// The subject's id within the engagement.
    pub subject: String,
    /// The check's stable id.
    pub check: String,
    /// The use case that the check answers; none for what the paper does not speak of: hosts, and how containers run.
    #[serde(default)]
    pub use_case: Option<UseCaseId>,
    /// The requirements that the check speaks to.
    pub requirements: Vec<RequirementId>,
    /// How the check ended.
    pub outcome: OutcomeKind,
    /// One sentence that says why.
    pub summary: String,
    /// What it rests on.
    pub observations: Vec<Observation>,
}
