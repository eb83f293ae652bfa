//! The parser beneath, kept within bounds: its depth, its backtracking and its panics.

use brush_parser::ast::Program;
use brush_parser::{ParserOptions, Token, parse_tokens, uncached_tokenize_str};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Longest text that is parsed, in bytes.
const MAX_TEXT: usize = 512 * 1024;
/// Nesting that the caller's own stack bears.
const OWN_STACK: usize = 12;
/// Most constructs that may be nested in a text that is parsed in one piece.
const MAX_NESTING: usize = 3_000;
/// Stack for one level, in bytes: twice what an unoptimised build was seen to need.
const STACK_PER_LEVEL: usize = 64 * 1024;
/// Most here-documents in a text; the tokenizer's work grows with their square.
const MAX_HEREDOCS: usize = 500;
/// Most constructs that the grammar reads twice when they do not end well: its work doubles with each.
const MAX_DOUBLING: usize = 6;

/// Why a text was not looked at.
pub(crate) fn refuse(text: &str) -> Option<&'static str> {
    if text.len() > MAX_TEXT {
        return Some("the shell text is too long to be parsed");
    }
    if text.matches("<<").count() > MAX_HEREDOCS {
        return Some("the shell text has too many here-documents to be parsed");
    }
    None
}

/// How deep the constructs of a text can be nested at most.
fn nesting(text: &str) -> usize {
    let signs = text.bytes().filter(|byte| matches!(byte, b'(' | b'{' | b'[' | b'!')).count();
    let words = text
        .split(|ch: char| !ch.is_ascii_alphabetic())
        .filter(|word| {
            matches!(
                *word,
                "if" | "for" | "while" | "until" | "case" | "elif" | "else" | "coproc" | "function" | "select"
            )
        })
        .count();
    signs + words
}

/// Runs `work` on a stack that is deep enough for a text. None when there is no such stack.
pub(crate) fn with_stack<T: Send>(text: &str, work: impl FnOnce() -> T + Send) -> Option<T> {
    let levels = nesting(text);
    if levels <= OWN_STACK {
        return Some(work());
    }
    // Much of what looks like nesting stands side by side; a stack takes memory only where it is used.
    if levels > MAX_NESTING {
        return None;
    }
    let size = (levels + 16) * STACK_PER_LEVEL;
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new().stack_size(size).spawn_scoped(scope, work);
        thread.ok().and_then(|thread| thread.join().ok())
    })
}

/// Tokens of a text, or why there are none.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let options = ParserOptions::default().tokenizer_options();
    let outcome = catch_unwind(AssertUnwindSafe(|| uncached_tokenize_str(text, &options)));
    match outcome {
        Ok(Ok(tokens)) => Ok(tokens),
        Ok(Err(error)) => Err(reason(&error.to_string())),
        Err(_) => Err("the shell text could not be split into words".to_owned()),
    }
}

/// The first clause of an error; the rest may repeat the text.
fn reason(error: &str) -> String {
    let clause: String = error.chars().take_while(|ch| !matches!(ch, '\n' | '\'' | '"' | '<')).take(80).collect();
    format!("the shell text could not be parsed: {}", clause.trim().trim_end_matches(':'))
}

/// The program of some tokens, or why there is none.
pub(crate) fn program(tokens: &mut [Token]) -> Result<Program, String> {
    tame_descriptors(tokens);
    if doubling(tokens) > MAX_DOUBLING {
        return Err("the shell text is nested too deeply to be parsed".to_owned());
    }
    let options = ParserOptions::default();
    match catch_unwind(AssertUnwindSafe(|| parse_tokens(tokens, &options))) {
        Ok(Ok(program)) => Ok(program),
        Ok(Err(error)) => Err(reason(&error.to_string())),
        Err(_) => Err("the shell text could not be parsed".to_owned()),
    }
}

/// A file descriptor that is no small number makes the parser panic.
fn tame_descriptors(tokens: &mut [Token]) {
    for at in 1..tokens.len() {
        let redirects = matches!(tokens.get(at), Some(Token::Operator(text, _)) if text.starts_with(['<', '>']));
        if redirects && let Some(Token::Word(word, _)) = tokens.get_mut(at - 1) {
            let digits = word.chars().all(|ch| ch.is_ascii_digit());
            if digits && (word.is_empty() || word.len() > 4) {
                *word = "9999".to_owned();
            }
        }
    }
}

/// How many constructs the grammar may read twice, each inside the other.
fn doubling(tokens: &[Token]) -> usize {
    let operator = |at: usize, sign: &str| matches!(tokens.get(at), Some(Token::Operator(text, _)) if text == sign);
    let mut count = 0;
    let mut cases: usize = 0;
    let mut arithmetic = false;
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Operator(sign, _) if sign == "(" => {
                arithmetic |= operator(at + 1, "(");
                count += usize::from(arithmetic);
            }
            Token::Word(word, _) if word == "case" => cases += 1,
            // A `case` whose last branch has no `;;` is read twice, and so is one without an end.
            Token::Word(word, _) if word == "esac" => {
                let before = tokens.get(..at).unwrap_or_default().iter().rev().find(|token| token.to_str() != "\n");
                if cases > 0 {
                    cases -= 1;
                    count += usize::from(!before.is_some_and(|token| token.to_str().starts_with(';')));
                }
            }
            Token::Word(word, _) if word == "coproc" => count += 1,
            _ => {}
        }
    }
    count + cases
}
