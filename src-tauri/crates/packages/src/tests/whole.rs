//! Parts of several layers, put together.

use crate::model::{Inventory, Place};
use crate::{Ecosystem, PackageError, assemble, read};

/// Files as layer, path, whether visible, and content.
fn inventory(files: &[(usize, &str, bool, &[u8])]) -> Inventory {
    let place = |layer: usize, path: &str, visible| Place {
        layer,
        diff_id: format!("sha256:{layer}"),
        path: path.to_owned(),
        visible,
    };
    assemble(
        files.iter().map(|&(layer, path, visible, bytes)| (place(layer, path, visible), read(path, bytes))).collect(),
    )
}

fn entry(name: &str, version: &str) -> String {
    format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
}

const STATUS: &str = "/var/lib/dpkg/status";

#[test]
fn a_package_is_of_the_layer_from_which_on_it_is_there() {
    let bottom = [entry("kept", "1"), entry("raised", "1"), entry("gone", "1"), entry("back", "1")].concat();
    let middle = [entry("kept", "1"), entry("raised", "2"), entry("new", "1")].concat();
    let top = [entry("kept", "1"), entry("raised", "2"), entry("new", "1"), entry("back", "1")].concat();
    let found = inventory(&[
        (0, STATUS, false, bottom.as_bytes()),
        (2, STATUS, false, middle.as_bytes()),
        (5, STATUS, true, top.as_bytes()),
        (1, "/etc/os-release", true, b"ID=debian\nVERSION_ID=12\n"),
    ]);
    let layers: Vec<(&str, &str)> =
        found.packages.iter().map(|package| (package.name.as_str(), package.layer.as_str())).collect();
    assert_eq!(layers, [("back", "sha256:5"), ("kept", "sha256:0"), ("new", "sha256:2"), ("raised", "sha256:2")]);
    assert_eq!(found.packages[1].purl, "pkg:deb/debian/kept@1?arch=amd64&distro=debian-12");
    assert_eq!(found.sources.len(), 2);
    assert_eq!(found.sources[1].packages, 4);
    assert_eq!(found.sources[1].layer, "sha256:5");
}

#[test]
fn a_copy_that_cannot_be_read_is_a_gap_and_a_broken_database_is_told() {
    let good = entry("a", "1");
    let found = inventory(&[
        (0, STATUS, false, good.as_bytes()),
        (1, STATUS, false, b"\x00broken"),
        (2, STATUS, true, good.as_bytes()),
    ]);
    assert_eq!(found.packages[0].layer, "sha256:2");
    assert!(found.sources.iter().all(|source| source.error.is_none()), "what is hidden is of no interest");
    let found = inventory(&[(0, STATUS, false, good.as_bytes()), (1, STATUS, true, b"\x00broken")]);
    assert!(found.packages.is_empty());
    assert!(found.sources[0].error.as_deref().is_some_and(|error| error.contains("dpkg")));
}

#[test]
fn a_file_too_large_is_a_source_with_an_error() {
    let place = Place { layer: 0, diff_id: "d".into(), path: "/usr/bin/large".into(), visible: true };
    let found = assemble(vec![(place, Err(PackageError::TooMuch { limit: 1, unit: "bytes" }))]);
    assert_eq!(found.sources[0].kind, "binary");
    assert_eq!(found.sources[0].error.as_deref(), Some("it exceeds the bound of 1 bytes"));
}

#[test]
fn the_databases_of_rpm_stand_in_for_each_other() {
    let old = super::rpm::bdb(&super::rpm::three(), false);
    let new = super::rpm::sqlite(&super::rpm::three());
    let files = [
        (0, "/var/lib/rpm/Packages", false, old.as_slice()),
        (1, "/usr/lib/sysimage/rpm/rpmdb.sqlite", true, new.as_slice()),
    ];
    let found = inventory(&files);
    assert_eq!(found.packages.len(), 2);
    assert_eq!(found.packages[0].layer, "sha256:0");
    let mut beside = files;
    beside[0].2 = true;
    assert_eq!(inventory(&beside).packages.len(), 2, "the old one was left behind");
    let index = found.packages.iter().position(|package| package.name == "openssl").unwrap() as u32;
    assert_eq!(found.owners, [("/etc/cnf".to_owned(), index), ("/usr/bin/openssl".to_owned(), index)]);
}

