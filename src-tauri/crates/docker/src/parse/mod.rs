//! From the engine's answers to facts: pure functions, tolerant of every missing, null or wrongly typed field.
//!
//! What comes in is masked already ([`crate::mask`]).

pub(crate) mod container;
pub(crate) mod host;
pub(crate) mod lists;
pub(crate) mod seen;
pub(crate) mod swarm;
pub(crate) mod value;

#[cfg(test)]
mod parse_tests;
