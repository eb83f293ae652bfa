//! One word of a command: quotes taken away, and the substitutions in it found.

use super::source::show_masks;

/// A word, read.
#[derive(Debug, Default)]
pub(crate) struct Scanned {
    /// The text without quotes.
    pub(crate) text: String,
    /// For each character of the text, its place in the raw word.
    pub(crate) places: Vec<usize>,
    /// Nothing in it is expanded.
    pub(crate) literal: bool,
    /// Substitutions: place of the first character in the raw word, and the commands.
    pub(crate) substitutions: Vec<(usize, String)>,
}

/// How a raw word is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As a word of a command.
    Word,
    /// As the content of a here-document: quotes are ordinary characters.
    Heredoc,
}

/// Characters that need a closer look.
const SPECIAL: [char; 11] = ['\'', '"', '\\', '$', '`', '*', '?', '[', '~', '{', '\u{0}'];

/// Reads a raw word.
pub(crate) fn scan(raw: &str, mode: Mode) -> Scanned {
    if !raw.contains(SPECIAL) {
        let places = (0..raw.chars().count()).collect();
        return Scanned { text: show_masks(raw), places, literal: true, substitutions: Vec::new() };
    }
    let mut scanner = Scanner {
        chars: raw.chars().collect(),
        at: 0,
        out: Scanned { literal: true, ..Scanned::default() },
        double: false,
        mode,
    };
    scanner.run();
    scanner.out.text = show_masks(&scanner.out.text);
    scanner.out
}

struct Scanner {
    chars: Vec<char>,
    at: usize,
    out: Scanned,
    double: bool,
    mode: Mode,
}

impl Scanner {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn push(&mut self, ch: char, place: usize) {
        self.out.text.push(ch);
        self.out.places.push(place);
    }

    /// Takes characters over as written.
    fn written(&mut self, until: usize) {
        while self.at < until {
            if let Some(ch) = self.peek(0) {
                self.push(ch, self.at);
            }
            self.at += 1;
        }
    }

    fn run(&mut self) {
        let plain = self.mode == Mode::Heredoc;
        while let Some(ch) = self.peek(0) {
            match ch {
                '\'' if !plain && !self.double => self.single(false),
                '"' if !plain => {
                    self.double = !self.double;
                    self.at += 1;
                }
                '\\' => self.escape(plain),
                '`' => self.backquoted(),
                '$' if !plain && !self.double && self.peek(1) == Some('\'') => {
                    self.at += 1;
                    self.single(true);
                }
                '$' if !plain && !self.double && self.peek(1) == Some('"') => self.at += 1,
                '$' if self.peek(1) == Some('(') && self.peek(2) != Some('(') => {
                    self.out.literal = false;
                    let end = close(&self.chars, self.at + 2);
                    let inner = self.chars.get(self.at + 2..end).unwrap_or_default().iter().collect();
                    self.out.substitutions.push((self.at + 2, inner));
                    self.written((end + 1).min(self.chars.len()));
                }
                '$' => {
                    let follows = self.peek(1);
                    if follows.is_some_and(|ch| ch.is_alphanumeric() || "_{(@*#?-$![".contains(ch)) {
                        self.out.literal = false;
                    }
                    self.push(ch, self.at);
                    self.at += 1;
                }
                '*' | '?' | '[' if !plain && !self.double => self.pattern(ch),
                '{' if !plain && !self.double && self.braces() => self.pattern(ch),
                '~' if !plain && !self.double && self.at == 0 => self.pattern(ch),
                _ => {
                    self.push(ch, self.at);
                    self.at += 1;
                }
            }
        }
    }

    fn pattern(&mut self, ch: char) {
        self.out.literal = false;
        self.push(ch, self.at);
        self.at += 1;
    }

    /// `{a,b}` and `{1..3}`.
    fn braces(&self) -> bool {
        let rest = self.chars.get(self.at + 1..).unwrap_or_default();
        let Some(end) = rest.iter().take(200).position(|ch| *ch == '}') else { return false };
        let inner = rest.get(..end).unwrap_or_default();
        inner.contains(&',') || inner.windows(2).any(|pair| pair == ['.', '.'])
    }

    fn single(&mut self, escapes: bool) {
        self.at += 1;
        while let Some(ch) = self.peek(0) {
            if ch == '\'' {
                self.at += 1;
                return;
            }
            if escapes && ch == '\\' {
                self.at += 1;
                let real = match self.peek(0) {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some(other) => other,
                    None => return,
                };
                self.push(real, self.at);
                self.at += 1;
                continue;
            }
            self.push(ch, self.at);
            self.at += 1;
        }
    }

