//! The results for a person at a terminal, when no JSON is asked for.

use std::fmt::Write;

use plimsoll_workbench::catalog::{Outcome, OutcomeKind, Profile, standards};
use plimsoll_workbench::results::Results;

use crate::{runtime_text, vulnerability_text};

pub(crate) fn mark(outcome: OutcomeKind) -> &'static str {
    match outcome {
        OutcomeKind::Pass => "pass",
        OutcomeKind::Fail => "FAIL",
        OutcomeKind::NotApplicable => "n/a",
        OutcomeKind::Undecided => "undecided",
        OutcomeKind::Error => "ERROR",
    }
}

/// The results as lines of text.
pub fn summary(results: &Results) -> String {
    let mut out = String::new();
    for subject in results.subjects.iter().filter(|subject| !runtime_text::is_runtime(subject)) {
        let _ = writeln!(out, "{} {}", subject.id, subject.source);
        if let Some(by) = &subject.collected_by {
            let _ = writeln!(out, "   collected {} by {} on {} ({})", by.started, by.user, by.machine, by.file);
        }
        if let Some(error) = &subject.error {
            let _ = writeln!(out, "   could not be read: {error}");
            continue;
        }
        if let Some(digest) = subject.digest.as_ref().or(subject.config_digest.as_ref()) {
            let _ = writeln!(out, "   {digest}");
        }
        for problem in subject.problems.iter().take(5) {
            let _ = writeln!(out, "   note: {problem}");
        }
        if subject.problems.len() > 5 {
            let _ = writeln!(out, "   note: {} more in the results", subject.problems.len() - 5);
        }
        out.push_str(&vulnerability_text::section(subject, results));
        let outcomes: Vec<_> = results.outcomes.iter().filter(|o| o.subject == subject.id).collect();
        // What comes to the same for one and the same reason is said once.
        let alike = |outcome: &Outcome| {
            let same = |other: &&&Outcome| other.outcome == outcome.outcome && other.summary == outcome.summary;
            outcome.outcome != OutcomeKind::Fail && outcomes.iter().filter(same).count() > 3
        };
        let mut said = Vec::new();
        for outcome in &outcomes {
            if alike(outcome) {
                if !said.contains(&outcome.summary.as_str()) {
                    said.push(&outcome.summary);
                    let of = outcomes.iter().filter(|other| other.summary == outcome.summary);
                    let mut use_cases: Vec<String> = of.map(|other| short(other)).collect();
                    use_cases.dedup();
                    let _ = writeln!(out, "   {} {}: {}", use_cases.join(", "), mark(outcome.outcome), outcome.summary);
                }
                continue;
            }
            let _ = writeln!(out, "   {:<3} {:<10} {}", short(outcome), mark(outcome.outcome), outcome.summary);
            let shown = outcome.observations.iter().filter(|_| outcome.outcome == OutcomeKind::Fail);
            for observation in shown.take(5) {
                let place = observation.location.as_ref().map(|l| format!(" ({l})")).unwrap_or_default();
                let _ = writeln!(out, "       {}: {}{place}", observation.severity.as_str(), observation.message);
            }
        }
    }
    out.push_str(&runtime_text::section(&results.subjects, &results.outcomes));
    let _ = writeln!(out);
    for level in &results.levels {
        let counts = format!(
            "{} satisfied, {} not satisfied, {} not applicable, {} open",
            level.satisfied, level.failed, level.not_applicable, level.open
        );
        let _ = match level.profile {
            Profile::Full => {
                writeln!(out, "CSVS level {}: {} ({counts})", level.level.number(), level.verdict.as_str())
            }
            Profile::Image => {
                writeln!(out, "Image-related requirements up to level {}: {counts}", level.level.number())
            }
        };
    }
    let open = results.use_cases.iter().filter(|u| u.verdict == OutcomeKind::Undecided).count();
    if open > 0 {
        let of = standards().use_cases.len();
        let _ = writeln!(out, "{open} of {of} use cases are undecided: an auditor must decide them.");
    }
    out
}
/// What an outcome is about: its use case, or the requirements that it speaks to.
fn short(outcome: &Outcome) -> String {
    match outcome.use_case {
        Some(id) => id.to_string(),
        None => outcome.requirements.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
