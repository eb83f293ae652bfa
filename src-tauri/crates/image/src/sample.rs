//! Building small images, byte for byte the same every time: for tests, and for the sample engagement.
//!
//! ```
//! use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing, SampleEntry};
//! # fn main() -> std::io::Result<()> {
//! let layer = LayerBuilder::new().add(SampleEntry::file("usr/bin/tool", b"#!/bin/sh\n").mode(0o4755));
//! let image = ImageBuilder::new("sample:1").user("1000").layer("COPY tool /usr/bin/tool", layer);
//! let folder = tempfile::tempdir()?;
//! image.write(Format::DockerSave, Packing::Plain, &folder.path().join("sample.tar"))?;
//! # Ok(())
//! # }
//! ```

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::facts::{EnvVar, Healthcheck, Platform};
use crate::plan::{DOCKER_CONFIG, OCI_CONFIG};
use crate::stream::digest_of;

/// The time that everything in a sample bears: 2026-01-01T00:00:00Z.
const TIME: &str = "2026-01-01T00:00:00Z";
const SECONDS: u64 = 1_767_225_600;

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// The shape in which an image is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A tar file as Docker 20.10's `docker save` shapes it: `<id>/layer.tar`.
    DockerSave,
    /// A tar file as skopeo's docker-archive: `<diff id>.tar`, and symbolic links to it.
    Skopeo,
    /// A tar file as Docker 25 and later shape it: an OCI layout with a `manifest.json`.
    Docker25,
    /// A tar file of an OCI layout.
    OciArchive,
    /// A directory with an OCI layout.
    OciLayout,
}

/// How layers are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// With gzip.
    Gzip,
    /// With Zstandard.
    Zstd,
}

/// One entry of a layer.
#[derive(Clone, Debug)]
pub struct SampleEntry {
    path: Vec<u8>,
    kind: tar::EntryType,
    content: Vec<u8>,
    link: Vec<u8>,
    mode: u32,
    uid: u64,
    gid: u64,
    /// Seconds since 1970.
    mtime: u64,
    /// Records of a PAX header.
    pax: Vec<(String, Vec<u8>)>,
}

impl SampleEntry {
    fn new(path: impl AsRef<[u8]>, kind: tar::EntryType, mode: u32) -> Self {
        SampleEntry {
            path: path.as_ref().to_vec(),
            kind,
            content: Vec::new(),
            link: Vec::new(),
            mode,
            uid: 0,
            gid: 0,
            mtime: SECONDS,
            pax: Vec::new(),
        }
    }

    /// A regular file, mode 0644.
    #[must_use]
    pub fn file(path: impl AsRef<[u8]>, content: &[u8]) -> Self {
        SampleEntry { content: content.to_vec(), ..Self::new(path, tar::EntryType::Regular, 0o644) }
    }

    /// A directory, mode 0755.
    #[must_use]
    pub fn directory(path: impl AsRef<[u8]>) -> Self {
        Self::new(path, tar::EntryType::Directory, 0o755)
    }

    /// A symbolic link.
    #[must_use]
    pub fn symlink(path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        SampleEntry { link: target.as_ref().to_vec(), ..Self::new(path, tar::EntryType::Symlink, 0o777) }
    }

