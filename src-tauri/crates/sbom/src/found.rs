//! From a component of a document to a package, whatever the document's format.

use std::collections::BTreeMap;

use plimsoll_packages::{Ecosystem, OsRelease, Package, Purl, bitnami_upstream};

use crate::distro::{self, Release, Releases};
use crate::edges;

/// Components of a document, nested ones with them.
pub(crate) const MAX_COMPONENTS: u64 = 1_000_000;
/// Sentences about what was left out.
const MAX_LEFT: usize = 500;
/// Bytes of a name or version, and of any other text.
const MAX_NAME: usize = 1024;
const MAX_TEXT: usize = 4096;
/// Needs of a package that are kept, and of all.
const MAX_DEPENDS: usize = 1024;
const MAX_EDGES: usize = 4_000_000;

/// What a component says of itself.
#[derive(Debug, Default)]
pub(crate) struct Component {
    /// By which others refer to it.
    pub id: Option<String>,
    /// `library`, `file`, `operating-system`; empty where the format has no such thing.
    pub kind: String,
    pub group: Option<String>,
    pub name: String,
    pub version: Option<String>,
    pub purl: Option<String>,
    pub licence: Option<String>,
    pub vendor: Option<String>,
    pub description: Option<String>,
    pub location: Option<String>,
    pub layer: Option<String>,
    pub module: Option<String>,
    pub owner: Option<String>,
    pub architecture: Option<String>,
    pub ecosystem: Option<String>,
    pub source_name: Option<String>,
    pub source_version: Option<String>,
    /// Of a distribution: `ID`, `VERSION_ID`, `VERSION_CODENAME`, `ID_LIKE`, `PRETTY_NAME`.
    pub os: OsRelease,
    /// Digests, as `sha256:…`.
    pub digests: Vec<String>,
}

/// All that a document lists, as it is read.
#[derive(Debug, Default)]
pub(crate) struct Listed {
    pub packages: Vec<(Option<String>, Package)>,
    pub releases: Releases,
    pub os: Option<OsRelease>,
    pub problems: Vec<String>,
    /// What is no package, in case it is the document's subject: by id.
    pub others: BTreeMap<String, Component>,
    left: Vec<(Option<String>, String)>,
    left_more: u64,
    kinds: BTreeMap<String, u64>,
    count: u64,
    edges: Vec<(String, String)>,
    edges_cut: bool,
}

impl Listed {
    /// Takes a component.
    pub(crate) fn take(&mut self, component: Component) -> Result<(), String> {
        self.count = self.count.saturating_add(1);
        if self.count > MAX_COMPONENTS {
            return Err(format!("it has more than {MAX_COMPONENTS} components"));
        }
        match component.kind.as_str() {
            "operating-system" => {
                self.operating_system(component);
                return Ok(());
            }
            "file"
            | "data"
            | "device"
            | "device-driver"
            | "firmware"
            | "machine-learning-model"
            | "cryptographic-asset"
                if component.purl.is_none() =>
            {
                if let Some(count) = self.kinds.get_mut(&component.kind) {
                    *count = count.saturating_add(1);
                } else {
                    self.kinds.insert(component.kind, 1);
                }
                return Ok(());
            }
            _ => {}
        }
        match package(&component) {
            Ok((package, release)) => {
                if let Some(release) = release {
                    self.releases.add(release);
                }
                self.packages.push((component.id, package));
            }
            Err(reason) => {
                let shown = [Some(component.name.as_str()), component.version.as_deref()];
                let shown = shown.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(" ");
                let sentence = format!("“{}” {reason}.", clip(&shown, 200).unwrap_or_default());
                if self.left.len() < MAX_LEFT {
                    self.left.push((component.id.clone(), sentence));
                } else {
                    self.left_more = self.left_more.saturating_add(1);
                }
                if let Some(id) = &component.id
                    && self.others.len() < MAX_LEFT
                {
                    self.others.insert(id.clone(), component);
                }
            }
        }
        Ok(())
    }

    fn operating_system(&mut self, component: Component) {
        let mut os = component.os;
        if os.id.is_empty() {
            os.id = distro::id(&component.name);
        }
        os.version_id = os.version_id.or(component.version).and_then(|text| clip(&text, MAX_NAME));
        os.pretty_name = os.pretty_name.or(component.description).and_then(|text| clip(&text, MAX_NAME));
        match &self.os {
            _ if os.id.is_empty() => self.problems.push("A distribution in the bill has no name.".to_owned()),
            None => self.os = Some(os),
            Some(first) if first.id == os.id && first.version_id == os.version_id => {}
            Some(first) if self.problems.len() < MAX_LEFT => self
                .problems
                .push(format!("The bill names two distributions, {} and {}; the first is taken.", first.id, os.id)),
            Some(_) => {}
        }
    }

