//! Reading a tar archive entry by entry, without trust: ustar, GNU, old GNU sparse and PAX.
//!
//! Our own reader, because the `tar` crate keeps extended headers of any size in memory, reports the stored size for
//! PAX sparse files, and refuses archives that end after the last entry's bytes (as umoci writes them), which the
//! container runtimes accept. Where a format leaves room, it reads as Go's `archive/tar` does, since that is what the
//! runtimes extract with: links, devices and directories have no body, unknown global records are not applied.

use std::io::{self, BufRead, Read};

use crate::pax::{self, Pax};

const BLOCK: usize = 512;
/// Bytes of one extended header (a PAX header, a GNU long name). As in Go.
const EXTENDED_BYTES: u64 = 1024 * 1024;

/// A stream whose bytes can be passed over.
pub(crate) trait Source: Read {
    /// Passes over `count` bytes; returns how many there were, fewer only at the end.
    fn skip(&mut self, count: u64) -> io::Result<u64>;
}

impl<T: Read> Source for io::BufReader<T> {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 {
            let available = self.fill_buf()?.len();
            if available == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(available);
            self.consume(step);
            left -= step as u64;
        }
        Ok(count - left)
    }
}

/// Why an archive cannot be read on.
#[derive(Debug)]
pub(crate) enum TarError {
    /// It ends inside `inside`, after `offset` bytes.
    Truncated { offset: u64, inside: String },
    /// The header at `offset` is malformed.
    Malformed { offset: u64, reason: &'static str },
    /// The stream below failed.
    Io(io::Error),
}

impl From<io::Error> for TarError {
    fn from(error: io::Error) -> Self {
        TarError::Io(error)
    }
}

/// The type of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Type {
    File,
    HardLink,
    Symlink,
    Char,
    Block,
    Directory,
    Fifo,
    /// A type that the runtimes do not extract, by its letter.
    Other(u8),
}

/// One entry, its extended headers applied.
#[derive(Clone, Debug)]
pub(crate) struct Member {
    pub name: Vec<u8>,
    pub kind: Type,
    /// Bytes stored in the archive.
    pub stored: u64,
    /// Bytes of the file itself; more than `stored` for a sparse file.
    pub size: u64,
    pub sparse: bool,
    pub mode: u32,
    pub uid: u64,
    pub gid: u64,
    /// Seconds since 1970.
    pub mtime: i64,
    pub link: Vec<u8>,
    pub capability: Option<Vec<u8>>,
    /// Where the body begins in the archive.
    pub offset: u64,
}

/// What was unusual about the archive as a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Notes {
    /// There are no two zero blocks at the end.
    pub no_end: bool,
    /// The last body is not filled up to a block.
    pub no_padding: bool,
    /// A single zero block stands between entries.
    pub lone_zero: bool,
    /// A global extended header is there, which the runtimes do not apply.
    pub global: bool,
}

/// The reader. Call [`TarReader::next`] until it returns `None`; [`TarReader::body`] reads the current entry's bytes.
pub(crate) struct TarReader<S> {
    source: S,
    /// Bytes consumed so far.
    offset: u64,
    /// Bytes of the current body that are not consumed.
    left: u64,
    /// Bytes of filling after the current body.
    padding: u64,
    current: String,
    done: bool,
    pub notes: Notes,
}

impl<S: Source> TarReader<S> {
    pub(crate) fn new(source: S) -> Self {
        TarReader {
            source,
            offset: 0,
            left: 0,
            padding: 0,
            current: String::new(),
            done: false,
            notes: Notes::default(),
        }
    }

    /// The stream below, for reading what follows the end of the archive.
    pub(crate) fn into_inner(self) -> S {
        self.source
    }

    /// Bytes consumed so far.
    #[cfg(test)]
    pub(crate) fn offset(&self) -> u64 {
        self.offset
    }

