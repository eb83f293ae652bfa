//! Who needs whom, where a database lists needs as capabilities (`so:libc.musl`, `libc.so.6`, `/bin/sh`) rather than
//! packages: rpm and apk.

use std::collections::{BTreeSet, HashMap};

use crate::build::TEXT_COST;
use crate::model::Package;

/// Memory for capabilities, and for the names they resolve to.
const MAX_BYTES: usize = 128 * 1024 * 1024;
/// A capability that more packages provide says little.
const MAX_ALTERNATIVES: usize = 8;

/// The capabilities of one package.
#[derive(Default)]
struct Need {
    provides: Vec<String>,
    requires: Vec<String>,
}

/// The capabilities of all packages of a database, in its order.
#[derive(Default)]
pub(crate) struct Needs {
    of: Vec<Need>,
    bytes: usize,
}

impl Needs {
    /// The next package. Its own name need not be among what it provides.
    pub(crate) fn package<'a>(
        &mut self,
        provides: impl Iterator<Item = &'a str>,
        requires: impl Iterator<Item = &'a str>,
    ) {
        let need = Need { provides: self.afford(provides), requires: self.afford(requires) };
        self.of.push(need);
    }

    fn afford<'a>(&mut self, capabilities: impl Iterator<Item = &'a str>) -> Vec<String> {
        let mut afforded = Vec::new();
        for capability in capabilities {
            self.bytes = self.bytes.saturating_add(capability.len() + TEXT_COST);
            if self.bytes > MAX_BYTES {
                break;
            }
            afforded.push(capability.to_owned());
        }
        afforded
    }

    /// Names in each package of `packages`, which are those this was told of, the packages it needs. `owned` lists
    /// files with the index of their package. What no package of the database provides is left out. `false`: there was too much, and
    /// needs are missing.
    pub(crate) fn resolve<'a>(&self, packages: &mut [Package], owned: impl Iterator<Item = (usize, &'a str)>) -> bool {
        let mut bytes = self.bytes;
        let mut providers: HashMap<&str, BTreeSet<usize>> = HashMap::new();
        let names: Vec<String> = packages.iter().map(|package| package.name.clone()).collect();
        for (index, name) in names.iter().enumerate() {
            providers.entry(name).or_default().insert(index);
        }
        for (index, need) in self.of.iter().enumerate() {
            for capability in &need.provides {
                providers.entry(capability).or_default().insert(index);
            }
        }
        let files: BTreeSet<&str> =
            self.of.iter().flat_map(|need| &need.requires).map(String::as_str).filter(|r| r.starts_with('/')).collect();
        for (index, path) in owned {
            if let Some(path) = files.get(path) {
                providers.entry(path).or_default().insert(index);
            }
        }
        for (index, need) in self.of.iter().enumerate() {
            let mut depends = BTreeSet::new();
            for capability in &need.requires {
                let Some(found) = providers.get(capability.as_str()) else { continue };
                if found.contains(&index) {
                    continue;
                }
                let alternatives: BTreeSet<&str> =
                    found.iter().take(MAX_ALTERNATIVES).filter_map(|&at| names.get(at)).map(String::as_str).collect();
                let joined = alternatives.into_iter().collect::<Vec<_>>().join(" | ");
                bytes = bytes.saturating_add(joined.len() + TEXT_COST);
                if bytes > 2 * MAX_BYTES {
                    return false;
                }
                depends.insert(joined);
            }
            if let Some(package) = packages.get_mut(index) {
                package.depends = depends.into_iter().collect();
            }
        }
        self.bytes <= MAX_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ecosystem;

    #[test]
    fn capabilities_become_packages() {
        let mut packages: Vec<Package> = ["app", "libc", "sh-a", "sh-b"]
            .map(|name| Package::new(Ecosystem::Apk, name.to_owned(), "1".to_owned()))
            .into();
        let mut needs = Needs::default();
        needs.package([].into_iter(), ["so:libc.so", "cmd:sh", "/bin/cat", "nothing", "libc"].into_iter());
        needs.package(["so:libc.so"].into_iter(), ["so:libc.so"].into_iter());
        needs.package(["cmd:sh"].into_iter(), [].into_iter());
        needs.package(["cmd:sh"].into_iter(), [].into_iter());
        assert!(needs.resolve(&mut packages, [(3, "/bin/cat"), (3, "/bin/dog")].into_iter()));
        assert_eq!(packages[0].depends, ["libc", "sh-a | sh-b", "sh-b"]);
        assert!(packages[1].depends.is_empty(), "its own capability is no need");
    }
}
