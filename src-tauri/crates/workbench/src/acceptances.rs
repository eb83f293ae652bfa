//! Risks that somebody accepts for a time: checked, numbered, kept with the engagement, taken back.

use std::path::Path;

use plimsoll_advisories::treat::Acceptance;
use plimsoll_engagement::{Engagement, EngagementError, Kept, Subject};
use serde::Deserialize;
use time::macros::format_description;
use time::{Date, OffsetDateTime};

use crate::collect::now;
use crate::error::WorkbenchError;
use crate::settings::read_bounded;
use crate::spoken;

/// An acceptance reaches at most this many years ahead: one that never ends is no acceptance for a time.
const YEARS: i32 = 5;
/// A file of acceptances may be at most this many bytes: 4 MiB.
const FILE_LIMIT: u64 = 4 << 20;
/// Texts of an acceptance are at most this long, in bytes.
const TEXT_LIMIT: usize = 4_000;
/// Acceptances in one file.
const COUNT_LIMIT: usize = 10_000;

/// A risk that is to be accepted, as a person writes it into a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// The flaw, by any of its ids.
    pub vulnerability: String,
    /// The package, by name or purl; none: whichever.
    #[serde(default)]
    pub package: Option<String>,
    /// The subject, by its id, name or source; none: all.
    #[serde(default)]
    pub subject: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Last day, `YYYY-MM-DD`.
    pub expires: String,
    /// Why.
    pub reason: String,
}

pub(crate) fn today() -> Date {
    OffsetDateTime::now_utc().date()
}

