//! A5, build without cache: what the provenance that BuildKit attaches to an image says. It is read, not verified.

use plimsoll_catalog::{Location, Observation, Severity};
use plimsoll_image::{Attestation, ImageFacts};
use serde_json::Value;
use time::Duration;

use crate::a5_build::{NAMED, Signals, clocked, day, instant, span};
use crate::facts::quote;
use crate::{Facts, Settings};

/// What BuildKit recorded about the build.
struct Provenance<'a> {
    arguments: Option<&'a Value>,
    started: Option<&'a str>,
    materials: Vec<(&'a str, Option<&'a str>)>,
}

/// The images among the materials, with their digests.
fn materials(list: Option<&Value>) -> Vec<(&str, Option<&str>)> {
    list.and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default()
        .iter()
        .filter_map(|item| Some((item.get("uri")?.as_str()?, item.pointer("/digest/sha256").and_then(Value::as_str))))
        .filter(|(uri, _)| uri.starts_with("pkg:docker/"))
        .take(NAMED)
        .collect()
}

/// Reads SLSA provenance, v0.2 and v1, as BuildKit fills it.
fn read_provenance(statement: &Value) -> Option<Provenance<'_>> {
    let predicate = statement.get("predicate").unwrap_or(statement);
    let at = |path: &str| predicate.pointer(path);
    if at("/buildDefinition").is_some() {
        return Some(Provenance {
            arguments: at("/buildDefinition/externalParameters/request/args"),
            started: at("/runDetails/metadata/startedOn").and_then(Value::as_str),
            materials: materials(at("/buildDefinition/resolvedDependencies")),
        });
    }
    at("/invocation").or_else(|| at("/materials"))?;
    Some(Provenance {
        arguments: at("/invocation/parameters/args"),
        started: at("/metadata/buildStartedOn").and_then(Value::as_str),
        materials: materials(at("/materials")),
    })
}

/// What the provenance says about the cache, the time and the base images.
pub(crate) fn provenance(
    facts: &Facts,
    image: &ImageFacts,
    attestation: &Attestation,
    settings: &Settings,
    signals: &mut Signals,
) {
    if !attestation.predicate_type.starts_with("https://slsa.dev/provenance/") {
        return;
    }
    let said = |severity, message: String| Observation {
        severity,
        message,
        location: Some(Location::Field { field: format!("attestation {}", attestation.digest) }),
        reproduce: Some(match facts.source.strip_prefix("docker-daemon:") {
            Some(reference) => {
                format!("docker buildx imagetools inspect {} --format '{{{{json .Provenance}}}}'", quote(reference))
            }
            None => format!("skopeo inspect --raw {}", quote(&facts.source)),
        }),
        aliases: Vec::new(),
    };
    let Some(statement) = &attestation.statement else {
        signals
            .note(said(Severity::Low, "There is a provenance statement, which was too large or no JSON.".to_owned()));
        return;
    };
    let Some(provenance) = read_provenance(statement) else {
        signals.note(said(Severity::Low, "There is a provenance statement of a form that is not known.".to_owned()));
        return;
    };
    match provenance.arguments {
        Some(arguments) => match arguments.get("no-cache").map(|value| value.as_str().unwrap_or_default()) {
            Some("") => signals.fresh(said(
                Severity::Info,
                "The provenance says that the build ran with --no-cache (not verified).".to_owned(),
            )),
            Some(stages) => signals.note(said(
                Severity::Info,
                format!("The provenance says that the cache was off for the stages {stages} only (not verified)."),
            )),
            None => signals.against(said(
                Severity::Low,
                "The provenance names no --no-cache: the build was free to use the cache.".to_owned(),
            )),
        },
        None => signals.note(said(
            Severity::Info,
            "The provenance does not name the build's options; it was made in its shortest form.".to_owned(),
        )),
    }
    if let Some(started) = provenance.started.and_then(instant) {
        let message = format!("The provenance says that the build began on {}.", day(started));
        signals.note(said(Severity::Info, message));
        let widest = Duration::hours(i64::from(settings.widest_gap_hours));
        let older = image
            .layers
            .len()
            .checked_sub(1)
            .and_then(|last| image.history.iter().find(|entry| entry.layer == Some(last)))
            .and_then(|entry| clocked(instant(entry.created.as_deref()?)?))
            .filter(|made| started - *made > widest);
        if let Some(made) = older {
            let message = format!(
                "The top layer was made on {}, {} before that build began: it came from the cache.",
                day(made),
                span(started - made)
            );
            signals.against(said(Severity::Medium, message));
        }
    }
    for (uri, digest) in provenance.materials {
        let digest = digest.map_or_else(|| "without a digest".to_owned(), |digest| format!("at sha256:{digest}"));
        signals.note(said(Severity::Info, format!("The build took {uri} {digest}.")));
    }
}
