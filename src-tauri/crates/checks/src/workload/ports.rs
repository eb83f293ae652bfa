//! CSVS 3.13, 7.7 and 7.12: published ports.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use plimsoll_catalog::Severity;
use plimsoll_dockerfile::compose::read_port;

use super::ask::{Answer, Ask, Notes};
use super::view::{Listed, Name, Said, Spot, Workload, resolved};
use crate::observe::count;
use crate::{CheckInfo, Settings, text};

const BOUND: &str = "ports-bound";
const PUBLISHED: &str = "published-ports";
const CONTROL: &str = "control-ports";

/// Ports are bound to a chosen address.
pub(crate) struct Bound;
/// Few ports are published, and none for administration.
pub(crate) struct Published;
/// No control or data service is open to everybody.
pub(crate) struct Control;

/// Published ports: one, or a range of them.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Port {
    ip: String,
    /// None: the engine chooses.
    host: Option<RangeInclusive<u16>>,
    inside: RangeInclusive<u16>,
    protocol: String,
}

impl Port {
    /// It listens on every address of the host.
    fn everywhere(&self) -> bool {
        matches!(self.ip.as_str(), "" | "0.0.0.0" | "::" | "0:0:0:0:0:0:0:0" | "*")
    }

    fn loopback(&self) -> bool {
        self.ip.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
    }

    /// "port 8080 (80/tcp inside)"
    fn words(&self) -> String {
        let inside = format!("{}/{}", range(&self.inside), self.protocol);
        match &self.host {
            Some(host) => format!("port {} ({inside} inside)", range(host)),
            None => format!("a port of the engine's choice ({inside} inside)"),
        }
    }

    fn has_inside(&self, port: u16) -> bool {
        self.inside.contains(&port)
    }

    fn has(&self, port: u16) -> bool {
        self.has_inside(port) || self.host.as_ref().is_some_and(|host| host.contains(&port))
    }
}

fn range(ports: &RangeInclusive<u16>) -> String {
    if ports.start() == ports.end() { ports.start().to_string() } else { format!("{}-{}", ports.start(), ports.end()) }
}

/// Published ports; an address of each family counts once for a port where both mean all of them.
fn ports(it: Workload<'_>) -> Listed<Port> {
    let name = Name { field: "NetworkSettings.Ports", key: "ports" };
    match it {
        Workload::Container(facts) => {
            let spot = Workload::field(facts, name.field);
            let mut unique: BTreeMap<(u16, u16, String, String), Port> = BTreeMap::new();
            for port in &facts.ports {
                let host = (port.host_port != 0).then_some(port.host_port..=port.host_port);
                let inside = port.container_port..=port.container_port;
                let port = Port { ip: port.host_ip.clone(), host, inside, protocol: port.protocol.clone() };
                let ip = if port.everywhere() { String::new() } else { port.ip.clone() };
                let first = port.host.as_ref().map_or(0, |host| *host.start());
                unique.entry((first, *port.inside.start(), port.protocol.clone(), ip)).or_insert(port);
            }
            it.listed(name, unique.into_values().map(|port| (port, spot.clone())).collect())
        }
        Workload::Service(file, service) => {
            let mut listed = it.listed(name, Vec::new());
            for port in &service.ports {
                let spot = Workload::line(file, port.line);
                let read = resolved(&port.value)
                    .and_then(|text| read_port(&text).ok_or_else(|| format!("the port {text} could not be read")));
                match read {
                    Ok(port) => {
                        let (ip, inside) = (port.host_ip, port.target);
                        listed.items.push((Port { ip, host: port.published, inside, protocol: port.protocol }, spot));
                    }
                    Err(reason) => listed.gaps.push((reason, spot)),
                }
            }
            listed
        }
    }
}

