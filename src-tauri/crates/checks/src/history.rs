//! Reading instructions back from an image's history.
//!
//! Three writers are known: the legacy builder (`/bin/sh -c #(nop) ADD file:… in /`), BuildKit
//! (`ADD app.jar /app/ # buildkit`) and importers, which write what they like.

/// An instruction in the history: its word and what follows, without the builder's decoration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    /// The word in capitals: `ADD`.
    pub(crate) word: String,
    /// What follows.
    pub(crate) rest: &'a str,
    /// Whether the legacy builder wrote it; it names sources by hash only.
    pub(crate) legacy: bool,
}

/// Reads one line of the history.
pub(crate) fn read(created_by: &str) -> Option<Line<'_>> {
    let text = created_by.trim();
    let (text, legacy) = match text.split_once("#(nop)") {
        Some((_, rest)) => (rest.trim(), true),
        None => (text.strip_suffix("# buildkit").unwrap_or(text).trim(), false),
    };
    let (word, rest) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
    let known = ["ADD", "COPY", "HEALTHCHECK", "USER", "ENV", "CMD", "ENTRYPOINT", "RUN", "LABEL", "ARG", "FROM"];
    known.contains(&word).then(|| Line { word: word.to_owned(), rest: rest.trim(), legacy })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_builders_are_read() {
        let legacy = read("/bin/sh -c #(nop) ADD file:0123 in / ").unwrap();
        assert_eq!((legacy.word.as_str(), legacy.rest, legacy.legacy), ("ADD", "file:0123 in /", true));
        let buildkit = read("ADD app.jar /app/ # buildkit").unwrap();
        assert_eq!((buildkit.word.as_str(), buildkit.rest, buildkit.legacy), ("ADD", "app.jar /app/", false));
        assert_eq!(read("/bin/sh -c apt-get update"), None);
        assert_eq!(read(""), None);
    }
}
