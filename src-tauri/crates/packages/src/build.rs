//! Building a part within bounds: names, texts and paths of sane length, and no more of them than memory allows.

use std::collections::BTreeMap;

use crate::model::{Owned, Package, PackageError, Part};

/// Packages per file, and in an inventory.
pub(crate) const MAX_PACKAGES: usize = 1_000_000;
/// Bytes of a name or version.
const MAX_NAME: usize = 1024;
/// Bytes of any other text.
const MAX_TEXT: usize = 4096;
/// Bytes of the name of who built a package.
const MAX_VENDOR: usize = 200;
/// Bytes of a path (Linux's `PATH_MAX`).
pub(crate) const MAX_PATH: usize = 4096;
/// Memory of all owned paths of a file. A database can be made to name a path of 4,096 bytes with two or three of its
/// own, so the file's size bounds nothing.
const MAX_OWNED_BYTES: usize = 256 * 1024 * 1024;
/// What a short text costs beside its bytes.
pub(crate) const TEXT_COST: usize = 48;

/// A part that grows.
#[derive(Default)]
pub(crate) struct Builder {
    part: Part,
    problems: BTreeMap<&'static str, (u64, String)>,
    owned_bytes: usize,
}

impl Builder {
    /// Takes a package, unless its name or version cannot be one. Says whether it was taken.
    pub(crate) fn push(&mut self, mut package: Package) -> Result<bool, PackageError> {
        if !is_name(&package.name) || !is_name(&package.version) {
            self.problem("entries have no proper name or version", &package.name);
            return Ok(false);
        }
        if self.part.packages.len() >= MAX_PACKAGES {
            return Err(PackageError::TooMuch { limit: MAX_PACKAGES as u64, unit: "packages" });
        }
        for text in [
            &mut package.architecture,
            &mut package.source_name,
            &mut package.source_version,
            &mut package.licence,
            &mut package.section,
            &mut package.module,
        ] {
            *text = text.as_deref().and_then(clip);
        }
        package.vendor = package.vendor.as_deref().and_then(|vendor| clip_to(vendor, MAX_VENDOR));
        self.part.packages.push(package);
        Ok(true)
    }

    /// Counts the bytes of a path that is about to be kept. A path that is too long is not to be kept: `false`.
    pub(crate) fn afford_path(&mut self, length: usize) -> Result<bool, PackageError> {
        if length > MAX_PATH {
            self.problem("paths are longer than a path can be", "");
            return Ok(false);
        }
        self.owned_bytes = self.owned_bytes.saturating_add(length + TEXT_COST);
        if self.owned_bytes > MAX_OWNED_BYTES {
            return Err(PackageError::TooMuch { limit: MAX_OWNED_BYTES as u64, unit: "bytes of file names" });
        }
        Ok(true)
    }

    /// Takes the files of a package.
    pub(crate) fn own(&mut self, owned: Owned) {
        if !owned.paths.is_empty() {
            self.part.owned.push(owned);
        }
    }

    /// Counts a problem; the first one is shown.
    pub(crate) fn problem(&mut self, what: &'static str, sample: &str) {
        let (count, _) = self.problems.entry(what).or_insert_with(|| (0, clip(sample).unwrap_or_default()));
        *count += 1;
    }

    /// The part itself, for what needs no bounds.
    pub(crate) fn part(&mut self) -> &mut Part {
        &mut self.part
    }

    /// Whether neither a package nor a problem was seen.
    pub(crate) fn is_empty(&self) -> bool {
        self.part.packages.is_empty() && self.problems.is_empty()
    }

    /// The finished part.
    pub(crate) fn finish(mut self) -> Part {
        for (what, (count, sample)) in self.problems {
            let shown: String = sample.chars().take(80).collect();
            self.part.problems.push(match (count, shown.as_str()) {
                (_, "") => format!("{count} {what}."),
                (1, shown) => format!("1 {what}: “{shown}”."),
                (_, shown) => format!("{count} {what}; the first is “{shown}”."),
            });
        }
        self.part
    }
}

/// Whether a text can be a name or a version.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}

/// A text on one line and of sane length; none if nothing is left.
pub(crate) fn clip(text: &str) -> Option<String> {
    clip_to(text, MAX_TEXT)
}

fn clip_to(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let cut: String = text.get(..end)?.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    (!cut.is_empty()).then_some(cut)
}

/// A path from the root, as the tree has it: `a/./b/../c` becomes `/a/c`. None for the root itself and for what is
/// too long.
pub(crate) fn absolute(base: &str, path: &str) -> Option<String> {
    if path.len() > MAX_PATH || base.len() > MAX_PATH {
        return None;
    }
    let mut kept: Vec<&str> = Vec::new();
    let base = if path.starts_with('/') { "" } else { base };
    for segment in base.split('/').chain(path.split('/')) {
        match segment {
            "" | "." => {}
            ".." => {
                kept.pop();
            }
            name => kept.push(name),
        }
    }
    let length: usize = kept.iter().map(|segment| segment.len() + 1).sum();
    if kept.is_empty() || length > MAX_PATH {
        return None;
    }
    let mut whole = String::with_capacity(length);
    for segment in kept {
        whole.push('/');
        whole.push_str(segment);
    }
    Some(whole)
}

/// The number at `at`, lowest byte first.
pub(crate) fn u32_le(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// The number at `at`, highest byte first.
pub(crate) fn u32_be(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

/// The number at `at`, lowest byte first.
pub(crate) fn u16_le(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

/// The number at `at`, highest byte first.
pub(crate) fn u16_be(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Ecosystem;

    #[test]
    fn texts_are_cut_at_characters() {
        assert_eq!(clip(" a\nb "), Some("a b".to_owned()));
        assert_eq!(clip(" \t"), None);
        assert_eq!(clip(&"é".repeat(4000)).map(|text| text.len()), Some(4096));
        assert_eq!(clip_to("aéb", 2).as_deref(), Some("a"));
    }

    #[test]
    fn paths_are_made_absolute() {
        assert_eq!(absolute("/usr/lib/p", "../../bin/x").as_deref(), Some("/usr/bin/x"));
        assert_eq!(absolute("/usr", "/a//b/./c").as_deref(), Some("/a/b/c"));
        assert_eq!(absolute("/usr", "../../.."), None);
        assert_eq!(absolute("/usr", &"a/".repeat(4000)), None);
    }

    #[test]
    fn names_that_are_none_are_counted() {
        let mut builder = Builder::default();
        for name in ["", "a\u{1b}[m", "good"] {
            builder.push(Package::new(Ecosystem::Deb, name.to_owned(), "1".to_owned())).unwrap();
        }
        let part = builder.finish();
        assert_eq!(part.packages.len(), 1);
        assert_eq!(part.problems, ["2 entries have no proper name or version."]);
    }
}
