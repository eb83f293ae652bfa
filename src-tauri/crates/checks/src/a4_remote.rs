//! A4, remote management services (CSVS 3.12): no server for SSH, Telnet, RDP and the like is installed.

use plimsoll_catalog::{OutcomeKind, Severity, UseCaseId};
use plimsoll_image::ImageFacts;

use crate::a4_packages::{allowed, in_dockerfile, observe, survey};
use crate::a4_table::{Category, of_program};
use crate::observe::{count, judged, on_config};
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// The image holds no remote management service.
pub(crate) struct RemoteManagement;

/// The check's id.
pub(crate) const REMOTE: &str = "remote-management";
/// docker-bench's and CIS's rule on sshd in running containers (5.6 in older editions); trivy's on the exposed port.
pub(crate) const REMOTE_ALIASES: [&str; 2] = ["DS-0004", "5.7"];

impl Check for RemoteManagement {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: REMOTE,
            use_case: UseCaseId::A4,
            title: text("No remote management service installed", "Kein Fernwartungsdienst installiert"),
            why: text(
                "A login service inside a container needs keys and accounts there, and passes by the engine's own control and records.",
                "Ein Anmeldedienst im Container braucht dort Schlüssel und Konten und umgeht Kontrolle und Protokoll der Engine.",
            ),
            how: text(
                "Installed packages, and programs that no package owns, are compared with the servers for SSH, Telnet, rlogin, RDP, VNC and web consoles. One of them fails. An exposed port 22, 23, 3389 or 5900 without such a server is put to the auditor.",
                "Installierte Pakete sowie Programme, die zu keinem Paket gehören, werden mit den Servern für SSH, Telnet, rlogin, RDP, VNC und Web-Konsolen verglichen. Findet sich einer, fällt die Prüfung durch. Ein freigegebener Port 22, 23, 3389 oder 5900 ohne solchen Server wird dem Auditor vorgelegt.",
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
            None if facts.dockerfile.is_some() => in_dockerfile(facts, settings, REMOTE),
            None => judged(
                OutcomeKind::NotApplicable,
                "A Compose file installs no services; audit the images that it runs.",
                Vec::new(),
            ),
        }
    }
}

fn remote(facts: &Facts, image: &ImageFacts, settings: &Settings) -> Judgement {
    let survey = survey(facts, image);
    let mut observations = Vec::new();
    let mut fails = 0;
    for held in survey.held.iter().filter(|held| held.category == Category::RemoteManagement) {
        let reason = allowed(settings, REMOTE, held);
        let severity = if reason.is_some() { Severity::Info } else { held.category.severity() };
        let mut observation = observe(facts, image, held, severity, &REMOTE_ALIASES);
        match reason {
            Some(reason) => observation.message.push_str(&format!(" It is allowed: {reason}")),
            None => fails += 1,
        }
        observations.push(observation);
    }
    let started = image.config.entrypoint.iter().chain(&image.config.cmd).flatten();
    let program = started
        .flat_map(|word| word.split(|c: char| c.is_whitespace() || c == ';' || c == '&'))
        .find(|word| of_program(word.rsplit('/').next().unwrap_or(word)) == Some(Category::RemoteManagement));
    let mut signals = 0;
    if let Some(program) = program {
        signals += 1;
        let message = format!("The image's start command names {program}.");
        observations.push(on_config(facts, "config.Cmd", Severity::High, message, &REMOTE_ALIASES));
    }
    for port in &image.config.exposed_ports {
        let number = port.split('/').next().unwrap_or(port);
        if ["22", "23", "513", "514", "3389", "5900"].contains(&number) {
            signals += 1;
            let message = format!("Port {port} is exposed, the port of a remote management service.");
            observations.push(on_config(facts, "config.ExposedPorts", Severity::Medium, message, &["DS-0004"]));
        }
    }
    let unread = survey.broken.len();
    observations.extend(survey.broken);
    if fails > 0 {
        let summary =
            format!("{} installed.", count(fails, "remote management service is", "remote management services are"));
        return judged(OutcomeKind::Fail, summary, observations);
    }
    if unread > 0 || !survey.looked || facts.tree.is_none() {
        let summary = "Not all that would show a remote management service could be read.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    if signals > 0 {
        let summary = "No remote management service was found, but the image's configuration speaks of one.";
        return judged(OutcomeKind::Undecided, summary, observations);
    }
    judged(OutcomeKind::Pass, "The image holds no known remote management service.", observations)
}
