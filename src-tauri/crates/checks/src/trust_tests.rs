//! Tests of the conclusion from verdicts.

use plimsoll_catalog::{OutcomeKind, Severity};
use plimsoll_trust::{Invalid, Scheme, Signer, State, Verdict};
use proptest::prelude::*;

use crate::a5_build::instant;
use crate::trust::{Context, conclude};

use OutcomeKind::{Error, Fail, Pass, Undecided};
use Scheme::{Attestation, ContentTrust, Cosign, Notation};

const STATES: [State; 12] = [
    State::Verified,
    State::Signed,
    State::Unsigned,
    State::NotThisTag,
    State::Withdrawn,
    State::Expired,
    State::OtherSigner,
    State::OtherDigest,
    State::Invalid,
    State::NoKey,
    State::Statement,
    State::Unreachable,
];

fn context(repository: &str, at: &str) -> Context {
    Context {
        subject: "The image".into(),
        repository: repository.into(),
        tag: Some("1".into()),
        digest: Some("sha256:d1".into()),
        server: None,
        at: instant(at).unwrap(),
        in_layout: false,
    }
}

/// A registry of the client's own.
fn own() -> Context {
    context("r.example/shop", "2026-11-24T00:00:00Z")
}

fn hub(day: &str) -> Context {
    context("docker.io/library/debian", &format!("{day}T00:00:00Z"))
}

fn verdict(scheme: Scheme, state: State) -> Verdict {
    let mut verdict = Verdict::new(scheme, state, format!("{} place", scheme.name()), format!("Reason of {state:?}"));
    if state == State::Verified {
        verdict.signers = vec![Signer { name: format!("alice of {}", scheme.name()), ..Signer::default() }];
        verdict.digest = Some("sha256:d1".into());
    }
    verdict
}

fn said(verdicts: &[(Scheme, State)], context: &Context) -> (OutcomeKind, String) {
    let verdicts: Vec<Verdict> = verdicts.iter().map(|(scheme, state)| verdict(*scheme, *state)).collect();
    let (outcome, summary, observations) = conclude(&verdicts, context);
    assert_eq!(observations.len(), verdicts.len());
    assert!(observations.iter().all(|o| o.location.is_some() && o.reproduce.is_some()));
    (outcome, summary)
}

/// One scheme in a state, the others without anything.
fn alone(scheme: Scheme, state: State) -> Vec<(Scheme, State)> {
    let others = [ContentTrust, Cosign, Notation].into_iter().filter(|it| *it != scheme);
    others.map(|it| (it, State::Unsigned)).chain([(scheme, state)]).collect()
}

#[test]
fn each_state_of_a_signature_is_a_different_outcome_and_sentence() {
    for scheme in [ContentTrust, Cosign, Notation] {
        for (state, outcome, words) in [
            (State::Verified, Pass, "is signed: trust comes from"),
            (State::Signed, Undecided, "could not be compared"),
            (State::Unsigned, Fail, "the registry itself says that there is nothing"),
            (State::NotThisTag, Fail, "trust data for other tags"),
            (State::Withdrawn, Fail, "have been withdrawn"),
            (State::Expired, Fail, "out of date"),
            (State::OtherSigner, Fail, "somebody whom the auditor does not trust"),
            (State::OtherDigest, Fail, "for another digest"),
            (State::Invalid, Fail, "does not fit"),
            (State::NoKey, Undecided, "Add the signer's key"),
            (State::Unreachable, Undecided, "not every place could be looked at"),
        ] {
            let (said, summary) = said(&alone(scheme, state), &own());
            assert_eq!(said, outcome, "{scheme:?} {state:?} {summary}");
            assert!(summary.contains(words), "{scheme:?} {state:?} {summary}");
        }
    }
}

