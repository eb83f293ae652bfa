//! The daemon's process on this machine, as /proc shows it to any user.

use super::{Ask, text_of};
use crate::client::surroundings::under;
use crate::client::target::SOCKET;

/// Most processes that are looked at.
const MOST: usize = 200_000;

/// The daemon's process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Process {
    pub(crate) pid: u32,
    /// The words after the program.
    pub(crate) words: Vec<String>,
    pub(crate) label: Option<String>,
    pub(crate) uid: Option<u32>,
    /// Whether systemd started it as docker.service; none when that is not to be seen.
    pub(crate) of_unit: Option<bool>,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) process: Option<Process>,
    /// The system itself says that this process holds the socket.
    pub(crate) behind_socket: bool,
    /// Processes named docker-proxy.
    pub(crate) proxies: u64,
    /// Why no process was found.
    pub(crate) reason: String,
}

/// Looks for the daemon behind the socket.
pub(crate) fn find(ask: &Ask) -> Found {
    let mut found = Found::default();
    let mut daemons = Vec::new();
    let Ok(entries) = std::fs::read_dir(under(&ask.root, "/proc")) else {
        found.reason = "This machine shows no processes under /proc.".into();
        return found;
    };
    for entry in entries.take(MOST).filter_map(Result::ok) {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        let Ok(name) = text_of(&entry.path().join("comm")) else { continue };
        match name.trim_end() {
            "docker-proxy" if !nested(ask, pid) => found.proxies = found.proxies.saturating_add(1),
            "dockerd" => daemons.extend(process(ask, pid)),
            _ => {}
        }
    }
    if let Some(at) = daemons.iter().position(|daemon| Some(daemon.pid) == ask.peer) {
        found.process = Some(daemons.swap_remove(at));
        found.behind_socket = true;
        return found;
    }
    // systemd may hold the socket, or the system may not tell. Daemons inside containers are others' daemons.
    let mut fitting: Vec<Process> =
        daemons.into_iter().filter(|daemon| !nested(ask, daemon.pid) && listens(ask, &daemon.words)).collect();
    found.reason = match fitting.len() {
        0 => "No process named dockerd that serves this socket is to be seen.".into(),
        1 => String::new(),
        count => format!("{count} processes named dockerd could serve this socket."),
    };
    if fitting.len() == 1 {
        found.process = fitting.pop();
    }
    found
}

fn process(ask: &Ask, pid: u32) -> Option<Process> {
    let file = |name: &str| text_of(&under(&ask.root, &format!("/proc/{pid}/{name}"))).ok();
    let line = file("cmdline")?;
    let words: Vec<String> = line.trim_end_matches('\0').split('\0').skip(1).take(1000).map(str::to_owned).collect();
    let label = file("attr/current").map(|label| label.trim_end_matches(['\0', '\n']).trim().to_owned());
    let uid = file("status").and_then(|status| {
        let line = status.lines().find_map(|line| line.strip_prefix("Uid:"))?.to_owned();
        // Real, effective, saved, file system: what it may do is the effective one's.
        line.split_whitespace().nth(1)?.parse().ok()
    });
    let of_unit = file("cgroup").filter(|text| !text.is_empty()).map(|text| text.contains("docker.service"));
    Some(Process { pid, words, label: label.filter(|label| !label.is_empty()), uid, of_unit })
}

/// Whether a process lives in a namespace of processes below ours, as in a container.
fn nested(ask: &Ask, pid: u32) -> bool {
    let status = text_of(&under(&ask.root, &format!("/proc/{pid}/status"))).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("NSpid:"));
    line.is_some_and(|line| line.split_whitespace().count() > 1)
}

/// The socket that Docker's own unit makes.
pub(crate) fn is_standard(path: &str) -> bool {
    path == SOCKET || path == "/run/docker.sock"
}

/// Whether a daemon with this command line serves the socket.
fn listens(ask: &Ask, words: &[String]) -> bool {
    let mut hosts = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = match word.as_str() {
            "-H" | "--host" => words.next().map(String::as_str),
            other => other.strip_prefix("--host=").or_else(|| other.strip_prefix("-H")),
        };
        hosts.extend(value.map(|value| value.trim_start_matches('=')));
    }
    let sockets: Vec<&str> = hosts.iter().filter_map(|host| host.strip_prefix("unix://")).collect();
    if sockets.contains(&ask.socket.as_str()) {
        return true;
    }
    if is_standard(&ask.socket) {
        return sockets.is_empty() || sockets.iter().any(|path| path.is_empty() || is_standard(path));
    }
    // Its hosts may stand in daemon.json, or come from systemd.
    hosts.is_empty() && ask.socket.contains("/run/user/")
}
