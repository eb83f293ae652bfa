//! What was read of a Docker host and of a container: plain data, recorded as it is, judged elsewhere.
//!
//! Engines differ: fields are missing in old ones, new in later ones, null in Podman's. So nearly everything is optional,
//! and `None` means "the engine does not tell", never "no". What could not be asked stands in `unread` with its reason.
//! Secrets (values of variables, options, command lines, proxies' passwords) are masked before anything lands here.
//!
//! Source of the fields: Docker Engine API 1.25–1.55, <https://docs.docker.com/reference/api/engine/>.

use std::collections::BTreeMap;

use plimsoll_secrets::Finding;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// Something that was to be read and could not be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Unread {
    /// What: `GET /containers/…/top`, `/etc/docker/daemon.json`.
    pub what: String,
    /// Why, in one sentence.
    pub reason: String,
}

/// Whose engine answers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Product {
    /// Docker Engine (moby) or one built from it.
    #[default]
    Docker,
    /// Podman's service for Docker's clients.
    Podman,
    /// Something else that speaks the API.
    Other,
}

/// The engine itself (`GET /version`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct EngineFacts {
    /// Whose it is.
    pub product: Product,
    /// `Platform.Name`: "Docker Engine - Community".
    pub platform: Option<String>,
    /// `Version`: "27.3.1".
    pub version: Option<String>,
    /// The highest version of the API that it speaks.
    pub api_version: Option<String>,
    /// The lowest one.
    pub min_api_version: Option<String>,
    /// The version that was agreed on for this reading.
    pub spoken_api: Option<String>,
    /// `BuildTime`, as told.
    pub built: Option<String>,
    /// `Components` with their versions: containerd, runc, docker-init, conmon …
    pub components: Vec<(String, String)>,
}

/// The machine (`GET /info`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct MachineFacts {
    /// `OperatingSystem`: "Debian GNU/Linux 12 (bookworm)".
    pub operating_system: Option<String>,
    /// `OSVersion`: "12".
    pub os_version: Option<String>,
    /// `OSType`: "linux".
    pub os_type: Option<String>,
    /// `Architecture`: "x86_64".
    pub architecture: Option<String>,
    /// `KernelVersion`.
    pub kernel: Option<String>,
    /// `NCPU`.
    pub cpus: Option<u64>,
    /// `MemTotal`, bytes.
    pub memory: Option<u64>,
}

/// One entry of `SecurityOptions`: `name=seccomp,profile=default`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct SecurityOption {
    /// `seccomp`, `apparmor`, `selinux`, `userns`, `rootless`, `cgroupns`, `no-new-privileges`.
    pub name: String,
    /// Its further pairs: `profile` → `default`.
    pub options: BTreeMap<String, String>,
}

/// Settings of the daemon that the API tells (`GET /info`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct DaemonFacts {
    /// `Driver`: the storage driver.
    pub storage_driver: Option<String>,
    /// `DriverStatus`: "Backing Filesystem" → "extfs".
    pub storage_status: Vec<(String, String)>,
    /// `LoggingDriver`.
    pub logging_driver: Option<String>,
    /// `CgroupDriver`.
    pub cgroup_driver: Option<String>,
    /// `CgroupVersion`: "1" or "2".
    pub cgroup_version: Option<String>,
    /// `SecurityOptions`; none when the engine does not tell.
    pub security_options: Option<Vec<SecurityOption>>,
    /// `LiveRestoreEnabled`.
    pub live_restore: Option<bool>,
    /// `Debug`.
    pub debug: Option<bool>,
    /// `ExperimentalBuild`.
    pub experimental: Option<bool>,
    /// `DockerRootDir`.
    pub root_dir: Option<String>,
    /// `DefaultRuntime`.
    pub default_runtime: Option<String>,
    /// Names of `Runtimes`.
    pub runtimes: Vec<String>,
    /// `IPv4Forwarding`.
    pub ip_forwarding: Option<bool>,
    /// `BridgeNfIptables`.
    pub bridge_nf_iptables: Option<bool>,
    /// `FirewallBackend.Driver` (since 28.2): iptables, nftables.
    pub firewall_backend: Option<String>,
    /// `MemoryLimit`, `PidsLimit`, `CPUCfsQuota`: what the kernel lets limit. Name and answer.
    pub kernel_limits: BTreeMap<String, bool>,
    /// `RegistryConfig.InsecureRegistryCIDRs` and the hosts of `IndexConfigs` that are not `Secure`.
    pub insecure_registries: Option<Vec<String>>,
    /// `RegistryConfig.Mirrors`.
    pub mirrors: Vec<String>,
    /// `DefaultAddressPools`: base and size.
    pub address_pools: Vec<(String, u64)>,
    /// `Plugins.Authorization`.
    pub authorization_plugins: Option<Vec<String>>,
    /// `Plugins.Log`, `.Network`, `.Volume`.
    pub log_plugins: Vec<String>,
    /// Network drivers.
    pub network_plugins: Vec<String>,
    /// Volume drivers.
    pub volume_plugins: Vec<String>,
    /// `Labels` of the daemon.
    pub labels: Vec<String>,
    /// `Warnings`.
    pub warnings: Vec<String>,
    /// `HttpProxy`, `HttpsProxy`, `NoProxy`; passwords masked.
    pub proxies: Vec<(String, String)>,
}

