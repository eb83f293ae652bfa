//! `Packages`: rpm's database as a hash of Berkeley DB, as far as Red Hat 8 and SUSE 15 had it (`dbinc/db_page.h`).

use crate::build::{u16_be, u16_le, u32_be, u32_le};
use crate::model::PackageError;
use crate::rpm::Sink;

const MAGIC: u32 = 0x0006_1561;
const PAGE_HEADER: usize = 26;
const META: u8 = 8;
const HASH_UNSORTED: u8 = 2;
const HASH: u8 = 13;
const OVERFLOW: u8 = 7;
/// Kinds of items: within the page, and in a chain of pages.
const INLINE: u8 = 1;
const OFF_PAGE: u8 = 3;

fn malformed(reason: &str) -> PackageError {
    PackageError::Malformed { what: "rpm database of Berkeley DB", reason: reason.to_owned() }
}

/// Hands each header of the database to `sink`.
pub(crate) fn headers(bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), PackageError> {
    let mut file = File::open(bytes)?;
    for number in 1..file.pages {
        let page = file.page(number)?;
        if !matches!(page.get(25), Some(&(HASH_UNSORTED | HASH))) {
            continue;
        }
        let entries = usize::from(file.u16(page, 20).unwrap_or_default());
        for pair in 0..entries / 2 {
            let key = file.item(page, 2 * pair)?;
            let data = file.item(page, 2 * pair + 1)?;
            // Under the key 0 rpm keeps the number that the next package gets.
            if matches!(key, Item::Inline(key) if !key.is_empty() && key.iter().all(|&byte| byte == 0)) {
                continue;
            }
            match data {
                Item::Inline(header) => {
                    file.spend(header.len())?;
                    sink(header)?;
                }
                Item::Chain { first, length } => sink(&file.chain(first, length)?)?,
            }
        }
    }
    Ok(())
}

struct File<'a> {
    bytes: &'a [u8],
    big_endian: bool,
    page_size: usize,
    pages: usize,
    /// Pages of chains that were read: a page belongs to one chain.
    visited: Vec<bool>,
    /// Items do not overlap, so all of them together are no longer than the file.
    budget: usize,
}

enum Item<'a> {
    Inline(&'a [u8]),
    Chain { first: u32, length: usize },
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Result<File<'a>, PackageError> {
        let big_endian = match (u32_le(bytes, 12), u32_be(bytes, 12)) {
            (Some(MAGIC), _) => false,
            (_, Some(MAGIC)) => true,
            _ => return Err(malformed("it does not begin as a hash")),
        };
        if bytes.get(25) != Some(&META) {
            return Err(malformed("its first page describes no hash"));
        }
        if bytes.get(24) != Some(&0) {
            return Err(malformed("it is encrypted"));
        }
        let mut file = File { bytes, big_endian, page_size: 0, pages: 0, visited: Vec::new(), budget: bytes.len() };
        let page_size = file.u32(bytes, 20).unwrap_or_default() as usize;
        if !page_size.is_power_of_two() || !(512..=65536).contains(&page_size) {
            return Err(malformed("the size of its pages is none"));
        }
        let last = file.u32(bytes, 32).unwrap_or_default() as usize;
        if bytes.len() / page_size <= last {
            return Err(malformed("it is cut off: pages are missing"));
        }
        file.page_size = page_size;
        file.pages = last + 1;
        file.visited = vec![false; file.pages];
        Ok(file)
    }

    fn u16(&self, bytes: &[u8], at: usize) -> Option<u16> {
        if self.big_endian { u16_be(bytes, at) } else { u16_le(bytes, at) }
    }

    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        if self.big_endian { u32_be(bytes, at) } else { u32_le(bytes, at) }
    }

    fn page(&self, number: usize) -> Result<&'a [u8], PackageError> {
        number
            .checked_mul(self.page_size)
            .and_then(|start| self.bytes.get(start..start + self.page_size))
            .ok_or_else(|| malformed("it is cut off: a page is missing"))
    }

    /// The item of this index: it reaches to where the one before it begins, for they are laid from the page's end.
    fn item(&self, page: &'a [u8], index: usize) -> Result<Item<'a>, PackageError> {
        let broken = || malformed("a page of it is broken");
        let offset = |index: usize| self.u16(page, PAGE_HEADER + 2 * index).map(usize::from);
        let start = offset(index).ok_or_else(broken)?;
        let end = match index.checked_sub(1) {
            Some(before) => offset(before).ok_or_else(broken)?,
            None => self.page_size,
        };
        let item = page.get(start..end).ok_or_else(broken)?;
        match item.split_first() {
            Some((&INLINE, content)) => Ok(Item::Inline(content)),
            Some((&OFF_PAGE, _)) => Ok(Item::Chain {
                first: self.u32(item, 4).ok_or_else(broken)?,
                length: self.u32(item, 8).ok_or_else(broken)? as usize,
            }),
            _ => Err(malformed("an item of it is of a kind that rpm does not write")),
        }
    }

    fn spend(&mut self, length: usize) -> Result<(), PackageError> {
        self.budget = self.budget.checked_sub(length).ok_or_else(|| malformed("its headers overlap"))?;
        Ok(())
    }

    fn chain(&mut self, first: u32, length: usize) -> Result<Vec<u8>, PackageError> {
        self.spend(length)?;
        let mut whole = Vec::with_capacity(length);
        let mut next = first;
        while whole.len() < length {
            let number = next as usize;
            let visited = self.visited.get_mut(number).ok_or_else(|| malformed("it refers to a page that is none"))?;
            if next == 0 || std::mem::replace(visited, true) {
                return Err(malformed("its pages run in a circle"));
            }
            let page = self.page(number)?;
            if page.get(25) != Some(&OVERFLOW) {
                return Err(malformed("a page of a header is of another kind"));
            }
            let used = usize::from(self.u16(page, 22).unwrap_or_default());
            let content = page
                .get(PAGE_HEADER..PAGE_HEADER + used.min(length - whole.len()))
                .ok_or_else(|| malformed("a page of a header is broken"))?;
            whole.extend_from_slice(content);
            next = self.u32(page, 16).unwrap_or_default();
        }
        Ok(whole)
    }
}
