//! `userland-proxy` (CSVS 7.3) and `iptables-managed` (7.6): how dockerd brings packets to containers.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::configured::{Setting, plain, setting, switch};
use super::{HOST, not_in_podman, not_on_windows, of_host, open, said, show};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Ports are published by the kernel alone.
pub(crate) struct UserlandProxy;

const PROXY_RULE: [&str; 1] = ["2.16"];

impl Check for UserlandProxy {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "userland-proxy",
            use_case: None,
            title: text("Userland proxy", "Userland-Proxy"),
            why: text(
                "For every published port a process of its own runs as root on the host and passes packets on, although the kernel can do so: more to attack, and the senders' addresses are lost.",
                "Für jeden veröffentlichten Port läuft ein eigener Prozess als Root auf dem Host und reicht Pakete weiter, obwohl der Kernel das kann: mehr Angriffsfläche, und die Absenderadressen gehen verloren.",
            ),
            how: text(
                "The engine's API does not show it. Passes when userland-proxy is false in daemon.json or the flags; fails when it is true, or set nowhere while both are known, since it is on by default; fails too when processes named docker-proxy were seen. Otherwise undecided.",
                "Die API der Engine gibt darüber keine Auskunft. Bestanden, wenn userland-proxy in daemon.json oder den Optionen false ist; nicht bestanden, wenn es true ist oder nirgends steht, obwohl beide bekannt sind, denn standardmäßig ist er eingeschaltet; ebenso, wenn Prozesse namens docker-proxy gesehen wurden. Sonst unentschieden.",
            ),
            blind_spots: text(
                "Kernels without hairpin NAT, which need the proxy.",
                "Kernel ohne Hairpin-NAT, die den Proxy brauchen.",
            ),
            remedy: text(
                "Set userland-proxy to false in daemon.json and restart dockerd.",
                "Setzen Sie userland-proxy in daemon.json auf false und starten Sie dockerd neu.",
            ),
            example: "{ \"userland-proxy\": false }",
            aliases: &[("docker-bench", "2.16")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, proxy)
    }
}

fn proxy(host: &HostFacts) -> Judgement {
    let elsewhere =
        not_in_podman(host, "no userland proxy of dockerd's").or_else(|| not_on_windows(host, "no userland proxy"));
    if let Some(judgement) = elsewhere {
        return judgement;
    }
    let seen = host.config.as_ref().and_then(|config| config.userland_proxies);
    let mut observations = Vec::new();
    if let Some(number) = seen.filter(|number| *number > 0) {
        let number = count(
            usize::try_from(number).unwrap_or(usize::MAX),
            "process named docker-proxy runs",
            "processes named docker-proxy run",
        );
        let message = format!("{number} on the machine.");
        observations.push(show::on_machine(
            "docker-proxy",
            "pgrep -ax docker-proxy",
            Severity::Low,
            message,
            &PROXY_RULE,
        ));
    }
    let runs = seen.is_some_and(|number| number > 0);
    let (outcome, summary) = match setting(host, "userland-proxy") {
        Setting::Set(one) => {
            let place = show::named(one);
            match switch(&one.value) {
                Some(false) if runs => {
                    let message = format!("userland-proxy is false in {place}, but proxies run.");
                    observations.push(show::on_configured(one, Severity::Low, message, &PROXY_RULE));
                    (
                        OutcomeKind::Undecided,
                        format!(
                            "The userland proxy is switched off in {place}, but processes of it run; dockerd may not have been restarted since."
                        ),
                    )
                }
                Some(false) => {
                    let message = format!("userland-proxy is false in {place}.");
                    observations.push(show::on_configured(one, Severity::Info, message, &PROXY_RULE));
                    (OutcomeKind::Pass, format!("The userland proxy is switched off in {place}."))
                }
                Some(true) => {
                    let message = format!("userland-proxy is true in {place}.");
                    observations.push(show::on_configured(one, Severity::Low, message, &PROXY_RULE));
                    (OutcomeKind::Fail, format!("The userland proxy is switched on in {place}."))
                }
                None => (
                    OutcomeKind::Undecided,
                    format!("userland-proxy is {} in {place}, which is neither true nor false.", plain(&one.value)),
                ),
            }
        }
        _ if runs => (OutcomeKind::Fail, "The userland proxy is on: processes of it run.".to_owned()),
        Setting::Default => {
            let command = "ps -ww -o args= -C dockerd; jq '.[\"userland-proxy\"]' /etc/docker/daemon.json";
            let message = "userland-proxy is set nowhere, and is on by default.";
            observations.push(show::on_machine("userland-proxy", command, Severity::Low, message, &PROXY_RULE));
            (OutcomeKind::Fail, "The userland proxy is on, as it is by default.".to_owned())
        }
        Setting::Conflict(why) | Setting::Unknown(why) => (OutcomeKind::Undecided, format!("{why}.")),
    };
    judged(outcome, summary, observations)
}

