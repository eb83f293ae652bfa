//! Services for remote log-on and remote management: which there are, and what of them an image or a Dockerfile shows.
//!
//! Two checks ask: `image-content` (A3) whether one is among the image's content, `remote-management` (A4) whether one is
//! installed. Both find them here, so that they agree. A server counts by its program in the merged tree, told by name and
//! by its first bytes; what starts it (entrypoint, command, exposed port) makes it weigh more.

use std::collections::{HashMap, HashSet};

use plimsoll_catalog::{Observation, OutcomeKind, Severity};
use plimsoll_dockerfile::{Arguments, Keyword};
use plimsoll_image::{Entry, Found, ImageFacts, Kind, Magic, Tree};
use plimsoll_packages::{Ecosystem, Package};

use crate::commands::commands;
use crate::facts::DockerfileFacts;
use crate::installs::wanted_in_final_stage;
use crate::layers::{layer_name, on_entry, on_image, package_of};
use crate::managers::Family;
use crate::observe::{count, judged, on_config, on_lines};
use crate::search_path::MAX_LINKS;
use crate::{Facts, Judgement, Settings};

/// How many programs are named.
pub(crate) const NAMED: usize = 30;
/// A file with so many names is a box of applets.
const APPLETS: usize = 50;

/// The check that asks.
pub(crate) struct Asker {
    /// The ids under which the profile may allow a service.
    pub(crate) ids: &'static [&'static str],
    /// Other tools' rules on a server.
    pub(crate) on_server: &'static [&'static str],
    /// Other tools' rules on an exposed port.
    pub(crate) on_port: &'static [&'static str],
}

impl Asker {
    /// "; the profile allows it: …", where it does.
    pub(crate) fn allowed(&self, settings: &Settings, names: &[&str]) -> Option<String> {
        let pairs = self.ids.iter().flat_map(|id| names.iter().map(move |name| (*id, *name)));
        let allowance = pairs.into_iter().find_map(|(id, name)| settings.allowed(id, name))?;
        Some(format!("; the profile allows it: {}.", allowance.reason.trim_end_matches('.')))
    }
}

/// A kind of remote management.
pub(crate) struct Service {
    /// What it is, without an article.
    pub(crate) what: &'static str,
    /// The packages of the distributions that bring it.
    packages: &'static [&'static str],
    /// Its programs, in lower case.
    programs: &'static [&'static str],
    /// Names under which init scripts know it.
    scripts: &'static [&'static str],
    /// Ports that hardly anything else listens on.
    ports: &'static [u16],
}

/// All of them.
const SERVICES: [Service; 7] = [
    Service {
        what: "SSH server",
        packages: &[
            "openssh-server",
            "openssh-server-pam",
            "openssh-sftp-server",
            "dropbear",
            "dropbear-bin",
            "dropbear-run",
            "tinysshd",
            "tinyssh",
        ],
        programs: &["sshd", "dropbear", "dropbearmulti", "tinysshd", "gitlab-sshd"],
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
        packages: &["rsh-server", "rsh-redone-server", "rlogin-server", "inetutils-inetd"],
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

/// The last part of a path, in lower case, without `.exe`.
pub(crate) fn base_name(path: &str) -> String {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase();
    name.strip_suffix(".exe").map(str::to_owned).unwrap_or(name)
}

/// "an SSH server", "a VNC server".
pub(crate) fn a(service: &Service) -> String {
    let article = if service.what.starts_with("SSH") || service.what.starts_with("RDP") { "an" } else { "a" };
    format!("{article} {}", service.what)
}

/// The service whose program has this name; the letters' case does not count.
pub(crate) fn of_program(name: &str) -> Option<&'static Service> {
    let name = name.to_ascii_lowercase();
    SERVICES.iter().find(|service| service.programs.contains(&name.as_str()))
}

/// The service that a distribution's package of this name brings. `openssh` is none: Red Hat's has the tools that client
/// and server share, and Alpine's brings the server as a package of its own.
pub(crate) fn of_package(name: &str) -> Option<&'static Service> {
    SERVICES.iter().find(|service| service.packages.contains(&name))
}

/// The service that an installed package is.
pub(crate) fn of_installed(package: &Package) -> Option<&'static Service> {
    matches!(package.ecosystem, Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm)
        .then(|| of_package(&package.name))
        .flatten()
}

