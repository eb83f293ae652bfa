//! Blocks onto pages: keeps headings with what follows, avoids single lines, breaks tables with their heads repeated.

mod flow;
mod table;

pub use flow::{Flowed, Frame, flow};
pub use table::{Cell, Row, Table, TableStyle};

use crate::page::Item;
use crate::text::Para;

/// A piece of a section.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    /// Running text.
    Para(Para),
    /// A heading; it stays with what follows.
    Heading(Heading),
    /// A table.
    Table(Table),
    /// Something drawn, of this height; never broken.
    Figure {
        /// Its height.
        height: f32,
        /// What is drawn, from its own upper left corner.
        items: Vec<Item>,
        /// Whether it stays with what follows.
        keep_next: bool,
    },
    /// Empty space; none at the top of a page.
    Space(f32),
    /// A new page, unless so much room is left.
    Need(f32),
    /// A line of the table of contents.
    Entry {
        /// 1 is a section.
        level: u8,
        /// What it says.
        title: String,
        /// The printed page number.
        page: String,
        /// Where it leads.
        target: String,
    },
}

/// A heading.
#[derive(Debug, Clone, PartialEq)]
pub struct Heading {
    /// 1 is a section.
    pub level: u8,
    /// `4.2`; may be empty.
    pub number: String,
    /// What it says.
    pub title: String,
    /// The name by which links lead here.
    pub anchor: String,
    /// What stands at the right edge of the same line.
    pub aside: Option<Para>,
    /// Whether the contents list it; bookmarks have all.
    pub listed: bool,
}
