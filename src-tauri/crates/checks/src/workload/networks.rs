//! CSVS 7.4, 7.9 and 7.10: which networks a workload hangs on, and whether an overlay of a Compose file is encrypted.

use plimsoll_catalog::{Observation, OutcomeKind, Severity, SubjectKind};
use plimsoll_docker::facts::Product;
use plimsoll_dockerfile::compose::{ComposeNetwork, Service};

use super::ask::{Answer, Ask, COMPOSE, Notes, not_followed, not_judged};
use super::view::{Said, Spot, Workload, resolved};
use crate::facts::ComposeFacts;
use crate::observe::judged;
use crate::{Check, CheckInfo, Facts, Judgement, Settings, text};

/// Not on the engine's default bridge.
pub(crate) struct OwnNetwork;
/// Overlay networks are encrypted.
pub(crate) struct Encryption;
/// The application has networks of its own.
pub(crate) struct Separation;

impl Ask for OwnNetwork {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "own-network",
            use_case: None,
            title: text("Not on the default bridge", "Nicht an der Default-Bridge"),
            why: text(
                "All containers that nobody gave a network are on docker0: strangers who reach each other on every port.",
                "An docker0 hängen alle Container, denen niemand ein Netz gegeben hat: Fremde, die einander auf jedem Port erreichen.",
            ),
            how: text(
                "A network mode of bridge or default, or the network bridge among the container's networks, fails; with Podman its default network does. A network of its own, none at all and the host's pass, and the last of these is another check's matter. Another container's network is left to a person. In a Compose file every service has a network of the project unless it says otherwise; an external network named bridge fails.",
                "Der Netzmodus bridge oder default oder das Netz bridge unter den Netzen des Containers fällt durch, bei Podman dessen Standardnetz. Ein eigenes Netz, gar keines und das des Hosts bestehen; letzteres ist Sache einer anderen Prüfung. Das Netz eines anderen Containers bleibt einem Menschen überlassen. In einer Compose-Datei hat jeder Dienst ein Netz des Projekts, sofern er nichts anderes sagt; ein externes Netz namens bridge fällt durch.",
            ),
            blind_spots: text(
                "Whether the container's own network is shared with containers that it has no business with.",
                "Ob das eigene Netz mit Containern geteilt wird, mit denen es nichts zu schaffen hat.",
            ),
            remedy: text(
                "Create a network for each application and attach its containers to it alone.",
                "Legen Sie für jede Anwendung ein Netz an und verbinden Sie ihre Container nur mit diesem.",
            ),
            example: "docker network create shop\ndocker run --network shop IMAGE",
            aliases: &[("cis-docker", "5.30"), ("docker-bench", "5.30")],
        }
    }

    fn ask(&self, it: Workload<'_>, _settings: &Settings) -> Answer {
        let mut notes = Notes::new();
        let name = it.it();
        let mode = it.network_mode();
        let podman = it.container().is_some_and(|facts| facts.at.engine.product == Product::Podman);
        let default = if podman { "podman" } else { "bridge" };
        let attached = it.container().map(|facts| &facts.networks);
        let on_default = attached.is_some_and(|networks| networks.iter().any(|(network, _)| network == default));
        match &mode.said {
            Said::Is(network) if network.starts_with("container:") || network.starts_with("service:") => {
                let message = format!("{name} uses another one's network ({network}): look at that one.");
                notes.doubt(&mode.spot, Severity::Info, message);
            }
            // Podman calls every bridge so, and its list of networks tells which one it is.
            Said::Is(network) if network == "bridge" && podman => {
                if attached.is_none_or(Vec::is_empty) {
                    notes.untold(it, &mode.spot, "its network", "the engine lists none");
                }
            }
            Said::Is(network) if network == "bridge" || network == "default" => {
                let message =
                    format!("{name} is on the default bridge, beside all containers without a network of their own.");
                notes.fault(&mode.spot, Severity::Medium, message);
            }
            Said::Is(network) if network == "host" => {
                let message = format!("{name} has the host's network, which is another check's matter.");
                notes.note(&mode.spot, Severity::Info, message);
            }
            Said::Is(_) | Said::Unset => {}
            Said::Untold(reason) => notes.untold(it, &mode.spot, "its network", reason),
        }
        match it {
            Workload::Container(facts) => {
                let stated = matches!(&mode.said, Said::Is(network) if network == "bridge" || network == "default");
                if on_default && (podman || !stated) {
                    let message = format!("{name} is also attached to the engine's default network {default}.");
                    notes.fault(&Workload::field(facts, "NetworkSettings.Networks"), Severity::Medium, message);
                }
            }
            Workload::Service(file, service) => of_service(it, file, service, &mut notes),
        }
        notes.answer(&mode.spot, format!("{name} is not on the default bridge."))
    }
}

