//! For each of the 106 requirements: whether a program decides it, helps, or must leave it to a person; by which checks,
//! and what those cannot see.

use plimsoll_catalog::{RequirementId, Strength, SubjectKind, Text, UseCaseId, standards};
use serde::Serialize;

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
                by.push(By {
                    check: info.id,
                    title: info.title.clone(),
                    use_case: info.use_case,
                    kinds: check.kinds().iter().copied().filter(|kind| requirement.subjects.contains(kind)).collect(),
                    pass,
                    fail,
                    unseen: info.blind_spots.clone(),
                });
            }
            let decides =
                |by: &By| (by.pass, by.fail) == (Strength::Decisive, Strength::Decisive) && !by.kinds.is_empty();
            let mode = match by.as_slice() {
                [] => CoverageMode::Manual,
                some if some.iter().any(decides) => CoverageMode::Automated,
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
    }
}
