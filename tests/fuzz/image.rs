//! Archives and layers.

use std::path::Path;

use bolero::check;
use plimsoll_image::sample::{Format, ImageBuilder, LayerBuilder, Packing, SampleEntry};
use plimsoll_image::{Limits, NoHooks, OpenOptions, Transport, read_image_with_tree};
use sha2::{Digest, Sha256};

use crate::bounded;
use crate::mutate::{BINARY, Recipe};

const WORDS: &[&str] = &[
    ".wh.",
    ".wh..wh..opq",
    "../",
    "/",
    "./",
    "\0",
    "etc/passwd",
    "etc/shadow",
    "19 path=a/../../b\n",
    "30 GNU.sparse.size=9999999999\n",
    "22 size=18446744073709551615\n",
    "SCHILY.xattr.security.capability=",
    "0 x=\n",
    "ustar\0",
    "root::0:0::/:/bin/sh\n",
    "\"layers\":[",
    "sha256:",
    "null",
    "[[[[[[[[",
    "{}",
];

fn layers() -> Vec<LayerBuilder> {
    let accounts = b"root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/:/bin/sh\n";
    vec![
        LayerBuilder::new()
            .directory("etc")
            .file("etc/passwd", accounts)
            .file("etc/shadow", b"root::19000:0:99999:7:::\napp:!:19000::::::\n")
            .file("etc/group", b"root:x:0:\nsudo:x:27:app\n")
            .file("etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\n")
            .add(SampleEntry::file("usr/bin/tool", b"#!/bin/sh\n").mode(0o4755).owner(0, 42))
            .add(SampleEntry::symlink("bin", "usr/bin"))
            .add(SampleEntry::hard_link("usr/bin/other", "usr/bin/tool")),
        LayerBuilder::new()
            .whiteout("etc/group")
            .add(SampleEntry::opaque("usr/bin"))
            .add(SampleEntry::char_device("dev/null"))
            .add(SampleEntry::fifo("run/pipe"))
            .add(
                SampleEntry::file("sbin/ping", b"x")
                    .capabilities(&[1, 0, 0, 2, 0, 32, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
            )
            .add(SampleEntry::symlink("a", "b"))
            .add(SampleEntry::symlink("b", "a")),
        LayerBuilder::new().add(SampleEntry::file(format!("deep/{}", "d/".repeat(120)), b"")).add(
            SampleEntry::file("long", b"text").pax("path", "x/y/z".as_bytes()).pax("size", b"4").pax("mtime", b"1.5"),
        ),
        LayerBuilder::new(),
    ]
}

fn image() -> ImageBuilder {
    let image = ImageBuilder::new("fuzz:1").user("app").env("PATH", "/usr/bin:/bin").label("a", "b");
    layers().into_iter().fold(image, |image, layer| image.layer("COPY . /", layer)).line("CMD [\"tool\"]")
}

/// Small bounds: what breaks with these breaks with larger ones, only later.
fn options(threads: usize) -> OpenOptions {
    let limits = Limits {
        manifest_bytes: 64 << 10,
        config_bytes: 64 << 10,
        entries: 10_000,
        names_bytes: 1 << 20,
        layers: 50,
        layer_bytes: 4 << 20,
        ratio_free_bytes: 1 << 20,
        archive_bytes: 8 << 20,
        small_file_bytes: 64 << 10,
        threads,
        ..Limits::default()
    };
    OpenOptions { limits, ..OpenOptions::default() }
}

fn read(transport: Transport, path: &Path, threads: usize, input: usize) -> String {
    match read_image_with_tree(transport, path, &options(threads), &NoHooks) {
        Ok(read) => {
            let facts = bounded("facts", &read.facts, input);
            // A tree does not compare by its order in memory; what it says does.
            format!("{facts} {} layers {}", read.tree.layers().len(), read.facts.size)
        }
        Err(error) => error.to_string(),
    }
}

/// On several threads and on one: the same answer.
fn same_twice(transport: Transport, path: &Path, input: usize) {
    assert_eq!(read(transport, path, 2, input), read(transport, path, 1, input));
}

/// An edited layer in an archive that is otherwise in order, so that the reading gets as far as it can.
#[test]
fn image_layers() {
    let seeds: Vec<Vec<u8>> = layers().iter().map(LayerBuilder::archive).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    check!().with_iterations(250).with_type::<Recipe>().for_each(|recipe| {
        let layer = recipe.make(&seeds, WORDS, BINARY);
        let diff_id = hex::encode(Sha256::digest(&layer));
        let stored = match recipe.variant % 3 {
            0 => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                std::io::Write::write_all(&mut encoder, &layer).unwrap();
                encoder.finish().unwrap()
            }
            _ => layer.clone(),
        };
        let config = serde_json::json!({
            "architecture": "amd64", "os": "linux", "config": {},
            "rootfs": { "type": "layers", "diff_ids": [format!("sha256:{diff_id}")] },
        });
        let manifest =
            serde_json::json!([{ "Config": "config.json", "RepoTags": ["fuzz:1"], "Layers": ["layer.tar"] }]);
        let mut archive = tar::Builder::new(Vec::new());
        for (name, bytes) in [
            ("config.json", config.to_string().into_bytes()),
            ("layer.tar", stored),
            ("manifest.json", manifest.to_string().into_bytes()),
        ] {
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, name, bytes.as_slice()).unwrap();
        }
        std::fs::write(&path, archive.into_inner().unwrap()).unwrap();
        same_twice(Transport::DockerArchive, &path, layer.len());
    });
}

/// An edited archive, in each shape that is read.
#[test]
fn image_archives() {
    const SHAPES: [(Format, Packing, Transport); 5] = [
        (Format::DockerSave, Packing::Plain, Transport::DockerArchive),
        (Format::Skopeo, Packing::Plain, Transport::DockerArchive),
        (Format::Docker25, Packing::Gzip, Transport::DockerArchive),
        (Format::OciArchive, Packing::Zstd, Transport::OciArchive),
        (Format::Docker25, Packing::Plain, Transport::OciArchive),
    ];
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("image.tar");
    let written = |format, packing| {
        image().write(format, packing, &path).unwrap();
        std::fs::read(&path).unwrap()
    };
    let seeds: Vec<Vec<u8>> = SHAPES.iter().map(|(format, packing, _)| written(*format, *packing)).collect();
    for ((_, _, transport), seed) in SHAPES.iter().zip(&seeds) {
        std::fs::write(&path, seed).unwrap();
        assert!(read(*transport, &path, 1, seed.len()).contains("4 layers"), "a seed is no image");
    }
    check!().with_iterations(150).with_type::<Recipe>().for_each(|recipe| {
        let shape = usize::from(recipe.variant) % SHAPES.len();
        let bytes = recipe.make(&seeds, WORDS, BINARY);
        std::fs::write(&path, &bytes).unwrap();
        same_twice(SHAPES[shape].2, &path, bytes.len());
    });
}
