//! Keys of a swarm: auto-lock, the unlock key and the join tokens (CSVS 4.4, 6.4, 6.5).

use plimsoll_catalog::{OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::ClusterFacts;

use super::told::{Seen, days, docker, on_manager, place, undecided};
use crate::a5_build::{day, instant};
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const LOCK: &str = "Swarm.Cluster.Spec.EncryptionConfig.AutoLockManagers";
/// A key that was not changed for so many days is named. No standard sets a number; swarm renews its own certificates as
/// often.
const OLD_DAYS: i64 = 90;

/// A manager that restarts stays locked until somebody unlocks it.
pub(crate) struct AutoLock;

impl Check for AutoLock {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "swarm-autolock",
            use_case: None,
            title: text("Swarm auto-lock", "Swarm-Auto-Lock"),
            why: text(
                "Without auto-lock the key to the cluster's Raft log, and with it every secret of the swarm, lies readable on each manager's disk and in its backups.",
                "Ohne Auto-Lock liegt der Schlüssel zum Raft-Protokoll des Clusters, und damit zu jedem Geheimnis des Swarms, lesbar auf dem Datenträger jedes Managers und in dessen Sicherungen.",
            ),
            how: text(
                "A manager is asked for the setting AutoLockManagers of its cluster: true passes, false fails.",
                "Ein Manager wird nach der Einstellung AutoLockManagers seines Clusters gefragt: Bei „true“ ist die Prüfung bestanden, bei „false“ nicht.",
            ),
            blind_spots: text(
                "Where the unlock key is kept and who knows it. Other orchestrators than Swarm.",
                "Wo der Entsperrschlüssel verwahrt wird und wer ihn kennt. Andere Orchestratoren als Swarm.",
            ),
            remedy: text(
                "Switch auto-lock on, keep the key in a password safe apart from the managers, and rehearse the unlocking.",
                "Schalten Sie Auto-Lock ein, verwahren Sie den Schlüssel getrennt von den Managern in einem Passwortsafe, und proben Sie das Entsperren.",
            ),
            example: "docker swarm update --autolock=true",
            aliases: &[("docker-bench", "7.5")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, |seen| {
            Ok(match seen.cluster()?.auto_lock {
                Some(true) => judged(OutcomeKind::Pass, "Managers are locked when they restart.", Vec::new()),
                Some(false) => judged(
                    OutcomeKind::Fail,
                    "Managers are not locked when they restart: auto-lock is off.",
                    vec![seen.on_info(
                        LOCK,
                        Severity::Medium,
                        "Auto-lock is off: the cluster's keys lie readable on the managers' disks.",
                        &["7.5"],
                    )],
                ),
                None => undecided("The manager does not tell whether auto-lock is on.", Vec::new()),
            })
        })
    }
}

/// The tokens to join with are replaced.
pub(crate) struct JoinTokens;

impl Check for JoinTokens {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "join-tokens",
            use_case: None,
            title: text("Join tokens rotated", "Join-Tokens erneuert"),
            why: text(
                "A join token never expires: whoever once read it, in a script, a log or a chat, can add a node to the cluster and receives the secrets of the services placed there.",
                "Ein Join-Token läuft nie ab: Wer ihn je in einem Skript, Protokoll oder Chat gelesen hat, kann dem Cluster einen Knoten hinzufügen und erhält die Geheimnisse der dort platzierten Dienste.",
            ),
            how: text(
                "Swarm keeps no date for its tokens. But they cannot be younger than the last change of the cluster's settings: where that lies more than 90 days back, or the settings are as they were created, the tokens have not been rotated since, and the check fails as an indication. Otherwise it is undecided. It never passes. The tokens themselves are never read.",
                "Swarm führt kein Datum für seine Tokens. Doch können sie nicht jünger sein als die letzte Änderung der Cluster-Einstellungen: Liegt diese über 90 Tage zurück oder sind die Einstellungen seit der Anlage unverändert, wurden die Tokens seither nicht erneuert, und die Prüfung ist, als Indiz, nicht bestanden. Sonst ist sie unentschieden. Ein „bestanden“ gibt es hier nie. Die Tokens selbst werden nie gelesen.",
            ),
            blind_spots: text(
                "Swarm changes its cluster object by itself, about every twelve hours, when it renews the keys of its networks: a recent change says nothing about tokens. Who knows the tokens.",
                "Swarm ändert sein Cluster-Objekt etwa alle zwölf Stunden selbst, wenn es die Schlüssel seiner Netze erneuert: Eine kurz zurückliegende Änderung sagt nichts über die Tokens. Wer die Tokens kennt.",
            ),
            remedy: text(
                "Rotate both tokens on a schedule and whenever somebody leaves; nodes that have joined are not affected.",
                "Erneuern Sie beide Tokens nach Plan und bei jedem Weggang; bereits beigetretene Knoten sind davon nicht berührt.",
            ),
            example: "docker swarm join-token --rotate --quiet worker >/dev/null\ndocker swarm join-token --rotate --quiet manager >/dev/null",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, |seen| Ok(since_change(seen, seen.cluster()?, "join tokens")))
    }
}

