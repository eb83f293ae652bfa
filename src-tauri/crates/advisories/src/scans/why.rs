//! Why only one side reports something, as far as it shows.

use std::collections::{HashMap, HashSet};

use plimsoll_packages::{Inventory, Package};

use crate::ecosystem::{of_language, of_release};
use crate::facts::{Data, VulnerabilityFacts};
use crate::purl::Ours;
use crate::scans::Scan;
use crate::scans::compare::{Theirs, can_be, our_names, their_names, version_of};

/// Packages of one name that are looked at.
const SAME_NAME: usize = 100;
/// Characters of what others wrote that go into a sentence.
const BRIEF: usize = 80;

/// What the reasons are looked up in.
pub(super) struct Why<'a> {
    inventory: &'a Inventory,
    facts: &'a VulnerabilityFacts,
    scan: &'a Scan,
    theirs: &'a Theirs,
    ours: &'a [Option<Ours>],
    /// Packages of ours by name.
    by_name: HashMap<String, Vec<u32>>,
    /// Their findings by the package's name: one of them is enough.
    their_names: HashMap<String, u32>,
    not_evaluated: HashMap<u32, &'a str>,
    owned: HashMap<u32, &'a str>,
    our_ids: HashSet<String>,
    their_ids: HashSet<String>,
    tool: &'a str,
}

