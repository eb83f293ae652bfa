//! Docker hosts and containers: collected through the engine that the auditor names, and nothing changed there.

use std::path::PathBuf;

use plimsoll_docker::facts::{ContainerFacts, HostFacts};
use plimsoll_docker::{Engine, EngineAddress};

use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;
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