/// A network (`GET /networks`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct NetworkFacts {
    /// Its id.
    pub id: String,
    /// Its name: `bridge`, `shop_default`.
    pub name: String,
    /// `bridge`, `host`, `null`, `overlay`, `macvlan`, `ipvlan`, or a plugin's.
    pub driver: String,
    /// `local` or `swarm`.
    pub scope: String,
    /// No way out of it.
    pub internal: bool,
    /// An overlay that plain containers may join.
    pub attachable: bool,
    /// Swarm's routing mesh.
    pub ingress: bool,
    /// IPv6 is on.
    pub ipv6: bool,
    /// `Options`: `com.docker.network.bridge.enable_icc` → `true`; an encrypted overlay has the key `encrypted`.
    pub options: BTreeMap<String, String>,
    /// `IPAM.Config[].Subnet`.
    pub subnets: Vec<String>,
    /// Labels, values masked where they look secret.
    pub labels: BTreeMap<String, String>,
}

/// A volume (`GET /volumes`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct VolumeFacts {
    /// Its name.
    pub name: String,
    /// `local` or a plugin's.
    pub driver: String,
    /// `local` or `global`.
    pub scope: String,
    /// `Options`, masked: type, o, device.
    pub options: BTreeMap<String, String>,
    /// Its labels, masked.
    pub labels: BTreeMap<String, String>,
}

/// A managed plugin (`GET /plugins`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct PluginFacts {
    /// `vieux/sshfs:latest`
    pub name: String,
    /// Whether it runs.
    pub enabled: bool,
    /// `Config.Interface.Types`: `docker.authz/1.0`.
    pub types: Vec<String>,
}

/// A port of a container as it is reachable from outside.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct PublishedPort {
    /// The port inside.
    pub container_port: u16,
    /// `tcp`, `udp`, `sctp`.
    pub protocol: String,
    /// The host's address; empty, `0.0.0.0` and `::` mean all of them.
    pub host_ip: String,
    /// The host's port; 0 while the container does not run and none is fixed.
    pub host_port: u16,
}

/// A container in the engine's list (`GET /containers/json?all=1`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ListedContainer {
    /// Its id, 64 hexadecimal digits.
    pub id: String,
    /// Its first name, without the slash.
    pub name: String,
    /// The image as it was named.
    pub image: String,
    /// The image's id.
    pub image_id: String,
    /// Seconds since 1970.
    pub created: i64,
    /// `running`, `exited`, `created`, `paused`, `restarting`, `dead`.
    pub state: String,
    /// For people: "Exited (0) 3 weeks ago".
    pub status: String,
    /// Published ports.
    pub ports: Vec<PublishedPort>,
    /// Names of its networks.
    pub networks: Vec<String>,
    /// `HostConfig.NetworkMode`.
    pub network_mode: Option<String>,
    /// Its labels, masked.
    pub labels: BTreeMap<String, String>,
}

/// An image in the engine's list, for what its tags mean now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct TaggedImage {
    /// `sha256:…`
    pub id: String,
    /// `repository:tag`
    pub tags: Vec<String>,
    /// `repository@sha256:…`
    pub digests: Vec<String>,
    /// Seconds since 1970.
    pub created: i64,
}

