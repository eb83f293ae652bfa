//! Readers that hash, count, bound and watch the bytes that pass through them.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use sha2::{Digest, Sha256};

use crate::hooks::Hooks;

/// Bytes asked for at once.
pub(crate) const CHUNK: usize = 128 * 1024;

/// Why a reader of ours stopped; travels inside an [`io::Error`] through the decoders.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Stop {
    #[error("cancelled")]
    Cancelled,
    /// Another layer has failed, this one's outcome is of no interest.
    #[error("not needed any more")]
    Superseded,
    #[error("limit exceeded")]
    Limit { limit: u64, unit: &'static str },
    /// What gives the stored bytes failed, in its own words.
    #[error("{0}")]
    Source(String),
}

impl Stop {
    pub(crate) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// The reason inside an error, if it is ours.
    pub(crate) fn of(error: &io::Error) -> Option<Stop> {
        error.get_ref().and_then(|inner| inner.downcast_ref::<Stop>()).cloned()
    }
}

/// What the readers of one image share: progress, cancellation, the count of entries.
pub(crate) struct Watch<'a> {
    hooks: &'a dyn Hooks,
    done: AtomicU64,
    pub total: u64,
    entries: AtomicU64,
    names: AtomicU64,
    /// The lowest number of a layer that failed.
    failed: AtomicUsize,
}

impl<'a> Watch<'a> {
    pub(crate) fn new(hooks: &'a dyn Hooks, total: u64) -> Self {
        Watch {
            hooks,
            done: AtomicU64::new(0),
            total,
            entries: AtomicU64::new(0),
            names: AtomicU64::new(0),
            failed: AtomicUsize::new(usize::MAX),
        }
    }

    /// Counts `bytes` as read for layer `number`; the error says to stop.
    pub(crate) fn read(&self, number: usize, bytes: u64) -> io::Result<()> {
        self.check(number)?;
        let done = self.done.fetch_add(bytes, Ordering::Relaxed).saturating_add(bytes);
        if bytes > 0 {
            self.hooks.progress(done.min(self.total), self.total);
        }
        Ok(())
    }

    /// Whether layer `number` is still wanted.
    pub(crate) fn check(&self, number: usize) -> io::Result<()> {
        if self.hooks.cancelled() {
            return Err(Stop::Cancelled.into_io());
        }
        if self.failed.load(Ordering::Relaxed) < number {
            return Err(Stop::Superseded.into_io());
        }
        Ok(())
    }

    /// Counts one more entry with `bytes` of names; returns how many of both all layers have together.
    pub(crate) fn entry(&self, bytes: usize) -> (u64, u64) {
        let names = self.names.fetch_add(bytes as u64, Ordering::Relaxed).saturating_add(bytes as u64);
        (self.entries.fetch_add(1, Ordering::Relaxed).saturating_add(1), names)
    }

    /// Layer `number` has failed: higher ones need not go on. Lower ones do, so that the same one is always reported.
    pub(crate) fn fail(&self, number: usize) {
        self.failed.fetch_min(number, Ordering::Relaxed);
    }
}

/// Reads stored bytes: hashes and counts them, reports progress and polls for cancellation.
pub(crate) struct Stored<'a, R> {
    inner: R,
    hash: Option<Sha256>,
    pub count: &'a AtomicU64,
    watch: &'a Watch<'a>,
    number: usize,
}

impl<'a, R: Read> Stored<'a, R> {
    /// With `hash` false the digest is not computed (when it equals another that is).
    pub(crate) fn new(inner: R, hash: bool, count: &'a AtomicU64, watch: &'a Watch<'a>, number: usize) -> Self {
        Stored { inner, hash: hash.then(Sha256::new), count, watch, number }
    }

    /// The digest of all bytes read so far.
    pub(crate) fn digest(&self) -> Option<String> {
        self.hash.as_ref().map(|hash| text(hash.clone()))
    }

    /// Reads on to the end, for the digest's sake.
    pub(crate) fn drain(&mut self) -> io::Result<()> {
        io::copy(self, &mut io::sink()).map(drop)
    }
}

impl<R: Read> Read for Stored<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.watch.check(self.number)?;
        let read = self.inner.read(buffer)?;
        if let (Some(hash), Some(bytes)) = (&mut self.hash, buffer.get(..read)) {
            hash.update(bytes);
        }
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        self.watch.read(self.number, read as u64)?;
        Ok(read)
    }
}

/// Bounds on what a decoder may make of its input.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bomb {
    /// Bytes at most.
    pub bytes: u64,
    /// Times the stored bytes at most, once larger than `free`.
    pub ratio: u64,
    pub free: u64,
}

/// Reads unpacked bytes: hashes, counts and bounds them.
pub(crate) struct Unpacked<'a, R> {
    inner: R,
    hash: Sha256,
    pub count: u64,
    stored: &'a AtomicU64,
    bomb: Bomb,
}

impl<'a, R: Read> Unpacked<'a, R> {
    /// `stored` counts the bytes that went into the decoder so far.
    pub(crate) fn new(inner: R, stored: &'a AtomicU64, bomb: Bomb) -> Self {
        Unpacked { inner, hash: Sha256::new(), count: 0, stored, bomb }
    }

    /// The digest of all bytes read so far.
    pub(crate) fn digest(&self) -> String {
        text(self.hash.clone())
    }

    /// Reads on to the end; returns whether any of the bytes was not zero.
    pub(crate) fn drain(&mut self) -> io::Result<bool> {
        let mut buffer = vec![0u8; CHUNK];
        let mut any = false;
        loop {
            let read = match self.read(&mut buffer) {
                Ok(0) => return Ok(any),
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            any |= buffer.get(..read).is_some_and(|bytes| bytes.iter().any(|&byte| byte != 0));
        }
    }
}

impl<R: Read> Read for Unpacked<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.count = self.count.saturating_add(read as u64);
        if self.count > self.bomb.bytes {
            return Err(Stop::Limit { limit: self.bomb.bytes, unit: "bytes" }.into_io());
        }
        let allowed = self.stored.load(Ordering::Relaxed).saturating_mul(self.bomb.ratio);
        if self.count > self.bomb.free && self.count > allowed {
            return Err(Stop::Limit { limit: self.bomb.ratio, unit: "times its stored size" }.into_io());
        }
        if let Some(bytes) = buffer.get(..read) {
            self.hash.update(bytes);
        }
        Ok(read)
    }
}

fn text(hash: Sha256) -> String {
    format!("sha256:{}", hex::encode(hash.finalize()))
}

/// The digest of bytes in memory.
pub(crate) fn digest_of(bytes: &[u8]) -> String {
    text(Sha256::new_with_prefix(bytes))
}

/// How bytes are compressed, by their first ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zstd,
    /// One that is recognised but not read.
    Foreign(&'static str),
}

impl Compression {
    /// Looks at the first bytes; six are enough.
    pub(crate) fn sniff(head: &[u8]) -> Compression {
        match head {
            [0x1f, 0x8b, ..] => Compression::Gzip,
            // A frame, or a skippable frame (zstd:chunked may begin with one).
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', ..] => Compression::Foreign("bzip2"),
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Foreign("xz"),
            _ => Compression::None,
        }
    }

    /// The suffix that media types carry.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Compression::None => "not compressed",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Foreign(word) => word,
        }
    }
}
