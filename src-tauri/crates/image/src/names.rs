//! Names of archive entries: bytes to a clean absolute path, and what was odd about them.

use std::fmt::Write as _;

/// What was odd about a name that was cleaned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Oddities {
    /// It climbs above the root; the climb was stopped there.
    pub leaves: bool,
    /// It begins with `/`.
    pub absolute: bool,
    /// It holds `..` (but stays inside).
    pub climbs: bool,
    /// Bytes that are not UTF-8 were escaped.
    pub not_utf8: bool,
    /// It names nothing at all.
    pub empty: bool,
}

/// The text of `bytes`, with every byte that is not UTF-8 as `\xNN`. The flag says whether there was one.
pub(crate) fn to_text(bytes: &[u8]) -> (String, bool) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return (text.to_owned(), false);
    }
    let mut text = String::with_capacity(bytes.len() + 16);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a String cannot fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    (text, true)
}

/// The absolute path inside the image that an entry name means: `./usr//bin/x` is `/usr/bin/x`, `.` is `/`.
///
/// `..` is resolved on the text, and never climbs above the root: no runtime would write the entry there.
pub(crate) fn clean(bytes: &[u8]) -> (String, Oddities) {
    let (text, not_utf8) = to_text(bytes);
    let mut odd = Oddities { not_utf8, absolute: text.starts_with('/'), empty: text.is_empty(), ..Oddities::default() };
    let mut path = String::with_capacity(text.len() + 1);
    for part in text.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                odd.climbs = true;
                match path.rfind('/') {
                    Some(cut) => path.truncate(cut),
                    None => odd.leaves = true,
                }
            }
            part => {
                path.push('/');
                path.push_str(part);
            }
        }
    }
    if path.is_empty() {
        path.push('/');
    }
    (path, odd)
}

/// The directory of an absolute clean path, and the last name in it; `None` for the root.
pub(crate) fn split(path: &str) -> Option<(&str, &str)> {
    let cut = path.rfind('/')?;
    let name = path.get(cut + 1..)?;
    if name.is_empty() {
        return None;
    }
    let dir = path.get(..cut)?;
    Some((if dir.is_empty() { "/" } else { dir }, name))
}

/// `name` in directory `dir`, both clean.
pub(crate) fn join(dir: &str, name: &str) -> String {
    if dir == "/" { format!("/{name}") } else { format!("{dir}/{name}") }
}

/// Where the text `target` leads, seen from the directory `dir` of the same tree, by names alone.
/// The flag says that it tried to climb above the root.
pub(crate) fn resolve(dir: &str, target: &str) -> (String, bool) {
    let whole = if target.starts_with('/') { target.to_owned() } else { format!("{dir}/{target}") };
    let (path, odd) = clean(whole.as_bytes());
    (path, odd.leaves)
}

/// The name for a message: control characters escaped, at most 200 characters.
pub(crate) fn shown(name: &str) -> String {
    let mut out = String::new();
    for (count, ch) in name.chars().enumerate() {
        if count == 200 {
            out.push('…');
            break;
        }
        if ch.is_control() {
            let _ = write!(out, "{}", ch.escape_default());
        } else {
            out.push(ch);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned_inside_the_root() {
        for (raw, path, leaves) in [
            ("usr/bin/x", "/usr/bin/x", false),
            ("./usr//bin/./x", "/usr/bin/x", false),
            ("/etc/passwd", "/etc/passwd", false),
            ("../../etc/passwd", "/etc/passwd", true),
            ("a/../../b", "/b", true),
            ("a/../b", "/b", false),
            (".", "/", false),
            ("./", "/", false),
            ("", "/", false),
            ("..", "/", true),
        ] {
            let (got, odd) = clean(raw.as_bytes());
            assert_eq!((got.as_str(), odd.leaves), (path, leaves), "{raw}");
        }
        assert!(clean(b"").1.empty);
        assert!(clean(b"/x").1.absolute);
    }

    #[test]
    fn bytes_that_are_not_utf8_stay_distinct() {
        assert_eq!(clean(b"a\xff").0, "/a\\xff");
        assert_ne!(clean(b"a\xff").0, clean(b"a\xfe").0);
        assert!(clean(b"a\xff").1.not_utf8);
        assert!(!clean("ä".as_bytes()).1.not_utf8);
    }

    #[test]
    fn paths_split_and_join() {
        assert_eq!(split("/a/b"), Some(("/a", "b")));
        assert_eq!(split("/a"), Some(("/", "a")));
        assert_eq!(split("/"), None);
        assert_eq!(join("/", "a"), "/a");
        assert_eq!(join("/a", "b"), "/a/b");
        assert_eq!(resolve("/usr/bin", "../lib/x"), ("/usr/lib/x".to_owned(), false));
        assert_eq!(resolve("/a", "../../x"), ("/x".to_owned(), true));
        assert_eq!(resolve("/a", "/x"), ("/x".to_owned(), false));
    }
}
