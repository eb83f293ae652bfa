//! The facts, put together: coverage, release, flaws and matches.

use std::collections::{BTreeSet, HashMap, HashSet};

use plimsoll_packages::Inventory;

use super::merge::{Flaw, Flaws, Of, all_cves, merge};
use super::place::{Places, places};
use super::{About, Details, Hits, Known, Row, resolve, support, words};
use crate::ecosystem;
use crate::facts::{Coverage, Data, DatabaseState, NotEvaluated, Vulnerability, VulnerabilityFacts};
use crate::record::Said;

/// Web addresses that a flaw keeps.
const MAX_REFERENCES: usize = 16;

/// The ids of a record under which flaws are known beside the records: the CVE ids of hit records, sorted, each once.
#[must_use]
pub fn cves(details: &[Details]) -> Vec<String> {
    let cves: BTreeSet<&str> = details.iter().flat_map(all_cves).collect();
    cves.into_iter().map(str::to_owned).collect()
}

/// Puts together what was found. `details` are those of [`super::needed`]; `at` is RFC 3339; support of the release is
/// told for that day.
#[must_use]
#[allow(clippy::too_many_arguments)]
pub fn facts(
    inventory: &Inventory,
    known: &[Known],
    rows: &[Row],
    hits: Hits,
    details: &[Details],
    about: &[About],
    database: DatabaseState,
    at: &str,
) -> VulnerabilityFacts {
    let by_number: HashMap<i64, &Details> = details.iter().map(|one| (one.number, one)).collect();
    let about_of: HashMap<&str, &About> = about.iter().map(|one| (one.cve.as_str(), one)).collect();
    // A record that the store did not give is shown as a match all the same, under its number.
    let missing = missing(rows, &hits, &by_number);
    let mut all: HashMap<i64, &Details> = by_number;
    all.extend(missing.iter().map(|one| (one.number, one)));

    let mut seen: HashSet<i64> = HashSet::new();
    let hit_rows = hits.hits.iter().filter_map(|hit| rows.get(hit.row as usize));
    let mut records: Vec<Of<'_>> = hit_rows
        .filter(|row| seen.insert(row.record))
        .filter_map(|row| {
            let details = *all.get(&row.record)?;
            Some(Of { details, is_distribution: ecosystem::is_distribution(&row.ecosystem) })
        })
        .collect();
    records.sort_by(|a, b| (&a.details.id, a.details.number).cmp(&(&b.details.id, b.details.number)));
    let flaws = merge(&records, about);
    let mut matches = resolve::resolve(inventory, rows, &hits.hits, &all, &flaws);

    // Only flaws that some package has; matches point to them.
    let mut of_flaws: Vec<Vec<&Of<'_>>> = flaws.flaws.iter().map(|_| Vec::new()).collect();
    for record in &records {
        for flaw in flaws.of.get(&record.details.number).into_iter().flatten() {
            if let Some(of) = of_flaws.get_mut(*flaw) {
                of.push(record);
            }
        }
    }
    let used: BTreeSet<u32> = matches.iter().map(|one| one.vulnerability).collect();
    let new: HashMap<u32, u32> = used.iter().copied().zip(0..).collect();
    for one in &mut matches {
        one.vulnerability = new.get(&one.vulnerability).copied().unwrap_or_default();
    }
    let vulnerabilities = used
        .iter()
        .filter_map(|at| {
            let at = *at as usize;
            Some(describe(flaws.flaws.get(at)?, of_flaws.get(at)?, &flaws, &about_of))
        })
        .collect();

    let mut not_evaluated = hits.not_evaluated;
    not_evaluated.extend(words::undecided(inventory, rows, &hits.undecided, |number| {
        all.get(&number).map(|one| one.id.as_str()).filter(|id| !id.is_empty())
    }));
    not_evaluated.sort_by(|a, b| (a.package, &a.reason).cmp(&(b.package, &b.reason)));
    let places = places(inventory);
    let owned: HashSet<u32> = hits.owned.iter().map(|one| one.package).collect();
    VulnerabilityFacts {
        at: at.to_owned(),
        database: Some(database),
        problem: None,
        release: inventory.os.as_ref().map(|os| support::release(os, at)),
        coverage: coverage(&places, known, &not_evaluated, &owned),
        vulnerabilities,
        matches,
        not_evaluated,
        owned: hits.owned,
    }
}

/// The facts when there is no database: nothing is known, and that is said.
#[must_use]
pub fn without_database(inventory: &Inventory, problem: &str, at: &str) -> VulnerabilityFacts {
    let places = places(inventory);
    let not_evaluated: Vec<NotEvaluated> = (0..)
        .zip(&places.of)
        .filter_map(|(package, place)| {
            place.as_ref().err().map(|reason| NotEvaluated { package, reason: reason.clone() })
        })
        .collect();
    VulnerabilityFacts {
        at: at.to_owned(),
        problem: Some(problem.to_owned()),
        release: inventory.os.as_ref().map(|os| support::release(os, at)),
        coverage: coverage(&places, &[], &not_evaluated, &HashSet::new()),
        not_evaluated,
        ..VulnerabilityFacts::default()
    }
}

