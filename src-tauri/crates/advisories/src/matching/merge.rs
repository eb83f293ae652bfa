//! One flaw for several ids: records that name the same flaw are joined, advisories about several flaws stand for each.
//!
//! Joined are a record's own id, its aliases and the one flaw upstream of which it speaks. Ids of advisories (DSA, RHSA,
//! XSA …) join nothing: two flaws that were fixed together are two flaws; nor does what OSV calls related to the flaw of
//! a package registry.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{About, Details};
use crate::record::Relation;

/// A record and what matching knows of it.
pub(super) struct Of<'d> {
    pub details: &'d Details,
    /// A distribution's data: what it calls related are the flaws that it is about.
    pub is_distribution: bool,
}

/// One flaw.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Flaw {
    /// Lowest CVE id that is not rejected, else GHSA, else the record's.
    pub id: String,
    /// Its other ids, sorted.
    pub aliases: Vec<String>,
}

/// The flaws of records.
pub(super) struct Flaws {
    /// By id.
    pub flaws: Vec<Flaw>,
    /// By the record's number: its flaws as indices; none for a record that knows rejected ids only.
    pub of: HashMap<i64, Vec<usize>>,
}

/// The ids of flaws that a record is about, and whether it is about several.
struct Named<'d> {
    /// Ids of one flaw each; those within are the same flaw.
    flaws: Vec<Vec<&'d str>>,
    /// Ids that tell nothing apart: the record's own when it is an advisory's, and other advisories'.
    beside: Vec<&'d str>,
}

/// Joins records to flaws.
pub(super) fn merge(records: &[Of<'_>], about: &[About]) -> Flaws {
    let rejected: BTreeSet<&str> = about.iter().filter(|one| one.rejected).map(|one| one.cve.as_str()).collect();
    let named: Vec<(i64, Named<'_>)> = records.iter().map(|record| (record.details.number, named(record))).collect();
    let mut joined = Joined::default();
    for ids in named.iter().flat_map(|(_, named)| &named.flaws) {
        let mut last = None;
        for id in ids {
            let node = joined.node(id);
            if let Some(last) = last {
                joined.join(last, node);
            }
            last = Some(node);
        }
    }

    // All ids of each flaw, and those beside them.
    let mut ids: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (id, node) in joined.all() {
        ids.entry(node).or_default().insert(id);
    }
    let names: BTreeMap<usize, &str> =
        ids.iter().filter_map(|(node, ids)| Some((*node, name(ids.iter().copied(), &rejected)?))).collect();

    let mut flaws: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    let mut of_records: Vec<(i64, BTreeSet<&str>)> = Vec::new();
    for (number, named) in &named {
        let mut own = BTreeSet::new();
        for node in named.flaws.iter().filter_map(|ids| joined.find(ids.first()?)) {
            if let Some(name) = names.get(&node) {
                own.insert(*name);
                let all = flaws.entry(name).or_default();
                all.extend(ids.get(&node).into_iter().flatten());
                all.extend(&named.beside);
            }
        }
        if own.is_empty()
            && let Some(name) = name(named.beside.iter().copied(), &rejected)
        {
            // All that it names was rejected, or it names nothing; the advisory itself still stands.
            own.insert(name);
            let all = flaws.entry(name).or_default();
            all.extend(&named.beside);
            all.extend(named.flaws.iter().flatten());
        }
        of_records.push((*number, own));
    }

    let positions: HashMap<&str, usize> = flaws.keys().enumerate().map(|(at, id)| (*id, at)).collect();
    let of = of_records
        .into_iter()
        .map(|(number, own)| (number, own.iter().filter_map(|id| positions.get(id).copied()).collect()))
        .collect();
    let flaws = flaws
        .iter()
        .map(|(id, all)| Flaw {
            id: (*id).to_owned(),
            aliases: all.iter().filter(|other| *other != id).map(|other| (*other).to_owned()).collect(),
        })
        .collect();
    Flaws { flaws, of }
}

/// What a record names.
fn named<'d>(record: &Of<'d>) -> Named<'d> {
    let details = record.details;
    let others =
        |relation| details.others.iter().filter(move |other| other.relation == relation).map(|other| other.id.as_str());
    let own = std::iter::once(details.id.as_str()).chain(others(Relation::Alias)).filter(|id| !id.is_empty());
    let (beside, mut own): (Vec<&str>, Vec<&str>) = own.partition(|id| is_advisory(id));
    let is_advisory = is_advisory(&details.id);
    let cves = |ids: &mut dyn Iterator<Item = &'d str>| ids.filter_map(cve_of).collect::<BTreeSet<&str>>();
    let aliases = cves(&mut own.iter().copied());
    let upstream = cves(&mut others(Relation::Upstream));
    let related = if record.is_distribution { cves(&mut others(Relation::Related)) } else { BTreeSet::new() };

    let several: BTreeSet<&str> = if is_advisory {
        aliases.iter().chain(&upstream).chain(&related).copied().collect()
    } else if aliases.len() > 1 {
        // Two flaws upstream in one record stay two.
        aliases.clone()
    } else if !aliases.is_empty() {
        BTreeSet::new()
    } else if !upstream.is_empty() {
        upstream.clone()
    } else {
        related
    };
    if several.len() > 1 || is_advisory && several.len() == 1 {
        // Other ids of one of several flaws: of which of them is not said.
        let others = if several.len() == 1 { own } else { Vec::new() };
        let flaws = several.into_iter().map(|cve| std::iter::once(cve).chain(others.iter().copied()).collect());
        let mut named = Named { flaws: flaws.collect(), beside };
        if !is_advisory {
            named.beside.push(&details.id);
        }
        return named;
    }
    own.extend(several);
    // `DEBIAN-CVE-2024-1` is Debian's record of CVE-2024-1.
    own.extend(aliases);
    if upstream.is_empty() {
        // One flaw upstream without a CVE id.
        let mut without = others(Relation::Upstream).filter(|id| !self::is_advisory(id));
        if let (Some(one), None) = (without.next(), without.next()) {
            own.push(one);
        }
    }
    Named { flaws: if own.is_empty() { Vec::new() } else { vec![own] }, beside }
}

