//! Collecting: from a source to facts. Everything that talks to the outside world passes here.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use plimsoll_checks::{BuildCommand, ComposeFacts, ContextFacts, DockerfileFacts, Facts};
use plimsoll_docker::{Engine, EngineImage, ListedImage};
use plimsoll_dockerfile::context::EntryKind;
use plimsoll_image::{ImageError, ImageRead, OpenOptions, Streamed, Transport, read_image_with_tree, read_streamed};
use plimsoll_registry::facts::EngineRegistries;
use plimsoll_registry::{Reference, RemoteImage, Wanted};
use plimsoll_trust::TrustFacts;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::error::WorkbenchError;
use crate::facts_file;
use crate::job::{Job, ReadingHooks};
use crate::reach::Reach;
use crate::runtime;
use crate::source::Source;
use crate::trust::{Registered, client_of, look_further, of_registered, registered};
use crate::trust_files::trust_of_layout;
use crate::unchanged::{self, Reused};

/// A Dockerfile or Compose file may be at most this many bytes: 4 MiB.
const TEXT_LIMIT: u64 = 4 << 20;

/// One subject to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Where it comes from.
    pub source: Source,
    /// The Dockerfile beside an image.
    pub dockerfile: Option<PathBuf>,
    /// The build context.
    pub context: Option<PathBuf>,
    /// The platform to take of a multi-platform image: `linux/arm64`.
    pub platform: Option<String>,
    /// Files given beside a Docker host: `daemon.json`, unit files.
    pub files: Vec<PathBuf>,
}

/// Now, RFC 3339 in UTC, to the second.
#[must_use]
pub fn now() -> String {
    let now = OffsetDateTime::now_utc();
    now.replace_nanosecond(0).unwrap_or(now).format(&Rfc3339).unwrap_or_default()
}

/// Reads a text file with all its limits.
fn read_text(path: &Path, kind: &'static str) -> Result<String, WorkbenchError> {
    let read = |source| WorkbenchError::Read { path: path.to_owned(), source };
    let metadata = match std::fs::metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Err(WorkbenchError::NoFile(path.into())),
        Err(error) => return Err(read(error)),
    };
    if metadata.is_dir() {
        return Err(WorkbenchError::IsFolder(path.into()));
    }
    if metadata.len() > TEXT_LIMIT {
        return Err(WorkbenchError::TooLarge { path: path.into(), size: metadata.len(), limit: TEXT_LIMIT, kind });
    }
    let bytes = std::fs::read(path).map_err(read)?;
    if bytes.contains(&0) {
        return Err(WorkbenchError::NotText { path: path.into(), kind });
    }
    // Builders take bytes as they come; a stray one must not keep the rest from being read.
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// A file of the context larger than this is not searched for secrets: 1 MiB.
const CONTEXT_FILE_LIMIT: u64 = 1 << 20;
/// All searched files of a context together: 256 MiB.
const CONTEXT_LIMIT: u64 = 256 << 20;

fn dockerfile(path: &Path, context: Option<&Path>) -> Result<DockerfileFacts, WorkbenchError> {
    let text = read_text(path, "Dockerfile")?;
    let parsed = plimsoll_dockerfile::parse(&text);
    // Secrets are looked for before they are masked.
    let secrets = plimsoll_checks::in_dockerfile(&parsed);
    let context = context.map(|folder| read_context(folder, path)).transpose()?;
    Ok(DockerfileFacts { path: path.display().to_string(), parsed: parsed.redacted(), secrets, context })
}

