//! OCI image layouts, in a directory or a tar file: index, manifest, choice of image and platform.
//!
//! OCI image-spec: `image-layout.md`, `image-index.md`, `manifest.md`. Docker's schema 2 manifests and lists are read
//! in the same way, as skopeo and BuildKit write them into layouts.

use std::collections::{BTreeMap, HashSet};

use serde::Deserialize;

use crate::attest::{self, Listed};
use crate::config;
use crate::error::ImageError;
use crate::facts::{Attestation, Platform, Transport};
use crate::limits::OpenOptions;
use crate::names;
use crate::plan::{self, DOCKER_CONFIG, OCI_CONFIG, Plan, PlannedLayer, layer_name};
use crate::problems::{Problems, capital};
use crate::store::Store;

const REF_NAME: &str = "org.opencontainers.image.ref.name";
const CONTAINERD_NAME: &str = "io.containerd.image.name";
const REFERENCE_TYPE: &str = "vnd.docker.reference.type";
const REFERENCE_DIGEST: &str = "vnd.docker.reference.digest";

const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
const MANIFESTS: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
const LAYERS: [&str; 11] = [
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.v1.tar+gzip",
    "application/vnd.oci.image.layer.v1.tar+zstd",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
    "application/vnd.docker.image.rootfs.diff.tar",
    "application/vnd.docker.image.rootfs.diff.tar.gzip",
    "application/vnd.docker.image.rootfs.diff.tar.zstd",
    "application/vnd.docker.image.rootfs.foreign.diff.tar",
    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
];

/// Bytes of one word of a platform.
const PLATFORM_BYTES: usize = 64;

/// Manifests that are looked at in one layout, whatever it lists.
const LOOKED_AT: usize = 1000;

/// A descriptor: of a manifest, a configuration or a layer.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Descriptor {
    #[serde(rename = "mediaType", default)]
    pub media_type: String,
    pub digest: String,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default)]
    platform: Option<ListedPlatform>,
    #[serde(default)]
    pub annotations: Option<BTreeMap<String, String>>,
    #[serde(rename = "artifactType", default)]
    artifact_type: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct ListedPlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(default)]
    variant: Option<String>,
}

/// An index or a manifest: what it is shows in what it holds.
#[derive(Clone, Debug, Deserialize)]
struct Document {
    #[serde(rename = "schemaVersion", default)]
    schema_version: Option<u64>,
    #[serde(default)]
    manifests: Option<Vec<Descriptor>>,
    #[serde(default)]
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Option<Vec<Descriptor>>,
}

impl Descriptor {
    fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref().and_then(|all| all.get(key)).map(String::as_str).filter(|text| !text.is_empty())
    }

    /// The name to show: containerd's full one, or the layout's.
    fn name(&self) -> Option<&str> {
        self.annotation(CONTAINERD_NAME).or_else(|| self.annotation(REF_NAME))
    }

    fn is_called(&self, reference: &str) -> bool {
        let by_digest = reference.rsplit('@').next() == Some(self.digest.as_str());
        let named = [CONTAINERD_NAME, REF_NAME].into_iter().filter_map(|key| self.annotation(key));
        by_digest || named.into_iter().any(|name| plan::same_reference(name, reference))
    }

    /// Attestations of BuildKit stand in the index beside the image that they are about.
    fn is_attestation(&self) -> bool {
        self.annotation(REFERENCE_TYPE).is_some()
            || self.platform.as_ref().is_some_and(|p| p.os == "unknown" && p.architecture == "unknown")
    }

    /// The attestation that it is, if it says what it is about.
    fn attestation(&self) -> Option<Listed> {
        let subject = self.annotation(REFERENCE_DIGEST)?;
        let is_one = self.annotation(REFERENCE_TYPE) == Some("attestation-manifest");
        is_one.then(|| Listed { digest: self.digest.clone(), subject: subject.to_owned() })
    }

    fn platform(&self) -> Option<Platform> {
        let fits = |text: &str| (1..=PLATFORM_BYTES).contains(&text.len());
        let listed = self.platform.as_ref().filter(|p| fits(&p.os) && fits(&p.architecture))?;
        let variant = listed.variant.clone().filter(|variant| fits(variant));
        Some(Platform { os: listed.os.clone(), architecture: listed.architecture.clone(), variant })
    }
}

