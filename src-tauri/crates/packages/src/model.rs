//! The data that an inventory consists of.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// How a file's bytes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Want {
    /// Not at all.
    No,
    /// Whole, if the file has at most so many bytes; else it is noted as not read.
    Whole(u64),
}

/// What one file says.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Part {
    /// What the file was read as, in the words of [`Source::kind`]; none for a file that turned out to say nothing about
    /// packages (a binary without build information).
    pub kind: Option<&'static str>,
    /// `os-release`.
    pub os: Option<OsRelease>,
    /// Packages; [`Package::layer`] and [`Package::location`] are set by [`crate::assemble`] (the location only if
    /// it is empty: a jar within a jar has its own), and so is [`Package::purl`], which names the distribution.
    pub packages: Vec<Package>,
    /// Files that packages own, where the database says so.
    pub owned: Vec<Owned>,
    /// Packages that were asked for, or were not.
    pub marks: Vec<Mark>,
    /// Licences that a file beside the database tells, by package.
    pub licences: Vec<(String, String)>,
    /// Oddities, one sentence each.
    pub problems: Vec<String>,
}

/// A package's files. dpkg keeps them apart from its status, so the package goes by name here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// The package's name.
    pub package: String,
    /// Its version, where several versions can be installed beside each other (rpm).
    pub version: Option<String>,
    /// Its architecture where the database tells several apart (`libc6:i386`).
    pub architecture: Option<String>,
    /// Absolute paths, as the database has them.
    pub paths: Vec<String>,
}

/// Whether a package was asked for, told by a file that is not the database itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    /// The package's name.
    pub package: String,
    /// Its architecture, where the file tells it.
    pub architecture: Option<String>,
    /// Asked for (apk's `world`, pip's `REQUESTED`), or installed to satisfy another (apt's `extended_states`).
    pub requested: bool,
}

/// Where a part was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Index of the layer, 0 for the lowest.
    pub layer: usize,
    /// The layer's diff ID.
    pub diff_id: String,
    /// Absolute path.
    pub path: String,
    /// Whether the merged tree shows this copy of the file.
    pub visible: bool,
}

/// Why a file could not be read as what its name says.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum PackageError {
    /// Broken, or not what its name says.
    #[error("it is no {what}: {reason}")]
    Malformed {
        /// What it should be: "dpkg status file".
        what: &'static str,
        /// What is wrong.
        reason: String,
    },
    /// A bound was exceeded.
    #[error("it exceeds the bound of {limit} {unit}")]
    TooMuch {
        /// The bound.
        limit: u64,
        /// Of what: "bytes", "packages".
        unit: &'static str,
    },
}

/// All that the merged tree says about what is installed.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct Inventory {
    /// The distribution.
    pub os: Option<OsRelease>,
    /// Packages, by ecosystem, name, version.
    pub packages: Vec<Package>,
    /// The files that were read, and how that went: what was not read is never counted as empty.
    pub sources: Vec<Source>,
    /// Oddities in files that could be read, one sentence each.
    pub problems: Vec<String>,
    /// By path as the database has it: index into `packages` of the owner; a path that several own is listed for each.
    /// Left out of what is recorded: entries of the
    /// tree carry it.
    #[serde(skip)]
    pub owners: Vec<(String, u32)>,
}

/// A file that the inventory rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Source {
    /// Absolute path.
    pub path: String,
    /// Diff ID of its layer.
    pub layer: String,
    /// What it was read as: `dpkg`, `apk`, `rpm`, `os-release`, `npm`, `go-binary` …
    pub kind: String,
    /// Packages that it lists.
    pub packages: u64,
    /// Why it could not be read.
    pub error: Option<String>,
}

/// `/etc/os-release` (freedesktop.org, `os-release(5)`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct OsRelease {
    /// `ID`: `debian`.
    pub id: String,
    /// `ID_LIKE`, split.
    pub id_like: Vec<String>,
    /// `VERSION_ID`: `12`.
    pub version_id: Option<String>,
    /// `VERSION_CODENAME`: `bookworm`.
    pub codename: Option<String>,
    /// `PRETTY_NAME`.
    pub pretty_name: Option<String>,
    /// `SUPPORT_END`, or what the built-in table knows of this release.
    pub support_end: Option<SupportEnd>,
}

