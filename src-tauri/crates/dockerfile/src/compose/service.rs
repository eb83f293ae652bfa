//! One service out of the tree.

use plimsoll_secrets::redact_text;

use super::model::{Build, ComposeHealthcheck, Positioned, Service};
use super::mounts::{long_mount, long_volume, read_mount};
use super::parts::{Deploy, Hook, Logging, Mount, Rollout, UlimitEntry};
use super::ports::long_port;
use super::reader::{Reader, field};
use crate::yaml::{Entry, Kind, Node};

impl Reader {
    /// A service; none, and a complaint, when it is no mapping.
    pub(super) fn service(&mut self, entry: &Entry) -> Option<Service> {
        let node = entry.value.as_ref();
        match &node.kind {
            Kind::Mapping(_) => {}
            Kind::Null => return Some(Service { name: entry.key.clone(), line: entry.line, ..Service::default() }),
            _ => {
                self.complain(entry.line, format!("the service {} is no mapping", entry.key));
                return None;
            }
        }
        let deployed = self.mapping(node, "deploy");
        let deploy = deployed.map(|(node, line)| self.nested("deploy", |reader| reader.deploy(node, line)));
        let (limits, reserved) = match deployed {
            Some((deployed, _)) => self.nested("deploy", |reader| {
                let resources = reader.mapping(deployed, "resources").map(|(node, _)| node);
                reader.nested("resources", |reader| {
                    let mut part = |key| resources.and_then(|node| reader.mapping(node, key)).map(|(node, _)| node);
                    (part("limits"), part("reservations"))
                })
            }),
            None => (None, None),
        };
        let bound = |reader: &mut Self, name: &str, under: Option<&Node>, path: &str, deployed: &str| {
            reader.text(node, name).or_else(|| reader.nested(path, |reader| reader.text(under?, deployed)))
        };
        let (limited, asked) = ("deploy.resources.limits", "deploy.resources.reservations");
        let mut gpus = match node.get("gpus").map(|gpus| &gpus.kind) {
            Some(_) => self.list(node, "gpus", &device_request),
            None => Vec::new(),
        };
        if let Some(reserved) = reserved {
            gpus.extend(self.nested(asked, |reader| reader.list(reserved, "devices", &device_request)));
        }
        let condition = deploy.as_ref().and_then(|deploy| deploy.restart_condition.clone());
        let service = Service {
            name: entry.key.clone(),
            line: entry.line,
            image: self.text(node, "image"),
            build: self.build(node),
            user: self.text(node, "user"),
            healthcheck: self.healthcheck(node),
            privileged: self.boolean(node, "privileged"),
            cap_add: self.list(node, "cap_add", &|_| None),
            cap_drop: self.list(node, "cap_drop", &|_| None),
            security_opt: self.list(node, "security_opt", &|_| None),
            read_only: self.boolean(node, "read_only"),
            ports: self.list(node, "ports", &long_port),
            env_file: self.list(node, "env_file", &|item| field(item, "path")),
            environment: self.variables(node, "environment"),
            volumes: self.list(node, "volumes", &long_volume),
            devices: self.list(node, "devices", &long_device),
            tmpfs: self.list(node, "tmpfs", &|_| None),
            restart: self.text(node, "restart").or(condition),
            secrets: self
                .list(node, "secrets", &|item| field(item, "source"))
                .into_iter()
                .map(|secret| secret.value)
                .collect(),
            network_mode: self.text(node, "network_mode"),
            pid: self.text(node, "pid"),
            ipc: self.text(node, "ipc"),
            userns_mode: self.text(node, "userns_mode"),
            pids_limit: bound(self, "pids_limit", limits, limited, "pids"),
            mem_limit: bound(self, "mem_limit", limits, limited, "memory"),
            cpus: bound(self, "cpus", limits, limited, "cpus"),
            extends: self.extends(node),
            mounts: mounts(node),
            ulimits: self.ulimits(node),
            sysctls: self.variables(node, "sysctls"),
            labels: self.variables(node, "labels"),
            networks: self.names(node, "networks"),
            links: self.list(node, "links", &|_| None),
            external_links: self.list(node, "external_links", &|_| None),
            logging: self.logging(node),
            deploy,
            scale: self.text(node, "scale"),
            uts: self.text(node, "uts"),
            cgroup: self.text(node, "cgroup"),
            cgroup_parent: self.text(node, "cgroup_parent"),
            runtime: self.text(node, "runtime"),
            isolation: self.text(node, "isolation"),
            platform: self.text(node, "platform"),
            pull_policy: self.text(node, "pull_policy"),
            container_name: self.text(node, "container_name"),
            init: self.boolean(node, "init"),
            group_add: self.list(node, "group_add", &|_| None),
            device_cgroup_rules: self.list(node, "device_cgroup_rules", &|_| None),
            gpus,
            volumes_from: self.list(node, "volumes_from", &|_| None),
            expose: self.list(node, "expose", &|_| None),
            depends_on: self.names(node, "depends_on"),
            profiles: self.list(node, "profiles", &|_| None),
            configs: self.list(node, "configs", &|item| field(item, "source")),
            oom_kill_disable: self.boolean(node, "oom_kill_disable"),
            oom_score_adj: self.text(node, "oom_score_adj"),
            mem_reservation: bound(self, "mem_reservation", reserved, asked, "memory"),
            memswap_limit: self.text(node, "memswap_limit"),
            cpu_shares: self.text(node, "cpu_shares"),
            cpu_quota: self.text(node, "cpu_quota"),
            cpu_period: self.text(node, "cpu_period"),
            cpuset: self.text(node, "cpuset"),
            command: self.words(node, "command"),
            entrypoint: self.words(node, "entrypoint"),
            hooks: self.hooks(node),
            use_api_socket: self.boolean(node, "use_api_socket"),
            unread: Vec::new(),
        };
        let mut unread = std::mem::take(&mut self.unread);
        unread.sort_by(|a, b| (a.line, &a.value).cmp(&(b.line, &b.value)));
        unread.dedup();
        Some(Service { unread, ..service })
    }

