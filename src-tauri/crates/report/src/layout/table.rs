//! Tables: rows of cells with lines, heads that repeat, rows that break when they must.

use crate::page::{Color, Item, Paint, Place, Point};
use crate::text::{Line, Para, Typesetter};
use crate::theme;

/// A row higher than this part of a page may break.
const SPLIT: f32 = 0.35;
/// A table or a last pair of rows lower than this part of a page stays together.
const SMALL: f32 = 0.25;

/// A table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// Width of each column; the table is as wide as their sum.
    pub columns: Vec<f32>,
    /// The head, repeated on each page.
    pub head: Vec<Row>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Its look.
    pub style: TableStyle,
}

/// A row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    /// Its cells, from the left.
    pub cells: Vec<Cell>,
    /// Its background.
    pub fill: Option<Color>,
    /// Whether it stays with the row that follows.
    pub keep_next: bool,
    /// Whether the hairline above it is left out.
    pub open_above: bool,
    /// The name by which links lead here.
    pub anchor: Option<String>,
}

/// A cell.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// What it says.
    pub paras: Vec<Para>,
    /// Over how many columns it goes.
    pub span: usize,
}

/// The look of a table.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TableStyle {
    /// Space left and right of a cell's text.
    pub pad_x: f32,
    /// Space above and below a cell's text.
    pub pad_y: f32,
    /// Hairlines between the rows.
    pub rules: bool,
    /// A line above the first and below the last row.
    pub frame: bool,
    /// A bar at the left edge.
    pub bar: Option<Color>,
    /// Whether the table stays on one page, if it fits on one.
    pub whole: bool,
    /// Whether the table stays with what follows it.
    pub keep_next: bool,
}

impl Default for TableStyle {
    fn default() -> Self {
        Self { pad_x: 5.0, pad_y: 3.4, rules: true, frame: true, bar: None, whole: false, keep_next: false }
    }
}

impl Cell {
    /// A cell with one paragraph.
    #[must_use]
    pub fn new(para: Para) -> Self {
        Self { paras: vec![para], span: 1 }
    }

    /// A cell with several paragraphs.
    #[must_use]
    pub fn of(paras: Vec<Para>) -> Self {
        Self { paras, span: 1 }
    }

    /// The same over several columns.
    #[must_use]
    pub fn over(self, span: usize) -> Self {
        Self { span, ..self }
    }
}

impl Row {
    /// A row of cells.
    #[must_use]
    pub fn new(cells: Vec<Cell>) -> Self {
        Self { cells, ..Self::default() }
    }
}

/// A table whose lines are broken.
#[derive(Debug)]
pub(super) struct Measured {
    pub style: TableStyle,
    width: f32,
    head: Vec<MeasuredRow>,
    rows: Vec<MeasuredRow>,
}

#[derive(Debug, Clone)]
struct MeasuredRow {
    cells: Vec<MeasuredCell>,
    fill: Option<Color>,
    keep_next: bool,
    open_above: bool,
    anchor: Option<String>,
}

#[derive(Debug, Clone)]
struct MeasuredCell {
    x: f32,
    lines: Vec<Line>,
}

impl MeasuredRow {
    fn height(&self, pad: f32) -> f32 {
        self.cells.iter().map(|cell| cell.lines.iter().map(|l| l.height).sum::<f32>()).fold(0.0, f32::max) + 2.0 * pad
    }

    /// The least that may stand at the foot of a page: two lines, or all of them.
    fn least(&self, pad: f32) -> f32 {
        let first = |cell: &MeasuredCell| {
            let take = if cell.lines.len() <= 3 { cell.lines.len() } else { 2 };
            cell.lines.iter().take(take).map(|line| line.height).sum::<f32>()
        };
        self.cells.iter().map(first).fold(0.0, f32::max) + 2.0 * pad
    }

    /// Parts the row so that its first part is no higher than `room`.
    fn split(&self, room: f32, pad: f32) -> Option<(Self, Self)> {
        let mut upper = self.clone();
        let mut lower = self.clone();
        lower.anchor = None;
        upper.keep_next = false;
        let mut any = false;
        for (top, bottom) in upper.cells.iter_mut().zip(&mut lower.cells) {
            let count = top.lines.len();
            let mut height = 2.0 * pad;
            let mut take = top.lines.iter().take_while(|line| {
                height += line.height;
                height <= room
            });
            let mut taken = take.by_ref().count();
            if count - taken == 1 && taken > 2 {
                taken -= 1;
            }
            if taken < count && (taken == 0 || (taken == 1 && count > 2)) {
                return None;
            }
            any |= taken > 0;
            bottom.lines = top.lines.split_off(taken);
            if let Some(first) = bottom.lines.first_mut() {
                // The space between two paragraphs is not needed at the top of a page.
                let items = std::mem::take(&mut first.items);
                first.items = items.into_iter().map(|item| item.moved(0.0, -first.before)).collect();
                first.height -= first.before;
                first.before = 0.0;
            }
        }
        any.then_some((upper, lower))
    }
}

