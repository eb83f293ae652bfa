//! Licence expressions as SPDX writes them (SPDX 2.3, annex D), told from everything else that databases call a licence.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Identifiers of the SPDX licence list, as CycloneDX 1.6 has them.
const LICENCES: &str = include_str!("licences.txt");
/// Identifiers of its exceptions.
const EXCEPTIONS: &str = include_str!("exceptions.txt");

/// Longer expressions are left as text.
const MAX_LENGTH: usize = 2048;
const MAX_DEPTH: usize = 16;

type Ids = HashMap<String, &'static str>;

static KNOWN: LazyLock<(Ids, Ids)> = LazyLock::new(|| {
    let ids = |text: &'static str| text.split_whitespace().map(|id| (id.to_ascii_lowercase(), id)).collect();
    (ids(LICENCES), ids(EXCEPTIONS))
});

/// A licence as a document may state it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Licence {
    /// One identifier of the list, in the list's own spelling.
    Id(String),
    /// An expression of identifiers.
    Expression(String),
    /// Something else.
    Text(String),
}

/// What a text says as a licence.
pub(crate) fn parse(text: &str) -> Licence {
    let text = text.trim();
    let other = || Licence::Text(text.to_owned());
    if text.is_empty() || text.len() > MAX_LENGTH {
        return other();
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut parser = Parser { words: &words, at: 0, written: String::new() };
    if !parser.choice(0) || parser.at != words.len() {
        return other();
    }
    match KNOWN.0.get(&parser.written.to_ascii_lowercase()) {
        Some(id) => Licence::Id((*id).to_owned()),
        None => Licence::Expression(parser.written),
    }
}

/// Reads words, and writes them again in their proper spelling.
struct Parser<'w> {
    words: &'w [&'w str],
    at: usize,
    written: String,
}

impl Parser<'_> {
    fn take(&mut self, word: &str) -> bool {
        let is_it = self.words.get(self.at).is_some_and(|next| next.eq_ignore_ascii_case(word));
        self.at += usize::from(is_it);
        is_it
    }

    /// `A AND B OR C`. Which binds more does not matter, for nothing is changed in the order.
    fn choice(&mut self, depth: usize) -> bool {
        loop {
            if !self.one(depth) {
                return false;
            }
            if self.take("AND") {
                self.written.push_str(" AND ");
            } else if self.take("OR") {
                self.written.push_str(" OR ");
            } else {
                return true;
            }
        }
    }

    fn one(&mut self, depth: usize) -> bool {
        if self.take("(") {
            self.written.push('(');
            let is_sound = depth < MAX_DEPTH && self.choice(depth + 1) && self.take(")");
            self.written.push(')');
            return is_sound;
        }
        let Some(word) = self.words.get(self.at) else { return false };
        self.at += 1;
        let lower = word.to_ascii_lowercase();
        // "GPL-2.0+" is an identifier of the list; "Apache-1.1+" is one with the sign for later versions.
        let (licences, exceptions) = &*KNOWN;
        match (licences.get(&lower), lower.strip_suffix('+').and_then(|plain| licences.get(plain))) {
            (Some(id), _) => self.written.push_str(id),
            (None, Some(id)) => {
                self.written.push_str(id);
                self.written.push('+');
            }
            (None, None) => return false,
        }
        if self.take("WITH") {
            let Some(id) = self.words.get(self.at).and_then(|word| exceptions.get(&word.to_ascii_lowercase())) else {
                return false;
            };
            self.at += 1;
            self.written.push_str(" WITH ");
            self.written.push_str(id);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_expressions_are_told_from_text() {
        let expression = |text: &str| Licence::Expression(text.to_owned());
        assert_eq!(parse("mit"), Licence::Id("MIT".to_owned()));
        assert_eq!(parse("MIT or apache-2.0"), expression("MIT OR Apache-2.0"));
        assert_eq!(
            parse("(GPL-2.0-or-later WITH Classpath-exception-2.0) and Zlib"),
            expression("(GPL-2.0-or-later WITH Classpath-exception-2.0) AND Zlib")
        );
        assert_eq!(parse("Apache-1.1+"), expression("Apache-1.1+"));
        for text in ["", "GPLv2+ and MIT", "MIT AND", "AND", "(MIT", "MIT)", "MIT WITH x", "MIT MIT", "BSD style", "()"]
        {
            assert_eq!(parse(text), Licence::Text(text.to_owned()), "{text}");
        }
        assert!(matches!(parse(&"(".repeat(1000)), Licence::Text(_)));
    }

    #[test]
    fn the_lists_hold_what_they_should() {
        assert!(KNOWN.0.len() > 700 && KNOWN.1.len() > 70);
        assert!(KNOWN.0.contains_key("gpl-2.0-only") && !KNOWN.0.contains_key("classpath-exception-2.0"));
    }
}
