//! SPDX 2.3 in JSON, written (<https://spdx.github.io/spdx-spec/v2.3/>).

use plimsoll_packages::{Ecosystem, Inventory, Package};
use serde::Serialize;

use crate::cyclonedx_write::{problems, unsaid_architecture, unsaid_ecosystem};
use crate::licence::{self, Licence};
use crate::{Described, edges, ident};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const ROOT: &str = "SPDXRef-Image";
const OS: &str = "SPDXRef-OperatingSystem";
const NONE: &str = "NOASSERTION";
/// How a licence that is no expression is told.
pub(crate) const AS_IS: &str = "As the package states it: ";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: String,
    document_namespace: String,
    creation_info: Creation,
    #[serde(skip_serializing_if = "String::is_empty")]
    comment: String,
    packages: Vec<Entry>,
    relationships: Vec<Relationship>,
}

#[derive(Serialize)]
struct Creation {
    created: String,
    creators: Vec<String>,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    name: String,
    #[serde(rename = "SPDXID")]
    id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version_info: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<String>,
    download_location: &'static str,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Checksum>,
    #[serde(skip_serializing_if = "String::is_empty")]
    source_info: String,
    license_concluded: &'static str,
    license_declared: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    license_comments: Option<String>,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<Reference>,
    primary_package_purpose: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checksum {
    algorithm: &'static str,
    checksum_value: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relationship {
    spdx_element_id: String,
    relationship_type: &'static str,
    related_spdx_element: String,
}

/// Writes the document.
pub(crate) fn write(of: &Described<'_>) -> String {
    let nothing = Inventory::default();
    let inventory = of.inventory.unwrap_or(&nothing);
    let name = if of.name.is_empty() { "unnamed" } else { of.name };
    let join = |from: &str, how: &'static str, to: &str| Relationship {
        spdx_element_id: from.to_owned(),
        relationship_type: how,
        related_spdx_element: to.to_owned(),
    };
    let ids: Vec<String> = inventory.packages.iter().enumerate().map(|(at, package)| id(at, package)).collect();
    let mut packages = vec![subject(of, name)];
    let mut relationships = vec![join(DOCUMENT, "DESCRIBES", ROOT)];
    if let Some(os) = operating_system(inventory) {
        relationships.push(join(ROOT, "CONTAINS", OS));
        packages.push(os);
    }
    packages.extend(inventory.packages.iter().zip(&ids).map(|(package, id)| entry(package, id)));
    relationships.extend(ids.iter().map(|id| join(ROOT, "CONTAINS", id)));
    for (from, needed) in ids.iter().zip(edges::resolve(&inventory.packages)) {
        relationships.extend(needed.iter().filter_map(|&at| ids.get(at)).map(|to| join(from, "DEPENDS_ON", to)));
    }
    let mut creators = vec![format!("Tool: plimsoll-{}", of.version)];
    if !of.author.trim().is_empty() {
        creators.push(format!("Person: {}", actor(of.author)));
    }
    let mut document = Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: name.to_owned(),
        document_namespace: String::new(),
        creation_info: Creation {
            // The format cannot do without a time.
            created: ident::utc(of.created).unwrap_or_else(|| "1970-01-01T00:00:00Z".to_owned()),
            creators,
        },
        comment: problems(inventory, of.inventory.is_none()).join("\n"),
        packages,
        relationships,
    };
    let content = serde_json::to_vec(&document).unwrap_or_default();
    let uuid = ident::uuid(&[of.digest.unwrap_or_default().as_bytes(), &content]);
    document.document_namespace = format!("https://plimsoll.invalid/spdx/{uuid}");
    serde_json::to_string_pretty(&document).unwrap_or_default()
}

fn subject(of: &Described<'_>, name: &str) -> Entry {
    let digest = of.digest.and_then(ident::digest);
    let sha256 = digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:")).filter(|hex| hex.len() == 64);
    Entry {
        version_info: of.digest.unwrap_or_default().to_owned(),
        checksums: sha256
            .map(|hex| Checksum { algorithm: "SHA256", checksum_value: hex.to_owned() })
            .into_iter()
            .collect(),
        external_refs: ident::oci(of.name, of.digest, of.platform).map(reference).into_iter().collect(),
        ..blank(name, ROOT, "CONTAINER")
    }
}

