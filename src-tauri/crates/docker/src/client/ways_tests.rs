//! The ways to an engine: environment, contexts, sockets in their order, TLS, ssh.

use std::io::Write;
use std::path::Path;
use std::sync::{Arc, Mutex};

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use super::contexts;
use super::fake::{Fake, answers, around, find, serve, version};
use super::surroundings::Surroundings;
use super::target::{SshWay, Target, TlsFiles, Way};
use super::{DockerError, Engine};
use crate::EngineAddress;

fn set(around: &mut Surroundings, name: &str, value: &str) {
    around.variables.insert(name.into(), value.into());
}

fn context(root: &Path, name: &str, docker: serde_json::Value) -> std::path::PathBuf {
    let id = hex::encode(Sha256::digest(name));
    let folder = root.join("home/auditor/.docker/contexts");
    let meta = folder.join("meta").join(&id);
    std::fs::create_dir_all(&meta).unwrap();
    let text = json!({"Name": name, "Metadata": {"Description": "the box"}, "Endpoints": {"docker": docker}});
    std::fs::write(meta.join("meta.json"), text.to_string()).unwrap();
    folder.join("tls").join(id).join("docker")
}

#[test]
fn the_default_engine_is_found_as_docker_finds_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut around = around(folder.path());
    let target = |around: &Surroundings| Target::of(&EngineAddress::Default, around).map(|target| target.endpoint);
    assert_eq!(target(&around).unwrap(), "unix:///var/run/docker.sock");
    // Without the usual socket: rootless Docker, rootless Podman, Podman.
    std::fs::create_dir_all(folder.path().join("run/podman")).unwrap();
    std::fs::write(folder.path().join("run/podman/podman.sock"), "").unwrap();
    assert_eq!(target(&around).unwrap(), "unix:///run/podman/podman.sock");
    set(&mut around, "XDG_RUNTIME_DIR", "/run/user/1000");
    std::fs::create_dir_all(folder.path().join("run/user/1000")).unwrap();
    std::fs::write(folder.path().join("run/user/1000/docker.sock"), "").unwrap();
    assert_eq!(target(&around).unwrap(), "unix:///run/user/1000/docker.sock");
    around.superuser = true;
    assert_eq!(target(&around).unwrap(), "unix:///run/podman/podman.sock");
    std::fs::create_dir_all(folder.path().join("var/run")).unwrap();
    std::fs::write(folder.path().join("var/run/docker.sock"), "").unwrap();
    assert_eq!(target(&around).unwrap(), "unix:///var/run/docker.sock");
    // The current context, then the named one, then DOCKER_HOST.
    context(folder.path(), "prod", json!({"Host": "ssh://ops@prod"}));
    context(folder.path(), "test", json!({"Host": "tcp://test"}));
    std::fs::write(folder.path().join("home/auditor/.docker/config.json"), r#"{"currentContext": "prod"}"#).unwrap();
    assert_eq!(target(&around).unwrap(), "ssh://ops@prod");
    assert_eq!(contexts::list(&around).iter().map(|context| context.current).collect::<Vec<_>>(), [true, false]);
    set(&mut around, "DOCKER_CONTEXT", "test");
    assert_eq!(target(&around).unwrap(), "tcp://test:2375");
    set(&mut around, "DOCKER_CONTEXT", "default");
    assert_eq!(target(&around).unwrap(), "unix:///var/run/docker.sock");
    set(&mut around, "DOCKER_HOST", "unix:///other.sock");
    assert_eq!(target(&around).unwrap(), "unix:///other.sock");
    assert!(contexts::list(&around).iter().all(|context| !context.current));
    for wrong in [
        "box",
        "unix://x",
        "tcp://",
        "tcp://a:b",
        "ssh://a:pw@b",
        "ssh://-oProxyCommand=x",
        "ssh://a@b/$(x)",
        "npipe:////./pipe/x",
    ] {
        set(&mut around, "DOCKER_HOST", wrong);
        let said = target(&around).unwrap_err().to_string();
        assert!(said.starts_with("DOCKER_HOST names") && !said.contains(":pw@"), "{said}");
    }
}

