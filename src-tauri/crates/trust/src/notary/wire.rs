//! The metadata files as Notary v1 writes them: read, bounded, and checked for what must be in them.
//!
//! The types follow TUF 0.9 in Notary's own flavour: `_type` in capitals, hashes in base64, no `spec_version`.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use sha2::{Digest as _, Sha256, Sha512};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::canonical::canonical;
use super::words::shown;

/// Most bytes of one file.
pub(super) const MAX_FILE: usize = 5 << 20;
/// Most signatures in one file, and most keys that one role may list.
const MAX_SIGNATURES: usize = 64;
/// Most keys in one file.
const MAX_KEYS: usize = 1_000;
/// Most delegations in one file, and in all.
pub(super) const MAX_DELEGATIONS: usize = 1_000;
/// Most beginnings of names that one delegation may be for.
const MAX_PATHS: usize = 1_000;
/// Longest name of a role.
const MAX_ROLE_NAME: usize = 255;

/// A file that was read: nothing in it is trusted yet.
#[derive(Debug)]
pub(super) struct File<T> {
    pub(super) body: T,
    pub(super) version: u64,
    pub(super) expires: OffsetDateTime,
    /// What the signatures are over.
    pub(super) signed: Vec<u8>,
    pub(super) signatures: Vec<Signature>,
}

/// One signature as it is written.
#[derive(Debug)]
pub(super) struct Signature {
    pub(super) key_id: String,
    /// In small letters.
    pub(super) method: String,
    /// Empty when it was no base64: it fits nothing then.
    pub(super) bytes: Vec<u8>,
}

#[derive(Deserialize)]
struct Envelope {
    signed: Value,
    #[serde(default, deserialize_with = "nullable")]
    signatures: Vec<WireSignature>,
}

#[derive(Deserialize)]
struct WireSignature {
    keyid: String,
    method: String,
    sig: String,
}

#[derive(Deserialize)]
struct Head {
    #[serde(rename = "_type")]
    kind: String,
    version: u64,
    expires: String,
}

/// Where the reference client takes `null` for an empty list.
fn nullable<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(deserializer: D) -> Result<T, D::Error> {
    Ok(Option::<T>::deserialize(deserializer)?.unwrap_or_default())
}

/// What a role's file says.
pub(super) trait Body: DeserializeOwned {
    /// Its `_type`.
    const TYPE: &'static str;

    /// Whether everything is there that must be; `role` is the role whose file it is.
    ///
    /// # Errors
    ///
    /// What is wrong, as the end of a sentence.
    fn check(&self, role: &str) -> Result<(), String>;
}

/// A public key.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct WireKey {
    pub(super) keytype: String,
    pub(super) keyval: WireKeyValue,
}

#[derive(Debug, Clone, Deserialize)]
pub(super) struct WireKeyValue {
    pub(super) public: String,
}

/// Who may sign a role, and how many must.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct WireRole {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) keyids: Vec<String>,
    #[serde(default)]
    pub(super) threshold: u64,
}

impl WireRole {
    fn check(&self, name: &str) -> Result<(), String> {
        if self.threshold == 0 {
            return Err(format!("it sets the threshold of {} to 0", shown(name)));
        }
        if self.keyids.len() > MAX_SIGNATURES {
            return Err(format!("it lists more than {MAX_SIGNATURES} keys for {}", shown(name)));
        }
        Ok(())
    }
}

fn few_keys(keys: &BTreeMap<String, WireKey>) -> Result<(), String> {
    if keys.len() > MAX_KEYS { Err(format!("it holds more than {MAX_KEYS} keys")) } else { Ok(()) }
}

#[derive(Debug, Deserialize)]
pub(super) struct Root {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) keys: BTreeMap<String, WireKey>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) roles: BTreeMap<String, WireRole>,
}

impl Body for Root {
    const TYPE: &'static str = "Root";

    fn check(&self, _: &str) -> Result<(), String> {
        few_keys(&self.keys)?;
        for name in ["root", "timestamp", "snapshot", "targets"] {
            self.roles.get(name).ok_or_else(|| format!("it has no role {name}"))?.check(name)?;
        }
        Ok(())
    }
}

/// Hashes and length of another file, or of an image's manifest.
#[derive(Debug, Clone, Default, Deserialize)]
pub(super) struct Meta {
    #[serde(default, deserialize_with = "nullable")]
    hashes: BTreeMap<String, String>,
    pub(super) length: u64,
}

