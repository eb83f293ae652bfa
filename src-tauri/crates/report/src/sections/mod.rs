//! The sections of the report, one file each, and the pieces that they are built from.
//!
//! A section takes the content and gives blocks; it knows nothing of pages.

pub mod contents;
pub mod cover;
pub mod evidence;
pub mod method;
pub mod requirements;
pub mod running;
pub mod runtime;
pub mod sign_off;
pub mod subjects;
pub mod summary;
pub mod tools;
pub mod trust;
pub mod use_cases;
pub mod verify;
pub mod vulnerabilities;

use plimsoll_catalog::Verdict;

use crate::content::{Content, DecisionLine, iso_day};
use crate::fonts::Face;
use crate::layout::{Block, Cell, Heading, Row, Table, TableStyle};
use crate::page::Color;
use crate::strings::Words;
use crate::text::{Para, Span, Style};
use crate::theme;

/// What every section gets.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// What the report says.
    pub content: &'a Content,
    /// In which words.
    pub words: Words,
    /// Number of the section that is being made; empty for what comes before the first one.
    pub number: &'a str,
}

/// The requirements of the profile, by verdict.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many there are.
    pub total: usize,
    /// How many hold.
    pub satisfied: usize,
    /// How many do not.
    pub failed: usize,
    /// How many do not apply.
    pub not_applicable: usize,
    /// How many are open.
    pub open: usize,
}

impl Tally {
    /// Counts the requirements that the profile measures against, of one level or of all.
    #[must_use]
    pub fn of(content: &Content, level: Option<u8>) -> Self {
        let mut tally = Self::default();
        for line in &content.requirements {
            if !line.in_profile || level.is_some_and(|level| level != line.level) {
                continue;
            }
            tally.total += 1;
            *match line.verdict {
                Verdict::Satisfied => &mut tally.satisfied,
                Verdict::NotSatisfied => &mut tally.failed,
                Verdict::NotApplicable => &mut tally.not_applicable,
                Verdict::Open => &mut tally.open,
            } += 1;
        }
        tally
    }

    /// The verdict over them: the worst counts.
    #[must_use]
    pub fn verdict(self) -> Verdict {
        if self.failed > 0 {
            Verdict::NotSatisfied
        } else if self.open > 0 || self.total == 0 {
            Verdict::Open
        } else {
            Verdict::Satisfied
        }
    }
}

impl Context<'_> {
    /// The title of a section.
    fn section(&self, title: &str, anchor: &str) -> Block {
        Block::Heading(Heading {
            level: 1,
            number: self.number.to_owned(),
            title: title.to_owned(),
            anchor: anchor.to_owned(),
            aside: None,
            listed: true,
        })
    }

    /// The title of a part of a section, which the contents list.
    fn part(&self, index: usize, title: &str, anchor: &str) -> Block {
        Block::Heading(Heading {
            level: 2,
            number: format!("{}.{index}", self.number),
            title: title.to_owned(),
            anchor: anchor.to_owned(),
            aside: None,
            listed: true,
        })
    }
}

/// A small title that only the bookmarks list.
fn small_title(title: &str, anchor: String) -> Block {
    Block::Heading(Heading {
        level: 3,
        number: String::new(),
        title: title.to_owned(),
        anchor,
        aside: None,
        listed: false,
    })
}

fn body(text: impl Into<String>) -> Block {
    Block::Para(Para::new(text, theme::BODY).spaced(0.0, 6.0))
}

/// Text in which words between backticks are set as code, as in our catalogue.
fn prose(text: &str, style: Style) -> Vec<Span> {
    let code = Style { face: Face::Mono, size: style.size * 0.93, ..style };
    let pieces: Vec<&str> = text.split('`').collect();
    // An odd number of pieces: every backtick has its partner.
    if pieces.len().is_multiple_of(2) {
        return vec![Span::new(text, style)];
    }
    let styled = |(index, piece): (usize, &&str)| Span::new(*piece, if index % 2 == 1 { code } else { style });
    pieces.iter().enumerate().filter(|(_, piece)| !piece.is_empty()).map(styled).collect()
}

/// Text that leads to what follows, and stays with it.
fn opening(text: impl Into<String>) -> Block {
    Block::Para(Para::new(text, theme::BODY).spaced(0.0, 6.0).kept())
}

fn lead(text: impl Into<String>) -> Block {
    Block::Para(Para::new(text, theme::LEAD).spaced(0.0, 10.0))
}

