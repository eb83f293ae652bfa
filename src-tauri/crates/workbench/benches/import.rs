//! A fleet's facts files imported into one engagement, beside merely decompressing and parsing the same bytes.
//!
//! A hundred files, each of a host with twenty containers; `PLIMSOLL_BENCH_FILES` and `PLIMSOLL_BENCH_CONTAINERS` say
//! otherwise. The facts are made here, of about the size that real ones have. The fastest runs, their ratio, and the most
//! memory that the process ever had, are printed at the end.

use std::error::Error;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use criterion::Criterion;
use plimsoll_workbench::catalog::{Level, Profile};
use plimsoll_workbench::facts_file::{import_with, write};
use plimsoll_workbench::scanning::Advisories;
use plimsoll_workbench::{CollectedBy, Details, Engagement, Facts, Job, Source};
use serde_json::{Value, json};

type Failed = Box<dyn Error>;

const AT: &str = "2026-11-24T10:00:00Z";

fn number(variable: &str, otherwise: usize) -> Result<usize, Failed> {
    Ok(std::env::var(variable).map_or(Ok(otherwise), |text| text.parse())?)
}

fn main() -> Result<(), Failed> {
    let (files, containers) = (number("PLIMSOLL_BENCH_FILES", 100)?, number("PLIMSOLL_BENCH_CONTAINERS", 20)?);
    let folder = tempfile::tempdir()?;
    let paths: Vec<PathBuf> = (0..files).map(|n| folder.path().join(format!("host-{n:04}.facts"))).collect();
    for (n, path) in paths.iter().enumerate() {
        make(path, n, containers)?;
    }
    let compressed: u64 = paths.iter().filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum();
    let text = parse_all(&paths)?;
    let before = most_memory();

    let mut criterion = Criterion::default().configure_from_args().sample_size(10);
    let mut group = criterion.benchmark_group(format!("import-{files}-files-{containers}-containers"));
    let mut fastest = [Duration::MAX; 2];
    group.bench_function("decompress-and-parse", |bencher| {
        bencher.iter_custom(|times| timed(times, &mut fastest[0], || parse_all(&paths).map(drop)));
    });
    group.bench_function("import", |bencher| {
        bencher.iter_custom(|times| timed(times, &mut fastest[1], || imported(&paths, files * (containers + 1))));
    });
    group.finish();
    let [parse, import] = fastest;
    if parse < Duration::MAX && import < Duration::MAX {
        println!(
            "{files} files, {:.1} MiB, {:.1} MiB uncompressed: import {:.2} s, parse {:.2} s, ratio {:.1}; most memory {} (before the first import {before})",
            compressed as f64 / f64::from(1 << 20),
            text as f64 / f64::from(1 << 20),
            import.as_secs_f64(),
            parse.as_secs_f64(),
            import.as_secs_f64() / parse.as_secs_f64(),
            most_memory(),
        );
    }
    Ok(())
}

/// The time that `times` runs take together; keeps the fastest of them.
fn timed(times: u64, fastest: &mut Duration, run: impl Fn() -> Result<(), Failed>) -> Duration {
    let mut all = Duration::ZERO;
    for _ in 0..times {
        let start = Instant::now();
        let done = run();
        let took = start.elapsed();
        assert!(done.is_ok(), "{done:?}");
        *fastest = took.min(*fastest);
        all += took;
    }
    all
}

/// What any reader of the files has to do: decompress each, and parse the facts in it. Gives the bytes of all lines.
fn parse_all(paths: &[PathBuf]) -> Result<u64, Failed> {
    let mut all = 0;
    for path in paths {
        let mut text = String::new();
        zstd::stream::read::Decoder::new(std::fs::File::open(path)?)?.read_to_string(&mut text)?;
        all += text.len() as u64;
        let facts: Result<Vec<Facts>, _> =
            text.lines().filter(|line| line.starts_with("{\"source\"")).map(serde_json::from_str).collect();
        assert!(!facts?.is_empty());
    }
    Ok(all)
}

fn imported(paths: &[PathBuf], subjects: usize) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let details = Details {
        title: "Fleet".into(),
        client: "ACME".into(),
        scope: String::new(),
        auditor: "Ada Auditor".into(),
        organization: String::new(),
        target_level: Level::One,
        profile: Profile::Full,
        sample: false,
    };
    let mut engagement = Engagement::create(&folder.path().join("fleet.plimsoll"), details)?;
    let done = import_with(&mut engagement, paths, &Advisories::None, &Job::silent())?;
    assert!(done.subjects.len() == subjects && done.refused.is_empty() && done.run.is_some());
    Ok(())
}

/// One host with its containers.
fn make(path: &Path, n: usize, containers: usize) -> Result<(), Failed> {
    let machine = format!("host-{n:04}");
    let by = CollectedBy {
        machine: machine.clone(),
        user: "ops".into(),
        tool: "plimsoll 0.1.0".into(),
        started: AT.into(),
        asked: vec!["host:".into(), "--containers".into()],
        ..CollectedBy::default()
    };
    let blank =
        |source: &str| json!({"source": source, "collected": AT, "image": null, "dockerfile": null, "compose": null});
    let mut host = blank("host:");
    host["host"] = host_facts(&machine, n, containers);
    let mut all = vec![("host:".to_owned(), machine.clone(), host)];
    for c in 0..containers {
        let source = format!("container:app-{c}");
        let mut facts = blank(&source);
        facts["container"] = container_facts(&machine, n, c);
        all.push((source, format!("app-{c} on {machine}"), facts));
    }
    let mut subjects = Vec::new();
    for (source, name, facts) in all {
        subjects.push((source.parse::<Source>()?, name, Ok(serde_json::from_value::<Facts>(facts)?)));
    }
    write(path, &by, "Debian GNU/Linux 12", AT, subjects, false)?;
    Ok(())
}

