//! `storage-driver` (CSVS 8.1): images and containers lie on a driver fit for production. `volume-drivers` (CSVS 8.3):
//! where the data of applications lie.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, Product, VolumeFacts};

use super::{HOST, NAMED, of_host, open, said, show, some_of, unread};
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The storage driver is fit for production.
pub(crate) struct StorageDriver;

const STORAGE_RULE: [&str; 1] = ["2.6"];

impl Check for StorageDriver {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "storage-driver",
            use_case: None,
            title: text("Storage driver", "Speichertreiber"),
            why: text(
                "Drivers that were given up lose data under load, fill the disk, or keep the engine from being updated.",
                "Aufgegebene Treiber verlieren unter Last Daten, füllen die Platte oder verhindern Aktualisierungen der Engine.",
            ),
            how: text(
                "The engine tells its driver. overlay2, the overlayfs, btrfs and zfs drivers and Windows' own pass, fuse-overlayfs for an engine without root, overlay for Podman. vfs, native, aufs, overlay and devicemapper on loop devices fail, and so does overlay2 on a file system that does not tell the types of folder entries. All others are undecided.",
                "Die Engine gibt ihren Treiber an. overlay2, die Treiber overlayfs, btrfs und zfs und der von Windows bestehen, fuse-overlayfs für eine Engine ohne Root, overlay für Podman. vfs, native, aufs, overlay und devicemapper auf Loop-Geräten bestehen nicht, ebenso overlay2 auf einem Dateisystem ohne d_type. Alle anderen bleiben unentschieden.",
            ),
            blind_spots: text(
                "How full and how sound the disk is; whether it is encrypted; whether it is a partition of its own.",
                "Wie voll und wie gesund die Platte ist; ob sie verschlüsselt ist; ob sie eine eigene Partition ist.",
            ),
            remedy: text(
                "Move to overlay2 or the containerd image store on xfs or ext4. Images must be pulled again.",
                "Wechseln Sie auf overlay2 oder den Image-Speicher von containerd auf xfs oder ext4. Images müssen neu geladen werden.",
            ),
            example: "docker info --format '{{.Driver}}'\noverlay2",
            aliases: &[("docker-bench", "2.6")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, storage)
    }
}

fn status<'a>(host: &'a HostFacts, name: &str) -> Option<&'a str> {
    let found = host.daemon.storage_status.iter().find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.as_str())
}

fn storage(host: &HostFacts) -> Judgement {
    let Some(driver) = host.daemon.storage_driver.as_deref().filter(|driver| !driver.is_empty()) else {
        return open("The engine does not tell its storage driver; ask for the output of docker info.");
    };
    let shown = said(driver);
    let podman = host.engine.product == Product::Podman;
    let rootless = host.daemon.security_options.as_ref().map(|all| all.iter().any(|one| one.name == "rootless"));
    let loops = host.daemon.storage_status.iter().any(|(key, _)| key.to_ascii_lowercase().contains("loop file"));
    let no_types = status(host, "Supports d_type") == Some("false");
    let backing = status(host, "Backing Filesystem").map(said);
    let (outcome, severity, summary) = match driver {
        "overlay2" | "overlayfs" | "overlay" if no_types && (podman || driver != "overlay") => (
            OutcomeKind::Fail,
            Severity::Medium,
            format!("{shown} lies on a file system that does not tell the types of folder entries (d_type is false): removed files can come back."),
        ),
        "overlay" if podman => (OutcomeKind::Pass, Severity::Info, "Podman's overlay driver is fit for production.".to_owned()),
        "overlay2" | "overlayfs" => match backing.as_deref() {
            Some(kind) if ["nfs", "cifs", "fuse", "tmpfs", "ecryptfs", "overlayfs", "aufs"].contains(&kind) => (
                OutcomeKind::Undecided,
                Severity::Medium,
                format!("{shown} lies on {kind}, for which it is not made; ask how the machine stores images."),
            ),
            _ => (OutcomeKind::Pass, Severity::Info, format!("The storage driver {shown} is fit for production.")),
        },
        "btrfs" | "zfs" | "windowsfilter" => {
            (OutcomeKind::Pass, Severity::Info, format!("The storage driver {shown} is fit for production."))
        }
        "fuse-overlayfs" if rootless == Some(true) => (
            OutcomeKind::Pass,
            Severity::Info,
            "The engine runs without root, for which fuse-overlayfs is fit.".to_owned(),
        ),
        "vfs" | "native" => (
            OutcomeKind::Fail,
            Severity::Medium,
            format!("The storage driver {shown} copies every layer whole; it is meant for tests."),
        ),
        "aufs" => (OutcomeKind::Fail, Severity::Medium, "The storage driver aufs was given up and is gone from newer engines.".to_owned()),
        "overlay" => (OutcomeKind::Fail, Severity::Medium, "The storage driver overlay was given up in favour of overlay2.".to_owned()),
        "devicemapper" if loops => (
            OutcomeKind::Fail,
            Severity::High,
            "The storage driver devicemapper works on loop devices, which are not fit for production.".to_owned(),
        ),
        "devicemapper" => (
            OutcomeKind::Undecided,
            Severity::Medium,
            "The storage driver devicemapper was given up and is gone from newer engines; ask how it is set up and until when it stays.".to_owned(),
        ),
        _ => (
            OutcomeKind::Undecided,
            Severity::Low,
            format!("Whether the storage driver {shown} is fit for production is not known here; ask who supports it."),
        ),
    };
    let mut observations = vec![show::on_info(host, "Driver", severity, summary.clone(), &STORAGE_RULE)];
    if let Some(backing) = backing {
        let message = format!(
            "It lies on {backing}, in {}.",
            said(host.daemon.root_dir.as_deref().unwrap_or("the engine's folder"))
        );
        observations.push(show::on_info(host, "DriverStatus", Severity::Info, message, &[]));
    }
    judged(outcome, summary, observations)
}

