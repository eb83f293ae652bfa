//! What folders and layouts on disk become: found, absent, failed.

use super::*;
use plimsoll_image::NoHooks;
use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing, SampleEntry};
use plimsoll_trust::Found;
use sha2::{Digest, Sha256};

const AT: &str = "2026-11-24T00:00:00Z";

fn given<'a>() -> NotaryGiven<'a> {
    NotaryGiven { gun: "lab.test/app", tag: Some("1"), collected: AT, ..NotaryGiven::default() }
}

#[test]
fn an_empty_folder_is_a_server_without_trust_data() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join(".gitkeep"), "").unwrap();
    let facts = notary_folder(folder.path(), &given()).unwrap();
    let notary = facts.notary.unwrap();
    assert_eq!(notary.absent, ["root"]);
    assert!(notary.files.is_empty() && notary.failed.is_empty());
    assert_eq!(facts.lookups[0].looked, Looked::Absent);
    assert!(notary_folder(&folder.path().join("nowhere"), &given()).is_err());
}

#[test]
fn names_that_a_client_would_ask_for_are_absent_when_they_are_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("root.json", "{}");
    write("2.root.json", "{}");
    write("notes.json", "{}");
    write("snapshot.json", r#"{"signed":{"meta":{"root":{},"targets":{},"targets/alice":{}}}}"#);
    std::fs::create_dir_all(folder.path().join("targets")).unwrap();
    write("targets/releases.json", "{}");
    let notary = notary_folder(folder.path(), &given()).unwrap().notary.unwrap();
    let names: Vec<_> = notary.files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["2.root", "root", "snapshot", "targets/releases"]);
    assert_eq!(notary.absent, ["timestamp", "targets", "targets/alice"]);
}

#[cfg(unix)]
#[test]
fn a_link_is_not_followed_and_is_no_absence() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "secret").unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret"), folder.path().join("root.json")).unwrap();
    let facts = notary_folder(folder.path(), &given()).unwrap();
    let notary = facts.notary.unwrap();
    assert_eq!(notary.failed, [("root".to_owned(), "it is no regular file".to_owned())]);
    assert!(notary.files.is_empty() && !notary.absent.contains(&"root".to_owned()));
    assert!(matches!(facts.lookups[0].looked, Looked::Failed(_)));
}

