//! Walks what was given: files, folders and archives, to single documents. Names in archives are names and nothing
//! else: nothing is written anywhere. Symbolic links in folders and archives are not followed.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek};
use std::path::Path;

use zip::ZipArchive;
use zip::result::ZipError;

use super::Input;
use super::unpack::{MAX_DOCUMENT, Unpack, bound, read_all, read_head, without_ending};
use crate::error::AdvisoryError;

/// Most bytes of one input, unpacked.
const MAX_BYTES: u64 = 4 << 30;
/// Most documents of one input.
const MAX_MEMBERS: u64 = 2_000_000;
/// Deepest folder.
const MAX_DEPTH: usize = 32;

/// A document, unpacked.
pub(super) struct Document<'a> {
    /// How messages name it: `a/b.json in all.zip`.
    pub(super) shown: &'a str,
    /// Its path within what was given, without a compression's ending.
    pub(super) name: &'a str,
    /// Given itself, not found in a folder or archive.
    pub(super) direct: bool,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
    /// How far the input is, in members or bytes.
    pub(super) done: u64,
    /// Of how many.
    pub(super) total: u64,
}

/// Whoever takes the documents.
pub(super) type Take<'t> = dyn FnMut(&Document<'_>) -> Result<(), AdvisoryError> + 't;

/// The name under which an input is recorded: the last part of its path, as it was typed.
pub(super) fn origin(input: &Input) -> String {
    let text = match (&input.origin, input.path.file_name()) {
        (Some(origin), _) => origin.clone(),
        (None, Some(name)) => name.to_string_lossy().into_owned(),
        (None, None) => input.path.display().to_string(),
    };
    printable(&text)
}

/// A name as it may be shown: in one line, not too long.
fn printable(name: &str) -> String {
    let clean: String = name.chars().map(|c| if c.is_control() { '?' } else { c }).take(301).collect();
    if clean.chars().count() > 300 { clean.chars().take(299).chain(['…']).collect() } else { clean }
}

