//! Talking to an engine: the connection, its images, its host and its containers.

mod connection;
mod containers;
pub(crate) mod contexts;
mod dial;
mod error;
mod host;
mod images;
pub(crate) mod surroundings;
pub(crate) mod target;
mod tls;
mod transport;
mod trouble;

#[cfg(test)]
mod facts_tests;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod faults_tests;
#[cfg(test)]
mod ways_tests;

pub use connection::Engine;
pub use contexts::{Context, contexts};
pub use error::DockerError;
pub use images::{EngineImage, ListedImage};
