//! How the daemon is configured on this machine, or in files that the auditor gives: daemon.json, the systemd unit with
//! its drop-ins, the daemon's process, permissions, and the networks of the machine.
//!
//! Only reads, and only below the root that it is given; tests give a folder.

mod daemon_json;
mod flags;
mod given;
mod permissions;
mod process;
mod subnets;
mod unit;

#[cfg(test)]
mod config_tests;

use std::path::{Path, PathBuf};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::client::surroundings::under;
use crate::facts::{ConfigFacts, Configured, Unread};
pub(crate) use given::{Given, read_given};

/// Largest file that is read.
const LARGEST: u64 = 4 << 20;

/// What is known of the engine before its files are looked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    /// The root of the file system.
    pub(crate) root: PathBuf,
    /// The path of the engine's socket.
    pub(crate) socket: String,
    /// The process behind the socket, where the system tells.
    pub(crate) peer: Option<u32>,
    /// The host's name as the engine tells it.
    pub(crate) engine_name: Option<String>,
    /// `DockerRootDir`.
    pub(crate) root_dir: Option<String>,
    /// Interfaces that are the engine's own bridges.
    pub(crate) bridges: Vec<String>,
    /// The user's home and `$XDG_CONFIG_HOME`, for a daemon without root.
    pub(crate) home: Option<String>,
    /// See `home`.
    pub(crate) config_home: Option<String>,
}

/// What was read, and what could not be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Read {
    pub(crate) facts: ConfigFacts,
    pub(crate) unread: Vec<Unread>,
    given_json: bool,
    given_unit: bool,
}

impl Read {
    fn unread(&mut self, what: &str, reason: String) {
        self.unread.push(Unread { what: what.to_owned(), reason });
    }

    /// Keeps a file's text, masked, with the hash of its bytes.
    fn keep(&mut self, name: &str, text: &str) {
        self.facts.files.push((name.to_owned(), hex::encode(Sha256::digest(text.as_bytes()))));
        self.facts.texts.push((name.to_owned(), plimsoll_secrets::redact_text(text)));
    }

    fn add(&mut self, settings: Vec<Configured>) {
        self.facts.settings.extend(settings);
    }
}

/// Files that the auditor gives. None without any.
pub(crate) fn from_given(files: &[Given]) -> Option<Read> {
    if files.is_empty() {
        return None;
    }
    let mut read = Read::default();
    let mut units = Vec::new();
    for file in files {
        match file {
            Given::DaemonJson { name, text, settings } => {
                read.keep(name, text);
                read.add(settings.clone());
                read.facts.daemon_json_known = true;
                read.given_json = true;
            }
            Given::Unit { name, text } => {
                read.keep(name, text);
                units.push((name.clone(), text.clone()));
            }
            Given::Environment { name, text } => {
                read.keep(name, text);
                units.push((name.clone(), text.clone()));
            }
        }
    }
    if !units.is_empty() {
        of_units(&mut read, &units, &[]);
        read.given_unit = true;
    }
    Some(read)
}

/// Settings of units; whether all flags are known by them.
fn of_units(read: &mut Read, units: &[(String, String)], environment: &[(String, String)]) {
    let unit = unit::read(units, environment);
    read.add(flags::settings(&unit.words));
    if unit.has_command && unit.unresolved.is_empty() {
        read.facts.flags_known = true;
    }
    for name in unit.unresolved {
        read.unread(&format!("${name} of the unit"), "The file that sets this variable was not read.".into());
    }
}

