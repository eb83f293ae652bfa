//! Signing a PDF: one incremental update with a PAdES B-B signature (ETSI EN 319 142-1, 6; ISO 32000-1, 12.8).

use std::ops::Range;

use time::OffsetDateTime;

use crate::algorithms::sha256;
use crate::certificate::Certificate;
use crate::cms::{self, CmsError};
use crate::identity::IdentityError;
use crate::pdf::PdfError;
use crate::pdf::append::{AppearanceObjects, Append, Edit};
use crate::pdf::fields::{SignatureField, catalog, signature_fields};
use crate::pdf::file::PdfFile;
use crate::pdf::syntax::ObjectId;
use crate::pdf::text::{date_object, text_object};
use crate::signer::Signer;
use crate::verify::{VerifyError, forbids_changes, verify_pdf};

/// Bytes reserved for the signature value: enough for a later time stamp of a commercial authority.
const RESERVED: usize = 16 * 1024;
/// What a signature value takes besides its certificates, generously.
const OVERHEAD: usize = 4 * 1024;
/// Width of the three numbers of a byte range that are not known beforehand.
const RANGE_WIDTH: usize = 32;

/// Why a PDF was not signed. The PDF itself is never changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The PDF cannot be read or extended.
    #[error(transparent)]
    Pdf(#[from] PdfError),
    /// The identity may not sign.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The signature value was not made.
    #[error(transparent)]
    Cms(#[from] CmsError),
    /// There is no such field.
    #[error(
        "the PDF was not signed, because it has no signature field named {field}; its signature fields are: {available}"
    )]
    NoSuchField {
        /// The field that was asked for.
        field: String,
        /// The names that there are.
        available: String,
    },
    /// The field is signed already.
    #[error(
        "the PDF was not signed, because its field {field} is signed already; sign another field or a fresh copy of the report"
    )]
    AlreadySigned {
        /// The field.
        field: String,
    },
    /// A certification must be the first signature (ISO 32000-1, 12.8.2.2).
    #[error("the PDF was not certified, because it is signed or certified already; sign it without certifying")]
    NotFirst,
    /// The certification of the first signer allows no further signature.
    #[error(
        "the PDF was not signed, because its first signer has forbidden further signatures; ask for a fresh copy of the report"
    )]
    Forbidden,
    /// The appearance of a field with separate widgets cannot be replaced.
    #[error(
        "the PDF was not signed, because its field {field} is not one with its widget and cannot be given an appearance; sign it without one"
    )]
    Widgets {
        /// The field.
        field: String,
    },
    /// The signature value is larger than its place.
    #[error(
        "the PDF was not signed, because the signature takes {needed} bytes and only {reserved} were reserved; use an identity with a shorter chain"
    )]
    TooLarge {
        /// What it takes.
        needed: usize,
        /// What was reserved.
        reserved: usize,
    },
    /// The result did not pass the own examination.
    #[error(
        "the PDF was not signed, because the result did not pass verification ({reason}); use the file as it was issued"
    )]
    Unverified {
        /// What was found.
        reason: String,
    },
}

impl From<VerifyError> for SignError {
    fn from(error: VerifyError) -> Self {
        match error {
            VerifyError::Pdf(error) => Self::Pdf(error),
        }
    }
}

/// What to sign and what to say about it.
#[derive(Debug, Clone)]
pub struct SignRequest<'a> {
    /// The full name of the empty signature field.
    pub field: &'a str,
    /// The signer's name, for readers that show it.
    pub name: &'a str,
    /// Why the document is signed.
    pub reason: Option<&'a str>,
    /// Where it is signed.
    pub location: Option<&'a str>,
    /// When it is signed, by the signer's clock. The identity must be valid at this time.
    pub claimed_time: OffsetDateTime,
    /// Whether to certify the document: only further signatures are allowed after this one (DocMDP, P 2).
    pub certify: bool,
    /// What the field shall show; without it the field keeps the appearance that it has.
    pub appearance: Option<AppearanceObjects>,
}

