//! Says what is wrong with what the auditor typed as a trust policy, before anything is judged by it.

use std::collections::BTreeSet;

use crate::certificates::pem_bundle;
use crate::keys::PublicKey;
use crate::notation::identity::Trusted;
use crate::policy::{NotationPolicy, TrustPolicy, TrustedKey};
use crate::scope;
use crate::text::shown;

/// Longest name.
const NAME_MAX: usize = 200;

impl TrustPolicy {
    /// Says what is wrong with the policy.
    ///
    /// # Errors
    ///
    /// One plain sentence for the auditor: the first thing that cannot be used, and why.
    pub fn check(&self) -> Result<(), String> {
        keys(&self.keys, "key")?;
        keys(&self.logs, "log key")?;
        let mut names = BTreeSet::new();
        for identity in &self.identities {
            name(&identity.name, "identity", &mut names)?;
            let called = format!("The identity \"{}\"", shown(&identity.name));
            let subject = identity.subject.trim();
            if subject.is_empty() {
                return Err(format!("{called} names no subject: write an e-mail address or a URI, * and ** allowed."));
            }
            if subject.chars().all(|character| character == '*') {
                return Err(format!("{called} would let anybody sign: write an e-mail address or a URI, not only *."));
            }
            pattern(subject, &called, "subject")?;
            if identity.issuer.trim().is_empty() {
                return Err(format!(
                    "{called} names no issuer: write the address of the OIDC provider that vouches for it, or * if any may."
                ));
            }
            if identity.issuer.chars().any(char::is_control) {
                return Err(format!("{called} has an issuer with a control character in it."));
            }
            scoped(&identity.scope, &called)?;
            certificates(&identity.roots, &format!("The authorities of the identity \"{}\"", shown(&identity.name)))?;
        }
        notation(&self.notation)?;
        for pin in &self.notary {
            let called = format!("The pin for \"{}\"", shown(&pin.gun));
            if pin.gun.trim().is_empty() {
                return Err("A pin for Content Trust names no repository.".to_owned());
            }
            if pin.gun.trim_end_matches('*').contains('*') || pin.gun.ends_with("**") {
                return Err(format!("{called} has a * elsewhere than at its end."));
            }
            if pin.ca.trim().is_empty() && pin.key_ids.is_empty() {
                return Err(format!("{called} pins nothing: give certificates or key ids."));
            }
            if !pin.ca.trim().is_empty() {
                certificates(&pin.ca, &format!("The certificates of the pin for \"{}\"", shown(&pin.gun)))?;
            }
            for id in &pin.key_ids {
                if id.len() != 64 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
                    return Err(format!("{called} has a key id that is not 64 hexadecimal digits: {}.", shown(id)));
                }
            }
        }
        Ok(())
    }
}

fn name(text: &str, kind: &str, seen: &mut BTreeSet<String>) -> Result<(), String> {
    if text.trim().is_empty() {
        return Err(format!("One {kind} has no name."));
    }
    if text.len() > NAME_MAX || text.chars().any(char::is_control) {
        return Err(format!("The name of the {kind} \"{}\" is too long, or holds control characters.", shown(text)));
    }
    if !seen.insert(text.trim().to_owned()) {
        return Err(format!("There are two of the name \"{}\" ({kind}).", shown(text)));
    }
    Ok(())
}

fn pattern(text: &str, called: &str, what: &str) -> Result<(), String> {
    // a subject may well be an address with a protocol
    match scope::check(&text.replace("://", ":")) {
        Ok(()) => Ok(()),
        Err(why) => Err(format!("{called} has a {what} that {why}.")),
    }
}

fn scoped(text: &str, called: &str) -> Result<(), String> {
    scope::check(text.trim()).map_err(|why| format!("{called} has a scope that {why}."))
}

fn keys(listed: &[TrustedKey], kind: &str) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for key in listed {
        name(&key.name, kind, &mut names)?;
        let called = format!("The {kind} \"{}\"", shown(&key.name));
        if key.pem.contains("PRIVATE KEY") {
            return Err(format!("{called} is a private key; only the public one belongs here."));
        }
        PublicKey::from_pem(&key.pem).map_err(|why| format!("{called} is not a public key in PEM: {why}"))?;
        scoped(&key.scope, &called)?;
    }
    Ok(())
}

fn certificates(pem: &str, called: &str) -> Result<(), String> {
    if pem.contains("PRIVATE KEY") {
        return Err(format!("{called} come with a private key; only certificates belong here."));
    }
    pem_bundle(pem).map(|_| ()).map_err(|why| format!("{called} cannot be used: {why}."))
}

fn notation(policies: &[NotationPolicy]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    let mut scopes = BTreeSet::new();
    for policy in policies {
        name(&policy.name, "Notation policy", &mut names)?;
        let called = format!("The Notation policy \"{}\"", shown(&policy.name));
        if policy.registry_scopes.is_empty() {
            return Err(format!("{called} counts for no repository: name some, or a single *."));
        }
        for scope in &policy.registry_scopes {
            let scope = scope.trim();
            if scope == "*" {
                if policy.registry_scopes.len() > 1 {
                    return Err(format!("{called} names * beside repositories; it is one or the other."));
                }
            } else {
                repository(scope).map_err(|why| format!("{called} has the scope {} that {why}.", shown(scope)))?;
            }
            if !scopes.insert(scope.to_owned()) {
                return Err(format!("{called} counts for {}, as another does.", shown(scope)));
            }
        }
        if policy.level == crate::policy::NotationLevel::Skip {
            continue;
        }
        if policy.trusted_identities.is_empty() {
            return Err(format!("{called} trusts nobody: name identities, or a single *."));
        }
        for identity in &policy.trusted_identities {
            let read = Trusted::read(identity)
                .map_err(|why| format!("{called} has the identity \"{}\" that {why}.", shown(identity)))?;
            if read == Trusted::Anybody && policy.trusted_identities.len() > 1 {
                return Err(format!("{called} names * beside identities; it is one or the other."));
            }
        }
        let authorities = !policy.authority_roots.trim().is_empty();
        if authorities {
            let called = format!("The signing authorities of the Notation policy \"{}\"", shown(&policy.name));
            certificates(&policy.authority_roots, &called)?;
        }
        if authorities && policy.roots.trim().is_empty() {
            continue;
        }
        certificates(&policy.roots, &format!("The certificates of the Notation policy \"{}\"", shown(&policy.name)))?;
    }
    Ok(())
}

/// A repository without wildcards, tag, digest or protocol.
fn repository(scope: &str) -> Result<(), String> {
    if scope.contains('*') {
        return Err("has a wildcard; Notation takes none within a name".to_owned());
    }
    scope::check(scope)?;
    let Some((host, name)) = scope.split_once('/') else {
        return Err("names no repository: write host/name".to_owned());
    };
    if host.is_empty() || name.is_empty() || scope.contains("//") || scope.ends_with('/') {
        return Err("is not written as host/name".to_owned());
    }
    if name.contains(':') || name.contains('@') {
        return Err("names a tag or a digest; it must be the repository alone".to_owned());
    }
    Ok(())
}
