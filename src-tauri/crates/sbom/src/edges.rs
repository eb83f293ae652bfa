//! From the names of packages that a package needs to the packages themselves, where it is certain which they are.

use std::collections::{BTreeSet, HashMap};

use plimsoll_packages::{Ecosystem, Package};

/// For each package, the indices of those it needs, in order. A name that several packages have (a module of Node's that
/// is there in three versions) is left out, unless only one of them is of the same architecture.
pub(crate) fn resolve(packages: &[Package]) -> Vec<Vec<usize>> {
    let mut by_name: HashMap<(Ecosystem, String), Vec<usize>> = HashMap::new();
    for (at, package) in packages.iter().enumerate() {
        by_name.entry((package.ecosystem, key(package.ecosystem, &package.name))).or_default().push(at);
    }
    let needed = |at: usize, package: &Package| -> Vec<usize> {
        let mut found = BTreeSet::new();
        for name in package.depends.iter().flat_map(|needed| needed.split(" | ")) {
            let Some(all) = by_name.get(&(package.ecosystem, key(package.ecosystem, name))) else { continue };
            let alike =
                |other: &&usize| packages.get(**other).is_some_and(|other| other.architecture == package.architecture);
            match (all.as_slice(), all.iter().filter(alike).collect::<Vec<_>>().as_slice()) {
                (&[only], _) => found.insert(only),
                (_, &[only]) => found.insert(*only),
                _ => false,
            };
        }
        found.remove(&at);
        found.into_iter().collect()
    };
    packages.iter().enumerate().map(|(at, package)| needed(at, package)).collect()
}

/// The name as the ecosystem compares it.
pub(crate) fn key(ecosystem: Ecosystem, name: &str) -> String {
    match ecosystem {
        Ecosystem::Pypi => {
            let mut key = String::with_capacity(name.len());
            for c in name.chars() {
                match c {
                    '-' | '_' | '.' if key.ends_with('-') => {}
                    '-' | '_' | '.' => key.push('-'),
                    c => key.extend(c.to_lowercase()),
                }
            }
            key
        }
        Ecosystem::Nuget | Ecosystem::Composer | Ecosystem::Npm => name.to_lowercase(),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(ecosystem: Ecosystem, name: &str, architecture: Option<&str>, depends: &[&str]) -> Package {
        let mut package = Package::new(ecosystem, name.to_owned(), "1".to_owned());
        package.architecture = architecture.map(str::to_owned);
        package.depends = depends.iter().map(|&name| name.to_owned()).collect();
        package
    }

    #[test]
    fn only_what_is_certain_is_joined() {
        let packages = [
            package(Ecosystem::Deb, "a", Some("amd64"), &["lib", "x | b", "a", "gone"]),
            package(Ecosystem::Deb, "b", Some("amd64"), &[]),
            package(Ecosystem::Deb, "lib", Some("amd64"), &[]),
            package(Ecosystem::Deb, "lib", Some("i386"), &[]),
            package(Ecosystem::Pypi, "app", None, &["Foo._Bar", "b", "twice"]),
            package(Ecosystem::Pypi, "foo-bar", None, &[]),
            package(Ecosystem::Pypi, "twice", None, &[]),
            package(Ecosystem::Pypi, "twice", None, &[]),
        ];
        let found = resolve(&packages);
        assert_eq!(found[0], [1, 2]);
        assert_eq!(found[4], [5]);
    }
}
