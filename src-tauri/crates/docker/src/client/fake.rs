//! A fake engine for tests: HTTP/1.1 written by hand, with answers from literals and every kind of fault.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::connection::{Engine, Patience};
use super::surroundings::Surroundings;
use crate::{DockerError, EngineAddress};

/// How the fake engine answers one path.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    Json(Value),
    /// A status and a message.
    Refuse(u16, String),
    /// Bytes as the body.
    Raw(Vec<u8>),
    /// Half of the promised body, then the end.
    Torn,
    /// The connection ends without a word.
    Gone,
    /// No answer, ever.
    Silence,
}

type Choose = dyn Fn(&str) -> Reply + Send + Sync;

/// A fake engine on a unix socket.
pub(crate) struct Fake {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) asked: Arc<Mutex<Vec<String>>>,
    serving: tokio::task::JoinHandle<()>,
}

impl Fake {
    pub(crate) fn new(choose: impl Fn(&str) -> Reply + Send + Sync + 'static) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let listener = tokio::net::UnixListener::bind(folder.path().join("docker.sock")).unwrap();
        let asked = Arc::new(Mutex::new(Vec::new()));
        let choose: Arc<Choose> = Arc::new(choose);
        let log = asked.clone();
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, choose.clone(), log.clone()));
            }
        });
        Self { folder, asked, serving }
    }

    /// A fake that answers by whole paths without the version, and 404 for all others.
    pub(crate) fn of(answers: BTreeMap<String, Reply>) -> Self {
        Self::new(move |path| find(&answers, path))
    }

    pub(crate) fn around(&self) -> Surroundings {
        around(self.folder.path())
    }

    pub(crate) fn patience() -> Patience {
        Patience { answer: Duration::from_secs(20), long: Duration::from_secs(20), largest: 8 << 20 }
    }

    pub(crate) async fn open(&self) -> Result<Engine, DockerError> {
        self.open_with(Self::patience()).await
    }

    pub(crate) async fn open_with(&self, patience: Patience) -> Result<Engine, DockerError> {
        let address = EngineAddress::Unix("unix:///docker.sock".into());
        Engine::open_in(&address, self.around(), patience).await
    }

    pub(crate) fn log(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    /// The daemon dies.
    pub(crate) fn die(&self) {
        self.serving.abort();
        std::fs::remove_file(self.folder.path().join("docker.sock")).unwrap();
    }
}

pub(crate) fn around(root: &Path) -> Surroundings {
    let variables = BTreeMap::from([("HOME".to_owned(), "/home/auditor".to_owned())]);
    Surroundings { variables, root: root.to_owned(), ssh: PathBuf::from("/nonexistent/ssh"), superuser: false }
}

pub(crate) fn find(answers: &BTreeMap<String, Reply>, path: &str) -> Reply {
    let plain = match path.strip_prefix("/v1.").and_then(|rest| rest.find('/').and_then(|at| rest.get(at..))) {
        Some(rest) => rest,
        None => path,
    };
    let unasked = plain.split('?').next().unwrap_or_default();
    let found = answers.get(plain).or_else(|| answers.get(unasked));
    found.cloned().unwrap_or(Reply::Refuse(404, format!("no such thing: {plain}")))
}

