//! The 106 requirements, chapter by chapter.

use plimsoll_catalog::Profile;
use plimsoll_catalog::verdict::DecidedBy;

use super::{Context, Tally, body, decision, head, styled};
use crate::content::RequirementLine;
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::marks::Mark;
use crate::text::Para;
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
        (words.requirement(), false),
        (words.verdict(), false),
        (words.basis(), false),
    ];
    let columns = vec![32.0, 34.0, 200.0, 84.0, theme::WIDTH - 350.0];
    let mut rows = Vec::new();
    for line in lines {
        let soft = !line.in_profile;
        let style = if soft { theme::CELL_SOFT } else { theme::CELL };
        let verdict = if soft {
            styled(words.not_in_profile(), theme::CELL_SOFT)
        } else {
            Cell::new(Para::marked(Mark::from(line.verdict), words.verdict_word(line.verdict), theme::CELL_STRONG))
        };
        let mut basis = Vec::new();
        if !soft {
            if line.decided_by != DecidedBy::Nobody {
                let by = format!("{}: {}", words.decided_by(), words.decider(line.decided_by));
                basis.push(Para::new(by, theme::CELL_SOFT));
            }
            if !line.basis.trim().is_empty() {
                basis.push(Para::new(line.basis.trim(), theme::CELL));
            }
        }
        let title = if soft { theme::CELL_STRONG.colored(theme::SLATE) } else { theme::CELL_STRONG };
        let last = line.decisions.len();
        rows.push(Row {
            keep_next: last > 0,
            anchor: Some(format!("requirement:{}", line.id)),
            ..Row::new(vec![
                styled(line.id.to_string(), title),
                styled(line.level.to_string(), style),
                Cell::of(vec![Para::new(line.title.clone(), title), Para::new(line.statement.clone(), style)]),
                verdict,
                Cell::of(basis),
            ])
        });
        for (index, (subject, made)) in line.decisions.iter().enumerate() {
            let about = if subject.is_empty() { words.on_engagement() } else { subject.as_str() };
            rows.push(Row {
                fill: Some(theme::PALE),
                open_below: true,
                keep_next: index + 1 < last,
                ..Row::new(vec![
                    Cell::of(Vec::new()).over(2),
                    Cell::of(decision(made, Some(about), words)).over(3),
                ])
            });
        }
    }
    let style = TableStyle { pad_x: 4.0, ..TableStyle::default() };
    Block::Table(Table { columns, head: head(&titles), rows, style })
}
