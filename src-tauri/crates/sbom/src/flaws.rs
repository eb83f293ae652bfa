//! CycloneDX's `vulnerabilities`, written.

use std::collections::BTreeSet;

use plimsoll_packages::Package;
use serde::Serialize;

use crate::Flaw;
use crate::cyclonedx_write::{Named, Property};

#[derive(Serialize)]
pub(crate) struct Vulnerability<'a> {
    #[serde(rename = "bom-ref")]
    bom_ref: String,
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    references: Vec<Reference<'a>>,
    ratings: [Rating<'a>; 1],
    #[serde(skip_serializing_if = "str::is_empty")]
    description: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    recommendation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    analysis: Option<Analysis<'a>>,
    affects: Vec<Affected<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Reference<'a> {
    id: &'a str,
    source: Named<'a>,
}

#[derive(Serialize)]
struct Rating<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<f64>,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    method: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    vector: Option<&'a str>,
}

#[derive(Serialize)]
struct Analysis<'a> {
    state: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    justification: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<std::borrow::Cow<'a, str>>,
}

#[derive(Serialize)]
struct Affected<'a> {
    #[serde(rename = "ref")]
    of: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    versions: Vec<Version<'a>>,
}

#[derive(Serialize)]
struct Version<'a> {
    version: &'a str,
    status: &'static str,
}

/// Writes all; `refs` are those of the packages, `root` is what is affected where no package is named.
pub(crate) fn write<'a>(
    flaws: &'a [Flaw],
    packages: &'a [Package],
    refs: &'a [String],
    root: &'a str,
) -> Vec<Vulnerability<'a>> {
    flaws.iter().enumerate().map(|(at, flaw)| one(at, flaw, packages, refs, root)).collect()
}

fn one<'a>(at: usize, flaw: &'a Flaw, packages: &'a [Package], refs: &'a [String], root: &'a str) -> Vulnerability<'a> {
    let source = || Some(Named { name: flaw.source.as_str() }).filter(|source| !source.name.is_empty());
    let analysis = flaw.analysis.as_ref().map(analysis);
    let is_unaffected = analysis.as_ref().is_some_and(|told| matches!(told.state, "not_affected" | "false_positive"));
    let status = if is_unaffected { "unaffected" } else { "affected" };
    let numbers: BTreeSet<u32> = flaw.packages.iter().copied().collect();
    let found = numbers.into_iter().filter_map(|number| {
        let number = usize::try_from(number).ok()?;
        Some((packages.get(number)?, refs.get(number)?))
    });
    let mut affects: Vec<Affected<'_>> = found
        .map(|(package, reference)| Affected {
            of: reference,
            versions: vec![Version { version: &package.version, status }],
        })
        .collect();
    if affects.is_empty() {
        affects.push(Affected { of: root, versions: Vec::new() });
    }
    let aliases: BTreeSet<&str> =
        flaw.aliases.iter().map(String::as_str).filter(|id| !id.is_empty() && *id != flaw.id).collect();
    let fixed = flaw.fixed.as_deref().filter(|fixed| !fixed.is_empty());
    Vulnerability {
        bom_ref: format!("flaw-{}", at.saturating_add(1)),
        id: &flaw.id,
        source: source(),
        references: aliases.into_iter().map(|id| Reference { id, source: Named { name: publisher(id) } }).collect(),
        ratings: [Rating {
            source: source(),
            score: flaw.score.filter(|score| score.is_finite()),
            severity: severity(&flaw.severity),
            method: flaw.vector.as_deref().and_then(method),
            vector: flaw.vector.as_deref().filter(|vector| !vector.is_empty()),
        }],
        description: &flaw.summary,
        recommendation: fixed.map(|fixed| format!("Update to version {fixed} or a later one.")),
        analysis,
        affects,
        properties: fixed
            .map(|fixed| Property { name: "plimsoll:fixed", value: fixed.to_owned() })
            .into_iter()
            .collect(),
    }
}

/// Who gives out ids of this form.
fn publisher(id: &str) -> &'static str {
    match id.split('-').next().unwrap_or_default() {
        "CVE" => "CVE",
        "GHSA" => "GitHub",
        "DSA" | "DLA" | "DEBIAN" => "Debian",
        "USN" | "UBUNTU" => "Ubuntu",
        "GO" => "Go",
        "PYSEC" => "PyPA",
        "RUSTSEC" => "RustSec",
        "RHSA" | "RHBA" | "RHEA" => "Red Hat",
        "ALSA" | "ALBA" | "ALEA" => "AlmaLinux",
        "RLSA" | "RXSA" => "Rocky Linux",
        "BIT" => "Bitnami",
        "ALPINE" => "Alpine",
        _ => "OSV",
    }
}

fn severity(word: &str) -> &'static str {
    match word {
        "critical" => "critical",
        "high" => "high",
        "medium" => "medium",
        "low" => "low",
        "none" => "none",
        _ => "unknown",
    }
}

fn method(vector: &str) -> Option<&'static str> {
    Some(match vector {
        vector if vector.starts_with("CVSS:4") => "CVSSv4",
        vector if vector.starts_with("CVSS:3.1") => "CVSSv31",
        vector if vector.starts_with("CVSS:3") => "CVSSv3",
        vector if vector.trim_start_matches('(').starts_with("AV:") => "CVSSv2",
        _ => return None,
    })
}

/// The format has its own words for a state and its reason; a reason that it has no word for is told in the detail.
fn analysis((state, justification, detail): &(String, Option<String>, Option<String>)) -> Analysis<'_> {
    let state = match state.as_str() {
        "not_affected" => "not_affected",
        "resolved" | "fixed" => "resolved",
        "resolved_with_pedigree" => "resolved_with_pedigree",
        "exploitable" | "affected" => "exploitable",
        "false_positive" => "false_positive",
        _ => "in_triage",
    };
    let word = justification.as_deref().and_then(|reason| {
        Some(match reason {
            "code_not_present" | "component_not_present" | "vulnerable_code_not_present" => "code_not_present",
            "code_not_reachable" | "vulnerable_code_not_in_execute_path" => "code_not_reachable",
            "requires_configuration" => "requires_configuration",
            "requires_dependency" => "requires_dependency",
            "requires_environment" => "requires_environment",
            "protected_by_compiler" => "protected_by_compiler",
            "protected_at_runtime" => "protected_at_runtime",
            "protected_at_perimeter" => "protected_at_perimeter",
            "protected_by_mitigating_control" | "inline_mitigations_already_exist" => "protected_by_mitigating_control",
            _ => return None,
        })
    });
    let detail = detail.as_deref().filter(|detail| !detail.is_empty());
    let detail = match (justification.as_deref().filter(|_| word.is_none()), detail) {
        (Some(reason), Some(detail)) => Some(format!("{reason}: {detail}").into()),
        (Some(reason), None) => Some(reason.into()),
        (None, detail) => detail.map(Into::into),
    };
    Analysis { state, justification: word, detail }
}
