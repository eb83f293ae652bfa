//! Known vulnerabilities as checks weigh them: each match with its severity and standing, and whether it fails the
//! profile. For A3, which judges them, and A4, which names those of unneeded packages.

use std::collections::HashMap;

use plimsoll_advisories::rating::{Rating, rate};
use plimsoll_advisories::treat::{Standing, SubjectIds, Treated, treat};
use plimsoll_advisories::{Match, Vulnerability, VulnerabilityFacts, Word};
use plimsoll_catalog::Severity;
use plimsoll_packages::{Inventory, Package};

use crate::Facts;
use crate::bases::Full;
use crate::settings::{Settings, VulnerabilityPolicy};

/// One match, weighed.
#[derive(Debug, Clone)]
pub struct Weighed<'a> {
    /// Index of the match.
    pub index: usize,
    /// The match.
    pub of: &'a Match,
    /// The flaw.
    pub vulnerability: &'a Vulnerability,
    /// The package.
    pub package: &'a Package,
    /// Severity by the profile's policy.
    pub rating: Rating,
    /// How it stands.
    pub treated: Treated,
    /// Whether it fails the profile. An acceptance does not change that.
    pub fails: bool,
    /// Whether nobody knows how severe it is, so that a person must say whether it fails.
    pub open: bool,
}

impl Weighed<'_> {
    /// Whether it still counts against the image.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.treated.standing.counts()
    }

    /// Whether an acceptance holds for it.
    #[must_use]
    pub fn accepted(&self) -> bool {
        self.treated.standing == Standing::Accepted
    }
}

/// A severity as an observation bears it.
pub(crate) fn severity_of(word: Word) -> Severity {
    match word {
        Word::Critical => Severity::Critical,
        Word::High => Severity::High,
        Word::Medium | Word::Unknown => Severity::Medium,
        Word::Low => Severity::Low,
        Word::None => Severity::Info,
    }
}

/// What identifies a subject in VEX documents and acceptances: `id` is its id in the engagement.
#[must_use]
pub fn subject_ids(id: &str, facts: &Facts) -> SubjectIds {
    let mut ids = SubjectIds { id: id.to_owned(), ..SubjectIds::default() };
    let add = |list: &mut Vec<String>, text: String| {
        if !text.is_empty() && !list.contains(&text) {
            list.push(text);
        }
    };
    let mut names = Vec::new();
    let mut digests = Vec::new();
    if let Some(image) = &facts.image {
        let given = facts.source.strip_prefix("docker://").or_else(|| facts.source.strip_prefix("docker-daemon:"));
        let written = image.repo_tags.iter().chain(&image.reference).chain(&facts.registry_digests).map(String::as_str);
        for name in written.chain(given) {
            add(&mut names, name.to_owned());
            if let Some((repository, _)) = name.rsplit_once(':').filter(|(_, tag)| !tag.contains('/')) {
                add(&mut names, repository.split('@').next().unwrap_or(repository).to_owned());
            }
            if let Some(full) = Full::parse(name) {
                add(&mut names, full.repository.clone());
                if let Some(tag) = &full.tag {
                    add(&mut names, format!("{}:{tag}", full.repository));
                }
                add(&mut digests, full.digest.unwrap_or_default());
            }
        }
        add(&mut digests, image.digest.clone().unwrap_or_default());
        add(&mut digests, image.config_digest.clone());
    }
    if let Some(sbom) = &facts.sbom {
        add(&mut names, sbom.subject.clone().unwrap_or_default());
        for digest in &sbom.digests {
            add(&mut digests, digest.clone());
        }
    }
    ids.names = names;
    ids.digests = digests;
    ids
}

/// Whether a match fails the profile, and whether a person must say so because nobody tells its severity.
fn fails(of: &Match, vulnerability: &Vulnerability, rating: &Rating, policy: &VulnerabilityPolicy) -> (bool, bool) {
    if of.kernel_headers {
        return (false, false);
    }
    if vulnerability.malicious || (policy.fail_exploited && vulnerability.exploited.is_some()) {
        return (true, false);
    }
    if policy.only_fixable && of.fixed.is_none() {
        return (false, false);
    }
    match rating.word {
        Word::Unknown => (policy.fail_from == Word::None, policy.fail_from != Word::None),
        word => (word >= policy.fail_from, false),
    }
}

/// All matches of a subject, weighed, in the order of the facts. Empty when nothing was matched.
#[must_use]
pub fn weigh<'a>(facts: &'a Facts, settings: &Settings) -> Vec<Weighed<'a>> {
    let (Some(inventory), Some(found)) = (facts.inventory(), &facts.vulnerabilities) else { return Vec::new() };
    // Of what is said for single subjects, the facts hold what is said for this one.
    let statements = facts.vex.iter().filter_map(|statement| statement.subject.as_deref());
    let acceptances = facts.acceptances.iter().filter_map(|acceptance| acceptance.subject.as_deref());
    let own = statements.chain(acceptances).next().unwrap_or_default();
    weigh_with(&subject_ids(own, facts), inventory, found, facts, settings)
}

fn weigh_with<'a>(
    ids: &SubjectIds,
    inventory: &'a Inventory,
    found: &'a VulnerabilityFacts,
    facts: &'a Facts,
    settings: &Settings,
) -> Vec<Weighed<'a>> {
    let policy = &settings.vulnerabilities;
    let treated = treat(ids, inventory, found, &facts.vex, &facts.acceptances, &found.at);
    let each = found.matches.iter().enumerate().zip(treated);
    each.filter_map(|((index, of), treated)| {
        let vulnerability = found.vulnerabilities.get(of.vulnerability as usize)?;
        let package = inventory.packages.get(of.package as usize)?;
        let rating = rate(vulnerability, of, policy.severity);
        let (fails, open) = fails(of, vulnerability, &rating, policy);
        let counts = treated.standing.counts();
        Some(Weighed {
            index,
            of,
            vulnerability,
            package,
            rating,
            treated,
            fails: fails && counts,
            open: open && counts,
        })
    })
    .collect()
}

/// The worst vulnerability of each package that still counts, with how many there are: by index of the package.
pub(crate) fn worst_by_package(facts: &Facts, settings: &Settings) -> HashMap<u32, (Word, String, usize)> {
    let mut worst: HashMap<u32, (Word, String, usize)> = HashMap::new();
    for weighed in weigh(facts, settings).iter().filter(|weighed| weighed.counts() && !weighed.of.kernel_headers) {
        let entry = worst.entry(weighed.of.package).or_insert((Word::Unknown, String::new(), 0));
        entry.2 += 1;
        if entry.1.is_empty() || weighed.rating.word > entry.0 {
            entry.0 = weighed.rating.word;
            entry.1.clone_from(&weighed.vulnerability.id);
        }
    }
    worst
}
