//! The flow of blocks from page to page.

use std::collections::BTreeMap;

use super::table::{Measured as MeasuredTable, TableSink, place_of};
use super::{Block, Heading};
use crate::page::{Bookmark, Item, Page, Paint, Place, Point};
use crate::text::{Line, Para, Span, Typesetter};
use crate::theme;

/// The part of a page that text flows through.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Frame {
    /// Its left edge.
    pub left: f32,
    /// Its upper edge.
    pub top: f32,
    /// Its width.
    pub width: f32,
    /// Its lower edge.
    pub bottom: f32,
}

impl Default for Frame {
    fn default() -> Self {
        Self { left: theme::MARGIN, top: theme::TOP, width: theme::WIDTH, bottom: theme::BOTTOM }
    }
}

/// Pages, and what leads to them.
#[derive(Debug, Default)]
pub struct Flowed {
    /// The pages.
    pub pages: Vec<Page>,
    /// The bookmarks, in order.
    pub bookmarks: Vec<Bookmark>,
    /// The headings that the contents list.
    pub listed: Vec<Bookmark>,
    /// Where anchors are.
    pub places: BTreeMap<String, Place>,
}

impl Flowed {
    /// Appends the pages of another flow.
    pub fn append(&mut self, other: Self) {
        let offset = self.pages.len();
        self.pages.extend(other.pages);
        self.bookmarks.extend(other.bookmarks);
        self.listed.extend(other.listed);
        self.places
            .extend(other.places.into_iter().map(|(name, place)| (name, Place { page: place.page + offset, ..place })));
    }
}

enum Measured {
    Lines { lines: Vec<Line>, after: f32, keep_next: bool, heading: Option<Heading> },
    Table(MeasuredTable),
    Figure { height: f32, items: Vec<Item>, keep_next: bool },
    Space(f32),
    Need(f32),
}

impl Measured {
    /// The least of it that may stand at the foot of a page.
    fn least(&self, full: f32) -> f32 {
        match self {
            Self::Lines { lines, keep_next, after, .. } => {
                let take = if *keep_next || lines.len() <= 3 { lines.len() } else { 2 };
                let below = if *keep_next { *after } else { 0.0 };
                lines.iter().take(take).map(|line| line.height).sum::<f32>() + below
            }
            Self::Table(table) => table.least(full),
            Self::Figure { height, .. } => *height,
            Self::Space(height) => *height,
            Self::Need(_) => 0.0,
        }
    }

    fn keeps_next(&self) -> bool {
        match self {
            Self::Lines { keep_next, .. } | Self::Figure { keep_next, .. } => *keep_next,
            Self::Table(table) => table.style.keep_next,
            Self::Space(_) => true,
            Self::Need(_) => false,
        }
    }
}

struct Pen {
    frame: Frame,
    section: String,
    flowed: Flowed,
    y: f32,
    /// Space that the last block wants below it.
    after: f32,
}

impl Pen {
    fn fresh(&self) -> bool {
        self.y <= self.frame.top + 0.01
    }

    fn room(&self) -> f32 {
        self.frame.bottom - self.y
    }

    fn page(&mut self) {
        self.flowed.pages.push(Page { items: Vec::new(), section: self.section.clone(), running: true });
        self.y = self.frame.top;
        self.after = 0.0;
    }
}

impl TableSink for Pen {
    fn turn(&mut self) -> f32 {
        self.page();
        self.y
    }

    fn draw(&mut self, item: Item) {
        if let Some(page) = self.flowed.pages.last_mut() {
            page.items.push(item);
        }
    }

    fn anchor(&mut self, name: &str, y: f32) {
        let page = self.flowed.pages.len().saturating_sub(1);
        self.flowed.places.insert(name.to_owned(), place_of(page, y));
    }
}

/// Lays blocks out on pages; a page belongs to the section that it begins with.
#[must_use]
pub fn flow(blocks: &[Block], frame: Frame, typesetter: &mut Typesetter) -> Flowed {
    let measured: Vec<Measured> = blocks.iter().map(|block| measure(block, frame, typesetter)).collect();
    let mut pen = Pen { frame, section: String::new(), flowed: Flowed::default(), y: frame.top, after: 0.0 };
    pen.page();
    // What each block needs with all that has to stay with it.
    let mut chain = 0.0;
    let mut needs = vec![0.0; measured.len()];
    for (index, block) in measured.iter().enumerate().rev() {
        let least = block.least(frame.bottom - frame.top);
        chain = if block.keeps_next() { chain + least } else { least };
        needs[index] = chain;
    }
    for (block, need) in measured.into_iter().zip(needs) {
        put(block, need, &mut pen);
    }
    pen.flowed
}

