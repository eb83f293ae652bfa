//! Fetching an image: manifest, config and layers.

use std::path::Path;
use std::time::Duration;

use futures_util::StreamExt;
use oci_distribution::client::{ClientConfig, ClientProtocol};
use oci_distribution::errors::OciDistributionError;
use oci_distribution::{Client, Reference};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;
use tokio_util::sync::CancellationToken;

const CONNECT: Duration = Duration::from_secs(20);
const READ: Duration = Duration::from_secs(60);
/// A manifest or config may be at most this many bytes (the distribution spec's own limit for manifests: 4 MiB).
const DOCUMENT_LIMIT: u64 = 4 << 20;
/// All types of manifest. A registry that is asked for fewer may convert the manifest, and with it its digest.
const MANIFESTS: [&str; 4] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
];

/// Why an image could not be fetched.
#[derive(Debug, Error)]
pub enum RegistryError {
    /// The reference is none.
    #[error("\"{given}\" is not an image reference ({reason}); write docker://HOST/NAME:TAG or docker://NAME@sha256:…")]
    Reference {
        /// What was given.
        given: String,
        /// What is wrong.
        reason: String,
    },
    /// Nobody answers, or TLS fails.
    #[error(
        "The registry {registry} could not be reached ({reason}); check the address, the network and its certificate"
    )]
    Unreachable {
        /// The registry.
        registry: String,
        /// What the system says.
        reason: String,
    },
    /// The registry wants to know who asks, or refuses them.
    #[error(
        "The registry {registry} refuses access to {name} without valid credentials; docker login {registry} first"
    )]
    Refused {
        /// The registry.
        registry: String,
        /// The repository.
        name: String,
    },
    /// The registry has no such image.
    #[error("The registry {registry} has no image {name}; check name and tag")]
    NotFound {
        /// The registry.
        registry: String,
        /// The reference.
        name: String,
    },
    /// What came is not what was asked for.
    #[error(
        "The registry {registry} sent {what} with digest {found} instead of {expected}; do not use this image, and report it to the registry's owner"
    )]
    Digest {
        /// The registry.
        registry: String,
        /// What was fetched.
        what: String,
        /// The digest asked for.
        expected: String,
        /// The digest of what came.
        found: String,
    },
    /// The registry's answer makes no sense.
    #[error("The registry {registry} sent {what} that cannot be used: {reason}")]
    Answer {
        /// The registry.
        registry: String,
        /// What was fetched.
        what: String,
        /// What is wrong.
        reason: String,
    },
    /// The index has no image for the platform.
    #[error("{name} is not offered for {wanted}; it is offered for {offered}")]
    Platform {
        /// The reference.
        name: String,
        /// The platform that was wanted.
        wanted: String,
        /// The platforms that there are.
        offered: String,
    },
    /// The layout could not be written.
    #[error("The image could not be written to {path}: {source}; free some space there or set TMPDIR")]
    Write {
        /// The folder.
        path: std::path::PathBuf,
        /// The reason.
        source: std::io::Error,
    },
    /// The auditor stopped it.
    #[error("Fetching from the registry was cancelled")]
    Cancelled,
}

/// What the registry said of an image.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fetched {
    /// The full reference.
    pub reference: String,
    /// Digest of the manifest or index that the tag named.
    pub digest: String,
    /// Digest of the manifest of the chosen platform.
    pub manifest_digest: String,
    /// Whether the connection was encrypted.
    pub tls: bool,
}

#[derive(Deserialize)]
struct Descriptor {
    #[serde(rename = "mediaType", default)]
    media_type: String,
    digest: String,
    #[serde(default)]
    size: u64,
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    config: Option<Descriptor>,
    #[serde(default)]
    layers: Vec<Descriptor>,
    #[serde(default)]
    manifests: Vec<Descriptor>,
}

struct Session<'a> {
    client: Client,
    reference: Reference,
    registry: String,
    layout: crate::layout::Layout,
    cancel: &'a CancellationToken,
}

fn is_loopback(registry: &str) -> bool {
    let host = registry.rsplit_once(':').map_or(registry, |(host, _)| host).trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}

fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
}

