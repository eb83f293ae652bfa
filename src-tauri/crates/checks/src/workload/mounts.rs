//! D2, CSVS 3.15 and 12.1: the engine's socket and the host's folders inside a container.

use plimsoll_catalog::{Severity, UseCaseId};

use super::ask::{Answer, Ask, Notes};
use super::paths::{Mounted, mounts, within};
use super::view::Workload;
use crate::{CheckInfo, Settings, text};

const SOCKET: &str = "docker-socket";
const SENSITIVE: &str = "sensitive-mounts";

/// The engine's socket is not inside.
pub(crate) struct Socket;
/// No folder of the host that matters is inside.
pub(crate) struct Sensitive;

/// Names of sockets that command an engine.
const SOCKETS: [&str; 9] = [
    "docker.sock",
    "docker.raw.sock",
    "containerd.sock",
    "containerd.sock.ttrpc",
    "podman.sock",
    "crio.sock",
    "cri-dockerd.sock",
    "dockershim.sock",
    "buildkitd.sock",
];

/// Where they lie, as far as folders above them are concerned; `/var/run` is `/run`.
const PLACES: [&str; 9] = [
    "/run/docker.sock",
    "/run/docker/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/docker/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/run/crio/crio.sock",
    "/run/buildkit/buildkitd.sock",
    "/run/k3s/containerd/containerd.sock",
    // On systems where it is a folder of its own.
    "/var/run/docker.sock",
];

enum Reach {
    Socket,
    Above,
}

fn reach(path: &str) -> Option<Reach> {
    let last = path.rsplit(['/', '\\']).next().unwrap_or(path);
    if SOCKETS.contains(&last) || path.ends_with("pipe/docker_engine") || path.ends_with("pipe\\docker_engine") {
        return Some(Reach::Socket);
    }
    if !path.starts_with('/') {
        return None;
    }
    let of_a_user =
        path == "/run/user" || path.strip_prefix("/run/user/").is_some_and(|uid| uid.parse::<u32>().is_ok());
    (of_a_user || PLACES.iter().any(|place| within(place, path))).then_some(Reach::Above)
}

impl Ask for Socket {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: SOCKET,
            use_case: None,
            title: text("The engine's socket is not inside", "Der Socket der Engine ist nicht im Container"),
            why: text(
                "Whoever may write to the engine's socket can start a container with the host's whole file system: that is root on the host, and there is no login in between.",
                "Wer in den Socket der Engine schreiben kann, kann einen Container mit dem ganzen Dateisystem des Hosts starten: Das heißt Root auf dem Host, und dazwischen steht keine Anmeldung.",
            ),
            how: text(
                "Mounts and binds are searched for sockets of Docker, containerd, Podman, CRI-O and BuildKit, at any place, and for folders that hold one: /, /run, /var/run, /var and others. All fail, read-only or not: a read-only mount does not keep anybody from speaking to a socket. A service of a Compose file with use_api_socket fails too. Containers for monitoring or administration are let through by an allowance of the profile, by the container's name or its image's, with the reason.",
                "Mounts und Binds werden nach Sockets von Docker, containerd, Podman, CRI-O und BuildKit an jedem Ort durchsucht und nach Ordnern, die einen enthalten: /, /run, /var/run, /var und andere. Alle fallen durch, schreibgeschützt oder nicht: Ein schreibgeschützter Mount hindert niemanden, mit einem Socket zu sprechen. Auch ein Dienst einer Compose-Datei mit use_api_socket fällt durch. Container zur Überwachung oder Verwaltung lässt eine Ausnahme des Profils zu, nach dem Namen des Containers oder seines Images und mit Begründung.",
            ),
            blind_spots: text(
                "An engine reached over the network, volumes of drivers that lead to the host, and a proxy that lets only some requests through.",
                "Eine über das Netz erreichte Engine, Volumes von Treibern, die zum Host führen, und ein Proxy, der nur manche Anfragen durchlässt.",
            ),
            remedy: text(
                "Take the mount away. Where a container must watch the engine, put a proxy in front of the socket that permits reading only.",
                "Entfernen Sie den Mount. Muss ein Container die Engine beobachten, stellen Sie vor den Socket einen Proxy, der nur Lesen erlaubt.",
            ),
            example: "",
            aliases: &[("cis-docker", "5.32"), ("docker-bench", "5.32")],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let all = mounts(it);
        notes.gaps(it, "what of the host is inside", &all);
        let mut allowed = false;
        for (mount, spot) in &all.items {
            let Some(path) = mount.host.as_deref() else { continue };
            let in_vain = if mount.writable == Some(false) { ", read-only in vain" } else { "" };
            let written = &mount.written;
            let (severity, message) = match reach(path) {
                Some(Reach::Socket) => (
                    Severity::Critical,
                    format!(
                        "{name} has the socket {written} inside{in_vain}: whoever speaks to it commands an engine."
                    ),
                ),
                Some(Reach::Above) => (
                    Severity::High,
                    format!(
                        "{name} has the host's folder {written} inside{in_vain}: the engine's socket may lie in it."
                    ),
                ),
                None => continue,
            };
            let allowance = it.allowed(settings, SOCKET, None);
            allowed |= allowance.is_some();
            notes.fault_unless(allowance, spot, severity, &message);
        }
        if let Workload::Service(file, service) = it {
            if let Some(flag) = service.use_api_socket.as_ref().filter(|flag| flag.value) {
                let message = format!("{name} asks for the engine's socket (use_api_socket).");
                let allowance = it.allowed(settings, SOCKET, None);
                allowed |= allowance.is_some();
                notes.fault_unless(allowance, &Workload::line(file, flag.line), Severity::Critical, &message);
            }
            let gap = Workload::gap(service, "use_api_socket").filter(|_| service.extends.is_none());
            if let Some((reason, line)) = gap {
                let spot = Workload::line(file, line);
                notes.untold(it, &spot, "whether it is given the engine's socket", &reason);
            }
        }
        let good = if allowed {
            format!("{name} has the engine's socket, as the profile allows.")
        } else {
            format!("{name} has no socket of an engine.")
        };
        notes.answer(&all.spot, good)
    }
}

