//! Text to lines: shaping, runs by font, breaking after UAX 14, and breaking what is too long for any line.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use rustybuzz::{Direction, UnicodeBuffer};
use unicode_linebreak::linebreaks;

use crate::error::ReportError;
use crate::fonts::{Face, Font, Fonts};
use crate::marks::Mark;
use crate::page::{Color, Glyph, Item, Point, Run};

/// Stands for a mark in the text that is broken into lines.
const MARK: char = '\u{fffc}';
/// Rounding of sums may exceed a box by this much, in points, without being an overfull line.
const TOLERANCE: f32 = 0.05;

/// How text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// The face.
    pub face: Face,
    /// Size in points.
    pub size: f32,
    /// Its colour.
    pub color: Color,
}

impl Style {
    /// The same in another colour.
    #[must_use]
    pub const fn colored(self, color: Color) -> Self {
        Self { color, ..self }
    }

    /// The same in another size.
    #[must_use]
    pub const fn sized(self, size: f32) -> Self {
        Self { size, ..self }
    }
}

/// A piece of a paragraph.
#[derive(Debug, Clone, PartialEq)]
pub enum Span {
    /// Text of one style, perhaps leading somewhere.
    Text {
        /// The text; line feeds begin a new line.
        text: String,
        /// Its look.
        style: Style,
        /// The anchor that it leads to.
        link: Option<String>,
    },
    /// A mark that is not parted from the text that follows.
    Mark {
        /// The mark.
        mark: Mark,
        /// Its size in points.
        size: f32,
    },
}

impl Span {
    /// Text.
    #[must_use]
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self::Text { text: text.into(), style, link: None }
    }

    /// Text that leads to an anchor.
    #[must_use]
    pub fn linked(text: impl Into<String>, style: Style, target: impl Into<String>) -> Self {
        Self::Text { text: text.into(), style, link: Some(target.into()) }
    }
}

/// Where lines stand in their box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Align {
    /// At the left edge.
    #[default]
    Left,
    /// At the right edge.
    Right,
}

/// A paragraph.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Para {
    /// What it says.
    pub spans: Vec<Span>,
    /// Where its lines stand.
    pub align: Align,
    /// Empty space above it.
    pub before: f32,
    /// Empty space below it.
    pub after: f32,
    /// How far it stands to the right.
    pub indent: f32,
    /// What stands in the indent beside the first line.
    pub label: Option<Span>,
    /// Distance between baselines; by itself 1.42 times the largest size.
    pub leading: Option<f32>,
    /// Whether it stays with what follows.
    pub keep_next: bool,
}

impl Para {
    /// A paragraph of one style.
    #[must_use]
    pub fn new(text: impl Into<String>, style: Style) -> Self {
        Self::of(vec![Span::new(text, style)])
    }

    /// A paragraph of several pieces.
    #[must_use]
    pub fn of(spans: Vec<Span>) -> Self {
        Self { spans, ..Self::default() }
    }

    /// A mark and its word.
    #[must_use]
    pub fn marked(mark: Mark, word: impl Into<String>, style: Style) -> Self {
        Self::of(vec![Span::Mark { mark, size: style.size }, Span::new(word, style.colored(mark.color()))])
    }

    /// The same with space above and below.
    #[must_use]
    pub fn spaced(self, before: f32, after: f32) -> Self {
        Self { before, after, ..self }
    }

    /// The same at the right edge.
    #[must_use]
    pub fn right(self) -> Self {
        Self { align: Align::Right, ..self }
    }

    /// The same, kept with what follows.
    #[must_use]
    pub fn kept(self) -> Self {
        Self { keep_next: true, ..self }
    }

    /// The same with a dot in front of it.
    #[must_use]
    pub fn bulleted(self, style: Style) -> Self {
        Self { indent: 12.0, label: Some(Span::new("•", style)), ..self }
    }
}

/// One line, laid out: its items are placed from its own upper left corner.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Line {
    /// Its height with the space above it, if it is the first of a paragraph.
    pub height: f32,
    /// The space above it, part of the height.
    pub before: f32,
    /// What is on it.
    pub items: Vec<Item>,
}

#[derive(Debug, Clone)]
struct Shaped {
    runs: Vec<Run>,
    /// In thousandths of an em.
    width: f32,
}

/// Shapes, measures and breaks; remembers what it could not show.
#[derive(Debug)]
pub struct Typesetter {
    fonts: Fonts,
    words: HashMap<(Face, String), Arc<Shaped>>,
    missing: BTreeSet<char>,
    overfull: Vec<String>,
}

