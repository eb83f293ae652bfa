//! `logging-driver` (CSVS 9.1), `central-logging` (9.5) and `daemon-log-level` (9.6): what is logged, and where it goes.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::HostFacts;

use super::configured::{Setting, entries, plain, setting, switch};
use super::{HOST, not_in_podman, of_host, open, said, show, some_of};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Containers' output is logged.
pub(crate) struct LoggingDriver;

/// Drivers that keep logs on the machine, and such that send them on.
const LOCAL: [&str; 4] = ["json-file", "local", "journald", "k8s-file"];
const REMOTE: [&str; 7] = ["fluentd", "gelf", "splunk", "awslogs", "gcplogs", "logentries", "etwlogs"];

impl Check for LoggingDriver {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "logging-driver",
            use_case: None,
            title: text("Logging driver", "Protokolltreiber"),
            why: text(
                "What no log holds cannot be looked into after an incident.",
                "Was in keinem Protokoll steht, lässt sich nach einem Vorfall nicht aufklären.",
            ),
            how: text(
                "The engine tells the driver for containers that name none of their own. The driver “none” fails; the engine's own drivers and plugins that it has pass.",
                "Die Engine gibt den Treiber für Container an, die selbst keinen nennen. Der Treiber „none“ besteht nicht; die eigenen Treiber der Engine und vorhandene Plugins bestehen.",
            ),
            blind_spots: text(
                "Logs of the machine and of dockerd itself, auditd, how long logs are kept, and containers with a driver of their own, which the checks on containers look at.",
                "Protokolle der Maschine und von dockerd selbst, auditd, die Aufbewahrungsdauer und Container mit eigenem Treiber; darauf achten die Prüfungen der Container.",
            ),
            remedy: text(
                "Set log-driver in daemon.json to one that keeps or sends logs, with bounds on their size.",
                "Setzen Sie log-driver in daemon.json auf einen Treiber, der Protokolle behält oder weiterleitet, mit Größenbegrenzung.",
            ),
            example: "{ \"log-driver\": \"journald\" }",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, driver)
    }
}

fn not_told() -> Judgement {
    open("The engine does not tell its logging driver; ask for the output of docker info.")
}

fn told(host: &HostFacts) -> Option<&str> {
    host.daemon.logging_driver.as_deref().filter(|driver| !driver.is_empty())
}

fn is_plugin(host: &HostFacts, driver: &str) -> bool {
    let bare = |name: &str| name.trim_end_matches(":latest").to_owned();
    let managed = host.plugins.iter().flatten().filter(|one| one.enabled);
    host.daemon.log_plugins.iter().chain(managed.map(|one| &one.name)).any(|name| bare(name) == bare(driver))
}

fn driver(host: &HostFacts) -> Judgement {
    let Some(driver) = told(host) else { return not_told() };
    let shown = said(driver);
    let (outcome, severity, summary) = if driver == "none" {
        (
            OutcomeKind::Fail,
            Severity::High,
            "Containers' output is not logged unless they name a driver of their own (none).".to_owned(),
        )
    } else if LOCAL.contains(&driver) || REMOTE.contains(&driver) || driver == "syslog" || is_plugin(host, driver) {
        (OutcomeKind::Pass, Severity::Info, format!("Containers' output is logged by {shown}."))
    } else {
        (
            OutcomeKind::Undecided,
            Severity::Low,
            format!("Containers' output is given to {shown}, which is not known here; ask what it does."),
        )
    };
    let mut observations = vec![show::on_info(host, "LoggingDriver", severity, summary.clone(), &[])];
    if driver == "json-file"
        && let Some(message) = unbounded(host)
    {
        observations.push(show::on_info(host, "LoggingDriver", Severity::Low, message, &[]));
    }
    judged(outcome, summary, observations)
}

/// json-file without a bound fills the disk.
fn unbounded(host: &HostFacts) -> Option<&'static str> {
    match (setting(host, "log-opts"), setting(host, "log-opt")) {
        (Setting::Default, Setting::Default) => {
            Some("Logs have no bound: log-opts is not set, so they grow until the disk is full.")
        }
        (Setting::Set(one), _) if one.value.get("max-size").is_none() => {
            Some("Logs have no bound: log-opts sets no max-size, so they grow until the disk is full.")
        }
        _ => None,
    }
}

/// Logs leave the machine.
pub(crate) struct CentralLogging;

