//! Which operating system a host runs, from the names that engines pass on: `PRETTY_NAME` and `VERSION_ID` from Docker,
//! `ID` from Podman.

use plimsoll_docker::facts::MachineFacts;

/// What a system is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// For containers and nothing else.
    Containers,
    /// Made for containers, and left by its makers.
    Abandoned,
    /// For everything.
    General,
    /// A workstation's virtual machine: no node.
    Workstation,
}

/// What a name holds, in small letters, and what the system is for. The first one that fits counts.
const PURPOSES: &[(&str, Purpose)] = &[
    ("docker desktop", Purpose::Workstation),
    ("rancher desktop", Purpose::Workstation),
    ("orbstack", Purpose::Workstation),
    ("container linux by coreos", Purpose::Abandoned),
    ("atomic host", Purpose::Abandoned),
    ("project atomic", Purpose::Abandoned),
    ("rancheros", Purpose::Abandoned),
    ("k3os", Purpose::Abandoned),
    ("flatcar", Purpose::Containers),
    ("coreos", Purpose::Containers),
    ("rhcos", Purpose::Containers),
    ("bottlerocket", Purpose::Containers),
    ("talos", Purpose::Containers),
    ("photon", Purpose::Containers),
    ("balenaos", Purpose::Containers),
    ("balena os", Purpose::Containers),
    ("microos", Purpose::Containers),
    ("leap micro", Purpose::Containers),
    ("linux micro", Purpose::Containers),
    ("enterprise micro", Purpose::Containers),
    ("sle micro", Purpose::Containers),
    ("sle-micro", Purpose::Containers),
    ("sl-micro", Purpose::Containers),
    ("container-optimized os", Purpose::Containers),
    ("burmillaos", Purpose::Containers),
    ("ubuntu core", Purpose::Containers),
    ("ubuntu-core", Purpose::Containers),
    ("linuxkit", Purpose::Containers),
    // Not here: Fedora, whose editions are of all kinds and share the name.
    ("debian", Purpose::General),
    ("raspbian", Purpose::General),
    ("ubuntu", Purpose::General),
    ("linux mint", Purpose::General),
    ("alpine", Purpose::General),
    ("red hat enterprise linux", Purpose::General),
    ("centos", Purpose::General),
    ("rocky linux", Purpose::General),
    ("almalinux", Purpose::General),
    ("oracle linux", Purpose::General),
    ("amazon linux", Purpose::General),
    ("opensuse leap", Purpose::General),
    ("opensuse tumbleweed", Purpose::General),
    ("suse linux enterprise server", Purpose::General),
    ("arch linux", Purpose::General),
    ("manjaro", Purpose::General),
    ("gentoo", Purpose::General),
    ("nixos", Purpose::General),
    ("windows server", Purpose::General),
    ("microsoft windows", Purpose::General),
];

/// What a system is for, by its name; none when the name tells nothing.
pub(crate) fn purpose(name: &str) -> Option<Purpose> {
    let name = name.to_ascii_lowercase();
    let known = PURPOSES.iter().find(|(part, _)| name.contains(part)).map(|(_, purpose)| *purpose);
    let server = name.starts_with("fedora") && (name.contains("server edition") || name.contains("workstation"));
    known.or((server || name == "rocky" || name == "ol").then_some(Purpose::General))
}

/// What a name begins with, in small letters, and the `ID` in os-release; empty for systems with releases of their own.
const IDS: &[(&str, &str)] = &[
    ("debian", "debian"),
    ("ubuntu core", ""),
    ("ubuntu-core", ""),
    ("ubuntu", "ubuntu"),
    ("alpine", "alpine"),
    ("red hat enterprise linux coreos", ""),
    ("red hat enterprise linux atomic", ""),
    ("red hat enterprise linux", "rhel"),
    ("rhel", "rhel"),
    ("centos", "centos"),
    ("rocky", "rocky"),
    ("almalinux", "almalinux"),
    ("fedora", "fedora"),
    ("amazon linux", "amzn"),
    ("amzn", "amzn"),
    ("opensuse leap", "opensuse-leap"),
    ("opensuse-leap", "opensuse-leap"),
    ("suse linux enterprise server", "sles"),
    ("sles", "sles"),
];

