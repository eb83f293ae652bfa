//! The rules R1–R7 on the links of one requirement for one subject, over subjects, and over a level.
//!
//! Safety properties, checked by enumeration in the tests below:
//! - nothing is satisfied against a decisive fail, but by an approved exception *and* a person's fresh decision;
//! - nothing is satisfied or not applicable without a person's decision or a decisive pass;
//! - nothing is satisfied by machine beside an error or an open indication;
//! - a person's stale "not satisfied" never turns into a better verdict by itself;
//! - a person's fresh "not satisfied" always stands.

use serde::{Deserialize, Serialize};

use crate::decision::{Conclusion, Decision};
use crate::outcome::OutcomeKind;
use crate::standards::Strength;

/// The verdict on a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// It holds.
    Satisfied,
    /// It does not hold.
    NotSatisfied,
    /// The question does not arise, with a reason.
    NotApplicable,
    /// Nobody has decided it yet. Never a pass.
    Open,
}

impl Verdict {
    /// The word as it stands in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Satisfied => "satisfied",
            Self::NotSatisfied => "not-satisfied",
            Self::NotApplicable => "not-applicable",
            Self::Open => "open",
        }
    }

    /// R4: the worse verdict counts.
    fn rank(self) -> u8 {
        match self {
            Self::NotApplicable => 0,
            Self::Satisfied => 1,
            Self::Open => 2,
            Self::NotSatisfied => 3,
        }
    }
}

/// Who decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DecidedBy {
    /// A check, alone.
    Check,
    /// A person.
    Auditor,
    /// Nobody yet.
    Nobody,
}

/// One outcome, seen from one requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// How the check ended.
    pub outcome: OutcomeKind,
    /// What its pass proves.
    pub pass: Strength,
    /// What its fail proves.
    pub fail: Strength,
    /// Whether a person's decision on the use case stands behind the outcome.
    pub by_auditor: bool,
    /// Whether an approved false positive is in force: its fail then counts as not looked at.
    pub false_positive: bool,
}

impl Link {
    fn effective(self) -> OutcomeKind {
        if self.false_positive && self.outcome == OutcomeKind::Fail { OutcomeKind::Undecided } else { self.outcome }
    }
}

/// What the outcomes say by themselves (R1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Automatic {
    /// The verdict.
    pub verdict: Verdict,
    /// A supporting fail asks a person to look.
    pub indication: bool,
    /// Whether a person's use-case decision took part in it.
    pub by_auditor: bool,
}

/// R1: the verdict of the outcomes alone.
#[must_use]
pub fn automatic(links: &[Link]) -> Automatic {
    let is = |link: &Link, kind| link.effective() == kind;
    let fails = || links.iter().filter(|link| is(link, OutcomeKind::Fail));
    let result = |verdict, indication, by_auditor| Automatic { verdict, indication, by_auditor };

    if let Some(first) = fails().find(|link| link.fail == Strength::Decisive) {
        let by_auditor = fails().filter(|link| link.fail == Strength::Decisive).all(|link| link.by_auditor);
        return result(Verdict::NotSatisfied, false, by_auditor && first.by_auditor);
    }
    if fails().next().is_some() {
        return result(Verdict::Open, true, false);
    }
    // What could not be read casts doubt on every pass beside it, whatever its strength.
    if links.iter().any(|link| is(link, OutcomeKind::Error)) {
        return result(Verdict::Open, false, false);
    }
    let mut decisive = links.iter().filter(|link| link.pass == Strength::Decisive).peekable();
    if decisive.peek().is_none() || decisive.clone().any(|link| is(link, OutcomeKind::Undecided)) {
        return result(Verdict::Open, false, false);
    }
    let by_auditor = decisive.clone().any(|link| link.by_auditor);
    if decisive.all(|link| is(link, OutcomeKind::NotApplicable)) {
        return result(Verdict::NotApplicable, false, by_auditor);
    }
    result(Verdict::Satisfied, false, by_auditor)
}

/// Which exceptions are in force for a requirement and a subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exceptions {
    /// An approved, unexpired compensating control.
    pub compensating_control: bool,
    /// An approved, unexpired false positive on one of its links.
    pub false_positive: bool,
    /// An approved, unexpired risk acceptance or operational requirement: shown, never counted (R6).
    pub accepted: bool,
}

/// The verdict for one requirement and one subject, with what led to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Concluded {
    /// The verdict.
    pub verdict: Verdict,
    /// Who decided.
    pub decided_by: DecidedBy,
    /// A supporting fail asks a person to look.
    pub indication: bool,
    /// A person says otherwise than a decisive fail, and no exception covers it.
    pub conflict: bool,
    /// A person's decision stands against a fail thanks to an exception.
    pub by_override: bool,
    /// There is a decision, but what it rested on has changed.
    pub stale: bool,
    /// R6: the failure is accepted for the time being. It stays a failure.
    pub accepted: bool,
}

