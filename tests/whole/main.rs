//! The tests of the whole program, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod contract;
mod headless;
mod lab;
mod report;
mod support;
mod trust;
mod window;
