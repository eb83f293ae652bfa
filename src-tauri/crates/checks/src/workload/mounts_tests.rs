//! Mounts: the engine's socket, and the host's folders.

use plimsoll_catalog::OutcomeKind::{self, Fail, Pass, Undecided};
use plimsoll_docker::facts::MountFacts;

use super::super::tests::{check, judge, outcome, service, with, worst};
use super::*;
use crate::Allowance;
use crate::facts::tests::compose;

fn bind(source: &str, writable: bool) -> MountFacts {
    MountFacts {
        kind: "bind".into(),
        source: source.into(),
        destination: "/x".into(),
        writable: Some(writable),
        ..MountFacts::default()
    }
}

fn mounted(id: &str, source: &str, writable: bool) -> OutcomeKind {
    outcome(id, |c| c.mounts = vec![bind(source, writable)])
}

#[test]
fn the_socket_fails_at_any_place_and_read_only_too() {
    assert_eq!(outcome(SOCKET, |_| {}), Pass);
    for path in [
        "/var/run/docker.sock",
        "/run/docker.sock",
        "/run/user/1000/docker.sock",
        "/run/containerd/containerd.sock",
        "/run/podman/podman.sock",
        "/srv/../var//run/docker.sock",
        "/",
        "/run",
        "/var/run",
        "/var",
        "/run/user/1000",
        "/run/containerd",
        "\\\\.\\pipe\\docker_engine",
    ] {
        for writable in [true, false] {
            assert_eq!(mounted(SOCKET, path, writable), Fail, "{path}");
        }
    }
    for path in ["/runner", "/var/lib/app", "/run/app", "/srv/docker.sock.d", "/run/user/1000/app"] {
        assert_eq!(mounted(SOCKET, path, true), Pass, "{path}");
    }
    // Asked for, and not in the list of mounts.
    assert_eq!(outcome(SOCKET, |c| c.host_config.binds = vec!["/var/run/docker.sock:/s:ro".into()]), Fail);
    let volume = MountFacts { kind: "volume".into(), source: "/run".into(), ..MountFacts::default() };
    assert_eq!(outcome(SOCKET, |c| c.mounts = vec![volume]), Pass);
}

#[test]
fn monitoring_is_let_through_with_its_reason() {
    let facts = with(|c| {
        c.config.image = "registry.example:5000/ops/cadvisor:1".into();
        c.mounts = vec![bind("/var/run/docker.sock", false)];
    });
    for what in ["web", "registry.example:5000/ops/cadvisor", "**/cadvisor"] {
        let allowance = Allowance { check: SOCKET.into(), what: what.into(), reason: "Watches the engine".into() };
        let settings = Settings { allowances: vec![allowance], ..Settings::default() };
        let judgement = check(SOCKET).judge(&facts, &settings);
        assert_eq!(judgement.outcome, Pass, "{what}");
        assert!(judgement.observations.iter().any(|o| o.message.contains("Watches the engine.")));
    }
}

#[test]
fn a_service_is_asked_the_same() {
    assert_eq!(service(SOCKET, "").outcome, Pass);
    for keys in [
        "volumes: ['/var/run/docker.sock:/var/run/docker.sock:ro']",
        "volumes: [{type: bind, source: /run, target: /x}]",
        "volumes: ['${XDG_RUNTIME_DIR}/docker.sock:/x']",
        "volumes: ['${SOCK:-/var/run/docker.sock}:/x']",
        "use_api_socket: true",
    ] {
        assert_eq!(service(SOCKET, keys).outcome, Fail, "{keys}");
    }
    assert_eq!(service(SOCKET, "volumes: ['${SOCK}:/x']").outcome, Undecided);
    assert_eq!(service(SOCKET, "use_api_socket: ${X}").outcome, Undecided);
    assert_eq!(service(SOCKET, "volumes_from: ['container:x']").outcome, Undecided);
    assert_eq!(service(SOCKET, "volumes: ['data:/data', './a:/a']").outcome, Pass);
    let taken = "services:\n  a:\n    volumes_from: [b]\n  b:\n    volumes_from: [a]\n    volumes: [/run:/run]\n";
    assert_eq!(judge(SOCKET, &compose(taken)).summary.split(' ').next(), Some("2"));
    let disguised = "services:\n  a:\n    volumes: ['v:/x']\nvolumes:\n  v:\n    driver_opts: {type: none, o: bind, device: /var/run}\n";
    assert_eq!(judge(SOCKET, &compose(disguised)).outcome, Fail);
}

#[test]
fn the_host_s_folders_fail_by_their_weight() {
    assert_eq!(outcome(SENSITIVE, |_| {}), Pass);
    for (path, writable, severity) in [
        ("/", true, Severity::Critical),
        ("/", false, Severity::High),
        ("/etc", true, Severity::Critical),
        ("/etc/shadow", false, Severity::Medium),
        ("/etc/app", true, Severity::Medium),
        ("/proc", false, Severity::Medium),
        ("/var/lib/docker", true, Severity::Critical),
        ("/var/lib/docker/containers", false, Severity::Medium),
        ("/var/log", false, Severity::Low),
        ("/root/.ssh", false, Severity::Medium),
        ("/home/ann/.aws", true, Severity::High),
        ("/dev/sda", true, Severity::High),
    ] {
        let judgement = judge(SENSITIVE, &with(|c| c.mounts = vec![bind(path, writable)]));
        assert_eq!((judgement.outcome, worst(&judgement)), (Fail, severity), "{path}");
    }
    for (path, writable) in [
        ("/etc/localtime", false),
        ("/usr/share/zoneinfo", false),
        ("/dev/shm", true),
        ("/srv/app", true),
        ("/home/ann/shop", true),
        ("/etcetera", true),
        ("/run/docker.sock", true),
    ] {
        assert_eq!(mounted(SENSITIVE, path, writable), Pass, "{path}");
    }
    let shared = MountFacts { propagation: Some("rshared".into()), ..bind("/srv", true) };
    assert_eq!(outcome(SENSITIVE, |c| c.mounts = vec![shared]), Fail);
    let unknown = MountFacts { writable: None, ..bind("/etc", true) };
    assert_eq!(outcome(SENSITIVE, |c| c.mounts = vec![unknown]), Fail);
    assert_eq!(service(SENSITIVE, "volumes: ['/etc:/host/etc:ro']").outcome, Fail);
    assert_eq!(service(SENSITIVE, "volumes: ['~/.ssh:/keys']").outcome, Fail);
    assert_eq!(service(SENSITIVE, "volumes: ['/srv:/srv:rshared']").outcome, Fail);
    assert_eq!(service(SENSITIVE, "volumes: ['data:/data']").outcome, Pass);
    assert_eq!(service(SENSITIVE, "volumes: ['${DIR}:/data']").outcome, Undecided);
}
