//! A tree as bytes, to be recorded beside the facts: JSON of columns, one for each field, compressed with Zstandard.
//!
//! Columns of like values compress to a few bytes for each entry. A field that most entries do not have is a list of
//! (index, value). What hides an entry, and what a hard link names, follows from the layers, so it is not written but
//! found again when the layers are merged; the same layers always make the same tree.

use std::borrow::Cow;
use std::io::Read;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::facts::Kind;
use crate::tree::{Entry, Magic, Tree, TreeError, TreeLayer};

/// The only version so far.
const VERSION: u32 = 1;

/// Zstandard's own default; a higher one costs more time than it saves room.
const LEVEL: i32 = 3;

#[derive(Serialize, Deserialize)]
struct Recorded<'a> {
    #[serde(rename = "plimsoll_tree")]
    version: u32,
    #[serde(borrow)]
    layers: Vec<Layer<'a>>,
}

/// One layer. The short names are columns: `p` paths, `k` kinds, `s` sizes, `m` modes, `u` users, `g` groups, `t` times;
/// sparse ones: `l` link targets, `c` capabilities, `i` what the first bytes show, `o` owning packages.
#[derive(Serialize, Deserialize)]
struct Layer<'a> {
    #[serde(borrow)]
    diff_id: Cow<'a, str>,
    #[serde(borrow)]
    whiteouts: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    opaque: Vec<Cow<'a, str>>,
    #[serde(borrow)]
    p: Vec<Cow<'a, str>>,
    /// One letter for each entry.
    #[serde(borrow)]
    k: Cow<'a, str>,
    s: Vec<u64>,
    m: Vec<u32>,
    u: Vec<u64>,
    g: Vec<u64>,
    t: Vec<i64>,
    #[serde(borrow)]
    l: Vec<(u32, Cow<'a, str>)>,
    #[serde(borrow)]
    c: Vec<(u32, Cow<'a, str>)>,
    i: Vec<(u32, Magic)>,
    o: Vec<(u32, u32)>,
}

impl Tree {
    /// The tree as bytes, to be recorded: compressed, the same tree gives the same bytes.
    ///
    /// # Errors
    /// When memory for the compression cannot be had.
    pub fn to_bytes(&self) -> Result<Vec<u8>, TreeError> {
        let layers = self.layers().iter().map(Layer::of).collect();
        let failed = |error: &dyn std::fmt::Display| TreeError(format!("it cannot be written, {error}"));
        let mut encoder = zstd::stream::Encoder::new(Vec::new(), LEVEL).map_err(|error| failed(&error))?;
        serde_json::to_writer(&mut encoder, &Recorded { version: VERSION, layers }).map_err(|error| failed(&error))?;
        encoder.finish().map_err(|error| failed(&error))
    }

    /// Reads back what [`Tree::to_bytes`] wrote.
    ///
    /// # Errors
    /// When the bytes are something else, or unpack to more than `limit` bytes.
    pub fn from_bytes(bytes: &[u8], limit: u64) -> Result<Self, TreeError> {
        let damaged = |error: &dyn std::fmt::Display| TreeError(format!("it is damaged, {error}"));
        let decoder = zstd::stream::Decoder::with_buffer(bytes).map_err(|error| damaged(&error))?;
        let mut text = Vec::new();
        decoder.take(limit.saturating_add(1)).read_to_end(&mut text).map_err(|error| damaged(&error))?;
        if text.len() as u64 > limit {
            return Err(TreeError(format!("it unpacks to more than {limit} bytes")));
        }
        let recorded: Recorded<'_> = serde_json::from_slice(&text).map_err(|error| damaged(&error))?;
        if recorded.version != VERSION {
            return Err(TreeError(format!("it is of version {}, which is newer than this program", recorded.version)));
        }
        let layers = recorded.layers.into_iter().map(Layer::read).collect::<Option<Vec<_>>>();
        let layers = layers.ok_or_else(|| damaged(&"its columns do not fit each other"))?;
        Ok(Tree::from_layers(layers))
    }
}

impl<'a> Layer<'a> {
    fn of(layer: &'a TreeLayer) -> Self {
        let entries = &layer.entries;
        fn sparse<'a, T>(entries: &'a [Entry], of: impl Fn(&'a Entry) -> Option<T>) -> Vec<(u32, T)> {
            (0u32..).zip(entries).filter_map(|(index, entry)| Some((index, of(entry)?))).collect()
        }
        fn texts(paths: &[Arc<str>]) -> Vec<Cow<'_, str>> {
            paths.iter().map(|path| Cow::Borrowed(path.as_ref())).collect()
        }
        Layer {
            diff_id: Cow::Borrowed(&layer.diff_id),
            whiteouts: texts(&layer.whiteouts),
            opaque: texts(&layer.opaque),
            p: entries.iter().map(|entry| Cow::Borrowed(entry.path.as_ref())).collect(),
            k: entries.iter().map(|entry| letter(entry.kind)).collect::<String>().into(),
            s: entries.iter().map(|entry| entry.size).collect(),
            m: entries.iter().map(|entry| entry.mode).collect(),
            u: entries.iter().map(|entry| entry.uid).collect(),
            g: entries.iter().map(|entry| entry.gid).collect(),
            t: entries.iter().map(|entry| entry.mtime).collect(),
            l: sparse(entries, |entry| entry.link.as_deref().map(Cow::Borrowed)),
            c: sparse(entries, |entry| entry.capabilities.as_deref().map(Cow::Borrowed)),
            i: sparse(entries, |entry| entry.magic),
            o: sparse(entries, |entry| entry.package),
        }
    }

    /// The layer; `None` if its columns are not of one length.
    fn read(self) -> Option<TreeLayer> {
        let arcs = |texts: Vec<Cow<'a, str>>| texts.iter().map(|text| Arc::from(text.as_ref())).collect();
        let count = self.p.len();
        let lengths = [self.k.chars().count(), self.s.len(), self.m.len(), self.u.len(), self.g.len(), self.t.len()];
        if lengths.iter().any(|&length| length != count) {
            return None;
        }
        let columns = self.p.iter().zip(self.k.chars()).zip(self.s).zip(self.m).zip(self.u).zip(self.g).zip(self.t);
        let mut entries = Vec::with_capacity(count);
        for ((((((path, kind), size), mode), uid), gid), mtime) in columns {
            entries.push(Entry {
                path: Arc::from(path.as_ref()),
                kind: kind_of(kind)?,
                size,
                mode,
                uid,
                gid,
                mtime,
                link: None,
                target: None,
                capabilities: None,
                magic: None,
                package: None,
                hidden: None,
            });
        }
        for (index, link) in self.l {
            entries.get_mut(index as usize)?.link = Some(link.into());
        }
        for (index, capabilities) in self.c {
            entries.get_mut(index as usize)?.capabilities = Some(capabilities.into());
        }
        for (index, magic) in self.i {
            entries.get_mut(index as usize)?.magic = Some(magic);
        }
        for (index, package) in self.o {
            entries.get_mut(index as usize)?.package = Some(package);
        }
        let diff_id = self.diff_id.into_owned();
        Some(TreeLayer { diff_id, entries, whiteouts: arcs(self.whiteouts), opaque: arcs(self.opaque) })
    }
}

