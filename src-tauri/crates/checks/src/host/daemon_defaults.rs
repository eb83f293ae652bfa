//! `daemon-defaults` (CSVS 2.14): every setting of dockerd that is not its default, and what it does.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::configured::{Setting, all_known, missing, plain, setting};
use super::default_values::{Effect, effect};
use super::{HOST, NAMED, not_in_podman, of_host, open, said, show, some_of};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Deviations from the defaults.
pub(crate) struct DaemonDefaults;

/// dockerd knows about a hundred settings; facts with many more are not of a daemon.
const MOST_SETTINGS: usize = 1000;

impl Check for DaemonDefaults {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "daemon-defaults",
            use_case: None,
            title: text("Deviations from the engine's defaults", "Abweichungen von den Vorgaben der Engine"),
            why: text(
                "The defaults are tried and tested by many. Each deviation is a decision that should be on record, and some of them take a protection away.",
                "Die Vorgaben sind vielfach erprobt. Jede Abweichung ist eine Entscheidung, die festgehalten sein sollte, und manche nimmt einen Schutz weg.",
            ),
            how: text(
                "Each setting in daemon.json and among dockerd's flags is compared with its default. Deviations that weaken fail, those that harden are fine, neutral ones are named, and whether each was decided is for a person. Passes only when the file and the flags are both known.",
                "Jede Einstellung in daemon.json und unter den Optionen von dockerd wird mit ihrer Vorgabe verglichen. Schwächende Abweichungen bestehen nicht, härtende sind in Ordnung, neutrale werden genannt; ob jede beschlossen wurde, beurteilt ein Mensch. Bestanden nur, wenn Datei und Optionen beide bekannt sind.",
            ),
            blind_spots: text(
                "Defaults differ between versions. Why a deviation was chosen. Settings of single networks and containers.",
                "Vorgaben unterscheiden sich zwischen Versionen. Warum eine Abweichung gewählt wurde. Einstellungen einzelner Netze und Container.",
            ),
            remedy: text(
                "Take settings out that nobody asked for, and record the reason for each that stays.",
                "Entfernen Sie Einstellungen, die niemand verlangt hat, und halten Sie zu jeder bleibenden den Grund fest.",
            ),
            example: "{ \"icc\": false, \"userland-proxy\": false, \"live-restore\": true, \"no-new-privileges\": true }",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, defaults)
    }
}

fn defaults(host: &HostFacts) -> Judgement {
    if let Some(judgement) = not_in_podman(host, "no daemon.json (its settings stand in containers.conf)") {
        return judgement;
    }
    let settings = host.config.as_ref().map_or(&[][..], |config| &config.settings);
    if settings.len() > MOST_SETTINGS {
        return open("There are more settings than any daemon has; look at the facts themselves.");
    }
    let mut observations = Vec::new();
    let (mut weakens, mut neutral, mut hardens) = (Vec::new(), Vec::new(), Vec::new());
    for (index, one) in settings.iter().enumerate() {
        // The unit's flags come back on the process's command line.
        if settings.iter().skip(index + 1).any(|later| later.key == one.key && later.value == one.value) {
            continue;
        }
        // What a later entry overrides does not count; lists add up, so each of their entries does.
        if let Setting::Set(last) = setting(host, &one.key)
            && !one.value.is_array()
            && !std::ptr::eq(last, one)
            && !is_list(&one.key)
        {
            continue;
        }
        let Some((effect, what)) = effect(&one.key, &one.value) else { continue };
        let key = said(&one.key);
        let (severity, word, names) = match effect {
            Effect::Weakens => (Severity::Medium, "weakens", &mut weakens),
            Effect::Neutral => (Severity::Info, "is neutral", &mut neutral),
            Effect::Hardens => (Severity::Info, "hardens", &mut hardens),
        };
        let message = format!("{key} is {} in {}: this {word}, {what}.", plain(&one.value), show::named(one));
        names.push(key);
        observations.push((effect, show::on_configured(one, severity, message, &[])));
    }
    observations.sort_by_key(|(effect, _)| *effect);
    let mut observations: Vec<_> = observations.into_iter().map(|(_, observation)| observation).collect();
    observations.truncate(5 * NAMED);
    if !weakens.is_empty() {
        let summary = format!(
            "{}: {}.",
            count(weakens.len(), "setting weakens the defaults", "settings weaken the defaults"),
            some_of(&weakens)
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !all_known(host) {
        let missing = missing(host).unwrap_or("they could not be read");
        if settings.is_empty() {
            return open(format!("Deviations from the defaults are not known: {missing}."));
        }
        let summary = format!("None of the settings that are known weakens the defaults, but {missing}.");
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if !neutral.is_empty() {
        let summary = format!(
            "{} from the defaults without weakening them ({}); ask where the reason for each is recorded.",
            count(neutral.len(), "setting differs", "settings differ"),
            some_of(&neutral)
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = match hardens.len() {
        0 => "All settings of dockerd are its defaults.".to_owned(),
        number => {
            format!("{} the defaults; all others are unchanged.", count(number, "setting hardens", "settings harden"))
        }
    };
    judged(OutcomeKind::Pass, summary, observations)
}

/// Settings whose entries add up.
fn is_list(key: &str) -> bool {
    key.ends_with('s') && key != "tls" || key.ends_with("-opt") || matches!(key, "host" | "label" | "dns")
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{config, configured, good, judge};
    use super::*;
    use plimsoll_docker::facts::Configured;
    use serde_json::json;

    fn judged_on(settings: Vec<Configured>, known: bool) -> Judgement {
        let mut host = good();
        let config = host.config.get_or_insert_default();
        config.settings = settings;
        config.flags_known = known;
        judge(&DaemonDefaults, host)
    }

    #[test]
    fn hardening_passes_weakening_fails_and_the_rest_is_for_a_person() {
        assert_eq!(judged_on(vec![], true).outcome, OutcomeKind::Pass);
        assert_eq!(judged_on(vec![config("icc", json!(false), 2)], true).outcome, OutcomeKind::Pass);
        assert_eq!(judged_on(vec![config("mtu", json!(1400), 2)], true).outcome, OutcomeKind::Undecided);
        let weak = judged_on(vec![config("mtu", json!(1400), 2), config("iptables", json!(false), 3)], true);
        assert_eq!(weak.outcome, OutcomeKind::Fail);
        assert!(weak.observations[0].message.contains("iptables") && weak.observations.len() == 2);
    }

    #[test]
    fn it_passes_only_when_all_is_known_and_fails_all_the_same() {
        assert_eq!(judged_on(vec![], false).outcome, OutcomeKind::Undecided);
        assert_eq!(judged_on(vec![config("icc", json!(false), 2)], false).outcome, OutcomeKind::Undecided);
        assert_eq!(judged_on(vec![config("debug", json!(true), 2)], false).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn a_flag_of_the_unit_that_the_process_has_too_counts_once() {
        let at = |file: &str| configured("insecure-registries", json!(["r.example"]), file, 0);
        let judgement = judged_on(vec![at("docker.service"), at("command line of dockerd")], true);
        assert!(judgement.summary.starts_with("one setting weakens"), "{}", judgement.summary);
        assert_eq!(judgement.observations.len(), 1);
    }

    #[test]
    fn what_is_overridden_does_not_count() {
        let twice = vec![
            configured("debug", json!(true), "command line of dockerd", 0),
            configured("debug", json!(false), "command line of dockerd", 0),
        ];
        assert_eq!(judged_on(twice, true).outcome, OutcomeKind::Pass);
    }
}
