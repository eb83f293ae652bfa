//! Cutting what does not parse as a whole into pieces that may: at the separators between commands.

use super::Connector;
use brush_parser::Token;
use std::ops::Range;

/// Pieces of a token list at its outermost `;`, `&&`, `||`, `&` and line ends, with how each follows the one before.
pub(crate) fn of_tokens(tokens: &[Token]) -> Vec<(Connector, Range<usize>)> {
    let mut pieces = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let mut start = 0;
    let mut connector = Connector::First;
    let mut command = true;
    for (at, token) in tokens.iter().enumerate() {
        let text = token.to_str();
        let next = match token {
            Token::Word(..) => {
                let leads = command;
                command =
                    leads && matches!(text, "then" | "do" | "else" | "elif" | "!" | "{" | "if" | "while" | "until");
                match text {
                    "if" | "case" | "while" | "until" | "for" | "{" if leads => open.push(text),
                    "fi" if leads && open.last() == Some(&"if") => drop(open.pop()),
                    "esac" if open.last() == Some(&"case") => drop(open.pop()),
                    "done" if leads && matches!(open.last(), Some(&("while" | "until" | "for"))) => drop(open.pop()),
                    "}" if leads && open.last() == Some(&"{") => drop(open.pop()),
                    _ => {}
                }
                None
            }
            Token::Operator(..) => {
                command = !text.starts_with(['<', '>']);
                match text {
                    "(" => {
                        open.push("(");
                        None
                    }
                    ")" => {
                        if open.last() == Some(&"(") {
                            open.pop();
                        }
                        None
                    }
                    ";" | "\n" => Some(Connector::Then),
                    "&" => Some(Connector::Background),
                    "&&" => Some(Connector::And),
                    "||" => Some(Connector::Or),
                    _ => None,
                }
            }
        };
        if let Some(next) = next.filter(|_| open.is_empty()) {
            if start < at {
                pieces.push((connector, start..at));
                connector = next;
            }
            start = at + 1;
        }
    }
    if start < tokens.len() {
        pieces.push((connector, start..tokens.len()));
    }
    pieces
}

/// Pieces of a text that has no tokens (a quote is left open), cut without regard to quotes; as character ranges.
pub(crate) fn of_text(text: &str) -> Vec<(Connector, Range<usize>)> {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces = Vec::new();
    let mut connector = Connector::First;
    let mut start = 0;
    let mut at = 0;
    while let Some(ch) = chars.get(at) {
        let (next, length) = match (ch, chars.get(at + 1)) {
            ('&', Some('&')) => (Connector::And, 2),
            ('|', Some('|')) => (Connector::Or, 2),
            (';' | '\n', _) => (Connector::Then, 1),
            _ => {
                at += 1;
                continue;
            }
        };
        if start < at {
            pieces.push((connector, start..at));
        }
        connector = next;
        at += length;
        start = at;
    }
    if start < chars.len() {
        pieces.push((connector, start..chars.len()));
    }
    pieces
}
