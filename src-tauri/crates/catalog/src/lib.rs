//! The standards as data, and the algebra that turns outcomes and decisions into verdicts.
//!
//! In: outcomes of checks, decisions of people, amendments, the profile. Out: a verdict for every use case,
//! requirement and level. Pure: no I/O, no clock (the caller gives the time), no knowledge of where facts came from.
//!
//! - [`ids`]: the names of use cases, requirements, levels, subjects
//! - [`standards`]: the fourteen use cases of the paper and the 106 requirements of CSVS 1.0, with our own texts
//! - [`mod@official`]: the names of Docker's official images, as of a day
//! - [`outcome`]: what a check concludes, and the observations it rests on
//! - [`decision`]: what a person concludes, and when that still counts
//! - [`verdict`]: the rules R1–R7 on single links
//! - [`assessment`]: the rules applied to a whole engagement

pub mod assessment;
pub mod decision;
pub mod ids;
pub mod official;
pub mod outcome;
pub mod standards;
pub mod text;
pub mod verdict;

pub use assessment::{Assessment, LevelResult, RequirementResult, UseCaseResult, assess};
pub use decision::{Amendment, AmendmentKind, Conclusion, Decision, DecisionState};
pub use ids::{Level, Profile, RequirementId, SubjectKind, UseCaseId};
pub use official::{OFFICIAL_AS_OF, OFFICIAL_COMMIT, Official, official};
pub use outcome::{Location, Observation, Outcome, OutcomeKind, Severity};
pub use standards::{Phase, Requirement, RuntimeCheck, RuntimeLink, Standards, Strength, UseCase, standards};
pub use text::{Language, Text};
pub use verdict::{LevelVerdict, Verdict};
