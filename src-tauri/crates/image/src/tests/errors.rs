//! Every error, its cause told apart from the others.

use serde_json::{Value, json};

use super::layers::header;
use super::shapes::edit;
use super::*;
use crate::Hooks;
use crate::Limits;
use crate::sample::{self, Content, Members};

fn docker() -> Members {
    sample::members(&[&sample()], Format::DockerSave, Packing::Plain).unwrap()
}

fn oci() -> Members {
    sample::members(&[&sample()], Format::OciArchive, Packing::Gzip).unwrap()
}

fn docker_error(members: &Members) -> ImageError {
    Case::bytes(Transport::DockerArchive, &members.tar()).error()
}

fn oci_error(members: &Members) -> ImageError {
    Case::bytes(Transport::OciArchive, &members.tar()).error()
}

/// Changes the manifest blob and everything that names it.
fn with_manifest(members: &mut Members, change: impl Fn(&mut Value)) {
    let mut new = None;
    let mut old = String::new();
    edit(members, |name, bytes| {
        if name.starts_with("blobs/")
            && let Ok(mut value) = serde_json::from_slice::<Value>(bytes)
            && value.get("layers").is_some()
        {
            old = crate::stream::digest_of(bytes);
            change(&mut value);
            *bytes = value.to_string().into_bytes();
            new = Some((name.to_owned(), crate::stream::digest_of(bytes)));
        }
    });
    let (was, digest) = new.unwrap();
    for (name, content) in &mut members.0 {
        if *name == was {
            *name = digest.replace("sha256:", "blobs/sha256/");
        }
        if let Content::Bytes(bytes) = content
            && name == "index.json"
        {
            *bytes = String::from_utf8(bytes.clone()).unwrap().replace(&old, &digest).into_bytes();
        }
    }
}

macro_rules! assert_error {
    ($error:expr, $pattern:pat, $($text:literal),*) => {{
        let error = $error;
        let text = error.to_string();
        assert!(matches!(error, $pattern), "{error:?}");
        $(assert!(text.contains($text), "{text}");)*
    }};
}

#[test]
fn what_is_no_archive() {
    let none = Case::empty(Transport::DockerArchive);
    assert_error!(none.error(), ImageError::NotFound { .. }, "nothing at");
    std::fs::create_dir(&none.path).unwrap();
    assert_error!(none.error(), ImageError::IsDirectory { .. }, "is a directory");
    let file = Case::bytes(Transport::OciLayout, b"x");
    assert_error!(file.error(), ImageError::NotDirectory { .. }, "not a directory");
    let null = Case { path: "/dev/null".into(), ..Case::empty(Transport::DockerArchive) };
    if cfg!(unix) {
        assert_error!(null.error(), ImageError::NotRegular { .. }, "neither");
    }
    for bytes in [&b""[..], b"hello", &[b'x'; 2000], &[0; 10240]] {
        assert_error!(Case::bytes(Transport::DockerArchive, bytes).error(), ImageError::NotTar { .. }, "not a tar");
    }
    let xz = [&[0xfd][..], b"7zXZ\0", &[0; 600]].concat();
    assert_error!(Case::bytes(Transport::OciArchive, &xz).error(), ImageError::NotTar { .. }, "xz");
    let mut gzip = sample::pack(docker().tar(), Packing::Gzip).unwrap();
    gzip.truncate(gzip.len() / 2);
    assert_error!(Case::bytes(Transport::DockerArchive, &gzip).error(), ImageError::BadCompression { .. }, "unpacked");
}

#[test]
fn a_cut_archive() {
    let bytes = docker().tar();
    let case = Case::bytes(Transport::DockerArchive, &bytes[..3000]);
    assert_error!(case.error(), ImageError::Truncated { offset: 3000, .. }, "ends after 3000 bytes in the middle of");
}

#[test]
fn an_archive_of_another_kind() {
    let mut members = docker();
    members.0.retain(|(name, _)| name != "manifest.json");
    assert_error!(docker_error(&members), ImageError::NoManifest { .. }, "manifest.json", "docker save");
    assert_error!(docker_error(&oci()), ImageError::NoManifest { .. }, "oci-archive");
    assert_error!(oci_error(&docker()), ImageError::NoManifest { .. }, "index.json", "docker-archive");
    let root = Members(vec![("etc/passwd".to_owned(), Content::Bytes(vec![]))]);
    assert_error!(docker_error(&root), ImageError::NoManifest { .. }, "docker export");
    let empty = Case::empty(Transport::OciLayout);
    std::fs::create_dir(&empty.path).unwrap();
    assert_error!(empty.error(), ImageError::NoManifest { .. }, "index.json");
}

