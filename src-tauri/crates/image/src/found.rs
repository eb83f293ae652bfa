//! What looking into the files gave, put in its place once the tree is merged: packages and what they own, secrets,
//! duplicates, files that were not looked into.

use std::collections::HashMap;

use plimsoll_packages::{Inventory, Package, PackageError, Part, Place, assemble};

use crate::facts::{Duplicate, PlacedSecret, SecretPlace, Unread};
use crate::inspect::Inspection;
use crate::names;
use crate::plan::layer_name;
use crate::problems::{Problems, capital};
use crate::tree::{Entry, Tree};

/// Groups of duplicates that are listed.
const DUPLICATES: usize = 50;

/// Paths of one group of duplicates that are listed.
const COPIES: usize = 1000;

/// What the files of all layers gave.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    pub inventory: Inventory,
    pub secrets: Vec<PlacedSecret>,
    pub unread: Vec<Unread>,
    pub duplicates: Vec<Duplicate>,
}

/// Puts the layers' findings, lowest first, in their places in `tree`, whose entries learn their packages.
pub(crate) fn place(
    tree: &mut Tree,
    inspections: Vec<Inspection>,
    link_depth: usize,
    problems: &mut Problems,
) -> Findings {
    let mut findings = Findings { duplicates: duplicates(tree, &inspections), ..Findings::default() };
    let count = inspections.len();
    let mut parts: Vec<(Place, Result<Part, PackageError>)> = Vec::new();
    let mut secrets = Vec::with_capacity(count);
    for (number, (inspection, layer)) in inspections.into_iter().zip(tree.layers()).enumerate() {
        let entry = |index: u32| layer.entries.get(index as usize);
        for (index, part) in inspection.parts {
            let Some(entry) = entry(index) else { continue };
            let place = Place {
                layer: number,
                diff_id: layer.diff_id.clone(),
                path: entry.path.as_ref().to_owned(),
                visible: entry.hidden.is_none(),
            };
            parts.push((place, part));
        }
        for skipped in inspection.skipped {
            let Some(entry) = entry(skipped.index) else { continue };
            findings.unread.push(Unread {
                layer: layer.diff_id.clone(),
                path: entry.path.as_ref().to_owned(),
                size: entry.size,
                purpose: skipped.purpose.to_owned(),
                reason: skipped.reason,
            });
        }
        let what = capital(&layer_name(number, count));
        // Where a bound cut a list short, what it left out was not looked at: checks must see that as well.
        let mut beyond = |purpose: &str, reason: String| {
            let (layer, path) = (layer.diff_id.clone(), "/".to_owned());
            findings.unread.push(Unread { layer, path, size: 0, purpose: purpose.to_owned(), reason });
        };
        if inspection.skipped_more > 0 {
            for purpose in ["secrets", "packages"] {
                beyond(purpose, format!("{} more of its files are too large or sparse", inspection.skipped_more));
            }
        }
        if inspection.secrets_more > 0 {
            beyond("secrets", format!("{} more findings are not listed, there are too many", inspection.secrets_more));
        }
        if inspection.skipped_more > 0 {
            problems.say(format!("{what}: {} more files were not looked into.", inspection.skipped_more));
        }
        if inspection.secrets_more > 0 {
            let more = inspection.secrets_more;
            problems.say(format!("{what}: {more} more secrets are not listed, as there are too many in the image."));
        }
        secrets.push(inspection.secrets);
    }
    findings.inventory = assemble(parts);
    own(tree, &findings.inventory, link_depth);
    name_owners(tree, &mut findings.inventory);
    for (layer, secrets) in tree.layers().iter().zip(secrets) {
        for (index, of) in secrets {
            let Some(entry) = layer.entries.get(index as usize) else { continue };
            let place = placed(tree, &layer.diff_id, entry, &findings.inventory);
            findings.secrets.extend(of.into_iter().map(|finding| PlacedSecret { place: place.clone(), finding }));
        }
    }
    findings
}

fn placed(tree: &Tree, diff_id: &str, entry: &Entry, inventory: &Inventory) -> SecretPlace {
    let layer = |number: u32| tree.layers().get(number as usize).map(|layer| layer.diff_id.clone());
    let package = entry.package.and_then(|package| inventory.packages.get(package as usize));
    SecretPlace::File {
        layer: diff_id.to_owned(),
        path: entry.path.as_ref().to_owned(),
        size: entry.size,
        hidden_by: entry.hidden.and_then(|hidden| layer(hidden.by)),
        package: package.map(|package| package.name.clone()),
    }
}

