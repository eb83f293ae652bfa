//! CSVS 2.6, 3.4, 3.5 and 12.1: what shields the kernel from a container, and its processes from gaining further rights.

use plimsoll_catalog::{Severity, SubjectKind, UseCaseId};

use super::ask::{Answer, Ask, CONTAINER, Notes};
use super::view::{Listed, Said, Spot, Workload};
use crate::{CheckInfo, Settings, text};

/// A seccomp profile of its own.
pub(crate) struct Seccomp;
/// AppArmor or SELinux confines the container.
pub(crate) struct Lsm;
/// Nothing gains further rights.
pub(crate) struct NoNewPrivileges;
/// The kernel's own files stay covered.
pub(crate) struct Shields;

/// The value of an option, `name=value` or the older `name:value`, with its place.
fn option<'a>(options: &'a Listed<String>, name: &str) -> Option<(&'a str, &'a Spot)> {
    // The last one counts.
    options.items.iter().rev().find_map(|(option, spot)| {
        let rest = option.trim().strip_prefix(name)?;
        match rest.strip_prefix(['=', ':']) {
            Some(value) => Some((value.trim(), spot)),
            None => rest.is_empty().then_some(("", spot)),
        }
    })
}

impl Ask for Seccomp {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "seccomp-profile",
            use_case: None,
            title: text("A seccomp profile of its own", "Ein eigenes Seccomp-Profil"),
            why: text(
                "Every system call that a container may make is a way into the kernel that all containers share. Docker's general profile blocks some dozens; a service needs far fewer than it leaves.",
                "Jeder Systemaufruf, den ein Container machen darf, ist ein Weg in den Kernel, den sich alle Container teilen. Dockers allgemeines Profil sperrt einige Dutzend; ein Dienst braucht weit weniger, als es übrig lässt.",
            ),
            how: text(
                "The security options are read. seccomp=unconfined and a privileged container fail, since no system call is filtered there. Where the engine's own profile is in force, the check fails with little weight: CSVS 3.4 asks for a profile made for the container. A named profile passes, as an indication. Where nothing is set and the engine does not tell which profile it uses, or has a custom one for all, a person decides. A Compose file without the option leaves it to the daemon: undecided.",
                "Gelesen werden die Sicherheitsoptionen. seccomp=unconfined und ein privilegierter Container fallen durch, denn dort wird kein Systemaufruf gefiltert. Gilt das eigene Profil der Engine, fällt die Prüfung mit geringem Gewicht durch: CSVS 3.4 verlangt ein für den Container erstelltes Profil. Ein benanntes Profil besteht, als Indiz. Ist nichts gesetzt und nennt die Engine ihr Profil nicht oder hat sie ein eigenes für alle, entscheidet ein Mensch. Eine Compose-Datei ohne diese Option überlässt es dem Daemon: unentschieden.",
            ),
            blind_spots: text(
                "What the profile permits: whether it is cut to the service's needs is for a person to read.",
                "Was das Profil erlaubt: Ob es auf den Bedarf des Dienstes zugeschnitten ist, muss ein Mensch lesen.",
            ),
            remedy: text(
                "Record the system calls of the service in a test, write a profile that permits just these, and name it.",
                "Zeichnen Sie die Systemaufrufe des Dienstes in einem Test auf, schreiben Sie ein Profil, das nur diese erlaubt, und geben Sie es an.",
            ),
            example: "docker run --security-opt seccomp=web.json IMAGE\n\nservices:\n  web:\n    security_opt: [\"seccomp=web.json\"]",
            aliases: &[("cis-docker", "5.22"), ("docker-bench", "5.22")],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let options = it.security_opt();
        let set = option(&options, "seccomp");
        let spot = set.map_or(&options.spot, |(_, spot)| spot);
        let privileged = it.privileged();
        if privileged.said == Said::Is(true) && set.is_none_or(|(profile, _)| profile == "unconfined") {
            let message = format!("{name} is privileged: no seccomp profile is in force.");
            notes.fault(&privileged.spot, Severity::High, message);
        }
        match set.map(|(profile, _)| profile) {
            Some("unconfined") => {
                let message = format!("{name} may make every system call: seccomp is unconfined.");
                notes.fault(spot, Severity::Critical, message);
            }
            Some("builtin" | "default") => default_in_force(&name, spot, &mut notes),
            Some("") => notes.untold(it, spot, "the seccomp profile", "the option names none"),
            Some(profile) => {
                let profile: String = profile.chars().take(80).collect();
                notes.note(spot, Severity::Info, format!("{name} names the seccomp profile {profile}."));
            }
            None => unset(it, &options, &mut notes),
        }
        notes.answer(spot, format!("{name} has a seccomp profile of its own."))
    }
}

