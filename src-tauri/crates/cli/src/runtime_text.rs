//! Hosts and containers for a person at a terminal: what fails first, the rest in numbers. Many containers are told check
//! by check, not one by one.

use std::fmt::Write;

use plimsoll_workbench::catalog::{Outcome, OutcomeKind};
use plimsoll_workbench::results::SubjectResult;

use crate::summary::mark;

/// Containers up to this many are told one by one.
const ONE_BY_ONE: usize = 6;
/// Hosts that are told one by one; where there are more, all of them together, too.
const HOSTS: usize = 6;
/// Observations under a failed check.
const OBSERVATIONS: usize = 3;
/// Checks of one subject that are neither passed nor failed.
const DOUBTFUL: usize = 6;
/// Names of containers behind a check.
const NAMES: usize = 5;

/// Whether a subject is told here.
pub fn is_runtime(subject: &SubjectResult) -> bool {
    matches!(subject.kind, "host" | "container")
}

/// The section on all hosts and containers; empty when there are none.
pub fn section(subjects: &[SubjectResult], outcomes: &[Outcome]) -> String {
    let mut out = String::new();
    let of = |subject: &SubjectResult| -> Vec<&Outcome> {
        outcomes.iter().filter(|outcome| outcome.subject == subject.id).collect()
    };
    let hosts: Vec<_> = subjects.iter().filter(|subject| subject.kind == "host").collect();
    for host in hosts.iter().take(HOSTS) {
        one(&mut out, host, &of(host));
    }
    if hosts.len() > HOSTS {
        many(&mut out, "hosts", &hosts, outcomes);
    }
    let containers: Vec<_> = subjects.iter().filter(|subject| subject.kind == "container").collect();
    if containers.len() <= ONE_BY_ONE {
        for container in containers {
            one(&mut out, container, &of(container));
        }
    } else {
        many(&mut out, "containers", &containers, outcomes);
    }
    out
}

/// What a check asks, and the requirements that it speaks to.
fn title(outcome: &Outcome) -> String {
    let all = plimsoll_workbench::checks();
    let title = all.into_iter().map(|check| check.info()).find(|info| info.id == outcome.check);
    let title = title.map_or_else(|| outcome.check.clone(), |info| info.title.en);
    let requirements: Vec<String> = outcome.requirements.iter().map(ToString::to_string).collect();
    if requirements.is_empty() { title } else { format!("{title} [{}]", requirements.join(", ")) }
}

fn count(outcomes: &[&Outcome], kind: OutcomeKind) -> usize {
    outcomes.iter().filter(|outcome| outcome.outcome == kind).count()
}

fn counts(outcomes: &[&Outcome]) -> String {
    [
        (OutcomeKind::Fail, "failed"),
        (OutcomeKind::Error, "not read"),
        (OutcomeKind::Undecided, "undecided"),
        (OutcomeKind::Pass, "passed"),
        (OutcomeKind::NotApplicable, "not applicable"),
    ]
    .into_iter()
    .map(|(kind, word)| (count(outcomes, kind), word))
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| format!("{count} {word}"))
    .collect::<Vec<_>>()
    .join(", ")
}

fn came_from(subject: &SubjectResult) -> String {
    let Some(by) = &subject.collected_by else { return String::new() };
    format!("   collected {} by {} on {} ({})\n", by.started, by.user, by.machine, by.file)
}

fn one(out: &mut String, subject: &SubjectResult, outcomes: &[&Outcome]) {
    let _ = writeln!(out, "{} {} ({})", subject.id, subject.name, subject.source);
    out.push_str(&came_from(subject));
    if let Some(error) = &subject.error {
        let _ = writeln!(out, "   could not be read: {error}");
        return;
    }
    for problem in subject.problems.iter().take(NAMES) {
        let _ = writeln!(out, "   not read: {problem}");
    }
    if subject.problems.len() > NAMES {
        let _ = writeln!(out, "   not read: {} more in the results", subject.problems.len() - NAMES);
    }
    let _ = writeln!(out, "   {}", counts(outcomes));
    for outcome in outcomes.iter().filter(|outcome| outcome.outcome == OutcomeKind::Fail) {
        let _ = writeln!(out, "   {:<10} {}", mark(outcome.outcome), title(outcome));
        let _ = writeln!(out, "       {}", outcome.summary);
        for observation in outcome.observations.iter().take(OBSERVATIONS) {
            let place = observation.location.as_ref().map(|l| format!(" ({l})")).unwrap_or_default();
            let _ = writeln!(out, "       {}: {}{place}", observation.severity.as_str(), observation.message);
        }
        if outcome.observations.len() > OBSERVATIONS {
            let _ = writeln!(out, "       {} more", outcome.observations.len() - OBSERVATIONS);
        }
    }
    let doubtful = [OutcomeKind::Error, OutcomeKind::Undecided];
    let doubtful: Vec<_> =
        doubtful.iter().flat_map(|kind| outcomes.iter().filter(move |outcome| outcome.outcome == *kind)).collect();
    for outcome in doubtful.iter().take(DOUBTFUL) {
        let _ = writeln!(out, "   {:<10} {}: {}", mark(outcome.outcome), title(outcome), outcome.summary);
    }
    if doubtful.len() > DOUBTFUL {
        let _ = writeln!(out, "   {} more are not decided; see the results", doubtful.len() - DOUBTFUL);
    }
}

