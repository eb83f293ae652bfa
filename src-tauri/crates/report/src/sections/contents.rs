//! The table of contents.

use super::Context;
use crate::layout::Block;
use crate::page::Bookmark;

/// The name by which links lead here.
pub const ANCHOR: &str = "section:contents";

/// So many lines fit on one page with room between them.
const ROOMY: usize = 38;

/// The blocks; `page` tells the printed number of an anchor's page.
pub fn blocks(cx: &Context, listed: &[Bookmark], page: impl Fn(&str) -> String) -> Vec<Block> {
    let tight = listed.len() > ROOMY;
    let entries = listed.iter().map(|entry| Block::Entry {
        level: entry.level,
        title: entry.title.clone(),
        page: page(&entry.anchor),
        target: entry.anchor.clone(),
        tight,
    });
    std::iter::once(cx.section(cx.words.contents(), ANCHOR)).chain(entries).collect()
}
