//! For each of the 106 requirements: whether a program decides it, helps, or must leave it to a person; by which checks,
//! and what those cannot see.
//!
//! A check counts for a requirement only on kinds of subject that the requirement is decided on, and of which the check
//! has something to say: elsewhere its outcome weighs nothing. `coverage_table.rs` writes it down.

use plimsoll_catalog::{RequirementId, Strength, SubjectKind, Text, UseCaseId, standards};
use serde::Serialize;

use crate::{Check, CheckInfo};

/// Checks of the paper's use cases that have nothing to say of a Compose file, which names images and holds none.
const NOT_ON_COMPOSE: [&str; 16] = [
    "base-image-trust",
    "known-vulnerabilities",
    "supported-release",
    "image-waste",
    "image-content",
    "suspicious-content",
    "unneeded-packages",
    "remote-management",
    "lean-installs",
    "base-image-pinned",
    "update-with-install",
    "copy-not-add",
    "downloads-verified",
    "image-signed",
    "permissions-removed",
    "accounts-and-writable",
];
/// Those that have nothing to say of a Dockerfile without its image.
const NOT_ON_DOCKERFILE: [&str; 5] =
    ["known-vulnerabilities", "supported-release", "image-waste", "suspicious-content", "image-signed"];
/// Those that have something to say of a bill of materials.
const ON_BILLS: [&str; 2] = [crate::KNOWN_VULNERABILITIES, crate::SUPPORTED_RELEASE];

/// How far a program comes with a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum CoverageMode {
    /// A check can decide it, at least on one kind of subject: its pass and its fail both convince alone.
    Automated,
    /// Checks gather signals, or can only disprove it; a person decides the rest.
    Assisted,
    /// Only a person can look.
    Manual,
}

/// One check that speaks to a requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct By {
    /// The check's id.
    pub check: &'static str,
    /// Its title.
    pub title: Text,
    /// The use case that it answers.
    pub use_case: Option<UseCaseId>,
    /// The kinds of subject on which it speaks to the requirement.
    pub kinds: Vec<SubjectKind>,
    /// What its pass proves.
    pub pass: Strength,
    /// What its fail proves.
    pub fail: Strength,
    /// What it cannot see.
    pub unseen: Text,
}

/// What looks at one requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Coverage {
    /// The requirement.
    pub requirement: RequirementId,
    /// How far a program comes.
    pub mode: CoverageMode,
    /// The checks that speak to it.
    pub by: Vec<By>,
}

impl By {
    /// Whether it can decide the requirement alone, whichever way it ends.
    #[must_use]
    pub fn decides(&self) -> bool {
        (self.pass, self.fail) == (Strength::Decisive, Strength::Decisive)
    }
}

/// Whether a check has something to say of a kind of subject. The paper's checks run on all that the paper speaks of, and
/// do not apply to some of it.
fn speaks_of(check: &dyn Check, info: &CheckInfo, kind: SubjectKind) -> bool {
    if !check.kinds().contains(&kind) {
        return false;
    }
    if standards().runtime_check(info.id).is_some() {
        return true;
    }
    match kind {
        SubjectKind::Registry => info.use_case == Some(UseCaseId::C2),
        SubjectKind::Image => info.use_case != Some(UseCaseId::C2),
        SubjectKind::Dockerfile => info.use_case != Some(UseCaseId::C2) && !NOT_ON_DOCKERFILE.contains(&info.id),
        SubjectKind::Compose => info.use_case != Some(UseCaseId::C2) && !NOT_ON_COMPOSE.contains(&info.id),
        SubjectKind::Sbom => ON_BILLS.contains(&info.id),
        SubjectKind::Container | SubjectKind::Host | SubjectKind::Solution => true,
    }
}