/// Walks the build context as a builder would, and looks into what it would send.
fn read_context(folder: &Path, dockerfile: &Path) -> Result<ContextFacts, WorkbenchError> {
    if !folder.is_dir() {
        return Err(WorkbenchError::NoFolder(folder.to_owned()));
    }
    let absolute = std::path::absolute(dockerfile).unwrap_or_else(|_| dockerfile.to_owned());
    let context = plimsoll_dockerfile::read_context(folder, Some(&absolute))
        .map_err(|source| WorkbenchError::Context { path: folder.to_owned(), source })?;
    let mut problems = context.problems;
    let mut problem = |message: String| problems.push(plimsoll_dockerfile::Problem { line: 0, message });
    let mut secrets = Vec::new();
    let mut left = CONTEXT_LIMIT;
    for entry in context.entries.iter().filter(|entry| entry.kind == EntryKind::File && !entry.excluded) {
        if entry.size > CONTEXT_FILE_LIMIT || entry.size > left {
            problem(format!("{} was not searched for secrets: it is too large", entry.path));
            continue;
        }
        left -= entry.size;
        match std::fs::read(folder.join(&entry.path)) {
            Ok(bytes) => secrets.extend(
                plimsoll_secrets::find_in_file(&format!("/{}", entry.path), &bytes)
                    .into_iter()
                    .map(|finding| (entry.path.clone(), finding)),
            ),
            Err(error) => problem(format!("{} was not searched for secrets: {error}", entry.path)),
        }
    }
    Ok(ContextFacts {
        path: folder.display().to_string(),
        ignore_path: context.ignore_path,
        ignore: context.ignore,
        entries: context.entries,
        secrets,
        truncated: context.truncated,
        problems,
    })
}

fn compose(path: &Path) -> Result<ComposeFacts, WorkbenchError> {
    let text = read_text(path, "Compose file")?;
    let parsed = plimsoll_dockerfile::parse_compose(&text)
        .map_err(|source| WorkbenchError::Compose { path: path.to_owned(), source })?;
    let secrets = plimsoll_checks::in_compose(&text, &parsed);
    Ok(ComposeFacts { path: path.display().to_string(), parsed, secrets })
}

/// A bill of materials may be at most this many bytes: 256 MiB.
const SBOM_LIMIT: u64 = 256 << 20;

fn sbom(path: &Path) -> Result<plimsoll_sbom::SbomFacts, WorkbenchError> {
    let bytes = crate::settings::read_bounded(path, SBOM_LIMIT, "bill of materials")?;
    plimsoll_sbom::read(&bytes).map_err(|source| WorkbenchError::Sbom { path: path.to_owned(), source })
}

/// Reads an archive or a layout on a thread of its own.
async fn read(
    transport: Transport,
    path: &Path,
    reference: Option<&String>,
    platform: Option<&str>,
    job: &Job,
) -> Result<ImageRead, WorkbenchError> {
    let path = path.to_owned();
    let platform = platform.map(str::parse).transpose().map_err(WorkbenchError::Input)?;
    let options = OpenOptions { reference: reference.cloned(), platform, ..OpenOptions::default() };
    let job = job.clone();
    let reading = tokio::task::spawn_blocking(move || {
        let hooks = ReadingHooks { job: &job, told: 0.into() };
        read_image_with_tree(transport, &path, &options, &hooks)
    });
    Ok(reading.await.map_err(|error| WorkbenchError::Stopped(error.to_string()))??)
}

/// Reads an image while it is fetched, on a thread of its own; keeps it if that is wanted.
async fn stream(image: &Arc<RemoteImage>, job: &Job) -> Result<ImageRead, WorkbenchError> {
    let (shared, own) = (Arc::clone(image), job.clone());
    let reading = tokio::task::spawn_blocking(move || {
        let hooks = ReadingHooks { job: &own, told: 0.into() };
        let mut options = OpenOptions::default();
        // One layer waits for the network while others are looked into.
        options.limits.threads = std::thread::available_parallelism().map_or(1, usize::from).max(LAYERS_AT_ONCE);
        let streamed = Streamed {
            name: &shared.reference,
            digest: &shared.digest,
            media_type: &shared.media_type,
            documents: &shared.documents,
            layers: &shared.layers,
            open: &|digest| shared.layer(digest),
        };
        let read = read_streamed(&streamed, &options, &hooks);
        // The registry's own error says more than the reader's.
        let read = read.map_err(|error| match shared.failure() {
            Some(failure) if matches!(error, ImageError::Source { .. }) => WorkbenchError::Registry(failure),
            _ => WorkbenchError::Image(error),
        })?;
        shared.keep()?;
        Ok(read)
    });
    reading.await.map_err(|error| WorkbenchError::Stopped(error.to_string()))?
}

/// Layers that are fetched at one time, at least.
const LAYERS_AT_ONCE: usize = 3;

