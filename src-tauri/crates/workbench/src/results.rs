//! The machine-readable results: schema `plimsoll/results/1`. Fields may be added, never renamed.

use plimsoll_catalog::verdict::DecidedBy;
use plimsoll_catalog::{
    Assessment, Level, LevelVerdict, Outcome, OutcomeKind, Profile, RequirementId, UseCaseId, Verdict,
};
use plimsoll_checks::{CollectedBy, Facts, Settings};
use plimsoll_engagement::{Engagement, Subject};
use plimsoll_image::Tree;
use serde::Serialize;

use crate::browse::ecosystem;
use crate::comparing;
use crate::error::WorkbenchError;
use crate::origin::base_layers;
use crate::vulnerability_results;

pub use crate::comparing::{ComparisonResult, LineResult, Same};
pub use crate::vulnerability_results::{ScanOfSubject, VulnerabilityResult};
pub use plimsoll_advisories::Word;

/// The name of the contract.
pub const SCHEMA: &str = "plimsoll/results/1";
/// A recorded file listing unpacks to at most so many bytes: 4 GiB.
const LISTING_LIMIT: u64 = 4 << 30;

/// All results of an engagement.
#[derive(Debug, Serialize)]
pub struct Results {
    /// [`SCHEMA`]
    pub schema: &'static str,
    /// The program.
    pub tool: Tool,
    /// When the run began, RFC 3339.
    pub started: String,
    /// When it ended, RFC 3339.
    pub finished: String,
    /// The level aimed at.
    pub target_level: Level,
    /// What was under audit.
    pub subjects: Vec<SubjectResult>,
    /// What the checks concluded.
    pub outcomes: Vec<Outcome>,
    /// The fourteen use cases.
    pub use_cases: Vec<UseCaseVerdict>,
    /// The 106 requirements.
    pub requirements: Vec<RequirementVerdict>,
    /// The three levels.
    pub levels: Vec<LevelResult>,
    /// Known vulnerabilities: one line for each package that has one.
    pub vulnerabilities: Vec<VulnerabilityResult>,
    /// Other scanners' results beside ours.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub comparisons: Vec<ComparisonResult>,
}

/// The program.
#[derive(Debug, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
    /// SHA-256 that identifies its rules, hex.
    pub rules_sha256: String,
}

/// One subject.
#[derive(Debug, Default, Serialize)]
pub struct SubjectResult {
    /// Its id.
    pub id: String,
    /// `image`, `dockerfile`, `compose` …
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// Where it comes from, in transport syntax.
    pub source: String,
    /// The image's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// Digest of the manifest, or of the file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Digest of the config.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub config_digest: Option<String>,
    /// `os/architecture[/variant]`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub platform: Option<String>,
    /// Bytes, uncompressed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<u64>,
    /// Names of the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Digests under which registries know the image.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub registry_digests: Vec<String>,
    /// The Dockerfile beside the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dockerfile: Option<String>,
    /// Where its facts came from, when they were collected elsewhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collected_by: Option<CollectedBy>,
    /// Why it could not be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Oddities that the reader met.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// The packages of an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub packages: Option<Vec<Package>>,
    /// The content of an image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content: Option<Content>,
    /// How the scan for known vulnerabilities stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scan: Option<ScanOfSubject>,
}

/// One package.
#[derive(Debug, Serialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Its ecosystem.
    pub r#type: String,
    /// diff_id of the layer that brought it.
    pub layer: String,
    /// Package URL.
    pub purl: String,
}

/// The content of an image.
#[derive(Debug, Serialize)]
pub struct Content {
    /// The layers, the lowest first.
    pub layers: Vec<Layer>,
    /// Files in the merged tree.
    pub files: u64,
    /// As dive defines it, 0–1.
    pub efficiency: f64,
    /// As dive defines it, bytes.
    pub wasted_bytes: u64,
}

/// One layer.
#[derive(Debug, Serialize)]
pub struct Layer {
    /// Digest of the blob as it is stored.
    pub digest: String,
    /// Digest of the uncompressed layer.
    pub diff_id: String,
    /// Bytes, uncompressed.
    pub size: u64,
    /// Files in it.
    pub files: u64,
    /// The instruction that made it.
    pub command: Option<String>,
}

/// One use case.
#[derive(Debug, Serialize)]
pub struct UseCaseVerdict {
    /// A1–D2.
    pub id: UseCaseId,
    /// Over all subjects: the worst counts.
    pub verdict: OutcomeKind,
}

