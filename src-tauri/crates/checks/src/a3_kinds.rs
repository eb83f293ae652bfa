//! A3, check the content of the image: which entries of a file tree are worth a question, told by path, first bytes,
//! kind, mode and owner.

use plimsoll_catalog::Severity;
use plimsoll_image::{Entry, Kind, Magic};

/// A kind of suspicious content, in the order in which it is reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Suspect {
    PrivateKey,
    HostKey,
    AuthorizedKeys,
    MemoryDump,
    Device,
    WorldWritable,
    VersionControl,
    History,
    DataDump,
    PackageCache,
    EditorLeftover,
    Backup,
    Crontab,
    NoOwner,
}

/// What a finding means for the check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Weight {
    /// Worth knowing.
    Note,
    /// A person must decide.
    Ask,
    /// It does not belong in an image.
    Fault,
}

impl Suspect {
    /// What it is called, in the plural, with a capital.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::PrivateKey => "Private keys",
            Self::HostKey => "SSH host keys, the same in every container",
            Self::AuthorizedKeys => "Keys that may log on (authorized_keys)",
            Self::MemoryDump => "Memory or packet dumps",
            Self::Device => "Device nodes",
            Self::WorldWritable => "World-writable files",
            Self::VersionControl => "Version control data, with the history of the sources",
            Self::History => "Histories of typed commands",
            Self::DataDump => "Database dumps",
            Self::PackageCache => "Package caches",
            Self::EditorLeftover => "Leftovers of editors and desktop tools",
            Self::Backup => "Backup copies",
            Self::Crontab => "Scheduled jobs",
            Self::NoOwner => "Files without an account",
        }
    }

    /// How it weighs in the merged tree. `weak`: a package owns it, or it lies among third-party code.
    pub(crate) fn weight(self, weak: bool) -> (Severity, Weight) {
        match (self, weak) {
            (Self::PrivateKey | Self::HostKey, false) => (Severity::High, Weight::Fault),
            (Self::AuthorizedKeys | Self::MemoryDump | Self::Device | Self::WorldWritable, false) => {
                (Severity::Medium, Weight::Fault)
            }
            (Self::VersionControl | Self::History, false) => (Severity::Medium, Weight::Fault),
            (Self::DataDump, false) => (Severity::Medium, Weight::Ask),
            (Self::EditorLeftover, false) => (Severity::Low, Weight::Fault),
            (Self::Backup | Self::Crontab | Self::NoOwner, false) => (Severity::Low, Weight::Ask),
            // Whether caches are a fault depends on their size, which the check adds up.
            (Self::PackageCache, _) => (Severity::Low, Weight::Note),
            (Self::PrivateKey | Self::HostKey | Self::Device | Self::WorldWritable, true) => {
                (Severity::Low, Weight::Ask)
            }
            (_, true) => (Severity::Info, Weight::Note),
        }
    }

    /// How it weighs in a lower layer, when the merged tree does not show it; none where it is not worth a word.
    pub(crate) fn weight_hidden(self, weak: bool) -> Option<(Severity, Weight)> {
        match self {
            Self::PrivateKey | Self::HostKey if weak => Some((Severity::Low, Weight::Note)),
            Self::PrivateKey | Self::HostKey => Some((Severity::High, Weight::Fault)),
            Self::MemoryDump | Self::VersionControl | Self::History | Self::DataDump if !weak => {
                Some((Severity::Medium, Weight::Ask))
            }
            Self::AuthorizedKeys | Self::PackageCache | Self::EditorLeftover | Self::Backup if !weak => {
                Some((Severity::Info, Weight::Note))
            }
            _ => None,
        }
    }

    /// Whether third-party code (`node_modules`, `site-packages`) brings such files along as a matter of course.
    pub(crate) fn common_among_libraries(self) -> bool {
        matches!(self, Self::PrivateKey | Self::DataDump | Self::EditorLeftover | Self::Backup)
    }
}

/// Folders of third-party code.
pub(crate) fn among_libraries(path: &str) -> bool {
    [
        "/node_modules/",
        "/site-packages/",
        "/dist-packages/",
        "/gems/",
        "/vendor/",
        "/go/pkg/mod/",
        "/.cargo/registry/",
        "/usr/share/",
        "/usr/lib/python",
        "/usr/local/lib/python",
        "/usr/local/go/",
    ]
    .iter()
    .any(|part| path.contains(part))
}

