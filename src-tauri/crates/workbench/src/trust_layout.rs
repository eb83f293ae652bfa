//! Signatures and attestations beside an image in an OCI layout: by cosign's tags, among the referrers, in the index.

use std::collections::BTreeMap;

use plimsoll_image::{ImageError, Layout};
use plimsoll_trust::{Artifact, ArtifactLayer, Bytes, Found, Looked, Lookup, Scheme, TrustFacts};
use serde::Deserialize;

use crate::error::WorkbenchError;

/// Where things are looked for; what is absent is absent there.
pub(crate) const HERE: &str = "in this layout, which need not hold all that its registry has";

/// One manifest may be at most this many bytes: 4 MiB, as registries have it.
const MANIFEST_LIMIT: u64 = 4 << 20;
/// One layer of an artifact: 4 MiB.
const LAYER_LIMIT: u64 = 4 << 20;
/// All layers of all artifacts of an image together: 32 MiB.
const LAYERS_LIMIT: u64 = 32 << 20;
/// Artifacts of one image.
const ARTIFACTS: usize = 32;
/// Layers of one artifact that are listed.
const LAYERS: usize = 512;
/// Blobs of a layout that are looked at for a subject, and all their bytes together.
const BLOBS: usize = 10_000;
const BLOBS_LIMIT: u64 = 64 << 20;
/// A blob larger than this is no manifest of a signature: 1 MiB.
const BLOB_LIMIT: u64 = 1 << 20;

const REF_NAME: &str = "org.opencontainers.image.ref.name";
const CONTAINERD_NAME: &str = "io.containerd.image.name";
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";

/// A descriptor (OCI image-spec, `descriptor.md`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Descriptor {
    media_type: String,
    digest: String,
    size: u64,
    annotations: Option<BTreeMap<String, String>>,
}

/// An index or a manifest (OCI image-spec, `image-index.md`, `manifest.md`).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Document {
    artifact_type: Option<String>,
    config: Option<Descriptor>,
    layers: Option<Vec<Descriptor>>,
    manifests: Option<Vec<Descriptor>>,
    subject: Option<Descriptor>,
}

impl Descriptor {
    fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref().and_then(|all| all.get(key)).map(String::as_str)
    }

    /// Whether the entry bears this tag, alone or at the end of a full name.
    fn is_tagged(&self, tag: &str) -> bool {
        let names = [REF_NAME, CONTAINERD_NAME].into_iter().filter_map(|key| self.annotation(key));
        names.into_iter().any(|name| name.rsplit(':').next() == Some(tag))
    }

    /// Whether it is BuildKit's attestation of the manifest with this digest.
    fn attests(&self, subject: &str) -> bool {
        self.annotation(REFERENCE_TYPE) == Some("attestation-manifest")
            && self.annotation(REFERENCE_DIGEST) == Some(subject)
    }
}

/// Why something could not be read, as the end of a sentence.
fn reason(error: &ImageError) -> String {
    match error {
        ImageError::DigestMismatch { found, .. } => format!("its content has another digest, {found}"),
        ImageError::LimitExceeded { limit, .. } => format!("it is larger than {limit} bytes"),
        ImageError::BadDigest { .. } => "its descriptor names no SHA-256 digest".to_owned(),
        other => other.to_string(),
    }
}

/// What is being gathered about one image.
struct Gathering<'a> {
    layout: &'a Layout,
    artifacts: Vec<Artifact>,
    lookups: Vec<Lookup>,
    /// Bytes of layers that may still be read.
    left: u64,
}

/// Looks for signatures and attestations of the digests in `facts`, and adds what is found.
pub(crate) fn collect(layout: &Layout, facts: &mut TrustFacts) -> Result<(), WorkbenchError> {
    let index: Document = document(&layout.index()?)
        .map_err(|reason| WorkbenchError::Input(format!("The layout's index.json cannot be read: {reason}.")))?;
    let entries = index.manifests.unwrap_or_default();
    let mut gathering = Gathering { layout, artifacts: Vec::new(), lookups: Vec::new(), left: LAYERS_LIMIT };
    // Which manifests name which subject is the same question for each digest.
    let subjects = subjects(layout, &facts.digests);
    for digest in &facts.digests {
        let tag = digest.replacen(':', "-", 1);
        for (suffix, found, scheme) in [
            (".sig", Found::CosignTag, Scheme::Cosign),
            (".att", Found::AttestationTag, Scheme::Attestation),
            (".sbom", Found::SbomTag, Scheme::Attestation),
        ] {
            gathering.tagged(&entries, digest, &format!("{tag}{suffix}"), found, scheme);
        }
        gathering.fallback(&entries, digest, &tag);
        gathering.referrers(&subjects, digest);
    }
    gathering.indexed(&entries, &facts.digests);
    facts.artifacts = gathering.artifacts;
    facts.lookups = gathering.lookups;
    Ok(())
}

