//! Keys of the metadata, their ids, and how many of a role's keys signed a file.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::canonical::canonical;
use super::certificate::{self, Chain};
use super::wire::{File, WireKey, WireRole};
use super::words::{short, shown};
use crate::keys::{Algorithm, Hash, Kind, PublicKey};

/// A key that can be used.
#[derive(Debug, Clone)]
pub(super) struct Key {
    pub(super) public: PublicKey,
    /// The certificate that it came in, where it did.
    pub(super) chain: Option<Chain>,
}

/// The id of a key: SHA-256 of its canonical form, the private half always null.
pub(super) fn id(keytype: &str, public: &str) -> String {
    let value = json!({ "keytype": keytype, "keyval": { "private": null, "public": public } });
    // There is no number in it that could not be whole.
    hex::encode(Sha256::digest(canonical(&value).unwrap_or_default()))
}

/// The id that the same key has without its certificate; what `notary key list` shows.
pub(super) fn plain_id(key: &PublicKey) -> String {
    match key.kind() {
        Kind::Rsa(_) => id("rsa", &STANDARD.encode(key.spki())),
        Kind::P256 | Kind::P384 | Kind::P521 => id("ecdsa", &STANDARD.encode(key.spki())),
        Kind::Ed25519 => id("ed25519", &STANDARD.encode(key.spki().get(12..).unwrap_or_default())),
    }
}

/// Reads a key that is listed under an id.
///
/// # Errors
///
/// Why it cannot be used, as the end of a sentence.
pub(super) fn read(listed_as: &str, wire: &WireKey) -> Result<Key, String> {
    if listed_as != id(&wire.keytype, &wire.keyval.public) {
        return Err("its id is not the hash of the key".to_owned());
    }
    let bytes = STANDARD.decode(&wire.keyval.public).map_err(|_| "it is no base64".to_owned())?;
    let plain = |public| Key { public, chain: None };
    let certified = |bytes: &[u8]| {
        let chain = certificate::read(bytes)?;
        Ok::<_, String>(Key { public: chain.key()?, chain: Some(chain) })
    };
    let key = match wire.keytype.as_str() {
        "ecdsa" | "rsa" => plain(PublicKey::from_spki(&bytes).map_err(|error| error.to_string())?),
        "ed25519" => plain(PublicKey::from_ed25519(&bytes).map_err(|error| error.to_string())?),
        "ecdsa-x509" | "rsa-x509" => certified(&bytes)?,
        other => return Err(format!("“{}” is no kind of key that is known here", shown(other))),
    };
    let fits = match wire.keytype.as_str() {
        "rsa" | "rsa-x509" => matches!(key.public.kind(), Kind::Rsa(_)),
        "ed25519" => key.public.kind() == Kind::Ed25519,
        _ => matches!(key.public.kind(), Kind::P256 | Kind::P384 | Kind::P521),
    };
    if fits { Ok(key) } else { Err(format!("it is {}, and calls itself {}", key.public.describe(), wire.keytype)) }
}

/// Who may sign a role: the keys that can be used, and how many of them must.
#[derive(Debug, Clone, Default)]
pub(super) struct Authority {
    pub(super) keys: BTreeMap<String, Key>,
    pub(super) threshold: u64,
    /// Keys that are listed and cannot be used, and why.
    pub(super) unusable: Vec<(String, String)>,
}

impl Authority {
    /// Reads a role's keys.
    pub(super) fn read(role: &WireRole, keys: &BTreeMap<String, WireKey>) -> Self {
        let mut authority = Self { threshold: role.threshold, ..Self::default() };
        for key_id in role.keyids.iter().collect::<BTreeSet<_>>() {
            let wire = keys.get(key_id).ok_or_else(|| "it is not among the keys".to_owned());
            match wire.and_then(|wire| read(key_id, wire)) {
                Ok(key) => {
                    authority.keys.insert(key_id.clone(), key);
                }
                Err(why) => authority.unusable.push((shown(key_id), why)),
            }
        }
        authority
    }

    /// Keeps the keys that pass; the others are remembered with what is wrong with them.
    pub(super) fn retain(&mut self, test: impl Fn(&Key) -> Result<(), String>) {
        let unusable = &mut self.unusable;
        self.keys.retain(|id, key| match test(key) {
            Ok(()) => true,
            Err(why) => {
                unusable.push((id.clone(), why));
                false
            }
        });
    }

