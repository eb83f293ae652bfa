//! A container's processes: what they are called, which descend from its first one, and who they are inside.
//!
//! The engine runs `ps` on its own side of the user namespaces. So a number that the list shows may be another inside:
//!
//! - Without user namespaces both are the same.
//! - With `userns-remap` root inside is the lowest uid of the mapping. The engine tells that number nowhere by itself, but
//!   it keeps such containers in a folder of that name: `/var/lib/docker/100000.100000/containers/…`
//!   (<https://docs.docker.com/engine/security/userns-remap/>), which `docker inspect` names.
//! - A rootless engine sits inside the namespace itself and sees what the container sees; Podman likewise. A list that was
//!   made from outside would show the engine's own user for root inside.
//!
//! Uid 0 is root inside in every one of these.

use std::collections::{HashMap, HashSet};

use plimsoll_docker::facts::{ContainerFacts, ProcessFacts};
use serde_json::Value;

use super::shown::podman;

/// Programs that start others and reap what is left of them.
const INITS: [&str; 6] = ["docker-init", "tini", "tini-static", "dumb-init", "catatonit", "podman-init"];
/// Shells.
const SHELLS: [&str; 9] = ["sh", "bash", "ash", "dash", "zsh", "ksh", "csh", "tcsh", "fish"];
/// From here on login users are numbered.
const FIRST_LOGIN_UID: u64 = 1000;
/// Ranges of subordinate uids are this long, and begin here at the earliest, unless somebody sets them otherwise.
const RANGE: u64 = 65_536;
const FIRST_SUBORDINATE: u64 = 100_000;

/// The program's name: without folder, brackets of a zombie, dash of a login shell, or the colon of a title.
pub(super) fn program(command: &str) -> String {
    let word = command.split_whitespace().next().unwrap_or_default();
    let word = word.trim_start_matches(['-', '[']).trim_end_matches([':', ']']);
    crate::services::base_name(word)
}

/// Whether it is a shell.
pub(super) fn is_shell(command: &str) -> bool {
    SHELLS.contains(&program(command).as_str())
}

/// Whether it is a shell without anything to run: somebody sits before it.
pub(super) fn is_bare_shell(command: &str) -> bool {
    is_shell(command) && command.split_whitespace().skip(1).all(|word| word.starts_with('-') && !word.contains('c'))
}

/// Whether it is an init of a container.
pub(super) fn is_init(command: &str) -> bool {
    INITS.contains(&program(command).as_str())
}

/// The list with what hangs together in it.
pub(super) struct Family<'a> {
    /// The container's first process.
    pub(super) first: Option<&'a ProcessFacts>,
    /// The first of each line that does not come from it.
    pub(super) strangers: Vec<&'a ProcessFacts>,
    /// The pids that come from the first one, itself among them.
    pub(super) own: HashSet<u64>,
    children: HashMap<u64, Vec<&'a ProcessFacts>>,
}

impl<'a> Family<'a> {
    /// Reads the list. Linear in it, whatever it says of parents.
    pub(super) fn of(container: &ContainerFacts, processes: &'a [ProcessFacts]) -> Self {
        // Podman counts inside, where the first process is number 1.
        let by_pid = |pid: u64| processes.iter().find(|process| pid != 0 && process.pid == pid);
        let first = by_pid(container.state.pid).or_else(|| by_pid(1));
        let mut children: HashMap<u64, Vec<&ProcessFacts>> = HashMap::new();
        let pids: HashSet<u64> = processes.iter().map(|process| process.pid).collect();
        for process in processes {
            if let Some(parent) = process.parent {
                children.entry(parent).or_default().push(process);
            }
        }
        let mut own = HashSet::new();
        let mut next: Vec<u64> = first.iter().map(|process| process.pid).collect();
        while let Some(pid) = next.pop() {
            if own.insert(pid) {
                next.extend(children.get(&pid).into_iter().flatten().map(|child| child.pid));
            }
        }
        let begins = |process: &&ProcessFacts| process.parent.is_some_and(|parent| !pids.contains(&parent));
        let strangers = match first {
            Some(_) => processes.iter().filter(|p| !own.contains(&p.pid)).filter(begins).collect(),
            None => Vec::new(),
        };
        Self { first, strangers, own, children }
    }