impl Meta {
    /// The hashes that are known here, strongest use first: `sha256`, then `sha512`, in hexadecimal.
    ///
    /// # Errors
    ///
    /// A hash of another length than its algorithm's, or none that is known; the end of a sentence.
    pub(super) fn known(&self) -> Result<Vec<(&'static str, String)>, String> {
        let mut known = Vec::new();
        for (name, length) in [("sha256", 32), ("sha512", 64)] {
            if let Some(base64) = self.hashes.get(name) {
                let hash = STANDARD.decode(base64).ok().filter(|hash| hash.len() == length);
                known.push((name, hex::encode(hash.ok_or_else(|| format!("a {name} hash is none"))?)));
            }
        }
        if known.is_empty() { Err("it gives neither a sha256 nor a sha512 hash".to_owned()) } else { Ok(known) }
    }

    /// Compares a file with its length and every known hash; says what was compared.
    ///
    /// # Errors
    ///
    /// What does not fit, as the end of a sentence.
    pub(super) fn fits(&self, bytes: &[u8]) -> Result<String, String> {
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if length != self.length {
            return Err(format!("it has {length} bytes, where {} are announced", self.length));
        }
        let known = self.known()?;
        for (name, announced) in &known {
            let seen =
                if *name == "sha256" { hex::encode(Sha256::digest(bytes)) } else { hex::encode(Sha512::digest(bytes)) };
            if seen != *announced {
                return Err(format!("its {name} is {seen}, where {announced} is announced"));
            }
        }
        let names: Vec<_> = known.iter().map(|(name, _)| (*name).to_owned()).collect();
        Ok(format!("length and {} fit", names.join(", ")))
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Timestamp {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) meta: BTreeMap<String, Meta>,
}

impl Body for Timestamp {
    const TYPE: &'static str = "Timestamp";

    fn check(&self, _: &str) -> Result<(), String> {
        listed(&self.meta, "snapshot")
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Snapshot {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) meta: BTreeMap<String, Meta>,
}

impl Body for Snapshot {
    const TYPE: &'static str = "Snapshot";

    fn check(&self, _: &str) -> Result<(), String> {
        listed(&self.meta, "root")?;
        listed(&self.meta, "targets")
    }
}

fn listed(meta: &BTreeMap<String, Meta>, name: &str) -> Result<(), String> {
    meta.get(name).ok_or_else(|| format!("it does not list {name}"))?;
    for (name, one) in meta {
        one.known().map_err(|why| format!("of {}, {why}", shown(name)))?;
    }
    Ok(())
}

#[derive(Debug, Deserialize)]
pub(super) struct Targets {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) targets: BTreeMap<String, Meta>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) delegations: Delegations,
}

#[derive(Debug, Default, Deserialize)]
pub(super) struct Delegations {
    #[serde(default, deserialize_with = "nullable")]
    pub(super) keys: BTreeMap<String, WireKey>,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) roles: Vec<Delegation>,
}

/// One role to which targets are delegated.
#[derive(Debug, Clone, Deserialize)]
pub(super) struct Delegation {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) role: WireRole,
    #[serde(default, deserialize_with = "nullable")]
    pub(super) paths: Vec<String>,
}

impl Body for Targets {
    const TYPE: &'static str = "Targets";

    fn check(&self, role: &str) -> Result<(), String> {
        few_keys(&self.delegations.keys)?;
        if self.delegations.roles.len() > MAX_DELEGATIONS {
            return Err(format!("it delegates to more than {MAX_DELEGATIONS} roles"));
        }
        for one in &self.delegations.roles {
            if !delegable(&one.name, role) {
                return Err(format!("it delegates to “{}”, which is no name of a role below {role}", shown(&one.name)));
            }
            if one.paths.len() > MAX_PATHS {
                return Err(format!("it gives {} more than {MAX_PATHS} paths", shown(&one.name)));
            }
            one.role.check(&one.name)?;
        }
        Ok(())
    }
}

/// Whether a name is one directly below its parent's: `targets/alice` below `targets`.
fn delegable(name: &str, parent: &str) -> bool {
    name.len() <= MAX_ROLE_NAME
        && name.strip_prefix(parent).and_then(|rest| rest.strip_prefix('/')).is_some_and(|own| {
            !own.is_empty()
                && own != "."
                && own != ".."
                && own.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        })
}

