//! Reads one artifact that speaks of an image, manifest and layers, within bounds for all of them together.

use std::collections::BTreeMap;

use plimsoll_trust::{Artifact, ArtifactLayer, Bytes, Found, Looked};
use serde::Deserialize;
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::ask::Manifest;
use crate::asking::{looked, nobody_there};
use crate::error::{RegistryError, quoted};
use crate::reference::{Reference, is_digest};
use crate::transport::Registry;

/// Artifacts of one image, their bytes together, bytes of a layer, layers of an artifact.
const ARTIFACTS: usize = 32;
const BYTES: u64 = 32 << 20;
const LAYER: u64 = 4 << 20;
const LAYERS: usize = 100;

/// Reads artifacts from one repository, and remembers when there is no use in asking it any more.
pub(crate) struct Reader<'a> {
    pub registry: &'a Registry,
    pub reference: &'a Reference,
    pub cancel: &'a CancellationToken,
    pub artifacts: Vec<Artifact>,
    left: u64,
    /// Nobody answers there: that is the answer to everything else.
    down: Option<Looked>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "artifactType")]
    artifact_type: Option<String>,
    config: Option<Config>,
    layers: Option<Vec<Layer>>,
    manifests: Option<Value>,
}

#[derive(Deserialize)]
struct Config {
    #[serde(rename = "mediaType", default)]
    media_type: String,
}

#[derive(Deserialize)]
struct Layer {
    #[serde(rename = "mediaType", default)]
    media_type: String,
    digest: String,
    size: u64,
    annotations: Option<BTreeMap<String, Value>>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(registry: &'a Registry, reference: &'a Reference, cancel: &'a CancellationToken) -> Self {
        Reader { registry, reference, cancel, artifacts: Vec::new(), left: BYTES, down: None }
    }

    /// The answer that everything gets since nobody answered.
    pub(crate) fn down(&self) -> Option<Looked> {
        self.down.clone()
    }

    /// What an error means here, and for what is asked next.
    pub(crate) fn meaning(&mut self, error: &RegistryError) -> Looked {
        let meaning = looked(error);
        if nobody_there(error) {
            self.down.get_or_insert_with(|| meaning.clone());
        }
        meaning
    }

    /// The reference to a tag or digest of the repository.
    pub(crate) fn place(&self, tag_or_digest: &str) -> String {
        let separator = if is_digest(tag_or_digest) { '@' } else { ':' };
        format!("{}{separator}{}", self.reference.name(), quoted(tag_or_digest, 150))
    }

    /// A manifest or index by tag or digest.
    pub(crate) async fn manifest(&mut self, tag_or_digest: &str) -> Result<Manifest, Looked> {
        if let Some(down) = self.down() {
            return Err(down);
        }
        let fetched = self.registry.manifest(self.reference.repository(), tag_or_digest, self.cancel).await;
        fetched.map_err(|error| self.meaning(&error))
    }

    /// Reads the artifact with this tag or digest, and returns its type.
    pub(crate) async fn read(&mut self, found: Found, subject: &str, tag_or_digest: &str) -> Result<String, Looked> {
        let place = self.place(tag_or_digest);
        let failed = |reason: &str| Looked::Failed(format!("{place} was not read: {reason}."));
        if self.artifacts.len() >= ARTIFACTS {
            return Err(failed("there are more artifacts than the 32 that Plimsoll reads of an image"));
        }
        let manifest = self.manifest(tag_or_digest).await?;
        if let Some(reason) = crate::doubt::doubt(&manifest.bytes) {
            return Err(failed(&reason));
        }
        let document: Document =
            serde_json::from_slice(&manifest.bytes).map_err(|_| failed("it is no manifest of an artifact"))?;
        if document.manifests.is_some() {
            return Err(failed("there is an index where an artifact should be"));
        }
        let listed = document.layers.ok_or_else(|| failed("its manifest lists no layers"))?;
        if listed.len() > LAYERS {
            return Err(failed("it has more than 100 layers"));
        }
        let length = manifest.bytes.len() as u64;
        self.left = self.left.checked_sub(length).ok_or_else(|| failed("32 MiB were read before it"))?;
        let mut layers = Vec::new();
        for layer in listed {
            layers.push(self.layer(layer).await);
        }
        let config = document.config.map(|config| config.media_type);
        let artifact_type = document.artifact_type.filter(|text| !text.is_empty()).or(config).unwrap_or_default();
        let artifact_type = quoted(&artifact_type, 200);
        self.artifacts.push(Artifact {
            found,
            place,
            subject: subject.to_owned(),
            digest: manifest.digest,
            artifact_type: artifact_type.clone(),
            manifest: Bytes(manifest.bytes),
            layers,
        });
        Ok(artifact_type)
    }

    async fn layer(&mut self, layer: Layer) -> ArtifactLayer {
        let content = self.content(&layer).await;
        let text = |(key, value): (String, Value)| Some((key, value.as_str()?.to_owned()));
        let (bytes, unread) = match content {
            Ok(bytes) => (Some(Bytes(bytes)), None),
            Err(reason) => (None, Some(reason)),
        };
        ArtifactLayer {
            media_type: quoted(&layer.media_type, 200),
            digest: quoted(&layer.digest, 200),
            size: layer.size,
            annotations: layer.annotations.unwrap_or_default().into_iter().filter_map(text).collect(),
            bytes,
            unread,
        }
    }

    async fn content(&mut self, layer: &Layer) -> Result<Vec<u8>, String> {
        if layer.size > LAYER {
            return Err(format!("It has {} bytes, more than the {LAYER} that Plimsoll reads of a layer.", layer.size));
        }
        if layer.size > self.left {
            return Err("Plimsoll reads 32 MiB of artifacts of an image, and they were read before it.".into());
        }
        if let Some(Looked::Refused(reason) | Looked::Failed(reason)) = self.down() {
            return Err(reason);
        }
        // One byte more than the descriptor says shows that it says too little.
        let limit = layer.size.saturating_add(1);
        let repository = self.reference.repository();
        let bytes = self.registry.small_blob(repository, &layer.digest, limit, self.cancel).await.map_err(|error| {
            self.meaning(&error);
            error.to_string()
        })?;
        if bytes.len() as u64 != layer.size {
            return Err(format!("It has {} bytes, and its descriptor says {}.", bytes.len(), layer.size));
        }
        self.left = self.left.saturating_sub(layer.size);
        Ok(bytes)
    }
}
