//! One request and its answer: TLS, proxy, redirects. No retries, no credentials of its own.
//!
//! On `reqwest` 0.13 with rustls, which oci-client brings anyway: its own client cannot do client certificates, bounded
//! manifests, a redirect policy or `Retry-After`, and does not tell refusals apart.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use reqwest::header::{self, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Certificate, Client, Identity, Method, NoProxy, Proxy, Response, Url};
use tokio_util::sync::CancellationToken;

use crate::connection::{Connection, Network, Patience, is_inside, is_loopback, name_of};
use crate::error::RegistryError;
use crate::trouble::{Trouble, chain, judge};

/// Redirects that are followed one after another.
const REDIRECTS: usize = 5;
/// Bytes of a file with certificates or a key.
const FILE: u64 = 1 << 20;

/// What is sent.
pub(crate) struct Sent<'a> {
    pub method: Method,
    pub url: Url,
    pub accept: &'a [&'a str],
    /// The first byte that is wanted.
    pub from: u64,
    pub authorization: Option<HeaderValue>,
    /// Media type and bytes.
    pub body: Option<(&'a str, Vec<u8>)>,
    /// A redirect that leaves the registry's own address is not followed: it is the answer.
    pub stay: bool,
    /// For errors: `the manifest latest of a/b`.
    pub what: &'a str,
}

/// Speaks for one registry.
pub(crate) struct Wire {
    /// The registry, for errors.
    pub registry: String,
    /// Host and port that is spoken to.
    endpoint: String,
    /// Its address, over TLS and in plain.
    origins: Vec<Url>,
    proxy: Option<String>,
    pub patience: Patience,
    ca: Vec<Certificate>,
    identity: Option<Identity>,
    clients: Mutex<HashMap<(bool, bool), Client>>,
    /// Hosts inside a network that it may send its clients to: none if all.
    inside: Option<Vec<String>>,
}

/// Why an address inside a network is not asked.
pub(crate) const TRAP: &str = "that is an address of this machine or of a network that only those inside it can reach; \
    if it is meant, add it to the registries";

/// An address without what may be secret in it.
pub(crate) fn shown(url: &Url) -> String {
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let text = format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path());
    crate::error::quoted(&text, 300)
}

/// Whether both have the same scheme, host and port.
pub(crate) fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

