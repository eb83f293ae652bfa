//! CSVS 3.9 and 8.4: the root file system, and where data lie.

use plimsoll_catalog::{Severity, SubjectKind};

use super::ask::{Answer, Ask, COMPOSE, Notes};
use super::paths::mounts;
use super::view::{Said, Workload, repository};
use crate::{CheckInfo, Settings, text};

/// The root file system is read-only.
pub(crate) struct ReadOnlyRoot;
/// Well-known data stores have a volume.
pub(crate) struct Volumes;

impl Ask for ReadOnlyRoot {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "read-only-root",
            use_case: None,
            title: text("The root file system is read-only", "Das Root-Dateisystem ist schreibgeschützt"),
            why: text(
                "Whoever has broken in wants to put down tools and change programs. With a read-only root there is no place for that, and the container stays what its image is.",
                "Wer eingebrochen ist, will Werkzeuge ablegen und Programme verändern. Ist das Root-Dateisystem schreibgeschützt, fehlt der Ort dafür, und der Container bleibt, was sein Image ist.",
            ),
            how: text(
                "The setting read-only passes, anything else fails; folders in memory (tmpfs) for what must be written are fine and named. A service of a Compose file without read_only gets a writable root.",
                "Die Einstellung „schreibgeschützt“ besteht, alles andere fällt durch; Ordner im Arbeitsspeicher (tmpfs) für nötige Schreibvorgänge sind in Ordnung und werden genannt. Ein Dienst einer Compose-Datei ohne read_only erhält ein beschreibbares Root-Dateisystem.",
            ),
            blind_spots: text("What is written to volumes and mounts.", "Was auf Volumes und Mounts geschrieben wird."),
            remedy: text(
                "Set it to read-only and give the folders that the service writes to a tmpfs or a volume.",
                "Setzen Sie es auf schreibgeschützt und geben Sie den Ordnern, in die der Dienst schreibt, ein tmpfs oder ein Volume.",
            ),
            example: "docker run --read-only --tmpfs /tmp IMAGE\n\nservices:\n  web:\n    read_only: true\n    tmpfs: [/tmp]",
            aliases: &[("cis-docker", "5.13"), ("docker-bench", "5.13")],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let read_only = it.read_only();
        match &read_only.said {
            Said::Is(true) => {}
            Said::Is(false) | Said::Unset => {
                notes.fault(&read_only.spot, Severity::Medium, format!("{name} may write to its root file system."));
            }
            Said::Untold(reason) => notes.untold(it, &read_only.spot, "whether its root is read-only", reason),
        }
        let in_memory: Vec<(String, Option<u32>)> = match it {
            Workload::Container(facts) => facts.host_config.tmpfs.keys().map(|path| (path.clone(), None)).collect(),
            Workload::Service(_, service) => {
                service.tmpfs.iter().map(|tmpfs| (tmpfs.value.clone(), Some(tmpfs.line))).collect()
            }
        };
        for (path, line) in in_memory {
            let message = format!("{name} may write to {path}, which lies in memory.");
            notes.note(&it.spot("HostConfig.Tmpfs", line), Severity::Info, message);
        }
        notes.answer(&read_only.spot, format!("{name} has a read-only root file system."))
    }
}

/// Images of data stores by the last part of their name, and where they keep their data.
const STORES: [(&str, &str); 34] = [
    ("arangodb", "/var/lib/arangodb3"),
    ("cassandra", "/var/lib/cassandra"),
    ("clickhouse", "/var/lib/clickhouse"),
    ("clickhouse-server", "/var/lib/clickhouse"),
    ("cockroach", "/cockroach/cockroach-data"),
    ("consul", "/consul/data"),
    ("couchbase", "/opt/couchbase/var"),
    ("couchdb", "/opt/couchdb/data"),
    ("elasticsearch", "/usr/share/elasticsearch/data"),
    ("etcd", "/etcd-data"),
    ("gitea", "/data"),
    ("grafana", "/var/lib/grafana"),
    ("influxdb", "/var/lib/influxdb2"),
    ("kafka", "/var/lib/kafka"),
    ("mariadb", "/var/lib/mysql"),
    ("minio", "/data"),
    ("mongo", "/data/db"),
    ("mongodb", "/data/db"),
    ("mssql-server", "/var/opt/mssql"),
    ("mysql", "/var/lib/mysql"),
    ("neo4j", "/data"),
    ("nexus3", "/nexus-data"),
    ("opensearch", "/usr/share/opensearch/data"),
    ("percona", "/var/lib/mysql"),
    ("pgvector", "/var/lib/postgresql/data"),
    ("postgis", "/var/lib/postgresql/data"),
    ("postgres", "/var/lib/postgresql/data"),
    ("postgresql", "/var/lib/postgresql/data"),
    ("prometheus", "/prometheus"),
    ("rabbitmq", "/var/lib/rabbitmq"),
    ("registry", "/var/lib/registry"),
    ("rethinkdb", "/data"),
    ("timescaledb", "/var/lib/postgresql/data"),
    ("zookeeper", "/data"),
];

