//! The entries of a ZIP archive, one after the other, straight from its bytes (PKWARE's APPNOTE 6.3.10).
//!
//! A library keeps a list of all entries, which a hostile archive can make far larger than itself; a jar within a jar
//! would have to be copied besides. Here only one entry is looked at at a time, and stored ones are borrowed.

use std::borrow::Cow;
use std::io::Read;

use crate::build::{u16_le, u32_le};

const END: &[u8] = b"PK\x05\x06";
const END_64: &[u8] = b"PK\x06\x06";
const LOCATOR_64: &[u8] = b"PK\x06\x07";
const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const END_LENGTH: usize = 22;
const MAX_COMMENT: usize = 0xffff;

/// An archive whose directory was found.
pub(crate) struct Archive<'a> {
    bytes: &'a [u8],
    /// Bytes before the archive's own beginning: a script that starts the jar.
    shift: usize,
    directory: &'a [u8],
}

/// A file in an archive.
pub(crate) struct Entry<'a> {
    pub name: Cow<'a, str>,
    bytes: &'a [u8],
    method: u16,
    is_encrypted: bool,
    start: Option<usize>,
    /// Bytes that it takes in the archive, as the archive says it.
    pub compressed: usize,
    /// Its size as the archive says it.
    pub size: u64,
}

impl<'a> Archive<'a> {
    /// Finds the archive's directory.
    pub(crate) fn open(bytes: &'a [u8]) -> Option<Archive<'a>> {
        let from = bytes.len().saturating_sub(END_LENGTH + MAX_COMMENT);
        let tail = bytes.get(from..)?;
        let end = (0..tail.len().checked_sub(END_LENGTH)? + 1).rev().find(|&at| {
            tail.get(at..).is_some_and(|rest| {
                rest.starts_with(END)
                    && u16_le(rest, 20).is_some_and(|comment| usize::from(comment) + END_LENGTH <= rest.len())
            })
        })? + from;
        let mut directory_end = end;
        let mut length = u32_le(bytes, end + 12)? as usize;
        let mut offset = u32_le(bytes, end + 16)? as usize;
        if let Some(locator) = end.checked_sub(20)
            && bytes.get(locator..).is_some_and(|rest| rest.starts_with(LOCATOR_64))
        {
            // The record lies right before its locator; the offset that the locator tells is without the shift.
            let record = (0..=1).find_map(|try_at| {
                match try_at {
                    0 => locator.checked_sub(56),
                    _ => u64_le(bytes, locator + 8),
                }
                .filter(|&at| bytes.get(at..).is_some_and(|rest| rest.starts_with(END_64)))
            })?;
            length = u64_le(bytes, record + 40)?;
            offset = u64_le(bytes, record + 48)?;
            directory_end = record;
        }
        let start = directory_end.checked_sub(length)?;
        let shift = start.checked_sub(offset)?;
        Some(Archive { bytes, shift, directory: bytes.get(start..directory_end)? })
    }

    /// The entries of the directory; ends at the first that is broken.
    pub(crate) fn entries(&self) -> impl Iterator<Item = Entry<'a>> + use<'a> {
        let (bytes, shift) = (self.bytes, self.shift);
        let mut rest = self.directory;
        std::iter::from_fn(move || {
            if !rest.starts_with(CENTRAL) {
                return None;
            }
            let [name, extra, comment] = [28, 30, 32].map(|at| u16_le(rest, at).map(usize::from));
            let (name, extra_length) = (name?, extra?);
            let extra = rest.get(46 + name..46 + name + extra_length)?;
            let mut compressed = u64::from(u32_le(rest, 20)?);
            let mut size = u64::from(u32_le(rest, 24)?);
            let mut offset = u64::from(u32_le(rest, 42)?);
            wide(extra, [&mut size, &mut compressed, &mut offset]);
            let entry = Entry {
                name: String::from_utf8_lossy(rest.get(46..46 + name)?),
                bytes,
                method: u16_le(rest, 10)?,
                is_encrypted: u16_le(rest, 8)? & 1 != 0,
                start: usize::try_from(offset).ok().and_then(|offset| offset.checked_add(shift)),
                compressed: usize::try_from(compressed).ok()?,
                size,
            };
            rest = rest.get(46 + name + extra_length + comment?..)?;
            Some(entry)
        })
    }
}

impl<'a> Entry<'a> {
    /// What it holds, if it has at most `limit` bytes and can be read.
    pub(crate) fn content(&self, limit: u64) -> Option<Cow<'a, [u8]>> {
        if self.is_encrypted {
            return None;
        }
        let local = self.bytes.get(self.start?..)?;
        if !local.starts_with(LOCAL) {
            return None;
        }
        let skip = 30 + usize::from(u16_le(local, 26)?) + usize::from(u16_le(local, 28)?);
        let data = local.get(skip..skip.checked_add(self.compressed)?)?;
        match self.method {
            0 => (data.len() as u64 <= limit).then_some(Cow::Borrowed(data)),
            8 => {
                let mut content = Vec::new();
                let read = flate2::read::DeflateDecoder::new(data).take(limit + 1).read_to_end(&mut content);
                (read.is_ok() && content.len() as u64 <= limit).then_some(Cow::Owned(content))
            }
            _ => None,
        }
    }
}

/// Takes the wide numbers from an entry's extra field: only those are there that did not fit in 32 bits.
fn wide(mut extra: &[u8], numbers: [&mut u64; 3]) {
    while let (Some(kind), Some(length)) = (u16_le(extra, 0), u16_le(extra, 2)) {
        let Some((field, rest)) = extra.get(4..).and_then(|rest| rest.split_at_checked(usize::from(length))) else {
            return;
        };
        if kind == 1 {
            let mut at = 0;
            for number in numbers {
                if *number == u64::from(u32::MAX)
                    && let Some(wide) = u64_le(field, at)
                {
                    *number = wide as u64;
                    at += 8;
                }
            }
            return;
        }
        extra = rest;
    }
}

fn u64_le(bytes: &[u8], at: usize) -> Option<usize> {
    usize::try_from(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?)).ok()
}