#[test]
fn documents_that_are_not_understood() {
    for (name, text) in
        [("manifest.json", "{"), ("manifest.json", "{}"), ("manifest.json", "[1]"), ("manifest.json", "[{}]")]
    {
        let mut members = docker();
        edit(&mut members, |other, bytes| {
            if other == name {
                *bytes = text.into()
            }
        });
        assert_error!(docker_error(&members), ImageError::BadJson { .. }, "manifest.json", "cannot be understood");
    }
    for text in ["", "[]", "null", "{\"config\":3}", "{\"rootfs\":{\"diff_ids\":[1]}}", "{\"history\":[3]}"] {
        let mut members = docker();
        edit(&mut members, |name, bytes| {
            if name.len() == 69 {
                *bytes = text.into()
            }
        });
        assert_error!(docker_error(&members), ImageError::BadJson { .. }, "The configuration");
    }
    let mut members = docker();
    edit(&mut members, |name, bytes| {
        if name == "manifest.json" {
            *bytes = b"[]".to_vec()
        }
    });
    assert_error!(docker_error(&members), ImageError::NoImage { .. }, "holds no image");
    let mut members = oci();
    edit(&mut members, |name, bytes| {
        if name == "index.json" {
            *bytes = b"{\"manifests\":[]}".to_vec()
        }
    });
    assert_error!(oci_error(&members), ImageError::NoImage { .. }, "holds no image");
    // A document that is index and manifest at once.
    let mut members = oci();
    with_manifest(&mut members, |manifest| manifest["manifests"] = json!([]));
    assert_error!(oci_error(&members), ImageError::BadJson { .. }, "both at once");
}

#[test]
fn missing_blobs() {
    let mut members = docker();
    let layer = members.0.iter().rposition(|(name, _)| name.ends_with("/layer.tar")).unwrap();
    members.0.remove(layer);
    assert_error!(docker_error(&members), ImageError::Missing { .. }, "layer 3 of 3");
    let mut members = docker();
    members.0.retain(|(name, _)| name.len() != 69);
    assert_error!(docker_error(&members), ImageError::Missing { .. }, "the configuration");
    for (count, what) in [(0, "the configuration"), (1, "layer 1 of 3"), (4, "the manifest")] {
        let mut members = oci();
        members.0.remove(count);
        let error = oci_error(&members);
        assert!(matches!(error, ImageError::Missing { .. }) && error.to_string().contains(what), "{error}");
    }
}

