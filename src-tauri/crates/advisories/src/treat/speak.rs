//! Which statements speak to which match: sorted once by flaw and by package, so that each match looks up its own.

use std::cmp::Reverse;
use std::collections::HashMap;

use plimsoll_packages::{Ecosystem, Inventory, Package};

use crate::facts::VulnerabilityFacts;
use crate::purl::{Ours, Purl};
use crate::treat::subject::{Level, Subject};
use crate::treat::{MOST, SubjectIds, vers};
use crate::vex::{Product, Statement, Status};
use crate::when;

/// Programs and archives of one name that can hold a package.
const HOLDERS: usize = 100;

/// The ids of the flaws, each as a number.
pub(super) struct Flaws {
    numbers: HashMap<String, u32>,
    ids: Vec<Vec<u32>>,
}

impl Flaws {
    pub(super) fn of(facts: &VulnerabilityFacts) -> Flaws {
        let mut flaws = Flaws { numbers: HashMap::new(), ids: Vec::with_capacity(facts.vulnerabilities.len()) };
        for vulnerability in &facts.vulnerabilities {
            let mut ids = Vec::new();
            for id in std::iter::once(&vulnerability.id).chain(&vulnerability.aliases) {
                let next = u32::try_from(flaws.numbers.len()).unwrap_or(u32::MAX);
                let id = normal(id);
                if !id.is_empty() {
                    ids.push(*flaws.numbers.entry(id).or_insert(next));
                }
            }
            ids.sort_unstable();
            ids.dedup();
            flaws.ids.push(ids);
        }
        flaws
    }

    /// The ids of a flaw.
    pub(super) fn ids(&self, vulnerability: u32) -> &[u32] {
        self.ids.get(vulnerability as usize).map_or(&[], Vec::as_slice)
    }

    /// The number of an id, if one of the flaws has it.
    pub(super) fn number(&self, id: &str) -> Option<u32> {
        self.numbers.get(&normal(id)).copied()
    }
}

/// Ids are compared whatever their case.
fn normal(id: &str) -> String {
    id.trim().to_uppercase()
}

/// How particular a statement is: whether it names the package, and its version; then how it names the subject.
type Particular = (u8, Level);

/// A package that a statement means.
struct Part {
    statement: u32,
    level: Level,
    purl: Purl,
    /// Versions that are meant in the place of the purl's.
    versions: Vec<String>,
    /// Packages of the inventory of which one must hold it; none where the subject does.
    holders: Option<Vec<u32>>,
}

#[derive(Default)]
struct Bucket {
    /// Statements about the subject as a whole.
    whole: Vec<(u32, Level)>,
    /// Parts by the package's key.
    parts: HashMap<u32, Vec<u32>>,
}

/// The statements about one subject, ready to be asked.
pub(super) struct Speaking<'s> {
    inventory: &'s Inventory,
    statements: &'s [Statement],
    times: Vec<i128>,
    ours: Vec<Option<Ours>>,
    /// Keys of each package: its own and its source's.
    keys: Vec<Vec<u32>>,
    parts: Vec<Part>,
    buckets: HashMap<u32, Bucket>,
}

