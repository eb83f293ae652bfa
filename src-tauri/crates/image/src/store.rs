//! Where blobs lie: members of a tar archive, indexed once, files of a layout's directory, or in memory and at a registry.

use std::collections::{HashMap, HashSet};
use std::fs::{self, File};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tempfile::TempPath;

use crate::error::ImageError;
use crate::facts::Transport;
use crate::hooks::Hooks;
use crate::limits::Limits;
use crate::names;
use crate::problems::Problems;
use crate::stream::{Bomb, CHUNK, Compression, Stop, Stored, Unpacked, Watch};
use crate::tarball::{Source, TarError, TarReader, Type};

/// A run of bytes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Blob {
    pub at: At,
    pub length: u64,
}

/// Where a run of bytes is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum At {
    /// In a file on disk, from this byte on.
    File { file: PathBuf, offset: u64 },
    /// In memory.
    Held(Arc<[u8]>),
    /// Fetched while it is read: the blob with this digest.
    Streamed(String),
}

/// Gives the bytes of the blob with a digest, from its first.
pub(crate) type Opener<'a> = dyn Fn(&str) -> io::Result<Box<dyn Read + Send>> + Sync + 'a;

/// For what holds no streamed blobs.
pub(crate) fn nothing_streamed(_: &str) -> io::Result<Box<dyn Read + Send>> {
    Err(io::Error::other("nothing is fetched here"))
}

impl Blob {
    /// The file on disk, if there is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.at {
            At::File { file, .. } => Some(file),
            At::Held(_) | At::Streamed(_) => None,
        }
    }

    /// Opens it at its first byte. A file ends where the blob does; what is streamed tells for itself.
    pub(crate) fn open<'a>(&self, opener: &Opener<'a>) -> io::Result<Box<dyn Read + Send + 'a>> {
        match &self.at {
            At::File { file, offset } => {
                let mut file = File::open(file)?;
                file.seek(SeekFrom::Start(*offset))?;
                Ok(Box::new(file.take(self.length)))
            }
            At::Held(bytes) => Ok(Box::new(io::Cursor::new(Arc::clone(bytes)))),
            At::Streamed(digest) => {
                let told = |error: io::Error| Stop::Source(error.to_string()).into_io();
                Ok(Box::new(Told(opener(digest).map_err(told)?)))
            }
        }
    }
}

/// Marks the errors of a source of ours, so that no decoder's are taken for them.
struct Told<R>(R);

impl<R: Read> Read for Told<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer).map_err(|error| match error.kind() {
            io::ErrorKind::Interrupted => error,
            _ => Stop::Source(error.to_string()).into_io(),
        })
    }
}

/// A member of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Bytes {
        offset: u64,
        length: u64,
    },
    /// A link, resolved by names; `None` if it leaves the archive.
    Link(Option<String>),
    /// In memory.
    Held(Arc<[u8]>),
    /// Fetched when it is read.
    Streamed {
        digest: String,
        length: u64,
    },
}

/// What stands in for a layout while an image is fetched: its small documents by digest, its layers' digests and sizes.
pub(crate) struct Parts<'a> {
    pub index: Vec<u8>,
    pub documents: &'a [(String, Vec<u8>)],
    pub layers: &'a [(String, u64)],
}

/// An opened archive or layout.
pub(crate) struct Store {
    /// What the caller named.
    pub path: PathBuf,
    /// What is read: the same, or the unpacked copy of a compressed archive.
    file: PathBuf,
    /// The archive's members by clean absolute name; `None` for a directory.
    members: Option<HashMap<String, Place>>,
    link_depth: usize,
    /// Oddities of the archive itself.
    pub problems: Problems,
    /// Keeps the unpacked copy until the store goes.
    _unpacked: Option<TempPath>,
}