const CENTRAL_RULE: [&str; 1] = ["2.13"];
/// Names in images of programs that collect logs.
const COLLECTORS: [&str; 12] = [
    "fluent-bit",
    "fluentd",
    "filebeat",
    "promtail",
    "grafana/alloy",
    "vector",
    "logstash",
    "logspout",
    "otel",
    "opentelemetry-collector",
    "datadog/agent",
    "splunk",
];

impl Check for CentralLogging {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "central-logging",
            use_case: None,
            title: text("Logs in a central place", "Protokolle an zentraler Stelle"),
            why: text(
                "Whoever takes over a machine wipes its logs. Only what was sent elsewhere before remains.",
                "Wer eine Maschine übernimmt, löscht ihre Protokolle. Nur was vorher anderswohin geschickt wurde, bleibt.",
            ),
            how: text(
                "A logging driver that sends logs on passes (fluentd, gelf, splunk, awslogs, gcplogs, or syslog with an address). The driver “none” fails. Drivers that keep logs on the machine are undecided: something else may collect them. Running containers that look like such a collector are named.",
                "Ein Protokolltreiber, der weiterleitet, besteht (fluentd, gelf, splunk, awslogs, gcplogs oder syslog mit Adresse). Der Treiber „none“ besteht nicht. Treiber, die Protokolle auf der Maschine behalten, bleiben unentschieden: Ein anderes Programm kann sie einsammeln. Laufende Container, die danach aussehen, werden genannt.",
            ),
            blind_spots: text(
                "Whether logs arrive, who may change them there, and whether the machine's and dockerd's own logs go the same way. Collectors that run outside containers.",
                "Ob Protokolle ankommen, wer sie dort ändern darf und ob die Protokolle der Maschine und von dockerd denselben Weg gehen. Sammler außerhalb von Containern.",
            ),
            remedy: text(
                "Send logs to a central store by a logging driver, or run a collector on each node.",
                "Leiten Sie Protokolle per Protokolltreiber an einen zentralen Speicher oder betreiben Sie auf jedem Knoten einen Sammler.",
            ),
            example: "{ \"log-driver\": \"fluentd\", \"log-opts\": { \"fluentd-address\": \"tls://logs.example.com:24224\" } }",
            aliases: &[("docker-bench", "2.13")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, central)
    }
}

/// The address in log-opts, when it is known.
fn address(host: &HostFacts, option: &str) -> Option<String> {
    let config = host.config.as_ref()?;
    let in_file = entries(config, "log-opts").filter_map(|one| one.value.get(option)?.as_str()).last();
    let in_flag = super::configured::list(host, "log-opt")
        .into_iter()
        .filter_map(|(_, word)| word.strip_prefix(option)?.strip_prefix('='))
        .next_back();
    in_flag.or(in_file).map(said)
}

fn central(host: &HostFacts) -> Judgement {
    let Some(driver) = told(host) else { return not_told() };
    let shown = said(driver);
    let address = address(host, &format!("{driver}-address"));
    let here = address.as_deref().is_some_and(|address| address.starts_with("unix") || super::nets::is_local(address));
    let mut observations = Vec::new();
    let (outcome, severity, summary) = match (driver, address.as_deref()) {
        ("none", _) => (
            OutcomeKind::Fail,
            Severity::High,
            "Containers' output is not logged at all, so nothing can be sent on.".to_owned(),
        ),
        ("syslog" | "fluentd" | "gelf", Some(address)) if !here => {
            (OutcomeKind::Pass, Severity::Info, format!("Containers' output is sent by {shown} to {address}."))
        }
        ("syslog", _) => (
            OutcomeKind::Undecided,
            Severity::Low,
            "Containers' output goes to syslog; where that sends it is not known. Ask for its configuration."
                .to_owned(),
        ),
        (_, Some(address)) => (
            OutcomeKind::Undecided,
            Severity::Low,
            format!(
                "Containers' output is sent by {shown} to {address}, on this machine; ask where it goes from there."
            ),
        ),
        (driver, None) if REMOTE.contains(&driver) && driver != "etwlogs" => {
            (OutcomeKind::Pass, Severity::Info, format!("Containers' output is sent on by {shown}; ask where to."))
        }
        (driver, None) if LOCAL.contains(&driver) => (
            OutcomeKind::Undecided,
            Severity::Low,
            format!("Containers' output stays on the machine ({shown}) unless something collects it; ask what does."),
        ),
        _ => (
            OutcomeKind::Undecided,
            Severity::Low,
            format!("Where {shown} sends containers' output is not known here; ask."),
        ),
    };
    observations.push(show::on_info(host, "LoggingDriver", severity, summary.clone(), &CENTRAL_RULE));
    let collects = |image: &str| COLLECTORS.iter().any(|name| image.contains(name));
    let found: Vec<_> =
        host.containers.iter().flatten().filter(|one| one.state == "running" && collects(&one.image)).collect();
    for one in found.into_iter().take(3) {
        let message = format!(
            "The container {} runs {}, which looks like a collector of logs.",
            said(&one.name),
            said(&one.image)
        );
        observations.push(show::on_container(host, &one.name, "Config.Image", Severity::Info, message, &[]));
    }
    judged(outcome, summary, observations)
}