    fn deploy(&mut self, node: &Node, line: u32) -> Deploy {
        let mut placement = Vec::new();
        if let Some((place, _)) = self.mapping(node, "placement") {
            self.nested("placement", |reader| {
                placement.extend(reader.list(place, "constraints", &|_| None));
                let spread = |item: &Node| field(item, "spread").map(|over| format!("spread={over}"));
                placement.extend(reader.list(place, "preferences", &spread));
            });
        }
        let (mut restart_condition, mut restart_attempts) = (None, None);
        if let Some((policy, _)) = self.mapping(node, "restart_policy") {
            self.nested("restart_policy", |reader| {
                restart_condition = reader.text(policy, "condition");
                restart_attempts = reader.text(policy, "max_attempts");
            });
        }
        Deploy {
            mode: self.text(node, "mode"),
            replicas: self.text(node, "replicas"),
            endpoint_mode: self.text(node, "endpoint_mode"),
            update: self.rollout(node, "update_config"),
            rollback: self.rollout(node, "rollback_config"),
            placement,
            restart_condition,
            restart_attempts,
            labels: self.variables(node, "labels"),
            line,
        }
    }

    fn rollout(&mut self, node: &Node, key: &str) -> Option<Rollout> {
        let (config, line) = self.mapping(node, key)?;
        Some(self.nested(key, |reader| Rollout {
            parallelism: reader.plain(config, "parallelism"),
            delay: reader.plain(config, "delay"),
            failure_action: reader.plain(config, "failure_action"),
            monitor: reader.plain(config, "monitor"),
            max_failure_ratio: reader.plain(config, "max_failure_ratio"),
            order: reader.plain(config, "order"),
            line,
        }))
    }

    fn logging(&mut self, node: &Node) -> Option<Logging> {
        let (logging, line) = self.mapping(node, "logging")?;
        Some(self.nested("logging", |reader| Logging {
            driver: reader.text(logging, "driver"),
            options: reader.variables(logging, "options"),
            line,
        }))
    }

    fn ulimits(&mut self, node: &Node) -> Vec<UlimitEntry> {
        let Some((limits, _)) = self.mapping(node, "ulimits") else { return Vec::new() };
        let mut read = Vec::new();
        for entry in limits.mapping().unwrap_or_default() {
            let (soft, hard) = match &entry.value.kind {
                Kind::Scalar(text) => (Some(text.clone()), Some(text.clone())),
                Kind::Mapping(_) => (field(&entry.value, "soft"), field(&entry.value, "hard")),
                Kind::Null => continue,
                Kind::Sequence(_) => {
                    self.refuse("ulimits", entry.line, format!("the limit {} could not be read", entry.key));
                    continue;
                }
            };
            read.push(UlimitEntry { name: entry.key.clone(), soft, hard, line: entry.line });
        }
        read
    }

    fn hooks(&mut self, node: &Node) -> Vec<Hook> {
        let mut hooks = Vec::new();
        for event in ["post_start", "pre_stop"] {
            match node.get(event).map(|hooks| (&hooks.kind, hooks.line)) {
                Some((Kind::Sequence(items), _)) => {
                    for item in items {
                        let privileged = self.nested(event, |reader| reader.boolean(item, "privileged"));
                        let user = field(item, "user");
                        hooks.push(Hook { event: event.to_owned(), user, privileged, line: item.line });
                    }
                }
                Some((_, line)) => self.refuse(event, line, format!("{event} must be a list")),
                None => {}
            }
        }
        hooks
    }

