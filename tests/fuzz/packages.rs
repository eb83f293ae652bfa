//! Package databases, lock files and binaries.

use bolero::check;
use plimsoll_packages::{PackageError, Part, Place, Want, assemble, read, wants};

use crate::mutate::{BINARY, Recipe};
use crate::{FREE, GROWTH, bounded};

/// Every path whose file is read, with a small one of its kind.
fn files() -> Vec<(&'static str, Vec<u8>)> {
    let dpkg = "Package: libc6\nStatus: install ok installed\nPriority: optional\nSection: libs\nInstalled-Size: 12345\nArchitecture: amd64\n\
        Multi-Arch: same\nSource: glibc (2.36-9)\nVersion: 2.36-9+deb12u8\nDepends: libgcc-s1, libcrypt1 (>= 1:4.4.10-10~) | x\nDescription: a\n b\n .\n c\n\n\
        Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\n";
    let apk = "C:Q1abc=\nP:musl\nV:1.2.5-r0\nA:x86_64\nS:1\nI:622592\nL:MIT\no:musl\nD:so:libc.musl\np:so:libc=1\nF:lib\nR:libc.so\na:0:0:755\nZ:Q1x=\n\n";
    let os = "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME='Debian 12'\nID_LIKE=\"a b\"\nVERSION_CODENAME=bookworm\nSUPPORT_END=2026-06-10\n";
    let wheel = "Metadata-Version: 2.1\nName: requests\nVersion: 2.32.3\nLicense: Apache-2.0\nRequires-Dist: idna <4,>=2.5 ; extra == 'x'\n\nbody\n";
    let npm = r#"{"name":"@a/b","version":"1.2.3","license":"MIT","dependencies":{"c":"^1"}}"#;
    let gem = "# -*- encoding: utf-8 -*-\nGem::Specification.new do |s|\n  s.name = \"rake\".freeze\n  s.version = \"13.2.1\"\n  s.licenses = [\"MIT\".freeze]\nend\n";
    let composer =
        r#"{"packages":[{"name":"a/b","version":"v1.0.0","license":["MIT"],"require":{"php":">=8"}}],"dev":false}"#;
    let mut sqlite = b"SQLite format 3\0\x02\x00\x01\x01\x00\x40\x20\x20\x00\x00\x00\x01\x00\x00\x00\x02".to_vec();
    sqlite.resize(100, 0);
    sqlite.extend_from_slice(&[13, 0, 0, 0, 1, 1, 180, 0, 1, 180]);
    sqlite.resize(436, 0);
    sqlite.extend_from_slice(b"\x48\x01\x06\x17\x1d\x1d\x01\x6etablePackagesPackages\x02CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY, blob BLOB)");
    sqlite.resize(1024, 0);
    let mut ndb = b"RpmP\0\0\0\0\x01\0\0\0\x02\0\0\0".to_vec();
    ndb.resize(32, 0);
    ndb.extend_from_slice(b"Slot\x01\0\0\0\x10\0\0\0\x04\0\0\0");
    ndb.resize(4096, 0);
    ndb.extend_from_slice(b"BlbS\x01\0\0\0\x01\0\0\0\x20\0\0\0");
    ndb.extend_from_slice(&rpm_header());
    ndb.resize(8192, 0);
    let mut bdb = vec![0_u8; 4096];
    bdb[12..16].copy_from_slice(&0x0006_1561_u32.to_le_bytes());
    bdb[16..20].copy_from_slice(&9_u32.to_le_bytes());
    bdb[20..24].copy_from_slice(&512_u32.to_le_bytes());
    bdb[25] = 8;
    vec![
        ("/etc/os-release", os.into()),
        ("/usr/lib/os-release", os.into()),
        ("/etc/redhat-release", "Rocky Linux release 9.4 (Blue Onyx)\n".into()),
        ("/var/lib/dpkg/status", dpkg.into()),
        ("/var/lib/dpkg/status.d/libc6", dpkg.into()),
        ("/var/lib/dpkg/status.d/libc6.md5sums", "0123456789abcdef0123456789abcdef  lib/a\n".into()),
        ("/var/lib/dpkg/info/libc6:amd64.list", "/.\n/lib\n/lib/libc.so.6\n".into()),
        ("/var/lib/apt/extended_states", "Package: libc6\nArchitecture: amd64\nAuto-Installed: 1\n\n".into()),
        ("/usr/share/doc/libc6/copyright", "Format: x\n\nFiles: *\nLicense: GPL-2+\n a\n".into()),
        ("/lib/apk/db/installed", apk.into()),
        ("/etc/apk/world", "musl nginx>1.2 !curl\n".into()),
        ("/var/lib/rpm/rpmdb.sqlite", sqlite.clone()),
        ("/var/lib/rpm/rpmdb.sqlite-wal", sqlite),
        ("/var/lib/rpm/Packages.db", ndb),
        ("/var/lib/rpm/Packages", bdb),
        ("/usr/lib/python3/site-packages/requests-2.32.3.dist-info/METADATA", wheel.into()),
        (
            "/usr/lib/python3/site-packages/requests-2.32.3.dist-info/RECORD",
            "requests/__init__.py,sha256=x,10\n\"a,b\",,\n".into(),
        ),
        ("/usr/lib/python3/site-packages/requests-2.32.3.dist-info/REQUESTED", Vec::new()),
        ("/usr/lib/python3/site-packages/old.egg-info/PKG-INFO", wheel.into()),
        ("/app/node_modules/@a/b/package.json", npm.into()),
        ("/usr/lib/ruby/gems/3.2.0/specifications/rake-13.2.1.gemspec", gem.into()),
        ("/app/lib/app.jar", jar()),
        ("/app/vendor/composer/installed.json", composer.into()),
        ("/usr/local/bin/tool", elf()),
    ]
}

