//! One OSV document to one record.

use super::osv::malformed;
use super::osv_model::{Osv, OsvAffected, Severity, Text};
use super::osv_range::{covers, spans};
use super::osv_words::{base, ecosystem_of_id, is_plain, kind, source, title, with_unfixed, word};
use super::{Feed, Sink};
use crate::ecosystem::{is_distribution, normal, normal_name, scheme};
use crate::error::AdvisoryError;
use crate::record::{Affected, OtherId, Record, Relation, Said, State, Word};

/// Longest id.
const MAX_ID: usize = 200;
/// Longest name of a package.
const MAX_NAME: usize = 512;
/// Longest version.
const MAX_VERSION: usize = 256;
/// Most ranges and listed versions in one document.
const MAX_ROWS: usize = 500_000;
/// Beyond so many comparisons listed versions are kept unchecked: they cost place, nothing else.
const MAX_COMPARED: usize = 200_000;

/// Gives a document's record to the sink, says what it covers, and to which feed it belongs.
pub(super) fn convert(origin: &str, document: &Osv<'_>, sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
    let id = document.id.trim();
    if id.is_empty() || id.len() > MAX_ID || id.chars().any(char::is_control) {
        return Err(malformed(origin, "its id", format!("an id has 1 to {MAX_ID} characters, none of them invisible")));
    }
    let place = |field: &str| format!("record {id}, {field}");
    if document.modified.is_none() && document.affected.is_empty() {
        return Err(malformed(origin, &place("affected"), "it has neither a date of its last change nor packages"));
    }
    let first = document.affected.iter().find_map(|affected| {
        let package = affected.package.as_ref()?;
        normal(package.ecosystem.as_deref()?).map(|(ecosystem, _)| ecosystem)
    });
    let source = source(id, first.as_deref());
    let distribution = first.as_deref().is_some_and(is_distribution);

    let mut affected = Vec::with_capacity(document.affected.len());
    let mut rows = 0_usize;
    for (index, entry) in document.affected.iter().enumerate() {
        let of = read_affected(entry, &source)
            .map_err(|reason| malformed(origin, &place(&format!("affected[{index}]")), reason))?;
        let Some(of) = of else { continue };
        rows = rows.saturating_add(of.spans.len()).saturating_add(of.versions.len());
        if rows > MAX_ROWS {
            return Err(malformed(
                origin,
                &place("affected"),
                format!("it has more than {MAX_ROWS} ranges and versions"),
            ));
        }
        affected.push(of);
    }

    let mut others = Vec::new();
    let mut add = |relation: Relation, ids: &[Text<'_>]| {
        for other in ids {
            let other = other.trim();
            if other.len() > MAX_ID || other.chars().any(char::is_control) {
                return Err(malformed(origin, &place("aliases"), format!("an id has more than {MAX_ID} characters")));
            }
            if !other.is_empty() && other != id && !others.iter().any(|known: &OtherId| known.id == other) {
                others.push(OtherId { relation, id: other.to_owned() });
            }
        }
        Ok(())
    };
    add(Relation::Alias, &document.aliases)?;
    add(Relation::Upstream, &document.upstream)?;
    // A distribution's advisory names so the flaws it is about; elsewhere these are other flaws in the neighbourhood.
    if distribution {
        add(Relation::Related, &document.related)?;
    }

    let base_of_feed = match &first {
        Some(ecosystem) => base(ecosystem).to_owned(),
        None => ecosystem_of_id(id).unwrap_or("GIT").to_owned(),
    };
    for ecosystem in affected.iter().map(|of| of.ecosystem.as_str()) {
        // A record of one feed may name packages of another's; of those it does not speak in full.
        if base(ecosystem) == base_of_feed {
            sink.covers(ecosystem, with_unfixed(ecosystem))?;
        }
    }
    let summary = summary(document.summary.as_deref(), document.details.as_deref());
    name_streams(&summary, &mut affected);
    let severities = severities_of_record(document, &source, &summary);
    sink.record(Record {
        malicious: id.starts_with("MAL-")
            || document.database_specific.malicious
            || document.affected.iter().any(|entry| entry.database_specific.malicious),
        id: id.to_owned(),
        others,
        summary,
        published: date(document.published.as_ref()),
        modified: date(document.modified.as_ref()),
        // Taken back at a time that cannot be read is taken back still.
        withdrawn: document.withdrawn.as_ref().filter(|text| !text.trim().is_empty()).map(|text| cut(text, 40)),
        references: references(document),
        severities,
        affected,
        source,
    })?;
    Ok(Feed { feed: format!("osv:{base_of_feed}"), title: title(&base_of_feed) })
}