/// When a release stops getting security fixes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct SupportEnd {
    /// End of the regular support, `2026-06-10`.
    pub standard: String,
    /// End of the extended one, where the project itself offers it to everyone (Debian LTS).
    pub extended: Option<String>,
    /// Where the date comes from: `os-release`, or the table with its state ("Plimsoll's table of 2026-11").
    pub from: String,
}

/// What a package is a package of, in the words of the purl specification's types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // the variants are the purl types themselves
pub enum Ecosystem {
    Deb,
    Apk,
    Rpm,
    Pypi,
    Npm,
    Gem,
    Maven,
    Golang,
    Cargo,
    Composer,
    Nuget,
    Bitnami,
    Generic,
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub struct Package {
    /// What it is a package of.
    pub ecosystem: Ecosystem,
    /// Its name; `group:artifact` for Maven.
    pub name: String,
    /// Its version as the ecosystem writes it; with epoch and release for dpkg and rpm.
    pub version: String,
    /// The architecture.
    pub architecture: Option<String>,
    /// The source package, where it has another name or version.
    pub source_name: Option<String>,
    /// The source package's version, where it differs from `version`.
    pub source_version: Option<String>,
    /// The licence as the database writes it.
    pub licence: Option<String>,
    /// Installed size in bytes.
    pub installed_size: Option<u64>,
    /// dpkg's section (`devel`, `editors`), rpm's group: what kind of thing it is.
    pub section: Option<String>,
    /// Essential or protected: the distribution does not let it go.
    pub essential: bool,
    /// Names of packages that it needs, as far as the database lists them; alternatives joined with ` | `.
    pub depends: Vec<String>,
    /// Installed on request, not to satisfy another (apt's `extended_states`, apk's `world`, pip's `REQUESTED`); none
    /// where it is not known.
    pub requested: Option<bool>,
    /// Package URL, <https://github.com/package-url/purl-spec>.
    pub purl: String,
    /// The file that lists it.
    pub location: String,
    /// Diff ID of the layer that brought it.
    pub layer: String,
    /// Name of the distribution's package that owns `location`, for a package of a programming language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Who built it: rpm's Vendor, dpkg's Maintainer or Origin, apk's maintainer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vendor: Option<String>,
    /// rpm module stream: `nodejs:18`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
}

impl Ecosystem {
    /// Whether it is a distribution's: what dpkg, apk and rpm install.
    #[must_use]
    pub fn is_distribution(self) -> bool {
        matches!(self, Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm)
    }
}

impl Package {
    /// A package of which no more is known yet.
    #[must_use]
    pub fn new(ecosystem: Ecosystem, name: String, version: String) -> Package {
        Package {
            ecosystem,
            name,
            version,
            architecture: None,
            source_name: None,
            source_version: None,
            licence: None,
            installed_size: None,
            section: None,
            essential: false,
            depends: Vec::new(),
            requested: None,
            purl: String::new(),
            location: String::new(),
            layer: String::new(),
            owner: None,
            vendor: None,
            module: None,
        }
    }

    /// The file of the tree in which the package lies: `location` without the way into an archive
    /// (`/app.war!/WEB-INF/lib/a.jar`).
    #[must_use]
    pub fn file(&self) -> &str {
        self.location.split("!/").next().unwrap_or(&self.location)
    }

    /// Names the source package where it differs in name or version. `own_version` is what its version is compared with:
    /// rpm's without the epoch.
    pub fn set_source(&mut self, name: &str, version: Option<&str>, own_version: &str) {
        let version = version.filter(|version| *version != own_version);
        if name != self.name || version.is_some() {
            self.source_name = Some(name.to_owned());
            self.source_version = version.map(str::to_owned);
        }
    }
}
