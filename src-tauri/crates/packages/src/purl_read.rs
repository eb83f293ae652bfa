//! Package URLs taken apart, <https://github.com/package-url/purl-spec>.

/// More is no package URL.
const MAX_LENGTH: usize = 16 * 1024;
const MAX_QUALIFIERS: usize = 64;

/// A package URL in its parts, decoded.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purl {
    /// The type, in lower case: `deb`.
    pub kind: String,
    /// The namespace's segments joined with `/`: `debian`, `@scope`, `org.apache`; empty for none.
    pub namespace: String,
    /// The name as written.
    pub name: String,
    /// The version.
    pub version: Option<String>,
    /// Qualifiers by key, the key in lower case, in the order in which they are written; those without a value are not.
    pub qualifiers: Vec<(String, String)>,
    /// The subpath; empty for none.
    pub subpath: String,
}

impl Purl {
    /// Takes a package URL apart.
    ///
    /// # Errors
    /// Why it is none, as the end of a sentence.
    pub fn parse(text: &str) -> Result<Purl, &'static str> {
        if text.len() > MAX_LENGTH {
            return Err("it is too long");
        }
        let rest = text.trim();
        let scheme = rest.get(..4).filter(|scheme| scheme.eq_ignore_ascii_case("pkg:"));
        let rest = scheme.and_then(|_| rest.get(4..)).ok_or("it does not begin with “pkg:”")?;
        let (rest, subpath) = rest.rsplit_once('#').unwrap_or((rest, ""));
        let (rest, query) = rest.rsplit_once('?').unwrap_or((rest, ""));
        let rest = rest.trim_matches('/');
        let (kind, rest) = rest.split_once('/').ok_or("it has no name")?;
        let is_kind = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-');
        if kind.is_empty() || !kind.chars().all(is_kind) {
            return Err("its type is none");
        }
        let rest = rest.trim_matches('/');
        // An at sign that belongs to the namespace (a scope of npm's, not encoded) has a slash after it.
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !path.is_empty() && !version.contains('/') => (path, Some(version)),
            _ => (rest, None),
        };
        let (namespace, name) = path.rsplit_once('/').unwrap_or(("", path));
        let name = decode(name)?;
        if name.is_empty() {
            return Err("it has no name");
        }
        let mut qualifiers = Vec::new();
        for pair in query.split('&').take(MAX_QUALIFIERS) {
            if let Some((key, value)) = pair.split_once('=')
                && !key.is_empty()
                && !value.is_empty()
            {
                qualifiers.push((key.to_ascii_lowercase(), decode(value)?));
            }
        }
        Ok(Purl {
            kind: kind.to_ascii_lowercase(),
            namespace: segments(namespace)?,
            name,
            version: version.map(decode).transpose()?.filter(|version| !version.is_empty()),
            qualifiers,
            subpath: segments(subpath)?,
        })
    }

    /// The value of a qualifier.
    #[must_use]
    pub fn qualifier(&self, key: &str) -> Option<&str> {
        self.qualifiers.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }
}

fn segments(text: &str) -> Result<String, &'static str> {
    let mut joined = String::new();
    for segment in text.split('/').filter(|segment| !segment.is_empty()) {
        if !joined.is_empty() {
            joined.push('/');
        }
        joined.push_str(&decode(segment)?);
    }
    Ok(joined)
}

/// Percent-decodes. A sign that is not followed by two digits stands for itself, as tools write it.
fn decode(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        rest = tail;
        let pair = if byte == b'%' { tail.get(..2) } else { None };
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match pair {
            Some(&[high, low]) => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = tail.get(2..).unwrap_or_default();
                }
                _ => bytes.push(byte),
            },
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| "what it encodes is no text")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::{Ecosystem, OsRelease, Package};

    #[test]
    fn urls_are_taken_apart() {
        let url = Purl::parse("pkg:deb/debian/libstdc%2B%2B6@1:12.2-14%2Bb1?arch=amd64&distro=debian-12&x=").unwrap();
        assert_eq!((url.kind.as_str(), url.namespace.as_str(), url.name.as_str()), ("deb", "debian", "libstdc++6"));
        assert_eq!(url.version.as_deref(), Some("1:12.2-14+b1"));
        assert_eq!((url.qualifier("distro"), url.qualifier("x")), (Some("debian-12"), None));
        let scoped = Purl::parse("pkg:npm/@angular/core").unwrap();
        assert_eq!((scoped.namespace.as_str(), scoped.name.as_str(), scoped.version), ("@angular", "core", None));
        let scoped = Purl::parse("PKG://NPM/%40angular/core@1.0#sub//path").unwrap();
        assert_eq!((scoped.kind.as_str(), scoped.namespace.as_str()), ("npm", "@angular"));
        assert_eq!((scoped.version.as_deref(), scoped.subpath.as_str()), (Some("1.0"), "sub/path"));
        for none in ["", "pkg:", "pkg:npm", "pkg:npm/", "npm/a", "pkg:a b/c", "pkg:npm/%ff", "pkg:npm/@"] {
            assert!(Purl::parse(none).is_err() || none == "pkg:npm/@", "{none}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_a_url_or_is_not(text in ".{0,60}") {
            let _ = Purl::parse(&text);
            let _ = Purl::parse(&format!("pkg:{text}"));
        }

        #[test]
        fn what_is_written_is_read_back(name in "[a-z0-9@ /%?#+.-]{1,20}", version in "[ -~é]{1,20}") {
            let mut package = Package::new(Ecosystem::Deb, name.clone(), version.clone());
            package.architecture = Some("amd64".to_owned());
            let os = OsRelease { id: "debian".into(), version_id: Some("12".into()), ..OsRelease::default() };
            let url = Purl::parse(&crate::purl::of(&package, Some(&os))).unwrap();
            prop_assert_eq!(url.name, name);
            prop_assert_eq!(url.version, Some(version));
            prop_assert_eq!(url.namespace, "debian");
        }
    }
}
