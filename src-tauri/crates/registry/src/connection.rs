//! How connections to registries are set up. Kept in the engagement; no secrets.

use std::path::PathBuf;

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
#[derive(Debug, Clone, Default)]
pub struct Network {
    /// Connections; a registry without one is spoken to over HTTPS with the system's roots.
    pub connections: Vec<Connection>,
    /// Credentials that were typed in, by host. They live as long as the program and are never written.
    pub typed: Vec<(String, Credentials)>,
    /// Nothing but what is asked for by name is looked up: no Docker Hub, no trust server, no signatures.
    pub offline: bool,
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
    /// How to reach a host.
    #[must_use]
    pub fn connection(&self, host: &str) -> Connection {
        let known = self.connections.iter().find(|connection| connection.host == host).cloned();
        known.unwrap_or_else(|| Connection { host: host.to_owned(), ..Connection::default() })
    }
}
