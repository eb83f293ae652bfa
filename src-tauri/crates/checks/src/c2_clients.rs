//! C2, registry authentication: how Docker's client on this machine keeps its credentials.

use plimsoll_catalog::{Location, OutcomeKind, Severity, UseCaseId};
use plimsoll_registry::facts::RegistryFacts;

use crate::facts::quote;
use crate::observe::{count, judged, observation};
use crate::probes::{client, of_registry};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Credentials lie in a store, not in a file.
pub(crate) struct Clients;

impl Check for Clients {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "registry-clients",
            use_case: Some(UseCaseId::C2),
            title: text("Credentials kept in a store", "Zugangsdaten in einem Speicher verwahrt"),
            why: text(
                "What docker login writes into config.json is encoded, not encrypted: whoever reads the file, a backup of it or an image that it was copied into has the password.",
                "Was docker login in config.json schreibt, ist kodiert, nicht verschlüsselt: Wer die Datei liest, ein Backup davon oder ein Image, in das sie kopiert wurde, hat das Passwort.",
            ),
            how: text(
                "Docker's client configuration on the machine that Plimsoll runs on is read; never the secrets themselves. Fails on passwords and tokens in the file, on permissions that let others read or write it, and on a credential helper that is named and not installed.",
                "Gelesen wird die Client-Konfiguration von Docker auf der Maschine, auf der Plimsoll läuft; nie die Geheimnisse selbst. Nicht bestanden bei Passwörtern und Tokens in der Datei, bei Rechten, mit denen andere sie lesen oder schreiben dürfen, und bei einem genannten, aber nicht installierten Credential-Helper.",
            ),
            blind_spots: text(
                "Other machines and accounts, above all the hosts and the pipeline. Credentials of other programs (Podman, containerd, kubelet) and in environment variables.",
                "Andere Maschinen und Konten, vor allem die Hosts und die Pipeline. Zugangsdaten anderer Programme (Podman, containerd, kubelet) und in Umgebungsvariablen.",
            ),
            remedy: text(
                "Set a credsStore or credHelpers, log in again, and see that no auth values remain in the file; give it mode 0600. On hosts and in pipelines use short-lived tokens of a workload identity.",
                "Richten Sie credsStore oder credHelpers ein, melden Sie sich neu an und prüfen Sie, dass in der Datei keine auth-Werte bleiben; geben Sie ihr Modus 0600. Nutzen Sie auf Hosts und in Pipelines kurzlebige Tokens einer Workload-Identität.",
            ),
            example: "{\"credsStore\": \"secretservice\"}",
            aliases: &[],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["10.1"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_registry(facts, settings, clients)
    }
}