impl Store {
    /// Opens what `path` names, as `transport` asks.
    pub(crate) fn open(
        transport: Transport,
        path: &Path,
        limits: &Limits,
        hooks: &dyn Hooks,
    ) -> Result<Store, ImageError> {
        let path_buf = path.to_owned();
        let meta = fs::metadata(path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ImageError::NotFound { path: path.to_owned() },
            _ => ImageError::Io { path: path.to_owned(), source },
        })?;
        if transport == Transport::Registry {
            return Err(ImageError::AtRegistry { path: path_buf });
        }
        let link_depth = limits.link_depth;
        if transport == Transport::OciLayout {
            if !meta.is_dir() {
                return Err(ImageError::NotDirectory { path: path_buf });
            }
            return Ok(Store {
                file: path_buf.clone(),
                path: path_buf,
                members: None,
                link_depth,
                problems: Problems::default(),
                _unpacked: None,
            });
        }
        if meta.is_dir() {
            return Err(ImageError::IsDirectory { path: path_buf, transport });
        }
        if !meta.is_file() {
            return Err(ImageError::NotRegular { path: path_buf });
        }
        let unpacked = unpack(path, limits, hooks)?;
        let file = unpacked.as_ref().map_or_else(|| path_buf.clone(), |temporary| temporary.to_path_buf());
        let mut problems = Problems::default();
        let members = index(path, &file, limits, hooks, &mut problems)?;
        Ok(Store { path: path_buf, file, members: Some(members), link_depth, problems, _unpacked: unpacked })
    }

    /// A layout whose documents are in memory, and whose layers are fetched when they are read. `path` is for errors.
    pub(crate) fn streamed(path: &Path, parts: &Parts<'_>, limits: &Limits) -> Store {
        let at = |digest: &str| format!("/blobs/{}", digest.replacen(':', "/", 1));
        let mut members: HashMap<String, Place> = HashMap::new();
        for (digest, length) in parts.layers {
            members.insert(at(digest), Place::Streamed { digest: digest.clone(), length: *length });
        }
        for (digest, bytes) in parts.documents {
            members.insert(at(digest), Place::Held(bytes.as_slice().into()));
        }
        members.insert("/index.json".to_owned(), Place::Held(parts.index.as_slice().into()));
        members.insert("/oci-layout".to_owned(), Place::Held(Arc::from(&b"{}"[..])));
        Store {
            path: path.to_owned(),
            file: path.to_owned(),
            members: Some(members),
            link_depth: limits.link_depth,
            problems: Problems::default(),
            _unpacked: None,
        }
    }

    /// The file called `name` (relative, `blobs/sha256/…`), links inside the archive followed. `None`: not there.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Blob>, ImageError> {
        let (mut at, odd) = names::clean(name.as_bytes());
        if odd.leaves || odd.climbs || odd.absolute {
            return Err(self.leaves(name));
        }
        let Some(members) = &self.members else {
            return self.find_on_disk(name);
        };
        for _ in 0..=self.link_depth {
            match members.get(&at) {
                None => return Ok(None),
                Some(Place::Bytes { offset, length }) => {
                    let at = At::File { file: self.file.clone(), offset: *offset };
                    return Ok(Some(Blob { at, length: *length }));
                }
                Some(Place::Link(Some(target))) => at.clone_from(target),
                Some(Place::Held(bytes)) => {
                    return Ok(Some(Blob { at: At::Held(Arc::clone(bytes)), length: bytes.len() as u64 }));
                }
                Some(Place::Streamed { digest, length }) => {
                    return Ok(Some(Blob { at: At::Streamed(digest.clone()), length: *length }));
                }
                Some(Place::Link(None)) => return Err(self.leaves(&at)),
            }
        }
        Err(ImageError::LimitExceeded {
            path: self.path.clone(),
            what: format!("The chain of links from “{}”", names::shown(name)),
            limit: self.link_depth as u64,
            unit: "links",
        })
    }

    fn find_on_disk(&self, name: &str) -> Result<Option<Blob>, ImageError> {
        let file = self.file.join(name);
        match fs::metadata(&file) {
            Ok(meta) if meta.is_file() => Ok(Some(Blob { at: At::File { file, offset: 0 }, length: meta.len() })),
            Ok(_) => Err(ImageError::NotRegular { path: file }),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(ImageError::Io { path: file, source }),
        }
    }

    fn leaves(&self, name: &str) -> ImageError {
        ImageError::LeavesArchive { path: self.path.clone(), member: names::shown(name) }
    }

    /// The bytes of a small blob; `what` and `limit` are for the error.
    pub(crate) fn small(&self, blob: &Blob, limit: u64, what: &str) -> Result<Vec<u8>, ImageError> {
        if blob.length > limit {
            let what = crate::problems::capital(what);
            return Err(ImageError::LimitExceeded { path: self.path.clone(), what, limit, unit: "bytes" });
        }
        let mut bytes = Vec::new();
        let read = blob.open(&nothing_streamed).and_then(|mut reader| reader.read_to_end(&mut bytes));
        let file = blob.file().unwrap_or(&self.path);
        read.map(|_| bytes).map_err(|source| ImageError::Io { path: file.to_owned(), source })
    }

    /// Digests and sizes of the stored blobs, sorted, and whether there are more than `most`, which are left out.
    pub(crate) fn stored(&self, most: usize) -> Result<(Vec<(String, u64)>, bool), ImageError> {
        let mut found = Vec::new();
        let mut more = false;
        let mut take = |hex: &str, length: u64| {
            if !crate::plan::is_hex(hex) {
                return true;
            }
            more = found.len() >= most;
            if !more {
                found.push((format!("sha256:{hex}"), length));
            }
            !more
        };
        match &self.members {
            Some(members) => {
                let mut names: Vec<&String> = members.keys().collect();
                names.sort_unstable();
                for name in names {
                    let Some(hex) = name.strip_prefix("/blobs/sha256/") else { continue };
                    let Ok(Some(blob)) = self.find(&format!("blobs/sha256/{hex}")) else { continue };
                    if !take(hex, blob.length) {
                        break;
                    }
                }
            }
            None => {
                let folder = self.file.join("blobs/sha256");
                let io = |source| ImageError::Io { path: folder.clone(), source };
                for entry in fs::read_dir(&folder).map_err(io)? {
                    let entry = entry.map_err(io)?;
                    let Some(hex) = entry.file_name().to_str().map(str::to_owned) else { continue };
                    let Ok(meta) = entry.metadata() else { continue };
                    if meta.is_file() && !take(&hex, meta.len()) {
                        break;
                    }
                }
            }
        }
        found.sort_unstable();
        Ok((found, more))
    }

    /// Whether the archive looks like the root file system of a container (`docker export`).
    pub(crate) fn is_root_file_system(&self) -> bool {
        let is_top = |name: &str| name.starts_with("/etc/") || name.starts_with("/usr/") || name.starts_with("/bin/");
        self.members.as_ref().is_some_and(|members| members.keys().any(|name| is_top(name)))
    }
}

