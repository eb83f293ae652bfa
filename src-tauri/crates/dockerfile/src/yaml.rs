//! YAML as a bounded tree with line numbers, for the Compose reader.
//!
//! Built from the events of `saphyr-parser` without recursion. Depth, number of nodes and what aliases unfold to are
//! bounded, so that neither deep nesting nor a "billion laughs" file does harm. Merge keys (`<<`) are resolved here.

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

/// Deepest nesting, aliases unfolded.
const MAX_DEPTH: usize = 64;
/// Most nodes in a file.
const MAX_NODES: usize = 500_000;
/// Most nodes that aliases may unfold to.
const MAX_ALIASED: usize = 100_000;

/// Why a text gives no tree.
pub(crate) struct YamlError {
    /// The line, counted from 1.
    pub(crate) line: u32,
    /// What is wrong.
    pub(crate) message: String,
}

/// A node and its place.
pub(crate) struct Node {
    /// Line of its first character, counted from 1.
    pub(crate) line: u32,
    /// What it is.
    pub(crate) kind: Kind,
    nodes: usize,
    depth: usize,
}

/// What a node is.
pub(crate) enum Kind {
    /// Nothing: an empty value, `~`, `null`, or one that `!reset` takes away.
    Null,
    /// A scalar as written, quotes resolved.
    Scalar(String),
    /// A sequence.
    Sequence(Vec<Rc<Node>>),
    /// A mapping, in order, merge keys resolved, every key once.
    Mapping(Vec<Entry>),
}

/// One key with its value.
#[derive(Clone)]
pub(crate) struct Entry {
    /// The key.
    pub(crate) key: String,
    /// Line of the key, counted from 1.
    pub(crate) line: u32,
    /// The value.
    pub(crate) value: Rc<Node>,
}

impl Node {
    /// The entries of a mapping.
    pub(crate) fn mapping(&self) -> Option<&[Entry]> {
        match &self.kind {
            Kind::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The text of a scalar.
    pub(crate) fn scalar(&self) -> Option<&str> {
        match &self.kind {
            Kind::Scalar(text) => Some(text),
            _ => None,
        }
    }

    /// A key with its value.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.mapping()?.iter().find(|entry| entry.key == key)
    }

    /// The value of a key that is not null.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        let entry = self.entry(key)?;
        Some(entry.value.as_ref()).filter(|node| !matches!(node.kind, Kind::Null))
    }
}

/// Reads the first document of a text. The flag tells whether there were more.
pub(crate) fn load(text: &str) -> Result<(Option<Rc<Node>>, bool), YamlError> {
    let mut builder = Builder::default();
    let mut documents = 0;
    let mut events = Parser::new_from_str(text);
    while let Some(event) = events.next_event() {
        let (event, span) = event.map_err(|error| scan_error(&error))?;
        let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX).max(1);
        match event {
            Event::DocumentStart(_) => {
                documents += 1;
                if documents > 1 {
                    return Ok((builder.root, true));
                }
            }
            Event::Scalar(value, style, anchor, tag) => {
                let reset = tag.is_some_and(|tag| tag.suffix == "reset");
                let plain = style == ScalarStyle::Plain;
                let null = reset || (plain && matches!(value.as_ref(), "" | "~" | "null" | "Null" | "NULL"));
                let kind = if null { Kind::Null } else { Kind::Scalar(value.into_owned()) };
                let merges = plain && matches!(&kind, Kind::Scalar(text) if text == "<<");
                builder.leaf(kind, line, anchor, merges)?;
            }
            Event::SequenceStart(anchor, tag) => {
                builder.open(Open::Sequence(Vec::new()), line, anchor, tag.is_some_and(|tag| tag.suffix == "reset"))?;
            }
            Event::MappingStart(anchor, tag) => {
                builder.open(
                    Open::Mapping(MappingBuilder::default()),
                    line,
                    anchor,
                    tag.is_some_and(|tag| tag.suffix == "reset"),
                )?;
            }
            Event::SequenceEnd | Event::MappingEnd => builder.close()?,
            Event::Alias(anchor) => builder.alias(anchor, line)?,
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
        }
    }
    Ok((builder.root, false))
}

fn scan_error(error: &ScanError) -> YamlError {
    YamlError {
        line: u32::try_from(error.marker().line()).unwrap_or(u32::MAX).max(1),
        message: error.info().to_owned(),
    }
}

#[derive(Default)]
struct Builder {
    stack: Vec<Frame>,
    anchors: HashMap<usize, Rc<Node>>,
    root: Option<Rc<Node>>,
    nodes: usize,
    aliased: usize,
}

struct Frame {
    open: Open,
    line: u32,
    anchor: usize,
    reset: bool,
    nodes: usize,
    depth: usize,
}

