//! What an image is called, in full: host, repository, tag, digest, by Docker's rules for short names.
//!
//! The grammar is oci-client's (distribution's `reference`); on top of it: a first word in capitals is a host, as Docker
//! has it; IPv6 hosts stand in brackets; digests are lower case.

use std::fmt;
use std::net::Ipv6Addr;

use crate::connection::canonical;
use crate::error::{RegistryError, quoted};

const HUB: &str = "docker.io";
const OFFICIAL: &str = "library/";
/// Bytes of a reference: 255 for the name, a tag, a digest, a host with its port.
const LONGEST: usize = 1024;

/// An image's name in full.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Reference {
    host: String,
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

impl Reference {
    /// Reads a name as `docker pull` does: `nginx` is `docker.io/library/nginx:latest`. A leading `docker://` is dropped.
    ///
    /// # Errors
    /// [`RegistryError::Reference`] when it is none.
    pub fn parse(text: &str) -> Result<Self, RegistryError> {
        let wrong = |reason: &str| RegistryError::Reference { given: quoted(text, 200), reason: reason.to_owned() };
        let plain = text.strip_prefix("docker://").unwrap_or(text);
        if plain.len() > LONGEST {
            return Err(wrong("it is too long"));
        }
        let (own_host, rest) = match plain.strip_prefix('[') {
            Some(inner) => {
                let (address, rest) = inner.split_once(']').ok_or_else(|| wrong("a bracket is not closed"))?;
                address.parse::<Ipv6Addr>().map_err(|_| wrong("the brackets hold no IPv6 address"))?;
                let (port, rest) = rest.split_once('/').ok_or_else(|| wrong("no name follows the host"))?;
                let is_port = |port: &str| port.parse::<u16>().is_ok() && port.bytes().all(|b| b.is_ascii_digit());
                if !port.is_empty() && !port.strip_prefix(':').is_some_and(is_port) {
                    return Err(wrong("the port is none"));
                }
                // The grammar that follows needs a host that it knows.
                (Some(format!("[{address}]{port}")), format!("localhost/{rest}"))
            }
            None => (None, plain.to_owned()),
        };
        let parsed = oci_distribution::Reference::try_from(rest.as_str()).map_err(|error| wrong(&error.to_string()))?;
        let (mut host, mut repository) = (parsed.registry().to_owned(), parsed.repository().to_owned());
        if let Some(own) = own_host {
            host = own;
        }
        if repository.bytes().any(|b| b.is_ascii_uppercase()) {
            match repository.split_once('/').map(|(first, rest)| (first.to_owned(), rest.to_owned())) {
                Some((first, rest)) if host == HUB && !rest.bytes().any(|b| b.is_ascii_uppercase()) => {
                    (host, repository) = (first, rest);
                }
                _ => return Err(wrong("names are in lower case")),
            }
        }
        let digest = parsed.digest().map(str::to_owned);
        if digest.as_deref().is_some_and(|digest| !is_digest(digest)) {
            return Err(wrong("the digest is none of SHA-256 or SHA-512 in lower case"));
        }
        Ok(Reference { host: canonical(&host).to_owned(), repository, tag: parsed.tag().map(str::to_owned), digest })
    }

    /// Host and port as names have it: `docker.io`, `127.0.0.1:5600`.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Host and port that are spoken to: `registry-1.docker.io` for Docker Hub.
    #[must_use]
    pub fn endpoint(&self) -> &str {
        endpoint(&self.host)
    }

    /// The repository at its host: `library/nginx`.
    #[must_use]
    pub fn repository(&self) -> &str {
        &self.repository
    }

    /// Host and repository: `docker.io/library/nginx`.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{}/{}", self.host, self.repository)
    }

    /// The tag; `latest` if neither tag nor digest was given, none if only a digest was.
    #[must_use]
    pub fn tag(&self) -> Option<&str> {
        self.tag.as_deref()
    }

    /// The digest, `sha256:…`.
    #[must_use]
    pub fn digest(&self) -> Option<&str> {
        self.digest.as_deref()
    }

    /// What to ask the registry for: the digest, or else the tag.
    #[must_use]
    pub fn asked(&self) -> &str {
        self.digest.as_deref().or(self.tag.as_deref()).unwrap_or("latest")
    }

    /// The same name with this digest and no tag. It is not looked at; the transport refuses what is no digest.
    #[must_use]
    pub fn with_digest(&self, digest: &str) -> Self {
        Reference { tag: None, digest: Some(digest.to_owned()), ..self.clone() }
    }

    /// The same name with this tag and no digest. It is not looked at; the transport refuses what is no tag.
    #[must_use]
    pub fn with_tag(&self, tag: &str) -> Self {
        Reference { tag: Some(tag.to_owned()), digest: None, ..self.clone() }
    }

    /// The name as Docker shows it: `nginx:1.27`.
    #[must_use]
    pub fn familiar(&self) -> String {
        let full = self.to_string();
        let Some(short) = full.strip_prefix("docker.io/").filter(|_| self.host == HUB) else { return full };
        match self.repository.strip_prefix(OFFICIAL) {
            Some(rest) if !rest.contains('/') => short.strip_prefix(OFFICIAL).unwrap_or(short).to_owned(),
            _ => short.to_owned(),
        }
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.host, self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl std::str::FromStr for Reference {
    type Err = RegistryError;

    fn from_str(text: &str) -> Result<Self, RegistryError> {
        Reference::parse(text)
    }
}

/// Host and port that are spoken to when a name has this host.
pub(crate) fn endpoint(host: &str) -> &str {
    if host == HUB { "registry-1.docker.io" } else { host }
}

/// Whether it is a digest that can be compared: SHA-256 or SHA-512 in lower-case hexadecimal.
#[must_use]
pub fn is_digest(text: &str) -> bool {
    let is_hex = |hex: &str, length: usize| {
        hex.len() == length && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    };
    match text.split_once(':') {
        Some(("sha256", hex)) => is_hex(hex, 64),
        Some(("sha512", hex)) => is_hex(hex, 128),
        _ => false,
    }
}

/// Whether it is a tag: 128 characters at most, letters, digits, `_`, `.`, `-`.
pub(crate) fn is_tag(text: &str) -> bool {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    (1..=128).contains(&text.len())
        && text.bytes().next().is_some_and(is_word)
        && text.bytes().all(|b| is_word(b) || b == b'.' || b == b'-')
}

/// Whether it can stand as a repository in a path: words of `a-z0-9._-` between single slashes, none of them dots alone.
pub(crate) fn is_repository(text: &str) -> bool {
    let is_word = |word: &str| {
        word.bytes().any(|b| b.is_ascii_alphanumeric())
            && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"._-".contains(&b))
    };
    (1..=255).contains(&text.len()) && text.split('/').all(is_word)
}