/// One requirement.
#[derive(Debug, Serialize)]
pub struct RequirementVerdict {
    /// Its id.
    pub id: RequirementId,
    /// Its lowest level.
    pub level: Level,
    /// The verdict.
    pub verdict: Verdict,
    /// Who decided.
    pub decided_by: DecidedBy,
    /// Whether the profile measures against it.
    pub in_profile: bool,
}

/// One level.
#[derive(Debug, Serialize)]
pub struct LevelResult {
    /// 1–3.
    pub level: Level,
    /// What was measured against. Only `full` speaks of a CSVS level.
    pub profile: Profile,
    /// The verdict.
    pub verdict: LevelVerdict,
    /// Requirements that hold.
    pub satisfied: u32,
    /// That do not.
    pub failed: u32,
    /// That do not apply.
    pub not_applicable: u32,
    /// That nobody has decided.
    pub open: u32,
}

/// The facts of a subject's latest run, read back.
///
/// # Errors
/// When they cannot be read back.
pub fn facts_of(engagement: &Engagement, subject: &str) -> Result<Option<Facts>, WorkbenchError> {
    let Some(record) = engagement.facts(subject)? else { return Ok(None) };
    Ok(Some(serde_json::from_str(&record.json).map_err(plimsoll_engagement::EngagementError::from)?))
}

/// The recorded tree of an image, read back; none if none was recorded.
///
/// # Errors
/// When it cannot be read back.
pub fn tree_of(engagement: &Engagement, facts: &Facts) -> Result<Option<Tree>, WorkbenchError> {
    let Some(sha256) = &facts.listing else { return Ok(None) };
    let Some(bytes) = engagement.listing(sha256)? else { return Ok(None) };
    Ok(Some(Tree::from_bytes(&bytes, LISTING_LIMIT)?))
}

fn package(package: plimsoll_packages::Package) -> Package {
    Package {
        name: package.name,
        version: package.version,
        r#type: ecosystem(package.ecosystem),
        layer: package.layer,
        purl: package.purl,
    }
}

fn subject_result(
    subject: &Subject,
    facts: Option<Facts>,
    settings: &Settings,
    error: Option<String>,
) -> SubjectResult {
    let mut result = SubjectResult {
        id: subject.id.clone(),
        kind: subject.kind.as_str(),
        name: subject.name.clone(),
        source: subject.source.clone(),
        reference: None,
        digest: None,
        config_digest: None,
        platform: None,
        size: None,
        tags: Vec::new(),
        registry_digests: Vec::new(),
        dockerfile: subject.dockerfile.clone(),
        collected_by: None,
        error,
        problems: Vec::new(),
        packages: None,
        content: None,
        scan: None,
    };
    let Some(facts) = facts else { return result };
    let digest = facts.digest();
    result.scan = vulnerability_results::scan(&facts, settings);
    result.collected_by = facts.collected_by;
    result.registry_digests = facts.registry_digests;
    if let Some(image) = facts.image {
        // The manifest's digest, as read; or the one that the engine knows it by, when there is just one.
        let known = match result.registry_digests.as_slice() {
            [single] => single.split_once('@').map(|(_, digest)| digest.to_owned()),
            _ => None,
        };
        result.digest = image.digest.or(known);
        result.reference = image.reference.or_else(|| image.repo_tags.first().cloned());
        result.config_digest = Some(image.config_digest);
        result.platform = Some(image.platform.to_string());
        result.size = Some(image.size);
        result.tags = image.repo_tags;
        result.problems = image.problems;
        result.packages = Some(image.inventory.packages.into_iter().map(package).collect());
        result.content = Some(Content {
            layers: image
                .layers
                .into_iter()
                .map(|layer| Layer {
                    digest: layer.digest,
                    diff_id: layer.diff_id,
                    size: layer.size,
                    files: layer.files,
                    command: layer.command,
                })
                .collect(),
            files: image.content.files,
            efficiency: image.content.efficiency,
            wasted_bytes: image.content.wasted_bytes,
        });
    } else if let Some(file) = facts.dockerfile {
        result.digest = Some(format!("sha256:{}", file.parsed.sha256));
        result.problems = file.parsed.problems.iter().map(|p| format!("line {}: {}", p.line, p.message)).collect();
    } else if let Some(file) = facts.compose {
        result.digest = Some(format!("sha256:{}", file.parsed.sha256));
        result.problems = file.parsed.problems.iter().map(|p| format!("line {}: {}", p.line, p.message)).collect();
    } else if let Some(host) = facts.host {
        result.problems = host.unread.into_iter().map(|unread| format!("{}: {}", unread.what, unread.reason)).collect();
        result.digest = digest;
    } else if let Some(container) = facts.container {
        result.problems =
            container.unread.into_iter().map(|unread| format!("{}: {}", unread.what, unread.reason)).collect();
        result.digest = digest;
        result.reference = Some(container.config.image).filter(|image| !image.is_empty());
    } else if let Some(sbom) = facts.sbom {
        result.digest = Some(format!("sha256:{}", sbom.sha256));
        result.reference = sbom.subject;
        result.problems = sbom.inventory.problems;
        result.problems.extend(sbom.left_out);
        result.packages = Some(sbom.inventory.packages.into_iter().map(package).collect());
    }
    result
}