#[test]
fn what_lies_beside_a_database_is_joined_to_it() {
    let status = [entry("a", "1"), entry("b", "1")].concat();
    let copyright =
        b"Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\nFiles: *\nLicense: MIT\n";
    let found = inventory(&[
        (0, STATUS, true, status.as_bytes()),
        (0, "/var/lib/dpkg/info/a.list", true, b"/.\n/usr\n/usr/a\n"),
        (0, "/var/lib/dpkg/info/b:amd64.list", true, b"/usr/b\n"),
        (0, "/var/lib/dpkg/info/b:i386.list", true, b"/usr/b32\n"),
        (0, "/var/lib/dpkg/info/gone.list", true, b"/usr/gone\n"),
        (1, "/var/lib/apt/extended_states", true, b"Package: b\nArchitecture: amd64\nAuto-Installed: 1\n"),
        (1, "/usr/share/doc/a/copyright", true, copyright),
    ]);
    assert_eq!(found.owners, [("/usr/a".to_owned(), 0), ("/usr/b".to_owned(), 1)]);
    assert_eq!(found.packages[0].requested, Some(true));
    assert_eq!(found.packages[1].requested, Some(false));
    assert_eq!(found.packages[0].licence.as_deref(), Some("MIT"));
    assert_eq!(found.sources.len(), 2, "lists and copyright files are no sources: {:?}", found.sources);
}

#[test]
fn apk_says_what_was_asked_for() {
    let installed = b"P:curl\nV:1\n\nP:gcc\nV:1\n\nP:lib\nV:1\n\nP:.build\nV:0\nD:gcc\n";
    let found = inventory(&[
        (0, "/lib/apk/db/installed", false, b"P:curl\nV:1\n"),
        (1, "/usr/lib/apk/db/installed", true, installed),
        (1, "/etc/apk/world", true, b"curl\n.build\n"),
        (0, "/usr/lib/os-release", true, b"ID=other\n"),
        (0, "/etc/os-release", true, b"ID=alpine\nVERSION_ID=3.20.3\n"),
    ]);
    let asked: Vec<_> = found.packages.iter().map(|package| (package.name.as_str(), package.requested)).collect();
    assert_eq!(asked, [(".build", Some(true)), ("curl", Some(true)), ("gcc", Some(true)), ("lib", Some(false))]);
    assert_eq!(found.packages[1].layer, "sha256:0", "the database moved, the package stayed");
    assert_eq!(found.packages[1].purl, "pkg:apk/alpine/curl@1?distro=alpine-3.20.3");
}

#[test]
fn files_of_languages_keep_their_layer_and_their_place() {
    let metadata = b"Name: foo\nVersion: 1\n";
    let found = inventory(&[
        (0, "/s/foo-1.dist-info/METADATA", false, metadata),
        (1, "/s/foo-1.dist-info/METADATA", true, metadata),
        (1, "/s/foo-1.dist-info/RECORD", true, b"foo.py,,\n"),
        (1, "/s/foo-1.dist-info/REQUESTED", true, b""),
        (1, "/t/foo-1.dist-info/METADATA", true, metadata),
    ]);
    assert_eq!(found.packages.len(), 2);
    let first = &found.packages[0];
    assert_eq!(first.ecosystem, Ecosystem::Pypi);
    assert_eq!((first.layer.as_str(), first.location.as_str()), ("sha256:1", "/s/foo-1.dist-info/METADATA"));
    assert_eq!((first.requested, found.packages[1].requested), (Some(true), None));
    assert_eq!(found.owners, [("/s/foo.py".to_owned(), 0)]);
}

