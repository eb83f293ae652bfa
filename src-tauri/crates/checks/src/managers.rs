//! Calls of package managers in a script: which one, what it does, and to which packages.

use plimsoll_dockerfile::Script;
use plimsoll_dockerfile::shell::{Command, Word};

/// Managers that share their package lists and their way of working.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    /// apt-get, apt, aptitude.
    Apt,
    /// apk.
    Apk,
    /// yum, dnf, microdnf, tdnf.
    Dnf,
    /// zypper.
    Zypper,
    /// pacman.
    Pacman,
    /// pip, pip3, `python -m pip`, `uv pip`.
    Pip,
    /// npm, yarn, pnpm.
    Npm,
    /// gem.
    Gem,
}

impl Family {
    /// Whether it installs packages of the distribution, not of a language.
    pub(crate) fn of_distribution(self) -> bool {
        !matches!(self, Self::Pip | Self::Npm | Self::Gem)
    }
}

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Action {
    /// Fetches the package lists: `apt-get update`, `dnf makecache`, `zypper refresh`, `pacman -Sy`.
    Update,
    /// Installs packages.
    Install,
    /// Brings installed packages up to date.
    Upgrade,
    /// Moves to another release, or removes packages for it: `dist-upgrade`, `distro-sync`, `dup`.
    DistUpgrade,
    /// Removes packages.
    Remove,
    /// Empties caches.
    Clean,
    /// Downloads without installing.
    Download,
}

/// A package as a call names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Package {
    /// Its name as written, without the version; a path for a local file.
    pub(crate) name: String,
    /// The version that is asked for, as written.
    pub(crate) version: Option<String>,
    /// The shell takes the word as it is.
    pub(crate) literal: bool,
}

impl Package {
    /// Whether exactly one version will do.
    pub(crate) fn pinned(&self) -> bool {
        self.is_file()
            || self.version.as_deref().is_some_and(|v| !v.is_empty() && !v.contains(['*', '~', '<', '>', '^']))
    }

    /// Its name without the release, architecture or repository that a call adds: `sudo/stable`, `sudo:amd64`, `sudo@edge`.
    pub(crate) fn bare(&self) -> &str {
        let end = self.name.find(['=', '<', '>', '~', '@', '/', ':']).filter(|&end| end > 0);
        end.and_then(|end| self.name.get(..end)).unwrap_or(&self.name)
    }

    /// Whether it is a file, an address or the project itself, so that no version is asked of a list.
    pub(crate) fn is_file(&self) -> bool {
        self.name.starts_with(['/', '.', '~']) || self.name.contains("://") || {
            let ends = [".deb", ".rpm", ".apk", ".whl", ".tgz", ".tar.gz", ".gem"];
            ends.iter().any(|end| self.name.ends_with(end))
        }
    }
}

/// One call. A command that does several things (`pacman -Syu vim`) gives several.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    /// The program: `apt-get`.
    pub(crate) program: String,
    /// Its family.
    pub(crate) family: Family,
    /// What it does.
    pub(crate) action: Action,
    /// The packages that it names.
    pub(crate) packages: Vec<Package>,
    /// Its options as written, values that follow them included: `-o`, `Acquire::Retries=3`.
    pub(crate) flags: Vec<String>,
    /// It fetches fresh lists itself: `apk add --no-cache`, `dnf install`.
    pub(crate) refreshes: bool,
    /// Index among the commands that were read.
    pub(crate) command: usize,
    /// The command's line.
    pub(crate) line: u32,
}

impl Call {
    /// Whether one of some options is given, with or without `=value`; short ones also in a cluster (`-qy`).
    pub(crate) fn has_flag(&self, names: &[&str]) -> bool {
        has(&self.flags, names)
    }

    /// The packages without a fixed version.
    pub(crate) fn unpinned(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().filter(|package| !package.pinned())
    }
}

fn has(flags: &[String], names: &[&str]) -> bool {
    flags.iter().any(|flag| {
        let name = flag.split('=').next().unwrap_or(flag);
        let cluster = flag.starts_with('-') && !flag.starts_with("--") && !flag.contains('=');
        names.iter().any(|wanted| match wanted.strip_prefix('-') {
            Some(letter) if letter.len() == 1 && cluster => flag.contains(letter),
            _ => name == *wanted,
        })
    })
}