/// Where a fetched image is kept: beside the engagement (or in the working folder), under its name and the time.
fn kept_at(folder: &Path, reference: &Reference) -> PathBuf {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' || c == '-' { c } else { '_' };
    let name: String = reference.to_string().chars().map(plain).take(150).collect();
    let time = now().replace([':', '-'], "");
    folder.join(format!("{name}-{time}.oci"))
}

/// What is told of an image at a registry: where it came from, and how.
fn origin(image: &RemoteImage) -> Vec<(String, String)> {
    let connection = if image.tls { "HTTPS" } else { "plain HTTP, as allowed" };
    let mut origin = vec![
        ("Digest behind the name".to_owned(), image.digest.clone()),
        ("Connection".to_owned(), connection.to_owned()),
        ("Credentials".to_owned(), image.identity.clone().unwrap_or_else(|| "none".into())),
    ];
    origin.extend(image.via.clone().map(|mirror| ("Answered by the mirror".to_owned(), mirror)));
    origin.extend(image.notes.iter().map(|note| ("Note".to_owned(), note.clone())));
    origin
}

/// Signatures and attestations beside the image in its archive or layout, looked for on a thread of its own.
async fn beside(
    transport: Transport,
    path: &Path,
    reference: Option<&String>,
    request: &Request,
    collected: &str,
    job: &Job,
) -> Result<Option<TrustFacts>, WorkbenchError> {
    job.tell("Looking for signatures", 0, 0);
    let (path, reference, platform) = (path.to_owned(), reference.cloned(), request.platform.clone());
    let collected = collected.to_owned();
    let job = job.clone();
    let looking = tokio::task::spawn_blocking(move || {
        let hooks = ReadingHooks { job: &job, told: 0.into() };
        trust_of_layout(transport, &path, reference.as_deref(), platform.as_deref(), &collected, &hooks)
    });
    looking.await.map_err(|error| WorkbenchError::Stopped(error.to_string()))
}

/// A temporary folder for what a daemon or registry sends; it goes when the facts are taken.
fn temporary() -> Result<tempfile::TempDir, WorkbenchError> {
    tempfile::Builder::new()
        .prefix("plimsoll-")
        .tempdir()
        .map_err(|source| WorkbenchError::Write { path: std::env::temp_dir(), source })
}

/// Largest script that is searched for commands that build images: 256 KiB.
const SCRIPT_LIMIT: u64 = 256 << 10;

/// Whether a file of a context may hold the commands that build its image.
fn is_build_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    let known = ["makefile", "gnumakefile", "justfile", "jenkinsfile", ".gitlab-ci.yml", "taskfile.yml", "earthfile"];
    let workflow = path.starts_with(".github/workflows/") && (name.ends_with(".yml") || name.ends_with(".yaml"));
    known.contains(&name.as_str()) || workflow || [".sh", ".bash", ".mk"].iter().any(|end| name.ends_with(end))
}

/// The commands in a context's scripts that build images. Excluded files count too: a builder does not need its scripts.
fn commands_in(context: &ContextFacts) -> Vec<BuildCommand> {
    let scripts = context
        .entries
        .iter()
        .filter(|entry| entry.kind == EntryKind::File && entry.size <= SCRIPT_LIMIT && is_build_script(&entry.path));
    scripts
        .take(500)
        .filter_map(|entry| {
            let text = std::fs::read_to_string(Path::new(&context.path).join(&entry.path)).ok()?;
            Some(plimsoll_checks::build_commands(&entry.path, &text))
        })
        .flatten()
        .collect()
}

/// Whether an image in an engine's list is the one that a reference names.
fn answers_to(image: &ListedImage, reference: &str) -> bool {
    let latest = format!("{reference}:latest");
    image.id == reference
        || image.tags.iter().any(|tag| tag == reference || *tag == latest)
        || image.digests.iter().any(|digest| digest == reference)
}

/// Exports an image from the engine and reads it.
async fn export(
    engine: &Engine,
    reference: &str,
    platform: Option<&str>,
    job: &Job,
) -> Result<(EngineImage, ImageRead), WorkbenchError> {
    let folder = temporary()?;
    let archive = folder.path().join("image.tar");
    job.tell("Waiting for the Docker daemon to export the image", 0, 0);
    let told = std::sync::atomic::AtomicU64::new(0);
    let progress = |done: u64, total: u64| {
        use std::sync::atomic::Ordering::Relaxed;
        if done.saturating_sub(told.load(Relaxed)) >= 1 << 20 {
            told.store(done, Relaxed);
            job.tell("Exporting from the Docker daemon", done, total);
        }
    };
    let listed = engine.export(reference, &archive, job.token(), &progress).await?;
    let read = read(Transport::DockerArchive, &archive, None, platform, job).await?;
    Ok((listed, read))
}

