//! The names of use cases, requirements, levels, profiles and kinds of subject.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// A name that the catalogue does not know.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("\"{given}\" is not a {what}; expected {expected}")]
pub struct UnknownName {
    given: String,
    what: &'static str,
    expected: &'static str,
}

/// A use case of the paper: A1–A5, B1–B5, C1–C2, D1–D2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum UseCaseId {
    A1,
    A2,
    A3,
    A4,
    A5,
    B1,
    B2,
    B3,
    B4,
    B5,
    C1,
    C2,
    D1,
    D2,
}

impl UseCaseId {
    /// All fourteen, in the paper's order.
    pub const ALL: [Self; 14] = [
        Self::A1,
        Self::A2,
        Self::A3,
        Self::A4,
        Self::A5,
        Self::B1,
        Self::B2,
        Self::B3,
        Self::B4,
        Self::B5,
        Self::C1,
        Self::C2,
        Self::D1,
        Self::D2,
    ];
}

impl fmt::Display for UseCaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

impl FromStr for UseCaseId {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        Self::ALL.into_iter().find(|id| id.to_string().eq_ignore_ascii_case(text)).ok_or_else(|| UnknownName {
            given: text.to_owned(),
            what: "use case",
            expected: "A1–A5, B1–B5, C1–C2 or D1–D2",
        })
    }
}

/// A requirement of CSVS 1.0, such as `3.6`. Ordered by number: `3.9` comes before `3.10`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequirementId {
    /// The chapter, 1–12.
    pub chapter: u8,
    /// The number within the chapter, from 1.
    pub number: u8,
}

impl fmt::Display for RequirementId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.chapter, self.number)
    }
}

impl FromStr for RequirementId {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        text.split_once('.')
            .and_then(|(chapter, number)| Some(Self { chapter: chapter.parse().ok()?, number: number.parse().ok()? }))
            .ok_or_else(|| UnknownName {
                given: text.to_owned(),
                what: "requirement of CSVS 1.0",
                expected: "an id such as 3.6",
            })
    }
}

impl Serialize for RequirementId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RequirementId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

/// A level of CSVS 1.0. A level includes the requirements of the levels below it: 42, 89, 106.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub enum Level {
    /// Every container
    One,
    /// Sensitive information
    Two,
    /// Critical infrastructure
    Three,
}

impl Level {
    /// All levels, the lowest first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// 1, 2 or 3.
    #[must_use]
    pub fn number(self) -> u8 {
        self.into()
    }
}

impl From<Level> for u8 {
    fn from(level: Level) -> Self {
        match level {
            Level::One => 1,
            Level::Two => 2,
            Level::Three => 3,
        }
    }
}

impl TryFrom<u8> for Level {
    type Error = UnknownName;

    fn try_from(number: u8) -> Result<Self, UnknownName> {
        match number {
            1 => Ok(Self::One),
            2 => Ok(Self::Two),
            3 => Ok(Self::Three),
            _ => Err(UnknownName { given: number.to_string(), what: "level of CSVS 1.0", expected: "1, 2 or 3" }),
        }
    }
}

/// The set of requirements that an engagement is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// The paper's fourteen rows: what an image, its Dockerfile and its registry can speak to.
    #[default]
    Image,
    /// All 106 requirements.
    Full,
}

impl Profile {
    /// The name as it is written on the command line and in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Full => "full",
        }
    }
}

impl FromStr for Profile {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, UnknownName> {
        match text {
            "image" => Ok(Self::Image),
            "full" => Ok(Self::Full),
            _ => Err(UnknownName { given: text.to_owned(), what: "profile", expected: "image or full" }),
        }
    }
}

/// What kind of thing is under audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SubjectKind {
    /// A container image
    Image,
    /// A Dockerfile with its build context
    Dockerfile,
    /// A Compose file
    Compose,
    /// A container on a host
    Container,
    /// A Docker host
    Host,
    /// A registry
    Registry,
    /// A bill of materials in the place of an image
    Sbom,
    /// The whole container solution and the organisation that runs it
    Solution,
}

impl SubjectKind {
    /// The name as it is written in results.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Dockerfile => "dockerfile",
            Self::Compose => "compose",
            Self::Container => "container",
            Self::Host => "host",
            Self::Registry => "registry",
            Self::Sbom => "sbom",
            Self::Solution => "solution",
        }
    }

    /// Whether the paper's use cases look at this kind at all. Of a container D1 and D2 alone do: what it was made from
    /// is its image's matter. A host has none.
    #[must_use]
    pub fn has_use_case(self, id: UseCaseId) -> bool {
        match self {
            Self::Host | Self::Solution => false,
            Self::Container => matches!(id, UseCaseId::D1 | UseCaseId::D2),
            Self::Image | Self::Dockerfile | Self::Compose | Self::Registry | Self::Sbom => true,
        }
    }
}