    /// A hard link to an earlier file of the same layer.
    #[must_use]
    pub fn hard_link(path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Self {
        SampleEntry { link: target.as_ref().to_vec(), ..Self::new(path, tar::EntryType::Link, 0o644) }
    }

    /// A character device, mode 0666.
    #[must_use]
    pub fn char_device(path: impl AsRef<[u8]>) -> Self {
        Self::new(path, tar::EntryType::Char, 0o666)
    }

    /// A block device, mode 0660.
    #[must_use]
    pub fn block_device(path: impl AsRef<[u8]>) -> Self {
        Self::new(path, tar::EntryType::Block, 0o660)
    }

    /// A named pipe, mode 0644.
    #[must_use]
    pub fn fifo(path: impl AsRef<[u8]>) -> Self {
        Self::new(path, tar::EntryType::Fifo, 0o644)
    }

    /// A whiteout: removes `path` of the layers below.
    #[must_use]
    pub fn whiteout(path: &str) -> Self {
        let (dir, name) = path.rsplit_once('/').map_or(("", path), |(dir, name)| (dir, name));
        let slash = if dir.is_empty() { "" } else { "/" };
        Self::file(format!("{dir}{slash}.wh.{name}"), b"")
    }

    /// An opaque marker: removes everything in the directory `path` of the layers below.
    #[must_use]
    pub fn opaque(path: &str) -> Self {
        Self::file(format!("{path}/.wh..wh..opq"), b"")
    }

    /// Sets the permission bits.
    #[must_use]
    pub fn mode(mut self, mode: u32) -> Self {
        self.mode = mode;
        self
    }

    /// Sets owner and group.
    #[must_use]
    pub fn owner(mut self, uid: u64, gid: u64) -> Self {
        (self.uid, self.gid) = (uid, gid);
        self
    }

    /// Sets the time of the last change, in seconds since 1970.
    #[must_use]
    pub fn mtime(mut self, seconds: u64) -> Self {
        self.mtime = seconds;
        self
    }

    /// Sets `security.capability`.
    #[must_use]
    pub fn capabilities(self, value: &[u8]) -> Self {
        self.pax("SCHILY.xattr.security.capability", value)
    }

    /// Adds a record to the entry's PAX header.
    #[must_use]
    pub fn pax(mut self, key: &str, value: &[u8]) -> Self {
        self.pax.push((key.to_owned(), value.to_vec()));
        self
    }

    fn write(&self, out: &mut Vec<u8>) {
        let mut pax = self.pax.clone();
        if self.path.len() > 100 {
            pax.push(("path".to_owned(), self.path.clone()));
        }
        if self.link.len() > 100 {
            pax.push(("linkpath".to_owned(), self.link.clone()));
        }
        if !pax.is_empty() {
            let records: Vec<u8> = pax.iter().flat_map(|(key, value)| pax_record(key, value)).collect();
            let header = SampleEntry::new("PaxHeaders/entry", tar::EntryType::XHeader, 0o644);
            header.write_block(records.len() as u64, out);
            write_body(&records, out);
        }
        self.write_block(self.content.len() as u64, out);
        write_body(&self.content, out);
    }

    fn write_block(&self, size: u64, out: &mut Vec<u8>) {
        let mut header = tar::Header::new_ustar();
        fill(&mut header.as_old_mut().name, &self.path);
        fill(&mut header.as_old_mut().linkname, &self.link);
        header.set_entry_type(self.kind);
        header.set_mode(self.mode);
        header.set_uid(self.uid);
        header.set_gid(self.gid);
        header.set_size(size);
        header.set_mtime(self.mtime);
        header.set_cksum();
        out.extend_from_slice(header.as_bytes());
    }
}

fn fill(field: &mut [u8], bytes: &[u8]) {
    for (to, from) in field.iter_mut().zip(bytes) {
        *to = *from;
    }
}

fn write_body(body: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(body);
    out.resize(out.len().next_multiple_of(512), 0);
}

/// One record of a PAX header: `LENGTH KEY=VALUE\n`, where LENGTH counts itself.
pub(crate) fn pax_record(key: &str, value: &[u8]) -> Vec<u8> {
    let rest = key.len() + value.len() + 3;
    let mut length = rest + 1;
    while rest + length.to_string().len() != length {
        length = rest + length.to_string().len();
    }
    let mut record = format!("{length} {key}=").into_bytes();
    record.extend_from_slice(value);
    record.push(b'\n');
    record
}

/// One layer.
#[derive(Clone, Debug, Default)]
pub struct LayerBuilder {
    bytes: Vec<u8>,
    open: bool,
}

impl LayerBuilder {
    /// An empty layer.
    #[must_use]
    pub fn new() -> Self {
        LayerBuilder::default()
    }

