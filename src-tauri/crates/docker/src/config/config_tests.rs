//! Configuration in a folder that stands for the machine.

use std::path::Path;

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::config::given::of_text;

fn put(root: &Path, path: &str, text: &str) {
    let path = under(root, path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn machine() -> (tempfile::TempDir, Ask) {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "/proc/sys/kernel/hostname", "box\n");
    put(root, "/proc/77/comm", "dockerd\n");
    put(root, "/proc/77/cmdline", "/usr/bin/dockerd\0-H\0fd://\0--icc=false\0--log-opt\0max-size=10m\0");
    put(root, "/proc/77/status", "Name:\tdockerd\nUid:\t0\t0\t0\t0\nNSpid:\t77\n");
    put(root, "/proc/77/cgroup", "0::/system.slice/docker.service\n");
    put(root, "/proc/77/attr/current", "unconfined\n");
    put(root, "/proc/88/comm", "dockerd\n");
    put(root, "/proc/88/cmdline", "dockerd\0--host=unix:///var/run/docker.sock\0--debug\0");
    put(root, "/proc/88/status", "Uid:\t0\t0\t0\t0\nNSpid:\t88\t1\n");
    put(root, "/proc/90/comm", "docker-proxy\n");
    put(root, "/proc/90/status", "NSpid:\t90\n");
    put(
        root,
        "/proc/net/route",
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n\
        eth0\t00000000\t0101A8C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\neth0\t0001A8C0\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n\
        docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\nlab0\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\nbroken\n",
    );
    put(
        root,
        "/proc/net/if_inet6",
        "fd000000000000000000000000000001 02 40 00 80     eth0\nfe800000000000000000000000000001 02 40 20 80     eth0\n",
    );
    put(root, "/etc/passwd", "root:x:0:0::/root:/bin/sh\nann:x:1000:1000::/home/ann:/bin/sh\n");
    put(root, "/etc/group", "root:x:0:bob\nann:x:1000:\n");
    put(root, "/var/run/docker.sock", "");
    put(root, "/etc/docker/certs.d/r:5000/ca.crt", "");
    let ask = Ask {
        root: root.to_owned(),
        socket: "/var/run/docker.sock".into(),
        engine_name: Some("box".into()),
        bridges: vec!["lab0".into()],
        ..Ask::default()
    };
    (folder, ask)
}

fn value<'a>(facts: &'a ConfigFacts, key: &str) -> Vec<(&'a Value, &'a str, u32)> {
    let found = facts.settings.iter().filter(|setting| setting.key == key);
    found.map(|setting| (&setting.value, setting.at.file.as_str(), setting.at.line)).collect()
}