    fn escape(&mut self, plain: bool) {
        let next = self.peek(1);
        match next {
            Some('\n') => self.at += 2,
            Some(next) if (!self.double && !plain) || matches!(next, '$' | '`' | '\\') || (next == '"' && !plain) => {
                self.push(next, self.at + 1);
                self.at += 2;
            }
            _ => {
                self.push('\\', self.at);
                self.at += 1;
            }
        }
    }

    fn backquoted(&mut self) {
        self.out.literal = false;
        let mut inner = String::new();
        let mut end = self.at + 1;
        while let Some(ch) = self.chars.get(end).copied() {
            match (ch, self.chars.get(end + 1).copied()) {
                ('`', _) => break,
                ('\\', Some(next @ ('`' | '\\' | '$'))) => {
                    inner.push(next);
                    end += 2;
                }
                _ => {
                    inner.push(ch);
                    end += 1;
                }
            }
        }
        self.out.substitutions.push((self.at + 1, inner));
        self.written((end + 1).min(self.chars.len()));
    }
}

/// The place of the `)` that closes a substitution whose first character is at `from`; the end when there is none.
fn close(chars: &[char], from: usize) -> usize {
    // What is open, the innermost last: '(' a substitution or subshell, '{' an expansion, '"' a double quote.
    let mut open = vec!['('];
    let mut at = from;
    while let Some(ch) = chars.get(at).copied() {
        let quoted = open.last() == Some(&'"');
        let next = chars.get(at + 1).copied();
        match ch {
            '\\' => at += 1,
            '"' if quoted => {
                open.pop();
            }
            '"' => open.push('"'),
            '\'' if !quoted => {
                at += 1;
                while chars.get(at).is_some_and(|ch| *ch != '\'') {
                    at += 1;
                }
            }
            '`' => {
                at += 1;
                while chars.get(at).is_some_and(|ch| *ch != '`') {
                    at += if chars.get(at) == Some(&'\\') { 2 } else { 1 };
                }
            }
            '$' if next == Some('(') => {
                open.push('(');
                at += 1;
            }
            '$' if next == Some('{') => {
                open.push('{');
                at += 1;
            }
            '(' if !quoted => open.push('('),
            ')' if open.last() == Some(&'(') => {
                open.pop();
                if open.is_empty() {
                    return at;
                }
            }
            '}' if open.last() == Some(&'{') => {
                open.pop();
            }
            _ => {}
        }
        at += 1;
    }
    chars.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> (String, bool, Vec<String>) {
        let scanned = scan(raw, Mode::Word);
        assert_eq!(scanned.text.chars().count(), scanned.places.len(), "{raw}");
        (scanned.text, scanned.literal, scanned.substitutions.into_iter().map(|(_, text)| text).collect())
    }

    #[test]
    fn quotes_go_and_variables_stay() {
        for (raw, text, literal) in [
            ("a", "a", true),
            ("'a b'\"c d\"e\\ f", "a bc de f", true),
            ("\"$A\"", "$A", false),
            ("'$A'", "$A", true),
            ("\"\\$A \\x\"", "$A \\x", true),
            ("a$", "a$", true),
            ("${A:-b}", "${A:-b}", false),
            ("*.deb", "*.deb", false),
            ("'*.deb'", "*.deb", true),
            ("{a,b}", "{a,b}", false),
            ("{}", "{}", true),
            ("$'a\\nb'", "a\nb", true),
            ("~/x", "~/x", false),
        ] {
            assert_eq!(read(raw), (text.to_owned(), literal, vec![]), "{raw}");
        }
    }

    #[test]
    fn substitutions_are_found_wherever_they_are() {
        for (raw, found) in [
            ("$(a)", vec!["a"]),
            ("\"x$(a \"b)\" ')' $(c))y\"", vec!["a \"b)\" ')' $(c)"]),
            ("`a \\`b\\``", vec!["a `b`"]),
            ("${A:-$(b)}", vec!["b"]),
            ("$((1 + $(b)))", vec!["b"]),
            ("'$(a)'", vec![]),
            ("$(a", vec!["a"]),
        ] {
            assert_eq!(read(raw).2, found, "{raw}");
        }
        assert_eq!(scan("it's \"$(a)\"", Mode::Heredoc).substitutions.len(), 1);
    }
}
