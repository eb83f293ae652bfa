//! Places and commands: where a fact about a host stands, and how to see it again.

use plimsoll_catalog::{Location, Observation, Severity};
use plimsoll_docker::facts::{Configured, HostFacts};

use crate::facts::{quote, show_lines};
use crate::observe::observation;

/// What the collector calls the arguments of the running process.
const COMMAND_LINE: &str = "command line";

/// `docker`, with the engine when it is not the default one.
pub(crate) fn docker(host: &HostFacts) -> String {
    match host.endpoint.as_str() {
        "" | "unix:///var/run/docker.sock" | "unix:///run/docker.sock" => "docker".to_owned(),
        endpoint => format!("docker --host {}", quote(endpoint)),
    }
}

/// The command that shows a field of `docker info`.
pub(crate) fn info(host: &HostFacts, field: &str) -> String {
    format!("{} info --format '{{{{json .{field}}}}}'", docker(host))
}

/// An observation on a field of `GET /info`.
pub(crate) fn on_info(
    host: &HostFacts,
    field: &str,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    observation(Location::Field { field: field.to_owned() }, info(host, field), severity, message, aliases)
}

/// An observation on the answer of `GET /version`.
pub(crate) fn on_version(host: &HostFacts, field: &str, severity: Severity, message: impl Into<String>) -> Observation {
    let command = format!("{} version --format '{{{{json .Server.{field}}}}}'", docker(host));
    observation(Location::Field { field: field.to_owned() }, command, severity, message, &[])
}

/// An observation on a network.
pub(crate) fn on_network(
    host: &HostFacts,
    name: &str,
    field: &str,
    severity: Severity,
    message: impl Into<String>,
) -> Observation {
    let command = format!("{} network inspect --format '{{{{json .{field}}}}}' {}", docker(host), quote(name));
    observation(Location::Field { field: format!("networks.{name}.{field}") }, command, severity, message, &[])
}

/// An observation on a volume.
pub(crate) fn on_volume(
    host: &HostFacts,
    name: &str,
    field: &str,
    severity: Severity,
    message: impl Into<String>,
) -> Observation {
    let command = format!("{} volume inspect --format '{{{{json .{field}}}}}' {}", docker(host), quote(name));
    observation(Location::Field { field: format!("volumes.{name}.{field}") }, command, severity, message, &[])
}

/// An observation on a container of the list.
pub(crate) fn on_container(
    host: &HostFacts,
    name: &str,
    field: &str,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    let command = format!("{} inspect --format '{{{{json .{field}}}}}' {}", docker(host), quote(name));
    observation(Location::Field { field: format!("containers.{name}.{field}") }, command, severity, message, aliases)
}

/// The place of a setting, and the command that shows it.
fn place(setting: &Configured) -> (Location, String) {
    let at = &setting.at;
    if at.file.contains(COMMAND_LINE) {
        let field = format!("{}: {}", at.file, setting.key);
        return (Location::Field { field }, "ps -ww -o args= -C dockerd".to_owned());
    }
    let command = if at.line == 0 && (at.file.ends_with(".service") || at.file.ends_with(".conf")) {
        "systemctl cat docker".to_owned()
    } else if at.line == 0 {
        format!("jq '.[\"{}\"]' {}", setting.key.replace(['\'', '"', '\\'], ""), quote(&at.file))
    } else {
        show_lines(&at.file, at.line, at.line)
    };
    (Location::File { file: at.file.clone(), line: at.line.max(1) }, command)
}

/// Where a setting stands, for a sentence: `/etc/docker/daemon.json:3`.
pub(crate) fn named(setting: &Configured) -> String {
    if setting.at.line == 0 || setting.at.file.contains(COMMAND_LINE) {
        setting.at.file.clone()
    } else {
        format!("{}:{}", setting.at.file, setting.at.line)
    }
}

/// An observation on a setting as it is configured.
pub(crate) fn on_configured(
    setting: &Configured,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    let (location, command) = place(setting);
    observation(location, command, severity, message, aliases)
}

/// An observation on something of the machine that a command shows.
pub(crate) fn on_machine(
    field: &str,
    command: impl Into<String>,
    severity: Severity,
    message: impl Into<String>,
    aliases: &[&str],
) -> Observation {
    observation(Location::Field { field: field.to_owned() }, command.into(), severity, message, aliases)
}

#[cfg(test)]
mod tests {
    use super::*;
    use plimsoll_docker::facts::ConfiguredAt;
    use serde_json::Value;

    #[test]
    fn an_engine_that_is_not_the_default_one_is_named() {
        let mut host = HostFacts { endpoint: "unix:///var/run/docker.sock".into(), ..HostFacts::default() };
        assert_eq!(info(&host, "LiveRestoreEnabled"), "docker info --format '{{json .LiveRestoreEnabled}}'");
        host.endpoint = "tcp://10.0.0.5:2376".into();
        assert_eq!(info(&host, "Driver"), "docker --host tcp://10.0.0.5:2376 info --format '{{json .Driver}}'");
        let hostile = on_network(&host, "a b; rm -rf /", "Driver", Severity::Low, "X.");
        assert!(hostile.reproduce.unwrap().ends_with(" 'a b; rm -rf /'"));
    }

    #[test]
    fn a_setting_is_shown_where_it_stands() {
        let shown = |file: &str, line| {
            let at = ConfiguredAt { file: file.into(), line };
            let setting = Configured { key: "icc".into(), value: Value::Bool(true), at };
            on_configured(&setting, Severity::Low, "X.", &[]).reproduce.unwrap()
        };
        assert_eq!(shown("/etc/docker/daemon.json", 3), "sed -n 3p /etc/docker/daemon.json");
        assert_eq!(shown("/etc/docker/daemon.json", 0), "jq '.[\"icc\"]' /etc/docker/daemon.json");
        assert_eq!(shown("command line of dockerd", 0), "ps -ww -o args= -C dockerd");
        assert_eq!(shown("/lib/systemd/system/docker.service", 0), "systemctl cat docker");
        assert_eq!(shown("my units/docker.service", 9), "sed -n 9p 'my units/docker.service'");
    }
}
