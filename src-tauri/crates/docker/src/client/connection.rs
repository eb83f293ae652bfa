//! A connection to an engine: the way there, the version of the API that both speak, and asking one thing.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bollard::Docker;
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::dial::Dialer;
use super::error::DockerError;
use super::surroundings::Surroundings;
use super::target::{Target, Way};
use super::transport::{LARGEST, Transport};
use super::trouble::Trouble;
use crate::EngineAddress;
use crate::facts::{AtEngine, EngineFacts, Unread};
use crate::mask::mask;
use crate::parse;
use crate::parse::value::filled;

/// How long the engine may take to begin an export. It first prepares the whole of it on its own disk.
const EXPORT: Duration = Duration::from_secs(3600);
/// The oldest version of the API that is understood: Docker 1.13.
const OLDEST: (usize, usize) = (1, 25);
/// The newest that is spoken; engines that know more speak it as well.
const NEWEST: (usize, usize) = (1, 53);

/// What times and sizes an engine is given.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    /// For an ordinary answer.
    pub(crate) answer: Duration,
    /// For an answer that the engine has to walk through a container's files for.
    pub(crate) long: Duration,
    /// Largest answer, bytes.
    pub(crate) largest: usize,
}

impl Default for Patience {
    fn default() -> Self {
        Self { answer: Duration::from_secs(30), long: Duration::from_secs(120), largest: LARGEST }
    }
}

/// A connection to an engine. Clones share it.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) transport: Transport,
    pub(crate) docker: Docker,
    pub(crate) target: Arc<Target>,
    pub(crate) around: Arc<Surroundings>,
    pub(crate) patience: Patience,
    pub(crate) api: (usize, usize),
    pub(crate) facts: Arc<EngineFacts>,
    /// `GET /version`, masked.
    pub(crate) version: Arc<Value>,
    pub(crate) shared: Arc<Shared>,
}

/// An image under a name: its id and registry digests; none when there is none of that name.
pub(crate) type Seen = Option<(String, Vec<String>)>;

/// What is read once and serves all containers.
#[derive(Debug, Default)]
pub(crate) struct Shared {
    pub(crate) at: OnceCell<(AtEngine, Vec<Unread>)>,
    pub(crate) images: Mutex<HashMap<String, Result<Seen, Trouble>>>,
}

impl Engine {
    /// Connects to the engine that the auditor names, and agrees on a version of the API.
    ///
    /// # Errors
    /// When the name leads nowhere, nobody answers, the connection is refused, or both speak no common version.
    pub async fn open(address: &EngineAddress) -> Result<Self, DockerError> {
        Self::open_in(address, Surroundings::of_process(), Patience::default()).await
    }

    /// Connects to the default engine and agrees on a version of the API.
    ///
    /// # Errors
    /// As [`Engine::open`].
    pub async fn connect() -> Result<Self, DockerError> {
        Self::open(&EngineAddress::Default).await
    }

    /// See [`Engine::open`].
    pub(crate) async fn open_in(
        address: &EngineAddress,
        around: Surroundings,
        patience: Patience,
    ) -> Result<Self, DockerError> {
        let target = Target::of(address, &around)?;
        let dialer = Dialer::new(&target, &around)?;
        let transport = Transport::new(&target, dialer, patience.largest);
        let host = target.endpoint.clone();
        let answer = transport.get("/version", patience.answer, &CancellationToken::new()).await;
        let mut version = answer.map_err(|trouble| trouble.at_first(&host))?;
        mask(&mut version);
        let api = agree(&version, &host)?;
        let facts = parse::host::engine(&version, &format!("{}.{}", api.0, api.1));
        Ok(Self {
            docker: transport.bollard(api, EXPORT)?,
            transport,
            target: Arc::new(target),
            around: Arc::new(around),
            patience,
            api,
            facts: Arc::new(facts),
            version: Arc::new(version),
            shared: Arc::default(),
        })
    }

    /// Where the engine is: `unix:///var/run/docker.sock`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.target.endpoint
    }

    /// The engine's version.
    #[must_use]
    pub fn version(&self) -> &str {
        self.facts.version.as_deref().unwrap_or_default()
    }

    /// Whose engine it is, and what it is made of.
    #[must_use]
    pub fn facts(&self) -> &EngineFacts {
        &self.facts
    }

    /// What the host calls itself; none when the engine does not tell.
    pub async fn host_name(&self, cancel: &CancellationToken) -> Option<String> {
        self.at_engine(cancel).await.ok().and_then(|(at, _)| at.name.clone())
    }

    /// Whether the connection is TLS with the engine's certificate verified; none for sockets and SSH.
    pub(crate) fn verified_tls(&self) -> Option<bool> {
        match &self.target.way {
            Way::Tcp { tls, .. } => Some(tls.as_ref().is_some_and(|files| files.verify)),
            Way::Unix(_) | Way::Ssh(_) => None,
        }
    }

    /// Asks as it comes.
    pub(crate) async fn ask(&self, path: &str, limit: Duration, cancel: &CancellationToken) -> Result<Value, Trouble> {
        let (major, minor) = self.api;
        self.transport.get(&format!("/v{major}.{minor}{path}"), limit, cancel).await
    }

    /// Asks and masks.
    pub(crate) async fn masked(&self, path: &str, cancel: &CancellationToken) -> Result<Value, Trouble> {
        let mut answer = self.ask(path, self.patience.answer, cancel).await?;
        mask(&mut answer);
        Ok(answer)
    }
}

/// The version of the API that both speak.
fn agree(version: &Value, host: &str) -> Result<(usize, usize), DockerError> {
    let no = |reason: &str| DockerError::NotDocker { host: host.to_owned(), reason: reason.to_owned() };
    let said = filled(version, "ApiVersion").ok_or_else(|| no("it tells no version of the API"))?;
    let highest = read_version(&said).ok_or_else(|| no("it tells a version of the API that is none"))?;
    if highest < OLDEST {
        let needs = format!("{}.{}", OLDEST.0, OLDEST.1);
        return Err(DockerError::TooOld { host: host.to_owned(), api: said, needs });
    }
    if let Some(said) = filled(version, "MinAPIVersion")
        && read_version(&said).is_some_and(|lowest| lowest > NEWEST)
    {
        let knows = format!("{}.{}", NEWEST.0, NEWEST.1);
        return Err(DockerError::TooNew { host: host.to_owned(), api: said, knows });
    }
    Ok(highest.min(NEWEST))
}

fn read_version(text: &str) -> Option<(usize, usize)> {
    let (major, minor) = text.trim().split_once('.')?;
    Some((major.parse().ok().filter(|major| *major < 100)?, minor.parse().ok().filter(|minor| *minor < 10_000)?))
}