/// dockerd may set the rules that keep networks apart.
pub(crate) struct IptablesManaged;

const TABLES_RULE: [&str; 1] = ["2.4"];

impl Check for IptablesManaged {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "iptables-managed",
            use_case: None,
            title: text("Firewall rules by the engine", "Firewall-Regeln durch die Engine"),
            why: text(
                "dockerd keeps networks apart by rules of the kernel's firewall. When it may not set them, nothing that was agreed about networks holds.",
                "dockerd trennt Netze durch Regeln der Kernel-Firewall. Darf es sie nicht setzen, gilt nichts von dem, was über Netze vereinbart ist.",
            ),
            how: text(
                "The engine's API does not show it. Fails when iptables is false in daemon.json or the flags; passes when it is true, or set nowhere while both are known, since it is on by default. Otherwise undecided. ip6tables, and the firewall that newer engines name, are noted.",
                "Die API der Engine gibt darüber keine Auskunft. Nicht bestanden, wenn iptables in daemon.json oder den Optionen false ist; bestanden, wenn es true ist oder nirgends steht, obwohl beide bekannt sind, denn standardmäßig ist es eingeschaltet. Sonst unentschieden. ip6tables und die von neueren Engines genannte Firewall werden vermerkt.",
            ),
            blind_spots: text(
                "Whether another program takes the rules away again. Rules that somebody sets by hand in their place.",
                "Ob ein anderes Programm die Regeln wieder entfernt. Regeln, die jemand von Hand an ihrer Stelle setzt.",
            ),
            remedy: text(
                "Take iptables out of daemon.json and the flags, and put rules of your own into the chain DOCKER-USER.",
                "Entfernen Sie iptables aus daemon.json und den Optionen und legen Sie eigene Regeln in der Kette DOCKER-USER ab.",
            ),
            example: "iptables -S DOCKER-USER",
            aliases: &[("docker-bench", "2.4")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, tables)
    }
}

