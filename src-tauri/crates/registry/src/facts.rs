//! What was seen of a registry, of Docker Hub's official images, and of this machine's client. Plain data, nothing judged.

use serde::{Deserialize, Serialize};

/// What probes of one registry saw. All of them read only, but for those that the auditor consented to.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RegistryFacts {
    /// Host and port: `registry.example.com`, `127.0.0.1:5600`.
    pub host: String,
    /// When, RFC 3339 in UTC.
    pub collected: String,
    /// How the auditor set the connection up: name and value, no secrets (`own CA`: path …).
    pub settings: Vec<(String, String)>,
    /// What TLS showed; none when nothing speaks TLS there.
    pub tls: Option<TlsFacts>,
    /// Why TLS could not be spoken.
    pub tls_failed: Option<String>,
    /// How authentication is asked for; none when `/v2/` answers without.
    pub auth: Option<AuthFacts>,
    /// Everything that was asked, in order.
    pub probes: Vec<Probe>,
    /// `Server` and `Docker-Distribution-Api-Version` headers, and the like: name and value.
    pub headers: Vec<(String, String)>,
    /// Who the auditor's credentials were: `alice, from config.json`; none for nobody.
    pub credentials: Option<String>,
    /// Docker's client configuration on the machine that Plimsoll runs on.
    pub client: Option<ClientFacts>,
    /// What the local engine is set to.
    pub engine: Option<EngineRegistries>,
}

/// What TLS showed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct TlsFacts {
    /// Negotiated version: `TLS 1.3`.
    pub version: String,
    /// Cipher suite.
    pub cipher: String,
    /// Certificates as sent, the server's first.
    pub chain: Vec<CertificateFacts>,
    /// Why the chain is not trusted with the roots in use; none if it is (name and dates included).
    pub problem: Option<String>,
    /// The roots in use: `the system's`, or the file of the own CA.
    pub roots: String,
    /// Older versions that were offered to the server: version and how it answered.
    pub older: Vec<(String, Older)>,
}

/// How a server answered the offer of an outdated protocol version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Older {
    /// It went along.
    Accepted,
    /// It refused.
    Refused,
    /// It could not be told.
    Unknown,
}

/// One certificate.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CertificateFacts {
    /// Subject, RFC 4514.
    pub subject: String,
    /// Issuer, RFC 4514.
    pub issuer: String,
    /// Subject alternative names.
    pub names: Vec<String>,
    /// RFC 3339.
    pub not_before: String,
    /// RFC 3339.
    pub not_after: String,
    /// `ECDSA P-256`, `RSA 2048`.
    pub key: String,
    /// Signature algorithm, by name or OID.
    pub signature: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
}

/// How a registry asks for authentication (`WWW-Authenticate`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuthFacts {
    /// `Bearer` or `Basic`.
    pub scheme: String,
    /// Realm; for Bearer the address of the token server.
    pub realm: String,
    /// Service.
    pub service: String,
}

/// What a probe asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// `/v2/` over plain HTTP.
    PlainHttp,
    /// `/v2/` without credentials.
    Base,
    /// `/v2/` with the auditor's credentials.
    Login,
    /// `/v2/_catalog` without credentials.
    Catalog,
    /// A repository's tags without credentials.
    Tags,
    /// A manifest without credentials.
    Manifest,
    /// A blob without credentials.
    Blob,
    /// An anonymous token for reading; the granted scopes are in the detail.
    PullToken,
    /// An anonymous token for writing.
    PushToken,
    /// Opening an upload without credentials, cancelled at once. Only with consent.
    Push,
    /// Deleting a digest that cannot exist: shows whether deletion is switched on. Only with consent.
    Delete,
}

/// How a probe was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// An HTTP status, and what matters of the answer (error codes, counts, scopes).
    Status {
        /// HTTP status code.
        code: u16,
        /// In a few words; may be empty.
        detail: String,
    },
    /// No answer.
    Failed(String),
    /// It was not asked, and why.
    NotAsked(String),
}

/// One probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Probe {
    /// What was asked.
    pub asked: Asked,
    /// Method and address: `GET https://127.0.0.1:5601/v2/_catalog?n=1`.
    pub request: String,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// How it was answered.
    pub answer: Answer,
}

/// Docker's client configuration on this machine: what lies where, never the secrets themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ClientFacts {
    /// `config.json` as it was looked for.
    pub path: String,
    /// Whether it is there.
    pub exists: bool,
    /// Its permissions; none where the system has none.
    pub mode: Option<u32>,
    /// Registries with a password or token in clear (base64) in the file: registry and what it is.
    pub in_clear: Vec<(String, String)>,
    /// `credsStore`.
    pub store: Option<String>,
    /// `credHelpers`: registry and helper.
    pub helpers: Vec<(String, String)>,
    /// Helpers that are named and not on the search path.
    pub missing_helpers: Vec<String>,
    /// Version of the docker command; none without one.
    pub cli_version: Option<String>,
    /// `DOCKER_CONTENT_TRUST`, as set for this process.
    pub content_trust: Option<String>,
    /// `DOCKER_CONTENT_TRUST_SERVER`.
    pub content_trust_server: Option<String>,
    /// What could not be read.
    pub problems: Vec<String>,
}

/// What an engine is set to (`docker info`, RegistryConfig).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EngineRegistries {
    /// Where it is: `unix:///var/run/docker.sock`.
    pub host: String,
    /// Its version.
    pub version: String,
    /// Registries and networks that it speaks to without verified TLS, loopback included.
    pub insecure: Vec<String>,
    /// Mirrors of Docker Hub.
    pub mirrors: Vec<String>,
}

/// What a registry serves under a name or digest, fetched to be compared with an image: manifests and configs, no layers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Served {
    /// What was asked for, in full: `docker.io/library/nginx:1.27`.
    pub reference: String,
    /// The mirror that answered in the registry's place.
    pub via: Option<String>,
    /// When, RFC 3339 in UTC.
    pub at: String,
    /// Digest of what the name stands for: an index, or a manifest.
    pub digest: String,
    /// Each image behind it.
    pub images: Vec<ServedImage>,
}

/// One image behind a name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServedImage {
    /// `linux/amd64`.
    pub platform: String,
    /// Digest of its manifest.
    pub digest: String,
    /// Digest of its config: the image id of engines without the containerd store.
    pub config: String,
    /// `rootfs.diff_ids`, bottom first; empty where the config was not fetched.
    pub diff_ids: Vec<String>,
}