/// Fetches an image into an OCI layout.
///
/// `platform` is `os/architecture[/variant]`; without one the single offer, or Linux on this machine's processor, is
/// taken. `progress` gets bytes done and bytes in all.
///
/// # Errors
/// When the reference is none, the registry does not give the image, or what it gives is not what was asked for.
pub async fn fetch(
    reference: &str,
    platform: Option<&str>,
    folder: &Path,
    cancel: &CancellationToken,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Fetched, RegistryError> {
    let parsed: Reference = reference.parse().map_err(|error: oci_distribution::ParseError| {
        RegistryError::Reference { given: reference.into(), reason: error.to_string() }
    })?;
    let registry = parsed.resolve_registry().to_owned();
    let protocols: &[bool] = if is_loopback(&registry) { &[true, false] } else { &[true] };
    let mut last = None;
    for &tls in protocols {
        let config = ClientConfig {
            protocol: if tls { ClientProtocol::Https } else { ClientProtocol::Http },
            platform_resolver: None,
            connect_timeout: Some(CONNECT),
            read_timeout: Some(READ),
            user_agent: concat!("plimsoll/", env!("CARGO_PKG_VERSION")),
            ..ClientConfig::default()
        };
        let client = Client::try_from(config)
            .map_err(|error| RegistryError::Unreachable { registry: registry.clone(), reason: chain(&error) })?;
        let session = Session {
            client,
            reference: parsed.clone(),
            registry: registry.clone(),
            layout: crate::layout::Layout::create(folder)?,
            cancel,
        };
        match session.fetch(platform, progress, tls).await {
            Err(error @ RegistryError::Unreachable { .. }) => last = Some(error),
            done => return done,
        }
    }
    Err(last.unwrap_or(RegistryError::Cancelled))
}

impl Session<'_> {
    fn error(&self, error: &OciDistributionError) -> RegistryError {
        let registry = self.registry.clone();
        let name = self.reference.to_string();
        let reason = chain(error);
        let refused =
            || RegistryError::Refused { registry: registry.clone(), name: self.reference.repository().to_owned() };
        match error {
            OciDistributionError::AuthenticationFailure(_) | OciDistributionError::UnauthorizedError { .. } => {
                refused()
            }
            OciDistributionError::ImageManifestNotFoundError(_) => RegistryError::NotFound { registry, name },
            OciDistributionError::RegistryError { envelope, .. } => {
                let codes = format!("{envelope:?}").to_ascii_uppercase();
                if codes.contains("UNAUTHORIZED") || codes.contains("DENIED") {
                    refused()
                } else if codes.contains("UNKNOWN") {
                    RegistryError::NotFound { registry, name }
                } else {
                    RegistryError::Answer { registry, what: "an answer".into(), reason }
                }
            }
            OciDistributionError::ServerError { code: 404, .. } => RegistryError::NotFound { registry, name },
            OciDistributionError::ServerError { code: 401 | 403, .. } => refused(),
            OciDistributionError::RequestError(_) => RegistryError::Unreachable { registry, reason },
            OciDistributionError::DigestError(_) => RegistryError::Answer { registry, what: "content".into(), reason },
            _ => RegistryError::Answer { registry, what: "an answer".into(), reason },
        }
    }

    async fn manifest(&self, reference: &Reference) -> Result<(Vec<u8>, String), RegistryError> {
        let auth = crate::credentials::for_registry(&self.registry);
        let fetched = tokio::select! {
            biased;
            () = self.cancel.cancelled() => return Err(RegistryError::Cancelled),
            fetched = self.client.pull_manifest_raw(reference, &auth, &MANIFESTS) => fetched,
        };
        let (bytes, claimed) = fetched.map_err(|error| self.error(&error))?;
        if bytes.len() as u64 > DOCUMENT_LIMIT {
            return Err(self.answer("a manifest", format!("it is {} bytes, more than {DOCUMENT_LIMIT}", bytes.len())));
        }
        let found = sha256(&bytes);
        let expected = reference.digest().unwrap_or(&claimed).to_owned();
        if expected.starts_with("sha256:") && expected != found {
            return Err(self.digest("a manifest", expected, found));
        }
        Ok((bytes.to_vec(), found))
    }

    fn answer(&self, what: &str, reason: String) -> RegistryError {
        RegistryError::Answer { registry: self.registry.clone(), what: what.into(), reason }
    }

    fn digest(&self, what: &str, expected: String, found: String) -> RegistryError {
        RegistryError::Digest { registry: self.registry.clone(), what: what.into(), expected, found }
    }

    fn read(&self, bytes: &[u8]) -> Result<Manifest, RegistryError> {
        serde_json::from_slice(bytes).map_err(|error| self.answer("a manifest", error.to_string()))
    }

    async fn fetch(
        self,
        platform: Option<&str>,
        progress: &(dyn Fn(u64, u64) + Sync),
        tls: bool,
    ) -> Result<Fetched, RegistryError> {
        let (mut bytes, digest) = self.manifest(&self.reference).await?;
        let mut manifest = self.read(&bytes)?;
        let mut manifest_digest = digest.clone();
        if manifest.config.is_none() {
            manifest_digest = self.choose(&manifest.manifests, platform)?;
            let by_digest = self.reference.clone_with_digest(manifest_digest.clone());
            (bytes, manifest_digest) = self.manifest(&by_digest).await?;
            manifest = self.read(&bytes)?;
        }
        let Some(config) = manifest.config else {
            return Err(self.answer("a manifest", "it names no config".into()));
        };
        if config.size > DOCUMENT_LIMIT {
            return Err(self.answer("a config", format!("it claims {} bytes, more than {DOCUMENT_LIMIT}", config.size)));
        }
        let total: u64 = config.size + manifest.layers.iter().map(|layer| layer.size).sum::<u64>();
        let mut done = 0;
        for (descriptor, what) in
            std::iter::once((&config, "a config")).chain(manifest.layers.iter().map(|layer| (layer, "a layer")))
        {
            self.blob(descriptor, what, &mut done, total, progress).await?;
        }
        let media_type = match config.media_type.contains("docker") {
            true => MANIFESTS[3],
            false => MANIFESTS[2],
        };
        self.layout.finish(&bytes, &manifest_digest, media_type, &self.reference.to_string())?;
        Ok(Fetched { reference: self.reference.to_string(), digest, manifest_digest, tls })
    }

    /// Chooses the manifest of a platform from an index. Attestations (`unknown/unknown`) are no platforms.
    fn choose(&self, offered: &[Descriptor], wanted: Option<&str>) -> Result<String, RegistryError> {
        let name = |platform: &Platform| match &platform.variant {
            Some(variant) => format!("{}/{}/{variant}", platform.os, platform.architecture),
            None => format!("{}/{}", platform.os, platform.architecture),
        };
        let images: Vec<(String, &Descriptor)> = offered
            .iter()
            .filter_map(|entry| Some((entry.platform.as_ref().filter(|p| p.os != "unknown").map(name)?, entry)))
            .collect();
        let here = match std::env::consts::ARCH {
            "x86_64" => "linux/amd64",
            "aarch64" => "linux/arm64",
            other => other,
        };
        let found = match (wanted, images.as_slice()) {
            (None, [(_, single)]) => Some(*single),
            (wanted, images) => {
                let wanted = wanted.unwrap_or(here);
                images
                    .iter()
                    .find(|(name, _)| name == wanted)
                    .or_else(|| images.iter().find(|(name, _)| name.starts_with(&format!("{wanted}/"))))
                    .map(|(_, entry)| *entry)
            }
        };
        found.map(|entry| entry.digest.clone()).ok_or_else(|| RegistryError::Platform {
            name: self.reference.to_string(),
            wanted: wanted.unwrap_or(here).to_owned(),
            offered: images.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    async fn blob(
        &self,
        descriptor: &Descriptor,
        what: &str,
        done: &mut u64,
        total: u64,
        progress: &(dyn Fn(u64, u64) + Sync),
    ) -> Result<(), RegistryError> {
        let Some(mut file) = self.layout.begin(&descriptor.digest)? else {
            *done += descriptor.size;
            return Ok(());
        };
        let sized = self
            .client
            .pull_blob_stream(&self.reference, descriptor.digest.as_str())
            .await
            .map_err(|error| self.error(&error))?;
        let mut stream = sized.stream;
        let mut hash = Sha256::new();
        let mut length = 0_u64;
        loop {
            let chunk = tokio::select! {
                biased;
                () = self.cancel.cancelled() => return Err(RegistryError::Cancelled),
                chunk = stream.next() => chunk,
            };
            let Some(chunk) = chunk else { break };
            let chunk = chunk.map_err(|error| self.answer(what, chain(&error)))?;
            hash.update(&chunk);
            length += chunk.len() as u64;
            if length > descriptor.size {
                return Err(
                    self.answer(what, format!("it is longer than the {} bytes of its descriptor", descriptor.size))
                );
            }
            file.write(&chunk)?;
            *done += chunk.len() as u64;
            progress(*done, total);
        }
        let found = format!("sha256:{}", hex::encode(hash.finalize()));
        if found != descriptor.digest {
            return Err(self.digest(what, descriptor.digest.clone(), found));
        }
        file.finish()
    }
}
