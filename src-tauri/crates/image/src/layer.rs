//! One layer in one streaming pass: its digests verified, its entries listed, its files looked into (`inspect`), a few
//! small ones kept.

use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::error::ImageError;
use crate::facts::Kind;
use crate::inspect::{Budget, Inspection, Inspector, Subject, TooMany, larger_than};
use crate::limits::Limits;
use crate::names;
use crate::problems::{Problems, capital};
use crate::store::{Blob, Opener};
use crate::stream::{Bomb, CHUNK, Compression, Stop, Stored, Unpacked, Watch};
use crate::tarball::{Member, Source, TarError, TarReader, Type};
use crate::tree::{Entry, resolve_hard_links};

/// Prefix of whiteouts, and of the markers among them that are no whiteouts (OCI image-spec, `layer.md`).
const WHITEOUT: &str = ".wh.";
const MARKER: &str = ".wh..wh.";
const OPAQUE: &str = ".wh..wh..opq";

/// Bytes of `security.capability` that are kept; Linux writes 20 or 24.
const CAPABILITY_BYTES: usize = 64;

/// What is to be read and what it must turn out to be.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// Index of the layer, 0 for the lowest.
    pub number: usize,
    /// “layer 2 of 5”.
    pub what: String,
    pub blob: Blob,
    /// The digest that the stored bytes must have, if one is listed.
    pub digest: Option<String>,
    pub diff_id: String,
}

/// By path: the bytes of files that were asked for, with the index of their entry (the last of that path).
pub(crate) type Kept = HashMap<Arc<str>, (u32, Vec<u8>)>;

/// What a layer turned out to be.
#[derive(Clone, Debug)]
pub(crate) struct Scan {
    pub digest: String,
    pub compression: Compression,
    /// Bytes of the uncompressed archive.
    pub size: u64,
    pub entries: Vec<Entry>,
    pub whiteouts: Vec<Arc<str>>,
    pub opaque: Vec<Arc<str>>,
    /// All entries of the archive, whiteouts too.
    pub count: u64,
    /// The files that were asked for.
    pub kept: Kept,
    /// What the files gave; empty when they were not to be looked into.
    pub inspection: Inspection,
    pub problems: Problems,
}

/// What to do with the files of a layer.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    /// Which paths' bytes to keep.
    pub keep: &'a (dyn Fn(&str) -> bool + Sync),
    /// Whether to look into all of them. Not when a layer is read for the second time.
    pub inspect: bool,
    pub budget: &'a Budget,
}

/// Reads a layer. Errors name the layer; `path` is what the caller opened, `opener` gives what is fetched meanwhile.
pub(crate) fn scan(
    path: &Path,
    job: &Job,
    limits: &Limits,
    files: Files<'_>,
    watch: &Watch<'_>,
    opener: &Opener<'_>,
) -> Result<Scan, ImageError> {
    let failure = Failure { path, job };
    let opened = job.blob.open(opener).and_then(sniff);
    let (compression, reader) = opened.map_err(|error| failure.broken(Broken::from(TarError::Io(error))))?;
    let count = AtomicU64::new(0);
    // The two digests of an uncompressed layer are the same one.
    let hashed = compression != Compression::None;
    let mut stored = Stored::new(reader, hashed, &count, watch, job.number);
    let bomb = Bomb { bytes: limits.layer_bytes, ratio: limits.ratio, free: limits.ratio_free_bytes };
    let (result, size, diff_id) = {
        let input = BufReader::with_capacity(CHUNK, &mut stored);
        let decoder: Box<dyn Read + '_> = match compression {
            Compression::None => Box::new(input),
            Compression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(input)),
            Compression::Zstd => {
                Box::new(zstd::stream::read::Decoder::with_buffer(input).map_err(|error| failure.io(error))?)
            }
            Compression::Foreign(word) => {
                return Err(ImageError::UnsupportedMediaType {
                    path: path.to_owned(),
                    what: capital(&job.what),
                    media_type: word.to_owned(),
                    hint: "save the image with gzip, zstd or uncompressed layers".to_owned(),
                });
            }
        };
        let mut unpacked = Unpacked::new(decoder, &count, bomb);
        let mut reader = Reader::new(job, limits, files, watch);
        let mut result = reader.run(&mut unpacked).map(|()| reader);
        if matches!(result, Err(Broken::Layer(_))) {
            // Changed bytes are a better reason than the nonsense that they make: read on for the digest.
            if let Err(error) = unpacked.drain() {
                result = Err(Broken::from(TarError::Io(error)));
            }
        }
        (result, unpacked.count, unpacked.digest())
    };
    let result = match result {
        Err(broken) if broken.is_final() => return Err(failure.broken(broken)),
        result => result,
    };
    stored.drain().map_err(|error| failure.broken(Broken::from(TarError::Io(error))))?;
    let unpacked_whole = !matches!(result, Err(Broken::Stream(_)));
    let digest = stored.digest().unwrap_or_else(|| diff_id.clone());
    if (hashed || unpacked_whole)
        && let Some(expected) = job.digest.as_ref().filter(|expected| **expected != digest)
    {
        return Err(ImageError::DigestMismatch {
            path: path.to_owned(),
            what: capital(&job.what),
            expected: expected.clone(),
            found: digest,
        });
    }
    if unpacked_whole && diff_id != job.diff_id {
        return Err(ImageError::DiffIdMismatch {
            path: path.to_owned(),
            what: capital(&job.what),
            expected: names::shown(&job.diff_id),
            found: diff_id,
        });
    }
    let mut reader = result.map_err(|broken| failure.broken(broken))?;
    for link in resolve_hard_links(&mut reader.entries) {
        reader.problems.count(&job.what, "hard links name a file that the layer does not hold", &link);
    }
    Ok(Scan {
        digest,
        compression,
        size,
        entries: reader.entries,
        whiteouts: reader.whiteouts,
        opaque: reader.opaque,
        count: reader.count,
        kept: reader.kept,
        inspection: reader.inspector.found,
        problems: reader.problems,
    })
}

