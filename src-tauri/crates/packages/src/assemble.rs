//! From the parts of all layers to one inventory: what the merged tree shows, and which layer brought it.

use std::collections::{BTreeMap, HashMap, HashSet};

use crate::build::MAX_PACKAGES;
use crate::kind::Kind;
use crate::model::{Ecosystem, Inventory, OsRelease, Package, PackageError, Part, Place, Source};
use crate::{owners, purl};

/// Puts the parts of all layers together.
///
/// `parts` come in the order of the layers. Only what the merged tree shows makes packages. A package's layer is the
/// lowest from which on its database has it, in this version, without a gap; a copy of the database that could not be
/// read is a gap. Formats with one package per file have no such history: there it is the layer of the file.
#[must_use]
pub fn assemble(parts: Vec<(Place, Result<Part, PackageError>)>) -> Inventory {
    let layers = layers(&parts);
    let mut visible = Visible::default();
    for ((place, part), layers) in parts.into_iter().zip(layers) {
        if place.visible {
            visible.add(place, part, layers);
        }
    }
    visible.finish()
}

pub(crate) type Key<'a> = (&'a str, &'a str, Option<&'a str>);

pub(crate) fn key(package: &Package) -> Key<'_> {
    (&package.name, &package.version, package.architecture.as_deref())
}

fn kind_of(place: &Place, part: &Result<Part, PackageError>) -> Option<Kind> {
    // Programs are found by their bytes, which are gone by now. A part knows that it is one; an error can be no other.
    Kind::of(&place.path, &[]).or_else(|| match part {
        Ok(part) => part.kind.is_some().then_some(Kind::Elf),
        Err(_) => Some(Kind::Elf),
    })
}

/// For each part, and each of its packages, the diff ID of the layer that brought it.
fn layers(parts: &[(Place, Result<Part, PackageError>)]) -> Vec<Vec<String>> {
    /// What a layer's copies of a database hold; none where no copy could be read.
    struct Copy<'a> {
        diff_id: &'a str,
        keys: Option<HashSet<Key<'a>>>,
    }
    let mut histories: HashMap<&str, BTreeMap<usize, Copy<'_>>> = HashMap::new();
    for (place, part) in parts {
        let Some(database) = kind_of(place, part).and_then(|kind| kind.database(&place.path)) else { continue };
        let copy = histories
            .entry(database)
            .or_default()
            .entry(place.layer)
            .or_insert(Copy { diff_id: &place.diff_id, keys: None });
        if let Ok(part) = part {
            copy.keys.get_or_insert_default().extend(part.packages.iter().map(key));
        }
    }
    let layer_of = |place: &Place, package: &Package, history: Option<&BTreeMap<usize, Copy<'_>>>| {
        let below = history.into_iter().flat_map(|history| history.range(..place.layer).rev());
        let has_it = |copy: &Copy<'_>| copy.keys.as_ref().is_some_and(|keys| keys.contains(&key(package)));
        let first = below.take_while(|(_, copy)| has_it(copy)).last();
        first.map_or_else(|| place.diff_id.clone(), |(_, copy)| copy.diff_id.to_owned())
    };
    parts
        .iter()
        .map(|(place, part)| {
            let (true, Ok(read)) = (place.visible, part) else { return Vec::new() };
            let history = kind_of(place, part).and_then(|kind| kind.database(&place.path));
            let history = history.and_then(|database| histories.get(database));
            read.packages.iter().map(|package| layer_of(place, package, history)).collect()
        })
        .collect()
}

/// What the merged tree shows, as it is gathered.
#[derive(Default)]
struct Visible {
    inventory: Inventory,
    /// Which `os-release` was taken: that of `/etc` comes before that of `/usr/lib`, and both before `redhat-release`.
    os_rank: u8,
    /// The files that own, with where they were read.
    owned: Vec<(Kind, String, crate::model::Owned)>,
    /// Packages of which apt says that it chose them, by name and architecture; none where apt says nothing.
    automatic: Option<HashSet<(String, Option<String>)>>,
    /// apk's `world`.
    world: Option<HashSet<String>>,
    /// Directories of Python packages that were asked for.
    requested: HashSet<String>,
    licences: HashMap<String, String>,
    is_full: bool,
}

