//! What is written and read back; and anything else, which ends without harm.

use plimsoll_packages::{Ecosystem, Inventory, OsRelease, Package, Part, Place, assemble};
use proptest::prelude::*;

use super::{described, inventory};
use crate::{cyclonedx, is_sbom, read, spdx};

type Key = (Ecosystem, String, String, String, [Option<String>; 5], String, String);

fn keys(inventory: &Inventory) -> Vec<Key> {
    let key = |package: &Package| {
        let Package { ecosystem, name, version, purl, location, layer, .. } = package.clone();
        let Package { source_name, source_version, architecture, module, owner, .. } = package.clone();
        (ecosystem, name, version, purl, [source_name, source_version, architecture, module, owner], location, layer)
    };
    let mut all: Vec<Key> = inventory.packages.iter().map(key).collect();
    all.sort();
    all
}

#[test]
fn what_is_written_is_read_back() {
    let inventory = inventory();
    for text in [cyclonedx(&described(&inventory)), spdx(&described(&inventory))] {
        let facts = read(text.as_bytes()).unwrap();
        assert_eq!(keys(&facts.inventory), keys(&inventory));
        assert_eq!(facts.subject.as_deref(), Some("docker.io/library/app:1"));
        assert_eq!(facts.digests, [super::DIGEST]);
        assert_eq!(facts.created.as_deref(), Some("2026-11-02T08:00:00Z"));
        assert_eq!(facts.inventory.problems, ["Something is odd."]);
        assert!(facts.left_out.is_empty(), "{:?}", facts.left_out);
        let os = facts.inventory.os.unwrap();
        assert_eq!((os.codename.as_deref(), os.pretty_name.as_deref()), (Some("bookworm"), Some("Debian 12")));
        let of = |name: &str| facts.inventory.packages.iter().find(|package| package.name == name).unwrap();
        assert_eq!(of("libssl3").vendor.as_deref(), Some("Team <team@example.org>"));
        assert_eq!(of("libssl3").depends, ["libc6"]);
        assert_eq!(of("libc6").licence.as_deref(), Some("GPL and “others”"));
    }
}

fn ecosystem() -> impl Strategy<Value = Ecosystem> {
    use Ecosystem::*;
    proptest::sample::select(vec![
        Deb, Apk, Rpm, Pypi, Npm, Gem, Maven, Golang, Cargo, Composer, Nuget, Bitnami, Generic,
    ])
}

/// A package as a collector could have read it: names and versions are of the form that the ecosystem has.
fn package() -> impl Strategy<Value = Package> {
    let text = "[a-z][a-zA-Z0-9é+._~ -]{0,8}[a-z0-9]";
    let option = |pattern: &'static str| proptest::option::of(pattern);
    (
        (
            ecosystem(),
            text,
            option("[a-z][a-zA-Z0-9.é]{0,8}"),
            "[0-9][0-9a-zA-Z.+~é!]{0,10}",
            option("[a-z][a-z0-9]{1,6}"),
        ),
        (option("[a-z][a-z0-9+-]{1,8}"), option("[0-9][0-9.+~]{0,6}-[0-9]{1,2}"), proptest::option::of(1u32..9)),
        ("/[a-z /é;:]{0,20}x", option("[a-z]{1,5}:[0-9]"), option("[a-z][a-z0-9.+-]{0,9}")),
    )
        .prop_map(|((ecosystem, name, group, version, architecture), (source, source_version, epoch), rest)| {
            let (location, module, owner) = rest;
            let (name, version) = match (ecosystem, group) {
                (Ecosystem::Npm | Ecosystem::Composer | Ecosystem::Golang, Some(group)) => {
                    (format!("{group}/{name}"), version)
                }
                (Ecosystem::Maven, Some(group)) => (format!("{group}:{name}"), version),
                (Ecosystem::Rpm | Ecosystem::Deb, _) => match epoch {
                    Some(epoch) => (name, format!("{epoch}:{version}-1")),
                    None => (name, format!("{version}-1")),
                },
                // Bitnami's are compared in lower case, and so they are written.
                _ => (name, version),
            };
            let mut package = Package::new(ecosystem, name, version.clone());
            package.architecture = architecture;
            if ecosystem.is_distribution()
                && let Some(source) = source
            {
                let bare = version.split_once(':').map_or(version.as_str(), |(_, rest)| rest);
                let own = if ecosystem == Ecosystem::Rpm { bare } else { &version };
                package.set_source(&source, source_version.as_deref(), own);
            }
            package.location = location;
            package.module = module;
            package.owner = owner.filter(|_| !ecosystem.is_distribution());
            package
        })
}

/// As the collector puts them together, which writes their URLs.
fn assembled(packages: Vec<Package>) -> Inventory {
    let place =
        |path: &str| Place { layer: 0, diff_id: super::DIGEST.to_owned(), path: path.to_owned(), visible: true };
    let os = OsRelease { id: "alpine".into(), version_id: Some("3.20.3".into()), ..OsRelease::default() };
    assemble(vec![
        (place("/etc/os-release"), Ok(Part { os: Some(os), ..Part::default() })),
        (place("/var/lib/dpkg/status"), Ok(Part { packages, ..Part::default() })),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn inventories_come_back_as_they_were(packages in proptest::collection::vec(package(), 0..12)) {
        let inventory = assembled(packages);
        let mut expected = keys(&inventory);
        expected.dedup();
        for text in [cyclonedx(&described(&inventory)), spdx(&described(&inventory))] {
            let facts = read(text.as_bytes()).unwrap();
            prop_assert_eq!(&keys(&facts.inventory), &expected);
            prop_assert!(facts.inventory.problems.is_empty(), "{:?}", facts.inventory.problems);
            prop_assert!(facts.left_out.is_empty(), "{:?}", facts.left_out);
        }
    }

    #[test]
    fn damaged_documents_end(
        which in any::<bool>(),
        changes in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..6),
        cut in proptest::option::of(any::<proptest::sample::Index>()),
    ) {
        let inventory = inventory();
        let of = described(&inventory);
        let mut bytes = if which { cyclonedx(&of) } else { spdx(&of) }.into_bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let _ = is_sbom(&bytes);
        let once = read(&bytes);
        prop_assert_eq!(&once, &read(&bytes));
        if let Ok(facts) = once {
            let again = cyclonedx(&described(&facts.inventory));
            prop_assert!(read(again.as_bytes()).is_ok());
        }
    }

    #[test]
    fn anything_ends(text in "[{\\[]?(\"(bomFormat|components|packages|purl|predicate)\"[:,] ?|[{}\\[\\],:\"0-9a-z]){0,40}") {
        let _ = is_sbom(text.as_bytes());
        let _ = read(text.as_bytes());
    }
}
