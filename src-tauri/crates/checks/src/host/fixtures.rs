//! Hosts for the checks' tests: one as it should be, one as it should not, and ways to judge them.

use std::collections::BTreeMap;

use plimsoll_docker::facts::{
    ConfigFacts, Configured, ConfiguredAt, DaemonFacts, EngineFacts, HostFacts, HostFile, ListedContainer,
    MachineFacts, NetworkFacts, Product, PublishedPort, SecurityOption, SwarmFacts, TaggedImage, VolumeFacts,
};
use serde_json::{Value, json};

use crate::{Check, Facts, Judgement, Settings};

/// The day of all tests.
pub(crate) const DAY: &str = "2026-11-24T00:00:00Z";
/// The same in seconds since 1970.
pub(crate) const NOW: i64 = 1_795_478_400;

/// Facts on a host.
pub(crate) fn facts_on(host: HostFacts, day: &str) -> Facts {
    let mut facts = crate::facts::tests::image();
    facts.image = None;
    facts.source = host.endpoint.clone();
    facts.collected = day.to_owned();
    facts.host = Some(host);
    facts
}

/// What a check says of a host.
pub(crate) fn judge(check: &dyn Check, host: HostFacts) -> Judgement {
    check.judge(&facts_on(host, DAY), &Settings::default())
}

/// A setting at a place.
pub(crate) fn configured(key: &str, value: Value, file: &str, line: u32) -> Configured {
    Configured { key: key.into(), value, at: ConfiguredAt { file: file.into(), line } }
}

/// A setting in daemon.json.
pub(crate) fn config(key: &str, value: Value, line: u32) -> Configured {
    configured(key, value, "/etc/docker/daemon.json", line)
}

/// Security options without further pairs.
pub(crate) fn options(names: &[&str]) -> Vec<SecurityOption> {
    names.iter().map(|name| SecurityOption { name: (*name).into(), options: BTreeMap::new() }).collect()
}

/// A running container.
pub(crate) fn container(name: &str, networks: &[&str], ports: &[(&str, u16)]) -> ListedContainer {
    ListedContainer {
        id: format!("{name}-id"),
        name: name.into(),
        image: "shop:1".into(),
        image_id: "sha256:1".into(),
        created: NOW - 86_400,
        state: "running".into(),
        status: "Up 1 day".into(),
        ports: ports
            .iter()
            .map(|(ip, port)| PublishedPort {
                container_port: *port,
                protocol: "tcp".into(),
                host_ip: (*ip).into(),
                host_port: *port,
            })
            .collect(),
        networks: networks.iter().map(|&network| network.into()).collect(),
        network_mode: networks.first().map(|&network| network.into()),
        labels: BTreeMap::from([("team".into(), "shop".into())]),
    }
}

/// A network.
pub(crate) fn network(name: &str, driver: &str, subnets: &[&str]) -> NetworkFacts {
    NetworkFacts {
        id: format!("{name}-id"),
        name: name.into(),
        driver: driver.into(),
        scope: "local".into(),
        subnets: subnets.iter().map(|&subnet| subnet.into()).collect(),
        labels: BTreeMap::from([("team".into(), "shop".into())]),
        ..NetworkFacts::default()
    }
}

/// Permissions of a file.
pub(crate) fn file(path: &str, mode: u32, uid: u32, gid: u32, members: &[&str]) -> HostFile {
    HostFile {
        path: path.into(),
        mode,
        uid,
        gid,
        owner: Some(if uid == 0 { "root".into() } else { format!("u{uid}") }),
        group: Some(if gid == 0 { "root".into() } else { "docker".into() }),
        members: members.iter().map(|&member| member.into()).collect(),
    }
}

const ICC: &str = "com.docker.network.bridge.enable_icc";

