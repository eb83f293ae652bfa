//! Published ports: the short syntax, and the long one written in it.

use std::ops::RangeInclusive;

use super::reader::field;
use crate::yaml::Node;

/// A published port, or as many of them as the ranges hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortMapping {
    /// The host's address; empty when none is named.
    pub host_ip: String,
    /// The host's ports; none when Docker chooses one.
    pub published: Option<RangeInclusive<u16>>,
    /// The ports in the container.
    pub target: RangeInclusive<u16>,
    /// `tcp`, `udp`, `sctp`.
    pub protocol: String,
}

/// Reads `[[IP:][HOST]:]CONTAINER[/PROTOCOL]` with ranges, variables resolved before. None when it is no such thing.
#[must_use]
pub fn read_port(text: &str) -> Option<PortMapping> {
    let (numbers, protocol) = text.trim().rsplit_once('/').unwrap_or((text.trim(), "tcp"));
    let mut parts = numbers.rsplitn(3, ':');
    let target = range(parts.next()?)?;
    let published = match parts.next() {
        None | Some("") => None,
        Some(published) => Some(range(published)?),
    };
    let host_ip = parts.next().unwrap_or_default().trim_start_matches('[').trim_end_matches(']').to_owned();
    let fits = |c: char| c.is_ascii_hexdigit() || ".:%".contains(c) || c.is_ascii_alphanumeric();
    let sound = host_ip.chars().all(fits) && protocol.chars().all(|c| c.is_ascii_alphanumeric());
    sound.then(|| PortMapping { host_ip, published, target, protocol: protocol.to_ascii_lowercase() })
}

fn range(text: &str) -> Option<RangeInclusive<u16>> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    (first <= last).then_some(first..=last)
}

pub(super) fn long_port(node: &Node) -> Option<String> {
    let target = field(node, "target")?;
    let published = field(node, "published");
    let mut text = String::new();
    if let Some(host) = field(node, "host_ip") {
        if host.contains(':') && !host.contains(['[', '$']) {
            text.push_str(&format!("[{host}]"));
        } else {
            text.push_str(&host);
        }
        text.push(':');
        // An address without a host port: Docker chooses one, and the short syntax leaves it empty.
        text.push_str(published.as_deref().unwrap_or_default());
        text.push(':');
    } else if let Some(published) = published {
        text.push_str(&published);
        text.push(':');
    }
    text.push_str(&target);
    if let Some(protocol) = field(node, "protocol") {
        text.push('/');
        text.push_str(&protocol);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_short_syntax_is_taken_apart() {
        let read = |text: &str| {
            let port = read_port(text).unwrap_or_else(|| panic!("{text}"));
            (port.host_ip, port.published.map(|it| (*it.start(), *it.end())), *port.target.start(), port.protocol)
        };
        assert_eq!(read("3000"), ("".into(), None, 3000, "tcp".into()));
        assert_eq!(read("8000-8010:80-90/udp"), ("".into(), Some((8000, 8010)), 80, "udp".into()));
        assert_eq!(read("127.0.0.1::80"), ("127.0.0.1".into(), None, 80, "tcp".into()));
        assert_eq!(read("[::1]:6001:6001"), ("::1".into(), Some((6001, 6001)), 6001, "tcp".into()));
        assert_eq!(read("::1:6000:6000").0, "::1");
        for text in ["", "x", "1:2:", "99999", "9-1", "${P}:80", "a b:1:1"] {
            assert_eq!(read_port(text), None, "{text}");
        }
    }
}
