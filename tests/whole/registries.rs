//! Registries of the tests' own, Debian's docker-registry: open, with a password file, with bearer tokens.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::service::Service;
use crate::support::{Home, judge};
use crate::tokens::TokenServer;
use crate::wire::{Tls, send};

/// The one user of every registry that has users.
pub const USER: &str = "alice";
/// That user's password.
pub const PASSWORD: &str = "planted-password-Qm7xV2";
/// The line of a password file for them: bcrypt, the only kind that docker-registry takes.
const HTPASSWD: &str = "alice:$2y$05$kr8FNNpI27FRrA7SYq1cTO/sRzv4MFUf2u.22qQlejFRwqDV/qp5i\n";

/// Media type of a manifest.
pub const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Media type of an index.
pub const INDEX: &str = "application/vnd.oci.image.index.v1+json";

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

/// A digest as registries write it.
pub fn digest(bytes: &[u8]) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(bytes)))
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
                let realm = format!("https://{}/token", tokens.address());
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
        self.tokens.as_ref().map(TokenServer::issued).unwrap_or_default()
    }

    /// The uploads that are open. (docker-registry 2.8 leaves the folder of one that was cancelled, with a few bytes of
    /// hash state in it: it saves that after it has removed everything.)
    pub fn uploads(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().join("data")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.ends_with("startedat") {
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

    /// The arguments that tell plimsoll how to reach it, as nobody or with a password for [`USER`].
    pub fn reach(&self, tls: &Tls, home: &Home, password: Option<&str>) -> Vec<String> {
        let mut arguments = match self.mode {
            Mode::Open => vec!["--plain-http".to_owned(), self.address.clone()],
            _ => vec!["--ca".to_owned(), format!("{}={}", self.address, tls.authority())],
        };
        if let Some(password) = password {
            let file = home.path("password");
            std::fs::write(&file, format!("{password}\n")).unwrap();
            let user = ["--user".to_owned(), format!("{}={USER}", self.address)];
            arguments.extend(user);
            arguments.extend(["--password-file".to_owned(), format!("{}={}", self.address, file.display())]);
        }
        arguments
    }

    /// Puts a blob into an open registry; its digest.
    pub fn put_blob(&self, repository: &str, bytes: &[u8]) -> String {
        let digest = digest(bytes);
        let opened = send("POST", &self.address, &format!("/v2/{repository}/blobs/uploads/"), &[], &[], None);
        let location = opened.header("location").unwrap_or_else(|| panic!("{opened:?}"));
        let target = location.split_once(&self.address).map_or(location, |(_, target)| target);
        let typed = [("Content-Type", "application/octet-stream")];
        let put = send("PUT", &self.address, &format!("{target}&digest={digest}"), &typed, bytes, None);
        assert_eq!(put.status, 201, "{put:?}");
        digest
    }

    /// Puts a manifest into an open registry, by tag or digest.
    pub fn put_manifest(&self, repository: &str, name: &str, media_type: &str, bytes: &[u8]) {
        let target = format!("/v2/{repository}/manifests/{name}");
        let put = send("PUT", &self.address, &target, &[("Content-Type", media_type)], bytes, None);
        assert_eq!(put.status, 201, "{} {}", name, String::from_utf8_lossy(&put.body));
    }
}
