//! What the program remembers between sessions: engagements opened lately, and how the auditor signs.
//!
//! One JSON file in the user's configuration folder. It holds no secret. A damaged file is set aside, never trusted.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::error::WorkbenchError;

/// How many engagements are remembered.
const RECENT: usize = 12;

/// An engagement opened lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentEngagement {
    /// The file.
    pub path: PathBuf,
    /// Its title.
    pub title: String,
    /// Its client.
    pub client: String,
    /// When it was opened, RFC 3339.
    pub opened: String,
}

/// The certificate that was used last, so that the window can show it without the passphrase.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownIdentity {
    /// The PKCS#12 file.
    pub path: PathBuf,
    /// The name in the certificate.
    pub name: String,
    /// The firm.
    pub organization: String,
    /// Last moment of validity, RFC 3339.
    pub not_after: String,
    /// SHA-256 of the certificate, hex.
    pub fingerprint: String,
}

/// All that is remembered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// Engagements opened lately, the latest first.
    pub recent: Vec<RecentEngagement>,
    /// The auditor as last entered.
    pub auditor: String,
    /// The firm as last entered.
    pub organization: String,
    /// The identity used last.
    pub identity: Option<KnownIdentity>,
}

/// The folder for the program's own data: identities, the sample.
#[must_use]
pub fn data_folder() -> PathBuf {
    dirs::data_dir().unwrap_or_else(std::env::temp_dir).join("plimsoll")
}

/// The folder that new engagements are proposed to go into.
#[must_use]
pub fn documents_folder() -> PathBuf {
    dirs::document_dir().or_else(dirs::home_dir).unwrap_or_else(std::env::temp_dir)
}

fn file() -> PathBuf {
    dirs::config_dir().unwrap_or_else(std::env::temp_dir).join("plimsoll/settings.json")
}

impl Settings {
    /// What was remembered. Nothing is, at first.
    #[must_use]
    pub fn load() -> Self {
        let path = file();
        let Ok(text) = std::fs::read_to_string(&path) else { return Self::default() };
        serde_json::from_str(&text).unwrap_or_else(|_| {
            let _ = std::fs::rename(&path, path.with_extension("damaged.json"));
            Self::default()
        })
    }

    /// Remembers it.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn save(&self) -> Result<(), WorkbenchError> {
        let path = file();
        let text = serde_json::to_string_pretty(self).unwrap_or_default();
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(|source| WorkbenchError::Write { path: folder.to_owned(), source })?;
        }
        write_whole(&path, text.as_bytes(), false)
    }

    /// Notes that an engagement was opened.
    pub fn opened(&mut self, path: &Path, title: &str, client: &str) {
        self.recent.retain(|known| known.path != path);
        self.recent.insert(
            0,
            RecentEngagement {
                path: path.to_owned(),
                title: title.to_owned(),
                client: client.to_owned(),
                opened: crate::collect::now(),
            },
        );
        self.recent.truncate(RECENT);
    }
}

/// Reads a file that a person gave, up to a limit in bytes. `kind` says what it should be.
///
/// # Errors
/// When it is not there, a folder, too large or cannot be read.
pub fn read_bounded(path: &Path, limit: u64, kind: &'static str) -> Result<Vec<u8>, WorkbenchError> {
    let read = |source| WorkbenchError::Read { path: path.to_owned(), source };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(WorkbenchError::NoFile(path.into())),
        Err(error) => return Err(read(error)),
    };
    if metadata.is_dir() {
        return Err(WorkbenchError::IsFolder(path.into()));
    }
    if metadata.len() > limit {
        return Err(WorkbenchError::TooLarge { path: path.into(), size: metadata.len(), limit, kind });
    }
    std::fs::read(path).map_err(read)
}

/// Writes a file so that it is there whole or not at all: to a temporary name in the same folder, then renamed.
///
/// `secret` files can be read by their owner only.
///
/// # Errors
/// When the folder is not there or cannot be written.
pub fn write_whole(path: &Path, bytes: &[u8], secret: bool) -> Result<(), WorkbenchError> {
    use std::io::Write;
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !folder.is_dir() {
        return Err(WorkbenchError::NoFolder(folder.to_owned()));
    }
    if path.is_dir() {
        return Err(WorkbenchError::IsFolder(path.to_owned()));
    }
    let write = |source| WorkbenchError::Write { path: path.to_owned(), source };
    let mut file = tempfile::Builder::new().prefix(".plimsoll-").tempfile_in(folder).map_err(write)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = if secret { 0o600 } else { 0o644 };
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode)).map_err(write)?;
    }
    #[cfg(not(unix))]
    let _ = secret;
    file.write_all(bytes).map_err(write)?;
    file.as_file().sync_all().map_err(write)?;
    file.persist(path).map_err(|error| write(error.error))?;
    Ok(())
}