fn default_in_force(name: &str, spot: &Spot, notes: &mut Notes) {
    let message = format!("{name} names no seccomp profile of its own: the engine's general one is in force.");
    notes.fault(spot, Severity::Low, message);
}

/// No profile is named: what the engine does then.
fn unset(it: Workload<'_>, options: &Listed<String>, notes: &mut Notes) {
    let name = it.it();
    let spot = &options.spot;
    if !options.gaps.is_empty() {
        notes.gaps(it, "the seccomp profile", options);
        return;
    }
    let Some(facts) = it.container() else {
        let message =
            format!("{name} names no seccomp profile: the daemon's default applies, which the file does not tell.");
        notes.doubt(spot, Severity::Low, message);
        return;
    };
    let Some(engine) = &facts.at.security_options else {
        notes.untold(it, spot, "the seccomp profile", "none is named and the engine does not tell its default");
        return;
    };
    match engine.iter().find(|option| option.name == "seccomp").map(|option| option.options.get("profile")) {
        None => {
            let message = format!("{name} may make every system call: the engine has no seccomp.");
            notes.fault(spot, Severity::Critical, message);
        }
        Some(Some(profile)) if profile == "unconfined" => {
            let message = format!("{name} may make every system call: the engine's default for seccomp is unconfined.");
            notes.fault(spot, Severity::Critical, message);
        }
        Some(Some(profile)) if profile == "default" || profile == "builtin" => default_in_force(&name, spot, notes),
        // Podman names the file of its general profile.
        Some(Some(profile)) if profile.ends_with("/containers/seccomp.json") => default_in_force(&name, spot, notes),
        Some(Some(profile)) => {
            let message = format!("{name} runs under {profile}, which the engine applies to all its containers.");
            notes.doubt(spot, Severity::Low, message);
        }
        Some(None) => notes.untold(it, spot, "the seccomp profile", "the engine does not name its default"),
    }
}

impl Ask for Lsm {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "container-lsm",
            use_case: None,
            title: text(
                "AppArmor or SELinux confines the container",
                "AppArmor oder SELinux schränkt den Container ein",
            ),
            why: text(
                "Mandatory access control still denies what a process of the container should never touch when all other fences have failed.",
                "Verbindliche Zugriffskontrolle verweigert auch dann noch, was ein Prozess des Containers nie berühren soll, wenn alle anderen Schranken versagt haben.",
            ),
            how: text(
                "The container's AppArmor profile and SELinux label are read, and its security options. unconfined, label=disable and the SELinux type spc_t fail, and so does an engine that tells of neither system. A profile or a label in force passes, as an indication for the node.",
                "Gelesen werden AppArmor-Profil und SELinux-Label des Containers sowie seine Sicherheitsoptionen. unconfined, label=disable und der SELinux-Typ spc_t fallen durch, ebenso eine Engine, die keines der beiden Systeme meldet. Ein geltendes Profil oder Label besteht, als Indiz für den Knoten.",
            ),
            blind_spots: text(
                "What the profile or policy permits, and whether it is in enforcing mode.",
                "Was das Profil oder die Richtlinie erlaubt und ob sie erzwungen oder nur protokolliert wird.",
            ),
            remedy: text(
                "Leave the engine's own profile in force, or name a stricter one; never unconfined.",
                "Lassen Sie das Profil der Engine in Kraft, oder geben Sie ein strengeres an; nie unconfined.",
            ),
            example: "docker run --security-opt apparmor=docker-default IMAGE",
            aliases: &[("cis-docker", "5.2"), ("cis-docker", "5.3"), ("docker-bench", "5.2"), ("docker-bench", "5.3")],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        CONTAINER
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let options = it.security_opt();
        let Some(facts) = it.container() else {
            return notes.not_asked(&options.spot, "Only a container shows this.");
        };
        let at = |field| Workload::field(facts, field);
        let (profile, label) = (at("AppArmorProfile"), at("ProcessLabel"));
        switched_off(it, &options, &mut notes);
        match facts.apparmor.as_deref() {
            Some("unconfined") if option(&options, "apparmor").is_none() => {
                let message = format!("{name} is not confined by AppArmor: its profile is unconfined.");
                notes.fault(&profile, Severity::High, message);
            }
            Some("unconfined" | "") | None => {}
            Some(held) => {
                notes.note(&profile, Severity::Info, format!("{name} is confined by the AppArmor profile {held}."))
            }
        }
        let labelled = facts.process_label.as_deref().filter(|label| !label.is_empty());
        match labelled {
            Some(held) if held.contains(":spc_t:") => {
                let message = format!("{name} is not confined by SELinux: it runs as spc_t.");
                notes.fault(&label, Severity::High, message);
            }
            Some(held) => notes.note(&label, Severity::Info, format!("{name} is confined by SELinux as {held}.")),
            None => {}
        }
        let held =
            facts.apparmor.as_deref().is_some_and(|it| !it.is_empty() && it != "unconfined") || labelled.is_some();
        if !held {
            match &facts.at.security_options {
                None => {
                    notes.untold(it, &profile, "AppArmor or SELinux", "the engine does not say whether it uses them")
                }
                Some(options) if !options.iter().any(|o| o.name == "apparmor" || o.name == "selinux") => {
                    let message =
                        format!("{name} is confined by neither AppArmor nor SELinux: the engine tells of neither.");
                    notes.fault(&profile, Severity::Medium, message);
                }
                Some(_) => notes.untold(
                    it,
                    &profile,
                    "the profile or label in force",
                    "the engine names none, as for containers that never ran",
                ),
            }
        }
        notes.answer(&profile, format!("{name} is confined by AppArmor or SELinux."))
    }
}

