//! System packages: which are missing, and installing them with apt.

use std::process::{Command, Stdio};

/// What a build needs.
pub const BUILD: &[&str] = &["build-essential", "pkg-config", "libwebkit2gtk-4.1-dev"];
/// What the tests need beside it.
pub const TEST: &[&str] = &[
    "webkit2gtk-driver",
    "xvfb",
    "xauth",
    "dbus",
    "poppler-utils",
    "qpdf",
    "openssl",
    "skopeo",
    "docker.io",
    "docker-registry",
    "notary",
    "busybox-static",
    "iproute2",
    "python3",
    "python3-venv",
];

fn quiet(program: &str, arguments: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn installed(package: &str) -> bool {
    let asked = Command::new("dpkg-query").args(["-W", "-f=${Status}", package]).output();
    asked.is_ok_and(|out| String::from_utf8_lossy(&out.stdout).contains("install ok installed"))
}

/// Whether a command is there.
pub fn has(program: &str) -> bool {
    quiet("sh", &["-c", &format!("command -v {program}")])
}

/// Installs what is missing of `wanted`; node and npm count as present however they came.
pub fn ensure(wanted: &[&str]) -> Result<(), String> {
    if !has("apt-get") {
        return Err(format!(
            "this machine has no apt-get; install the equivalents of these packages by hand and go on: {}",
            wanted.join(" ")
        ));
    }
    let mut missing: Vec<&str> = wanted.iter().copied().filter(|package| !installed(package)).collect();
    if !has("node") {
        missing.push("nodejs");
    }
    if !has("npm") {
        missing.push("npm");
    }
    // Newer releases ship the docker command apart from the daemon.
    if missing.contains(&"docker.io") && !has("docker") && quiet("apt-cache", &["show", "docker-cli"]) {
        missing.push("docker-cli");
    }
    if missing.is_empty() {
        return Ok(());
    }
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.starts_with(b"0"));
    let sudo = !root && has("sudo");
    let line = format!("apt-get install --yes --no-install-recommends {}", missing.join(" "));
    if !root && !sudo {
        return Err(format!("system packages are missing, and there is neither root nor sudo; have this run: {line}"));
    }
    eprintln!("xtask: installing system packages: {}", missing.join(" "));
    let prefix = if sudo { "sudo " } else { "" };
    let apt = "DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300";
    let script = format!(
        "{prefix}{env} update -q && {prefix}{env} install --yes -q --no-install-recommends {}",
        missing.join(" "),
        env = if sudo { apt.replacen("DEBIAN", "env DEBIAN", 1) } else { apt.to_owned() },
    );
    let log = std::env::temp_dir().join("plimsoll-apt.log");
    let script = format!("{{ {script}; }} > '{}' 2>&1", log.display());
    match Command::new("sh").args(["-c", &script]).stdin(Stdio::inherit()).status() {
        Ok(status) if status.success() => Ok(()),
        _ => Err(format!("apt could not install {} (see {}); try: {line}", missing.join(" "), log.display())),
    }
}
