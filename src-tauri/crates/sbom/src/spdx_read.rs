//! SPDX 2.2 and 2.3 in JSON, read; also what Syft and Trivy say in free text.

use serde::Deserialize;

use crate::cyclonedx_read::{digests_of, name_of, settle, unique};
use crate::document::{Raw, statement_digests};
use crate::found::{Component, Listed, clip};
use crate::json::Few;
use crate::spdx_write::AS_IS;
use crate::{SbomError, SbomFacts, ident};

const MAX_TEXT: usize = 4096;
/// Elements that a document says it describes.
const MAX_DESCRIBED: usize = 256;

/// `creationInfo`.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Creation {
    created: Option<String>,
    creators: Few<String>,
}

/// `packages[]`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Entry {
    #[serde(rename = "SPDXID")]
    id: Option<String>,
    name: Option<String>,
    version_info: Option<String>,
    supplier: Option<String>,
    source_info: Option<String>,
    summary: Option<String>,
    license_declared: Option<String>,
    license_concluded: Option<String>,
    license_comments: Option<String>,
    primary_package_purpose: Option<String>,
    checksums: Few<Checksum>,
    external_refs: Few<Reference>,
    attribution_texts: Few<String>,
    annotations: Few<Annotation>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Checksum {
    algorithm: String,
    checksum_value: String,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Reference {
    reference_type: String,
    reference_locator: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Annotation {
    comment: Option<String>,
}

impl Entry {
    pub(crate) fn into_component(self) -> Result<Component, String> {
        let is_told = |text: &String| !text.is_empty() && !matches!(text.as_str(), "NOASSERTION" | "NONE");
        let own = self.license_comments.as_deref().and_then(|text| text.strip_prefix(AS_IS)).map(str::to_owned);
        let urls = self.external_refs.0.into_iter().filter(|one| one.reference_type == "purl");
        let mut one = Component {
            id: self.id,
            name: self.name.unwrap_or_default(),
            version: self.version_info.filter(is_told),
            purl: urls.map(|one| one.reference_locator).next(),
            licence: self.license_declared.filter(is_told).or(self.license_concluded.filter(is_told)).or(own),
            vendor: self.supplier.filter(is_told).map(|supplier| actor(&supplier)),
            description: self.summary,
            ..Component::default()
        };
        one.kind = match self.primary_package_purpose.as_deref() {
            Some("OPERATING-SYSTEM" | "OPERATING_SYSTEM") if one.purl.is_none() => "operating-system".to_owned(),
            _ => String::new(),
        };
        let checksums = self.checksums.0.iter();
        one.digests
            .extend(checksums.filter_map(|sum| ident::digest(&format!("{}:{}", sum.algorithm, sum.checksum_value))));
        let info = self.source_info.unwrap_or_default();
        for (key, value) in info.lines().take(32).filter_map(|line| line.split_once(": ")) {
            tell(&mut one, key, value.trim());
        }
        let comments = self.annotations.0.into_iter().filter_map(|annotation| annotation.comment);
        for text in self.attribution_texts.0.into_iter().chain(comments) {
            if let Some((key @ "LayerDiffID", value)) = text.split_once(": ") {
                tell(&mut one, key, value.trim());
            }
        }
        Ok(one)
    }
}

fn tell(one: &mut Component, key: &str, value: &str) {
    let Some(value) = clip(value, MAX_TEXT) else { return };
    let slot = match key {
        "Location" => &mut one.location,
        "Layer" | "LayerDiffID" => &mut one.layer,
        "Module" => &mut one.module,
        "Owner" => &mut one.owner,
        "Architecture" => &mut one.architecture,
        "Ecosystem" => &mut one.ecosystem,
        "Codename" => &mut one.os.codename,
        "Like" => {
            one.os.id_like = value.split_whitespace().take(32).map(str::to_owned).collect();
            return;
        }
        // Trivy: "built package from: openssl 3.0.11-1"
        "built package from" => {
            if let Some((name, version)) = value.rsplit_once(' ') {
                one.source_name.get_or_insert(name.to_owned());
                one.source_version.get_or_insert(version.to_owned());
            }
            return;
        }
        // Syft: "acquired package info from DPKG DB: /var/lib/dpkg/status, /usr/share/doc/a"
        key if key.starts_with("acquired package info from") => {
            let Some(path) = value.split(", ").next().filter(|path| path.starts_with('/')) else { return };
            one.location.get_or_insert(path.to_owned());
            return;
        }
        _ => return,
    };
    slot.get_or_insert(value);
}

/// `Organization: Name (mail)` as `Name <mail>`.
fn actor(text: &str) -> String {
    let name = ["Organization:", "Person:", "Tool:"].iter().find_map(|kind| text.strip_prefix(kind)).unwrap_or(text);
    let name = name.trim();
    match name.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        Some((name, mail)) if mail.contains('@') => format!("{name} <{mail}>"),
        _ => name.trim_end_matches("()").trim().to_owned(),
    }
}

/// `relationships[]`.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct Relationship {
    spdx_element_id: String,
    relationship_type: String,
    related_spdx_element: String,
}