/// Serves one connection.
pub(crate) async fn serve(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    choose: Arc<Choose>,
    log: Arc<Mutex<Vec<String>>>,
) {
    let mut buffer = Vec::new();
    loop {
        let end = loop {
            if let Some(at) = buffer.windows(4).position(|part| part == b"\r\n\r\n") {
                break at;
            }
            let mut part = [0_u8; 4096];
            match stream.read(&mut part).await {
                Ok(count) if count > 0 => buffer.extend_from_slice(&part[..count]),
                _ => return,
            }
        };
        let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        buffer.drain(..end + 4);
        let first = head.lines().next().unwrap_or_default().to_owned();
        let body = head.lines().any(|line| {
            let line = line.to_lowercase();
            line.starts_with("transfer-encoding") || (line.starts_with("content-length") && !line.ends_with(" 0"))
        });
        let line = first.trim_end_matches(" HTTP/1.1").to_owned();
        log.lock().unwrap().push(if body { format!("{line} WITH A BODY") } else { line.clone() });
        let path = line.split(' ').nth(1).unwrap_or_default().to_owned();
        let (status, body, promised) = match choose(&path) {
            Reply::Json(value) => (200, value.to_string().into_bytes(), None),
            Reply::Refuse(status, message) => (status, json!({ "message": message }).to_string().into_bytes(), None),
            Reply::Raw(bytes) => (200, bytes, None),
            Reply::Torn => (200, b"{\"Half\": ".to_vec(), Some(1000)),
            Reply::Gone => return,
            Reply::Silence => return std::future::pending().await,
        };
        let length = promised.unwrap_or(body.len());
        let head = format!("HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        if stream.write_all(head.as_bytes()).await.is_err() || stream.write_all(&body).await.is_err() {
            return;
        }
        let _ = stream.flush().await;
        if promised.is_some() {
            return;
        }
    }
}

pub(crate) fn version() -> Value {
    json!({
        "Platform": {"Name": "Docker Engine - Community"},
        "Components": [
            {"Name": "Engine", "Version": "27.3.1", "Details": {"ApiVersion": "1.47"}},
            {"Name": "containerd", "Version": "1.7.22"}
        ],
        "Version": "27.3.1", "ApiVersion": "1.47", "MinAPIVersion": "1.24", "BuildTime": "2024-09-20T11:41:11Z"
    })
}

pub(crate) const ID: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
pub(crate) const IMAGE: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

pub(crate) fn inspect() -> Value {
    json!({
        "Id": ID, "Name": "/web", "Created": "2026-01-02T03:04:05Z", "Image": IMAGE, "RestartCount": 2,
        "State": {"Status": "running", "Running": true, "Pid": 4242, "ExitCode": 0, "OOMKilled": false,
            "StartedAt": "2026-01-02T03:04:06Z", "FinishedAt": "0001-01-01T00:00:00Z",
            "Health": {"Status": "healthy", "FailingStreak": 0}},
        "AppArmorProfile": "docker-default", "ProcessLabel": "", "ExecIDs": null, "SizeRw": 4096,
        "Mounts": [{"Type": "bind", "Source": "/var/run/docker.sock", "Destination": "/var/run/docker.sock", "RW": true, "Propagation": "rprivate"}],
        "Config": {"Image": "nginx:1.27", "User": "", "Env": ["PATH=/bin", "DB_PASSWORD=hunter2hunter2"], "Cmd": ["nginx", "-g", "daemon off;"],
            "Entrypoint": null, "ExposedPorts": {"80/tcp": {}}, "Labels": {"a": "b"},
            "Healthcheck": {"Test": ["CMD-SHELL", "curl -f http://localhost"]}},
        "HostConfig": {"Privileged": false, "CapAdd": ["CAP_NET_ADMIN", "SYS_TIME"], "CapDrop": null, "SecurityOpt": null,
            "ReadonlyRootfs": false, "NetworkMode": "bridge", "PidMode": "", "IpcMode": "private", "UTSMode": "", "UsernsMode": "",
            "RestartPolicy": {"Name": "always", "MaximumRetryCount": 0}, "LogConfig": {"Type": "json-file", "Config": {}},
            "Memory": 0, "MemorySwap": -1, "PidsLimit": null, "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8080"}]},
            "MaskedPaths": ["/proc/kcore"], "ReadonlyPaths": []},
        "NetworkSettings": {"Ports": {"80/tcp": [{"HostIp": "0.0.0.0", "HostPort": "8080"}, {"HostIp": "::", "HostPort": "8080"}], "443/tcp": null},
            "Networks": {"bridge": {"IPAddress": "172.17.0.2"}}}
    })
}

