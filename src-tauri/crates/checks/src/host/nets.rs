//! Networks in CIDR notation, compared: which overlap, and which hold an address.

use std::net::IpAddr;

/// A network as the range of its addresses; the family counts as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Net {
    v6: bool,
    first: u128,
    last: u128,
}

impl Net {
    /// From `10.0.0.0/8`, `fd00::/64`, or an address by itself. Bits after the prefix do not count.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (address, length) = match text.trim().split_once('/') {
            Some((address, length)) => (address, Some(length.parse::<u32>().ok()?)),
            None => (text.trim(), None),
        };
        let (v6, bits, wide) = match address.parse::<IpAddr>().ok()? {
            IpAddr::V4(address) => (false, u128::from(u32::from(address)), 32_u32),
            IpAddr::V6(address) => (true, u128::from(address), 128),
        };
        let free = wide.checked_sub(length.unwrap_or(wide))?;
        let hosts = 1_u128.checked_shl(free).map_or(u128::MAX, |size| size.wrapping_sub(1));
        Some(Self { v6, first: bits & !hosts, last: bits | hosts })
    }

    /// Whether they share an address.
    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.v6 == other.v6 && self.first <= other.last && other.first <= self.last
    }

    /// Whether all of the other lies in this one.
    pub(crate) fn covers(&self, other: &Self) -> bool {
        self.v6 == other.v6 && self.first <= other.first && other.last <= self.last
    }

    /// Whether all of it is the machine itself.
    pub(crate) fn is_loopback(&self) -> bool {
        ["127.0.0.0/8", "::1/128"].iter().filter_map(|text| Self::parse(text)).any(|net| net.covers(self))
    }

    /// Whether it is a range that no router passes on.
    pub(crate) fn is_link_local(&self) -> bool {
        ["169.254.0.0/16", "fe80::/10"].iter().filter_map(|text| Self::parse(text)).any(|net| net.covers(self))
    }
}

/// Pairs of items whose networks overlap, at most `most`, and whether there were more. Sorted once: thousands of networks
/// cost no more than their sorting and the pairs that are given.
pub(crate) fn overlaps<T: Copy>(nets: &[(Net, T)], most: usize, counts: impl Fn(T, T) -> bool) -> (Vec<(T, T)>, bool) {
    let mut sorted: Vec<(Net, T)> = nets.to_vec();
    sorted.sort_by_key(|(net, _)| *net);
    let mut open: Vec<(Net, T)> = Vec::new();
    let mut pairs = Vec::new();
    for (net, item) in sorted {
        open.retain(|(before, _)| before.v6 == net.v6 && before.last >= net.first);
        // Hostile answers may nest thousands of networks in each other: what is open is bounded as well.
        if open.len() > MOST_OPEN {
            return (pairs, true);
        }
        for (_, before) in &open {
            if counts(*before, item) {
                if pairs.len() == most {
                    return (pairs, true);
                }
                pairs.push((*before, item));
            }
        }
        open.push((net, item));
    }
    (pairs, false)
}

const MOST_OPEN: usize = 1000;

/// The host of `tcp://10.0.0.5:2376`, `ssh://ops@box:22` or `0.0.0.0:2375`, without brackets.
pub(crate) fn host_of(endpoint: &str) -> &str {
    let rest = endpoint.split_once("://").map_or(endpoint, |(_, rest)| rest);
    let rest = rest.split('/').next().unwrap_or_default();
    let rest = rest.rsplit_once('@').map_or(rest, |(_, host)| host);
    crate::probes::without_port(rest)
}

/// Whether an endpoint is reached on this machine alone.
pub(crate) fn is_local(endpoint: &str) -> bool {
    crate::probes::is_loopback(host_of(endpoint))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn net(text: &str) -> Net {
        Net::parse(text).unwrap()
    }

    #[test]
    fn networks_of_both_families_are_read_and_compared() {
        assert!(net("10.0.0.0/8").overlaps(&net("10.255.0.0/16")) && !net("10.0.0.0/8").overlaps(&net("11.0.0.0/8")));
        assert!(net("0.0.0.0/0").overlaps(&net("1.2.3.4")) && !net("0.0.0.0/0").overlaps(&net("::/0")));
        assert!(net("::/0").covers(&net("fd00::1/64")) && net("172.17.0.1/16") == net("172.17.0.0/16"));
        assert!(net("127.0.0.1").is_loopback() && net("::1/128").is_loopback() && !net("127.0.0.0/7").is_loopback());
        assert!(net("fe80::/64").is_link_local());
        for text in ["", "/", "10.0.0.0/33", "::/129", "10.0.0/8", "a/8", "10.0.0.0/-1"] {
            assert_eq!(Net::parse(text), None, "{text}");
        }
    }

    #[test]
    fn overlaps_are_found_and_bounded() {
        let nets =
            [(net("10.0.0.0/8"), 1), (net("10.1.0.0/16"), 2), (net("192.168.0.0/24"), 3), (net("10.1.2.0/24"), 4)];
        assert_eq!(overlaps(&nets, 9, |_, _| true), (vec![(1, 2), (1, 4), (2, 4)], false));
        assert_eq!(overlaps(&nets, 2, |_, _| true), (vec![(1, 2), (1, 4)], true));
        let same = [(net("10.0.0.0/8"), 1); 5000];
        assert!(overlaps(&same, 9, |_, _| false).1);
    }

    #[test]
    fn hosts_of_endpoints() {
        for (endpoint, host) in [
            ("tcp://10.0.0.5:2376", "10.0.0.5"),
            ("ssh://ops@box:22/run/x.sock", "box"),
            ("tcp://[::1]:2375", "::1"),
            ("0.0.0.0:2375", "0.0.0.0"),
            ("", ""),
        ] {
            assert_eq!(host_of(endpoint), host, "{endpoint}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_overlap_is_mutual(a in ".{0,40}", b in any::<[u8; 4]>(), c in any::<[u8; 4]>(), m in 0_u8..33, n in 0_u8..33) {
            let _ = Net::parse(&a);
            let _ = host_of(&a);
            let text = |x: [u8; 4], m: u8| format!("{}/{m}", std::net::Ipv4Addr::from(x));
            let (one, other) = (net(&text(b, m)), net(&text(c, n)));
            prop_assert_eq!(one.overlaps(&other), other.overlaps(&one));
            prop_assert_eq!(one.overlaps(&other), one.covers(&other) || other.covers(&one));
        }
    }
}
