//! One view of what is let run: a container, or a service of a Compose file. Each accessor says the value, whether the
//! source tells it at all, where it stands, and the command that shows it again.

use plimsoll_catalog::Location;
use plimsoll_docker::facts::{ContainerFacts, HostConfig};
use plimsoll_dockerfile::compose::{EnvEntry, Positioned, Service, interpolate};

use crate::facts::{ComposeFacts, quote, show_lines};
use crate::settings::{Allowance, Settings};

/// Where something stands, and how to see it again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Spot {
    /// The place.
    pub(crate) location: Location,
    /// The command.
    pub(crate) show: String,
}

/// What a source says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said<T> {
    /// This.
    Is(T),
    /// It sets nothing: the default applies.
    Unset,
    /// Nobody tells: the reason, as the end of a sentence.
    Untold(String),
}

/// A value with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Told<T> {
    /// What is said.
    pub(crate) said: Said<T>,
    /// Where.
    pub(crate) spot: Spot,
}

impl<T> Told<T> {
    /// Reads the value further; what cannot be read is untold with the reason that `read` gives.
    pub(crate) fn and<U>(self, read: impl FnOnce(T) -> Result<U, String>) -> Told<U> {
        let said = match self.said {
            Said::Is(value) => read(value).map_or_else(Said::Untold, Said::Is),
            Said::Unset => Said::Unset,
            Said::Untold(reason) => Said::Untold(reason),
        };
        Told { said, spot: self.spot }
    }
}

/// Several values, each with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed<T> {
    /// What is known of.
    pub(crate) items: Vec<(T, Spot)>,
    /// Why there may be more: ends of sentences with their places.
    pub(crate) gaps: Vec<(String, Spot)>,
    /// The list as a whole.
    pub(crate) spot: Spot,
}

/// A container, or a service.
#[derive(Clone, Copy)]
pub(crate) enum Workload<'a> {
    /// A container.
    Container(&'a ContainerFacts),
    /// A service of a Compose file.
    Service(&'a ComposeFacts, &'a Service),
}

/// How both sources name one thing: the engine's field, Compose's key.
#[derive(Clone, Copy)]
pub(crate) struct Name {
    /// `HostConfig.Privileged`
    pub(crate) field: &'static str,
    /// `privileged`
    pub(crate) key: &'static str,
}

pub(super) const fn named(field: &'static str, key: &'static str) -> Name {
    Name { field, key }
}

