//! What of the host's file system a workload is given: mounts of both sources in one form.

use std::collections::BTreeSet;

use plimsoll_dockerfile::compose::{EnvEntry, Mount, Service, interpolate, read_mount};

use super::view::{Listed, Name, Spot, Workload, resolved};
use crate::facts::ComposeFacts;

/// A mount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mounted {
    /// `bind`, `volume`, `tmpfs` …
    pub(crate) kind: String,
    /// The path on the host, in plain form, when it is one of the host's.
    pub(crate) host: Option<String>,
    /// The same as the source writes it.
    pub(crate) written: String,
    /// The path in the container.
    pub(crate) target: String,
    /// Whether it may be written to; none when nobody tells.
    pub(crate) writable: Option<bool>,
    /// How mounts spread.
    pub(crate) propagation: Option<String>,
}

/// How many mounts of one service, and mounts of how many others, are looked at.
const MOST: usize = 10_000;
const TAKEN_OVER: usize = 16;

const NAME: Name = Name { field: "Mounts", key: "volumes" };

/// A path without `//`, `.` and `..`; the host's `/var/run` is `/run`.
pub(crate) fn plain(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let whole = format!("/{}", parts.join("/"));
    match whole.strip_prefix("/var/run") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => format!("/run{rest}"),
        _ => whole,
    }
}

/// Whether a path is a folder, or below it. Both in plain form.
pub(crate) fn within(path: &str, folder: &str) -> bool {
    folder == "/" || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// A source on the host as a plain path; a named pipe of Windows stays as it is, and so does what is no path.
fn host_path(source: &str) -> String {
    if let Some(rest) = source.strip_prefix('~') {
        return plain(&format!("/home/USER/{rest}"));
    }
    if source.starts_with('/') { plain(source) } else { source.to_owned() }
}

/// All mounts.
pub(crate) fn mounts(it: Workload<'_>) -> Listed<Mounted> {
    match it {
        Workload::Container(facts) => {
            let spot = Workload::field(facts, NAME.field);
            let mut items: Vec<(Mounted, Spot)> = Vec::new();
            for mount in &facts.mounts {
                let bind =
                    mount.kind == "bind" || mount.kind == "npipe" || (mount.kind.is_empty() && mount.name.is_none());
                let mounted = Mounted {
                    kind: mount.kind.clone(),
                    host: bind.then(|| host_path(&mount.source)),
                    written: mount.source.clone(),
                    target: mount.destination.clone(),
                    writable: mount.writable,
                    propagation: mount.propagation.clone(),
                };
                items.push((mounted, spot.clone()));
            }
            // The binds as they were asked for: an engine that lists no mounts still has them.
            let known: BTreeSet<String> = facts.mounts.iter().map(|mount| plain(&mount.destination)).collect();
            for bind in &facts.host_config.binds {
                let mount = read_mount(bind, 0);
                let known = known.contains(&plain(&mount.target));
                if let (Some(source), false) = (&mount.source, known) {
                    let bind = source.starts_with(['/', '\\']);
                    let mounted = Mounted {
                        kind: if bind { "bind" } else { "volume" }.to_owned(),
                        host: bind.then(|| host_path(source)),
                        written: source.clone(),
                        target: mount.target,
                        writable: mount.read_only.map(|read_only| !read_only),
                        propagation: mount.propagation,
                    };
                    items.push((mounted, Workload::field(facts, "HostConfig.Binds")));
                }
            }
            it.listed(NAME, items)
        }
        Workload::Service(file, service) => {
            let mut listed = it.listed(NAME, Vec::new());
            of_service(file, service, &mut listed);
            listed
        }
    }
}

/// A service's own mounts, then those that it takes over from others of the file, each of them once.
fn of_service<'a>(file: &'a ComposeFacts, service: &'a Service, listed: &mut Listed<Mounted>) {
    let mut seen = vec![service];
    let mut next = 0;
    while let Some(service) = seen.get(next).copied() {
        next += 1;
        for mount in &service.mounts {
            let spot = Workload::line(file, mount.line);
            if listed.items.len() >= MOST {
                listed.gaps.push(("it has more mounts than are looked at".to_owned(), spot));
                return;
            }
            match of_mount(file, mount) {
                Ok(mounted) => listed.items.push((mounted, spot)),
                Err(reason) => listed.gaps.push((reason, spot)),
            }
        }
        for from in &service.volumes_from {
            let spot = Workload::line(file, from.line);
            let name = from.value.split(':').next().unwrap_or_default();
            if seen.iter().any(|other| other.name == name) {
                continue;
            }
            match file.parsed.services.iter().find(|other| other.name == name) {
                Some(_) if seen.len() >= TAKEN_OVER => {
                    let reason = "it takes over the mounts of more services than are looked at".to_owned();
                    listed.gaps.push((reason, spot));
                    return;
                }
                Some(other) => {
                    if let Some((reason, line)) = Workload::gap(other, NAME.key) {
                        let spot = Workload::line(file, line);
                        listed.gaps.push((format!("it takes over the mounts of {name}, of which {reason}"), spot));
                    }
                    seen.push(other);
                }
                None => {
                    let reason = format!("it takes over the mounts of {}, which is no service of the file", from.value);
                    listed.gaps.push((reason, spot));
                }
            }
        }
    }
}

fn of_mount(file: &ComposeFacts, mount: &Mount) -> Result<Mounted, String> {
    let source = mount.source.as_deref().map(interpolate);
    let unresolved = source.as_ref().is_some_and(|it| !it.unresolved.is_empty() || it.problem.is_some());
    let path = source.as_ref().map(|source| source.value.clone()).unwrap_or_default();
    // A socket's name tells enough, whatever stands before it.
    if unresolved && !path.ends_with(".sock") {
        return Err(resolved(mount.source.as_deref().unwrap_or_default()).err().unwrap_or_default());
    }
    let mut host = (mount.kind != "volume" && mount.kind != "tmpfs" && !path.is_empty()).then(|| host_path(&path));
    let mut kind = mount.kind.clone();
    let mut written = path.clone();
    let volume = file.parsed.volumes.iter().find(|volume| volume.key == path);
    if let Some(volume) = volume.filter(|_| mount.kind == "volume") {
        // A volume of the local driver may be a folder of the host under another name.
        let option = |name: &str| -> Option<&str> {
            let named = |entry: &&EnvEntry| entry.name == name;
            volume.driver_opts.iter().find(named).and_then(|entry| entry.value.as_deref())
        };
        let device = option("device").filter(|device| device.starts_with('/') || device.contains('$'));
        let bound = option("o").is_some_and(|o| o.split(',').any(|word| word.trim().ends_with("bind")));
        if let (Some(device), true) = (device, bound) {
            written = resolved(device)?;
            host = Some(host_path(&written));
            kind = "bind".to_owned();
        }
    }
    Ok(Mounted {
        kind,
        host,
        written,
        target: interpolate(&mount.target).value,
        writable: mount.read_only.map(|read_only| !read_only),
        propagation: mount.propagation.as_ref().map(|it| interpolate(it).value),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_brought_to_one_form() {
        for (path, form) in [
            ("/var/run/docker.sock", "/run/docker.sock"),
            ("//var//run/../run/./docker.sock/", "/run/docker.sock"),
            ("/", "/"),
            ("/../..", "/"),
            ("/var/runner", "/var/runner"),
        ] {
            assert_eq!(plain(path), form);
        }
        assert!(within("/etc/x", "/etc") && within("/etc", "/etc") && within("/a", "/"));
        assert!(!within("/etcetera", "/etc") && !within("/", "/etc"));
    }
}
