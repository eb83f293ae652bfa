//! Which packages of an inventory can be evaluated at all, and why the others cannot.

use std::collections::HashMap;

use plimsoll_packages::{Inventory, Package};

use super::place::Places;
use super::{Known, builder};
use crate::ecosystem;
use crate::facts::Data;
use crate::versions;

/// What becomes of a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fate {
    /// Its versions are compared.
    Compared,
    /// Its version is none: only listed versions can match, and it is not evaluated, for the reason given.
    Listed(String),
    /// It is not looked at, for the reason given.
    Left(String),
    /// It is left to the distribution's package of that name, which owns it.
    Owned(String),
}

/// Says what becomes of each package.
pub(super) fn fates(inventory: &Inventory, places: &Places, known: &[Known]) -> Vec<Fate> {
    let data: HashMap<&str, Data> = known.iter().map(|one| (one.ecosystem.as_str(), one.data)).collect();
    let has_data = |ecosystem: &str| data.get(ecosystem).is_some_and(|data| *data != Data::None);
    let mut fates: Vec<Fate> = inventory
        .packages
        .iter()
        .zip(&places.of)
        .enumerate()
        .map(|(index, (package, place))| match (place, places.name(index)) {
            (Err(reason), _) => Fate::Left(reason.clone()),
            (Ok(_), Some(ecosystem)) if has_data(ecosystem) => of_package(ecosystem, package),
            (Ok(_), ecosystem) => {
                let ecosystem = ecosystem.unwrap_or_default();
                Fate::Left(format!("the advisory database has no data on {ecosystem}"))
            }
        })
        .collect();

    // A language's package is the distribution's business only where the distribution's data are applied to its owner.
    let mut is_compared: HashMap<&str, bool> = HashMap::new();
    for (package, fate) in inventory.packages.iter().zip(&fates) {
        if ecosystem::of_language(package.ecosystem).is_none() {
            *is_compared.entry(&package.name).or_default() |= *fate == Fate::Compared;
        }
    }
    let owned: Vec<(usize, String)> = inventory
        .packages
        .iter()
        .enumerate()
        .filter(|(_, package)| ecosystem::of_language(package.ecosystem).is_some())
        .filter_map(|(index, package)| Some((index, package.owner.as_deref()?)))
        .filter(|(_, owner)| is_compared.get(owner).copied().unwrap_or(false))
        .map(|(index, owner)| (index, owner.to_owned()))
        .collect();
    for (index, owner) in owned {
        if let Some(fate) = fates.get_mut(index) {
            *fate = Fate::Owned(owner);
        }
    }
    fates
}

fn of_package(ecosystem: &str, package: &Package) -> Fate {
    if ecosystem::is_distribution(ecosystem)
        && let Some(reason) = builder::foreign(ecosystem, package)
    {
        return Fate::Left(reason);
    }
    let Some(scheme) = ecosystem::scheme(ecosystem) else {
        // What its rows need of an order is said of each of them.
        return Fate::Compared;
    };
    let version = package.version.trim();
    if version.is_empty() {
        return Fate::Listed("it has no version".to_owned());
    }
    if !is_version(scheme, version) {
        return Fate::Listed(format!("its version {version} is no version"));
    }
    match package.source_version.as_deref() {
        Some(source) if ecosystem::is_distribution(ecosystem) && !is_version(scheme, source) => {
            Fate::Listed(format!("its source's version {source} is no version"))
        }
        _ => Fate::Compared,
    }
}

/// Whether a text is a version. rpm takes any word for one; a word without a number (`unknown`, `(devel)`) is none.
pub(super) fn is_version(scheme: versions::Scheme, text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_digit()) && versions::is_version(scheme, text)
}
