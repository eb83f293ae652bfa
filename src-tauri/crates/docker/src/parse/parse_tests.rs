//! Answers of real engines in their oddities, and answers of none.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{container, host, lists, seen, swarm};
use crate::facts::Product;

#[test]
fn engines_are_told_apart() {
    let debian = json!({"Platform": {"Name": ""}, "Components": [{"Name": "Engine", "Version": "20.10.24+dfsg1", "Details": {}}, {"Name": "runc", "Version": "1.1.5"}],
        "Version": "20.10.24+dfsg1", "ApiVersion": "1.41", "MinAPIVersion": "1.12", "BuildTime": "2023-05-18T17:20:37.000000000+00:00"});
    let engine = host::engine(&debian, "1.41");
    assert_eq!((engine.product, engine.platform, engine.components.len()), (Product::Docker, None, 2));
    let podman = json!({"Components": [{"Name": "Podman Engine", "Version": "4.3.1"}], "ApiVersion": "1.41"});
    assert_eq!(host::engine(&podman, "1.41").product, Product::Podman);
    assert_eq!(host::engine(&json!({"ApiVersion": "1.30", "GitCommit": "x"}), "1.30").product, Product::Docker);
    assert_eq!(host::engine(&json!({"Components": [{"Name": "Balena"}]}), "1.41").product, Product::Other);
}

#[test]
fn security_options_are_read_in_all_their_forms() {
    let info = json!({"SecurityOptions": ["apparmor", "name=seccomp,profile=default", "name=rootless", "", 5]});
    let options = host::security_options(&info).unwrap();
    let names: Vec<&str> = options.iter().map(|option| option.name.as_str()).collect();
    assert_eq!(names, ["apparmor", "seccomp", "rootless"]);
    assert_eq!(options[1].options["profile"], "default");
    assert_eq!(host::security_options(&json!({"SecurityOptions": null})), None);
    assert_eq!(host::security_options(&json!({})), None);
}

#[test]
fn what_the_engine_does_not_tell_is_not_no() {
    let daemon = host::daemon(&json!({}));
    assert_eq!((daemon.live_restore, daemon.insecure_registries, daemon.authorization_plugins), (None, None, None));
    assert!(daemon.kernel_limits.is_empty());
    let daemon = host::daemon(&json!({"LiveRestoreEnabled": false, "MemoryLimit": false, "PidsLimit": "yes"}));
    assert_eq!(daemon.live_restore, Some(false));
    assert_eq!(daemon.kernel_limits.into_iter().collect::<Vec<_>>(), [("MemoryLimit".to_owned(), false)]);
    let facts = container::container(&json!({}));
    assert_eq!((facts.host_config.privileged, facts.host_config.read_only, facts.size_rw), (None, None, None));
    assert_eq!(facts.host_config.masked_paths, None);
}

#[test]
fn podmans_container_is_read_like_dockers() {
    // Podman 4.3: health without words, limits of 0, capabilities with their prefix, lists where Docker has null.
    let inspect = json!({
        "Id": "ab", "Name": "web", "Image": "sha256:cc", "Created": "2026-01-01T00:00:00Z",
        "State": {"Status": "exited", "Running": false, "Pid": 0, "ExitCode": 137, "OOMKilled": true, "FinishedAt": "2026-01-02T00:00:00Z", "Health": {"Status": "", "FailingStreak": 0, "Log": null}},
        "Config": {"Image": "localhost/web:latest", "User": "1000:1000", "Env": ["A=b=c", "NOVALUE"], "Cmd": ["x"], "Entrypoint": "/entry", "Labels": null, "Healthcheck": {"Test": []}},
        "HostConfig": {"CapAdd": [], "CapDrop": ["CAP_AUDIT_WRITE", "CAP_MKNOD", "cap_mknod"], "PidsLimit": 2048, "PidMode": "private", "NanoCpus": 1_500_000_000, "SecurityOpt": [],
            "Binds": [], "PortBindings": {"80/tcp": [{"HostIp": "", "HostPort": "8000-8010"}], "53/udp": [{"HostIp": "127.0.0.1", "HostPort": ""}]}, "Init": null},
        "NetworkSettings": {"Ports": {}, "Networks": {"podman": {}}}
    });
    let facts = container::container(&inspect);
    assert_eq!(facts.name, "web");
    assert_eq!((facts.state.health, facts.state.exit_code, facts.state.oom_killed), (None, Some(137), Some(true)));
    assert_eq!(facts.config.healthcheck, None);
    assert_eq!(facts.config.entrypoint, ["/entry"]);
    assert_eq!((facts.config.env[0].value.as_deref(), facts.config.env[1].value.as_deref()), (Some("b=c"), None));
    assert_eq!(facts.host_config.cap_drop, ["AUDIT_WRITE", "MKNOD"]);
    assert_eq!((facts.host_config.pids_limit, facts.host_config.nano_cpus), (Some(2048), Some(1_500_000_000)));
    let ports: Vec<(u16, &str, u16)> =
        facts.ports.iter().map(|port| (port.container_port, port.host_ip.as_str(), port.host_port)).collect();
    assert_eq!(ports, [(53, "127.0.0.1", 0), (80, "", 8000)]);
}

