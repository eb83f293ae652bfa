//! Attestations: what the builder stated about the image, as BuildKit puts it beside the image in its index.
//!
//! A manifest with the annotations `vnd.docker.reference.type=attestation-manifest` and `vnd.docker.reference.digest`
//! holds in-toto statements as layers (BuildKit, “Image attestation storage”). Nobody's signature is verified here; the
//! digests are. What cannot be read is a problem to be told of, and never keeps the image from being read.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use plimsoll_secrets::{redact_text, redact_value};
use serde_json::{Map, Value};

use crate::error::ImageError;
use crate::facts::Attestation;
use crate::limits::OpenOptions;
use crate::names;
use crate::oci;
use crate::plan;
use crate::problems::Problems;
use crate::store::Store;

/// Statements that are recorded of one image.
const STATEMENTS: usize = 100;

const IN_TOTO: &str = "application/vnd.in-toto+json";
const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";

/// The key under which BuildKit 0.8 to 0.10 kept its sources and arguments, as base64 of JSON.
pub(crate) const BUILDINFO: &str = "moby.buildkit.buildinfo.v1";

/// An attestation manifest that an index lists, and the digest of the manifest that it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Listed {
    pub digest: String,
    pub subject: String,
}

/// Reads the statements about the manifest `subject`.
pub(crate) fn read(
    store: &Store,
    listed: &[Listed],
    subject: &str,
    options: &OpenOptions,
    problems: &mut Problems,
) -> Vec<Attestation> {
    let mut attestations: Vec<Attestation> = Vec::new();
    let mut left = options.limits.attestation_bytes;
    for listed in listed.iter().filter(|listed| listed.subject == subject) {
        let layers = match oci::layers(store, &listed.digest, options) {
            Ok(layers) => layers,
            Err(error) => {
                problems.count("attestations", reason(&error), &listed.digest);
                continue;
            }
        };
        for layer in layers.into_iter().filter(|layer| layer.media_type == IN_TOTO) {
            if attestations.len() >= STATEMENTS {
                problems.count("attestations", "were left out, as there are too many", &layer.digest);
                continue;
            }
            if attestations.iter().any(|known| known.digest == layer.digest) {
                continue;
            }
            let bytes = plan::blob_path(store, &layer.digest, "The attestation")
                .and_then(|path| plan::document(store, &path, Some(&layer.digest), left, "The attestation"));
            let statement = match bytes {
                Ok(bytes) => {
                    left = left.saturating_sub(bytes.len() as u64);
                    let statement = serde_json::from_slice::<Value>(&bytes);
                    if let Err(error) = &statement {
                        problems.count("attestations", "are no JSON", &error.to_string());
                    }
                    statement.ok()
                }
                Err(error) => {
                    problems.count("attestations", reason(&error), &layer.digest);
                    None
                }
            };
            let stated = statement.as_ref().and_then(|value| value.get("predicateType")).and_then(Value::as_str);
            let annotated = layer.annotations.as_ref().and_then(|all| all.get(PREDICATE_TYPE)).map(String::as_str);
            attestations.push(Attestation {
                predicate_type: names::shown(stated.or(annotated).unwrap_or_default()),
                digest: layer.digest,
                statement: statement.map(|value| masked("", value)),
                subject: subject.to_owned(),
            });
        }
    }
    attestations
}

/// Why it was not read, to follow “attestations”: the error itself names the file that the caller opened.
fn reason(error: &ImageError) -> &'static str {
    match error {
        ImageError::Missing { .. } => "are listed but not stored",
        ImageError::DigestMismatch { .. } | ImageError::BadDigest { .. } => "do not have the digest that is listed",
        ImageError::LimitExceeded { .. } => "are too large to be recorded",
        _ => "cannot be read",
    }
}

