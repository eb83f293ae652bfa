//! The lines of a facts file, and how much of each there may be.

use std::path::Path;

use plimsoll_catalog::SubjectKind;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A file may be at most this many bytes: 512 MiB.
pub(super) const FILE_LIMIT: u64 = 512 << 20;
/// Its lines together, uncompressed: 2 GiB.
pub(super) const TEXT_LIMIT: u64 = 2 << 30;
/// So many bytes may come out of one; what is beyond is a bomb. Thousands of like containers compress well.
pub(super) const RATIO: u64 = 1000;
/// What any file may unpack to, however small it is: 64 MiB.
pub(super) const FREE: u64 = 64 << 20;
/// A line that is neither facts nor a listing: 4 MiB.
pub(super) const LINE_LIMIT: u64 = 4 << 20;
/// One subject's facts: 256 MiB.
pub(super) const FACTS_LIMIT: u64 = 256 << 20;
/// One listing as it is kept, compressed: 256 MiB.
pub(super) const LISTING_LIMIT: u64 = 256 << 20;
/// All listings of a file, unpacked: 2 GiB.
pub(super) const LISTINGS_LIMIT: u64 = 2 << 30;
/// Subjects in a file.
pub(super) const SUBJECTS: u64 = 20_000;
/// Characters of a name, a reason or another text for people.
pub(super) const TEXT: usize = 4096;
/// Texts in what was asked for.
pub(super) const ASKED: usize = 20_000;

/// A Zstandard frame begins so.
pub(super) const FRAME: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The trailer: a skippable frame with 32 bytes in it.
pub(super) const TRAILER: [u8; 8] = [0x5a, 0x2a, 0x4d, 0x18, 32, 0, 0, 0];
/// The trailer's size.
pub(super) const TRAILER_SIZE: usize = 40;

/// Why a facts file is not taken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum FactsError {
    /// It is something else.
    #[error("it is no facts file; name one that plimsoll collect wrote")]
    NotOne,
    /// A later program wrote it.
    #[error("it was written by a newer program (its schema is {0}); use that version of Plimsoll or a newer one")]
    Newer(String),
    /// The trailer is not where it should be.
    #[error(
        "it is cut off, or something was added at its end; copy it again from the machine that it was collected on"
    )]
    Cut,
    /// The trailer's hash does not fit.
    #[error(
        "its bytes are not those that were written (their SHA-256 is another one); copy it again from the machine that it was collected on"
    )]
    Changed,
    /// The lines make no sense.
    #[error("it is damaged ({0}); collect it again")]
    Damaged(String),
    /// A hash or a name inside does not fit.
    #[error("what stands in it under {name} is not what was collected of it ({why}); do not use it, collect it again")]
    Swapped {
        /// The subject.
        name: String,
        /// What does not fit.
        why: &'static str,
    },
    /// A bound is exceeded.
    #[error("{0}; collect fewer subjects into one file")]
    TooMuch(String),
}

/// The provenance, as the head has it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct By {
    pub machine: String,
    pub user: String,
    pub os: String,
    pub tool: String,
    pub started: String,
    pub asked: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// The first line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Head {
    pub schema: String,
    pub by: By,
}

/// The first line of any version.
#[derive(Debug, Deserialize)]
pub(super) struct AnyHead {
    pub schema: String,
}

/// A subject whose facts follow.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Subject {
    pub source: String,
    pub name: String,
    pub kind: SubjectKind,
    pub facts_bytes: u64,
    pub facts_sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_bytes: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub listing_sha256: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub engine: Option<String>,
}

/// A subject that could not be read.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Unread {
    pub source: String,
    pub name: String,
    pub kind: SubjectKind,
    pub reason: String,
}

/// The last line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct End {
    pub finished: String,
    pub subjects: u64,
}

/// A line after the head that is neither facts nor a listing.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Line {
    Subject(Subject),
    Unread(Unread),
    End(End),
}

/// A file's name without its folder.
pub(super) fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

/// A text from another machine, for people here: bounded, and without what steers a terminal.
pub(super) fn plain(text: &str) -> String {
    let steers = |c: char| {
        c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().take(TEXT).map(|c| if steers(c) { '\u{fffd}' } else { c }).collect()
}
