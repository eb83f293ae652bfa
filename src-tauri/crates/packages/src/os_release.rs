//! `os-release(5)`: which distribution it is. And `/etc/redhat-release`, for those that are older than that.

use crate::build::clip;
use crate::model::{OsRelease, PackageError, Part, SupportEnd};
use crate::support;

const WHAT: &str = "os-release file";

/// Reads `os-release`.
pub(crate) fn read(bytes: &[u8]) -> Result<Part, PackageError> {
    let text = String::from_utf8_lossy(bytes);
    let mut os = OsRelease::default();
    let mut support_end = None;
    let mut seen = false;
    for line in text.lines().map(str::trim).filter(|line| !line.starts_with('#')) {
        let Some((key, value)) = line.split_once('=') else { continue };
        seen = true;
        let value = clip(&unquote(value));
        match key {
            "ID" => os.id = value.unwrap_or_default().to_ascii_lowercase(),
            "ID_LIKE" => {
                os.id_like =
                    value.unwrap_or_default().split_whitespace().take(32).map(str::to_ascii_lowercase).collect();
            }
            "VERSION_ID" => os.version_id = value,
            "VERSION_CODENAME" => os.codename = value,
            "PRETTY_NAME" => os.pretty_name = value,
            "SUPPORT_END" => support_end = value.filter(|date| is_date(date)),
            _ => {}
        }
    }
    if !seen {
        return Err(PackageError::Malformed { what: WHAT, reason: "no line assigns a value".to_owned() });
    }
    if os.id.is_empty() {
        // os-release(5) names this default.
        os.id = "linux".to_owned();
    }
    os.support_end = match support_end {
        Some(standard) => Some(SupportEnd { standard, extended: None, from: "os-release".to_owned() }),
        None => support::end_of(&os),
    };
    Ok(Part { os: Some(os), ..Part::default() })
}

/// Reads the one line of `/etc/redhat-release`: `CentOS release 6.10 (Final)`.
pub(crate) fn read_redhat(bytes: &[u8]) -> Result<Part, PackageError> {
    let text = String::from_utf8_lossy(bytes);
    let malformed = |reason: &str| PackageError::Malformed { what: "redhat-release file", reason: reason.to_owned() };
    let line = text.lines().next().and_then(clip).ok_or_else(|| malformed("it is empty"))?;
    let (name, rest) = line.split_once(" release ").ok_or_else(|| malformed("it names no release"))?;
    let version = rest.split_whitespace().next().filter(|version| version.starts_with(|c: char| c.is_ascii_digit()));
    let lower = name.to_ascii_lowercase();
    let id = [
        ("centos", "centos"),
        ("red hat", "rhel"),
        ("rocky", "rocky"),
        ("alma", "almalinux"),
        ("fedora", "fedora"),
        ("oracle", "ol"),
    ]
    .iter()
    .find(|(word, _)| lower.contains(word))
    .map_or_else(|| lower.split_whitespace().next().unwrap_or("linux").to_owned(), |(_, id)| (*id).to_owned());
    let version_id = version.map(str::to_owned);
    let mut os = OsRelease { id, version_id, pretty_name: Some(line), ..OsRelease::default() };
    os.support_end = support::end_of(&os);
    Ok(Part { os: Some(os), ..Part::default() })
}

/// The value as a shell takes it: without its quotes, and a backslash stands for what follows it.
fn unquote(value: &str) -> String {
    let value = value.trim();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
    let inner = match quote {
        Some(quote) => value.get(1..).map(|rest| rest.strip_suffix(quote).unwrap_or(rest)).unwrap_or_default(),
        None => value,
    };
    if quote == Some('\'') {
        return inner.to_owned();
    }
    let mut plain = String::with_capacity(inner.len());
    let mut escaped = false;
    for c in inner.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        escaped = false;
        plain.push(c);
    }
    plain
}

fn is_date(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_distribution_is_read() {
        let text = b"# note\nPRETTY_NAME=\"Debian GNU/Linux 12 (\\\"book\\\")\"\nID=debian\nVERSION_ID='12'\n\
            VERSION_CODENAME=bookworm\nID_LIKE=\"a b\"\n";
        let os = read(text).unwrap().os.unwrap();
        assert_eq!(os.id, "debian");
        assert_eq!(os.id_like, ["a", "b"]);
        assert_eq!(os.version_id.as_deref(), Some("12"));
        assert_eq!(os.codename.as_deref(), Some("bookworm"));
        assert_eq!(os.pretty_name.as_deref(), Some("Debian GNU/Linux 12 (\"book\")"));
        let end = os.support_end.unwrap();
        assert_eq!(end.extended.as_deref(), Some("2028-06-30"));
    }

    #[test]
    fn its_own_end_of_support_wins_if_it_is_a_date() {
        let os = |end: &str| read(format!("ID=fedora\nVERSION_ID=40\nSUPPORT_END={end}\n").as_bytes()).unwrap().os;
        let own = os("2030-01-02").unwrap().support_end.unwrap();
        assert_eq!((own.standard.as_str(), own.from.as_str()), ("2030-01-02", "os-release"));
        assert_eq!(os("soon").unwrap().support_end.unwrap().standard, "2025-05-13");
    }

    #[test]
    fn what_is_none_is_an_error_and_a_missing_id_is_linux() {
        assert!(read(b"").is_err());
        assert!(read(b"\x00\x01\x02").is_err());
        assert_eq!(read(b"NAME=x\n").unwrap().os.unwrap().id, "linux");
    }

    #[test]
    fn old_red_hats_have_their_own_file() {
        let os = read_redhat(b"CentOS release 6.10 (Final)\n").unwrap().os.unwrap();
        assert_eq!((os.id.as_str(), os.version_id.as_deref()), ("centos", Some("6.10")));
        assert_eq!(os.support_end.unwrap().standard, "2020-11-30");
        assert!(read_redhat(b"\n").is_err());
    }
}
