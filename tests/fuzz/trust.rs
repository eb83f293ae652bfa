//! Trust data from strangers: Notary metadata, signatures, attestations. Judging ends and says the same twice; what was
//! verified is not verified any more once a byte that is signed has changed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use bolero::check;
use plimsoll_trust::{
    Artifact, ArtifactLayer, Bytes, Found, Looked, Lookup, NotaryFacts, NotaryFile, NotationLevel, NotationPolicy,
    Scheme, State, TrustFacts, TrustPolicy, TrustedKey, Verdict, judge,
};
use serde_json::Value;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::bounded;
use crate::mutate::Recipe;

/// No piece grows beyond this.
const PIECE: usize = 16 * 1024;

const WORDS: &[&str] = &[
    "\"signed\":",
    "\"signatures\":[",
    "\"keyids\":[",
    "\"threshold\":0",
    "\"threshold\":1",
    "\"version\":",
    "18446744073709551616",
    "-1",
    "1e400",
    "\"expires\":\"9999-12-31T23:59:59Z\"",
    "\"_type\":\"Root\"",
    "\"keytype\":\"ecdsa-x509\"",
    "\"delegations\":{",
    "\"hashes\":{\"sha256\":\"\"}",
    "\"payload\":\"",
    "\"payloadType\":\"application/vnd.in-toto+json\"",
    "\"subject\":[",
    "\"digest\":{\"sha256\":\"",
    "\"predicateType\":\"",
    "\"x5c\":[",
    "\"crit\":[\"",
    "docker-manifest-digest",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\"",
    "\\u0000",
    "\u{202e}",
    "null",
    "\u{d8}\u{d2}\u{84}",
    "\0",
];

fn fixtures(set: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures").join(set)
}

fn cases(set: &str) -> Vec<BTreeMap<String, String>> {
    serde_json::from_slice(&std::fs::read(fixtures(set).join("cases.json")).unwrap()).unwrap()
}

fn moment(text: &str) -> OffsetDateTime {
    OffsetDateTime::parse(text, &Rfc3339).unwrap()
}

/// Judges, and holds the answer to what every reader is held to.
fn judged(facts: &TrustFacts, policy: &TrustPolicy, at: OffsetDateTime, input: usize) -> Vec<Verdict> {
    let verdicts = judge(facts, policy, at);
    assert_eq!(verdicts, judge(facts, policy, at));
    bounded("verdicts", &verdicts, input);
    let stored: TrustFacts = serde_json::from_str(&serde_json::to_string(facts).unwrap()).unwrap();
    assert_eq!(verdicts, judge(&stored, policy, at), "stored facts are judged otherwise");
    verdicts
}

fn holds(verdicts: &[Verdict]) -> bool {
    verdicts.iter().any(|verdict| matches!(verdict.state, State::Verified | State::Signed))
}

/// A repository's metadata, and whether they are in order as they are.
struct Repository {
    facts: TrustFacts,
    at: OffsetDateTime,
    holds: bool,
}

fn metadata(folder: &Path, under: &str, into: &mut Vec<NotaryFile>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            metadata(&path, &format!("{under}{name}/"), into);
        } else if let Some(stem) = name.strip_suffix(".json") {
            into.push(NotaryFile { name: format!("{under}{stem}"), bytes: Bytes(std::fs::read(&path).unwrap()) });
        }
    }
    into.sort_by(|one, other| one.name.cmp(&other.name));
}

fn repositories() -> Vec<Repository> {
    let cases = cases("notary").into_iter().map(|case| {
        let mut files = Vec::new();
        metadata(&fixtures("notary").join(&case["served"]), "", &mut files);
        let pinned = case.get("previous").and_then(|previous| {
            let mut before = Vec::new();
            metadata(&fixtures("notary").join(previous), "", &mut before);
            plimsoll_trust::pinned_from_files(&before)
        });
        let notary = NotaryFacts { gun: case["gun"].clone(), files, pinned, ..NotaryFacts::default() };
        let facts = TrustFacts {
            repository: case["gun"].clone(),
            tag: Some(case["tag"].clone()),
            digests: case.get("digest").cloned().into_iter().collect(),
            notary: Some(notary),
            ..TrustFacts::default()
        };
        let at = moment(&case["at"]);
        let holds = holds(&judge(&facts, &TrustPolicy::default(), at));
        Repository { facts, at, holds }
    });
    cases.filter(|repository| repository.facts.notary.as_ref().is_some_and(|notary| !notary.files.is_empty())).collect()
}