/// Folders that package managers fill and nobody needs at run time: parts of the path, in its middle or at its start.
const CACHES: [&str; 26] = [
    "/var/lib/apt/lists/",
    "/var/cache/apt/",
    "/var/cache/apk/",
    "/var/cache/yum/",
    "/var/cache/dnf/",
    "/var/cache/libdnf5/",
    "/var/cache/zypp/",
    "/var/cache/pacman/pkg/",
    "/.cache/pip/",
    "/.cache/uv/",
    "/.cache/pypoetry/",
    "/.cache/go-build/",
    "/.cache/yarn/",
    "/usr/local/share/.cache/",
    "/.npm/_cacache/",
    "/.npm/_logs/",
    "/.pnpm-store/",
    "/.m2/repository/",
    "/.gradle/caches/",
    "/.ivy2/cache/",
    "/.cargo/registry/cache/",
    "/.composer/cache/",
    "/.cache/composer/",
    "/go/pkg/mod/cache/",
    "/.bundle/cache/",
    "/.nuget/packages/",
];

/// What tells a suspicious file, and the folder that it is counted under.
pub(crate) fn by_path(path: &str, size: u64) -> Option<(Suspect, String)> {
    let (dir, name) = path.rsplit_once('/')?;
    for part in ["/.git/", "/.svn/", "/.hg/", "/.bzr/"] {
        if let Some(at) = path.find(part) {
            return Some((Suspect::VersionControl, path.get(..at + part.len() - 1)?.to_owned()));
        }
    }
    if dir.ends_with("/CVS") && ["Entries", "Root", "Repository"].contains(&name) {
        return Some((Suspect::VersionControl, dir.to_owned()));
    }
    for part in CACHES {
        if let Some(at) = path.find(part) {
            // apt keeps its lock files, of no size, when the lists are deleted.
            return (size > 0)
                .then(|| (Suspect::PackageCache, path.get(..at + part.len() - 1).unwrap_or(dir).to_owned()));
        }
    }
    let suspect = by_name(path, dir, name, size)?;
    Some((suspect, folder(dir)))
}

/// At most four parts of a folder's path, so that a tree of leftovers is one line.
pub(crate) fn folder(dir: &str) -> String {
    let end = dir.match_indices('/').nth(4).map_or(dir.len(), |(at, _)| at);
    let short = dir.get(..end).unwrap_or(dir);
    if short.is_empty() { "/".to_owned() } else { short.to_owned() }
}

fn by_name(path: &str, dir: &str, name: &str, size: u64) -> Option<Suspect> {
    let lower = name.to_ascii_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| lower.ends_with(ending) && lower.len() > ending.len());
    if (path.starts_with("/etc/ssh/ssh_host_") && name.ends_with("_key"))
        || (path.starts_with("/etc/dropbear/") && name.ends_with("_host_key"))
    {
        return (size > 0).then_some(Suspect::HostKey);
    }
    if dir.ends_with("/.ssh") && size > 0 {
        match name {
            "authorized_keys" | "authorized_keys2" => return Some(Suspect::AuthorizedKeys),
            "id_rsa" | "id_dsa" | "id_ecdsa" | "id_ed25519" | "id_ecdsa_sk" | "id_ed25519_sk" => {
                return Some(Suspect::PrivateKey);
            }
            _ => {}
        }
    }
    let histories = [
        ".bash_history",
        ".zsh_history",
        ".ash_history",
        ".sh_history",
        ".ksh_history",
        ".fish_history",
        ".python_history",
        ".node_repl_history",
        ".irb_history",
        ".php_history",
        ".mysql_history",
        ".mariadb_history",
        ".psql_history",
        ".sqlite_history",
        ".rediscli_history",
        ".mongo_history",
        ".dbshell",
    ];
    if histories.contains(&name) {
        return (size > 0).then_some(Suspect::History);
    }
    if dir.starts_with("/var/spool/cron")
        || dir == "/etc/crontabs"
        || path == "/etc/crontab"
        || dir.starts_with("/etc/cron.")
    {
        return (name != ".placeholder" && size > 0).then_some(Suspect::Crontab);
    }
    if ends(&[".hprof", ".mdmp", ".pcap", ".pcapng", ".heapsnapshot"]) {
        return Some(Suspect::MemoryDump);
    }
    if ends(&[".sql", ".sql.gz", ".sql.bz2", ".sql.xz", ".sql.zst", ".dump", ".dmp", ".pgdump", ".bson", ".mdb"]) {
        return Some(Suspect::DataDump);
    }
    let desktop = [".ds_store", "thumbs.db", "desktop.ini", ".viminfo", ".lesshst", ".wget-hsts"];
    let folders = ["/.idea", "/.vscode", "/.vs", "/.settings", "/.history"];
    let in_folder = folders.iter().any(|part| dir.ends_with(part) || dir.contains(&format!("{part}/")));
    let swap = lower.starts_with('.') && ends(&[".swp", ".swo", ".swn"]);
    if desktop.contains(&lower.as_str())
        || in_folder
        || swap
        || ends(&[".orig", ".rej"])
        || (name.ends_with('~') && name.len() > 1)
        || (name.starts_with('#') && name.ends_with('#') && name.len() > 2)
    {
        return Some(Suspect::EditorLeftover);
    }
    let endings =
        [".bak", ".backup", ".old", ".save", ".dpkg-old", ".dpkg-dist", ".dpkg-new", ".rpmsave", ".rpmnew", ".rpmorig"];
    if ends(&endings) {
        return Some(Suspect::Backup);
    }
    None
}

