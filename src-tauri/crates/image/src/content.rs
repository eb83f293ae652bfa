//! Counting what the merged tree shows and what every layer adds to it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashSet};

use crate::facts::{Content, FileFact, Kind, LayerContent, LayerFacts, SetIdRemoved};
use crate::tree::{Entry, Tree};
use crate::waste::Ledger;

/// How many of the largest files are listed.
const LARGEST: usize = 50;

/// The facts about the content, and the files with set-ID bits or capabilities. `layers` are those of `tree`.
pub(crate) fn count(tree: &Tree, layers: &[LayerFacts], ledger: Ledger) -> (Content, Vec<FileFact>) {
    let (efficiency, wasted_bytes, waste) = ledger.close(tree);
    let shown = Shown::count(tree);
    let in_layers = layers.iter().fold(0u64, |sum, layer| sum.saturating_add(layer.content_bytes));
    let content = Content {
        files: shown.files,
        directories: shown.directories,
        bytes: shown.bytes,
        efficiency,
        wasted_bytes,
        hidden_bytes: in_layers.saturating_sub(shown.bytes),
        waste,
        largest: shown.largest,
        by_layer: by_layer(layers, tree, &shown.by_layer),
        duplicates: Vec::new(),
    };
    (content, shown.set_id)
}

/// Files that had set-ID bits or capabilities in a lower layer, and have none of them in the merged tree; by path.
pub(crate) fn set_id_removed(tree: &Tree) -> Vec<SetIdRemoved> {
    let is_set = |entry: &Entry| entry.kind == Kind::File && (entry.mode & 0o6000 != 0 || entry.capabilities.is_some());
    // The highest layer that has such a file at the path counts: what hides that one took the bits away.
    let mut removed = BTreeMap::new();
    for (number, layer) in tree.layers().iter().enumerate() {
        for (index, entry) in layer.entries.iter().enumerate() {
            let Some(hidden) = entry.hidden.filter(|hidden| hidden.by as usize != number) else { continue };
            let Some(found) = tree.at(number, index).filter(|found| is_set(found.content)) else { continue };
            let now = tree.get(&entry.path);
            if now.is_some_and(|now| is_set(now.content)) {
                continue;
            }
            let Some(by) = tree.layers().get(hidden.by as usize) else { continue };
            let mode_now = now.map(|now| now.content.mode);
            let fact = SetIdRemoved { before: found.fact(), by: by.diff_id.clone(), mode_now };
            removed.insert(entry.path.clone(), fact);
        }
    }
    removed.into_values().collect()
}

/// What the merged tree shows.
#[derive(Default)]
struct Shown {
    files: u64,
    directories: u64,
    bytes: u64,
    largest: Vec<FileFact>,
    set_id: Vec<FileFact>,
    /// Files and bytes that are visible, by layer.
    by_layer: Vec<(u64, u64)>,
}

impl Shown {
    fn count(tree: &Tree) -> Shown {
        let mut shown = Shown { by_layer: vec![(0, 0); tree.layers().len()], ..Shown::default() };
        // Files with several names count once, whichever of the names is visible.
        let mut counted: HashSet<*const Entry> = HashSet::new();
        let mut largest: BinaryHeap<Reverse<(u64, Reverse<&str>)>> = BinaryHeap::with_capacity(LARGEST + 1);
        for found in tree.iter() {
            let entry = found.entry;
            if entry.kind == Kind::Directory {
                shown.directories += 1;
                continue;
            }
            shown.files += 1;
            let of = shown.by_layer.get_mut(found.layer);
            // A lone hard link needs no set: only files that have one are entered, by the link or by themselves.
            let bytes = if found.content.size > 0 && counted.insert(std::ptr::from_ref(found.content)) {
                found.content.size
            } else {
                0
            };
            shown.bytes = shown.bytes.saturating_add(bytes);
            if let Some((files, visible)) = of {
                *files += 1;
                *visible = visible.saturating_add(bytes);
            }
            if entry.kind == Kind::File && entry.size > 0 {
                largest.push(Reverse((entry.size, Reverse(&entry.path))));
                if largest.len() > LARGEST {
                    largest.pop();
                }
            }
            let is_file = found.content.kind == Kind::File;
            if is_file && (found.content.mode & 0o6000 != 0 || found.content.capabilities.is_some()) {
                shown.set_id.push(found.fact());
            }
        }
        // Sorted by the reversed order: largest first, then by path.
        let paths = largest.into_sorted_vec().into_iter().map(|Reverse((_, Reverse(path)))| path);
        shown.largest = paths.filter_map(|path| tree.get(path)).map(|found| found.fact()).collect();
        shown
    }
}

/// Every layer's part in the merged tree.
fn by_layer(layers: &[LayerFacts], tree: &Tree, visible: &[(u64, u64)]) -> Vec<LayerContent> {
    let mut hides = vec![0u64; layers.len()];
    for (number, layer) in tree.layers().iter().enumerate() {
        for hidden in
            layer.entries.iter().filter(|entry| entry.kind != Kind::Directory).filter_map(|entry| entry.hidden)
        {
            if hidden.by as usize != number
                && let Some(count) = hides.get_mut(hidden.by as usize)
            {
                *count += 1;
            }
        }
    }
    layers
        .iter()
        .zip(visible)
        .zip(hides)
        .map(|((layer, &(files, bytes)), hides_files)| LayerContent {
            diff_id: layer.diff_id.clone(),
            files,
            bytes,
            hidden_bytes: layer.content_bytes.saturating_sub(bytes),
            hides_files,
        })
        .collect()
}
