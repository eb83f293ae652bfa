//! The rules applied to a whole engagement: subjects, outcomes and decisions in, verdicts out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::decision::{Amendment, AmendmentKind, Conclusion, Decision, DecisionState, Target};
use crate::ids::{Level, Profile, RequirementId, SubjectKind, UseCaseId};
use crate::outcome::{Outcome, OutcomeKind};
use crate::standards::{Requirement, RuntimeCheck, Strength, standards};
use crate::verdict::{Concluded, DecidedBy, Exceptions, LevelVerdict, Link, Verdict, conclude, level, over_subjects};

/// All that verdicts are computed from.
#[derive(Debug, Clone)]
pub struct Input<'a> {
    /// What the engagement measures against.
    pub profile: Profile,
    /// The subjects: id and kind.
    pub subjects: &'a [(String, SubjectKind)],
    /// The outcomes of the latest run for each subject.
    pub outcomes: &'a [Outcome],
    /// The current decisions.
    pub decisions: &'a [Decision],
    /// The amendments.
    pub amendments: &'a [Amendment],
    /// The day that expiry is judged on.
    pub today: Date,
    /// Whether a second person must have reviewed each decision before a level is claimed.
    pub four_eyes: bool,
}

/// The verdict on one use case for one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCaseCell {
    /// The subject's id.
    pub subject: String,
    /// The outcome of its checks together with the person's decision.
    pub outcome: OutcomeKind,
    /// Who decided.
    pub decided_by: DecidedBy,
    /// A person says otherwise than a fail, and no exception covers it.
    pub conflict: bool,
    /// There is a decision, but what it rested on has changed.
    pub stale: bool,
}

/// The verdict on one use case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UseCaseResult {
    /// A1–D2.
    pub id: UseCaseId,
    /// Over all subjects: the worst counts.
    pub verdict: OutcomeKind,
    /// Subject by subject.
    pub cells: Vec<UseCaseCell>,
}

/// The verdict on one requirement for one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementCell {
    /// The subject's id; none means the engagement as a whole.
    pub subject: Option<String>,
    /// The verdict and what led to it.
    #[serde(flatten)]
    pub concluded: Concluded,
}

/// The verdict on one requirement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequirementResult {
    /// Its id.
    pub id: RequirementId,
    /// Its level.
    pub level: Level,
    /// Whether the profile measures against it.
    pub in_profile: bool,
    /// Over all subjects: the worst counts.
    pub verdict: Verdict,
    /// Who decided.
    pub decided_by: DecidedBy,
    /// Whether a person should look: a supporting fail, a conflict or a stale decision.
    pub look: bool,
    /// Subject by subject.
    pub cells: Vec<RequirementCell>,
}

/// The verdict on one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelResult {
    /// 1–3.
    pub level: Level,
    /// The profile that it was measured with. Only `full` speaks of a CSVS level; `image` speaks of its image-related
    /// requirements (R7).
    pub profile: Profile,
    /// The verdict.
    pub verdict: LevelVerdict,
    /// How many requirements hold.
    pub satisfied: u32,
    /// How many do not.
    pub failed: u32,
    /// How many do not apply.
    pub not_applicable: u32,
    /// How many nobody has decided.
    pub open: u32,
}

/// All verdicts of an engagement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Assessment {
    /// The fourteen use cases.
    pub use_cases: Vec<UseCaseResult>,
    /// The 106 requirements.
    pub requirements: Vec<RequirementResult>,
    /// The three levels.
    pub levels: Vec<LevelResult>,
}

/// Of several outcomes the one that weighs most: what failed, what could not be read, what is undecided, what passed.
#[must_use]
pub fn worst(outcomes: impl IntoIterator<Item = OutcomeKind>) -> Option<OutcomeKind> {
    outcomes.into_iter().max_by_key(|outcome| match outcome {
        OutcomeKind::NotApplicable => 0,
        OutcomeKind::Pass => 1,
        OutcomeKind::Undecided => 2,
        OutcomeKind::Error => 3,
        OutcomeKind::Fail => 4,
    })
}