/// Whether it is a host with or without a port, and nothing else.
pub(crate) fn is_host(text: &str) -> bool {
    let (name, port) = match text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => ("ipv6", port.to_owned()),
        Some(_) => return false,
        None => match text.split_once(':') {
            Some((name, port)) => (name, format!(":{port}")),
            None => (text, String::new()),
        },
    };
    let is_port = |port: &str| port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok();
    (1..=253).contains(&name.len())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'.' || b == b'-')
        && name.bytes().any(|b| b.is_ascii_alphanumeric())
        && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn full(text: &str) -> String {
        Reference::parse(text).map_or_else(|error| error.to_string(), |reference| reference.to_string())
    }

    #[test]
    fn short_names_are_completed_as_docker_completes_them() {
        let digest = format!("sha256:{}", "a".repeat(64));
        for (given, expected) in [
            ("nginx", "docker.io/library/nginx:latest".to_owned()),
            ("nginx:1.27", "docker.io/library/nginx:1.27".into()),
            ("a/b", "docker.io/a/b:latest".into()),
            ("index.docker.io/nginx", "docker.io/library/nginx:latest".into()),
            ("registry-1.docker.io/a/b", "docker.io/a/b:latest".into()),
            ("localhost/a", "localhost/a:latest".into()),
            ("localhost:5000/a:1", "localhost:5000/a:1".into()),
            ("test:5000/a", "test:5000/a:latest".into()),
            ("Registry/a", "Registry/a:latest".into()),
            ("docker://ghcr.io/a/b:x", "ghcr.io/a/b:x".into()),
            ("[::1]:5000/a/b:x", "[::1]:5000/a/b:x".into()),
            ("[::1]/a", "[::1]/a:latest".into()),
        ] {
            assert_eq!(full(given), expected, "{given}");
        }
        assert_eq!(full(&format!("nginx@{digest}")), format!("docker.io/library/nginx@{digest}"));
        assert_eq!(full(&format!("a.b/c:1@{digest}")), format!("a.b/c:1@{digest}"));
    }

    #[test]
    fn what_is_no_reference_is_refused_with_a_sentence() {
        let upper = format!("nginx@sha256:{}", "A".repeat(64));
        for given in
            ["", "NGINX", "a/B", "a//b", "a:b:c", "nginx@sha256:12", "[::1/a", "[x]:1/a", "[::1]:99999/a", "a b"]
                .into_iter()
                .chain([upper.as_str(), "../a", "a/../b", "a?b", "-a"])
        {
            let error = Reference::parse(given).unwrap_err().to_string();
            assert!(error.contains("is not an image reference"), "{given}: {error}");
        }
    }

    #[test]
    fn a_reference_knows_its_parts() {
        let nginx = Reference::parse("nginx").unwrap();
        assert_eq!((nginx.host(), nginx.endpoint()), ("docker.io", "registry-1.docker.io"));
        assert_eq!((nginx.repository(), nginx.tag(), nginx.digest()), ("library/nginx", Some("latest"), None));
        assert_eq!((nginx.name().as_str(), nginx.familiar().as_str()), ("docker.io/library/nginx", "nginx:latest"));
        assert_eq!(Reference::parse("a/b:1").unwrap().familiar(), "a/b:1");
        assert_eq!(Reference::parse("x.y/library/b:1").unwrap().familiar(), "x.y/library/b:1");
        let digest = format!("sha256:{}", "a".repeat(64));
        let pinned = nginx.with_digest(&digest);
        assert_eq!((pinned.tag(), pinned.asked()), (None, digest.as_str()));
        assert_eq!(pinned.with_tag("x").to_string(), "docker.io/library/nginx:x");
    }

    proptest! {
        #[test]
        fn what_is_printed_can_be_read_again(text in "[a-zA-Z0-9./:@_\\[\\]-]{0,40}") {
            if let Ok(reference) = Reference::parse(&text) {
                prop_assert!(is_host(reference.host()), "{}", reference.host());
                prop_assert!(is_repository(reference.repository()), "{}", reference.repository());
                prop_assert_eq!(Reference::parse(&reference.to_string()).unwrap(), reference);
            }
        }

        #[test]
        fn nothing_makes_it_panic(text in ".{0,80}") {
            let _ = Reference::parse(&text);
            let _ = (is_host(&text), is_tag(&text), is_repository(&text), is_digest(&text));
        }
    }
}
