//! CycloneDX 1.2 to 1.7 in JSON, read; also what Syft, Trivy and cdxgen say in properties of their own.

use std::fmt;

use plimsoll_packages::{Inventory, Source};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::cyclonedx_metadata::Named;
use crate::document::{Raw, statement_digests};
use crate::found::{Component, Listed, clip};
use crate::json::Few;
use crate::{SbomError, SbomFacts, distro, ident};

const VERSIONS: [&str; 6] = ["1.2", "1.3", "1.4", "1.5", "1.6", "1.7"];
/// Components within components.
const MAX_DEPTH: usize = 64;
pub(crate) const MAX_TEXT: usize = 4096;

#[derive(Deserialize)]
pub(crate) struct Property {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub value: Option<String>,
}

#[derive(Deserialize)]
struct Hash {
    #[serde(default)]
    alg: String,
    #[serde(default)]
    content: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LicenceChoice {
    license: Option<LicenceName>,
    expression: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct LicenceName {
    id: Option<String>,
    name: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Evidence {
    occurrences: Few<Occurrence>,
}

#[derive(Default, Deserialize)]
struct Occurrence {
    #[serde(default)]
    location: Option<String>,
}

/// `dependencies[]`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Dependency {
    #[serde(default, rename = "ref")]
    of: String,
    #[serde(default)]
    depends_on: Option<Vec<String>>,
}

impl Dependency {
    pub(crate) fn into_iter(self) -> impl Iterator<Item = (String, String)> {
        let of = self.of;
        self.depends_on.into_iter().flatten().map(move |other| (of.clone(), other))
    }
}

/// `compositions[]`.
#[derive(Deserialize)]
pub(crate) struct Composition {
    #[serde(default)]
    aggregate: Option<String>,
}

impl Composition {
    pub(crate) fn is_incomplete(&self) -> bool {
        self.aggregate.as_deref().is_some_and(|aggregate| aggregate.starts_with("incomplete"))
    }
}

/// A list of components, each handed on as it is read.
pub(crate) struct Components<'l> {
    pub listed: &'l mut Listed,
    pub depth: usize,
}

impl<'de> DeserializeSeed<'de> for Components<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Components<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of components")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        if self.depth >= MAX_DEPTH {
            return Err(A::Error::custom(format_args!("components are nested more than {MAX_DEPTH} deep")));
        }
        while let Some(one) = seq.next_element_seed(One { listed: &mut *self.listed, depth: self.depth })? {
            self.listed.take(one).map_err(A::Error::custom)?;
        }
        Ok(())
    }
}

/// One component; those within it are handed on.
pub(crate) struct One<'l> {
    pub listed: &'l mut Listed,
    pub depth: usize,
}

impl<'de> DeserializeSeed<'de> for One<'_> {
    type Value = Component;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Component, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for One<'_> {
    type Value = Component;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a component")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Component, A::Error> {
        let mut one = Component::default();
        let mut trivy = Trivy::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "type" => one.kind = map.next_value::<Option<String>>()?.unwrap_or_default(),
                "bom-ref" => one.id = map.next_value()?,
                "group" => one.group = map.next_value()?,
                "name" => one.name = map.next_value::<Option<String>>()?.unwrap_or_default(),
                "version" => one.version = map.next_value()?,
                "description" => {
                    one.description = map.next_value::<Option<String>>()?.and_then(|text| clip(&text, MAX_TEXT));
                }
                "purl" => one.purl = map.next_value()?,
                "supplier" => {
                    one.vendor = map.next_value::<Option<Named>>()?.and_then(|supplier| supplier.name);
                }
                "hashes" => one.digests.extend(map.next_value::<Few<Hash>>()?.0.iter().filter_map(digest)),
                "licenses" => one.licence = licence(map.next_value::<Few<LicenceChoice>>()?.0),
                "evidence" => {
                    let evidence = map.next_value::<Option<Evidence>>()?.unwrap_or_default();
                    let first = evidence.occurrences.0.into_iter().find_map(|occurrence| occurrence.location);
                    one.location = first.or(one.location.take());
                }
                "properties" => {
                    for property in map.next_value::<Few<Property>>()?.0 {
                        let value = property.value.filter(|value| !value.trim().is_empty());
                        if let Some(value) = value.and_then(|value| clip(&value, MAX_TEXT)) {
                            tell(&mut one, &mut trivy, &property.name, value);
                        }
                    }
                }
                "components" => {
                    map.next_value_seed(Components { listed: &mut *self.listed, depth: self.depth.saturating_add(1) })?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if let Some(version) = trivy.version {
            let release = trivy.release.map(|release| format!("-{release}")).unwrap_or_default();
            let epoch = trivy.epoch.filter(|epoch| epoch != "0").map(|epoch| format!("{epoch}:")).unwrap_or_default();
            one.source_version.get_or_insert(format!("{epoch}{version}{release}"));
        }
        Ok(one)
    }
}