/// Signs an empty signature field of a PDF and returns the PDF with the signature appended.
///
/// The bytes given remain the beginning of the bytes returned. The result has passed [`verify_pdf`].
///
/// # Errors
/// When the PDF, the field or the identity does not allow it, the key refuses, or the result does not verify.
pub fn sign_pdf(pdf: &[u8], request: &SignRequest<'_>, signer: &dyn Signer) -> Result<Vec<u8>, SignError> {
    let certificate =
        Certificate::from_der(signer.certificate_der()).map_err(|_| IdentityError::UnreadableCertificate)?;
    certificate.check_signing(request.claimed_time).map_err(|unfit| IdentityError::unfit(certificate.name(), unfit))?;

    let file = PdfFile::open(pdf)?;
    let fields = signature_fields(&file, file.newest())?;
    let field = find_field(&fields, request.field)?;
    check_permission(&file, &fields, request.certify)?;

    let mut append = Append::new(&file);
    let signature_id = append.reserve();
    let certificates: usize =
        signer.certificate_der().len() + signer.chain_der().iter().map(|der| der.len()).sum::<usize>();
    let reserved = RESERVED.max(certificates + OVERHEAD);
    let (dictionary, holes) = signature_dictionary(request, reserved);
    append.put(signature_id, dictionary);
    put_field(&file, &mut append, field, signature_id, request)?;
    put_form(&file, &mut append, request.certify.then_some(signature_id))?;

    let seed = sha256(&[&sha256(pdf)[..], date_object(request.claimed_time).as_bytes()].concat());
    let id_seed = seed.first_chunk::<16>().copied().unwrap_or_default();
    let finished = append.finish(&id_seed)?;
    let body_at = finished.body_at(signature_id).unwrap_or_default();
    let signed = fill(finished.bytes, body_at, &holes, reserved, signer)?;
    examine_own(&signed, request.field)?;
    Ok(signed)
}

fn find_field<'f>(fields: &'f [SignatureField], name: &str) -> Result<&'f SignatureField, SignError> {
    let field = fields.iter().find(|field| field.name == name).ok_or_else(|| {
        let names: Vec<&str> = fields.iter().map(|field| field.name.as_str()).collect();
        let available = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        SignError::NoSuchField { field: name.to_owned(), available }
    })?;
    if field.value.is_some() {
        return Err(SignError::AlreadySigned { field: name.to_owned() });
    }
    Ok(field)
}

/// Whether the signatures that are there allow this one (ISO 32000-1, 12.8.2.2 and 12.8.4).
fn check_permission(file: &PdfFile<'_>, fields: &[SignatureField], certify: bool) -> Result<(), SignError> {
    let newest = file.newest();
    let (_, catalog) = catalog(file, newest)?;
    let perms = match catalog.get(b"Perms") {
        Some(perms) => Some(file.resolve(perms, newest)?),
        None => None,
    };
    if certify && (perms.is_some() || fields.iter().any(|field| field.value.is_some())) {
        return Err(SignError::NotFirst);
    }
    let Some(doc_mdp) = perms.as_ref().and_then(|perms| perms.dict()).and_then(|perms| perms.get(b"DocMDP")) else {
        return Ok(());
    };
    let signature = file.resolve(doc_mdp, newest)?;
    match signature.dict() {
        Some(dict) if forbids_changes(file, dict)? => Err(SignError::Forbidden),
        _ => Ok(()),
    }
}

/// Places in the signature dictionary that are filled in at the end, counted from its beginning.
struct Holes {
    /// Behind `[0 `.
    byte_range: Range<usize>,
    /// The whole of `<…>`.
    contents: Range<usize>,
}

/// The signature dictionary (ISO 32000-1, table 252; ETSI EN 319 142-1, 5.3 and 6.3).
fn signature_dictionary(request: &SignRequest<'_>, reserved: usize) -> (Vec<u8>, Holes) {
    let mut out = b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange[0 ".to_vec();
    let byte_range = out.len()..out.len() + RANGE_WIDTH;
    out.resize(byte_range.end, b' ');
    out.extend_from_slice(b"]/Contents ");
    let contents = out.len()..out.len() + 2 * reserved + 2;
    out.push(b'<');
    out.resize(contents.end - 1, b'0');
    out.extend_from_slice(b">/M");
    out.extend_from_slice(date_object(request.claimed_time).as_bytes());
    for (key, text) in [("/Name", Some(request.name)), ("/Reason", request.reason), ("/Location", request.location)] {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            out.extend_from_slice(key.as_bytes());
            out.extend_from_slice(&text_object(text));
        }
    }
    if request.certify {
        out.extend_from_slice(
            b"/Reference[<</Type/SigRef/TransformMethod/DocMDP/TransformParams<</Type/TransformParams/P 2/V/1.2>>>>]",
        );
    }
    out.extend_from_slice(b">>");
    (out, Holes { byte_range, contents })
}

