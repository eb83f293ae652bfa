//! A Docker daemon of the tests' own, used together by the tests that run at the same time.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use crate::service::{Lease, Shared};
use crate::support::judge;

static DAEMON: Shared<Daemon> = Shared::new();

/// A daemon of our own: own socket, own data, own bridge; it ends with the test.
pub struct Daemon {
    child: Child,
    folder: tempfile::TempDir,
    bridge: String,
}

fn root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n")
}

impl Daemon {
    /// A share of the one that runs, or a new one.
    pub fn lease() -> Lease<Self> {
        DAEMON.lease(Self::start)
    }

    fn start() -> Self {
        Self::start_with("{}")
    }

    /// One of its own for a test that needs other settings: `config` is its daemon.json.
    pub fn start_with(config: &str) -> Self {
        assert!(root(), "the lab test starts a Docker daemon and needs root; run cargo xtask test with sudo");
        let folder = tempfile::Builder::new().prefix("plimsoll-lab-").tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("daemon.json"), config).unwrap();
        // `--bridge=none` would delete the docker0 of another daemon on this machine.
        // Several daemons of one test run each need a bridge and a subnet of their own.
        static STARTED: AtomicU8 = AtomicU8::new(0);
        let number = STARTED.fetch_add(1, Ordering::Relaxed);
        let bridge = format!("plims{}x{number}", std::process::id() % 100_000);
        let subnet = format!("172.30.{}.1/24", 251_u8.saturating_sub(number));
        let (made, _) = judge("ip", "iproute2", &["link", "add", &bridge, "type", "bridge"]);
        let network = if made {
            judge("ip", "iproute2", &["addr", "add", &subnet, "dev", &bridge]);
            judge("ip", "iproute2", &["link", "set", &bridge, "up"]);
            vec![
                format!("--bridge={bridge}"),
                "--iptables=false".into(),
                "--ip6tables=false".into(),
                "--ip-masq=false".into(),
            ]
        } else {
            assert!(!Path::new("/sys/class/net/docker0").exists(), "cannot make a network bridge beside docker0");
            vec!["--bridge=none".into(), "--iptables=false".into()]
        };
        let log = std::fs::File::create(path("dockerd.log")).unwrap();
        let child = Command::new("dockerd")
            .args(["--config-file", &path("daemon.json"), "--data-root", &path("data"), "--exec-root", &path("exec")])
            .args([
                "--pidfile",
                &path("pid"),
                "--storage-driver",
                "vfs",
                "-H",
                &format!("unix://{}", path("docker.sock")),
            ])
            .args(network)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("dockerd could not be started; install docker.io or run cargo xtask test");
        let daemon = Self { child, folder, bridge };
        let until = Instant::now() + Duration::from_secs(60);
        while !daemon.docker(&["info"]).0 {
            let log = std::fs::read_to_string(daemon.path("dockerd.log")).unwrap();
            assert!(Instant::now() < until, "dockerd did not come up:\n{log}");
            std::thread::sleep(Duration::from_millis(200));
        }
        daemon
    }

    /// A path among its files.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Its address.
    pub fn host(&self) -> String {
        format!("unix://{}", self.path("docker.sock").display())
    }

    /// A command that speaks to it, and to no other.
    pub fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command
            .env("DOCKER_HOST", self.host())
            .env("DOCKER_BUILDKIT", "0")
            .env("DOCKER_CONFIG", self.path("config"))
            .env_remove("DOCKER_CONTENT_TRUST")
            .env_remove("DOCKER_CONTEXT")
            .env_remove("DOCKER_TLS_VERIFY");
        command
    }

    /// Runs the docker client.
    pub fn docker(&self, arguments: &[&str]) -> (bool, String) {
        let output = self.command("docker").args(arguments).output();
        let output = output.expect("docker could not be started; install docker.io or run cargo xtask test");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    }

    /// Builds an image from a Dockerfile beside `busybox` and `passwd`.
    pub fn build(&self, tag: &str, dockerfile: &str) {
        let folder = tempfile::tempdir().unwrap();
        let context = folder.path();
        std::fs::copy("/bin/busybox", context.join("busybox"))
            .expect("busybox-static is missing; run cargo xtask test");
        std::fs::write(context.join("passwd"), "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n")
            .unwrap();
        std::fs::write(context.join("Dockerfile"), dockerfile).unwrap();
        let (built, said) = self.docker(&["build", "-q", "-t", tag, context.to_str().unwrap()]);
        assert!(built, "{said}");
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        if let Ok(pid) = std::fs::read_to_string(self.path("pid")) {
            let _ = Command::new("kill").arg(pid.trim()).status();
        }
        let until = Instant::now() + Duration::from_secs(20);
        while self.child.try_wait().ok().flatten().is_none() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(100));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = Command::new("ip").args(["link", "delete", &self.bridge]).output();
    }
}
