//! `rpmdb.sqlite`: the blobs of the table `Packages`, read from SQLite's file format without SQLite.
//!
//! <https://www.sqlite.org/fileformat2.html>. Only walking a table is needed, so this reads bytes in place and has
//! bounds that a foreign library would not let us set: each page is visited once at most.

use crate::build::{u16_be, u32_be};
use crate::model::PackageError;
use crate::rpm::Sink;

const MAGIC: &[u8] = b"SQLite format 3\0";

fn malformed(reason: &str) -> PackageError {
    PackageError::Malformed { what: "rpm database in SQLite", reason: reason.to_owned() }
}

/// Hands each header of the database to `sink`.
pub(crate) fn headers(bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), PackageError> {
    let mut file = File::open(bytes)?;
    let mut root = None;
    file.table(1, &mut |record| {
        let mut values = Values::of(record);
        let kind = values.next();
        let name = values.next();
        let _table = values.next();
        if let (Some(Value::Bytes(b"table")), Some(Value::Bytes(b"Packages")), Some(Value::Number(page))) =
            (kind, name, values.next())
        {
            root = u32::try_from(page).ok();
        }
        Ok(())
    })?;
    let root = root.ok_or_else(|| malformed("it has no table of packages"))?;
    file.table(root, &mut |record| match Values::of(record).nth(1) {
        Some(Value::Bytes(blob)) => sink(blob),
        _ => Err(malformed("a row of the table of packages has no header")),
    })
}

struct File<'a> {
    bytes: &'a [u8],
    page_size: usize,
    /// What of a page holds content.
    usable: usize,
    visited: Vec<bool>,
    /// Records do not overlap, so all of them together are no longer than the file.
    budget: usize,
}

impl<'a> File<'a> {
    fn open(bytes: &'a [u8]) -> Result<File<'a>, PackageError> {
        if !bytes.starts_with(MAGIC) {
            return Err(malformed("it does not begin as one"));
        }
        let page_size = match u16_be(bytes, 16) {
            Some(1) => 65536,
            Some(size) if size >= 512 && size.is_power_of_two() => usize::from(size),
            _ => return Err(malformed("the size of its pages is none")),
        };
        let reserved = usize::from(bytes.get(20).copied().unwrap_or_default());
        let usable = page_size - reserved;
        if usable < 480 {
            return Err(malformed("its pages have no room"));
        }
        if !matches!(u32_be(bytes, 56), Some(0 | 1)) {
            return Err(malformed("its texts are not UTF-8"));
        }
        let pages = bytes.len() / page_size;
        Ok(File { bytes, page_size, usable, visited: vec![false; pages], budget: bytes.len() })
    }

    /// The page's content; page numbers begin with 1. A page that is asked for twice is an error: pages of one table
    /// are not shared.
    fn page(&mut self, number: u32) -> Result<&'a [u8], PackageError> {
        let index = (number as usize).checked_sub(1).ok_or_else(|| malformed("it refers to page 0"))?;
        let visited = self.visited.get_mut(index).ok_or_else(|| malformed("it is cut off: a page is missing"))?;
        if std::mem::replace(visited, true) {
            return Err(malformed("its pages run in a circle"));
        }
        let start = index * self.page_size;
        self.bytes.get(start..start + self.usable).ok_or_else(|| malformed("it is cut off: a page is missing"))
    }

