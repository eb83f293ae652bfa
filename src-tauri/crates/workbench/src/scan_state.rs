//! How the scan of one subject stands: what its result is, in one word and one sentence, and what is to be known beside
//! it. "Nothing found" is said only where something was looked for.

use plimsoll_advisories::{Data, SourceState, Support, VulnerabilityFacts};
use plimsoll_catalog::Language;
use plimsoll_checks::Facts;
use plimsoll_packages::Inventory;
use serde::Serialize;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::vulnerabilities::names;
use crate::words::pick;

/// What a scan came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ScanResult {
    /// Something matched.
    Matched,
    /// It was looked for, and nothing matched.
    NoneFound,
    /// The database knows nothing of what is installed: nothing could be found.
    NoData,
    /// Nothing matched, of a release that no longer gets fixes: new flaws are not listed for it.
    PastEndOfLife,
    /// There was no database.
    NoDatabase,
    /// The package lists could not be read.
    NotRead,
    /// It was read before there was anything to match against.
    NotScanned,
}

/// How the scan of one subject stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanState {
    /// In one word.
    pub result: ScanResult,
    /// In one sentence.
    pub sentence: String,
    /// What is to be known beside it, one sentence each.
    pub notes: Vec<String>,
}

/// The first ten characters of a date or of a moment in RFC 3339.
pub(crate) fn date(text: &str) -> Option<Date> {
    Date::parse(text.get(..10)?, format_description!("[year]-[month]-[day]")).ok()
}

/// How many days lie between a state of the data and a day; none where the state is no date.
pub(crate) fn age(source: &SourceState, at: Date) -> Option<u32> {
    let of = source.snapshot.as_deref().and_then(date)?;
    u32::try_from((at - of).whole_days().max(0)).ok()
}

/// The age in days of the newest data among some feeds; none where no feed tells a date.
fn newest_age(facts: &VulnerabilityFacts, feeds: &[String]) -> Option<u32> {
    let at = date(&facts.at).unwrap_or_else(|| OffsetDateTime::now_utc().date());
    let speaks = |source: &&SourceState| feeds.contains(&source.feed);
    facts.database.iter().flat_map(|database| &database.sources).filter(speaks).filter_map(|s| age(s, at)).min()
}

/// How the scan of a subject stands; none for what has no packages to begin with (a Dockerfile, a registry).
#[must_use]
pub fn scan_state(facts: &Facts, oldest_days: u32, language: Language) -> Option<ScanState> {
    let inventory = facts.inventory()?;
    let mut notes = facts.evidence_problems.clone();
    let state = |result, sentence: String, notes| Some(ScanState { result, sentence, notes });
    let Some(scan) = &facts.vulnerabilities else {
        let sentence = pick(
            language,
            "This subject was read before there was an advisory database; run the audit again.",
            "Dieser Gegenstand wurde gelesen, bevor es eine Advisory-Datenbank gab; starten Sie das Audit erneut.",
        );
        return state(ScanResult::NotScanned, sentence.to_owned(), notes);
    };
    unread(inventory, language, &mut notes);
    let mut passed_over = Vec::new();
    for file in facts.image.iter().flat_map(|image| &image.unread).filter(|file| file.purpose == "packages").take(100) {
        passed_over.push(match language {
            Language::En => format!("{} was not looked into: {}.", file.path, file.reason),
            Language::De => format!("{} wurde nicht durchsucht: {}.", file.path, file.reason),
        });
    }
    let is_unread = inventory.sources.iter().any(|source| source.error.is_some()) || !passed_over.is_empty();
    notes.append(&mut passed_over);
    notes.extend(inventory.problems.iter().take(100).cloned());
    if let Some(sbom) = &facts.sbom {
        notes.extend(sbom.left_out.iter().take(100).cloned());
    }
    if inventory.packages.is_empty() && is_unread {
        let sentence = pick(
            language,
            "The package lists could not be read, so nothing is known about vulnerabilities.",
            "Die Paketlisten konnten nicht gelesen werden; über Schwachstellen ist nichts bekannt.",
        );
        return state(ScanResult::NotRead, sentence.to_owned(), notes);
    }
    if scan.database.is_none() {
        let none = pick(language, "There was no advisory database.", "Es gab keine Advisory-Datenbank.");
        return state(ScanResult::NoDatabase, scan.problem.clone().unwrap_or_else(|| none.to_owned()), notes);
    }
    told(scan, oldest_days, language, &mut notes);
    let (result, sentence) = result(inventory, scan, language);
    state(result, sentence, notes)
}

