//! Several records on one flaw in one package: which of them counts, and what the others add.

use std::collections::{BTreeMap, HashMap};

use plimsoll_packages::Inventory;

use super::merge::Flaws;
use super::streams::Stream;
use super::{Details, Hit, Row, kernel};
use crate::ecosystem;
use crate::facts::{Match, Reason};
use crate::record::{Said, Span, State};
use crate::versions::{self, Scheme};

/// How far a record is trusted; less is more.
type Rank = (u8, bool);

/// What speaks of one flaw in one package.
struct Voice<'r> {
    rank: Rank,
    /// The fix cannot be installed without paying or changing the stream.
    is_confined: bool,
    details: Option<&'r Details>,
    row: &'r Row,
    hit: &'r Hit,
}

/// Makes the matches, by package and flaw.
pub(super) fn resolve<'r>(
    inventory: &Inventory,
    rows: &'r [Row],
    hits: &'r [Hit],
    details: &HashMap<i64, &'r Details>,
    flaws: &Flaws,
) -> Vec<Match> {
    let mut voices: BTreeMap<(u32, usize), Vec<Voice<'r>>> = BTreeMap::new();
    for hit in hits {
        let Some(row) = rows.get(hit.row as usize) else { continue };
        let of = flaws.of.get(&row.record).map(Vec::as_slice).unwrap_or_default();
        let details = details.get(&row.record).copied();
        let rank = (details.map_or(u8::MAX, |details| trust(&details.feed)), of.len() > 1);
        let stream = Stream::of(ecosystem::scheme(&row.ecosystem), &hit.version);
        for flaw in of {
            let voice = Voice { rank, is_confined: !stream.reaches(row), details, row, hit };
            voices.entry((hit.package, *flaw)).or_default().push(voice);
        }
    }
    let fixes = Fixes::new(rows, hits);
    voices
        .into_iter()
        .filter_map(|((package, flaw), voices)| {
            let mut found = weigh(voices, &fixes)?;
            found.package = package;
            found.vulnerability = u32::try_from(flaw).ok()?;
            found.kernel_headers = inventory.packages.get(package as usize).is_some_and(kernel::is_headers);
            Some(found)
        })
        .collect()
}

/// Weighs what is said; none when those that count most say that the package is not affected.
fn weigh(mut voices: Vec<Voice<'_>>, fixes: &Fixes<'_>) -> Option<Match> {
    let denied = voices.iter().filter(|voice| voice.row.state == State::NotAffected).map(|voice| voice.rank).min();
    voices.retain(|voice| voice.row.state != State::NotAffected && denied.is_none_or(|denied| voice.rank <= denied));
    voices.sort_by(|a, b| a.order().cmp(&b.order()));
    let winner = voices.first()?;
    let (record, rank, state) = (winner.row.record, winner.rank, winner.row.state);
    let scheme = ecosystem::scheme(&winner.row.ecosystem);
    let of_winner = voices.iter().filter(|voice| voice.row.record == record && voice.rank == rank);
    let mut fixed = None;
    for voice in of_winner.filter(|voice| !voice.is_confined) {
        let own = voice.row.span.as_ref().and_then(|span| span.fixed.as_deref());
        // A listed version has no end; the record's ranges may still tell what comes after it.
        for candidate in own.into_iter().chain(fixes.after(voice, scheme)) {
            fixed = Some(fixed.map_or(candidate, |best| smaller(scheme, best, candidate)));
        }
    }
    let mut severities: Vec<Said> = Vec::new();
    let mut reasons: Vec<Reason> = Vec::new();
    for voice in &voices {
        for said in &voice.row.severities {
            if !severities.iter().any(|one| super::assemble::is_same(one, said)) {
                severities.push(said.clone());
            }
        }
        let reason = voice.reason();
        if !reasons.contains(&reason) {
            reasons.push(reason);
        }
    }
    Some(Match { state, fixed: fixed.map(str::to_owned), severities, reasons, ..Match::default() })
}

