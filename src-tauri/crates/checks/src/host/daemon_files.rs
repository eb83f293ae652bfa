//! `daemon-files` (CSVS 2.10, 12.1): who may change dockerd's configuration, read its keys, or speak to its socket.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, HostFile};

use super::{HOST, NAMED, not_on_windows, of_host, open, said, show, some_of};
use crate::d2_accounts::Tally;
use crate::facts::quote;
use crate::observe::{count, judged};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The engine's files and sockets belong to root alone.
pub(crate) struct DaemonFiles;

const TYPE: u32 = 0o170_000;
const SOCKET: u32 = 0o140_000;
const DIRECTORY: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

impl Check for DaemonFiles {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "daemon-files",
            use_case: None,
            title: text("Files and sockets of the engine", "Dateien und Sockets der Engine"),
            why: text(
                "Whoever may use the engine's socket or change its configuration is root on the host: one privileged container is enough.",
                "Wer den Socket der Engine nutzen oder ihre Konfiguration ändern darf, ist Root auf dem Host: Ein privilegierter Container genügt.",
            ),
            how: text(
                "Fails on: sockets that everybody may write; configuration, units and certificates that do not belong to root, or that everybody or a group other than root's may change; private keys that others may read. Members of the group that may use the socket are named one by one, and whether each of them needs it is for a person to decide. From afar nothing of this can be seen; then the check stays undecided.",
                "Nicht bestanden bei: Sockets, die alle beschreiben dürfen; Konfiguration, Units und Zertifikaten, die nicht Root gehören oder die alle oder eine andere Gruppe als die von Root ändern dürfen; privaten Schlüsseln, die andere lesen dürfen. Mitglieder der Gruppe, die den Socket nutzen darf, werden einzeln genannt; ob jedes das braucht, entscheidet ein Mensch. Aus der Ferne ist davon nichts bekannt: Dann bleibt die Prüfung unentschieden.",
            ),
            blind_spots: text(
                "Whether changes are logged (auditd). Access control lists, sudo rules, accounts of directories that are not in /etc/group, and whoever may use a container with the socket mounted.",
                "Ob Änderungen protokolliert werden (auditd). Zugriffskontrolllisten, sudo-Regeln, Konten aus Verzeichnisdiensten, die nicht in /etc/group stehen, und wer einen Container mit eingehängtem Socket nutzen darf.",
            ),
            remedy: text(
                "Let root own all of it: sockets 660, configuration and units 644, certificates 444, keys 400; keep the docker group empty or its members on record; watch the files with auditd.",
                "Lassen Sie alles Root gehören: Sockets 660, Konfiguration und Units 644, Zertifikate 444, Schlüssel 400; halten Sie die Gruppe docker leer, oder dokumentieren Sie ihre Mitglieder; überwachen Sie die Dateien mit auditd.",
            ),
            example: "stat -c '%a %U:%G %n' /var/run/docker.sock /etc/docker/daemon.json\n660 root:docker /var/run/docker.sock\n644 root:root /etc/docker/daemon.json",
            aliases: &[
                ("docker-bench", "1.1.2"),
                ("docker-bench", "3.1"),
                ("docker-bench", "3.2"),
                ("docker-bench", "3.3"),
                ("docker-bench", "3.4"),
                ("docker-bench", "3.5"),
                ("docker-bench", "3.6"),
                ("docker-bench", "3.9"),
                ("docker-bench", "3.10"),
                ("docker-bench", "3.11"),
                ("docker-bench", "3.12"),
                ("docker-bench", "3.13"),
                ("docker-bench", "3.14"),
                ("docker-bench", "3.15"),
                ("docker-bench", "3.16"),
                ("docker-bench", "3.17"),
                ("docker-bench", "3.18"),
            ],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, files)
    }
}

fn is_key(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name.ends_with(".key") || name.ends_with("key.pem") || name == "key.json"
}

