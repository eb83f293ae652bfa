//! Transparency log entries (Rekor v1): read, and verified with the auditor's log keys. An entry whose signed promise
//! holds proves when the signature was already there.
//!
//! Follows Rekor's signed entry timestamp (a signature over the entry in canonical JSON, RFC 8785), RFC 6962 for the
//! Merkle tree, and the signed note format of checkpoints.

use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::body::{Claim, about};
use crate::fit::fits;
use crate::keys::PublicKey;
use crate::text::{base64_any, from_unix, integer, moment, said, shown, to_base64};
use crate::verdict::{Link, LinkKind};

/// Most bytes of one entry's body.
const BODY_MAX: usize = 1 << 20;
/// Most hashes of a Merkle path: a tree of 2^63 leaves.
const PATH_MAX: usize = 64;
/// Most bytes of a checkpoint, and most signatures on it.
const CHECKPOINT_MAX: usize = 16 << 10;
const CHECKPOINT_SIGNATURES: usize = 16;

/// One entry, as it came with a signature.
#[derive(Clone, Default)]
pub(crate) struct Entry {
    body: Vec<u8>,
    integrated: Option<i64>,
    index: Option<i64>,
    log: Vec<u8>,
    promise: Option<Vec<u8>>,
    proof: Option<Proof>,
}

#[derive(Clone)]
struct Proof {
    index: u64,
    size: u64,
    root: Vec<u8>,
    hashes: Vec<Vec<u8>>,
    checkpoint: String,
}

/// cosign's annotation `dev.sigstore.cosign/bundle`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Annotation {
    signed_entry_timestamp: String,
    payload: AnnotationPayload,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnnotationPayload {
    body: String,
    integrated_time: i64,
    log_index: i64,
    #[serde(rename = "logID")]
    log_id: String,
}

