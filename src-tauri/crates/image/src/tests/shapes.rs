//! The same image in every shape gives the same facts.

use serde_json::json;

use super::*;
use crate::sample::{self, Content, Members};
use crate::{Healthcheck, Kind, Platform};

#[test]
fn every_shape_and_packing_tells_the_same() {
    let image = sample();
    let reference = Case::new(&image, Format::DockerSave, Packing::Plain).facts();
    for format in FORMATS {
        for packing in PACKINGS {
            let facts = Case::new(&image, format, packing).facts();
            let name = format!("{format:?} {packing:?}");
            assert_eq!(facts.transport, transport(format), "{name}");
            let diff_ids = |facts: &ImageFacts| facts.layers.iter().map(|l| l.diff_id.clone()).collect::<Vec<_>>();
            assert_eq!(diff_ids(&facts), diff_ids(&reference), "{name}");
            assert_eq!(facts.content, reference.content, "{name}");
            assert_eq!(facts.accounts, reference.accounts, "{name}");
            assert_eq!(facts.set_id_files, reference.set_id_files, "{name}");
            assert_eq!(facts.history, reference.history, "{name}");
            assert_eq!(facts.config_digest, reference.config_digest, "{name}");
            assert_eq!(facts.size, reference.size, "{name}");
            assert_eq!(facts.repo_tags, ["sample:1"], "{name}");
            assert_eq!(facts.reference.as_deref(), Some("sample:1"), "{name}");
            assert_eq!(facts.problems, Vec::<String>::new(), "{name}");
            let has_manifest = !matches!(format, Format::DockerSave | Format::Skopeo);
            assert_eq!(facts.digest.is_some(), has_manifest, "{name}");
            for layer in &facts.layers {
                assert_eq!(layer.digest == layer.diff_id, packing == Packing::Plain, "{name}");
            }
        }
    }
}

#[test]
fn the_facts_of_the_sample() {
    let facts = Case::new(&sample(), Format::OciArchive, Packing::Gzip).facts();
    assert_eq!(facts.platform.to_string(), "linux/amd64");
    assert_eq!(facts.config.user, "app");
    assert_eq!(facts.config.env.len(), 2);
    assert_eq!((facts.config.env[1].name.as_str(), facts.config.env[1].value.as_str()), ("EMPTY", ""));
    assert_eq!(facts.config.entrypoint.as_deref(), Some(&["/app/ping".to_owned()][..]));
    let lines: Vec<_> = facts.history.iter().map(|line| line.layer).collect();
    assert_eq!(lines, [Some(0), None, Some(1), Some(2)]);
    assert_eq!(facts.layers[2].command.as_deref(), Some("RUN rm /app/data"));
    assert_eq!((facts.layers[0].files, facts.layers[0].entries, facts.layers[2].whiteouts), (5, 8, 1));
    // Its passwd is the upper layer's, its group the lower one's.
    assert_eq!(facts.accounts.users.as_ref().map(Vec::len), Some(1));
    assert_eq!(facts.accounts.groups.as_ref().map(Vec::len), Some(2));
    assert_eq!(facts.accounts.passwd_layer.as_deref(), Some(facts.layers[2].diff_id.as_str()));
    let set_id: Vec<_> = facts.set_id_files.iter().map(|file| (file.path.as_str(), file.mode, file.kind)).collect();
    assert_eq!(
        set_id,
        [
            ("/app/ping", 0o644, Kind::File),
            ("/usr/bin/su", 0o4755, Kind::File),
            ("/usr/bin/su2", 0o4755, Kind::HardLink)
        ]
    );
    assert_eq!(facts.set_id_files[0].capabilities.as_deref(), Some("010000020020"));
    assert_eq!(facts.set_id_files[2].link.as_deref(), Some("/usr/bin/su"));
    // su, ping, passwd (26), group (25): the hard link adds nothing.
    assert_eq!(facts.content.bytes, 3000 + 4 + 26 + 25);
    assert_eq!(facts.content.largest[0].path, "/usr/bin/su");
    assert_eq!(facts.content.largest.len(), 4);
    assert_eq!(facts.content.by_layer[2].hides_files, 2);
    assert_eq!(facts.content.hidden_bytes, facts.content.by_layer.iter().map(|l| l.hidden_bytes).sum::<u64>());
    let text = serde_json::to_string(&facts).unwrap();
    assert_eq!(serde_json::from_str::<ImageFacts>(&text).unwrap(), facts);
    assert!(text.contains("\"transport\":\"oci_archive\"") && text.contains("\"kind\":\"hard_link\""));
}

