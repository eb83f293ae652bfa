//! A small HTTP server on loopback that does as it is told: answers, lies, stalls, cuts. One request a connection.

#![allow(dead_code, clippy::unwrap_used, clippy::expect_used)]

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use plimsoll_registry::{Connection, Credentials, Network, Patience, Places, RegistryError};
use sha2::Digest;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The password that must show up nowhere.
pub const SECRET: &str = "hunter2-planted";
/// A token that must show up nowhere.
pub const TOKEN: &str = "token-planted-0815";

/// A request as it came.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    /// Its number at this server, from 0.
    pub number: usize,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One thing to do with the connection.
#[derive(Clone, Debug)]
pub enum Step {
    Send(Vec<u8>),
    /// Says nothing more, and does not close.
    Stall,
    /// Sends this so many times, or until the other side has gone.
    Repeat(Vec<u8>, u64),
}

/// What is answered; then the connection is closed.
#[derive(Clone, Debug)]
pub struct Reply(pub Vec<Step>);

fn head(status: u16, headers: &[(&str, &str)]) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status} Status\r\nconnection: close\r\n");
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    (text + "\r\n").into_bytes()
}

/// An answer with its length.
pub fn reply(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let length = body.len().to_string();
    let mut all = headers.to_vec();
    if status != 304 {
        all.push(("content-length", &length));
    }
    Reply(vec![Step::Send(head(status, &all)), Step::Send(body.to_vec())])
}

/// An answer that announces another length than it has.
pub fn reply_of(status: u16, headers: &[(&str, &str)], length: u64, steps: Vec<Step>) -> Reply {
    let length = length.to_string();
    let mut all = headers.to_vec();
    all.push(("content-length", &length));
    let mut out = vec![Step::Send(head(status, &all))];
    out.extend(steps);
    Reply(out)
}

/// An answer in chunks, ended properly.
pub fn chunked(status: u16, headers: &[(&str, &str)], body: &[u8]) -> Reply {
    let mut all = headers.to_vec();
    all.push(("transfer-encoding", "chunked"));
    let mut bytes = format!("{:x}\r\n", body.len()).into_bytes();
    bytes.extend_from_slice(body);
    bytes.extend_from_slice(b"\r\n0\r\n\r\n");
    Reply(vec![Step::Send(head(status, &all)), Step::Send(bytes)])
}

/// A head, then whatever.
pub fn headed(status: u16, headers: &[(&str, &str)], steps: Vec<Step>) -> Reply {
    let mut out = vec![Step::Send(head(status, headers))];
    out.extend(steps);
    Reply(out)
}

type Handler = dyn Fn(&Seen) -> Reply + Send + Sync;

/// A running server.
pub struct Server {
    /// `127.0.0.1:PORT`.
    pub host: String,
    pub seen: Arc<Mutex<Vec<Seen>>>,
    /// Bytes that went out.
    pub written: Arc<AtomicU64>,
}

impl Server {
    /// Plain HTTP. What does not begin like a request gets a 400, as ordinary servers do.
    pub async fn plain(handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
        Server::start(None, Arc::new(handler)).await
    }

    /// TLS with that configuration.
    pub async fn tls(config: ServerConfig, handler: impl Fn(&Seen) -> Reply + Send + Sync + 'static) -> Server {
        Server::start(Some(TlsAcceptor::from(Arc::new(config))), Arc::new(handler)).await
    }

