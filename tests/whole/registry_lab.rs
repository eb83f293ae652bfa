//! Images pulled from real registries, each with another kind of login: the same image as the layout that was pushed.

use std::path::PathBuf;

use base64::Engine as _;
use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing};
use serde_json::{Value, json};

use crate::registries::{INDEX, MANIFEST, Mode, PASSWORD, PUBLIC, Registry, USER, digest};
use crate::support::{Home, OF_THE_PLACE, binary, succeed};
use crate::wire::{Tls, send};

fn image() -> ImageBuilder {
    let system = LayerBuilder::new().file("etc/passwd", b"root:x:0:0:root:/root:/bin/sh\n").file("etc/shadow", b"");
    let app =
        LayerBuilder::new().file("app/run", b"#!/bin/sh\n").file("app/.env", b"DB_PASSWORD=lab-secret-value-1234\n");
    ImageBuilder::new("shop:1").user("1000").layer("COPY system /", system).layer("COPY app /app", app)
}

fn layout(home: &Home) -> PathBuf {
    let folder = home.path("layout");
    image().write(Format::OciLayout, Packing::Gzip, &folder).unwrap();
    folder
}

fn audit(home: &Home, arguments: &[String]) -> Value {
    let mut command = home.command(binary("plimsoll"));
    let text = succeed(&command.args(["audit", "--json", "-"]).args(arguments).output().unwrap());
    serde_json::from_str(&text).unwrap()
}

fn diff_ids(results: &Value, subject: usize) -> Vec<&str> {
    let layers = results["subjects"][subject]["content"]["layers"].as_array().unwrap();
    layers.iter().map(|layer| layer["diff_id"].as_str().unwrap()).collect()
}

/// What was concluded of the image itself.
fn outcomes(results: &Value) -> Vec<(&str, &str, &str)> {
    let all = results["outcomes"].as_array().unwrap().iter();
    let own = all.filter(|outcome| !OF_THE_PLACE.contains(&outcome["use_case"].as_str().unwrap()));
    own.map(|o| (o["check"].as_str().unwrap(), o["outcome"].as_str().unwrap(), o["summary"].as_str().unwrap()))
        .collect()
}

#[test]
fn an_image_is_the_same_from_every_kind_of_registry() {
    let (home, tls) = (Home::new(), Tls::new());
    let layout = layout(&home);
    let expected = audit(&home, &[format!("oci:{}:shop:1", layout.display())]);
    assert_eq!(diff_ids(&expected, 0).len(), 2);
    for (mode, repository, password) in [
        (Mode::Open, "shop/web:1", None),
        (Mode::Basic, "shop/web:1", Some(PASSWORD)),
        (Mode::Token, "shop/web:1", Some(PASSWORD)),
        (Mode::Token, &format!("{PUBLIC}:1"), None),
    ] {
        let registry = Registry::start(&tls, mode);
        let reference = registry.push(&layout, "shop:1", repository);
        let mut arguments = registry.reach(&tls, &home, password);
        arguments.push(format!("docker://{reference}"));
        let found = audit(&home, &arguments);
        assert_eq!(diff_ids(&found, 0), diff_ids(&expected, 0), "{mode:?}");
        assert_eq!(found["subjects"][0]["config_digest"], expected["subjects"][0]["config_digest"], "{mode:?}");
        assert_eq!(outcomes(&found), outcomes(&expected), "{mode:?}");
    }
}

#[test]
fn what_docker_login_left_is_used() {
    let (home, tls) = (Home::new(), Tls::new());
    let registry = Registry::start(&tls, Mode::Basic);
    let reference = registry.push(&layout(&home), "shop:1", "shop/web:1");
    let pair = base64::engine::general_purpose::STANDARD.encode(format!("{USER}:{PASSWORD}"));
    std::fs::create_dir(home.path("docker")).unwrap();
    let config = json!({"auths": {&registry.address: {"auth": pair}}});
    std::fs::write(home.path("docker/config.json"), config.to_string()).unwrap();
    let mut arguments = registry.reach(&tls, &home, None);
    arguments.push(format!("docker://{reference}"));
    assert_eq!(diff_ids(&audit(&home, &arguments), 0).len(), 2);
}

