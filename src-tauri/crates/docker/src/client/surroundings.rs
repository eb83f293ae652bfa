//! What the process stands in: variables, the root of the file system, the `ssh` program. Tests bring their own.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Variables that are looked at.
const VARIABLES: &[&str] = &[
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS",
    "DOCKER_TLS_VERIFY",
    "HOME",
    "XDG_CONFIG_HOME",
    "XDG_RUNTIME_DIR",
];

/// See the module.
#[derive(Debug, Clone)]
pub(crate) struct Surroundings {
    /// Variables by name.
    pub(crate) variables: BTreeMap<String, String>,
    /// `/`, or a folder that stands for it.
    pub(crate) root: PathBuf,
    /// The program `ssh`.
    pub(crate) ssh: PathBuf,
    /// Whether the user is root.
    pub(crate) superuser: bool,
}

impl Surroundings {
    /// Those of this process.
    pub(crate) fn of_process() -> Self {
        let variables = VARIABLES
            .iter()
            .filter_map(|name| std::env::var(name).ok().map(|value| ((*name).to_owned(), value)))
            .collect();
        Self { variables, root: PathBuf::from("/"), ssh: PathBuf::from("ssh"), superuser: superuser() }
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// An absolute path under the root.
    pub(crate) fn at(&self, path: &str) -> PathBuf {
        under(&self.root, path)
    }

    /// The folder of Docker's client: `$DOCKER_CONFIG` or `~/.docker`.
    pub(crate) fn docker_config(&self) -> Option<PathBuf> {
        match self.variable("DOCKER_CONFIG") {
            Some(folder) => Some(self.at(folder)),
            None => self.variable("HOME").map(|home| self.at(home).join(".docker")),
        }
    }
}

/// An absolute path under a folder that stands for the root.
pub(crate) fn under(root: &Path, path: &str) -> PathBuf {
    root.join(path.trim_start_matches('/'))
}

#[cfg(unix)]
fn superuser() -> bool {
    use std::os::unix::fs::MetadataExt;
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

#[cfg(not(unix))]
fn superuser() -> bool {
    false
}
