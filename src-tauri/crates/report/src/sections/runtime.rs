//! Hosts and containers: what each check says for which requirement. What passed stands in a table; what many share is
//! told once; so a thousand containers that are alike do not make a thousand pages.

use std::collections::HashMap;

use plimsoll_catalog::OutcomeKind;

use super::{
    Context, body, cell, decision, figure, head, note, opening, panel, prose, small_title, styled, subjects, summary,
};
use crate::content::{CheckBlock, Content, ObservationLine, SubjectSheet};
use crate::layout::{Block, Cell, Heading, Row, Table, TableStyle};
use crate::marks::Mark;
use crate::text::{Para, Span};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:runtime";
/// What more than so many subjects share is told once.
pub const MANY: usize = 20;
/// So many of those who share something are named; more are told as ranges, and the overview has their names.
const NAMES: usize = 40;
/// So many observations on the first of those who share something are printed.
const EXAMPLES: usize = 4;

/// The name by which links lead to a check's result.
pub fn anchor(label: &str, check: &str) -> String {
    format!("check:{label}:{check}")
}

/// Results that many share.
pub struct Shared<'a> {
    groups: Vec<Vec<(&'a SubjectSheet, &'a CheckBlock)>>,
    /// By check, outcome and summary: the group.
    index: HashMap<(&'a str, OutcomeKind, &'a str), usize>,
}

/// What makes results the same.
fn key(check: &CheckBlock) -> (&str, OutcomeKind, &str) {
    (&check.check, check.outcome, &check.summary)
}

/// The results that more than [`MANY`] hosts or containers share, in the order of the requirements.
#[must_use]
pub fn shared(content: &Content) -> Shared<'_> {
    let mut all: HashMap<_, Vec<(&SubjectSheet, &CheckBlock)>> = HashMap::new();
    for sheet in content.subjects.iter().filter(|sheet| sheet.runs) {
        // A decision belongs to its subject, and is told there.
        for check in sheet.checks.iter().filter(|check| check.decisions.is_empty()) {
            all.entry(key(check)).or_default().push((sheet, check));
        }
    }
    let mut groups: Vec<_> = all.into_values().filter(|group| group.len() > MANY).collect();
    groups.sort_by_key(|group| {
        let first = group.first().map(|(_, check)| *check);
        (first.and_then(|check| check.links.first()).map(|link| link.id), first.map(key))
    });
    let index = groups
        .iter()
        .enumerate()
        .filter_map(|(index, group)| group.first().map(|(_, check)| (key(check), index)))
        .collect();
    Shared { groups, index }
}

impl Shared<'_> {
    fn has(&self, check: &CheckBlock) -> bool {
        check.decisions.is_empty() && self.index.contains_key(&key(check))
    }

    /// Where a result is told, if it is told once for many.
    #[must_use]
    pub fn target(&self, check: &CheckBlock) -> Option<String> {
        let index = self.index.get(&key(check)).filter(|_| check.decisions.is_empty())?;
        Some(format!("shared:{index}"))
    }
}

/// Whether a result needs no paragraph.
fn quiet(check: &CheckBlock) -> bool {
    matches!(check.outcome, OutcomeKind::Pass | OutcomeKind::NotApplicable) && check.decisions.is_empty()
}

/// Whether a subject among many has a sheet: one for what passed, and what many share, would say less than the overview.
fn has_sheet(sheet: &SubjectSheet, shared: &Shared) -> bool {
    sheet.checks.is_empty() || sheet.checks.iter().any(|check| !shared.has(check) && !quiet(check))
}

/// The blocks of the section.
pub fn blocks(cx: &Context) -> Vec<Block> {
    let words = cx.words;
    let runs: Vec<&SubjectSheet> = cx.content.subjects.iter().filter(|sheet| sheet.runs).collect();
    let mut blocks = vec![cx.section(words.running(), ANCHOR), body(words.running_lead())];
    let shared = shared(cx.content);
    let mut part = 0;
    let mut next = || {
        part += 1;
        part
    };
    let many = runs.len() > MANY;
    if many {
        blocks.push(cx.part(next(), words.overview(), "runtime:overview"));
        blocks.push(overview(cx, &runs, &shared));
    }
    if !shared.groups.is_empty() {
        blocks.extend([cx.part(next(), words.alike(), "runtime:shared"), opening(words.alike_lead())]);
        blocks.extend(told_once(cx, &shared));
    }
    let mut first = true;
    for sheet in runs {
        let own: Vec<&CheckBlock> = sheet.checks.iter().filter(|check| !shared.has(check)).collect();
        if many && !has_sheet(sheet, &shared) {
            continue;
        }
        if !first {
            blocks.extend([Block::Need(260.0), Block::Space(14.0)]);
        }
        first = false;
        let title = format!("{} – {}", sheet.label, sheet.name);
        let heading = cx.part(next(), &title, &subjects::anchor(&sheet.label));
        blocks.push(match heading {
            Block::Heading(heading) if many => Block::Heading(Heading { listed: false, ..heading }),
            other => other,
        });
        blocks.extend(subjects::identity(cx, sheet));
        if own.iter().any(|check| !quiet(check)) {
            blocks.push(small_title(words.results(), format!("subject:{}:results", sheet.label)));
        }
        blocks.extend(checks(cx, &sheet.label, &own));
        let elsewhere = sheet.checks.len() - own.len();
        if elsewhere > 0 {
            blocks.push(note(words.told_above(elsewhere)));
        }
    }
    blocks
}