/// How a path of the host weighs when it is writable, and when it is read-only; none where it does not matter.
fn weigh(path: &str) -> Option<(Severity, Option<Severity>)> {
    use Severity::{Critical, High, Info, Low, Medium};
    let below = |folder: &str| path != folder && within(path, folder);
    let one_of = |folders: &[&str]| folders.contains(&path);
    if path == "/" {
        return Some((Critical, Some(High)));
    }
    if one_of(&["/etc", "/boot", "/proc", "/sys", "/root", "/dev"])
        || one_of(&["/var/lib/docker", "/var/lib/containerd", "/var/lib/containers", "/var/lib/kubelet"])
    {
        return Some((Critical, Some(Medium)));
    }
    if one_of(&["/usr", "/lib", "/lib64", "/bin", "/sbin", "/var", "/home", "/var/lib", "/var/spool/cron"]) {
        return Some((High, Some(Medium)));
    }
    if path == "/var/log" {
        return Some((Medium, Some(Low)));
    }
    let harmless = ["/dev/shm", "/dev/log", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom"];
    if below("/dev") && !one_of(&harmless) {
        return Some((High, Some(Medium)));
    }
    if [
        "/proc",
        "/sys",
        "/boot",
        "/root",
        "/var/lib/docker",
        "/var/lib/containerd",
        "/var/lib/containers",
        "/var/lib/kubelet",
    ]
    .iter()
    .any(|folder| below(folder))
    {
        return Some((High, Some(Medium)));
    }
    if below("/etc") {
        let first = path.split('/').nth(2).unwrap_or_default();
        let grave = [
            "shadow",
            "gshadow",
            "passwd",
            "group",
            "sudoers",
            "sudoers.d",
            "ssh",
            "pam.d",
            "systemd",
            "docker",
            "kubernetes",
        ];
        let grave = grave.contains(&first)
            || first.starts_with("cron")
            || first.starts_with("ld.so")
            || first.starts_with("profile");
        return Some(if grave { (High, Some(Medium)) } else { (Medium, None) });
    }
    if ["/usr", "/lib", "/lib64", "/bin", "/sbin"].iter().any(|folder| below(folder)) {
        return Some((Medium, None));
    }
    if below("/home") {
        let parts: Vec<&str> = path.split('/').skip(2).collect();
        let keys = [".ssh", ".aws", ".kube", ".docker", ".gnupg", ".config", ".azure"];
        return match parts.as_slice() {
            [_] => Some((Medium, Some(Low))),
            [_, folder, ..] if keys.contains(folder) => Some((High, Some(Medium))),
            _ => Some((Info, None)),
        };
    }
    None
}

impl Ask for Sensitive {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: SENSITIVE,
            use_case: Some(UseCaseId::D2),
            title: text("No folders of the host that matter", "Keine wichtigen Ordner des Hosts"),
            why: text(
                "A folder of the host inside a container is a door past all its fences: whoever may write to /etc or /root is root on the host with the next login, and whoever may read them takes keys along.",
                "Ein Ordner des Hosts in einem Container ist eine Tür an allen Schranken vorbei: Wer nach /etc oder /root schreiben kann, ist mit der nächsten Anmeldung Root auf dem Host, und wer sie lesen kann, nimmt Schlüssel mit.",
            ),
            how: text(
                "The source of each bind mount is compared with the host's own folders: /, /boot, /dev, /etc, /home, /lib, /proc, /root, /sys, /usr, /var, /var/log and the folders of engines, and with sensitive places below them. They fail, writable ones with more weight than read-only ones; a file below /etc or /usr that is mounted read-only and holds no accounts or keys is no fault. Mounts that spread to the host (shared) fail as well. The engine's socket is another check's. The profile can allow a path or a container with a reason.",
                "Die Quelle jedes Bind-Mounts wird mit den Ordnern des Hosts verglichen: /, /boot, /dev, /etc, /home, /lib, /proc, /root, /sys, /usr, /var, /var/log und den Ordnern von Engines sowie mit heiklen Orten darunter. Sie fallen durch, beschreibbare mit mehr Gewicht als schreibgeschützte; eine schreibgeschützt eingehängte Datei unter /etc oder /usr, die weder Konten noch Schlüssel enthält, ist kein Mangel. Auch Mounts, die sich auf den Host ausbreiten (shared), fallen durch. Der Socket der Engine ist Sache einer anderen Prüfung. Das Profil kann einen Pfad oder einen Container mit Begründung erlauben.",
            ),
            blind_spots: text(
                "Symbolic links on the host, what lies in folders of other names, and volumes of drivers that lead to the host.",
                "Symbolische Links auf dem Host, was in Ordnern anderen Namens liegt, und Volumes von Treibern, die zum Host führen.",
            ),
            remedy: text(
                "Use named volumes; where a file of the host is needed, mount that file alone and read-only.",
                "Verwenden Sie benannte Volumes; wird eine Datei des Hosts gebraucht, hängen Sie nur diese und schreibgeschützt ein.",
            ),
            example: "docker run --mount type=volume,source=data,target=/data IMAGE",
            aliases: &[
                ("cis-docker", "5.6"),
                ("cis-docker", "5.20"),
                ("docker-bench", "5.6"),
                ("docker-bench", "5.20"),
            ],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let all = mounts(it);
        notes.gaps(it, "what of the host is inside", &all);
        for (mount, spot) in &all.items {
            let Mounted { host: Some(path), written, writable, propagation, .. } = mount else { continue };
            let allowance = it.allowed(settings, SENSITIVE, Some(path));
            if matches!(propagation.as_deref(), Some("shared" | "rshared")) {
                let message = format!(
                    "{name} spreads mounts below {path} to the host ({}).",
                    propagation.as_deref().unwrap_or_default()
                );
                notes.fault_unless(allowance, spot, Severity::High, &message);
            }
            if matches!(reach(path), Some(Reach::Socket)) {
                continue;
            }
            let Some((if_writable, if_read_only)) = weigh(path) else { continue };
            let (severity, how) = match writable {
                Some(true) => (Some(if_writable), "and may write there"),
                Some(false) => (if_read_only, "read-only"),
                None => (Some(if_writable), "and whether it may write there is not told"),
            };
            let message = format!("{name} has {written} of the host as {}, {how}.", mount.target);
            match severity {
                Some(Severity::Info) | None => notes.note(spot, Severity::Info, message),
                Some(severity) => notes.fault_unless(allowance, spot, severity, &message),
            }
        }
        notes.answer(&all.spot, format!("{name} has no folder of the host that matters."))
    }
}

#[cfg(test)]
#[path = "mounts_tests.rs"]
mod tests;