fn of_service(it: Workload<'_>, file: &ComposeFacts, service: &Service, notes: &mut Notes) {
    if let Some((reason, line)) = Workload::gap(service, "networks") {
        notes.untold(it, &Workload::line(file, line), "its networks", &reason);
    }
    for (network, spot) in networks_of(file, service) {
        let named = network.name.as_ref().map_or(Ok(network.key.clone()), |name| resolved(&name.value));
        match (network.external, named) {
            (true, Ok(named)) if named == "bridge" => {
                let message =
                    format!("{} is attached to the engine's default bridge, as an external network.", it.it());
                notes.fault(&spot, Severity::Medium, message);
            }
            (true, Err(reason)) => notes.untold(it, &spot, "the external network", &reason),
            _ => {}
        }
    }
}

/// The top-level networks that a service uses, with the place where it says so.
fn networks_of<'a>(file: &'a ComposeFacts, service: &Service) -> Vec<(&'a ComposeNetwork, Spot)> {
    let find = |key: &str| file.parsed.networks.iter().find(|network| network.key == key);
    if service.network_mode.is_some() {
        return Vec::new();
    }
    if service.networks.is_empty() {
        return find("default").map(|network| (network, Workload::line(file, network.line))).into_iter().collect();
    }
    let used = service.networks.iter();
    used.filter_map(|used| Some((find(&used.value)?, Workload::line(file, used.line)))).collect()
}

/// Whether the file is written for a swarm: only that makes overlay networks of what names no driver.
fn for_a_swarm(file: &ComposeFacts) -> bool {
    let swarm = |service: &Service| {
        service.deploy.as_ref().is_some_and(|deploy| {
            deploy.mode.is_some()
                || deploy.update.is_some()
                || deploy.rollback.is_some()
                || deploy.endpoint_mode.is_some()
                || !deploy.placement.is_empty()
        })
    };
    file.parsed.services.iter().any(swarm)
        || file.parsed.networks.iter().any(|n| n.driver.as_ref().is_some_and(|driver| driver.value == "overlay"))
}

/// What stands before both questions about a file's networks.
fn file_of(facts: &Facts) -> Result<&ComposeFacts, Judgement> {
    let Some(file) = &facts.compose else {
        return Err(judged(OutcomeKind::Error, "There are no facts about this subject.", Vec::new()));
    };
    not_judged(file).map_or(Ok(file), Err)
}

/// The answer over a file, with what was not followed.
fn whole(file: &ComposeFacts, mut answer: Answer) -> Judgement {
    let more: Vec<Observation> = not_followed(file);
    if let (Some(first), OutcomeKind::Pass | OutcomeKind::NotApplicable) = (more.first(), answer.outcome) {
        answer.outcome = OutcomeKind::Undecided;
        answer.sentence = format!("{} In what was read there is nothing against it.", first.message);
    }
    answer.observations.extend(more);
    judged(answer.outcome, answer.sentence, answer.observations)
}

fn top(file: &ComposeFacts) -> Spot {
    Workload::line(file, file.parsed.networks.iter().map(|network| network.line).min().unwrap_or(1))
}

/// By name, so that the order in the file changes nothing.
fn sorted(file: &ComposeFacts) -> Vec<&ComposeNetwork> {
    let mut networks: Vec<_> = file.parsed.networks.iter().collect();
    networks.sort_by(|a, b| a.key.cmp(&b.key));
    networks
}