#[test]
fn what_is_invalid_says_what_is_wrong() {
    let mut sentences = Vec::new();
    for kind in [
        Invalid::Format,
        Invalid::Signature,
        Invalid::Hash,
        Invalid::Rollback,
        Invalid::Root,
        Invalid::Missing,
        Invalid::Certificate,
    ] {
        let mut invalid = verdict(Cosign, State::Invalid);
        invalid.kind = Some(kind);
        let (outcome, summary, _) = conclude(&[invalid], &own());
        assert_eq!(outcome, Fail);
        assert!(!sentences.contains(&summary), "{summary}");
        sentences.push(summary);
    }
}

#[test]
fn nothing_within_reach_is_an_error_and_nothing_asked_is_undecided() {
    let unreachable =
        [(ContentTrust, State::Unreachable), (Cosign, State::Unreachable), (Notation, State::Unreachable)];
    let (outcome, summary) = said(&unreachable, &own());
    assert_eq!(outcome, Error);
    assert!(summary.contains("Nothing could be looked at for the image"), "{summary}");
    let (outcome, summary) = said(&[], &own());
    assert_eq!(outcome, Undecided);
    assert!(summary.contains("not looked at in any scheme"), "{summary}");
    let (outcome, summary) = said(&[(Cosign, State::Unsigned), (Notation, State::Unreachable)], &own());
    assert_eq!(outcome, Undecided);
    assert!(summary.contains("no signature in cosign") && summary.contains("Notation: could not"), "{summary}");
}

#[test]
fn a_scheme_that_was_not_looked_for_is_not_unsigned() {
    let (outcome, summary) = said(&[(ContentTrust, State::Unsigned), (Cosign, State::Unsigned)], &own());
    assert_eq!(outcome, Undecided);
    assert!(summary.contains("Notation was not looked for"), "{summary}");
    // Without a trust server there is nobody to ask for Content Trust.
    let (outcome, summary) = said(&[(Cosign, State::Unsigned), (Notation, State::Unsigned)], &own());
    assert_eq!(outcome, Fail);
    assert!(summary.contains("No Content Trust server is known"), "{summary}");
}

#[test]
fn a_signature_that_counts_stands_beside_absent_ones_and_foreign_ones() {
    for other in
        [State::Unsigned, State::NotThisTag, State::Unreachable, State::NoKey, State::Expired, State::OtherSigner]
    {
        let (outcome, summary) = said(&[(Cosign, State::Verified), (Notation, other)], &own());
        assert_eq!(outcome, Pass, "{other:?}");
        assert!(summary.contains("cosign (alice of cosign), for sha256:d1"), "{summary}");
    }
    let (_, summary) = said(&[(Cosign, State::Verified), (Cosign, State::OtherSigner)], &own());
    assert!(summary.contains("signatures that do not count"), "{summary}");
    let verdicts = [verdict(Cosign, State::Verified), verdict(Notation, State::OtherSigner)];
    let (_, _, observations) = conclude(&verdicts, &own());
    assert!(observations.iter().all(|observation| observation.severity >= Severity::Low));
}

#[test]
fn what_disproves_the_image_outweighs_a_signature_and_both_are_named() {
    for bad in [State::Invalid, State::OtherDigest, State::Withdrawn] {
        for scheme in [ContentTrust, Notation, Attestation, Cosign] {
            let (outcome, summary) = said(&[(Cosign, State::Verified), (scheme, bad)], &own());
            assert_eq!(outcome, Fail, "{scheme:?} {bad:?}");
            assert!(summary.contains("alice of cosign") && summary.contains(scheme.name()), "{summary}");
        }
    }
}

#[test]
fn a_fault_is_undecided_while_another_signature_may_still_count() {
    for fault in [State::Expired, State::OtherSigner] {
        for open in [State::NoKey, State::Signed, State::Unreachable] {
            let (outcome, summary) = said(&[(Cosign, fault), (Notation, open)], &own());
            assert_eq!(outcome, Undecided, "{fault:?} {open:?}");
            assert!(summary.contains("cosign") && summary.contains("Notation"), "{summary}");
        }
    }
}