impl Measured {
    pub fn new(table: &Table, typesetter: &mut Typesetter) -> Self {
        let bar = if table.style.bar.is_some() { 4.0 } else { 0.0 };
        let mut measure = |row: &Row| {
            let mut x = 0.0;
            let mut columns = table.columns.iter();
            let cells = row
                .cells
                .iter()
                .map(|cell| {
                    let width: f32 = columns.by_ref().take(cell.span.max(1)).sum();
                    let left = if x == 0.0 { bar } else { 0.0 };
                    let room = width - 2.0 * table.style.pad_x - left;
                    let mut lines = Vec::new();
                    let mut gap = 0.0;
                    for para in &cell.paras {
                        let mut laid = typesetter.lay(para, room);
                        if lines.is_empty()
                            && let Some(first) = laid.first_mut()
                        {
                            let items = std::mem::take(&mut first.items);
                            first.items = items.into_iter().map(|i| i.moved(0.0, -first.before)).collect();
                            first.height -= first.before;
                            first.before = 0.0;
                        } else if gap > para.before
                            && let Some(first) = laid.first_mut()
                        {
                            let more = gap - para.before;
                            let items = std::mem::take(&mut first.items);
                            first.items = items.into_iter().map(|i| i.moved(0.0, more)).collect();
                            first.height += more;
                            first.before += more;
                        }
                        gap = para.after;
                        lines.append(&mut laid);
                    }
                    let cell = MeasuredCell { x: x + table.style.pad_x + left, lines };
                    x += width;
                    cell
                })
                .collect();
            MeasuredRow {
                cells,
                fill: row.fill,
                keep_next: row.keep_next,
                open_above: row.open_above,
                anchor: row.anchor.clone(),
            }
        };
        let head = table.head.iter().map(&mut measure).collect();
        let rows = table.rows.iter().map(&mut measure).collect();
        Self { style: table.style, width: table.columns.iter().sum(), head, rows }
    }

    fn head_height(&self) -> f32 {
        self.head.iter().map(|row| row.height(self.style.pad_y)).sum()
    }

    /// The whole height.
    pub fn height(&self) -> f32 {
        self.head_height() + self.rows.iter().map(|row| row.height(self.style.pad_y)).sum::<f32>()
    }

    /// The least of it that may stand at the foot of a page of this height.
    pub fn least(&self, full: f32) -> f32 {
        let pad = self.style.pad_y;
        let height = self.height();
        if height <= full && (self.style.whole || self.style.keep_next || height <= full * SMALL) {
            return height;
        }
        let kept = self.rows.iter().take_while(|row| row.keep_next).count();
        let kept_height: f32 = self.rows[..kept].iter().map(|row| row.height(pad)).sum();
        let least = |row: &MeasuredRow| {
            let height = row.height(pad);
            if height > full * SPLIT { row.least(pad) } else { height }
        };
        let first = self.rows.get(kept).map_or(0.0, least);
        // Below a head, two rows look better than one.
        let second = self.rows.get(kept + 1).filter(|_| !self.head.is_empty()).map_or(0.0, least);
        let second = if first + second > full * SMALL { 0.0 } else { second };
        self.head_height() + kept_height + first + second
    }