/// Where managers are locked, their key is replaced.
pub(crate) struct UnlockKey;

impl Check for UnlockKey {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "unlock-key-rotation",
            use_case: None,
            title: text("Unlock key rotated", "Entsperrschlüssel erneuert"),
            why: text(
                "People type the unlock key after each restart. Whoever once knew it can open a stolen manager's disk until the key is changed.",
                "Den Entsperrschlüssel geben Menschen nach jedem Neustart ein. Wer ihn einmal kannte, kann den Datenträger eines entwendeten Managers öffnen, solange der Schlüssel nicht gewechselt ist.",
            ),
            how: text(
                "Where auto-lock is off there is no such key, and the check does not apply; whether auto-lock is needed is another requirement's question. Where it is on, the key cannot be younger than the last change of the cluster's settings: more than 90 days without any fails as an indication; otherwise it is undecided. It never passes. The key itself is never read.",
                "Ist Auto-Lock ausgeschaltet, gibt es keinen solchen Schlüssel, und die Prüfung trifft nicht zu; ob Auto-Lock nötig ist, fragt eine andere Anforderung. Ist es eingeschaltet, kann der Schlüssel nicht jünger sein als die letzte Änderung der Cluster-Einstellungen: Bei über 90 Tagen ohne Änderung ist die Prüfung, als Indiz, nicht bestanden, sonst unentschieden. Ein „bestanden“ gibt es hier nie. Der Schlüssel selbst wird nie gelesen.",
            ),
            blind_spots: text(
                "When the key was last rotated: Swarm keeps no date, and changes its cluster object by itself about every twelve hours. Who knows the key.",
                "Wann der Schlüssel zuletzt erneuert wurde: Swarm führt kein Datum und ändert sein Cluster-Objekt etwa alle zwölf Stunden selbst. Wer den Schlüssel kennt.",
            ),
            remedy: text(
                "Rotate the key on a schedule and whenever somebody who knew it leaves; keep the old one until every manager has taken the new one.",
                "Erneuern Sie den Schlüssel nach Plan und bei jedem Weggang eines Mitwissers; behalten Sie den alten, bis jeder Manager den neuen übernommen hat.",
            ),
            example: "docker swarm unlock-key --rotate",
            aliases: &[("docker-bench", "7.6")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        &[SubjectKind::Host]
    }

    fn judge(&self, facts: &Facts, _: &Settings) -> Judgement {
        on_manager(facts, |seen| {
            let cluster = seen.cluster()?;
            Ok(match cluster.auto_lock {
                Some(true) => since_change(seen, cluster, "unlock key"),
                Some(false) => judged(
                    OutcomeKind::NotApplicable,
                    "Auto-lock is off, so that there is no unlock key to rotate.",
                    vec![seen.on_info(LOCK, Severity::Info, "Auto-lock is off.", &["7.5"])],
                ),
                None => undecided("The manager does not tell whether auto-lock is on.", Vec::new()),
            })
        })
    }
}

/// What the last change of the cluster says of a key: it cannot have been rotated later.
fn since_change(seen: &Seen<'_>, cluster: &ClusterFacts, what: &str) -> Judgement {
    let (created, updated) =
        (cluster.created.as_deref().and_then(instant), cluster.updated.as_deref().and_then(instant));
    let (Some(updated), Some(now)) = (updated, seen.now) else {
        let summary = format!("Nothing tells when the {what} were last rotated; ask for the record of it.");
        return undecided(summary.replace("unlock key were", "unlock key was"), Vec::new());
    };
    let on_change = |severity, message: String| {
        let command =
            docker(seen.host, "info --format '{{json .Swarm.Cluster.CreatedAt}} {{json .Swarm.Cluster.UpdatedAt}}'");
        vec![place("Swarm.Cluster.UpdatedAt", command, severity, message, &[])]
    };
    let age = days(now - updated);
    let was = if what.ends_with('s') { "were" } else { "was" };
    if age < OLD_DAYS {
        let born = created.map(|created| format!("created on {} and ", day(created))).unwrap_or_default();
        let message =
            format!("The cluster was {born}last changed on {}, which Swarm also does by itself.", day(updated));
        let summary = format!("Nothing tells when the {what} {was} last rotated; ask for the record of it.");
        return undecided(summary, on_change(Severity::Info, message));
    }
    let have = if was == "were" { "have" } else { "has" };
    let never = created.is_some_and(|created| days(updated - created) < 1);
    let message = if never {
        format!(
            "The cluster's settings are as they were created on {}: the {what} {have} never been rotated.",
            day(updated)
        )
    } else {
        format!(
            "The cluster's settings were last changed on {}: the {what} {have} not been rotated since.",
            day(updated)
        )
    };
    let summary = format!("The {what} {have} not been rotated for {age} days or more.");
    judged(OutcomeKind::Fail, summary, on_change(Severity::Medium, message))
}
