//! Reading the host: one request for each kind of thing, all at one time, each with its own fate.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;
use tokio_util::sync::CancellationToken;

use super::connection::Engine;
use super::error::DockerError;
use super::target::Way;
use super::trouble::Trouble;
use crate::config::{self, Ask};
use crate::facts::{AtEngine, ConfigFacts, HostFacts, NetworkFacts, Product, SwarmFacts, Unread};
use crate::mask::mask;
use crate::parse::{host, lists, swarm};

/// Most networks that are asked for one by one, where the list says too little.
const NETWORKS: usize = 100;

/// What answers gave and what they did not.
#[derive(Default)]
struct Gathered {
    unread: Vec<Unread>,
    answers: BTreeMap<String, Value>,
    answered: bool,
    first: Option<Trouble>,
}

impl Gathered {
    /// Takes an answer, or notes why there is none.
    fn take(&mut self, what: &str, answer: Result<Value, Trouble>) -> Option<Value> {
        match answer {
            Ok(answer) => {
                self.answered = true;
                Some(answer)
            }
            Err(trouble) => {
                self.unread.push(Unread { what: what.to_owned(), reason: trouble.reason() });
                self.first.get_or_insert(trouble);
                None
            }
        }
    }

    /// As [`Gathered::take`], and keeps the answer.
    fn keep(&mut self, what: &str, answer: Result<Value, Trouble>) -> Option<Value> {
        let answer = self.take(what, answer)?;
        self.answers.insert(what.to_owned(), answer.clone());
        Some(answer)
    }

    /// Notes an answer that is not what was asked for.
    fn odd<T>(&mut self, what: &str, read: Option<T>) -> Option<T> {
        if read.is_none() {
            self.unread.push(Unread {
                what: what.to_owned(),
                reason: "The answer is not of the kind that was expected.".into(),
            });
        }
        read
    }
}

impl Engine {
    /// Reads the host: the engine, its settings, networks, volumes, plugins, containers, images and swarm. `files` are
    /// daemon.json and unit files that the auditor gives; on the machine itself the usual ones are read as well.
    /// What one request cannot tell goes to [`HostFacts::unread`] and never stops the rest.
    ///
    /// The answers that are kept are those of which every field may matter; the lists of containers and images are kept
    /// as facts alone.
    ///
    /// # Errors
    /// When the engine tells nothing at all, a given file cannot be read, or the work is cancelled.
    pub async fn host_facts(&self, files: &[PathBuf], cancel: &CancellationToken) -> Result<HostFacts, DockerError> {
        let files = files.to_vec();
        let given = blocking(move || config::read_given(&files)).await??;
        let (info, networks, volumes, plugins, containers, images) = tokio::join!(
            self.masked("/info", cancel),
            self.masked("/networks", cancel),
            self.masked("/volumes", cancel),
            self.masked("/plugins", cancel),
            self.masked("/containers/json?all=1", cancel),
            self.masked("/images/json", cancel),
        );
        if cancel.is_cancelled() {
            return Err(DockerError::Cancelled);
        }
        let mut gathered = Gathered::default();
        gathered.answers.insert("GET /version".into(), Value::clone(&self.version));
        let info = gathered.keep("GET /info", info);
        let networks = gathered.keep("GET /networks", networks);
        let volumes = gathered.keep("GET /volumes", volumes);
        let volumes = volumes.and_then(|answer| gathered.odd("GET /volumes", lists::volumes(&answer)));
        let plugins = gathered.keep("GET /plugins", plugins);
        let plugins = plugins.and_then(|answer| gathered.odd("GET /plugins", lists::plugins(&answer)));
        let what = "GET /containers/json?all=1";
        let containers = gathered.take(what, containers);
        let containers = containers.and_then(|answer| gathered.odd(what, lists::containers(&answer)));
        let images = gathered.take("GET /images/json", images);
        let images = images.and_then(|answer| gathered.odd("GET /images/json", lists::images(&answer)));
        if !gathered.answered {
            let trouble = gathered.first.unwrap_or(Trouble::Cancelled);
            return Err(trouble.later("tell of the host"));
        }
        let networks = match networks {
            Some(answer) => self.networks(&answer, &mut gathered, cancel).await,
            None => None,
        };
        let info = info.unwrap_or_default();
        let swarm = self.swarm(&info, &mut gathered, cancel).await;
        let (name, id) = host::identity(&info);
        let daemon = host::daemon(&info);
        let bridges = bridges(networks.as_deref().unwrap_or_default());
        let (config, unread) = self.config(given, name.clone(), daemon.root_dir.clone(), bridges).await?;
        gathered.unread.extend(unread);
        if cancel.is_cancelled() {
            return Err(DockerError::Cancelled);
        }
        Ok(HostFacts {
            endpoint: self.target.endpoint.clone(),
            verified_tls: self.verified_tls(),
            name,
            id,
            engine: (*self.facts).clone(),
            machine: host::machine(&info),
            daemon,
            config,
            networks,
            volumes,
            plugins,
            containers,
            images,
            swarm,
            unread: gathered.unread,
            answers: gathered.answers,
        })
    }

    async fn networks(
        &self,
        answer: &Value,
        gathered: &mut Gathered,
        cancel: &CancellationToken,
    ) -> Option<Vec<NetworkFacts>> {
        let mut networks = gathered.odd("GET /networks", lists::networks(answer))?;
        let mut asked = 0_usize;
        for (network, value) in networks.iter_mut().zip(answer.as_array().map(Vec::as_slice).unwrap_or_default()) {
            let plain = !network.id.is_empty() && network.id.chars().all(|c| c.is_ascii_alphanumeric());
            if !lists::lacks_options(value) || !plain {
                continue;
            }
            asked += 1;
            let what = format!("GET /networks/{}", network.id);
            if asked > NETWORKS {
                let reason = format!("Only the first {NETWORKS} networks are asked for one by one.");
                gathered.unread.push(Unread { what, reason });
                break;
            }
            if let Some(value) = gathered.take(&what, self.masked(&format!("/networks/{}", network.id), cancel).await) {
                *network = lists::network(&value);
            }
        }
        Some(networks)
    }

