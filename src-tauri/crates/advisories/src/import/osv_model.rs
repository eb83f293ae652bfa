//! The parts of an OSV document that are kept. Text is borrowed where it can be; everything else is skipped unread.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, de};

/// A text, borrowed from the document when it has no escapes. (serde borrows a bare `Cow`, but not one in an `Option`.)
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Text<'a>(pub(super) Cow<'a, str>);

impl std::ops::Deref for Text<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Text<'de>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a text")
            }
            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_string<E: Error>(self, text: String) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(Reader)
    }
}

/// A list of at most `MAX` entries; `null` is an empty one, as some sources write it.
#[derive(Debug)]
pub(super) struct List<T, const MAX: usize>(pub(super) Vec<T>);

impl<T, const MAX: usize> Default for List<T, MAX> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const MAX: usize> std::ops::Deref for List<T, MAX> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'de, T: Deserialize<'de>, const MAX: usize> Deserialize<'de> for List<T, MAX> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader<T, const MAX: usize>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>, const MAX: usize> Visitor<'de> for Reader<T, MAX> {
            type Value = List<T, MAX>;
            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a list")
            }
            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(List(Vec::new()))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
                let mut list = Vec::new();
                while let Some(entry) = entries.next_element()? {
                    if list.len() >= MAX {
                        return Err(de::Error::custom(format_args!("a list has more than {MAX} entries")));
                    }
                    list.push(entry);
                }
                Ok(List(list))
            }
        }
        deserializer.deserialize_any(Reader(std::marker::PhantomData))
    }
}

/// One document.
#[derive(Debug, Deserialize)]
pub(super) struct Osv<'a> {
    #[serde(borrow)]
    pub(super) id: Text<'a>,
    #[serde(borrow, default)]
    pub(super) modified: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) published: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) withdrawn: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) aliases: List<Text<'a>, 5_000>,
    #[serde(borrow, default)]
    pub(super) upstream: List<Text<'a>, 5_000>,
    #[serde(borrow, default)]
    pub(super) related: List<Text<'a>, 5_000>,
    #[serde(borrow, default)]
    pub(super) summary: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) details: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) severity: List<Severity<'a>, 64>,
    #[serde(borrow, default)]
    pub(super) affected: List<OsvAffected<'a>, 100_000>,
    #[serde(borrow, default)]
    pub(super) references: List<Reference<'a>, 100_000>,
    #[serde(borrow, default)]
    pub(super) database_specific: Specific<'a>,
}

/// `severity[]`.
#[derive(Debug, Deserialize)]
pub(super) struct Severity<'a> {
    #[serde(borrow, rename = "type", default)]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) score: Option<Text<'a>>,
}

/// `references[]`.
#[derive(Debug, Deserialize)]
pub(super) struct Reference<'a> {
    #[serde(borrow, rename = "type", default)]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) url: Option<Text<'a>>,
}

/// `affected[]`.
#[derive(Debug, Deserialize)]
pub(super) struct OsvAffected<'a> {
    #[serde(borrow, default)]
    pub(super) package: Option<Package<'a>>,
    #[serde(borrow, default)]
    pub(super) severity: List<Severity<'a>, 64>,
    #[serde(borrow, default)]
    pub(super) ranges: List<Range<'a>, 10_000>,
    #[serde(borrow, default)]
    pub(super) versions: List<Text<'a>, 100_000>,
    #[serde(borrow, default)]
    pub(super) ecosystem_specific: Specific<'a>,
    #[serde(borrow, default)]
    pub(super) database_specific: Specific<'a>,
}

/// `affected[].package`.
#[derive(Debug, Deserialize)]
pub(super) struct Package<'a> {
    #[serde(borrow, default)]
    pub(super) ecosystem: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) name: Option<Text<'a>>,
}

/// `affected[].ranges[]`.
#[derive(Debug, Deserialize)]
pub(super) struct Range<'a> {
    #[serde(borrow, rename = "type", default)]
    pub(super) kind: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) events: List<Event<'a>, 20_000>,
}

/// `affected[].ranges[].events[]`.
#[derive(Debug, Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, default)]
    pub(super) introduced: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) fixed: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) last_affected: Option<Text<'a>>,
}

/// What is understood of the parts that each database fills in its own way. Whatever else stands there, of whatever
/// shape, is passed over.
#[derive(Debug, Default)]
pub(super) struct Specific<'a> {
    /// `severity` (GitHub, Bitnami).
    pub(super) severity: Option<Text<'a>>,
    /// `urgency` (Debian), `ubuntu_priority` (Ubuntu).
    pub(super) urgency: Option<Text<'a>>,
    /// The rpm module stream.
    pub(super) module: Option<Text<'a>>,
    /// `malicious-packages-origins` (OpenSSF).
    pub(super) malicious: bool,
}

impl<'de: 'a, 'a> Deserialize<'de> for Specific<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyReader).map(|any| match any {
            Any::Map(specific) => *specific,
            Any::Text(_) | Any::Other => Specific::default(),
        })
    }
}

/// A value of any shape.
enum Any<'a> {
    Text(Text<'a>),
    Map(Box<Specific<'a>>),
    Other,
}

struct AnyReader;

impl<'de> Visitor<'de> for AnyReader {
    type Value = Any<'de>;
    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }
    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Any::Other)
    }
    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Any::Other)
    }
    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Any::Other)
    }
    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Any::Other)
    }
    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Any::Other)
    }
    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Any::Text(Text(Cow::Borrowed(text))))
    }
    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Any::Text(Text(Cow::Owned(text.to_owned()))))
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Any::Other)
    }
    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut specific = Box::<Specific<'de>>::default();
        while let Some(key) = entries.next_key::<Text<'de>>()? {
            match &*key {
                "severity" => specific.severity = entries.next_value::<Loose<'de>>()?.0,
                "urgency" | "ubuntu_priority" => specific.urgency = entries.next_value::<Loose<'de>>()?.0,
                "module" | "modularity" | "modularity_label" => {
                    specific.module = entries.next_value::<Loose<'de>>()?.0;
                }
                "malicious-packages-origins" => {
                    entries.next_value::<IgnoredAny>()?;
                    specific.malicious = true;
                }
                _ => {
                    entries.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(Any::Map(specific))
    }
}

/// A text, or none when it is something else.
struct Loose<'a>(Option<Text<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Loose<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyReader).map(|any| match any {
            Any::Text(text) => Loose(Some(text)),
            Any::Map(_) | Any::Other => Loose(None),
        })
    }
}
