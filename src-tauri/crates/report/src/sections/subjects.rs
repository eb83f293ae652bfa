//! One sheet for each subject: identity, figures, layers, and its fourteen results with all that they rest on.

use plimsoll_catalog::UseCaseId;
use plimsoll_catalog::verdict::DecidedBy;

use super::{Context, body, decision, figure, head, pairs, panel, prose, runtime, small_title, trust, value};
use crate::content::{CheckBlock, LayerLine, ObservationLine, ResultBlock, SubjectSheet};
use crate::layout::{Block, Cell, Heading, Row, Table, TableStyle};
use crate::marks::Mark;
use crate::text::{Para, Span};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:subjects";

/// The name by which links lead to a subject's sheet.
pub fn anchor(label: &str) -> String {
    format!("subject:{label}")
}

/// The name by which links lead to one result.
pub fn result(label: &str, id: UseCaseId) -> String {
    format!("result:{label}:{id}")
}

/// The blocks of the section.
pub fn blocks(cx: &Context) -> Vec<Block> {
    let mut blocks = vec![cx.section(cx.words.by_subject(), ANCHOR)];
    if cx.content.subjects.is_empty() {
        blocks.push(body(cx.words.no_subjects()));
    }
    if !cx.content.subjects.is_empty() && cx.content.subjects.iter().all(|sheet| sheet.runs) {
        blocks.push(body(cx.words.only_running()));
    }
    for (index, subject) in cx.content.subjects.iter().filter(|sheet| !sheet.runs).enumerate() {
        if index > 0 {
            // A sheet begins a page unless a good part of one is left.
            blocks.push(Block::Need(300.0));
            blocks.push(Block::Space(14.0));
        }
        blocks.extend(sheet(cx, index + 1, subject));
    }
    blocks
}

fn sheet(cx: &Context, index: usize, subject: &SubjectSheet) -> Vec<Block> {
    let words = cx.words;
    let label = &subject.label;
    let title = format!("{label} – {}", subject.name);
    let mut blocks = vec![cx.part(index, &title, &anchor(label))];
    blocks.extend(identity(cx, subject));
    if !subject.figures.is_empty() {
        let figures = subject.figures.iter().map(|(key, text)| (key.clone(), vec![value(text)])).collect();
        blocks.extend([small_title(words.figures(), format!("subject:{label}:figures")), pairs(figures)]);
    }
    if !subject.layers.is_empty() {
        blocks.extend([small_title(words.layers(), format!("subject:{label}:layers")), layers(cx, &subject.layers)]);
    }
    if let Some(sheet) = &subject.trust {
        blocks.extend(trust::sheet(cx, label, sheet));
    }
    if let Some(sheet) = &subject.probes {
        blocks.extend(trust::probes(cx, label, sheet));
    }
    blocks.push(small_title(words.results(), format!("subject:{label}:results")));
    for block in &subject.results {
        blocks.extend(result_blocks(cx, label, block));
    }
    if !subject.checks.is_empty() {
        blocks.push(small_title(words.further(), format!("subject:{label}:checks")));
        let own: Vec<&CheckBlock> = subject.checks.iter().collect();
        blocks.extend(runtime::checks(cx, label, &own));
    }
    blocks
}

/// What a subject is, and where it comes from.
pub(super) fn identity(cx: &Context, subject: &SubjectSheet) -> [Block; 2] {
    let words = cx.words;
    let mut identity = vec![(words.kind().to_owned(), vec![Para::new(subject.kind.clone(), theme::CELL)])];
    identity.extend(subject.identity.iter().map(|(key, text)| (key.clone(), vec![value(text)])));
    [small_title(words.identity(), format!("subject:{}:identity", subject.label)), pairs(identity)]
}

fn layers(cx: &Context, layers: &[LayerLine]) -> Block {
    let words = cx.words;
    let rows = layers
        .iter()
        .map(|layer| {
            Row::new(vec![
                figure(layer.number),
                Cell::of(vec![
                    Para::new(layer.diff_id.clone(), theme::CELL_CODE.sized(7.0).colored(theme::SLATE)),
                    Para::new(layer.command.clone(), theme::CELL_CODE),
                ]),
                figure(&layer.size),
                figure(layer.files),
            ])
        })
        .collect();
    let titles = [(words.layer(), true), (words.instruction(), false), (words.size(), true), (words.files(), true)];
    let columns = vec![44.0, theme::WIDTH - 44.0 - 56.0 - 48.0, 56.0, 48.0];
    Block::Table(Table { columns, head: head(&titles), rows, style: TableStyle::default() })
}

fn result_blocks(cx: &Context, label: &str, block: &ResultBlock) -> Vec<Block> {
    let words = cx.words;
    let mark = Mark::from(block.outcome);
    let mut blocks = vec![Block::Heading(Heading {
        level: 3,
        number: block.id.to_string(),
        title: block.title.clone(),
        anchor: result(label, block.id),
        aside: Some(Para::marked(mark, words.outcome_word(block.outcome), theme::STRONG)),
        listed: false,
    })];
    let mut spans = vec![Span::new(block.summary.trim(), theme::BODY)];
    let by = match block.decided_by {
        DecidedBy::Nobody => words.undecided_note().to_owned(),
        by => format!("{}: {}.", words.decided_by(), words.decider(by)),
    };
    spans.push(Span::new(format!("  {by}"), theme::NOTE));
    let mut texts = vec![Para::of(spans)];
    if !block.remedy.trim().is_empty() {
        let mut spans = vec![Span::new(format!("{} ", words.what_to_do()), theme::STRONG)];
        spans.extend(prose(block.remedy.trim(), theme::BODY));
        texts.push(Para::of(spans));
    }
    // The texts stay with what follows them, if it belongs to them.
    let alone = block.observations.is_empty() && block.decision.is_none();
    blocks.extend(texts.into_iter().map(|text| {
        let text = text.spaced(0.0, 4.0);
        Block::Para(if alone { text } else { text.kept() })
    }));
    if !block.observations.is_empty() {
        blocks.push(observations(cx, &block.observations));
        blocks.push(Block::Space(5.0));
    }
    if let Some(line) = &block.decision {
        let bar = if line.conflict || line.stale { theme::RED } else { theme::ACCENT };
        // It may stand on another page than the title.
        blocks.push(panel(decision(line, Some(&format!("{label} · {}", block.id)), words), bar));
        blocks.push(Block::Space(5.0));
    }
    blocks
}

pub(super) fn observations(cx: &Context, lines: &[ObservationLine]) -> Block {
    let words = cx.words;
    let rows = lines
        .iter()
        .map(|line| {
            let mut paras = vec![Para::new(line.message.clone(), theme::CELL)];
            if !line.location.is_empty() {
                paras.push(Para::new(line.location.clone(), theme::CELL_CODE).spaced(1.0, 0.0));
            }
            if !line.reproduce.is_empty() {
                let spans = vec![
                    Span::new(format!("{} ", words.again()), theme::NOTE.sized(7.4)),
                    Span::new(line.reproduce.clone(), theme::CELL_CODE.colored(theme::SLATE)),
                ];
                paras.push(Para::of(spans).spaced(1.0, 0.0));
            }
            let severity =
                Para::marked(Mark::from(line.severity), words.severity_word(line.severity), theme::CELL_STRONG);
            Row::new(vec![Cell::new(severity), Cell::of(paras)])
        })
        .collect();
    let style = TableStyle { pad_x: 3.0, pad_y: 3.0, ..TableStyle::default() };
    Block::Table(Table { columns: vec![72.0, theme::WIDTH - 72.0], head: Vec::new(), rows, style })
}
