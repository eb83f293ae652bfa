//! Docker contexts: named engines that Docker's client keeps in its folder.
//!
//! Source: docker/cli, `cli/context/store`: `contexts/meta/SHA256(name)/meta.json` and
//! `contexts/tls/SHA256(name)/docker/{ca,cert,key}.pem`.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::error::DockerError;
use super::surroundings::Surroundings;
use crate::parse::value::{flag, text};

/// Largest file of a context or of the client's settings.
const LARGEST: u64 = 1 << 20;
/// Most contexts that are looked at.
const MOST: usize = 1000;

/// A Docker context of this user: a named engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    /// Its name.
    pub name: String,
    /// Where it leads: `ssh://ops@box`.
    pub endpoint: String,
    /// The owner's words; may be empty.
    pub description: String,
    /// Whether it is the current one.
    pub current: bool,
}

/// A context with what is needed to follow it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) host: String,
    /// The engine's certificate is not to be verified.
    pub(crate) skip_verify: bool,
    /// The folder with ca.pem, cert.pem and key.pem, where there is one.
    pub(crate) certificates: Option<PathBuf>,
}

/// The Docker contexts of this user, by name. Empty when there are none or they cannot be read. The context `default` is
/// no stored one, and is [`crate::EngineAddress::Default`].
#[must_use]
pub fn contexts() -> Vec<Context> {
    list(&Surroundings::of_process())
}

/// The stored contexts, by name.
pub(crate) fn list(around: &Surroundings) -> Vec<Context> {
    let Some(config) = around.docker_config() else { return Vec::new() };
    let current = around.variable("DOCKER_HOST").is_none().then(|| current(around)).flatten();
    let Ok(entries) = std::fs::read_dir(config.join("contexts").join("meta")) else { return Vec::new() };
    let metas = entries.take(MOST).filter_map(|entry| json(&entry.ok()?.path().join("meta.json")).ok());
    let mut contexts: Vec<Context> = metas
        .filter_map(|meta| {
            let name = text(&meta, "Name")?;
            let endpoint = text(meta.get("Endpoints")?.get("docker")?, "Host").unwrap_or_default();
            let description = meta.get("Metadata").and_then(|about| text(about, "Description")).unwrap_or_default();
            let shown: String = plimsoll_secrets::redact_text(&endpoint).chars().take(500).collect();
            let current = current.as_deref() == Some(&name);
            Some(Context { name, endpoint: shown, description: description.chars().take(500).collect(), current })
        })
        .collect();
    contexts.sort_by(|a, b| a.name.cmp(&b.name));
    contexts
}

/// The context that is current where `DOCKER_HOST` is not set; none for the default one.
pub(crate) fn current(around: &Surroundings) -> Option<String> {
    let named = around.variable("DOCKER_CONTEXT").map(str::to_owned);
    let named = named.or_else(|| text(&json(&around.docker_config()?.join("config.json")).ok()?, "currentContext"));
    named.filter(|name| !name.is_empty() && name != "default")
}

/// Finds a context.
pub(crate) fn find(around: &Surroundings, name: &str) -> Result<Stored, DockerError> {
    let config = around.docker_config().unwrap_or_default();
    let id = hex::encode(Sha256::digest(name.as_bytes()));
    let path = config.join("contexts").join("meta").join(&id).join("meta.json");
    let bad = |reason: String| DockerError::BadContext { name: name.to_owned(), reason };
    let meta = match json(&path) {
        Ok(meta) => meta,
        Err(Unusable::Missing) => {
            let names: Vec<String> = list(around).into_iter().take(20).map(|context| context.name).collect();
            let known = match names.is_empty() {
                true => "there are none; make one with docker context create, or write the address itself".to_owned(),
                false => format!("there are {}", names.join(", ")),
            };
            return Err(DockerError::NoContext { name: name.to_owned(), known });
        }
        Err(Unusable::Other(reason)) => return Err(bad(reason)),
    };
    let docker = meta.get("Endpoints").and_then(|endpoints| endpoints.get("docker"));
    let docker = docker.ok_or_else(|| bad("it leads to no Docker daemon".into()))?;
    let host = text(docker, "Host").filter(|host| !host.is_empty());
    let folder = config.join("contexts").join("tls").join(&id).join("docker");
    let has = |name: &str| folder.join(name).is_file();
    Ok(Stored {
        host: host.ok_or_else(|| bad("it names no address".into()))?,
        skip_verify: flag(docker, "SkipTLSVerify").unwrap_or_default(),
        certificates: (has("ca.pem") || has("cert.pem")).then_some(folder),
    })
}

enum Unusable {
    Missing,
    Other(String),
}

fn json(path: &Path) -> Result<Value, Unusable> {
    let known = match std::fs::metadata(path) {
        Ok(known) => known,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(Unusable::Missing),
        Err(error) => return Err(Unusable::Other(format!("{} cannot be read: {error}", path.display()))),
    };
    if !known.is_file() || known.len() > LARGEST {
        return Err(Unusable::Other(format!("{} is no small file", path.display())));
    }
    let bytes = std::fs::read(path).map_err(|error| Unusable::Other(format!("{}: {error}", path.display())))?;
    serde_json::from_slice(&bytes).map_err(|error| Unusable::Other(format!("{}: {error}", path.display())))
}