#[test]
fn trust_notary() {
    let repositories = repositories();
    assert!(repositories.iter().filter(|repository| repository.holds).count() >= 10);
    check!().with_iterations(1500).with_type::<Recipe>().for_each(|recipe| {
        let repository = &repositories[usize::from(recipe.variant) % repositories.len()];
        let mut facts = repository.facts.clone();
        let files = &mut facts.notary.as_mut().unwrap().files;
        let seeds: Vec<Vec<u8>> = files.iter().map(|file| file.bytes.0.clone()).collect();
        let at = usize::from(recipe.seed()) % files.len();
        let bytes = recipe.make(&seeds, WORDS, PIECE);
        let changed = bytes != seeds[at];
        let signed = |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).ok()?.get("signed").cloned();
        let means_other = changed && signed(&bytes) != signed(&seeds[at]);
        files[at].bytes.0 = bytes;
        // The snapshot knows every other file by its hash, the timestamp knows the snapshot; an old root is not needed.
        let name = files[at].name.clone();
        let matters = match name.as_str() {
            "root" | "timestamp" => means_other,
            old if old.ends_with(".root") => false,
            _ => changed,
        };
        let input: usize = seeds.iter().map(Vec::len).sum();
        let verdicts = judged(&facts, &TrustPolicy::default(), repository.at, input + PIECE);
        assert_eq!(verdicts.len(), 1);
        if repository.holds && matters {
            assert!(!holds(&verdicts), "{name} was changed: {verdicts:#?}");
        }
    });
}

/// An image's artifacts, and whether one of them holds as it is.
struct Signed {
    facts: TrustFacts,
    holds: bool,
}

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn layouts(policy: &TrustPolicy, at: OffsetDateTime) -> Vec<Signed> {
    let all = cases("signatures").into_iter().map(|case| {
        let layout = fixtures("signatures").join(&case["name"]);
        let blob = |digest: &str| std::fs::read(layout.join("blobs").join(digest.replacen(':', "/", 1))).unwrap();
        let json = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
        let image = &case["image"];
        let mut found = Vec::new();
        let index = json(std::fs::read(layout.join("index.json")).unwrap());
        for entry in index["manifests"].as_array().unwrap() {
            let name = text(&entry["annotations"], "org.opencontainers.image.ref.name").to_owned();
            let digest = text(entry, "digest").to_owned();
            if name.ends_with(".sig") {
                found.push((Found::CosignTag, digest));
            } else if name.ends_with(".att") {
                found.push((Found::AttestationTag, digest));
            } else if name.starts_with("sha256-") {
                for referrer in json(blob(&digest))["manifests"].as_array().unwrap() {
                    found.push((Found::ReferrersTag, text(referrer, "digest").to_owned()));
                }
            }
        }
        let artifacts = found.into_iter().map(|(found, digest)| {
            let manifest = json(blob(&digest));
            let own = text(&manifest, "artifactType");
            let config = text(&manifest["config"], "mediaType");
            let layers = manifest["layers"].as_array().unwrap().iter().map(|layer| ArtifactLayer {
                media_type: text(layer, "mediaType").to_owned(),
                digest: text(layer, "digest").to_owned(),
                size: 0,
                annotations: serde_json::from_value(layer["annotations"].clone()).unwrap_or_default(),
                bytes: Some(Bytes(blob(text(layer, "digest")))),
                unread: None,
            });
            Artifact {
                found,
                place: "here".to_owned(),
                subject: image.clone(),
                artifact_type: if own.is_empty() { config } else { own }.to_owned(),
                layers: layers.collect(),
                manifest: Bytes(blob(&digest)),
                digest,
            }
        });
        let facts = TrustFacts {
            repository: "r.example/app".to_owned(),
            digests: vec![image.clone()],
            artifacts: artifacts.collect(),
            lookups: vec![Lookup { scheme: Scheme::Attestation, place: "here".to_owned(), looked: Looked::Found }],
            ..TrustFacts::default()
        };
        let holds = holds(&judge(&facts, policy, at));
        Signed { facts, holds }
    });
    all.filter(|signed| signed.facts.artifacts.iter().any(|artifact| !artifact.layers.is_empty())).collect()
}

