//! What the verdicts are, on metadata that are made here and, by hand, on a folder of cases.

mod cases;
mod hostile;
mod kept;
mod roles;
mod roots;
mod tags;

use super::forge::{AT, Forge, facts};
use super::notary;
use crate::{Invalid, NotaryFacts, State, TrustFacts, TrustPolicy, Verdict};

/// The verdict without any pin.
fn judged(facts: &TrustFacts) -> Verdict {
    notary(facts, &TrustPolicy::default(), AT).unwrap()
}

/// The verdict on a forged repository.
fn verdict(forge: &Forge) -> Verdict {
    judged(&forge.facts())
}

fn outcome(verdict: &Verdict) -> (State, Option<Invalid>) {
    (verdict.state, verdict.kind)
}

/// The notary part of facts, to be changed.
fn served(facts: &mut TrustFacts) -> &mut NotaryFacts {
    facts.notary.as_mut().unwrap()
}

/// Takes a file away; the answer for it is for the caller.
fn take(facts: &mut TrustFacts, name: &str) {
    served(facts).files.retain(|file| file.name != name);
}

/// The titles of the chain's links with how they hold: `root +`, `targets -`, `snapshot ?`.
fn drawn(verdict: &Verdict) -> Vec<String> {
    let mark = |holds| match holds {
        Some(true) => '+',
        Some(false) => '-',
        None => '?',
    };
    verdict.chain.iter().map(|link| format!("{} {}", link.title, mark(link.holds))).collect()
}

fn noted(verdict: &Verdict, words: &str) -> bool {
    verdict.notes.iter().any(|note| note.contains(words))
}
