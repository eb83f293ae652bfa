//! Names that documents and their parts go by: serial numbers, references, times, and the image's own package URL.

use std::collections::HashSet;
use std::fmt::Write as _;

use plimsoll_packages::Package;
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// A UUID that is made of content (RFC 9562, version 8), so that the same content has the same.
pub(crate) fn uuid(of: &[&[u8]]) -> String {
    let mut hash = Sha256::new();
    for part in of {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut text = String::with_capacity(36);
    for (at, byte) in hash.finalize().iter().take(16).enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let byte = match at {
            6 => byte & 0x0f | 0x80,
            8 => byte & 0x3f | 0x80,
            _ => *byte,
        };
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A time in UTC to the second, as both formats want it; none for what is no time.
pub(crate) fn utc(text: &str) -> Option<String> {
    let time = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    let time = time.checked_to_utc()?;
    if !(0..10_000).contains(&time.year()) {
        return None;
    }
    time.replace_nanosecond(0).ok()?.to_offset(time::UtcOffset::UTC).format(&Rfc3339).ok()
}

/// A digest as `algorithm:hex` in lower case; none for what is none.
pub(crate) fn digest(text: &str) -> Option<String> {
    let (algorithm, hex) = text.trim().split_once(':')?;
    let is_sound = !algorithm.is_empty()
        && algorithm.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && (32..=128).contains(&hex.len())
        && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_sound.then(|| format!("{}:{}", algorithm.to_ascii_lowercase(), hex.to_ascii_lowercase()))
}

/// The package URL of an image (type `oci`), where its name is one that a registry could have.
pub(crate) fn oci(name: &str, digest: Option<&str>, platform: Option<&str>) -> Option<String> {
    let digest = self::digest(digest?)?;
    let name = name.split('@').next().unwrap_or(name);
    // A colon after the last slash is that of the tag; one before is a registry's port.
    let (repository, tag) = match name.rsplit_once(':') {
        Some((repository, tag)) if !tag.contains('/') => (repository, Some(tag)),
        _ => (name, None),
    };
    let is_segment = |segment: &str| {
        segment.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && segment.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
    };
    let (host, path) = match repository.split_once('/') {
        Some((host, path)) if host.contains(['.', ':']) || host == "localhost" => (Some(host), path),
        _ => (None, repository),
    };
    let is_host = |host: &str| host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:-".contains(&byte));
    let is_tag = |tag: &str| {
        !tag.is_empty() && tag.len() <= 128 && tag.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b))
    };
    if !path.split('/').all(is_segment) || !host.is_none_or(is_host) || !tag.is_none_or(is_tag) {
        return None;
    }
    let last = path.rsplit('/').next()?;
    let mut url = format!("pkg:oci/{last}@{}", digest.replace(':', "%3A"));
    let mut sign = '?';
    let mut qualify = |key: &str, value: &str| {
        let _ = write!(url, "{sign}{key}={}", value.replace('/', "%2F"));
        sign = '&';
    };
    let architecture = platform.and_then(|platform| platform.split('/').nth(1));
    if let Some(architecture) = architecture.filter(|text| is_segment(text)) {
        qualify("arch", architecture);
    }
    if host.is_some() {
        qualify("repository_url", repository);
    }
    if let Some(tag) = tag {
        qualify("tag", tag);
    }
    Some(url)
}

/// A reference for each package: its URL, with a number after it where that is not enough.
pub(crate) fn references(packages: &[Package], taken: &[&str]) -> Vec<String> {
    let mut used: HashSet<String> = taken.iter().map(|text| (*text).to_owned()).collect();
    let mut next: std::collections::HashMap<&str, u64> = std::collections::HashMap::new();
    packages
        .iter()
        .map(|package| {
            let base = if package.purl.is_empty() { "package" } else { package.purl.as_str() };
            if used.insert(base.to_owned()) {
                return base.to_owned();
            }
            let number = next.entry(base).or_insert(1);
            loop {
                *number += 1;
                let numbered = format!("{base}#{number}");
                if used.insert(numbered.clone()) {
                    return numbered;
                }
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

    #[test]
    fn the_same_content_has_the_same_number() {
        let one = uuid(&[b"a", b"bc"]);
        assert_eq!(one, uuid(&[b"a", b"bc"]));
        assert_ne!(one, uuid(&[b"ab", b"c"]));
        assert_eq!((one.len(), one.as_bytes()[14]), (36, b'8'));
    }

    #[test]
    fn times_come_in_universal_time() {
        assert_eq!(utc("2026-11-02T10:00:00.5+02:00").as_deref(), Some("2026-11-02T08:00:00Z"));
        assert_eq!(utc("yesterday"), None);
        assert_eq!(utc("0000-01-01T00:00:00+10:00"), None);
    }

    #[test]
    fn images_have_a_url_where_their_name_allows() {
        let hex = DIGEST.replace(':', "%3A");
        assert_eq!(
            oci("docker.io/library/nginx:1.27", Some(DIGEST), Some("linux/arm64/v8")).unwrap(),
            format!("pkg:oci/nginx@{hex}?arch=arm64&repository_url=docker.io%2Flibrary%2Fnginx&tag=1.27")
        );
        assert_eq!(
            oci("localhost:5000/a", Some(DIGEST), None).unwrap(),
            format!("pkg:oci/a@{hex}?repository_url=localhost:5000%2Fa")
        );
        assert_eq!(oci("nginx", Some(DIGEST), None).unwrap(), format!("pkg:oci/nginx@{hex}"));
        for (name, digest) in [("/tmp/Image.tar", Some(DIGEST)), ("nginx", None), ("nginx", Some("sha256:xyz"))] {
            assert_eq!(oci(name, digest, None), None);
        }
    }
}
