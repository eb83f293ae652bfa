//! The three databases of rpm, built around headers that are built too.

use crate::model::{Ecosystem, PackageError, Part};
use crate::read;

const SQLITE: &str = "/var/lib/rpm/rpmdb.sqlite";
const NDB: &str = "/usr/lib/sysimage/rpm/Packages.db";
const BDB: &str = "/var/lib/rpm/Packages";

/// Tags with their type, count and bytes.
pub(super) type Tag = (u32, u32, u32, Vec<u8>);

pub(super) fn header(tags: &[Tag]) -> Vec<u8> {
    let mut index = Vec::new();
    let mut store: Vec<u8> = Vec::new();
    for (tag, kind, count, value) in tags {
        while !store.len().is_multiple_of(8) {
            store.push(0);
        }
        for number in [*tag, *kind, store.len() as u32, *count] {
            index.extend(number.to_be_bytes());
        }
        store.extend(value);
    }
    let mut header = Vec::new();
    header.extend((tags.len() as u32).to_be_bytes());
    header.extend((store.len() as u32).to_be_bytes());
    header.extend(index);
    header.extend(store);
    header
}

fn text(tag: u32, value: &str) -> Tag {
    (tag, 6, 1, [value.as_bytes(), &[0]].concat())
}

fn texts(tag: u32, values: &[&str]) -> Tag {
    (tag, 8, values.len() as u32, values.iter().flat_map(|value| [value.as_bytes(), &[0]].concat()).collect())
}

fn numbers(tag: u32, values: &[u32]) -> Tag {
    (tag, 4, values.len() as u32, values.iter().flat_map(|value| value.to_be_bytes()).collect())
}

fn openssl() -> Vec<u8> {
    header(&[
        text(1000, "openssl"),
        text(1001, "3.0.7"),
        text(1002, "1.el9"),
        numbers(1003, &[1]),
        numbers(1009, &[4711]),
        text(1011, "Maker, Inc."),
        text(1014, "Apache-2.0"),
        (1016, 9, 1, b"Unspecified\0".to_vec()),
        text(1022, "x86_64"),
        (1030, 3, 3, vec![0x81, 0xed, 0x41, 0xed, 0x81, 0xa4]),
        text(1044, "openssl-3.0.7-1.el9.src.rpm"),
        texts(1047, &["openssl", "libssl.so.3()(64bit)"]),
        texts(1049, &["/bin/sh", "rpmlib(X)", "(a if b)"]),
        numbers(1116, &[0, 1, 1]),
        texts(1117, &["openssl", "ssl", "cnf"]),
        texts(1118, &["/usr/bin/", "/etc/"]),
        text(5096, "ssl:3:8090020240101:abcd"),
    ])
}

/// `large` bytes of something else in the header make it longer than a page.
fn curl(large: usize) -> Vec<u8> {
    header(&[
        text(1000, "curl"),
        text(1001, "8.0"),
        text(1002, "2"),
        text(1022, "x86_64"),
        text(1004, &"x".repeat(large)),
        text(1044, "curl-src-8.1-1.src.rpm"),
        texts(1049, &["libssl.so.3()(64bit)", "openssl"]),
    ])
}

