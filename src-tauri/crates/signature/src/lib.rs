//! Signing identities, PAdES signing of PDF reports, and verification of what was signed.
//!
//! In comes a finished PDF with empty signature fields and an [`Identity`]; out goes the same PDF with a signature
//! appended ([`sign_pdf`]), or a judgement of the signatures it holds ([`verify_pdf`]).
//!
//! - `identity`: a key with its certificates, made here (`issue`) or read from a PKCS#12 file
//! - `algorithms`, `certificate`: which keys, digests and certificates are accepted
//! - `cms`: the signature value, CAdES-BES (ETSI EN 319 122-1)
//! - `pdf`: reading and appending to PDF files without ever re-writing what is there (ISO 32000-1, 7)
//! - `sign`, `verify`, `changes`: the PAdES B-B signature (ETSI EN 319 142-1) and its strict examination
//!
//! Nothing here opens a file or a socket. Time stamps, revocation data and hardware tokens are not part of this crate
//! yet: a token is a [`Signer`], a time stamp an unsigned attribute that `cms` would add.

mod algorithms;
mod certificate;
mod changes;
mod cms;
mod identity;
mod issue;
mod pdf;
mod sign;
mod signer;
mod verify;

pub use algorithms::SignatureAlgorithm;
pub use certificate::IdentitySummary;
pub use cms::CmsError;
pub use identity::{CreatedIdentity, Identity, IdentityError, NewIdentity};
pub use pdf::PdfError;
pub use pdf::append::AppearanceObjects;
pub use sign::{SignError, SignRequest, sign_pdf};
pub use signer::{Signer, SignerError};
pub use verify::{SignatureReport, Verification, VerifyError, verify_pdf};
