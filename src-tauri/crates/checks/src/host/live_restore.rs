//! `live-restore` (CSVS 2.9): containers go on while dockerd is started anew.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::configured::{Setting, plain, setting, switch};
use super::{HOST, not_in_podman, not_on_windows, of_host, open, said, show};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Containers outlive their daemon.
pub(crate) struct LiveRestore;

const ALIASES: [&str; 1] = ["2.15"];

impl Check for LiveRestore {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "live-restore",
            use_case: None,
            title: text("Live restore", "Live Restore"),
            why: text(
                "Without live restore all containers stop when dockerd stops. That is why updates of the engine are put off, and its flaws stay.",
                "Ohne Live Restore halten mit dockerd auch alle Container an. Deshalb werden Aktualisierungen der Engine aufgeschoben, und ihre Schwachstellen bleiben.",
            ),
            how: text(
                "The engine tells whether it is on. A node of a swarm cannot have it: dockerd refuses both together, so there a person decides what takes its place. A daemon.json that contradicts the running engine is named.",
                "Die Engine gibt an, ob Live Restore eingeschaltet ist. Auf einem Swarm-Knoten geht das nicht: dockerd lehnt beides zusammen ab; dort beurteilt ein Mensch, was an seine Stelle tritt. Eine daemon.json, die anderes sagt als die laufende Engine, wird genannt.",
            ),
            blind_spots: text(
                "Whether containers really survive: some settings of storage and networks stand in the way. That is seen only by trying.",
                "Ob Container tatsächlich weiterlaufen: Manche Speicher- und Netzeinstellungen verhindern es. Das zeigt nur der Versuch.",
            ),
            remedy: text(
                "Set live-restore to true in daemon.json and reload dockerd.",
                "Setzen Sie live-restore in daemon.json auf true und laden Sie dockerd neu.",
            ),
            example: "{ \"live-restore\": true }",
            aliases: &[("docker-bench", "2.15")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, live)
    }
}

fn live(host: &HostFacts) -> Judgement {
    let elsewhere = not_in_podman(host, "no live restore").or_else(|| not_on_windows(host, "no live restore"));
    if let Some(judgement) = elsewhere {
        return judgement;
    }
    let Some(on) = host.daemon.live_restore else {
        return open("The engine does not tell whether live restore is on; look into its daemon.json.");
    };
    let (outcome, severity, summary) = match (on, host.swarm.state.as_deref()) {
        (true, _) => (OutcomeKind::Pass, Severity::Info, "Live restore is on.".to_owned()),
        (false, Some("inactive")) => {
            (OutcomeKind::Fail, Severity::Medium, "Live restore is off: containers stop with dockerd.".to_owned())
        }
        (false, Some(state)) => (
            OutcomeKind::Undecided,
            Severity::Info,
            format!(
                "Live restore is off, and must be: the engine belongs to a swarm (state {}). Ask how nodes are drained before dockerd is updated.",
                said(state)
            ),
        ),
        (false, None) => (
            OutcomeKind::Undecided,
            Severity::Low,
            "Live restore is off; whether the engine belongs to a swarm, which rules it out, it does not tell."
                .to_owned(),
        ),
    };
    let mut observations = vec![show::on_info(host, "LiveRestoreEnabled", severity, summary.clone(), &ALIASES)];
    if let Setting::Set(one) = setting(host, "live-restore")
        && switch(&one.value).is_some_and(|configured| configured != on)
    {
        let message = format!(
            "live-restore is {} in {}, but not so in the running engine; it was not loaded.",
            plain(&one.value),
            show::named(one)
        );
        observations.push(show::on_configured(one, Severity::Low, message, &ALIASES));
    }
    judged(outcome, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{config, good, judge};
    use super::*;
    use plimsoll_docker::facts::Product;
    use serde_json::json;

    fn outcome(on: Option<bool>, swarm: Option<&str>, product: Product) -> OutcomeKind {
        let mut host = good();
        host.daemon.live_restore = on;
        host.swarm.state = swarm.map(Into::into);
        host.engine.product = product;
        judge(&LiveRestore, host).outcome
    }

    #[test]
    fn on_passes_off_fails_and_a_swarm_cannot_have_it() {
        assert_eq!(outcome(Some(true), Some("inactive"), Product::Docker), OutcomeKind::Pass);
        assert_eq!(outcome(Some(false), Some("inactive"), Product::Docker), OutcomeKind::Fail);
        assert_eq!(outcome(Some(false), Some("active"), Product::Docker), OutcomeKind::Undecided);
        assert_eq!(outcome(Some(false), None, Product::Docker), OutcomeKind::Undecided);
        assert_eq!(outcome(None, Some("inactive"), Product::Docker), OutcomeKind::Undecided);
        assert_eq!(outcome(Some(false), Some("inactive"), Product::Podman), OutcomeKind::Undecided);
    }

    #[test]
    fn a_file_that_was_not_loaded_is_named() {
        let mut host = good();
        host.daemon.live_restore = Some(false);
        host.config.get_or_insert_default().settings = vec![config("live-restore", json!(true), 4)];
        let judgement = judge(&LiveRestore, host);
        assert_eq!(judgement.outcome, OutcomeKind::Fail);
        assert!(judgement.observations.iter().any(|o| o.message.contains("daemon.json:4")));
    }
}
