//! A3, check the content of the image (CSVS 3.12): servers for remote log-on and remote management.
//!
//! A server counts by its program in the merged tree, told by name and by its first bytes; a package alone, whose program
//! is gone, is a hint. What starts it (entrypoint, command, exposed port) makes it weigh more.

use std::collections::{HashMap, HashSet};

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_dockerfile::{Arguments, Keyword};
use plimsoll_image::{Entry, Found, ImageFacts, Kind, Magic, Tree};

use crate::commands::{arguments, commands, in_substitution, installs};
use crate::facts::DockerfileFacts;
use crate::layers::{layer_name, on_entry, on_image, package_of, show_find};
use crate::observe::{count, judged, on_config, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ID: &str = "image-content";
/// How many programs are named.
const NAMED: usize = 30;
/// A file with so many names is a box of applets.
const APPLETS: usize = 50;
/// How many links are followed.
const LINKS: usize = 40;

/// A kind of remote management.
struct Service {
    what: &'static str,
    packages: &'static [&'static str],
    programs: &'static [&'static str],
    /// Names under which init scripts know it.
    scripts: &'static [&'static str],
    /// Ports that hardly anything else listens on.
    ports: &'static [u16],
}

const SERVICES: [Service; 7] = [
    Service {
        what: "SSH server",
        packages: &[
            "openssh-server",
            "openssh-server-pam",
            "openssh",
            "dropbear",
            "dropbear-bin",
            "tinysshd",
            "tinyssh",
        ],
        programs: &["sshd", "dropbear", "tinysshd", "gitlab-sshd"],
        scripts: &["ssh", "sshd", "dropbear"],
        ports: &[22],
    },
    Service {
        what: "telnet server",
        packages: &["telnetd", "inetutils-telnetd", "telnetd-ssl", "telnet-server", "krb5-appl-servers"],
        programs: &["telnetd", "in.telnetd", "utelnetd"],
        scripts: &["telnetd", "telnet"],
        ports: &[23],
    },
    Service {
        what: "server of the r-commands",
        packages: &["rsh-server", "rsh-redone-server", "inetutils-inetd"],
        programs: &["rlogind", "rshd", "rexecd", "in.rlogind", "in.rshd", "in.rexecd"],
        scripts: &["rlogin", "rsh", "rexec"],
        ports: &[513],
    },
    Service {
        what: "VNC server",
        packages: &[
            "tigervnc-standalone-server",
            "tigervnc-scraping-server",
            "tigervnc-server",
            "tigervnc",
            "tightvncserver",
            "vnc4server",
            "turbovnc",
            "realvnc-vnc-server",
            "x11vnc",
            "wayvnc",
            "vino",
            "krfb",
        ],
        programs: &[
            "xvnc",
            "xvnc4",
            "xtigervnc",
            "xtightvnc",
            "xrealvnc",
            "x11vnc",
            "x0vncserver",
            "x0tigervncserver",
            "vncserver",
            "tigervncserver",
            "tightvncserver",
            "wayvnc",
            "vino-server",
            "krfb",
        ],
        scripts: &["vncserver", "x11vnc"],
        ports: &[5900, 5901],
    },
    Service {
        what: "RDP server",
        packages: &["xrdp", "freerdp2-shadow-x11", "freerdp3-shadow-x11", "gnome-remote-desktop"],
        programs: &["xrdp", "xrdp-sesman", "freerdp-shadow-cli", "gnome-remote-desktop-daemon"],
        scripts: &["xrdp"],
        ports: &[3389],
    },
    Service {
        what: "web console for administration",
        packages: &["cockpit", "cockpit-ws", "webmin", "usermin", "shellinabox", "ttyd", "gotty", "ajenti"],
        programs: &["cockpit-ws", "miniserv.pl", "shellinaboxd", "ttyd", "gotty"],
        scripts: &["cockpit", "webmin", "usermin", "shellinabox", "ttyd"],
        ports: &[],
    },
    Service {
        what: "server for remote administration",
        packages: &["x2goserver", "nomachine", "teamviewer", "anydesk", "omi"],
        programs: &["x2golistsessions", "nxserver", "teamviewerd", "anydesk", "omiserver"],
        scripts: &["x2goserver", "nxserver", "teamviewerd", "anydesk", "omid"],
        ports: &[5985, 5986],
    },
];

/// The image holds no server for remote management.
pub(crate) struct Services;

