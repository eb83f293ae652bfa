//! The fourteen use cases against the subjects.

use plimsoll_catalog::UseCaseId;

use super::{Context, body, head, opening};
use crate::content::SubjectSheet;
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::page::Color;
use crate::strings::Words;
use crate::text::{Para, Span};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:use-cases";
/// So many subjects stand side by side.
const SIDE_BY_SIDE: usize = 5;
/// So many names stay with the first table.
const KEPT: usize = 12;
/// The column of the use cases.
const NAME: f32 = 144.0;

/// The name by which links lead to a use case.
pub fn anchor(id: UseCaseId) -> String {
    format!("use-case:{id}")
}

/// The blocks of the section.
pub fn blocks(cx: &Context) -> Vec<Block> {
    let (content, words) = (cx.content, cx.words);
    let mut blocks = vec![cx.section(words.use_cases(), ANCHOR), opening(words.use_cases_note())];
    let asked: Vec<&SubjectSheet> = content.subjects.iter().filter(|sheet| !sheet.runs).collect();
    let count = asked.len();
    if count < content.subjects.len() {
        blocks.push(opening(words.cases_with_running()));
    }
    if count <= 1 {
        let label = asked.first().map(|sheet| sheet.label.as_str());
        if content.subjects.is_empty() {
            blocks.push(body(words.no_subjects()));
        }
        // One subject alone is all of them, unless something else counts too.
        let overall = count == 0 || count < content.subjects.len();
        blocks.push(table(cx, label.map(|l| vec![(0, l)]).unwrap_or_default(), overall, true));
        return blocks;
    }
    // What the labels stand for.
    blocks.extend(asked.iter().map(|sheet| {
        let name = Span::new(sheet.name.clone(), theme::CELL_CODE.sized(7.2).colored(theme::SLATE));
        let para = Para {
            indent: 26.0,
            label: Some(Span::linked(
                sheet.label.clone(),
                theme::NOTE.colored(theme::ACCENT),
                super::subjects::anchor(&sheet.label),
            )),
            ..Para::of(vec![name])
        };
        Block::Para(if count <= KEPT { para.kept() } else { para })
    }));
    blocks.push(Block::Space(6.0));
    // All tables are equally wide: 12 subjects are three tables of four, not two of five and one of two.
    let tables = count.div_ceil(SIDE_BY_SIDE);
    let wide = count.div_ceil(tables);
    let labels: Vec<(usize, &str)> = asked.iter().map(|sheet| sheet.label.as_str()).enumerate().collect();
    for (index, chunk) in labels.chunks(wide).enumerate() {
        if tables > 1
            && let (Some((_, first)), Some((_, last))) = (chunk.first(), chunk.last())
        {
            blocks.push(cx.part(index + 1, &words.sheets(first, last), &format!("use-cases:{index}")));
        }
        blocks.push(table(cx, chunk.to_vec(), tables == 1, index == 0));
    }
    blocks
}

fn table(cx: &Context, subjects: Vec<(usize, &str)>, overall: bool, first: bool) -> Block {
    let words = cx.words;
    let shown = subjects.len() + usize::from(overall);
    #[allow(clippy::cast_precision_loss)] // At most six columns.
    let column = ((theme::WIDTH - NAME) / shown.max(1) as f32).min(110.0);
    let mut titles = vec![(words.use_case(), false)];
    if overall {
        titles.push((words.all_subjects(), false));
    }
    titles.extend(subjects.iter().map(|(_, label)| (*label, false)));
    let mut rows = Vec::new();
    let mut phase = "";
    for line in &cx.content.use_cases {
        if line.phase != phase {
            phase = &line.phase;
            let letter = line.id.to_string().chars().next().unwrap_or_default();
            let title = Para::new(format!("{letter}  {phase}"), theme::LABEL);
            rows.push(Row { keep_next: true, ..Row::new(vec![Cell::new(title).over(shown + 1)]) });
        }
        let mut cells = vec![Cell::new(Para {
            indent: 20.0,
            label: Some(Span::new(line.id.to_string(), theme::CELL_STRONG)),
            ..Para::new(line.title.clone(), theme::CELL)
        })];
        if overall {
            cells.push(outcome(line.verdict, words, None));
        }
        cells.extend(subjects.iter().map(|(index, label)| match line.cells.get(*index) {
            Some(kind) => outcome(*kind, words, Some(super::subjects::result(label, line.id))),
            None => Cell::new(Para::new("–", theme::CELL_SOFT)),
        }));
        rows.push(Row { anchor: first.then(|| anchor(line.id)), ..Row::new(cells) });
    }
    let name = theme::WIDTH - column * column_count(shown);
    let columns = std::iter::once(name).chain(std::iter::repeat_n(column, shown)).collect();
    // One table stays on its page; several fill the pages one after the other.
    let whole = cx.content.subjects.iter().filter(|sheet| !sheet.runs).count() <= SIDE_BY_SIDE;
    let style = TableStyle { pad_y: 2.8, whole, ..TableStyle::default() };
    Block::Table(Table { columns, head: head(&titles), rows, style })
}

#[allow(clippy::cast_precision_loss)] // At most six columns.
fn column_count(shown: usize) -> f32 {
    shown as f32
}

fn outcome(kind: plimsoll_catalog::OutcomeKind, words: Words, target: Option<String>) -> Cell {
    let mark = crate::marks::Mark::from(kind);
    let color: Color = mark.color();
    let style = theme::CELL.sized(7.6).colored(color);
    let word = match target {
        Some(target) => Span::linked(words.outcome_word(kind), style, target),
        None => Span::new(words.outcome_word(kind), style),
    };
    Cell::new(Para::of(vec![Span::Mark { mark, size: style.size }, word]))
}
