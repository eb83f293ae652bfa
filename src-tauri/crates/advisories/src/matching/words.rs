//! What remained undecided, in words: one sentence's end for each package and reason, with the records' ids.

use std::collections::{BTreeMap, BTreeSet};

use plimsoll_packages::Inventory;

use super::place::places;
use super::{Row, Undecided, Why};
use crate::facts::NotEvaluated;

/// Ids that are named; more are counted.
const NAMED: usize = 3;

/// Words for undecided rows. `id` gives a record's id by its number, where it is known.
pub(super) fn undecided<'d>(
    inventory: &Inventory,
    rows: &[Row],
    undecided: &[Undecided],
    id: impl Fn(i64) -> Option<&'d str>,
) -> Vec<NotEvaluated> {
    if undecided.is_empty() {
        return Vec::new();
    }
    let places = places(inventory);
    let mut records: BTreeMap<(u32, Why), BTreeSet<i64>> = BTreeMap::new();
    for one in undecided {
        let Some(row) = rows.get(one.row as usize) else { continue };
        records.entry((one.package, one.why)).or_default().insert(row.record);
    }
    records
        .into_iter()
        .map(|((package, why), records)| {
            let mut ids: Vec<&str> = records.iter().filter_map(|record| id(*record)).collect();
            ids.sort_unstable();
            ids.dedup();
            let unnamed = records.iter().filter(|record| id(**record).is_none()).count();
            let ids = list(&ids, unnamed);
            let ecosystem = places.name(package as usize).unwrap_or_default();
            let reason = match why {
                Why::Bound => format!("a range of affected versions ends in what is no version ({ids})"),
                Why::Order => {
                    format!("the order of versions of {ecosystem} is not known, and advisories need it ({ids})")
                }
                Why::Module => {
                    format!("it does not say of which stream of its module it is, and advisories speak of one ({ids})")
                }
                Why::Fips => format!("it is a FIPS build, and advisories give versions of other builds only ({ids})"),
                Why::Commit => {
                    format!("its version names a commit, not a release, and advisories speak of releases ({ids})")
                }
            };
            NotEvaluated { package, reason }
        })
        .collect()
}

/// `CVE-2024-1, CVE-2024-2 and 5 more`.
fn list(ids: &[&str], unnamed: usize) -> String {
    let named: Vec<&str> = ids.iter().take(NAMED).copied().collect();
    let more = ids.len().saturating_sub(NAMED).saturating_add(unnamed);
    match (named.is_empty(), more) {
        (true, 1) => "one record".to_owned(),
        (true, more) => format!("{more} records"),
        (false, 0) => named.join(", "),
        (false, more) => format!("{} and {more} more", named.join(", ")),
    }
}
