//! An image as layers: read once from an archive or a layout, turned into plain facts. It decides nothing.
//!
//! In: the path of a docker archive, an OCI archive or an OCI layout, the wanted reference and platform, bounds, and
//! hooks for progress and cancellation. Out: [`ImageFacts`], and the merged [`Tree`] for whoever looks deeper. Every
//! layer is read in one streaming pass, several at a time, and its digests are verified on the way. Memory grows with
//! the number of files, not with their bytes. All input is taken to be hostile.
//!
//! * `store` finds blobs; `docker` and `oci` choose the image; `config` reads its configuration;
//! * `layer` reads a layer (with `tarball`, `pax`, `names`, `stream`); `tree` merges them; `content` and `waste` count;
//! * `read` puts it together; [`sample`] builds small images for tests and for the sample engagement.

mod accounts;
mod config;
mod content;
mod docker;
mod error;
mod facts;
mod hooks;
mod layer;
mod limits;
mod names;
mod oci;
mod pax;
mod plan;
mod problems;
mod read;
pub mod sample;
mod store;
mod stream;
mod tarball;
#[cfg(test)]
mod tests;
mod tree;
mod waste;

pub use error::ImageError;
pub use facts::{
    Accounts, Attestation, Config, Content, Duplicate, EnvVar, FileFact, Group, Healthcheck, HistoryEntry, ImageFacts,
    Kind, LayerContent, LayerFacts, Password, PasswordState, PlacedSecret, Platform, SecretPlace, SetIdRemoved,
    SudoRule, Transport, Unread, User, Waste,
};
pub use hooks::{Hooks, NoHooks};
pub use limits::{Limits, OpenOptions};
pub use read::{ImageRead, list_platforms, read_image, read_image_with_tree};
pub use tree::{Entry, Found, Hidden, Hiding, Magic, Tree, TreeError, TreeLayer};