/// A stretch of a paragraph between two places where a line may end.
struct Piece {
    range: Range<usize>,
    /// Without the blanks at its end.
    ink: f32,
    /// With them.
    full: f32,
}

/// A span, or what stands for it, in the text of a paragraph.
struct Part<'a> {
    range: Range<usize>,
    span: &'a Span,
}

impl Typesetter {
    /// With the bundled fonts.
    pub fn new() -> Result<Self, ReportError> {
        Ok(Self { fonts: Fonts::load()?, words: HashMap::new(), missing: BTreeSet::new(), overfull: Vec::new() })
    }

    /// The fonts.
    #[must_use]
    pub fn fonts(&self) -> &Fonts {
        &self.fonts
    }

    /// The characters that no font shows.
    #[must_use]
    pub fn missing(&self) -> &BTreeSet<char> {
        &self.missing
    }

    /// The lines that are wider than their box; there should be none.
    #[must_use]
    pub fn overfull(&self) -> &[String] {
        &self.overfull
    }

    /// The text as it can be shown: blanks for tabs, a readable code for what no font has and for what hides.
    pub fn legible(&mut self, text: &str, face: Face) -> String {
        let mut result = String::with_capacity(text.len());
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\n' | '\u{2028}' | '\u{2029}' => result.push('\n'),
                '\r' if characters.peek() == Some(&'\n') => {}
                '\t' => result.push_str(if face == Face::Mono { "    " } else { " " }),
                // They choose between two looks of the character before them.
                '\u{fe0e}' | '\u{fe0f}' => {}
                _ if !is_hidden(character) && self.fonts.font_for(face, character).is_some() => result.push(character),
                _ => {
                    self.missing.insert(character);
                    result.push_str(&format!("[U+{:04X}]", u32::from(character)));
                }
            }
        }
        result
    }

    /// Width of a text on one line, in points.
    pub fn width(&mut self, text: &str, style: Style) -> f32 {
        let text = self.legible(text, style.face);
        self.shape(&text, style.face).width * style.size / 1000.0
    }

    /// The text, cut so that it fits, with an ellipsis where it was cut.
    pub fn fitted(&mut self, text: &str, style: Style, width: f32) -> String {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if self.width(&text, style) <= width {
            return text;
        }
        let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        let fits = ends.partition_point(|end| self.width(&format!("{}…", text[..*end].trim_end()), style) <= width);
        let end = fits.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
        format!("{}…", text[..end].trim_end())
    }

    /// One line of text that begins at a point on its baseline; returns its width as well.
    pub fn line_at(&mut self, text: &str, style: Style, at: Point) -> (Vec<Item>, f32) {
        let text = self.legible(text, style.face).replace('\n', " ");
        let shaped = self.shape(&text, style.face);
        let mut items = Vec::new();
        let width = place(&shaped, style, at, &mut items);
        (items, width)
    }

    /// Breaks a paragraph into lines of a box.
    pub fn lay(&mut self, para: &Para, width: f32) -> Vec<Line> {
        let (text, parts) = self.join(&para.spans);
        let size = para.spans.iter().map(span_size).fold(0.0, f32::max);
        let leading = para.leading.unwrap_or(size * 1.42);
        let room = (width - para.indent).max(1.0);
        let mut lines = Vec::new();
        let mut from = 0;
        for hard in text.split('\n') {
            let range = from..from + hard.len();
            from = range.end + 1;
            for (pieces, used) in self.fill(&text, &parts, range, room) {
                if used > room + TOLERANCE {
                    let start = pieces.first().map_or(0, |piece| piece.range.start);
                    let end = pieces.last().map_or(0, |piece| piece.range.end);
                    self.overfull.push(format!("{used:.2} > {room:.2}: {}", &text[start..end]));
                }
                let x = para.indent + if para.align == Align::Right { room - used } else { 0.0 };
                let baseline = leading * 0.5 + size * 0.36;
                let mut items = Vec::new();
                self.draw(&text, &parts, &pieces, Point { x, y: baseline }, leading, &mut items);
                lines.push(Line { height: leading, before: 0.0, items });
            }
        }
        if let Some(first) = lines.first_mut() {
            if let Some(label) = &para.label {
                let parts = [Part { range: 0..span_text(label).len(), span: label }];
                let pieces = [Piece { range: 0..span_text(label).len(), ink: 0.0, full: 0.0 }];
                let at = Point { x: 0.0, y: leading * 0.5 + size * 0.36 };
                // It is read before the line.
                let mut items = Vec::new();
                self.draw(span_text(label), &parts, &pieces, at, leading, &mut items);
                items.append(&mut first.items);
                first.items = items;
            }
            first.before = para.before;
            first.height += para.before;
            let items = std::mem::take(&mut first.items);
            first.items = items.into_iter().map(|item| item.moved(0.0, para.before)).collect();
        }
        lines
    }

    /// The text of a paragraph, and which span each stretch of it belongs to.
    fn join<'a>(&mut self, spans: &'a [Span]) -> (String, Vec<Part<'a>>) {
        let mut text = String::new();
        let mut parts = Vec::new();
        for span in spans {
            let start = text.len();
            match span {
                Span::Text { text: part, style, .. } => text.push_str(&self.legible(part, style.face)),
                Span::Mark { .. } => {
                    text.push(MARK);
                    text.push('\u{a0}');
                }
            }
            parts.push(Part { range: start..text.len(), span });
        }
        (text, parts)
    }

    /// Fills lines greedily; gives the pieces of each line and the width that they use.
    fn fill(&mut self, text: &str, parts: &[Part], range: Range<usize>, room: f32) -> Vec<(Vec<Piece>, f32)> {
        let mut lines: Vec<(Vec<Piece>, f32)> = Vec::new();
        let mut line: Vec<Piece> = Vec::new();
        let mut pen = 0.0_f32;
        let mut todo: Vec<Range<usize>> = segments(text, parts, &range);
        todo.reverse();
        let mut add = |piece: Piece, line: &mut Vec<Piece>, pen: &mut f32| {
            if !line.is_empty() && *pen + piece.ink > room + TOLERANCE {
                let used = *pen - line.last().map_or(0.0, |last| last.full - last.ink);
                lines.push((std::mem::take(line), used));
                *pen = 0.0;
            }
            *pen += piece.full;
            line.push(piece);
        };
        while let Some(segment) = todo.pop() {
            let piece = self.piece(text, parts, segment);
            if piece.ink <= room + TOLERANCE {
                add(piece, &mut line, &mut pen);
                continue;
            }
            // Too long for any line: after slashes first, then after other punctuation, then anywhere.
            let mut smaller = cut_after(text, piece.range.clone(), "/\\");
            if smaller.len() < 2 {
                smaller = cut_after(text, piece.range.clone(), ":=&?,;@.-_)]}|");
            }
            if smaller.len() < 2 {
                for cluster in clusters(text, piece.range) {
                    add(self.piece(text, parts, cluster), &mut line, &mut pen);
                }
            } else {
                todo.extend(smaller.into_iter().rev());
            }
        }
        let used = pen - line.last().map_or(0.0, |last| last.full - last.ink);
        lines.push((line, used));
        lines
    }

    fn piece(&mut self, text: &str, parts: &[Part], range: Range<usize>) -> Piece {
        let inked = range.start + text[range.clone()].trim_end_matches(' ').len();
        let ink = self.measure(text, parts, range.start..inked);
        let full = ink + self.measure(text, parts, inked..range.end);
        Piece { range, ink, full }
    }

    fn measure(&mut self, text: &str, parts: &[Part], range: Range<usize>) -> f32 {
        let mut width = 0.0;
        for part in parts {
            let overlap = part.range.start.max(range.start)..part.range.end.min(range.end);
            if overlap.is_empty() {
                continue;
            }
            match part.span {
                Span::Text { style, .. } => width += self.shape(&text[overlap], style.face).width * style.size / 1000.0,
                Span::Mark { mark, size } => width += mark_width(*mark, *size, &text[overlap]),
            }
        }
        width
    }

    /// Draws the pieces of a line, one run after the other.
    fn draw(&mut self, text: &str, parts: &[Part], pieces: &[Piece], at: Point, height: f32, items: &mut Vec<Item>) {
        let mut x = at.x;
        let mut links: BTreeMap<usize, (f32, f32)> = BTreeMap::new();
        for piece in pieces {
            let inked = piece.range.start + text[piece.range.clone()].trim_end_matches(' ').len();
            for range in [piece.range.start..inked, inked..piece.range.end] {
                for (index, part) in parts.iter().enumerate() {
                    let overlap = part.range.start.max(range.start)..part.range.end.min(range.end);
                    if overlap.is_empty() {
                        continue;
                    }
                    let start = x;
                    match part.span {
                        Span::Text { style, link, .. } => {
                            let shaped = self.shape(&text[overlap], style.face);
                            x += place(&shaped, *style, Point { x, y: at.y }, items);
                            if link.is_some() {
                                links.entry(index).or_insert((start, x)).1 = x;
                            }
                        }
                        Span::Mark { mark, size } => {
                            if text[overlap.clone()].starts_with(MARK) {
                                items.extend(mark.draw(x, at.y, *size));
                            }
                            x += mark_width(*mark, *size, &text[overlap]);
                        }
                    }
                }
            }
        }
        for (index, (start, end)) in links {
            if let Some(Span::Text { text, link: Some(target), .. }) = parts.get(index).map(|part| part.span) {
                items.push(Item::Link {
                    at: Point { x: start, y: at.y - height * 0.75 },
                    width: end - start,
                    height,
                    target: target.clone(),
                    label: text.clone(),
                });
            }
        }
    }

    fn shape(&mut self, text: &str, face: Face) -> Arc<Shaped> {
        let key = (face, text.to_owned());
        if let Some(known) = self.words.get(&key) {
            return Arc::clone(known);
        }
        let mut shaped = Shaped { runs: Vec::new(), width: 0.0 };
        for (font, range) in self.by_font(text, face) {
            let glyphs = shape_run(&self.fonts, font, &text[range]);
            shaped.width += glyphs.iter().map(|glyph| glyph.advance).sum::<f32>();
            shaped.runs.push(Run { font, glyphs: glyphs.into() });
        }
        let shaped = Arc::new(shaped);
        self.words.insert(key, Arc::clone(&shaped));
        shaped
    }

    fn by_font(&self, text: &str, face: Face) -> Vec<(Font, Range<usize>)> {
        let mut runs: Vec<(Font, Range<usize>)> = Vec::new();
        for (at, character) in text.char_indices() {
            let end = at + character.len_utf8();
            match runs.last_mut() {
                // A combining character stays with its base.
                Some((font, range)) if is_combining(character) && self.fonts.has(*font, character) => range.end = end,
                last => {
                    // `legible` has replaced whatever no font has.
                    let Some(font) = self.fonts.font_for(face, character) else { continue };
                    match last {
                        Some((known, range)) if *known == font => range.end = end,
                        _ => runs.push((font, at..end)),
                    }
                }
            }
        }
        runs
    }
}

