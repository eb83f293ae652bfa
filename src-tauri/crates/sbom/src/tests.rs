//! Tests of the whole crate: what is written holds to the formats' rules, what others write is read, and what is read
//! back is what was written.

mod others;
mod round;
mod written;

use plimsoll_packages::{Ecosystem, Inventory, OsRelease, Package};

use crate::Described;

pub(super) const DIGEST: &str = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

/// A package with its URL, as the collector writes it.
pub(super) fn package(ecosystem: Ecosystem, name: &str, version: &str, purl: &str) -> Package {
    let mut package = Package::new(ecosystem, name.to_owned(), version.to_owned());
    purl.clone_into(&mut package.purl);
    package.location = format!("/db/{name}");
    package.layer = DIGEST.to_owned();
    package
}

pub(super) fn inventory() -> Inventory {
    let mut ssl = package(
        Ecosystem::Deb,
        "libssl3",
        "3.0.11-1+b1",
        "pkg:deb/debian/libssl3@3.0.11-1%2Bb1?arch=amd64&distro=debian-12&upstream=openssl%403.0.11-1",
    );
    ssl.architecture = Some("amd64".to_owned());
    ssl.source_name = Some("openssl".to_owned());
    ssl.source_version = Some("3.0.11-1".to_owned());
    ssl.depends = vec!["libc6".to_owned(), "gone".to_owned()];
    ssl.licence = Some("Apache-2.0".to_owned());
    ssl.vendor = Some("Team <team@example.org>".to_owned());
    let mut libc =
        package(Ecosystem::Deb, "libc6", "2.36-9", "pkg:deb/debian/libc6@2.36-9?arch=amd64&distro=debian-12");
    libc.architecture = Some("amd64".to_owned());
    libc.licence = Some("GPL and “others”".to_owned());
    let mut jar = package(Ecosystem::Maven, "lonely", "1", "pkg:generic/lonely@1");
    jar.owner = Some("lonely-java".to_owned());
    jar.licence = Some("MIT or Zlib".to_owned());
    let mut packages = vec![
        libc,
        ssl,
        package(Ecosystem::Npm, "@Scope/Name", "1.0", "pkg:npm/%40scope/name@1.0"),
        jar.clone(),
        package(Ecosystem::Golang, "github.com/A/b", "(devel)", "pkg:golang/github.com/a/b"),
        package(Ecosystem::Generic, "node", "20.1.4", "pkg:generic/node@20.1.4"),
    ];
    jar.location = "/elsewhere".to_owned();
    packages.insert(3, jar);
    Inventory {
        os: Some(OsRelease {
            id: "debian".to_owned(),
            version_id: Some("12".to_owned()),
            codename: Some("bookworm".to_owned()),
            pretty_name: Some("Debian 12".to_owned()),
            ..OsRelease::default()
        }),
        packages,
        problems: vec!["Something\nis odd.".to_owned()],
        ..Inventory::default()
    }
}

pub(super) fn described(inventory: &Inventory) -> Described<'_> {
    Described {
        name: "docker.io/library/app:1",
        digest: Some(DIGEST),
        platform: Some("linux/amd64"),
        created: "2026-11-02T10:00:00+02:00",
        version: "0.1.0",
        author: "Ann Other <ann@example.org>",
        inventory: Some(inventory),
        flaws: Vec::new(),
    }
}