impl Visible {
    fn add(&mut self, place: Place, part: Result<Part, PackageError>, layers: Vec<String>) {
        let Some(kind) = kind_of(&place, &part) else { return };
        let mut source = Source {
            path: place.path.clone(),
            layer: place.diff_id,
            kind: kind.name().to_owned(),
            packages: 0,
            error: None,
        };
        let mut part = match part {
            Ok(part) => part,
            Err(error) => {
                source.error = Some(error.to_string());
                self.inventory.sources.push(source);
                return;
            }
        };
        if let Some(kind) = part.kind {
            kind.clone_into(&mut source.kind);
        }
        source.packages = part.packages.len() as u64;
        if !kind.is_beside() {
            self.inventory.sources.push(source);
        }
        if let Some(os) = part.os.take() {
            self.os(os, &place.path, kind);
        }
        self.inventory.problems.extend(part.problems.iter().map(|problem| format!("{}: {problem}", place.path)));
        self.marks(&mut part, &place.path, kind);
        self.licences.extend(part.licences);
        self.owned.extend(part.owned.into_iter().map(|owned| (kind, place.path.clone(), owned)));
        for (mut package, layer) in part.packages.into_iter().zip(layers) {
            if self.inventory.packages.len() >= MAX_PACKAGES {
                self.is_full = true;
                break;
            }
            package.layer = layer;
            if package.location.is_empty() {
                package.location.clone_from(&place.path);
            }
            self.inventory.packages.push(package);
        }
    }

    fn os(&mut self, os: OsRelease, path: &str, kind: Kind) {
        let rank = match (kind, path) {
            (Kind::OsRelease, "/etc/os-release") => 3,
            (Kind::OsRelease, _) => 2,
            _ => 1,
        };
        if rank > self.os_rank {
            self.os_rank = rank;
            self.inventory.os = Some(os);
        }
    }

    fn marks(&mut self, part: &mut Part, path: &str, kind: Kind) {
        let marks = part.marks.drain(..);
        match kind {
            Kind::AptStates => {
                let marks = marks.filter(|mark| !mark.requested);
                self.automatic.get_or_insert_default().extend(marks.map(|mark| (mark.package, mark.architecture)));
            }
            Kind::ApkWorld => {
                self.world.get_or_insert_default().extend(marks.map(|mark| mark.package));
            }
            Kind::PythonRequested => {
                self.requested.insert(directory(path).to_owned());
            }
            _ => {}
        }
    }

    fn finish(mut self) -> Inventory {
        if self.is_full {
            self.inventory.problems.push(format!("There are more than {MAX_PACKAGES} packages; the rest is left out."));
        }
        self.request();
        let os = self.inventory.os.as_ref();
        for package in &mut self.inventory.packages {
            if package.ecosystem == Ecosystem::Deb && package.licence.is_none() {
                package.licence = self.licences.get(&package.name).cloned();
            }
            package.purl = purl::of(package, os);
        }
        self.inventory.packages.sort_by(|a, b| order(a).cmp(&order(b)));
        // A converted database may lie beside the one it was made of.
        self.inventory.packages.dedup_by(|next, kept| {
            matches!(kept.ecosystem, Ecosystem::Rpm | Ecosystem::Apk)
                && kept.ecosystem == next.ecosystem
                && key(kept) == key(next)
        });
        self.inventory.sources.sort_by(|a, b| (&a.path, &a.layer, &a.kind).cmp(&(&b.path, &b.layer, &b.kind)));
        self.inventory.problems.sort_unstable();
        self.inventory.owners = owners::of_paths(&self.inventory.packages, self.owned);
        owners::of_packages(&mut self.inventory);
        self.inventory
    }

    /// Says of each package whether it was asked for, where a file tells.
    fn request(&mut self) {
        // apt files packages for all architectures under its own.
        let automatic = self.automatic.take();
        let by_name: HashSet<&str> = automatic.iter().flatten().map(|(name, _)| name.as_str()).collect();
        let mut world = self.world.take();
        if let Some(world) = &mut world {
            // What a virtual package stands for was asked for when it was made.
            let grouped = self.inventory.packages.iter().filter(|package| {
                package.ecosystem == Ecosystem::Apk && package.name.starts_with('.') && world.contains(&package.name)
            });
            let grouped: Vec<String> = grouped.flat_map(|package| package.depends.iter().cloned()).collect();
            world.extend(grouped);
        }
        for package in &mut self.inventory.packages {
            package.requested = match package.ecosystem {
                Ecosystem::Deb => automatic.as_ref().map(|automatic| {
                    let is_for_all = package.architecture.as_deref() == Some("all");
                    let listed = (package.name.clone(), package.architecture.clone());
                    let is_automatic = automatic.contains(&listed)
                        || automatic.contains(&(listed.0, None))
                        || is_for_all && by_name.contains(package.name.as_str());
                    !is_automatic
                }),
                Ecosystem::Apk => world.as_ref().map(|world| world.contains(&package.name)),
                // Installers other than pip, and old ones, leave no mark, so its absence says nothing.
                Ecosystem::Pypi => self.requested.contains(directory(&package.location)).then_some(true),
                _ => None,
            };
        }
    }
}

pub(crate) fn directory(path: &str) -> &str {
    path.rsplit_once('/').map(|(directory, _)| directory).unwrap_or_default()
}

type Order<'a> = (Ecosystem, &'a str, &'a str, Option<&'a str>, &'a str, &'a str);

fn order(package: &Package) -> Order<'_> {
    let Package { ecosystem, name, version, architecture, location, layer, .. } = package;
    (*ecosystem, name, version, architecture.as_deref(), location, layer)
}
