//! Small things that several formats need: severities in words, CVE ids in texts, summaries cut to length.

use crate::rating;
use crate::record::{OtherId, Relation, Said, Word};

/// Longest summary of a record, in bytes.
const SUMMARY: usize = 600;
/// Longest note of an affected package, in bytes.
const NOTE: usize = 200;

/// A severity word of any source; none for what is no such word.
pub(crate) fn word(text: &str) -> Option<Word> {
    Some(match text.trim().to_ascii_lowercase().as_str() {
        "critical" => Word::Critical,
        "important" | "high" => Word::High,
        "moderate" | "medium" => Word::Medium,
        "low" | "minor" => Word::Low,
        "negligible" | "unimportant" | "none" => Word::None,
        _ => return None,
    })
}

/// What a source says: its own word, a CVSS vector, a base score ("7.5"), each as far as given. None when it says
/// nothing that counts.
pub(crate) fn said(source: &str, own: Option<&str>, vector: Option<&str>, given: Option<f64>) -> Option<Said> {
    let own = own.map(str::trim).filter(|own| !own.is_empty() && own.len() <= 40);
    let vector = vector.map(str::trim).filter(|vector| !vector.is_empty() && vector.len() <= 300);
    let computed = vector.and_then(rating::score);
    let score = computed.map(|(score, _)| score).or_else(|| given.and_then(tenths));
    let own_word = own.and_then(word);
    let word = own_word
        .or(computed.map(|(_, word)| word))
        .or_else(|| score.map(|score| by_score(score, vector.is_some_and(|vector| !vector.starts_with("CVSS:")))))
        .unwrap_or(Word::Unknown);
    if word == Word::Unknown && vector.is_none() && score.is_none() {
        return None;
    }
    Some(Said {
        source: source.to_owned(),
        word,
        said: own
            .filter(|own| own_word.is_some_and(|word| !format!("{word:?}").eq_ignore_ascii_case(own)))
            .map(str::to_owned),
        vector: vector.map(str::to_owned),
        score,
    })
}

/// A base score times ten; none outside 0–10.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn tenths(score: f64) -> Option<u8> {
    (0.0..=10.0).contains(&score).then(|| (score * 10.0).round() as u8)
}

/// FIRST's scale, or NVD's for v2.
fn by_score(score: u8, second: bool) -> Word {
    match score {
        0 if !second => Word::None,
        0..=39 => Word::Low,
        40..=69 => Word::Medium,
        70..=89 => Word::High,
        _ if second => Word::High,
        _ => Word::Critical,
    }
}

/// White space run together, cut to `length` bytes at a character, with an ellipsis where something was cut.
fn cut(text: &str, length: usize) -> String {
    let mut out = String::new();
    for piece in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(piece);
        if out.len() > length {
            let mut end = length.saturating_sub('…'.len_utf8());
            while !out.is_char_boundary(end) {
                end = end.saturating_sub(1);
            }
            out.truncate(end);
            out.push('…');
            break;
        }
    }
    out
}

/// A summary, as [`crate::Record::summary`] wants it.
pub(crate) fn summary(text: &str) -> String {
    cut(text, SUMMARY)
}

/// A note, as [`crate::Affected::note`] wants it.
pub(crate) fn note(text: &str) -> String {
    cut(text, NOTE)
}

/// Whether a text is a CVE id.
pub(crate) fn is_cve(text: &str) -> bool {
    let Some((year, number)) = text.strip_prefix("CVE-").and_then(|rest| rest.split_once('-')) else { return false };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    year.len() == 4 && digits(year) && (4..=19).contains(&number.len()) && digits(number)
}

/// The CVE ids in a text, in order, each once.
pub(crate) fn cves_in(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for piece in text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
        let piece = piece.trim_matches('-');
        if is_cve(piece) && !found.iter().any(|known| known == piece) {
            found.push(piece.to_owned());
        }
        if found.len() >= 1000 {
            break;
        }
    }
    found
}

/// Whether a text can be an advisory's id: short, without blanks, with a number in it.
pub(crate) fn is_id(text: &str) -> bool {
    text.len() <= 200
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.contains('-')
        && text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_graphic())
}

/// The ids of the flaws that an advisory is about: one is the flaw upstream, several are related. The advisory's own id
/// is not among them.
pub(crate) fn others(id: &str, cves: impl IntoIterator<Item = String>) -> Vec<OtherId> {
    let mut ids: Vec<String> = Vec::new();
    for cve in cves {
        if cve != id && !ids.contains(&cve) {
            ids.push(cve);
        }
    }
    let relation = if ids.len() == 1 { Relation::Upstream } else { Relation::Related };
    ids.into_iter().map(|id| OtherId { relation, id }).collect()
}

/// A package's version without an epoch that says nothing.
pub(crate) fn plain_version(version: &str) -> &str {
    let version = version.trim();
    match version.strip_prefix("0:") {
        Some("") | None => version,
        Some(rest) => rest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sources_own_word_counts_before_the_score() {
        let said = said("ubuntu", Some("negligible"), None, Some(7.8)).unwrap();
        assert_eq!((said.word, said.said.as_deref(), said.score), (Word::None, Some("negligible"), Some(78)));
        assert_eq!(super::said("nvd", None, None, Some(9.8)).unwrap().word, Word::Critical);
        assert_eq!(super::said("nvd", None, Some("AV:N/x"), Some(9.8)).unwrap().word, Word::High);
        assert_eq!(super::said("nvd", Some("untriaged"), None, None), None);
        assert_eq!(super::said("nvd", None, None, Some(11.0)), None);
    }

    #[test]
    fn summaries_are_cut_at_a_character() {
        let cut = summary(&"ä ".repeat(500));
        assert!(cut.len() <= 600 && cut.ends_with('…'));
        assert_eq!(summary(" a\n  b "), "a b");
    }

    #[test]
    fn cve_ids_are_found_in_texts() {
        assert_eq!(
            cves_in("x (CVE-2022-1271), CVE-2022-1271 CVE-20-1 CVE-2021-33621-"),
            ["CVE-2022-1271", "CVE-2021-33621"]
        );
        assert!(!is_cve("CVE-2022-12a4") && !is_cve("cve-2022-1234"));
        assert!(is_id("RHSA-2022:5242") && !is_id("linux") && !is_id("Check that 2"));
        assert_eq!(plain_version("0:1-2"), "1-2");
        assert_eq!(plain_version("0:0"), "0");
    }
}
