//! Data in the container layer (CSVS 8.4): what was written where it is lost with the container.

use std::collections::BTreeMap;
use std::collections::HashSet;

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{ChangeKind, ContainerFacts};

use super::shown::{NAMED, client, name, of, on, on_changes, why_unread};
use crate::figures::bytes;
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// What is there to be lost, or made by the engine itself.
const PASSING: [&str; 8] = ["/tmp", "/run", "/var/run", "/var/tmp", "/var/cache", "/dev", "/proc", "/sys"];
const LOGS: &str = "/var/log";
/// Where servers keep what they must not lose.
const STORES: [&str; 34] = [
    "/var/lib/mysql",
    "/var/lib/postgresql",
    "/var/lib/pgsql",
    "/data/db",
    "/var/lib/mongodb",
    "/var/lib/mongo",
    "/var/lib/redis",
    "/var/lib/valkey",
    "/var/lib/elasticsearch",
    "/usr/share/elasticsearch/data",
    "/usr/share/opensearch/data",
    "/var/lib/cassandra",
    "/var/lib/clickhouse",
    "/var/lib/couchdb",
    "/opt/couchdb/data",
    "/var/lib/influxdb",
    "/var/lib/influxdb2",
    "/var/lib/neo4j",
    "/var/lib/rabbitmq",
    "/var/lib/kafka",
    "/var/lib/zookeeper",
    "/var/lib/etcd",
    "/var/lib/ldap",
    "/var/lib/grafana",
    "/var/lib/prometheus",
    "/var/lib/registry",
    "/var/lib/gitea",
    "/var/opt/gitlab",
    "/var/opt/mssql",
    "/opt/oracle/oradata",
    "/var/jenkins_home",
    "/var/lib/docker",
    "/var/mail",
    "/bitnami",
];
/// Where much of that kind lies, and other things too.
const LIKELY: [&str; 12] = [
    "/data",
    "/srv",
    "/home",
    "/backup",
    "/backups",
    "/uploads",
    "/storage",
    "/var/lib",
    "/var/spool",
    "/var/www",
    "/mnt",
    "/media",
];
/// From here on the layer's own bytes are worth a look.
const LARGE: u64 = 100_000_000;

/// Nothing that must last is written into the container layer.
pub(super) struct Writes;

impl Check for Writes {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "layer-writes",
            use_case: None,
            title: text("No data in the container layer", "Keine Daten in der Container-Schicht"),
            why: text(
                "What is written into the container's own layer is lost when it is replaced, is in no backup, and makes people shy away from replacing it.",
                "Was in die eigene Schicht des Containers geschrieben wird, geht verloren, wenn er ersetzt wird, liegt in keiner Sicherung und lässt davor zurückschrecken, ihn zu ersetzen.",
            ),
            how: text(
                "A root file system that is mounted read-only passes: nothing can be written into the layer. Otherwise all that differs from the image counts, without mounts, temporary folders, caches and logs. Something in a folder in which a database, broker or registry keeps its data fails; anything else is listed by folder and put to the auditor, and so is a layer that holds nothing so far.",
                "Ein schreibgeschützt eingehängtes Root-Dateisystem besteht: In die Schicht kann nichts geschrieben werden. Sonst zählt alles, was vom Image abweicht, ohne Mounts, temporäre Ordner, Caches und Protokolle. Liegt etwas in einem Ordner, in dem eine Datenbank, ein Broker oder eine Registry ihre Daten hält, fällt die Prüfung durch; alles andere wird nach Ordnern aufgeführt und dem Auditor vorgelegt, ebenso eine Schicht, in der bislang nichts liegt.",
            ),
            blind_spots: text(
                "What the files hold, and whether they must last. What will be written later. Data in volumes without a name, which outlive the container but are easily lost. Sizes of single files.",
                "Was die Dateien enthalten und ob sie bleiben müssen. Was später geschrieben wird. Daten in Volumes ohne Namen, die den Container überleben, aber leicht verloren gehen. Größen einzelner Dateien.",
            ),
            remedy: text(
                "Mount a named volume where the application keeps its data, a tmpfs where it needs a scratch folder, and the rest read-only.",
                "Hängen Sie dort, wo die Anwendung ihre Daten hält, ein benanntes Volume ein, für Zwischendateien ein tmpfs und alles Übrige schreibgeschützt.",
            ),
            example: "docker run --read-only --tmpfs /tmp --mount type=volume,src=shop-db,dst=/var/lib/postgresql/data IMAGE",
            aliases: &[("docker-bench", "5.13")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Container]
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        match of(facts) {
            Ok(container) => judge(container),
            Err(judgement) => judgement,
        }
    }
}

/// Whether a path is a folder or lies in it.
fn within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || folder == "/")
}

/// The folder under which a change is counted.
fn folder_of(path: &str) -> String {
    if let Some(store) = STORES.iter().find(|store| within(path, store)) {
        // Such a folder may be a user's home: hidden files are that user's, no data.
        return match path.find("/.").and_then(|at| path.get(at + 1..)).map(|hidden| hidden.split('/').next()) {
            Some(Some(hidden)) => format!("{store}/{hidden}"),
            _ => (*store).to_owned(),
        };
    }
    // /var/lib/x, /usr/local/x; elsewhere two parts. A file stands under its folder.
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    let deep = matches!(parts.as_slice(), ["var", "lib" | "spool", ..] | ["usr", "local" | "lib" | "share", ..]);
    let most = if deep { 3 } else { 2 };
    let kept = parts.len().saturating_sub(1).clamp(1, most);
    format!("/{}", parts.iter().take(kept).copied().collect::<Vec<_>>().join("/"))
}