    /// Adds an entry.
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "adds an entry, as a builder does")]
    pub fn add(mut self, entry: SampleEntry) -> Self {
        entry.write(&mut self.bytes);
        self
    }

    /// Adds a file with mode 0644 that root owns.
    #[must_use]
    pub fn file(self, path: &str, content: &[u8]) -> Self {
        self.add(SampleEntry::file(path, content))
    }

    /// Adds a directory with mode 0755 that root owns.
    #[must_use]
    pub fn directory(self, path: &str) -> Self {
        self.add(SampleEntry::directory(path))
    }

    /// Adds a whiteout of `path`.
    #[must_use]
    pub fn whiteout(self, path: &str) -> Self {
        self.add(SampleEntry::whiteout(path))
    }

    /// Adds bytes to the archive as they are.
    #[cfg(test)]
    pub(crate) fn raw(mut self, bytes: &[u8]) -> Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    /// Leaves the end-of-archive blocks away.
    #[cfg(test)]
    pub(crate) fn without_end(mut self) -> Self {
        self.open = true;
        self
    }

    /// The layer's uncompressed archive.
    #[must_use]
    pub fn archive(&self) -> Vec<u8> {
        let mut bytes = self.bytes.clone();
        if !self.open {
            bytes.resize(bytes.len() + 1024, 0);
        }
        bytes
    }
}

/// An image.
#[derive(Clone, Debug)]
pub struct ImageBuilder {
    name: Option<String>,
    platform: Platform,
    config: Map<String, Value>,
    env: Vec<EnvVar>,
    labels: BTreeMap<String, String>,
    history: Vec<Value>,
    layers: Vec<LayerBuilder>,
    docker_types: bool,
    /// Fields of the configuration beside `config`.
    top: Map<String, Value>,
    /// Predicate type and predicate.
    attestations: Vec<(String, Value)>,
}

impl ImageBuilder {
    /// An image for linux/amd64 without layers. An empty name means none.
    #[must_use]
    pub fn new(name: &str) -> Self {
        ImageBuilder {
            name: (!name.is_empty()).then(|| name.to_owned()),
            platform: Platform { os: "linux".to_owned(), architecture: "amd64".to_owned(), variant: None },
            config: Map::new(),
            env: Vec::new(),
            labels: BTreeMap::new(),
            history: Vec::new(),
            layers: Vec::new(),
            docker_types: false,
            top: Map::new(),
            attestations: Vec::new(),
        }
    }

    /// Sets the platform.
    #[must_use]
    pub fn platform(mut self, platform: Platform) -> Self {
        self.platform = platform;
        self
    }

    /// Declares Docker's media type for the configuration in OCI layouts.
    #[must_use]
    pub fn docker_types(mut self) -> Self {
        self.docker_types = true;
        self
    }

    /// Sets any field of the configuration's `config` object.
    #[must_use]
    pub fn set(mut self, key: &str, value: Value) -> Self {
        self.config.insert(key.to_owned(), value);
        self
    }

    /// Sets any field of the configuration itself, beside `config`.
    #[must_use]
    pub fn set_top(mut self, key: &str, value: Value) -> Self {
        self.top.insert(key.to_owned(), value);
        self
    }

    /// States something about the image, as BuildKit attaches it; written in the formats that are OCI layouts.
    #[must_use]
    pub fn attestation(mut self, predicate_type: &str, predicate: Value) -> Self {
        self.attestations.push((predicate_type.to_owned(), predicate));
        self
    }

    /// `USER`
    #[must_use]
    pub fn user(self, user: &str) -> Self {
        self.set("User", json!(user))
    }

