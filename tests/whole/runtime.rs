//! Hosts and containers on a real Docker daemon, set up well and badly for each question that the checks ask.

use serde_json::Value;

use crate::daemon::Daemon;
use crate::support::{Home, binary, succeed};

/// A secret that must appear nowhere.
const SECRET: &str = "lab-runtime-secret-48151623";

/// An image that sleeps.
pub const IMAGE: &str = "\
FROM scratch
COPY busybox /bin/busybox
RUN [\"/bin/busybox\", \"--install\", \"-s\", \"/bin\"]
COPY passwd /etc/passwd
ENV PATH=/bin
CMD [\"sleep\", \"3600\"]
";

fn plimsoll(home: &Home, daemon: &Daemon, arguments: &[&str]) -> std::process::Output {
    home.command(binary("plimsoll")).args(arguments).env("DOCKER_HOST", daemon.host()).output().unwrap()
}

fn audit(home: &Home, daemon: &Daemon, arguments: &[&str]) -> Value {
    let arguments = [&["audit", "--profile", "full", "--no-advisories", "--json", "-"], arguments].concat();
    let text = succeed(&plimsoll(home, daemon, &arguments));
    assert!(!text.contains(SECRET), "a secret is in the results");
    serde_json::from_str(&text).unwrap()
}

/// How a check ended on the subject of a name.
fn outcome(results: &Value, name: &str, check: &str) -> String {
    let subjects = results["subjects"].as_array().unwrap();
    let subject = subjects.iter().find(|subject| subject["name"].as_str().unwrap().starts_with(name));
    let id = &subject.unwrap_or_else(|| panic!("no subject {name} among {subjects:?}"))["id"];
    let all = results["outcomes"].as_array().unwrap();
    let one = all.iter().find(|o| o["subject"] == *id && o["check"] == check);
    one.map_or_else(|| panic!("{check} gave no outcome on {name}"), |o| o["outcome"].as_str().unwrap().to_owned())
}

/// All outcomes as subject's name, check and outcome, in a fixed order.
fn all(results: &Value) -> Vec<(String, String, String)> {
    let subjects = results["subjects"].as_array().unwrap();
    let name = |id: &Value| {
        let subject = subjects.iter().find(|subject| subject["id"] == *id).unwrap();
        subject["name"].as_str().unwrap().to_owned()
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let outcomes = results["outcomes"].as_array().unwrap();
    let mut all: Vec<_> =
        outcomes.iter().map(|o| (name(&o["subject"]), text(&o["check"]), text(&o["outcome"]))).collect();
    all.sort();
    all
}

/// Removes the containers of a test when it ends, however it ends.
pub struct Containers<'a>(&'a Daemon, Vec<String>);

impl<'a> Containers<'a> {
    /// None yet.
    pub fn new(daemon: &'a Daemon) -> Self {
        Self(daemon, Vec::new())
    }

    /// Starts one.
    pub fn run(&mut self, name: &str, arguments: &[&str]) {
        let (ran, said) = self.0.docker(&[&["run", "-d", "--name", name], arguments].concat());
        assert!(ran, "{name}: {said}");
        self.1.push(name.to_owned());
    }
}

impl Drop for Containers<'_> {
    fn drop(&mut self) {
        for name in &self.1 {
            self.0.docker(&["rm", "-f", "-v", name]);
        }
    }
}

#[test]
fn a_good_and_a_bad_container_are_told_apart_by_each_check() {
    let daemon = Daemon::lease();
    let home = Home::new();
    daemon.build("lab/runtime:1", IMAGE);
    assert!(daemon.docker(&["network", "create", "runtime-lab"]).0);
    let profile = home.path("seccomp.json");
    std::fs::write(
        &profile,
        r#"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["reboot"],"action":"SCMP_ACT_ERRNO"}]}"#,
    )
    .unwrap();
    let seccomp = format!("seccomp={}", profile.display());
    let socket = format!("{}:/var/run/docker.sock", daemon.path("docker.sock").display());
    let mut containers = Containers::new(&daemon);
    #[rustfmt::skip]
    containers.run("rt-good", &[
        "--user", "1000:1000", "--read-only", "--tmpfs", "/tmp", "--pids-limit", "50", "--memory", "64m", "--cpus", "0.5",
        "--security-opt", "no-new-privileges", "--security-opt", &seccomp, "--cap-drop", "ALL",
        "--restart", "on-failure:3", "--health-cmd", "test -e /etc/passwd", "--health-interval", "1s",
        "--network", "runtime-lab", "-p", "127.0.0.1:18080:8080", "--label", "owner=lab", "lab/runtime:1",
    ]);
    #[rustfmt::skip]
    containers.run("rt-bad", &[
        "-v", &socket, "-v", "/etc:/host-etc", "-p", "18081:22", "--cap-add", "SYS_ADMIN", "--pid", "host",
        "--security-opt", "seccomp=unconfined", "-e", &format!("DB_PASSWORD={SECRET}"), "--log-driver", "none",
        "lab/runtime:1",
    ]);
    let (executed, said) = daemon.docker(&[
        "exec",
        "-d",
        "rt-bad",
        "sh",
        "-c",
        "mkdir -p /var/lib/postgresql && echo x > /var/lib/postgresql/base; sleep 3600",
    ]);
    assert!(executed, "{said}");
    // The health check needs one turn.
    std::thread::sleep(std::time::Duration::from_secs(3));

    let results = audit(&home, &daemon, &["container:rt-good", "container:rt-bad"]);
    #[rustfmt::skip]
    let expected = [
        ("process-limit", "pass", "fail"),
        ("read-only-root", "pass", "fail"),
        ("no-new-privileges", "pass", "fail"),
        ("resource-limits", "pass", "fail"),
        ("docker-socket", "pass", "fail"),
        ("restart-policy", "pass", "fail"),
        ("own-network", "pass", "fail"),
        ("ports-bound", "pass", "fail"),
        ("seccomp-profile", "pass", "fail"),
        ("container-privileges", "pass", "fail"),
        ("host-namespaces", "pass", "fail"),
        ("sensitive-mounts", "pass", "fail"),
        ("container-secrets", "pass", "fail"),
        ("container-logging", "pass", "fail"),
        ("processes-not-root", "pass", "fail"),
        ("container-health", "pass", "fail"),
        ("layer-writes", "pass", "fail"),
        ("accessed-container", "pass", "undecided"),
        ("remote-management-running", "pass", "undecided"),
    ];
    let found: Vec<_> = expected
        .iter()
        .map(|(check, _, _)| (*check, outcome(&results, "rt-good", check), outcome(&results, "rt-bad", check)))
        .collect();
    let wanted: Vec<_> = expected.iter().map(|(c, good, bad)| (*c, (*good).to_owned(), (*bad).to_owned())).collect();
    assert_eq!(found, wanted);
    drop(containers);
    daemon.docker(&["network", "rm", "runtime-lab"]);
}

#[test]
fn what_is_collected_elsewhere_is_judged_as_if_it_had_been_read_here() {
    let daemon = Daemon::lease();
    let home = Home::new();
    daemon.build("lab/runtime:1", IMAGE);
    let mut containers = Containers::new(&daemon);
    containers.run("rt-collected", &["-e", &format!("API_TOKEN={SECRET}"), "lab/runtime:1"]);
    let file = home.path("host.facts");
    let out = file.to_str().unwrap();
    let subjects = ["host:", "container:rt-collected", "docker-daemon:lab/runtime:1"];
    let arguments = [&["collect"], &subjects[..], &["--out", out, "--yes", "--note", "lab"]].concat();
    let collected = plimsoll(&home, &daemon, &arguments);
    succeed(&collected);
    let said = String::from_utf8_lossy(&collected.stderr);
    assert!(said.contains("/info"), "it does not say what it reads: {said}");
    let bytes = std::fs::read(&file).unwrap();
    let plain = zstd::decode_all(bytes.as_slice()).unwrap_or(bytes);
    assert!(!plain.windows(SECRET.len()).any(|window| window == SECRET.as_bytes()), "a secret is in the facts file");

    let here = audit(&home, &daemon, &subjects);
    // Nobody answers at the auditor's desk.
    let text = succeed(&home.plimsoll(&[
        "audit",
        "--profile",
        "full",
        "--no-advisories",
        "--json",
        "-",
        &format!("facts:{out}"),
    ]));
    let there: Value = serde_json::from_str(&text).unwrap();
    let checks = |results: &Value| {
        let mut checks: Vec<_> = all(results).into_iter().map(|(_, check, outcome)| (check, outcome)).collect();
        checks.sort();
        checks
    };
    assert_eq!(checks(&here), checks(&there));
    let by = &there["subjects"][0]["collected_by"];
    assert_eq!(by["note"], "lab", "{by}");
    assert_eq!(by["file_sha256"].as_str().unwrap().len(), 64);
}

#[test]
fn a_swarm_manager_tells_of_the_cluster() {
    let daemon = Daemon::start_with(r#"{"log-level": "info", "userland-proxy": false}"#);
    let home = Home::new();
    // Not the usual port: another swarm may run on this machine.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let listen = format!("127.0.0.1:{port}");
    let (made, said) =
        daemon.docker(&["swarm", "init", "--autolock", "--advertise-addr", &listen, "--listen-addr", &listen]);
    assert!(made, "{said}");
    for arguments in [
        &["network", "create", "-d", "overlay", "--opt", "encrypted", "shop"][..],
        &["network", "create", "-d", "overlay", "plain"],
    ] {
        let (made, said) = daemon.docker(arguments);
        assert!(made, "{said}");
    }
    let results = audit(&home, &daemon, &["host:"]);
    let name = results["subjects"][0]["name"].as_str().unwrap().to_owned();
    #[rustfmt::skip]
    let expected = [
        ("swarm-autolock", "pass"), ("managers-odd", "fail"), ("managers-redundant", "fail"), ("managers-drained", "fail"),
        ("node-certificates", "pass"), ("overlay-encrypted", "fail"), ("daemon-log-level", "pass"),
        ("live-restore", "undecided"),
    ];
    for (check, wanted) in expected {
        assert_eq!(outcome(&results, &name, check), wanted, "{check}");
    }
    daemon.docker(&["network", "rm", "plain"]);
    let node = daemon.docker(&["info", "--format", "{{.Swarm.NodeID}}"]).1;
    daemon.docker(&["node", "update", "--availability", "drain", node.trim()]);
    daemon.docker(&["swarm", "update", "--autolock=false"]);
    let results = audit(&home, &daemon, &["host:"]);
    for (check, wanted) in [("managers-drained", "pass"), ("swarm-autolock", "fail")] {
        assert_eq!(outcome(&results, &name, check), wanted, "{check}");
    }
    let text = results.to_string();
    assert!(!text.contains("SWMTKN") && !text.contains("SWMKEY"), "the swarm's secrets are in the results");
}

#[test]
fn a_host_is_judged_by_its_engine_and_its_configuration() {
    let config = r#"{"live-restore": true, "log-level": "debug", "insecure-registries": ["registry.example.com"]}"#;
    let daemon = Daemon::start_with(config);
    let home = Home::new();
    let results = audit(&home, &daemon, &["host:"]);
    let name = results["subjects"][0]["name"].as_str().unwrap().to_owned();
    #[rustfmt::skip]
    let expected = [
        ("live-restore", "pass"), ("daemon-log-level", "fail"), ("insecure-registries", "fail"), ("storage-driver", "fail"),
        ("user-namespaces", "fail"), ("userland-proxy", "fail"), ("iptables-managed", "fail"), ("engine-supported", "undecided"),
        ("default-bridge-unused", "undecided"), ("authorization-plugin", "fail"), ("container-os", "fail"),
    ];
    let found: Vec<_> = expected.iter().map(|(check, _)| (*check, outcome(&results, &name, check))).collect();
    let wanted: Vec<_> = expected.iter().map(|(check, outcome)| (*check, (*outcome).to_owned())).collect();
    assert_eq!(found, wanted);
}