/// Many hosts or containers: each check once, with how many it failed for, and some of their names.
fn many(out: &mut String, what: &str, containers: &[&SubjectResult], outcomes: &[Outcome]) {
    let unread: Vec<_> = containers.iter().filter(|container| container.error.is_some()).collect();
    let _ = writeln!(out, "{} {what}", containers.len());
    for container in unread.iter().take(NAMES) {
        let reason = container.error.as_deref().unwrap_or_default();
        let _ = writeln!(out, "   {} {} could not be read: {reason}", container.id, container.name);
    }
    if unread.len() > NAMES {
        let _ = writeln!(out, "   {} more could not be read", unread.len() - NAMES);
    }
    let names: std::collections::HashMap<&str, &str> = containers
        .iter()
        .filter(|container| container.error.is_none())
        .map(|container| (container.id.as_str(), container.name.as_str()))
        .collect();
    let mut checks: Vec<(&str, Vec<&Outcome>)> = Vec::new();
    let mut place = std::collections::HashMap::new();
    for outcome in outcomes.iter().filter(|outcome| names.contains_key(outcome.subject.as_str())) {
        let at = *place.entry(outcome.check.as_str()).or_insert_with(|| {
            checks.push((&outcome.check, Vec::new()));
            checks.len().saturating_sub(1)
        });
        if let Some((_, all)) = checks.get_mut(at) {
            all.push(outcome);
        }
    }
    // What fails for most comes first.
    checks.sort_by_key(|(_, all)| std::cmp::Reverse((count(all, OutcomeKind::Fail), count(all, OutcomeKind::Error))));
    let mut quiet = 0_usize;
    for (_, all) in &checks {
        let worst = [OutcomeKind::Fail, OutcomeKind::Error].into_iter().find(|kind| count(all, *kind) > 0);
        let (Some(worst), Some(first)) = (worst, all.first()) else {
            quiet = quiet.saturating_add(1);
            continue;
        };
        let of: Vec<_> = all.iter().filter(|outcome| outcome.outcome == worst).collect();
        let some: Vec<_> =
            of.iter().take(NAMES).filter_map(|outcome| names.get(outcome.subject.as_str()).copied()).collect();
        let more = of.len().saturating_sub(NAMES);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let _ = writeln!(out, "   {:<10} {} ({})", mark(worst), title(first), counts(all));
        let _ = writeln!(out, "       {}{more}", some.join(", "));
    }
    if quiet > 0 {
        let _ = writeln!(out, "   {quiet} more checks failed for none; see the results");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(containers: usize) -> String {
        let outcomes = (0..containers).flat_map(|n| {
            [("privileged-x", if n % 2 == 0 { "fail" } else { "pass" }), ("other-x", "undecided")].map(
                |(check, outcome)| {
                    serde_json::from_value::<Outcome>(serde_json::json!({
                        "subject": format!("s{n}"), "check": check, "use_case": null, "requirements": ["3.1"],
                        "outcome": outcome, "summary": "It is so.", "observations": [],
                    }))
                    .unwrap()
                },
            )
        });
        let subject = |n: usize| SubjectResult {
            id: format!("s{n}"),
            kind: "container",
            name: format!("c{n} on web-01"),
            source: format!("container:c{n}"),
            ..SubjectResult::default()
        };
        section(&(0..containers).map(subject).collect::<Vec<_>>(), &outcomes.collect::<Vec<_>>())
    }

    #[test]
    fn few_containers_are_told_one_by_one_and_a_thousand_check_by_check() {
        let few = told(2);
        assert!(few.contains("s0 c0 on web-01 (container:c0)\n   1 failed, 1 undecided\n"), "{few}");
        assert!(few.contains("FAIL       privileged-x [3.1]\n       It is so.\n"), "{few}");
        let many = told(1000);
        assert!(many.lines().count() < 8, "{many}");
        assert!(many.contains("FAIL       privileged-x [3.1] (500 failed, 500 passed)\n"), "{many}");
        assert!(many.contains("c0 on web-01, c2 on web-01") && many.contains("and 495 more"), "{many}");
        assert!(many.contains("1 more checks failed for none"), "{many}");
        assert_eq!(told(0), "");
    }
}
