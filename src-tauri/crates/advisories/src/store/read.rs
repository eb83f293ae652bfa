//! Answers to the matching: one statement per ecosystem finds the rows; what is rare lies beside and is read apart.

use std::collections::HashMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::schema::PART_BITS;
use crate::facts::{Data, DatabaseState, Epss, Exploited, SourceState};
use crate::matching::{About, Details, Known, Row, Wanted};
use crate::record::{NameKind, OtherId, Said, Span, State};

/// What few rows have, as JSON in `extra`.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Extra {
    #[serde(rename = "o", skip_serializing_if = "Option::is_none")]
    pub(super) note: Option<String>,
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub(super) module: Option<String>,
    #[serde(rename = "a", skip_serializing_if = "Vec::is_empty")]
    pub(super) architectures: Vec<String>,
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub(super) channel: Option<String>,
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub(super) severities: Vec<Said>,
}

/// State, kind of name, and whether the row lists versions (as a JSON list in the place of the first one), in one number.
pub(super) fn pack(state: State, kind: NameKind, is_list: bool) -> i64 {
    let state = match state {
        State::Affected => 0,
        State::WillNotFix => 1,
        State::FixDeferred => 2,
        State::EndOfLife => 3,
        State::UnderInvestigation => 4,
        State::NotAffected => 5,
    };
    let kind = match kind {
        NameKind::Source => 0,
        NameKind::Binary => 1,
        NameKind::Either => 2,
    };
    state | kind << 3 | i64::from(is_list) << 5
}

fn unpack(what: i64) -> (State, NameKind, bool) {
    let state = match what & 7 {
        1 => State::WillNotFix,
        2 => State::FixDeferred,
        3 => State::EndOfLife,
        4 => State::UnderInvestigation,
        5 => State::NotAffected,
        _ => State::Affected,
    };
    let kind = match what >> 3 & 3 {
        0 => NameKind::Source,
        1 => NameKind::Binary,
        _ => NameKind::Either,
    };
    (state, kind, what >> 5 & 1 == 1)
}

/// A CVE id as a number: its year times 10^10 and its own number.
pub(super) fn cve_number(id: &str) -> Option<i64> {
    let (prefix, rest) = id.split_at_checked(4)?;
    let (year, number) = rest.split_once('-')?;
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !prefix.eq_ignore_ascii_case("CVE-") || year.len() != 4 || !(4..=10).contains(&number.len()) {
        return None;
    }
    if !digits(year) || !digits(number) {
        return None;
    }
    Some(year.parse::<i64>().ok()? * 10_000_000_000 + number.parse::<i64>().ok()?)
}

/// Parses JSON that we wrote ourselves; a damaged one is an error of the database.
fn json<T: for<'a> Deserialize<'a> + Default>(value: ValueRef<'_>, column: usize) -> rusqlite::Result<T> {
    match value {
        ValueRef::Null => Ok(T::default()),
        ValueRef::Text(text) => serde_json::from_slice(text).map_err(|error| {
            rusqlite::Error::FromSqlConversionFailure(column, rusqlite::types::Type::Text, Box::new(error))
        }),
        other => Err(rusqlite::Error::InvalidColumnType(column, "JSON".to_owned(), other.data_type())),
    }
}

/// What is in the database.
pub(super) fn state(connection: &Connection, path: &Path) -> rusqlite::Result<DatabaseState> {
    let mut of_source: HashMap<i64, Vec<String>> = HashMap::new();
    let mut statement = connection.prepare_cached(
        "SELECT c.source, e.name FROM coverage c JOIN ecosystem e ON e.number=c.ecosystem WHERE c.data>0 ORDER BY e.name",
    )?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        of_source.entry(row.get(0)?).or_default().push(row.get(1)?);
    }
    let mut statement = connection.prepare_cached(
        "SELECT number, feed, title, snapshot, imported, origin, sha256, records, single, whole, reader FROM source ORDER BY feed",
    )?;
    let mut rows = statement.query([])?;
    let mut sources = Vec::new();
    let mut hasher = Sha256::new();
    while let Some(row) = rows.next()? {
        let (feed, sha256): (String, String) = (row.get(1)?, row.get(6)?);
        let reader: i64 = row.get(10)?;
        hasher.update(format!("{feed}\0{sha256}\0{reader}\n"));
        let (origin, single, whole): (String, i64, bool) = (row.get(5)?, row.get(8)?, row.get(9)?);
        sources.push(SourceState {
            feed,
            title: row.get(2)?,
            snapshot: row.get(3)?,
            imported: row.get(4)?,
            origin: origin_text(&origin, single, whole),
            sha256,
            records: u64::try_from(row.get::<_, i64>(7)?).unwrap_or(0),
            ecosystems: of_source.remove(&row.get(0)?).unwrap_or_default(),
        });
    }
    Ok(DatabaseState { id: hex::encode(hasher.finalize()), path: path.display().to_string(), sources })
}

