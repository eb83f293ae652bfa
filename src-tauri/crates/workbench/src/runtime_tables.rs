//! The facts of a host or container as tables for the window.

use plimsoll_catalog::Language;
use plimsoll_docker::facts::{ChangeKind, ContainerFacts, HostFacts, NetworkFacts, PublishedPort, SwarmFacts};

use crate::runtime_page::engine_words;
use crate::runtime_view::RuntimeTable;
use crate::words::{self, pick};

/// Name and value.
type Summary = Vec<(String, String)>;
/// Longest table that goes to the window.
const ROWS: usize = 5_000;

/// Writes in one language.
struct Writer {
    language: Language,
    summary: Summary,
    tables: Vec<RuntimeTable>,
}

impl Writer {
    fn say(&self, en: &'static str, de: &'static str) -> String {
        pick(self.language, en, de).to_owned()
    }

    /// A line of the summary; what is not told is left out.
    fn line(&mut self, en: &'static str, de: &'static str, value: Option<impl ToString>) {
        if let Some(value) = value {
            let value = value.to_string();
            if !value.is_empty() {
                self.summary.push((self.say(en, de), value));
            }
        }
    }

    fn yes(&self, value: Option<bool>) -> Option<String> {
        value.map(|value| if value { self.say("yes", "ja") } else { self.say("no", "nein") })
    }

    /// A table; `None` says that it could not be read.
    fn table(
        &mut self,
        id: &'static str,
        title: (&'static str, &'static str),
        columns: &[(&'static str, &'static str)],
        rows: Option<Vec<Vec<String>>>,
        empty: (&'static str, &'static str),
    ) {
        let note = match &rows {
            None => self.say("This could not be read.", "Dies konnte nicht gelesen werden."),
            Some(rows) if rows.is_empty() => self.say(empty.0, empty.1),
            Some(rows) if rows.len() > ROWS => match self.language {
                Language::En => format!("The first {ROWS} of {} rows.", rows.len()),
                Language::De => format!("Die ersten {ROWS} von {} Zeilen.", rows.len()),
            },
            Some(_) => String::new(),
        };
        let mut rows = rows.unwrap_or_default();
        rows.truncate(ROWS);
        self.tables.push(RuntimeTable {
            id: id.to_owned(),
            title: self.say(title.0, title.1),
            columns: columns.iter().map(|(en, de)| self.say(en, de)).collect(),
            rows,
            note,
        });
    }
}

fn or_dash(text: &str) -> String {
    if text.is_empty() { "–".to_owned() } else { text.to_owned() }
}

/// `127.0.0.1:8080 → 80/tcp`
fn port(port: &PublishedPort) -> String {
    let inside = format!("{}/{}", port.container_port, port.protocol);
    match (port.host_ip.as_str(), port.host_port) {
        (_, 0) => inside,
        ("", outside) => format!("*:{outside} → {inside}"),
        (ip, outside) if ip.contains(':') => format!("[{ip}]:{outside} → {inside}"),
        (ip, outside) => format!("{ip}:{outside} → {inside}"),
    }
}

fn pairs<'a>(pairs: impl IntoIterator<Item = (&'a String, &'a String)>) -> String {
    pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(", ")
}

