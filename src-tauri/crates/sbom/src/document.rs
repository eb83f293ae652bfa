//! A document of either format, read in one pass: alone, as the predicate of a statement, or as BuildKit prints it.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, Visitor};

use crate::cyclonedx_metadata::{Metadata, MetadataSeed};
use crate::cyclonedx_read::{self, Components, Composition, Dependency};
use crate::found::Listed;
use crate::ident;
use crate::json::{Each, Few, MAX_WRAPS};
use crate::spdx_read::{self, Creation, Entry, Relationship};
use crate::{SbomError, SbomFacts};

/// What a document says, not yet judged.
#[derive(Default)]
pub(crate) struct Raw {
    pub bom_format: Option<String>,
    pub spec_version: Option<String>,
    pub serial: Option<String>,
    pub metadata: Metadata,
    pub is_incomplete: bool,
    pub spdx_version: Option<String>,
    pub namespace: Option<String>,
    pub name: Option<String>,
    pub comment: Option<String>,
    pub creation: Creation,
    pub described: Vec<String>,
    pub statement: Vec<Subject>,
    pub listed: Listed,
    is_other: Option<&'static str>,
}

/// What a statement is about.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Subject {
    pub name: Option<String>,
    pub digest: std::collections::BTreeMap<String, String>,
}

/// Reads a document.
pub(crate) fn read(bytes: &[u8]) -> Result<SbomFacts, SbomError> {
    let mut raw = Raw::default();
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let result =
        DocumentSeed { raw: &mut raw, depth: 0 }.deserialize(&mut deserializer).and_then(|()| deserializer.end());
    if let Err(error) = result {
        let text = error.to_string();
        let reason = text.split(" at line ").next().unwrap_or(&text).to_owned();
        let place = format!("line {}, column {}", error.line(), error.column());
        return Err(match format(&raw) {
            Some(format) => SbomError::Malformed { format, place, reason },
            None => SbomError::Unknown(format!("{reason} ({place})")),
        });
    }
    match (raw.bom_format.as_deref(), raw.spdx_version.as_deref(), raw.is_other) {
        (Some("CycloneDX"), _, _) => cyclonedx_read::facts(raw),
        (_, Some(_), _) => spdx_read::facts(raw),
        (_, _, Some(other)) => Err(SbomError::Unknown(other.to_owned())),
        _ => Err(SbomError::Unknown("it has neither “bomFormat” nor “spdxVersion”".to_owned())),
    }
}

/// "CycloneDX 1.6", as far as it is known.
fn format(raw: &Raw) -> Option<String> {
    match (raw.bom_format.as_deref(), raw.spdx_version.as_deref()) {
        (Some("CycloneDX"), _) => Some(match &raw.spec_version {
            Some(version) => format!("CycloneDX {version}"),
            None => "CycloneDX".to_owned(),
        }),
        (_, Some(version)) => Some(format!("SPDX {}", version.trim_start_matches("SPDX-"))),
        _ => None,
    }
}

/// Digests of what a statement is about.
pub(crate) fn statement_digests(raw: &Raw) -> Vec<String> {
    let all = raw.statement.iter().flat_map(|subject| &subject.digest);
    all.filter_map(|(algorithm, hex)| ident::digest(&format!("{algorithm}:{hex}"))).collect()
}

struct DocumentSeed<'r> {
    raw: &'r mut Raw,
    depth: usize,
}

impl<'de> DeserializeSeed<'de> for DocumentSeed<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for DocumentSeed<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let raw = self.raw;
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "bomFormat" => raw.bom_format = map.next_value()?,
                "specVersion" => raw.spec_version = map.next_value()?,
                "serialNumber" => raw.serial = map.next_value()?,
                "metadata" => raw.metadata = map.next_value_seed(MetadataSeed { listed: &mut raw.listed })?,
                "components" => map.next_value_seed(Components { listed: &mut raw.listed, depth: 0 })?,
                "dependencies" => map.next_value_seed(Each::new("a list of dependencies", |one: Dependency| {
                    one.into_iter().for_each(|(one, other)| raw.listed.needs(&one, other));
                    Ok(())
                }))?,
                "compositions" => map.next_value_seed(Each::new("a list of compositions", |one: Composition| {
                    raw.is_incomplete |= one.is_incomplete();
                    Ok(())
                }))?,
                "spdxVersion" => raw.spdx_version = map.next_value()?,
                "documentNamespace" => raw.namespace = map.next_value()?,
                "name" => raw.name = map.next_value::<Option<String>>()?.or(raw.name.take()),
                "comment" => raw.comment = map.next_value()?,
                "creationInfo" => raw.creation = map.next_value::<Option<Creation>>()?.unwrap_or_default(),
                "documentDescribes" => raw.described.extend(map.next_value::<Few<String>>()?.0),
                "packages" => map.next_value_seed(Each::new("a list of packages", |one: Entry| {
                    raw.listed.take(one.into_component()?)
                }))?,
                "relationships" => map.next_value_seed(Each::new("a list of relationships", |one: Relationship| {
                    one.note(&mut raw.listed, &mut raw.described);
                    Ok(())
                }))?,
                "subject" => raw.statement = map.next_value::<Few<Subject>>()?.0,
                "predicate" | "SPDX" if self.depth < MAX_WRAPS => {
                    map.next_value_seed(DocumentSeed { raw: &mut *raw, depth: self.depth + 1 })?;
                }
                "@graph" => {
                    raw.is_other = Some("it is SPDX 3, of which no tools for images write yet; give SPDX 2.3");
                    map.next_value::<IgnoredAny>()?;
                }
                "payload" => {
                    raw.is_other = Some("it is a signed envelope; give the document that is in it");
                    map.next_value::<IgnoredAny>()?;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
            if raw.bom_format.as_deref().is_some_and(|format| format != "CycloneDX") {
                return Err(A::Error::custom("“bomFormat” is not “CycloneDX”"));
            }
        }
        Ok(())
    }
}
