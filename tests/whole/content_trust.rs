//! Docker Content Trust with its real tools: Debian's notary-server and notary-signer, the docker client that signs and
//! verifies, and a front that serves recorded metadata with changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use p256::pkcs8::{DecodePrivateKey as _, EncodePublicKey as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256, Sha512};

use crate::daemon::Daemon;
use crate::service::Service;
use crate::support::judge;
use crate::wire::{Message, Server, Tls, send};

const ROOT_PASSPHRASE: &str = "a root passphrase for tests";
const PASSPHRASE: &str = "a repository passphrase for tests";

/// A docker client that still knows Content Trust: version 29 took it out, and ignores `DOCKER_CONTENT_TRUST` silently.
fn docker() -> &'static str {
    for program in ["docker", "/usr/bin/docker"] {
        let (_, said) = judge(program, "docker.io", &["--version"]);
        let version = said.split_whitespace().nth(2).and_then(|v| v.split('.').next()?.parse::<u32>().ok());
        if version.is_some_and(|version| version < 29) {
            return program;
        }
    }
    panic!("the lab of Content Trust needs a docker client older than 29, in the path or as /usr/bin/docker");
}

/// notary-server with its notary-signer. What they know is in memory (Debian's have no SQLite) and ends with them.
pub struct TrustServer {
    /// `127.0.0.1:PORT`.
    pub address: String,
    _server: Service,
    _signer: Service,
    _folder: tempfile::TempDir,
}

impl TrustServer {
    /// Starts both.
    pub fn start(tls: &Tls) -> Self {
        let folder = tempfile::Builder::new().prefix("plimsoll-notary-").tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let (certificate, key, authority) = (tls.path("server.crt"), tls.path("server.key"), tls.path("ca.crt"));
        let run = |program: &str, config: &Value| {
            let file = path(&format!("{program}.json"));
            std::fs::write(&file, config.to_string()).unwrap();
            let mut command = Command::new(program);
            command.arg("-config").arg(file);
            command
        };
        let (signer, signer_port) = Service::start(&path("signer.log"), "notary", |port| {
            run(
                "notary-signer",
                &json!({
                    "server": {"grpc_addr": format!("127.0.0.1:{port}"), "tls_cert_file": certificate,
                        "tls_key_file": key, "client_ca_file": authority},
                    "logging": {"level": "warn"}, "storage": {"backend": "memory"},
                }),
            )
        });
        let (server, port) = Service::start(&path("server.log"), "notary", |port| {
            run(
                "notary-server",
                &json!({
                    "server": {"http_addr": format!("127.0.0.1:{port}"), "tls_cert_file": certificate,
                        "tls_key_file": key},
                    "trust_service": {"type": "remote", "hostname": "127.0.0.1", "port": signer_port.to_string(),
                        "tls_ca_file": authority, "key_algorithm": "ecdsa", "tls_client_cert": certificate,
                        "tls_client_key": key},
                    "logging": {"level": "warn"}, "storage": {"backend": "memory"},
                }),
            )
        });
        Self { address: format!("127.0.0.1:{port}"), _server: server, _signer: signer, _folder: folder }
    }

    /// What it serves now for a repository, by role; old roots as `1.root`.
    pub fn record(&self, tls: &Tls, gun: &str) -> Metadata {
        let mut files = BTreeMap::new();
        for role in
            ["root", "timestamp", "snapshot", "targets", "targets/releases", "targets/alice", "1.root", "2.root"]
        {
            let target = format!("/v2/{gun}/_trust/tuf/{role}.json");
            let answer = send("GET", &self.address, &target, &[], &[], Some(tls));
            if answer.status == 200 {
                files.insert(role.to_owned(), answer.body);
            }
        }
        assert!(files.len() >= 4, "the trust server has no metadata for {gun}");
        Metadata(files)
    }
}

/// Metadata of one repository: role and bytes.
#[derive(Debug, Clone)]
pub struct Metadata(pub BTreeMap<String, Vec<u8>>);

impl Metadata {
    /// One file, parsed.
    pub fn json(&self, role: &str) -> Value {
        serde_json::from_slice(&self.0[role]).unwrap()
    }

