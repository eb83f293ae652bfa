//! What is said where nothing was found.

use super::make::*;
use crate::facts::{Found, Looked, Lookup};
use crate::policy::TrustPolicy;
use crate::verdict::{Scheme, State, Verdict};

fn lookup(scheme: Scheme, place: &str, looked: Looked) -> Lookup {
    Lookup { scheme, place: place.to_owned(), looked }
}

fn places(sig: Looked, att: Looked, referrers: Looked) -> Vec<Lookup> {
    vec![
        lookup(Scheme::Cosign, "r/app:sha256-44.sig", sig),
        lookup(Scheme::Attestation, "r/app:sha256-44.att", att),
        lookup(Scheme::Attestation, "r/app referrers of sha256:44", referrers),
    ]
}

fn states(lookups: Vec<Lookup>) -> Vec<(Scheme, State)> {
    let mut facts = facts(vec![]);
    facts.lookups = lookups;
    let verdicts = crate::artifacts(&facts, &TrustPolicy::default(), NOW);
    assert!(verdicts.iter().all(|verdict: &Verdict| !verdict.place.is_empty()));
    verdicts.iter().map(|verdict| (verdict.scheme, verdict.state)).collect()
}

#[test]
fn unsigned_is_said_once_for_each_scheme_when_every_place_answered_so() {
    let seen = states(places(Looked::Absent, Looked::Absent, Looked::Absent));
    let unsigned = State::Unsigned;
    assert_eq!(seen, [(Scheme::Cosign, unsigned), (Scheme::Notation, unsigned), (Scheme::Attestation, unsigned)]);
}

#[test]
fn a_place_that_did_not_answer_leaves_its_schemes_unknown() {
    for trouble in [
        Looked::Refused("401".to_owned()),
        Looked::Failed("no route".to_owned()),
        Looked::NotTried("offline".to_owned()),
    ] {
        let seen = states(places(Looked::Absent, Looked::Absent, trouble.clone()));
        assert!(seen.iter().all(|(_, state)| *state == State::Unreachable) && seen.len() == 3, "{trouble:?}");
        let seen = states(places(trouble.clone(), Looked::Absent, Looked::Absent));
        assert_eq!(seen[0], (Scheme::Cosign, State::Unreachable));
        assert_eq!(seen[1], (Scheme::Notation, State::Unsigned));
        assert_eq!(seen[2], (Scheme::Attestation, State::Unsigned));
        let seen = states(places(Looked::Absent, trouble, Looked::Absent));
        assert_eq!(seen[0], (Scheme::Cosign, State::Unsigned));
        assert_eq!(seen[2], (Scheme::Attestation, State::Unreachable));
    }
}

#[test]
fn something_that_was_found_and_not_brought_is_no_absence() {
    let seen = states(places(Looked::Found, Looked::Absent, Looked::Absent));
    assert_eq!(seen[0], (Scheme::Cosign, State::Unreachable));
    let seen = states(places(Looked::Absent, Looked::Absent, Looked::Found));
    assert!(seen.iter().all(|(_, state)| *state == State::Unreachable), "{seen:?}");
}

#[test]
fn referrers_of_another_kind_are_no_signature() {
    let mut facts = facts(vec![artifact(Found::Referrers, "application/vnd.example", vec![layer("text/plain", b"x")])]);
    facts.lookups = places(Looked::Absent, Looked::Absent, Looked::Found);
    let verdicts = crate::artifacts(&facts, &TrustPolicy::default(), NOW);
    assert_eq!(verdicts.len(), 3);
    assert!(verdicts.iter().all(|verdict| verdict.state == State::Unsigned));
}

#[test]
fn what_was_found_is_judged_and_not_called_absent() {
    let key = Key::p256();
    let payload = simple_payload(&image());
    let mut facts = facts(vec![tag(vec![simple(&payload, &key.sign(&payload))])]);
    facts.lookups = places(Looked::Found, Looked::Absent, Looked::Absent);
    let seen: Vec<_> = crate::artifacts(&facts, &policy(&[("k", &key)]), NOW)
        .iter()
        .map(|verdict| (verdict.scheme, verdict.state))
        .collect();
    assert_eq!(
        seen,
        [
            (Scheme::Cosign, State::Verified),
            (Scheme::Notation, State::Unsigned),
            (Scheme::Attestation, State::Unsigned)
        ]
    );
}

#[test]
fn a_strangers_signature_does_not_hide_that_a_place_was_not_read() {
    let (key, known) = (Key::p256(), Key::p256());
    let payload = simple_payload(&image());
    let mut facts = facts(vec![tag(vec![simple(&payload, &key.sign(&payload))])]);
    let cosign = |facts: &crate::TrustFacts, key: &Key| -> Vec<State> {
        let verdicts = crate::artifacts(facts, &policy(&[("k", key)]), NOW);
        verdicts.iter().filter(|verdict| verdict.scheme == Scheme::Cosign).map(|verdict| verdict.state).collect()
    };
    for trouble in [Looked::Refused("401".to_owned()), Looked::Failed("500".to_owned())] {
        facts.lookups = places(Looked::Found, Looked::Absent, trouble);
        let seen = cosign(&facts, &known);
        assert!(seen.len() == 2 && seen[0] != State::Verified && seen[1] == State::Unreachable, "{seen:?}");
        assert_eq!(cosign(&facts, &key), [State::Verified]);
    }
    facts.lookups = places(Looked::Found, Looked::Absent, Looked::Absent);
    assert_eq!(cosign(&facts, &known).len(), 1);
}

#[test]
fn what_nobody_looked_for_has_no_verdict() {
    assert!(states(vec![]).is_empty());
    let seen = states(vec![lookup(Scheme::ContentTrust, "https://notary.example", Looked::Absent)]);
    assert!(seen.is_empty());
}