/// Why a layer's archive was not read to its end.
enum Broken {
    /// Its structure is broken; the bytes themselves could be read.
    Layer(String),
    /// The bytes could not be read or unpacked.
    Stream(io::Error),
    Stop(Stop),
    Limit {
        what: &'static str,
        limit: u64,
        unit: &'static str,
    },
}

impl Broken {
    /// Whether reading on for the digests would be of no use.
    fn is_final(&self) -> bool {
        match self {
            Broken::Layer(_) => false,
            Broken::Stream(error) => error.raw_os_error().is_some(),
            Broken::Stop(_) | Broken::Limit { .. } => true,
        }
    }
}

/// How the blob is compressed, and its reader with the first bytes put back.
fn sniff<'a>(mut reader: Box<dyn Read + Send + 'a>) -> io::Result<(Compression, impl Read + 'a)> {
    let mut head = Vec::with_capacity(8);
    reader.by_ref().take(8).read_to_end(&mut head)?;
    Ok((Compression::sniff(&head), io::Cursor::new(head).chain(reader)))
}

impl From<TarError> for Broken {
    fn from(error: TarError) -> Self {
        match error {
            TarError::Truncated { offset, inside } => {
                Broken::Layer(format!("its archive ends after {offset} bytes in the middle of {inside}"))
            }
            TarError::Malformed { offset, reason } => {
                Broken::Layer(format!("its archive holds {reason} at byte {offset}"))
            }
            TarError::Io(error) => match Stop::of(&error) {
                Some(stop) => Broken::Stop(stop),
                None => Broken::Stream(error),
            },
        }
    }
}

/// Makes errors that name the layer.
struct Failure<'a> {
    path: &'a Path,
    job: &'a Job,
}

impl Failure<'_> {
    fn io(&self, source: io::Error) -> ImageError {
        let path = self.job.blob.file().unwrap_or(self.path).to_owned();
        ImageError::Io { path, source }
    }

    fn broken(&self, broken: Broken) -> ImageError {
        let path = self.path.to_owned();
        match broken {
            Broken::Layer(reason) => ImageError::BadLayer { path, what: capital(&self.job.what), reason },
            Broken::Stream(error) if error.raw_os_error().is_some() => self.io(error),
            Broken::Stream(error) => {
                ImageError::BadLayer { path, what: capital(&self.job.what), reason: names::shown(&error.to_string()) }
            }
            Broken::Stop(Stop::Cancelled | Stop::Superseded) => ImageError::Cancelled { path },
            Broken::Stop(Stop::Source(reason)) => {
                ImageError::Source { path, what: capital(&self.job.what), reason: names::shown(&reason) }
            }
            Broken::Stop(Stop::Limit { limit, unit }) => {
                ImageError::LimitExceeded { path, what: format!("{}, unpacked,", capital(&self.job.what)), limit, unit }
            }
            Broken::Limit { what, limit, unit } => {
                ImageError::LimitExceeded { path, what: what.to_owned(), limit, unit }
            }
        }
    }
}