/// Unpacks an archive that is itself compressed into a temporary file; `None` if it is not.
fn unpack(path: &Path, limits: &Limits, hooks: &dyn Hooks) -> Result<Option<TempPath>, ImageError> {
    let io = |source| ImageError::Io { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(io)?;
    let mut head = Vec::with_capacity(8);
    Read::by_ref(&mut file).take(8).read_to_end(&mut head).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let compression = Compression::sniff(&head);
    if let Compression::Foreign(word) = compression {
        return Err(ImageError::NotTar {
            path: path.to_owned(),
            reason: format!("it is compressed with {word}, which has to be unpacked first"),
        });
    }
    if compression == Compression::None {
        return Ok(None);
    }
    // Progress belongs to the layers; here the hooks are polled for cancellation alone.
    struct Quiet<'a>(&'a dyn Hooks);
    impl Hooks for Quiet<'_> {
        fn cancelled(&self) -> bool {
            self.0.cancelled()
        }
    }
    let quiet = Quiet(hooks);
    let watch = Watch::new(&quiet, 0);
    let count = AtomicU64::new(0);
    let stored = Stored::new(file, false, &count, &watch, 0);
    let input = BufReader::with_capacity(CHUNK, stored);
    let decoder: Box<dyn Read + '_> = match compression {
        Compression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(input).map_err(io)?),
        _ => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
    };
    let bomb = Bomb { bytes: limits.archive_bytes, ratio: limits.ratio, free: limits.ratio_free_bytes };
    let mut unpacked = Unpacked::new(decoder, &count, bomb);
    let mut temporary = tempfile::Builder::new().prefix("plimsoll-image-").tempfile().map_err(|source| {
        let temporary = std::env::temp_dir();
        ImageError::NoRoom { path: path.to_owned(), temporary, source }
    })?;
    let mut buffer = vec![0u8; CHUNK];
    loop {
        let read = match unpacked.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => {
                return Err(match Stop::of(&error) {
                    Some(Stop::Limit { limit, unit }) => ImageError::LimitExceeded {
                        path: path.to_owned(),
                        what: "The unpacked archive".to_owned(),
                        limit,
                        unit,
                    },
                    Some(_) => ImageError::Cancelled { path: path.to_owned() },
                    None if error.raw_os_error().is_some() => io(error),
                    None => ImageError::BadCompression { path: path.to_owned(), reason: error.to_string() },
                });
            }
        };
        let bytes = buffer.get(..read).unwrap_or_default();
        temporary.write_all(bytes).map_err(|source| {
            let temporary = temporary.path().to_owned();
            ImageError::NoRoom { path: path.to_owned(), temporary, source }
        })?;
    }
    Ok(Some(temporary.into_temp_path()))
}