#[test]
fn samples_are_the_same_bytes_every_time() {
    for format in [Format::DockerSave, Format::Docker25, Format::OciArchive] {
        let write = || sample::members(&[&sample()], format, Packing::Gzip).unwrap().tar();
        assert_eq!(write(), write());
    }
}

#[test]
fn a_compressed_archive_is_unpacked() {
    let plain = sample::members(&[&sample()], Format::DockerSave, Packing::Plain).unwrap().tar();
    let expected = Case::bytes(Transport::DockerArchive, &plain).facts();
    for packing in [Packing::Gzip, Packing::Zstd] {
        let packed = sample::pack(plain.clone(), packing).unwrap();
        assert_eq!(Case::bytes(Transport::DockerArchive, &packed).facts(), expected);
    }
}

#[test]
fn gzip_members_and_zstd_frames_in_a_row_are_one_layer() {
    let image = image_of(vec![LayerBuilder::new().file("a", &[1; 2000]).file("b", b"x")]);
    for packing in [Packing::Gzip, Packing::Zstd] {
        let mut members = sample::members(&[&image], Format::Skopeo, Packing::Plain).unwrap();
        for (name, content) in &mut members.0 {
            if let Content::Bytes(bytes) = content
                && name.ends_with(".tar")
            {
                let second = bytes.split_off(700);
                let mut packed = Vec::new();
                if packing == Packing::Zstd {
                    // A skippable frame, as zstd:chunked has it.
                    packed.extend([0x50, 0x2a, 0x4d, 0x18, 3, 0, 0, 0, 1, 2, 3]);
                }
                for part in [bytes.clone(), Vec::new(), second] {
                    packed.extend(sample::pack(part, packing).unwrap());
                }
                *bytes = packed;
            }
        }
        let read = Case::bytes(Transport::DockerArchive, &members.tar()).read();
        assert_eq!(paths(&read), ["/a", "/b"]);
    }
}

#[test]
fn a_layer_may_repeat() {
    let one = LayerBuilder::new().file("a", b"1");
    let two = LayerBuilder::new().file("a", b"2");
    for format in FORMATS {
        let image = image_of(vec![one.clone(), two.clone(), one.clone(), LayerBuilder::new(), LayerBuilder::new()]);
        let read = Case::new(&image, format, Packing::Gzip).read();
        assert_eq!(read.facts.layers.len(), 5);
        assert_eq!(read.tree.get("/a").unwrap().layer, 2);
    }
}