    /// `ENV`
    #[must_use]
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.env.push(EnvVar { name: name.to_owned(), value: value.to_owned() });
        self
    }

    /// `LABEL`
    #[must_use]
    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.labels.insert(name.to_owned(), value.to_owned());
        self
    }

    /// `ENTRYPOINT`
    #[must_use]
    pub fn entrypoint(self, words: &[&str]) -> Self {
        self.set("Entrypoint", json!(words))
    }

    /// `CMD`
    #[must_use]
    pub fn cmd(self, words: &[&str]) -> Self {
        self.set("Cmd", json!(words))
    }

    /// `WORKDIR`
    #[must_use]
    pub fn working_dir(self, dir: &str) -> Self {
        self.set("WorkingDir", json!(dir))
    }

    /// `HEALTHCHECK`
    #[must_use]
    pub fn healthcheck(self, check: &Healthcheck) -> Self {
        let mut value = json!({ "Test": check.test });
        let fields = [
            ("Interval", check.interval_ns),
            ("Timeout", check.timeout_ns),
            ("StartPeriod", check.start_period_ns),
            ("Retries", check.retries),
        ];
        if let Value::Object(object) = &mut value {
            object.extend(fields.into_iter().filter_map(|(key, number)| Some((key.to_owned(), json!(number?)))));
        }
        self.set("Healthcheck", value)
    }

    /// Adds a layer and the history line that made it.
    #[must_use]
    pub fn layer(mut self, command: &str, layer: LayerBuilder) -> Self {
        self.history.push(json!({ "created": TIME, "created_by": command }));
        self.layers.push(layer);
        self
    }

    /// Adds a history line that made no layer.
    #[must_use]
    pub fn line(mut self, command: &str) -> Self {
        self.history.push(json!({ "created": TIME, "created_by": command, "empty_layer": true }));
        self
    }

    /// The configuration's bytes.
    #[must_use]
    pub fn configuration(&self) -> Vec<u8> {
        let mut config = self.config.clone();
        if !self.env.is_empty() {
            let env: Vec<String> = self.env.iter().map(|var| format!("{}={}", var.name, var.value)).collect();
            config.insert("Env".to_owned(), json!(env));
        }
        if !self.labels.is_empty() {
            config.insert("Labels".to_owned(), json!(self.labels));
        }
        let diff_ids: Vec<String> = self.layers.iter().map(|layer| digest_of(&layer.archive())).collect();
        let mut document = json!({
            "architecture": self.platform.architecture,
            "config": config,
            "created": TIME,
            "history": self.history,
            "os": self.platform.os,
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        });
        if let (Some(variant), Value::Object(object)) = (&self.platform.variant, &mut document) {
            object.insert("variant".to_owned(), json!(variant));
        }
        if let Value::Object(object) = &mut document {
            object.extend(self.top.clone());
        }
        document.to_string().into_bytes()
    }

    /// Writes the image. A docker archive takes plain or gzip layers; other formats take all packings.
    ///
    /// # Errors
    /// When `path` cannot be written.
    pub fn write(&self, format: Format, packing: Packing, path: &Path) -> io::Result<()> {
        write_images(&[self], format, packing, path)
    }
}

/// Writes several images into one archive or layout.
///
/// # Errors
/// When `path` cannot be written.
pub fn write_images(images: &[&ImageBuilder], format: Format, packing: Packing, path: &Path) -> io::Result<()> {
    members(images, format, packing)?.write(format, path)
}