/// dockerd logs at level info.
pub(crate) struct DaemonLogLevel;

const LEVEL_RULE: [&str; 1] = ["2.3"];

impl Check for DaemonLogLevel {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "daemon-log-level",
            use_case: None,
            title: text("Log level of dockerd", "Protokollstufe von dockerd"),
            why: text(
                "Quieter than info hides what happened; debug drowns it, and may write down what should not be.",
                "Leiser als info verschweigt, was geschah; debug ertränkt es und kann festhalten, was nicht ins Protokoll gehört.",
            ),
            how: text(
                "The engine tells whether it runs in debug mode, which fails. The level itself stands only in daemon.json or the flags: info passes, anything else fails, and info is the default when both are known and neither names it. Otherwise undecided.",
                "Die Engine gibt an, ob sie im Debug-Modus läuft; das ist nicht bestanden. Die Stufe selbst steht nur in daemon.json oder den Optionen: info besteht, alles andere nicht; info gilt auch, wenn beide bekannt sind und keine davon eine Stufe nennt. Sonst unentschieden.",
            ),
            blind_spots: text(
                "A level that was changed while dockerd runs, and what the machine's log keeps of it.",
                "Eine im laufenden Betrieb geänderte Stufe und was das Protokoll der Maschine davon behält.",
            ),
            remedy: text(
                "Take debug and log-level out of daemon.json and the flags, or set log-level to info.",
                "Entfernen Sie debug und log-level aus daemon.json und den Optionen oder setzen Sie log-level auf info.",
            ),
            example: "{ \"log-level\": \"info\" }",
            aliases: &[("docker-bench", "2.3")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, level)
    }
}