fn read(path: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(|error| error.to_string())?;
    file.take(FILE + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > FILE { Err("it is too large".into()) } else { Ok(bytes) }
}

/// Files of Docker's `certs.d`: CA, client certificate, its key.
fn defaults(network: &Network, host: &str) -> [Option<PathBuf>; 3] {
    // Windows takes no colon in a folder's name; Docker leaves it out there.
    let name = if cfg!(windows) { host.replace(':', "") } else { host.to_owned() };
    let folders = network.places.certificates.iter().map(|folder| folder.join(&name));
    let Some(folder) = folders.into_iter().find(|folder| folder.is_dir()) else { return [None, None, None] };
    ["ca.crt", "client.cert", "client.key"].map(|file| Some(folder.join(file)).filter(|path| path.is_file()))
}

impl Wire {
    /// Reads the files that the connection names, and builds the client. Returns what was taken from `certs.d` as well.
    pub(crate) fn open(
        network: &Network,
        connection: &Connection,
        host: &str,
        endpoint: &str,
    ) -> Result<(Wire, Vec<String>), RegistryError> {
        let setting = |what: String, reason: String| RegistryError::Setting { registry: host.to_owned(), what, reason };
        let mut notes = Vec::new();
        let mut files = [&connection.ca, &connection.client_certificate, &connection.client_key].map(Clone::clone);
        if files.iter().all(Option::is_none) {
            files = defaults(network, host);
            let used = files.iter().flatten().map(|path| path.display().to_string());
            notes.extend(used.map(|path| format!("{path} was used, as Docker would.")));
        }
        let [ca_path, certificate, key] = files;
        let mut ca = Vec::new();
        if let Some(path) = &ca_path {
            let named = || format!("own CA {}", path.display());
            let bytes = read(path).map_err(|reason| setting(named(), reason))?;
            ca = Certificate::from_pem_bundle(&bytes).map_err(|error| setting(named(), chain(&error)))?;
            if ca.is_empty() {
                return Err(setting(named(), "it holds no certificate in PEM".into()));
            }
        }
        let identity = match (&certificate, &key) {
            (None, None) => None,
            (Some(certificate), Some(key)) => {
                let named = || format!("client certificate {} with the key {}", certificate.display(), key.display());
                let mut both = read(certificate).map_err(|reason| setting(named(), reason))?;
                both.push(b'\n');
                both.extend(read(key).map_err(|reason| setting(named(), reason))?);
                Some(Identity::from_pem(&both).map_err(|error| setting(named(), chain(&error)))?)
            }
            (Some(path), None) => {
                return Err(setting(format!("client certificate {}", path.display()), "its key is not named".into()));
            }
            (None, Some(path)) => {
                return Err(setting(format!("client key {}", path.display()), "its certificate is not named".into()));
            }
        };
        let wire = Wire {
            registry: host.to_owned(),
            endpoint: endpoint.to_owned(),
            origins: ["https", "http"].iter().filter_map(|s| Url::parse(&format!("{s}://{endpoint}/")).ok()).collect(),
            proxy: connection.proxy.clone().filter(|proxy| !proxy.is_empty()),
            patience: network.patience.clone(),
            ca,
            identity,
            clients: Mutex::new(HashMap::new()),
            inside: (!is_inside(endpoint))
                .then(|| network.connections.iter().map(|known| name_of(&known.host).to_ascii_lowercase()).collect()),
        };
        if let Some(proxy) = &wire.proxy {
            Proxy::all(proxy.as_str()).map_err(|_| setting("proxy".into(), "it is no address of a proxy".into()))?;
        }
        if let Err(error) = wire.client(true, is_loopback(endpoint)) {
            let what = match (ca_path, certificate) {
                (_, Some(path)) if wire.without_identity() => format!("client certificate {}", path.display()),
                (Some(path), _) => format!("own CA {}", path.display()),
                _ => "TLS of this system".into(),
            };
            return Err(setting(what, chain(&error)));
        }
        Ok((wire, notes))
    }

    /// Whether all is well when the client certificate is left out: then it is what is wrong.
    fn without_identity(&self) -> bool {
        self.client(false, is_loopback(&self.endpoint)).is_ok()
    }

    /// The client for an address: the registry's own gets the client certificate, this machine no proxy of the environment.
    fn client(&self, own: bool, loopback: bool) -> Result<Client, reqwest::Error> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&(own, loopback)) {
            return Ok(client.clone());
        }
        let build = |system_roots: bool| {
            let mut builder = Client::builder()
                .user_agent(concat!("plimsoll/", env!("CARGO_PKG_VERSION")))
                .redirect(Policy::none())
                .referer(false)
                .connect_timeout(self.patience.connect)
                .read_timeout(self.patience.idle);
            builder = match system_roots {
                true => builder.tls_certs_merge(self.ca.clone()),
                false => builder.tls_certs_only(self.ca.clone()),
            };
            if let Some(identity) = self.identity.clone().filter(|_| own) {
                builder = builder.identity(identity);
            }
            builder = match &self.proxy {
                Some(proxy) => builder.proxy(Proxy::all(proxy.as_str())?.no_proxy(NoProxy::from_env())),
                None if loopback => builder.no_proxy(),
                None => builder,
            };
            builder.build()
        };
        // A bare machine has no roots at all; it may still speak plain HTTP, and trusts nobody else.
        let client = build(true).or_else(|error| if self.ca.is_empty() { build(false) } else { Err(error) })?;
        clients.insert((own, loopback), client.clone());
        Ok(client)
    }

    /// Whether a registry outside sends its clients to an address inside that the auditor did not name.
    pub(crate) fn is_trap(&self, to: &Url) -> bool {
        let host = to.host_str().unwrap_or_default().to_ascii_lowercase();
        self.inside.as_ref().is_some_and(|named| is_inside(&host) && !named.contains(&host))
    }

    /// The address of a path (with its slash) at the registry.
    pub(crate) fn address(&self, tls: bool, path: &str) -> Option<Url> {
        let scheme = if tls { "https" } else { "http" };
        let base = self.origins.iter().find(|origin| origin.scheme() == scheme)?;
        let url = base.join(path).ok()?;
        same_origin(base, &url).then_some(url)
    }

    /// Sends, and follows redirects of readings. Credentials go to the first address alone, and what has its origin.
    pub(crate) async fn go(&self, sent: &Sent<'_>, cancel: &CancellationToken) -> Result<(Response, Url), Trouble> {
        let mut url = sent.url.clone();
        let reading = sent.method == Method::GET || sent.method == Method::HEAD;
        for _ in 0..=REDIRECTS {
            let place = url.host_str().unwrap_or_default();
            let own = self.is_own(&url);
            let registry = if own { self.registry.clone() } else { place.to_owned() };
            let client =
                self.client(own, is_loopback(place)).map_err(|error| judge(error, &registry, &self.patience))?;
            let mut request = client.request(sent.method.clone(), url.clone());
            if !sent.accept.is_empty() {
                request = request.header(header::ACCEPT, sent.accept.join(", "));
            }
            if sent.from > 0 {
                request = request.header(header::RANGE, format!("bytes={}-", sent.from));
            }
            if let Some(authorization) = sent.authorization.as_ref().filter(|_| same_origin(&url, &sent.url)) {
                request = request.header(header::AUTHORIZATION, authorization);
            }
            if let Some((media_type, bytes)) = &sent.body {
                request = request.header(header::CONTENT_TYPE, *media_type).body(bytes.clone());
            }
            let response = tokio::select! {
                biased;
                () = cancel.cancelled() => return Err(RegistryError::Cancelled.into()),
                response = request.send() => response.map_err(|error| judge(error, &registry, &self.patience))?,
            };
            let location = response.headers().get(header::LOCATION);
            let Some(location) =
                location.filter(|_| reading && matches!(response.status().as_u16(), 301..=303 | 307 | 308))
            else {
                return Ok((response, url));
            };
            let to = self.follow(&url, location, sent.what)?;
            if sent.stay && !self.is_own(&to) {
                return Ok((response, url));
            }
            url = to;
        }
        Err(self.redirect(sent.what, shown(&url), "that is one redirect too many").into())
    }

    /// Whether it is an address of the registry itself.
    pub(crate) fn is_own(&self, url: &Url) -> bool {
        self.origins.iter().any(|origin| same_origin(origin, url))
    }

    /// What a host that the registry redirects to says is not what the registry says: neither a 404 nor a refusal.
    pub(crate) fn elsewhere(&self, what: &str, url: &Url, status: u16) -> RegistryError {
        let host = crate::error::quoted(url.host_str().unwrap_or_default(), 255);
        let reason = format!("it was answered by {host} with HTTP {status}, which says nothing of the registry itself");
        self.redirect(what, shown(url), &reason)
    }

    fn redirect(&self, what: &str, to: String, reason: &str) -> RegistryError {
        RegistryError::Redirect {
            registry: self.registry.clone(),
            what: what.to_owned(),
            to,
            reason: reason.to_owned(),
        }
    }

    fn follow(&self, from: &Url, location: &HeaderValue, what: &str) -> Result<Url, RegistryError> {
        let nowhere = || self.redirect(what, "nowhere".into(), "the address cannot be read");
        let mut to = location.to_str().ok().and_then(|text| from.join(text).ok()).ok_or_else(nowhere)?;
        // A user in an address would become credentials that nobody gave.
        let _ = to.set_username("");
        let _ = to.set_password(None);
        match (from.scheme(), to.scheme()) {
            _ if self.is_trap(&to) => Err(self.redirect(what, shown(&to), TRAP)),
            ("https", "http") => Err(self.redirect(what, shown(&to), "that would leave TLS")),
            (_, "http" | "https") if to.has_host() => Ok(to),
            _ => Err(self.redirect(what, shown(&to), "that is no address of the web")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registry_outside_leads_nobody_inside_unless_it_was_named() {
        let named = Connection { host: "10.0.0.7:5000".into(), ..Connection::default() };
        let network = crate::testing::network(vec![named]);
        let wire = |host: &str| Wire::open(&network, &network.connection(host), host, host).unwrap().0;
        let outside = wire("r.example");
        for trap in [
            "https://127.0.0.1/t",
            "https://2130706433/t",
            "https://localhost:8443/t",
            "https://169.254.169.254/latest/meta-data",
            "https://192.168.1.1/",
            "https://10.0.0.8/",
            "https://[::1]/",
            "https://[::ffff:10.0.0.8]/",
            "https://[fd00::1]/",
        ] {
            let url = Url::parse(trap).unwrap();
            assert!(outside.is_trap(&url) && !wire("127.0.0.1:5000").is_trap(&url), "{trap}");
            let location = HeaderValue::from_str(trap).unwrap();
            let from = Url::parse("https://r.example/v2/").unwrap();
            assert!(outside.follow(&from, &location, "x").is_err(), "{trap}");
        }
        for fine in ["https://10.0.0.7:5001/t", "https://auth.example/t", "https://1.1.1.1/"] {
            assert!(!outside.is_trap(&Url::parse(fine).unwrap()), "{fine}");
        }
    }
}
