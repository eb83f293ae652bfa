//! Names of images: which official names an image bears, and which base images are named for it. For the collector,
//! that asks registries about them, and for A1 and A2, that judge the answers.

use std::fmt;

use plimsoll_catalog::official;
use plimsoll_dockerfile::{Base, BaseImage, Dockerfile, Reference, Stage};
use plimsoll_image::{Attestation, ImageFacts};
use serde_json::Value;

use crate::facts::{BaseFacts, Facts, NamedBy};

/// How many official names, and how many base images, are worth asking for.
const ASKED: usize = 4;
/// How many materials of one provenance statement are looked through.
const MATERIALS: usize = 64;
/// Where Docker Hub keeps the official images.
const LIBRARY: &str = "docker.io/library/";
/// Images that BuildKit itself runs to build; no image is built on them.
const HELPERS: [&str; 4] = [
    "docker.io/docker/dockerfile",
    "docker.io/docker/dockerfile-upstream",
    "docker.io/docker/buildkit-syft-scanner",
    "docker.io/moby/buildkit",
];

/// A reference with its repository's name in full. Shows itself as `docker.io/library/debian:12@sha256:…`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Full {
    /// `docker.io/library/debian`.
    pub(crate) repository: String,
    pub(crate) tag: Option<String>,
    pub(crate) digest: Option<String>,
}

impl fmt::Display for Full {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.repository)?;
        if let Some(tag) = &self.tag {
            write!(f, ":{tag}")?;
        }
        if let Some(digest) = &self.digest {
            write!(f, "@{digest}")?;
        }
        Ok(())
    }
}

impl Full {
    /// Reads a reference as Docker does. None when it is none.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let reference = Reference::parse(text).ok()?;
        let mut repository = reference.normalized_name();
        // Docker Hub's own name for its registry.
        if let Some(path) = repository.strip_prefix("registry-1.docker.io/") {
            repository = format!("docker.io/{}{path}", if path.contains('/') { "" } else { "library/" });
        }
        Some(Self { repository, tag: reference.tag, digest: reference.digest })
    }

    /// The registry: `docker.io`, `127.0.0.1:5600`.
    pub(crate) fn host(&self) -> &str {
        self.repository.split('/').next().unwrap_or_default()
    }

    /// The name below `docker.io/library/`.
    pub(crate) fn library(&self) -> Option<&str> {
        self.repository.strip_prefix(LIBRARY)
    }

    /// Whether the name is, or was, one of Docker's official images.
    pub(crate) fn listed(&self) -> bool {
        self.library().and_then(official).is_some()
    }
}

/// Where an image was read from, if that was a registry.
pub(crate) fn read_from(facts: &Facts) -> Option<Full> {
    facts.image.as_ref()?;
    Full::parse(facts.source.strip_prefix("docker://")?)
}

/// The digests under which the engine knows the image at registries.
pub(crate) fn recorded(facts: &Facts) -> impl Iterator<Item = Full> {
    facts.registry_digests.iter().filter_map(|text| Full::parse(text)).filter(|full| full.digest.is_some())
}

/// The official names that an image bears, each once; a missing tag is `latest`.
pub(crate) fn claims(facts: &Facts) -> Vec<Full> {
    let mut claims = Vec::new();
    let Some(image) = &facts.image else { return claims };
    for mut full in image.repo_tags.iter().chain(&image.reference).filter_map(|name| Full::parse(name)) {
        if full.tag.is_none() && full.digest.is_none() {
            full.tag = Some("latest".to_owned());
        }
        if full.listed() && !claims.contains(&full) {
            claims.push(full);
        }
    }
    claims
}

