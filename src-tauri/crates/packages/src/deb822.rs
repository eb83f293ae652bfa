//! Stanzas of `Name: value` lines, as dpkg, apt, `copyright` files and Python's metadata have them (deb822, RFC 822).

/// The fields of one stanza. Values keep their further lines.
pub(crate) struct Stanza<'a> {
    fields: Vec<(&'a str, &'a str)>,
}

/// A stanza has a few dozen fields; more of them are dropped, so that looking one up stays cheap.
const MAX_FIELDS: usize = 4096;

impl<'a> Stanza<'a> {
    /// The first field of this name, whatever its capitals, trimmed.
    pub(crate) fn get(&self, name: &str) -> Option<&'a str> {
        self.all(name).next()
    }

    /// The first line of the field.
    pub(crate) fn line(&self, name: &str) -> Option<&'a str> {
        self.get(name)?.lines().next().map(str::trim).filter(|line| !line.is_empty())
    }

    /// All fields of this name.
    pub(crate) fn all(&self, name: &str) -> impl Iterator<Item = &'a str> {
        self.fields.iter().filter(move |(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// The stanzas of a text, one after the other. Lines that are neither a field nor continue one are passed over.
pub(crate) fn stanzas(text: &str) -> impl Iterator<Item = Stanza<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let mut fields: Vec<(&str, &str)> = Vec::new();
        // The field that is open: its name, and where its value starts in `rest`.
        let mut open: Option<(&str, usize)> = None;
        let mut at = 0;
        let whole = rest;
        while at < whole.len() {
            let tail = whole.get(at..)?;
            let length = tail.find('\n').map_or(tail.len(), |end| end + 1);
            let line = tail.get(..length)?;
            let blank = line.trim_end().is_empty();
            if !blank && line.starts_with([' ', '\t']) {
                at += length;
                continue;
            }
            if let Some((name, start)) = open.take()
                && fields.len() < MAX_FIELDS
            {
                fields.push((name, whole.get(start..at)?));
            }
            at += length;
            if blank {
                if fields.is_empty() {
                    continue;
                }
                break;
            }
            if let Some((name, value)) = line.split_once(':') {
                open = Some((name.trim(), at - value.len()));
            }
        }
        if let Some((name, start)) = open {
            fields.push((name, whole.get(start..at)?));
        }
        rest = whole.get(at..).unwrap_or_default();
        (!fields.is_empty()).then_some(Stanza { fields })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_their_further_lines() {
        let text = "\n\nA: 1\nB: x\n y\n .\njunk\nC:\n\n \nA: 2";
        let all: Vec<Stanza<'_>> = stanzas(text).collect();
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].get("a"), Some("1"));
        assert_eq!(all[0].get("B"), Some("x\n y\n ."));
        assert_eq!(all[0].line("B"), Some("x"));
        assert_eq!(all[0].get("C"), Some(""));
        assert_eq!(all[0].line("C"), None);
        assert_eq!(all[1].get("A"), Some("2"));
        assert_eq!(stanzas("junk\n\n").count(), 0);
    }
}
