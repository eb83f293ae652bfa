//! cosign's first way: a payload in the format of simple signing as a layer, its signature in the layer's annotations.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::body::Message;
use super::content;
use super::dsse::{Along, rank};
use super::subject::{Payload, Subject, conclude, malformed};
use super::who::{self, Signature, link};
use crate::facts::{Artifact, ArtifactLayer, TrustFacts};
use crate::material::Material;
use crate::text::{base64_any, is_digest, said, shown};
use crate::verdict::{Invalid, LinkKind, Scheme, Verdict};

const SIGNATURE: &str = "dev.cosignproject.cosign/signature";
/// Types of payload that sign an image.
const TYPES: [&str; 2] = ["cosign container image signature", "https://sigstore.dev/cosign/sign/v1"];
/// Most user annotations that are shown.
const OPTIONAL_MAX: usize = 20;
/// Most other signatures of the artifact that are told in notes.
const OTHERS_MAX: usize = 16;

#[derive(Deserialize)]
struct SimpleSigning {
    critical: Critical,
    #[serde(default)]
    optional: Option<BTreeMap<String, Value>>,
}

#[derive(Deserialize)]
struct Critical {
    #[serde(default)]
    identity: Identity,
    image: Image,
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize, Default)]
struct Identity {
    #[serde(rename = "docker-reference", default)]
    reference: String,
}

#[derive(Deserialize)]
struct Image {
    #[serde(rename = "docker-manifest-digest")]
    digest: String,
}

/// Judges all signatures of one artifact: what the best of them is worth, the others in notes.
pub(super) fn judge(artifact: &Artifact, layers: &[&ArtifactLayer], material: &Material<'_>) -> Verdict {
    let mut verdicts: Vec<Verdict> = layers.iter().map(|layer| one(artifact, layer, material)).collect();
    verdicts.sort_by_key(|verdict| rank(verdict.state));
    let mut verdicts = verdicts.into_iter();
    let Some(mut best) = verdicts.next() else {
        return malformed(Scheme::Cosign, artifact, Invalid::Format, "The signature artifact holds no signature.");
    };
    let others: Vec<String> = verdicts.map(|other| other.reason).collect();
    let more = others.len().saturating_sub(OTHERS_MAX);
    best.notes
        .extend(others.into_iter().take(OTHERS_MAX).map(|reason| format!("Another signature beside it: {reason}")));
    if more > 0 {
        best.notes.push(format!("And {more} more signatures beside it."));
    }
    best
}

fn one(artifact: &Artifact, layer: &ArtifactLayer, material: &Material<'_>) -> Verdict {
    let scheme = Scheme::Cosign;
    let bytes = match content(scheme, artifact, layer) {
        Ok(bytes) => bytes,
        Err(verdict) => return *verdict,
    };
    let Some(encoded) = layer.annotations.get(SIGNATURE) else {
        return malformed(scheme, artifact, Invalid::Format, "The layer carries no signature among its annotations.");
    };
    let Some(signature) = base64_any(encoded).filter(|signature| !signature.is_empty()) else {
        return malformed(
            scheme,
            artifact,
            Invalid::Format,
            "The signature among the layer's annotations is not base64.",
        );
    };
    let along = Along::from_annotations(layer);
    let opinion = who::judge(
        &Signature {
            bytes: &signature,
            message: Message::Bytes(bytes),
            payload: None,
            envelope: None,
            hint: "",
            certificate: along.certificate.as_ref(),
            chain: &along.chain,
            entries: &along.entries,
            stamped: along.stamped,
            notes: &along.notes,
        },
        material,
    );
    conclude(scheme, artifact, material.facts, opinion, payload(bytes, material.facts))
}

fn payload(bytes: &[u8], facts: &TrustFacts) -> Payload {
    let mut out = Payload {
        subject: Subject::Bad(String::new()),
        link: link(LinkKind::Payload, "Payload (simple signing)", None),
        predicate: String::new(),
        name: "The signature".to_owned(),
        notes: Vec::new(),
    };
    let read: SimpleSigning = match serde_json::from_slice(bytes) {
        Ok(read) => read,
        Err(error) => {
            out.subject = Subject::Bad(format!("The payload is not one of simple signing: {}.", said(&error)));
            return out;
        }
    };
    out.link.details.push(("type".to_owned(), shown(&read.critical.kind)));
    out.link.details.push(("digest".to_owned(), shown(&read.critical.image.digest)));
    let reference = read.critical.identity.reference.as_str();
    if !reference.is_empty() {
        out.link.details.push(("reference".to_owned(), shown(reference)));
        if repository(reference) != repository(&facts.repository) {
            out.notes.push(format!(
                "It was signed under the name {}, another than the repository it was found in, {}.",
                shown(reference),
                shown(&facts.repository)
            ));
        }
    }
    for (name, value) in read.optional.iter().flatten().take(OPTIONAL_MAX) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        out.link.details.push((format!("annotation {}", shown(name)), shown(&value)));
    }
    out.subject = if !TYPES.contains(&read.critical.kind.as_str()) {
        Subject::Bad(format!("The payload is of an unknown type: {}.", shown(&read.critical.kind)))
    } else if !is_digest(&read.critical.image.digest) {
        Subject::Bad(format!("The payload names no digest, but {}.", shown(&read.critical.image.digest)))
    } else {
        Subject::Digests(vec![read.critical.image.digest])
    };
    out
}

/// A reference without tag and digest, Docker Hub under one name.
fn repository(reference: &str) -> String {
    let name = reference.split_once('@').map_or(reference, |(name, _)| name);
    let tagged = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/'));
    let name = tagged.map_or(name, |(name, _)| name);
    match name.strip_prefix("index.docker.io/") {
        Some(rest) => format!("docker.io/{rest}"),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_compared_without_tag_and_digest() {
        assert_eq!(repository("127.0.0.1:5600/lab/good:1"), "127.0.0.1:5600/lab/good");
        assert_eq!(repository("127.0.0.1:5600/lab/good@sha256:00"), "127.0.0.1:5600/lab/good");
        assert_eq!(repository("index.docker.io/library/nginx"), "docker.io/library/nginx");
        assert_eq!(repository("127.0.0.1:5600/lab/good"), "127.0.0.1:5600/lab/good");
    }
}
