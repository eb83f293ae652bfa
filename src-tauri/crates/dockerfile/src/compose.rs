//! Compose files: what they say of each service that matters to an audit, with lines.
//!
//! Source: <https://github.com/compose-spec/compose-spec/blob/main/spec.md>. Anchors, aliases and merge keys are
//! resolved; short and long syntax come out alike. Variables (`${TAG:-1}`) stay as written, [`interpolate`] reads them.
//! `extends` and `include` are not followed, and [`Compose::problems`] says so.

use crate::expand::Expanded;
use crate::model::Problem;
use crate::yaml::{Entry, Kind, Node, load};
use plimsoll_secrets::{redact_text, redact_value};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

/// Deepest nesting of `${…:-${…}}`.
const MAX_DEPTH: usize = 16;

/// A value and the line it stands in, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Positioned<T> {
    /// The value.
    pub value: T,
    /// Its line.
    pub line: u32,
}

/// A Compose file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Compose {
    /// The project's name, when the file gives one.
    pub name: Option<String>,
    /// The services in the order of the file.
    pub services: Vec<Service>,
    /// SHA-256 of the original text, in hexadecimal.
    pub sha256: String,
    /// The text with every recognised secret masked, line for line.
    pub text: String,
    /// Values of the wrong kind, and what was not followed.
    pub problems: Vec<Problem>,
}

/// One service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The line of its name, counted from 1.
    pub line: u32,
    /// `image`, as written.
    pub image: Option<Positioned<String>>,
    /// `build`.
    pub build: Option<Build>,
    /// `user`, as written.
    pub user: Option<Positioned<String>>,
    /// `healthcheck`.
    pub healthcheck: Option<ComposeHealthcheck>,
    /// `privileged`.
    pub privileged: Option<Positioned<bool>>,
    /// `cap_add`.
    pub cap_add: Vec<Positioned<String>>,
    /// `cap_drop`.
    pub cap_drop: Vec<Positioned<String>>,
    /// `security_opt`.
    pub security_opt: Vec<Positioned<String>>,
    /// `read_only`: the root file system.
    pub read_only: Option<Positioned<bool>>,
    /// `ports` in short syntax; the long one is written in it (`127.0.0.1:80:8080/tcp`).
    pub ports: Vec<Positioned<String>>,
    /// `env_file`: paths.
    pub env_file: Vec<Positioned<String>>,
    /// `environment`.
    pub environment: Vec<EnvEntry>,
    /// `volumes` in short syntax; the long one is written in it (`source:target:ro`).
    pub volumes: Vec<Positioned<String>>,
    /// `devices` in short syntax.
    pub devices: Vec<Positioned<String>>,
    /// `tmpfs`.
    pub tmpfs: Vec<Positioned<String>>,
    /// `restart`, or the condition of `deploy.restart_policy`.
    pub restart: Option<Positioned<String>>,
    /// Names of the secrets it is given.
    pub secrets: Vec<String>,
    /// `network_mode`.
    pub network_mode: Option<Positioned<String>>,
    /// `pid`.
    pub pid: Option<Positioned<String>>,
    /// `ipc`.
    pub ipc: Option<Positioned<String>>,
    /// `userns_mode`.
    pub userns_mode: Option<Positioned<String>>,
    /// `pids_limit`, or `deploy.resources.limits.pids`.
    pub pids_limit: Option<Positioned<String>>,
    /// `mem_limit`, or `deploy.resources.limits.memory`.
    pub mem_limit: Option<Positioned<String>>,
    /// `cpus`, or `deploy.resources.limits.cpus`.
    pub cpus: Option<Positioned<String>>,
    /// `extends`: the service (and file) it builds on, which is not followed.
    pub extends: Option<Positioned<String>>,
}

/// How a service's image is built.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Build {
    /// The context folder or address, as written.
    pub context: Option<String>,
    /// The Dockerfile, relative to the context.
    pub dockerfile: Option<String>,
    /// The stage that is built.
    pub target: Option<String>,
    /// Build arguments; values masked where they are secrets.
    pub args: Vec<EnvEntry>,
    /// The line of `build`, counted from 1.
    pub line: u32,
}

