//! The bookmarks: a tree, with the parts of a section folded away.

use lopdf::{Dictionary, Document, Object, ObjectId};

use super::{dict, name, text};
use crate::compose::Composed;
use crate::page::Place;

struct Node {
    id: ObjectId,
    level: u8,
    parent: Option<usize>,
    children: Vec<usize>,
}

/// Adds the tree; gives its root.
pub fn add(
    document: &mut Document,
    composed: &Composed,
    target: impl Fn(&Place) -> Option<Object>,
) -> Option<ObjectId> {
    let mut nodes: Vec<Node> = Vec::new();
    let mut dicts: Vec<Dictionary> = Vec::new();
    let mut tops = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    for bookmark in &composed.bookmarks {
        let Some(destination) = composed.places.get(&bookmark.anchor).and_then(&target) else { continue };
        while open.last().is_some_and(|last| nodes[*last].level >= bookmark.level) {
            open.pop();
        }
        let (index, parent) = (nodes.len(), open.last().copied());
        nodes.push(Node { id: document.new_object_id(), level: bookmark.level, parent, children: Vec::new() });
        dicts.push(dict([("Title", text(&bookmark.title)), ("Dest", destination)]));
        match parent {
            Some(parent) => nodes[parent].children.push(index),
            None => tops.push(index),
        }
        open.push(index);
    }
    let (first, last) = (tops.first().copied()?, tops.last().copied()?);
    let root = document.new_object_id();
    let link = |index: &usize| Object::Reference(nodes[*index].id);
    for (index, (node, mut dict)) in nodes.iter().zip(dicts).enumerate() {
        dict.set("Parent", node.parent.map_or(Object::Reference(root), |parent| link(&parent)));
        let siblings = node.parent.map_or(&tops, |parent| &nodes[parent].children);
        let position = siblings.iter().position(|sibling| *sibling == index).unwrap_or_default();
        if let Some(previous) = position.checked_sub(1).and_then(|at| siblings.get(at)) {
            dict.set("Prev", link(previous));
        }
        if let Some(next) = siblings.get(position + 1) {
            dict.set("Next", link(next));
        }
        if let (Some(first), Some(last)) = (node.children.first(), node.children.last()) {
            dict.set("First", link(first));
            dict.set("Last", link(last));
            // Below zero: folded.
            dict.set("Count", -count(node.children.len()));
        }
        document.set_object(node.id, dict);
    }
    document.set_object(
        root,
        dict([
            ("Type", name("Outlines")),
            ("First", link(&first)),
            ("Last", link(&last)),
            ("Count", Object::Integer(count(tops.len()))),
        ]),
    );
    Some(root)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
