//! Which of several severities is shown: the profile's policy decides, and all stay visible.

use std::str::FromStr;

use cvss::Cvss;
use serde::{Deserialize, Serialize};

use crate::facts::{Match, Vulnerability};
use crate::record::{Said, Word};

/// The source whose severities are NVD's.
const NVD: &str = "nvd";

/// Longest CVSS vector that is looked at, in bytes; a 4.0 vector with every metric has about 210.
const LONGEST_VECTOR: usize = 400;

/// Which severity counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Policy {
    /// The vendor's (the distribution's, the package registry's); where it says nothing, NVD's, then anyone's.
    #[default]
    VendorFirst,
    /// NVD's; where it says nothing, the vendor's, then anyone's.
    NvdFirst,
    /// The highest that anyone says.
    Highest,
}

/// The severity of a match.
#[derive(Debug, Clone, PartialEq)]
pub struct Rating {
    /// By the policy.
    pub word: Word,
    /// Score times ten.
    pub score: Option<u8>,
    /// The vector.
    pub vector: Option<String>,
    /// Who says it; none when nobody does.
    pub source: Option<String>,
    /// What the vendor says; where the vendor says nothing, what another than NVD says: [`Said::source`] tells who.
    pub vendor: Option<Said>,
    /// What NVD says.
    pub nvd: Option<Said>,
}

/// Rates a match. The vendor is who says that the package is affected: first what is said for this package alone, then
/// what the sources of the match's reasons say of the flaw, in their order.
#[must_use]
pub fn rate(vulnerability: &Vulnerability, of: &Match, policy: Policy) -> Rating {
    let all = || of.severities.iter().chain(&vulnerability.severities).filter(|said| says(said));
    let by = |source: &str| best(vulnerability.severities.iter().filter(|said| said.source == source));
    let nvd = best(all().filter(|said| said.source == NVD));
    let sources = || of.reasons.iter().map(|reason| reason.source.as_str()).filter(|source| *source != NVD);
    let vendor = sources()
        .find_map(|source| best(of.severities.iter().filter(|said| said.source == source)))
        .or_else(|| best(of.severities.iter().filter(|said| said.source != NVD)))
        .or_else(|| sources().find_map(by));
    let other = best(all().filter(|said| said.source != NVD));
    let chosen = match policy {
        Policy::VendorFirst => vendor.or(nvd).or(other),
        Policy::NvdFirst => nvd.or(vendor).or(other),
        Policy::Highest => all().max_by_key(|said| (said.word, said.score)),
    };
    Rating {
        word: chosen.map_or(Word::Unknown, |said| said.word),
        score: chosen.and_then(|said| said.score),
        vector: chosen.and_then(|said| said.vector.clone()),
        source: chosen.map(|said| said.source.clone()),
        vendor: vendor.or(other).cloned(),
        nvd: nvd.cloned(),
    }
}

/// Whether anything is said at all.
fn says(said: &Said) -> bool {
    said.word != Word::Unknown || said.score.is_some()
}

/// What counts of what one source says: its own word before one that follows from a score, then the newest CVSS.
fn best<'a>(said: impl Iterator<Item = &'a Said>) -> Option<&'a Said> {
    let rank = |said: &Said| {
        let own_word = said.said.is_some() || (said.vector.is_none() && said.word != Word::Unknown);
        let generation = match said.vector.as_deref() {
            None => 0,
            Some(vector) if vector.starts_with("CVSS:4") => 3,
            Some(vector) if vector.starts_with("CVSS:3") => 2,
            Some(_) => 1,
        };
        (own_word, generation, said.score)
    };
    // The first of equals, so that the order of the sources decides.
    said.filter(|said| says(said)).fold(None, |best: Option<&Said>, said| match best {
        Some(best) if rank(best) >= rank(said) => Some(best),
        _ => Some(said),
    })
}

/// The base score of a CVSS vector (v2, 3.0, 3.1 or 4.0) times ten, and the word for it by FIRST's qualitative scale
/// (v2: NVD's). None for what is no valid vector.
///
/// A 4.0 vector with threat or environmental metrics is scored with them, as its specification has one score only.
#[must_use]
pub fn score(vector: &str) -> Option<(u8, Word)> {
    let vector = vector.trim();
    if vector.len() > LONGEST_VECTOR || !vector.is_ascii() {
        return None;
    }
    // Older NVD data put v2 vectors into brackets.
    let vector = vector.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(vector);
    let parsed = Cvss::from_str(vector).ok()?;
    // The library lets a 3.x vector pass that lacks base metrics, and would score it 0.
    if let Cvss::CvssV30(v3) | Cvss::CvssV31(v3) = &parsed {
        let is_whole = v3.av.is_some()
            && v3.ac.is_some()
            && v3.pr.is_some()
            && v3.ui.is_some()
            && v3.s.is_some()
            && v3.c.is_some()
            && v3.i.is_some()
            && v3.a.is_some();
        if !is_whole {
            return None;
        }
    }
    let score = tenths(parsed.score())?;
    Some((score, if matches!(parsed, Cvss::CvssV20(_)) { word_of_v2(score) } else { word_of_score(score) }))
}