fn put(block: Measured, need: f32, pen: &mut Pen) {
    let full = pen.frame.bottom - pen.frame.top;
    match block {
        Measured::Need(height) => {
            if pen.room() < height && !pen.fresh() {
                pen.page();
            }
        }
        Measured::Space(height) => {
            if !pen.fresh() {
                pen.y = (pen.y + height).min(pen.frame.bottom);
            }
        }
        Measured::Figure { height, items, .. } => {
            if pen.room() < need.min(full) && !pen.fresh() {
                pen.page();
            }
            let (left, top) = (pen.frame.left, pen.y);
            items.into_iter().for_each(|item| pen.draw(item.moved(left, top)));
            pen.y += height;
            pen.after = 0.0;
        }
        Measured::Table(table) => {
            if pen.room() < need.min(full) && !pen.fresh() {
                pen.page();
            }
            let (left, y, bottom, top) = (pen.frame.left, pen.y, pen.frame.bottom, pen.frame.top);
            pen.y = table.place(left, y, bottom, top, pen);
            pen.after = 0.0;
        }
        Measured::Lines { lines, after, keep_next, heading } => {
            if pen.room() < need.min(full) && !pen.fresh() {
                pen.page();
            }
            if let Some(heading) = heading {
                let skip = lines.first().map_or(0.0, |line| line.before);
                let y = if pen.fresh() { pen.y } else { pen.y + skip };
                pen.anchor(&heading.anchor, y);
                let title = match heading.number.as_str() {
                    "" => heading.title,
                    number => format!("{number} {}", heading.title),
                };
                if heading.level == 1 {
                    pen.section.clone_from(&title);
                    if pen.fresh()
                        && let Some(page) = pen.flowed.pages.last_mut()
                    {
                        page.section.clone_from(&title);
                    }
                }
                let bookmark = Bookmark { level: heading.level, title, anchor: heading.anchor };
                if heading.listed {
                    pen.flowed.listed.push(bookmark.clone());
                }
                pen.flowed.bookmarks.push(bookmark);
            }
            put_lines(lines, keep_next, pen);
            pen.y += after;
            pen.after = after;
        }
    }
}

fn put_lines(lines: Vec<Line>, whole: bool, pen: &mut Pen) {
    let count = lines.len();
    for (index, line) in lines.into_iter().enumerate() {
        let left = count - index;
        // At the top of a page the space above is not wanted; after a block the larger of the two spaces counts.
        let drop = if pen.fresh() { line.before } else { line.before.min(pen.after) };
        pen.after = 0.0;
        let height = line.height - drop;
        // Two lines stay together at either end of a paragraph.
        let single_end = left == 2 && count > 2 && pen.room() < height + line.height - line.before && !whole;
        if !pen.fresh() && (pen.room() + 0.01 < height || single_end) {
            pen.page();
            let dy = pen.y - line.before;
            let x = pen.frame.left;
            line.items.into_iter().for_each(|item| pen.draw(item.moved(x, dy)));
            pen.y += line.height - line.before;
            continue;
        }
        let (x, dy) = (pen.frame.left, pen.y - drop);
        line.items.into_iter().for_each(|item| pen.draw(item.moved(x, dy)));
        pen.y += height;
    }
}

fn measure(block: &Block, frame: Frame, typesetter: &mut Typesetter) -> Measured {
    match block {
        Block::Para(para) => Measured::Lines {
            lines: typesetter.lay(para, frame.width),
            after: para.after,
            keep_next: para.keep_next,
            heading: None,
        },
        Block::Heading(heading) => measure_heading(heading, frame, typesetter),
        Block::Table(table) => Measured::Table(MeasuredTable::new(table, typesetter)),
        Block::Figure { height, items, keep_next } => {
            Measured::Figure { height: *height, items: items.clone(), keep_next: *keep_next }
        }
        Block::Space(height) => Measured::Space(*height),
        Block::Need(height) => Measured::Need(*height),
        Block::Entry { .. } => measure_entry(block, frame, typesetter),
    }
}