/// What the page of a host shows.
pub(crate) fn host_tables(host: &HostFacts, language: Language) -> (Summary, Vec<RuntimeTable>) {
    let mut w = Writer { language, summary: Vec::new(), tables: Vec::new() };
    let daemon = &host.daemon;
    w.line("Host", "Host", host.name.as_ref());
    w.line("Engine", "Engine", Some(engine_words(&host.engine)));
    w.line("API", "API", host.engine.spoken_api.as_ref().or(host.engine.api_version.as_ref()));
    w.line("Operating system", "Betriebssystem", host.machine.operating_system.as_ref());
    w.line("Kernel", "Kernel", host.machine.kernel.as_ref());
    w.line("Processors", "Prozessoren", host.machine.cpus);
    w.line("Memory", "Arbeitsspeicher", host.machine.memory.map(|bytes| words::bytes(bytes, language)));
    w.line("Reached at", "Erreicht unter", Some(&host.endpoint));
    w.line("Storage driver", "Speichertreiber", daemon.storage_driver.as_ref());
    w.line("Logging driver", "Protokolltreiber", daemon.logging_driver.as_ref());
    let security = daemon
        .security_options
        .as_ref()
        .map(|options| options.iter().map(|option| option.name.clone()).collect::<Vec<_>>().join(", "));
    w.line("Security options", "Sicherheitsoptionen", security);
    let live_restore = w.yes(daemon.live_restore);
    w.line("Live restore", "Live Restore", live_restore);
    w.line("Swarm", "Swarm", host.swarm.state.as_ref());

    let settings = host.config.as_ref().map(|config| {
        let at = |at: &plimsoll_docker::facts::ConfiguredAt| match at.line {
            0 => at.file.clone(),
            line => format!("{}:{line}", at.file),
        };
        config.settings.iter().map(|one| vec![one.key.clone(), one.value.to_string(), at(&one.at)]).collect()
    });
    w.table(
        "settings",
        ("Configured settings", "Konfigurierte Einstellungen"),
        &[("Setting", "Einstellung"), ("Value", "Wert"), ("Where", "Wo")],
        settings,
        ("Nothing is configured: the defaults are in force.", "Nichts ist konfiguriert: Es gelten die Vorgaben."),
    );
    if let Some(config) = &host.config {
        let rows = config.permissions.iter().map(|file| {
            let name = |name: &Option<String>, id: u32| name.clone().unwrap_or_else(|| id.to_string());
            let mode = format!("{:04o}", file.mode & 0o7777);
            let (owner, group) = (name(&file.owner, file.uid), name(&file.group, file.gid));
            vec![file.path.clone(), mode, owner, group, or_dash(&file.members.join(", "))]
        });
        w.table(
            "permissions",
            ("Files of the engine", "Dateien der Engine"),
            &[
                ("Path", "Pfad"),
                ("Mode", "Rechte"),
                ("Owner", "Besitzer"),
                ("Group", "Gruppe"),
                ("Members", "Mitglieder"),
            ],
            Some(rows.collect()),
            ("None was found.", "Es wurde keine gefunden."),
        );
    }
    let containers = host.containers.as_ref().map(|containers| {
        let row = |c: &plimsoll_docker::facts::ListedContainer| {
            let ports = c.ports.iter().map(port).collect::<Vec<_>>().join(", ");
            vec![c.name.clone(), c.image.clone(), c.status.clone(), or_dash(&ports), or_dash(&c.networks.join(", "))]
        };
        containers.iter().map(row).collect()
    });
    w.table(
        "containers",
        ("Containers", "Container"),
        &[("Name", "Name"), ("Image", "Image"), ("State", "Zustand"), ("Ports", "Ports"), ("Networks", "Netze")],
        containers,
        ("There are no containers.", "Es gibt keine Container."),
    );
    let networks = host.networks.as_ref().map(|networks| networks.iter().map(network).collect());
    w.table(
        "networks",
        ("Networks", "Netze"),
        &[
            ("Name", "Name"),
            ("Driver", "Treiber"),
            ("Scope", "Reichweite"),
            ("Subnets", "Subnetze"),
            ("Options", "Optionen"),
        ],
        networks,
        ("There are no networks.", "Es gibt keine Netze."),
    );
    let volumes = host.volumes.as_ref().map(|volumes| {
        volumes.iter().map(|v| vec![v.name.clone(), v.driver.clone(), or_dash(&pairs(&v.options))]).collect()
    });
    w.table(
        "volumes",
        ("Volumes", "Volumes"),
        &[("Name", "Name"), ("Driver", "Treiber"), ("Options", "Optionen")],
        volumes,
        ("There are no volumes.", "Es gibt keine Volumes."),
    );
    let images = host.images.as_ref().map(|images| {
        let row = |i: &plimsoll_docker::facts::TaggedImage| {
            vec![or_dash(&i.tags.join(", ")), i.id.clone(), or_dash(&i.digests.join(", "))]
        };
        images.iter().map(row).collect()
    });
    w.table(
        "images",
        ("Images", "Images"),
        &[("Tags", "Tags"), ("Id", "Id"), ("Registry digests", "Registry-Digests")],
        images,
        ("There are no images.", "Es gibt keine Images."),
    );
    if host.plugins.as_ref().is_some_and(|plugins| !plugins.is_empty()) {
        let plugins = host.plugins.as_ref().map(|plugins| {
            let row = |p: &plimsoll_docker::facts::PluginFacts| {
                vec![p.name.clone(), p.types.join(", "), w.yes(Some(p.enabled)).unwrap_or_default()]
            };
            plugins.iter().map(row).collect::<Vec<_>>()
        });
        w.table(
            "plugins",
            ("Plugins", "Plugins"),
            &[("Name", "Name"), ("Kind", "Art"), ("Enabled", "Aktiv")],
            plugins,
            ("There are no plugins.", "Es gibt keine Plugins."),
        );
    }
    swarm(&mut w, &host.swarm);
    (w.summary, w.tables)
}