/// What this machine tells, beside what the auditor gave. None when the engine is not of this machine.
pub(crate) fn local(ask: &Ask, given: Option<Read>) -> (Option<ConfigFacts>, Vec<Unread>) {
    let daemon = process::find(ask);
    if let Some(reason) = elsewhere(ask, &daemon) {
        let mut unread = given.as_ref().map(|read| read.unread.clone()).unwrap_or_default();
        unread.push(Unread { what: "daemon.json, the unit and the process of the daemon".into(), reason });
        return (given.map(|read| read.facts), unread);
    }
    let mut read = given.unwrap_or_default();
    let mut paths = vec![ask.socket.clone()];
    of_process(&mut read, ask, &daemon);
    of_json(&mut read, ask, &daemon, &mut paths);
    local_units(&mut read, ask, &daemon, &mut paths);
    certificates(&mut read, ask, &mut paths);
    paths
        .extend(["/etc/default/docker", "/etc/sysconfig/docker", "/run/containerd/containerd.sock"].map(str::to_owned));
    paths.extend(ask.root_dir.clone());
    let (permissions, unread) = permissions::of(&ask.root, &paths);
    read.facts.permissions = permissions;
    read.unread.extend(unread);
    match subnets::of(&ask.root, &ask.bridges) {
        Ok(subnets) => read.facts.host_subnets = subnets,
        Err(reason) => read.unread("/proc/net/route", reason),
    }
    (Some(read.facts), read.unread)
}

/// Why the engine is not of this machine, so that this machine's files say nothing of it.
fn elsewhere(ask: &Ask, daemon: &process::Found) -> Option<String> {
    if daemon.behind_socket {
        return None;
    }
    let own = text_of(&under(&ask.root, "/proc/sys/kernel/hostname")).ok();
    let own = own.as_deref().map(str::trim).filter(|name| !name.is_empty());
    match (own, ask.engine_name.as_deref()) {
        (Some(own), Some(engine)) if own == engine => None,
        (Some(_), Some(engine)) => Some(format!(
            "The socket leads to {}, which is not this machine; give its daemon.json and unit as files.",
            plimsoll_secrets::redact_text(engine)
        )),
        _ => Some(
            "It is not known whether the engine is of this machine; give its daemon.json and unit as files.".into(),
        ),
    }
}

fn of_process(read: &mut Read, ask: &Ask, daemon: &process::Found) {
    match &daemon.process {
        Some(process) => {
            read.facts.daemon_label = process.label.clone();
            read.facts.daemon_uid = process.uid;
            read.facts.userland_proxies = Some(daemon.proxies);
            let place = "command line of dockerd";
            let words: Vec<unit::Word> = process.words.iter().map(|word| unit::Word::new(word, place, 0)).collect();
            if !words.is_empty() {
                read.add(flags::settings(&words));
                read.facts.flags_known = true;
            }
        }
        None => read.unread(&format!("the process of the daemon behind {}", ask.socket), daemon.reason.clone()),
    }
}

/// daemon.json: the one that the process was told, or else the usual one.
fn of_json(read: &mut Read, ask: &Ask, daemon: &process::Found, paths: &mut Vec<String>) {
    let told = read.facts.settings.iter().find(|setting| setting.key == "config-file");
    let told = told.and_then(|setting| setting.value.as_str().map(str::to_owned));
    let rootless = daemon.process.as_ref().and_then(|process| process.uid).is_some_and(|uid| uid != 0)
        || ask.socket.contains("/run/user/");
    let usual = match (rootless, &ask.config_home, &ask.home) {
        (false, ..) => "/etc/docker/daemon.json".to_owned(),
        (true, Some(folder), _) => format!("{folder}/docker/daemon.json"),
        (true, None, Some(home)) => format!("{home}/.config/docker/daemon.json"),
        (true, None, None) => "/etc/docker/daemon.json".to_owned(),
    };
    let path = told.unwrap_or(usual);
    if let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
        paths.push(folder.to_owned());
    }
    paths.push(path.clone());
    if read.given_json {
        return;
    }
    match text_of(&under(&ask.root, &path)) {
        Ok(text) => {
            match daemon_json::settings(&text, &path) {
                Ok(settings) => {
                    read.add(settings);
                    read.facts.daemon_json_known = true;
                }
                Err(reason) => read.unread(&path, reason),
            }
            read.keep(&path, &text);
        }
        Err(Missing::NotThere) => read.facts.daemon_json_known = true,
        Err(Missing::Other(reason)) => read.unread(&path, reason),
    }
}