/// Package lists that could not be read, beside others that could.
fn unread(inventory: &Inventory, language: Language, notes: &mut Vec<String>) {
    for source in inventory.sources.iter().filter(|source| source.error.is_some()).take(100) {
        if let Some(error) = &source.error {
            notes.push(match language {
                Language::En => format!("The package list {} could not be read: {error}.", source.path),
                Language::De => format!("Die Paketliste {} konnte nicht gelesen werden: {error}.", source.path),
            });
        }
    }
}

fn told(scan: &VulnerabilityFacts, oldest_days: u32, language: Language, notes: &mut Vec<String>) {
    for coverage in scan.coverage.iter().filter(|coverage| coverage.packages > 0) {
        let (of, count) = (&coverage.ecosystem, coverage.packages);
        match (coverage.data, language) {
            (Data::WithUnfixed, _) => {}
            (Data::FixedOnly, Language::En) => notes.push(format!(
                "The data on {of} list only flaws that have been fixed: what has no fix yet does not show."
            )),
            (Data::FixedOnly, Language::De) => notes.push(format!(
                "Die Daten zu {of} nennen nur behobene Schwachstellen: Was noch keine Korrektur hat, erscheint nicht."
            )),
            (Data::None, Language::En) => {
                notes.push(format!("The database has no data on {of}: nothing can be said of {count} packages."));
            }
            (Data::None, Language::De) => {
                notes.push(format!("Die Datenbank hat keine Daten zu {of}: Über {count} Pakete ist nichts bekannt."));
            }
        }
    }
    if !scan.not_evaluated.is_empty() {
        let mut packages: Vec<u32> = scan.not_evaluated.iter().map(|of| of.package).collect();
        packages.sort_unstable();
        packages.dedup();
        let count = packages.len();
        notes.push(match language {
            Language::En => format!("Packages that could not be evaluated, and are no safer for it: {count}."),
            Language::De => {
                format!("Pakete, die nicht bewertet werden konnten und dadurch nicht sicherer sind: {count}.")
            }
        });
    }
    if !scan.owned.is_empty() {
        let count = scan.owned.len();
        notes.push(match language {
            Language::En => format!(
                "Packages of programming languages that were left to the distribution, whose packages own them: {count}."
            ),
            Language::De => format!(
                "Pakete von Programmiersprachen, die der Distribution überlassen wurden, weil deren Pakete sie besitzen: {count}."
            ),
        });
    }
    if let Some(release) = &scan.release {
        let end = release.extended_end.as_ref().or(release.standard_end.as_ref());
        let on = end.map(|end| format!(" ({end})")).unwrap_or_default();
        match (release.support, language) {
            (Support::Ended, Language::En) => {
                notes.push(format!("The support of {} has ended{on}: new flaws are no longer fixed.", release.name));
            }
            (Support::Ended, Language::De) => notes.push(format!(
                "Die Unterstützung von {} ist beendet{on}: Neue Schwachstellen werden nicht mehr behoben.",
                release.name
            )),
            (Support::Extended, Language::En) => {
                notes.push(format!("{} gets only extended support{on}.", release.name));
            }
            (Support::Extended, Language::De) => {
                notes.push(format!("{} erhält nur noch erweiterte Unterstützung{on}.", release.name));
            }
            (Support::Supported | Support::Unknown, _) => {}
        }
    }
    for coverage in scan.coverage.iter().filter(|coverage| coverage.packages > 0 && coverage.data != Data::None) {
        let of = &coverage.ecosystem;
        match (newest_age(scan, &coverage.feeds), language) {
            (Some(age), _) if age <= oldest_days => {}
            (Some(age), Language::En) => notes.push(format!("The data on {of} are {age} days old.")),
            (Some(age), Language::De) => notes.push(format!("Die Daten zu {of} sind {age} Tage alt.")),
            (None, Language::En) => notes.push(format!("How old the data on {of} are is not known.")),
            (None, Language::De) => notes.push(format!("Wie alt die Daten zu {of} sind, ist nicht bekannt.")),
        }
    }
    let headers = scan.matches.iter().filter(|of| of.kernel_headers).count();
    if headers > 0 {
        notes.push(names::headers(headers, language));
    }
}