/// R2 and R3: the outcomes and the person's decision together.
#[must_use]
pub fn conclude(links: &[Link], decision: Option<&Decision>, exceptions: Exceptions) -> Concluded {
    let auto = automatic(links);
    let covered = exceptions.compensating_control || exceptions.false_positive;
    let fit = decision.filter(|decision| decision.is_fit());
    let stale = fit.is_some_and(|decision| !decision.fresh);
    let mut concluded = Concluded {
        verdict: auto.verdict,
        decided_by: match (auto.verdict, auto.by_auditor) {
            (Verdict::Open, _) => DecidedBy::Nobody,
            (_, true) => DecidedBy::Auditor,
            (_, false) => DecidedBy::Check,
        },
        indication: auto.indication,
        conflict: false,
        by_override: false,
        stale,
        accepted: exceptions.accepted,
    };
    let Some(decision) = fit else { return concluded };
    if stale {
        // What it rested on has changed: it decides nothing, but a "no" keeps a better verdict from coming by itself.
        if decision.conclusion == Conclusion::NotSatisfied && auto.verdict != Verdict::NotSatisfied {
            concluded.verdict = Verdict::Open;
            concluded.decided_by = DecidedBy::Nobody;
        }
        return concluded;
    }
    let by_person = match decision.conclusion {
        Conclusion::Satisfied => Verdict::Satisfied,
        Conclusion::NotSatisfied => Verdict::NotSatisfied,
        Conclusion::NotApplicable => Verdict::NotApplicable,
        Conclusion::Inconclusive => return concluded,
    };
    if by_person != Verdict::NotSatisfied && auto.verdict == Verdict::NotSatisfied && !covered {
        concluded.conflict = true;
    } else {
        concluded.by_override = by_person != Verdict::NotSatisfied && covered;
        concluded.verdict = by_person;
        concluded.decided_by = DecidedBy::Auditor;
        concluded.indication = false;
    }
    concluded
}

/// R4: over subjects the worst counts; without a subject nothing is decided.
#[must_use]
pub fn over_subjects(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    verdicts.into_iter().max_by_key(|verdict| verdict.rank()).unwrap_or(Verdict::Open)
}

/// The verdict on a level, or on the part of it that a profile measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LevelVerdict {
    /// All its requirements, and the lower levels', hold or reasonedly do not apply.
    Achieved,
    /// One does not hold.
    NotAchieved,
    /// None fails, and some are open.
    Incomplete,
}

impl LevelVerdict {
    /// The word as it stands in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Achieved => "achieved",
            Self::NotAchieved => "not-achieved",
            Self::Incomplete => "incomplete",
        }
    }
}

