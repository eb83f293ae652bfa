//! `daemon-endpoint` (CSVS 2.15, 6.8, 6.9): the engine's API is not open to the network without mutual TLS.

use plimsoll_catalog::{Observation, OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, Product};

use super::configured::{Setting, all_known, list, missing, setting, switch};
use super::nets::is_local;
use super::releases::numbers;
use super::{HOST, of_host, said, show};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The API listens to nobody without a certificate.
pub(crate) struct DaemonEndpoint;

const ALIASES: [&str; 1] = ["2.7"];

impl Check for DaemonEndpoint {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "daemon-endpoint",
            use_case: None,
            title: text("The engine's API on the network", "Die API der Engine im Netz"),
            why: text(
                "Whoever reaches the API of an engine is root on its host. An open port 2375 is found by strangers within minutes.",
                "Wer die API einer Engine erreicht, ist Root auf deren Host. Ein offener Port 2375 wird von Fremden binnen Minuten gefunden.",
            ),
            how: text(
                "Three sources are used: the way in which Plimsoll reached the engine, the addresses and TLS settings in its configuration, and the engine's own warnings about an API without encryption or client certificates. Any of them that shows TCP without verified TLS fails. Passes when the configuration is known and sound, or when an engine of version 19.03 or newer warns of nothing.",
                "Herangezogen werden drei Quellen: der Weg, auf dem Plimsoll die Engine erreichte, die Adressen und TLS-Einstellungen ihrer Konfiguration und die eigenen Warnungen der Engine vor einer API ohne Verschlüsselung oder Client-Zertifikate. Zeigt einer davon TCP ohne geprüftes TLS, ist die Prüfung nicht bestanden. Bestanden, wenn die Konfiguration bekannt und in Ordnung ist oder eine Engine ab Version 19.03 vor nichts warnt.",
            ),
            blind_spots: text(
                "Sockets that systemd opens for dockerd, proxies before it, and containers that pass its socket on. Firewalls. Whether the certificates' authority is the client's own. SSH and other ways to the machine.",
                "Sockets, die systemd für dockerd öffnet, vorgeschaltete Proxys und Container, die den Socket weiterreichen. Firewalls. Ob die Zertifizierungsstelle die eigene ist. SSH und andere Wege zur Maschine.",
            ),
            remedy: text(
                "Take tcp:// out of hosts and use SSH, or set tlsverify with certificates of your own authority and bind to an address of the management network.",
                "Entfernen Sie tcp:// aus hosts und nutzen Sie SSH, oder setzen Sie tlsverify mit Zertifikaten Ihrer eigenen Zertifizierungsstelle und binden Sie an eine Adresse des Verwaltungsnetzes.",
            ),
            example: "{ \"hosts\": [\"fd://\", \"tcp://10.0.0.5:2376\"], \"tlsverify\": true, \"tlscacert\": \"/etc/docker/ca.pem\" }",
            aliases: &[("docker-bench", "2.7")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, endpoint)
    }
}

/// What the witnesses say.
#[derive(Default)]
struct Heard {
    observations: Vec<Observation>,
    faults: Vec<String>,
    asks: Vec<String>,
}

fn on_network(endpoint: &str) -> bool {
    ["tcp://", "http://", "https://"].iter().any(|scheme| endpoint.starts_with(scheme))
}

/// The way in which the engine was reached.
fn reached(host: &HostFacts, heard: &mut Heard) {
    if !on_network(&host.endpoint) {
        return;
    }
    let shown = said(&host.endpoint);
    let (severity, message) = if host.verified_tls == Some(true) {
        (Severity::Info, format!("The engine was reached at {shown} over TLS, and its certificate was verified."))
    } else if is_local(&host.endpoint) {
        heard.asks.push(format!(
            "the engine was reached at {shown} without verified TLS, on this machine or through a tunnel"
        ));
        (
            Severity::High,
            format!(
                "The engine was reached at {shown} without verified TLS; every account on the machine can reach it this way."
            ),
        )
    } else {
        heard.faults.push(format!("it was reached at {shown} without verified TLS"));
        (
            Severity::Critical,
            format!(
                "The engine was reached at {shown} without verified TLS: whoever reaches the port is root on the host."
            ),
        )
    };
    let command = format!("{} version", show::docker(host));
    heard.observations.push(show::on_machine("endpoint", command, severity, message, &ALIASES));
}

/// What the engine itself warns of.
fn warned(host: &HostFacts, heard: &mut Heard) {
    for warning in &host.daemon.warnings {
        let small = warning.to_ascii_lowercase();
        if small.contains("without encryption") || small.contains("without tls client verification") {
            let first = said(warning.lines().next().unwrap_or_default());
            heard.faults.push("the engine itself warns of it".to_owned());
            let message = format!("The engine warns: {}", first.trim_end_matches('.'));
            heard.observations.push(show::on_info(
                host,
                "Warnings",
                Severity::Critical,
                format!("{message}."),
                &ALIASES,
            ));
        }
    }
}

