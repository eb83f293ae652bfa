//! The extended attribute `security.capability` read as names (`capabilities(7)`, `linux/capability.h`).

/// Names by number.
const NAMES: [&str; 41] = [
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore",
];

/// With one of these a process can become root, read everything, or leave the container.
const DANGEROUS: [&str; 18] = [
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_net_admin",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_ptrace",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_mknod",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_bpf",
];

/// What Docker leaves to a container unless told otherwise.
const DOCKER: [&str; 14] = [
    "cap_chown",
    "cap_dac_override",
    "cap_fsetid",
    "cap_fowner",
    "cap_mknod",
    "cap_net_raw",
    "cap_setgid",
    "cap_setuid",
    "cap_setfcap",
    "cap_setpcap",
    "cap_net_bind_service",
    "cap_sys_chroot",
    "cap_kill",
    "cap_audit_write",
];

/// A file's capabilities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileCapabilities {
    /// Whoever runs the file has the permitted ones at once, without asking for them.
    pub(crate) effective: bool,
    /// What whoever runs the file may have, as bits.
    pub(crate) permitted: u64,
    /// What they may have if they could inherit it.
    pub(crate) inheritable: u64,
    /// The user namespace that it counts in, by the user ID of its root (revision 3).
    pub(crate) root: Option<u32>,
}

impl FileCapabilities {
    /// Reads the attribute's value in hexadecimal; none if it is not one.
    pub(crate) fn read(hex: &str) -> Option<Self> {
        let bytes = unhex(hex)?;
        let word = |index: usize| {
            let part: [u8; 4] = bytes.get(index * 4..index * 4 + 4)?.try_into().ok()?;
            Some(u32::from_le_bytes(part))
        };
        let wide = |index: usize| Some(u64::from(word(index)?) | u64::from(word(index + 2)?) << 32);
        let magic = word(0)?;
        let (permitted, inheritable, root) = match (magic >> 24, bytes.len()) {
            (1, 12) => (u64::from(word(1)?), u64::from(word(2)?), None),
            (2, 20) => (wide(1)?, wide(2)?, None),
            (3, 24) => (wide(1)?, wide(2)?, Some(word(5)?)),
            _ => return None,
        };
        Some(Self { effective: magic & 1 != 0, permitted, inheritable, root })
    }

    /// The names of the permitted ones; a number where there is no name.
    pub(crate) fn names(&self) -> Vec<String> {
        names(self.permitted)
    }

    /// Those of the permitted ones that make a process as good as root.
    pub(crate) fn dangerous(&self) -> Vec<&'static str> {
        DANGEROUS.into_iter().filter(|name| has(self.permitted, name)).collect()
    }

    /// Those of the permitted ones that a container has only when it is started with more than Docker's own set.
    pub(crate) fn beyond_docker(&self) -> Vec<String> {
        self.names().into_iter().filter(|name| !DOCKER.contains(&name.as_str())).collect()
    }

    /// As `getcap` writes it: `cap_net_raw=ep`.
    pub(crate) fn text(&self) -> String {
        let mut clauses = Vec::new();
        let both = self.permitted & self.inheritable;
        let effective = if self.effective { "e" } else { "" };
        for (bits, flags) in [(both, "ip"), (self.permitted & !both, "p"), (self.inheritable & !both, "i")] {
            if bits != 0 {
                clauses.push(format!("{}={effective}{flags}", names(bits).join(",")));
            }
        }
        if clauses.is_empty() { "none".to_owned() } else { clauses.join(" ") }
    }
}

fn names(bits: u64) -> Vec<String> {
    (0..64)
        .filter(|number| bits >> number & 1 != 0)
        .map(|number: usize| NAMES.get(number).map_or_else(|| number.to_string(), |&name| name.to_owned()))
        .collect()
}

fn has(bits: u64, name: &str) -> bool {
    NAMES.iter().position(|known| *known == name).is_some_and(|number| bits >> number & 1 != 0)
}

fn unhex(hex: &str) -> Option<Vec<u8>> {
    // The longest value known has 24 bytes.
    if hex.len() > 64 || !hex.len().is_multiple_of(2) {
        return None;
    }
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = hex.as_bytes().chunks_exact(2);
    pairs.map(|pair| Some(digit(*pair.first()?)? << 4 | digit(*pair.last()?)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn the_three_revisions_are_read() {
        // setcap cap_net_raw=ep, as Debian's ping has it.
        let ping = FileCapabilities::read("0100000200200000000000000000000000000000").unwrap();
        assert_eq!((ping.text().as_str(), ping.names()), ("cap_net_raw=ep", vec!["cap_net_raw".to_owned()]));
        assert!(ping.dangerous().is_empty() && ping.beyond_docker().is_empty());
        let admin = FileCapabilities::read("000000030000200000000000000000000000000010270000").unwrap();
        assert_eq!((admin.text().as_str(), admin.root), ("cap_sys_admin=p", Some(10000)));
        assert_eq!(
            (admin.dangerous(), admin.beyond_docker()),
            (vec!["cap_sys_admin"], vec!["cap_sys_admin".to_owned()])
        );
        let old = FileCapabilities::read("010000010004000000000000").unwrap();
        assert_eq!(old.text(), "cap_net_bind_service=ep");
        let bpf = FileCapabilities::read("0100000200000000000400008000000000000000").unwrap();
        assert_eq!(bpf.permitted, 1 << 39);
        let inherited = FileCapabilities::read("0000000200000000002000000000000000000000").unwrap();
        assert_eq!(inherited.text(), "cap_net_raw=i");
        for wrong in ["", "01", "zz", "0100000200200000", "010000050020000000000000000000000000000000", "é"] {
            assert_eq!(FileCapabilities::read(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(text in ".{0,70}", hex in "[0-9a-f]{0,60}") {
            for text in [text, hex] {
                if let Some(capabilities) = FileCapabilities::read(&text) {
                    prop_assert!(!capabilities.text().is_empty());
                }
            }
        }
    }
}