/// Reads an archive or a layout, unless it has not changed since the last run read it.
async fn read_file(
    facts: &mut Facts,
    transport: Transport,
    path: &Path,
    reference: Option<&String>,
    request: &Request,
    reach: &Reach,
    job: &Job,
) -> Result<(), WorkbenchError> {
    let before = unchanged::of_files(request);
    if let Some(reused) = reach.earlier.find(request, before.as_deref()) {
        take_over(facts, Some(reused));
        facts.unchanged_key = before;
        return Ok(());
    }
    take(facts, read(transport, path, reference, request.platform.as_deref(), job).await?);
    // What changed while it was read has no key.
    let after = unchanged::of_files(request);
    facts.unchanged_key = before.filter(|before| after.as_ref() == Some(before));
    Ok(())
}

/// Takes over what the last run read of an image.
fn take_over(facts: &mut Facts, reused: Option<Reused>) {
    let Some(reused) = reused else { return };
    take(facts, reused.read);
    facts.listing = reused.listing;
    facts.origin.push(reused.origin);
}

/// Takes over what was read of an image.
fn take(facts: &mut Facts, read: ImageRead) {
    facts.image = Some(read.facts);
    facts.tree = Some(read.tree);
}

/// What the local engine says of registries; none when no engine answers: that is no fault of the registry.
async fn engine_registries() -> Option<EngineRegistries> {
    let engine = Engine::connect().await.ok()?;
    let (insecure, mirrors) = engine.registries().await.ok()?;
    Some(EngineRegistries { host: engine.host().to_owned(), version: engine.version().to_owned(), insecure, mirrors })
}

/// Facts of a subject of which nothing is read yet, dated now.
pub(crate) fn blank(request: &Request) -> Facts {
    Facts::of(request.source.to_string(), now())
}

