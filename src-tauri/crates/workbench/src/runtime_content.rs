//! What the report says of hosts and containers, and of outcomes that no use case asks for.

use std::collections::BTreeMap;

use plimsoll_catalog::decision::Target;
use plimsoll_catalog::{Language, Outcome, OutcomeKind, Profile, RequirementId, Strength, Verdict, standards};
use plimsoll_checks::{CoverageMode, Facts};
use plimsoll_docker::facts::{AtEngine, ContainerFacts, EngineFacts, HostFacts, Product, PublishedPort, Unread};
use plimsoll_engagement::Subject;
use plimsoll_report::content as report;

use crate::content::{Gathered, observation, runs};
use crate::words::{self, pick};

/// So many of one kind are named.
const NAMED: usize = 12;

/// Rows of names and values, those without a value left out.
struct Rows {
    language: Language,
    rows: Vec<(String, String)>,
}

impl Rows {
    fn add(&mut self, en: &'static str, de: &'static str, value: impl Into<Option<String>>) {
        if let Some(value) = value.into().filter(|value| !value.trim().is_empty()) {
            self.rows.push((pick(self.language, en, de).to_owned(), value));
        }
    }
}

/// Identity of a host or container.
pub(crate) fn identity(facts: &Facts, language: Language) -> Vec<(String, String)> {
    let mut rows = Rows { language, rows: Vec::new() };
    if let Some(host) = &facts.host {
        of_host(host, &mut rows);
    }
    if let Some(container) = &facts.container {
        of_container(container, &mut rows);
    }
    rows.rows
}

/// "Docker Engine - Community 27.3.1 (API 1.47)"
fn engine(engine: &EngineFacts) -> Option<String> {
    let version = engine.version.as_deref()?;
    let name = match (engine.platform.as_deref().filter(|name| !name.is_empty()), engine.product) {
        (Some(name), _) => name,
        (None, Product::Docker) => "Docker Engine",
        (None, Product::Podman) => "Podman",
        (None, Product::Other) => "",
    };
    let api = engine.api_version.as_ref().map(|api| format!(" (API {api})")).unwrap_or_default();
    Some(format!("{name} {version}{api}").trim().to_owned())
}

fn of_host(host: &HostFacts, rows: &mut Rows) {
    let language = rows.language;
    rows.add("Host", "Host", host.name.clone());
    rows.add("Engine", "Engine", engine(&host.engine));
    let parts = host.engine.components.iter().take(NAMED).map(|(name, version)| format!("{name} {version}"));
    rows.add("Its parts", "Ihre Bestandteile", parts.collect::<Vec<_>>().join(", "));
    rows.add("Engine id", "Kennung der Engine", host.id.clone());
    let machine = &host.machine;
    let kernel = machine.kernel.as_ref().map(|kernel| match machine.os_type.as_deref() {
        Some("linux") => format!("Linux {kernel}"),
        _ => kernel.clone(),
    });
    let system: Vec<String> =
        [machine.operating_system.clone(), kernel, machine.architecture.clone()].into_iter().flatten().collect();
    rows.add("Operating system", "Betriebssystem", system.join(", "));
    let cpus = machine.cpus.map(|cpus| format!("{cpus} CPU"));
    let memory = machine.memory.map(|memory| words::bytes(memory, language));
    rows.add("Machine", "Maschine", cpus.into_iter().chain(memory).collect::<Vec<_>>().join(", "));
    rows.add("Reached at", "Erreicht über", reached(&host.endpoint, host.verified_tls, language));
    if let Some(containers) = &host.containers {
        let running = containers.iter().filter(|container| container.state == "running").count();
        rows.add(
            "Containers",
            "Container",
            match language {
                Language::En => format!("{}, {running} of them running", containers.len()),
                Language::De => format!("{}, davon {running} laufend", containers.len()),
            },
        );
    }
    let swarm = host.swarm.state.as_ref().map(|state| match (state.as_str(), host.swarm.manager) {
        ("active", true) => pick(language, "active, manager", "aktiv, Manager").to_owned(),
        ("active", false) => pick(language, "active, worker", "aktiv, Worker").to_owned(),
        ("inactive", _) => pick(language, "none", "keiner").to_owned(),
        (other, _) => other.to_owned(),
    });
    rows.add("Swarm", "Swarm", swarm);
    let files = host.config.iter().flat_map(|config| &config.files).take(NAMED);
    let files = files.map(|(name, sha256)| format!("{name} (SHA-256 {sha256})"));
    rows.add("Files that were read", "Gelesene Dateien", files.collect::<Vec<_>>().join(", "));
}

fn reached(endpoint: &str, tls: Option<bool>, language: Language) -> String {
    let tls = match tls {
        Some(true) => pick(language, " (TLS, certificate verified)", " (TLS, Zertifikat geprüft)"),
        Some(false) => pick(language, " (certificate not verified)", " (Zertifikat nicht geprüft)"),
        None => "",
    };
    format!("{endpoint}{tls}")
}

