//! Registries: what they serve, and how they are guarded.
//!
//! In: a reference or a registry's host, and how the auditor set the connection up. Out: manifests, configs and layers
//! whose digests were compared; signatures and trust metadata as they were served; what probes of the registry saw
//! ([`facts`]). Reads only, but for probes that the auditor consented to. Nothing is judged here.
//!
//! Credentials are read when they are needed, and are neither stored nor logged.
//!
//! Without the feature `client` there are only the [`facts`], so that those who judge need no sockets.

#[cfg(feature = "client")]
mod connection;
#[cfg(feature = "client")]
mod credentials;
pub mod facts;
#[cfg(feature = "client")]
mod fetch;
#[cfg(feature = "client")]
mod layout;

#[cfg(feature = "client")]
pub use connection::{Connection, Credentials, Network};
#[cfg(feature = "client")]
pub use fetch::{Fetched, RegistryError, fetch};
