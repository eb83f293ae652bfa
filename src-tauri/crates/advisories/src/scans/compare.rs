//! Pairs our matches with another scanner's findings.
//!
//! Findings are sorted once by id, name and version, each as a number, so that each match looks up its own.

use std::collections::{HashMap, HashSet};

use plimsoll_packages::{Ecosystem, Inventory, Package};

use crate::ecosystem::{normal_name, of_language, scheme};
use crate::facts::VulnerabilityFacts;
use crate::purl::{Ours, Purl};
use crate::scans::why::Why;
use crate::scans::{Compared, Comparison, Scan, ScanFinding};
use crate::versions;

/// Findings of one flaw in packages of one name whose versions are compared for being other spellings of one.
const SPELLINGS: usize = 50;

/// Findings of one flaw, name and version that are looked at for each match after the first.
const REPEATED: usize = 500;

/// Texts as numbers.
#[derive(Default)]
struct Numbers(HashMap<String, u32>);

impl Numbers {
    fn add(&mut self, text: String) -> u32 {
        let next = u32::try_from(self.0.len()).unwrap_or(u32::MAX);
        *self.0.entry(text).or_insert(next)
    }

    fn get(&self, text: &str) -> Option<u32> {
        self.0.get(text).copied()
    }
}

/// A name in a form in which tools agree.
pub(super) fn name_of(name: &str) -> String {
    name.trim().to_lowercase()
}

/// A version without what tools leave out or add: the epoch, Go's `v` and `go`.
pub(super) fn version_of(version: &str) -> String {
    let version = version.trim().to_lowercase();
    let plain = match version.split_once(':') {
        Some((epoch, plain)) if !epoch.is_empty() && epoch.bytes().all(|byte| byte.is_ascii_digit()) => plain,
        _ => version.as_str(),
    };
    let bare = plain.strip_prefix("go").or_else(|| plain.strip_prefix('v')).unwrap_or(plain);
    if bare.starts_with(|c: char| c.is_ascii_digit()) { bare.to_owned() } else { plain.to_owned() }
}

fn push(list: &mut Vec<String>, text: String) {
    if !text.is_empty() && !list.contains(&text) {
        list.push(text);
    }
}

/// The names of one of their packages.
pub(super) fn their_names(finding: &ScanFinding, purl: Option<&Purl>) -> Vec<String> {
    let mut names = Vec::new();
    push(&mut names, name_of(&finding.package));
    if let Some(purl) = purl {
        push(&mut names, name_of(&purl.full_name()));
        if purl.kind == "pypi" {
            push(&mut names, normal_name("PyPI", &finding.package));
        }
    }
    names
}

/// The names of one of our packages, its source's too.
pub(super) fn our_names(package: &Package) -> Vec<String> {
    let mut names = Vec::new();
    push(&mut names, name_of(&package.name));
    if let Some(ecosystem) = of_language(package.ecosystem) {
        push(&mut names, normal_name(ecosystem, &package.name).to_lowercase());
    }
    if package.ecosystem == Ecosystem::Maven
        && let Some((_, artifact)) = package.name.rsplit_once(':')
    {
        push(&mut names, name_of(artifact));
    }
    if let Some(source) = &package.source_name {
        push(&mut names, name_of(source));
    }
    names
}

fn our_versions(package: &Package) -> Vec<String> {
    let mut versions = Vec::new();
    push(&mut versions, version_of(&package.version));
    if let Some(source) = &package.source_version {
        push(&mut versions, version_of(source));
    }
    versions
}

/// Whether two packages of one name can be the same: of one type and namespace, as far as both tell.
pub(super) fn can_be(ours: Option<&Ours>, theirs: Option<&Purl>) -> bool {
    let (Some(ours), Some(theirs)) = (ours, theirs) else { return true };
    let vague = |kind: &str| kind == "generic";
    let ours = &ours.installed;
    if vague(&ours.kind) || vague(&theirs.kind) {
        return true;
    }
    // Distributions are called by several names, and a file is of one of them only.
    let is_distribution = matches!(ours.kind.as_str(), "deb" | "rpm" | "apk");
    ours.kind == theirs.kind && (is_distribution || ours.namespace == theirs.namespace)
}

/// Their findings, read once.
pub(super) struct Theirs {
    pub(super) purls: Vec<Option<Purl>>,
}

