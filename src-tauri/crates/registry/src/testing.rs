//! For tests: servers on this machine that answer as they are told, in plain or over TLS, and certificates for them.

#![allow(clippy::unwrap_used)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use time::OffsetDateTime;

use crate::connection::{Connection, Network, Patience, Places};

/// An authority of its own.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pub pem: String,
}

/// A certificate and its key, both DER.
pub(crate) struct Issued {
    pub certificate: Vec<u8>,
    key: Vec<u8>,
}

fn parameters(name: &str, names: &[&str], days: (i64, i64)) -> CertificateParams {
    let names: Vec<String> = names.iter().map(|&name| name.to_owned()).collect();
    let mut parameters = CertificateParams::new(names).unwrap();
    parameters.distinguished_name = rcgen::DistinguishedName::new();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.not_before = OffsetDateTime::now_utc() + time::Duration::days(days.0);
    parameters.not_after = OffsetDateTime::now_utc() + time::Duration::days(days.1);
    parameters
}

pub(crate) fn authority(of: &str) -> Authority {
    let mut parameters = parameters(&format!("Authority of {of}"), &[], (-100, 100));
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let pem = parameters.self_signed(&key).unwrap().pem();
    Authority { issuer: Issuer::new(parameters, key), pem }
}

impl Authority {
    /// Issues for these names, in days from now.
    pub(crate) fn issue(&self, names: &[&str], from: i64, until: i64) -> Issued {
        let key = KeyPair::generate().unwrap();
        let parameters = parameters(names.first().unwrap(), names, (from, until));
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Issued { certificate: certificate.der().to_vec(), key: key.serialize_der() }
    }
}

/// What was asked of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub method: String,
    /// Path and query.
    pub path: String,
    /// `Host`.
    pub host: String,
    /// `Authorization`, may be empty.
    pub authorization: String,
}

/// Status, headers, body.
pub(crate) type Reply = (u16, Vec<(&'static str, String)>, Vec<u8>);

/// An answer without further headers.
pub(crate) fn reply(status: u16, body: impl Into<Vec<u8>>) -> Reply {
    (status, Vec::new(), body.into())
}

/// A server on this machine. It goes when the test's process goes.
pub(crate) struct TestServer {
    /// `127.0.0.1:40000`.
    pub host: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl TestServer {
    /// Answers in plain HTTP.
    pub(crate) fn start(answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> TestServer {
        TestServer::run(None, answer)
    }

    /// Answers over TLS.
    pub(crate) fn start_tls(issued: &Issued, answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> TestServer {
        let chain = vec![CertificateDer::from(issued.certificate.clone())];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(issued.key.clone()));
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let config = config.with_no_client_auth().with_single_cert(chain, key).unwrap();
        TestServer::run(Some(Arc::new(config)), answer)
    }

    fn run(tls: Option<Arc<ServerConfig>>, answer: impl Fn(&Heard) -> Reply + Send + Sync + 'static) -> TestServer {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let host = listener.local_addr().unwrap().to_string();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (all, answer) = (heard.clone(), Arc::new(answer));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (tls, all, answer) = (tls.clone(), all.clone(), answer.clone());
                std::thread::spawn(move || match tls {
                    Some(config) => {
                        let stream = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
                        serve(stream, &all, answer.as_ref());
                    }
                    None => serve(stream, &all, answer.as_ref()),
                });
            }
        });
        TestServer { host, heard }
    }

    /// What was asked so far.
    pub(crate) fn heard(&self) -> Vec<Heard> {
        self.heard.lock().unwrap().clone()
    }

    /// A network that allows plain HTTP to it, does not wait, and reads nothing of this machine.
    pub(crate) fn network(&self) -> Network {
        let connection = Connection { host: self.host.clone(), plain_http: true, ..Connection::default() };
        network(vec![connection])
    }
}

/// A network that does not wait long, and reads nothing of this machine.
pub(crate) fn network(connections: Vec<Connection>) -> Network {
    let patience = Patience {
        connect: Duration::from_secs(20),
        idle: Duration::from_secs(20),
        tries: 1,
        pause: Duration::from_millis(1),
        longest: Duration::from_millis(1),
    };
    let places = Places { docker_config: None, certificates: Vec::new(), keyring: false };
    Network { connections, patience, places, ..Network::default() }
}

/// One request and its answer.
fn serve(stream: impl Read + Write, all: &Mutex<Vec<Heard>>, answer: &dyn Fn(&Heard) -> Reply) {
    let mut reader = BufReader::new(stream);
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line).is_err() || line.first() == Some(&0x16) {
        let _ = reader.get_mut().write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        return;
    }
    if line.is_empty() {
        return;
    }
    let line = String::from_utf8_lossy(&line).into_owned();
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut heard = Heard { method, path, host: String::new(), authorization: String::new() };
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).is_err() || header.trim().is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "host" => heard.host = value.trim().to_owned(),
            "authorization" => heard.authorization = value.trim().to_owned(),
            "content-length" => length = value.trim().parse().unwrap(),
            _ => (),
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    all.lock().unwrap().push(heard.clone());
    let (status, headers, body) = answer(&heard);
    let mut text = format!("HTTP/1.1 {status} Status\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    let stream = reader.get_mut();
    let _ = stream.write_all(text.as_bytes());
    if heard.method != "HEAD" {
        let _ = stream.write_all(&body);
    }
    let _ = stream.flush();
}

/// A server that says these bytes to everyone and closes.
pub(crate) fn says(bytes: &'static [u8]) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let host = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut asked = [0; 2048];
            let _: std::io::Result<usize> = TcpStream::read(&mut stream, &mut asked);
            let _ = stream.write_all(bytes);
        }
    });
    host
}