fn policy() -> TrustPolicy {
    let read = |name: &str| std::fs::read_to_string(fixtures("signatures").join(name)).unwrap();
    let key = |name: &str| TrustedKey { name: name.to_owned(), pem: read(name), scope: String::new() };
    TrustPolicy {
        keys: ["cosign.pub", "rsa.pub", "ed25519.pub"].map(key).to_vec(),
        notation: vec![NotationPolicy {
            name: "all".to_owned(),
            registry_scopes: vec!["*".to_owned()],
            level: NotationLevel::Strict,
            authority_roots: String::new(),
            roots: read("notation-ca.pem"),
            trusted_identities: vec!["*".to_owned()],
        }],
        ..TrustPolicy::default()
    }
}

/// What is signed in a layer: the payload of cosign as a whole, those of envelopes by their parts, and the payload
/// inside an envelope in CBOR.
fn signed_part(media_type: &str, bytes: &[u8], original: &[u8]) -> Option<Vec<u8>> {
    let value = || serde_json::from_slice::<Value>(bytes).ok();
    match media_type {
        "application/vnd.dev.cosign.simplesigning.v1+json" => Some(bytes.to_vec()),
        "application/jose+json" => {
            let value = value()?;
            Some(format!("{} {}", value.get("protected")?, value.get("payload")?).into_bytes())
        }
        "application/cose" => {
            let start = original.windows(16).position(|window| window == b"{\"targetArtifact")?;
            let end = original[start..].windows(2).position(|window| window == b"}}")? + start + 2;
            let payload = &original[start..end];
            bytes.windows(payload.len()).any(|window| window == payload).then(|| payload.to_vec())
        }
        _ => {
            let value = value()?;
            let envelope = value.get("dsseEnvelope").unwrap_or(&value);
            Some(format!("{} {}", envelope.get("payloadType")?, envelope.get("payload")?).into_bytes())
        }
    }
}

#[test]
fn trust_artifact() {
    let (policy, at) = (policy(), moment("2026-11-24T00:00:00Z"));
    let layouts = layouts(&policy, at);
    assert!(layouts.iter().filter(|signed| signed.holds).count() >= 8);
    check!().with_iterations(1500).with_type::<Recipe>().for_each(|recipe| {
        let signed = &layouts[usize::from(recipe.variant / 2) % layouts.len()];
        let mut facts = signed.facts.clone();
        let alone = facts.artifacts.iter().map(|artifact| artifact.layers.len()).sum::<usize>() == 1;
        // The pieces that a stranger can change: layers, and the annotations beside them.
        let mut pieces: Vec<(usize, usize, Option<String>, Vec<u8>)> = Vec::new();
        for (a, artifact) in facts.artifacts.iter().enumerate() {
            for (l, layer) in artifact.layers.iter().enumerate() {
                pieces.push((a, l, None, layer.bytes.as_ref().unwrap().0.clone()));
                let annotations = layer.annotations.iter();
                pieces.extend(annotations.map(|(key, text)| (a, l, Some(key.clone()), text.clone().into_bytes())));
            }
        }
        let seeds: Vec<Vec<u8>> = pieces.iter().map(|(_, _, _, bytes)| bytes.clone()).collect();
        let (a, l, annotation, original) = &pieces[usize::from(recipe.seed()) % pieces.len()];
        let bytes = recipe.make(&seeds, WORDS, PIECE);
        let layer = &mut facts.artifacts[*a].layers[*l];
        let mut matters = false;
        match annotation {
            Some(key) => {
                layer.annotations.insert(key.clone(), String::from_utf8_lossy(&bytes).into_owned());
            }
            None => {
                let part = |bytes: &[u8]| signed_part(&layer.media_type, bytes, original);
                matters = part(&bytes) != part(original);
                // Whoever changes a layer can change its digest, too; or not.
                if recipe.variant % 2 == 0 {
                    layer.digest = format!("sha256:{}", hex::encode(Sha256::digest(&bytes)));
                }
                layer.bytes = Some(Bytes(bytes));
            }
        }
        let input: usize = seeds.iter().map(Vec::len).sum();
        let verdicts = judged(&facts, &policy, at, input + PIECE);
        if signed.holds && alone && matters {
            assert!(!holds(&verdicts), "what is signed was changed: {verdicts:#?}");
        }
    });
}