fn tables(host: &HostFacts) -> Judgement {
    let elsewhere = not_in_podman(host, "no such switch (netavark sets the rules)")
        .or_else(|| not_on_windows(host, "another kind of firewall"));
    if let Some(judgement) = elsewhere {
        return judgement;
    }
    let mut observations = Vec::new();
    if let Some(backend) = &host.daemon.firewall_backend {
        let message = format!("The engine names {} as its firewall, whether or not it may use it.", said(backend));
        observations.push(show::on_info(host, "FirewallBackend", Severity::Info, message, &[]));
    }
    let six = setting(host, "ip6tables");
    let six_off = matches!(&six, Setting::Set(one) if switch(&one.value) == Some(false));
    let v6 = host.networks.iter().flatten().any(|network| network.ipv6);
    if let (Setting::Set(one), true) = (&six, six_off) {
        let severity = if v6 { Severity::High } else { Severity::Low };
        let message = format!("ip6tables is false in {}: dockerd sets no rules for IPv6.", show::named(one));
        observations.push(show::on_configured(one, severity, message, &[]));
    }
    let (outcome, summary) = match setting(host, "iptables") {
        Setting::Set(one) => {
            let place = show::named(one);
            match switch(&one.value) {
                Some(false) => {
                    let message = format!("iptables is false in {place}.");
                    observations.push(show::on_configured(one, Severity::High, message, &TABLES_RULE));
                    (OutcomeKind::Fail, format!("dockerd may not set firewall rules: iptables is false in {place}."))
                }
                Some(true) => (OutcomeKind::Pass, format!("dockerd sets firewall rules: iptables is true in {place}.")),
                None => (
                    OutcomeKind::Undecided,
                    format!("iptables is {} in {place}, which is neither true nor false.", plain(&one.value)),
                ),
            }
        }
        Setting::Default => (OutcomeKind::Pass, "dockerd sets firewall rules, as it does by default.".to_owned()),
        Setting::Conflict(why) | Setting::Unknown(why) => (OutcomeKind::Undecided, format!("{why}.")),
    };
    observations.sort_by_key(|observation| observation.severity);
    if outcome == OutcomeKind::Pass && six_off {
        let summary =
            format!("{summary} But not for IPv6 (ip6tables is false); ask whether any container has an address there.");
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if outcome == OutcomeKind::Undecided && observations.is_empty() {
        return open(summary);
    }
    judged(outcome, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{config, configured, good, judge};
    use super::*;
    use plimsoll_docker::facts::{ConfigFacts, Configured, Product};
    use serde_json::json;

    fn host(settings: Vec<Configured>, known: bool, proxies: Option<u64>) -> HostFacts {
        let config = ConfigFacts {
            settings,
            daemon_json_known: known,
            flags_known: known,
            userland_proxies: proxies,
            ..ConfigFacts::default()
        };
        HostFacts { config: Some(config), ..good() }
    }

    #[test]
    fn the_proxy_is_on_unless_it_is_switched_off() {
        let outcome = |settings, known, proxies| judge(&UserlandProxy, host(settings, known, proxies)).outcome;
        let set = |value| vec![config("userland-proxy", value, 2)];
        assert_eq!(outcome(set(json!(false)), true, Some(0)), OutcomeKind::Pass);
        assert_eq!(outcome(set(json!(false)), false, None), OutcomeKind::Pass);
        assert_eq!(outcome(set(json!(true)), true, None), OutcomeKind::Fail);
        assert_eq!(outcome(vec![], true, Some(0)), OutcomeKind::Fail);
        assert_eq!(outcome(vec![], false, Some(2)), OutcomeKind::Fail);
        assert_eq!(outcome(vec![], false, Some(0)), OutcomeKind::Undecided);
        assert_eq!(outcome(set(json!(false)), true, Some(2)), OutcomeKind::Undecided);
        assert_eq!(outcome(set(json!("maybe")), true, None), OutcomeKind::Undecided);
        let two = vec![
            config("userland-proxy", json!(false), 2),
            configured("userland-proxy", json!(true), "docker.service", 3),
        ];
        assert_eq!(outcome(two, true, None), OutcomeKind::Undecided);
    }

    #[test]
    fn rules_are_set_unless_it_is_forbidden() {
        let outcome = |settings, known| judge(&IptablesManaged, host(settings, known, None)).outcome;
        assert_eq!(outcome(vec![], true), OutcomeKind::Pass);
        assert_eq!(outcome(vec![config("iptables", json!(true), 2)], false), OutcomeKind::Pass);
        assert_eq!(outcome(vec![config("iptables", json!(false), 2)], false), OutcomeKind::Fail);
        assert_eq!(outcome(vec![], false), OutcomeKind::Undecided);
        assert_eq!(outcome(vec![config("ip6tables", json!(false), 2)], true), OutcomeKind::Undecided);
    }

    #[test]
    fn a_remote_engine_says_which_file_to_give_and_podman_has_no_such_switch() {
        let mut remote = good();
        remote.config = None;
        for check in [&UserlandProxy as &dyn Check, &IptablesManaged] {
            let judgement = judge(check, remote.clone());
            assert_eq!(judgement.outcome, OutcomeKind::Undecided);
            assert!(judgement.summary.contains("--daemon-config /etc/docker/daemon.json"), "{}", judgement.summary);
        }
        let mut podman = host(vec![], true, Some(0));
        podman.engine.product = Product::Podman;
        assert_eq!(judge(&UserlandProxy, podman).outcome, OutcomeKind::Undecided);
    }
}