impl<'s> Speaking<'s> {
    pub(super) fn of(
        ids: &SubjectIds,
        inventory: &'s Inventory,
        flaws: &Flaws,
        statements: &'s [Statement],
    ) -> Speaking<'s> {
        let subject = Subject::of(ids, inventory);
        let ours: Vec<Option<Ours>> = inventory.packages.iter().map(Ours::of).collect();
        let mut numbers: HashMap<String, u32> = HashMap::new();
        let mut by_key: HashMap<u32, Vec<u32>> = HashMap::new();
        let mut keys = Vec::with_capacity(ours.len());
        for (index, package) in (0_u32..).zip(&ours) {
            let mut of_package = Vec::new();
            for purl in package.iter().flat_map(|ours| std::iter::once(&ours.installed).chain(&ours.source)) {
                let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
                let key = *numbers.entry(purl.key()).or_insert(next);
                if !of_package.contains(&key) {
                    of_package.push(key);
                    by_key.entry(key).or_default().push(index);
                }
            }
            keys.push(of_package);
        }
        let mut speaking = Speaking {
            inventory,
            statements,
            times: statements.iter().map(|said| when::instant(&said.at).unwrap_or(i128::MIN)).collect(),
            ours,
            keys,
            parts: Vec::new(),
            buckets: HashMap::new(),
        };
        for (index, statement) in (0_u32..).zip(statements) {
            if statement.subject.as_deref().is_some_and(|about| !subject.is(about)) {
                continue;
            }
            let mut ids: Vec<u32> = std::iter::once(&statement.vulnerability)
                .chain(&statement.aliases)
                .filter_map(|id| flaws.number(id))
                .collect();
            ids.sort_unstable();
            ids.dedup();
            if ids.is_empty() {
                continue;
            }
            let mut whole = statement.products.is_empty().then_some(Level::Given);
            let first = speaking.parts.len();
            for product in &statement.products {
                let level = subject.level(product, statement.subject.as_deref());
                // A product as a whole that is confined to versions says nothing that can be told here.
                if product.subcomponents.is_empty() && product.versions.is_empty() {
                    whole = whole.max(level);
                }
                speaking.add(index, product, level, &numbers, &by_key);
            }
            let new: Vec<(u32, u32)> = (first..speaking.parts.len())
                .filter_map(|part| {
                    let key = numbers.get(&speaking.parts.get(part)?.purl.key())?;
                    Some((*key, u32::try_from(part).ok()?))
                })
                .collect();
            if whole.is_none() && new.is_empty() {
                continue;
            }
            for id in ids {
                let bucket = speaking.buckets.entry(id).or_default();
                bucket.whole.extend(whole.map(|level| (index, level)));
                for (key, part) in &new {
                    bucket.parts.entry(*key).or_default().push(*part);
                }
            }
        }
        speaking.cut();
        speaking
    }

    /// Notes which packages a product means, as far as they are installed.
    fn add(
        &mut self,
        statement: u32,
        product: &Product,
        level: Option<Level>,
        numbers: &HashMap<String, u32>,
        by_key: &HashMap<u32, Vec<u32>>,
    ) {
        let names: Vec<Purl> =
            std::iter::once(&product.id).chain(&product.identifiers).filter_map(|name| Purl::parse(name)).collect();
        let is_image = names.iter().any(Purl::is_image);
        let holders = if level.is_none() && !is_image && !product.subcomponents.is_empty() {
            let mut holders: Vec<u32> = Vec::new();
            for purl in &names {
                let installed = numbers.get(&purl.key()).and_then(|key| by_key.get(key));
                let means = |index: &&u32| {
                    let ours = self.ours.get(**index as usize).and_then(Option::as_ref);
                    ours.is_some_and(|ours| ours.is_meant(purl, false))
                };
                holders.extend(installed.into_iter().flatten().filter(means).take(HOLDERS));
            }
            holders
        } else {
            Vec::new()
        };
        let mut note = |purl: Purl, level: Level, holders: Option<Vec<u32>>| {
            if numbers.contains_key(&purl.key()) {
                self.parts.push(Part { statement, level, purl, versions: product.versions.clone(), holders });
            }
        };
        if product.subcomponents.is_empty() && !is_image {
            // The product is a package itself.
            names.into_iter().for_each(|purl| note(purl, Level::Named, None));
        }
        for purl in product.subcomponents.iter().filter_map(|part| Purl::parse(part)) {
            match level {
                Some(level) => note(purl, level, None),
                None if !holders.is_empty() => note(purl, Level::Named, Some(holders.clone())),
                None => {}
            }
        }
    }

    /// Of the statements about the subject as a whole only the first can count, whatever the match.
    fn cut(&mut self) {
        let mut buckets = std::mem::take(&mut self.buckets);
        for bucket in buckets.values_mut() {
            bucket.whole.sort_by_key(|(statement, level)| self.rank(*statement, (0, *level)));
            bucket.whole.truncate(MOST);
        }
        self.buckets = buckets;
    }

    /// A package as statements may name it.
    pub(super) fn ours(&self, package: u32) -> Option<&Ours> {
        self.ours.get(package as usize)?.as_ref()
    }

    /// The statements that speak to a package with a flaw, the one that counts first.
    pub(super) fn to(&self, ids: &[u32], package: u32) -> Vec<usize> {
        let mut found: Vec<(u32, Particular)> = Vec::new();
        let keys = self.keys.get(package as usize).map_or(&[][..], Vec::as_slice);
        for bucket in ids.iter().filter_map(|id| self.buckets.get(id)) {
            found.extend(bucket.whole.iter().map(|(statement, level)| (*statement, (0, *level))));
            for key in keys {
                for part in bucket.parts.get(key).into_iter().flatten() {
                    let Some(part) = self.parts.get(*part as usize) else { continue };
                    if self.is_meant(part, package) {
                        let names_version = part.purl.version.is_some() || !part.versions.is_empty();
                        found.push((part.statement, (1 + u8::from(names_version), part.level)));
                    }
                }
            }
        }
        // Each once, as particularly as it speaks.
        found.sort_by_key(|(statement, particular)| (*statement, Reverse(*particular)));
        found.dedup_by_key(|(statement, _)| *statement);
        found.sort_by_key(|(statement, particular)| self.rank(*statement, *particular));
        found.truncate(MOST);
        found.into_iter().map(|(statement, _)| statement as usize).collect()
    }

    fn is_meant(&self, part: &Part, package: u32) -> bool {
        let Some(ours) = self.ours(package) else { return false };
        if !ours.is_meant(&part.purl, !part.versions.is_empty()) {
            return false;
        }
        let compared = if part.purl.is_source() { ours.source.as_ref() } else { Some(&ours.installed) };
        // Where it cannot be told whether a version is meant, it is not.
        let is_version = |said: &String| compared.and_then(|ours| vers::holds(said, ours)) == Some(true);
        if !part.versions.is_empty() && !part.versions.iter().any(is_version) {
            return false;
        }
        let Some(holders) = &part.holders else { return true };
        let at = |index: u32| self.inventory.packages.get(index as usize);
        at(package)
            .is_some_and(|held| holders.iter().filter_map(|&holder| at(holder)).any(|holder| holds(holder, held)))
    }

    /// Smaller counts first.
    fn rank(&self, statement: u32, particular: Particular) -> (Reverse<i128>, Reverse<Particular>, u8, u32) {
        let index = statement as usize;
        let caution = match self.statements.get(index).map(|statement| statement.status) {
            Some(Status::Affected) => 0,
            Some(Status::UnderInvestigation) => 1,
            Some(Status::Fixed) => 2,
            Some(Status::NotAffected) | None => 3,
        };
        (Reverse(self.times.get(index).copied().unwrap_or(i128::MIN)), Reverse(particular), caution, statement)
    }
}

/// Whether a program or archive holds a package: both lie in the same file, or one in an archive within the other.
fn holds(holder: &Package, held: &Package) -> bool {
    let can = |package: &Package| !matches!(package.ecosystem, Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm);
    let rest = held.location.strip_prefix(holder.location.as_str());
    can(holder)
        && can(held)
        && !holder.location.is_empty()
        && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['!', ':']))
}