/// Where a feed was read, with the records that were added one by one.
pub(super) fn origin_text(origin: &str, single: i64, whole: bool) -> String {
    let records = if single == 1 { "1 single record".to_owned() } else { format!("{single} single records") };
    match (whole, single) {
        (true, 0) => origin.to_owned(),
        (true, _) => format!("{origin}, and {records} since"),
        (false, _) => format!("{records} only, not the whole feed; the last from {origin}"),
    }
}

/// What is known of ecosystems. Single records alone are no knowledge of an ecosystem.
pub(super) fn known(connection: &Connection, wanted: &[Wanted]) -> rusqlite::Result<Vec<Known>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.feed, c.data FROM ecosystem e JOIN coverage c ON c.ecosystem=e.number JOIN source s ON s.number=c.source \
         WHERE e.name=?1 ORDER BY s.feed",
    )?;
    let mut out = Vec::with_capacity(wanted.len());
    for wanted in wanted {
        let mut known = Known { ecosystem: wanted.ecosystem.clone(), data: Data::None, feeds: Vec::new() };
        let mut rows = statement.query([&wanted.ecosystem])?;
        while let Some(row) = rows.next()? {
            let data = match row.get::<_, i64>(1)? {
                2 => Data::WithUnfixed,
                1 => Data::FixedOnly,
                // A feed that merely mentions an ecosystem says neither how much is known of it nor how new that is.
                _ => continue,
            };
            known.feeds.push(row.get(0)?);
            // `Data` is ordered by how much is known, the most first.
            known.data = known.data.min(data);
        }
        out.push(known);
    }
    Ok(out)
}

const ROWS: &str = "SELECT j.key, a.record, a.what, a.introduced, a.fixed, a.last, a.extra \
     FROM json_each(?1) j CROSS JOIN affected a ON a.ecosystem=?2 AND a.name=j.value";

/// The rows of packages.
pub(super) fn rows(connection: &Connection, wanted: &[Wanted]) -> rusqlite::Result<Vec<Row>> {
    let mut out = Vec::new();
    let mut extras: HashMap<i64, Extra> = HashMap::new();
    let mut extra_of = connection.prepare_cached("SELECT content FROM extra WHERE number=?1")?;
    for wanted in wanted {
        let Some(ecosystem) = ecosystem_number(connection, &wanted.ecosystem)? else { continue };
        let names = serde_json::to_string(&wanted.names).unwrap_or_default();
        let mut statement = connection.prepare_cached(ROWS)?;
        let mut rows = statement.query(params![names, ecosystem])?;
        while let Some(row) = rows.next()? {
            let index = usize::try_from(row.get::<_, i64>(0)?).unwrap_or(usize::MAX);
            let Some(name) = wanted.names.get(index) else { continue };
            let (state, kind, is_list) = unpack(row.get(2)?);
            let mut found = Row {
                record: row.get(1)?,
                ecosystem: wanted.ecosystem.clone(),
                name: name.clone(),
                kind,
                span: None,
                version: None,
                state,
                note: None,
                module: None,
                architectures: Vec::new(),
                channel: None,
                severities: Vec::new(),
            };
            if let Some(number) = row.get::<_, Option<i64>>(6)? {
                let extra = match extras.entry(number) {
                    std::collections::hash_map::Entry::Occupied(known) => known.into_mut(),
                    std::collections::hash_map::Entry::Vacant(place) => place.insert(
                        extra_of.query_row([number], |row| json(row.get_ref(0)?, 0)).optional()?.unwrap_or_default(),
                    ),
                };
                found.note.clone_from(&extra.note);
                found.module.clone_from(&extra.module);
                found.architectures.clone_from(&extra.architectures);
                found.channel.clone_from(&extra.channel);
                found.severities.clone_from(&extra.severities);
            }
            if is_list {
                let versions: Vec<String> = json(row.get_ref(3)?, 3)?;
                out.extend(versions.into_iter().map(|version| Row { version: Some(version), ..found.clone() }));
            } else {
                found.span = Some(Span { introduced: row.get(3)?, fixed: row.get(4)?, last_affected: row.get(5)? });
                out.push(found);
            }
        }
    }
    Ok(out)
}

