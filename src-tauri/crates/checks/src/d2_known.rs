//! D2, superfluous permissions removed: the programs that distributions install with set-user-ID, set-group-ID or
//! capabilities, and what each has them for.

/// Program name and what it needs the rights for.
const KNOWN: [(&str, &str); 78] = [
    ("arping", "to send raw packets"),
    ("at", "to write the queue of jobs"),
    ("bbsuid", "to run busybox's mount, su and passwd as root"),
    ("bsd-write", "to write to other users' terminals"),
    ("bwrap", "to set up a sandbox"),
    ("chage", "to read when passwords expire"),
    ("chfn", "to change the user's entry in /etc/passwd"),
    ("chrome-sandbox", "to set up the browser's sandbox"),
    ("chsh", "to change the user's entry in /etc/passwd"),
    ("clockdiff", "to send raw packets"),
    ("crontab", "to write the tables of jobs"),
    ("dbus-daemon-launch-helper", "to start services as other users"),
    ("doas", "to run commands as another user"),
    ("dotlockfile", "to lock mailboxes"),
    ("dumpcap", "to capture packets"),
    ("exim4", "to deliver mail"),
    ("expiry", "to read when passwords expire"),
    ("fping", "to send raw packets"),
    ("fusermount", "to mount file systems of users"),
    ("fusermount3", "to mount file systems of users"),
    ("gpasswd", "to change groups"),
    ("gst-ptp-helper", "to listen on a port below 1024"),
    ("kismet_capture_tools", "to capture packets"),
    ("locate", "to read the database of file names"),
    ("lockdev", "to lock devices"),
    ("mail-lock", "to lock mailboxes"),
    ("mail-touchlock", "to lock mailboxes"),
    ("mail-unlock", "to lock mailboxes"),
    ("mlocate", "to read the database of file names"),
    ("mount", "to mount file systems"),
    ("mount.cifs", "to mount network shares"),
    ("mount.nfs", "to mount network shares"),
    ("mtr-packet", "to send raw packets"),
    ("netreport", "to ask for news of network interfaces"),
    ("newgidmap", "to set up user namespaces"),
    ("newgrp", "to change the current group"),
    ("newuidmap", "to set up user namespaces"),
    ("nmap", "to send raw packets"),
    ("ntfs-3g", "to mount file systems"),
    ("pam_extrausers_chkpwd", "to check passwords"),
    ("pam_extrausers_update", "to change passwords"),
    ("pam_timestamp_check", "to remember that a password was given"),
    ("passwd", "to change passwords"),
    ("ping", "to send raw packets"),
    ("ping4", "to send raw packets"),
    ("ping6", "to send raw packets"),
    ("pkexec", "to run commands as another user"),
    ("plocate", "to read the database of file names"),
    ("polkit-agent-helper-1", "to check passwords"),
    ("postdrop", "to hand in mail"),
    ("postqueue", "to look at the mail queue"),
    ("pppd", "to set up network connections"),
    ("procmail", "to deliver mail"),
    ("screen", "to write to other users' terminals"),
    ("sendmail", "to hand in mail"),
    ("sendmail.sendmail", "to hand in mail"),
    ("sg", "to change the current group"),
    ("snap-confine", "to set up a sandbox"),
    ("ssh-agent", "to keep others from reading its memory"),
    ("ssh-keysign", "to read the host keys"),
    ("staprun", "to load kernel modules"),
    ("su", "to become another user"),
    ("sudo", "to run commands as another user"),
    ("sudoedit", "to edit files as another user"),
    ("suexec", "to run CGI programs as other users"),
    ("traceroute6.iputils", "to send raw packets"),
    ("umount", "to unmount file systems"),
    ("umount.nfs", "to unmount network shares"),
    ("unix_chkpwd", "to check passwords"),
    ("unix_update", "to change passwords"),
    ("usermount", "to mount file systems"),
    ("userhelper", "to run administration tools"),
    ("usernetctl", "to set up network interfaces"),
    ("utempter", "to record who is logged in"),
    ("vlock-main", "to check passwords"),
    ("wall", "to write to other users' terminals"),
    ("write", "to write to other users' terminals"),
    ("Xorg.wrap", "to start the display server"),
];

/// What a program of a distribution needs its rights for; none for one that is not known, or lies elsewhere than
/// distributions put it.
pub(crate) fn purpose(path: &str) -> Option<&'static str> {
    let (dir, name) = path.rsplit_once('/')?;
    let usual = ["/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/games"].contains(&dir)
        || ["/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/libexec/"]
            .iter()
            .any(|start| format!("{dir}/").starts_with(start));
    if !usual {
        return None;
    }
    // Two names end in `.ul` and `.util-linux` where alternatives choose among them.
    let name = name.strip_suffix(".ul").unwrap_or(name);
    KNOWN.iter().find(|(known, _)| *known == name).map(|(_, purpose)| *purpose)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_known_where_distributions_put_them() {
        for path in [
            "/usr/bin/passwd",
            "/bin/su",
            "/usr/lib/openssh/ssh-keysign",
            "/usr/libexec/utempter/utempter",
            "/usr/bin/write.ul",
            "/sbin/unix_chkpwd",
        ] {
            assert!(purpose(path).is_some(), "{path}");
        }
        for path in ["/usr/local/bin/passwd", "/tmp/su", "/usr/bin/bash", "/app/ping", "su", ""] {
            assert_eq!(purpose(path), None, "{path}");
        }
    }
}