fn document(bytes: &[u8]) -> Result<Document, String> {
    serde_json::from_slice(bytes).map_err(|error| format!("it is no manifest ({error})"))
}

/// The manifests that are stored and name one of the digests as their subject, and what kept from looking at all blobs.
struct Subjects {
    /// Digest of the manifest, and of its subject.
    found: Vec<(String, String)>,
    problem: Option<String>,
}

fn subjects(layout: &Layout, digests: &[String]) -> Subjects {
    let (blobs, more) = match layout.blobs(BLOBS) {
        Ok(listed) => listed,
        Err(error) => return Subjects { found: Vec::new(), problem: Some(reason(&error)) },
    };
    let mut problem = more.then(|| format!("it holds more than {BLOBS} blobs; not all were looked at"));
    let mut found = Vec::new();
    let mut left = BLOBS_LIMIT;
    for (digest, size) in blobs.into_iter().filter(|(_, size)| *size <= BLOB_LIMIT) {
        let Some(rest) = left.checked_sub(size) else {
            problem = Some("its small blobs are too many to look at all of them".to_owned());
            break;
        };
        left = rest;
        // A damaged blob that nobody names is nobody's signature; one that is named is told of where it is named.
        let Ok(Some(bytes)) = layout.blob(&digest, BLOB_LIMIT, "The manifest") else { continue };
        if bytes.first() != Some(&b'{') {
            continue;
        }
        let Ok(Document { subject: Some(subject), .. }) = document(&bytes) else { continue };
        if digests.contains(&subject.digest) {
            found.push((digest, subject.digest));
        }
    }
    Subjects { found, problem }
}

