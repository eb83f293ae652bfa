//! The fourteen use cases and the 106 requirements, read from the data beside this crate.
//!
//! Ids, levels and links are facts of the paper and of CSVS 1.0; titles, statements, questions and hints are ours.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::ids::{Level, Profile, RequirementId, SubjectKind, UseCaseId};
use crate::text::{Text, Texts};

/// What an outcome proves for a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// It convinces alone.
    Decisive,
    /// It is an indication; a person decides.
    Supporting,
}

/// Who decides a use case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// The program can.
    Automated,
    /// The program gathers signals, the auditor decides.
    Assisted,
}

/// Who in the audited team answers for a use case (the paper's Table I).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
#[allow(missing_docs)]
pub enum Role {
    Development,
    Security,
    Operations,
}

/// One of the paper's four phases.
#[derive(Debug, Clone, Deserialize)]
pub struct Phase {
    /// A, B, C or D.
    pub id: String,
    /// Its title.
    pub title: Text,
}

/// The link from a use case to a requirement.
#[derive(Debug, Clone, Deserialize)]
pub struct Link {
    /// The requirement.
    pub requirement: RequirementId,
    /// Whether it is one of the fourteen rows of the paper's Appendix B.
    pub in_paper: bool,
    /// What a pass of the use case proves for it.
    pub pass: Strength,
    /// What a fail of the use case proves for it.
    pub fail: Strength,
}

/// What one check on a host, a container or a Compose file proves beyond the paper's use cases.
///
/// The paper ends with the image. The checks that look at what runs are tied to requirements one by one, each with what
/// its own pass and fail are worth.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeCheck {
    /// The check's stable id: `live-restore`.
    pub id: String,
    /// The kinds of subject that it looks at.
    pub kinds: Vec<SubjectKind>,
    /// The use case that it also answers: D1 or D2, for containers.
    #[serde(default)]
    pub use_case: Option<UseCaseId>,
    /// What it proves.
    pub csvs: Vec<RuntimeLink>,
    /// Recommendations of the CIS Docker Benchmark 1.6 that ask the same: `5.12`.
    #[serde(default)]
    pub cis: Vec<String>,
    /// Countermeasure sections of NIST SP 800-190: `4.4.3`.
    #[serde(default)]
    pub nist: Vec<String>,
}

/// The link from a check to a requirement.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RuntimeLink {
    /// The requirement.
    pub requirement: RequirementId,
    /// What the check's pass proves for it.
    pub pass: Strength,
    /// What the check's fail proves for it.
    pub fail: Strength,
}

impl RuntimeCheck {
    /// The link to one requirement, if there is one.
    #[must_use]
    pub fn link(&self, requirement: RequirementId) -> Option<&RuntimeLink> {
        self.csvs.iter().find(|link| link.requirement == requirement)
    }
}

/// A use case of the paper.
#[derive(Debug, Clone, Deserialize)]
pub struct UseCase {
    /// A1–D2.
    pub id: UseCaseId,
    /// The phase it belongs to.
    pub phase: String,
    /// Who answers for it.
    pub roles: Vec<Role>,
    /// Who decides it.
    pub mode: Mode,
    /// The requirements that it speaks to.
    pub csvs: Vec<Link>,
    /// Countermeasure sections of NIST SP 800-190.
    pub nist: Vec<String>,
    /// Recommendations of the CIS Docker Benchmark.
    pub cis: Vec<String>,
    /// Short title.
    pub title: Text,
    /// What a pass means.
    pub statement: Text,
    /// What to ask.
    pub question: Text,
    /// What to collect.
    pub evidence: Texts,
}

impl UseCase {
    /// The link to one requirement, if there is one.
    #[must_use]
    pub fn link(&self, requirement: RequirementId) -> Option<&Link> {
        self.csvs.iter().find(|link| link.requirement == requirement)
    }
}

/// A chapter of CSVS.
#[derive(Debug, Clone, Deserialize)]
pub struct Chapter {
    /// V1–V12.
    pub id: String,
    /// Its title.
    pub title: Text,
    /// Its requirements, in order.
    pub requirements: Vec<Requirement>,
}

/// A requirement of CSVS 1.0, in our own words.
#[derive(Debug, Clone, Deserialize)]
pub struct Requirement {
    /// Its id.
    pub id: RequirementId,
    /// The lowest level that includes it.
    pub level: Level,
    /// The kinds of subject that it is decided on.
    pub subjects: Vec<SubjectKind>,
    /// A short title.
    pub title: Text,
    /// What must hold.
    pub statement: Text,
    /// What to ask.
    pub question: Text,
    /// What to collect.
    pub evidence: Texts,
    /// Evidence that would convince, as an example: what it might say or show.
    pub example: Text,
}

