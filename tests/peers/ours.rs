//! What our own checks say about the probes, collected and judged as the product does it.

use plimsoll_checks::Settings;
use plimsoll_workbench::Job;
use plimsoll_workbench::catalog::{OutcomeKind, UseCaseId};
use plimsoll_workbench::collect::{Request, collect};

use crate::probes::Probe;

/// The outcome of each probe's use case.
pub fn judge(probes: &[Probe]) -> Vec<OutcomeKind> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let mut outcomes = Vec::new();
    for probe in probes {
        let path = folder.path().join("Dockerfile");
        std::fs::write(&path, &probe.text).unwrap();
        let source = format!("dockerfile:{}", path.display()).parse().unwrap();
        let request = Request { source, dockerfile: None, context: None, platform: None, files: Vec::new() };
        let facts =
            runtime.block_on(collect(&request, &plimsoll_workbench::reach::Reach::default(), &Job::silent())).unwrap();
        let judged = plimsoll_checks::judge(&probe.name, &facts, &Settings::default());
        outcomes.push(together(judged.iter().filter(|o| o.use_case == Some(probe.use_case)).map(|o| o.outcome)));
    }
    outcomes
}

/// Several checks may answer one use case: the worst counts.
fn together(outcomes: impl Iterator<Item = OutcomeKind>) -> OutcomeKind {
    const WORST_FIRST: [OutcomeKind; 4] =
        [OutcomeKind::Fail, OutcomeKind::Error, OutcomeKind::Undecided, OutcomeKind::Pass];
    let outcomes: Vec<_> = outcomes.collect();
    WORST_FIRST.into_iter().find(|kind| outcomes.contains(kind)).unwrap_or(OutcomeKind::NotApplicable)
}

/// The use cases that the probes are about, in the paper's order.
pub fn use_cases(probes: &[Probe]) -> Vec<UseCaseId> {
    UseCaseId::ALL.into_iter().filter(|id| probes.iter().any(|probe| probe.use_case == *id)).collect()
}