fn key() -> Vec<u8> {
    header(&[text(1000, "gpg-pubkey"), text(1001, "abc"), text(1002, "def")])
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = vec![(value & 0x7f) as u8];
    value >>= 7;
    while value > 0 {
        bytes.insert(0, (value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    bytes
}

/// A database in SQLite's format with 512-byte pages: the schema, an inner page, a leaf per header, and overflow pages.
pub(super) fn sqlite(headers: &[Vec<u8>]) -> Vec<u8> {
    const PAGE: usize = 512;
    fn record(types: &[u64], body: &[u8]) -> Vec<u8> {
        let types: Vec<u8> = types.iter().flat_map(|&kind| varint(kind)).collect();
        [varint(types.len() as u64 + 1), types, body.to_vec()].concat()
    }
    fn leaf(page: &mut [u8], start: usize, cell: &[u8]) {
        let at = PAGE - cell.len();
        page[start] = 0x0d;
        page[start + 3..start + 5].copy_from_slice(&1u16.to_be_bytes());
        page[start + 8..start + 10].copy_from_slice(&(at as u16).to_be_bytes());
        page[at..].copy_from_slice(cell);
    }
    let mut pages = vec![vec![0u8; PAGE], vec![0u8; PAGE]];
    pages[0][..16].copy_from_slice(b"SQLite format 3\0");
    pages[0][16..18].copy_from_slice(&(PAGE as u16).to_be_bytes());
    pages[0][18..20].copy_from_slice(&[2, 2]);
    pages[0][56..60].copy_from_slice(&1u32.to_be_bytes());
    let row = record(&[23, 29, 29, 1, 13], b"tablePackagesPackages\x02");
    leaf(&mut pages[0], 100, &[varint(row.len() as u64), vec![1], row].concat());
    let mut children = Vec::new();
    for (number, header) in headers.iter().enumerate() {
        let row = record(&[0, header.len() as u64 * 2 + 12], header);
        let mut cell = [varint(row.len() as u64), varint(number as u64 + 1)].concat();
        children.push(pages.len() as u32 + 1);
        let mine = pages.len();
        pages.push(vec![0u8; PAGE]);
        if row.len() <= PAGE - 35 {
            cell.extend(&row);
        } else {
            let least = (PAGE - 12) * 32 / 255 - 23;
            let fit = least + (row.len() - least) % (PAGE - 4);
            let local = if fit <= PAGE - 35 { fit } else { least };
            cell.extend(&row[..local]);
            cell.extend((pages.len() as u32 + 1).to_be_bytes());
            let chunks: Vec<&[u8]> = row[local..].chunks(PAGE - 4).collect();
            for (index, chunk) in chunks.iter().enumerate() {
                let next = if index + 1 < chunks.len() { pages.len() as u32 + 2 } else { 0 };
                let mut page = next.to_be_bytes().to_vec();
                page.extend(*chunk);
                page.resize(PAGE, 0);
                pages.push(page);
            }
        }
        leaf(&mut pages[mine], 0, &cell);
    }
    let inner = &mut pages[1];
    if let Some((last, before)) = children.split_last() {
        inner[0] = 0x05;
        inner[3..5].copy_from_slice(&(before.len() as u16).to_be_bytes());
        inner[8..12].copy_from_slice(&last.to_be_bytes());
        for (index, child) in before.iter().enumerate() {
            let at = PAGE - 8 * (index + 1);
            inner[12 + 2 * index..14 + 2 * index].copy_from_slice(&(at as u16).to_be_bytes());
            inner[at..at + 4].copy_from_slice(&child.to_be_bytes());
        }
    } else {
        inner[0] = 0x0d;
    }
    pages.concat()
}

/// A database of the kind ndb.
pub(super) fn ndb(headers: &[Vec<u8>]) -> Vec<u8> {
    let mut slots = b"RpmP".to_vec();
    for number in [0u32, 1, 1, headers.len() as u32 + 1, 0, 0, 0] {
        slots.extend(number.to_le_bytes());
    }
    let mut blobs = Vec::new();
    for (index, header) in headers.iter().enumerate() {
        let index = index as u32 + 1;
        slots.extend(b"Slot");
        for number in [index, (4096 + blobs.len() as u32) / 16, 0] {
            slots.extend(number.to_le_bytes());
        }
        blobs.extend(b"BlbS");
        for number in [index, 1, header.len() as u32] {
            blobs.extend(number.to_le_bytes());
        }
        blobs.extend(header);
        while !blobs.len().is_multiple_of(16) {
            blobs.push(0);
        }
        blobs.extend([0; 16]);
    }
    while slots.len() < 4096 {
        slots.extend(b"Slot\0\0\0\0\0\0\0\0\0\0\0\0");
    }
    [slots, blobs].concat()
}

/// A hash of Berkeley DB with 512-byte pages: one hash page, a chain of overflow pages for each header.
pub(super) fn bdb(headers: &[Vec<u8>], big_endian: bool) -> Vec<u8> {
    const PAGE: usize = 512;
    let n32 = |n: usize| if big_endian { (n as u32).to_be_bytes() } else { (n as u32).to_le_bytes() };
    let n16 = |n: usize| if big_endian { (n as u16).to_be_bytes() } else { (n as u16).to_le_bytes() };
    let mut pages = vec![vec![0u8; PAGE], vec![0u8; PAGE]];
    pages[1][25] = 13;
    let mut end = PAGE;
    let mut entries = 0;
    let mut item = |page: &mut Vec<u8>, content: &[u8]| {
        end -= content.len();
        page[end..end + content.len()].copy_from_slice(content);
        page[26 + 2 * entries..28 + 2 * entries].copy_from_slice(&n16(end));
        entries += 1;
        page[20..22].copy_from_slice(&n16(entries));
    };
    item(&mut pages[1], &[1, 0, 0, 0, 0]);
    item(&mut pages[1], &[&[1], n32(headers.len() + 1).as_slice()].concat());
    for (index, header) in headers.iter().enumerate() {
        item(&mut pages[1], &[&[1], n32(index + 1).as_slice()].concat());
        let first = pages.len();
        item(&mut pages[1], &[&[3, 0, 0, 0], n32(first).as_slice(), &n32(header.len())].concat());
        let chunks: Vec<&[u8]> = header.chunks(PAGE - 26).collect();
        for (index, chunk) in chunks.iter().enumerate() {
            let mut page = vec![0u8; PAGE];
            page[16..20].copy_from_slice(&n32(if index + 1 < chunks.len() { pages.len() + 1 } else { 0 }));
            page[22..24].copy_from_slice(&n16(chunk.len()));
            page[25] = 7;
            page[26..26 + chunk.len()].copy_from_slice(chunk);
            pages.push(page);
        }
    }
    let last = pages.len() - 1;
    pages[0][12..16].copy_from_slice(&n32(0x0006_1561));
    pages[0][16..20].copy_from_slice(&n32(9));
    pages[0][20..24].copy_from_slice(&n32(PAGE));
    pages[0][25] = 8;
    pages[0][32..36].copy_from_slice(&n32(last));
    pages.concat()
}

pub(super) fn three() -> Vec<Vec<u8>> {
    vec![openssl(), key(), curl(3000)]
}

fn check(part: &Part) {
    assert_eq!(part.packages.len(), 2, "a key is no package");
    let [openssl, curl] = &part.packages[..] else { panic!("two") };
    assert_eq!((openssl.name.as_str(), openssl.version.as_str()), ("openssl", "1:3.0.7-1.el9"));
    assert_eq!(openssl.ecosystem, Ecosystem::Rpm);
    assert_eq!(openssl.architecture.as_deref(), Some("x86_64"));
    assert_eq!(openssl.licence.as_deref(), Some("Apache-2.0"));
    assert_eq!(openssl.vendor.as_deref(), Some("Maker, Inc."));
    assert_eq!(openssl.module.as_deref(), Some("ssl:3"));
    assert_eq!(openssl.installed_size, Some(4711));
    assert_eq!(openssl.section, None);
    assert_eq!(openssl.source_name, None, "the same name and version, the epoch aside");
    assert!(openssl.depends.is_empty());
    assert_eq!((curl.name.as_str(), curl.version.as_str()), ("curl", "8.0-2"));
    assert_eq!(curl.source_name.as_deref(), Some("curl-src"));
    assert_eq!(curl.source_version.as_deref(), Some("8.1-1"));
    assert_eq!(curl.depends, ["openssl"]);
    assert_eq!(part.owned.len(), 1);
    assert_eq!(part.owned[0].paths, ["/usr/bin/openssl", "/etc/cnf"], "without the directory");
    assert_eq!(part.kind, Some("rpm"));
}

#[test]
fn all_three_databases_say_the_same() {
    check(&read(SQLITE, &sqlite(&three())).unwrap());
    check(&read(NDB, &ndb(&three())).unwrap());
    check(&read(BDB, &bdb(&three(), false)).unwrap());
    check(&read(BDB, &bdb(&three(), true)).unwrap());
}

#[test]
fn a_database_without_packages_is_empty_and_not_broken() {
    for (path, bytes) in [(SQLITE, sqlite(&[])), (NDB, ndb(&[])), (BDB, bdb(&[], false))] {
        assert_eq!(read(path, &bytes).unwrap().packages.len(), 0, "{path}");
    }
}

#[test]
fn a_broken_database_is_an_error_and_not_empty() {
    for (path, bytes) in [(SQLITE, sqlite(&three())), (NDB, ndb(&three())), (BDB, bdb(&three(), false))] {
        assert!(matches!(read(path, b""), Err(PackageError::Malformed { .. })), "{path}");
        assert!(read(path, b"not one of these at all").is_err(), "{path}");
        assert!(read(path, &bytes[..bytes.len() - 600]).is_err(), "{path} cut off");
    }
    // Headers that are none.
    assert!(read(NDB, &ndb(&[vec![0xff; 64]])).is_err());
}

#[test]
fn pages_in_a_circle_end() {
    let mut bytes = sqlite(&three());
    // The inner page's last child is the inner page.
    bytes[512 + 8..512 + 12].copy_from_slice(&2u32.to_be_bytes());
    assert!(read(SQLITE, &bytes).unwrap_err().to_string().contains("circle"));
    let mut bytes = bdb(&three(), false);
    // A page of a chain goes on with itself.
    let page = (2usize..).find(|page| bytes[page * 512 + 16] != 0).unwrap();
    bytes[page * 512 + 16..page * 512 + 20].copy_from_slice(&(page as u32).to_le_bytes());
    assert!(read(BDB, &bytes).unwrap_err().to_string().contains("circle"));
}

#[test]
fn counts_and_offsets_that_lie_are_bounded() {
    let lies = |count: u32| {
        let mut tags = vec![text(1000, "a"), text(1001, "1"), text(1002, "1"), texts(1118, &["/d/"])];
        tags.push((1117, 8, count, b"f\0".to_vec()));
        tags.push((1116, 4, count, vec![0; 4]));
        header(&tags)
    };
    let part = read(NDB, &ndb(&[lies(u32::MAX)])).unwrap();
    assert_eq!(part.owned[0].paths[0], "/d/f");
    assert!(part.owned[0].paths.len() < 20);
    let mut far = header(&[text(1000, "a"), text(1001, "1"), text(1002, "1")]);
    far[16..20].copy_from_slice(&u32::MAX.to_be_bytes());
    assert!(read(NDB, &ndb(&[far])).is_err(), "a name beyond the store is no name");
    let many = [u32::MAX.to_be_bytes(), u32::MAX.to_be_bytes()].concat();
    assert!(read(NDB, &ndb(&[many])).is_err());
}

#[test]
fn a_log_with_content_is_told() {
    let wal = "/var/lib/rpm/rpmdb.sqlite-wal";
    assert!(read(wal, b"").unwrap().problems.is_empty());
    assert_eq!(read(wal, &[0; 64]).unwrap().problems.len(), 1);
}