/// With the host's network nothing is published, and everything that listens is reachable.
fn on_the_hosts_network(it: Workload<'_>, notes: &mut Notes) {
    let mode = it.network_mode();
    match &mode.said {
        Said::Is(network) if network == "host" => {
            let message = format!(
                "{} has the host's network: what it listens on is reachable without being published; ask which ports that are.",
                it.it()
            );
            notes.doubt(&mode.spot, Severity::Medium, message);
        }
        Said::Is(network) if network.starts_with("container:") || network.starts_with("service:") => {
            let message =
                format!("{} uses another one's network ({network}): look at what that one publishes.", it.it());
            notes.doubt(&mode.spot, Severity::Info, message);
        }
        Said::Is(_) | Said::Unset => {}
        Said::Untold(reason) => notes.untold(it, &mode.spot, "the network", reason),
    }
}

/// All exposed ports are published, each on a port of the engine's choice.
fn publishes_all(it: Workload<'_>) -> Option<Spot> {
    let facts = it.container()?;
    (facts.host_config.publish_all == Some(true)).then(|| Workload::field(facts, "HostConfig.PublishAllPorts"))
}

impl Ask for Bound {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: BOUND,
            use_case: None,
            title: text("Ports are bound to a chosen address", "Ports sind an eine gewählte Adresse gebunden"),
            why: text(
                "A port that is published without an address listens on every interface of the host, also on those that nobody thought of, and Docker opens it past the host's own firewall rules.",
                "Ein ohne Adresse veröffentlichter Port lauscht auf jeder Schnittstelle des Hosts, auch auf solchen, an die niemand gedacht hat, und Docker öffnet ihn an den Firewall-Regeln des Hosts vorbei.",
            ),
            how: text(
                "Each published port needs an address of the host. A missing address, 0.0.0.0 and :: mean all of them and fail, and so does publishing all exposed ports. Where nothing is published the question does not arise; with the host's network a person decides.",
                "Jeder veröffentlichte Port braucht eine Adresse des Hosts. Fehlt sie oder lautet sie 0.0.0.0 oder ::, sind alle gemeint, und die Prüfung fällt durch, ebenso beim Veröffentlichen aller freigegebenen Ports. Wird nichts veröffentlicht, stellt sich die Frage nicht; beim Netz des Hosts entscheidet ein Mensch.",
            ),
            blind_spots: text(
                "The address that the daemon or a network sets for ports that name none, and firewalls in front of the host.",
                "Die Adresse, die der Daemon oder ein Netz für Ports ohne Angabe setzt, und Firewalls vor dem Host.",
            ),
            remedy: text(
                "Write the address before the port; 127.0.0.1 where only the host itself needs it.",
                "Schreiben Sie die Adresse vor den Port; 127.0.0.1, wo nur der Host selbst ihn braucht.",
            ),
            example: "docker run --publish 127.0.0.1:8080:80 IMAGE\n\nservices:\n  web:\n    ports: [\"127.0.0.1:8080:80\"]",
            aliases: &[("cis-docker", "5.14"), ("docker-bench", "5.14")],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let all = ports(it);
        notes.gaps(it, "what it publishes", &all);
        let mut bound = 0;
        for (port, spot) in &all.items {
            if port.everywhere() {
                let shown =
                    if port.ip.is_empty() { "without an address".to_owned() } else { format!("on {}", port.ip) };
                let message = format!("{name} publishes {} {shown}: on every interface of the host.", port.words());
                let allowance = it.allowed(settings, BOUND, Some(&range(port.host.as_ref().unwrap_or(&port.inside))));
                notes.fault_unless(allowance, spot, Severity::Medium, &message);
            } else {
                bound += 1;
                notes.note(spot, Severity::Info, format!("{name} publishes {} on {}.", port.words(), port.ip));
            }
        }
        if let Some(spot) = publishes_all(it) {
            let message = format!("{name} publishes all ports that its image exposes, on every interface of the host.");
            notes.fault(&spot, Severity::Medium, message);
        }
        on_the_hosts_network(it, &mut notes);
        if all.items.is_empty() {
            return notes.not_asked(&all.spot, format!("{name} publishes no port."));
        }
        let good = format!("{name} binds what it publishes to chosen addresses ({}).", count(bound, "port", "ports"));
        notes.answer(&all.spot, good)
    }
}

/// Ports of remote administration.
const ADMINISTRATION: [(u16, &str); 7] =
    [(22, "SSH"), (23, "Telnet"), (2222, "SSH"), (3389, "RDP"), (5900, "VNC"), (5985, "WinRM"), (512, "rexec")];
