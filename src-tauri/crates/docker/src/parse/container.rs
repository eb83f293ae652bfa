//! `GET /containers/ID/json`: what the container was made with and how it is let run.
//!
//! Source: Docker Engine API, ContainerInspect; Podman's compatible service, which differs in what is null.

use serde_json::Value;

use super::value::{as_count, at, count, filled, flag, items, keys, listed, map, number, plain, text, word, words};
use crate::facts::{
    ContainerConfig, ContainerFacts, DeviceFacts, EnvVar, HostConfig, MountFacts, PublishedPort, StateFacts, Ulimit,
};

/// The container, without what other requests tell.
pub(crate) fn container(inspect: &Value) -> ContainerFacts {
    let state = state(inspect);
    let host_config = host_config(at(inspect, &["HostConfig"]));
    let settings = at(inspect, &["NetworkSettings"]);
    let networks = match settings.get("Networks") {
        Some(Value::Object(networks)) => {
            networks.iter().map(|(name, network)| (name.clone(), word(network, "IPAddress"))).collect()
        }
        _ => Vec::new(),
    };
    ContainerFacts {
        id: word(inspect, "Id"),
        name: word(inspect, "Name").trim_start_matches('/').to_owned(),
        created: word(inspect, "Created"),
        image_id: word(inspect, "Image"),
        ports: ports(inspect, state.running),
        config: config(at(inspect, &["Config"])),
        apparmor: text(inspect, "AppArmorProfile"),
        process_label: text(inspect, "ProcessLabel"),
        execs: words(inspect, "ExecIDs"),
        mounts: items(inspect, "Mounts").iter().map(mount).collect(),
        size_rw: count(inspect, "SizeRw"),
        state,
        host_config,
        networks,
        ..ContainerFacts::default()
    }
}

fn state(inspect: &Value) -> StateFacts {
    let state = at(inspect, &["State"]);
    // Go writes a time that was never set as the year 1.
    let time = |key: &str| filled(state, key).filter(|time| !time.starts_with("0001-"));
    let health = match at(state, &["Health"]) {
        Value::Null => at(state, &["Healthcheck"]),
        health => health,
    };
    let status = filled(health, "Status").filter(|status| status != "none");
    let running = flag(state, "Running").unwrap_or_default();
    StateFacts {
        status: filled(state, "Status").unwrap_or_else(|| if running { "running" } else { "" }.to_owned()),
        running,
        pid: count(state, "Pid").unwrap_or_default(),
        exit_code: number(state, "ExitCode"),
        oom_killed: flag(state, "OOMKilled"),
        started: time("StartedAt"),
        finished: time("FinishedAt"),
        failing_streak: status.as_ref().and_then(|_| count(health, "FailingStreak")),
        health: status,
        restarts: count(inspect, "RestartCount"),
    }
}

fn config(config: &Value) -> ContainerConfig {
    let variable = |entry: &String| match entry.split_once('=') {
        Some((name, value)) => EnvVar { name: name.to_owned(), value: Some(value.to_owned()) },
        None => EnvVar { name: entry.clone(), value: None },
    };
    ContainerConfig {
        image: word(config, "Image"),
        user: word(config, "User"),
        env: words(config, "Env").iter().map(variable).collect(),
        entrypoint: words(config, "Entrypoint"),
        cmd: words(config, "Cmd"),
        exposed_ports: keys(config, "ExposedPorts"),
        labels: map(config, "Labels"),
        // Podman gives an empty one where there is none.
        healthcheck: listed(at(config, &["Healthcheck"]), "Test").filter(|test| !test.is_empty()),
    }
}

/// `CAP_SYS_ADMIN`, `sys_admin` → `SYS_ADMIN`.
fn capabilities(value: &Value, key: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in words(value, key) {
        let name = name.to_uppercase();
        let name = name.strip_prefix("CAP_").unwrap_or(&name).to_owned();
        if !all.contains(&name) {
            all.push(name);
        }
        if all.len() >= 200 {
            break;
        }
    }
    all
}

