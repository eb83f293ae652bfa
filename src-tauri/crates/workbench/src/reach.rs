//! How far a run may reach: the registries that the auditor named, what was typed in for them, and the pins of earlier
//! contacts.

use std::path::PathBuf;

use plimsoll_engagement::{Engagement, Kept};
use plimsoll_registry::{Connection, Credentials, Network};
use plimsoll_trust::{Pinned, TrustFacts, TrustPolicy};

use crate::error::WorkbenchError;
use crate::trust_page::moment;

/// What a run may reach, and what it knows from before.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Connections and credentials.
    pub network: Network,
    /// Content Trust roots that were trusted at earlier contacts, by repository.
    pub pins: Vec<(String, Pinned)>,
    /// The folder where fetched images are kept, when that is wanted; empty for the working folder.
    pub archives: PathBuf,
}

impl Reach {
    /// What an engagement allows. `typed` are credentials that were typed in since the program started.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn of(engagement: &Engagement, typed: &[(String, Credentials)]) -> Result<Self, WorkbenchError> {
        let json = |error| WorkbenchError::from(plimsoll_engagement::EngagementError::from(error));
        let connections = engagement
            .kept(Kept::Connection)?
            .into_iter()
            .map(|(_, text)| serde_json::from_str(&text).map_err(json))
            .collect::<Result<Vec<Connection>, _>>()?;
        let pins = engagement
            .kept(Kept::Pin)?
            .into_iter()
            .map(|(gun, text)| Ok((gun, serde_json::from_str(&text).map_err(json)?)))
            .collect::<Result<Vec<_>, WorkbenchError>>()?;
        let network = Network { connections, typed: typed.to_vec(), ..Network::default() };
        let archives = engagement.path().parent().map(std::path::Path::to_owned).unwrap_or_default();
        Ok(Self { network, pins, archives })
    }

    /// Adds connections beside those of the engagement; one for the same host takes its place.
    #[must_use]
    pub fn with(mut self, connections: &[Connection], typed: &[(String, Credentials)]) -> Self {
        for connection in connections {
            self.network.connections.retain(|known| known.host != connection.host);
            self.network.connections.push(connection.clone());
        }
        for (host, credentials) in typed {
            self.network.typed.retain(|(known, _)| known != host);
            self.network.typed.push((host.clone(), credentials.clone()));
        }
        self
    }

    /// The network as far as `host` is concerned: offline, unless it is the subject's own registry or the auditor
    /// named it. Nobody else is ever asked.
    pub(crate) fn to(&self, host: &str, own: Option<&str>) -> Network {
        let named = self.network.connections.iter().any(|connection| connection.host == host);
        Network { offline: self.network.offline || !(named || own == Some(host)), ..self.network.clone() }
    }

    /// What was pinned for a repository.
    pub(crate) fn pin(&self, gun: &str) -> Option<Pinned> {
        self.pins.iter().find(|(known, _)| known == gun).map(|(_, pin)| pin.clone())
    }
}

/// Keeps a connection in the engagement.
///
/// # Errors
/// When the engagement cannot be written.
pub fn keep_connection(engagement: &mut Engagement, connection: &Connection) -> Result<(), WorkbenchError> {
    let json = serde_json::to_string(connection).map_err(plimsoll_engagement::EngagementError::from)?;
    Ok(engagement.keep(Kept::Connection, &connection.host, Some(&json), "")?)
}

/// Keeps what was verified as the pin for the next contact.
///
/// # Errors
/// When the engagement cannot be written.
pub(crate) fn keep_pins(
    engagement: &mut Engagement,
    policy: &TrustPolicy,
    trust: &[&TrustFacts],
) -> Result<(), WorkbenchError> {
    let fetched = trust.iter().filter_map(|facts| Some((facts.notary.as_ref()?, moment(&facts.collected))));
    for (notary, at) in fetched {
        let Some(pin) = plimsoll_trust::pin(notary, policy, at) else { continue };
        let json = serde_json::to_string(&pin).map_err(plimsoll_engagement::EngagementError::from)?;
        let reason = if notary.pinned.is_some() { "seen again" } else { "trusted at the first contact" };
        engagement.keep(Kept::Pin, &notary.gun, Some(&json), reason)?;
    }
    Ok(())
}
