//! The small shell patterns of `${V#p}`, `${V%p}` and `${V/p/r}`: `*`, `?` and escapes.
//!
//! Matching runs over sets of states, never by trying again, so its cost is bounded by text times pattern.

/// Largest product of text and pattern length that is worked on.
const MAX_WORK: usize = 4_000_000;

/// Whether the longest or the shortest match counts.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Longest {
    /// `##`, `%%`.
    Yes,
    /// `#`, `%`.
    No,
}

#[derive(Clone, Copy)]
enum Token {
    Literal(char),
    Any,
    Star,
}

fn tokens(pattern: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut chars = pattern.chars();
    while let Some(ch) = chars.next() {
        tokens.push(match ch {
            '*' => Token::Star,
            '?' => Token::Any,
            '\\' => Token::Literal(chars.next().unwrap_or('\\')),
            _ => Token::Literal(ch),
        });
    }
    tokens
}

/// Ends (exclusive) of the shortest and the longest match that begins at `start`.
fn match_ends(text: &[char], start: usize, tokens: &[Token]) -> Option<(usize, usize)> {
    let mut active = vec![false; tokens.len() + 1];
    activate(&mut active, tokens, 0);
    let mut found: Option<(usize, usize)> = None;
    let mut position = start;
    loop {
        if active.last() == Some(&true) {
            found = Some((found.map_or(position, |(first, _)| first), position));
        }
        let Some(ch) = text.get(position) else { return found };
        let mut following = vec![false; tokens.len() + 1];
        for (index, token) in tokens.iter().enumerate() {
            if active.get(index) != Some(&true) {
                continue;
            }
            match token {
                Token::Star => activate(&mut following, tokens, index),
                Token::Any => activate(&mut following, tokens, index + 1),
                Token::Literal(literal) if literal == ch => activate(&mut following, tokens, index + 1),
                Token::Literal(_) => {}
            }
        }
        if !following.contains(&true) {
            return found;
        }
        active = following;
        position += 1;
    }
}

/// Marks a state and those that stars let it reach without a character.
fn activate(active: &mut [bool], tokens: &[Token], mut index: usize) {
    loop {
        if let Some(slot) = active.get_mut(index) {
            *slot = true;
        }
        if !matches!(tokens.get(index), Some(Token::Star)) {
            return;
        }
        index += 1;
    }
}

/// Takes a matching prefix away. None when text and pattern are too large.
pub(crate) fn strip_prefix(text: &str, pattern: &str, longest: Longest) -> Option<String> {
    let tokens = tokens(pattern);
    let chars: Vec<char> = text.chars().collect();
    if chars.len().saturating_mul(tokens.len()) > MAX_WORK {
        return None;
    }
    let cut = match match_ends(&chars, 0, &tokens) {
        Some((_, last)) if longest == Longest::Yes => last,
        Some((first, _)) => first,
        None => 0,
    };
    Some(chars.iter().skip(cut).collect())
}

/// Takes a matching suffix away. None when text and pattern are too large.
pub(crate) fn strip_suffix(text: &str, pattern: &str, longest: Longest) -> Option<String> {
    let mut tokens = tokens(pattern);
    tokens.reverse();
    let chars: Vec<char> = text.chars().rev().collect();
    if chars.len().saturating_mul(tokens.len()) > MAX_WORK {
        return None;
    }
    let cut = match match_ends(&chars, 0, &tokens) {
        Some((_, last)) if longest == Longest::Yes => last,
        Some((first, _)) => first,
        None => 0,
    };
    Some(text.chars().take(chars.len() - cut).collect())
}

/// Replaces the first or every longest match. None when text and pattern are too large, or the pattern is empty.
pub(crate) fn replace(text: &str, pattern: &str, replacement: &str, all: bool) -> Option<String> {
    let tokens = tokens(pattern);
    let chars: Vec<char> = text.chars().collect();
    let work = chars.len().saturating_mul(chars.len()).saturating_mul(tokens.len());
    if tokens.is_empty() || work > MAX_WORK {
        return None;
    }
    let mut result = String::new();
    let mut position = 0;
    let mut replaced = false;
    while position < chars.len() {
        let end = if replaced && !all { None } else { match_ends(&chars, position, &tokens).map(|(_, last)| last) };
        match end {
            Some(end) if end > position => {
                result.push_str(replacement);
                replaced = true;
                position = end;
            }
            _ => {
                result.extend(chars.get(position));
                position += 1;
            }
        }
    }
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_suffixes_shortest_and_longest() {
        assert_eq!(strip_prefix("a.b.c", "*.", Longest::No).as_deref(), Some("b.c"));
        assert_eq!(strip_prefix("a.b.c", "*.", Longest::Yes).as_deref(), Some("c"));
        assert_eq!(strip_suffix("a.b.c", ".*", Longest::No).as_deref(), Some("a.b"));
        assert_eq!(strip_suffix("a.b.c", ".*", Longest::Yes).as_deref(), Some("a"));
        assert_eq!(strip_suffix("abc", "x", Longest::Yes).as_deref(), Some("abc"));
    }

    #[test]
    fn replacing_once_and_everywhere() {
        assert_eq!(replace("a-b-c", "-", "_", false).as_deref(), Some("a_b-c"));
        assert_eq!(replace("a-b-c", "-", "_", true).as_deref(), Some("a_b_c"));
        assert_eq!(replace("abcabc", "a?c", "x", true).as_deref(), Some("xx"));
    }

    #[test]
    fn many_stars_do_not_blow_up() {
        let text = "a".repeat(2000);
        let pattern = "*a".repeat(500) + "b";
        assert_eq!(strip_prefix(&text, &pattern, Longest::Yes), Some(text));
    }
}
