//! The packages of an inventory by the names under which rows may speak of them, those of one version together, so
//! that each version is compared once with a row.

use std::borrow::Cow;
use std::collections::HashMap;

use plimsoll_packages::{Inventory, Package};

use super::fate::{Fate, is_version};
use super::place::Places;
use super::range::Compared;
use super::streams::Stream;
use super::wanted::source_name;
use super::{Row, modules};
use crate::ecosystem;
use crate::record::NameKind;
use crate::versions::Scheme;

/// Packages that share a name and a version.
pub(super) struct Group<'i> {
    /// Whether the name is the installed package's or its source's.
    pub by: NameKind,
    /// The installed package is called like its source.
    is_same: bool,
    /// A distribution's; the packages of languages have one name only, whatever a row calls it.
    is_distribution: bool,
    scheme: Option<Scheme>,
    version: Cow<'i, str>,
    is_version: bool,
    without_epoch: bool,
    /// A FIPS build.
    pub is_fips: bool,
    /// Indices into the inventory's packages.
    pub packages: Vec<u32>,
}

impl Group<'_> {
    /// The version, to be compared with rows.
    pub fn compared(&self) -> Compared<'_> {
        Compared {
            scheme: self.scheme,
            version: &self.version,
            is_version: self.is_version,
            without_epoch: self.without_epoch,
        }
    }

    /// The version as it is compared.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// The stream of which the version is.
    pub fn stream(&self) -> Stream<'_> {
        Stream::of(self.scheme, &self.version)
    }

    /// Whether the order is rpm's, whose advisories use both kinds of names.
    pub fn is_rpm(&self) -> bool {
        self.scheme == Some(Scheme::Rpm)
    }

    /// Whether a row of that kind may speak of these packages under this name.
    pub fn answers(&self, kind: NameKind) -> bool {
        match kind {
            _ if !self.is_distribution => true,
            NameKind::Source => self.by == NameKind::Source,
            NameKind::Binary => self.by == NameKind::Binary,
            // A package that has both names is found by the installed one.
            NameKind::Either => self.by == NameKind::Binary || !self.is_same,
        }
    }
}

/// What the packages of a group share: ecosystem, name, whose name, whether it is both, version.
type Key<'i> = (usize, Cow<'i, str>, NameKind, bool, Cow<'i, str>);

/// All groups, by ecosystem and name.
pub(super) struct Index<'i> {
    ecosystems: HashMap<&'i str, usize>,
    names: Vec<HashMap<Cow<'i, str>, Vec<usize>>>,
    /// The groups.
    pub groups: Vec<Group<'i>>,
    /// Module labels by the module's build, for packages that carry none.
    labels: HashMap<&'i str, &'i str>,
}

impl<'i> Index<'i> {
    /// Indexes the packages that are to be compared.
    pub fn new(inventory: &'i Inventory, places: &'i Places, fates: &[Fate]) -> Index<'i> {
        let ecosystems = places.ecosystems.iter().enumerate().map(|(index, name)| (name.as_str(), index)).collect();
        let mut index = Index {
            ecosystems,
            names: vec![HashMap::new(); places.ecosystems.len()],
            groups: Vec::new(),
            labels: HashMap::new(),
        };
        let epochs = epochs(inventory);
        let mut seen: HashMap<Key<'i>, usize> = HashMap::new();
        for (number, package) in inventory.packages.iter().enumerate() {
            let (Some(Ok(place)), Some(fate)) = (places.of.get(number), fates.get(number)) else { continue };
            if !matches!(fate, Fate::Compared | Fate::Listed(_)) {
                continue;
            }
            let (Some(ecosystem), Ok(number)) = (places.ecosystems.get(*place), u32::try_from(number)) else {
                continue;
            };
            if let (Some(label), Some(build)) = (package.module.as_deref(), modules::build(&package.version)) {
                index.labels.entry(build).or_insert(label);
            }
            for name in names(ecosystem, package, &epochs) {
                let key = (*place, name.name.clone(), name.by, name.is_same, name.version.clone());
                let groups = &mut index.groups;
                let at = *seen.entry(key).or_insert_with(|| {
                    let scheme = ecosystem::scheme(ecosystem);
                    groups.push(Group {
                        by: name.by,
                        is_same: name.is_same,
                        is_distribution: ecosystem::is_distribution(ecosystem),
                        scheme,
                        is_fips: Stream::of(scheme, &name.version) == Stream::Fips,
                        is_version: scheme.is_some_and(|scheme| is_version(scheme, &name.version)),
                        version: name.version,
                        without_epoch: name.without_epoch,
                        packages: Vec::new(),
                    });
                    groups.len() - 1
                });
                if let Some(group) = index.groups.get_mut(at) {
                    group.packages.push(number);
                    if group.packages.len() == 1
                        && let Some(names) = index.names.get_mut(*place)
                    {
                        names.entry(name.name).or_default().push(at);
                    }
                }
            }
        }
        index
    }

    /// The groups of which a row may speak, as indices.
    pub fn find(&self, row: &Row) -> &[usize] {
        let place = self.ecosystems.get(row.ecosystem.as_str());
        let names = place.and_then(|place| self.names.get(*place));
        names.and_then(|names| names.get(row.name.as_str())).map_or(&[], Vec::as_slice)
    }

    /// The module of a package, by its own label or that of another package of the same module build.
    pub fn label(&self, package: &'i Package) -> Option<&'i str> {
        package.module.as_deref().or_else(|| self.labels.get(modules::build(&package.version)?).copied())
    }
}

