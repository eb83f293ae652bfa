//! Looks at a server's TLS by a handshake of its own: version, certificates, whether they are trusted. Nothing is asked,
//! and no credentials are shown.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ClientConnection, DigitallySignedStruct, Error, ProtocolVersion, SignatureScheme,
};
use rustls_platform_verifier::Verifier;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_util::sync::CancellationToken;

use crate::certificate;
use crate::connection::{Connection, Network, is_loopback};
use crate::error::quoted;
use crate::facts::{CertificateFacts, Older, TlsFacts};
use crate::outdated::{OUTDATED, ask};
use crate::reference::endpoint;

/// Certificates of one chain that are kept.
const CHAIN: usize = 20;
/// How long the offer of an outdated version may take.
const OFFER: Duration = Duration::from_secs(10);

/// What TLS at a registry shows.
///
/// # Errors
/// One sentence: why TLS could not be looked at, or that nothing speaks it there.
pub async fn tls(network: &Network, host: &str, cancel: &CancellationToken) -> Result<TlsFacts, String> {
    let connection = network.connection(host);
    let place = endpoint(&connection.host);
    let (name, port) = name_and_port(place).ok_or_else(|| format!("{} is no host.", quoted(host, 100)))?;
    if let Some(proxy) = proxy_in_the_way(&connection, name, &|name| std::env::var(name).ok()) {
        return Err(format!("{place} is behind {proxy}; TLS is not asked for through a proxy."));
    }
    let roots = Roots::of(network, &connection)?;
    tokio::select! {
        biased;
        () = cancel.cancelled() => Err("It was cancelled.".into()),
        looked = look(name, port, roots, network.patience.connect) => looked,
    }
}

/// Host and port of `host`, `host:port`, `[::1]:port`. TLS has the port 443 where none is named.
fn name_and_port(place: &str) -> Option<(&str, u16)> {
    let (name, port) = match place.strip_prefix('[') {
        Some(inner) => inner.split_once(']')?,
        None => place.split_at_checked(place.find(':').unwrap_or(place.len()))?,
    };
    let port = match port.strip_prefix(':') {
        Some(port) => port.parse().ok()?,
        None => 443,
    };
    (!name.is_empty()).then_some((name, port))
}

/// The proxy that requests to a host take, in words.
fn proxy_in_the_way(
    connection: &Connection,
    name: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Option<&'static str> {
    let of = |names: [&str; 2]| names.iter().find_map(|name| variable(name)).filter(|value| !value.trim().is_empty());
    let listed = of(["NO_PROXY", "no_proxy"]).unwrap_or_default();
    let spared = listed.split(',').map(str::trim).filter(|entry| !entry.is_empty()).any(|entry| {
        let entry = entry.trim_start_matches('.');
        entry == "*" || name == entry || name.strip_suffix(entry).is_some_and(|start| start.ends_with('.'))
    });
    if spared {
        return None;
    }
    if connection.proxy.as_ref().is_some_and(|proxy| !proxy.is_empty()) {
        return Some("the proxy of its connection");
    }
    let environment = of(["HTTPS_PROXY", "https_proxy"]).or_else(|| of(["ALL_PROXY", "all_proxy"]));
    environment.filter(|_| !is_loopback(name)).map(|_| "the proxy of the environment")
}

/// What is trusted.
struct Roots {
    own: Vec<CertificateDer<'static>>,
    /// In words.
    named: String,
}

impl Roots {
    /// The system's, and the own CA of the connection or of Docker's `certs.d`.
    fn of(network: &Network, connection: &Connection) -> Result<Roots, String> {
        let folder = if cfg!(windows) { connection.host.replace(':', "") } else { connection.host.clone() };
        let files: Vec<PathBuf> = network.places.certificates.iter().map(|place| place.join(&folder)).collect();
        let first = files.iter().find(|folder| folder.is_dir()).map(|folder| folder.join("ca.crt"));
        let set = [&connection.ca, &connection.client_certificate, &connection.client_key];
        let default = first.filter(|path| path.is_file() && set.iter().all(|path| path.is_none()));
        let Some(path) = connection.ca.clone().or(default) else {
            return Ok(Roots { own: Vec::new(), named: "the system's".into() });
        };
        let broken = |reason: String| format!("The own CA {} cannot be used: {reason}.", path.display());
        let certificates = CertificateDer::pem_file_iter(&path).map_err(|error| broken(error.to_string()))?;
        let own = certificates.take(1000).collect::<Result<Vec<_>, _>>().map_err(|error| broken(error.to_string()))?;
        if own.is_empty() {
            return Err(broken("it holds no certificate in PEM".into()));
        }
        Ok(Roots { own, named: format!("the system's and {}", path.display()) })
    }
}