/// An rpm header with a name and a version.
fn rpm_header() -> Vec<u8> {
    let data = b"bash\x005.2\x00";
    let mut out = 2_u32.to_be_bytes().to_vec();
    out.extend_from_slice(&u32::try_from(data.len()).unwrap().to_be_bytes());
    for (tag, offset) in [(1000_u32, 0_u32), (1001, 5)] {
        for number in [tag, 6, offset, 1] {
            out.extend_from_slice(&number.to_be_bytes());
        }
    }
    out.extend_from_slice(data);
    out
}

/// A zip file with one stored member.
fn jar() -> Vec<u8> {
    let name = b"META-INF/maven/g/a/pom.properties";
    let body = b"groupId=g\nartifactId=a\nversion=1.0\n";
    let size = u32::try_from(body.len()).unwrap().to_le_bytes();
    let name_size = u16::try_from(name.len()).unwrap().to_le_bytes();
    let mut common = [0_u8; 26];
    common[0] = 20;
    common[14..18].copy_from_slice(&size);
    common[18..22].copy_from_slice(&size);
    common[22..24].copy_from_slice(&name_size);
    let mut out = [b"PK\x03\x04".as_slice(), &common, name, body].concat();
    let directory = u32::try_from(out.len()).unwrap();
    out.extend([b"PK\x01\x02\x14\x00".as_slice(), &common, &[0; 14], name].concat());
    let length = u32::try_from(out.len()).unwrap() - directory;
    out.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    out.extend([length.to_le_bytes().as_slice(), &directory.to_le_bytes(), &[0; 2]].concat());
    out
}

/// A 64-bit ELF file with one section, which holds what Go writes of a build.
fn elf() -> Vec<u8> {
    let mut out = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
    out.resize(40, 0);
    out[40 - 8..40].copy_from_slice(&0_u64.to_le_bytes());
    out.extend_from_slice(&64_u64.to_le_bytes());
    out.extend_from_slice(b"\0\0\0\0\x40\0\x38\0\0\0\x40\0\x03\0\x02\0");
    out.resize(64 + 3 * 64, 0);
    let names = b"\0.go.buildinfo\0.shstrtab\0";
    let info = b"\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x08go1.24.1\x400123456789abcdefpath\tx\nmod\tx\tv1.0.0\th1:\ndep\ty\tv2.0.0\th1:\n0123456789abcdef";
    for (section, name, bytes) in [(1_usize, 1_u32, info.as_slice()), (2, 15, names.as_slice())] {
        let (offset, at) = (out.len() as u64, 64 + section * 64);
        out[at..at + 4].copy_from_slice(&name.to_le_bytes());
        out[at + 4] = if section == 2 { 3 } else { 1 };
        out[at + 24..at + 32].copy_from_slice(&offset.to_le_bytes());
        out[at + 32..at + 40].copy_from_slice(&(bytes.len() as u64).to_le_bytes());
        out.extend_from_slice(bytes);
    }
    out
}

const WORDS: &[&str] = &[
    "\n",
    "\n\n",
    "Package: ",
    "Version: ",
    "Status: install ok installed\n",
    " ",
    ":",
    "Depends: a | b, c (>= 1)",
    "P:",
    "V:",
    "F:",
    "R:",
    "\"",
    "{",
    "}",
    "[",
    "]",
    ",",
    "\\",
    "\0",
    "../",
    "é",
    "\u{feff}",
    "PK\x03\x04",
    "PK\x01\x02",
    "PK\x05\x06",
    "SQLite format 3\0",
    "BlbS",
    "name = ",
    "%q<",
    "\r",
];

/// How much a part holds. It is no stored form, so it is counted by hand.
fn weight(part: &Part) -> usize {
    let packages: usize = part.packages.iter().map(|package| format!("{package:?}").len()).sum();
    let owned: usize = part.owned.iter().map(|owned| owned.paths.iter().map(String::len).sum::<usize>()).sum();
    packages + owned + part.problems.iter().map(String::len).sum::<usize>()
}

#[test]
fn package_databases() {
    let files = files();
    let seeds: Vec<Vec<u8>> = files.iter().map(|(_, bytes)| bytes.clone()).collect();
    check!().with_iterations(1500).with_type::<Recipe>().for_each(|recipe| {
        let bytes = recipe.make(&seeds, WORDS, BINARY);
        // Most often under the path that it was made for.
        let own = usize::from(recipe.seed()) % files.len();
        let index = if recipe.variant % 8 == 0 { usize::from(recipe.variant / 8) % files.len() } else { own };
        let path = files[index].0;
        let head = &bytes[..bytes.len().min(512)];
        let want = wants(path, bytes.len() as u64, true, head);
        assert_eq!(want, wants(path, bytes.len() as u64, true, head));
        if want == Want::No {
            return;
        }
        let (once, twice) = (read(path, &bytes), read(path, &bytes));
        assert_eq!(once, twice);
        if let Ok(part) = &once {
            let (weight, limit) = (weight(part), FREE + GROWTH * bytes.len());
            assert!(weight <= limit, "{path}: {} bytes became {weight} (bound {limit})", bytes.len());
        }
        let place = |layer: usize| Place {
            layer,
            diff_id: format!("sha256:{layer}"),
            path: path.to_owned(),
            visible: layer == 1,
        };
        let parts = |first: Result<Part, PackageError>, second| vec![(place(0), first), (place(1), second)];
        let inventory = assemble(parts(once.clone(), twice.clone()));
        assert_eq!(inventory, assemble(parts(once, twice)));
        bounded("inventory", &inventory, 2 * bytes.len());
    });
}
