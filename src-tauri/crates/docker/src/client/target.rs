//! From the auditor's name of an engine to the way that leads there.

use std::path::PathBuf;

use super::contexts;
use super::error::DockerError;
use super::surroundings::Surroundings;
use crate::EngineAddress;

/// Where Docker listens unless it is told otherwise.
pub(crate) const SOCKET: &str = "/var/run/docker.sock";
/// Podman's service of the whole machine.
const PODMAN: &str = "/run/podman/podman.sock";

/// An engine and the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// As facts record it: `unix:///var/run/docker.sock`. No passwords.
    pub(crate) endpoint: String,
    pub(crate) way: Way,
}

/// A way to an engine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// The path as it is named.
    Unix(String),
    Tcp {
        host: String,
        port: u16,
        tls: Option<TlsFiles>,
    },
    Ssh(SshWay),
}

/// Files for TLS, where they are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TlsFiles {
    /// The authorities that are trusted; none: the system's.
    pub(crate) ca: Option<PathBuf>,
    /// The client's certificate and key.
    pub(crate) client: Option<(PathBuf, PathBuf)>,
    /// Whether the engine's certificate is verified.
    pub(crate) verify: bool,
}

/// What `ssh` is told. Each part was looked at: none can be taken for an option or be run by the far shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SshWay {
    pub(crate) user: Option<String>,
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
    /// The socket on the far side, where it is not the standard one.
    pub(crate) socket: Option<String>,
}

impl Target {
    /// Follows an address.
    pub(crate) fn of(address: &EngineAddress, around: &Surroundings) -> Result<Self, DockerError> {
        match address {
            EngineAddress::Default => default(around),
            EngineAddress::Unix(text) | EngineAddress::Tcp(text) | EngineAddress::Ssh(text) => {
                named("The address", text, || from_environment(around))
            }
            EngineAddress::Context(name) => of_context(name, around),
        }
    }
}

fn default(around: &Surroundings) -> Result<Target, DockerError> {
    if let Some(host) = around.variable("DOCKER_HOST") {
        return named("DOCKER_HOST", host, || from_environment(around));
    }
    if let Some(name) = contexts::current(around) {
        return of_context(&name, around);
    }
    let mut sockets = vec![SOCKET.to_owned()];
    if let Some(folder) = around.variable("XDG_RUNTIME_DIR").filter(|_| !around.superuser) {
        let folder = folder.trim_end_matches('/');
        sockets.push(format!("{folder}/docker.sock"));
        sockets.push(format!("{folder}/podman/podman.sock"));
    }
    sockets.push(PODMAN.to_owned());
    let missing = |path: &String| {
        let known = std::fs::metadata(around.at(path));
        known.is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound)
    };
    let path = sockets.into_iter().find(|path| !missing(path)).unwrap_or_else(|| SOCKET.to_owned());
    Ok(Target { endpoint: format!("unix://{path}"), way: Way::Unix(path) })
}

fn of_context(name: &str, around: &Surroundings) -> Result<Target, DockerError> {
    let stored = contexts::find(around, name)?;
    let what = format!("The Docker context \"{name}\"");
    named(&what, &stored.host, || {
        let tls = stored.certificates.is_some() || stored.skip_verify;
        tls.then(|| files(stored.certificates.clone(), !stored.skip_verify))
    })
}

/// TLS as the environment asks for it, by the rules of Docker's client.
fn from_environment(around: &Surroundings) -> Option<TlsFiles> {
    let verify = around.variable("DOCKER_TLS_VERIFY").is_some();
    if !verify && around.variable("DOCKER_TLS").is_none() {
        return None;
    }
    let folder = around.variable("DOCKER_CERT_PATH").map(|path| around.at(path)).or_else(|| around.docker_config());
    Some(files(folder, verify))
}

fn files(folder: Option<PathBuf>, verify: bool) -> TlsFiles {
    let file = |name: &str| folder.as_ref().map(|folder| folder.join(name)).filter(|path| path.exists());
    TlsFiles { ca: file("ca.pem"), client: file("cert.pem").zip(file("key.pem")), verify }
}

