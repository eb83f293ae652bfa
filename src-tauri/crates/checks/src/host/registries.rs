//! `insecure-registries` (CSVS 6.9): the engine verifies every registry and mirror beyond its own machine.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::nets::{Net, is_local};
use super::{HOST, NAMED, of_host, open, said, show, some_of};
use crate::observe::judged;
use crate::probes::is_loopback;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// No registry is taken at its word.
pub(crate) struct InsecureRegistries;

const ALIASES: [&str; 1] = ["2.5"];

impl Check for InsecureRegistries {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "insecure-registries",
            use_case: None,
            title: text("No insecure registries", "Keine unsicheren Registries"),
            why: text(
                "From a registry that is listed as insecure the engine takes images over plain HTTP or with any certificate: whoever sits in between decides what runs.",
                "Von einer als unsicher eingetragenen Registry nimmt die Engine Images über HTTP oder mit jedem Zertifikat an: Wer dazwischensitzt, bestimmt, was läuft.",
            ),
            how: text(
                "The engine names its insecure registries and its mirrors. Entries beyond 127.0.0.0/8, ::1 and localhost fail, and so do mirrors over http://.",
                "Die Engine gibt ihre unsicheren Registries und Mirrors an. Einträge jenseits von 127.0.0.0/8, ::1 und localhost bestehen nicht, ebenso Mirrors über http://.",
            ),
            blind_spots: text(
                "Authorities that the host trusts beside the client's own, and registries that are addressed through a proxy.",
                "Zertifizierungsstellen, denen der Host neben der eigenen vertraut, und Registries, die über einen Proxy angesprochen werden.",
            ),
            remedy: text(
                "Take the entry out of insecure-registries, and put the registry's authority into /etc/docker/certs.d/HOST/ca.crt.",
                "Entfernen Sie den Eintrag aus insecure-registries und legen Sie die Zertifizierungsstelle der Registry unter /etc/docker/certs.d/HOST/ca.crt ab.",
            ),
            example: "docker info --format '{{json .RegistryConfig.InsecureRegistryCIDRs}}'\n[\"::1/128\",\"127.0.0.0/8\"]",
            aliases: &[("docker-bench", "2.5")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, registries)
    }
}

fn registries(host: &HostFacts) -> Judgement {
    let mut faults = Vec::new();
    let mut observations = Vec::new();
    for entry in host.daemon.insecure_registries.iter().flatten() {
        if Net::parse(entry).map_or_else(|| is_loopback(entry), |net| net.is_loopback()) {
            continue;
        }
        let shown = said(entry);
        let message =
            format!("{shown} is an insecure registry for the engine: it takes any certificate, or none, from there.");
        observations.push(show::on_info(
            host,
            "RegistryConfig.InsecureRegistryCIDRs",
            Severity::High,
            message,
            &ALIASES,
        ));
        faults.push(shown);
    }
    for mirror in host.daemon.mirrors.iter().filter(|mirror| mirror.starts_with("http://")) {
        let shown = said(mirror);
        if is_local(mirror) {
            let message = format!("The mirror {shown} is on this machine, over plain HTTP.");
            observations.push(show::on_info(host, "RegistryConfig.Mirrors", Severity::Info, message, &[]));
            continue;
        }
        let message = format!("The mirror {shown} is spoken to over plain HTTP: images can be changed on the way.");
        observations.push(show::on_info(host, "RegistryConfig.Mirrors", Severity::High, message, &ALIASES));
        faults.push(shown);
    }
    observations.sort_by_key(|observation| observation.severity);
    observations.truncate(2 * NAMED);
    if !faults.is_empty() {
        let summary = format!("The engine does not verify whom it takes images from: {}.", some_of(&faults));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if host.daemon.insecure_registries.is_none() {
        return open("The engine does not name its insecure registries; look into its daemon.json or registries.conf.");
    }
    judged(OutcomeKind::Pass, "The engine lists no insecure registry beyond the machine itself.", observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{good, judge};
    use super::*;

    fn outcome(insecure: Option<&[&str]>, mirrors: &[&str]) -> OutcomeKind {
        let mut host = good();
        host.daemon.insecure_registries = insecure.map(|list| list.iter().map(|&entry| entry.into()).collect());
        host.daemon.mirrors = mirrors.iter().map(|&mirror| mirror.into()).collect();
        judge(&InsecureRegistries, host).outcome
    }

    #[test]
    fn this_machine_alone_passes() {
        let local: &[&str] = &["::1/128", "127.0.0.0/8", "localhost:5000"];
        assert_eq!(outcome(Some(local), &["https://m.example/", "http://127.0.0.1:5000"]), OutcomeKind::Pass);
    }

    #[test]
    fn others_and_plain_mirrors_fail_and_silence_is_undecided() {
        for entry in ["10.0.0.0/8", "0.0.0.0/0", "old.example:5000", "127.0.0.0/7"] {
            assert_eq!(outcome(Some(&[entry]), &[]), OutcomeKind::Fail, "{entry}");
        }
        assert_eq!(outcome(Some(&[]), &["http://m.example/"]), OutcomeKind::Fail);
        assert_eq!(outcome(None, &["http://m.example/"]), OutcomeKind::Fail);
        assert_eq!(outcome(None, &[]), OutcomeKind::Undecided);
    }
}