/// A file read forward, bodies passed over by seeking.
struct Seeking {
    file: BufReader<File>,
    at: u64,
    length: u64,
}

impl Read for Seeking {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

impl Source for Seeking {
    fn skip(&mut self, count: u64) -> io::Result<u64> {
        let step = count.min(self.length.saturating_sub(self.at));
        // A file longer than i64::MAX does not exist.
        self.file.seek_relative(i64::try_from(step).unwrap_or(i64::MAX))?;
        self.at = self.at.saturating_add(step);
        Ok(step)
    }
}

/// One pass over the archive's headers. `path` is for errors, `file` is read.
fn index(
    path: &Path,
    file: &Path,
    limits: &Limits,
    hooks: &dyn Hooks,
    problems: &mut Problems,
) -> Result<HashMap<String, Place>, ImageError> {
    let io = |source| ImageError::Io { path: path.to_owned(), source };
    let opened = File::open(file).map_err(io)?;
    let length = opened.metadata().map_err(io)?.len();
    if length == 0 {
        return Err(ImageError::NotTar { path: path.to_owned(), reason: "it is empty".to_owned() });
    }
    let mut tar = TarReader::new(Seeking { file: BufReader::with_capacity(8 * 1024, opened), at: 0, length });
    let mut members = HashMap::new();
    let mut count = 0u64;
    while let Some(member) = tar.next().map_err(|error| tar_error(path, error, count))? {
        count += 1;
        if count > limits.entries {
            return Err(ImageError::LimitExceeded {
                path: path.to_owned(),
                what: "The number of members of the archive".to_owned(),
                limit: limits.entries,
                unit: "members",
            });
        }
        if count.is_multiple_of(1024) && hooks.cancelled() {
            return Err(ImageError::Cancelled { path: path.to_owned() });
        }
        if member.name.len() > limits.path_bytes || member.link.len() > limits.path_bytes {
            return Err(ImageError::LimitExceeded {
                path: path.to_owned(),
                what: "The length of a member's name".to_owned(),
                limit: limits.path_bytes as u64,
                unit: "bytes",
            });
        }
        let (name, odd) = names::clean(&member.name);
        if odd.climbs || odd.absolute {
            let member = names::shown(&names::to_text(&member.name).0);
            return Err(ImageError::LeavesArchive { path: path.to_owned(), member });
        }
        let place = match member.kind {
            Type::File if !member.sparse => Place::Bytes { offset: member.offset, length: member.stored },
            Type::Symlink => {
                let dir = names::split(&name).map_or("/", |(dir, _)| dir);
                let (target, leaves) = names::resolve(dir, &names::to_text(&member.link).0);
                Place::Link((!leaves && !member.link.starts_with(b"/")).then_some(target))
            }
            Type::HardLink => {
                let (target, odd) = names::clean(&member.link);
                Place::Link((!odd.leaves && !odd.absolute).then_some(target))
            }
            _ => continue,
        };
        members.insert(name, place);
    }
    if count == 0 {
        return Err(ImageError::NotTar { path: path.to_owned(), reason: "it holds no members".to_owned() });
    }
    if tar.notes.no_end {
        problems.say(
            "The archive has no end-of-archive blocks: it may have been cut, but all that it lists is there."
                .to_owned(),
        );
    }
    Ok(members)
}

fn tar_error(path: &Path, error: TarError, members: u64) -> ImageError {
    let path = path.to_owned();
    match error {
        // Nothing of it was a tar archive: it is not one that was cut.
        TarError::Truncated { .. } if members == 0 => {
            ImageError::NotTar { path, reason: "it ends before its first member does".to_owned() }
        }
        TarError::Truncated { offset, inside } => ImageError::Truncated { path, offset, inside },
        TarError::Malformed { offset: 0, .. } => {
            ImageError::NotTar { path, reason: "it does not begin with a tar header".to_owned() }
        }
        TarError::Malformed { offset, reason } => {
            ImageError::NotTar { path, reason: format!("it holds {reason} at byte {offset}") }
        }
        TarError::Io(source) => ImageError::Io { path, source },
    }
}

/// The distinct blobs among `blobs`, and their bytes together.
pub(crate) fn total<'a>(blobs: impl Iterator<Item = &'a Blob>) -> u64 {
    let mut seen = HashSet::new();
    blobs.filter(|blob| seen.insert(*blob)).fold(0, |sum, blob| sum.saturating_add(blob.length))
}
