//! The merged tree: what a container would see, and, for every entry of every layer, what hid it.
//!
//! Layers are applied as the OCI image-spec's `layer.md` asks: first the whiteouts and opaque markers of a layer, which
//! hide entries of lower layers only, wherever they stand in the layer's archive; then its entries in order.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::facts::{FileFact, Kind};
use crate::names;
use crate::problems::Problems;

/// One entry of one layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Absolute clean path.
    pub path: Arc<str>,
    /// What it is.
    pub kind: Kind,
    /// Size in bytes, with the holes of a sparse file; 0 for everything but a regular file.
    pub size: u64,
    /// Permission bits with set-user-ID, set-group-ID and sticky.
    pub mode: u32,
    /// Owner.
    pub uid: u64,
    /// Group.
    pub gid: u64,
    /// Time of the last change, in seconds since 1970.
    pub mtime: i64,
    /// Target of a link: as written for a symbolic link, an absolute clean path for a hard link.
    pub link: Option<Box<str>>,
    /// For a hard link: the index in the same layer of the file that it names, if it is there.
    pub target: Option<u32>,
    /// The extended attribute `security.capability`, in hexadecimal.
    pub capabilities: Option<Box<str>>,
    /// What its first bytes show it to be; `None` where they say nothing of interest, or it is no regular file.
    pub magic: Option<Magic>,
    /// The package that owns the path: index into the inventory's packages.
    pub package: Option<u32>,
    /// What hides it from the merged tree; `None` while it is visible.
    pub hidden: Option<Hidden>,
}

/// What a file's first bytes show it to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Magic {
    /// An ELF program or library.
    Elf,
    /// An ELF core dump.
    ElfCore,
    /// A script: `#!`.
    Script,
    /// A PE program (Windows).
    Pe,
    /// A compressed or packed archive: zip, gzip, bzip2, xz, zstd, 7z, tar.
    Archive,
    /// A SQLite database.
    Sqlite,
    /// A Java heap dump (`JAVA PROFILE`).
    HeapDump,
    /// A memory or packet dump: minidump, pcap, pcapng.
    Dump,
}

/// Why a recorded tree could not be read back.
#[derive(Debug, thiserror::Error)]
#[error("the recorded file listing cannot be read: {0}")]
pub struct TreeError(pub(crate) String);

/// What hides an entry from the merged tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hidden {
    /// Index of the layer that hides it; its own when a later entry of the same layer replaces it.
    pub by: u32,
    /// How.
    pub how: Hiding,
}

/// How an entry is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hiding {
    /// Another entry has the same path, or has made a file of a directory above it (or the reverse).
    Replaced,
    /// A whiteout removes it or a directory above it.
    Deleted,
    /// An opaque marker empties a directory above it.
    Opaque,
}

/// One layer of a [`Tree`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TreeLayer {
    /// The layer's diff ID.
    pub diff_id: String,
    /// Its entries in the order of its archive, without whiteouts.
    pub entries: Vec<Entry>,
    /// The paths that its whiteouts remove.
    pub whiteouts: Vec<Arc<str>>,
    /// The directories that its opaque markers empty.
    pub opaque: Vec<Arc<str>>,
}

/// An entry of the merged tree and where it comes from.
#[derive(Clone, Copy, Debug)]
pub struct Found<'a> {
    /// Index of its layer, 0 for the lowest.
    pub layer: usize,
    /// The layer's diff ID.
    pub diff_id: &'a str,
    /// The entry.
    pub entry: &'a Entry,
    /// Where its content stands: the entry itself, or the file that a hard link names.
    pub content: &'a Entry,
}

impl Found<'_> {
    /// The entry as a fact: a hard link has the size, the mode, the owner and the capabilities of the file it names.
    #[must_use]
    pub fn fact(&self) -> FileFact {
        FileFact {
            path: self.entry.path.as_ref().to_owned(),
            size: self.content.size,
            mode: self.content.mode,
            uid: self.content.uid,
            gid: self.content.gid,
            kind: self.entry.kind,
            layer: self.diff_id.to_owned(),
            capabilities: self.content.capabilities.as_deref().map(str::to_owned),
            link: self.entry.link.as_deref().map(str::to_owned),
        }
    }
}

/// All layers of an image, and the tree that they make together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    layers: Vec<TreeLayer>,
    /// Path to (layer, entry), of visible entries.
    merged: BTreeMap<Arc<str>, (u32, u32)>,
}

impl Tree {
    /// The tree that these layers make, lowest first. Hard links are resolved here; what hides an entry is set anew.
    #[must_use]
    pub fn from_layers(layers: Vec<TreeLayer>) -> Self {
        let mut tree = Self::default();
        let mut problems = Problems::default();
        for mut layer in layers {
            resolve_hard_links(&mut layer.entries);
            for entry in &mut layer.entries {
                entry.hidden = None;
            }
            tree.push(layer, &mut problems);
        }
        tree
    }