/// Where the data of applications lie.
pub(crate) struct VolumeDrivers;

impl Check for VolumeDrivers {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "volume-drivers",
            use_case: None,
            title: text("Volume drivers", "Volume-Treiber"),
            why: text(
                "Data in a local volume are gone with the machine. Replication is a matter of the driver, or of the storage beneath it.",
                "Daten in einem lokalen Volume gehen mit der Maschine verloren. Replikation ist Sache des Treibers oder des Speichers darunter.",
            ),
            how: text(
                "All volumes are listed with their drivers. Passes when all of them are of a plugin or lie on a network file system; fails when a volume names a driver that the engine does not have. Local volumes are counted and left to a person, who knows the storage beneath them.",
                "Alle Volumes werden mit ihren Treibern aufgelistet. Bestanden, wenn alle von einem Plugin stammen oder auf einem Netzdateisystem liegen; nicht bestanden, wenn ein Volume einen Treiber nennt, den die Engine nicht hat. Lokale Volumes werden gezählt und einem Menschen überlassen, der den Speicher darunter kennt.",
            ),
            blind_spots: text(
                "Replication beneath the driver (RAID, SAN, clouds), backups, and whether restoring was ever tried. Folders of the host that are mounted directly.",
                "Replikation unterhalb des Treibers (RAID, SAN, Cloud), Sicherungen und ob eine Wiederherstellung je geprobt wurde. Direkt eingehängte Ordner des Hosts.",
            ),
            remedy: text(
                "Keep data that matter on a driver with replication, or on storage that has it, and try restoring them.",
                "Legen Sie wichtige Daten auf einen Treiber mit Replikation oder auf entsprechenden Speicher und proben Sie die Wiederherstellung.",
            ),
            example: "docker volume ls --format '{{.Name}} {{.Driver}}'",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, volumes)
    }
}

/// A local volume that is a mount of something elsewhere.
fn remote(volume: &VolumeFacts) -> bool {
    let kind = volume.options.get("type").map(|kind| kind.to_ascii_lowercase());
    kind.is_some_and(|kind| {
        ["nfs", "nfs4", "cifs", "smb3", "glusterfs", "ceph", "lustre", "beegfs"].contains(&kind.as_str())
    })
}

