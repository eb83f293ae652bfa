//! Strict examination of a signed PDF (ISO 32000-1, 12.8; ETSI EN 319 142-1, 6.3; rules against shadow, wrapping and
//! incremental-saving attacks).
//!
//! It answers whether the bytes are those that were signed, and by which certificate. It does not answer whether that
//! certificate is to be trusted, nor when the signature was made: the time is the signer's claim.

use serde::Serialize;
use time::OffsetDateTime;

use crate::certificate::{Certificate, IdentitySummary, Unfit};
use crate::changes;
use crate::cms;
use crate::pdf::PdfError;
use crate::pdf::fields::{SignatureField, signature_fields};
use crate::pdf::file::{PdfFile, Place};
use crate::pdf::syntax::{Dict, ObjectId};
use crate::pdf::text::decode_date;

/// Why a PDF could not be examined at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Its structure is broken; no statement about any signature is possible.
    #[error(transparent)]
    Pdf(#[from] PdfError),
}

/// What was found about one signature.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureReport {
    /// The full name of the signed field.
    pub field: String,
    /// What the signer's certificate says, if one was found.
    pub signer: Option<IdentitySummary>,
    /// The signature covers every byte of the file but its own value.
    pub covers_whole_file: bool,
    /// The bytes that the signature covers are the bytes that were signed, by the key of the signer's certificate, and
    /// the signature value holds nothing else.
    pub intact: bool,
    /// Everything that speaks against this signature, in plain sentences.
    pub problems: Vec<String>,
    /// When the signer claims to have signed.
    #[serde(with = "time::serde::rfc3339::option")]
    pub claimed_time: Option<OffsetDateTime>,
}

/// What was found about a PDF.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// The signed fields in the order of the form.
    pub signatures: Vec<SignatureReport>,
    /// Something other than further signatures came after the first signature, or cannot be ruled out.
    pub modified_after_signing: bool,
}

impl Verification {
    /// There is a signature, all signatures are intact and without problems, and nothing else came after the first.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        !self.signatures.is_empty()
            && !self.modified_after_signing
            && self.signatures.iter().all(|report| report.intact && report.problems.is_empty())
    }
}

/// Examines all signatures of a PDF.
///
/// # Errors
/// When the file is not a PDF, or its structure is not the strict one of an issued report.
pub fn verify_pdf(pdf: &[u8]) -> Result<Verification, VerifyError> {
    let file = PdfFile::open(pdf)?;
    let newest = file.newest();
    let fields = signature_fields(&file, newest)?;
    let mut found = Vec::new();
    for field in fields.iter().filter(|field| field.value.is_some()) {
        found.push(examine(&file, field));
    }
    let closed: Vec<Option<usize>> = found.iter().map(|(_, revision)| *revision).collect();
    for (index, (report, revision)) in found.iter_mut().enumerate() {
        let twice = revision.is_some() && closed.iter().enumerate().any(|(other, at)| other != index && at == revision);
        if twice {
            report.intact = false;
            report.problems.push("another signature covers exactly the same bytes".to_owned());
        }
    }

    let mut modified = !found.is_empty() && closed.iter().any(Option::is_none);
    if let Some(first) = closed.iter().flatten().min().copied() {
        for revision in first + 1..file.revisions.len() {
            let mut reasons = match changes::judge(&file, revision) {
                Ok(reasons) => reasons,
                Err(error) => vec![format!("what was changed cannot be judged ({error})")],
            };
            if revision == newest && !closed.contains(&Some(newest)) {
                reasons.push("the last revision is not signed".to_owned());
            }
            modified |= !reasons.is_empty();
            for (report, at) in &mut found {
                if at.is_some_and(|at| at < revision) {
                    report.problems.extend(reasons.iter().map(|reason| format!("changed after signing: {reason}")));
                }
            }
        }
    }
    let signatures = found.into_iter().map(|(report, _)| report).collect();
    Ok(Verification { signatures, modified_after_signing: modified })
}