/// What the kind and the first bytes of an entry tell beyond its path.
pub(crate) fn by_content(entry: &Entry) -> Option<Suspect> {
    match entry.kind {
        Kind::BlockDevice | Kind::CharDevice if !usual_device(&entry.path) => Some(Suspect::Device),
        Kind::File => match entry.magic {
            Some(Magic::ElfCore | Magic::HeapDump | Magic::Dump) => Some(Suspect::MemoryDump),
            _ => None,
        },
        _ => None,
    }
}

/// The devices that an engine puts into every container anyway.
fn usual_device(path: &str) -> bool {
    let Some(name) = path.strip_prefix("/dev/") else { return false };
    ["null", "zero", "full", "random", "urandom", "tty", "console", "ptmx", "pts/ptmx"].contains(&name)
        || name
            .strip_prefix("tty")
            .is_some_and(|number| !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_tell_what_is_suspicious() {
        for (path, suspect, root) in [
            ("/app/.git/objects/aa/bb", Suspect::VersionControl, "/app/.git"),
            ("/src/CVS/Entries", Suspect::VersionControl, "/src/CVS"),
            ("/var/lib/apt/lists/deb.debian.org_x_Packages", Suspect::PackageCache, "/var/lib/apt/lists"),
            ("/root/.cache/pip/http/a/b", Suspect::PackageCache, "/root/.cache/pip"),
            ("/etc/ssh/ssh_host_ed25519_key", Suspect::HostKey, "/etc/ssh"),
            ("/root/.ssh/authorized_keys", Suspect::AuthorizedKeys, "/root/.ssh"),
            ("/home/a/.ssh/id_rsa", Suspect::PrivateKey, "/home/a/.ssh"),
            ("/root/.bash_history", Suspect::History, "/root"),
            ("/etc/cron.d/job", Suspect::Crontab, "/etc/cron.d"),
            ("/a/b/c/d/e/f/x.sql.gz", Suspect::DataDump, "/a/b/c/d"),
            ("/app/.idea/inspection/x.xml", Suspect::EditorLeftover, "/app/.idea/inspection"),
            ("/app/.main.py.swp", Suspect::EditorLeftover, "/app"),
            ("/app/main.py~", Suspect::EditorLeftover, "/app"),
            ("/etc/app.conf.BAK", Suspect::Backup, "/etc"),
            ("/x.hprof", Suspect::MemoryDump, "/"),
        ] {
            assert_eq!(by_path(path, 1), Some((suspect, root.to_owned())), "{path}");
        }
    }

    #[test]
    fn what_every_image_has_is_not_suspicious() {
        for path in [
            "/etc/passwd-",
            "/etc/shadow-",
            "/var/lib/dpkg/status-old",
            "/var/cache/debconf/templates.dat-old",
            "/etc/ssh/ssh_host_ed25519_key.pub",
            "/etc/ssh/ssh_config",
            "/app/.gitignore",
            "/app/.github/workflows/x.yml",
            "/app/.git",
            "/app/old",
            "/app/.swp",
            "/app/~",
            "/etc/cron.d/.placeholder",
            "/usr/bin/mysqldump",
            "/",
            "",
        ] {
            assert_eq!(by_path(path, 1), None, "{path}");
        }
        assert_eq!(by_path("/var/lib/apt/lists/lock", 0), None);
        assert_eq!(by_path("/root/.bash_history", 0), None);
        assert!(
            usual_device("/dev/null")
                && usual_device("/dev/tty1")
                && !usual_device("/dev/sda")
                && !usual_device("/null")
        );
    }
}
