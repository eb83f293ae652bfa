//! Looking into a layer's files while their bytes stream past: what they are, what secrets and packages they hold.
//!
//! Every byte is seen once. A file is held whole only where `plimsoll_packages` or the accounts ask for it, and gone
//! when it has been read; what all threads hold at one time is bounded by [`Budget`]. Nothing here is fatal but a
//! bound: a file that cannot be looked into is noted as [`Skipped`], never taken for an empty one.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, PoisonError};

use plimsoll_packages::{PackageError, Part, Want};
use plimsoll_secrets::{FileScanner, Finding};
use sha2::{Digest, Sha256};

use crate::limits::Limits;
use crate::tree::Magic;

/// First bytes that tell what a file is.
const HEAD: usize = 512;

/// Files smaller than this are not compared with each other: their copies cost next to nothing.
const COMPARED: u64 = 4096;

/// Files that are listed as not looked into, of one layer; more are only counted.
const LISTED: usize = 1000;

/// Bytes of a buffer that is kept for the next file.
const REUSED: usize = 1024 * 1024;

/// What the files of one layer gave. The numbers are indexes of its entries, ascending.
#[derive(Clone, Debug, Default)]
pub(crate) struct Inspection {
    /// SHA-256 of the content.
    pub digests: Vec<(u32, [u8; 32])>,
    pub secrets: Vec<(u32, Vec<Finding>)>,
    pub parts: Vec<(u32, Result<Part, PackageError>)>,
    pub skipped: Vec<Skipped>,
    /// Files that were not looked into and are not in `skipped` either.
    pub skipped_more: u64,
    /// Secrets that were found but not kept, as there were too many.
    pub secrets_more: u64,
}

impl Inspection {
    /// Notes that a file was not looked into for `purpose`, because `reason`.
    pub(crate) fn skip(&mut self, index: u32, purpose: &'static str, reason: String) {
        if self.skipped.len() < LISTED {
            self.skipped.push(Skipped { index, purpose, reason });
        } else {
            self.skipped_more = self.skipped_more.saturating_add(1);
        }
    }
}

/// A file that was not looked into.
#[derive(Clone, Debug)]
pub(crate) struct Skipped {
    pub index: u32,
    pub purpose: &'static str,
    pub reason: String,
}

/// What the readers of all layers share: bytes held at one time, and what is kept of all files together.
#[derive(Debug)]
pub(crate) struct Budget {
    held: Mutex<u64>,
    freed: Condvar,
    held_limit: u64,
    records: AtomicU64,
    secrets: AtomicU64,
    kept: AtomicU64,
}

impl Budget {
    pub(crate) fn new(limits: &Limits) -> Self {
        Budget {
            held: Mutex::new(0),
            freed: Condvar::new(),
            held_limit: limits.held_bytes,
            records: AtomicU64::new(0),
            secrets: AtomicU64::new(0),
            kept: AtomicU64::new(0),
        }
    }

    /// Waits until `bytes` more may be held. Nobody holds two files, so whoever waits is waited for by none.
    fn hold(&self, bytes: u64) -> Hold<'_> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        while *held > 0 && held.saturating_add(bytes) > self.held_limit {
            held = self.freed.wait(held).unwrap_or_else(PoisonError::into_inner);
        }
        *held = held.saturating_add(bytes);
        Hold { budget: self, bytes }
    }

    /// Counts bytes that are kept until all layers are read; returns their sum.
    pub(crate) fn keep(&self, bytes: u64) -> u64 {
        self.kept.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes)
    }

    /// Counts packages and owned paths; returns their sum.
    fn record(&self, count: u64) -> u64 {
        self.records.fetch_add(count, Ordering::Relaxed).saturating_add(count)
    }
}

/// Bytes that are held; given back when it is dropped.
#[derive(Debug)]
struct Hold<'a> {
    budget: &'a Budget,
    bytes: u64,
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        let mut held = self.budget.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = held.saturating_sub(self.bytes);
        drop(held);
        self.budget.freed.notify_all();
    }
}

/// What is known of a file before its bytes come.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    pub path: &'a str,
    /// Bytes that the archive stores.
    pub stored: u64,
    /// Bytes of the file; more than `stored` when it is sparse.
    pub size: u64,
    pub sparse: bool,
    pub executable: bool,
}

