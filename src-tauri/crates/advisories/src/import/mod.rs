//! From what the public sources publish to records. One file per format; every byte is taken to be hostile.
//!
//! [`find`] tells by name and first bytes what a document is; [`Format::read`] streams it into a [`Sink`]. Archives
//! (zip, folders) and compression (gzip, bzip2, zstd) are unpacked by `store`, with bounds.
//!
//! What single formats tell, beside OSV:
//!
//! | Format | Document | Feed | Names | Without a fix |
//! |---|---|---|---|---|
//! | `debian-oval` | `oval-definitions-bookworm.xml` | `debian-oval:12` | source packages | no; "never affected" is told |
//! | `ubuntu-oval` | `com.ubuntu.jammy.usn.oval.xml` | `ubuntu-oval:22.04` | installed packages | no |
//! | `ubuntu-oval` | `com.ubuntu.jammy.cve.oval.xml` | `ubuntu-cve-oval:22.04` | installed packages | yes |
//! | `redhat-oval` | `rhel-9.oval.xml` | `redhat-oval:9` | installed packages | no |
//! | `redhat-oval` | `rhel-9-including-unpatched.oval.xml` | `redhat-oval:9` | installed packages | yes |
//! | `rocky-oval` | `org.rockylinux.rlsa-9.xml` | `rocky-oval:9` | installed packages | no |
//! | `redhat-csaf` | `cve-2024-0001.json` (VEX) | `redhat-vex` | both, as the purl says | yes; "not affected" is told |
//! | `redhat-csaf` | `rhsa-2024_0001.json` | `redhat-csaf` | both, as the purl says | no |
//! | `nvd` | `nvdcve-2.0-2024.json`, API answers | `nvd:2024` | none: only what is said of CVEs | – |
//! | `nvd-cve` | `CVE-2024-0001.json` | `nvd:2024` | none: only what is said of CVEs | – |
//! | `debian-tracker` | `debian-security-tracker.json` | `debian-tracker` | source packages | yes; "never affected" is told |
//! | `debian-lists` | `data/DSA/list`, `data/DLA/list` | `debian-lists:dsa` | source packages | no |
//! | `alpine-secdb` | `v3.19/main.json` | `alpine-secdb:v3.19:main` | origin packages | no; "never affected" is told |
//! | `rustsec` | `RUSTSEC-2024-0001.md` | `rustsec` | crates | yes |
//! | `kev` | `known_exploited_vulnerabilities.json` | `kev` | none: only what is said of CVEs | – |
//! | `epss` | `epss_scores-2025-03-14.csv` | `epss` | none: only what is said of CVEs | – |

mod alpine_secdb;
mod csaf;
mod csaf_model;
mod csaf_tree;
mod debian_lists;
mod debian_tracker;
mod epss;
mod fix;
mod kev;
mod nvd;
mod osv;
mod osv_convert;
mod osv_model;
mod osv_range;
mod osv_words;
mod osv_yaml;
mod oval;
mod refuse;
mod rustsec;
mod rustsec_ranges;
#[cfg(test)]
mod testing;
mod words;
mod xml;

use crate::error::AdvisoryError;
use crate::matching::About;
use crate::record::Record;

/// Where records go. An importer calls it for each record as soon as it is read: nothing is gathered.
pub trait Sink {
    /// Takes a record.
    ///
    /// # Errors
    /// When it cannot be kept, or the job was cancelled; the importer stops and gives the error on.
    fn record(&mut self, record: Record) -> Result<(), AdvisoryError>;
    /// Takes what is said of a CVE beside the records (KEV, EPSS, NVD).
    ///
    /// # Errors
    /// As for [`Sink::record`].
    fn about(&mut self, about: About) -> Result<(), AdvisoryError>;
    /// Says which ecosystems the document speaks of, also where it has no record (an empty feed covers its release),
    /// and whether it lists flaws without a fix.
    ///
    /// # Errors
    /// As for [`Sink::record`].
    fn covers(&mut self, ecosystem: &str, with_unfixed: bool) -> Result<(), AdvisoryError>;
    /// Says what state the data are in, as the document tells it: a date or a version.
    fn snapshot(&mut self, snapshot: &str);
    /// Takes a sentence on what the document holds and was left out: nothing is passed over silently.
    fn note(&mut self, _sentence: String) {}
}

/// What a document is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    /// For programs: `osv:PyPI`, `debian-oval:12`. A new import of the same feed replaces the old one.
    pub feed: String,
    /// For people.
    pub title: String,
}

/// A format that can be read.
pub trait Format: Send + Sync {
    /// A short name: `debian-tracker`.
    fn name(&self) -> &'static str;
    /// Whether a document is in this format. `name` is its path within what was given, without a compression's
    /// ending; `head` its first bytes, up to 4096.
    fn is(&self, name: &str, head: &[u8]) -> bool;
    /// Whether a document is one record out of a feed, not a whole feed. Given directly, outside a folder or archive,
    /// it is then added to its feed and does not replace it.
    fn is_one_record(&self) -> bool {
        false
    }
    /// Reads a document and says which feed it belongs to.
    ///
    /// # Errors
    /// When it is broken or out of bounds, with the place named.
    fn read(&self, origin: &str, name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError>;
}

/// All formats, the most particular first.
static FORMATS: &[&dyn Format] = &[
    // One record a document; recognised by its keys.
    &osv::Osv,
    &osv_yaml::OsvYaml,
    &csaf::Csaf,
    &nvd::NvdCve,
    // Whole feeds.
    &nvd::Nvd,
    oval::DEBIAN,
    oval::UBUNTU,
    oval::REDHAT,
    oval::ROCKY,
    &debian_tracker::DebianTracker,
    &debian_lists::DebianLists,
    &alpine_secdb::AlpineSecdb,
    &rustsec::Rustsec,
    &kev::Kev,
    &epss::Epss,
];

/// All formats, the most particular first.
#[must_use]
pub fn formats() -> &'static [&'static dyn Format] {
    FORMATS
}

/// What OSV's records of one ecosystem (`PyPI`, `Debian`, without a release) are as a feed.
pub(crate) fn osv_feed(base: &str) -> Feed {
    Feed { feed: format!("osv:{base}"), title: osv_words::title(base) }
}

/// Whether OSV's records of an ecosystem list flaws that have no fix.
pub(crate) fn osv_with_unfixed(ecosystem: &str) -> bool {
    osv_words::with_unfixed(ecosystem)
}

/// The format of a document.
#[must_use]
pub fn find(name: &str, head: &[u8]) -> Option<&'static dyn Format> {
    formats().iter().copied().find(|format| format.is(name, head))
}