/// Whether the engine belongs to a swarm (`GET /info`, and on a manager `/swarm`, `/nodes`, `/services`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct SwarmFacts {
    /// `LocalNodeState`: `inactive`, `active`, `pending`, `error`, `locked`. None when the engine does not tell.
    pub state: Option<String>,
    /// `ControlAvailable`: this node is a manager.
    pub manager: bool,
    /// `NodeID`.
    pub node_id: Option<String>,
    /// `NodeAddr`: the address that it advertises.
    pub node_address: Option<String>,
    /// `RemoteManagers`: node ids and addresses.
    pub remote_managers: Vec<(String, String)>,
    /// `Managers` and `Nodes`: counts that only a manager gives.
    pub managers: Option<u64>,
    /// All nodes.
    pub nodes: Option<u64>,
    /// The cluster's settings, on a manager.
    pub cluster: Option<ClusterFacts>,
    /// Its nodes, on a manager.
    pub node_list: Option<Vec<NodeFacts>>,
    /// Its services, on a manager.
    pub services: Option<Vec<ServiceFacts>>,
}

/// Settings of the swarm. Join tokens and the unlock key are never read into it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ClusterFacts {
    /// Its id.
    pub id: String,
    /// RFC 3339.
    pub created: Option<String>,
    /// When its settings last changed, RFC 3339 (a rotated join token counts).
    pub updated: Option<String>,
    /// `Spec.EncryptionConfig.AutoLockManagers`
    pub auto_lock: Option<bool>,
    /// `Spec.CAConfig.NodeCertExpiry`, nanoseconds.
    pub node_cert_expiry: Option<u64>,
    /// Addresses of `Spec.CAConfig.ExternalCAs`.
    pub external_cas: Vec<String>,
    /// `Spec.CAConfig.ForceRotate`: how often the root was rotated by hand.
    pub force_rotate: Option<u64>,
    /// `RootRotationInProgress`
    pub root_rotation_in_progress: Option<bool>,
    /// The trust root of `TLSInfo`: subject, first and last day.
    pub root: Option<RootFacts>,
    /// `DataPathPort`
    pub data_path_port: Option<u64>,
    /// `DefaultAddrPool`
    pub address_pools: Vec<String>,
    /// `Spec.Orchestration.TaskHistoryRetentionLimit`
    pub task_history: Option<u64>,
    /// `Spec.TaskDefaults.LogDriver.Name`
    pub log_driver: Option<String>,
}

/// The swarm's root certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct RootFacts {
    /// Its subject, RFC 4514: `CN=swarm-ca`.
    pub subject: String,
    /// `notBefore`, RFC 3339.
    pub from: String,
    /// `notAfter`, RFC 3339.
    pub until: String,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
}

/// A node of the swarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct NodeFacts {
    /// Its id.
    pub id: String,
    /// `Description.Hostname`
    pub hostname: String,
    /// `manager` or `worker`.
    pub role: String,
    /// `active`, `pause`, `drain`.
    pub availability: String,
    /// `ready`, `down` …
    pub state: String,
    /// Of a manager: `reachable`, `unreachable`.
    pub reachability: Option<String>,
    /// Of a manager: whether it leads.
    pub leader: bool,
    /// Its address.
    pub address: Option<String>,
    /// The engine's version.
    pub engine_version: Option<String>,
    /// `Spec.Labels`
    pub labels: BTreeMap<String, String>,
    /// `Description.Engine.Labels`
    pub engine_labels: BTreeMap<String, String>,
}

/// A service of the swarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ServiceFacts {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its image, with the digest that the swarm resolved.
    pub image: String,
    /// `replicated` or `global` …
    pub mode: String,
    /// Replicas wanted.
    pub replicas: Option<u64>,
    /// `vip` or `dnsrr`.
    pub endpoint_mode: Option<String>,
    /// Names or ids of its networks.
    pub networks: Vec<String>,
    /// Published ports, with `ingress` or `host` before them: `ingress 80:8080/tcp`.
    pub ports: Vec<String>,
    /// `UpdateConfig`: parallelism, delay (ns), failure action, order.
    pub update: Option<UpdateFacts>,
    /// `RollbackConfig` is set.
    pub rollback: bool,
    /// `TaskTemplate.RestartPolicy.Condition`
    pub restart_condition: Option<String>,
    /// `TaskTemplate.Resources.Limits`: `NanoCPUs`, `MemoryBytes`, `Pids`.
    pub limits: BTreeMap<String, u64>,
    /// Names of its secrets.
    pub secrets: Vec<String>,
    /// Constraints and preferences of its placement.
    pub placement: Vec<String>,
    /// Its labels, masked.
    pub labels: BTreeMap<String, String>,
}

