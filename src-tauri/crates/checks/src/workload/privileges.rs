//! D2 and CSVS 12.1: rights that a container is given beyond Docker's own set.

use plimsoll_catalog::{Severity, UseCaseId};

use super::ask::{Answer, Ask, Notes};
use super::view::{Said, Workload};
use crate::{CheckInfo, Settings, text};

const PRIVILEGES: &str = "container-privileges";
const DEVICES: &str = "devices";
const SYSCTLS: &str = "kernel-settings";

/// Neither privileged nor given further capabilities.
pub(crate) struct Privileges;
/// No device of the host.
pub(crate) struct Devices;
/// No setting of the kernel that opens something.
pub(crate) struct Sysctls;

/// Capabilities beyond Docker's own set: what each permits, and how much it weighs.
const BEYOND: [(&str, Severity, &str); 26] = [
    ("SYS_ADMIN", Severity::Critical, "mounts, namespaces and much else of what root of the host may do"),
    ("SYS_MODULE", Severity::Critical, "loading modules into the host's kernel"),
    ("SYS_RAWIO", Severity::Critical, "reading and writing the host's memory and ports"),
    ("SYS_PTRACE", Severity::High, "reading and steering other processes"),
    ("DAC_READ_SEARCH", Severity::High, "reading every file, and opening the host's by their number"),
    ("BPF", Severity::High, "running programs in the host's kernel"),
    ("PERFMON", Severity::High, "watching the host's kernel and processes"),
    ("SYS_BOOT", Severity::High, "restarting the host or starting another kernel"),
    ("MAC_ADMIN", Severity::High, "changing the host's access control"),
    ("MAC_OVERRIDE", Severity::High, "overriding the host's access control"),
    ("NET_ADMIN", Severity::High, "changing interfaces, routes and packet filters"),
    ("SYS_TIME", Severity::High, "setting the host's clock"),
    ("AUDIT_CONTROL", Severity::High, "switching off the host's audit"),
    ("CHECKPOINT_RESTORE", Severity::Medium, "freezing and restoring processes"),
    ("SYSLOG", Severity::Medium, "reading the kernel's log and the addresses in it"),
    ("AUDIT_READ", Severity::Medium, "reading the host's audit log"),
    ("LINUX_IMMUTABLE", Severity::Medium, "lifting the protection of unchangeable files"),
    ("SYS_RESOURCE", Severity::Medium, "exceeding limits"),
    ("SYS_NICE", Severity::Low, "taking processor time ahead of others"),
    ("SYS_PACCT", Severity::Low, "switching process accounting"),
    ("SYS_TTY_CONFIG", Severity::Medium, "configuring the host's terminals"),
    ("IPC_LOCK", Severity::Low, "holding memory that cannot be swapped out"),
    ("IPC_OWNER", Severity::Medium, "reading other users' shared memory"),
    ("LEASE", Severity::Low, "taking leases on files"),
    ("NET_BROADCAST", Severity::Low, "sending broadcasts"),
    ("WAKE_ALARM", Severity::Low, "waking the host"),
];

/// What Docker leaves to every container.
const DOCKER: [&str; 14] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "NET_RAW",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

/// In capitals, without `CAP_`.
fn plain(capability: &str) -> String {
    let upper = capability.trim().to_ascii_uppercase();
    upper.strip_prefix("CAP_").unwrap_or(&upper).to_owned()
}