    async fn start(acceptor: Option<TlsAcceptor>, handler: Arc<Handler>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let (seen, written) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU64::new(0)));
        let (seen_there, written_there) = (Arc::clone(&seen), Arc::clone(&written));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let handler = Arc::clone(&handler);
                let (seen, written) = (Arc::clone(&seen_there), Arc::clone(&written_there));
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    match acceptor {
                        Some(acceptor) => {
                            if let Ok(stream) = acceptor.accept(stream).await {
                                serve(stream, &*handler, &seen, &written).await;
                            }
                        }
                        None => serve(stream, &*handler, &seen, &written).await,
                    }
                });
            }
        });
        Server { host, seen, written }
    }

    pub fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    handler: &Handler,
    seen: &Mutex<Vec<Seen>>,
    written: &AtomicU64,
) {
    let mut bytes = Vec::new();
    let mut buffer = [0; 4096];
    let end = loop {
        let Ok(read) = stream.read(&mut buffer).await else { return };
        if read == 0 {
            return;
        }
        bytes.extend_from_slice(&buffer[..read]);
        if bytes.first().is_some_and(|byte| !byte.is_ascii_uppercase()) {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n").await;
            let _ = stream.shutdown().await;
            return;
        }
        if let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let text = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let mut lines = text.lines();
    let mut words = lines.next().unwrap_or_default().split(' ');
    let mut request = Seen {
        method: words.next().unwrap_or_default().into(),
        path: words.next().unwrap_or_default().into(),
        ..Seen::default()
    };
    let pairs = lines.filter_map(|line| line.split_once(": "));
    request.headers = pairs.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    let length: usize = request.header("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    request.body = bytes[end..].to_vec();
    while request.body.len() < length {
        match stream.read(&mut buffer).await {
            Ok(read) if read > 0 => request.body.extend_from_slice(&buffer[..read]),
            _ => return,
        }
    }
    {
        let mut all = seen.lock().unwrap();
        request.number = all.len();
        all.push(request.clone());
    }
    for step in handler(&request).0 {
        match step {
            Step::Send(bytes) => {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
                written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
            }
            Step::Repeat(bytes, times) => {
                for _ in 0..times {
                    if stream.write_all(&bytes).await.is_err() {
                        return;
                    }
                    written.fetch_add(bytes.len() as u64, Ordering::Relaxed);
                }
            }
            Step::Stall => {
                let _ = stream.flush().await;
                std::future::pending::<()>().await;
            }
        }
    }
    let _ = stream.flush().await;
    let _ = stream.shutdown().await;
}

/// A network that knows nothing of this machine, is quick to lose patience, and may speak plain HTTP to `hosts`.
pub fn network(hosts: &[&str]) -> Network {
    let patience = Patience {
        connect: Duration::from_secs(5),
        idle: Duration::from_millis(500),
        pause: Duration::from_millis(1),
        ..Patience::default()
    };
    let places = Places { docker_config: None, certificates: Vec::new(), keyring: false };
    let connection = |host: &&str| Connection { host: (*host).into(), plain_http: true, ..Connection::default() };
    let connections = hosts.iter().map(connection).collect();
    Network { connections, patience, places, ..Network::default() }
}

/// The same, with the planted password for alice at `host`.
pub fn as_alice(mut network: Network, host: &str) -> Network {
    network.typed.push((host.into(), Credentials { user: "alice".into(), password: SECRET.into() }));
    network
}

/// The sentence of an error, which must hold none of what was planted.
pub fn sentence<T>(result: Result<T, RegistryError>) -> String {
    let Err(error) = result else { panic!("it should have failed") };
    let all = format!("{error} {error:?}");
    let encoded = base64_of(&format!("alice:{SECRET}"));
    for planted in [SECRET, TOKEN, encoded.as_str(), "signature-planted"] {
        assert!(!all.contains(planted), "{planted} in {all}");
    }
    error.to_string()
}

pub fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

pub fn sha256(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(sha2::Sha256::digest(bytes)))
}

/// An authority of our own, and what it issued.
pub struct Authority {
    key: rcgen::KeyPair,
    parameters: rcgen::CertificateParams,
    pub pem: String,
}

impl Authority {
    pub fn new() -> Authority {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(rcgen::DnType::CommonName, "Plimsoll test authority");
        let pem = parameters.self_signed(&key).unwrap().pem();
        Authority { key, parameters, pem }
    }

    /// Certificate and key for a name, both in PEM.
    pub fn issue(&self, name: &str) -> (String, String) {
        let (certificate, key) = self.make(name);
        (certificate.pem(), key.serialize_pem())
    }

    fn make(&self, name: &str) -> (rcgen::Certificate, rcgen::KeyPair) {
        let key = rcgen::KeyPair::generate().unwrap();
        let parameters = rcgen::CertificateParams::new(vec![name.to_owned()]).unwrap();
        let issuer = rcgen::Issuer::from_params(&self.parameters, &self.key);
        (parameters.signed_by(&key, &issuer).unwrap(), key)
    }

    fn parts(&self, name: &str) -> (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>) {
        let (certificate, key) = self.make(name);
        (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
    }

    /// A server for a name.
    pub fn server(&self, name: &str) -> ServerConfig {
        let (chain, key) = self.parts(name);
        ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).unwrap()
    }

    /// A server for a name that wants a client certificate of this authority.
    pub fn strict_server(&self, name: &str) -> ServerConfig {
        use tokio_rustls::rustls::RootCertStore;
        use tokio_rustls::rustls::server::WebPkiClientVerifier;
        let mut roots = RootCertStore::empty();
        roots.add(self.parameters.self_signed(&self.key).unwrap().der().clone()).unwrap();
        let verifier = WebPkiClientVerifier::builder(Arc::new(roots)).build().unwrap();
        let (chain, key) = self.parts(name);
        ServerConfig::builder().with_client_cert_verifier(verifier).with_single_cert(chain, key).unwrap()
    }

    /// Writes the authority's certificate.
    pub fn write(&self, folder: &Path) -> std::path::PathBuf {
        let path = folder.join("ca.pem");
        std::fs::write(&path, &self.pem).unwrap();
        path
    }
}

/// A network that trusts an authority for `host`.
pub fn trusting(host: &str, ca: &Path) -> Network {
    let mut network = network(&[]);
    network.connections = vec![Connection { host: host.into(), ca: Some(ca.into()), ..Connection::default() }];
    network
}
