//! CycloneDX 1.6 in JSON, written (<https://cyclonedx.org/docs/1.6/json/>).

use plimsoll_packages::{Ecosystem, Inventory, Package};
use serde::Serialize;

use crate::found::clip;
use crate::licence::{self, Licence};
use crate::{Described, edges, flaws, ident};

const ROOT: &str = "image";
/// Sentences about what could not be read that a document carries.
const MAX_PROBLEMS: usize = 200;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    bom_format: &'static str,
    spec_version: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    serial_number: String,
    version: u32,
    metadata: Metadata<'a>,
    components: Vec<Component>,
    dependencies: Vec<Dependency<'a>>,
    compositions: [Composition; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    vulnerabilities: Vec<flaws::Vulnerability<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    timestamp: Option<String>,
    tools: Tools,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authors: Vec<Named<'a>>,
    component: Component,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Tools {
    components: [Component; 1],
}

#[derive(Serialize)]
pub(crate) struct Named<'a> {
    pub name: &'a str,
}

/// A name and a value under a name space of ours.
#[derive(Serialize)]
pub(crate) struct Property {
    pub name: &'static str,
    pub value: String,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "kebab-case")]
struct Component {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    bom_ref: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Supplier>,
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<String>,
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    version: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<LicenseChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Evidence>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    properties: Vec<Property>,
}

#[derive(Serialize)]
struct Supplier {
    name: String,
}