impl Ask for Privileges {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: PRIVILEGES,
            use_case: Some(UseCaseId::D2),
            title: text(
                "Neither privileged nor given more capabilities",
                "Weder privilegiert noch mit zusätzlichen Capabilities",
            ),
            why: text(
                "A privileged container is root on the host: it sees all devices and nothing is denied to it. Single capabilities such as SYS_ADMIN come close to that.",
                "Ein privilegierter Container ist Root auf dem Host: Er sieht alle Geräte, und nichts wird ihm verweigert. Einzelne Capabilities wie SYS_ADMIN kommen dem nahe.",
            ),
            how: text(
                "privileged fails, and so does each added capability beyond the fourteen that Docker leaves to every container; what each permits is named. Whoever drops ALL and adds back some of the fourteen passes without remark; keeping Docker's whole set passes with a remark. Hooks of a Compose file that run privileged count like the service. The profile can allow a capability by its name, or a container by its own or its image's, with a reason.",
                "privileged fällt durch, ebenso jede hinzugefügte Capability jenseits der vierzehn, die Docker jedem Container lässt; genannt wird, was jede erlaubt. Wer ALL entzieht und einige der vierzehn zurückgibt, besteht ohne Anmerkung; wer Dockers ganzen Satz behält, besteht mit einer Anmerkung. Hooks einer Compose-Datei, die privilegiert laufen, zählen wie der Dienst. Das Profil kann eine Capability nach Namen oder einen Container nach seinem Namen oder dem seines Images mit Begründung erlauben.",
            ),
            blind_spots: text(
                "Whether the service needs what it is given, and capabilities of files in the image.",
                "Ob der Dienst braucht, was er erhält, und Capabilities von Dateien im Image.",
            ),
            remedy: text(
                "Drop all capabilities and add back those that the service demonstrably needs; never run it privileged.",
                "Entziehen Sie alle Capabilities und geben Sie nur zurück, was der Dienst nachweislich braucht; starten Sie ihn nie privilegiert.",
            ),
            example: "docker run --cap-drop ALL --cap-add NET_BIND_SERVICE IMAGE\n\nservices:\n  web:\n    cap_drop: [ALL]\n    cap_add: [NET_BIND_SERVICE]",
            aliases: &[("cis-docker", "5.4"), ("cis-docker", "5.5"), ("docker-bench", "5.4"), ("docker-bench", "5.5")],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let privileged = it.privileged();
        match &privileged.said {
            Said::Is(true) => {
                let message = format!("{name} is privileged: it has every capability and all devices of the host.");
                let allowance = it.allowed(settings, PRIVILEGES, Some("privileged"));
                notes.fault_unless(allowance, &privileged.spot, Severity::Critical, &message);
            }
            Said::Is(false) | Said::Unset => {}
            Said::Untold(reason) => notes.untold(it, &privileged.spot, "whether it is privileged", reason),
        }
        let (added, dropped) = (it.cap_add(), it.cap_drop());
        notes.gaps(it, "what capabilities it is given", &added);
        for (capability, spot) in &added.items {
            let capability = plain(capability);
            let allowance = it.allowed(settings, PRIVILEGES, Some(&capability));
            if capability == "ALL" {
                let message = format!("{name} is given every capability.");
                notes.fault_unless(allowance, spot, Severity::Critical, &message);
            } else if let Some((_, severity, permits)) = BEYOND.iter().find(|(known, ..)| *known == capability) {
                let message = format!("{name} is given {capability}, which permits {permits}.");
                notes.fault_unless(allowance, spot, *severity, &message);
            } else if !DOCKER.contains(&capability.as_str()) {
                let message = format!("{name} is given {capability}, which is none of Docker's own set.");
                notes.fault_unless(allowance, spot, Severity::Medium, &message);
            }
        }
        let all_dropped = dropped.items.iter().any(|(capability, _)| plain(capability) == "ALL");
        if all_dropped {
            notes.note(
                &dropped.spot,
                Severity::Info,
                format!("{name} drops all capabilities that it is not given again."),
            );
        } else if dropped.gaps.is_empty() {
            let message = format!(
                "{name} keeps capabilities of Docker's own set that few services need; dropping ALL leaves none."
            );
            notes.note(&dropped.spot, Severity::Low, message);
        }
        if let Workload::Service(file, service) = it {
            for hook in &service.hooks {
                if let Some(flag) = hook.privileged.as_ref().filter(|flag| flag.value) {
                    let message = format!("{name} runs a privileged command at {}.", hook.event);
                    let allowance = it.allowed(settings, PRIVILEGES, Some("privileged"));
                    notes.fault_unless(allowance, &Workload::line(file, flag.line), Severity::Critical, &message);
                }
            }
            for event in ["post_start.privileged", "pre_stop.privileged"] {
                if let Some(gap) = service.unread.iter().find(|unread| unread.value == event) {
                    let reason = format!("{event} could not be read");
                    notes.untold(it, &Workload::line(file, gap.line), "whether a hook is privileged", &reason);
                }
            }
        }
        for (group, spot) in it.group_add().items {
            if ["docker", "root", "0", "disk", "shadow"].contains(&group.as_str()) {
                notes.note(&spot, Severity::Low, format!("{name} also belongs to the group {group}."));
            }
        }
        notes.answer(&privileged.spot, format!("{name} has no rights beyond Docker's own set."))
    }
}

