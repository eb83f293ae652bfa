//! One PDF object read from bytes, with the place of every part (ISO 32000-1, 7.2 and 7.3).

use std::ops::Range;

use super::PdfError;

/// Object number and generation.
pub(crate) type ObjectId = (u32, u16);

/// How deep arrays and dictionaries may be nested before the reader gives up.
const MAX_DEPTH: usize = 64;

/// A value and where it stands in the text that it was read from. Two values are equal when they say the same.
#[derive(Debug, Clone)]
pub(crate) struct Value {
    pub(crate) kind: Kind,
    pub(crate) span: Range<usize>,
}

impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
    }
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Integer(i64),
    /// Kept as written, so that no digit is lost.
    Real(Vec<u8>),
    Name(Vec<u8>),
    String(Vec<u8>),
    Array(Vec<Value>),
    Dict(Dict),
    Reference(ObjectId),
}

/// A dictionary; keys are unique.
#[derive(Debug, Clone)]
pub(crate) struct Dict {
    pub(crate) entries: Vec<Entry>,
    pub(crate) span: Range<usize>,
}

/// One key of a dictionary with its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: Vec<u8>,
    pub(crate) value: Value,
}

impl PartialEq for Dict {
    fn eq(&self, other: &Self) -> bool {
        self.entries.len() == other.entries.len()
            && self.entries.iter().all(|entry| other.get(&entry.key) == Some(&entry.value))
    }
}

impl Dict {
    pub(crate) fn get(&self, key: &[u8]) -> Option<&Value> {
        self.entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value)
    }

    pub(crate) fn integer(&self, key: &[u8]) -> Option<i64> {
        self.get(key).and_then(Value::integer)
    }

    pub(crate) fn name(&self, key: &[u8]) -> Option<&[u8]> {
        self.get(key).and_then(Value::name)
    }

    pub(crate) fn reference(&self, key: &[u8]) -> Option<ObjectId> {
        self.get(key).and_then(Value::reference)
    }

    pub(crate) fn string(&self, key: &[u8]) -> Option<&[u8]> {
        self.get(key).and_then(|value| match &value.kind {
            Kind::String(bytes) => Some(bytes.as_slice()),
            _ => None,
        })
    }

    pub(crate) fn dict(&self, key: &[u8]) -> Option<&Dict> {
        self.get(key).and_then(Value::dict)
    }

    pub(crate) fn array(&self, key: &[u8]) -> Option<&[Value]> {
        self.get(key).and_then(Value::array)
    }
}

impl Value {
    pub(crate) fn integer(&self) -> Option<i64> {
        match self.kind {
            Kind::Integer(number) => Some(number),
            _ => None,
        }
    }

    pub(crate) fn name(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Name(name) => Some(name),
            _ => None,
        }
    }

    pub(crate) fn reference(&self) -> Option<ObjectId> {
        match self.kind {
            Kind::Reference(id) => Some(id),
            _ => None,
        }
    }

    pub(crate) fn dict(&self) -> Option<&Dict> {
        match &self.kind {
            Kind::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    pub(crate) fn array(&self) -> Option<&[Value]> {
        match &self.kind {
            Kind::Array(items) => Some(items),
            _ => None,
        }
    }
}

/// Reads values from a position onwards.
pub(crate) struct Parser<'a> {
    bytes: &'a [u8],
    pos: usize,
    depth: usize,
}

pub(crate) fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

impl<'a> Parser<'a> {
    pub(crate) fn new(bytes: &'a [u8], pos: usize) -> Self {
        Self { bytes, pos, depth: 0 }
    }

