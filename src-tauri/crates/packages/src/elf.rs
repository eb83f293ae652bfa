//! Programs: what the linker left in them about the packages they are made of.

use object::{Object, ObjectSection};

use crate::model::{PackageError, Part};
use crate::{golang, rust_binary};

/// Whether the head of an ELF file is that of a program (or of a position-independent one, which looks like a library).
pub(crate) fn may_be_program(head: &[u8]) -> bool {
    let little = head.get(5) == Some(&1);
    let kind = match head.get(16..18) {
        Some(&[low, high]) if little => u16::from_le_bytes([low, high]),
        Some(&[high, low]) => u16::from_be_bytes([high, low]),
        _ => 0,
    };
    matches!(kind, 2 | 3)
}

/// Reads a program. One that says nothing gives an empty part, and so does one whose sections cannot be read: that it
/// is odd is for others to say.
pub(crate) fn read(bytes: &[u8]) -> Result<Part, PackageError> {
    let Ok(file) = object::File::parse(bytes) else { return Ok(Part::default()) };
    if let Some(data) = file.section_by_name(".dep-v0").and_then(|section| section.data().ok()) {
        let mut part = rust_binary::read(data)?;
        part.kind = Some("rust-binary");
        return Ok(part);
    }
    if let Some(found) = golang::read(&file)? {
        return Ok(Part { kind: Some("go-binary"), ..found });
    }
    Ok(Part::default())
}