    /// A process with all that come from it.
    pub(super) fn line(&self, of: &'a ProcessFacts) -> Vec<&'a ProcessFacts> {
        let (mut seen, mut line, mut next) = (HashSet::new(), Vec::new(), vec![of]);
        while let Some(process) = next.pop() {
            if seen.insert(process.pid) {
                line.push(process);
                next.extend(self.children.get(&process.pid).into_iter().flatten());
            }
        }
        line
    }
}

/// Who a process is inside the container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Inside {
    /// Root.
    Root,
    /// Another user, by the number that it has inside.
    User(u64),
    /// The number that the engine gives cannot be brought to one inside.
    Unknown,
}

/// How the engine's numbers relate to those inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mapping {
    /// They are the same.
    None,
    /// The list is made inside the namespace: a rootless engine, or Podman.
    SeenInside,
    /// Root inside is this number.
    From(u64),
    /// There is a mapping, and nothing tells where it begins.
    Hidden,
    /// The engine does not tell whether there is one.
    NotTold,
}

impl Mapping {
    /// The mapping of a container.
    pub(super) fn of(container: &ContainerFacts) -> Self {
        let at = &container.at;
        if at.rootless() == Some(true) {
            return Self::SeenInside;
        }
        let mode = container.host_config.userns_mode.as_deref().unwrap_or_default();
        let mapped = match mode {
            "host" => return Self::None,
            "" => at.user_namespaces(),
            _ => Some(true),
        };
        match mapped {
            None => Self::NotTold,
            Some(false) => Self::None,
            Some(true) if podman(container) => Self::SeenInside,
            Some(true) => lowest_uid(container).map_or(Self::Hidden, Self::From),
        }
    }

    /// Who a process is inside.
    pub(super) fn inside(self, container: &ContainerFacts, process: &ProcessFacts) -> Inside {
        let Some(uid) = process.uid else {
            return if process.user == "root" { Inside::Root } else { Inside::Unknown };
        };
        match (self, uid) {
            (_, 0) => Inside::Root,
            (Self::None, _) => Inside::User(uid),
            (Self::From(lowest), _) => match uid.checked_sub(lowest) {
                Some(0) => Inside::Root,
                Some(inside) => Inside::User(inside),
                None => Inside::Unknown,
            },
            // Were the list made from outside after all, the engine's own user would be root inside.
            (Self::SeenInside, _) if uid >= FIRST_LOGIN_UID && configured_root(&container.config.user) => {
                Inside::Unknown
            }
            (Self::SeenInside, _) if uid < FIRST_SUBORDINATE => Inside::User(uid),
            (Self::SeenInside | Self::Hidden | Self::NotTold, _) => Inside::Unknown,
        }
    }
}

/// Whether a number is where a range of subordinate uids begins, as they are handed out by default.
pub(super) fn looks_like_mapped_root(uid: u64) -> bool {
    let above = |start: u64| uid.checked_sub(start).is_some_and(|above| above.is_multiple_of(RANGE));
    above(FIRST_SUBORDINATE) || above(RANGE)
}

/// Whether the configured user is root: by name, by number, or by saying nothing.
pub(super) fn configured_root(user: &str) -> bool {
    let name = user.split(':').next().unwrap_or_default().trim();
    name.is_empty() || name == "root" || name.bytes().all(|byte| byte == b'0')
}

/// The number of the configured user, where it is one.
pub(super) fn configured_uid(user: &str) -> Option<u64> {
    user.split(':').next()?.trim().parse().ok()
}

/// The lowest uid of the mapping, by the folder in which the engine keeps the container.
fn lowest_uid(container: &ContainerFacts) -> Option<u64> {
    const PATHS: [&str; 4] = ["ResolvConfPath", "HostnamePath", "HostsPath", "LogPath"];
    let told = container
        .answers
        .values()
        .flat_map(|answer| PATHS.iter().filter_map(|key| answer.get(key).and_then(Value::as_str)));
    let volumes = container.mounts.iter().filter(|mount| mount.kind == "volume").map(|mount| mount.source.as_str());
    told.chain(volumes).find_map(|path| {
        let parts: Vec<&str> = path.split('/').collect();
        parts.windows(2).find_map(|pair| match pair {
            [folder, "containers" | "volumes"] => {
                let (uid, gid) = folder.split_once('.')?;
                gid.parse::<u64>().ok()?;
                uid.parse().ok()
            }
            _ => None,
        })
    })
}
