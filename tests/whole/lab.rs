//! A real Docker daemon, started by the test: the same image through the daemon, through `docker save`, and as OCI.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{Home, judge, succeed};

/// A daemon of our own: own socket, own data, own bridge; it ends with the test.
struct Daemon {
    child: Child,
    folder: tempfile::TempDir,
    bridge: String,
}

fn root() -> bool {
    Command::new("id").arg("-u").output().unwrap().stdout.starts_with(b"0\n")
}

impl Daemon {
    fn start() -> Self {
        assert!(root(), "the lab test starts a Docker daemon and needs root; run cargo xtask test with sudo");
        let folder = tempfile::Builder::new().prefix("plimsoll-lab-").tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        std::fs::write(path("daemon.json"), "{}").unwrap();
        // `--bridge=none` would delete the docker0 of another daemon on this machine.
        let bridge = format!("plims{}", std::process::id() % 100_000);
        let (made, _) = judge("ip", "iproute2", &["link", "add", &bridge, "type", "bridge"]);
        let network = if made {
            judge("ip", "iproute2", &["addr", "add", "172.30.251.1/24", "dev", &bridge]);
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

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn host(&self) -> String {
        format!("unix://{}", self.path("docker.sock").display())
    }

    fn docker(&self, arguments: &[&str]) -> (bool, String) {
        let output = Command::new("docker")
            .args(arguments)
            .env("DOCKER_HOST", self.host())
            .env("DOCKER_BUILDKIT", "0")
            .env("DOCKER_CONFIG", self.path("config"))
            .env_remove("DOCKER_CONTEXT")
            .env_remove("DOCKER_TLS_VERIFY")
            .output()
            .expect("docker could not be started; install docker.io or run cargo xtask test");
        let said = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.success(), said)
    }

    fn build(&self, tag: &str, dockerfile: &str) {
        let context = self.path("context");
        std::fs::create_dir_all(&context).unwrap();
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

const GOOD: &str = "\
FROM scratch
COPY busybox /bin/busybox
RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]
COPY passwd /etc/passwd
ENV PATH=/bin
USER app
HEALTHCHECK --interval=5s --timeout=2s CMD [\"/bin/test\", \"-e\", \"/etc/passwd\"]
CMD [\"sh\"]
";
const BAD: &str = "\
FROM scratch
COPY busybox /bin/busybox
RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]
ENV PATH=/bin DB_PASSWORD=lab-secret-value-1234
ADD passwd /etc/passwd
RUN [\"/bin/sh\", \"-c\", \"dd if=/dev/zero of=/zeros bs=1M count=4 2>/dev/null\"]
RUN [\"/bin/rm\", \"/zeros\"]
";

fn audit(home: &Home, daemon: &Daemon, source: &str) -> Value {
    let mut command = home.command(crate::support::binary("plimsoll"));
    let output = command.args(["audit", source, "--json", "-"]).env("DOCKER_HOST", daemon.host()).output().unwrap();
    let text = succeed(&output);
    assert!(!text.contains("lab-secret-value-1234"), "a secret is in the results of {source}");
    serde_json::from_str(&text).unwrap()
}

fn diff_ids(results: &Value) -> Vec<String> {
    let layers = results["subjects"][0]["content"]["layers"].as_array().unwrap();
    layers.iter().map(|layer| layer["diff_id"].as_str().unwrap().to_owned()).collect()
}

fn outcomes(results: &Value) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let all = results["outcomes"].as_array().unwrap();
    all.iter().map(|o| (text(&o["check"]), text(&o["outcome"]), text(&o["summary"]))).collect()
}

#[test]
fn an_image_is_the_same_whichever_way_it_comes() {
    let daemon = Daemon::start();
    let home = Home::new();
    daemon.build("lab/good:1", GOOD);
    daemon.build("lab/bad:1", BAD);
    for name in ["good", "bad"] {
        let tag = format!("lab/{name}:1");
        let archive = home.path(&format!("{name}.tar")).display().to_string();
        let (saved, said) = daemon.docker(&["save", "-o", &archive, &tag]);
        assert!(saved, "{said}");
        let layout = home.path(&format!("{name}-oci")).display().to_string();
        let to = format!("oci:{layout}:{tag}");
        let (copied, said) =
            judge("skopeo", "skopeo", &["copy", "-q", "--insecure-policy", &format!("docker-archive:{archive}"), &to]);
        assert!(copied, "{said}");

        let by_daemon = audit(&home, &daemon, &format!("docker-daemon:{tag}"));
        let by_archive = audit(&home, &daemon, &format!("docker-archive:{archive}"));
        let by_layout = audit(&home, &daemon, &to);
        assert_eq!(diff_ids(&by_daemon), diff_ids(&by_archive));
        assert_eq!(diff_ids(&by_daemon), diff_ids(&by_layout));
        assert_eq!(outcomes(&by_daemon), outcomes(&by_archive));
        let inspected = daemon.docker(&["image", "inspect", "--format", "{{.Id}}", &tag]).1;
        assert_eq!(by_daemon["subjects"][0]["config_digest"], inspected.trim());

        for (daemon_says, layout_says) in outcomes(&by_daemon).iter().zip(&outcomes(&by_layout)) {
            if name == "good" && daemon_says.0 == "healthcheck-defined" {
                assert_eq!(daemon_says.1, "pass");
                assert_eq!(layout_says.1, "undecided");
                assert!(layout_says.2.contains("the conversion lost it"), "{}", layout_says.2);
            } else {
                assert_eq!(daemon_says, layout_says);
            }
        }
        let of = |check: &str| outcomes(&by_daemon).into_iter().find(|o| o.0 == check).unwrap().1;
        let expected = if name == "good" { ("pass", "pass") } else { ("fail", "fail") };
        assert_eq!((of("non-root-user").as_str(), of("healthcheck-defined").as_str()), expected);
        assert_eq!(of("image-waste"), if name == "good" { "pass" } else { "fail" });
    }
    let missing = home
        .command(crate::support::binary("plimsoll"))
        .args(["audit", "docker-daemon:lab/none:1"])
        .env("DOCKER_HOST", daemon.host())
        .output()
        .unwrap();
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("has no image \"lab/none:1\""));
}