/// Devices that are the host's memory, disks or kernel.
fn is_dangerous(device: &str) -> bool {
    let name = device.strip_prefix("/dev/").unwrap_or(device).trim_matches('/');
    let whole = [
        "",
        "dev",
        "mem",
        "kmem",
        "port",
        "kvm",
        "kmsg",
        "vhost-net",
        "fuse",
        "loop-control",
        "autofs",
        "btrfs-control",
    ];
    let families = [
        "sd", "hd", "vd", "xvd", "nvme", "dm-", "mapper/", "disk/", "md", "loop", "mmcblk", "block/", "sg", "raw",
        "nbd", "zd",
    ];
    whole.contains(&name) || families.iter().any(|family| name.starts_with(family))
}

impl Ask for Devices {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: DEVICES,
            use_case: Some(UseCaseId::D2),
            title: text("No devices of the host", "Keine Geräte des Hosts"),
            why: text(
                "A device bypasses the file system and all permissions on it: whoever may read the host's disk reads every file of every container.",
                "Ein Gerät führt am Dateisystem und allen Rechten darin vorbei: Wer die Festplatte des Hosts lesen darf, liest jede Datei jedes Containers.",
            ),
            how: text(
                "Disks, memory, the kernel's log and the like among the devices fail, and so does a device rule for all devices. Any other device, a graphics card or a further rule is named and left to a person. Without devices the check passes.",
                "Festplatten, Arbeitsspeicher, das Kernelprotokoll und Ähnliches unter den Geräten fallen durch, ebenso eine Geräteregel für alle Geräte. Jedes andere Gerät, eine Grafikkarte oder eine weitere Regel wird genannt und einem Menschen überlassen. Ohne Geräte ist die Prüfung bestanden.",
            ),
            blind_spots: text(
                "What the driver of a device lets through; devices of a privileged container, which has them all.",
                "Was der Treiber eines Geräts zulässt; die Geräte eines privilegierten Containers, der alle hat.",
            ),
            remedy: text(
                "Take away what the service does not need, and give the rest without the rights to create devices or to write.",
                "Nehmen Sie weg, was der Dienst nicht braucht, und geben Sie den Rest ohne das Recht, Geräte anzulegen oder zu schreiben.",
            ),
            example: "docker run --device /dev/ttyUSB0:/dev/ttyUSB0:r IMAGE",
            aliases: &[("cis-docker", "5.18"), ("docker-bench", "5.18")],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let devices = it.devices();
        notes.gaps(it, "which devices it is given", &devices);
        for (device, spot) in &devices.items {
            let mut parts = device.split(':');
            let path = parts.next().unwrap_or_default();
            let rights = parts.nth(1).filter(|rights| !rights.is_empty()).unwrap_or("rwm");
            if path.trim().is_empty() {
                notes.untold(it, spot, "one of its devices", "its path is empty");
                continue;
            }
            let allowance = it.allowed(settings, DEVICES, Some(path));
            let message = format!("{name} is given the device {path} ({rights}).");
            if is_dangerous(path) {
                notes.fault_unless(allowance, spot, Severity::High, &message);
            } else if allowance.is_some() {
                notes.fault_unless(allowance, spot, Severity::Info, &message);
            } else {
                notes.doubt(spot, Severity::Low, message);
            }
        }
        let rules = it.device_rules();
        notes.gaps(it, "which rules for devices it is given", &rules);
        for (rule, spot) in &rules.items {
            let message = format!("{name} may use devices by the rule \"{rule}\".");
            if rule.trim_start().starts_with('a') || rule.contains("*:*") {
                notes.fault_unless(it.allowed(settings, DEVICES, Some(rule)), spot, Severity::High, &message);
            } else {
                notes.doubt(spot, Severity::Low, message);
            }
        }
        let requests = it.device_requests();
        notes.gaps(it, "which graphics cards it is given", &requests);
        for (request, spot) in &requests.items {
            match it.allowed(settings, DEVICES, Some(request)) {
                None => notes.doubt(spot, Severity::Low, format!("{name} is given devices of a driver: {request}.")),
                allowance => {
                    notes.fault_unless(allowance, spot, Severity::Info, &format!("{name} is given {request}."))
                }
            }
        }
        notes.answer(&devices.spot, format!("{name} is given no device of the host."))
    }
}