/// Something that looks like an id, and differs everywhere.
fn id(of: usize) -> String {
    (0..4_u64)
        .map(|part| format!("{:016x}", (of as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ (part << 7))))
        .collect()
}

fn engine(n: usize) -> Value {
    json!({"product": "docker", "platform": "Docker Engine - Community", "version": format!("27.{}.1", n % 5),
        "api_version": "1.47", "min_api_version": "1.24", "components": [["containerd", "1.7.22"], ["runc", "1.1.14"]]})
}

fn host_facts(machine: &str, n: usize, containers: usize) -> Value {
    let listed = (0..containers).map(|c| {
        json!({"id": id(n * 1000 + c), "name": format!("app-{c}"), "image": format!("registry.example/app-{c}:1.{n}"),
            "image_id": format!("sha256:{}", id(c)), "created": 1_790_000_000 + c, "state": "running", "status": "Up 3 weeks",
            "networks": ["shop_default"], "network_mode": "shop_default", "labels": {"com.docker.compose.project": "shop"}})
    });
    let networks = (0..6).map(|k| {
        json!({"id": id(n * 77 + k), "name": format!("net-{k}"), "driver": "bridge", "scope": "local",
            "options": {"com.docker.network.bridge.enable_icc": "true"}, "subnets": [format!("172.{}.0.0/16", 17 + k)]})
    });
    let answer: Vec<Value> = (0..40).map(|k| json!({"Field": format!("value {k} of {n}"), "Id": id(k * n)})).collect();
    json!({"endpoint": "unix:///var/run/docker.sock", "name": machine, "id": id(n), "engine": engine(n),
        "machine": {"operating_system": "Debian GNU/Linux 12 (bookworm)", "os_type": "linux", "kernel": "6.1.0-26-amd64",
            "cpus": 8, "memory": 16_000_000_000_u64},
        "daemon": {"storage_driver": "overlay2", "logging_driver": "json-file", "cgroup_version": "2",
            "security_options": [{"name": "apparmor", "options": {}}, {"name": "seccomp", "options": {"profile": "builtin"}}],
            "live_restore": n.is_multiple_of(2), "root_dir": "/var/lib/docker", "insecure_registries": ["127.0.0.0/8"]},
        "networks": networks.collect::<Vec<_>>(), "volumes": [], "plugins": [],
        "containers": listed.collect::<Vec<_>>(), "images": [], "swarm": {"state": "inactive"},
        "answers": {"GET /info": answer}})
}

fn container_facts(machine: &str, n: usize, c: usize) -> Value {
    let processes = (0..8).map(|p| {
        json!({"pid": 4000 + p, "user": if c.is_multiple_of(3) { "root" } else { "10001" }, "uid": if c.is_multiple_of(3) { 0 } else { 10_001 },
            "command": format!("/usr/bin/worker --port {} --name {}", 8000 + p, id(p + c))})
    });
    let changes = (0..30).map(|k| json!({"kind": "added", "path": format!("/var/lib/app/{}/{k}", id(n + c + k))}));
    let env = (0..12).map(|k| json!({"name": format!("APP_SETTING_{k}"), "value": id(k * c + n)}));
    let answer: Vec<Value> =
        (0..60).map(|k| json!({"Field": format!("value {k} of {c}"), "Id": id(k * c + n)})).collect();
    json!({"at": {"endpoint": "unix:///var/run/docker.sock", "name": machine, "id": id(n), "engine": engine(n),
            "security_options": [{"name": "apparmor", "options": {}}], "logging_driver": "json-file"},
        "id": id(n * 1000 + c), "name": format!("app-{c}"), "created": AT, "image_id": format!("sha256:{}", id(c)),
        "state": {"status": "running", "running": true, "pid": 4000, "started": AT, "health": "healthy", "restarts": 0},
        "config": {"image": format!("registry.example/app-{c}:1.{n}"), "user": if c.is_multiple_of(3) { "" } else { "10001" },
            "env": env.collect::<Vec<_>>(), "cmd": ["/usr/bin/worker"], "exposed_ports": ["8000/tcp"]},
        "host_config": {"privileged": c.is_multiple_of(10), "cap_add": if c.is_multiple_of(4) { vec!["NET_ADMIN"] } else { vec![] },
            "read_only": c.is_multiple_of(2), "network_mode": "shop_default", "restart": "unless-stopped", "memory": 0, "pids_limit": null},
        "mounts": [{"kind": "volume", "source": "data", "destination": "/data", "writable": true}],
        "ports": [{"container_port": 8000, "protocol": "tcp", "host_ip": "0.0.0.0", "host_port": 8000 + c}],
        "processes": processes.collect::<Vec<_>>(), "changes": changes.collect::<Vec<_>>(),
        "answers": {"GET /containers/ID/json": answer}})
}

/// The most memory that this process ever had, as the system tells it.
fn most_memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or("unknown");
    line.trim().to_owned()
}