/// All calls of a script, in its order.
pub(crate) fn calls(script: &Script) -> Vec<Call> {
    calls_in(&script.commands)
}

/// All calls of some commands, in their order.
pub(crate) fn calls_in<'a>(commands: impl IntoIterator<Item = &'a Command>) -> Vec<Call> {
    let mut calls = Vec::new();
    for (index, command) in commands.into_iter().enumerate() {
        let Some(program) = command.program() else { continue };
        let mut arguments = command.arguments();
        let mut family = family_of(program);
        let text = |at: usize| arguments.get(at).map(|word| word.text.as_str());
        if family.is_none() {
            // `python3 -m pip install x`, `uv pip install x`, `corepack yarn add x`.
            let skipped = match (text(0), text(1)) {
                (Some("-m"), Some("pip")) if program.starts_with("python") => Some(2),
                (Some("pip"), _) if program == "uv" => Some(1),
                _ => None,
            };
            let Some(skipped) = skipped else { continue };
            family = Some(Family::Pip);
            arguments = arguments.get(skipped..).unwrap_or_default();
        }
        let Some(family) = family else { continue };
        let parts = Parts::read(family, arguments);
        if has(&parts.flags, &["--help", "--version", "--simulate", "--dry-run", "--just-print", "--print-uris"])
            || (family == Family::Apt && has(&parts.flags, &["-s"]))
        {
            continue;
        }
        for action in actions(family, &parts) {
            let packages = match action {
                Action::Install | Action::Upgrade | Action::Remove | Action::Download => parts.packages(family),
                Action::Update | Action::DistUpgrade | Action::Clean => Vec::new(),
            };
            calls.push(Call {
                program: program.to_owned(),
                family,
                action,
                packages,
                flags: parts.flags.clone(),
                refreshes: refreshes(family, &parts),
                command: index,
                line: command.line,
            });
        }
    }
    calls
}

fn family_of(program: &str) -> Option<Family> {
    Some(match program {
        "apt-get" | "apt" | "aptitude" => Family::Apt,
        "apk" => Family::Apk,
        "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf" => Family::Dnf,
        "zypper" => Family::Zypper,
        "pacman" => Family::Pacman,
        "npm" | "yarn" | "pnpm" => Family::Npm,
        "gem" => Family::Gem,
        _ => {
            let version = program.strip_prefix("pip")?;
            if !version.chars().all(|ch| ch.is_ascii_digit() || ch == '.') {
                return None;
            }
            Family::Pip
        }
    })
}

/// Options that take the next word.
fn takes_value(family: Family, option: &str) -> bool {
    let options: &[&str] = match family {
        Family::Apt => &[
            "-o",
            "-c",
            "-t",
            "-a",
            "--option",
            "--config-file",
            "--target-release",
            "--default-release",
            "--host-architecture",
        ],
        Family::Apk => &[
            "-X",
            "-t",
            "-p",
            "--repository",
            "--virtual",
            "--root",
            "--keys-dir",
            "--repositories-file",
            "--wait",
            "--arch",
            "--cache-dir",
            "--cache-max-age",
            "--progress-fd",
        ],
        Family::Dnf => &[
            "-c",
            "-x",
            "-d",
            "-e",
            "--installroot",
            "--enablerepo",
            "--disablerepo",
            "--setopt",
            "--releasever",
            "--repo",
            "--repoid",
            "--exclude",
            "--repofrompath",
            "--config",
            "--forcearch",
        ],
        Family::Zypper => &["-R", "--root", "-D", "--reposd-dir", "--from", "-r", "--repo", "-t", "--type", "-C"],
        Family::Pacman => &["-b", "-r", "--dbpath", "--root", "--config", "--cachedir", "--ignore", "--arch"],
        Family::Pip => &[
            "-r",
            "-c",
            "-e",
            "-i",
            "-t",
            "-f",
            "--requirement",
            "--constraint",
            "--editable",
            "--index-url",
            "--extra-index-url",
            "--target",
            "--find-links",
            "--prefix",
            "--root",
            "--trusted-host",
            "--cache-dir",
            "--timeout",
            "--retries",
            "--proxy",
            "--platform",
            "--python-version",
            "--python",
            "--no-binary",
            "--only-binary",
            "--progress-bar",
            "--log",
            "--src",
            "--upgrade-strategy",
        ],
        Family::Npm => &["--prefix", "--registry", "--cache", "--cwd", "-C", "--dir", "--filter", "-w", "--workspace"],
        Family::Gem => &["-v", "--version", "-i", "--install-dir", "-n", "--bindir", "-s", "--source", "-P"],
    };
    options.contains(&option)
}