/// Writes images as the platforms of one, under one name: an OCI layout whose index lists another index. An
/// attestation, as BuildKit adds it, stands beside each.
///
/// # Errors
/// When `path` cannot be written.
pub fn write_platforms(name: &str, images: &[&ImageBuilder], packing: Packing, path: &Path) -> io::Result<()> {
    let mut members = Members::default();
    let mut listed = Vec::new();
    for image in images {
        let mut descriptor = oci_image(image, packing, &mut members)?;
        let platform = json!({ "os": image.platform.os, "architecture": image.platform.architecture });
        let digest = descriptor.get("digest").cloned();
        if let Value::Object(object) = &mut descriptor {
            object.insert("platform".to_owned(), platform);
            if let (Some(variant), Some(Value::Object(platform))) =
                (&image.platform.variant, object.get_mut("platform"))
            {
                platform.insert("variant".to_owned(), json!(variant));
            }
        }
        listed.push(descriptor);
        let mut attestation = members.blob(MANIFEST, b"{\"schemaVersion\":2,\"layers\":[]}".to_vec());
        if let Value::Object(object) = &mut attestation {
            object.insert("platform".to_owned(), json!({ "os": "unknown", "architecture": "unknown" }));
            let annotations =
                json!({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": digest });
            object.insert("annotations".to_owned(), annotations);
        }
        listed.push(attestation);
    }
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": listed });
    let mut top = members.blob(INDEX, index.to_string().into_bytes());
    annotate(&mut top, name);
    members.layout(vec![top]);
    members.write(Format::OciLayout, path)
}

/// The files of an archive or layout, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(pub Vec<(String, Content)>);

/// A file or a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    Symlink(String),
}

impl Members {
    fn put(&mut self, name: impl Into<String>, bytes: Vec<u8>) {
        let name = name.into();
        if !self.0.iter().any(|(other, _)| *other == name) {
            self.0.push((name, Content::Bytes(bytes)));
        }
    }

    /// Adds a blob; returns its descriptor.
    fn blob(&mut self, media_type: &str, bytes: Vec<u8>) -> Value {
        let digest = digest_of(&bytes);
        let descriptor = json!({ "mediaType": media_type, "digest": digest, "size": bytes.len() });
        self.put(format!("blobs/{}", digest.replace(':', "/")), bytes);
        descriptor
    }

    fn layout(&mut self, manifests: Vec<Value>) {
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": manifests });
        self.put("index.json", index.to_string().into_bytes());
        self.put("oci-layout", b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec());
    }

    /// The members as a tar archive.
    pub(crate) fn tar(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for (name, content) in &self.0 {
            match content {
                Content::Bytes(content) => SampleEntry::file(name, content),
                Content::Symlink(target) => SampleEntry::symlink(name, target),
            }
            .write(&mut bytes);
        }
        bytes.resize(bytes.len() + 1024, 0);
        bytes
    }

    pub(crate) fn write(&self, format: Format, path: &Path) -> io::Result<()> {
        if format != Format::OciLayout {
            return fs::write(path, self.tar());
        }
        for (name, content) in &self.0 {
            let file = path.join(name);
            if let Some(dir) = file.parent() {
                fs::create_dir_all(dir)?;
            }
            // Layouts in directories hold no links.
            if let Content::Bytes(bytes) = content {
                fs::write(file, bytes)?;
            }
        }
        Ok(())
    }
}

/// The files of an archive or layout with these images.
pub(crate) fn members(images: &[&ImageBuilder], format: Format, packing: Packing) -> io::Result<Members> {
    let mut members = Members::default();
    let mut listed = Vec::new();
    let mut manifests = Vec::new();
    for image in images {
        let config = image.configuration();
        let config_hex = digest_of(&config).replace("sha256:", "");
        let tags = image.name.as_ref().map(|name| vec![name.clone()]);
        let (config_name, layers) = match format {
            Format::DockerSave | Format::Skopeo => {
                let mut names = Vec::new();
                for (number, layer) in image.layers.iter().enumerate() {
                    let archive = layer.archive();
                    let hex = digest_of(&archive).replace("sha256:", "");
                    let id = digest_of(format!("{config_hex} {number}").as_bytes()).replace("sha256:", "");
                    let bytes = pack(archive, packing)?;
                    if format == Format::Skopeo {
                        members.put(format!("{hex}.tar"), bytes);
                        members.0.push((format!("{id}/layer.tar"), Content::Symlink(format!("../{hex}.tar"))));
                        names.push(format!("{id}/layer.tar"));
                    } else {
                        members.put(format!("{id}/VERSION"), b"1.0".to_vec());
                        members.put(format!("{id}/json"), b"{}".to_vec());
                        members.put(format!("{id}/layer.tar"), bytes);
                        names.push(format!("{id}/layer.tar"));
                    }
                }
                members.put(format!("{config_hex}.json"), config);
                (format!("{config_hex}.json"), names)
            }
            Format::Docker25 | Format::OciArchive | Format::OciLayout => {
                let mut names = Vec::new();
                for layer in &image.layers {
                    let hex = digest_of(&pack(layer.archive(), packing)?).replace("sha256:", "");
                    names.push(format!("blobs/sha256/{hex}"));
                }
                let mut descriptor = oci_image(image, packing, &mut members)?;
                if !image.attestations.is_empty() {
                    descriptor = with_attestations(image, descriptor, &mut members);
                }
                if let Some(name) = &image.name {
                    annotate(&mut descriptor, name);
                }
                manifests.push(descriptor);
                (format!("blobs/sha256/{config_hex}"), names)
            }
        };
        listed.push(json!({ "Config": config_name, "RepoTags": tags, "Layers": layers }));
    }
    if matches!(format, Format::Docker25 | Format::OciArchive | Format::OciLayout) {
        members.layout(manifests);
    }
    if matches!(format, Format::DockerSave | Format::Skopeo | Format::Docker25) {
        members.put("manifest.json", Value::from(listed).to_string().into_bytes());
    }
    Ok(members)
}

/// Adds an image's blobs; returns the descriptor of its manifest.
fn oci_image(image: &ImageBuilder, packing: Packing, members: &mut Members) -> io::Result<Value> {
    let config_type = if image.docker_types { DOCKER_CONFIG } else { OCI_CONFIG };
    let layer_type = match packing {
        Packing::Plain => "application/vnd.oci.image.layer.v1.tar",
        Packing::Gzip => "application/vnd.oci.image.layer.v1.tar+gzip",
        Packing::Zstd => "application/vnd.oci.image.layer.v1.tar+zstd",
    };
    let config = members.blob(config_type, image.configuration());
    let mut layers = Vec::new();
    for layer in &image.layers {
        layers.push(members.blob(layer_type, pack(layer.archive(), packing)?));
    }
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers });
    Ok(members.blob(MANIFEST, manifest.to_string().into_bytes()))
}

