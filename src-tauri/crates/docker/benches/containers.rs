//! How fast a thousand containers are read, and in how much memory: from a fake engine on a unix socket, beside the bare
//! transfer of the same bytes over as many connections.

#![allow(clippy::unwrap_used, missing_docs)]

use std::io::{Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use plimsoll_docker::{Engine, EngineAddress};
use tokio_util::sync::CancellationToken;

const CONTAINERS: usize = 1000;
const AT_ONCE: usize = 8;

/// An id of 64 digits for a number.
fn id(number: usize) -> String {
    format!("{number:064x}")
}

/// An answer as a real engine gives it, about 7 KiB.
fn inspect(number: usize) -> String {
    let environment: Vec<String> =
        (0..30).map(|at| format!("\"SETTING_{at}=/opt/service/{number}/part-{at}/etc/application.conf\"")).collect();
    let labels: Vec<String> =
        (0..20).map(|at| format!("\"com.example.label.{at}\": \"value {at} of container {number}\"")).collect();
    let masked = r#"["/proc/asound","/proc/acpi","/proc/interrupts","/proc/kcore","/proc/keys","/proc/latency_stats","/proc/timer_list","/proc/timer_stats","/proc/sched_debug","/proc/scsi","/sys/firmware","/sys/devices/virtual/powercap"]"#;
    format!(
        r#"{{"Id":"{id}","Created":"2026-01-02T03:04:05.123456789Z","Path":"/docker-entrypoint.sh","Args":["nginx","-g","daemon off;"],
        "State":{{"Status":"running","Running":true,"Paused":false,"Pid":4242,"ExitCode":0,"OOMKilled":false,"StartedAt":"2026-01-02T03:04:06.1Z","FinishedAt":"0001-01-01T00:00:00Z"}},
        "Image":"sha256:{image}","ResolvConfPath":"/var/lib/docker/containers/{id}/resolv.conf","HostnamePath":"/var/lib/docker/containers/{id}/hostname",
        "HostsPath":"/var/lib/docker/containers/{id}/hosts","LogPath":"/var/lib/docker/containers/{id}/{id}-json.log","Name":"/service-{number}","RestartCount":0,"Driver":"overlay2",
        "HostConfig":{{"Binds":["/srv/{number}/data:/data:rw"],"NetworkMode":"bridge","PortBindings":{{"80/tcp":[{{"HostIp":"","HostPort":"8080"}}]}},"RestartPolicy":{{"Name":"always","MaximumRetryCount":0}},
        "CapAdd":null,"CapDrop":["ALL"],"Privileged":false,"ReadonlyRootfs":true,"SecurityOpt":["no-new-privileges"],"Memory":268435456,"PidsLimit":100,"MaskedPaths":{masked},"ReadonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"],
        "LogConfig":{{"Type":"json-file","Config":{{"max-size":"10m"}}}}}},
        "GraphDriver":{{"Data":{{"LowerDir":"/var/lib/docker/overlay2/{id}-init/diff:/var/lib/docker/overlay2/{id}/diff","MergedDir":"/var/lib/docker/overlay2/{id}/merged"}},"Name":"overlay2"}},"SizeRw":4096,
        "Mounts":[{{"Type":"bind","Source":"/srv/{number}/data","Destination":"/data","Mode":"rw","RW":true,"Propagation":"rprivate"}}],
        "Config":{{"Hostname":"{short}","User":"101","Env":[{environment}],"Cmd":["nginx","-g","daemon off;"],"Image":"registry.example.com/team/service:1.{number}","Labels":{{{labels}}}}},
        "NetworkSettings":{{"SandboxID":"{id}","SandboxKey":"/var/run/docker/netns/{short}","Ports":{{"80/tcp":[{{"HostIp":"0.0.0.0","HostPort":"8080"}}]}},"Networks":{{"bridge":{{"NetworkID":"{id}","IPAddress":"172.17.0.2"}}}}}}}}"#,
        id = id(number),
        image = id(number % 50),
        short = &id(number)[52..],
        environment = environment.join(","),
        labels = labels.join(","),
    )
}

