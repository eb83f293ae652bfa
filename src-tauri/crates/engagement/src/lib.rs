//! The engagement file: one audit job in one SQLite file.
//!
//! In: subjects, facts, outcomes, evidence, decisions, issued reports. Out: the same, unchanged, years later, and the
//! verdicts computed from them. Every act is one transaction that also extends the hash-chained [`trail`]; triggers
//! refuse to change or delete what was recorded. Knows nothing of sockets, images or PDFs.
//!
//! - [`Engagement`]: opening, making, the subjects and the runs
//! - [`evidence`], [`decisions`]: what the auditor brings in and concludes
//! - [`Kept`]: connections to registries and pins, kept by name
//! - [`trail`]: the record of all acts, and its verification
//! - [`error`]: what can go wrong, in one sentence

pub mod decisions;
pub mod error;
pub mod evidence;
mod file;
mod kept;
pub mod reports;
pub mod runs;
mod settings;
mod subjects;
pub mod trail;

pub use decisions::{DecisionRecord, NewDecision};
pub use error::EngagementError;
pub use evidence::{EvidenceKind, EvidenceRecord, NewEvidence};
pub use file::{Details, Engagement, NewSubject, Subject};
pub use kept::Kept;
pub use reports::ReportRecord;
pub use runs::{FactsRecord, RunRecord, RunState};
pub use subjects::MovedSubject;
