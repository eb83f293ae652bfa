//! A judgement for a person at a terminal: the verdict, each signature with its chain as a tree, each place looked at.

use std::fmt::Write;

use plimsoll_workbench::judgement::{Judgement, Link, Looked, Scheme, State, Verdict};

/// Links deeper than this are not indented further.
const DEEPEST: usize = 10;

/// What is shown of a text from outside: nothing that steers a terminal.
fn shown(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}

/// A state in a few words.
fn words(scheme: Scheme, state: State) -> &'static str {
    match state {
        State::Verified => "verified",
        State::Signed => "signed; no digest was given to compare with",
        State::Unsigned if scheme == Scheme::Attestation => "none",
        State::Unsigned => "not signed",
        State::NotThisTag => "signed, but not this tag",
        State::Withdrawn => "trust data were withdrawn",
        State::Expired => "out of date",
        State::OtherSigner => "signed by somebody who is not trusted",
        State::OtherDigest => "signed, but for another digest",
        State::Invalid => "invalid",
        State::NoKey => "signed; nothing was given to verify it with",
        State::Statement => "a statement that nobody signed",
        State::Unreachable => "not known",
    }
}

fn looked(looked: &Looked) -> (&'static str, &str) {
    match looked {
        Looked::Found => ("found", ""),
        Looked::Absent => ("absent", ""),
        Looked::Refused(reason) => ("refused", reason),
        Looked::Failed(reason) => ("FAILED", reason),
        Looked::NotTried(reason) => ("not tried", reason),
    }
}

/// The judgement as lines of text.
pub fn text(judged: &Judgement) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", shown(&judged.reference));
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "  {name:<9}{}", shown(value));
        }
    };
    row("verdict", judged.verdict);
    row("", &judged.reason);
    for digest in &judged.digests {
        row("image", digest);
    }
    row("signed", judged.digest.as_deref().filter(|_| judged.holds()).unwrap_or_default());
    row("as of", &judged.at);
    for verdict in &judged.schemes {
        out.push('\n');
        one(&mut out, verdict);
    }
    if !judged.lookups.is_empty() {
        out.push_str("\nLooked at\n");
        // Places that begin alike are shown under what they share.
        let mut shared = "";
        for lookup in &judged.lookups {
            let (head, tail) = lookup.place.split_once(": ").unwrap_or(("", &lookup.place));
            if head != shared && !head.is_empty() {
                let _ = writeln!(out, "  {}:", shown(head));
            }
            shared = head;
            let (answer, reason) = looked(&lookup.looked);
            let indent = if head.is_empty() { "  " } else { "    " };
            let _ = writeln!(out, "{indent}{answer:<10}{}", shown(tail));
            if !reason.is_empty() {
                let _ = writeln!(out, "{indent}{:<10}{}", "", shown(reason));
            }
        }
    }
    out
}

fn one(out: &mut String, verdict: &Verdict) {
    let predicate = if verdict.predicate.is_empty() { String::new() } else { format!(" ({})", verdict.predicate) };
    let name = if verdict.scheme == Scheme::Attestation { "Attestation" } else { verdict.scheme.name() };
    let _ = writeln!(out, "{name}{}: {}", shown(&predicate), words(verdict.scheme, verdict.state));
    let mut row = |name: &str, value: &str| {
        if !value.is_empty() {
            let _ = writeln!(out, "  {name:<9}{}", shown(value));
        }
    };
    row("", &verdict.reason);
    // Where nothing was found, the places stand at the end.
    let is_there = !matches!(verdict.state, State::Unsigned | State::Unreachable);
    row("at", if is_there { &verdict.place } else { "" });
    row("digest", verdict.digest.as_deref().unwrap_or_default());
    for signer in &verdict.signers {
        let issuer = if signer.issuer.is_empty() { String::new() } else { format!(", issued by {}", signer.issuer) };
        row("signer", &format!("{}{issuer}", signer.name));
        for key in &signer.keys {
            row("", &format!("key {key}"));
        }
        row("", &if signer.not_after.is_empty() { String::new() } else { format!("until {}", signer.not_after) });
    }
    row("made", &verdict.signed_at);
    row("until", &verdict.expires);
    for note in &verdict.notes {
        row("note", note);
    }
    if !verdict.chain.is_empty() {
        out.push_str("  chain\n");
        for (depth, link) in verdict.chain.iter().enumerate() {
            branch(out, depth.min(DEEPEST), link);
        }
    }
}

fn branch(out: &mut String, depth: usize, link: &Link) {
    let mark = match link.holds {
        Some(true) => '✓',
        Some(false) => '✗',
        None => '·',
    };
    let indent = "  ".repeat(depth);
    let arm = if depth == 0 { "" } else { "└ " };
    let _ = writeln!(out, "    {indent}{arm}{mark} {}", shown(&link.title));
    let under = format!("    {indent}{}  ", if depth == 0 { "" } else { "  " });
    for (name, value) in &link.details {
        let _ = writeln!(out, "{under}{}: {}", shown(name), shown(value));
    }
    if !link.problem.is_empty() {
        let _ = writeln!(out, "{under}{}", shown(&link.problem));
    }
}
