//! What the window shows of registries, of what they offer, and of the trust in an image.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::view::SubjectLine;

/// The registries of the engagement.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RegistriesView {
    /// Each of them, as they were added.
    pub rows: Vec<RegistryRow>,
    /// Docker's client on this machine: name and value; empty before the first probe.
    pub client: Vec<(String, String)>,
}

/// One registry.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct RegistryRow {
    /// The subject that it is.
    pub subject: SubjectLine,
    /// How the connection is set up.
    pub connection: ConnectionView,
    /// Who asks: `alice, typed in`, `alice, from config.json`; empty for nobody.
    pub credentials: String,
    /// What the last run saw; none before it.
    pub probed: Option<ProbesView>,
    /// Outcome of C2 in the last run; `none` before it.
    pub outcome: String,
}

/// How the connection to a registry is set up. No secrets.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct ConnectionView {
    /// Host and port.
    pub host: String,
    /// Plain HTTP may be spoken.
    pub plain_http: bool,
    /// File of an own certificate authority, PEM; may be empty.
    pub ca: String,
    /// File of the client certificate, PEM; may be empty.
    pub client_certificate: String,
    /// File of its key, PEM; may be empty.
    pub client_key: String,
    /// Proxy; may be empty. Without it the system's variables count.
    pub proxy: String,
    /// Hosts that answer in its place.
    pub mirrors: Vec<String>,
    /// Content Trust server; may be empty.
    pub trust_server: String,
    /// Repositories to probe where the catalogue is closed.
    pub repositories: Vec<String>,
    /// The client consents to an anonymous upload being opened and cancelled.
    pub push_probe: bool,
    /// The client consents to a deletion of a digest that cannot exist.
    pub delete_probe: bool,
    /// Who consented and when; set when a consent is given, empty without one.
    pub consent: String,
    /// Keep a fetched image as an archive among the evidence.
    pub keep_archive: bool,
}

/// What probes saw.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProbesView {
    /// When, RFC 3339.
    pub at: String,
    /// `https`, `plain-http` or `unreachable`.
    pub connection: String,
    /// What TLS showed: name and value.
    pub tls: Vec<(String, String)>,
    /// Why TLS is not trusted, or could not be spoken; may be empty.
    pub tls_problem: String,
    /// Certificates as sent, the server's first.
    pub certificates: Vec<CertificateView>,
    /// How authentication is asked for: `Bearer, realm https://…`; empty for not at all.
    pub auth: String,
    /// Each probe, in order.
    pub rows: Vec<ProbeRow>,
}

/// One certificate.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct CertificateView {
    /// Subject.
    pub subject: String,
    /// Name and value: issuer, names, dates, key, fingerprint.
    pub details: Vec<(String, String)>,
}

/// One probe.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ProbeRow {
    /// What was asked, in words: `Tags without credentials`.
    pub asked: String,
    /// Method and address.
    pub request: String,
    /// The answer in words: `401 Unauthorized`, `not asked: no consent`.
    pub answer: String,
    /// `good`, `bad`, `neutral` or `unknown`.
    pub tone: String,
    /// When, RFC 3339.
    pub at: String,
    /// How to see it again; may be empty.
    pub command: String,
}

/// Repositories or tags of a registry.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct OfferView {
    /// Names, sorted.
    pub rows: Vec<String>,
    /// There are more than are listed.
    pub more: bool,
    /// Why nothing is listed although the registry answers: the catalogue is closed, the search is not offered; may be
    /// empty.
    pub note: String,
}

/// What a tag stands for.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TagView {
    /// The full reference.
    pub reference: String,
    /// Digest of the index or manifest.
    pub digest: String,
    /// Each image behind it.
    pub images: Vec<TagImage>,
    /// Signatures and attestations that were found, in words; may be empty.
    pub signatures: Vec<String>,
}

/// One image behind a tag.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TagImage {
    /// `linux/amd64`; empty if it is not said.
    pub platform: String,
    /// Digest of its manifest.
    pub digest: String,
    /// Compressed size for people.
    pub size: String,
    /// How many layers.
    pub layers: u32,
}

/// The trust in one image.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TrustPage {
    /// The image.
    pub subject: SubjectLine,
    /// In one sentence: which scheme gives trust, or that none does.
    pub summary: String,
    /// `good`, `bad`, `open` or `none`.
    pub tone: String,
    /// What is to be known of Content Trust's end; may be empty.
    pub notice: String,
    /// The image itself, then each base image that is named.
    pub sections: Vec<TrustSection>,
    /// Pins that concern these.
    pub pins: Vec<PinView>,
}

