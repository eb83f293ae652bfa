//! An image that is read while it is fetched: the same reading as of a layout, but nothing is written to disk.

use std::io::{self, Read};
use std::path::Path;

use crate::error::ImageError;
use crate::facts::Transport;
use crate::hooks::Hooks;
use crate::limits::OpenOptions;
use crate::oci;
use crate::read::{ImageRead, read_stored};
use crate::store::{Parts, Store};

/// An image whose layers are fetched while they are read.
pub struct Streamed<'a> {
    /// Its name in full, for the facts and for errors: `docker.io/library/nginx:1.27`.
    pub name: &'a str,
    /// Digest of the document that the name stands for, an index or a manifest.
    pub digest: &'a str,
    /// The media type that this document was served with.
    pub media_type: &'a str,
    /// Digests and bytes of all documents: indexes, the manifest, its configuration, attestations and their statements.
    /// They are compared here.
    pub documents: &'a [(String, Vec<u8>)],
    /// Digest and size of each layer, as the manifest lists them.
    pub layers: &'a [(String, u64)],
    /// Gives the stored bytes of the layer with a digest, from its first byte; called from several threads, perhaps more
    /// than once for a layer. The bytes are compared here.
    pub open: &'a (dyn Fn(&str) -> io::Result<Box<dyn Read + Send>> + Sync),
}

/// Reads an image while it is fetched; nothing is written to disk. The facts are those of an OCI layout that holds the
/// same documents and layers, but for the transport.
///
/// # Errors
/// See [`ImageError`]; [`ImageError::Source`] when a layer's bytes cannot be had.
pub fn read_streamed(image: &Streamed<'_>, options: &OpenOptions, hooks: &dyn Hooks) -> Result<ImageRead, ImageError> {
    let size = image.documents.iter().find(|(digest, _)| digest == image.digest).map_or(0, |(_, bytes)| bytes.len());
    let index = oci::index_of(image.name, image.digest, image.media_type, size);
    let parts = Parts { index, documents: image.documents, layers: image.layers };
    let store = Store::streamed(Path::new(image.name), &parts, &options.limits);
    read_stored(&store, Transport::Registry, options, hooks, image.open)
}