fn shape_run(fonts: &Fonts, font: Font, text: &str) -> Vec<Glyph> {
    let mut buffer = UnicodeBuffer::new();
    buffer.push_str(text);
    buffer.guess_segment_properties();
    buffer.set_direction(Direction::LeftToRight);
    // Ligatures hinder searching and save nothing; everything else as the font wants it.
    let features: Vec<rustybuzz::Feature> = ["-liga", "-clig"].iter().filter_map(|f| f.parse().ok()).collect();
    let output = rustybuzz::shape(fonts.face(font), &features, buffer);
    let infos = output.glyph_infos();
    let mut glyphs = Vec::with_capacity(infos.len());
    for (index, (info, position)) in infos.iter().zip(output.glyph_positions()).enumerate() {
        let Ok(id @ 1..) = u16::try_from(info.glyph_id) else { continue };
        let first = index == 0 || infos[index - 1].cluster != info.cluster;
        let alone = first && infos.get(index + 1).is_none_or(|next| next.cluster != info.cluster);
        let cluster = || {
            let start = info.cluster as usize;
            let end = infos[index..].iter().map(|i| i.cluster as usize).find(|c| *c > start).unwrap_or(text.len());
            text.get(start..end).unwrap_or_default().to_owned()
        };
        let known = fonts.character(font, id).map(String::from);
        let copied = match known {
            // The whole cluster belongs to its first glyph, unless the glyph speaks for itself.
            Some(character) => character,
            None if alone || first => cluster(),
            None => "\u{200b}".to_owned(),
        };
        glyphs.push(Glyph {
            id,
            advance: fonts.thousandths(font, position.x_advance),
            dx: fonts.thousandths(font, position.x_offset),
            dy: fonts.thousandths(font, position.y_offset),
            text: copied.into(),
        });
    }
    glyphs
}

