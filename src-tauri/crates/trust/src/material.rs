//! What the auditor trusts, read and narrowed to one repository; and the moment of judging.

use time::OffsetDateTime;

use crate::certificates::{Certificate, pem_bundle};
use crate::facts::TrustFacts;
use crate::keys::PublicKey;
use crate::policy::{TrustPolicy, TrustedKey};
use crate::scope;
use crate::text::shown;

/// An identity whose certificates may sign.
pub(crate) struct Identity {
    /// What the auditor calls it.
    pub(crate) name: String,
    /// Pattern of the subject alternative name.
    pub(crate) subject: String,
    /// OIDC issuer; empty for any.
    pub(crate) issuer: String,
    /// The authorities.
    pub(crate) roots: Vec<Certificate>,
}

/// Everything that judging one image's signatures needs.
pub(crate) struct Material<'a> {
    /// What was fetched.
    pub(crate) facts: &'a TrustFacts,
    /// Keys that count for the repository, by name.
    pub(crate) keys: Vec<(String, PublicKey)>,
    /// Identities that count for the repository.
    pub(crate) identities: Vec<Identity>,
    /// Transparency logs.
    pub(crate) logs: Vec<(String, PublicKey)>,
    /// Keys and identities that count for other repositories only.
    pub(crate) elsewhere: usize,
    /// What of the policy could not be used, as sentences.
    pub(crate) unusable: Vec<String>,
    /// The moment at which expiry is judged.
    pub(crate) at: OffsetDateTime,
}

impl<'a> Material<'a> {
    /// Reads the policy for the repository of the facts.
    pub(crate) fn new(facts: &'a TrustFacts, policy: &TrustPolicy, at: OffsetDateTime) -> Self {
        let mut unusable = Vec::new();
        let mut elsewhere = 0_usize;
        let keys = read(&policy.keys, "key", &facts.repository, &mut elsewhere, &mut unusable);
        let mut other_logs = 0_usize;
        let logs = read(&policy.logs, "log key", &facts.repository, &mut other_logs, &mut unusable);
        let mut identities = Vec::new();
        for identity in &policy.identities {
            if !scope::covers(&identity.scope, &facts.repository) {
                elsewhere = elsewhere.saturating_add(1);
                continue;
            }
            match pem_bundle(&identity.roots) {
                Ok(roots) => identities.push(Identity {
                    name: identity.name.clone(),
                    subject: identity.subject.trim().to_owned(),
                    issuer: identity.issuer.trim().to_owned(),
                    roots,
                }),
                Err(why) => unusable.push(format!(
                    "The identity \"{}\" could not be used: its authorities cannot be read, {why}.",
                    shown(&identity.name)
                )),
            }
        }
        Self { facts, keys, identities, logs, elsewhere, unusable, at }
    }
}

fn read(
    listed: &[TrustedKey],
    kind: &str,
    repository: &str,
    elsewhere: &mut usize,
    unusable: &mut Vec<String>,
) -> Vec<(String, PublicKey)> {
    let mut out = Vec::new();
    for one in listed {
        if !scope::covers(&one.scope, repository) {
            *elsewhere = elsewhere.saturating_add(1);
            continue;
        }
        match PublicKey::from_pem(&one.pem) {
            Ok(key) => out.push((one.name.clone(), key)),
            Err(why) => unusable.push(format!("The {kind} \"{}\" could not be used: {why}", shown(&one.name))),
        }
    }
    out
}