    /// The next entry; `None` at the end. After an error or the end, it stays at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Member>, TarError> {
        if self.done {
            return Ok(None);
        }
        let result = self.advance();
        if !matches!(result, Ok(Some(_))) {
            self.done = true;
        }
        result
    }

    /// The current entry's body, whole; the caller has checked that its size is bearable.
    pub(crate) fn body(&mut self) -> Result<Vec<u8>, TarError> {
        let size = usize::try_from(self.left)
            .map_err(|_| TarError::Malformed { offset: self.offset, reason: "a body larger than the memory" })?;
        let mut body = Vec::with_capacity(size.min(1 << 20));
        let read = self.source.by_ref().take(self.left).read_to_end(&mut body)?;
        self.offset += read as u64;
        self.left -= read as u64;
        if read < size {
            return Err(self.truncated());
        }
        Ok(body)
    }

    /// Shows the current entry's body to `sink`, piece by piece, without copying it.
    pub(crate) fn pass(&mut self, sink: &mut dyn FnMut(&[u8])) -> Result<(), TarError>
    where
        S: BufRead,
    {
        while self.left > 0 {
            let piece = match self.source.fill_buf() {
                Ok(piece) => piece,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error.into()),
            };
            let length = piece.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
            let Some(piece) = piece.get(..length).filter(|piece| !piece.is_empty()) else {
                return Err(self.truncated());
            };
            sink(piece);
            self.source.consume(length);
            self.offset += length as u64;
            self.left -= length as u64;
        }
        Ok(())
    }

    fn truncated(&self) -> TarError {
        TarError::Truncated { offset: self.offset, inside: self.current.clone() }
    }

    fn advance(&mut self) -> Result<Option<Member>, TarError> {
        let mut pax: Option<Pax> = None;
        let mut long_name: Option<Vec<u8>> = None;
        let mut long_link: Option<Vec<u8>> = None;
        loop {
            let pending = pax.is_some() || long_name.is_some() || long_link.is_some();
            if !self.finish_body()? {
                return if pending { Err(self.truncated()) } else { Ok(None) };
            }
            let at = self.offset;
            let Some(block) = self.header()? else {
                return if pending {
                    self.current = "an extended header without its entry".to_owned();
                    Err(self.truncated())
                } else {
                    Ok(None)
                };
            };
            let header = Header(&block);
            let stored = header.number(124, 12, at)?;
            match header.flag() {
                b'x' => pax = Some(pax::parse(&self.extended(stored, at)?).map_err(malformed(at))?),
                b'g' => {
                    self.current = "a global header".to_owned();
                    self.notes.global |= !self.extended(stored, at)?.is_empty();
                }
                b'L' => long_name = Some(until_nul(&self.extended(stored, at)?).to_vec()),
                b'K' => long_link = Some(until_nul(&self.extended(stored, at)?).to_vec()),
                _ => {
                    let mut member = self.member(&header, stored, at, pax.unwrap_or_default(), long_name, long_link)?;
                    member.offset = self.offset;
                    self.current = crate::names::shown(&crate::names::to_text(&member.name).0);
                    return Ok(Some(member));
                }
            }
        }
    }

    /// Passes over what is left of the current body and its filling. False: the archive ends here, whole.
    fn finish_body(&mut self) -> Result<bool, TarError> {
        if self.left > 0 {
            let skipped = self.source.skip(self.left)?;
            self.offset += skipped;
            self.left -= skipped;
            if self.left > 0 {
                return Err(self.truncated());
            }
        }
        if self.padding > 0 {
            let skipped = self.source.skip(self.padding)?;
            self.offset += skipped;
            if skipped < self.padding {
                self.padding = 0;
                self.notes.no_padding = true;
                self.notes.no_end = true;
                return Ok(false);
            }
            self.padding = 0;
        }
        Ok(true)
    }

    /// The next header block with a right checksum; `None` at the end of the archive.
    fn header(&mut self) -> Result<Option<[u8; BLOCK]>, TarError> {
        let mut zeros = 0;
        loop {
            let at = self.offset;
            let mut block = [0u8; BLOCK];
            let read = read_full(&mut self.source, &mut block)?;
            self.offset += read as u64;
            if read < BLOCK {
                if block.iter().all(|&b| b == 0) {
                    self.notes.no_end = true;
                    return Ok(None);
                }
                return Err(TarError::Truncated { offset: self.offset, inside: "a header".to_owned() });
            }
            if block.iter().all(|&b| b == 0) {
                zeros += 1;
                if zeros == 2 {
                    return Ok(None);
                }
                continue;
            }
            if zeros > 0 {
                self.notes.lone_zero = true;
            }
            Header(&block).check(at)?;
            return Ok(Some(block));
        }
    }

    /// The body of an extended header.
    fn extended(&mut self, size: u64, at: u64) -> Result<Vec<u8>, TarError> {
        if size > EXTENDED_BYTES {
            return Err(TarError::Malformed { offset: at, reason: "an extended header of more than 1 MiB" });
        }
        self.current = "an extended header".to_owned();
        self.set_body(size);
        self.body()
    }

    fn set_body(&mut self, size: u64) {
        self.left = size;
        self.padding = (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64;
    }

    fn member(
        &mut self,
        header: &Header<'_>,
        stored: u64,
        at: u64,
        pax: Pax,
        long_name: Option<Vec<u8>>,
        long_link: Option<Vec<u8>>,
    ) -> Result<Member, TarError> {
        let sparse_name = if pax.sparse { pax.sparse_name } else { None };
        let name = long_name.or(sparse_name).or(pax.path).unwrap_or_else(|| header.name());
        let link = long_link.or(pax.link).unwrap_or_else(|| until_nul(header.field(157, 100)).to_vec());
        let kind = match header.flag() {
            b'0' | b'7' | b'S' => Type::File,
            0 if name.ends_with(b"/") => Type::Directory,
            0 => Type::File,
            b'1' => Type::HardLink,
            b'2' => Type::Symlink,
            b'3' => Type::Char,
            b'4' => Type::Block,
            b'5' => Type::Directory,
            b'6' => Type::Fifo,
            other => Type::Other(other),
        };
        let has_body = matches!(kind, Type::File | Type::Other(_));
        let stored = if has_body { pax.size.unwrap_or(stored) } else { 0 };
        let mut size = stored;
        let mut sparse = false;
        if header.flag() == b'S' {
            sparse = true;
            size = header.number(483, 12, at)?;
            let mut more = header.field(482, 1).first().is_some_and(|&b| b != 0);
            while more {
                let mut block = [0u8; BLOCK];
                let read = read_full(&mut self.source, &mut block)?;
                self.offset += read as u64;
                if read < BLOCK {
                    return Err(TarError::Truncated { offset: self.offset, inside: "a sparse file's map".to_owned() });
                }
                more = block.get(504).is_some_and(|&b| b != 0);
            }
        } else if pax.sparse && kind == Type::File {
            sparse = true;
            size = pax.sparse_size.unwrap_or(stored);
        }
        self.set_body(stored);
        Ok(Member {
            name: until_nul(&name).to_vec(),
            kind,
            stored,
            size,
            sparse,
            // At most seven octal digits remain after the mask, so the cast is exact.
            mode: (header.number(100, 8, at)? & 0o7777) as u32,
            uid: match pax.uid {
                Some(uid) => uid,
                None => header.number(108, 8, at)?,
            },
            gid: match pax.gid {
                Some(gid) => gid,
                None => header.number(116, 8, at)?,
            },
            mtime: pax.mtime.or_else(|| number(header.field(136, 12)).and_then(|n| i64::try_from(n).ok())).unwrap_or(0),
            link: until_nul(&link).to_vec(),
            capability: pax.capability,
            offset: 0,
        })
    }
}