/// One name of a package, with the version that is compared under it.
struct Name<'p> {
    name: Cow<'p, str>,
    by: NameKind,
    is_same: bool,
    version: Cow<'p, str>,
    without_epoch: bool,
}

fn names<'p>(
    ecosystem: &str,
    package: &'p Package,
    epochs: &HashMap<(&str, &str), &str>,
) -> impl Iterator<Item = Name<'p>> {
    let is_distribution = ecosystem::is_distribution(ecosystem);
    let normal = |name: &'p str| match is_distribution {
        // Distributions write their packages' names in one way only.
        true => Cow::Borrowed(name),
        false => Cow::Owned(ecosystem::normal_name(ecosystem, name)),
    };
    let is_same = source_name(ecosystem, package).is_none();
    let installed = Name {
        name: normal(&package.name),
        by: NameKind::Binary,
        is_same,
        version: Cow::Borrowed(package.version.trim()),
        without_epoch: false,
    };
    let source = is_distribution.then(|| {
        let name = package.source_name.as_deref().unwrap_or(&package.name);
        let (version, without_epoch) = source_version(ecosystem, package, name, epochs);
        Name { name: normal(name), by: NameKind::Source, is_same, version, without_epoch }
    });
    std::iter::once(installed).chain(source)
}

/// The source's version, and whether its epoch is missing.
///
/// * dpkg: a rebuild of the same source adds `+b7` to the installed version alone; fixes are told for the source.
/// * rpm: the source is known by its file's name only, which has no epoch. Another package of the same source shows it;
///   where there is none, the epochs of rows are left out as well: within a release they hardly ever change.
fn source_version<'p>(
    ecosystem: &str,
    package: &'p Package,
    source: &str,
    epochs: &HashMap<(&str, &str), &str>,
) -> (Cow<'p, str>, bool) {
    let scheme = ecosystem::scheme(ecosystem);
    match package.source_version.as_deref().map(str::trim) {
        Some(version) if scheme == Some(Scheme::Rpm) && !version.contains(':') => {
            match epochs.get(&(source, version)) {
                Some(&"") => (Cow::Borrowed(version), false),
                Some(epoch) => (Cow::Owned(format!("{epoch}:{version}")), false),
                None => (Cow::Borrowed(version), true),
            }
        }
        Some(version) => (Cow::Borrowed(version), false),
        None if scheme == Some(Scheme::Deb) => (Cow::Borrowed(without_rebuild(package.version.trim())), false),
        None => (Cow::Borrowed(package.version.trim()), false),
    }
}

/// By source and version without epoch: the epoch, as the packages tell it that have their source's version.
fn epochs(inventory: &Inventory) -> HashMap<(&str, &str), &str> {
    let packages = inventory.packages.iter();
    let own = packages
        .filter(|package| package.ecosystem == plimsoll_packages::Ecosystem::Rpm && package.source_version.is_none());
    own.map(|package| {
        let source = package.source_name.as_deref().unwrap_or(&package.name);
        let (epoch, version) = package.version.split_once(':').unwrap_or(("", &package.version));
        ((source, version), epoch)
    })
    .collect()
}

/// `1.2-3+b7` is the source 1.2-3 built again.
fn without_rebuild(version: &str) -> &str {
    match version.rsplit_once("+b") {
        Some((source, number)) if !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()) => source,
        _ => version,
    }
}
