//! NuGet's order: up to four numbers, a pre-release that does not tell case apart, build metadata that does not count.

use std::cmp::Ordering;

use super::dotted::{self, Dotted};

pub(super) fn compare(a: &str, b: &str) -> Option<Ordering> {
    let (a, b) = (parse(a.as_bytes())?, parse(b.as_bytes())?);
    let pre = dotted::order_pre(dotted::identifiers(a.pre), dotted::identifiers(b.pre), true);
    Some(dotted::order_dotted(a.numbers, b.numbers).then(pre))
}

fn parse(text: &[u8]) -> Option<Dotted<'_>> {
    dotted::parse(text).filter(|version| version.count <= 4 && version.tail.is_empty())
}