    /// Places the table from `y` on, page after page.
    pub fn place(mut self, left: f32, mut y: f32, bottom: f32, fresh: f32, sink: &mut impl TableSink) -> f32 {
        let pad = self.style.pad_y;
        let full = bottom - fresh;
        let heights: Vec<f32> = self.rows.iter().map(|row| row.height(pad)).collect();
        // A single row at the top of a page, below a repeated head, looks lost.
        if let [.., last_but_one, last] = heights.as_slice()
            && last_but_one + last < full * SMALL
        {
            let index = self.rows.len() - 2;
            self.rows[index].keep_next = true;
        }
        // What has to stand below each row on the same page, as far as that is sensible.
        let mut follows = vec![0.0_f32; heights.len()];
        for index in (1..heights.len()).rev() {
            if self.rows[index - 1].keep_next {
                follows[index - 1] = (heights[index] + follows[index]).min(full * 0.4);
            }
        }
        let head_height = self.head_height();
        let brush = Brush { style: self.style, width: self.width, left };
        let mut top = y;
        // The head is drawn with the first row of a page, so that it never stands alone.
        let mut begun = false;
        for (index, row) in self.rows.into_iter().enumerate() {
            let mut rest = row;
            let mut parted = false;
            loop {
                let start = if begun { y } else { y + head_height };
                let height = rest.height(pad);
                let follows = if parted { 0.0 } else { follows[index] };
                let wanted = height + follows;
                let room = bottom - start;
                let alone = !begun && y <= fresh + 0.01;
                let mut draw = |row: &MeasuredRow, sink: &mut _| {
                    if !begun {
                        top = y;
                        y = brush.head(&self.head, y, sink);
                    }
                    y = brush.row(row, y, begun, sink);
                    begun = true;
                };
                if wanted <= room + 0.01 || (height <= room + 0.01 && alone) {
                    draw(&rest, sink);
                    break;
                }
                // Break only what would leave a large hole, or fits on no page.
                let worth = height > full * SPLIT && room > full * 0.12;
                let huge = height > full - head_height;
                if (worth || huge)
                    && let Some((upper, lower)) = rest.split(room, pad)
                {
                    draw(&upper, sink);
                    rest = lower;
                    parted = true;
                } else if alone {
                    // On a fresh page, and not to be parted: it stays whole.
                    draw(&rest, sink);
                    break;
                }
                if begun {
                    brush.close(top, y, sink);
                }
                y = sink.turn();
                begun = false;
            }
        }
        if begun {
            brush.close(top, y, sink);
        }
        y
    }
}

/// Where a table goes.
pub(super) trait TableSink {
    /// Begins a page; gives the y where its text begins.
    fn turn(&mut self) -> f32;
    /// Draws something.
    fn draw(&mut self, item: Item);
    /// Draws something behind the rest of the page's text.
    fn anchor(&mut self, name: &str, y: f32);
}

struct Brush {
    style: TableStyle,
    width: f32,
    left: f32,
}

impl Brush {
    fn head(&self, head: &[MeasuredRow], mut y: f32, sink: &mut impl TableSink) -> f32 {
        let top = y;
        for row in head {
            y = self.row(row, y, false, sink);
        }
        if !head.is_empty() {
            if self.style.frame {
                self.rule(top, theme::NAVY, 0.9, sink);
            }
            self.rule(y, theme::NAVY, 0.5, sink);
        } else if self.style.frame {
            self.rule(top, theme::HAIR, 0.4, sink);
        }
        y
    }

    fn row(&self, row: &MeasuredRow, y: f32, ruled: bool, sink: &mut impl TableSink) -> f32 {
        let height = row.height(self.style.pad_y);
        if let Some(color) = row.fill {
            sink.draw(Item::Rect {
                at: Point { x: self.left, y },
                width: self.width,
                height,
                paint: Paint::Fill(color),
            });
        }
        if let Some(color) = self.style.bar {
            sink.draw(Item::Rect { at: Point { x: self.left, y }, width: 2.2, height, paint: Paint::Fill(color) });
        }
        if ruled && self.style.rules && !row.open_above {
            self.rule(y, theme::HAIR, 0.4, sink);
        }
        if let Some(anchor) = &row.anchor {
            sink.anchor(anchor, y);
        }
        for cell in &row.cells {
            let mut at = y + self.style.pad_y;
            for line in &cell.lines {
                line.items.iter().cloned().for_each(|item| sink.draw(item.moved(self.left + cell.x, at)));
                at += line.height;
            }
        }
        y + height
    }

    fn close(&self, top: f32, y: f32, sink: &mut impl TableSink) {
        if self.style.frame && y > top {
            self.rule(y, theme::HAIR, 0.4, sink);
        }
    }

    fn rule(&self, y: f32, color: Color, width: f32, sink: &mut impl TableSink) {
        sink.draw(Item::Path {
            points: vec![Point { x: self.left, y }, Point { x: self.left + self.width, y }],
            closed: false,
            paint: Paint::Stroke(color, width),
        });
    }
}

/// The place of an anchor.
pub(super) fn place_of(page: usize, y: f32) -> Place {
    Place { page, y }
}
