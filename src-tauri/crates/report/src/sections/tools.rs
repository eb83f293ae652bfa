//! What took part in the audit, with versions.

use super::{Context, body, head, opening, styled, value};
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:tools";

/// The blocks of the section.
pub fn blocks(cx: &Context) -> Vec<Block> {
    let words = cx.words;
    let title = cx.section(words.tools(), ANCHOR);
    if cx.content.tools.is_empty() {
        return vec![title, body(words.no_tools())];
    }
    let rows = cx
        .content
        .tools
        .iter()
        .map(|(name, version)| Row::new(vec![styled(name.clone(), theme::CELL_STRONG), Cell::new(value(version))]))
        .collect();
    let titles = [(words.tool(), false), (words.version(), false)];
    let columns = vec![150.0, theme::WIDTH - 150.0];
    let table = Table { columns, head: head(&titles), rows, style: TableStyle::default() };
    vec![title, opening(words.tools_lead()), Block::Table(table)]
}
