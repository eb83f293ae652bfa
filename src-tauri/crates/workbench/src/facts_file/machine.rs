//! Which machine this is, who runs the program, and on what system: from files that anybody may read.

use std::path::Path;

/// A short file's first line.
fn first_line(path: &str) -> Option<String> {
    let text = text(path)?;
    text.lines().next().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty())
}

/// A text file of at most 1 MiB.
fn text(path: &str) -> Option<String> {
    use std::io::Read;
    let mut text = String::new();
    let file = std::fs::File::open(Path::new(path)).ok()?;
    file.take(1 << 20).read_to_string(&mut text).ok()?;
    Some(text)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The machine's name. In a container it is the container's.
pub(super) fn name() -> String {
    first_line("/proc/sys/kernel/hostname")
        .or_else(|| first_line("/etc/hostname"))
        .or_else(|| variable("HOSTNAME"))
        .or_else(|| variable("COMPUTERNAME"))
        .unwrap_or_else(|| "unknown machine".to_owned())
}

/// The effective user: its name in `/etc/passwd`, else its number. The environment is asked last, since it may say anything.
pub(super) fn user() -> String {
    let status = text("/proc/self/status").unwrap_or_default();
    let uid = status.lines().find_map(|line| line.strip_prefix("Uid:")?.split_whitespace().nth(1).map(str::to_owned));
    match uid {
        Some(uid) => named(&text("/etc/passwd").unwrap_or_default(), &uid).unwrap_or_else(|| format!("uid {uid}")),
        None => variable("USER").or_else(|| variable("USERNAME")).unwrap_or_else(|| "unknown user".to_owned()),
    }
}

/// The name of a number in a password file.
fn named(passwd: &str, uid: &str) -> Option<String> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next().filter(|name| !name.is_empty())?;
        (fields.nth(1) == Some(uid)).then(|| name.to_owned())
    })
}

/// The operating system: its own name for itself, and the kernel.
pub(super) fn system() -> String {
    let release = text("/etc/os-release").or_else(|| text("/usr/lib/os-release")).unwrap_or_default();
    let name = pretty_name(&release).unwrap_or_else(|| std::env::consts::OS.to_owned());
    match first_line("/proc/sys/kernel/osrelease") {
        Some(kernel) => format!("{name}, kernel {kernel}, {}", std::env::consts::ARCH),
        None => format!("{name}, {}", std::env::consts::ARCH),
    }
}

fn pretty_name(release: &str) -> Option<String> {
    let value = release.lines().find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(value.trim().trim_matches(['"', '\'']).to_owned()).filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_by_the_password_file_and_a_system_by_itself() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\n\nbroken\nops:x:1000:1000::/home/ops:/bin/sh\n";
        assert_eq!(named(passwd, "1000").as_deref(), Some("ops"));
        assert_eq!(named(passwd, "7"), None);
        let release = "ID=debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n";
        assert_eq!(pretty_name(release).as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(pretty_name("ID=x"), None);
        assert!(!name().is_empty() && !user().is_empty() && !system().is_empty());
    }
}