#[test]
fn fields_of_later_engines_and_wrong_types_do_no_harm() {
    let inspect = json!({
        "Id": 5, "Name": null, "State": "running", "Config": [1], "HostConfig": {"Memory": "1024", "MemorySwap": -1.0, "CpuShares": 1.5, "PidsLimit": -1,
            "CapAdd": "ALL", "Devices": [{}, 5, {"PathOnHost": "/dev/kvm"}], "DeviceRequests": [{"Driver": "", "Capabilities": [["gpu"]]}, {"Driver": "cdi"}],
            "Ulimits": [{"Name": "nofile", "Soft": 64, "Hard": -1}], "Sysctls": {"net.core.somaxconn": 5}, "RestartPolicy": null, "NewThing": {"X": 1}},
        "Mounts": [null, {"Type": "image", "RW": "no"}], "NetworkSettings": null, "Storage": {"RootFS": {}}
    });
    let facts = container::container(&inspect);
    assert_eq!((facts.host_config.memory, facts.host_config.memory_swap), (Some(1024), Some(-1)));
    assert_eq!(facts.host_config.cpu_shares, None);
    assert_eq!(facts.host_config.cap_add, ["ALL"]);
    assert_eq!(facts.host_config.device_requests, ["gpu", "cdi"]);
    assert_eq!((facts.mounts[1].kind.as_str(), facts.mounts[1].writable), ("image", None));
}

#[test]
fn tables_of_processes_are_read_by_their_titles() {
    let ef = json!({"Titles": ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"],
        "Processes": [["root", "10", "1", "0", "10:00", "?", "00:00:00", "nginx: master"], ["101", "11", "10", "0", "", "", "", "nginx: worker"], ["broken"], null]});
    let processes = seen::processes(&ef).unwrap();
    assert_eq!(processes.len(), 2);
    assert_eq!((processes[0].uid, processes[0].user.as_str(), processes[0].parent), (None, "root", Some(1)));
    assert_eq!((processes[1].uid, processes[1].command.as_str()), (Some(101), "nginx: worker"));
    assert_eq!(seen::processes(&json!({"Titles": ["PID"], "Processes": null})).unwrap(), []);
    assert_eq!(seen::processes(&json!({"Titles": ["X"]})), None);
    assert_eq!(seen::processes(&json!({"message": "no"})), None);
}

#[test]
fn many_changes_are_cut_and_said_to_be() {
    let many: Vec<Value> = (0..=seen::CHANGES).map(|n| json!({"Path": format!("/f{n}"), "Kind": 1})).collect();
    let (changes, cut) = seen::changes(&Value::Array(many)).unwrap();
    assert_eq!((changes.len(), cut), (seen::CHANGES, true));
    assert_eq!(seen::changes(&Value::Null), Some((vec![], false)));
    assert_eq!(seen::changes(&json!({})), None);
}

#[test]
fn empty_lists_and_missing_ones_are_told_apart() {
    assert_eq!(lists::volumes(&json!({"Volumes": null, "Warnings": []})).unwrap(), []);
    assert_eq!(lists::volumes(&json!({})).unwrap(), []);
    assert_eq!(lists::volumes(&json!([])), None);
    assert_eq!(lists::networks(&json!({"message": "no"})), None);
    assert_eq!(lists::containers(&json!([{}])).unwrap().len(), 1);
    let plugins = lists::plugins(
        &json!([{"Name": "authz:latest", "Enabled": true, "Config": {"Interface": {"Types": ["docker.authz/1.0", {"Prefix": "docker", "Capability": "logdriver", "Version": "1.0"}]}}}]),
    );
    assert_eq!(plugins.unwrap()[0].types, ["docker.authz/1.0", "docker.logdriver/1.0"]);
}

fn any_json() -> impl Strategy<Value = Value> {
    let names = prop_oneof![
        Just("Id"),
        Just("Name"),
        Just("Names"),
        Just("State"),
        Just("Config"),
        Just("HostConfig"),
        Just("Env"),
        Just("Cmd"),
        Just("Labels"),
        Just("Mounts"),
        Just("NetworkSettings"),
        Just("Ports"),
        Just("PortBindings"),
        Just("80/tcp"),
        Just("HostPort"),
        Just("Titles"),
        Just("PID"),
        Just("Processes"),
        Just("Swarm"),
        Just("Spec"),
        Just("TLSInfo"),
        Just("TrustRoot"),
        Just("Volumes"),
        Just("SecurityOptions"),
        Just("Memory"),
        Just("Kind"),
        Just("Path"),
        Just("IPAM"),
        Just("Endpoint"),
        Just("TaskTemplate"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[ -~é\n]{0,30}".prop_map(Value::from),
        Just(json!("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----")),
    ];
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((names.clone(), inner), 0..8).prop_map(|fields| Value::Object(
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            )),
        ]
    })
}

proptest! {
    #[test]
    fn no_answer_makes_it_panic(mut value in any_json()) {
        let _ = crate::mask::secrets(&value);
        crate::mask::secrets_of_processes(&value, &mut Vec::new());
        let root = swarm::root(&value);
        crate::mask::mask(&mut value);
        let _ = host::engine(&value, "1.41");
        let _ = host::machine(&value);
        let _ = host::daemon(&value);
        let _ = host::identity(&value);
        let _ = swarm::swarm(&value);
        let _ = swarm::cluster(&value, root);
        let _ = (swarm::nodes(&value), swarm::services(&value));
        let _ = (lists::networks(&value), lists::volumes(&value), lists::plugins(&value));
        let _ = (lists::containers(&value), lists::images(&value));
        let _ = container::container(&value);
        let _ = container::stats(&value);
        let _ = (seen::processes(&value), seen::changes(&value), seen::image(&value));
    }
}
