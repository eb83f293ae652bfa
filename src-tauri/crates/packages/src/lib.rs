//! Package databases, lock files and binaries, read into one inventory: facts only, no judgement.
//!
//! In: the bytes of single files of an image, as its layers stream past ([`wants`], [`read`]). Out: [`Part`]s, which
//! [`assemble`] puts together to the [`Inventory`] of the merged tree. Pure; no I/O. All input is taken to be hostile.

mod model;

pub use model::{Ecosystem, Inventory, OsRelease, Owned, Package, PackageError, Part, Place, Source, SupportEnd, Want};

/// Whether a file says something about packages, and how its bytes are wanted.
///
/// `path` is absolute; `head` holds the file's first bytes (up to 512, fewer when the file is shorter).
#[must_use]
pub fn wants(_path: &str, _size: u64, _executable: bool, _head: &[u8]) -> Want {
    Want::No
}

/// Reads one file that [`wants`] asked for.
///
/// # Errors
/// When the file is not what its name says, or exceeds a bound.
pub fn read(_path: &str, _bytes: &[u8]) -> Result<Part, PackageError> {
    Ok(Part::default())
}

/// Puts the parts of all layers together.
///
/// `parts` come in the order of the layers. A package's layer is the lowest from which on its database has it, in this
/// version, without a gap.
#[must_use]
pub fn assemble(_parts: Vec<(Place, Result<Part, PackageError>)>) -> Inventory {
    Inventory::default()
}
