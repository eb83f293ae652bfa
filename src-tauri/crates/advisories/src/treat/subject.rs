//! Whether a product of a VEX document is the subject at hand.
//!
//! It is when it has one of the subject's digests; when it is a reference to the image, or a purl of the type `oci` or
//! `docker` that names its repository, and its tag or digest where it gives one; or when it has the subject's plain
//! name. A digest is decisive: a product that carries digests, and none of the subject's, is another image whatever it
//! is called.

use std::collections::BTreeSet;

use plimsoll_packages::{Inventory, OsRelease};

use crate::purl::{Purl, architecture, distribution};
use crate::treat::SubjectIds;
use crate::vex::Product;

/// How particularly a product names the subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Level {
    /// It is whatever the document was given for.
    Given,
    /// By repository, name, or distribution.
    Named,
    /// By repository and tag.
    Tagged,
    /// By digest.
    Digest,
}

/// A reference to an image, in full.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Reference {
    repository: String,
    tag: Option<String>,
    digest: Option<String>,
}

/// What is known of the subject.
pub(super) struct Subject<'s> {
    id: &'s str,
    plain: BTreeSet<String>,
    references: Vec<Reference>,
    digests: BTreeSet<String>,
    platform: Option<(String, String)>,
    architectures: BTreeSet<String>,
}

impl<'s> Subject<'s> {
    pub(super) fn of(ids: &'s SubjectIds, inventory: &Inventory) -> Subject<'s> {
        let names = || ids.names.iter().map(|name| name.trim()).filter(|name| !name.is_empty());
        let references: Vec<Reference> = names().filter_map(reference).collect();
        let mut digests: BTreeSet<String> = ids.digests.iter().map(|digest| digest.trim().to_lowercase()).collect();
        digests.extend(references.iter().filter_map(|reference| reference.digest.clone()));
        digests.remove("");
        Subject {
            id: &ids.id,
            plain: names().map(str::to_lowercase).collect(),
            references,
            digests,
            platform: inventory.os.as_ref().and_then(platform),
            architectures: inventory
                .packages
                .iter()
                .filter_map(|package| package.architecture.as_deref())
                .filter(|architecture| !matches!(*architecture, "all" | "noarch"))
                .map(|name| architecture(name).to_owned())
                .collect(),
        }
    }

    pub(super) fn is(&self, id: &str) -> bool {
        self.id == id
    }

    /// Whether a product is the subject. `given_for` is the subject that the document's evidence is about.
    pub(super) fn level(&self, product: &Product, given_for: Option<&str>) -> Option<Level> {
        let names = || std::iter::once(&product.id).chain(&product.identifiers).map(|name| name.trim());
        if names().all(str::is_empty) {
            return Some(Level::Given);
        }
        let purls: Vec<Purl> = names().filter_map(Purl::parse).collect();
        let images: Vec<&Purl> = purls.iter().filter(|purl| purl.is_image()).collect();
        let references = || names().filter_map(reference);
        let mut digests: Vec<String> = names().filter(|name| is_digest(name)).map(str::to_lowercase).collect();
        digests.extend(references().filter_map(|reference| reference.digest));
        digests.extend(
            images
                .iter()
                .filter_map(|purl| purl.version.as_deref())
                .filter(|version| is_digest(version))
                .map(str::to_lowercase),
        );
        if !digests.is_empty() {
            return digests.iter().any(|digest| self.digests.contains(digest)).then_some(Level::Digest);
        }
        let by_purl = images.iter().filter_map(|purl| self.image(purl));
        let by_reference = references().filter_map(|named| self.reference(&named));
        let by_name = names().filter(|name| self.plain.contains(&name.to_lowercase())).map(|_| Level::Named);
        // What a distribution says of its release holds for its packages, never for the image as a whole.
        let by_platform = names().filter(|name| !product.subcomponents.is_empty() && self.is_platform(name));
        let level = by_purl.chain(by_reference).chain(by_name).chain(by_platform.map(|_| Level::Named)).max();
        let stands_for = product.root && given_for.is_some_and(|id| self.is(id));
        level.or(stands_for.then_some(Level::Given))
    }

    fn reference(&self, named: &Reference) -> Option<Level> {
        let mut same = self.references.iter().filter(|ours| ours.repository == named.repository);
        match &named.tag {
            Some(tag) => same.any(|ours| ours.tag.as_ref() == Some(tag)).then_some(Level::Tagged),
            None => same.next().map(|_| Level::Named),
        }
    }

    fn image(&self, purl: &Purl) -> Option<Level> {
        if let Some(built_for) = purl.qualifiers.get("arch")
            && !self.architectures.is_empty()
            && !self.architectures.contains(architecture(built_for))
        {
            return None;
        }
        let at = purl.qualifiers.get("repository_url").map(|url| url.trim_end_matches('/'));
        // By the specification the address includes the name; many leave it out.
        let path = purl.full_name();
        let names = match (purl.kind.as_str(), at) {
            ("oci", Some(at)) => vec![at.to_owned(), format!("{at}/{}", purl.name)],
            (_, Some(at)) => vec![format!("{at}/{path}")],
            (_, None) => vec![path],
        };
        let tag = purl.qualifiers.get("tag").filter(|_| purl.kind == "oci").or(purl.version.as_ref());
        names
            .iter()
            // An address alone is that of a registry.
            .filter_map(|name| reference(name))
            .filter(|named| {
                named.tag.is_none()
                    && (purl.kind != "oci" || named.repository.rsplit('/').next() == Some(purl.name.as_str()))
            })
            .filter_map(|named| self.reference(&Reference { tag: tag.cloned(), ..named }))
            .max()
    }

    fn is_platform(&self, name: &str) -> bool {
        let (Some((ours, release)), Some(said)) = (&self.platform, cpe(name)) else { return false };
        said.product == *ours
            && (said.version.is_empty()
                || said.version == *release
                || release.strip_prefix(said.version.as_str()).is_some_and(|rest| rest.starts_with('.')))
    }
}

fn is_digest(text: &str) -> bool {
    let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    match text.split_once(':') {
        Some(("sha256", rest)) => hex(rest, 64),
        Some(("sha512", rest)) => hex(rest, 128),
        _ => false,
    }
}

/// Reads a reference to an image, as far as a text can be one.
fn reference(text: &str) -> Option<Reference> {
    let text = ["docker://", "oci://", "https://", "http://"]
        .iter()
        .find_map(|scheme| text.strip_prefix(scheme))
        .unwrap_or(text);
    if text.is_empty() || text.contains("://") || is_digest(text) || text.starts_with("pkg:") {
        return None;
    }
    let is_fit = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | ':' | '@');
    if !text.chars().all(is_fit) {
        return None;
    }
    let (rest, digest) = match text.split_once('@') {
        Some((rest, digest)) if is_digest(digest) => (rest, Some(digest.to_lowercase())),
        Some(_) => return None,
        None => (text, None),
    };
    let (path, tag) = match rest.rsplit_once(':') {
        Some((path, tag)) if !tag.contains('/') => (path, Some(tag.to_owned())),
        _ => (rest, None),
    };
    let path = path.to_lowercase();
    let (registry, name) = match path.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (first, rest),
        _ => ("docker.io", path.as_str()),
    };
    if name.is_empty() || name.contains(':') {
        return None;
    }
    let repository = match registry {
        "docker.io" | "index.docker.io" | "registry-1.docker.io" if name.contains('/') => format!("docker.io/{name}"),
        "docker.io" | "index.docker.io" | "registry-1.docker.io" => format!("docker.io/library/{name}"),
        _ => format!("{registry}/{name}"),
    };
    Some(Reference { repository, tag, digest })
}

