//! Known vulnerabilities: the paper's scan. A picture of severities by category, then each subject with what counts most.

use super::{Context, body, cell, figure, head, note, opening, styled};
use crate::content::{CategoryLine, FlawLine, ScanSheet, VulnerabilityPart};
use crate::layout::{Block, Cell, Row, Table, TableStyle};
use crate::marks::Mark;
use crate::page::{Color, Item, Paint, Point};
use crate::text::{Para, Span, Style, Typesetter};
use crate::theme;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:vulnerabilities";
/// Height of a bar with the space around it.
const STEP: f32 = 21.0;
const BAR: f32 = 13.0;
/// Where the bars begin, and how long the longest is.
const LEFT: f32 = 118.0;
const LONGEST: f32 = 238.0;
/// Critical, high, medium, low, negligible, unknown: darker is worse, so that they are told apart in grey too.
const COLORS: [Color; 6] = [
    Color(0x6b, 0x10, 0x10),
    Color(0xb8, 0x3a, 0x22),
    Color(0xdd, 0x8a, 0x2e),
    Color(0xee, 0xc8, 0x6a),
    Color(0xdd, 0xe3, 0xe8),
    Color(0xf6, 0xf7, 0xf9),
];

/// The blocks of the section.
pub fn blocks(cx: &Context, part: &VulnerabilityPart, typesetter: &mut Typesetter) -> Vec<Block> {
    let words = cx.words;
    let mut blocks = vec![cx.section(words.vulnerabilities(), ANCHOR), opening(part.summary.trim())];
    if !part.threshold.is_empty() {
        blocks.push(body(part.threshold.trim()));
    }
    if part.categories.iter().any(|line| line.total > 0) {
        blocks.push(cx.part(1, words.severity_by_category(), "vulnerabilities:categories"));
        blocks.push(picture(cx, &part.categories, typesetter));
        blocks.push(categories(cx, &part.categories));
        blocks.push(note(words.categories_note()));
    }
    blocks.push(cx.part(2, words.scans(), "vulnerabilities:scans"));
    blocks.push(overview(cx, &part.scans));
    for scan in &part.scans {
        blocks.extend(sheet(cx, scan));
    }
    if !part.accepted.is_empty() {
        blocks.push(cx.part(3, words.accepted_risks(), "vulnerabilities:accepted"));
        blocks.push(accepted(cx, part));
    }
    blocks
}

#[allow(clippy::cast_precision_loss)] // Counts far below 2^24.
fn share(count: u32, most: u32) -> f32 {
    count as f32 / most.max(1) as f32 * LONGEST
}

/// Stacked bars, each with fixes available of all beside it, as the paper's figures have it.
fn picture(cx: &Context, lines: &[CategoryLine], typesetter: &mut Typesetter) -> Block {
    let words = cx.words;
    let mut items = Vec::new();
    let most = lines.iter().map(|line| line.total).max().unwrap_or(1);
    let text = |typesetter: &mut Typesetter, items: &mut Vec<Item>, text: &str, style: Style, x: f32, y: f32| {
        items.extend(typesetter.line_at(text, style, Point { x, y }).0);
    };
    let mut x = LEFT;
    for (name, color) in words.severity_names().into_iter().zip(COLORS) {
        let at = Point { x, y: 2.0 };
        items.push(Item::Rect { at, width: 8.0, height: 8.0, paint: Paint::Fill(color) });
        items.push(Item::Rect { at, width: 8.0, height: 8.0, paint: Paint::Stroke(theme::HAIR, 0.4) });
        text(typesetter, &mut items, name, theme::NOTE, x + 11.0, 9.0);
        x += 11.0 + typesetter.width(name, theme::NOTE) + 10.0;
    }
    let mut y = 20.0;
    for line in lines {
        let label = typesetter.fitted(&line.label, theme::CELL, LEFT - 8.0);
        text(typesetter, &mut items, &label, theme::CELL, 0.0, y + 9.5);
        let mut x = LEFT;
        for (count, color) in line.counts.into_iter().zip(COLORS).filter(|(count, _)| *count > 0) {
            let width = share(count, most);
            let at = Point { x, y };
            items.push(Item::Rect { at, width, height: BAR, paint: Paint::Fill(color) });
            items.push(Item::Rect { at, width, height: BAR, paint: Paint::Stroke(theme::WHITE, 0.6) });
            let number = count.to_string();
            let dark = u32::from(color.0) + u32::from(color.1) + u32::from(color.2) < 400;
            let style = theme::NOTE.colored(if dark { theme::WHITE } else { theme::INK });
            let wide = typesetter.width(&number, style);
            if width > wide + 4.0 {
                text(typesetter, &mut items, &number, style, x + (width - wide) / 2.0, y + 9.6);
            }
            x += width;
        }
        let beside =
            if line.total == 0 { words.none_found().to_owned() } else { words.fixes_of(line.fixable, line.total) };
        text(typesetter, &mut items, &beside, theme::NOTE, x + 6.0, y + 9.5);
        y += STEP;
    }
    Block::Figure { height: y + 2.0, items, keep_next: true }
}