/// The parts in which Trivy gives the version of a source package.
#[derive(Default)]
struct Trivy {
    version: Option<String>,
    release: Option<String>,
    epoch: Option<String>,
}

fn tell(one: &mut Component, trivy: &mut Trivy, name: &str, value: String) {
    let first = |slot: &mut Option<String>, value: String| {
        slot.get_or_insert(value);
    };
    match name {
        "plimsoll:layer" | "syft:location:0:layerID" | "aquasecurity:trivy:LayerDiffID" => first(&mut one.layer, value),
        "plimsoll:location" | "syft:location:0:path" | "aquasecurity:trivy:FilePath" | "SrcFile" => {
            first(&mut one.location, value);
        }
        "plimsoll:source" | "aquasecurity:trivy:SrcName" => first(&mut one.source_name, value),
        "plimsoll:source-version" => first(&mut one.source_version, value),
        "plimsoll:module" | "aquasecurity:trivy:Modularitylabel" | "syft:metadata:modularityLabel" => {
            first(&mut one.module, value);
        }
        "plimsoll:owner" => first(&mut one.owner, value),
        "plimsoll:architecture" => first(&mut one.architecture, value),
        "plimsoll:ecosystem" => first(&mut one.ecosystem, value),
        "plimsoll:codename" | "syft:distro:versionCodename" => first(&mut one.os.codename, value),
        "plimsoll:id-like" | "syft:distro:idLike:0" => {
            one.os.id_like.extend(value.split_whitespace().take(32).map(str::to_lowercase));
        }
        "syft:distro:id" => one.os.id = distro::id(&value),
        "syft:distro:versionID" => first(&mut one.os.version_id, value),
        "syft:distro:prettyName" => first(&mut one.os.pretty_name, value),
        "aquasecurity:trivy:SrcVersion" => first(&mut trivy.version, value),
        "aquasecurity:trivy:SrcRelease" => first(&mut trivy.release, value),
        "aquasecurity:trivy:SrcEpoch" => first(&mut trivy.epoch, value),
        "aquasecurity:trivy:RepoDigest" => {
            one.digests.extend(value.rsplit_once('@').and_then(|(_, digest)| ident::digest(digest)));
        }
        "aquasecurity:trivy:ImageID" => one.digests.extend(ident::digest(&value)),
        _ => {}
    }
}

fn digest(hash: &Hash) -> Option<String> {
    let algorithm = hash.alg.replace("SHA-", "sha");
    ident::digest(&format!("{algorithm}:{}", hash.content))
}

fn licence(choices: Vec<LicenceChoice>) -> Option<String> {
    let all: Vec<String> = choices
        .into_iter()
        .filter_map(|choice| choice.expression.or_else(|| choice.license.and_then(|name| name.id.or(name.name))))
        .take(16)
        .collect();
    clip(&all.join(" AND "), MAX_TEXT)
}