/// Places shaped text; gives its width.
fn place(shaped: &Shaped, style: Style, at: Point, items: &mut Vec<Item>) -> f32 {
    let mut x = at.x;
    for run in &shaped.runs {
        let width: f32 = run.glyphs.iter().map(|glyph| glyph.advance).sum::<f32>() * style.size / 1000.0;
        if !joined(items, run, style, Point { x, y: at.y }) {
            items.push(Item::Text {
                at: Point { x, y: at.y },
                run: run.clone(),
                size: style.size,
                color: style.color,
                turned: 0.0,
            });
        }
        x += width;
    }
    x - at.x
}

/// Appends a run to the text before it, if the one goes on where the other ends and looks the same.
fn joined(items: &mut [Item], run: &Run, style: Style, at: Point) -> bool {
    let Some(Item::Text { run: previous, size, at: start, color, .. }) = items.last_mut() else { return false };
    let end = start.x + previous.glyphs.iter().map(|glyph| glyph.advance).sum::<f32>() * *size / 1000.0;
    let same = previous.font == run.font && *size == style.size && *color == style.color && start.y == at.y;
    if !same || (end - at.x).abs() > 0.01 {
        return false;
    }
    previous.glyphs = previous.glyphs.iter().chain(run.glyphs.iter()).cloned().collect();
    true
}

