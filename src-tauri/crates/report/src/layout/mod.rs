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
        /// Whether the lines stand closer, so that a long list fits.
        tight: bool,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::{Item, Page};
    use crate::text::{Para, Typesetter};
    use crate::theme;

    fn laid(blocks: &[Block]) -> Flowed {
        let mut typesetter = Typesetter::new().unwrap();
        let flowed = flow(blocks, Frame::default(), &mut typesetter);
        assert_eq!(typesetter.overfull(), [] as [String; 0]);
        for item in flowed.pages.iter().flat_map(|page| &page.items) {
            if let Item::Text { at, .. } = item {
                assert!(at.y > theme::TOP && at.y < theme::BOTTOM, "{at:?}");
            }
        }
        flowed
    }

    fn text(page: &Page) -> String {
        let run = |item: &Item| match item {
            Item::Text { run, .. } => run.glyphs.iter().map(|glyph| glyph.text.to_string()).collect::<String>() + "|",
            _ => String::new(),
        };
        page.items.iter().map(run).collect()
    }

    fn heading(title: &str) -> Block {
        Block::Heading(Heading {
            level: 2,
            number: String::new(),
            title: title.to_owned(),
            anchor: title.to_owned(),
            aside: None,
            listed: true,
        })
    }

    fn lines(count: usize) -> Block {
        Block::Para(Para::new(vec!["line"; count].join("\n"), theme::BODY))
    }

    fn table(rows: Vec<Row>) -> Block {
        let head = vec![Row::new(vec![Cell::new(Para::new("HEAD", theme::HEAD))])];
        Block::Table(Table { columns: vec![theme::WIDTH], head, rows, style: TableStyle::default() })
    }

    fn row(text: &str) -> Row {
        Row::new(vec![Cell::new(Para::new(text, theme::CELL))])
    }

    #[test]
    fn a_heading_is_never_the_last_thing_on_a_page() {
        for count in 40..60 {
            let flowed = laid(&[lines(count), heading("Title"), lines(5)]);
            let with = flowed.pages.iter().find(|page| text(page).contains("Title")).unwrap();
            assert!(text(with).split("Title").nth(1).unwrap().matches("line").count() >= 2, "{count}");
        }
    }

    #[test]
    fn a_paragraph_leaves_no_single_line_behind() {
        for count in 40..120 {
            let flowed = laid(&[lines(count)]);
            let counts: Vec<usize> = flowed.pages.iter().map(|page| text(page).matches("line").count()).collect();
            assert_eq!(counts.iter().sum::<usize>(), count);
            assert!(counts.iter().all(|lines| *lines >= 2), "{counts:?}");
        }
    }

    #[test]
    fn the_head_of_a_table_repeats_and_never_stands_alone() {
        let flowed = laid(&[lines(46), table((0..200).map(|n| row(&format!("row {n}"))).collect())]);
        assert!(flowed.pages.len() > 3);
        for page in &flowed.pages[1..] {
            assert!(text(page).starts_with("HEAD|row "), "{}", text(page));
        }
        let all: String = flowed.pages.iter().map(text).collect();
        assert!((0..200).all(|n| all.contains(&format!("row {n}|"))));
    }

    #[test]
    fn a_row_higher_than_a_page_goes_on_on_the_next() {
        let tall = vec!["tall"; 300].join("\n");
        let flowed = laid(&[table(vec![row("first"), row(&tall), row("last")])]);
        let all: String = flowed.pages.iter().map(text).collect();
        assert_eq!(all.matches("tall").count(), 300);
        assert!(flowed.pages.len() > 4 && all.contains("last|"));
    }

    #[test]
    fn an_empty_table_and_an_empty_flow_make_one_page() {
        assert_eq!(laid(&[]).pages.len(), 1);
        assert_eq!(laid(&[table(Vec::new())]).pages.len(), 1);
    }
}
