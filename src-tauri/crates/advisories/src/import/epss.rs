//! FIRST's exploit prediction scores (EPSS), as CSV: a line on the model and the day, a head, then CVE by CVE.
//!
//! Source: <https://www.first.org/epss/data_stats>.

use super::refuse::{self, malformed, quoted};
use super::{Feed, Format, Sink, words};
use crate::error::AdvisoryError;
use crate::facts::Epss as Score;
use crate::matching::About;

/// Most rows; there are about 300,000.
const ROWS: usize = 5_000_000;
/// Longest line, in bytes.
const LONGEST_LINE: usize = 1024;

/// FIRST's scores.
pub(super) struct Epss;

impl Format for Epss {
    fn name(&self) -> &'static str {
        "epss"
    }

    fn is(&self, _name: &str, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let head = head.trim_start_matches('\u{feff}');
        head.starts_with("#model_version") || head.to_ascii_lowercase().starts_with("cve,epss,percentile")
    }

    fn read(&self, origin: &str, name: &str, bytes: &[u8], sink: &mut dyn Sink) -> Result<Feed, AdvisoryError> {
        refuse::too_large(origin, bytes, refuse::LARGEST)?;
        let text = refuse::text(origin, bytes)?;
        let refused = |number: usize, reason: String| malformed(origin, format!("line {number}"), reason);
        let mut date = in_name(name);
        let mut rows = 0_usize;
        for (line, number) in text.lines().zip(1_usize..) {
            let line = line.trim();
            if line.len() > LONGEST_LINE {
                return Err(refused(number, "the line is too long".into()));
            }
            if let Some(comment) = line.strip_prefix('#') {
                date = comment.split(',').find_map(|part| day(part.trim().strip_prefix("score_date:")?)).or(date);
                continue;
            }
            if line.is_empty() || rows == 0 && line.to_ascii_lowercase().starts_with("cve,epss,percentile") {
                continue;
            }
            rows = rows.saturating_add(1);
            if rows > ROWS {
                return Err(refused(number, format!("there are more than {ROWS} rows")));
            }
            let mut fields = line.split(',');
            let (cve, score, percentile) = (fields.next(), fields.next(), fields.next());
            let cve = cve.filter(|cve| words::is_cve(cve));
            let (Some(cve), Some(score), Some(percentile)) = (cve, score.and_then(share), percentile.and_then(share))
            else {
                let reason = format!("{} is no CVE id with two numbers between 0 and 1", quoted(line));
                return Err(refused(number, reason));
            };
            let epss = Score { score, percentile, date: date.clone() };
            sink.about(About { cve: cve.to_owned(), epss: Some(epss), ..About::default() })?;
        }
        if rows == 0 {
            return Err(malformed(origin, "the document", "it has no row"));
        }
        // Every day's file ends with a line break.
        if !text.ends_with('\n') {
            return Err(malformed(origin, "its end", "the last line is not complete: the document was cut off"));
        }
        if let Some(date) = &date {
            sink.snapshot(date);
        }
        Ok(Feed { feed: "epss".into(), title: "Exploit prediction (EPSS)".into() })
    }
}

/// A share between 0 and 1, times 100,000.
fn share(text: &str) -> Option<u32> {
    let share: f64 = text.trim().parse().ok()?;
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    // Between 0 and 100,000 by the check above.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let hundred_thousandths = (share * 100_000.0).round() as u32;
    Some(hundred_thousandths)
}

/// The day at the beginning of a text.
fn day(text: &str) -> Option<String> {
    let day = text.get(..10)?;
    let is_day = day
        .bytes()
        .enumerate()
        .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    is_day.then(|| day.to_owned())
}

/// The day in a file's name, `epss_scores-2025-03-14.csv`.
fn in_name(name: &str) -> Option<String> {
    let (_, rest) = name.rsplit_once("epss_scores-")?;
    day(rest)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{Kept, mutate, read};
    use super::*;

    const SCORES: &str = "#model_version:v2025.03.14,score_date:2025-03-14T00:00:00+0000\n\
        cve,epss,percentile\nCVE-2024-0001,0.00043,0.11\nCVE-2024-0002,0.97,1.0\n";

    #[test]
    fn scores_are_read_with_their_day() {
        let (feed, kept) = read("epss.csv", SCORES).unwrap();
        assert_eq!((feed.feed.as_str(), kept.snapshot.as_deref()), ("epss", Some("2025-03-14")));
        let seen: Vec<_> = kept.about.iter().map(|about| (about.cve.as_str(), about.epss.clone().unwrap())).collect();
        let of = |score, percentile| Score { score, percentile, date: Some("2025-03-14".into()) };
        assert_eq!(seen, [("CVE-2024-0001", of(43, 11_000)), ("CVE-2024-0002", of(97_000, 100_000))]);
        let (_, kept) = read("epss_scores-2024-01-02.csv", "cve,epss,percentile\r\nCVE-2024-0001,1,0\r\n").unwrap();
        assert_eq!(kept.snapshot.as_deref(), Some("2024-01-02"));
    }

    #[test]
    fn broken_scores_are_refused_with_their_line() {
        for (text, place) in [
            (SCORES.replace("0.97", "1.97"), "line 4"),
            (SCORES.replace("CVE-2024-0001", "CVE"), "line 3"),
            (SCORES.replace(",0.11", ""), "line 3"),
            (SCORES.replace("0.97", "NaN"), "line 4"),
            (SCORES.trim_end().to_owned(), "cut off"),
            ("#model_version:v1,score_date:2025-03-14\n".to_owned(), "no row"),
        ] {
            let error = read("epss.csv", &text).err().unwrap().to_string();
            assert!(error.contains(place), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_scores_make_the_reader_panic(edits in prop::collection::vec(any::<(usize, u8, u8)>(), 0..6)) {
            let _ = Epss.read("e", "e", &mutate(SCORES, &edits), &mut Kept::default());
        }
    }
}