#[test]
fn contexts_bring_their_certificates_and_say_which_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let around = around(folder.path());
    let of = |name: &str| Target::of(&EngineAddress::Context(name.into()), &around);
    let none = of("prod").unwrap_err().to_string();
    assert!(none.contains("there are none"), "{none}");
    let tls = context(folder.path(), "prod", json!({"Host": "tcp://prod:2376", "SkipTLSVerify": false}));
    context(folder.path(), "loose", json!({"Host": "tcp://10.0.0.1", "SkipTLSVerify": true}));
    context(folder.path(), "empty", json!({}));
    let missing = of("dev").unwrap_err().to_string();
    assert!(missing.contains("there are empty, loose, prod"), "{missing}");
    assert!(matches!(of("empty"), Err(DockerError::BadContext { .. })));
    std::fs::create_dir_all(&tls).unwrap();
    for name in ["ca.pem", "cert.pem", "key.pem"] {
        std::fs::write(tls.join(name), "").unwrap();
    }
    let Way::Tcp { tls: Some(files), .. } = of("prod").unwrap().way else { panic!() };
    assert!(files.verify && files.ca == Some(tls.join("ca.pem")) && files.client.is_some());
    let Way::Tcp { tls: Some(files), port, .. } = of("loose").unwrap().way else { panic!() };
    assert_eq!((files, port), (TlsFiles { ca: None, client: None, verify: false }, 2376));
    let listed = contexts::list(&around);
    assert_eq!((listed[2].name.as_str(), listed[2].endpoint.as_str()), ("prod", "tcp://prod:2376"));
}

#[test]
fn ssh_is_told_nothing_that_it_could_take_for_an_option() {
    let folder = tempfile::tempdir().unwrap();
    let address = "ssh://ops@box:2222/run/user/1000/docker.sock".parse().unwrap();
    let Way::Ssh(way) = Target::of(&address, &around(folder.path())).unwrap().way else { panic!() };
    let words = way.arguments(10);
    let at = words.iter().position(|word| word == "--").unwrap();
    assert_eq!(words[at + 1..].join(" "), "box docker --host unix:///run/user/1000/docker.sock system dial-stdio");
    assert_eq!(words[..at].join(" "), "-T -o BatchMode=yes -o ConnectTimeout=10 -l ops -p 2222");
    let six = "ssh://[::1]".parse().unwrap();
    let Way::Ssh(way) = Target::of(&six, &around(folder.path())).unwrap().way else { panic!() };
    assert_eq!(way, SshWay { user: None, host: "::1".into(), port: None, socket: None });
}

/// A program at a path. Written by another process, so that none of ours has it open while it is started.
fn program(path: &Path, text: &str) {
    let mut shell = std::process::Command::new("sh")
        .args(["-c", "cat > \"$0\" && chmod 700 \"$0\""])
        .arg(path)
        .stdin(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    shell.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    assert!(shell.wait().unwrap().success());
}

#[tokio::test]
async fn an_engine_is_reached_over_ssh() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ssh");
    std::fs::write(folder.path().join("answer"), version().to_string()).unwrap();
    let text = format!(
        "#!/bin/sh\necho \"$*\" > '{0}/told'\necho 'a warning' >&2\nwhile IFS= read -r line; do\n  line=$(printf '%s' \"$line\" | tr -d '\\r')\n  \
         if [ -z \"$line\" ]; then\n    body=$(cat '{0}/answer')\n    printf 'HTTP/1.1 200 OK\\r\\nContent-Length: %s\\r\\n\\r\\n%s' \"${{#body}}\" \"$body\"\n  fi\ndone\n",
        folder.path().display()
    );
    program(&path, &text);
    let mut around = around(folder.path());
    around.ssh = path.clone();
    let address: EngineAddress = "ssh://ops@box".parse().unwrap();
    let engine = Engine::open_in(&address, around.clone(), Fake::patience()).await.unwrap();
    assert_eq!((engine.host(), engine.version()), ("ssh://ops@box", "27.3.1"));
    let told = std::fs::read_to_string(folder.path().join("told")).unwrap();
    assert!(told.trim().ends_with("-l ops -- box docker system dial-stdio"), "{told}");
    assert_eq!(engine.verified_tls(), None);
    drop(engine);
    program(&path, "#!/bin/sh\necho 'debug' >&2\necho 'ops@box: Permission denied (publickey).' >&2\nexit 255\n");
    let error = Engine::open_in(&address, around.clone(), Fake::patience()).await.unwrap_err().to_string();
    assert!(error.contains("(ops@box: Permission denied (publickey))"), "{error}");
    around.ssh = folder.path().join("missing");
    let error = Engine::open_in(&address, around, Fake::patience()).await.unwrap_err();
    assert!(matches!(error, DockerError::Ssh { .. }), "{error}");
}

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec![]).unwrap();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self { pem, issuer: Issuer::new(parameters, key) }
    }

    fn sign(&self, name: &str, purpose: ExtendedKeyUsagePurpose) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.extended_key_usages = vec![purpose];
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// A TLS server that demands client certificates of an authority; gives its port.
async fn tls_engine(authority: &Authority) -> u16 {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let (chain, key) = authority.sign("127.0.0.1", ExtendedKeyUsagePurpose::ServerAuth);
    let chain = vec![CertificateDer::from_pem_slice(chain.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authority.pem.as_bytes()).unwrap()).unwrap();
    let clients = rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider.clone());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(clients.build().unwrap())
        .with_single_cert(chain, key)
        .unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let answers = Arc::new(answers());
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let (acceptor, answers) = (acceptor.clone(), answers.clone());
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, Arc::new(move |path: &str| find(&answers, path)), Arc::new(Mutex::new(vec![]))).await;
                }
            });
        }
    });
    port
}

