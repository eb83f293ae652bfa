//! Programs with build information, built here.

use std::io::Write;

use crate::model::{Part, Want};
use crate::{read, wants};

const PROGRAM: &str = "/usr/bin/program";
/// Where the section's content lies in the file and, with this added, in memory.
const CONTENT: usize = 0x1000;
const BASE: u64 = 0x40_0000;

/// A 64-bit program with one section, and a segment that maps it.
pub(super) fn elf(section: &str, content: &[u8]) -> Vec<u8> {
    let names = [b"\0".as_slice(), section.as_bytes(), b"\0.shstrtab\0"].concat();
    let names_at = CONTENT + content.len();
    let sections_at = (names_at + names.len()).next_multiple_of(8);
    let mut bytes = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    bytes.extend([2, 0, 62, 0, 1, 0, 0, 0]);
    for number in [BASE, 64, sections_at as u64] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([0; 4]);
    for number in [64u16, 56, 1, 64, 3, 2] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.extend([1, 0, 0, 0, 6, 0, 0, 0]);
    let length = content.len() as u64;
    for number in [CONTENT as u64, BASE + CONTENT as u64, BASE + CONTENT as u64, length, length, 0x1000] {
        bytes.extend(number.to_le_bytes());
    }
    bytes.resize(CONTENT, 0);
    bytes.extend(content);
    bytes.extend(&names);
    bytes.resize(sections_at + 64, 0);
    for (name, kind, at, length) in
        [(1u32, 1u32, CONTENT, content.len()), (names.len() as u32 - 10, 3, names_at, names.len())]
    {
        bytes.extend(name.to_le_bytes());
        bytes.extend(kind.to_le_bytes());
        for number in [2, BASE + at as u64, at as u64, length as u64, 0, 1, 0] {
            bytes.extend(number.to_le_bytes());
        }
    }
    bytes
}

const MODULES: &str = "path\tgithub.com/a/b/cmd\nmod\tgithub.com/a/b\tv1.2.3\th1:x=\ndep\tgolang.org/x/net\tv0.1.0\th1:y=\n\
    dep\tgithub.com/old/c\tv1.0.0\n=>\tgithub.com/new/c\tv2.0.0\th1:z=\ndep\tlocal.d/e\tv0.0.1\n=>\t./e\t\n\
    build\tCGO_ENABLED=0\n";

fn framed() -> Vec<u8> {
    [&[b'<'; 16], MODULES.as_bytes(), &[b'>'; 16]].concat()
}

pub(super) fn go() -> Vec<u8> {
    let mut info = b"\xff Go buildinf:\x08\x02".to_vec();
    info.resize(32, 0);
    let modules = framed();
    info.push(8);
    info.extend(b"go1.22.1");
    info.extend([(modules.len() & 0x7f) as u8 | 0x80, (modules.len() >> 7) as u8]);
    info.extend(modules);
    elf(".go.buildinfo", &info)
}

/// The form before Go 1.18: pointers to texts.
fn old_go() -> Vec<u8> {
    let at = |offset: usize| (BASE + (CONTENT + offset) as u64).to_le_bytes();
    let modules = framed();
    let mut info = b"\xff Go buildinf:\x08\x00".to_vec();
    info.extend([at(32), at(48), at(64), 8u64.to_le_bytes(), at(72), (modules.len() as u64).to_le_bytes()].concat());
    info.resize(64, 0);
    info.extend(b"go1.16.5");
    info.extend(modules);
    elf(".go.buildinfo", &info)
}

pub(super) fn rust() -> Vec<u8> {
    let json = br#"{"packages":[{"name":"a","version":"1.0.0","source":"local","root":true,"dependencies":[1,2]},
        {"name":"b","version":"2.0.0","source":"crates.io"},{"name":"cc","version":"1.0.1","source":"crates.io","kind":"build"}]}"#;
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(json).unwrap();
    elf(".dep-v0", &encoder.finish().unwrap())
}

fn names(part: &Part) -> Vec<String> {
    part.packages.iter().map(|package| format!("{} {}", package.name, package.version)).collect()
}

#[test]
fn go_programs_name_their_modules() {
    for (bytes, version) in [(go(), "1.22.1"), (old_go(), "1.16.5")] {
        let part = read(PROGRAM, &bytes).unwrap();
        assert_eq!(part.kind, Some("go-binary"));
        assert_eq!(
            names(&part),
            [
                &format!("stdlib {version}"),
                "github.com/a/b v1.2.3",
                "golang.org/x/net v0.1.0",
                "github.com/new/c v2.0.0",
                "local.d/e (devel)"
            ]
        );
    }
}

#[test]
fn rust_programs_name_their_crates() {
    let part = read(PROGRAM, &rust()).unwrap();
    assert_eq!(names(&part), ["a 1.0.0", "b 2.0.0"], "what only builds is not in the program");
    assert_eq!(part.packages[0].depends, ["b"]);
    assert_eq!(part.kind, Some("rust-binary"));
    assert!(read(PROGRAM, &elf(".dep-v0", b"rubbish")).is_err());
}

#[test]
fn lists_that_unpack_to_too_much_are_refused() {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(&vec![b' '; 9 * 1024 * 1024]).unwrap();
    assert!(read(PROGRAM, &elf(".dep-v0", &encoder.finish().unwrap())).unwrap_err().to_string().contains("bound"));
}

#[test]
fn other_programs_say_nothing() {
    assert_eq!(read(PROGRAM, &elf(".text", b"x")).unwrap(), Part::default());
    assert_eq!(read(PROGRAM, b"\x7fELF").unwrap(), Part::default());
    assert_eq!(read("/etc/hosts", b"x").unwrap(), Part::default());
}

#[test]
fn only_programs_that_can_be_started_are_wanted() {
    let bytes = go();
    let head = &bytes[..512];
    assert!(matches!(wants(PROGRAM, 5, true, head), Want::Whole(_)));
    assert_eq!(wants(PROGRAM, 5, false, head), Want::No);
    let mut object = head.to_vec();
    object[16] = 1;
    assert_eq!(wants("/x.o", 5, true, &object), Want::No);
    assert_eq!(wants("/etc/hosts", 5, true, b"127.0.0.1"), Want::No);
    let prose = b"This is a licence.";
    assert_eq!(wants("/usr/share/doc/x/copyright", 5, false, prose), Want::No);
    let format = b"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n";
    assert!(matches!(wants("/usr/share/doc/x/copyright", 5, false, format), Want::Whole(_)));
    assert_eq!(wants("/usr/share/doc/x/copyright", 1 << 30, false, format), Want::No);
}