/// As many ports as this are more than a service can need.
const MANY: usize = 20;

impl Ask for Published {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: PUBLISHED,
            use_case: None,
            title: text("Few ports are published", "Wenige veröffentlichte Ports"),
            why: text(
                "Each published port is a way in from outside. Containers reach each other over their networks without any.",
                "Jeder veröffentlichte Port ist ein Weg von außen hinein. Untereinander erreichen sich Container über ihre Netze ganz ohne.",
            ),
            how: text(
                "A container that publishes nothing passes. Ports for remote administration such as SSH, long ranges and publishing all exposed ports fail. All other published ports are listed with their numbers, those below 1024 and those that the container does not declare as exposed with a remark, and a person decides whether each is needed.",
                "Ein Container, der nichts veröffentlicht, besteht. Ports zur Fernverwaltung wie SSH, lange Bereiche und das Veröffentlichen aller freigegebenen Ports fallen durch. Alle anderen werden mit ihren Nummern aufgeführt, jene unter 1024 und solche, die der Container nicht als freigegeben angibt, mit einer Anmerkung; ob jeder gebraucht wird, entscheidet ein Mensch.",
            ),
            blind_spots: text(
                "What a port is for, and whether anybody outside uses it.",
                "Wozu ein Port dient und ob ihn von außen jemand nutzt.",
            ),
            remedy: text(
                "Publish only what is used from outside, and let services speak to each other over a network of their own.",
                "Veröffentlichen Sie nur, was von außen genutzt wird, und lassen Sie Dienste über ein eigenes Netz miteinander sprechen.",
            ),
            example: "",
            aliases: &[("cis-docker", "5.8"), ("cis-docker", "5.9"), ("docker-bench", "5.8"), ("docker-bench", "5.9")],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let all = ports(it);
        notes.gaps(it, "what it publishes", &all);
        for (port, spot) in &all.items {
            let allowance = it.allowed(settings, PUBLISHED, Some(&range(port.host.as_ref().unwrap_or(&port.inside))));
            let number = usize::from(port.inside.end().saturating_sub(*port.inside.start())).saturating_add(1);
            if let Some((_, service)) = ADMINISTRATION.iter().find(|(known, _)| number == 1 && port.has(*known)) {
                let message = format!("{name} publishes {}, the port of {service}.", port.words());
                notes.fault_unless(allowance, spot, Severity::High, &message);
            } else if number > MANY {
                let message = format!("{name} publishes {number} ports at once: {}.", port.words());
                notes.fault_unless(allowance, spot, Severity::Medium, &message);
            } else if allowance.is_some() {
                notes.fault_unless(allowance, spot, Severity::Info, &format!("{name} publishes {}.", port.words()));
            } else {
                let low =
                    port.host.as_ref().is_some_and(|host| *host.start() < 1024 && ![80, 443].contains(host.start()));
                let undeclared = it.container().is_some_and(|facts| {
                    let declared = format!("{}/{}", port.inside.start(), port.protocol);
                    !facts.config.exposed_ports.is_empty() && !facts.config.exposed_ports.contains(&declared)
                });
                let severity = if low || undeclared { Severity::Low } else { Severity::Info };
                let but = match (low, undeclared) {
                    (true, _) => ", which is below 1024 and meant for services of the system",
                    (false, true) => ", which it does not declare as exposed",
                    (false, false) => "",
                };
                let message = format!("{name} publishes {}{but}; whether it is needed is for a person.", port.words());
                notes.doubt(spot, severity, message);
            }
        }
        if let Some(spot) = publishes_all(it) {
            let message = format!("{name} publishes all ports that its image exposes, whatever they are.");
            notes.fault_unless(it.allowed(settings, PUBLISHED, None), &spot, Severity::Medium, &message);
        }
        on_the_hosts_network(it, &mut notes);
        let good = if all.items.is_empty() {
            format!("{name} publishes no port.")
        } else {
            format!("{name} publishes what the profile allows.")
        };
        notes.answer(&all.spot, good)
    }
}

