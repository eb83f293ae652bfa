//! What a name stands for: the images behind an index, and the choice of one by platform.

use std::collections::BTreeMap;

use serde::Deserialize;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio_util::sync::CancellationToken;

use crate::ask::Manifest;
use crate::connection::Network;
use crate::error::{RegistryError, quoted};
use crate::facts::{Served, ServedImage};
use crate::pull::Source;
use crate::reference::{Reference, is_digest};

/// Entries of one index that are looked at.
const ENTRIES: usize = 1000;

/// A descriptor, as far as it matters here.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Descriptor {
    #[serde(rename = "mediaType", default)]
    pub media_type: String,
    pub digest: String,
    pub size: Option<u64>,
    platform: Option<Platform>,
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Clone, Debug, Deserialize)]
struct Platform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
}

/// An index or a manifest.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Document {
    pub config: Option<Descriptor>,
    pub layers: Option<Vec<Descriptor>>,
    pub manifests: Option<Vec<Descriptor>>,
}

impl Document {
    pub(crate) fn read(registry: &str, manifest: &Manifest) -> Result<Self, RegistryError> {
        let bad = |reason: String| RegistryError::Answer {
            registry: registry.to_owned(),
            what: format!("the manifest {}", manifest.digest),
            reason,
        };
        if let Some(reason) = crate::doubt::doubt(&manifest.bytes) {
            return Err(bad(reason));
        }
        let document: Document =
            serde_json::from_slice(&manifest.bytes).map_err(|error| bad(quoted(&error.to_string(), 200)))?;
        if document.manifests.as_ref().is_some_and(|entries| entries.len() > ENTRIES) {
            return Err(bad(format!("it lists more than {ENTRIES} manifests")));
        }
        match (&document.config, &document.manifests) {
            (Some(_), None) | (None, Some(_)) => Ok(document),
            _ if manifest.media_type.contains("manifest.v1") => {
                Err(bad("it is of Docker's first manifest format, which nothing reads any more".into()))
            }
            _ => Err(bad("it is neither a manifest nor an index, or both at once".into())),
        }
    }
}

impl Descriptor {
    pub(crate) fn annotation(&self, key: &str) -> Option<&str> {
        self.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// `linux/arm64/v8`; empty if the index does not say.
    pub(crate) fn platform(&self) -> String {
        let Some(platform) = &self.platform else { return String::new() };
        let mut text = format!("{}/{}", platform.os, platform.architecture);
        if let Some(variant) = platform.variant.as_deref().filter(|variant| !variant.is_empty()) {
            text = format!("{text}/{variant}");
        }
        quoted(&text, 200)
    }

    /// Attestations of BuildKit stand in an index beside the image that they are about.
    pub(crate) fn is_attestation(&self) -> bool {
        self.annotation("vnd.docker.reference.type").is_some()
            || self.platform.as_ref().is_some_and(|p| p.os == "unknown" && p.architecture == "unknown")
    }

    /// Whether it states something about the manifest with this digest.
    pub(crate) fn is_about(&self, digest: &str) -> bool {
        self.annotation("vnd.docker.reference.type") == Some("attestation-manifest")
            && self.annotation("vnd.docker.reference.digest") == Some(digest)
    }
}

/// This machine's processor in Go's words.
fn here() -> String {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        "loongarch64" => "loong64",
        other => other,
    };
    format!("linux/{architecture}")
}

/// Whether a platform is the wanted one; a variant that is not asked for does not matter, and `arm64` means v8.
pub(crate) fn fits(platform: &str, wanted: &str) -> bool {
    let v8 = |text: &str| if text.ends_with("/arm64") { format!("{text}/v8") } else { text.to_owned() };
    v8(platform) == v8(wanted) || platform.starts_with(&format!("{wanted}/"))
}

/// Chooses among the images of an index: the wanted platform; else the only one; else Linux on this machine's processor.
pub(crate) fn choose<'a>(
    entries: &'a [Descriptor],
    wanted: Option<&str>,
    name: &str,
) -> Result<&'a Descriptor, RegistryError> {
    let images: Vec<(String, &Descriptor)> =
        entries.iter().filter(|entry| !entry.is_attestation()).map(|entry| (entry.platform(), entry)).collect();
    if let (None, [(_, single)]) = (wanted, images.as_slice()) {
        return Ok(single);
    }
    let wanted = wanted.map_or_else(here, str::to_owned);
    let exact = images.iter().find(|(platform, _)| *platform == wanted);
    let found = exact.or_else(|| images.iter().find(|(platform, _)| fits(platform, &wanted)));
    // An index of one without a platform: its configuration says it.
    let found = found.or_else(|| images.first().filter(|(platform, _)| images.len() == 1 && platform.is_empty()));
    found.map(|(_, entry)| *entry).ok_or_else(|| RegistryError::Platform {
        name: name.to_owned(),
        wanted: quoted(&wanted, 100),
        offered: match images.is_empty() {
            true => "no platform".into(),
            false => images.iter().take(50).map(|(platform, _)| platform.as_str()).collect::<Vec<_>>().join(", "),
        },
    })
}

/// The images that an index lists, attestations left out. Their configurations are not known from it: `config` and
/// `diff_ids` stay empty. Nothing for what is no index, or cannot be read without doubt.
#[must_use]
pub fn images_of(index: &[u8]) -> Vec<ServedImage> {
    if crate::doubt::doubt(index).is_some() {
        return Vec::new();
    }
    let Ok(Document { manifests: Some(entries), .. }) = serde_json::from_slice::<Document>(index) else {
        return Vec::new();
    };
    let images = entries.iter().filter(|entry| !entry.is_attestation() && is_digest(&entry.digest)).take(ENTRIES);
    images
        .map(|entry| ServedImage { platform: entry.platform(), digest: entry.digest.clone(), ..ServedImage::default() })
        .collect()
}