/// What docker-bench calls owner and permissions of a file.
fn rules(path: &str, mode: u32) -> (&'static str, &'static str) {
    let name = path.rsplit('/').next().unwrap_or_default();
    match (mode & TYPE, name) {
        (SOCKET, "docker.sock") => ("3.15", "3.16"),
        (SOCKET, "containerd.sock") => ("3.23", "3.24"),
        (_, "docker.service") => ("3.1", "3.2"),
        (_, "docker.socket") => ("3.3", "3.4"),
        (_, "daemon.json") => ("3.17", "3.18"),
        (DIRECTORY, "docker") => ("3.5", "3.6"),
        _ if is_key(path) => ("3.13", "3.14"),
        _ if name.ends_with(".pem") || name.ends_with(".crt") || name.ends_with(".cert") => ("3.11", "3.12"),
        _ => ("", ""),
    }
}

fn one(file: &HostFile, own: Option<u32>, tally: &mut Tally) {
    let shown = said(&file.path);
    let bits = file.mode & 0o7777;
    let (by_owner, by_mode) = rules(&file.path, file.mode);
    let command = format!("stat -c '%a %U:%G %n' {}", quote(&file.path));
    let seen = |severity, message: String, rule: &str| {
        let aliases: &[&str] = if rule.is_empty() { &[] } else { &[rule] };
        show::on_machine(&file.path, command.clone(), severity, message, aliases)
    };
    let owner = file.owner.clone().unwrap_or_else(|| file.uid.to_string());
    if file.uid != 0 && Some(file.uid) != own {
        tally.add(seen(Severity::High, format!("{shown} belongs to {owner}, not to root."), by_owner));
    }
    // The permissions of a link are never looked at.
    if file.mode & TYPE == LINK {
        return;
    }
    let group = file.group.clone().unwrap_or_else(|| file.gid.to_string());
    let socket = file.mode & TYPE == SOCKET;
    if bits & 0o002 != 0 && (bits & 0o1000 == 0 || file.mode & TYPE != DIRECTORY) {
        let (severity, effect) = if socket {
            (Severity::Critical, "everybody on the machine is as good as root")
        } else {
            (Severity::High, "everybody may change it")
        };
        tally.add(seen(severity, format!("{shown} has the permissions {bits:o}: {effect}."), by_mode));
    } else if !socket && bits & 0o020 != 0 && file.gid != 0 {
        let message = format!("{shown} has the permissions {bits:o}: members of the group {group} may change it.");
        tally.add(seen(Severity::High, message, by_mode));
    }
    if is_key(&file.path) && bits & 0o077 != 0 {
        let message =
            format!("The private key {shown} has the permissions {bits:o}; nobody but its owner should read it.");
        tally.add(seen(Severity::High, message, by_mode));
    }
    if socket && bits & 0o020 != 0 && file.gid != 0 {
        let members: Vec<&String> = file.members.iter().filter(|member| *member != "root").collect();
        for member in members.iter().take(NAMED) {
            let message =
                format!("{} is in the group {group} and may use {shown}: as good as root on this host.", said(member));
            let command = format!("getent group {}", quote(&group));
            tally.ask(show::on_machine(&file.path, command, Severity::Medium, message, &["1.1.2"]));
        }
        if members.len() > NAMED {
            let message = format!("{} more members of the group {group} may use {shown}.", members.len() - NAMED);
            tally.ask(seen(Severity::Medium, message, "1.1.2"));
        }
    }
}