/// Lets every certificate pass, and remembers what was sent and what a strict verifier says of it.
#[derive(Debug)]
struct Recorder {
    provider: Arc<CryptoProvider>,
    /// Or why there is none.
    strict: Result<Verifier, String>,
    seen: Mutex<Option<Seen>>,
}

#[derive(Debug, Clone)]
struct Seen {
    chain: Vec<CertificateDer<'static>>,
    /// What the strict verifier says; nothing: trusted.
    said: Vec<Error>,
    /// Whether the name fits, looked at by itself: a chain that is not trusted hides it.
    name_fits: bool,
    at: UnixTime,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let ask = |at: UnixTime| match &self.strict {
            Ok(strict) => strict.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, at).err(),
            Err(reason) => Some(Error::General(reason.clone())),
        };
        let mut said: Vec<Error> = ask(now).into_iter().collect();
        if said.iter().any(is_of_dates) {
            // Dates hide all else: what would be said while the certificate counts?
            let end = moment(&certificate::read(end_entity).not_after);
            let end = end.and_then(|end| u64::try_from(end.unix_timestamp()).ok());
            said.extend(end.and_then(|end| ask(UnixTime::since_unix_epoch(Duration::from_secs(end)))));
        }
        let parsed = ParsedCertificate::try_from(end_entity);
        let name_fits = parsed.is_ok_and(|leaf| rustls::client::verify_server_name(&leaf, server_name).is_ok());
        let all = std::iter::once(end_entity).chain(intermediates).take(CHAIN);
        let chain = all.map(|certificate| certificate.clone().into_owned()).collect();
        let seen = Seen { chain, said, name_fits, at: now };
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signed, &self.provider.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider.signature_verification_algorithms.supported_schemes()
    }
}

async fn look(name: &str, port: u16, roots: Roots, patience: Duration) -> Result<TlsFacts, String> {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let strict = strict(roots.own.clone(), &provider);
    let recorder = Arc::new(Recorder { provider: provider.clone(), strict, seen: Mutex::new(None) });
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| error.to_string())?
        .dangerous()
        .with_custom_certificate_verifier(recorder.clone())
        .with_no_client_auth();
    let server = ServerName::try_from(name.to_owned()).map_err(|_| format!("{name} is no name that TLS knows."))?;
    let named = matches!(server, ServerName::DnsName(_)).then_some(name);
    let mut connection = ClientConnection::new(Arc::new(config), server).map_err(|error| error.to_string())?;
    let shaken = match tokio::time::timeout(patience, shake(&mut connection, name, port)).await {
        Ok(shaken) => shaken,
        Err(_) => Err(Failure::Nobody(format!("no answer within {} seconds", patience.as_secs()))),
    };
    if let Err(Failure::Nobody(reason)) = &shaken {
        return Err(format!("TLS could not be spoken with {name}:{port}: {reason}."));
    }
    let seen = recorder.seen.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let patience = patience.min(OFFER);
    let mut older = Vec::new();
    for (minor, version) in OUTDATED {
        let answer = ask(name, port, named, minor, patience, seen.is_some()).await;
        older.push((version.to_owned(), answer));
    }
    let Some(seen) = seen else {
        let reason = shaken.err().map(|failure| failure.words()).unwrap_or_default();
        if older.iter().all(|(_, answer)| *answer != Older::Accepted) {
            return Err(format!("TLS could not be spoken with {name}:{port}: {reason}."));
        }
        let problem = Some(format!("It speaks neither TLS 1.2 nor 1.3 ({reason}), only older versions."));
        return Ok(TlsFacts { problem, roots: roots.named, older, ..TlsFacts::default() });
    };
    let chain: Vec<CertificateFacts> = seen.chain.iter().map(|certificate| certificate::read(certificate)).collect();
    let now = OffsetDateTime::from_unix_timestamp(i64::try_from(seen.at.as_secs()).unwrap_or(i64::MAX))
        .unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let problem = problem(&seen.said, seen.name_fits, &chain, name, now);
    let version = match connection.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3".to_owned(),
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2".to_owned(),
        other => other.map(|version| format!("{version:?}")).unwrap_or_default(),
    };
    let suite = connection.negotiated_cipher_suite().map(|suite| format!("{:?}", suite.suite()));
    let cipher = suite.map(|suite| suite.replacen("TLS13_", "TLS_", 1)).unwrap_or_default();
    Ok(TlsFacts { version, cipher, chain, problem, roots: roots.named, older })
}

/// The verifier whose word counts: that of the system, with the own CA.
fn strict(own: Vec<CertificateDer<'static>>, provider: &Arc<CryptoProvider>) -> Result<Verifier, String> {
    Verifier::new_with_extra_roots(own, provider.clone()).map_err(|error| quoted(&error.to_string(), 200))
}

