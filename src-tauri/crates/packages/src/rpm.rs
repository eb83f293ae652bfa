//! rpm: headers to packages, whichever of the three databases they come from.
//!
//! A header is an index of tags and a store of values (rpm's `docs/manual/format_header.md`); in a database it has no
//! magic. `gpg-pubkey` entries are keys that rpm keeps among its packages; they are no packages and are left out.

use crate::build::{Builder, clip, is_name, u16_be, u32_be};
use crate::model::{Ecosystem, Owned, Package, PackageError, Part};
use crate::needs::Needs;
use crate::{rpm_bdb, rpm_ndb, rpm_sqlite};

const NAME: u32 = 1000;
const VERSION: u32 = 1001;
const RELEASE: u32 = 1002;
const EPOCH: u32 = 1003;
const SIZE: u32 = 1009;
const VENDOR: u32 = 1011;
const LICENSE: u32 = 1014;
const GROUP: u32 = 1016;
const ARCH: u32 = 1022;
const FILE_MODES: u32 = 1030;
const SOURCE_RPM: u32 = 1044;
const PROVIDE_NAME: u32 = 1047;
const REQUIRE_NAME: u32 = 1049;
const DIR_INDEXES: u32 = 1116;
const BASE_NAMES: u32 = 1117;
const DIR_NAMES: u32 = 1118;
const LONG_SIZE: u32 = 5009;
const MODULARITY_LABEL: u32 = 5096;

const INT16: u32 = 3;
const INT32: u32 = 4;
const INT64: u32 = 5;
const STRING: u32 = 6;
const STRING_ARRAY: u32 = 8;
const I18N_STRING: u32 = 9;

/// rpm itself takes no header with more tags.
const MAX_TAGS: u32 = 0xffff;

/// Takes one header after the other.
pub(crate) type Sink<'s> = dyn FnMut(&[u8]) -> Result<(), PackageError> + 's;

/// Reads `rpmdb.sqlite`.
pub(crate) fn read_sqlite(bytes: &[u8]) -> Result<Part, PackageError> {
    read(|sink| rpm_sqlite::headers(bytes, sink))
}

/// Reads `Packages.db`.
pub(crate) fn read_ndb(bytes: &[u8]) -> Result<Part, PackageError> {
    read(|sink| rpm_ndb::headers(bytes, sink))
}

/// Reads `Packages`.
pub(crate) fn read_bdb(bytes: &[u8]) -> Result<Part, PackageError> {
    read(|sink| rpm_bdb::headers(bytes, sink))
}

/// `rpmdb.sqlite-wal`: what was written and not yet moved to the database. rpm moves it when it closes the database, so
/// one with content is a sign of a build that was torn off.
pub(crate) fn read_wal(bytes: &[u8]) -> Part {
    let mut part = Part::default();
    if !bytes.is_empty() {
        part.problems.push("The database's log has changes that were not read; packages may be missing.".to_owned());
    }
    part
}

