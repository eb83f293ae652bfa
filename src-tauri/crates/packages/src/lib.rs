//! Package databases, files of package managers and binaries, read into one inventory: facts only, no judgement.
//!
//! In: the bytes of single files of an image, as its layers stream past ([`wants`], [`read`]). Out: [`Part`]s, which
//! [`assemble`] puts together to the [`Inventory`] of the merged tree. Pure; no I/O. All input is taken to be hostile.
//!
//! * `kind` tells by path and first bytes what a file is; one file per format reads it;
//! * `rpm` reads rpm's headers, which `rpm_sqlite`, `rpm_ndb` and `rpm_bdb` take from the three kinds of its database;
//! * `assemble` merges: which layer brought a package, who owns a file (`owners`); `purl` writes package URLs and
//!   `purl_read` takes them apart;
//! * `program` finds what was built from source by a file that is installed with it and tells the exact version.
//!
//! What counts is what is installed. Lock files say what may be installed, and are not read; so packages that leave no
//! trace but a lock file (Yarn's zipped cache, bundled or minified JavaScript) are not seen, nor are binaries without
//! build information: programs of which only the executable was kept (Redis, nginx or HAProxy built from source, a
//! `node` copied alone), packed executables (UPX), and .NET assemblies without a `deps.json`. opkg's database is not
//! read, and of SQLite's log beside rpm's database only that it is there.

mod apk;
mod assemble;
mod bitnami;
mod build;
mod deb822;
mod dotnet;
mod dpkg;
mod elf;
mod golang;
mod java;
mod kind;
mod model;
mod needs;
mod node;
mod os_release;
mod owners;
mod php;
mod program;
mod purl;
mod purl_read;
mod python;
mod rpm;
mod rpm_bdb;
mod rpm_ndb;
mod rpm_sqlite;
mod ruby;
mod rust_binary;
mod support;
#[cfg(test)]
mod tests;
mod zip;

use kind::Kind;

pub use model::{Ecosystem, Inventory, Mark, OsRelease, Owned, Package, PackageError, Part, Place, Source};
pub use model::{SupportEnd, Want};

/// Whether a file says something about packages, and how its bytes are wanted.
///
/// `path` is absolute; `head` holds the file's first bytes (up to 512, fewer when the file is shorter).
#[must_use]
pub fn wants(path: &str, size: u64, executable: bool, head: &[u8]) -> Want {
    match Kind::of(path, head) {
        // Most ELF files that no one can start are libraries and objects, which are many and carry no build
        // information.
        Some(Kind::Elf) if !executable || !elf::may_be_program(head) => Want::No,
        // Most are prose; only the machine-readable ones tell a licence, and the large ones list other people's.
        Some(Kind::Copyright) if size > kind::COPYRIGHT_LIMIT || !dpkg::is_machine_readable(head) => Want::No,
        // Many files are called `release`.
        Some(Kind::Program(program)) if !program.may_be(head) => Want::No,
        Some(kind) => Want::Whole(kind.limit()),
        None => Want::No,
    }
}

/// Reads one file that [`wants`] asked for.
///
/// # Errors
/// When the file is not what its name says, or exceeds a bound.
pub fn read(path: &str, bytes: &[u8]) -> Result<Part, PackageError> {
    let Some(kind) = Kind::of(path, bytes.get(..512).unwrap_or(bytes)) else {
        return Ok(Part::default());
    };
    if bytes.len() as u64 > kind.limit() {
        return Err(PackageError::TooMuch { limit: kind.limit(), unit: "bytes" });
    }
    let mut part = match kind {
        Kind::OsRelease => os_release::read(bytes)?,
        Kind::RedHatRelease => os_release::read_redhat(bytes)?,
        Kind::DpkgStatus => dpkg::read_status(bytes, false)?,
        Kind::DpkgStatusD => dpkg::read_status(bytes, true)?,
        Kind::DpkgMd5sums => dpkg::read_md5sums(path, bytes)?,
        Kind::DpkgList => dpkg::read_list(path, bytes)?,
        Kind::AptStates => dpkg::read_extended_states(bytes)?,
        Kind::Copyright => dpkg::read_copyright(path, bytes)?,
        Kind::ApkInstalled => apk::read_installed(bytes)?,
        Kind::ApkWorld => apk::read_world(bytes)?,
        Kind::RpmSqlite => rpm::read_sqlite(bytes)?,
        Kind::RpmSqliteWal => rpm::read_wal(bytes),
        Kind::RpmNdb => rpm::read_ndb(bytes)?,
        Kind::RpmBdb => rpm::read_bdb(bytes)?,
        Kind::PythonMetadata => python::read_metadata(bytes)?,
        Kind::PythonRecord => python::read_record(path, bytes)?,
        Kind::PythonRequested => python::read_requested(),
        Kind::Npm => node::read(bytes)?,
        Kind::Gemspec => ruby::read(path, bytes)?,
        Kind::Jar => java::read(path, bytes)?,
        Kind::Composer => php::read(bytes)?,
        Kind::DotnetDeps => dotnet::read(bytes)?,
        Kind::BitnamiSpdx => bitnami::read(bytes)?,
        Kind::RpmManifest => rpm::read_manifest(bytes)?,
        Kind::Program(program) => program.read(bytes)?,
        Kind::Elf => elf::read(bytes)?,
    };
    if kind != Kind::Elf {
        part.kind = Some(kind.name());
    }
    Ok(part)
}

pub use assemble::assemble;
pub use bitnami::upstream as bitnami_upstream;
pub use purl_read::Purl;
pub use support::end_of as support_end;
