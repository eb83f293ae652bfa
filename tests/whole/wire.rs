//! Certificates of a test's own authority, a small HTTPS server that answers from a function, and a small client.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, ServerConfig, ServerConnection, StreamOwned};

use crate::support::judge;

const CURVE: [&str; 4] = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"];

/// An authority of the test's own, and one certificate from it for 127.0.0.1.
pub struct Tls {
    folder: tempfile::TempDir,
}

impl Tls {
    /// Makes both.
    pub fn new() -> Self {
        let tls = Self { folder: tempfile::tempdir().unwrap() };
        tls.certificate("ca", "/CN=test authority", &["-addext", "keyUsage=critical,keyCertSign,cRLSign"]);
        let (authority, key) = (tls.path("ca.crt"), tls.path("ca.key"));
        let names = "subjectAltName=DNS:localhost,IP:127.0.0.1";
        let uses = "extendedKeyUsage=serverAuth,clientAuth";
        let signed_by = ["-CA", authority.to_str().unwrap(), "-CAkey", key.to_str().unwrap()];
        let extensions = ["-addext", names, "-addext", uses, "-addext", "basicConstraints=critical,CA:FALSE"];
        tls.certificate("server", "/CN=localhost", &[&signed_by[..], &extensions[..]].concat());
        tls
    }

    /// `NAME.crt` and `NAME.key`, self-signed unless `more` says otherwise.
    pub fn certificate(&self, name: &str, subject: &str, more: &[&str]) {
        let (key, certificate) = (self.path(&format!("{name}.key")), self.path(&format!("{name}.crt")));
        let out = ["-nodes", "-keyout", key.to_str().unwrap(), "-out", certificate.to_str().unwrap()];
        let base = ["req", "-x509", "-days", "30", "-subj", subject];
        let (made, said) = judge("openssl", "openssl", &[&base[..], &CURVE, &out, more].concat());
        assert!(made, "{said}");
    }

    /// A file of it: `ca.crt`, `server.crt`, `server.key`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The authority's certificate.
    pub fn authority(&self) -> String {
        self.path("ca.crt").display().to_string()
    }
}

/// A request or an answer: the words of its first line, headers, body.
#[derive(Debug, Clone, Default)]
pub struct Message {
    /// Method and target of a request.
    pub line: Vec<String>,
    /// Status of an answer.
    pub status: u16,
    /// Names in lower case.
    pub headers: Vec<(String, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Message {
    /// An answer in JSON.
    pub fn json(status: u16, body: &serde_json::Value) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        Self { status, headers, body: body.to_string().into_bytes(), ..Self::default() }
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    fn read(stream: &mut impl Read, is_answer: bool) -> std::io::Result<Self> {
        let mut reader = BufReader::new(stream);
        let mut message = Self::default();
        let mut line = String::new();
        reader.read_line(&mut line)?;
        message.line = line.split_whitespace().map(str::to_owned).collect();
        loop {
            line.clear();
            reader.read_line(&mut line)?;
            let Some((name, value)) = line.trim_end().split_once(':') else { break };
            message.headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let length = message.header("content-length").and_then(|length| length.parse().ok());
        if is_answer {
            message.status = message.line.get(1).and_then(|status| status.parse().ok()).unwrap_or_default();
            reader.read_to_end(&mut message.body)?;
        } else {
            message.body.resize(length.unwrap_or_default(), 0);
            reader.read_exact(&mut message.body)?;
        }
        Ok(message)
    }
}

type Handler = dyn Fn(&Message) -> Message + Send + Sync;

/// An HTTPS server on the loopback, until it is dropped.
pub struct Server {
    /// `127.0.0.1:PORT`.
    pub address: String,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Answers each request from `handler`.
    pub fn start(tls: &Tls, handler: impl Fn(&Message) -> Message + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let chain = vec![CertificateDer::from_pem_file(tls.path("server.crt")).unwrap()];
        let key = PrivateKeyDer::from_pem_file(tls.path("server.key")).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .unwrap();
        let (config, handler): (_, Arc<Handler>) = (Arc::new(config), Arc::new(handler));
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                let (config, handler) = (config.clone(), handler.clone());
                // A client that hangs up or speaks no TLS is the client's affair.
                std::thread::spawn(move || stream.and_then(|stream| answer(stream, config, &*handler)));
            }
        });
        Self { address, stop, thread: Some(thread) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let _ = TcpStream::connect(&self.address);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

fn answer(stream: TcpStream, config: Arc<ServerConfig>, handler: &Handler) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let connection = ServerConnection::new(config).map_err(std::io::Error::other)?;
    let mut stream = StreamOwned::new(connection, stream);
    let request = Message::read(&mut stream, false)?;
    let answer = handler(&request);
    let mut head =
        format!("HTTP/1.1 {} -\r\nconnection: close\r\ncontent-length: {}\r\n", answer.status, answer.body.len());
    for (name, value) in &answer.headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    stream.write_all(format!("{head}\r\n").as_bytes())?;
    if request.line.first().is_some_and(|method| method != "HEAD") {
        stream.write_all(&answer.body)?;
    }
    stream.conn.send_close_notify();
    stream.flush()
}

/// Sends one request; `tls` for one of our own servers.
pub fn send(
    method: &str,
    address: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
    tls: Option<&Tls>,
) -> Message {
    let mut request = format!("{method} {target} HTTP/1.0\r\nHost: {address}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    let bytes = [request.as_bytes(), b"\r\n", body].concat();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let Some(tls) = tls else {
        stream.write_all(&bytes).unwrap();
        return Message::read(&mut stream, true).unwrap();
    };
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(tls.path("ca.crt")).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from("127.0.0.1").unwrap();
    let mut stream = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream);
    stream.write_all(&bytes).unwrap();
    Message::read(&mut stream, true).unwrap()
}