/// The build information that old BuildKits wrote into the configuration. `digest` is the configuration's.
pub(crate) fn buildinfo(top: &Map<String, Value>, digest: &str) -> Option<Attestation> {
    let statement = match top.get(BUILDINFO)? {
        Value::String(text) => {
            STANDARD.decode(text).ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        }
        Value::Null => return None,
        other => Some(other.clone()),
    };
    Some(Attestation {
        digest: digest.to_owned(),
        predicate_type: BUILDINFO.to_owned(),
        statement: statement.map(|value| masked("", value)),
        subject: digest.to_owned(),
    })
}

/// The value with its secrets masked; `key` is the name that it stands under. serde_json bounds the depth.
fn masked(key: &str, value: Value) -> Value {
    match value {
        Value::String(text) => Value::String(masked_text(key, &text)),
        Value::Array(values) => Value::Array(values.into_iter().map(|value| masked(key, value)).collect()),
        Value::Object(object) => {
            // A list of named values is often written as objects: {"name": "TOKEN", "value": "…"}.
            let named = ["name", "key"].iter().find_map(|key| object.get(*key)).and_then(Value::as_str);
            let named = named.map(str::to_owned);
            let member = |(key, value): (String, Value)| {
                let under = if key == "value" { named.as_deref().unwrap_or(&key) } else { &key };
                let value = masked(under, value);
                (redact_text(&key), value)
            };
            Value::Object(object.into_iter().map(member).collect())
        }
        other => other,
    }
}

fn masked_text(key: &str, text: &str) -> String {
    // The build's own sources, the Dockerfile among them, stand there as base64.
    if key == "data"
        && let Ok(bytes) = STANDARD.decode(text)
        && let Ok(source) = String::from_utf8(bytes)
    {
        return STANDARD.encode(redact_text(&source));
    }
    let name = ["build-arg:", "label:", "secret:"].iter().find_map(|prefix| key.strip_prefix(prefix)).unwrap_or(key);
    redact_value(name, text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let dockerfile = STANDARD.encode("FROM debian\nENV DB_PASSWORD=hunter2\n");
        let statement = json!({
            "predicate": {
                "args": { "build-arg:API_TOKEN": "hunter2", "build-arg:VERSION": "1.2", "label:x": "y" },
                "env": ["DB_PASSWORD=hunter2", "PATH=/bin"],
                "list": [{ "name": "DB_PASSWORD", "value": "hunter2" }, { "name": "A", "value": "b" }],
                "infos": [{ "data": dockerfile, "filename": "Dockerfile" }, { "data": "AAEC/w==" }],
                "vcs": "https://bob:hunter2@example.org/x",
                "digest": { "sha256": "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9" },
                "number": 7,
            }
        });
        let masked = masked("", statement.clone());
        let data = masked.pointer("/predicate/infos/0/data").and_then(Value::as_str).unwrap();
        let text = format!("{masked} {}", String::from_utf8(STANDARD.decode(data).unwrap()).unwrap());
        assert!(!text.contains("hunter2"), "{text}");
        for kept in ["/predicate/args/build-arg:VERSION", "/predicate/digest/sha256", "/predicate/list/1/value"] {
            assert_eq!(masked.pointer(kept), statement.pointer(kept), "{kept}");
        }
        assert_eq!(masked.pointer("/predicate/infos/1"), statement.pointer("/predicate/infos/1"));
    }

    #[test]
    fn old_build_information_is_a_statement_too() {
        let info = json!({ "frontend": "dockerfile.v0", "attrs": { "build-arg:API_TOKEN": "hunter2" } });
        let top = json!({ BUILDINFO: STANDARD.encode(info.to_string()) });
        let found = buildinfo(top.as_object().unwrap(), "sha256:1").unwrap();
        assert_eq!((found.predicate_type.as_str(), found.digest.as_str()), (BUILDINFO, "sha256:1"));
        let statement = found.statement.unwrap().to_string();
        assert!(statement.contains("dockerfile.v0") && !statement.contains("hunter2"), "{statement}");
        let broken = json!({ BUILDINFO: "§" });
        assert_eq!(buildinfo(broken.as_object().unwrap(), "").unwrap().statement, None);
        assert_eq!(buildinfo(&Map::new(), ""), None);
    }
}