/// A score times ten; none for what is no score.
fn tenths(score: f64) -> Option<u8> {
    if !(0.0..=10.0).contains(&score) {
        return None;
    }
    // Between 0 and 100 by the check above.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let tenths = (score * 10.0).round() as u8;
    Some(tenths)
}

/// FIRST's qualitative severity rating scale (CVSS v3.1 section 5, v4.0 section 6), for a score times ten.
#[must_use]
pub fn word_of_score(score: u8) -> Word {
    match score {
        0 => Word::None,
        1..=39 => Word::Low,
        40..=69 => Word::Medium,
        70..=89 => Word::High,
        _ => Word::Critical,
    }
}

/// NVD's scale for CVSS v2, which has no "critical".
fn word_of_v2(score: u8) -> Word {
    match score {
        0..=39 => Word::Low,
        40..=69 => Word::Medium,
        _ => Word::High,
    }
}

/// The severity that a vendor's word means; none for a word that means none (`untriaged`, `not yet assigned`).
#[must_use]
pub fn word_of(text: &str) -> Option<Word> {
    const WORDS: [(&str, Word); 16] = [
        ("critical", Word::Critical),
        ("urgent", Word::Critical),
        ("emergency", Word::Critical),
        ("high", Word::High),
        ("important", Word::High),
        ("severe", Word::High),
        ("medium", Word::Medium),
        ("moderate", Word::Medium),
        ("low", Word::Low),
        ("minor", Word::Low),
        ("none", Word::None),
        ("negligible", Word::None),
        ("unimportant", Word::None),
        ("informational", Word::None),
        // Debian marks with a star what it derived from NVD.
        ("high**", Word::High),
        ("medium**", Word::Medium),
    ];
    let text = text.trim();
    if let Some((_, word)) = WORDS.iter().find(|(said, _)| text.eq_ignore_ascii_case(said)) {
        return Some(*word);
    }
    let bare = text.trim_end_matches('*');
    WORDS.iter().find(|(said, _)| bare.eq_ignore_ascii_case(said)).map(|(_, word)| *word)
}

/// What a source says, for importers: its word, its vector and its score (0–10), as far as it gives them.
///
/// The score is computed from a valid vector, and taken as given where there is none. Where the source gives no word
/// that is known, the score's counts.
#[must_use]
pub fn said(source: &str, word: Option<&str>, vector: Option<&str>, score: Option<f64>) -> Said {
    let word = word.map(str::trim).filter(|word| !word.is_empty());
    let vector = vector.map(str::trim).filter(|vector| !vector.is_empty() && vector.len() <= LONGEST_VECTOR);
    let computed = vector.and_then(self::score);
    let score = computed.map(|(score, _)| score).or_else(|| score.and_then(tenths));
    let own = word.and_then(word_of);
    let implied = computed.map(|(_, word)| word).or_else(|| score.map(word_of_score));
    Said {
        source: source.to_owned(),
        word: own.or(implied).unwrap_or(Word::Unknown),
        said: word.filter(|word| own.map(name) != Some(*word)).map(short),
        vector: vector.map(str::to_owned),
        score,
    }
}

/// A word's own name.
fn name(word: Word) -> &'static str {
    match word {
        Word::Unknown => "unknown",
        Word::None => "none",
        Word::Low => "low",
        Word::Medium => "medium",
        Word::High => "high",
        Word::Critical => "critical",
    }
}