/// AlmaLinux and Rocky Linux tell the stream of a module in the advisory's title only: "Important: nodejs:22 security
/// update". Builds of modules in the ranges show that one is meant.
fn name_streams(summary: &str, affected: &mut [Affected]) {
    let is_module = |of: &Affected| {
        let bounds = of.spans.iter().flat_map(|span| [&span.fixed, &span.last_affected]).flatten();
        of.module.is_none() && bounds.chain(&of.versions).any(|version| version.contains(".module"))
    };
    if !affected.iter().any(is_module) {
        return;
    }
    let Some(named) = crate::matching::modules_of_title(summary) else { return };
    for of in affected.iter_mut().filter(|of| is_module(of)) {
        of.module = Some(named.clone());
    }
}

/// One affected package; none when it is in no ecosystem that can be matched, or only source code is meant.
fn read_affected(entry: &OsvAffected<'_>, source: &str) -> Result<Option<Affected>, String> {
    let Some(package) = &entry.package else { return Ok(None) };
    let (Some(ecosystem), Some(name)) = (&package.ecosystem, &package.name) else {
        return Err("its package has no name or no ecosystem".to_owned());
    };
    if ecosystem.len() > 200 {
        return Err("the name of its ecosystem is longer than 200 characters".to_owned());
    }
    let name = name.trim();
    if name.is_empty() || name.len() > MAX_NAME {
        return Err(format!("the name of a package has 1 to {MAX_NAME} characters"));
    }
    let Some((ecosystem, channel)) = normal(ecosystem) else { return Ok(None) };
    let scheme = scheme(&ecosystem);
    let mut ranges = Vec::new();
    let mut known = std::collections::HashSet::new();
    for range in entry.ranges.iter() {
        match range.kind.as_deref() {
            Some("SEMVER" | "ECOSYSTEM") => {}
            // Commits cannot be compared without the repository.
            _ => continue,
        }
        for event in range.events.iter() {
            for version in [&event.introduced, &event.fixed, &event.last_affected].into_iter().flatten() {
                check_version(version)?;
            }
        }
        for span in spans(&range.events, scheme) {
            if known.insert(span.clone()) {
                ranges.push(span);
            }
            if ranges.len() > MAX_ROWS {
                return Err(format!("it has more than {MAX_ROWS} ranges"));
            }
        }
    }
    let mut versions = Vec::new();
    for version in entry.versions.iter() {
        check_version(version)?;
    }
    // A distribution's list names what it once published; its range says the same and more.
    if ranges.is_empty() || !is_distribution(&ecosystem) {
        let compared = ranges.len().saturating_mul(entry.versions.len());
        let scheme = scheme.filter(|_| compared <= MAX_COMPARED && !ranges.is_empty());
        versions = entry
            .versions
            .iter()
            .map(|version| version.trim())
            .filter(|version| !version.is_empty() && !scheme.is_some_and(|scheme| covers(&ranges, version, scheme)))
            .map(str::to_owned)
            .collect();
    }
    if ranges.is_empty() && versions.is_empty() {
        return Ok(None);
    }
    let mut severities = vectors(&entry.severity, source);
    let specific = [&entry.ecosystem_specific, &entry.database_specific];
    for said in specific.iter().flat_map(|specific| [&specific.severity, &specific.urgency]).flatten() {
        push_word(&mut severities, said, source);
    }
    let urgency = specific.iter().find_map(|specific| specific.urgency.as_deref());
    Ok(Some(Affected {
        kind: kind(&ecosystem),
        name: normal_name(&ecosystem, name),
        spans: ranges,
        versions,
        state: if urgency == Some("end-of-life") { State::EndOfLife } else { State::Affected },
        note: None,
        module: specific.iter().find_map(|specific| specific.module.as_deref()).and_then(module),
        architectures: Vec::new(),
        channel,
        severities,
        ecosystem,
    }))
}

fn check_version(version: &str) -> Result<(), String> {
    if version.len() > MAX_VERSION { Err(format!("a version is longer than {MAX_VERSION} characters")) } else { Ok(()) }
}

/// `nodejs:18` of `nodejs:18:8060020220523160029:ad008a3a`.
fn module(label: &str) -> Option<String> {
    let mut parts = label.split(':').map(str::trim).filter(|part| !part.is_empty());
    let (name, stream) = (parts.next()?, parts.next()?);
    (name.len() + stream.len() < 200).then(|| format!("{name}:{stream}"))
}

