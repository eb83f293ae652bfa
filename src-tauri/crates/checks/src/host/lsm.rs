//! `lsm-enabled` (CSVS 2.6): SELinux or AppArmor is in force, for containers and for dockerd itself.

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::{HostFacts, Product};

use super::{HOST, not_on_windows, of_host, open, said, show};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Mandatory access control is in force.
pub(crate) struct LsmEnabled;

impl Check for LsmEnabled {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "lsm-enabled",
            use_case: None,
            title: text("SELinux or AppArmor in force", "SELinux oder AppArmor wirksam"),
            why: text(
                "Mandatory access control bounds what root may do. It is the wall that stays when a container breaks out, or when dockerd itself is taken over.",
                "Verbindliche Zugriffskontrolle begrenzt auch Root. Sie ist die Schranke, die bleibt, wenn ein Container ausbricht oder dockerd selbst übernommen wird.",
            ),
            how: text(
                "The engine lists SELinux or AppArmor among its security options when it confines containers with it; without either the check fails. For dockerd itself the label of its process is read on the machine: unconfined, or a profile that only complains, fails. Where that label is not known the check stays undecided.",
                "Die Engine führt SELinux oder AppArmor unter ihren Sicherheitsoptionen auf, wenn sie Container damit einschränkt; ohne beides ist die Prüfung nicht bestanden. Für dockerd selbst wird auf der Maschine das Label seines Prozesses gelesen: Läuft er uneingeschränkt oder unter einem nur protokollierenden Profil, ist die Prüfung nicht bestanden. Ist das Label nicht bekannt, bleibt die Prüfung unentschieden.",
            ),
            blind_spots: text(
                "Whether SELinux enforces or is permissive. How strict the profile is. Containers that take themselves out of it, which checks on containers look for.",
                "Ob SELinux erzwingt oder nur protokolliert. Wie streng das Profil ist. Container, die sich davon ausnehmen; danach suchen die Prüfungen der Container.",
            ),
            remedy: text(
                "Enable SELinux (selinux-enabled in daemon.json) or AppArmor on every node, and run dockerd under a domain or profile of its own.",
                "Schalten Sie auf jedem Knoten SELinux (selinux-enabled in daemon.json) oder AppArmor ein und betreiben Sie dockerd in einer eigenen Domäne oder unter einem eigenen Profil.",
            ),
            example: "docker info --format '{{json .SecurityOptions}}'\n[\"name=selinux\",\"name=seccomp,profile=builtin\"]",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        HOST
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        of_host(facts, lsm)
    }
}

/// Whether a label of a process confines it; none when it cannot be told.
fn confined(label: &str) -> Option<bool> {
    let label = label.trim_end_matches(['\0', '\n', ' ']);
    if label.is_empty() {
        return None;
    }
    if label.split(':').count() >= 3 {
        // user:role:type[:level]; what runs in the domain of its starter was never confined by itself.
        let domain = label.split(':').nth(2).unwrap_or_default();
        return Some(!domain.starts_with("unconfined") && !matches!(domain, "init_t" | "kernel_t" | "initrc_t"));
    }
    Some(label != "unconfined" && !label.ends_with("(complain)") && !label.ends_with("(unconfined)"))
}

fn lsm(host: &HostFacts) -> Judgement {
    if let Some(judgement) = not_on_windows(host, "neither SELinux nor AppArmor") {
        return judgement;
    }
    let Some(options) = &host.daemon.security_options else {
        return open("The engine does not tell its security options; ask for the output of docker info.");
    };
    let on = |name: &str| options.iter().any(|option| option.name == name);
    let system = if on("selinux") {
        "SELinux"
    } else if on("apparmor") {
        "AppArmor"
    } else {
        let listed: Vec<String> = options.iter().map(|option| said(&option.name)).collect();
        let (outcome, severity, summary) = if on("rootless") {
            (
                OutcomeKind::Undecided,
                Severity::Medium,
                "The engine runs without root and cannot put containers under AppArmor; ask what confines it on the host.",
            )
        } else {
            (OutcomeKind::Fail, Severity::High, "Neither SELinux nor AppArmor confines containers of this engine.")
        };
        let message = format!(
            "Security options are {}: neither selinux nor apparmor is among them.",
            if listed.is_empty() { "empty".to_owned() } else { super::some_of(&listed) }
        );
        return judged(outcome, summary, vec![show::on_info(host, "SecurityOptions", severity, message, &[])]);
    };
    let mut observations =
        vec![show::on_info(host, "SecurityOptions", Severity::Info, format!("{system} confines containers."), &[])];
    if host.engine.product == Product::Podman {
        let summary = format!("{system} confines containers; Podman has no daemon that must be confined beside them.");
        return judged(OutcomeKind::Pass, summary, observations);
    }
    let label = host.config.as_ref().and_then(|config| config.daemon_label.as_deref());
    let (outcome, summary) = match label.map(|label| (said(label), confined(label))) {
        Some((shown, Some(true))) => {
            (OutcomeKind::Pass, format!("{system} confines containers, and dockerd runs as {shown}."))
        }
        Some((shown, Some(false))) => {
            let message = format!("dockerd itself runs as {shown}: {system} does not confine it.");
            let command = "cat /proc/\"$(pidof dockerd)\"/attr/current";
            observations.push(show::on_machine("/proc/PID/attr/current", command, Severity::Medium, message, &[]));
            (OutcomeKind::Fail, format!("{system} confines containers, but dockerd itself runs as {shown}."))
        }
        Some((_, None)) | None => (
            OutcomeKind::Undecided,
            format!(
                "{system} confines containers; under which label dockerd itself runs is not known. Collect on the machine, or ask for ps -Z -C dockerd."
            ),
        ),
    };
    observations.sort_by_key(|observation| observation.severity);
    judged(outcome, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::super::fixtures::{good, judge, options};
    use super::*;

    fn outcome(names: Option<&[&str]>, label: Option<&str>) -> OutcomeKind {
        let mut host = good();
        host.daemon.security_options = names.map(options);
        host.config.get_or_insert_default().daemon_label = label.map(Into::into);
        judge(&LsmEnabled, host).outcome
    }

    #[test]
    fn both_the_engine_and_its_process_count() {
        let selinux = "system_u:system_r:container_runtime_t:s0";
        assert_eq!(outcome(Some(&["selinux", "seccomp"]), Some(selinux)), OutcomeKind::Pass);
        assert_eq!(outcome(Some(&["apparmor"]), Some("dockerd (enforce)\n")), OutcomeKind::Pass);
        for label in ["unconfined", "dockerd (complain)", "system_u:system_r:unconfined_service_t:s0"] {
            assert_eq!(outcome(Some(&["apparmor"]), Some(label)), OutcomeKind::Fail, "{label}");
        }
        assert_eq!(outcome(Some(&["seccomp"]), Some(selinux)), OutcomeKind::Fail);
        assert_eq!(outcome(Some(&[]), None), OutcomeKind::Fail);
    }

    #[test]
    fn what_is_not_told_is_undecided() {
        assert_eq!(outcome(None, Some("dockerd (enforce)")), OutcomeKind::Undecided);
        assert_eq!(outcome(Some(&["apparmor"]), None), OutcomeKind::Undecided);
        assert_eq!(outcome(Some(&["apparmor"]), Some("")), OutcomeKind::Undecided);
        assert_eq!(outcome(Some(&["rootless", "seccomp"]), None), OutcomeKind::Undecided);
    }
}
