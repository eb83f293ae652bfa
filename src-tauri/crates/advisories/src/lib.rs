//! Known vulnerabilities: the advisory database, the versions' order, the matching, and what others say about a match.
//!
//! In: what the public sources publish (files, folders, zips), an image's package inventory, VEX documents, results of
//! other scanners. Out: [`VulnerabilityFacts`], recorded with the engagement, and pure functions over them.
//!
//! * `record` is what every importer gives; `import` reads the sources' formats into it (feature `store`);
//! * `store` keeps records in one SQLite file and finds those of given packages (feature `store`);
//! * `ecosystem` names distributions and package registries; `versions` orders versions as each of them does;
//! * `matching` decides which packages are affected, and why; `facts` is what it found; no I/O;
//! * `rating` chooses a severity by the profile's policy; `vex` and `treat` say how a match stands after VEX
//!   statements and acceptances; `scans` reads other scanners' results and compares them with ours.
//!
//! All input is taken to be hostile.

mod bounded;
pub mod ecosystem;
mod error;
mod facts;
#[cfg(feature = "store")]
pub mod import;
pub mod matching;
pub mod purl;
pub mod rating;
mod record;
pub mod scans;
#[cfg(feature = "store")]
pub mod store;
pub mod treat;
pub mod versions;
pub mod vex;
mod when;

pub use error::AdvisoryError;
pub use facts::{
    Coverage, Data, DatabaseState, Epss, Exploited, Match, NotEvaluated, OwnedElsewhere, Reason, Release, SourceState,
    Support, Vulnerability, VulnerabilityFacts,
};
pub use record::{Affected, NameKind, OtherId, Record, Relation, Said, Span, State, Word};