enum Failure {
    /// There is no connection, or nothing that speaks TLS.
    Nobody(String),
    /// The handshake was not finished.
    Handshake(String),
}

impl Failure {
    fn words(self) -> String {
        match self {
            Failure::Nobody(reason) | Failure::Handshake(reason) => reason,
        }
    }
}

/// Shakes hands, and says goodbye.
async fn shake(connection: &mut ClientConnection, name: &str, port: u16) -> Result<(), Failure> {
    let nobody = |error: std::io::Error| Failure::Nobody(quoted(&error.to_string(), 200));
    let mut stream = TcpStream::connect((name, port)).await.map_err(nobody)?;
    let mut piece = vec![0; 16 << 10];
    while connection.is_handshaking() {
        write(connection, &mut stream).await.map_err(nobody)?;
        if !connection.is_handshaking() {
            break;
        }
        let broken = |reason: String| Failure::Handshake(quoted(&reason, 200));
        let read = stream.read(&mut piece).await.map_err(|error| broken(error.to_string()))?;
        if read == 0 {
            return Err(broken("the server closed the connection".into()));
        }
        let mut bytes = piece.get(..read).unwrap_or_default();
        while !bytes.is_empty() {
            connection.read_tls(&mut bytes).map_err(|error| broken(error.to_string()))?;
            if let Err(error) = connection.process_new_packets() {
                let _ = write(connection, &mut stream).await;
                return Err(match error {
                    Error::InvalidMessage(rustls::InvalidMessage::InvalidContentType) => {
                        Failure::Nobody("what answers there does not speak TLS".into())
                    }
                    Error::AlertReceived(alert) => broken(format!("the server broke off with {alert:?}")),
                    other => broken(other.to_string()),
                });
            }
        }
    }
    connection.send_close_notify();
    let _ = write(connection, &mut stream).await;
    Ok(())
}

async fn write(connection: &mut ClientConnection, stream: &mut TcpStream) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    while connection.wants_write() {
        connection.write_tls(&mut bytes)?;
    }
    stream.write_all(&bytes).await
}

fn moment(text: &str) -> Option<OffsetDateTime> {
    OffsetDateTime::parse(text, &Rfc3339).ok()
}

fn is_of_dates(error: &Error) -> bool {
    matches!(
        error,
        Error::InvalidCertificate(
            CertificateError::Expired
                | CertificateError::ExpiredContext { .. }
                | CertificateError::NotValidYet
                | CertificateError::NotValidYetContext { .. }
        )
    )
}