fn span_size(span: &Span) -> f32 {
    match span {
        Span::Text { style, .. } => style.size,
        Span::Mark { size, .. } => *size,
    }
}

fn span_text(span: &Span) -> &str {
    match span {
        Span::Text { text, .. } => text,
        Span::Mark { .. } => "",
    }
}

fn mark_width(mark: Mark, size: f32, text: &str) -> f32 {
    let mark = if text.contains(MARK) { mark.advance() } else { 0.0 };
    let gap = if text.contains('\u{a0}') { 280.0 } else { 0.0 };
    (mark + gap) * size / 1000.0
}

fn is_combining(character: char) -> bool {
    matches!(character, '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}')
}

/// Characters that show nothing or change what is shown around them.
fn is_hidden(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}' | '\u{e0000}'..='\u{e0fff}')
}

/// Where a line may end by itself: after UAX 14 in running text, at blanks alone in code.
fn segments(text: &str, parts: &[Part], range: &Range<usize>) -> Vec<Range<usize>> {
    let line = &text[range.clone()];
    let mut result = Vec::new();
    let mut start = range.start;
    for (offset, _) in linebreaks(line) {
        let end = range.start + offset;
        let before = &text[range.start..end];
        let blank = before.ends_with(' ');
        let mut last = before.chars().rev();
        let hyphen = matches!(last.next(), Some('-' | '‐'));
        // A hyphen at the beginning of a word, as in an option, is not parted from it.
        let leading = hyphen && last.next().is_none_or(|c| c.is_whitespace() || "(-[\"'`\u{a0}".contains(c));
        if end < range.end && (leading || (!blank && in_code(parts, end - 1))) {
            continue;
        }
        if end > start {
            result.push(start..end);
            start = end;
        }
    }
    if start < range.end {
        result.push(start..range.end);
    }
    result
}

fn in_code(parts: &[Part], at: usize) -> bool {
    parts
        .iter()
        .find(|part| part.range.contains(&at))
        .is_some_and(|part| matches!(part.span, Span::Text { style, .. } if style.face == Face::Mono))
}

/// Cuts after each of some characters, or after a row of them, so that paths and references part where a reader
/// expects it.
fn cut_after(text: &str, range: Range<usize>, after: &str) -> Vec<Range<usize>> {
    let mut result = Vec::new();
    let mut start = range.start;
    let characters: Vec<(usize, char)> = text[range.clone()].char_indices().collect();
    for pair in characters.windows(2) {
        let [(_, character), (next_at, next)] = pair else { continue };
        if after.contains(*character) && !after.contains(*next) && *next != ' ' {
            let end = range.start + next_at;
            result.push(start..end);
            start = end;
        }
    }
    result.push(start..range.end);
    result
}

