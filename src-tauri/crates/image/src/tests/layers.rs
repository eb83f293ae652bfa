//! What layers may hold: whiteouts, links, sparse files, odd names, missing ends.

use super::*;
use crate::{Hidden, Hiding, Kind};

fn problem(facts: &ImageFacts, text: &str) {
    assert!(facts.problems.iter().any(|problem| problem.contains(text)), "{text}: {:?}", facts.problems);
}

#[test]
fn an_opaque_marker_hides_lower_layers_wherever_it_stands() {
    let base = || LayerBuilder::new().directory("d/").file("d/old", b"1").directory("d/sub/").file("d/sub/x", b"2");
    let marker = SampleEntry::opaque("d");
    let before = LayerBuilder::new().add(marker.clone()).directory("d/").file("d/new", b"3");
    let after = LayerBuilder::new().directory("d/").file("d/new", b"3").add(marker);
    for layer in [before, after] {
        let read = read_of(vec![base(), layer]);
        assert_eq!(paths(&read), ["/d", "/d/new"]);
        let old = &read.tree.layers()[0].entries[1];
        assert_eq!(old.hidden, Some(Hidden { by: 1, how: Hiding::Opaque }));
        assert_eq!(read.facts.layers[1].whiteouts, 1);
        assert!(read.facts.problems.is_empty());
    }
}

#[test]
fn a_whiteout_hides_lower_layers_wherever_it_stands() {
    let base = || LayerBuilder::new().directory("d/").file("d/x", b"1").file("d/y", b"2");
    let before = LayerBuilder::new().whiteout("d/x").file("d/x", b"new");
    let after = LayerBuilder::new().file("d/x", b"new").whiteout("d/x");
    for layer in [before, after] {
        let read = read_of(vec![base(), layer]);
        assert_eq!(paths(&read), ["/d", "/d/x", "/d/y"]);
        assert_eq!(read.tree.get("/d/x").unwrap().layer, 1);
    }
    let read = read_of(vec![base(), LayerBuilder::new().whiteout("d"), LayerBuilder::new().whiteout("never")]);
    assert!(read.tree.is_empty());
    let read = read_of(vec![base(), LayerBuilder::new().add(SampleEntry::opaque("."))]);
    assert!(read.tree.is_empty());
}

#[test]
fn hard_links_count_once_even_when_the_first_name_is_deleted() {
    let base = LayerBuilder::new()
        .file("a", &[1; 100])
        .add(SampleEntry::hard_link("b", "a"))
        .add(SampleEntry::hard_link("c", "./b"));
    let facts = facts_of(vec![base.clone()]);
    assert_eq!((facts.content.bytes, facts.content.files, facts.layers[0].content_bytes), (100, 3, 100));
    let facts = facts_of(vec![base, LayerBuilder::new().whiteout("a")]);
    assert_eq!((facts.content.bytes, facts.content.files, facts.content.hidden_bytes), (100, 2, 0));
    let facts = facts_of(vec![LayerBuilder::new().add(SampleEntry::hard_link("b", "gone"))]);
    problem(&facts, "hard links name a file");
}

#[test]
fn every_kind_of_entry_is_told() {
    let layer = LayerBuilder::new()
        .add(SampleEntry::char_device("null"))
        .add(SampleEntry::fifo("pipe"))
        .add(SampleEntry::symlink("link", "../../x"))
        .add(SampleEntry::directory("dir").mode(0o1777).owner(5, 6))
        .add(SampleEntry::file("big-ids", b"").pax("uid", b"4294967294").pax("gid", b"3000000000"));
    let read = read_of(vec![layer]);
    let kind = |path: &str| read.tree.get(path).unwrap().entry.kind;
    assert_eq!([kind("/null"), kind("/pipe"), kind("/dir")], [Kind::CharDevice, Kind::Fifo, Kind::Directory]);
    assert_eq!(read.tree.get("/link").unwrap().entry.link.as_deref(), Some("../../x"));
    let dir = read.tree.get("/dir").unwrap().fact();
    assert_eq!((dir.mode, dir.uid, dir.gid), (0o1777, 5, 6));
    assert_eq!(read.tree.get("/big-ids").unwrap().entry.uid, 4_294_967_294);
}