/// A manifest that may be the one. What it lists is read again when it is chosen, so that many cost no memory.
struct Leaf {
    digest: String,
    platform: Option<Platform>,
    /// Digest and media type of its configuration; `None` if the manifest is listed but not stored.
    config: Option<(String, String)>,
}

/// What an index leads to.
#[derive(Default)]
struct Gathered {
    leaves: Vec<Leaf>,
    attestations: Vec<Listed>,
    looked_at: usize,
}

impl Gathered {
    fn attestations_of<'a>(&mut self, listed: impl IntoIterator<Item = &'a Descriptor>) {
        let room = LOOKED_AT.saturating_sub(self.attestations.len());
        self.attestations.extend(listed.into_iter().filter_map(Descriptor::attestation).take(room));
    }
}

/// The chosen image, before its configuration and layers are looked at.
struct Selected {
    reference: Option<String>,
    repo_tags: Vec<String>,
    /// Digests of the entries of `index.json` that make it up.
    named: Vec<String>,
    leaf: Leaf,
    other_platforms: Vec<Platform>,
    attestations: Vec<Listed>,
    problems: Problems,
}

/// What the chosen image is called in its layout, and its digests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name of the chosen entry: containerd's full one, or the layout's.
    pub reference: Option<String>,
    /// First what the name stands for (an index or the manifest), then the manifest of the chosen platform where it is
    /// another one.
    pub digests: Vec<String>,
}

/// Which image `options` asks for. Its layers need not be there.
pub(crate) fn identity(store: &Store, transport: Transport, options: &OpenOptions) -> Result<Identity, ImageError> {
    let selected = select(store, transport, options)?;
    let mut digests = selected.named;
    // Several entries are one image only together: none of them is what the name stands for.
    if digests.len() > 1 {
        digests.clear();
    }
    if !digests.contains(&selected.leaf.digest) {
        digests.push(selected.leaf.digest);
    }
    Ok(Identity { reference: selected.reference, digests })
}

/// Reads the documents of the image that `options` asks for.
pub(crate) fn plan(store: &Store, transport: Transport, options: &OpenOptions) -> Result<Plan, ImageError> {
    let selected = select(store, transport, options)?;
    finish(store, selected.leaf, &selected.attestations, options, selected.problems).map(|plan| Plan {
        reference: selected.reference,
        repo_tags: selected.repo_tags,
        other_platforms: selected.other_platforms,
        ..plan
    })
}

/// The bytes of `index.json`.
pub(crate) fn index_json(store: &Store, transport: Transport, limit: u64) -> Result<Vec<u8>, ImageError> {
    let Some(blob) = store.find("index.json")? else {
        let hint = if matches!(store.find("manifest.json"), Ok(Some(_))) {
            "it holds a manifest.json, so read it as docker-archive"
        } else if store.is_root_file_system() {
            "it looks like the files of a container, as docker export writes them; use docker save or skopeo"
        } else {
            "name a layout that skopeo, buildah or docker buildx wrote"
        };
        return Err(ImageError::NoManifest {
            path: store.path.clone(),
            name: "index.json".to_owned(),
            transport,
            hint: hint.to_owned(),
        });
    };
    store.small(&blob, limit, "index.json")
}

