//! D2, permissions that a container does not need (CSVS 12.1), as far as what it does tells.
//!
//! What a container needs, its specification says; what it does not use, a look may show. So nothing here fails: each
//! sign is put to the auditor. What is dangerous whatever it is needed for is judged in `workload/`.

use plimsoll_catalog::{Observation, OutcomeKind, Severity, SubjectKind, UseCaseId};
use plimsoll_docker::facts::{ContainerFacts, HostConfig};

use super::processes::{Inside, Mapping};
use super::shown::{few, of, on, on_changes, podman};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Below this, listening takes a capability (unless the kernel is told otherwise).
const LOW_PORTS: u16 = 1024;
/// Groups whose members are, or easily become, root on the host, or read what is not theirs.
const POWERFUL_GROUPS: [&str; 9] = ["root", "docker", "disk", "sudo", "wheel", "lxd", "shadow", "kmem", "adm"];
/// Capabilities that make root in the container nearly root on the host.
const POWERFUL: [&str; 14] = [
    "ALL",
    "SYS_ADMIN",
    "SYS_MODULE",
    "SYS_PTRACE",
    "SYS_RAWIO",
    "SYS_BOOT",
    "SYS_TIME",
    "DAC_READ_SEARCH",
    "NET_ADMIN",
    "BPF",
    "PERFMON",
    "SYSLOG",
    "MAC_ADMIN",
    "MAC_OVERRIDE",
];

/// It has no more than it uses.
pub(super) struct Unneeded;

impl Check for Unneeded {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "unneeded-permissions",
            use_case: Some(UseCaseId::D2),
            title: text("No permissions that it does not use", "Keine ungenutzten Berechtigungen"),
            why: text(
                "Whoever takes over a process takes its permissions too. What the application does not use serves the attacker alone.",
                "Wer einen Prozess übernimmt, übernimmt auch dessen Berechtigungen. Was die Anwendung nicht braucht, nützt nur dem Angreifer.",
            ),
            how: text(
                "Looks for permissions that what runs gives no reason for: the default capabilities although no process is root and no port below 1024 is served; capabilities that were added though no process is root; NET_RAW; privileged without a device; the host's network though only high ports are served; further groups such as docker or disk; devices that may be created; a writable root file system that nothing was written into. Each is put to the auditor. It passes when all capabilities are dropped, none of the powerful ones is added back, and no such sign is there.",
                "Sucht Berechtigungen, für die nichts von dem, was läuft, einen Grund erkennen lässt: die voreingestellten Capabilities, obwohl kein Prozess Root ist und kein Port unter 1024 bedient wird; hinzugefügte Capabilities, obwohl kein Prozess Root ist; NET_RAW; privilegiert ohne Gerät; das Netz des Hosts, obwohl nur hohe Ports bedient werden; weitere Gruppen wie docker oder disk; Geräte, die erzeugt werden dürfen; ein beschreibbares Root-Dateisystem, in das nichts geschrieben wurde. Jedes wird dem Auditor vorgelegt. Bestanden ist die Prüfung, wenn alle Capabilities entzogen, keine der mächtigen wieder hinzugefügt sind und kein solches Zeichen vorliegt.",
            ),
            blind_spots: text(
                "What the application needs now and then, or only while starting. Mounts that are writable and never written to. Which ports are served without being exposed or published. Permissions inside volumes and databases.",
                "Was die Anwendung nur gelegentlich oder beim Start braucht. Beschreibbare Mounts, in die nie geschrieben wird. Ports, die bedient werden, ohne freigegeben oder veröffentlicht zu sein. Berechtigungen innerhalb von Volumes und Datenbanken.",
            ),
            remedy: text(
                "Drop all capabilities and add back only those without which a test fails; mount the root file system read-only; leave out groups, devices and the host's network.",
                "Entziehen Sie alle Capabilities und geben Sie nur die zurück, ohne die ein Test scheitert; hängen Sie das Root-Dateisystem schreibgeschützt ein; verzichten Sie auf Gruppen, Geräte und das Netz des Hosts.",
            ),
            example: "docker run --cap-drop ALL --cap-add NET_BIND_SERVICE --read-only --tmpfs /tmp IMAGE",
            aliases: &[("docker-bench", "5.4")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Container]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match of(facts) {
            Ok(container) => judge(container),
            Err(judgement) => judgement,
        }
    }
}

/// Whether some process is root inside; none when that is not known.
fn some_root(container: &ContainerFacts) -> Option<bool> {
    let processes = container.processes.as_deref().filter(|processes| !processes.is_empty())?;
    let mapping = Mapping::of(container);
    let insides: Vec<Inside> = processes.iter().map(|process| mapping.inside(container, process)).collect();
    if insides.contains(&Inside::Root) {
        Some(true)
    } else if insides.contains(&Inside::Unknown) {
        None
    } else {
        Some(false)
    }
}

/// The ports that it serves, as far as it says so.
fn served(container: &ContainerFacts) -> Vec<u16> {
    let exposed = container.config.exposed_ports.iter().filter_map(|port| port.split('/').next()?.parse().ok());
    let mut ports: Vec<u16> = container.ports.iter().map(|port| port.container_port).chain(exposed).collect();
    ports.sort_unstable();
    ports.dedup();
    ports
}

