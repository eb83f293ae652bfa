//! Docker hosts and containers: collected through the engine that the auditor names, and nothing changed there.

use std::path::PathBuf;

use plimsoll_docker::facts::{ContainerFacts, HostFacts};
use plimsoll_docker::{Engine, EngineAddress};

use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;
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
    _reach: &Reach,
    job: &Job,
) -> Result<ContainerFacts, WorkbenchError> {
    job.tell("Asking the Docker daemon about the container", 0, 0);
    Ok(Engine::open(address).await?.container_facts(name, job.token()).await?)
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
        name: String::new(),
        engine: engine.version().to_owned(),
        containers,
        reads: Vec::new(),
    })
}
