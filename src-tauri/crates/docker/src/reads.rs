//! What will be read of an engine, in plain lines, to be said before anything is read.

use crate::EngineAddress;

/// One line for each request and each file that reading a host takes; with `containers` also those for each container.
///
/// Requests are named as the Engine API names them. All of them are GET.
#[must_use]
pub fn reads(address: &EngineAddress, containers: bool) -> Vec<String> {
    let mut lines: Vec<&str> = vec![
        "GET /version: the engine's name, version and parts",
        "GET /info: the machine, the daemon's settings, registries and proxies",
        "GET /networks, and GET /networks/ID where the list says too little: networks, their options and subnets",
        "GET /volumes: volumes and their options",
        "GET /plugins: managed plugins",
        "GET /containers/json?all=1: the list of containers, stopped ones too",
        "GET /images/json: the list of images with their names",
        "GET /swarm, /nodes, /services, on a manager of a swarm only: its settings, nodes and services; join tokens and the unlock key are not kept",
    ];
    if containers {
        lines.extend([
            "GET /containers/ID/json?size=1: how each container was made, is let run and how much it has written",
            "GET /containers/ID/top: its processes with users and command lines",
            "GET /containers/ID/changes: paths that differ from its image",
            "GET /containers/ID/stats: memory and number of processes at this moment",
            "GET /images/NAME/json: which image its name means now",
        ]);
    }
    let mut lines: Vec<String> = lines.into_iter().map(str::to_owned).collect();
    // A name of a context does not tell yet where it leads.
    let socket = matches!(address, EngineAddress::Default | EngineAddress::Unix(_) | EngineAddress::Context(_));
    if socket {
        lines.extend(
            [
                "daemon.json of the daemon (/etc/docker/daemon.json), where the socket is of this machine",
                "docker.service and docker.socket with drop-ins and the environment files that they name (/etc/default/docker)",
                "The process of dockerd under /proc: command line, user, security label; and how many docker-proxy run",
                "Owner and permissions of the socket, /etc/docker, certificates, units and the daemon's folder; names from /etc/passwd and /etc/group",
                "/proc/net/route and /proc/net/if_inet6: networks of this machine",
            ]
            .map(str::to_owned),
        );
    }
    if matches!(address, EngineAddress::Default | EngineAddress::Context(_)) {
        lines.push(
            "Docker's client settings and contexts (~/.docker): where the engine is and which certificates lead there"
                .into(),
        );
    }
    if let EngineAddress::Ssh(text) = address {
        lines.push(format!("{text} is reached with this machine's ssh, which reads its own settings and keys"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn local_files_are_named_only_where_they_could_be_read() {
        let local = reads(&EngineAddress::Default, false);
        assert!(local.iter().any(|line| line.contains("daemon.json")));
        assert!(!local.iter().any(|line| line.contains("/top")));
        let far = reads(&EngineAddress::Tcp("tcp://h:2376".into()), true);
        assert!(!far.iter().any(|line| line.contains("/proc")));
        assert!(far.iter().any(|line| line.contains("/top")));
    }
}
