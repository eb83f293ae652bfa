//! An image as layers: read once from an archive or a layout, or while it is fetched, turned into plain facts. It decides nothing.
//!
//! In: the path of a docker archive, an OCI archive or an OCI layout, the wanted reference and platform, bounds, and
//! hooks for progress and cancellation. Out: [`ImageFacts`], and the merged [`Tree`] for whoever looks deeper. Every
//! layer is read in one streaming pass, several at a time, and its digests are verified on the way. Memory grows with
//! the number of files, not with their bytes. All input is taken to be hostile.
//!
//! * `store` finds blobs; `docker` and `oci` choose the image; `config` reads its configuration;
//! * `layer` reads a layer (with `tarball`, `pax`, `names`, `stream`), `inspect` looks into its files on the way;
//! * `tree` merges the layers (`tree_bytes` records it); `content` and `waste` count; `found` puts packages, secrets and duplicates in their places;
//! * `accounts`, `shadow` and `sudo` read who can log in and become whom; `attest` reads what was stated about the build;
//! * `documents` gives single documents of a layout to whoever looks for signatures;
//! * `read` puts it together; [`sample`] builds small images for tests and for the sample engagement.

mod accounts;
mod attest;
mod config;
mod content;
mod docker;
mod documents;
mod error;
mod facts;
mod found;
mod hooks;
mod inspect;
mod layer;
mod limits;
mod masked;
mod names;
mod oci;
mod pax;
mod plan;
mod problems;
mod read;
pub mod sample;
mod shadow;
mod store;
mod stream;
mod streamed;
mod sudo;
mod tarball;
#[cfg(test)]
mod tests;
mod tree;
mod tree_bytes;
mod waste;

pub use documents::Layout;
pub use error::ImageError;
pub use facts::{
    Accounts, Attestation, Config, Content, Duplicate, EnvVar, FileFact, Group, Healthcheck, HistoryEntry, ImageFacts,
    Kind, LayerContent, LayerFacts, Password, PasswordState, PlacedSecret, Platform, SecretPlace, SetIdRemoved,
    SudoRule, Transport, Unread, User, Waste,
};
pub use hooks::{Hooks, NoHooks};
pub use limits::{Limits, OpenOptions};
pub use oci::Identity;
pub use read::{ImageRead, list_platforms, read_image, read_image_with_tree};
pub use streamed::{Streamed, read_streamed};
pub use tree::{Entry, Found, Hidden, Hiding, Magic, Tree, TreeError, TreeLayer};