impl Check for Encryption {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "network-encryption",
            use_case: None,
            title: text("Overlay networks are encrypted", "Overlay-Netze sind verschlüsselt"),
            why: text(
                "What crosses an overlay network travels between hosts in the clear unless encryption is switched on: whoever listens on the way reads along.",
                "Was über ein Overlay-Netz geht, läuft zwischen Hosts im Klartext, solange die Verschlüsselung nicht eingeschaltet ist: Wer unterwegs lauscht, liest mit.",
            ),
            how: text(
                "Each network of the file with the driver overlay needs the driver option encrypted. Networks that are made elsewhere, and in a file for a swarm those that name no driver, are left to a person. A file without overlay networks is not concerned.",
                "Jedes Netz der Datei mit dem Treiber overlay braucht die Treiberoption encrypted. Anderswo angelegte Netze und, in einer Datei für einen Swarm, solche ohne Treiberangabe bleiben einem Menschen überlassen. Eine Datei ohne Overlay-Netze ist nicht betroffen.",
            ),
            blind_spots: text(
                "Networks that are made on the command line, and encryption below, such as a VPN between the hosts.",
                "Auf der Kommandozeile angelegte Netze und Verschlüsselung darunter, etwa ein VPN zwischen den Hosts.",
            ),
            remedy: text("Set the driver option encrypted.", "Setzen Sie die Treiberoption encrypted."),
            example: "networks:\n  shop:\n    driver: overlay\n    driver_opts:\n      encrypted: \"true\"",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        COMPOSE
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        let file = match file_of(facts) {
            Ok(file) => file,
            Err(judgement) => return judgement,
        };
        let mut notes = Notes::new();
        let swarm = for_a_swarm(file);
        let mut overlays = 0;
        for network in sorted(file) {
            let spot = Workload::line(file, network.line);
            let key = &network.key;
            if let Some(unread) =
                network.unread.iter().find(|it| ["driver", "driver_opts", "external", key].contains(&it.value.as_str()))
            {
                let message = format!("The network {key} could not be read whole ({}).", unread.value);
                notes.doubt(&Workload::line(file, unread.line), Severity::Low, message);
                continue;
            }
            let option = network.driver_opts.iter().find(|option| option.name == "encrypted");
            let encrypted = option.map(|option| resolved(option.value.as_deref().unwrap_or_default()));
            match network.driver.as_ref().map(|driver| resolved(&driver.value)) {
                _ if network.external => {
                    let message = format!("The network {key} is made elsewhere: ask for its driver and its options.");
                    notes.doubt(&spot, Severity::Low, message);
                }
                Some(Err(reason)) => notes.doubt(
                    &spot,
                    Severity::Low,
                    format!("The driver of the network {key} is not told, since {reason}."),
                ),
                Some(Ok(driver)) if driver == "overlay" => match encrypted {
                    Some(Ok(value)) if !["false", "0", "no", "off"].contains(&value.to_ascii_lowercase().as_str()) => {
                        overlays += 1;
                        notes.note(&spot, Severity::Info, format!("The overlay network {key} is encrypted."));
                    }
                    Some(Err(reason)) => {
                        let message =
                            format!("Whether the overlay network {key} is encrypted is not told, since {reason}.");
                        notes.doubt(&spot, Severity::Low, message);
                    }
                    Some(Ok(_)) | None => {
                        notes.fault(&spot, Severity::Medium, format!("The overlay network {key} is not encrypted."));
                    }
                },
                None if swarm => {
                    let message = format!(
                        "The network {key} names no driver: in a swarm it becomes an overlay network that is not encrypted."
                    );
                    notes.doubt(&spot, Severity::Medium, message);
                }
                _ => {}
            }
        }
        let implicit = |service: &Service| service.networks.is_empty() && service.network_mode.is_none();
        let named = file.parsed.networks.iter().any(|network| network.key == "default");
        if swarm && !named && file.parsed.services.iter().any(implicit) {
            let message = "Services that name no network share a default one: in a swarm that is an overlay network that is not encrypted.";
            notes.doubt(&top(file), Severity::Medium, message);
        }
        if let Some(unread) = file.parsed.unread.iter().find(|unread| unread.value == "networks") {
            notes.doubt(
                &Workload::line(file, unread.line),
                Severity::Low,
                "The networks of the file could not be read.",
            );
        }
        if overlays == 0 {
            return whole(file, notes.not_asked(&top(file), "The file has no overlay network."));
        }
        whole(file, notes.answer(&top(file), "The overlay networks of the file are encrypted."))
    }
}