/// The results of one subject: what passed in a table, everything else with all that it rests on.
pub(super) fn checks(cx: &Context, label: &str, checks: &[&CheckBlock]) -> Vec<Block> {
    let words = cx.words;
    let (passed, open): (Vec<&CheckBlock>, Vec<&CheckBlock>) = checks.iter().copied().partition(|check| quiet(check));
    let mut blocks = Vec::new();
    for check in open {
        blocks.extend(paragraph(cx, label, check));
    }
    if !passed.is_empty() {
        blocks.push(small_title(words.passed(), format!("subject:{label}:passed")));
        let rows = passed
            .iter()
            .map(|check| Row { anchor: Some(anchor(label, &check.check)), ..row(cx, check, check.summary.clone()) });
        blocks.push(table(cx, rows.collect()));
    }
    blocks
}

fn numbers(check: &CheckBlock) -> String {
    check.links.iter().map(|link| link.id.to_string()).collect::<Vec<_>>().join(", ")
}

fn row(cx: &Context, check: &CheckBlock, said: String) -> Row {
    let mark = Para::marked(Mark::from(check.outcome), cx.words.outcome_word(check.outcome), theme::CELL_STRONG);
    Row::new(vec![styled(numbers(check), theme::CELL_STRONG), cell(check.title.clone()), Cell::new(mark), cell(said)])
}

fn table(cx: &Context, rows: Vec<Row>) -> Block {
    let words = cx.words;
    let titles = [(words.id(), false), (words.check_name(), false), (words.outcome(), false), (words.basis(), false)];
    let columns = vec![52.0, 138.0, 94.0, theme::WIDTH - 284.0];
    let style = TableStyle { pad_x: 4.0, pad_y: 2.6, ..TableStyle::default() };
    Block::Table(Table { columns, head: head(&titles), rows, style })
}

fn title(cx: &Context, check: &CheckBlock, anchor: String) -> Block {
    let mark = Mark::from(check.outcome);
    Block::Heading(Heading {
        level: 3,
        number: numbers(check),
        title: check.title.clone(),
        anchor,
        aside: Some(Para::marked(mark, cx.words.outcome_word(check.outcome), theme::STRONG)),
        listed: false,
    })
}

/// What the check proves for which requirement, with the verdict where it is one subject's.
fn proves(cx: &Context, check: &CheckBlock, verdicts: bool) -> Para {
    let words = cx.words;
    let mut spans = vec![Span::new(format!("{} ", words.speaks_to()), theme::NOTE)];
    for (index, link) in check.links.iter().enumerate() {
        if index > 0 {
            spans.push(Span::new("; ", theme::NOTE));
        }
        let number =
            Span::linked(link.id.to_string(), theme::NOTE.colored(theme::ACCENT), format!("requirement:{}", link.id));
        spans.push(number);
        let here = match verdicts {
            true => format!("; {} {}", words.verdict_here(), words.verdict_word(link.verdict)),
            false => String::new(),
        };
        let text = format!("\u{a0}{} ({}{here})", link.title, words.strength(link.pass, link.fail));
        spans.extend(prose(&text, theme::NOTE));
    }
    Para::of(spans)
}

fn remedy(cx: &Context, check: &CheckBlock) -> Option<Para> {
    let text = check.remedy.trim();
    if text.is_empty() {
        return None;
    }
    let mut spans = vec![Span::new(format!("{} ", cx.words.what_to_do()), theme::STRONG)];
    spans.extend(prose(text, theme::BODY));
    Some(Para::of(spans))
}

/// The first texts stay with what follows them.
fn kept(texts: Vec<Para>, more: bool) -> impl Iterator<Item = Block> {
    let last = texts.len().saturating_sub(1);
    texts.into_iter().enumerate().map(move |(index, text)| {
        let text = text.spaced(0.0, if index == last { 4.0 } else { 3.0 });
        Block::Para(if more || index < last { text.kept() } else { text })
    })
}

fn paragraph(cx: &Context, label: &str, check: &CheckBlock) -> Vec<Block> {
    let mut blocks = vec![title(cx, check, anchor(label, &check.check))];
    let mut texts = vec![Para::new(check.summary.trim(), theme::BODY), proves(cx, check, true)];
    texts.extend(remedy(cx, check));
    blocks.extend(kept(texts, !check.observations.is_empty() || !check.decisions.is_empty()));
    if !check.observations.is_empty() {
        blocks.extend([subjects::observations(cx, &check.observations), Block::Space(5.0)]);
    }
    for (on, made) in &check.decisions {
        let bar = if made.conflict || made.stale { theme::RED } else { theme::ACCENT };
        blocks.extend([panel(decision(made, Some(&format!("{label} · {on}")), cx.words), bar), Block::Space(5.0)]);
    }
    blocks
}