    /// Writes it as a client keeps it: `root.json`, `targets/releases.json`.
    pub fn write(&self, folder: &Path) {
        for (role, bytes) in &self.0 {
            let file = folder.join(format!("{role}.json"));
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, bytes).unwrap();
        }
    }

    /// The same with one file changed.
    pub fn with(&self, role: &str, change: impl FnOnce(&mut Value)) -> Self {
        let mut value = self.json(role);
        change(&mut value);
        let mut other = self.clone();
        other.0.insert(role.to_owned(), canonical(&value).into_bytes());
        other
    }

    /// The same, with a timestamp that counts until `expires`: the roles of the server's get a key of ours, by a root
    /// that the owner's root key signs anew. (No tool can be told to sign for the past.)
    pub fn until(&self, owner: &Client, expires: &str) -> Self {
        let key = SigningKey::from_slice(&[7; 32]).unwrap();
        let spki = key.verifying_key().to_public_key_der().unwrap();
        let spki = STANDARD.encode(spki.as_bytes());
        let public = json!({"keytype": "ecdsa", "keyval": {"private": null, "public": spki}});
        let id = hex::encode(Sha256::digest(canonical(&public)));
        let root_key = owner.root_key();
        let root = self.with("root", |root| {
            root["signed"]["keys"][&id] = public;
            for role in ["timestamp", "snapshot"] {
                root["signed"]["roles"][role]["keyids"] = json!([id]);
            }
            let root_id = root["signed"]["roles"]["root"]["keyids"][0].as_str().unwrap().to_owned();
            resign(root, &root_id, &root_key);
        });
        let snapshot = root.with("snapshot", |snapshot| {
            snapshot["signed"]["meta"]["root"] = described(&root.0["root"]);
            resign(snapshot, &id, &key);
        });
        snapshot.with("timestamp", |timestamp| {
            timestamp["signed"]["meta"]["snapshot"] = described(&snapshot.0["snapshot"]);
            timestamp["signed"]["expires"] = json!(expires);
            resign(timestamp, &id, &key);
        })
    }
}

/// How one file names another.
fn described(bytes: &[u8]) -> Value {
    let hashes =
        json!({"sha256": STANDARD.encode(Sha256::digest(bytes)), "sha512": STANDARD.encode(Sha512::digest(bytes))});
    json!({"length": bytes.len(), "hashes": hashes})
}

fn resign(file: &mut Value, id: &str, key: &SigningKey) {
    let signature: Signature = key.sign(canonical(&file["signed"]).as_bytes());
    let signature = STANDARD.encode(signature.to_bytes());
    file["signatures"] = json!([{"keyid": id, "method": "ecdsa", "sig": signature}]);
}

/// The bytes that are signed: keys in order, no white space. (Metadata of these tests are ASCII without escapes.)
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let sorted: BTreeMap<_, _> = map.iter().collect();
            let members: Vec<_> = sorted.iter().map(|(k, v)| format!("{}:{}", json!(k), canonical(v))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

/// A trust server that serves what it is told to.
pub struct Front {
    server: Server,
    files: Arc<Mutex<Option<Metadata>>>,
}

impl Front {
    /// Serves `metadata`, whatever repository is asked for.
    pub fn start(tls: &Tls, metadata: &Metadata) -> Self {
        let files = Arc::new(Mutex::new(Some(metadata.clone())));
        let served = files.clone();
        let server = Server::start(tls, move |request| {
            let target = request.line.get(1).map_or("", String::as_str);
            let name = target.split_once("/_trust/tuf/").map_or("", |(_, name)| name).trim_end_matches(".json");
            // `targets.<SHA-256>` is asked for: whatever it hashes to, it is served.
            let role = match name.rsplit_once('.') {
                Some((role, hash)) if hash.len() == 64 => role,
                _ => name,
            };
            match served.lock().unwrap().as_ref().and_then(|files| files.0.get(role)) {
                Some(body) => Message { status: 200, body: body.clone(), ..Message::default() },
                None => Message::json(404, &json!({"errors": [{"code": "METADATA_NOT_FOUND", "message": "none"}]})),
            }
        });
        Self { server, files }
    }

    /// Where it listens.
    pub fn address(&self) -> &str {
        &self.server.address
    }

    /// Serves something else from now on; none is a 404 for everything.
    pub fn serve(&self, metadata: Option<&Metadata>) {
        *self.files.lock().unwrap() = metadata.cloned();
    }
}

/// A person with a docker client: own keys, own memory of what was trusted.
pub struct Client<'a> {
    daemon: &'a Daemon,
    server: String,
    authority: String,
    config: tempfile::TempDir,
}