fn categories(cx: &Context, lines: &[CategoryLine]) -> Block {
    let words = cx.words;
    let rows = lines
        .iter()
        .map(|line| {
            let mut cells = vec![cell(line.label.clone()), figure(line.subjects)];
            cells.extend(line.counts.iter().map(figure));
            cells.push(figure(format!("{} / {}", line.fixable, line.total)));
            Row::new(cells)
        })
        .collect();
    let names = words.severity_names();
    let mut titles = vec![(words.category(), false), (words.subjects(), true)];
    titles.extend(names.iter().map(|name| (*name, true)));
    titles.push((words.fixes_total(), true));
    let figures = [54.0, 46.0, 38.0, 46.0, 42.0, 38.0, 54.0, 58.0];
    let columns = std::iter::once(theme::WIDTH - figures.iter().sum::<f32>()).chain(figures).collect();
    let style = TableStyle { pad_x: 3.0, pad_y: 2.6, whole: true, ..TableStyle::default() };
    Block::Table(Table { columns, head: head(&titles), rows, style })
}

fn overview(cx: &Context, scans: &[ScanSheet]) -> Block {
    let words = cx.words;
    let rows = scans
        .iter()
        .map(|scan| {
            let name = Para::of(vec![
                Span::linked(
                    scan.label.clone(),
                    theme::CELL.colored(theme::ACCENT),
                    super::subjects::anchor(&scan.label),
                ),
                Span::new(format!("  {}", scan.name), theme::CELL),
            ]);
            let mut said = vec![Para::marked(Mark::from(scan.tone), &scan.sentence, theme::CELL)];
            said.extend(scan.notes.iter().map(|text| Para::new(text.trim(), theme::CELL_SOFT).spaced(1.0, 0.0)));
            Row::new(vec![Cell::new(name), Cell::of(said), figure(format!("{} / {}", scan.fixable, scan.total))])
        })
        .collect();
    let head = head(&[(words.subject(), false), (words.result(), false), (words.fixes_total(), true)]);
    let columns = vec![140.0, theme::WIDTH - 140.0 - 64.0, 64.0];
    Block::Table(Table { columns, head, rows, style: TableStyle { pad_y: 2.8, ..TableStyle::default() } })
}

fn sheet(cx: &Context, scan: &ScanSheet) -> Vec<Block> {
    let words = cx.words;
    if scan.flaws.is_empty() {
        return Vec::new();
    }
    let title =
        super::small_title(&format!("{}  {}", scan.label, scan.name), format!("vulnerabilities:{}", scan.label));
    let rows = scan.flaws.iter().map(flaw).collect();
    let head = head(&[
        (words.vulnerability(), false),
        (words.severity(), false),
        (words.package(), false),
        (words.fixed_in(), false),
        (words.state_and_place(), false),
    ]);
    let columns = vec![92.0, 66.0, 112.0, 82.0, theme::WIDTH - 352.0];
    let style = TableStyle { pad_x: 3.0, pad_y: 2.4, ..TableStyle::default() };
    let mut blocks = vec![Block::Space(6.0), title, Block::Table(Table { columns, head, rows, style })];
    if scan.more > 0 {
        blocks.push(note(words.more_flaws(scan.more)));
    }
    blocks
}

fn flaw(line: &FlawLine) -> Row {
    let mut id = vec![Para::new(line.id.clone(), theme::CELL_CODE)];
    if line.exploited {
        id.push(Para::new("KEV", theme::CELL_STRONG.sized(7.0).colored(theme::RED)));
    }
    let severity = if line.counts { theme::CELL_STRONG } else { theme::CELL_SOFT };
    let mut weight = vec![Para::new(line.severity.clone(), severity)];
    if !line.rating.is_empty() {
        weight.push(Para::new(line.rating.clone(), theme::CELL_SOFT.sized(7.0)));
    }
    let package = vec![
        Para::new(line.package.clone(), theme::CELL),
        Para::new(line.version.clone(), theme::CELL_CODE.sized(7.0).colored(theme::SLATE)),
    ];
    let place = vec![
        Para::new(line.state.clone(), theme::CELL),
        Para::new(line.place.clone(), theme::CELL_SOFT.sized(7.0)).spaced(0.6, 0.0),
    ];
    Row::new(vec![
        Cell::of(id),
        Cell::of(weight),
        Cell::of(package),
        styled(line.fixed.clone(), theme::CELL_CODE.sized(7.2)),
        Cell::of(place),
    ])
}

fn accepted(cx: &Context, part: &VulnerabilityPart) -> Block {
    let words = cx.words;
    let rows = part
        .accepted
        .iter()
        .map(|line| {
            let what = vec![
                Para::new(line.vulnerability.clone(), theme::CELL_CODE),
                Para::new(line.about.clone(), theme::CELL_SOFT.sized(7.2)),
            ];
            let until = if line.expired {
                Para::marked(Mark::from(crate::content::Tone::Bad), &line.expires, theme::CELL_STRONG)
            } else {
                Para::new(line.expires.clone(), theme::CELL)
            };
            Row::new(vec![
                cell(line.id.clone()),
                Cell::of(what),
                cell(line.owner.clone()),
                Cell::new(until),
                cell(line.reason.clone()),
            ])
        })
        .collect();
    let head = head(&[
        (words.accepted_number(), false),
        (words.vulnerability(), false),
        (words.accepted_by(), false),
        (words.accepted_until(), false),
        (words.accepted_why(), false),
    ]);
    let columns = vec![36.0, 120.0, 90.0, 76.0, theme::WIDTH - 322.0];
    Block::Table(Table { columns, head, rows, style: TableStyle { pad_y: 2.6, ..TableStyle::default() } })
}