#[test]
fn changed_bytes() {
    for index in 0..5 {
        let mut members = oci();
        if let Some((_, Content::Bytes(bytes))) = members.0.get_mut(index) {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
        assert_error!(oci_error(&members), ImageError::DigestMismatch { .. }, "changed or damaged", "sha256:");
    }
    // Plain layers of a docker archive: there is no digest but the diff ID.
    for change in [100, 2000] {
        let mut members = docker();
        edit(&mut members, |name, bytes| {
            if name.ends_with("layer.tar") && bytes.len() > 4000 {
                bytes[change] ^= 1;
            }
        });
        assert_error!(docker_error(&members), ImageError::DiffIdMismatch { .. }, "Layer 1 of 3", "diff ID");
    }
    // A layer that is right by its digest, but not the one that the configuration lists.
    let other = image_of(vec![LayerBuilder::new().file("x", b"1")]);
    let mut members = oci();
    let others = sample::members(&[&other], Format::OciArchive, Packing::Gzip).unwrap();
    let (name, Content::Bytes(blob)) = others.0[1].clone() else { panic!("no layer") };
    members.0.push((name, Content::Bytes(blob.clone())));
    with_manifest(&mut members, |manifest| {
        manifest["layers"][1]["digest"] = json!(crate::stream::digest_of(&blob));
    });
    assert_error!(oci_error(&members), ImageError::DiffIdMismatch { .. }, "Layer 2 of 3");
}

#[test]
fn the_lowest_broken_layer_is_reported() {
    for _ in 0..5 {
        let mut members = docker();
        edit(&mut members, |name, bytes| {
            if name.ends_with("layer.tar") {
                bytes[0] ^= 1
            }
        });
        assert_error!(docker_error(&members), ImageError::DiffIdMismatch { .. }, "Layer 1 of 3");
    }
}

#[test]
fn layers_that_are_none() {
    // Right digests, but the archive is broken.
    let broken = LayerBuilder::new().raw(&[b'x'; 700]).without_end();
    let case = Case::new(&image_of(vec![broken]), Format::OciArchive, Packing::Gzip);
    assert_error!(case.error(), ImageError::BadLayer { .. }, "Layer 1 of 1", "wrong checksum at byte 0");
    let cut = LayerBuilder::new().raw(&header("name", b'0', 5000, |_| {})).raw(&[1; 100]).without_end();
    let case = Case::new(&image_of(vec![cut]), Format::OciArchive, Packing::Zstd);
    assert_error!(case.error(), ImageError::BadLayer { .. }, "ends after 612 bytes in the middle of name");
    // A cut gzip stream under its right digest.
    let mut members = oci();
    let Some((_, Content::Bytes(bytes))) = members.0.get(1) else { panic!("no layer") };
    let cut = bytes[..bytes.len() - 20].to_vec();
    let digest = crate::stream::digest_of(&cut);
    members.0.push((digest.replace("sha256:", "blobs/sha256/"), Content::Bytes(cut)));
    with_manifest(&mut members, |manifest| manifest["layers"][0]["digest"] = json!(digest));
    assert_error!(oci_error(&members), ImageError::BadLayer { .. }, "Layer 1 of 3");
}

#[test]
fn types_that_are_not_read() {
    let mut members = oci();
    with_manifest(&mut members, |manifest| {
        manifest["config"]["mediaType"] = json!("application/vnd.cncf.helm.config.v1+json")
    });
    assert_error!(oci_error(&members), ImageError::UnsupportedMediaType { .. }, "helm", "artifact");
    let mut members = oci();
    with_manifest(&mut members, |manifest| manifest["layers"][1]["mediaType"] = json!("application/vnd.in-toto+json"));
    assert_error!(oci_error(&members), ImageError::UnsupportedMediaType { .. }, "Layer 2 of 3", "in-toto");
    let mut members = oci();
    with_manifest(&mut members, |manifest| {
        manifest["layers"][1]["mediaType"] = json!("application/vnd.oci.image.layer.v1.tar+gzip+encrypted");
    });
    assert_error!(oci_error(&members), ImageError::Encrypted { .. }, "Layer 2 of 3", "decrypt");
    let mut members = oci();
    edit(&mut members, |name, bytes| {
        if name == "index.json" {
            *bytes = String::from_utf8(bytes.clone())
                .unwrap()
                .replace("oci.image.manifest.v1", "docker.distribution.manifest.v1")
                .into();
        }
    });
    assert_error!(oci_error(&members), ImageError::UnsupportedMediaType { .. }, "skopeo copy");
    for digest in ["sha512:00", "sha256:../../../../etc/passwd", "sha256:ABC", ""] {
        let mut members = oci();
        with_manifest(&mut members, |manifest| manifest["layers"][0]["digest"] = json!(digest));
        assert_error!(oci_error(&members), ImageError::BadDigest { .. }, "Layer 1 of 3");
    }
    let mut members = oci();
    with_manifest(&mut members, |manifest| {
        manifest["layers"].as_array_mut().unwrap().pop();
    });
    assert_error!(oci_error(&members), ImageError::LayerCount { diff_ids: 3, layers: 2, .. }, "3", "2");
}

#[test]
fn paths_that_leave_the_archive() {
    let listing = |layer: &str| {
        let mut members = docker();
        edit(&mut members, |name, bytes| {
            if name == "manifest.json" {
                let mut value: Value = serde_json::from_slice(bytes).unwrap();
                value[0]["Layers"][0] = json!(layer);
                *bytes = value.to_string().into_bytes();
            }
        });
        members
    };
    for name in ["../x", "/etc/passwd", "a/../../x"] {
        assert_error!(docker_error(&listing(name)), ImageError::LeavesArchive { .. }, "a path that leaves it");
    }
    for name in ["../x", "a/../b", "/x"] {
        let mut members = docker();
        members.0.push((name.to_owned(), Content::Bytes(vec![])));
        assert_error!(docker_error(&members), ImageError::LeavesArchive { .. }, "a path that leaves it");
    }
    for target in ["../../x", "/etc/passwd"] {
        let mut members = listing("link");
        members.0.push(("link".to_owned(), Content::Symlink(target.to_owned())));
        assert_error!(docker_error(&members), ImageError::LeavesArchive { .. }, "a path that leaves it");
    }
    let mut members = listing("link");
    members.0.push(("link".to_owned(), Content::Symlink("./link".to_owned())));
    assert_error!(docker_error(&members), ImageError::LimitExceeded { .. }, "chain of links");
}

#[test]
fn limits() {
    let zeros = LayerBuilder::new().file("zeros", &vec![0; 4 << 20]);
    let bomb = Case::new(&image_of(vec![zeros]), Format::OciArchive, Packing::Zstd);
    let limited = |case: &Case, limits: Limits| case.error_with(&OpenOptions { limits, ..OpenOptions::default() });
    let d = Limits::default;
    assert!(bomb.read().facts.content.bytes == 4 << 20);
    let error = limited(&bomb, Limits { ratio_free_bytes: 1 << 20, ..d() });
    assert_error!(error, ImageError::LimitExceeded { .. }, "times its stored size", "Layer 1 of 1");
    assert_error!(
        limited(&bomb, Limits { layer_bytes: 1 << 20, ..d() }),
        ImageError::LimitExceeded { .. },
        "1048576 bytes"
    );
    let case = Case::new(&sample(), Format::Docker25, Packing::Plain);
    for (limits, text) in [
        (Limits { manifest_bytes: 10, ..d() }, "Manifest.json"),
        (Limits { config_bytes: 10, ..d() }, "The configuration"),
        (Limits { entries: 5, ..d() }, "members of the archive"),
        (Limits { entries: 12, ..d() }, "number of entries in the layers"),
        (Limits { names_bytes: 100, ..d() }, "length of all names"),
        (Limits { layers: 2, ..d() }, "number of layers"),
        (Limits { path_bytes: 9, ..d() }, "length of a member's name"),
    ] {
        let error = limited(&case, limits);
        assert!(matches!(error, ImageError::LimitExceeded { .. }) && error.to_string().contains(text), "{error}");
    }
    let deep = LayerBuilder::new().file(&"d/".repeat(3000), b"");
    let case = Case::new(&image_of(vec![deep]), Format::DockerSave, Packing::Plain);
    assert_error!(case.error(), ImageError::LimitExceeded { .. }, "path in a layer");
    let packed = sample::pack(docker().tar(), Packing::Gzip).unwrap();
    let case = Case::bytes(Transport::DockerArchive, &packed);
    assert_error!(
        limited(&case, Limits { archive_bytes: 1000, ..d() }),
        ImageError::LimitExceeded { .. },
        "unpacked archive"
    );
}

#[test]
fn extended_headers_are_bounded() {
    let huge = LayerBuilder::new().raw(&header("x", b'x', 2 << 20, |_| {})).without_end();
    let case = Case::new(&image_of(vec![huge]), Format::DockerSave, Packing::Plain);
    assert_error!(case.error(), ImageError::BadLayer { .. }, "more than 1 MiB");
    let lone = LayerBuilder::new().raw(&header("x", b'L', 3, |_| {})).raw(&[b'a'; 512]);
    let case = Case::new(&image_of(vec![lone]), Format::DockerSave, Packing::Plain);
    assert_error!(case.error(), ImageError::BadLayer { .. }, "without its entry");
}

#[test]
fn cancelling_and_progress() {
    struct Cancel(std::sync::atomic::AtomicU64, u64);
    impl Hooks for Cancel {
        fn progress(&self, done: u64, total: u64) {
            assert!(done <= total);
            self.0.fetch_max(done, std::sync::atomic::Ordering::Relaxed);
        }
        fn cancelled(&self) -> bool {
            self.0.load(std::sync::atomic::Ordering::Relaxed) >= self.1
        }
    }
    let case = Case::new(&sample(), Format::DockerSave, Packing::Gzip);
    for after in [0, 1, 200] {
        let hooks = Cancel(0.into(), after);
        let error = read_image_with_tree(case.transport, &case.path, &OpenOptions::default(), &hooks).unwrap_err();
        assert_error!(error, ImageError::Cancelled { .. }, "was cancelled");
    }
    let hooks = Cancel(0.into(), u64::MAX);
    let read = read_image_with_tree(case.transport, &case.path, &OpenOptions::default(), &hooks).unwrap();
    let total = read.facts.layers.iter().map(|layer| layer.compressed_size).sum::<u64>();
    assert_eq!(hooks.0.into_inner(), total);
}

/// Changes the blobs that `is` chooses, and leaves their names as they were.
pub(super) fn with_blob(members: &mut Members, is: impl Fn(&[u8]) -> bool, change: impl Fn(&mut Vec<u8>)) {
    for (_, content) in &mut members.0 {
        if let Content::Bytes(bytes) = content
            && is(bytes)
        {
            change(bytes);
        }
    }
}