impl Check for Separation {
    fn info(&self) -> CheckInfo {
        CheckInfo {
            id: "network-separation",
            use_case: None,
            title: text("The application has networks of its own", "Die Anwendung hat eigene Netze"),
            why: text(
                "Applications that share a network reach each other's services: whoever breaks into the one stands next to the other.",
                "Anwendungen, die sich ein Netz teilen, erreichen gegenseitig ihre Dienste: Wer in die eine einbricht, steht neben der anderen.",
            ),
            how: text(
                "A service on the host's network or the default bridge fails. External networks, which other applications may use too, are left to a person. A file whose services are on networks of the project alone passes, as an indication; whether these are overlay networks is noted.",
                "Ein Dienst am Netz des Hosts oder an der Default-Bridge fällt durch. Externe Netze, die auch andere Anwendungen nutzen können, bleiben einem Menschen überlassen. Eine Datei, deren Dienste nur an Netzen des Projekts hängen, besteht, als Indiz; ob es Overlay-Netze sind, wird vermerkt.",
            ),
            blind_spots: text(
                "Whether the file holds one application or several, and who else joins its networks.",
                "Ob die Datei eine Anwendung oder mehrere enthält und wer sich sonst mit ihren Netzen verbindet.",
            ),
            remedy: text(
                "Give each application networks of its own, one for each of its tiers.",
                "Geben Sie jeder Anwendung eigene Netze, und zwar eines für jede ihrer Schichten.",
            ),
            example: "networks:\n  front: {}\n  back:\n    internal: true",
            aliases: &[],
        }
    }

    fn kinds(&self) -> &'static [SubjectKind] {
        COMPOSE
    }

    fn judge(&self, facts: &Facts, _settings: &Settings) -> Judgement {
        let file = match file_of(facts) {
            Ok(file) => file,
            Err(judgement) => return judgement,
        };
        let mut notes = Notes::new();
        let mut services: Vec<&Service> = file.parsed.services.iter().collect();
        services.sort_by(|a, b| a.name.cmp(&b.name));
        for service in &services {
            let it = Workload::Service(file, service);
            let mode = it.network_mode();
            match &mode.said {
                Said::Is(network) if network == "host" || network == "bridge" => {
                    let message = format!("{} is on the {network} network, with everything else there.", it.it());
                    notes.fault(&mode.spot, Severity::Medium, message);
                }
                Said::Is(_) | Said::Unset => {}
                Said::Untold(reason) => notes.untold(it, &mode.spot, "its network", reason),
            }
            if let Some((reason, line)) = Workload::gap(service, "networks") {
                notes.untold(it, &Workload::line(file, line), "its networks", &reason);
            }
            for (network, spot) in networks_of(file, service).into_iter().filter(|(network, _)| network.external) {
                let message = format!(
                    "{} is on the network {}, which is made elsewhere and may be shared.",
                    it.it(),
                    network.key
                );
                notes.doubt(&spot, Severity::Low, message);
            }
        }
        for network in sorted(file) {
            let driver = network.driver.as_ref().map_or("no driver named", |driver| driver.value.as_str());
            let inner = if network.internal.as_ref().is_some_and(|it| it.value) { ", without a way out" } else { "" };
            let message = format!("The file has the network {} ({driver}{inner}).", network.key);
            notes.note(&Workload::line(file, network.line), Severity::Info, message);
        }
        if services.is_empty() {
            notes.doubt(&top(file), Severity::Info, "The Compose file names no service.");
        }
        whole(file, notes.answer(&top(file), "The services of the file are on networks of their own project."))
    }
}

#[cfg(test)]
#[path = "networks_tests.rs"]
mod tests;