#[test]
fn pax_sparse_files_have_their_own_name_and_size() {
    let map = {
        let mut map = b"1\n0\n4\n".to_vec();
        map.resize(512, 0);
        map.extend_from_slice(b"data");
        map
    };
    let layer = LayerBuilder::new()
        .add(
            SampleEntry::file("GNUSparseFile.12/big", &map)
                .pax("GNU.sparse.major", b"1")
                .pax("GNU.sparse.minor", b"0")
                .pax("GNU.sparse.name", b"var/big")
                .pax("GNU.sparse.realsize", b"1073741824"),
        )
        .file("next", b"x");
    let read = read_of(vec![layer]);
    assert_eq!(paths(&read), ["/next", "/var/big"]);
    assert_eq!(read.facts.content.largest[0].size, 1 << 30);
    problem(&read.facts, "sparse files");
}

#[test]
fn old_gnu_sparse_files_and_long_names_are_read() {
    let mut raw = Vec::new();
    for (kind, text) in [(b'K', "t".repeat(300)), (b'L', format!("{}/end", "n".repeat(200)))] {
        raw.extend(header("././@LongLink", kind, text.len() as u64 + 1, |_| {}));
        let mut body = text.into_bytes();
        body.push(0);
        body.resize(512, 0);
        raw.extend(body);
    }
    raw.extend(header("cut", b'2', 0, |_| {}));
    // Real size 1 MiB, 512 bytes stored, one more block of the map.
    raw.extend(header("sparse", b'S', 512, |block| {
        block[482] = 1;
        block[483..495].copy_from_slice(b"00004000000\0");
    }));
    raw.extend([0; 512]);
    raw.extend([9; 512]);
    raw.extend(header("last", b'0', 0, |_| {}));
    let read = read_of(vec![LayerBuilder::new().raw(&raw)]);
    let long = format!("/{}/end", "n".repeat(200));
    assert_eq!(paths(&read), ["/last", &long, "/sparse"]);
    assert_eq!(read.tree.get(&long).unwrap().entry.link.as_deref().map(str::len), Some(300));
    assert_eq!(read.tree.get("/sparse").unwrap().entry.size, 1 << 20);
}

/// A GNU header.
pub(super) fn header(name: &str, kind: u8, size: u64, with: impl Fn(&mut [u8; 512])) -> [u8; 512] {
    let mut block = [0u8; 512];
    block[..name.len()].copy_from_slice(name.as_bytes());
    block[100..108].copy_from_slice(b"0000644\0");
    block[108..116].copy_from_slice(b"0000000\0");
    block[116..124].copy_from_slice(b"0000000\0");
    block[124..136].copy_from_slice(format!("{size:011o}\0").as_bytes());
    block[136..148].copy_from_slice(b"00000000000\0");
    block[156] = kind;
    block[257..265].copy_from_slice(b"ustar  \0");
    with(&mut block);
    block[148..156].copy_from_slice(b"        ");
    let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
    block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    block
}

#[test]
fn an_archive_without_an_end_is_whole() {
    let with_padding = LayerBuilder::new().file("a", b"x").without_end();
    let facts = facts_of(vec![with_padding]);
    problem(&facts, "no end-of-archive blocks");
    // As umoci writes it: not even the last block is filled.
    let bare = LayerBuilder::new().raw(&header("a", b'0', 3, |_| {})).raw(b"xyz").without_end();
    let read = read_of(vec![bare]);
    assert_eq!(read.facts.content.bytes, 3);
    problem(&read.facts, "not filled up");
    // Nothing at all.
    assert_eq!(facts_of(vec![LayerBuilder::new().without_end()]).layers[0].entries, 0);
}

#[test]
fn what_stands_after_the_end_is_told() {
    let facts = facts_of(vec![LayerBuilder::new().file("a", b"x").raw(&[0; 1024]).raw(&header("b", b'0', 0, |_| {}))]);
    assert_eq!(facts.content.files, 1);
    problem(&facts, "follow the end");
    let facts = facts_of(vec![LayerBuilder::new().file("a", b"x").raw(&[0; 512]).file("b", b"y")]);
    assert_eq!(facts.content.files, 2);
    problem(&facts, "a zero block stands between");
}

