//! The bounds that a hostile image runs into.

use crate::facts::Platform;

const MIB: u64 = 1024 * 1024;
const GIB: u64 = 1024 * MIB;

/// Bounds on what is read. An image that exceeds one of them is refused with [`crate::ImageError::LimitExceeded`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of one manifest or index (`manifest.json`, `index.json`, a manifest blob). 4 MiB, as registries have it.
    pub manifest_bytes: u64,
    /// Bytes of the image's configuration. 8 MiB.
    pub config_bytes: u64,
    /// Entries of all layers together, and members of the archive. 5 million.
    pub entries: u64,
    /// Bytes of all names and link targets of all layers together, which are kept in memory. 1 GiB.
    pub names_bytes: u64,
    /// Layers of one image. 1,000 (Docker's own bound is 127).
    pub layers: usize,
    /// Bytes of one path or link target. 4096, as in Linux.
    pub path_bytes: usize,
    /// Bytes of one uncompressed layer. 64 GiB.
    pub layer_bytes: u64,
    /// How many times its stored bytes a layer may grow to, once it is larger than `ratio_free_bytes`. 1100.
    pub ratio: u64,
    /// Bytes that a layer may grow to whatever its ratio. 100 MB.
    pub ratio_free_bytes: u64,
    /// Bytes of a whole archive that is itself compressed (`image.tar.gz`), once it is unpacked. 256 GiB.
    pub archive_bytes: u64,
    /// Links that are followed one after another, and indexes inside one another. 16.
    pub link_depth: usize,
    /// Bytes of a small file that is kept whole for a moment (`/etc/passwd`). 1 MiB.
    pub small_file_bytes: u64,
    /// Bytes of a file that is searched for secrets. 512 MiB; what is larger is listed as unread.
    pub scan_bytes: u64,
    /// Bytes of the files that are held whole at one time, while packages are read from them. 256 MiB; a larger file is
    /// listed as unread.
    pub held_bytes: u64,
    /// Bytes of all account files (`/etc/passwd`, `/etc/sudoers.d/*`, …) in all layers together. 64 MiB.
    pub account_bytes: u64,
    /// Packages, and files that they own, in the databases of all layers together. 5 million.
    pub records: u64,
    /// Secrets that are recorded of the files of one image. 10,000; more are counted.
    pub secrets: u64,
    /// Bytes of one attestation, and of all that are recorded of one image together. 16 MiB; what is larger is recorded
    /// without its statement.
    pub attestation_bytes: u64,
    /// Threads that read layers; 0 means as many as the machine offers.
    pub threads: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            manifest_bytes: 4 * MIB,
            config_bytes: 8 * MIB,
            entries: 5_000_000,
            names_bytes: GIB,
            layers: 1_000,
            path_bytes: 4096,
            layer_bytes: 64 * GIB,
            ratio: 1100,
            ratio_free_bytes: 100_000_000,
            archive_bytes: 256 * GIB,
            link_depth: 16,
            small_file_bytes: MIB,
            scan_bytes: 512 * MIB,
            held_bytes: 256 * MIB,
            account_bytes: 64 * MIB,
            records: 5_000_000,
            secrets: 10_000,
            attestation_bytes: 16 * MIB,
            threads: 0,
        }
    }
}

/// Which image of an archive to read, and within which bounds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OpenOptions {
    /// The image's name (`nginx:1.27`), its OCI `ref.name`, or a digest. Needed when the archive holds several images.
    pub reference: Option<String>,
    /// The platform to take of an index; without it the only one, or else Linux on this machine's processor.
    pub platform: Option<Platform>,
    /// The bounds.
    pub limits: Limits,
}