impl Requirement {
    /// SHA-256 of the normalised English and German statement, hex: a decision rests on this wording.
    #[must_use]
    pub fn text_sha256(&self) -> String {
        let mut hash = Sha256::new();
        for text in [&self.statement.en, &self.statement.de] {
            hash.update(text.split_whitespace().collect::<Vec<_>>().join(" ").as_bytes());
            hash.update([0]);
        }
        hex::encode(hash.finalize())
    }
}

/// All of it.
#[derive(Debug)]
pub struct Standards {
    /// The paper's phases.
    pub phases: Vec<Phase>,
    /// The paper's use cases.
    pub use_cases: Vec<UseCase>,
    /// The chapters of CSVS 1.0.
    pub chapters: Vec<Chapter>,
    /// What checks on hosts, containers and Compose files prove.
    pub runtime: Vec<RuntimeCheck>,
    /// SHA-256 of the data, hex: names the version of the catalogue that a verdict was computed with.
    pub sha256: String,
}

impl Standards {
    /// The 106 requirements in order.
    pub fn requirements(&self) -> impl Iterator<Item = &Requirement> {
        self.chapters.iter().flat_map(|chapter| &chapter.requirements)
    }

    /// One requirement.
    #[must_use]
    pub fn requirement(&self, id: RequirementId) -> Option<&Requirement> {
        self.requirements().find(|requirement| requirement.id == id)
    }

    /// One use case.
    #[must_use]
    pub fn use_case(&self, id: UseCaseId) -> &UseCase {
        // All fourteen are there: a test counts them, and the data is part of the program.
        &self.use_cases[id as usize]
    }

    /// What a check on hosts, containers or Compose files proves; none for a check that only answers a use case.
    #[must_use]
    pub fn runtime_check(&self, id: &str) -> Option<&RuntimeCheck> {
        self.runtime.iter().find(|check| check.id == id)
    }

    /// Whether a profile measures against a requirement.
    #[must_use]
    pub fn in_profile(&self, profile: Profile, requirement: RequirementId) -> bool {
        match profile {
            Profile::Full => true,
            Profile::Image => {
                self.use_cases.iter().any(|use_case| use_case.link(requirement).is_some_and(|link| link.in_paper))
            }
        }
    }
}

#[derive(Deserialize)]
struct UseCases {
    phases: Vec<Phase>,
    use_cases: Vec<UseCase>,
}

const USE_CASES: &str = include_str!("../data/use-cases.json");
const RUNTIME: [&str; 4] = [
    include_str!("../data/runtime/host.json"),
    include_str!("../data/runtime/swarm.json"),
    include_str!("../data/runtime/workload.json"),
    include_str!("../data/runtime/container.json"),
];
const CHAPTERS: [&str; 12] = [
    include_str!("../data/csvs/V1.json"),
    include_str!("../data/csvs/V2.json"),
    include_str!("../data/csvs/V3.json"),
    include_str!("../data/csvs/V4.json"),
    include_str!("../data/csvs/V5.json"),
    include_str!("../data/csvs/V6.json"),
    include_str!("../data/csvs/V7.json"),
    include_str!("../data/csvs/V8.json"),
    include_str!("../data/csvs/V9.json"),
    include_str!("../data/csvs/V10.json"),
    include_str!("../data/csvs/V11.json"),
    include_str!("../data/csvs/V12.json"),
];

#[allow(clippy::expect_used)] // The data is part of the program; the tests read all of it.
static STANDARDS: LazyLock<Standards> = LazyLock::new(|| {
    let UseCases { phases, use_cases } =
        serde_json::from_str(USE_CASES).expect("use-cases.json is part of the program");
    let chapters = CHAPTERS.map(|text| serde_json::from_str(text).expect("csvs/*.json is part of the program")).into();
    let runtime = RUNTIME
        .into_iter()
        .flat_map(|text| {
            serde_json::from_str::<Vec<RuntimeCheck>>(text).expect("runtime/*.json is part of the program")
        })
        .collect();
    let mut hash = Sha256::new();
    hash.update(USE_CASES);
    RUNTIME.iter().for_each(|text| hash.update(text));
    CHAPTERS.iter().for_each(|text| hash.update(text));
    Standards { phases, use_cases, chapters, runtime, sha256: hex::encode(hash.finalize()) }
});

