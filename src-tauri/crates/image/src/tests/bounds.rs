//! Images made to exhaust or to deceive: each ends with a clear error, or with facts that say what was odd.

use super::layers::header;
use super::*;
use crate::{Kind, Limits};

const GIB: u64 = 1 << 30;

fn options(limits: Limits) -> OpenOptions {
    OpenOptions { limits, ..OpenOptions::default() }
}

fn docker(layers: Vec<LayerBuilder>, packing: Packing) -> Case {
    Case::new(&image_of(layers), Format::OciArchive, packing)
}

/// A header that claims a body of `size` bytes, which is not there.
fn claims(name: &str, flag: u8, size: u64) -> LayerBuilder {
    let block = header(name, flag, 0, |block| {
        block[124..136].copy_from_slice(&[&[0x80, 0, 0, 0][..], &size.to_be_bytes()].concat());
    });
    LayerBuilder::new().raw(&block).without_end()
}

#[test]
fn bombs_end_at_their_ratio_or_size() {
    let zeros = vec![0; 8 << 20];
    for packing in [Packing::Gzip, Packing::Zstd] {
        let case = docker(vec![LayerBuilder::new().file("zeros", &zeros)], packing);
        for limits in [
            Limits { ratio: 10, ratio_free_bytes: 1 << 20, ..Limits::default() },
            Limits { layer_bytes: 1 << 20, ..Limits::default() },
        ] {
            let error = case.error_with(&options(limits));
            assert!(matches!(error, ImageError::LimitExceeded { .. }), "{error}");
            assert!(error.to_string().contains("Layer 1 of 1, unpacked"), "{error}");
        }
        // Within the bounds it is read, in the memory of one chunk.
        assert_eq!(case.facts().content.bytes, 8 << 20);
    }
}

#[test]
fn sizes_that_are_only_claimed_cost_nothing() {
    // Names, links and extended headers of 4 GiB and more; bodies of files that end at once.
    for flag in *b"LKxg" {
        let error = docker(vec![claims("name", flag, 4 * GIB)], Packing::Plain).error();
        assert!(error.to_string().contains("an extended header of more than 1 MiB"), "{error}");
    }
    for path in ["etc/passwd", "etc/os-release", "var/lib/rpm/rpmdb.sqlite", "usr/bin/x", "a.jar"] {
        for size in [4 * GIB, 1 << 62] {
            let error = docker(vec![claims(path, b'0', size)], Packing::Plain).error();
            assert!(matches!(error, ImageError::BadLayer { .. }), "{error}");
            assert!(error.to_string().contains("in the middle of"), "{error}");
        }
    }
    // A sparse file may say any size; nothing is made of it.
    let sparse = SampleEntry::file("var/lib/dpkg/status", b"").pax("GNU.sparse.realsize", b"4611686018427387904");
    let facts = docker(vec![LayerBuilder::new().add(sparse)], Packing::Plain).facts();
    assert_eq!(facts.content.bytes, 1 << 62);
    assert!(facts.unread.iter().all(|unread| unread.reason == "it is sparse"), "{:?}", facts.unread);
    assert!(!facts.unread.is_empty());
}

#[test]
fn entries_and_names_are_bounded_over_all_layers() {
    let layer = |number: usize| {
        (0..50)
            .fold(LayerBuilder::new(), |layer, entry| layer.file(&format!("{number}/{}{entry}", "n".repeat(60)), b""))
    };
    let case = docker((0..4).map(layer).collect(), Packing::Gzip);
    assert!(case.read_with(&OpenOptions::default()).is_ok());
    for (limits, text) in [
        (Limits { entries: 199, ..Limits::default() }, "number of entries in the layers"),
        (Limits { names_bytes: 10_000, ..Limits::default() }, "length of all names"),
        (Limits { path_bytes: 60, ..Limits::default() }, "length of a"),
        (Limits { layers: 3, ..Limits::default() }, "number of layers"),
    ] {
        let error = case.error_with(&options(limits));
        assert!(matches!(error, ImageError::LimitExceeded { .. }), "{error}");
        assert!(error.to_string().contains(text), "{error}");
    }
}

#[test]
fn links_that_turn_in_circles_lead_nowhere() {
    let layer = LayerBuilder::new()
        .add(SampleEntry::symlink("etc/passwd", "shadow"))
        .add(SampleEntry::symlink("etc/shadow", "passwd"))
        .add(SampleEntry::symlink("etc/sudoers.d", "sudoers.d"))
        .add(SampleEntry::symlink("etc/doas.d", "../etc/doas.d/x"))
        .add(SampleEntry::symlink("etc/group", "/../../../etc/./group"))
        .add(SampleEntry::hard_link("a", "b"))
        .add(SampleEntry::hard_link("b", "a"));
    let read = docker(vec![layer], Packing::Plain).read();
    let accounts = &read.facts.accounts;
    assert!(accounts.users.is_none() && accounts.groups.is_none() && accounts.passwords.is_none());
    assert!(accounts.sudo.is_empty());
    assert!(read.facts.problems.iter().any(|text| text.contains("leads nowhere")));
    assert!(read.facts.problems.iter().any(|text| text.contains("hard links name a file")));
    assert_eq!(read.tree.get("/a").unwrap().content.kind, Kind::HardLink);
}

#[test]
fn names_stay_inside_the_image() {
    let layer = LayerBuilder::new()
        .file("../../etc/passwd", b"root:x:0:0::/:\n")
        .file("/etc/group", b"root:x:0:\n")
        .file("a/../../b", b"")
        .file("./c//./d", b"")
        .file("e\n\u{1b}[31m", b"")
        .add(SampleEntry::file(b"f\xff", b""))
        .add(SampleEntry::symlink("g", "../../../../etc/passwd"))
        .add(SampleEntry::hard_link("h", "../../../etc/group"));
    let read = docker(vec![layer], Packing::Plain).read();
    let expected = ["/b", "/c/d", "/e\n\u{1b}[31m", "/etc/group", "/etc/passwd", "/f\\xff", "/g", "/h"];
    assert_eq!(paths(&read), expected);
    assert_eq!(read.facts.accounts.users.as_ref().map(Vec::len), Some(1));
    assert_eq!(read.tree.resolve("/g", 4).map(|found| found.entry.path.as_ref()), Some("/etc/passwd"));
    assert!(read.facts.problems.iter().all(|text| !text.chars().any(char::is_control)), "{:?}", read.facts.problems);
    assert!(read.facts.problems.iter().any(|text| text.contains("climb out of the image")));
}

#[test]
fn deep_paths_cost_no_stack() {
    let deep = "d/".repeat(2000);
    let layer = LayerBuilder::new().file(&format!("{deep}x"), b"").whiteout(&format!("{deep}y"));
    let read = docker(vec![layer.clone(), layer], Packing::Gzip).read();
    assert_eq!(read.tree.len(), 1);
    let bytes = read.tree.to_bytes().unwrap();
    assert_eq!(crate::Tree::from_bytes(&bytes, 1 << 20).unwrap(), read.tree);
}
