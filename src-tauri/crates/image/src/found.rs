//! What looking into the files gave, put in its place once the tree is merged: packages and what they own, secrets,
//! duplicates, files that were not looked into.

use std::collections::HashMap;
use std::sync::Arc;

use plimsoll_packages::{Inventory, PackageError, Part, Place, assemble};

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
    let mut directories: HashMap<&str, Option<Arc<str>>> = HashMap::new();
    let mut owners: HashMap<String, u32> = HashMap::with_capacity(inventory.owners.len());
    for (path, package) in &inventory.owners {
        let Some((dir, name)) = names::split(path) else { continue };
        let real = directories.entry(dir).or_insert_with(|| {
            tree.resolve(dir, link_depth).map(|found| found.entry.path.clone()).filter(|real| real.as_ref() != dir)
        });
        let real = real.as_deref().map(|real| names::join(real, name));
        // The first one stays: the database's order is the only one there is.
        owners.entry(path.clone()).or_insert(*package);
        if let Some(real) = real {
            owners.entry(real).or_insert(*package);
        }
    }
    tree.set_packages(|path| owners.get(path).copied());
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