impl<'a> Workload<'a> {
    /// Its name; may be empty.
    pub(crate) fn name(self) -> &'a str {
        match self {
            Self::Container(facts) => &facts.name,
            Self::Service(_, service) => &service.name,
        }
    }

    /// The subject of a sentence.
    pub(crate) fn it(self) -> String {
        match self {
            Self::Container(facts) if facts.name.is_empty() => "The container".to_owned(),
            Self::Container(facts) => format!("The container {}", facts.name),
            Self::Service(_, service) => format!("Service {}", service.name),
        }
    }

    /// The container's facts, if it is one.
    pub(crate) fn container(self) -> Option<&'a ContainerFacts> {
        match self {
            Self::Container(facts) => Some(facts),
            Self::Service(..) => None,
        }
    }

    /// Whether the engine has told the container's settings at all: lists that are empty then are empty indeed.
    pub(crate) fn inspected(self) -> bool {
        match self {
            Self::Container(facts) => {
                let host = &facts.host_config;
                host.privileged.is_some() || host.network_mode.is_some() || host.restart.is_some()
            }
            Self::Service(..) => true,
        }
    }

    /// A field of the engine's answer.
    pub(crate) fn field(facts: &ContainerFacts, field: &str) -> Spot {
        let name = if facts.name.is_empty() { &facts.id } else { &facts.name };
        let name = if name.is_empty() { "CONTAINER" } else { name };
        let default = ["", "unix:///var/run/docker.sock", "unix:///run/docker.sock"];
        let host = match facts.at.endpoint.as_str() {
            endpoint if default.contains(&endpoint) => String::new(),
            endpoint => format!("--host {} ", quote(endpoint)),
        };
        Spot {
            location: Location::Field { field: field.to_owned() },
            show: format!("docker {host}inspect --format '{{{{json .{field}}}}}' {}", quote(name)),
        }
    }

    /// A line of a Compose file.
    pub(crate) fn line(file: &ComposeFacts, line: u32) -> Spot {
        Spot { location: Location::File { file: file.path.clone(), line }, show: show_lines(&file.path, line, line) }
    }

    /// The field, or the line of what Compose has; the service's own where it has nothing.
    pub(crate) fn spot(self, field: &str, line: Option<u32>) -> Spot {
        match self {
            Self::Container(facts) => Self::field(facts, field),
            Self::Service(file, service) => Self::line(file, line.unwrap_or(service.line)),
        }
    }

    /// Why a key that is not there does not settle it, and the line that says so.
    pub(crate) fn gap(service: &Service, key: &str) -> Option<(String, u32)> {
        let above = |unread: &str| key == unread || key.strip_prefix(unread).is_some_and(|rest| rest.starts_with('.'));
        if let Some(unread) = service.unread.iter().find(|unread| above(&unread.value)) {
            return Some((
                format!("the value of {} could not be read or depends on a variable", unread.value),
                unread.line,
            ));
        }
        let extends = service.extends.as_ref()?;
        Some((format!("it extends {}, which is not followed", extends.value), extends.line))
    }

    pub(super) fn told<T>(
        self,
        name: Name,
        of: impl FnOnce(&'a HostConfig) -> Option<T>,
        from: impl FnOnce(&'a Service) -> Option<(Result<T, String>, u32)>,
    ) -> Told<T> {
        match self {
            Self::Container(facts) => {
                let untold = || Said::Untold(format!("the engine does not tell {}", name.field));
                let said = of(&facts.host_config).map_or_else(untold, Said::Is);
                Told { said, spot: Self::field(facts, name.field) }
            }
            Self::Service(file, service) => {
                let (said, line) = match (from(service), Self::gap(service, name.key)) {
                    (Some((Ok(value), line)), _) => (Said::Is(value), line),
                    (Some((Err(reason), line)), _) | (None, Some((reason, line))) => (Said::Untold(reason), line),
                    (None, None) => (Said::Unset, service.line),
                };
                Told { said, spot: Self::line(file, line) }
            }
        }
    }

    pub(super) fn flag(
        self,
        name: Name,
        of: impl FnOnce(&'a HostConfig) -> Option<bool>,
        from: impl FnOnce(&'a Service) -> &'a Option<Positioned<bool>>,
    ) -> Told<bool> {
        self.told(name, of, |service| from(service).as_ref().map(|flag| (Ok(flag.value), flag.line)))
    }

    pub(super) fn word(
        self,
        name: Name,
        of: impl FnOnce(&'a HostConfig) -> Option<String>,
        from: impl FnOnce(&'a Service) -> &'a Option<Positioned<String>>,
    ) -> Told<String> {
        self.told(name, of, |service| from(service).as_ref().map(|word| (resolved(&word.value), word.line)))
    }

    pub(super) fn words(
        self,
        name: Name,
        of: impl FnOnce(&'a HostConfig) -> Vec<String>,
        from: impl FnOnce(&'a Service) -> &'a [Positioned<String>],
    ) -> Listed<String> {
        match self {
            Self::Container(facts) => {
                let spot = Self::field(facts, name.field);
                let items = of(&facts.host_config).into_iter().map(|word| (word, spot.clone())).collect();
                self.listed(name, items)
            }
            Self::Service(file, service) => {
                let mut listed = self.listed(name, Vec::new());
                for word in from(service) {
                    let spot = Self::line(file, word.line);
                    match resolved(&word.value) {
                        Ok(word) => listed.items.push((word, spot)),
                        Err(reason) => listed.gaps.push((reason, spot)),
                    }
                }
                listed
            }
        }
    }

    /// A list with what makes it incomplete as a whole.
    pub(crate) fn listed<T>(self, name: Name, items: Vec<(T, Spot)>) -> Listed<T> {
        let spot = self.spot(name.field, None);
        let gap = match self {
            Self::Container(_) if self.inspected() => None,
            Self::Container(_) => Some((format!("the engine does not tell {}", name.field), spot.clone())),
            Self::Service(file, service) => {
                Self::gap(service, name.key).map(|(reason, line)| (reason, Self::line(file, line)))
            }
        };
        Listed { items, gaps: gap.into_iter().collect(), spot }
    }

    /// The image as it is named, variables resolved as far as they can be; none when it is not named.
    pub(crate) fn image(self) -> Option<String> {
        let image = match self {
            Self::Container(facts) => facts.config.image.clone(),
            Self::Service(_, service) => interpolate(&service.image.as_ref()?.value).value,
        };
        (!image.is_empty()).then_some(image)
    }

    /// What the profile allows a workload, by its name or its image's (with or without tag), or by a word of its own.
    pub(crate) fn allowed<'s>(self, settings: &'s Settings, check: &str, word: Option<&str>) -> Option<&'s Allowance> {
        let image = self.image().unwrap_or_default();
        let repository = repository(&image);
        [word.unwrap_or_default(), self.name(), &image, repository]
            .into_iter()
            .filter(|what| !what.is_empty())
            .find_map(|what| settings.allowed(check, what))
    }

    /// Labels with their values.
    pub(crate) fn labels(self) -> Listed<(String, String)> {
        let name = named("Config.Labels", "labels");
        match self {
            Self::Container(facts) => {
                let spot = Self::field(facts, name.field);
                let pairs = facts.config.labels.iter();
                self.listed(name, pairs.map(|(key, value)| ((key.clone(), value.clone()), spot.clone())).collect())
            }
            Self::Service(file, service) => {
                let deployed = service.deploy.iter().flat_map(|deploy| &deploy.labels);
                let pair = |label: &EnvEntry| {
                    ((label.name.clone(), label.value.clone().unwrap_or_default()), Self::line(file, label.line))
                };
                self.listed(name, service.labels.iter().chain(deployed).map(pair).collect())
            }
        }
    }

    /// Whose orchestrator starts the container again, if a label tells: "a swarm".
    pub(crate) fn orchestrator(self) -> Option<&'static str> {
        let labels = &self.container()?.config.labels;
        let has = |beginning: &str| labels.keys().any(|key| key.starts_with(beginning));
        if has("com.docker.swarm.") {
            Some("a swarm")
        } else if has("io.kubernetes.") {
            Some("Kubernetes")
        } else if has("PODMAN_SYSTEMD_UNIT") {
            Some("systemd")
        } else {
            None
        }
    }
}

/// A Compose value with its variables; the reason when one has no value.
pub(crate) fn resolved(text: &str) -> Result<String, String> {
    let expanded = interpolate(text);
    match (expanded.unresolved.first(), expanded.problem) {
        (Some(variable), _) => {
            Err(format!("{text} depends on the variable {variable}, which has no value in the file"))
        }
        (None, Some(problem)) => Err(format!("{text} could not be read ({problem})")),
        (None, None) => Ok(expanded.value),
    }
}

/// A reference without tag and digest.
pub(crate) fn repository(image: &str) -> &str {
    let name = image.split_once('@').map_or(image, |(name, _)| name);
    match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => name,
    }
}
