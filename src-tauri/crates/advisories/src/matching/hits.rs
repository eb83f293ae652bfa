//! Which rows affect which packages.

use std::collections::{HashMap, HashSet};

use plimsoll_packages::{Ecosystem, Inventory, Package};

use super::fate::{Fate, fates};
use super::index::{Group, Index};
use super::modules::{self, Stream as Module};
use super::place::places;
use super::range::{Lies, lies};
use super::streams::Stream;
use super::{Hit, Hits, Known, Row, Undecided, Why};
use crate::facts::{NotEvaluated, OwnedElsewhere};
use crate::record::NameKind;

/// Packages times flaws. A hundred times what a large image has; beyond that the packages are not evaluated.
const MAX_HITS: usize = 2_000_000;

/// A row that speaks of a package.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    package: u32,
    record: i64,
    row: u32,
    group: usize,
    /// Why it cannot be said whether the row holds; none when it does.
    unknown: Option<Why>,
}

/// Which rows affect which packages: `known` as the store tells it of the ecosystems in [`super::wanted`], `rows` in any
/// order.
#[must_use]
pub fn hits(inventory: &Inventory, known: &[Known], rows: &[Row]) -> Hits {
    let places = places(inventory);
    let fates = fates(inventory, &places, known);
    let index = Index::new(inventory, &places, &fates);
    let mut hits = Hits::default();
    for (package, fate) in (0..).zip(&fates) {
        match fate {
            Fate::Compared => {}
            Fate::Listed(reason) | Fate::Left(reason) => {
                hits.not_evaluated.push(NotEvaluated { package, reason: reason.clone() });
            }
            Fate::Owned(owner) => hits.owned.push(OwnedElsewhere { package, owner: owner.clone() }),
        }
    }

    let Some(mut candidates) = candidates(inventory, &index, rows) else {
        hits.not_evaluated = (0..)
            .zip(&fates)
            .map(|(package, fate)| match fate {
                Fate::Listed(reason) | Fate::Left(reason) => NotEvaluated { package, reason: reason.clone() },
                _ => NotEvaluated { package, reason: format!("the image has more than {MAX_HITS} matches") },
            })
            .collect();
        hits.owned.clear();
        return hits;
    };
    candidates.sort_unstable_by_key(|one| (one.package, one.record, one.row, one.group));
    let of_records = RowsOfRecords::new(&index, rows, &candidates);
    for of_one in candidates.chunk_by(|a, b| (a.package, a.record) == (b.package, b.record)) {
        decide(of_one, inventory, &index, rows, &of_records, &mut hits);
    }
    hits
}

/// The records that [`super::facts`] wants in full: those of hits, and those that remained undecided. Sorted, each once.
#[must_use]
pub fn needed(rows: &[Row], hits: &Hits) -> Vec<i64> {
    let of_hits = hits.hits.iter().map(|hit| hit.row);
    let indices = of_hits.chain(hits.undecided.iter().map(|one| one.row));
    let mut records: Vec<i64> = indices.filter_map(|row| Some(rows.get(row as usize)?.record)).collect();
    records.sort_unstable();
    records.dedup();
    records
}

/// All rows that speak of a package and hold, or of which that cannot be said; none when they are too many.
fn candidates(inventory: &Inventory, index: &Index<'_>, rows: &[Row]) -> Option<Vec<Candidate>> {
    let mut candidates = Vec::new();
    let mut last: Option<&Row> = None;
    let mut groups: &[usize] = &[];
    for (number, row) in (0..).zip(rows) {
        if last.is_none_or(|last| last.name != row.name || last.ecosystem != row.ecosystem) {
            groups = index.find(row);
            last = Some(row);
        }
        for &at in groups {
            let Some(group) = index.groups.get(at).filter(|group| group.answers(row.kind)) else { continue };
            let unknown = match lies(group.compared(), row) {
                Lies::In => None,
                Lies::Unknown(why) => Some(why),
                // The versions of FIPS builds are not in one order with the others.
                Lies::Out if row.channel.is_none() && row.version.is_none() && group.is_fips => Some(Why::Fips),
                Lies::Out => continue,
            };
            if row.channel.as_deref() == Some("fips") && !group.is_fips {
                continue;
            }
            for &number_of_package in &group.packages {
                let Some(package) = inventory.packages.get(number_of_package as usize) else { continue };
                let unknown = match fits(package, index, row) {
                    Module::Same => unknown,
                    Module::Other => continue,
                    Module::Unknown => Some(Why::Module),
                };
                let (package, record) = (number_of_package, row.record);
                candidates.push(Candidate { package, record, row: number, group: at, unknown });
            }
        }
        if candidates.len() > MAX_HITS {
            return None;
        }
    }
    Some(candidates)
}