fn note(text: impl Into<String>) -> Block {
    Block::Para(Para::new(text, theme::NOTE).spaced(4.0, 6.0))
}

fn cell(text: impl Into<String>) -> Cell {
    Cell::new(Para::new(text, theme::CELL))
}

fn styled(text: impl Into<String>, style: Style) -> Cell {
    Cell::new(Para::new(text, style))
}

fn figure(text: impl ToString) -> Cell {
    Cell::new(Para::new(text.to_string(), theme::CELL).right())
}

/// The head of a table: a title for each column, those at the right edge marked so.
fn head(titles: &[(&str, bool)]) -> Vec<Row> {
    let cells = titles
        .iter()
        .map(|(title, right)| {
            let para = Para::new(*title, theme::HEAD);
            Cell::new(if *right { para.right() } else { para })
        })
        .collect();
    vec![Row { fill: Some(theme::PALE), ..Row::new(cells) }]
}

/// A table of names and values.
fn pairs(rows: Vec<(String, Vec<Para>)>) -> Block {
    let name = 118.0;
    let rows =
        rows.into_iter().map(|(key, paras)| Row::new(vec![styled(key, theme::CELL_SOFT), Cell::of(paras)])).collect();
    let style = TableStyle { pad_x: 2.0, ..TableStyle::default() };
    Block::Table(Table { columns: vec![name, theme::WIDTH - name], head: Vec::new(), rows, style })
}

/// A value that looks like a digest, a path or a reference is set as code.
fn value(text: &str) -> Para {
    let code = text.starts_with("sha256:") || text.starts_with('/') || is_hash(text) || text.contains("@sha256:");
    Para::new(text, if code { theme::CELL_CODE } else { theme::CELL })
}

fn is_hash(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// A hash in groups of four, eight groups on a line, so that it can be read aloud.
fn grouped(hash: &str) -> String {
    let characters: Vec<char> = hash.chars().collect();
    let group = |group: &[char]| group.iter().collect::<String>();
    let line = |line: &[char]| line.chunks(4).map(group).collect::<Vec<_>>().join(" ");
    characters.chunks(32).map(line).collect::<Vec<_>>().join("\n")
}

/// A command in a box.
fn command(lines: &[&str]) -> Block {
    let para = Para { leading: Some(12.0), ..Para::new(lines.join("\n"), theme::CODE) };
    panel(vec![para], theme::HAIR)
}

/// A box with a bar at its left edge.
fn panel(paras: Vec<Para>, bar: Color) -> Block {
    Block::Table(Table {
        columns: vec![theme::WIDTH],
        head: Vec::new(),
        rows: vec![Row { fill: Some(theme::PALE), ..Row::new(vec![Cell::of(paras)]) }],
        style: TableStyle {
            pad_x: 8.0,
            pad_y: 6.0,
            rules: false,
            frame: false,
            bar: Some(bar),
            ..TableStyle::default()
        },
    })
}

/// A decision with all that belongs to it.
fn decision(decision: &DecisionLine, about: Option<&str>, words: Words) -> Vec<Para> {
    let about = about.map(|about| format!(" ({about})")).unwrap_or_default();
    let mut paras = vec![Para::of(vec![
        Span::new(format!("{}{about}: {}", words.decision(), decision.conclusion), theme::CELL_STRONG),
        Span::new(format!("  ·  {}, {}", decision.author, iso_day(decision.at.date())), theme::CELL_SOFT),
    ])];
    let rationale = if decision.rationale.trim().is_empty() { words.no_rationale() } else { decision.rationale.trim() };
    paras.push(Para::new(rationale, theme::CELL).spaced(2.0, 0.0));
    if !decision.evidence.is_empty() {
        let mut spans = vec![Span::new(format!("{} ", words.evidence()), theme::CELL_SOFT)];
        for (index, number) in decision.evidence.iter().enumerate() {
            if index > 0 {
                spans.push(Span::new(", ", theme::CELL_SOFT));
            }
            spans.push(Span::linked(number, theme::CELL.colored(theme::ACCENT), format!("evidence:{number}")));
        }
        paras.push(Para::of(spans).spaced(2.0, 0.0));
    }
    for (holds, text) in [(decision.conflict, words.conflict()), (decision.stale, words.stale())] {
        if holds {
            paras.push(Para::new(text, theme::CELL_STRONG.colored(theme::RED)).spaced(2.0, 0.0));
        }
    }
    paras
}