fn date(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// Whether an acceptance has expired on a day.
pub(crate) fn expired(acceptance: &Acceptance, today: Date) -> bool {
    date(&acceptance.expires).is_none_or(|last| last < today)
}

impl Wanted {
    /// Its texts without surrounding blanks; empty restrictions are none.
    fn trimmed(&self) -> Self {
        let some = |text: &Option<String>| text.as_deref().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned);
        Self {
            vulnerability: self.vulnerability.trim().to_owned(),
            package: some(&self.package),
            subject: some(&self.subject),
            owner: self.owner.trim().to_owned(),
            expires: self.expires.trim().to_owned(),
            reason: self.reason.trim().to_owned(),
        }
    }

    /// Whether it can be accepted at all. One that has expired is none, unless `past` is allowed: a file may hold it, and
    /// then it shows as expired.
    fn check(&self, today: Date, past: bool) -> Result<(), String> {
        let id = &self.vulnerability;
        if id.is_empty() {
            return Err("Enter the id of the vulnerability whose risk is accepted.".to_owned());
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/".contains(c);
        if id.len() > 200 || !id.chars().all(plain) {
            return Err(format!("\"{}\" is no id of a vulnerability.", id.chars().take(100).collect::<String>()));
        }
        if self.owner.is_empty() {
            return Err(format!("Enter who answers for the risk of {id}."));
        }
        if self.reason.is_empty() {
            return Err(format!("Enter why the risk of {id} is accepted: the report prints the reason."));
        }
        let texts = [Some(&self.owner), Some(&self.reason), self.package.as_ref(), self.subject.as_ref()];
        if texts.into_iter().flatten().any(|text| text.len() > TEXT_LIMIT) {
            return Err(format!("The texts on {id} are too long; at most {TEXT_LIMIT} bytes each."));
        }
        let Some(last) = date(&self.expires) else {
            return Err(format!("Enter the last day on which the risk of {id} is accepted, like 2027-03-31."));
        };
        if last < today && !past {
            return Err(format!("{} lies in the past; enter a day on which the acceptance ends.", self.expires));
        }
        let year = today.year().saturating_add(YEARS);
        let furthest = today.replace_year(year).or_else(|_| today.previous_day().unwrap_or(today).replace_year(year));
        if furthest.is_ok_and(|furthest| last > furthest) {
            return Err(format!("{} lies more than {YEARS} years ahead; a risk is accepted for a time.", self.expires));
        }
        Ok(())
    }
}

/// Reads a file of acceptances: a JSON list of objects with `vulnerability`, `owner`, `expires`, `reason` and, where it is
/// confined, `package` and `subject`.
///
/// # Errors
/// When it is no such list, or one of them makes no sense; the place is named.
pub fn read_file(path: &Path) -> Result<Vec<Wanted>, WorkbenchError> {
    let bytes = read_bounded(path, FILE_LIMIT, "file of acceptances")?;
    let wrong = |reason: String| {
        WorkbenchError::Input(format!("{} holds no acceptances: {}.", path.display(), reason.trim_end_matches('.')))
    };
    let list: Vec<Wanted> = serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if list.len() > COUNT_LIMIT {
        return Err(wrong(format!("there are {}, and at most {COUNT_LIMIT} are read", list.len())));
    }
    let list: Vec<Wanted> = list.iter().map(Wanted::trimmed).collect();
    for (index, wanted) in list.iter().enumerate() {
        wanted.check(today(), true).map_err(|reason| wrong(format!("number {}: {reason}", index + 1)))?;
    }
    Ok(list)
}

/// The subject that a person means by its id, name or source.
fn subject_of(subjects: &[Subject], text: &str) -> Result<String, WorkbenchError> {
    let by = |pick: fn(&Subject) -> &str| -> Vec<&Subject> { subjects.iter().filter(|s| pick(s) == text).collect() };
    for found in [by(|s| &s.id), by(|s| &s.source), by(|s| &s.name)] {
        match found.as_slice() {
            [one] => return Ok(one.id.clone()),
            [] => {}
            _ => {
                return Err(WorkbenchError::Input(format!(
                    "Several subjects are called {text}; name the one that is meant by its id or source."
                )));
            }
        }
    }
    Err(EngagementError::Unknown { what: "subject", id: text.to_owned() }.into())
}

fn kept(engagement: &mut Engagement, wanted: &Wanted, id: Option<String>) -> Result<String, WorkbenchError> {
    let subjects = engagement.subjects()?;
    let subject = wanted.subject.as_deref().map(|text| subject_of(&subjects, text)).transpose()?;
    let known = spoken::acceptances(engagement)?;
    let same_place = |known: &&Acceptance| {
        known.vulnerability == wanted.vulnerability && known.package == wanted.package && known.subject == subject
    };
    // What stands in a file takes the place of what it said before; what a person enters is a new one.
    let earlier = known.iter().find(same_place).filter(|_| id.is_none());
    if let Some(earlier) = earlier
        && (&earlier.owner, &earlier.expires, &earlier.reason) == (&wanted.owner, &wanted.expires, &wanted.reason)
    {
        return Ok(earlier.id.clone());
    }
    let id = match (id, earlier) {
        (Some(id), _) => id,
        (None, Some(earlier)) => earlier.id.clone(),
        (None, None) => next_id(engagement)?,
    };
    let acceptance = Acceptance {
        id: id.clone(),
        vulnerability: wanted.vulnerability.clone(),
        package: wanted.package.clone(),
        subject,
        reason: wanted.reason.clone(),
        owner: wanted.owner.clone(),
        expires: wanted.expires.clone(),
        author: engagement.details().auditor.clone(),
        at: now(),
    };
    let json = serde_json::to_string(&acceptance).map_err(EngagementError::from)?;
    engagement.keep(Kept::Acceptance, &id, Some(&json), &acceptance.reason)?;
    Ok(id)
}

/// The next number. One that was taken back keeps its number: the trail speaks of it.
fn next_id(engagement: &Engagement) -> Result<String, WorkbenchError> {
    let acts = engagement.trail()?;
    let used = acts
        .iter()
        .filter(|entry| entry.act == "acceptance.recorded")
        .filter_map(|entry| entry.object.strip_prefix("acceptance A-")?.parse::<u32>().ok());
    Ok(format!("A-{}", used.max().unwrap_or(0).saturating_add(1)))
}

/// Accepts a risk; gives its number.
///
/// # Errors
/// When owner, reason or expiry are missing or make no sense, or the engagement cannot be written.
pub fn accept(engagement: &mut Engagement, wanted: &Wanted) -> Result<String, WorkbenchError> {
    let wanted = wanted.trimmed();
    wanted.check(today(), false).map_err(WorkbenchError::Input)?;
    let id = next_id(engagement)?;
    kept(engagement, &wanted, Some(id))
}

/// Keeps the acceptances of a file. The same again changes nothing; one on the same flaw, package and subject takes the
/// place of the earlier one.
///
/// # Errors
/// When one names a subject that there is not, or the engagement cannot be written.
pub fn keep_all(engagement: &mut Engagement, wanted: &[Wanted]) -> Result<(), WorkbenchError> {
    wanted.iter().try_for_each(|wanted| kept(engagement, wanted, None).map(|_| ()))
}

/// Takes an acceptance back.
///
/// # Errors
/// When there is none, no reason is given, or the engagement cannot be written.
pub fn withdraw(engagement: &mut Engagement, id: &str, reason: &str) -> Result<(), WorkbenchError> {
    if reason.trim().is_empty() {
        return Err(WorkbenchError::Input(format!("Enter why {id} is taken back: the trail keeps the reason.")));
    }
    if !spoken::acceptances(engagement)?.iter().any(|acceptance| acceptance.id == id) {
        return Err(EngagementError::Unknown { what: "acceptance", id: id.to_owned() }.into());
    }
    Ok(engagement.keep(Kept::Acceptance, id, None, reason.trim())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(expires: &str) -> Wanted {
        Wanted {
            vulnerability: "CVE-2026-0001".into(),
            owner: "Kim".into(),
            expires: expires.into(),
            reason: "behind a proxy".into(),
            ..Wanted::default()
        }
    }

    #[test]
    fn an_acceptance_has_an_owner_a_reason_and_an_end_that_is_not_far() {
        let today = date("2026-11-24").unwrap();
        assert!(wanted("2026-11-24").check(today, false).is_ok());
        assert!(wanted("2031-11-24").check(today, false).is_ok());
        for wrong in ["2026-11-23", "2031-11-25", "soon", "", "2026-13-01", "9999-01-01"] {
            assert!(wanted(wrong).check(today, false).is_err(), "{wrong}");
        }
        assert!(wanted("2026-11-23").check(today, true).is_ok());
        let leap = date("2028-02-29").unwrap();
        assert!(wanted("2033-02-28").check(leap, false).is_ok() && wanted("2033-03-01").check(leap, false).is_err());
        for change in [
            |w: &mut Wanted| w.owner.clear(),
            |w: &mut Wanted| w.reason.clear(),
            |w: &mut Wanted| w.vulnerability.clear(),
            |w: &mut Wanted| w.vulnerability = "CVE 1".into(),
            |w: &mut Wanted| w.reason = "x".repeat(5_000),
        ] {
            let mut wrong = wanted("2026-12-31");
            change(&mut wrong);
            assert!(wrong.check(today, false).is_err());
        }
    }

    #[test]
    fn acceptances_are_numbered_replaced_by_a_file_and_taken_back() {
        let folder = tempfile::tempdir().unwrap();
        let mut engagement = crate::sample::open(folder.path()).unwrap();
        let expires = (today() + time::Duration::days(30)).to_string();
        assert_eq!(accept(&mut engagement, &wanted(&expires)).unwrap(), "A-1");
        let mut other = wanted(&expires);
        other.subject = Some("harbour/worker:latest".into());
        assert_eq!(accept(&mut engagement, &other).unwrap(), "A-2");
        assert_eq!(spoken::acceptances(&engagement).unwrap()[1].subject.as_deref(), Some("s2"));
        keep_all(&mut engagement, &[wanted(&expires), other.clone()]).unwrap();
        assert_eq!(spoken::acceptances(&engagement).unwrap().len(), 2);
        other.owner = "Lou".into();
        keep_all(&mut engagement, &[other.clone()]).unwrap();
        let known = spoken::acceptances(&engagement).unwrap();
        assert_eq!((known.len(), known[1].owner.as_str()), (2, "Lou"));
        assert!(withdraw(&mut engagement, "A-2", " ").is_err());
        withdraw(&mut engagement, "A-2", "fixed").unwrap();
        assert!(withdraw(&mut engagement, "A-2", "fixed").is_err());
        assert_eq!(accept(&mut engagement, &other).unwrap(), "A-3");
        other.subject = Some("nobody".into());
        assert!(accept(&mut engagement, &other).is_err());
    }

    #[test]
    fn a_file_of_acceptances_is_read_strictly() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("accepted.json");
        let item = r#"{"vulnerability":"CVE-2026-1","owner":"Kim","expires":"2026-01-01","reason":"old"}"#;
        std::fs::write(&path, format!("[{item}]")).unwrap();
        assert_eq!(read_file(&path).unwrap().len(), 1);
        for wrong in [
            item.to_owned(),
            "[{}]".to_owned(),
            format!("[{}]", item.replace("owner", "approver")),
            format!("[{}]", item.replace("2026-01-01", "next year")),
            format!("[{}]", item.replace("\"reason\"", "\"extra\":1,\"reason\"")),
        ] {
            std::fs::write(&path, &wrong).unwrap();
            assert!(read_file(&path).is_err(), "{wrong}");
        }
    }
}
