//! The lists of Debian's security announcements (`data/DSA/list` and `data/DLA/list` of the tracker's repository): what
//! was fixed in which release, from 1997 on. They keep the releases that the tracker's JSON has dropped.

use std::collections::BTreeSet;

use super::fix::{Fix, fix};
use super::refuse::{self, malformed, quoted};
use super::{Feed, Format, Sink, words};
use crate::ecosystem::debian_of_codename;
use crate::error::AdvisoryError;
use crate::record::{Affected, NameKind, Record};
use crate::versions::Scheme;

/// Most lines; there are about 60,000.
const LINES: usize = 2_000_000;
/// Longest line, in bytes.
const LONGEST_LINE: usize = 16 << 10;
/// Most packages and releases of one announcement.
const ROWS: usize = 500;
/// Announcements of these kinds.
const KINDS: [&str; 4] = ["DSA-", "DLA-", "ELA-", "DTSA-"];

/// Debian's lists.
pub(super) struct DebianLists;

impl Format for DebianLists {
    fn name(&self) -> &'static str {
        "debian-lists"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let first = head.trim_start_matches('\u{feff}').lines().find(|line| !line.trim().is_empty());
        first.and_then(announcement).is_some()
    }

    fn read(&self, origin: &str, _name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        refuse::too_large(origin, bytes, refuse::LARGEST)?;
        let text = refuse::text(origin, bytes)?;
        let mut taken = Taken {
            origin,
            sink,
            open: None,
            kind: None,
            ecosystems: BTreeSet::new(),
            newest: None,
            before: 0,
            repeats: 0,
            strange: 0,
        };
        for (line, number) in text.lines().zip(1_usize..) {
            if number > LINES {
                return Err(malformed(origin, format!("line {number}"), "the list has too many lines"));
            }
            taken.line(line, number)?;
        }
        taken.finish()
    }
}

/// The first line of an announcement: `[29 Mar 2023] DSA-5380-1 xorg-server - security update`.
fn announcement(line: &str) -> Option<(String, &str, &str)> {
    let (date, rest) = line.strip_prefix('[')?.split_once(']')?;
    let rest = rest.trim_start();
    let (id, what) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    let is_known = words::is_id(id) && KINDS.iter().any(|kind| id.starts_with(kind));
    is_known.then_some((day(date)?, id, what.trim()))
}

/// `29 Mar 2023` as `2023-03-29`.
fn day(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut parts = text.split_whitespace();
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let day: u8 = day.parse().ok().filter(|day| (1..=31).contains(day))?;
    let month = MONTHS.iter().position(|name| month.get(..3).is_some_and(|start| start.eq_ignore_ascii_case(name)))?;
    let year: u16 = year.parse().ok().filter(|year| (1990..=2200).contains(year))?;
    parts.next().is_none().then(|| format!("{year:04}-{:02}-{day:02}", month.saturating_add(1)))
}

/// An announcement that is being read.
struct Open {
    record: Record,
    cves: Vec<String>,
    /// It has rows, for releases of which no ecosystem is known.
    before: bool,
}

struct Taken<'a> {
    origin: &'a str,
    sink: &'a mut dyn Sink,
    open: Option<Open>,
    kind: Option<&'static str>,
    ecosystems: BTreeSet<&'static str>,
    newest: Option<String>,
    /// Announcements for releases before those that are known.
    before: usize,
    /// Announcements that only repair an earlier update, or tell of no flaw.
    repeats: usize,
    strange: usize,
}

