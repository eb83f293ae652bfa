//! Choosing an image by its name and platform.

use serde_json::{Value, json};

use super::shapes::edit;
use super::*;
use crate::Platform;
use crate::sample;

fn asking(reference: &str) -> OpenOptions {
    OpenOptions { reference: Some(reference.to_owned()), ..OpenOptions::default() }
}

fn on(platform: &str) -> OpenOptions {
    OpenOptions { platform: Some(platform.parse().unwrap()), ..OpenOptions::default() }
}

fn for_platform(text: &str) -> ImageBuilder {
    let platform: Platform = text.parse().unwrap();
    ImageBuilder::new("").platform(platform).user(text)
}

#[test]
fn of_several_images_one_must_be_named() {
    let (one, two) =
        (ImageBuilder::new("one:1").user("1"), ImageBuilder::new("docker.io/library/two:latest").user("2"));
    for format in FORMATS {
        let case = Case::of(&[&one, &two], format, Packing::Plain);
        let error = case.error();
        assert!(matches!(&error, ImageError::SeveralImages { candidates, .. } if candidates.len() == 2), "{error}");
        assert!(error.to_string().contains("one:1, docker.io/library/two:latest"), "{error}");
        let read = case.read_with(&asking("two")).unwrap();
        assert_eq!(read.facts.config.user, "2");
        assert_eq!(read.facts.reference.as_deref(), Some("docker.io/library/two:latest"));
        let error = case.error_with(&asking("three:1"));
        assert!(matches!(error, ImageError::NoSuchReference { .. }), "{error}");
        let id = crate::stream::digest_of(&one.configuration());
        let manifest = case.read_with(&asking("one:1")).unwrap().facts.digest;
        let digest = if case.transport == Transport::DockerArchive { id } else { manifest.unwrap() };
        assert_eq!(case.read_with(&asking(&digest)).unwrap().facts.config.user, "1");
    }
}

#[test]
fn two_names_of_one_image_are_no_choice() {
    let image = sample();
    let mut members = sample::members(&[&image], Format::OciArchive, Packing::Gzip).unwrap();
    edit(&mut members, |name, bytes| {
        if name == "index.json" {
            let mut index: Value = serde_json::from_slice(bytes).unwrap();
            let mut second = index["manifests"][0].clone();
            second["annotations"] =
                json!({"org.opencontainers.image.ref.name": "2", "io.containerd.image.name": "example.org/sample:2"});
            index["manifests"].as_array_mut().unwrap().push(second);
            *bytes = index.to_string().into_bytes();
        }
    });
    let case = Case::bytes(Transport::OciArchive, &members.tar());
    assert_eq!(case.facts().repo_tags, ["sample:1", "example.org/sample:2"]);
    let facts = case.read_with(&asking("example.org/sample:2")).unwrap().facts;
    assert_eq!(facts.reference.as_deref(), Some("example.org/sample:2"));
    assert!(case.read_with(&asking("2")).is_ok());
}

#[test]
fn a_platform_is_chosen_and_attestations_are_not_counted() {
    let images = [for_platform("linux/amd64"), for_platform("linux/arm64"), for_platform("linux/arm/v7")];
    let case = Case::empty(Transport::OciLayout);
    sample::write_platforms("multi:1", &images.each_ref(), Packing::Gzip, &case.path).unwrap();
    for platform in ["linux/arm64", "linux/arm/v7", "linux/arm", "linux/arm64/v8"] {
        let facts = case.read_with(&on(platform)).unwrap().facts;
        assert!(facts.config.user.starts_with(platform) || platform.ends_with("v8"), "{platform}");
        assert_eq!(facts.other_platforms.len(), 2);
        assert!(facts.problems.is_empty(), "{:?}", facts.problems);
    }
    let error = case.error_with(&on("linux/s390x"));
    assert!(matches!(&error, ImageError::NoSuchPlatform { offered, .. } if offered.len() == 3), "{error}");
    assert!(error.to_string().contains("linux/amd64, linux/arm64, linux/arm/v7"), "{error}");
    if ["x86_64", "aarch64"].contains(&std::env::consts::ARCH) {
        let facts = case.facts();
        assert_eq!(facts.reference.as_deref(), Some("multi:1"));
        assert!(std::env::consts::ARCH != "x86_64" || facts.config.user == "linux/amd64");
    }
}