/// Stand-ins for records of hits that were not given.
fn missing(rows: &[Row], hits: &Hits, given: &HashMap<i64, &Details>) -> Vec<Details> {
    let numbers = hits.hits.iter().filter_map(|hit| Some(rows.get(hit.row as usize)?.record));
    let missing: BTreeSet<i64> = numbers.filter(|number| !given.contains_key(number)).collect();
    missing.into_iter().map(|number| Details { number, id: format!("record {number}"), ..Details::default() }).collect()
}

/// What the database knows of each ecosystem, and of how many packages something can be said. Packages that are left to
/// the distribution are counted with their owner.
fn coverage(places: &Places, known: &[Known], not_evaluated: &[NotEvaluated], owned: &HashSet<u32>) -> Vec<Coverage> {
    let without: HashSet<u32> = not_evaluated.iter().map(|one| one.package).collect();
    let known: HashMap<&str, &Known> = known.iter().map(|one| (one.ecosystem.as_str(), one)).collect();
    let mut coverage: Vec<Coverage> = places
        .ecosystems
        .iter()
        .map(|ecosystem| {
            let known = known.get(ecosystem.as_str());
            let mut feeds = known.map(|known| known.feeds.clone()).unwrap_or_default();
            feeds.sort();
            feeds.dedup();
            Coverage {
                ecosystem: ecosystem.clone(),
                data: known.map_or(Data::None, |known| known.data),
                feeds,
                ..Coverage::default()
            }
        })
        .collect();
    for (package, place) in (0u32..).zip(&places.of) {
        let Some(coverage) = place.as_ref().ok().and_then(|at| coverage.get_mut(*at)) else { continue };
        if owned.contains(&package) {
            continue;
        }
        coverage.packages = coverage.packages.saturating_add(1);
        if coverage.data != Data::None && !without.contains(&package) {
            coverage.evaluated = coverage.evaluated.saturating_add(1);
        }
    }
    coverage.retain(|one| one.packages > 0);
    coverage
}

/// A flaw in full, from the records that are about it, in the order of their ids.
fn describe(flaw: &Flaw, records: &[&Of<'_>], flaws: &Flaws, about: &HashMap<&str, &About>) -> Vulnerability {
    let is_one = |record: &&&Of<'_>| flaws.of.get(&record.details.number).is_none_or(|of| of.len() < 2);
    let ids = || std::iter::once(&flaw.id).chain(&flaw.aliases).map(String::as_str);
    let about: Vec<&About> = ids().filter_map(|id| about.get(id).copied()).filter(|about| !about.rejected).collect();

    // What is about this flaw alone says more of it than what is about several.
    let mut ordered: Vec<&Details> = records.iter().filter(is_one).map(|record| record.details).collect();
    let alone = ordered.len();
    ordered.extend(records.iter().filter(|record| !is_one(record)).map(|record| record.details));

    let said = |details: &[&Details]| {
        details.iter().map(|details| details.summary.trim()).find(|text| !text.is_empty()).map(str::to_owned)
    };
    let (own, several) = ordered.split_at_checked(alone).unwrap_or((&[], &[]));
    let summary = said(own)
        .or_else(|| about.iter().find_map(|about| about.summary.clone()))
        .or_else(|| said(several))
        .unwrap_or_default();

    let mut severities: Vec<Said> = Vec::new();
    let of_records = ordered.iter().flat_map(|details| &details.severities);
    for one in of_records.chain(about.iter().flat_map(|about| &about.severities)) {
        if !severities.iter().any(|other| is_same(other, one)) {
            severities.push(one.clone());
        }
    }
    let mut references: Vec<String> = Vec::new();
    for reference in ordered.iter().flat_map(|details| &details.references) {
        if references.len() < MAX_REFERENCES && !references.contains(reference) {
            references.push(reference.clone());
        }
    }
    let of_own = if own.is_empty() { several } else { own };
    Vulnerability {
        id: flaw.id.clone(),
        aliases: flaw.aliases.clone(),
        summary,
        published: of_own.iter().filter_map(|details| details.published.clone()).min(),
        modified: of_own.iter().filter_map(|details| details.modified.clone()).max(),
        severities,
        exploited: about.iter().find_map(|about| about.exploited.clone()),
        epss: about.iter().filter_map(|about| about.epss.clone()).max_by_key(|epss| epss.score),
        malicious: ordered.iter().any(|details| details.malicious),
        references,
    }
}

/// Whether two say the same: each source's vector counts once; where there is none, its word.
pub(super) fn is_same(a: &Said, b: &Said) -> bool {
    a.source == b.source
        && a.vector == b.vector
        && (a.vector.is_some() || (a.word, &a.said, a.score) == (b.word, &b.said, b.score))
}
