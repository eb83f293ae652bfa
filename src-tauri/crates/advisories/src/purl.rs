//! Package URLs, read and compared, <https://github.com/package-url/purl-spec>.
//!
//! The rule for comparing: type, namespace and name are equal in their normal form; a statement without a version
//! means all versions; the statement's qualifiers are a subset of ours. A few spellings of one thing are made one, see
//! [`Purl::parse`].

use std::collections::BTreeMap;

use plimsoll_packages::{Ecosystem, Package};

use crate::ecosystem::{debian_of_codename, normal_name};

/// Longest purl that is read, in bytes.
const LONGEST: usize = 4096;

/// A package URL in its normal form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Purl {
    /// Type, lower case: `deb`, `npm`, `oci`.
    pub kind: String,
    /// Namespace, segments joined with `/`; empty for none.
    pub namespace: String,
    /// Name.
    pub name: String,
    /// Version.
    pub version: Option<String>,
    /// Qualifiers by their lower-case names.
    pub qualifiers: BTreeMap<String, String>,
    /// Path within the package; empty for none.
    pub subpath: String,
}

impl Purl {
    /// Reads a purl and brings it into its normal form; none for what is no purl.
    ///
    /// Beyond what the specification says of each type, these are made one: the epoch of dpkg and rpm in the version or
    /// in its qualifier, and an epoch of 0 or none; distributions' names in namespaces and in `distro` (`rhel` and
    /// `redhat`), with Docker's `os_name` and `os_version`; Go versions with and without `v`; Maven's `type=jar` and
    /// none. `package-id`, by which Syft makes references unique, is dropped.
    #[must_use]
    pub fn parse(text: &str) -> Option<Purl> {
        let text = text.trim();
        if text.len() > LONGEST || !text.get(..4)?.eq_ignore_ascii_case("pkg:") {
            return None;
        }
        let rest = text.get(4..)?.trim_start_matches('/');
        let (rest, subpath) = rest.rsplit_once('#').unwrap_or((rest, ""));
        let (rest, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
        let (kind, rest) = rest.split_once('/')?;
        let kind = kind.to_ascii_lowercase();
        let is_type = kind.starts_with(|c: char| c.is_ascii_alphabetic())
            && kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '+' | '-'));
        if !is_type {
            return None;
        }
        // An `@` before a slash begins a scope that was not encoded, not a version.
        let (path, version) = match rest.rsplit_once('@') {
            Some((path, version)) if !(version.contains('/') && (path.is_empty() || path.ends_with('/'))) => {
                (path, Some(decode(version)?))
            }
            _ => (rest, None),
        };
        let mut segments = Vec::new();
        for segment in path.split('/').filter(|segment| !segment.is_empty()) {
            segments.push(decode(segment)?);
        }
        let name = segments.pop().filter(|name| !name.is_empty())?;
        let mut read = BTreeMap::new();
        for pair in qualifiers.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=')?;
            let value = decode(value)?;
            if !value.is_empty() && read.insert(key.to_ascii_lowercase(), value).is_some() {
                return None;
            }
        }
        let subpath: Vec<&str> = subpath.split('/').filter(|part| !matches!(*part, "" | "." | "..")).collect();
        let mut purl = Purl {
            kind,
            namespace: segments.join("/"),
            name,
            version: version.filter(|version| !version.is_empty()),
            qualifiers: read,
            subpath: decode(&subpath.join("/"))?,
        };
        purl.normalise();
        Some(purl)
    }

    /// In its normal form again, after a part of it was exchanged.
    pub(crate) fn normalised(mut self) -> Purl {
        self.normalise();
        self
    }

    fn normalise(&mut self) {
        let lower = |text: &mut String| *text = text.to_lowercase();
        self.qualifiers.remove("package-id");
        match self.kind.as_str() {
            "deb" | "apk" | "rpm" | "alpm" => {
                self.namespace = distribution(&self.namespace.to_lowercase()).to_owned();
                if self.kind != "rpm" {
                    lower(&mut self.name);
                }
                self.one_epoch();
                self.one_distribution();
            }
            "pypi" => self.name = normal_name("PyPI", &self.name),
            "npm" | "golang" | "composer" | "bitnami" | "github" | "gitlab" | "bitbucket" | "hex" | "docker" => {
                lower(&mut self.namespace);
                lower(&mut self.name);
                if self.kind == "golang"
                    && let Some(version) = &mut self.version
                    && let Some(plain) = version.strip_prefix('v').or_else(|| version.strip_prefix("go"))
                    && plain.starts_with(|c: char| c.is_ascii_digit())
                {
                    *version = plain.to_owned();
                }
            }
            "oci" | "nuget" | "pub" => lower(&mut self.name),
            "maven" if self.qualifiers.get("type").is_some_and(|kind| kind == "jar") => {
                self.qualifiers.remove("type");
            }
            _ => {}
        }
    }

    fn one_epoch(&mut self) {
        let epoch = self.qualifiers.remove("epoch");
        let Some(version) = &mut self.version else { return };
        if let Some(epoch) = epoch
            && !version.contains(':')
        {
            *version = format!("{epoch}:{version}");
        }
        if let Some(plain) = version.strip_prefix("0:") {
            *version = plain.to_owned();
        }
    }

    fn one_distribution(&mut self) {
        let (name, version) = (self.qualifiers.remove("os_name"), self.qualifiers.remove("os_version"));
        let _ = self.qualifiers.remove("os_distro");
        if let (Some(name), Some(version)) = (name, version) {
            self.qualifiers.entry("distro".to_owned()).or_insert(format!("{name}-{version}"));
        }
        let Some(distro) = self.qualifiers.get_mut("distro") else { return };
        let said = distro.to_lowercase();
        *distro = if let Some(release) = debian_of_codename(&said) {
            format!("debian-{release}")
        } else if said.starts_with(|c: char| c.is_ascii_digit()) {
            format!("{}-{said}", self.namespace)
        } else {
            match said.rsplit_once('-') {
                Some((name, version)) => format!("{}-{version}", distribution(name)),
                None => distribution(&said).to_owned(),
            }
        };
    }

    /// Type, namespace and name: what has another one is another package.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}/{}", self.kind, self.namespace, self.name)
    }

    /// The name as the ecosystem's own tools write it: `group:artifact`, `@scope/name`, a module's path.
    #[must_use]
    pub fn full_name(&self) -> String {
        match self.kind.as_str() {
            _ if self.namespace.is_empty() => self.name.clone(),
            "maven" => format!("{}:{}", self.namespace, self.name),
            "deb" | "apk" | "rpm" | "alpm" => self.name.clone(),
            _ => format!("{}/{}", self.namespace, self.name),
        }
    }

    /// Whether it names a container image.
    #[must_use]
    pub fn is_image(&self) -> bool {
        matches!(self.kind.as_str(), "oci" | "docker")
    }

    /// Whether it names a distribution's source package: `arch=source` (dpkg), `arch=src` (rpm).
    #[must_use]
    pub fn is_source(&self) -> bool {
        matches!(self.kind.as_str(), "deb" | "apk" | "rpm")
            && self.qualifiers.get("arch").is_some_and(|arch| matches!(arch.as_str(), "source" | "src"))
    }

    /// Whether what this says of a package holds for `ours`.
    #[must_use]
    pub fn covers(&self, ours: &Purl) -> bool {
        self.covers_name(ours) && self.version.as_ref().is_none_or(|version| ours.version.as_ref() == Some(version))
    }

    /// The same, whatever the version.
    #[must_use]
    pub fn covers_name(&self, ours: &Purl) -> bool {
        self.kind == ours.kind
            && self.namespace == ours.namespace
            && self.name == ours.name
            && (self.subpath.is_empty() || self.subpath == ours.subpath)
            && self.qualifiers.iter().all(|(key, value)| {
                ours.qualifiers.get(key).is_some_and(|our_value| match key.as_str() {
                    "distro" => releases_agree(value, our_value),
                    // `upstream=openssl` means every version of that source.
                    "upstream" => value == our_value || our_value.split('@').next() == Some(value),
                    "arch" | "platform" => architecture(value) == architecture(our_value),
                    _ => value == our_value,
                })
            })
    }
}