/// Computes the verdicts of an engagement as it is now.
///
/// # Errors
/// When the engagement cannot be read.
pub fn assessment(engagement: &Engagement) -> Result<Assessment, WorkbenchError> {
    let outcomes = engagement.outcomes()?;
    let decisions = engagement.decisions(&outcomes)?;
    let subjects: Vec<_> = engagement.subjects()?.into_iter().map(|s| (s.id, s.kind)).collect();
    Ok(plimsoll_catalog::assess(&plimsoll_catalog::assessment::Input {
        profile: engagement.details().profile,
        subjects: &subjects,
        outcomes: &outcomes,
        decisions: &decisions,
        amendments: &[],
        today: time::OffsetDateTime::now_utc().date(),
        four_eyes: false,
    }))
}

/// The results of an engagement as it is now.
///
/// # Errors
/// When the engagement cannot be read.
pub fn results(engagement: &Engagement) -> Result<Results, WorkbenchError> {
    let assessment = assessment(engagement)?;
    let run = engagement.runs()?.into_iter().find(|run| run.state != plimsoll_engagement::RunState::Cancelled);
    let errors = run.as_ref().map(|run| run.errors.clone()).unwrap_or_default();
    let settings = crate::run::settings(engagement)?;
    let mut read = Vec::new();
    for subject in engagement.subjects()? {
        let error = errors.iter().find(|(id, _)| *id == subject.id).map(|(_, reason)| reason.clone());
        let facts = if error.is_some() { None } else { facts_of(engagement, &subject.id)? };
        read.push((subject, facts, error));
    }
    let known: Vec<(&str, &Facts)> =
        read.iter().filter_map(|(subject, facts, _)| Some((subject.id.as_str(), facts.as_ref()?))).collect();
    let named: Vec<(&str, &str, &Facts)> = read
        .iter()
        .filter_map(|(subject, facts, _)| Some((subject.id.as_str(), subject.name.as_str(), facts.as_ref()?)))
        .collect();
    let mut vulnerabilities = Vec::new();
    for (id, facts) in &known {
        let others: Vec<(&str, &Facts)> =
            named.iter().filter(|(other, _, _)| other != id).map(|(_, name, facts)| (*name, *facts)).collect();
        let at = facts.vulnerabilities.as_ref().map(|scan| scan.at.clone()).unwrap_or_default();
        let base = base_layers(facts, &others);
        vulnerabilities.extend(vulnerability_results::vulnerabilities(id, facts, &base, &settings, &at));
    }
    let comparisons = comparing::comparisons(&comparing::brought(engagement)?, &known, &settings);
    let subjects =
        read.into_iter().map(|(subject, facts, error)| subject_result(&subject, facts, &settings, error)).collect();
    Ok(Results {
        schema: SCHEMA,
        tool: Tool { name: crate::TOOL, version: crate::VERSION, rules_sha256: crate::run::rules_sha256(&settings) },
        started: run.as_ref().map(|run| run.started.clone()).unwrap_or_default(),
        finished: run.and_then(|run| run.finished).unwrap_or_default(),
        target_level: engagement.details().target_level,
        subjects,
        outcomes: engagement.outcomes()?,
        use_cases: assessment.use_cases.iter().map(|u| UseCaseVerdict { id: u.id, verdict: u.verdict }).collect(),
        requirements: assessment
            .requirements
            .iter()
            .map(|r| RequirementVerdict {
                id: r.id,
                level: r.level,
                verdict: r.verdict,
                decided_by: r.decided_by,
                in_profile: r.in_profile,
            })
            .collect(),
        levels: assessment
            .levels
            .iter()
            .map(|l| LevelResult {
                level: l.level,
                profile: l.profile,
                verdict: l.verdict,
                satisfied: l.satisfied,
                failed: l.failed,
                not_applicable: l.not_applicable,
                open: l.open,
            })
            .collect(),
        vulnerabilities,
        comparisons,
    })
}