/// Whether a row is for a package's architecture and module.
fn fits(package: &Package, index: &Index<'_>, row: &Row) -> Module {
    let is_for = |architecture: &str| {
        matches!(architecture, "all" | "noarch" | "any")
            || row.architectures.iter().any(|one| common(one) == common(architecture))
    };
    if !row.architectures.is_empty() && !package.architecture.as_deref().is_none_or(is_for) {
        return Module::Other;
    }
    if package.ecosystem == Ecosystem::Rpm { modules::stream(package, index.label(package), row) } else { Module::Same }
}

/// One name for each architecture.
fn common(architecture: &str) -> &str {
    match architecture {
        "amd64" | "x86-64" => "x86_64",
        "arm64" => "aarch64",
        "i386" | "i486" | "i586" | "x86" => "i686",
        "ppc64el" => "ppc64le",
        other => other,
    }
}

/// rpm: a row that may mean either name is about the installed one first.
fn is_second_choice(group: &Group<'_>, row: &Row) -> bool {
    group.is_rpm() && group.by == NameKind::Source && row.kind == NameKind::Either
}

/// What one record says of one package.
fn decide(
    of_one: &[Candidate],
    inventory: &Inventory,
    index: &Index<'_>,
    rows: &[Row],
    of_records: &RowsOfRecords<'_>,
    hits: &mut Hits,
) {
    let Some(first) = of_one.first() else { return };
    let Some(package) = inventory.packages.get(first.package as usize) else { return };
    let is_open =
        |one: &Candidate| one.unknown.is_none() && rows.get(one.row as usize).is_some_and(|row| row.channel.is_none());
    let open_holds = of_one.iter().any(is_open);
    // A package has two names at most, so two groups: for each whether the record speaks of its own stream.
    let mut own: Vec<(usize, bool)> = Vec::new();
    let mut own_is_spoken_of = |at: usize, stream: Stream<'_>, of: &Row| match own.iter().find(|(one, _)| *one == at) {
        Some((_, is)) => *is,
        None => {
            let asked = |row: &Row| row.ecosystem == of.ecosystem && stream.owns(row);
            let is = of_records.any(first.record, &of.name, package, index, asked);
            own.push((at, is));
            is
        }
    };
    // rpm: where the record knows the installed name, what it says of the source is about other packages.
    let installed_is_named =
        of_records.any(first.record, &package.name, package, index, |row| row.kind != NameKind::Source);
    let mut counts = |one: &&Candidate| {
        let (Some(row), Some(group)) = (rows.get(one.row as usize), index.groups.get(one.group)) else { return false };
        if is_second_choice(group, row) && installed_is_named {
            return false;
        }
        let stream = group.stream();
        // What the ordinary channel says decides; what is said of another one explains it.
        stream.owns(row) || stream == Stream::Ordinary && open_holds || !own_is_spoken_of(one.group, stream, row)
    };
    let kept: Vec<&Candidate> = of_one.iter().filter(&mut counts).collect();
    let is_decided = kept.iter().any(|one| one.unknown.is_none());
    let mut last = None;
    for one in kept {
        match (one.unknown, index.groups.get(one.group)) {
            // A row that names both an installed package and its source is one row.
            (None, Some(group)) if last != Some(one.row) => {
                last = Some(one.row);
                hits.hits.push(Hit {
                    package: one.package,
                    row: one.row,
                    version: group.version().to_owned(),
                    kind: group.by,
                });
            }
            (Some(why), _) if !is_decided => {
                hits.undecided.push(Undecided { package: one.package, row: one.row, why });
            }
            _ => {}
        }
    }
}

/// By record and name: the rows of the records in which several rows must be seen together.
struct RowsOfRecords<'r>(HashMap<(i64, &'r str), Vec<&'r Row>>);

impl<'r> RowsOfRecords<'r> {
    fn new(index: &Index<'_>, rows: &'r [Row], candidates: &[Candidate]) -> RowsOfRecords<'r> {
        let together = candidates.iter().filter(|one| {
            let (Some(row), Some(group)) = (rows.get(one.row as usize), index.groups.get(one.group)) else {
                return false;
            };
            row.channel.is_some() || group.stream() != Stream::Ordinary || is_second_choice(group, row)
        });
        let wanted: HashSet<i64> = together.map(|one| one.record).collect();
        let mut of: HashMap<(i64, &str), Vec<&Row>> = HashMap::new();
        if !wanted.is_empty() {
            for row in rows.iter().filter(|row| wanted.contains(&row.record)) {
                of.entry((row.record, &row.name)).or_default().push(row);
            }
        }
        RowsOfRecords(of)
    }

    /// Whether a record says under a name of a package what `is` asks for, in a row that is for the package.
    fn any(&self, record: i64, name: &str, package: &Package, index: &Index<'_>, is: impl Fn(&Row) -> bool) -> bool {
        let rows = self.0.get(&(record, name)).map(Vec::as_slice).unwrap_or_default();
        rows.iter().any(|row| is(row) && fits(package, index, row) != Module::Other)
    }
}