fn ecosystem_number(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT number FROM ecosystem WHERE name=?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Records in full, in the order asked for; a number that there is not gives none.
pub(super) fn details(connection: &Connection, records: &[i64]) -> rusqlite::Result<Vec<Details>> {
    let mut feeds: HashMap<i64, String> = HashMap::new();
    let mut feed_of =
        connection.prepare_cached("SELECT s.feed FROM part p JOIN source s ON s.number=p.source WHERE p.number=?1")?;
    let mut statement = connection.prepare_cached(
        "SELECT r.id, w.text, r.flags, r.published, r.modified, r.summary, r.others, r.refs, r.severities \
         FROM record r JOIN word w ON w.number=r.source WHERE r.number=?1",
    )?;
    let mut out = Vec::with_capacity(records.len());
    for &number in records {
        let found = statement
            .query_row([number], |row| {
                Ok(Details {
                    number,
                    id: row.get(0)?,
                    source: row.get(1)?,
                    feed: String::new(),
                    malicious: row.get::<_, i64>(2)? & 1 == 1,
                    published: row.get(3)?,
                    modified: row.get(4)?,
                    summary: row.get(5)?,
                    others: json::<Vec<OtherId>>(row.get_ref(6)?, 6)?,
                    references: json(row.get_ref(7)?, 7)?,
                    severities: json(row.get_ref(8)?, 8)?,
                })
            })
            .optional()?;
        let Some(mut found) = found else { continue };
        let part = number >> PART_BITS;
        if let Some(feed) = feeds.get(&part) {
            found.feed.clone_from(feed);
        } else {
            found.feed = feed_of.query_row([part], |row| row.get(0)).optional()?.unwrap_or_default();
            feeds.insert(part, found.feed.clone());
        }
        out.push(found);
    }
    Ok(out)
}

/// What is said of CVEs beside the records.
pub(super) fn about(connection: &Connection, cves: &[String]) -> rusqlite::Result<Vec<About>> {
    let mut out = Vec::new();
    for cve in cves {
        let about = about_by(connection, None, cve)?;
        if about != (About { cve: cve.clone(), ..About::default() }) {
            out.push(about);
        }
    }
    Ok(out)
}

/// What one feed says of a CVE.
pub(super) fn about_of(connection: &Connection, source: i64, cve: &str) -> rusqlite::Result<About> {
    about_by(connection, Some(source), cve)
}

fn about_by(connection: &Connection, source: Option<i64>, cve: &str) -> rusqlite::Result<About> {
    let mut about = About { cve: cve.to_owned(), ..About::default() };
    let Some(number) = cve_number(cve) else { return Ok(about) };
    about.exploited = connection
        .prepare_cached("SELECT added, due, ransomware FROM kev WHERE cve=?1 AND source=ifnull(?2, source) LIMIT 1")?
        .query_row(params![number, source], |row| {
            Ok(Exploited { added: row.get(0)?, due: row.get(1)?, ransomware: row.get(2)? })
        })
        .optional()?;
    about.epss = connection
        .prepare_cached(
            "SELECT e.score, e.percentile, w.text FROM epss e LEFT JOIN word w ON w.number=e.day \
             WHERE e.cve=?1 AND e.source=ifnull(?2, e.source) LIMIT 1",
        )?
        .query_row(params![number, source], |row| {
            Ok(Epss { score: row.get(0)?, percentile: row.get(1)?, date: row.get(2)? })
        })
        .optional()?;
    let mut nvd = connection
        .prepare_cached("SELECT rejected, summary, severities FROM nvd WHERE cve=?1 AND source=ifnull(?2, source)")?;
    let mut rows = nvd.query(params![number, source])?;
    while let Some(row) = rows.next()? {
        about.rejected |= row.get::<_, bool>(0)?;
        about.summary = about.summary.or(row.get(1)?);
        about.severities.extend(json::<Vec<Said>>(row.get_ref(2)?, 2)?);
    }
    Ok(about)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cve_ids_become_numbers_that_tell_them_apart() {
        assert_eq!(cve_number("CVE-2024-0001"), Some(20_240_000_000_001));
        assert_eq!(cve_number("cve-2024-1234567890"), Some(20_241_234_567_890));
        for no in [
            "",
            "CVE-",
            "CVE-2024",
            "CVE-2024-1",
            "CVE-2024-12345678901",
            "CVE-24-1234",
            "GHSA-2024-1234",
            "CVE-2024-+123",
            "CVé-2024-1234",
        ] {
            assert_eq!(cve_number(no), None, "{no}");
        }
    }

    #[test]
    fn state_kind_and_shape_of_a_row_fit_one_number() {
        for state in [
            State::Affected,
            State::WillNotFix,
            State::FixDeferred,
            State::EndOfLife,
            State::UnderInvestigation,
            State::NotAffected,
        ] {
            for kind in [NameKind::Source, NameKind::Binary, NameKind::Either] {
                for list in [false, true] {
                    assert_eq!(unpack(pack(state, kind, list)), (state, kind, list));
                }
            }
        }
    }
}
