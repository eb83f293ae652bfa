//! Image references, read by the grammar of the distribution project.
//!
//! Source: <https://pkg.go.dev/github.com/distribution/reference>. `name[:tag][@digest]`; a first component with a dot,
//! a colon or a capital, or `localhost`, is the registry; without one, Docker means `docker.io` and, for a single
//! component, `library/`.

use serde::{Deserialize, Serialize};
use std::fmt;
use thiserror::Error;

/// Longest name (registry and path) that a registry takes, in characters.
const MAX_NAME: usize = 255;
/// Longest tag, in characters.
const MAX_TAG: usize = 128;

/// An image reference, in its parts as written.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Reference {
    /// The registry with its port, when written.
    pub domain: Option<String>,
    /// The repository without the registry.
    pub path: String,
    /// The tag.
    pub tag: Option<String>,
    /// The digest with its algorithm: `sha256:…`.
    pub digest: Option<String>,
}

/// Why a text is no image reference.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReferenceError {
    /// Nothing there.
    #[error("the image reference is empty")]
    Empty,
    /// The registry is malformed.
    #[error("invalid registry in an image reference: {0}")]
    Domain(String),
    /// The repository has a capital letter.
    #[error("a repository name must be lower case: {0}")]
    Uppercase(String),
    /// The repository is malformed.
    #[error("invalid repository name: {0}")]
    Path(String),
    /// The name is longer than 255 characters.
    #[error("the repository name is longer than {MAX_NAME} characters")]
    TooLong,
    /// The tag is malformed.
    #[error("invalid tag: {0}")]
    Tag(String),
    /// The digest is malformed.
    #[error("invalid digest: {0}")]
    Digest(String),
    /// 64 hexadecimal digits alone: Docker takes that for an image id.
    #[error("64 hexadecimal digits are an image id, not a repository name")]
    Identifier,
}

impl Reference {
    /// Reads a reference.
    ///
    /// # Errors
    /// When the text does not follow the grammar.
    pub fn parse(text: &str) -> Result<Self, ReferenceError> {
        if text.is_empty() {
            return Err(ReferenceError::Empty);
        }
        if is_hex(text, 64) {
            return Err(ReferenceError::Identifier);
        }
        let (rest, digest) = match text.split_once('@') {
            Some((rest, digest)) => (rest, Some(digest)),
            None => (text, None),
        };
        let (domain, remainder) = match rest.split_once('/') {
            Some((first, remainder)) if is_domain_like(first) => (Some(first), remainder),
            _ => (None, rest),
        };
        let (path, tag) = match remainder.rsplit_once(':') {
            Some((path, tag)) if !tag.contains('/') => (path, Some(tag)),
            _ => (remainder, None),
        };
        if let Some(domain) = domain.filter(|domain| !is_domain(domain)) {
            return Err(ReferenceError::Domain(domain.to_owned()));
        }
        if path.chars().any(|ch| ch.is_ascii_uppercase()) {
            return Err(ReferenceError::Uppercase(path.to_owned()));
        }
        if path.is_empty() || !path.split('/').all(is_component) {
            return Err(ReferenceError::Path(path.to_owned()));
        }
        if let Some(tag) = tag.filter(|tag| !is_tag(tag)) {
            return Err(ReferenceError::Tag(tag.to_owned()));
        }
        if let Some(digest) = digest.filter(|digest| !is_digest(digest)) {
            return Err(ReferenceError::Digest(digest.to_owned()));
        }
        let reference = Self {
            domain: domain.map(str::to_owned),
            path: path.to_owned(),
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
        };
        if reference.normalized_name().len() > MAX_NAME {
            return Err(ReferenceError::TooLong);
        }
        Ok(reference)
    }

