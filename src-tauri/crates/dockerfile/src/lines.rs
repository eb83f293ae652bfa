//! The physical lines of a Dockerfile: comments, continuations, and finding the end of a here-document.

use std::collections::HashMap;

/// The lines of a text and, once asked for, an index by content.
pub(crate) struct Lines<'a> {
    raw: Vec<&'a str>,
    exact: Option<HashMap<&'a str, Vec<usize>>>,
    untabbed: Option<HashMap<&'a str, Vec<usize>>>,
}

impl<'a> Lines<'a> {
    /// Splits a text at line feeds; the line ends stay with the lines.
    pub(crate) fn new(text: &'a str) -> Self {
        Self { raw: text.split_inclusive('\n').collect(), exact: None, untabbed: None }
    }

    /// Number of lines.
    pub(crate) fn count(&self) -> usize {
        self.raw.len()
    }

    /// A line with its line end, counted from 0.
    pub(crate) fn raw(&self, index: usize) -> Option<&'a str> {
        self.raw.get(index).copied()
    }

    /// A line without its line end, counted from 0.
    pub(crate) fn get(&self, index: usize) -> Option<&'a str> {
        self.raw(index).map(trim_newline)
    }

    /// The first line from `start` on that is exactly `word` (leading tabs apart when `untabbed`).
    ///
    /// Looked up in an index, so that a file full of `<<` stays linear.
    pub(crate) fn find(&mut self, word: &str, start: usize, untabbed: bool) -> Option<usize> {
        let raw = &self.raw;
        let slot = if untabbed { &mut self.untabbed } else { &mut self.exact };
        let map = slot.get_or_insert_with(|| {
            let mut map: HashMap<&str, Vec<usize>> = HashMap::new();
            for (index, line) in raw.iter().enumerate() {
                let line = trim_newline(line);
                let key = if untabbed { line.trim_start_matches('\t') } else { line };
                map.entry(key).or_default().push(index);
            }
            map
        });
        let places = map.get(word)?;
        places.get(places.partition_point(|place| *place < start)).copied()
    }
}

/// A line without its line feed and carriage returns.
pub(crate) fn trim_newline(line: &str) -> &str {
    line.trim_end_matches(['\r', '\n'])
}

/// True for a comment line; blanks before the `#` do not matter.
pub(crate) fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with('#')
}

/// The line without its continuation character, when it ends with one that is not itself escaped.
pub(crate) fn strip_continuation(line: &str, escape: char) -> Option<&str> {
    let rest = line.trim_end_matches([' ', '\t']).strip_suffix(escape)?;
    (!rest.ends_with(escape)).then_some(rest)
}

/// A line index (from 0) as a line number (from 1).
pub(crate) fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX).saturating_add(1)
}
