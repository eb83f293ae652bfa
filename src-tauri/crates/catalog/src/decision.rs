//! What a person concludes about a requirement or use case, and when that still counts (rule R2).

use serde::{Deserialize, Serialize};
use time::Date;

use crate::ids::{RequirementId, UseCaseId};

/// What a person concluded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Conclusion {
    /// It holds.
    Satisfied,
    /// It does not hold.
    NotSatisfied,
    /// The question does not arise.
    NotApplicable,
    /// Looked at, and no conclusion could be drawn. It decides nothing.
    Inconclusive,
}

/// How far a decision has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecisionState {
    /// Being written. It decides nothing yet.
    Draft,
    /// The preparer stands by it.
    Prepared,
    /// The reviewer sent it back. It decides nothing until it is prepared again.
    Returned,
    /// The reviewer agreed.
    Reviewed,
}

/// What a decision is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// A use case of the paper.
    UseCase(UseCaseId),
    /// A requirement of CSVS.
    Requirement(RequirementId),
}

impl std::fmt::Display for Target {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::UseCase(id) => id.fmt(f),
            Self::Requirement(id) => id.fmt(f),
        }
    }
}

/// The current version of a decision, as the algebra sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The subject; none means the engagement as a whole: the default for every subject without a decision of its own.
    pub subject: Option<String>,
    /// What it is about.
    pub target: Target,
    /// What was concluded.
    pub conclusion: Conclusion,
    /// Why. A decision without a reason decides nothing.
    pub rationale: String,
    /// How far it has come.
    pub state: DecisionState,
    /// Whether the digest, the requirement's wording and the outcomes that it rests on are still the same.
    pub fresh: bool,
}

impl Decision {
    /// R2: whether the decision is fit to count at all, fresh or not.
    #[must_use]
    pub fn is_fit(&self) -> bool {
        matches!(self.state, DecisionState::Prepared | DecisionState::Reviewed)
            && self.conclusion != Conclusion::Inconclusive
            && !self.rationale.trim().is_empty()
    }
}

/// The kinds of amendment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AmendmentKind {
    /// The check was wrong about this one.
    FalsePositive,
    /// Another control does the same work.
    CompensatingControl,
    /// The client lives with the failure. It changes no verdict.
    RiskAcceptance,
    /// Operation needs it so. It changes no verdict.
    OperationalRequirement,
}

/// An exception to a failure: with a reason, an approver and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amendment {
    /// Its kind.
    pub kind: AmendmentKind,
    /// The subject that it is about.
    pub subject: String,
    /// The use case or requirement that it is about.
    pub target: Target,
    /// Whether somebody entitled to has approved it.
    pub approved: bool,
    /// The last day on which it counts.
    pub expires: Date,
}

impl Amendment {
    /// Whether it counts on a day.
    #[must_use]
    pub fn in_force(&self, today: Date) -> bool {
        self.approved && today <= self.expires
    }
}