/// The standards that this program carries.
#[must_use]
pub fn standards() -> &'static Standards {
    &STANDARDS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_fourteen_use_cases_in_order() {
        let ids: Vec<_> = standards().use_cases.iter().map(|u| u.id).collect();
        assert_eq!(ids, UseCaseId::ALL);
        for id in UseCaseId::ALL {
            assert_eq!(standards().use_case(id).id, id);
        }
    }

    #[test]
    fn there_are_42_89_and_106_requirements() {
        let count = |level| standards().requirements().filter(|r| r.level <= level).count();
        assert_eq!(Level::ALL.map(count), [42, 89, 106]);
        let mut ids: Vec<_> = standards().requirements().map(|r| r.id).collect();
        let sorted = {
            let mut sorted = ids.clone();
            sorted.sort();
            sorted
        };
        assert_eq!(ids, sorted);
        ids.dedup();
        assert_eq!(ids.len(), 106);
    }

    #[test]
    fn the_image_profile_has_the_papers_fourteen_rows() {
        let rows = standards().requirements().filter(|r| standards().in_profile(Profile::Image, r.id)).count();
        assert_eq!(rows, 14);
    }

    #[test]
    fn each_link_names_a_requirement_and_each_text_is_there_in_both_languages() {
        for use_case in &standards().use_cases {
            for link in &use_case.csvs {
                assert!(standards().requirement(link.requirement).is_some(), "{}", link.requirement);
            }
            assert!(standards().phases.iter().any(|p| p.id == use_case.phase));
        }
        for requirement in standards().requirements() {
            let id = requirement.id;
            for text in [&requirement.title, &requirement.statement, &requirement.question, &requirement.example] {
                assert!(!text.en.trim().is_empty() && !text.de.trim().is_empty(), "{id}");
            }
            assert_ne!(requirement.statement.en, requirement.statement.de, "{id}");
            assert_ne!(requirement.question.en, requirement.question.de, "{id}");
            assert_ne!(requirement.example.en, requirement.example.de, "{id}");
            assert!(requirement.evidence.en.len() >= 2, "{id}");
            assert_eq!(requirement.evidence.en.len(), requirement.evidence.de.len(), "{id}");
            assert!(!requirement.subjects.is_empty(), "{id}");
        }
    }

    #[test]
    fn each_runtime_check_is_there_once_and_links_requirements_that_are_decided_on_its_kinds() {
        let mut ids: Vec<_> = standards().runtime.iter().map(|check| check.id.as_str()).collect();
        ids.sort_unstable();
        let all = ids.len();
        ids.dedup();
        assert_eq!(ids.len(), all);
        for check in &standards().runtime {
            assert!(!check.kinds.is_empty() && !check.csvs.is_empty(), "{}", check.id);
            for link in &check.csvs {
                let requirement = standards().requirement(link.requirement).unwrap();
                // A decisive link on a kind that the requirement is not decided on would have no effect at all.
                for kind in &check.kinds {
                    assert!(
                        requirement.subjects.contains(kind),
                        "{} is not decided on a {}: {}",
                        link.requirement,
                        kind.as_str(),
                        check.id
                    );
                }
            }
        }
    }

    #[test]
    fn what_the_paper_links_or_a_check_can_decide_is_decided_on_a_kind_that_use_cases_look_at() {
        for use_case in &standards().use_cases {
            let weighs = |l: &&Link| l.in_paper || l.pass == Strength::Decisive || l.fail == Strength::Decisive;
            for link in use_case.csvs.iter().filter(weighs) {
                let subjects = &standards().requirement(link.requirement).unwrap().subjects;
                let reachable = [SubjectKind::Image, SubjectKind::Dockerfile, SubjectKind::Registry];
                assert!(subjects.iter().any(|s| reachable.contains(s)), "{} {}", use_case.id, link.requirement);
            }
        }
    }

    #[test]
    fn each_requirement_shows_in_both_languages_what_evidence_would_convince() {
        let lacks = |text: &Text| text.en.trim().is_empty() || text.de.trim().is_empty() || text.en == text.de;
        let missing: Vec<String> = standards()
            .requirements()
            .filter(|requirement| lacks(&requirement.question) || lacks(&requirement.example))
            .map(|requirement| requirement.id.to_string())
            .collect();
        assert!(missing.is_empty(), "without a question or an example in both languages: {}", missing.join(", "));
    }
}
