//! Calls of package managers in a shell text: what is installed, removed, fetched and cleaned.

use plimsoll_dockerfile::shell::{Command, Word};

/// A package manager, or a family of them with one command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Manager {
    /// apt-get, apt, aptitude.
    Apt,
    /// apk.
    Apk,
    /// yum, dnf, microdnf, tdnf.
    Dnf,
    /// zypper.
    Zypper,
    /// pip, pip3, `python -m pip`.
    Pip,
    /// npm.
    Npm,
    /// yarn.
    Yarn,
}

/// What a call asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Fetches the lists of packages.
    Update,
    /// Installs packages.
    Install,
    /// Replaces installed packages with newer ones.
    Upgrade,
    /// Removes packages.
    Remove,
    /// Empties caches.
    Clean,
    /// Empties caches and lists (`apt-get dist-clean`).
    CleanAll,
}

/// One call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call<'a> {
    /// Whose.
    pub(crate) manager: Manager,
    /// What for.
    pub(crate) verb: Verb,
    /// Options with their values, as written; a value that stands apart follows its option.
    pub(crate) options: Vec<&'a str>,
    /// What stands behind the verb and is no option: packages, files, patterns.
    pub(crate) names: Vec<&'a Word>,
}

impl Call<'_> {
    /// Whether an option was given, with or without a value behind `=`.
    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.iter().any(|word| word.split('=').next() == Some(option))
    }

    /// The value of an option, behind `=` or in the next word.
    pub(crate) fn value(&self, option: &str) -> Option<&str> {
        self.options.iter().enumerate().find_map(|(index, word)| match word.split_once('=') {
            Some((name, value)) if name == option => Some(value),
            None if *word == option => self.options.get(index + 1).copied(),
            _ => None,
        })
    }
}

/// Options whose value stands in the next word.
fn valued(manager: Manager) -> &'static [&'static str] {
    match manager {
        Manager::Apt => &["-t", "--target-release", "--default-release", "-o", "--option", "-c", "--config-file", "-a"],
        Manager::Apk => &[
            "-t",
            "--virtual",
            "-X",
            "--repository",
            "-p",
            "--root",
            "--arch",
            "--keys-dir",
            "--cache-dir",
            "--repositories-file",
            "--wait",
        ],
        Manager::Dnf => &[
            "--enablerepo",
            "--disablerepo",
            "--repo",
            "--repoid",
            "--installroot",
            "--releasever",
            "-x",
            "--exclude",
            "-c",
            "--config",
            "--setopt",
        ],
        Manager::Zypper => &["-r", "--repo", "--from", "-t", "--type", "-R", "--root"],
        Manager::Pip => &[
            "-r",
            "--requirement",
            "-c",
            "--constraint",
            "-i",
            "--index-url",
            "--extra-index-url",
            "-f",
            "--find-links",
            "-t",
            "--target",
            "--prefix",
            "--root",
            "-e",
            "--editable",
            "--cache-dir",
            "--platform",
            "--python-version",
            "--trusted-host",
            "--timeout",
            "--retries",
            "--no-binary",
            "--only-binary",
        ],
        Manager::Npm => &["--prefix", "-C", "--cache", "--registry", "--omit", "--only", "--loglevel"],
        Manager::Yarn => &["--cwd", "--registry", "--cache-folder", "--network-timeout", "--modules-folder"],
    }
}