fn select(store: &Store, transport: Transport, options: &OpenOptions) -> Result<Selected, ImageError> {
    let bytes = index_json(store, transport, options.limits.manifest_bytes)?;
    let index: Document = plan::json(store, &bytes, "index.json")?;
    let mut problems = Problems::default();
    if !matches!(store.find("oci-layout"), Ok(Some(_))) {
        problems.say("The layout has no file oci-layout.".to_owned());
    }
    let mut gathered = Gathered::default();
    let listed = index.manifests.unwrap_or_default();
    gathered.attestations_of(&listed);
    let tops: Vec<Descriptor> = listed.into_iter().filter(|d| !d.is_attestation()).collect();
    let tops = without_artifacts(store, tops, options);
    let chosen = choose(store, &tops, options.reference.as_deref())?;
    let reference = options
        .reference
        .as_deref()
        .and_then(|asked| {
            let named = chosen.iter().flat_map(|top| [CONTAINERD_NAME, REF_NAME].map(|key| top.annotation(key)));
            named.flatten().find(|name| plan::same_reference(name, asked))
        })
        .or_else(|| chosen.iter().find_map(|top| top.name()))
        .map(str::to_owned);
    let mut repo_tags: Vec<String> = Vec::new();
    for top in tops.iter().filter(|top| chosen.iter().any(|other| other.digest == top.digest)) {
        if let Some(name) = top.name().filter(|name| !repo_tags.iter().any(|tag| tag == name)) {
            repo_tags.push(name.to_owned());
        }
    }
    let mut named: Vec<String> = Vec::new();
    for top in &chosen {
        gather(store, top, options, options.limits.link_depth, &mut gathered)?;
        if !named.contains(&top.digest) {
            named.push(top.digest.clone());
        }
    }
    let (leaf, platforms, index) = choose_platform(store, gathered.leaves, options, &mut problems)?;
    let other_platforms = platforms.into_iter().enumerate().filter(|(at, _)| *at != index).map(|(_, p)| p).collect();
    Ok(Selected { reference, repo_tags, named, leaf, other_platforms, attestations: gathered.attestations, problems })
}

/// What the `index.json` of a docker archive that is a layout too knows of the image with this configuration: the digest
/// of its manifest, and attestations. Nothing when the layout part cannot be understood.
pub(crate) fn beside(
    store: &Store,
    config_digest: &str,
    options: &OpenOptions,
    problems: &mut Problems,
) -> (Option<String>, Vec<Attestation>) {
    let index = || -> Option<Document> {
        let blob = store.find("index.json").ok().flatten()?;
        let bytes = store.small(&blob, options.limits.manifest_bytes, "index.json").ok()?;
        plan::json(store, &bytes, "index.json").ok()
    };
    let listed = index().and_then(|index| index.manifests).unwrap_or_default();
    let mut gathered = Gathered::default();
    gathered.attestations_of(&listed);
    for top in listed.iter().filter(|top| !top.is_attestation()) {
        // A multi-platform index lists images whose blobs were not saved: those are passed over.
        let _ = gather(store, top, options, options.limits.link_depth, &mut gathered);
    }
    let is_it = |leaf: &Leaf| leaf.config.as_ref().is_some_and(|(digest, _)| digest == config_digest);
    let Some(leaf) = gathered.leaves.into_iter().find(is_it) else { return (None, Vec::new()) };
    let attestations = attest::read(store, &gathered.attestations, &leaf.digest, options, problems);
    (Some(leaf.digest), attestations)
}

/// The `index.json` of a layout that holds one image under a name.
pub(crate) fn index_of(name: &str, digest: &str, media_type: &str, size: usize) -> Vec<u8> {
    let index = serde_json::json!({
        "schemaVersion": 2,
        "mediaType": INDEXES.first(),
        "manifests": [{
            "mediaType": media_type,
            "digest": digest,
            "size": size,
            "annotations": { REF_NAME: name },
        }],
    });
    index.to_string().into_bytes()
}

/// The layers that a manifest lists.
pub(crate) fn layers(store: &Store, digest: &str, options: &OpenOptions) -> Result<Vec<Descriptor>, ImageError> {
    let layers = manifest(store, digest, options)?.layers.unwrap_or_default();
    plan::bound_layers(store, layers.len(), &options.limits)?;
    Ok(layers)
}

/// Signatures and the like may stand in `index.json` beside the image; they are not to be chosen from.
fn without_artifacts(store: &Store, tops: Vec<Descriptor>, options: &OpenOptions) -> Vec<Descriptor> {
    if options.reference.is_some() || tops.len() < 2 {
        return tops;
    }
    let is_image = |media_type: &str| [DOCKER_CONFIG, OCI_CONFIG].contains(&media_type);
    let is_artifact = |top: &Descriptor| match top.artifact_type.as_deref() {
        _ if top.name().is_some_and(is_artifact_tag) => true,
        Some(artifact_type) if !artifact_type.is_empty() => !is_image(artifact_type),
        // What cannot be read here is kept, so that it is reported when it is chosen.
        _ => match manifest(store, &top.digest, options) {
            Ok(Document { manifests: None, config: Some(config), .. }) => !is_image(&config.media_type),
            _ => false,
        },
    };
    let (mut looked_at, mut images) = (0, Vec::new());
    for top in &tops {
        looked_at += 1;
        if looked_at > LOOKED_AT || !is_artifact(top) {
            images.push(top.clone());
        }
    }
    if images.is_empty() { tops } else { images }
}