/// Turns archive members into entries.
struct Reader<'a> {
    job: &'a Job,
    limits: &'a Limits,
    files: Files<'a>,
    watch: &'a Watch<'a>,
    inspector: Inspector<'a>,
    entries: Vec<Entry>,
    whiteouts: Vec<Arc<str>>,
    opaque: Vec<Arc<str>>,
    count: u64,
    kept: Kept,
    problems: Problems,
}

impl<'a> Reader<'a> {
    fn new(job: &'a Job, limits: &'a Limits, files: Files<'a>, watch: &'a Watch<'a>) -> Self {
        Reader {
            job,
            limits,
            files,
            watch,
            inspector: Inspector::new(limits, files.budget),
            entries: Vec::new(),
            whiteouts: Vec::new(),
            opaque: Vec::new(),
            count: 0,
            kept: HashMap::new(),
            problems: Problems::default(),
        }
    }

    fn run<R: Read>(&mut self, unpacked: &mut Unpacked<'_, R>) -> Result<(), Broken> {
        let mut tar = TarReader::new(BufReader::with_capacity(CHUNK, unpacked));
        while let Some(member) = tar.next()? {
            let (entries, bytes) = self.watch.entry(member.name.len().saturating_add(member.link.len()));
            if entries > self.limits.entries {
                let what = "The number of entries in the layers";
                return Err(Broken::Limit { what, limit: self.limits.entries, unit: "entries" });
            }
            if bytes > self.limits.names_bytes {
                let what = "The length of all names in the layers together";
                return Err(Broken::Limit { what, limit: self.limits.names_bytes, unit: "bytes" });
            }
            self.count += 1;
            if let Some(index) = self.member(&member)? {
                self.file(&mut tar, &member, index)?;
            }
        }
        let notes = tar.notes;
        let what = capital(&self.job.what);
        if notes.no_padding {
            self.problems.say(format!("{what}: the archive's last file is not filled up to a block."));
        }
        if notes.no_end {
            self.problems.say(format!("{what}: the archive has no end-of-archive blocks."));
        }
        if notes.lone_zero {
            self.problems.say(format!("{what}: a zero block stands between entries, some tools stop reading there."));
        }
        if notes.global {
            self.problems
                .say(format!("{what}: a global PAX header was not applied, as container runtimes do not either."));
        }
        let trailing = {
            let mut rest = tar.into_inner();
            let buffered = rest.buffer().iter().any(|&byte| byte != 0);
            rest.consume(rest.buffer().len());
            rest.into_inner().drain().map_err(TarError::from)? || buffered
        };
        if trailing {
            self.problems.say(format!("{what}: bytes that are not zero follow the end of the archive."));
        }
        Ok(())
    }

    /// Looks into a regular file while its bytes stream past, and keeps them if they were asked for.
    fn file<S: Source + BufRead>(&mut self, tar: &mut TarReader<S>, member: &Member, index: u32) -> Result<(), Broken> {
        let Some(entry) = self.entries.get_mut(index as usize) else { return Ok(()) };
        let mut kept = None;
        if (self.files.keep)(&entry.path) {
            if member.stored > self.limits.small_file_bytes || member.sparse {
                let what = "files that should be read are too large or sparse";
                self.problems.count(&self.job.what, what, &entry.path);
                let reason =
                    if member.sparse { "it is sparse".to_owned() } else { larger_than(self.limits.small_file_bytes) };
                self.inspector.found.skip(index, "accounts", reason);
            } else if self.files.budget.keep(member.stored) > self.limits.account_bytes {
                let what = "The length of all account files in the layers together";
                return Err(Broken::Limit { what, limit: self.limits.account_bytes, unit: "bytes" });
            } else {
                kept = Some(Vec::new());
            }
        }
        if self.files.inspect {
            let of = Subject {
                path: &entry.path,
                stored: member.stored,
                size: member.size,
                sparse: member.sparse,
                executable: member.mode & 0o111 != 0,
            };
            let mut looking = self.inspector.begin(index, of);
            tar.pass(&mut |bytes| {
                looking.push(bytes);
                if let Some(kept) = &mut kept {
                    kept.extend_from_slice(bytes);
                }
            })?;
            entry.magic = looking.end().map_err(|TooMany(limit)| Broken::Limit {
                what: "The number of packages and of their files in the layers",
                limit,
                unit: "records",
            })?;
        } else if let Some(kept) = &mut kept {
            tar.pass(&mut |bytes| kept.extend_from_slice(bytes))?;
        }
        if let Some(kept) = kept {
            self.kept.insert(entry.path.clone(), (index, kept));
        }
        Ok(())
    }

