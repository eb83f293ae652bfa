//! How connections to registries are set up. Kept in the engagement; no secrets.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// How the auditor set up the connection to one registry.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Connection {
    /// Host and port: `registry.example.com`, `127.0.0.1:5600`. Docker Hub is `docker.io`.
    pub host: String,
    /// The auditor says that plain HTTP may be spoken.
    pub plain_http: bool,
    /// An own certificate authority, PEM.
    pub ca: Option<PathBuf>,
    /// Client certificate, PEM.
    pub client_certificate: Option<PathBuf>,
    /// Its key, PEM.
    pub client_key: Option<PathBuf>,
    /// Proxy, `http://host:port`. Without it `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` count.
    pub proxy: Option<String>,
    /// Hosts that answer in its place, asked first, in this order. Their own connections count for how to reach them.
    pub mirrors: Vec<String>,
    /// Content Trust server; Docker Hub's own is known.
    pub trust_server: Option<String>,
    /// Repositories to probe where the catalogue is closed.
    pub repositories: Vec<String>,
    /// Consent to an anonymous upload being opened and cancelled: who said so and when.
    pub push_probe: Option<String>,
    /// Consent to a deletion of a digest that cannot exist.
    pub delete_probe: Option<String>,
    /// Keep a fetched image as an archive.
    pub keep_archive: bool,
}

/// Everything that is needed to reach registries: their connections, and what the auditor typed in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// Connections; a registry without one is spoken to over HTTPS with the system's roots.
    pub connections: Vec<Connection>,
    /// Credentials that were typed in, by host. They live as long as the program and are never written.
    pub typed: Vec<(String, Credentials)>,
    /// Nobody is asked: what is looked up answers that it was not tried.
    pub offline: bool,
    /// How long to wait and how often to try again.
    pub patience: Patience,
    /// Where settings of this machine are looked for.
    pub places: Places,
}

/// How long to wait and how often to try again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Patience {
    /// Until a connection stands.
    pub connect: Duration,
    /// Between two pieces of an answer.
    pub idle: Duration,
    /// How often one thing is asked for at most.
    pub tries: u32,
    /// The first pause; each further one is twice as long, give or take a half.
    pub pause: Duration,
    /// The longest pause that a registry may ask for (`Retry-After`).
    pub longest: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Patience {
            connect: Duration::from_secs(20),
            idle: Duration::from_secs(60),
            tries: 4,
            pause: Duration::from_millis(500),
            longest: Duration::from_secs(60),
        }
    }
}

/// Where settings of this machine are looked for. The default is where Docker looks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Folder of `config.json`: `DOCKER_CONFIG`, or else `~/.docker`; none: it is not read.
    pub docker_config: Option<PathBuf>,
    /// Folders with one folder per registry (`ca.crt`, `client.cert`, `client.key`), the first that has one counts.
    pub certificates: Vec<PathBuf>,
    /// Whether the system's keyring is asked.
    pub keyring: bool,
}

impl Default for Places {
    fn default() -> Self {
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
        let own = home.map(|home| home.join(".docker"));
        let mut certificates = vec![PathBuf::from("/etc/docker/certs.d")];
        certificates.extend(own.as_ref().map(|own| own.join("certs.d")));
        let set = std::env::var_os("DOCKER_CONFIG").filter(|set| !set.is_empty()).map(PathBuf::from);
        Places { docker_config: set.or(own), certificates, keyring: true }
    }
}

/// A user's name with a password or token. Shows itself without it.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// The user.
    pub user: String,
    /// The password or access token.
    pub password: String,
}

impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

impl Network {
    /// How to reach a host. Docker Hub's names are one.
    #[must_use]
    pub fn connection(&self, host: &str) -> Connection {
        let host = canonical(host);
        let known = self.connections.iter().find(|connection| canonical(&connection.host) == host).cloned();
        known.unwrap_or_else(|| Connection { host: host.to_owned(), ..Connection::default() })
    }
}

/// Why a host was not asked: nobody named it, and nobody else is ever asked.
pub(crate) fn not_named(host: &str) -> String {
    format!(
        "{host} was not asked, because it is not among the registries that the auditor named; add it to the registries (--registry HOST on the command line)."
    )
}

/// The one name of a host: Docker Hub has three.
pub(crate) fn canonical(host: &str) -> &str {
    match host {
        "index.docker.io" | "registry-1.docker.io" => "docker.io",
        other => other,
    }
}

/// A host without its port. An IPv6 address keeps its brackets.
pub(crate) fn name_of(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if !port.ends_with(']') => name,
        _ => host,
    }
}

/// Whether a host (with or without a port) is written as an address of this machine, or of a network that is reached from
/// inside alone (RFC 1918, 3927, 4193, 6598). Names are not resolved.
pub(crate) fn is_inside(host: &str) -> bool {
    use std::net::{IpAddr, Ipv4Addr};
    let v4 = |address: Ipv4Addr| {
        let [first, second, ..] = address.octets();
        address.is_loopback()
            || address.is_private()
            || address.is_link_local()
            || first == 0
            || (first == 100 && (64..128).contains(&second))
    };
    let name = name_of(host).trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase();
    match name.parse::<IpAddr>() {
        Ok(IpAddr::V4(address)) => v4(address),
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(mapped) => v4(mapped),
            None => {
                address.is_loopback()
                    || address.is_unspecified()
                    || address.is_unique_local()
                    || address.is_unicast_link_local()
            }
        },
        Err(_) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// Whether a host (with or without a port) is this machine itself.
pub(crate) fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or(rest),
        None => host.split(':').next().unwrap_or(host),
    };
    name == "localhost" || name.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}