    /// Notes that one needs another, by their ids.
    pub(crate) fn needs(&mut self, one: &str, other: String) {
        if self.edges.len() < MAX_EDGES {
            self.edges.push((one.to_owned(), other));
        } else {
            self.edges_cut = true;
        }
    }

    /// What was left out, one sentence each; `subject` is no part of it.
    pub(crate) fn left_out(&mut self, subject: Option<&str>) -> Vec<String> {
        let left = std::mem::take(&mut self.left).into_iter();
        let mut all: Vec<String> = left
            .filter(|(id, _)| subject.is_none() || id.as_deref() != subject)
            .map(|(_, sentence)| sentence)
            .collect();
        if self.left_more > 0 {
            all.push(format!("{} more components are no packages that can be matched.", self.left_more));
        }
        for (kind, count) in std::mem::take(&mut self.kinds) {
            all.push(format!("{count} components are of the type “{kind}” and no packages."));
        }
        all
    }

    /// The packages, with the names of those they need, in the order of an inventory.
    pub(crate) fn packages(&mut self) -> Vec<Package> {
        if self.edges_cut {
            self.problems.push(format!("More than {MAX_EDGES} dependencies are listed; the rest was left out."));
        }
        let mut packages = std::mem::take(&mut self.packages);
        let mut needed: Vec<(usize, String)> = Vec::new();
        {
            let by_id: std::collections::HashMap<&str, usize> =
                packages.iter().enumerate().filter_map(|(at, (id, _))| Some((id.as_deref()?, at))).collect();
            for (one, other) in &self.edges {
                if let (Some(&one), Some(&other)) = (by_id.get(one.as_str()), by_id.get(other.as_str()))
                    && one != other
                    && let Some((_, package)) = packages.get(other)
                {
                    needed.push((one, package.name.clone()));
                }
            }
        }
        for (at, name) in needed {
            if let Some((_, package)) = packages.get_mut(at)
                && package.depends.len() < MAX_DEPENDS
            {
                package.depends.push(name);
            }
        }
        let mut all: Vec<Package> = packages.into_iter().map(|(_, package)| package).collect();
        for package in &mut all {
            package.depends.sort_unstable();
            package.depends.dedup();
        }
        all.sort_by(|a, b| order(a).cmp(&order(b)));
        all.dedup();
        all
    }
}

type Order<'a> = (Ecosystem, &'a str, &'a str, Option<&'a str>, &'a str, &'a str);

fn order(package: &Package) -> Order<'_> {
    let Package { ecosystem, name, version, architecture, location, layer, .. } = package;
    (*ecosystem, name, version, architecture.as_deref(), location, layer)
}