/// A variable with its value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct EnvEntry {
    /// The name.
    pub name: String,
    /// The value, masked where it is a secret; none when it is passed through from outside.
    pub value: Option<String>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// A service's health check. Durations are as written.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct ComposeHealthcheck {
    /// Switched off, by `disable: true` or `test: ["NONE"]`.
    pub disable: bool,
    /// The test, as a list that begins with `CMD` or `CMD-SHELL`.
    pub test: Option<Vec<String>>,
    /// `interval`.
    pub interval: Option<String>,
    /// `timeout`.
    pub timeout: Option<String>,
    /// `start_period`.
    pub start_period: Option<String>,
    /// `start_interval`.
    pub start_interval: Option<String>,
    /// `retries`.
    pub retries: Option<String>,
    /// The line of `healthcheck`, counted from 1.
    pub line: u32,
}

/// Why a text is no Compose file. Lines are counted from 1.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ComposeError {
    /// The YAML is broken, or beyond the bounds.
    #[error("line {line}: {message}")]
    Yaml {
        /// The line.
        line: u32,
        /// What is wrong.
        message: String,
    },
    /// Nothing in it.
    #[error("the file is empty")]
    Empty,
    /// It is a Dockerfile.
    #[error("line {line}: this is a Dockerfile, not a Compose file")]
    Dockerfile {
        /// The line of its first instruction.
        line: u32,
    },
    /// The top level is no mapping.
    #[error("line {line}: the top level of a Compose file is a mapping with services")]
    NotMapping {
        /// The line.
        line: u32,
    },
    /// There are no services.
    #[error("line {line}: the file has no services: it is no Compose file")]
    NoServices {
        /// The line.
        line: u32,
    },
}

/// Reads a Compose file.
///
/// # Errors
/// When the text is no YAML, is beyond the bounds, or is something else than a Compose file.
pub fn parse_compose(text: &str) -> Result<Compose, ComposeError> {
    let body = text.strip_prefix('\u{feff}').unwrap_or(text);
    read(text, body).map_err(|error| match dockerfile_line(body) {
        Some(line) => ComposeError::Dockerfile { line },
        None => error,
    })
}

fn read(text: &str, body: &str) -> Result<Compose, ComposeError> {
    let (root, more) =
        load(body).map_err(|error| ComposeError::Yaml { line: error.line, message: redact_text(&error.message) })?;
    let root = root.filter(|root| !matches!(root.kind, Kind::Null)).ok_or(ComposeError::Empty)?;
    let entries = root.mapping().ok_or(ComposeError::NotMapping { line: root.line })?;
    let mut reader = Reader { problems: Vec::new() };
    if more {
        reader.complain(1, "only the first document of the file was read");
    }
    let services = entries.iter().find(|entry| entry.key == "services");
    let include = entries.iter().find(|entry| entry.key == "include");
    if let Some(include) = include {
        reader.complain(include.line, "include is not followed");
    }
    let services = match services {
        Some(entry) => match &entry.value.kind {
            Kind::Mapping(services) => services.iter().filter_map(|entry| reader.service(entry)).collect(),
            Kind::Null => Vec::new(),
            _ => return Err(ComposeError::NoServices { line: entry.line }),
        },
        None if include.is_some() => Vec::new(),
        None => return Err(ComposeError::NoServices { line: root.line }),
    };
    reader.problems.sort_by_key(|problem| problem.line);
    Ok(Compose {
        name: root.get("name").and_then(Node::scalar).map(str::to_owned),
        services,
        sha256: hex::encode(Sha256::digest(text.as_bytes())),
        text: redact_text(body),
        problems: reader.problems,
    })
}

