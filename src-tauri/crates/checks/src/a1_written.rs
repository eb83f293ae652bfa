//! A1: what a name on Docker Hub is worth, and files that name images: a Dockerfile, a Compose file. A file says what
//! will be fetched, so there the name is the source; an image's own name is only a claim.

use plimsoll_catalog::{OFFICIAL_AS_OF, Observation, OutcomeKind, Severity, official};
use plimsoll_dockerfile::compose::interpolate;
use plimsoll_dockerfile::{Base, Place};
use plimsoll_trust::Looked;

use crate::a1_proof::found;
use crate::bases::{Full, last_base, settled};
use crate::facts::{ComposeFacts, DockerfileFacts, Facts, HubLookup};
use crate::observe::{count, judged, on_compose, on_lines};
use crate::{Approved, Judgement, Settings};

/// CIS Docker Benchmark 4.2: containers use only trusted base images.
pub(crate) const ALIASES: [&str; 1] = ["4.2"];

/// What a repository's name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Standing {
    Official,
    Deprecated,
    /// Official once; the day of its removal.
    Removed(&'static str),
    /// Under `docker.io/library/`, and on no list.
    Unlisted,
    /// Somewhere else.
    Elsewhere,
}

pub(crate) fn standing(full: &Full) -> Standing {
    match (full.library(), full.library().and_then(official)) {
        (_, Some(it)) => match (it.removed, it.deprecated) {
            (Some(day), _) => Standing::Removed(day),
            (None, true) => Standing::Deprecated,
            (None, false) => Standing::Official,
        },
        (Some(_), None) => Standing::Unlisted,
        (None, None) => Standing::Elsewhere,
    }
}

/// The client's approval of a repository, or of its registry.
pub(crate) fn approval<'a>(full: &Full, settings: &'a Settings) -> Option<&'a Approved> {
    settings.approved_base(&full.repository).or_else(|| settings.approved_registry(full.host()))
}

/// "approved by the client (reviewed each quarter)".
pub(crate) fn approved_words(approved: &Approved) -> String {
    format!("the client approves {} ({})", approved.what, approved.reason.trim_end_matches('.'))
}

pub(crate) fn deprecated_words(full: &Full) -> String {
    format!(
        "{} is official, but its documentation calls it deprecated (as of {OFFICIAL_AS_OF}): it may get no fixes much longer.",
        full.repository
    )
}

pub(crate) fn removed_words(full: &Full, day: &str) -> String {
    format!(
        "{} was official until {day} and is not built any more: what Docker Hub still serves gets no fixes.",
        full.repository
    )
}

/// A Dockerfile alone: the base image of its last stage.
pub(crate) fn in_file(facts: &Facts, file: &DockerfileFacts, settings: &Settings) -> Judgement {
    let Some((stage, base)) = last_base(&file.parsed) else {
        let summary = format!("{} has no FROM instruction, so it names no base image at all.", file.path);
        return judged(OutcomeKind::Error, summary, Vec::new());
    };
    let lines = file.parsed.instructions.get(stage.from).map_or((1, 1), |from| (from.line, from.end_line));
    let on = |severity, message: String| on_lines(file, lines, severity, message, &ALIASES);
    let image = match base {
        Base::Image(image) => image,
        Base::Scratch | Base::Stage(_) => {
            let summary = "The build starts from scratch; there is no base image.";
            return judged(OutcomeKind::NotApplicable, summary, other_images(file, settings));
        }
    };
    let Some(full) = settled(image) else {
        let message = format!("FROM {} does not say which image it takes.", image.written);
        let summary =
            format!("Line {} takes its base image from a variable, or names none; ask what the build sets.", lines.0);
        return judged(OutcomeKind::Undecided, summary, vec![on(Severity::Low, message)]);
    };
    let name = full.to_string();
    let lookup = facts.bases.iter().find(|base| base.reference == name).map(|base| &base.lookup);
    let (outcome, severity, summary) = by_name(&full, lookup, settings);
    let mut observations = vec![on(severity, summary.clone())];
    if standing(&full) == Standing::Deprecated && outcome == OutcomeKind::Pass {
        observations.push(on(Severity::Medium, deprecated_words(&full)));
    }
    if image.defaulted {
        let message = format!("{} is the default of a build argument, which a build can override.", image.resolved);
        observations.push(on(Severity::Info, message));
    }
    observations.extend(other_images(file, settings));
    judged(outcome, summary, observations)
}