impl Check for Services {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: UseCaseId::A3,
            title: text("No remote management services", "Keine Fernwartungsdienste"),
            why: text(
                "A server for remote log-on in a container is one more way in, with accounts and keys of its own that nobody maintains; whoever has to look into a container does so through the engine.",
                "Ein Server für die Fernanmeldung im Container ist ein weiterer Zugang mit eigenen Konten und Schlüsseln, die niemand pflegt; wer in einen Container sehen muss, tut das über die Engine.",
            ),
            how: text(
                "The merged tree is searched for the programs of SSH, telnet, rlogin, VNC and RDP servers and of web consoles; a file counts when its first bytes show a program or a script. One that is there fails, and weighs more when the entrypoint, the command or an exposed port speaks of it. A package whose program is gone, an applet of busybox that nothing starts, and files that a later layer deleted do not fail. An exposed log-on port without a known server is for a person to decide. A Dockerfile alone fails when its final stage installs or starts such a server; it never passes, since its base is not known.",
                "Der zusammengeführte Dateibaum wird nach den Programmen von SSH-, Telnet-, Rlogin-, VNC- und RDP-Servern und von Webkonsolen durchsucht; eine Datei zählt, wenn ihre ersten Bytes ein Programm oder ein Skript zeigen. Ist eines da, ist die Prüfung nicht bestanden; es wiegt schwerer, wenn Entrypoint, Kommando oder ein offener Port darauf hinweisen. Ein Paket, dessen Programm fehlt, ein Busybox-Applet, das nichts startet, und Dateien, die eine spätere Schicht gelöscht hat, führen nicht zum Scheitern. Ein offener Anmelde-Port ohne bekannten Server ist von einem Menschen zu beurteilen. Ein Dockerfile allein scheitert, wenn seine letzte Stage einen solchen Server installiert oder startet; es besteht nie, da seine Basis nicht bekannt ist.",
            ),
            blind_spots: text(
                "Servers under another name, those built into the application, and what is downloaded at run time. Whether anything starts a server that the configuration does not name: the requirement also holds where none is ever started, which a person may decide with an amendment.",
                "Server unter anderem Namen, solche, die in die Anwendung eingebaut sind, und was zur Laufzeit geladen wird. Ob etwas einen Server startet, den die Konfiguration nicht nennt: Die Anforderung ist auch erfüllt, wo nie einer gestartet wird; das kann ein Mensch als Ausnahme festhalten.",
            ),
            remedy: text(
                "Leave the server out, and use docker exec or the orchestrator's way into a container; write logs to standard output.",
                "Lassen Sie den Server weg und nutzen Sie docker exec oder den Zugang des Orchestrators; schreiben Sie Protokolle auf die Standardausgabe.",
            ),
            example: "docker exec -it CONTAINER sh",
            aliases: &[("trivy", "DS-0004"), ("checkov", "CKV_DOCKER_1")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.12"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(image), _, _) => in_image(facts, image, settings),
            (None, Some(file), _) => in_file(file, settings),
            (None, None, Some(_)) => judged(
                OutcomeKind::NotApplicable,
                "A Compose file holds no programs; look at the images of its services.",
                Vec::new(),
            ),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

/// The last part of a path, in lower case, without `.exe`.
fn base_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

/// "an SSH server", "a VNC server".
fn a(service: &Service) -> String {
    let article = if service.what.starts_with("SSH") || service.what.starts_with("RDP") { "an" } else { "a" };
    format!("{article} {}", service.what)
}

fn service_of_program(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.programs.contains(&name))
}

/// Places whose scripts are called like a server but only speak about it.
fn about_it(path: &str) -> bool {
    path.starts_with("/etc/")
        || ["/init.d/", "/completions/", "/site-functions/", "/doc/", "/man/", "/licenses/", "/tests/", "/apparmor.d/"]
            .iter()
            .any(|part| path.contains(part))
}

/// A server's program in the tree.
struct Server<'a> {
    service: &'static Service,
    found: Found<'a>,
    name: String,
    /// It is busybox or toybox under another name.
    applet: bool,
}

