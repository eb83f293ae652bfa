//! The fuzz targets, in one binary. `cargo test` runs each for a bounded number of random inputs; see `README.md`.
//!
//! In: a handful of well-formed inputs per reader, built in code, and edits to them (`mutate.rs`). Each target holds its
//! reader to four things: it does not panic, it says the same of the same bytes, what it gives back is bounded by what it
//! was given, and all of it together stays within the memory that this process may have.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a target fails by panicking")]

mod advisories;
mod dockerfile;
mod facts;
mod image;
mod judge;
mod mutate;
mod packages;
mod secrets;
mod trust;

/// More than this at once, over all targets that run side by side, and the process ends: 1 GiB.
const MEMORY: usize = 1 << 30;

#[global_allocator]
static ALLOCATOR: cap::Cap<std::alloc::System> = cap::Cap::new(std::alloc::System, MEMORY);

/// A reader's answer may hold so many bytes for each byte of its input …
const GROWTH: usize = 256;
/// … and so many in any case.
const FREE: usize = 64 * 1024;

/// Holds an answer to the bound.
#[track_caller]
fn bounded(what: &str, answer: &impl serde::Serialize, input: usize) -> String {
    let json = serde_json::to_string(answer).unwrap();
    let limit = FREE + GROWTH * input;
    assert!(json.len() <= limit, "{what}: {input} bytes became {} (bound {limit})", json.len());
    json
}
