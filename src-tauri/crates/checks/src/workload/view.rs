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

const fn named(field: &'static str, key: &'static str) -> Name {
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

    /// Why a key that is not there does not settle it.
    pub(crate) fn gap(service: &Service, key: &str) -> Option<String> {
        let above = |unread: &str| key == unread || key.strip_prefix(unread).is_some_and(|rest| rest.starts_with('.'));
        if let Some(unread) = service.unread.iter().find(|unread| above(&unread.value)) {
            return Some(format!("{} in line {} could not be read", unread.value, unread.line));
        }
        let extends = service.extends.as_ref()?;
        Some(format!("it extends {}, which is not followed", extends.value))
    }

    fn told<T>(
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
                let value = from(service);
                let spot = Self::line(file, value.as_ref().map_or(service.line, |(_, line)| *line));
                let said = match value {
                    Some((Ok(value), _)) => Said::Is(value),
                    Some((Err(reason), _)) => Said::Untold(reason),
                    None => Self::gap(service, name.key).map_or(Said::Unset, Said::Untold),
                };
                Told { said, spot }
            }
        }
    }

    fn flag(
        self,
        name: Name,
        of: impl FnOnce(&'a HostConfig) -> Option<bool>,
        from: impl FnOnce(&'a Service) -> &'a Option<Positioned<bool>>,
    ) -> Told<bool> {
        self.told(name, of, |service| from(service).as_ref().map(|flag| (Ok(flag.value), flag.line)))
    }

    fn word(
        self,
        name: Name,
        of: impl FnOnce(&'a HostConfig) -> Option<String>,
        from: impl FnOnce(&'a Service) -> &'a Option<Positioned<String>>,
    ) -> Told<String> {
        self.told(name, of, |service| from(service).as_ref().map(|word| (resolved(&word.value), word.line)))
    }

    fn words(
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
            Self::Container(_) => Some(format!("the engine does not tell {}", name.field)),
            Self::Service(_, service) => Self::gap(service, name.key),
        };
        Listed { items, gaps: gap.into_iter().map(|gap| (gap, spot.clone())).collect(), spot }
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

/// The accessors: one line for each thing that both sources know.
impl<'a> Workload<'a> {
    pub(crate) fn privileged(self) -> Told<bool> {
        self.flag(named("HostConfig.Privileged", "privileged"), |c| c.privileged, |s| &s.privileged)
    }

    pub(crate) fn read_only(self) -> Told<bool> {
        self.flag(named("HostConfig.ReadonlyRootfs", "read_only"), |c| c.read_only, |s| &s.read_only)
    }

    pub(crate) fn cap_add(self) -> Listed<String> {
        self.words(named("HostConfig.CapAdd", "cap_add"), |c| c.cap_add.clone(), |s| &s.cap_add)
    }

    pub(crate) fn cap_drop(self) -> Listed<String> {
        self.words(named("HostConfig.CapDrop", "cap_drop"), |c| c.cap_drop.clone(), |s| &s.cap_drop)
    }

    pub(crate) fn security_opt(self) -> Listed<String> {
        self.words(named("HostConfig.SecurityOpt", "security_opt"), |c| c.security_opt.clone(), |s| &s.security_opt)
    }

    pub(crate) fn network_mode(self) -> Told<String> {
        self.word(named("HostConfig.NetworkMode", "network_mode"), |c| c.network_mode.clone(), |s| &s.network_mode)
    }

    pub(crate) fn pid(self) -> Told<String> {
        self.word(named("HostConfig.PidMode", "pid"), |c| c.pid_mode.clone(), |s| &s.pid)
    }

    pub(crate) fn ipc(self) -> Told<String> {
        self.word(named("HostConfig.IpcMode", "ipc"), |c| c.ipc_mode.clone(), |s| &s.ipc)
    }

    pub(crate) fn uts(self) -> Told<String> {
        self.word(named("HostConfig.UTSMode", "uts"), |c| c.uts_mode.clone(), |s| &s.uts)
    }

    pub(crate) fn userns(self) -> Told<String> {
        self.word(named("HostConfig.UsernsMode", "userns_mode"), |c| c.userns_mode.clone(), |s| &s.userns_mode)
    }

    pub(crate) fn cgroup(self) -> Told<String> {
        self.word(named("HostConfig.CgroupnsMode", "cgroup"), |c| c.cgroupns_mode.clone(), |s| &s.cgroup)
    }

    pub(crate) fn restart(self) -> Told<String> {
        let name = named("HostConfig.RestartPolicy", "restart");
        let with_count = |c: &HostConfig| {
            let policy = c.restart.clone()?;
            Some(match c.restart_retries {
                Some(count) if count > 0 && policy == "on-failure" => format!("{policy}:{count}"),
                _ => policy,
            })
        };
        let mut told = self.word(name, with_count, |s| &s.restart);
        if let Self::Service(_, service) = self {
            if told.said == Said::Unset
                && let Some(gap) = Self::gap(service, "deploy.restart_policy.condition")
            {
                told.said = Said::Untold(gap);
            }
            if let Some(deploy) = service.deploy.as_ref().filter(|_| service.restart == deployed_restart(service))
                && let (Said::Is(policy), Some(count)) = (&mut told.said, &deploy.restart_attempts)
                && policy == "on-failure"
            {
                policy.push_str(&format!(":{}", count.value));
            }
        }
        told
    }

    pub(crate) fn log_driver(self) -> Told<String> {
        let driver = |s: &'a Service| {
            let driver = s.logging.as_ref()?.driver.as_ref()?;
            Some((resolved(&driver.value), driver.line))
        };
        let name = named("HostConfig.LogConfig", "logging.driver");
        self.told(name, |c| c.log_driver.clone().filter(|driver| !driver.is_empty()), driver)
    }

    /// Options of the logging driver.
    pub(crate) fn log_options(self) -> Vec<(String, String)> {
        match self {
            Self::Container(facts) => {
                facts.host_config.log_options.iter().map(|(key, value)| (key.clone(), value.clone())).collect()
            }
            Self::Service(_, service) => {
                let options = service.logging.iter().flat_map(|logging| &logging.options);
                options.map(|option| (option.name.clone(), option.value.clone().unwrap_or_default())).collect()
            }
        }
    }

    pub(crate) fn device_rules(self) -> Listed<String> {
        let name = named("HostConfig.DeviceCgroupRules", "device_cgroup_rules");
        self.words(name, |c| c.device_rules.clone(), |s| &s.device_cgroup_rules)
    }

    /// Graphics cards and their like.
    pub(crate) fn device_requests(self) -> Listed<String> {
        self.words(named("HostConfig.DeviceRequests", "gpus"), |c| c.device_requests.clone(), |s| &s.gpus)
    }

    /// `HOST:CONTAINER:PERMISSIONS`
    pub(crate) fn devices(self) -> Listed<String> {
        let written = |c: &HostConfig| {
            let one = |d: &plimsoll_docker::facts::DeviceFacts| {
                format!("{}:{}:{}", d.host_path, d.container_path, d.permissions)
            };
            c.devices.iter().map(one).collect()
        };
        self.words(named("HostConfig.Devices", "devices"), written, |s| &s.devices)
    }

    pub(crate) fn group_add(self) -> Listed<String> {
        self.words(named("HostConfig.GroupAdd", "group_add"), |c| c.group_add.clone(), |s| &s.group_add)
    }

    pub(crate) fn sysctls(self) -> Listed<(String, String)> {
        let name = named("HostConfig.Sysctls", "sysctls");
        match self {
            Self::Container(facts) => {
                let spot = Self::field(facts, name.field);
                let pairs = facts.host_config.sysctls.iter();
                self.listed(name, pairs.map(|(key, value)| ((key.clone(), value.clone()), spot.clone())).collect())
            }
            Self::Service(file, service) => {
                let mut listed = self.listed(name, Vec::new());
                for sysctl in &service.sysctls {
                    let spot = Self::line(file, sysctl.line);
                    match resolved(sysctl.value.as_deref().unwrap_or_default()) {
                        Ok(value) => listed.items.push(((sysctl.name.clone(), value), spot)),
                        Err(reason) => listed.gaps.push((reason, spot)),
                    }
                }
                listed
            }
        }
    }

    pub(crate) fn memory(self) -> Told<String> {
        let name = named("HostConfig.Memory", "mem_limit");
        self.bound(name, "deploy.resources.limits.memory", |c| c.memory.map(|n| n.to_string()), |s| &s.mem_limit)
    }

    pub(crate) fn pids(self) -> Told<String> {
        let name = named("HostConfig.PidsLimit", "pids_limit");
        // `null` is how an engine writes that there is no bound: only a container that was not told at all is untold.
        let inspected = self.inspected();
        let of =
            |c: &HostConfig| c.pids_limit.map_or_else(|| inspected.then(|| "0".to_owned()), |n| Some(n.to_string()));
        self.bound(name, "deploy.resources.limits.pids", of, |s| &s.pids_limit)
    }

    pub(crate) fn cpus(self) -> Told<String> {
        let of = |c: &HostConfig| {
            let quota = c.cpu_quota.filter(|quota| *quota > 0).and_then(|quota| u32::try_from(quota).ok());
            let period =
                c.cpu_period.filter(|period| *period > 0).and_then(|it| u32::try_from(it).ok()).unwrap_or(100_000);
            match (c.nano_cpus, quota) {
                (Some(nano), _) if nano > 0 => Some((u64_to_f64(nano) / 1e9).to_string()),
                (_, Some(quota)) => Some((f64::from(quota) / f64::from(period)).to_string()),
                (None, None) => c.cpu_quota.map(|_| "0".to_owned()),
                (Some(_), None) => Some("0".to_owned()),
            }
        };
        let name = named("HostConfig.NanoCpus", "cpus");
        let told = self.bound(name, "deploy.resources.limits.cpus", of, |s| &s.cpus);
        match self {
            // `cpu_quota` is the older way to say it; its period is rarely set.
            Self::Service(_, service) if told.said == Said::Unset => {
                let period =
                    service.cpu_period.as_ref().and_then(|period| interpolate(&period.value).value.parse().ok());
                let period = period.filter(|period| *period > 0.0).unwrap_or(100_000.0);
                self.word(named("", "cpu_quota"), |_| None, |s| &s.cpu_quota).and(|quota| {
                    let quota: f64 = quota.parse().map_err(|_| format!("cpu_quota is {quota}, which is no number"))?;
                    Ok((quota / period).to_string())
                })
            }
            _ => told,
        }
    }

    pub(crate) fn cpuset(self) -> Told<String> {
        self.word(named("HostConfig.CpusetCpus", "cpuset"), |c| c.cpuset.clone(), |s| &s.cpuset)
    }

    fn bound(
        self,
        name: Name,
        deployed: &str,
        of: impl FnOnce(&'a HostConfig) -> Option<String>,
        from: impl FnOnce(&'a Service) -> &'a Option<Positioned<String>>,
    ) -> Told<String> {
        let mut told = self.word(name, of, from);
        if let (Self::Service(_, service), Said::Unset) = (self, &told.said)
            && let Some(gap) = Self::gap(service, deployed)
        {
            told.said = Said::Untold(gap);
        }
        told
    }
}

/// Whole numbers of this size are exact enough for a share of processors.
#[allow(clippy::cast_precision_loss)]
fn u64_to_f64(number: u64) -> f64 {
    number as f64
}

fn deployed_restart(service: &Service) -> Option<Positioned<String>> {
    service.deploy.as_ref().and_then(|deploy| deploy.restart_condition.clone())
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