fn of_container(container: &ContainerFacts, rows: &mut Rows) {
    let language = rows.language;
    let (config, state, at) = (&container.config, &container.state, &container.at);
    rows.add("Container id", "Container-ID", container.id.clone());
    rows.add("Image", "Image", config.image.clone());
    rows.add("Image id", "Image-ID", container.image_id.clone());
    rows.add("Created", "Erzeugt", container.created.clone());
    let health = state.health.as_ref().map(|health| format!(", {health}")).unwrap_or_default();
    rows.add("State", "Zustand", format!("{}{health}", state.status));
    rows.add("Started", "Gestartet", state.started.clone());
    let user = if config.user.is_empty() {
        pick(language, "root (none set)", "root (nicht gesetzt)").to_owned()
    } else {
        config.user.clone()
    };
    // Of a container of which nothing was told, this is not told either.
    rows.add("Starts as", "Startet als", (!config.image.is_empty()).then_some(user));
    rows.add("Entrypoint", "Entrypoint", config.entrypoint.join(" "));
    rows.add("Command", "Kommando", config.cmd.join(" "));
    rows.add("Published ports", "Veröffentlichte Ports", ports(&container.ports));
    rows.add(
        "Networks",
        "Netze",
        container.networks.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
    );
    let project = ["com.docker.compose.project", "com.docker.stack.namespace"];
    rows.add("Project", "Projekt", project.iter().find_map(|label| config.labels.get(*label)).cloned());
    rows.add("Engine", "Engine", engine(&at.engine));
    rows.add("Host", "Host", host_of(at));
}

fn host_of(at: &AtEngine) -> Option<String> {
    match (&at.name, at.endpoint.as_str()) {
        (Some(name), "") => Some(name.clone()),
        (Some(name), endpoint) => Some(format!("{name}, {endpoint}")),
        (None, endpoint) => Some(endpoint.to_owned()),
    }
}

/// "0.0.0.0:8080 → 80/tcp"
fn ports(ports: &[PublishedPort]) -> String {
    let named = ports.iter().take(NAMED).map(|port| {
        let address = if port.host_ip.is_empty() { "0.0.0.0" } else { &port.host_ip };
        let address = if address.contains(':') { format!("[{address}]") } else { address.to_owned() };
        format!("{address}:{} → {}/{}", port.host_port, port.container_port, port.protocol)
    });
    let mut named: Vec<String> = named.collect();
    if ports.len() > NAMED {
        named.push("…".to_owned());
    }
    named.join(", ")
}

/// Where facts came from that were collected elsewhere.
pub(crate) fn collected_elsewhere(facts: &Facts, language: Language) -> Vec<(String, String)> {
    let Some(by) = &facts.collected_by else { return Vec::new() };
    let mut rows = Rows { language, rows: Vec::new() };
    let who = match language {
        Language::En => format!("{} on {}, with {}", by.user, by.machine, by.tool),
        Language::De => format!("{} auf {}, mit {}", by.user, by.machine, by.tool),
    };
    rows.add("Collected elsewhere by", "Andernorts erhoben von", who);
    rows.add("Collecting began", "Erhebung begonnen", by.started.clone());
    rows.add("Asked for", "Angefragt", by.asked.join(" "));
    rows.add("Note", "Anmerkung", by.note.clone());
    rows.add("Facts file", "Faktendatei", by.file.clone());
    rows.add("Facts file SHA-256", "SHA-256 der Faktendatei", by.file_sha256.clone());
    rows.add("These facts' SHA-256", "SHA-256 dieser Fakten", by.facts_sha256.clone());
    rows.rows
}

/// The outcomes of a subject by requirement: all of what runs, of others those that no use case asks for.
pub(crate) fn checks(gathered: &Gathered<'_>, subject: &Subject) -> Vec<report::CheckBlock> {
    let all = runs(subject.kind);
    let outcomes = gathered.outcomes_of(&subject.id).iter().filter(|outcome| all || outcome.use_case.is_none());
    let mut outcomes: Vec<&&Outcome> = outcomes.collect();
    // Checks without any requirement come last.
    outcomes.sort_by_key(|outcome| {
        let first = outcome.requirements.iter().min().copied();
        (first.is_none(), first, outcome.check.clone())
    });
    let mut told: Vec<Target> = Vec::new();
    outcomes.into_iter().map(|outcome| block(gathered, subject, outcome, &mut told)).collect()
}

