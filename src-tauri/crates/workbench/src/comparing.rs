//! Results of other scanners among the evidence, each compared with the matches of the subjects that it is about.

use plimsoll_advisories::rating::rate;
use plimsoll_advisories::scans::{self, Compared, Scan};
use plimsoll_advisories::treat::SubjectIds;
use plimsoll_checks::{Facts, Settings};
use plimsoll_engagement::Engagement;
use serde::Serialize;

use crate::error::WorkbenchError;
use crate::evidence;
use crate::session::word;
use crate::spoken::subject_ids;

/// Whether a scanner looked at the same image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Same {
    /// A digest says so.
    Same,
    /// Its digests are others.
    Other,
    /// No digest tells.
    Unknown,
}

/// One line of a comparison.
#[derive(Debug, Clone, Serialize)]
pub struct LineResult {
    /// `both`, `ours`, `theirs`.
    pub by: &'static str,
    /// The flaw's id.
    pub id: String,
    /// The package.
    pub package: String,
    /// Its version.
    pub version: String,
    /// Our severity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub our_severity: Option<String>,
    /// Theirs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub their_severity: Option<String>,
    /// Why only one has it, as far as it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// Another scanner's result beside ours.
#[derive(Debug, Clone, Serialize)]
pub struct ComparisonResult {
    /// The subject's id.
    pub subject: String,
    /// The item of evidence.
    pub evidence: String,
    /// The scanner.
    pub tool: String,
    /// Its version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// State of its database.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub database: Option<String>,
    /// When it scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// What it scanned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub artifact: Option<String>,
    /// Whether that is the same image.
    pub same_image: Same,
    /// Found by both.
    pub both: usize,
    /// Only by us.
    pub only_ours: usize,
    /// Only by them.
    pub only_theirs: usize,
    /// All lines, those that differ first.
    pub lines: Vec<LineResult>,
    /// Notes, one sentence each.
    pub notes: Vec<String>,
}

/// A scanner's result among the evidence, or why it cannot be read.
pub(crate) struct Brought {
    pub(crate) evidence: String,
    subjects: Vec<Option<String>>,
    scan: Result<Scan, String>,
}

/// All results of scanners among the evidence.
pub(crate) fn brought(engagement: &Engagement) -> Result<Vec<Brought>, WorkbenchError> {
    let mut all = Vec::new();
    for record in engagement.evidence()? {
        if !evidence::may_be_json(&record) {
            continue;
        }
        let bytes = engagement.evidence_bytes(record.number)?;
        // What speaks of VEX is read as that.
        if plimsoll_advisories::vex::is_vex(&bytes) || !scans::is_scan(&bytes) {
            continue;
        }
        let number = format!("E-{}", record.number);
        let scan = evidence::read_scan(&format!("{number} {}", record.name), &bytes).map_err(|error| error.to_string());
        all.push(Brought { evidence: number, subjects: evidence::subjects(&record), scan });
    }
    Ok(all)
}

fn same(scan: &Scan, ids: &SubjectIds) -> Same {
    if scan.digests.is_empty() || ids.digests.is_empty() {
        return Same::Unknown;
    }
    // Scanners write repository digests with the repository before them.
    let plain = |digest: &String| digest.rsplit('@').next().unwrap_or(digest).to_owned();
    if scan.digests.iter().any(|digest| ids.digests.contains(&plain(digest))) { Same::Same } else { Same::Other }
}

/// Compares what was brought with the subjects that it is about. What is about no subject in particular is compared with
/// the image that its digests name; where they name none, with all that they do not exclude, or else with all.
pub(crate) fn comparisons(
    brought: &[Brought],
    subjects: &[(&str, &Facts)],
    settings: &Settings,
) -> Vec<ComparisonResult> {
    let mut all = Vec::new();
    for item in brought {
        let about = |id: &str| item.subjects.iter().any(|of| of.as_deref().is_none_or(|of| of == id));
        let scanned: Vec<_> = subjects
            .iter()
            .filter(|(id, facts)| about(id) && facts.inventory().is_some() && facts.vulnerabilities.is_some())
            .map(|(id, facts)| {
                let of = item.scan.as_ref().map_or(Same::Unknown, |scan| same(scan, &subject_ids(id, facts)));
                (*id, *facts, of)
            })
            .collect();
        let any = |wanted: Same| scanned.iter().any(|(_, _, of)| *of == wanted);
        let for_all = item.subjects.iter().any(Option::is_none);
        let chosen = |of: Same| match (for_all, of) {
            (false, _) | (_, Same::Same) => true,
            (true, Same::Unknown) => !any(Same::Same),
            (true, Same::Other) => !any(Same::Same) && !any(Same::Unknown),
        };
        for (id, facts, of) in scanned.iter().copied().filter(|(_, _, of)| chosen(*of)) {
            all.push(match &item.scan {
                Ok(scan) => compared(id, &item.evidence, facts, scan, of, settings),
                Err(problem) => unreadable(id, &item.evidence, problem),
            });
        }
    }
    all
}

fn unreadable(subject: &str, evidence: &str, problem: &str) -> ComparisonResult {
    ComparisonResult {
        subject: subject.to_owned(),
        evidence: evidence.to_owned(),
        tool: String::new(),
        version: None,
        database: None,
        at: None,
        artifact: None,
        same_image: Same::Unknown,
        both: 0,
        only_ours: 0,
        only_theirs: 0,
        lines: Vec::new(),
        notes: vec![format!("It could not be compared: {problem}.")],
    }
}

fn compared(
    subject: &str,
    evidence: &str,
    facts: &Facts,
    scan: &Scan,
    same_image: Same,
    settings: &Settings,
) -> ComparisonResult {
    let (Some(inventory), Some(ours)) = (facts.inventory(), &facts.vulnerabilities) else {
        return unreadable(subject, evidence, "the subject has no matches");
    };
    let comparison = scans::compare(inventory, ours, scan);
    let line = |by: &'static str, of: &Compared| {
        let matched = of.ours.and_then(|index| ours.matches.get(index as usize));
        let flaw = matched.and_then(|of| ours.vulnerabilities.get(of.vulnerability as usize));
        let package = matched.and_then(|of| inventory.packages.get(of.package as usize));
        let theirs = of.theirs.and_then(|index| scan.findings.get(index as usize));
        let rating = matched.zip(flaw).map(|(of, flaw)| rate(flaw, of, settings.vulnerabilities.severity));
        LineResult {
            by,
            id: flaw.map(|flaw| &flaw.id).or(theirs.map(|theirs| &theirs.id)).cloned().unwrap_or_default(),
            package: package.map(|p| &p.name).or(theirs.map(|t| &t.package)).cloned().unwrap_or_default(),
            version: package.map(|p| &p.version).or(theirs.map(|t| &t.version)).cloned().unwrap_or_default(),
            our_severity: rating.map(|rating| word(&rating.word)),
            their_severity: theirs.map(|theirs| word(&theirs.severity)),
            why: of.why.clone(),
        }
    };
    let lines = comparison.only_theirs.iter().map(|of| line("theirs", of));
    let lines = lines.chain(comparison.only_ours.iter().map(|of| line("ours", of)));
    let lines = lines.chain(comparison.both.iter().map(|of| line("both", of)));
    let mut notes = scan.problems.clone();
    if same_image == Same::Other {
        notes.push("The scanner looked at another image: its digests are not this subject's.".to_owned());
    }
    ComparisonResult {
        subject: subject.to_owned(),
        evidence: evidence.to_owned(),
        tool: scan.tool.clone(),
        version: scan.version.clone(),
        database: scan.database.clone(),
        at: scan.at.clone(),
        artifact: scan.artifact.clone(),
        same_image,
        both: comparison.both.len(),
        only_ours: comparison.only_ours.len(),
        only_theirs: comparison.only_theirs.len(),
        lines: lines.collect(),
        notes,
    }
}
