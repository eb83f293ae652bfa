//! The facts about one subject, as they are recorded in the engagement.

use plimsoll_advisories::VulnerabilityFacts;
use plimsoll_advisories::treat::Acceptance;
use plimsoll_advisories::vex::Statement;
use plimsoll_docker::facts::{ContainerFacts, HostFacts};
use plimsoll_dockerfile::context::ContextEntry;
use plimsoll_dockerfile::{Compose, DockerIgnore, Dockerfile, Problem};
use plimsoll_image::{ImageFacts, Tree};
use plimsoll_registry::facts::{ClientFacts, RegistryFacts, Served};
use plimsoll_sbom::SbomFacts;
use plimsoll_secrets::Finding;
use plimsoll_trust::{Looked, TrustFacts};
use serde::{Deserialize, Serialize};

/// What collectors read about one subject in one run. An image may have its Dockerfile beside it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Facts {
    /// Where the subject comes from, in transport syntax: `docker-archive:a.tar`.
    pub source: String,
    /// When it was read, RFC 3339 in UTC.
    pub collected: String,
    /// What the source said beside the content: engine version, digest that a tag named … Name and value.
    #[serde(default)]
    pub origin: Vec<(String, String)>,
    /// Digests under which registries know the image: `repository@sha256:…`.
    #[serde(default)]
    pub registry_digests: Vec<String>,
    /// The image.
    pub image: Option<ImageFacts>,
    /// The Dockerfile.
    pub dockerfile: Option<DockerfileFacts>,
    /// The Compose file.
    pub compose: Option<ComposeFacts>,
    /// The image's layers with all their entries. Recorded beside the rest, compressed, under `listing`.
    #[serde(skip)]
    pub tree: Option<Tree>,
    /// SHA-256 of the recorded tree, hexadecimal.
    #[serde(default)]
    pub listing: Option<String>,
    /// Commands that build images, from scripts and pipelines in the context or among the evidence on A5.
    #[serde(default)]
    pub build_commands: Vec<BuildCommand>,
    /// What was fetched about the trust in the image.
    #[serde(default)]
    pub trust: Option<TrustFacts>,
    /// What Docker Hub serves under the official names that the image claims or bears.
    #[serde(default)]
    pub official: Vec<HubLookup>,
    /// Base images that are named for the image, or for the last stage of the Dockerfile.
    #[serde(default)]
    pub bases: Vec<BaseFacts>,
    /// What probes of the registry saw, when the subject is a registry.
    #[serde(default)]
    pub registry: Option<RegistryFacts>,
    /// Docker's client on the machine that Plimsoll runs on.
    #[serde(default)]
    pub client: Option<ClientFacts>,
    /// The bill of materials, when one is audited in the place of an image.
    #[serde(default)]
    pub sbom: Option<SbomFacts>,
    /// The Docker host, when the subject is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostFacts>,
    /// The container, when the subject is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub container: Option<ContainerFacts>,
    /// Who collected this elsewhere, when it came in a facts file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected_by: Option<CollectedBy>,
    /// What is known about the vulnerabilities of [`Facts::inventory`].
    #[serde(default)]
    pub vulnerabilities: Option<VulnerabilityFacts>,
    /// VEX statements among the evidence.
    #[serde(default)]
    pub vex: Vec<Statement>,
    /// Risks that somebody accepts for a time, as the engagement had them when this was judged.
    #[serde(default)]
    pub acceptances: Vec<Acceptance>,
    /// Evidence that looks as if it spoke of vulnerabilities and could not be read, one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence_problems: Vec<String>,
    /// What the source looked like before and after the image was read: as long as it looks the same, the same program
    /// need not read it again. None where nothing tells that it is unchanged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged_key: Option<String>,
}

/// Where facts came from that were collected elsewhere, with `plimsoll collect`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", default)]
pub struct CollectedBy {
    /// The facts file's name, without its folder.
    pub file: String,
    /// SHA-256 of the file, hexadecimal.
    pub file_sha256: String,
    /// SHA-256 of this subject's facts as they stand in it, hexadecimal.
    pub facts_sha256: String,
    /// The machine's name.
    pub machine: String,
    /// The operating system's user.
    pub user: String,
    /// Program and version.
    pub tool: String,
    /// When collecting began, RFC 3339 in UTC.
    pub started: String,
    /// What was asked for, as on the command line.
    pub asked: Vec<String>,
    /// A word of the collecting person's own, such as a job's name.
    pub note: Option<String>,
}

