//! D2, superfluous permissions removed (CSVS 3.10, CIS 4.8): no file of the image gives whoever runs it further rights.

use std::collections::{BTreeMap, HashMap};

use plimsoll_catalog::{Observation, OutcomeKind, Severity, UseCaseId};
use plimsoll_image::{FileFact, ImageFacts, Kind};

use crate::access::Runner;
use crate::capability::FileCapabilities;
use crate::d2_dockerfile::{self, Read};
use crate::d2_known::purpose;
use crate::facts::DockerfileFacts;
use crate::layers::{layer_name, on_entry, on_image, package_of, show_find};
use crate::observe::{count, judged, on_lines};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ID: &str = "permissions-removed";
const ALIASES: [&str; 3] = ["CIS-DI-0008", "4.8", "CIS 4.8"];
/// How many files are named.
const NAMED: usize = 40;
/// How many removed ones are named.
const REMOVED: usize = 12;

/// No set-user-ID or set-group-ID file and no file capability is left.
pub(crate) struct Removed;

impl Check for Removed {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::D2),
            title: text("No files that give further rights", "Keine Dateien, die weitere Rechte verleihen"),
            why: text(
                "A set-uid program runs with its owner's rights, whoever starts it: one flaw in one of them, and an attacker in the container is root there. A service hardly ever needs one.",
                "Ein Set-UID-Programm läuft mit den Rechten seines Eigentümers, wer immer es startet: Ein Fehler in einem davon, und ein Angreifer im Container ist dort Root. Ein Dienst braucht fast nie eines.",
            ),
            how: text(
                "Every file of the merged tree with set-uid or set-gid bits or with capabilities (security.capability, decoded) that the run-time user may execute makes the check fail; nothing left passes. Programs that a distribution is known to install that way weigh medium and are named with what they need the rights for; those elsewhere or of no package, and capabilities that make a process as good as root, weigh high. Files that the run-time user may not execute, set-gid without the group's execute bit and set-gid folders do not count. What a later layer removed is named: the lower layer keeps the bits, which does no harm, since a container sees the merged tree only. A Dockerfile alone fails when it sets such bits, installs sudo or runs a step with --security=insecure; set-gid on a path that it shows to be a folder is noted only; it never passes, since its base is not known.",
                "Jede Datei des zusammengeführten Dateibaums mit Set-UID- oder Set-GID-Bit oder mit Capabilities (security.capability, entschlüsselt), die der Laufzeitbenutzer ausführen darf, lässt die Prüfung scheitern; ist keine übrig, ist sie bestanden. Programme, die eine Distribution bekanntermaßen so installiert, wiegen mittel und werden mit ihrem Zweck genannt; solche an anderem Ort oder ohne Paket und Capabilities, die einen Prozess praktisch zu Root machen, wiegen schwer. Dateien, die der Laufzeitbenutzer nicht ausführen darf, Set-GID ohne Ausführungsrecht der Gruppe und Set-GID-Ordner zählen nicht. Was eine spätere Schicht entfernt hat, wird genannt: Die untere Schicht behält die Bits, was unschädlich ist, denn ein Container sieht nur den zusammengeführten Dateibaum. Ein Dockerfile allein scheitert, wenn es solche Bits setzt, sudo installiert oder einen Schritt mit --security=insecure ausführt; Set-GID auf einem Pfad, den es als Ordner zeigt, wird nur vermerkt; es besteht nie, da seine Basis nicht bekannt ist.",
            ),
            blind_spots: text(
                "Whether the host takes the effect away with no-new-privileges or dropped capabilities: that is a setting of the container. Volumes that are mounted at run time. Whether the service needs one of the programs: the profile can allow it with a reason.",
                "Ob der Host die Wirkung durch no-new-privileges oder entzogene Capabilities aufhebt: Das ist eine Einstellung des Containers. Volumes, die zur Laufzeit eingehängt werden. Ob der Dienst eines der Programme braucht: Das Profil kann es mit Begründung erlauben.",
            ),
            remedy: text(
                "Take the bits from all files in the last RUN as root, or remove the packages; run containers with no-new-privileges and without capabilities.",
                "Nehmen Sie allen Dateien die Bits im letzten RUN als Root, oder entfernen Sie die Pakete; starten Sie Container mit no-new-privileges und ohne Capabilities.",
            ),
            example: "RUN find / -xdev -type f -perm /6000 -exec chmod a-s {} +\nUSER 10001",
            aliases: &[
                ("dockle", "CIS-DI-0008"),
                ("cis-docker", "4.8"),
                ("docker-bench", "4.8"),
                ("hadolint", "DL3004"),
                ("trivy", "DS-0010"),
                ("checkov", "CKV2_DOCKER_1"),
            ],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.2", "3.3", "3.5", "3.10", "12.1"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(image), file, _) => in_image(facts, image, file.as_ref(), settings),
            (None, Some(file), _) => in_file(file),
            (None, None, Some(_)) => judged(
                OutcomeKind::NotApplicable,
                "A Compose file holds no files of an image; look at the images of its services.",
                Vec::new(),
            ),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