/// Cuts anywhere but in front of a combining character.
fn clusters(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut result: Vec<Range<usize>> = Vec::new();
    for (at, character) in text[range.clone()].char_indices() {
        let at = range.start + at;
        let end = at + character.len_utf8();
        match result.last_mut() {
            Some(last) if is_combining(character) || character == ' ' || character == '\u{a0}' => last.end = end,
            Some(last) if text[last.clone()].ends_with('\u{a0}') => last.end = end,
            _ => result.push(at..end),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::theme::{BODY, CODE};

    fn words(lines: &[Line]) -> Vec<String> {
        let text = |item: &Item| match item {
            Item::Text { run, .. } => run.glyphs.iter().map(|g| g.text.to_string()).collect(),
            _ => String::new(),
        };
        lines.iter().map(|line| line.items.iter().map(text).collect::<String>().trim().to_owned()).collect()
    }

    fn lay(text: &str, style: Style, width: f32) -> Vec<String> {
        let mut typesetter = Typesetter::new().unwrap();
        let lines = typesetter.lay(&Para::new(text, style), width);
        assert_eq!(typesetter.overfull(), [] as [String; 0]);
        words(&lines)
    }

    #[test]
    fn breaks_between_words_and_keeps_every_letter() {
        let text = "Die Prüfung größerer Abbilder — auch fremder — braucht Geduld, Zeit und Ruhe.";
        let lines = lay(text, BODY, 120.0);
        assert!(lines.len() > 3);
        assert_eq!(lines.join(" "), text);
    }

    #[test]
    fn a_line_feed_begins_a_line_and_an_empty_line_stays() {
        assert_eq!(lay("one\n\nthree\r\nfour", CODE, 300.0), ["one", "", "three", "four"]);
    }

    #[test]
    fn an_option_is_not_torn_off_its_hyphens() {
        let lines = lay("docker run --read-only --cap-drop ALL image", CODE, 80.0);
        assert!(lines.iter().all(|line| !line.ends_with('-')), "{lines:?}");
    }

    #[test]
    fn a_long_path_breaks_after_slashes() {
        let lines = lay("/usr/lib/x86_64-linux-gnu/security/modules/pam_unix.so", CODE, 110.0);
        assert!(lines.len() > 1);
        assert!(lines[..lines.len() - 1].iter().all(|line| line.ends_with('/')), "{lines:?}");
    }

    #[test]
    fn a_digest_breaks_anywhere_when_it_must() {
        let digest = format!("sha256:{}", "0123456789abcdef".repeat(4));
        let lines = lay(&digest, CODE, 90.0);
        assert_eq!(lines.concat(), digest);
        assert!(lines.len() > 3);
    }

    #[test]
    fn a_box_narrower_than_a_letter_is_reported() {
        let mut typesetter = Typesetter::new().unwrap();
        typesetter.lay(&Para::new("WW", BODY), 2.0);
        assert_eq!(typesetter.overfull().len(), 2);
    }

    #[test]
    fn what_no_font_shows_is_named_and_counted() {
        let mut typesetter = Typesetter::new().unwrap();
        let lines = typesetter.lay(&Para::new("a中\u{202e}b שלום", BODY), 500.0);
        assert_eq!(words(&lines), ["a[U+4E2D][U+202E]b [U+05E9][U+05DC][U+05D5][U+05DD]"]);
        assert_eq!(typesetter.missing().len(), 6);
    }

    #[test]
    fn accents_copy_back_and_glyph_zero_is_never_used() {
        let mut typesetter = Typesetter::new().unwrap();
        let lines = typesetter.lay(&Para::new("e\u{301}x q\u{323}\u{307} → ✓ fi", BODY), 500.0);
        for item in lines.iter().flat_map(|line| &line.items) {
            if let Item::Text { run, .. } = item {
                assert!(run.glyphs.iter().all(|glyph| glyph.id != 0));
            }
        }
        let copied = words(&lines).concat();
        assert!(copied.contains("→ ✓ fi") && copied.contains("q\u{323}\u{307}"), "{copied}");
    }

    #[test]
    fn fitted_text_fits_and_says_that_it_was_cut() {
        let mut typesetter = Typesetter::new().unwrap();
        let cut = typesetter.fitted("A title that is far too long for its place", BODY, 90.0);
        assert!(cut.ends_with('…') && typesetter.width(&cut, BODY) <= 90.0, "{cut}");
        assert_eq!(typesetter.fitted("short", BODY, 90.0), "short");
    }

    #[test]
    fn a_mark_stays_with_its_word() {
        let mut typesetter = Typesetter::new().unwrap();
        let lines = typesetter.lay(&Para::marked(Mark::Bad, "nicht erfüllt", BODY), 45.0);
        assert_eq!(words(&lines), ["nicht", "erfüllt"]);
        assert!(matches!(lines[0].items[0], Item::Rect { .. }));
    }
}