    fn build(&mut self, node: &Node) -> Option<Build> {
        let line = node.mapping()?.iter().find(|entry| entry.key == "build")?.line;
        let build = node.get("build")?;
        if let Some(context) = build.scalar() {
            let context = Some(context.to_owned());
            return Some(Build { context, dockerfile: None, target: None, args: Vec::new(), line });
        }
        if build.mapping().is_none() {
            self.refuse("build", line, "build must be a folder or a mapping");
            return None;
        }
        if build.get("dockerfile_inline").is_some() {
            self.complain(line, "the Dockerfile inside build was not read");
        }
        Some(Build {
            context: self.plain(build, "context"),
            dockerfile: self.plain(build, "dockerfile"),
            target: self.plain(build, "target"),
            args: self.variables(build, "args"),
            line,
        })
    }

    fn healthcheck(&mut self, node: &Node) -> Option<ComposeHealthcheck> {
        let line = node.mapping()?.iter().find(|entry| entry.key == "healthcheck")?.line;
        let check = node.get("healthcheck")?;
        if check.mapping().is_none() {
            self.refuse("healthcheck", line, "healthcheck must be a mapping");
            return None;
        }
        let test = match check.get("test").map(|test| (&test.kind, test.line)) {
            Some((Kind::Scalar(text), _)) => Some(vec!["CMD-SHELL".to_owned(), redact_text(text)]),
            Some((Kind::Sequence(_), _)) => {
                Some(self.list(check, "test", &|_| None).iter().map(|item| redact_text(&item.value)).collect())
            }
            Some((_, line)) => {
                self.complain(line, "the test of a healthcheck must be a text or a list");
                None
            }
            None => None,
        };
        let none = test.as_ref().and_then(|test: &Vec<String>| test.first()).is_some_and(|word| word == "NONE");
        Some(ComposeHealthcheck {
            disable: none || self.boolean(check, "disable").is_some_and(|disable| disable.value),
            test,
            interval: self.plain(check, "interval"),
            timeout: self.plain(check, "timeout"),
            start_period: self.plain(check, "start_period"),
            start_interval: self.plain(check, "start_interval"),
            retries: self.plain(check, "retries"),
            line,
        })
    }

    fn extends(&mut self, node: &Node) -> Option<Positioned<String>> {
        let extends = node.get("extends")?;
        let value = match &extends.kind {
            Kind::Scalar(text) => text.clone(),
            _ => match (field(extends, "file"), field(extends, "service")) {
                (Some(file), Some(service)) => format!("{file}:{service}"),
                (_, service) => service.unwrap_or_default(),
            },
        };
        self.complain(extends.line, "extends is not followed");
        Some(Positioned { value, line: extends.line })
    }
}

/// `volumes` in parts. What cannot be read, [`Reader::list`] has refused already.
fn mounts(node: &Node) -> Vec<Mount> {
    let Some(volumes) = node.get("volumes") else { return Vec::new() };
    let one = |item: &Node| match item.scalar() {
        Some(text) => Some(read_mount(text, item.line)),
        None => long_mount(item),
    };
    match &volumes.kind {
        Kind::Sequence(items) => items.iter().filter_map(|item| one(item)).collect(),
        _ => one(volumes).into_iter().collect(),
    }
}

/// `driver: nvidia`, `capabilities: [gpu]` as words.
fn device_request(node: &Node) -> Option<String> {
    let driver = field(node, "driver").map(|driver| format!("driver {driver}"));
    let capabilities = match node.get("capabilities").map(|it| &it.kind) {
        Some(Kind::Sequence(items)) => {
            let words: Vec<&str> = items.iter().filter_map(|item| item.scalar()).collect();
            Some(format!("capabilities {}", words.join(", ")))
        }
        _ => None,
    };
    let count = field(node, "count").map(|count| format!("count {count}"));
    let parts: Vec<String> = [driver, capabilities, count].into_iter().flatten().collect();
    node.mapping().map(|_| if parts.is_empty() { "any device".to_owned() } else { parts.join(", ") })
}

fn long_device(node: &Node) -> Option<String> {
    let source = field(node, "source")?;
    let target = field(node, "target").unwrap_or_else(|| source.clone());
    let permissions = field(node, "permissions").map(|it| format!(":{it}")).unwrap_or_default();
    Some(format!("{source}:{target}{permissions}"))
}