/// The words of a call, told apart.
struct Parts<'a> {
    flags: Vec<String>,
    words: Vec<&'a Word>,
    /// The value of gem's `--version`.
    version: Option<String>,
}

impl<'a> Parts<'a> {
    fn read(family: Family, arguments: &'a [Word]) -> Self {
        let mut parts = Self { flags: Vec::new(), words: Vec::new(), version: None };
        let mut iter = arguments.iter();
        let mut options = true;
        while let Some(word) = iter.next() {
            let text = word.text.as_str();
            if options && text == "--" {
                options = false;
            } else if options && text.len() > 1 && text.starts_with('-') {
                parts.flags.push(text.to_owned());
                if takes_value(family, text)
                    && let Some(value) = iter.next()
                {
                    if family == Family::Gem && matches!(text, "-v" | "--version") {
                        parts.version = Some(value.text.clone());
                    }
                    parts.flags.push(value.text.clone());
                }
            } else if !text.is_empty() {
                parts.words.push(word);
            }
        }
        parts
    }

    fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", |word| word.text.as_str())
    }

    fn packages(&self, family: Family) -> Vec<Package> {
        let skip = match family {
            Family::Pacman => 0,
            Family::Npm if self.word(0) == "global" => 2,
            Family::Dnf if matches!(self.word(0), "group" | "groups" | "module") => 2,
            _ => 1,
        };
        self.words.iter().skip(skip).map(|word| self.package(family, word)).collect()
    }

    fn package(&self, family: Family, word: &Word) -> Package {
        let text = word.text.as_str();
        let whole = Package { name: text.to_owned(), version: None, literal: word.literal };
        if whole.is_file() {
            return whole;
        }
        let split = match family {
            // A patch level is part of the version: `curl=8.5.0-r0`; `~=` and `>` ask for no exact one.
            Family::Apt | Family::Zypper | Family::Pacman => text.split_once('=').map(|(n, v)| (n, v.to_owned())),
            Family::Apk => text.find(['=', '~', '<', '>']).map(|at| {
                let (name, version) = text.split_at(at);
                (name, version.strip_prefix('=').unwrap_or(version).to_owned())
            }),
            Family::Pip => text.find(['=', '~', '<', '>', '!', '@']).map(|at| {
                let (name, version) = text.split_at(at);
                (name, version.trim_start_matches('=').to_owned())
            }),
            Family::Npm => text
                .char_indices()
                .skip(1)
                .find(|(_, ch)| *ch == '@')
                .map(|(at, _)| (text.get(..at).unwrap_or(text), text.get(at + 1..).unwrap_or_default().to_owned()))
                .filter(|(_, version)| version != "latest" && version != "next"),
            Family::Gem => match &self.version {
                Some(version) => Some((text, version.clone())),
                None => text.split_once(':').map(|(n, v)| (n, v.to_owned())),
            },
            // `name-version-release`: a dash before a digit.
            Family::Dnf => text
                .match_indices('-')
                .find(|(at, _)| text.get(at + 1..).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit())))
                .filter(|(at, _)| text.get(at + 1..).is_some_and(|rest| rest.contains('.')))
                .map(|(at, _)| (text.get(..at).unwrap_or(text), text.get(at + 1..).unwrap_or_default().to_owned())),
        };
        match split {
            Some((name, version)) => Package { name: name.to_owned(), version: Some(version), literal: word.literal },
            None => whole,
        }
    }
}

