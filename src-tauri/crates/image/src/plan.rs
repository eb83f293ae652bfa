//! What every transport arrives at before layers are read: the chosen image's documents, and where its layers lie.

use crate::error::ImageError;
use crate::facts::{Attestation, Platform};
use crate::limits::Limits;
use crate::names;
use crate::problems::Problems;
use crate::store::{Blob, Store};
use crate::stream;

/// The configuration of Docker images, which is also what a docker archive holds.
pub(crate) const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
/// The configuration of OCI images (OCI image-spec, `config.md`).
pub(crate) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";

/// The chosen image.
pub(crate) struct Plan {
    pub reference: Option<String>,
    pub repo_tags: Vec<String>,
    /// The manifest's digest.
    pub digest: Option<String>,
    pub config: Vec<u8>,
    pub config_media_type: String,
    pub layers: Vec<PlannedLayer>,
    pub other_platforms: Vec<Platform>,
    /// What is stated about the manifest in the same index.
    pub attestations: Vec<Attestation>,
    pub problems: Problems,
}

/// A layer as the manifest lists it.
pub(crate) struct PlannedLayer {
    pub blob: Blob,
    /// The digest of the stored bytes, if it is listed.
    pub digest: Option<String>,
    /// The media type, if it is listed.
    pub media_type: Option<String>,
}

/// “layer 2 of 5”.
pub(crate) fn layer_name(index: usize, count: usize) -> String {
    format!("layer {} of {count}", index.saturating_add(1))
}

/// Reads a document whose SHA-256 is known. `what` begins with a capital: “The manifest”.
pub(crate) fn document(
    store: &Store,
    name: &str,
    digest: Option<&str>,
    limit: u64,
    what: &str,
) -> Result<Vec<u8>, ImageError> {
    let Some(blob) = store.find(name)? else {
        return Err(ImageError::Missing {
            path: store.path.clone(),
            what: lower(what),
            name: names::shown(digest.unwrap_or(name)),
        });
    };
    let bytes = store.small(&blob, limit, what)?;
    if let Some(expected) = digest {
        let found = stream::digest_of(&bytes);
        if found != expected {
            return Err(ImageError::DigestMismatch {
                path: store.path.clone(),
                what: what.to_owned(),
                expected: expected.to_owned(),
                found,
            });
        }
    }
    Ok(bytes)
}

/// Reads JSON; `what` begins with a capital.
pub(crate) fn json<T: serde::de::DeserializeOwned>(store: &Store, bytes: &[u8], what: &str) -> Result<T, ImageError> {
    serde_json::from_slice(bytes).map_err(|error| ImageError::BadJson {
        path: store.path.clone(),
        what: what.to_owned(),
        reason: names::shown(&error.to_string()),
    })
}

/// The path of the blob with this digest in a layout (OCI image-spec, `image-layout.md`).
pub(crate) fn blob_path(store: &Store, digest: &str, what: &str) -> Result<String, ImageError> {
    match digest.strip_prefix("sha256:").filter(|hex| is_hex(hex)) {
        Some(hex) => Ok(format!("blobs/sha256/{hex}")),
        None => {
            Err(ImageError::BadDigest { path: store.path.clone(), what: what.to_owned(), digest: names::shown(digest) })
        }
    }
}

/// 64 lower-case hexadecimal digits.
pub(crate) fn is_hex(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// “The manifest” as it stands inside a sentence.
fn lower(what: &str) -> String {
    let mut chars = what.chars();
    match chars.next() {
        Some(first) => first.to_lowercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Whether two references name the same image: `nginx` is `docker.io/library/nginx:latest`.
pub(crate) fn same_reference(one: &str, other: &str) -> bool {
    one == other || familiar(one) == familiar(other)
}

fn familiar(reference: &str) -> String {
    let mut short = reference;
    for registry in ["docker.io/", "index.docker.io/"] {
        short = short.strip_prefix(registry).unwrap_or(short);
    }
    short = short.strip_prefix("library/").unwrap_or(short);
    let last = short.rsplit('/').next().unwrap_or(short);
    if last.contains(':') || last.contains('@') { short.to_owned() } else { format!("{short}:latest") }
}

/// Chooses among platforms: the asked one; else the only one; else Linux on this machine's processor.
/// Returns its index.
pub(crate) fn pick(store: &Store, offered: &[Platform], asked: Option<&Platform>) -> Result<usize, ImageError> {
    let host = Platform { os: "linux".to_owned(), architecture: host_architecture().to_owned(), variant: None };
    let wanted = match asked {
        Some(asked) => asked,
        None if offered.len() == 1 => return Ok(0),
        None => &host,
    };
    // The exact one before one that merely fits.
    let exact = offered.iter().position(|platform| platform == wanted);
    exact.or_else(|| offered.iter().position(|platform| fits(platform, wanted))).ok_or_else(|| {
        let mut offered = offered.to_vec();
        offered.truncate(50);
        ImageError::NoSuchPlatform { path: store.path.clone(), wanted: wanted.clone(), offered }
    })
}

/// Whether `platform` is what `wanted` asks for; a variant that is not asked for does not matter, and `arm64` means v8.
pub(crate) fn fits(platform: &Platform, wanted: &Platform) -> bool {
    let variant = |of: &Platform| match (of.architecture.as_str(), of.variant.as_deref()) {
        ("arm64", None) => Some("v8".to_owned()),
        (_, variant) => variant.map(str::to_owned),
    };
    platform.os == wanted.os
        && platform.architecture == wanted.architecture
        && (wanted.variant.is_none() || variant(platform) == variant(wanted))
}

/// This machine's processor in Go's words.
fn host_architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" if cfg!(target_endian = "little") => "ppc64le",
        "powerpc64" => "ppc64",
        "loongarch64" => "loong64",
        other => other,
    }
}

/// Refuses more layers than the limits allow.
pub(crate) fn bound_layers(store: &Store, count: usize, limits: &Limits) -> Result<(), ImageError> {
    if count <= limits.layers {
        return Ok(());
    }
    Err(ImageError::LimitExceeded {
        path: store.path.clone(),
        what: "The number of layers".to_owned(),
        limit: limits.layers as u64,
        unit: "layers",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_compared_as_docker_shortens_them() {
        assert!(same_reference("nginx", "docker.io/library/nginx:latest"));
        assert!(same_reference("docker.io/a/b", "a/b:latest"));
        assert!(same_reference("localhost:5000/a:1", "localhost:5000/a:1"));
        assert!(same_reference("localhost:5000/a", "localhost:5000/a:latest"));
        assert!(!same_reference("nginx:1", "nginx:2"));
    }

    #[test]
    fn a_variant_counts_only_when_it_is_asked_for() {
        let platform = |text: &str| text.parse::<Platform>().unwrap();
        assert!(fits(&platform("linux/arm64"), &platform("linux/arm64/v8")));
        assert!(fits(&platform("linux/arm/v7"), &platform("linux/arm")));
        assert!(!fits(&platform("linux/arm/v7"), &platform("linux/arm/v6")));
        assert!("linux".parse::<Platform>().is_err());
        assert!("linux/arm/".parse::<Platform>().is_err());
    }
}
