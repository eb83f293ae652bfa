//! Where the new state is made: in a file beside the database, which takes its place in one step at the end. So readers
//! go on undisturbed, and whatever happens in between, the database is as it was.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::schema::{check, check_file, refused};
use crate::error::AdvisoryError;

/// The place for a new state. Dropped before [`Draft::publish`], it leaves nothing behind.
pub(super) struct Draft {
    target: PathBuf,
    draft: PathBuf,
    lock_path: PathBuf,
    lock: Option<File>,
    published: bool,
    /// Whether it begins with what the database holds.
    pub(super) is_copy: bool,
}

impl Draft {
    /// Prepares a new state of a database: a copy of the old one, or nothing.
    pub(super) fn new(database: &Path) -> Result<Self, AdvisoryError> {
        // Through a symbolic link, so that the link stays one.
        let target = std::fs::canonicalize(database).unwrap_or_else(|_| database.to_owned());
        let exists = match check_file(&target) {
            Ok(()) => {
                // Refused before anything is read, if it is not ours.
                drop(super::schema::open(&target).map_err(|error| renamed(error, database))?);
                true
            }
            Err(AdvisoryError::NoDatabase(_)) => false,
            Err(error) => return Err(renamed(error, database)),
        };
        let name = target.file_name().ok_or_else(|| refused(database, "it is no file"))?.to_owned();
        let beside = |ending: &str| {
            let mut name = name.clone();
            name.push(ending);
            target.with_file_name(name)
        };
        if let Some(folder) = target.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|error| cannot_write(database, &error))?;
        }
        let lock_path = beside(".lock");
        let mut draft = Self {
            lock: Some(take_lock(&lock_path, database)?),
            lock_path,
            draft: beside(".new"),
            target,
            published: false,
            is_copy: exists,
        };
        // What a killed import left behind; the lock says that none is under way.
        draft.remove();
        if exists {
            std::fs::copy(&draft.target, &draft.draft).map_err(|error| cannot_write(database, &error))?;
            make_writable(&draft.draft).map_err(|error| cannot_write(database, &error))?;
        } else {
            drop(File::create_new(&draft.draft).map_err(|error| cannot_write(database, &error))?);
            draft.is_copy = false;
        }
        Ok(draft)
    }

    /// Puts the new state in the database's place. The file must be closed.
    pub(super) fn publish(mut self) -> Result<(), AdvisoryError> {
        let failed = |error: &std::io::Error| cannot_write(&self.target, error);
        // On the disk before its name says so.
        OpenOptions::new().write(true).open(&self.draft).and_then(|file| file.sync_all()).map_err(|e| failed(&e))?;
        let mut tries = 0;
        loop {
            match std::fs::rename(&self.draft, &self.target) {
                Ok(()) => break,
                // Windows: while somebody reads it, a file cannot be replaced. Readers are quick.
                Err(error) if cfg!(windows) && error.kind() == ErrorKind::PermissionDenied && tries < 200 => {
                    tries += 1;
                    std::thread::sleep(Duration::from_millis(50));
                }
                Err(error) => return Err(failed(&error)),
            }
        }
        self.published = true;
        #[cfg(unix)]
        if let Some(folder) = self.target.parent() {
            // The name is there already; that it outlives a power cut is all that could fail here.
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            let _ = File::open(folder).and_then(|folder| folder.sync_all());
        }
        Ok(())
    }

    fn remove(&mut self) {
        for ending in ["", "-journal", "-wal", "-shm"] {
            let mut path = self.draft.clone().into_os_string();
            path.push(ending);
            let _ = std::fs::remove_file(PathBuf::from(path));
        }
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if !self.published {
            self.remove();
        }
        // Removed while it is still held: who waits for it looks again whether it is there.
        let _ = std::fs::remove_file(&self.lock_path);
        drop(self.lock.take());
    }
}

/// Takes the lock, or says that somebody else has it.
fn take_lock(path: &Path, database: &Path) -> Result<File, AdvisoryError> {
    for _ in 0..20 {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .open(path)
            .map_err(|error| cannot_write(database, &error))?;
        match file.try_lock() {
            Ok(()) if is_still_there(path, &file) => return Ok(file),
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(refused(database, "another import into it is under way; wait until it has ended"));
            }
            Err(TryLockError::Error(error)) => return Err(cannot_write(database, &error)),
        }
    }
    Err(refused(database, "other imports into it come and go; wait until they have ended"))
}

#[cfg(unix)]
fn is_still_there(path: &Path, file: &File) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (std::fs::metadata(path), file.metadata()) {
        (Ok(a), Ok(b)) => a.dev() == b.dev() && a.ino() == b.ino(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_still_there(path: &Path, _file: &File) -> bool {
    path.exists()
}

/// A copy of a write-protected file is to be written all the same; the owner alone may.
fn make_writable(path: &Path) -> std::io::Result<()> {
    let mut permissions = std::fs::metadata(path)?.permissions();
    if permissions.readonly() {
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            permissions.set_mode(permissions.mode() | 0o200);
        }
        #[cfg(not(unix))]
        permissions.set_readonly(false);
        std::fs::set_permissions(path, permissions)?;
    }
    Ok(())
}

/// An error that names the file as it was given.
fn renamed(error: AdvisoryError, path: &Path) -> AdvisoryError {
    match error {
        AdvisoryError::Database { reason, .. } => AdvisoryError::Database { path: path.to_owned(), reason },
        AdvisoryError::Read { source, .. } => AdvisoryError::Read { path: path.to_owned(), source },
        other => other,
    }
}

fn cannot_write(path: &Path, error: &std::io::Error) -> AdvisoryError {
    let reason = match error.kind() {
        ErrorKind::PermissionDenied => "its folder cannot be written to".to_owned(),
        ErrorKind::ReadOnlyFilesystem => "it lies on a medium that cannot be written to".to_owned(),
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => "the disk is full".to_owned(),
        _ => format!("it cannot be written: {error}"),
    };
    refused(path, &reason)
}

/// Opens the draft for writing. Its safety lies in the replacement at the end, so that nothing else is needed.
pub(super) fn open(draft: &Draft) -> Result<rusqlite::Connection, AdvisoryError> {
    let broken = |error: rusqlite::Error| super::schema::broken(&draft.target, &error);
    let connection = rusqlite::Connection::open(&draft.draft).map_err(broken)?;
    connection.set_prepared_statement_cache_capacity(64);
    connection
        .execute_batch(
            "PRAGMA trusted_schema=OFF; PRAGMA page_size=8192; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=OFF; \
             PRAGMA synchronous=OFF; PRAGMA cache_size=-49152; PRAGMA temp_store=FILE;",
        )
        .map_err(broken)?;
    if draft.is_copy {
        check(&connection, &draft.target)?;
        connection.execute_batch("BEGIN").map_err(broken)?;
    } else {
        connection.execute_batch("BEGIN").map_err(broken)?;
        super::schema::create(&connection).map_err(broken)?;
    }
    Ok(connection)
}