fn result(inventory: &Inventory, scan: &VulnerabilityFacts, language: Language) -> (ScanResult, String) {
    let evaluated: u32 = scan.coverage.iter().fold(0, |sum, coverage| sum.saturating_add(coverage.evaluated));
    if !scan.matches.is_empty() {
        // Kernel headers do not run; they are told of beside.
        let counting = || scan.matches.iter().filter(|of| !of.kernel_headers);
        let flaws = distinct(counting().map(|of| of.vulnerability));
        let packages = distinct(counting().map(|of| of.package));
        let sentence = match language {
            Language::En => {
                format!("Known vulnerabilities: {flaws}, in packages: {packages}, of {evaluated} evaluated.")
            }
            Language::De => {
                format!("Bekannte Schwachstellen: {flaws}, in Paketen: {packages}, von {evaluated} bewerteten.")
            }
        };
        return (ScanResult::Matched, sentence);
    }
    if inventory.packages.is_empty() {
        let sentence = pick(
            language,
            "No package was found in this subject, so there was nothing to match; that does not say that it is safe.",
            "In diesem Gegenstand wurde kein Paket gefunden; es gab nichts abzugleichen. Sicher ist er dadurch nicht.",
        );
        return (ScanResult::NoData, sentence.to_owned());
    }
    if let Some(release) = scan.release.as_ref().filter(|release| release.support == Support::Ended) {
        let name = &release.name;
        let sentence = match language {
            Language::En => format!(
                "Nothing matched, but the support of {name} has ended: new flaws are not listed for it, so this is no good sign."
            ),
            Language::De => format!(
                "Kein Treffer, aber die Unterstützung von {name} ist beendet: Neue Schwachstellen werden dafür nicht mehr erfasst; das ist kein gutes Zeichen."
            ),
        };
        return (ScanResult::PastEndOfLife, sentence);
    }
    let knows = |name: &str| scan.coverage.iter().any(|c| c.ecosystem == name && c.data != Data::None);
    let blind = match scan.release.as_ref() {
        // Of a distribution that the data do not speak of, the languages' packages alone say little.
        Some(release) => !release.ecosystem.as_deref().is_some_and(knows),
        // Packages of a distribution whose release nothing names were not looked at either.
        None => inventory.packages.iter().any(|package| package.ecosystem.is_distribution()),
    };
    let nothing = evaluated == 0 || scan.coverage.iter().all(|coverage| coverage.data == Data::None);
    if blind || nothing {
        let of = scan.release.as_ref().map(|release| release.name.as_str()).filter(|name| !name.is_empty());
        let of = of.unwrap_or(pick(language, "the packages of this subject", "den Paketen dieses Gegenstands"));
        let sentence = match language {
            Language::En => format!("The database has no data on {of}: nothing could be found."),
            Language::De => format!("Die Datenbank hat keine Daten zu {of}: Es konnte nichts gefunden werden."),
        };
        return (ScanResult::NoData, sentence);
    }
    let sentence = match language {
        Language::En => format!("No known vulnerability in the {evaluated} packages that could be evaluated."),
        Language::De => {
            format!("Keine bekannte Schwachstelle in den {evaluated} Paketen, die bewertet werden konnten.")
        }
    };
    (ScanResult::NoneFound, sentence)
}