fn files(host: &HostFacts) -> Judgement {
    if let Some(judgement) = not_on_windows(host, "another kind of permissions") {
        return judgement;
    }
    let config = host.config.as_ref();
    let permissions = config.map_or(&[][..], |config| &config.permissions);
    if permissions.is_empty() {
        return open(
            "Permissions of the engine's files are not known from afar; run plimsoll collect on the machine, or ask for stat on its socket and daemon.json and for getent group docker.",
        );
    }
    let own = config.and_then(|config| config.daemon_uid);
    let mut tally = Tally::default();
    for file in permissions {
        one(file, own, &mut tally);
    }
    let Tally { mut observations, faults, asks } = tally;
    observations.sort_by_key(|observation| observation.severity);
    let beyond = observations.len().saturating_sub(5 * NAMED);
    observations.truncate(5 * NAMED);
    if faults > 0 {
        let more = if beyond > 0 { format!(" {beyond} further observations are not listed.") } else { String::new() };
        let summary = format!(
            "{} more open than root's alone.{more}",
            count(faults, "permission of the engine's files is", "permissions of the engine's files are")
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if asks > 0 {
        let summary = format!(
            "{} root through the engine's socket; ask whether each needs to be.",
            count(asks, "account is as good as", "accounts are as good as")
        );
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let sockets: Vec<&str> =
        permissions.iter().filter(|file| file.mode & TYPE == SOCKET).map(|file| file.path.as_str()).collect();
    if sockets.is_empty() {
        let summary = "The files that were looked at are root's alone, but no socket of the engine was among them.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    let summary = format!(
        "{} looked at, among them {}; all are root's alone, and no account beside root is named for the socket.",
        count(permissions.len(), "file", "files"),
        said(&some_of(&sockets))
    );
    judged(OutcomeKind::Pass, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{file, good, judge};
    use super::*;

    fn judged_on(permissions: Vec<HostFile>) -> Judgement {
        let mut host = good();
        host.config.get_or_insert_default().permissions = permissions;
        judge(&DaemonFiles, host)
    }

    const SOCK: &str = "/var/run/docker.sock";

    #[test]
    fn what_root_alone_may_do_passes() {
        assert_eq!(judge(&DaemonFiles, good()).outcome, OutcomeKind::Pass);
        let strict = vec![
            file(SOCK, 0o140_660, 0, 999, &["root"]),
            file("/etc/docker/key.pem", 0o100_400, 0, 0, &[]),
            file("/etc/docker", 0o040_755, 0, 0, &[]),
            file("/etc/docker/link", 0o120_777, 0, 0, &[]),
        ];
        assert_eq!(judged_on(strict).outcome, OutcomeKind::Pass);
    }

    #[test]
    fn each_way_in_fails_and_is_named() {
        for (bad, rule) in [
            (file(SOCK, 0o140_666, 0, 999, &[]), "3.16"),
            (file("/etc/docker/daemon.json", 0o100_664, 0, 1000, &[]), "3.18"),
            (file("/etc/docker/daemon.json", 0o100_644, 1000, 0, &[]), "3.17"),
            (file("/etc/docker/server-key.pem", 0o100_640, 0, 0, &[]), "3.14"),
            (file("/lib/systemd/system/docker.service", 0o100_666, 0, 0, &[]), "3.2"),
        ] {
            let judgement = judged_on(vec![bad.clone()]);
            assert_eq!(judgement.outcome, OutcomeKind::Fail, "{bad:?}");
            assert!(judgement.observations.iter().any(|o| o.aliases == [rule]), "{bad:?}");
        }
    }

    #[test]
    fn members_of_the_group_are_for_a_person() {
        let judgement = judged_on(vec![file(SOCK, 0o140_660, 0, 999, &["eve", "bob"])]);
        assert_eq!(judgement.outcome, OutcomeKind::Undecided);
        assert_eq!(judgement.observations.len(), 2);
        assert!(judgement.summary.starts_with("2 accounts"), "{}", judgement.summary);
    }

    #[test]
    fn nothing_known_is_undecided() {
        assert_eq!(judged_on(vec![]).outcome, OutcomeKind::Undecided);
        let no_socket = vec![file("/etc/docker/daemon.json", 0o100_644, 0, 0, &[])];
        assert_eq!(judged_on(no_socket).outcome, OutcomeKind::Undecided);
    }

    #[test]
    fn a_rootless_daemon_owns_its_own_files() {
        let mut host = good();
        let config = host.config.get_or_insert_default();
        config.daemon_uid = Some(1000);
        config.permissions = vec![file("/run/user/1000/docker.sock", 0o140_660, 1000, 0, &[])];
        assert_eq!(judge(&DaemonFiles, host).outcome, OutcomeKind::Pass);
    }
}
