//! Here-documents: which words of a line open one.
//!
//! Source: <https://docs.docker.com/reference/dockerfile/#here-documents>.

use crate::lex::{Style, Variables, lex};

/// A word that opens a here-document.
pub(crate) struct Opening {
    /// The word that ends it.
    pub(crate) name: String,
    /// Variables in it are expanded.
    pub(crate) expand: bool,
    /// `<<-`.
    pub(crate) strip_tabs: bool,
}

/// The openings in a joined line, in order. A line with unbalanced quotes opens none, as in BuildKit.
pub(crate) fn openings(line: &str) -> Vec<Opening> {
    if !line.contains("<<") {
        return Vec::new();
    }
    let style = Style { raw_quotes: true, raw_escapes: true, heredocs: true };
    let lexed = lex(line, '\\', style, Variables::Keep);
    lexed.words.iter().filter_map(|word| opening(word)).collect()
}

/// Reads one word: an optional file descriptor, `<<`, an optional `-`, and the (quoted) name.
pub(crate) fn opening(word: &str) -> Option<Opening> {
    let rest = word.trim_start_matches(|ch: char| ch.is_ascii_digit()).strip_prefix("<<")?;
    let (strip_tabs, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.contains('<') {
        return None;
    }
    let plain = lex(rest, '\\', Style::default(), Variables::Keep);
    let quoted = lex(rest, '\\', Style { raw_quotes: true, ..Style::default() }, Variables::Keep);
    let ([name], [raw]) = (plain.words.as_slice(), quoted.words.as_slice()) else { return None };
    let quotes = |text: &str| text.chars().filter(|ch| matches!(ch, '\'' | '"')).count();
    Some(Opening { name: name.clone(), expand: quotes(name) == quotes(raw), strip_tabs })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_open_and_words_that_do_not() {
        for word in ["<<EOF", "<<'EOF'", "<<\"EOF\"", "<<-EOF", "<<EO\"F\"", "<< EOF", "<<- EOF", "4<<EOF"] {
            assert_eq!(opening(word).map(|opening| opening.name).as_deref(), Some("EOF"), "{word}");
        }
        for word in ["", "EOF", "<<", "<<-", "<EOF", "<<<EOF", "<<EOF sh", "<<'EOF", "<<EOF'"] {
            assert!(opening(word).is_none(), "{word}");
        }
        assert!(opening("<<EOF").is_some_and(|opening| opening.expand && !opening.strip_tabs));
        assert!(opening("<<-'EOF'").is_some_and(|opening| !opening.expand && opening.strip_tabs));
        assert!(opening("<<eo\\'f").is_some_and(|opening| opening.name == "eo'f" && opening.expand));
    }

    #[test]
    fn openings_of_a_line() {
        let names = |line: &str| openings(line).into_iter().map(|opening| opening.name).collect::<Vec<_>>();
        assert_eq!(names("COPY <<A <<-'B' /dest"), ["A", "B"]);
        assert_eq!(names("RUN << -EOF"), ["-EOF"]);
        assert_eq!(names("RUN <<  EOF  > foo"), ["EOF"]);
        assert_eq!(names("RUN <<$EOF"), ["$EOF"]);
        assert_eq!(names("RUN <<'one two'"), ["one two"]);
        assert!(names("RUN '<<EOF'").is_empty());
        assert!(names("RUN cat <<< word").is_empty());
    }
}
