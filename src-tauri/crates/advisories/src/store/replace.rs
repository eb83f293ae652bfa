//! Takes out what a new state of a feed, or of a record, replaces.

use rusqlite::{Connection, OptionalExtension, params};

use super::schema::PART_BITS;

/// A feed as it was before.
#[derive(Debug, Clone)]
pub(super) struct Old {
    pub(super) number: i64,
    pub(super) title: String,
    pub(super) snapshot: Option<String>,
    pub(super) imported: String,
    pub(super) origin: String,
    pub(super) sha256: String,
    pub(super) records: i64,
    pub(super) single: i64,
    pub(super) whole: bool,
    pub(super) reader: i64,
}

/// The feed as it was before.
pub(super) fn old(connection: &Connection, feed: &str) -> rusqlite::Result<Option<Old>> {
    connection
        .query_row(
            "SELECT number, title, snapshot, imported, origin, sha256, records, single, whole, reader FROM source WHERE feed=?1",
            [feed],
            |row| {
                Ok(Old {
                    number: row.get(0)?,
                    title: row.get(1)?,
                    snapshot: row.get(2)?,
                    imported: row.get(3)?,
                    origin: row.get(4)?,
                    sha256: row.get(5)?,
                    records: row.get(6)?,
                    single: row.get(7)?,
                    whole: row.get(8)?,
                    reader: row.get(9)?,
                })
            },
        )
        .optional()
}

/// Takes a feed out with everything that it brought.
pub(super) fn remove_feed(connection: &Connection, source: i64) -> rusqlite::Result<()> {
    connection.execute(
        "DELETE FROM affected WHERE ecosystem IN (SELECT ecosystem FROM coverage WHERE source=?1) \
         AND record>>?2 IN (SELECT number FROM part WHERE source=?1)",
        params![source, PART_BITS],
    )?;
    let mut parts = connection.prepare("SELECT number FROM part WHERE source=?1")?;
    let parts: Vec<i64> = parts.query_map([source], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for part in parts {
        let range = params![part << PART_BITS, (part + 1) << PART_BITS];
        connection.execute("DELETE FROM record WHERE number>=?1 AND number<?2", range)?;
        connection.execute("DELETE FROM extra WHERE number>=?1 AND number<?2", range)?;
    }
    for table in ["part", "coverage", "kev", "epss", "nvd"] {
        connection.execute(&format!("DELETE FROM {table} WHERE source=?1"), [source])?;
    }
    connection.execute("DELETE FROM source WHERE number=?1", [source])?;
    Ok(())
}

/// Takes out the rows of single records of one feed, in one go.
pub(super) fn remove_rows(connection: &Connection, source: i64, records: &[i64]) -> rusqlite::Result<()> {
    if records.is_empty() {
        return Ok(());
    }
    let list = serde_json::to_string(records).unwrap_or_default();
    connection.execute(
        "DELETE FROM affected WHERE ecosystem IN (SELECT ecosystem FROM coverage WHERE source=?1) \
         AND record IN (SELECT value FROM json_each(?2))",
        params![source, list],
    )?;
    Ok(())
}

/// A record of a feed by its id: number and date of its last change.
pub(super) fn find(connection: &Connection, source: i64, id: &str) -> rusqlite::Result<Option<(i64, Option<String>)>> {
    connection
        .prepare_cached(
            "SELECT r.number, r.modified FROM record r JOIN part p ON p.number=r.number>>?3 WHERE r.id=?1 AND p.source=?2",
        )?
        .query_row(params![id, source, PART_BITS], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}