/// A host as it should be.
pub(crate) fn good() -> HostFacts {
    let mut bridge = network("bridge", "bridge", &["172.17.0.0/16"]);
    bridge.options.insert(ICC.into(), "false".into());
    HostFacts {
        endpoint: "unix:///var/run/docker.sock".into(),
        name: Some("node1".into()),
        id: Some("N1".into()),
        engine: EngineFacts {
            product: Product::Docker,
            platform: Some("Docker Engine - Community".into()),
            version: Some("29.8.2".into()),
            components: vec![("containerd".into(), "v2.2.1".into()), ("runc".into(), "1.3.4".into())],
            ..EngineFacts::default()
        },
        machine: MachineFacts {
            operating_system: Some("Debian GNU/Linux 13 (trixie)".into()),
            os_version: Some("13".into()),
            os_type: Some("linux".into()),
            kernel: Some("6.12.0".into()),
            cpus: Some(8),
            memory: Some(32 << 30),
            ..MachineFacts::default()
        },
        daemon: DaemonFacts {
            storage_driver: Some("overlay2".into()),
            storage_status: vec![
                ("Backing Filesystem".into(), "extfs".into()),
                ("Supports d_type".into(), "true".into()),
            ],
            logging_driver: Some("fluentd".into()),
            cgroup_version: Some("2".into()),
            security_options: Some(options(&["selinux", "seccomp", "userns"])),
            live_restore: Some(true),
            debug: Some(false),
            experimental: Some(false),
            firewall_backend: Some("iptables".into()),
            kernel_limits: ["MemoryLimit", "CpuCfsQuota", "PidsLimit", "SwapLimit"]
                .into_iter()
                .map(|name| (name.to_owned(), true))
                .collect(),
            insecure_registries: Some(vec!["::1/128".into(), "127.0.0.0/8".into()]),
            authorization_plugins: Some(vec!["opa-docker-authz".into()]),
            log_plugins: vec!["fluentd".into(), "json-file".into()],
            network_plugins: vec!["bridge".into(), "overlay".into()],
            volume_plugins: vec!["local".into(), "rexray/ebs".into()],
            labels: vec!["zone=a".into()],
            ..DaemonFacts::default()
        },
        config: Some(ConfigFacts {
            settings: vec![
                config("userland-proxy", json!(false), 2),
                config("icc", json!(false), 3),
                config("live-restore", json!(true), 4),
                config("default-ulimits", json!({"nofile": {"Hard": 4096}}), 5),
            ],
            daemon_json_known: true,
            flags_known: true,
            permissions: vec![
                file("/var/run/docker.sock", 0o140_660, 0, 999, &[]),
                file("/etc/docker/daemon.json", 0o100_644, 0, 0, &[]),
            ],
            daemon_label: Some("system_u:system_r:container_runtime_t:s0".into()),
            daemon_uid: Some(0),
            userland_proxies: Some(0),
            host_subnets: vec!["10.1.0.0/24".into()],
            ..ConfigFacts::default()
        }),
        networks: Some(vec![bridge, network("shop", "bridge", &["172.18.0.0/16"]), network("none", "null", &[])]),
        volumes: Some(vec![VolumeFacts {
            name: "data".into(),
            driver: "rexray/ebs".into(),
            scope: "global".into(),
            labels: BTreeMap::from([("team".into(), "shop".into())]),
            ..VolumeFacts::default()
        }]),
        containers: Some(vec![container("web", &["shop"], &[("10.1.0.5", 443)])]),
        images: Some(vec![TaggedImage {
            id: "sha256:1".into(),
            tags: vec!["shop:1".into()],
            digests: vec![],
            created: NOW,
        }]),
        swarm: SwarmFacts { state: Some("inactive".into()), ..SwarmFacts::default() },
        ..HostFacts::default()
    }
}

/// A host as it should not be.
pub(crate) fn bad() -> HostFacts {
    let mut host = good();
    host.endpoint = "tcp://10.0.0.5:2375".into();
    host.verified_tls = Some(false);
    host.engine.version = Some("24.0.5".into());
    host.engine.components = vec![("containerd".into(), "1.6.20".into()), ("runc".into(), "1.1.7".into())];
    host.machine.operating_system = Some("CentOS Linux 7 (Core)".into());
    host.machine.os_version = Some("7".into());
    host.daemon = DaemonFacts {
        storage_driver: Some("devicemapper".into()),
        storage_status: vec![("Data loop file".into(), "/var/lib/docker/devicemapper/data".into())],
        logging_driver: Some("none".into()),
        security_options: Some(options(&["seccomp"])),
        live_restore: Some(false),
        debug: Some(true),
        experimental: Some(true),
        kernel_limits: BTreeMap::from([("MemoryLimit".into(), false), ("CpuCfsQuota".into(), true)]),
        insecure_registries: Some(vec!["127.0.0.0/8".into(), "10.0.0.0/8".into(), "old.example:5000".into()]),
        mirrors: vec!["http://mirror.example/".into()],
        authorization_plugins: Some(vec![]),
        volume_plugins: vec!["local".into()],
        warnings: vec![
            "WARNING: API is accessible on http://0.0.0.0:2375 without encryption.\n  Access is root.".into(),
        ],
        ..DaemonFacts::default()
    };
    host.config = Some(ConfigFacts {
        settings: vec![
            config("hosts", json!(["fd://", "tcp://0.0.0.0:2375"]), 2),
            config("iptables", json!(false), 3),
            config("log-level", json!("debug"), 4),
        ],
        daemon_json_known: true,
        flags_known: true,
        permissions: vec![
            file("/var/run/docker.sock", 0o140_666, 0, 999, &["eve"]),
            file("/etc/docker/daemon.json", 0o100_666, 1000, 1000, &[]),
            file("/etc/docker/server-key.pem", 0o100_644, 0, 0, &[]),
        ],
        daemon_label: Some("unconfined".into()),
        userland_proxies: Some(3),
        host_subnets: vec!["172.18.0.0/24".into()],
        ..ConfigFacts::default()
    });
    let mut bridge = network("bridge", "bridge", &["172.17.0.0/16"]);
    bridge.options.insert(ICC.into(), "true".into());
    let mut overlay = network("back", "overlay", &["172.17.5.0/24"]);
    overlay.labels.clear();
    host.networks = Some(vec![
        bridge,
        overlay,
        network("shop", "bridge", &["172.18.0.0/16"]),
        network("w", "weaveworks/net-plugin:2.8.1", &[]),
    ]);
    host.volumes = Some(vec![VolumeFacts { name: "v".into(), driver: "gone".into(), ..VolumeFacts::default() }]);
    host.plugins = Some(vec![]);
    let mut old = container("old", &["bridge"], &[]);
    old.state = "exited".into();
    old.status = "Exited (0) 7 weeks ago".into();
    old.labels.clear();
    host.containers = Some(vec![
        container("web", &["bridge"], &[("0.0.0.0", 80), ("::", 80)]),
        container("db", &["bridge"], &[]),
        old,
    ]);
    host
}
