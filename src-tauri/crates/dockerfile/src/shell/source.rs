//! A text with the line of each of its characters: what is parsed need not look like the file.
//!
//! A builder joins continued lines before the shell sees them, and the text of `sh -c "…"` is what is left when the
//! quotes are gone. Characters are counted, since that is how the parser counts.

/// First of the private characters that stand for what a mask holds.
const STAND_IN: u32 = 0xE000;
/// Longest mask that is looked for, in characters.
const MAX_MASK: usize = 400;

/// The text and its lines.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    /// The text.
    pub(crate) text: String,
    /// Characters in it.
    length: usize,
    /// Where a line begins: character and line, ascending.
    marks: Vec<(usize, u32)>,
}

impl Source {
    /// A text whose first line has a number; the lines below count on.
    pub(crate) fn new(text: &str, line: u32) -> Self {
        let mut source = Self::default();
        source.push(text, line);
        source
    }

    /// Adds a text that begins on a line.
    pub(crate) fn push(&mut self, text: &str, line: u32) {
        self.mark(self.length, line);
        let mut line = line;
        for ch in text.chars() {
            self.length += 1;
            if ch == '\n' {
                line = line.saturating_add(1);
                self.mark(self.length, line);
            }
        }
        self.text.push_str(text);
    }

    /// Adds a character that stands on a line.
    pub(crate) fn push_char(&mut self, ch: char, line: u32) {
        self.mark(self.length, line);
        self.text.push(ch);
        self.length += 1;
    }

    fn mark(&mut self, at: usize, line: u32) {
        match self.marks.last_mut() {
            Some((place, last)) if *place == at => *last = line,
            Some((_, last)) if *last == line => {}
            _ => self.marks.push((at, line)),
        }
    }

    /// The line of a character.
    pub(crate) fn line(&self, at: usize) -> u32 {
        let after = self.marks.partition_point(|(place, _)| *place <= at);
        self.marks.get(after.saturating_sub(1)).map_or(1, |(_, line)| *line)
    }

    /// A part of it, by characters.
    pub(crate) fn slice(&self, from: usize, to: usize) -> Self {
        let mut part = Self::default();
        for (at, ch) in self.text.chars().enumerate().skip(from).take(to.saturating_sub(from)) {
            part.push_char(ch, self.line(at));
        }
        part
    }
}

/// Replaces what the shell would read in a mask (`‹value, 7 chars›`) by private characters, one for one.
pub(crate) fn hide_masks(text: &str) -> String {
    if !text.contains('‹') {
        return text.to_owned();
    }
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(ch) = chars.get(at) {
        let rest = chars.get(at..).unwrap_or_default();
        let end = (*ch == '‹')
            .then(|| rest.iter().take(MAX_MASK).take_while(|ch| **ch != '\n').position(|ch| *ch == '›'))
            .flatten();
        match end {
            Some(end) => {
                for inside in rest.iter().take(end + 1) {
                    let code = u32::from(*inside);
                    let hidden = inside.is_ascii() && !inside.is_ascii_alphanumeric();
                    out.push(if hidden { char::from_u32(STAND_IN + code).unwrap_or('_') } else { *inside });
                }
                at += end + 1;
            }
            None => {
                out.push(*ch);
                at += 1;
            }
        }
    }
    out
}

/// Undoes [`hide_masks`].
pub(crate) fn show_masks(text: &str) -> String {
    let back = |ch: char| {
        let code = u32::from(ch).wrapping_sub(STAND_IN);
        if code < 0x80 { char::from_u32(code).unwrap_or(ch) } else { ch }
    };
    if text.contains('‹') { text.chars().map(back).collect() } else { text.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_what_was_joined() {
        let mut source = Source::default();
        source.push("a && ", 3);
        source.push("  b", 5);
        source.push("\nc\n", 9);
        assert_eq!([0, 4, 5, 7, 8, 9, 100].map(|at| source.line(at)), [3, 3, 5, 5, 9, 10, 11]);
        assert_eq!(source.slice(6, 10).line(2), 9);
    }

    #[test]
    fn masks_come_back_as_they_were() {
        let text = "curl -u ‹value, 7 chars› 'a b' ‹open";
        let hidden = hide_masks(text);
        assert_eq!(hidden.split(' ').count(), 6);
        assert_eq!(hidden.chars().count(), text.chars().count());
        assert_eq!(show_masks(&hidden), text);
    }
}
