//! What is said of a scheme of which nothing was found: unsigned only where every place answered that nothing is there.

use crate::facts::{Found, Looked, Lookup, TrustFacts};
use crate::text::{short, shown};
use crate::verdict::{Scheme, State, Verdict};

/// Most places and reasons that a sentence names.
const PLACES_MAX: usize = 6;

/// One verdict for each scheme that was looked for and of which nothing was found; and one for each of which nothing was
/// found that settles the matter, while a place was not read that may hold what does.
pub(crate) fn absent(facts: &TrustFacts, found: &[Verdict]) -> Vec<Verdict> {
    [Scheme::Cosign, Scheme::Notation, Scheme::Attestation]
        .into_iter()
        .filter_map(|scheme| {
            let mut of_scheme = found.iter().filter(|verdict| verdict.scheme == scheme).peekable();
            if of_scheme.peek().is_none() {
                return one(scheme, facts);
            }
            if of_scheme.any(|verdict| settles(verdict.state)) { None } else { unread(scheme, facts) }
        })
        .collect()
}

/// Whether a state stands whatever another place holds: verified, or disproved.
fn settles(state: State) -> bool {
    matches!(state, State::Verified | State::Invalid | State::OtherDigest | State::Withdrawn)
}

/// The places of a scheme that were not read, beside others that gave something. None if all answered.
fn unread(scheme: Scheme, facts: &TrustFacts) -> Option<Verdict> {
    let unread = |lookup: &&Lookup| matches!(lookup.looked, Looked::Refused(_) | Looked::Failed(_));
    let places: Vec<&Lookup> = facts.lookups.iter().filter(|lookup| concerns(lookup, scheme)).filter(unread).collect();
    if places.is_empty() {
        return None;
    }
    let all: Vec<&str> = places.iter().map(|lookup| lookup.place.as_str()).collect();
    let trouble: Vec<String> = places.iter().filter_map(|lookup| trouble(lookup)).take(PLACES_MAX).collect();
    let reason =
        format!("Whether there is another signature ({}) is not known: {}.", scheme.name(), trouble.join("; "));
    Some(Verdict::new(scheme, State::Unreachable, short(&all.join(", "), 2000), reason))
}

/// How a place failed; none if it did not.
fn trouble(lookup: &Lookup) -> Option<String> {
    match &lookup.looked {
        Looked::Refused(why) => Some(format!("{} refused to answer ({})", shown(&lookup.place), shown(why))),
        Looked::Failed(why) => Some(format!("{} could not be read ({})", shown(&lookup.place), shown(why))),
        _ => None,
    }
}

/// Places whose tag can hold one scheme only.
fn own_tag(place: &str) -> Option<Scheme> {
    if place.ends_with(".sig") {
        Some(Scheme::Cosign)
    } else if place.ends_with(".att") || place.ends_with(".sbom") {
        Some(Scheme::Attestation)
    } else {
        None
    }
}

/// Whether a place was looked at for a scheme: those under its own name, and those of attestations that may hold
/// several.
fn concerns(lookup: &Lookup, scheme: Scheme) -> bool {
    match own_tag(&lookup.place) {
        Some(owner) => owner == scheme,
        None => lookup.scheme == scheme || lookup.scheme == Scheme::Attestation,
    }
}

fn one(scheme: Scheme, facts: &TrustFacts) -> Option<Verdict> {
    let places: Vec<&Lookup> = facts.lookups.iter().filter(|lookup| concerns(lookup, scheme)).collect();
    if places.is_empty() {
        return None;
    }
    let all: Vec<&str> = places.iter().map(|lookup| lookup.place.as_str()).collect();
    let place = short(&all.join(", "), 2000);
    let verdict = |state, reason: String| Some(Verdict::new(scheme, state, place.clone(), reason));
    let name = scheme.name();

    let trouble: Vec<String> = places.iter().filter_map(|lookup| trouble(lookup)).take(PLACES_MAX).collect();
    if !trouble.is_empty() {
        return verdict(
            State::Unreachable,
            format!("Whether there is a signature ({name}) is not known: {}.", trouble.join("; ")),
        );
    }
    let untried: Vec<String> = places
        .iter()
        .filter_map(|lookup| match &lookup.looked {
            Looked::NotTried(why) => Some(format!("{} ({})", shown(&lookup.place), shown(why))),
            _ => None,
        })
        .take(PLACES_MAX)
        .collect();
    if !untried.is_empty() {
        return verdict(
            State::Unreachable,
            format!(
                "Whether there is a signature ({name}) is not known: it was not looked for at {}.",
                untried.join("; ")
            ),
        );
    }
    // A place that holds something must have given something: its own kind by tag, any kind among the referrers.
    let referrers =
        facts.artifacts.iter().any(|artifact| matches!(artifact.found, Found::Referrers | Found::ReferrersTag));
    let index = facts.artifacts.iter().any(|artifact| artifact.found == Found::Index);
    let missing = places
        .iter()
        .find(|lookup| lookup.looked == Looked::Found && (own_tag(&lookup.place).is_some() || !(referrers || index)));
    if let Some(lookup) = missing {
        return verdict(
            State::Unreachable,
            format!(
                "Whether there is a signature ({name}) is not known: {} holds something that was not read.",
                shown(&lookup.place)
            ),
        );
    }
    let what = if scheme == Scheme::Attestation { "attestation".to_owned() } else { format!("signature of {name}") };
    let where_ = if places.len() == 1 { "the place that was looked at" } else { "each place that was looked at" };
    verdict(State::Unsigned, format!("There is no {what}: {where_} answered that it holds none."))
}
