//! Under which ecosystem each package of an inventory is known, or why under none.

use plimsoll_packages::{Ecosystem, Inventory, OsRelease};

use crate::ecosystem;
use crate::versions::Scheme;

/// Where the packages of an inventory are known.
pub(super) struct Places {
    /// The ecosystems, sorted, each once.
    pub ecosystems: Vec<String>,
    /// For each package its ecosystem, as an index into `ecosystems`; or why it has none, as the end of a sentence.
    pub of: Vec<Result<usize, String>>,
}

impl Places {
    /// The name of a package's ecosystem.
    pub fn name(&self, package: usize) -> Option<&str> {
        let index = *self.of.get(package)?.as_ref().ok()?;
        self.ecosystems.get(index).map(String::as_str)
    }
}

/// Finds the ecosystem of each package.
pub(super) fn places(inventory: &Inventory) -> Places {
    let release = inventory.os.as_ref().and_then(ecosystem::of_release);
    let names: Vec<Result<&str, String>> = inventory
        .packages
        .iter()
        .map(|package| match ecosystem::of_language(package.ecosystem) {
            Some(_) if package.ecosystem == Ecosystem::Maven && !package.name.contains(':') => {
                Err("its group is not known, and advisories name it by group and artifact".to_owned())
            }
            Some(language) => Ok(language),
            None => of_distribution(inventory.os.as_ref(), release.as_deref(), package.ecosystem),
        })
        .collect();
    let mut known: Vec<&str> = names.iter().filter_map(|name| name.as_ref().ok().copied()).collect();
    known.sort_unstable();
    known.dedup();
    let of = names
        .into_iter()
        .map(|name| {
            // It was put there above.
            name.and_then(|name| known.binary_search(&name).map_err(|_| String::new()))
        })
        .collect();
    Places { ecosystems: known.into_iter().map(str::to_owned).collect(), of }
}

fn of_distribution<'r>(
    os: Option<&OsRelease>,
    release: Option<&'r str>,
    manager: Ecosystem,
) -> Result<&'r str, String> {
    let Some(os) = os.filter(|os| !os.id.is_empty() && os.id != "linux") else {
        return Err("the image names no release of a distribution".to_owned());
    };
    let Some(release) = release else {
        return Err(format!("{} is known under no name in advisory data", name_of(os)));
    };
    let own = match ecosystem::scheme(release) {
        Some(Scheme::Deb) => manager == Ecosystem::Deb,
        Some(Scheme::Apk) => manager == Ecosystem::Apk,
        Some(Scheme::Rpm) => manager == Ecosystem::Rpm,
        _ => true,
    };
    if own {
        Ok(release)
    } else {
        let manager = match manager {
            Ecosystem::Deb => "dpkg",
            Ecosystem::Apk => "apk",
            _ => "rpm",
        };
        Err(format!("it is a package of {manager}, of which advisories on {release} do not speak"))
    }
}

/// A release's name for people.
pub(super) fn name_of(os: &OsRelease) -> String {
    if let Some(name) = os.pretty_name.as_deref().map(str::trim).filter(|name| !name.is_empty()) {
        return name.to_owned();
    }
    let mut letters = os.id.chars();
    let id: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    match os.version_id.as_deref() {
        Some(version) => format!("{id} {version}"),
        None => id,
    }
}