/// The CVE ids that a record names in any way.
pub(super) fn all_cves(details: &Details) -> impl Iterator<Item = &str> {
    std::iter::once(details.id.as_str()).chain(details.others.iter().map(|other| other.id.as_str())).filter_map(cve_of)
}

/// The CVE id that an id is or ends in: distributions put their name before it.
pub(super) fn cve_of(id: &str) -> Option<&str> {
    let at = id.rfind("CVE-")?;
    if at > 0 && !id.get(..at)?.ends_with('-') {
        return None;
    }
    let cve = id.get(at..)?;
    key(cve).map(|_| cve)
}

/// Year and number of a CVE id.
fn key(cve: &str) -> Option<(u32, u64)> {
    let (year, number) = cve.strip_prefix("CVE-")?.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if year.len() != 4 || !(1..=18).contains(&number.len()) || !digits(year) || !digits(number) {
        return None;
    }
    Some((year.parse().ok()?, number.parse().ok()?))
}

/// Ids that stand for an act of fixing, not for one flaw.
fn is_advisory(id: &str) -> bool {
    const PREFIXES: &[&str] = &[
        "DSA-",
        "DLA-",
        "DTSA-",
        "ELA-",
        "USN-",
        "LSN-",
        "SSN-",
        "RHSA-",
        "RHBA-",
        "RHEA-",
        "ALSA-",
        "ALBA-",
        "ALEA-",
        "RLSA-",
        "RLBA-",
        "RLEA-",
        "RXSA-",
        "ELSA-",
        "ELBA-",
        "SUSE-SU-",
        "SUSE-RU-",
        "SUSE-OU-",
        "SUSE-FU-",
        "openSUSE-SU-",
        "openSUSE-RU-",
        "MGASA-",
        "ALAS",
        "XSA-",
        "OESA-",
        "FEDORA-",
        "GLSA-",
    ];
    PREFIXES.iter().any(|prefix| id.starts_with(prefix))
}

/// The id by which a flaw is called; none when all its ids are, or rest on, rejected ones.
fn name<'i>(ids: impl Iterator<Item = &'i str>, rejected: &BTreeSet<&str>) -> Option<&'i str> {
    let alive = ids.filter(|id| cve_of(id).is_none_or(|cve| !rejected.contains(cve)));
    let rank = |id: &str| match key(id) {
        Some(_) => 0,
        None if id.starts_with("GHSA-") => 1,
        None => 2,
    };
    alive.min_by(|a, b| {
        let numbers = || match (key(a), key(b)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => Ordering::Equal,
        };
        rank(a).cmp(&rank(b)).then_with(numbers).then_with(|| a.cmp(b))
    })
}

/// Ids that are joined: each points to another of its flaw, the first to itself. The smaller flaw is put under the
/// larger one, so that ways stay short whatever the order.
#[derive(Default)]
struct Joined<'i> {
    nodes: HashMap<&'i str, usize>,
    /// What a node points to, and how many are under it.
    parents: Vec<(usize, usize)>,
}

impl<'i> Joined<'i> {
    fn node(&mut self, id: &'i str) -> usize {
        *self.nodes.entry(id).or_insert_with(|| {
            self.parents.push((self.parents.len(), 1));
            self.parents.len() - 1
        })
    }

    fn root(&self, mut node: usize) -> usize {
        while let Some((parent, _)) = self.parents.get(node).copied().filter(|(parent, _)| *parent != node) {
            node = parent;
        }
        node
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        let size = |node: usize| self.parents.get(node).map_or(0, |(_, size)| *size);
        let (large, small, sum) =
            if size(a) >= size(b) { (a, b, size(a) + size(b)) } else { (b, a, size(a) + size(b)) };
        if large != small {
            if let Some(parent) = self.parents.get_mut(small) {
                parent.0 = large;
            }
            if let Some(parent) = self.parents.get_mut(large) {
                parent.1 = sum;
            }
        }
    }

    fn find(&self, id: &str) -> Option<usize> {
        Some(self.root(*self.nodes.get(id)?))
    }

    fn all(&self) -> impl Iterator<Item = (&'i str, usize)> {
        self.nodes.iter().map(|(id, node)| (*id, self.root(*node)))
    }
}