/// Everything that is wrong with a chain, in sentences; none if it is trusted.
fn problem(
    said: &[Error],
    name_fits: bool,
    chain: &[CertificateFacts],
    name: &str,
    now: OffsetDateTime,
) -> Option<String> {
    let first = said.first()?;
    let leaf = chain.first().cloned().unwrap_or_default();
    let self_signed = chain.len() == 1 && leaf.issuer == leaf.subject;
    let mut sentences = Vec::new();
    for error in said {
        let sentence = match error {
            Error::InvalidCertificate(CertificateError::UnknownIssuer) if self_signed => {
                "It signed itself, and is not among the roots in use.".to_owned()
            }
            Error::InvalidCertificate(CertificateError::UnknownIssuer) => {
                let last = chain.last().map(|last| last.issuer.clone()).unwrap_or_default();
                format!("None of the roots in use stands behind it; the chain ends at {last}.")
            }
            // Said below, of each certificate.
            Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            ) => continue,
            error if is_of_dates(error) => continue,
            Error::InvalidCertificate(CertificateError::Revoked) => "It was revoked.".into(),
            Error::InvalidCertificate(other) => format!("{}.", quoted(&other.to_string(), 300)),
            other => format!("It cannot be verified: {}.", quoted(&other.to_string(), 300)),
        };
        if !sentences.contains(&sentence) {
            sentences.push(sentence);
        }
    }
    for (at, certificate) in chain.iter().enumerate() {
        let whose = match at {
            0 => "It".to_owned(),
            _ => format!("The certificate of {}, which it rests on,", certificate.subject),
        };
        if moment(&certificate.not_after).is_some_and(|end| end < now) {
            sentences.push(format!("{whose} expired on {}.", certificate.not_after));
        }
        if moment(&certificate.not_before).is_some_and(|start| start > now) {
            sentences.push(format!("{whose} is not valid before {}.", certificate.not_before));
        }
    }
    if !name_fits {
        let names = if leaf.names.is_empty() { "no name at all".to_owned() } else { leaf.names.join(", ") };
        sentences.push(format!("It was issued for {names}, not for {name}."));
    }
    if sentences.is_empty() {
        sentences.push(format!("It is not trusted: {}.", quoted(&first.to_string(), 300)));
    }
    Some(sentences.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{TestServer, authority, network, reply, says};

    async fn seen(names: &[&str], days: (i64, i64), trusted: bool) -> TlsFacts {
        let own = authority("tests");
        let server = TestServer::start_tls(&own.issue(names, days.0, days.1), |_| reply(200, ""));
        let folder = tempfile::tempdir().unwrap();
        let ca = folder.path().join("ca.pem");
        std::fs::write(&ca, if trusted { own.pem } else { authority("others").pem }).unwrap();
        let connection = Connection { host: server.host.clone(), ca: Some(ca), ..Connection::default() };
        let facts = tls(&network(vec![connection]), &server.host, &CancellationToken::new()).await.unwrap();
        assert!(server.heard().is_empty(), "nothing is asked");
        facts
    }

    #[tokio::test]
    async fn a_trusted_server_shows_its_version_chain_and_no_problem() {
        let facts = seen(&["127.0.0.1", "r.example"], (-1, 30), true).await;
        assert_eq!((facts.version.as_str(), facts.problem.as_deref()), ("TLS 1.3", None));
        assert!(facts.cipher.starts_with("TLS_"), "{}", facts.cipher);
        assert_eq!(facts.chain[0].names, ["127.0.0.1", "r.example"]);
        assert!(facts.roots.starts_with("the system's and /"), "{}", facts.roots);
        assert_eq!(facts.older, [("TLS 1.0".to_owned(), Older::Refused), ("TLS 1.1".to_owned(), Older::Refused)]);
    }

    #[tokio::test]
    async fn everything_that_is_wrong_with_a_chain_is_said() {
        let problem = seen(&["r.example"], (-60, -30), false).await.problem.unwrap();
        for part in ["None of the roots", "CN=Authority of tests", "It expired on", "for r.example, not for 127.0.0.1"]
        {
            assert!(problem.contains(part), "{part}: {problem}");
        }
        let problem = seen(&["r.example"], (-1, 30), true).await.problem.unwrap();
        assert_eq!(problem, "It was issued for r.example, not for 127.0.0.1.");
        let problem = seen(&["127.0.0.1"], (10, 30), true).await.problem.unwrap();
        assert!(problem.starts_with("It is not valid before"), "{problem}");
    }

    #[tokio::test]
    async fn what_does_not_speak_tls_is_told() {
        let cancel = CancellationToken::new();
        let plain = TestServer::start(|_| reply(200, ""));
        let error = tls(&plain.network(), &plain.host, &cancel).await.unwrap_err();
        assert!(error.contains("does not speak TLS"), "{error}");
        let alert = says(&[21, 3, 1, 0, 2, 2, 40]);
        let error = tls(&network(Vec::new()), &alert, &cancel).await.unwrap_err();
        assert!(error.contains("HandshakeFailure"), "{error}");
        let cancelled = CancellationToken::new();
        cancelled.cancel();
        assert!(tls(&network(Vec::new()), &alert, &cancelled).await.is_err());
    }

    #[tokio::test]
    async fn a_server_of_older_versions_alone_is_seen() {
        // A hello of TLS 1.0 that is cut short: no handshake of ours comes of it.
        let hello = says(&[22, 3, 1, 0, 50, 2, 0, 0, 46, 3, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let facts = tls(&network(Vec::new()), &hello, &CancellationToken::new()).await.unwrap();
        assert!(facts.problem.unwrap().contains("only older versions"));
        assert_eq!(facts.older[0], ("TLS 1.0".to_owned(), Older::Accepted));
    }

    #[test]
    fn hosts_ports_and_proxies_are_read() {
        assert_eq!(name_and_port("r.example"), Some(("r.example", 443)));
        assert_eq!(name_and_port("r.example:5000"), Some(("r.example", 5000)));
        assert_eq!(name_and_port("[::1]:5000"), Some(("::1", 5000)));
        assert_eq!(name_and_port("r.example:x"), None);
        let environment = |name: &str| match name {
            "HTTPS_PROXY" => Some("http://proxy:3128".to_owned()),
            "NO_PROXY" => Some("10.0.0.1, .corp.example".to_owned()),
            _ => None,
        };
        let none = |_: &str| None;
        let plain = Connection::default();
        let set = Connection { proxy: Some("http://proxy:1".into()), ..Connection::default() };
        assert!(proxy_in_the_way(&plain, "r.example", &environment).is_some());
        assert!(proxy_in_the_way(&plain, "a.corp.example", &environment).is_none());
        assert!(proxy_in_the_way(&plain, "127.0.0.1", &environment).is_none());
        assert!(proxy_in_the_way(&plain, "r.example", &none).is_none());
        assert!(proxy_in_the_way(&set, "r.example", &none).is_some());
    }
}
