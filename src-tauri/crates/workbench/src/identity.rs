//! The auditor's signing identity: a passphrase-protected PKCS#12 file, made here or brought along.

use std::path::{Path, PathBuf};

use plimsoll_signature::{Identity, IdentitySummary, NewIdentity};

use crate::error::WorkbenchError;
use crate::settings::{data_folder, write_whole};

/// How long an identity that the program makes is valid: three years.
const VALIDITY_DAYS: u16 = 3 * 365;
/// A PKCS#12 file may be at most this many bytes.
const LIMIT: u64 = 1 << 20;

/// Where the program puts the identity that it makes.
#[must_use]
pub fn default_path() -> PathBuf {
    data_folder().join("identity.p12")
}

/// An identity that was made.
#[derive(Debug)]
pub struct Made {
    /// The PKCS#12 file.
    pub path: PathBuf,
    /// The certificate to give to readers of the reports, PEM.
    pub ca_path: PathBuf,
    /// What its certificate says.
    pub summary: IdentitySummary,
}

/// Makes an identity and writes it, with the issuer's certificate beside it. Never overwrites a file.
///
/// # Errors
/// When the file exists, the name or passphrase is refused, or the folder cannot be written.
pub fn create(path: &Path, name: &str, organization: Option<&str>, passphrase: &str) -> Result<Made, WorkbenchError> {
    let ca_path = path.with_extension("ca.pem");
    for path in [path, &ca_path] {
        if path.exists() {
            return Err(WorkbenchError::Exists(path.to_owned()));
        }
    }
    let organization = organization.map(str::trim).filter(|name| !name.is_empty());
    let subject = NewIdentity { name: name.trim(), organization, validity_days: VALIDITY_DAYS };
    let made = Identity::create(&subject, passphrase)?;
    if let Some(folder) = path.parent().filter(|folder| *folder == data_folder()) {
        std::fs::create_dir_all(folder).map_err(|source| WorkbenchError::Write { path: folder.to_owned(), source })?;
    }
    write_whole(path, &made.p12, true)?;
    write_whole(&ca_path, made.ca_pem.as_bytes(), false)?;
    Ok(Made { path: path.to_owned(), ca_path, summary: made.identity.summary() })
}

/// Unlocks an identity and makes sure that it may sign now.
///
/// # Errors
/// When the file is not there, the passphrase is wrong, or the certificate does not allow signing today.
pub fn open(path: &Path, passphrase: &str) -> Result<Identity, WorkbenchError> {
    let read = |source| WorkbenchError::Read { path: path.to_owned(), source };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(WorkbenchError::NoFile(path.into())),
        Err(error) => return Err(read(error)),
    };
    if metadata.is_dir() {
        return Err(WorkbenchError::IsFolder(path.into()));
    }
    if metadata.len() > LIMIT {
        let kind = "PKCS#12 file";
        return Err(WorkbenchError::TooLarge { path: path.into(), size: metadata.len(), limit: LIMIT, kind });
    }
    let identity = Identity::from_pkcs12(&std::fs::read(path).map_err(read)?, passphrase)?;
    identity.check(time::OffsetDateTime::now_utc())?;
    Ok(identity)
}

/// What is remembered of an identity: what its certificate says, never its key.
#[must_use]
pub fn known(path: &Path, summary: &IdentitySummary) -> crate::settings::KnownIdentity {
    crate::settings::KnownIdentity {
        path: path.to_owned(),
        name: summary.name.clone(),
        organization: summary.organization.clone().unwrap_or_default(),
        not_after: summary.not_after.format(&time::format_description::well_known::Rfc3339).unwrap_or_default(),
        fingerprint: summary.sha256_fingerprint.clone(),
    }
}