/// One signature, and the revision that it closes.
fn examine(file: &PdfFile<'_>, field: &SignatureField) -> (SignatureReport, Option<usize>) {
    let mut report = SignatureReport {
        field: field.name.clone(),
        signer: None,
        covers_whole_file: false,
        intact: false,
        problems: Vec::new(),
        claimed_time: None,
    };
    let mut closed = None;
    let signer = match examine_into(file, field, &mut report, &mut closed) {
        Ok(signer) => signer,
        Err(problem) => {
            report.problems.push(problem);
            None
        }
    };
    report.intact = report.problems.is_empty();
    if let Some(signer) = signer {
        report.signer = Some(signer.summary());
        report.problems.extend(check_time(&signer, report.claimed_time));
    }
    (report, closed)
}

fn examine_into(
    file: &PdfFile<'_>,
    field: &SignatureField,
    report: &mut SignatureReport,
    closed: &mut Option<usize>,
) -> Result<Option<Certificate>, String> {
    let newest = file.newest();
    let id = field.value.as_ref().and_then(|value| value.reference());
    let id = id.ok_or("the field's value is not a signature object of its own")?;
    let located = file.object(id, newest).map_err(|error| format!("the signature cannot be read ({error})"))?;
    let dict = located.value.dict().ok_or("the field's value is no signature dictionary")?;
    if located.offset.is_none() {
        return Err("the signature dictionary is hidden in an object stream".to_owned());
    }
    report.claimed_time = dict.string(b"M").and_then(decode_date);
    check_dictionary(dict)?;

    let (gap, end) = byte_range(file, dict)?;
    let revision = file.revisions.iter().position(|revision| revision.end == end || revision.eof == end);
    let revision = revision.ok_or("the signed bytes do not end where a revision of the file ends")?;
    *closed = Some(revision);
    report.covers_whole_file = end == file.bytes.len();
    if file.revisions.get(revision).is_none_or(|revision| gap.start < revision.start) {
        return Err("the signature value does not stand in the revision that it closes".to_owned());
    }
    if !defined_in(file, id, revision) || id.0 < revision.checked_sub(1).map_or(0, |before| file.next_number(before)) {
        return Err("the signature dictionary was replaced after signing".to_owned());
    }

    if !report.covers_whole_file && forbids_changes(file, dict).map_err(|error| error.to_string())? {
        return Err("the file was changed after signing, although the signer has forbidden every change".to_owned());
    }

    let value = contents(file, &gap)?;
    let signed = [file.bytes.get(..gap.start).unwrap_or_default(), file.bytes.get(gap.end..end).unwrap_or_default()];
    let examination = cms::examine(&value, &signed);
    report.problems.extend(examination.problems);
    Ok(examination.signer)
}

/// The dictionary object is the one of this revision, and no later one replaced it.
fn defined_in(file: &PdfFile<'_>, id: ObjectId, revision: usize) -> bool {
    let listed = |revision: usize| {
        file.revisions.get(revision).is_some_and(|revision| revision.entries.iter().any(|entry| entry.0 == id.0))
    };
    let place = matches!(file.place(id.0, revision), Some(Place::At { generation, .. }) if generation == id.1);
    place && listed(revision) && !(revision + 1..file.revisions.len()).any(listed)
}

