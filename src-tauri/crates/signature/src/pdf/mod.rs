//! PDF files as bytes: objects, revisions, signature fields, and appended revisions (ISO 32000-1, 7).
//!
//! This reader is strict where other readers repair: a signed file that needs repair is not the file that was signed.

pub(crate) mod append;
pub(crate) mod fields;
pub(crate) mod file;
pub(crate) mod syntax;
pub(crate) mod text;

/// Why a PDF could not be read or extended.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PdfError {
    /// The bytes do not begin with a PDF header (ISO 32000-1, 7.5.2).
    #[error("the file is not a PDF, because it does not begin with %PDF-; choose a PDF report")]
    NotPdf,
    /// The file's structure breaks a rule.
    #[error("the PDF cannot be read at byte {at}, because {reason}; use the file as it was issued")]
    Structure {
        /// Where in the file.
        at: usize,
        /// What is wrong there.
        reason: String,
    },
    /// The file is encrypted (ISO 32000-1, 7.6).
    #[error("the PDF is encrypted, which reports never are; remove its password protection with the tool that set it")]
    Encrypted,
    /// The appearance given for the signature cannot be written.
    #[error("the signature's appearance cannot be used, because {0}; have the report draw it again")]
    Appearance(String),
    /// The file is larger than cross-references can address.
    #[error("the PDF cannot be signed, because it is larger than 4 GB; split its attachments off")]
    TooLarge,
}

impl PdfError {
    pub(crate) fn at(at: usize, reason: impl Into<String>) -> Self {
        Self::Structure { at, reason: reason.into() }
    }
}