    /// Hands each record of the table to `each`.
    fn table(
        &mut self,
        root: u32,
        each: &mut dyn FnMut(&[u8]) -> Result<(), PackageError>,
    ) -> Result<(), PackageError> {
        let broken = || malformed("a page of it is broken");
        let mut ahead = vec![root];
        while let Some(number) = ahead.pop() {
            let page = self.page(number)?;
            let start = if number == 1 { 100 } else { 0 };
            let kind = page.get(start).copied();
            let cells = usize::from(u16_be(page, start + 3).ok_or_else(broken)?);
            let pointers = match kind {
                Some(0x0d) => start + 8,
                Some(0x05) => start + 12,
                _ => return Err(malformed("a page of its table is of another kind")),
            };
            let mut children = Vec::new();
            for cell in 0..cells {
                let at = usize::from(u16_be(page, pointers + 2 * cell).ok_or_else(broken)?);
                if kind == Some(0x05) {
                    children.push(u32_be(page, at).ok_or_else(broken)?);
                } else {
                    let mut rest = page.get(at..).ok_or_else(broken)?;
                    let length = varint(&mut rest).and_then(|n| usize::try_from(n).ok()).ok_or_else(broken)?;
                    let _row = varint(&mut rest).ok_or_else(broken)?;
                    self.record(length, rest, each)?;
                }
            }
            if kind == Some(0x05) {
                children.push(u32_be(page, start + 8).ok_or_else(broken)?);
            }
            ahead.extend(children.into_iter().rev());
        }
        Ok(())
    }

    /// Puts a record together: what does not fit its page is in a chain of others.
    fn record(
        &mut self,
        length: usize,
        cell: &[u8],
        each: &mut dyn FnMut(&[u8]) -> Result<(), PackageError>,
    ) -> Result<(), PackageError> {
        let broken = || malformed("a record of it is broken");
        self.budget = self.budget.checked_sub(length).ok_or_else(|| malformed("its records overlap"))?;
        if length <= self.usable - 35 {
            return each(cell.get(..length).ok_or_else(broken)?);
        }
        let least = (self.usable - 12) * 32 / 255 - 23;
        let fit = least + (length - least) % (self.usable - 4);
        let local = if fit <= self.usable - 35 { fit } else { least };
        let mut whole = Vec::with_capacity(length);
        whole.extend_from_slice(cell.get(..local).ok_or_else(broken)?);
        let mut next = u32_be(cell, local).ok_or_else(broken)?;
        while whole.len() < length {
            let page = self.page(next)?;
            next = u32_be(page, 0).ok_or_else(broken)?;
            let content = page.get(4..).ok_or_else(broken)?;
            whole.extend_from_slice(content.get(..content.len().min(length - whole.len())).ok_or_else(broken)?);
        }
        each(&whole)
    }
}

/// A value of a record, as far as it matters here.
enum Value<'a> {
    Other,
    Number(i64),
    Bytes(&'a [u8]),
}

/// The values of a record. Ends where the record is broken.
struct Values<'a> {
    types: &'a [u8],
    body: &'a [u8],
}

impl<'a> Values<'a> {
    fn of(record: &'a [u8]) -> Values<'a> {
        let mut rest = record;
        let length = varint(&mut rest).and_then(|n| usize::try_from(n).ok()).unwrap_or_default();
        let skipped = record.len() - rest.len();
        match record.split_at_checked(length) {
            Some((head, body)) => Values { types: head.get(skipped..).unwrap_or_default(), body },
            None => Values { types: &[], body: &[] },
        }
    }
}

impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        let kind = varint(&mut self.types)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let (bytes, rest) = self.body.split_at_checked(length)?;
        self.body = rest;
        Some(match kind {
            8 => Value::Number(0),
            9 => Value::Number(1),
            1..=6 => {
                let negative = bytes.first().is_some_and(|byte| byte & 0x80 != 0);
                Value::Number(bytes.iter().fold(if negative { -1 } else { 0 }, |n, &byte| n << 8 | i64::from(byte)))
            }
            12.. => Value::Bytes(bytes),
            _ => Value::Other,
        })
    }
}

/// A number of 1 to 9 bytes, highest bits first.
fn varint(rest: &mut &[u8]) -> Option<u64> {
    let mut value = 0u64;
    for at in 0..9 {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        if at == 8 {
            return Some(value << 8 | u64::from(byte));
        }
        value = value << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}
