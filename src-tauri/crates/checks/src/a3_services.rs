//! A3, check the content of the image (CSVS 3.12): servers for remote log-on and remote management.
//!
//! How they are found stands in `services.rs`. A package alone, whose program is gone, is a hint here, while
//! `a4_remote.rs` counts it as installed.

use plimsoll_catalog::{OutcomeKind, Severity, UseCaseId};
use plimsoll_image::ImageFacts;

use crate::layers::{on_entry, on_image, show_find};
use crate::observe::{count, judged};
use crate::services::{Asker, NAMED, Seen, Signals, a, in_file, of_installed, programs, unexplained};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

const ID: &str = "image-content";
const ASKER: Asker = Asker { ids: &[ID], on_server: &[], on_port: &["CKV_DOCKER_1", "DS-0004"] };

/// The image holds no server for remote management.
pub(crate) struct Services;

impl Check for Services {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: ID,
            use_case: Some(UseCaseId::A3),
            title: text("No remote management services", "Keine Fernwartungsdienste"),
            why: text(
                "A server for remote log-on in a container is one more way in, with accounts and keys of its own that nobody maintains; whoever has to look into a container does so through the engine.",
                "Ein Server für die Fernanmeldung im Container ist ein weiterer Zugang mit eigenen Konten und Schlüsseln, die niemand pflegt; wer in einen Container sehen muss, tut das über die Engine.",
            ),
            how: text(
                "The merged tree is searched for the programs of SSH, telnet, rlogin, VNC and RDP servers and of web consoles; a file counts when its first bytes show a program or a script. One that is there fails, and weighs more when the entrypoint, the command or an exposed port speaks of it. A package whose program is gone, an applet of busybox that nothing starts, and files that a later layer deleted do not fail. An exposed log-on port without a known server is for a person to decide. A Dockerfile alone fails when its final stage installs or starts such a server; it never passes, since its base is not known.",
                "Der zusammengeführte Dateibaum wird nach den Programmen von SSH-, Telnet-, Rlogin-, VNC- und RDP-Servern und von Webkonsolen durchsucht; eine Datei zählt, wenn ihre ersten Bytes ein Programm oder ein Skript zeigen. Ist eines da, ist die Prüfung nicht bestanden; es wiegt schwerer, wenn Entrypoint, Kommando oder ein freigegebener Port darauf hinweisen. Ein Paket, dessen Programm fehlt, ein Busybox-Applet, das nichts startet, und Dateien, die eine spätere Schicht gelöscht hat, führen nicht zum Scheitern. Ein freigegebener Anmelde-Port ohne bekannten Server ist von einem Menschen zu beurteilen. Ein Dockerfile allein scheitert, wenn seine letzte Stage einen solchen Server installiert oder startet; es besteht nie, da seine Basis nicht bekannt ist.",
            ),
            blind_spots: text(
                "Servers under another name, those built into the application, and what is downloaded at run time. Whether anything starts a server that the configuration does not name: the requirement also holds where none is ever started, which a person may decide with an amendment.",
                "Server unter anderem Namen, solche, die in die Anwendung eingebaut sind, und was zur Laufzeit geladen wird. Ob etwas einen Server startet, den die Konfiguration nicht nennt: Die Anforderung ist auch erfüllt, wo nie einer gestartet wird; das kann ein Mensch als Ausnahme festhalten.",
            ),
            remedy: text(
                "Leave the server out, and use docker exec or the orchestrator's way into a container; write logs to standard output.",
                "Lassen Sie den Server weg und nutzen Sie docker exec oder den Zugang des Orchestrators; schreiben Sie Protokolle auf die Standardausgabe.",
            ),
            example: "docker exec -it CONTAINER sh",
            aliases: &[("trivy", "DS-0004"), ("checkov", "CKV_DOCKER_1")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.12"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match (&facts.image, &facts.dockerfile, &facts.compose) {
            (Some(image), _, _) => in_image(facts, image, settings),
            (None, Some(file), _) => in_file(file, settings, &ASKER),
            (None, None, Some(_)) => judged(
                OutcomeKind::NotApplicable,
                "A Compose file holds no programs; look at the images of its services.",
                Vec::new(),
            ),
            (None, None, None) => judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()),
        }
    }
}

