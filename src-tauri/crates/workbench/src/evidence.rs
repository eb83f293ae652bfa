//! Evidence that speaks of vulnerabilities: told by its content, refused when it is broken, added from files.

use std::path::{Path, PathBuf};

use plimsoll_advisories::scans::{self, Scan};
use plimsoll_advisories::vex::{self, Statement};
use plimsoll_catalog::UseCaseId;
use plimsoll_catalog::decision::Target;
use plimsoll_engagement::{Engagement, EvidenceKind, EvidenceRecord, NewEvidence};
use sha2::{Digest, Sha256};

use crate::error::WorkbenchError;
use crate::settings::read_bounded;

/// VEX documents and scanners' results may be at most this many bytes: 32 MiB.
pub(crate) const LIMIT: u64 = 32 << 20;

/// What evidence turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Document {
    /// Statements on vulnerabilities.
    Vex,
    /// What another scanner found.
    Scan,
    /// A bill of materials.
    Sbom,
}

fn bounded(name: &str, bytes: &[u8], kind: &'static str) -> Result<(), WorkbenchError> {
    let size = bytes.len() as u64;
    if size > LIMIT {
        return Err(WorkbenchError::TooLarge { path: name.into(), size, limit: LIMIT, kind });
    }
    Ok(())
}

pub(crate) fn read_vex(name: &str, bytes: &[u8]) -> Result<Vec<Statement>, WorkbenchError> {
    bounded(name, bytes, "VEX document")?;
    Ok(vex::read(name, bytes)?)
}

pub(crate) fn read_scan(name: &str, bytes: &[u8]) -> Result<Scan, WorkbenchError> {
    bounded(name, bytes, "scanner's result")?;
    Ok(scans::read(name, bytes)?)
}

/// Tells what evidence is by its content; none for what does not speak of packages or vulnerabilities.
///
/// # Errors
/// When it is a VEX document or a scanner's result, and broken: evidence that would say nothing is not taken in.
pub fn detect(name: &str, bytes: &[u8]) -> Result<Option<Document>, WorkbenchError> {
    if vex::is_vex(bytes) {
        read_vex(name, bytes)?;
        return Ok(Some(Document::Vex));
    }
    if scans::is_scan(bytes) {
        read_scan(name, bytes)?;
        return Ok(Some(Document::Scan));
    }
    Ok(plimsoll_sbom::is_sbom(bytes).then_some(Document::Sbom))
}

/// A file that is to be kept as evidence about all subjects.
#[derive(Debug, Clone)]
pub struct GivenFile {
    path: PathBuf,
    bytes: Vec<u8>,
}

/// Reads a file that must be a VEX document or a scanner's result, before anything else is done.
///
/// # Errors
/// When it cannot be read as that.
pub fn given(path: &Path, wanted: Document) -> Result<GivenFile, WorkbenchError> {
    let name = path.display().to_string();
    let bytes = match wanted {
        Document::Vex => {
            let bytes = read_bounded(path, LIMIT, "VEX document")?;
            read_vex(&name, &bytes)?;
            bytes
        }
        _ => {
            let bytes = read_bounded(path, LIMIT, "scanner's result")?;
            read_scan(&name, &bytes)?;
            bytes
        }
    };
    Ok(GivenFile { path: path.to_owned(), bytes })
}

/// Keeps a file as evidence on A3 for all subjects. What the engagement has already, byte for byte, is not kept twice.
///
/// # Errors
/// When the engagement cannot be written.
pub fn keep(engagement: &mut Engagement, file: &GivenFile) -> Result<(), WorkbenchError> {
    let sha256 = hex::encode(Sha256::digest(&file.bytes));
    let target = Target::UseCase(UseCaseId::A3);
    let about_all = |record: &EvidenceRecord| record.links.iter().any(|(subject, _)| subject.is_none());
    if engagement.evidence()?.iter().any(|record| record.sha256 == sha256 && about_all(record)) {
        return Ok(());
    }
    let name = file.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    engagement.add_evidence(&NewEvidence {
        subject: None,
        target,
        name: &name,
        kind: EvidenceKind::File,
        media_type: "application/json",
        source: &file.path.display().to_string(),
        bytes: &file.bytes,
    })?;
    Ok(())
}

/// The media type of evidence: by its first bytes where they tell, else what the window says.
pub(crate) fn media_type<'a>(bytes: &[u8], said: &'a str) -> &'a str {
    match bytes {
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [b'%', b'P', b'D', b'F', ..] => "application/pdf",
        _ if !said.is_empty() && said.len() < 100 && !said.starts_with("image/") => said,
        _ if std::str::from_utf8(bytes).is_ok_and(|text| !text.contains('\0')) => "text/plain",
        _ => "application/octet-stream",
    }
}

/// Whether an item may be a JSON document, by its media type, which was told by its first bytes.
pub(crate) fn may_be_json(record: &EvidenceRecord) -> bool {
    !record.media_type.starts_with("image/") && record.media_type != "application/pdf"
}

/// The subjects that an item is about, each once; none among them: all.
pub(crate) fn subjects(record: &EvidenceRecord) -> Vec<Option<String>> {
    if record.links.iter().any(|(subject, _)| subject.is_none()) {
        return vec![None];
    }
    let mut subjects: Vec<Option<String>> = record.links.iter().map(|(subject, _)| subject.clone()).collect();
    subjects.sort();
    subjects.dedup();
    subjects
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_are_told_by_the_bytes() {
        assert_eq!(media_type(b"\x89PNG\r\n", "text/plain"), "image/png");
        assert_eq!(media_type(b"hello", ""), "text/plain");
        assert_eq!(media_type(b"hello", "image/png"), "text/plain");
        assert_eq!(media_type(&[0, 1, 2], ""), "application/octet-stream");
        assert_eq!(media_type(b"{}", "application/json"), "application/json");
    }

    #[test]
    fn what_speaks_of_no_vulnerability_is_let_in_as_it_is() {
        assert_eq!(detect("notes.txt", b"hello").unwrap(), None);
        assert_eq!(detect("x.json", b"{\"a\":1}").unwrap(), None);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.json");
        std::fs::write(&path, "{}").unwrap();
        assert!(given(&path, Document::Vex).is_err() && given(&path, Document::Scan).is_err());
        assert!(given(&folder.path().join("none"), Document::Vex).is_err());
    }
}