/// How a service is updated.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct UpdateFacts {
    /// Tasks at one time; 0 means all.
    pub parallelism: Option<u64>,
    /// `pause`, `continue`, `rollback`.
    pub failure_action: Option<String>,
    /// `stop-first`, `start-first`.
    pub order: Option<String>,
}

/// Where a setting of the daemon was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct ConfiguredAt {
    /// The file, or `command line of dockerd`.
    pub file: String,
    /// From 1; 0 where there are no lines.
    pub line: u32,
}

/// One setting of the daemon as it is configured: from `daemon.json`, the unit or the process.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Configured {
    /// As daemon.json names it: `userland-proxy`, `hosts`, `tlsverify`. Flags are brought to those names.
    pub key: String,
    /// Its value, masked where it is secret; lists are arrays.
    pub value: Value,
    /// Where it stands.
    pub at: ConfiguredAt,
}

/// A file or socket of the engine on this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct HostFile {
    /// Its path.
    pub path: String,
    /// Type and permissions, as in `stat`: 0o100644.
    pub mode: u32,
    /// Numeric owner.
    pub uid: u32,
    /// Numeric group.
    pub gid: u32,
    /// Their names, where `/etc/passwd` and `/etc/group` tell.
    pub owner: Option<String>,
    /// The group's name.
    pub group: Option<String>,
    /// Members of the group, for the socket: who is as good as root.
    pub members: Vec<String>,
}

/// How the daemon is configured, as far as files and the process tell. Only on the machine itself, or from files that
/// the auditor gives.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ConfigFacts {
    /// All settings; where a key stands twice, both are here.
    pub settings: Vec<Configured>,
    /// Files that were read whole: name and SHA-256.
    pub files: Vec<(String, String)>,
    /// Whether `daemon.json` is known: read, or known not to be there.
    pub daemon_json_known: bool,
    /// Whether the flags are known: from the unit or the process.
    pub flags_known: bool,
    /// The texts of the files, masked line for line: name and text.
    pub texts: Vec<(String, String)>,
    /// Permissions of the engine's files and sockets on this machine.
    pub permissions: Vec<HostFile>,
    /// The security label of the dockerd process (`/proc/PID/attr/current`).
    pub daemon_label: Option<String>,
    /// The user id that dockerd runs under.
    pub daemon_uid: Option<u32>,
    /// Processes named `docker-proxy` that were seen; none when nobody could look.
    pub userland_proxies: Option<u64>,
    /// Subnets of the machine's own interfaces, without the engine's: `192.168.1.0/24`.
    pub host_subnets: Vec<String>,
}

/// A Docker host: the engine, the machine and what runs there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct HostFacts {
    /// Where it was reached: `unix:///var/run/docker.sock`, `tcp://10.0.0.5:2376`, `ssh://ops@box`. No passwords.
    pub endpoint: String,
    /// Whether the connection itself was TLS with the engine's certificate verified; none for sockets and SSH.
    pub verified_tls: Option<bool>,
    /// `Name`: the host's name.
    pub name: Option<String>,
    /// `ID`: the engine's own id.
    pub id: Option<String>,
    /// The engine.
    pub engine: EngineFacts,
    /// The machine.
    pub machine: MachineFacts,
    /// The daemon's settings.
    pub daemon: DaemonFacts,
    /// How it is configured on disk.
    pub config: Option<ConfigFacts>,
    /// Its networks; none when they could not be listed. So with all lists below.
    pub networks: Option<Vec<NetworkFacts>>,
    /// Its volumes.
    pub volumes: Option<Vec<VolumeFacts>>,
    /// Its managed plugins.
    pub plugins: Option<Vec<PluginFacts>>,
    /// Its containers, stopped ones too.
    pub containers: Option<Vec<ListedContainer>>,
    /// Its images.
    pub images: Option<Vec<TaggedImage>>,
    /// The swarm.
    pub swarm: SwarmFacts,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// The engine's own answers, masked: `GET /info` → JSON. So that every field can be seen again.
    pub answers: BTreeMap<String, Value>,
}