fn volumes(host: &HostFacts) -> Judgement {
    let Some(volumes) = &host.volumes else {
        return open(format!("The engine's volumes could not be listed{}.", unread(host, "/volumes")));
    };
    if volumes.is_empty() {
        return open("The engine has no volumes; ask where the data of its containers lie.");
    }
    let known = &host.daemon.volume_plugins;
    let managed = |driver: &str| {
        let bare = |name: &str| name.trim_end_matches(":latest").to_owned();
        known.iter().any(|one| bare(one) == bare(driver))
            || host.plugins.iter().flatten().any(|one| one.enabled && bare(&one.name) == bare(driver))
    };
    let mut observations = Vec::new();
    let (mut lost, mut local, mut elsewhere, mut unsure) = (Vec::new(), 0_usize, Vec::new(), Vec::new());
    for volume in volumes {
        let (name, driver) = (said(&volume.name), said(&volume.driver));
        if volume.driver == "local" {
            if remote(volume) {
                elsewhere.push("local on a network file system".to_owned());
            } else {
                local += 1;
            }
        } else if managed(&volume.driver) {
            elsewhere.push(driver);
        } else if !known.is_empty() && host.plugins.is_some() {
            let message = format!("The volume {name} names the driver {driver}, which the engine does not have.");
            observations.push(show::on_volume(host, &volume.name, "Driver", Severity::Medium, message));
            lost.push(name);
        } else {
            let message =
                format!("The volume {name} names the driver {driver}; whether the engine has it is not known.");
            observations.push(show::on_volume(host, &volume.name, "Driver", Severity::Low, message));
            unsure.push(name);
        }
    }
    elsewhere.sort_unstable();
    elsewhere.dedup();
    observations.truncate(NAMED);
    let command = format!("{} volume ls --format '{{{{.Driver}}}} {{{{.Name}}}}'", show::docker(host));
    if local > 0 {
        let message = format!(
            "{} on this machine's disk alone, as far as the engine knows.",
            count(local, "volume lies", "volumes lie")
        );
        observations.push(show::on_machine("Volumes", command.clone(), Severity::Low, message, &[]));
    }
    if !elsewhere.is_empty() {
        let message = format!("Volumes are kept by {}.", some_of(&elsewhere));
        observations.push(show::on_machine("Volumes", command, Severity::Info, message, &[]));
    }
    if !lost.is_empty() {
        let summary = format!(
            "{} a driver that the engine does not have: {}.",
            count(lost.len(), "volume names", "volumes name"),
            some_of(&lost)
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if local > 0 {
        let summary = format!(
            "{} local; whether the storage beneath is replicated, the engine does not know.",
            count(local, "volume is", "volumes are")
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if !unsure.is_empty() {
        let summary = format!("Whether the engine has the drivers of all volumes is not known: {}.", some_of(&unsure));
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = format!(
        "{} beyond this machine ({}).",
        count(volumes.len(), "volume is kept", "volumes are kept"),
        some_of(&elsewhere)
    );
    judged(OutcomeKind::Pass, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{good, judge, options};
    use super::*;
    use std::collections::BTreeMap;

    fn driver(name: &str, status: &[(&str, &str)], product: Product) -> OutcomeKind {
        let mut host = good();
        host.engine.product = product;
        host.daemon.storage_driver = Some(name.into());
        host.daemon.storage_status = status.iter().map(|&(key, value)| (key.into(), value.into())).collect();
        judge(&StorageDriver, host).outcome
    }

    #[test]
    fn storage_drivers_are_told_apart() {
        let docker = |name, status: &[(&str, &str)]| driver(name, status, Product::Docker);
        for name in ["overlay2", "overlayfs", "btrfs", "zfs", "windowsfilter"] {
            assert_eq!(docker(name, &[]), OutcomeKind::Pass, "{name}");
        }
        for name in ["vfs", "aufs", "overlay", "native"] {
            assert_eq!(docker(name, &[]), OutcomeKind::Fail, "{name}");
        }
        assert_eq!(docker("devicemapper", &[("Data loop file", "/x")]), OutcomeKind::Fail);
        assert_eq!(docker("overlay2", &[("Supports d_type", "false")]), OutcomeKind::Fail);
        for (name, status) in [
            ("devicemapper", &[][..]),
            ("overlay2", &[("Backing Filesystem", "nfs")][..]),
            ("stargz", &[][..]),
            ("fuse-overlayfs", &[][..]),
        ] {
            assert_eq!(docker(name, status), OutcomeKind::Undecided, "{name}");
        }
        assert_eq!(driver("overlay", &[("Supports d_type", "true")], Product::Podman), OutcomeKind::Pass);
        assert_eq!(driver("", &[], Product::Docker), OutcomeKind::Undecided);
    }

    #[test]
    fn an_engine_without_root_may_use_fuse() {
        let mut host = good();
        host.daemon.storage_driver = Some("fuse-overlayfs".into());
        host.daemon.security_options = Some(options(&["rootless"]));
        assert_eq!(judge(&StorageDriver, host).outcome, OutcomeKind::Pass);
    }

    #[test]
    fn volumes_on_this_disk_are_for_a_person() {
        let outcome = |driver: &str, kind: Option<&str>| {
            let mut host = good();
            host.plugins = Some(vec![]);
            let options = kind.map(|kind| ("type".to_owned(), kind.to_owned())).into_iter().collect::<BTreeMap<_, _>>();
            host.volumes =
                Some(vec![VolumeFacts { name: "v".into(), driver: driver.into(), options, ..VolumeFacts::default() }]);
            judge(&VolumeDrivers, host).outcome
        };
        assert_eq!(outcome("rexray/ebs", None), OutcomeKind::Pass);
        assert_eq!(outcome("local", Some("nfs")), OutcomeKind::Pass);
        assert_eq!(outcome("local", None), OutcomeKind::Undecided);
        assert_eq!(outcome("gone", None), OutcomeKind::Fail);
        let mut untold = good();
        untold.daemon.volume_plugins.clear();
        assert_eq!(judge(&VolumeDrivers, untold).outcome, OutcomeKind::Undecided);
        for volumes in [None, Some(vec![])] {
            let mut host = good();
            host.volumes = volumes;
            assert_eq!(judge(&VolumeDrivers, host).outcome, OutcomeKind::Undecided);
        }
    }
}