impl Ask for Volumes {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "data-volumes",
            use_case: None,
            title: text("Data are kept on volumes", "Daten liegen auf Volumes"),
            why: text(
                "What a container writes into its own layer is gone with the container, and no backup of volumes holds it.",
                "Was ein Container in seine eigene Schicht schreibt, verschwindet mit ihm, und keine Sicherung der Volumes enthält es.",
            ),
            how: text(
                "A service that runs the image of a well-known data store needs a volume or mount with a name or a path; without one, or with one in memory alone, it fails. A service with a read-only root passes, since nothing can be written into its layer. Whether any other service keeps data does not show in the file: a person decides.",
                "Ein Dienst mit dem Image eines bekannten Datenspeichers braucht ein Volume oder einen Mount mit Namen oder Pfad; ohne ein solches oder mit einem, das nur im Arbeitsspeicher liegt, fällt er durch. Ein Dienst mit schreibgeschütztem Root-Dateisystem besteht, denn in seine Schicht kann nichts geschrieben werden. Ob ein anderer Dienst Daten behält, zeigt die Datei nicht: Das entscheidet ein Mensch.",
            ),
            blind_spots: text(
                "What a service really writes: on the running container, the check of its changes shows it.",
                "Was ein Dienst wirklich schreibt: Am laufenden Container zeigt das die Prüfung seiner Änderungen.",
            ),
            remedy: text(
                "Give the folder of the data a named volume.",
                "Geben Sie dem Datenordner ein benanntes Volume.",
            ),
            example: "services:\n  db:\n    image: postgres:17\n    volumes: [\"data:/var/lib/postgresql/data\"]\nvolumes:\n  data: {}",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        COMPOSE
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let all = mounts(it);
        let image = it.image().unwrap_or_default();
        let last = repository(&image).rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
        let store = STORES.iter().find(|(known, _)| *known == last);
        let kept = all.items.iter().filter(|(mount, _)| mount.kind != "tmpfs");
        let named = kept.clone().filter(|(mount, _)| mount.host.is_some() || mount.kind != "volume").count();
        for (mount, spot) in kept.clone() {
            let kind = if mount.kind.is_empty() { "mount" } else { &mount.kind };
            notes.note(spot, Severity::Info, format!("{name} keeps {} on a {kind}.", mount.target));
        }
        let on_volumes = match it {
            // A volume without a name outlives its container, but nobody finds it again.
            Workload::Service(_, service) => {
                service.mounts.iter().filter(|m| m.kind != "tmpfs" && m.source.is_some()).count()
            }
            Workload::Container(_) => named,
        };
        let on_volumes = on_volumes.max(named);
        match store {
            Some(_) if on_volumes > 0 => {}
            Some((_, folder)) if all.gaps.is_empty() => {
                let message = format!(
                    "{name} runs {last}, which keeps data, and has no named volume for them; they lie in {folder} as a rule."
                );
                notes.fault_unless(it.allowed(settings, "data-volumes", None), &all.spot, Severity::Medium, &message);
            }
            Some(_) => notes.gaps(it, "where its data are kept", &all),
            None => match it.read_only().said {
                Said::Is(true) => {}
                _ => {
                    let message =
                        format!("{name} may keep data in its own layer; the file does not show whether it does.");
                    notes.doubt(&all.spot, Severity::Info, message);
                }
            },
        }
        notes.answer(&all.spot, format!("{name} has no data in its own layer, as far as the file tells."))
    }
}

#[cfg(test)]
#[path = "files_tests.rs"]
mod tests;