/// Reads the file of a role.
///
/// # Errors
///
/// What is wrong with it, as the end of a sentence that begins with the role's name.
pub(super) fn read<T: Body>(role: &str, bytes: &[u8]) -> Result<File<T>, String> {
    if bytes.len() > MAX_FILE {
        return Err(format!("it is larger than {} MiB", MAX_FILE >> 20));
    }
    let no_json = |error: serde_json::Error| shown(&error.to_string());
    let envelope: Envelope = serde_json::from_slice(bytes).map_err(no_json)?;
    if envelope.signatures.len() > MAX_SIGNATURES {
        return Err(format!("it has more than {MAX_SIGNATURES} signatures"));
    }
    let head = Head::deserialize(&envelope.signed).map_err(no_json)?;
    if !head.kind.eq_ignore_ascii_case(T::TYPE) {
        return Err(format!("its type is “{}”, where {} belongs", shown(&head.kind), T::TYPE));
    }
    if head.version == 0 {
        return Err("its version is 0, where versions begin with 1".to_owned());
    }
    let expires = OffsetDateTime::parse(&head.expires, &Rfc3339)
        .map_err(|_| format!("“{}”, the moment when it expires, is no RFC 3339 time", shown(&head.expires)))?;
    let body = T::deserialize(&envelope.signed).map_err(no_json)?;
    body.check(role)?;
    let signed = canonical(&envelope.signed).map_err(|_| "it holds a number that is not whole".to_owned())?;
    let signatures = envelope
        .signatures
        .into_iter()
        .map(|one| Signature {
            key_id: one.keyid,
            method: one.method.to_ascii_lowercase(),
            bytes: STANDARD.decode(one.sig).unwrap_or_default(),
        })
        .collect();
    Ok(File { body, version: head.version, expires, signed, signatures })
}

/// The version that a file claims, whatever its role; none when it cannot be read.
pub(super) fn version(bytes: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Claim {
        version: u64,
    }
    #[derive(Deserialize)]
    struct Outer {
        signed: Claim,
    }
    if bytes.len() > MAX_FILE {
        return None;
    }
    serde_json::from_slice::<Outer>(bytes).ok().map(|outer| outer.signed.version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delegation_is_one_name_below_its_parent() {
        for good in ["targets/alice", "targets/a.b-c_1"] {
            assert!(delegable(good, "targets"), "{good}");
        }
        assert!(delegable("targets/releases/eu", "targets/releases"));
        for bad in
            ["targets", "targets/", "targets/a/b", "targets/..", "targetsx/a", "root/a", "targets/ü", "targets/a b"]
        {
            assert!(!delegable(bad, "targets"), "{bad}");
        }
        assert!(!delegable(&format!("targets/{}", "a".repeat(250)), "targets"));
    }

    #[test]
    fn a_file_fits_by_length_and_every_known_hash() {
        let meta = |json: &str| serde_json::from_str::<Meta>(json).unwrap();
        let sha256 = STANDARD.encode(Sha256::digest(b"abc"));
        let sha512 = STANDARD.encode(Sha512::digest(b"abc"));
        let good = meta(&format!(r#"{{"hashes":{{"sha256":"{sha256}","sha512":"{sha512}"}},"length":3}}"#));
        assert_eq!(good.fits(b"abc").unwrap(), "length and sha256, sha512 fit");
        assert!(good.fits(b"abd").unwrap_err().starts_with("its sha256 is a52d"));
        assert_eq!(good.fits(b"ab").unwrap_err(), "it has 2 bytes, where 3 are announced");
        let half = meta(&format!(r#"{{"hashes":{{"sha256":"{sha256}","sha512":"{sha256}"}},"length":3}}"#));
        assert_eq!(half.fits(b"abc").unwrap_err(), "a sha512 hash is none");
        let none = meta(r#"{"hashes":{"md5":"AAAA"},"length":3}"#);
        assert_eq!(none.fits(b"abc").unwrap_err(), "it gives neither a sha256 nor a sha512 hash");
    }

    #[test]
    fn what_must_be_there_is_asked_for() {
        let read = |json: &str| read::<Timestamp>("timestamp", json.as_bytes()).map(|file| file.version);
        let body = r#"{"_type":"timestamp","version":7,"expires":"2030-01-01T00:00:00.5Z","meta":{"snapshot":{"length":1,"hashes":{"sha256":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}}}}"#;
        let file = format!(r#"{{"signed":{body},"signatures":null}}"#);
        assert_eq!(read(&file), Ok(7));
        assert_eq!(read(&file.replace("\"snapshot\"", "\"root\"")).unwrap_err(), "it does not list snapshot");
        assert_eq!(read(&file.replace(":7,", ":0,")).unwrap_err(), "its version is 0, where versions begin with 1");
        assert!(read(&file.replace(":7,", ":-7,")).is_err());
        assert!(read(&file.replace(":7,", ":7.5,")).is_err());
        assert!(read(&file.replace("timestamp", "Snapshot")).unwrap_err().starts_with("its type is “Snapshot”"));
        assert!(read(&file.replace("2030-01-01T", "2030-13-01T")).unwrap_err().contains("RFC 3339"));
        assert!(read(&file[..file.len() - 9]).is_err());
        assert!(read(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))).is_err());
    }
}
