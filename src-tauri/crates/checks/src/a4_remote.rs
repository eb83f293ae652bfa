//! A4, remote management services (CSVS 3.12): no server for SSH, Telnet, RDP and the like is installed.
//!
//! How they are found stands in `services.rs`, which `a3_services.rs` asks too.

use plimsoll_catalog::{OutcomeKind, Severity, UseCaseId};
use plimsoll_image::ImageFacts;

use crate::a4_packages::{UNNEEDED, observe, survey};
use crate::observe::{count, judged};
use crate::services::{Asker, Seen, Signals, in_file, of_installed, programs, unexplained};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The image holds no remote management service.
pub(crate) struct RemoteManagement;

/// The check's id.
const REMOTE: &str = "remote-management";
/// docker-bench's and CIS's rule on sshd in running containers (5.6 in older editions); trivy's on the exposed port.
const REMOTE_ALIASES: [&str; 2] = ["DS-0004", "5.7"];
/// What is allowed as a package need not be allowed again as a service.
const ASKER: Asker = Asker { ids: &[REMOTE, UNNEEDED], on_server: &REMOTE_ALIASES, on_port: &["DS-0004"] };

impl Check for RemoteManagement {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: REMOTE,
            use_case: Some(UseCaseId::A4),
            title: text("No remote management service installed", "Kein Fernwartungsdienst installiert"),
            why: text(
                "A login service inside a container needs keys and accounts there, and passes by the engine's own control and records.",
                "Ein Anmeldedienst im Container braucht dort Schlüssel und Konten und umgeht Kontrolle und Protokoll der Engine.",
            ),
            how: text(
                "Installed packages and the programs of the merged tree are compared with the servers for SSH, Telnet, rlogin, RDP, VNC and web consoles. One of them fails, and weighs more when the start command or an exposed port speaks of it. A port such as 22, 23, 3389 or 5900 that is exposed without such a server is put to the auditor. A Dockerfile alone fails when its final stage installs or starts one, and never passes.",
                "Installierte Pakete und die Programme des zusammengeführten Dateibaums werden mit den Servern für SSH, Telnet, rlogin, RDP, VNC und Webkonsolen verglichen. Findet sich einer, fällt die Prüfung durch; er wiegt schwerer, wenn das Startkommando oder ein freigegebener Port darauf hinweist. Ein Port wie 22, 23, 3389 oder 5900, der ohne solchen Server freigegeben ist, wird dem Auditor vorgelegt. Ein Dockerfile allein fällt durch, wenn seine letzte Stage einen Server installiert oder startet, und besteht nie.",
            ),
            blind_spots: text(
                "A server under another name, or one that the application carries in itself.",
                "Ein Server unter anderem Namen oder einer, den die Anwendung selbst mitbringt.",
            ),
            remedy: text(
                "Remove the server; use docker exec, or the orchestrator's own access, and its audit log.",
                "Entfernen Sie den Server; nutzen Sie docker exec oder den Zugang des Orchestrators samt dessen Audit-Protokoll.",
            ),
            example: "docker exec --interactive --tty CONTAINER sh",
            aliases: &[("trivy", "DS-0004"), ("docker-bench", "5.7")],
        }
    }

    fn requirements(&self) -> &'static [&'static str] {
        &["3.8", "3.12"]
    }

    fn judge(&self, facts: &Facts, settings: &Settings) -> Judgement {
        match &facts.image {
            Some(image) => remote(facts, image, settings),
            None => match &facts.dockerfile {
                Some(file) => in_file(file, settings, &ASKER),
                None => judged(
                    OutcomeKind::NotApplicable,
                    "A Compose file installs no services; audit the images that it runs.",
                    Vec::new(),
                ),
            },
        }
    }
}

fn remote(facts: &Facts, image: &ImageFacts, settings: &Settings) -> Judgement {
    let signals = Signals::of(image);
    let mut seen = programs(facts, image, settings, &ASKER, &signals);
    let survey = survey(facts, image);
    for held in survey.held.iter().filter(|held| held.found.is_none()) {
        let Some(service) = held.package.and_then(of_installed) else { continue };
        if seen.has(service) {
            continue;
        }
        let allowed = ASKER.allowed(settings, &[&held.name]);
        let severity = if allowed.is_some() { Severity::Info } else { signals.weigh(service).0 };
        let mut observation = observe(facts, image, held, severity, &REMOTE_ALIASES);
        match allowed {
            Some(allowed) => observation.message = format!("{}{allowed}", observation.message.trim_end_matches('.')),
            None => seen.faults += 1,
        }
        seen.observations.push(observation);
    }
    unexplained(facts, &signals, &ASKER, &mut seen);
    let Seen { mut observations, faults, open, .. } = seen;
    let unread = survey.broken.len();
    observations.extend(survey.broken);
    if faults > 0 {
        let summary =
            format!("{} installed.", count(faults, "remote management service is", "remote management services are"));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if unread > 0 || facts.tree.is_none() {
        let summary = "Not all that would show a remote management service could be read.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if open > 0 {
        let summary = "No remote management service was found, but the image's configuration speaks of one.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    judged(OutcomeKind::Pass, "The image holds no known remote management service.", observations)
}