fn malformed(offset: u64) -> impl Fn(&'static str) -> TarError {
    move |reason| TarError::Malformed { offset, reason }
}

/// Fills `block`; returns how many bytes there were, fewer only at the end.
fn read_full(source: &mut impl Read, block: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = block.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match source.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

fn until_nul(bytes: &[u8]) -> &[u8] {
    bytes.split(|&b| b == 0).next().unwrap_or_default()
}

/// A header block.
struct Header<'a>(&'a [u8; BLOCK]);

impl Header<'_> {
    fn field(&self, start: usize, length: usize) -> &[u8] {
        self.0.get(start..start + length).unwrap_or_default()
    }

    fn flag(&self) -> u8 {
        self.0.get(156).copied().unwrap_or(0)
    }

    /// Both sums that writers use: of unsigned and of signed bytes, with the checksum's own field as spaces.
    fn check(&self, at: u64) -> Result<(), TarError> {
        let bad = TarError::Malformed { offset: at, reason: "a header with a wrong checksum" };
        let Some(want) = number(self.field(148, 8)).and_then(|n| i64::try_from(n).ok()) else {
            return Err(bad);
        };
        let (mut unsigned, mut signed) = (0i64, 0i64);
        for (index, &byte) in self.0.iter().enumerate() {
            let byte = if (148..156).contains(&index) { b' ' } else { byte };
            unsigned += i64::from(byte);
            signed += i64::from(byte.cast_signed());
        }
        if want == unsigned || want == signed { Ok(()) } else { Err(bad) }
    }

    fn number(&self, start: usize, length: usize, at: u64) -> Result<u64, TarError> {
        number(self.field(start, length))
            .filter(|&n| i64::try_from(n).is_ok())
            .ok_or(TarError::Malformed { offset: at, reason: "a header with a malformed number" })
    }

    /// The name, with the prefix of ustar (155 bytes) or of star (131 bytes); GNU uses that room otherwise.
    fn name(&self) -> Vec<u8> {
        let name = until_nul(self.field(0, 100));
        let prefix = if self.field(257, 6) == b"ustar\0" {
            let length = if self.field(508, 4) == b"tar\0" { 131 } else { 155 };
            until_nul(self.field(345, length))
        } else {
            &[]
        };
        if prefix.is_empty() {
            return name.to_vec();
        }
        [prefix, b"/", name].concat()
    }
}