#[test]
fn attestations_alone_never_pass_and_verified_ones_are_told() {
    for state in [State::Verified, State::Statement, State::NoKey, State::OtherSigner, State::Expired] {
        let verdicts = [(Cosign, State::Unsigned), (Notation, State::Unsigned), (Attestation, state)];
        assert_eq!(said(&verdicts, &own()).0, Fail, "{state:?}");
        assert_eq!(said(&[(Attestation, state)], &own()).0, Undecided, "{state:?}");
    }
    let mut proved = verdict(Attestation, State::Verified);
    proved.predicate = "https://slsa.dev/provenance/v1".into();
    let (outcome, summary, _) = conclude(&[verdict(Cosign, State::Verified), proved], &own());
    assert_eq!(outcome, Pass);
    assert!(summary.contains("A statement about it is verified too (https://slsa.dev/provenance/v1)"), "{summary}");
}

#[test]
fn content_trust_gives_trust_and_is_said_to_be_at_its_end() {
    let (outcome, summary) = said(&[(ContentTrust, State::Verified)], &own());
    assert_eq!(outcome, Pass);
    assert!(summary.contains("at the end of its life") && summary.contains("version 29"), "{summary}");
    assert!(summary.contains("sign with cosign or Notation as well") && !summary.contains("Docker Hub's server"));
    let (_, summary) = said(&[(ContentTrust, State::Verified), (Cosign, State::Verified)], &own());
    assert!(summary.contains("at the end of its life") && !summary.contains("sign with cosign"), "{summary}");
    let (_, summary) = said(&[(ContentTrust, State::Verified)], &hub("2026-11-24"));
    assert!(summary.contains("Docker Hub's server closes on 2026-12-08"), "{summary}");
    let (_, summary) = said(&[(Cosign, State::Verified)], &own());
    assert!(!summary.contains("Content Trust"), "{summary}");
}

#[test]
fn on_docker_hub_a_missing_content_trust_signature_counts_until_the_day_it_ends() {
    let of = |dct, others, day| said(&[(ContentTrust, dct), (Cosign, others), (Notation, others)], &hub(day));
    let (outcome, summary) = of(State::Unsigned, State::Unsigned, "2026-12-07");
    assert_eq!(outcome, Fail);
    assert!(summary.contains("ends on 2026-12-08"), "{summary}");
    // After it: the others decide, and the server's silence is neither an error nor a finding.
    for dct in [State::Unsigned, State::Unreachable, State::NotThisTag] {
        let (outcome, summary) = of(dct, State::Unsigned, "2026-12-08");
        assert_eq!(outcome, Fail, "{dct:?}");
        assert!(summary.contains("retired") && summary.contains("cosign and Notation decide"), "{summary}");
        assert!(summary.contains("there is nothing (cosign and Notation)"), "{summary}");
        assert_eq!(of(dct, State::NoKey, "2026-12-08").0, Undecided);
        assert_eq!(of(dct, State::Verified, "2026-12-08").0, Pass);
        assert_eq!(of(dct, State::Unreachable, "2026-12-08").0, Error);
    }
    assert_eq!(of(State::Unreachable, State::Unsigned, "2026-12-07").0, Undecided);
    let (_, _, observations) = conclude(&[verdict(ContentTrust, State::Unsigned)], &hub("2027-01-01"));
    assert_eq!(observations[0].severity, Severity::Info);
    assert!(observations[0].message.contains("no finding"));
    // Elsewhere the day changes nothing.
    let own = context("r.example/shop", "2027-01-01T00:00:00Z");
    assert_eq!(said(&alone(ContentTrust, State::Unreachable), &own).0, Undecided);
}

#[test]
fn trust_data_that_went_with_dockers_server_are_for_a_person() {
    for other in [State::Verified, State::Unsigned] {
        let (outcome, summary) = said(&[(ContentTrust, State::Withdrawn), (Cosign, other)], &hub("2026-12-09"));
        assert_eq!(outcome, Undecided);
        assert!(summary.contains("taken all of them away"), "{summary}");
        assert_eq!(said(&[(ContentTrust, State::Withdrawn), (Cosign, other)], &hub("2026-12-07")).0, Fail);
    }
}

