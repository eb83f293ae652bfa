//! Bills of materials: what was read of a subject, written as CycloneDX or SPDX.

use std::collections::HashMap;
use std::str::FromStr;

use plimsoll_advisories::treat::Standing;
use plimsoll_catalog::SubjectKind;
use plimsoll_checks::{Facts, Settings};
use plimsoll_sbom::{Described, Flaw};

use crate::collect::Request;
use crate::error::WorkbenchError;
use crate::job::Job;
use crate::reach::Reach;
use crate::run::collect_all;
use crate::session::word;
use crate::source::Source;
use crate::spoken::subject_ids;
use crate::vulnerability_results::{Seen, decimal, seen};

/// The format of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// CycloneDX 1.6, JSON.
    CycloneDx,
    /// SPDX 2.3, JSON.
    Spdx,
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "cyclonedx" => Ok(Self::CycloneDx),
            "spdx" => Ok(Self::Spdx),
            other => Err(format!("\"{other}\" is no format of a bill of materials; write cyclonedx or spdx")),
        }
    }
}

/// Whether a source is one of which there is a bill.
#[must_use]
pub fn has_inventory(source: &Source) -> bool {
    matches!(source.kind(), SubjectKind::Image | SubjectKind::Sbom)
}

/// Reads a subject and writes its bill, with its known vulnerabilities if they are wanted.
///
/// # Errors
/// When it cannot be read, or the advisory database that was named cannot be used.
pub async fn of_source(
    request: &Request,
    reach: &Reach,
    format: Format,
    vulnerabilities: bool,
    job: &Job,
) -> Result<String, WorkbenchError> {
    let mut found = collect_all(std::slice::from_ref(request), reach, job).await?;
    let facts = found.pop().ok_or(WorkbenchError::NoSubjects)?.facts?;
    of_facts(&request.source.name(), "", "", &facts, &Settings::default(), format, vulnerabilities)
}

/// The bill of a subject that was read. `id` is the subject's in its engagement, if it is in one; `author` may be empty.
///
/// # Errors
/// When there is no inventory.
pub(crate) fn of_facts(
    name: &str,
    id: &str,
    author: &str,
    facts: &Facts,
    settings: &Settings,
    format: Format,
    vulnerabilities: bool,
) -> Result<String, WorkbenchError> {
    let Some(inventory) = facts.inventory() else {
        return Err(WorkbenchError::Input(format!("There is no inventory of {name}; run the audit first.")));
    };
    if let Some(problem) =
        facts.vulnerabilities.as_ref().and_then(|scan| scan.problem.as_ref()).filter(|_| vulnerabilities)
    {
        // A bill that lists no vulnerabilities because nobody could look would say the opposite.
        return Err(WorkbenchError::Input(problem.clone()));
    }
    let image = facts.image.as_ref();
    let platform = image.map(|image| image.platform.to_string());
    let digest = image.map(|image| image.digest.as_ref().unwrap_or(&image.config_digest).as_str());
    let described = Described {
        name: image.and_then(|image| image.reference.as_deref()).unwrap_or(name),
        digest: digest.or_else(|| facts.sbom.as_ref().and_then(|sbom| sbom.digests.first().map(String::as_str))),
        platform: platform.as_deref(),
        created: &facts.collected,
        version: crate::VERSION,
        author,
        inventory: Some(inventory),
        flaws: if vulnerabilities { flaws(id, facts, settings) } else { Vec::new() },
    };
    Ok(match format {
        Format::CycloneDx => plimsoll_sbom::cyclonedx(&described),
        Format::Spdx => plimsoll_sbom::spdx(&described),
    })
}

/// The flaws, each once for all packages that stand alike in it.
fn flaws(id: &str, facts: &Facts, settings: &Settings) -> Vec<Flaw> {
    let at = facts.vulnerabilities.as_ref().map(|scan| scan.at.clone()).unwrap_or_default();
    let ids = subject_ids(id, facts);
    let mut flaws: Vec<Flaw> = Vec::new();
    let mut index: HashMap<(u32, Option<Analysis>), usize> = HashMap::new();
    for (_, seen) in seen(&ids, facts, &facts.vex, &facts.acceptances, settings, &at) {
        let analysis = analysis(&seen, facts);
        let key = (seen.of.vulnerability, analysis.clone());
        if let Some(known) = index.get(&key).and_then(|at| flaws.get_mut(*at)) {
            known.packages.push(seen.of.package);
            continue;
        }
        index.insert(key, flaws.len());
        flaws.push(Flaw {
            id: seen.vulnerability.id.clone(),
            // The rating beside it is this source's.
            source: seen
                .rating
                .source
                .clone()
                .or_else(|| seen.of.reasons.first().map(|reason| reason.source.clone()))
                .unwrap_or_default(),
            aliases: seen.vulnerability.aliases.clone(),
            severity: word(&seen.rating.word),
            vector: seen.rating.vector.clone(),
            score: seen.rating.score.map(decimal),
            summary: seen.vulnerability.summary.clone(),
            fixed: seen.of.fixed.clone(),
            packages: vec![seen.of.package],
            analysis,
        });
    }
    flaws
}

/// State, justification and detail, as [`Flaw::analysis`] takes them.
type Analysis = (String, Option<String>, Option<String>);

/// CycloneDX's words for how a match stands.
fn analysis(seen: &Seen<'_>, facts: &Facts) -> Option<Analysis> {
    let statement = seen.treated.statements.first().and_then(|index| facts.vex.get(*index));
    let state = match seen.treated.standing {
        Standing::Open => return None,
        Standing::NotAffected => "not_affected",
        Standing::Fixed => "resolved",
        Standing::UnderInvestigation => "in_triage",
        Standing::Affected | Standing::Accepted | Standing::AcceptanceExpired => "exploitable",
    };
    let justification = statement.and_then(|statement| statement.justification.clone());
    let accepted = seen.treated.acceptances.first().and_then(|index| facts.acceptances.get(*index));
    let detail = match (statement.and_then(|statement| statement.impact.clone()), accepted) {
        (Some(impact), _) => Some(impact),
        (None, Some(acceptance)) => {
            Some(format!("Accepted by {} until {}: {}", acceptance.owner, acceptance.expires, acceptance.reason))
        }
        (None, None) => None,
    };
    Some((state.to_owned(), justification, detail))
}