/// Control and data services by their port inside: what it is, and whether it asks nobody for a password unless told to.
const SERVICES: [(u16, &str, bool); 26] = [
    (2375, "the Docker engine without TLS", true),
    (2376, "the Docker engine with TLS", false),
    (2377, "the management of a Docker swarm", false),
    (2379, "etcd", true),
    (2380, "etcd between its members", true),
    (4243, "the Docker engine", true),
    (4646, "Nomad", true),
    (5984, "CouchDB", false),
    (6379, "Redis", true),
    (6443, "the Kubernetes API", false),
    (7001, "Cassandra between its nodes", true),
    (8300, "Consul between its servers", true),
    (8443, "a dashboard or the Kubernetes API", false),
    (8500, "Consul", true),
    (9000, "a management console such as Portainer's or MinIO's", false),
    (9042, "Cassandra", true),
    (9090, "Prometheus", true),
    (9092, "Kafka", true),
    (9200, "Elasticsearch", true),
    (9300, "Elasticsearch between its nodes", true),
    (10250, "the kubelet", false),
    (10255, "the kubelet without a login", true),
    (11211, "memcached", true),
    (15672, "RabbitMQ's management", false),
    (27017, "MongoDB", true),
    (2181, "ZooKeeper", true),
];

impl Ask for Control {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: CONTROL,
            use_case: None,
            title: text(
                "Control and data services are not open to everybody",
                "Steuer- und Datendienste stehen nicht jedem offen",
            ),
            why: text(
                "etcd, Redis, a Docker engine and their like trust whoever reaches them, unless told otherwise. On a public address they are found within minutes.",
                "etcd, Redis, eine Docker-Engine und Ähnliches vertrauen jedem, der sie erreicht, solange nichts anderes eingestellt ist. Auf einer öffentlichen Adresse sind sie binnen Minuten gefunden.",
            ),
            how: text(
                "The ports of well-known control and data services are looked for among the published ones. On every address of the host, those that ask nobody for a password by default fail; the others, and all on one address, are left to a person, since whether a login is asked for does not show. On the loopback address they are no fault. If none is published, the check passes.",
                "Unter den veröffentlichten Ports werden die bekannter Steuer- und Datendienste gesucht. Auf allen Adressen des Hosts fallen jene durch, die von sich aus niemanden nach einem Passwort fragen; die übrigen und alle auf einer einzelnen Adresse bleiben einem Menschen überlassen, denn ob eine Anmeldung verlangt wird, zeigt sich nicht. Auf der Loopback-Adresse sind sie kein Mangel. Ist keiner veröffentlicht, ist die Prüfung bestanden.",
            ),
            blind_spots: text(
                "Whether the service asks for a login, services on other ports than their own, and who reaches the host.",
                "Ob der Dienst eine Anmeldung verlangt, Dienste an anderen als ihren üblichen Ports, und wer den Host erreicht.",
            ),
            remedy: text(
                "Do not publish them; where it must be, bind them to an address of a trusted network and switch on the login.",
                "Veröffentlichen Sie sie nicht; muss es sein, binden Sie sie an eine Adresse eines vertrauenswürdigen Netzes und schalten Sie die Anmeldung ein.",
            ),
            example: "",
            aliases: &[],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let all = ports(it);
        notes.gaps(it, "what it publishes", &all);
        for (port, spot) in &all.items {
            for (number, service, open) in SERVICES.iter().filter(|(number, ..)| port.has_inside(*number)) {
                let on = if port.everywhere() { "every address of the host" } else { port.ip.as_str() };
                let message = format!("{name} publishes {number}, as a rule the port of {service}, on {on}.");
                let allowance = it.allowed(settings, CONTROL, Some(&number.to_string()));
                if port.loopback() {
                    notes.note(spot, Severity::Info, message);
                } else if allowance.is_some() || (*open && port.everywhere()) {
                    notes.fault_unless(allowance, spot, Severity::High, &message);
                } else {
                    notes.doubt(spot, Severity::Medium, message);
                }
            }
        }
        on_the_hosts_network(it, &mut notes);
        notes.answer(
            &all.spot,
            format!("{name} publishes no port of a well-known control or data service beyond its own machine."),
        )
    }
}

#[cfg(test)]
#[path = "ports_tests.rs"]
mod tests;
