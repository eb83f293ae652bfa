//! RustSec's advisories: Markdown files with a head in TOML, one for each advisory on a crate.
//!
//! Source: <https://github.com/rustsec/advisory-db>. What is patched and what was never affected stands there as
//! requirements on versions (`">= 1.2.3, < 2"`); the ranges between them are affected.

use serde::Deserialize;

use super::refuse::{self, malformed, quoted};
use super::rustsec_ranges::affected_spans;
use super::{Feed, Format, Sink, words};
use crate::error::AdvisoryError;
use crate::rating;
use crate::record::{Affected, NameKind, OtherId, Record, Relation, Said, Word};

/// Largest advisory, in bytes.
const LARGEST: usize = 4 << 20;
/// Most requirements, aliases, references.
const LIST: usize = 500;

/// RustSec.
pub(super) struct Rustsec;

#[derive(Deserialize)]
struct Head {
    advisory: Advisory,
    #[serde(default)]
    versions: Versions,
    #[serde(default)]
    affected: Confined,
}

#[derive(Deserialize)]
struct Advisory {
    id: String,
    package: String,
    #[serde(default)]
    collection: Option<String>,
    #[serde(default)]
    date: Option<Day>,
    #[serde(default)]
    withdrawn: Option<Day>,
    #[serde(default)]
    informational: Option<String>,
    #[serde(default)]
    title: Option<String>,
    #[serde(default)]
    url: Option<String>,
    #[serde(default)]
    references: Vec<String>,
    #[serde(default)]
    aliases: Vec<String>,
    #[serde(default)]
    cvss: Option<String>,
}

/// A date, in quotes or as TOML's own.
#[derive(Deserialize)]
#[serde(untagged)]
enum Day {
    Text(String),
    Own(toml::value::Datetime),
}

