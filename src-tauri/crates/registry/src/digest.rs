//! Digests as they stand in names: `sha256:…`, `sha512:…`.

use sha2::{Digest, Sha256, Sha512};

/// A digest under way.
pub(crate) enum Hash {
    Sha256(Sha256),
    Sha512(Sha512),
}

impl Hash {
    /// Begins one of the same algorithm as `like` (a digest, or the algorithm alone).
    pub(crate) fn like(like: &str) -> Self {
        match like.split(':').next() {
            Some("sha512") => Hash::Sha512(Sha512::new()),
            _ => Hash::Sha256(Sha256::new()),
        }
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        match self {
            Hash::Sha256(hash) => hash.update(bytes),
            Hash::Sha512(hash) => hash.update(bytes),
        }
    }

    pub(crate) fn text(self) -> String {
        match self {
            Hash::Sha256(hash) => format!("sha256:{}", hex::encode(hash.finalize())),
            Hash::Sha512(hash) => format!("sha512:{}", hex::encode(hash.finalize())),
        }
    }

    /// The digest of bytes in memory.
    pub(crate) fn of(like: &str, bytes: &[u8]) -> String {
        let mut hash = Hash::like(like);
        hash.update(bytes);
        hash.text()
    }
}