pub(super) fn compare(inventory: &Inventory, facts: &VulnerabilityFacts, scan: &Scan) -> Comparison {
    let theirs =
        Theirs { purls: scan.findings.iter().map(|finding| finding.purl.as_deref().and_then(Purl::parse)).collect() };
    let ours: Vec<Option<Ours>> = inventory.packages.iter().map(Ours::of).collect();
    let (mut ids, mut names, mut versions) = (Numbers::default(), Numbers::default(), Numbers::default());
    let mut exact: HashMap<(u32, u32, u32), Vec<u32>> = HashMap::new();
    let mut named: HashMap<(u32, u32), Vec<u32>> = HashMap::new();
    for ((index, finding), purl) in (0_u32..).zip(&scan.findings).zip(&theirs.purls) {
        let version = versions.add(version_of(&finding.version));
        let of_name: Vec<u32> = their_names(finding, purl.as_ref()).into_iter().map(|name| names.add(name)).collect();
        let mut of_id: Vec<u32> =
            std::iter::once(&finding.id).chain(&finding.aliases).map(|id| ids.add(id.trim().to_uppercase())).collect();
        of_id.sort_unstable();
        of_id.dedup();
        for &id in &of_id {
            for &name in &of_name {
                exact.entry((id, name, version)).or_default().push(index);
                let spellings = named.entry((id, name)).or_default();
                if spellings.len() < SPELLINGS {
                    spellings.push(index);
                }
            }
        }
    }
    // The ids of each flaw, the records' among them.
    let mut flaws: Vec<HashSet<u32>> = facts
        .vulnerabilities
        .iter()
        .map(|flaw| {
            let all = std::iter::once(&flaw.id).chain(&flaw.aliases);
            all.filter_map(|id| ids.get(&id.trim().to_uppercase())).collect()
        })
        .collect();
    for found in &facts.matches {
        if let Some(flaw) = flaws.get_mut(found.vulnerability as usize) {
            flaw.extend(found.reasons.iter().filter_map(|reason| ids.get(&reason.record.to_uppercase())));
        }
    }
    let flaws: Vec<Vec<u32>> = flaws
        .into_iter()
        .map(|ids| {
            let mut ids: Vec<u32> = ids.into_iter().collect();
            ids.sort_unstable();
            ids
        })
        .collect();

    let mut comparison = Comparison::default();
    // For each of their findings: the match of ours that could be it, and whether it is paired.
    let mut candidate: Vec<Option<u32>> = vec![None; scan.findings.len()];
    let mut paired: Vec<bool> = vec![false; scan.findings.len()];
    let mut alone: Vec<u32> = Vec::new();
    let mut visited: HashSet<(u32, u32, u32)> = HashSet::new();
    for (index, found) in (0_u32..).zip(&facts.matches) {
        let package = inventory.packages.get(found.package as usize);
        let our = ours.get(found.package as usize).and_then(Option::as_ref);
        let mut best: Option<(u8, u32)> = None;
        let of_flaw = flaws.get(found.vulnerability as usize).map_or(&[][..], Vec::as_slice);
        if let Some(package) = package {
            let our_versions: Vec<String> = our_versions(package);
            let version_numbers: Vec<u32> = our_versions.iter().filter_map(|version| versions.get(version)).collect();
            for name in our_names(package).iter().filter_map(|name| names.get(name)) {
                for &id in of_flaw {
                    let mut group: Vec<u32> = Vec::new();
                    for &version in &version_numbers {
                        let key = (id, name, version);
                        let same = exact.get(&key).map_or(&[][..], Vec::as_slice);
                        // All of them once; after that, more than some can bring nothing new.
                        let most = if visited.insert(key) { same.len() } else { REPEATED };
                        group.extend(same.iter().take(most));
                    }
                    if group.is_empty() {
                        let spelled = named.get(&(id, name)).into_iter().flatten().copied();
                        group.extend(spelled.filter(|&theirs| is_spelling(package, scan, theirs)));
                    }
                    for theirs_index in group {
                        let at = theirs_index as usize;
                        let (Some(finding), Some(purl)) = (scan.findings.get(at), theirs.purls.get(at)) else {
                            continue;
                        };
                        if !can_be(our, purl.as_ref()) {
                            continue;
                        }
                        if let Some(slot) = candidate.get_mut(at) {
                            slot.get_or_insert(index);
                        }
                        let is_new = !paired.get(at).copied().unwrap_or_default();
                        let score = closeness(package, our, finding, purl.as_ref()) * 2 + u8::from(is_new);
                        if best.is_none_or(|(known, _)| score > known) {
                            best = Some((score, theirs_index));
                        }
                    }
                }
            }
        }
        match best {
            Some((_, theirs_index)) => {
                if let Some(slot) = paired.get_mut(theirs_index as usize) {
                    *slot = true;
                }
                comparison.both.push(Compared { ours: Some(index), theirs: Some(theirs_index), why: None });
            }
            None => alone.push(index),
        }
    }
    let why = Why::of(inventory, facts, scan, &theirs, &ours);
    for (index, (candidate, paired)) in (0_u32..).zip(candidate.into_iter().zip(paired)) {
        match (paired, candidate) {
            (true, _) => {}
            // They report it twice, by two ids or at two places.
            (false, Some(ours)) => {
                comparison.both.push(Compared { ours: Some(ours), theirs: Some(index), why: None });
            }
            (false, None) => {
                let why = Some(why.not_ours(index));
                comparison.only_theirs.push(Compared { ours: None, theirs: Some(index), why });
            }
        }
    }
    comparison.both.sort_by_key(|pair| (pair.ours, pair.theirs));
    for index in alone {
        comparison.only_ours.push(Compared { ours: Some(index), theirs: None, why: Some(why.not_theirs(index)) });
    }
    comparison
}

/// Whether their version is ours in another spelling (`1.0` and `1.0.0`), by the order of the ecosystem.
fn is_spelling(package: &Package, scan: &Scan, theirs: u32) -> bool {
    let Some(finding) = scan.findings.get(theirs as usize) else { return false };
    let order = of_language(package.ecosystem).and_then(scheme);
    order.is_some_and(|order| {
        versions::compare(order, &package.version, &finding.version) == Some(std::cmp::Ordering::Equal)
    })
}

/// How close a finding is to a match of the same flaw, name and version: by purl, and by place.
fn closeness(package: &Package, ours: Option<&Ours>, finding: &ScanFinding, purl: Option<&Purl>) -> u8 {
    let installed = ours.zip(purl).is_some_and(|(ours, purl)| ours.installed.key() == purl.key());
    let name = name_of(&finding.package) == name_of(&package.name);
    let path = finding.path.as_deref().is_some_and(|path| {
        let (theirs, ours) = (path.trim_start_matches('/'), package.location.trim_start_matches('/'));
        !theirs.is_empty() && theirs == ours
    });
    u8::from(path) * 2 + u8::from(installed || name)
}
