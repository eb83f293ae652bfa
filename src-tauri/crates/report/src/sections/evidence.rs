//! The register of the evidence, and the evidence that is printed.

use super::{Context, body, figure, head, opening, small_title, styled};
use crate::content::{EvidenceLine, iso_day};
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::page::{Item, Paint, Picture, Point};
use crate::pictures;
use crate::text::{Para, Span};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:evidence";
/// No picture is higher than this.
const HIGHEST: f32 = 460.0;
/// Points for each pixel of a picture that need not be reduced: 110 pixels to the inch.
const PIXEL: f32 = 72.0 / 110.0;

/// The blocks of the section; pictures are collected, and what is wrong with one is told.
pub fn blocks(cx: &Context, pictures: &mut Vec<Picture>, warnings: &mut Vec<String>) -> Vec<Block> {
    let words = cx.words;
    let lines = &cx.content.evidence;
    let mut blocks = vec![cx.section(words.evidence_register(), ANCHOR)];
    if lines.is_empty() {
        blocks.push(body(words.no_evidence()));
        return blocks;
    }
    blocks.extend([opening(words.evidence_lead()), register(cx)]);
    let mut printed = Vec::new();
    for line in lines {
        let mut parts = Vec::new();
        if let Some(text) = &line.text {
            parts.push(print_text(text));
        }
        if let Some(bytes) = &line.image {
            match pictures::read(bytes) {
                Ok(picture) => {
                    parts.push(print_picture(&picture, pictures.len()));
                    pictures.push(picture);
                }
                Err(reason) => {
                    let told = words.bad_picture(&line.number, words.picture_error(reason));
                    parts.push(body(told.clone()));
                    warnings.push(told);
                }
            }
        }
        if !parts.is_empty() {
            let title = format!("{} – {}", line.number, line.name);
            printed.push(small_title(&title, format!("print:{}", line.number)));
            printed.extend(parts);
            printed.push(Block::Space(6.0));
        }
    }
    if !printed.is_empty() {
        blocks.push(cx.part(1, words.printed_evidence(), "evidence:printed"));
        blocks.extend(printed);
    }
    blocks
}

fn register(cx: &Context) -> Block {
    let words = cx.words;
    let mut rows = Vec::new();
    for line in &cx.content.evidence {
        rows.push(Row {
            keep_next: true,
            anchor: Some(format!("evidence:{}", line.number)),
            ..Row::new(vec![
                styled(line.number.clone(), theme::CELL_STRONG),
                name(line),
                styled(line.about.join(", "), theme::CELL),
                Cell::of(vec![
                    Para::new(line.author.clone(), theme::CELL),
                    Para::new(iso_day(line.at.date()), theme::CELL_SOFT),
                ]),
                figure(words.bytes(line.size)),
            ])
        });
        let hash = Para::of(vec![
            Span::new("SHA-256  ", theme::NOTE.sized(6.8)),
            Span::new(line.sha256.clone(), theme::CELL_CODE.sized(7.0)),
        ]);
        rows.push(Row { open_above: true, ..Row::new(vec![Cell::of(Vec::new()), Cell::new(hash).over(4)]) });
    }
    let titles = [
        (words.id(), false),
        (words.name_and_source(), false),
        (words.about(), false),
        (words.by_and_when(), false),
        (words.size(), true),
    ];
    let columns = vec![40.0, theme::WIDTH - 40.0 - 92.0 - 96.0 - 54.0, 92.0, 96.0, 54.0];
    Block::Table(Table {
        columns,
        head: head(&titles),
        rows,
        style: TableStyle { pad_y: 2.8, ..TableStyle::default() },
    })
}

fn name(line: &EvidenceLine) -> Cell {
    let mut paras = vec![Para::new(line.name.clone(), theme::CELL)];
    let source = [line.source.as_str(), line.media_type.as_str()];
    let source: Vec<&str> = source.into_iter().filter(|text| !text.trim().is_empty()).collect();
    if !source.is_empty() {
        paras.push(Para::new(source.join(" · "), theme::CELL_SOFT));
    }
    Cell::of(paras)
}

fn print_text(text: &str) -> Block {
    let para = Para { leading: Some(10.6), ..Para::new(text.trim_end(), theme::CELL_CODE) };
    Block::Table(Table {
        columns: vec![theme::WIDTH],
        head: Vec::new(),
        rows: vec![Row { fill: Some(theme::PALE), ..Row::new(vec![Cell::new(para)]) }],
        style: TableStyle { pad_x: 8.0, pad_y: 6.0, rules: false, frame: false, ..TableStyle::default() },
    })
}

fn print_picture(picture: &Picture, index: usize) -> Block {
    #[allow(clippy::cast_precision_loss)] // Some thousand pixels.
    let (width, height) = (picture.width as f32 * PIXEL, picture.height as f32 * PIXEL);
    let scale = (theme::WIDTH / width).min(HIGHEST / height).min(1.0);
    let (width, height) = ((width * scale).max(1.0), (height * scale).max(1.0));
    let at = Point { x: 0.0, y: 0.0 };
    let items = vec![
        Item::Picture { at, width, height, picture: index },
        Item::Rect { at, width, height, paint: Paint::Stroke(theme::HAIR, 0.4) },
    ];
    Block::Figure { height: height + 4.0, items, keep_next: false }
}