/// Tells every entry its package. A database may name `/bin/sh` where the tree has `/bin` as a link to `/usr/bin`.
fn own(tree: &mut Tree, inventory: &Inventory, link_depth: usize) {
    if inventory.owners.is_empty() {
        return;
    }
    let mut directories: HashMap<&str, Option<String>> = HashMap::new();
    let mut owners: HashMap<String, u32> = HashMap::with_capacity(inventory.owners.len());
    for (path, package) in &inventory.owners {
        let Some((dir, name)) = names::split(path) else { continue };
        let real =
            directories.entry(dir).or_insert_with(|| tree.real(dir, link_depth).filter(|real| real.as_str() != dir));
        let real = real.as_deref().map(|real| names::join(real, name));
        // The first one stays: the database's order is the only one there is.
        owners.entry(path.clone()).or_insert(*package);
        if let Some(real) = real {
            owners.entry(real).or_insert(*package);
        }
    }
    tree.set_packages(|path| owners.get(path).copied());
}

/// Names the distribution's package that owns a language's package where only the tree knows it: the database names the
/// file by a directory that is a link.
fn name_owners(tree: &Tree, inventory: &mut Inventory) {
    let owner = |package: &Package| {
        if package.ecosystem.is_distribution() || package.owner.is_some() {
            return None;
        }
        let owner = tree.get(package.file())?.entry.package?;
        let owner = inventory.packages.get(owner as usize)?;
        owner.ecosystem.is_distribution().then(|| owner.name.clone())
    };
    let found: Vec<Option<String>> = inventory.packages.iter().map(owner).collect();
    for (package, owner) in inventory.packages.iter_mut().zip(found) {
        if owner.is_some() {
            package.owner = owner;
        }
    }
}

/// The place of a file's content, by layer and entry, and one of its names.
type Name<'a> = ((u32, u32), &'a str);

/// Files of the merged tree with the same content, the groups that cost most.
fn duplicates(tree: &Tree, inspections: &[Inspection]) -> Vec<Duplicate> {
    // Names of one file are no copies of each other: the place of the content tells them apart.
    let mut groups: HashMap<([u8; 32], u64), Vec<Name<'_>>> = HashMap::new();
    for (found, at) in tree.contents() {
        let Some(inspection) = inspections.get(found.layer) else { continue };
        let Ok(position) = inspection.digests.binary_search_by_key(&at.1, |(index, _)| *index) else { continue };
        let Some((_, digest)) = inspection.digests.get(position) else { continue };
        groups.entry((*digest, found.content.size)).or_default().push((at, &found.entry.path));
    }
    let mut groups: Vec<(u64, Duplicate)> = groups
        .into_iter()
        .filter_map(|((digest, size), names)| {
            let mut files: Vec<(u32, u32)> = names.iter().map(|(file, _)| *file).collect();
            files.sort_unstable();
            files.dedup();
            let spare = files.len().checked_sub(1).filter(|&spare| spare > 0)? as u64;
            let paths = names.iter().take(COPIES).map(|(_, path)| (*path).to_owned()).collect();
            Some((size.saturating_mul(spare), Duplicate { sha256: hex::encode(digest), size, paths }))
        })
        .collect();
    groups.sort_unstable_by(|(a, x), (b, y)| b.cmp(a).then_with(|| x.sha256.cmp(&y.sha256)));
    groups.truncate(DUPLICATES);
    groups.into_iter().map(|(_, group)| group).collect()
}

#[cfg(test)]
mod tests {
    use plimsoll_packages::Ecosystem;
    use plimsoll_secrets::{Certainty, Finding};

    use super::*;
    use crate::facts::Kind;
    use crate::inspect::Skipped;
    use crate::tree::TreeLayer;

    fn entry(path: &str, kind: Kind, size: u64) -> Entry {
        Entry {
            path: path.into(),
            kind,
            size,
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 0,
            link: None,
            target: None,
            capabilities: None,
            magic: None,
            package: None,
            hidden: None,
        }
    }

    fn link(path: &str, kind: Kind, to: &str) -> Entry {
        Entry { link: Some(to.into()), ..entry(path, kind, 0) }
    }

    fn layer(diff_id: &str, entries: Vec<Entry>, whiteouts: &[&str]) -> TreeLayer {
        let whiteouts = whiteouts.iter().map(|&path| path.into()).collect();
        TreeLayer { diff_id: diff_id.to_owned(), entries, whiteouts, opaque: Vec::new() }
    }

    fn finding() -> Finding {
        Finding {
            kind: "private-key".to_owned(),
            title: String::new(),
            name: None,
            line: 1,
            length: 10,
            shown: String::new(),
            sha256: None,
            certainty: Certainty::Proven,
            harmless: None,
            detail: None,
        }
    }