fn in_image(facts: &Facts, image: &ImageFacts, settings: &Settings) -> Judgement {
    let signals = Signals::of(image);
    let mut seen = programs(facts, image, settings, &ASKER, &signals);
    packages_alone(facts, image, settings, &mut seen);
    unexplained(facts, &signals, &ASKER, &mut seen);
    let Seen { mut observations, faults, open, .. } = seen;
    let failed = image.inventory.sources.iter().filter(|source| source.error.is_some()).count();
    if failed > 0 {
        let message = format!(
            "{} could not be read, so what is installed is known from the file names alone.",
            count(failed, "package database", "package databases")
        );
        observations.push(on_image(Severity::Info, message, None));
    }
    if faults > 0 {
        let summary =
            format!("The image holds {}.", count(faults, "remote management service", "remote management services"));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if facts.tree.is_none() {
        let summary = "The image's file listing is not among the facts, so its programs could not be looked at; read the image again.";
        return judged(OutcomeKind::Error, summary, observations);
    }
    if open > 0 {
        let summary = "No known remote management service is in the image, but its configuration speaks of one.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if observations.is_empty() {
        let names = "\\( -name sshd -o -name dropbear -o -name 'telnetd' -o -name '*vnc*' -o -name 'xrdp*' \\)";
        let show = show_find(facts, &format!("/ -xdev -type f {names}"));
        let message =
            "Searched by name and first bytes: no server for SSH, telnet, rlogin, VNC, RDP or web administration.";
        observations.push(on_image(Severity::Info, message, Some(show)));
    }
    judged(OutcomeKind::Pass, "No remote management service is in the image.", observations)
}

/// Packages of such servers whose program was not found. Without a tree they are all there is to go by.
fn packages_alone(facts: &Facts, image: &ImageFacts, settings: &Settings, seen: &mut Seen) {
    let packages = image.inventory.packages.iter().filter_map(|package| Some((of_installed(package)?, package)));
    let alone: Vec<_> = packages.filter(|(service, _)| !seen.has(service)).take(NAMED).collect();
    for (service, package) in alone {
        let at = (package.layer.as_str(), package.location.as_str());
        let (severity, message) = if let Some(allowed) = ASKER.allowed(settings, &[&package.name]) {
            (Severity::Info, format!("Package {} ({}) is installed{allowed}", package.name, service.what))
        } else if facts.tree.is_none() {
            seen.faults += 1;
            let message = format!("Package {} {} ({}) is installed.", package.name, package.version, service.what);
            (Severity::Medium, message)
        } else {
            let message = format!(
                "Package {} {} is listed as installed, but no program of {} is in the image.",
                package.name,
                package.version,
                a(service)
            );
            (Severity::Low, message)
        };
        seen.observations.push(on_entry(facts, at, severity, message, &[]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Allowance;
    use crate::facts::tests::{compose, dockerfile, image};
    use crate::layers::tests::{With, entry, package, tree_image};
    use crate::services::base_name;
    use plimsoll_image::{Entry, Kind, Magic};

    fn run(facts: &Facts) -> Judgement {
        Services.judge(facts, &Settings::default())
    }

    fn with_file(file: Entry) -> Facts {
        tree_image(vec![("RUN apt-get install -y x", vec![file], &[])])
    }

    #[test]
    fn a_server_in_the_tree_fails_and_one_that_is_started_weighs_more() {
        for path in
            ["/usr/sbin/sshd", "/usr/sbin/dropbear", "/usr/bin/x11vnc", "/usr/sbin/xrdp", "/opt/x/ttyd", "/app/sshd"]
        {
            let mut facts = with_file(entry(path).magic(Magic::Elf));
            let judgement = run(&facts);
            assert_eq!(judgement.outcome, OutcomeKind::Fail, "{path}");
            assert_eq!(judgement.observations[0].severity, Severity::Medium);
            let name = base_name(path);
            facts.image.as_mut().unwrap().config.cmd = Some(vec!["/bin/sh".into(), "-c".into(), format!("{name} -D")]);
            assert_eq!(run(&facts).observations[0].severity, Severity::High, "{path}");
        }
        let mut facts = with_file(entry("/usr/sbin/sshd").magic(Magic::Elf).package(0));
        let image = facts.image.as_mut().unwrap();
        image.inventory.packages = vec![package("openssh-server")];
        image.config.exposed_ports = vec!["22/tcp".into()];
        let judgement = run(&facts);
        let message = &judgement.observations[0].message;
        assert_eq!(
            message,
            "/usr/sbin/sshd of package openssh-server is an SSH server, from layer 1 (RUN apt-get install -y x); port 22 is exposed."
        );
        assert_eq!(judgement.observations.len(), 1);
        facts.image.as_mut().unwrap().config.entrypoint = Some(vec!["service".into(), "ssh".into(), "start".into()]);
        assert!(run(&facts).observations[0].message.contains("starts it, and port 22"));
    }

    #[test]
    fn what_only_looks_like_a_server_passes() {
        for file in [
            entry("/etc/init.d/dropbear").magic(Magic::Script),
            entry("/etc/pam.d/sshd"),
            entry("/usr/share/bash-completion/completions/sshd").magic(Magic::Script),
            entry("/usr/bin/ssh").magic(Magic::Elf),
            entry("/usr/sbin/sshd"),
            entry("/run/sshd/"),
            entry("/usr/sbin/sshd").link(Kind::Symlink, "/nowhere"),
            entry("/usr/bin/vncviewer").magic(Magic::Elf),
        ] {
            let facts = with_file(file.clone());
            assert_eq!(run(&facts).outcome, OutcomeKind::Pass, "{}", file.path);
        }
        // Deleted again.
        let facts = tree_image(vec![
            ("RUN a", vec![entry("/usr/sbin/sshd").magic(Magic::Elf)], &[]),
            ("RUN rm /usr/sbin/sshd", vec![], &["/usr/sbin/sshd"]),
        ]);
        assert_eq!(run(&facts).outcome, OutcomeKind::Pass);
    }

    #[test]
    fn an_applet_of_busybox_counts_when_it_is_started() {
        let mut facts = tree_image(vec![(
            "ADD busybox.tar /",
            vec![
                entry("/bin/busybox").magic(Magic::Elf),
                entry("/bin/telnetd").link(Kind::HardLink, "/bin/busybox"),
                entry("/sbin/telnetd").link(Kind::Symlink, "/bin/busybox"),
            ],
            &[],
        )]);
        let judgement = run(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Pass, "{judgement:?}");
        assert_eq!(judgement.observations.len(), 2);
        facts.image.as_mut().unwrap().config.cmd = Some(vec!["telnetd".into(), "-F".into()]);
        assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
    }

    #[test]
    fn a_port_without_a_server_is_for_a_person_and_a_missing_listing_is_an_error() {
        let mut facts = with_file(entry("/app").magic(Magic::Elf));
        facts.image.as_mut().unwrap().config.exposed_ports = vec!["22/tcp".into(), "3389/udp".into()];
        let judgement = run(&facts);
        assert_eq!((judgement.outcome, judgement.observations.len()), (OutcomeKind::Undecided, 1));
        assert_eq!(run(&image()).outcome, OutcomeKind::Error);
        let mut facts = image();
        facts.image.as_mut().unwrap().inventory.packages = vec![package("openssh-server")];
        assert_eq!(run(&facts).outcome, OutcomeKind::Fail);
        let mut facts = with_file(entry("/app").magic(Magic::Elf));
        facts.image.as_mut().unwrap().inventory.packages = vec![package("openssh-server")];
        let judgement = run(&facts);
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert_eq!(judgement.observations[0].severity, Severity::Low);
        assert_eq!(run(&compose("services:\n  a:\n    image: x\n")).outcome, OutcomeKind::NotApplicable);
    }

    #[test]
    fn the_profile_may_allow_a_server() {
        let facts = with_file(entry("/usr/sbin/sshd").magic(Magic::Elf));
        let allowance = Allowance { check: ID.into(), what: "/usr/sbin/sshd".into(), reason: "bastion".into() };
        let settings = Settings { allowances: vec![allowance], ..Settings::default() };
        let judgement = Services.judge(&facts, &settings);
        assert_eq!(judgement.outcome, OutcomeKind::Pass);
        assert!(judgement.observations[0].message.ends_with("the profile allows it: bastion."));
    }

    #[test]
    fn a_dockerfile_alone_can_fail_but_not_pass() {
        let run = |text: &str| run(&dockerfile(text)).outcome;
        assert_eq!(run("FROM a\nCMD [\"/usr/sbin/sshd\", \"-D\"]\n"), OutcomeKind::Fail);
        assert_eq!(run("FROM a\nENTRYPOINT service ssh start && app\n"), OutcomeKind::Fail);
        assert_eq!(run("FROM a\nRUN apt-get update && apt-get install -y openssh-server\n"), OutcomeKind::Fail);
        assert_eq!(run("FROM a\nRUN apt-get install -y openssh-client && ssh-keyscan x\n"), OutcomeKind::Undecided);
        assert_eq!(run("FROM a\nEXPOSE 22\n"), OutcomeKind::Undecided);
        assert_eq!(run("FROM a\nCMD [\"ssh\", \"host\"]\n"), OutcomeKind::Undecided);
        assert_eq!(run("FROM a AS b\nCMD sshd\nFROM a\n"), OutcomeKind::Undecided);
        assert_eq!(run("RUN x\n"), OutcomeKind::Error);
    }
}