    /// The visible entry at an absolute path (`/etc/passwd`), links not followed.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Found<'_>> {
        self.merged.get(path).and_then(|&at| self.found(at))
    }

    /// All visible entries, ordered by the bytes of their paths.
    pub fn iter(&self) -> impl Iterator<Item = Found<'_>> {
        self.merged.values().filter_map(|&at| self.found(at))
    }

    /// Visible entries below a directory, itself not included.
    pub fn below(&self, dir: &str) -> impl Iterator<Item = Found<'_>> {
        let (from, to) = subtree(dir);
        self.merged
            .range::<str, _>((Bound::Excluded(from.as_str()), Bound::Excluded(to.as_str())))
            .filter_map(|(_, &at)| self.found(at))
    }

    /// The layers, lowest first.
    #[must_use]
    pub fn layers(&self) -> &[TreeLayer] {
        &self.layers
    }

    /// Number of visible entries.
    #[must_use]
    pub fn len(&self) -> usize {
        self.merged.len()
    }

    /// Whether nothing is visible.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.merged.is_empty()
    }

    /// The visible entry that an absolute path leads to when symbolic links are followed inside the tree, in every
    /// part of the path, at most `depth` links. `None` when the way ends, or turns in circles.
    #[must_use]
    pub fn resolve(&self, path: &str, depth: usize) -> Option<Found<'_>> {
        self.real(path, depth).and_then(|at| self.get(&at))
    }

    /// Where an absolute path leads when symbolic links are followed, whether something is there or not: layers need not
    /// record the directories that their files are in. `None` when it turns in circles.
    pub(crate) fn real(&self, path: &str, depth: usize) -> Option<String> {
        let mut rest: Vec<String> = names::clean(path.as_bytes()).0.split('/').rev().map(str::to_owned).collect();
        let mut at = "/".to_owned();
        let mut links = 0;
        while let Some(part) = rest.pop() {
            match part.as_str() {
                "" | "." => continue,
                ".." => {
                    at = names::split(&at).map_or_else(|| "/".to_owned(), |(dir, _)| dir.to_owned());
                    continue;
                }
                part => {
                    let next = names::join(&at, part);
                    let link = self.get(&next).filter(|found| found.entry.kind == Kind::Symlink);
                    match link.and_then(|found| found.entry.link.as_deref()) {
                        None => at = next,
                        Some(target) => {
                            links += 1;
                            if links > depth {
                                return None;
                            }
                            if target.starts_with('/') {
                                "/".clone_into(&mut at);
                            }
                            rest.extend(target.split('/').rev().map(str::to_owned));
                        }
                    }
                }
            }
        }
        Some(at)
    }

    fn found(&self, (layer, index): (u32, u32)) -> Option<Found<'_>> {
        let of = self.layers.get(layer as usize)?;
        let entry = of.entries.get(index as usize)?;
        let content = entry.target.and_then(|target| of.entries.get(target as usize)).unwrap_or(entry);
        Some(Found { layer: layer as usize, diff_id: &of.diff_id, entry, content })
    }

    /// Sets the package of every entry, by its path.
    pub(crate) fn set_packages(&mut self, of: impl Fn(&str) -> Option<u32>) {
        for entry in self.layers.iter_mut().flat_map(|layer| &mut layer.entries) {
            entry.package = of(&entry.path);
        }
    }

    /// The visible entries, and for each the layer and the index of the entry that holds its content.
    pub(crate) fn contents(&self) -> impl Iterator<Item = (Found<'_>, (u32, u32))> {
        self.merged.values().filter_map(|&(layer, index)| {
            let found = self.found((layer, index))?;
            Some((found, (layer, found.entry.target.unwrap_or(index))))
        })
    }

    /// An entry of a layer, visible or not.
    pub(crate) fn at(&self, layer: usize, index: usize) -> Option<Found<'_>> {
        self.found((u32::try_from(layer).ok()?, u32::try_from(index).ok()?))
    }

    fn hide(&mut self, (layer, index): (u32, u32), hidden: Hidden) {
        if let Some(entry) = self.layers.get_mut(layer as usize).and_then(|of| of.entries.get_mut(index as usize)) {
            entry.hidden = Some(hidden);
        }
    }

    /// Hides everything below `dir`.
    fn hide_below(&mut self, dir: &str, hidden: Hidden) {
        let (from, to) = subtree(dir);
        let bounds = (Bound::Excluded(from.as_str()), Bound::Excluded(to.as_str()));
        let below: Vec<Arc<str>> = self.merged.range::<str, _>(bounds).map(|(path, _)| path.clone()).collect();
        for path in below {
            if let Some(at) = self.merged.remove(&path) {
                self.hide(at, hidden);
            }
        }
    }

    /// Sum of the file sizes at and below `path`.
    pub(crate) fn bytes_at(&self, path: &str) -> u64 {
        let own = self.get(path).map_or(0, |found| found.entry.size);
        self.below(path).fold(own, |sum, found| sum.saturating_add(found.entry.size))
    }

    /// Applies `layer` on top. Returns its index.
    pub(crate) fn push(&mut self, layer: TreeLayer, problems: &mut Problems) -> usize {
        let number = self.layers.len();
        // Bounded by `Limits::layers` and `Limits::entries`, both far below u32::MAX.
        let by = u32::try_from(number).unwrap_or(u32::MAX);
        for dir in &layer.opaque {
            self.hide_below(dir, Hidden { by, how: Hiding::Opaque });
        }
        for path in &layer.whiteouts {
            let hidden = Hidden { by, how: Hiding::Deleted };
            self.hide_below(path, hidden);
            if let Some(at) = self.merged.remove(path.as_ref()) {
                self.hide(at, hidden);
            }
        }
        let place = format!("layer {}", number + 1);
        let paths: Vec<(Arc<str>, Kind)> = layer.entries.iter().map(|entry| (entry.path.clone(), entry.kind)).collect();
        self.layers.push(layer);
        let hidden = Hidden { by, how: Hiding::Replaced };
        let mut parent: Option<Arc<str>> = None;
        for (index, (path, kind)) in paths.into_iter().enumerate() {
            let Ok(index) = u32::try_from(index) else { break };
            let dir = names::split(&path).map_or("/", |(dir, _)| dir);
            if parent.as_deref() != Some(dir) {
                self.make_way(dir, hidden, &place, problems);
                parent = Some(Arc::from(dir));
            }
            if kind != Kind::Directory {
                // Nothing can be below a file; and if the parent just checked was, it is checked again.
                self.hide_below(&path, hidden);
                if parent.as_deref().is_some_and(|dir| dir.starts_with(path.as_ref())) {
                    parent = None;
                }
            }
            if let Some(before) = self.merged.insert(path, (by, index)) {
                self.hide(before, hidden);
            }
        }
        number
    }

    /// Removes what is not a directory on the way to `dir`, as an entry below it makes directories of them.
    fn make_way(&mut self, dir: &str, hidden: Hidden, place: &str, problems: &mut Problems) {
        let mut ends: Vec<usize> = dir.match_indices('/').map(|(at, _)| at).filter(|&at| at > 0).collect();
        ends.push(dir.len());
        for end in ends {
            let Some(ancestor) = dir.get(..end).filter(|text| *text != "/") else { continue };
            let Some(&at) = self.merged.get(ancestor) else { continue };
            let blocks = self.found(at).is_some_and(|found| found.entry.kind != Kind::Directory);
            if blocks {
                problems.count(place, "entries lie below a path that is no directory", ancestor);
                self.merged.remove(ancestor);
                self.hide(at, hidden);
            }
        }
    }
}