/// No source's word is longer than this.
fn short(word: &str) -> String {
    word.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::facts::Reason;

    #[test]
    fn vectors_of_every_version_are_scored() {
        for (vector, expected) in [
            ("AV:N/AC:L/Au:N/C:P/I:P/A:P", Some((75, Word::High))),
            ("(AV:N/AC:L/Au:N/C:C/I:C/A:C)", Some((100, Word::High))),
            ("AV:L/AC:H/Au:N/C:N/I:N/A:P", Some((12, Word::Low))),
            ("AV:N/AC:M/Au:N/C:N/I:P/A:N", Some((43, Word::Medium))),
            ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Some((98, Word::Critical))),
            ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H", Some((100, Word::Critical))),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:H", Some((55, Word::Medium))),
            ("CVSS:3.1/AV:L/AC:L/PR:L/UI:N/S:U/C:N/I:N/A:N", Some((0, Word::None))),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Some((93, Word::Critical))),
            ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:L/SC:N/SI:N/SA:N", Some((69, Word::Medium))),
            ("CVSS:3.1/AV:N", None),
            ("CVSS:9.9/AV:N/AC:L", None),
            ("7.5", None),
            ("", None),
        ] {
            assert_eq!(score(vector), expected, "{vector}");
        }
    }

    #[test]
    fn scores_become_words_at_the_scales_borders() {
        for (score, word) in [
            (0, Word::None),
            (1, Word::Low),
            (39, Word::Low),
            (40, Word::Medium),
            (69, Word::Medium),
            (70, Word::High),
            (89, Word::High),
            (90, Word::Critical),
            (100, Word::Critical),
        ] {
            assert_eq!(word_of_score(score), word, "{score}");
        }
    }

    #[test]
    fn vendors_words_are_brought_into_ours() {
        for (text, word) in [
            ("Important", Some(Word::High)),
            ("moderate", Some(Word::Medium)),
            ("MODERATE", Some(Word::Medium)),
            ("negligible", Some(Word::None)),
            ("unimportant", Some(Word::None)),
            ("low**", Some(Word::Low)),
            ("untriaged", None),
            ("not yet assigned", None),
        ] {
            assert_eq!(word_of(text), word, "{text}");
        }
    }

    #[test]
    fn what_a_source_says_keeps_its_own_word() {
        let important = said("redhat", Some("Important"), None, None);
        assert_eq!((important.word, important.said.as_deref()), (Word::High, Some("Important")));
        assert_eq!(said("ubuntu", Some("low"), None, None).said, None);
        let vector = said("nvd", None, Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), Some(1.0));
        assert_eq!(
            (vector.word, vector.score),
            (Word::Critical, Some(98)),
            "the vector counts, not the score beside it"
        );
        let score = said("nvd", None, None, Some(5.25));
        assert_eq!((score.word, score.score), (Word::Medium, Some(53)));
        let nothing = said("debian", Some("not yet assigned"), Some("nonsense"), Some(f64::NAN));
        assert_eq!((nothing.word, nothing.score), (Word::Unknown, None));
    }

    fn flaw(severities: Vec<Said>) -> Vulnerability {
        Vulnerability { severities, ..Vulnerability::default() }
    }

    fn by(source: &str, severities: Vec<Said>) -> Match {
        let reasons = vec![Reason { source: source.into(), ..Reason::default() }];
        Match { severities, reasons, ..Match::default() }
    }

    #[test]
    fn the_policy_chooses_and_both_stay_visible() {
        let flaw = flaw(vec![
            said("github", Some("medium"), None, None),
            said("nvd", None, Some("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"), None),
            said("debian", Some("unimportant"), None, None),
        ]);
        let of = by("debian", Vec::new());
        let vendor = rate(&flaw, &of, Policy::VendorFirst);
        assert_eq!((vendor.word, vendor.source.as_deref()), (Word::None, Some("debian")));
        assert_eq!(vendor.nvd.as_ref().and_then(|said| said.score), Some(98));
        let nvd = rate(&flaw, &of, Policy::NvdFirst);
        assert_eq!((nvd.word, nvd.source.as_deref(), nvd.score), (Word::Critical, Some("nvd"), Some(98)));
        assert_eq!(nvd.vendor.as_ref().map(|said| said.word), Some(Word::None));
        assert_eq!(rate(&flaw, &of, Policy::Highest).word, Word::Critical);
    }

    #[test]
    fn what_is_said_for_the_package_comes_before_what_is_said_of_the_flaw() {
        let flaw = flaw(vec![said("ubuntu", Some("high"), None, None)]);
        let rating = rate(&flaw, &by("ubuntu", vec![said("ubuntu", Some("low"), None, None)]), Policy::VendorFirst);
        assert_eq!(rating.word, Word::Low);
    }

    #[test]
    fn where_the_vendor_says_nothing_nvd_counts_then_anyone() {
        let of = by("alpine", Vec::new());
        let both = flaw(vec![said("github", Some("low"), None, None), said("nvd", Some("high"), None, None)]);
        let rating = rate(&both, &of, Policy::VendorFirst);
        assert_eq!((rating.word, rating.source.as_deref()), (Word::High, Some("nvd")));
        assert_eq!(rating.vendor.map(|said| said.source).as_deref(), Some("github"), "and who else speaks is named");
        let one = flaw(vec![said("github", Some("low"), None, None)]);
        assert_eq!(rate(&one, &of, Policy::NvdFirst).source.as_deref(), Some("github"));
        let nobody = rate(&flaw(vec![said("alpine", Some("who knows"), None, None)]), &of, Policy::Highest);
        assert_eq!((nobody.word, nobody.source), (Word::Unknown, None));
    }

    proptest! {
        #[test]
        fn no_vector_makes_scoring_panic(
            any in ".{0,80}",
            near in "(CVSS:[234]\\.[01]/)?((AV|AC|AT|Au|PR|UI|S|C|I|A|VC|VI|VA|SC|SI|SA|E|CR|MAV|X):[NLHAPXRUC]{1,2}/?){0,14}",
        ) {
            let _ = (score(&any), said("x", Some(&any), Some(&any), None));
            if let Some((score, _)) = score(&near) {
                prop_assert!(score <= 100);
            }
        }
    }
}