impl Day {
    fn text(&self) -> String {
        match self {
            Day::Text(text) => text.chars().take(40).collect(),
            Day::Own(own) => own.to_string(),
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Versions {
    patched: Vec<String>,
    unaffected: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Confined {
    os: Vec<String>,
    arch: Vec<String>,
}

impl Format for Rustsec {
    fn name(&self) -> &'static str {
        "rustsec"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        head.trim_start_matches('\u{feff}').trim_start().starts_with("```toml") && head.contains("[advisory]")
    }

    fn is_one_record(&self) -> bool {
        true
    }

    fn read(&self, origin: &str, name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        refuse::too_large(origin, bytes, LARGEST)?;
        let text = refuse::text(origin, bytes)?;
        let (first, rest) = text.trim_start().split_once('\n').unwrap_or((text, ""));
        let Some((head, body)) = rest.split_once("\n```").filter(|_| first.trim() == "```toml") else {
            return Err(malformed(origin, "its head", "the head in TOML is not closed: the document was cut off"));
        };
        let head: Head = toml::from_str(head).map_err(|error| {
            let line = error
                .span()
                .and_then(|span| head.get(..span.start))
                .map_or(1, |before| before.matches('\n').count().saturating_add(2));
            let reason: String = error.message().chars().filter(|c| !c.is_control()).take(200).collect();
            malformed(origin, format!("line {line}"), reason)
        })?;
        let record = record(origin, name, &head, body)?;
        sink.covers("crates.io", true)?;
        sink.record(record)?;
        Ok(Feed { feed: "rustsec".into(), title: "RustSec advisory database".into() })
    }
}

fn record(origin: &str, name: &str, head: &Head, body: &str) -> Result<Record, AdvisoryError> {
    let Head { advisory, versions, affected } = head;
    let refused = |reason: String| Err(malformed(origin, format!("record {}", quoted(&advisory.id)), reason));
    if !words::is_id(&advisory.id) {
        return refused("this is no id of an advisory".into());
    }
    if !refuse::is_name(&advisory.package) {
        return refused(format!("{} is no name of a crate", quoted(&advisory.package)));
    }
    let lists = [&versions.patched, &versions.unaffected, &advisory.aliases, &advisory.references];
    if lists.iter().any(|list| list.len() > LIST) {
        return refused(format!("a list of it has more than {LIST} entries"));
    }
    let Some(spans) = affected_spans(&versions.patched, &versions.unaffected) else {
        return refused("its patched or unaffected versions are no requirements that can be read".into());
    };
    let confined: Vec<String> = [("systems", &affected.os), ("processors", &affected.arch)]
        .into_iter()
        .filter(|(_, list)| !list.is_empty())
        .map(|(what, list)| format!("only on the {what} {}", list.join(", ")))
        .collect();
    let one = Affected {
        ecosystem: "crates.io".to_owned(),
        name: advisory.package.clone(),
        kind: NameKind::Either,
        spans,
        note: (!confined.is_empty()).then(|| words::note(&confined.join("; "))),
        ..Affected::default()
    };
    // Rust's own tools and library are no crates, though crates by their names exist.
    let of_rust = advisory.collection.as_deref().map_or_else(
        || name.split('/').any(|part| part == "rust") && !name.split('/').any(|part| part == "crates"),
        |collection| collection == "rust",
    );
    Ok(Record {
        id: advisory.id.clone(),
        source: "rustsec".to_owned(),
        others: others(&advisory.id, &advisory.aliases),
        summary: summary(advisory, body),
        published: advisory.date.as_ref().map(Day::text),
        withdrawn: advisory.withdrawn.as_ref().map(Day::text),
        references: references(advisory),
        severities: severity(advisory).into_iter().collect(),
        affected: if of_rust { Vec::new() } else { vec![one] },
        ..Record::default()
    })
}

/// Other names of the flaw. Several CVEs are several flaws that one advisory is about.
fn others(id: &str, aliases: &[String]) -> Vec<OtherId> {
    let is_several = aliases.iter().filter(|alias| words::is_cve(alias)).count() > 1;
    let mut others: Vec<OtherId> = Vec::new();
    for alias in aliases.iter().filter(|alias| refuse::is_id(alias) && *alias != id) {
        let relation = match (is_several, words::is_cve(alias)) {
            (false, _) => Relation::Alias,
            (true, true) => Relation::Upstream,
            (true, false) => Relation::Related,
        };
        if !others.iter().any(|known| known.id == *alias) {
            others.push(OtherId { relation, id: alias.clone() });
        }
    }
    others
}

/// The title, with what an informational advisory says first.
fn summary(advisory: &Advisory, body: &str) -> String {
    let heading = body.lines().find_map(|line| line.trim().strip_prefix("# "));
    let title = advisory.title.as_deref().or(heading).unwrap_or_default().trim();
    let prefix = match advisory.informational.as_deref() {
        None => return words::summary(title),
        Some("unmaintained") => "Unmaintained",
        Some("unsound") => "Unsound",
        Some("notice") => "Notice",
        Some(other) => return words::summary(&format!("Informational ({}): {title}", quoted(other))),
    };
    words::summary(&format!("{prefix}: {title}"))
}

/// The score; an informational advisory without one is no flaw by itself.
fn severity(advisory: &Advisory) -> Option<Said> {
    if let Some(vector) = advisory.cvss.as_deref() {
        return Some(rating::said("rustsec", None, Some(vector), None));
    }
    let kind = advisory.informational.as_deref()?;
    let said = Some(kind.chars().take(40).collect());
    Some(Said { source: "rustsec".to_owned(), word: Word::None, said, vector: None, score: None })
}

fn references(advisory: &Advisory) -> Vec<String> {
    let own = words::is_id(&advisory.id).then(|| format!("https://rustsec.org/advisories/{}.html", advisory.id));
    let mut out: Vec<String> = own.into_iter().collect();
    for url in advisory.url.iter().chain(&advisory.references) {
        let is_web = url.starts_with("https://") || url.starts_with("http://");
        let fits = url.len() <= 400 && url.chars().all(|c| !c.is_control() && !c.is_whitespace());
        if is_web && fits && out.len() < 8 && !out.contains(url) {
            out.push(url.clone());
        }
    }
    out
}

#[cfg(test)]
#[path = "rustsec_tests.rs"]
mod tests;