fn judge(container: &ContainerFacts) -> Judgement {
    let host = &container.host_config;
    let mut signs = Vec::new();
    let root = some_root(container);
    let ports = served(container);
    let low = ports.iter().any(|port| *port < LOW_PORTS);
    capabilities(container, root, low, &mut signs);
    if host.privileged == Some(true) && host.devices.is_empty() && host.device_requests.is_empty() {
        let message = "It is privileged, which opens every device to it, and names no device that it uses.";
        signs.push(on(container, "HostConfig.Privileged", Severity::High, message, &["5.5"]));
    }
    if host.network_mode.as_deref() == Some("host") && !low {
        let ports = ports.iter().map(u16::to_string).collect::<Vec<_>>();
        let what = if ports.is_empty() {
            "names no port that it serves".to_owned()
        } else {
            format!("serves only the high port{} {}", if ports.len() == 1 { "" } else { "s" }, few(&ports))
        };
        let message = format!("It uses the host's network but {what}; publishing ports would do.");
        signs.push(on(container, "HostConfig.NetworkMode", Severity::Medium, message, &["5.10"]));
    }
    for group in &host.group_add {
        let powerful = POWERFUL_GROUPS.contains(&group.as_str()) || group == "0";
        let severity = if powerful { Severity::High } else { Severity::Low };
        let end = if powerful { ", which gives power over the host or its data" } else { "" };
        let message = format!("Its processes belong to group {group} besides their own{end}.");
        signs.push(on(container, "HostConfig.GroupAdd", severity, message, &[]));
    }
    for device in host.devices.iter().filter(|device| device.permissions.contains('m')) {
        let message =
            format!("It may create the device {} anew (permission m), which using it does not take.", device.host_path);
        signs.push(on(container, "HostConfig.Devices", Severity::Low, message, &["5.18"]));
    }
    if host.read_only == Some(false)
        && container.state.running
        && !container.changes_cut
        && container.changes.as_ref().is_some_and(Vec::is_empty)
    {
        let message = "Its root file system may be written to, and nothing was written into it.";
        signs.push(on_changes(container, None, Severity::Low, message));
    }
    signs.sort_by_key(|sign| sign.severity);
    if !signs.is_empty() {
        let summary = format!(
            "{} in what it does; ask what it needs.",
            count(signs.len(), "permission finds no reason", "permissions find no reason")
        );
        return judged(OutcomeKind::Undecided, summary, signs);
    }
    if host.privileged.is_none() || (root.is_none() && !host.cap_add.is_empty()) {
        let summary = "The engine does not tell enough to say which permissions it uses.";
        return judged(OutcomeKind::Undecided, summary, signs);
    }
    if host.privileged == Some(false) && drops_all(host) {
        let added = if host.cap_add.is_empty() {
            "no capability".to_owned()
        } else {
            format!("no capability but {}", few(&host.cap_add))
        };
        let message = format!("It has {added}.");
        signs.push(on(container, "HostConfig.CapDrop", Severity::Info, message, &[]));
        let summary = format!("It has {added}, and nothing else that it does not use shows.");
        return judged(OutcomeKind::Pass, summary, signs);
    }
    let message = "It keeps default capabilities; which of them it uses does not show.";
    signs.push(on(container, "HostConfig.CapDrop", Severity::Low, message, &["5.4"]));
    judged(OutcomeKind::Undecided, "It keeps default capabilities; ask which of them it needs.", signs)
}

fn drops_all(host: &HostConfig) -> bool {
    host.cap_drop.iter().any(|capability| capability == "ALL")
}

fn capabilities(container: &ContainerFacts, root: Option<bool>, low: bool, signs: &mut Vec<Observation>) {
    let host = &container.host_config;
    // Nothing is told about it at all, or it has all of them.
    if host.privileged != Some(false) {
        return;
    }
    let all_dropped = drops_all(host);
    let has = |name: &str| host.cap_add.iter().any(|capability| capability == name);
    if root == Some(false) && !all_dropped && !low {
        let message = "It keeps default capabilities, though no process is root and no port below 1024 is served: set-user-ID programs alone could use them.";
        signs.push(on(container, "HostConfig.CapDrop", Severity::Low, message, &["5.4"]));
    }
    let unused: Vec<&String> = host.cap_add.iter().filter(|name| !(low && *name == "NET_BIND_SERVICE")).collect();
    if root == Some(false) && !unused.is_empty() {
        let verb = if unused.len() == 1 { "was" } else { "were" };
        let message = format!(
            "{} {verb} added, though no process is root: only programs with file capabilities or set-user-ID could use that.",
            few(&unused)
        );
        let severity =
            if unused.iter().any(|c| POWERFUL.contains(&c.as_str())) { Severity::Medium } else { Severity::Low };
        signs.push(on(container, "HostConfig.CapAdd", severity, message, &["5.4"]));
    } else {
        let powerful: Vec<&String> = unused.into_iter().filter(|name| POWERFUL.contains(&name.as_str())).collect();
        if !powerful.is_empty() {
            let verb = if powerful.len() == 1 { "was" } else { "were" };
            let message = format!("{} {verb} added; ask which of its programs uses that.", few(&powerful));
            signs.push(on(container, "HostConfig.CapAdd", Severity::High, message, &["5.4"]));
        }
    }
    // Podman does not give it by default.
    let raw_dropped = all_dropped || host.cap_drop.iter().any(|name| name == "NET_RAW") || podman(container);
    if has("NET_RAW") || !raw_dropped {
        let message = "It keeps NET_RAW, with which packets of any sender can be made; only ping and its like use it.";
        signs.push(on(container, "HostConfig.CapDrop", Severity::Low, message, &["5.4"]));
    }
}
