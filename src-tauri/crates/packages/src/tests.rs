//! Tests of the whole crate: small databases are built here, byte by byte, and read back.

mod archives;
mod programs;
mod random;
mod rpm;
mod whole;