/// The trust in the image itself, or in one base image.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TrustSection {
    /// `This image`, `Base image debian:12`.
    pub title: String,
    /// Who names it: `by the Dockerfile`; empty for the image itself.
    pub named_by: String,
    /// The repository with its tag.
    pub reference: String,
    /// The digests that are it.
    pub digests: Vec<String>,
    /// When it was fetched, RFC 3339; empty if it was not.
    pub at: String,
    /// Whether it is official, in one sentence; may be empty.
    pub official: String,
    /// `good`, `bad`, `open` or `none`.
    pub official_tone: String,
    /// One for each signature, and for each scheme that was looked for.
    pub verdicts: Vec<VerdictView>,
    /// Each place that was looked at.
    pub lookups: Vec<LookupView>,
}

/// What a signature is worth.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct VerdictView {
    /// `content-trust`, `cosign`, `notation`, `attestation`.
    pub scheme: String,
    /// The scheme as people call it.
    pub name: String,
    /// `verified`, `unsigned`, `other-digest` …
    pub state: String,
    /// The state in a few words.
    pub label: String,
    /// `good`, `bad`, `open` or `none`.
    pub tone: String,
    /// Why, in one sentence.
    pub reason: String,
    /// Where it lies.
    pub place: String,
    /// The signed digest; may be empty.
    pub digest: String,
    /// Predicate type of an attestation; may be empty.
    pub predicate: String,
    /// Who signed.
    pub signers: Vec<SignerView>,
    /// RFC 3339; may be empty.
    pub signed_at: String,
    /// RFC 3339; may be empty.
    pub expires: String,
    /// From the anchor to the digest, to be drawn.
    pub chain: Vec<ChainLinkView>,
    /// What else is worth knowing.
    pub notes: Vec<String>,
}

/// Who signed.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct SignerView {
    /// Name or role.
    pub name: String,
    /// Key ids.
    pub keys: Vec<String>,
    /// Issuer; may be empty.
    pub issuer: String,
    /// RFC 3339; may be empty.
    pub not_after: String,
}

/// One link of the chain.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ChainLinkView {
    /// `anchor`, `certificate`, `role`, `log`, `signature`, `payload`, `digest`.
    pub kind: String,
    /// Its name.
    pub title: String,
    /// Name and value.
    pub details: Vec<(String, String)>,
    /// Whether it holds; none where it was not reached.
    pub holds: Option<bool>,
    /// What is wrong; may be empty.
    pub problem: String,
}

/// One place that was looked at.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct LookupView {
    /// The scheme as people call it.
    pub name: String,
    /// The place.
    pub place: String,
    /// `found`, `absent`, `refused`, `failed`, `not-tried`.
    pub answer: String,
    /// Why; may be empty.
    pub reason: String,
}

/// A Content Trust root that the engagement keeps.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct PinView {
    /// The repository.
    pub gun: String,
    /// Version of the root and its key ids.
    pub root: String,
    /// RFC 3339.
    pub first_seen: String,
    /// RFC 3339.
    pub last_seen: String,
}

/// A source that the client approves.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct ApprovedView {
    /// A repository's full name or a registry's host; `*` and `**` stand for anything.
    pub what: String,
    /// Why. Never empty.
    pub reason: String,
}

/// What the auditor trusts.
#[derive(Debug, Clone, Default, Serialize, Deserialize, TS)]
pub struct TrustPolicyView {
    /// Public keys for cosign.
    pub keys: Vec<TrustedKeyView>,
    /// Certificate identities for cosign's keyless signatures.
    pub identities: Vec<TrustedIdentityView>,
    /// Public keys of transparency logs.
    pub logs: Vec<TrustedKeyView>,
    /// Notation's trust policies.
    pub notation: Vec<NotationPolicyView>,
    /// Pins for Content Trust roots.
    pub notary: Vec<NotaryPinView>,
}

/// A public key.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TrustedKeyView {
    /// What the auditor calls it.
    pub name: String,
    /// PEM.
    pub pem: String,
    /// Repositories; empty for all.
    pub scope: String,
}

/// Who may sign with a short-lived certificate.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct TrustedIdentityView {
    /// What the auditor calls it.
    pub name: String,
    /// E-mail address or URI.
    pub subject: String,
    /// OIDC issuer; empty for any.
    pub issuer: String,
    /// PEM.
    pub roots: String,
    /// Repositories; empty for all.
    pub scope: String,
}

/// A Notation trust policy.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NotationPolicyView {
    /// Its name.
    pub name: String,
    /// Repositories, or a single `*`.
    pub registry_scopes: Vec<String>,
    /// `strict`, `permissive`, `audit`, `skip`.
    pub level: String,
    /// PEM.
    pub roots: String,
    /// Of signing authorities, PEM; may be empty.
    #[serde(default)]
    pub authority_roots: String,
    /// `x509.subject: …` or a single `*`.
    pub trusted_identities: Vec<String>,
}

/// A pin for Content Trust roots.
#[derive(Debug, Clone, Serialize, Deserialize, TS)]
pub struct NotaryPinView {
    /// GUN, or its beginning followed by `*`.
    pub gun: String,
    /// PEM; may be empty.
    pub ca: String,
    /// Key ids; may be empty.
    pub key_ids: Vec<String>,
}