/// Who names a base image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NamedBy {
    /// The label `org.opencontainers.image.base.name` or `.digest`. A claim, and inherited from the base.
    Label,
    /// FROM of the last stage in the Dockerfile.
    Dockerfile,
    /// Materials of a SLSA provenance statement.
    Provenance,
}

/// One official name, and what Docker Hub serves under it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HubLookup {
    /// In full: `docker.io/library/nginx:1.27`, or with `@sha256:…`.
    pub reference: String,
    /// How it was answered.
    pub looked: Looked,
    /// What is served.
    pub served: Option<Served>,
}

/// A base image that is named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BaseFacts {
    /// In full, with tag and digest as far as they are given: `docker.io/library/debian:12@sha256:…`.
    pub reference: String,
    /// Who names it.
    pub named_by: NamedBy,
    /// What its registry serves under the name.
    pub lookup: HubLookup,
    /// What was fetched about the trust in it.
    pub trust: Option<TrustFacts>,
}

/// A secret in a text file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineSecret {
    /// Line in the file, counted from 1.
    pub line: u32,
    /// Where in the file's own terms: `ENV DB_PASSWORD`, `RUN`, `services.db.environment.PASSWORD`.
    pub what: String,
    /// What it is; masked.
    pub finding: Finding,
}

/// A build context, as it lay on disk.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ContextFacts {
    /// The folder as the auditor named it.
    pub path: String,
    /// The ignore file that counts, relative to the folder.
    pub ignore_path: Option<String>,
    /// What it says.
    pub ignore: Option<DockerIgnore>,
    /// Files and folders, sorted by path.
    pub entries: Vec<ContextEntry>,
    /// Secrets in files that would be sent: path and finding.
    pub secrets: Vec<(String, Finding)>,
    /// There were more entries than are listed.
    pub truncated: bool,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// A command that builds an image, found in a script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuildCommand {
    /// The script: a path in the context, or an item of evidence.
    pub source: String,
    /// Line, counted from 1.
    pub line: u32,
    /// The words of the command; secrets masked.
    pub words: Vec<String>,
}

/// A Dockerfile, with the name under which the auditor gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DockerfileFacts {
    /// The file as the auditor named it.
    pub path: String,
    /// What it says; secrets masked.
    pub parsed: Dockerfile,
    /// Secrets that the text holds.
    #[serde(default)]
    pub secrets: Vec<LineSecret>,
    /// The build context, where the auditor named one.
    #[serde(default)]
    pub context: Option<ContextFacts>,
}

/// A Compose file, with the name under which the auditor gave it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ComposeFacts {
    /// The file as the auditor named it.
    pub path: String,
    /// What it says; secrets masked.
    pub parsed: Compose,
    /// Secrets that the text holds.
    #[serde(default)]
    pub secrets: Vec<LineSecret>,
}

impl Facts {
    /// Facts that say nothing yet but where and when.
    #[must_use]
    pub fn of(source: String, collected: String) -> Self {
        Self {
            source,
            collected,
            origin: Vec::new(),
            registry_digests: Vec::new(),
            image: None,
            dockerfile: None,
            compose: None,
            tree: None,
            listing: None,
            build_commands: Vec::new(),
            trust: None,
            official: Vec::new(),
            bases: Vec::new(),
            registry: None,
            client: None,
            sbom: None,
            host: None,
            container: None,
            collected_by: None,
            vulnerabilities: None,
            vex: Vec::new(),
            acceptances: Vec::new(),
            evidence_problems: Vec::new(),
            unchanged_key: None,
        }
    }

