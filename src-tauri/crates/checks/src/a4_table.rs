//! What an image at run time seldom needs: names of packages and programs by kind, and how each kind weighs.
//!
//! A name is compared whole; `*` stands for any characters and `#` for a number with dots (`gcc-#` means `gcc-12` and
//! never `gcc-12-base`, which libgcc brings into every Debian image). Remote management stands in `services.rs`.

use plimsoll_catalog::Severity;
use plimsoll_packages::Ecosystem;

use crate::services;

/// What something is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Category {
    /// A service through which others manage the container.
    RemoteManagement,
    /// A service that hands out or takes files.
    FileServer,
    /// A compiler, assembler or linker.
    Compiler,
    /// What drives a build.
    BuildTool,
    /// Header files.
    Headers,
    /// A debugger or tracer.
    Debugger,
    /// A scanner, sniffer or general network tool.
    NetworkTool,
    /// What lets a user become another.
    Privileges,
    /// A downloader.
    Downloader,
    /// A client for remote shells and file transfer.
    RemoteClient,
    /// An editor or pager.
    Editor,
    /// A version control system.
    VersionControl,
    /// Another background service.
    BackgroundService,
    /// Manual pages and other documentation.
    Documentation,
}

/// How a kind weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It fails the check unless it is allowed.
    Fails,
    /// The auditor has to ask what it is for.
    Asks,
    /// It is named, and decides nothing.
    Named,
}

impl Category {
    /// The kind in words, with its article.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::RemoteManagement => "a remote management service",
            Self::FileServer => "a file transfer server",
            Self::Compiler => "a compiler or linker",
            Self::BuildTool => "a build tool",
            Self::Headers => "a package of header files",
            Self::Debugger => "a debugger or tracer",
            Self::NetworkTool => "a network tool",
            Self::Privileges => "a tool to become another user",
            Self::Downloader => "a downloader",
            Self::RemoteClient => "a client for remote access",
            Self::Editor => "an editor or pager",
            Self::VersionControl => "a version control system",
            Self::BackgroundService => "a background service",
            Self::Documentation => "documentation",
        }
    }

    /// Why it is seldom needed at run time.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::RemoteManagement => "containers are managed through the engine, never through a service inside",
            Self::FileServer => "files reach a container by its image or a volume",
            Self::Compiler => "only the build needs it, and it lets an intruder build tools on the spot",
            Self::BuildTool | Self::Headers => "only the build needs it",
            Self::Debugger => "only the search for faults needs it, and it reads the memory of other processes",
            Self::NetworkTool => "only diagnosis needs it, and it serves an intruder to look around and to move on",
            Self::Privileges => "a container runs as one user from the start; such a tool is a way to root",
            Self::Downloader => "a service seldom needs it, and it fetches an intruder's next stage",
            Self::RemoteClient => "a service seldom needs it, and it opens the way to other hosts",
            Self::Editor => "nobody edits files inside a running container",
            Self::VersionControl => "sources belong into the build, not into the image",
            Self::BackgroundService => "a container runs one service; others belong into containers of their own",
            Self::Documentation => "nobody reads it inside a container",
        }
    }

    /// How it weighs.
    pub(crate) fn weight(self) -> Weight {
        match self {
            Self::RemoteManagement
            | Self::FileServer
            | Self::Compiler
            | Self::BuildTool
            | Self::Headers
            | Self::Debugger
            | Self::NetworkTool
            | Self::Privileges => Weight::Fails,
            Self::Downloader | Self::RemoteClient | Self::Editor | Self::VersionControl | Self::BackgroundService => {
                Weight::Asks
            }
            Self::Documentation => Weight::Named,
        }
    }

    /// How much one such thing weighs.
    pub(crate) fn severity(self) -> Severity {
        match self {
            Self::RemoteManagement => Severity::High,
            Self::FileServer | Self::Compiler | Self::Debugger | Self::NetworkTool | Self::Privileges => {
                Severity::Medium
            }
            Self::BuildTool
            | Self::Headers
            | Self::Downloader
            | Self::RemoteClient
            | Self::Editor
            | Self::VersionControl
            | Self::BackgroundService => Severity::Low,
            Self::Documentation => Severity::Info,
        }
    }
}

