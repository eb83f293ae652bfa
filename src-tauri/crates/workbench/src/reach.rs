//! How far a run may reach: the registries that the auditor named, what was typed in for them, and the pins of earlier
//! contacts.

use std::collections::BTreeMap;
use std::path::PathBuf;

use plimsoll_engagement::{Engagement, Kept};
use plimsoll_registry::{Connection, Credentials, Network};
use plimsoll_trust::{NotaryFacts, Pinned, TrustFacts, TrustPolicy};

use crate::error::WorkbenchError;
use crate::facts_file::again::Before;
use crate::scanning::Advisories;
use crate::trust_page::moment;
use crate::unchanged::AllEarlier;

/// What a run may reach, and what it knows from before.
#[derive(Debug, Clone, Default)]
pub struct Reach {
    /// Connections and credentials.
    pub network: Network,
    /// Content Trust roots that were trusted at earlier contacts, by repository.
    pub pins: Vec<(String, Pinned)>,
    /// The folder where fetched images are kept, when that is wanted; empty for the working folder.
    pub archives: PathBuf,
    /// The advisory database that the run matches against.
    pub advisories: Advisories,
    /// What the last run read, so that it need not be read again.
    pub(crate) earlier: AllEarlier,
    /// What is recorded of subjects out of facts files, in case their files are gone.
    pub(crate) collected: Before,
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
        Ok(Self { network, pins, archives, ..Self::default() })
    }

    /// Lets a run take over what the last one read of images that have not changed since.
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn knowing(mut self, engagement: &Engagement) -> Result<Self, WorkbenchError> {
        self.earlier = AllEarlier::of(engagement)?;
        self.remembering(engagement)
    }

    /// Lets a run take over what is recorded of subjects out of facts files, when a file is gone or tells nothing newer.
    /// They cannot be read again elsewhere, so this is no shortcut, and part of [`Reach::knowing`].
    ///
    /// # Errors
    /// When the engagement cannot be read.
    pub fn remembering(mut self, engagement: &Engagement) -> Result<Self, WorkbenchError> {
        self.collected = Before::of(engagement)?;
        Ok(self)
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

/// Brings the pins up to date with what was fetched, one repository after the other: what verifies against the pin that
/// is known by then becomes the pin for the next contact. What only verifies against an older state (a server that
/// answers two subjects of one run differently) is given the newer pin, so that it is judged against that.
///
/// Gives the pins that are to be kept, once everything else is recorded.
pub(crate) fn settle_pins<'a>(
    known: Vec<(String, Pinned)>,
    policy: &TrustPolicy,
    trust: impl Iterator<Item = &'a mut TrustFacts>,
) -> Vec<(String, Pinned)> {
    let mut pins: BTreeMap<String, Pinned> = known.into_iter().collect();
    let mut changed: Vec<String> = Vec::new();
    for facts in trust {
        let at = moment(&facts.collected);
        let Some(notary) = &mut facts.notary else { continue };
        let latest = pins.get(&notary.gun).cloned();
        let against = NotaryFacts { pinned: latest.clone(), ..notary.clone() };
        match plimsoll_trust::pin(&against, policy, at) {
            Some(pin) => {
                if !changed.contains(&notary.gun) {
                    changed.push(notary.gun.clone());
                }
                pins.insert(notary.gun.clone(), pin);
            }
            None if latest.is_some() && plimsoll_trust::pin(notary, policy, at).is_some() => notary.pinned = latest,
            None => {}
        }
    }
    pins.into_iter().filter(|(gun, _)| changed.contains(gun)).collect()
}

/// Keeps pins in the engagement.
///
/// # Errors
/// When the engagement cannot be written.
pub(crate) fn keep_pins(engagement: &mut Engagement, pins: &[(String, Pinned)]) -> Result<(), WorkbenchError> {
    for (gun, pin) in pins {
        let json = serde_json::to_string(pin).map_err(plimsoll_engagement::EngagementError::from)?;
        let first = pin.first_seen == pin.last_seen;
        let reason = if first { "trusted at the first contact" } else { "seen again" };
        engagement.keep(Kept::Pin, gun, Some(&json), reason)?;
    }
    Ok(())
}
