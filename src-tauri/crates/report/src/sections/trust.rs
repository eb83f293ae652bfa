//! Part of a subject's sheet: who signed an image and its bases, what was looked at, and what a registry answered.

use super::{Context, body, cell, head, note, pairs, small_title, styled, value};
use crate::content::{ChainLine, LookupLine, PinLine, ProbeSheet, SignatureLine, TrustPart, TrustSheet};
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::marks::Mark;
use crate::text::{Para, Span};
use crate::theme;

/// Width of the column with marks and their words.
const MARKS: f32 = 86.0;
/// Width of the names beside what a signature says.
const NAMES: f32 = 70.0;
/// How far each link of a chain stands to the right of the one before, and how far at most.
const STEP: f32 = 7.0;
const STEPS: usize = 8;

/// The blocks about the trust in an image.
pub fn sheet(cx: &Context, label: &str, sheet: &TrustSheet) -> Vec<Block> {
    let words = cx.words;
    let mark = Mark::from(sheet.tone);
    let summary = vec![
        Span::Mark { mark, size: theme::STRONG.size },
        Span::new(sheet.summary.trim(), theme::STRONG.colored(mark.color())),
    ];
    let mut blocks = vec![
        small_title(words.trust(), format!("subject:{label}:trust")),
        Block::Para(Para::of(summary).spaced(0.0, 4.0).kept()),
    ];
    if !sheet.notice.trim().is_empty() {
        blocks.push(Block::Para(Para::new(sheet.notice.trim(), theme::NOTE).spaced(2.0, 2.0).kept()));
    }
    for part in &sheet.parts {
        blocks.extend(part_blocks(cx, part));
    }
    if !sheet.pins.is_empty() {
        blocks.extend([under(words.pins()), pins(cx, &sheet.pins)]);
    }
    blocks.push(Block::Space(4.0));
    blocks
}

/// A title within the part; it stays with what follows.
fn under(text: &str) -> Block {
    Block::Para(Para::new(text, theme::CELL_STRONG).spaced(7.0, 3.0).kept())
}

fn part_blocks(cx: &Context, part: &TrustPart) -> Vec<Block> {
    let words = cx.words;
    let mut blocks = vec![under(&part.title)];
    if !part.facts.is_empty() {
        blocks.push(pairs(part.facts.iter().map(|(key, text)| (key.clone(), vec![value(text)])).collect()));
        blocks.push(Block::Space(8.0));
    }
    if part.signatures.is_empty() {
        blocks.push(note(words.no_signatures()));
    } else {
        let rows = part.signatures.iter().map(|line| signature(cx, line)).collect();
        let style = TableStyle { pad_x: 3.0, pad_y: 3.0, ..TableStyle::default() };
        let columns = vec![MARKS, theme::WIDTH - MARKS];
        blocks.push(Block::Table(Table { columns, head: Vec::new(), rows, style }));
        blocks.push(Block::Space(6.0));
    }
    if !part.lookups.is_empty() {
        blocks.push(lookups(cx, &part.lookups));
        if !part.places.is_empty() {
            blocks.push(note(format!("{} {}.", words.all_places(), part.places)));
        }
    }
    blocks.push(Block::Space(4.0));
    blocks
}

/// A name and what it says.
fn named(name: &str, text: &str) -> Para {
    let code = super::is_hash(text) || text.contains("sha256:") || text.contains("sha256-");
    let shown = if code { theme::CELL_CODE.sized(7.0) } else { theme::CELL };
    let label = Some(Span::new(name, theme::CELL_SOFT));
    Para { indent: NAMES, label, ..Para::new(text, shown).spaced(1.0, 0.0) }
}

fn signature(cx: &Context, line: &SignatureLine) -> Row {
    let mut paras = vec![
        Para::new(line.scheme.clone(), theme::CELL_STRONG),
        Para::new(line.reason.trim(), theme::CELL).spaced(1.0, 1.0),
    ];
    paras.extend(line.details.iter().map(|(name, text)| named(name, text)));
    paras.extend(line.notes.iter().map(|text| Para::new(text.trim(), theme::CELL_SOFT).spaced(1.0, 0.0)));
    if !line.chain.is_empty() {
        paras.push(Para::new(cx.words.chain(), theme::CELL_SOFT).spaced(3.0, 0.0));
        paras.extend(line.chain.iter().enumerate().flat_map(|(depth, link)| chain(depth, link)));
    }
    let mark = Para::marked(Mark::from(line.tone), &line.label, theme::CELL_STRONG);
    Row::new(vec![Cell::new(mark), Cell::of(paras)])
}