fn level(host: &HostFacts) -> Judgement {
    if let Some(judgement) = not_in_podman(host, "no daemon with a log level") {
        return judgement;
    }
    if host.daemon.debug == Some(true) {
        let summary = "The engine runs in debug mode.";
        return judged(
            OutcomeKind::Fail,
            summary,
            vec![show::on_info(host, "Debug", Severity::Medium, summary, &LEVEL_RULE)],
        );
    }
    let debug = setting(host, "debug");
    if let Setting::Set(one) = &debug
        && switch(&one.value) == Some(true)
    {
        let message = format!("debug is true in {}.", show::named(one));
        let observation = show::on_configured(one, Severity::Medium, message, &LEVEL_RULE);
        let (outcome, summary) = match host.daemon.debug {
            Some(_) => (
                OutcomeKind::Undecided,
                format!("debug is true in {}, but the running engine is not in debug mode.", show::named(one)),
            ),
            None => (OutcomeKind::Fail, format!("dockerd runs in debug mode: debug is true in {}.", show::named(one))),
        };
        return judged(outcome, summary, vec![observation]);
    }
    match (setting(host, "log-level"), debug) {
        (Setting::Set(one), _) => {
            let (value, place) = (plain(&one.value), show::named(one));
            let summary = format!("dockerd logs at level {value} ({place}).");
            let (outcome, severity) = if value == "info" {
                (OutcomeKind::Pass, Severity::Info)
            } else {
                (OutcomeKind::Fail, Severity::Medium)
            };
            judged(outcome, summary.clone(), vec![show::on_configured(one, severity, summary, &LEVEL_RULE)])
        }
        (Setting::Default, Setting::Conflict(why)) => open(format!("{why}.")),
        (Setting::Default, _) => {
            let summary = "dockerd logs at level info, its default: neither daemon.json nor the flags name another.";
            let places = host
                .config
                .iter()
                .flat_map(|config| config.files.iter().map(|(file, _)| said(file)))
                .collect::<Vec<_>>();
            let command = "ps -ww -o args= -C dockerd; jq '{debug, \"log-level\"}' /etc/docker/daemon.json";
            let message = match places.is_empty() {
                true => summary.to_owned(),
                false => format!("{summary} Files read: {}.", some_of(&places)),
            };
            judged(
                OutcomeKind::Pass,
                summary,
                vec![show::on_machine("log-level", command, Severity::Info, message, &LEVEL_RULE)],
            )
        }
        (Setting::Conflict(why) | Setting::Unknown(why), _) => open(format!("{why}.")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{config, container, good, judge};
    use super::*;
    use plimsoll_docker::facts::{Configured, Product};
    use serde_json::json;

    fn logs(driver: Option<&str>, settings: Vec<Configured>) -> (OutcomeKind, OutcomeKind) {
        let mut host = good();
        host.daemon.logging_driver = driver.map(Into::into);
        host.config.get_or_insert_default().settings = settings;
        (judge(&LoggingDriver, host.clone()).outcome, judge(&CentralLogging, host).outcome)
    }

    #[test]
    fn drivers_are_told_apart_by_where_logs_go() {
        use OutcomeKind::{Fail, Pass, Undecided};
        assert_eq!(logs(Some("none"), vec![]), (Fail, Fail));
        assert_eq!(logs(Some("fluentd"), vec![]), (Pass, Pass));
        assert_eq!(logs(Some("json-file"), vec![]), (Pass, Undecided));
        assert_eq!(logs(Some("syslog"), vec![]), (Pass, Undecided));
        let away = vec![config("log-opts", json!({"syslog-address": "tcp+tls://logs.example:6514"}), 2)];
        assert_eq!(logs(Some("syslog"), away), (Pass, Pass));
        let here = vec![config("log-opts", json!({"fluentd-address": "localhost:24224"}), 2)];
        assert_eq!(logs(Some("fluentd"), here), (Pass, Undecided));
        assert_eq!(logs(Some("mystery"), vec![]), (Undecided, Undecided));
        assert_eq!(logs(None, vec![]), (Undecided, Undecided));
    }

    #[test]
    fn a_collector_that_runs_is_named_and_logs_without_bound_too() {
        let mut host = good();
        host.daemon.logging_driver = Some("json-file".into());
        let mut collector = container("fb", &["logs"], &[]);
        collector.image = "fluent/fluent-bit:3".into();
        host.containers = Some(vec![collector]);
        assert!(judge(&CentralLogging, host.clone()).observations.iter().any(|o| o.message.contains("fluent-bit")));
        assert!(judge(&LoggingDriver, host).observations.iter().any(|o| o.message.contains("no bound")));
    }

    fn level_of(debug: Option<bool>, settings: Vec<Configured>, known: bool) -> OutcomeKind {
        let mut host = good();
        host.daemon.debug = debug;
        let config = host.config.get_or_insert_default();
        config.settings = settings;
        (config.daemon_json_known, config.flags_known) = (known, known);
        judge(&DaemonLogLevel, host).outcome
    }

    #[test]
    fn debug_fails_by_itself_and_info_counts_only_when_it_is_known() {
        let set = |level: &str| vec![config("log-level", json!(level), 2)];
        assert_eq!(level_of(Some(true), set("info"), true), OutcomeKind::Fail);
        assert_eq!(level_of(Some(false), set("info"), false), OutcomeKind::Pass);
        assert_eq!(level_of(Some(false), vec![], true), OutcomeKind::Pass);
        for level in ["debug", "warn", "error", "fatal"] {
            assert_eq!(level_of(Some(false), set(level), true), OutcomeKind::Fail, "{level}");
        }
        assert_eq!(level_of(Some(false), vec![], false), OutcomeKind::Undecided);
        assert_eq!(level_of(None, vec![config("debug", json!(true), 2)], false), OutcomeKind::Fail);
        assert_eq!(level_of(Some(false), vec![config("debug", json!(true), 2)], true), OutcomeKind::Undecided);
        let mut podman = good();
        podman.engine.product = Product::Podman;
        assert_eq!(judge(&DaemonLogLevel, podman).outcome, OutcomeKind::Undecided);
    }
}
