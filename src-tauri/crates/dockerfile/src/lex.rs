//! Words: quotes, escapes and `$VARIABLE` references, read as BuildKit's shell lexer reads them.
//!
//! Source: <https://docs.docker.com/reference/dockerfile/#environment-replacement>. Nesting and length are bounded, so
//! that a hostile file can neither overflow the stack nor grow values exponentially.

use crate::expand::{Env, Value};
use crate::glob::{Longest, replace, strip_prefix, strip_suffix};

/// Longest value that an expansion may give, in bytes.
const MAX_VALUE: usize = 64 * 1024;
/// Deepest nesting of `${…:-${…}}`.
const MAX_DEPTH: usize = 32;

/// How references are treated.
#[derive(Clone, Copy)]
pub(crate) enum Variables<'a> {
    /// They stay as written.
    Keep,
    /// They are replaced from an environment.
    From(&'a Env),
}

/// How quotes and escapes are treated.
#[derive(Clone, Copy, Default)]
pub(crate) struct Style {
    /// Quotes stay in the result.
    pub(crate) raw_quotes: bool,
    /// Escape characters stay in the result.
    pub(crate) raw_escapes: bool,
    /// Blanks after `<<` belong to the word.
    pub(crate) heredocs: bool,
}

/// What came out.
#[derive(Default)]
pub(crate) struct Lexed {
    /// The whole text, quotes and references resolved.
    pub(crate) value: String,
    /// The same, split at unquoted blanks.
    pub(crate) words: Vec<String>,
    /// Variables with no known value.
    pub(crate) unresolved: Vec<String>,
    /// A build argument had a say.
    pub(crate) from_arg: bool,
    /// What the builder would refuse.
    pub(crate) problem: Option<String>,
}

/// Reads `text`.
pub(crate) fn lex(text: &str, escape: char, style: Style, variables: Variables<'_>) -> Lexed {
    let mut lexer = Lexer {
        chars: text.chars().collect(),
        position: 0,
        escape,
        style,
        variables,
        unresolved: Vec::new(),
        from_arg: false,
        complaint: None,
        depth: 0,
    };
    let mut words = Words::default();
    let outcome = lexer.until(None, style.raw_escapes, Some(&mut words));
    let (value, words, problem) = match outcome {
        Ok(value) => (value, words.finish(), lexer.complaint),
        Err(problem) => (text.to_owned(), Vec::new(), Some(problem)),
    };
    Lexed { value, words, unresolved: lexer.unresolved, from_arg: lexer.from_arg, problem }
}

/// Splits the `name=value` words of an `ENV`, `ARG` or `LABEL` at unquoted blanks; quotes and escapes stay in.
pub(crate) fn split_words(text: &str, escape: char) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut started = false;
    let mut quote: Option<char> = None;
    let mut chars = text.chars();
    while let Some(ch) = chars.next() {
        if quote.is_none() && ch.is_whitespace() {
            if started && !word.is_empty() {
                words.push(std::mem::take(&mut word));
            }
            started = false;
            continue;
        }
        started = true;
        if ch == escape && quote != Some('\'') {
            // An escape character at the very end is dropped.
            if let Some(next) = chars.next() {
                word.push(ch);
                word.push(next);
            }
            continue;
        }
        match quote {
            Some(open) if ch == open => quote = None,
            None if ch == '"' || ch == '\'' => quote = Some(ch),
            _ => {}
        }
        word.push(ch);
    }
    if started && !word.is_empty() {
        words.push(word);
    }
    words
}

/// Collects words while the lexer runs.
#[derive(Default)]
struct Words {
    done: Vec<String>,
    word: String,
}

impl Words {
    fn splitting(&mut self, text: &str) {
        for ch in text.chars() {
            self.split_or_add(ch);
        }
    }

    fn split_or_add(&mut self, ch: char) {
        if ch.is_whitespace() {
            self.close();
        } else {
            self.word.push(ch);
        }
    }

    fn raw(&mut self, text: &str) {
        self.word.push_str(text);
    }

    fn close(&mut self) {
        if !self.word.is_empty() {
            self.done.push(std::mem::take(&mut self.word));
        }
    }

    fn finish(mut self) -> Vec<String> {
        self.close();
        self.done
    }
}

/// The state of a variable at the moment of expansion.
enum State {
    Known(String),
    Unset,
    Unknown,
    Missing { open: bool },
}

struct Lexer<'a> {
    chars: Vec<char>,
    position: usize,
    escape: char,
    style: Style,
    variables: Variables<'a>,
    unresolved: Vec<String>,
    from_arg: bool,
    complaint: Option<String>,
    depth: usize,
}

