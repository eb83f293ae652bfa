//! Judges the signature and attestation artifacts of an image, and says where there are none.

use time::OffsetDateTime;

use crate::absence::absent;
use crate::cosign;
use crate::facts::{Artifact, TrustFacts};
use crate::material::Material;
use crate::notation;
use crate::policy::TrustPolicy;
use crate::text::sha256_hex;
use crate::verdict::{Invalid, Scheme, State, Verdict};

/// Most materials that are given.
const MATERIALS_MAX: usize = 1000;

/// Judges every artifact: cosign, Sigstore bundles, attestations, Notation; then the schemes of which nothing was found.
#[must_use]
pub fn artifacts(facts: &TrustFacts, policy: &TrustPolicy, at: OffsetDateTime) -> Vec<Verdict> {
    let material = Material::new(facts, policy, at);
    let mut out = Vec::new();
    for artifact in &facts.artifacts {
        out.extend(judge(artifact, &material, policy, at));
    }
    out.extend(absent(facts, &out));
    out
}

fn judge(artifact: &Artifact, material: &Material<'_>, policy: &TrustPolicy, at: OffsetDateTime) -> Vec<Verdict> {
    let is_notation = artifact.artifact_type.trim() == notation::ARTIFACT || notation::by_config(&artifact.manifest.0);
    if let Some(hash) = artifact.digest.strip_prefix("sha256:")
        && !artifact.manifest.0.is_empty()
        && sha256_hex(&artifact.manifest.0) != hash
    {
        let scheme = if is_notation { Scheme::Notation } else { Scheme::Cosign };
        let mut out = Verdict::new(
            scheme,
            State::Invalid,
            artifact.place.clone(),
            "The artifact's manifest is another than its digest says.",
        );
        out.kind = Some(Invalid::Hash);
        return vec![out];
    }
    if is_notation {
        let facts = material.facts;
        vec![notation::judge(artifact, &facts.digests, &facts.repository, policy, at)]
    } else {
        cosign::judge(artifact, material)
    }
}

/// Sources and base images that provenance about this image names, signed or not: address (for example
/// `pkg:docker/debian@12?platform=linux%2Famd64`) and digest (`sha256:…`). A claim, unless a verdict says otherwise.
#[must_use]
pub fn materials(facts: &TrustFacts) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for artifact in &facts.artifacts {
        for statement in cosign::statements(artifact) {
            if statement.about(&facts.digests).is_none() {
                continue;
            }
            for material in statement.materials() {
                if out.len() >= MATERIALS_MAX {
                    return out;
                }
                if !out.contains(&material) {
                    out.push(material);
                }
            }
        }
    }
    out
}