/// The letters of `ls -l` and `find -type`, and `h` for a hard link.
fn letter(kind: Kind) -> char {
    match kind {
        Kind::File => 'f',
        Kind::Directory => 'd',
        Kind::Symlink => 'l',
        Kind::HardLink => 'h',
        Kind::CharDevice => 'c',
        Kind::BlockDevice => 'b',
        Kind::Fifo => 'p',
    }
}

fn kind_of(letter: char) -> Option<Kind> {
    Some(match letter {
        'f' => Kind::File,
        'd' => Kind::Directory,
        'l' => Kind::Symlink,
        'h' => Kind::HardLink,
        'c' => Kind::CharDevice,
        'b' => Kind::BlockDevice,
        'p' => Kind::Fifo,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: u64 = 1 << 20;

    prop_compose! {
        fn entry()(
            path in "(/[abé\"\\\\]{1,2}){1,3}",
            kind in prop::sample::select(vec!['f', 'd', 'l', 'h', 'c', 'b', 'p']),
            numbers in any::<(u64, u32, u64, u64, i64)>(),
            link in prop::option::of("(/[ab]){1,2}"),
            capabilities in prop::option::of("[0-9a-f]{4}"),
            magic in prop::option::of(prop::sample::select(vec![Magic::Elf, Magic::Script, Magic::HeapDump])),
            package in any::<Option<u32>>(),
        ) -> Entry {
            let (size, mode, uid, gid, mtime) = numbers;
            Entry {
                path: path.into(),
                kind: kind_of(kind).unwrap(),
                size, mode, uid, gid, mtime, magic, package,
                link: link.map(Into::into),
                target: None,
                capabilities: capabilities.map(Into::into),
                hidden: None,
            }
        }
    }

    prop_compose! {
        fn layer()(
            entries in prop::collection::vec(entry(), 0..8),
            whiteouts in prop::collection::vec("(/[ab]){1,2}", 0..3),
            opaque in prop::collection::vec("/[ab]", 0..2),
            diff_id in "sha256:[0-9a-f]{4}",
        ) -> TreeLayer {
            let arcs = |texts: Vec<String>| texts.into_iter().map(Arc::from).collect();
            TreeLayer { diff_id, entries, whiteouts: arcs(whiteouts), opaque: arcs(opaque) }
        }
    }

    proptest! {
        #[test]
        fn a_tree_comes_back_as_it_was(layers in prop::collection::vec(layer(), 0..4)) {
            let tree = Tree::from_layers(layers);
            let bytes = tree.to_bytes().unwrap();
            let read = Tree::from_bytes(&bytes, LIMIT).unwrap();
            prop_assert_eq!(read.to_bytes().unwrap(), bytes);
            prop_assert_eq!(read, tree);
        }

        #[test]
        fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200), json in "[\\[\\]{}\",a-z0-9]{0,60}") {
            prop_assert!(Tree::from_bytes(&bytes, LIMIT).is_err());
            prop_assert!(Tree::from_bytes(&zstd::encode_all(json.as_bytes(), 1).unwrap(), LIMIT).is_err());
        }
    }

    fn error(json: &str, limit: u64) -> String {
        Tree::from_bytes(&zstd::encode_all(json.as_bytes(), 1).unwrap(), limit).unwrap_err().to_string()
    }

    #[test]
    fn what_is_no_tree_is_told_apart() {
        let layer = r#"{"diff_id":"","whiteouts":[],"opaque":[],"p":["/a"],"k":"f","s":[1],"m":[],"u":[],"g":[],"t":[],"l":[],"c":[],"i":[],"o":[]}"#;
        let of = |layers: &str| format!("{{\"plimsoll_tree\":1,\"layers\":[{layers}]}}");
        assert!(error(&of(layer), LIMIT).contains("columns do not fit"));
        let whole = layer.replace("\"m\":[],\"u\":[],\"g\":[],\"t\":[]", "\"m\":[1],\"u\":[1],\"g\":[1],\"t\":[1]");
        for (from, to) in
            [("\"k\":\"f\"", "\"k\":\"?\""), ("\"o\":[]", "\"o\":[[1,0]]"), ("\"l\":[]", "\"l\":[[9,\"\"]]")]
        {
            assert!(error(&of(&whole.replace(from, to)), LIMIT).contains("columns do not fit"), "{to}");
        }
        assert!(error(&of("").replace(":1", ":2"), LIMIT).contains("version 2"));
        let bomb = format!("[{}]", " ".repeat(1 << 20));
        assert!(error(&bomb, 1 << 16).contains("more than 65536 bytes"));
        assert!(Tree::from_bytes(b"", LIMIT).unwrap_err().to_string().contains("damaged"));
        assert_eq!(Tree::from_bytes(&Tree::default().to_bytes().unwrap(), LIMIT).unwrap(), Tree::default());
    }
}