/// A package of an inventory, as statements may name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ours {
    /// The installed package.
    pub installed: Purl,
    /// Its source, for a distribution's package: under the source's name and version, as if built for `source`.
    pub source: Option<Purl>,
}

impl Ours {
    /// None for a package whose purl cannot be read.
    #[must_use]
    pub fn of(package: &Package) -> Option<Ours> {
        let installed = Purl::parse(&package.purl)?;
        let is_distribution = matches!(package.ecosystem, Ecosystem::Deb | Ecosystem::Apk | Ecosystem::Rpm);
        let source = is_distribution.then(|| {
            let mut source = installed.clone();
            if let Some(name) = &package.source_name {
                source.name = if installed.kind == "rpm" { name.clone() } else { name.to_lowercase() };
            }
            if let Some(version) = &package.source_version {
                source.version = Some(version.strip_prefix("0:").unwrap_or(version).to_owned());
            }
            source.qualifiers.remove("arch");
            source
        });
        Some(Ours { installed, source })
    }

    /// Whether a statement's purl means this package.
    ///
    /// A distribution's statements often name the source package. They mean all that was built from it, but only where
    /// they say so (`arch=source`, `arch=src`): without it `gcc-12` is the package of that name and no other.
    #[must_use]
    pub fn is_meant(&self, by: &Purl, whatever_version: bool) -> bool {
        let means = |by: &Purl, ours: &Purl| if whatever_version { by.covers_name(ours) } else { by.covers(ours) };
        if !by.is_source() {
            return means(by, &self.installed);
        }
        let Some(source) = &self.source else { return false };
        let mut by = by.clone();
        by.qualifiers.remove("arch");
        if means(&by, source) {
            return true;
        }
        // rpm does not record the source's epoch.
        let plain =
            by.version.as_deref().and_then(|version| version.split_once(':')).map(|(_, plain)| plain.to_owned());
        match plain {
            Some(plain) if by.kind == "rpm" => means(&Purl { version: Some(plain), ..by }, source),
            _ => false,
        }
    }
}

