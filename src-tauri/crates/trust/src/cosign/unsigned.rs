//! Statements that nobody signed: BuildKit's attestations in an image's index, and SBOMs attached by tag.

use super::content;
use super::dsse::describe;
use super::statement::Statement;
use super::subject::{Payload, Subject, conclude, malformed};
use super::who::{Opinion, link};
use crate::facts::{Artifact, ArtifactLayer};
use crate::material::Material;
use crate::text::shown;
use crate::verdict::{Invalid, LinkKind, Scheme, State, Verdict};

/// Judges a layer that is a bare statement.
pub(super) fn statement(artifact: &Artifact, layer: &ArtifactLayer, material: &Material<'_>) -> Verdict {
    let scheme = Scheme::Attestation;
    let bytes = match content(scheme, artifact, layer) {
        Ok(bytes) => bytes,
        Err(mut verdict) => {
            verdict.predicate =
                layer.annotations.get("in-toto.io/predicate-type").map(|text| shown(text)).unwrap_or_default();
            return *verdict;
        }
    };
    let statement = match Statement::read(bytes) {
        Ok(statement) => statement,
        Err(why) => return malformed(scheme, artifact, Invalid::Format, why),
    };
    let mut payload = Payload {
        subject: Subject::Bad(String::new()),
        link: link(LinkKind::Payload, "Statement", None),
        predicate: String::new(),
        name: format!("The {}", statement.title()),
        notes: Vec::new(),
    };
    describe(&statement, &mut payload);
    let opinion = Opinion {
        state: State::Statement,
        kind: None,
        reason: format!("There is a statement, {}, that nobody signed: what it says is a claim", statement.title()),
        signers: Vec::new(),
        signed_at: String::new(),
        expires: String::new(),
        chain: vec![{
            let mut none = link(LinkKind::Signature, "Not signed", Some(false));
            none.problem = "Nobody signed the statement.".to_owned();
            none
        }],
        notes: Vec::new(),
    };
    conclude(scheme, artifact, material.facts, opinion, payload)
}

/// Names an SBOM that was attached by tag: it is not even a statement about a digest.
pub(super) fn sbom(artifact: &Artifact, layer: &ArtifactLayer) -> Verdict {
    let mut out = Verdict::new(
        Scheme::Attestation,
        State::Statement,
        artifact.place.clone(),
        format!(
            "An SBOM ({}) is attached by its tag; nobody signed it, what it says is a claim.",
            shown(&layer.media_type)
        ),
    );
    out.predicate = shown(&layer.media_type);
    out.notes.push("cosign has given up attaching SBOMs this way; an attestation takes its place.".to_owned());
    out
}