/// SHA-256 of several parts as JSON.
fn digest_of(parts: &impl Serialize) -> String {
    format!("sha256:{}", hex::encode(Sha256::digest(serde_json::to_vec(parts).unwrap_or_default())))
}

impl HostFacts {
    /// What identifies the host's settings: a decision that rests on them goes stale when they change. Containers come
    /// and go without changing it.
    #[must_use]
    pub fn digest(&self) -> String {
        let config = self.config.as_ref().map(|config| (&config.settings, &config.permissions));
        let networks: Option<Vec<_>> = self.networks.as_ref().map(|networks| {
            let mut networks: Vec<_> = networks.iter().map(|n| (&n.name, &n.driver, &n.options, &n.subnets)).collect();
            networks.sort();
            networks
        });
        digest_of(&(
            &self.id,
            &self.engine,
            &self.machine,
            &self.daemon,
            config,
            networks,
            &self.swarm.cluster,
            self.swarm.manager,
        ))
    }
}

impl ContainerFacts {
    /// What identifies the container and how it was made: its state and what runs in it do not count.
    #[must_use]
    pub fn digest(&self) -> String {
        digest_of(&(&self.id, &self.image_id, &self.config, &self.host_config, &self.mounts, &self.ports))
    }
}

/// What is needed of the engine to judge one of its containers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct AtEngine {
    /// As in [`HostFacts::endpoint`].
    pub endpoint: String,
    /// The host's name.
    pub name: Option<String>,
    /// The engine's own id.
    pub id: Option<String>,
    /// The engine.
    pub engine: EngineFacts,
    /// `SecurityOptions`; none when the engine does not tell.
    pub security_options: Option<Vec<SecurityOption>>,
    /// Whether `no-new-privileges` is the daemon's default; none when nothing tells.
    pub no_new_privileges: Option<bool>,
    /// The logging driver for containers that name none.
    pub logging_driver: Option<String>,
    /// The host's memory, bytes.
    pub memory: Option<u64>,
    /// Processors.
    pub cpus: Option<u64>,
}

impl AtEngine {
    /// Whether the daemon itself runs without root; none when the engine does not tell.
    #[must_use]
    pub fn rootless(&self) -> Option<bool> {
        self.has_option("rootless")
    }

    /// Whether containers' users are mapped to others on the host (`userns-remap`).
    #[must_use]
    pub fn user_namespaces(&self) -> Option<bool> {
        self.has_option("userns")
    }

    fn has_option(&self, name: &str) -> Option<bool> {
        self.security_options.as_ref().map(|options| options.iter().any(|option| option.name == name))
    }
}

/// A variable of a container; its value is masked where it looks secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct EnvVar {
    /// Its name.
    pub name: String,
    /// Its value, masked; none when it stands without `=`.
    pub value: Option<String>,
}

/// How a container does (`State`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct StateFacts {
    /// `running`, `exited`, `created`, `paused`, `restarting`, `dead`.
    pub status: String,
    /// Whether it runs.
    pub running: bool,
    /// Its first process on the host; 0 when it does not run.
    pub pid: u64,
    /// How it ended.
    pub exit_code: Option<i64>,
    /// It was killed for want of memory.
    pub oom_killed: Option<bool>,
    /// RFC 3339; none when it never started.
    pub started: Option<String>,
    /// RFC 3339; none when it never ended.
    pub finished: Option<String>,
    /// `State.Health.Status`: `healthy`, `unhealthy`, `starting`; none without a health check.
    pub health: Option<String>,
    /// `State.Health.FailingStreak`
    pub failing_streak: Option<u64>,
    /// `RestartCount`
    pub restarts: Option<u64>,
}

