//! Reads `WWW-Authenticate`: how a server wants to be told who asks (RFC 9110, 11.6.1; RFC 6750, 3).

/// Bytes of all such headers together that are looked at.
const LONGEST: usize = 16 << 10;
/// Challenges and parameters that are kept.
const MOST: usize = 32;

/// One way to authenticate.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Challenge {
    /// The scheme in lower case: `basic`, `bearer`.
    pub scheme: String,
    /// Parameters, names in lower case, in order.
    pub parameters: Vec<(String, String)>,
}

impl Challenge {
    /// A parameter's value.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Cursor<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip(&mut self, wanted: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&wanted) {
            self.at += 1;
        }
    }

    fn take(&mut self, wanted: impl Fn(u8) -> bool) -> String {
        let start = self.at;
        self.skip(wanted);
        String::from_utf8_lossy(self.bytes.get(start..self.at).unwrap_or_default()).into_owned()
    }

    /// A quoted string, the opening quote being next. One that is not closed goes to the end.
    fn quoted(&mut self) -> String {
        self.at += 1;
        let mut text = Vec::new();
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'"' => break,
                b'\\' => {
                    text.extend(self.peek());
                    self.at += 1;
                }
                other => text.push(other),
            }
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_space(byte: u8) -> bool {
    byte == b' ' || byte == b'\t'
}

/// All challenges of one or several header values, in order. What makes no sense is passed over.
#[must_use]
pub fn challenges<'a>(values: impl IntoIterator<Item = &'a [u8]>) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut left = LONGEST;
    for value in values {
        let bytes = value.get(..value.len().min(left)).unwrap_or_default();
        left -= bytes.len();
        let mut own: Vec<Challenge> = Vec::new();
        read(&mut Cursor { bytes, at: 0 }, &mut own);
        found.extend(own);
    }
    found.truncate(MOST);
    found
}

fn read(cursor: &mut Cursor<'_>, into: &mut Vec<Challenge>) {
    loop {
        cursor.skip(|byte| is_space(byte) || byte == b',');
        let Some(next) = cursor.peek() else { return };
        if !is_token(next) {
            // Nonsense up to the next comma.
            cursor.skip(|byte| byte != b',');
            continue;
        }
        let word = cursor.take(is_token);
        let after_word = cursor.at;
        cursor.skip(is_space);
        if cursor.peek() == Some(b'=') && !into.is_empty() {
            cursor.at += 1;
            cursor.skip(is_space);
            let value =
                if cursor.peek() == Some(b'"') { cursor.quoted() } else { cursor.take(|b| b != b',' && !is_space(b)) };
            if let Some(last) = into.last_mut().filter(|last| last.parameters.len() < MOST) {
                last.parameters.push((word.to_ascii_lowercase(), value));
            }
            continue;
        }
        if into.len() >= MOST {
            return;
        }
        into.push(Challenge { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
        if cursor.at == after_word {
            // Whatever follows a scheme without a space is no parameter of it.
            cursor.skip(|byte| byte != b',' && !is_space(byte));
            continue;
        }
        // token68, as Negotiate has it: no `name=value` follows.
        let start = cursor.at;
        cursor.skip(|byte| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte));
        let had = cursor.at > start;
        cursor.skip(|byte| byte == b'=');
        cursor.skip(is_space);
        if !(had && matches!(cursor.peek(), None | Some(b','))) {
            cursor.at = start;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read_all(values: &[&str]) -> Vec<Challenge> {
        challenges(values.iter().map(|value| value.as_bytes()))
    }

    #[test]
    fn commas_inside_quotes_belong_to_the_value() {
        let text = r#"Bearer realm="https://auth.example/token",service="reg,istry",scope="repository:a:pull,push""#;
        let found = read_all(&[text]);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].get("realm"), Some("https://auth.example/token"));
        assert_eq!(found[0].get("service"), Some("reg,istry"));
        assert_eq!(found[0].get("scope"), Some("repository:a:pull,push"));
    }

    #[test]
    fn several_challenges_in_one_header_or_in_several_are_told_apart() {
        let one =
            read_all(&[r#"Basic realm="a \"b\"", Negotiate abc==, BEARER Realm = https://x/y , error=invalid_token"#]);
        let schemes: Vec<_> = one.iter().map(|c| c.scheme.as_str()).collect();
        assert_eq!(schemes, ["basic", "negotiate", "bearer"]);
        assert_eq!(one[0].get("realm"), Some(r#"a "b""#));
        assert_eq!((one[2].get("realm"), one[2].get("error")), (Some("https://x/y"), Some("invalid_token")));
        let two = read_all(&["Basic", "Bearer realm=\"x\""]);
        assert_eq!((two[0].scheme.as_str(), two[1].get("realm")), ("basic", Some("x")));
    }

    #[test]
    fn nonsense_is_passed_over() {
        assert_eq!(read_all(&["", ",,,", "\u{1}\u{2}"]), []);
        assert_eq!(read_all(&["Bearer realm=\"never closed"])[0].get("realm"), Some("never closed"));
        assert!(read_all(&[&"a,".repeat(100_000)]).len() <= MOST);
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_to_an_end(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = challenges([bytes.as_slice()]);
        }
    }
}