impl Taken<'_> {
    fn line(&mut self, line: &str, number: usize) -> Result<(), AdvisoryError> {
        let refused = |reason: String| Err(malformed(self.origin, format!("line {number}"), reason));
        if line.len() > LONGEST_LINE {
            return refused("the line is too long".into());
        }
        let is_indented = line.starts_with(char::is_whitespace);
        let content = line.trim();
        if content.is_empty() {
            return Ok(());
        }
        if !is_indented {
            let Some((day, id, what)) = announcement(line) else {
                return refused(format!("{} is no announcement with a date and an id", quoted(line)));
            };
            self.close()?;
            self.begin(day, id, what);
            return Ok(());
        }
        let Some(open) = &mut self.open else {
            return refused("it belongs to no announcement".into());
        };
        if let Some(inner) = content.strip_prefix('{') {
            let Some(inner) = inner.strip_suffix('}') else {
                return refused("its list of CVEs is not closed".into());
            };
            for cve in inner.split_whitespace().filter(|cve| words::is_cve(cve)) {
                if open.cves.len() < 1000 && !open.cves.iter().any(|known| known == cve) {
                    open.cves.push(cve.to_owned());
                }
            }
            return Ok(());
        }
        if content.starts_with('[') {
            let Some((codename, package, version)) = row(content) else {
                return refused(format!("{} is no release with a package and a version", quoted(content)));
            };
            if open.record.affected.len() >= ROWS {
                return refused(format!("{} has more than {ROWS} rows", open.record.id));
            }
            let Some(release) = debian_of_codename(codename) else {
                open.before = true;
                return Ok(());
            };
            self.ecosystems.insert(release);
            let mut one = Affected {
                ecosystem: format!("Debian:{release}"),
                name: package.to_owned(),
                kind: NameKind::Source,
                ..Affected::default()
            };
            let fix = fix(Scheme::Deb, version);
            self.strange = self.strange.saturating_add(usize::from(fix == Fix::Strange));
            fix.put(&mut one);
            open.record.affected.push(one);
        }
        // What is left are notes for the security team: NOTE, TODO, RESERVED.
        Ok(())
    }

    fn begin(&mut self, day: String, id: &str, what: &str) {
        self.kind = self.kind.or_else(|| KINDS.into_iter().find(|kind| id.starts_with(kind)));
        if self.newest.as_ref().is_none_or(|newest| *newest < day) {
            self.newest = Some(day.clone());
        }
        let summary = what.replacen(" - ", ": ", 1);
        let record = Record {
            id: id.to_owned(),
            source: "debian".to_owned(),
            summary: words::summary(&summary),
            published: Some(day),
            references: vec![format!("https://security-tracker.debian.org/tracker/{id}")],
            ..Record::default()
        };
        self.open = Some(Open { record, cves: Vec::new(), before: false });
    }

    fn close(&mut self) -> Result<(), AdvisoryError> {
        let Some(Open { mut record, cves, before }) = self.open.take() else { return Ok(()) };
        if record.affected.is_empty() {
            self.before = self.before.saturating_add(usize::from(before));
            return Ok(());
        }
        // Without a CVE these tell of no flaw; an announcement of a security update without one does.
        const NO_FLAW: [&str; 8] = [
            "regression",
            "new upstream",
            "timezone",
            "bugfix",
            "bug fix",
            "end of life",
            "end-of-life",
            "version number",
        ];
        if cves.is_empty() && NO_FLAW.iter().any(|words| record.summary.to_lowercase().contains(words)) {
            self.repeats = self.repeats.saturating_add(1);
            return Ok(());
        }
        record.others = words::others(&record.id, cves);
        self.sink.record(record)
    }

    fn finish(mut self) -> Result<Feed, AdvisoryError> {
        self.close()?;
        for release in &self.ecosystems {
            self.sink.covers(&format!("Debian:{release}"), false)?;
        }
        if let Some(newest) = &self.newest {
            self.sink.snapshot(newest);
        }
        for (count, what) in [
            (self.before, "announcements are for releases before Debian 7 only and were left out"),
            (self.repeats, "announcements repair an earlier update, not a flaw, and were left out"),
            (self.strange, "fixed versions are no versions; the packages count as affected"),
        ] {
            if count > 0 {
                self.sink.note(format!("{}: {count} {what}.", self.origin));
            }
        }
        let kind = self.kind.unwrap_or("DSA-").trim_end_matches('-');
        Ok(Feed {
            feed: format!("debian-lists:{}", kind.to_ascii_lowercase()),
            title: format!("Debian's announcements ({kind})"),
        })
    }
}

/// `[bullseye] - apr 1.7.0-6+deb11u2`.
fn row(content: &str) -> Option<(&str, &str, &str)> {
    let (codename, rest) = content.strip_prefix('[')?.split_once(']')?;
    let mut parts = rest.split_whitespace();
    let (dash, package, version) = (parts.next()?, parts.next()?, parts.next()?);
    (dash == "-" && refuse::is_name(package)).then_some((codename, package, version))
}

#[cfg(test)]
#[path = "debian_lists_tests.rs"]
mod tests;