/// Follows an address that is written out.
fn named(what: &str, address: &str, tls: impl Fn() -> Option<TlsFiles>) -> Result<Target, DockerError> {
    let bad = |reason: &str| DockerError::BadAddress {
        what: what.to_owned(),
        address: plimsoll_secrets::redact_text(address).chars().filter(|c| !c.is_control()).take(200).collect(),
        reason: reason.to_owned(),
    };
    if let Some(path) = address.strip_prefix("unix://") {
        let sound = path.starts_with('/') && path.len() > 1 && !path.chars().any(char::is_control);
        return match sound {
            true => Ok(Target { endpoint: address.to_owned(), way: Way::Unix(path.to_owned()) }),
            false => Err(bad("the path of a socket begins with a slash")),
        };
    }
    if let Some(rest) = address.strip_prefix("ssh://") {
        let ssh = ssh(rest).map_err(bad)?;
        return Ok(Target { endpoint: address.trim_end_matches('/').to_owned(), way: Way::Ssh(ssh) });
    }
    let (rest, forced) = match address.split_once("://") {
        Some(("tcp" | "http", rest)) => (rest, false),
        Some(("https", rest)) => (rest, true),
        _ => return Err(bad("this kind of address is not known")),
    };
    let tls = tls().or_else(|| forced.then(|| files(None, true)));
    let usual = if tls.is_some() { 2376 } else { 2375 };
    let (host, port) =
        host_and_port(rest.trim_end_matches('/'), usual).ok_or_else(|| bad("it has no host and port"))?;
    let shown = if host.contains(':') { format!("[{host}]") } else { host.clone() };
    Ok(Target { endpoint: format!("tcp://{shown}:{port}"), way: Way::Tcp { host, port, tls } })
}

/// `host`, `host:port`, `[::1]:port`.
fn host_and_port(text: &str, usual: u16) -> Option<(String, u16)> {
    let (host, port) = match text.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => text.split_at_checked(text.find(':').unwrap_or(text.len()))?,
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok()?,
        None if port.is_empty() => usual,
        None => return None,
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || ".-_:%".contains(c);
    (!host.is_empty() && host.chars().all(fits)).then(|| (host.to_owned(), port))
}

fn ssh(rest: &str) -> Result<SshWay, &'static str> {
    let (place, path) = match rest.find('/') {
        Some(at) => rest.split_at_checked(at).unwrap_or((rest, "")),
        None => (rest, ""),
    };
    let (user, place) = match place.rsplit_once('@') {
        Some((user, place)) => (Some(user), place),
        None => (None, place),
    };
    let word = |text: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-+".contains(c);
        !text.is_empty() && !text.starts_with('-') && text.chars().all(fits)
    };
    if user.is_some_and(|user| user.contains(':')) {
        return Err("it carries a password, which ssh does not take");
    }
    if user.is_some_and(|user| !word(user)) {
        return Err("the user's name has signs that are not let pass");
    }
    let (host, port) = host_and_port(place, 0).ok_or("it has no host")?;
    if host.starts_with('-') || host.contains('%') {
        return Err("the host's name has signs that are not let pass");
    }
    let path = path.trim_end_matches('/');
    if !path.chars().all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c)) {
        return Err("the socket's path has signs that are not let pass");
    }
    Ok(SshWay {
        user: user.map(str::to_owned),
        host,
        port: (port != 0).then_some(port),
        socket: (!path.is_empty()).then(|| path.to_owned()),
    })
}

impl SshWay {
    /// What follows the program's name. `--` ends the options; the words after the host are for the far shell.
    pub(crate) fn arguments(&self, seconds: u64) -> Vec<String> {
        let mut words: Vec<String> = vec!["-T".into()];
        for option in ["BatchMode=yes".to_owned(), format!("ConnectTimeout={seconds}")] {
            words.extend(["-o".to_owned(), option]);
        }
        if let Some(user) = &self.user {
            words.extend(["-l".to_owned(), user.clone()]);
        }
        if let Some(port) = self.port {
            words.extend(["-p".to_owned(), port.to_string()]);
        }
        words.extend(["--".to_owned(), self.host.clone(), "docker".to_owned()]);
        if let Some(socket) = &self.socket {
            words.extend(["--host".to_owned(), format!("unix://{socket}")]);
        }
        words.extend(["system".to_owned(), "dial-stdio".to_owned()]);
        words
    }
}
