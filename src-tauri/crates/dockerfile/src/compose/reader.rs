//! Single values, lists and variables out of the tree, with what could not be read remembered by its key.

use plimsoll_secrets::{redact_text, redact_value};

use super::interpolate::interpolate;
use super::model::{EnvEntry, Positioned};
use crate::model::Problem;
use crate::yaml::{Kind, Node};

/// Reads values, and keeps what was wrong.
#[derive(Default)]
pub(super) struct Reader {
    /// For people: what was wrong and where.
    pub(super) problems: Vec<Problem>,
    /// For judging: the keys of the service under way whose values could not be read.
    pub(super) unread: Vec<Positioned<String>>,
    /// What stands before a key: `deploy.`
    within: String,
}

impl Reader {
    /// Something is wrong that leaves no value out.
    pub(super) fn complain(&mut self, line: u32, message: impl Into<String>) {
        self.problems.push(Problem { line, message: message.into() });
    }

    /// A value could not be read.
    pub(super) fn refuse(&mut self, key: &str, line: u32, message: impl Into<String>) {
        self.complain(line, message);
        self.unread.push(Positioned { value: format!("{}{key}", self.within), line });
    }

    /// Reads what stands under a key that is a mapping; none when it is not there. Anything else is refused.
    pub(super) fn mapping<'a>(&mut self, node: &'a Node, key: &str) -> Option<(&'a Node, u32)> {
        let entry = node.entry(key)?;
        match &entry.value.kind {
            Kind::Mapping(_) => Some((entry.value.as_ref(), entry.line)),
            Kind::Null => None,
            _ => {
                self.refuse(key, entry.line, format!("{key} must be a mapping"));
                None
            }
        }
    }

    /// Keys that `read` refuses are named with what stands above them.
    pub(super) fn nested<T>(&mut self, key: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.within.len();
        self.within.push_str(key);
        self.within.push('.');
        let result = read(self);
        self.within.truncate(length);
        result
    }

    /// A single value.
    pub(super) fn text(&mut self, node: &Node, key: &str) -> Option<Positioned<String>> {
        let value = node.get(key)?;
        match value.scalar() {
            Some(text) => Some(Positioned { value: text.to_owned(), line: value.line }),
            None => {
                self.refuse(key, value.line, format!("{key} must be a single value"));
                None
            }
        }
    }

    /// A single value without its line.
    pub(super) fn plain(&mut self, node: &Node, key: &str) -> Option<String> {
        self.text(node, key).map(|text| text.value)
    }

    /// True or false; a variable counts with its default.
    pub(super) fn boolean(&mut self, node: &Node, key: &str) -> Option<Positioned<bool>> {
        let text = self.text(node, key)?;
        let expanded = interpolate(&text.value);
        // The words that Compose takes, the old YAML ones among them.
        let value = match expanded.value.to_ascii_lowercase().as_str() {
            _ if !expanded.unresolved.is_empty() => None,
            "true" | "1" | "t" | "y" | "yes" | "on" => Some(true),
            "false" | "0" | "f" | "n" | "no" | "off" => Some(false),
            _ => None,
        };
        match value {
            Some(value) => Some(Positioned { value, line: text.line }),
            None => {
                self.refuse(key, text.line, format!("{key} is neither true nor false"));
                None
            }
        }
    }

    /// A list of texts, or a single one; `long` writes a mapping in short syntax.
    pub(super) fn list(
        &mut self,
        node: &Node,
        key: &str,
        long: &dyn Fn(&Node) -> Option<String>,
    ) -> Vec<Positioned<String>> {
        let Some(value) = node.get(key) else { return Vec::new() };
        let mut list = Vec::new();
        let single = match &value.kind {
            Kind::Sequence(items) => {
                for item in items {
                    match item.scalar().map(str::to_owned).or_else(|| long(item)) {
                        Some(text) => list.push(Positioned { value: text, line: item.line }),
                        None => self.refuse(key, item.line, format!("an entry of {key} could not be read")),
                    }
                }
                return list;
            }
            Kind::Scalar(text) => Some(text.clone()),
            Kind::Mapping(_) => long(value),
            Kind::Null => return list,
        };
        match single {
            Some(text) => list.push(Positioned { value: text, line: value.line }),
            None => self.refuse(key, value.line, format!("{key} must be a list")),
        }
        list
    }

    /// `environment` or `args`: a mapping, or a list of `NAME=value`.
    pub(super) fn variables(&mut self, node: &Node, key: &str) -> Vec<EnvEntry> {
        let Some(value) = node.get(key) else { return Vec::new() };
        let mut entries = Vec::new();
        match &value.kind {
            Kind::Mapping(pairs) => {
                for pair in pairs {
                    let text = match &pair.value.kind {
                        Kind::Scalar(text) => Some(redact_value(&pair.key, text)),
                        Kind::Null => None,
                        _ => {
                            self.refuse(key, pair.line, format!("a value in {key} is no single value"));
                            continue;
                        }
                    };
                    entries.push(EnvEntry { name: pair.key.clone(), value: text, line: pair.line });
                }
            }
            Kind::Sequence(items) => {
                for item in items {
                    let Some(text) = item.scalar() else {
                        self.refuse(key, item.line, format!("an entry of {key} could not be read"));
                        continue;
                    };
                    let (name, value) = match text.split_once('=') {
                        Some((name, value)) => (name, Some(redact_value(name, value))),
                        None => (text, None),
                    };
                    entries.push(EnvEntry { name: name.to_owned(), value, line: item.line });
                }
            }
            _ => self.refuse(key, value.line, format!("{key} must be a mapping or a list")),
        }
        entries
    }

    /// The keys of a mapping, or a list of texts: `networks`, `depends_on`.
    pub(super) fn names(&mut self, node: &Node, key: &str) -> Vec<Positioned<String>> {
        match node.get(key).and_then(Node::mapping) {
            Some(entries) => {
                entries.iter().map(|entry| Positioned { value: entry.key.clone(), line: entry.line }).collect()
            }
            None => self.list(node, key, &|_| None),
        }
    }

    /// A command in words, masked; a text stays one.
    pub(super) fn words(&mut self, node: &Node, key: &str) -> Vec<Positioned<String>> {
        let mut words = self.list(node, key, &|_| None);
        let mut option = String::new();
        for word in &mut words {
            // `--password x`, `PASSWORD=x`, and what is a secret by its form.
            let masked = match word.value.split_once('=') {
                Some((name, value)) => format!("{name}={}", redact_value(name.trim_start_matches('-'), value)),
                None if option.starts_with('-') => redact_value(option.trim_start_matches('-'), &word.value),
                None => redact_text(&word.value),
            };
            option = std::mem::replace(&mut word.value, masked);
        }
        words
    }
}

/// The text of a key, if it is one.
pub(super) fn field(node: &Node, key: &str) -> Option<String> {
    node.get(key).and_then(Node::scalar).map(str::to_owned)
}
