//! The tests of the whole program, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod bad_input;
mod content_trust;
mod contract;
mod daemon;
mod headless;
mod lab;
mod registries;
mod registry_lab;
mod report;
mod service;
mod support;
mod trust_lab;
mod window;
mod wire;