/// Severities of `severity[]`.
fn vectors(list: &[Severity<'_>], source: &str) -> Vec<Said> {
    let mut out = Vec::new();
    for entry in list {
        let (Some(kind), Some(score)) = (entry.kind.as_deref(), entry.score.as_deref()) else { continue };
        let score = score.trim();
        if score.is_empty() || score.len() > 400 {
            continue;
        }
        let said = if kind.starts_with("CVSS") {
            let rated = crate::rating::score(score);
            Said {
                source: source.to_owned(),
                word: rated.map_or(Word::Unknown, |(_, word)| word),
                said: None,
                vector: Some(score.to_owned()),
                score: rated.map(|(score, _)| score),
            }
        } else {
            // "Ubuntu": a priority, which is no severity; its word is kept.
            let source = if kind == "Ubuntu" { "ubuntu" } else { source };
            Said {
                source: source.to_owned(),
                word: word(score).unwrap_or(Word::Unknown),
                said: Some(cut(score, 60)),
                vector: None,
                score: None,
            }
        };
        if !out.contains(&said) {
            out.push(said);
        }
    }
    out
}

/// Adds a severity in a word, unless a vector says the same already.
fn push_word(severities: &mut Vec<Said>, said: &str, source: &str) {
    let said = said.trim().trim_end_matches('*');
    let Some(word) = word(said) else { return };
    if severities.iter().any(|known| known.word == word && known.source == source) {
        return;
    }
    severities.push(Said {
        source: source.to_owned(),
        word,
        said: (!is_plain(said)).then(|| cut(said, 60)),
        vector: None,
        score: None,
    });
}

fn severities_of_record(document: &Osv<'_>, source: &str, summary: &str) -> Vec<Said> {
    let mut severities = vectors(&document.severity, source);
    if let Some(said) = document.database_specific.severity.as_deref() {
        push_word(&mut severities, said, source);
    }
    // "Important: dnsmasq security update"
    if matches!(source, "almalinux" | "rocky" | "redhat")
        && let Some((said, _)) = summary.split_once(':')
    {
        push_word(&mut severities, said, source);
    }
    severities
}

/// At most eight web addresses, advisories and fixes first.
fn references(document: &Osv<'_>) -> Vec<String> {
    let rank = |kind: Option<&str>| match kind {
        Some("ADVISORY") => 0,
        Some("FIX" | "EVIDENCE") => 1,
        Some("REPORT" | "ARTICLE") => 2,
        _ => 3,
    };
    let mut out: Vec<String> = Vec::new();
    for wanted in 0..=3 {
        for reference in document.references.iter().filter(|reference| rank(reference.kind.as_deref()) == wanted) {
            let url = reference.url.as_deref().map(str::trim).unwrap_or_default();
            let is_web = url.starts_with("https://") || url.starts_with("http://");
            let fits = url.len() <= 400 && !url.chars().any(|c| c.is_control() || c.is_whitespace());
            if is_web && fits && !out.iter().any(|known| known == url) {
                out.push(url.to_owned());
                if out.len() >= 8 {
                    return out;
                }
            }
        }
    }
    out
}

/// The summary, or the beginning of the details.
fn summary(summary: Option<&str>, details: Option<&str>) -> String {
    if let Some(summary) = summary.map(str::trim).filter(|summary| !summary.is_empty()) {
        return cut(summary, 600);
    }
    let details = details.unwrap_or_default().trim();
    // The first paragraph, without a heading.
    let body = details.split("\n\n").map(str::trim).find(|part| !part.is_empty() && !part.starts_with('#'));
    let text = cut(body.unwrap_or(details), 600);
    if text.len() < 300 {
        return text;
    }
    match text
        .get(..)
        .and_then(|text| text.match_indices(". ").map(|(at, _)| at + 1).take_while(|at| *at <= 400).last())
    {
        Some(end) => text.get(..end).unwrap_or_default().to_owned(),
        None => text,
    }
}

/// A text in one line and at most so many bytes.
fn cut(text: &str, most: usize) -> String {
    let mut out = String::new();
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()) {
        let space = usize::from(!out.is_empty());
        if out.len() + space + word.len() > most.saturating_sub(3) && out.len() + space + word.len() > most {
            if out.is_empty() {
                let mut end = most.saturating_sub(3).min(word.len());
                while !word.is_char_boundary(end) {
                    end -= 1;
                }
                out.push_str(word.get(..end).unwrap_or_default());
            }
            while out.len() + 3 > most && out.pop().is_some() {}
            out.push('…');
            break;
        }
        if space == 1 {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// A date as given, when it looks like one. The Go database writes the year 1 where it has none.
fn date(text: Option<&Text<'_>>) -> Option<String> {
    let text = text?.trim();
    let digits = text.get(..4)?;
    let is_date = text.len() <= 40
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && digits > "1900"
        && text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ');
    is_date.then(|| text.to_owned())
}

#[cfg(test)]
#[path = "osv_tests.rs"]
mod tests;