/// Official references of Docker Hub that the image bears or was recorded under: what to ask the Hub for, in full,
/// digests first; at most four. Names that are on no list of official images are left out: the Hub need not learn what
/// the client calls its own images.
#[must_use]
pub fn official_names(facts: &Facts) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let recorded = recorded(facts).filter(Full::listed);
    for full in recorded.chain(claims(facts)) {
        let name = full.to_string();
        if names.len() < ASKED && !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What the last stage of a Dockerfile is built on, through the stages before it.
pub(crate) fn last_base(file: &Dockerfile) -> Option<(&Stage, &Base)> {
    let last = file.lineage(file.final_stage()?.index).last().copied()?;
    let stage = file.stages.get(last)?;
    Some((stage, &stage.base))
}

/// Whether the last stage of the subject's Dockerfile starts from nothing.
pub(crate) fn from_scratch(facts: &Facts) -> bool {
    let file = facts.dockerfile.as_ref().and_then(|file| last_base(&file.parsed));
    matches!(file, Some((_, Base::Scratch)))
}

/// The image that FROM names, where the file settles it.
pub(crate) fn settled(image: &BaseImage) -> Option<Full> {
    if !image.unresolved.is_empty() || image.resolved.contains('$') {
        return None;
    }
    Full::parse(&image.resolved)
}

fn by_label(image: &ImageFacts) -> Option<Full> {
    let label = |name: &str| image.config.labels.get(name).map(|value| value.trim());
    let mut full = Full::parse(label("org.opencontainers.image.base.name")?)?;
    if full.digest.is_none()
        && let Some(digest) = label("org.opencontainers.image.base.digest")
    {
        full.digest = Full::parse(&format!("x@{digest}")).and_then(|it| it.digest);
    }
    (full.repository != "docker.io/library/scratch").then_some(full)
}

/// A package URL of type docker: `pkg:docker/debian@12?platform=linux%2Famd64`, and a digest beside it.
pub(crate) fn purl(uri: &str, digest: Option<&str>) -> Option<Full> {
    let rest = uri.strip_prefix("pkg:docker/")?;
    let rest = rest.split('#').next().unwrap_or(rest);
    let (path, qualifiers) = rest.split_once('?').unwrap_or((rest, ""));
    let (name, version) = match path.rsplit_once('@') {
        Some((name, version)) => (percent_decoded(name)?, percent_decoded(version)?),
        None => (percent_decoded(path)?, String::new()),
    };
    let qualified = qualifiers.split('&').find_map(|pair| pair.strip_prefix("digest=")).map(percent_decoded);
    let text = match version.as_str() {
        "" => name,
        digest if digest.contains(':') => format!("{name}@{digest}"),
        tag => format!("{name}:{tag}"),
    };
    let mut full = Full::parse(&text)?;
    if full.digest.is_none() {
        let beside = match qualified {
            Some(qualified) => qualified?,
            None => match digest {
                Some(digest) if digest.contains(':') => digest.to_owned(),
                Some(digest) => format!("sha256:{digest}"),
                None => return Some(full),
            },
        };
        full.digest = Full::parse(&format!("x@{beside}")).and_then(|it| it.digest);
    }
    Some(full)
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| char::from(byte?).to_digit(16);
        let value = digit(rest.next())? * 16 + digit(rest.next())?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

/// The images among the materials of a SLSA provenance statement (v0.2 or v1).
fn by_provenance(attestation: &Attestation) -> Vec<Full> {
    let Some(statement) = &attestation.statement else { return Vec::new() };
    let predicate = statement.get("predicate").unwrap_or(statement);
    let list = predicate.pointer("/buildDefinition/resolvedDependencies").or_else(|| predicate.get("materials"));
    let list = list.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let read = |item: &Value| {
        let digest = item.pointer("/digest/sha256").and_then(Value::as_str);
        purl(item.get("uri")?.as_str()?, digest)
    };
    list.iter().take(MATERIALS).filter_map(read).collect()
}

/// The base images that are named, in full, with tag and digest as far as they are given, and who names them: FROM of
/// the last stage, materials of a provenance statement, labels; at most four. `scratch` and what cannot be read as a
/// reference are left out.
#[must_use]
pub fn bases_named(facts: &Facts) -> Vec<(String, NamedBy)> {
    let mut named: Vec<(Full, NamedBy)> = Vec::new();
    if let Some((_, Base::Image(image))) = facts.dockerfile.as_ref().and_then(|file| last_base(&file.parsed)) {
        named.extend(settled(image).map(|full| (full, NamedBy::Dockerfile)));
    }
    let image = facts.image.as_ref();
    for attestation in image.map(|image| image.attestations.as_slice()).unwrap_or_default() {
        if attestation.predicate_type.starts_with("https://slsa.dev/provenance/") {
            named.extend(by_provenance(attestation).into_iter().map(|full| (full, NamedBy::Provenance)));
        }
    }
    let fetched = facts.trust.iter().flat_map(plimsoll_trust::materials).take(MATERIALS);
    let fetched = fetched.filter_map(|(uri, digest)| purl(&uri, Some(&digest)));
    named.extend(fetched.map(|full| (full, NamedBy::Provenance)));
    named.extend(image.and_then(by_label).map(|full| (full, NamedBy::Label)));
    let mut chosen: Vec<(String, NamedBy)> = Vec::new();
    for (full, by) in named {
        let name = full.to_string();
        if chosen.len() < ASKED
            && !HELPERS.contains(&full.repository.as_str())
            && !chosen.iter().any(|(known, _)| *known == name)
        {
            chosen.push((name, by));
        }
    }
    chosen
}

/// The bases that count. A label is inherited from the base and may speak of the base's own base, so it counts only
/// where nothing else names one.
pub(crate) fn counted(facts: &Facts) -> Vec<&BaseFacts> {
    let strong = facts.bases.iter().any(|base| base.named_by != NamedBy::Label);
    facts.bases.iter().filter(|base| !strong || base.named_by != NamedBy::Label).collect()
}

/// Who names a base, for a sentence.
pub(crate) fn who(by: NamedBy) -> &'static str {
    match by {
        NamedBy::Label => "the image's label",
        NamedBy::Dockerfile => "the Dockerfile",
        NamedBy::Provenance => "the image's provenance",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::tests::{dockerfile, image};
    use proptest::prelude::*;
    use serde_json::json;

    const HEX: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

    fn digest() -> String {
        format!("sha256:{HEX}")
    }

    #[test]
    fn names_are_completed_as_docker_does() {
        for (text, full) in [
            ("debian:12", "docker.io/library/debian:12"),
            ("docker.io/nginx", "docker.io/library/nginx"),
            ("index.docker.io/library/nginx:1", "docker.io/library/nginx:1"),
            ("registry-1.docker.io/library/nginx", "docker.io/library/nginx"),
            ("registry-1.docker.io/nginx", "docker.io/library/nginx"),
            ("127.0.0.1:5600/lab/good:1", "127.0.0.1:5600/lab/good:1"),
        ] {
            assert_eq!(Full::parse(text).unwrap().to_string(), full);
        }
        assert_eq!(Full::parse("127.0.0.1:5600/lab/good").unwrap().host(), "127.0.0.1:5600");
        assert_eq!(Full::parse("nginx").unwrap().library(), Some("nginx"));
        assert!(Full::parse("bitnami/nginx").unwrap().library().is_none());
    }

    #[test]
    fn only_official_names_are_asked_for_and_the_clients_own_stay_at_home() {
        let mut facts = image();
        {
            let image = facts.image.as_mut().unwrap();
            image.repo_tags = vec!["shop:1.4".into(), "nginx:1.27".into(), "bitnami/nginx:1".into(), "centos:7".into()];
            image.reference = Some("nginx".into());
        }
        facts.registry_digests = vec![format!("nginx@{}", digest()), format!("shop@{}", digest())];
        assert_eq!(
            official_names(&facts),
            [
                format!("docker.io/library/nginx@{}", digest()),
                "docker.io/library/nginx:1.27".into(),
                "docker.io/library/centos:7".into(),
                "docker.io/library/nginx:latest".into()
            ]
        );
        facts.image.as_mut().unwrap().repo_tags.extend((0..9).map(|n| format!("debian:{n}")));
        assert_eq!(official_names(&facts).len(), 4);
        assert!(official_names(&dockerfile("FROM debian:12\n")).is_empty());
    }

    #[test]
    fn bases_are_named_by_file_provenance_and_label() {
        let mut facts = image();
        facts.dockerfile =
            dockerfile("ARG V=12\nFROM golang:1 AS build\nFROM debian:${V} AS base\nFROM base\n").dockerfile;
        let image = facts.image.as_mut().unwrap();
        image.config.labels.insert("org.opencontainers.image.base.name".into(), "alpine:3.20".into());
        image.config.labels.insert("org.opencontainers.image.base.digest".into(), digest());
        let statement = json!({"predicate": {"buildDefinition": {"resolvedDependencies": [
            {"uri": "pkg:docker/docker/dockerfile@1.7", "digest": {"sha256": HEX}},
            {"uri": "pkg:docker/debian@12?platform=linux%2Famd64", "digest": {"sha256": HEX}},
            {"uri": "https://example.com/a.tar", "digest": {"sha256": HEX}}
        ]}}});
        image.attestations = vec![Attestation {
            digest: String::new(),
            predicate_type: "https://slsa.dev/provenance/v1".into(),
            statement: Some(statement),
            subject: String::new(),
        }];
        assert_eq!(
            bases_named(&facts),
            [
                ("docker.io/library/debian:12".to_owned(), NamedBy::Dockerfile),
                (format!("docker.io/library/debian:12@{}", digest()), NamedBy::Provenance),
                (format!("docker.io/library/alpine:3.20@{}", digest()), NamedBy::Label),
            ]
        );
    }

    #[test]
    fn scratch_and_what_is_not_settled_name_no_base() {
        for text in
            ["FROM scratch\n", "ARG B\nFROM $B\n", "FROM debian:$V\n", "RUN true\n", "FROM scratch AS a\nFROM a\n"]
        {
            assert!(bases_named(&dockerfile(text)).is_empty(), "{text}");
        }
        assert!(from_scratch(&dockerfile("FROM debian:12\nFROM scratch AS a\nFROM a\n")));
        assert!(!from_scratch(&dockerfile("FROM scratch AS a\nFROM debian:12\n")));
        let mut facts = image();
        let labels = &mut facts.image.as_mut().unwrap().config.labels;
        labels.insert("org.opencontainers.image.base.name".into(), "scratch".into());
        assert!(bases_named(&facts).is_empty());
    }

    #[test]
    fn package_urls_are_read() {
        for (uri, beside, full) in [
            ("pkg:docker/debian@12", None, "docker.io/library/debian:12".to_owned()),
            ("pkg:docker/debian@12", Some(HEX), format!("docker.io/library/debian:12@{}", digest())),
            (&format!("pkg:docker/a/b@{}", digest()), None, format!("docker.io/a/b@{}", digest())),
            (
                &format!("pkg:docker/registry.example.com/base/x@1?digest=sha256%3A{HEX}&platform=linux%2Farm64"),
                None,
                format!("registry.example.com/base/x:1@{}", digest()),
            ),
        ] {
            assert_eq!(purl(uri, beside).unwrap().to_string(), full);
        }
        for uri in ["pkg:deb/debian/curl@1", "pkg:docker/", "pkg:docker/%zz", "pkg:docker/%ff", "pkg:docker/A@1"] {
            assert_eq!(purl(uri, None), None, "{uri}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_borne(text in "\\PC{0,60}", uri in "pkg:docker/[%a-zA-Z0-9@:?&=#./é-]{0,40}") {
            let _ = Full::parse(&text);
            let _ = purl(&uri, Some(&text));
        }
    }
}