#[tokio::test]
async fn tls_is_verified_on_both_sides() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    let port = tls_engine(&authority).await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    let address: EngineAddress = format!("tcp://127.0.0.1:{port}").parse().unwrap();
    let mut around = around(folder.path());
    set(&mut around, "DOCKER_CERT_PATH", "/");
    let open = |around: &Surroundings| Engine::open_in(&address, around.clone(), Fake::patience());
    // Without TLS: this server does not even say so; Docker's does.
    assert!(open(&around).await.is_err());
    set(&mut around, "DOCKER_TLS_VERIFY", "1");
    write("ca.pem", &authority.pem);
    let error = open(&around).await.unwrap_err();
    assert!(matches!(error, DockerError::NoClientCertificate { .. }), "{error}");
    let (certificate, key) = authority.sign("auditor", ExtendedKeyUsagePurpose::ClientAuth);
    write("cert.pem", &certificate);
    write("key.pem", &key);
    let engine = open(&around).await.unwrap();
    assert_eq!(engine.verified_tls(), Some(true));
    let facts = engine.host_facts(&[], &CancellationToken::new()).await.unwrap();
    assert_eq!((facts.endpoint, facts.verified_tls), (format!("tcp://127.0.0.1:{port}"), Some(true)));
    // A client certificate of someone else.
    let (certificate, key) = stranger.sign("auditor", ExtendedKeyUsagePurpose::ClientAuth);
    write("cert.pem", &certificate);
    write("key.pem", &key);
    let error = open(&around).await.unwrap_err();
    assert!(matches!(error, DockerError::NoClientCertificate { .. }), "{error}");
    write("ca.pem", &stranger.pem);
    let error = open(&around).await.unwrap_err();
    assert!(matches!(error, DockerError::UnknownCa { .. }), "{error}");
    write("ca.pem", "nothing");
    let error = open(&around).await.unwrap_err();
    assert!(matches!(error, DockerError::Certificate { .. }), "{error}");
    // Unverified, as DOCKER_TLS alone asks for: it connects, and the facts say so.
    let (certificate, key) = authority.sign("auditor", ExtendedKeyUsagePurpose::ClientAuth);
    write("cert.pem", &certificate);
    write("key.pem", &key);
    around.variables.remove("DOCKER_TLS_VERIFY");
    set(&mut around, "DOCKER_TLS", "1");
    assert_eq!(open(&around).await.unwrap().verified_tls(), Some(false));
}

#[tokio::test]
async fn tls_to_an_engine_that_speaks_none_is_told() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            use tokio::io::AsyncWriteExt;
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n").await;
        }
    });
    let folder = tempfile::tempdir().unwrap();
    let mut around = around(folder.path());
    set(&mut around, "DOCKER_TLS", "1");
    let address: EngineAddress = format!("tcp://127.0.0.1:{port}").parse().unwrap();
    let error = Engine::open_in(&address, around, Fake::patience()).await.unwrap_err();
    assert!(matches!(error, DockerError::TlsToPlain { .. }), "{error}");
}