fn verb(manager: Manager, word: &str) -> Option<Verb> {
    Some(match (manager, word) {
        (Manager::Apt | Manager::Apk, "update") | (Manager::Dnf, "makecache" | "check-update") => Verb::Update,
        (Manager::Zypper, "refresh" | "ref") => Verb::Update,
        (Manager::Apt, "install" | "build-dep" | "reinstall") | (Manager::Apk, "add") => Verb::Install,
        (Manager::Dnf, "install" | "reinstall" | "localinstall" | "groupinstall") => Verb::Install,
        (Manager::Zypper, "install" | "in") | (Manager::Pip, "install") => Verb::Install,
        (Manager::Npm, "install" | "i" | "ci" | "add" | "install-test") => Verb::Install,
        (Manager::Yarn, "install" | "add") => Verb::Install,
        (Manager::Apt, "upgrade" | "dist-upgrade" | "full-upgrade" | "safe-upgrade") => Verb::Upgrade,
        (Manager::Apk, "upgrade") | (Manager::Dnf, "update" | "upgrade" | "distro-sync") => Verb::Upgrade,
        (Manager::Zypper, "update" | "up" | "dist-upgrade" | "dup" | "patch") => Verb::Upgrade,
        (Manager::Apt, "remove" | "purge" | "autoremove" | "autopurge") | (Manager::Apk, "del") => Verb::Remove,
        (Manager::Dnf, "remove" | "erase" | "autoremove") | (Manager::Zypper, "remove" | "rm") => Verb::Remove,
        (Manager::Pip, "uninstall") | (Manager::Npm, "uninstall" | "rm" | "remove") => Verb::Remove,
        (Manager::Apt, "dist-clean" | "distclean") => Verb::CleanAll,
        (Manager::Apt, "clean" | "autoclean") | (Manager::Dnf, "clean") | (Manager::Zypper, "clean" | "cc") => {
            Verb::Clean
        }
        _ => return None,
    })
}

/// Reads a command as a call of a package manager.
pub(crate) fn call(command: &Command) -> Option<Call<'_>> {
    let mut words = command.arguments();
    let program = command.program()?;
    let manager = match program {
        "apt-get" | "apt" | "aptitude" => Manager::Apt,
        "apk" => Manager::Apk,
        "yum" | "dnf" | "dnf5" | "microdnf" | "tdnf" => Manager::Dnf,
        "zypper" => Manager::Zypper,
        "npm" => Manager::Npm,
        "yarn" => Manager::Yarn,
        name if version_of(name, "pip") => Manager::Pip,
        name if version_of(name, "python") => {
            let at =
                words.windows(2).position(|pair| matches!(pair, [m, pip] if m.text == "-m" && pip.text == "pip"))?;
            words = words.get(at + 2..).unwrap_or_default();
            Manager::Pip
        }
        _ => return None,
    };
    let valued = valued(manager);
    let mut found = None;
    let (mut options, mut names) = (Vec::new(), Vec::new());
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let text = word.text.as_str();
        if text.starts_with('-') && text.len() > 1 {
            options.push(text);
            if takes_next(text, valued)
                && let Some(value) = rest.next()
            {
                options.push(&value.text);
            }
        } else if found.is_none() {
            found = Some(text);
        } else {
            names.push(word);
        }
    }
    let verb = match (manager, found, names.first().map(|word| word.text.as_str())) {
        (Manager::Npm | Manager::Yarn, Some("cache"), Some("clean" | "rm" | "verify")) => Verb::Clean,
        (Manager::Pip, Some("cache"), Some("purge")) => Verb::Clean,
        // Bare yarn installs.
        (Manager::Yarn, None, _) => Verb::Install,
        (_, Some(word), _) => verb(manager, word)?,
        (_, None, _) => return None,
    };
    Some(Call { manager, verb, options, names })
}

/// Whether the value of an option stands in the next word; in a cluster (`-yo`), that of its last letter.
fn takes_next(option: &str, valued: &[&str]) -> bool {
    valued.iter().any(|name| match (name.as_bytes(), option.as_bytes()) {
        ([b'-', letter], [b'-', first, .., last]) => *first != b'-' && letter == last,
        (name, option) => name == option,
    }) || valued.contains(&option)
}

/// `pip`, `pip3`, `pip3.11`.
fn version_of(name: &str, program: &str) -> bool {
    name.strip_prefix(program).is_some_and(|rest| rest.chars().all(|c| c.is_ascii_digit() || c == '.'))
}