/// Options that switch AppArmor or SELinux off.
fn switched_off(it: Workload<'_>, options: &Listed<String>, notes: &mut Notes) {
    let name = it.it();
    for (option, spot) in &options.items {
        let plain = option.replace(':', "=").replace(' ', "");
        match plain.as_str() {
            "apparmor=unconfined" => {
                notes.fault(spot, Severity::High, format!("{name} switches AppArmor off for itself."));
            }
            "label=disable" => notes.fault(spot, Severity::High, format!("{name} switches SELinux off for itself.")),
            "label=type=spc_t" => {
                notes.fault(
                    spot,
                    Severity::High,
                    format!("{name} asks for the SELinux type spc_t, which SELinux does not confine at all."),
                );
            }
            _ => {}
        }
    }
}

impl Ask for NoNewPrivileges {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "no-new-privileges",
            use_case: Some(UseCaseId::D2),
            title: text("No new privileges", "Keine neuen Rechte"),
            why: text(
                "With no-new-privileges set-uid programs and file capabilities give no rights: whoever has broken into a service that runs as a plain user does not become root through them.",
                "Mit no-new-privileges verleihen Set-UID-Programme und Datei-Capabilities keine Rechte: Wer in einen Dienst eingebrochen ist, der als einfacher Benutzer läuft, wird durch sie nicht Root.",
            ),
            how: text(
                "The security option no-new-privileges passes, also where the daemon sets it for all containers. Its absence fails where the daemon's default is known to be off; else it is undecided, since the API of older engines does not show that default. A Compose file without the option leaves it to the daemon: undecided.",
                "Die Sicherheitsoption no-new-privileges besteht, auch wenn der Daemon sie für alle Container setzt. Ihr Fehlen fällt durch, wo bekannt ist, dass der Daemon sie nicht vorgibt; sonst bleibt es unentschieden, denn die API älterer Engines zeigt diesen Standard nicht. Eine Compose-Datei ohne die Option überlässt es dem Daemon: unentschieden.",
            ),
            blind_spots: text(
                "Whether anything in the image could give further rights at all: the check of set-uid files says so. Containers that were made before the daemon was given the setting: they do not have it.",
                "Ob überhaupt etwas im Image weitere Rechte verleihen könnte: Das sagt die Prüfung auf Set-UID-Dateien. Container, die erstellt wurden, bevor der Daemon die Vorgabe erhielt: Sie haben sie nicht.",
            ),
            remedy: text(
                "Set the option for every container, or once for all in daemon.json.",
                "Setzen Sie die Option für jeden Container oder einmal für alle in der daemon.json.",
            ),
            example: "docker run --security-opt no-new-privileges IMAGE\n\nservices:\n  web:\n    security_opt: [\"no-new-privileges:true\"]",
            aliases: &[("cis-docker", "5.26"), ("docker-bench", "5.26")],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let options = it.security_opt();
        let set = option(&options, "no-new-privileges");
        let spot = set.map_or(&options.spot, |(_, spot)| spot);
        let lacking = format!("{name} may gain further rights: no-new-privileges is not set");
        match set.map(|(value, _)| value.to_ascii_lowercase()).as_deref() {
            Some("" | "true" | "1" | "t") => {}
            Some("false" | "0" | "f") => {
                notes.fault(spot, Severity::Medium, format!("{name} switches no-new-privileges off for itself."));
            }
            Some(_) => notes.untold(it, spot, "no-new-privileges", "its value is neither true nor false"),
            None if !options.gaps.is_empty() => notes.gaps(it, "no-new-privileges", &options),
            None => match it.container().map(|facts| &facts.at) {
                None => {
                    let message = format!(
                        "{name} does not set no-new-privileges: the daemon's default applies, which the file does not tell."
                    );
                    notes.doubt(spot, Severity::Low, message);
                }
                Some(at) => {
                    let told = at.security_options.iter().flatten().any(|option| option.name == "no-new-privileges");
                    match at.no_new_privileges.or(told.then_some(true)) {
                        Some(true) => {
                            let message = format!("{name} has it from the daemon, which sets it for all containers.");
                            notes.note(spot, Severity::Info, message);
                        }
                        Some(false) => {
                            let message = format!("{lacking}, and the daemon's default is off.");
                            notes.fault(spot, Severity::Medium, message);
                        }
                        None => {
                            let message =
                                format!("{lacking} for it, and nothing tells whether the daemon sets it for all.");
                            notes.doubt(spot, Severity::Medium, message);
                        }
                    }
                }
            },
        }
        notes.answer(spot, format!("{name} cannot gain further rights: no-new-privileges is in effect."))
    }
}