impl Lexer<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.position).copied()
    }

    fn next(&mut self) -> Option<char> {
        let ch = self.peek()?;
        self.position += 1;
        Some(ch)
    }

    /// The text since `start`, as written.
    fn written(&self, start: usize) -> String {
        self.chars.get(start..self.position).unwrap_or_default().iter().collect()
    }

    /// Reads up to `stop` (which is eaten) or the end.
    fn until(
        &mut self,
        stop: Option<char>,
        raw_escapes: bool,
        mut words: Option<&mut Words>,
    ) -> Result<String, String> {
        if self.depth > MAX_DEPTH {
            return Err("variable references are nested too deeply".to_owned());
        }
        self.depth += 1;
        let mut result = String::new();
        while let Some(ch) = self.peek() {
            if Some(ch) == stop {
                self.position += 1;
                self.depth -= 1;
                return Ok(result);
            }
            let splits;
            let piece = match ch {
                '$' => {
                    splits = true;
                    self.dollar(raw_escapes)?
                }
                '\'' => {
                    splits = false;
                    self.single_quoted()?
                }
                '"' => {
                    splits = false;
                    self.double_quoted(raw_escapes)?
                }
                '<' if self.style.heredocs => {
                    splits = false;
                    self.angle()
                }
                _ if ch == self.escape => {
                    splits = false;
                    self.position += 1;
                    let mut piece = String::new();
                    if raw_escapes {
                        piece.push(ch);
                    }
                    if let Some(next) = self.next() {
                        piece.push(next);
                    }
                    piece
                }
                _ => {
                    // The common case, without a text of its own.
                    self.position += 1;
                    result.push(ch);
                    if let Some(words) = words.as_deref_mut() {
                        words.split_or_add(ch);
                    }
                    continue;
                }
            };
            if let Some(words) = words.as_deref_mut() {
                if splits {
                    words.splitting(&piece);
                } else {
                    words.raw(&piece);
                }
            }
            result.push_str(&piece);
            if result.len() > MAX_VALUE && matches!(self.variables, Variables::From(_)) {
                return Err(format!("the value grows beyond {MAX_VALUE} bytes"));
            }
        }
        self.depth -= 1;
        match stop {
            Some('}') => Err("missing } in a variable reference".to_owned()),
            Some(stop) => Err(format!("missing {stop} in a variable reference")),
            None => Ok(result),
        }
    }

    fn single_quoted(&mut self) -> Result<String, String> {
        let start = self.position;
        self.position += 1;
        while let Some(ch) = self.next() {
            if ch == '\'' {
                let end = self.position;
                let range = if self.style.raw_quotes { start..end } else { start + 1..end - 1 };
                return Ok(self.chars.get(range).unwrap_or_default().iter().collect());
            }
        }
        Err("missing closing single quote".to_owned())
    }

    fn double_quoted(&mut self, raw_escapes: bool) -> Result<String, String> {
        self.position += 1;
        let mut result = String::new();
        if self.style.raw_quotes {
            result.push('"');
        }
        while let Some(ch) = self.peek() {
            if ch == '"' {
                self.position += 1;
                if self.style.raw_quotes {
                    result.push('"');
                }
                return Ok(result);
            }
            if ch == '$' {
                result.push_str(&self.dollar(raw_escapes)?);
                continue;
            }
            self.position += 1;
            if ch != self.escape {
                result.push(ch);
                continue;
            }
            match self.peek() {
                None => break,
                Some(next) if next == '"' || next == '$' || next == self.escape => {
                    if raw_escapes {
                        result.push(ch);
                    }
                    result.push(next);
                    self.position += 1;
                }
                // Before any other character the escape character is an ordinary one.
                Some(_) => result.push(ch),
            }
        }
        Err("missing closing double quote".to_owned())
    }

    /// A `<`, or `<<` with the blanks after it.
    fn angle(&mut self) -> String {
        let start = self.position;
        self.position += 1;
        if self.peek() == Some('<') {
            self.position += 1;
            while self.peek().is_some_and(|ch| ch == ' ' || ch == '\t') {
                self.position += 1;
            }
        }
        self.written(start)
    }

    fn name(&mut self) -> String {
        let start = self.position;
        match self.peek() {
            Some(ch) if ch.is_numeric() => {
                while self.peek().is_some_and(char::is_numeric) {
                    self.position += 1;
                }
            }
            Some('@' | '*' | '#' | '?' | '-' | '$' | '!') => self.position += 1,
            _ => {
                while self.peek().is_some_and(|ch| ch.is_alphanumeric() || ch == '_') {
                    self.position += 1;
                }
            }
        }
        self.written(start)
    }

    fn state(&mut self, name: &str) -> State {
        let Variables::From(env) = self.variables else { return State::Unset };
        let Some(variable) = env.get(name) else { return State::Missing { open: env.is_open() } };
        self.from_arg |= variable.from_arg;
        match &variable.value {
            Value::Known(value) => {
                for name in &variable.unresolved {
                    self.note(name);
                }
                State::Known(value.clone())
            }
            Value::Unset => State::Unset,
            Value::Unknown => State::Unknown,
        }
    }

    fn note(&mut self, name: &str) {
        if !self.unresolved.iter().any(|known| known == name) {
            self.unresolved.push(name.to_owned());
        }
    }

    /// A reference, from its `$` on.
    fn dollar(&mut self, raw_escapes: bool) -> Result<String, String> {
        let start = self.position;
        self.position += 1;
        if self.peek() != Some('{') {
            let name = self.name();
            if name.is_empty() {
                return Ok("$".to_owned());
            }
            return Ok(self.plain(&name, start));
        }
        self.position += 1;
        match self.peek() {
            None => return Err("missing } in a variable reference".to_owned()),
            Some('{' | '}' | ':') => return Err("bad variable reference".to_owned()),
            Some(_) => {}
        }
        let name = self.name();
        let operator = self.next();
        match operator {
            Some('}') => Ok(self.plain(&name, start)),
            Some(':') => {
                let operator = self.next();
                match operator {
                    Some('-' | '+' | '?') => self.conditional(&name, operator, true, start, raw_escapes),
                    _ => Err("unknown operator in a variable reference".to_owned()),
                }
            }
            Some('-' | '+' | '?') => self.conditional(&name, operator, false, start, raw_escapes),
            Some(sign @ ('#' | '%')) => self.trimmed(&name, sign, start),
            Some('/') => self.replaced(&name, start),
            None => Err("missing } in a variable reference".to_owned()),
            Some(_) => Err("unknown operator in a variable reference".to_owned()),
        }
    }

    /// `$V` and `${V}`.
    fn plain(&mut self, name: &str, start: usize) -> String {
        if matches!(self.variables, Variables::Keep) {
            return self.written(start);
        }
        match self.state(name) {
            State::Known(value) => value,
            _ => {
                self.note(name);
                self.written(start)
            }
        }
    }

    /// `${V:-w}` and its relatives.
    fn conditional(
        &mut self,
        name: &str,
        operator: Option<char>,
        empty_is_unset: bool,
        start: usize,
        raw_escapes: bool,
    ) -> Result<String, String> {
        // What the word refers to counts only when the word is used.
        let unresolved = self.unresolved.clone();
        let from_arg = self.from_arg;
        let word = self.until(Some('}'), raw_escapes, None)?;
        if matches!(self.variables, Variables::Keep) {
            return Ok(self.written(start));
        }
        let word_unresolved = std::mem::replace(&mut self.unresolved, unresolved);
        let word_from_arg = std::mem::replace(&mut self.from_arg, from_arg);
        let state = self.state(name);
        if matches!(state, State::Unknown | State::Missing { open: true }) {
            self.note(name);
        }
        let use_word = |lexer: &mut Self| {
            for name in &word_unresolved {
                lexer.note(name);
            }
            lexer.from_arg |= word_from_arg;
        };
        let counts_as_set = match &state {
            State::Known(value) => !(empty_is_unset && value.is_empty()),
            State::Unknown => operator == Some('+'),
            State::Unset | State::Missing { .. } => false,
        };
        Ok(match (operator, state) {
            (Some('+'), _) if counts_as_set => {
                use_word(self);
                word
            }
            (Some('+'), _) => String::new(),
            (_, State::Known(value)) if counts_as_set => value,
            (Some('-'), _) => {
                use_word(self);
                word
            }
            (_, state) => {
                if !matches!(state, State::Unknown | State::Missing { open: true }) {
                    let message = if word.is_empty() { "is not allowed to be unset" } else { &word };
                    self.complaint = Some(format!("{name}: {message}"));
                }
                self.note(name);
                self.written(start)
            }
        })
    }

    /// `${V#p}`, `${V##p}`, `${V%p}`, `${V%%p}`.
    fn trimmed(&mut self, name: &str, sign: char, start: usize) -> Result<String, String> {
        let word = self.until(Some('}'), true, None)?;
        if matches!(self.variables, Variables::Keep) {
            return Ok(self.written(start));
        }
        let State::Known(value) = self.state(name) else {
            self.note(name);
            return Ok(self.written(start));
        };
        let (pattern, longest) = match word.strip_prefix(sign) {
            Some(rest) => (rest, Longest::Yes),
            None => (word.as_str(), Longest::No),
        };
        let trimmed =
            if sign == '#' { strip_prefix(&value, pattern, longest) } else { strip_suffix(&value, pattern, longest) };
        trimmed.ok_or_else(|| "pattern too large in a variable reference".to_owned())
    }

    /// `${V/p/r}` and `${V//p/r}`.
    fn replaced(&mut self, name: &str, start: usize) -> Result<String, String> {
        let all = self.peek() == Some('/');
        if all {
            self.position += 1;
        }
        let pattern = self.until(Some('/'), true, None)?;
        let replacement = self.until(Some('}'), true, None)?;
        if matches!(self.variables, Variables::Keep) {
            return Ok(self.written(start));
        }
        let State::Known(value) = self.state(name) else {
            self.note(name);
            return Ok(self.written(start));
        };
        replace(&value, &pattern, &replacement, all)
            .filter(|value| value.len() <= MAX_VALUE)
            .ok_or_else(|| "pattern too large in a variable reference".to_owned())
    }
}
