//! Random and damaged bytes: nothing panics, and the same bytes say the same twice.

use proptest::prelude::*;

use super::{archives, programs, rpm};
use crate::model::Place;
use crate::{assemble, read, wants};

/// A path of each kind, with content that is sound.
fn sound() -> Vec<(&'static str, Vec<u8>)> {
    let headers = rpm::three();
    vec![
        ("/etc/os-release", b"ID=debian\nVERSION_ID=\"12\"\nSUPPORT_END=2030-01-01\n".to_vec()),
        ("/etc/redhat-release", b"CentOS release 6.10 (Final)\n".to_vec()),
        (
            "/var/lib/dpkg/status",
            b"Package: a\nStatus: install ok installed\nVersion: 1\nSource: b (2)\nDepends: c (>= 1) | d, e\n\n"
                .to_vec(),
        ),
        ("/var/lib/dpkg/status.d/a", b"Package: a\nVersion: 1\n".to_vec()),
        ("/var/lib/dpkg/status.d/a.md5sums", b"0123456789abcdef0123456789abcdef  usr/bin/x\n".to_vec()),
        ("/var/lib/dpkg/info/a:amd64.list", b"/.\n/usr\n/usr/../a\n".to_vec()),
        ("/var/lib/apt/extended_states", b"Package: a\nArchitecture: x\nAuto-Installed: 1\n".to_vec()),
        ("/usr/share/doc/a/copyright", b"Format: dep5\n\nFiles: *\nLicense: MIT\n".to_vec()),
        ("/lib/apk/db/installed", b"P:a\nV:1\nA:x\np:so:x=1 cmd:y\nD:so:x !z b>1\nF:lib\nR:x\n\nP:b\nV:2\n".to_vec()),
        ("/etc/apk/world", b"a\nb>1 .c@d\n".to_vec()),
        ("/var/lib/rpm/rpmdb.sqlite", rpm::sqlite(&headers)),
        ("/var/lib/rpm/rpmdb.sqlite-wal", vec![1]),
        ("/var/lib/rpm/Packages.db", rpm::ndb(&headers)),
        ("/var/lib/rpm/Packages", rpm::bdb(&headers, false)),
        ("/s/a-1.dist-info/METADATA", b"Name: a\nVersion: 1\nRequires-Dist: b; x\n".to_vec()),
        ("/s/a-1.dist-info/RECORD", b"a.py,,\n\"b,c\",,\n../../x,,\n".to_vec()),
        ("/s/a-1.dist-info/REQUESTED", Vec::new()),
        (
            "/node_modules/a/package.json",
            br#"{"name":"a","version":"1","license":["MIT"],"dependencies":{"b":"1"}}"#.to_vec(),
        ),
        ("/specifications/a-1.gemspec", b"s.name = \"a\"\ns.version = '1'\ns.add_dependency(%q<b>)\n".to_vec()),
        ("/a/b-1.jar", archives::jar()),
        ("/vendor/composer/installed.json", br#"[{"name":"a/b","version":"1","require":{"c/d":"1"}}]"#.to_vec()),
        (
            "/app/a.deps.json",
            br#"{"targets":{"t":{"a/1":{"runtime":{"x":{}},"dependencies":{"b":"1"}}}},"libraries":{"a/1":{"type":"package"}}}"#
                .to_vec(),
        ),
        (
            "/opt/bitnami/a/.spdx-a.spdx",
            br#"{"packages":[{"externalRefs":[{"referenceLocator":"pkg:bitnami/a@1-1"}]}]}"#.to_vec(),
        ),
        ("/var/lib/rpmmanifest/container-manifest-2", b"a\t1-1\t\t\tv\t1\t2\tx\t0\ta-1-1.src.rpm\n".to_vec()),
        ("/opt/jdk/release", b"JAVA_VERSION=\"17.0.1\"\nIMPLEMENTOR=\"x\"\n".to_vec()),
        ("/bin/go", programs::go()),
        ("/bin/rust", programs::rust()),
    ]
}

fn check(path: &str, bytes: &[u8]) {
    let head = &bytes[..bytes.len().min(512)];
    assert_eq!(wants(path, bytes.len() as u64, true, head), wants(path, bytes.len() as u64, true, head));
    let part = read(path, bytes);
    assert_eq!(part, read(path, bytes));
    let place = |layer, visible| Place { layer, diff_id: layer.to_string(), path: path.to_owned(), visible };
    let parts = vec![(place(0, false), part.clone()), (place(1, true), part)];
    let found = assemble(parts.clone());
    assert_eq!(found, assemble(parts));
    assert!(found.owners.iter().all(|(_, index)| (*index as usize) < found.packages.len()));
    assert!(found.packages.iter().all(|package| package.purl.starts_with("pkg:") && !package.location.is_empty()));
}

#[test]
fn sound_files_are_read() {
    for (path, bytes) in sound() {
        let head = &bytes[..bytes.len().min(512)];
        assert!(!matches!(wants(path, bytes.len() as u64, true, head), crate::Want::No), "{path}");
        assert!(read(path, &bytes).is_ok_and(|part| part.kind.is_some()), "{path}");
        check(path, &bytes);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn anything_ends(which in 0usize..27, bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let (path, _) = sound().swap_remove(which);
        check(path, &bytes);
    }

    #[test]
    fn lines_of_anything_end(which in 0usize..27, text in "([A-Za-z.]{0,8}[:=\"'%<>|(), \t\n\\\\/]{0,3}){0,40}") {
        let (path, _) = sound().swap_remove(which);
        check(path, text.as_bytes());
    }

    #[test]
    fn damaged_files_end(
        which in 0usize..27,
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..12),
        cut in any::<proptest::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        let (path, mut bytes) = sound().swap_remove(which);
        for (at, byte) in changes {
            if !bytes.is_empty() {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
        }
        if is_cut && !bytes.is_empty() {
            bytes.truncate(cut.index(bytes.len()));
        }
        check(path, &bytes);
    }
}