/// What the container was made with (`Config`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ContainerConfig {
    /// `Image`, as it was named.
    pub image: String,
    /// `User`; empty means the image's or root.
    pub user: String,
    /// `Env`, masked.
    pub env: Vec<EnvVar>,
    /// `Entrypoint` and `Cmd`, masked.
    pub entrypoint: Vec<String>,
    /// `Cmd`, masked.
    pub cmd: Vec<String>,
    /// `ExposedPorts`: `80/tcp`.
    pub exposed_ports: Vec<String>,
    /// `Labels`, masked.
    pub labels: BTreeMap<String, String>,
    /// `Healthcheck.Test`; none when the container has none, `["NONE"]` when it is switched off.
    pub healthcheck: Option<Vec<String>>,
}

/// A limit of `Ulimits`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Ulimit {
    /// `nofile`, `nproc` …
    pub name: String,
    /// The soft limit; -1 for none.
    pub soft: i64,
    /// The hard limit; -1 for none.
    pub hard: i64,
}

/// A device that the container may use.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct DeviceFacts {
    /// `PathOnHost`
    pub host_path: String,
    /// `PathInContainer`
    pub container_path: String,
    /// `rwm`
    pub permissions: String,
}

/// How it is let run (`HostConfig`). `None`: the engine does not tell.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct HostConfig {
    /// `Privileged`
    pub privileged: Option<bool>,
    /// `CapAdd`, without `CAP_` and in capitals.
    pub cap_add: Vec<String>,
    /// `CapDrop`, likewise; `ALL` is one word.
    pub cap_drop: Vec<String>,
    /// `SecurityOpt`, as they are; a seccomp profile's JSON is cut to `seccomp={…}`.
    pub security_opt: Vec<String>,
    /// `ReadonlyRootfs`
    pub read_only: Option<bool>,
    /// `NetworkMode`
    pub network_mode: Option<String>,
    /// `PidMode`; empty means its own.
    pub pid_mode: Option<String>,
    /// `IpcMode`
    pub ipc_mode: Option<String>,
    /// `UTSMode`
    pub uts_mode: Option<String>,
    /// `UsernsMode`
    pub userns_mode: Option<String>,
    /// `CgroupnsMode`
    pub cgroupns_mode: Option<String>,
    /// `RestartPolicy.Name`: `no` or empty, `always`, `unless-stopped`, `on-failure`.
    pub restart: Option<String>,
    /// `RestartPolicy.MaximumRetryCount`
    pub restart_retries: Option<u64>,
    /// `LogConfig.Type`
    pub log_driver: Option<String>,
    /// `LogConfig.Config`, masked.
    pub log_options: BTreeMap<String, String>,
    /// `Memory`, bytes; 0 for none.
    pub memory: Option<u64>,
    /// `MemoryReservation`, bytes.
    pub memory_reservation: Option<u64>,
    /// `MemorySwap`, bytes; -1 for no bound.
    pub memory_swap: Option<i64>,
    /// `NanoCpus`
    pub nano_cpus: Option<u64>,
    /// `CpuQuota`, microseconds of each period.
    pub cpu_quota: Option<i64>,
    /// `CpuPeriod`
    pub cpu_period: Option<u64>,
    /// `CpuShares`: a weight, no limit.
    pub cpu_shares: Option<u64>,
    /// `CpusetCpus`
    pub cpuset: Option<String>,
    /// `PidsLimit`; none, 0 and -1 mean no bound.
    pub pids_limit: Option<i64>,
    /// `Ulimits`
    pub ulimits: Vec<Ulimit>,
    /// `OomKillDisable`
    pub oom_kill_disable: Option<bool>,
    /// `OomScoreAdj`
    pub oom_score: Option<i64>,
    /// `Devices`
    pub devices: Vec<DeviceFacts>,
    /// `DeviceRequests`: drivers such as `nvidia`.
    pub device_requests: Vec<String>,
    /// `DeviceCgroupRules`
    pub device_rules: Vec<String>,
    /// `Binds`
    pub binds: Vec<String>,
    /// `VolumesFrom`
    pub volumes_from: Vec<String>,
    /// `PublishAllPorts`
    pub publish_all: Option<bool>,
    /// `Sysctls`
    pub sysctls: BTreeMap<String, String>,
    /// `Tmpfs`: path and options.
    pub tmpfs: BTreeMap<String, String>,
    /// `GroupAdd`
    pub group_add: Vec<String>,
    /// `Runtime`
    pub runtime: Option<String>,
    /// `CgroupParent`
    pub cgroup_parent: Option<String>,
    /// `MaskedPaths`; an empty list means that nothing is masked (`systempaths=unconfined`).
    pub masked_paths: Option<Vec<String>>,
    /// `ReadonlyPaths`
    pub read_only_paths: Option<Vec<String>>,
    /// `Init`
    pub init: Option<bool>,
    /// `AutoRemove`
    pub auto_remove: Option<bool>,
}