/// Whether a name has the tag of a signature, an attestation or a list of referrers: `sha256-<hex>`, with or without
/// `.sig`, `.att`, `.sbom` (cosign's tag scheme; OCI distribution-spec, “Referrers Tag Schema”).
fn is_artifact_tag(name: &str) -> bool {
    let tag = name.rsplit(':').next().unwrap_or(name);
    let Some(rest) = tag.strip_prefix("sha256-") else { return false };
    let hex = [".sig", ".att", ".sbom"].iter().find_map(|end| rest.strip_suffix(end)).unwrap_or(rest);
    plan::is_hex(hex)
}

/// The entries of `index.json` that make up one image.
fn choose<'a>(
    store: &Store,
    tops: &'a [Descriptor],
    reference: Option<&str>,
) -> Result<Vec<&'a Descriptor>, ImageError> {
    if tops.is_empty() {
        return Err(ImageError::NoImage { path: store.path.clone() });
    }
    let called = |top: &Descriptor| names::shown(top.name().unwrap_or(&top.digest));
    if let Some(reference) = reference {
        let chosen: Vec<_> = tops.iter().filter(|top| top.is_called(reference)).collect();
        if chosen.is_empty() {
            return Err(ImageError::NoSuchReference {
                path: store.path.clone(),
                reference: reference.to_owned(),
                candidates: tops.iter().take(50).map(called).collect(),
            });
        }
        return Ok(chosen);
    }
    // Entries belong together when they share digest or name, or are the platforms of a layout without names.
    let mut group: Vec<&Descriptor> = tops.iter().take(1).collect();
    let (mut digests, mut names) = (HashSet::new(), HashSet::new());
    let mut others: Vec<&Descriptor> = tops.iter().collect();
    let unnamed = |top: &Descriptor| top.name().is_none() && top.platform().is_some();
    let platforms = group.iter().any(|top| unnamed(top));
    // Twice, as an entry that joins late may bring a name that an earlier one has.
    for _ in 0..2 {
        for top in &group {
            digests.insert(top.digest.as_str());
            names.extend(top.name());
        }
        let (joining, rest): (Vec<_>, Vec<_>) = others.into_iter().partition(|top| {
            digests.contains(top.digest.as_str())
                || top.name().is_some_and(|name| names.contains(name))
                || platforms && unnamed(top)
        });
        group.extend(joining.into_iter().filter(|top| !tops.first().is_some_and(|first| std::ptr::eq(first, *top))));
        others = rest;
    }
    if others.is_empty() {
        return Ok(group);
    }
    let mut candidates: Vec<String> = Vec::new();
    for top in tops.iter().take(LOOKED_AT) {
        let name = called(top);
        if candidates.len() < 50 && !candidates.contains(&name) {
            candidates.push(name);
        }
    }
    Err(ImageError::SeveralImages { path: store.path.clone(), candidates })
}

/// Reads an index or a manifest by its digest.
fn manifest(store: &Store, digest: &str, options: &OpenOptions) -> Result<Document, ImageError> {
    let path = plan::blob_path(store, digest, "The manifest")?;
    let bytes = plan::document(store, &path, Some(digest), options.limits.manifest_bytes, "The manifest")?;
    plan::json(store, &bytes, "The manifest")
}