    /// Notes one member. Returns the index of its entry when it is a regular file.
    fn member(&mut self, member: &Member) -> Result<Option<u32>, Broken> {
        let job = self.job;
        let what = job.what.as_str();
        if member.name.len() > self.limits.path_bytes || member.link.len() > self.limits.path_bytes {
            return Err(Broken::Limit {
                what: "The length of a path in a layer",
                limit: self.limits.path_bytes as u64,
                unit: "bytes",
            });
        }
        let (path, odd) = names::clean(&member.name);
        let raw = || names::to_text(&member.name).0;
        let oddities = [
            (odd.leaves, "names climb out of the image with “..”, which container runtimes refuse"),
            (odd.climbs && !odd.leaves, "names hold “..”"),
            (odd.absolute, "names begin with “/”"),
            (odd.not_utf8, "names are not UTF-8, their other bytes are shown as \\xNN"),
        ];
        for (_, kind) in oddities.iter().filter(|(is, _)| *is) {
            self.problems.count(what, kind, &raw());
        }
        if odd.empty {
            self.problems.count(what, "entries without a name were left out", "an empty name");
            return Ok(None);
        }
        let kind = match member.kind {
            Type::File => Kind::File,
            Type::Directory => Kind::Directory,
            Type::Symlink => Kind::Symlink,
            Type::HardLink => Kind::HardLink,
            Type::Char => Kind::CharDevice,
            Type::Block => Kind::BlockDevice,
            Type::Fifo => Kind::Fifo,
            Type::Other(_) => {
                self.problems.count(what, "entries of a type that no runtime extracts were left out", &raw());
                return Ok(None);
            }
        };
        let Some((dir, name)) = names::split(&path) else {
            if kind != Kind::Directory {
                self.problems.count(what, "entries for the root that are no directory were left out", &raw());
                return Ok(None);
            }
            self.entries.push(entry(Arc::from(path), kind, member));
            return Ok(None);
        };
        if name == OPAQUE {
            self.opaque.push(Arc::from(dir));
            return Ok(None);
        }
        if let Some(marker) = name.strip_prefix(MARKER) {
            self.problems.count(what, "whiteout markers of an unknown kind were left out", marker);
            return Ok(None);
        }
        if let Some(removed) = name.strip_prefix(WHITEOUT) {
            if matches!(removed, "" | "." | "..") {
                self.problems.count(what, "whiteouts that name nothing were left out", &raw());
            } else {
                self.whiteouts.push(Arc::from(names::join(dir, removed)));
            }
            return Ok(None);
        }
        if member.sparse {
            self.problems.count(what, "sparse files, which some tools cannot unpack", &path);
        }
        let index = u32::try_from(self.entries.len()).ok();
        if member.capability.as_ref().is_some_and(|bytes| bytes.len() > CAPABILITY_BYTES) {
            self.problems.count(what, "file capabilities are longer than any that exist, and were cut", &path);
        }
        let path: Arc<str> = Arc::from(path);
        let mut entry = entry(path, kind, member);
        if matches!(kind, Kind::Symlink | Kind::HardLink) {
            let (link, link_not_utf8) = names::to_text(&member.link);
            if link_not_utf8 {
                self.problems.count(what, "link targets are not UTF-8, their other bytes are shown as \\xNN", &link);
            }
            if kind == Kind::HardLink {
                let (link, odd) = names::clean(&member.link);
                if odd.leaves {
                    self.problems.count(what, "hard links climb out of the image with “..”", &link);
                }
                entry.link = Some(link.into());
            } else {
                entry.link = Some(link.into());
            }
        }
        self.entries.push(entry);
        Ok(index.filter(|_| kind == Kind::File))
    }
}

fn entry(path: Arc<str>, kind: Kind, member: &Member) -> Entry {
    Entry {
        path,
        kind,
        size: if kind == Kind::File { member.size } else { 0 },
        mode: member.mode,
        uid: member.uid,
        gid: member.gid,
        mtime: member.mtime,
        link: None,
        target: None,
        capabilities: member
            .capability
            .as_ref()
            .map(|bytes| hex::encode(bytes.get(..CAPABILITY_BYTES).unwrap_or(bytes)).into()),
        magic: None,
        package: None,
        hidden: None,
    }
}