fn chain(depth: usize, link: &ChainLine) -> Vec<Para> {
    #[allow(clippy::cast_precision_loss)] // Eight at most.
    let indent = STEP * depth.min(STEPS) as f32;
    let mark = Span::Mark { mark: Mark::from(link.tone), size: theme::CELL.size };
    let mut spans = vec![mark, Span::new(link.title.clone(), theme::CELL)];
    if !link.problem.is_empty() {
        spans.push(Span::new(format!("  {}", link.problem), theme::CELL.colored(theme::RED)));
    }
    let mut paras = vec![Para { indent, ..Para::of(spans).spaced(1.0, 0.0) }];
    if !link.details.is_empty() {
        let small = theme::NOTE.sized(6.8);
        paras.push(Para { indent: indent + STEP + 4.0, ..Para::new(link.details.clone(), small) });
    }
    paras
}

fn lookups(cx: &Context, lines: &[LookupLine]) -> Block {
    let words = cx.words;
    let rows = lines
        .iter()
        .map(|line| {
            let mut answer = vec![match line.tone {
                Some(tone) => Para::marked(Mark::from(tone), &line.answer, theme::CELL_STRONG),
                None => Para::new(line.answer.clone(), theme::CELL_STRONG),
            }];
            if !line.reason.trim().is_empty() {
                answer.push(Para::new(line.reason.trim(), theme::CELL).spaced(1.0, 0.0));
            }
            Row::new(vec![styled(line.place.clone(), theme::CELL_CODE.sized(7.2)), Cell::of(answer)])
        })
        .collect();
    let columns = vec![theme::WIDTH - 150.0, 150.0];
    let head = head(&[(words.looked_at(), false), (words.answer(), false)]);
    Block::Table(Table { columns, head, rows, style: TableStyle { pad_y: 2.6, ..TableStyle::default() } })
}

fn pins(cx: &Context, lines: &[PinLine]) -> Block {
    let words = cx.words;
    let rows = lines
        .iter()
        .map(|line| {
            Row::new(vec![
                Cell::of(vec![
                    Para::new(line.repository.clone(), theme::CELL_CODE),
                    Para::new(line.root.clone(), theme::CELL_CODE.sized(7.0).colored(theme::SLATE)),
                ]),
                cell(line.first_seen.clone()),
                cell(line.last_seen.clone()),
            ])
        })
        .collect();
    let name = format!("{}, {}", words.repository(), words.root());
    let head = head(&[(&name, false), (words.first_seen(), false), (words.last_seen(), false)]);
    let columns = vec![theme::WIDTH - 190.0, 95.0, 95.0];
    Block::Table(Table { columns, head, rows, style: TableStyle { pad_y: 2.6, ..TableStyle::default() } })
}

/// The blocks about a registry.
pub fn probes(cx: &Context, label: &str, sheet: &ProbeSheet) -> Vec<Block> {
    let words = cx.words;
    let mut blocks = vec![small_title(words.probes(), format!("subject:{label}:probes"))];
    if !sheet.facts.is_empty() {
        blocks.push(pairs(sheet.facts.iter().map(|(key, text)| (key.clone(), vec![value(text)])).collect()));
        blocks.push(Block::Space(6.0));
    }
    if sheet.probes.is_empty() {
        blocks.push(body(words.no_probes()));
        return blocks;
    }
    let rows = sheet
        .probes
        .iter()
        .map(|probe| {
            let asked = vec![
                Para::new(probe.asked.clone(), theme::CELL),
                Para::new(probe.request.clone(), theme::CELL_CODE.sized(7.0).colored(theme::SLATE)),
            ];
            Row::new(vec![
                Cell::of(asked),
                Cell::new(Para::marked(Mark::from(probe.tone), &probe.answer, theme::CELL)),
                styled(probe.at.replace('T', " ").replace('Z', ""), theme::CELL_SOFT),
            ])
        })
        .collect();
    let titles = [(words.asked(), false), (words.answer(), false), (words.asked_at(), false)];
    let columns = vec![theme::WIDTH - 150.0 - 84.0, 150.0, 84.0];
    let style = TableStyle { pad_y: 2.6, ..TableStyle::default() };
    blocks.push(Block::Table(Table { columns, head: head(&titles), rows, style }));
    blocks.push(Block::Space(4.0));
    blocks
}