impl Voice<'_> {
    /// The order in which voices count; the last parts only make it the same for any order of rows.
    fn order(&self) -> impl Ord + '_ {
        let id = self.details.map_or("", |details| details.id.as_str());
        let span = self.row.span.as_ref();
        let of = |end: fn(&Span) -> Option<&String>| span.and_then(end).map(String::as_str);
        let fixed = of(|span| span.fixed.as_ref());
        (
            (self.rank, self.is_confined, fixed.is_none() && self.row.state == State::Affected),
            (id, self.row.record, self.row.state),
            (self.hit.kind, self.row.name.as_str(), self.row.module.as_deref(), self.row.channel.as_deref()),
            (of(|span| span.introduced.as_ref()), fixed, of(|span| span.last_affected.as_ref())),
            (self.row.version.as_deref(), self.hit.version.as_str(), self.row.note.as_deref()),
        )
    }

    fn reason(&self) -> Reason {
        let text = |of: fn(&Details) -> &String| self.details.map(of).cloned().unwrap_or_default();
        Reason {
            record: text(|details| &details.id),
            source: text(|details| &details.source),
            feed: text(|details| &details.feed),
            ecosystem: self.row.ecosystem.clone(),
            name: self.row.name.clone(),
            kind: self.hit.kind,
            version: self.hit.version.clone(),
            span: self.row.span.clone(),
            state: self.row.state,
            note: self.row.note.clone(),
            module: self.row.module.clone(),
            channel: self.row.channel.clone(),
        }
    }
}

/// How far a feed is trusted beside others on the same distribution: what is kept by hand for each package first, then
/// what is made from it, then what tells of fixes only.
fn trust(feed: &str) -> u8 {
    let kind = feed.split(':').next().unwrap_or(feed);
    match kind {
        kind if kind.contains("lists") => 3,
        kind if kind.contains("oval") => 2,
        "osv" => 1,
        kind if kind.contains("tracker") || kind.contains("vex") || kind.contains("csaf") || kind.contains("secdb") => {
            0
        }
        _ => 1,
    }
}

fn smaller<'v>(scheme: Option<Scheme>, a: &'v str, b: &'v str) -> &'v str {
    let order = scheme.and_then(|scheme| versions::compare(scheme, a, b));
    if order.unwrap_or_else(|| a.cmp(b)).is_le() { a } else { b }
}

/// The ranges of records of which a listed version was hit.
struct Fixes<'r>(HashMap<i64, Vec<&'r Row>>);

impl<'r> Fixes<'r> {
    fn new(rows: &'r [Row], hits: &[Hit]) -> Fixes<'r> {
        let hit = hits.iter().filter_map(|hit| rows.get(hit.row as usize));
        let mut of: HashMap<i64, Vec<&Row>> =
            hit.filter(|row| row.version.is_some()).map(|row| (row.record, Vec::new())).collect();
        if !of.is_empty() {
            for row in rows.iter().filter(|row| row.span.as_ref().is_some_and(|span| span.fixed.is_some())) {
                if let Some(of) = of.get_mut(&row.record) {
                    of.push(row);
                }
            }
        }
        Fixes(of)
    }

    /// Fixes that come after a listed version.
    fn after<'s>(&'s self, voice: &'s Voice<'r>, scheme: Option<Scheme>) -> impl Iterator<Item = &'r str> + 's {
        let is_listed = voice.row.version.is_some();
        let rows = self.0.get(&voice.row.record).into_iter().flatten().copied().filter(move |row| {
            is_listed && row.name == voice.row.name && row.ecosystem == voice.row.ecosystem && row.channel.is_none()
        });
        rows.filter_map(|row| row.span.as_ref()?.fixed.as_deref()).filter(move |fixed| {
            scheme.and_then(|scheme| versions::compare(scheme, fixed, &voice.hit.version))
                == Some(std::cmp::Ordering::Greater)
        })
    }
}
