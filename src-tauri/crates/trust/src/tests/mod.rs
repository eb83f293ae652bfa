//! Signatures made here, and what is said of them.

mod absence;
mod attestations;
mod bundles;
mod check;
mod hostile;
mod keyless;
mod make;
mod notation;
mod tags;
