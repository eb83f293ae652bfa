//! Docker hosts and containers: collected through the engine that the auditor names, and nothing changed there.

use std::path::PathBuf;

use plimsoll_docker::facts::{ContainerFacts, HostFacts, Unread};
use plimsoll_docker::{Engine, EngineAddress};
use plimsoll_trust::Looked;
use tokio_util::sync::CancellationToken;

use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;
use crate::runtime_page::engine_words;
use crate::runtime_view::{EngineAnswer, EngineContainer};
use crate::source::Source;

/// Reads a host.
pub(crate) async fn host(
    address: &EngineAddress,
    files: &[PathBuf],
    _reach: &Reach,
    job: &Job,
) -> Result<HostFacts, WorkbenchError> {
    job.tell("Asking the Docker daemon about the host", 0, 0);
    Ok(Engine::open(address).await?.host_facts(files, job.token()).await?)
}

/// Reads a container.
pub(crate) async fn container(
    address: &EngineAddress,
    name: &str,
    reach: &Reach,
    job: &Job,
) -> Result<ContainerFacts, WorkbenchError> {
    job.tell("Asking the Docker daemon about the container", 0, 0);
    let mut facts = Engine::open(address).await?.container_facts(name, job.token()).await?;
    at_registry(&mut facts, reach, job).await;
    Ok(facts)
}

/// Asks the registry what it serves under the name of the container's image now, if the auditor named that registry.
pub(crate) async fn at_registry(facts: &mut ContainerFacts, reach: &Reach, job: &Job) {
    let name = &facts.config.image;
    let Ok(reference) = plimsoll_registry::Reference::parse(name) else { return };
    // A digest means the same for ever; an id is no name at all.
    if reference.digest().is_some() || name.starts_with("sha256:") {
        return;
    }
    if !reach.network.connections.iter().any(|connection| connection.host == reference.host()) {
        return;
    }
    job.tell("Asking the registry for the image's current digest", 0, 0);
    let found = crate::trust::lookup(name, None, None, reach, job).await;
    match found.served {
        Some(served) => facts.image_now.at_registry = Some(served.digest),
        None => facts.unread.push(Unread {
            what: format!("the current digest of {name} at its registry"),
            reason: match found.looked {
                Looked::Found | Looked::Absent => "the registry has no such image".to_owned(),
                Looked::Refused(reason) | Looked::Failed(reason) | Looked::NotTried(reason) => reason,
            },
        }),
    }
}

/// The containers of an engine as subjects, each by its name.
///
/// # Errors
/// When the engine cannot be reached or does not give the list.
pub async fn containers(address: &EngineAddress) -> Result<Vec<Source>, WorkbenchError> {
    let listed = Engine::open(address).await?.containers().await?;
    Ok(listed.into_iter().map(|container| Source::Container(address.clone(), container.name)).collect())
}

/// What an engine answers before anything of it is recorded.
///
/// # Errors
/// When the address names none, or it does not answer.
pub async fn ask_engine(address: &str) -> Result<EngineAnswer, WorkbenchError> {
    let address: EngineAddress = address.trim().parse().map_err(crate::source::SourceError::from)?;
    let engine = Engine::open(&address).await?;
    let containers = engine.containers().await?;
    let mut containers: Vec<EngineContainer> = containers
        .into_iter()
        .map(|c| EngineContainer { name: c.name, image: c.image, state: c.state, status: c.status })
        .collect();
    // Running ones first, then by name.
    containers.sort_by(|a, b| (a.state != "running", &a.name).cmp(&(b.state != "running", &b.name)));
    Ok(EngineAnswer {
        endpoint: engine.host().to_owned(),
        name: engine.host_name(&CancellationToken::new()).await.unwrap_or_default(),
        engine: engine_words(engine.facts()),
        containers,
        reads: plimsoll_docker::reads(&address, true),
    })
}
