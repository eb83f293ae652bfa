//! Trivy's JSON, schema version 2.

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::bounded::{nil, parse, unknown};
use crate::error::AdvisoryError;
use crate::scans::{BOUNDS, Scan, ScanFinding, add, digests, said, word};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Report {
    schema_version: u32,
    artifact_name: Option<String>,
    created_at: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    trivy: About,
    #[serde(default, deserialize_with = "nil")]
    metadata: Metadata,
    #[serde(default, deserialize_with = "nil")]
    results: Vec<Found>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct About {
    version: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Metadata {
    #[serde(rename = "ImageID")]
    image_id: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    repo_digests: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Found {
    #[serde(default, deserialize_with = "nil")]
    target: String,
    #[serde(default, deserialize_with = "nil")]
    class: String,
    #[serde(default, deserialize_with = "nil")]
    vulnerabilities: Vec<Vulnerability>,
    #[serde(default, deserialize_with = "nil")]
    secrets: Vec<IgnoredAny>,
    #[serde(default, deserialize_with = "nil")]
    misconfigurations: Vec<IgnoredAny>,
    #[serde(default, deserialize_with = "nil")]
    licenses: Vec<IgnoredAny>,
    /// Findings that its own VEX or ignore files took out.
    #[serde(default, deserialize_with = "nil")]
    experimental_modified_findings: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Vulnerability {
    #[serde(rename = "VulnerabilityID", default, deserialize_with = "nil")]
    id: String,
    #[serde(rename = "VendorIDs", default, deserialize_with = "nil")]
    vendor_ids: Vec<String>,
    #[serde(default, deserialize_with = "nil")]
    pkg_name: String,
    pkg_path: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    pkg_identifier: Identifier,
    #[serde(default, deserialize_with = "nil")]
    installed_version: String,
    fixed_version: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    severity: String,
}

#[derive(Default, Deserialize)]
struct Identifier {
    #[serde(rename = "PURL")]
    purl: Option<String>,
}

pub(super) fn read(origin: &str, bytes: &[u8]) -> Result<Scan, AdvisoryError> {
    let report: Report = parse(origin, bytes, &BOUNDS)?;
    if report.schema_version != 2 {
        let version = report.schema_version;
        return Err(unknown(
            origin,
            format!("it is Trivy's JSON of schema version {version}, and 2 is the one that is read"),
        ));
    }
    let mut scan = Scan {
        tool: "Trivy".to_owned(),
        version: said(report.trivy.version),
        at: said(report.created_at),
        artifact: said(report.artifact_name),
        digests: digests(report.metadata.image_id.into_iter().chain(report.metadata.repo_digests)),
        ..Scan::default()
    };
    let (mut secrets, mut misconfigurations, mut licences, mut taken_out) = (0, 0, 0, 0);
    for (index, found) in report.results.into_iter().enumerate() {
        secrets += found.secrets.len();
        misconfigurations += found.misconfigurations.len();
        licences += found.licenses.len();
        taken_out += found.experimental_modified_findings.len();
        // The target of a language's packages is a file, or a word ("Node.js") where they are many.
        let target = (found.class == "lang-pkgs" && found.target.contains('/')).then_some(found.target);
        for (number, vulnerability) in found.vulnerabilities.into_iter().enumerate() {
            let place = format!("Results[{index}].Vulnerabilities[{number}]");
            let finding = ScanFinding {
                id: vulnerability.id,
                aliases: vulnerability.vendor_ids,
                package: vulnerability.pkg_name,
                version: vulnerability.installed_version,
                purl: said(vulnerability.pkg_identifier.purl),
                fixed: said(vulnerability.fixed_version),
                severity: word(&vulnerability.severity),
                path: said(vulnerability.pkg_path).or_else(|| target.clone()),
            };
            add(origin, &place, &mut scan, finding)?;
        }
    }
    for (count, what) in [(secrets, "secrets"), (misconfigurations, "misconfigurations"), (licences, "licences")] {
        if count > 0 {
            scan.problems
                .push(format!("It also tells of {what} ({count}); these are no vulnerabilities and were passed over."));
        }
    }
    if taken_out > 0 {
        scan.problems.push(format!(
            "It holds {taken_out} results that its own rules or VEX documents took out; they are not compared."
        ));
    }
    Ok(scan)
}
