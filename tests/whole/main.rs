//! The tests of the whole program, in one binary.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod artifact_lab;
mod bad_input;
mod collect;
mod content_trust;
mod contract;
mod daemon;
mod headless;
mod lab;
mod probe_lab;
mod registries;
mod registry_lab;
mod report;
mod runtime;
mod secret_lab;
mod service;
mod support;
mod tokens;
mod trust;
mod trust_lab;
mod vulnerabilities;
mod window;
mod wire;