/// The input, by subject and target.
struct Index<'a> {
    input: &'a Input<'a>,
    outcomes: BTreeMap<(&'a str, UseCaseId), Vec<&'a Outcome>>,
    /// Outcomes of checks that are tied to requirements one by one.
    runtime: BTreeMap<&'a str, Vec<(&'a RuntimeCheck, &'a Outcome)>>,
    decisions: BTreeMap<(Option<&'a str>, Target), &'a Decision>,
}

impl<'a> Index<'a> {
    fn new(input: &'a Input<'a>) -> Self {
        let mut outcomes: BTreeMap<_, Vec<&Outcome>> = BTreeMap::new();
        let mut runtime: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for outcome in input.outcomes {
            if let Some(use_case) = outcome.use_case {
                outcomes.entry((outcome.subject.as_str(), use_case)).or_default().push(outcome);
            }
            if let Some(check) = standards().runtime_check(&outcome.check) {
                runtime.entry(outcome.subject.as_str()).or_default().push((check, outcome));
            }
        }
        let decisions = input.decisions.iter().map(|d| ((d.subject.as_deref(), d.target), d)).collect();
        Self { input, outcomes, runtime, decisions }
    }

    /// The decision for a subject, or the engagement's as its default.
    fn decision(&self, subject: Option<&'a str>, target: Target) -> Option<&'a Decision> {
        self.decisions.get(&(subject, target)).or_else(|| self.decisions.get(&(None, target))).copied()
    }

    fn in_force(&self, subject: &str, target: Target, kinds: &[AmendmentKind]) -> bool {
        self.input.amendments.iter().any(|amendment| {
            amendment.subject == subject
                && amendment.target == target
                && kinds.contains(&amendment.kind)
                && amendment.in_force(self.input.today)
        })
    }

    fn use_case_cell(&self, subject: &'a str, id: UseCaseId) -> UseCaseCell {
        let outcomes = self.outcomes.get(&(subject, id)).map(Vec::as_slice).unwrap_or_default();
        let target = Target::UseCase(id);
        let false_positive = self.in_force(subject, target, &[AmendmentKind::FalsePositive]);
        let covered = false_positive || self.in_force(subject, target, &[AmendmentKind::CompensatingControl]);
        let by_checks = worst(outcomes.iter().map(|outcome| match outcome.outcome {
            OutcomeKind::Fail if false_positive => OutcomeKind::Undecided,
            kind => kind,
        }))
        .unwrap_or(OutcomeKind::Undecided);
        let mut cell = UseCaseCell {
            subject: subject.to_owned(),
            outcome: by_checks,
            decided_by: match by_checks {
                OutcomeKind::Undecided | OutcomeKind::Error => DecidedBy::Nobody,
                _ => DecidedBy::Check,
            },
            conflict: false,
            stale: false,
        };
        let Some(decision) = self.decision(Some(subject), target).filter(|decision| decision.is_fit()) else {
            return cell;
        };
        if !decision.fresh {
            cell.stale = true;
            if decision.conclusion == Conclusion::NotSatisfied && by_checks != OutcomeKind::Fail {
                cell.outcome = OutcomeKind::Undecided;
                cell.decided_by = DecidedBy::Nobody;
            }
            return cell;
        }
        let by_person = match decision.conclusion {
            Conclusion::Satisfied => OutcomeKind::Pass,
            Conclusion::NotSatisfied => OutcomeKind::Fail,
            Conclusion::NotApplicable => OutcomeKind::NotApplicable,
            Conclusion::Inconclusive => return cell,
        };
        if by_checks == OutcomeKind::Fail && by_person != OutcomeKind::Fail && !covered {
            cell.conflict = true;
        } else {
            cell.outcome = by_person;
            cell.decided_by = DecidedBy::Auditor;
        }
        cell
    }

    fn requirement_cell(&self, subject: Option<&'a str>, requirement: &Requirement) -> RequirementCell {
        let target = Target::Requirement(requirement.id);
        let mut links = Vec::new();
        let mut exceptions = Exceptions::default();
        if let Some(subject) = subject {
            for use_case in &standards().use_cases {
                let Some(link) = use_case.link(requirement.id) else { continue };
                let of_use_case = Target::UseCase(use_case.id);
                let false_positive = self.in_force(subject, of_use_case, &[AmendmentKind::FalsePositive])
                    || self.in_force(subject, target, &[AmendmentKind::FalsePositive]);
                let cell = self.use_case_cell(subject, use_case.id);
                // A person's decision on the use case stands for its checks; otherwise each check speaks for itself.
                let outcomes: Vec<OutcomeKind> = if cell.decided_by == DecidedBy::Auditor || cell.stale {
                    vec![cell.outcome]
                } else {
                    // A use case may have several checks; each names the requirements that it speaks to.
                    let outcomes = self.outcomes.get(&(subject, use_case.id)).map(Vec::as_slice).unwrap_or_default();
                    // Checks with links of their own are weighed by those, below.
                    let speaking = outcomes.iter().filter(|outcome| {
                        outcome.requirements.contains(&requirement.id)
                            && standards().runtime_check(&outcome.check).is_none()
                    });
                    speaking.map(|outcome| outcome.outcome).collect()
                };
                for outcome in outcomes {
                    exceptions.false_positive |= false_positive && outcome == OutcomeKind::Fail;
                    links.push(Link {
                        outcome,
                        pass: link.pass,
                        fail: link.fail,
                        by_auditor: cell.decided_by == DecidedBy::Auditor,
                        false_positive,
                    });
                }
            }
            links.extend(self.runtime_links(subject, requirement, &mut exceptions));
            exceptions.compensating_control = self.in_force(subject, target, &[AmendmentKind::CompensatingControl]);
            exceptions.accepted =
                self.in_force(subject, target, &[AmendmentKind::RiskAcceptance, AmendmentKind::OperationalRequirement]);
        }
        RequirementCell {
            subject: subject.map(str::to_owned),
            concluded: conclude(&links, self.decision(subject, target), exceptions),
        }
    }

    /// What the checks with links of their own prove for a requirement.
    fn runtime_links(&self, subject: &'a str, requirement: &Requirement, exceptions: &mut Exceptions) -> Vec<Link> {
        let mut links = Vec::new();
        for (check, outcome) in self.runtime.get(subject).map(Vec::as_slice).unwrap_or_default() {
            let Some(link) = check.link(requirement.id) else { continue };
            let target = Target::Requirement(requirement.id);
            let mut false_positive = self.in_force(subject, target, &[AmendmentKind::FalsePositive]);
            let mut of = Link {
                outcome: outcome.outcome,
                pass: link.pass,
                fail: link.fail,
                by_auditor: false,
                false_positive: false,
            };
            if let Some(use_case) = outcome.use_case {
                false_positive |= self.in_force(subject, Target::UseCase(use_case), &[AmendmentKind::FalsePositive]);
                // A person's decision is on the use case as a whole. Of a check in it that ended otherwise it is an
                // indication: it makes no decisive pass of what the check did not see, and no decisive fail either.
                let cell = self.use_case_cell(subject, use_case);
                if cell.decided_by == DecidedBy::Auditor && cell.outcome != of.outcome {
                    let (pass, fail) = (Strength::Supporting, Strength::Supporting);
                    of = Link { outcome: cell.outcome, pass, fail, by_auditor: true, ..of };
                } else if cell.stale && cell.outcome == OutcomeKind::Undecided && of.outcome != OutcomeKind::Fail {
                    of.outcome = OutcomeKind::Undecided;
                }
            }
            of.false_positive = false_positive;
            exceptions.false_positive |= false_positive && of.outcome == OutcomeKind::Fail;
            links.push(of);
        }
        links
    }

    fn requirement(&self, requirement: &Requirement) -> RequirementResult {
        let mut subjects: Vec<Option<&str>> = self
            .input
            .subjects
            .iter()
            .filter(|(_, kind)| requirement.subjects.contains(kind))
            .map(|(id, _)| Some(id.as_str()))
            .collect();
        if subjects.is_empty() {
            // No subject of the kind: only a person can speak for the solution as a whole.
            subjects.push(None);
        }
        let cells: Vec<_> = subjects.into_iter().map(|subject| self.requirement_cell(subject, requirement)).collect();
        let verdict = over_subjects(cells.iter().map(|cell| cell.concluded.verdict));
        let decided_by = match verdict {
            Verdict::Open => DecidedBy::Nobody,
            _ => {
                let deciding = cells.iter().filter(|cell| cell.concluded.verdict == verdict);
                deciding.map(|cell| cell.concluded.decided_by).max().map_or(DecidedBy::Nobody, |by| by)
            }
        };
        RequirementResult {
            id: requirement.id,
            level: requirement.level,
            in_profile: standards().in_profile(self.input.profile, requirement.id),
            verdict,
            decided_by,
            look: cells.iter().any(|c| c.concluded.indication || c.concluded.conflict || c.concluded.stale),
            cells,
        }
    }

    /// Whether a requirement's verdict may not carry a level yet (R5).
    fn unsettled(&self, result: &RequirementResult) -> bool {
        result.cells.iter().any(|cell| {
            cell.concluded.conflict
                || self.input.four_eyes
                    && cell.concluded.decided_by == DecidedBy::Auditor
                    && self
                        .decision(cell.subject.as_deref().and_then(|id| self.known(id)), Target::Requirement(result.id))
                        .is_some_and(|decision| decision.state != DecisionState::Reviewed)
        })
    }

    fn known(&self, id: &str) -> Option<&'a str> {
        self.input.subjects.iter().map(|(known, _)| known.as_str()).find(|known| *known == id)
    }
}

/// Computes all verdicts.
#[must_use]
pub fn assess(input: &Input<'_>) -> Assessment {
    let index = Index::new(input);
    let use_cases = UseCaseId::ALL
        .into_iter()
        .map(|id| {
            let concerned = input.subjects.iter().filter(|(_, kind)| kind.has_use_case(id));
            let cells: Vec<_> = concerned.map(|(subject, _)| index.use_case_cell(subject, id)).collect();
            let verdict = worst(cells.iter().map(|cell| cell.outcome)).unwrap_or(OutcomeKind::Undecided);
            UseCaseResult { id, verdict, cells }
        })
        .collect();
    let requirements: Vec<_> = standards().requirements().map(|requirement| index.requirement(requirement)).collect();
    let levels = Level::ALL
        .into_iter()
        .map(|number| {
            let part: Vec<_> = requirements.iter().filter(|r| r.in_profile && r.level <= number).collect();
            let count =
                |verdict| u32::try_from(part.iter().filter(|r| r.verdict == verdict).count()).unwrap_or(u32::MAX);
            LevelResult {
                level: number,
                profile: input.profile,
                verdict: level(part.iter().map(|r| (r.verdict, index.unsettled(r)))),
                satisfied: count(Verdict::Satisfied),
                failed: count(Verdict::NotSatisfied),
                not_applicable: count(Verdict::NotApplicable),
                open: count(Verdict::Open),
            }
        })
        .collect();
    Assessment { use_cases, requirements, levels }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::date;

    fn outcome(use_case: UseCaseId, kind: OutcomeKind) -> Outcome {
        Outcome {
            subject: "img".into(),
            check: format!("check-{use_case}"),
            use_case: Some(use_case),
            requirements: standards().use_case(use_case).csvs.iter().map(|link| link.requirement).collect(),
            outcome: kind,
            summary: String::new(),
            observations: vec![],
        }
    }
    fn decision(subject: Option<&str>, target: Target, conclusion: Conclusion) -> Decision {
        Decision {
            subject: subject.map(str::to_owned),
            target,
            conclusion,
            rationale: "seen".into(),
            state: DecisionState::Prepared,
            fresh: true,
        }
    }
    fn run(outcomes: &[Outcome], decisions: &[Decision], profile: Profile) -> Assessment {
        let subjects = [("img".to_owned(), SubjectKind::Image)];
        assess(&Input {
            profile,
            subjects: &subjects,
            outcomes,
            decisions,
            amendments: &[],
            today: date!(2026 - 11 - 24),
            four_eyes: false,
        })
    }
    fn requirement<'a>(assessment: &'a Assessment, id: &str) -> &'a RequirementResult {
        let id = id.parse().unwrap();
        assessment.requirements.iter().find(|r| r.id == id).unwrap()
    }

    /// The verdict on 3.5 of a container of which `no-new-privileges` ended in one way, with a decision on D2 or none.
    fn of_container(ended: OutcomeKind, conclusion: Option<Conclusion>, fresh: bool) -> Verdict {
        let id: RequirementId = "3.5".parse().unwrap();
        let own = Outcome {
            subject: "c".into(),
            check: "no-new-privileges".into(),
            use_case: Some(UseCaseId::D2),
            requirements: vec![id],
            outcome: ended,
            summary: String::new(),
            observations: vec![],
        };
        let decisions: Vec<Decision> = conclusion
            .map(|conclusion| Decision { fresh, ..decision(Some("c"), Target::UseCase(UseCaseId::D2), conclusion) })
            .into_iter()
            .collect();
        let assessment = assess(&Input {
            profile: Profile::Full,
            subjects: &[("c".to_owned(), SubjectKind::Container)],
            outcomes: &[own],
            decisions: &decisions,
            amendments: &[],
            today: date!(2026 - 11 - 24),
            four_eyes: false,
        });
        requirement(&assessment, "3.5").verdict
    }

    #[test]
    fn a_check_with_links_of_its_own_decides_its_requirement() {
        use OutcomeKind::{Error, Fail, NotApplicable, Pass, Undecided};
        let ends = [Pass, Fail, NotApplicable, Undecided, Error].map(|ended| of_container(ended, None, true));
        use Verdict as V;
        assert_eq!(ends, [V::Satisfied, V::NotSatisfied, V::NotApplicable, V::Open, V::Open]);
    }

    #[test]
    fn a_decision_on_the_use_case_makes_no_decisive_pass_of_what_a_check_did_not_see() {
        let with = |ended, conclusion| of_container(ended, Some(conclusion), true);
        for ended in [OutcomeKind::Undecided, OutcomeKind::Error] {
            assert_eq!(with(ended, Conclusion::Satisfied), Verdict::Open);
            assert_eq!(with(ended, Conclusion::NotApplicable), Verdict::Open);
        }
        assert_eq!(with(OutcomeKind::Pass, Conclusion::Satisfied), Verdict::Satisfied);
        assert_eq!(with(OutcomeKind::Fail, Conclusion::Satisfied), Verdict::NotSatisfied);
        assert_eq!(with(OutcomeKind::Fail, Conclusion::NotSatisfied), Verdict::NotSatisfied);
        // The use case is not satisfied, but not for what this check asks: a person looks.
        assert_eq!(with(OutcomeKind::Pass, Conclusion::NotSatisfied), Verdict::Open);
        assert_eq!(of_container(OutcomeKind::Pass, Some(Conclusion::NotSatisfied), false), Verdict::Open);
    }

    #[test]
    fn nothing_looked_at_is_nothing_passed() {
        let all = run(&[], &[], Profile::Full);
        assert!(all.requirements.iter().all(|r| r.verdict == Verdict::Open && r.decided_by == DecidedBy::Nobody));
        assert!(all.use_cases.iter().all(|u| u.verdict == OutcomeKind::Undecided));
        assert!(all.levels.iter().all(|l| l.verdict == LevelVerdict::Incomplete));
        assert_eq!(all.levels.iter().map(|l| l.open).collect::<Vec<_>>(), [42, 89, 106]);
    }

    #[test]
    fn a_decisive_check_decides_and_a_supporting_one_leaves_it_open() {
        let all = run(
            &[outcome(UseCaseId::B1, OutcomeKind::Pass), outcome(UseCaseId::B4, OutcomeKind::Pass)],
            &[],
            Profile::Image,
        );
        assert_eq!(requirement(&all, "3.6").verdict, Verdict::Satisfied);
        assert_eq!(requirement(&all, "3.6").decided_by, DecidedBy::Check);
        assert_eq!(requirement(&all, "9.4").verdict, Verdict::Open);
        let all = run(&[outcome(UseCaseId::B4, OutcomeKind::Fail)], &[], Profile::Image);
        assert_eq!(requirement(&all, "9.4").verdict, Verdict::NotSatisfied);
        assert_eq!(all.levels[1].verdict, LevelVerdict::NotAchieved);
        assert_eq!(all.levels[0].verdict, LevelVerdict::Incomplete);
    }

    #[test]
    fn a_decision_on_a_use_case_speaks_for_its_requirements() {
        let target = Target::UseCase(UseCaseId::B3);
        let undecided = outcome(UseCaseId::B3, OutcomeKind::Undecided);
        let decided = [decision(Some("img"), target, Conclusion::Satisfied)];
        let all = run(std::slice::from_ref(&undecided), &decided, Profile::Image);
        assert_eq!(requirement(&all, "3.11").verdict, Verdict::Satisfied);
        assert_eq!(requirement(&all, "3.11").decided_by, DecidedBy::Auditor);

        let failed = outcome(UseCaseId::B3, OutcomeKind::Fail);
        let all = run(std::slice::from_ref(&failed), &decided, Profile::Image);
        assert_eq!(requirement(&all, "3.11").verdict, Verdict::NotSatisfied);
        let cell = &all.use_cases[UseCaseId::B3 as usize].cells[0];
        assert!(cell.conflict && cell.outcome == OutcomeKind::Fail);
    }

    #[test]
    fn a_decision_on_the_engagement_is_the_default_of_each_subject() {
        let id: RequirementId = "1.1".parse().unwrap();
        let decided = [decision(None, Target::Requirement(id), Conclusion::Satisfied)];
        let all = run(&[], &decided, Profile::Full);
        assert_eq!(requirement(&all, "1.1").verdict, Verdict::Satisfied);
        let id: RequirementId = "10.2".parse().unwrap();
        let decided = [
            decision(None, Target::Requirement(id), Conclusion::Satisfied),
            decision(Some("img"), Target::Requirement(id), Conclusion::NotSatisfied),
        ];
        let all = run(&[], &decided, Profile::Full);
        assert_eq!(requirement(&all, "10.2").verdict, Verdict::NotSatisfied);
    }

    #[test]
    fn four_eyes_hold_a_level_back_until_the_second_pair_has_looked() {
        let subjects = [("img".to_owned(), SubjectKind::Image)];
        let decisions: Vec<Decision> = standards()
            .requirements()
            .map(|r| decision(None, Target::Requirement(r.id), Conclusion::Satisfied))
            .collect();
        let mut input = Input {
            profile: Profile::Full,
            subjects: &subjects,
            outcomes: &[],
            decisions: &decisions,
            amendments: &[],
            today: date!(2026 - 11 - 24),
            four_eyes: true,
        };
        assert!(assess(&input).levels.iter().all(|l| l.verdict == LevelVerdict::Incomplete));
        input.four_eyes = false;
        assert!(assess(&input).levels.iter().all(|l| l.verdict == LevelVerdict::Achieved));
        let reviewed: Vec<_> =
            decisions.iter().map(|d| Decision { state: DecisionState::Reviewed, ..d.clone() }).collect();
        let input = Input { decisions: &reviewed, four_eyes: true, ..input };
        assert!(assess(&input).levels.iter().all(|l| l.verdict == LevelVerdict::Achieved));
    }

    #[test]
    fn an_exception_counts_only_while_it_is_in_force() {
        let subjects = [("img".to_owned(), SubjectKind::Image)];
        let failed = [outcome(UseCaseId::B1, OutcomeKind::Fail)];
        let target = Target::Requirement("3.6".parse().unwrap());
        let decided = [decision(Some("img"), target, Conclusion::Satisfied)];
        let mut amendment = Amendment {
            kind: AmendmentKind::CompensatingControl,
            subject: "img".into(),
            target,
            approved: true,
            expires: date!(2026 - 12 - 31),
        };
        let verdict = |amendment: &Amendment, today| {
            let amendments = std::slice::from_ref(amendment);
            let input = Input {
                profile: Profile::Full,
                subjects: &subjects,
                outcomes: &failed,
                decisions: &decided,
                amendments,
                today,
                four_eyes: false,
            };
            requirement(&assess(&input), "3.6").verdict
        };
        assert_eq!(verdict(&amendment, date!(2026 - 12 - 31)), Verdict::Satisfied);
        assert_eq!(verdict(&amendment, date!(2027 - 01 - 01)), Verdict::NotSatisfied);
        amendment.approved = false;
        assert_eq!(verdict(&amendment, date!(2026 - 12 - 31)), Verdict::NotSatisfied);
    }
}