fn actions(family: Family, parts: &Parts<'_>) -> Vec<Action> {
    use Action::{Clean, DistUpgrade, Download, Install, Remove, Update, Upgrade};
    let verb = parts.word(0);
    let one = match family {
        Family::Apt => match verb {
            "update" => Update,
            "install" | "reinstall" | "build-dep" | "satisfy" if has(&parts.flags, &["-d", "--download-only"]) => {
                Download
            }
            "install" | "reinstall" | "build-dep" | "satisfy" => Install,
            "upgrade" | "safe-upgrade" => Upgrade,
            "dist-upgrade" | "full-upgrade" => DistUpgrade,
            "remove" | "purge" | "autoremove" | "autopurge" => Remove,
            "clean" | "autoclean" | "dist-clean" | "distclean" => Clean,
            "download" | "source" => Download,
            _ => return Vec::new(),
        },
        Family::Apk => match verb {
            "update" => Update,
            "add" => Install,
            "upgrade" => Upgrade,
            "del" => Remove,
            "fetch" => Download,
            "cache" => Clean,
            _ => return Vec::new(),
        },
        Family::Dnf => match verb {
            "makecache" | "check-update" => Update,
            "install" | "localinstall" | "groupinstall" | "reinstall" | "builddep" | "swap" => Install,
            "group" | "groups" | "module" if parts.word(1) == "install" => Install,
            "update" | "upgrade" | "update-minimal" | "upgrade-minimal" => Upgrade,
            "distro-sync" | "dist-sync" | "distribution-synchronization" | "system-upgrade" => DistUpgrade,
            "remove" | "erase" | "autoremove" => Remove,
            "clean" => Clean,
            "download" => Download,
            _ => return Vec::new(),
        },
        Family::Zypper => match verb {
            "refresh" | "ref" => Update,
            "install" | "in" | "source-install" | "si" => Install,
            "update" | "up" | "patch" => Upgrade,
            "dist-upgrade" | "dup" => DistUpgrade,
            "remove" | "rm" => Remove,
            "clean" | "cc" => Clean,
            "download" => Download,
            _ => return Vec::new(),
        },
        Family::Pacman => return pacman(parts),
        Family::Pip => match verb {
            "install" | "sync" => Install,
            "uninstall" => Remove,
            "download" => Download,
            "cache" => Clean,
            _ => return Vec::new(),
        },
        Family::Npm => match verb {
            "install" | "i" | "ci" | "add" | "install-ci-test" => Install,
            "global" if matches!(parts.word(1), "add" | "install") => Install,
            "update" | "upgrade" | "up" => Upgrade,
            "uninstall" | "remove" | "rm" | "un" => Remove,
            "cache" | "store" => Clean,
            _ => return Vec::new(),
        },
        Family::Gem => match verb {
            "install" => Install,
            "update" => Upgrade,
            "uninstall" => Remove,
            "cleanup" => Clean,
            "fetch" => Download,
            _ => return Vec::new(),
        },
    };
    vec![one]
}

fn pacman(parts: &Parts<'_>) -> Vec<Action> {
    let has = |letter: &str, long: &str| has(&parts.flags, &[letter, long]);
    let mut actions = Vec::new();
    if has("-S", "--sync") {
        if has("-c", "--clean") {
            return vec![Action::Clean];
        }
        if has("-y", "--refresh") {
            actions.push(Action::Update);
        }
        if has("-u", "--sysupgrade") {
            actions.push(Action::Upgrade);
        }
        if !parts.words.is_empty() {
            actions.push(if has("-w", "--downloadonly") { Action::Download } else { Action::Install });
        }
    } else if has("-R", "--remove") {
        actions.push(Action::Remove);
    } else if has("-U", "--upgrade") {
        actions.push(Action::Install);
    }
    actions
}

/// Whether the call fetches fresh lists itself.
fn refreshes(family: Family, parts: &Parts<'_>) -> bool {
    match family {
        Family::Apt => has(&parts.flags, &["--update", "-U"]),
        Family::Apk => has(&parts.flags, &["--no-cache", "--update-cache", "--update", "-U"]),
        Family::Dnf => !has(&parts.flags, &["-C", "--cacheonly"]),
        Family::Zypper => !has(&parts.flags, &["--no-refresh"]),
        Family::Pacman => has(&parts.flags, &["-y", "--refresh"]),
        Family::Pip | Family::Npm | Family::Gem => true,
    }
}

#[cfg(test)]
#[path = "managers_tests.rs"]
mod tests;