/// A mount (`Mounts`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct MountFacts {
    /// `bind`, `volume`, `tmpfs`, `npipe`, `image`, `cluster`.
    pub kind: String,
    /// The volume's name.
    pub name: Option<String>,
    /// The path on the host.
    pub source: String,
    /// The path in the container.
    pub destination: String,
    /// The volume's driver.
    pub driver: Option<String>,
    /// Whether it may write there; none when the engine does not tell.
    pub writable: Option<bool>,
    /// `rprivate`, `rshared` …
    pub propagation: Option<String>,
}

/// A process of a container (`GET /containers/…/top`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ProcessFacts {
    /// On the host.
    pub pid: u64,
    /// Its parent, on the host.
    pub parent: Option<u64>,
    /// The effective user id, as the host sees it: with user namespaces that is the mapped one.
    pub uid: Option<u64>,
    /// The user as `ps` wrote it.
    pub user: String,
    /// The program and its arguments, masked.
    pub command: String,
}

/// How a path in the container layer differs from the image (`GET /containers/…/changes`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeKind {
    /// Changed, or a folder in which something changed
    Modified,
    /// New
    Added,
    /// Gone
    Deleted,
}

/// A changed path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct ChangeFacts {
    /// How.
    pub kind: ChangeKind,
    /// The path.
    pub path: String,
}

/// What it uses at the moment (`GET /containers/…/stats`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct StatsFacts {
    /// Bytes in use.
    pub memory: Option<u64>,
    /// The bound in force, bytes.
    pub memory_limit: Option<u64>,
    /// Processes and threads.
    pub pids: Option<u64>,
    /// The bound in force.
    pub pids_limit: Option<u64>,
}

/// What the name of the container's image means now.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ImageNow {
    /// The image that the engine now has under the name; none when it has none.
    pub id: Option<String>,
    /// Its registry digests.
    pub digests: Vec<String>,
    /// Digests of the image that the container was made from.
    pub own_digests: Vec<String>,
    /// The digest that the registry serves for the name now, when it was asked.
    pub at_registry: Option<String>,
}

/// A container.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct ContainerFacts {
    /// The engine that has it.
    pub at: AtEngine,
    /// Its id.
    pub id: String,
    /// Its name, without the slash.
    pub name: String,
    /// RFC 3339.
    pub created: String,
    /// The image's id, `sha256:…`.
    pub image_id: String,
    /// What its image's name means now.
    pub image_now: ImageNow,
    /// How it does.
    pub state: StateFacts,
    /// What it was made with.
    pub config: ContainerConfig,
    /// How it is let run.
    pub host_config: HostConfig,
    /// `AppArmorProfile`
    pub apparmor: Option<String>,
    /// `ProcessLabel` of SELinux.
    pub process_label: Option<String>,
    /// `ExecIDs`: commands that were started in it beside its own and are not finished.
    pub execs: Vec<String>,
    /// Its mounts.
    pub mounts: Vec<MountFacts>,
    /// Its networks: name and address.
    pub networks: Vec<(String, String)>,
    /// What of it is reachable from outside: from `NetworkSettings.Ports`, or `PortBindings` while it does not run.
    pub ports: Vec<PublishedPort>,
    /// Bytes in the container layer, when they were asked for.
    pub size_rw: Option<u64>,
    /// Its processes; none when they could not be read or it does not run.
    pub processes: Option<Vec<ProcessFacts>>,
    /// What differs from the image; none when it could not be read.
    pub changes: Option<Vec<ChangeFacts>>,
    /// Whether `changes` was cut at its bound.
    pub changes_cut: bool,
    /// What it uses; none when it does not run or could not be read.
    pub stats: Option<StatsFacts>,
    /// Secrets in variables, commands and labels: field (`Config.Env[3]`) and finding.
    pub secrets: Vec<(String, Finding)>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// The engine's own answers, masked.
    pub answers: BTreeMap<String, Value>,
}
