//! Logs, restarts and updates.

use plimsoll_catalog::OutcomeKind::{Fail, Pass, Undecided};
use plimsoll_catalog::Severity;
use plimsoll_docker::facts::ContainerFacts;

use super::super::tests::{judge, outcome, service, with, worst};

#[test]
fn logs_are_kept_and_sent() {
    let log = |driver: &str, option: Option<(&str, &str)>| {
        let (driver, options) = (driver.to_owned(), option.map(|(a, b)| (a.to_owned(), b.to_owned())));
        move |c: &mut ContainerFacts| {
            c.host_config.log_driver = Some(driver);
            c.host_config.log_options = options.into_iter().collect();
        }
    };
    assert_eq!(outcome("container-logging", |_| {}), Pass);
    assert_eq!(outcome("container-logging", log("none", None)), Fail);
    assert_eq!(outcome("container-logging", log("", None)), Undecided);
    assert_eq!(outcome("container-log-shipping", |_| {}), Undecided);
    assert_eq!(outcome("container-log-shipping", log("none", None)), Fail);
    assert_eq!(outcome("container-log-shipping", log("fluentd", None)), Pass);
    assert_eq!(outcome("container-log-shipping", log("syslog", None)), Undecided);
    assert_eq!(
        outcome("container-log-shipping", log("syslog", Some(("syslog-address", "unixgram:///dev/log")))),
        Undecided
    );
    assert_eq!(outcome("container-log-shipping", log("syslog", Some(("syslog-address", "tcp://logs:514")))), Pass);
    for id in ["container-logging", "container-log-shipping"] {
        assert_eq!(service(id, "").outcome, Undecided, "{id}");
        assert_eq!(service(id, "logging: {driver: none}").outcome, Fail, "{id}");
        assert_eq!(service(id, "logging: {driver: '${D}'}").outcome, Undecided, "{id}");
        assert_eq!(service(id, "logging: {driver: gelf, options: {gelf-address: 'udp://logs:12201'}}").outcome, Pass);
        assert_eq!(service(id, "logging: 5").outcome, Undecided, "{id}");
    }
}

#[test]
fn on_failure_alone_passes() {
    let id = "restart-policy";
    let policy = |word: &str, retries: u64| {
        let word = word.to_owned();
        judge(id, &with(|c| (c.host_config.restart, c.host_config.restart_retries) = (Some(word), Some(retries))))
    };
    for (word, retries, expected, severity) in [
        ("on-failure", 5, Pass, Severity::Info),
        ("on-failure", 0, Pass, Severity::Low),
        ("on-failure", 50, Pass, Severity::Low),
        ("always", 0, Fail, Severity::Low),
        ("unless-stopped", 0, Fail, Severity::Low),
        ("no", 0, Fail, Severity::Medium),
        ("", 0, Fail, Severity::Medium),
    ] {
        let judgement = policy(word, retries);
        assert_eq!((judgement.outcome, worst(&judgement)), (expected, severity), "{word} {retries}");
    }
    assert_eq!(policy("sometimes", 0).outcome, Undecided);
    for label in ["com.docker.swarm.task.id", "io.kubernetes.pod.name", "PODMAN_SYSTEMD_UNIT"] {
        assert_eq!(outcome(id, |c| c.config.labels = [(label.to_owned(), String::new())].into()), Undecided, "{label}");
    }
    assert_eq!(service(id, "").outcome, Fail);
    assert_eq!(service(id, "restart: on-failure:3").outcome, Pass);
    assert_eq!(service(id, "restart: always").outcome, Fail);
    assert_eq!(service(id, "restart: ${R}").outcome, Undecided);
    assert_eq!(service(id, "deploy: {restart_policy: {condition: on-failure, max_attempts: 3}}").outcome, Pass);
    assert_eq!(service(id, "deploy: {restart_policy: {condition: any}}").outcome, Fail);
    assert_eq!(service(id, "deploy: {restart_policy: 5}").outcome, Undecided);
}

#[test]
fn updates_step_by_step() {
    let id = "compose-updates";
    assert_eq!(service(id, "").outcome, Undecided);
    assert_eq!(service(id, "deploy: {update_config: {parallelism: 1}}").outcome, Undecided);
    assert_eq!(service(id, "deploy: {update_config: {parallelism: 1, failure_action: rollback}}").outcome, Pass);
    assert_eq!(service(id, "deploy: {update_config: {parallelism: 0, failure_action: rollback}}").outcome, Fail);
    assert_eq!(service(id, "deploy: {update_config: {failure_action: continue}}").outcome, Fail);
    assert_eq!(service(id, "deploy: {update_config: {failure_action: '${X}'}}").outcome, Undecided);
}
