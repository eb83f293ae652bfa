//! Which acceptances speak to which match, and whether they hold.

use std::collections::HashMap;

use plimsoll_packages::Package;
use time::Date;

use crate::ecosystem::{normal_name, of_language};
use crate::purl::{Ours, Purl};
use crate::treat::speak::Flaws;
use crate::treat::{Acceptance, MOST, SubjectIds};
use crate::when;

struct One<'a> {
    index: usize,
    /// Whether it holds, and until when.
    holds: bool,
    until: Option<Date>,
    about_subject: bool,
    package: Option<&'a str>,
    purl: Option<Purl>,
}

/// The acceptances of one subject, by the number of the flaw's id.
pub(super) struct Accepting<'a> {
    by_id: HashMap<u32, Vec<One<'a>>>,
}

impl<'a> Accepting<'a> {
    pub(super) fn of(subject: &SubjectIds, flaws: &Flaws, acceptances: &'a [Acceptance], at: &str) -> Accepting<'a> {
        let today = when::day(at);
        let mut by_id: HashMap<u32, Vec<One>> = HashMap::new();
        for (index, acceptance) in acceptances.iter().enumerate() {
            if acceptance.subject.as_ref().is_some_and(|about| *about != subject.id) {
                continue;
            }
            let Some(id) = flaws.number(&acceptance.vulnerability) else { continue };
            let until = when::day(&acceptance.expires);
            let package = acceptance.package.as_deref().map(str::trim).filter(|package| !package.is_empty());
            by_id.entry(id).or_default().push(One {
                index,
                holds: matches!((today, until), (Some(today), Some(until)) if today <= until),
                until,
                about_subject: acceptance.subject.is_some(),
                package,
                purl: package.and_then(Purl::parse),
            });
        }
        // Those that hold first; of these the more particular, then the one that holds longest.
        for found in by_id.values_mut() {
            found.sort_by(|a, b| {
                let key = |one: &One| (one.holds, one.package.is_some(), one.about_subject, one.until);
                key(b).cmp(&key(a)).then(a.index.cmp(&b.index))
            });
        }
        Accepting { by_id }
    }

    /// The acceptances of a match, the one that counts first, and whether that one holds; none when there is none.
    pub(super) fn of_match(
        &self,
        ids: &[u32],
        package: Option<&Package>,
        ours: Option<&Ours>,
    ) -> (Vec<usize>, Option<bool>) {
        let mut found: Vec<&One> = Vec::new();
        for id in ids {
            let speaks = |one: &&One| one.package.is_none_or(|name| is_package(one, name, package, ours));
            found.extend(self.by_id.get(id).into_iter().flatten().filter(speaks).take(MOST));
        }
        found.sort_by(|a, b| {
            let key = |one: &One| (one.holds, one.package.is_some(), one.about_subject, one.until);
            key(b).cmp(&key(a)).then(a.index.cmp(&b.index))
        });
        found.truncate(MOST);
        let holds = found.first().map(|one| one.holds);
        (found.iter().map(|one| one.index).collect(), holds)
    }
}

/// Whether an acceptance means a package: by purl, or by the name under which it is installed.
fn is_package(one: &One, name: &str, package: Option<&Package>, ours: Option<&Ours>) -> bool {
    if let Some(purl) = &one.purl {
        return ours.is_some_and(|ours| ours.is_meant(purl, false));
    }
    package.is_some_and(|package| match of_language(package.ecosystem) {
        Some(ecosystem) => normal_name(ecosystem, name) == normal_name(ecosystem, &package.name),
        None => name == package.name,
    })
}