/// Names of users and groups by number.
struct Names<'a> {
    users: HashMap<u64, &'a str>,
    groups: HashMap<u64, &'a str>,
}

fn name(names: &HashMap<u64, &str>, id: u64) -> String {
    names.get(&id).map_or_else(|| if id == 0 { "root".to_owned() } else { id.to_string() }, |name| (*name).to_owned())
}

/// What a file gives to whoever runs it.
struct Gift {
    /// "set-uid root", "cap_net_raw=ep".
    what: String,
    /// It makes a process as good as root in a way that a distribution would not.
    dangerous: bool,
    /// Why it has no effect.
    idle: Option<&'static str>,
    /// More to say.
    note: Option<String>,
}

fn gift(names: &Names<'_>, runner: &Runner, file: &FileFact) -> Gift {
    let mut parts = Vec::new();
    let mut note = None;
    let mut dangerous = false;
    let mut effect = false;
    if file.mode & 0o4000 != 0 {
        effect |= file.mode & 0o111 != 0;
        parts.push(format!("set-uid {}", name(&names.users, file.uid)));
    }
    if file.mode & 0o2000 != 0 {
        // Without the group's execute bit it once meant mandatory locking.
        effect |= file.mode & 0o010 != 0;
        parts.push(format!("set-gid {}", name(&names.groups, file.gid)));
    }
    if let Some(hex) = &file.capabilities {
        match FileCapabilities::read(hex) {
            Some(capabilities) => {
                effect |= capabilities.permitted != 0;
                dangerous |= !capabilities.dangerous().is_empty();
                parts.push(capabilities.text());
                let beyond = capabilities.beyond_docker();
                if !beyond.is_empty() {
                    note = Some(format!("Docker gives a container {} only on request", beyond.join(", ")));
                }
                if let Some(root) = capabilities.root {
                    note = Some(format!("it counts only in the user namespace whose root is uid {root}"));
                }
            }
            None => {
                effect = true;
                dangerous = true;
                parts.push("capabilities that cannot be read".to_owned());
            }
        }
    }
    let idle = if !effect {
        Some("nobody gains anything from it as its mode stands")
    } else if !runner.executes(file.mode, file.uid, file.gid) {
        Some("the run-time user may not execute it")
    } else {
        None
    };
    Gift { what: parts.join(", "), dangerous, idle, note }
}

