//! `Packages.db`: SUSE's own database of rpm, a table of slots that point to blobs (rpm's `lib/backend/ndb`).

use crate::build::u32_le;
use crate::model::PackageError;
use crate::rpm::Sink;

const PAGE: usize = 4096;
const SLOT: usize = 16;
/// Offsets and lengths are counted in blocks.
const BLOCK: usize = 16;

fn malformed(reason: &str) -> PackageError {
    PackageError::Malformed { what: "rpm database of the kind ndb", reason: reason.to_owned() }
}

/// Hands each header of the database to `sink`.
pub(crate) fn headers(bytes: &[u8], sink: &mut Sink<'_>) -> Result<(), PackageError> {
    if !bytes.starts_with(b"RpmP") {
        return Err(malformed("it does not begin as one"));
    }
    if u32_le(bytes, 4) != Some(0) {
        return Err(malformed("its version is not known"));
    }
    let pages = u32_le(bytes, 12).ok_or_else(|| malformed("it is cut off"))? as usize;
    let slots = pages
        .checked_mul(PAGE)
        .and_then(|end| bytes.get(2 * SLOT..end))
        .ok_or_else(|| malformed("it is cut off: slots are missing"))?;
    // Blobs do not overlap, so all of them together are no longer than the file.
    let mut budget = bytes.len();
    for slot in slots.chunks_exact(SLOT) {
        if !slot.starts_with(b"Slot") {
            return Err(malformed("a slot of it is broken"));
        }
        let index = u32_le(slot, 4).unwrap_or_default();
        let offset = u32_le(slot, 8).unwrap_or_default() as usize;
        if index == 0 || offset == 0 {
            continue;
        }
        let blob = offset.checked_mul(BLOCK).and_then(|start| bytes.get(start..)).unwrap_or_default();
        if !blob.starts_with(b"BlbS") || u32_le(blob, 4) != Some(index) {
            return Err(malformed("a slot of it points to no header"));
        }
        let length = u32_le(blob, 12).unwrap_or_default() as usize;
        let header = length
            .checked_add(16)
            .and_then(|end| blob.get(16..end))
            .ok_or_else(|| malformed("it is cut off: a header is missing"))?;
        budget = budget.checked_sub(length + BLOCK).ok_or_else(|| malformed("its headers overlap"))?;
        sink(header)?;
    }
    Ok(())
}