#[test]
fn what_cannot_be_pulled_is_said_in_one_line_and_leaves_nothing() {
    let (home, tls) = (Home::new(), Tls::new());
    std::fs::create_dir(home.path("tmp")).unwrap();
    let layout = layout(&home);
    let refused = |arguments: &[String], subject: &str, says: &str| {
        let output = home
            .command(binary("plimsoll"))
            .env("TMPDIR", home.path("tmp"))
            .args(["audit", "--json", "out.json", "--engagement", "out.plimsoll"])
            .args(arguments)
            .arg(format!("docker://{subject}"))
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {subject}: {said}");
        assert_eq!(said.lines().count(), 1, "{subject}: {said}");
        assert!(said.starts_with("plimsoll: ") && said.contains(says), "{subject}: {said}");
        assert!(output.stdout.is_empty() && !said.contains(PASSWORD), "{subject}: {said}");
        assert!(!home.path("out.json").exists() && !home.path("out.plimsoll").exists(), "{subject}");
        assert_eq!(std::fs::read_dir(home.path("tmp")).unwrap().count(), 0, "{subject}");
    };
    for mode in [Mode::Basic, Mode::Token] {
        let registry = Registry::start(&tls, mode);
        let reference = registry.push(&layout, "shop:1", "shop/web:1");
        refused(&registry.reach(&tls, &home, Some("wrong")), &reference, "does not accept the credentials of");
        refused(&registry.reach(&tls, &home, None), &reference, "log in");
        refused(&[], &reference, "certificate");
    }
    let registry = Registry::start(&tls, Mode::Open);
    let reference = registry.push(&layout, "shop:1", "shop/web:1");
    let reach = registry.reach(&tls, &home, None);
    refused(&[], &reference, "--plain-http");
    refused(&reach, &format!("{}/shop/none:1", registry.address), "has no");
    refused(&reach, &format!("{}/shop/web:2", registry.address), "has no");
    refused(&reach, &format!("{}/shop/web@sha256:{}", registry.address, "0".repeat(64)), "has no");
    refused(&reach, &format!("{}/Shop/web", registry.address), "not an image reference");
    let arm = [&reach[..], &["--platform".to_owned(), "linux/arm64".to_owned()]].concat();
    refused(&arm, &reference, "linux/arm64");
}

#[test]
fn every_platform_behind_a_name_is_audited_or_the_one_that_is_asked_for() {
    let (home, tls) = (Home::new(), Tls::new());
    let registry = Registry::start(&tls, Mode::Open);
    let reach = registry.reach(&tls, &home, None);
    let audited = |subject: &str, platform: &str| {
        let more = ["--platform".to_owned(), platform.to_owned(), subject.to_owned()];
        let results = audit(&home, &[&reach[..], &more].concat());
        let subjects = results["subjects"].as_array().unwrap();
        let found = subjects.iter().enumerate().map(|(index, subject)| {
            let layers = diff_ids(&results, index).concat();
            (subject["platform"].as_str().unwrap().to_owned(), layers)
        });
        found.collect::<Vec<_>>()
    };
    let mut by_layout = Vec::new();
    let mut listed = Vec::new();
    for architecture in ["amd64", "arm64"] {
        let platform =
            plimsoll_image::Platform { os: "linux".into(), architecture: architecture.into(), variant: None };
        let layer = LayerBuilder::new().file("etc/arch", architecture.as_bytes());
        let image = ImageBuilder::new("x:1").platform(platform).layer("COPY arch /etc/", layer);
        let folder = home.path(architecture);
        image.write(Format::OciLayout, Packing::Gzip, &folder).unwrap();
        registry.push(&folder, "x:1", &format!("shop/two:{architecture}"));
        let target = format!("/v2/shop/two/manifests/{architecture}");
        let answer = send("GET", &registry.address, &target, &[("Accept", MANIFEST)], &[], None);
        listed.push(json!({"mediaType": MANIFEST, "digest": digest(&answer.body), "size": answer.body.len(),
            "platform": {"os": "linux", "architecture": architecture}}));
        by_layout.extend(audited(&format!("oci:{}", folder.display()), "all"));
    }
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}).to_string();
    registry.put_manifest("shop/two", "1", INDEX, index.as_bytes());
    assert_eq!(by_layout.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["linux/amd64", "linux/arm64"]);
    let subject = format!("docker://{}/shop/two:1", registry.address);
    assert_eq!(audited(&subject, "all"), by_layout);
    assert_eq!(audited(&subject, "linux/arm64"), by_layout[1..]);
}
