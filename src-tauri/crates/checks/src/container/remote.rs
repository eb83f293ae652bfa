//! Remote management that runs (CSVS 3.12): servers for SSH, Telnet, RDP, VNC among the processes, and their ports.

use std::collections::BTreeMap;

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::ContainerFacts;

use super::processes::program;
use super::shown::{NAMED, of, on, on_processes, short, why_unread};
use crate::observe::judged;
use crate::services::{Service, a, base_name, of_program};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ID: &str = "remote-management-running";
/// The check on images; what is allowed there need not be allowed again.
const IN_IMAGE: &str = "remote-management";
/// Ports on which hardly anything but remote management listens.
const PORTS: [(u16, &str); 11] = [
    (22, "SSH"),
    (23, "Telnet"),
    (513, "rlogin"),
    (514, "rsh"),
    (3389, "RDP"),
    (5800, "VNC"),
    (5900, "VNC"),
    (5901, "VNC"),
    (5902, "VNC"),
    (5985, "WinRM"),
    (5986, "WinRM"),
];
/// Programs that run what their next word names.
const RUNNERS: [&str; 12] =
    ["sh", "bash", "ash", "dash", "perl", "python", "python2", "python3", "busybox", "toybox", "sudo", "exec"];

/// No remote management service runs.
pub(super) struct Running;

impl Check for Running {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: None,
            title: text("No remote management service runs", "Kein Fernwartungsdienst läuft"),
            why: text(
                "A log-on service inside a container needs keys and accounts there, and bypasses the engine's own control and records.",
                "Ein Anmeldedienst im Container braucht dort Schlüssel und Konten und umgeht Kontrolle und Protokoll der Engine.",
            ),
            how: text(
                "The programs of all processes are compared with the servers for SSH, Telnet, rlogin, RDP, VNC, web consoles and remote administration; one of them fails. A container that does not run fails when its own command starts one. A port such as 22, 23, 3389 or 5900 that is exposed or published without such a process is put to the auditor, and so is a container whose processes are not known.",
                "Die Programme aller Prozesse werden mit den Servern für SSH, Telnet, rlogin, RDP, VNC, Web-Konsolen und Fernverwaltung verglichen; einer davon fällt durch. Ein Container, der nicht läuft, fällt durch, wenn sein eigener Befehl einen startet. Ein Port wie 22, 23, 3389 oder 5900, der ohne solchen Prozess freigegeben oder veröffentlicht ist, wird dem Auditor vorgelegt, ebenso ein Container, dessen Prozesse nicht bekannt sind.",
            ),
            blind_spots: text(
                "A server under another name, one that the application carries in itself, and one that is started only when somebody calls.",
                "Ein Server unter anderem Namen, einer, den die Anwendung selbst mitbringt, und einer, der erst bei einem Aufruf startet.",
            ),
            remedy: text(
                "Remove the server from the image; use docker exec, or the orchestrator's own access, and its audit log.",
                "Entfernen Sie den Server aus dem Image; nutzen Sie docker exec oder den Zugang des Orchestrators samt dessen Audit-Protokoll.",
            ),
            example: "docker exec --interactive --tty CONTAINER sh",
            aliases: &[("docker-bench", "5.7"), ("trivy", "DS-0004")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Container]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match of(facts) {
            Ok(container) => judge(container, settings),
            Err(judgement) => judgement,
        }
    }
}

/// The server that a command line runs, with the program's name.
fn server(words: &[&str]) -> Option<(&'static Service, String)> {
    let mut words = words.iter().filter(|word| !word.starts_with('-') || word.len() > 2);
    // A runner, and what it runs: no deeper, or every file that is named like a server would be one.
    for _ in 0..2 {
        let word = *words.next()?;
        // sshd calls its processes `sshd: root@pts/0`, since 9.8 `sshd-session`.
        let name = program(word);
        let name = if name.starts_with("sshd-") { "sshd".to_owned() } else { name };
        if let Some(service) = of_program(&name) {
            return Some((service, base_name(word.trim_end_matches(':'))));
        }
        if !RUNNERS.contains(&name.as_str()) {
            return None;
        }
    }
    None
}

