//! Which names are to be looked up for an inventory.

use plimsoll_packages::{Inventory, Package};

use super::Wanted;
use super::place::places;
use crate::ecosystem;

/// Which names are to be looked up for an inventory, one entry per ecosystem, sorted.
#[must_use]
pub fn wanted(inventory: &Inventory) -> Vec<Wanted> {
    let places = places(inventory);
    let mut names: Vec<Vec<String>> = vec![Vec::new(); places.ecosystems.len()];
    for (package, place) in inventory.packages.iter().zip(&places.of) {
        let Ok(place) = place else { continue };
        let (Some(ecosystem), Some(names)) = (places.ecosystems.get(*place), names.get_mut(*place)) else { continue };
        names.push(ecosystem::normal_name(ecosystem, &package.name));
        if let Some(source) = source_name(ecosystem, package) {
            names.push(ecosystem::normal_name(ecosystem, source));
        }
    }
    let wanted = places.ecosystems.into_iter().zip(names).map(|(ecosystem, mut names)| {
        names.sort_unstable();
        names.dedup();
        Wanted { ecosystem, names }
    });
    wanted.filter(|wanted| !wanted.names.is_empty()).collect()
}

/// The name of the source package, where it is another than the installed one's. Only distributions have sources.
pub(super) fn source_name<'p>(ecosystem: &str, package: &'p Package) -> Option<&'p str> {
    let source = package.source_name.as_deref()?;
    (ecosystem::is_distribution(ecosystem) && source != package.name).then_some(source)
}