/// The package that a component is, and the distribution that it names; or why it is none, as the end of a sentence.
fn package(component: &Component) -> Result<(Package, Option<Release>), String> {
    let Some(purl) = component.purl.as_deref().map(str::trim).filter(|purl| !purl.is_empty()) else {
        return Err("has no package URL".to_owned());
    };
    let url = Purl::parse(purl).map_err(|reason| format!("has a package URL that is none: {reason}"))?;
    let with = |sign: char| match url.namespace.as_str() {
        "" => url.name.clone(),
        namespace => format!("{namespace}{sign}{}", url.name),
    };
    let is_maven = component.ecosystem.as_deref() == Some("maven");
    let (ecosystem, plain) = match url.kind.as_str() {
        "deb" => (Ecosystem::Deb, url.name.clone()),
        "apk" => (Ecosystem::Apk, url.name.clone()),
        "rpm" => (Ecosystem::Rpm, url.name.clone()),
        "pypi" => (Ecosystem::Pypi, url.name.clone()),
        "npm" => (Ecosystem::Npm, with('/')),
        "gem" => (Ecosystem::Gem, url.name.clone()),
        "maven" => (Ecosystem::Maven, with(':')),
        "golang" => (Ecosystem::Golang, with('/')),
        "cargo" => (Ecosystem::Cargo, url.name.clone()),
        "composer" => (Ecosystem::Composer, with('/')),
        "nuget" => (Ecosystem::Nuget, url.name.clone()),
        "bitnami" => (Ecosystem::Bitnami, url.name.clone()),
        "generic" if is_maven => (Ecosystem::Maven, url.name.clone()),
        "generic" => (Ecosystem::Generic, with('/')),
        "oci" | "docker" => return Err("is an image and no package".to_owned()),
        other => return Err(format!("is of the type “{other}”, for which there are no advisories here")),
    };
    let name = spelled(ecosystem, plain, component);
    let own_version = component.version.as_deref().filter(|version| !version.is_empty());
    let version = url.version.as_deref().or(own_version).ok_or_else(|| "has no version".to_owned())?;
    let epoch = url.qualifier("epoch").filter(|epoch| epoch.parse::<u32>().is_ok_and(|epoch| epoch > 0));
    let full = match (ecosystem, epoch) {
        (Ecosystem::Deb | Ecosystem::Rpm, Some(epoch)) if !version.contains(':') => format!("{epoch}:{version}"),
        (Ecosystem::Bitnami, _) => bitnami_upstream(version).to_owned(),
        _ => version.to_owned(),
    };
    if !is_name(&name) || !is_name(&full) {
        return Err("has a name or version that cannot be one".to_owned());
    }
    let mut package = Package::new(ecosystem, name, full.clone());
    let text = |text: Option<&str>| text.and_then(|text| clip(text, MAX_TEXT));
    package.architecture = match ecosystem {
        Ecosystem::Gem => text(url.qualifier("platform")),
        _ => text(url.qualifier("arch")),
    }
    .or_else(|| text(component.architecture.as_deref()));
    // rpm's source package is told without an epoch, so it is compared with the version without one.
    let bare = match ecosystem {
        Ecosystem::Rpm => full.split_once(':').map_or(full.as_str(), |(_, rest)| rest),
        _ => full.as_str(),
    };
    let told = component.source_name.as_deref().filter(|name| is_name(name));
    if let Some((name, version)) = url.qualifier("upstream").and_then(upstream) {
        package.set_source(&name, version.as_deref(), bare);
    } else if let Some(name) = told.filter(|_| ecosystem.is_distribution()) {
        let version = component.source_version.as_deref().filter(|version| is_name(version) && *version != full);
        package.set_source(name, version, bare);
    }
    package.licence = text(component.licence.as_deref());
    package.vendor = component.vendor.as_deref().and_then(|vendor| clip(vendor, 200));
    package.location = text(component.location.as_deref()).unwrap_or_default();
    package.layer = text(component.layer.as_deref()).unwrap_or_default();
    package.owner = text(component.owner.as_deref());
    let label = component.module.as_deref().or(url.qualifier("rpmmod")).or(url.qualifier("modularitylabel"));
    package.module = label.and_then(stream);
    purl.clone_into(&mut package.purl);
    let release = if ecosystem.is_distribution() { Release::of(&url) } else { None };
    Ok((package, release))
}

/// The name with the capitals that a URL may have lost: a component's own name, if it is the same but for them.
fn spelled(ecosystem: Ecosystem, plain: String, component: &Component) -> String {
    let sign = if ecosystem == Ecosystem::Maven { ':' } else { '/' };
    let group = component.group.as_deref().filter(|group| !group.is_empty());
    let grouped = group.map(|group| format!("{group}{sign}{}", component.name));
    let bare = |name: &str| edges::key(ecosystem, name).to_lowercase();
    let wanted = bare(&plain);
    let own = [grouped, Some(component.name.clone())];
    own.into_iter().flatten().find(|name| bare(name) == wanted).unwrap_or(plain)
}

/// `openssl`, `gcc-12@12.2.0-14`, `openssl-3.0.7-1.el9.src.rpm`.
fn upstream(text: &str) -> Option<(String, Option<String>)> {
    if let Some(stem) = text.strip_suffix(".src.rpm").or_else(|| text.strip_suffix(".nosrc.rpm")) {
        let (rest, release) = stem.rsplit_once('-')?;
        let (name, version) = rest.rsplit_once('-')?;
        let version = format!("{version}-{release}");
        return (is_name(name) && is_name(&version)).then(|| (name.to_owned(), Some(version)));
    }
    let (name, version) = match text.rsplit_once('@') {
        Some((name, version)) => (name, Some(version)),
        None => (text, None),
    };
    let version = version.filter(|version| is_name(version)).map(str::to_owned);
    is_name(name).then(|| (name.to_owned(), version))
}

/// `nodejs:18` of `nodejs:18:8090020240101:abcd`.
fn stream(label: &str) -> Option<String> {
    let mut parts = label.split(':');
    let (name, stream) = (parts.next()?, parts.next()?);
    (is_name(name) && is_name(stream)).then(|| format!("{name}:{stream}"))
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}

/// A text on one line and of sane length; none if nothing is left.
pub(crate) fn clip(text: &str, most: usize) -> Option<String> {
    let text = text.trim();
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let cut: String = text.get(..end)?.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    (!cut.is_empty()).then_some(cut)
}
