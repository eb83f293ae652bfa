//! What a Compose file says: plain data with lines.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::parts::{ComposeFile, ComposeNetwork, ComposeVolume, Deploy, Hook, Logging, Mount, UlimitEntry};
use crate::model::Problem;

/// The generation of this reader. Facts that an older one recorded lack what it did not look at.
pub const READER: u32 = 2;

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
    /// The [`READER`] that read the file; 0 for what was recorded before there were several.
    #[serde(default)]
    pub reader: u32,
    /// Top-level `networks`.
    #[serde(default)]
    pub networks: Vec<ComposeNetwork>,
    /// Top-level `volumes`.
    #[serde(default)]
    pub volumes: Vec<ComposeVolume>,
    /// Top-level `secrets`.
    #[serde(default)]
    pub secrets: Vec<ComposeFile>,
    /// Top-level `configs`.
    #[serde(default)]
    pub configs: Vec<ComposeFile>,
    /// What of the file may hold further services and was not read, in words: `include`, further documents, a service that
    /// is no mapping.
    #[serde(default)]
    pub unread: Vec<Positioned<String>>,
}

/// One service.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
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
    /// `volumes` in parts.
    pub mounts: Vec<Mount>,
    /// `ulimits`.
    pub ulimits: Vec<UlimitEntry>,
    /// `sysctls`.
    pub sysctls: Vec<EnvEntry>,
    /// `labels`, masked.
    pub labels: Vec<EnvEntry>,
    /// Names of its `networks`.
    pub networks: Vec<Positioned<String>>,
    /// `links`.
    pub links: Vec<Positioned<String>>,
    /// `external_links`.
    pub external_links: Vec<Positioned<String>>,
    /// `logging`.
    pub logging: Option<Logging>,
    /// `deploy`.
    pub deploy: Option<Deploy>,
    /// `scale`.
    pub scale: Option<Positioned<String>>,
    /// `uts`.
    pub uts: Option<Positioned<String>>,
    /// `cgroup`: `host` or `private`.
    pub cgroup: Option<Positioned<String>>,
    /// `cgroup_parent`.
    pub cgroup_parent: Option<Positioned<String>>,
    /// `runtime`.
    pub runtime: Option<Positioned<String>>,
    /// `isolation`.
    pub isolation: Option<Positioned<String>>,
    /// `platform`.
    pub platform: Option<Positioned<String>>,
    /// `pull_policy`.
    pub pull_policy: Option<Positioned<String>>,
    /// `container_name`.
    pub container_name: Option<Positioned<String>>,
    /// `init`.
    pub init: Option<Positioned<bool>>,
    /// `group_add`.
    pub group_add: Vec<Positioned<String>>,
    /// `device_cgroup_rules`.
    pub device_cgroup_rules: Vec<Positioned<String>>,
    /// `gpus`, and devices that `deploy.resources.reservations` asks for.
    pub gpus: Vec<Positioned<String>>,
    /// `volumes_from`.
    pub volumes_from: Vec<Positioned<String>>,
    /// `expose`.
    pub expose: Vec<Positioned<String>>,
    /// Names under `depends_on`.
    pub depends_on: Vec<Positioned<String>>,
    /// `profiles`.
    pub profiles: Vec<Positioned<String>>,
    /// Names of its `configs`.
    pub configs: Vec<Positioned<String>>,
    /// `oom_kill_disable`.
    pub oom_kill_disable: Option<Positioned<bool>>,
    /// `oom_score_adj`.
    pub oom_score_adj: Option<Positioned<String>>,
    /// `mem_reservation`, or `deploy.resources.reservations.memory`.
    pub mem_reservation: Option<Positioned<String>>,
    /// `memswap_limit`.
    pub memswap_limit: Option<Positioned<String>>,
    /// `cpu_shares`: a weight, no limit.
    pub cpu_shares: Option<Positioned<String>>,
    /// `cpu_quota`, microseconds of each period.
    pub cpu_quota: Option<Positioned<String>>,
    /// `cpu_period`.
    pub cpu_period: Option<Positioned<String>>,
    /// `cpuset`.
    pub cpuset: Option<Positioned<String>>,
    /// `command` in words, masked; a text is one word.
    pub command: Vec<Positioned<String>>,
    /// `entrypoint`, likewise.
    pub entrypoint: Vec<Positioned<String>>,
    /// `post_start` and `pre_stop`.
    pub hooks: Vec<Hook>,
    /// `use_api_socket`: the engine's socket is handed in.
    pub use_api_socket: Option<Positioned<bool>>,
    /// Keys that are there with a value that could not be read: `privileged`, `deploy.resources.limits.memory`.
    pub unread: Vec<Positioned<String>>,
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