fn host_config(host: &Value) -> HostConfig {
    let restart = at(host, &["RestartPolicy"]);
    let log = at(host, &["LogConfig"]);
    let ulimit = |entry: &Value| Ulimit {
        name: word(entry, "Name"),
        soft: number(entry, "Soft").unwrap_or_default(),
        hard: number(entry, "Hard").unwrap_or_default(),
    };
    let device = |entry: &Value| DeviceFacts {
        host_path: word(entry, "PathOnHost"),
        container_path: word(entry, "PathInContainer"),
        permissions: word(entry, "CgroupPermissions"),
    };
    let request = |entry: &Value| {
        filled(entry, "Driver").or_else(|| {
            let wanted = items(entry, "Capabilities").iter().filter_map(Value::as_array).flatten();
            let wanted: Vec<&str> = wanted.filter_map(Value::as_str).collect();
            (!wanted.is_empty()).then(|| wanted.join(","))
        })
    };
    HostConfig {
        privileged: flag(host, "Privileged"),
        cap_add: capabilities(host, "CapAdd"),
        cap_drop: capabilities(host, "CapDrop"),
        security_opt: words(host, "SecurityOpt"),
        read_only: flag(host, "ReadonlyRootfs"),
        network_mode: filled(host, "NetworkMode"),
        pid_mode: text(host, "PidMode"),
        ipc_mode: text(host, "IpcMode"),
        uts_mode: text(host, "UTSMode"),
        userns_mode: text(host, "UsernsMode"),
        cgroupns_mode: filled(host, "CgroupnsMode"),
        restart: text(restart, "Name"),
        restart_retries: count(restart, "MaximumRetryCount"),
        log_driver: filled(log, "Type"),
        log_options: map(log, "Config"),
        memory: count(host, "Memory"),
        memory_reservation: count(host, "MemoryReservation"),
        memory_swap: number(host, "MemorySwap"),
        nano_cpus: count(host, "NanoCpus").or_else(|| count(host, "NanoCPUs")),
        cpu_quota: number(host, "CpuQuota"),
        cpu_period: count(host, "CpuPeriod"),
        cpu_shares: count(host, "CpuShares"),
        cpuset: filled(host, "CpusetCpus"),
        pids_limit: number(host, "PidsLimit"),
        ulimits: items(host, "Ulimits").iter().map(ulimit).collect(),
        oom_kill_disable: flag(host, "OomKillDisable"),
        oom_score: number(host, "OomScoreAdj"),
        devices: items(host, "Devices").iter().map(device).collect(),
        device_requests: items(host, "DeviceRequests").iter().filter_map(request).collect(),
        device_rules: words(host, "DeviceCgroupRules"),
        binds: words(host, "Binds"),
        volumes_from: words(host, "VolumesFrom"),
        publish_all: flag(host, "PublishAllPorts"),
        sysctls: map(host, "Sysctls"),
        tmpfs: map(host, "Tmpfs"),
        group_add: words(host, "GroupAdd"),
        runtime: filled(host, "Runtime"),
        cgroup_parent: filled(host, "CgroupParent"),
        masked_paths: listed(host, "MaskedPaths"),
        read_only_paths: listed(host, "ReadonlyPaths"),
        init: flag(host, "Init"),
        auto_remove: flag(host, "AutoRemove"),
    }
}

fn mount(entry: &Value) -> MountFacts {
    MountFacts {
        kind: word(entry, "Type"),
        name: filled(entry, "Name"),
        source: word(entry, "Source"),
        destination: word(entry, "Destination"),
        driver: filled(entry, "Driver"),
        writable: flag(entry, "RW"),
        propagation: filled(entry, "Propagation"),
    }
}

/// What is reachable: as it is while the container runs, as it is wanted while it does not.
fn ports(inspect: &Value, running: bool) -> Vec<PublishedPort> {
    let live = at(inspect, &["NetworkSettings", "Ports"]);
    let wanted = at(inspect, &["HostConfig", "PortBindings"]);
    let Some(ports) = (if running && live.is_object() { live } else { wanted }).as_object() else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for (inside, bindings) in ports {
        let (number, protocol) = inside.split_once('/').unwrap_or((inside, "tcp"));
        let Ok(container_port) = number.parse::<u16>() else { continue };
        for binding in bindings.as_array().map(Vec::as_slice).unwrap_or_default() {
            // `8000-8010` asks for one of them.
            let port = binding.get("HostPort").map(plain).unwrap_or_default();
            let port = port.split('-').next().unwrap_or_default();
            all.push(PublishedPort {
                container_port,
                protocol: protocol.to_owned(),
                host_ip: word(binding, "HostIp"),
                host_port: port.parse().unwrap_or_default(),
            });
        }
    }
    all.sort();
    all.dedup();
    all
}

/// `GET /containers/ID/stats`: only what bounds and numbers say.
pub(crate) fn stats(answer: &Value) -> crate::facts::StatsFacts {
    let memory = at(answer, &["memory_stats"]);
    let pids = at(answer, &["pids_stats"]);
    // Without a bound the kernel's greatest number stands there.
    let bound = |value: &Value| value.get("limit").and_then(as_count).filter(|limit| *limit != 0 && *limit != u64::MAX);
    crate::facts::StatsFacts {
        memory: count(memory, "usage"),
        memory_limit: bound(memory),
        pids: count(pids, "current"),
        pids_limit: bound(pids),
    }
}