    pub(crate) fn pos(&self) -> usize {
        self.pos
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.pos).copied()
    }

    fn rest(&self) -> &'a [u8] {
        self.bytes.get(self.pos..).unwrap_or_default()
    }

    fn error<T>(&self, reason: impl Into<String>) -> Result<T, PdfError> {
        Err(PdfError::at(self.pos, reason))
    }

    /// Skips white space and comments.
    pub(crate) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if is_space(byte) {
                self.pos += 1;
            } else if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.pos += 1;
                }
            } else {
                return;
            }
        }
    }

    /// Takes exactly these bytes, or leaves everything as it is.
    pub(crate) fn take(&mut self, literal: &[u8]) -> bool {
        let found = self.rest().starts_with(literal);
        if found {
            self.pos += literal.len();
        }
        found
    }

    /// Takes a keyword that ends at white space, a delimiter or the end.
    pub(crate) fn take_word(&mut self, word: &[u8]) -> bool {
        let ends = self.rest().get(word.len()).is_none_or(|&b| is_space(b) || is_delimiter(b));
        ends && self.take(word)
    }

    /// Takes one end-of-line marker: CR LF, LF or CR.
    pub(crate) fn take_eol(&mut self) -> bool {
        self.take(b"\r\n") || self.take(b"\n") || self.take(b"\r")
    }

    /// An unsigned decimal number of at most `max_digits` digits.
    pub(crate) fn unsigned(&mut self, max_digits: usize) -> Option<u64> {
        let digits = self.rest().iter().take_while(|b| b.is_ascii_digit()).count();
        if digits == 0 || digits > max_digits {
            return None;
        }
        let text = std::str::from_utf8(self.rest().get(..digits)?).ok()?;
        let number = text.parse().ok()?;
        self.pos += digits;
        Some(number)
    }

    /// The next value (7.3).
    pub(crate) fn value(&mut self) -> Result<Value, PdfError> {
        self.skip_space();
        let start = self.pos;
        if self.depth >= MAX_DEPTH {
            return self.error("its objects are nested too deeply");
        }
        self.depth += 1;
        let kind = self.kind();
        self.depth -= 1;
        Ok(Value { kind: kind?, span: start..self.pos })
    }

    fn kind(&mut self) -> Result<Kind, PdfError> {
        match self.peek() {
            None => self.error("it ends in the middle of an object"),
            Some(b'/') => self.name().map(Kind::Name),
            Some(b'(') => self.literal_string().map(Kind::String),
            Some(b'[') => self.array(),
            Some(b'<') if self.rest().starts_with(b"<<") => self.dict().map(Kind::Dict),
            Some(b'<') => self.hex_string().map(Kind::String),
            Some(b'+' | b'-' | b'.' | b'0'..=b'9') => self.number_or_reference(),
            Some(_) if self.take_word(b"null") => Ok(Kind::Null),
            Some(_) if self.take_word(b"true") => Ok(Kind::Bool(true)),
            Some(_) if self.take_word(b"false") => Ok(Kind::Bool(false)),
            Some(_) => self.error("an object was expected and something else was found"),
        }
    }

    fn name(&mut self) -> Result<Vec<u8>, PdfError> {
        self.pos += 1;
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|&b| !is_space(b) && !is_delimiter(b)) {
            self.pos += 1;
            if byte == b'#' {
                let pair = self.rest().get(..2).and_then(|pair| match pair {
                    [high, low] => Some(hex_digit(*high)? << 4 | hex_digit(*low)?),
                    _ => None,
                });
                let Some(decoded) = pair else { return self.error("a name has a broken # escape") };
                self.pos += 2;
                name.push(decoded);
            } else {
                name.push(byte);
            }
        }
        Ok(name)
    }

    fn literal_string(&mut self) -> Result<Vec<u8>, PdfError> {
        self.pos += 1;
        let mut out = Vec::new();
        let mut open = 1usize;
        loop {
            let Some(byte) = self.peek() else { return self.error("a string has no end") };
            self.pos += 1;
            match byte {
                b'(' => {
                    open += 1;
                    out.push(byte);
                }
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(out);
                    }
                    out.push(byte);
                }
                b'\\' => self.escape(&mut out)?,
                b'\r' => {
                    self.take(b"\n");
                    out.push(b'\n');
                }
                _ => out.push(byte),
            }
        }
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Result<(), PdfError> {
        if self.take_eol() {
            return Ok(());
        }
        let Some(byte) = self.peek() else { return self.error("a string has no end") };
        if matches!(byte, b'0'..=b'7') {
            let mut code = 0u32;
            for _ in 0..3 {
                let Some(digit @ b'0'..=b'7') = self.peek() else { break };
                code = code * 8 + u32::from(digit - b'0');
                self.pos += 1;
            }
            out.push(code.to_le_bytes()[0]);
            return Ok(());
        }
        self.pos += 1;
        out.push(match byte {
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'b' => 8,
            b'f' => 12,
            other => other,
        });
        Ok(())
    }

    fn hex_string(&mut self) -> Result<Vec<u8>, PdfError> {
        self.pos += 1;
        let mut digits = Vec::new();
        loop {
            let Some(byte) = self.peek() else { return self.error("a hexadecimal string has no end") };
            self.pos += 1;
            match hex_digit(byte) {
                Some(digit) => digits.push(digit),
                None if byte == b'>' => break,
                None if is_space(byte) => {}
                None => return self.error("a hexadecimal string holds something that is no hexadecimal digit"),
            }
        }
        if digits.len() % 2 == 1 {
            digits.push(0);
        }
        Ok(digits.as_chunks::<2>().0.iter().map(|[high, low]| high << 4 | low).collect())
    }

    fn array(&mut self) -> Result<Kind, PdfError> {
        self.pos += 1;
        let mut items = Vec::new();
        loop {
            self.skip_space();
            if self.take(b"]") {
                return Ok(Kind::Array(items));
            }
            items.push(self.value()?);
        }
    }

    fn dict(&mut self) -> Result<Dict, PdfError> {
        let start = self.pos;
        self.pos += 2;
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            self.skip_space();
            if self.take(b">>") {
                return Ok(Dict { entries, span: start..self.pos });
            }
            if self.peek() != Some(b'/') {
                return self.error("a dictionary key was expected and something else was found");
            }
            let key = self.name()?;
            if entries.iter().any(|entry| entry.key == key) {
                return self.error(format!("a dictionary has the key {} twice", String::from_utf8_lossy(&key)));
            }
            let value = self.value()?;
            entries.push(Entry { key, value });
        }
    }

    fn number_or_reference(&mut self) -> Result<Kind, PdfError> {
        let start = self.pos;
        while self.peek().is_some_and(|b| matches!(b, b'+' | b'-' | b'.' | b'0'..=b'9')) {
            self.pos += 1;
        }
        let text = self.bytes.get(start..self.pos).unwrap_or_default();
        if !text.contains(&b'.') {
            let number = std::str::from_utf8(text).ok().and_then(|text| text.parse::<i64>().ok());
            let Some(number) = number else { return self.error("a number is malformed") };
            return Ok(self.reference_after(number, text).unwrap_or(Kind::Integer(number)));
        }
        let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
        let dots = digits.iter().filter(|&&b| b == b'.').count();
        if dots != 1 || digits.len() < 2 || digits.iter().any(|b| matches!(b, b'+' | b'-')) {
            return self.error("a number is malformed");
        }
        Ok(Kind::Real(text.to_vec()))
    }

    /// `n g R`: a number may turn out to be the start of a reference.
    fn reference_after(&mut self, number: i64, text: &[u8]) -> Option<Kind> {
        if !text.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let number = u32::try_from(number).ok()?;
        let back = self.pos;
        let mut read = || {
            self.skip_space();
            let generation = u16::try_from(self.unsigned(5)?).ok()?;
            self.skip_space();
            self.take_word(b"R").then_some(Kind::Reference((number, generation)))
        };
        let found = read();
        if found.is_none() {
            self.pos = back;
        }
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &[u8]) -> Value {
        Parser::new(text, 0).value().unwrap()
    }

    #[test]
    fn values_are_read_with_their_places() {
        let text = b"<< /Type /Sig /A [1 -2.50 (a\\(b\\051) <4142> 7 0 R true null] /N#20x 3 >>";
        let value = parse(text);
        let dict = value.dict().unwrap();
        assert_eq!(value.span, 0..text.len());
        assert_eq!(dict.name(b"Type"), Some(&b"Sig"[..]));
        assert_eq!(dict.integer(b"N x"), Some(3));
        let items = dict.array(b"A").unwrap();
        assert_eq!(items[1].kind, Kind::Real(b"-2.50".to_vec()));
        assert_eq!(items[2].kind, Kind::String(b"a(b)".to_vec()));
        assert_eq!(items[3].kind, Kind::String(b"AB".to_vec()));
        assert_eq!(items[4].kind, Kind::Reference((7, 0)));
        assert_eq!(&text[items[3].span.clone()], b"<4142>");
    }

    #[test]
    fn equality_ignores_places_and_order() {
        assert_eq!(parse(b"<</A 1/B(x)>>"), parse(b"<<  /B <78> /A 1 >>"));
        assert_ne!(parse(b"<</A 1>>"), parse(b"<</A 1.0>>"));
    }

    #[test]
    fn doubtful_syntax_is_refused() {
        for text in [&b"<</A 1/A 2>>"[..], b"<4g>", b"(open", b"[1 2", b"<</A>>", b"1.2.3", b"--1", b"", b"frue"] {
            assert!(Parser::new(text, 0).value().is_err(), "{}", String::from_utf8_lossy(text));
        }
        let deep = vec![b'['; 100_000];
        assert!(Parser::new(&deep, 0).value().is_err());
    }
}