/// `TransparencyLogEntry` of a Sigstore bundle.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawEntry {
    #[serde(default, deserialize_with = "integer")]
    log_index: Option<i64>,
    #[serde(default)]
    log_id: Option<RawLogId>,
    #[serde(default, deserialize_with = "integer")]
    integrated_time: Option<i64>,
    #[serde(default)]
    inclusion_promise: Option<RawPromise>,
    #[serde(default)]
    inclusion_proof: Option<RawProof>,
    #[serde(default)]
    canonicalized_body: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawLogId {
    #[serde(default)]
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPromise {
    #[serde(default)]
    signed_entry_timestamp: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawProof {
    #[serde(default, deserialize_with = "integer")]
    log_index: Option<i64>,
    #[serde(default)]
    root_hash: String,
    #[serde(default, deserialize_with = "integer")]
    tree_size: Option<i64>,
    #[serde(default)]
    hashes: Vec<String>,
    #[serde(default)]
    checkpoint: Option<RawCheckpoint>,
}

#[derive(Deserialize)]
struct RawCheckpoint {
    #[serde(default)]
    envelope: String,
}

impl Entry {
    /// Reads cosign's annotation.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, as a sentence.
    pub(crate) fn from_annotation(text: &str) -> Result<Self, String> {
        let read: Annotation = serde_json::from_str(text)
            .map_err(|error| format!("The log entry that comes along cannot be read: {}.", said(&error)))?;
        let missing =
            |what: &str| format!("The log entry that comes along cannot be read: its {what} is not in base64.");
        Ok(Self {
            body: bounded(&read.payload.body).ok_or_else(|| missing("body"))?,
            integrated: Some(read.payload.integrated_time),
            index: Some(read.payload.log_index),
            log: hex::decode(&read.payload.log_id).unwrap_or_default(),
            promise: Some(base64_any(&read.signed_entry_timestamp).ok_or_else(|| missing("timestamp"))?),
            proof: None,
        })
    }

    /// Takes an entry of a Sigstore bundle.
    ///
    /// # Errors
    ///
    /// Why it cannot be read, as a sentence.
    pub(crate) fn from_bundle(raw: &RawEntry) -> Result<Self, String> {
        let missing =
            |what: &str| format!("A log entry of the bundle cannot be read: its {what} is not as it must be.");
        let proof = match &raw.inclusion_proof {
            None => None,
            Some(proof) => {
                if proof.hashes.len() > PATH_MAX {
                    return Err(missing("path"));
                }
                let number = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
                Some(Proof {
                    index: number(proof.log_index.or(Some(0))).ok_or_else(|| missing("index"))?,
                    size: number(proof.tree_size).ok_or_else(|| missing("tree size"))?,
                    root: base64_any(&proof.root_hash).ok_or_else(|| missing("root hash"))?,
                    hashes: proof
                        .hashes
                        .iter()
                        .map(|hash| base64_any(hash).filter(|hash| hash.len() == 32))
                        .collect::<Option<_>>()
                        .ok_or_else(|| missing("path"))?,
                    checkpoint: proof.checkpoint.as_ref().map(|one| one.envelope.clone()).unwrap_or_default(),
                })
            }
        };
        let promise = match &raw.inclusion_promise {
            Some(promise) if !promise.signed_entry_timestamp.is_empty() => {
                Some(base64_any(&promise.signed_entry_timestamp).ok_or_else(|| missing("promise"))?)
            }
            _ => None,
        };
        Ok(Self {
            body: bounded(&raw.canonicalized_body).ok_or_else(|| missing("body"))?,
            integrated: raw.integrated_time.filter(|seconds| *seconds > 0),
            index: raw.log_index,
            log: raw.log_id.as_ref().and_then(|id| base64_any(&id.key_id)).unwrap_or_default(),
            promise,
            proof,
        })
    }
}

fn bounded(text: &str) -> Option<Vec<u8>> {
    if text.is_empty() || text.len() > BODY_MAX {
        return None;
    }
    base64_any(text)
}

/// What an entry proves.
pub(crate) struct Logged {
    /// To be drawn.
    pub(crate) link: Link,
    /// When the signature was already there: proved by the log's own signature.
    pub(crate) proved: Option<OffsetDateTime>,
    /// When it was by the entry's word alone.
    pub(crate) claimed: Option<OffsetDateTime>,
}

/// Judges an entry: its promise, its path, and that it speaks of this very signature and key.
pub(crate) fn judge(entry: &Entry, claim: &Claim<'_>, logs: &[(String, PublicKey)]) -> Logged {
    let claimed = entry.integrated.and_then(from_unix);
    let mut details = Vec::new();
    if let Some(index) = entry.index {
        details.push(("index".to_owned(), index.to_string()));
    }
    if let Some(at) = claimed {
        details.push(("logged at".to_owned(), moment(at)));
    }
    if !entry.log.is_empty() {
        details.push(("log".to_owned(), hex::encode(entry.log.get(..32).unwrap_or(&entry.log))));
    }
    let mut link = Link {
        kind: LinkKind::Log,
        title: "Transparency log".to_owned(),
        details,
        holds: None,
        problem: String::new(),
    };
    let known = logs.iter().find(|(_, key)| hex::decode(key.fingerprint()).is_ok_and(|id| id == entry.log));
    let known = known.or_else(|| entry.log.is_empty().then(|| logs.first()).flatten());
    let outcome = about(&entry.body, claim).and_then(|()| match known {
        Some((name, key)) => {
            link.title = format!("Transparency log {}", shown(name));
            verify(entry, key).map(Some)
        }
        None => Ok(None),
    });
    let mut proved = None;
    match outcome {
        Ok(Some(timed)) => {
            link.holds = Some(true);
            proved = claimed.filter(|_| timed);
            if !timed {
                link.details.push(("time".to_owned(), "not proved: the log gave no signed time".to_owned()));
            }
        }
        Ok(None) if logs.is_empty() => {
            link.problem = "The entry was not verified: no key of a transparency log is trusted.".to_owned();
        }
        Ok(None) => link.problem = "The entry was not verified: its log's key is not among the trusted.".to_owned(),
        Err(problem) => {
            link.holds = Some(false);
            link.problem = problem;
        }
    }
    Logged { link, proved, claimed }
}

/// Verifies promise and path; says whether the time is signed.
fn verify(entry: &Entry, key: &PublicKey) -> Result<bool, String> {
    let mut timed = false;
    if let Some(promise) = &entry.promise {
        let message = format!(
            r#"{{"body":"{}","integratedTime":{},"logID":"{}","logIndex":{}}}"#,
            to_base64(&entry.body),
            entry.integrated.unwrap_or_default(),
            hex::encode(&entry.log),
            entry.index.unwrap_or_default(),
        );
        if !fits(key, message.as_bytes(), promise) {
            return Err(
                "The log's signature does not fit the entry: it was changed, or another log signed it.".to_owned()
            );
        }
        timed = entry.integrated.is_some();
    }
    match &entry.proof {
        Some(proof) => included(&entry.body, proof, key)?,
        None if entry.promise.is_none() => {
            return Err("The entry has neither a promise of the log nor a path to its root.".to_owned());
        }
        None => {}
    }
    Ok(timed)
}

fn included(body: &[u8], proof: &Proof, key: &PublicKey) -> Result<(), String> {
    let root = root_of(body, proof).ok_or("The entry's path in the log's tree is not as it must be.")?;
    if root.as_slice() != proof.root {
        return Err("The entry's path does not lead to the root hash that comes with it.".to_owned());
    }
    let (size, signed_root) = checkpoint(&proof.checkpoint, key)?;
    if size != proof.size || signed_root != proof.root {
        return Err("The log signed another root than the one of the entry's path.".to_owned());
    }
    Ok(())
}

/// The root hash that a leaf and its path come to (RFC 6962, section 2.1.1; RFC 9162, section 2.1.3.2).
fn root_of(body: &[u8], proof: &Proof) -> Option<[u8; 32]> {
    if proof.index >= proof.size {
        return None;
    }
    let node = |left: &[u8], right: &[u8]| -> [u8; 32] {
        Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
    };
    let mut hash: [u8; 32] = Sha256::new().chain_update([0]).chain_update(body).finalize().into();
    let (mut index, mut last) = (proof.index, proof.size.checked_sub(1)?);
    for sibling in &proof.hashes {
        if last == 0 {
            return None;
        }
        if index & 1 == 1 || index == last {
            hash = node(sibling, &hash);
            while index & 1 == 0 && index != 0 {
                index >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, sibling);
        }
        index >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(hash)
}

/// Verifies a checkpoint and reads tree size and root hash from it.
fn checkpoint(text: &str, key: &PublicKey) -> Result<(u64, Vec<u8>), String> {
    const MALFORMED: &str = "The log's checkpoint is not as it must be.";
    if text.len() > CHECKPOINT_MAX {
        return Err(MALFORMED.to_owned());
    }
    let (note, signatures) = text.split_once("\n\n").ok_or(MALFORMED)?;
    let note = format!("{note}\n");
    let signed = signatures.lines().take(CHECKPOINT_SIGNATURES).any(|line| {
        let encoded = line.strip_prefix("\u{2014} ").and_then(|rest| rest.rsplit(' ').next());
        // four bytes that hint at the key come first
        let bytes = encoded.and_then(base64_any).unwrap_or_default();
        bytes.get(4..).is_some_and(|signature| !signature.is_empty() && fits(key, note.as_bytes(), signature))
    });
    if !signed {
        return Err("The log's signature does not fit its checkpoint.".to_owned());
    }
    let mut lines = note.lines().skip(1);
    let size = lines.next().and_then(|line| line.parse().ok()).ok_or(MALFORMED)?;
    let root = lines.next().and_then(base64_any).ok_or(MALFORMED)?;
    Ok((size, root))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_leads_to_the_root_of_a_tree_of_three() {
        let leaf = |text: &[u8]| -> [u8; 32] { Sha256::new().chain_update([0]).chain_update(text).finalize().into() };
        let node = |left: &[u8; 32], right: &[u8; 32]| -> [u8; 32] {
            Sha256::new().chain_update([1]).chain_update(left).chain_update(right).finalize().into()
        };
        let (a, b, c) = (leaf(b"a"), leaf(b"b"), leaf(b"c"));
        let ab = node(&a, &b);
        let root = node(&ab, &c);
        let proof = |index, hashes: Vec<Vec<u8>>| Proof {
            index,
            size: 3,
            root: root.to_vec(),
            hashes,
            checkpoint: String::new(),
        };
        assert_eq!(root_of(b"a", &proof(0, vec![b.to_vec(), c.to_vec()])), Some(root));
        assert_eq!(root_of(b"b", &proof(1, vec![a.to_vec(), c.to_vec()])), Some(root));
        assert_eq!(root_of(b"c", &proof(2, vec![ab.to_vec()])), Some(root));
        assert_ne!(root_of(b"c", &proof(1, vec![a.to_vec(), c.to_vec()])), Some(root));
        assert_eq!(root_of(b"c", &proof(3, vec![])), None);
        assert_eq!(root_of(b"c", &proof(2, vec![])), None);
        assert_eq!(root_of(b"a", &proof(0, vec![b.to_vec(), c.to_vec(), c.to_vec()])), None);
    }

    #[test]
    fn an_annotation_that_is_nonsense_is_refused() {
        assert!(Entry::from_annotation("{}").is_err());
        assert!(Entry::from_annotation("").is_err());
    }
}