fn read(headers: impl FnOnce(&mut Sink<'_>) -> Result<(), PackageError>) -> Result<Part, PackageError> {
    let mut builder = Builder::default();
    let mut needs = Needs::default();
    // Files are kept apart from `Part::owned` by the index of their package until needs are resolved.
    let mut owners: Vec<usize> = Vec::new();
    headers(&mut |blob| {
        let Some(header) = Header::parse(blob) else {
            builder.problem("headers of packages cannot be read", "");
            return Ok(());
        };
        let Some(package) = package(&header) else {
            builder.problem("headers have no proper name, version and release", "");
            return Ok(());
        };
        if package.name == "gpg-pubkey" {
            return Ok(());
        }
        let version = package.version.clone();
        let (name, architecture) = (package.name.clone(), package.architecture.as_deref().and_then(clip));
        if !builder.push(package)? {
            return Ok(());
        }
        needs.package(
            header.strings(PROVIDE_NAME),
            header.strings(REQUIRE_NAME).filter(|name| !name.starts_with("rpmlib(") && !name.starts_with('(')),
        );
        let paths = files(&header, &mut builder)?;
        if !paths.is_empty() {
            owners.push(builder.part().packages.len() - 1);
            builder.own(Owned { package: name, version: Some(version), architecture, paths });
        }
        Ok(())
    })?;
    let part = builder.part();
    let owned = owners.iter().zip(&part.owned);
    let owned = owned.flat_map(|(&index, owned)| owned.paths.iter().map(move |path| (index, path.as_str())));
    if !needs.resolve(&mut part.packages, owned) {
        builder.problem("packages have so many needs that some are left out", "");
    }
    let part = builder.finish();
    if part.packages.is_empty()
        && let Some(problem) = part.problems.first()
    {
        return Err(PackageError::Malformed { what: "rpm database", reason: problem.trim_end_matches('.').to_owned() });
    }
    Ok(part)
}

fn package(header: &Header<'_>) -> Option<Package> {
    let name = header.string(NAME).filter(|name| is_name(name))?;
    let version = header.string(VERSION).filter(|version| is_name(version))?;
    let release = header.string(RELEASE).filter(|release| is_name(release))?;
    let plain = format!("{version}-{release}");
    let full = match header.int32(EPOCH) {
        Some(epoch) if epoch > 0 => format!("{epoch}:{plain}"),
        _ => plain.clone(),
    };
    let mut package = Package::new(Ecosystem::Rpm, name.into_owned(), full);
    package.architecture = header.text(ARCH);
    package.licence = header.text(LICENSE);
    package.vendor = header.text(VENDOR);
    package.module = header.string(MODULARITY_LABEL).and_then(|label| stream_of(&label));
    package.section = header.text(GROUP).filter(|group| group != "Unspecified");
    package.installed_size = header.int64(LONG_SIZE).or_else(|| header.int32(SIZE).map(u64::from));
    if let Some(source) = header.string(SOURCE_RPM)
        && let Some((name, version)) = source_of(&source)
    {
        // The file's name has no epoch, so a source package that differs in it alone looks the same.
        package.set_source(name, Some(&version), &plain);
    }
    Some(package)
}

/// The stream of a modularity label: `nodejs:18` of `nodejs:18:8090020240101:abcd`.
fn stream_of(label: &str) -> Option<String> {
    let mut parts = label.split(':');
    let (name, stream) = (parts.next()?, parts.next()?);
    (is_name(name) && is_name(stream)).then(|| format!("{name}:{stream}"))
}

/// Reads `container-manifest-2`, in which small images keep what `rpm -qa` said when they were made: name, version with
/// release, two times, vendor, epoch, size, architecture, epoch again, source package; with tabs between.
pub(crate) fn read_manifest(bytes: &[u8]) -> Result<Part, PackageError> {
    let text = String::from_utf8_lossy(bytes);
    let mut builder = Builder::default();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let fields: Vec<&str> = line.split('\t').map(str::trim).collect();
        let field = |at: usize| fields.get(at).copied().filter(|text| !text.is_empty() && *text != "(none)");
        let (Some(name), Some(plain)) = (field(0), field(1).filter(|version| version.contains('-'))) else {
            builder.problem("lines are no packages", line);
            continue;
        };
        if name == "gpg-pubkey" {
            continue;
        }
        let full = match field(8).or_else(|| field(5)).and_then(|epoch| epoch.parse::<u32>().ok()) {
            Some(epoch) if epoch > 0 => format!("{epoch}:{plain}"),
            _ => plain.to_owned(),
        };
        let mut package = Package::new(Ecosystem::Rpm, name.to_owned(), full);
        package.vendor = field(4).map(str::to_owned);
        package.installed_size = field(6).and_then(|size| size.parse().ok());
        package.architecture = field(7).map(str::to_owned);
        if let Some((name, version)) = field(9).and_then(source_of) {
            package.set_source(name, Some(&version), plain);
        }
        builder.push(package)?;
    }
    let part = builder.finish();
    if part.packages.is_empty() && !text.trim().is_empty() {
        let reason = "no line in it is a package".to_owned();
        return Err(PackageError::Malformed { what: "manifest of rpm packages", reason });
    }
    Ok(part)
}

/// `openssl-3.0.7-1.el9.src.rpm` as a name and a version.
fn source_of(file: &str) -> Option<(&str, String)> {
    let stem = file.strip_suffix(".src.rpm").or_else(|| file.strip_suffix(".nosrc.rpm"))?;
    let (rest, release) = stem.rsplit_once('-')?;
    let (name, version) = rest.rsplit_once('-')?;
    let version = format!("{version}-{release}");
    (is_name(name) && is_name(&version)).then_some((name, version))
}

/// The package's files. Directories are left out: they are shared.
fn files(header: &Header<'_>, builder: &mut Builder) -> Result<Vec<String>, PackageError> {
    const KIND: u16 = 0o170_000;
    const DIRECTORY: u16 = 0o040_000;
    let directories: Vec<&str> = header.strings(DIR_NAMES).collect();
    let mut indexes = header.numbers(DIR_INDEXES, INT32, 4);
    let mut modes = header.numbers(FILE_MODES, INT16, 2);
    let mut paths = Vec::new();
    for base in header.strings(BASE_NAMES) {
        let index = indexes.next().and_then(|bytes| u32_be(bytes, 0));
        let mode = modes.next().and_then(|bytes| u16_be(bytes, 0));
        let Some(directory) = index.and_then(|index| directories.get(index as usize)) else {
            builder.problem("files of packages are in no directory that is listed", base);
            continue;
        };
        if mode.is_some_and(|mode| mode & KIND == DIRECTORY) {
            continue;
        }
        if builder.afford_path(directory.len() + base.len())? {
            paths.push(format!("{directory}{base}"));
        }
    }
    Ok(paths)
}

