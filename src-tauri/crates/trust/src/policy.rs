//! What the auditor trusts: keys, identities, roots. Part of the engagement's profile; public material only.

use serde::{Deserialize, Serialize};

/// Everything that the auditor brings. Empty: signatures are found and described, none is verified.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default, deny_unknown_fields)]
pub struct TrustPolicy {
    /// Public keys for cosign signatures, bundles and attestations.
    pub keys: Vec<TrustedKey>,
    /// Certificate identities for cosign's keyless signatures.
    pub identities: Vec<TrustedIdentity>,
    /// Public keys of transparency logs (Rekor), PEM. With one of them an entry proves when a signature was made.
    pub logs: Vec<TrustedKey>,
    /// Notation's trust policies with their trust stores.
    pub notation: Vec<NotationPolicy>,
    /// Pins for Content Trust roots. Without one the first root seen is trusted, and kept in the engagement.
    pub notary: Vec<NotaryPin>,
}

/// A public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct TrustedKey {
    /// What the auditor calls it.
    pub name: String,
    /// SubjectPublicKeyInfo, PEM: ECDSA P-256/384, RSA, Ed25519.
    pub pem: String,
    /// Repositories that it counts for: `*` within a path component, `**` for any; empty for all.
    #[serde(default)]
    pub scope: String,
}

/// Who may have signed with a short-lived certificate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct TrustedIdentity {
    /// What the auditor calls it.
    pub name: String,
    /// The subject alternative name: an e-mail address or a URI. `*` and `**` as in a scope.
    pub subject: String,
    /// The OIDC issuer (extension 1.3.6.1.4.1.57264.1.8 or .1);
    /// `*` for any. One without an issuer lets nobody sign: any provider may vouch for any address.
    #[serde(default)]
    pub issuer: String,
    /// Certificates of the authorities, PEM.
    pub roots: String,
    /// Repositories that it counts for.
    #[serde(default)]
    pub scope: String,
}

/// How strictly a Notation policy judges (Notary Project specification, trust store and trust policy).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotationLevel {
    /// Everything is enforced.
    #[default]
    Strict,
    /// Expiry and timestamps are logged, not enforced.
    Permissive,
    /// Only integrity is enforced.
    Audit,
    /// Nothing is verified: signatures of these repositories are named, never a pass.
    Skip,
}

/// One Notation trust policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub struct NotationPolicy {
    /// Its name.
    pub name: String,
    /// Repositories without wildcards, or a single `*`.
    pub registry_scopes: Vec<String>,
    /// How strict.
    #[serde(default)]
    pub level: NotationLevel,
    /// The trust store: certificates, PEM.
    pub roots: String,
    /// The trust store of signing authorities, which is a separate one (type `signingAuthority`): certificates, PEM.
    /// Signatures by the scheme `notary.x509.signingAuthority` count by it alone; may be empty.
    #[serde(default)]
    pub authority_roots: String,
    /// `x509.subject: C=US, O=…, CN=…` or a single `*`.
    pub trusted_identities: Vec<String>,
}

/// A pin for Content Trust roots.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default, deny_unknown_fields)]
pub struct NotaryPin {
    /// The GUN, or its beginning followed by `*`.
    pub gun: String,
    /// Certificates of the authority that issues root certificates, PEM; may be empty.
    pub ca: String,
    /// Key ids of root certificates (SHA-256, hexadecimal); may be empty.
    pub key_ids: Vec<String>,
}