#[test]
fn names_that_play_tricks_stay_inside_and_are_told() {
    let layer = LayerBuilder::new()
        .file("../../etc/passwd", b"evil:x:0:0::/:/bin/sh\n")
        .file("/abs", b"1")
        .file("a/../b", b"2")
        .file("", b"3")
        .add(SampleEntry::file(b"bad\xffname", b"4"))
        .add(SampleEntry::file("new\nline", b"5"))
        .add(SampleEntry::symlink(".", "/elsewhere"))
        .directory("./")
        .file("x/.wh.", b"")
        .file("x/.wh..", b"")
        .file(".wh..wh.plnk", b"")
        .raw(&header("odd", b'Z', 0, |_| {}));
    let read = read_of(vec![layer]);
    assert_eq!(paths(&read), ["/", "/abs", "/b", "/bad\\xffname", "/etc/passwd", "/new\nline"]);
    assert_eq!(read.facts.accounts.users.as_ref().unwrap()[0].name, "evil");
    for text in [
        "climb out of the image",
        "begin with “/”",
        "names hold “..”",
        "not UTF-8",
        "without a name",
        "for the root that are no directory",
        "whiteouts that name nothing",
        "unknown kind",
        "no runtime extracts",
    ] {
        problem(&read.facts, text);
    }
    assert!(read.facts.problems.iter().all(|problem| !problem.contains('\n')));
}

#[test]
fn accounts_are_found_through_links() {
    let passwd = b"root:x:0:0::/root:/bin/sh\n";
    let linked = LayerBuilder::new()
        .directory("etc/")
        .add(SampleEntry::symlink("etc/passwd", "../usr/lib/passwd"))
        .file("usr/lib/passwd", passwd)
        .add(SampleEntry::hard_link("etc/group", "usr/lib/group"));
    // The group's link precedes its file and has none in this layer.
    let facts = facts_of(vec![linked]);
    assert_eq!(facts.accounts.users.as_ref().map(Vec::len), Some(1));
    assert_eq!(facts.accounts.groups, None);
    let hard = LayerBuilder::new().file("x", passwd).add(SampleEntry::hard_link("etc/passwd", "x"));
    assert_eq!(facts_of(vec![hard]).accounts.users.map(|users| users.len()), Some(1));
    let twice = LayerBuilder::new().file("etc/passwd", b"one:x:1:1::/:\n").file("etc/passwd", b"two:x:2:2::/:\n");
    assert_eq!(facts_of(vec![twice]).accounts.users.unwrap()[0].name, "two");
    let facts = facts_of(vec![LayerBuilder::new()]);
    assert_eq!((facts.accounts.users, facts.accounts.passwd_layer), (None, None));
    let circle = LayerBuilder::new().add(SampleEntry::symlink("etc/passwd", "passwd"));
    problem(&facts_of(vec![circle]), "leads nowhere");
    let deleted = vec![LayerBuilder::new().file("etc/passwd", passwd), LayerBuilder::new().whiteout("etc")];
    assert_eq!(facts_of(deleted).accounts.users, None);
    let large = LayerBuilder::new().file("etc/passwd", &vec![b'x'; (1 << 20) + 1]);
    let facts = facts_of(vec![large]);
    assert_eq!(facts.accounts.users, None);
    problem(&facts, "too large or sparse");
}

#[test]
fn a_file_below_a_link_is_told() {
    let layers = vec![
        LayerBuilder::new().add(SampleEntry::symlink("bin", "usr/bin")),
        LayerBuilder::new().file("bin/x", b"1").file("bin/y", b"2"),
    ];
    let read = read_of(layers);
    assert_eq!(paths(&read), ["/bin/x", "/bin/y"]);
    problem(&read.facts, "below a path that is no directory");
}

#[test]
fn long_capabilities_are_cut() {
    let layer = LayerBuilder::new().add(SampleEntry::file("x", b"").capabilities(&[1; 5000]));
    let facts = facts_of(vec![layer]);
    assert_eq!(facts.set_id_files[0].capabilities.as_ref().map(String::len), Some(128));
    problem(&facts, "longer than any");
}
