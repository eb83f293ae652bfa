//! One record, or one entry on a CVE, to its rows.

use rusqlite::params;

use super::super::read::{Extra, about_of, cve_number, pack};
use super::super::schema::PART_BITS;
use super::{Load, Writer, list, newer, word};
use crate::matching::About;
use crate::record::{Affected, Record};

/// Most contents of `extra` that are remembered, so that equal ones are kept once.
const MAX_EXTRAS: usize = 20_000;

impl Writer<'_> {
    /// Writes a record and its rows; a withdrawn one has none.
    pub(super) fn put(&mut self, load: &mut Load, record: &Record) -> rusqlite::Result<i64> {
        self.ready_part(load)?;
        let Some(part) = load.part.as_mut() else { return Ok(0) };
        let number = part.number << PART_BITS | part.records;
        part.records += 1;
        load.records += 1;
        load.newest = newer(load.newest.take(), record.modified.clone());
        let source = word(self.connection, &mut self.words, &record.source)?;
        self.record.execute(params![
            number,
            record.id,
            source,
            i64::from(record.malicious),
            record.published,
            record.modified,
            record.withdrawn,
            record.summary,
            list(&record.others),
            list(&record.references),
            list(&record.severities),
        ])?;
        if record.withdrawn.is_none() {
            let mut n = 0;
            for affected in &record.affected {
                self.put_affected(load, affected, number, &mut n)?;
            }
        }
        Ok(number)
    }

    fn put_affected(&mut self, load: &mut Load, of: &Affected, record: i64, n: &mut i64) -> rusqlite::Result<()> {
        let ecosystem = self.ecosystem(&of.ecosystem)?;
        load.covers.entry(ecosystem).or_insert(0);
        let extra = self.put_extra(load, of)?;
        let what = pack(of.state, of.kind, false);
        for span in &of.spans {
            // "0" sorts before everything, as nothing does.
            let introduced = span.introduced.as_deref().filter(|version| *version != "0");
            let (fixed, last) = (span.fixed.as_deref(), span.last_affected.as_deref());
            self.row.execute(params![ecosystem, of.name, record, *n, what, introduced, fixed, last, extra])?;
            *n += 1;
        }
        if !of.versions.is_empty() {
            let what = pack(of.state, of.kind, true);
            let none = None::<&str>;
            self.row.execute(params![ecosystem, of.name, record, *n, what, list(&of.versions), none, none, extra])?;
            *n += 1;
        }
        Ok(())
    }

    fn put_extra(&mut self, load: &mut Load, of: &Affected) -> rusqlite::Result<Option<i64>> {
        if of.note.is_none()
            && of.module.is_none()
            && of.channel.is_none()
            && of.architectures.is_empty()
            && of.severities.is_empty()
        {
            return Ok(None);
        }
        let extra = Extra {
            note: of.note.clone(),
            module: of.module.clone(),
            architectures: of.architectures.clone(),
            channel: of.channel.clone(),
            severities: of.severities.clone(),
        };
        let content = serde_json::to_string(&extra).unwrap_or_default();
        let Some(part) = load.part.as_mut() else { return Ok(None) };
        if let Some(number) = part.known.get(&content) {
            return Ok(Some(*number));
        }
        let number = part.number << PART_BITS | part.extras;
        part.extras += 1;
        self.extra.execute(params![number, content])?;
        if part.known.len() >= MAX_EXTRAS {
            part.known.clear();
        }
        part.known.insert(content, number);
        Ok(Some(number))
    }

    /// Adds the rows that a second document of one record has over the first.
    pub(super) fn merge(&mut self, load: &mut Load, record: &Record, number: i64) -> rusqlite::Result<()> {
        if record.withdrawn.is_some() {
            return Ok(());
        }
        self.ready_part(load)?;
        for affected in &record.affected {
            let ecosystem = self.ecosystem(&affected.ecosystem)?;
            let mut statement = self.connection.prepare_cached(
                "SELECT n, introduced, fixed, last, what FROM affected WHERE ecosystem=?1 AND name=?2 AND record=?3",
            )?;
            let mut rows = statement.query(params![ecosystem, affected.name, number])?;
            let mut n = 0;
            let mut rest = affected.clone();
            while let Some(row) = rows.next()? {
                n = n.max(row.get::<_, i64>(0)? + 1);
                let (introduced, fixed, last) = (
                    row.get::<_, Option<String>>(1)?,
                    row.get::<_, Option<String>>(2)?,
                    row.get::<_, Option<String>>(3)?,
                );
                if row.get::<_, i64>(4)? == pack(affected.state, affected.kind, true) {
                    if introduced == list(&affected.versions) {
                        rest.versions.clear();
                    }
                } else {
                    rest.spans.retain(|span| {
                        span.introduced.as_deref().filter(|version| *version != "0") != introduced.as_deref()
                            || span.fixed != fixed
                            || span.last_affected != last
                    });
                }
            }
            drop(rows);
            drop(statement);
            self.put_affected(load, &rest, number, &mut n)?;
        }
        Ok(())
    }

    /// Adds what a single document says of a CVE; false when the database says the same already.
    pub(super) fn put_single_about(&mut self, load: &mut Load, about: &About) -> rusqlite::Result<bool> {
        let before: i64 = self.total_of(load.source, about)?;
        if before > 0 && about_of(self.connection, load.source, &about.cve)? == *about {
            return Ok(false);
        }
        self.put_about(load, about)?;
        load.records -= i64::from(before > 0);
        Ok(true)
    }

    /// In how many tables a feed speaks of a CVE.
    fn total_of(&self, source: i64, about: &About) -> rusqlite::Result<i64> {
        self.connection
            .prepare_cached(
                "SELECT (SELECT count(*) FROM kev WHERE cve=?1 AND source=?2) + (SELECT count(*) FROM epss WHERE cve=?1 AND source=?2) \
                 + (SELECT count(*) FROM nvd WHERE cve=?1 AND source=?2)",
            )?
            .query_row(params![cve_number(&about.cve), source], |row| row.get(0))
    }

    pub(super) fn put_about(&mut self, load: &mut Load, about: &About) -> rusqlite::Result<()> {
        let Some(cve) = cve_number(&about.cve) else { return Ok(()) };
        let source = load.source;
        load.records += 1;
        if let Some(of) = &about.exploited {
            self.kev.execute(params![cve, source, of.added, of.due, of.ransomware])?;
        }
        if let Some(of) = &about.epss {
            let day = match &of.date {
                Some(date) => Some(word(self.connection, &mut self.words, date)?),
                None => None,
            };
            self.epss.execute(params![cve, source, of.score, of.percentile, day])?;
        }
        if about.rejected || about.summary.is_some() || !about.severities.is_empty() {
            self.nvd.execute(params![cve, source, about.rejected, about.summary, list(&about.severities)])?;
        }
        Ok(())
    }
}
