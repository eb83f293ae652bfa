//! Registries: what they serve, and how they are guarded.
//!
//! In: a reference or a registry's host, and how the auditor set the connection up. Out: manifests, configs and layers
//! whose digests were compared; signatures and trust metadata as they were served; what probes of the registry saw
//! ([`facts`]). Reads only, but for probes that the auditor consented to. Nothing is judged here.
//!
//! * `reference` completes names; `connection` says how to reach a host; `credentials` (with `helper` and `keyring`) who asks;
//! * `wire` sends one request (`trouble` names what failed); `challenge` and `token` authenticate; `tries` repeats;
//! * [`Registry`] puts that together and is what everything else here asks;
//! * `blob` streams and resumes; `listing` chooses a platform; `pull` opens an image whose layers are read while they are
//!   fetched; `layout` keeps them when that is wanted.
//!
//! References, manifest types and error envelopes are oci-client's. Its `Client` is not used: it cannot do client
//! certificates, bounded manifests, a redirect policy or `Retry-After`, and does not tell refusals apart. The transport
//! is our own on `reqwest` 0.13 with rustls, the same version and features that oci-client brings.
//!
//! Credentials are read when they are needed, and are neither stored nor logged.
//!
//! Without the feature `client` there are only the [`facts`], so that those who judge need no sockets.

#[cfg(feature = "client")]
mod artifact;
#[cfg(feature = "client")]
mod ask;
#[cfg(feature = "client")]
mod asking;
#[cfg(feature = "client")]
mod blob;
#[cfg(feature = "client")]
mod body;
#[cfg(feature = "client")]
mod browse;
#[cfg(feature = "client")]
mod certificate;
#[cfg(feature = "client")]
mod challenge;
#[cfg(feature = "client")]
mod client;
#[cfg(feature = "client")]
mod connection;
#[cfg(feature = "client")]
mod consented;
#[cfg(feature = "client")]
mod credentials;
#[cfg(feature = "client")]
mod digest;
#[cfg(feature = "client")]
mod documents;
#[cfg(feature = "client")]
mod doubt;
#[cfg(feature = "client")]
mod error;
pub mod facts;
#[cfg(feature = "client")]
mod helper;
#[cfg(feature = "client")]
mod hub;
#[cfg(feature = "client")]
mod keyring;
#[cfg(feature = "client")]
mod layout;
#[cfg(feature = "client")]
mod listing;
#[cfg(feature = "client")]
mod nobody;
#[cfg(feature = "client")]
mod outdated;
#[cfg(feature = "client")]
mod probe;
#[cfg(feature = "client")]
mod pull;
#[cfg(feature = "client")]
mod reference;
#[cfg(feature = "client")]
mod signatures;
#[cfg(all(test, feature = "client"))]
mod testing;
#[cfg(feature = "client")]
mod tls;
#[cfg(feature = "client")]
mod token;
#[cfg(feature = "client")]
mod transport;
#[cfg(feature = "client")]
mod tries;
#[cfg(feature = "client")]
mod trouble;
#[cfg(feature = "client")]
mod trust_server;
#[cfg(feature = "client")]
mod wire;

#[cfg(feature = "client")]
pub use ask::{Answer, Ask, MANIFEST_LIMIT, MANIFEST_TYPES, Manifest, Method, Who};
#[cfg(feature = "client")]
pub use blob::BlobStream;
#[cfg(feature = "client")]
pub use browse::{Offer, Offered, OfferedImage, TagOffer, image, repositories, tags};
#[cfg(feature = "client")]
pub use challenge::{Challenge, challenges};
#[cfg(feature = "client")]
pub use client::{client_facts, client_facts_async, client_facts_of, from_config};
#[cfg(feature = "client")]
pub use connection::{Connection, Credentials, Network, Patience, Places};
#[cfg(feature = "client")]
pub use error::RegistryError;
#[cfg(feature = "client")]
pub use hub::served;
#[cfg(feature = "client")]
pub use keyring::{keyring_remove, keyring_save};
#[cfg(feature = "client")]
pub use listing::{images_of, list_images, platforms};
#[cfg(feature = "client")]
pub use probe::probe;
#[cfg(feature = "client")]
pub use pull::{RemoteImage, Wanted, open_image};
#[cfg(feature = "client")]
pub use reference::{Reference, is_digest};
#[cfg(feature = "client")]
pub use signatures::signatures;
#[cfg(feature = "client")]
pub use tls::tls;
#[cfg(feature = "client")]
pub use transport::Registry;
#[cfg(feature = "client")]
pub use trust_server::{collect, metadata, server_for};