/// Packages of the distributions: Debian and Ubuntu, Alpine, Red Hat and its kin. A name means the same in all of them.
const PACKAGES: &[(Category, &[&str])] = &[
    (
        Category::FileServer,
        &[
            "vsftpd",
            "proftpd",
            "proftpd-basic",
            "proftpd-core",
            "pure-ftpd",
            "pure-ftpd-common",
            "ftpd",
            "ftpd-ssl",
            "inetutils-ftpd",
            "tftpd",
            "tftpd-hpa",
            "tftp-hpa",
            "tftp-server",
            "atftpd",
            "nfs-kernel-server",
            "samba",
        ],
    ),
    (
        Category::Compiler,
        &[
            "gcc",
            "gcc-#",
            "gcc-c++",
            "gcc-gfortran",
            "g++",
            "g++-#",
            "cpp",
            "cpp-#",
            "gfortran",
            "gfortran-#",
            "clang",
            "clang-#",
            "clang#",
            "llvm",
            "llvm-#",
            "llvm#",
            "lld",
            "lld-#",
            "tcc",
            "binutils",
            "nasm",
            "yasm",
            "golang",
            "golang-#",
            "golang-#-go",
            "golang-go",
            "golang-bin",
            "go",
            "gccgo",
            "gccgo-#",
            "rust",
            "rustc",
            "rustc-#",
            "openjdk-#-jdk",
            "openjdk-#-jdk-headless",
            "openjdk#-jdk",
            "java-#-openjdk-devel",
            "default-jdk",
            "default-jdk-headless",
            "temurin-#-jdk",
            "ghc",
            "ocaml",
            "mono-mcs",
            "dotnet-sdk-#",
            "fpc",
            "swiftlang",
        ],
    ),
    (
        Category::BuildTool,
        &[
            "build-essential",
            "build-base",
            "alpine-sdk",
            "abuild",
            "dpkg-dev",
            "rpm-build",
            "make",
            "gmake",
            "cmake",
            "ninja-build",
            "ninja",
            "samurai",
            "meson",
            "autoconf",
            "automake",
            "libtool",
            "libtool-bin",
            "bison",
            "flex",
            "m4",
            "patch",
            "pkg-config",
            "pkgconf",
            "pkgconf-bin",
            "fakeroot",
            "debhelper",
            "maven",
            "gradle",
            "ant",
            "sbt",
            "cargo",
            "cargo-#",
            "bazel",
            "scons",
            "swig",
        ],
    ),
    (Category::Headers, &["*-dev", "*-devel", "linux-headers", "linux-headers-*", "kernel-headers"]),
    (
        Category::Debugger,
        &[
            "gdb",
            "gdb-minimal",
            "gdbserver",
            "lldb",
            "lldb-#",
            "strace",
            "ltrace",
            "valgrind",
            "perf",
            "linux-perf",
            "linux-tools-*",
            "bpftrace",
            "bpfcc-tools",
            "systemtap",
            "sysdig",
            "*-dbg",
            "*-dbgsym",
            "*-debuginfo",
            "*-debugsource",
        ],
    ),
    (
        Category::NetworkTool,
        &[
            "nmap",
            "nmap-ncat",
            "ncat",
            "masscan",
            "tcpdump",
            "tshark",
            "wireshark",
            "wireshark-cli",
            "wireshark-common",
            "netcat",
            "netcat-openbsd",
            "netcat-traditional",
            "nc",
            "socat",
            "hping3",
            "dsniff",
            "ettercap-text-only",
            "arp-scan",
            "netsniff-ng",
            "iperf",
            "iperf3",
            "traceroute",
            "mtr",
            "mtr-tiny",
            "dnsutils",
            "bind9-dnsutils",
            "bind-tools",
            "bind-utils",
            "hydra",
            "john",
            "sqlmap",
            "aircrack-ng",
            "metasploit-framework",
            "proxychains4",
            "chisel",
        ],
    ),
    (Category::Privileges, &["sudo", "sudo-ldap", "sudo-rs", "doas", "doas-sudo-shim", "opendoas"]),
    (
        Category::Downloader,
        &["curl", "curl-minimal", "wget", "wget2", "aria2", "axel", "lftp", "httpie", "lynx", "links", "elinks", "w3m"],
    ),
    (
        Category::RemoteClient,
        &[
            "openssh",
            "openssh-client",
            "openssh-client-common",
            "openssh-client-default",
            "openssh-clients",
            "sshpass",
            "mosh",
            "telnet",
            "inetutils-telnet",
            "rsh-client",
            "ftp",
            "tnftp",
            "inetutils-ftp",
            "tftp",
            "rsync",
        ],
    ),
    (
        Category::Editor,
        &[
            "vim",
            "vim-tiny",
            "vim-minimal",
            "vim-enhanced",
            "vim-nox",
            "vim-common",
            "vim-runtime",
            "neovim",
            "nano",
            "emacs",
            "emacs-nox",
            "ed",
            "joe",
            "mc",
            "micro",
            "nvi",
            "less",
        ],
    ),
    (Category::VersionControl, &["git", "git-core", "git-man", "subversion", "mercurial", "cvs", "bzr"]),
    (
        Category::BackgroundService,
        &[
            "cron",
            "cronie",
            "anacron",
            "dcron",
            "at",
            "rsyslog",
            "syslog-ng",
            "syslog-ng-core",
            "exim4",
            "exim4-daemon-light",
            "postfix",
            "sendmail",
            "cups",
            "cups-daemon",
            "avahi-daemon",
            "avahi",
            "rpcbind",
            "snmpd",
            "net-snmp",
            "xinetd",
            "openbsd-inetd",
            "inetutils-inetd",
            "supervisor",
        ],
    ),
    (
        Category::Documentation,
        &["man-db", "manpages", "manpages-dev", "man-pages", "mandoc", "info", "texinfo", "*-doc", "*-docs"],
    ),
];