/// A bound on what all files together may give; the number is the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany(pub u64);

/// Looks into the files of one layer, one after another.
pub(crate) struct Inspector<'a> {
    limits: &'a Limits,
    budget: &'a Budget,
    /// Reused from file to file.
    head: Vec<u8>,
    body: Vec<u8>,
    pub found: Inspection,
}

impl<'a> Inspector<'a> {
    pub(crate) fn new(limits: &'a Limits, budget: &'a Budget) -> Self {
        let found = Inspection::default();
        Inspector { limits, budget, head: Vec::with_capacity(HEAD), body: Vec::new(), found }
    }

    /// Begins the file that is entry `index`.
    pub(crate) fn begin<'i>(&'i mut self, index: u32, of: Subject<'i>) -> Looking<'i, 'a> {
        self.head.clear();
        self.body.clear();
        let reason = if of.sparse && of.size > 0 {
            Some("it is sparse".to_owned())
        } else if of.stored > self.limits.scan_bytes {
            Some(larger_than(self.limits.scan_bytes))
        } else {
            None
        };
        let scanner = (reason.is_none() && of.stored > 0).then(|| FileScanner::new(of.path, of.stored));
        if let Some(reason) = reason {
            self.found.skip(index, "secrets", reason);
        }
        let hash = (of.stored >= COMPARED && !of.sparse).then(Sha256::new);
        Looking { to: self, index, of, scanner, hash, magic: None, decided: false, hold: None }
    }
}

/// One file whose bytes stream past.
pub(crate) struct Looking<'i, 'a> {
    to: &'i mut Inspector<'a>,
    index: u32,
    of: Subject<'i>,
    scanner: Option<FileScanner>,
    hash: Option<Sha256>,
    magic: Option<Magic>,
    /// Whether the head is complete, and what follows from it is known.
    decided: bool,
    /// There while the file is held whole.
    hold: Option<Hold<'a>>,
}

impl Looking<'_, '_> {
    /// The next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
        if let Some(scanner) = &mut self.scanner {
            scanner.push(bytes);
        }
        let mut rest = bytes;
        if !self.decided {
            let missing = HEAD.saturating_sub(self.to.head.len());
            let (head, after) = bytes.split_at_checked(missing).unwrap_or((bytes, &[]));
            self.to.head.extend_from_slice(head);
            rest = after;
            if self.to.head.len() >= HEAD {
                self.decide();
            }
        }
        if self.hold.is_some() {
            self.to.body.extend_from_slice(rest);
        }
    }

    /// The head is there: what is this, and is it wanted whole?
    fn decide(&mut self) {
        self.decided = true;
        let of = self.of;
        // What a sparse file stores begins with its map, in one of the formats.
        let head = if of.sparse { &[] } else { self.to.head.as_slice() };
        self.magic = magic(head);
        let Want::Whole(most) = plimsoll_packages::wants(of.path, of.size, of.executable, head) else { return };
        let reason = if of.sparse {
            Some("it is sparse".to_owned())
        } else if of.stored > most.min(self.to.limits.held_bytes) {
            Some(larger_than(most.min(self.to.limits.held_bytes)))
        } else {
            None
        };
        if let Some(reason) = reason {
            self.to.found.skip(self.index, "packages", reason);
            return;
        }
        let hold = self.to.budget.hold(of.stored);
        if self.to.body.try_reserve_exact(usize::try_from(of.stored).unwrap_or(usize::MAX)).is_err() {
            self.to.found.skip(self.index, "packages", "there is not enough memory for it".to_owned());
            return;
        }
        self.to.body.extend_from_slice(&self.to.head);
        self.hold = Some(hold);
    }

    /// The file is at its end. Returns what it is.
    pub(crate) fn end(mut self) -> Result<Option<Magic>, TooMany> {
        if !self.decided {
            self.decide();
        }
        let Inspector { limits, budget, body, found, .. } = self.to;
        if let Some(hash) = self.hash {
            found.digests.push((self.index, hash.finalize().into()));
        }
        if let Some(scanner) = self.scanner {
            let mut secrets = scanner.finish();
            let many = secrets.len() as u64;
            let before = budget.secrets.fetch_add(many, Ordering::Relaxed);
            let room = usize::try_from(limits.secrets.saturating_sub(before)).unwrap_or(usize::MAX);
            found.secrets_more = found.secrets_more.saturating_add(secrets.len().saturating_sub(room) as u64);
            secrets.truncate(room);
            if !secrets.is_empty() {
                found.secrets.push((self.index, secrets));
            }
        }
        if self.hold.is_some() {
            let part = plimsoll_packages::read(self.of.path, body);
            if body.capacity() > REUSED {
                *body = Vec::new();
            }
            if let Ok(part) = &part {
                let owned = part.owned.iter().map(|owned| owned.paths.len()).sum::<usize>();
                if budget.record(part.packages.len().saturating_add(owned) as u64) > limits.records {
                    return Err(TooMany(limits.records));
                }
            }
            found.parts.push((self.index, part));
        }
        Ok(self.magic)
    }
}