    #[test]
    fn secrets_of_every_layer_say_what_hides_them() {
        let mut tree = Tree::from_layers(vec![
            layer("one", vec![entry("/key", Kind::File, 9), entry("/stays", Kind::File, 9)], &[]),
            layer("two", vec![], &["/key"]),
        ]);
        let inspection = Inspection {
            secrets: vec![(0, vec![finding(), finding()]), (1, vec![finding()])],
            skipped: vec![Skipped { index: 1, purpose: "packages", reason: "it is sparse".to_owned() }],
            skipped_more: 2,
            secrets_more: 3,
            ..Inspection::default()
        };
        let mut problems = Problems::default();
        let found = place(&mut tree, vec![inspection, Inspection::default()], 16, &mut problems);
        let shown: Vec<_> = found
            .secrets
            .iter()
            .map(|secret| match &secret.place {
                SecretPlace::File { layer, path, size, hidden_by, package } => {
                    (layer.as_str(), path.as_str(), *size, hidden_by.as_deref(), package.as_deref())
                }
                _ => panic!("{secret:?}"),
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("one", "/key", 9, Some("two"), None),
                ("one", "/key", 9, Some("two"), None),
                ("one", "/stays", 9, None, None)
            ]
        );
        let unread: Vec<_> = found.unread.iter().map(|u| (u.path.as_str(), u.purpose.as_str())).collect();
        assert_eq!(unread, [("/stays", "packages"), ("/", "secrets"), ("/", "packages"), ("/", "secrets")]);
        let problems = problems.into_sentences();
        assert!(problems[0].contains("2 more files") && problems[1].contains("3 more secrets"), "{problems:?}");
    }

    #[test]
    fn owners_are_found_through_linked_directories() {
        let mut tree = Tree::from_layers(vec![
            layer(
                "one",
                vec![
                    entry("/usr", Kind::Directory, 0),
                    link("/bin", Kind::Symlink, "usr/bin"),
                    entry("/usr/bin/sh", Kind::File, 1),
                    entry("/usr/bin/own", Kind::File, 1),
                ],
                &[],
            ),
            layer("two", vec![entry("/usr/bin/sh", Kind::File, 2)], &[]),
        ]);
        let package = |name: &str| Package::new(Ecosystem::Deb, name.to_owned(), String::new());
        let mut python = Package::new(Ecosystem::Pypi, "own".to_owned(), "1".to_owned());
        python.location = "/usr/bin/sh".to_owned();
        let mut inventory = Inventory {
            packages: vec![package("dash"), package("usrmerge"), python],
            owners: vec![
                ("/bin/sh".to_owned(), 0),
                ("/bin".to_owned(), 1),
                ("/usr/bin/sh".to_owned(), 1),
                ("/gone/x".to_owned(), 1),
            ],
            ..Inventory::default()
        };
        own(&mut tree, &inventory, 16);
        let packages: Vec<_> = tree.layers()[0].entries.iter().map(|entry| entry.package).collect();
        assert_eq!(packages, [None, Some(1), Some(0), None]);
        name_owners(&tree, &mut inventory);
        assert_eq!(inventory.packages[2].owner.as_deref(), Some("dash"));
        assert_eq!(tree.layers()[1].entries[0].package, Some(0));
        let place = placed(&tree, "two", &tree.layers()[1].entries[0], &inventory);
        assert!(matches!(place, SecretPlace::File { package: Some(name), .. } if name == "dash"));
    }

    #[test]
    fn duplicates_are_visible_files_that_are_no_names_of_each_other() {
        let mut tree = Tree::from_layers(vec![
            layer(
                "one",
                vec![
                    entry("/a", Kind::File, 5000),
                    link("/b", Kind::HardLink, "/a"),
                    entry("/c", Kind::File, 5000),
                    entry("/d", Kind::File, 9000),
                    entry("/e", Kind::File, 9000),
                ],
                &[],
            ),
            layer("two", vec![entry("/c2", Kind::File, 5000)], &["/e"]),
        ]);
        let digest = |byte: u8| [byte; 32];
        let one = vec![(0, digest(1)), (2, digest(1)), (3, digest(2)), (4, digest(2))];
        let inspections = vec![
            Inspection { digests: one, ..Inspection::default() },
            Inspection { digests: vec![(0, digest(1))], ..Inspection::default() },
        ];
        let found = place(&mut tree, inspections, 16, &mut Problems::default());
        assert_eq!(found.duplicates.len(), 1);
        let group = &found.duplicates[0];
        assert_eq!((group.size, group.sha256.as_str()), (5000, "01".repeat(32).as_str()));
        assert_eq!(group.paths, ["/a", "/b", "/c", "/c2"]);
    }
}