/// Collects the manifests that `descriptor` leads to, through nested indexes.
fn gather(
    store: &Store,
    descriptor: &Descriptor,
    options: &OpenOptions,
    depth: usize,
    into: &mut Gathered,
) -> Result<(), ImageError> {
    let limited = |what: &str, limit: usize, unit| ImageError::LimitExceeded {
        path: store.path.clone(),
        what: what.to_owned(),
        limit: limit as u64,
        unit,
    };
    let Some(depth) = depth.checked_sub(1) else {
        return Err(limited("The nesting of indexes", options.limits.link_depth, "indexes"));
    };
    into.looked_at += 1;
    if into.looked_at > LOOKED_AT {
        return Err(limited("The number of manifests of the image", LOOKED_AT, "manifests"));
    }
    let media_type = descriptor.media_type.as_str();
    if !is_known(media_type) {
        return Err(unsupported(store, "The manifest", media_type, manifest_hint(media_type)));
    }
    let document = manifest(store, &descriptor.digest, options)?;
    match document {
        // One document that is both can be taken for either (CVE-2021-41190).
        Document { manifests: Some(_), layers: None, config: None, .. } if !MANIFESTS.contains(&media_type) => {
            into.attestations_of(document.manifests.iter().flatten());
            for inner in document.manifests.iter().flatten().filter(|inner| !inner.is_attestation()) {
                if !is_known(&inner.media_type) {
                    continue;
                }
                // A copy of one platform keeps the whole index, but not the other platforms' blobs.
                let path = plan::blob_path(store, &inner.digest, "The manifest")?;
                if let Some(platform) = inner.platform()
                    && store.find(&path)?.is_none()
                {
                    into.leaves.push(Leaf { digest: inner.digest.clone(), platform: Some(platform), config: None });
                    continue;
                }
                gather(store, inner, options, depth, into)?;
            }
            Ok(())
        }
        Document { manifests: None, config: Some(config), .. } if !INDEXES.contains(&media_type) => {
            plan::blob_path(store, &config.digest, "The configuration")?;
            if !into.leaves.iter().any(|leaf| leaf.digest == descriptor.digest) {
                into.leaves.push(Leaf {
                    digest: descriptor.digest.clone(),
                    platform: descriptor.platform(),
                    config: Some((config.digest, names::shown(&config.media_type))),
                });
            }
            Ok(())
        }
        Document { schema_version: Some(1), .. } => {
            Err(unsupported(store, "The manifest", "schema 1", manifest_hint("+prettyjws")))
        }
        _ => Err(ImageError::BadJson {
            path: store.path.clone(),
            what: "The manifest".to_owned(),
            reason: "it is neither an index nor a manifest, or both at once".to_owned(),
        }),
    }
}

/// Whether a descriptor leads to an index or a manifest that this file reads; without a type, the content decides.
fn is_known(media_type: &str) -> bool {
    INDEXES.contains(&media_type) || MANIFESTS.contains(&media_type) || media_type.is_empty()
}

impl Leaf {
    fn is_image(&self) -> bool {
        self.config.as_ref().is_none_or(|(_, media_type)| [DOCKER_CONFIG, OCI_CONFIG].contains(&media_type.as_str()))
    }
}

/// Chooses a manifest by platform. Returns it, all platforms, and its index among them.
fn choose_platform(
    store: &Store,
    leaves: Vec<Leaf>,
    options: &OpenOptions,
    problems: &mut Problems,
) -> Result<(Leaf, Vec<Platform>, usize), ImageError> {
    let (mut images, others): (Vec<Leaf>, Vec<Leaf>) = leaves.into_iter().partition(Leaf::is_image);
    if images.is_empty() {
        return Err(match others.first().and_then(|leaf| leaf.config.as_ref()) {
            Some((_, media_type)) => {
                let hint = "it is an artifact and no container image; name the image itself";
                unsupported(store, "The configuration", media_type, hint)
            }
            None => ImageError::NoImage { path: store.path.clone() },
        });
    }
    for image in &mut images {
        if image.platform.is_none()
            && let Some((digest, media_type)) = &image.config
        {
            let bytes = config_bytes(store, digest, options)?;
            image.platform = Some(config::parse(store, &bytes, media_type)?.platform);
        }
    }
    let platforms: Vec<Platform> = images.iter().map(|image| image.platform.clone().unwrap_or_default()).collect();
    // Of several platforms, those that are stored come first.
    let stored: Vec<usize> =
        images.iter().enumerate().filter(|(_, image)| image.config.is_some()).map(|(at, _)| at).collect();
    let index = match (options.platform.as_ref(), stored.as_slice()) {
        (None, [only]) => *only,
        (asked, _) => plan::pick(store, &platforms, asked)?,
    };
    let same = platforms.iter().filter(|other| Some(*other) == platforms.get(index)).count();
    if same > 1 {
        let platform = platforms.get(index).cloned().unwrap_or_default();
        problems.say(format!("The index offers {platform} {same} times, the first of them was read."));
    }
    if index >= images.len() {
        return Err(ImageError::NoImage { path: store.path.clone() });
    }
    let leaf = images.swap_remove(index);
    if leaf.config.is_none() {
        return Err(ImageError::Missing {
            path: store.path.clone(),
            what: format!("the manifest for {}", leaf.platform.clone().unwrap_or_default()),
            name: leaf.digest,
        });
    }
    Ok((leaf, platforms, index))
}