#[test]
fn an_inventory_survives_being_recorded() {
    let found = inventory(&[(0, STATUS, true, entry("a", "1").as_bytes())]);
    let json = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Inventory>(&json).unwrap(), found);
    assert_eq!(serde_json::from_str::<Inventory>("{}").unwrap(), Inventory::default());
}

#[test]
fn files_of_languages_name_the_distributions_package_that_owns_them() {
    let status =
        [entry("python3-foo", "1"), entry("libx-java", "1"), entry("tool", "1"), entry("php-dev", "1")].concat();
    let found = inventory(&[
        (0, STATUS, true, status.as_bytes()),
        (0, "/var/lib/dpkg/info/python3-foo.list", true, b"/usr/lib/python3/dist-packages/foo-1.dist-info\n"),
        (0, "/var/lib/dpkg/info/tool.list", true, b"/bin/tool\n/lib/node_modules/t/package.json\n"),
        (0, "/var/lib/dpkg/info/libx-java.list", true, b"/usr/share/java/b-1.jar\n"),
        (0, "/var/lib/dpkg/info/php-dev.list", true, b"/usr/include/php/main/php_version.h\n"),
        (0, "/usr/include/php/main/php_version.h", true, b"#define PHP_VERSION \"8.2.1\"\n"),
        (0, "/usr/lib/python3/dist-packages/foo-1.dist-info/METADATA", true, b"Name: foo\nVersion: 1\n"),
        (1, "/usr/local/lib/python3/site-packages/foo-1.dist-info/METADATA", true, b"Name: foo\nVersion: 1\n"),
        (0, "/usr/lib/node_modules/t/package.json", true, br#"{"name":"t","version":"1"}"#),
        (0, "/usr/share/java/b-1.jar", true, &super::archives::jar()),
        (1, "/opt/jdk/release", true, b"JAVA_VERSION=\"17.0.9\"\n"),
    ]);
    let mut owners: Vec<(&str, &str, Option<&str>)> = found
        .packages
        .iter()
        .filter(|package| !package.ecosystem.is_distribution())
        .map(|package| (package.name.as_str(), package.file(), package.owner.as_deref()))
        .collect();
    let jars: Vec<_> = owners.iter().filter(|(_, file, _)| file.ends_with(".jar")).copied().collect();
    assert!(!jars.is_empty() && jars.iter().all(|(_, _, owner)| *owner == Some("libx-java")), "{jars:?}");
    owners.retain(|(_, file, _)| !file.ends_with(".jar"));
    assert_eq!(
        owners,
        [
            ("foo", "/usr/lib/python3/dist-packages/foo-1.dist-info/METADATA", Some("python3-foo")),
            ("foo", "/usr/local/lib/python3/site-packages/foo-1.dist-info/METADATA", None),
            ("t", "/usr/lib/node_modules/t/package.json", Some("tool")),
            ("java", "/opt/jdk/release", None),
            ("php", "/usr/include/php/main/php_version.h", Some("php-dev")),
        ]
    );
    assert_eq!(found.packages.last().map(|package| package.purl.as_str()), Some("pkg:generic/php@8.2.1"));
}

#[test]
fn what_was_recorded_before_there_were_owners_is_still_read() {
    let old = r#"{"packages":[{"ecosystem":"deb","name":"a","version":"1","architecture":null,"source_name":null,
        "source_version":null,"licence":null,"installed_size":null,"section":null,"essential":false,"depends":[],
        "requested":null,"purl":"pkg:deb/a@1","location":"/x","layer":"l"}]}"#;
    let read: Inventory = serde_json::from_str(old).unwrap();
    assert_eq!((read.packages[0].owner.as_deref(), read.packages[0].module.as_deref()), (None, None));
}
