//! What was to be audited, how results come about, and what words and marks mean.

use plimsoll_catalog::{OutcomeKind, Severity, Verdict};

use super::{Context, Tally, body, cell, figure, head, opening, pairs, small_title, styled};
use crate::content::{CoverageTable, iso_day};
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::marks::Mark;
use crate::text::{Para, Span};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:method";

/// The blocks of the section.
pub fn blocks(cx: &Context) -> Vec<Block> {
    let (content, words) = (cx.content, cx.words);
    let scope = if content.scope.trim().is_empty() { words.no_scope() } else { content.scope.trim() };
    let line = |key: &str, text: String| (key.to_owned(), vec![Para::new(text, theme::CELL)]);
    let mut auditor = content.auditor.name.clone();
    if let Some(firm) = &content.auditor.organization {
        auditor = format!("{auditor}, {firm}");
    }
    let mut blocks = vec![
        cx.section(words.method(), ANCHOR),
        cx.part(1, words.scope(), "method:scope"),
        body(scope),
        Block::Space(4.0),
        pairs(vec![
            line(words.title(), content.title.clone()),
            line(words.client(), content.client.clone()),
            line(words.auditor(), auditor),
            line(words.measured_against(), words.profile(content.profile, Tally::of(content, None).total)),
            line(words.target_level(), words.level_name(content.target_level)),
            line(words.subjects(), content.subjects.len().to_string()),
            line(words.date_of_issue(), iso_day(content.made_at.date())),
        ]),
        cx.part(2, words.how(), "method:how"),
    ];
    let steps = [
        (words.facts(), words.facts_text()),
        (words.checks(), words.checks_text()),
        (words.decisions(), words.decisions_text()),
        (words.verdicts(), words.verdicts_text()),
        (words.criteria(), words.criteria_text()),
    ];
    blocks.extend(steps.map(|(name, text)| {
        let spans = vec![Span::new(format!("{name} "), theme::STRONG), Span::new(text, theme::BODY)];
        Block::Para(Para::of(spans).spaced(0.0, 6.0))
    }));
    let mut part = 3;
    if let Some(coverage) = &content.coverage {
        blocks.extend([cx.part(part, words.coverage(), "method:coverage"), opening(words.coverage_lead())]);
        blocks.push(coverage_table(cx, coverage));
        part += 1;
    }
    blocks.push(cx.part(part, words.words_and_marks(), "method:words"));
    let outcomes = OutcomeKind::ALL.map(|kind| {
        let meaning = match kind {
            OutcomeKind::Pass => words.means_pass(),
            OutcomeKind::Fail => words.means_fail(),
            OutcomeKind::NotApplicable => words.means_na(),
            OutcomeKind::Undecided => words.means_undecided(),
            OutcomeKind::Error => words.means_error(),
        };
        (Mark::from(kind), words.outcome_word(kind), meaning)
    });
    let verdicts = [
        (Verdict::Satisfied, words.means_satisfied()),
        (Verdict::NotSatisfied, words.means_not_satisfied()),
        (Verdict::NotApplicable, words.means_requirement_na()),
        (Verdict::Open, words.means_open()),
    ]
    .map(|(verdict, meaning)| (Mark::from(verdict), words.verdict_word(verdict), meaning));
    let severities = [
        (Severity::Critical, words.means_critical()),
        (Severity::High, words.means_high()),
        (Severity::Medium, words.means_medium()),
        (Severity::Low, words.means_low()),
        (Severity::Info, words.means_info()),
    ]
    .map(|(severity, meaning)| (Mark::from(severity), words.severity_word(severity), meaning));
    blocks.extend([
        small_title(words.outcomes_of_use_cases(), "method:outcomes".to_owned()),
        legend(&outcomes),
        small_title(words.verdicts_on_requirements(), "method:verdicts".to_owned()),
        legend(&verdicts),
        small_title(words.severities(), "method:severities".to_owned()),
        legend(&severities),
    ]);
    blocks
}

fn legend(lines: &[(Mark, &str, &str)]) -> Block {
    let name = 118.0;
    let rows = lines
        .iter()
        .map(|(mark, word, meaning)| {
            Row::new(vec![Cell::new(Para::marked(*mark, *word, theme::CELL_STRONG)), cell(*meaning)])
        })
        .collect();
    let style = TableStyle { pad_x: 2.0, pad_y: 2.6, ..TableStyle::default() };
    Block::Table(Table { columns: vec![name, theme::WIDTH - name], head: Vec::new(), rows, style })
}

/// How many requirements are decided by whom, and which.
fn coverage_table(cx: &Context, coverage: &CoverageTable) -> Block {
    let words = cx.words;
    let lines = [
        (words.automated(), words.automated_text(), &coverage.automated),
        (words.assisted(), words.assisted_text(), &coverage.assisted),
        (words.manual(), words.manual_text(), &coverage.manual),
    ];
    let rows = lines
        .into_iter()
        .map(|(name, meaning, ids)| {
            let numbers = ids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            let mut paras = vec![Para::new(meaning, theme::CELL)];
            if !numbers.is_empty() {
                paras.push(Para::new(numbers, theme::CELL_SOFT).spaced(1.0, 0.0));
            }
            Row::new(vec![styled(name, theme::CELL_STRONG), figure(ids.len()), Cell::of(paras)])
        })
        .collect();
    let titles = [("", false), (words.number(), true), (words.requirements(), false)];
    let columns = vec![84.0, 48.0, theme::WIDTH - 132.0];
    let style = TableStyle { whole: true, ..TableStyle::default() };
    Block::Table(Table { columns, head: head(&titles), rows, style })
}