/// “it is larger than 512 MiB”.
pub(crate) fn larger_than(bytes: u64) -> String {
    const KIB: u64 = 1024;
    const MIB: u64 = 1024 * KIB;
    match bytes {
        bytes if bytes >= MIB && bytes.is_multiple_of(MIB) => format!("it is larger than {} MiB", bytes / MIB),
        bytes if bytes >= KIB && bytes.is_multiple_of(KIB) => format!("it is larger than {} KiB", bytes / KIB),
        bytes => format!("it is larger than {bytes} bytes"),
    }
}

/// What a file's first bytes show it to be.
fn magic(head: &[u8]) -> Option<Magic> {
    Some(match head {
        [0x7f, b'E', b'L', b'F', ..] => elf(head),
        [b'#', b'!', ..] => Magic::Script,
        [b'P', b'K', 3 | 5 | 7, 4 | 6 | 8, ..]
        | [0x1f, 0x8b, 8, ..]
        | [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, ..]
        | [0xfd, b'7', b'z', b'X', b'Z', 0, ..]
        | [0x28, 0xb5, 0x2f, 0xfd, ..]
        | [b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, ..] => Magic::Archive,
        [b'M', b'Z', ..] if is_pe(head) => Magic::Pe,
        [b'M', b'D', b'M', b'P', 0x93, 0xa7, ..]
        | [0xd4, 0xc3, 0xb2, 0xa1, ..]
        | [0xa1, 0xb2, 0xc3, 0xd4, ..]
        | [0x4d, 0x3c, 0xb2, 0xa1, ..]
        | [0xa1, 0xb2, 0x3c, 0x4d, ..] => Magic::Dump,
        head if is_pcapng(head) => Magic::Dump,
        head if head.starts_with(b"SQLite format 3\0") => Magic::Sqlite,
        head if head.starts_with(b"JAVA PROFILE 1.") => Magic::HeapDump,
        head if head.get(257..262) == Some(b"ustar") => Magic::Archive,
        _ => return None,
    })
}

/// `e_type` stands behind the 16 bytes of `e_ident`, in the byte order that its sixth says; 4 is `ET_CORE`.
fn elf(head: &[u8]) -> Magic {
    let core = match (head.get(5), head.get(16..18)) {
        (Some(2), Some(kind)) => kind == [0, 4],
        (_, Some(kind)) => kind == [4, 0],
        _ => false,
    };
    if core { Magic::ElfCore } else { Magic::Elf }
}

/// The word at 0x3c leads to `PE\0\0`; where that lies beyond the head, the DOS header alone must do.
fn is_pe(head: &[u8]) -> bool {
    let Some(&[a, b, c, d]) = head.get(0x3c..0x40) else { return false };
    let at = u32::from_le_bytes([a, b, c, d]) as usize;
    match head.get(at..at.saturating_add(4)) {
        Some(mark) => at > 0 && mark == b"PE\0\0",
        None => (HEAD..0x1000).contains(&at),
    }
}