/// The field gains its value, and its appearance when one is given; the rest of it stays.
fn put_field(
    file: &PdfFile<'_>,
    append: &mut Append<'_, '_>,
    field: &SignatureField,
    signature: ObjectId,
    request: &SignRequest<'_>,
) -> Result<(), SignError> {
    let located = file.object(field.id, file.newest())?;
    let Some(dict) = located.value.dict() else {
        return Err(PdfError::at(located.value.span.start, "a form field is no dictionary").into());
    };
    let mut edit = Edit::new(&located);
    edit.set(dict, "V", format!("{} {} R", signature.0, signature.1).as_bytes());
    if let Some(appearance) = &request.appearance {
        if !field.merged {
            return Err(SignError::Widgets { field: field.name.clone() });
        }
        let root = append.put_appearance(appearance)?;
        edit.set(dict, "AP", format!("<</N {} {} R>>", root.0, root.1).as_bytes());
    }
    append.put((field.id.0, located.generation), edit.body());
    Ok(())
}

/// The form says that it is signed and must only be appended to (SigFlags 3, ISO 32000-1, table 219); the catalogue
/// names the certifying signature (table 258). Objects that need no change are left alone.
fn put_form(file: &PdfFile<'_>, append: &mut Append<'_, '_>, certifying: Option<ObjectId>) -> Result<(), SignError> {
    let newest = file.newest();
    let missing = || PdfError::at(0, "its form or document catalogue is no dictionary");
    let (root, _) = catalog(file, newest)?;
    let located = file.object(root, newest)?;
    let dict = located.value.dict().ok_or_else(missing)?;
    let mut edit = Edit::new(&located);
    let form = dict.get(b"AcroForm").ok_or_else(missing)?;
    match form.reference() {
        None => {
            let form = form.dict().ok_or_else(missing)?;
            if form.integer(b"SigFlags") != Some(3) {
                edit.set(form, "SigFlags", b"3");
            }
        }
        Some(id) => {
            let form_object = file.object(id, newest)?;
            let form = form_object.value.dict().ok_or_else(missing)?;
            let mut form_edit = Edit::new(&form_object);
            if form.integer(b"SigFlags") != Some(3) {
                form_edit.set(form, "SigFlags", b"3");
                append.put((id.0, form_object.generation), form_edit.body());
            }
        }
    }
    if let Some(id) = certifying {
        edit.set(dict, "Perms", format!("<</DocMDP {} {} R>>", id.0, id.1).as_bytes());
    }
    if !edit.is_empty() {
        append.put((root.0, located.generation), edit.body());
    }
    Ok(())
}

/// Fills the byte range and the signature value in.
fn fill(
    mut bytes: Vec<u8>,
    body_at: usize,
    holes: &Holes,
    reserved: usize,
    signer: &dyn Signer,
) -> Result<Vec<u8>, SignError> {
    let gap = body_at + holes.contents.start..body_at + holes.contents.end;
    let numbers = format!("{} {} {}", gap.start, gap.end, bytes.len() - gap.end);
    put_at(&mut bytes, body_at + holes.byte_range.start, numbers.as_bytes());

    let before = bytes.get(..gap.start).unwrap_or_default();
    let after = bytes.get(gap.end..).unwrap_or_default();
    let value = cms::build(&[before, after], signer)?;
    if value.len() > reserved {
        return Err(SignError::TooLarge { needed: value.len(), reserved });
    }
    put_at(&mut bytes, gap.start + 1, hex::encode(value).as_bytes());
    Ok(bytes)
}

fn put_at(bytes: &mut [u8], at: usize, text: &[u8]) {
    if let Some(place) = bytes.get_mut(at..at + text.len()) {
        place.copy_from_slice(text);
    }
}

/// Nobody gets a signed file that the own verifier does not accept, earlier signatures included.
fn examine_own(signed: &[u8], field: &str) -> Result<(), SignError> {
    let verification = verify_pdf(signed)?;
    if verification.is_intact()
        && verification.signatures.iter().any(|report| report.field == field && report.covers_whole_file)
    {
        return Ok(());
    }
    let mut reasons: Vec<String> = verification
        .signatures
        .iter()
        .flat_map(|report| report.problems.iter().map(move |problem| format!("{}: {problem}", report.field)))
        .collect();
    if reasons.is_empty() {
        reasons.push("the signature is not where it was put".to_owned());
    }
    Err(SignError::Unverified { reason: reasons.join("; ") })
}