fn block(gathered: &Gathered<'_>, subject: &Subject, outcome: &Outcome, told: &mut Vec<Target>) -> report::CheckBlock {
    let language = gathered.language;
    let info = gathered.info(&outcome.check);
    let mut requirements = outcome.requirements.clone();
    requirements.sort_unstable();
    let concluded = |id: RequirementId| gathered.concluded(id, &subject.id);
    let links = requirements
        .iter()
        .filter_map(|id| {
            let requirement = standards().requirement(*id)?;
            let (pass, fail) = strengths(outcome, *id);
            Some(report::LinkLine {
                id: *id,
                title: requirement.title.get(language).to_owned(),
                pass,
                fail,
                verdict: concluded(*id).map_or(Verdict::Open, |concluded| concluded.verdict),
            })
        })
        .collect();
    // A decision on a requirement is told with the first check that speaks to it.
    let mut decisions = Vec::new();
    let targets = requirements.iter().map(|id| Target::Requirement(*id)).chain(outcome.use_case.map(Target::UseCase));
    for target in targets {
        let Some(found) = gathered.decision(Some(&subject.id), target) else { continue };
        // One for the engagement as a whole stands in the list of requirements.
        if found.0.subject.is_none() || told.contains(&target) {
            continue;
        }
        told.push(target);
        let conflict = match target {
            Target::Requirement(id) => concluded(id).is_some_and(|concluded| concluded.conflict),
            Target::UseCase(id) => gathered.cell(id, &subject.id).is_some_and(|cell| cell.conflict),
        };
        decisions.push((target.to_string(), gathered.line(found, conflict)));
    }
    let mut observations: Vec<_> = outcome.observations.iter().map(observation).collect();
    observations.sort_by_key(|seen| seen.severity);
    let remedy = match (outcome.outcome, info) {
        (OutcomeKind::Fail, Some(info)) => info.remedy.get(language).to_owned(),
        _ => String::new(),
    };
    report::CheckBlock {
        check: outcome.check.clone(),
        title: info.map_or_else(|| outcome.check.clone(), |info| info.title.get(language).to_owned()),
        outcome: outcome.outcome,
        summary: outcome.summary.clone(),
        observations,
        remedy,
        links,
        decisions,
    }
}

/// What an outcome's pass and fail prove for a requirement.
fn strengths(outcome: &Outcome, id: RequirementId) -> (Strength, Strength) {
    let own =
        standards().runtime_check(&outcome.check).and_then(|check| check.link(id)).map(|link| (link.pass, link.fail));
    let of_use_case = || {
        let link = standards().use_case(outcome.use_case?).link(id)?;
        Some((link.pass, link.fail))
    };
    own.or_else(of_use_case).unwrap_or((Strength::Supporting, Strength::Supporting))
}

/// How far a program comes with the requirements of a profile.
pub(crate) fn coverage(profile: Profile) -> report::CoverageTable {
    let mut table = report::CoverageTable::default();
    for line in plimsoll_checks::coverage() {
        if !standards().in_profile(profile, line.requirement) {
            continue;
        }
        match line.mode {
            CoverageMode::Automated => table.automated.push(line.requirement),
            CoverageMode::Assisted => table.assisted.push(line.requirement),
            CoverageMode::Manual => table.manual.push(line.requirement),
        }
    }
    table
}

/// What could not be read of hosts and containers; what many have in common is said once.
pub(crate) fn unread(subjects: &[Subject], facts: &[Option<Facts>], language: Language) -> Vec<String> {
    let mut found: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for (subject, facts) in subjects.iter().zip(facts) {
        let Some(facts) = facts else { continue };
        let of_host = facts.host.iter().flat_map(|host| host.unread.iter().map(|unread| alike(unread, "")));
        let of_container = facts
            .container
            .iter()
            .flat_map(|container| container.unread.iter().map(|unread| alike(unread, &container.id)));
        for what in of_host.chain(of_container) {
            let names = found.entry(what).or_default();
            if names.last() != Some(&subject.name.as_str()) {
                names.push(&subject.name);
            }
        }
    }
    found
        .into_iter()
        .map(|((what, reason), names)| {
            let named = names.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
            let named = match (names.len().saturating_sub(NAMED), language) {
                (0, _) => named,
                (more, Language::En) => format!("{named} and {more} more"),
                (more, Language::De) => format!("{named} und {more} weitere"),
            };
            let reason = reason.trim_end_matches('.');
            match language {
                Language::En => format!("{named}: {what} could not be read: {reason}."),
                Language::De => format!("{named}: {what} konnte nicht gelesen werden: {reason}."),
            }
        })
        .collect()
}

/// The same request for another container is the same thing.
fn alike(unread: &Unread, id: &str) -> (String, String) {
    let without = |text: &str| {
        let text = if id.is_empty() { text.to_owned() } else { text.replace(id, "…") };
        match id.get(..12) {
            Some(short) => text.replace(short, "…"),
            None => text,
        }
    };
    (without(&unread.what), without(&unread.reason))
}

#[cfg(test)]
#[path = "runtime_content_tests.rs"]
mod tests;
