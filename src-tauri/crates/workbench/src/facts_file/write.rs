//! Writing a facts file, subject by subject: to a temporary file, which gets its name when it is whole.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use plimsoll_checks::{CollectedBy, Facts};
use plimsoll_image::Tree;
use serde::Serialize;
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;

use super::format::{By, End, Head, Line, Subject, TRAILER, Unread};
use super::{Collected, SCHEMA};
use crate::error::WorkbenchError;
use crate::source::Source;

/// Zstandard's own default.
const LEVEL: i32 = 3;

/// Hashes what passes through it.
struct Hashing<W> {
    inner: W,
    hash: Sha256,
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.inner.write(bytes)?;
        self.hash.update(bytes.get(..written).unwrap_or(bytes));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.inner.flush()
    }
}

/// A facts file that is being written. Dropped before [`Writer::finish`], it leaves nothing.
pub(super) struct Writer {
    path: PathBuf,
    file: NamedTempFile,
    out: zstd::stream::Encoder<'static, Hashing<BufWriter<File>>>,
    subjects: u64,
}

/// Makes sure that a file can be written, before there is anything to write.
pub(super) fn writable(path: &Path, force: bool) -> Result<(), WorkbenchError> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(WorkbenchError::NoFolder(folder.to_owned()));
    }
    if path.is_dir() {
        return Err(WorkbenchError::IsFolder(path.to_owned()));
    }
    if !force && path.symlink_metadata().is_ok() {
        return Err(WorkbenchError::Exists(path.to_owned()));
    }
    Ok(())
}

impl Writer {
    /// Begins a file.
    pub(super) fn begin(path: &Path, by: By, force: bool) -> Result<Self, WorkbenchError> {
        writable(path, force)?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let failed = |source| WorkbenchError::Write { path: path.to_owned(), source };
        // Readable by its owner alone: tempfile makes it so.
        let file = tempfile::Builder::new().prefix(".plimsoll-").tempfile_in(folder).map_err(failed)?;
        let to = BufWriter::new(file.reopen().map_err(failed)?);
        let out = zstd::stream::Encoder::new(Hashing { inner: to, hash: Sha256::new() }, LEVEL).map_err(failed)?;
        let mut writer = Self { path: path.to_owned(), file, out, subjects: 0 };
        writer.line(&Head { schema: SCHEMA.to_owned(), by })?;
        Ok(writer)
    }

    fn failed(&self, source: std::io::Error) -> WorkbenchError {
        WorkbenchError::Write { path: self.path.clone(), source }
    }

    fn bytes(&mut self, bytes: &[u8]) -> Result<(), WorkbenchError> {
        let done = self.out.write_all(bytes).and_then(|()| self.out.write_all(b"\n"));
        done.map_err(|source| self.failed(source))
    }

    fn line(&mut self, line: &impl Serialize) -> Result<(), WorkbenchError> {
        let text = serde_json::to_vec(line).map_err(|error| self.failed(error.into()))?;
        self.bytes(&text)
    }

    /// Writes a subject's facts. Gives it back without its tree, with the hashes.
    pub(super) fn facts(&mut self, source: Source, name: String, facts: Facts) -> Result<Collected, WorkbenchError> {
        let listing = facts.tree.as_ref().map(Tree::to_bytes).transpose()?;
        let listing_sha256 = listing.as_ref().map(|bytes| hex::encode(Sha256::digest(bytes)));
        // What belongs to an engagement, or to a file on this machine, is not for another one.
        let facts = Facts { tree: None, listing: listing_sha256.clone(), unchanged_key: None, ..facts };
        let text = serde_json::to_vec(&facts).map_err(|error| self.failed(error.into()))?;
        let facts_sha256 = hex::encode(Sha256::digest(&text));
        let engine = engine_of(&facts);
        let kind = plimsoll_checks::kind_of(&facts);
        self.line(&Line::Subject(Subject {
            source: source.to_string(),
            name: name.clone(),
            kind,
            facts_bytes: text.len() as u64,
            facts_sha256: facts_sha256.clone(),
            listing_bytes: listing.as_ref().map(|bytes| bytes.len() as u64),
            listing_sha256: listing_sha256.clone(),
            engine: engine.clone(),
        }))?;
        self.bytes(&text)?;
        if let Some(listing) = listing {
            self.bytes(STANDARD.encode(listing).as_bytes())?;
        }
        self.subjects = self.subjects.saturating_add(1);
        Ok(Collected { source, name, kind, facts_sha256, listing_sha256, engine, facts: Ok(facts) })
    }

    /// Writes that a subject could not be read.
    pub(super) fn unread(&mut self, source: Source, name: String, reason: String) -> Result<Collected, WorkbenchError> {
        let kind = source.kind();
        self.line(&Line::Unread(Unread {
            source: source.to_string(),
            name: name.clone(),
            kind,
            reason: reason.clone(),
        }))?;
        self.subjects = self.subjects.saturating_add(1);
        let facts = Err(reason);
        Ok(Collected { source, name, kind, facts_sha256: String::new(), listing_sha256: None, engine: None, facts })
    }

    /// Ends the file and gives it its name. Gives the SHA-256 of the whole, hexadecimal.
    pub(super) fn finish(mut self, finished: &str, force: bool) -> Result<String, WorkbenchError> {
        let subjects = self.subjects;
        self.line(&Line::End(End { finished: finished.to_owned(), subjects }))?;
        let path = self.path;
        let failed = |source| WorkbenchError::Write { path: path.clone(), source };
        let Hashing { inner: mut to, hash } = self.out.finish().map_err(failed)?;
        let mut whole = hash.clone();
        let trailer = [TRAILER.as_slice(), hash.finalize().as_slice()].concat();
        whole.update(&trailer);
        to.write_all(&trailer).and_then(|()| to.flush()).and_then(|()| to.get_ref().sync_all()).map_err(failed)?;
        drop(to);
        if force {
            self.file.persist(&path).map_err(|error| failed(error.error))?;
        } else {
            self.file.persist_noclobber(&path).map_err(|error| match error.error.kind() {
                std::io::ErrorKind::AlreadyExists => WorkbenchError::Exists(path.clone()),
                _ => failed(error.error),
            })?;
        }
        Ok(hex::encode(whole.finalize()))
    }
}

/// Writes a facts file out of facts that are there already: what [`super::collect_with`] does after reading. The file's
/// and the facts' own hashes in `by` do not count. Gives the file's SHA-256, hexadecimal.
///
/// # Errors
/// When the file exists and `force` is not set, or it cannot be written; then nothing is left.
pub fn write(
    path: &Path,
    by: &CollectedBy,
    os: &str,
    finished: &str,
    subjects: impl IntoIterator<Item = (Source, String, Result<Facts, String>)>,
    force: bool,
) -> Result<String, WorkbenchError> {
    let by = By {
        machine: by.machine.clone(),
        user: by.user.clone(),
        os: os.to_owned(),
        tool: by.tool.clone(),
        started: by.started.clone(),
        asked: by.asked.clone(),
        note: by.note.clone(),
    };
    let mut writer = Writer::begin(path, by, force)?;
    for (source, name, facts) in subjects {
        match facts {
            Ok(facts) => writer.facts(source, name, facts)?,
            Err(reason) => writer.unread(source, name, reason)?,
        };
    }
    writer.finish(finished, force)
}

/// The id of the engine that facts are about.
pub(super) fn engine_of(facts: &Facts) -> Option<String> {
    let id = facts.host.as_ref().and_then(|host| host.id.as_ref());
    id.or_else(|| facts.container.as_ref().and_then(|container| container.at.id.as_ref())).cloned()
}
