//! The 106 requirements, chapter by chapter.

use plimsoll_catalog::Profile;
use plimsoll_catalog::verdict::DecidedBy;

use super::{Context, Tally, body, decision, head, prose, styled};
use crate::content::RequirementLine;
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::marks::Mark;
use crate::text::{Para, Style};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:requirements";

/// The blocks of the section.
pub fn blocks(cx: &Context) -> Vec<Block> {
    let (content, words) = (cx.content, cx.words);
    let mut blocks = vec![cx.section(words.requirements(), ANCHOR), body(words.requirements_lead())];
    if content.profile == Profile::Image {
        blocks.push(body(words.requirements_image(Tally::of(content, None).total)));
    }
    let chapters = content.requirements.chunk_by(|a, b| a.chapter == b.chapter);
    for (index, lines) in chapters.enumerate() {
        let Some(first) = lines.first() else { continue };
        blocks.push(cx.part(index + 1, &first.chapter, &format!("chapter:{index}")));
        blocks.push(table(cx, lines));
    }
    blocks
}

fn table(cx: &Context, lines: &[RequirementLine]) -> Block {
    let words = cx.words;
    let titles = [
        (words.id(), false),
        (words.level(), false),
        (words.verdict(), false),
        (words.requirement(), false),
        (words.basis(), false),
    ];
    let columns = vec![32.0, 34.0, 88.0, 186.0, theme::WIDTH - 340.0];
    let mut rows = Vec::new();
    for line in lines {
        let last = line.decisions.len();
        rows.push(Row {
            keep_next: last > 0,
            anchor: Some(format!("requirement:{}", line.id)),
            ..Row::new(if line.in_profile { measured(cx, line) } else { listed(cx, line) })
        });
        for (index, (subject, made)) in line.decisions.iter().enumerate() {
            let about = if subject.is_empty() { words.on_engagement() } else { subject.as_str() };
            rows.push(Row {
                fill: Some(theme::PALE),
                open_above: true,
                keep_next: index + 1 < last,
                ..Row::new(vec![Cell::of(Vec::new()).over(3), Cell::of(decision(made, Some(about), words)).over(2)])
            });
        }
    }
    let style = TableStyle { pad_x: 4.0, ..TableStyle::default() };
    Block::Table(Table { columns, head: head(&titles), rows, style })
}

/// The cells of a requirement that counts.
fn measured(cx: &Context, line: &RequirementLine) -> Vec<Cell> {
    let words = cx.words;
    let mut basis = Vec::new();
    if line.decided_by != DecidedBy::Nobody {
        let by = format!("{}: {}", words.decided_by(), words.decider(line.decided_by));
        basis.push(Para::new(by, theme::CELL_SOFT));
    }
    if !line.basis.trim().is_empty() {
        basis.push(Para::new(line.basis.trim(), theme::CELL));
    }
    vec![
        styled(line.id.to_string(), theme::CELL_STRONG),
        styled(line.level.to_string(), theme::CELL),
        Cell::new(Para::marked(Mark::from(line.verdict), words.verdict_word(line.verdict), theme::CELL_STRONG)),
        Cell::of(wording(line, theme::CELL_STRONG, theme::CELL)),
        Cell::of(basis),
    ]
}

/// The cells of a requirement that is only listed.
fn listed(cx: &Context, line: &RequirementLine) -> Vec<Cell> {
    vec![
        styled(line.id.to_string(), theme::CELL_STRONG.colored(theme::SLATE)),
        styled(line.level.to_string(), theme::CELL_SOFT),
        styled(cx.words.not_in_profile(), theme::CELL_SOFT),
        Cell::of(wording(line, theme::CELL_STRONG.colored(theme::SLATE), theme::CELL_SOFT)).over(2),
    ]
}

fn wording(line: &RequirementLine, title: Style, statement: Style) -> Vec<Para> {
    vec![Para::of(prose(&line.title, title)), Para::of(prose(&line.statement, statement))]
}