/// What a file's name for a base is worth: the builder will fetch it under that name.
fn by_name(full: &Full, lookup: Option<&HubLookup>, settings: &Settings) -> (OutcomeKind, Severity, String) {
    let served = lookup.and_then(found);
    let absent = lookup.is_some_and(|lookup| lookup.looked == Looked::Absent);
    let at = |when: &str| when.split('T').next().unwrap_or_default().to_owned();
    let via = |served: &plimsoll_registry::facts::Served| {
        served.via.as_ref().map(|via| format!(" through the mirror {via}")).unwrap_or_default()
    };
    let mirror = "as the builder fetches it from docker.io unless a mirror is set";
    match standing(full) {
        Standing::Removed(day) => (OutcomeKind::Fail, Severity::Medium, removed_words(full, day)),
        Standing::Official | Standing::Deprecated if absent => (
            OutcomeKind::Fail,
            Severity::Medium,
            format!("{full} bears an official name, but Docker Hub serves nothing under it."),
        ),
        Standing::Official | Standing::Deprecated => match (served, &full.digest) {
            (Some(served), Some(digest))
                if served.digest == *digest || served.images.iter().any(|it| it.digest == *digest) =>
            {
                (
                    OutcomeKind::Pass,
                    Severity::Info,
                    format!(
                        "The base image is official: Docker Hub serves {full} by this very digest (asked on {}{}).",
                        at(&served.at),
                        via(served)
                    ),
                )
            }
            (Some(served), Some(_)) => (
                OutcomeKind::Undecided,
                Severity::Low,
                format!("{full} bears an official name, but what was served has another digest ({}).", served.digest),
            ),
            (Some(served), None) => (
                OutcomeKind::Pass,
                Severity::Info,
                format!(
                    "The base image is official by its name, {mirror}: Docker Hub serves {full} (asked on {}{}).",
                    at(&served.at),
                    via(served)
                ),
            ),
            (None, _) => (
                OutcomeKind::Pass,
                Severity::Info,
                format!(
                    "The base image is official by its name, {mirror}: {} is on the list of {OFFICIAL_AS_OF}; Docker Hub was not asked.",
                    full.repository
                ),
            ),
        },
        Standing::Unlisted if served.is_some() => (
            OutcomeKind::Pass,
            Severity::Low,
            format!(
                "The base image is official by its name, {mirror}: Docker Hub serves {full}, which is newer than the list of {OFFICIAL_AS_OF}."
            ),
        ),
        Standing::Unlisted => (
            OutcomeKind::Fail,
            Severity::Low,
            format!("{full} is none of Docker's official images (list of {OFFICIAL_AS_OF})."),
        ),
        Standing::Elsewhere => match approval(full, settings) {
            Some(approved) => (
                OutcomeKind::Pass,
                Severity::Info,
                format!("The base image {full} is not official, but {}.", approved_words(approved)),
            ),
            None => (
                OutcomeKind::Fail,
                Severity::Low,
                format!("The base image {full} is neither official nor approved by the client."),
            ),
        },
    }
}

/// Other images that the build takes from: told, and not judged here.
fn other_images(file: &DockerfileFacts, settings: &Settings) -> Vec<Observation> {
    let base = last_base(&file.parsed).map(|(stage, _)| stage.index);
    let mut told: Vec<Observation> = Vec::new();
    for image in file.parsed.external_images() {
        if image.place == Place::SyntaxDirective || image.place == Place::From && image.stage == base {
            continue;
        }
        let Some(full) = settled(&image.reference) else { continue };
        if standing(&full) != Standing::Elsewhere
            && !matches!(standing(&full), Standing::Unlisted | Standing::Removed(_))
            || approval(&full, settings).is_some()
        {
            continue;
        }
        let message =
            format!("The build also takes from {full}, which is neither official nor approved by the client.");
        let end = file.parsed.instructions.iter().find(|it| it.line == image.line).map_or(image.line, |it| it.end_line);
        told.push(on_lines(file, (image.line, end), Severity::Info, message, &[]));
    }
    told
}

/// A Compose file alone: names that cannot be official fail; what the others hold shows in the images.
pub(crate) fn in_compose(file: &ComposeFacts, settings: &Settings) -> Judgement {
    let mut observations = Vec::new();
    let (mut named, mut bad) = (0_usize, 0_usize);
    for service in &file.parsed.services {
        // With `build` the name is what the result will be called.
        let (Some(image), None) = (&service.image, &service.build) else { continue };
        named += 1;
        let on = |severity, message: String| on_compose(file, image.line, severity, message, &ALIASES);
        let expanded = interpolate(&image.value);
        let full = if expanded.unresolved.is_empty() { Full::parse(&expanded.value) } else { None };
        let Some(full) = full else {
            let message =
                format!("Service {} runs {}, which does not say which image it is.", service.name, image.value);
            observations.push(on(Severity::Low, message));
            continue;
        };
        match standing(&full) {
            Standing::Removed(day) => {
                bad += 1;
                let message = format!("Service {}: {}", service.name, removed_words(&full, day));
                observations.push(on(Severity::Medium, message));
            }
            Standing::Unlisted => {
                bad += 1;
                let message = format!(
                    "Service {} runs {full}, which is none of Docker's official images (list of {OFFICIAL_AS_OF}).",
                    service.name
                );
                observations.push(on(Severity::Low, message));
            }
            Standing::Deprecated => {
                let message = format!("Service {}: {}", service.name, deprecated_words(&full));
                observations.push(on(Severity::Medium, message));
            }
            Standing::Official => {
                let message = format!("Service {} runs {full}, an official name.", service.name);
                observations.push(on(Severity::Info, message));
            }
            Standing::Elsewhere => {
                let message = match approval(&full, settings) {
                    Some(approved) => format!("Service {} runs {full}; {}.", service.name, approved_words(approved)),
                    None => format!("Service {} runs {full}, which is not official.", service.name),
                };
                observations.push(on(Severity::Info, message));
            }
        }
    }
    observations.sort_by_key(|observation| observation.severity);
    match (named, bad) {
        (0, _) => judged(OutcomeKind::NotApplicable, "The Compose file names no image from outside.", observations),
        (_, 0) => judged(
            OutcomeKind::Undecided,
            "The Compose file only names its images; add them as subjects to see what they are built on.",
            observations,
        ),
        (named, bad) => judged(
            OutcomeKind::Fail,
            format!(
                "{bad} of {} from docker.io/library without being an official image.",
                count(named, "named image comes", "named images come")
            ),
            observations,
        ),
    }
}