impl<'a> Client<'a> {
    /// Somebody who has seen nothing yet, and asks this trust server.
    pub fn new(daemon: &'a Daemon, tls: &Tls, server: &str) -> Self {
        let config = tempfile::tempdir().unwrap();
        let folder = config.path().join("tls").join(server);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::copy(tls.path("ca.crt"), folder.join("ca.crt")).unwrap();
        Self { daemon, server: format!("https://{server}"), authority: tls.authority(), config }
    }

    /// Runs docker with Content Trust on.
    pub fn docker(&self, arguments: &[&str]) -> (bool, String) {
        let mut command = self.daemon.command(docker());
        command
            .args(arguments)
            .current_dir(self.config.path())
            .env("DOCKER_CONFIG", self.config.path())
            .env("DOCKER_CONTENT_TRUST", "1")
            .env("DOCKER_CONTENT_TRUST_SERVER", &self.server)
            .env("DOCKER_CONTENT_TRUST_ROOT_PASSPHRASE", ROOT_PASSPHRASE)
            .env("DOCKER_CONTENT_TRUST_REPOSITORY_PASSPHRASE", PASSPHRASE)
            .stdin(std::process::Stdio::null());
        let output = command.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    }

    /// The same, and it must go well.
    pub fn does(&self, arguments: &[&str]) -> String {
        let (done, said) = self.docker(arguments);
        assert!(done, "docker {}: {said}", arguments.join(" "));
        said
    }

    /// Pushes and signs an image of the daemon's.
    pub fn signs(&self, image: &str, reference: &str) {
        self.does(&["tag", image, reference]);
        self.does(&["push", "-q", reference]);
    }

    /// Runs the notary client on the same keys.
    pub fn notary(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("sh");
        // Its one question, whether an act is meant, cannot be answered by an option.
        command
            .args([
                "-c",
                "echo yes | notary \"$@\"",
                "notary",
                "-s",
                &self.server,
                "--tlscacert",
                &self.authority,
                "-d",
            ])
            .arg(self.config.path().join("trust"))
            .args(arguments)
            .env("NOTARY_ROOT_PASSPHRASE", ROOT_PASSPHRASE);
        for role in ["TARGETS", "SNAPSHOT", "DELEGATION"] {
            command.env(format!("NOTARY_{role}_PASSPHRASE"), PASSPHRASE);
        }
        let output = command.output().unwrap();
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "notary {}: {said}", arguments.join(" "));
        said
    }

    /// A file beside the client's keys.
    pub fn path(&self, name: &str) -> PathBuf {
        self.config.path().join(name)
    }

    /// The digest that a verified pull brings, or what docker says when it refuses.
    pub fn pulls(&self, reference: &str) -> Result<String, String> {
        let (pulled, said) = self.docker(&["pull", reference]);
        let digest = said.lines().find_map(|line| line.strip_prefix("Digest: ")).map(str::to_owned);
        if pulled { Ok(digest.unwrap_or_else(|| panic!("{said}"))) } else { Err(said) }
    }

    fn root_key(&self) -> SigningKey {
        for entry in std::fs::read_dir(self.path("trust/private")).unwrap() {
            let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
            if !text.contains("role: root") {
                continue;
            }
            // OpenSSL takes no headers inside PEM.
            let lines: Vec<_> = text.lines().filter(|l| !l.is_empty() && !l.contains(':')).collect();
            let (locked, open) = (self.path("locked.pem"), self.path("open.pem"));
            std::fs::write(&locked, lines.join("\n") + "\n").unwrap();
            let passphrase = format!("pass:{ROOT_PASSPHRASE}");
            let files = ["-in", locked.to_str().unwrap(), "-out", open.to_str().unwrap()];
            let (done, said) = judge(
                "openssl",
                "openssl",
                &[&["pkcs8", "-passin", &passphrase, "-inform", "PEM"], &files[..]].concat(),
            );
            assert!(done, "{said}");
            return SigningKey::from_pkcs8_pem(&std::fs::read_to_string(open).unwrap()).unwrap();
        }
        panic!("the client has no root key");
    }
}
