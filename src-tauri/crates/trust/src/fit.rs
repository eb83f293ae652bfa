//! Which algorithms cosign and Rekor use for a kind of key, and whether a signature fits one of them.

use crate::keys::{Algorithm, Hash, Kind, PublicKey};

/// The algorithms for a kind of key: SHA-256 was once used for every curve, and the curve's own size is now.
fn algorithms(kind: Kind) -> &'static [Algorithm] {
    match kind {
        Kind::P256 => &[Algorithm::EcdsaAsn1(Hash::Sha256)],
        Kind::P384 => &[Algorithm::EcdsaAsn1(Hash::Sha384), Algorithm::EcdsaAsn1(Hash::Sha256)],
        Kind::P521 => &[Algorithm::EcdsaAsn1(Hash::Sha512), Algorithm::EcdsaAsn1(Hash::Sha256)],
        Kind::Rsa(_) => &[Algorithm::RsaPkcs1(Hash::Sha256)],
        Kind::Ed25519 => &[Algorithm::Ed25519],
    }
}

/// Whether a signature over these bytes is the key's.
pub(crate) fn fits(key: &PublicKey, message: &[u8], signature: &[u8]) -> bool {
    algorithms(key.kind()).iter().any(|algorithm| key.verify(*algorithm, message, signature).is_ok())
}

/// Whether a signature over bytes of which only the SHA-256 is at hand is the key's. Never for Ed25519.
pub(crate) fn fits_sha256(key: &PublicKey, hash: &[u8], signature: &[u8]) -> bool {
    let over_sha256 = |algorithm: &&Algorithm| {
        matches!(algorithm, Algorithm::EcdsaAsn1(Hash::Sha256) | Algorithm::RsaPkcs1(Hash::Sha256))
    };
    algorithms(key.kind())
        .iter()
        .filter(over_sha256)
        .any(|algorithm| key.verify_digest(*algorithm, hash, signature).is_ok())
}
