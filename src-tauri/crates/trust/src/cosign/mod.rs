//! cosign and its relatives: simple signing, Sigstore bundles, DSSE envelopes, in-toto statements.
//!
//! In: one artifact with its layers. Out: a verdict for the signatures of an image, and one for each statement.
//!
//! - `simple.rs` tags `sha256-….sig`; `bundle.rs` Sigstore bundles v0.1 to v0.3; `dsse.rs` envelopes;
//!   `statement.rs` what in-toto statements say; `unsigned.rs` statements that nobody signed.
//! - `who.rs` who made one signature; `log.rs`, `body.rs` transparency log entries; `subject.rs` what is signed against
//!   what is under audit.

mod body;
mod bundle;
mod dsse;
mod log;
mod simple;
pub(crate) mod statement;
mod subject;
mod unsigned;
mod who;

use crate::facts::{Artifact, ArtifactLayer, Found};
use crate::material::Material;
use crate::text::{sha256_hex, shown};
use crate::verdict::{Invalid, Scheme, State, Verdict};

pub(crate) use dsse::Envelope;
pub(crate) use who::{certificate_link, link, path_links};

/// Media types of the layers.
const SIMPLE: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
const DSSE: &str = "application/vnd.dsse.envelope.v1+json";
const BUNDLE: &str = "application/vnd.dev.sigstore.bundle";
/// Annotation that names what is in a bundle or a statement.
const BUNDLE_PREDICATE: &str = "dev.sigstore.bundle.predicateType";

/// Most layers of one artifact that are judged.
const LAYERS_MAX: usize = 64;

/// Judges one artifact. Nothing for what is neither a signature nor a statement.
pub(crate) fn judge(artifact: &Artifact, material: &Material<'_>) -> Vec<Verdict> {
    let of = |wanted: &str| -> Vec<&ArtifactLayer> {
        artifact.layers.iter().filter(|layer| media_type(layer).starts_with(wanted)).collect()
    };
    let (simple, bundles, envelopes) = (of(SIMPLE), of(BUNDLE), of(DSSE));
    let statements: Vec<&ArtifactLayer> =
        artifact.layers.iter().filter(|layer| media_type(layer) == statement::IN_TOTO).collect();
    let usable = [simple.len(), bundles.len(), envelopes.len(), statements.len()].iter().sum::<usize>();
    if artifact.layers.len() > LAYERS_MAX {
        let scheme = if simple.is_empty() { Scheme::Attestation } else { Scheme::Cosign };
        return vec![subject::malformed(
            scheme,
            artifact,
            Invalid::Format,
            format!("The artifact has {} layers; more than {LAYERS_MAX} are not judged.", artifact.layers.len()),
        )];
    }
    if usable == 0 {
        return empty(artifact);
    }
    let mut out = Vec::new();
    if !simple.is_empty() {
        out.push(simple::judge(artifact, &simple, material));
    }
    out.extend(bundles.iter().flat_map(|layer| bundle::judge(artifact, layer, material)));
    out.extend(envelopes.iter().map(|layer| dsse::judge(artifact, layer, material)));
    out.extend(statements.iter().map(|layer| unsigned::statement(artifact, layer, material)));
    out
}

/// The media type without parameters other than those of bundles, which hold the version.
fn media_type(layer: &ArtifactLayer) -> &str {
    layer.media_type.trim()
}

/// An artifact without a layer that could be judged: malformed where its place or type promises one.
fn empty(artifact: &Artifact) -> Vec<Verdict> {
    let kinds: Vec<String> = artifact.layers.iter().take(4).map(|layer| shown(&layer.media_type)).collect();
    let has =
        if kinds.is_empty() { "no layers at all".to_owned() } else { format!("only layers of {}", kinds.join(", ")) };
    let invalid = |scheme, what: &str| {
        vec![subject::malformed(scheme, artifact, Invalid::Format, format!("{what} holds no signature: it has {has}."))]
    };
    match artifact.found {
        Found::CosignTag => invalid(Scheme::Cosign, "The signature artifact"),
        Found::AttestationTag => invalid(Scheme::Attestation, "The attestation artifact"),
        Found::SbomTag => artifact.layers.iter().map(|layer| unsigned::sbom(artifact, layer)).collect(),
        Found::Index => vec![subject::malformed(
            Scheme::Attestation,
            artifact,
            Invalid::Format,
            format!("The attestation manifest of the image's index holds no statement: it has {has}."),
        )],
        Found::Referrers | Found::ReferrersTag if artifact.artifact_type.starts_with(BUNDLE) => {
            invalid(bundle::scheme_by_annotation(artifact).unwrap_or(Scheme::Cosign), "The bundle's artifact")
        }
        Found::Referrers | Found::ReferrersTag
            if artifact.artifact_type.starts_with("application/vnd.dev.cosign.artifact.sig") =>
        {
            invalid(Scheme::Cosign, "The signature artifact")
        }
        Found::Referrers | Found::ReferrersTag => Vec::new(),
    }
}

/// The bytes of a layer, or the verdict that it has none that can be used.
fn content<'a>(scheme: Scheme, artifact: &Artifact, layer: &'a ArtifactLayer) -> Result<&'a [u8], Box<Verdict>> {
    let Some(bytes) = &layer.bytes else {
        let why = layer.unread.as_deref().unwrap_or("its content was not fetched");
        return Err(Box::new(Verdict::new(
            scheme,
            State::Unreachable,
            artifact.place.clone(),
            format!("The layer {} could not be read: {}.", shown(&layer.digest), shown(why.trim_end_matches('.'))),
        )));
    };
    if let Some(hash) = layer.digest.strip_prefix("sha256:")
        && sha256_hex(&bytes.0) != hash
    {
        return Err(Box::new(subject::malformed(
            scheme,
            artifact,
            Invalid::Hash,
            format!("The layer {} holds other content than its digest says.", shown(&layer.digest)),
        )));
    }
    Ok(&bytes.0)
}

/// The statements within an artifact, signed or not: for what they say, not for who says it.
pub(crate) fn statements(artifact: &Artifact) -> Vec<statement::Statement> {
    let mut out = Vec::new();
    for layer in artifact.layers.iter().take(LAYERS_MAX) {
        let Ok(bytes) = content(Scheme::Attestation, artifact, layer) else {
            continue;
        };
        let kind = media_type(layer);
        let payload = if kind == statement::IN_TOTO {
            Some(bytes.to_vec())
        } else if kind == DSSE {
            Envelope::read(bytes).ok().map(|envelope| envelope.payload)
        } else if kind.starts_with(BUNDLE) {
            bundle::payload(bytes)
        } else {
            None
        };
        out.extend(payload.and_then(|payload| statement::Statement::read(&payload).ok()));
    }
    out
}