/// A certification with P 1 allows nothing at all after it (ISO 32000-1, table 254).
pub(crate) fn forbids_changes(file: &PdfFile<'_>, dict: &Dict) -> Result<bool, PdfError> {
    let newest = file.newest();
    for reference in dict.array(b"Reference").unwrap_or_default() {
        let reference = file.resolve(reference, newest)?;
        if let Some(parameters) = reference.dict().and_then(|dict| dict.get(b"TransformParams"))
            && file.resolve(parameters, newest)?.dict().and_then(|dict| dict.integer(b"P")) == Some(1)
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Type, filter and kind (ISO 32000-1, table 252; ETSI EN 319 142-1, 6.3).
fn check_dictionary(dict: &Dict) -> Result<(), String> {
    if dict.name(b"Type").is_some_and(|kind| kind != b"Sig") {
        return Err("the field's value is no signature dictionary".to_owned());
    }
    match dict.name(b"SubFilter") {
        Some(b"ETSI.CAdES.detached") => {}
        Some(b"adbe.pkcs7.detached") => {
            return Err("the signature is of the older kind adbe.pkcs7.detached, which is not judged".to_owned());
        }
        Some(other) => {
            return Err(format!(
                "the signature is of the kind {}, which is not judged",
                String::from_utf8_lossy(other)
            ));
        }
        None => return Err("the signature does not say of which kind it is".to_owned()),
    }
    if dict.get(b"Cert").is_some() {
        return Err("the signature dictionary holds a certificate, which PAdES forbids".to_owned());
    }
    Ok(())
}

/// The gap between the signed bytes, and their end. The gap must be exactly the value of Contents.
fn byte_range(file: &PdfFile<'_>, dict: &Dict) -> Result<(std::ops::Range<usize>, usize), String> {
    let numbers: Option<Vec<usize>> = dict
        .array(b"ByteRange")
        .unwrap_or_default()
        .iter()
        .map(|value| value.integer().and_then(|number| usize::try_from(number).ok()))
        .collect();
    let Some([0, gap_start, gap_end, length]) = numbers.as_deref() else {
        return Err("the signature's byte range is malformed".to_owned());
    };
    let end = gap_end.checked_add(*length).filter(|end| *end <= file.bytes.len());
    let end = end.ok_or("the signature's byte range is longer than the file")?;
    let contents = dict.get(b"Contents").ok_or("the signature has no value")?;
    if contents.span != (*gap_start..*gap_end) {
        return Err("the signature's byte range leaves out more or less than the signature value".to_owned());
    }
    Ok((*gap_start..*gap_end, end))
}

/// The DER object in Contents. It is written in one style of hexadecimal digits without gaps, and padded with zeros.
fn contents(file: &PdfFile<'_>, gap: &std::ops::Range<usize>) -> Result<Vec<u8>, String> {
    let text = file.bytes.get(gap.clone()).unwrap_or_default();
    let digits = text.strip_prefix(b"<").and_then(|text| text.strip_suffix(b">"));
    let digits = digits.ok_or("the signature value is not written in hexadecimal")?;
    let mixed = digits.iter().any(u8::is_ascii_lowercase) && digits.iter().any(u8::is_ascii_uppercase);
    let bytes = hex::decode(digits).ok().filter(|_| !mixed);
    let bytes = bytes.ok_or("the signature value is not written in plain hexadecimal")?;
    let length = der_length(&bytes).filter(|length| *length <= bytes.len());
    let length = length.ok_or("the signature value is not encoded in DER")?;
    let (value, padding) = bytes.split_at(length);
    if padding.iter().any(|byte| *byte != 0) {
        return Err("something is hidden behind the signature value".to_owned());
    }
    Ok(value.to_vec())
}

/// The length of the DER object that the bytes begin with, head included (X.690, 8.1.3 and 10.1).
fn der_length(bytes: &[u8]) -> Option<usize> {
    let (&[tag, first], rest) = bytes.split_first_chunk::<2>()?;
    if tag != 0x30 {
        return None;
    }
    if first < 0x80 {
        return Some(2 + usize::from(first));
    }
    let count = usize::from(first & 0x7f);
    let length = rest.get(..count).filter(|_| (1..=4).contains(&count))?;
    let length = length.iter().fold(0usize, |sum, byte| sum << 8 | usize::from(*byte));
    length.checked_add(2 + count)
}

/// Whether the certificate allowed signing at the claimed time. This judges a claim, not the bytes, and so leaves
/// `intact` alone.
fn check_time(signer: &Certificate, claimed: Option<OffsetDateTime>) -> Option<String> {
    let Some(at) = claimed else { return Some("the signature claims no time".to_owned()) };
    match signer.check_signing(at) {
        Ok(()) => None,
        Err(Unfit::NotYetValid(_)) => Some("the certificate was not valid yet at the claimed time".to_owned()),
        Err(Unfit::Expired(_)) => Some("the certificate had expired at the claimed time".to_owned()),
        Err(Unfit::KeyUsage) => Some("the certificate does not allow signing documents".to_owned()),
    }
}