struct Cpe {
    /// `vendor:product`.
    product: String,
    version: String,
}

/// An operating system or application by its CPE 2.2 or 2.3 name.
fn cpe(text: &str) -> Option<Cpe> {
    let text = text.to_lowercase();
    let rest = text.strip_prefix("cpe:2.3:").or_else(|| text.strip_prefix("cpe:/"))?;
    let mut parts = rest.split(':');
    if !matches!(parts.next()?, "o" | "a") {
        return None;
    }
    let product = format!("{}:{}", parts.next()?, parts.next()?);
    let version = parts.next().filter(|version| !matches!(*version, "*" | "-")).unwrap_or_default().to_owned();
    Some(Cpe { product, version })
}

/// The distribution as its maker's CPE names it, and its release.
fn platform(os: &OsRelease) -> Option<(String, String)> {
    let id = os.id.to_lowercase();
    let product = match distribution(&id) {
        "redhat" => "redhat:enterprise_linux",
        "suse" => "suse:sles",
        "opensuse" => "opensuse:leap",
        "debian" => "debian:debian_linux",
        "ubuntu" => "canonical:ubuntu_linux",
        "almalinux" => "almalinux:almalinux",
        "rocky" => "rocky:rocky",
        "fedora" => "fedoraproject:fedora",
        "alpine" => "alpinelinux:alpine_linux",
        "oracle" => "oracle:linux",
        _ => return None,
    };
    Some((product.to_owned(), os.version_id.clone()?))
}
