//! The Docker Engine: its images, its containers and the host.
//!
//! In: the engine that the auditor names ([`EngineAddress`]). Out: an image as a docker archive on disk, to be read by the
//! `image` crate, and facts about the host and its containers ([`facts`]). Reads only: every request is a GET, and
//! nothing on the engine is changed.
//!
//! Without the feature `client` there are only the types of what was seen, for those who judge it.

mod address;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod config;
pub mod facts;
#[cfg(feature = "client")]
mod mask;
#[cfg(feature = "client")]
mod parse;
mod reads;

pub use address::{AddressError, EngineAddress};
#[cfg(feature = "client")]
pub use client::{Context, DockerError, Engine, EngineImage, ListedImage, contexts};
pub use reads::reads;
