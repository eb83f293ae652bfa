//! Registries of the tests' own, Debian's docker-registry: open, with a password file, with bearer tokens.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::DecodePrivateKey as _;
use serde_json::{Value, json};

use crate::service::Service;
use crate::support::judge;
use crate::wire::{Message, Server, Tls};

/// The one user of every registry that has users.
pub const USER: &str = "alice";
/// That user's password.
pub const PASSWORD: &str = "planted-password-Qm7xV2";
/// The line of a password file for them: bcrypt, the only kind that docker-registry takes.
const HTPASSWD: &str = "alice:$2y$05$kr8FNNpI27FRrA7SYq1cTO/sRzv4MFUf2u.22qQlejFRwqDV/qp5i\n";

/// How a registry tells people apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Plain HTTP, everything open to everybody.
    Open,
    /// TLS, user and password for everything.
    Basic,
    /// TLS, bearer tokens; anybody may pull from `shop/public`.
    Token,
}

/// The repository that is public in [`Mode::Token`].
pub const PUBLIC: &str = "shop/public";

/// A running registry.
pub struct Registry {
    /// `127.0.0.1:PORT`.
    pub address: String,
    mode: Mode,
    folder: tempfile::TempDir,
    service: Service,
    tokens: Option<TokenServer>,
}

impl Registry {
    /// Starts one with nothing in it.
    pub fn start(tls: &Tls, mode: Mode) -> Self {
        let folder = tempfile::Builder::new().prefix("plimsoll-registry-").tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("htpasswd"), HTPASSWD).unwrap();
        let tokens = (mode == Mode::Token).then(|| TokenServer::start(tls));
        let (service, port) = Service::start(&path("log"), "docker-registry", |port| {
            let mut config = json!({
                "version": 0.1,
                "storage": {"filesystem": {"rootdirectory": path("data")}},
                "http": {"addr": format!("127.0.0.1:{port}")},
            });
            if mode != Mode::Open {
                config["http"]["tls"] = json!({"certificate": tls.path("server.crt"), "key": tls.path("server.key")});
            }
            if mode == Mode::Basic {
                config["auth"] = json!({"htpasswd": {"realm": "tests", "path": path("htpasswd")}});
            }
            if let Some(tokens) = &tokens {
                let realm = format!("https://{}/token", tokens.server.address);
                let bundle = tls.path("token.crt");
                config["auth"] = json!({"token":
                    {"realm": realm, "service": "tests", "issuer": "tests", "rootcertbundle": bundle}});
            }
            // JSON is YAML.
            std::fs::write(path("config.yml"), config.to_string()).unwrap();
            let mut command = Command::new("docker-registry");
            command.arg("serve").arg(path("config.yml"));
            command
        });
        Self { address: format!("127.0.0.1:{port}"), mode, folder, service, tokens }
    }

    /// What it logged: each request among it.
    pub fn log(&self) -> String {
        self.service.log()
    }

    /// The tokens that were given out for it.
    pub fn tokens(&self) -> Vec<String> {
        self.tokens.as_ref().map(|tokens| tokens.issued.lock().unwrap().clone()).unwrap_or_default()
    }

    /// The uploads that are open.
    pub fn uploads(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().join("data")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.parent().is_some_and(|parent| parent.ends_with("_uploads")) {
                    found.push(path);
                } else if path.is_dir() {
                    folders.push(path);
                }
            }
        }
        found
    }

    /// Pushes what lies in an OCI layout, every platform of it; the reference that it has then.
    pub fn push(&self, layout: &Path, name: &str, repository: &str) -> String {
        let reference = format!("{}/{repository}", self.address);
        let credentials = format!("{USER}:{PASSWORD}");
        let (from, to) = (format!("oci:{}:{name}", layout.display()), format!("docker://{reference}"));
        let mut arguments = vec!["copy", "-q", "--all", "--insecure-policy", "--dest-tls-verify=false"];
        if self.mode != Mode::Open {
            arguments.extend(["--dest-creds", &credentials]);
        }
        arguments.extend([from.as_str(), &to]);
        let (pushed, said) = judge("skopeo", "skopeo", &arguments);
        assert!(pushed, "{said}");
        reference
    }
}

/// Gives out tokens (distribution's token specification), by GET with a password and by OAuth2's password grant.
struct TokenServer {
    server: Server,
    issued: Arc<Mutex<Vec<String>>>,
}

impl TokenServer {
    fn start(tls: &Tls) -> Self {
        tls.certificate("token", "/CN=tests", &[]);
        let key = SigningKey::from_pkcs8_pem(&std::fs::read_to_string(tls.path("token.key")).unwrap()).unwrap();
        let pem = std::fs::read_to_string(tls.path("token.crt")).unwrap();
        let certificate: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
        let issued = Arc::new(Mutex::new(Vec::new()));
        let given = issued.clone();
        let server = Server::start(tls, move |request| {
            let target = request.line.get(1).cloned().unwrap_or_default();
            let mut fields = parameters(target.split_once('?').map_or("", |(_, query)| query));
            fields.extend(parameters(&String::from_utf8_lossy(&request.body)));
            let of = |name: &str| fields.iter().filter(|(n, _)| n == name).map(|(_, value)| value.clone()).collect();
            let user = match user(request, &of) {
                Ok(user) => user,
                Err(refused) => return refused,
            };
            let token = token(&key, &certificate, &user, &of("service"), &of("scope"));
            given.lock().unwrap().push(token.clone());
            Message::json(200, &json!({"token": token, "access_token": token, "expires_in": 300}))
        });
        Self { server, issued }
    }
}

/// Who asks: nobody in particular is an empty name.
fn user(request: &Message, of: &dyn Fn(&str) -> Vec<String>) -> Result<String, Message> {
    let basic = request.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let pair = match basic {
        Some(encoded) => String::from_utf8(STANDARD.decode(encoded).unwrap()).unwrap(),
        None if of("grant_type") == ["password"] => format!("{}:{}", of("username").concat(), of("password").concat()),
        None => return Ok(String::new()),
    };
    match pair == format!("{USER}:{PASSWORD}") {
        true => Ok(USER.to_owned()),
        false => Err(Message::json(401, &json!({"details": "incorrect user name or password"}))),
    }
}

fn token(key: &SigningKey, certificate: &str, user: &str, service: &[String], scopes: &[String]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut access = Vec::new();
    for scope in scopes.iter().flat_map(|scopes| scopes.split(' ')) {
        let Some(((kind, name), actions)) = scope.rsplit_once(':').and_then(|(l, r)| Some((l.split_once(':')?, r)))
        else {
            continue;
        };
        let anybody = kind == "repository" && name == PUBLIC;
        let granted = actions.split(',').filter(|action| !user.is_empty() || anybody && *action == "pull");
        access.push(json!({"type": kind, "name": name, "actions": granted.collect::<Vec<_>>()}));
    }
    let header = json!({"typ": "JWT", "alg": "ES256", "x5c": [certificate]});
    let claims = json!({"iss": "tests", "sub": user, "aud": service.concat(), "exp": now + 300, "nbf": now - 10,
        "iat": now, "jti": format!("{now}-{}", access.len()), "access": access});
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let signature: Signature = key.sign(signed.as_bytes());
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature.to_bytes()))
}

/// The fields of a query or a form.
fn parameters(text: &str) -> Vec<(String, String)> {
    text.split('&').filter_map(|pair| pair.split_once('=')).map(|(name, value)| (decode(name), decode(value))).collect()
}

fn decode(text: &str) -> String {
    let mut bytes = text.bytes();
    let mut out = Vec::new();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(out).unwrap()
}