impl Gathering<'_> {
    fn looked(&mut self, scheme: Scheme, place: String, looked: Looked) {
        self.lookups.push(Lookup { scheme, place, looked });
    }

    /// Artifacts under one of cosign's tags.
    fn tagged(&mut self, entries: &[Descriptor], subject: &str, tag: &str, found: Found, scheme: Scheme) {
        let tagged: Vec<String> =
            entries.iter().filter(|entry| entry.is_tagged(tag)).map(|entry| entry.digest.clone()).collect();
        let place = format!("{HERE}: {tag}");
        let looked = self.all(&tagged, subject, found, |_| format!("in this layout: {tag}"));
        self.looked(scheme, place, looked);
    }

    /// The list of referrers under a tag (OCI distribution-spec, “Referrers Tag Schema”).
    fn fallback(&mut self, entries: &[Descriptor], subject: &str, tag: &str) {
        let mut looked = Looked::Absent;
        let lists: Vec<String> =
            entries.iter().filter(|entry| entry.is_tagged(tag)).map(|entry| entry.digest.clone()).collect();
        for list in lists {
            let read = self.manifest(&list).and_then(|bytes| document(&bytes));
            let answer = match read.map(|document| document.manifests) {
                Ok(Some(manifests)) => {
                    let digests: Vec<String> = manifests.into_iter().map(|manifest| manifest.digest).collect();
                    self.all(&digests, subject, Found::ReferrersTag, |digest| format!("in this layout: {digest}"))
                }
                Ok(None) => Looked::Failed("it is no list of referrers".to_owned()),
                Err(reason) => Looked::Failed(reason),
            };
            looked = worse(looked, answer);
        }
        self.looked(Scheme::Attestation, format!("{HERE}: {tag}"), looked);
    }

    /// Manifests that name the image as their subject.
    fn referrers(&mut self, subjects: &Subjects, subject: &str) {
        let digests: Vec<String> =
            subjects.found.iter().filter(|(_, of)| of == subject).map(|(digest, _)| digest.clone()).collect();
        let mut looked = self.all(&digests, subject, Found::Referrers, |digest| format!("in this layout: {digest}"));
        if let Some(problem) = &subjects.problem {
            looked = Looked::Failed(problem.clone());
        }
        self.looked(Scheme::Attestation, format!("{HERE}: manifests with the subject {subject}"), looked);
    }

    /// BuildKit's attestations in the layout's index, and in the image's own (BuildKit, “Image attestation storage”).
    fn indexed(&mut self, entries: &[Descriptor], digests: &[String]) {
        let mut looked = Looked::Absent;
        let mut lists: Vec<Vec<Descriptor>> = vec![entries.to_vec()];
        for digest in digests {
            match self.manifest(digest).and_then(|bytes| document(&bytes)) {
                Ok(document) => lists.extend(document.manifests),
                // An image that is given by its digest alone need not be stored here.
                Err(reason) => looked = worse(looked, Looked::Failed(format!("{digest}: {reason}"))),
            }
        }
        for digest in digests {
            let about = lists.iter().flatten().filter(|entry| entry.attests(digest));
            let mut found: Vec<String> = about.map(|entry| entry.digest.clone()).collect();
            found.dedup();
            looked = worse(looked, self.all(&found, digest, Found::Index, |d| format!("in this layout: {d}")));
        }
        self.looked(Scheme::Attestation, format!("{HERE}: attestations in the image's index"), looked);
    }

    /// Reads all of these artifacts.
    fn all(&mut self, digests: &[String], subject: &str, found: Found, place: impl Fn(&str) -> String) -> Looked {
        let mut looked = Looked::Absent;
        for digest in digests {
            if self.artifacts.iter().any(|known| known.digest == *digest && known.subject == subject) {
                looked = worse(looked, Looked::Found);
                continue;
            }
            if self.artifacts.len() >= ARTIFACTS {
                let problem = format!("there are more than {ARTIFACTS} artifacts; the others were not read");
                return Looked::Failed(problem);
            }
            let answer = match self.artifact(digest, subject, found, place(digest)) {
                Ok(artifact) => {
                    self.artifacts.push(artifact);
                    Looked::Found
                }
                Err(reason) => Looked::Failed(format!("{digest} could not be read: {reason}")),
            };
            looked = worse(looked, answer);
        }
        looked
    }

    fn manifest(&self, digest: &str) -> Result<Vec<u8>, String> {
        match self.layout.blob(digest, MANIFEST_LIMIT, "The manifest") {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err("it is not stored in this layout".to_owned()),
            Err(error) => Err(reason(&error)),
        }
    }

    fn artifact(&mut self, digest: &str, subject: &str, found: Found, place: String) -> Result<Artifact, String> {
        let bytes = self.manifest(digest)?;
        let manifest = document(&bytes)?;
        let listed = manifest.layers.unwrap_or_default();
        if listed.len() > LAYERS {
            return Err(format!("it lists more than {LAYERS} layers"));
        }
        let own_type = manifest.artifact_type.filter(|artifact_type| !artifact_type.is_empty());
        Ok(Artifact {
            found,
            place,
            subject: subject.to_owned(),
            digest: digest.to_owned(),
            artifact_type: own_type.or(manifest.config.map(|config| config.media_type)).unwrap_or_default(),
            manifest: Bytes(bytes),
            layers: listed.into_iter().map(|layer| self.layer(layer)).collect(),
        })
    }

    fn layer(&mut self, listed: Descriptor) -> ArtifactLayer {
        let limit = LAYER_LIMIT.min(self.left);
        let (bytes, unread) = match self.layout.blob(&listed.digest, limit, "The layer") {
            Ok(Some(bytes)) => {
                self.left = self.left.saturating_sub(bytes.len() as u64);
                (Some(Bytes(bytes)), None)
            }
            Ok(None) => (None, Some("it is not stored in this layout".to_owned())),
            Err(error) => (None, Some(reason(&error))),
        };
        ArtifactLayer {
            media_type: listed.media_type,
            digest: listed.digest,
            size: listed.size,
            annotations: listed.annotations.unwrap_or_default(),
            bytes,
            unread,
        }
    }
}

/// The answer that says more: a failure before something found, that before nothing.
fn worse(one: Looked, other: Looked) -> Looked {
    let weight = |looked: &Looked| match looked {
        Looked::Absent => 0,
        Looked::Found => 1,
        Looked::NotTried(_) | Looked::Refused(_) | Looked::Failed(_) => 2,
    };
    if weight(&other) > weight(&one) { other } else { one }
}
