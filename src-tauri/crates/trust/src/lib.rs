//! Who signed an image: Docker Content Trust (Notary v1, TUF), cosign, Notation, attestations. Pure.
//!
//! In: what was fetched ([`TrustFacts`]: metadata and signature artifacts as they were served, and what each place that
//! was looked at answered), the keys and roots that the auditor brings ([`TrustPolicy`]), and a moment in time. Out:
//! for each scheme, and each signature found, a [`Verdict`] that says what it is worth and why. No I/O, no clock:
//! fetching is the registry's, and the same facts give the same verdicts, years later.
//!
//! # Where things are
//!
//! - `facts.rs` what was fetched; `policy.rs` what the auditor trusts; `verdict.rs` what is said of it.
//! - `notary/` Docker Content Trust: TUF metadata in Notary v1's own flavour.
//! - `cosign/` simple signing, Sigstore bundles, DSSE envelopes and in-toto statements.
//! - `notation/` signatures of the Notary Project: JWS, COSE, trust store and policy.
//! - `artifacts.rs` which of them an artifact is for; `absence.rs` where nothing was found; `material.rs` the policy,
//!   read and narrowed to one repository; `check.rs` what is wrong with a policy.
//! - `certificates.rs` X.509 chains; `keys.rs` public keys; `scope.rs` patterns; `text.rs` text and base64 from outside.

mod absence;
mod artifacts;
mod certificates;
mod check;
mod cosign;
mod facts;
mod fit;
mod keys;
mod material;
mod notary;
mod notation;
mod policy;
mod scope;
mod text;
mod verdict;

#[cfg(test)]
mod tests;

pub use artifacts::{artifacts, materials};
pub use facts::{Artifact, ArtifactLayer, Bytes, Found, Looked, Lookup, NotaryFacts, NotaryFile, Pinned, TrustFacts};
pub use notary::{notary, pin, pinned_from_files};
pub use policy::{NotaryPin, NotationLevel, NotationPolicy, TrustPolicy, TrustedIdentity, TrustedKey};
pub use verdict::{Invalid, Link, LinkKind, Scheme, Signer, State, Verdict};

use time::OffsetDateTime;

/// Judges everything that was fetched about one image, at a moment in time: at least one verdict for each scheme that
/// was looked for.
#[must_use]
pub fn judge(facts: &TrustFacts, policy: &TrustPolicy, at: OffsetDateTime) -> Vec<Verdict> {
    let mut verdicts = Vec::from_iter(notary(facts, policy, at));
    verdicts.extend(artifacts(facts, policy, at));
    verdicts
}