/// What is configured.
fn configured(host: &HostFacts, heard: &mut Heard) {
    let open: Vec<_> = list(host, "hosts").into_iter().filter(|(_, address)| on_network(address)).collect();
    if open.is_empty() {
        return;
    }
    let verify = setting(host, "tlsverify");
    for (one, address) in open {
        let shown = said(address);
        match &verify {
            Setting::Set(tls) if switch(&tls.value) == Some(true) => {
                let message = format!("dockerd listens on {shown} and demands certificates of its clients.");
                heard.observations.push(show::on_configured(one, Severity::Info, message, &ALIASES));
            }
            Setting::Set(_) | Setting::Default => {
                heard.faults.push(format!("it listens on {shown} without tlsverify"));
                let message = format!("dockerd listens on {shown} and demands no certificate of its clients.");
                let severity = if is_local(address) { Severity::High } else { Severity::Critical };
                heard.observations.push(show::on_configured(one, severity, message, &ALIASES));
            }
            Setting::Conflict(why) | Setting::Unknown(why) => {
                heard.asks.push(format!("it listens on {shown}, and whether it demands certificates is not known"));
                let message = format!("dockerd listens on {shown}. {why}.");
                heard.observations.push(show::on_configured(one, Severity::Medium, message, &ALIASES));
            }
        }
    }
    if let Setting::Set(one) = setting(host, "tlscacert") {
        let message = format!(
            "Clients' certificates are verified against {}; ask whose authority that is.",
            super::configured::plain(&one.value)
        );
        heard.observations.push(show::on_configured(one, Severity::Info, message, &[]));
    }
}

/// Whether this engine would warn of an open API: since 18.09, told for sure since 19.03.
fn would_warn(host: &HostFacts) -> bool {
    let told = host.daemon.security_options.is_some();
    let version = host.engine.version.as_deref().and_then(numbers).map(|(numbers, _)| numbers);
    host.engine.product == Product::Docker && told && version.is_some_and(|version| version >= [19, 3, 0])
}

fn endpoint(host: &HostFacts) -> Judgement {
    let mut heard = Heard::default();
    reached(host, &mut heard);
    warned(host, &mut heard);
    configured(host, &mut heard);
    let Heard { mut observations, mut faults, asks } = heard;
    observations.sort_by_key(|observation| observation.severity);
    observations.truncate(super::NAMED);
    faults.dedup();
    if !faults.is_empty() {
        let summary =
            format!("The engine's API is open to the network without mutual TLS: {}.", super::some_of(&faults));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !asks.is_empty() {
        let summary = format!("Who can reach the engine's API is for a person to find out: {}.", super::some_of(&asks));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if all_known(host) {
        let summary = if observations.is_empty() {
            "dockerd is not configured to listen on the network."
        } else {
            "dockerd listens on the network only for clients whose certificates it verifies."
        };
        return judged(OutcomeKind::Pass, summary, observations);
    }
    if would_warn(host) {
        let message = "The engine would warn of an API that is open without encryption or client certificates, and gives no such warning.";
        observations.push(show::on_info(host, "Warnings", Severity::Info, message, &ALIASES));
        return judged(OutcomeKind::Pass, message, observations);
    }
    let missing = missing(host).unwrap_or("they could not be read");
    let summary = format!("On which addresses the engine listens is not known: {missing}.");
    judged(OutcomeKind::Undecided, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{config, good, judge};
    use super::*;
    use serde_json::json;

    fn with(settings: Vec<plimsoll_docker::facts::Configured>) -> Judgement {
        let mut host = good();
        host.config.get_or_insert_default().settings = settings;
        judge(&DaemonEndpoint, host)
    }

    #[test]
    fn sockets_and_mutual_tls_pass() {
        assert_eq!(judge(&DaemonEndpoint, good()).outcome, OutcomeKind::Pass);
        let tls = with(vec![
            config("hosts", json!(["fd://", "tcp://10.0.0.5:2376"]), 2),
            config("tlsverify", json!(true), 3),
            config("tlscacert", json!("/etc/docker/ca.pem"), 4),
        ]);
        assert_eq!(tls.outcome, OutcomeKind::Pass);
        assert!(tls.observations.iter().any(|o| o.message.contains("ca.pem")));
    }

    #[test]
    fn each_witness_alone_is_enough_to_fail() {
        assert_eq!(with(vec![config("hosts", json!(["tcp://0.0.0.0:2375"]), 2)]).outcome, OutcomeKind::Fail);
        let tls_only = vec![config("hosts", json!(["tcp://0.0.0.0:2376"]), 2), config("tls", json!(true), 3)];
        assert_eq!(with(tls_only).outcome, OutcomeKind::Fail);
        for verified in [None, Some(false)] {
            let mut host = good();
            (host.endpoint, host.verified_tls) = ("tcp://10.0.0.5:2375".into(), verified);
            assert_eq!(judge(&DaemonEndpoint, host).outcome, OutcomeKind::Fail);
        }
        let mut host = good();
        host.daemon.warnings =
            vec!["WARNING: API is accessible on https://0.0.0.0:2376 without TLS client verification.".into()];
        assert_eq!(judge(&DaemonEndpoint, host).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn the_engines_silence_counts_only_where_it_would_speak() {
        let remote = |version: &str, product| {
            let mut host = good();
            host.config = None;
            host.engine.version = Some(version.into());
            host.engine.product = product;
            judge(&DaemonEndpoint, host).outcome
        };
        assert_eq!(remote("27.3.1", Product::Docker), OutcomeKind::Pass);
        assert_eq!(remote("18.03.1-ce", Product::Docker), OutcomeKind::Undecided);
        assert_eq!(remote("4.3.1", Product::Podman), OutcomeKind::Undecided);
        assert_eq!(remote("29.0.0", Product::Other), OutcomeKind::Undecided);
    }

    #[test]
    fn a_tunnel_and_unknown_flags_are_for_a_person() {
        let mut host = good();
        (host.endpoint, host.verified_tls) = ("tcp://127.0.0.1:2375".into(), None);
        assert_eq!(judge(&DaemonEndpoint, host).outcome, OutcomeKind::Undecided);
        let mut host = good();
        let facts = host.config.get_or_insert_default();
        facts.settings = vec![config("hosts", json!(["tcp://0.0.0.0:2376"]), 2)];
        facts.flags_known = false;
        assert_eq!(judge(&DaemonEndpoint, host).outcome, OutcomeKind::Undecided);
    }
}
