//! What Go's linker puts into a program: its modules and the version of Go (`debug/buildinfo`).

use object::{Object, ObjectSection, ObjectSegment};

use crate::build::Builder;
use crate::model::{Ecosystem, Package, PackageError, Part};

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Bytes of the list of modules; those of the largest programs have some ten kilobytes.
const MAX_TEXT: usize = 4 * 1024 * 1024;

/// Reads the build information; none when the program has none.
pub(crate) fn read(file: &object::File<'_>) -> Result<Option<Part>, PackageError> {
    let Some(info) = find(file) else { return Ok(None) };
    let malformed = |reason: &str| PackageError::Malformed { what: "Go program", reason: reason.to_owned() };
    let flags = info.get(15).copied().unwrap_or_default();
    let (version, modules) = if flags & 2 != 0 {
        // Since Go 1.18: two texts with their lengths before them.
        let mut rest = info.get(32..).unwrap_or_default();
        (text(&mut rest), text(&mut rest))
    } else {
        let width = info.get(14).copied().unwrap_or_default();
        let big_endian = flags & 1 != 0;
        if !matches!(width, 4 | 8) {
            return Err(malformed("its build information is broken"));
        }
        let far = |at: usize| pointed(file, info, at, usize::from(width), big_endian);
        (far(16), far(16 + usize::from(width)))
    };
    let version = version.ok_or_else(|| malformed("its build information is cut off"))?;
    // A program of the standard library alone, or built without modules, has no list.
    let modules = modules.unwrap_or_default();
    let mut builder = Builder::default();
    let version = String::from_utf8_lossy(version);
    if let Some(go) = version.strip_prefix("go").and_then(|rest| rest.split_whitespace().next()) {
        builder.push(Package::new(Ecosystem::Golang, "stdlib".to_owned(), go.to_owned()))?;
    } else {
        builder.problem("versions of Go are no release", &version);
    }
    list(&String::from_utf8_lossy(unframed(modules)), &mut builder)?;
    Ok(Some(builder.finish()))
}

/// The bytes from the magic on.
fn find<'data>(file: &object::File<'data>) -> Option<&'data [u8]> {
    if let Some(section) = file.section_by_name(".go.buildinfo") {
        return at_magic(section.data().ok()?);
    }
    // Some linkers rename it; it is near the start of the first segment that can be written to.
    let writable =
        |flags| matches!(flags, object::SegmentFlags::Elf { p_flags, .. } if p_flags.0 & object::elf::PF_W.0 != 0);
    let segment = file.segments().find(|segment| writable(segment.flags()))?;
    let data = segment.data().ok()?;
    at_magic(data.get(..64 * 1024).unwrap_or(data))
}

fn at_magic(data: &[u8]) -> Option<&[u8]> {
    (0..data.len()).step_by(16).filter_map(|at| data.get(at..)).find(|rest| rest.starts_with(MAGIC))
}

/// A text with its length before it.
fn text<'data>(rest: &mut &'data [u8]) -> Option<&'data [u8]> {
    let mut length = 0usize;
    for shift in (0..28).step_by(7) {
        let (&byte, tail) = rest.split_first()?;
        *rest = tail;
        length |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            let (text, tail) = rest.split_at_checked(length.min(MAX_TEXT))?;
            *rest = tail;
            return Some(text);
        }
    }
    None
}

/// Before Go 1.18: the address of a pair of address and length.
fn pointed<'data>(
    file: &object::File<'data>,
    info: &[u8],
    at: usize,
    width: usize,
    big_endian: bool,
) -> Option<&'data [u8]> {
    let number = |bytes: &[u8], at: usize| -> Option<u64> {
        let bytes = bytes.get(at..at.checked_add(width)?)?;
        let join = |number: u64, &byte: &u8| number << 8 | u64::from(byte);
        Some(if big_endian { bytes.iter().fold(0, join) } else { bytes.iter().rev().fold(0, join) })
    };
    let bytes_at = |address: u64, length: u64| {
        file.segments().find_map(|segment| segment.data_range(address, length).ok().flatten())
    };
    let header = bytes_at(number(info, at)?, 2 * width as u64)?;
    let length = number(header, width)?;
    if length > MAX_TEXT as u64 {
        return None;
    }
    bytes_at(number(header, 0)?, length)
}

/// The list without the 16 bytes on either side by which the linker finds it.
fn unframed(modules: &[u8]) -> &[u8] {
    match modules.len().checked_sub(17).and_then(|at| modules.get(at)) {
        Some(b'\n') if modules.len() >= 33 => modules.get(16..modules.len() - 16).unwrap_or_default(),
        _ => &[],
    }
}

/// Lines of `mod`, `dep` and `=>`, separated by tabs. What replaces a module is what was built.
fn list(text: &str, builder: &mut Builder) -> Result<(), PackageError> {
    let mut pending: Option<(String, String)> = None;
    let mut flush = |module: Option<(String, String)>| -> Result<(), PackageError> {
        match module {
            Some((path, version)) => builder.push(Package::new(Ecosystem::Golang, path, version)).map(|_| ()),
            None => Ok(()),
        }
    };
    for line in text.lines() {
        let mut fields = line.split('\t');
        let kind = fields.next().unwrap_or_default();
        let path = fields.next().unwrap_or_default();
        // A directory in place of a module has no version.
        let version = fields.next().filter(|version| !version.is_empty()).unwrap_or("(devel)").to_owned();
        match kind {
            "mod" | "dep" if !path.is_empty() => flush(pending.replace((path.to_owned(), version)))?,
            "=>" => {
                if let Some((replaced, old)) = &mut pending {
                    let is_directory = path.starts_with(['.', '/']);
                    if !is_directory && !path.is_empty() {
                        path.clone_into(replaced);
                    }
                    *old = version;
                }
            }
            _ => {}
        }
    }
    flush(pending)
}