impl<'a> Why<'a> {
    pub(super) fn of(
        inventory: &'a Inventory,
        facts: &'a VulnerabilityFacts,
        scan: &'a Scan,
        theirs: &'a Theirs,
        ours: &'a [Option<Ours>],
    ) -> Why<'a> {
        let mut by_name: HashMap<String, Vec<u32>> = HashMap::new();
        for (index, package) in (0_u32..).zip(&inventory.packages) {
            for name in our_names(package) {
                let same = by_name.entry(name).or_default();
                if same.len() < SAME_NAME {
                    same.push(index);
                }
            }
        }
        let mut names = HashMap::new();
        for ((index, finding), purl) in (0_u32..).zip(&scan.findings).zip(&theirs.purls) {
            for name in their_names(finding, purl.as_ref()) {
                names.entry(name).or_insert(index);
            }
        }
        let upper = |id: &String| id.trim().to_uppercase();
        let tool = if scan.tool.is_empty() { "The other scanner" } else { scan.tool.as_str() };
        Why {
            inventory,
            facts,
            scan,
            theirs,
            ours,
            by_name,
            their_names: names,
            not_evaluated: facts.not_evaluated.iter().map(|one| (one.package, one.reason.as_str())).collect(),
            owned: facts.owned.iter().map(|one| (one.package, one.owner.as_str())).collect(),
            our_ids: facts
                .vulnerabilities
                .iter()
                .flat_map(|flaw| std::iter::once(&flaw.id).chain(&flaw.aliases).map(upper))
                .collect(),
            their_ids: scan
                .findings
                .iter()
                .flat_map(|finding| std::iter::once(&finding.id).chain(&finding.aliases).map(upper))
                .collect(),
            tool,
        }
    }

    /// Why one of their findings is none of ours.
    pub(super) fn not_ours(&self, theirs: u32) -> String {
        let at = theirs as usize;
        let (Some(finding), Some(purl)) = (self.scan.findings.get(at), self.theirs.purls.get(at)) else {
            return "It is not known why.".to_owned();
        };
        if let Some(problem) = self.facts.problem.as_deref().filter(|_| self.facts.database.is_none()) {
            return format!("Nothing was matched here: {}.", problem.trim_end_matches('.'));
        }
        let name = brief(&finding.package);
        let mut same: Vec<u32> = Vec::new();
        for known in their_names(finding, purl.as_ref()) {
            same.extend(self.by_name.get(&known).into_iter().flatten());
        }
        same.sort_unstable();
        same.dedup();
        same.retain(|&index| can_be(self.ours.get(index as usize).and_then(Option::as_ref), purl.as_ref()));
        if same.is_empty() {
            return format!("The inventory holds no package {name}.");
        }
        let version = version_of(&finding.version);
        let is_version = |package: &Package| {
            version_of(&package.version) == version
                || package.source_version.as_deref().is_some_and(|source| version_of(source) == version)
        };
        let package = |index: u32| self.inventory.packages.get(index as usize);
        let fits = same.iter().copied().find(|&index| package(index).is_some_and(is_version));
        let Some(index) = fits else {
            let ours = same.first().and_then(|&index| package(index)).map(|package| brief(&package.version));
            let (ours, theirs) = (ours.unwrap_or_default(), brief(&finding.version));
            return format!("The inventory holds {name} in version {ours}, and they report version {theirs}.");
        };
        if let Some(reason) = self.not_evaluated.get(&index) {
            return format!("The package {name} was not evaluated here: {}.", reason.trim_end_matches('.'));
        }
        if let Some(owner) = self.owned.get(&index) {
            return format!("The package {name} was left to the distribution, whose package {} owns it.", brief(owner));
        }
        if self.facts.database.is_none() {
            return "Nothing was matched here: there was no advisory database.".to_owned();
        }
        let Some(ecosystem) = package(index).and_then(|package| self.ecosystem(package)) else {
            return format!("For packages like {name} the advisory database has no data.");
        };
        let known = self.facts.coverage.iter().find(|coverage| coverage.ecosystem == ecosystem);
        let data = known.map_or(Data::None, |coverage| coverage.data);
        if data == Data::None {
            return format!("The advisory database has no data on {ecosystem}.");
        }
        if data == Data::FixedOnly && finding.fixed.is_none() {
            return format!(
                "The data on {ecosystem} here list only flaws that have been fixed, and this one has no fix."
            );
        }
        let mut ids = std::iter::once(&finding.id).chain(&finding.aliases);
        if ids.any(|id| self.our_ids.contains(&id.trim().to_uppercase())) {
            return format!("The flaw was found here in other packages, but no range in the data includes {name}.");
        }
        format!(
            "The advisory is not in the database, or its range does not include {name} {}.",
            brief(&finding.version)
        )
    }

    /// Why one of our matches is none of theirs.
    pub(super) fn not_theirs(&self, ours: u32) -> String {
        let Some(found) = self.facts.matches.get(ours as usize) else { return "It is not known why.".to_owned() };
        let Some(package) = self.inventory.packages.get(found.package as usize) else {
            return "It is not known why.".to_owned();
        };
        let tool = brief(self.tool);
        let our = self.ours.get(found.package as usize).and_then(Option::as_ref);
        let listed = our_names(package).iter().find_map(|name| {
            let index = *self.their_names.get(name)? as usize;
            let purl = self.theirs.purls.get(index)?;
            self.scan.findings.get(index).filter(|_| can_be(our, purl.as_ref()))
        });
        let flaw = self.facts.vulnerabilities.get(found.vulnerability as usize);
        let is_known = flaw.is_some_and(|flaw| {
            let mut ids = std::iter::once(&flaw.id).chain(&flaw.aliases);
            ids.any(|id| self.their_ids.contains(&id.trim().to_uppercase()))
        });
        match (listed, is_known) {
            (Some(listed), _) if !self.is_version(package, &listed.version) => {
                let (version, ours) = (brief(&listed.version), brief(&package.version));
                format!("{tool} reports the package in version {version}, and here it is version {ours}.")
            }
            (Some(_), true) => format!("{tool} reports the package, and this flaw only in others."),
            (Some(_), false) => format!("{tool} reports the package, but not this flaw; why is not known."),
            (None, true) => format!("{tool} reports this flaw, but in other packages only."),
            (None, false) => format!("{tool} reports nothing on this package; whether it saw it is not known."),
        }
    }

    fn is_version(&self, package: &Package, version: &str) -> bool {
        let theirs = version_of(version);
        version_of(&package.version) == theirs
            || package.source_version.as_deref().is_some_and(|source| version_of(source) == theirs)
    }

    fn ecosystem(&self, package: &Package) -> Option<String> {
        match of_language(package.ecosystem) {
            Some(language) => Some(language.to_owned()),
            None => match self.facts.release.as_ref().and_then(|release| release.ecosystem.clone()) {
                Some(ecosystem) => Some(ecosystem),
                None => self.inventory.os.as_ref().and_then(of_release),
            },
        }
    }
}

/// The beginning of what others wrote.
fn brief(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(BRIEF).collect()
}
