//! Docker archives: `manifest.json` of `docker save`, in the shapes of Docker 20.10, Docker 25 and later, and skopeo.
//!
//! Docker image spec v1.2, “combined image JSON + filesystem changeset format”. The `Layers` of `manifest.json` are
//! taken as they stand: `<id>/layer.tar`, `<diff id>.tar` (with links to it), `blobs/sha256/<digest>`; one may repeat.

use serde::Deserialize;

use crate::config;
use crate::error::ImageError;
use crate::facts::Transport;
use crate::limits::OpenOptions;
use crate::names;
use crate::oci;
use crate::plan::{self, DOCKER_CONFIG, Plan, PlannedLayer, is_hex, layer_name};
use crate::problems::Problems;
use crate::store::Store;
use crate::stream;

/// Images of one name that are looked at.
const PLATFORMS: usize = 64;

/// One image of `manifest.json`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
struct Listed {
    #[serde(rename = "Config")]
    config: String,
    #[serde(rename = "RepoTags", default)]
    tags: Option<Vec<String>>,
    #[serde(rename = "Layers", default)]
    layers: Option<Vec<String>>,
}

impl Listed {
    fn tags(&self) -> &[String] {
        self.tags.as_deref().unwrap_or_default()
    }

    /// The hexadecimal digest in the name of the configuration, if there is one.
    fn named_digest(&self) -> Option<&str> {
        let name = self.config.rsplit('/').next().unwrap_or_default();
        let name = name.strip_suffix(".json").unwrap_or(name);
        Some(name.strip_prefix("sha256:").unwrap_or(name)).filter(|hex| is_hex(hex))
    }

    fn is_called(&self, reference: &str) -> bool {
        let id = reference.rsplit('@').next().unwrap_or(reference);
        let id = id.strip_prefix("sha256:").unwrap_or(id);
        let by_id = id.len() >= 12 && self.named_digest().is_some_and(|hex| hex.starts_with(id));
        by_id || self.tags().iter().any(|tag| plan::same_reference(tag, reference))
    }

    fn shown(&self) -> String {
        names::shown(self.tags().first().map_or(self.named_digest().unwrap_or(&self.config), String::as_str))
    }
}

/// Reads the documents of the image that `options` asks for.
pub(crate) fn plan(store: &Store, options: &OpenOptions) -> Result<Plan, ImageError> {
    let Some(blob) = store.find("manifest.json")? else {
        let hint = if matches!(store.find("index.json"), Ok(Some(_))) {
            "it holds an index.json, so read it as oci-archive"
        } else if matches!(store.find("repositories"), Ok(Some(_))) {
            "it was saved by a Docker older than 1.10; load it and save it again"
        } else if store.is_root_file_system() {
            "it looks like the files of a container, as docker export writes them; use docker save"
        } else {
            "name a file that docker save, podman save or skopeo wrote"
        };
        return Err(ImageError::NoManifest {
            path: store.path.clone(),
            name: "manifest.json".to_owned(),
            transport: Transport::DockerArchive,
            hint: hint.to_owned(),
        });
    };
    let bytes = store.small(&blob, options.limits.manifest_bytes, "manifest.json")?;
    let listed: Vec<Listed> = plan::json(store, &bytes, "manifest.json")?;
    let matching = choose(store, listed, options.reference.as_deref())?;

    // Several images of one name are its platforms.
    if matching.len() > PLATFORMS {
        return Err(ImageError::LimitExceeded {
            path: store.path.clone(),
            what: "The number of images of one name".to_owned(),
            limit: PLATFORMS as u64,
            unit: "images",
        });
    }
    let config_of = |image: &Listed| {
        let hex = image.config.strip_prefix("blobs/sha256/").filter(|hex| is_hex(hex));
        let digest = hex.map(|hex| format!("sha256:{hex}"));
        plan::document(store, &image.config, digest.as_deref(), options.limits.config_bytes, "The configuration")
    };
    let mut platforms = Vec::with_capacity(matching.len());
    for image in &matching {
        platforms.push(config::parse(store, &config_of(image)?, DOCKER_CONFIG)?.platform);
    }
    let index = plan::pick(store, &platforms, options.platform.as_ref())?;
    let Some(image) = matching.get(index) else {
        return Err(ImageError::NoImage { path: store.path.clone() });
    };
    let config = config_of(image)?;
    let other_platforms = platforms.into_iter().enumerate().filter(|(at, _)| *at != index).map(|(_, p)| p).collect();

    let mut problems = Problems::default();
    let config_digest = stream::digest_of(&config);
    if image.named_digest().is_some_and(|hex| config_digest != format!("sha256:{hex}")) {
        problems.say("The configuration's name is not its digest: it has been changed since it was named.".to_owned());
    }
    let names = image.layers.as_deref().unwrap_or_default();
    plan::bound_layers(store, names.len(), &options.limits)?;
    let mut layers = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let Some(blob) = store.find(name)? else {
            let what = layer_name(index, names.len());
            return Err(ImageError::Missing { path: store.path.clone(), what, name: names::shown(name) });
        };
        let hex = name.strip_prefix("blobs/sha256/").filter(|hex| is_hex(hex));
        layers.push(PlannedLayer { blob, digest: hex.map(|hex| format!("sha256:{hex}")), media_type: None });
    }
    let (digest, attestations) = oci::beside(store, &config_digest, options, &mut problems);
    let asked = options.reference.as_deref();
    let reference = asked.and_then(|asked| image.tags().iter().find(|tag| plan::same_reference(tag, asked)));
    Ok(Plan {
        reference: reference.or_else(|| image.tags().first()).cloned(),
        repo_tags: image.tags().to_vec(),
        digest,
        config,
        config_media_type: DOCKER_CONFIG.to_owned(),
        layers,
        other_platforms,
        attestations,
        problems,
    })
}

/// The entries of `manifest.json` that make up one image.
fn choose(store: &Store, listed: Vec<Listed>, reference: Option<&str>) -> Result<Vec<Listed>, ImageError> {
    let path = store.path.clone();
    let candidates = |of: &[Listed]| of.iter().take(50).map(Listed::shown).collect::<Vec<_>>();
    let Some(first) = listed.first() else {
        return Err(ImageError::NoImage { path });
    };
    let Some(reference) = reference else {
        let same = |other: &Listed| other == first || !first.tags().is_empty() && other.tags() == first.tags();
        if listed.iter().all(same) {
            return Ok(listed);
        }
        return Err(ImageError::SeveralImages { path, candidates: candidates(&listed) });
    };
    let (matching, others): (Vec<_>, Vec<_>) = listed.into_iter().partition(|image| image.is_called(reference));
    if matching.is_empty() {
        return Err(ImageError::NoSuchReference {
            path,
            reference: reference.to_owned(),
            candidates: candidates(&others),
        });
    }
    Ok(matching)
}