/// A header whose index lies within its bytes.
struct Header<'a> {
    index: &'a [u8],
    store: &'a [u8],
}

impl<'a> Header<'a> {
    fn parse(blob: &'a [u8]) -> Option<Header<'a>> {
        let tags = u32_be(blob, 0).filter(|tags| (1..=MAX_TAGS).contains(tags))?;
        let store = u32_be(blob, 4)? as usize;
        let (index, rest) = blob.get(8..)?.split_at_checked(tags as usize * 16)?;
        Some(Header { index, store: rest.get(..store)? })
    }

    /// Type, count and bytes from the value's start to the store's end.
    fn find(&self, tag: u32) -> Option<(u32, usize, &'a [u8])> {
        let entry = self.index.chunks_exact(16).find(|entry| u32_be(entry, 0) == Some(tag))?;
        let store = self.store.get(u32_be(entry, 8)? as usize..)?;
        Some((u32_be(entry, 4)?, u32_be(entry, 12)? as usize, store))
    }

    /// The texts of a tag. One that is not UTF-8 becomes an empty one, so that lists stay in step.
    fn strings(&self, tag: u32) -> impl Iterator<Item = &'a str> + use<'a> {
        let (count, mut rest) = match self.find(tag) {
            Some((STRING_ARRAY, count, store)) => (count, store),
            Some((STRING | I18N_STRING, _, store)) => (1, store),
            _ => (0, [].as_slice()),
        };
        // Each text takes a byte at least, so a count that lies ends with the store.
        (0..count).map_while(move |_| {
            let end = rest.iter().position(|&byte| byte == 0)?;
            let text = rest.get(..end)?;
            rest = rest.get(end + 1..)?;
            Some(std::str::from_utf8(text).unwrap_or_default())
        })
    }

    fn string(&self, tag: u32) -> Option<std::borrow::Cow<'a, str>> {
        match self.find(tag)? {
            (STRING | STRING_ARRAY | I18N_STRING, 1.., store) => {
                let end = store.iter().position(|&byte| byte == 0)?;
                Some(String::from_utf8_lossy(store.get(..end)?))
            }
            _ => None,
        }
    }

    fn text(&self, tag: u32) -> Option<String> {
        self.string(tag).and_then(|text| clip(&text))
    }

    /// The numbers of a tag as bytes, `width` each.
    fn numbers(&self, tag: u32, of: u32, width: usize) -> impl Iterator<Item = &'a [u8]> + use<'a> {
        let (count, store) = match self.find(tag) {
            Some((kind, count, store)) if kind == of => (count, store),
            _ => (0, [].as_slice()),
        };
        store.chunks_exact(width).take(count)
    }

    fn int32(&self, tag: u32) -> Option<u32> {
        u32_be(self.numbers(tag, INT32, 4).next()?, 0)
    }

    fn int64(&self, tag: u32) -> Option<u64> {
        Some(u64::from_be_bytes(self.numbers(tag, INT64, 8).next()?.try_into().ok()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_modularity_label_tells_the_stream() {
        assert_eq!(stream_of("nodejs:18:8090020240101:abcd").as_deref(), Some("nodejs:18"));
        assert_eq!(stream_of("perl:5.30").as_deref(), Some("perl:5.30"));
        assert_eq!(stream_of("perl"), None);
        assert_eq!(stream_of(":x"), None);
    }

    #[test]
    fn a_manifest_lists_packages_in_lines() {
        let text = b"openssl\t3.0-1.a\t1\t2\tMaker\t(none)\t100\tx86_64\t0\topenssl-3.0-1.a.src.rpm\n\
            libs\t3.0-1.a\t1\t2\tMaker\t1\t7\tx86_64\t1\topenssl-3.0-1.a.src.rpm\nrubbish\n";
        let part = read_manifest(text).unwrap();
        let shown: Vec<_> = part.packages.iter().map(|p| (p.name.as_str(), p.version.as_str())).collect();
        assert_eq!(shown, [("openssl", "3.0-1.a"), ("libs", "1:3.0-1.a")]);
        assert_eq!(part.packages[1].source_name.as_deref(), Some("openssl"));
        assert_eq!(part.packages[0].vendor.as_deref(), Some("Maker"));
        assert_eq!(part.problems.len(), 1);
        assert!(read_manifest(b"rubbish").is_err());
    }
}