#[test]
fn a_machine_is_read_whole() {
    let (folder, ask) = machine();
    put(
        folder.path(),
        "/etc/docker/daemon.json",
        "{\n  \"icc\": false,\n  \"hosts\": [\"tcp://0.0.0.0:2375\"],\n  \"http-proxy\": \"http://a:hunter2hunter2@p\"\n}\n",
    );
    put(
        folder.path(),
        "/usr/lib/systemd/system/docker.service",
        "[Unit]\nX=1\n[Service]\nEnvironmentFile=-/etc/default/docker\nExecStart=/usr/bin/dockerd -H fd:// \\\n  # no\n  --userland-proxy=false $DOCKER_OPTS\n",
    );
    put(folder.path(), "/etc/default/docker", "DOCKER_OPTS=\"--dns 1.1.1.1 --dns=8.8.8.8\"\n");
    let (facts, unread) = local(&ask, None);
    let facts = facts.unwrap();
    assert_eq!(unread, []);
    assert!(facts.daemon_json_known && facts.flags_known);
    assert_eq!(
        value(&facts, "icc"),
        [(&json!(false), "command line of dockerd", 0), (&json!(false), "/etc/docker/daemon.json", 2)]
    );
    assert_eq!(value(&facts, "hosts")[1], (&json!(["tcp://0.0.0.0:2375"]), "/etc/docker/daemon.json", 3));
    assert_eq!(value(&facts, "log-opts")[0].0, &json!({"max-size": "10m"}));
    assert_eq!(value(&facts, "userland-proxy"), [(&json!(false), "/usr/lib/systemd/system/docker.service", 7)]);
    assert_eq!(value(&facts, "dns"), [(&json!(["1.1.1.1", "8.8.8.8"]), "/etc/default/docker", 1)]);
    assert!(value(&facts, "debug").is_empty(), "the daemon inside a container is another one");
    assert_eq!((facts.daemon_uid, facts.daemon_label.as_deref()), (Some(0), Some("unconfined")));
    assert_eq!(facts.userland_proxies, Some(1));
    assert_eq!(facts.host_subnets, ["192.168.1.0/24", "fd00::/64"]);
    let paths: Vec<&str> = facts.permissions.iter().map(|file| file.path.as_str()).collect();
    for path in [
        "/var/run/docker.sock",
        "/etc/docker",
        "/etc/docker/daemon.json",
        "/etc/docker/certs.d/r:5000/ca.crt",
        "/etc/default/docker",
    ] {
        assert!(paths.contains(&path), "{paths:?}");
    }
    assert_eq!(facts.files.len(), 3);
    let text = serde_json::to_string(&facts).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn a_given_file_replaces_the_machines_own() {
    let (folder, ask) = machine();
    put(folder.path(), "/etc/docker/daemon.json", "{\"icc\": true}");
    let given = [
        of_text("d.json", "{\"icc\": false}".into()).unwrap(),
        of_text("o.conf", "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd -D\n".into()).unwrap(),
    ];
    let (facts, _) = local(&ask, from_given(&given));
    let facts = facts.unwrap();
    assert_eq!(
        value(&facts, "icc").iter().map(|(_, file, _)| *file).collect::<Vec<_>>(),
        ["d.json", "command line of dockerd"]
    );
    assert_eq!(value(&facts, "debug"), [(&json!(true), "o.conf", 3)]);
    // Of another machine's engine the files alone count.
    let far = Ask { engine_name: Some("far".into()), ..ask };
    let (facts, unread) = local(&far, from_given(&given));
    assert_eq!(value(&facts.unwrap(), "icc").len(), 1);
    assert!(unread[0].reason.contains("not this machine"));
    assert!(local(&far, None).0.is_none());
}

#[test]
fn given_files_are_told_apart_by_what_stands_in_them() {
    assert!(matches!(of_text("a", "\u{feff} {\"debug\": true}".into()), Ok(Given::DaemonJson { .. })));
    assert!(matches!(of_text("a", "# x\n[Service]\n".into()), Ok(Given::Unit { .. })));
    assert!(matches!(of_text("a", "# x\nDOCKER_OPTS=\"-D\"\n".into()), Ok(Given::Environment { .. })));
    for text in ["{\"a\": ", "[1]", "hello", "", "a=b"] {
        assert!(of_text("a", text.into()).is_err(), "{text}");
    }
    let error = read_given(&["/nonexistent/daemon.json".into()]).unwrap_err().to_string();
    assert!(error.contains("it is not there"), "{error}");
    let read = from_given(&[of_text("e", "DOCKER_OPTS='--icc=false --tlsverify'\n".into()).unwrap()]).unwrap();
    assert_eq!(value(&read.facts, "tlsverify"), [(&json!(true), "e", 1)]);
    assert!(!read.facts.flags_known, "flags beside these may stand in the unit");
    let read =
        from_given(&[of_text("u", "[Service]\nExecStart=/usr/bin/dockerd $DOCKER_OPTS\n".into()).unwrap()]).unwrap();
    assert!(!read.facts.flags_known);
    assert_eq!(read.unread[0].what, "$DOCKER_OPTS of the unit");
}

#[test]
fn settings_of_daemon_json_stand_on_their_lines() {
    let text = "{\n\"a\\n\": {\"icc\": 1},\n\n \"icc\" :\n false, \"x\": [\"icc\", {\"y\": 2}],\n \"icc\": true }";
    let settings = daemon_json::settings(text, "f").unwrap();
    let lines: Vec<(&str, u32)> = settings.iter().map(|setting| (setting.key.as_str(), setting.at.line)).collect();
    assert_eq!(lines, [("a\n", 2), ("icc", 6), ("x", 5)]);
    assert_eq!(daemon_json::settings(" \n", "f").unwrap(), []);
    assert!(daemon_json::settings("[]", "f").is_err());
}

#[test]
fn flags_get_the_names_of_daemon_json() {
    let words = "-H unix:///a.sock -Htcp://0.0.0.0:2376 --tlsverify --icc=false -D -l warn -s overlay2 --userns-remap default \
                 --insecure-registry r:5000 --label a=b --default-ulimit nofile=64:64 --max-concurrent-downloads=5 --bip= --mtu 1400 --log-driver";
    let words: Vec<unit::Word> = words.split_whitespace().map(|word| unit::Word::new(word, "f", 3)).collect();
    let found: Vec<(String, Value)> =
        flags::settings(&words).into_iter().map(|setting| (setting.key, setting.value)).collect();
    let expected = [
        ("hosts", json!(["unix:///a.sock", "tcp://0.0.0.0:2376"])),
        ("tlsverify", json!(true)),
        ("icc", json!(false)),
        ("debug", json!(true)),
        ("log-level", json!("warn")),
        ("storage-driver", json!("overlay2")),
        ("userns-remap", json!("default")),
        ("insecure-registries", json!(["r:5000"])),
        ("labels", json!(["a=b"])),
        ("default-ulimits", json!({"nofile": "64:64"})),
        ("max-concurrent-downloads", json!(5)),
        ("bip", json!("")),
        ("mtu", json!(1400)),
        ("log-driver", json!("")),
    ];
    assert_eq!(found, expected.map(|(key, value)| (key.to_owned(), value)));
}

#[test]
fn drop_ins_count_by_name_and_may_start_anew() {
    let (folder, ask) = machine();
    put(folder.path(), "/usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/usr/bin/dockerd --debug\n");
    put(
        folder.path(),
        "/etc/systemd/system/docker.service.d/20-b.conf",
        "[Service]\nExecStart=\nExecStart=/usr/bin/dockerd --host 'tcp://a b'\n",
    );
    put(folder.path(), "/usr/lib/systemd/system/docker.service.d/20-b.conf", "[Service]\nExecStart=/nothing --tls\n");
    put(
        folder.path(),
        "/etc/systemd/system/docker.service.d/10-a.conf",
        "[Service]\nEnvironment=\"A=b c\" HTTP_PROXY=x\n",
    );
    let (files, problems) = unit::find(&ask);
    assert_eq!(problems, []);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.rsplit('/').next().unwrap()).collect();
    assert_eq!(names, ["docker.service", "10-a.conf", "20-b.conf"]);
    let unit = unit::read(&files, &[]);
    assert_eq!(unit.words.iter().map(|word| word.text.as_str()).collect::<Vec<_>>(), ["--host", "tcp://a b"]);
    assert_eq!(unit.words[0].line, 3);
}

