//! What was fetched about the trust in one image: as it was served, nothing judged.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::verdict::Scheme;

/// Bytes as they were served; base64 in JSON.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Bytes(pub Vec<u8>);

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&STANDARD.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        STANDARD.decode(text).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Everything that was fetched about the trust in one image.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TrustFacts {
    /// The full name of the repository, without tag: `docker.io/library/nginx`, `127.0.0.1:5600/lab/good`. Content
    /// Trust calls it GUN.
    pub repository: String,
    /// The tag under which the image is known there.
    pub tag: Option<String>,
    /// The digests that are this image: first what the name stood for (index or manifest), then the manifest of the
    /// platform under audit where it is another one. Empty when it is not known, for example from a docker archive.
    pub digests: Vec<String>,
    /// When it was fetched, RFC 3339 in UTC. Expiry is judged at this moment.
    pub collected: String,
    /// Content Trust metadata; none when no trust server was asked.
    pub notary: Option<NotaryFacts>,
    /// Signature and attestation artifacts.
    pub artifacts: Vec<Artifact>,
    /// Each place that was looked at, and how it answered.
    pub lookups: Vec<Lookup>,
}

/// What a trust server said of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct NotaryFacts {
    /// The server: `https://notary.docker.io`, or where a folder of metadata came from.
    pub server: String,
    /// Globally unique name: the repository as the trust server knows it.
    pub gun: String,
    /// Metadata that was served.
    pub files: Vec<NotaryFile>,
    /// Names that the server answered with 404: `root`, `targets/releases`, `1.root`.
    pub absent: Vec<String>,
    /// Names that could not be fetched, with the reason: neither there nor absent.
    pub failed: Vec<(String, String)>,
    /// What the engagement pinned when it saw this repository before.
    pub pinned: Option<Pinned>,
}

/// One metadata file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotaryFile {
    /// Role: `root`, `timestamp`, `snapshot`, `targets`, `targets/releases`; an older root is `1.root`.
    pub name: String,
    /// As served.
    pub bytes: Bytes,
}

/// What was trusted at an earlier contact: kept in the engagement, given to the next verification.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Pinned {
    /// The root that was trusted, as served then.
    pub root: Bytes,
    /// Versions seen: role and version. A lower one later is a rollback.
    pub versions: BTreeMap<String, u64>,
    /// When this repository was first seen, RFC 3339.
    pub first_seen: String,
    /// When it was last seen, RFC 3339.
    pub last_seen: String,
}

/// Where an artifact was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Found {
    /// Tag `sha256-<hex>.sig`.
    CosignTag,
    /// Tag `sha256-<hex>.att`.
    AttestationTag,
    /// Tag `sha256-<hex>.sbom` (deprecated by cosign).
    SbomTag,
    /// The registry's referrers API.
    Referrers,
    /// The fallback tag `sha256-<hex>` of registries without that API.
    ReferrersTag,
    /// An `unknown/unknown` entry of the image's own index (BuildKit).
    Index,
}

/// One artifact that speaks of the image: a manifest and its layers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Artifact {
    /// How it was found.
    pub found: Found,
    /// Where, in a reader's words: `127.0.0.1:5600/lab/good:sha256-4483….sig`.
    pub place: String,
    /// The digest that it was found for.
    pub subject: String,
    /// Digest of its own manifest.
    pub digest: String,
    /// `artifactType`, or the config's media type where there is none.
    pub artifact_type: String,
    /// The manifest as served.
    pub manifest: Bytes,
    /// Its layers.
    pub layers: Vec<ArtifactLayer>,
}

/// One layer of an artifact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtifactLayer {
    /// Media type by its descriptor.
    pub media_type: String,
    /// Digest by its descriptor.
    pub digest: String,
    /// Bytes by its descriptor.
    pub size: u64,
    /// Annotations of the descriptor.
    pub annotations: BTreeMap<String, String>,
    /// The content, whose digest was compared; none where it was not read.
    pub bytes: Option<Bytes>,
    /// Why it was not read: too large, absent, another digest.
    pub unread: Option<String>,
}

/// How a place answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "answer", content = "reason")]
pub enum Looked {
    /// Something is there.
    Found,
    /// The place itself said that nothing is there: a 404, or an empty list of referrers.
    Absent,
    /// It wants other credentials: 401 or 403.
    Refused(String),
    /// It could not be read: no connection, an error of the server, nonsense, too much.
    Failed(String),
    /// It was not looked at, for example offline.
    NotTried(String),
}

/// One place that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lookup {
    /// For which scheme; attestations for what may hold several.
    pub scheme: Scheme,
    /// The place: an address or a reference, without credentials.
    pub place: String,
    /// How it answered.
    pub looked: Looked,
}