/// The purl without its version, as text.
#[must_use]
pub(crate) fn without_version(purl: &str) -> String {
    let end = purl.find(['?', '#']).unwrap_or(purl.len());
    let (head, tail) = (purl.get(..end).unwrap_or(purl), purl.get(end..).unwrap_or(""));
    match head.rsplit_once('@') {
        Some((before, version)) if !version.contains('/') => format!("{before}{tail}"),
        _ => purl.to_owned(),
    }
}

/// One name for a distribution that is called by several.
pub(crate) fn distribution(name: &str) -> &str {
    match name {
        "rhel" | "red-hat" => "redhat",
        "opensuse-leap" | "opensuse-tumbleweed" | "opensuse.leap" | "opensuse.tumbleweed" => "opensuse",
        "sles" | "sled" | "suse linux enterprise server" => "suse",
        "ol" => "oracle",
        "amzn" => "amazon",
        "alma" => "almalinux",
        other => other,
    }
}

/// One name for an architecture that is called by several.
pub(crate) fn architecture(name: &str) -> &str {
    match name {
        "x86_64" | "x86-64" => "amd64",
        "aarch64" => "arm64",
        "i386" | "i586" | "i686" | "x86" => "386",
        "armhf" | "armv7" | "armv7l" => "arm",
        "ppc64el" => "ppc64le",
        other => other,
    }
}

/// Whether one release is the other, or one of its point releases: `alpine-3.20` and `alpine-3.20.3`.
fn releases_agree(a: &str, b: &str) -> bool {
    let within = |longer: &str, shorter: &str| {
        longer.strip_prefix(shorter).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    // A distribution's name alone means all its releases.
    within(a, b) || within(b, a) || b.split_once('-').is_some_and(|(name, _)| name == a)
}

pub(crate) fn decode(text: &str) -> Option<String> {
    if !text.contains('%') {
        return Some(text.to_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        if byte == b'%' {
            let mut digit = || bytes.next().and_then(|byte| char::from(byte).to_digit(16));
            let (high, low) = (digit()?, digit()?);
            out.push(u8::try_from(high * 16 + low).ok()?);
        } else {
            out.push(byte);
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
#[path = "purl_tests.rs"]
mod tests;
