//! C2, registry authentication: whether the engine verifies whom it speaks to (CSVS 6.9).

use std::net::IpAddr;

use plimsoll_catalog::{Location, OutcomeKind, Severity, UseCaseId};
use plimsoll_registry::facts::RegistryFacts;

use crate::observe::{judged, observation};
use crate::probes::{is_loopback, of_registry, without_port};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The engine speaks to no registry without verified TLS.
pub(crate) struct EngineVerifies;

impl Check for EngineVerifies {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "registry-engine",
            use_case: Some(UseCaseId::C2),
            title: text("No insecure registry at the engine", "Keine unsichere Registry bei der Engine"),
            why: text(
                "To a registry that is listed as insecure, an engine speaks over plain HTTP or with any certificate: whoever is on the way can give it other images.",
                "Mit einer als unsicher eingetragenen Registry spricht eine Engine über HTTP oder mit jedem Zertifikat: Wer auf dem Weg ist, kann ihr andere Images unterschieben.",
            ),
            how: text(
                "The engine that Plimsoll speaks to is asked for its insecure registries. Fails when the registry under audit is among them. Other entries beyond this machine itself are undecided: a person knows whose engine it is.",
                "Die Engine, mit der Plimsoll spricht, wird nach ihren unsicheren Registries gefragt. Nicht bestanden, wenn die geprüfte Registry darunter ist. Andere Einträge jenseits der Maschine selbst bleiben unentschieden: Ein Mensch weiß, wessen Engine es ist.",
            ),
            blind_spots: text(
                "The engines of other hosts. Networks are compared with addresses only: a host name that lies in an insecure network is not resolved.",
                "Die Engines anderer Hosts. Netze werden nur mit Adressen verglichen: Ein Hostname, der in einem unsicheren Netz liegt, wird nicht aufgelöst.",
            ),
            remedy: text(
                "Take the entry out of insecure-registries in daemon.json, and put the registry's authority into /etc/docker/certs.d/HOST/ca.crt instead.",
                "Entfernen Sie den Eintrag aus insecure-registries in daemon.json und legen Sie stattdessen die Zertifizierungsstelle der Registry unter /etc/docker/certs.d/HOST/ca.crt ab.",
            ),
            example: "docker info --format '{{json .RegistryConfig.InsecureRegistryCIDRs}}'\n[\"::1/128\",\"127.0.0.0/8\"]",
            aliases: &[("docker-bench", "2.5")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["6.9"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        of_registry(facts, settings, engine)
    }
}

/// A network in CIDR notation: its address and the length of its prefix.
fn network(text: &str) -> Option<(IpAddr, u32)> {
    let (address, length) = text.split_once('/')?;
    let (address, length) = (address.parse::<IpAddr>().ok()?, length.parse::<u32>().ok()?);
    (length <= if address.is_ipv4() { 32 } else { 128 }).then_some((address, length))
}

fn within(address: IpAddr, (base, length): (IpAddr, u32)) -> bool {
    match (address, base) {
        (IpAddr::V4(address), IpAddr::V4(base)) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or_default();
            u32::from(address) & mask == u32::from(base) & mask
        }
        (IpAddr::V6(address), IpAddr::V6(base)) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or_default();
            u128::from(address) & mask == u128::from(base) & mask
        }
        _ => false,
    }
}

/// Whether an entry is this machine alone.
fn local(entry: &str) -> bool {
    match network(entry) {
        Some((IpAddr::V4(base), length)) => base.is_loopback() && length >= 8,
        Some((IpAddr::V6(base), length)) => base.is_loopback() && length == 128,
        None => is_loopback(entry),
    }
}

/// Whether an entry covers a registry.
fn covers(entry: &str, host: &str) -> bool {
    match network(entry) {
        Some(network) => without_port(host).parse().is_ok_and(|address| within(address, network)),
        None => entry == host,
    }
}