/// What was written, by folder, and how many of it are logs.
fn written(container: &ContainerFacts) -> (BTreeMap<String, usize>, usize) {
    let changes = container.changes.as_deref().unwrap_or_default();
    let mounts: Vec<&str> = container
        .mounts
        .iter()
        .map(|mount| mount.destination.as_str())
        .chain(container.host_config.tmpfs.keys().map(String::as_str))
        .map(|path| path.trim_end_matches('/'))
        .filter(|path| !path.is_empty())
        .collect();
    // Folders are told as changed when something in them is; only the last parts count.
    let mut parents: HashSet<&str> = HashSet::new();
    for path in changes.iter().map(|change| change.path.as_str()).chain(mounts.iter().copied()) {
        let mut rest = path;
        while let Some((parent, _)) = rest.rsplit_once('/') {
            if parent.is_empty() || !parents.insert(parent) {
                break;
            }
            rest = parent;
        }
    }
    let (mut folders, mut logs): (BTreeMap<String, usize>, usize) = (BTreeMap::new(), 0);
    for change in changes {
        let path = change.path.as_str();
        let passing = PASSING.iter().chain(&mounts).any(|folder| within(path, folder))
            || path.contains("/.cache/")
            || path.contains("/__pycache__");
        if passing || parents.contains(path) || change.kind == ChangeKind::Deleted {
            continue;
        }
        if within(path, LOGS) || path.ends_with(".log") {
            logs += 1;
        } else {
            *folders.entry(folder_of(path)).or_default() += 1;
        }
    }
    (folders, logs)
}

fn judge(container: &ContainerFacts) -> Judgement {
    let mut observations = Vec::new();
    if let Some(size) = container.size_rw {
        let severity = if size >= LARGE { Severity::Low } else { Severity::Info };
        let mut observation = on(container, "SizeRw", severity, format!("Its own layer holds {}.", bytes(size)), &[]);
        observation.reproduce =
            Some(format!("{} inspect --size --format '{{{{.SizeRw}}}}' {}", client(container), name(container)));
        observations.push(observation);
    }
    let (folders, logs) = written(container);
    if logs > 0 {
        let message = format!(
            "{} written into the layer; let the application write to its standard output instead.",
            count(logs, "log file is", "log files are")
        );
        observations.push(on_changes(container, Some("log"), Severity::Low, message));
    }
    let files: usize = folders.values().sum();
    let mut by_count: Vec<(&String, usize)> = folders.iter().map(|(folder, number)| (folder, *number)).collect();
    let rank = |folder: &str| match () {
        () if STORES.contains(&folder) => 0_u8,
        () if LIKELY.iter().any(|likely| within(folder, likely)) => 1,
        () => 2,
    };
    by_count.sort_by(|a, b| (rank(a.0), b.1, a.0).cmp(&(rank(b.0), a.1, b.0)));
    for (folder, number) in by_count.iter().take(NAMED) {
        let files = count(*number, "path", "paths");
        let (severity, message) = match rank(folder) {
            0 => (Severity::High, format!("{files} in {folder}, where a server keeps its data.")),
            1 => (Severity::Medium, format!("{files} in {folder}, where data often lie.")),
            _ => (Severity::Low, format!("{files} in {folder}.")),
        };
        observations.push(on_changes(container, Some(folder.as_str()), severity, message));
    }
    if by_count.len() > NAMED {
        let message = format!("{} besides.", count(by_count.len() - NAMED, "folder", "folders"));
        observations.push(on_changes(container, None, Severity::Low, message));
    }
    let stores: Vec<&str> = by_count.iter().map(|(folder, _)| folder.as_str()).filter(|f| rank(f) == 0).collect();
    if let Some(first) = stores.first() {
        let more = if stores.len() > 1 { " and other such folders" } else { "" };
        let summary = format!("Data of a server lie in the container's own layer, in {first}{more}.");
        return judged(OutcomeKind::Fail, summary, observations);
    }
    let remount = container.host_config.privileged != Some(false)
        || container.host_config.cap_add.iter().any(|cap| cap == "SYS_ADMIN" || cap == "ALL");
    if container.host_config.read_only == Some(true) {
        if files > 0 {
            let summary = format!(
                "The root file system is mounted read-only, yet {} from the image; ask how they came there.",
                count(files, "path differs", "paths differ")
            );
            return judged(OutcomeKind::Undecided, summary, observations);
        }
        if remount {
            let summary = "The root file system is mounted read-only, but the container is privileged enough to change that, or the engine does not tell.";
            return judged(OutcomeKind::Undecided, summary, observations);
        }
        let message = "The root file system is mounted read-only: nothing can be written into the layer.";
        observations.push(on(container, "HostConfig.ReadonlyRootfs", Severity::Info, message, &[]));
        let summary = "Nothing can be written into the container's own layer.";
        return judged(OutcomeKind::Pass, summary, observations);
    }
    if container.changes.is_none() {
        let summary = format!("What was written into its layer is not known: {}.", why_unread(container, "changes"));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let cut = if container.changes_cut { "; the list was too long to be read whole" } else { "" };
    let summary = if files > 0 {
        format!(
            "{} in {} into the container's own layer; decide whether any of it must last{cut}.",
            count(files, "path was written", "paths were written"),
            count(folders.len(), "folder", "folders")
        )
    } else {
        format!("Nothing but passing files is in the container's own layer so far, but it may be written to{cut}.")
    };
    judged(OutcomeKind::Undecided, summary, observations)
}
