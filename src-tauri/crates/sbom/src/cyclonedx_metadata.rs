//! CycloneDX's `metadata`, read: what the document is of, and who made it with what.

use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::cyclonedx_read::{MAX_TEXT, One, Property};
use crate::found::{Component, Listed, clip};
use crate::json::{Each, Few};

/// `metadata`.
#[derive(Default)]
pub(crate) struct Metadata {
    pub timestamp: Option<String>,
    pub creators: Vec<String>,
    pub component: Option<Component>,
    pub problems: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(crate) struct Named {
    pub name: Option<String>,
    vendor: Option<String>,
    version: Option<String>,
    email: Option<String>,
}

impl Named {
    fn show(self) -> Option<String> {
        let parts = [self.vendor, self.name.or(self.email), self.version];
        let all: Vec<String> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
        clip(&all.join(" "), MAX_TEXT)
    }
}

/// `metadata`, whose component may hold others.
pub(crate) struct MetadataSeed<'l> {
    pub listed: &'l mut Listed,
}

impl<'de> DeserializeSeed<'de> for MetadataSeed<'_> {
    type Value = Metadata;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Metadata, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for MetadataSeed<'_> {
    type Value = Metadata;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Metadata, A::Error> {
        let mut metadata = Metadata::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "timestamp" => metadata.timestamp = map.next_value()?,
                "tools" => metadata.creators.extend(map.next_value::<Tools>()?.0),
                "authors" => {
                    metadata.creators.extend(map.next_value::<Few<Named>>()?.0.into_iter().filter_map(Named::show));
                }
                "component" => {
                    metadata.component = Some(map.next_value_seed(One { listed: &mut *self.listed, depth: 0 })?);
                }
                "properties" => {
                    let all = map.next_value::<Few<Property>>()?.0.into_iter();
                    let problems = all.filter(|property| property.name == "plimsoll:problem");
                    metadata.problems.extend(problems.filter_map(|property| clip(&property.value?, MAX_TEXT)));
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(metadata)
    }
}

/// `tools`: a list as it was until 1.4, or an object with components and services.
struct Tools(Vec<String>);

impl<'de> Deserialize<'de> for Tools {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Vec<Named>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("tools")
            }

            fn visit_unit<E: serde::de::Error>(self) -> Result<Vec<Named>, E> {
                Ok(Vec::new())
            }

            fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<Vec<Named>, A::Error> {
                let mut all = Vec::new();
                Each::new("tools", |one: Named| {
                    if all.len() < 32 {
                        all.push(one);
                    }
                    Ok(())
                })
                .visit_seq(seq)?;
                Ok(all)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vec<Named>, A::Error> {
                let mut all = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "components" | "services" => all.extend(map.next_value::<Few<Named>>()?.0),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(all)
            }
        }
        let all = deserializer.deserialize_any(Either)?;
        Ok(Tools(all.into_iter().take(64).filter_map(Named::show).collect()))
    }
}