/// A section header block, with the byte-order word of either order.
fn is_pcapng(head: &[u8]) -> bool {
    head.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a])
        && matches!(head.get(8..12), Some([0x4d, 0x3c, 0x2b, 0x1a] | [0x1a, 0x2b, 0x3c, 0x4d]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(path: &str, bytes: &[u8], chunk: usize, limits: &Limits) -> (Option<Magic>, Inspection) {
        let budget = Budget::new(limits);
        let mut inspector = Inspector::new(limits, &budget);
        let size = bytes.len() as u64;
        let mut looking = inspector.begin(3, Subject { path, stored: size, size, sparse: false, executable: false });
        bytes.chunks(chunk).for_each(|bytes| looking.push(bytes));
        let magic = looking.end().unwrap();
        assert_eq!(*budget.held.lock().unwrap(), 0);
        (magic, inspector.found)
    }

    #[test]
    fn first_bytes_tell_what_a_file_is() {
        let mut elf = b"\x7fELF\x02\x01\x01".to_vec();
        elf.resize(64, 0);
        elf[16] = 3;
        let mut core = elf.clone();
        core[16] = 4;
        let mut big = core.clone();
        (big[5], big[16], big[17]) = (2, 0, 4);
        let mut pe = b"MZ".to_vec();
        pe.resize(0x84, 0);
        pe[0x3c] = 0x80;
        pe[0x80..].copy_from_slice(b"PE\0\0");
        let mut tar = vec![0; 512];
        tar[257..262].copy_from_slice(b"ustar");
        let pcapng = b"\x0a\x0d\x0d\x0a\x1c\0\0\0\x4d\x3c\x2b\x1a";
        for (bytes, expected) in [
            (elf.as_slice(), Some(Magic::Elf)),
            (&elf[..6], Some(Magic::Elf)),
            (&core, Some(Magic::ElfCore)),
            (&big, Some(Magic::ElfCore)),
            (b"#!/bin/sh", Some(Magic::Script)),
            (b"#", None),
            (&pe, Some(Magic::Pe)),
            (b"MZ, a text about DOS", None),
            (b"PK\x03\x04", Some(Magic::Archive)),
            (b"\x1f\x8b\x08", Some(Magic::Archive)),
            (b"BZh91AY", Some(Magic::Archive)),
            (b"BZh is a name", None),
            (&tar, Some(Magic::Archive)),
            (b"SQLite format 3\0", Some(Magic::Sqlite)),
            (b"JAVA PROFILE 1.0.2\0", Some(Magic::HeapDump)),
            (b"\xd4\xc3\xb2\xa1\x02", Some(Magic::Dump)),
            (pcapng, Some(Magic::Dump)),
            (b"\n\r\r\n text", None),
            (b"MDMP\x93\xa7", Some(Magic::Dump)),
            (b"", None),
        ] {
            for chunk in [1, 7, 4096] {
                assert_eq!(look("/x", bytes, chunk, &Limits::default()).0, expected, "{bytes:?}");
            }
        }
    }

    #[test]
    fn content_is_hashed_from_4_kib_on() {
        let digest = |size: usize| look("/x", &vec![7; size], 1000, &Limits::default()).1.digests;
        assert!(digest(4095).is_empty());
        assert_eq!(digest(4096), [(3, Sha256::digest(vec![7; 4096]).into())]);
    }

    #[test]
    fn what_is_too_large_is_noted() {
        let limits = Limits { scan_bytes: 1024, ..Limits::default() };
        assert!(look("/x", &[1; 1024], 100, &limits).1.skipped.is_empty());
        let found = look("/x", &[1; 1025], 100, &limits).1;
        assert_eq!(found.skipped.len(), 1);
        assert_eq!((found.skipped[0].purpose, found.skipped[0].index), ("secrets", 3));
        assert_eq!(found.skipped[0].reason, "it is larger than 1 KiB");
        assert_eq!(larger_than(192 << 20), "it is larger than 192 MiB");
        assert_eq!(larger_than(5), "it is larger than 5 bytes");
    }

    #[test]
    fn what_is_skipped_is_listed_up_to_a_bound() {
        let mut found = Inspection::default();
        (0..1500).for_each(|index| found.skip(index, "secrets", String::new()));
        assert_eq!((found.skipped.len(), found.skipped_more), (1000, 500));
    }

    #[test]
    fn held_bytes_wait_for_each_other() {
        let budget = Budget::new(&Limits { held_bytes: 10, ..Limits::default() });
        let most = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        let hold = budget.hold(6);
                        most.fetch_max(*budget.held.lock().unwrap(), Ordering::Relaxed);
                        drop(hold);
                    }
                });
            }
        });
        assert_eq!((most.into_inner(), *budget.held.lock().unwrap()), (6, 0));
    }
}
