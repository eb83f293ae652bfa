//! Grype's JSON.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::bounded::{nil, parse};
use crate::error::AdvisoryError;
use crate::scans::{BOUNDS, Scan, ScanFinding, add, digests, said, word};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    #[serde(default, deserialize_with = "nil")]
    matches: Vec<Found>,
    #[serde(default, deserialize_with = "nil")]
    ignored_matches: Vec<IgnoredAny>,
    #[serde(default, deserialize_with = "nil")]
    source: Source,
    #[serde(default, deserialize_with = "nil")]
    descriptor: Descriptor,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    vulnerability: Vulnerability,
    #[serde(default, deserialize_with = "nil")]
    related_vulnerabilities: Vec<Related>,
    artifact: Artifact,
}

#[derive(Deserialize)]
struct Vulnerability {
    #[serde(default, deserialize_with = "nil")]
    id: String,
    #[serde(default, deserialize_with = "nil")]
    severity: String,
    #[serde(default, deserialize_with = "nil")]
    fix: Fix,
}

#[derive(Default, Deserialize)]
struct Fix {
    #[serde(default, deserialize_with = "nil")]
    versions: Vec<String>,
}

#[derive(Deserialize)]
struct Related {
    #[serde(default, deserialize_with = "nil")]
    id: String,
}

#[derive(Deserialize)]
struct Artifact {
    #[serde(default, deserialize_with = "nil")]
    name: String,
    #[serde(default, deserialize_with = "nil")]
    version: String,
    purl: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    locations: Vec<Location>,
}

#[derive(Deserialize)]
struct Location {
    path: Option<String>,
}

#[derive(Default, Deserialize)]
struct Source {
    /// A text for a folder, an object for an image.
    #[serde(default, deserialize_with = "nil")]
    target: Value,
}

#[derive(Default, Deserialize)]
struct Descriptor {
    version: Option<String>,
    timestamp: Option<String>,
    /// `built` in it, or in `status` in it, by version.
    #[serde(default, deserialize_with = "nil")]
    db: Value,
}

pub(super) fn read(origin: &str, bytes: &[u8]) -> Result<Scan, AdvisoryError> {
    let report: Report = parse(origin, bytes, &BOUNDS)?;
    let target = &report.source.target;
    let text = |key: &str| target.get(key).and_then(Value::as_str).map(str::to_owned);
    let references = target.get("repoDigests").and_then(Value::as_array).into_iter().flatten();
    let references = references.filter_map(Value::as_str).map(str::to_owned);
    let db = &report.descriptor.db;
    let built = db.get("built").or_else(|| db.get("status").and_then(|status| status.get("built")));
    let mut scan = Scan {
        tool: "Grype".to_owned(),
        version: said(report.descriptor.version.clone()),
        database: said(built.and_then(Value::as_str).map(str::to_owned)),
        at: said(report.descriptor.timestamp.clone()),
        artifact: said(target.as_str().map(str::to_owned).or_else(|| text("userInput"))),
        digests: digests(["imageID", "manifestDigest"].into_iter().filter_map(text).chain(references)),
        ..Scan::default()
    };
    if !report.ignored_matches.is_empty() {
        scan.problems.push(format!(
            "It holds {} results that its own rules or VEX documents took out; they are not compared.",
            report.ignored_matches.len()
        ));
    }
    for (index, found) in report.matches.into_iter().enumerate() {
        let artifact = found.artifact;
        let finding = ScanFinding {
            id: found.vulnerability.id,
            aliases: found.related_vulnerabilities.into_iter().map(|related| related.id).collect(),
            package: artifact.name,
            version: artifact.version,
            purl: said(artifact.purl),
            fixed: said(Some(found.vulnerability.fix.versions.join(", "))),
            severity: word(&found.vulnerability.severity),
            path: artifact.locations.into_iter().find_map(|location| said(location.path)),
        };
        add(origin, &format!("matches[{index}]"), &mut scan, finding)?;
    }
    Ok(scan)
}
