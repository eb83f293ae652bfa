//! The application that both faces call: the desktop window and the command line know only this crate.
//!
//! In: what the auditor asks for. Out: facts collected, outcomes judged, verdicts computed, reports issued. Long work
//! runs as a [`Job`]: it tells its progress and can be cancelled.
//!
//! How an audit flows: [`source`] says where a subject comes from, [`collect`] reads it into facts, `checks` judges
//! them, `engagement` keeps them, `catalog` computes the verdicts; [`results`] writes them for machines, [`content`]
//! and [`issue`] for people, as a signed PDF.

pub mod acceptances;
pub mod bill;
mod browse;
pub mod browse_view;
pub mod collect;
mod comparing;
pub mod content;
pub mod coverage;
pub mod database;
pub mod error;
pub mod evidence;
pub mod facts_file;
mod fetch;
pub mod identity;
mod in_turn;
pub mod issue;
pub mod job;
pub mod judgement;
pub mod lists;
mod origin;
mod pages;
pub mod reach;
pub mod registries;
pub mod results;
pub mod run;
pub mod runtime;
mod runtime_content;
pub mod runtime_page;
mod runtime_tables;
pub mod runtime_view;
pub mod sample;
pub mod scan_state;
pub mod scanning;
pub mod session;
pub mod settings;
mod settings_page;
pub mod source;
mod spoken;
mod trust;
mod trust_content;
pub mod trust_files;
mod trust_layout;
mod trust_page;
pub mod trust_view;
mod unchanged;
pub mod update;
mod updates;
pub mod view;
pub mod vulnerabilities;
mod vulnerability_content;
mod vulnerability_results;
pub mod vulnerability_view;
mod words;

pub use error::WorkbenchError;
pub use job::{Job, Step};
pub use plimsoll_catalog as catalog;
pub use plimsoll_checks::{CollectedBy, Facts, all as checks};
pub use plimsoll_docker::EngineAddress;
pub use plimsoll_engagement::{Details, Engagement, MovedSubject, NewSubject};
pub use plimsoll_registry::Network;
pub use plimsoll_registry::{Connection, Credentials};
pub use plimsoll_signature::Identity as SigningIdentity;
pub use session::Session;
pub use source::Source;

/// The program's name and version, as results and reports carry it.
pub const TOOL: &str = "plimsoll";
/// The version.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The TypeScript of all types that cross to the window.
#[must_use]
pub fn bindings() -> String {
    view::bindings()
}