fn servers(tree: &Tree) -> Vec<Server<'_>> {
    let mut boxes: Option<HashSet<*const Entry>> = None;
    let mut servers = Vec::new();
    for found in tree.iter() {
        let path = found.entry.path.as_ref();
        if !matches!(found.entry.kind, Kind::File | Kind::HardLink | Kind::Symlink) {
            continue;
        }
        let name = base_name(path);
        let Some(service) = service_of_program(&name) else { continue };
        if about_it(path) {
            continue;
        }
        let content = match found.entry.kind {
            Kind::Symlink => match tree.resolve(path, LINKS) {
                // The program itself is found under its own name.
                Some(to) if service_of_program(&base_name(&to.entry.path)).is_some() => continue,
                Some(to) => to,
                None => continue,
            },
            _ => found,
        };
        if !matches!(content.content.magic, Some(Magic::Elf | Magic::Script | Magic::Pe)) {
            continue;
        }
        let boxes = boxes.get_or_insert_with(|| boxes_of_applets(tree));
        let applet = boxes.contains(&std::ptr::from_ref(content.content));
        servers.push(Server { service, found, name, applet });
    }
    servers
}

/// Programs that are many in one: called busybox or toybox, or with so many names that nothing else is likely.
fn boxes_of_applets(tree: &Tree) -> HashSet<*const Entry> {
    let mut names: HashMap<*const Entry, usize> = HashMap::new();
    let mut boxes = HashSet::new();
    for found in tree.iter() {
        let content = std::ptr::from_ref(found.content);
        let name = base_name(&found.entry.path);
        if name.starts_with("busybox") || name.starts_with("toybox") {
            boxes.insert(content);
        }
        if found.entry.kind == Kind::HardLink {
            let number = names.entry(content).or_default();
            *number += 1;
            if *number >= APPLETS {
                boxes.insert(content);
            }
        }
    }
    boxes
}

/// The words of the start command, shell text taken apart at blanks and separators.
fn start_words(image: &ImageFacts) -> Vec<String> {
    let words = image.config.entrypoint.iter().chain(&image.config.cmd).flatten();
    words.flat_map(|word| split(word)).collect()
}

