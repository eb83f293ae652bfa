//! `.dockerignore`: which paths of a build context the builder never sees, by Docker's own rules.
//!
//! Sources: <https://docs.docker.com/build/concepts/context/#dockerignore-files> and the behaviour of
//! `github.com/moby/patternmatcher`, with which BuildKit walks a context: a path is judged after its parent folders, a
//! pattern that matched a parent goes on matching below it, and the last pattern that matches wins. Patterns become
//! small state machines; matching costs path length times pattern length, whatever the pattern.
//!
//! The Dockerfile and the `.dockerignore` itself reach the builder even when they are excluded; they just cannot be
//! copied then. That is for the caller to know.

use crate::lines::number;
use crate::model::Problem;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// A `.dockerignore`, read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct DockerIgnore {
    /// The patterns that count, in the order of the file.
    pub rules: Vec<Rule>,
    /// Patterns that Docker refuses (it then refuses the whole build); they are left out of the rules.
    pub problems: Vec<Problem>,
    /// SHA-256 of the text, in hexadecimal.
    pub sha256: String,
}

/// One pattern.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", from = "StoredRule")]
pub struct Rule {
    /// Its line, counted from 1.
    pub line: u32,
    /// The pattern as Docker takes it: cleaned, without `!` and leading slash.
    pub pattern: String,
    /// It begins with `!`: what it matches is not excluded.
    pub exception: bool,
    #[serde(skip_serializing)]
    matcher: Matcher,
}

/// A rule as it is stored; the state machine is made anew.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct StoredRule {
    line: u32,
    pattern: String,
    exception: bool,
}

impl From<StoredRule> for Rule {
    fn from(stored: StoredRule) -> Self {
        let matcher = compile(&stored.pattern);
        Self { line: stored.line, pattern: stored.pattern, exception: stored.exception, matcher }
    }
}

impl DockerIgnore {
    /// Reads a `.dockerignore`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let body = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut rules = Vec::new();
        let mut problems = Vec::new();
        for (index, line) in body.split('\n').enumerate() {
            // A comment begins in the first column; a blank before the # makes it a pattern.
            if line.starts_with('#') {
                continue;
            }
            let line = line.trim();
            if line.is_empty() {
                continue;
            }
            let (exception, pattern) = match line.strip_prefix('!') {
                Some(rest) => (true, rest.trim()),
                None => (false, line),
            };
            if pattern.is_empty() {
                problems.push(Problem { line: number(index), message: "an exception without a pattern".to_owned() });
                continue;
            }
            let cleaned = clean(pattern);
            let pattern = match cleaned.strip_prefix('/') {
                Some(rest) if !rest.is_empty() => rest.to_owned(),
                _ => cleaned,
            };
            if !is_valid(&pattern) {
                problems.push(Problem { line: number(index), message: format!("malformed pattern {pattern}") });
                continue;
            }
            let matcher = compile(&pattern);
            rules.push(Rule { line: number(index), pattern, exception, matcher });
        }
        Self { rules, problems, sha256: hex::encode(Sha256::digest(text.as_bytes())) }
    }

    /// True when the builder does not see the path. Paths are relative to the context, with `/` between the parts.
    #[must_use]
    pub fn excludes(&self, path: &str) -> bool {
        self.decide(path).0
    }

    /// The rule that decides about a path: the last one that matches it or a folder above it.
    #[must_use]
    pub fn deciding_rule(&self, path: &str) -> Option<&Rule> {
        self.decide(path).1.and_then(|index| self.rules.get(index))
    }

    /// True when a rule is an exception, so that an excluded folder may still hold something.
    #[must_use]
    pub fn has_exceptions(&self) -> bool {
        self.rules.iter().any(|rule| rule.exception)
    }

    fn decide(&self, path: &str) -> (bool, Option<usize>) {
        let path = clean(path);
        let path = path.trim_start_matches('/');
        if path.is_empty() || path == "." {
            return (false, None);
        }
        let chars: Vec<char> = path.chars().collect();
        let ends = chars.iter().enumerate().filter(|(_, ch)| **ch == '/').map(|(index, _)| index);
        let mut matched = self.at_the_top();
        let mut outcome = (false, None);
        for end in ends.chain([chars.len()]) {
            outcome = self.judge(chars.get(..end).unwrap_or_default(), &mut matched);
        }
        outcome
    }

    /// The state above the first level of a walk.
    pub(crate) fn at_the_top(&self) -> Vec<bool> {
        vec![false; self.rules.len()]
    }

    /// Judges one path of a walk. `matched` holds which rules matched the folder above, and then which match the path.
    pub(crate) fn judge(&self, path: &[char], matched: &mut [bool]) -> (bool, Option<usize>) {
        let mut outcome = (false, None);
        for (index, (rule, matched)) in self.rules.iter().zip(matched).enumerate() {
            if !*matched {
                // A rule that could not change the state is not asked, and does not count as a match below either.
                if rule.exception != outcome.0 {
                    continue;
                }
                *matched = rule.matcher.matches(path);
            }
            if *matched {
                outcome = (!rule.exception, Some(index));
            }
        }
        outcome
    }
}