/// How many different ones there are.
fn distinct(numbers: impl Iterator<Item = u32>) -> usize {
    let mut numbers: Vec<u32> = numbers.collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_advisories::{Coverage, DatabaseState, Match, NotEvaluated, Release, Vulnerability};
    use plimsoll_packages::{Ecosystem, Package};

    fn inventory() -> Inventory {
        let package = Package::new(Ecosystem::Deb, "openssl".into(), "3.0.9-1".into());
        Inventory { packages: vec![package], ..Inventory::default() }
    }

    fn scan(data: Data, support: Support) -> VulnerabilityFacts {
        VulnerabilityFacts {
            at: "2026-11-24T00:00:00Z".into(),
            database: Some(DatabaseState {
                sources: vec![SourceState {
                    feed: "debian-tracker".into(),
                    snapshot: Some("2026-10-01".into()),
                    ..SourceState::default()
                }],
                ..DatabaseState::default()
            }),
            release: Some(Release {
                name: "Debian GNU/Linux 12 (bookworm)".into(),
                ecosystem: Some("Debian:12".into()),
                support,
                ..Release::default()
            }),
            coverage: vec![Coverage {
                ecosystem: "Debian:12".into(),
                data,
                packages: 1,
                evaluated: 1,
                feeds: vec!["debian-tracker".into()],
            }],
            ..VulnerabilityFacts::default()
        }
    }

    #[test]
    fn nothing_found_no_data_and_past_end_of_life_are_three_results() {
        let of = |data, support| result(&inventory(), &scan(data, support), Language::En).0;
        assert_eq!(of(Data::WithUnfixed, Support::Supported), ScanResult::NoneFound);
        assert_eq!(of(Data::FixedOnly, Support::Unknown), ScanResult::NoneFound);
        assert_eq!(of(Data::None, Support::Supported), ScanResult::NoData);
        assert_eq!(of(Data::WithUnfixed, Support::Ended), ScanResult::PastEndOfLife);
        let empty = result(&Inventory::default(), &scan(Data::WithUnfixed, Support::Supported), Language::De);
        assert_eq!(empty.0, ScanResult::NoData);
        let mut other = scan(Data::WithUnfixed, Support::Supported);
        other.release.as_mut().unwrap().ecosystem = None;
        assert_eq!(result(&inventory(), &other, Language::En).0, ScanResult::NoData);
        let mut hit = scan(Data::WithUnfixed, Support::Ended);
        hit.vulnerabilities.push(Vulnerability::default());
        hit.matches.push(Match::default());
        assert_eq!(result(&inventory(), &hit, Language::En).0, ScanResult::Matched);
    }

    #[test]
    fn what_is_to_be_known_beside_it_is_said() {
        let mut scan = scan(Data::FixedOnly, Support::Extended);
        scan.not_evaluated.push(NotEvaluated { package: 0, reason: "it has no version".into() });
        let mut notes = Vec::new();
        told(&scan, 14, Language::En, &mut notes);
        let all = notes.join("\n");
        for part in ["only flaws that have been fixed", "could not be evaluated", "extended support", "54 days old"] {
            assert!(all.contains(part), "{part}: {all}");
        }
        notes.clear();
        told(&scan, 60, Language::De, &mut notes);
        assert!(!notes.iter().any(|note| note.contains("Tage alt")), "{notes:?}");
        scan.matches.push(Match { kernel_headers: true, ..Match::default() });
        let (of, sentence) = result(&inventory(), &scan, Language::En);
        assert!(of == ScanResult::Matched && sentence.starts_with("Known vulnerabilities: 0,"), "{sentence}");
        told(&scan, 60, Language::En, &mut notes);
        assert!(notes.iter().any(|note| note.contains("kernel headers")));
    }
}
