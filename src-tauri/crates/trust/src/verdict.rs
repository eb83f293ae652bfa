//! What is said of one signature, or of its absence.

use serde::{Deserialize, Serialize};

/// A scheme of signing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// Docker Content Trust (Notary v1).
    ContentTrust,
    /// cosign: simple signing, or a Sigstore bundle that signs the image.
    Cosign,
    /// Notation, of the Notary Project.
    Notation,
    /// Statements about the image (in-toto: provenance, SBOM). They speak of its making; they are no signature of it.
    Attestation,
}

impl Scheme {
    /// The name that people use.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ContentTrust => "Docker Content Trust",
            Self::Cosign => "cosign",
            Self::Notation => "Notation",
            Self::Attestation => "attestation",
        }
    }
}

/// What a signature is worth. Each is a different outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Signed, for this digest, by somebody whom the auditor trusts, and in date.
    Verified,
    /// Content Trust only: signed and in date, and the digest under audit is not known, so it could not be compared.
    Signed,
    /// The place itself said that there is nothing: no signature.
    Unsigned,
    /// There is trust data for the repository, and none for this tag.
    NotThisTag,
    /// There was trust data at an earlier contact, and now there is none.
    Withdrawn,
    /// In order, but out of date.
    Expired,
    /// Signed by somebody else than those whom the auditor trusts.
    OtherSigner,
    /// In order, but for another digest.
    OtherDigest,
    /// Tampered with, malformed, rolled back, short of signatures.
    Invalid,
    /// There is a signature, and the auditor brought nothing to verify it with.
    NoKey,
    /// An in-toto statement that nobody signed: what it says is a claim.
    Statement,
    /// It could not be fetched or read: nothing is known.
    Unreachable,
}

/// What is wrong with what is invalid or out of date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Invalid {
    /// Not what the specification says.
    Format,
    /// A signature does not fit, or there are fewer than the threshold.
    Signature,
    /// A hash or a length does not fit.
    Hash,
    /// Out of date.
    Expired,
    /// An older version than was seen before.
    Rollback,
    /// The root cannot be trusted.
    Root,
    /// Something that must be there is not.
    Missing,
    /// The certificate cannot be trusted.
    Certificate,
}

/// Who signed.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Signer {
    /// Role or name: `alice`, `Repo Admin`, the auditor's name of the key, a certificate's subject.
    pub name: String,
    /// Key ids or fingerprints, SHA-256, hexadecimal.
    pub keys: Vec<String>,
    /// The certificate's issuer, or the OIDC issuer; may be empty.
    pub issuer: String,
    /// Until when the certificate or the role's metadata counts, RFC 3339; may be empty.
    pub not_after: String,
}

/// What one link of the chain is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkKind {
    /// What the auditor or an earlier contact trusts: a pinned root, a key, a certificate authority.
    Anchor,
    /// A certificate between the authority and the signer, or the signer's.
    Certificate,
    /// A TUF role's metadata.
    Role,
    /// A transparency log's entry.
    Log,
    /// The signature over the payload.
    Signature,
    /// What is signed: target, payload, statement.
    Payload,
    /// The digest under audit.
    Digest,
}

/// One link of the chain from the anchor to the digest, to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// What it is.
    pub kind: LinkKind,
    /// Its name: `root`, `targets/releases`, a certificate's subject.
    pub title: String,
    /// Name and value: version, expires, keys, threshold, length, hash.
    pub details: Vec<(String, String)>,
    /// Whether it holds; none where it was not reached.
    pub holds: Option<bool>,
    /// What is wrong, when it does not hold; may be empty.
    pub problem: String,
}

/// What is said of one signature, or of the absence of any.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The scheme.
    pub scheme: Scheme,
    /// What it is worth.
    pub state: State,
    /// What is wrong, when it is invalid or out of date.
    pub kind: Option<Invalid>,
    /// One sentence: what was seen, and why it comes to this.
    pub reason: String,
    /// Where it lies: trust server and GUN, or a reference.
    pub place: String,
    /// The digest that is signed; none when nothing is.
    pub digest: Option<String>,
    /// Predicate type of an attestation; may be empty.
    pub predicate: String,
    /// Who signed.
    pub signers: Vec<Signer>,
    /// When it was signed, RFC 3339, as far as that is proved or claimed; may be empty.
    pub signed_at: String,
    /// Until when it counts, RFC 3339; may be empty.
    pub expires: String,
    /// From the anchor to the digest.
    pub chain: Vec<Link>,
    /// What else is worth knowing: warnings that do not change the state.
    pub notes: Vec<String>,
    /// Content Trust only: nothing vouches for the root but that it was met, neither a pin of the policy nor an earlier
    /// contact. Whoever serves the image may have made it. The first note then names the root's key.
    #[serde(default)]
    pub first_use: bool,
    /// Content Trust only: the root is trusted because of an earlier contact alone, and since when (RFC 3339, or words
    /// where the moment is not known); empty otherwise. That proves continuity, not who it is.
    #[serde(default)]
    pub trusted_since: String,
}

impl Verdict {
    /// A verdict with nothing but its state and reason.
    #[must_use]
    pub fn new(scheme: Scheme, state: State, place: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            scheme,
            state,
            kind: None,
            reason: reason.into(),
            place: place.into(),
            digest: None,
            predicate: String::new(),
            signers: Vec::new(),
            signed_at: String::new(),
            expires: String::new(),
            chain: Vec::new(),
            notes: Vec::new(),
            first_use: false,
            trusted_since: String::new(),
        }
    }

    /// The verdict in one word, as `plimsoll trust --json` gives it. Content Trust: `signed`, `not-signed-tag`,
    /// `unsigned` or `invalid`, about what the server's metadata say; anything else: `verified`, `not-verified` or
    /// `unsigned`. What could not be looked at is `unknown`.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match (self.scheme, self.state) {
            (_, State::Unreachable) => "unknown",
            (_, State::Unsigned | State::Withdrawn) => "unsigned",
            (Scheme::ContentTrust, State::Verified | State::Signed | State::OtherDigest) => "signed",
            (Scheme::ContentTrust, State::NotThisTag) => "not-signed-tag",
            (Scheme::ContentTrust, _) => "invalid",
            (_, State::Verified) => "verified",
            _ => "not-verified",
        }
    }
}
