//! The networks that this machine's interfaces lie in, without those that engines made.
//!
//! Source: proc(5), `/proc/net/route` and `/proc/net/if_inet6`.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::path::Path;

use super::{Missing, text_of};
use crate::client::surroundings::under;

/// Most subnets that are kept.
const MOST: usize = 1000;

/// The subnets, sorted: `192.168.1.0/24`.
///
/// # Errors
/// One sentence: why the table cannot be read.
pub(crate) fn of(root: &Path, bridges: &[String]) -> Result<Vec<String>, String> {
    let table = text_of(&under(root, "/proc/net/route")).map_err(|missing| match missing {
        Missing::NotThere => "This machine has no such table.".to_owned(),
        Missing::Other(reason) => reason,
    })?;
    let own = |name: &str| {
        let made = ["docker", "br-", "veth", "cni", "podman", "lo"].iter().any(|start| name.starts_with(start));
        !made && !bridges.iter().any(|bridge| bridge == name)
    };
    let mut subnets = v4(&table, &own);
    subnets.extend(v6(&text_of(&under(root, "/proc/net/if_inet6")).unwrap_or_default(), &own));
    subnets.sort();
    subnets.dedup();
    subnets.truncate(MOST);
    Ok(subnets)
}

fn v4(table: &str, own: &dyn Fn(&str) -> bool) -> Vec<String> {
    let read = |line: &str| {
        let mut cells = line.split_whitespace();
        let name = cells.next()?;
        let mut number = |at: usize| {
            let cell = cells.nth(at)?;
            // In the machine's own order of bytes, which is the little-endian one on all that Docker knows.
            u32::from_str_radix(cell, 16).ok().map(u32::swap_bytes)
        };
        let (network, gateway, mask) = (number(0)?, number(0)?, number(4)?);
        let sound = own(name) && gateway == 0 && network != 0 && mask != 0 && mask.leading_ones() == mask.count_ones();
        sound.then(|| format!("{}/{}", Ipv4Addr::from(network), mask.count_ones()))
    };
    table.lines().skip(1).filter_map(read).collect()
}

fn v6(table: &str, own: &dyn Fn(&str) -> bool) -> Vec<String> {
    let read = |line: &str| {
        let cells: Vec<&str> = line.split_whitespace().collect();
        let [address, _, length, scope, _, name] = cells.as_slice() else { return None };
        let address = u128::from_str_radix(address, 16).ok()?;
        let length = u32::from_str_radix(length, 16).ok().filter(|length| (1..128).contains(length))?;
        let mask = u128::MAX.checked_shl(128 - length)?;
        // Link-local ones are in every network.
        (own(name) && *scope == "00").then(|| format!("{}/{length}", Ipv6Addr::from(address & mask)))
    };
    table.lines().filter_map(read).collect()
}
