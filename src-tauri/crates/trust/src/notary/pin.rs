//! Pins of the policy: which root keys, or whose, the auditor trusts for a repository.

use time::OffsetDateTime;

use super::certificate::{Certificate, bundle};
use super::chain::Draft;
use super::key::{Key, plain_id};
use super::words::shown;
use crate::policy::{NotaryPin, TrustPolicy};
use crate::verdict::{Link, LinkKind};

/// One pin, read.
pub(super) struct Pin<'a> {
    pin: &'a NotaryPin,
    key_ids: Vec<String>,
    /// None when the pin names no authority.
    authorities: Option<Result<Vec<Certificate>, String>>,
}

/// The pins for a repository: those whose name is the most exact one. A name in full goes before any beginning, a
/// longer beginning before a shorter one.
pub(super) fn pins<'a>(policy: &'a TrustPolicy, gun: &str) -> Vec<Pin<'a>> {
    let exactness = |pin: &NotaryPin| match pin.gun.strip_suffix('*') {
        Some(prefix) => gun.starts_with(prefix).then_some((false, prefix.len())),
        None => (pin.gun == gun).then_some((true, pin.gun.len())),
    };
    let best = policy.notary.iter().filter_map(exactness).max();
    policy.notary.iter().filter(|pin| best.is_some() && exactness(pin) == best).map(Pin::read).collect()
}

impl<'a> Pin<'a> {
    fn read(pin: &'a NotaryPin) -> Self {
        let tidy = |id: &String| -> String {
            id.chars().filter(|c| !c.is_whitespace() && *c != ':').map(|c| c.to_ascii_lowercase()).collect()
        };
        let authorities = (!pin.ca.trim().is_empty()).then(|| bundle(pin.ca.as_bytes()));
        Self { pin, key_ids: pin.key_ids.iter().map(tidy).filter(|id| !id.is_empty()).collect(), authorities }
    }

    /// Whether a root key is one that the pin means. A pin that gives key ids and an authority wants both to fit. An id
    /// may be the key's in the metadata, the one that it has without its certificate, or the certificate's SHA-256.
    ///
    /// # Errors
    ///
    /// Why not, as the end of a sentence.
    pub(super) fn fits(&self, id: &str, key: &Key, at: OffsetDateTime) -> Result<(), String> {
        let name = shown(&self.pin.gun);
        if self.key_ids.is_empty() && self.authorities.is_none() {
            return Err(format!("the pin for {name} names neither a key nor an authority, so nothing fits it"));
        }
        if !self.key_ids.is_empty() {
            let plain = plain_id(&key.public);
            let certificate = key.chain.as_ref().map(|chain| chain.leaf.fingerprint());
            let named = |pinned: &String| pinned == id || *pinned == plain || Some(pinned) == certificate.as_ref();
            if !self.key_ids.iter().any(named) {
                return Err(format!("it is none of the keys that are pinned for {name}"));
            }
        }
        match (&self.authorities, &key.chain) {
            (None, _) => Ok(()),
            (Some(Err(why)), _) => Err(format!("the authority that is pinned for {name} cannot be read ({why})")),
            (Some(Ok(_)), None) => Err("it comes without a certificate".to_owned()),
            (Some(Ok(authorities)), Some(chain)) if chain.comes_from(authorities, at) => Ok(()),
            (Some(Ok(_)), Some(_)) => {
                Err(format!("its certificate does not come from the authority that is pinned for {name}"))
            }
        }
    }

    /// The pin as the chain's anchor.
    pub(super) fn link(&self) -> Link {
        let mut link = Draft::new(LinkKind::Anchor, "Pinned by the policy");
        link.detail("repositories", shown(&self.pin.gun));
        for id in self.key_ids.iter().take(10) {
            link.detail("key", shown(id));
        }
        match &self.authorities {
            Some(Ok(authorities)) => {
                for one in authorities.iter().take(10) {
                    link.detail("authority", format!("{}, SHA-256 {}", one.subject(), one.fingerprint()));
                }
            }
            Some(Err(why)) => link.blame(why),
            None => {}
        }
        link.done()
    }
}