fn operating_system(inventory: &Inventory) -> Option<Entry> {
    let os = inventory.os.as_ref().filter(|os| !os.id.is_empty())?;
    let codename = os.codename.as_deref();
    let like = Some(os.id_like.join(" ")).filter(|like| !like.is_empty());
    Some(Entry {
        version_info: os.version_id.clone().unwrap_or_default(),
        summary: os.pretty_name.clone().filter(|name| !name.is_empty()),
        source_info: lines(&[("Codename", codename), ("Like", like.as_deref())]),
        ..blank(&os.id, OS, "OPERATING-SYSTEM")
    })
}

fn blank(name: &str, id: &str, purpose: &'static str) -> Entry {
    Entry {
        name: name.to_owned(),
        id: id.to_owned(),
        download_location: NONE,
        license_concluded: NONE,
        license_declared: NONE.to_owned(),
        copyright_text: NONE,
        primary_package_purpose: purpose,
        ..Entry::default()
    }
}

fn entry(package: &Package, id: &str) -> Entry {
    let purpose = match package.ecosystem {
        Ecosystem::Generic | Ecosystem::Bitnami => "APPLICATION",
        _ => "LIBRARY",
    };
    let licence = package.licence.as_deref().filter(|licence| !licence.trim().is_empty()).map(licence::parse);
    let (declared, comment) = match licence {
        Some(Licence::Id(expression) | Licence::Expression(expression)) => (expression, None),
        Some(Licence::Text(text)) => (NONE.to_owned(), Some(format!("{AS_IS}{text}"))),
        None => (NONE.to_owned(), None),
    };
    let purl =
        Some(package.purl.as_str()).filter(|purl| purl.starts_with("pkg:") && !purl.contains(char::is_whitespace));
    Entry {
        version_info: package.version.clone(),
        supplier: package
            .vendor
            .as_deref()
            .map(actor)
            .filter(|vendor| !vendor.is_empty())
            .map(|vendor| format!("Organization: {vendor}")),
        source_info: lines(&[
            ("Location", Some(&package.location)),
            ("Layer", Some(&package.layer)),
            ("Module", package.module.as_deref()),
            ("Owner", package.owner.as_deref()),
            ("Architecture", unsaid_architecture(package)),
            ("Ecosystem", unsaid_ecosystem(package)),
        ]),
        license_declared: declared,
        license_comments: comment,
        external_refs: purl.map(|purl| reference(purl.to_owned())).into_iter().collect(),
        ..blank(&package.name, id, purpose)
    }
}

fn reference(purl: String) -> Reference {
    Reference { reference_category: "PACKAGE-MANAGER", reference_type: "purl", reference_locator: purl }
}

/// `Key: value` in lines; a value that would make another line is left out.
fn lines(pairs: &[(&str, Option<&str>)]) -> String {
    let told = pairs.iter().filter_map(|(key, value)| Some((key, (*value)?)));
    let told = told.filter(|(_, value)| !value.is_empty() && !value.contains(char::is_control));
    told.map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join("\n")
}

/// `SPDXRef-Package-12-libssl3`, of letters, digits, dots and hyphens.
fn id(at: usize, package: &Package) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let name: String = package.name.chars().take(64).map(plain).collect();
    format!("SPDXRef-Package-{}-{name}", at.saturating_add(1))
}

/// A name as an organisation's or a person's: parentheses mean a mail address there, and nothing else.
fn actor(name: &str) -> String {
    let plain = |text: &str| {
        let text: String =
            text.chars().map(|c| if c.is_control() || matches!(c, '(' | ')') { ' ' } else { c }).collect();
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    };
    let parts = name.trim().strip_suffix('>').and_then(|rest| rest.rsplit_once('<'));
    match parts.map(|(name, mail)| (plain(name), plain(mail))) {
        Some((name, mail)) if !name.is_empty() && mail.contains('@') && !mail.contains(' ') => {
            format!("{name} ({mail})")
        }
        _ => plain(name),
    }
}