fn clients(facts: &Facts, registry: &RegistryFacts, _: &Settings) -> Judgement {
    let Some(client) = client(facts) else {
        let summary =
            "Docker's client configuration was not read; look at config.json on the machines that use the registry.";
        return judged(OutcomeKind::Undecided, summary, Vec::new());
    };
    let path = &client.path;
    let here = "on the machine that Plimsoll runs on";
    let mut observations = Vec::new();
    let mut faults: Vec<String> = Vec::new();
    let place = |field: &str| Location::Field { field: format!("{path} {field}") };
    let keys = format!("jq '.auths | map_values(keys)' {}", quote(path));
    for (host, what) in &client.in_clear {
        let this = if *host == registry.host { ", the registry under audit" } else { "" };
        let message = format!("A {what} for {host}{this} lies in clear (base64) in {path}, {here}.");
        observations.push(observation(place("auths"), keys.clone(), Severity::Medium, message, &[]));
    }
    if !client.in_clear.is_empty() {
        faults
            .push(format!("{} in clear in {path}", count(client.in_clear.len(), "credential lies", "credentials lie")));
    }
    if let Some(mode) = client.mode.filter(|mode| mode & 0o077 != 0) {
        let severity = if client.in_clear.is_empty() { Severity::Low } else { Severity::Medium };
        let message = format!("{path} has mode {:04o}, {here}: others than its owner may use it.", mode & 0o7777);
        observations.push(observation(place("mode"), format!("stat -c %a {}", quote(path)), severity, message, &[]));
        faults.push(format!("{path} is open to others"));
    }
    for helper in &client.missing_helpers {
        let message = format!("The credential helper {helper} is named in {path} and not installed, {here}.");
        let show = format!("command -v {}", quote(helper));
        observations.push(observation(place("credHelpers"), show, Severity::Low, message, &[]));
    }
    if !client.missing_helpers.is_empty() {
        faults.push(count(
            client.missing_helpers.len(),
            "credential helper is missing",
            "credential helpers are missing",
        ));
    }
    for problem in &client.problems {
        let show = format!("ls -l {}", quote(path));
        observations.push(observation(place("content"), show, Severity::Low, problem.clone(), &[]));
    }
    observations.sort_by_key(|observation| observation.severity);
    if !faults.is_empty() {
        let summary = format!("Credentials are not well kept {here}: {}.", faults.join(", "));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if let Some(problem) = client.problems.first() {
        let summary = format!("Docker's client configuration could not be read {here}: {problem}");
        return judged(OutcomeKind::Error, summary, observations);
    }
    let summary = match (client.exists, &client.store, client.helpers.len()) {
        (false, _, _) => format!("There is no {path} {here}, so no credentials lie in it."),
        (true, Some(store), _) => format!("Credentials are kept by {store} {here}, and none lie in {path}."),
        (true, None, 1..) => format!("Credentials are kept by helpers {here}, and none lie in {path}."),
        (true, None, 0) => format!("No credentials lie in {path} {here}; no store is set for those to come."),
    };
    judged(OutcomeKind::Pass, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::tests::{facts_of, registry};
    use plimsoll_registry::facts::ClientFacts;

    fn judge(client: Option<ClientFacts>) -> Judgement {
        let judgement =
            Clients.judge(&facts_of(RegistryFacts { client, ..registry("r.example", &[]) }), &Settings::default());
        assert!(judgement.observations.iter().all(|o| o.location.is_some() && o.reproduce.is_some()));
        judgement
    }

    fn kept() -> ClientFacts {
        ClientFacts {
            path: "/home/a/.docker/config.json".into(),
            exists: true,
            mode: Some(0o100_600),
            store: Some("secretservice".into()),
            ..ClientFacts::default()
        }
    }

    #[test]
    fn a_store_or_an_empty_file_passes() {
        assert_eq!(judge(Some(kept())).outcome, OutcomeKind::Pass);
        assert_eq!(judge(Some(ClientFacts { store: None, ..kept() })).outcome, OutcomeKind::Pass);
        let absent = ClientFacts { exists: false, mode: None, store: None, ..kept() };
        assert!(judge(Some(absent)).summary.contains("There is no"));
        assert_eq!(judge(Some(ClientFacts { mode: None, ..kept() })).outcome, OutcomeKind::Pass);
    }

    #[test]
    fn secrets_in_the_file_open_modes_and_missing_helpers_fail() {
        let clear = ClientFacts { in_clear: vec![("r.example".into(), "password".into())], ..kept() };
        let judgement = judge(Some(clear.clone()));
        assert_eq!((judgement.outcome, judgement.observations[0].severity), (OutcomeKind::Fail, Severity::Medium));
        assert!(judgement.observations[0].message.contains("the registry under audit"));
        let open = judge(Some(ClientFacts { mode: Some(0o100_644), ..kept() }));
        assert_eq!((open.outcome, open.observations[0].severity), (OutcomeKind::Fail, Severity::Low));
        assert!(open.observations[0].message.contains("0644"));
        let both = judge(Some(ClientFacts { mode: Some(0o100_644), ..clear }));
        assert!(both.observations.iter().all(|o| o.severity == Severity::Medium));
        let missing = ClientFacts { missing_helpers: vec!["docker-credential-pass".into()], ..kept() };
        assert_eq!(judge(Some(missing)).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn what_was_not_read_is_never_a_pass() {
        assert_eq!(judge(None).outcome, OutcomeKind::Undecided);
        let broken = ClientFacts { problems: vec!["config.json is no JSON.".into()], ..kept() };
        assert_eq!(judge(Some(broken)).outcome, OutcomeKind::Error);
    }
}