fn network(network: &NetworkFacts) -> Vec<String> {
    vec![
        network.name.clone(),
        or_dash(&network.driver),
        or_dash(&network.scope),
        or_dash(&network.subnets.join(", ")),
        or_dash(&pairs(&network.options)),
    ]
}

fn swarm(w: &mut Writer, swarm: &SwarmFacts) {
    if let Some(nodes) = &swarm.node_list {
        let rows = nodes.iter().map(|node| {
            let state = match &node.reachability {
                Some(reachability) => format!("{}, {reachability}", node.state),
                None => node.state.clone(),
            };
            let (version, labels) = (node.engine_version.clone().unwrap_or_default(), pairs(&node.labels));
            let availability = node.availability.clone();
            vec![node.hostname.clone(), node.role.clone(), availability, state, or_dash(&version), or_dash(&labels)]
        });
        w.table(
            "nodes",
            ("Nodes of the swarm", "Knoten des Swarms"),
            &[
                ("Name", "Name"),
                ("Role", "Rolle"),
                ("Availability", "Verfügbarkeit"),
                ("State", "Zustand"),
                ("Engine", "Engine"),
                ("Labels", "Labels"),
            ],
            Some(rows.collect()),
            ("There are no nodes.", "Es gibt keine Knoten."),
        );
    }
    if let Some(services) = &swarm.services {
        let rows = services.iter().map(|service| {
            let replicas = service.replicas.map(|n| n.to_string()).unwrap_or_default();
            let mode = format!("{} {replicas}", service.mode).trim().to_owned();
            let (ports, networks) = (service.ports.join(", "), service.networks.join(", "));
            vec![service.name.clone(), service.image.clone(), mode, or_dash(&ports), or_dash(&networks)]
        });
        w.table(
            "services",
            ("Services of the swarm", "Dienste des Swarms"),
            &[("Name", "Name"), ("Image", "Image"), ("Mode", "Art"), ("Ports", "Ports"), ("Networks", "Netze")],
            Some(rows.collect()),
            ("There are no services.", "Es gibt keine Dienste."),
        );
    }
}