/// A number of a header: octal digits, or binary when the first bit is set. Empty is 0; negative is `None`.
fn number(field: &[u8]) -> Option<u64> {
    if let Some((&first, rest)) = field.split_first()
        && first & 0x80 != 0
    {
        if first & 0x40 != 0 {
            return None;
        }
        return rest.iter().try_fold(u64::from(first & 0x3f), |value, &byte| {
            value.checked_mul(256).map(|value| value | u64::from(byte))
        });
    }
    let is_filling = |b: &u8| *b == b' ' || *b == 0;
    let start = field.iter().position(|b| !is_filling(b)).unwrap_or(field.len());
    let digits = field.get(start..).unwrap_or_default();
    let end = digits.iter().position(is_filling).unwrap_or(digits.len());
    let (digits, after) = digits.split_at_checked(end)?;
    if !after.iter().all(is_filling) && after.first() != Some(&0) {
        return None;
    }
    digits.iter().try_fold(0u64, |value, &digit| match digit {
        b'0'..=b'7' => value.checked_mul(8).map(|value| value | u64::from(digit - b'0')),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with the fields set by `with` and a right checksum.
    fn header(with: impl Fn(&mut [u8; BLOCK])) -> [u8; BLOCK] {
        let mut block = [0u8; BLOCK];
        block[..4].copy_from_slice(b"name");
        with(&mut block);
        block[148..156].fill(b' ');
        let sum: u32 = block.iter().map(|&byte| u32::from(byte)).sum();
        block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        block
    }

    fn first(bytes: &[u8]) -> Result<Option<Member>, TarError> {
        TarReader::new(io::BufReader::new(bytes)).next()
    }

    fn member(with: impl Fn(&mut [u8; BLOCK])) -> Member {
        first(&header(with)).unwrap().unwrap()
    }

    #[test]
    fn prefixes_belong_to_ustar_and_star_only() {
        let name = |magic: &[u8], trailer: &[u8]| {
            let member = member(|block| {
                block[257..257 + magic.len()].copy_from_slice(magic);
                block[345..348].copy_from_slice(b"dir");
                block[508..508 + trailer.len()].copy_from_slice(trailer);
            });
            String::from_utf8(member.name).unwrap()
        };
        assert_eq!(name(b"ustar\x0000", b""), "dir/name");
        assert_eq!(name(b"ustar\x0000", b"tar\0"), "dir/name");
        assert_eq!(name(b"ustar  \0", b""), "name");
        assert_eq!(name(b"", b""), "name");
    }

    #[test]
    fn the_oldest_headers_mark_directories_by_a_slash() {
        assert_eq!(member(|block| block[4] = b'/').kind, Type::Directory);
        assert_eq!(member(|_| {}).kind, Type::File);
        // Where a type is given, the slash is only a slash, as in Go.
        let file = member(|block| {
            block[4] = b'/';
            block[156] = b'0';
        });
        assert_eq!(file.kind, Type::File);
    }

    #[test]
    fn links_and_directories_have_no_body_whatever_their_size() {
        for kind in *b"123456" {
            let sized = member(|block| {
                block[156] = kind;
                block[124..135].copy_from_slice(b"00000001000");
            });
            assert_eq!((sized.stored, sized.size), (0, 0));
        }
    }

    #[test]
    fn numbers_are_octal_or_binary() {
        assert_eq!(number(b"0000644\0"), Some(0o644));
        assert_eq!(number(b"   17 \0"), Some(0o17));
        assert_eq!(number(b"\0\0\0"), Some(0));
        assert_eq!(number(b"77777777777"), Some(0o77_777_777_777));
        assert_eq!(number(&[0x80, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0]), Some(1 << 32));
        for bad in [&b"8"[..], b"-1", b"1 2", b"x", &[0xff; 12], &[0xbf; 12]] {
            assert_eq!(number(bad), None, "{bad:?}");
        }
        let binary = member(|block| block[124..136].copy_from_slice(&[0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]));
        assert_eq!(binary.size, 2 << 32);
        let negative = header(|block| block[124..136].fill(0xff));
        assert!(matches!(first(&negative), Err(TarError::Malformed { offset: 0, .. })));
    }

    #[test]
    fn both_checksums_are_accepted() {
        let mut block = header(|block| block[0] = 0xe4);
        let unsigned = number(&block[148..156]).unwrap();
        assert!(first(&block).is_ok());
        block[148..156].copy_from_slice(format!("{:06o}\0 ", unsigned - 256).as_bytes());
        assert!(first(&block).is_ok());
        block[148..156].copy_from_slice(format!("{:06o}\0 ", unsigned + 1).as_bytes());
        assert!(first(&block).is_err());
    }

    #[test]
    fn what_the_tar_crate_writes_is_read() {
        let mut builder = tar::Builder::new(Vec::new());
        let long = format!("{}/file", "d".repeat(180));
        let mut header = tar::Header::new_gnu();
        header.set_size(5);
        header.set_mode(0o640);
        header.set_uid(70_000);
        builder.append_data(&mut header, &long, &b"hello"[..]).unwrap();
        let mut header = tar::Header::new_gnu();
        header.set_size(0);
        header.set_entry_type(tar::EntryType::Symlink);
        builder.append_link(&mut header, "link", &long).unwrap();
        let bytes = builder.into_inner().unwrap();
        let mut tar = TarReader::new(io::BufReader::new(bytes.as_slice()));
        let file = tar.next().unwrap().unwrap();
        assert_eq!((file.name, file.mode, file.uid), (long.clone().into_bytes(), 0o640, 70_000));
        assert_eq!(tar.body().unwrap(), b"hello");
        assert_eq!(tar.next().unwrap().unwrap().link, long.into_bytes());
        assert!(tar.next().unwrap().is_none());
        assert_eq!(tar.notes, Notes::default());
    }
}