/// The service that comes along when a package manager installs this name: Alpine and Arch have names for all of it.
pub(crate) fn of_wanted(name: &str, family: Family) -> Option<&'static Service> {
    let whole = matches!(family, Family::Apk | Family::Pacman);
    let program = match name {
        "openssh" if whole => "sshd",
        "tigervnc" if whole => "xvnc",
        _ => return of_package(name),
    };
    of_program(program)
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
        let Some(service) = of_program(&name) else { continue };
        if about_it(path) {
            continue;
        }
        let content = match found.entry.kind {
            Kind::Symlink => match tree.resolve(path, MAX_LINKS) {
                // The program itself is found under its own name.
                Some(to) if of_program(&base_name(&to.entry.path)).is_some() => continue,
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

/// What the configuration of an image says about services.
pub(crate) struct Signals {
    words: Vec<String>,
    ports: Vec<u16>,
}

impl Signals {
    /// The words of the start command, shell text taken apart, and the exposed ports.
    pub(crate) fn of(image: &ImageFacts) -> Self {
        let words = image.config.entrypoint.iter().chain(&image.config.cmd).flatten();
        Self {
            words: words.flat_map(|word| split(word)).collect(),
            ports: image.config.exposed_ports.iter().filter_map(|text| port(text)).collect(),
        }
    }

    fn exposed(&self, service: &Service) -> Option<u16> {
        service.ports.iter().copied().find(|port| self.ports.contains(port))
    }

    /// How a service that is there weighs, and why.
    pub(crate) fn weigh(&self, service: &Service) -> (Severity, String) {
        match (starts(service, &self.words), self.exposed(service)) {
            (true, Some(port)) => (Severity::High, format!("the start command starts it, and port {port} is exposed")),
            (true, None) => (Severity::High, "the start command starts it".to_owned()),
            (false, Some(port)) => (Severity::High, format!("port {port} is exposed")),
            (false, None) => (Severity::Medium, "the configuration does not say that it is started".to_owned()),
        }
    }
}

/// What an image shows.
#[derive(Default)]
pub(crate) struct Seen {
    pub(crate) observations: Vec<Observation>,
    /// How many are at fault.
    pub(crate) faults: usize,
    /// Signs of a service that is not there: a person must look.
    pub(crate) open: usize,
    /// The kinds of services whose programs are there, applets aside.
    kinds: HashSet<&'static str>,
}

impl Seen {
    /// Whether a program of this kind is there.
    pub(crate) fn has(&self, service: &Service) -> bool {
        self.kinds.contains(service.what)
    }
}

/// The servers among the programs of an image.
pub(crate) fn programs(
    facts: &Facts,
    image: &ImageFacts,
    settings: &Settings,
    asker: &Asker,
    signals: &Signals,
) -> Seen {
    let mut seen = Seen::default();
    let found = facts.tree.as_ref().map(servers).unwrap_or_default();
    for (index, server) in found.iter().enumerate() {
        let path = server.found.entry.path.as_ref();
        let package = package_of(image, server.found.entry);
        let names: Vec<&str> = std::iter::once(path).chain(package.map(|package| package.name.as_str())).collect();
        let allowed = asker.allowed(settings, &names);
        let idle = server.applet && !starts(server.service, &signals.words);
        if !idle {
            seen.kinds.insert(server.service.what);
        }
        seen.faults += usize::from(!idle && allowed.is_none());
        if index >= NAMED {
            continue;
        }
        let from = package.map(|package| format!(" of package {}", package.name)).unwrap_or_default();
        let place = layer_name(image, server.found.diff_id);
        let subject = format!("{path}{from} is {}, from {place}", a(server.service));
        let (severity, message, aliases) = if let Some(allowed) = allowed {
            (Severity::Info, format!("{subject}{allowed}"), &[][..])
        } else if idle {
            let message = format!(
                "{path} is the applet {} of a busybox, from {place}; nothing in the configuration starts it.",
                server.name
            );
            (Severity::Low, message, &[][..])
        } else {
            let (severity, signal) = signals.weigh(server.service);
            (severity, format!("{subject}; {signal}."), asker.on_server)
        };
        seen.observations.push(on_entry(facts, (server.found.diff_id, path), severity, message, aliases));
    }
    if found.len() > NAMED {
        let further = count(found.len() - NAMED, "further program", "further programs");
        seen.observations.push(on_image(Severity::Medium, format!("{further} of such servers."), None));
    }
    seen
}

/// Signs in the configuration of services whose programs are not there.
pub(crate) fn unexplained(facts: &Facts, signals: &Signals, asker: &Asker, seen: &mut Seen) {
    let missing: Vec<&Service> = SERVICES.iter().filter(|service| !seen.has(service)).collect();
    for service in missing {
        if let Some(port) = signals.exposed(service) {
            seen.open += 1;
            let message = format!(
                "Port {port} is exposed, the port of {}, but no such server of its own is in the image; ask what listens there.",
                a(service)
            );
            let severity = Severity::Medium;
            seen.observations.push(on_config(facts, "config.ExposedPorts", severity, message, asker.on_port));
        }
        if starts(service, &signals.words) {
            seen.open += 1;
            let message = format!(
                "The start command names {}, which is not among the image's programs; ask where it comes from.",
                a(service)
            );
            seen.observations.push(on_config(facts, "config.Cmd", Severity::Medium, message, asker.on_server));
        }
    }
}

/// What a Dockerfile alone shows: it can fail, and never passes, since its base is not known.
pub(crate) fn in_file(file: &DockerfileFacts, settings: &Settings, asker: &Asker) -> Judgement {
    let Some(stage) = file.parsed.final_stage() else {
        return judged(OutcomeKind::Error, "The Dockerfile has no stage.", Vec::new());
    };
    let mut observations = Vec::new();
    let mut faults = 0;
    for wanted in wanted_in_final_stage(file) {
        let Some(service) = of_wanted(&wanted.name, wanted.family) else { continue };
        let allowed = asker.allowed(settings, &[&wanted.name]);
        faults += usize::from(allowed.is_none());
        let severity = if allowed.is_some() { Severity::Info } else { Severity::High };
        let end = allowed.unwrap_or_else(|| ".".to_owned());
        let message = format!("Package {} ({}) is installed{end}", wanted.name, service.what);
        observations.push(on_lines(file, wanted.lines, severity, message, asker.on_server));
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
                    observations.push(on_lines(file, lines, Severity::High, message, asker.on_server));
                }
            }
            Keyword::Expose => {
                for number in split(&instruction.arguments.joined()).iter().filter_map(|text| port(text)) {
                    if let Some(service) = SERVICES.iter().find(|service| service.ports.contains(&number)) {
                        let message = format!("Port {number} is exposed, the port of {}.", a(service));
                        observations.push(on_lines(file, lines, Severity::Medium, message, asker.on_port));
                    }
                }
            }
            _ => {}
        }
    }
    for instruction in commands(&file.parsed).unread {
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
#[path = "services_tests.rs"]
mod tests;