    /// Whose signatures on a file fit, by key id.
    pub(super) fn signed<T>(&self, file: &File<T>) -> Signed {
        let mut valid = BTreeSet::new();
        let mut distinct = BTreeSet::new();
        for signature in &file.signatures {
            let Some(key) = self.keys.get(&signature.key_id) else { continue };
            if valid.contains(&signature.key_id) {
                continue;
            }
            let Some(algorithm) = algorithm(&signature.method) else { continue };
            if key.public.verify(algorithm, &file.signed, &signature.bytes).is_ok() {
                valid.insert(signature.key_id.clone());
                // Two ids may hide one key, in two certificates: it counts once.
                distinct.insert(key.public.fingerprint());
            }
        }
        let count = u64::try_from(distinct.len()).unwrap_or(u64::MAX);
        Signed { valid: valid.into_iter().collect(), count, needed: self.threshold, listed: file.signatures.len() }
    }

    /// Why too few keys may count, for a sentence; empty when all can be used.
    pub(super) fn unusable(&self) -> String {
        self.unusable
            .iter()
            .take(5)
            .fold(String::new(), |text, (id, why)| format!("{text}; key {} does not count: {why}", short(id)))
    }
}

/// How a signature was made, by the name that Notary gives it. The hash is SHA-256 for every key.
fn algorithm(method: &str) -> Option<Algorithm> {
    match method {
        "ecdsa" => Some(Algorithm::EcdsaFixed(Hash::Sha256)),
        "rsapss" => Some(Algorithm::RsaPss(Hash::Sha256)),
        "rsapkcs1v15" => Some(Algorithm::RsaPkcs1(Hash::Sha256)),
        "eddsa" => Some(Algorithm::Ed25519),
        _ => None,
    }
}

/// How many signatures fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Signed {
    /// Ids of the keys whose signature fits.
    pub(super) valid: Vec<String>,
    /// Different keys among them.
    pub(super) count: u64,
    pub(super) needed: u64,
    /// Signatures in the file, whatever they are worth.
    pub(super) listed: usize,
}

impl Signed {
    /// No signature was looked at.
    pub(super) fn none(needed: u64) -> Self {
        Self { valid: Vec::new(), count: 0, needed, listed: 0 }
    }

    pub(super) fn enough(&self) -> bool {
        self.needed > 0 && self.count >= self.needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // A key of a real repository's recorded metadata, and the id that its client gave it.
    const PUBLIC: &str = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEx0wgPS3hwqGDDBl/SB+0fzqv0MeJQIHpRJwEbRG31hjdeEQbrryDeCyPSuGSsPn3dCSuP2vG2wKhlqz458ESlg==";
    const ID: &str = "6366ef7eef6479986f1b969aee602cd8796ed794db32b6299eb920a243f708d8";

    fn wire(keytype: &str, public: &str) -> WireKey {
        serde_json::from_value(json!({ "keytype": keytype, "keyval": { "private": null, "public": public } })).unwrap()
    }

    #[test]
    fn the_id_is_the_hash_of_the_canonical_key() {
        assert_eq!(id("ecdsa", PUBLIC), ID);
        let key = read(ID, &wire("ecdsa", PUBLIC)).unwrap();
        assert_eq!(plain_id(&key.public), ID);
    }

    #[test]
    fn a_key_under_a_foreign_id_or_kind_cannot_be_used() {
        assert_eq!(
            read(&ID.replace('6', "7"), &wire("ecdsa", PUBLIC)).unwrap_err(),
            "its id is not the hash of the key"
        );
        let named = |kind| read(&id(kind, PUBLIC), &wire(kind, PUBLIC)).unwrap_err();
        assert_eq!(named("rsa"), "it is ECDSA P-256, and calls itself rsa");
        assert_eq!(named("dsa"), "“dsa” is no kind of key that is known here");
        assert!(named("ed25519").contains("broken"));
        assert!(named("ecdsa-x509").contains("certificate"));
    }

    #[test]
    fn a_plain_ed25519_id_is_over_the_bare_bytes() {
        let raw = [7; 32];
        let key = PublicKey::from_ed25519(&raw).unwrap();
        assert_eq!(plain_id(&key), id("ed25519", &STANDARD.encode(raw)));
    }
}