fn split(text: &str) -> Vec<String> {
    let separators = |c: char| c.is_whitespace() || ";&|()'\"`".contains(c);
    text.split(separators).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// Whether the words start a service.
fn starts(service: &Service, words: &[String]) -> bool {
    words.iter().enumerate().any(|(at, word)| {
        let name = base_name(word);
        let before = at.checked_sub(1).and_then(|before| words.get(before)).map(|word| base_name(word));
        let by_script = before.is_some_and(|before| {
            ["service", "rc-service", "start", "invoke-rc.d", "enable"].contains(&before.as_str())
        });
        service.programs.contains(&name.as_str())
            || service.scripts.contains(&name.as_str()) && (by_script || word.contains("/init.d/"))
    })
}

/// The number of an exposed port, unless it is one of UDP.
fn port(text: &str) -> Option<u16> {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
    if protocol.eq_ignore_ascii_case("udp") { None } else { number.trim().parse().ok() }
}

fn in_image(facts: &Facts, image: &ImageFacts, settings: &Settings) -> Judgement {
    let words = start_words(image);
    let ports: Vec<u16> = image.config.exposed_ports.iter().filter_map(|text| port(text)).collect();
    let mut observations = Vec::new();
    let mut faults = 0;
    let found = facts.tree.as_ref().map(servers).unwrap_or_default();
    for server in found.iter().take(NAMED) {
        let path = server.found.entry.path.as_ref();
        let started = starts(server.service, &words);
        let exposed = server.service.ports.iter().find(|port| ports.contains(port));
        let package = package_of(image, server.found.entry);
        let from = package.map(|package| format!(" of package {}", package.name)).unwrap_or_default();
        let place = layer_name(image, server.found.diff_id);
        let subject = format!("{path}{from} is {}, from {place}", a(server.service));
        let at = (server.found.diff_id, path);
        let allowance =
            settings.allowed(ID, path).or_else(|| package.and_then(|package| settings.allowed(ID, &package.name)));
        if let Some(allowance) = allowance {
            let message = format!("{subject}; the profile allows it: {}.", allowance.reason.trim_end_matches('.'));
            observations.push(on_entry(facts, at, Severity::Info, message, &[]));
        } else if server.applet && !started {
            let message = format!(
                "{path} is the applet {} of a busybox, from {place}; nothing in the configuration starts it.",
                server.name
            );
            observations.push(on_entry(facts, at, Severity::Low, message, &[]));
        } else {
            faults += 1;
            let (severity, signal) = match (started, exposed) {
                (true, Some(port)) => {
                    (Severity::High, format!("the start command starts it, and port {port} is exposed"))
                }
                (true, None) => (Severity::High, "the start command starts it".to_owned()),
                (false, Some(port)) => (Severity::High, format!("port {port} is exposed")),
                (false, None) => (Severity::Medium, "the configuration does not say that it is started".to_owned()),
            };
            observations.push(on_entry(facts, at, severity, format!("{subject}; {signal}."), &[]));
        }
    }
    if found.len() > NAMED {
        observations.push(on_image(
            Severity::Medium,
            format!("{} of such servers.", count(found.len() - NAMED, "further program", "further programs")),
            None,
        ));
    }
    let seen: HashSet<&str> = found.iter().map(|server| server.service.what).collect();
    faults += packages_alone(facts, image, settings, &seen, &mut observations);
    let mut open = 0;
    for service in SERVICES.iter().filter(|service| !seen.contains(service.what)) {
        if let Some(port) = service.ports.iter().find(|port| ports.contains(port)) {
            open += 1;
            let message = format!(
                "Port {port} is exposed, the port of {}, but no known server of the kind is in the image; ask what listens there.",
                a(service)
            );
            observations.push(on_config(
                facts,
                "config.ExposedPorts",
                Severity::Medium,
                message,
                &["CKV_DOCKER_1", "DS-0004"],
            ));
        }
        if starts(service, &words) {
            open += 1;
            let message = format!(
                "The start command names {}, which is not among the image's programs; ask where it comes from.",
                a(service)
            );
            observations.push(on_config(facts, "config.Cmd", Severity::Medium, message, &[]));
        }
    }
    let failed = image.inventory.sources.iter().filter(|source| source.error.is_some()).count();
    if failed > 0 {
        let message = format!(
            "{} could not be read, so what is installed is known from the file names alone.",
            count(failed, "package database", "package databases")
        );
        observations.push(on_image(Severity::Info, message, None));
    }
    if faults > 0 {
        let summary =
            format!("The image holds {}.", count(faults, "remote management service", "remote management services"));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if facts.tree.is_none() {
        let summary = "The image's file listing is not among the facts, so its programs could not be looked at; read the image again.";
        return judged(OutcomeKind::Error, summary, observations);
    }
    if open > 0 {
        let summary = "No known remote management service is in the image, but its configuration speaks of one.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if observations.is_empty() {
        let names = "\\( -name sshd -o -name dropbear -o -name 'telnetd' -o -name '*vnc*' -o -name 'xrdp*' \\)";
        let show = show_find(facts, &format!("/ -xdev -type f {names}"));
        let message =
            "Searched by name and first bytes: no server for SSH, telnet, rlogin, VNC, RDP or web administration.";
        observations.push(on_image(Severity::Info, message, Some(show)));
    }
    judged(OutcomeKind::Pass, "No remote management service is in the image.", observations)
}

/// Packages of such servers whose program was not found. Without a tree they are all there is to go by.
fn packages_alone(
    facts: &Facts,
    image: &ImageFacts,
    settings: &Settings,
    seen: &HashSet<&str>,
    observations: &mut Vec<Observation>,
) -> usize {
    let mut faults = 0;
    let packages = image.inventory.packages.iter().filter_map(|package| {
        let service = SERVICES.iter().find(|service| service.packages.contains(&package.name.as_str()))?;
        Some((service, package))
    });
    for (service, package) in packages.filter(|(service, _)| !seen.contains(service.what)).take(NAMED) {
        let at = (package.layer.as_str(), package.location.as_str());
        if let Some(allowance) = settings.allowed(ID, &package.name) {
            let message = format!(
                "Package {} ({}) is installed; the profile allows it: {}.",
                package.name,
                service.what,
                allowance.reason.trim_end_matches('.')
            );
            observations.push(on_entry(facts, at, Severity::Info, message, &[]));
        } else if facts.tree.is_none() {
            faults += 1;
            let message = format!("Package {} {} ({}) is installed.", package.name, package.version, service.what);
            observations.push(on_entry(facts, at, Severity::Medium, message, &[]));
        } else {
            let message = format!(
                "Package {} {} is listed as installed, but no program of {} is in the image.",
                package.name,
                package.version,
                a(service)
            );
            observations.push(on_entry(facts, at, Severity::Low, message, &[]));
        }
    }
    faults
}

fn in_file(file: &DockerfileFacts, settings: &Settings) -> Judgement {
    let Some(stage) = file.parsed.final_stage() else {
        return judged(OutcomeKind::Error, "The Dockerfile has no stage.", Vec::new());
    };
    let mut observations = Vec::new();
    let mut faults = 0;
    let all = commands(&file.parsed);
    for (instruction, command) in &all.ran {
        let Some(program) = command.program().filter(|_| !in_substitution(command)) else { continue };
        for package in installs(program, &arguments(command)) {
            let Some(service) = SERVICES.iter().find(|service| service.packages.contains(&package)) else { continue };
            let (severity, end) = match settings.allowed(ID, package) {
                Some(allowance) => {
                    (Severity::Info, format!("; the profile allows it: {}.", allowance.reason.trim_end_matches('.')))
                }
                None => {
                    faults += 1;
                    (Severity::High, ".".to_owned())
                }
            };
            let message = format!("{program} installs {package} ({}){end}", service.what);
            let line = command.line.clamp(instruction.line, instruction.end_line);
            observations.push(on_lines(file, (line, line), severity, message, &[]));
        }
    }
    for instruction in file.parsed.effective_instructions(stage.index) {
        let lines = (instruction.line, instruction.end_line);
        match instruction.keyword {
            Keyword::Cmd | Keyword::Entrypoint => {
                let words = match &instruction.arguments {
                    Arguments::Shell(text) => split(text),
                    Arguments::Json(items) => items.iter().flat_map(|item| split(item)).collect(),
                };
                if let Some(service) = SERVICES.iter().find(|service| starts(service, &words)) {
                    faults += 1;
                    let message = format!("{} starts {}.", instruction.keyword.as_str(), a(service));
                    observations.push(on_lines(file, lines, Severity::High, message, &[]));
                }
            }
            Keyword::Expose => {
                for number in split(&instruction.arguments.joined()).iter().filter_map(|text| port(text)) {
                    if let Some(service) = SERVICES.iter().find(|service| service.ports.contains(&number)) {
                        let message = format!("Port {number} is exposed, the port of {}.", a(service));
                        let aliases = ["CKV_DOCKER_1", "DS-0004"];
                        observations.push(on_lines(file, lines, Severity::Medium, message, &aliases));
                    }
                }
            }
            _ => {}
        }
    }
    for instruction in all.unread {
        let message = "A part of this RUN could not be read as shell, so what it installs is not known.";
        observations.push(on_lines(file, (instruction.line, instruction.end_line), Severity::Info, message, &[]));
    }
    if faults > 0 {
        let summary = "The Dockerfile's final stage installs or starts a remote management service.";
        return judged(OutcomeKind::Fail, summary, observations);
    }
    judged(
        OutcomeKind::Undecided,
        "The Dockerfile itself installs no remote management service, but it does not show what its base brings; ask for the image.",
        observations,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Allowance;
    use crate::facts::tests::{compose, dockerfile, image};
    use crate::layers::tests::{With, entry, package, tree_image};

    fn run(facts: &Facts) -> Judgement {
        Services.judge(facts, &Settings::default())
    }

    fn with_file(file: Entry) -> Facts {
        tree_image(vec![("RUN apt-get install -y x", vec![file], &[])])
    }

    #[test]
    fn a_server_in_the_tree_fails_and_one_that_is_started_weighs_more() {
        for path in
            ["/usr/sbin/sshd", "/usr/sbin/dropbear", "/usr/bin/x11vnc", "/usr/sbin/xrdp", "/opt/x/ttyd", "/app/sshd"]
        {
            let mut facts = with_file(entry(path).magic(Magic::Elf));
            let judgement = run(&facts);
            assert_eq!(judgement.outcome, OutcomeKind::Fail, "{path}");
            assert_eq!(judgement.observations[0].severity, Severity::Medium);
            let name = base_name(path);
            facts.image.as_mut().unwrap().config.cmd = Some(vec!["/bin/sh".into(), "-c".into(), format!("{name} -D")]);
            assert_eq!(run(&facts).observations[0].severity, Severity::High, "{path}");
        }
        let mut facts = with_file(entry("/usr/sbin/sshd").magic(Magic::Elf).package(0));
        let image = facts.image.as_mut().unwrap();
        image.inventory.packages = vec![package("openssh-server")];
        image.config.exposed_ports = vec!["22/tcp".into()];
        let judgement = run(&facts);
        let message = &judgement.observations[0].message;
        assert_eq!(
            message,
            "/usr/sbin/sshd of package openssh-server is an SSH server, from layer 1 (RUN apt-get install -y x); port 22 is exposed."
        );
        assert_eq!(judgement.observations.len(), 1);
        facts.image.as_mut().unwrap().config.entrypoint = Some(vec!["service".into(), "ssh".into(), "start".into()]);
        assert!(run(&facts).observations[0].message.contains("starts it, and port 22"));
    }

    #[test]
    fn what_only_looks_like_a_server_passes() {
        for file in [
            entry("/etc/init.d/dropbear").magic(Magic::Script),
            entry("/etc/pam.d/sshd"),
            entry("/usr/share/bash-completion/completions/sshd").magic(Magic::Script),
            entry("/usr/bin/ssh").magic(Magic::Elf),
            entry("/usr/sbin/sshd"),
            entry("/run/sshd/"),
            entry("/usr/sbin/sshd").link(Kind::Symlink, "/nowhere"),
            entry("/usr/bin/vncviewer").magic(Magic::Elf),
        ] {
            let facts = with_file(file.clone());
            assert_eq!(run(&facts).outcome, OutcomeKind::Pass, "{}", file.path);
        }
        // Deleted again.
        let facts = tree_image(vec![
            ("RUN a", vec![entry("/usr/sbin/sshd").magic(Magic::Elf)], &[]),
            ("RUN rm /usr/sbin/sshd", vec![], &["/usr/sbin/sshd"]),
        ]);
        assert_eq!(run(&facts).outcome, OutcomeKind::Pass);
    }

    #[test]
    fn an_applet_of_busybox_counts_when_it_is_started() {
        let mut facts = tree_image(vec![(
            "ADD busybox.tar /",
            vec![
                entry("/bin/busybox").magic(Magic::Elf),
                entry("/bin/telnetd").link(Kind::HardLink, "/bin/busybox"),
                entry("/sbin/telnetd").link(Kind::Symlink, "/bin/busybox"),
            ],
            &[],
        )]);
        let judgement = run(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Pass, "{judgement:?}");
        assert_eq!(judgement.observations.len(), 2);
        facts.image.as_mut().unwrap().config.cmd = Some(vec!["telnetd".into(), "-F".into()]);
        assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn a_port_without_a_server_is_for_a_person_and_a_missing_listing_is_an_error() {
        let mut facts = with_file(entry("/app").magic(Magic::Elf));
        facts.image.as_mut().unwrap().config.exposed_ports = vec!["22/tcp".into(), "3389/udp".into()];
        let judgement = run(&facts);
        assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Undecided, 1));
        assert_eq!(run(&image()).outcome, OutcomeKind::Error);
        let mut facts = image();
        facts.image.as_mut().unwrap().inventory.packages = vec![package("openssh-server")];
        assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
        let mut facts = with_file(entry("/app").magic(Magic::Elf));
        facts.image.as_mut().unwrap().inventory.packages = vec![package("openssh-server")];
        let judgement = run(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert_eq!(judgement.observations[0].severity, Severity::Low);
        assert_eq!(run(&compose("services:\n  a:\n    image: x\n")).outcome, OutcomeKind::NotApplicable);
    }

    #[test]
    fn the_profile_may_allow_a_server() {
        let facts = with_file(entry("/usr/sbin/sshd").magic(Magic::Elf));
        let allowance = Allowance { check: ID.into(), what: "/usr/sbin/sshd".into(), reason: "bastion".into() };
        let settings = Settings { allowances: vec![allowance], ..Settings::default() };
        let judgement = Services.judge(&facts, &settings);
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert!(judgement.observations[0].message.ends_with("the profile allows it: bastion."));
    }

    #[test]
    fn a_dockerfile_alone_can_fail_but_not_pass() {
        let run = |text: &str| run(&dockerfile(text)).outcome;
        assert_eq!(run("FROM a\nCMD [\"/usr/sbin/sshd\", \"-D\"]\n"), OutcomeKind::Fail);
        assert_eq!(run("FROM a\nENTRYPOINT service ssh start && app\n"), OutcomeKind::Fail);
        assert_eq!(run("FROM a\nRUN apt-get update && apt-get install -y openssh-server\n"), OutcomeKind::Fail);
        assert_eq!(run("FROM a\nRUN apt-get install -y openssh-client && ssh-keyscan x\n"), OutcomeKind::Undecided);
        assert_eq!(run("FROM a\nEXPOSE 22\n"), OutcomeKind::Undecided);
        assert_eq!(run("FROM a\nCMD [\"ssh\", \"host\"]\n"), OutcomeKind::Undecided);
        assert_eq!(run("FROM a AS b\nCMD sshd\nFROM a\n"), OutcomeKind::Undecided);
        assert_eq!(run("RUN x\n"), OutcomeKind::Error);
    }
}