    /// A copy of all but the tree, which may be large and is recorded by itself.
    #[must_use]
    pub fn clone_without_tree(&self) -> Self {
        Self {
            source: self.source.clone(),
            collected: self.collected.clone(),
            origin: self.origin.clone(),
            registry_digests: self.registry_digests.clone(),
            image: self.image.clone(),
            dockerfile: self.dockerfile.clone(),
            compose: self.compose.clone(),
            tree: None,
            listing: self.listing.clone(),
            build_commands: self.build_commands.clone(),
            trust: self.trust.clone(),
            official: self.official.clone(),
            bases: self.bases.clone(),
            registry: self.registry.clone(),
            client: self.client.clone(),
            sbom: self.sbom.clone(),
            host: self.host.clone(),
            container: self.container.clone(),
            collected_by: self.collected_by.clone(),
            vulnerabilities: self.vulnerabilities.clone(),
            vex: self.vex.clone(),
            acceptances: self.acceptances.clone(),
            evidence_problems: self.evidence_problems.clone(),
            unchanged_key: self.unchanged_key.clone(),
        }
    }

    /// What is installed: in the image, or by the bill of materials.
    #[must_use]
    pub fn inventory(&self) -> Option<&plimsoll_packages::Inventory> {
        match (&self.image, &self.sbom) {
            (Some(image), _) => Some(&image.inventory),
            (None, Some(sbom)) => Some(&sbom.inventory),
            (None, None) => None,
        }
    }

    /// What identifies the content of the subject: a decision that rests on it goes stale when it changes.
    ///
    /// For an image this is the config digest (the image id), which stays the same however the archive was compressed;
    /// with a Dockerfile beside it, that file's hash too.
    #[must_use]
    pub fn digest(&self) -> Option<String> {
        if let Some(host) = &self.host {
            return Some(host.digest());
        }
        if let Some(container) = &self.container {
            return Some(container.digest());
        }
        let image = self.image.as_ref().map(|image| image.config_digest.clone());
        let text = self.dockerfile.as_ref().map(|file| format!("sha256:{}", file.parsed.sha256));
        let compose = self.compose.as_ref().map(|file| format!("sha256:{}", file.parsed.sha256));
        if let Some(sbom) = &self.sbom {
            return Some(format!("sha256:{}", sbom.sha256));
        }
        match (image, text, compose) {
            (Some(image), Some(text), _) => Some(format!("{image}+{text}")),
            (Some(digest), None, _) | (None, Some(digest), _) | (None, None, Some(digest)) => Some(digest),
            (None, None, None) => None,
        }
    }

    /// A command that shows a field of the image's config again.
    #[must_use]
    pub(crate) fn show_config(&self, field: &str) -> String {
        match self.source.strip_prefix("docker-daemon:") {
            Some(reference) => {
                // The daemon's answer and the config name these fields alike.
                let path = field.trim_start_matches("config.");
                format!("docker image inspect --format '{{{{json .Config.{path}}}}}' {}", quote(reference))
            }
            // --raw: without it skopeo converts the config to OCI's form and drops Docker's own fields.
            None => format!("skopeo inspect --config --raw {} | jq .{field}", quote(&self.source)),
        }
    }

    /// A command that shows the image's names again.
    #[must_use]
    pub(crate) fn show_names(&self) -> String {
        match self.source.split_once(':') {
            Some(("docker-daemon", reference)) => {
                format!("docker image inspect --format '{{{{json .RepoTags}}}}' {}", quote(reference))
            }
            Some(("docker-archive", rest)) => {
                // `FILE.tar:REF`: tar wants the file alone.
                let file = rest.find(".tar:").map_or(rest, |at| &rest[..at + 4]);
                format!("tar -xOf {} manifest.json | jq '.[].RepoTags'", quote(file))
            }
            _ => format!("skopeo inspect --raw {}", quote(&self.source)),
        }
    }

    /// A command that shows the image's history again.
    #[must_use]
    pub(crate) fn show_history(&self) -> String {
        match self.source.strip_prefix("docker-daemon:") {
            Some(reference) => format!("docker image history --no-trunc {}", quote(reference)),
            None => format!("skopeo inspect --config --raw {} | jq '.history[].created_by'", quote(&self.source)),
        }
    }
}

impl DockerfileFacts {
    /// A command that shows some lines again.
    #[must_use]
    pub(crate) fn show_lines(&self, from: u32, to: u32) -> String {
        show_lines(&self.path, from, to)
    }
}