/// Names that a pattern above would catch, and that are no such thing.
const NEVER: &[&str] = &["udev-dev"];

/// Packages of language ecosystems that serve the build or the search for faults.
const LANGUAGE_PACKAGES: &[(Ecosystem, Category, &[&str])] = &[
    (
        Ecosystem::Npm,
        Category::BuildTool,
        &["node-gyp", "typescript", "webpack", "webpack-cli", "gulp", "grunt", "grunt-cli", "nodemon", "jest", "mocha"],
    ),
    (Ecosystem::Npm, Category::Compiler, &["esbuild", "node-sass"]),
    (
        Ecosystem::Pypi,
        Category::BuildTool,
        &["cython", "Cython", "meson", "scons", "cmake", "ninja", "pytest", "tox", "pylint", "flake8", "mypy", "black"],
    ),
    (Ecosystem::Pypi, Category::Debugger, &["ipdb", "pudb", "debugpy", "ptvsd"]),
    (Ecosystem::Pypi, Category::NetworkTool, &["scapy", "python-nmap"]),
];

/// Programs by the last part of their path, for what no package database knows.
const PROGRAMS: &[(Category, &[&str])] = &[
    (Category::FileServer, &["vsftpd", "proftpd", "pure-ftpd", "ftpd", "in.ftpd", "tftpd", "in.tftpd", "smbd"]),
    (
        Category::Compiler,
        &[
            "gcc", "gcc-#", "g++", "g++-#", "cc1", "cc1plus", "clang", "clang-#", "tcc", "ld", "ld.bfd", "ld.gold",
            "nasm", "rustc", "javac", "ghc", "go", "gofmt",
        ],
    ),
    (Category::BuildTool, &["make", "gmake", "cmake", "ninja", "mvn", "gradle", "cargo"]),
    (Category::Debugger, &["gdb", "gdbserver", "lldb", "strace", "ltrace", "valgrind", "perf", "dlv", "bpftrace"]),
    (
        Category::NetworkTool,
        &[
            "nmap",
            "masscan",
            "tcpdump",
            "tshark",
            "nc",
            "ncat",
            "nc.openbsd",
            "nc.traditional",
            "netcat",
            "socat",
            "hping3",
            "hydra",
            "chisel",
        ],
    ),
    (Category::Privileges, &["sudo", "doas"]),
    (Category::Downloader, &["curl", "wget", "aria2c"]),
    (Category::RemoteClient, &["ssh", "telnet", "ftp", "rsync"]),
    (Category::Editor, &["vim", "vim.basic", "vim.tiny", "nvim", "nano", "emacs"]),
    (Category::VersionControl, &["git", "svn", "hg"]),
    (Category::BackgroundService, &["crond", "cron", "rsyslogd", "xinetd", "rpcbind", "snmpd"]),
];

/// The kind of a package.
pub(crate) fn of_package(ecosystem: Ecosystem, name: &str) -> Option<Category> {
    match ecosystem {
        Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm => of_name(name),
        _ => LANGUAGE_PACKAGES
            .iter()
            .find(|(of, _, patterns)| *of == ecosystem && patterns.iter().any(|pattern| fits(pattern, name)))
            .map(|(_, category, _)| *category),
    }
}

/// The kind of a distribution's package by its name alone.
pub(crate) fn of_name(name: &str) -> Option<Category> {
    if NEVER.contains(&name) {
        return None;
    }
    if services::of_package(name).is_some() {
        return Some(Category::RemoteManagement);
    }
    // A whole name outweighs a pattern: `manpages-dev` is documentation, not headers.
    let named = |exact: bool| {
        PACKAGES
            .iter()
            .find(|(_, patterns)| patterns.iter().any(|pattern| pattern.contains('*') != exact && fits(pattern, name)))
            .map(|(category, _)| *category)
    };
    named(true).or_else(|| named(false))
}

/// The kind of a program by the last part of its path.
pub(crate) fn of_program(name: &str) -> Option<Category> {
    if services::of_program(name).is_some() {
        return Some(Category::RemoteManagement);
    }
    PROGRAMS
        .iter()
        .find(|(_, patterns)| patterns.iter().any(|pattern| fits(pattern, name)))
        .map(|(category, _)| *category)
}

/// Whether a name fits a pattern with at most one `*` or `#`.
fn fits(pattern: &str, name: &str) -> bool {
    let Some(at) = pattern.find(['*', '#']) else { return pattern == name };
    let (head, rest) = pattern.split_at(at);
    let tail = rest.get(1..).unwrap_or_default();
    let Some(middle) = name.strip_prefix(head).and_then(|name| name.strip_suffix(tail)) else { return false };
    match rest.starts_with('#') {
        true => {
            middle.starts_with(|c: char| c.is_ascii_digit()) && middle.chars().all(|c| c.is_ascii_digit() || c == '.')
        }
        false => !middle.is_empty() || (!head.is_empty() && tail.is_empty()),
    }
}

#[cfg(test)]
#[path = "a4_table_tests.rs"]
mod tests;