/// `ID` and version of the system, as os-release has them; none when the name is not one that can be looked up.
pub(crate) fn release(machine: &MachineFacts) -> Option<(&'static str, String)> {
    let name = machine.operating_system.as_deref()?.to_ascii_lowercase();
    let (_, id) = IDS.iter().find(|(start, _)| name.starts_with(start))?;
    if id.is_empty() || (name.contains("micro") && *id != "ubuntu") {
        return None;
    }
    let told = machine.os_version.as_deref().map(str::trim).filter(|version| !version.is_empty());
    let version = match told {
        Some(version) => version.to_ascii_lowercase(),
        None => version_in(id, &name)?,
    };
    Some((id, version))
}

/// The version in a name, for engines that do not tell it by itself.
fn version_in(id: &str, name: &str) -> Option<String> {
    let mut words = name.split([' ', '(', ')']).filter(|word| !word.is_empty());
    let found = words
        .by_ref()
        .map(|word| word.trim_start_matches('v'))
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()))?;
    let parts: Vec<&str> = found.split('.').collect();
    Some(match id {
        // "Ubuntu 22.04.4 LTS" is a state of 22.04.
        "ubuntu" => parts.get(..2)?.join("."),
        "amzn" if !name.contains("ami") => (*parts.first()?).to_owned(),
        "sles" => match words.next().and_then(|word| word.strip_prefix("sp")) {
            Some(pack) => format!("{found}.{pack}"),
            None => found.to_owned(),
        },
        _ => found.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn machine(name: &str, version: Option<&str>) -> MachineFacts {
        MachineFacts {
            operating_system: Some(name.into()),
            os_version: version.map(Into::into),
            ..MachineFacts::default()
        }
    }

    #[test]
    fn releases_are_read_from_what_engines_pass_on() {
        for (name, version, expected) in [
            ("Debian GNU/Linux 12 (bookworm)", Some("12"), Some(("debian", "12"))),
            ("Ubuntu 22.04.4 LTS", None, Some(("ubuntu", "22.04"))),
            ("Alpine Linux v3.20", Some("3.20.3"), Some(("alpine", "3.20.3"))),
            ("SUSE Linux Enterprise Server 15 SP5", None, Some(("sles", "15.5"))),
            ("Red Hat Enterprise Linux Server 7.9 (Maipo)", None, Some(("rhel", "7.9"))),
            ("Amazon Linux 2023.4.20240611", None, Some(("amzn", "2023"))),
            ("CentOS Stream 9", Some("9"), Some(("centos", "9"))),
            ("fedora", Some("40"), Some(("fedora", "40"))),
            ("Debian GNU/Linux", None, None),
            ("Ubuntu Core 22", Some("22"), None),
            ("Flatcar Container Linux by Kinvolk 3815.2.0", Some("3815.2.0"), None),
            ("", Some("1"), None),
        ] {
            let found = release(&machine(name, version));
            assert_eq!(found.as_ref().map(|(id, version)| (*id, version.as_str())), expected, "{name}");
        }
    }

    #[test]
    fn systems_made_for_containers_are_told_from_general_ones() {
        for name in [
            "Flatcar Container Linux by Kinvolk 3815.2.0 (Oklo)",
            "Fedora CoreOS 38.20230709.3.0",
            "Fedora Linux 41.20241109.3.0 (CoreOS)",
            "Red Hat Enterprise Linux CoreOS 414.92.202310210434-0 (Plow)",
            "Bottlerocket OS 1.20.0 (aws-k8s-1.29)",
            "Talos (v1.7.0)",
            "VMware Photon OS/Linux",
            "balenaOS 5.3.10",
            "openSUSE MicroOS",
            "SUSE Linux Enterprise Micro 5.5",
            "Container-Optimized OS from Google",
        ] {
            assert_eq!(purpose(name), Some(Purpose::Containers), "{name}");
        }
        for name in ["RancherOS v1.5.8", "Container Linux by CoreOS 2512.3.0 (Rhyolite)"] {
            assert_eq!(purpose(name), Some(Purpose::Abandoned), "{name}");
        }
        for name in
            ["Debian GNU/Linux 12 (bookworm)", "Rocky Linux 9.4 (Blue Onyx)", "Fedora Linux 40 (Server Edition)"]
        {
            assert_eq!(purpose(name), Some(Purpose::General), "{name}");
        }
        for name in ["fedora", "Fedora Linux 40 (IoT Edition)", "Buildroot 2023.02", ""] {
            assert_eq!(purpose(name), None, "{name}");
        }
        assert_eq!(purpose("Docker Desktop"), Some(Purpose::Workstation));
    }
}