/// Reads one subject.
///
/// # Errors
/// When it cannot be read as what it is said to be, or the job is cancelled.
pub async fn collect(request: &Request, reach: &Reach, job: &Job) -> Result<Facts, WorkbenchError> {
    if job.is_cancelled() {
        return Err(WorkbenchError::Cancelled);
    }
    job.tell("Opening", 0, 0);
    let mut facts = blank(request);
    facts.dockerfile =
        request.dockerfile.as_deref().map(|path| dockerfile(path, request.context.as_deref())).transpose()?;
    if let Some(context) = &request.context
        && !context.is_dir()
    {
        return Err(WorkbenchError::NoFolder(context.clone()));
    }
    match &request.source {
        Source::DockerArchive(path, reference) => {
            read_file(&mut facts, Transport::DockerArchive, path, reference.as_ref(), request, reach, job).await?;
        }
        Source::OciArchive(path, reference) => {
            read_file(&mut facts, Transport::OciArchive, path, reference.as_ref(), request, reach, job).await?;
            facts.trust =
                beside(Transport::OciArchive, path, reference.as_ref(), request, &facts.collected, job).await?;
        }
        Source::OciLayout(path, reference) => {
            read_file(&mut facts, Transport::OciLayout, path, reference.as_ref(), request, reach, job).await?;
            facts.trust =
                beside(Transport::OciLayout, path, reference.as_ref(), request, &facts.collected, job).await?;
        }
        Source::DockerDaemon(reference) => {
            let engine = Engine::connect().await?;
            let listed = engine.images().await.unwrap_or_default();
            let known = listed.into_iter().find(|image| answers_to(image, reference));
            let key = known.as_ref().and_then(|image| unchanged::of_digest(request, &image.id));
            let (listed, reused) = match (known, reach.earlier.find(request, key.as_deref())) {
                (Some(image), Some(reused)) => {
                    let engine = engine.version().to_owned();
                    (EngineImage { id: image.id, tags: image.tags, digests: image.digests, engine }, Some(reused))
                }
                _ => {
                    let (listed, read) = export(&engine, reference, request.platform.as_deref(), job).await?;
                    take(&mut facts, read);
                    (listed, None)
                }
            };
            facts.origin = vec![
                ("Docker Engine".into(), listed.engine),
                ("Docker host".into(), engine.host().to_owned()),
                ("Image id at the engine".into(), listed.id.clone()),
            ];
            take_over(&mut facts, reused);
            facts.unchanged_key = unchanged::of_digest(request, &listed.id);
            facts.registry_digests = listed.digests;
            if let Some(image) = &mut facts.image {
                // An export by id carries no names; the daemon knows them.
                image.repo_tags = listed.tags.into_iter().filter(|tag| !tag.contains("<none>")).collect();
                image.reference = Some(reference.clone());
            }
            let tags = facts.image.as_ref().map(|image| image.repo_tags.clone()).unwrap_or_default();
            if let Some(image) = registered(&facts.registry_digests, &tags) {
                let client = client_of(&mut facts).await;
                facts.trust = Some(of_registered(&image, None, reach, &client, job).await);
            }
        }
        Source::Registry(reference) => {
            let reference = Reference::parse(reference)?;
            let keep =
                reach.network.connection(reference.host()).keep_archive.then(|| kept_at(&reach.archives, &reference));
            let wanted = Wanted { platform: request.platform.clone(), keep: keep.clone() };
            job.tell("Fetching manifests from the registry", 0, 0);
            let image =
                Arc::new(plimsoll_registry::open_image(&reach.network, &reference, &wanted, job.token()).await?);
            let key = unchanged::of_digest(request, &image.manifest_digest);
            // What is to be kept must be fetched.
            let reused = reach.earlier.find(request, key.as_deref()).filter(|_| keep.is_none());
            if reused.is_none() {
                take(&mut facts, stream(&image, job).await?);
            }
            facts.registry_digests = vec![format!("{}@{}", image.name, image.digest)];
            facts.origin = origin(&image);
            take_over(&mut facts, reused);
            facts.unchanged_key = key;
            let client = client_of(&mut facts).await;
            let mut digests = vec![image.digest.clone()];
            if image.manifest_digest != image.digest {
                digests.push(image.manifest_digest.clone());
            }
            let index = image.document(&image.digest).map(<[u8]>::to_vec);
            let own = reference.host().to_owned();
            let registered = Registered { reference, digests, index };
            facts.trust = Some(of_registered(&registered, Some(&own), reach, &client, job).await);
            facts.origin.extend(keep.map(|path| ("Kept as an OCI layout in".into(), path.display().to_string())));
        }
        Source::Dockerfile(path) => facts.dockerfile = Some(dockerfile(path, request.context.as_deref())?),
        Source::Compose(path) => facts.compose = Some(compose(path)?),
        Source::Sbom(path) => {
            facts.sbom = Some(sbom(path)?);
            return Ok(facts);
        }
        Source::Host(address) => {
            facts.host = Some(runtime::host(address, &request.files, reach, job).await?);
            return Ok(facts);
        }
        Source::Container(address, name) => {
            facts.container = Some(runtime::container(address, name, reach, job).await?);
            return Ok(facts);
        }
        Source::Collected(path, of) => return facts_file::one(path, of.as_deref(), reach, job).await,
        Source::RegistryHost(host) => {
            job.tell("Probing the registry", 0, 0);
            let mut registry = plimsoll_registry::probe(&reach.network, host, job.token()).await;
            if job.is_cancelled() {
                return Err(WorkbenchError::Cancelled);
            }
            registry.engine = engine_registries().await;
            facts.client.clone_from(&registry.client);
            facts.registry = Some(registry);
            return Ok(facts);
        }
    }
    let own = match &request.source {
        Source::Registry(reference) => plimsoll_registry::Reference::parse(reference).ok().map(|r| r.host().to_owned()),
        _ => None,
    };
    look_further(&mut facts, own.as_deref(), reach, job).await;
    if job.is_cancelled() {
        return Err(WorkbenchError::Cancelled);
    }
    if let Some(context) = facts.dockerfile.as_ref().and_then(|file| file.context.as_ref()) {
        facts.build_commands = commands_in(context);
    }
    Ok(facts)
}
