//! report
pub mod content;