/// A pattern made ready.
#[derive(Debug, Clone, PartialEq)]
enum Matcher {
    /// No special characters.
    Exact(Vec<char>),
    /// `text**`: everything that begins so.
    Prefix(Vec<char>),
    /// `**text`: everything that ends so.
    Suffix(Vec<char>),
    /// Anything else.
    Machine(Vec<Token>),
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Literal(char),
    /// `?`
    NotSlash,
    /// `*`
    NotSlashes,
    /// `**` at the end.
    Anything,
    /// `**` elsewhere: the way past [`Token::Folders`].
    NoFolder,
    /// `**` elsewhere: any text that ends with a slash.
    Folders,
    /// `[…]`. Other than `*` and `?`, it may match a slash: Docker makes a regular expression of it.
    Class {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    /// `^`, which Docker passes on to its regular expression: the beginning of the path.
    Start,
}

fn compile(pattern: &str) -> Matcher {
    #[derive(PartialEq)]
    enum Shape {
        Exact,
        Prefix,
        Suffix,
        Machine,
    }
    let chars: Vec<char> = pattern.chars().collect();
    let mut shape = Shape::Exact;
    let mut tokens = Vec::new();
    let mut position = 0;
    while let Some(ch) = chars.get(position) {
        let first = position == 0;
        position += 1;
        match ch {
            '*' if chars.get(position) == Some(&'*') => {
                position += 1;
                if chars.get(position) == Some(&'/') {
                    position += 1;
                }
                if position >= chars.len() {
                    if shape == Shape::Exact {
                        shape = Shape::Prefix;
                    } else {
                        shape = Shape::Machine;
                    }
                    tokens.push(Token::Anything);
                } else {
                    shape = Shape::Machine;
                    tokens.push(Token::NoFolder);
                    tokens.push(Token::Folders);
                }
                if first {
                    shape = Shape::Suffix;
                }
            }
            '*' => {
                shape = Shape::Machine;
                tokens.push(Token::NotSlashes);
            }
            '?' => {
                shape = Shape::Machine;
                tokens.push(Token::NotSlash);
            }
            '\\' => {
                shape = Shape::Machine;
                tokens.extend(chars.get(position).map(|next| Token::Literal(*next)));
                position += 1;
            }
            '[' => {
                shape = Shape::Machine;
                match class(&chars, position) {
                    Some((token, end)) => {
                        tokens.push(token);
                        position = end;
                    }
                    None => tokens.push(Token::Literal('[')),
                }
            }
            ']' => {
                shape = Shape::Machine;
                tokens.push(Token::Literal(']'));
            }
            '^' => tokens.push(Token::Start),
            _ => tokens.push(Token::Literal(*ch)),
        }
    }
    match shape {
        Shape::Exact => Matcher::Exact(chars),
        Shape::Prefix => Matcher::Prefix(chars.get(..chars.len().saturating_sub(2)).unwrap_or_default().to_vec()),
        Shape::Suffix => Matcher::Suffix(chars.get(2..).unwrap_or_default().to_vec()),
        Shape::Machine => Matcher::Machine(tokens),
    }
}

/// Reads a character class from behind its `[`; gives the index behind its `]`.
fn class(chars: &[char], start: usize) -> Option<(Token, usize)> {
    let mut position = start;
    let negated = chars.get(position) == Some(&'^');
    if negated {
        position += 1;
    }
    let mut ranges = Vec::new();
    loop {
        if chars.get(position) == Some(&']') && !ranges.is_empty() {
            return Some((Token::Class { negated, ranges }, position + 1));
        }
        let low = class_char(chars, &mut position)?;
        let mut high = low;
        if chars.get(position) == Some(&'-') {
            position += 1;
            high = class_char(chars, &mut position)?;
        }
        if low > high {
            return None;
        }
        ranges.push((low, high));
    }
}

fn class_char(chars: &[char], position: &mut usize) -> Option<char> {
    let ch = match chars.get(*position)? {
        '-' | ']' => return None,
        '\\' => {
            *position += 1;
            chars.get(*position)?
        }
        ch => ch,
    };
    *position += 1;
    Some(*ch)
}

/// True for a pattern that Go's `filepath.Match` takes.
fn is_valid(pattern: &str) -> bool {
    let chars: Vec<char> = pattern.chars().collect();
    let mut position = 0;
    while let Some(ch) = chars.get(position) {
        position += 1;
        match ch {
            '\\' if position >= chars.len() => return false,
            '\\' => position += 1,
            '[' => match class(&chars, position) {
                Some((_, end)) => position = end,
                None => return false,
            },
            _ => {}
        }
    }
    true
}

impl Matcher {
    fn matches(&self, path: &[char]) -> bool {
        match self {
            Self::Exact(text) => text == path,
            Self::Prefix(text) => path.starts_with(text),
            Self::Suffix(text) => {
                path.ends_with(text) || matches!(text.split_first(), Some(('/', rest)) if rest == path)
            }
            Self::Machine(tokens) => run(tokens, path),
        }
    }
}

/// Runs a machine over a path, all its states at once.
fn run(tokens: &[Token], path: &[char]) -> bool {
    // State n waits for token n; the last state has seen them all.
    let mut active = States::new(tokens.len() + 1);
    active.enter(tokens, 0, true);
    let mut following = States::new(tokens.len() + 1);
    for ch in path {
        following.clear();
        for (index, token) in tokens.iter().enumerate() {
            if !active.has(index) {
                continue;
            }
            let (stays, moves) = match token {
                Token::Literal(literal) => (false, literal == ch),
                Token::NotSlash => (false, *ch != '/'),
                Token::NotSlashes => (*ch != '/', false),
                Token::Anything => (true, false),
                Token::NoFolder | Token::Start => (false, false),
                Token::Folders => (true, *ch == '/'),
                Token::Class { negated, ranges } => {
                    (false, ranges.iter().any(|(low, high)| (low..=high).contains(&ch)) != *negated)
                }
            };
            if stays && *token == Token::Folders {
                // Only a slash leads out of it.
                following.add(index);
            } else if stays {
                following.enter(tokens, index, false);
            }
            if moves {
                following.enter(tokens, index + 1, false);
            }
        }
        if following.is_empty() {
            return false;
        }
        std::mem::swap(&mut active, &mut following);
    }
    active.has(tokens.len())
}

/// A set of states: one word for the usual pattern, a list for a long one.
enum States {
    Few(u64),
    Many(Vec<bool>),
}

impl States {
    fn new(count: usize) -> Self {
        if count <= 64 { Self::Few(0) } else { Self::Many(vec![false; count]) }
    }