#[test]
fn each_observation_names_a_command_that_shows_it_again() {
    let command = |scheme, state| conclude(&[verdict(scheme, state)], &own()).2[0].reproduce.clone().unwrap();
    assert_eq!(command(ContentTrust, State::Verified), "docker trust inspect --pretty r.example/shop:1");
    assert_eq!(command(Cosign, State::Verified), "cosign verify --key KEY.pub r.example/shop@sha256:d1");
    assert_eq!(command(Cosign, State::Unsigned), "cosign tree r.example/shop@sha256:d1");
    assert_eq!(command(Notation, State::OtherSigner), "notation verify r.example/shop@sha256:d1");
    assert_eq!(command(Notation, State::Unsigned), "notation list r.example/shop@sha256:d1");
    let mut keyless = verdict(Cosign, State::Verified);
    keyless.signers[0] =
        Signer { name: "ci@example.com".into(), issuer: "https://accounts.example.com".into(), ..Signer::default() };
    assert_eq!(
        conclude(&[keyless], &own()).2[0].reproduce.as_deref(),
        Some(
            "cosign verify --certificate-identity ci@example.com --certificate-oidc-issuer https://accounts.example.com r.example/shop@sha256:d1"
        )
    );
    let server = Context { server: Some("https://127.0.0.1:4443".into()), digest: None, ..own() };
    let (_, _, observations) = conclude(&[verdict(ContentTrust, State::Expired)], &server);
    assert_eq!(
        observations[0].reproduce.as_deref(),
        Some("DOCKER_CONTENT_TRUST_SERVER=https://127.0.0.1:4443 docker trust inspect --pretty r.example/shop:1")
    );
}

#[test]
fn long_reasons_and_many_signatures_stay_readable() {
    let mut verdicts: Vec<Verdict> = (0..20).map(|_| verdict(Cosign, State::OtherSigner)).collect();
    verdicts[0].reason = "x".repeat(10_000);
    let (outcome, summary, _) = conclude(&verdicts, &own());
    assert_eq!(outcome, Fail);
    assert!(summary.chars().count() < 1500 && summary.contains("And 17 more."), "{summary}");
}

/// A Content Trust signature that hangs on a root met for the first time.
fn met_first() -> Verdict {
    let mut met = verdict(ContentTrust, State::Verified);
    met.first_use = true;
    met.notes = vec!["Trusted on first use: the root key ab12 is pinned from now on.".into()];
    met
}

#[test]
fn a_root_that_only_the_image_s_own_registry_vouches_for_is_no_pass() {
    let (outcome, summary, observations) = conclude(&[met_first(), verdict(Cosign, State::Unsigned)], &own());
    assert_eq!(outcome, Undecided);
    for words in ["alice of Docker Content Trust", "known only from the registry", "root key ab12", "pin it"] {
        assert!(summary.contains(words), "{summary}");
    }
    assert!(!summary.contains("not verified"), "{summary}");
    assert!(
        observations.iter().any(|o| o.severity == Severity::Medium && o.message.contains("met for the first time"))
    );
    // Beside what is verified otherwise it does no harm, and beside what disproves it does no good.
    assert_eq!(conclude(&[met_first(), verdict(Cosign, State::Verified)], &own()).0, Pass);
    assert_eq!(conclude(&[met_first(), verdict(Cosign, State::Invalid)], &own()).0, Fail);
    assert_eq!(conclude(&[met_first(), verdict(Cosign, State::OtherSigner)], &own()).0, Undecided);
    let (outcome, summary, _) = conclude(&[met_first(), verdict(Cosign, State::NoKey)], &own());
    assert_eq!(outcome, Undecided);
    assert!(summary.contains("known only from the registry") && summary.contains("Add the signer's key"), "{summary}");
}