/// What a kernel setting opens, if it does.
fn opens(key: &str, value: &str) -> Option<(Severity, &'static str)> {
    let (value, on) = (value.trim(), value.trim() != "0");
    let last = key.rsplit(['.', '/']).next().unwrap_or(key);
    let namespaced = key.starts_with("net.")
        || key.starts_with("fs.mqueue.")
        || ["kernel.shm", "kernel.msg", "kernel.sem"].iter().any(|beginning| key.starts_with(beginning))
        || matches!(key, "kernel.domainname" | "kernel.hostname");
    if !namespaced {
        return Some((Severity::High, "it is the whole host's, not the container's own"));
    }
    match last {
        "ip_forward" | "forwarding" if on => {
            Some((Severity::Medium, "the container passes on packets between its networks"))
        }
        "route_localnet" if on => {
            Some((Severity::High, "others on the network reach what listens on the loopback address"))
        }
        "accept_redirects" | "secure_redirects" if on => {
            Some((Severity::Medium, "others on the network may change its routes"))
        }
        "accept_source_route" if on => Some((Severity::Medium, "senders may choose the way of their packets")),
        "rp_filter" if !on => Some((Severity::Medium, "forged sender addresses are no longer dropped")),
        "tcp_syncookies" if !on => Some((Severity::Medium, "a flood of connections stops it")),
        "icmp_echo_ignore_broadcasts" if !on => Some((Severity::Low, "it answers to broadcasts")),
        "accept_local" if on => Some((Severity::Low, "packets with its own address are taken from outside")),
        "ping_group_range" | "ip_unprivileged_port_start" => None,
        _ if value.is_empty() => None,
        _ => None,
    }
}

impl Ask for Sysctls {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: SYSCTLS,
            use_case: Some(UseCaseId::D2),
            title: text("No kernel settings that open something", "Keine Kerneleinstellungen, die etwas öffnen"),
            why: text(
                "A container may change the kernel's settings for its own network. Some turn it into a router, or take away what the kernel does against forged packets.",
                "Ein Container kann Kerneleinstellungen für sein eigenes Netz ändern. Manche machen ihn zum Router oder schalten ab, was der Kernel gegen gefälschte Pakete tut.",
            ),
            how: text(
                "Each sysctl is compared with a list of those that weaken the network; one of these fails, and so does one that is no container's own. All others are named and do no harm.",
                "Jede Kerneleinstellung (sysctl) wird mit einer Liste derer verglichen, die das Netz schwächen; eine davon fällt durch, ebenso eine, die keinem Container allein gehört. Alle anderen werden genannt und schaden nicht.",
            ),
            blind_spots: text(
                "What the host's own settings are: a container inherits some of them.",
                "Wie die Einstellungen des Hosts selbst lauten: Einige davon erbt ein Container.",
            ),
            remedy: text(
                "Set only what the service needs, and note the reason beside it.",
                "Setzen Sie nur, was der Dienst braucht, und vermerken Sie den Grund daneben.",
            ),
            example: "",
            aliases: &[],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let sysctls = it.sysctls();
        notes.gaps(it, "which kernel settings it changes", &sysctls);
        for ((key, value), spot) in &sysctls.items {
            match opens(key, value) {
                Some((severity, effect)) => {
                    let message = format!("{name} sets {key} to {value}: {effect}.");
                    notes.fault_unless(it.allowed(settings, SYSCTLS, Some(key)), spot, severity, &message);
                }
                None => notes.note(spot, Severity::Info, format!("{name} sets {key} to {value}.")),
            }
        }
        notes.answer(&sysctls.spot, format!("{name} changes no setting of the kernel that opens something."))
    }
}

#[cfg(test)]
#[path = "privileges_tests.rs"]
mod tests;