/// The line of the first instruction, when the text begins as a Dockerfile does.
fn dockerfile_line(text: &str) -> Option<u32> {
    let (index, line) =
        text.lines().enumerate().find(|(_, line)| !line.trim().is_empty() && !line.trim_start().starts_with('#'))?;
    let mut words = line.split_whitespace();
    let word = words.next()?;
    let begins = ["FROM", "ARG"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword));
    (begins && words.next().is_some()).then(|| crate::lines::number(index))
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn complain(&mut self, line: u32, message: impl Into<String>) {
        self.problems.push(Problem { line, message: message.into() });
    }

    fn service(&mut self, entry: &Entry) -> Option<Service> {
        let node = entry.value.as_ref();
        match &node.kind {
            Kind::Mapping(_) => {}
            Kind::Null => return Some(Service { name: entry.key.clone(), line: entry.line, ..Service::default() }),
            _ => {
                self.complain(entry.line, format!("the service {} is no mapping", entry.key));
                return None;
            }
        }
        let limits = node.get("deploy").and_then(|deploy| deploy.get("resources")).and_then(|it| it.get("limits"));
        let policy = node.get("deploy").and_then(|deploy| deploy.get("restart_policy"));
        let limit = |reader: &mut Self, name: &str, deployed: &str| {
            reader.text(node, name).or_else(|| limits.and_then(|limits| reader.text(limits, deployed)))
        };
        Some(Service {
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
            restart: self.text(node, "restart").or_else(|| policy.and_then(|policy| self.text(policy, "condition"))),
            secrets: self
                .list(node, "secrets", &|item| field(item, "source"))
                .into_iter()
                .map(|secret| secret.value)
                .collect(),
            network_mode: self.text(node, "network_mode"),
            pid: self.text(node, "pid"),
            ipc: self.text(node, "ipc"),
            userns_mode: self.text(node, "userns_mode"),
            pids_limit: limit(self, "pids_limit", "pids"),
            mem_limit: limit(self, "mem_limit", "memory"),
            cpus: limit(self, "cpus", "cpus"),
            extends: self.extends(node),
        })
    }

    fn text(&mut self, node: &Node, key: &str) -> Option<Positioned<String>> {
        let value = node.get(key)?;
        match value.scalar() {
            Some(text) => Some(Positioned { value: text.to_owned(), line: value.line }),
            None => {
                self.complain(value.line, format!("{key} must be a single value"));
                None
            }
        }
    }

    fn plain(&mut self, node: &Node, key: &str) -> Option<String> {
        self.text(node, key).map(|text| text.value)
    }

    fn boolean(&mut self, node: &Node, key: &str) -> Option<Positioned<bool>> {
        let text = self.text(node, key)?;
        let expanded = interpolate(&text.value);
        // The words that Compose takes, the old YAML ones among them.
        let value = match expanded.value.to_ascii_lowercase().as_str() {
            _ if !expanded.unresolved.is_empty() => None,
            "true" | "1" | "t" | "y" | "yes" | "on" => Some(true),
            "false" | "0" | "f" | "n" | "no" | "off" => Some(false),
            _ => None,
        };
        match value {
            Some(value) => Some(Positioned { value, line: text.line }),
            None => {
                self.complain(text.line, format!("{key} is neither true nor false"));
                None
            }
        }
    }

    /// A list of texts, or a single one; `long` writes a mapping in short syntax.
    fn list(&mut self, node: &Node, key: &str, long: &dyn Fn(&Node) -> Option<String>) -> Vec<Positioned<String>> {
        let Some(value) = node.get(key) else { return Vec::new() };
        let mut list = Vec::new();
        let single = match &value.kind {
            Kind::Sequence(items) => {
                for item in items {
                    match item.scalar().map(str::to_owned).or_else(|| long(item)) {
                        Some(text) => list.push(Positioned { value: text, line: item.line }),
                        None => self.complain(item.line, format!("an entry of {key} could not be read")),
                    }
                }
                return list;
            }
            Kind::Scalar(text) => Some(text.clone()),
            Kind::Mapping(_) => long(value),
            Kind::Null => return list,
        };
        match single {
            Some(text) => list.push(Positioned { value: text, line: value.line }),
            None => self.complain(value.line, format!("{key} must be a list")),
        }
        list
    }

    /// `environment` or `args`: a mapping, or a list of `NAME=value`.
    fn variables(&mut self, node: &Node, key: &str) -> Vec<EnvEntry> {
        let Some(value) = node.get(key) else { return Vec::new() };
        let mut entries = Vec::new();
        match &value.kind {
            Kind::Mapping(pairs) => {
                for pair in pairs {
                    let text = match &pair.value.kind {
                        Kind::Scalar(text) => Some(redact_value(&pair.key, text)),
                        Kind::Null => None,
                        _ => {
                            self.complain(pair.line, format!("a value in {key} is no single value"));
                            continue;
                        }
                    };
                    entries.push(EnvEntry { name: pair.key.clone(), value: text, line: pair.line });
                }
            }
            Kind::Sequence(items) => {
                for item in items {
                    let Some(text) = item.scalar() else {
                        self.complain(item.line, format!("an entry of {key} could not be read"));
                        continue;
                    };
                    let (name, value) = match text.split_once('=') {
                        Some((name, value)) => (name, Some(redact_value(name, value))),
                        None => (text, None),
                    };
                    entries.push(EnvEntry { name: name.to_owned(), value, line: item.line });
                }
            }
            _ => self.complain(value.line, format!("{key} must be a mapping or a list")),
        }
        entries
    }

    fn build(&mut self, node: &Node) -> Option<Build> {
        let line = node.mapping()?.iter().find(|entry| entry.key == "build")?.line;
        let build = node.get("build")?;
        if let Some(context) = build.scalar() {
            let context = Some(context.to_owned());
            return Some(Build { context, dockerfile: None, target: None, args: Vec::new(), line });
        }
        if build.mapping().is_none() {
            self.complain(line, "build must be a folder or a mapping");
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
            self.complain(line, "healthcheck must be a mapping");
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

fn field(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::scalar).map(str::to_owned)
}

fn long_port(node: &Node) -> Option<String> {
    let target = field(node, "target")?;
    let published = field(node, "published");
    let mut text = String::new();
    if let Some(host) = field(node, "host_ip") {
        text.push_str(&host);
        text.push(':');
        // An address without a host port: Docker chooses one, and the short syntax leaves it empty.
        text.push_str(published.as_deref().unwrap_or_default());
        text.push(':');
    } else if let Some(published) = published {
        text.push_str(&published);
        text.push(':');
    }
    text.push_str(&target);
    if let Some(protocol) = field(node, "protocol") {
        text.push('/');
        text.push_str(&protocol);
    }
    Some(text)
}

fn long_volume(node: &Node) -> Option<String> {
    let target = field(node, "target")?;
    let mut text = field(node, "source").map(|source| source + ":").unwrap_or_default();
    text.push_str(&target);
    let read_only = field(node, "read_only").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    if read_only {
        text.push_str(":ro");
    }
    Some(text)
}

fn long_device(node: &Node) -> Option<String> {
    let source = field(node, "source")?;
    let target = field(node, "target").unwrap_or_else(|| source.clone());
    let permissions = field(node, "permissions").map(|it| format!(":{it}")).unwrap_or_default();
    Some(format!("{source}:{target}{permissions}"))
}

/// Replaces the variables of a Compose value as far as the file settles them: by their defaults.
///
/// Every variable can be changed from outside ([`Expanded::from_arg`]); one without a default stays as written and is
/// named. `$$` is a dollar sign. Quotes have no meaning here.
#[must_use]
pub fn interpolate(text: &str) -> Expanded {
    let chars: Vec<char> = text.chars().collect();
    let mut state = Interpolation { unresolved: Vec::new(), used: false, problem: None };
    let mut position = 0;
    let value = state.run(&chars, &mut position, false, 0);
    match state.problem {
        Some(problem) => Expanded {
            value: text.to_owned(),
            unresolved: state.unresolved,
            from_arg: state.used,
            problem: Some(problem),
        },
        None => Expanded { value, unresolved: state.unresolved, from_arg: state.used, problem: None },
    }
}

struct Interpolation {
    unresolved: Vec<String>,
    used: bool,
    problem: Option<String>,
}

impl Interpolation {
    /// Reads to the end, or to the closing brace.
    fn run(&mut self, chars: &[char], position: &mut usize, inside: bool, depth: usize) -> String {
        let mut result = String::new();
        while let Some(ch) = chars.get(*position) {
            match ch {
                '}' if inside => return result,
                '$' => result.push_str(&self.reference(chars, position, depth)),
                _ => {
                    result.push(*ch);
                    *position += 1;
                }
            }
        }
        if inside {
            self.problem = Some("missing } in a variable".to_owned());
        }
        result
    }

    fn reference(&mut self, chars: &[char], position: &mut usize, depth: usize) -> String {
        let start = *position;
        *position += 1;
        let written = |end: usize| chars.get(start..end).unwrap_or_default().iter().collect::<String>();
        match chars.get(*position) {
            Some('$') => {
                *position += 1;
                return "$".to_owned();
            }
            Some('{') => *position += 1,
            Some(ch) if ch.is_ascii_alphabetic() || *ch == '_' => {
                let name = name_at(chars, position);
                self.note(&name);
                return written(*position);
            }
            _ => return "$".to_owned(),
        }
        let name = name_at(chars, position);
        let mut operator = String::new();
        while let Some(ch @ (':' | '-' | '?' | '+')) = chars.get(*position).filter(|_| operator.len() < 2) {
            operator.push(*ch);
            *position += 1;
            if *ch != ':' {
                break;
            }
        }
        if name.is_empty() || depth > MAX_DEPTH {
            self.problem = Some("a variable could not be read".to_owned());
            *position = chars.len();
            return written(*position);
        }
        let before = self.unresolved.len();
        let word = self.run(chars, position, true, depth + 1);
        *position += 1;
        match operator.as_str() {
            "" if word.is_empty() => {
                self.unresolved.truncate(before);
                self.note(&name);
                written(*position)
            }
            "-" | ":-" => {
                self.used = true;
                word
            }
            "+" | ":+" => {
                // Unset as far as the file tells.
                self.unresolved.truncate(before);
                self.used = true;
                String::new()
            }
            "?" | ":?" => {
                self.unresolved.truncate(before);
                self.note(&name);
                written(*position)
            }
            _ => {
                self.problem = Some("a variable could not be read".to_owned());
                String::new()
            }
        }
    }

    fn note(&mut self, name: &str) {
        self.used = true;
        if !self.unresolved.iter().any(|known| known == name) {
            self.unresolved.push(name.to_owned());
        }
    }
}

fn name_at(chars: &[char], position: &mut usize) -> String {
    let start = *position;
    while chars.get(*position).is_some_and(|ch| ch.is_ascii_alphanumeric() || *ch == '_') {
        *position += 1;
    }
    chars.get(start..*position).unwrap_or_default().iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(text: &str) -> Service {
        let compose = parse_compose(text).unwrap_or_else(|error| panic!("{error}"));
        compose.services.into_iter().next_back().unwrap_or_else(|| panic!("no service"))
    }

    fn values(list: &[Positioned<String>]) -> Vec<&str> {
        list.iter().map(|item| item.value.as_str()).collect()
    }

    #[test]
    fn short_and_long_syntax_come_out_alike() {
        let text = "
name: shop
services:
  web:
    image: 1.10
    build:
      context: .
      dockerfile: web.Dockerfile
      args: [VERSION=3.10, PASS]
    user: 1000:1000
    privileged: yes
    read_only: 'true'
    cap_add: [ALL]
    ports:
      - 8080:80
      - 80
      - {target: 443, published: 8443, host_ip: 127.0.0.1, protocol: tcp}
    volumes:
      - ./a:/a:ro
      - type: bind
        source: /var/run/docker.sock
        target: /var/run/docker.sock
        read_only: true
    env_file: .env
    environment:
      - A=1
      - B
    healthcheck:
      test: curl x
      interval: 30s
    secrets: [one, {source: two}]
    deploy: {resources: {limits: {pids: 100, memory: 1G}}}
";
        let compose = parse_compose(text).unwrap();
        assert_eq!(compose.name.as_deref(), Some("shop"));
        assert!(compose.problems.is_empty(), "{:?}", compose.problems);
        let service = service(text);
        assert_eq!((service.name.as_str(), service.line), ("web", 4));
        assert_eq!(service.image, Some(Positioned { value: "1.10".into(), line: 5 }));
        let build = service.build.unwrap();
        assert_eq!(
            (build.context.as_deref(), build.dockerfile.as_deref(), build.line),
            (Some("."), Some("web.Dockerfile"), 6)
        );
        assert_eq!(build.args.first().and_then(|arg| arg.value.as_deref()), Some("3.10"));
        assert_eq!(service.user.map(|user| user.value).as_deref(), Some("1000:1000"));
        assert_eq!(service.privileged, Some(Positioned { value: true, line: 11 }));
        assert_eq!(service.read_only, Some(Positioned { value: true, line: 12 }));
        assert_eq!(values(&service.ports), ["8080:80", "80", "127.0.0.1:8443:443/tcp"]);
        assert_eq!(values(&service.volumes), ["./a:/a:ro", "/var/run/docker.sock:/var/run/docker.sock:ro"]);
        assert_eq!(values(&service.env_file), [".env"]);
        assert_eq!(service.environment.len(), 2);
        assert_eq!(service.healthcheck.and_then(|check| check.test).unwrap(), ["CMD-SHELL", "curl x"]);
        assert_eq!(service.secrets, ["one", "two"]);
        assert_eq!(service.pids_limit.map(|limit| limit.value).as_deref(), Some("100"));
    }

    #[test]
    fn anchors_aliases_and_merge_keys() {
        let text = "
x-base: &base
  user: app
  cap_drop: &drop [ALL]
x-more: &more {user: other, restart: always}
services:
  a:
    <<: [*base, *more]
    image: x
  b:
    <<: *base
    user: root
    cap_add: *drop
";
        let compose = parse_compose(text).unwrap();
        let [a, b] = compose.services.as_slice() else { panic!() };
        assert_eq!(a.user, Some(Positioned { value: "app".into(), line: 3 }));
        assert_eq!(a.restart.as_ref().map(|restart| restart.value.as_str()), Some("always"));
        assert_eq!(b.user, Some(Positioned { value: "root".into(), line: 12 }));
        assert_eq!(values(&b.cap_add), ["ALL"]);
        assert_eq!(b.cap_add.first().map(|cap| cap.line), Some(4));
    }

    #[test]
    fn health_checks_that_are_off() {
        for test in ["disable: true", "test: [NONE]", "test: [\"NONE\"]"] {
            let service = service(&format!("services:\n  a:\n    healthcheck:\n      {test}\n"));
            assert!(service.healthcheck.is_some_and(|check| check.disable), "{test}");
        }
    }

    #[test]
    fn what_is_no_compose_file() {
        assert_eq!(parse_compose(""), Err(ComposeError::Empty));
        assert_eq!(parse_compose("# only\n"), Err(ComposeError::Empty));
        assert_eq!(parse_compose("- a\n- b\n"), Err(ComposeError::NotMapping { line: 1 }));
        assert_eq!(parse_compose("# x\n\nFROM a:1\nRUN x\n"), Err(ComposeError::Dockerfile { line: 3 }));
        assert_eq!(parse_compose("FROM a\nRUN echo a: b\n"), Err(ComposeError::Dockerfile { line: 1 }));
        assert_eq!(parse_compose("apiVersion: v1\nkind: Pod\n"), Err(ComposeError::NoServices { line: 1 }));
        assert!(matches!(parse_compose("services:\n  a: [\n"), Err(ComposeError::Yaml { .. })));
        assert!(matches!(
            parse_compose("services:\n  a:\n    image: x\n    image: y\n"),
            Err(ComposeError::Yaml { line: 4, .. })
        ));
    }

    #[test]
    fn wrong_kinds_are_named_not_dropped() {
        let compose = parse_compose("services:\n  a:\n    privileged: ${P}\n    user: [x]\n  b: 1\n").unwrap();
        assert_eq!(compose.services.len(), 1);
        assert_eq!(compose.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [3, 4, 5]);
    }

    #[test]
    fn bombs_are_defused() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..30 {
            let items = vec![format!("*a{}", level - 1); 10].join(", ");
            text.push_str(&format!("a{level}: &a{level} [{items}]\n"));
        }
        assert!(matches!(parse_compose(&text), Err(ComposeError::Yaml { .. })));
        let mut chain = "a0: &a0 [x]\n".to_owned();
        for level in 1..5000 {
            chain.push_str(&format!("a{level}: &a{level} [*a{}]\n", level - 1));
        }
        assert!(matches!(parse_compose(&chain), Err(ComposeError::Yaml { .. })));
        assert!(matches!(parse_compose(&"- ".repeat(200_000)), Err(ComposeError::Yaml { .. })));
        assert!(matches!(parse_compose(&"[".repeat(200_000)), Err(ComposeError::Yaml { .. })));
        assert!(matches!(parse_compose("a: &a [*a]\n"), Err(ComposeError::Yaml { line: 1, .. })));
    }

    #[test]
    fn variables_in_values() {
        let read = |text: &str| {
            let expanded = interpolate(text);
            (expanded.value, expanded.unresolved, expanded.from_arg)
        };
        assert_eq!(read("debian:12"), ("debian:12".into(), vec![], false));
        assert_eq!(read("debian:${TAG:-12}"), ("debian:12".into(), vec![], true));
        assert_eq!(read("debian:${TAG}"), ("debian:${TAG}".into(), vec!["TAG".into()], true));
        assert_eq!(read("${A-${B:-c}}$$x"), ("c$x".into(), vec![], true));
        assert_eq!(read("${A:?needed}").1, ["A"]);
        assert!(interpolate("${A").problem.is_some());
        assert!(interpolate("${}").problem.is_some());
    }
}
