//! What each setting of dockerd is by default, and what it means when it is something else.

use serde_json::Value;

use super::configured::switch;
use super::nets::{Net, host_of, is_local};
use crate::probes::is_loopback;

/// What a deviation from the default does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Effect {
    /// It takes a protection away.
    Weakens,
    /// Neither; whether it was wanted is a matter of the records.
    Neutral,
    /// It adds a protection.
    Hardens,
}

/// What a value of a setting means; none when it is the default.
pub(crate) fn effect(key: &str, value: &Value) -> Option<(Effect, &'static str)> {
    let on = switch(value);
    let words: Vec<&str> = match value {
        Value::Array(many) => many.iter().filter_map(Value::as_str).collect(),
        one => one.as_str().into_iter().collect(),
    };
    let word = words.first().copied().unwrap_or_default();
    let empty = value.is_null()
        || value.as_array().is_some_and(Vec::is_empty)
        || value.as_object().is_some_and(serde_json::Map::is_empty)
        || value.as_str().is_some_and(str::is_empty);
    // Unset in other words.
    if empty {
        return None;
    }
    let hardens = |what| Some((Effect::Hardens, what));
    let weakens = |what| Some((Effect::Weakens, what));
    let neutral = |what| Some((Effect::Neutral, what));
    match (key, on) {
        // Switches whose default is off.
        (
            "live-restore"
            | "no-new-privileges"
            | "selinux-enabled"
            | "tls"
            | "tlsverify"
            | "debug"
            | "experimental"
            | "raw-logs"
            | "init"
            | "ipv6"
            | "allow-direct-routing",
            Some(false),
        ) => None,
        ("live-restore", Some(true)) => hardens("containers keep running while dockerd is restarted"),
        ("no-new-privileges", Some(true)) => hardens("processes of containers cannot gain privileges"),
        ("selinux-enabled", Some(true)) => hardens("SELinux confines containers"),
        ("tls" | "tlsverify", Some(true)) => hardens("the API is spoken over TLS"),
        ("debug", Some(true)) => weakens("the log also holds details that are meant for developers alone"),
        ("experimental", Some(true)) => weakens("unfinished features are switched on"),
        ("allow-direct-routing", Some(true)) => weakens("containers are reachable past their published ports"),
        // Switches whose default is on.
        (
            "icc" | "iptables" | "ip6tables" | "userland-proxy" | "ip-forward" | "ip-masq" | "disable-legacy-registry",
            Some(true),
        ) => None,
        ("icc", Some(false)) => hardens("containers on the default bridge do not reach each other"),
        ("userland-proxy", Some(false)) => hardens("ports are published by the kernel alone"),
        ("iptables" | "ip6tables", Some(false)) => weakens("dockerd sets no rules that keep networks apart"),
        ("disable-legacy-registry", Some(false)) => {
            weakens("registries may be addressed by their first, unsafe protocol")
        }
        ("userns-remap", _) => hardens("root in containers is another user on the host"),
        ("authorization-plugins" | "authorization-plugin", _) => {
            hardens("requests to the API are authorised one by one")
        }
        ("default-ulimits" | "default-ulimit", _) => hardens("containers have limits by default"),
        ("tlscacert" | "tlscert" | "tlskey", _) => neutral("it is part of the TLS settings"),
        ("seccomp-profile", _) => match word {
            "builtin" | "default" => None,
            "unconfined" => weakens("containers may make every system call"),
            _ => neutral("containers run under a seccomp profile other than the built-in one"),
        },
        ("log-level", _) => match word {
            "info" => None,
            "debug" => weakens("the log also holds details that are meant for developers alone"),
            _ => weakens("events are missing from the log"),
        },
        ("insecure-registries" | "insecure-registry", _) => {
            let here = |entry: &&str| Net::parse(entry).map_or_else(|| is_loopback(entry), |net| net.is_loopback());
            if words.iter().all(here) {
                neutral("only registries on this machine are insecure")
            } else {
                weakens("images are taken from registries without verified TLS")
            }
        }
        ("registry-mirrors" | "registry-mirror", _) => {
            if words.iter().any(|mirror| mirror.starts_with("http://") && !is_local(mirror)) {
                weakens("images come over plain HTTP")
            } else {
                neutral("images come from a mirror")
            }
        }
        ("hosts" | "host", _) => {
            let usual = ["fd://", "unix:///var/run/docker.sock", "unix:///run/docker.sock"];
            if words.iter().all(|host| usual.contains(host)) {
                None
            } else if words.iter().any(|host| host.starts_with("tcp://") || host.starts_with("http")) {
                neutral("the API listens on the network; see the check on its endpoint")
            } else {
                neutral("the API listens on another socket")
            }
        }
        ("metrics-addr", _) => {
            if is_loopback(host_of(word)) {
                neutral("metrics are served on this machine alone")
            } else {
                weakens("metrics are served to the network without authentication")
            }
        }
        ("ip", _) => match word {
            "0.0.0.0" | "::" => None,
            address if is_loopback(address) => hardens("ports are published to this machine unless told otherwise"),
            _ => neutral("ports are published on one address unless told otherwise"),
        },
        ("default-ipc-mode", _) => match word {
            "private" => None,
            _ => weakens("containers share memory unless told otherwise"),
        },
        ("default-cgroupns-mode", _) => match word {
            "private" => None,
            _ => weakens("containers see the host's cgroups"),
        },
        ("default-network-opts", _) => neutral("new networks have other options"),
        ("log-opts" | "log-opt", _) if value.get("max-size").is_some() => hardens("logs are bounded"),
        ("log-driver", _) if word == "json-file" => None,
        ("log-driver", _) if word == "none" => weakens("containers' output is not logged"),
        ("config-file", _) if word == "/etc/docker/daemon.json" => None,
        ("rootless", Some(true)) => hardens("dockerd runs without root"),
        ("data-root" | "graph", _) if word == "/var/lib/docker" => None,
        ("exec-root", _) if word == "/var/run/docker" => None,
        ("pidfile", _) if word == "/var/run/docker.pid" => None,
        ("group", _) if word == "docker" => None,
        ("default-runtime", _) if word == "runc" => None,
        // What systemd's unit of Docker's own packages says.
        ("containerd", _) if word == "/run/containerd/containerd.sock" => None,
        _ => neutral("it is not the default"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_told_apart() {
        for (key, value, expected) in [
            ("icc", json!(true), None),
            ("icc", json!("false"), Some(Effect::Hardens)),
            ("iptables", json!(false), Some(Effect::Weakens)),
            ("debug", json!(false), None),
            ("userns-remap", json!(""), None),
            ("userns-remap", json!("default"), Some(Effect::Hardens)),
            ("seccomp-profile", json!("unconfined"), Some(Effect::Weakens)),
            ("log-level", json!("info"), None),
            ("log-level", json!("fatal"), Some(Effect::Weakens)),
            ("insecure-registries", json!(["127.0.0.0/8"]), Some(Effect::Neutral)),
            ("insecure-registries", json!(["r.example"]), Some(Effect::Weakens)),
            ("insecure-registries", json!([]), None),
            ("registry-mirrors", json!(["http://m.example"]), Some(Effect::Weakens)),
            ("registry-mirrors", json!(["https://m.example"]), Some(Effect::Neutral)),
            ("hosts", json!(["fd://"]), None),
            ("metrics-addr", json!("127.0.0.1:9323"), Some(Effect::Neutral)),
            ("metrics-addr", json!("0.0.0.0:9323"), Some(Effect::Weakens)),
            ("log-opts", json!({"max-size": "10m"}), Some(Effect::Hardens)),
            ("log-driver", json!("none"), Some(Effect::Weakens)),
            ("mtu", json!(1400), Some(Effect::Neutral)),
            ("storage-driver", json!(null), None),
        ] {
            assert_eq!(effect(key, &value).map(|(effect, _)| effect), expected, "{key} {value}");
        }
    }
}