fn in_image(facts: &Facts, image: &ImageFacts, file: Option<&DockerfileFacts>, settings: &Settings) -> Judgement {
    if image.platform.os == "windows" {
        let summary = "Windows has neither set-uid bits nor file capabilities.";
        return judged(OutcomeKind::NotApplicable, summary, Vec::new());
    }
    let runner = Runner::of(image);
    // The first line of a number counts.
    let users = image.accounts.users.iter().flatten().rev().map(|user| (user.uid, user.name.as_str()));
    let groups = image.accounts.groups.iter().flatten().rev().map(|group| (group.gid, group.name.as_str()));
    let names = Names { users: users.collect(), groups: groups.collect() };
    let mut observations = Vec::new();
    let (mut faults, mut unusual, mut allowed) = (0, 0, 0);
    for file in image.set_id_files.iter().filter(|file| file.kind != Kind::Directory) {
        let gift = gift(&names, &runner, file);
        let found = facts.tree.as_ref().and_then(|tree| tree.get(&file.path));
        let package =
            found.and_then(|found| package_of(image, found.entry).or_else(|| package_of(image, found.content)));
        // Where no database says who owns what, the place and the name have to do.
        let owners_known = found.is_some() && !image.inventory.packages.is_empty();
        let purpose = purpose(&file.path).filter(|_| package.is_some() || !owners_known);
        let owner = match (package, owners_known) {
            (Some(package), _) => format!(" of package {}", package.name),
            (None, true) => " of no package".to_owned(),
            (None, false) => String::new(),
        };
        let mut message = format!("{}{owner} is {}", file.path, gift.what);
        if gift.what.starts_with("cap_") {
            message = format!("{}{owner} has {}", file.path, gift.what);
        }
        if let Some(purpose) = purpose {
            message.push_str(&format!(" {purpose}"));
        }
        message.push_str(&format!(", mode {:04o}, from {}", file.mode, layer_name(image, &file.layer)));
        if let Some(note) = &gift.note {
            message.push_str(&format!("; {note}"));
        }
        let allowance = settings.allowed(ID, &file.path);
        let severity = match (allowance, gift.idle) {
            (Some(allowance), _) => {
                allowed += 1;
                message.push_str(&format!("; the profile allows it: {}", allowance.reason.trim_end_matches('.')));
                Severity::Info
            }
            (None, Some(idle)) => {
                message.push_str(&format!("; {idle}"));
                Severity::Low
            }
            (None, None) => {
                faults += 1;
                if purpose.is_none() || gift.dangerous {
                    unusual += 1;
                    Severity::High
                } else {
                    Severity::Medium
                }
            }
        };
        message.push('.');
        observations.push(on_entry(facts, (&file.layer, &file.path), severity, message, &ALIASES));
    }
    observations.sort_by_key(|observation| observation.severity);
    let more = observations.len().saturating_sub(NAMED);
    let worst = observations.get(NAMED).map(|observation| observation.severity);
    observations.truncate(NAMED);
    if let Some(severity) = worst {
        let message =
            format!("{} with set-uid, set-gid or capabilities.", count(more, "further file", "further files"));
        let show = show_find(facts, "/ -xdev -type f -perm /6000 -ls");
        observations.push(on_image(severity, message, Some(show)));
    }
    if faults > 0 && runner.is_root() {
        let message = "The image runs as root, to whom such files give nothing more; they count for every other user that it is run as.";
        observations.push(on_image(Severity::Info, message, None));
    }
    removed(facts, image, &mut observations);
    if let Some(file) = file {
        compared(file, faults, &mut observations);
    }
    if faults > 0 {
        let unusual = match unusual {
            0 => "all of them usual ones of the distribution".to_owned(),
            number => format!("{number} of them unusual or dangerous"),
        };
        let summary = format!(
            "{} further rights to whoever runs {}, {unusual}.",
            count(faults, "file gives", "files give"),
            if faults == 1 { "it" } else { "them" }
        );
        return judged(OutcomeKind::Fail, summary, observations);
    }
    let summary = if allowed > 0 {
        format!("No file gives further rights but {} that the profile allows.", count(allowed, "file", "files"))
    } else {
        "No file of the image gives whoever runs it further rights.".to_owned()
    };
    if observations.is_empty() {
        let show = show_find(facts, "/ -xdev -type f -perm /6000 -ls");
        let message = "No set-uid or set-gid file and no file capability is in the merged tree.";
        observations.push(on_image(Severity::Info, message, Some(show)));
    }
    judged(OutcomeKind::Pass, summary, observations)
}

/// What later layers took away.
fn removed(facts: &Facts, image: &ImageFacts, observations: &mut Vec<Observation>) {
    let mut by_layer: BTreeMap<(usize, bool), Vec<&FileFact>> = BTreeMap::new();
    for removed in &image.set_id_removed {
        let layer = image.layers.iter().position(|layer| layer.diff_id == removed.by).unwrap_or(usize::MAX);
        by_layer.entry((layer, removed.mode_now.is_none())).or_default().push(&removed.before);
    }
    for ((layer, deleted), files) in by_layer {
        let name = image.layers.get(layer).map_or_else(
            || "A later layer".to_owned(),
            |layer| {
                let name = layer_name(image, &layer.diff_id);
                name.strip_prefix("layer").map_or(name.clone(), |rest| format!("Layer{rest}"))
            },
        );
        let mut paths: Vec<&str> = files.iter().map(|file| file.path.as_str()).collect();
        paths.sort_unstable();
        let more = paths.len().saturating_sub(REMOVED);
        paths.truncate(REMOVED);
        let more = if more > 0 { format!(" and {}", count(more, "other", "others")) } else { String::new() };
        let act = if deleted { "deletes" } else { "takes the set-uid and set-gid bits or capabilities from" };
        let message = format!(
            "{name} {act} {}: {}{more}. The layer below still records them, which does no harm: a container sees the merged tree only.",
            count(
                files.len(),
                if deleted { "file that had them" } else { "file" },
                if deleted { "files that had them" } else { "files" }
            ),
            paths.join(", ")
        );
        let Some(first) = files.first() else { continue };
        observations.push(on_entry(facts, (&first.layer, &first.path), Severity::Info, message, &[]));
    }
}