/// The unit of the machine with its drop-ins and environment files.
fn local_units(read: &mut Read, ask: &Ask, daemon: &process::Found, paths: &mut Vec<String>) {
    let (files, problems) = unit::find(ask);
    for (what, reason) in problems {
        read.unread(&what, reason);
    }
    paths.extend(files.iter().map(|(name, _)| name.clone()));
    paths.extend(unit::sockets(ask));
    // A daemon that something else started is not configured by the unit; nor is one of which nothing is known but an
    // unusual socket.
    let usual = process::is_standard(&ask.socket) || ask.socket.contains("/run/user/");
    let other = daemon.process.as_ref().map_or(!usual, |process| process.of_unit == Some(false));
    if read.given_unit || files.is_empty() || other {
        return;
    }
    for (name, text) in &files {
        read.keep(name, text);
    }
    let mut environment = Vec::new();
    for name in unit::environment_files(&files) {
        paths.push(name.clone());
        match text_of(&under(&ask.root, &name)) {
            Ok(text) => {
                read.keep(&name, &text);
                environment.push((name, text));
            }
            Err(Missing::NotThere) => environment.push((name, String::new())),
            Err(Missing::Other(reason)) => read.unread(&name, reason),
        }
    }
    let known = read.facts.flags_known;
    of_units(read, &files, &environment);
    read.facts.flags_known |= known;
    if known && daemon.process.is_some() {
        read.unread.retain(|unread| !unread.what.ends_with(" of the unit"));
    }
}

/// Certificates that the settings name, and those of registries.
fn certificates(read: &mut Read, ask: &Ask, paths: &mut Vec<String>) {
    for setting in &read.facts.settings {
        if matches!(setting.key.as_str(), "tlscacert" | "tlscert" | "tlskey")
            && let Some(path) = setting.value.as_str().filter(|path| path.starts_with('/'))
        {
            paths.push(path.to_owned());
        }
    }
    let folder = "/etc/docker/certs.d";
    let Ok(hosts) = std::fs::read_dir(under(&ask.root, folder)) else { return };
    paths.push(folder.to_owned());
    for host in hosts.take(50).filter_map(Result::ok) {
        let host = host.file_name().to_string_lossy().into_owned();
        let Ok(files) = std::fs::read_dir(under(&ask.root, &format!("{folder}/{host}"))) else { continue };
        let names = files.take(20).filter_map(Result::ok).map(|file| file.file_name().to_string_lossy().into_owned());
        paths.extend(names.map(|name| format!("{folder}/{host}/{name}")));
    }
}

/// Why a file is not to be had.
#[derive(Debug)]
pub(crate) enum Missing {
    NotThere,
    Other(String),
}

/// A small file's text.
pub(crate) fn text_of(path: &Path) -> Result<String, Missing> {
    use std::io::Read as _;
    let other = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => Missing::NotThere,
        std::io::ErrorKind::PermissionDenied => Missing::Other("This user may not read it.".into()),
        _ => Missing::Other(format!("It cannot be read: {error}.")),
    };
    let known = std::fs::metadata(path).map_err(other)?;
    if !known.is_file() {
        return Err(Missing::Other("It is no file.".into()));
    }
    let mut bytes = Vec::new();
    // Files of /proc tell no size.
    std::fs::File::open(path).map_err(other)?.take(LARGEST + 1).read_to_end(&mut bytes).map_err(other)?;
    if bytes.len() as u64 > LARGEST {
        return Err(Missing::Other(format!("It is larger than {} MiB.", LARGEST >> 20)));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The value of a setting, masked.
fn masked(key: &str, mut value: Value) -> Value {
    match &mut value {
        Value::String(text) => *text = plimsoll_secrets::redact_value(key, text),
        other => crate::mask::mask(other),
    }
    value
}