#[derive(Serialize)]
struct Hash {
    alg: &'static str,
    content: String,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum LicenseChoice {
    License(License),
    Expression(String),
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum License {
    Id(String),
    Name(String),
}

#[derive(Serialize)]
struct Evidence {
    occurrences: [Occurrence; 1],
}

#[derive(Serialize)]
struct Occurrence {
    location: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency<'a> {
    #[serde(rename = "ref")]
    of: &'a str,
    depends_on: Vec<&'a str>,
}

#[derive(Serialize)]
struct Composition {
    aggregate: &'static str,
    assemblies: [&'static str; 1],
}

/// Writes the document.
pub(crate) fn write(of: &Described<'_>) -> String {
    let nothing = Inventory::default();
    let inventory = of.inventory.unwrap_or(&nothing);
    let packages = &inventory.packages;
    let refs = ident::references(packages, &[ROOT, "os"]);
    let mut components: Vec<Component> = operating_system(inventory).into_iter().collect();
    components.extend(packages.iter().zip(&refs).map(|(package, reference)| component(package, reference)));
    let edges = edges::resolve(packages);
    let dependencies = edges.iter().zip(&refs).filter(|(needed, _)| !needed.is_empty()).map(|(needed, reference)| {
        let depends_on = needed.iter().filter_map(|&at| refs.get(at)).map(String::as_str).collect();
        Dependency { of: reference, depends_on }
    });
    let problems = unread(inventory, of.inventory.is_none());
    // What is complete no one can say who only sees databases; what is not, one can.
    let aggregate = if problems.is_empty() { "unknown" } else { "incomplete" };
    let mut bom = Bom {
        schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: String::new(),
        version: 1,
        metadata: Metadata {
            timestamp: ident::utc(of.created),
            tools: Tools {
                components: [Component {
                    kind: "application",
                    name: "plimsoll".to_owned(),
                    version: of.version.to_owned(),
                    ..Component::default()
                }],
            },
            authors: Some(of.author)
                .filter(|author| !author.is_empty())
                .map(|name| Named { name })
                .into_iter()
                .collect(),
            component: subject(of),
            properties: problems,
        },
        components,
        dependencies: dependencies.collect(),
        compositions: [Composition { aggregate, assemblies: [ROOT] }],
        vulnerabilities: flaws::write(&of.flaws, packages, &refs, ROOT),
    };
    let content = serde_json::to_vec(&bom).unwrap_or_default();
    bom.serial_number = format!("urn:uuid:{}", ident::uuid(&[of.digest.unwrap_or_default().as_bytes(), &content]));
    serde_json::to_string_pretty(&bom).unwrap_or_default()
}

/// What could not be read, one sentence each.
pub(crate) fn problems(inventory: &Inventory, is_missing: bool) -> Vec<String> {
    let missing = is_missing.then(|| "The packages of the image were not read.".to_owned());
    let unread = inventory.sources.iter().filter_map(|source| {
        let error = source.error.as_deref()?;
        Some(format!("{} could not be read: {error}", source.path))
    });
    let all = missing.into_iter().chain(unread).chain(inventory.problems.iter().cloned());
    // Each is a line of its own where the format has but lines.
    all.filter_map(|problem| clip(&problem, 4096)).take(MAX_PROBLEMS).collect()
}

fn unread(inventory: &Inventory, is_missing: bool) -> Vec<Property> {
    let all = problems(inventory, is_missing);
    all.into_iter().map(|value| Property { name: "plimsoll:problem", value }).collect()
}

fn subject(of: &Described<'_>) -> Component {
    let digest = of.digest.and_then(ident::digest);
    let sha256 = digest.as_deref().and_then(|digest| digest.strip_prefix("sha256:"));
    Component {
        kind: "container",
        bom_ref: ROOT.to_owned(),
        name: if of.name.is_empty() { "unnamed".to_owned() } else { of.name.to_owned() },
        version: of.digest.unwrap_or_default().to_owned(),
        hashes: sha256
            .filter(|hex| hex.len() == 64)
            .map(|hex| Hash { alg: "SHA-256", content: hex.to_owned() })
            .into_iter()
            .collect(),
        purl: ident::oci(of.name, of.digest, of.platform),
        properties: properties([("plimsoll:platform", of.platform)]),
        ..Component::default()
    }
}

fn operating_system(inventory: &Inventory) -> Option<Component> {
    let os = inventory.os.as_ref().filter(|os| !os.id.is_empty())?;
    let like = os.id_like.join(" ");
    Some(Component {
        kind: "operating-system",
        bom_ref: "os".to_owned(),
        name: os.id.clone(),
        version: os.version_id.clone().unwrap_or_default(),
        description: os.pretty_name.clone(),
        properties: properties([
            ("plimsoll:codename", os.codename.as_deref()),
            ("plimsoll:id-like", Some(like.as_str()).filter(|like| !like.is_empty())),
        ]),
        ..Component::default()
    })
}

fn properties<const N: usize>(pairs: [(&'static str, Option<&str>); N]) -> Vec<Property> {
    let told = pairs.into_iter().filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)));
    told.map(|(name, value)| Property { name, value: value.to_owned() }).collect()
}

fn component(package: &Package, reference: &str) -> Component {
    let (group, name) = split(package);
    let licenses = package.licence.as_deref().filter(|licence| !licence.trim().is_empty()).map(|licence| {
        match licence::parse(licence) {
            Licence::Id(id) => LicenseChoice::License(License::Id(id)),
            Licence::Expression(expression) => LicenseChoice::Expression(expression),
            Licence::Text(text) => LicenseChoice::License(License::Name(text)),
        }
    });
    let location = Some(package.location.clone()).filter(|location| !location.is_empty());
    Component {
        kind: match package.ecosystem {
            Ecosystem::Generic | Ecosystem::Bitnami => "application",
            _ => "library",
        },
        bom_ref: reference.to_owned(),
        supplier: package.vendor.clone().filter(|vendor| !vendor.is_empty()).map(|name| Supplier { name }),
        group: group.map(str::to_owned),
        name: name.to_owned(),
        version: package.version.clone(),
        licenses: licenses.into_iter().collect(),
        purl: Some(package.purl.clone()).filter(|purl| !purl.is_empty()),
        evidence: location.map(|location| Evidence { occurrences: [Occurrence { location }] }),
        properties: properties([
            ("plimsoll:layer", Some(&package.layer)),
            ("plimsoll:location", Some(&package.location)),
            ("plimsoll:source", package.source_name.as_deref()),
            ("plimsoll:source-version", package.source_version.as_deref()),
            ("plimsoll:module", package.module.as_deref()),
            ("plimsoll:owner", package.owner.as_deref()),
            ("plimsoll:architecture", unsaid_architecture(package)),
            ("plimsoll:ecosystem", unsaid_ecosystem(package)),
        ]),
        ..Component::default()
    }
}

/// The name in the two parts in which the format wants it.
fn split(package: &Package) -> (Option<&str>, &str) {
    let sign = match package.ecosystem {
        Ecosystem::Npm | Ecosystem::Composer => '/',
        Ecosystem::Maven => ':',
        _ => return (None, &package.name),
    };
    match package.name.rsplit_once(sign) {
        Some((group, name)) if !group.is_empty() && !name.is_empty() => (Some(group), name),
        _ => (None, &package.name),
    }
}

/// The architecture, where the package's URL has no place for it.
pub(crate) fn unsaid_architecture(package: &Package) -> Option<&str> {
    use Ecosystem::{Apk, Deb, Gem, Rpm};
    let is_said = matches!(package.ecosystem, Deb | Apk | Rpm | Gem);
    package.architecture.as_deref().filter(|_| !is_said)
}

/// The ecosystem, where the package's URL does not tell: a Java archive without a group.
pub(crate) fn unsaid_ecosystem(package: &Package) -> Option<&'static str> {
    (package.ecosystem == Ecosystem::Maven && package.purl.starts_with("pkg:generic/")).then_some("maven")
}