enum Open {
    Sequence(Vec<Rc<Node>>),
    Mapping(MappingBuilder),
}

#[derive(Default)]
struct MappingBuilder {
    entries: Vec<Entry>,
    keys: HashSet<String>,
    merged: Vec<Rc<Node>>,
    key: Option<Key>,
}

enum Key {
    Text(String, u32),
    Merge,
}

impl Builder {
    fn leaf(&mut self, kind: Kind, line: u32, anchor: usize, merges: bool) -> Result<(), YamlError> {
        self.count(line)?;
        let node = Rc::new(Node { line, kind, nodes: 1, depth: 1 });
        self.finish(node, anchor, merges)
    }

    fn open(&mut self, open: Open, line: u32, anchor: usize, reset: bool) -> Result<(), YamlError> {
        self.count(line)?;
        if self.stack.len() >= MAX_DEPTH {
            return Err(YamlError { line, message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        self.stack.push(Frame { open, line, anchor, reset, nodes: 1, depth: 1 });
        Ok(())
    }

    fn count(&mut self, line: u32) -> Result<(), YamlError> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            return Err(YamlError { line, message: format!("more than {MAX_NODES} values") });
        }
        Ok(())
    }

    fn close(&mut self) -> Result<(), YamlError> {
        let Some(frame) = self.stack.pop() else { return Ok(()) };
        let kind = match frame.open {
            _ if frame.reset => Kind::Null,
            Open::Sequence(items) => Kind::Sequence(items),
            Open::Mapping(mapping) => Kind::Mapping(self.merge(mapping, frame.line)?),
        };
        let node = Rc::new(Node { line: frame.line, kind, nodes: frame.nodes, depth: frame.depth });
        self.finish(node, frame.anchor, false)
    }

    fn alias(&mut self, anchor: usize, line: u32) -> Result<(), YamlError> {
        let Some(node) = self.anchors.get(&anchor).cloned() else {
            return Err(YamlError { line, message: "an alias refers to itself".to_owned() });
        };
        self.aliased = self.aliased.saturating_add(node.nodes);
        if self.aliased > MAX_ALIASED {
            return Err(YamlError { line, message: format!("aliases unfold to more than {MAX_ALIASED} values") });
        }
        self.finish(node, 0, false)
    }

    /// Hands a finished node to what holds it.
    fn finish(&mut self, node: Rc<Node>, anchor: usize, merges: bool) -> Result<(), YamlError> {
        if anchor > 0 {
            self.anchors.insert(anchor, Rc::clone(&node));
        }
        let level = self.stack.len();
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return Ok(());
        };
        if level + node.depth > MAX_DEPTH {
            return Err(YamlError { line: node.line, message: format!("nested deeper than {MAX_DEPTH} levels") });
        }
        frame.nodes = frame.nodes.saturating_add(node.nodes);
        frame.depth = frame.depth.max(node.depth + 1);
        match &mut frame.open {
            Open::Sequence(items) => items.push(node),
            Open::Mapping(mapping) => match mapping.key.take() {
                None if merges => mapping.key = Some(Key::Merge),
                None => {
                    let text = match &node.kind {
                        Kind::Scalar(text) => text.clone(),
                        Kind::Null => String::new(),
                        _ => return Err(YamlError { line: node.line, message: "a key must be a word".to_owned() }),
                    };
                    mapping.key = Some(Key::Text(text, node.line));
                }
                Some(Key::Merge) => mapping.merged.push(node),
                Some(Key::Text(key, line)) => {
                    if !mapping.keys.insert(key.clone()) {
                        return Err(YamlError { line, message: format!("the key {key} stands twice") });
                    }
                    mapping.entries.push(Entry { key, line, value: node });
                }
            },
        }
        Ok(())
    }

    /// Adds what `<<` names: own keys win, then the mapping that comes first.
    fn merge(&mut self, mapping: MappingBuilder, line: u32) -> Result<Vec<Entry>, YamlError> {
        let MappingBuilder { mut entries, mut keys, merged, .. } = mapping;
        let wrong = || YamlError { line, message: "<< takes a mapping or a list of mappings".to_owned() };
        for node in merged {
            let parts: Vec<&Node> = match &node.kind {
                Kind::Mapping(_) => vec![node.as_ref()],
                Kind::Sequence(items) => items.iter().map(Rc::as_ref).collect(),
                Kind::Null => Vec::new(),
                Kind::Scalar(_) => return Err(wrong()),
            };
            for part in parts {
                for entry in part.mapping().ok_or_else(wrong)? {
                    if keys.insert(entry.key.clone()) {
                        entries.push(entry.clone());
                    }
                }
            }
        }
        Ok(entries)
    }
}