/// What looks at each of the 106 requirements, in their order.
#[must_use]
pub fn coverage() -> Vec<Coverage> {
    let checks: Vec<_> = crate::all().into_iter().map(|check| (check, check.info())).collect();
    standards()
        .requirements()
        .map(|requirement| {
            let mut by = Vec::new();
            for (check, info) in &checks {
                let strengths = match standards().runtime_check(info.id) {
                    Some(own) => own.link(requirement.id).map(|link| (link.pass, link.fail)),
                    None if crate::requirement_ids(*check).contains(&requirement.id) => info
                        .use_case
                        .and_then(|id| standards().use_case(id).link(requirement.id))
                        .map(|link| (link.pass, link.fail)),
                    None => None,
                };
                let Some((pass, fail)) = strengths else { continue };
                let kinds: Vec<SubjectKind> =
                    requirement.subjects.iter().copied().filter(|kind| speaks_of(*check, info, *kind)).collect();
                // On no kind that the requirement is decided on: its outcomes weigh nothing there.
                if kinds.is_empty() {
                    continue;
                }
                by.push(By {
                    check: info.id,
                    title: info.title.clone(),
                    use_case: info.use_case,
                    kinds,
                    pass,
                    fail,
                    unseen: info.blind_spots.clone(),
                });
            }
            let mode = match by.as_slice() {
                [] => CoverageMode::Manual,
                some if some.iter().any(By::decides) => CoverageMode::Automated,
                _ => CoverageMode::Assisted,
            };
            Coverage { requirement: requirement.id, mode, by }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_requirement_is_there_and_says_how_far_a_program_comes() {
        let all = coverage();
        assert_eq!(all.len(), 106);
        for one in &all {
            assert_eq!(one.mode == CoverageMode::Manual, one.by.is_empty(), "{}", one.requirement);
        }
        let mode = |id: &str| all.iter().find(|one| one.requirement.to_string() == id).unwrap().mode;
        assert_eq!(mode("3.11"), CoverageMode::Automated);
        assert_eq!(mode("6.3"), CoverageMode::Assisted);
        assert_eq!(mode("1.1"), CoverageMode::Manual);
        assert_eq!(mode("4.2"), CoverageMode::Automated);
        assert_eq!(mode("6.4"), CoverageMode::Assisted);
        // A1 is linked with it, but no subject that A1 looks at is one that it is decided on.
        assert_eq!(mode("1.6"), CoverageMode::Manual);
    }

    #[test]
    fn whoever_speaks_to_a_requirement_does_so_on_a_kind_that_it_is_decided_on() {
        for one in coverage() {
            let subjects = &standards().requirement(one.requirement).unwrap().subjects;
            for by in &one.by {
                assert!(!by.kinds.is_empty() && by.kinds.iter().all(|kind| subjects.contains(kind)), "{}", by.check);
            }
        }
    }

    #[test]
    fn each_check_beyond_the_paper_has_its_links_and_each_links_check_is_there() {
        for own in &standards().runtime {
            let check = crate::check(&own.id).unwrap_or_else(|| panic!("{} is linked, and no check", own.id));
            assert_eq!(check.kinds(), own.kinds, "{}", own.id);
            assert_eq!(check.info().use_case, own.use_case, "{}", own.id);
        }
        for check in crate::all() {
            let info = check.info();
            assert!(
                info.use_case.is_some() || standards().runtime_check(info.id).is_some(),
                "{} has no links",
                info.id
            );
        }
    }

    #[test]
    fn what_is_said_of_the_papers_checks_is_what_they_say() {
        let compose = crate::facts::tests::compose(
            "services:\n  web:\n    image: nginx:1.27\n    build: .\n    user: '1000'\n    environment:\n      PASSWORD: hunter2hunter2\n    healthcheck:\n      test: [CMD, 'true']\n  db:\n    image: postgres\n",
        );
        let dockerfile = crate::facts::tests::dockerfile(
            "FROM debian:12\nRUN apt-get update && apt-get install -y curl\nADD a /a\nHEALTHCHECK CMD true\nUSER app\n",
        );
        for (facts, kind) in [(compose, SubjectKind::Compose), (dockerfile, SubjectKind::Dockerfile)] {
            for outcome in crate::judge("s1", &facts, &crate::Settings::default()) {
                let check = crate::check(&outcome.check).unwrap();
                if standards().runtime_check(&outcome.check).is_some() {
                    continue;
                }
                let silent = outcome.outcome == plimsoll_catalog::OutcomeKind::NotApplicable;
                let speaks = speaks_of(check, &check.info(), kind);
                assert_eq!(speaks, !silent, "{} on a {}", outcome.check, kind.as_str());
            }
        }
    }
}