#[test]
fn the_only_platform_is_taken_whatever_it_is() {
    for format in FORMATS {
        let case = Case::new(&for_platform("windows/arm64"), format, Packing::Plain);
        assert_eq!(case.facts().platform.to_string(), "windows/arm64");
        let error = case.error_with(&on("linux/amd64"));
        assert!(matches!(error, ImageError::NoSuchPlatform { .. }), "{error}");
    }
}

#[test]
fn platforms_that_are_listed_but_not_stored_are_other_platforms() {
    let images = [for_platform("linux/riscv64"), for_platform("linux/arm64")];
    let case = Case::empty(Transport::OciLayout);
    sample::write_platforms("multi:1", &images.each_ref(), Packing::Gzip, &case.path).unwrap();
    let whole = case.read_with(&on("linux/arm64")).unwrap().facts;
    let hex = whole.digest.unwrap().replace("sha256:", "");
    std::fs::remove_file(case.path.join("blobs/sha256").join(hex)).unwrap();
    let facts = case.facts();
    assert_eq!(facts.config.user, "linux/riscv64");
    assert_eq!(facts.other_platforms, ["linux/arm64".parse().unwrap()]);
    let error = case.error_with(&on("linux/arm64"));
    assert!(matches!(error, ImageError::Missing { .. }), "{error}");
}

#[test]
fn platforms_side_by_side_in_a_layout_without_names_are_one_image() {
    let images = [for_platform("linux/riscv64"), for_platform("linux/s390x")];
    let case = Case::empty(Transport::OciLayout);
    sample::write_platforms("multi:1", &images.each_ref(), Packing::Gzip, &case.path).unwrap();
    // The inner index becomes the layout's own.
    let top: Value = serde_json::from_slice(&slurp(&case.path.join("index.json"))).unwrap();
    let inner = top["manifests"][0]["digest"].as_str().unwrap().replace("sha256:", "blobs/sha256/");
    std::fs::copy(case.path.join(inner), case.path.join("index.json")).unwrap();
    let facts = case.read_with(&on("linux/s390x")).unwrap().facts;
    assert_eq!((facts.config.user.as_str(), facts.reference), ("linux/s390x", None));
    let error = case.error();
    assert!(matches!(error, ImageError::NoSuchPlatform { .. }), "{error}");
}

#[test]
fn signatures_beside_an_image_are_no_images() {
    let mut members = sample::members(&[&sample(), &ImageBuilder::new("")], Format::OciArchive, Packing::Gzip).unwrap();
    let case = Case::bytes(Transport::OciArchive, &members.tar());
    assert!(matches!(case.error(), ImageError::SeveralImages { .. }));
    let signature = br#"{"schemaVersion":2,"config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a","size":2},"layers":[]}"#;
    let digest = crate::stream::digest_of(signature);
    members.0.push((digest.replace("sha256:", "blobs/sha256/"), sample::Content::Bytes(signature.to_vec())));
    for artifact_type in [json!(null), json!("application/vnd.dev.sigstore.bundle.v0.3+json")] {
        let mut members = members.clone();
        edit(&mut members, |name, bytes| {
            if name == "index.json" {
                let mut index: Value = serde_json::from_slice(bytes).unwrap();
                index["manifests"][1] = json!({
                    "mediaType": "application/vnd.oci.image.manifest.v1+json", "digest": digest, "artifactType": artifact_type
                });
                *bytes = index.to_string().into_bytes();
            }
        });
        assert_eq!(Case::bytes(Transport::OciArchive, &members.tar()).facts().repo_tags, ["sample:1"]);
    }
}