fn measure_heading(heading: &Heading, frame: Frame, typesetter: &mut Typesetter) -> Measured {
    let (style, before, after) = match heading.level {
        1 => (theme::H1, 0.0, 12.0),
        2 => (theme::H2, 16.0, 6.0),
        _ => (theme::H3, 12.0, 4.0),
    };
    let aside_room = 126.0;
    let room = if heading.aside.is_some() { frame.width - aside_room } else { frame.width };
    let indent = match (heading.number.as_str(), heading.level) {
        ("", _) => 0.0,
        (number, 1) => (typesetter.width(number, style) + 12.0).max(30.0),
        (number, 2) => (typesetter.width(number, style) + 10.0).max(30.0),
        (number, _) => (typesetter.width(number, style) + 8.0).max(22.0),
    };
    let number = if heading.level == 1 { style.colored(theme::ACCENT) } else { style };
    let para = Para {
        spans: vec![Span::new(heading.title.clone(), style)],
        indent,
        label: (indent > 0.0).then(|| Span::new(heading.number.clone(), number)),
        before,
        leading: Some(style.size * 1.28),
        ..Para::default()
    };
    let mut lines = typesetter.lay(&para, room);
    if let (Some(aside), Some(first)) = (&heading.aside, lines.first_mut()) {
        let leading = style.size * 1.28;
        let para = Para { leading: Some(leading), ..aside.clone() }.right();
        for (index, line) in typesetter.lay(&para, aside_room).into_iter().enumerate() {
            #[allow(clippy::cast_precision_loss)] // A handful of lines.
            let down = first.before + leading * index as f32;
            first.items.extend(line.items.into_iter().map(|item| item.moved(room, down)));
        }
    }
    if heading.level == 1
        && let Some(last) = lines.last_mut()
    {
        let y = last.height + 5.0;
        last.items.push(Item::Rect {
            at: Point { x: 0.0, y },
            width: 36.0,
            height: 2.2,
            paint: Paint::Fill(theme::ACCENT),
        });
        last.height += 8.0;
    }
    Measured::Lines { lines, after, keep_next: true, heading: Some(heading.clone()) }
}

fn measure_entry(block: &Block, frame: Frame, typesetter: &mut Typesetter) -> Measured {
    let Block::Entry { level, title, page, target, tight } = block else { return Measured::Space(0.0) };
    let level = *level;
    let (height, gap) = if *tight { (13.0, 4.5) } else { (15.5, 7.0) };
    let (style, indent, before) =
        if level == 1 { (theme::STRONG.colored(theme::NAVY), 0.0, gap) } else { (theme::BODY, 30.0, 0.0) };
    let number_room = 34.0;
    // `4.2 Title` stands in two columns.
    let (number, rest) = title
        .split_once(' ')
        .filter(|(n, _)| n.starts_with(|c: char| c.is_ascii_digit()))
        .unwrap_or(("", title.as_str()));
    let column = if level == 1 { 30.0 } else { 34.0 };
    let rest = typesetter.fitted(rest, style, frame.width - indent - column - number_room);
    let baseline = before + height * 0.5 + style.size * 0.36;
    let (mut items, _) = typesetter.line_at(number, style, Point { x: indent, y: baseline });
    let (text, width) = typesetter.line_at(&rest, style, Point { x: indent + column, y: baseline });
    items.extend(text);
    let page_width = typesetter.width(page, style);
    let end = frame.width - page_width;
    let (figures, _) = typesetter.line_at(page, style, Point { x: end, y: baseline });
    let (from, to) = (indent + column + width + 6.0, end - 6.0);
    if to > from {
        items.push(Item::Path {
            points: vec![Point { x: from, y: baseline - 0.6 }, Point { x: to, y: baseline - 0.6 }],
            closed: false,
            paint: Paint::Stroke(theme::HAIR, 0.5),
        });
    }
    items.extend(figures);
    items.push(Item::Link {
        at: Point { x: indent, y: before },
        width: frame.width - indent,
        height,
        target: target.clone(),
        label: title.clone(),
    });
    Measured::Lines {
        lines: vec![Line { height: height + before, before, items }],
        after: 0.0,
        // The line of a section stays with its first part.
        keep_next: false,
        heading: None,
    }
}