    fn has(&self, index: usize) -> bool {
        match self {
            Self::Few(bits) => index < 64 && bits & (1 << index) != 0,
            Self::Many(list) => list.get(index) == Some(&true),
        }
    }

    fn add(&mut self, index: usize) {
        match self {
            Self::Few(bits) if index < 64 => *bits |= 1 << index,
            Self::Few(_) => {}
            Self::Many(list) => {
                if let Some(slot) = list.get_mut(index) {
                    *slot = true;
                }
            }
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Few(bits) => *bits = 0,
            Self::Many(list) => list.fill(false),
        }
    }

    fn is_empty(&self) -> bool {
        match self {
            Self::Few(bits) => *bits == 0,
            Self::Many(list) => !list.contains(&true),
        }
    }

    /// Adds a state and those that are reached from it without a character.
    fn enter(&mut self, tokens: &[Token], mut index: usize, at_start: bool) {
        while !self.has(index) {
            self.add(index);
            match tokens.get(index) {
                Some(Token::NotSlashes | Token::Anything) => index += 1,
                Some(Token::Start) if at_start => index += 1,
                Some(Token::NoFolder) => {
                    self.add(index + 1);
                    index += 2;
                }
                _ => return,
            }
        }
    }
}

/// A path without doubled slashes, `.` and, where it can be, `..`; Go's `filepath.Clean` on Unix.
fn clean(path: &str) -> String {
    let rooted = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => match parts.last() {
                Some(last) if *last != ".." => {
                    parts.pop();
                }
                _ if rooted => {}
                _ => parts.push(".."),
            },
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    match (rooted, joined.is_empty()) {
        (true, _) => format!("/{joined}"),
        (false, true) => ".".to_owned(),
        (false, false) => joined,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(text: &str, path: &str) -> bool {
        DockerIgnore::parse(text).excludes(path)
    }

    #[test]
    fn patterns_one_by_one() {
        for (pattern, path, expected) in [
            ("**", "file", true),
            ("**", "a/b/c", true),
            ("**/", "file", true),
            ("**/**", "dir/file", true),
            ("dir/**", "dir/file", true),
            ("dir/**", "dir", false),
            ("dir/**", "dir/a/b", true),
            ("**/dir", "dir", true),
            ("**/dir", "a/dir/file", true),
            ("**/dir2/*", "dir/dir2/file", true),
            ("**/dir2/**", "dir/dir2/dir2/file", true),
            ("**file", "file", true),
            ("**file", "dir/x-file", true),
            ("**/file", "x-file", false),
            ("**/file*txt", "dir/dir/file.txt", true),
            ("**/**/*.txt", "file.txt", true),
            ("**/*.txt", "dir/dir/file.txt.md", false),
            ("a**/*.txt", "a/file.txt", true),
            ("a**/*.txt", "a/dir/file.txt", true),
            ("a**/*.txt", "ab/file.txt", true),
            ("a/*/b", "a/x/b", true),
            ("a/*/b", "a/x/y/b", false),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "axb", false),
            ("*.go", "main.go", true),
            ("*.go", "cmd/main.go", false),
            ("*", "cmd/main.go", true),
            ("?.txt", "a.txt", true),
            ("?.txt", ".txt", false),
            ("/root", "root", true),
            ("/root/", "root/x", true),
            ("./root", "root", true),
            ("a/../b", "b", true),
            ("..", "a", false),
            ("[a-c]x", "bx", true),
            ("[^a-c]x", "bx", false),
            ("a[^b]c", "a/c", true),
            ("a\\*b", "a*b", true),
            ("a\\*b", "axb", false),
            ("a.b", "axb", false),
            ("a+b(c)|{d}$*", "a+b(c)|{d}$e", true),
            ("^a*", "ab", true),
            ("x^a*", "x^ab", false),
            (".env*", ".env.local", true),
            ("node_modules", "node_modules/a/b", true),
            ("node_modules", "x/node_modules", false),
            ("résumé?", "résumés", true),
            ("a*b*c*d*e*/f", "axbxcxdxexxx/f", true),
            ("a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false),
            ("[a-ζ]*", "α", true),
            ("a[^a]b", "a☺b", true),
            ("a???b", "a☺b", false),
            ("[\\]a]", "]", true),
            ("[x\\-]", "-", true),
            ("[x\\-]", "z", false),
            ("a/*.txt**", "a/file.txt", true),
            ("a\\\\", "a\\", true),
            (".", "a", false),
            (" spaced ", "spaced", true),
        ] {
            assert_eq!(excludes(pattern, path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn the_last_match_wins() {
        assert!(!excludes("*.md\n!README.md", "README.md"));
        assert!(excludes("*.md\n!README*.md\nREADME-secret.md", "README-secret.md"));
        assert!(excludes("!README.md\n*.md", "README.md"));
        assert!(!excludes("dir\n!dir/keep", "dir/keep/x"));
        assert!(excludes("dir\n!dir/keep", "dir/other"));
        assert!(!excludes("**\n!**/*.go", "cmd/x/main.go"));
        assert!(excludes("*\n!src\nsrc/secret*", "src/secret.pem"));
        // The exception was not asked at `a`, so it does not count below it: as BuildKit walks.
        assert!(excludes("a/c\n!a", "a/c"));
    }

    #[test]
    fn comments_blank_lines_and_windows_line_ends() {
        let ignore = DockerIgnore::parse("\u{feff}# x\r\n\r\na\r\n #b\r\n! c \r\n!\r\n[\r\n");
        let patterns: Vec<_> = ignore.rules.iter().map(|rule| (rule.line, rule.pattern.as_str())).collect();
        assert_eq!(patterns, [(3, "a"), (4, "#b"), (5, "c")]);
        assert_eq!(ignore.problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [6, 7]);
        assert!(ignore.rules.last().is_some_and(|rule| rule.exception));
    }

    #[test]
    fn malformed_patterns_are_named() {
        for pattern in ["[", "[]", "[a", "[]a]", "[-a]", "[a-]", "[a-b-c]", "[^", "[^b", "[z-a]", "a\\", "[a\\"] {
            assert_eq!(DockerIgnore::parse(pattern).problems.len(), 1, "{pattern}");
        }
    }

    #[test]
    fn the_deciding_rule() {
        let ignore = DockerIgnore::parse("a\n!a/b\n");
        assert_eq!(ignore.deciding_rule("a/b").map(|rule| rule.line), Some(2));
        assert_eq!(ignore.deciding_rule("a/c").map(|rule| rule.line), Some(1));
        assert_eq!(ignore.deciding_rule("d"), None);
    }

    #[test]
    fn stored_rules_match_as_before() {
        let ignore = DockerIgnore::parse("**/*.pem\n!ok.pem\n");
        let stored = serde_json::to_string(&ignore).unwrap();
        let back: DockerIgnore = serde_json::from_str(&stored).unwrap();
        assert_eq!(ignore, back);
        assert!(back.excludes("x/y.pem"));
    }

    #[test]
    fn no_pattern_blows_up() {
        let pattern = "**/*a".repeat(200) + "b";
        assert!(!excludes(&pattern, &"a/".repeat(500)));
        assert!(!excludes(&("*a".repeat(300) + "b"), &"a".repeat(1000)));
    }
}