/// All that a sound engine answers.
pub(crate) fn answers() -> BTreeMap<String, Reply> {
    let container = |what: &str| format!("/containers/{ID}/{what}");
    let image = json!({"Id": IMAGE, "RepoTags": ["nginx:1.27"], "RepoDigests": ["nginx@sha256:bb"]});
    [
        ("/version".to_owned(), version()),
        (
            "/info".to_owned(),
            json!({"ID": "abc", "Name": "box", "Driver": "overlay2", "LoggingDriver": "json-file", "NCPU": 4, "MemTotal": 8_000_000_000_u64,
                "SecurityOptions": ["name=apparmor", "name=seccomp,profile=builtin", "name=cgroupns"], "LiveRestoreEnabled": false,
                "HttpProxy": "http://bob:s3cr3tpw@proxy:3128", "DockerRootDir": "/var/lib/docker",
                "RegistryConfig": {"InsecureRegistryCIDRs": ["127.0.0.0/8"], "IndexConfigs": {"r:5000": {"Secure": false}, "docker.io": {"Secure": true}}, "Mirrors": null},
                "Plugins": {"Volume": ["local"], "Network": ["bridge"], "Authorization": null, "Log": ["json-file"]},
                "Swarm": {"LocalNodeState": "inactive", "ControlAvailable": false, "RemoteManagers": null}}),
        ),
        (
            "/networks".to_owned(),
            json!([{"Id": "f00dfeedf00dfeed", "Name": "bridge", "Driver": "bridge", "Scope": "local", "Labels": {},
                "IPAM": {"Config": [{"Subnet": "172.17.0.0/16"}]}, "Options": {"com.docker.network.bridge.enable_icc": "true"}}]),
        ),
        ("/volumes".to_owned(), json!({"Volumes": [{"Name": "data", "Driver": "local", "Scope": "local", "Labels": null, "Options": null}], "Warnings": null})),
        ("/plugins".to_owned(), json!([])),
        (
            "/containers/json".to_owned(),
            json!([{"Id": ID, "Names": ["/other/web", "/web"], "Image": "nginx:1.27", "ImageID": IMAGE, "Created": 1_700_000_000, "State": "running", "Status": "Up",
                "Ports": [{"IP": "0.0.0.0", "PrivatePort": 80, "PublicPort": 8080, "Type": "tcp"}, {"PrivatePort": 443, "Type": "tcp"}],
                "Labels": {"api.token": "hunter2hunter2"}, "HostConfig": {"NetworkMode": "default"}, "NetworkSettings": {"Networks": {"bridge": {}}}}]),
        ),
        ("/images/json".to_owned(), json!([{"Id": IMAGE, "RepoTags": ["nginx:1.27", "<none>:<none>"], "RepoDigests": null, "Created": 1_700_000_000, "Size": 10, "ParentId": "", "SharedSize": -1, "Labels": null, "Containers": -1}])),
        ("/containers/web/json".to_owned(), inspect()),
        (container("json"), inspect()),
        (
            container("top"),
            json!({"Titles": ["PID", "PPID", "UID", "USER", "COMMAND"], "Processes": [["4242", "1", "0", "root", "nginx: master --password hunter3hunter3"]]}),
        ),
        (container("changes"), json!([{"Path": "/run", "Kind": 0}, {"Path": "/run/nginx.pid", "Kind": 1}, {"Path": "/x", "Kind": 2}])),
        (container("stats"), json!({"memory_stats": {"usage": 1000, "limit": 8_000_000_000_u64}, "pids_stats": {"current": 3, "limit": u64::MAX}})),
        ("/images/nginx:1.27/json".to_owned(), image.clone()),
        (format!("/images/{IMAGE}/json"), image),
    ]
    .into_iter()
    .map(|(path, answer)| (path, Reply::Json(answer)))
    .collect()
}