/// The document as facts.
pub(crate) fn facts(raw: Raw) -> Result<SbomFacts, SbomError> {
    let mut digests = statement_digests(&raw);
    let Raw { spec_version, serial, metadata, is_incomplete, mut listed, .. } = raw;
    let version = spec_version.unwrap_or_default();
    if !VERSIONS.contains(&version.as_str()) {
        return Err(SbomError::Malformed {
            format: "CycloneDX".to_owned(),
            place: "specVersion".to_owned(),
            reason: format!(
                "“{}” is none of the versions that are read, 1.2 to 1.7",
                clip(&version, 40).unwrap_or_default()
            ),
        });
    }
    let mut problems = metadata.problems;
    if is_incomplete && problems.is_empty() {
        problems.push("The bill says of itself that it is incomplete.".to_owned());
    }
    let mut subject = None;
    if let Some(component) = metadata.component {
        let name = match component.group.as_deref().filter(|group| !group.is_empty()) {
            Some(group) => format!("{group}/{}", component.name),
            None => component.name.clone(),
        };
        subject = name_of(&name, component.version.as_deref());
        digests.extend(component.digests.iter().cloned());
        digests.extend(digests_of(component.version.as_deref(), component.purl.as_deref()));
        let is_image = matches!(component.kind.as_str(), "container" | "file" | "" | "operating-system");
        // A program that is described is one of the packages; an image is not.
        let is_package = component.purl.as_deref().is_some_and(|purl| !purl.starts_with("pkg:oci/"));
        if is_package && !is_image && component.version.is_some() {
            listed.take(component).map_err(|reason| SbomError::Malformed {
                format: format!("CycloneDX {version}"),
                place: "metadata.component".to_owned(),
                reason,
            })?;
        }
    }
    let (inventory, left_out) = settle(&mut listed, problems, None, &format!("CycloneDX {version}"));
    Ok(SbomFacts {
        format: "CycloneDX".to_owned(),
        spec_version: version,
        sha256: String::new(),
        serial: serial.and_then(|text| clip(&text, MAX_TEXT)),
        created: metadata.timestamp.and_then(|text| clip(&text, 100)),
        creators: metadata.creators,
        subject,
        digests: unique(digests),
        inventory,
        left_out,
    })
}

/// `nginx 1.27`; a digest is no version.
pub(crate) fn name_of(name: &str, version: Option<&str>) -> Option<String> {
    let version = version.filter(|version| !version.is_empty() && ident::digest(version).is_none());
    clip(&format!("{name} {}", version.unwrap_or_default()), MAX_TEXT)
}

/// Digests that stand where a version does.
pub(crate) fn digests_of(version: Option<&str>, purl: Option<&str>) -> Vec<String> {
    let url = purl.and_then(|purl| plimsoll_packages::Purl::parse(purl).ok());
    let of_url = url.filter(|url| matches!(url.kind.as_str(), "oci" | "docker")).and_then(|url| url.version);
    [version.and_then(ident::digest), of_url.as_deref().and_then(ident::digest)].into_iter().flatten().collect()
}

/// Without what is there twice, in order.
pub(crate) fn unique(all: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::BTreeSet::new();
    all.into_iter().filter(|one| seen.insert(one.clone())).take(64).collect()
}

/// The inventory of what was listed, and what was left out.
pub(crate) fn settle(
    listed: &mut Listed,
    mut problems: Vec<String>,
    subject: Option<&str>,
    format: &str,
) -> (Inventory, Vec<String>) {
    let packages = listed.packages();
    let (os, others) = listed.releases.settle(listed.os.take());
    problems.append(&mut listed.problems);
    problems.extend(others);
    problems.sort_unstable();
    problems.dedup();
    let source = Source {
        path: format!("{format} document"),
        layer: String::new(),
        kind: "sbom".to_owned(),
        packages: packages.len() as u64,
        error: None,
    };
    let inventory = Inventory { os, packages, sources: vec![source], problems, ..Inventory::default() };
    (inventory, listed.left_out(subject))
}
