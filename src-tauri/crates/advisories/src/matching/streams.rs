//! Builds of one package beside each other: Ubuntu's paid channels, and Red Hat's minor releases, each with fixes of
//! its own. Where a record speaks of a package's own stream, only that counts.

use super::Row;
use crate::versions::Scheme;

/// The stream of which a version is, by its own words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Stream<'v> {
    /// The ordinary one.
    #[default]
    Ordinary,
    /// A build of Ubuntu's extended maintenance (`+esm1`, `~esm2`).
    Esm,
    /// A FIPS build.
    Fips,
    /// A build for one minor release: `el9_4`.
    Minor(&'v str),
}

impl<'v> Stream<'v> {
    /// Reads it off a version.
    pub fn of(scheme: Option<Scheme>, version: &'v str) -> Stream<'v> {
        match scheme {
            Some(Scheme::Deb) => {
                let has = |word: &str| {
                    version.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word.as_bytes()))
                };
                if has("fips") {
                    Stream::Fips
                } else if has("esm") {
                    Stream::Esm
                } else {
                    Stream::Ordinary
                }
            }
            Some(Scheme::Rpm) => minor(version).map_or(Stream::Ordinary, Stream::Minor),
            _ => Stream::Ordinary,
        }
    }

    /// Whether a row speaks of this stream in particular.
    pub fn owns(self, row: &Row) -> bool {
        match self {
            Stream::Ordinary => row.channel.is_none(),
            Stream::Esm => row.channel.as_deref() == Some("esm"),
            Stream::Fips => row.channel.as_deref() == Some("fips"),
            Stream::Minor(own) => {
                row.channel.is_none()
                    && row.span.as_ref().and_then(|span| span.fixed.as_deref()).and_then(minor) == Some(own)
            }
        }
    }

    /// Whether a package of this stream can install what a row calls its fix without paying or changing the stream.
    pub fn reaches(self, row: &Row) -> bool {
        match row.channel.as_deref() {
            None => true,
            Some("esm") => self == Stream::Esm,
            Some("fips") => self == Stream::Fips,
            Some(_) => false,
        }
    }
}

/// The minor release in a version: `el9_4` of `3.0.7-27.el9_4.1`.
fn minor(version: &str) -> Option<&str> {
    let bytes = version.as_bytes();
    let digits = |from: usize| bytes.iter().skip(from).take_while(|byte| byte.is_ascii_digit()).count();
    for (at, _) in version.match_indices("el") {
        if !at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|byte| matches!(byte, b'.' | b'+')) {
            continue;
        }
        let major = digits(at + 2);
        let underscore = at + 2 + major;
        if major > 0 && bytes.get(underscore) == Some(&b'_') {
            let minor = digits(underscore + 1);
            if minor > 0 {
                return version.get(at..underscore + 1 + minor);
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stream_is_read_off_the_version() {
        let deb = |version| Stream::of(Some(Scheme::Deb), version);
        assert_eq!(deb("1.1.1-1ubuntu2.1~18.04.23+esm3"), Stream::Esm);
        assert_eq!(deb("1.1.1f-1ubuntu2.fips.2.8"), Stream::Fips);
        assert_eq!(deb("1.1.1f-1ubuntu2.8"), Stream::Ordinary);
        let rpm = |version| Stream::of(Some(Scheme::Rpm), version);
        assert_eq!(rpm("1:3.0.7-27.el9_4.1"), Stream::Minor("el9_4"));
        assert_eq!(rpm("3.0.7-27.el9"), Stream::Ordinary);
        assert_eq!(rpm("18.19-1.module+el8_9+1"), Stream::Minor("el8_9"));
        assert_eq!(rpm("1-2.el"), Stream::Ordinary);
    }
}