/// R5: a level from its requirements. `unsettled` tells of a requirement whose verdict may not carry a level yet:
/// an unresolved conflict, or a decision that nobody has reviewed where four eyes were agreed.
#[must_use]
pub fn level(requirements: impl IntoIterator<Item = (Verdict, bool)>) -> LevelVerdict {
    let mut result = LevelVerdict::Achieved;
    let mut any = false;
    for (verdict, unsettled) in requirements {
        any = true;
        match verdict {
            Verdict::NotSatisfied => return LevelVerdict::NotAchieved,
            Verdict::Open => result = LevelVerdict::Incomplete,
            _ if unsettled => result = LevelVerdict::Incomplete,
            Verdict::Satisfied | Verdict::NotApplicable => {}
        }
    }
    if any { result } else { LevelVerdict::Incomplete }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decision::{DecisionState, Target};
    use crate::ids::RequirementId;
    use OutcomeKind::{Error, Fail, NotApplicable, Pass, Undecided};
    use Strength::{Decisive, Supporting};

    fn link(strength: Strength, outcome: OutcomeKind) -> Link {
        Link { outcome, pass: strength, fail: strength, by_auditor: false, false_positive: false }
    }
    fn d(outcome: OutcomeKind) -> Link {
        link(Decisive, outcome)
    }
    fn s(outcome: OutcomeKind) -> Link {
        link(Supporting, outcome)
    }
    fn paper(conclusion: Conclusion, fresh: bool) -> Decision {
        Decision {
            subject: Some("s".into()),
            target: Target::Requirement(RequirementId { chapter: 3, number: 6 }),
            conclusion,
            rationale: "seen".into(),
            state: DecisionState::Prepared,
            fresh,
        }
    }

    /// The vectors of the research, row by row.
    #[test]
    fn vectors() {
        use Conclusion as C;
        use Verdict as V;
        let none = Exceptions::default();
        let false_positive = Exceptions { false_positive: true, ..none };
        let accepted = Exceptions { accepted: true, ..none };
        let fp = |mut link: Link| {
            link.false_positive = true;
            link
        };
        let fresh = |c| Some(paper(c, true));
        let stale = |c| Some(paper(c, false));
        type Row = (Vec<Link>, Option<Decision>, Exceptions, Verdict, DecidedBy);
        let rows: Vec<Row> = vec![
            (vec![], None, none, V::Open, DecidedBy::Nobody),
            (vec![d(Pass)], None, none, V::Satisfied, DecidedBy::Check),
            (vec![s(Pass)], None, none, V::Open, DecidedBy::Nobody),
            (vec![s(Fail)], None, none, V::Open, DecidedBy::Nobody),
            (vec![d(Pass), s(Fail)], None, none, V::Open, DecidedBy::Nobody),
            (vec![d(Pass), d(Fail)], None, none, V::NotSatisfied, DecidedBy::Check),
            (vec![d(Pass), d(Error)], None, none, V::Open, DecidedBy::Nobody),
            (vec![d(Pass), s(Error)], None, none, V::Open, DecidedBy::Nobody),
            (vec![d(Fail), d(Error)], None, none, V::NotSatisfied, DecidedBy::Check),
            (vec![d(Undecided)], None, none, V::Open, DecidedBy::Nobody),
            (vec![d(NotApplicable)], None, none, V::NotApplicable, DecidedBy::Check),
            (vec![d(Pass), d(NotApplicable)], None, none, V::Satisfied, DecidedBy::Check),
            (vec![d(Pass)], fresh(C::NotSatisfied), none, V::NotSatisfied, DecidedBy::Auditor),
            (vec![d(Fail)], fresh(C::Satisfied), none, V::NotSatisfied, DecidedBy::Check),
            (vec![fp(d(Fail))], fresh(C::Satisfied), false_positive, V::Satisfied, DecidedBy::Auditor),
            (vec![fp(d(Fail))], None, false_positive, V::Open, DecidedBy::Nobody),
            (vec![d(Fail)], None, accepted, V::NotSatisfied, DecidedBy::Check),
            (vec![d(Fail)], fresh(C::NotApplicable), none, V::NotSatisfied, DecidedBy::Check),
            (vec![s(Pass)], fresh(C::Satisfied), none, V::Satisfied, DecidedBy::Auditor),
            (vec![], stale(C::Satisfied), none, V::Open, DecidedBy::Nobody),
            (vec![d(Pass)], stale(C::NotSatisfied), none, V::Open, DecidedBy::Nobody),
            (vec![], fresh(C::Inconclusive), none, V::Open, DecidedBy::Nobody),
            (vec![d(Error)], fresh(C::Satisfied), none, V::Satisfied, DecidedBy::Auditor),
        ];
        for (number, (links, decision, exceptions, verdict, by)) in rows.into_iter().enumerate() {
            let got = conclude(&links, decision.as_ref(), exceptions);
            assert_eq!((got.verdict, got.decided_by), (verdict, by), "row {number}: {links:?} {decision:?}");
        }
        assert!(conclude(&[s(Fail)], None, none).indication);
        assert!(conclude(&[d(Fail)], fresh(C::Satisfied).as_ref(), none).conflict);
        assert!(conclude(&[d(Fail)], None, accepted).accepted);
    }

    #[test]
    fn level_vectors() {
        let level_of = |satisfied: usize, rest: &[Verdict]| {
            level(std::iter::repeat_n(Verdict::Satisfied, satisfied).chain(rest.iter().copied()).map(|v| (v, false)))
        };
        assert_eq!(level_of(41, &[Verdict::NotApplicable]), LevelVerdict::Achieved);
        assert_eq!(level_of(41, &[Verdict::Open]), LevelVerdict::Incomplete);
        assert_eq!(level_of(42, &[Verdict::NotSatisfied]), LevelVerdict::NotAchieved);
        assert_eq!(level([(Verdict::Satisfied, true)]), LevelVerdict::Incomplete);
        assert_eq!(level([]), LevelVerdict::Incomplete);
    }

    #[test]
    fn over_subjects_the_worst_counts() {
        use Verdict::{NotApplicable, NotSatisfied, Open, Satisfied};
        assert_eq!(over_subjects([]), Open);
        assert_eq!(over_subjects([NotApplicable, Satisfied]), Satisfied);
        assert_eq!(over_subjects([Satisfied, Open]), Open);
        assert_eq!(over_subjects([Open, NotSatisfied, Satisfied]), NotSatisfied);
    }

    /// All links: five outcomes, both strengths for pass and for fail, with and without a false positive.
    fn every_link() -> Vec<Link> {
        let mut links = Vec::new();
        for outcome in OutcomeKind::ALL {
            for pass in [Decisive, Supporting] {
                for fail in [Decisive, Supporting] {
                    for false_positive in [false, true] {
                        links.push(Link { outcome, pass, fail, by_auditor: false, false_positive });
                    }
                }
            }
        }
        links
    }

    fn every_paper() -> Vec<Option<Decision>> {
        let mut papers = vec![None];
        for conclusion in
            [Conclusion::Satisfied, Conclusion::NotSatisfied, Conclusion::NotApplicable, Conclusion::Inconclusive]
        {
            for state in
                [DecisionState::Draft, DecisionState::Prepared, DecisionState::Returned, DecisionState::Reviewed]
            {
                for fresh in [true, false] {
                    for rationale in ["", "seen"] {
                        papers.push(Some(Decision { state, rationale: rationale.into(), ..paper(conclusion, fresh) }));
                    }
                }
            }
        }
        papers
    }

    /// The six safety rules over every set of up to three links, every decision and every exception.
    #[test]
    fn safety_over_the_full_enumeration() {
        let links = every_link();
        let papers = every_paper();
        let mut sets: Vec<Vec<Link>> = vec![vec![]];
        for (i, a) in links.iter().enumerate() {
            sets.push(vec![*a]);
            for (j, b) in links.iter().enumerate().skip(i) {
                sets.push(vec![*a, *b]);
                for c in &links[j..] {
                    sets.push(vec![*a, *b, *c]);
                }
            }
        }
        let mut cases = 0_u32;
        for set in &sets {
            let decisive_fail = set.iter().any(|l| l.outcome == Fail && !l.false_positive && l.fail == Decisive);
            let any_fail = set.iter().any(|l| l.outcome == Fail && !l.false_positive);
            let decisive_pass = set.iter().any(|l| l.outcome == Pass && l.pass == Decisive);
            let decisive_na = set.iter().any(|l| l.outcome == NotApplicable && l.pass == Decisive);
            let error = set.iter().any(|l| l.outcome == Error);
            let has_fp = set.iter().any(|l| l.false_positive && l.outcome == Fail);
            for decision in &papers {
                for compensating_control in [false, true] {
                    for accepted in [false, true] {
                        cases += 1;
                        let exceptions = Exceptions { compensating_control, false_positive: has_fp, accepted };
                        let got = conclude(set, decision.as_ref(), exceptions);
                        let fit = decision.as_ref().filter(|d| d.is_fit() && d.fresh);
                        let positive = matches!(got.verdict, Verdict::Satisfied | Verdict::NotApplicable);
                        let why = || format!("{set:?} {decision:?} {exceptions:?} -> {got:?}");
                        if positive && decisive_fail {
                            assert!(fit.is_some() && (compensating_control || has_fp), "{}", why());
                        }
                        if positive {
                            assert!(fit.is_some() || decisive_pass || decisive_na, "{}", why());
                        }
                        if positive && fit.is_none() {
                            assert!(!error && !any_fail, "{}", why());
                            assert_eq!(got.decided_by, DecidedBy::Check, "{}", why());
                        }
                        if let Some(decision) = fit
                            && decision.conclusion == Conclusion::NotSatisfied
                        {
                            assert_eq!(got.verdict, Verdict::NotSatisfied, "{}", why());
                        }
                        if let Some(decision) = decision.as_ref().filter(|d| d.is_fit() && !d.fresh)
                            && decision.conclusion == Conclusion::NotSatisfied
                        {
                            assert!(!positive, "{}", why());
                        }
                        // R6: an acceptance explains, it never decides.
                        let without = conclude(set, decision.as_ref(), Exceptions { accepted: false, ..exceptions });
                        assert_eq!(got.verdict, without.verdict, "{}", why());
                        assert_eq!(got.decided_by == DecidedBy::Nobody, got.verdict == Verdict::Open, "{}", why());
                    }
                }
            }
        }
        assert!(cases > 288_500, "{cases}");
    }

    proptest::proptest! {
        /// The order in which outcomes arrive changes nothing, and a further error never improves a verdict.
        #[test]
        fn order_does_not_count(seed in proptest::collection::vec(0_usize..40, 0..6)) {
            let all = every_link();
            let mut set: Vec<Link> = seed.iter().map(|i| all[*i]).collect();
            let forward = automatic(&set).verdict;
            set.reverse();
            proptest::prop_assert_eq!(automatic(&set).verdict, forward);
            set.push(d(Error));
            proptest::prop_assert!(matches!(automatic(&set).verdict, Verdict::Open | Verdict::NotSatisfied));
        }
    }
}