    /// The full name that Docker means, without tag and digest: `debian` is `docker.io/library/debian`.
    #[must_use]
    pub fn normalized_name(&self) -> String {
        let domain = match self.domain.as_deref() {
            None | Some("index.docker.io") => "docker.io",
            Some(domain) => domain,
        };
        let official = domain == "docker.io" && !self.path.contains('/');
        format!("{domain}/{}{}", if official { "library/" } else { "" }, self.path)
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(domain) = &self.domain {
            write!(formatter, "{domain}/")?;
        }
        formatter.write_str(&self.path)?;
        if let Some(tag) = &self.tag {
            write!(formatter, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(formatter, "@{digest}")?;
        }
        Ok(())
    }
}

fn is_hex(text: &str, length: usize) -> bool {
    text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn is_domain_like(first: &str) -> bool {
    first == "localhost" || first.contains(['.', ':']) || first.chars().any(char::is_uppercase)
}

/// Host name components, or an IPv6 address in brackets, and a port.
fn is_domain(domain: &str) -> bool {
    let (host, port) = match domain.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((address, after)) => {
                let valid = !address.is_empty() && address.chars().all(|ch| ch.is_ascii_hexdigit() || ch == ':');
                if !valid {
                    return false;
                }
                match after.strip_prefix(':') {
                    Some(port) => (None, Some(port)),
                    None if after.is_empty() => (None, None),
                    None => return false,
                }
            }
            None => return false,
        },
        None => match domain.split_once(':') {
            Some((host, port)) => (Some(host), Some(port)),
            None => (Some(domain), None),
        },
    };
    let host_is_valid = host.is_none_or(|host| {
        host.split('.').all(|part| {
            !part.is_empty()
                && !part.starts_with('-')
                && !part.ends_with('-')
                && part.chars().all(|ch| ch.is_ascii_alphanumeric() || ch == '-')
        })
    });
    host_is_valid && port.is_none_or(|port| !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Lower-case letters and digits, with `.`, `_`, `__` or dashes between them.
fn is_component(part: &str) -> bool {
    let mut separator = String::new();
    let mut started = false;
    for ch in part.chars() {
        if ch.is_ascii_lowercase() || ch.is_ascii_digit() {
            let dashes = !separator.is_empty() && separator.bytes().all(|byte| byte == b'-');
            if !(separator.is_empty() || (started && (dashes || matches!(separator.as_str(), "." | "_" | "__")))) {
                return false;
            }
            separator.clear();
            started = true;
        } else if matches!(ch, '.' | '_' | '-') {
            separator.push(ch);
        } else {
            return false;
        }
    }
    started && separator.is_empty()
}

fn is_tag(tag: &str) -> bool {
    let word = |ch: char| ch.is_ascii_alphanumeric() || ch == '_';
    tag.len() <= MAX_TAG
        && tag.chars().next().is_some_and(word)
        && tag.chars().all(|ch| word(ch) || ch == '.' || ch == '-')
}

/// The algorithms that the OCI specification registers, with hexadecimal digits of the right number.
fn is_digest(digest: &str) -> bool {
    match digest.split_once(':') {
        Some(("sha256", hex)) => is_hex(hex, 64),
        Some(("sha384", hex)) => is_hex(hex, 96),
        Some(("sha512", hex)) => is_hex(hex, 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(text: &str) -> (Option<String>, String, Option<String>, bool) {
        let reference = Reference::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(reference.to_string(), text);
        (reference.domain, reference.path, reference.tag, reference.digest.is_some())
    }

    #[test]
    fn a_port_is_no_tag() {
        assert_eq!(parts("registry:5000/app"), (Some("registry:5000".into()), "app".into(), None, false));
        assert_eq!(parts("registry:5000/app:1"), (Some("registry:5000".into()), "app".into(), Some("1".into()), false));
        assert_eq!(parts("localhost:5000"), (None, "localhost".into(), Some("5000".into()), false));
        assert_eq!(parts("[::1]:5000/a/b").0.as_deref(), Some("[::1]:5000"));
    }

    #[test]
    fn tag_and_digest_together() {
        let digest = "a".repeat(64);
        assert_eq!(parts(&format!("debian:12@sha256:{digest}")), (None, "debian".into(), Some("12".into()), true));
        for bad in ["sha256:abc".to_owned(), format!("sha256:{}", "A".repeat(64)), format!("md5:{}", "a".repeat(32))] {
            assert!(matches!(Reference::parse(&format!("debian@{bad}")), Err(ReferenceError::Digest(_))), "{bad}");
        }
    }

    #[test]
    fn names_as_docker_means_them() {
        let name = |text: &str| Reference::parse(text).map(|reference| reference.normalized_name());
        assert_eq!(name("debian").as_deref(), Ok("docker.io/library/debian"));
        assert_eq!(name("bitnami/redis:7").as_deref(), Ok("docker.io/bitnami/redis"));
        assert_eq!(name("docker.io/debian").as_deref(), Ok("docker.io/library/debian"));
        assert_eq!(name("index.docker.io/debian").as_deref(), Ok("docker.io/library/debian"));
        assert_eq!(name("ghcr.io/a/b").as_deref(), Ok("ghcr.io/a/b"));
        assert_eq!(name("localhost/a").as_deref(), Ok("localhost/a"));
    }

    #[test]
    fn what_is_refused() {
        for text in [
            "",
            "Debian",
            "a/B",
            "a//b",
            "/a",
            "a/",
            "a:",
            "a:-x",
            ":1",
            "a__-b",
            "a..b",
            "a_",
            "-a",
            "a b",
            "a@",
            "a:1:2",
            "http://x/y",
            "a$b",
            "registry:port/app",
        ] {
            assert!(Reference::parse(text).is_err(), "{text}");
        }
        assert_eq!(Reference::parse(&"a".repeat(64)), Err(ReferenceError::Identifier));
        assert_eq!(Reference::parse(&format!("x/{}", "a".repeat(300))), Err(ReferenceError::TooLong));
        assert!(Reference::parse("a--b/c__d/e.f").is_ok());
    }
}