fn config_bytes(store: &Store, digest: &str, options: &OpenOptions) -> Result<Vec<u8>, ImageError> {
    let path = plan::blob_path(store, digest, "The configuration")?;
    plan::document(store, &path, Some(digest), options.limits.config_bytes, "The configuration")
}

/// Reads the configuration and finds the layers.
fn finish(
    store: &Store,
    leaf: Leaf,
    listed: &[Listed],
    options: &OpenOptions,
    mut problems: Problems,
) -> Result<Plan, ImageError> {
    let attestations = attest::read(store, listed, &leaf.digest, options, &mut problems);
    let manifest = manifest(store, &leaf.digest, options)?;
    let Some(descriptor) = manifest.config else {
        return Err(ImageError::NoImage { path: store.path.clone() });
    };
    let config = config_bytes(store, &descriptor.digest, options)?;
    let listed = manifest.layers.unwrap_or_default();
    plan::bound_layers(store, listed.len(), &options.limits)?;
    let count = listed.len();
    let mut layers = Vec::with_capacity(count);
    for (index, layer) in listed.into_iter().enumerate() {
        let what = layer_name(index, count);
        let media_type = names::shown(&layer.media_type);
        if layer.media_type.ends_with("+encrypted") {
            return Err(ImageError::Encrypted { path: store.path.clone(), what: capital(&what), media_type });
        }
        if !LAYERS.contains(&layer.media_type.as_str()) {
            let hint = "it is an artifact, or was made by a tool that is newer than Plimsoll";
            return Err(unsupported(store, &capital(&what), &media_type, hint));
        }
        let path = plan::blob_path(store, &layer.digest, &capital(&what))?;
        let Some(blob) = store.find(&path)? else {
            return Err(ImageError::Missing { path: store.path.clone(), what, name: layer.digest });
        };
        if layer.size.is_some_and(|size| size != blob.length) {
            problems.say(format!("{}: the manifest lists another size than the stored one.", capital(&what)));
        }
        layers.push(PlannedLayer { blob, digest: Some(layer.digest), media_type: Some(media_type) });
    }
    if let Some(platform) = &leaf.platform {
        let parsed = config::parse(store, &config, &descriptor.media_type)?;
        if !plan::fits(&parsed.platform, platform) {
            let configured = names::shown(&parsed.platform.to_string());
            let listed = names::shown(&platform.to_string());
            problems.say(format!("The index lists the image for {listed}, its configuration says {configured}."));
        }
    }
    Ok(Plan {
        reference: None,
        repo_tags: Vec::new(),
        digest: Some(leaf.digest),
        config,
        config_media_type: descriptor.media_type,
        layers,
        other_platforms: Vec::new(),
        attestations,
        problems,
    })
}

fn unsupported(store: &Store, what: &str, media_type: &str, hint: &str) -> ImageError {
    ImageError::UnsupportedMediaType {
        path: store.path.clone(),
        what: what.to_owned(),
        media_type: names::shown(media_type),
        hint: hint.to_owned(),
    }
}

fn manifest_hint(media_type: &str) -> &'static str {
    if media_type.contains("manifest.v1") || media_type.ends_with("prettyjws") {
        "this is Docker's first manifest format, convert the image with skopeo copy"
    } else {
        "name a container image"
    }
}
