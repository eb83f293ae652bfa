//! The parts of a service and of the top level that are mappings themselves.

use serde::{Deserialize, Serialize};

use super::model::{EnvEntry, Positioned};

/// One of a service's `volumes`, short or long.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Mount {
    /// `bind`, `volume`, `tmpfs`, `npipe`, `cluster`, `image`; empty where a variable without a value decides.
    pub kind: String,
    /// A path on the host or a volume's name, as written; none for a volume without a name.
    pub source: Option<String>,
    /// The path in the container, as written.
    pub target: String,
    /// Whether it is read-only; none where a variable without a value decides.
    pub read_only: Option<bool>,
    /// How mounts spread: `rshared`, `shared`, `rslave` …
    pub propagation: Option<String>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// One of `ulimits`, as written; -1 for no bound.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct UlimitEntry {
    /// `nofile`, `nproc` …
    pub name: String,
    /// The soft limit.
    pub soft: Option<String>,
    /// The hard limit.
    pub hard: Option<String>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// `logging`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Logging {
    /// `driver`; none leaves it to the daemon.
    pub driver: Option<Positioned<String>>,
    /// `options`, masked.
    pub options: Vec<EnvEntry>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// `deploy`: what a swarm, and in part Compose, makes of the service.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Deploy {
    /// `mode`: `replicated`, `global` …
    pub mode: Option<Positioned<String>>,
    /// `replicas`.
    pub replicas: Option<Positioned<String>>,
    /// `endpoint_mode`: `vip` or `dnsrr`.
    pub endpoint_mode: Option<Positioned<String>>,
    /// `update_config`.
    pub update: Option<Rollout>,
    /// `rollback_config`.
    pub rollback: Option<Rollout>,
    /// `placement`: constraints, and preferences as `spread=…`.
    pub placement: Vec<Positioned<String>>,
    /// `restart_policy.condition`.
    pub restart_condition: Option<Positioned<String>>,
    /// `restart_policy.max_attempts`.
    pub restart_attempts: Option<Positioned<String>>,
    /// `labels` of the service, masked.
    pub labels: Vec<EnvEntry>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// `update_config` or `rollback_config`, as written.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Rollout {
    /// Tasks at one time; 0 means all.
    pub parallelism: Option<String>,
    /// `delay`.
    pub delay: Option<String>,
    /// `continue`, `rollback` or `pause`.
    pub failure_action: Option<String>,
    /// `monitor`.
    pub monitor: Option<String>,
    /// `max_failure_ratio`.
    pub max_failure_ratio: Option<String>,
    /// `stop-first` or `start-first`.
    pub order: Option<String>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// One of `post_start` and `pre_stop`: a command that is started in the running container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Hook {
    /// `post_start` or `pre_stop`.
    pub event: String,
    /// `user`.
    pub user: Option<String>,
    /// `privileged`.
    pub privileged: Option<Positioned<bool>>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// One of the top-level `networks`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ComposeNetwork {
    /// The name under which services refer to it.
    pub key: String,
    /// `name`: what the engine calls it.
    pub name: Option<Positioned<String>>,
    /// `driver`; none leaves it to Compose (bridge) or the swarm (overlay).
    pub driver: Option<Positioned<String>>,
    /// `driver_opts`, masked.
    pub driver_opts: Vec<EnvEntry>,
    /// `internal`.
    pub internal: Option<Positioned<bool>>,
    /// `attachable`.
    pub attachable: Option<Positioned<bool>>,
    /// `enable_ipv6`.
    pub enable_ipv6: Option<Positioned<bool>>,
    /// It is made elsewhere.
    pub external: bool,
    /// `labels`, masked.
    pub labels: Vec<EnvEntry>,
    /// Keys with a value that could not be read.
    pub unread: Vec<Positioned<String>>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// One of the top-level `volumes`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ComposeVolume {
    /// The name under which services refer to it.
    pub key: String,
    /// `name`: what the engine calls it.
    pub name: Option<Positioned<String>>,
    /// `driver`.
    pub driver: Option<Positioned<String>>,
    /// `driver_opts`, masked: type, o, device.
    pub driver_opts: Vec<EnvEntry>,
    /// It is made elsewhere.
    pub external: bool,
    /// `labels`, masked.
    pub labels: Vec<EnvEntry>,
    /// Keys with a value that could not be read.
    pub unread: Vec<Positioned<String>>,
    /// Its line, counted from 1.
    pub line: u32,
}

/// One of the top-level `secrets` or `configs`. What is written out in it is not kept.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ComposeFile {
    /// The name under which services refer to it.
    pub key: String,
    /// `file`: where it comes from.
    pub file: Option<String>,
    /// `environment`: the variable that it comes from.
    pub environment: Option<String>,
    /// `content`: it is written out in the file.
    pub written_out: bool,
    /// It is made elsewhere.
    pub external: bool,
    /// Its line, counted from 1.
    pub line: u32,
}