/// The bounds of the paths below `dir`: both excluded. `/` sorts just before `0`.
fn subtree(dir: &str) -> (String, String) {
    let base = if dir == "/" { "" } else { dir };
    (format!("{base}/"), format!("{base}0"))
}

/// Sets [`Entry::target`] of every hard link to the file entry that precedes it under the linked path.
/// Returns the links whose file is not in the layer.
pub(crate) fn resolve_hard_links(entries: &mut [Entry]) -> Vec<Arc<str>> {
    let mut missing = Vec::new();
    let mut at: HashMap<String, Option<u32>> = entries
        .iter()
        .filter(|entry| entry.kind == Kind::HardLink)
        .filter_map(|entry| entry.link.as_deref().map(|link| (link.to_owned(), None)))
        .collect();
    if at.is_empty() {
        return missing;
    }
    for (index, entry) in entries.iter_mut().enumerate() {
        let own = match entry.kind {
            Kind::HardLink => {
                entry.target = entry.link.as_deref().and_then(|link| at.get(link).copied().flatten());
                if entry.target.is_none() {
                    missing.push(entry.path.clone());
                }
                entry.target
            }
            _ => u32::try_from(index).ok(),
        };
        if let Some(slot) = at.get_mut(entry.path.as_ref()) {
            *slot = own;
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(path: &str, kind: Kind, size: u64) -> Entry {
        Entry {
            path: path.into(),
            kind,
            size,
            mode: 0o644,
            uid: 0,
            gid: 0,
            mtime: 0,
            link: None,
            target: None,
            capabilities: None,
            magic: None,
            package: None,
            hidden: None,
        }
    }

    fn files(paths: &[&str]) -> Vec<Entry> {
        paths
            .iter()
            .map(|path| match path.strip_suffix('/') {
                Some(dir) => entry(dir, Kind::Directory, 0),
                None => entry(path, Kind::File, 10),
            })
            .collect()
    }

    fn layer(entries: &[&str], whiteouts: &[&str], opaque: &[&str]) -> TreeLayer {
        TreeLayer {
            diff_id: String::new(),
            entries: files(entries),
            whiteouts: whiteouts.iter().map(|&path| path.into()).collect(),
            opaque: opaque.iter().map(|&path| path.into()).collect(),
        }
    }

    fn shown(tree: &Tree) -> Vec<&str> {
        tree.iter().map(|found| found.entry.path.as_ref()).collect()
    }

    #[test]
    fn whiteouts_hide_lower_layers_only() {
        let mut tree = Tree::default();
        let mut problems = Problems::default();
        tree.push(layer(&["/a/", "/a/x", "/a/y", "/a.b", "/a0"], &[], &[]), &mut problems);
        tree.push(layer(&["/a/y"], &["/a/x", "/a/y"], &[]), &mut problems);
        assert_eq!(shown(&tree), ["/a", "/a.b", "/a/y", "/a0"]);
        tree.push(layer(&[], &["/a"], &[]), &mut problems);
        assert_eq!(shown(&tree), ["/a.b", "/a0"]);
        assert_eq!(tree.layers()[0].entries[1].hidden, Some(Hidden { by: 1, how: Hiding::Deleted }));
        assert_eq!(tree.layers()[1].entries[0].hidden, Some(Hidden { by: 2, how: Hiding::Deleted }));
        assert!(problems.into_sentences().is_empty());
    }

    #[test]
    fn opaque_directories_keep_their_own_layers_files() {
        let mut tree = Tree::default();
        let mut problems = Problems::default();
        tree.push(layer(&["/d/", "/d/old", "/e"], &[], &[]), &mut problems);
        tree.push(layer(&["/d/", "/d/new"], &[], &["/d"]), &mut problems);
        assert_eq!(shown(&tree), ["/d", "/d/new", "/e"]);
        tree.push(layer(&["/z"], &[], &["/"]), &mut problems);
        assert_eq!(shown(&tree), ["/z"]);
    }

    #[test]
    fn files_and_directories_replace_one_another() {
        let mut tree = Tree::default();
        let mut problems = Problems::default();
        tree.push(layer(&["/d/", "/d/x", "/f"], &[], &[]), &mut problems);
        tree.push(layer(&["/d", "/f/", "/f/y"], &[], &[]), &mut problems);
        assert_eq!(shown(&tree), ["/d", "/f", "/f/y"]);
        tree.push(layer(&["/d/z"], &[], &[]), &mut problems);
        assert_eq!(shown(&tree), ["/d/z", "/f", "/f/y"]);
        assert_eq!(problems.into_sentences().len(), 1);
    }

    #[test]
    fn links_are_followed_inside_the_tree() {
        let mut tree = Tree::default();
        let mut one = layer(&["/usr/", "/usr/lib/", "/usr/lib/passwd"], &[], &[]);
        for (path, target) in
            [("/etc", "../usr/./lib"), ("/x", "/etc/passwd"), ("/loop", "loop"), ("/up", "../../../usr/lib/passwd")]
        {
            let mut link = entry(path, Kind::Symlink, 0);
            link.link = Some(target.into());
            one.entries.push(link);
        }
        tree.push(one, &mut Problems::default());
        for path in ["/etc/passwd", "/x", "/up", "/usr/lib/../lib/passwd"] {
            assert_eq!(tree.resolve(path, 8).map(|found| found.entry.path.as_ref()), Some("/usr/lib/passwd"), "{path}");
        }
        assert!(tree.resolve("/loop", 8).is_none());
        assert!(tree.resolve("/nothing", 8).is_none());
    }

    #[test]
    fn hard_links_find_their_file() {
        let mut entries = files(&["/a", "/b", "/c", "/d"]);
        for (index, target) in [(1, "/a"), (2, "/b"), (3, "/gone")] {
            entries[index].kind = Kind::HardLink;
            entries[index].link = Some(target.into());
        }
        let missing = resolve_hard_links(&mut entries);
        assert_eq!(entries.iter().map(|entry| entry.target).collect::<Vec<_>>(), [None, Some(0), Some(0), None]);
        assert_eq!(missing, [Arc::from("/d")]);
    }
}