/// What the Dockerfile beside the image says.
fn compared(file: &DockerfileFacts, faults: usize, observations: &mut Vec<Observation>) {
    let read = d2_dockerfile::permissions(file);
    if let Some(lines) = read.strips {
        let (severity, message) = if faults > 0 {
            (
                Severity::Medium,
                "The Dockerfile strips set-uid and set-gid bits here, yet the image has such files: they came later, the command missed them, or the image was built from another file.",
            )
        } else {
            (Severity::Info, "The Dockerfile strips set-uid and set-gid bits here, and the image shows it.")
        };
        observations.push(on_lines(file, lines, severity, message, &[]));
    }
    observations.extend(read.observations.into_iter().map(|observation| Observation {
        // The image's own files decide; the lines say where they come from.
        severity: Severity::Info,
        ..observation
    }));
}

fn in_file(file: &DockerfileFacts) -> Judgement {
    if file.parsed.final_stage().is_none() {
        return judged(OutcomeKind::Error, "The Dockerfile has no stage.", Vec::new());
    }
    let Read { mut observations, faults, strips } = d2_dockerfile::permissions(file);
    if let Some(lines) = strips {
        let message = "Here set-uid and set-gid bits are taken from what the image holds so far.";
        observations.push(on_lines(file, lines, Severity::Info, message, &[]));
    }
    if faults > 0 {
        let summary = format!("The Dockerfile gives further rights in {}.", count(faults, "place", "places"));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    let summary = if strips.is_some() {
        "The Dockerfile strips set-uid and set-gid bits; whether that reaches all files, only the image shows. Ask for it."
    } else {
        "The Dockerfile sets no such bits, but does not strip those that its base brings either; ask for the image."
    };
    judged(OutcomeKind::Undecided, summary, observations)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Allowance;
    use crate::facts::tests::{compose, dockerfile, image};
    use crate::layers::tests::{With, entry, package, tree_image};
    use plimsoll_image::{Entry, SetIdRemoved};

    const PING: &str = "0100000200200000000000000000000000000000";
    const ADMIN: &str = "0100000200002000000000000000000000000000";

    fn run(facts: &Facts) -> Judgement {
        Removed.judge(facts, &Settings::default())
    }

    fn with(file: Entry) -> Facts {
        let mut facts = tree_image(vec![("RUN a", vec![file], &[])]);
        facts.image.as_mut().unwrap().config.user = "1000".into();
        facts
    }

    #[test]
    fn any_file_that_gives_rights_fails_and_unusual_ones_weigh_more() {
        for (file, severity) in [
            (entry("/usr/bin/passwd").mode(0o4755), Severity::Medium),
            (entry("/usr/sbin/unix_chkpwd").owner(0, 42).mode(0o2755), Severity::Medium),
            (entry("/usr/bin/ping").mode(0o755).capability(PING), Severity::Medium),
            (entry("/usr/local/bin/passwd").mode(0o4755), Severity::High),
            (entry("/app/tool").mode(0o6755), Severity::High),
            (entry("/usr/bin/ping").mode(0o755).capability(ADMIN), Severity::High),
            (entry("/usr/bin/ping").mode(0o755).capability("00"), Severity::High),
            (entry("/app/tool").owner(0, 0).mode(0o4750), Severity::High),
        ] {
            let judgement = run(&with(file.clone()));
            assert_eq!(judgement.outcome, OutcomeKind::Fail, "{}", file.path);
            assert_eq!(judgement.observations[0].severity, severity, "{judgement:?}");
            assert!(judgement.observations[0].aliases.contains(&"CIS-DI-0008".to_owned()));
        }
    }

    #[test]
    fn what_gives_nothing_passes() {
        for file in [
            entry("/usr/bin/passwd").mode(0o755),
            entry("/var/mail/").owner(0, 8).mode(0o2775),
            entry("/usr/bin/x").mode(0o4750).owner(0, 4),
            entry("/usr/bin/x").mode(0o2744),
            entry("/tmp/").mode(0o1777),
            // Inheritable only.
            entry("/usr/bin/x").mode(0o755).capability("0000000200000000002000000000000000000000"),
        ] {
            let judgement = run(&with(file.clone()));
            assert_eq!(judgement.outcome, OutcomeKind::Pass, "{} {judgement:?}", file.path);
        }
        assert_eq!(run(&compose("services:\n  a:\n    image: x\n")).outcome, OutcomeKind::NotApplicable);
        let mut facts = image();
        facts.image.as_mut().unwrap().platform.os = "windows".into();
        assert_eq!(run(&facts).outcome, OutcomeKind::NotApplicable);
    }

    #[test]
    fn the_package_is_named_and_a_file_of_none_weighs_more() {
        let mut facts = tree_image(vec![(
            "ADD rootfs.tar / # buildkit",
            vec![entry("/usr/bin/passwd").mode(0o4755).package(0), entry("/usr/bin/su").mode(0o4755)],
            &[],
        )]);
        facts.image.as_mut().unwrap().inventory.packages = vec![package("passwd")];
        let judgement = run(&facts);
        let messages: Vec<&str> = judgement.observations.iter().map(|o| o.message.as_str()).collect();
        assert_eq!(
            messages[..2],
            [
                "/usr/bin/su of no package is set-uid root, mode 4755, from layer 1 (ADD rootfs.tar /).",
                "/usr/bin/passwd of package passwd is set-uid root to change passwords, mode 4755, from layer 1 (ADD rootfs.tar /).",
            ]
        );
        assert!(messages[2].contains("runs as root"));
        assert_eq!(
            judgement.summary,
            "2 files give further rights to whoever runs them, 1 of them unusual or dangerous."
        );
    }

    #[test]
    fn what_a_later_layer_removed_is_said() {
        let mut facts = tree_image(vec![
            ("ADD rootfs.tar /", vec![entry("/usr/bin/passwd").mode(0o4755)], &[]),
            ("RUN chmod a-s /usr/bin/passwd", vec![entry("/usr/bin/passwd").mode(0o755)], &[]),
        ]);
        let before = facts.tree.as_ref().unwrap().get("/usr/bin/passwd").unwrap().fact();
        let before = FileFact { mode: 0o4755, layer: "sha256:l1".into(), ..before };
        facts.image.as_mut().unwrap().set_id_removed =
            vec![SetIdRemoved { before, by: "sha256:l2".into(), mode_now: Some(0o755) }];
        let judgement = run(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert_eq!(
            judgement.observations[0].message,
            "Layer 2 (RUN chmod a-s /usr/bin/passwd) takes the set-uid and set-gid bits or capabilities from one file: /usr/bin/passwd. The layer below still records them, which does no harm: a container sees the merged tree only."
        );
    }

    #[test]
    fn the_profile_may_allow_a_file_and_the_list_is_bounded() {
        let allowance = Allowance { check: ID.into(), what: "/usr/bin/ping".into(), reason: "monitoring".into() };
        let settings = Settings { allowances: vec![allowance], ..Settings::default() };
        let judgement = Removed.judge(&with(entry("/usr/bin/ping").mode(0o4755)), &settings);
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        let files = (0..100).map(|n| entry(&format!("/x{n}")).mode(0o4755)).collect();
        let judgement = run(&tree_image(vec![("RUN a", files, &[])]));
        assert_eq!(judgement.observations.len(), NAMED + 2);
        assert!(judgement.observations[NAMED].message.contains("60 further files"));
    }

    #[test]
    fn a_dockerfile_alone_never_passes() {
        assert_eq!(run(&dockerfile("FROM a\n")).outcome, OutcomeKind::Undecided);
        assert_eq!(run(&dockerfile("FROM a\nCOPY --chmod=4755 x /x\n")).outcome, OutcomeKind::Fail);
        assert_eq!(run(&dockerfile("RUN x\n")).outcome, OutcomeKind::Error);
    }
}