fn answer(path: &str) -> String {
    let path = path.split('?').next().unwrap_or_default();
    let number = |text: &str| usize::from_str_radix(text, 16).unwrap_or_default();
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').skip_while(|part| part.starts_with("v1.")).collect();
    match parts.as_slice() {
        ["version"] => r#"{"Version":"27.3.1","ApiVersion":"1.47","MinAPIVersion":"1.24","Components":[{"Name":"Engine","Version":"27.3.1"}]}"#.into(),
        ["info"] => r#"{"ID":"x","Name":"far","NCPU":8,"MemTotal":1,"SecurityOptions":["name=seccomp,profile=builtin"]}"#.into(),
        ["containers", id, "json"] => inspect(number(id)),
        ["containers", _, "top"] => {
            let row = r#"["4242","4200","101","systemd+","nginx: worker process --config /etc/nginx/nginx.conf"]"#;
            format!(r#"{{"Titles":["PID","PPID","UID","USER","COMMAND"],"Processes":[{}]}}"#, [row; 8].join(","))
        }
        ["containers", _, "changes"] => {
            let paths: Vec<String> = (0..20).map(|at| format!(r#"{{"Path":"/var/cache/nginx/part-{at}/tmp","Kind":1}}"#)).collect();
            format!("[{}]", paths.join(","))
        }
        ["containers", _, "stats"] => r#"{"memory_stats":{"usage":1,"limit":2},"pids_stats":{"current":9,"limit":100}}"#.into(),
        _ => format!(r#"{{"Id":"sha256:{}","RepoTags":["a:b"],"RepoDigests":["a@sha256:{}"]}}"#, id(1), id(2)),
    }
}

fn serve(stream: UnixStream) {
    let Ok(mut out) = stream.try_clone() else { return };
    let mut stream = stream;
    let mut seen = Vec::new();
    let mut part = [0_u8; 8192];
    loop {
        while let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&seen[..end]).into_owned();
            seen.drain(..end + 4);
            let body = answer(head.split(' ').nth(1).unwrap_or_default());
            let whole = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            if out.write_all(whole.as_bytes()).is_err() {
                return;
            }
        }
        match stream.read(&mut part) {
            Ok(count) if count > 0 => seen.extend_from_slice(&part[..count]),
            _ => return,
        }
    }
}

/// The paths that one container takes.
fn paths(number: usize) -> Vec<String> {
    let id = id(number);
    vec![
        format!("/containers/{id}/json?size=1"),
        format!("/containers/{id}/top?ps_args=x"),
        format!("/containers/{id}/changes"),
        format!("/containers/{id}/stats?stream=false"),
        format!("/images/registry.example.com/team/service:1.{number}/json"),
    ]
}

/// The same bytes, without looking at them.
fn bare(socket: &Path) -> usize {
    let read = |at: usize| {
        let mut stream = UnixStream::connect(socket).unwrap();
        let mut bytes = 0;
        let mut part = vec![0_u8; 64 << 10];
        for path in (at..CONTAINERS).step_by(AT_ONCE).flat_map(paths) {
            stream.write_all(format!("GET /v1.47{path} HTTP/1.1\r\nHost: x\r\n\r\n").as_bytes()).unwrap();
            let (mut seen, mut wanted) = (Vec::new(), usize::MAX);
            while seen.len() < wanted {
                let count = stream.read(&mut part).unwrap();
                assert!(count > 0);
                seen.extend_from_slice(&part[..count]);
                if wanted == usize::MAX
                    && let Some(end) = seen.windows(4).position(|four| four == b"\r\n\r\n")
                {
                    let head = String::from_utf8_lossy(&seen[..end]).into_owned();
                    let length = head.rsplit("Content-Length: ").next().unwrap().parse::<usize>().unwrap();
                    wanted = end + 4 + length;
                }
            }
            bytes += seen.len();
        }
        bytes
    };
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..AT_ONCE).map(|at| scope.spawn(move || read(at))).collect();
        all.into_iter().map(|one| one.join().unwrap()).sum()
    })
}

fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

async fn collect(address: &EngineAddress, keep: bool) -> usize {
    let engine = Engine::open(address).await.unwrap();
    let names: Vec<String> = (0..CONTAINERS).map(id).collect();
    let cancel = CancellationToken::new();
    if keep {
        return engine.containers_facts(&names, AT_ONCE, &cancel, &|_, _| ()).await.unwrap().iter().flatten().count();
    }
    let mut count = 0;
    engine.each_container(&names, AT_ONCE, &cancel, |_, facts| count += usize::from(facts.is_ok())).await.unwrap();
    count
}

fn containers(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let socket = folder.path().join("docker.sock");
    let listener = UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || serve(stream));
        }
    });
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let address: EngineAddress = format!("unix://{}", socket.display()).parse().unwrap();
    let before = peak();
    assert_eq!(runtime.block_on(collect(&address, false)), CONTAINERS);
    let handed = peak();
    assert_eq!(runtime.block_on(collect(&address, true)), CONTAINERS);
    println!(
        "peak memory: {before} KiB before, {handed} KiB handing over one by one, {} KiB keeping {CONTAINERS}",
        peak()
    );
    let start = Instant::now();
    let bytes = bare(&socket);
    let transfer = start.elapsed();
    let start = Instant::now();
    runtime.block_on(collect(&address, false));
    let whole = start.elapsed();
    println!(
        "{bytes} bytes: bare transfer {transfer:?}, facts {whole:?}, ratio {:.1}",
        whole.as_secs_f64() / transfer.as_secs_f64()
    );
    let mut group = criterion.benchmark_group("containers");
    group.sample_size(10);
    group.bench_function("bare transfer", |bencher| bencher.iter(|| bare(&socket)));
    group.bench_function("facts", |bencher| bencher.iter(|| runtime.block_on(collect(&address, false))));
    group.finish();
}

criterion_group!(benches, containers);
criterion_main!(benches);
