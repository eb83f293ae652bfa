//! CycloneDX 1.4–1.7 (ECMA-424), `vulnerabilities` with an analysis.
//!
//! A component that `affects` refers to is the part that is meant; what the document as a whole describes
//! (`metadata.component`) is the product that holds it. `affects.versions` narrow it to versions, of which some can be
//! called unaffected or unknown: these become statements of their own.

use std::collections::HashMap;

use serde::Deserialize;

use crate::bounded::{nil, parse, unknown};
use crate::error::AdvisoryError;
use crate::purl::{Purl, without_version};
use crate::vex::gather::{Gather, brief, digest, weight};
use crate::vex::{BOUNDS, Product, Statement, Status};

const JUSTIFICATIONS: [&str; 9] = [
    "code_not_present",
    "code_not_reachable",
    "requires_configuration",
    "requires_dependency",
    "requires_environment",
    "protected_by_compiler",
    "protected_at_runtime",
    "protected_at_perimeter",
    "protected_by_mitigating_control",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Document {
    #[serde(default, deserialize_with = "nil")]
    spec_version: String,
    #[serde(default, deserialize_with = "nil")]
    serial_number: String,
    #[serde(default, deserialize_with = "nil")]
    metadata: Metadata,
    #[serde(default, deserialize_with = "nil")]
    components: Vec<Component>,
    #[serde(default, deserialize_with = "nil")]
    services: Vec<Component>,
    #[serde(default, deserialize_with = "nil")]
    vulnerabilities: Vec<Vulnerability>,
}

#[derive(Default, Deserialize)]
struct Metadata {
    timestamp: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    authors: Vec<Named>,
    manufacturer: Option<Named>,
    manufacture: Option<Named>,
    supplier: Option<Named>,
    component: Option<Component>,
}

#[derive(Default, Deserialize)]
struct Named {
    #[serde(default, deserialize_with = "nil")]
    name: String,
}

#[derive(Default, Deserialize)]
struct Component {
    #[serde(rename = "type", default, deserialize_with = "nil")]
    kind: String,
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    group: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    name: String,
    version: Option<String>,
    purl: Option<String>,
    cpe: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    hashes: Vec<Hash>,
    #[serde(default, deserialize_with = "nil")]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Hash {
    alg: String,
    content: String,
}

#[derive(Deserialize)]
struct Vulnerability {
    #[serde(default, deserialize_with = "nil")]
    id: String,
    #[serde(default, deserialize_with = "nil")]
    references: Vec<Equal>,
    updated: Option<String>,
    recommendation: Option<String>,
    workaround: Option<String>,
    analysis: Option<Analysis>,
    #[serde(default, deserialize_with = "nil")]
    affects: Vec<Affects>,
}

#[derive(Deserialize)]
struct Equal {
    #[serde(default, deserialize_with = "nil")]
    id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Analysis {
    state: Option<String>,
    justification: Option<String>,
    #[serde(default, deserialize_with = "nil")]
    response: Response,
    detail: Option<String>,
    first_issued: Option<String>,
    last_updated: Option<String>,
}

/// A list; some write a single word.
#[derive(Deserialize)]
#[serde(untagged)]
enum Response {
    Many(Vec<String>),
    One(String),
}

impl Default for Response {
    fn default() -> Response {
        Response::Many(Vec::new())
    }
}

impl Response {
    fn words(&self) -> &[String] {
        match self {
            Response::Many(words) => words,
            Response::One(word) => std::slice::from_ref(word),
        }
    }
}

#[derive(Deserialize)]
struct Affects {
    #[serde(rename = "ref")]
    reference: String,
    #[serde(default, deserialize_with = "nil")]
    versions: Vec<Versions>,
}

#[derive(Deserialize)]
struct Versions {
    version: Option<String>,
    range: Option<String>,
    status: Option<String>,
}

pub(super) fn read(origin: &str, bytes: &[u8]) -> Result<Vec<Statement>, AdvisoryError> {
    let document: Document = parse(origin, bytes, &BOUNDS)?;
    if !matches!(document.spec_version.as_str(), "1.4" | "1.5" | "1.6" | "1.7") {
        let version = brief(&document.spec_version);
        return Err(unknown(origin, format!("it is CycloneDX {version}, and VEX is read from 1.4 to 1.7")));
    }
    let mut gather = Gather::new(origin);
    let references = References::of(&document);
    let metadata = &document.metadata;
    let authors: Vec<&str> = metadata.authors.iter().map(|author| author.name.trim()).collect();
    let company = [&metadata.manufacturer, &metadata.manufacture, &metadata.supplier].into_iter().flatten().next();
    let author = match authors.join(", ") {
        names if names.is_empty() => company.map(|company| company.name.clone()).unwrap_or_default(),
        names => names,
    };
    let author = gather.id("metadata.authors", &author)?;
    let title = match (&metadata.component, document.serial_number.trim()) {
        (Some(component), "") => component.name.as_str(),
        (_, serial) => serial,
    };
    let title = gather.id("serialNumber", title)?;

    for (index, vulnerability) in document.vulnerabilities.iter().enumerate() {
        let place = format!("vulnerabilities[{index}] ({})", brief(&vulnerability.id));
        let Some(analysis) = &vulnerability.analysis else { continue };
        let Some(state) = analysis.state.as_deref().map(str::trim) else { continue };
        let mut justification = gather.word(&place, analysis.justification.as_deref(), &JUSTIFICATIONS)?;
        let status = match state {
            "not_affected" => Status::NotAffected,
            "false_positive" => {
                // The state is the reason: the flaw is not of this component.
                justification.get_or_insert_with(|| state.to_owned());
                Status::NotAffected
            }
            "resolved" | "resolved_with_pedigree" => Status::Fixed,
            "exploitable" => Status::Affected,
            "in_triage" => Status::UnderInvestigation,
            other => return Err(gather.wrong(&place, format!("its state “{}” is none that is known", brief(other)))),
        };
        let action: Vec<&str> = match [&vulnerability.recommendation, &vulnerability.workaround] {
            [None, None] => analysis.response.words().iter().map(String::as_str).collect(),
            texts => texts.into_iter().flatten().map(String::as_str).collect(),
        };
        let statement = Statement {
            document: title.clone(),
            format: format!("CycloneDX {}", document.spec_version),
            author: author.clone(),
            at: gather.at(
                &place,
                &[
                    analysis.last_updated.as_deref(),
                    analysis.first_issued.as_deref(),
                    vulnerability.updated.as_deref(),
                    metadata.timestamp.as_deref(),
                ],
            )?,
            vulnerability: gather.id(&place, &vulnerability.id)?,
            aliases: vulnerability
                .references
                .iter()
                .filter(|equal| !equal.id.trim().is_empty())
                .map(|equal| gather.id(&place, &equal.id))
                .collect::<Result<_, _>>()?,
            products: Vec::new(),
            status,
            justification,
            impact: gather.text(&place, analysis.detail.as_deref())?,
            action: gather.text(&place, Some(&action.join(", ")))?,
            evidence: String::new(),
            subject: None,
        };
        let mut meant = By::default();
        for affects in &vulnerability.affects {
            references.products(&mut gather, &place, affects, &mut meant)?;
        }
        if vulnerability.affects.is_empty() {
            meant.affected.extend(references.root(&gather, &place)?);
        }
        if !meant.affected.is_empty() || vulnerability.affects.is_empty() {
            gather.add(&place, Statement { products: meant.affected, ..statement.clone() })?;
        }
        if !meant.unaffected.is_empty() {
            // The analysis speaks of these only where it says the same.
            let impact = Some("The document calls these versions unaffected.".to_owned());
            let said = match status {
                Status::NotAffected => statement.clone(),
                _ => Statement { status: Status::NotAffected, justification: None, impact, ..statement.clone() },
            };
            gather.add(&place, Statement { products: meant.unaffected, ..said })?;
        }
        if !meant.unknown.is_empty() {
            let status = Status::UnderInvestigation;
            gather.add(&place, Statement { products: meant.unknown, status, justification: None, ..statement })?;
        }
    }
    gather.done()
}

/// Products by what `affects.versions` say of them.
#[derive(Default)]
struct By {
    /// The analysis speaks of these.
    affected: Vec<Product>,
    unaffected: Vec<Product>,
    unknown: Vec<Product>,
}

struct References<'d> {
    serial: &'d str,
    root: Option<&'d Component>,
    /// By `bom-ref`; none when two have the same.
    components: HashMap<&'d str, Option<&'d Component>>,
}

impl<'d> References<'d> {
    fn of(document: &'d Document) -> References<'d> {
        let root = document.metadata.component.as_ref();
        let mut open: Vec<&Component> =
            root.into_iter().chain(&document.components).chain(&document.services).collect();
        let mut components = HashMap::new();
        while let Some(component) = open.pop() {
            if let Some(reference) = component.reference.as_deref() {
                components.entry(reference).and_modify(|known| *known = None).or_insert(Some(component));
            }
            open.extend(&component.components);
        }
        References { serial: document.serial_number.trim(), root, components }
    }

    /// What the document as a whole describes, as product.
    fn root(&self, gather: &Gather, place: &str) -> Result<Option<Product>, AdvisoryError> {
        let Some(root) = self.root else { return Ok(None) };
        let purl = root.purl.as_deref().map(str::trim).filter(|purl| !purl.is_empty());
        let is_image = root.kind == "container" || purl.and_then(Purl::parse).is_some_and(|purl| purl.is_image());
        let version = root.version.as_deref().unwrap_or_default().trim();
        let digest_like = version.contains("sha256:");
        let mut named: Vec<String> = Vec::new();
        for text in purl.into_iter().chain(root.cpe.as_deref()) {
            named.push(gather.id(place, text)?);
        }
        // Syft gives an image's digest as its version.
        let name = gather.id(place, &root.name)?;
        match version.rsplit_once('@').map_or(version, |(_, digest)| digest) {
            "" => named.push(name),
            digest if digest_like => named.extend([name, gather.id(place, digest)?]),
            _ if name.contains('@') || name.rsplit('/').next().is_some_and(|last| last.contains(':')) => {
                named.push(name)
            }
            version => named.push(gather.id(place, &format!("{name}:{version}"))?),
        }
        for hash in &root.hashes {
            named.push(gather.id(place, &digest(&hash.alg, &hash.content))?);
        }
        named.retain(|name| !name.is_empty());
        let id = if named.is_empty() { String::new() } else { named.remove(0) };
        Ok(Some(Product { id, identifiers: named, root: !is_image, ..Product::default() }))
    }

    fn products(
        &self,
        gather: &mut Gather,
        place: &str,
        affects: &Affects,
        meant: &mut By,
    ) -> Result<(), AdvisoryError> {
        let reference = gather.id(place, &affects.reference)?;
        // A BOM-Link into this very document is a reference like any other.
        let local = match reference.strip_prefix("urn:cdx:").and_then(|link| link.split_once('#')) {
            Some((of, fragment)) if of.split('/').next().is_some_and(|id| self.is_own(id)) => decoded(fragment),
            _ => reference.clone(),
        };
        let component = match self.components.get(local.as_str()) {
            Some(Some(component)) => Some(*component),
            Some(None) => {
                return Err(gather.wrong(place, format!("two components have the bom-ref “{}”", brief(&local))));
            }
            None => None,
        };
        let is_root = component.zip(self.root).is_some_and(|(component, root)| std::ptr::eq(component, root));
        let purl = match component {
            Some(component) => component.purl.clone().filter(|purl| !purl.trim().is_empty()),
            None => None,
        };
        // Many programs use the purl as bom-ref; in a BOM-Link it is all there is.
        let purl = purl.or_else(|| {
            let fragment = local.strip_prefix("urn:cdx:").and_then(|link| link.split_once('#')).map(|(_, end)| end);
            [Some(local.clone()), fragment.map(decoded), fragment.map(str::to_owned)]
                .into_iter()
                .flatten()
                .find(|text| Purl::parse(text).is_some())
        });
        let part = match (purl, component) {
            (Some(purl), _) => gather.id(place, &purl)?,
            // It has no purl: it is named, and matches nothing by accident.
            (None, Some(component)) => {
                let group = component.group.as_deref().map(|group| format!("{group}/")).unwrap_or_default();
                let version = component.version.as_deref().unwrap_or_default();
                gather.id(place, format!("component: {group}{} {version}", component.name).trim_end())?
            }
            (None, None) => format!("bom-ref: {local}"),
        };
        let mut versions = Vec::new();
        for said in &affects.versions {
            let status = said.status.as_deref().unwrap_or("affected");
            if !matches!(status, "affected" | "unaffected" | "unknown") {
                let reason = format!("the status “{}” of a version is none that is known", brief(status));
                return Err(gather.wrong(place, reason));
            }
            let Some(version) = said.version.as_deref().or(said.range.as_deref()) else {
                return Err(gather.wrong(place, "an entry of its versions has neither version nor range"));
            };
            versions.push((gather.id(place, version)?, status));
        }
        let root = self.root(gather, place)?;
        let mut whole = |confined: bool| -> Result<Product, AdvisoryError> {
            let part = if confined { without_version(&part) } else { part.clone() };
            let product = match &root {
                Some(root) if is_root => root.clone(),
                Some(root) => Product { subcomponents: vec![part], ..root.clone() },
                None => Product { id: part, ..Product::default() },
            };
            gather.spend(place, weight(&product))?;
            Ok(product)
        };
        if versions.is_empty() {
            meant.affected.push(whole(false)?);
            return Ok(());
        }
        for (status, list) in
            [("affected", &mut meant.affected), ("unaffected", &mut meant.unaffected), ("unknown", &mut meant.unknown)]
        {
            let of = |said: &&(String, &str)| said.1 == status;
            let versions: Vec<String> = versions.iter().filter(of).map(|said| said.0.clone()).collect();
            if !versions.is_empty() {
                list.push(Product { versions, ..whole(true)? });
            }
        }
        Ok(())
    }

    fn is_own(&self, id: &str) -> bool {
        !self.serial.is_empty() && self.serial.strip_prefix("urn:uuid:").unwrap_or(self.serial).eq_ignore_ascii_case(id)
    }
}

/// With `%23` and the like made plain; as it is where that is no text.
fn decoded(text: &str) -> String {
    crate::purl::decode(text).unwrap_or_else(|| text.to_owned())
}