    async fn swarm(&self, info: &Value, gathered: &mut Gathered, cancel: &CancellationToken) -> SwarmFacts {
        let mut facts = swarm::swarm(info);
        if !facts.manager {
            return facts;
        }
        let (cluster, nodes, services) = tokio::join!(
            self.ask("/swarm", self.patience.answer, cancel),
            self.masked("/nodes", cancel),
            self.masked("/services", cancel),
        );
        let root = cluster.as_ref().ok().and_then(swarm::root);
        let cluster = cluster.map(|mut answer| {
            mask(&mut answer);
            answer
        });
        if let Some(answer) = gathered.keep("GET /swarm", cluster) {
            facts.cluster = gathered.odd("GET /swarm", swarm::cluster(&answer, root));
        }
        if let Some(answer) = gathered.keep("GET /nodes", nodes) {
            facts.node_list = gathered.odd("GET /nodes", swarm::nodes(&answer));
        }
        if let Some(answer) = gathered.keep("GET /services", services) {
            facts.services = gathered.odd("GET /services", swarm::services(&answer));
        }
        facts
    }

    /// How the daemon is configured: by files of this machine when it is the engine's, and by files that are given.
    async fn config(
        &self,
        given: Vec<config::Given>,
        name: Option<String>,
        root_dir: Option<String>,
        bridges: Vec<String>,
    ) -> Result<(Option<ConfigFacts>, Vec<Unread>), DockerError> {
        let local = match &self.target.way {
            Way::Unix(path) if self.facts.product != Product::Podman => Some(path.clone()),
            _ => None,
        };
        let Some(socket) = local else {
            return Ok(match config::from_given(&given) {
                Some(read) => (Some(read.facts), read.unread),
                None => (None, Vec::new()),
            });
        };
        let ask = Ask {
            root: self.around.root.clone(),
            peer: peer(&self.around.at(&socket)).await,
            socket,
            engine_name: name,
            root_dir,
            bridges,
            home: self.around.variable("HOME").map(str::to_owned),
            config_home: self.around.variable("XDG_CONFIG_HOME").map(str::to_owned),
        };
        blocking(move || config::local(&ask, config::from_given(&given))).await
    }

    /// What is needed of the engine to judge its containers, read once.
    pub(crate) async fn at_engine(&self, cancel: &CancellationToken) -> Result<&(AtEngine, Vec<Unread>), DockerError> {
        self.shared
            .at
            .get_or_try_init(|| async {
                let mut gathered = Gathered::default();
                let info = gathered.take("GET /info", self.masked("/info", cancel).await).unwrap_or_default();
                if cancel.is_cancelled() {
                    return Err(DockerError::Cancelled);
                }
                let (name, id) = host::identity(&info);
                let daemon = host::daemon(&info);
                let (config, _) = self.config(Vec::new(), name.clone(), daemon.root_dir.clone(), Vec::new()).await?;
                let machine = host::machine(&info);
                let at = AtEngine {
                    endpoint: self.target.endpoint.clone(),
                    name,
                    id,
                    engine: (*self.facts).clone(),
                    no_new_privileges: no_new_privileges(&daemon, config.as_ref(), self.api),
                    security_options: daemon.security_options,
                    logging_driver: daemon.logging_driver,
                    memory: machine.memory,
                    cpus: machine.cpus,
                };
                Ok((at, gathered.unread))
            })
            .await
    }
}

/// Whether `no-new-privileges` is the default. The engine lists it since 24.0 (API 1.43); what an older one does not list
/// may still be configured.
fn no_new_privileges(
    daemon: &crate::facts::DaemonFacts,
    config: Option<&ConfigFacts>,
    api: (usize, usize),
) -> Option<bool> {
    if daemon.security_options.as_ref()?.iter().any(|option| option.name == "no-new-privileges") {
        return Some(true);
    }
    if api >= (1, 44) {
        return Some(false);
    }
    let config = config?;
    let set = config.settings.iter().find(|setting| setting.key == "no-new-privileges");
    match set {
        Some(setting) => setting.value.as_bool(),
        None => (config.daemon_json_known && config.flags_known).then_some(false),
    }
}

/// Names of the interfaces that the engine's networks have on the host.
fn bridges(networks: &[NetworkFacts]) -> Vec<String> {
    let name = |network: &NetworkFacts| {
        let given = network.options.get("com.docker.network.bridge.name").cloned();
        given.or_else(|| network.id.get(..12).map(|id| format!("br-{id}")))
    };
    networks.iter().filter_map(name).collect()
}

/// The process that holds a socket, where the system tells.
#[cfg(unix)]
async fn peer(path: &std::path::Path) -> Option<u32> {
    let connect = tokio::net::UnixStream::connect(path);
    let stream = tokio::time::timeout(super::dial::CONNECT, connect).await.ok()?.ok()?;
    stream.peer_cred().ok()?.pid().and_then(|pid| u32::try_from(pid).ok()).filter(|pid| *pid != 0)
}

#[cfg(not(unix))]
async fn peer(_: &std::path::Path) -> Option<u32> {
    None
}

/// Reading files beside the runtime.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, DockerError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| DockerError::Engine { act: "be looked at on this machine".into(), reason: error.to_string() })
}
