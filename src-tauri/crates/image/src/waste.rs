//! Efficiency and waste, as the tool `dive` defines them.
//!
//! Take every layer's own tree, and of it the leaves: files, links, devices, directories that hold nothing in that
//! layer, and whiteouts. A leaf has a size: a regular file its bytes; anything else 0; the whiteout of a file 0; the
//! whiteout of a directory the bytes of all files that the layers below show in it. For every path p let its copies
//! be its leaves in all layers. Then
//!
//! * efficiency = Σₚ (smallest size of p's copies) / Σₚ (sum of the sizes of p's copies), or 1 when the latter is 0;
//! * wasted bytes = Σ over the paths with two or more copies of (sum of the sizes of p's copies).
//!
//! So a file that is written twice costs both its copies, and a file of 10 bytes that a later layer deletes is a path
//! with the sizes 10 and 0. Three things dive gets wrong by accident are not repeated: a whiteout of nothing ends its
//! reading of that layer (here it counts 0), a directory that no layer records counts 0 (here its files), and what an
//! opaque marker hid still counts in later whiteouts (here it does not).

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::facts::{Kind, Waste};
use crate::names;
use crate::tree::{Tree, TreeLayer};

/// How many paths are listed.
const LISTED: usize = 100;

/// The copies of one path.
#[derive(Clone, Debug)]
struct Copies {
    sum: u64,
    smallest: u64,
    first: u32,
    later: Vec<u32>,
}

/// The account of all paths, layer by layer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ledger {
    paths: HashMap<Arc<str>, Copies>,
}

impl Ledger {
    /// Before a layer is pushed onto `below`: what its whiteouts cost.
    pub(crate) fn whiteouts(&mut self, layer: &TreeLayer, below: &Tree) {
        let number = u32::try_from(below.layers().len()).unwrap_or(u32::MAX);
        let mut seen: HashSet<&str> = HashSet::new();
        for path in &layer.whiteouts {
            if !seen.insert(path) {
                continue;
            }
            let is_file = below.get(path).is_some_and(|found| found.entry.kind != Kind::Directory);
            let size = if is_file { 0 } else { below.bytes_at(path) };
            self.add(path, size, number);
        }
    }

    /// After a layer was pushed: what its leaves cost.
    pub(crate) fn leaves(&mut self, tree: &Tree, number: usize) {
        let Some(layer) = tree.layers().get(number) else { return };
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let own = || layer.entries.iter().filter(|entry| entry.hidden.is_none_or(|hidden| hidden.by != number));
        let mut parents: HashSet<&str> = HashSet::new();
        for path in layer.entries.iter().map(|entry| &entry.path).chain(&layer.whiteouts) {
            let mut path: &str = path;
            while let Some((dir, _)) = names::split(path) {
                if !parents.insert(dir) {
                    break;
                }
                path = dir;
            }
        }
        let mut directories: HashSet<&str> = HashSet::new();
        for entry in own() {
            if entry.kind == Kind::Directory {
                if !layer.opaque.is_empty() {
                    directories.insert(&entry.path);
                }
                if entry.path.as_ref() == "/" || parents.contains(entry.path.as_ref()) {
                    continue;
                }
            }
            self.add(&entry.path, entry.size, number);
        }
        // An opaque marker makes a directory of its own where the layer records none.
        for dir in &layer.opaque {
            if dir.as_ref() != "/" && !parents.contains(dir.as_ref()) && directories.insert(dir) {
                self.add(dir, 0, number);
            }
        }
    }

    fn add(&mut self, path: &Arc<str>, size: u64, layer: u32) {
        match self.paths.get_mut(path) {
            Some(copies) => {
                copies.sum = copies.sum.saturating_add(size);
                copies.smallest = copies.smallest.min(size);
                copies.later.push(layer);
            }
            None => {
                let copies = Copies { sum: size, smallest: size, first: layer, later: Vec::new() };
                self.paths.insert(path.clone(), copies);
            }
        }
    }

    /// Efficiency, wasted bytes, and the heaviest paths (those of 0 bytes left out).
    pub(crate) fn close(self, tree: &Tree) -> (f64, u64, Vec<Waste>) {
        let (mut smallest, mut all, mut wasted) = (0u128, 0u128, 0u64);
        let mut repeated = Vec::new();
        for (path, copies) in self.paths {
            smallest += u128::from(copies.smallest);
            all += u128::from(copies.sum);
            if !copies.later.is_empty() {
                wasted = wasted.saturating_add(copies.sum);
                if copies.sum > 0 {
                    repeated.push((path, copies));
                }
            }
        }
        // Precise to 53 bits, which is more than a ratio needs.
        let efficiency = if all == 0 { 1.0 } else { smallest as f64 / all as f64 };
        repeated.sort_unstable_by(|(a, x), (b, y)| y.sum.cmp(&x.sum).then_with(|| a.cmp(b)));
        repeated.truncate(LISTED);
        let diff_id = |number: u32| tree.layers().get(number as usize).map(|layer| layer.diff_id.clone());
        let waste = repeated
            .into_iter()
            .map(|(path, copies)| Waste {
                deleted: tree.get(&path).is_none(),
                copies: u32::try_from(copies.later.len()).unwrap_or(u32::MAX).saturating_add(1),
                bytes: copies.sum,
                layers: std::iter::once(copies.first).chain(copies.later).filter_map(diff_id).collect(),
                path: path.as_ref().to_owned(),
            })
            .collect();
        (efficiency, wasted, waste)
    }
}