/// What a name stands for at its registry, or at the first mirror that answers: its digest, and each image with its
/// platform and the digest of its configuration. No layers and no configurations of an index are fetched.
///
/// # Errors
/// See [`RegistryError`].
pub async fn list_images(
    network: &Network,
    reference: &Reference,
    cancel: &CancellationToken,
) -> Result<Served, RegistryError> {
    let (source, top) = Source::open(network, reference, cancel).await?;
    let host = source.registry.host();
    let document = Document::read(host, &top)?;
    let images = match document.config {
        Some(config) => {
            let bytes = source.config(&config, cancel).await?;
            vec![of_config(top.digest.clone(), config.digest, &bytes)]
        }
        None => {
            let mut images = images_of(&top.bytes);
            for image in &mut images {
                let manifest = source.registry.manifest(reference.repository(), &image.digest, cancel).await?;
                let inner = Document::read(host, &manifest)?;
                image.config = inner.config.map(|config| quoted(&config.digest, 200)).unwrap_or_default();
            }
            images
        }
    };
    let now = OffsetDateTime::now_utc();
    let at = now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default();
    Ok(Served { reference: reference.to_string(), via: source.via, at, digest: top.digest, images })
}

/// The platforms that a name is offered for: `linux/amd64`.
///
/// # Errors
/// See [`RegistryError`].
pub async fn platforms(
    network: &Network,
    reference: &Reference,
    cancel: &CancellationToken,
) -> Result<Vec<String>, RegistryError> {
    let (source, top) = Source::open(network, reference, cancel).await?;
    let document = Document::read(source.registry.host(), &top)?;
    let mut platforms: Vec<String> = match document.config {
        Some(config) => {
            let bytes = source.config(&config, cancel).await?;
            vec![of_config(top.digest, config.digest, &bytes).platform]
        }
        None => images_of(&top.bytes).into_iter().map(|image| image.platform).collect(),
    };
    platforms.retain(|platform| !platform.is_empty());
    platforms.sort();
    platforms.dedup();
    Ok(platforms)
}

/// What a configuration says of its image.
pub(crate) fn of_config(digest: String, config: String, bytes: &[u8]) -> ServedImage {
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Config {
        os: String,
        architecture: String,
        variant: Option<String>,
        rootfs: Rootfs,
    }
    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct Rootfs {
        diff_ids: Vec<String>,
    }
    let read: Config = serde_json::from_slice(bytes).unwrap_or_default();
    let variant = read.variant.filter(|variant| !variant.is_empty()).map(|variant| format!("/{variant}"));
    let platform = format!("{}/{}{}", read.os, read.architecture, variant.unwrap_or_default());
    let platform = if read.os.is_empty() { String::new() } else { quoted(&platform, 200) };
    ServedImage { platform, digest, config, diff_ids: read.rootfs.diff_ids }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index() -> Vec<u8> {
        let digest = |c: char| format!("sha256:{}", c.to_string().repeat(64));
        serde_json::json!({ "schemaVersion": 2, "manifests": [
            { "digest": digest('a'), "size": 1, "platform": { "os": "linux", "architecture": "amd64" } },
            { "digest": digest('b'), "size": 1, "platform": { "os": "linux", "architecture": "arm64", "variant": "v8" } },
            { "digest": digest('c'), "size": 1, "platform": { "os": "linux", "architecture": "arm", "variant": "v7" } },
            { "digest": digest('d'), "size": 1, "platform": { "os": "unknown", "architecture": "unknown" },
              "annotations": { "vnd.docker.reference.type": "attestation-manifest",
                               "vnd.docker.reference.digest": digest('a') } },
        ]})
        .to_string()
        .into_bytes()
    }

    #[test]
    fn an_index_lists_its_images_and_no_attestations() {
        let images = images_of(&index());
        let platforms: Vec<_> = images.iter().map(|image| image.platform.as_str()).collect();
        assert_eq!(platforms, ["linux/amd64", "linux/arm64/v8", "linux/arm/v7"]);
        assert_eq!(images_of(b"{}"), []);
        assert_eq!(images_of(b"no json"), []);
        let twice = String::from_utf8(index()).unwrap().replacen('{', "{\"Manifests\":[],", 1);
        assert_eq!(images_of(twice.as_bytes()), []);
    }

    #[test]
    fn a_platform_is_chosen_as_runtimes_choose() {
        let entries: Document = serde_json::from_slice(&index()).unwrap();
        let entries = entries.manifests.unwrap();
        let chosen = |wanted: &str| choose(&entries, Some(wanted), "x").map(|entry| entry.digest[7..8].to_owned());
        assert_eq!(chosen("linux/amd64").unwrap(), "a");
        assert_eq!(chosen("linux/arm64").unwrap(), "b");
        assert_eq!(chosen("linux/arm").unwrap(), "c");
        let error = chosen("linux/arm/v6").unwrap_err().to_string();
        assert!(error.contains("linux/amd64, linux/arm64/v8, linux/arm/v7"), "{error}");
        assert!(entries.last().unwrap().is_about(&entries[0].digest));
    }

    proptest! {
        #[test]
        fn any_index_is_survived(text in ".{0,200}") {
            let _ = images_of(text.as_bytes());
        }
    }
}