/// An index of the image and a manifest with its attestations, as BuildKit exports them; returns its descriptor.
fn with_attestations(image: &ImageBuilder, mut listed: Value, members: &mut Members) -> Value {
    let subject = listed.get("digest").cloned().unwrap_or_default();
    let hex = subject.as_str().unwrap_or_default().replace("sha256:", "");
    let mut layers = Vec::new();
    for (predicate_type, predicate) in &image.attestations {
        let statement = json!({
            "_type": "https://in-toto.io/Statement/v0.1",
            "predicateType": predicate_type,
            "subject": [{ "name": "sample", "digest": { "sha256": hex } }],
            "predicate": predicate,
        });
        let mut layer = members.blob("application/vnd.in-toto+json", statement.to_string().into_bytes());
        if let Value::Object(object) = &mut layer {
            object.insert("annotations".to_owned(), json!({ "in-toto.io/predicate-type": predicate_type }));
        }
        layers.push(layer);
    }
    let config = members.blob(OCI_CONFIG, b"{}".to_vec());
    let manifest = json!({ "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers });
    let mut attestation = members.blob(MANIFEST, manifest.to_string().into_bytes());
    if let (Value::Object(image_object), Value::Object(object)) = (&mut listed, &mut attestation) {
        let platform = json!({ "os": image.platform.os, "architecture": image.platform.architecture });
        image_object.insert("platform".to_owned(), platform);
        object.insert("platform".to_owned(), json!({ "os": "unknown", "architecture": "unknown" }));
        let annotations =
            json!({ "vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": subject });
        object.insert("annotations".to_owned(), annotations);
    }
    let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [listed, attestation] });
    members.blob(INDEX, index.to_string().into_bytes())
}

fn annotate(descriptor: &mut Value, name: &str) {
    if let Value::Object(object) = descriptor {
        object.insert("annotations".to_owned(), json!({ "org.opencontainers.image.ref.name": name }));
    }
}

/// Compresses bytes.
pub(crate) fn pack(bytes: Vec<u8>, packing: Packing) -> io::Result<Vec<u8>> {
    match packing {
        Packing::Plain => Ok(bytes),
        Packing::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(&bytes)?;
            encoder.finish()
        }
        Packing::Zstd => zstd::stream::encode_all(bytes.as_slice(), 3),
    }
}