/// The first bytes of a file, unpacked, when it is a document by itself; none for a folder or archive.
pub(super) fn head(input: &Input) -> Option<(String, Vec<u8>)> {
    let file = File::open(&input.path).ok().filter(|file| file.metadata().is_ok_and(|data| data.is_file()))?;
    let bytes = read_head(file, 4096)?;
    let name = origin(input);
    (!is_zip(&bytes)).then(|| (without_ending(&name).to_owned(), bytes))
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Gives every document of an input to `take`, in a fixed order.
pub(super) fn walk(input: &Input, take: &mut Take<'_>) -> Result<(), AdvisoryError> {
    let read = |source| AdvisoryError::Read { path: input.path.clone(), source };
    let metadata = std::fs::metadata(&input.path).map_err(read)?;
    let mut walk = Walk { origin: origin(input), bytes: 0, members: 0, buffer: Vec::new(), take };
    if metadata.is_dir() {
        return walk.folder(&input.path);
    }
    if !metadata.is_file() {
        return Err(AdvisoryError::Unknown { origin: walk.origin, reason: "it is neither a file nor a folder".into() });
    }
    let origin = walk.origin.clone();
    walk.file(&input.path, &origin, &origin, true, (0, 1))
}

struct Walk<'w, 't> {
    origin: String,
    bytes: u64,
    members: u64,
    buffer: Vec<u8>,
    take: &'w mut Take<'t>,
}

impl Walk<'_, '_> {
    /// Everything in a folder, sorted by name; version control's own folders apart.
    fn folder(&mut self, root: &Path) -> Result<(), AdvisoryError> {
        let mut files = Vec::new();
        let mut folders = vec![(root.to_owned(), 0_usize)];
        while let Some((folder, depth)) = folders.pop() {
            let read = |source| AdvisoryError::Read { path: folder.clone(), source };
            for entry in std::fs::read_dir(&folder).map_err(read)? {
                let entry = entry.map_err(read)?;
                let kind = entry.file_type().map_err(read)?;
                if kind.is_dir() && entry.file_name() != ".git" {
                    if depth >= MAX_DEPTH {
                        let place = shown(entry.path().strip_prefix(root).unwrap_or(&folder));
                        return Err(self.malformed(place, format!("folders lie deeper than {MAX_DEPTH} in each other")));
                    }
                    folders.push((entry.path(), depth + 1));
                } else if kind.is_file() {
                    files.push(entry.path());
                    if u64::try_from(files.len()).is_ok_and(|count| count > MAX_MEMBERS) {
                        return Err(self.too_many());
                    }
                }
            }
        }
        files.sort();
        let total = u64::try_from(files.len()).unwrap_or(u64::MAX);
        for (path, done) in files.iter().zip(0_u64..) {
            let name = shown(path.strip_prefix(root).unwrap_or(path));
            let place = format!("{name} in {}", self.origin);
            self.file(path, &name, &place, false, (done, total))?;
        }
        Ok(())
    }

    /// A file: an archive or a document.
    fn file(
        &mut self,
        path: &Path,
        name: &str,
        place: &str,
        direct: bool,
        at: (u64, u64),
    ) -> Result<(), AdvisoryError> {
        let read = |source| AdvisoryError::Read { path: path.to_owned(), source };
        let mut file = File::open(path).map_err(read)?;
        let mut magic = [0_u8; 4];
        let length = file.metadata().map_err(read)?.len();
        let got = read_start(&mut file, &mut magic).map_err(read)?;
        file.rewind().map_err(read)?;
        if is_zip(magic.get(..got).unwrap_or_default()) {
            return self.archive(BufReader::with_capacity(64 << 10, file), length, place, direct, at);
        }
        if length > MAX_DOCUMENT {
            return Err(too_large(place));
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        let unpacked = read_all(file, length, &mut buffer).map_err(|error| match error {
            Unpack::Io(source) => AdvisoryError::Read { path: path.to_owned(), source },
            Unpack::Broken(reason) => malformed(place, "the file", reason),
        })?;
        if unpacked && is_zip(&buffer) {
            let bytes = std::mem::take(&mut buffer);
            let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            return self.archive(Cursor::new(bytes), length, place, direct, at);
        }
        let result = self.document(place, name, direct, &buffer, at);
        self.buffer = buffer;
        result
    }

    /// Every member of an archive, in its order.
    fn archive<R: Read + Seek>(
        &mut self,
        reader: R,
        length: u64,
        place: &str,
        direct: bool,
        at: (u64, u64),
    ) -> Result<(), AdvisoryError> {
        let broken = |error: &ZipError| malformed(place, "the archive", zip_reason(error));
        let mut archive = ZipArchive::new(reader).map_err(|error| broken(&error))?;
        let total = u64::try_from(archive.len()).unwrap_or(u64::MAX);
        if total > MAX_MEMBERS {
            return Err(self.too_many());
        }
        let mut buffer = std::mem::take(&mut self.buffer);
        for index in 0..archive.len() {
            let member = archive
                .by_index(index)
                .map_err(|error| malformed(place, &format!("member {} of {total}", index + 1), zip_reason(&error)))?;
            if !member.is_file() {
                continue;
            }
            let name = printable(&String::from_utf8_lossy(member.name_raw()));
            let place = format!("{name} in {place}");
            let packed = member.compressed_size().min(length);
            if member.size() > bound(packed) {
                return Err(malformed(&place, "the member", "it unpacks to far more than its size, or to over 1 GiB"));
            }
            let unpacked =
                read_all(member.take(bound(packed) + 1), packed, &mut buffer).map_err(|error| match error {
                    Unpack::Io(error) => malformed(&place, "the member", format!("it cannot be unpacked: {error}")),
                    Unpack::Broken(reason) => malformed(&place, "the member", reason),
                })?;
            if !unpacked && u64::try_from(buffer.len()).is_ok_and(|length| length > bound(packed)) {
                return Err(malformed(&place, "the member", "it unpacks to far more than its size, or to over 1 GiB"));
            }
            let at = if direct { (u64::try_from(index).unwrap_or(0), total) } else { at };
            self.document(&place, &name, false, &buffer, at)?;
        }
        self.buffer = buffer;
        Ok(())
    }

    fn document(
        &mut self,
        shown: &str,
        name: &str,
        direct: bool,
        bytes: &[u8],
        (done, total): (u64, u64),
    ) -> Result<(), AdvisoryError> {
        self.members += 1;
        if self.members > MAX_MEMBERS {
            return Err(self.too_many());
        }
        self.bytes = self.bytes.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if self.bytes > MAX_BYTES {
            return Err(self.malformed("all of it", format!("it holds more than {} GiB", MAX_BYTES >> 30)));
        }
        (self.take)(&Document { shown, name: without_ending(name), direct, bytes, done, total })
    }

    fn too_many(&self) -> AdvisoryError {
        self.malformed("all of it", format!("it holds more than {MAX_MEMBERS} documents"))
    }

    fn malformed(&self, place: impl AsRef<str>, reason: impl Into<String>) -> AdvisoryError {
        malformed(&self.origin, place.as_ref(), reason)
    }
}

fn malformed(origin: &str, place: &str, reason: impl Into<String>) -> AdvisoryError {
    AdvisoryError::Malformed { origin: origin.to_owned(), place: place.to_owned(), reason: reason.into() }
}

fn too_large(place: &str) -> AdvisoryError {
    malformed(place, "its size", format!("it is larger than {} MiB", MAX_DOCUMENT >> 20))
}

/// A relative path with slashes.
fn shown(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    printable(&parts.join("/"))
}

fn read_start(file: &mut File, into: &mut [u8]) -> std::io::Result<usize> {
    let mut got = 0;
    while let Some(rest) = into.get_mut(got..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            count => got += count,
        }
    }
    Ok(got)
}

fn zip_reason(error: &ZipError) -> String {
    match error {
        ZipError::UnsupportedArchive(text) if text.to_ascii_lowercase().contains("password") => {
            "it is encrypted".to_owned()
        }
        ZipError::CompressionMethodNotSupported(_) => {
            "it is packed in a way that is not read here (deflate is)".to_owned()
        }
        ZipError::Io(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        other => format!("the zip archive is broken: {other}"),
    }
}

/// What a document that is in no known form looks like.
pub(super) fn looks_like(bytes: &[u8]) -> &'static str {
    let start = bytes.trim_ascii_start();
    let is_tar = bytes.get(257..262) == Some(b"ustar");
    match start.first() {
        _ if is_tar => "it is a tar archive; unpack it and give the folder",
        _ if is_zip(bytes) => "it is an archive inside an archive; unpack it first",
        None => "it is empty",
        Some(b'{' | b'[') => "it is JSON, but of no source that is known",
        Some(b'<') => "it is XML or HTML, but of no source that is known",
        Some(_)
            if std::str::from_utf8(bytes.get(..bytes.len().min(512)).unwrap_or_default())
                .is_ok_and(|text| !text.contains('\0')) =>
        {
            "it is text, but of no source that is known"
        }
        Some(_) => "it is no text",
    }
}

/// Whether a document's name says that it holds data, so that passing it over is worth a word.
pub(super) fn is_data(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [".json", ".xml", ".yaml", ".yml", ".zip", ".tar"].iter().any(|ending| lower.ends_with(ending))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    #[test]
    fn names_are_shown_in_one_line() {
        let named = |path: &str| origin(&Input { path: PathBuf::from(path), origin: None });
        assert_eq!(named("/home/me/all.zip"), "all.zip");
        assert_eq!(named(".."), "..");
        assert_eq!(named("a\nb"), "a?b");
        assert!(named(&"ä".repeat(1_000)).chars().count() <= 300);
    }

    #[test]
    fn what_is_unknown_is_described() {
        assert!(looks_like(b" {\"a\":1}").contains("JSON"));
        assert!(looks_like(b"").contains("empty"));
        assert!(looks_like(b"\x7fELF\0\0").contains("no text"));
        assert!(looks_like("grün".as_bytes()).contains("text"));
    }
}