fn judge(container: &ContainerFacts, settings: &Settings) -> Judgement {
    let mut observations = Vec::new();
    let mut faults = 0;
    let mut allowed_ones = 0;
    let allowed = |name: &str| settings.allowed(ID, name).or_else(|| settings.allowed(IN_IMAGE, name));
    // The same server's many processes are one.
    let mut servers: BTreeMap<String, (&Service, Vec<u64>, &str)> = BTreeMap::new();
    for process in container.processes.iter().flatten() {
        let words: Vec<&str> = process.command.split_whitespace().take(4).collect();
        if let Some((service, name)) = server(&words) {
            servers.entry(name).or_insert((service, Vec::new(), &process.command)).1.push(process.pid);
        }
    }
    for (name, (service, pids, command)) in servers.iter().take(NAMED) {
        let number = if pids.len() > 1 { format!(", {} processes", pids.len()) } else { String::new() };
        let pid = pids.first().copied().unwrap_or_default();
        let mut message = format!("Process {pid} ({}{number}) is {}", short(command), a(service));
        let severity = match allowed(name) {
            Some(allowance) => {
                allowed_ones += 1;
                message.push_str(&format!("; the profile allows it: {}", allowance.reason.trim_end_matches('.')));
                Severity::Info
            }
            None => {
                faults += 1;
                Severity::High
            }
        };
        message.push('.');
        observations.push(on_processes(container, severity, message, &["5.7"]));
    }
    let known = container.processes.as_ref().is_some_and(|processes| !processes.is_empty());
    if !known {
        let own: Vec<&str> = container
            .config
            .entrypoint
            .iter()
            .chain(&container.config.cmd)
            .flat_map(|t| t.split_whitespace())
            .collect();
        if let Some((service, name)) = server(&own).filter(|(_, name)| allowed(name).is_none()) {
            faults += 1;
            let field = if container.config.entrypoint.is_empty() { "Config.Cmd" } else { "Config.Entrypoint" };
            let message = format!("Its command starts {name}, {}.", a(service));
            observations.push(on(container, field, Severity::High, message, &["5.7"]));
        }
    }
    let open = ports(container, &mut observations);
    if faults > 0 {
        let summary = match (known, faults) {
            (false, _) => "Its command starts a remote management service.".to_owned(),
            (true, 1) => "A remote management service runs in it.".to_owned(),
            (true, many) => format!("{many} remote management services run in it."),
        };
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if !known {
        let summary =
            format!("Whether a remote management service runs is not known: {}.", why_unread(container, "top"));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if open > 0 && allowed_ones == 0 {
        let summary = "No known remote management service runs, but a port of one is open; ask what listens there.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = if allowed_ones > 0 {
        "No remote management service runs except what the profile allows.".to_owned()
    } else {
        "None of its processes is a known remote management service.".to_owned()
    };
    judged(OutcomeKind::Pass, summary, observations)
}

/// Ports of remote management that are exposed or published.
fn ports(container: &ContainerFacts, observations: &mut Vec<plimsoll_catalog::Observation>) -> usize {
    let mut open = 0;
    for (port, what) in PORTS {
        let published =
            container.ports.iter().find(|published| published.container_port == port && published.protocol != "udp");
        let exposed = container.config.exposed_ports.iter().any(|exposed| {
            let (number, protocol) = exposed.split_once('/').unwrap_or((exposed, "tcp"));
            protocol != "udp" && number.parse() == Ok(port)
        });
        match (published, exposed) {
            (Some(published), _) => {
                open += 1;
                let at = if published.host_port == 0 {
                    "a port of the host".to_owned()
                } else {
                    format!("port {} of the host", published.host_port)
                };
                let message = format!("Port {port} ({what}) is published at {at}.");
                observations.push(on(container, "NetworkSettings.Ports", Severity::Medium, message, &[]));
            }
            (None, true) => {
                open += 1;
                let message = format!("Port {port} ({what}) is exposed.");
                observations.push(on(container, "Config.ExposedPorts", Severity::Low, message, &[]));
            }
            (None, false) => {}
        }
    }
    open
}
