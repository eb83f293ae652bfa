//! The tables, and whether a file is an advisory database of ours.
//!
//! Rows of packages lie clustered by ecosystem and name, so that matching reads them in one go. A record's number is
//! `part << PART_BITS | n`; a part belongs to one feed, so that a feed's rows can be told without a column for it.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::error::AdvisoryError;

/// "PLVA", in the file's header.
pub(super) const APPLICATION_ID: i32 = 0x504C_5641;
/// Version of the tables.
pub(super) const VERSION: i32 = 1;
/// Changes when importers read more or otherwise than before: then nothing counts as unchanged.
pub(super) const READER: i64 = 1;
/// Bits of a record's number within its part.
pub(super) const PART_BITS: u32 = 22;

/// The statements, one per object, as `sqlite_schema` holds them.
pub(super) const TABLES: [(&str, &str); 12] = [
    (
        "source",
        "CREATE TABLE source(number INTEGER PRIMARY KEY, feed TEXT NOT NULL UNIQUE, title TEXT NOT NULL, snapshot TEXT, imported TEXT NOT NULL, origin TEXT NOT NULL, sha256 TEXT NOT NULL, records INTEGER NOT NULL, single INTEGER NOT NULL, whole INTEGER NOT NULL, reader INTEGER NOT NULL)",
    ),
    ("part", "CREATE TABLE part(number INTEGER PRIMARY KEY, source INTEGER NOT NULL)"),
    ("ecosystem", "CREATE TABLE ecosystem(number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)"),
    (
        "coverage",
        "CREATE TABLE coverage(ecosystem INTEGER NOT NULL, source INTEGER NOT NULL, data INTEGER NOT NULL, PRIMARY KEY(ecosystem, source)) WITHOUT ROWID",
    ),
    ("word", "CREATE TABLE word(number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE)"),
    (
        "record",
        "CREATE TABLE record(number INTEGER PRIMARY KEY, id TEXT NOT NULL, source INTEGER NOT NULL, flags INTEGER NOT NULL, published TEXT, modified TEXT, withdrawn TEXT, summary TEXT NOT NULL, others TEXT, refs TEXT, severities TEXT)",
    ),
    ("record_id", "CREATE INDEX record_id ON record(id)"),
    (
        "affected",
        "CREATE TABLE affected(ecosystem INTEGER NOT NULL, name TEXT NOT NULL, record INTEGER NOT NULL, n INTEGER NOT NULL, what INTEGER NOT NULL, introduced TEXT, fixed TEXT, last TEXT, extra INTEGER, PRIMARY KEY(ecosystem, name, record, n)) WITHOUT ROWID",
    ),
    ("extra", "CREATE TABLE extra(number INTEGER PRIMARY KEY, content TEXT NOT NULL)"),
    (
        "kev",
        "CREATE TABLE kev(cve INTEGER NOT NULL, source INTEGER NOT NULL, added TEXT NOT NULL, due TEXT, ransomware INTEGER NOT NULL, PRIMARY KEY(cve, source)) WITHOUT ROWID",
    ),
    (
        "epss",
        "CREATE TABLE epss(cve INTEGER NOT NULL, source INTEGER NOT NULL, score INTEGER NOT NULL, percentile INTEGER NOT NULL, day INTEGER, PRIMARY KEY(cve, source)) WITHOUT ROWID",
    ),
    (
        "nvd",
        "CREATE TABLE nvd(cve INTEGER NOT NULL, source INTEGER NOT NULL, rejected INTEGER NOT NULL, summary TEXT, severities TEXT, PRIMARY KEY(cve, source)) WITHOUT ROWID",
    ),
];

/// Opens a database for reading, after a look at whether it is one of ours.
pub(super) fn open(path: &Path) -> Result<Connection, AdvisoryError> {
    check_file(path)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).map_err(|error| broken(path, &error))?;
    connection.busy_timeout(Duration::from_secs(10)).map_err(|error| broken(path, &error))?;
    prepare(&connection).map_err(|error| broken(path, &error))?;
    check(&connection, path)?;
    Ok(connection)
}

/// Settings of every connection: nothing in a file that came from elsewhere is run or trusted.
fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch("PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON; PRAGMA cache_size=-32768;")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(())
}

/// Whether there is a file at all.
pub(super) fn check_file(path: &Path) -> Result<(), AdvisoryError> {
    match std::fs::metadata(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Err(AdvisoryError::NoDatabase(path.to_owned())),
        Err(source) => Err(AdvisoryError::Read { path: path.to_owned(), source }),
        Ok(metadata) if !metadata.is_file() => Err(refused(path, "it is no file")),
        Ok(metadata) if metadata.len() == 0 => Err(refused(path, "it is an empty file")),
        Ok(_) => Ok(()),
    }
}

/// Whether the tables are ours, in this version, and nothing else is in it.
pub(super) fn check(connection: &Connection, path: &Path) -> Result<(), AdvisoryError> {
    let number = |pragma: &str| -> Result<i32, AdvisoryError> {
        connection.query_row(pragma, [], |row| row.get(0)).map_err(|error| broken(path, &error))
    };
    if number("PRAGMA application_id")? != APPLICATION_ID {
        return Err(refused(path, "it is an SQLite database of another program"));
    }
    let version = number("PRAGMA user_version")?;
    if version > VERSION {
        return Err(refused(
            path,
            &format!(
                "it was made by a newer version of Plimsoll (its form is {version}, the newest known here is {VERSION})"
            ),
        ));
    }
    let objects = (|| -> rusqlite::Result<Vec<(String, Option<String>)>> {
        // Indices that a UNIQUE makes have no text.
        let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        rows.take(TABLES.len() + 1).collect()
    })()
    .map_err(|error| broken(path, &error))?;
    let as_made = version == VERSION
        && objects.len() == TABLES.len()
        && objects.iter().all(|(name, sql)| TABLES.contains(&(name.as_str(), sql.as_deref().unwrap_or_default())));
    if as_made { Ok(()) } else { Err(refused(path, "its tables are not those of an advisory database")) }
}

/// Makes the tables in an empty file.
pub(super) fn create(connection: &Connection) -> rusqlite::Result<()> {
    connection.execute_batch(&format!("PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={VERSION};"))?;
    for (_, sql) in TABLES {
        connection.execute_batch(sql)?;
    }
    Ok(())
}

/// Refuses a file in one sentence.
pub(super) fn refused(path: &Path, reason: &str) -> AdvisoryError {
    AdvisoryError::Database { path: path.to_owned(), reason: reason.to_owned() }
}

/// An error of SQLite in a sentence.
pub(super) fn broken(path: &Path, error: &rusqlite::Error) -> AdvisoryError {
    let reason = match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => "it is no SQLite database".to_owned(),
        Some(ErrorCode::DatabaseCorrupt) => {
            "it is damaged; make a new one with plimsoll advisories import PATH".to_owned()
        }
        Some(ErrorCode::DiskFull) => "the disk is full".to_owned(),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => "another program is writing to it".to_owned(),
        Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => "it cannot be opened; may you read it?".to_owned(),
        _ => error.to_string(),
    };
    AdvisoryError::Database { path: path.to_owned(), reason }
}