#[test]
fn a_root_trusted_at_the_first_contact_with_another_server_passes_and_says_so() {
    let mut known = verdict(ContentTrust, State::Verified);
    known.trusted_since = "2026-11-01T10:00:00Z".into();
    let server = |server: &str| Context { server: Some(server.into()), ..own() };
    // The registry's own word stays its own word, however often it is heard.
    assert_eq!(conclude(std::slice::from_ref(&known), &server("https://r.example")).0, Undecided);
    let (outcome, summary, _) = conclude(&[met_first()], &server("https://notary.example"));
    assert_eq!(outcome, Pass);
    assert!(summary.contains("met for the first time"), "{summary}");
    let (outcome, summary, _) = conclude(&[known], &server("https://notary.example"));
    assert_eq!(outcome, Pass);
    assert!(summary.contains("trusted since 2026-11-01, at the first contact"), "{summary}");
}

#[test]
fn what_a_layout_does_not_hold_is_not_called_unsigned() {
    let looked = |place: &str| plimsoll_trust::TrustFacts {
        repository: "r.example/shop".into(),
        lookups: vec![plimsoll_trust::Lookup {
            scheme: Attestation,
            place: place.into(),
            looked: plimsoll_trust::Looked::Absent,
        }],
        ..Default::default()
    };
    let at = instant("2026-11-24T00:00:00Z").unwrap();
    for (place, expected) in
        [("in this layout, which need not hold all: manifests", Undecided), ("r.example/shop referrers", Fail)]
    {
        let facts = looked(place);
        let verdicts = plimsoll_trust::judge(&facts, &Default::default(), at);
        let (outcome, summary, _) = conclude(&verdicts, &Context::of("The image", &facts, at));
        assert_eq!(outcome, expected, "{summary}");
        assert_eq!(summary.contains("registry itself says"), expected == Fail, "{summary}");
    }
}

fn any_verdict() -> impl Strategy<Value = Verdict> {
    let schemes = prop::sample::select(vec![ContentTrust, Cosign, Notation, Attestation]);
    let states = prop::sample::select(STATES.to_vec());
    (schemes, states, "\\PC{0,12}", any::<bool>()).prop_map(|(scheme, state, reason, first)| {
        let mut verdict = verdict(scheme, state);
        verdict.first_use = first && scheme == ContentTrust;
        verdict.reason = reason;
        verdict
    })
}

proptest! {
    #[test]
    fn nothing_passes_without_a_signature_or_beside_what_disproves_it(
        verdicts in prop::collection::vec(any_verdict(), 0..7),
        on_hub in any::<bool>(),
        late in any::<bool>(),
    ) {
        let day = if late { "2026-12-08" } else { "2026-12-07" };
        let context = if on_hub { hub(day) } else { context("r.example/shop", &format!("{day}T00:00:00Z")) };
        let (outcome, summary, observations) = conclude(&verdicts, &context);
        prop_assert!(!summary.is_empty());
        prop_assert_eq!(observations.len(), verdicts.len());
        let disproved = verdicts
            .iter()
            .any(|it| matches!(it.state, State::Invalid | State::OtherDigest | State::Withdrawn));
        let signed = verdicts.iter().any(|it| it.state == State::Verified && it.scheme != Attestation && !it.first_use);
        if disproved || !signed {
            prop_assert_ne!(outcome, Pass);
        } else {
            prop_assert_eq!(outcome, Pass);
        }
        // What was not seen to be absent is not called unsigned.
        let seen = |scheme| verdicts.iter().any(|it| it.scheme == scheme && it.state != State::Unreachable);
        if outcome == Fail && !disproved {
            let faulty = verdicts.iter().any(|it| matches!(it.state, State::Expired | State::OtherSigner));
            prop_assert!(faulty || seen(Cosign) && seen(Notation));
        }
        // The order in which verdicts come changes nothing.
        let mut reversed = verdicts.clone();
        reversed.reverse();
        prop_assert_eq!(outcome, conclude(&reversed, &context).0);
    }
}