/// What the page of a container shows.
pub(crate) fn container_tables(c: &ContainerFacts, language: Language) -> (Summary, Vec<RuntimeTable>) {
    let mut w = Writer { language, summary: Vec::new(), tables: Vec::new() };
    let (config, run) = (&c.config, &c.host_config);
    w.line("Container", "Container", Some(&c.name));
    w.line("Id", "Id", Some(&c.id));
    w.line("Image", "Image", Some(&config.image));
    w.line("Image id", "Image-Id", Some(&c.image_id));
    w.line("State", "Zustand", Some(&c.state.status));
    w.line("Health", "Gesundheit", c.state.health.as_ref());
    w.line("Created", "Erstellt", Some(&c.created));
    w.line("Started", "Gestartet", c.state.started.as_ref());
    w.line("Host", "Host", c.at.name.as_ref());
    w.line("Engine", "Engine", Some(engine_words(&c.at.engine)));
    let as_image = w.say("not set", "nicht gesetzt");
    w.line("User", "Benutzer", Some(if config.user.is_empty() { &as_image } else { &config.user }));
    let privileged = w.yes(run.privileged);
    w.line("Privileged", "Privilegiert", privileged);
    let read_only = w.yes(run.read_only);
    w.line("Read-only root", "Nur lesbares Root", read_only);
    w.line("Network", "Netz", run.network_mode.as_ref());
    w.line("Restart policy", "Neustart-Regel", run.restart.as_ref());
    w.line("Capabilities added", "Zusätzliche Capabilities", Some(run.cap_add.join(", ")));
    w.line("Capabilities dropped", "Entzogene Capabilities", Some(run.cap_drop.join(", ")));

    let processes = c.processes.as_ref().map(|processes| {
        let row = |p: &plimsoll_docker::facts::ProcessFacts| {
            let number = |number: Option<u64>| number.map(|n| n.to_string()).unwrap_or_else(|| "–".to_owned());
            vec![p.pid.to_string(), number(p.parent), number(p.uid), or_dash(&p.user), p.command.clone()]
        };
        processes.iter().map(row).collect()
    });
    w.table(
        "processes",
        ("Processes", "Prozesse"),
        &[
            ("Process", "Prozess"),
            ("Parent", "Vater"),
            ("User id", "Benutzer-Id"),
            ("User", "Benutzer"),
            ("Command", "Befehl"),
        ],
        processes,
        ("None runs.", "Es läuft keiner."),
    );
    let mounts = c.mounts.iter().map(|mount| {
        let source = mount.name.clone().filter(|_| mount.kind == "volume").unwrap_or_else(|| mount.source.clone());
        let access = match mount.writable {
            Some(true) => w.say("read and write", "lesen und schreiben"),
            Some(false) => w.say("read only", "nur lesen"),
            None => w.say("not told", "nicht genannt"),
        };
        vec![mount.destination.clone(), mount.kind.clone(), or_dash(&source), access]
    });
    let mounts = mounts.collect();
    w.table(
        "mounts",
        ("Mounts", "Einhängungen"),
        &[("In the container", "Im Container"), ("Kind", "Art"), ("From", "Von"), ("Access", "Zugriff")],
        Some(mounts),
        ("Nothing is mounted.", "Nichts ist eingehängt."),
    );
    let ports = c.ports.iter().map(|one| vec![port(one)]).collect();
    w.table(
        "ports",
        ("Published ports", "Veröffentlichte Ports"),
        &[("Port", "Port")],
        Some(ports),
        ("No port is published.", "Kein Port ist veröffentlicht."),
    );
    let env = config.env.iter().map(|one| vec![one.name.clone(), one.value.clone().unwrap_or_default()]).collect();
    w.table(
        "environment",
        ("Environment", "Umgebung"),
        &[("Variable", "Variable"), ("Value, secrets masked", "Wert, Geheimnisse verdeckt")],
        Some(env),
        ("No variable is set.", "Keine Variable ist gesetzt."),
    );
    let changes = c.changes.as_ref().map(|changes| {
        let row = |one: &plimsoll_docker::facts::ChangeFacts| {
            let kind = match one.kind {
                ChangeKind::Added => w.say("added", "neu"),
                ChangeKind::Modified => w.say("changed", "geändert"),
                ChangeKind::Deleted => w.say("deleted", "gelöscht"),
            };
            vec![kind, one.path.clone()]
        };
        changes.iter().map(row).collect()
    });
    w.table(
        "changes",
        ("Changes since the start", "Änderungen seit dem Start"),
        &[("How", "Wie"), ("Path", "Pfad")],
        changes,
        ("Nothing differs from the image.", "Nichts weicht vom Image ab."),
    );
    let networks = c.networks.iter().map(|(name, address)| vec![name.clone(), or_dash(address)]).collect();
    w.table(
        "networks",
        ("Networks", "Netze"),
        &[("Name", "Name"), ("Address", "Adresse")],
        Some(networks),
        ("It is in no network.", "Er ist in keinem Netz."),
    );
    let labels = config.labels.iter().map(|(name, value)| vec![name.clone(), value.clone()]).collect();
    w.table(
        "labels",
        ("Labels", "Labels"),
        &[("Label", "Label"), ("Value", "Wert")],
        Some(labels),
        ("It bears no labels.", "Er trägt keine Labels."),
    );
    (w.summary, w.tables)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_not_be_read_is_told_from_what_is_not_there() {
        let (_, tables) = host_tables(&HostFacts::default(), Language::En);
        let note = |id: &str| tables.iter().find(|table| table.id == id).map(|table| table.note.clone());
        assert_eq!(note("containers").as_deref(), Some("This could not be read."));
        let told = HostFacts { containers: Some(Vec::new()), ..HostFacts::default() };
        let (_, tables) = host_tables(&told, Language::De);
        let note = |id: &str| tables.iter().find(|table| table.id == id).map(|table| table.note.clone());
        assert_eq!(note("containers").as_deref(), Some("Es gibt keine Container."));
    }

    #[test]
    fn each_row_has_as_many_cells_as_there_are_columns() {
        let mut container = ContainerFacts::default();
        container.config.labels.insert("a".into(), "b".into());
        container.mounts.push(plimsoll_docker::facts::MountFacts::default());
        container.ports.push(PublishedPort { host_ip: "::".into(), host_port: 1, ..PublishedPort::default() });
        container.processes = Some(vec![plimsoll_docker::facts::ProcessFacts::default()]);
        let (_, tables) = container_tables(&container, Language::En);
        for table in tables {
            assert!(table.rows.iter().all(|row| row.len() == table.columns.len()), "{}", table.id);
        }
    }
}