/// One line for each: where there are many, this is where their names stand.
fn overview(cx: &Context, runs: &[&SubjectSheet], shared: &Shared) -> Block {
    let words = cx.words;
    let kinds = [OutcomeKind::Pass, OutcomeKind::Fail, OutcomeKind::Undecided, OutcomeKind::Error];
    let rows = runs.iter().map(|sheet| {
        let label = if has_sheet(sheet, shared) {
            let style = theme::CELL_STRONG.colored(theme::ACCENT);
            Span::linked(sheet.label.clone(), style, subjects::anchor(&sheet.label))
        } else {
            Span::new(sheet.label.clone(), theme::CELL)
        };
        let mut cells = vec![
            Cell::new(Para::of(vec![label])),
            styled(sheet.name.clone(), theme::CELL_CODE.sized(7.2)),
            styled(sheet.kind.clone(), theme::CELL_SOFT),
        ];
        let count = |kind| sheet.checks.iter().filter(|check| check.outcome == kind).count();
        cells.extend(kinds.map(|kind| figure(count(kind))));
        Row { anchor: Some(format!("overview:{}", sheet.label)), ..Row::new(cells) }
    });
    let rows = rows.collect();
    let mut titles = vec![(words.id(), false), (words.subject(), false), (words.kind(), false)];
    titles.extend(kinds.map(|kind| (words.outcome_word(kind), true)));
    let counts = kinds.map(|kind| summary::column(words.outcome_word(kind)));
    let name = theme::WIDTH - 36.0 - 60.0 - counts.iter().sum::<f32>();
    let columns = [36.0, name, 60.0].into_iter().chain(counts).collect();
    let style = TableStyle { pad_y: 1.1, rules: false, ..TableStyle::default() };
    Block::Table(Table { columns, head: head(&titles), rows, style })
}

/// Who shares something: by name, or as ranges of labels where they are too many for that.
fn names(cx: &Context, group: &[(&SubjectSheet, &CheckBlock)], most: usize) -> Para {
    let mut spans = vec![Span::new(format!("{} ", cx.words.shared_by(group.len())), theme::CELL_STRONG)];
    let style = theme::CELL.colored(theme::ACCENT);
    let linked = |sheet: &SubjectSheet| Span::linked(sheet.label.clone(), style, format!("overview:{}", sheet.label));
    if group.len() <= most {
        for (index, (sheet, _)) in group.iter().enumerate() {
            if index > 0 {
                spans.push(Span::new(", ", theme::CELL_SOFT));
            }
            spans.push(linked(sheet));
            spans.push(Span::new(format!("\u{a0}{}", sheet.name), theme::CELL_SOFT));
        }
        return Para::of(spans);
    }
    let number = |sheet: &SubjectSheet| sheet.label.trim_start_matches('S').parse::<usize>().ok();
    let follows = |a: &(&SubjectSheet, &CheckBlock), b: &(&SubjectSheet, &CheckBlock)| {
        number(a.0).zip(number(b.0)).is_some_and(|(a, b)| a.checked_add(1) == Some(b))
    };
    for (index, range) in group.chunk_by(follows).enumerate() {
        if index > 0 {
            spans.push(Span::new(", ", theme::CELL_SOFT));
        }
        if let Some((first, _)) = range.first() {
            spans.push(linked(first));
        }
        if let (Some((last, _)), 2..) = (range.last(), range.len()) {
            spans.extend([Span::new("–", theme::CELL_SOFT), linked(last)]);
        }
    }
    Para::of(spans)
}

fn told_once(cx: &Context, shared: &Shared) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut passed = Vec::new();
    for (index, group) in shared.groups.iter().enumerate() {
        let Some((sheet, check)) = group.first() else { continue };
        let target = format!("shared:{index}");
        if quiet(check) {
            let mut row = row(cx, check, check.summary.clone());
            row.anchor = Some(target);
            if let Some(last) = row.cells.last_mut() {
                last.paras.push(names(cx, group, 0).spaced(1.0, 0.0));
            }
            passed.push(row);
            continue;
        }
        blocks.push(title(cx, check, target));
        let mut texts = vec![Para::new(check.summary.trim(), theme::BODY), proves(cx, check, false)];
        texts.extend(remedy(cx, check));
        texts.push(names(cx, group, NAMES));
        let seen: Vec<ObservationLine> = check.observations.iter().take(EXAMPLES).cloned().collect();
        if !seen.is_empty() {
            texts.push(Para::new(format!("{} {}", cx.words.for_example(), sheet.label), theme::NOTE));
        }
        blocks.extend(kept(texts, !seen.is_empty()));
        if !seen.is_empty() {
            blocks.extend([subjects::observations(cx, &seen), Block::Space(5.0)]);
        }
    }
    if !passed.is_empty() {
        blocks.push(small_title(cx.words.passed(), "shared:passed".to_owned()));
        blocks.push(table(cx, passed));
    }
    blocks
}
