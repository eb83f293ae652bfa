//! Who owns what: which package owns a path, and which distribution's package owns the files of a language's package.

use std::collections::HashMap;

use crate::assemble::{Key, directory, key};
use crate::kind::Kind;
use crate::model::{Ecosystem, Inventory, Package};

/// Which package owns which path.
pub(crate) fn of_paths(packages: &[Package], owned: Vec<(Kind, String, crate::model::Owned)>) -> Vec<(String, u32)> {
    // What a database tells with a version is looked up as it is. Elsewhere the name does, with the architecture or
    // without; Python's packages go by their directory, for the same package may be there several times.
    let mut exact: HashMap<(Ecosystem, Key<'_>), usize> = HashMap::new();
    let mut loose: HashMap<(Ecosystem, &str, Option<&str>), usize> = HashMap::new();
    for (at, package) in packages.iter().enumerate() {
        let scope = match package.ecosystem {
            Ecosystem::Deb | Ecosystem::Rpm | Ecosystem::Apk => &package.name,
            _ => directory(&package.location),
        };
        exact.entry((package.ecosystem, key(package))).or_insert(at);
        loose.entry((package.ecosystem, scope, None)).or_insert(at);
        loose.entry((package.ecosystem, scope, package.architecture.as_deref())).or_insert(at);
    }
    let mut owners = Vec::new();
    for (kind, path, owned) in owned {
        let (ecosystem, scope) = match kind {
            Kind::DpkgList | Kind::DpkgMd5sums => (Ecosystem::Deb, owned.package.as_str()),
            Kind::ApkInstalled => (Ecosystem::Apk, owned.package.as_str()),
            Kind::RpmSqlite | Kind::RpmNdb | Kind::RpmBdb => (Ecosystem::Rpm, owned.package.as_str()),
            _ => (Ecosystem::Pypi, directory(&path)),
        };
        let architecture = owned.architecture.as_deref();
        let found = match &owned.version {
            Some(version) => exact.get(&(ecosystem, (scope, version, architecture))),
            None => loose.get(&(ecosystem, scope, architecture)),
        };
        if let Some(number) = found.and_then(|&at| u32::try_from(at).ok()) {
            owners.extend(owned.paths.into_iter().map(|path| (path, number)));
        }
    }
    owners.sort_unstable();
    owners.dedup();
    owners
}

/// Names in each package of a programming language, or of a program found by its files, the distribution's package
/// whose files it is made of: then the distribution's data speak for it.
pub(crate) fn of_packages(inventory: &mut Inventory) {
    if inventory.owners.is_empty() {
        return;
    }
    let mut wanted: HashMap<&str, Option<u32>> = HashMap::new();
    for package in inventory.packages.iter().filter(|package| !package.ecosystem.is_distribution()) {
        wanted.extend(places(package).map(|path| (path, None)));
    }
    for (path, at) in &inventory.owners {
        if let Some(owner) = wanted.get_mut(unmerged(path))
            && owner.is_none()
            && inventory.packages.get(*at as usize).is_some_and(|package| package.ecosystem.is_distribution())
        {
            *owner = Some(*at);
        }
    }
    let found: Vec<Option<String>> = inventory
        .packages
        .iter()
        .map(|package| {
            if package.ecosystem.is_distribution() {
                return None;
            }
            let at = places(package).find_map(|path| wanted.get(path).copied().flatten())?;
            inventory.packages.get(at as usize).map(|owner| owner.name.clone())
        })
        .collect();
    for (package, owner) in inventory.packages.iter_mut().zip(found) {
        package.owner = owner;
    }
}

/// The paths whose owner is the package's: its file, and its directory of metadata, which databases may list alone.
fn places(package: &Package) -> impl Iterator<Item = &str> {
    let file = package.file();
    let parent = directory(file);
    let is_metadata = [".dist-info", ".egg-info", "/EGG-INFO"].iter().any(|end| parent.ends_with(end));
    [Some(file), is_metadata.then_some(parent)].into_iter().flatten().map(unmerged)
}

/// A path as it was before `/bin`, `/sbin` and `/lib*` became links into `/usr`: databases keep either.
fn unmerged(path: &str) -> &str {
    const MOVED: [&str; 6] = ["/bin/", "/sbin/", "/lib/", "/lib32/", "/lib64/", "/libx32/"];
    match path.strip_prefix("/usr") {
        Some(rest) if MOVED.iter().any(|moved| rest.starts_with(moved)) => rest,
        _ => path,
    }
}
