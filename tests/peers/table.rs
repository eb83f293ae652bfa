//! Writes the table that stands in `README.md`.

use std::fmt::Write as _;

use plimsoll_workbench::catalog::{OutcomeKind, UseCaseId};

use crate::ours;
use crate::probes::Probe;
use crate::recorded::Recorded;
use crate::tools::{self, Peer};

/// One field: what was said, and whether that is right.
struct Cell {
    word: String,
    right: bool,
}

fn our_cell(probe: &Probe, outcome: OutcomeKind) -> Cell {
    Cell { word: outcome.as_str().to_owned(), right: probe.allowed.contains(&outcome) }
}

fn peer_cell(probe: &Probe, peer: &Peer, record: &Recorded) -> Cell {
    match record.said(probe, peer.name) {
        Some(Ok(raised)) => {
            let kind = if peer.objects(probe.use_case, raised) { OutcomeKind::Fail } else { OutcomeKind::Pass };
            Cell { word: kind.as_str().to_owned(), right: kind == probe.verdict() }
        }
        _ => Cell { word: "error".to_owned(), right: false },
    }
}

fn row(out: &mut String, fields: &[String]) {
    let _ = writeln!(out, "| {} |", fields.join(" | "));
}

fn rule(out: &mut String, columns: usize) {
    let _ = writeln!(out, "|{}", " --- |".repeat(columns));
}

/// The whole file.
pub fn write(probes: &[Probe], ours: &[OutcomeKind], record: &Recorded) -> String {
    let mut out = String::from(HEAD);
    let versions: Vec<String> = record.versions.iter().map(|(peer, version)| format!("{peer} {version}")).collect();
    let _ = writeln!(out, "The peers were run on {}: {}.\n", record.date, versions.join(", "));
    totals(&mut out, probes, ours, record);
    only_ours(&mut out, probes, ours, record);
    gaps(&mut out, probes, ours);
    out.push_str("\n## Each probe\n\nIn bold what is wrong.\n");
    for use_case in ours::use_cases(probes) {
        matrix(&mut out, use_case, probes, ours, record);
    }
    rules(&mut out, probes);
    out
}

fn names() -> Vec<String> {
    tools::ALL.iter().map(|peer| peer.name.to_owned()).collect()
}

fn totals(out: &mut String, probes: &[Probe], ours: &[OutcomeKind], record: &Recorded) {
    let mut head = vec!["use case".to_owned(), "probes".to_owned(), "plimsoll".to_owned()];
    head.extend(names());
    row(out, &head);
    rule(out, head.len());
    let line = |of: &dyn Fn(&Probe) -> bool, title: String, use_case: Option<UseCaseId>| {
        let chosen: Vec<_> = probes.iter().zip(ours).filter(|(probe, _)| of(probe)).collect();
        let right = chosen.iter().filter(|(probe, outcome)| our_cell(probe, **outcome).right).count();
        let open =
            chosen.iter().filter(|(probe, o)| our_cell(probe, **o).right && **o == OutcomeKind::Undecided).count();
        let mut fields = vec![title, chosen.len().to_string()];
        fields.push(if open > 0 { format!("{right} ({open} left open)") } else { right.to_string() });
        for peer in &tools::ALL {
            let right = chosen.iter().filter(|(probe, _)| peer_cell(probe, peer, record).right).count();
            let silent = use_case.is_some_and(|id| peer.rules_for(id).is_empty());
            fields.push(if silent { format!("{right} (no rule)") } else { right.to_string() });
        }
        fields
    };
    for use_case in ours::use_cases(probes) {
        row(out, &line(&|probe| probe.use_case == use_case, use_case.to_string(), Some(use_case)));
    }
    row(out, &line(&|_| true, "all".to_owned(), None));
}

fn only_ours(out: &mut String, probes: &[Probe], ours: &[OutcomeKind], record: &Recorded) {
    let none = |probe: &Probe| !tools::ALL.iter().any(|peer| peer_cell(probe, peer, record).right);
    let all: Vec<_> = probes.iter().zip(ours).filter(|(probe, _)| none(probe)).collect();
    let right: Vec<_> = all.iter().filter(|(probe, outcome)| our_cell(probe, **outcome).right).collect();
    let listed: Vec<&str> = right.iter().map(|(probe, _)| probe.name.as_str()).collect();
    let _ = writeln!(
        out,
        "\nNo peer is right about {} of the probes; Plimsoll is about {} of these: {}.",
        all.len(),
        right.len(),
        if listed.is_empty() { "none".to_owned() } else { listed.join(", ") }
    );
}

fn gaps(out: &mut String, probes: &[Probe], ours: &[OutcomeKind]) {
    let wrong: Vec<_> = probes.iter().zip(ours).filter(|(probe, outcome)| !our_cell(probe, **outcome).right).collect();
    if wrong.is_empty() {
        return;
    }
    out.push_str("\nWhat Plimsoll gets wrong:\n\n");
    for (probe, outcome) in wrong {
        let gap = probe.gap.as_deref().unwrap_or("not explained yet");
        let _ = writeln!(out, "- {}: {}, {gap}", probe.name, outcome.as_str());
    }
}

fn matrix(out: &mut String, use_case: UseCaseId, probes: &[Probe], ours: &[OutcomeKind], record: &Recorded) {
    let _ = writeln!(out, "\n### {use_case}\n");
    let mut head = vec!["probe".to_owned(), "why".to_owned(), "verdict".to_owned(), "plimsoll".to_owned()];
    head.extend(names());
    row(out, &head);
    rule(out, head.len());
    for (probe, outcome) in probes.iter().zip(ours).filter(|(probe, _)| probe.use_case == use_case) {
        let mut cells = vec![our_cell(probe, *outcome)];
        cells.extend(tools::ALL.iter().map(|peer| peer_cell(probe, peer, record)));
        let mut fields = vec![probe.name.clone(), probe.why.clone(), probe.verdict().as_str().to_owned()];
        fields.extend(cells.into_iter().map(|cell| if cell.right { cell.word } else { format!("**{}**", cell.word) }));
        row(out, &fields);
    }
}

fn rules(out: &mut String, probes: &[Probe]) {
    out.push_str("\n## Which rules count for which use case\n\n");
    let mut head = vec!["use case".to_owned()];
    head.extend(names());
    row(out, &head);
    rule(out, head.len());
    for use_case in ours::use_cases(probes) {
        let mut fields = vec![use_case.to_string()];
        for peer in &tools::ALL {
            let rules = peer.rules_for(use_case);
            fields.push(if rules.is_empty() { "none".to_owned() } else { rules.join(", ") });
        }
        row(out, &fields);
    }
}

const HEAD: &str = "\
# Side by side with the peers

<!-- Generated by `cargo xtask peers`; the probes are in `probes/`, what the peers said is in `recorded.tsv`. -->

Small Dockerfiles of our own writing, each with the verdict that Docker's own semantics give for one use case, judged by
Plimsoll and by the linters and scanners that run here without a network. A peer says *fail* when one of its rules for
the use case is raised (the last table says which; rules that are off by default were switched on), else *pass*: silence
counts as a pass, also where a peer has no rule. A file over
which a peer is known to spoil its whole scan was given to it apart from the others. Where a Dockerfile alone cannot
settle the matter, Plimsoll may leave a probe that is in order to a person (*undecided*); the probes say where.

The selection is ours and aims at what is hard. It shows where a verdict differs, not how good a tool is at its own aims.

Again: `cargo xtask peers` installs the peers into `target/peers`, runs them and writes this file (some minutes, needs a
network); `cargo xtask peers table` only writes it again with what our checks say now.

";