#[test]
fn the_configuration_is_read_as_docker_reads_it() {
    let check = Healthcheck {
        test: vec!["CMD-SHELL".into(), "curl -f http://localhost/".into()],
        interval_ns: Some(30_000_000_000),
        timeout_ns: None,
        start_period_ns: Some(0),
        retries: Some(3),
    };
    let image = ImageBuilder::new("")
        .healthcheck(&check)
        .set("user", json!("root"))
        .set("ExposedPorts", json!({"443/tcp": {}, "80/tcp": {}}))
        .set("Volumes", json!({"/data": {}}))
        .set("StopSignal", json!("SIGINT"))
        .set("Shell", json!(["/bin/bash", "-c"]))
        .set("OnBuild", json!(["RUN x"]))
        .set("Labels", json!(null))
        .set("Cmd", json!(null));
    let facts = Case::new(&image, Format::DockerSave, Packing::Plain).facts();
    assert_eq!(facts.config.healthcheck.as_ref(), Some(&check));
    assert_eq!(facts.config.user, "root");
    assert!(facts.problems.iter().any(|problem| problem.contains("“user”")), "{:?}", facts.problems);
    assert_eq!(facts.config.exposed_ports, ["443/tcp", "80/tcp"]);
    assert_eq!((facts.config.volumes.len(), facts.config.on_build.len()), (1, 1));
    assert_eq!(facts.config.stop_signal.as_deref(), Some("SIGINT"));
    assert_eq!((facts.reference, facts.repo_tags.len(), facts.config.cmd), (None, 0, None));
    assert_eq!(facts.content.efficiency, 1.0);
}

#[test]
fn an_oci_configuration_says_nothing_about_a_missing_health_check() {
    let plain = ImageBuilder::new("a:1");
    let recordable = |image: &ImageBuilder, format| Case::new(image, format, Packing::Gzip).facts().config;
    assert!(recordable(&plain, Format::DockerSave).healthcheck_recordable);
    assert!(recordable(&plain, Format::Docker25).healthcheck_recordable);
    assert!(!recordable(&plain, Format::OciLayout).healthcheck_recordable);
    assert!(recordable(&plain.clone().docker_types(), Format::OciLayout).healthcheck_recordable);
    let with = plain.healthcheck(&Healthcheck { test: vec!["NONE".into()], ..Healthcheck::default() });
    assert!(recordable(&with, Format::OciLayout).healthcheck_recordable);
}

#[test]
fn secrets_are_masked_in_everything_that_is_text() {
    let secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
    let image = ImageBuilder::new("a:1")
        .env("TOKEN", secret)
        .env("URL", &format!("https://user:{secret}@example.org/"))
        .label("api.token", secret)
        .entrypoint(&["run", secret])
        .cmd(&[secret])
        .set("OnBuild", json!([format!("RUN echo {secret}")]))
        .set("Healthcheck", json!({"Test": ["CMD", secret]}))
        .line(&format!("ENV TOKEN={secret}"))
        .layer(&format!("RUN curl -H 'Authorization: token {secret}' x"), LayerBuilder::new());
    let facts = Case::new(&image, Format::DockerSave, Packing::Plain).facts();
    let text = serde_json::to_string(&facts).unwrap();
    assert!(!text.contains(secret), "{text}");
    assert!(facts.layers[0].command.is_some());
}

#[test]
fn a_history_that_does_not_fit_is_told() {
    let mut members = sample::members(&[&sample()], Format::DockerSave, Packing::Plain).unwrap();
    edit(&mut members, |name, bytes| {
        if name.ends_with(".json") && name != "manifest.json" {
            *bytes = String::from_utf8(bytes.clone()).unwrap().replace(",\"empty_layer\":true", "").into_bytes();
        }
    });
    let facts = Case::bytes(Transport::DockerArchive, &members.tar()).facts();
    assert!(facts.history.iter().all(|line| line.layer.is_none()));
    assert!(facts.problems.iter().any(|problem| problem.contains("tells of 4 layers")), "{:?}", facts.problems);
    assert!(facts.problems.iter().any(|problem| problem.contains("name is not its digest")), "{:?}", facts.problems);
}

#[test]
fn platforms_are_written_and_compared() {
    let platform: Platform = "linux/arm/v7".parse().unwrap();
    assert_eq!(platform.to_string(), "linux/arm/v7");
    assert!("linux/".parse::<Platform>().is_err());
}

pub(super) fn edit(members: &mut Members, mut with: impl FnMut(&str, &mut Vec<u8>)) {
    for (name, content) in &mut members.0 {
        if let Content::Bytes(bytes) = content {
            with(name, bytes);
        }
    }
}
