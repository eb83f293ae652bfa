//! `authorization-plugin` (CSVS 6.1, 10.6): requests to the engine's API are authorised one by one.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::{HOST, NAMED, not_in_podman, of_host, open, said, show, some_of};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// A plugin decides who may do what.
pub(crate) struct AuthorizationPlugin;

const ALIASES: [&str; 1] = ["2.12"];

impl Check for AuthorizationPlugin {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "authorization-plugin",
            use_case: None,
            title: text("Authorisation of requests to the engine", "Autorisierung von Anfragen an die Engine"),
            why: text(
                "By itself the engine lets everybody who reaches it do everything. Roles exist only where a plugin or a product before it decides.",
                "Von sich aus lässt die Engine jeden, der sie erreicht, alles tun. Rollen gibt es nur, wo ein Plugin oder ein vorgeschaltetes Produkt entscheidet.",
            ),
            how: text(
                "The engine names its authorisation plugins. None at all is an indication that there are no roles; a person knows whether a product before the engine has them.",
                "Die Engine gibt ihre Autorisierungs-Plugins an. Gibt es keines, deutet das darauf hin, dass es keine Rollen gibt; ein Mensch weiß, ob ein vorgeschaltetes Produkt sie hat.",
            ),
            blind_spots: text(
                "What the plugin's rules say, whether they follow roles, and where users come from. Products before the engine.",
                "Was die Regeln des Plugins besagen, ob sie Rollen folgen und woher Benutzer kommen. Vorgeschaltete Produkte.",
            ),
            remedy: text(
                "Use an authorisation plugin with rules for each role, or let people reach engines only through a product that has roles.",
                "Setzen Sie ein Autorisierungs-Plugin mit Regeln je Rolle ein oder sorgen Sie dafür, dass Engines nur über ein Produkt mit Rollen erreichbar sind.",
            ),
            example: "docker info --format '{{json .Plugins.Authorization}}'\n[\"opa-docker-authz\"]",
            aliases: &[("docker-bench", "2.12")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, plugins)
    }
}

fn plugins(host: &HostFacts) -> Judgement {
    if let Some(judgement) = not_in_podman(host, "no authorisation plugins") {
        return judgement;
    }
    let Some(plugins) = &host.daemon.authorization_plugins else {
        return open("The engine does not name its authorisation plugins; look into its daemon.json.");
    };
    let mut observations = Vec::new();
    let mut off = false;
    let installed =
        host.plugins.iter().flatten().filter(|one| one.types.iter().any(|kind| kind.starts_with("docker.authz")));
    for one in installed.take(NAMED) {
        let name = said(&one.name);
        let used = plugins.iter().any(|plugin| one.name.split(':').next() == plugin.split(':').next());
        if !one.enabled || !used {
            off |= !one.enabled;
            let state = if one.enabled { "installed but not asked" } else { "installed but switched off" };
            let message = format!("The authorisation plugin {name} is {state}.");
            let command = format!("{} plugin ls", show::docker(host));
            observations.push(show::on_machine("plugins", command, Severity::Medium, message, &ALIASES));
        }
    }
    let names: Vec<String> = plugins.iter().map(|name| said(name)).collect();
    if names.is_empty() {
        let summary = "No plugin authorises requests: whoever reaches the engine may do everything.";
        observations.push(show::on_info(host, "Plugins.Authorization", Severity::Medium, summary, &ALIASES));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    let message = format!("Requests are authorised by {}; ask for its rules.", some_of(&names));
    observations.push(show::on_info(host, "Plugins.Authorization", Severity::Info, message.clone(), &ALIASES));
    if off {
        let summary = format!("{message} One such plugin is switched off.");
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    judged(OutcomeKind::Pass, message, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{good, judge};
    use super::*;
    use plimsoll_docker::facts::PluginFacts;

    #[test]
    fn a_plugin_passes_none_fails_and_silence_is_undecided() {
        assert_eq!(judge(&AuthorizationPlugin, good()).outcome, OutcomeKind::Pass);
        let mut host = good();
        host.daemon.authorization_plugins = Some(vec![]);
        assert_eq!(judge(&AuthorizationPlugin, host).outcome, OutcomeKind::Fail);
        let mut host = good();
        host.daemon.authorization_plugins = None;
        assert_eq!(judge(&AuthorizationPlugin, host).outcome, OutcomeKind::Undecided);
    }

    #[test]
    fn a_plugin_that_is_switched_off_is_named() {
        let mut host = good();
        host.plugins = Some(vec![PluginFacts {
            name: "opa-docker-authz:latest".into(),
            enabled: false,
            types: vec!["docker.authz/1.0".into()],
        }]);
        let judgement = judge(&AuthorizationPlugin, host);
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
        assert!(judgement.observations.iter().any(|o| o.message.contains("switched off")));
    }
}