pub(crate) fn show_lines(path: &str, from: u32, to: u32) -> String {
    let lines = if from == to { from.to_string() } else { format!("{from},{to}") };
    format!("sed -n {lines}p {}", quote(path))
}

/// A word for a POSIX shell.
pub(crate) fn quote(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:@+,=%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else {
        format!("'{}'", word.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    //! Facts for the checks' tests.

    use super::*;
    use plimsoll_image::{Config, Content, HistoryEntry, Platform, Transport};

    /// A Dockerfile alone.
    pub(crate) fn dockerfile(text: &str) -> Facts {
        let parsed = plimsoll_dockerfile::parse(text).redacted();
        Facts {
            source: "dockerfile:Dockerfile".into(),
            dockerfile: Some(DockerfileFacts { path: "Dockerfile".into(), parsed, secrets: Vec::new(), context: None }),
            ..nothing()
        }
    }

    /// A Compose file alone.
    pub(crate) fn compose(text: &str) -> Facts {
        let parsed = plimsoll_dockerfile::parse_compose(text).unwrap();
        Facts {
            source: "compose:compose.yaml".into(),
            compose: Some(ComposeFacts { path: "compose.yaml".into(), parsed, secrets: Vec::new() }),
            ..nothing()
        }
    }

    /// A plain image without a user or health check.
    pub(crate) fn image() -> Facts {
        let image = ImageFacts {
            transport: Transport::DockerArchive,
            reference: Some("shop:1.4".into()),
            repo_tags: vec!["shop:1.4".into()],
            digest: None,
            config_digest: "sha256:c".into(),
            config_media_type: "application/vnd.docker.container.image.v1+json".into(),
            platform: Platform { os: "linux".into(), architecture: "amd64".into(), variant: None },
            created: None,
            size: 0,
            config: Config { healthcheck_recordable: true, ..Config::default() },
            history: vec![],
            layers: vec![],
            content: Content { efficiency: 1.0, ..Content::default() },
            accounts: plimsoll_image::Accounts::default(),
            set_id_files: vec![],
            set_id_removed: vec![],
            inventory: plimsoll_packages::Inventory::default(),
            secrets: vec![],
            unread: vec![],
            attestations: vec![],
            problems: vec![],
            other_platforms: vec![],
        };
        Facts { source: "docker-archive:a.tar".into(), image: Some(image), ..nothing() }
    }

    /// An image with some lines of history.
    pub(crate) fn history_image(lines: &[&str]) -> Facts {
        let mut facts = image();
        if let Some(image) = &mut facts.image {
            image.history = lines
                .iter()
                .map(|line| HistoryEntry {
                    created: None,
                    created_by: (*line).to_owned(),
                    comment: None,
                    empty_layer: false,
                    layer: None,
                })
                .collect();
        }
        facts
    }

    fn nothing() -> Facts {
        Facts {
            source: String::new(),
            collected: "2026-11-24T00:00:00Z".into(),
            origin: vec![],
            registry_digests: vec![],
            image: None,
            dockerfile: None,
            compose: None,
            tree: None,
            listing: None,
            build_commands: vec![],
            trust: None,
            official: vec![],
            bases: vec![],
            registry: None,
            client: None,
            sbom: None,
            host: None,
            container: None,
            collected_by: None,
            vulnerabilities: None,
            vex: vec![],
            acceptances: vec![],
            evidence_problems: vec![],
            unchanged_key: None,
        }
    }

    #[test]
    fn words_are_quoted_for_the_shell() {
        assert_eq!(quote("docker-archive:/tmp/a.tar"), "docker-archive:/tmp/a.tar");
        assert_eq!(quote("a b"), "'a b'");
        assert_eq!(quote("it's"), "'it'\\''s'");
        assert_eq!(quote(""), "''");
    }

    #[test]
    fn commands_show_the_claim_again() {
        let mut facts = image();
        assert_eq!(
            facts.show_config("config.User"),
            "skopeo inspect --config --raw docker-archive:a.tar | jq .config.User"
        );
        facts.source = "docker-daemon:shop:1.4".into();
        assert_eq!(facts.show_config("config.User"), "docker image inspect --format '{{json .Config.User}}' shop:1.4");
    }
}