impl Ask for Shields {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "masked-paths",
            use_case: Some(UseCaseId::D2),
            title: text("The kernel's own files stay covered", "Die Dateien des Kernels bleiben verdeckt"),
            why: text(
                "Docker covers the parts of /proc and /sys that let a process read the kernel's memory or change the host, and AppArmor or SELinux guards them once more. A container that lifts the cover has rights over the host.",
                "Docker verdeckt die Teile von /proc und /sys, über die ein Prozess den Speicher des Kernels lesen oder den Host verändern kann, und AppArmor oder SELinux schützt sie ein zweites Mal. Ein Container, der diese Abdeckung entfernt, hat Rechte am Host.",
            ),
            how: text(
                "The security options systempaths=unconfined and writable-cgroups=true fail, and for a container an empty list of masked or read-only paths, unless it is privileged, which has a check of its own. In a Compose file switching off AppArmor or SELinux fails here too; for a container the check on AppArmor and SELinux does that.",
                "Die Sicherheitsoptionen systempaths=unconfined und writable-cgroups=true fallen durch, beim Container auch eine leere Liste verdeckter oder schreibgeschützter Pfade, außer er ist privilegiert, wofür es eine eigene Prüfung gibt. In einer Compose-Datei fällt hier auch das Abschalten von AppArmor oder SELinux durch; beim Container übernimmt das die Prüfung zu AppArmor und SELinux.",
            ),
            blind_spots: text(
                "Whether the kernel has further files that should be covered and are not.",
                "Ob der Kernel weitere Dateien hat, die verdeckt sein müssten und es nicht sind.",
            ),
            remedy: text("Leave these options out.", "Lassen Sie diese Optionen weg."),
            example: "",
            aliases: &[],
        }
    }

    fn ask(&self, it: Workload<'_>, settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let options = it.security_opt();
        let allowed = it.allowed(settings, "masked-paths", None);
        notes.gaps(it, "whether the kernel's files stay covered", &options);
        if let Some(("unconfined", spot)) = option(&options, "systempaths") {
            let message = format!("{name} uncovers the kernel's files in /proc and /sys.");
            notes.fault_unless(allowed, spot, Severity::High, &message);
        }
        if let Some((value, spot)) = option(&options, "writable-cgroups")
            && !value.eq_ignore_ascii_case("false")
        {
            let message = format!("{name} may write to its control groups, and so lift its own limits.");
            notes.fault_unless(allowed, spot, Severity::Medium, &message);
        }
        match it.container() {
            None => switched_off(it, &options, &mut notes),
            Some(facts) if it.privileged().said != Said::Is(true) => {
                let host = &facts.host_config;
                let lists = [
                    (&host.masked_paths, "MaskedPaths", "covered"),
                    (&host.read_only_paths, "ReadonlyPaths", "read-only"),
                ];
                for (paths, field, word) in lists {
                    let spot = Workload::field(facts, &format!("HostConfig.{field}"));
                    match paths.as_deref() {
                        Some([]) if option(&options, "systempaths").is_none() => {
                            let message = format!("{name} has no path of /proc or /sys {word}.");
                            notes.fault_unless(allowed, &spot, Severity::High, &message);
                        }
                        Some(_) => {}
                        None => {
                            notes.untold(it, &spot, &format!("which paths are {word}"), "the engine does not tell it");
                        }
                    }
                }
            }
            Some(_) => {}
        }
        notes.answer(&options.spot, format!("{name} leaves the kernel's own files covered."))
    }
}

#[cfg(test)]
#[path = "confinement_tests.rs"]
mod tests;