impl Relationship {
    pub(crate) fn note(self, listed: &mut Listed, described: &mut Vec<String>) {
        match self.relationship_type.as_str() {
            "DESCRIBES" if described.len() < MAX_DESCRIBED => described.push(self.related_spdx_element),
            "DESCRIBED_BY" if described.len() < MAX_DESCRIBED => described.push(self.spdx_element_id),
            "DEPENDS_ON" => listed.needs(&self.spdx_element_id, self.related_spdx_element),
            "DEPENDENCY_OF" => listed.needs(&self.related_spdx_element, self.spdx_element_id),
            _ => {}
        }
    }
}

/// The document as facts.
pub(crate) fn facts(raw: Raw) -> Result<SbomFacts, SbomError> {
    let mut digests = statement_digests(&raw);
    let statement = raw.statement.iter().find_map(|subject| subject.name.clone());
    let Raw { spdx_version, namespace, name, comment, creation, described, mut listed, .. } = raw;
    let version = spdx_version.unwrap_or_default();
    let number = version.strip_prefix("SPDX-").unwrap_or_default().to_owned();
    if !matches!(number.as_str(), "2.2" | "2.3") {
        return Err(SbomError::Malformed {
            format: "SPDX".to_owned(),
            place: "spdxVersion".to_owned(),
            reason: format!(
                "“{}” is none of the versions that are read, 2.2 and 2.3",
                clip(&version, 40).unwrap_or_default()
            ),
        });
    }
    let creators: Vec<String> = creation.creators.0.iter().filter_map(|text| clip(text, MAX_TEXT)).collect();
    let is_ours = creators.iter().any(|creator| creator.starts_with("Tool: plimsoll-"));
    let problems = match comment.filter(|_| is_ours) {
        Some(comment) => comment.lines().take(1000).filter_map(|line| clip(line, MAX_TEXT)).collect(),
        None => Vec::new(),
    };
    let root = described.iter().find_map(|id| listed.others.remove_entry(id));
    let mut subject = None;
    if let Some((_, root)) = &root {
        subject = name_of(&root.name, root.version.as_deref());
        digests.extend(root.digests.iter().cloned());
        digests.extend(digests_of(root.version.as_deref(), root.purl.as_deref()));
    }
    let subject = subject.or(statement).or(name).and_then(|name| clip(&name, MAX_TEXT));
    let id = root.as_ref().map(|(id, _)| id.as_str());
    let (inventory, left_out) = settle(&mut listed, problems, id, &format!("SPDX {number}"));
    Ok(SbomFacts {
        format: "SPDX".to_owned(),
        spec_version: number,
        sha256: String::new(),
        serial: namespace.and_then(|text| clip(&text, MAX_TEXT)),
        created: creation.created.and_then(|text| clip(&text, 100)),
        creators,
        subject,
        digests: unique(digests),
        inventory,
        left_out,
    })
}
