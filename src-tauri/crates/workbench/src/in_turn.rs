//! Reading subjects one after the other; but containers of one engine, several at one time, over one connection.

use std::collections::VecDeque;

use plimsoll_checks::Facts;
use plimsoll_docker::{Engine, EngineAddress};

use crate::collect::{Request, blank, collect};
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;
use crate::runtime::at_registry;
use crate::source::Source;

/// Containers that are read ahead. It bounds the memory, not the result.
const AHEAD: usize = 64;
/// Containers that are asked about at one time.
const AT_ONCE: usize = 8;

/// Subjects to be read, in their order.
pub(crate) struct InTurn<'a> {
    requests: &'a [Request],
    reach: &'a Reach,
    at: usize,
    ready: VecDeque<Result<Facts, WorkbenchError>>,
    engine: Option<(EngineAddress, Engine)>,
}

impl<'a> InTurn<'a> {
    /// Nothing is read yet.
    pub(crate) fn new(requests: &'a [Request], reach: &'a Reach) -> Self {
        Self { requests, reach, at: 0, ready: VecDeque::new(), engine: None }
    }

    /// The next subject, and what was read of it; none after the last. What is cancelled is an error like others.
    pub(crate) async fn next(&mut self, job: &Job) -> Option<(&'a Request, Result<Facts, WorkbenchError>)> {
        let request = self.requests.get(self.at)?;
        let job = job.at(self.at.saturating_add(1), self.requests.len(), &request.source.name());
        if self.ready.is_empty() {
            self.read_ahead(request, &job).await;
        }
        let read = match self.ready.pop_front() {
            Some(read) => read,
            None => collect(request, self.reach, &job).await,
        };
        self.at = self.at.saturating_add(1);
        Some((request, read))
    }

    /// Reads the containers of one engine that stand together here, if there are several.
    async fn read_ahead(&mut self, first: &Request, job: &Job) {
        let Source::Container(address, _) = &first.source else { return };
        let here = self.requests.get(self.at..).unwrap_or_default();
        let names: Vec<String> = here
            .iter()
            .map_while(|request| match &request.source {
                Source::Container(other, name) if other == address => Some(name.clone()),
                _ => None,
            })
            .take(AHEAD)
            .collect();
        if names.len() < 2 || job.is_cancelled() {
            return;
        }
        let engine = match &self.engine {
            Some((known, engine)) if known == address => engine.clone(),
            _ => match Engine::open(address).await {
                Ok(engine) => self.engine.insert((address.clone(), engine)).1.clone(),
                // Each subject is told the reason by itself.
                Err(error) => {
                    let reason = error.to_string();
                    self.ready.extend(names.iter().map(|_| Err(WorkbenchError::Input(reason.clone()))));
                    return;
                }
            },
        };
        let told = |_: u64, _: u64| job.tell("Asking the Docker daemon about containers", 0, 0);
        match engine.containers_facts(&names, AT_ONCE, job.token(), &told).await {
            Ok(all) => {
                for (request, read) in here.iter().zip(all) {
                    self.ready.push_back(match read {
                        Ok(mut container) => {
                            at_registry(&mut container, self.reach, job).await;
                            Ok(Facts { container: Some(container), ..blank(request) })
                        }
                        Err(error) => Err(error.into()),
                    });
                }
            }
            Err(error) => self.ready.push_back(Err(error.into())),
        }
    }
}