fn engine(_: &Facts, registry: &RegistryFacts, _: &Settings) -> Judgement {
    let Some(engine) = &registry.engine else {
        let summary = "No engine was asked for its insecure registries; look at daemon.json on the hosts.";
        return judged(OutcomeKind::Undecided, summary, Vec::new());
    };
    let at = format!("the engine at {}", engine.host);
    let mut observations = Vec::new();
    let mut this = Vec::new();
    let mut others = Vec::new();
    for entry in &engine.insecure {
        let (severity, message) = if covers(entry, &registry.host) && local(entry) {
            (
                Severity::Info,
                format!(
                    "{entry} is this machine itself, to which every engine speaks without verified TLS; the registry under audit is there."
                ),
            )
        } else if covers(entry, &registry.host) {
            this.push(entry.as_str());
            (
                Severity::High,
                format!(
                    "{entry} is insecure to {at}: it takes any certificate, or none, from the registry under audit."
                ),
            )
        } else if local(entry) {
            continue;
        } else {
            others.push(entry.as_str());
            (Severity::Medium, format!("{entry} is insecure to {at}: it takes any certificate, or none, from there."))
        };
        observations.push(observation(
            Location::Field { field: "RegistryConfig.InsecureRegistryCIDRs".to_owned() },
            "docker info --format '{{json .RegistryConfig.InsecureRegistryCIDRs}} {{json .RegistryConfig.IndexConfigs}}'"
                .to_owned(),
            severity,
            message,
            &["2.5"],
        ));
    }
    observations.sort_by_key(|observation| observation.severity);
    if !this.is_empty() {
        let summary = format!("To {at}, {} is an insecure registry ({}).", registry.host, this.join(", "));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !others.is_empty() {
        let summary = format!(
            "To {at}, {} is insecure; if it is one of the client's hosts, certificates are not verified there.",
            others.join(", ")
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = format!("To {at} no registry beyond its own machine is insecure.");
    judged(OutcomeKind::Pass, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::tests::{facts_of, registry};
    use plimsoll_registry::facts::EngineRegistries;

    fn judge(host: &str, insecure: &[&str]) -> Judgement {
        let engine = EngineRegistries {
            host: "unix:///var/run/docker.sock".into(),
            version: "27".into(),
            insecure: insecure.iter().map(|&entry| entry.into()).collect(),
            mirrors: vec![],
        };
        let facts = facts_of(RegistryFacts { engine: Some(engine), ..registry(host, &[]) });
        EngineVerifies.judge(&facts, &Settings::default())
    }

    #[test]
    fn this_machine_alone_passes() {
        for host in ["r.example", "127.0.0.1:5600"] {
            assert_eq!(judge(host, &["::1/128", "127.0.0.0/8", "localhost:5000"]).outcome, OutcomeKind::Pass, "{host}");
        }
    }

    #[test]
    fn the_registry_under_audit_fails_and_others_are_for_a_person() {
        assert_eq!(judge("r.example", &["r.example"]).outcome, OutcomeKind::Fail);
        assert_eq!(judge("10.1.2.3:5000", &["10.0.0.0/8"]).outcome, OutcomeKind::Fail);
        assert_eq!(judge("[2001:db8::5]:5000", &["2001:db8::/32"]).outcome, OutcomeKind::Fail);
        assert_eq!(judge("10.1.2.3:5000", &["0.0.0.0/0"]).outcome, OutcomeKind::Fail);
        let others = judge("r.example", &["127.0.0.0/8", "10.0.0.0/8", "old.example:5000"]);
        assert_eq!(others.outcome, OutcomeKind::Undecided);
        assert_eq!(others.observations.len(), 2);
        assert!(others.observations.iter().all(|o| o.severity == Severity::Medium && o.location.is_some()));
    }

    #[test]
    fn networks_are_compared() {
        assert!(covers("10.0.0.0/8", "10.255.0.1:5000") && !covers("10.0.0.0/8", "11.0.0.1:5000"));
        assert!(covers("0.0.0.0/0", "1.2.3.4") && !covers("0.0.0.0/0", "r.example"));
        assert!(!covers("10.0.0.0/33", "10.0.0.0") && !covers("10.0.0.0/8", "2001:db8::1"));
        assert!(!local("127.0.0.0/1") && !local("0.0.0.0/0") && local("127.0.0.1:5000"));
    }

    #[test]
    fn an_engine_that_was_not_asked_is_undecided() {
        let judgement = EngineVerifies.judge(&facts_of(registry("r.example", &[])), &Settings::default());
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
    }
}
