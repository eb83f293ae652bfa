//! For tests: servers on this machine that answer as they are told, in plain or over TLS, and certificates for them.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use p256::SecretKey;
use p256::ecdsa::{DerSignature, SigningKey};
use p256::elliptic_curve::Generate;
use p256::pkcs8::EncodePrivateKey;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use time::OffsetDateTime;
use x509_cert::builder::profile::BuilderProfile;
use x509_cert::builder::{self, Builder, CertificateBuilder};
use x509_cert::certificate::{Certificate, TbsCertificate};
use x509_cert::der::asn1::{Ia5String, OctetString};
use x509_cert::der::{DateTime, Encode, EncodePem};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage, KeyUsages, SubjectAltName};
use x509_cert::ext::{Extension, ToExtension};
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;
use x509_cert::spki::{SubjectPublicKeyInfoOwned, SubjectPublicKeyInfoRef};
use x509_cert::time::{Time, Validity};

use crate::connection::{Connection, Network, Patience, Places};

/// An authority of its own.
pub(crate) struct Authority {
    key: SigningKey,
    name: Name,
    pub pem: String,
}

/// A certificate and its key, both DER.
pub(crate) struct Issued {
    pub certificate: Vec<u8>,
    key: Vec<u8>,
}

struct Profile {
    subject: Name,
    issuer: Name,
    names: Vec<String>,
    is_authority: bool,
}

impl BuilderProfile for Profile {
    fn get_issuer(&self, _: &Name) -> Name {
        self.issuer.clone()
    }

    fn get_subject(&self) -> Name {
        self.subject.clone()
    }

    fn build_extensions(
        &self,
        _: SubjectPublicKeyInfoRef<'_>,
        _: SubjectPublicKeyInfoRef<'_>,
        tbs: &TbsCertificate,
    ) -> builder::Result<Vec<Extension>> {
        let mut out = Vec::new();
        let constraints = BasicConstraints { ca: self.is_authority, path_len_constraint: None };
        out.push(constraints.to_extension(tbs.subject(), &out)?);
        if self.is_authority {
            out.push(KeyUsage(KeyUsages::KeyCertSign.into()).to_extension(tbs.subject(), &out)?);
        }
        let names = self.names.iter().map(|name| match name.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => GeneralName::IpAddress(OctetString::new(address.octets()).unwrap()),
            Ok(IpAddr::V6(address)) => GeneralName::IpAddress(OctetString::new(address.octets()).unwrap()),
            Err(_) => GeneralName::DnsName(Ia5String::new(name).unwrap()),
        });
        if !self.names.is_empty() {
            out.push(SubjectAltName(names.collect()).to_extension(tbs.subject(), &out)?);
        }
        Ok(out)
    }
}

fn certify(profile: Profile, days: (i64, i64), public: SubjectPublicKeyInfoOwned, signer: &SigningKey) -> Certificate {
    let moment = |days: i64| {
        let at = OffsetDateTime::now_utc() + time::Duration::days(days);
        let seconds = Duration::from_secs(u64::try_from(at.unix_timestamp()).unwrap());
        Time::from(DateTime::from_unix_duration(seconds).unwrap())
    };
    let serial = SerialNumber::new(&[1, 2, 3]).unwrap();
    let validity = Validity::new(moment(days.0), moment(days.1));
    let builder = CertificateBuilder::new(profile, serial, validity, public).unwrap();
    builder.build::<_, DerSignature>(signer).unwrap()
}

pub(crate) fn authority(of: &str) -> Authority {
    let key = SigningKey::from(SecretKey::try_generate().unwrap());
    let name: Name = format!("CN=Authority of {of}").parse().unwrap();
    let profile = Profile { subject: name.clone(), issuer: name.clone(), names: Vec::new(), is_authority: true };
    let public = SubjectPublicKeyInfoOwned::from_key(key.verifying_key()).unwrap();
    let pem = certify(profile, (-100, 100), public, &key).to_pem(x509_cert::der::pem::LineEnding::LF).unwrap();
    Authority { key, name, pem }
}

impl Authority {
    /// Issues for these names, in days from now.
    pub(crate) fn issue(&self, names: &[&str], from: i64, until: i64) -> Issued {
        let key = SecretKey::try_generate().unwrap();
        let subject: Name = format!("CN={}", names.first().unwrap()).parse().unwrap();
        let names = names.iter().map(|&name| name.to_owned()).collect();
        let profile = Profile { subject, issuer: self.name.clone(), names, is_authority: false };
        let public = SubjectPublicKeyInfoOwned::from_key(&key.public_key()).unwrap();
        let certificate = certify(profile, (from, until), public, &self.key).to_der().unwrap();
        Issued { certificate, key: key.to_pkcs8_der().unwrap().as_bytes().to_vec() }
    }
}

/// What was asked of a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard {
    pub method: String,
    /// Path and query.
    pub path: String,
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
    let line = String::from_utf8_lossy(&line).into_owned();
    let mut words = line.split(' ').map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let mut heard = Heard { method, path, authorization: String::new() };
    let mut length = 0;
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).is_err() || header.trim().is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
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