#[test]
fn several_daemons_on_one_machine_are_not_mistaken() {
    let (folder, mut ask) = machine();
    put(folder.path(), "/usr/lib/systemd/system/docker.service", "[Service]\nExecStart=/usr/bin/dockerd --tls\n");
    put(folder.path(), "/proc/99/cgroup", "0::/user.slice\n");
    put(folder.path(), "/proc/99/comm", "dockerd\n");
    put(folder.path(), "/proc/99/cmdline", "dockerd\0-H\0unix:///other.sock\0--config-file=/other.json\0");
    put(folder.path(), "/proc/99/status", "Uid:\t1000\t1000\t1000\t1000\nNSpid:\t99\n");
    put(folder.path(), "/other.json", "{\"debug\": true}");
    assert_eq!(process::find(&ask).process.unwrap().pid, 77);
    ask.socket = "/other.sock".into();
    let (facts, _) = local(&ask, None);
    let facts = facts.unwrap();
    assert_eq!(facts.daemon_uid, Some(1000));
    assert!(value(&facts, "tls").is_empty(), "the unit is of another daemon");
    assert_eq!(value(&facts, "debug"), [(&json!(true), "/other.json", 1)]);
    // The system's own word beats every guess.
    ask.peer = Some(77);
    assert_eq!(process::find(&ask).process.unwrap().pid, 77);
    ask.peer = None;
    ask.socket = "/third.sock".into();
    let (facts, unread) = local(&ask, None);
    let facts = facts.unwrap();
    assert!(!facts.flags_known && facts.userland_proxies.is_none());
    assert!(unread.iter().any(|unread| unread.reason.contains("No process named dockerd")), "{unread:?}");
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "[ -~\n\t\\\\\"'é{}\\[\\]=$:]{0,200}") {
        let _ = daemon_json::settings(&text, "f");
        let _ = of_text("f", text.clone());
        let _ = unit::read(&[("f".into(), format!("[Service]\nExecStart={text}"))], &[("e".into(), text.clone())]);
        let words: Vec<unit::Word> = text.split_whitespace().map(|word| unit::Word::new(word, "f", 1)).collect();
        let _ = flags::settings(&words);
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "/proc/net/route", &text);
        put(folder.path(), "/proc/net/if_inet6", &text);
        let _ = subnets::of(folder.path(), &[]);
    }
}