#[test]
fn what_was_trusted_before_is_pinned_with_its_versions() {
    let folder = tempfile::tempdir().unwrap();
    let before = folder.path().join("before");
    std::fs::create_dir_all(before.join("targets")).unwrap();
    std::fs::write(before.join("root.json"), r#"{"signed":{"version":3}}"#).unwrap();
    std::fs::write(before.join("2.root.json"), r#"{"signed":{"version":2}}"#).unwrap();
    std::fs::write(before.join("targets/releases.json"), r#"{"signed":{"version":7}}"#).unwrap();
    let pinned = super::pinned(&before).unwrap();
    let given = NotaryGiven { pinned: Some(pinned.clone()), ..given() };
    assert_eq!(notary_folder(folder.path(), &given).unwrap().notary.unwrap().pinned, Some(pinned.clone()));
    assert_eq!(pinned.root.0, br#"{"signed":{"version":3}}"#);
    assert_eq!(pinned.versions.get("targets/releases"), Some(&7));
    assert_eq!(pinned.versions.get("root"), Some(&3));
    std::fs::remove_file(before.join("root.json")).unwrap();
    assert!(super::pinned(&before).is_err());
}

/// A layout that can be added to.
struct Made {
    folder: tempfile::TempDir,
    image: String,
}

impl Made {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let layer = LayerBuilder::new().add(SampleEntry::file("a", b"a"));
        let path = folder.path().join("layout");
        ImageBuilder::new("registry.example/team/app:1")
            .layer("COPY a", layer)
            .write(Format::OciLayout, Packing::Plain, &path)
            .unwrap();
        let mut made = Self { folder, image: String::new() };
        made.image = made.index()["manifests"][0]["digest"].as_str().unwrap().to_owned();
        made
    }

    fn path(&self) -> std::path::PathBuf {
        self.folder.path().join("layout")
    }

    fn index(&self) -> Value {
        serde_json::from_slice(&std::fs::read(self.path().join("index.json")).unwrap()).unwrap()
    }

    fn blob(&self, bytes: &[u8]) -> String {
        let hex = hex::encode(Sha256::digest(bytes));
        std::fs::write(self.path().join("blobs/sha256").join(&hex), bytes).unwrap();
        format!("sha256:{hex}")
    }

    /// Stores a manifest with one layer.
    fn artifact(&self, layer: &str, subject: bool) -> String {
        let layer = self.blob(layer.as_bytes());
        let mut manifest = serde_json::json!({
            "schemaVersion": 2,
            "artifactType": "application/x",
            "config": { "mediaType": "application/vnd.oci.empty.v1+json", "digest": layer, "size": 2 },
            "layers": [{ "mediaType": "application/y", "digest": layer, "size": 1, "annotations": { "k": "v" } }],
        });
        if subject {
            manifest["subject"] = serde_json::json!({ "mediaType": "m", "digest": self.image, "size": 1 });
        }
        self.blob(manifest.to_string().as_bytes())
    }

    fn tag(&self, digest: &str, tag: &str) {
        let mut index = self.index();
        index["manifests"].as_array_mut().unwrap().push(serde_json::json!({
            "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "size": 1,
            "annotations": { "org.opencontainers.image.ref.name": tag },
        }));
        std::fs::write(self.path().join("index.json"), index.to_string()).unwrap();
    }

    fn facts(&self) -> TrustFacts {
        let given = LayoutGiven { collected: AT, ..LayoutGiven::default() };
        layout(Transport::OciLayout, &self.path(), &given, &NoHooks).unwrap()
    }

    fn name(&self, suffix: &str) -> String {
        format!("{}{suffix}", self.image.replacen(':', "-", 1))
    }
}

fn looked(facts: &TrustFacts, end: &str) -> Looked {
    facts.lookups.iter().find(|lookup| lookup.place.ends_with(end)).unwrap().looked.clone()
}

#[test]
fn a_layout_without_signatures_says_for_each_place_that_nothing_is_there() {
    let made = Made::new();
    let facts = made.facts();
    assert_eq!(facts.digests, std::slice::from_ref(&made.image));
    assert_eq!((facts.repository.as_str(), facts.tag.as_deref()), ("registry.example/team/app", Some("1")));
    assert_eq!(facts.lookups.len(), 6);
    assert!(facts.lookups.iter().all(|lookup| lookup.looked == Looked::Absent));
    assert!(facts.lookups.iter().all(|lookup| lookup.place.starts_with("in this layout, which need not hold all")));
    assert!(facts.artifacts.is_empty() && facts.notary.is_none());
}

#[test]
fn artifacts_are_found_by_tag_by_list_by_subject_and_in_the_index() {
    let made = Made::new();
    made.tag(&made.artifact("signature", false), &made.name(".sig"));
    made.tag(&made.artifact("attestation", false), &format!("registry.example/team/app:{}", made.name(".att")));
    let listed = made.artifact("listed", false);
    let list = serde_json::json!({ "schemaVersion": 2, "manifests": [{ "digest": listed, "size": 1 }] });
    made.tag(&made.blob(list.to_string().as_bytes()), &made.name(""));
    let referrer = made.artifact("referrer", true);
    let built = made.artifact("built", false);
    let mut index = made.index();
    index["manifests"].as_array_mut().unwrap().push(serde_json::json!({
        "digest": built, "size": 1, "platform": { "os": "unknown", "architecture": "unknown" },
        "annotations": {
            "vnd.docker.reference.type": "attestation-manifest",
            "vnd.docker.reference.digest": made.image,
        },
    }));
    std::fs::write(made.path().join("index.json"), index.to_string()).unwrap();
    let facts = made.facts();
    let found: Vec<Found> = facts.artifacts.iter().map(|artifact| artifact.found).collect();
    assert_eq!(found, [Found::CosignTag, Found::AttestationTag, Found::ReferrersTag, Found::Referrers, Found::Index]);
    assert!(facts.artifacts.iter().any(|artifact| artifact.digest == referrer));
    let layer = &facts.artifacts[0].layers[0];
    assert_eq!(layer.bytes.as_ref().unwrap().0, b"signature");
    assert_eq!(layer.annotations.get("k").map(String::as_str), Some("v"));
    assert_eq!(facts.artifacts[0].artifact_type, "application/x");
    assert_eq!(looked(&facts, ".sig"), Looked::Found);
    assert_eq!(looked(&facts, ".sbom"), Looked::Absent);
}

#[test]
fn an_artifact_that_cannot_be_read_is_neither_there_nor_absent() {
    let made = Made::new();
    let manifest = made.artifact("signature", false);
    made.tag(&manifest, &made.name(".sig"));
    let path = made.path().join("blobs").join(manifest.replacen(':', "/", 1));
    std::fs::write(&path, b"{}").unwrap();
    let Looked::Failed(reason) = looked(&made.facts(), ".sig") else { panic!("it is not told") };
    assert!(reason.contains("another digest"), "{reason}");
    std::fs::remove_file(path).unwrap();
    assert!(matches!(looked(&made.facts(), ".sig"), Looked::Failed(_)));
}

#[test]
fn a_layer_with_another_digest_is_listed_as_unread() {
    let made = Made::new();
    let manifest = made.artifact("signature", false);
    made.tag(&manifest, &made.name(".sig"));
    let hex = hex::encode(Sha256::digest(b"signature"));
    std::fs::write(made.path().join("blobs/sha256").join(hex), b"forged").unwrap();
    let facts = made.facts();
    let layer = &facts.artifacts[0].layers[0];
    assert_eq!(layer.bytes, None);
    assert!(layer.unread.as_ref().unwrap().contains("another digest"));
    // A layer that is too large to be a signature is not held in memory.
    let large = "x".repeat((4 << 20) + 1);
    made.tag(&made.artifact(&large, false), &made.name(".att"));
    let facts = made.facts();
    assert!(facts.artifacts[1].layers[0].unread.as_ref().unwrap().contains("larger than 4194304 bytes"));
}

#[test]
fn more_artifacts_than_are_read_is_told() {
    let made = Made::new();
    for number in 0..40 {
        made.artifact(&format!("referrer {number}"), true);
    }
    let facts = made.facts();
    assert_eq!(facts.artifacts.len(), 32);
    assert!(matches!(looked(&facts, &format!("subject {}", made.image)), Looked::Failed(_)));
}

#[test]
fn only_layouts_show_the_trust_in_their_images() {
    let made = Made::new();
    assert!(trust_of_layout(Transport::OciLayout, &made.path(), None, None, AT, &NoHooks).is_some());
    assert!(trust_of_layout(Transport::DockerArchive, &made.path(), None, None, AT, &NoHooks).is_none());
    let facts = trust_of_layout(Transport::OciLayout, &made.path(), Some("other"), None, AT, &NoHooks).unwrap();
    assert!(matches!(facts.lookups[0].looked, Looked::Failed(_)));
}
